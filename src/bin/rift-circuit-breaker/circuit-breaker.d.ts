/**
 * A circuit breaker for promises, such as those of `fetch`.
 *
 * Durations and times are milliseconds, to a microsecond; rates are fractions of one. How it
 * behaves is in docs/circuit-breaker-js.md.
 */

/** Loads the program; once, before anything else. Without an argument it is fetched from beside
 * this script. */
export default function init(options?: {
  module_or_path: RequestInfo | URL | Response | BufferSource | WebAssembly.Module;
}): Promise<unknown>;

export interface Config {
  /** What opens it: any one of the rules that are set. Five failures in a row if left out. */
  trip?: Trip;
  /** From this duration on a call counts as slow, whatever its outcome. */
  slowFromMs?: number;
  wait?: Wait;
  halfOpen?: HalfOpen;
  /** "retries-only": first tries always go. "all-calls" if left out. */
  guards?: "all-calls" | "retries-only";
  /** A call without an answer for so long is a failure. None if left out. */
  timeoutMs?: number;
  /** Whether a rejection is the service's fault; all are if left out. If not, the call counts
   * neither as failed nor as well. Not asked about timeouts, which are failures, nor about calls
   * that were given up. */
  isFailure?: (error: unknown) => boolean;
  /** Whether a value stands for a failure, such as a response of status 503. The caller gets it
   * all the same. */
  isBadResult?: (value: any) => boolean;
}

export interface Trip {
  /** So many failures in a row: the last of them opens. */
  consecutiveFailures?: number;
  /** Rates over the latest calls. */
  countWindow?: Rates & { calls: number };
  /** Rates over the latest `buckets` times `bucketMs`. */
  timeWindow?: Rates & { buckets: number; bucketMs: number };
}

/** At least one of the two rates. */
export interface Rates {
  /** With fewer calls in the window there is no rate. */
  minimumCalls: number;
  failureRate?: number;
  /** Needs `slowFromMs`. */
  slowRate?: number;
}

export interface Wait {
  /** 30,000 if left out. */
  firstMs?: number;
  /** Each time that a probe fails the wait is multiplied by this; 1 if left out. */
  growth?: number;
  /** The end of growing. */
  longestMs?: number;
  /** How much of a wait is left to chance, which takes up to so much off; 0 if left out. */
  jitter?: number;
}

/** Closes after so many `successes`, and opens with the first failure; or after so many `results`
 * opens if `failureRate` is reached, and closes otherwise. */
export interface HalfOpen {
  /** How many probes may be under way at a time; 1 if left out. */
  probes?: number;
  /** 1 if nothing is said. */
  successes?: number;
  results?: number;
  failureRate?: number;
  /** A probe that has not reported for so long counts as failed; 30,000 if left out. */
  leaseMs?: number;
}

export type State =
  | "closed"
  | "open"
  | "half-open"
  | "forced-open"
  | "disabled"
  | "metrics-only";

export interface CallOptions {
  /** Not the first try of its request: makes a difference to `guards: "retries-only"`. */
  isRetry?: boolean;
  /** Handed to the function. A call that is rejected after its signal was aborted was given up,
   * and says nothing about the service. */
  signal?: AbortSignal;
  /** Instead of that of the configuration. */
  timeoutMs?: number;
}

export type Cause =
  | { kind: "consecutive-failures"; failures: number }
  | { kind: "failure-rate"; window: "count" | "time"; failures: number; calls: number }
  | { kind: "slow-rate"; window: "count" | "time"; slow: number; calls: number }
  | { kind: "wait-over" | "probe-failed" | "probe-slow" | "lease-expired" | "by-hand" }
  | { kind: "probe-failure-rate"; failures: number; of: number }
  | { kind: "probes-succeeded"; successes: number; of: number };

export interface Transition {
  /** When, as `performance.now()` tells it. If a deadline brought it about, the deadline. */
  at: number;
  from: State;
  to: State;
  /** How long it stays open, if it has opened by itself or by `open`. */
  waitMs?: number;
  /** The era that begins. What was admitted in another one is late. */
  generation: number;
  cause: Cause;
}

export interface Reading {
  calls: number;
  failures: number;
  slow: number;
  /** Left out until there are calls enough. */
  failureRate?: number;
  slowRate?: number;
}

