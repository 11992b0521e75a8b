//! The nemesis: from a seed, a schedule of faults.
//!
//! First comes the **safety phase**, in which anything may happen. Then, for the **liveness
//! phase**, a majority (the *core*) is healed for good and left in peace, while the rest stays
//! broken: Raft promises progress as long as a majority works, not when everything does.

use super::swarm::{PartitionMode, Swarm};
use crate::random::Random;
use crate::sim::{Delay, Fault, LinkSettings, NodeId};

/// A nemesis thinks so often, in microseconds.
pub const TICK_US: u64 = 10_000;

/// What a schedule is drawn for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NemesisSettings {
    /// How many servers there are.
    pub nodes: u8,
    /// When the safety phase ends, in microseconds.
    pub safety_us: u64,
    /// Links in peace: at the start, between the faults, and in the core at the end.
    pub calm_links: LinkSettings,
    /// Disks in peace.
    pub calm_sync: Delay,
    /// What happens to those outside the core in the end.
    pub rest: Rest,
}

/// What happens in the liveness phase to the servers outside the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rest {
    /// They stay as broken as they are, and may go on talking to the core as far as they can.
    Broken,
    /// They are cut off from the core too. Without pre-vote and check-quorum a server that cannot
    /// win may depose leaders again and again, so nothing could be promised otherwise.
    CutOff,
    /// There are none: the core is everybody.
    Healed,
}

/// A schedule of faults, in the order of time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Schedule {
    /// What happens when.
    pub faults: Vec<(u64, Fault)>,
    /// The servers that are healed for good at the end of the safety phase.
    pub core: Vec<NodeId>,
}

/// Purposes of the nemesis's generators. The world's own begin at 1 and at 2^48.
mod purpose {
    pub(super) const SWARM: u64 = 100;
    pub(super) const PARTITION: u64 = 101;
    pub(super) const CRASH: u64 = 102;
    pub(super) const PAUSE: u64 = 103;
    pub(super) const CLOCK: u64 = 104;
    pub(super) const DISK: u64 = 105;
    pub(super) const LINK: u64 = 106;
    pub(super) const CORE: u64 = 107;
}

/// The schedule of `seed`: its rates, its faults, its core.
pub fn schedule(seed: u64, settings: &NemesisSettings) -> Schedule {
    schedule_with(seed, settings, &swarm(seed))
}

/// The rates of `seed`.
pub(super) fn swarm(seed: u64) -> Swarm {
    Swarm::draw(&mut Random::for_purpose(seed, purpose::SWARM))
}

/// The schedule of `seed` under given rates.
pub fn schedule_with(seed: u64, settings: &NemesisSettings, swarm: &Swarm) -> Schedule {
    let mut nemesis = Nemesis {
        settings,
        swarm,
        state: vec![State::Up; settings.nodes.into()],
        partitioned: false,
        partition_since_us: 0,
        links_are_calm: true,
        streams: [
            purpose::PARTITION,
            purpose::CRASH,
            purpose::PAUSE,
            purpose::CLOCK,
            purpose::DISK,
            purpose::LINK,
        ]
        .map(|purpose| Random::for_purpose(seed, purpose)),
        now_us: 0,
        faults: Vec::new(),
    };
    while nemesis.now_us + TICK_US < settings.safety_us {
        nemesis.now_us += TICK_US;
        nemesis.tick();
    }
    nemesis.now_us = settings.safety_us;
    let core = nemesis.make_peace(&mut Random::for_purpose(seed, purpose::CORE));
    Schedule { faults: nemesis.faults, core }
}

/// What the nemesis has made of a server. It keeps account so that what it does makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Up,
    Down,
    Paused,
}

struct Nemesis<'a> {
    settings: &'a NemesisSettings,
    swarm: &'a Swarm,
    state: Vec<State>,
    partitioned: bool,
    partition_since_us: u64,
    links_are_calm: bool,
    streams: [Random; 6],
    now_us: u64,
    faults: Vec<(u64, Fault)>,
}

