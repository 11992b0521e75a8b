//! The circuit breaker as other pages use it: imported from its folder, in a real browser, with its
//! clock and its promises. What the breaker itself decides is tested in `tests/it/circuit_breaker`;
//! here is what JavaScript adds.

use serde_json::{Value, json};

use crate::support::{Page, Reply, SiteOptions, Visit, visit};

/// The script as a page: of the same origin, with nothing of ours running in it.
const BARE: &str = "circuit-breaker/circuit-breaker.js";

/// `short` waits 40 ms, `long` longer than a test. What is refused comes out with its properties.
const PRELUDE: &str = "
    const { default: init, CircuitBreaker, Retries } =
        await import(new URL('circuit-breaker.js', document.baseURI).href);
    await init();
    const short = { wait: { firstMs: 40 } }, long = { wait: { firstMs: 60000 } };
    const pause = (ms) => new Promise((go) => setTimeout(go, ms));
    const until = async (met) => { while (!met()) await pause(2); };
    const told = (error) => ({ name: error.name, message: error.message, ...error });
    const refused = (promise) => promise.then((kept) => ({ kept }), told);
    const thrown = (act) => {
        try { return { kept: act() }; } catch (error) { return told(error); }
    };
    const fail = async () => { throw new RangeError('no'); };
    const failed = async (breaker, times) => {
        for (let n = 0; n < times; n++) await breaker.call(fail).catch(() => {});
    };
    const held = () => {
        let ends;
        const promise = new Promise((keep, fail) => { ends = { keep, fail }; });
        return { promise, ...ends };
    };
    const abortError = () => new DOMException('given up', 'AbortError');
    const moves = (list) => list.map(({ from, to, cause }) => `${from} ${to} ${cause.kind}`);
";

fn bare() -> Visit {
    Visit { query: BARE, ..Visit::default() }
}

/// Runs a script that has the breaker's program; what it returns.
async fn run(page: &Page, script: &str) -> Value {
    page.eval(&format!("return (async () => {{ {PRELUDE} {script} }})()")).await
}

#[test]
fn the_fifth_failure_in_a_row_opens_and_a_rejection_says_why_and_for_how_long() {
    visit(bare(), async |page| {
        let said = run(
            page,
            "const breaker = new CircuitBreaker(long);
            await failed(breaker, 4);
            const value = await breaker.call(async () => 'well');
            const states = [];
            for (let n = 0; n < 5; n++) { states.push(breaker.state); await failed(breaker, 1); }
            let called = false;
            const rejected = await refused(breaker.call(() => { called = true; }));
            const { retryAfter, ...others } = rejected;
            return { value, states, then: breaker.state, called, others,
                isThere: retryAfter > 50000 && retryAfter <= 60000,
                own: await refused(new CircuitBreaker().call(fail)),
                thrown: await new CircuitBreaker().call(() => { throw 7; }).catch((why) => why),
                plain: await new CircuitBreaker().call(() => 8) };",
        )
        .await;
        let expected = json!({
            "value": "well", "states": vec!["closed"; 5], "then": "open", "called": false,
            "others": { "name": "CircuitBreakerError", "code": "rejected", "reason": "open",
                "message": "the call was not made: open" },
            "isThere": true, "own": { "name": "RangeError", "message": "no" }, "thrown": 7,
            "plain": 8,
        });
        assert_eq!(said, expected);
        page.assert_quiet().await;
    });
}

#[test]
fn a_late_answer_reaches_its_caller_and_moves_nothing() {
    visit(bare(), async |page| {
        let said = run(
            page,
            "const breaker = new CircuitBreaker(short);
            const [early, probe] = [held(), held()];
            const first = breaker.call(() => early.promise);
            await failed(breaker, 5);
            early.keep('early');
            const seen = [await first, breaker.state];
            await until(() => breaker.state === 'half-open');
            const second = breaker.call(() => probe.promise);
            // By hand into the next half-open era: the probe of the one before is late there.
            breaker.open();
            breaker.halfOpen();
            probe.keep('probe');
            seen.push(await second, breaker.state, breaker.snapshot().totals.lateSuccesses);
            await breaker.call(async () => 'in time');
            return [...seen, breaker.state];",
        )
        .await;
        assert_eq!(said, json!(["early", "open", "probe", "half-open", 2, "closed"]));
    });
}

