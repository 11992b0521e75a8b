//! The CAP lab as a subject: stores of every setting under a nemesis, with clients that write, read
//! and delete, and settings that are turned while they do.
//!
//! Every seed draws its own store: in most runs one without a leader, in some Raft or
//! primary-backup. What is judged is what its settings promise, see
//! [`labs::cap::judged`](crate::labs::cap::judged); and once a core works in peace, that it serves
//! ([`Property::ServedInPeace`]) and that its replicas become equal. With
//! [`demanding`](CapSubject::demanding) a promise is judged that nobody has given: so one finds out
//! what a choice costs, and that the judges would notice.

use super::Action;
use super::clients::KEYS;
use super::nemesis::{self, NemesisSettings, Rest};
use super::raft::SAFETY_US;
use super::run::{Plan, Stage, Subject};
use crate::check::{Finding, Property, Verdicts, Violation};
use crate::labs::cap::judged::JudgedCluster;
#[cfg(test)]
use crate::labs::cap::judged::bound_us;
use crate::labs::cap::{Asked, Cluster, ENTRY, Fate, System, WhyRefused, cap_config};
use crate::labs::{Ask, Client, Command, LabSettings, Refused, Setting, SettingValue, Tuning};
use crate::random::Random;
use crate::scenario::{Arg, Atom, Claim, Condition, Who};
use crate::sim::{Delay, Halted, LinkSettings, NodeId, RecordId};

/// Who asks in the safety phase: C1 to this.
const CLIENTS: u64 = 6;

/// Who asks when service is owed, and only then.
const LAST: Client = Client(9);

/// So long after the core was healed nothing is owed yet, in microseconds: messages that were held
/// up arrive. And where clocks were wrong, those that ran ahead stand still.
const SETTLE_US: (u64, u64) = (2_500_000, 7_000_000);

/// For so long every server of the core is asked.
const ASKED_US: u64 = 1_500_000;

mod purpose {
    pub(super) const CONFIG: u64 = 120;
    pub(super) const CLIENTS: u64 = 121;
    pub(super) const TURNS: u64 = 122;
}

/// Stores under the nemesis.
#[derive(Clone, Debug, Default)]
pub struct CapSubject {
    always: Vec<Setting>,
    demanded: Vec<Property>,
}

impl CapSubject {
    /// Stores as they are, judged by what they promise.
    pub fn genuine() -> CapSubject {
        CapSubject::default()
    }

    /// The same, with these settings in every run, which nobody turns. What seeds draw that cannot
    /// work with them is left as the lab has it.
    pub fn always(self, always: Vec<Setting>) -> CapSubject {
        CapSubject { always, ..self }
    }

    /// The same, judged by these promises as well, given or not.
    pub fn demanding(self, demanded: &[Property]) -> CapSubject {
        CapSubject { demanded: demanded.to_vec(), ..self }
    }

    /// The promises that may be demanded: those of which a script can tell that they are broken.
    pub const DEMANDABLE: [Property; 3] =
        [Property::Linearizability, Property::ReadsAreRegular, Property::ReplicasConverge];

    fn set(&self, settings: &LabSettings, drawn: &[Setting]) -> Option<LabSettings> {
        let mut settings = settings.clone();
        settings.tuning.protocol = drawn.to_vec();
        self.always.iter().for_each(|setting| settings.tuning.set(*setting));
        cap_config(&settings).is_ok().then_some(settings)
    }
}

impl Stage for JudgedCluster {
    fn now_us(&self) -> u64 {
        self.cluster().world().now_us()
    }

    fn history_len(&self) -> usize {
        self.cluster().world().history().len()
    }

    fn history_hash(&self) -> u64 {
        self.cluster().world().history().hash()
    }

    fn advance_to(&mut self, at_us: u64) -> Result<(), Halted> {
        JudgedCluster::advance_to(self, at_us)
    }

    fn act(&mut self, command: &Command) -> Result<(), Refused> {
        JudgedCluster::act(self, command)
    }

    fn nth_on_its_way(&self, nth: u32) -> Option<RecordId> {
        self.cluster().world().network().nth_on_its_way(nth)
    }

    fn is_unjudged(&self) -> bool {
        self.judges().is_unjudged()
    }

    fn verdicts(&self) -> &Verdicts {
        self.judges().verdicts()
    }
}

