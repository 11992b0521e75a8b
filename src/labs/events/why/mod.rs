//! Why a request went as it did, a read model lags or is wrong, an event is there or is not.
//!
//! - `records` answers for whatever happened, with the words of the story where it has some;
//! - `requests` says what became of a request: who was quicker, what was lost on the way, whether
//!   it is in the log after all;
//! - `parts` says how far a part is, what is in its way, and where an event of the log came from;
//! - `reasons` walks back.

mod parts;
mod reasons;
mod records;
mod requests;

use super::super::explaining::{self, Answer, Look, MOST_NEXT};
use super::super::{Client, Explanation, Question};
use super::chronicle::Chronicle;
use super::ledger::Ledger;
use super::requests::{Asked, Requests};
use super::system::{EventsEvent, EventsProcess, Log, Outcome, Role, role};
use super::words::act;
use super::{Cluster, words};
use crate::scene::Target;
use crate::sim::{Budget, Happening, NodeId, RecordId, World};

/// Of the log, so many of the latest events are offered to ask about.
const MOST_EVENTS: u64 = 3;

/// The answer to a question.
pub(super) fn answer(
    cluster: &Cluster,
    chronicle: &Chronicle,
    question: &Question,
) -> Option<Explanation> {
    let why = Why { cluster, chronicle, budget: Budget::default() };
    let answer = match question {
        Question::Record(id) => why.of_record(*id)?,
        Question::Role(node) => why.of_part(*node)?,
        Question::Request(number) => why.of_request(*number)?,
        Question::Entry { node, index } => why.of_event(*node, *index)?,
        Question::NoLeader => why.of_no_leader(),
        Question::Cell { .. } => return None,
    };
    let reasons = &mut |id: RecordId| why.reasons(id);
    let happened = &|id: RecordId| why.happened(id).map(|(text, _)| text);
    Some(answer.finish(question, why.history(), reasons, happened))
}

/// What there is to ask.
pub(super) fn questions(
    cluster: &Cluster,
    chronicle: &Chronicle,
    target: Target,
) -> Vec<(String, Question)> {
    let why = Why { cluster, chronicle, budget: Budget::default() };
    match target {
        Target::Stage => why.about_requests(|_| true),
        Target::Node(node) | Target::More(node, _) => why.about_part(node),
        Target::Link(a, b) => explaining::of_link(why.world(), &why.budget, (a, b)),
        Target::Message(id) => explaining::of_message(why.history(), id),
        Target::Client(number, _) => why.about_requests(|asked| asked.client == Client(number)),
    }
}

/// One question's look at the lab.
struct Why<'a> {
    cluster: &'a Cluster,
    chronicle: &'a Chronicle,
    budget: Budget,
}

impl<'a> Look<'a> for Why<'a> {
    type Process = EventsProcess;

    fn world(&self) -> &'a World<EventsProcess> {
        self.cluster.world()
    }

    fn budget(&self) -> &Budget {
        &self.budget
    }
}

impl<'a> Why<'a> {
    /// The latest requests, newest first; before them the latest that were not simply done.
    fn about_requests(&self, wanted: impl Fn(&Asked) -> bool) -> Vec<(String, Question)> {
        let all = self.requests().asked();
        let mine = |place: &usize| wanted(&all[*place]);
        let newest: Vec<usize> = (all.first()..all.len()).rev().filter(mine).take(64).collect();
        let is_plain = |place: &usize| {
            let asked = &all[*place];
            matches!(asked.outcome, Some(Outcome::Done { .. })) && !self.is_lost(asked)
        };
        let (rest, first): (Vec<usize>, Vec<usize>) = newest.iter().partition(|at| is_plain(at));
        let question = |place: usize| {
            let asked = &all[place];
            let act = act(asked);
            let text = match asked.outcome {
                None => format!("Why has {act} no answer yet?"),
                Some(Outcome::Unknown) => format!("Why does nobody know of {act}?"),
                Some(Outcome::Conflict { .. }) => format!("Who was quicker than {act}?"),
                Some(Outcome::Done { .. }) if self.is_lost(asked) => format!("Why is {act} lost?"),
                Some(Outcome::Done { .. }) => format!("What became of {act}?"),
                Some(_) => format!("Why was {act} refused?"),
            };
            (text, Question::Request(place as u64 + 1))
        };
        first.into_iter().chain(rest).take(MOST_NEXT).map(question).collect()
    }

    fn about_part(&self, node: NodeId) -> Vec<(String, Question)> {
        let Some(found) = self.world().node(node) else { return Vec::new() };
        let text = match role(self.log(), node) {
            _ if found.process().is_none() => format!("Why is {node} down?"),
            _ if found.paused_since_us().is_some() => format!("Why does {node} do nothing?"),
            Role::Desk => format!("What is {node} at?"),
            Role::Keeper => format!("How far is {node}?"),
            Role::Model(_) if self.chronicle.is_off(node) => format!("Why is {node} wrong?"),
            Role::Model(_) => format!("How far is {node}, and why?"),
            Role::Replica => format!("Does {node} lead, and how far is it?"),
        };
        let mut questions = vec![(text, Question::Role(node))];
        let end = self.position_of(node);
        for index in (1..=end).rev().take(MOST_EVENTS as usize) {
            let text = format!("Where does event {index} come from?");
            questions.push((text, Question::Entry { node, index }));
        }
        if self.log() == Log::Raft && self.leader().is_none() {
            questions.push(("Why does nobody lead?".to_owned(), Question::NoLeader));
        }
        questions
    }

    /// The last position that a part has.
    fn position_of(&self, node: NodeId) -> u64 {
        match words::model_of(self.cluster, node) {
            Some(model) => model.through().min(self.ledger().end()),
            None => words::log_of(self.cluster, node).map_or(0, |log| log.last_position()),
        }
    }

    /// Who leads the cluster, as far as anybody running says.
    fn leader(&self) -> Option<NodeId> {
        let term = |node: NodeId| {
            let server = self.cluster.process(node)?.replica()?.raft().server();
            let leads = matches!(server.role(), crate::raft::Role::Leader { .. });
            leads.then_some((server.current_term(), node))
        };
        self.world().node_ids().filter_map(term).max().map(|(_, node)| node)
    }

    /// Whether a customer was told that it is done, and it is not in the log.
    fn is_lost(&self, asked: &Asked) -> bool {
        let Some(Outcome::Done { position, .. }) = asked.outcome else { return false };
        super::client_views::is_lost(self.cluster, asked, position)
    }

    fn log(&self) -> Log {
        self.cluster.rules().log
    }

    fn requests(&self) -> &'a Requests {
        self.cluster.requests()
    }

    fn ledger(&self) -> &'a Ledger {
        self.chronicle.ledger()
    }

    /// The latest thing that `node` told of before `before` and that `is` says yes to.
    fn told_before(
        &self,
        before: RecordId,
        node: NodeId,
        is: &mut dyn FnMut(&EventsEvent) -> bool,
    ) -> Option<RecordId> {
        self.find_back(RecordId(0), before, &mut |_, happened| match happened {
            Happening::Decided { node: of, event } => *of == node && is(event),
            _ => false,
        })
    }

    /// The record that told of the event at a position.
    fn appended(&self, position: u64) -> Option<RecordId> {
        self.ledger().entry(position)?.record
    }
}
