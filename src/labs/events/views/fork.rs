//! Another history: the same log with one event more, one less, or another one in its place.
//!
//! Everything after it is carried over as it is, with its ids and times. Nobody decides again: an
//! event is a fact, and stays one even where nobody would have decided it any more.

use super::super::shop::{Customer, Item, Shop, ShopCommand, ShopEvent};
use super::state::{Versions, differing, fields};
use crate::event_store::{EventId, EventStore, Expected, NewEvent, Read};

/// What is different.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// The event is not there.
    Drop,
    /// It is another one.
    Edit(ShopEvent),
    /// This one comes after it.
    Insert(ShopEvent),
}

/// What is different, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fork {
    /// A position of the log; only where an event is inserted may it be 0.
    pub(super) at: u64,
    pub(super) deed: Deed,
}

/// Where two histories part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parting {
    /// After this row the states differ for the first time.
    pub(super) row: u64,
    /// The first field that differs then, by its place.
    pub(super) field: usize,
}

/// What a desk would have made of an event, had it decided in another state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SecondThought {
    /// The same.
    Agrees,
    /// Something else, or nothing: why, or what.
    Differs(String),
}

impl Fork {
    /// The other history; `None` if the log has no such place.
    pub(super) fn of(self, log: &EventStore<ShopEvent>) -> Option<EventStore<ShopEvent>> {
        if self.at > log.last_position() {
            return None;
        }
        let (before, new) = match self.deed {
            Deed::Drop => (self.at.checked_sub(1)?, None),
            Deed::Edit(event) => (self.at.checked_sub(1)?, Some(event)),
            Deed::Insert(event) => (self.at, Some(event)),
        };
        let mut other = log.fork(before).ok()?;
        if let Some(event) = new {
            let at = log.event(self.at).map_or(0, |event| event.recorded_at());
            let id = EventId::of_command(EventId(self.at.into()), u64::MAX);
            append(&mut other, at, NewEvent::new(id, event.event_type(), event))?;
        }
        for event in log.read_all(Read::forwards().from(self.at + 1)).ok()? {
            let new = NewEvent {
                id: event.id(),
                event_type: event.event_type(),
                payload: *event.payload(),
                metadata: event.metadata(),
            };
            append(&mut other, event.recorded_at(), new)?;
        }
        Some(other)
    }

    /// How many rows there are with the two beside each other, if the log has so many events. Row 0
    /// is the beginning.
    pub(super) fn rows(self, last: u64) -> u64 {
        last + u64::from(matches!(self.deed, Deed::Insert(_)))
    }

    /// How far both are after a row: positions of the log and of the other history.
    pub(super) fn positions(self, row: u64) -> (u64, u64) {
        match self.deed {
            Deed::Drop => (row, row - u64::from(row >= self.at)),
            Deed::Edit(_) => (row, row),
            Deed::Insert(_) => (row - u64::from(row > self.at), row),
        }
    }

    /// The row on which they differ.
    pub(super) fn row(self) -> u64 {
        self.at + u64::from(matches!(self.deed, Deed::Insert(_)))
    }

    /// Where their states part for the first time. They may never do.
    pub(super) fn parting(
        self,
        log: &Versions<Shop>,
        other: &Versions<Shop>,
        last: u64,
    ) -> Option<Parting> {
        (self.row()..=self.rows(last)).find_map(|row| {
            let (here, there) = self.positions(row);
            let (here, there) = (log.at(here), other.at(there));
            let places = differing(&fields(&here.0), &fields(&there.0));
            places.first().map(|field| Parting { row, field: *field })
        })
    }
}

/// At the end of its stream, whatever was there before: facts are carried over, not checked.
fn append(
    log: &mut EventStore<ShopEvent>,
    recorded_at: u64,
    new: NewEvent<'_, ShopEvent>,
) -> Option<()> {
    let stream = new.payload.stream();
    let expected = Expected::Exact(log.stream(stream).version());
    log.append(stream, expected, recorded_at, [new]).ok().map(|_| ())
}

