//! Work for an event store: an account with deposits and withdrawals.

use rift::event_store::{Effect, Event, EventId, EventStore, Evolve, Expected, NewEvent, Replay};
use rift::random::Random;

/// What happens to an account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Entry {
    Deposited(u64),
    Withdrawn(u64),
}

struct Balance;

impl Evolve for Balance {
    type Payload = Entry;
    /// Cents, and how many events.
    type State = (u64, u64);

    fn initial(&self) -> (u64, u64) {
        (0, 0)
    }

    fn evolve(&self, state: &mut (u64, u64), event: &Event<'_, Entry>) {
        state.0 = match event.payload() {
            Entry::Deposited(cents) => state.0.wrapping_add(*cents),
            // Order shows, so nothing can be left out.
            Entry::Withdrawn(cents) => state.0.saturating_sub(*cents),
        };
        state.1 += 1;
    }

    fn schema(&self) -> u64 {
        1
    }
}

/// Ids as chance gives them.
pub(crate) fn ids(count: u64) -> Vec<EventId> {
    let mut random = Random::from_seed(7);
    let mut half = || u128::from(random.next_u64());
    (0..count).map(|_| EventId(half() << 64 | half())).collect()
}

fn event(id: EventId, n: u64) -> NewEvent<'static, Entry> {
    match n % 3 {
        0 => NewEvent::new(id, "Withdrawn", Entry::Withdrawn(n & 31)),
        _ => NewEvent::new(id, "Deposited", Entry::Deposited(n & 63)),
    }
}

/// A new store, filled one event at a time. Each is looked for by its id, and is new.
pub(crate) fn append(ids: &[EventId], streams: usize) -> EventStore<Entry> {
    let names: Vec<String> = (0..streams).map(|n| format!("account-{n}")).collect();
    let mut store = EventStore::new();
    for (id, n) in ids.iter().zip(0..) {
        let stream = &names[n as usize % streams];
        let appended = store.append(stream, Expected::Any, n, [event(*id, n)]);
        assert!(appended.is_ok_and(|appended| appended.effect == Effect::Written));
    }
    store
}

/// The state after all events.
pub(crate) fn fold(store: &EventStore<Entry>) -> u64 {
    let folded = Replay::new(&Balance).stream(store, "account-0").expect("all types are known");
    assert_eq!(folded.state.1, store.last_position());
    folded.evolved
}
