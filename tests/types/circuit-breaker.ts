// What authors may write of the circuit breaker, and what they may not: checked by
// `cargo xtask test types`, never run.
import init, {
  CircuitBreaker,
  Retries,
  type CircuitBreakerError,
  type Snapshot,
} from "../../src/bin/rift-circuit-breaker/circuit-breaker.js";

const isRefusal = (error: unknown): error is CircuitBreakerError =>
  error instanceof Error && error.name === "CircuitBreakerError";

export const prices = async (): Promise<Response> => {
  await init();
  const breaker = new CircuitBreaker({
    trip: { consecutiveFailures: 5, countWindow: { calls: 20, minimumCalls: 10, failureRate: 0.5 } },
    wait: { firstMs: 30_000, growth: 2, jitter: 0.1 },
    halfOpen: { probes: 2, results: 4, failureRate: 0.5 },
    guards: "retries-only",
    timeoutMs: 2_000,
    isBadResult: (response: Response) => response.status >= 500,
  });
  const end: () => void = breaker.onTransition(({ from, to, cause }) => {
    if (cause.kind === "consecutive-failures") console.log(from, to, cause.failures);
    if (cause.kind === "slow-rate") console.log(cause.window, cause.slow / cause.calls);
  });
  const retries = new Retries({ tries: 4, budget: { perSuccess: 0.1, capacity: 10 } });
  const fetched = (signal?: AbortSignal) => fetch("/prices", signal ? { signal } : {});
  try {
    return await retries.run((options) => breaker.call(fetched, options), { withinMs: 5_000 });
  } catch (error) {
    if (isRefusal(error) && error.code === "rejected") console.log(error.retryAfter ?? 0);
    const { totals }: Snapshot = breaker.snapshot();
    console.log(totals.rejected, breaker.state === "half-open", retries.tokens);
    throw error;
  } finally {
    end();
    CircuitBreaker.import({}, breaker.export()).forceOpen();
  }
};

export const mistakes = (breaker: CircuitBreaker): void => {
  // @ts-expect-error There is no such setting.
  new CircuitBreaker({ timeout: 2_000 });
  // @ts-expect-error A window needs to know when there is a rate.
  new CircuitBreaker({ trip: { countWindow: { calls: 20, failureRate: 0.5 } } });
  // @ts-expect-error What is called is a function.
  void breaker.call(fetch("/prices"));
  // @ts-expect-error It is read, not set.
  breaker.state = "open";
};
