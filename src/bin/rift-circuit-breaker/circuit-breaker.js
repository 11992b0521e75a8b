// A circuit breaker for promises, and retries around it. What they decide, core.js decides; this
// part awaits, so that no more than numbers cross the border for a call. What all of it means is in
// circuit-breaker.d.ts.

import init, { Core, RetryCore } from "./core.js";

export default init;

// As in main.rs.
const LOOK = 1 << 30;
const REASONS = ["open", "probes-under-way", "forced-open"];
const [SUCCESS, FAILURE, CANCELLED, EXCLUDED] = [0, 1, 2, 3];

// Browsers take longer timeouts for none.
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;
const OPTIONS = ["isRetry", "signal", "timeoutMs"];
const RUN_OPTIONS = ["signal", "withinMs"];

const refusal = (message, fields) =>
  Object.assign(new Error(message), { name: "CircuitBreakerError", ...fields });

const badArgument = (argument, what) =>
  refusal(`${argument}: ${what}`, { code: "bad-argument", argument });

export class CircuitBreaker {
  #core;
  #timeoutMs;
  #isFailure;
  #isBadResult;
  #listeners = new Set();
  #isTelling = false;
  #timer;

  constructor(config = {}, saved = undefined) {
    this.#core = new Core(config, saved);
    this.#timeoutMs = config.timeoutMs;
    this.#isFailure = config.isFailure;
    this.#isBadResult = config.isBadResult;
  }

  static import(config, saved) {
    if (saved === undefined) throw badArgument("saved", "it is missing");
    return new CircuitBreaker(config, saved);
  }

  // Two closures cost less than an async function, and this is what every call goes through. It
  // asks for leave at once, so calls are admitted in their order.
  call(fn, options = undefined) {
    let isRetry = false;
    let signal;
    let timeoutMs = this.#timeoutMs;
    let place;
    try {
      if (typeof fn !== "function") throw badArgument("fn", "it is no function");
      if (options !== undefined) {
        ({ isRetry = isRetry, signal, timeoutMs = timeoutMs } = checked(options, OPTIONS));
        signal?.throwIfAborted();
      }
      place = this.#admit(isRetry);
    } catch (error) {
      return Promise.reject(error);
    }
    let answer;
    try {
      answer = timeoutMs === undefined ? fn(signal) : within(timeoutMs, fn, signal);
    } catch (error) {
      answer = Promise.reject(error);
    }
    return Promise.resolve(answer).then(
      (value) => this.#kept(place, value),
      (error) => this.#broken(place, error, signal),
    );
  }

  get state() {
    return this.#core.state();
  }

  snapshot() {
    return this.#core.snapshot();
  }

  export() {
    return this.#core.export();
  }

  onTransition(listener) {
    if (typeof listener !== "function") throw badArgument("listener", "it is no function");
    this.#tell();
    // An object of its own, so that a function that listens twice is told twice.
    const entry = { listener };
    this.#listeners.add(entry);
    this.#arm();
    return () => {
      this.#listeners.delete(entry);
      this.#arm();
    };
  }

  open() {
    this.#core.open();
    this.#look();
  }

  halfOpen() {
    try {
      this.#core.halfOpen();
    } finally {
      this.#look();
    }
  }

  close() {
    this.#core.close();
    this.#look();
  }

  reset() {
    this.#core.reset();
    this.#look();
  }

  forceOpen() {
    this.#core.forceOpen();
    this.#look();
  }

  disable() {
    this.#core.disable();
    this.#look();
  }

  watchOnly() {
    this.#core.watchOnly();
    this.#look();
  }

  #admit(isRetry) {
    const place = this.#core.admit(isRetry);
    if (place >= LOOK) this.#look();
    if (place >= 0) return place;
    const retryAfter = this.#core.retryAfter;
    if (this.#tell()) this.#arm();
    const reason = REASONS[-1 - place];
    const fields = { code: "rejected", reason };
    if (!Number.isNaN(retryAfter)) fields.retryAfter = retryAfter;
    throw refusal(`the call was not made: ${reason}`, fields);
  }

  // If one of the caller's own functions throws, here and below, that is a failure.
  #kept(place, value) {
    let outcome = FAILURE;
    try {
      if (!this.#isBadResult?.(value)) outcome = SUCCESS;
    } finally {
      this.#report(place, outcome);
    }
    return value;
  }

