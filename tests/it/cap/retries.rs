//! A retry is the same write once more, to whoever counts and judges.

use rift::labs::cap::{Cluster, System};
use rift::labs::{Ask, Client, Command, LabSettings};
use rift::sim::{Fault, NodeId};

const S: [NodeId; 3] = [NodeId(0), NodeId(1), NodeId(2)];

fn ask(cluster: &mut Cluster, client: u8, via: NodeId, what: Ask) {
    cluster.act(&Command::Ask { client: Client(client), via, what }).expect("the server runs");
    let until_us = cluster.world().now_us() + 250_000;
    cluster.advance_to(until_us).expect("far from any limit");
}

fn write(value: &str) -> Ask {
    Ask::Write { key: "x".into(), value: value.into() }
}

/// A write, another one, and a retry of the first: a read that finds the other is not stale.
#[test]
fn a_retry_is_no_newer_than_what_it_repeats() {
    let mut cluster = Cluster::new(&LabSettings::new(3, 5), System::Quorum);
    ask(&mut cluster, 1, S[0], write("1"));
    ask(&mut cluster, 2, S[1], write("2"));
    ask(&mut cluster, 1, S[2], Ask::Retry);
    ask(&mut cluster, 2, S[0], Ask::Read { key: "x".into() });
    let read = cluster.clients().latest(Client(2)).expect("it asked");
    assert_eq!(read.fate, rift::labs::cap::Fate::Done(vec!["2".into()]));
    assert_eq!((read.stale, cluster.counters().stale_reads), (false, 0));
}

/// Replicas are the first N servers, whoever is down: another that holds less is no replica.
#[test]
fn a_server_that_is_no_replica_takes_no_replicas_place() {
    let mut settings = LabSettings::new(3, 5);
    let n = rift::labs::SettingValue::Count(2);
    settings.tuning.set(rift::labs::Setting { name: "n", value: n });
    let mut cluster = Cluster::new(&settings, System::Quorum);
    ask(&mut cluster, 1, S[0], write("1"));
    assert_eq!(cluster.unequal(), None);
    cluster.act(&Command::Faults(vec![Fault::Crash(S[0])])).expect("it runs");
    assert_eq!(cluster.unequal(), None, "S2 is the only replica that runs");
}