impl Nemesis<'_> {
    fn tick(&mut self) {
        self.tick_partition();
        self.tick_crash();
        self.tick_pause();
        self.tick_clock();
        self.tick_disk();
        self.tick_links();
    }

    fn act(&mut self, fault: Fault) {
        self.faults.push((self.now_us, fault));
    }

    fn tick_partition(&mut self) {
        let [random, ..] = &mut self.streams;
        let ppm = if self.partitioned { self.swarm.heal_ppm } else { self.swarm.partition_ppm };
        let comes = random.chance(ppm);
        if !comes || self.now_us - self.partition_since_us < self.swarm.stable_us {
            return;
        }
        if self.partitioned {
            self.act(Fault::HealAll);
        } else {
            let mode = self.swarm.modes[random.below(self.swarm.modes.len() as u64) as usize];
            let cut = partition(mode, self.settings.nodes, random);
            self.act(cut);
        }
        self.partitioned = !self.partitioned;
        self.partition_since_us = self.now_us;
    }

    fn tick_crash(&mut self) {
        let [_, random, ..] = &mut self.streams;
        let (crashes, restarts) =
            (random.chance(self.swarm.crash_ppm), random.chance(self.swarm.restart_ppm));
        let (victim, torn) =
            (random.below(self.settings.nodes.into()), random.chance(self.swarm.torn_ppm));
        // Mostly the first unsynced write is torn: there are seldom more than one or two.
        let whole = random.below(6).saturating_sub(3) as u32;
        let part_ppm = random.between(0, 1_000_000) as u32;
        let victim = NodeId(victim as u8);
        if restarts && let Some(down) = self.find(State::Down) {
            self.state[down.index()] = State::Up;
            self.act(Fault::Restart(down));
        }
        if crashes && self.state[victim.index()] != State::Down {
            self.state[victim.index()] = State::Down;
            let torn_crash = Fault::CrashTorn { node: victim, whole, part_ppm };
            self.act(if torn { torn_crash } else { Fault::Crash(victim) });
        }
    }

    fn tick_pause(&mut self) {
        let [_, _, random, ..] = &mut self.streams;
        let (pauses, resumes) =
            (random.chance(self.swarm.pause_ppm), random.chance(self.swarm.resume_ppm));
        let victim = NodeId(random.below(self.settings.nodes.into()) as u8);
        if resumes && let Some(paused) = self.find(State::Paused) {
            self.state[paused.index()] = State::Up;
            self.act(Fault::Resume(paused));
        }
        if pauses && self.state[victim.index()] == State::Up {
            self.state[victim.index()] = State::Paused;
            self.act(Fault::Pause(victim));
        }
    }

    fn tick_clock(&mut self) {
        let [_, _, _, random, ..] = &mut self.streams;
        let node = NodeId(random.below(self.settings.nodes.into()) as u8);
        let Swarm { clock_ppm, drift_ppm, jump_us, .. } = *self.swarm;
        let (comes, heals) = (random.chance(clock_ppm), random.chance(300_000));
        let drift = random.between(0, 2 * u64::from(drift_ppm));
        let rate_ppm = (1_000_000 + drift - u64::from(drift_ppm)) as u32;
        let offset_us = random.between(0, 2 * jump_us) as i64 - jump_us as i64;
        if comes {
            let wrong = Fault::SetClock { node, rate_ppm, offset_us };
            self.act(if heals { Fault::true_clock(node) } else { wrong });
        }
    }

    fn tick_disk(&mut self) {
        let [_, _, _, _, random, _] = &mut self.streams;
        let node = NodeId(random.below(self.settings.nodes.into()) as u8);
        let (comes, heals) = (random.chance(self.swarm.disk_ppm), random.chance(400_000));
        let us = random.between(100, self.swarm.sync_us.max(100));
        let slow = any_delay(random, us);
        if comes {
            let delay = if heals { self.settings.calm_sync } else { slow };
            self.act(Fault::SetSync(node, delay));
        }
    }

    fn tick_links(&mut self) {
        let [.., random] = &mut self.streams;
        let (comes, heals) = (random.chance(self.swarm.link_ppm), random.chance(500_000));
        if !comes {
            return;
        }
        let nodes = self.settings.nodes;
        let victim = NodeId(random.below(u64::from(nodes) + 1) as u8);
        let (one_way, up_to) = (random.chance(300_000), |random: &mut Random, ppm: u32| {
            random.between(0, u64::from(ppm)) as u32
        });
        let us = random.between(200, self.swarm.delay_us.max(200));
        let worse = LinkSettings {
            delay: any_delay(random, us),
            loss_ppm: up_to(random, self.swarm.loss_ppm),
            duplicate_ppm: up_to(random, self.swarm.duplicate_ppm),
            reorder_ppm: up_to(random, self.swarm.reorder_ppm),
            reorder_us: random.between(100, 100_000) as u32,
            capacity: None,
        };
        let calm = heals && !self.links_are_calm;
        self.links_are_calm = calm;
        // A victim that does not exist: all links alike.
        let touched = |from: NodeId, to: NodeId| {
            calm || victim.0 == nodes || from == victim || (to == victim && !one_way)
        };
        let links = links_where(nodes, touched);
        let settings = if calm { self.settings.calm_links } else { worse };
        self.act(Fault::SetLinks(links, settings));
    }

    fn find(&self, state: State) -> Option<NodeId> {
        let found = self.state.iter().position(|has| *has == state)?;
        Some(NodeId(found as u8))
    }

    /// Ends the safety phase. The core.
    fn make_peace(&mut self, random: &mut Random) -> Vec<NodeId> {
        let nodes = self.settings.nodes;
        let size = match self.settings.rest {
            Rest::Healed => u64::from(nodes),
            Rest::Broken | Rest::CutOff => {
                random.between(u64::from(nodes / 2 + 1), u64::from(nodes))
            }
        };
        let core = some_of(nodes, size as usize, random);
        let inside = |node: NodeId| core.contains(&node);
        self.act(Fault::Heal(links_where(nodes, |a, b| inside(a) && inside(b))));
        let inner = links_where(nodes, |a, b| inside(a) && inside(b));
        self.act(Fault::SetLinks(inner, self.settings.calm_links));
        if self.settings.rest == Rest::CutOff && core.len() < usize::from(nodes) {
            self.act(Fault::cut_between(&core, &all_but(nodes, &core)));
        }
        for &node in &core {
            self.act(Fault::true_clock(node));
            self.act(Fault::SetSync(node, self.settings.calm_sync));
            match self.state[node.index()] {
                State::Up => {}
                State::Down => self.act(Fault::Restart(node)),
                State::Paused => self.act(Fault::Resume(node)),
            }
        }
        core
    }
}

