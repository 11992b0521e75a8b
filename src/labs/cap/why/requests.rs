//! Why a client's request went as it did, or why there is no answer yet.

use super::{Answer, Asked, Fate, Look, Question, Why};
use crate::labs::cap::CapMessage;
use crate::labs::cap::clients::WhyRefused;
use crate::labs::cap::system::{CapEvent, System};
use crate::labs::cap::words::{self, act};
use crate::labs::telling::{ms, names};
use crate::quorum::{Ack, Event, Message, Mode, Outcome, Quorum};
use crate::sim::{Happening, LossReason, NodeId, RecordId};
use crate::sorted::SortedMap;

/// How many records after a call are looked through for its messages.
const LOOK_AHEAD: usize = 20_000;

/// What is known of a replica’s part in an operation.
#[derive(Clone, Copy)]
enum Part {
    /// The request to it is on its way.
    Sent,
    /// The request to it was lost.
    NotReached(RecordId, LossReason),
    /// It got the request.
    Reached,
    /// Its answer was lost.
    AnswerLost(RecordId, LossReason),
}

impl Why<'_> {
    /// What became of the `number`th request, and why; `None` if there was none.
    pub(super) fn of_request(&self, number: u64) -> Option<Answer> {
        let asked = self.clients().numbered(number)?;
        let (client, via) = (asked.client, asked.via);
        let text = format!("At {}, {client} asked {via} for a {}.", ms(asked.at_us), act(asked));
        let mut answer = Answer::new(text, words::DYNAMO_PUT_GET);
        answer.servers.push(via);
        answer.record = asked.answered.or(Some(asked.called));
        let told = asked.answered.and_then(|id| self.happened(id));
        if let Some((told, section)) = told {
            answer.say(&told);
            answer.section = section;
        }
        match &asked.fate {
            Fate::Open => self.say_open(&mut answer, asked),
            Fate::Unknown { .. } => self.say_unknown(&mut answer, asked),
            Fate::Refused(why) => self.say_refused(&mut answer, asked, *why),
            Fate::Done(_) if asked.written().is_some() => self.say_written(&mut answer, asked),
            Fate::Done(found) => self.say_read(&mut answer, asked, found),
        }
        Some(answer)
    }

    fn say_open(&self, answer: &mut Answer, asked: &Asked) {
        let via = asked.with;
        if let Some(still) = self.is_still(via) {
            answer.say(&format!("{via} {}.", still.text));
            answer.also.extend(still.act);
            return;
        }
        answer.say("There is no answer yet.");
        self.say_parts(answer, asked);
    }

    fn say_unknown(&self, answer: &mut Answer, asked: &Asked) {
        if asked.answered.is_none() {
            answer.say("No answer came for so long that the client gave up.");
        }
        self.say_parts(answer, asked);
        if asked.written().is_some() && self.cluster.system() == System::Quorum {
            let holders: Vec<NodeId> = self.cluster.holders(asked).collect();
            match &holders[..] {
                [] => answer.say("By now nobody holds it: another write has taken its place."),
                holders => {
                    let hold = if holders.len() == 1 { "holds" } else { "hold" };
                    answer.say(&format!("By now {} {hold} it.", names(holders)));
                }
            }
            answer.servers.extend(holders);
        }
    }

    fn say_refused(&self, answer: &mut Answer, asked: &Asked, why: WhyRefused) {
        let (WhyRefused::TooFewAlive { .. }, Some(answered)) = (why, asked.answered) else {
            return;
        };
        let suspicions = self.suspicions(answered, asked.via);
        for id in &suspicions {
            answer.also.push(*id);
        }
        let suspected: Vec<NodeId> = suspicions
            .iter()
            .filter_map(|id| match super::reasons::quorum_event(self.what(*id)?, asked.via)? {
                Event::Suspected { server, .. } => Some(NodeId(server.0)),
                _ => None,
            })
            .collect();
        let since = suspicions.iter().map(|id| self.at_us(*id)).min();
        if let Some(since_us) = since {
            let since = ms(since_us);
            answer.say(&format!("It had taken {} for down since {since}.", names(&suspected)));
        }
        if let Some(obstacle) = suspected.iter().find_map(|other| self.between(asked.via, *other)) {
            answer.say(&format!("And {}.", obstacle.text));
            answer.also.extend(obstacle.act);
        }
        answer.servers.extend(suspected);
        let label = format!("Why is {} not available now?", asked.via);
        answer.next.push((label, Question::Role(asked.via)));
    }

    fn say_written(&self, answer: &mut Answer, asked: &Asked) {
        let losses = self.chronicle.ledger().losses();
        let loss = losses.iter().find(|loss| {
            self.clients().asked().get(loss.place).is_some_and(|it| it.request == asked.request)
        });
        let Some(loss) = loss else { return };
        answer.record = Some(loss.record);
        answer.also.extend(asked.answered);
        if let Some((told, section)) = self.happened(loss.record) {
            answer.say(&format!("Then, at {}: {told}", ms(self.at_us(loss.record))));
            answer.section = section;
        }
        let Some(winner) = loss.winner else { return };
        let by = [Some(winner), asked.stamp].into_iter().flatten();
        for stamp in by {
            let node = NodeId(stamp.server.0);
            let Some(origin) = self.origin(self.end(), stamp) else { continue };
            answer.also.push(origin);
            if let Some(act) = self.clock_act(origin, node) {
                answer.say(&self.dated(act));
                answer.also.push(act);
            }
        }
        let place = self.clients().writer(winner.request);
        let place = place.and_then(|asked| self.clients().place_of(asked.called));
        if let Some(place) = place {
            let what = words::write_of(self.clients(), winner);
            let question = Question::Request(place as u64 + 1);
            answer.next.push((format!("What became of {what}?"), question));
        }
    }

    fn say_read(&self, answer: &mut Answer, asked: &Asked, found: &[String]) {
        if !asked.stale || self.cluster.system() != System::Quorum {
            if found.len() > 1 {
                answer.section = words::DYNAMO_VERSIONS;
            }
            return;
        }
        let Some(newest) = self.missed_by(asked) else { return };
        answer.also.push(newest.called);
        answer.also.extend(newest.answered);
        let answered = self.acked_by(asked.answered);
        let who: Vec<NodeId> = answered.iter().map(|ack| NodeId(ack.by.0)).collect();
        let had: Vec<NodeId> = self.acked_before(newest, asked.called);
        let what = words::what(newest);
        answer.say(&format!("{what} was on {} by then, as far as is known.", names(&had)));
        let met: Vec<NodeId> = who.iter().copied().filter(|node| had.contains(node)).collect();
        if met.is_empty() {
            answer.say(&format!("None of those was among the answers: {}.", names(&who)));
            answer.say(&self.why_apart(asked, newest));
            answer.section = words::DYNAMO_PUT_GET;
        } else {
            self.say_outstamped(answer, asked, newest, &met);
        }
        answer.servers.extend(who.into_iter().chain(had));
        let place = self.clients().place_of(newest.called).unwrap_or(0);
        answer.next.push((format!("What became of {what}?"), Question::Request(place as u64 + 1)));
    }

    /// The read met the write, and it did not count there: its stamp was lower.
    fn say_outstamped(&self, answer: &mut Answer, asked: &Asked, newest: &Asked, met: &[NodeId]) {
        let mut text = format!("{} answered, and had heard of it", names(met));
        let loser = newest.stamp;
        let found = match &asked.fate {
            Fate::Done(found) => found.last(),
            _ => None,
        };
        let is_found = |other: &&Asked| {
            other.key == asked.key && other.written() == Some(found.map(String::as_str))
        };
        let winner = self.clients().asked().iter().rev().find(is_found).and_then(|it| it.stamp);
        if let (Some(loser), Some(winner)) = (loser, winner) {
            let why = words::why_lost(self.clients(), loser, winner);
            let by = words::write_of(self.clients(), winner);
            text.push_str(&format!(". But {by} has its place: {why}"));
            answer.also.extend(self.clock_act(asked.called, NodeId(winner.server.0)));
            answer.also.extend(self.clock_act(asked.called, NodeId(loser.server.0)));
        }
        answer.say(&format!("{text}."));
        answer.section = words::DYNAMO_LAST_WRITE;
    }

    /// Why a read need not meet a write.
    fn why_apart(&self, read: &Asked, write: &Asked) -> String {
        let settings = self.cluster.config().quorum.settings();
        let sizes = |asked: &Asked| self.started(asked);
        let (Some((n, r)), Some((_, w))) = (sizes(read), sizes(write)) else {
            return String::new();
        };
        if Quorum::new(n, r, w).is_ok_and(|quorum| !quorum.overlaps()) {
            return format!(
                "R + W = {} is not more than N = {n}: nothing makes a read meet a write.",
                r + w
            );
        }
        if settings.mode == (Mode::Ap { sloppy: true }) {
            return "Stand-ins count as well, and those that read need not ask those that wrote."
                .to_owned();
        }
        "The settings were others when it was written: quorums of before and after need not meet."
            .to_owned()
    }

    /// How many replicas an operation was sent to, and how many decide.
    fn started(&self, asked: &Asked) -> Option<(usize, usize)> {
        let first = asked.called.0 as usize;
        let records = self.history().records();
        let mut after = records.from(first.max(records.first())).take(LOOK_AHEAD);
        after.find_map(|record| match &record.what {
            Happening::Decided {
                event:
                    CapEvent::Quorum(
                        Event::WriteStarted { request, replicas, needed, .. }
                        | Event::ReadStarted { request, replicas, needed, .. },
                    ),
                ..
            } if *request == asked.request => Some((*replicas, *needed)),
            _ => None,
        })
    }

    fn missed_by(&self, read: &Asked) -> Option<&Asked> {
        let mut asked = self.clients().asked().iter();
        asked.rfind(|other| {
            other.key == read.key && other.written().is_some() && other.is_before(read)
        })
    }

    /// Who acknowledged a write before a record.
    fn acked_before(&self, write: &Asked, before: RecordId) -> Vec<NodeId> {
        let mut nodes = Vec::new();
        let records = self.history().records();
        let first = (write.called.0 as usize).max(records.first());
        let until = (before.0 as usize).saturating_sub(first);
        for record in records.from(first).take(until.min(LOOK_AHEAD)) {
            if let Happening::Decided {
                event:
                    CapEvent::Quorum(
                        Event::Acknowledged { request, from, .. }
                        | Event::LateAcknowledgement { request, from, .. },
                    ),
                ..
            } = &record.what
                && *request == write.request
                && !nodes.contains(&NodeId(from.0))
            {
                nodes.push(NodeId(from.0));
            }
        }
        nodes.sort_unstable();
        nodes
    }

    fn acked_by(&self, answered: Option<RecordId>) -> Vec<Ack> {
        match answered.and_then(|id| self.what(id)) {
            Some(Happening::Decided {
                event: CapEvent::Answered { outcome: Outcome::Ok { acked_by, .. }, .. },
                ..
            }) => acked_by.clone(),
            _ => Vec::new(),
        }
    }

    /// Who has not answered, and what stopped it.
    fn say_parts(&self, answer: &mut Answer, asked: &Asked) {
        let mut missing = Vec::new();
        for (node, part) in self.parts(asked).iter() {
            let (text, record) = match *part {
                Part::Sent => (format!("{node}: the message is on its way"), None),
                Part::NotReached(id, reason) => {
                    let why = in_a_word(reason);
                    (format!("{node} never got it: {why} at {}", ms(self.at_us(id))), Some(id))
                }
                Part::AnswerLost(id, reason) => {
                    let why = in_a_word(reason);
                    let text = format!(
                        "{node} has it, and its answer died: {why} at {}",
                        ms(self.at_us(id))
                    );
                    (text, Some(id))
                }
                Part::Reached => match self.is_still(*node) {
                    Some(still) => (format!("{node} {}", still.text), still.act),
                    None => (format!("{node} has it and had not answered in time"), None),
                },
            };
            missing.push(text);
            answer.servers.push(*node);
            answer.also.extend(record);
            if let Some(cut) = record.and_then(|id| self.reasons(id).first().copied()) {
                answer.also.push(cut);
            }
        }
        if !missing.is_empty() {
            answer.say(&format!("{}.", missing.join("; ")));
        }
    }

    /// The replicas that were asked and had not answered by the time of the answer, and how far it
    /// came with each.
    fn parts(&self, asked: &Asked) -> SortedMap<NodeId, Part> {
        let mut parts: SortedMap<NodeId, Part> = SortedMap::new();
        let history = self.history();
        let first = (asked.called.0 as usize).max(history.records().first());
        let end = asked.answered.map_or(usize::MAX, |id| id.0 as usize);
        let of_it = |id: RecordId| {
            let (from, to, message) = history.message(id)?;
            let is_it = words::subject(message) == Some(asked.request);
            let other = if from == asked.with { to } else { from };
            is_it.then_some((other, from == asked.with, is_question(message)))
        };
        for (place, record) in history.records().from(first).take(LOOK_AHEAD).enumerate() {
            if first + place > end {
                break;
            }
            let id = RecordId((first + place) as u32);
            let (message, part) = match record.what {
                Happening::Sent { .. } => (id, Part::Sent),
                Happening::Delivered { message } => (message, Part::Reached),
                Happening::Lost { message, reason } => (message, Part::NotReached(id, reason)),
                _ => continue,
            };
            match (of_it(message), part) {
                (Some((other, true, true)), part) => drop(parts.insert(other, part)),
                (Some((other, false, false)), Part::Reached) => drop(parts.remove(&other)),
                (Some((other, false, false)), Part::NotReached(id, reason)) => {
                    parts.insert(other, Part::AnswerLost(id, reason));
                }
                _ => {}
            }
        }
        parts
    }
}

/// Whether a message asks, and does not answer.
fn is_question(message: &CapMessage) -> bool {
    matches!(
        message,
        CapMessage::Quorum(
            Message::Write { .. }
                | Message::Read { .. }
                | Message::AskStamp { .. }
                | Message::Merge { .. }
        )
    )
}

fn in_a_word(reason: LossReason) -> &'static str {
    match reason {
        LossReason::Cut => "it died at a cut",
        LossReason::Chance => "the link lost it",
        LossReason::NodeDown => "the server was down",
        LossReason::NetworkFull | LossReason::QueueFull => "there was no room",
        LossReason::Dropped => "it was taken off the network",
    }
}
