//! What scripts can say about the CAP lab: settings, conditions, promises.

use std::cell::RefCell;

use super::super::{
    Ask, Client, Command, Form, Lab, LabSettings, Refused, Scripted, ScriptedEntry, Value,
};
use super::clients::{Asked, Fate};
use super::judged::CapJudges;
use super::seen::{self, Judgement};
use super::{
    CapEvent, CapLab, CapProcess, Cluster, ENTRY, RaftEvent, System, challenges, scenarios,
};
use crate::check::consistency::{MODELS, Verdict};
use crate::check::{Property, Verdicts};
use crate::quorum::{Cell, Server, ServerId};
use crate::raft;
use crate::sim::{Fault, Halted, Happening, LinkSettings, NodeId, RecordId};

/// The lab's line in the registry of labs that scripts can play in.
pub const SCRIPTED: ScriptedEntry = ScriptedEntry {
    lab: ENTRY,
    names: &["coordinator", "leader", "primary"],
    forms: FORMS,
    promises: PROMISES,
    scenarios: scenarios::SHIPPED,
    challenges: challenges::SHIPPED,
    open: |settings| Box::new(ScriptedCap::new(settings)),
};

/// What can be claimed of a run. What is owed in peace alone, only a search knows.
pub(super) const PROMISES: &[Property] = &[
    Property::Linearizability,
    Property::AcknowledgedStays,
    Property::ReadsAreRegular,
    Property::OwnWritesAreRead,
    Property::ReadsGoForward,
    Property::WritesKeepOrder,
    Property::EffectsFollowCauses,
    Property::ReplicasConverge,
];

/// So many steps a look at a weaker model may take. What takes more does not count as broken.
const BUDGET: u64 = 100_000;

const FORMS: &[Form] = &[
    form("SERVER up", "It runs."),
    form("SERVER down", "It does not run."),
    form("SERVER leads", "It is the primary, or a leader of Raft."),
    form("SERVER suspects SERVER", "It takes the other for down."),
    form("SERVER holds KEY=VALUE", "It runs and has the value under the key, perhaps with others."),
    form("SERVER holds nothing of KEY", "It runs, and has never heard of the key or forgotten it."),
    form("SERVER holds tombstone of KEY", "It runs, and knows that the key was deleted."),
    form("SERVER holds N siblings of KEY", "It runs, and has so many values under the key."),
    form("SERVER keeps hint for SERVER", "It keeps something that is meant for the other."),
    form("copies N of KEY=VALUE", "At least so many disks have the value under the key."),
    form("replicas equal", "All running replicas hold the same; nobody keeps anything for others."),
    form("CLIENT waits", "The client’s latest request has no answer yet."),
    form("CLIENT done", "The client’s latest request was done."),
    form("CLIENT refused", "The client’s latest request was refused: nothing has happened."),
    form("CLIENT unknown", "Nobody knows what became of the client’s latest request."),
    form("CLIENT read KEY=VALUE", "The client’s latest answer to a read of the key has the value."),
    form("CLIENT read nothing of KEY", "The client’s latest answer to a read of it was: nothing."),
    form("CLIENT read N siblings of KEY", "That answer had so many values."),
    form("done KEY=VALUE", "A write of the value was acknowledged."),
    form("refused KEY=VALUE", "Every write of the value was refused."),
    form("unknown KEY=VALUE", "Nobody knows what became of a write of the value."),
    form("lost KEY=VALUE", "A write of the value was acknowledged and is lost."),
    form("lost writes N", "So many writes were acknowledged and are lost."),
    form("stale reads N", "So many reads found less than was acknowledged before they began."),
    form("GROUP serves", "The latest request to a server of the group that is over was done."),
    form("every live server answers", "No running server has refused, or left open, any request."),
    form("linearizable kept", "A single copy could have answered clients as they were."),
    form("sequential kept", "One order that keeps each session’s explains what clients saw."),
    form("causal kept", "For each client there is an order, with causes before effects."),
    form("convergent kept", "Likewise, and the order of writes is the same for all."),
    form("read-your-writes kept", "Nobody has missed what he had written himself."),
    form("monotonic-reads kept", "Nobody’s reads went back."),
    form("monotonic-writes kept", "Nobody saw a client’s writes out of order."),
    form("writes-follow-reads kept", "Nobody saw an effect without its cause."),
    form("eventual kept", "Once everything had arrived, everybody read the same."),
];

