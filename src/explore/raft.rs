//! Raft as a subject: clusters of 3 to 7 servers under a nemesis, with clients that write.

use std::marker::PhantomData;

use super::Action;
use super::clients::{KEYS, clients, draw_config, write};
use super::nemesis::{self, NemesisSettings, Rest};
use super::run::{Plan, Subject};
use crate::check::linearizability::{
    Checker, NoOrder, Operation, Progress, Register, RegisterCall,
};
use crate::check::raft::{RaftJudges, RaftNode};
use crate::check::{Finding, Property, Verdicts};
use crate::labs;
use crate::labs::raft::{RaftEvent, RaftProcess, RaftRequest, RaftSetup};
use crate::raft::{Config, KeyValueCommand, KeyValueStore, Log, RequestId, ServerId};
use crate::random::Random;
use crate::sim::{Delay, LinkSettings, NodeId, RecordId, World, WorldSettings};

/// How long after peace there must be progress, and equal logs, in microseconds.
///
/// A clock that ran ahead stands still until the world has caught up with it: up to 2 s of a jump
/// and 70 % of the 3 s that it ran fast. Then come some elections, each at most 300 ms.
pub const PATIENCE_US: u64 = 8_000_000;

/// How long the safety phase lasts, in microseconds.
pub const SAFETY_US: u64 = 3_000_000;

/// In peace, clients ask so often, in microseconds.
const SLICE_US: u64 = 400_000;

/// Requests of the liveness phase are numbered from here.
const LAST_REQUESTS: u64 = 1 << 32;

/// Steps of the search for an order. A run that needs more is not judged by it.
const CLIENT_BUDGET: u64 = 200_000;

mod purpose {
    pub(super) const CONFIG: u64 = 110;
    pub(super) const CLIENTS: u64 = 111;
}

/// Raft clusters whose nodes run `P`: the lab's own process, or one with a planted bug.
#[derive(Clone, Debug)]
pub struct RaftSubject<P = RaftProcess, F = fn(Config) -> RaftSetup> {
    /// What a node is started with, from the cluster's configuration.
    setup: F,
    process: PhantomData<P>,
}

impl RaftSubject {
    /// Raft as it is.
    pub fn genuine() -> RaftSubject {
        RaftSubject { setup: |config| RaftSetup { config }, process: PhantomData }
    }
}

impl<P, F> RaftSubject<P, F> {
    /// Raft as `P` has it.
    pub fn with_setup(setup: F) -> RaftSubject<P, F> {
        RaftSubject { setup, process: PhantomData }
    }
}

/// A process whose clients can be judged.
pub trait Keeps:
    RaftNode<Command = KeyValueCommand, Request = RaftRequest, Event = RaftEvent>
{
    /// What the entries that it has applied come to.
    fn store(&self) -> &KeyValueStore;
}

impl Keeps for RaftProcess {
    fn store(&self) -> &KeyValueStore {
        RaftProcess::store(self)
    }
}

/// The judges of a run, and what the liveness phase adds to what they found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RaftPanel {
    raft: RaftJudges,
    verdicts: Verdicts,
}

impl RaftPanel {
    fn watch<P: RaftNode>(&mut self, world: &World<P>) {
        self.raft.observe(world);
        self.copy_findings();
    }

    fn copy_findings(&mut self) {
        for violation in self.raft.verdicts().violations() {
            let (property, at) = (violation.property, violation.at);
            self.verdicts.note(property, at, violation.finding.clone());
        }
    }

    /// What clients saw, and what a client would read now from each server of the core.
    fn judge_clients<P>(&mut self, world: &World<P>, core: &[NodeId])
    where
        P: Keeps,
    {
        let (mut history, records) = labs::raft::operations(world.history());
        let now = world.history().len() as u64;
        let running = core.iter().filter_map(|node| world.node(*node)?.process());
        // Who has not applied all that is committed would answer from the past; a server that takes
        // its reads seriously asks for the commit index first.
        let current = running.filter(|process| process.last_applied() >= self.raft.committed());
        for process in current {
            for key in KEYS {
                let answer = Some((now + 1, process.store().get(key).map(str::to_owned)));
                let read = Operation { called: now, call: RegisterCall::Read, answer };
                history.push((key.to_owned(), read));
            }
        }
        let mut checker = Checker::new(Register::default(), history);
        if let Progress::Broken(NoOrder { key, stuck, .. }) = checker.step(CLIENT_BUDGET) {
            let operations = stuck.iter().filter_map(|at| records.get(*at).copied()).collect();
            let finding = Finding::NotLinearizable { key, operations };
            self.note(world, Property::Linearizability, finding);
        }
    }

    fn note<P: RaftNode>(&mut self, world: &World<P>, property: Property, finding: Finding) {
        let at = RecordId(world.history().len().saturating_sub(1) as u32);
        self.verdicts.note(property, at, finding);
    }
}

