//! Raft as a subject: clusters of 3 to 7 servers under a nemesis, with clients that write.

use std::marker::PhantomData;

use super::clients::{KEYS, clients, draw_config};
use super::liveness::{self, PATIENCE_US, UNREST_US};
use super::nemesis::{self, NemesisSettings, Rest};
use super::run::{Plan, Subject};
use crate::check::linearizability::{
    Checker, NoOrder, Operation, Progress, Register, RegisterCall,
};
use crate::check::raft::{RaftJudges, RaftNode};
use crate::check::{Finding, Property, Verdicts};
use crate::labs;
use crate::labs::raft::{RaftEvent, RaftProcess, RaftRequest, RaftSetup};
use crate::raft::{Config, KeyValueCommand, KeyValueStore, LogIndex};
use crate::random::Random;
use crate::sim::{Delay, LinkSettings, NodeId, RecordId, World, WorldSettings};

/// How long the safety phase lasts, in microseconds.
pub const SAFETY_US: u64 = 3_000_000;

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
    pub(super) fn new(nodes: u8) -> RaftPanel {
        RaftPanel { raft: RaftJudges::new(nodes), verdicts: Verdicts::default() }
    }

    pub(super) fn verdicts(&self) -> &Verdicts {
        &self.verdicts
    }

    /// The highest index that any leader has committed.
    pub(super) fn committed(&self) -> LogIndex {
        self.raft.committed()
    }

    /// What is judged only when all is over: every log, and what clients saw.
    pub(super) fn close<P: Keeps>(&mut self, world: &World<P>, core: &[NodeId]) {
        self.raft.audit(world);
        self.copy_findings();
        self.judge_clients(world, core);
    }

    pub(super) fn watch<P: RaftNode>(&mut self, world: &World<P>) {
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

    pub(super) fn note<P: RaftNode>(
        &mut self,
        world: &World<P>,
        property: Property,
        finding: Finding,
    ) {
        let at = RecordId(world.history().len().saturating_sub(1) as u32);
        self.note_at(at, property, finding);
    }

    pub(super) fn note_at(&mut self, at: RecordId, property: Property, finding: Finding) {
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
        let rest = match liveness::bears_the_broken(&config) {
            _ if healed => Rest::Healed,
            true => Rest::Broken,
            false => Rest::CutOff,
        };
        let rest_until_us = SAFETY_US + UNREST_US + PATIENCE_US;
        let safety_us = SAFETY_US;
        let nemesis =
            NemesisSettings { nodes, safety_us, calm_links, calm_sync, rest, rest_until_us };
        let schedule = nemesis::schedule(seed, &nemesis);
        let core = schedule.core.clone();
        let mut actions = schedule.actions();
        let mut random = Random::for_purpose(seed, purpose::CLIENTS);
        let clients = clients(SAFETY_US, &config, nodes, &mut random);
        actions.extend(clients);
        // Stable: of what comes at the same time, faults come first.
        actions.sort_by_key(|action| action.at_us);
        let setup = (self.setup)(config);
        let settings = WorldSettings { nodes, seed, links, sync, setup };
        Plan { settings, actions, core, peace_us: SAFETY_US }
    }

    fn judges(&self, plan: &Plan<P>) -> RaftPanel {
        RaftPanel::new(plan.settings.nodes)
    }

    fn watch(&self, judges: &mut RaftPanel, world: &World<P>) {
        judges.watch(world);
    }

    /// Peace: there must be a leader that commits something new, and the core must come to equal
    /// logs. What that takes is in [`liveness`](super::liveness).
    fn finish(&self, judges: &mut RaftPanel, world: &mut World<P>, plan: &Plan<P>) {
        liveness::live_on(judges, world, plan);
    }

    fn verdicts<'a>(&self, judges: &'a RaftPanel) -> &'a Verdicts {
        judges.verdicts()
    }
}
