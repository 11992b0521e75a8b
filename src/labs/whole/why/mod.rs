//! Why? Answers from the typed reasons of the events, the causes of the history, and the state at
//! the instant at which the lab stands.
//!
//! - here: what a front, a server or a page is and why, and whatever happened;
//! - `reasons` walks back: to the failures that opened a breaker, the order behind an answer, the
//!   event that a page had not heard of.

mod reasons;

use super::super::breaker::{BreakerEvent, narration as of_breaker};
use super::super::events::EventsEvent;
use super::super::explaining::{self, Answer, Look};
use super::super::raft::RaftEvent;
use super::super::{Explanation, Question};
use super::chronicle::Chronicle;
use super::system::{WholeEvent, WholeProcess, WholeRequest};
use super::words::{self, CQRS, FOWLER, NYGARD, SMR};
use super::{Cluster, narration};
use crate::circuit_breaker::{Outcome, State};
use crate::scene::Target;
use crate::sim::{Budget, Happening, LossReason, NodeId, RecordId, World};

/// The answer to a question.
pub(super) fn answer(
    cluster: &Cluster,
    chronicle: &Chronicle,
    question: &Question,
) -> Option<Explanation> {
    let why = Why { cluster, chronicle, budget: Budget::default() };
    let answer = match question {
        Question::Record(id) => why.of_record(*id)?,
        Question::Role(node) => why.of_role(*node)?,
        Question::Request(_)
        | Question::Cell { .. }
        | Question::NoLeader
        | Question::Entry { .. } => return None,
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
        Target::Stage => why.of_all(),
        Target::Node(node) | Target::More(node, _) => why.of_node(node),
        Target::Link(a, b) => explaining::of_link(why.world(), &why.budget, (a, b)),
        Target::Message(id) => explaining::of_message(why.history(), id),
        Target::Client(..) => Vec::new(),
    }
}

/// One question's look at the lab.
struct Why<'a> {
    cluster: &'a Cluster,
    chronicle: &'a Chronicle,
    budget: Budget,
}

impl<'a> Look<'a> for Why<'a> {
    type Process = WholeProcess;

    fn world(&self) -> &'a World<WholeProcess> {
        self.cluster.world()
    }

    fn budget(&self) -> &Budget {
        &self.budget
    }
}

