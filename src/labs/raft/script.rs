//! What scripts can say about a Raft cluster: settings, conditions, promises.

use super::super::{Command, Form, Lab, LabSettings, Refused, Scripted, ScriptedEntry, Value};
use super::settings::{SETTINGS, wanted_config};
use super::{ENTRY, RaftEvent, RaftLab, RaftProcess, operations, scenarios};
use crate::check::linearizability::{Checker, NoOrder, Progress, Register};
use crate::check::{Finding, Property, Verdicts};
use crate::raft::{
    Entry, Event, KeyValueCommand, Log, LogIndex, Payload, RoleKind, Server, ServerId, Term,
};
use crate::sim::{Fault, Halted, Happening, LinkSettings, NodeId, RecordId};

/// The lab's line in the registry of labs that scripts can play in.
pub const SCRIPTED: ScriptedEntry = ScriptedEntry {
    lab: ENTRY,
    names: &["leader"],
    settings: SETTINGS,
    forms: FORMS,
    promises: PROMISES,
    scenarios: scenarios::SHIPPED,
    check: |settings| wanted_config(settings).validate().map_err(|reason| reason.to_string()),
    open: |settings| Box::new(ScriptedRaft::new(settings)),
};

/// What can be claimed of a run: all but the promises that need peace at its end.
const PROMISES: &[Property] = Property::ALL.split_at(26).0;

const FORMS: &[Form] = &[
    form("leader", "Some running server leads."),
    form("no leader", "No running server leads."),
    form("leader in GROUP", "Some server of the group leads."),
    form("two leaders", "Two running servers lead, in terms of their own."),
    form("split vote", "Two servers stand in the newest term, and neither can win it any more."),
    form("SERVER leads", "It leads."),
    form("SERVER stands", "It is a candidate."),
    form("SERVER follows", "It is a follower."),
    form("SERVER up", "It runs."),
    form("SERVER down", "It does not run."),
    form("SERVER voted for SERVER", "It gave its vote of its present term to the other."),
    form("SERVER has no vote", "It runs, and has voted for nobody in its present term."),
    form("SERVER has N entries", "Its log is that long."),
    form("term N", "Some running server has reached that term."),
    form("logged KEY=VALUE", "The write is in some log, in memory or on a disk."),
    form("logged KEY=VALUE on SERVER", "The write is in the log of that running server."),
    form("copies N of KEY=VALUE", "At least so many disks hold the write."),
    form("committed KEY=VALUE", "Some running server knows that the write is committed."),
    form("committed KEY=VALUE on SERVER", "That server knows that the write is committed."),
    form("read KEY=VALUE on SERVER", "That server’s store has the value under the key."),
    form("converged", "There is a leader; all running logs are the same, and applied to the end."),
];

const fn form(pattern: &'static str, meaning: &'static str) -> Form {
    Form { pattern, meaning }
}

/// Steps of the search for an order of what clients saw.
const CLIENT_BUDGET: u64 = 200_000;

/// The lab, and what its judges and a look at its clients have found.
struct ScriptedRaft {
    lab: RaftLab,
    verdicts: Verdicts,
}

impl ScriptedRaft {
    fn new(settings: &LabSettings) -> ScriptedRaft {
        let lab = RaftLab::new(settings);
        ScriptedRaft { lab, verdicts: Verdicts::default() }
    }

    fn copy_findings(&mut self) {
        for violation in self.lab.judges.verdicts().violations() {
            self.verdicts.note(violation.property, violation.at, violation.finding.clone());
        }
    }

    fn server(&self, node: NodeId) -> Option<&Server<KeyValueCommand>> {
        self.lab.world.node(node)?.process().map(RaftProcess::server)
    }

    fn running(&self) -> impl Iterator<Item = &Server<KeyValueCommand>> {
        self.lab.world.node_ids().filter_map(|node| self.server(node))
    }

