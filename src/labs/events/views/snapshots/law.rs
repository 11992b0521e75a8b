//! The snapshot law on the reader's own log, and a snapshot that must not be believed.

use super::super::super::shop::{Item, Shop, ShopEvent, ShopRules};
use crate::event_store::{
    Event, EventId, EventStore, Evolve, Expected, Loaded, NewEvent, Read, Replay, Snapshot,
};

/// For each version of a stream, from 0 on, whether a replay from a snapshot of it gives what a
/// replay of everything gives: fold(all) = fold(tail, snapshot).
pub(super) fn cuts<E: Evolve>(
    replay: &Replay<'_, E>,
    log: &EventStore<E::Payload>,
    stream: &str,
) -> Vec<bool>
where
    E::State: PartialEq,
{
    let cut = |version| {
        let folded = replay.stream_to(log, stream, version).ok()?;
        let snapshot = replay.snapshot(log, stream, folded);
        // After the snapshot was taken, so that nothing beside the state is carried on from there.
        let whole = replay.stream(log, stream).ok()?;
        let from_there = replay.stream_from(log, &snapshot).ok()?;
        Some(from_there == whole)
    };
    let versions = 0..=log.stream(stream).version();
    versions.map(|version| cut(version) == Some(true)).collect()
}

/// What has happened to the log, the code or the snapshot since the snapshot was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Since {
    Nothing,
    /// The log is an older copy: somebody restored a backup.
    OlderLog,
    /// The log has another last event.
    OtherLog,
    /// The code has another idea of the state.
    OtherCode,
    /// A bit of the snapshot has flipped.
    FlippedBit,
}

/// What became of a snapshot.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    pub(super) stream: &'static str,
    /// The snapshot's version, and the log's.
    pub(super) versions: (u64, u64),
    /// What the snapshot says, and what is true, of the number that is left.
    pub(super) left: (i32, i32),
    pub(super) loaded: Loaded<Shop>,
    /// How many events were folded to load it.
    pub(super) folded: u64,
}

impl Since {
    pub(super) const ALL: [Since; 5] =
        [Since::Nothing, Since::OlderLog, Since::OtherLog, Since::OtherCode, Since::FlippedBit];

    pub(super) fn name(self) -> &'static str {
        match self {
            Since::Nothing => "nothing",
            Since::OlderLog => "an older copy of the log",
            Since::OtherLog => "another last event",
            Since::OtherCode => "new code",
            Since::FlippedBit => "a flipped bit",
        }
    }
}

/// The same shop in its next release, which would keep its state in another way.
struct NextRelease;

impl Evolve for NextRelease {
    type Payload = ShopEvent;
    type State = Shop;

    fn initial(&self) -> Shop {
        ShopRules.initial()
    }

    fn evolve(&self, shop: &mut Shop, event: &Event<'_, ShopEvent>) {
        ShopRules.evolve(shop, event);
    }

    fn schema(&self) -> u64 {
        ShopRules.schema() + 1
    }
}

/// The item whose stock the trial is about.
const ITEM: Item = Item::Mug;

/// Takes a snapshot of a stream now, lets something happen, and loads it.
pub(super) fn trial(log: &EventStore<ShopEvent>, since: Since) -> Option<Trial> {
    let (replay, next) = (Replay::new(&ShopRules), Replay::new(&NextRelease));
    let stream = ITEM.stream();
    let folded = replay.stream(log, stream).ok()?;
    let mut snapshot = replay.snapshot(log, stream, folded);
    let mut present = log.clone();
    match since {
        Since::Nothing | Since::OtherCode => {}
        Since::OlderLog => present = log.fork(before(log, stream, 2)?).ok()?,
        Since::OtherLog => {
            present = log.fork(before(log, stream, 1)?).ok()?;
            let event = ShopEvent::Stocked { item: ITEM, count: 5 };
            let new = NewEvent::new(EventId(u128::MAX), event.event_type(), event);
            present.append(stream, Expected::Any, 0, [new]).ok()?;
        }
        Since::FlippedBit => snapshot.folded.state.left[ITEM as usize] ^= 1 << 4,
    }
    let loaded = match since {
        Since::OtherCode => next.stream_from_or_rebuilt(&present, &snapshot),
        _ => replay.stream_from_or_rebuilt(&present, &snapshot),
    };
    let loaded = loaded.ok()?;
    Some(tried(&present, &snapshot, loaded))
}