impl Subject for CapSubject {
    type Stage = JudgedCluster;

    fn plan(&self, seed: u64) -> Plan {
        let mut random = Random::for_purpose(seed, purpose::CONFIG);
        let nodes = [3, 3, 5, 5, 5, 4, 7][random.below(7) as usize];
        let high_us = [2_000, 10_000, 40_000][random.below(3) as usize];
        let links = LinkSettings::with_delay(Delay::Uniform { low_us: 500, high_us });
        let calm_links = LinkSettings::with_delay(Delay::Uniform { low_us: 500, high_us: 5_000 });
        let calm_sync = Delay::Uniform { low_us: 50, high_us: 3_000 };
        let tuning = Tuning { links: Some(links), sync: Some(calm_sync), ..Tuning::NONE };
        let bare = LabSettings { servers: nodes, seed, tuning };
        let drawn = draw_settings(nodes, &mut random);
        let settings = self.set(&bare, &drawn).or_else(|| self.set(&bare, &[]));
        let settings = settings.unwrap_or(bare);
        let rest = if random.chance(600_000) { Rest::Healed } else { Rest::CutOff };
        let clocks_agree = nemesis::swarm(seed).clock_ppm == 0;
        let settle_us = if clocks_agree { SETTLE_US.0 } else { SETTLE_US.1 };
        let peace_us = SAFETY_US + settle_us;
        let asked_until_us = peace_us + ASKED_US;
        // Longer than any bound: a run ends once all has come.
        let ends_us = asked_until_us + 20_000_000;
        let nemesis = NemesisSettings {
            nodes,
            safety_us: SAFETY_US,
            calm_links,
            calm_sync,
            rest,
            rest_until_us: ends_us,
        };
        let mut schedule = nemesis::schedule(seed, &nemesis);
        schedule.core.sort_unstable();
        let core = schedule.core.clone();
        let mut actions = schedule.actions();
        let mut random = Random::for_purpose(seed, purpose::CLIENTS);
        actions.extend(clients(&settings, &mut random));
        if self.always.is_empty() {
            let mut random = Random::for_purpose(seed, purpose::TURNS);
            actions.extend(turns(&settings, &mut random));
        }
        let mut plan = Plan { lab: ENTRY.name, settings, actions, core, peace_us, ends_us };
        plan.actions.extend(last(&plan, (peace_us, asked_until_us)));
        // Stable: of what comes at the same time, faults come first.
        plan.actions.sort_by_key(|action| action.at_us);
        plan
    }

    fn open(&self, plan: &Plan) -> JudgedCluster {
        let system = cap_config(&plan.settings).map_or(System::Quorum, |config| config.system);
        JudgedCluster::new(Cluster::new(&plan.settings, system), &self.demanded)
    }

    fn is_settled(&self, stage: &JudgedCluster, plan: &Plan) -> bool {
        let all_asked = stage.cluster().world().now_us() > plan.peace_us + ASKED_US;
        let converges = plan.core.len() == usize::from(plan.settings.servers);
        all_asked
            && !plan.core.iter().any(|node| not_served(stage, plan, *node).is_some())
            && (!converges || stage.cluster().unequal().is_none())
    }

    fn judge_end(&self, stage: &mut JudgedCluster, plan: &Plan) {
        stage.judge_end();
        let served = plan.core.iter().find_map(|node| not_served(stage, plan, *node));
        if let Some(asked) = served.filter(|_| is_owed(stage.cluster(), &plan.core)) {
            let (server, asked) = (asked.via, asked.called);
            stage.note(Property::ServedInPeace, Finding::NotServed { server, asked });
        }
    }

    fn claim(&self, plan: &Plan, violation: &Violation) -> Claim {
        let now = |pattern, args| {
            Claim::Now(Condition { atoms: vec![Atom { not: false, pattern, args }] })
        };
        let property = violation.property;
        match &violation.finding {
            Finding::NotServed { server, .. } => {
                let group = vec![crate::scenario::Member::Who(Who::Number(*server))];
                now("GROUP serves", vec![Arg::Group(crate::scenario::Group::Of(group))])
            }
            _ if !self.demanded.contains(&property) || plan.lab != ENTRY.name => {
                Claim::Kept(property)
            }
            Finding::NotLinearizable { .. } => now("linearizable kept", Vec::new()),
            Finding::ReadMissed { .. } => now("stale reads N", vec![Arg::Number(0)]),
            Finding::ReplicasDiffer { .. } => now("replicas equal", Vec::new()),
            _ => Claim::Kept(property),
        }
    }
}