/// A network that falls apart in this way.
fn partition(mode: PartitionMode, nodes: u8, random: &mut Random) -> Fault {
    let n = usize::from(nodes);
    match mode {
        // Pairs in the order in which people name groups, so that they are brief to write down.
        PartitionMode::IsolateOne => {
            let one = some_of(nodes, 1, random);
            Fault::cut_between(&one, &all_but(nodes, &one))
        }
        PartitionMode::Halves => {
            let side = some_of(nodes, n / 2, random);
            Fault::cut_between(&side, &all_but(nodes, &side))
        }
        PartitionMode::Groups => {
            let mut groups = [const { Vec::new() }; 3];
            (0..nodes).for_each(|node| groups[random.below(3) as usize].push(NodeId(node)));
            let pairs = [(0, 1), (0, 2), (1, 2)].map(|(a, b)| (&groups[a], &groups[b]));
            let cuts = pairs.map(|(left, right)| Fault::cut_between(left, right));
            let links = cuts.into_iter().filter_map(|cut| match cut {
                Fault::Cut(links) => Some(links),
                _ => None,
            });
            Fault::Cut(links.flatten().collect())
        }
        PartitionMode::OneWay => {
            let size = random.between(1, n.saturating_sub(1).max(1) as u64) as usize;
            let deaf = some_of(nodes, size, random);
            Fault::Cut(links_where(nodes, |a, b| !deaf.contains(&a) && deaf.contains(&b)))
        }
        PartitionMode::Bridge => {
            let mixed = some_of(nodes, n, random);
            let (bridge, left) = (mixed[0], &mixed[1..1 + (n - 1) / 2]);
            let mut near = left.to_vec();
            near.push(bridge);
            Fault::cut_between(left, &all_but(nodes, &near))
        }
        PartitionMode::Links => Fault::Cut(links_where(nodes, |_, _| random.chance(400_000))),
    }
}

fn any_delay(random: &mut Random, us: u64) -> Delay {
    match random.below(5) {
        0 => Delay::Constant { us },
        1 => Delay::Uniform { low_us: us / 10, high_us: us * 2 },
        2 => Delay::Exponential { mean_us: us },
        3 => Delay::LogNormal { median_us: us, sigma_ppm: 1_000_000 },
        _ => Delay::Pareto { low_us: us / 2, shape_ppm: 1_500_000 },
    }
}

