//! A cluster with its clients and judges, and nothing that is drawn: what the figure, scripts and
//! the search have in common.

use super::super::{Command, LabSettings, MembershipChange, Refused};
use super::{Clients, LINKS, RaftProcess, RaftRequest, RaftSetup, SYNC};
use super::{operations, settings};
use crate::check::linearizability::{
    Checker, NoOrder, Operation, Progress, Register, RegisterCall,
};
use crate::check::raft::{RaftJudges, RaftNode};
use crate::check::{Finding, Property, Verdicts};
use crate::raft::{self, LogIndex, RequestId, ServerId, Term};
use crate::sim::{Halted, NodeId, RecordId, World, WorldSettings};
use crate::sorted::SortedSet;

/// Changes of membership are numbered from here, clients' requests from 1.
const FIRST_CHANGE: u64 = 1 << 32;

/// Steps of the search for an order of what clients saw. A run that needs more is not judged by it.
const CLIENT_BUDGET: u64 = 200_000;

/// A world of Raft servers, what its clients have asked for, and what its judges have found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    world: World<RaftProcess>,
    /// They look at the world after every single event.
    judges: RaftJudges,
    /// A fold over the first `read` records.
    clients: Clients,
    read: usize,
    /// How many changes of membership were asked for.
    changes: u64,
    /// Whether the search for an order of what clients saw ran out of steps.
    unjudged: bool,
}

impl Cluster {
    /// A cluster at time 0.
    pub fn new(settings: &LabSettings) -> Cluster {
        let world = World::new(WorldSettings {
            nodes: settings.servers,
            seed: settings.seed,
            links: settings.tuning.links.unwrap_or(LINKS),
            sync: settings.tuning.sync.unwrap_or(SYNC),
            setup: RaftSetup { config: settings::config_of(settings) },
        });
        let judges = RaftJudges::new(settings.servers);
        let mut cluster = Cluster {
            world,
            judges,
            clients: Clients::default(),
            read: 0,
            changes: 0,
            unjudged: false,
        };
        cluster.read_on();
        cluster
    }

    /// The servers and what is between them.
    pub fn world(&self) -> &World<RaftProcess> {
        &self.world
    }

    /// What clients have asked for, and what became of it.
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    /// What the judges have found so far.
    pub fn verdicts(&self) -> &Verdicts {
        self.judges.verdicts()
    }

    /// The term of the entry that is committed at an index, whoever still has it.
    pub fn committed_term(&self, index: LogIndex) -> Option<Term> {
        self.judges.committed_term(index)
    }

    /// The highest index that any leader has committed.
    pub fn committed(&self) -> LogIndex {
        self.judges.committed()
    }

    /// Makes everything happen that is due at or before `at_us`.
    ///
    /// # Errors
    ///
    /// [`Halted`] if the world has reached a limit.
    pub fn advance_to(&mut self, at_us: u64) -> Result<(), Halted> {
        self.advance_within(at_us, usize::MAX, |_| {}).map(|_| ())
    }

    /// The same, but stops early once the history has `records` records or more, and shows the
    /// world to `watch` after every single event. Whether it came to `at_us`.
    ///
    /// # Errors
    ///
    /// [`Halted`] if the world has reached a limit.
    pub fn advance_within(
        &mut self,
        at_us: u64,
        records: usize,
        mut watch: impl FnMut(&World<RaftProcess>),
    ) -> Result<bool, Halted> {
        let judges = &mut self.judges;
        let advanced = self.world.advance_within(at_us, records, |world| {
            judges.observe(world);
            watch(world);
        });
        self.read_on();
        advanced
    }

    /// Forgets the oldest part of the history, up to this record or a little before it.
    pub fn let_go_before(&mut self, record: RecordId) {
        self.world.let_go_before(record);
    }