  #broken(place, error, signal) {
    let outcome = FAILURE;
    try {
      outcome = this.#outcomeOf(error, signal);
    } finally {
      this.#report(place, outcome);
    }
    throw error;
  }

  #report(place, outcome) {
    if (this.#core.report(place, outcome)) this.#look();
  }

  #outcomeOf(error, signal) {
    if (error?.code === "timed-out") return FAILURE;
    if (error?.name === "AbortError" || signal?.aborted) return CANCELLED;
    return this.#isFailure === undefined || this.#isFailure(error) ? FAILURE : EXCLUDED;
  }

  #look() {
    this.#tell();
    this.#arm();
  }

  // Tells of transitions, in their order; whether there were any. What a listener does to the
  // breaker is told to all when they know of what was before.
  #tell() {
    if (this.#isTelling) return false;
    this.#isTelling = true;
    let next = this.#core.transition();
    const moved = next !== undefined;
    for (; next !== undefined; next = this.#core.transition()) {
      for (const { listener } of [...this.#listeners]) {
        try {
          listener(next);
        } catch (error) {
          // It is not the caller's; but never in silence.
          reportError(error);
        }
      }
    }
    this.#isTelling = false;
    return moved;
  }

  // Nobody need do what is due by time before the next call, but who listens wants to hear of it.
  #arm() {
    clearTimeout(this.#timer);
    if (this.#listeners.size === 0) return;
    const ms = this.#core.dueIn();
    if (ms === undefined) return;
    const due = () => {
      this.#core.handleDeadline();
      this.#look();
    };
    this.#timer = setTimeout(due, Math.min(Math.ceil(ms), LONGEST_TIMEOUT_MS));
  }
}

// Tries again what has failed, after a wait, as far as its policy and its budget go. Around the
// breaker, so that each try asks that for leave.
export class Retries {
  #core;
  #isRetryable;

  constructor(config = {}) {
    this.#core = new RetryCore(config);
    this.#isRetryable = config.isRetryable;
  }

  async run(fn, options = undefined) {
    if (typeof fn !== "function") throw badArgument("fn", "it is no function");
    const { signal, withinMs } = options === undefined ? {} : checked(options, RUN_OPTIONS);
    signal?.throwIfAborted();
    const request = this.#core.begin(withinMs);
    try {
      for (let attempt = 1; ; attempt++) {
        let value;
        try {
          value = await fn({ isRetry: attempt > 1, signal }, attempt);
        } catch (error) {
          const waitMs = this.#core.failed(request, this.#isWorthIt(error, signal));
          if (waitMs < 0) throw error;
          await pause(waitMs, signal);
          continue;
        }
        this.#core.succeeded();
        return value;
      }
    } finally {
      request.free();
    }
  }

  get tokens() {
    return this.#core.tokens();
  }

  // A rejection says that it is of no use to ask, and until when.
  #isWorthIt(error, signal) {
    if (signal?.aborted || error?.name === "AbortError") return false;
    if (error?.name === "CircuitBreakerError" && error.code !== "timed-out") return false;
    return this.#isRetryable === undefined || Boolean(this.#isRetryable(error));
  }
}

function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, Math.min(ms, LONGEST_TIMEOUT_MS));
    signal?.addEventListener("abort", stop, { once: true });
  });
}

// A mistyped option would do nothing, and nobody would know.
function checked(options, known) {
  if (options === null || typeof options !== "object") {
    throw badArgument("options", "they are no object");
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw badArgument(name, `there is no such option; there are ${known.join(", ")}`);
    }
  }
  const { signal } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw badArgument("signal", "it is no AbortSignal");
  }
  for (const name of ["timeoutMs", "withinMs"]) {
    const ms = options[name];
    if (ms !== undefined && !(ms > 0 && ms <= LONGEST_TIMEOUT_MS)) {
      throw badArgument(name, `it is not above 0 and up to ${LONGEST_TIMEOUT_MS}`);
    }
  }
  return options;
}

// Whatever comes first: what the function answers, or the end of the time. It is told to stop then,
// by its signal; whether it does makes no difference to who waits.
async function within(timeoutMs, fn, signal) {
  const controller = new AbortController();
  const signals = signal === undefined ? [controller.signal] : [signal, controller.signal];
  let timer;
  const end = new Promise((_, reject) => {
    timer = setTimeout(() => {
      const message = `no answer within ${timeoutMs} ms`;
      const error = refusal(message, { code: "timed-out", timeoutMs });
      reject(error);
      controller.abort(error);
    }, timeoutMs);
  });
  try {
    return await Promise.race([fn(AbortSignal.any(signals)), end]);
  } finally {
    clearTimeout(timer);
  }
}
