//! Why? Answers from the typed reasons of the events, the causes of the history, and the state at
//! the instant at which the lab stands.
//!
//! - here: what a breaker is and why, how those do that are called, and whatever happened;
//! - `reasons` walks back: to the failures that opened a breaker, the probe that closed it, the
//!   opening that rejects a call, the era from which a late result comes.

mod reasons;

use super::super::explaining::{self, Answer, Look};
use super::super::{Explanation, Question};
use super::chronicle::Chronicle;
use super::system::{BreakerEvent, BreakerProcess, BreakerRequest};
use super::words::{self, BRONSON, FOWLER, NYGARD};
use super::{Cluster, narration, table};
use crate::circuit_breaker::{Outcome, Reported, State};
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
        Target::Stage => why.of_node(NodeId(0)),
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
    type Process = BreakerProcess;

    fn world(&self) -> &'a World<BreakerProcess> {
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
        is: &mut dyn FnMut(RecordId, &BreakerEvent) -> bool,
    ) -> Option<RecordId> {
        self.find_back(RecordId(0), before, &mut |id, happened| match happened {
            Happening::Decided { node: at, event } => *at == node && is(id, event),
            _ => false,
        })
    }

    /// The latest that was asked of a node before a record.
    fn asked(
        &self,
        node: NodeId,
        before: RecordId,
        is: &mut dyn FnMut(&BreakerRequest) -> bool,
    ) -> Option<RecordId> {
        self.find_back(RecordId(0), before, &mut |_, happened| match happened {
            Happening::Requested { node: at, request } => *at == node && is(request),
            _ => false,
        })
    }

    /// What there is to ask about a node, what matters most first.
    fn of_node(&self, node: NodeId) -> Vec<(String, Question)> {
        let Some(found) = self.world().node(node) else { return Vec::new() };
        let role = |text: String| vec![(text, Question::Role(node))];
        let Some(process) = found.process() else { return role(format!("Why is {node} down?")) };
        if found.paused_since_us().is_some() {
            return role(format!("Why does {node} do nothing?"));
        }
        let caller = match process {
            BreakerProcess::Caller(caller) => caller,
            BreakerProcess::Service(_) => return role(format!("Why does {node} do as it does?")),
            BreakerProcess::Replica(_) => return role(format!("Why does {node} lead, or not?")),
        };
        let worst = caller.doors().iter().find(|door| door.state() != State::Closed);
        let mut questions = match worst.or(caller.doors().first()) {
            None => Vec::new(),
            Some(door) => {
                let is = words::state(door.state());
                role(format!("Why is the breaker of {node} {is}?"))
            }
        };
        let mut ask = |text: &str, is: &mut dyn FnMut(RecordId, &BreakerEvent) -> bool| {
            let found = self.told(node, self.end(), is);
            questions.extend(found.map(|id| (text.to_owned(), Question::Record(id))));
        };
        ask("Why was the last call rejected?", &mut |_, event| {
            matches!(event, BreakerEvent::Rejected { .. })
        });
        ask("Why does the last late result not count?", &mut |_, event| {
            matches!(event, BreakerEvent::Ended { reported: Some(Reported::Late(_)), .. })
        });
        ask("Why did the last call fail?", &mut |_, event| {
            matches!(event, BreakerEvent::Ended { outcome: Outcome::Failure, .. })
        });
        questions
    }

    /// Why a node is what it is.
    fn of_role(&self, node: NodeId) -> Option<Answer> {
        let found = self.world().node(node)?;
        if let Some(obstacle) = self.is_still(node) {
            let mut answer = Answer::new(format!("{node} {}.", obstacle.text), NYGARD);
            answer.record = obstacle.act;
            answer.servers.push(node);
            return Some(answer);
        }
        let mut answer = match found.process()? {
            BreakerProcess::Caller(caller) => {
                let now_us = found.clock().shows_us(self.world().now_us());
                let worst = caller.doors().iter().find(|door| door.state() != State::Closed);
                let Some(door) = worst.or(caller.doors().first()) else {
                    let text = format!("{node} has no breaker: every call goes.");
                    return Some(Answer::new(text, NYGARD));
                };
                let is = table::door(door, now_us);
                let mut answer = Answer::new(format!("The breaker of {node} is {is}."), FOWLER);
                let era = door.generation();
                answer.record = self.told(node, self.end(), &mut |_, event| match event {
                    BreakerEvent::Moved { transition, .. } => transition.generation == era,
                    BreakerEvent::Forgot { era: begun, .. } => *begun == era,
                    BreakerEvent::NewBreakers => true,
                    _ => false,
                });
                if answer.record.is_none() {
                    answer.say("Nothing has moved it so far.");
                }
                answer
            }
            BreakerProcess::Service(service) => {
                let text = format!("{node} {}.", words::health(service.health()));
                let mut answer = Answer::new(text, BRONSON);
                let (waiting, busy) = (service.waiting(), service.busy());
                answer.say(&format!("It works on {busy}, and {waiting} wait."));
                let is_health =
                    &mut |request: &BreakerRequest| matches!(request, BreakerRequest::Do(_));
                answer.record = self.asked(node, self.end(), is_health);
                answer
            }
            BreakerProcess::Replica(replica) => {
                let server = replica.raft().server();
                let role = super::super::raft::scene::role_word(server);
                let term = server.current_term();
                let text = format!("{node} is {role} in term {term}.");
                let mut answer = Answer::new(text, "Raft §5.2");
                answer.record =
                    self.told(node, self.end(), &mut |id, _| narration_of_raft(self, id));
                answer
            }
        };
        let told = answer.record.and_then(|id| self.happened(id));
        if let Some((text, section)) = told {
            answer.say(&text);
            answer.section = section;
        }
        answer.servers.push(node);
        Some(answer)
    }

    /// Why a record happened; `None` if it is not known, or not any more.
    fn of_record(&self, id: RecordId) -> Option<Answer> {
        let (text, section) = self.happened(id)?;
        let mut answer = Answer::new(text, section);
        answer.record = Some(id);
        answer.say(&self.because(id));
        answer.servers.extend(explaining::servers_of(self.history(), id));
        Some(answer)
    }

    /// One sentence more on what a reader could wonder about.
    fn because(&self, id: RecordId) -> String {
        let Some(Happening::Decided { event, .. }) = self.what(id) else { return String::new() };
        match event {
            BreakerEvent::Ended { reported: Some(Reported::Late(_)), .. } => {
                "What was asked in one era says nothing about another: the service may have \
                 changed since."
            }
            BreakerEvent::Moved { transition, .. } => match transition.to {
                State::Open { .. } => {
                    "A service that fails is left alone, and callers know at once instead of \
                     waiting."
                }
                State::HalfOpen => "One call can find out what many would only make worse.",
                State::Closed => "Its windows are empty: what was before does not count.",
                _ => "",
            },
            _ => "",
        }
        .to_owned()
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
            Happening::Requested { node, request } => match request {
                BreakerRequest::Do(health) => format!("{node} {}.", words::health(health)),
                _ => format!("{node} goes by other settings."),
            },
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
                let why = match reason {
                    LossReason::Cut => "its link was cut when it would have arrived".to_owned(),
                    LossReason::Chance => "the link loses some".to_owned(),
                    LossReason::NodeDown => format!("{to} was down"),
                    LossReason::NetworkFull => "the network carried as much as it can".to_owned(),
                    LossReason::QueueFull => "too many waited for the link already".to_owned(),
                    LossReason::Dropped => "it was taken off the network".to_owned(),
                };
                let says = words::says(text);
                format!("A message from {from} to {to} is lost, for {why}: {says}.")
            }
            Happening::Deadline { node } => format!("{node} has waited as long as it wanted."),
            Happening::WriteStarted { node, .. } => format!("{node} writes to its disk."),
            Happening::WriteSynced { node, .. } => format!("{node}’s disk has it."),
            Happening::WritesKept { node, .. } => format!("{node}’s disk has kept some writes."),
            Happening::Decided { node, event } => self.decided(*node, event),
        };
        Some((text, NYGARD))
    }

    /// What a node has told, where the story does not.
    fn decided(&self, node: NodeId, event: &BreakerEvent) -> String {
        match event {
            BreakerEvent::Began { request } => format!("{node} begins request {}.", request.0),
            BreakerEvent::Admitted { call, to, era, .. } => {
                format!("{node} makes call {} to {to}, in era {}.", call.number, era.0)
            }
            BreakerEvent::Rejected { to, .. } => format!("{node} may not call {to}."),
            BreakerEvent::NoPlace { .. } => {
                format!("{node} has as many calls under way as may be.")
            }
            BreakerEvent::Ended { call, outcome, era, reported, .. } => {
                let how = if *outcome == Outcome::Success { "succeeded" } else { "failed" };
                let late = match reported {
                    Some(Reported::Late(_)) => {
                        format!(", and was admitted in era {}: it is late", era.0)
                    }
                    _ => String::new(),
                };
                format!("Call {} of {node} has {how}{late}.", call.number)
            }
            BreakerEvent::TimedOut { call } => format!("{node} gives call {} up.", call.number),
            BreakerEvent::CameTooLate { call } => {
                format!("The answer to call {} comes after {node} gave it up.", call.number)
            }
            BreakerEvent::RetriesAt { request, .. } => {
                format!("{node} will try request {} again.", request.0)
            }
            BreakerEvent::Over { request, .. } => {
                format!("Request {} of {node} is over.", request.0)
            }
            BreakerEvent::Queued { waiting } => format!("At {node} {waiting} calls wait."),
            BreakerEvent::TurnedAway => format!("{node} turns a call away: its queue is full."),
            BreakerEvent::InVain => format!("{node} works for somebody who waits no more."),
            _ => format!("{node} goes on."),
        }
    }
}

/// Whether a record is one of Raft's that are told.
fn narration_of_raft(why: &Why<'_>, id: RecordId) -> bool {
    let record = why.record(id);
    record.is_some_and(|record| narration::tell(why.cluster, record).is_some())
}
