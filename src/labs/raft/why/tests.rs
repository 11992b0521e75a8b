//! What the lab's settings do not reach: leases and changes of membership.

use super::*;
use crate::labs::raft::{RaftRequest, RaftSetup};
use crate::raft::{Config, MembershipChange, ReadPolicy, RequestId, ServerId};
use crate::sim::{Delay, Fault, LinkSettings, WorldSettings};

fn led_by_s1(config: Config) -> World<RaftProcess> {
    let links = LinkSettings::with_delay(Delay::Constant { us: 5_000 });
    let nodes = config.servers.len() as u8;
    let (sync, setup) = (Delay::Constant { us: 200 }, RaftSetup { config });
    let mut world = World::new(WorldSettings { nodes, seed: 1, links, sync, setup });
    world.advance_to(120_000).expect("far from any limit");
    world.request(NodeId(0), RaftRequest::TimeOutNow).expect("it runs");
    world.advance_to(200_000).expect("far from any limit");
    world
}

fn explain(world: &World<RaftProcess>, question: Question) -> Explanation {
    Why::new(world, &Clients::default()).answer(&question).expect("there is an answer")
}

/// The latest record that is one of those.
fn latest(world: &World<RaftProcess>, words: &str) -> RecordId {
    let clients = Clients::default();
    let why = Why::new(world, &clients);
    let ids = (0..world.history().len() as u32).rev().map(RecordId);
    let says = |id: &RecordId| why.happened(*id).is_some_and(|(text, _)| text.contains(words));
    ids.into_iter().find(says).expect("it happened")
}

fn others(nodes: u8, but: &[u8]) -> (Vec<NodeId>, Vec<NodeId>) {
    let all = (0..nodes).map(NodeId);
    all.partition(|node| but.contains(&node.0))
}

/// Thesis 6.4.1: a lease trusts clocks. The clock of a leader that was cut off stands nearly still.
#[test]
fn a_stale_read_under_a_lease_names_who_leads_by_then() {
    let config = Config {
        leader_stickiness: true,
        check_quorum: true,
        reads: ReadPolicy::Lease { clock_drift_ppm: 0 },
        ..Config::of(3)
    };
    let mut world = led_by_s1(config);
    let slow = Fault::SetClock { node: NodeId(0), rate_ppm: 1_000, offset_us: 0 };
    let read = |key: &str| RaftRequest::Read { request: RequestId(7), key: key.into() };
    world.request(NodeId(0), read("x")).expect("it runs");
    world.advance_to(260_000).expect("far from any limit");
    world.inject(slow).expect("it runs");
    let (left, right) = others(3, &[0]);
    world.inject(Fault::cut_between(&left, &right)).expect("there are such links");
    world.advance_to(1_500_000).expect("far from any limit");
    let read = RaftRequest::Read { request: RequestId(8), key: "x".into() };
    world.request(NodeId(0), read).expect("it runs");
    let answer = explain(&world, Question::Record(latest(&world, "under its lease")));
    assert!(answer.text.contains("leads a later term since"), "{}", answer.text);
    assert!(answer.text.contains("may be stale"), "{}", answer.text);
    let cone = |words| answer.cone.contains(&latest(&world, words));
    assert!(cone("set S1’s clock") && cone("You cut"));
}

/// §6: in joint consensus it takes a majority of either side.
#[test]
fn an_entry_of_joint_consensus_lacks_the_old_side() {
    let config = Config { membership_changes: true, ..Config::of(5) };
    let mut world = led_by_s1(config);
    let (left, right) = others(5, &[0, 1]);
    world.inject(Fault::cut_between(&left, &right)).expect("there are such links");
    let change = MembershipChange::Replace([0, 1, 2].map(ServerId).to_vec());
    let request = RequestId(1);
    world.request(NodeId(0), RaftRequest::ChangeMembership { request, change }).expect("it runs");
    world.advance_to(230_000).expect("far from any limit");
    let server = world.node(NodeId(0)).and_then(|node| node.process()).expect("it runs").server();
    let index = server.log().last_index().0;
    let answer = explain(&world, Question::Entry { node: NodeId(0), index });
    assert_eq!(answer.section, "§6");
    let sides = "the old members, who have it on 2 of 5, and one of the new, on 2 of 3.";
    assert!(answer.text.contains(sides), "{}", answer.text);
    assert!(answer.cone.contains(&latest(&world, "You cut")));
}
