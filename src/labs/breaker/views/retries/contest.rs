//! Clients that all want to write to one row at once, each with the same way to wait.
//!
//! The experiment is Marc Brooker's ("Exponential Backoff And Jitter", AWS Architecture Blog,
//! 2015): a client reads the row's version, writes if the version is still the same, and begins
//! again after a wait if it is not. The row is a stream of our own event store, which refuses a
//! write that expects another version; how long to wait is decided by the lab's retries.

use crate::event_store::{EventId, EventStore, Expected, NewEvent};
use crate::random::Random;
use crate::resilience::{Backoff, Jitter, Next, Retry, RetryPolicy};
use crate::sim::Delay;
use crate::sorted::SortedMap;

/// How long each message travels.
const LINK: Delay = Delay::Uniform { low_us: 8_000, high_us: 12_000 };
const ROW: &str = "row";

/// How to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Fixed,
    Exponential,
    Full,
    Equal,
    Decorrelated,
}

impl Way {
    pub(super) const ALL: [Way; 5] =
        [Way::Fixed, Way::Exponential, Way::Full, Way::Equal, Way::Decorrelated];

    pub(super) fn backoff(self, base_us: u64, cap_us: u64) -> Backoff {
        let exponential = |jitter| Backoff::Exponential { base_us, cap_us, jitter };
        match self {
            Way::Fixed => Backoff::Fixed { wait_us: base_us },
            Way::Exponential => exponential(Jitter::None),
            Way::Full => exponential(Jitter::Full),
            Way::Equal => exponential(Jitter::Equal),
            Way::Decorrelated => Backoff::Decorrelated { base_us, cap_us },
        }
    }
}

/// A write that came to the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Write {
    pub(super) at_us: u64,
    pub(super) client: u16,
    /// Whether nobody had written since its client read.
    pub(super) landed: bool,
}

/// All writes until every client has written once, in the order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Contest {
    pub(super) writes: Vec<Write>,
    /// When the last client knew that it had written.
    pub(super) done_us: u64,
}

/// What happens next to a client.
#[derive(Clone, Copy)]
enum Step {
    /// Its read comes to the row.
    Read,
    /// The version comes back.
    Known(u64),
    /// Its write comes to the row.
    Write(u64),
    /// It hears whether its write has landed.
    Heard(bool),
}

struct Client {
    retry: Retry,
    /// Draws how long its messages travel, and how long it waits.
    links: Random,
    waits: Random,
}

impl Contest {
    /// So many clients at once, drawn from a seed. Nothing, if there is no such way to wait.
    pub(super) fn run(clients: u16, backoff: Backoff, seed: u64) -> Option<Contest> {
        let start = RetryPolicy { tries: u32::MAX, backoff }.start(None).ok()?;
        let mut all: Vec<Client> = (0..u64::from(clients))
            .map(|client| Client {
                retry: start,
                links: Random::for_purpose(seed, 2 * client),
                waits: Random::for_purpose(seed, 2 * client + 1),
            })
            .collect();
        let mut row: EventStore<u16> = EventStore::new();
        let mut contest = Contest::default();
        let mut agenda: SortedMap<(u64, u64), (u16, Step)> = SortedMap::new();
        let mut number = 0;
        let mut add = |agenda: &mut SortedMap<_, _>, at_us: u64, client: u16, step: Step| {
            number += 1;
            agenda.insert((at_us, number), (client, step));
        };
        for (client, state) in (0..clients).zip(&mut all) {
            add(&mut agenda, LINK.draw_us(&mut state.links), client, Step::Read);
        }
        while let Some(((now_us, _), (client, step))) = agenda.pop_first() {
            let state = all.get_mut(usize::from(client))?;
            let mut travels = || now_us + LINK.draw_us(&mut state.links);
            match step {
                Step::Read => {
                    let version = row.stream(ROW).version();
                    add(&mut agenda, travels(), client, Step::Known(version));
                }
                Step::Known(version) => {
                    add(&mut agenda, travels(), client, Step::Write(version));
                }
                Step::Write(version) => {
                    let id = EventId(contest.writes.len() as u128 + 1);
                    let new = NewEvent::new(id, "written", client);
                    let expected = Expected::Exact(version);
                    let landed = row.append(ROW, expected, now_us, [new]).is_ok();
                    contest.writes.push(Write { at_us: now_us, client, landed });
                    add(&mut agenda, travels(), client, Step::Heard(landed));
                }
                Step::Heard(true) => contest.done_us = now_us,
                Step::Heard(false) => {
                    let draw = state.waits.next_u64();
                    let next = state.retry.failed(now_us, true, draw, None);
                    let Next::RetryAt { at_us, .. } = next else { continue };
                    let arrives_us = at_us + LINK.draw_us(&mut state.links);
                    add(&mut agenda, arrives_us, client, Step::Read);
                }
            }
        }
        Some(contest)
    }

    /// How many calls there were: each write is one, and so is the read before it.
    pub(super) fn calls(&self) -> u64 {
        2 * self.writes.len() as u64
    }
}
