//! Settings that are turned change what is promised from then on, and no earlier.

use rift::check::{Finding, Property};
use rift::labs::cap::judged::JudgedCluster;
use rift::labs::cap::{Cluster, System};
use rift::labs::{Ask, Client, Command, LabSettings, Setting, SettingValue};
use rift::sim::{Fault, NodeId};

const S: [NodeId; 5] = [NodeId(0), NodeId(1), NodeId(2), NodeId(3), NodeId(4)];

fn choice(name: &'static str, word: &'static str) -> Setting {
    Setting { name, value: SettingValue::Choice(word) }
}

fn open(protocol: &[Setting], demanded: &[Property]) -> JudgedCluster {
    let mut settings = LabSettings::new(5, 5);
    protocol.iter().for_each(|setting| settings.tuning.set(*setting));
    JudgedCluster::new(Cluster::new(&settings, System::Quorum), demanded)
}

fn act(stage: &mut JudgedCluster, command: Command) {
    stage.act(&command).expect("it is possible");
}

fn ask(stage: &mut JudgedCluster, client: u8, via: NodeId, value: Option<&str>) {
    let key = "x".to_owned();
    let what = match value {
        Some(value) => Ask::Write { key, value: value.to_owned() },
        None => Ask::Read { key },
    };
    act(stage, Command::Ask { client: Client(client), via, what });
    let until_us = stage.cluster().world().now_us() + 250_000;
    stage.advance_to(until_us).expect("far from any limit");
}

/// Both sides of a tear serve, and one of them reads what is old.
fn read_what_is_old(stage: &mut JudgedCluster) {
    ask(stage, 1, S[0], Some("old"));
    act(stage, Command::Faults(vec![Fault::cut_between(&S[..2], &S[2..])]));
    ask(stage, 1, S[4], Some("new"));
    ask(stage, 2, S[0], None);
    assert!(stage.cluster().clients().latest(Client(2)).expect("it asked").stale);
}

/// What AP read before CP was chosen breaks nothing: it was not promised then.
#[test]
fn what_was_read_before_the_change_is_not_held_against_it() {
    let mut stage = open(&[choice("mode", "ap")], &[]);
    read_what_is_old(&mut stage);
    act(&mut stage, Command::Set(choice("mode", "cp")));
    act(&mut stage, Command::Faults(vec![Fault::HealAll]));
    ask(&mut stage, 3, S[3], Some("newer"));
    ask(&mut stage, 2, S[0], None);
    stage.judge_end();
    assert!(stage.judges().verdicts().all_kept(), "{:?}", stage.judges().verdicts());
}

/// What is demanded is judged before a change and after it, each by itself.
#[test]
fn what_was_asked_for_before_the_change_is_judged_when_it_comes() {
    let mut stage = open(&[choice("mode", "ap")], &[Property::Linearizability]);
    read_what_is_old(&mut stage);
    assert!(stage.judges().verdicts().all_kept(), "only an end or a change lets it be judged");
    act(&mut stage, Command::Set(choice("mode", "cp")));
    let broken = stage.judges().verdicts().of(Property::Linearizability).expect("it is broken");
    assert!(matches!(&broken.finding, Finding::NotLinearizable { key, .. } if key == "x"));
}

/// A write of before may still come up, but only once.
#[test]
fn what_was_written_before_the_change_may_take_effect_after_it() {
    let mut stage = open(&[choice("mode", "ap")], &[Property::Linearizability]);
    act(&mut stage, Command::Faults(vec![Fault::cut_between(&S[..1], &S[1..])]));
    ask(&mut stage, 1, S[0], Some("hidden"));
    act(&mut stage, Command::Set(choice("mode", "cp")));
    ask(&mut stage, 2, S[3], None);
    act(&mut stage, Command::Faults(vec![Fault::HealAll]));
    stage.advance_to(8_000_000).expect("far from any limit");
    ask(&mut stage, 2, S[3], None);
    stage.judge_end();
    assert!(stage.judges().verdicts().all_kept(), "{:?}", stage.judges().verdicts());
}

/// A wrong clock takes back what hangs on clocks, and nobody else's promise.
#[test]
fn wrong_clocks_take_back_what_hangs_on_them() {
    for (stamping, answers) in [("clock", "fast"), ("ask-first", "later")] {
        let mut stage = open(&[choice("stamping", stamping)], &[]);
        let ahead = Fault::SetClock { node: S[0], rate_ppm: 1_000_000, offset_us: 3_000_000 };
        act(&mut stage, Command::Faults(vec![ahead]));
        ask(&mut stage, 1, S[0], Some("fast"));
        ask(&mut stage, 2, S[1], Some("later"));
        ask(&mut stage, 2, S[1], None);
        let read = stage.cluster().clients().latest(Client(2)).expect("it asked");
        let found = rift::labs::cap::Fate::Done(vec![answers.to_owned()]);
        assert_eq!(read.fate, found, "{stamping}");
        stage.judge_end();
        assert!(stage.judges().verdicts().all_kept(), "{stamping}");
    }
}
