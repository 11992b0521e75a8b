//! How stale, how often: what to expect of quorums that need not overlap.
//!
//! With R + W ≤ N a read may miss the write before it. Bailis, Venkataraman, Franklin, Hellerstein
//! and Stoica ("Probabilistically Bounded Staleness for Practical Partial Quorums", VLDB 2012) say
//! how likely that is, from nothing but how long messages take. Their model WARS is named after its
//! four messages: **W**rite to a replica, its **A**cknowledgement, **R**ead request, re**S**ponse.
//! Everything goes to all N replicas; the first W acknowledgements make a write, the first R
//! responses a read.
//!
//! A [`Forecast`] plays that by chance, trial after trial. The rule comes from the definition:
//! a read that starts `t` after the write has committed is *consistent* if one of the R replicas
//! whose answers came first had the write when the read reached it. With the write sent at 0 and
//! committed at `c`, the write reaches replica i at wᵢ and the read at c + t + rᵢ. So a trial is
//! consistent from `t` = min(wᵢ − rᵢ) − c on, the minimum being over those R replicas, and one
//! trial tells for every `t` and, its acknowledgements and answers in order, for every R and W.
//! That is also why R + W > N is always consistent: one of the R has acknowledged, and so
//! wᵢ ≤ wᵢ + aᵢ ≤ c.
//!
//! - Messages are as long under way as a [`Delay`] of the simulated world, or one of several by
//!   lot ([`Leg`]), so that what is foretold and what is measured there have the same grounds.
//! - Integers only, and a generator of its own: a seed gives the same forecast everywhere, however
//!   the trials are cut into slices.
//! - The model knows no lost messages, no read repair, no anti-entropy, no further writes, and no
//!   faults. A world that has these will differ, and that it does is what there is to see.
//!
//! ```
//! use rift::pbs::{Forecast, Origin, Wars};
//! use rift::sim::Delay;
//!
//! // "W ~ Exp(4), A = R = S ~ Exp(1)": a write takes a quarter of what everything else takes.
//! let quick = Delay::Exponential { mean_us: 250_000 }.into();
//! let other = || Delay::Exponential { mean_us: 1_000_000 }.into();
//! let wars = Wars {
//!     replicas: 3,
//!     write: quick,
//!     ack: other(),
//!     read: other(),
//!     response: other(),
//!     origin: Origin::Outside,
//! };
//! let mut forecast = Forecast::new(&wars, 1)?;
//! forecast.run(20_000);
//! let at_once = forecast.consistent_ppm(1, 1, 0).unwrap();
//! assert!((930_000..950_000).contains(&at_once)); // 94 %, as the paper has it
//! assert_eq!(forecast.consistent_ppm(2, 2, 0), Some(1_000_000)); // quorums overlap
//! # Ok::<(), rift::pbs::Impossible>(())
//! ```

mod closed_form;
mod fits;
mod forecast;
mod histogram;
mod sampler;

use std::fmt;

use crate::sim::{Delay, ImpossibleDelay};

pub use closed_form::{margin_ppm, missed, stale_ppm};
pub use fits::{FITS, Fit};
pub use forecast::{Forecast, PERCENTILES_PPM, Point};
pub use histogram::Histogram;

/// The most replicas a forecast is made for.
pub const MOST_REPLICAS: usize = 16;

/// The whole of something, in parts per million.
const WHOLE_PPM: u32 = 1_000_000;

/// What a forecast is made from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Wars {
    /// N: how many replicas there are of every key.
    pub replicas: u8,
    /// W: how long a write takes to a replica, and into it.
    pub write: Leg,
    /// A: how long its acknowledgement takes.
    pub ack: Leg,
    /// R: how long a read takes to a replica.
    pub read: Leg,
    /// S: how long its response takes.
    pub response: Leg,
    /// Where operations start.
    pub origin: Origin,
}

/// Where operations start. A write and the read after it start independently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// Away from all replicas: every message takes its time. The paper's model.
    Outside,
    /// At a replica that is drawn for each operation, which is reached in no time.
    AtReplica,
    /// Near a replica that is drawn for each operation; messages to and from all others take
    /// `further_us` longer, each way. The paper's WAN has 75 ms.
    Near { further_us: u64 },
}

/// How long one of the four messages takes: a delay, or one of several by lot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Leg {
    /// Delays, each with its share of all messages in parts per million. The shares must make up
    /// a million.
    pub parts: Vec<(u32, Delay)>,
    /// What comes on top for every message, also where the way itself takes no time: a disk's sync
    /// before an acknowledgement.
    pub work: Option<Delay>,
}

impl From<Delay> for Leg {
    fn from(delay: Delay) -> Leg {
        Leg { parts: vec![(WHOLE_PPM, delay)], work: None }
    }
}

impl Leg {
    /// `body_ppm` of the messages take `body`, the others `tail`: the shape of all fits in the
    /// paper.
    pub fn mixture(body_ppm: u32, body: Delay, tail: Delay) -> Leg {
        let parts = vec![(body_ppm, body), (WHOLE_PPM.saturating_sub(body_ppm), tail)];
        Leg { parts, work: None }
    }

    /// The same with `work` on top.
    pub fn with_work(self, work: Delay) -> Leg {
        Leg { work: Some(work), ..self }
    }

    fn validate(&self) -> Result<(), Impossible> {
        let shares = self.parts.iter().map(|(share, _)| u64::from(*share)).sum::<u64>();
        if shares != u64::from(WHOLE_PPM) {
            return Err(Impossible::Shares { sum_ppm: shares });
        }
        let mut delays = self.parts.iter().map(|(_, delay)| *delay).chain(self.work);
        delays.try_for_each(|delay| delay.validate().map_err(Impossible::Delay))
    }
}

impl Wars {
    /// Every message takes `delay`, as between servers of the simulated world.
    pub fn with_delay(replicas: u8, delay: Delay, origin: Origin) -> Wars {
        let leg = || Leg::from(delay);
        Wars { replicas, write: leg(), ack: leg(), read: leg(), response: leg(), origin }
    }

    /// The legs in the order of the name.
    fn legs(&self) -> [&Leg; 4] {
        [&self.write, &self.ack, &self.read, &self.response]
    }

    /// Checks that a forecast can be made.
    ///
    /// # Errors
    ///
    /// [`Impossible`], the first thing that is wrong.
    pub fn validate(&self) -> Result<(), Impossible> {
        if !(1..=MOST_REPLICAS).contains(&usize::from(self.replicas)) {
            return Err(Impossible::Replicas { asked: self.replicas });
        }
        self.legs().into_iter().try_for_each(Leg::validate)
    }
}

/// Why no forecast can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Impossible {
    /// No replicas, or more than [`MOST_REPLICAS`].
    Replicas { asked: u8 },
    /// The shares of a leg's parts do not make up a million.
    Shares { sum_ppm: u64 },
    /// A delay means nothing.
    Delay(ImpossibleDelay),
}

impl fmt::Display for Impossible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Impossible::Replicas { asked } => {
                write!(f, "there can be 1 to {MOST_REPLICAS} replicas, not {asked}")
            }
            Impossible::Shares { sum_ppm } => {
                write!(f, "the parts of a leg make up {sum_ppm} millionths, not all of it")
            }
            Impossible::Delay(delay) => delay.fmt(f),
        }
    }
}

impl std::error::Error for Impossible {}
