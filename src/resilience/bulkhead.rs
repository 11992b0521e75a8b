//! How many calls may be under way at a time, so that one slow service does not take all.

use std::collections::VecDeque;
use std::fmt;

/// Settings of a [`Bulkhead`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BulkheadConfig {
    /// How many calls may be under way at a time.
    pub slots: u32,
    /// How many more may wait for a slot. 0 is legal: who finds none is rejected at once.
    pub queue: u32,
    /// How long one may wait, in microseconds.
    pub longest_wait_us: u64,
}

/// Why a bulkhead cannot be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BulkheadError {
    /// Nobody would ever get through.
    ZeroSlots,
    /// Who waits would be gone at once.
    ZeroWait,
    /// More than `most` slots or places in the queue.
    TooLarge { asked: u32, most: u32 },
}

/// The most slots, and the most places in the queue.
pub const MOST_PLACES: u32 = 1 << 20;

/// A compartment (Michael Nygard, "Release It!", "Bulkheads"): it takes so many calls and no more.
/// Who comes when it is full waits in a queue, first come first served, for a limited time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bulkhead {
    config: BulkheadConfig,
    /// Who has each slot.
    slots: Vec<Option<Ticket>>,
    /// Slots that nobody has, the next to be taken last.
    free: Vec<u32>,
    /// Who waits, and until when, first come first.
    queue: VecDeque<(Ticket, u64)>,
    /// Who got a slot by waiting, and has not been told.
    admitted: VecDeque<Slot>,
    /// Who waited in vain, and has not been told.
    expired: VecDeque<Ticket>,
    next: u64,
    now_us: u64,
}

/// Somebody who came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u64);

/// A slot, to be given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "a slot that is not given back is lost"]
pub struct Slot {
    /// Whose it is.
    pub ticket: Ticket,
    place: u32,
}

/// What became of somebody who came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// In.
    Admitted(Slot),
    /// Waiting. [`Bulkhead::poll_admitted`] and [`Bulkhead::poll_expired`] say what comes of it.
    Queued(Ticket),
    /// Turned away: `under_way` calls, and `queued` who wait.
    Full { under_way: u32, queued: u32 },
}

impl Bulkhead {
    /// An empty bulkhead.
    pub fn new(config: BulkheadConfig) -> Result<Bulkhead, BulkheadError> {
        let BulkheadConfig { slots, queue, longest_wait_us } = config;
        if slots == 0 {
            return Err(BulkheadError::ZeroSlots);
        }
        if queue > 0 && longest_wait_us == 0 {
            return Err(BulkheadError::ZeroWait);
        }
        let asked = slots.max(queue);
        if asked > MOST_PLACES {
            return Err(BulkheadError::TooLarge { asked, most: MOST_PLACES });
        }
        Ok(Bulkhead {
            config,
            slots: vec![None; slots as usize],
            free: (0..slots).rev().collect(),
            queue: VecDeque::new(),
            admitted: VecDeque::new(),
            expired: VecDeque::new(),
            next: 0,
            now_us: 0,
        })
    }

    /// Somebody comes at `now_us`.
    pub fn enter(&mut self, now_us: u64) -> Entry {
        self.handle_deadline(now_us);
        // Nobody waits while a slot is free, so nobody is overtaken.
        if let Some(place) = self.free.pop() {
            let ticket = self.ticket();
            return Entry::Admitted(self.fill(place, ticket));
        }
        if self.queued() < self.config.queue {
            let ticket = self.ticket();
            let until_us = self.now_us.saturating_add(self.config.longest_wait_us);
            self.queue.push_back((ticket, until_us));
            return Entry::Queued(ticket);
        }
        Entry::Full { under_way: self.under_way(), queued: self.queued() }
    }

    /// Gives a slot back at `now_us`; who has waited longest gets it. `false` if it was given back
    /// before: nothing happens then.
    pub fn leave(&mut self, slot: Slot, now_us: u64) -> bool {
        self.handle_deadline(now_us);
        let Some(holder) = self.slots.get_mut(slot.place as usize) else { return false };
        if *holder != Some(slot.ticket) {
            return false;
        }
        *holder = None;
        match self.queue.pop_front() {
            Some((ticket, _)) => {
                let slot = self.fill(slot.place, ticket);
                self.admitted.push_back(slot);
            }
            None => self.free.push(slot.place),
        }
        true
    }

    /// Somebody who waits gives up. `false` if they do not wait any more.
    pub fn give_up(&mut self, ticket: Ticket, now_us: u64) -> bool {
        self.handle_deadline(now_us);
        let place = self.queue.iter().position(|(waiting, _)| *waiting == ticket);
        place.and_then(|place| self.queue.remove(place)).is_some()
    }

    /// Sends away who has waited as long as one may.
    pub fn handle_deadline(&mut self, now_us: u64) {
        self.now_us = self.now_us.max(now_us);
        while let Some((ticket, _)) = self.queue.pop_front_if(|(_, until)| *until <= self.now_us) {
            // Of those that nobody asks about, no more are kept than can wait.
            if self.expired.len() >= self.config.queue as usize {
                self.expired.pop_front();
            }
            self.expired.push_back(ticket);
        }
    }

    /// When somebody will have waited too long, in microseconds.
    pub fn deadline_us(&self) -> Option<u64> {
        self.queue.front().map(|(_, until_us)| *until_us)
    }

    /// The next who waited and is in.
    pub fn poll_admitted(&mut self) -> Option<Slot> {
        self.admitted.pop_front()
    }

    /// The next who waited too long.
    pub fn poll_expired(&mut self) -> Option<Ticket> {
        self.expired.pop_front()
    }

    /// How many calls are under way.
    pub fn under_way(&self) -> u32 {
        self.config.slots - self.free.len() as u32
    }

    /// How many wait, as of the latest call.
    pub fn queued(&self) -> u32 {
        self.queue.len() as u32
    }

    fn ticket(&mut self) -> Ticket {
        self.next += 1;
        Ticket(self.next)
    }

    fn fill(&mut self, place: u32, ticket: Ticket) -> Slot {
        if let Some(holder) = self.slots.get_mut(place as usize) {
            *holder = Some(ticket);
        }
        Slot { ticket, place }
    }
}

impl fmt::Display for BulkheadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BulkheadError::ZeroSlots => write!(f, "nobody would ever get through"),
            BulkheadError::ZeroWait => write!(f, "who waits would be gone at once"),
            BulkheadError::TooLarge { asked, most } => {
                write!(f, "{most} places at most, not {asked}")
            }
        }
    }
}

impl std::error::Error for BulkheadError {}
