//! Bugs that chance comes to in one run of thousands. Here each is brought out on purpose; without
//! the bug, the same run is green.

use rift::check::Property;
use rift::labs::raft::RaftRequest;
use rift::raft::{Bug, Config, KeyValueCommand, Planted, ReadPolicy, RequestId};
use rift::sim::{Fault, NodeId, RecordId};

use crate::judges::Watched;

/// What this is about: a deposed leader that does not know it answers a read.
fn is_caught(scenario: fn(Planted) -> Watched, bug: Bug) {
    let run = scenario(bug.into());
    let verdicts = run.judges.verdicts();
    assert!(verdicts.of(Property::ReadsAreFresh).is_some(), "{bug:?}: {verdicts:?}");
    scenario(Planted::default()).all_is_well();
}

#[test]
fn an_answer_to_an_earlier_round_confirms_nothing() {
    is_caught(
        |planted| deposed_by_answers(Config { planted, ..Config::of(3) }, false),
        Bug::StaleRoundCounts,
    );
}

#[test]
fn a_round_that_was_under_way_confirms_nothing() {
    is_caught(
        |planted| deposed_by_answers(Config { planted, ..Config::of(3) }, true),
        Bug::ReadJoinsRunningRound,
    );
}

#[test]
fn a_lease_runs_from_the_question_on() {
    is_caught(late_lease, Bug::LeaseSinceAnswer);
}

#[test]
fn nobody_votes_while_a_leader_may_hold_a_lease() {
    is_caught(vote_against_a_lease, Bug::VoteAgainstLiveLeader);
}

#[test]
fn nobody_votes_who_may_have_confirmed_a_lease_before_a_restart() {
    is_caught(vote_after_restart, Bug::LeaseForgotten);
}

fn leases(planted: Planted) -> Config {
    let reads = ReadPolicy::Lease { clock_drift_ppm: 0 };
    Config { leader_stickiness: true, reads, planted, ..Config::of(3) }
}

/// Three servers: a leader, and two others.
fn started(config: Config) -> (Watched, [NodeId; 3]) {
    let mut run = Watched::with(3, 3, config);
    run.wait(1_000_000);
    let [leader] = run.leaders()[..] else { panic!("one leader") };
    let [friend, rival] = run.others(leader)[..] else { panic!("three servers") };
    run.write(leader, 1);
    run.wait(100_000);
    (run, [leader, friend, rival])
}

fn read(run: &mut Watched, node: NodeId, request: u64) {
    let request = RequestId(1_000 + request);
    run.ask(node, RaftRequest::Read { request, key: "x".into() });
}

/// For `for_us`, what `from` says to `to` is held back by `by_us`.
fn hold(run: &mut Watched, (from, to): (NodeId, NodeId), for_us: u64, by_us: u64) {
    let mut held: Vec<RecordId> = Vec::new();
    for _ in 0..for_us / 300 {
        run.wait(300);
        let flights = run.world.network().in_flight();
        let on_link = flights.filter(|flight| (flight.from, flight.to) == (from, to));
        let new: Vec<RecordId> =
            on_link.map(|flight| flight.id).filter(|id| !held.contains(id)).collect();
        new.iter().for_each(|id| run.fault(Fault::DelayMessage(*id, by_us)));
        held.extend(new);
    }
}

/// The rival is elected by the friend, and commits; the old leader hears nothing of it.
fn depose(run: &mut Watched, [leader, _, rival]: [NodeId; 3]) {
    run.ask(rival, RaftRequest::TimeOutNow);
    run.wait(25_000);
    assert!(run.process(rival).server().leader().is_some_and(|id| id.0 == rival.0));
    let command = KeyValueCommand::Put { key: "x".into(), value: "new".into() };
    run.ask(rival, RaftRequest::Propose { request: RequestId(500), command });
    run.wait(25_000);
    assert!(run.leaders().contains(&leader), "it believes that it leads");
    assert!(run.judges.committed() > run.process(leader).server().commit_index());
}

/// A read at a deposed leader, to which the friend's answers of before are on their way.
fn deposed_by_answers(config: Config, reads_before: bool) -> Watched {
    let (mut run, servers) = started(config);
    let [leader, friend, rival] = servers;
    run.fault(Fault::Cut(vec![(rival, leader)]));
    if reads_before {
        read(&mut run, leader, 1);
    }
    hold(&mut run, (friend, leader), 60_000, 200_000);
    run.fault(Fault::Cut(vec![(leader, friend), (leader, rival)]));
    depose(&mut run, servers);
    read(&mut run, leader, 2);
    run.wait(250_000);
    run
}

/// A heartbeat's answer takes so long that the lease it gives is over when it comes.
fn late_lease(planted: Planted) -> Watched {
    let (mut run, servers) = started(leases(planted));
    let [leader, friend, rival] = servers;
    run.fault(Fault::Cut(vec![(rival, leader)]));
    hold(&mut run, (friend, leader), 60_000, 140_000);
    run.fault(Fault::Cut(vec![(leader, friend), (leader, rival)]));
    run.wait(154_000);
    depose(&mut run, servers);
    read(&mut run, leader, 1);
    run
}

/// The rival does not hear the leader any more, the friend does.
fn vote_against_a_lease(planted: Planted) -> Watched {
    let (mut run, [leader, friend, rival]) = started(leases(planted));
    run.fault(Fault::cut_between(&[leader], &[rival]));
    for _ in 0..800 {
        run.wait(500);
        if run.process(rival).server().current_term() > run.process(leader).server().current_term()
        {
            break;
        }
    }
    run.fault(Fault::cut_between(&[leader], &[friend]));
    run.wait(40_000);
    read(&mut run, leader, 1);
    run
}

/// The friend restarts right after it has confirmed the leader's lease.
fn vote_after_restart(planted: Planted) -> Watched {
    let (mut run, [leader, friend, rival]) = started(leases(planted));
    run.fault(Fault::cut_between(&[leader], &[rival]));
    run.wait(160_000);
    run.fault(Fault::cut_between(&[leader], &[friend]));
    run.fault(Fault::Crash(friend));
    run.fault(Fault::Restart(friend));
    run.ask(rival, RaftRequest::TimeOutNow);
    run.wait(40_000);
    read(&mut run, leader, 1);
    run
}
