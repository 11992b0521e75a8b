//! What can be set, what is refused, and what comes of turning it.

use super::*;
use rift::circuit_breaker::{ConfigError, State};

#[test]
fn what_the_core_refuses_is_refused_in_its_words() {
    let refused = |settings: &[(&'static str, SettingValue)]| {
        let mut all = LabSettings::new(6, 7);
        settings.iter().for_each(|(name, value)| all.tuning.set(Setting { name, value: *value }));
        (rift::labs::breaker::ENTRY.check)(&all).expect_err("it cannot work")
    };
    assert_eq!(refused(&[count("failures", 0)]), ConfigError::ZeroThreshold.to_string());
    assert_eq!(refused(&[count("probes", 0)]), ConfigError::ZeroProbes.to_string());
    assert_eq!(refused(&[ms("lease", 0)]), ConfigError::ZeroLease.to_string());
    assert_eq!(refused(&[count("successes", 0)]), ConfigError::ZeroSuccesses.to_string());
    let never = ConfigError::VolumeNeverReached { minimum_calls: 11, window_calls: 10 };
    assert_eq!(refused(&[choice("trip", "rate"), count("volume", 11)]), never.to_string());
    assert!(refused(&[choice("trip", "rate"), percent("rate", 101)]).contains("101 %"));
    assert!(refused(&[percent("grow", 50)]).contains("shrinks"));
    assert!(refused(&[count("tries", 0)]).contains("first try"));
    assert!(refused(&[choice("backoff", "full"), ms("base", 0)]).contains("never grows"));
    assert!(refused(&[percent("budget", 101)]).contains("more than there are calls"));
    assert!(refused(&[count("workers", 0)]).contains("worker"));
    assert!(refused(&[percent("errors", 101)]).contains("101 %"));
    assert!(refused(&[count("load", 10_001)]).contains("10000"));
    // What is not chosen need not make sense.
    Stage::open(&[choice("trip", "rate"), count("failures", 0)]);
    Stage::open(&[choice("breaker", "off"), count("probes", 0)]);
}

#[test]
fn every_cast_runs_as_it_is_by_itself_and_serves() {
    for (cast, nodes) in [("one", 2), ("fleet", 6), ("shards", 5), ("network", 4)] {
        let mut stage = Stage::open(&[choice("cast", cast)]);
        assert_eq!(stage.cluster().world().node_ids().count(), nodes);
        stage.seconds(10);
        let calls = stage.cluster().calls().all();
        let (begun, served): (u64, u64) =
            calls.iter().fold((0, 0), |sum, of| (sum.0 + of.begun, sum.1 + of.served));
        assert!(begun >= 36 && served * 10 >= begun * 8, "{cast}: {served} of {begun}");
        assert_eq!(stage.broken(), Vec::<&str>::new(), "{cast}");
    }
}

#[test]
fn everything_but_the_cast_is_turned_while_it_runs() {
    let mut stage = Stage::open(&[]);
    stage.seconds(2);
    let cast = Setting { name: "cast", value: SettingValue::Choice("fleet") };
    assert_eq!(stage.act(Command::Set(cast)), Err(Refused::NotInThisLab));
    stage.set(choice("health", "errors"));
    stage.until(|cluster| matches!(state(cluster), State::Open { .. }));
    stage.set(count("load", 0));
    stage.seconds(30);
    let begun = stage.cluster().calls().all()[0].begun;
    stage.seconds(30);
    assert_eq!(stage.cluster().calls().all()[0].begun, begun);
    let wrong = Setting { name: "probes", value: SettingValue::Count(0) };
    let refused = stage.act(Command::Set(wrong));
    assert_eq!(refused, Err(Refused::Impossible(ConfigError::ZeroProbes.to_string())));
}

#[test]
fn a_caller_that_restarts_goes_by_what_was_turned() {
    let mut stage = Stage::open(&[]);
    stage.set(count("failures", 2));
    stage.set(choice("health", "errors"));
    for node in [S1, S2] {
        stage.fault(Fault::Crash(node));
        stage.fault(Fault::Restart(node));
    }
    stage.until(|cluster| matches!(state(cluster), State::Open { .. }));
    assert_eq!(stage.cluster().calls().all()[0].failed, 2);
}

/// The answer to a call of an earlier life has the same number as one of this life.
#[test]
fn an_answer_to_an_earlier_life_is_no_answer() {
    let mut stage = Stage::open(&[count("load", 0), ms("latency", 2_000), ms("timeout", 60_000)]);
    stage.ask("call").expect("it makes calls");
    stage.ms(500);
    stage.fault(Fault::Crash(S1));
    stage.fault(Fault::Restart(S1));
    stage.ms(1_000);
    stage.ask("call").expect("it makes calls");
    stage.ms(1_300);
    assert_eq!(stage.cluster().calls().all()[0].served, 0, "that was another one");
    stage.seconds(3);
    assert_eq!(stage.cluster().calls().all()[0].served, 1);
    assert_eq!(stage.broken(), Vec::<&str>::new());
}

#[test]
fn by_hand_it_opens_closes_and_is_held() {
    let mut stage = Stage::open(&[]);
    stage.seconds(1);
    stage.ask("open").expect("there is a breaker");
    assert!(matches!(state(stage.cluster()), State::Open { .. }));
    stage.ask("close").expect("there is a breaker");
    assert_eq!(state(stage.cluster()), State::Closed);
    stage.ask("force open").expect("there is a breaker");
    stage.seconds(60);
    assert_eq!(state(stage.cluster()), State::ForcedOpen);
    stage.ask("reset").expect("there is a breaker");
    stage.ask("reset").expect("there is a breaker");
    stage.seconds(2);
    assert_eq!(stage.broken(), Vec::<&str>::new());
    let words = Refused::NoSuchWords("sing".to_owned());
    assert_eq!(stage.ask("sing"), Err(words));
    stage.set(choice("habit", "herd"));
    assert!(matches!(stage.ask("open"), Err(Refused::Impossible(_))));
}