export interface Snapshot {
  state: State;
  generation: number;
  /** Calls of this era without an outcome. */
  inFlight: number;
  /** How long it stays open. */
  remainingMs?: number;
  consecutiveFailures: number;
  countWindow?: Reading;
  timeWindow?: Reading;
  probes: { underWay: number; succeeded: number; failed: number };
  /** Since it was built. What came late is in no other count of results. */
  totals: {
    admitted: number;
    letThrough: number;
    successes: number;
    failures: number;
    slow: number;
    cancelled: number;
    excluded: number;
    rejected: number;
    lateSuccesses: number;
    lateFailures: number;
    lateNeutral: number;
    leasesExpired: number;
    openings: number;
  };
}

/** Plain data, for `JSON.stringify`. */
export type Saved = object;

export class CircuitBreaker {
  /** Closed. Throws a `CircuitBreakerError` for settings that make no sense. */
  constructor(config?: Config);
  /** Goes on from what `export` gave, with the wait that remained. */
  static import(config: Config | undefined, saved: Saved): CircuitBreaker;
  /**
   * Calls `fn`, if it may be called, and tells the breaker what came of it. `fn` runs at once, with
   * a signal if there is a timeout or one was given. What it answers or throws comes back as it is.
   */
  call<T>(fn: (signal?: AbortSignal) => T | PromiseLike<T>, options?: CallOptions): Promise<T>;
  /** What it is now. Reading changes nothing. */
  readonly state: State;
  snapshot(): Snapshot;
  export(): Saved;
  /** Tells of every transition, those that time brings about when it is time. Answers what ends
   * it. */
  onTransition(listener: (transition: Transition) => void): () => void;
  /** Opens it now, for as long as it would stay open by itself. */
  open(): void;
  /** Does not wait any longer. Only an open breaker has something to wait for. */
  halfOpen(): void;
  close(): void;
  /** Closes it and forgets what was counted in its windows; what is under way is late. */
  reset(): void;
  /** Rejects everything until somebody says otherwise. */
  forceOpen(): void;
  /** Admits everything and looks at nothing. */
  disable(): void;
  /** Admits everything and watches, but does not open. */
  watchOnly(): void;
}

export interface RetryConfig {
  /** How often a request is tried at most, the first try included; 3 if left out. */
  tries?: number;
  backoff?: {
    /** "exponential" if left out: twice as long each time. "decorrelated": by chance, from the
     * first wait up to three times the one before. */
    kind?: "fixed" | "exponential" | "decorrelated";
    /** 100 if left out. */
    firstMs?: number;
    /** A hundred times the first if left out. */
    longestMs?: number;
    /** How much of an exponential wait is left to chance: nothing, all (if left out), or its
     * second half. */
    jitter?: "none" | "full" | "equal";
  };
  /** How much may be retried over all requests; without end if left out. */
  budget?: {
    /** How many retries each first try pays for; 0.1 if nothing is said. */
    perFirstTry?: number;
    /** Or each success: when all fails, retries end. */
    perSuccess?: number;
    /** How many can be saved up, with which it begins; 100 if left out. */
    capacity?: number;
    /** One for free in every such stretch; none if left out. */
    oneFreeEveryMs?: number;
  };
  /** Whether another try may help; yes if left out. Not asked about what a breaker rejected, nor
   * about what was given up: these are not tried again. */
  isRetryable?: (error: unknown) => boolean;
}

/** Tries again what has failed. */
export class Retries {
  /** Throws a `CircuitBreakerError` for settings that make no sense. */
  constructor(config?: RetryConfig);
  /**
   * Calls `fn` until it succeeds or nothing is left; the last error comes back as it is. What `fn`
   * is given is what `call` wants: `retries.run((options) => breaker.call(fn, options))`.
   * `withinMs`: after so long nobody wants the answer, so no try begins later. A `signal` ends
   * waiting, too.
   */
  run<T>(
    fn: (options: CallOptions, attempt: number) => T | PromiseLike<T>,
    options?: { signal?: AbortSignal; withinMs?: number },
  ): Promise<T>;
  /** How many retries the budget would pay for; `undefined` without one. */
  readonly tokens: number | undefined;
}

export type Reason = "open" | "probes-under-way" | "forced-open";

/** An `Error` whose `code` says which, and what belongs to it. */
export type CircuitBreakerError = Error & { name: "CircuitBreakerError" } & (
    | {
        /** The call was not made. */
        code: "rejected";
        reason: Reason;
        /** In how many milliseconds to ask again; left out if no time is set. */
        retryAfter?: number;
      }
    | { code: "timed-out"; timeoutMs: number }
    | { code: "bad-argument"; argument: string }
    | { code: "bad-config"; problem: string }
    | { code: "illegal-move"; from: State }
  );
