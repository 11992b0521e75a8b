//! A long stream, for what a short one does not show: what replays cost, and what snapshots save.

use super::super::super::shop::{Customer, Item, Shop, ShopCommand, ShopEvent, ShopRules};
use crate::event_store::{
    EventId, EventStore, Expected, Folded, NewEvent, Replay, Snapshot, state_hash,
};
use crate::random::Random;

/// How many events it has.
pub(super) const EVENTS: u64 = 100_000;
/// How many of them are made in a drawing: together a few milliseconds in a browser.
const SLICE: u64 = 20_000;
/// What it is called.
const STREAM: &str = "shop";
/// Everybody sees the same stream.
const SEED: u64 = 6;
/// After how many events there is a snapshot: what can be chosen.
pub(super) const EVERY: [u64; 16] =
    [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];

/// A shop with a long past, in one stream, and a snapshot.
pub(super) struct Long {
    store: EventStore<ShopEvent>,
    shop: Shop,
    random: Random,
    /// The one that was made last, for it is often wanted again.
    snapshot: Option<Snapshot<Shop>>,
}

/// A version of the stream, come to in two ways.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Looked {
    /// From the first event on.
    pub(super) whole: Folded<Shop>,
    /// The version of the snapshot.
    pub(super) covers: u64,
    /// How many events were folded from there on.
    pub(super) tail: u64,
    /// Whether that came to the same.
    pub(super) is_same: bool,
    /// How many bytes a snapshot takes.
    pub(super) snapshot_bytes: u64,
}

impl Long {
    pub(super) fn new() -> Long {
        Long {
            store: EventStore::new(),
            shop: Shop::default(),
            random: Random::from_seed(SEED),
            snapshot: None,
        }
    }

    pub(super) fn version(&self) -> u64 {
        self.store.last_position()
    }

    pub(super) fn is_whole(&self) -> bool {
        self.version() >= EVENTS
    }

    /// Makes a part of it. Customers want something, and the shop decides.
    pub(super) fn grow(&mut self) {
        let until = (self.version() + SLICE).min(EVENTS);
        while self.version() < until {
            let wanted = self.wanted();
            let decided = self.shop.decide(wanted);
            let Ok(event) = decided.or_else(|_| self.shop.decide(restock(wanted))) else {
                continue;
            };
            let version = self.version();
            let new = NewEvent::new(EventId((version + 1).into()), event.event_type(), event);
            // It is new, and the last one: it cannot be refused.
            if self.store.append(STREAM, Expected::Exact(version), version, [new]).is_err() {
                return;
            }
            self.shop.apply(event);
        }
    }

    fn wanted(&mut self) -> ShopCommand {
        let mut one_of = |count: usize| self.random.below(count as u64) as usize;
        let customer = Customer::ALL[one_of(Customer::ALL.len())];
        let item = Item::ALL[one_of(Item::ALL.len())];
        match one_of(10) {
            0..=5 => ShopCommand::Take(customer, item),
            6 => ShopCommand::PutBack(customer, item),
            7 | 8 => ShopCommand::Pay(customer),
            _ => ShopCommand::Restock(item),
        }
    }

    /// Folds the stream up to a version from its first event, and once more from the last snapshot
    /// before that, if there is one after every so many events.
    pub(super) fn look(&mut self, version: u64, every: u64) -> Option<Looked> {
        let rules = ShopRules;
        let replay = Replay::new(&rules);
        let version = version.min(self.version());
        let whole = replay.stream_to(&self.store, STREAM, version).ok()?;
        let covers = version - version % every;
        if self.snapshot.as_ref().is_none_or(|kept| kept.folded.through != covers) {
            let folded = replay.stream_to(&self.store, STREAM, covers).ok()?;
            self.snapshot = Some(replay.snapshot(&self.store, STREAM, folded));
        }
        let snapshot = self.snapshot.as_ref()?;
        let again = replay.stream_from_to(&self.store, snapshot, version).ok()?;
        Some(Looked {
            covers,
            tail: again.evolved - snapshot.folded.evolved,
            is_same: again == whole && state_hash(&again.state) == state_hash(&whole.state),
            snapshot_bytes: bytes(snapshot),
            whole,
        })
    }
}

/// What to do if there is none.
fn restock(wanted: ShopCommand) -> ShopCommand {
    match wanted {
        ShopCommand::Take(_, item) => ShopCommand::Restock(item),
        other => other,
    }
}

/// How much a snapshot takes if each of its numbers is written down as it is.
fn bytes(snapshot: &Snapshot<Shop>) -> u64 {
    let Snapshot { stream, folded, last_event, schema, state_hash } = snapshot;
    let Shop { left, customers } = &folded.state;
    let accounts = customers.iter().map(|account| {
        size_of_val(&account.cart)
            + size_of_val(&account.paid_cents)
            + size_of_val(&account.payments)
    });
    let counts = size_of_val(&folded.through)
        + size_of_val(&folded.evolved)
        + size_of_val(&folded.left_out.skipped);
    let state = size_of_val(left) + accounts.sum::<usize>();
    let marks = size_of_val(last_event) + size_of_val(schema) + size_of_val(state_hash);
    (stream.len() + state + counts + marks) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(in super::super) fn whole() -> Long {
        let mut long = Long::new();
        while !long.is_whole() {
            long.grow();
        }
        long
    }

    /// ES-14 at places spread over the stream, for every distance of snapshots.
    #[test]
    fn each_version_is_the_same_from_a_snapshot_and_from_the_beginning() {
        let mut long = whole();
        assert_eq!(long.version(), EVENTS);
        for every in EVERY {
            for version in [0, 1, 999, 1_000, 1_001, 73_412, 99_999, 100_000] {
                let looked = long.look(version, every).expect("all of it can be read");
                assert!(looked.is_same, "{version} from a snapshot every {every}");
                assert_eq!((looked.whole.through, looked.whole.evolved), (version, version));
                assert_eq!(
                    (looked.covers, looked.tail),
                    (version / every * every, version % every)
                );
                assert_eq!(looked.snapshot_bytes, 4 + 68 + 24 + 32);
            }
        }
        assert_eq!(long.look(u64::MAX, 1).map(|looked| looked.whole.through), Some(EVENTS));
    }

    /// The numbers stay those of a shop: nothing below 0.
    #[test]
    fn it_is_the_same_shop_every_time_and_keeps_its_rules() {
        let (mut one, mut other) = (whole(), whole());
        assert!(one.store == other.store);
        for version in (0..=EVENTS).step_by(1_009) {
            let looked = one.look(version, 100).expect("all of it can be read");
            assert_eq!(Some(&looked), other.look(version, 100).as_ref());
            let shop = &looked.whole.state;
            assert!(shop.left.iter().all(|left| (0..=Shop::SHELF).contains(left)), "{shop:?}");
            let mut carts = shop.customers.iter().flat_map(|account| account.cart);
            assert!(carts.all(|count| count >= 0), "{shop:?}");
        }
    }
}
