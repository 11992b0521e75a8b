//! Changes of the cluster: one server at a time (chapter 4), joint consensus (§6), learners
//! (4.2.1).

use rift::raft::*;

use crate::raft_cluster::*;

use MembershipChange::{AddLearner, Promote, Remove, Replace};

fn changing(servers: u8) -> Config {
    Config { membership_changes: true, fast_back_up: true, ..Config::of(servers) }
}

/// `nodes` servers, of which the first `members` are the cluster, led by S1.
fn led_by_s1(members: u8, nodes: usize) -> Cluster {
    let mut cluster = Cluster::with(changing(members), vec![Durable::default(); nodes]);
    cluster.elect(S1);
    settle(&mut cluster);
    cluster.ids().into_iter().for_each(|id| drop(cluster.take_events(id)));
    cluster.answers.clear();
    cluster
}

fn settle(cluster: &mut Cluster) {
    for _ in 0..3 {
        cluster.advance(50_000);
        cluster.deliver_all();
    }
}

fn voters(cluster: &Cluster, id: ServerId) -> Vec<ServerId> {
    cluster.server(id).configuration().voters.iter().copied().collect()
}

fn refusal(cluster: &mut Cluster, id: ServerId, change: MembershipChange) -> ChangeRefusal {
    cluster.answers.clear();
    let before = cluster.server(id).log().clone();
    cluster.change(id, 99, change);
    assert_eq!(*cluster.server(id).log(), before);
    match cluster.answers[..] {
        [(RequestId(99), Outcome::ChangeRefused { reason })] => reason,
        ref other => panic!("{other:?}"),
    }
}

/// 4.2.1 and 4.1: a new server first catches up without a vote, then gets one.
#[test]
fn a_server_joins_as_a_learner_and_is_promoted() {
    let mut cluster = led_by_s1(3, 4);
    cluster.change(S1, 1, AddLearner(S4));
    assert_eq!(cluster.server(S1).configuration().needed(), 2, "a learner does not count");
    settle(&mut cluster);
    assert_eq!(cluster.terms(S4), cluster.terms(S1));
    assert_eq!(cluster.server(S4).election_timer(), None, "nor does it stand");
    assert!(
        cluster
            .take_events(S1)
            .iter()
            .any(|event| matches!(event, Event::LearnerCaughtUp { learner, .. } if *learner == S4))
    );
    cluster.change(S1, 2, Promote(S4));
    assert_eq!(cluster.server(S1).configuration().needed(), 3, "in force when appended");
    settle(&mut cluster);
    assert_eq!(voters(&cluster, S4), [S1, S2, S3, S4]);
    assert!(cluster.server(S4).election_timer().is_some());
    assert!(matches!(
        cluster.answers[..],
        [(RequestId(1), Outcome::Committed { .. }), (RequestId(2), Outcome::Committed { .. })]
    ));
    cluster.crash(S4);
    cluster.restart(S4);
    assert_eq!(voters(&cluster, S4), [S1, S2, S3, S4], "from its log");
}

/// 4.2.1: a server that does not catch up must not become a voter, or the cluster would miss it.
#[test]
fn a_learner_that_lags_gets_no_vote() {
    let mut cluster = led_by_s1(3, 4);
    cluster.change(S1, 1, AddLearner(S4));
    cluster.deliver_among(&[S1, S2, S3]);
    let reason = refusal(&mut cluster, S1, Promote(S4));
    assert!(matches!(reason, ChangeRefusal::NotCaughtUp { .. }), "{reason:?}");
    settle(&mut cluster);
    cluster.propose(S1, 7);
    cluster.live(400_000, |from, to| from != S4 && to != S4);
    let reason = refusal(&mut cluster, S1, Promote(S4));
    assert!(matches!(reason, ChangeRefusal::NotCaughtUp { .. }), "once fast, but silent since");
}

/// 4.1: the new configuration decides about its own entry: who is removed is not needed for it.
#[test]
fn a_removed_server_is_not_counted_any_more() {
    let mut cluster = led_by_s1(3, 3);
    cluster.crash(S3);
    cluster.change(S1, 1, Remove(S3));
    cluster.deliver_among(&[S1, S2]);
    assert_eq!(voters(&cluster, S2), [S1, S2]);
    cluster.change(S1, 2, Remove(S2));
    assert!(matches!(cluster.answers.last(), Some((RequestId(2), Outcome::Committed { .. }))));
    assert_eq!(refusal(&mut cluster, S1, Remove(S1)), ChangeRefusal::NoVoterLeft);
    cluster.propose(S1, 7);
    assert_eq!(cluster.applied(S1), [7], "a cluster of one");
}

