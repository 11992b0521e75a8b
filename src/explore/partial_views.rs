//! Networks in which servers see only part of the others, for good.
//!
//! A cluster settles, comes to equal logs and falls silent. Then some links are cut and stay cut,
//! but so that some server still has whole links to a majority; nothing else is wrong. With
//! pre-vote and check-quorum:
//!
//! - **Leaders stay.** A leader that a majority hears and answers is never replaced. Who does not
//!   hear it asks for pre-votes in vain, for among any majority somebody hears the leader, and who
//!   has just heard from a leader refuses (thesis 9.6, 4.2.3).
//! - **Somebody leads.** A leader without a majority steps down (6.2), those who heard it stop
//!   protecting it, and somebody who sees a majority is elected, within [`SETTLE_US`]. Without
//!   check-quorum a server that everybody can reach may never stand, because it goes on hearing a
//!   leader that can commit nothing.
//!
//! The silence is part of the promise. An entry that a leader hands to a few servers just before it
//! loses its majority makes their logs the newest; if none of them sees a majority, nobody can be
//! elected at all (§5.4.1). No version of Raft can help that.

use std::marker::PhantomData;

use super::clients::{KEYS, write};
use super::partition::{links_where, partition, some_of};
use super::raft::{Keeps, RaftPanel};
use super::run::{Plan, Subject};
use super::swarm::PartitionMode;
use super::{Act, Action};
use crate::check::raft::RaftNode;
use crate::check::{Finding, Property, Verdicts};
use crate::labs::raft::{RaftEvent, RaftProcess, RaftSetup};
use crate::raft::{Config, Event, RequestId, ServerId, Term};
use crate::random::Random;
use crate::sim::{Delay, Fault, Happening, LinkSettings, NodeId, RecordId, World, WorldSettings};

/// Until when there must be a leader that commits, after the cut, in microseconds. Check-quorum
/// takes up to 300 ms, and so does each election; some of them fail.
pub const SETTLE_US: u64 = 4_000_000;

/// For how long after that no leader may be replaced, in microseconds.
pub const WINDOW_US: u64 = 4_000_000;

/// Clients write until then,
const WRITES_US: u64 = 1_200_000;
/// and the cut comes after that much silence.
const SILENCE_US: u64 = 800_000;
/// After the cut nobody writes for so long: nothing is given to a leader without a majority.
const HUSH_US: u64 = 1_000_000;
/// Then clients ask so often.
const SLICE_US: u64 = 200_000;
/// Requests after the cut are numbered from here.
const LAST_REQUESTS: u64 = 1 << 32;

mod purpose {
    pub(super) const CONFIG: u64 = 120;
    pub(super) const CUT: u64 = 121;
    pub(super) const CLIENTS: u64 = 122;
}

/// Clusters with pre-vote and check-quorum whose nodes run `P`, cut apart for good.
#[derive(Clone, Debug)]
pub struct PartialViews<P = RaftProcess, F = fn(Config) -> RaftSetup> {
    setup: F,
    process: PhantomData<P>,
}

impl PartialViews {
    /// Raft as it is.
    pub fn genuine() -> PartialViews {
        PartialViews { setup: |config| RaftSetup { config }, process: PhantomData }
    }
}

impl<P, F> PartialViews<P, F> {
    /// Raft as `P` has it, or with other settings.
    pub fn with_setup(setup: F) -> PartialViews<P, F> {
        PartialViews { setup, process: PhantomData }
    }
}

