//! One run: a lab, its actions, its judges, and what came of it.

use crate::check::{Property, Verdicts, Violation};
use crate::labs::{Command, LabSettings, Refused};
use crate::scenario::Claim;
use crate::session::{Action, Run};
use crate::sim::{Halted, NodeId};

/// A run of a lab that is still to be played. Two runs of the same plan have the same history, and
/// a session or a script that does the same has it too.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Plan {
    /// The lab, its settings, and what is done to it, in the order of time.
    pub run: Run,
    /// The servers that are healed for good at `peace_us`.
    pub core: Vec<NodeId>,
    /// When the safety phase ends, in microseconds.
    pub peace_us: u64,
    /// When the run ends at the latest, in microseconds.
    pub ends_us: u64,
}

impl Plan {
    /// The same with other actions.
    pub fn with_actions(&self, actions: Vec<Action>) -> Plan {
        Plan { run: Run { actions, ..self.run.clone() }, ..self.clone() }
    }
}

/// A lab's world with its judges, and nothing that is drawn.
pub trait Stage {
    /// The present instant, in microseconds since the start of the run.
    fn now_us(&self) -> u64;

    /// How many things have happened.
    fn history_len(&self) -> usize;

    /// The identity of what has happened.
    fn history_hash(&self) -> u64;

    /// Makes everything happen that is due at or before `at_us`, while the judges watch.
    ///
    /// # Errors
    ///
    /// [`Halted`] if the run has reached a limit.
    fn advance_to(&mut self, at_us: u64) -> Result<(), Halted>;

    /// Carries out a command, now.
    ///
    /// # Errors
    ///
    /// [`Refused`] if it makes no sense at present; nothing has changed then.
    fn act(&mut self, command: &Command) -> Result<(), Refused>;

    /// What the judges have found so far.
    fn verdicts(&self) -> &Verdicts;
}

/// What can be explored: a lab, and how seeds become plans for it.
pub trait Subject {
    /// What runs are played on.
    type Stage: Stage;

    /// The plan of a seed.
    fn plan(&self, seed: u64) -> Plan;

    /// A stage at time 0.
    fn open(&self, settings: &LabSettings) -> Self::Stage;

    /// Whether what is promised in peace has come, so that a run need not go on to its end.
    fn is_settled(&self, stage: &Self::Stage, plan: &Plan) -> bool;

    /// The run is over: what only its end can tell is judged now.
    fn judge_end(&self, stage: &mut Self::Stage, plan: &Plan);

    /// What a script claims at the end of this plan so that it fails if the promise is broken.
    fn claim(&self, plan: &Plan, property: Property) -> Claim;
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
pub fn run<S: Subject>(subject: &S, plan: &Plan) -> Outcome {
    play(subject, plan, |verdicts| !verdicts.all_kept(), |_| {}).0
}

/// Runs a plan from beginning to end, or until `property` is broken, whatever else is.
pub fn run_to<S: Subject>(subject: &S, plan: &Plan, property: Property) -> Outcome {
    play(subject, plan, |verdicts| verdicts.of(property).is_some(), |_| {}).0
}

/// Runs a plan from beginning to end, whatever the judges say meanwhile.
pub fn run_through<S: Subject>(subject: &S, plan: &Plan) -> Outcome {
    stage_after(subject, plan).0
}

/// As [`run_through`], with the stage as the run has left it.
pub fn stage_after<S: Subject>(subject: &S, plan: &Plan) -> (Outcome, S::Stage) {
    play(subject, plan, |_| false, |_| {})
}

/// The plan as it went, and what came of it: up to where `property` broke or the run was over, and
/// without what made no sense when it came. It breaks what the plan breaks.
pub fn as_it_went<S: Subject>(
    subject: &S,
    plan: &Plan,
    property: Option<Property>,
) -> (Plan, Outcome) {
    let mut actions = Vec::new();
    let enough = |verdicts: &Verdicts| property.is_some_and(|p| verdicts.of(p).is_some());
    let (outcome, _) = play(subject, plan, enough, |action| actions.push(action.clone()));
    (Plan { ends_us: outcome.simulated_us, ..plan.with_actions(actions) }, outcome)
}

fn play<S: Subject>(
    subject: &S,
    plan: &Plan,
    enough: impl Fn(&Verdicts) -> bool,
    mut took: impl FnMut(&Action),
) -> (Outcome, S::Stage) {
    let mut stage = subject.open(&plan.run.settings);
    let (mut refused, mut halted, mut over) = (0, false, false);
    for action in &plan.run.actions {
        let begins = action.at_us > stage.now_us();
        halted |= stage.advance_to(action.at_us).is_err();
        let in_peace = begins && action.at_us > plan.peace_us;
        over = halted || enough(stage.verdicts()) || (in_peace && subject.is_settled(&stage, plan));
        if over {
            break;
        }
        match stage.act(&action.command) {
            Ok(()) => took(action),
            Err(_) => refused += 1,
        }
    }
    if !over {
        halted |= stage.advance_to(plan.ends_us).is_err();
    }
    if !halted && !enough(stage.verdicts()) {
        subject.judge_end(&mut stage, plan);
    }
    let outcome = Outcome {
        events: stage.history_len(),
        simulated_us: stage.now_us(),
        refused,
        halted,
        hash: stage.history_hash(),
        verdicts: stage.verdicts().clone(),
    };
    (outcome, stage)
}
