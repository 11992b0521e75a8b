//! The rates of one run. Every run draws its own: with the same rates in every run, whatever needs
//! much of one fault and none of another would never be seen ("swarm testing", Groce et al., 2012).

use crate::random::Random;

/// How a nemesis behaves in one run. Rates are chances a tick of
/// [`TICK_US`](super::nemesis::TICK_US), in millionths; 0 is never.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Swarm {
    /// A new partition begins.
    pub partition_ppm: u32,
    /// A partition is healed.
    pub heal_ppm: u32,
    /// Which partitions there are. Never empty.
    pub modes: Vec<PartitionMode>,
    /// For how long a partition, or its absence, lasts at least, in microseconds.
    pub stable_us: u64,
    /// A server crashes.
    pub crash_ppm: u32,
    /// Of a million crashes so many leave some unsynced writes, the last perhaps torn.
    pub torn_ppm: u32,
    /// A crashed server restarts.
    pub restart_ppm: u32,
    /// A server is paused.
    pub pause_ppm: u32,
    /// A paused server goes on.
    pub resume_ppm: u32,
    /// A server's clock is set.
    pub clock_ppm: u32,
    /// A clock may be so much faster or slower than a true one, in millionths.
    pub drift_ppm: u32,
    /// A clock may jump so far, in microseconds.
    pub jump_us: u64,
    /// A disk changes its speed.
    pub disk_ppm: u32,
    /// The slowest disk's mean sync, in microseconds.
    pub sync_us: u64,
    /// Some links change how they treat messages.
    pub link_ppm: u32,
    /// The highest loss, duplication and reordering, in millionths.
    pub loss_ppm: u32,
    /// See `loss_ppm`.
    pub duplicate_ppm: u32,
    /// See `loss_ppm`.
    pub reorder_ppm: u32,
    /// The slowest link's typical delay, in microseconds.
    pub delay_us: u64,
}

/// How a network falls apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartitionMode {
    /// One server alone.
    IsolateOne,
    /// Two sides, of about the same size.
    Halves,
    /// Every server to a random group.
    Groups,
    /// Two sides; only one hears the other.
    OneWay,
    /// Two sides and one server that both can talk to.
    Bridge,
    /// Each link by itself, by chance.
    Links,
}

impl PartitionMode {
    /// All of them.
    pub const ALL: [PartitionMode; 6] = [
        PartitionMode::IsolateOne,
        PartitionMode::Halves,
        PartitionMode::Groups,
        PartitionMode::OneWay,
        PartitionMode::Bridge,
        PartitionMode::Links,
    ];
}

impl Swarm {
    /// No fault at all.
    pub fn calm() -> Swarm {
        Swarm {
            partition_ppm: 0,
            heal_ppm: 0,
            modes: PartitionMode::ALL.to_vec(),
            stable_us: 0,
            crash_ppm: 0,
            torn_ppm: 0,
            restart_ppm: 0,
            pause_ppm: 0,
            resume_ppm: 0,
            clock_ppm: 0,
            drift_ppm: 0,
            jump_us: 0,
            disk_ppm: 0,
            sync_us: 0,
            link_ppm: 0,
            loss_ppm: 0,
            duplicate_ppm: 0,
            reorder_ppm: 0,
            delay_us: 0,
        }
    }

    /// The rates of a run. Each kind of fault is left out of some runs altogether, for faults also
    /// hide what others would show.
    pub fn draw(random: &mut Random) -> Swarm {
        let some_modes: Vec<PartitionMode> =
            PartitionMode::ALL.into_iter().filter(|_| random.chance(500_000)).collect();
        let modes = if some_modes.is_empty() { PartitionMode::ALL.to_vec() } else { some_modes };
        Swarm {
            modes,
            partition_ppm: sometimes(random, 750_000, (5_000, 100_000)),
            heal_ppm: random.between(10_000, 100_000) as u32,
            stable_us: random.between(20_000, 600_000),
            crash_ppm: sometimes(random, 700_000, (2_000, 60_000)),
            torn_ppm: sometimes(random, 700_000, (100_000, 1_000_000)),
            restart_ppm: random.between(10_000, 200_000) as u32,
            pause_ppm: sometimes(random, 500_000, (2_000, 30_000)),
            resume_ppm: random.between(10_000, 200_000) as u32,
            clock_ppm: sometimes(random, 500_000, (2_000, 20_000)),
            drift_ppm: [200, 50_000, 700_000][random.below(3) as usize],
            jump_us: [0, 100_000, 2_000_000][random.below(3) as usize],
            disk_ppm: sometimes(random, 600_000, (2_000, 30_000)),
            sync_us: [2_000, 20_000, 150_000][random.below(3) as usize],
            link_ppm: sometimes(random, 700_000, (2_000, 30_000)),
            loss_ppm: sometimes(random, 600_000, (10_000, 300_000)),
            duplicate_ppm: sometimes(random, 600_000, (10_000, 500_000)),
            reorder_ppm: sometimes(random, 600_000, (10_000, 500_000)),
            delay_us: [3_000, 20_000, 100_000, 600_000][random.below(4) as usize],
        }
    }
}

/// 0, or with a chance of `ppm` something in the range.
fn sometimes(random: &mut Random, ppm: u32, (low, high): (u64, u64)) -> u32 {
    let (comes, rate) = (random.chance(ppm), random.between(low, high));
    if comes { rate as u32 } else { 0 }
}
