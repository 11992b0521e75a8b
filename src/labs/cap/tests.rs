//! The same acts on the three systems, and what they cost.

use super::super::{Ask, Client, Command, LabSettings, Refused, Setting, SettingValue};
use super::{Cluster, Counters, Fate, System, WhyRefused};
use crate::check::consistency::{Anomaly, Model, Verdict};
use crate::sim::{Fault, NodeId, TRUE_RATE_PPM};

const S: [NodeId; 5] = [NodeId(0), NodeId(1), NodeId(2), NodeId(3), NodeId(4)];
const BUDGET: u64 = 100_000;

pub(super) fn with(protocol: &[(&'static str, SettingValue)]) -> LabSettings {
    let mut settings = LabSettings::new(5, 5);
    for (name, value) in protocol {
        settings.tuning.set(Setting { name, value: *value });
    }
    settings
}

fn cp() -> Cluster {
    Cluster::new(&with(&[]), System::Quorum)
}

fn ap(more: &[(&'static str, SettingValue)]) -> Cluster {
    let mut settings = with(&[("mode", SettingValue::Choice("ap"))]);
    for (name, value) in more {
        settings.tuning.set(Setting { name, value: *value });
    }
    Cluster::new(&settings, System::Quorum)
}

fn wait(cluster: &mut Cluster, ms: u64) {
    let until_us = cluster.world().now_us() + ms * 1_000;
    cluster.advance_to(until_us).expect("far from any limit");
}

fn ask(cluster: &mut Cluster, client: u8, via: NodeId, what: Ask) -> Fate {
    cluster.act(&Command::Ask { client: Client(client), via, what }).expect("the server runs");
    let place = cluster.clients().asked().len() - 1;
    wait(cluster, 250);
    cluster.clients().asked()[place].fate.clone()
}

fn write(cluster: &mut Cluster, client: u8, via: NodeId, value: &str) -> Fate {
    ask(cluster, client, via, Ask::Write { key: "x".into(), value: value.into() })
}

fn read(cluster: &mut Cluster, client: u8, via: NodeId) -> Fate {
    ask(cluster, client, via, Ask::Read { key: "x".into() })
}

fn fault(cluster: &mut Cluster, fault: Fault) {
    cluster.act(&Command::Faults(vec![fault])).expect("it is possible");
}

fn cut(cluster: &mut Cluster) {
    fault(cluster, Fault::cut_between(&S[..2], &S[2..]));
}

fn done(found: &[&str]) -> Fate {
    Fate::Done(found.iter().map(|value| (*value).to_owned()).collect())
}

#[test]
fn what_was_written_is_read_through_any_server() {
    let mut cluster = cp();
    wait(&mut cluster, 100);
    assert_eq!(write(&mut cluster, 1, S[0], "1"), done(&[]));
    for via in S {
        assert_eq!(read(&mut cluster, 2, via), done(&["1"]));
    }
    assert_eq!(ask(&mut cluster, 1, S[3], Ask::Delete { key: "x".into() }), done(&[]));
    assert_eq!(read(&mut cluster, 2, S[4]), done(&[]));
    let counters =
        Counters { asked: 8, answered: 8, every_live_server_answers: true, ..Counters::default() };
    assert_eq!(cluster.counters(), counters);
    assert_eq!(cluster.watch().judge_model(Model::Linearizable, BUDGET), Verdict::Held);
}

/// Before the tear is noticed nobody knows; after that the minority refuses, reads as well.
#[test]
fn in_cp_the_minority_serves_nobody_and_the_majority_goes_on() {
    let mut cluster = cp();
    wait(&mut cluster, 100);
    write(&mut cluster, 1, S[0], "old");
    cut(&mut cluster);
    let unknown = write(&mut cluster, 1, S[0], "new");
    assert_eq!(unknown, Fate::Unknown { acked: 2, needed: 3 });
    let refused = Fate::Refused(WhyRefused::TooFewAlive { alive: 2, needed: 3 });
    assert_eq!(write(&mut cluster, 1, S[0], "newer"), refused);
    assert_eq!(read(&mut cluster, 1, S[1]), refused);
    assert_eq!(write(&mut cluster, 2, S[4], "other"), done(&[]));
    assert!(!cluster.counters().every_live_server_answers);
    fault(&mut cluster, Fault::HealAll);
    wait(&mut cluster, 3_000);
    assert_eq!(read(&mut cluster, 1, S[0]), done(&["other"]));
    assert_eq!(cluster.unequal(), None);
    assert_eq!((cluster.counters().lost_writes, cluster.counters().stale_reads), (0, 0));
    assert_eq!(cluster.watch().judge_model(Model::Linearizable, BUDGET), Verdict::Held);
}

#[test]
fn in_ap_both_sides_go_on_and_one_write_is_lost_in_the_heal() {
    let mut cluster = ap(&[]);
    wait(&mut cluster, 100);
    write(&mut cluster, 1, S[0], "old");
    cut(&mut cluster);
    wait(&mut cluster, 300);
    assert_eq!(write(&mut cluster, 1, S[0], "left"), done(&[]));
    assert_eq!(write(&mut cluster, 2, S[4], "right"), done(&[]));
    assert_eq!(read(&mut cluster, 1, S[1]), done(&["left"]));
    assert_eq!(read(&mut cluster, 2, S[3]), done(&["right"]));
    let counters = cluster.counters();
    assert_eq!((counters.lost_writes, counters.stale_reads), (0, 1), "left is old by real time");
    assert!(counters.every_live_server_answers);
    fault(&mut cluster, Fault::HealAll);
    wait(&mut cluster, 3_000);
    assert_eq!(cluster.unequal(), None);
    assert_eq!(read(&mut cluster, 1, S[0]), done(&["right"]));
    assert_eq!(cluster.counters().lost_writes, 1);
    let broken = cluster.watch().judge_model(Model::Linearizable, BUDGET);
    assert!(matches!(broken, Verdict::Broken(_)), "{broken:?}");
}

/// An overwrite in peace is no loss.
#[test]
fn in_peace_nothing_is_lost_whoever_writes() {
    let mut cluster = ap(&[]);
    wait(&mut cluster, 100);
    for (client, via) in [(1, S[0]), (2, S[3]), (1, S[4]), (3, S[1])] {
        assert_eq!(write(&mut cluster, client, via, &format!("by-{client}")), done(&[]));
    }
    assert_eq!((cluster.counters().lost_writes, cluster.unequal()), (0, None));
}

#[test]
fn a_slow_clock_loses_a_write_that_was_acknowledged() {
    let mut cluster = cp();
    wait(&mut cluster, 100);
    fault(
        &mut cluster,
        Fault::SetClock { node: S[0], rate_ppm: TRUE_RATE_PPM, offset_us: 3_000_000 },
    );
    assert_eq!(write(&mut cluster, 1, S[0], "fast"), done(&[]));
    assert_eq!(write(&mut cluster, 2, S[1], "later"), done(&[]));
    assert_eq!(read(&mut cluster, 2, S[1]), done(&["fast"]));
    let counters = cluster.counters();
    assert_eq!((counters.lost_writes, counters.stale_reads), (1, 1));
    // Its client cannot tell that from a write that came after its own: only time can.
    assert_eq!(cluster.watch().breaches(), []);
    let broken = cluster.watch().judge_model(Model::Linearizable, BUDGET);
    let Verdict::Broken(witness) = broken else { panic!("{broken:?}") };
    assert_eq!((witness.anomaly, witness.operations), (Anomaly::StaleRead, vec![0, 1, 2]));
    // A leap of the clock is no time: nobody is taken for down.
    assert_eq!(counters.answered, 3);
}

#[test]
fn a_retry_makes_an_unknown_write_known() {
    let mut cluster = cp();
    wait(&mut cluster, 100);
    cut(&mut cluster);
    let unknown = write(&mut cluster, 1, S[0], "1");
    assert!(matches!(unknown, Fate::Unknown { .. }), "{unknown:?}");
    fault(&mut cluster, Fault::HealAll);
    wait(&mut cluster, 300);
    assert_eq!(ask(&mut cluster, 1, S[4], Ask::Retry), done(&[]));
    assert_eq!(read(&mut cluster, 2, S[2]), done(&["1"]));
    assert_eq!(cluster.watch().judge_model(Model::Linearizable, BUDGET), Verdict::Held);
    let nothing = cluster.act(&Command::Ask { client: Client(2), via: S[0], what: Ask::Retry });
    assert_eq!(nothing, Err(Refused::NothingToRetry(Client(2))));
}

#[test]
fn the_same_tear_costs_each_system_something_else() {
    let run = |system| {
        let mut cluster = Cluster::new(&with(&[]), system);
        wait(&mut cluster, 1_000);
        write(&mut cluster, 1, S[0], "old");
        cut(&mut cluster);
        write(&mut cluster, 1, S[0], "left");
        write(&mut cluster, 2, S[4], "right");
        wait(&mut cluster, 2_000);
        read(&mut cluster, 1, S[0]);
        read(&mut cluster, 2, S[4]);
        fault(&mut cluster, Fault::HealAll);
        wait(&mut cluster, 3_000);
        assert_eq!(cluster.unequal(), None, "{system:?}");
        cluster
    };
    for system in [System::Quorum, System::Raft] {
        let cluster = run(system);
        let counters = cluster.counters();
        assert_eq!((counters.lost_writes, counters.stale_reads), (0, 0), "{system:?}");
        assert!(counters.answered >= 3 && counters.refused + counters.unknown >= 2, "{counters:?}");
        let verdict = cluster.watch().judge_model(Model::Linearizable, BUDGET);
        assert_eq!(verdict, Verdict::Held, "{system:?}");
    }
    // The primary is on the minority's side; the rest can reach nobody who serves.
    let counters = run(System::PrimaryBackup).counters();
    assert_eq!((counters.answered, counters.refused, counters.lost_writes), (3, 2, 0));
}

#[test]
fn a_promotion_loses_what_the_old_primary_had_not_shipped() {
    let mut cluster = Cluster::new(&with(&[]), System::PrimaryBackup);
    wait(&mut cluster, 100);
    write(&mut cluster, 1, S[0], "old");
    cut(&mut cluster);
    assert_eq!(write(&mut cluster, 1, S[0], "left"), done(&[]));
    cluster.act(&Command::TransferLeadership { via: S[0], to: S[4] }).expect("it runs");
    wait(&mut cluster, 100);
    assert_eq!(write(&mut cluster, 2, S[3], "right"), done(&[]));
    assert_eq!(read(&mut cluster, 1, S[1]), done(&["left"]));
    fault(&mut cluster, Fault::HealAll);
    wait(&mut cluster, 1_000);
    assert_eq!(read(&mut cluster, 1, S[1]), done(&["right"]));
    assert_eq!(cluster.counters().lost_writes, 1);
}

#[test]
fn settings_are_turned_while_servers_run_and_kept_by_those_that_start_later() {
    let mut cluster = cp();
    wait(&mut cluster, 100);
    let set = |name, value| Command::Set(Setting { name, value });
    fault(&mut cluster, Fault::Crash(S[4]));
    cluster.act(&set("mode", SettingValue::Choice("ap"))).expect("it can work");
    cut(&mut cluster);
    wait(&mut cluster, 300);
    assert_eq!(write(&mut cluster, 1, S[0], "left"), done(&[]));
    fault(&mut cluster, Fault::Restart(S[4]));
    let of = |cluster: &Cluster, node: NodeId| {
        let process = cluster.world().node(node).and_then(|node| node.process());
        process.and_then(|process| process.quorum()).map(|server| server.config().quorum().w())
    };
    assert_eq!(S.map(|node| of(&cluster, node)), [Some(1); 5]);
    let zero = cluster.act(&set("w", SettingValue::Count(0)));
    assert_eq!(zero, Err(Refused::Impossible("W = 0 asks nobody".into())));
    cluster.act(&set("mode", SettingValue::Choice("cp"))).expect("it can work");
    assert_eq!(S.map(|node| of(&cluster, node)), [Some(3); 5]);
    let other = cluster.act(&set("system", SettingValue::Choice("raft")));
    assert_eq!(other, Err(Refused::NotInThisLab));
}

/// Own writes missed: sticky to nobody, one client writes on one side and reads on the other.
#[test]
fn a_client_that_crosses_the_tear_misses_its_own_write() {
    let mut cluster = ap(&[]);
    wait(&mut cluster, 100);
    cut(&mut cluster);
    wait(&mut cluster, 300);
    assert_eq!(write(&mut cluster, 1, S[0], "1"), done(&[]));
    assert_eq!(read(&mut cluster, 1, S[4]), done(&[]));
    let breaches = cluster.watch().breaches();
    assert_eq!(breaches.iter().map(|b| b.anomaly).collect::<Vec<_>>(), [Anomaly::OwnWriteMissed]);
    assert_eq!(cluster.breach_records().len(), 1);
    assert_eq!(cluster.counters().stale_reads, 1);
    let guarantee = Setting { name: "read-your-writes", value: SettingValue::Switch(true) };
    cluster.act(&Command::Set(guarantee)).expect("it can be turned");
    let refused = read(&mut cluster, 1, S[4]);
    assert_eq!(refused, Fate::Refused(WhyRefused::Behind), "who asks for it is not lied to");
}

/// Whoever looks, and how often, changes nothing.
#[test]
fn in_small_steps_or_at_once_it_is_the_same_run() {
    for system in System::ALL {
        let run = |step_ms: u64| {
            let mut cluster = Cluster::new(&with(&[]), system);
            let to = |cluster: &mut Cluster, ms: u64| {
                while cluster.world().now_us() < ms * 1_000 {
                    let next_us = cluster.world().now_us() + step_ms * 1_000;
                    cluster.advance_to(next_us.min(ms * 1_000)).expect("far from any limit");
                }
            };
            for round in 0..6_u64 {
                to(&mut cluster, 400 * (round + 1));
                if round == 2 {
                    cut(&mut cluster);
                    fault(&mut cluster, Fault::Pause(S[1]));
                }
                let what = Ask::Write { key: "x".into(), value: round.to_string() };
                let via = S[(round as usize + 3) % 5];
                cluster.act(&Command::Ask { client: Client(1), via, what }).expect("it runs");
            }
            to(&mut cluster, 5_000);
            let fates: Vec<Fate> =
                cluster.clients().asked().iter().map(|asked| asked.fate.clone()).collect();
            (cluster.world().history().hash(), fates, cluster.counters())
        };
        let once = run(10_000);
        assert_eq!(once, run(1), "{system:?}");
        assert!(once.1.iter().any(|fate| matches!(fate, Fate::Unknown { .. })), "{:?}", once.1);
    }
}