/// The latest that [`LAST`] has asked of a server in peace, if that was not done.
fn not_served<'a>(stage: &'a JudgedCluster, plan: &Plan, node: NodeId) -> Option<&'a Asked> {
    let all = stage.cluster().clients().asked();
    let is_it =
        |asked: &&Asked| asked.client == LAST && asked.via == node && asked.at_us > plan.peace_us;
    let asked = all.iter().rev().find(is_it)?;
    let is_served = matches!(asked.fate, Fate::Done(_) | Fate::Refused(WhyRefused::Behind));
    (!is_served).then_some(asked)
}

/// Whether the core has all that is needed to serve: enough replicas for R and W, or servers that
/// stand in for them. Raft's own lab judges what Raft owes, and a primary may be anywhere.
fn is_owed(cluster: &Cluster, core: &[NodeId]) -> bool {
    let settings = cluster.config().quorum.settings();
    let is_sloppy = settings.mode == (crate::quorum::Mode::Ap { sloppy: true });
    let is_replica = |node: &&NodeId| is_sloppy || node.index() < settings.n;
    let count = core.iter().filter(is_replica).count();
    cluster.system() == System::Quorum && count.min(settings.n) >= settings.r.max(settings.w)
}

/// Everybody in the core is asked again and again, to write and to read.
fn last(plan: &Plan, (from_us, until_us): (u64, u64)) -> Vec<Action> {
    let mut actions = Vec::new();
    for (turn, at_us) in (from_us..until_us).step_by(300_000).enumerate() {
        for (place, via) in plan.core.iter().enumerate() {
            let what = match turn % 2 {
                0 => Ask::Write { key: "last".into(), value: format!("last-{turn}-{place}") },
                _ => Ask::Read { key: "last".into() },
            };
            let ask = Command::Ask { client: LAST, via: *via, what };
            actions.push(Action::of(at_us + 1 + place as u64 * 20_000, ask));
        }
    }
    actions
}

fn choice(name: &'static str, word: &'static str) -> Setting {
    Setting { name, value: SettingValue::Choice(word) }
}

fn count(name: &'static str, count: u64) -> Setting {
    Setting { name, value: SettingValue::Count(count) }
}

fn switch(name: &'static str, on: bool) -> Setting {
    Setting { name, value: SettingValue::Switch(on) }
}

/// The guarantees that clients can ask for.
const GUARANTEES: [&str; 4] =
    ["read-your-writes", "monotonic-reads", "monotonic-writes", "writes-follow-reads"];

/// What a store is set to. What cannot work together is found out by who asks.
fn draw_settings(nodes: u8, random: &mut Random) -> Vec<Setting> {
    let system = ["raft", "primary-backup", "quorum"][random.below(16).min(2) as usize];
    let mode = ["cp", "cp", "ap", "ap-sloppy"][random.below(4) as usize];
    let mut drawn = vec![choice("system", system), choice("mode", mode)];
    let n = random.between(u64::from(nodes / 2 + 1), nodes.into());
    drawn.push(count("n", n));
    draw_quorum(mode, n, random, &mut drawn);
    let words = |name, words: &[&'static str], random: &mut Random| {
        choice(name, words[random.below(words.len() as u64) as usize])
    };
    let lww = "last-write-wins";
    drawn.push(words("resolution", &[lww, lww, "siblings"], random));
    drawn.push(words("stamping", &["clock", "ask-first"], random));
    drawn.push(words("read-repair", &["off", "async", "blocking", "blocking"], random));
    drawn.push(words("not-found", &["answers", "answers", "does-not-answer"], random));
    drawn.push(words("access", &["sticky", "roaming"], random));
    drawn.push(switch("anti-entropy", random.chance(850_000)));
    let every_us = [100_000, 300_000, 1_000_000][random.below(3) as usize];
    drawn.push(Setting { name: "anti-entropy-every", value: SettingValue::Time { us: every_us } });
    drawn.push(switch("collect-tombstones", random.chance(150_000)));
    let grace_us = [50_000, 500_000, 5_000_000][random.below(3) as usize];
    drawn.push(Setting { name: "tombstone-grace", value: SettingValue::Time { us: grace_us } });
    drawn.push(switch("detector", mode == "ap-sloppy" || random.chance(800_000)));
    drawn.push(switch("ack-before-sync", random.chance(100_000)));
    drawn.push(switch("synchronous", random.chance(500_000)));
    let (all, none) = (random.chance(350_000), random.chance(350_000));
    for name in GUARANTEES {
        let some = random.chance(500_000);
        drawn.push(switch(name, all || (some && !none)));
    }
    drawn
}

