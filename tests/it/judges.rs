//! Does it bite? Every planted bug is caught, by the promise that it breaks.

use rift::check::Property;
use rift::check::raft::{RaftJudges, RaftNode};
use rift::explore::{RaftSubject, Subject, run, run_through};
use rift::labs::raft::{RaftProcess, RaftRequest, RaftSetup};
use rift::raft::{Config, KeyValueCommand, RequestId};
use rift::sim::{Delay, Fault, LinkSettings, NodeId, World, WorldSettings};

use crate::tampered::{Bug, Tampered};

/// In how many runs a bug must show.
const RUNS: u64 = 200;

/// Acknowledgements of an earlier term do harm only if they come late, to a server that has lost
/// and won again meanwhile, for entries that are gone: one run in some thousand.
const RARE: &[(Bug, u64)] = &[(Bug::CountsStaleAcks, 5_484)];

fn subject(bug: Bug) -> impl Subject<Process = Tampered> {
    RaftSubject::<Tampered, _>::with_setup(move |config| (RaftSetup { config }, bug))
}

/// The run in which the bug was first seen to break `property`, counted from 1.
fn caught(bug: Bug, property: Property) -> Option<u64> {
    let subject = subject(bug);
    let breaks =
        |seed: &u64| run_through(&subject, &subject.plan(*seed)).verdicts.of(property).is_some();
    let from = RARE.iter().find(|(rare, _)| *rare == bug).map_or(0, |(_, seed)| *seed);
    (from..from + RUNS).find(breaks).map(|seed| seed + 1)
}

#[test]
fn every_planted_bug_is_caught_by_the_promises_that_it_breaks() {
    let mut missed = Vec::new();
    for (bug, properties) in Bug::CATALOGUE {
        for property in *properties {
            match caught(*bug, *property) {
                Some(runs) => println!("{bug:?} breaks {} in run {runs}", property.name()),
                None => missed.push((bug, property)),
            }
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}

/// A judge that never finds anything is worth nothing.
#[test]
fn every_promise_about_raft_is_broken_by_some_bug() {
    let broken = |property: &Property| {
        Bug::CATALOGUE.iter().any(|(_, properties)| properties.contains(property))
    };
    let never: Vec<Property> = Property::ALL.into_iter().filter(|p| !broken(p)).collect();
    assert_eq!(never, []);
}

/// Runs that look wrong at first sight, and are not. Each was once taken for a violation.
#[test]
fn what_only_looks_wrong_stays_green() {
    let subject = RaftSubject::genuine();
    let cases = [
        (36_538, "removes, in an earlier term, what a later leader commits on other servers"),
        (10_526, "a disk that hung at the end of the safety phase"),
    ];
    for (seed, what) in cases {
        let outcome = run(&subject, &subject.plan(seed));
        assert!(outcome.verdicts.all_kept(), "{what}: {:?}", outcome.verdicts);
    }
}

/// A world in which everything takes its time, shown to the judges after every event.
struct Watched {
    world: World<RaftProcess>,
    judges: RaftJudges,
}

impl Watched {
    fn new(nodes: u8, seed: u64) -> Watched {
        let links = LinkSettings::with_delay(Delay::Uniform { low_us: 1_000, high_us: 3_000 });
        let sync = Delay::Constant { us: 2_000 };
        let setup = RaftSetup { config: Config::of(nodes) };
        let world = World::new(WorldSettings { nodes, seed, links, sync, setup });
        let mut judges = RaftJudges::new(nodes);
        judges.observe(&world);
        Watched { world, judges }
    }

    fn wait(&mut self, us: u64) {
        let until_us = self.world.now_us() + us;
        let judges = &mut self.judges;
        self.world.advance_watched(until_us, |world| judges.observe(world)).expect("room");
    }

    fn fault(&mut self, fault: Fault) {
        self.world.inject(fault).expect("it makes sense");
        self.judges.observe(&self.world);
    }

    fn ask(&mut self, node: NodeId, request: RaftRequest) {
        self.world.request(node, request).expect("it runs");
        self.judges.observe(&self.world);
    }

    fn write(&mut self, node: NodeId, number: u64) {
        let command = KeyValueCommand::Put { key: "x".into(), value: number.to_string() };
        self.ask(node, RaftRequest::Propose { request: RequestId(number), command });
    }

    fn process(&self, node: NodeId) -> &RaftProcess {
        self.world.node(node).and_then(|found| found.process()).expect("it runs")
    }

    fn leaders(&self) -> Vec<NodeId> {
        self.world.node_ids().filter(|node| self.process(*node).leads()).collect()
    }

    fn others(&self, node: NodeId) -> Vec<NodeId> {
        self.world.node_ids().filter(|other| *other != node).collect()
    }

    fn all_is_well(&mut self) {
        self.judges.audit(&self.world);
        assert!(self.judges.verdicts().all_kept(), "{:?}", self.judges.verdicts());
    }
}

#[test]
fn a_deposed_leader_that_does_not_know_it_is_no_violation_and_loses_what_it_took() {
    let mut run = Watched::new(5, 3);
    run.wait(1_000_000);
    let [old] = run.leaders()[..] else { panic!("one leader") };
    run.fault(Fault::cut_between(&[old], &run.others(old)));
    run.write(old, 1);
    run.write(old, 2);
    run.wait(1_000_000);
    let leaders = run.leaders();
    assert_eq!(leaders.len(), 2, "the old one has not heard of the new one");
    let new = *leaders.iter().find(|leader| **leader != old).expect("there is one");
    (3..9).for_each(|number| run.write(new, number));
    run.wait(200_000);
    // The old leader's entries stand below the highest commit index, and go all the same.
    let committed = run.process(new).commit_index();
    assert!(committed >= run.process(old).log().last_index());
    run.fault(Fault::HealAll);
    run.wait(500_000);
    assert_eq!(run.process(old).log(), run.process(new).log());
    run.all_is_well();
}

#[test]
fn commit_indices_are_volatile_and_terms_that_nobody_heard_of_may_be_forgotten() {
    let mut run = Watched::new(3, 5);
    run.wait(1_000_000);
    let [leader] = run.leaders()[..] else { panic!("one leader") };
    run.write(leader, 1);
    run.wait(100_000);
    for node in run.world.node_ids().collect::<Vec<_>>() {
        // It stands for election, and crashes before its own vote is durable.
        run.ask(node, RaftRequest::TimeOutNow);
        run.fault(Fault::Crash(node));
    }
    for node in run.world.node_ids().collect::<Vec<_>>() {
        run.fault(Fault::Restart(node));
        assert_eq!(run.process(node).commit_index().0, 0);
    }
    run.wait(1_000_000);
    assert_eq!(run.leaders().len(), 1);
    run.all_is_well();
}

#[test]
fn a_torn_write_of_a_vote_that_nobody_heard_of_is_no_violation() {
    for part_ppm in [0, 500_000, 1_000_000] {
        let mut run = Watched::new(3, 8);
        run.wait(1_000_000);
        let [leader] = run.leaders()[..] else { panic!("one leader") };
        let voter = run.others(leader)[0];
        (1..9).for_each(|number| run.write(leader, number));
        run.wait(2_500);
        run.ask(voter, RaftRequest::TimeOutNow);
        run.fault(Fault::CrashTorn { node: voter, whole: 1, part_ppm });
        run.wait(50_000);
        run.fault(Fault::Restart(voter));
        run.wait(1_000_000);
        run.all_is_well();
    }
}
