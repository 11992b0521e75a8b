//! How stale, how often: foretold from the delays of a world, and measured in it.
//!
//! [`Experiment`] says which store in which world. [`Experiment::wars`] is what
//! [`pbs`](crate::pbs) makes a forecast from; [`Measured`] lets real servers do it, again and
//! again. Both are cut into slices, and both are the same for a seed however they are cut.

pub mod figure;
mod measured;
pub mod picture;
mod process;

use crate::pbs::{Impossible, Leg, Origin, Wars};
use crate::quorum::{Config, ConfigError, Mode, ReadRepair, Settings};
use crate::sim::Delay;

pub use figure::Staleness;
pub use measured::Measured;

/// A store without a leader, all of whose servers are replicas, and how long things take in it.
///
/// Clients turn to a server that is drawn for each operation, and reach it at once, as they do in
/// the lab. There are no faults, and nothing brings replicas up to date but the write itself: no
/// read repair, no hints, no anti-entropy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Experiment {
    /// N: how many replicas there are.
    pub n: u8,
    /// R: how many of them answer a read.
    pub r: u8,
    /// W: how many of them acknowledge a write.
    pub w: u8,
    /// How long a message takes from one server to another.
    pub link: Delay,
    /// How long a disk takes for a sync, which comes before every acknowledgement.
    pub sync: Delay,
    /// What chance goes by.
    pub seed: u64,
}

/// Longer than any operation can take here, in microseconds: two ways of an hour, and a sync.
const TIMEOUT_US: u64 = 4 * 3_600_000_000;

impl Experiment {
    /// The four messages of this store.
    ///
    /// # Errors
    ///
    /// [`Impossible`], if no forecast can be made from them.
    pub fn wars(&self) -> Result<Wars, Impossible> {
        let mut wars = Wars::with_delay(self.n, self.link, Origin::AtReplica);
        wars.ack = Leg::from(self.link).with_work(self.sync);
        wars.validate().map(|()| wars)
    }

    fn config(&self) -> Result<Config, ConfigError> {
        Settings {
            r: self.r.into(),
            w: self.w.into(),
            mode: Mode::Ap { sloppy: false },
            read_repair: ReadRepair::Off,
            timeout_us: TIMEOUT_US,
            detector: None,
            anti_entropy_us: None,
            remembered_requests: 8,
            ..Settings::ap(self.n, self.n.into())
        }
        .check()
    }
}
