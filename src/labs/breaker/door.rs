//! A breaker in front of somebody: the genuine one, or one with habits found in use.

use super::system::ByHand;
use crate::circuit_breaker::{
    Breaker, Cell, Config, ConfigError, Generation, Outcome, Permit, Probe, Quirks, QuirkyBreaker,
    Rejected, Reported, State, Tally, Transition,
};

/// A breaker. Without habits it is the genuine one, which has no switches.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Door {
    /// The core.
    Genuine(Breaker),
    /// One edge or several decided as others do.
    Quirky(QuirkyBreaker),
}

impl Door {
    /// A closed one.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if it could not work.
    pub fn new(config: Config, quirks: Quirks) -> Result<Door, ConfigError> {
        if quirks == Quirks::default() {
            return Breaker::new(config).map(Door::Genuine);
        }
        QuirkyBreaker::new(config, quirks).map(Door::Quirky)
    }

    /// The genuine one, if it is.
    pub fn genuine(&self) -> Option<&Breaker> {
        match self {
            Door::Genuine(breaker) => Some(breaker),
            Door::Quirky(_) => None,
        }
    }

    /// What it is, as of the latest call.
    pub fn state(&self) -> State {
        match self {
            Door::Genuine(breaker) => breaker.state(),
            Door::Quirky(breaker) => breaker.state(),
        }
    }

    /// What the window over calls holds, oldest first; nothing if there is none.
    pub fn cells(&self) -> Vec<Cell> {
        match self {
            Door::Genuine(breaker) => breaker.cells().collect(),
            Door::Quirky(breaker) => breaker.cells().collect(),
        }
    }

    /// What the window over time holds at `now_us`, a bucket each, oldest first.
    pub fn buckets(&self, now_us: u64) -> Vec<Tally> {
        match self {
            Door::Genuine(breaker) => breaker.buckets(now_us).collect(),
            Door::Quirky(breaker) => breaker.buckets(now_us).collect(),
        }
    }

    /// Failures in a row, up to now.
    pub fn consecutive_failures(&self) -> u32 {
        match self {
            Door::Genuine(breaker) => breaker.consecutive_failures(),
            Door::Quirky(breaker) => breaker.consecutive_failures(),
        }
    }

    /// The probes under way, oldest first.
    pub fn probes(&self) -> &[Probe] {
        match self {
            Door::Genuine(breaker) => breaker.probes(),
            Door::Quirky(breaker) => breaker.probes(),
        }
    }

    /// The present era.
    pub fn generation(&self) -> Generation {
        match self {
            Door::Genuine(breaker) => breaker.generation(),
            Door::Quirky(breaker) => breaker.generation(),
        }
    }

    pub(super) fn acquire(&mut self, now_us: u64, is_first: bool) -> Result<Permit, Rejected> {
        match self {
            Door::Genuine(breaker) if is_first => breaker.acquire_first_try(now_us),
            Door::Genuine(breaker) => breaker.acquire(now_us),
            Door::Quirky(breaker) => breaker.acquire(now_us),
        }
    }

    pub(super) fn report(&mut self, permit: Permit, now_us: u64, outcome: Outcome) -> Reported {
        match self {
            Door::Genuine(breaker) => breaker.report(permit, now_us, outcome),
            Door::Quirky(breaker) => breaker.report(permit, now_us, outcome),
        }
    }

    /// One with habits has no handles: it takes no notice.
    pub(super) fn by_hand(&mut self, now_us: u64, what: ByHand) {
        let Door::Genuine(breaker) = self else { return };
        match what {
            ByHand::Open => breaker.open(now_us),
            ByHand::Close => breaker.close(now_us),
            ByHand::Reset => breaker.reset(now_us),
            ByHand::ForceOpen => breaker.force_open(now_us),
            ByHand::Disable => breaker.disable(now_us),
            ByHand::WatchOnly => breaker.watch_only(now_us),
        }
    }

    pub(super) fn offer_draw(&mut self, now_us: u64, draw: u64) {
        match self {
            Door::Genuine(breaker) => breaker.offer_draw(now_us, draw),
            Door::Quirky(breaker) => breaker.offer_draw(now_us, draw),
        }
    }

    pub(super) fn poll_transition(&mut self) -> Option<Transition> {
        match self {
            Door::Genuine(breaker) => breaker.poll_transition(),
            Door::Quirky(breaker) => breaker.poll_transition(),
        }
    }

    /// When something is due by time alone.
    pub(super) fn deadline_us(&self) -> Option<u64> {
        match self {
            Door::Genuine(breaker) => breaker.deadline_us(),
            Door::Quirky(breaker) => breaker.deadline_us(),
        }
    }

    pub(super) fn handle_deadline(&mut self, now_us: u64) {
        match self {
            Door::Genuine(breaker) => breaker.handle_deadline(now_us),
            Door::Quirky(breaker) => breaker.handle_deadline(now_us),
        }
    }
}