/// §6: "the leader steps down (returns to follower state) once it has committed the Cnew log
/// entry". Until then it leads a cluster of which it is no part, and does not count itself.
#[test]
fn a_removed_leader_leads_until_its_removal_is_committed() {
    let mut cluster = led_by_s1(3, 3);
    cluster.change(S1, 1, Remove(S1));
    cluster.deliver(S1, S2);
    cluster.deliver(S2, S1);
    assert_eq!(cluster.role(S1), RoleKind::Leader, "one of two has it: S1 does not count");
    cluster.deliver(S1, S3);
    cluster.deliver(S3, S1);
    assert_eq!(cluster.role(S1), RoleKind::Follower);
    assert_eq!(cluster.server(S1).election_timer(), None, "and never stands again");
    let index = cluster.server(S1).configuration_index();
    let reason = StepDown::Removed { index };
    let stepped = Event::SteppedDown { from: RoleKind::Leader, reason };
    assert!(cluster.take_events(S1).contains(&stepped));
    cluster.live(1_000_000, |_, _| true);
    assert!(matches!(cluster.leaders()[..], [S2] | [S3]));
}

/// 4.2.2: a server that is to be removed may be the only one with the entry that says so. If it did
/// not stand for election, the other one could not win for want of its vote, for ever.
#[test]
fn a_server_stands_until_its_removal_is_committed() {
    let mut cluster = led_by_s1(2, 2);
    cluster.change(S1, 1, Remove(S1));
    cluster.propose(S1, 7);
    cluster.in_flight.clear();
    cluster.crash(S1);
    cluster.restart(S1);
    cluster.live(2_000_000, |_, _| true);
    assert_eq!(cluster.leaders(), [S2]);
    assert_eq!(voters(&cluster, S2), [S2]);
    assert_eq!(cluster.applied(S2), [7]);
}

/// Every refusal has its reason and changes nothing.
#[test]
fn impossible_changes_are_refused() {
    let mut cluster = led_by_s1(3, 5);
    let not_leader = ChangeRefusal::NotLeader { leader: Some(S1) };
    assert_eq!(refusal(&mut cluster, S2, Remove(S3)), not_leader);
    assert_eq!(refusal(&mut cluster, S1, AddLearner(S2)), ChangeRefusal::AlreadyMember);
    assert_eq!(refusal(&mut cluster, S1, Promote(S4)), ChangeRefusal::NotALearner);
    let stranger = ChangeRefusal::NotAMember { server: S4 };
    assert_eq!(refusal(&mut cluster, S1, Remove(S4)), stranger);
    assert_eq!(refusal(&mut cluster, S1, Replace(vec![S1, S4])), stranger);
    assert_eq!(refusal(&mut cluster, S1, Replace(vec![S3, S2, S1])), ChangeRefusal::NoChange);
    assert_eq!(refusal(&mut cluster, S1, Replace(vec![])), ChangeRefusal::NoVoterLeft);
    cluster.change(S1, 1, AddLearner(S4));
    let index = cluster.server(S1).configuration_index();
    let pending = ChangeRefusal::ChangePending { index };
    assert_eq!(refusal(&mut cluster, S1, AddLearner(S5)), pending);
    settle(&mut cluster);
    cluster.input(S1, Input::TransferLeadership { to: S2 });
    let handing_over = ChangeRefusal::TransferInProgress { to: S2 };
    assert_eq!(refusal(&mut cluster, S1, AddLearner(S5)), handing_over);
    let mut fixed = Cluster::of(3);
    fixed.elect(S1);
    assert_eq!(refusal(&mut fixed, S1, Remove(S3)), ChangeRefusal::SwitchedOff);
}

/// The correction of 2015: no change before an entry of the leader's own term is committed. The
/// counterexample: S1 and S2 each remove another server, and neither knows of the other's change.
#[test]
fn a_new_leader_changes_nothing_before_it_has_committed() {
    let mut cluster = led_by_s1(4, 4);
    cluster.in_flight.clear();
    cluster.change(S1, 1, Remove(S2));
    cluster.in_flight.clear();
    cluster.time_out(S2);
    cluster.in_flight.retain(|flight| matches!(flight.message, Message::RequestVote { .. }));
    for to in [S3, S4] {
        cluster.deliver(S2, to);
        cluster.deliver(to, S2);
    }
    assert_eq!(cluster.role(S2), RoleKind::Leader);
    let too_early = ChangeRefusal::NothingOfThisTermCommitted;
    assert_eq!(refusal(&mut cluster, S2, Remove(S1)), too_early);
    settle(&mut cluster);
    assert_eq!(voters(&cluster, S1), [S1, S2, S3, S4], "S1's change was rolled back");
    let rolled_back = |event: &Event| matches!(event, Event::ConfigurationRolledBack { .. });
    assert!(cluster.take_events(S1).iter().any(rolled_back));
    cluster.change(S2, 2, Remove(S1));
    settle(&mut cluster);
    assert_eq!(voters(&cluster, S3), [S2, S3, S4]);
}