impl<P, F> Subject for RaftSubject<P, F>
where
    P: Keeps,
    F: Fn(Config) -> P::Setup,
{
    type Process = P;
    type Judges = RaftPanel;

    fn plan(&self, seed: u64) -> Plan<P> {
        let mut random = Random::for_purpose(seed, purpose::CONFIG);
        let nodes = [3, 3, 5, 5, 5, 4, 7][random.below(7) as usize];
        let config = draw_config(seed, nodes, &mut random);
        let high_us = [2_000, 10_000, 40_000][random.below(3) as usize];
        let links = LinkSettings::with_delay(Delay::Uniform { low_us: 500, high_us });
        let calm_sync = Delay::Uniform { low_us: 50, high_us: 3_000 };
        // Many unsynced writes, and many of several entries, are there only while disks are slow.
        let slow_us = [3_000, 3_000, 20_000, 60_000][random.below(4) as usize];
        let sync = Delay::Uniform { low_us: 50, high_us: slow_us };
        let calm_links = LinkSettings::with_delay(Delay::Uniform { low_us: 500, high_us: 5_000 });
        // Members that were chosen among all may be too few in a core.
        let healed = random.chance(300_000) || config.membership_changes;
        let rest = if healed { Rest::Healed } else { Rest::CutOff };
        let nemesis = NemesisSettings { nodes, safety_us: SAFETY_US, calm_links, calm_sync, rest };
        let schedule = nemesis::schedule(seed, &nemesis);
        let faults = schedule.faults.into_iter().map(|(at_us, fault)| Action::fault(at_us, fault));
        let mut actions: Vec<Action<RaftRequest>> = faults.collect();
        let mut random = Random::for_purpose(seed, purpose::CLIENTS);
        let clients = clients(SAFETY_US, &config, nodes, &mut random);
        actions.extend(clients);
        // Stable: of what comes at the same time, faults come first.
        actions.sort_by_key(|action| action.at_us);
        let setup = (self.setup)(config);
        let settings = WorldSettings { nodes, seed, links, sync, setup };
        Plan { settings, actions, core: schedule.core, peace_us: SAFETY_US }
    }

    fn judges(&self, plan: &Plan<P>) -> RaftPanel {
        let raft = RaftJudges::new(plan.settings.nodes);
        RaftPanel { raft, verdicts: Verdicts::default() }
    }

    fn watch(&self, judges: &mut RaftPanel, world: &World<P>) {
        judges.watch(world);
    }

    /// Peace: the core must elect a leader that commits something new, and come to equal logs.
    fn finish(&self, judges: &mut RaftPanel, world: &mut World<P>, plan: &Plan<P>) {
        let committed = judges.raft.committed();
        let end_us = plan.peace_us.max(world.now_us()) + PATIENCE_US;
        let mut request = LAST_REQUESTS;
        while world.now_us() < end_us {
            let slice_us = world.now_us() + SLICE_US;
            if world.advance_watched(slice_us, |world| judges.watch(world)).is_err() {
                return;
            }
            let progress = judges.raft.committed() > committed;
            if progress && unequal(world, &plan.core).is_none() {
                break;
            }
            for &node in &plan.core {
                request += 1;
                let _ = world.request(node, write(RequestId(request), KEYS[3], request));
                judges.watch(world);
            }
        }
        judges.raft.audit(world);
        judges.copy_findings();
        judges.judge_clients(world, &plan.core);
        if may_be_restless(world) {
            return;
        }
        if judges.raft.committed() <= committed {
            let finding = Finding::NoProgress { waited_us: PATIENCE_US };
            judges.note(world, Property::Progress, finding);
        } else if let Some((first, second)) = unequal(world, &plan.core) {
            let finding = Finding::NotConverged { first, second };
            judges.note(world, Property::Convergence, finding);
        }
    }

    fn verdicts<'a>(&self, judges: &'a RaftPanel) -> &'a Verdicts {
        &judges.verdicts
    }
}

/// Those of the core that belong to the cluster, as its newest leader knows it. Who was removed
/// need not know.
fn members<P: RaftNode>(world: &World<P>, core: &[NodeId]) -> Vec<NodeId> {
    let running = core.iter().filter_map(|node| world.node(*node)?.process());
    let leader = running.filter(|process| process.leads()).max_by_key(|p| p.current_term());
    let Some(leader) = leader else {
        return core.to_vec();
    };
    let configuration = leader.configuration_at(leader.configuration_index());
    core.iter().copied().filter(|node| configuration.is_member(ServerId(node.0))).collect()
}

/// Whether servers that were removed may depose leaders again and again (thesis 4.2.3).
fn may_be_restless<P: RaftNode>(world: &World<P>) -> bool {
    let process = world.node_ids().find_map(|node| world.node(node)?.process());
    let config = process.map(|process| process.raft().config());
    config.is_some_and(|config| config.membership_changes && !config.leader_stickiness)
}

/// Two members in the core whose logs differ, or one that has not applied all of its log.
fn unequal<P: RaftNode>(world: &World<P>, core: &[NodeId]) -> Option<(ServerId, ServerId)> {
    let members = members(world, core);
    let mut running = members.iter().filter_map(|node| world.node(*node)?.process());
    let first = running.next()?;
    let behind = |process: &P| process.last_applied() != process.log().last_index();
    if behind(first) {
        return Some((first.id(), first.id()));
    }
    let differs = |other: &&P| behind(other) || !same_log(first.log(), other.log());
    running.find(differs).map(|other| (first.id(), other.id()))
}

/// Whether two logs are the same, though one may have dropped more for a snapshot.
fn same_log<C: Clone + Eq>(one: &Log<C>, other: &Log<C>) -> bool {
    let from = one.base().last_log_index.max(other.base().last_log_index).next();
    let rest = |log: &Log<C>| log.entries_from(from, usize::MAX).to_vec();
    one.end() == other.end() && rest(one) == rest(other)
}
