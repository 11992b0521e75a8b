//! The shop on a Raft cluster: what is committed are commands, and every server's log of events and
//! its state follow from them.

use super::*;
use rift::labs::Lab;
use rift::labs::events::{CLUSTER_NODES, EventLab, Replica};
use rift::raft::RoleKind;

const S5: NodeId = NodeId(4);

fn replica(stage: &Stage, node: u8) -> Option<&Replica> {
    stage.cluster.process(NodeId(node)).and_then(EventsProcess::replica)
}

fn leader(cluster: &Cluster) -> Option<NodeId> {
    let leads = |node: &NodeId| {
        let replica = cluster.process(*node).and_then(EventsProcess::replica);
        replica.is_some_and(|replica| replica.raft().server().role().kind() == RoleKind::Leader)
    };
    cluster.world().node_ids().find(leads)
}

/// A cluster with a leader.
fn open(settings: &[(&'static str, SettingValue)]) -> (Stage, NodeId) {
    let settings = [&[("log", choice("raft"))][..], settings].concat();
    let mut stage = Stage::open(&settings);
    stage.until(|cluster| leader(cluster).is_some());
    let leader = leader(&stage.cluster).expect("there is one");
    (stage, leader)
}

#[track_caller]
fn assert_all_are_equal(stage: &Stage) {
    for node in 0..CLUSTER_NODES {
        let replica = replica(stage, node).expect("it runs");
        assert_eq!(replica.store(), stage.cluster.log(), "S{}", node + 1);
        assert_eq!(*replica.shop(), stage.shop(), "S{}", node + 1);
    }
}

/// Whoever is asked, one order decides: the second finds that there is none left.
#[test]
fn of_two_commands_for_the_last_mug_the_second_is_refused() {
    let (mut stage, leader) = open(&[]);
    let other = if leader == S1 { S2 } else { S1 };
    stage.ask(ANN, leader, "take mug");
    stage.ask(BEN, other, "take mug");
    stage.wait(500_000);
    let outcomes = [stage.outcome(ANN), stage.outcome(BEN)];
    let done = |outcome: &&Option<RequestOutcome>| {
        matches!(outcome, Some(RequestOutcome::Done { position: 7, repeated: false }))
    };
    let refused =
        |outcome: &&Option<RequestOutcome>| matches!(outcome, Some(RequestOutcome::Refused(_)));
    assert_eq!(outcomes.iter().filter(done).count(), 1, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(refused).count(), 1, "{outcomes:?}");
    assert_eq!(left(&stage, Item::Mug), 0);
    assert_all_are_equal(&stage);
}

/// The leader is cut off with a payment that it has sent to nobody, or to all: its customer cannot
/// know. The retry at a new leader happens once, whatever has become of the first.
#[test]
fn a_retry_at_a_new_leader_pays_once() {
    for sent_us in [0, 25_000] {
        let (mut stage, leader) = open(&[]);
        stage.ask(ANN, leader, "take tea");
        stage.wait(500_000);
        stage.ask(ANN, leader, "pay");
        stage.wait(sent_us);
        let others: Vec<NodeId> =
            stage.cluster.world().node_ids().filter(|node| *node != leader).collect();
        stage.fault(Fault::cut_between(&[leader], &others));
        stage.wait(1_500_000);
        assert_eq!(stage.outcome(ANN), Some(RequestOutcome::Unknown));
        stage.retry(ANN, others[0]);
        stage.wait(500_000);
        let is_done = matches!(
            stage.outcome(ANN),
            Some(RequestOutcome::Done { repeated, .. }) if repeated == (sent_us > 0)
        );
        assert!(is_done, "{:?}", stage.outcome(ANN));
        stage.fault(Fault::HealAll);
        stage.wait(1_000_000);
        assert_eq!(payments(&stage, Customer::Ann), 1);
        assert_all_are_equal(&stage);
    }
}

/// With a fresh id nothing says that it is the same command, on a cluster or not.
#[test]
fn a_fresh_id_takes_two() {
    let (mut stage, leader) = open(&[("retry-ids", choice("fresh"))]);
    stage.ask(ANN, leader, "take tea");
    stage.retry(ANN, leader);
    stage.wait(500_000);
    assert_eq!(left(&stage, Item::Tea), 2);
}

/// Its memory is gone, and with it all events and all state; Raft's log brings them back.
#[test]
fn a_server_that_was_killed_rebuilds_its_log_from_the_commands() {
    let (mut stage, leader) = open(&[]);
    for what in ["take tea", "take mug", "pay", "put back tea"] {
        stage.ask(ANN, leader, what);
        stage.wait(100_000);
    }
    stage.wait(500_000);
    assert_eq!(stage.cluster.log().last_position(), 10);
    let victim = if leader == S5 { S2 } else { S5 };
    stage.fault(Fault::Crash(victim));
    stage.fault(Fault::Restart(victim));
    let store = replica(&stage, victim.0).expect("it runs").store();
    assert_eq!(store.last_position(), 6, "it has the past alone");
    stage.wait(1_000_000);
    assert_all_are_equal(&stage);
    // And of the log nothing is lost while nobody runs.
    for node in 0..CLUSTER_NODES {
        stage.fault(Fault::Crash(NodeId(node)));
    }
    assert_eq!(stage.cluster.log().last_position(), 10);
    for node in 0..CLUSTER_NODES {
        stage.fault(Fault::Restart(NodeId(node)));
    }
    stage.wait(2_000_000);
    assert_all_are_equal(&stage);
}

#[test]
fn who_reaches_no_leader_is_told_that_nothing_has_happened() {
    let (mut stage, leader) = open(&[]);
    let follower = if leader == S1 { S2 } else { S1 };
    stage.wait(200_000);
    stage.fault(Fault::cut_between(&[follower], &[leader]));
    stage.ask(ANN, follower, "take mug");
    assert_eq!(stage.outcome(ANN), Some(RequestOutcome::Unreachable));
    let on_a_cluster = Command::Set(Setting { name: "check", value: SettingValue::Switch(false) });
    assert!(stage.cluster.act(&on_a_cluster).is_err(), "nothing rests on versions there");
}

/// Whoever opens the figure can ask at once.
#[test]
fn it_opens_with_a_leader() {
    for seed in 0..20 {
        let mut settings = LabSettings::new(6, seed);
        settings.tuning.set(Setting { name: "log", value: choice("raft") });
        let mut lab = EventLab::new(&settings);
        let opening_us = lab.opening_us();
        lab.advance_to(opening_us).expect("no limit is near");
        assert!(leader(lab.cluster()).is_some(), "seed {seed}: none at {opening_us} µs");
    }
}