/// §6: "Agreement (for elections and entry commitment) requires separate majorities from both the
/// old and new configurations."
#[test]
fn joint_consensus_replaces_any_set_of_voters() {
    let mut cluster = led_by_s1(3, 5);
    for (request, server) in [(1, S4), (2, S5)] {
        cluster.change(S1, request, AddLearner(server));
        settle(&mut cluster);
    }
    cluster.take_events(S1);
    cluster.change(S1, 3, Replace(vec![S1, S4, S5]));
    assert!(cluster.server(S1).configuration().is_joint());
    let joint = cluster.server(S1).log().last_index();
    for to in [S2, S3] {
        cluster.deliver(S1, to);
        cluster.deliver(to, S1);
    }
    assert!(cluster.server(S1).commit_index() < joint, "all of the old, one of the new");
    let pending = ChangeRefusal::ChangePending { index: joint };
    assert_eq!(refusal(&mut cluster, S1, Remove(S2)), pending);
    cluster.deliver(S1, S4);
    cluster.deliver(S4, S1);
    assert_eq!(cluster.server(S1).commit_index(), joint);
    assert!(!cluster.server(S1).configuration().is_joint(), "the leader appends Cnew by itself");
    settle(&mut cluster);
    for id in [S1, S4, S5] {
        assert_eq!(voters(&cluster, id), [S1, S4, S5]);
        assert_eq!(cluster.server(id).commit_index(), joint.next());
    }
    assert_eq!(cluster.server(S1).progress(S2), None, "nothing is sent there any more");
}

/// §6: a leader that crashes in the joint phase leaves it to its successor to finish.
#[test]
fn a_new_leader_finishes_the_joint_phase() {
    let mut cluster = led_by_s1(3, 4);
    cluster.change(S1, 1, AddLearner(S4));
    settle(&mut cluster);
    cluster.change(S1, 2, Replace(vec![S2, S3, S4]));
    for to in [S2, S3, S4] {
        cluster.deliver(S1, to);
    }
    cluster.crash(S1);
    cluster.in_flight.clear();
    cluster.time_out(S2);
    assert!(cluster.server(S2).configuration().is_joint());
    cluster.deliver_among(&[S2, S3, S4]);
    cluster.live(200_000, |_, _| true);
    assert_eq!(cluster.role(S2), RoleKind::Leader);
    assert_eq!(voters(&cluster, S2), [S2, S3, S4]);
    assert!(!cluster.server(S2).configuration().is_joint());
    assert_eq!(cluster.server(S2).commit_index(), cluster.server(S2).log().last_index());
}

/// §6: in the joint phase a candidate needs both majorities as well.
#[test]
fn an_election_in_the_joint_phase_needs_both_majorities() {
    let mut cluster = led_by_s1(3, 5);
    for (request, server) in [(1, S4), (2, S5)] {
        cluster.change(S1, request, AddLearner(server));
        settle(&mut cluster);
    }
    cluster.change(S1, 3, Replace(vec![S1, S4, S5]));
    cluster.deliver(S1, S2);
    cluster.in_flight.clear();
    cluster.time_out(S2);
    cluster.hand(S3, S2, vote(2, true));
    cluster.hand(S1, S2, vote(2, true));
    assert_eq!(cluster.role(S2), RoleKind::Candidate, "all of the old, one of the new");
    cluster.hand(S5, S2, vote(2, true));
    assert_eq!(cluster.role(S2), RoleKind::Leader);
}

/// 4.2.3: servers that were removed do not know it and ask for votes. Nobody's term rises.
#[test]
fn a_removed_server_disrupts_nobody() {
    let mut cluster = led_by_s1(3, 3);
    cluster.change(S1, 1, Remove(S3));
    cluster.deliver_among(&[S1, S2]);
    settle(&mut cluster);
    cluster.take_events(S2);
    cluster.live(3_000_000, |_, _| true);
    assert_eq!((cluster.leaders(), cluster.server(S1).current_term()), (vec![S1], Term(1)));
    let kind = MessageKind::RequestVote;
    let ignored = Event::MessageIgnored { from: S3, kind, reason: IgnoreReason::RemovedServer };
    assert!(cluster.take_events(S2).contains(&ignored));
}

