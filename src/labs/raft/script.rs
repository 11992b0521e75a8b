//! What scripts can say about a Raft cluster: settings, conditions, promises.

use super::super::{
    Ask, Client, Command, Form, Lab, LabSettings, Refused, Scripted, ScriptedEntry, Value,
};
use super::feats::Feats;
use super::{
    Asked, ENTRY, Fate, RaftEvent, RaftLab, RaftProcess, challenges, newest_leader, scenarios,
};
use crate::check::{Property, Verdicts};
use crate::raft::{
    Entry, Event, KeyValueCommand, Log, LogIndex, Payload, RoleKind, Server, ServerId, Term,
};
use crate::sim::{Fault, Halted, Happening, LinkSettings, NodeId, RecordId};

/// The lab's line in the registry of labs that scripts can play in.
pub const SCRIPTED: ScriptedEntry = ScriptedEntry {
    lab: ENTRY,
    names: &["leader"],
    forms: FORMS,
    promises: PROMISES,
    scenarios: scenarios::SHIPPED,
    challenges: challenges::SHIPPED,
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
    form("up N", "At least so many servers run."),
    form("splits in a row N", "In so many terms, one right after the other, votes were split."),
    form("served N without SERVER", "So many writes were done, all while that server was down."),
    form("stale reads N", "At least so many reads found what had been overwritten before."),
    form("taken back", "An entry that a majority had on its disks was replaced by another."),
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
    form("SERVER is member", "It has a vote, as the newest leader knows; else as it knows itself."),
    form("SERVER is learner", "It belongs to the cluster, and has no vote."),
    form("snapshot N on SERVER", "Its snapshot stands for at least so many entries."),
    form("CLIENT done", "The latest that the client has asked for was done."),
    form("CLIENT unknown", "The client can no longer learn what became of its latest request."),
    form("CLIENT read KEY=VALUE", "The client’s latest answer to a read of that key was this."),
    form("CLIENT served", "Something that the client asked for was done, or no leader took it up."),
    form("converged", "There is a leader; all running logs are the same, and applied to the end."),
    form(
        "converged in GROUP",
        "A server of it leads; the logs of its members are as one, applied.",
    ),
];

const fn form(pattern: &'static str, meaning: &'static str) -> Form {
    Form { pattern, meaning }
}

/// The lab, as scripts see it.
struct ScriptedRaft {
    lab: RaftLab,
    feats: Feats,
}

impl ScriptedRaft {
    fn new(settings: &LabSettings) -> ScriptedRaft {
        ScriptedRaft { lab: RaftLab::new(settings), feats: Feats::default() }
    }

    fn look(&mut self) {
        let split = self.is_split().then(|| self.newest_term());
        self.feats.look(&self.lab, split);
    }

    fn newest_term(&self) -> Term {
        self.running().map(Server::current_term).max().unwrap_or(Term(0))
    }

    fn server(&self, node: NodeId) -> Option<&Server<KeyValueCommand>> {
        self.lab.world().node(node)?.process().map(RaftProcess::server)
    }

    fn running(&self) -> impl Iterator<Item = &Server<KeyValueCommand>> {
        self.lab.world().node_ids().filter_map(|node| self.server(node))
    }

    fn leaders(&self) -> impl Iterator<Item = &Server<KeyValueCommand>> {
        self.running().filter(|server| server.role().kind() == RoleKind::Leader)
    }

    fn newest_leader(&self) -> Option<NodeId> {
        newest_leader(self.lab.world()).map(|process| NodeId(process.server().id().0))
    }

    /// Two stand in the newest term, and what votes are left make neither a leader.
    fn is_split(&self) -> bool {
        let newest = self.newest_term();
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
        let nodes = self.lab.world().node_ids();
        let disks = nodes.filter_map(|node| self.lab.world().node(node)).map(|node| node.disk());
        disks.filter(|disk| place_of(&disk.image().log, key, value).is_some()).count()
    }

    fn is_in_memory(&self, key: &str, value: &str) -> bool {
        self.running().any(|server| place_of(server.log(), key, value).is_some())
    }