    fn leaders(&self) -> impl Iterator<Item = &Server<KeyValueCommand>> {
        self.running().filter(|server| server.role().kind() == RoleKind::Leader)
    }

    fn newest_leader(&self) -> Option<NodeId> {
        let newest = self.leaders().map(|server| (server.current_term(), server.id())).max();
        newest.map(|(_, id)| NodeId(id.0))
    }

    /// Two stand in the newest term, and what votes are left make neither a leader.
    fn is_split(&self) -> bool {
        let newest = self.running().map(Server::current_term).max().unwrap_or(Term(0));
        let votes: Vec<Option<ServerId>> = self
            .running()
            .map(|server| server.voted_for().filter(|_| server.current_term() == newest))
            .collect();
        let left = votes.iter().filter(|vote| vote.is_none()).count();
        let (mut standing, mut hopeless) = (0, true);
        for server in self.running() {
            let stands = server.role().kind() == RoleKind::Candidate;
            if stands && server.current_term() == newest {
                let mine = votes.iter().filter(|vote| **vote == Some(server.id())).count();
                standing += 1;
                hopeless &= mine + left < self.lab.majority();
            }
        }
        standing >= 2 && hopeless
    }

    fn has_converged(&self) -> bool {
        let mut running = self.running();
        let Some(first) = running.next() else {
            return false;
        };
        let whole = |server: &Server<KeyValueCommand>| {
            server.last_applied() == server.log().last_index() && server.log() == first.log()
        };
        whole(first) && running.all(whole) && self.leaders().next().is_some()
    }

    fn disks_with(&self, key: &str, value: &str) -> usize {
        let nodes = self.lab.world.node_ids();
        let disks = nodes.filter_map(|node| self.lab.world.node(node)).map(|node| node.disk());
        disks.filter(|disk| place_of(&disk.image().log, key, value).is_some()).count()
    }

    fn is_in_memory(&self, key: &str, value: &str) -> bool {
        self.running().any(|server| place_of(server.log(), key, value).is_some())
    }

    /// What clients saw, unless the search for an order takes too long.
    fn judge_clients(&mut self) {
        let (history, records) = operations(self.lab.world.history());
        let mut checker = Checker::new(Register::default(), history);
        if let Progress::Broken(NoOrder { key, stuck, .. }) = checker.step(CLIENT_BUDGET) {
            let operations = stuck.iter().filter_map(|at| records.get(*at).copied()).collect();
            let at = RecordId(self.lab.world.history().len().saturating_sub(1) as u32);
            let finding = Finding::NotLinearizable { key, operations };
            self.verdicts.note(Property::Linearizability, at, finding);
        }
    }
}

impl Scripted for ScriptedRaft {
    fn lab(&self) -> &dyn Lab {
        &self.lab
    }

    fn advance_to(&mut self, at_us: u64) -> Result<(), Halted> {
        let advanced = self.lab.advance_to(at_us);
        self.copy_findings();
        advanced
    }

    fn act(&mut self, command: &Command) -> Result<(), Refused> {
        self.lab.act(command)?;
        self.copy_findings();
        Ok(())
    }

    fn verdicts(&self) -> &Verdicts {
        &self.verdicts
    }

    fn judge_end(&mut self) {
        self.lab.judges.audit(&self.lab.world);
        self.copy_findings();
        self.judge_clients();
    }

    fn named(&self, name: &str) -> Option<NodeId> {
        if name == "leader" { self.newest_leader() } else { None }
    }

