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
    /// Of a million partitions that end so many end in part: some of their links stay cut.
    pub heal_some_ppm: u32,
    /// Of a million changes of links so many leave them with a [capacity](crate::sim::Capacity).
    pub capacity_ppm: u32,
    /// The smallest capacity, in messages a second.
    pub per_second: u32,
    /// A message that is on its way is dropped.
    pub drop_ppm: u32,
    /// A message that is on its way is held up.
    pub hold_ppm: u32,
    /// For how long at most, in microseconds.
    pub hold_us: u64,
    /// A message that is on its way is doubled.
    pub double_ppm: u32,
    /// What the servers go through that stay broken to the end. Never empty.
    pub afflictions: Vec<Affliction>,
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
    /// Two servers that cannot talk to each other; all others can, and with both.
    OneLink,
    /// The servers stand in a row, and each can talk to its neighbours only.
    Chain,
}

impl PartitionMode {
    /// All of them.
    pub const ALL: [PartitionMode; 8] = [
        PartitionMode::IsolateOne,
        PartitionMode::Halves,
        PartitionMode::Groups,
        PartitionMode::OneWay,
        PartitionMode::Bridge,
        PartitionMode::Links,
        PartitionMode::OneLink,
        PartitionMode::Chain,
    ];
}

/// How a server stays broken while a majority is at peace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Affliction {
    /// It stays as the safety phase left it.
    AsItIs,
    /// It and the majority hear nothing of each other.
    CutOff,
    /// It does not hear the majority, which hears it.
    Deaf,
    /// It hears the majority, which does not hear it.
    Mute,
    /// Each of its links is cut by chance.
    Partly,
    /// Its links are cut and healed again and again.
    Flapping,
    /// Its messages take long.
    Slow,
    /// Its messages are lost or doubled by chance, and its links carry little.
    Lossy,
    /// It is down.
    Down,
    /// It crashes as soon as it is up for a while, again and again.
    CrashLoop,
    /// It stops and goes on again and again.
    PauseLoop,
    /// Its clock runs wild.
    WildClock,
    /// Its disk is slow.
    SlowDisk,
}

impl Affliction {
    /// All of them.
    pub const ALL: [Affliction; 13] = [
        Affliction::AsItIs,
        Affliction::CutOff,
        Affliction::Deaf,
        Affliction::Mute,
        Affliction::Partly,
        Affliction::Flapping,
        Affliction::Slow,
        Affliction::Lossy,
        Affliction::Down,
        Affliction::CrashLoop,
        Affliction::PauseLoop,
        Affliction::WildClock,
        Affliction::SlowDisk,
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
            heal_some_ppm: 0,
            capacity_ppm: 0,
            per_second: 1_000_000,
            drop_ppm: 0,
            hold_ppm: 0,
            hold_us: 0,
            double_ppm: 0,
            afflictions: Affliction::ALL.to_vec(),
        }
    }

    /// The rates of a run. Each kind of fault is left out of some runs altogether, for faults also
    /// hide what others would show.
    pub fn draw(random: &mut Random) -> Swarm {
        Swarm {
            modes: some_of_all(&PartitionMode::ALL, random),
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
            heal_some_ppm: sometimes(random, 500_000, (100_000, 900_000)),
            capacity_ppm: sometimes(random, 400_000, (100_000, 1_000_000)),
            per_second: [20, 100, 1_000][random.below(3) as usize],
            drop_ppm: sometimes(random, 400_000, (5_000, 200_000)),
            hold_ppm: sometimes(random, 400_000, (5_000, 200_000)),
            hold_us: [10_000, 200_000, 2_000_000][random.below(3) as usize],
            double_ppm: sometimes(random, 400_000, (5_000, 200_000)),
            afflictions: some_of_all(&Affliction::ALL, random),
        }
    }
}

/// 0, or with a chance of `ppm` something in the range.
fn sometimes(random: &mut Random, ppm: u32, (low, high): (u64, u64)) -> u32 {
    let (comes, rate) = (random.chance(ppm), random.between(low, high));
    if comes { rate as u32 } else { 0 }
}

/// Each with a chance of a half; all, if that leaves none.
fn some_of_all<T: Copy>(all: &[T], random: &mut Random) -> Vec<T> {
    let some: Vec<T> = all.iter().copied().filter(|_| random.chance(500_000)).collect();
    if some.is_empty() { all.to_vec() } else { some }
}