impl<P, F> Subject for PartialViews<P, F>
where
    P: Keeps,
    F: Fn(Config) -> P::Setup,
{
    type Process = P;
    type Judges = RaftPanel;

    fn plan(&self, seed: u64) -> Plan<P> {
        let mut random = Random::for_purpose(seed, purpose::CONFIG);
        let nodes = [3, 3, 4, 5, 5, 5, 7][random.below(7) as usize];
        let config = Config {
            noop_on_election: random.chance(700_000),
            max_entries_per_append: [1, 64][random.below(2) as usize],
            fast_back_up: random.chance(500_000),
            max_in_flight_appends: [1, 8][random.below(2) as usize],
            leader_stickiness: random.chance(500_000),
            pre_vote: true,
            check_quorum: true,
            ..Config::of(nodes)
        };
        let high_us = [1_000, 5_000, 20_000][random.below(3) as usize];
        let links = LinkSettings::with_delay(Delay::Uniform { low_us: 500, high_us });
        let sync = Delay::Uniform { low_us: 50, high_us: 3_000 };
        let mut random = Random::for_purpose(seed, purpose::CLIENTS);
        let mut actions = writes(nodes, &mut random);
        let mut random = Random::for_purpose(seed, purpose::CUT);
        let peace_us = WRITES_US + SILENCE_US + random.below(300_000);
        actions.push(Action::fault(peace_us, Fault::Cut(lasting_cut(nodes, &mut random))));
        let setup = (self.setup)(config);
        let settings = WorldSettings { nodes, seed, links, sync, setup };
        Plan { settings, actions, core: (0..nodes).map(NodeId).collect(), peace_us }
    }

    fn judges(&self, plan: &Plan<P>) -> RaftPanel {
        RaftPanel::new(plan.settings.nodes)
    }

    fn watch(&self, judges: &mut RaftPanel, world: &World<P>) {
        judges.watch(world);
    }

    fn finish(&self, judges: &mut RaftPanel, world: &mut World<P>, plan: &Plan<P>) {
        let _ = world.advance_watched(plan.peace_us, |world| judges.watch(world));
        let promised = some_see_a_majority(world) && all_is_settled(world);
        let cut_at = RecordId(world.history().len() as u32);
        let first = leader(world).filter(|(id, _)| sees_a_majority(world, NodeId(id.0)));
        let mut clients = Clients { request: LAST_REQUESTS };
        let hushed_us = plan.peace_us + HUSH_US;
        if world.advance_watched(hushed_us, |world| judges.watch(world)).is_err() {
            return;
        }
        let committed = judges.committed();
        clients.ask_until(plan.peace_us + SETTLE_US, judges, world);
        let progress = judges.committed() > committed;
        let settled_at = RecordId(world.history().len() as u32);
        let second = leader(world);
        clients.ask_until(plan.peace_us + SETTLE_US + WINDOW_US, judges, world);
        judges.close(world, &plan.core);
        if !promised {
            return;
        }
        if !progress {
            let finding = Finding::NoProgress { waited_us: SETTLE_US };
            judges.note(world, Property::Progress, finding);
        }
        // A leader that kept its majority through the cut must stay from there on.
        let stays = first.map(|leader| (leader, cut_at));
        let stays = stays.or(second.filter(|_| progress).map(|leader| (leader, settled_at)));
        if let Some(((leader, term), since)) = stays
            && let Some((at, by, by_term)) = next_leader(world, since)
        {
            let finding = Finding::Deposed { leader, term, by, by_term };
            judges.note_at(at, Property::LeadersStay, finding);
        }
    }

    fn verdicts<'a>(&self, judges: &'a RaftPanel) -> &'a Verdicts {
        judges.verdicts()
    }
}

struct Clients {
    request: u64,
}

impl Clients {
    fn ask_until<P: Keeps>(&mut self, end_us: u64, judges: &mut RaftPanel, world: &mut World<P>) {
        while world.now_us() < end_us {
            let slice_us = world.now_us() + SLICE_US;
            if world.advance_watched(slice_us, |world| judges.watch(world)).is_err() {
                return;
            }
            for node in world.node_ids() {
                self.request += 1;
                let _ = world.request(node, write(RequestId(self.request), KEYS[3], self.request));
                judges.watch(world);
            }
        }
    }
}