impl Why<'_> {
    /// The latest that a node has told before a record.
    fn told(
        &self,
        node: NodeId,
        before: RecordId,
        is: &mut dyn FnMut(&WholeEvent) -> bool,
    ) -> Option<RecordId> {
        self.find_back(RecordId(0), before, &mut |_, happened| match happened {
            Happening::Decided { node: at, event } => *at == node && is(event),
            _ => false,
        })
    }

    /// The latest that was asked of a node before a record.
    fn asked(
        &self,
        node: NodeId,
        before: RecordId,
        is: &mut dyn FnMut(&WholeRequest) -> bool,
    ) -> Option<RecordId> {
        self.find_back(RecordId(0), before, &mut |_, happened| match happened {
            Happening::Requested { node: at, request } => *at == node && is(request),
            _ => false,
        })
    }

    /// What there is to ask about all of it: about the fronts first, for that is where it is felt.
    fn of_all(&self) -> Vec<(String, Question)> {
        let mut questions = Vec::new();
        let leader = self.cluster.leader();
        let first = leader.or_else(|| self.cluster.servers().next());
        if leader.is_none() {
            questions.extend(
                first.map(|node| ("Why is nothing sold?".to_owned(), Question::Role(node))),
            );
        }
        questions.extend(self.cluster.fronts().flat_map(|front| self.of_node(front)));
        questions.extend(self.of_node(self.cluster.cast().stock_page()));
        questions
    }

    /// What there is to ask about a node, what matters most first.
    fn of_node(&self, node: NodeId) -> Vec<(String, Question)> {
        let Some(found) = self.world().node(node) else { return Vec::new() };
        let role = |text: String| vec![(text, Question::Role(node))];
        let Some(process) = found.process() else { return role(format!("Why is {node} down?")) };
        if found.paused_since_us().is_some() {
            return role(format!("Why does {node} do nothing?"));
        }
        let front = match process {
            WholeProcess::Front(front) => front,
            WholeProcess::Server(_) => return role(format!("Why does {node} lead, or not?")),
            WholeProcess::Page(_) => return role(format!("Why does {node} show what it shows?")),
        };
        let mut questions = match front.caller().doors().first() {
            None => Vec::new(),
            Some(door) => {
                let is = words::state(door.state());
                role(format!("Why is the breaker of {node} {is}?"))
            }
        };
        let mut ask = |text: String, is: &mut dyn FnMut(&WholeEvent) -> bool| {
            let found = self.told(node, self.end(), is);
            questions.extend(found.map(|id| (text, Question::Record(id))));
        };
        ask(format!("Why was the last customer of {node} turned away?"), &mut |event| {
            matches!(event, WholeEvent::Caller(BreakerEvent::Rejected { .. }))
        });
        ask(format!("Why was the last order of {node} not answered?"), &mut |event| {
            let WholeEvent::Caller(BreakerEvent::Ended { outcome, .. }) = event else {
                return false;
            };
            *outcome == Outcome::Failure
        });
        ask(format!("What became of the last order of {node}?"), &mut |event| {
            matches!(event, WholeEvent::Heard { .. })
        });
        questions
    }

    /// Why a node is what it is.
    fn of_role(&self, node: NodeId) -> Option<Answer> {
        let found = self.world().node(node)?;
        if let Some(obstacle) = self.is_still(node) {
            let mut answer = Answer::new(format!("{node} {}.", obstacle.text), SMR);
            answer.record = obstacle.act;
            answer.servers.push(node);
            return Some(answer);
        }
        let mut answer = match found.process()? {
            WholeProcess::Front(front) => {
                let now_us = found.clock().shows_us(self.world().now_us());
                let Some(door) = front.caller().doors().first() else {
                    let text = format!("{node} has no breaker: every order goes.");
                    return Some(Answer::new(text, NYGARD));
                };
                let is = table_door(door, now_us);
                let mut answer = Answer::new(format!("The breaker of {node} is {is}."), FOWLER);
                let era = door.generation();
                answer.record = self.told(node, self.end(), &mut |event| match event {
                    WholeEvent::Caller(BreakerEvent::Moved { transition, .. }) => {
                        transition.generation == era
                    }
                    WholeEvent::Caller(BreakerEvent::NewBreakers) => true,
                    _ => false,
                });
                if answer.record.is_none() {
                    answer.say("Nothing has moved it so far.");
                }
                answer
            }
            WholeProcess::Server(server) => {
                let raft = server.replica().raft().server();
                let role = super::super::raft::scene::role_word(raft);
                let text = format!("{node} is {role} in term {}.", raft.current_term());
                let mut answer = Answer::new(text, "Raft §5.2");
                if self.cluster.leader().is_none() {
                    answer.say("Nobody leads, so no order can be carried out.");
                }
                answer.record = self.told(node, self.end(), &mut |event| {
                    matches!(event, WholeEvent::Raft(RaftEvent::Raft(event))
                        if super::super::telling::tell_raft(node, event).is_some())
                });
                answer
            }
            WholeProcess::Page(page) => self.of_page(node, page),
        };
        let told = answer.record.and_then(|id| self.happened(id));
        if let Some((text, section)) = told {
            answer.say(&text);
            answer.section = section;
        }
        answer.servers.push(node);
        Some(answer)
    }

    /// A page shows what it has heard of.
    fn of_page(&self, node: NodeId, page: &super::Page) -> Answer {
        let (model, end) = (page.model(), self.cluster.last_position());
        let through = model.through();
        let shows = super::super::events::scene::holds(model.kind(), &model.state().shop);
        let mut answer = Answer::new(format!("{node} shows: {shows}."), CQRS);
        answer.say(&match end.saturating_sub(through) {
            0 => format!("That is what all {end} events come to."),
            behind => format!(
                "That is what {through} events come to, and {behind} more have happened: it asks \
                 {} for them every {}.",
                page.asks(),
                words::seconds(page.conduct().refresh_us)
            ),
        });
        if let Some(obstacle) = self.between(node, page.asks()) {
            answer.say(&format!("But {}.", obstacle.text));
            answer.also.extend(obstacle.act);
        }
        answer.record = self.told(node, self.end(), &mut |event| {
            matches!(event, WholeEvent::Shop(EventsEvent::TookIn { .. }))
        });
        answer
    }

    /// Why a record happened; `None` if it is not known, or not any more.
    fn of_record(&self, id: RecordId) -> Option<Answer> {
        let (text, section) = self.happened(id)?;
        let mut answer = Answer::new(text, section);
        answer.record = Some(id);
        answer.say(self.because(id));
        answer.servers.extend(explaining::servers_of(self.history(), id));
        Some(answer)
    }

    /// One sentence more on what a reader could wonder about.
    fn because(&self, id: RecordId) -> &'static str {
        let Some(Happening::Decided { event, .. }) = self.what(id) else { return "" };
        match event {
            WholeEvent::Caller(BreakerEvent::Moved { transition, .. }) => match transition.to {
                State::Open { .. } => {
                    "A cluster that cannot answer is left alone, and customers know at once instead \
                     of waiting."
                }
                State::HalfOpen => "One order can find out what many would only make worse.",
                State::Closed => "What was before does not count.",
                _ => "",
            },
            WholeEvent::Caller(BreakerEvent::TimedOut { .. }) => {
                "No answer says nothing about the order: it may be carried out all the same."
            }
            WholeEvent::Heard { shown: Some(_), .. } => {
                "What the page showed was what had been; what the shop decides on is what is."
            }
            _ => "",
        }
    }

    /// What happened, in a sentence, with the source that has the rule.
    fn happened(&self, id: RecordId) -> Option<(String, &'static str)> {
        let record = self.record(id)?;
        let told = self.chronicle.tale(id).cloned();
        if let Some((_, text, section)) = told.or_else(|| narration::tell(self.cluster, record)) {
            return Some((text, section.unwrap_or(NYGARD)));
        }
        let text = match &record.what {
            Happening::Booted { node, .. } => format!("{node} starts."),
            Happening::Fault(_) => String::new(),
            Happening::Requested { node, .. } => format!("{node} goes by other settings."),
            Happening::Sent { from, to, message, .. } => {
                format!("{from} sends {to}: {} {}.", words::kind(message), words::says(message))
            }
            Happening::Duplicated { message, .. } => {
                let (from, to, _) = self.history().message(*message)?;
                format!("A message from {from} to {to} is doubled.")
            }
            Happening::Delivered { message } => {
                let (from, to, text) = self.history().message(*message)?;
                format!("{to} gets from {from}: {} {}.", words::kind(text), words::says(text))
            }
            Happening::Lost { message, reason } => {
                let (from, to, text) = self.history().message(*message)?;
                let says = words::says(text);
                let why = lost(*reason, to);
                format!("A message from {from} to {to} is lost, for {why}: {says}.")
            }
            Happening::Deadline { node } => format!("{node} has waited as long as it wanted."),
            Happening::WriteStarted { node, .. } => format!("{node} writes to its disk."),
            Happening::WriteSynced { node, .. } => format!("{node}’s disk has it."),
            Happening::WritesKept { node, .. } => format!("{node}’s disk has kept some writes."),
            Happening::Decided { node, event } => decided(*node, event),
        };
        Some((text, SMR))
    }
}