#[test]
fn calls_given_up_and_rejections_that_are_no_failures_say_nothing() {
    visit(bare(), async |page| {
        let said = run(
            page,
            "const isFailure = (error) => !(error instanceof RangeError);
            const breaker = new CircuitBreaker({ ...short, isFailure });
            const abort = new AbortController();
            const neutral = [
                () => breaker.call(() => { throw abortError(); }),
                () => breaker.call(fail),
                () => {
                    const { signal } = abort;
                    const wait = () => new Promise((_, no) => signal.onabort = () => no('mine'));
                    const call = breaker.call(wait, { signal });
                    abort.abort('mine');
                    return call;
                },
            ];
            const serious = async () => { throw new TypeError('serious'); };
            for (let n = 0; n < 4; n++) await breaker.call(serious).catch(() => {});
            for (const act of neutral) await act().catch(() => {});
            const { signal } = abort;
            const before = await breaker.call(() => 1, { signal }).catch((why) => why);
            const closed = breaker.snapshot();
            await breaker.call(serious).catch(() => {});
            const open = breaker.state;
            await until(() => breaker.state === 'half-open');
            for (const act of neutral.slice(0, 2)) await act().catch(() => {});
            const { probes, state } = breaker.snapshot();
            await breaker.call(() => 1);
            return { row: closed.consecutiveFailures, admitted: closed.totals.admitted,
                cancelled: closed.totals.cancelled, excluded: closed.totals.excluded, before, open,
                probes, state, then: breaker.state };",
        )
        .await;
        let expected = json!({
            "row": 4, "admitted": 7, "cancelled": 2, "excluded": 1,
            "before": "mine", "open": "open",
            "probes": { "underWay": 0, "succeeded": 0, "failed": 0 }, "state": "half-open",
            "then": "closed",
        });
        assert_eq!(said, expected);
        page.assert_quiet().await;
    });
}

#[test]
fn a_value_may_stand_for_a_failure_and_a_judge_that_throws_is_one() {
    visit(bare(), async |page| {
        let said = run(
            page,
            "const isBadResult = ({ status }) => status >= 500;
            const breaker = new CircuitBreaker({ ...long, isBadResult });
            const answers = [];
            for (const status of [503, 500, 404, 502, 503, 503, 503, 503])
                answers.push((await breaker.call(async () => ({ status }))).status);
            const careless = new CircuitBreaker({ isBadResult: () => { throw new Error('judge') },
                isFailure: () => false });
            return { answers, state: breaker.state,
                judge: (await refused(careless.call(() => 1))).message,
                row: careless.snapshot().consecutiveFailures };",
        )
        .await;
        let answers = [503, 500, 404, 502, 503, 503, 503, 503];
        let expected = json!({ "answers": answers, "state": "open", "judge": "judge", "row": 1 });
        assert_eq!(said, expected);
    });
}

#[test]
fn a_call_without_an_answer_in_time_fails_and_is_told_to_stop() {
    visit(bare(), async |page| {
        let said = run(
            page,
            "const breaker = new CircuitBreaker({ ...long, timeoutMs: 20, isFailure: () => false });
            const slow = held();
            let signal;
            const call = breaker.call((given) => { signal = given; return slow.promise; });
            const late = await refused(call);
            slow.fail(new Error('nobody is there to hear it'));
            await pause(5);
            const patient = await breaker.call(() => pause(30).then(() => 1), { timeoutMs: 5000 });
            const quick = await breaker.call((signal) => signal.aborted);
            const { successes, failures, lateFailures } = breaker.snapshot().totals;
            return { late, aborted: signal.aborted, reason: signal.reason.code, patient, quick,
                successes, failures, lateFailures };",
        )
        .await;
        let expected = json!({
            "late": { "name": "CircuitBreakerError", "code": "timed-out", "timeoutMs": 20,
                "message": "no answer within 20 ms" },
            "aborted": true, "reason": "timed-out", "patient": 1, "quick": false,
            "successes": 2, "failures": 1, "lateFailures": 0,
        });
        assert_eq!(said, expected);
        page.assert_quiet().await;
    });
}

