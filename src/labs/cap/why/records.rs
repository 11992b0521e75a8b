//! Why something happened: what it was, in the words of the story where it has some, and what led
//! to it.

use super::{Answer, Look, Why, explaining};
use crate::labs::cap::system::CapEvent;
use crate::labs::cap::{CapMessage, CapRequest, narration, words};
use crate::labs::telling::ms;
use crate::quorum::{Event, Message};
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

    /// What happened, in a sentence, with the section that has the rule.
    pub(super) fn happened(&self, id: RecordId) -> Option<(String, &'static str)> {
        let record = self.record(id)?;
        let told = self.chronicle.tale(self.cluster, id);
        if let Some((_, text, section)) = told.or_else(|| narration::tell(self.cluster, id, record))
        {
            // What is done from outside is what a store must live with.
            return Some((text, section.unwrap_or(words::AVAILABLE)));
        }
        let outside = words::AVAILABLE;
        Some(match &record.what {
            Happening::Booted { node, .. } => (format!("{node} starts."), outside),
            Happening::Fault(_) => (String::new(), outside),
            Happening::Requested { node, request } => match request {
                CapRequest::Configure(_) => {
                    (format!("{node} goes by other settings."), words::DYNAMO_PUT_GET)
                }
                _ => match self.clients().place_of(id) {
                    Some(place) => {
                        let asked = &self.clients().asked()[place];
                        let act = words::act(asked);
                        let text = format!("{} asks {node} for a {act}.", asked.client);
                        (text, words::DYNAMO_PUT_GET)
                    }
                    None => (format!("{node} is asked for something."), words::DYNAMO_PUT_GET),
                },
            },
            Happening::Sent { from, to, .. } => {
                let (_, _, message) = self.history().message(id)?;
                (format!("{from} sends {to}: {}.", words::says(message)), rule_of(message))
            }
            Happening::Duplicated { message, .. } => {
                let (from, to, _) = self.history().message(*message)?;
                (format!("A message from {from} to {to} is doubled."), outside)
            }
            Happening::Delivered { message } => {
                let (from, to, text) = self.history().message(*message)?;
                (format!("{to} gets from {from}: {}.", words::says(text)), rule_of(text))
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
                let text = format!("A message from {from} to {to} is lost, for {why}: {says}.");
                (text, "Gilbert & Lynch 2002, §2.3")
            }
            Happening::Deadline { node } => {
                (format!("{node} has waited as long as it wanted."), words::DYNAMO_PUT_GET)
            }
            Happening::WriteStarted { node, .. } => {
                (format!("{node} writes to its disk what it must not forget."), outside)
            }
            Happening::WriteSynced { node, .. } => {
                (format!("{node}’s disk has it: what waited for that may leave."), outside)
            }
            Happening::WritesKept { node, whole, torn } => {
                let torn = if *torn { ", and of the next a part" } else { "" };
                let text =
                    format!("Of what {node}’s disk was writing, {whole} writes are there{torn}.");
                (text, outside)
            }
            Happening::Decided { node, event } => narration::untold(*node, event),
        })
    }

    /// What the reasons say beyond the sentence itself.
    fn because(&self, id: RecordId) -> String {
        let Some(what) = self.what(id) else { return String::new() };
        let main = self.reasons(id).first().copied();
        match what {
            Happening::Lost { .. } | Happening::Sent { .. } => {
                main.map(|main| self.dated(main)).unwrap_or_default()
            }
            Happening::Decided { event: CapEvent::Quorum(event), .. } => match event {
                Event::Suspected { .. } | Event::TimedOut { .. } | Event::Unavailable { .. } => {
                    main.map(|main| self.dated(main)).unwrap_or_default()
                }
                Event::Merged { latest: Some(stamp), .. } => {
                    let origin = self.origin(id, *stamp);
                    origin.map(|origin| self.dated(origin)).unwrap_or_default()
                }
                _ => String::new(),
            },
            _ => String::new(),
        }
    }

    /// `At 312 ms: S1 sends …`
    pub(super) fn dated(&self, id: RecordId) -> String {
        let text = self.happened(id).map(|(text, _)| text).unwrap_or_default();
        if text.is_empty() { text } else { format!("At {}: {text}", ms(self.at_us(id))) }
    }
}

/// Where the rule stands by which a message is sent.
fn rule_of(message: &CapMessage) -> &'static str {
    match message {
        CapMessage::Quorum(message) => match message {
            Message::Merge { purpose, .. } | Message::Merged { purpose, .. } => {
                words::way(*purpose).1
            }
            Message::Heartbeat => words::DYNAMO_DETECTOR,
            Message::Tree { .. } | Message::Leaves { .. } | Message::Want { .. } => {
                words::DYNAMO_TREES
            }
            Message::Write { stands_in_for: Some(_), .. } => words::DYNAMO_HINTS,
            _ => words::DYNAMO_PUT_GET,
        },
        CapMessage::Raft(_) => words::RAFT_LOG,
        CapMessage::PrimaryBackup(_) => words::BACKUP,
    }
}