/// What clients ask before the cut: each write of one server, whoever leads.
fn writes(nodes: u8, random: &mut Random) -> Vec<Action<crate::labs::raft::RaftRequest>> {
    let mut actions = Vec::new();
    let mut at_us = 0;
    for number in 1.. {
        at_us += random.between(1_000, 60_000);
        if at_us >= WRITES_US {
            break;
        }
        let key = KEYS[random.below(3) as usize];
        let request = write(RequestId(number), key, number);
        let node = NodeId(random.below(nodes.into()) as u8);
        actions.push(Action { at_us, act: Act::Request { node, request } });
    }
    actions
}

/// Links of which some server keeps those with a majority. From one link, one way, to a star.
fn lasting_cut(nodes: u8, random: &mut Random) -> Vec<(NodeId, NodeId)> {
    let kind = random.below(5);
    let mut cut = match kind {
        0 | 1 => links_of(partition(PartitionMode::OneLink, nodes, random)),
        // In a longer row nobody sees a majority.
        2 if nodes <= 5 => links_of(partition(PartitionMode::Chain, nodes, random)),
        3 => {
            let hub = some_of(nodes, 1, random);
            links_where(nodes, |a, b| !hub.contains(&a) && !hub.contains(&b))
        }
        _ => {
            let ppm = [200_000, 500_000, 800_000][random.below(3) as usize];
            let hub = some_of(nodes, usize::from(nodes), random);
            // One server keeps its links with a majority, both ways; all others lose by chance.
            let kept = &hub[1..1 + usize::from(nodes) / 2];
            links_where(nodes, |a, b| {
                let is_kept =
                    (a == hub[0] && kept.contains(&b)) || (b == hub[0] && kept.contains(&a));
                random.chance(ppm) && !is_kept
            })
        }
    };
    if kind == 1 {
        cut.truncate(1);
    }
    cut
}

fn links_of(fault: Fault) -> Vec<(NodeId, NodeId)> {
    match fault {
        Fault::Cut(links) => links,
        _ => Vec::new(),
    }
}

fn some_see_a_majority<P: RaftNode>(world: &World<P>) -> bool {
    world.node_ids().any(|node| sees_a_majority(world, node))
}

/// Whether a server has links with a majority, itself included, that are whole both ways.
fn sees_a_majority<P: RaftNode>(world: &World<P>, node: NodeId) -> bool {
    let cut =
        |other: NodeId| world.network().is_cut(node, other) || world.network().is_cut(other, node);
    let seen = world.node_ids().filter(|other| *other == node || !cut(*other)).count();
    seen > world.node_ids().count() / 2
}

/// Whether all servers run and have the same log, and one of them leads all.
fn all_is_settled<P: RaftNode>(world: &World<P>) -> bool {
    let Some((_, term)) = leader(world) else {
        return false;
    };
    let process = |node| world.node(node)?.process();
    let end = world.node_ids().find_map(process).map(|process| process.log().end());
    world.node_ids().all(|node| {
        process(node).is_some_and(|process| {
            process.current_term() == term && Some(process.log().end()) == end
        })
    })
}

/// Who leads, in the latest term in which somebody does.
fn leader<P: RaftNode>(world: &World<P>) -> Option<(ServerId, Term)> {
    let running = world.node_ids().filter_map(|node| world.node(node)?.process());
    let leading = running.filter(|process| process.leads());
    leading.map(|process| (process.id(), process.current_term())).max_by_key(|(_, term)| *term)
}

/// The first leader that was elected at or after a record.
fn next_leader<P: Keeps>(world: &World<P>, since: RecordId) -> Option<(RecordId, ServerId, Term)> {
    let records = world.history().records().iter().enumerate().skip(since.0 as usize);
    records.into_iter().find_map(|(place, record)| match &record.what {
        Happening::Decided { node, event: RaftEvent::Raft(Event::BecameLeader { term, .. }) } => {
            Some((RecordId(place as u32), ServerId(node.0), *term))
        }
        _ => None,
    })
}
