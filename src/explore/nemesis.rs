//! The nemesis: from a seed, a schedule of faults.
//!
//! First comes the **safety phase**, in which anything may happen. Then, for the **liveness
//! phase**, a majority (the *core*) is healed for good and left in peace, while the rest stays
//! broken: Raft promises progress as long as a majority works, not when everything does.

use super::partition::{all_but, any_delay, links_where, partition, some_of};
use super::rest::{Unrest, disturb};
use super::swarm::Swarm;
use super::{Action, Fate};
use crate::random::Random;
use crate::sim::{Capacity, Delay, Fault, LinkSettings, NodeId};

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
    /// Until when it happens to them, in microseconds.
    pub rest_until_us: u64,
}

/// What happens in the liveness phase to the servers outside the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rest {
    /// Each stays broken in a way of its own (see [`Affliction`](super::Affliction)), and may go on
    /// talking to the core as far as it can.
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
    /// What happens when to single messages: to the so-manieth of those on their way.
    pub messages: Vec<(u64, u32, Fate)>,
    /// The servers that are healed for good at the end of the safety phase.
    pub core: Vec<NodeId>,
}

impl Schedule {
    /// All of it as actions, in the order of time; faults come first.
    pub fn actions(self) -> Vec<Action> {
        let faults = self.faults.into_iter().map(|(at_us, fault)| Action::fault(at_us, fault));
        let messages = self.messages.into_iter();
        let messages = messages.map(|(at_us, nth, fate)| Action::message(at_us, nth, fate));
        let mut actions: Vec<Action> = faults.chain(messages).collect();
        actions.sort_by_key(|action| action.at_us);
        actions
    }
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
    pub(super) const CAPACITY: u64 = 108;
    pub(super) const MESSAGE: u64 = 109;
    // 110 and 111 are taken by those who use the nemesis.
    pub(super) const REST: u64 = 112;
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
            purpose::CAPACITY,
            purpose::MESSAGE,
        ]
        .map(|purpose| Random::for_purpose(seed, purpose)),
        now_us: 0,
        faults: Vec::new(),
        messages: Vec::new(),
    };
    while nemesis.now_us + TICK_US < settings.safety_us {
        nemesis.now_us += TICK_US;
        nemesis.tick();
    }
    nemesis.now_us = settings.safety_us;
    let core = nemesis.make_peace(&mut Random::for_purpose(seed, purpose::CORE));
    if settings.rest == Rest::Broken {
        nemesis.leave_broken(&core, &mut Random::for_purpose(seed, purpose::REST));
    }
    let Nemesis { faults, mut messages, .. } = nemesis;
    messages.sort_by_key(|(at_us, ..)| *at_us);
    Schedule { faults, messages, core }
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
    streams: [Random; 8],
    now_us: u64,
    faults: Vec<(u64, Fault)>,
    messages: Vec<(u64, u32, Fate)>,
}

