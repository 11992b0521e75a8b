//! Why a customer's request went as it did, or why there is no answer yet.

use super::records::why_lost;
use super::{Answer, Asked, Log, Look, Outcome, Question, Why, act};
use crate::labs::events::desk::Step;
use crate::labs::events::shop::{ShopEvent, ShopRefusal};
use crate::labs::events::system::EventsMessage;
use crate::labs::events::words::{self, who};
use crate::labs::events::{KEEPER, ledger};
use crate::labs::telling::ms;
use crate::sim::{Happening, RecordId};

impl Why<'_> {
    /// What became of the `number`th request, and why; `None` if there was none.
    pub(super) fn of_request(&self, number: u64) -> Option<Answer> {
        let place = usize::try_from(number.checked_sub(1)?).ok()?;
        let asked = self.requests().asked().get(place)?;
        let (client, via, command) = (who(asked.client), asked.via, asked.command);
        let text = format!("At {}, {client} asked {via}: {command}.", ms(asked.at_us));
        let mut answer = Answer::new(text, words::DECIDER);
        answer.servers.extend([via, asked.with]);
        answer.record = asked.answered.or(Some(asked.called));
        let told = asked.answered.and_then(|id| self.happened(id));
        if let Some((told, section)) = told {
            answer.say(&told);
            if !section.is_empty() {
                answer.section = section;
            }
        }
        match asked.outcome {
            None => self.say_open(&mut answer, asked),
            Some(Outcome::Done { position, .. }) => self.say_done(&mut answer, asked, position),
            Some(Outcome::Refused(refusal)) => self.say_refused(&mut answer, asked, refusal),
            Some(Outcome::Conflict { expected, .. }) => {
                self.say_conflict(&mut answer, asked, expected);
            }
            Some(Outcome::Unknown) => self.say_unknown(&mut answer, asked),
            Some(Outcome::Unreachable) => self.say_lost_on_the_way(&mut answer, asked),
            Some(Outcome::Impossible) => {}
        }
        self.say_twice(&mut answer, asked);
        Some(answer)
    }

    fn say_open(&self, answer: &mut Answer, asked: &Asked) {
        let with = asked.with;
        if let Some(still) = self.is_still(with) {
            answer.say(&format!("{with} {}.", still.text));
            answer.also.extend(still.act);
            return;
        }
        let desk = self.cluster.process(with).and_then(|process| process.desk());
        let work =
            desk.and_then(|desk| desk.works().iter().find(|work| work.request == asked.request));
        answer.say(match work.map(|work| &work.step) {
            Some(Step::Reading) => "There is no answer yet: its desk waits for the streams.",
            Some(Step::Appending(_)) => {
                "There is no answer yet: its desk has decided, and waits for word of the append."
            }
            None => "There is no answer yet.",
        });
        if self.log() == Log::Single
            && let Some(obstacle) = self.between(with, KEEPER)
        {
            answer.say(&format!("And {}.", obstacle.text));
            answer.also.extend(obstacle.act);
        }
        if self.log() == Log::Raft && self.leader().is_none() {
            answer.say("Nobody leads, so nothing can be committed.");
            answer.next.push(("Why does nobody lead?".to_owned(), Question::NoLeader));
        }
    }

    fn say_done(&self, answer: &mut Answer, asked: &Asked, position: u64) {
        let appended = self.appended(position);
        answer.also.extend(appended);
        if self.is_lost(asked) {
            answer.say("By now it is not in the log: the keeper had answered, and then forgot.");
            let lost = self.ledger_loss();
            answer.record = lost.or(answer.record);
            answer.section = words::ATOMIC;
            return;
        }
        let Some(entry) = self.ledger().entry(position) else { return };
        if let Some(decision) = self.ledger().decision(entry.id) {
            answer.also.push(decision.record);
            let stream = entry.event.stream();
            // Two desks may have decided about the same retry.
            let (is, before) = (entry.version, entry.version.saturating_sub(1));
            let is_next = self.ledger().was_decided_at(entry.id, before);
            let rested_on = if is_next { before } else { decision.version };
            let on = words::at_version(stream, rested_on);
            if is_next || entry.event.item().is_none() {
                answer.say(&format!("It was decided on {on}, and is version {is}."));
            } else {
                answer.say(&format!(
                    "It was decided on {on}, and is version {is}: what came between was not \
                     looked at, for the check was off."
                ));
                answer.section = words::LOST_UPDATE;
            }
        }
        let node = if self.log() == Log::Single { KEEPER } else { asked.with };
        if position <= self.position_of(node) {
            let label = format!("Where does event {position} come from?");
            answer.next.push((label, Question::Entry { node, index: position }));
        }
    }

    /// When the log was found to end earlier than it had.
    fn ledger_loss(&self) -> Option<RecordId> {
        self.told_before(self.end(), KEEPER, &mut |event| {
            matches!(event, super::EventsEvent::Recovered { .. })
        })
    }

    fn say_refused(&self, answer: &mut Answer, asked: &Asked, refusal: ShopRefusal) {
        let before = asked.answered.unwrap_or(asked.called);
        let is_it = |event: ShopEvent| match (refusal, event) {
            (
                ShopRefusal::SoldOut(item),
                ShopEvent::Taken { item: of, .. } | ShopEvent::Sold { item: of, .. },
            ) => of == item,
            (
                ShopRefusal::NotInCart(customer, item),
                ShopEvent::PutBack { item: of, customer: by },
            ) => (of, by) == (item, customer),
            (ShopRefusal::NothingOwed(customer), ShopEvent::Charged { customer: by, .. }) => {
                by == customer
            }
            (ShopRefusal::ShelfFull(item), ShopEvent::Stocked { item: of, .. }) => of == item,
            _ => false,
        };
        let ledger = self.ledger();
        let last = (1..=ledger.end()).rev().find(|position| {
            ledger.entry(*position).is_some_and(|entry| {
                entry.record.is_none_or(|record| record < before) && is_it(entry.event)
            })
        });
        let Some((position, entry)) = last.and_then(|at| Some((at, ledger.entry(at)?))) else {
            return;
        };
        let when = entry.record.map_or(String::new(), |id| format!(" at {}", ms(self.at_us(id))));
        answer.say(&format!("That follows from event {position}{when}: {}.", entry.event));
        answer.also.extend(entry.record);
    }

    fn say_conflict(&self, answer: &mut Answer, asked: &Asked, expected: u64) {
        let stream = asked.command.streams()[0];
        let quicker = self.quicker(stream, expected);
        let Some((position, entry)) = quicker.and_then(|at| Some((at, self.ledger().entry(at)?)))
        else {
            return;
        };
        let at = entry.record.map_or(0, |id| self.at_us(id));
        answer.say(&format!(
            "Version {} of {stream} was appended at {}: {}, event {position}.",
            entry.version,
            ms(at),
            entry.event
        ));
        answer.also.extend(entry.record);
        if entry.root == Some(ledger::root(self.requests(), asked.request)) {
            answer.say("That was the first attempt itself: under a fresh id it is not recognised.");
            answer.section = words::AGAIN;
        } else if let Some(root) = entry.root
            && let Some(other) = self.requests().numbered(root)
        {
            answer
                .next
                .push((format!("What became of {}?", act(other)), Question::Request(root.0)));
        }
    }

    fn say_unknown(&self, answer: &mut Answer, asked: &Asked) {
        self.say_lost_on_the_way(answer, asked);
        let root = ledger::root(self.requests(), asked.request);
        let ledger = self.ledger();
        match ledger.came_of(root, asked.called, ledger.end() + 1) {
            Some((position, entry)) => {
                let at = entry.record.map_or(String::new(), |id| ms(self.at_us(id)));
                answer.say(&format!("In fact it happened: it is event {position}, since {at}."));
                answer.also.extend(entry.record);
            }
            None => answer.say("By now it is not in the log."),
        }
    }

    /// Which messages died, and what became of those whose answer did.
    fn say_lost_on_the_way(&self, answer: &mut Answer, asked: &Asked) {
        let until = asked.answered.unwrap_or(self.end());
        let mut said = 0;
        for loss in self.losses(asked, until) {
            let Some(Happening::Lost { message, reason }) = self.what(loss) else { continue };
            let Some((from, to, text)) = self.history().message(*message) else { continue };
            let what = match text {
                EventsMessage::Read { .. } => "the question for the streams",
                EventsMessage::Streams { .. } => "the streams",
                EventsMessage::Append { command, .. } if *command == asked.id => "the append",
                EventsMessage::Appended { .. } | EventsMessage::NotAppended { .. } => "the answer",
                _ => continue,
            };
            answer.also.push(loss);
            answer.also.extend(self.reasons(loss).first().copied());
            if said == 0 {
                let (why, at) = (why_lost(*reason), ms(self.at_us(loss)));
                answer.say(&format!("At {at} {what} died from {from} to {to}: {why}."));
            }
            said += 1;
        }
        if said == 0
            && self.log() == Log::Single
            && let Some(still) = self.is_still(KEEPER)
        {
            answer.say(&format!("{KEEPER} {}.", still.text));
            answer.also.extend(still.act);
        }
    }

    /// If it happened more than once in all.
    fn say_twice(&self, answer: &mut Answer, asked: &Asked) {
        let root = ledger::root(self.requests(), asked.request);
        let Some(first) = self.requests().numbered(root) else { return };
        let ledger = self.ledger();
        let Some((later, _)) = ledger.came_of(root, first.called, ledger.end() + 1) else { return };
        let Some((earlier, _)) = ledger.came_of(root, first.called, later) else { return };
        answer.say(&format!(
            "It is in the log twice, as events {earlier} and {later}: the retry had a fresh id, \
             and nobody could tell that it was the same."
        ));
        answer.also.extend(self.appended(earlier));
        answer.also.extend(self.appended(later));
        answer.section = words::AGAIN;
    }
}