    /// Carries out a command, now.
    ///
    /// # Errors
    ///
    /// [`Refused`] if it makes no sense at present; nothing has changed then.
    pub fn act(&mut self, command: &Command) -> Result<(), Refused> {
        match command {
            Command::Faults(faults) => {
                self.world.inject_all(faults)?;
            }
            Command::TimeOut(node) => {
                self.world.request(*node, RaftRequest::TimeOutNow)?;
            }
            Command::Ask { client, via, what } => {
                let request = self.clients.request(*client, what)?;
                self.world.request(*via, request.clone())?;
                self.clients.note(*client, *via, what, self.world.now_us(), &request);
            }
            Command::ChangeMembership { via, change } => {
                let request = RequestId(FIRST_CHANGE + self.changes);
                let change = membership_change(change);
                self.world.request(*via, RaftRequest::ChangeMembership { request, change })?;
                self.changes += 1;
            }
            Command::TransferLeadership { via, to } => {
                let to = ServerId(to.0);
                self.world.request(*via, RaftRequest::TransferLeadership { to })?;
            }
            // Its settings are what it is made with.
            Command::Set(_) => return Err(Refused::NotInThisLab),
        }
        self.read_on();
        Ok(())
    }

    /// What only the end of a run can tell is judged now: what was changed and not told, and
    /// whether there is an order in which a single copy would have answered clients as they were.
    pub fn judge_end(&mut self) {
        self.judges.audit(&self.world);
        let (mut history, records) = operations(self.world.history());
        let keys: SortedSet<String> = history.iter().map(|(key, _)| key.clone()).collect();
        let now = self.world.history().len() as u64;
        // What a client would read now. Who has not applied all that is committed would answer from
        // the past; a server that takes its reads seriously asks for the commit index first.
        let running = self.world.node_ids().filter_map(|node| self.world.node(node)?.process());
        for process in running.filter(|process| process.last_applied() >= self.judges.committed()) {
            for key in keys.iter() {
                let answer = Some((now + 1, process.store().get(key).map(str::to_owned)));
                let read = Operation { called: now, call: RegisterCall::Read, answer };
                history.push((key.clone(), read));
            }
        }
        let mut checker = Checker::new(Register::default(), history);
        match checker.step(CLIENT_BUDGET) {
            Progress::Broken(NoOrder { key, stuck, .. }) => {
                let operations = stuck.iter().filter_map(|at| records.get(*at).copied()).collect();
                self.note(Property::Linearizability, Finding::NotLinearizable { key, operations });
            }
            Progress::Searching | Progress::GaveUp => self.unjudged = true,
            Progress::Linearizable => {}
        }
    }

    /// Whether [`judge_end`](Cluster::judge_end) could not tell if clients saw a single copy.
    pub fn is_unjudged(&self) -> bool {
        self.unjudged
    }

    /// Notes what was found at this instant.
    pub(crate) fn note(&mut self, property: Property, finding: Finding) {
        let at = RecordId(self.world.history().len().saturating_sub(1) as u32);
        self.note_at(at, property, finding);
    }

    /// Notes what was found at the record `at`.
    pub(crate) fn note_at(&mut self, at: RecordId, property: Property, finding: Finding) {
        self.judges.note(property, at, finding);
    }

    /// Lets the judges look, and clients hear.
    fn read_on(&mut self) {
        self.judges.observe(&self.world);
        let records = self.world.history().records();
        for record in records.from(self.read) {
            self.clients.read(record);
        }
        self.read = records.len();
    }
}

/// Node *k* runs `ServerId(k)`.
fn membership_change(change: &MembershipChange) -> raft::MembershipChange {
    let id = |node: &NodeId| ServerId(node.0);
    match change {
        MembershipChange::AddLearner(node) => raft::MembershipChange::AddLearner(id(node)),
        MembershipChange::Promote(node) => raft::MembershipChange::Promote(id(node)),
        MembershipChange::Remove(node) => raft::MembershipChange::Remove(id(node)),
        MembershipChange::Replace(nodes) => {
            raft::MembershipChange::Replace(nodes.iter().map(id).collect())
        }
    }
}