#[test]
fn of_many_that_call_at_the_half_open_moment_exactly_so_many_are_probes() {
    visit(bare(), async |page| {
        let said = run(
            page,
            "const halfOpen = { probes: 3, successes: 3 };
            const breaker = new CircuitBreaker({ ...short, halfOpen });
            breaker.open();
            await until(() => breaker.state === 'half-open');
            let made = 0;
            const work = async () => { made++; await pause(5); };
            const all = Array.from({ length: 100 }, () => refused(breaker.call(work)));
            const rejected = (await Promise.all(all)).filter(({ code }) => code === 'rejected');
            const reasons = new Set(rejected.map(({ reason }) => reason));
            return { made, rejected: rejected.length, reasons: [...reasons],
                state: breaker.state };",
        )
        .await;
        let reasons = ["probes-under-way"];
        let expected = json!({ "made": 3, "rejected": 97, "reasons": reasons, "state": "closed" });
        assert_eq!(said, expected);
    });
}

#[test]
fn listeners_hear_of_every_move_when_it_is_due_and_without_any_call() {
    visit(bare(), async |page| {
        let said = run(
            page,
            "const breaker = new CircuitBreaker({ ...short, halfOpen: { leaseMs: 30 } });
            const [heard, gone, errors] = [[], [], []];
            globalThis.reportError = ({ message }) => errors.push(message);
            breaker.onTransition(() => { throw new Error('careless'); });
            breaker.onTransition((move) => heard.push(move));
            const stop = breaker.onTransition((move) => gone.push(move));
            await failed(breaker, 5);
            stop();
            await until(() => heard.length === 2);
            const waited = heard[1].at - heard[0].at;
            // A probe that never answers: its lease ends, and the wait after it.
            breaker.call(() => new Promise(() => {}));
            await until(() => heard.length === 4);
            const leased = heard[2].at - heard[1].at >= 30;
            await breaker.call(() => 1);
            const { at, ...first } = heard[0];
            return { heard: moves(heard), gone: gone.length, errors, first, leased,
                waited: Math.round(waited * 1000), inTime: Math.abs(performance.now() - at) < 5000,
                eras: heard.map(({ generation }) => generation) };",
        )
        .await;
        let heard = [
            "closed open consecutive-failures",
            "open half-open wait-over",
            "half-open open lease-expired",
            "open half-open wait-over",
            "half-open closed probes-succeeded",
        ];
        let expected = json!({
            "heard": heard, "gone": 1, "errors": vec!["careless"; 5], "leased": true,
            "first": { "from": "closed", "to": "open", "waitMs": 40, "generation": 1,
                "cause": { "kind": "consecutive-failures", "failures": 5 } },
            "waited": 40_000, "inTime": true, "eras": [1, 2, 3, 4, 5],
        });
        assert_eq!(said, expected);
    });
}

#[test]
fn what_a_listener_does_is_told_after_what_it_was_told() {
    visit(bare(), async |page| {
        let said = run(
            page,
            "const breaker = new CircuitBreaker(long);
            const [first, second] = [[], []];
            breaker.onTransition((move) => {
                first.push(move);
                if (move.to === 'open') breaker.close();
            });
            breaker.onTransition((move) => second.push(move));
            await failed(breaker, 5);
            return [moves(first), moves(second), breaker.state];",
        )
        .await;
        let heard = ["closed open consecutive-failures", "open closed by-hand"];
        assert_eq!(said, json!([heard, heard, "closed"]));
    });
}

