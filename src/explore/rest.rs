//! What the servers outside the core go through while it is at peace.

use super::partition::any_delay;
use super::swarm::Affliction;
use crate::random::Random;
use crate::sim::{Capacity, Delay, Fault, LinkSettings, NodeId};

/// A server outside the core, as the safety phase left it.
pub(super) struct Unrest<'a> {
    pub(super) node: NodeId,
    pub(super) core: &'a [NodeId],
    pub(super) is_up: bool,
    pub(super) is_paused: bool,
    pub(super) from_us: u64,
    pub(super) until_us: u64,
}

/// The faults by which the server stays broken in this way, in the order of time.
pub(super) fn disturb(
    unrest: &Unrest<'_>,
    affliction: Affliction,
    random: &mut Random,
) -> Vec<(u64, Fault)> {
    let node = unrest.node;
    let from_core = || unrest.core.iter().map(move |other| (*other, node)).collect::<Vec<_>>();
    let to_core = || unrest.core.iter().map(move |other| (node, *other)).collect::<Vec<_>>();
    let both_ways = || [from_core(), to_core()].concat();
    let mut faults = match affliction {
        Affliction::AsItIs => return Vec::new(),
        Affliction::Down if unrest.is_up => vec![Fault::Crash(node)],
        Affliction::Down => return Vec::new(),
        _ => unrest.mend(),
    };
    let once = match affliction {
        Affliction::CutOff => Some(Fault::Cut(both_ways())),
        Affliction::Deaf => Some(Fault::Cut(from_core())),
        Affliction::Mute => Some(Fault::Cut(to_core())),
        Affliction::Partly => {
            let some = both_ways().into_iter().filter(|_| random.chance(500_000));
            Some(Fault::Cut(some.collect()))
        }
        Affliction::Slow => Some(Fault::SetLinks(both_ways(), slow_links(random))),
        Affliction::Lossy => Some(Fault::SetLinks(both_ways(), lossy_links(random))),
        Affliction::SlowDisk => {
            let us = random.between(10_000, 300_000);
            Some(Fault::SetSync(node, any_delay(random, us)))
        }
        _ => None,
    };
    faults.extend(once);
    let links = match random.below(3) {
        0 => from_core(),
        1 => to_core(),
        _ => both_ways(),
    };
    let mut faults: Vec<(u64, Fault)> =
        faults.into_iter().map(|fault| (unrest.from_us, fault)).collect();
    faults.extend(match affliction {
        Affliction::Flapping => {
            unrest.alternate(|| [Fault::Cut(links.clone()), Fault::Heal(links.clone())], random)
        }
        Affliction::CrashLoop => {
            unrest.alternate(|| [Fault::Crash(node), Fault::Restart(node)], random)
        }
        Affliction::PauseLoop => {
            unrest.alternate(|| [Fault::Pause(node), Fault::Resume(node)], random)
        }
        Affliction::WildClock => unrest.wild_clock(random),
        _ => Vec::new(),
    });
    faults
}

impl Unrest<'_> {
    /// It runs, and its links with the core are whole. What is worse about it comes then.
    fn mend(&self) -> Vec<Fault> {
        let mut faults = vec![Fault::heal_between(&[self.node], self.core)];
        if !self.is_up {
            faults.push(Fault::Restart(self.node));
        } else if self.is_paused {
            faults.push(Fault::Resume(self.node));
        }
        faults
    }

    /// First the one, then the other, again and again, each for a while that is drawn anew around
    /// what is typical of this run.
    fn alternate(&self, pair: impl Fn() -> [Fault; 2], random: &mut Random) -> Vec<(u64, Fault)> {
        let typical_us = [30_000, 150_000, 400_000, 1_000_000][random.below(4) as usize];
        let mut at_us = self.from_us;
        let mut faults = Vec::new();
        loop {
            for fault in pair() {
                at_us += random.between(typical_us / 3, typical_us * 2);
                if at_us >= self.until_us {
                    return faults;
                }
                faults.push((at_us, fault));
            }
        }
    }

    fn wild_clock(&self, random: &mut Random) -> Vec<(u64, Fault)> {
        let mut at_us = self.from_us;
        let mut faults = Vec::new();
        loop {
            at_us += random.between(10_000, 800_000);
            if at_us >= self.until_us {
                return faults;
            }
            let rate_ppm = random.between(200_000, 5_000_000) as u32;
            let offset_us = random.between(0, 4_000_000) as i64 - 2_000_000;
            faults.push((at_us, Fault::SetClock { node: self.node, rate_ppm, offset_us }));
        }
    }
}

fn slow_links(random: &mut Random) -> LinkSettings {
    let us = random.between(20_000, 600_000);
    LinkSettings::with_delay(any_delay(random, us))
}

fn lossy_links(random: &mut Random) -> LinkSettings {
    LinkSettings {
        loss_ppm: random.between(100_000, 900_000) as u32,
        duplicate_ppm: random.between(0, 500_000) as u32,
        reorder_ppm: random.between(0, 500_000) as u32,
        reorder_us: random.between(1_000, 300_000) as u32,
        capacity: random.chance(300_000).then_some(Capacity { per_second: 30, queue: 10 }),
        ..LinkSettings::with_delay(Delay::Uniform { low_us: 500, high_us: 40_000 })
    }
}