/// R and W: majorities or more in CP, anything in AP.
fn draw_quorum(mode: &str, n: u64, random: &mut Random, drawn: &mut Vec<Setting>) {
    let least = if mode == "cp" { n / 2 + 1 } else { 1 };
    let (r, w) = (random.between(least, n), random.between(least, n));
    let plain = random.chance(500_000);
    let plain_size = if mode == "cp" { least } else { 1 };
    drawn.push(count("r", if plain { plain_size } else { r }));
    drawn.push(count("w", if plain { plain_size } else { w }));
}

/// What is turned while the store runs, in half of the runs.
fn turns(settings: &LabSettings, random: &mut Random) -> Vec<Action> {
    if random.chance(500_000) {
        return Vec::new();
    }
    let mut actions = Vec::new();
    let mut at_us = 0;
    loop {
        at_us += random.between(50_000, 1_500_000);
        if at_us >= SAFETY_US {
            return actions;
        }
        let all = draw_settings(settings.servers, random);
        // The system is what it is; the rest of the draw says what one of the others becomes.
        let turned = all[1 + random.below(all.len() as u64 - 1) as usize];
        actions.push(Action::of(at_us, Command::Set(turned)));
    }
}

/// What clients want in the safety phase, and whom they ask.
fn clients(settings: &LabSettings, random: &mut Random) -> Vec<Action> {
    let nodes = u64::from(settings.servers);
    let pause_us = [4_000, 15_000, 60_000][random.below(3) as usize];
    let keys = random.between(1, KEYS.len() as u64);
    let mut some = |ppm| if random.chance(600_000) { ppm } else { 0 };
    let (deletes_ppm, retries_ppm, promotes_ppm) = (some(80_000), some(60_000), some(10_000));
    let reads_ppm = [300_000, 600_000][random.below(2) as usize];
    let mut wrote = [false; CLIENTS as usize];
    let (mut actions, mut at_us, mut number) = (Vec::new(), 0, 0_u64);
    loop {
        at_us += random.between(1, 2 * pause_us);
        if at_us >= SAFETY_US {
            return actions;
        }
        let via = NodeId(random.below(nodes) as u8);
        let place = random.below(CLIENTS) as usize;
        let client = Client(place as u8 + 1);
        let key = KEYS[random.below(keys) as usize].to_owned();
        number += 1;
        if random.chance(promotes_ppm) {
            actions.push(Action::of(at_us, Command::TransferLeadership { via, to: via }));
            continue;
        }
        let what = if random.chance(reads_ppm) {
            Ask::Read { key }
        } else if wrote[place] && random.chance(retries_ppm) {
            Ask::Retry
        } else if random.chance(deletes_ppm) {
            Ask::Delete { key }
        } else {
            Ask::Write { key, value: number.to_string() }
        };
        wrote[place] |= !matches!(what, Ask::Read { .. });
        actions.push(Action::of(at_us, Command::Ask { client, via, what }));
    }
}

/// The end of a plan by which replicas must be equal, as far as any is stated.
#[cfg(test)]
fn latest_bound_us(stage: &JudgedCluster) -> Option<u64> {
    bound_us(stage.cluster(), stage.judges().clocks_agree())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Otherwise nothing that is said of convergence would ever be judged.
    #[test]
    fn runs_outlast_every_bound() {
        let subject = CapSubject::genuine();
        for seed in 0..200 {
            let plan = subject.plan(seed);
            let stage = subject.open(&plan);
            if let Some(bound_us) = latest_bound_us(&stage) {
                assert!(plan.peace_us + ASKED_US + bound_us < plan.ends_us);
            }
        }
    }
}
