//! A breaker written down, to go on elsewhere: in another process, on another clock.

use super::{Breaker, Cell, Config, ConfigError, Generation, State, Tally, Verdict};

/// What a breaker keeps across a restart. Times are durations, for clocks do not survive one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Saved {
    /// What it was.
    pub state: SavedState,
    /// The era. The next one begins when it goes on: whatever was under way will be late.
    pub generation: Generation,
    /// The wait from which the next one grows, in microseconds, before jitter.
    pub wait_us: u64,
    /// Failures in a row.
    pub consecutive_failures: u32,
    /// The window over calls, oldest first.
    pub cells: Vec<Cell>,
    /// The window over time, a bucket each, newest first.
    pub buckets: Vec<Tally>,
}

/// What a breaker was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SavedState {
    /// Closed.
    Closed,
    /// Open, for so long yet, in microseconds.
    Open { remaining_us: u64 },
    /// Half-open, with so many results of probes. Those that were under way have nobody to report
    /// to, and their slots are free.
    HalfOpen { successes: u32, failures: u32 },
    /// Held open by hand.
    ForcedOpen,
    /// Put out of action by hand.
    Disabled,
    /// Watching only, by hand.
    MetricsOnly,
}

impl Breaker {
    /// Writes the breaker down as it is at `now_us`. Totals stay behind.
    pub fn export(&self, now_us: u64) -> Saved {
        let now_us = now_us.max(self.now_us);
        let settled = self.settled_at(now_us);
        let state = match settled.state {
            State::Closed => SavedState::Closed,
            State::Open { until_us } => {
                SavedState::Open { remaining_us: until_us.saturating_sub(now_us) }
            }
            State::HalfOpen => SavedState::HalfOpen {
                successes: settled.probes.successes,
                failures: settled.probes.failures,
            },
            State::ForcedOpen => SavedState::ForcedOpen,
            State::Disabled => SavedState::Disabled,
            State::MetricsOnly => SavedState::MetricsOnly,
        };
        let mut buckets: Vec<Tally> = settled.buckets(now_us).collect();
        buckets.reverse();
        Saved {
            state,
            generation: settled.generation,
            wait_us: settled.wait_us,
            consecutive_failures: settled.consecutive_failures,
            cells: settled.cells().collect(),
            buckets,
        }
    }

    /// Goes on from what was written down, on a clock that shows `now_us`.
    ///
    /// What does not fit `config` is fitted: of a larger window the latest calls are kept, and a
    /// wait lasts no longer than the longest of `config`. A time window's buckets keep their age to
    /// within the width of one.
    pub fn import(config: Config, saved: &Saved, now_us: u64) -> Result<Breaker, ConfigError> {
        let (wait, verdict) = (config.wait, config.half_open.verdict);
        let mut breaker = Breaker::new(config)?;
        breaker.now_us = now_us;
        breaker.generation = Generation(saved.generation.0.saturating_add(1));
        breaker.wait_us = saved.wait_us.clamp(wait.first_us, wait.longest_us);
        breaker.consecutive_failures = saved.consecutive_failures;
        breaker.state = match saved.state {
            SavedState::Closed => State::Closed,
            SavedState::Open { remaining_us } => {
                let remaining_us = remaining_us.min(wait.longest_us);
                State::Open { until_us: now_us.saturating_add(remaining_us) }
            }
            SavedState::HalfOpen { successes, failures } => {
                let (Verdict::Successes(of) | Verdict::FailureRate { of, .. }) = verdict;
                // The next result decides at the latest.
                breaker.probes.successes = successes.min(of - 1);
                breaker.probes.failures = failures.min(of - 1);
                State::HalfOpen
            }
            SavedState::ForcedOpen => State::ForcedOpen,
            SavedState::Disabled => State::Disabled,
            SavedState::MetricsOnly => State::MetricsOnly,
        };
        if let Some(ring) = &mut breaker.count_ring {
            saved.cells.iter().for_each(|cell| ring.push(*cell));
        }
        if let Some(ring) = &mut breaker.time_ring {
            ring.restore(now_us, saved.buckets.iter().copied());
        }
        Ok(breaker)
    }
}