const fn form(pattern: &'static str, meaning: &'static str) -> Form {
    Form { pattern, meaning }
}

/// The lab, as scripts see it.
struct ScriptedCap {
    lab: CapLab,
    judges: CapJudges,
    /// The latest look at linearizability, and after how many answers and requests it was.
    looked: RefCell<Option<((usize, usize), bool)>>,
}

impl ScriptedCap {
    fn new(settings: &LabSettings) -> ScriptedCap {
        let lab = CapLab::new(settings);
        let judges = CapJudges::new(lab.cluster(), &[]);
        ScriptedCap { lab, judges, looked: RefCell::new(None) }
    }

    fn cluster(&self) -> &Cluster {
        self.lab.cluster()
    }

    fn process(&self, node: NodeId) -> Option<&CapProcess> {
        self.cluster().world().node(node)?.process()
    }

    fn store(&self, node: NodeId) -> Option<&Server<String, String>> {
        self.process(node)?.quorum()
    }

    fn leads(&self, node: NodeId) -> bool {
        self.process(node).is_some_and(|process| match process {
            CapProcess::Raft(process) => process.server().role().kind() == raft::RoleKind::Leader,
            CapProcess::PrimaryBackup(server) => server.is_primary(),
            CapProcess::Quorum(_) => false,
        })
    }

    /// What a server has under a key. `None` if it does not run.
    fn values(&self, node: NodeId, key: &String) -> Option<Vec<&str>> {
        Some(match self.process(node)? {
            CapProcess::Quorum(process) => {
                let cell = process.server().cell(key);
                cell.into_iter().flat_map(Cell::values).map(String::as_str).collect()
            }
            CapProcess::Raft(process) => process.store().get(key).into_iter().collect(),
            CapProcess::PrimaryBackup(server) => {
                server.get(key).map(String::as_str).into_iter().collect()
            }
        })
    }

    fn has_on_disk(&self, node: NodeId, key: &String, value: &str) -> bool {
        let Some(image) = self.cluster().world().node(node).map(|node| node.disk().image()) else {
            return false;
        };
        let cell = image.quorum.cells.get(key);
        let in_cell = cell.is_some_and(|cell| cell.values().any(|held| held == value));
        let mut entries = image.backup.log.iter();
        in_cell || entries.any(|it| it.key == *key && it.value.as_deref() == Some(value))
    }

    fn latest(&self, client: Client, is: impl Fn(&Fate) -> bool) -> bool {
        self.cluster().clients().latest(client).is_some_and(|asked| is(&asked.fate))
    }

    /// What the client's latest answered read of a key has found.
    fn found(&self, client: Client, key: &str) -> Option<&[String]> {
        let of_key = |asked: &&Asked| {
            asked.client == client && matches!(&asked.what, Ask::Read { key: k } if k == key)
        };
        let mut reads = self.cluster().clients().asked().iter().rev().filter(of_key);
        reads.find_map(|asked| match &asked.fate {
            Fate::Done(found) => Some(&found[..]),
            _ => None,
        })
    }

    /// The writes of a value, with their places.
    fn writes(&self, key: &str, value: &str) -> impl Iterator<Item = (usize, &Asked)> {
        let all = self.cluster().clients().asked().iter().enumerate();
        all.filter(move |(_, it)| it.key == key && it.written() == Some(Some(value)))
    }

    fn is_linearizable(&self) -> bool {
        let clients = self.cluster().clients();
        let done = clients.asked().iter().filter(|asked| asked.known_us.is_some()).count();
        let stands = (clients.asked().len(), done);
        if let Some((looked, found)) = *self.looked.borrow()
            && looked == stands
        {
            return found;
        }
        let judgement = seen::linearizable(clients, 0);
        let found = !matches!(judgement, Judgement::Broken(_));
        *self.looked.borrow_mut() = Some((stands, found));
        found
    }

