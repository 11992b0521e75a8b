//! The delays of production systems, as the paper fitted them (Table 3), in microseconds.

use crate::sim::Delay;

use super::{Leg, Origin, Wars};

/// A system whose delays the paper fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fit {
    /// LinkedIn's Voldemort on flash disks: LNKD-SSD.
    LinkedInSsd,
    /// The same on spinning disks, which makes writes slow: LNKD-DISK.
    LinkedInDisk,
    /// Yammer's Riak, whose writes have a very long tail: YMMR.
    Yammer,
    /// LNKD-DISK in several datacenters, 75 ms away from each other: WAN.
    Wan,
}

/// Every fit, in the order of the paper.
pub const FITS: [Fit; 4] = [Fit::LinkedInSsd, Fit::LinkedInDisk, Fit::Yammer, Fit::Wan];

/// How far datacenters are from each other in the paper's WAN, one way.
const FURTHER_US: u64 = 75_000;

impl Fit {
    /// The paper's name for it.
    pub const fn name(self) -> &'static str {
        match self {
            Fit::LinkedInSsd => "LNKD-SSD",
            Fit::LinkedInDisk => "LNKD-DISK",
            Fit::Yammer => "YMMR",
            Fit::Wan => "WAN",
        }
    }

    /// Its four messages, for so many replicas.
    pub fn wars(self, replicas: u8) -> Wars {
        let origin = match self {
            Fit::Wan => Origin::Near { further_us: FURTHER_US },
            _ => Origin::Outside,
        };
        let (write, other) = match self {
            Fit::LinkedInSsd => (linkedin(), linkedin()),
            // Exponential with a rate of 0.183 a millisecond: 5.464 ms on average.
            Fit::LinkedInDisk | Fit::Wan => (fit(380_000, (1_050, 1_510_000), 5_464), linkedin()),
            // Rates of 0.0028 and 0.0217 a millisecond.
            Fit::Yammer => (
                fit(939_000, (3_000, 3_350_000), 357_143),
                fit(982_000, (1_500, 3_800_000), 46_083),
            ),
        };
        Wars { replicas, write, ack: other.clone(), read: other.clone(), response: other, origin }
    }
}

/// All of LNKD-SSD; the tail has a rate of 1.66 a millisecond.
fn linkedin() -> Leg {
    fit(912_200, (235, 10_000_000), 602)
}

/// A Pareto body (its least and its shape) and an exponential tail.
fn fit(body_ppm: u32, (low_us, shape_ppm): (u64, u32), mean_us: u64) -> Leg {
    Leg::mixture(body_ppm, Delay::Pareto { low_us, shape_ppm }, Delay::Exponential { mean_us })
}
