//! One run: a world, its actions, its judges, and what came of it.

use super::{Act, Action};
use crate::check::{Verdicts, Violation};
use crate::sim::{Process, World, WorldSettings};

/// Everything that one run is. Two runs of the same plan have the same history.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Plan<P: Process> {
    /// What the world is made with.
    pub settings: WorldSettings<P::Setup>,
    /// What is done to it, in the order of time.
    pub actions: Vec<Action<P::Request>>,
    /// The servers that are healed for good at `peace_us`.
    pub core: Vec<crate::sim::NodeId>,
    /// When the safety phase ends, in microseconds.
    pub peace_us: u64,
}

impl<P: Process> Plan<P> {
    /// The actions of the safety phase, and those that make peace at its end.
    pub fn before_peace(&self) -> &[Action<P::Request>] {
        self.actions.split_at(self.peace_from()).0
    }

    /// What goes on in the liveness phase: what the servers outside the core go through.
    pub fn after_peace(&self) -> &[Action<P::Request>] {
        self.actions.split_at(self.peace_from()).1
    }

    fn peace_from(&self) -> usize {
        self.actions.partition_point(|action| action.at_us <= self.peace_us)
    }
}

/// The same plan with the faults in it that acts on messages come to, by the records of this run.
/// It has the same history, and replays without looking for messages; but it can no longer be
/// shortened, for then its records are others. Acts that find no message are left out.
pub fn resolved<P: Process>(plan: &Plan<P>) -> Plan<P> {
    let mut world = World::<P>::new(plan.settings.clone());
    let mut actions = Vec::with_capacity(plan.actions.len());
    for action in &plan.actions {
        let _ = world.advance_to(action.at_us);
        let act = match &action.act {
            Act::Message { nth, fate } => fate.of_nth(*nth, &world).map(Act::Fault),
            act => Some(act.clone()),
        };
        if let Some(act) = act {
            let _ = act.apply(&mut world);
            actions.push(Action { at_us: action.at_us, act });
        }
    }
    Plan { actions, ..plan.clone() }
}

/// What can be explored: how seeds become plans, and who judges.
pub trait Subject {
    /// What the nodes run.
    type Process: Process;
    /// Who watches.
    type Judges;

    /// The plan of a seed.
    fn plan(&self, seed: u64) -> Plan<Self::Process>;

    /// Judges for a fresh world of this plan.
    fn judges(&self, plan: &Plan<Self::Process>) -> Self::Judges;

    /// Something has happened.
    fn watch(&self, judges: &mut Self::Judges, world: &World<Self::Process>);

    /// The actions are over: the liveness phase, and what is judged only at the end.
    fn finish(
        &self,
        judges: &mut Self::Judges,
        world: &mut World<Self::Process>,
        plan: &Plan<Self::Process>,
    );

    /// What has been found so far.
    fn verdicts<'a>(&self, judges: &'a Self::Judges) -> &'a Verdicts;
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Outcome {
    /// How many records the history has.
    pub events: usize,
    /// How much time went by in the world, in microseconds.
    pub simulated_us: u64,
    /// Actions that made no sense when they came, such as a request to a crashed server.
    pub refused: usize,
    /// Whether the run hit a limit of the world before its end.
    pub halted: bool,
    /// The history's hash: the run's identity.
    pub hash: u64,
    /// What was broken.
    pub verdicts: Verdicts,
}

impl Outcome {
    /// The violation that showed first, if there was one.
    pub fn earliest(&self) -> Option<&Violation> {
        self.verdicts.earliest()
    }
}

/// Runs a plan from beginning to end, or to the first violation.
pub fn run<S: Subject>(subject: &S, plan: &Plan<S::Process>) -> Outcome {
    run_until(subject, plan, |verdicts| !verdicts.all_kept())
}

/// Runs a plan from beginning to end, or until `property` is broken, whatever else is.
pub fn run_to<S: Subject>(
    subject: &S,
    plan: &Plan<S::Process>,
    property: crate::check::Property,
) -> Outcome {
    run_until(subject, plan, |verdicts| verdicts.of(property).is_some())
}

/// Runs a plan from beginning to end, whatever the judges say meanwhile.
pub fn run_through<S: Subject>(subject: &S, plan: &Plan<S::Process>) -> Outcome {
    run_until(subject, plan, |_| false)
}

fn run_until<S: Subject>(
    subject: &S,
    plan: &Plan<S::Process>,
    enough: impl Fn(&Verdicts) -> bool,
) -> Outcome {
    let mut world = World::new(plan.settings.clone());
    let mut judges = subject.judges(plan);
    subject.watch(&mut judges, &world);
    let mut refused = 0;
    let mut halted = false;
    for action in plan.before_peace() {
        let watch = |world: &World<S::Process>| subject.watch(&mut judges, world);
        halted |= world.advance_watched(action.at_us, watch).is_err();
        refused += usize::from(action.act.apply(&mut world).is_err());
        subject.watch(&mut judges, &world);
        if halted || enough(subject.verdicts(&judges)) {
            break;
        }
    }
    if !halted && !enough(subject.verdicts(&judges)) {
        subject.finish(&mut judges, &mut world, plan);
    }
    Outcome {
        events: world.history().len(),
        simulated_us: world.now_us(),
        refused,
        halted,
        hash: world.history().hash(),
        verdicts: subject.verdicts(&judges).clone(),
    }
}