#[test]
fn by_hand_it_goes_everywhere_but_from_closed_to_half_open() {
    visit(bare(), async |page| {
        let said = run(
            page,
            "const breaker = new CircuitBreaker(long);
            const illegal = thrown(() => breaker.halfOpen());
            const seen = [];
            for (const act of ['open', 'halfOpen', 'forceOpen', 'disable', 'watchOnly', 'close']) {
                breaker[act]();
                const failed = await refused(breaker.call(fail));
                seen.push(`${breaker.state} ${failed.reason ?? failed.name}`);
            }
            await failed(breaker, 3);
            breaker.reset();
            const forced = new CircuitBreaker();
            forced.forceOpen();
            return [illegal, seen, breaker.snapshot().consecutiveFailures,
                'retryAfter' in await refused(forced.call(fail))];",
        )
        .await;
        let illegal = json!({ "name": "CircuitBreakerError", "code": "illegal-move",
            "from": "closed",
            "message": "only an open breaker becomes half-open; this one is closed" });
        let seen = [
            "open open",
            // The probe failed.
            "open RangeError",
            "forced-open forced-open",
            "disabled RangeError",
            "metrics-only RangeError",
            "closed RangeError",
        ];
        assert_eq!(said, json!([illegal, seen, 0, false]));
    });
}

#[test]
fn an_open_breaker_goes_on_after_a_restart_with_the_wait_that_remained() {
    visit(bare(), async |page| {
        let said = run(
            page,
            "const rates = { minimumCalls: 4, failureRate: 0.75, slowRate: 1 };
            const config = { ...long, slowFromMs: 15, trip: {
                countWindow: { calls: 6, ...rates },
                timeWindow: { buckets: 3, bucketMs: 100000, ...rates } } };
            const restart = (breaker) => CircuitBreaker.import(config,
                JSON.parse(JSON.stringify(breaker.export())));
            const breaker = new CircuitBreaker(config);
            await breaker.call(() => pause(20));
            await failed(breaker, 2);
            const again = restart(breaker);
            const windows = ({ countWindow, timeWindow }) => [countWindow, timeWindow];
            const same = JSON.stringify(windows(again.snapshot()))
                === JSON.stringify(windows(breaker.snapshot()));
            const reading = again.snapshot().countWindow;
            await failed(again, 1);
            await pause(30);
            const third = restart(again);
            const { remainingMs, countWindow } = third.snapshot();
            const wrong = (saved) => thrown(() => CircuitBreaker.import(config, saved)).code;
            const saved = third.export();
            return { same, reading, state: third.state, rate: countWindow.failureRate,
                remains: remainingMs > 50000 && remainingMs <= 59970,
                wrong: [wrong(), wrong(null), wrong({}), wrong({ ...saved, cells: 'x' }),
                    wrong({ ...saved, waitMs: -1 }), wrong({ ...saved, buckets: [[1, 2, 0]] })] };",
        )
        .await;
        let expected = json!({
            "same": true, "reading": { "calls": 3, "failures": 2, "slow": 1 }, "state": "open",
            "rate": 0.75, "remains": true, "wrong": vec!["bad-argument"; 6],
        });
        assert_eq!(said, expected);
        page.assert_quiet().await;
    });
}

#[test]
fn settings_and_options_that_make_no_sense_are_refused_by_name() {
    visit(bare(), async |page| {
        let said = run(
            page,
            "const settings = [
                { trip: {} }, { trip: { consecutiveFailures: 0 } },
                { trip: { countWindow: { calls: 5, minimumCalls: 6, failureRate: 0.5 } } },
                { trip: { countWindow: { calls: 5, minimumCalls: 5, failureRate: 1.5 } } },
                { trip: { countWindow: { calls: 5, minimumCalls: 5, slowRate: 0.5 } } },
                { halfOpen: { probes: 0 } }, { halfOpen: { leaseMs: 0 } },
                { wait: { firstMs: 10, growth: 0.5, longestMs: 20 } },
                { trip: { consecutiveFailures: 1.5 } }, { trip: { consecutiveFailures: '5' } },
                { trip: { countWindow: { minimumCalls: 5, failureRate: 0.5 } } },
                { wiat: 1 }, { wait: 30000 }, { wait: { firstMs: NaN } }, { wait: { growth: 2 } },
                { timeoutMs: 0 }, { isFailure: true }, { guards: 'none' }, null,
                { halfOpen: { successes: 2, results: 3 } },
            ];
            const breaker = new CircuitBreaker();
            const calls = [
                [], [5], [fail, { timeout: 5 }], [fail, 5], [fail, { signal: {} }],
                [fail, { timeoutMs: -1 }],
            ];
            const of = ({ code, argument, problem }) => `${code} ${argument ?? problem}`;
            const said = settings.map((config) => of(thrown(() => new CircuitBreaker(config))));
            for (const call of calls) said.push(of(await refused(breaker.call(...call))));
            return [said, breaker.snapshot().totals.admitted];",
        )
        .await;
        let expected = [
            "bad-config no-trip-rule",
            "bad-config zero-threshold",
            "bad-config volume-never-reached",
            "bad-config rate-out-of-range",
            "bad-config slow-undefined",
            "bad-config zero-probes",
            "bad-config zero-lease",
            "bad-config wait-shrinks",
            "bad-argument consecutiveFailures",
            "bad-argument consecutiveFailures",
            "bad-argument calls",
            "bad-argument wiat",
            "bad-argument wait",
            "bad-argument firstMs",
            "bad-argument longestMs",
            "bad-argument timeoutMs",
            "bad-argument isFailure",
            "bad-argument guards",
            "bad-argument options",
            "bad-argument halfOpen",
            "bad-argument fn",
            "bad-argument fn",
            "bad-argument timeout",
            "bad-argument options",
            "bad-argument signal",
            "bad-argument timeoutMs",
        ];
        assert_eq!(said, json!([expected, 0]));
    });
}

