//! How stale, how often: foretold from the delays of a world, and measured in it.
//!
//! [`Experiment`] says which store in which world. [`Experiment::wars`] is what
//! [`pbs`](crate::pbs) makes a forecast from; [`Measured`] lets real servers do it, again and
//! again. Both are cut into slices, and both are the same for a seed however they are cut.

pub mod figure;
mod measured;
pub mod picture;
pub mod view;

use super::super::LabSettings;
use super::{CapConfig, LINKS, SYNC};
use crate::pbs::{Impossible, Leg, Origin, Wars};
use crate::quorum::{Config, ConfigError, Mode, ReadRepair, Settings};
use crate::sim::Delay;

pub use figure::Staleness;
pub use measured::Measured;
pub use view::{STALENESS, StalenessView};

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
    /// How long a disk takes for a sync, which comes before every acknowledgement; or does not,
    /// see `ack_before_sync`.
    pub sync: Delay,
    /// Whether replicas acknowledge and answer before their disks are done.
    pub ack_before_sync: bool,
    /// What chance goes by.
    pub seed: u64,
}

/// Longer than any operation can take here, in microseconds: two ways of an hour, and a sync.
const TIMEOUT_US: u64 = 4 * 3_600_000_000;

impl Experiment {
    /// The store of a lab with these settings, as far as it takes part: its N replicas are all its
    /// servers, whatever others there are, and what its links do besides taking time they do not.
    pub fn of(settings: &LabSettings, config: &CapConfig) -> Experiment {
        let quorum = config.quorum.quorum();
        let size = |size: usize| u8::try_from(size).unwrap_or(u8::MAX);
        Experiment {
            n: size(quorum.n()),
            r: size(quorum.r()),
            w: size(quorum.w()),
            link: settings.tuning.links.unwrap_or(LINKS).delay,
            sync: settings.tuning.sync.unwrap_or(SYNC),
            ack_before_sync: config.quorum.settings().ack_before_sync,
            seed: settings.seed,
        }
    }

    /// The four messages of this store.
    ///
    /// # Errors
    ///
    /// [`Impossible`], if no forecast can be made from them.
    pub fn wars(&self) -> Result<Wars, Impossible> {
        let mut wars = Wars::with_delay(self.n, self.link, Origin::AtReplica);
        if !self.ack_before_sync {
            wars.ack = Leg::from(self.link).with_work(self.sync);
        }
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
            ack_before_sync: self.ack_before_sync,
            remembered_requests: 8,
            ..Settings::ap(self.n, self.n.into())
        }
        .check()
    }
}
