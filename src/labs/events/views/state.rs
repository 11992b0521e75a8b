//! The shop's state for looking at: its fields with their names, after every event of a log, and
//! what differs between two.

use super::super::shop::{Customer, Euros, Item, Shop, ShopEvent, ShopRules, upcasters};
use crate::event_store::{
    Event, EventStore, Evolve, Projection, Replay, ReplayError, Source, Upcasters, state_hash,
};
use crate::scene::svg::Markup;

/// A number of the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) value: String,
}

/// The rules and the sleeve with which the figure replays.
pub(super) struct Reading {
    rules: ShopRules,
    upcasters: Upcasters<ShopEvent>,
}

/// The state after each event of a log, from before the first on, and its hash.
#[derive(Clone, Debug)]
pub(super) struct Versions<S> {
    pub(super) states: Vec<(S, u64)>,
    /// Why there are no more, if an event could not be read.
    pub(super) error: Option<ReplayError>,
}

impl Reading {
    pub(super) fn new() -> Reading {
        Reading { rules: ShopRules, upcasters: upcasters() }
    }

    pub(super) fn replay(&self) -> Replay<'_, ShopRules> {
        Replay::new(&self.rules).upcasting(&self.upcasters)
    }
}

impl<S: Clone + std::hash::Hash> Versions<S> {
    /// Replays a log event by event, as a read model does.
    pub(super) fn of<E: Evolve<State = S>>(
        replay: &Replay<'_, E>,
        log: &EventStore<E::Payload>,
    ) -> Versions<S> {
        let mut projection = Projection::new(replay, Source::All);
        let seen = |projection: &Projection<S>| {
            let state = projection.state().clone();
            let hash = state_hash(&state);
            (state, hash)
        };
        let mut states = vec![seen(&projection)];
        while projection.position() < log.last_position() {
            if let Err(error) = projection.catch_up(replay, log, 1) {
                return Versions { states, error: Some(error) };
            }
            states.push(seen(&projection));
        }
        Versions { states, error: None }
    }

    /// After the event at a position; beyond the end the last.
    pub(super) fn at(&self, position: u64) -> &(S, u64) {
        let last = self.states.len() - 1;
        &self.states[(position as usize).min(last)]
    }

    /// Replays the log up to a position once more, from its first event, in one go. Whether that
    /// gives the same state.
    pub(super) fn is_same_again<E: Evolve<State = S>>(
        &self,
        replay: &Replay<'_, E>,
        log: &EventStore<E::Payload>,
        position: u64,
    ) -> bool {
        let hash = self.states.get(position as usize).map(|(_, hash)| *hash);
        let again = replay.all_to(log, position).ok();
        again.map(|folded| state_hash(&folded.state)) == hash && hash.is_some()
    }
}

/// The fields of a state, always the same ones in the same order.
pub(super) fn fields(shop: &Shop) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut add = |name: String, value: String| fields.push(Field { name, value });
    for item in Item::ALL {
        add([item.name(), " left"].concat(), whole(shop.left(item)));
    }
    for customer in Customer::ALL {
        let account = shop.account(customer);
        for item in Item::ALL {
            let name = [item.name(), " in ", customer.name(), "’s cart"].concat();
            add(name, whole(account.cart[item as usize]));
        }
        add([customer.name(), " has paid"].concat(), Euros(account.paid_cents).to_string());
        add([customer.name(), "’s payments"].concat(), account.payments.to_string());
    }
    fields
}

/// A number, with a minus as it is typeset.
fn whole(number: i32) -> String {
    let sign = if number < 0 { "−" } else { "" };
    [sign, &number.unsigned_abs().to_string()].concat()
}

/// Which fields of two states differ, by their places.
pub(super) fn differing(one: &[Field], other: &[Field]) -> Vec<usize> {
    let pairs = one.iter().zip(other).enumerate();
    pairs.filter(|(_, (one, other))| one.value != other.value).map(|(place, _)| place).collect()
}

/// Whether a log begins with all events of another one.
pub(super) fn begins_with(log: &EventStore<ShopEvent>, other: &EventStore<ShopEvent>) -> bool {
    fn same<'a>(event: &Event<'a, ShopEvent>) -> (u128, u64, &'a str, ShopEvent) {
        (event.id().0, event.recorded_at(), event.stream(), *event.payload())
    }
    (1..=other.last_position()).all(|position| {
        let (here, there) = (log.event(position), other.event(position));
        here.as_ref().map(same) == there.as_ref().map(same)
    }) && log.last_position() >= other.last_position()
}