/// A server that was removed and came back is heard by those who know only of the first.
#[test]
fn a_candidate_with_a_better_log_is_heard_by_servers_with_an_old_configuration() {
    let mut cluster = led_by_s1(3, 3);
    cluster.change(S1, 1, Remove(S3));
    cluster.deliver_among(&[S1, S2]);
    cluster.advance(50_000);
    cluster.deliver_among(&[S1, S2]);
    assert_eq!(cluster.server(S2).commit_index(), cluster.server(S2).configuration_index());
    let end = cluster.server(S2).log().end();
    let last = (end.last_log_index.0, end.last_log_term.0);
    assert_eq!(cluster.hand(S3, S2, request_vote(S3, 9, last)), []);
    assert_eq!(cluster.server(S2).current_term(), Term(1));
    assert_eq!(cluster.hand(S3, S2, request_vote(S3, 9, (last.0 + 1, 1))), [vote(9, true)]);
}

/// §7: "the latest configuration in the log as of last included index" goes with the snapshot.
#[test]
fn a_snapshot_carries_the_configuration() {
    let mut cluster = led_by_s1(3, 4);
    cluster.change(S1, 1, AddLearner(S4));
    cluster.deliver_among(&[S1, S2, S3]);
    let index = cluster.server(S1).commit_index();
    cluster.input(S1, Input::SnapshotTaken { last_included_index: index, state: vec![] });
    assert_eq!(cluster.server(S1).log().len(), 0);
    cluster.live(300_000, |_, _| true);
    assert_eq!(cluster.server(S4).log().base(), cluster.server(S1).log().base());
    assert!(cluster.server(S4).configuration().learners.contains(&S4));
    cluster.crash(S1);
    cluster.restart(S1);
    assert!(cluster.server(S1).configuration().learners.contains(&S4), "from its disk");
}

/// The same: not a later one, which may yet be rolled back.
#[test]
fn a_snapshot_carries_the_configuration_of_its_last_entry() {
    let mut cluster = led_by_s1(3, 4);
    let index = cluster.server(S1).commit_index();
    cluster.change(S1, 1, AddLearner(S4));
    cluster.input(S1, Input::SnapshotTaken { last_included_index: index, state: vec![] });
    let snapshot = cluster.server(S1).snapshot().expect("just taken");
    assert_eq!(snapshot.configuration, Configuration::of(&[S1, S2, S3]));
    assert!(cluster.server(S1).configuration().learners.contains(&S4), "still in force");
}

/// Until the removal is known to be committed, whoever is removed may be needed to lead.
#[test]
fn a_server_that_is_being_removed_is_heard() {
    let mut cluster = led_by_s1(3, 3);
    cluster.change(S1, 1, Remove(S3));
    cluster.deliver(S1, S2);
    let end = cluster.server(S2).log().end();
    let last = (end.last_log_index.0, end.last_log_term.0);
    assert_eq!(cluster.hand(S3, S2, request_vote(S3, 2, last)), [vote(2, true)]);
}

/// The other half of the joint phase: the new voters alone commit nothing, and elect nobody.
#[test]
fn the_new_voters_alone_decide_nothing_in_the_joint_phase() {
    let mut cluster = led_by_s1(3, 5);
    for (request, server) in [(1, S4), (2, S5)] {
        cluster.change(S1, request, AddLearner(server));
        settle(&mut cluster);
    }
    cluster.change(S1, 3, Replace(vec![S1, S4, S5]));
    let joint = cluster.server(S1).log().last_index();
    for to in [S4, S5] {
        cluster.deliver(S1, to);
        cluster.deliver(to, S1);
    }
    assert!(cluster.server(S1).commit_index() < joint, "all of the new, one of the old");
    cluster.in_flight.clear();
    cluster.time_out(S4);
    cluster.hand(S5, S4, vote(2, true));
    cluster.hand(S1, S4, vote(2, true));
    assert_eq!(cluster.role(S4), RoleKind::Candidate);
    cluster.hand(S3, S4, vote(2, true));
    assert_eq!(cluster.role(S4), RoleKind::Leader);
}

/// Reads that wait for servers which are removed meanwhile need not wait any longer.
#[test]
fn a_round_is_confirmed_by_the_majority_that_is_left() {
    let mut cluster = led_by_s1(4, 4);
    cluster.read(S1, 1);
    cluster.deliver_among(&[S1, S2]);
    assert_eq!(cluster.answers, [], "two of four");
    cluster.change(S1, 2, Remove(S3));
    assert!(cluster.answers.iter().any(|(request, outcome)| {
        *request == RequestId(1) && matches!(outcome, Outcome::Readable { .. })
    }));
}