impl Nemesis<'_> {
    fn tick(&mut self) {
        self.tick_partition();
        self.tick_crash();
        self.tick_pause();
        self.tick_clock();
        self.tick_disk();
        self.tick_links();
        self.tick_messages();
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
            let in_part = random.chance(self.swarm.heal_some_ppm);
            let some = links_where(self.settings.nodes, |_, _| random.chance(500_000));
            self.act(if in_part { Fault::Heal(some) } else { Fault::HealAll });
            self.partitioned = in_part;
        } else {
            let mode = self.swarm.modes[random.below(self.swarm.modes.len() as u64) as usize];
            let cut = partition(mode, self.settings.nodes, random);
            self.act(cut);
            self.partitioned = true;
        }
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
        let [_, _, _, _, random, ..] = &mut self.streams;
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
        let [_, _, _, _, _, random, capacity, _] = &mut self.streams;
        let capacity = any_capacity(self.swarm, capacity);
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
            capacity,
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

    fn tick_messages(&mut self) {
        let [.., random] = &mut self.streams;
        let Swarm { drop_ppm, hold_ppm, hold_us, double_ppm, .. } = *self.swarm;
        let us = random.between(100, hold_us.max(100));
        let kinds =
            [(drop_ppm, Fate::Drop), (hold_ppm, Fate::Delay(us)), (double_ppm, Fate::Duplicate)];
        for (ppm, fate) in kinds {
            let (comes, nth) = (random.chance(ppm), random.below(1_000) as u32);
            let at_us = self.now_us + random.below(TICK_US);
            if comes {
                self.messages.push((at_us, nth, fate));
            }
        }
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
            Rest::CutOff => random.between(u64::from(nodes / 2 + 1), u64::from(nodes)),
            // Somebody is to be broken, if the core can do without anybody.
            Rest::Broken => {
                let least = u64::from(nodes / 2 + 1);
                random.between(least, least.max(u64::from(nodes).saturating_sub(1)))
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

    /// What those outside the core go through from now on.
    fn leave_broken(&mut self, core: &[NodeId], random: &mut Random) {
        for node in all_but(self.settings.nodes, core) {
            let kinds = &self.swarm.afflictions;
            let affliction = kinds[random.below(kinds.len() as u64) as usize];
            let state = self.state[node.index()];
            let unrest = Unrest {
                node,
                core,
                is_up: state != State::Down,
                is_paused: state == State::Paused,
                from_us: self.now_us,
                until_us: self.settings.rest_until_us,
            };
            self.faults.extend(disturb(&unrest, affliction, random));
        }
        self.faults.sort_by_key(|(at_us, _)| *at_us);
    }
}

/// What a link may be able to carry. In most cases, all that anybody sends.
fn any_capacity(swarm: &Swarm, random: &mut Random) -> Option<Capacity> {
    let comes = random.chance(swarm.capacity_ppm);
    let least = u64::from(swarm.per_second);
    let per_second = random.between(least, least.saturating_mul(10).min(1_000_000)) as u32;
    let queue = [0, 1, 10, 100][random.below(4) as usize];
    comes.then_some(Capacity { per_second, queue })
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
            rest_until_us: 6_000_000,
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
            let Schedule { faults, core, .. } = schedule(seed, &settings(nodes));
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
    fn every_kind_of_fault_comes() {
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
        comes(|fault| matches!(fault, Fault::SetLinks(_, s) if s.duplicate_ppm > 0));
        comes(|fault| matches!(fault, Fault::SetLinks(_, s) if s.reorder_ppm > 0));
        comes(|fault| matches!(fault, Fault::SetLinks(_, s) if s.capacity.is_some()));
        comes(|fault| matches!(fault, Fault::Heal(links) if links.len() < 15));
        let delays: [fn(&Delay) -> bool; 5] = [
            |delay| matches!(delay, Delay::Constant { .. }),
            |delay| matches!(delay, Delay::Uniform { .. }),
            |delay| matches!(delay, Delay::Exponential { .. }),
            |delay| matches!(delay, Delay::LogNormal { .. }),
            |delay| matches!(delay, Delay::Pareto { .. }),
        ];
        for kind in delays {
            assert!(faults.iter().any(|fault| matches!(fault, Fault::SetSync(_, d) if kind(d))));
            let of_links = |fault: &Fault| matches!(fault, Fault::SetLinks(_, s) if kind(&s.delay));
            assert!(faults.iter().any(of_links));
        }
        let messages: Vec<Fate> = (0..60)
            .flat_map(|seed| schedule(seed, &settings(5)).messages)
            .map(|(_, _, fate)| fate)
            .collect();
        assert!(messages.contains(&Fate::Drop) && messages.contains(&Fate::Duplicate));
        assert!(messages.iter().any(|fate| matches!(fate, Fate::Delay(_))));
    }

    /// Each concern has draws of its own: turning one off leaves the others as they were.
    #[test]
    fn no_concern_shifts_another() {
        for seed in 0..60 {
            let whole = schedule(seed, &settings(5));
            let without = Swarm {
                capacity_ppm: 0,
                drop_ppm: 0,
                hold_ppm: 0,
                double_ppm: 0,
                partition_ppm: 0,
                ..swarm(seed)
            };
            let part = schedule_with(seed, &settings(5), &without);
            assert_eq!(part.messages, []);
            assert_eq!(part.core, whole.core);
            let rest = |schedule: &Schedule| -> Vec<(u64, Fault)> {
                let kept = schedule.faults.iter().filter(|(_, fault)| {
                    !matches!(fault, Fault::Cut(_) | Fault::Heal(_) | Fault::HealAll)
                });
                kept.cloned().map(without_capacity).collect()
            };
            assert_eq!(rest(&part), rest(&whole), "seed {seed}");
        }
    }

    fn without_capacity((at_us, mut fault): (u64, Fault)) -> (u64, Fault) {
        if let Fault::SetLinks(_, settings) = &mut fault {
            settings.capacity = None;
        }
        (at_us, fault)
    }

    /// Outside of the core everything stays broken, and the core is never touched again.
    #[test]
    fn who_stays_broken_does_so_in_every_way_and_leaves_the_core_alone() {
        let mut count = 0;
        for seed in 0..300 {
            let broken = NemesisSettings { rest: Rest::Broken, ..settings(5) };
            let Schedule { faults, core, .. } = schedule(seed, &broken);
            assert!((3..5).contains(&core.len()));
            assert!(faults.is_sorted_by_key(|(at_us, _)| *at_us));
            let inside = |node: &NodeId| core.contains(node);
            for (at_us, fault) in faults.iter().filter(|(at_us, _)| *at_us > 3_000_000) {
                count += 1;
                assert!(*at_us < 6_000_000);
                match fault {
                    Fault::Cut(links) | Fault::Heal(links) | Fault::SetLinks(links, _) => {
                        assert!(links.iter().all(|(a, b)| !inside(a) || !inside(b)));
                    }
                    Fault::Crash(node) | Fault::Restart(node) => assert!(!inside(node)),
                    Fault::Pause(node) | Fault::Resume(node) => assert!(!inside(node)),
                    Fault::SetClock { node, .. } => assert!(!inside(node)),
                    other => panic!("{other:?}"),
                }
            }
        }
        assert!(count > 1_000);
    }
}