/// The first digits of a hash.
pub(super) fn short(hash: u64) -> String {
    format!("{:04x}", hash >> 48)
}

/// Thousands apart: `99 999`, with a space that does not break.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

/// A button. With `pressed` it is one that stays pressed.
pub(super) fn button(html: &mut Markup, look: &str, label: &str, pressed: Option<bool>) {
    let mut named = vec![("class", "toggle"), ("data-look", look)];
    if let Some(pressed) = pressed {
        named.push(("aria-pressed", if pressed { "true" } else { "false" }));
    }
    html.words("button", &named, label);
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::event_store::{EventId, Expected, NewEvent};
    use crate::labs::events::shop::BEFORE;

    pub(in super::super) fn log(events: &[ShopEvent]) -> EventStore<ShopEvent> {
        let mut log = EventStore::new();
        for (n, event) in (1..).zip(events) {
            let new = NewEvent::new(EventId(n), event.event_type(), *event);
            log.append(event.stream(), Expected::Any, 0, [new]).expect("it is new");
        }
        log
    }

    #[test]
    fn the_state_after_each_event_is_that_of_a_replay_up_to_it() {
        let (log, reading) = (log(&BEFORE), Reading::new());
        let replay = reading.replay();
        let versions = Versions::of(&replay, &log);
        assert_eq!((versions.states.len(), versions.error.clone()), (7, None));
        for position in 0..=6 {
            let folded = replay.all_to(&log, position).expect("all types are known");
            assert_eq!(versions.at(position), &(folded.state.clone(), state_hash(&folded.state)));
            assert!(versions.is_same_again(&replay, &log, position));
        }
        assert!(!versions.is_same_again(&replay, &log, 7), "there is no such event");
        let values: Vec<String> =
            fields(&versions.at(6).0).into_iter().map(|field| field.value).collect();
        let expected =
            ["4", "1", "0", "0", "0.00 €", "0", "1", "0", "0.00 €", "0", "0", "2", "24.00 €", "1"];
        assert_eq!(values, expected);
    }

    /// Rules that count how often they were asked: what ES-11 forbids.
    struct Impure(Cell<i32>);

    impl Evolve for Impure {
        type Payload = ShopEvent;
        type State = i32;

        fn initial(&self) -> i32 {
            0
        }

        fn evolve(&self, state: &mut i32, _: &Event<'_, ShopEvent>) {
            self.0.set(self.0.get() + 1);
            *state = self.0.get();
        }

        fn schema(&self) -> u64 {
            1
        }
    }

    #[test]
    fn a_replay_that_is_not_pure_gets_no_tick() {
        let (log, rules) = (log(&BEFORE), Impure(Cell::new(0)));
        let replay = Replay::new(&rules);
        let versions = Versions::of(&replay, &log);
        assert!(versions.is_same_again(&replay, &log, 0), "nothing has evolved yet");
        assert!((1..=6).all(|position| !versions.is_same_again(&replay, &log, position)));
    }

    #[test]
    fn what_cannot_be_read_ends_the_states_and_is_named() {
        let log = log(&BEFORE);
        let replay = Replay::new(&ShopRules);
        let versions = Versions::of(&replay, &log);
        let event_type = "ChargedEuros".to_owned();
        assert_eq!(versions.error, Some(ReplayError::UnknownType { event_type, position: 5 }));
        assert_eq!(versions.states.len(), 5);
        assert_eq!(versions.at(6), versions.at(4));
        assert!(!versions.is_same_again(&replay, &log, 5));
    }

    #[test]
    fn a_log_begins_with_its_beginnings_and_with_nothing_else() {
        let (all, other) = (log(&BEFORE), log(&[BEFORE[0], BEFORE[2]]));
        for position in 0..=6 {
            let beginning = all.fork(position).expect("it was so long");
            assert!(begins_with(&all, &beginning));
            assert_eq!(begins_with(&beginning, &all), position == 6);
        }
        assert!(!begins_with(&all, &other) && begins_with(&all, &log(&BEFORE)));
    }

    #[test]
    fn numbers_are_easy_to_read() {
        let numbers = [0, 999, 1_000, 99_999, 1_234_567].map(grouped);
        assert_eq!(
            numbers,
            ["0", "999", "1\u{202f}000", "99\u{202f}999", "1\u{202f}234\u{202f}567"]
        );
        assert_eq!([whole(-1), whole(0), short(0x12ab << 48)], ["−1", "0", "12ab"]);
    }
}