    fn holds(&self, pattern: &str, values: &[Value]) -> bool {
        use Value::{Number, Pair, Server as On, Servers};
        let server = |node: &NodeId| self.server(*node);
        let is = |node: &NodeId, kind| server(node).is_some_and(|s| s.role().kind() == kind);
        let knows = |s: &Server<KeyValueCommand>, key: &str, value: &str| {
            place_of(s.log(), key, value).is_some_and(|index| index <= s.commit_index())
        };
        match (pattern, values) {
            ("leader", []) => self.newest_leader().is_some(),
            ("no leader", []) => self.newest_leader().is_none(),
            ("leader in GROUP", [Servers(group)]) => {
                group.iter().any(|node| is(node, RoleKind::Leader))
            }
            ("two leaders", []) => self.leaders().count() >= 2,
            ("split vote", []) => self.is_split(),
            ("SERVER leads", [On(node)]) => is(node, RoleKind::Leader),
            ("SERVER stands", [On(node)]) => is(node, RoleKind::Candidate),
            ("SERVER follows", [On(node)]) => is(node, RoleKind::Follower),
            ("SERVER up", [On(node)]) => server(node).is_some(),
            ("SERVER down", [On(node)]) => server(node).is_none(),
            ("SERVER voted for SERVER", [On(voter), On(other)]) => {
                server(voter).is_some_and(|s| s.voted_for() == Some(ServerId(other.0)))
            }
            ("SERVER has no vote", [On(node)]) => {
                server(node).is_some_and(|s| s.voted_for().is_none())
            }
            ("SERVER has N entries", [On(node), Number(count)]) => {
                server(node).is_some_and(|s| s.log().last_index() == LogIndex(*count))
            }
            ("term N", [Number(term)]) => self.running().any(|s| s.current_term() >= Term(*term)),
            ("logged KEY=VALUE", [Pair(key, value)]) => {
                self.is_in_memory(key, value) || self.disks_with(key, value) > 0
            }
            ("logged KEY=VALUE on SERVER", [Pair(key, value), On(node)]) => {
                server(node).is_some_and(|s| place_of(s.log(), key, value).is_some())
            }
            ("copies N of KEY=VALUE", [Number(count), Pair(key, value)]) => {
                self.disks_with(key, value) as u64 >= *count
            }
            ("committed KEY=VALUE", [Pair(key, value)]) => {
                self.running().any(|s| knows(s, key, value))
            }
            ("committed KEY=VALUE on SERVER", [Pair(key, value), On(node)]) => {
                server(node).is_some_and(|s| knows(s, key, value))
            }
            ("read KEY=VALUE on SERVER", [Pair(key, value), On(node)]) => {
                let process = self.lab.world.node(*node).and_then(|found| found.process());
                process.is_some_and(|process| process.store().get(key) == Some(value))
            }
            ("converged", []) => self.has_converged(),
            _ => false,
        }
    }

    fn first_links(&self) -> LinkSettings {
        self.lab.world.settings().links
    }

    fn oldest_message(&self, from: NodeId, to: NodeId) -> Option<RecordId> {
        let mut flights = self.lab.world.network().in_flight();
        flights.find(|flight| flight.from == from && flight.to == to).map(|flight| flight.id)
    }

    fn server_of(&self, record: RecordId) -> Option<NodeId> {
        match &self.lab.world.history().get(record)?.what {
            // Who asks stands outside; who makes a server stand, too.
            Happening::Decided {
                event: RaftEvent::Raft(Event::ElectionTimedOut { forced: true, .. }),
                ..
            } => None,
            Happening::Booted { node, .. } | Happening::Decided { node, .. } => Some(*node),
            Happening::Fault(Fault::Resume(node)) => Some(*node),
            _ => None,
        }
    }
}

/// Where the newest entry stands that sets `key` to `value`.
fn place_of(log: &Log<KeyValueCommand>, key: &str, value: &str) -> Option<LogIndex> {
    let sets = |entry: &Entry<KeyValueCommand>| match &entry.payload {
        Payload::Command(command) | Payload::ClientRequest { command, .. } => {
            matches!(command, KeyValueCommand::Put { key: k, value: v } if k == key && v == value)
        }
        Payload::Noop | Payload::Configuration(_) | Payload::RegisterClient { .. } => false,
    };
    log.iter().rev().find(|(_, entry)| sets(entry)).map(|(index, _)| index)
}
