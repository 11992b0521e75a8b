//! Why something happened: what it was, in the words of the story where it has some, and what led
//! to it.

use super::{Answer, Look, Why, explaining};
use crate::labs::events::system::{EventsEvent, EventsMessage};
use crate::labs::events::words::says;
use crate::labs::events::{narration, words};
use crate::labs::telling::ms;
use crate::sim::{Happening, LossReason, RecordId};

impl Why<'_> {
    /// Why the record `id` happened; `None` if it is not known, or not any more.
    pub(super) fn of_record(&self, id: RecordId) -> Option<Answer> {
        let (text, section) = self.happened(id)?;
        let mut answer = Answer::new(text, section);
        answer.record = Some(id);
        answer.say(&self.because(id));
        answer.servers.extend(explaining::servers_of(self.history(), id));
        Some(answer)
    }

    /// What happened, in a sentence, with the source that has the rule.
    pub(super) fn happened(&self, id: RecordId) -> Option<(String, &'static str)> {
        let record = self.record(id)?;
        let told = self.chronicle.tale(self.cluster, id);
        if let Some((_, text, section)) = told.or_else(|| narration::tell(self.cluster, id, record))
        {
            return Some((text, section.unwrap_or(words::OUTSIDE)));
        }
        let outside = words::OUTSIDE;
        Some(match &record.what {
            Happening::Booted { node, .. } => (format!("{node} starts."), outside),
            Happening::Fault(_) => (String::new(), outside),
            Happening::Requested { node, .. } => {
                (format!("{node} is told to go by other rules."), outside)
            }
            Happening::Sent { from, to, message, .. } => {
                (format!("{from} sends {to}: {}.", says(message)), rule_of(message))
            }
            Happening::Duplicated { message, .. } => {
                let (from, to, _) = self.history().message(*message)?;
                (format!("A message from {from} to {to} is doubled."), outside)
            }
            Happening::Delivered { message } => {
                let (from, to, message) = self.history().message(*message)?;
                (format!("{to} gets from {from}: {}.", says(message)), rule_of(message))
            }
            Happening::Lost { message, reason } => {
                let (from, to, message) = self.history().message(*message)?;
                let (why, says) = (why_lost(*reason), says(message));
                let text = format!("A message from {from} to {to} is lost, for {why}: {says}.");
                (text, words::AGAIN)
            }
            Happening::Deadline { node } => {
                (format!("{node} has waited as long as it wanted."), outside)
            }
            Happening::WriteStarted { node, .. } => {
                (format!("{node} writes to its disk what it must not forget."), words::ATOMIC)
            }
            Happening::WriteSynced { node, .. } => {
                let text = format!("{node}’s disk has it: what waited for that may go on.");
                (text, words::ATOMIC)
            }
            Happening::WritesKept { node, whole, torn } => {
                let torn = if *torn { ", and of the next a part" } else { "" };
                let text =
                    format!("Of what {node}’s disk was writing, {whole} writes are there{torn}.");
                (text, words::ATOMIC)
            }
            Happening::Decided { node, event } => narration::untold(self.cluster, *node, event),
        })
    }

    /// What the reasons say beyond the sentence itself.
    fn because(&self, id: RecordId) -> String {
        let main = self.reasons(id).first().copied();
        let says_more = match self.what(id) {
            Some(Happening::Lost { .. } | Happening::Sent { .. }) => true,
            Some(Happening::Decided { event, .. }) => matches!(
                event,
                EventsEvent::Refused { .. }
                    | EventsEvent::Conflicted { .. }
                    | EventsEvent::Recognised { .. }
                    | EventsEvent::PassedOver { .. }
                    | EventsEvent::TookIn { .. }
                    | EventsEvent::Recovered { .. }
                    | EventsEvent::Resumed { .. }
            ),
            _ => false,
        };
        main.filter(|_| says_more).map(|main| self.dated(main)).unwrap_or_default()
    }

    /// `At 312 ms: S1 sends …`
    pub(super) fn dated(&self, id: RecordId) -> String {
        let text = self.happened(id).map(|(text, _)| text).unwrap_or_default();
        if text.is_empty() { text } else { format!("At {}: {text}", ms(self.at_us(id))) }
    }
}

/// Why a message died, in words that go on after `for`.
pub(super) fn why_lost(reason: LossReason) -> &'static str {
    match reason {
        LossReason::Cut => "its link was cut when it would have arrived",
        LossReason::Chance => "the link loses some",
        LossReason::NodeDown => "nobody was running there",
        LossReason::NetworkFull => "the network carried as much as it can",
        LossReason::QueueFull => "too many waited for the link already",
        LossReason::Dropped => "it was taken off the network",
    }
}

/// Where the rule stands by which a message is sent.
fn rule_of(message: &EventsMessage) -> &'static str {
    match message {
        EventsMessage::Read { .. } | EventsMessage::Streams { .. } => words::DECIDER,
        EventsMessage::Append { .. } | EventsMessage::NotAppended { .. } => words::OPTIMISTIC,
        EventsMessage::Appended { .. } | EventsMessage::Publish { .. } => words::YOUNG,
        EventsMessage::Seen { .. } => words::AGAIN,
        EventsMessage::Raft(_) => words::RAFT_LOG,
    }
}
