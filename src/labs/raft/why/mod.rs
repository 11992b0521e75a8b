//! Why? Answers from the typed reasons of the events, the causes of the history, and the state at
//! the instant at which the lab stands.
//!
//! - `records` answers for whatever happened, with the words of the story where it has some;
//! - `roles` says why a server is what it is, and why there is no leader;
//! - `entries` says why an entry is committed or not, and `requests` what became of a request;
//! - `obstacles` finds what stops one server from hearing another;
//! - `reasons` walks back.

mod entries;
mod obstacles;
mod reasons;
mod records;
mod requests;
mod roles;
#[cfg(test)]
mod tests;

use super::super::explaining::{self, Answer, Look, MOST_NEXT, Obstacle};
use super::super::telling::{ms, names};
use super::super::{Client, Explanation, Question};
use super::{Asked, Clients, Fate, RaftProcess};
use crate::raft::{KeyValueCommand, LogIndex, Role, Server};
use crate::scene::Target;
use crate::sim::{Budget, Happening, NodeId, RecordId, World};

/// What happened in a world of Raft servers.
type Happened = Happening<RaftProcess>;

type RaftServer = Server<KeyValueCommand>;

/// One question's look at the lab.
pub(super) struct Why<'a> {
    world: &'a World<RaftProcess>,
    clients: &'a Clients,
    budget: Budget,
}

impl<'a> Look<'a> for Why<'a> {
    type Process = RaftProcess;

    fn world(&self) -> &'a World<RaftProcess> {
        self.world
    }

    fn budget(&self) -> &Budget {
        &self.budget
    }
}

impl<'a> Why<'a> {
    pub(super) fn new(world: &'a World<RaftProcess>, clients: &'a Clients) -> Why<'a> {
        Why { world, clients, budget: Budget::default() }
    }

    /// As [`Lab::why`](super::Lab::why).
    pub(super) fn answer(&self, question: &Question) -> Option<Explanation> {
        let answer = match question {
            Question::Record(id) => self.of_record(*id)?,
            Question::Role(node) => self.of_role(*node)?,
            Question::Entry { node, index } => self.of_entry(*node, LogIndex(*index))?,
            Question::NoLeader => self.of_no_leader(),
            Question::Request(number) => self.of_request(*number)?,
            Question::Cell { .. } => return None,
        };
        let reasons = &mut |id: RecordId| self.reasons(id);
        let happened = &|id: RecordId| self.happened(id).map(|(text, _)| text);
        Some(answer.finish(question, self.history(), reasons, happened))
    }

    /// As [`Lab::questions`](super::Lab::questions).
    pub(super) fn questions(&self, target: Target) -> Vec<(String, Question)> {
        match target {
            Target::Stage => self.of_stage(),
            Target::Node(node) => self.of_node(node),
            Target::Link(a, b) => explaining::of_link(self.world, &self.budget, (a, b)),
            Target::Message(id) => explaining::of_message(self.history(), id),
            Target::Client(number, _) => self.of_client(Client(number)),
            Target::More(node, _) => self.of_node(node),
        }
    }

    fn of_stage(&self) -> Vec<(String, Question)> {
        let mut questions = Vec::new();
        match self.newest_leader() {
            None => questions.push(("Why is there no leader?".to_owned(), Question::NoLeader)),
            Some((node, _)) => {
                questions.push((format!("Why does {node} lead?"), Question::Role(node)));
            }
        }
        questions.extend(self.of_requests(|_| true));
        questions
    }

    fn of_client(&self, client: Client) -> Vec<(String, Question)> {
        self.of_requests(|asked| asked.client == client)
    }

    /// The latest requests, newest first.
    fn of_requests(&self, wanted: impl Fn(&Asked) -> bool) -> Vec<(String, Question)> {
        let asked = self.clients.asked().iter().rev().filter(|asked| wanted(asked));
        let question = |asked: &Asked| {
            let question = match asked.fate {
                Fate::Open => format!("Why has {} no answer from {}?", asked.client, asked.via),
                _ => format!("Why did {} get that answer from {}?", asked.client, asked.via),
            };
            (question, Question::Request(asked.request.0))
        };
        asked.take(MOST_NEXT).map(question).collect()
    }

    fn of_node(&self, node: NodeId) -> Vec<(String, Question)> {
        let Some(found) = self.world.node(node) else {
            return Vec::new();
        };
        let Some(server) = found.process().map(RaftProcess::server) else {
            return vec![(format!("Why is {node} down?"), Question::Role(node))];
        };
        let role = match server.role() {
            Role::Leader { .. } => "does {} lead",
            Role::Candidate { .. } => "does {} stand for election",
            Role::PreCandidate { .. } => "does {} ask whether it could win",
            Role::Follower { leader: Some(_) } => "does {} follow",
            Role::Follower { leader: None } => "does {} follow nobody",
        };
        let role = role.replace("{}", &node.to_string());
        let mut questions = vec![(format!("Why {role}?"), Question::Role(node))];
        let (commit, last) = (server.commit_index(), server.log().last_index());
        let mut entry = |text: String, index: LogIndex| {
            questions.push((text, Question::Entry { node, index: index.0 }));
        };
        if last > commit {
            let first = commit.next();
            entry(format!("Why is entry {first} of {node} not committed?"), first);
        }
        if commit > LogIndex(0) {
            entry(format!("Why is entry {commit} of {node} committed?"), commit);
        }
        if self.newest_leader().is_none() {
            questions.push(("Why is there no leader?".to_owned(), Question::NoLeader));
        }
        questions
    }

    fn server(&self, node: NodeId) -> Option<&'a RaftServer> {
        Some(self.world.node(node)?.process()?.server())
    }

    /// The running server that leads the latest term.
    fn newest_leader(&self) -> Option<(NodeId, &'a RaftServer)> {
        let servers = self.world.node_ids().filter_map(|node| Some((node, self.server(node)?)));
        let leaders = servers.filter(|(_, server)| matches!(server.role(), Role::Leader { .. }));
        leaders.max_by_key(|(_, server)| server.current_term())
    }
}