#[test]
fn first_tries_go_where_retries_alone_are_guarded() {
    visit(bare(), async |page| {
        let said = run(
            page,
            "const breaker = new CircuitBreaker({ ...long, guards: 'retries-only' });
            await failed(breaker, 5);
            const first = await breaker.call(() => 1);
            const retry = await refused(breaker.call(() => 2, { isRetry: true }));
            const { letThrough, rejected } = breaker.snapshot().totals;
            return [breaker.state, first, retry.reason, letThrough, rejected];",
        )
        .await;
        assert_eq!(said, json!(["open", 1, "open", 1, 1]));
    });
}

#[test]
fn waits_grow_with_jitter_and_never_beyond_their_end() {
    visit(bare(), async |page| {
        let said = run(
            page,
            "const wait = { firstMs: 1000, growth: 2, longestMs: 4000, jitter: 0.5 };
            const breaker = new CircuitBreaker({ wait });
            const waits = [];
            breaker.onTransition(({ waitMs }) => { if (waitMs !== undefined) waits.push(waitMs); });
            await failed(breaker, 5);
            for (let n = 0; n < 20; n++) { breaker.halfOpen(); await failed(breaker, 1); }
            const most = [1000, 2000, ...Array(19).fill(4000)];
            return [waits.length, waits.every((ms, n) => ms >= most[n] / 2 && ms <= most[n]),
                new Set(waits).size > 15];",
        )
        .await;
        assert_eq!(said, json!([21, true, true]));
    });
}

#[test]
fn a_page_with_a_strict_policy_guards_its_own_fetches() {
    let policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
    let site = SiteOptions {
        headers: vec![("Content-Security-Policy", policy)],
        replies: vec![("/down", Reply::NotFound), ("/hangs", Reply::Silence)],
        ..SiteOptions::default()
    };
    visit(Visit { site, ..bare() }, async |page| {
        let said = run(
            page,
            "const breaker = new CircuitBreaker({ ...short, timeoutMs: 5000,
                isBadResult: (response) => !response.ok });
            const get = (path, options) => refused(breaker.call(
                (signal) => fetch(new URL(path, document.baseURI), { signal }), options));
            const seen = [(await get('circuit-breaker.d.ts')).kept.status];
            for (let n = 0; n < 4; n++) seen.push((await get('down')).kept.status);
            seen.push((await get('hangs', { timeoutMs: 50 })).code);
            seen.push((await get('circuit-breaker.d.ts')).reason);
            await until(() => breaker.state === 'half-open');
            seen.push((await get('circuit-breaker.d.ts')).kept.status, breaker.state);
            return seen;",
        )
        .await;
        assert_eq!(said, json!([200, 404, 404, 404, 404, "timed-out", "open", 200, "closed"]));
    });
}