fn tried(log: &EventStore<ShopEvent>, snapshot: &Snapshot<Shop>, loaded: Loaded<Shop>) -> Trial {
    let stream = ITEM.stream();
    let before = if loaded.refused.is_some() { 0 } else { snapshot.folded.evolved };
    Trial {
        stream,
        versions: (snapshot.folded.through, log.stream(stream).version()),
        left: (snapshot.folded.state.left(ITEM), loaded.folded.state.left(ITEM)),
        folded: loaded.folded.evolved - before,
        loaded,
    }
}

/// The position before the last `count` events of a stream.
fn before(log: &EventStore<ShopEvent>, stream: &str, count: u64) -> Option<u64> {
    let last = log.read_stream(stream, Read::backwards().limit(count)).ok()?;
    last.iter().last().map(|event| event.position() - 1)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::super::super::super::shop::BEFORE;
    use super::*;
    use crate::event_store::SnapshotRefusal;

    fn log() -> EventStore<ShopEvent> {
        let mut log = EventStore::new();
        for (n, event) in (1..).zip(BEFORE) {
            let new = NewEvent::new(EventId(n), event.event_type(), event);
            log.append(event.stream(), Expected::Any, 0, [new]).expect("it is new");
        }
        log
    }

    #[test]
    fn the_law_holds_for_every_cut_of_every_stream() {
        let (log, sleeve) = (log(), super::super::super::super::shop::upcasters());
        let replay = Replay::new(&ShopRules).upcasting(&sleeve);
        let cuts = |stream| cuts(&replay, &log, stream);
        assert_eq!(cuts("stock-mug"), [true; 4]);
        assert_eq!(cuts("stock-tea"), [true; 3]);
        assert_eq!(cuts("payments-cleo"), [true; 2]);
        assert_eq!(cuts("no such stream"), [true]);
    }

    /// Rules with something up their sleeve that is not in the state.
    struct Hidden(Cell<i32>);

    impl Evolve for Hidden {
        type Payload = ShopEvent;
        type State = i32;

        fn initial(&self) -> i32 {
            self.0.set(0);
            0
        }

        fn evolve(&self, state: &mut i32, _: &Event<'_, ShopEvent>) {
            self.0.set(self.0.get() + 1);
            *state += self.0.get();
        }

        fn schema(&self) -> u64 {
            1
        }
    }

    #[test]
    fn the_law_is_seen_to_be_broken() {
        let (log, rules) = (log(), Hidden(Cell::new(0)));
        let mut seen = cuts(&Replay::new(&rules), &log, "stock-mug");
        assert_eq!(seen.pop(), Some(true), "there is no tail");
        assert_eq!(seen, [false; 3], "what was hidden went on from elsewhere");
    }

    /// ES-15 and ES-16, each with what the snapshot would have made the reader believe.
    #[test]
    fn every_snapshot_that_must_not_be_believed_is_refused_and_the_state_rebuilt() {
        let log = log();
        let of = |since| trial(&log, since).expect("the stream is there");
        let fine = of(Since::Nothing);
        assert_eq!((fine.loaded.refused, fine.folded, fine.left), (None, 0, (1, 1)));
        let older = of(Since::OlderLog);
        let refusal = SnapshotRefusal::NewerThanLog { snapshot: 3, log: 1 };
        assert_eq!((older.loaded.refused, older.folded), (Some(refusal), 1));
        assert_eq!((older.versions, older.left), ((3, 1), (1, 3)));
        let other = of(Since::OtherLog);
        assert_eq!(other.loaded.refused, Some(SnapshotRefusal::OtherHistory { at: 3 }));
        assert_eq!((other.versions, other.left, other.folded), ((3, 3), (1, 7), 3));
        let code = of(Since::OtherCode);
        assert!(matches!(code.loaded.refused, Some(SnapshotRefusal::OtherSchema { .. })));
        let bit = of(Since::FlippedBit);
        assert!(matches!(bit.loaded.refused, Some(SnapshotRefusal::Damaged { .. })));
        assert_eq!((bit.left, bit.folded), ((17, 1), 3));
    }

    #[test]
    fn short_logs_do_no_harm() {
        let log = log();
        for position in 0..=6 {
            let short = log.fork(position).expect("it was so long");
            for since in Since::ALL {
                let tried = trial(&short, since);
                let is_there = short.stream("stock-mug").exists();
                let needs_events = matches!(since, Since::OlderLog | Since::OtherLog);
                assert_eq!(tried.is_some(), is_there || !needs_events, "{position} {since:?}");
            }
        }
    }
}