    /// Whether `node` belongs to the cluster with or without a vote.
    fn belongs(&self, node: NodeId, with_vote: bool) -> bool {
        let knows = self.newest_leader().unwrap_or(node);
        self.server(knows).is_some_and(|server| {
            let (id, configuration) = (ServerId(node.0), server.configuration());
            configuration.is_member(id) && configuration.is_voter(id) == with_vote
        })
    }

    fn client(&self, client: Client, is: impl Fn(&Fate) -> bool) -> bool {
        self.lab.clients().latest(client).is_some_and(|asked| is(&asked.fate))
    }

    fn has_read(&self, client: Client, key: &str, value: &str) -> bool {
        let of_key = |asked: &&Asked| {
            asked.client == client && matches!(&asked.what, Ask::Read { key: k } if k == key)
        };
        let answers = self.lab.clients().asked().iter().filter(of_key);
        let mut answers = answers.filter_map(|asked| match &asked.fate {
            Fate::Done(found) => Some(found.as_deref()),
            _ => None,
        });
        answers.next_back() == Some(Some(value))
    }
}

impl Scripted for ScriptedRaft {
    fn lab(&self) -> &dyn Lab {
        &self.lab
    }

    fn advance_to(&mut self, at_us: u64) -> Result<(), Halted> {
        let advanced = self.lab.advance_to(at_us);
        self.look();
        advanced
    }

    fn act(&mut self, command: &Command) -> Result<(), Refused> {
        self.lab.act(command)?;
        self.look();
        Ok(())
    }

    fn verdicts(&self) -> &Verdicts {
        self.lab.cluster.verdicts()
    }

    fn judge_end(&mut self) {
        self.lab.cluster.judge_end();
    }

    fn named(&self, name: &str) -> Option<NodeId> {
        if name == "leader" { self.newest_leader() } else { None }
    }

    fn holds(&self, pattern: &str, values: &[Value]) -> bool {
        use Value::{Client as By, Number, Pair, Server as On, Servers};
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
            ("up N", [Number(count)]) => self.running().count() as u64 >= *count,
            ("splits in a row N", [Number(count)]) => self.feats.splits() >= *count,
            ("served N without SERVER", [Number(count), On(node)]) => {
                self.feats.without(*node) >= *count
            }
            ("stale reads N", [Number(count)]) => self.feats.stale_reads() >= *count,
            ("taken back", []) => self.feats.is_taken_back(),
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
                let process = self.lab.world().node(*node).and_then(|found| found.process());
                process.is_some_and(|process| process.store().get(key) == Some(value))
            }
            ("SERVER is member", [On(node)]) => self.belongs(*node, true),
            ("SERVER is learner", [On(node)]) => self.belongs(*node, false),
            ("snapshot N on SERVER", [Number(count), On(node)]) => {
                server(node).is_some_and(|s| s.log().base().last_log_index >= LogIndex(*count))
            }
            ("CLIENT done", [By(client)]) => {
                self.client(*client, |fate| matches!(fate, Fate::Done(_) | Fate::DoneBefore))
            }
            ("CLIENT unknown", [By(client)]) => self.client(*client, |fate| *fate == Fate::Unknown),
            ("CLIENT read KEY=VALUE", [By(client), Pair(key, value)]) => {
                self.has_read(*client, key, value)
            }
            ("CLIENT served", [By(client)]) => self.lab.clients().is_served(*client),
            ("converged", []) => self.has_converged(),
            ("converged in GROUP", [Servers(group)]) => {
                let cluster = &self.lab.cluster;
                cluster.leads_in(group) && cluster.unequal_in(group).is_none()
            }
            _ => false,
        }
    }

    fn first_links(&self) -> LinkSettings {
        self.lab.world().settings().links
    }

    fn oldest_message(&self, from: NodeId, to: NodeId) -> Option<RecordId> {
        let mut flights = self.lab.world().network().in_flight();
        flights.find(|flight| flight.from == from && flight.to == to).map(|flight| flight.id)
    }

    fn server_of(&self, record: RecordId) -> Option<NodeId> {
        match &self.lab.world().history().get(record)?.what {
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
