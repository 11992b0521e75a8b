//! A small bank, whose accounts the tests write about.

use rift::event_store::file::PayloadBytes;
use rift::event_store::*;

/// What happens to an account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Account {
    Deposited(u64),
    Withdrawn(u64),
    Closed,
}

use Account::*;

/// What somebody wants of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Want {
    Deposit(u64),
    Withdraw(u64),
    Close,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum No {
    NotEnough { there: u64 },
    Closed,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Balance {
    pub(super) cents: u64,
    pub(super) closed: bool,
    /// When it was last changed, by the time of the event.
    pub(super) changed_at: u64,
}

#[derive(Debug)]
pub(super) struct Bank;

impl Evolve for Bank {
    type Payload = Account;
    type State = Balance;

    fn initial(&self) -> Balance {
        Balance::default()
    }

    fn evolve(&self, balance: &mut Balance, event: &Event<'_, Account>) {
        match event.payload() {
            Deposited(cents) => balance.cents += cents,
            // Not commutative, so that order shows.
            Withdrawn(cents) => balance.cents = balance.cents.saturating_sub(*cents),
            Closed => balance.closed = true,
        }
        balance.changed_at = event.recorded_at();
    }

    fn schema(&self) -> u64 {
        1
    }
}

impl Decider for Bank {
    type Command = Want;
    type Refusal = No;

    fn decide(&self, balance: &Balance, command: &Want) -> Result<Vec<Account>, No> {
        match *command {
            _ if balance.closed => Err(No::Closed),
            Want::Deposit(0) => Ok(vec![]),
            Want::Deposit(cents) => Ok(vec![Deposited(cents)]),
            Want::Withdraw(cents) if cents <= balance.cents => Ok(vec![Withdrawn(cents)]),
            Want::Withdraw(_) => Err(No::NotEnough { there: balance.cents }),
            Want::Close if balance.cents > 0 => Ok(vec![Withdrawn(balance.cents), Closed]),
            Want::Close => Ok(vec![Closed]),
        }
    }

    fn event_type(&self, event: &Account) -> &'static str {
        type_of(event)
    }

    fn is_terminal(&self, balance: &Balance) -> bool {
        balance.closed
    }
}

pub(super) fn type_of(event: &Account) -> &'static str {
    match event {
        Deposited(_) => "Deposited",
        Withdrawn(_) => "Withdrawn",
        Closed => "Closed",
    }
}

impl PayloadBytes for Account {
    fn encode(&self, into: &mut Vec<u8>) {
        match self {
            Deposited(cents) => into.extend_from_slice(&cents.to_le_bytes()),
            Withdrawn(cents) => {
                into.extend_from_slice(&cents.to_le_bytes());
                into.push(1);
            }
            Closed => {}
        }
    }

    fn decode(bytes: &[u8]) -> Option<Account> {
        match bytes {
            [] => Some(Closed),
            [cents @ .., 1] if cents.len() == 8 => {
                Some(Withdrawn(u64::from_le_bytes(*cents.first_chunk()?)))
            }
            cents if cents.len() == 8 => Some(Deposited(u64::from_le_bytes(*cents.first_chunk()?))),
            _ => None,
        }
    }
}

pub(super) fn id(n: u64) -> EventId {
    EventId(n.into())
}

/// An event with this id: a deposit of as many cents.
pub(super) fn deposit(n: u64) -> NewEvent<'static, Account> {
    event(n, Deposited(n))
}

pub(super) fn event(n: u64, payload: Account) -> NewEvent<'static, Account> {
    NewEvent::new(id(n), type_of(&payload), payload)
}

/// Deposits with these ids.
pub(super) fn deposits(ids: impl IntoIterator<Item = u64>) -> Vec<NewEvent<'static, Account>> {
    ids.into_iter().map(deposit).collect()
}

/// A store with these batches of deposits, by their ids, in one stream each.
pub(super) fn store(batches: &[(&str, &[u64])]) -> EventStore<Account> {
    let mut store = EventStore::new();
    for (stream, ids) in batches {
        let at = store.last_position() * 10;
        let appended = store.append(stream, Expected::Any, at, deposits(ids.iter().copied()));
        assert_eq!(appended.map(|appended| appended.effect), Ok(Effect::Written));
    }
    store
}

/// The ids of events.
pub(super) fn ids<'a>(events: impl IntoIterator<Item = Event<'a, Account>>) -> Vec<u64> {
    events.into_iter().map(|event| event.id().0 as u64).collect()
}

/// The ids of all events of a stream.
pub(super) fn ids_in(store: &EventStore<Account>, stream: &str) -> Vec<u64> {
    ids(store.read_stream(stream, Read::forwards()).expect("the stream is there").iter())
}

/// A place in stream and log.
pub(super) fn place(version: u64, position: u64) -> Option<Place> {
    Some(Place { version, position })
}