fn links_where(nodes: u8, mut pick: impl FnMut(NodeId, NodeId) -> bool) -> Vec<(NodeId, NodeId)> {
    let all = (0..nodes).flat_map(|a| (0..nodes).map(move |b| (NodeId(a), NodeId(b))));
    all.filter(|(a, b)| a != b).filter(|(a, b)| pick(*a, *b)).collect()
}

fn all_but(nodes: u8, these: &[NodeId]) -> Vec<NodeId> {
    (0..nodes).map(NodeId).filter(|node| !these.contains(node)).collect()
}

/// So many of the nodes, in a random order.
fn some_of(nodes: u8, count: usize, random: &mut Random) -> Vec<NodeId> {
    let mut all: Vec<NodeId> = (0..nodes).map(NodeId).collect();
    for place in 0..count.min(all.len()) {
        let other = place + random.below((all.len() - place) as u64) as usize;
        all.swap(place, other);
    }
    all.truncate(count);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(nodes: u8) -> NemesisSettings {
        NemesisSettings {
            nodes,
            safety_us: 3_000_000,
            calm_links: LinkSettings::with_delay(Delay::Constant { us: 1_000 }),
            calm_sync: Delay::Constant { us: 100 },
            rest: Rest::CutOff,
        }
    }

    #[test]
    fn a_seed_is_a_schedule_and_schedules_differ() {
        assert_eq!(schedule(7, &settings(5)), schedule(7, &settings(5)));
        assert_ne!(schedule(7, &settings(5)), schedule(8, &settings(5)));
    }

    /// The nemesis keeps account: it crashes what is up, restarts what is down, heals what it cut.
    #[test]
    fn schedules_make_sense_and_leave_a_majority_in_peace() {
        for seed in 0..200 {
            let nodes = 3 + (seed % 4) as u8;
            let Schedule { faults, core } = schedule(seed, &settings(nodes));
            assert!(faults.is_sorted_by_key(|(at_us, _)| *at_us));
            assert!(core.len() > usize::from(nodes) / 2);
            let mut state = vec![State::Up; nodes.into()];
            for (_, fault) in &faults {
                let (node, from, to) = match fault {
                    Fault::Crash(node) | Fault::CrashTorn { node, .. } => {
                        assert_ne!(state[node.index()], State::Down);
                        state[node.index()] = State::Down;
                        continue;
                    }
                    Fault::Restart(node) => (node, State::Down, State::Up),
                    Fault::Pause(node) => (node, State::Up, State::Paused),
                    Fault::Resume(node) => (node, State::Paused, State::Up),
                    Fault::SetLinks(_, settings) => {
                        assert_eq!(settings.validate(), Ok(()));
                        continue;
                    }
                    _ => continue,
                };
                assert_eq!(state[node.index()], from, "seed {seed}: {fault:?}");
                state[node.index()] = to;
            }
            assert!(core.iter().all(|node| state[node.index()] == State::Up));
        }
    }

    #[test]
    fn every_kind_of_fault_comes_and_every_partition_cuts_something() {
        let faults: Vec<Fault> = (0..60)
            .flat_map(|seed| schedule(seed, &settings(5)).faults)
            .map(|(_, fault)| fault)
            .collect();
        let comes = |kind: fn(&Fault) -> bool| assert!(faults.iter().any(kind));
        comes(|fault| matches!(fault, Fault::Cut(links) if !links.is_empty()));
        comes(|fault| matches!(fault, Fault::HealAll));
        comes(|fault| matches!(fault, Fault::Crash(_)));
        comes(|fault| matches!(fault, Fault::CrashTorn { part_ppm: 1.., .. }));
        comes(|fault| matches!(fault, Fault::Restart(_)));
        comes(|fault| matches!(fault, Fault::Pause(_)));
        comes(|fault| matches!(fault, Fault::Resume(_)));
        comes(|fault| matches!(fault, Fault::SetClock { rate_ppm: 1_000_001.., .. }));
        comes(|fault| matches!(fault, Fault::SetSync(..)));
        comes(|fault| matches!(fault, Fault::SetLinks(_, s) if s.loss_ppm > 0));
        let mut random = Random::from_seed(4);
        for mode in PartitionMode::ALL {
            let cuts = (0..50).filter(|_| {
                matches!(partition(mode, 5, &mut random), Fault::Cut(links) if !links.is_empty())
            });
            assert!(cuts.count() >= 45, "{mode:?}");
            let _ = partition(mode, 1, &mut random);
        }
    }
}
