//! The two windows over which rates are taken. Both slide; neither allocates after it was built.

use super::{CountWindow, Rate, Rates, TimeWindow};

/// What is known of one call: two bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Cell {
    /// It failed.
    pub failed: bool,
    /// It was slow.
    pub slow: bool,
}

/// How many calls a window holds, and how many of them failed and were slow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tally {
    /// Calls.
    pub calls: u64,
    /// Those that failed.
    pub failures: u64,
    /// Those that were slow.
    pub slow: u64,
}

impl Tally {
    /// The rate of failures. None before there are `minimum_calls`.
    pub fn failure_rate(self, minimum_calls: u32) -> Option<Rate> {
        self.has_volume(minimum_calls).then(|| Rate::of(self.failures, self.calls)).flatten()
    }

    /// The rate of slow calls. None before there are `minimum_calls`.
    pub fn slow_rate(self, minimum_calls: u32) -> Option<Rate> {
        self.has_volume(minimum_calls).then(|| Rate::of(self.slow, self.calls)).flatten()
    }

    /// Whether a call that ended as `cell` says, and is in the tally, brings a rate to where it
    /// opens: failures if it failed, slow calls if it was slow.
    pub(super) fn trips(self, rates: Rates, cell: Cell) -> Option<TrippedBy> {
        let reached = |rate: Option<Rate>, part| {
            rate.is_some_and(|rate| rate.is_reached_by(part, self.calls))
        };
        if !self.has_volume(rates.minimum_calls) {
            None
        } else if cell.failed && reached(rates.failures, self.failures) {
            Some(TrippedBy::Failures)
        } else if cell.slow && reached(rates.slow, self.slow) {
            Some(TrippedBy::Slow)
        } else {
            None
        }
    }

    fn has_volume(self, minimum_calls: u32) -> bool {
        self.calls >= u64::from(minimum_calls)
    }

    fn of(cell: Cell) -> Tally {
        Tally { calls: 1, failures: cell.failed.into(), slow: cell.slow.into() }
    }

    #[inline(always)]
    fn add(&mut self, other: Tally) {
        self.calls += other.calls;
        self.failures += other.failures;
        self.slow += other.slow;
    }

    fn subtract(&mut self, other: Tally) {
        self.calls -= other.calls;
        self.failures -= other.failures;
        self.slow -= other.slow;
    }
}

/// Which rate opened the breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TrippedBy {
    Failures,
    Slow,
}

/// The latest calls: a ring of a byte each.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct CountRing {
    /// Bit 0: failed. Bit 1: slow. What was never filled is 0.
    cells: Vec<u8>,
    /// Where the next goes; once the ring is full, the oldest is there.
    next: usize,
    tally: Tally,
}

const FAILED: u8 = 1;
const SLOW: u8 = 2;

impl CountRing {
    pub(super) fn new(window: CountWindow) -> CountRing {
        CountRing { cells: vec![0; window.calls as usize], next: 0, tally: Tally::default() }
    }

    pub(super) fn push(&mut self, cell: Cell) {
        self.put(u8::from(cell.failed) | u8::from(cell.slow) << 1);
    }

    /// A quick success.
    #[inline(always)]
    pub(super) fn push_good(&mut self) {
        self.put(0);
    }

    #[inline(always)]
    fn put(&mut self, new: u8) {
        let length = self.cells.len();
        if let Some(place) = self.cells.get_mut(self.next) {
            let old = std::mem::replace(place, new);
            if old | new != 0 {
                self.recount(old, new);
            }
        }
        self.next = if self.next + 1 >= length { 0 } else { self.next + 1 };
        if self.tally.calls < length as u64 {
            self.tally.calls += 1;
        }
    }

    /// Not inlined: it is rare that a call fails.
    #[inline(never)]
    fn recount(&mut self, old: u8, new: u8) {
        let Tally { failures, slow, .. } = &mut self.tally;
        *failures = *failures + u64::from(new & FAILED) - u64::from(old & FAILED);
        *slow = *slow + u64::from(new & SLOW) / 2 - u64::from(old & SLOW) / 2;
    }

    pub(super) fn tally(&self) -> Tally {
        self.tally
    }

    /// Oldest first.
    pub(super) fn cells(&self) -> impl Iterator<Item = Cell> {
        let calls = self.tally.calls as usize;
        let first = if calls == self.cells.len() { self.next } else { 0 };
        let of = |byte: &u8| Cell { failed: byte & FAILED != 0, slow: byte & SLOW != 0 };
        self.cells[first..].iter().chain(&self.cells[..first]).take(calls).map(of)
    }

