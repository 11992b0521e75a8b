//! Raft as a subject: clusters of 3 to 7 servers under a nemesis, with clients that write.

use super::clients::{clients, draw_config};
use super::liveness::{self, PATIENCE_US, UNREST_US};
use super::nemesis::{self, NemesisSettings, Rest};
use super::run::{Plan, Stage, Subject};
use crate::check::{Verdicts, Violation};
use crate::labs::raft::{Cluster, ENTRY, bears_the_broken, config_of, settings_of};
use crate::labs::{Command, LabSettings, Refused, Setting, Tuning};
use crate::random::Random;
use crate::scenario::Claim;
use crate::sim::{Delay, Halted, LinkSettings, RecordId};

/// How long the safety phase lasts, in microseconds.
pub const SAFETY_US: u64 = 3_000_000;

mod purpose {
    pub(super) const CONFIG: u64 = 110;
    pub(super) const CLIENTS: u64 = 111;
}

/// Raft clusters under the nemesis.
#[derive(Clone, Debug)]
pub struct RaftSubject {
    /// Settings that every run has, whatever its seed draws.
    always: Vec<Setting>,
}

impl RaftSubject {
    /// Raft as it is.
    pub fn genuine() -> RaftSubject {
        RaftSubject { always: Vec::new() }
    }

    /// The same, with these settings in every run. What seeds draw that cannot work with them is
    /// left as the lab has it.
    pub fn always(self, always: Vec<Setting>) -> RaftSubject {
        RaftSubject { always }
    }
}

/// The settings with what a seed has drawn and what every run has.
pub(super) fn set(settings: LabSettings, drawn: Vec<Setting>, always: &[Setting]) -> LabSettings {
    let with = |drawn: Vec<Setting>| {
        let mut settings = settings.clone();
        settings.tuning.protocol = drawn;
        always.iter().for_each(|setting| settings.tuning.set(*setting));
        settings
    };
    let both = with(drawn);
    if (ENTRY.check)(&both).is_ok() { both } else { with(Vec::new()) }
}

impl Stage for Cluster {
    fn now_us(&self) -> u64 {
        self.world().now_us()
    }

    fn history_len(&self) -> usize {
        self.world().history().len()
    }

    fn history_hash(&self) -> u64 {
        self.world().history().hash()
    }

    fn advance_to(&mut self, at_us: u64) -> Result<(), Halted> {
        Cluster::advance_to(self, at_us)
    }

    fn act(&mut self, command: &Command) -> Result<(), Refused> {
        Cluster::act(self, command)
    }

    fn nth_on_its_way(&self, nth: u32) -> Option<RecordId> {
        self.world().network().nth_on_its_way(nth)
    }

    fn is_unjudged(&self) -> bool {
        Cluster::is_unjudged(self)
    }

    fn verdicts(&self) -> &Verdicts {
        Cluster::verdicts(self)
    }
}

impl Subject for RaftSubject {
    type Stage = Cluster;

    fn plan(&self, seed: u64) -> Plan {
        let mut random = Random::for_purpose(seed, purpose::CONFIG);
        let nodes = [3, 3, 5, 5, 5, 4, 7][random.below(7) as usize];
        let drawn = draw_config(seed, nodes, &mut random);
        let high_us = [2_000, 10_000, 40_000][random.below(3) as usize];
        let links = LinkSettings::with_delay(Delay::Uniform { low_us: 500, high_us });
        let calm_sync = Delay::Uniform { low_us: 50, high_us: 3_000 };
        // Many unsynced writes, and many of several entries, are there only while disks are slow.
        let slow_us = [3_000, 3_000, 20_000, 60_000][random.below(4) as usize];
        let sync = Delay::Uniform { low_us: 50, high_us: slow_us };
        let calm_links = LinkSettings::with_delay(Delay::Uniform { low_us: 500, high_us: 5_000 });
        let tuning = Tuning { links: Some(links), sync: Some(sync), ..Tuning::NONE };
        let settings = LabSettings { servers: nodes, seed, tuning };
        let settings = set(settings, settings_of(&drawn, nodes), &self.always);
        let config = config_of(&settings);
        // Members that were chosen among all may be too few in a core.
        let healed = random.chance(300_000) || config.membership_changes;
        let rest = match bears_the_broken(&config) {
            _ if healed => Rest::Healed,
            true => Rest::Broken,
            false => Rest::CutOff,
        };
        let peace_us = if rest == Rest::Broken { SAFETY_US + UNREST_US } else { SAFETY_US };
        let ends_us = peace_us + PATIENCE_US;
        let safety_us = SAFETY_US;
        let rest_until_us = ends_us;
        let nemesis =
            NemesisSettings { nodes, safety_us, calm_links, calm_sync, rest, rest_until_us };
        let mut schedule = nemesis::schedule(seed, &nemesis);
        schedule.core.sort_unstable();
        let core = schedule.core.clone();
        let mut actions = schedule.actions();
        let mut random = Random::for_purpose(seed, purpose::CLIENTS);
        actions.extend(clients(SAFETY_US, &config, nodes, &mut random));
        let mut plan = Plan { lab: ENTRY.name, settings, actions, core, peace_us, ends_us };
        plan.actions.extend(liveness::writes(&plan, SAFETY_US));
        // Stable: of what comes at the same time, faults come first.
        plan.actions.sort_by_key(|action| action.at_us);
        plan
    }

    fn open(&self, plan: &Plan) -> Cluster {
        Cluster::new(&plan.settings)
    }

    fn is_settled(&self, cluster: &Cluster, plan: &Plan) -> bool {
        liveness::is_settled(cluster, plan)
    }

    fn judge_end(&self, cluster: &mut Cluster, plan: &Plan) {
        cluster.judge_end();
        liveness::judge(cluster, plan);
    }

    fn claim(&self, plan: &Plan, violation: &Violation) -> Claim {
        liveness::claim(plan, violation.property).unwrap_or(Claim::Kept(violation.property))
    }
}
