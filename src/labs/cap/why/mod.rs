//! Why? Answers from the typed reasons of the events, the causes of the history, and the state at
//! the instant at which the lab stands.
//!
//! - `records` answers for whatever happened, with the words of the story where it has some;
//! - `requests` says what became of a request: who answered it and who did not, what it missed, to
//!   what it was lost;
//! - `replicas` says why a server serves or refuses, and why it holds what it holds;
//! - `reasons` walks back.

mod reasons;
mod records;
mod replicas;
mod requests;

use super::super::explaining::{self, Answer, Look, MOST_NEXT};
use super::super::{Client, Explanation, Question};
use super::chronicle::Chronicle;
use super::clients::{Asked, Clients, Fate};
use super::words::{self, act};
use super::{CapProcess, Cluster};
use crate::quorum::Server;
use crate::scene::Target;
use crate::sim::{Budget, Happening, NodeId, RecordId, World};

type Happened = Happening<CapProcess>;

/// One question's look at the lab.
pub(super) struct Why<'a> {
    cluster: &'a Cluster,
    chronicle: &'a Chronicle,
    budget: Budget,
}

impl<'a> Look<'a> for Why<'a> {
    type Process = CapProcess;

    fn world(&self) -> &'a World<CapProcess> {
        self.cluster.world()
    }

    fn budget(&self) -> &Budget {
        &self.budget
    }
}

impl<'a> Why<'a> {
    pub(super) fn new(cluster: &'a Cluster, chronicle: &'a Chronicle) -> Why<'a> {
        Why { cluster, chronicle, budget: Budget::default() }
    }

    /// As [`Explained::why`](super::Explained::why).
    pub(super) fn answer(&self, question: &Question) -> Option<Explanation> {
        let answer = match question {
            Question::Record(id) => self.of_record(*id)?,
            Question::Role(node) => self.of_role(*node)?,
            Question::Request(number) => self.of_request(*number)?,
            Question::Cell { node, key } => self.of_cell(*node, *key)?,
            Question::NoLeader => self.of_no_leader(),
            Question::Entry { .. } => return None,
        };
        let reasons = &mut |id: RecordId| self.reasons(id);
        let happened = &|id: RecordId| self.happened(id).map(|(text, _)| text);
        Some(answer.finish(question, self.history(), reasons, happened))
    }

    /// As [`Explained::questions`](super::Explained::questions).
    pub(super) fn questions(&self, target: Target) -> Vec<(String, Question)> {
        match target {
            Target::Stage => self.of_requests(|_| true),
            Target::Node(node) | Target::More(node, _) => self.of_node(node),
            Target::Link(a, b) => explaining::of_link(self.world(), &self.budget, (a, b)),
            Target::Message(id) => explaining::of_message(self.history(), id),
            Target::Client(number, _) => self.of_requests(|asked| asked.client == Client(number)),
        }
    }

    /// The latest requests, newest first; before them the latest of which something is wrong.
    fn of_requests(&self, wanted: impl Fn(&Asked) -> bool) -> Vec<(String, Question)> {
        let all = self.clients().asked();
        let lost = self.cluster.lost_writes();
        let odd = |place: usize| {
            let asked = &all[place];
            asked.stale || lost.contains(&place) || !matches!(asked.fate, Fate::Done(_))
        };
        let mine = |place: &usize| wanted(&all[*place]);
        let newest: Vec<usize> = (all.first()..all.len()).rev().filter(mine).take(64).collect();
        let (first, rest): (Vec<usize>, Vec<usize>) = newest.iter().partition(|place| odd(**place));
        let question = |place: usize| {
            let asked = &all[place];
            let (client, act) = (asked.client, act(asked));
            let text = match &asked.fate {
                _ if lost.contains(&place) => format!("Why is {client}’s {act} lost?"),
                Fate::Open => format!("Why has {client}’s {act} no answer yet?"),
                Fate::Refused(_) => format!("Why was {client}’s {act} refused?"),
                Fate::Unknown { .. } => format!("Why does nobody know of {client}’s {act}?"),
                Fate::Done(_) if asked.stale => format!("Why is {client}’s {act} stale?"),
                Fate::Done(found) if found.len() > 1 => {
                    format!("Why does {client}’s {act} find several values?")
                }
                Fate::Done(_) => format!("What became of {client}’s {act}?"),
            };
            (text, Question::Request(place as u64 + 1))
        };
        first.into_iter().chain(rest).take(MOST_NEXT).map(question).collect()
    }

    fn of_node(&self, node: NodeId) -> Vec<(String, Question)> {
        let role = match self.world().node(node) {
            None => return Vec::new(),
            Some(found) if found.process().is_none() => "is {} down",
            Some(found) if found.paused_since_us().is_some() => "does {} do nothing",
            _ if self.chronicle.ledger().is_blind(node) => "does {} refuse",
            _ => "does {} serve, or not",
        };
        let role = format!("Why {}?", role.replace("{}", &node.to_string()));
        let mut questions = vec![(role, Question::Role(node))];
        if let Some(server) = self.store(node) {
            let cells = server.cells().take(MOST_NEXT - 1);
            questions.extend(cells.filter_map(|(key, cell)| {
                let number = self.clients().number_of(key)?;
                let text = match cell.siblings().len() {
                    1 => format!("Why is {key} {} at {node}?", words::held(cell)),
                    _ => format!("Why are there siblings of {key} at {node}?"),
                };
                Some((text, Question::Cell { node, key: number }))
            }));
        } else if words::chief(self.cluster).is_none() {
            questions.push(("Why does nobody lead?".to_owned(), Question::NoLeader));
        }
        questions
    }

    fn clients(&self) -> &'a Clients {
        self.cluster.clients()
    }

    fn store(&self, node: NodeId) -> Option<&'a Server<String, String>> {
        self.world().node(node)?.process()?.quorum()
    }
}
