//! One run: a lab, its actions, its judges, and what came of it.

use super::{Act, Action};
use crate::check::{Property, Verdicts, Violation};
use crate::labs::{Command, LabSettings, Refused};
use crate::scenario::Claim;
use crate::session::{self, Run};
use crate::sim::{Halted, NodeId, RecordId};

/// A run of a lab that is still to be played. Two runs of the same plan have the same history, and
/// a session or a script that does the same has it too.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Plan {
    /// The lab's name in the address.
    pub lab: &'static str,
    /// What it is made with.
    pub settings: LabSettings,
    /// What is done to it, in the order of time.
    pub actions: Vec<Action>,
    /// The servers that are healed for good when there is peace.
    pub core: Vec<NodeId>,
    /// From when on something is owed to a core in peace, in microseconds.
    pub peace_us: u64,
    /// When the run ends at the latest, in microseconds.
    pub ends_us: u64,
}

impl Plan {
    /// A run that was played, to be played again. Nothing is owed to anybody before its end.
    pub fn of_run(run: &Run, ends_us: u64) -> Plan {
        let actions = run.actions.iter();
        let actions = actions.map(|action| Action::of(action.at_us, action.command.clone()));
        Plan {
            lab: run.lab,
            settings: run.settings.clone(),
            actions: actions.collect(),
            core: Vec::new(),
            peace_us: ends_us,
            ends_us,
        }
    }

    /// The run that this plan is. What it does to messages is known only to a plan
    /// [as it went](as_it_went), and left out of any other.
    pub fn run(&self) -> Run {
        let command = |action: &Action| match &action.act {
            Act::Do(command) => {
                Some(session::Action { at_us: action.at_us, command: command.clone() })
            }
            Act::Message { .. } => None,
        };
        let actions = self.actions.iter().filter_map(command).collect();
        Run { lab: self.lab, settings: self.settings.clone(), actions }
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

    /// The message that is on its way as the `nth` from the oldest, counted round and round.
    fn nth_on_its_way(&self, nth: u32) -> Option<RecordId>;

    /// Whether linearizability could not be judged at the end.
    fn is_unjudged(&self) -> bool;

    /// What the judges have found so far.
    fn verdicts(&self) -> &Verdicts;
}

/// What can be explored: a lab, and how seeds become plans for it.
pub trait Subject {
    /// What runs are played on.
    type Stage: Stage;

    /// The plan of a seed.
    fn plan(&self, seed: u64) -> Plan;

    /// The stage of a plan at time 0.
    fn open(&self, plan: &Plan) -> Self::Stage;

    /// Whether what is promised in peace has come, so that a run need not go on to its end.
    fn is_settled(&self, stage: &Self::Stage, plan: &Plan) -> bool;

    /// The run is over: what only its end can tell is judged now.
    fn judge_end(&self, stage: &mut Self::Stage, plan: &Plan);

    /// What a script claims at the end of this plan so that it fails by what was found.
    fn claim(&self, plan: &Plan, violation: &Violation) -> Claim;
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
    /// Whether the search for an order of what clients saw was given up.
    pub unjudged: bool,
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
    play(subject, plan, |verdicts| !verdicts.all_kept(), |_, _| {}).0
}

/// Runs a plan from beginning to end, or until `property` is broken, whatever else is.
pub fn run_to<S: Subject>(subject: &S, plan: &Plan, property: Property) -> Outcome {
    play(subject, plan, |verdicts| verdicts.of(property).is_some(), |_, _| {}).0
}

/// Runs a plan from beginning to end, whatever the judges say meanwhile.
pub fn run_through<S: Subject>(subject: &S, plan: &Plan) -> Outcome {
    stage_after(subject, plan).0
}

/// As [`run_through`], with the stage as the run has left it.
pub fn stage_after<S: Subject>(subject: &S, plan: &Plan) -> (Outcome, S::Stage) {
    play(subject, plan, |_| false, |_, _| {})
}

/// The plan as it went, and what came of it: up to where `property` broke or the run was over,
/// without what made no sense when it came, and with the messages named that something happened
/// to. It breaks what the plan breaks; but it can no longer be shortened, for then its messages are
/// others.
pub fn as_it_went<S: Subject>(
    subject: &S,
    plan: &Plan,
    property: Option<Property>,
) -> (Plan, Outcome) {
    let mut actions = Vec::new();
    let outcome = play_to(subject, plan, property, |action, command| {
        actions.push(Action::of(action.at_us, command));
    });
    (Plan { actions, ends_us: outcome.simulated_us, ..plan.clone() }, outcome)
}

/// The plan up to where `property` broke, and without what made no sense when it came.
pub(super) fn without_waste<S: Subject>(subject: &S, plan: &Plan, property: Property) -> Plan {
    let mut actions = Vec::new();
    let outcome = play_to(subject, plan, Some(property), |action, _| actions.push(action.clone()));
    Plan { actions, ends_us: outcome.simulated_us, ..plan.clone() }
}

fn play_to<S: Subject>(
    subject: &S,
    plan: &Plan,
    property: Option<Property>,
    took: impl FnMut(&Action, Command),
) -> Outcome {
    let enough = |verdicts: &Verdicts| property.is_some_and(|p| verdicts.of(p).is_some());
    play(subject, plan, enough, took).0
}

fn play<S: Subject>(
    subject: &S,
    plan: &Plan,
    enough: impl Fn(&Verdicts) -> bool,
    mut took: impl FnMut(&Action, Command),
) -> (Outcome, S::Stage) {
    let mut stage = subject.open(plan);
    let (mut refused, mut halted, mut over) = (0, false, false);
    for action in &plan.actions {
        let begins = action.at_us > stage.now_us();
        halted |= stage.advance_to(action.at_us).is_err();
        let in_peace = begins && action.at_us > plan.peace_us;
        over = halted || enough(stage.verdicts()) || (in_peace && subject.is_settled(&stage, plan));
        if over {
            break;
        }
        match action.act.command(&stage) {
            Some(command) if stage.act(&command).is_ok() => took(action, command),
            _ => refused += 1,
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
        unjudged: stage.is_unjudged(),
        hash: stage.history_hash(),
        verdicts: stage.verdicts().clone(),
    };
    (outcome, stage)
}