    /// Whether nothing shows that clients saw what the model does not allow.
    fn keeps(&self, model: &str) -> bool {
        let place = KEPT.iter().position(|name| *name == model);
        place.is_some_and(|place| match place {
            0 => self.is_linearizable(),
            _ => {
                let verdict = self.cluster().watch().judge_model(MODELS[place], BUDGET);
                !matches!(verdict, Verdict::Broken(_))
            }
        })
    }

    fn serves(&self, group: &[NodeId]) -> bool {
        let all = self.cluster().clients().asked();
        let is_over = |asked: &&Asked| group.contains(&asked.via) && asked.fate != Fate::Open;
        all.iter().rev().find(is_over).is_some_and(Asked::is_done)
    }
}

/// The models by the patterns of [`FORMS`], in the order of [`MODELS`].
const KEPT: [&str; MODELS.len()] = [
    "linearizable kept",
    "sequential kept",
    "causal kept",
    "convergent kept",
    "read-your-writes kept",
    "monotonic-reads kept",
    "monotonic-writes kept",
    "writes-follow-reads kept",
    "eventual kept",
];

impl Scripted for ScriptedCap {
    fn lab(&self) -> &dyn Lab {
        &self.lab
    }

    fn advance_to(&mut self, at_us: u64) -> Result<(), Halted> {
        self.lab.advance_to(at_us)?;
        self.judges.observe(self.lab.cluster(), None);
        Ok(())
    }

    fn act(&mut self, command: &Command) -> Result<(), Refused> {
        self.lab.act(command)?;
        self.judges.observe(self.lab.cluster(), Some(command));
        Ok(())
    }

    fn verdicts(&self) -> &Verdicts {
        self.judges.verdicts()
    }

    fn judge_end(&mut self) {
        self.judges.judge_end(self.lab.cluster());
    }

    /// The coordinator is who has, or had, what was asked for last.
    fn named(&self, name: &str) -> Option<NodeId> {
        let system = match name {
            "coordinator" => return self.cluster().clients().asked().last().map(|it| it.with),
            "leader" => System::Raft,
            "primary" => System::PrimaryBackup,
            _ => return None,
        };
        let rank = |node: &NodeId| match self.process(*node) {
            Some(CapProcess::Raft(process)) => process.server().current_term().0,
            Some(CapProcess::PrimaryBackup(server)) => server.epoch().number,
            _ => 0,
        };
        let leaders = self.cluster().world().node_ids().filter(|node| self.leads(*node));
        leaders.filter(|_| self.cluster().system() == system).max_by_key(rank)
    }