/// A breaker in words.
fn table_door(door: &super::super::breaker::Door, now_us: u64) -> String {
    super::super::breaker::table::door(door, now_us)
}

/// Why a message to a node did not arrive, after “for”.
fn lost(reason: LossReason, to: NodeId) -> String {
    match reason {
        LossReason::Cut => "its link was cut when it would have arrived".to_owned(),
        LossReason::Chance => "the link loses some".to_owned(),
        LossReason::NodeDown => format!("{to} was down"),
        LossReason::NetworkFull => "the network carried as much as it can".to_owned(),
        LossReason::QueueFull => "too many waited for the link already".to_owned(),
        LossReason::Dropped => "it was taken off the network".to_owned(),
    }
}

/// What a node has told, where the story does not.
fn decided(node: NodeId, event: &WholeEvent) -> String {
    match event {
        WholeEvent::Wanted { wish, shown, .. } => {
            let wish = words::wish(*wish);
            match shown {
                Some(shown) => {
                    format!("At {node} {wish}; the page shows {}.", words::left(shown.left))
                }
                None => format!("At {node} {wish}."),
            }
        }
        WholeEvent::Sent { call, .. } => format!("{node} sends the order as call {}.", call.number),
        WholeEvent::Heard { wish, done, .. } => {
            format!("{} at {node}: it {}.", words::brief(*wish), words::outcome(done))
        }
        WholeEvent::Caller(BreakerEvent::TimedOut { call }) => {
            format!("{node} gives call {} up.", call.number)
        }
        WholeEvent::Caller(BreakerEvent::Ended { call, outcome, .. }) => {
            let how = if *outcome == Outcome::Success { "is answered" } else { "has failed" };
            format!("Call {} of {node} {how}.", call.number)
        }
        WholeEvent::Caller(BreakerEvent::Admitted { call, to, .. }) => {
            format!("{node} may make call {} to {to}.", call.number)
        }
        WholeEvent::Caller(BreakerEvent::RetriesAt { .. }) => format!("{node} will try again."),
        WholeEvent::Caller(BreakerEvent::Moved { transition, .. }) => {
            format!("The breaker of {node} moves: {}.", of_breaker::why(transition.cause))
        }
        WholeEvent::Shop(EventsEvent::Appended { recorded, .. }) => {
            format!(
                "{node} carries an order out: “{}” is event {}.",
                recorded.event, recorded.position
            )
        }
        WholeEvent::Shop(EventsEvent::Recognised { position, .. }) => {
            format!("{node} knows the order: it is event {position}.")
        }
        WholeEvent::Shop(EventsEvent::TookIn { position, .. }) => {
            format!("{node} takes event {position} in.")
        }
        WholeEvent::Raft(RaftEvent::Applied { index, .. }) => {
            format!("{node} applies entry {index}, which is committed.")
        }
        _ => format!("{node} goes on."),
    }
}
