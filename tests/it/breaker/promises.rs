//! Each promise is broken by a habit, or by a mistake of callers, and kept by the genuine breaker
//! in the very same run.

use super::*;
use rift::circuit_breaker::State;

/// What a play breaks with some settings, and that it breaks nothing without the last of them.
fn breaks(settings: &[(&'static str, SettingValue)], play: impl Fn(&mut Stage), promise: &str) {
    let mut stage = Stage::open(settings);
    play(&mut stage);
    assert!(stage.broken().contains(&promise), "{:?}\n{}", stage.broken(), stage.story());
    let promises = stage.lab.promises();
    let given_up = promises.iter().find(|one| one.name == promise).expect("it is shown");
    assert!(!given_up.is_main && given_up.says.contains("Given up"), "{}", given_up.says);
    let mut genuine = Stage::open(&settings[..settings.len() - 1]);
    play(&mut genuine);
    assert_eq!(genuine.broken(), Vec::<&str>::new(), "{}", genuine.story());
    assert!(genuine.lab.promises().iter().all(|promise| promise.is_main));
}

/// Three calls take three seconds and succeed; five that are made after them fail at once.
fn slow_answers(stage: &mut Stage) {
    let ask = |stage: &mut Stage| stage.ask("call").expect("it makes calls");
    (0..3).for_each(|_| ask(stage));
    stage.ms(300);
    stage.set(ms("latency", 50));
    stage.set(choice("health", "errors"));
    (0..5).for_each(|_| ask(stage));
    stage.until(|cluster| matches!(state(cluster), State::Open { .. }));
    stage.seconds(20);
}

#[test]
fn late_results_count_where_permits_name_no_era() {
    let settings = |wait_ms, habit| {
        let (load, latency) = (count("load", 0), ms("latency", 3_000));
        [load, latency, ms("timeout", 20_000), ms("wait", wait_ms), choice("habit", habit)]
    };
    // Half-open after a second, and open for long.
    breaks(&settings(1_000, "stale-success"), slow_answers, "Late results move nothing");
    breaks(&settings(9_000, "any-success-closes"), slow_answers, "Open until its deadline");
}

#[test]
fn a_herd_has_more_probes_than_sockets() {
    let settings = [ms("latency", 1_000), ms("timeout", 4_000), choice("habit", "herd")];
    breaks(
        &settings,
        |stage| {
            stage.set(choice("health", "errors"));
            stage.seconds(8);
            stage.set(choice("health", "well"));
            stage.seconds(10);
        },
        "No more probes than sockets",
    );
}

#[test]
fn one_failure_more_and_a_tick_later() {
    let fails = |stage: &mut Stage| {
        stage.set(choice("health", "errors"));
        stage.seconds(20);
    };
    breaks(&[choice("habit", "one-more")], fails, "Opens by its rule");
    breaks(&[choice("habit", "strict-deadline")], fails, "Open until its deadline");
}

#[test]
fn failures_from_before_make_the_wait_longer() {
    let settings = [
        ms("latency", 3_000),
        ms("timeout", 20_000),
        count("workers", 100),
        choice("habit", "endless-failures"),
    ];
    let fails = |stage: &mut Stage| {
        stage.seconds(3);
        stage.set(choice("health", "errors"));
        stage.seconds(20);
    };
    breaks(&settings, fails, "Open until its deadline");
}

#[test]
fn a_long_healthy_past_hides_a_failing_present() {
    let settings = [choice("trip", "rate"), choice("habit", "long-memory")];
    let fails = |stage: &mut Stage| {
        stage.seconds(30);
        stage.set(choice("health", "errors"));
        stage.seconds(5);
    };
    breaks(&settings, fails, "Opens by its rule");
}

#[test]
fn a_success_that_makes_the_volume_full_opens() {
    let settings = [
        choice("trip", "rate"),
        count("volume", 6),
        count("window", 6),
        choice("habit", "success-opens"),
    ];
    let fails = |stage: &mut Stage| {
        stage.set(choice("health", "errors"));
        stage.ms(950);
        stage.set(choice("health", "well"));
        stage.seconds(5);
    };
    breaks(&settings, fails, "Opens by its rule");
}

#[test]
fn rejections_that_are_counted_dilute_the_window() {
    let settings = [
        choice("trip", "rate"),
        ms("timeout", 20_000),
        count("workers", 100),
        choice("habit", "any-success-closes"),
    ];
    let fails = |stage: &mut Stage| {
        stage.seconds(3);
        stage.set(choice("health", "errors"));
        stage.seconds(20);
    };
    breaks(&settings, fails, "Rejections enter no window");
}

/// The probe's call arrives at nobody, and its caller waits for ever.
#[test]
fn a_probe_that_never_reports_wedges_without_a_lease() {
    let settings = [ms("timeout", 3_000_000), choice("habit", "wedged")];
    let lost = |stage: &mut Stage| {
        stage.set(choice("health", "errors"));
        stage.until(|cluster| matches!(state(cluster), State::Open { .. }));
        stage.set(choice("health", "well"));
        stage.until(|cluster| state(cluster) == State::HalfOpen);
        stage.fault(Fault::Cut(vec![(S1, S2)]));
        stage.seconds(1);
        stage.fault(Fault::HealAll);
        stage.seconds(60);
    };
    breaks(&settings, lost, "Probes never wedge");
    let mut genuine = Stage::open(&settings[..1]);
    lost(&mut genuine);
    assert_eq!(state(genuine.cluster()), State::Closed);
    let mut wedged = Stage::open(&settings);
    lost(&mut wedged);
    assert_eq!(state(wedged.cluster()), State::HalfOpen, "the service has long been well");
}

/// Servers of a cluster pass calls on to who leads, which says nothing against them.
#[test]
fn an_outcome_that_says_nothing_counts_as_success() {
    let settings = [choice("cast", "network"), choice("habit", "cancelled-closes")];
    breaks(&settings, |stage| stage.seconds(20), "Neutral results move nothing");
}

#[test]
fn late_answers_that_are_delivered_end_requests_twice() {
    let settings = [ms("timeout", 400), choice("late-answers", "delivered")];
    breaks(&settings, |stage| stage.seconds(20), "Requests end once");
}

/// Whatever is done to it, the genuine breaker keeps its word.
#[test]
fn the_genuine_breaker_keeps_its_word_under_faults() {
    for (seed, cast) in ["one", "fleet", "shards", "network"].into_iter().enumerate() {
        for trip in ["failures", "rate", "recent", "slow"] {
            let mut random = rift::random::Random::from_seed(seed as u64 + 77);
            let mut stage = Stage::open(&[
                choice("cast", cast),
                choice("trip", trip),
                count("tries", 2),
                count("probes", 2),
                count("successes", 2),
                switch("per-shard", true),
                choice("arrivals", "random"),
                ms("timeout", 900),
                ms("lease", 700),
                ms("wait", 1_500),
                percent("grow", 200),
                percent("jitter", 30),
            ]);
            for _ in 0..40 {
                stage.ms(random.below(2_500));
                let node = NodeId(random.below(2) as u8);
                match random.below(9) {
                    0 => stage.set(choice("health", "errors")),
                    1 => stage.set(choice("health", "slow")),
                    2 => stage.set(percent("hangs", 30)),
                    3 | 4 => stage.set(choice("health", "well")),
                    5 => stage.set(count("failures", 1 + random.below(5))),
                    6 if cast != "network" || node == S1 => {
                        stage.fault(Fault::Crash(node));
                        stage.ms(random.below(800));
                        stage.fault(Fault::Restart(node));
                    }
                    7 => {
                        stage.fault(Fault::Cut(vec![(S1, S2), (S2, S1)]));
                        stage.ms(random.below(3_000));
                        stage.fault(Fault::HealAll);
                    }
                    _ => {
                        let _ = stage.ask("open");
                    }
                }
            }
            stage.set(percent("hangs", 0));
            assert_eq!(stage.broken(), Vec::<&str>::new(), "{cast} {trip}\n{}", stage.story());
            let moves = |event: &BreakerEvent| matches!(event, BreakerEvent::Moved { .. });
            assert!(stage.told().iter().filter(|event| moves(event)).count() > 10, "{cast} {trip}");
        }
    }
}