    fn holds(&self, pattern: &str, values: &[Value]) -> bool {
        use Value::{Client as By, Key, Number, Pair, Server as On, Servers};
        let cluster = self.cluster();
        let own = |node: NodeId| ServerId(node.0);
        match (pattern, values) {
            ("SERVER up", [On(node)]) => self.process(*node).is_some(),
            ("SERVER down", [On(node)]) => self.process(*node).is_none(),
            ("SERVER leads", [On(node)]) => self.leads(*node),
            ("SERVER suspects SERVER", [On(node), On(other)]) => {
                self.store(*node).is_some_and(|server| !server.is_alive(own(*other)))
            }
            ("SERVER holds KEY=VALUE", [On(node), Pair(key, value)]) => {
                self.values(*node, key).is_some_and(|held| held.contains(&value.as_str()))
            }
            ("SERVER holds nothing of KEY", [On(node), Key(key)]) => {
                let knows = self.store(*node).is_some_and(|server| server.cell(key).is_some());
                self.values(*node, key).is_some_and(|held| held.is_empty()) && !knows
            }
            ("SERVER holds tombstone of KEY", [On(node), Key(key)]) => {
                let cell = self.store(*node).and_then(|server| server.cell(key));
                cell.is_some_and(Cell::is_tombstone)
            }
            ("SERVER holds N siblings of KEY", [On(node), Number(count), Key(key)]) => {
                self.values(*node, key).is_some_and(|held| held.len() as u64 == *count)
            }
            ("SERVER keeps hint for SERVER", [On(node), On(other)]) => {
                let mut hints = self.store(*node).into_iter().flat_map(Server::hints);
                hints.any(|(replica, ..)| replica == own(*other))
            }
            ("copies N of KEY=VALUE", [Number(count), Pair(key, value)]) => {
                let nodes = cluster.world().node_ids();
                let disks = nodes.filter(|node| self.has_on_disk(*node, key, value));
                disks.count() as u64 >= *count
            }
            ("replicas equal", []) => cluster.unequal().is_none(),
            ("CLIENT waits", [By(client)]) => self.latest(*client, |fate| *fate == Fate::Open),
            ("CLIENT done", [By(client)]) => {
                self.latest(*client, |fate| matches!(fate, Fate::Done(_)))
            }
            ("CLIENT refused", [By(client)]) => {
                self.latest(*client, |fate| matches!(fate, Fate::Refused(_)))
            }
            ("CLIENT unknown", [By(client)]) => {
                self.latest(*client, |fate| matches!(fate, Fate::Unknown { .. }))
            }
            ("CLIENT read KEY=VALUE", [By(client), Pair(key, value)]) => {
                self.found(*client, key).is_some_and(|found| found.contains(value))
            }
            ("CLIENT read nothing of KEY", [By(client), Key(key)]) => {
                self.found(*client, key).is_some_and(<[String]>::is_empty)
            }
            ("CLIENT read N siblings of KEY", [By(client), Number(count), Key(key)]) => {
                self.found(*client, key).is_some_and(|found| found.len() as u64 == *count)
            }
            ("done KEY=VALUE", [Pair(key, value)]) => {
                self.writes(key, value).any(|(_, asked)| asked.is_done())
            }
            ("refused KEY=VALUE", [Pair(key, value)]) => {
                let mut writes = self.writes(key, value).peekable();
                writes.peek().is_some() && writes.all(|(_, asked)| !asked.may_have_happened())
            }
            ("unknown KEY=VALUE", [Pair(key, value)]) => {
                self.writes(key, value).any(|(_, it)| matches!(it.fate, Fate::Unknown { .. }))
            }
            ("lost KEY=VALUE", [Pair(key, value)]) => {
                let lost = cluster.lost_writes();
                self.writes(key, value).any(|(place, _)| lost.contains(&place))
            }
            ("lost writes N", [Number(count)]) => cluster.lost_writes().len() as u64 == *count,
            ("stale reads N", [Number(count)]) => {
                let reads = cluster.clients().asked().iter().filter(|asked| asked.stale);
                reads.count() as u64 == *count
            }
            ("GROUP serves", [Servers(group)]) => self.serves(group),
            ("every live server answers", []) => cluster.counters().every_live_server_answers,
            (model, []) => self.keeps(model),
            _ => false,
        }
    }

    fn first_links(&self) -> LinkSettings {
        self.cluster().world().settings().links
    }

    fn oldest_message(&self, from: NodeId, to: NodeId) -> Option<RecordId> {
        let mut flights = self.cluster().world().network().in_flight();
        flights.find(|flight| flight.from == from && flight.to == to).map(|flight| flight.id)
    }

    fn server_of(&self, record: RecordId) -> Option<NodeId> {
        match &self.cluster().world().history().get(record)?.what {
            // Who asks stands outside; who makes a server stand, too.
            Happening::Decided {
                event:
                    CapEvent::Raft(RaftEvent::Raft(raft::Event::ElectionTimedOut {
                        forced: true, ..
                    })),
                ..
            } => None,
            Happening::Booted { node, .. } | Happening::Decided { node, .. } => Some(*node),
            Happening::Fault(Fault::Resume(node)) => Some(*node),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_can_be_asked_for() {
        let named = |name: &&str| FORMS.iter().any(|form| form.pattern == *name);
        assert!(KEPT.iter().all(named));
    }
}