    pub(super) fn clear(&mut self) {
        self.cells.fill(0);
        self.next = 0;
        self.tally = Tally::default();
    }
}

/// The latest stretch of time: a ring of buckets. The bucket of an instant is its time divided by
/// the bucket's width, rounded down. What was reported at `t` is gone at `t` plus the whole window,
/// at the latest; up to a bucket's width earlier, if `t` was not at the beginning of its bucket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct TimeRing {
    width_us: u64,
    buckets: Vec<Tally>,
    /// The bucket that is being filled, counted from time 0.
    current: u64,
    /// Where it is in the ring.
    place: usize,
    /// When it is full.
    ends_us: u64,
    /// All buckets together.
    tally: Tally,
}

impl TimeRing {
    pub(super) fn new(window: TimeWindow) -> TimeRing {
        TimeRing {
            width_us: window.bucket_us,
            buckets: vec![Tally::default(); window.buckets as usize],
            current: 0,
            place: 0,
            ends_us: window.bucket_us,
            tally: Tally::default(),
        }
    }

    pub(super) fn push(&mut self, now_us: u64, cell: Cell) {
        self.put(now_us, Tally::of(cell));
    }

    /// A quick success.
    #[inline(always)]
    pub(super) fn push_good(&mut self, now_us: u64) {
        self.put(now_us, Tally { calls: 1, failures: 0, slow: 0 });
    }

    /// `now_us` never goes back.
    #[inline(always)]
    fn put(&mut self, now_us: u64, call: Tally) {
        if now_us >= self.ends_us {
            self.roll(now_us);
        }
        if let Some(bucket) = self.buckets.get_mut(self.place) {
            bucket.add(call);
            self.tally.add(call);
        }
    }

    /// Empties the buckets whose time is over.
    #[cold]
    #[inline(never)]
    fn roll(&mut self, now_us: u64) {
        let current = now_us / self.width_us;
        let length = self.buckets.len();
        if current - self.current >= length as u64 {
            self.buckets.fill(Tally::default());
            self.tally = Tally::default();
            self.place = (current % length as u64) as usize;
        } else {
            for _ in self.current..current {
                self.place = if self.place + 1 == length { 0 } else { self.place + 1 };
                self.tally.subtract(std::mem::take(&mut self.buckets[self.place]));
            }
        }
        self.current = current;
        // At the end of time the last bucket never is full.
        let next = current.checked_add(1);
        self.ends_us = next.and_then(|next| next.checked_mul(self.width_us)).unwrap_or(u64::MAX);
    }

    /// What is in the window at `now_us`, without rolling it.
    pub(super) fn tally_at(&self, now_us: u64) -> Tally {
        let mut tally = Tally::default();
        self.buckets_at(now_us).for_each(|bucket| tally.add(bucket));
        tally
    }

    pub(super) fn tally(&self) -> Tally {
        self.tally
    }

    /// The buckets that are in the window at `now_us`, oldest first, the one that is being filled
    /// last. Always as many as the window has.
    pub(super) fn buckets_at(&self, now_us: u64) -> impl Iterator<Item = Tally> {
        let passed = (now_us / self.width_us).saturating_sub(self.current);
        let length = self.buckets.len();
        let passed = usize::try_from(passed).map_or(length, |passed| passed.min(length));
        let oldest_first = (1..=length).map(move |step| (self.place + step) % length);
        let kept = oldest_first.skip(passed).map(|place| self.buckets[place]);
        kept.chain(std::iter::repeat_n(Tally::default(), passed))
    }

    /// Puts back what `buckets_at` gave at the same place on a clock that shows `now_us`.
    pub(super) fn restore(&mut self, now_us: u64, newest_first: impl Iterator<Item = Tally>) {
        self.clear();
        self.roll(now_us);
        let length = self.buckets.len();
        for (age, bucket) in newest_first.take(length).enumerate() {
            // Nobody checked what was saved, and no sum may overflow.
            let calls = bucket.calls.min(u32::MAX.into());
            let (failures, slow) = (bucket.failures.min(calls), bucket.slow.min(calls));
            let bucket = Tally { calls, failures, slow };
            self.buckets[(self.place + length - age) % length] = bucket;
            self.tally.add(bucket);
        }
    }

    pub(super) fn clear(&mut self) {
        self.buckets.fill(Tally::default());
        self.tally = Tally::default();
    }
}