/// What a desk would have decided in this state that led to that event in another. Deliveries
/// happen whatever desks think.
pub(super) fn second_thought(shop: &Shop, event: ShopEvent) -> SecondThought {
    let command = match event {
        ShopEvent::Taken { item, customer } => ShopCommand::Take(customer, item),
        ShopEvent::PutBack { item, customer } => ShopCommand::PutBack(customer, item),
        ShopEvent::Charged { customer, .. } => ShopCommand::Pay(customer),
        ShopEvent::Sold { item, customer } => ShopCommand::Buy(customer, item),
        ShopEvent::Stocked { .. } | ShopEvent::ChargedEuros { .. } => return SecondThought::Agrees,
    };
    match shop.decide(command) {
        Ok(decided) if decided == event => SecondThought::Agrees,
        Ok(decided) => SecondThought::Differs(decided.to_string()),
        Err(refusal) => SecondThought::Differs(refusal.to_string()),
    }
}

/// What can stand in an event's place.
pub(super) fn alternatives(event: ShopEvent) -> Vec<ShopEvent> {
    let mut others = Vec::new();
    match event {
        ShopEvent::Stocked { item, count } => {
            for other in [count.saturating_sub(1), count.saturating_add(1), count.saturating_add(5)]
            {
                others.push(ShopEvent::Stocked { item, count: other });
            }
            others.extend(other_items(item).map(|item| ShopEvent::Stocked { item, count }));
        }
        ShopEvent::Taken { item, customer } => {
            others.extend(other_items(item).map(|item| ShopEvent::Taken { item, customer }));
            let by = |customer| ShopEvent::Taken { item, customer };
            others.extend(other_customers(customer).map(by));
            others.push(ShopEvent::PutBack { item, customer });
        }
        ShopEvent::PutBack { item, customer } => {
            others.extend(other_items(item).map(|item| ShopEvent::PutBack { item, customer }));
            others.push(ShopEvent::Taken { item, customer });
        }
        ShopEvent::Charged { customer, cents } => {
            for other in [0, cents / 2, cents.saturating_mul(2)] {
                others.push(ShopEvent::Charged { customer, cents: other });
            }
            let by = |customer| ShopEvent::Charged { customer, cents };
            others.extend(other_customers(customer).map(by));
        }
        ShopEvent::Sold { item, customer } => {
            others.extend(other_items(item).map(|item| ShopEvent::Sold { item, customer }));
            let by = |customer| ShopEvent::Sold { item, customer };
            others.extend(other_customers(customer).map(by));
        }
        ShopEvent::ChargedEuros { customer, euros } => {
            for other in [0, euros / 2, euros.saturating_mul(2)] {
                others.push(ShopEvent::ChargedEuros { customer, euros: other });
            }
            let by = |customer| ShopEvent::ChargedEuros { customer, euros };
            others.extend(other_customers(customer).map(by));
        }
    }
    others.retain(|other| *other != event);
    others
}

/// What can be put in between.
pub(super) fn insertions() -> Vec<ShopEvent> {
    let mut all = Vec::new();
    for item in Item::ALL {
        all.push(ShopEvent::Stocked { item, count: 3 });
    }
    for customer in [Customer::Ann, Customer::Ben] {
        for item in Item::ALL {
            all.push(ShopEvent::Taken { item, customer });
            all.push(ShopEvent::PutBack { item, customer });
        }
        all.push(ShopEvent::Charged { customer, cents: Item::Mug.cents() });
    }
    all
}

fn other_items(item: Item) -> impl Iterator<Item = Item> {
    Item::ALL.into_iter().filter(move |other| *other != item)
}

fn other_customers(customer: Customer) -> impl Iterator<Item = Customer> {
    Customer::ALL.into_iter().filter(move |other| *other != customer)
}
