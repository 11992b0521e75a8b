//! Raft as a subject: clusters of 3 to 7 servers under a nemesis, with clients that write.

use std::marker::PhantomData;

use super::clients::{LAST, clients, draw_config, last_writes};
use super::nemesis::{self, NemesisSettings, Rest};
use super::run::{Plan, Stage, Subject};
use crate::check::{Finding, Property, Verdicts};
use crate::labs::raft::{Cluster, ENTRY, Keeps, RaftProcess, RaftSetup, SCRIPTED, settings_of};
use crate::labs::{Command, LabSettings, Refused, Setting, Tuning};
use crate::raft::Config;
use crate::random::Random;
use crate::scenario::{Arg, Atom, Claim, Condition, Group, Member, Who};
use crate::session::{Action, Run};
use crate::sim::{Delay, Fault, Halted, LinkSettings};

/// How long after peace there must be progress, and equal logs, in microseconds.
///
/// A clock that ran ahead stands still until the world has caught up with it: up to 2 s of a jump
/// and 70 % of the 3 s that it ran fast. Then come some elections, each at most 300 ms.
pub const PATIENCE_US: u64 = 8_000_000;

/// How long the safety phase lasts, in microseconds.
pub const SAFETY_US: u64 = 3_000_000;

mod purpose {
    pub(super) const CONFIG: u64 = 110;
    pub(super) const CLIENTS: u64 = 111;
}

/// Raft clusters whose nodes run `P`: the lab's own process, or one with a planted bug.
#[derive(Clone, Debug)]
pub struct RaftSubject<P = RaftProcess, F = fn(Config) -> RaftSetup> {
    /// What a node is started with, from the cluster's configuration.
    setup: F,
    /// Settings that every run has, whatever its seed draws.
    always: Vec<Setting>,
    process: PhantomData<P>,
}

impl RaftSubject {
    /// Raft as it is.
    pub fn genuine() -> RaftSubject {
        RaftSubject::with_setup(|config| RaftSetup { config })
    }
}

impl<P, F> RaftSubject<P, F> {
    /// Raft as `P` has it.
    pub fn with_setup(setup: F) -> RaftSubject<P, F> {
        RaftSubject { setup, always: Vec::new(), process: PhantomData }
    }

    /// The same, with these settings in every run. What seeds draw that cannot work with them is
    /// left as the lab has it.
    pub fn always(self, always: Vec<Setting>) -> RaftSubject<P, F> {
        RaftSubject { always, ..self }
    }

    fn protocol(&self, drawn: Vec<Setting>, servers: u8) -> Vec<Setting> {
        let tuning = |drawn: Vec<Setting>| {
            let mut tuning = Tuning { protocol: drawn, ..Tuning::NONE };
            self.always.iter().for_each(|setting| tuning.set(*setting));
            tuning
        };
        let settings = LabSettings { tuning: tuning(drawn), ..LabSettings::new(servers, 0) };
        let works = (SCRIPTED.check)(&settings).is_ok();
        if works { settings.tuning.protocol } else { tuning(Vec::new()).protocol }
    }
}

impl<P: Keeps> Stage for Cluster<P> {
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

    fn verdicts(&self) -> &Verdicts {
        Cluster::verdicts(self)
    }
}

impl<P, F> Subject for RaftSubject<P, F>
where
    P: Keeps,
    F: Fn(Config) -> P::Setup,
{
    type Stage = Cluster<P>;

    fn plan(&self, seed: u64) -> Plan {
        let mut random = Random::for_purpose(seed, purpose::CONFIG);
        let nodes = [3, 3, 5, 5, 5, 4, 7][random.below(7) as usize];
        let config = draw_config(seed, nodes, &mut random);
        let high_us = [2_000, 10_000, 40_000][random.below(3) as usize];
        let links = LinkSettings::with_delay(Delay::Uniform { low_us: 500, high_us });
        let calm_sync = Delay::Uniform { low_us: 50, high_us: 3_000 };
        // Many unsynced writes, and many of several entries, are there only while disks are slow.
        let slow_us = [3_000, 3_000, 20_000, 60_000][random.below(4) as usize];
        let sync = Delay::Uniform { low_us: 50, high_us: slow_us };
        let calm_links = LinkSettings::with_delay(Delay::Uniform { low_us: 500, high_us: 5_000 });
        // Members that were chosen among all may be too few in a core.
        let healed = random.chance(300_000) || config.membership_changes;
        let rest = if healed { Rest::Healed } else { Rest::CutOff };
        let nemesis = NemesisSettings { nodes, safety_us: SAFETY_US, calm_links, calm_sync, rest };
        let mut schedule = nemesis::schedule(seed, &nemesis);
        schedule.core.sort_unstable();
        let fault =
            |(at_us, fault): (u64, Fault)| Action { at_us, command: Command::Faults(vec![fault]) };
        let mut actions: Vec<Action> = schedule.faults.into_iter().map(fault).collect();
        let mut random = Random::for_purpose(seed, purpose::CLIENTS);
        actions.extend(clients(SAFETY_US, &config, nodes, &mut random));
        // Stable: of what comes at the same time, faults come first.
        actions.sort_by_key(|action| action.at_us);
        let ends_us = SAFETY_US + PATIENCE_US;
        actions.extend(last_writes(&schedule.core, SAFETY_US, ends_us));
        let protocol = self.protocol(settings_of(&config, nodes), nodes);
        let tuning = Tuning { links: Some(links), sync: Some(sync), protocol };
        let settings = LabSettings { servers: nodes, seed, tuning };
        let run = Run { lab: ENTRY.name, settings, actions };
        Plan { run, core: schedule.core, peace_us: SAFETY_US, ends_us }
    }

    fn open(&self, settings: &LabSettings) -> Cluster<P> {
        Cluster::with_setup(settings, &self.setup)
    }

    /// Peace: the core has elected a leader that has committed something new, and has equal logs.
    fn is_settled(&self, cluster: &Cluster<P>, plan: &Plan) -> bool {
        cluster.clients().has_written(LAST)
            && cluster.leads_in(&plan.core)
            && cluster.unequal_in(&plan.core).is_none()
    }

    /// Liveness is judged if the core was in peace for long enough. A plan that was shortened until
    /// it is not, or until nobody writes in the end, promises less.
    fn judge_end(&self, cluster: &mut Cluster<P>, plan: &Plan) {
        cluster.judge_end();
        let waited_us = cluster.world().now_us().saturating_sub(plan.peace_us);
        if waited_us < PATIENCE_US || !cluster.is_at_peace(&plan.core) {
            return;
        }
        if !cluster.leads_in(&plan.core) || !cluster.clients().is_served(LAST) {
            cluster.note(Property::Progress, Finding::NoProgress { waited_us });
        } else if cluster.clients().has_written(LAST)
            && let Some((first, second)) = cluster.unequal_in(&plan.core)
        {
            cluster.note(Property::Convergence, Finding::NotConverged { first, second });
        }
    }

    fn claim(&self, plan: &Plan, property: Property) -> Claim {
        let core = plan.core.iter().map(|node| Member::Who(Who::Number(*node)));
        let core = Arg::Group(Group::Of(core.collect()));
        let atom = |pattern, arg| Atom { not: false, pattern, args: vec![arg] };
        let atoms = match property {
            Property::Progress => {
                vec![atom("leader in GROUP", core), atom("CLIENT served", Arg::Client(LAST))]
            }
            Property::Convergence => vec![atom("converged in GROUP", core)],
            _ => return Claim::Kept(property),
        };
        Claim::Now(Condition { atoms })
    }
}