/// Tries are counted, waits are waited, and the last error comes out as it is.
#[test]
fn what_fails_is_tried_again_until_it_succeeds_or_nothing_is_left() {
    visit(bare(), async |page| {
        let said = run(
            page,
            "const backoff = { kind: 'fixed', firstMs: 20 };
            const retries = new Retries({ tries: 4, backoff });
            const breaker = new CircuitBreaker(long);
            const seen = [];
            const third = (options, attempt) => {
                seen.push([attempt, options.isRetry]);
                return breaker.call(async () => {
                    if (attempt < 3) throw new RangeError('not yet');
                    return 'well';
                }, options);
            };
            const from = performance.now();
            const value = await retries.run(third);
            const waited = performance.now() - from;
            let tries = 0;
            const never = () => { tries++; throw new RangeError('no'); };
            const last = await refused(retries.run(never));
            const hopeless = new Retries({ isRetryable: () => false });
            const once = await refused(hopeless.run(never));
            // The fifth failure in a row opens, and of the rejection that is next it makes no more.
            let asked = 0;
            const many = new Retries({ tries: 9, backoff: { kind: 'fixed', firstMs: 0 } });
            const closed = new CircuitBreaker(long);
            const open = await refused(many.run((options) => {
                asked++;
                return closed.call(fail, options);
            }));
            return { seen, value, inTime: waited >= 38, tries, last: last.message, once: once.name,
                asked, open: [open.code, open.reason], tokens: retries.tokens ?? null };",
        )
        .await;
        let expected = json!({
            "seen": [[1, false], [2, true], [3, true]], "value": "well", "inTime": true, "tries": 5,
            "last": "no", "once": "RangeError", "asked": 6, "open": ["rejected", "open"],
            "tokens": null,
        });
        assert_eq!(said, expected);
        page.assert_quiet().await;
    });
}

#[test]
fn a_budget_a_deadline_and_a_signal_end_retries() {
    visit(bare(), async |page| {
        let said = run(
            page,
            "let tries = 0;
            const never = () => { tries++; throw new RangeError('no'); };
            const at = { kind: 'fixed', firstMs: 0 };
            const paid = new Retries({ tries: 3, backoff: at,
                budget: { perSuccess: 0.5, capacity: 3 } });
            const counts = [];
            for (let n = 0; n < 3; n++) {
                tries = 0;
                await refused(paid.run(never));
                counts.push([tries, paid.tokens]);
            }
            await paid.run(() => 1);
            await paid.run(() => 1);
            counts.push(paid.tokens);
            tries = 0;
            const slow = new Retries({ tries: 50, backoff: { kind: 'fixed', firstMs: 30 } });
            await refused(slow.run(never, { withinMs: 100 }));
            const within = tries;
            const abort = new AbortController();
            setTimeout(() => abort.abort(new RangeError('enough')), 10);
            const patient = new Retries({ backoff: { kind: 'fixed', firstMs: 60000 } });
            const stopped = await refused(patient.run(never, { signal: abort.signal }));
            const bad = (config) => {
                const { code, problem, argument } = thrown(() => new Retries(config));
                return [code, problem ?? argument];
            };
            return { counts, few: within > 1 && within < 6, stopped: stopped.message, bad: [
                bad({ tries: 0 }), bad({ backoff: { firstMs: 0 } }),
                bad({ budget: { capacity: 0 } }),
                bad({ backoff: { firstMs: 9, longestMs: 3 } }), bad({ budget: { perSuccess: 2 } }),
                bad({ trys: 3 }), bad({ backoff: { kind: 'linear' } }), bad({ isRetryable: 7 }),
                bad({ budget: { perSuccess: 0 } }),
            ], unknown: (await refused(patient.run(never, { within: 3 }))).argument };",
        )
        .await;
        let expected = json!({
            "counts": [[3, 1], [2, 0], [1, 0], 1], "few": true, "stopped": "enough",
            "bad": [["bad-config", "no-try"], ["bad-config", "zero-first"],
                ["bad-config", "zero-capacity"], ["bad-config", "longest-below-first"],
                ["bad-config", "fill-above-one"], ["bad-argument", "trys"],
                ["bad-argument", "kind"], ["bad-argument", "isRetryable"],
                ["bad-config", "nothing-fills"]],
            "unknown": "within",
        });
        assert_eq!(said, expected);
        page.assert_quiet().await;
    });
}
