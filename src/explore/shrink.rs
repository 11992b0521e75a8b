//! What breaks, made small: the fewest actions that still break the same promise.
//!
//! This is delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing
//! Input", 2002): leave out parts of the list of actions, large parts first, and keep what still
//! fails. Every candidate is run from the start, so whatever comes out is a reproduction.
//!
//! Chance in the world serves one purpose a stream; but one message less on a link gives all later
//! ones other delays. So when nothing more can be left out, candidates get a few more chances: the
//! same actions in the worlds of other seeds. Settings fall back to what the lab has by itself.

use super::run::{Outcome, Plan, Subject, run_to, without_waste};
use super::{Act, Action};
use crate::check::Property;
use crate::labs::{Command, find_scripted};
use crate::sim::Fault;

/// Of so many actions at most, all pairs are tried.
const MOST_PAIRED: usize = 30;

/// The result of shrinking.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The smallest plan found. It ends where the promise is seen to be broken.
    pub plan: Plan,
    /// What comes of it.
    pub outcome: Outcome,
    /// How many runs it took.
    pub runs: usize,
}

/// Shrinks a plan that breaks `property`, in at most `most_runs` runs. `None` if it does not break
/// it.
pub fn shrink<S: Subject>(
    subject: &S,
    plan: &Plan,
    property: Property,
    most_runs: usize,
) -> Option<Shrunk> {
    let outcome = run_to(subject, plan, property);
    outcome.verdicts.of(property)?;
    let best = Shrunk { plan: plan.clone(), outcome, runs: 1 };
    let mut shrinker = Shrinker { subject, property, most_runs, best, other_seeds: 0 };
    shrinker.cut_the_end();
    loop {
        let before = shrinker.best.plan.clone();
        shrinker.drop_actions();
        shrinker.drop_settings();
        shrinker.simplify_actions();
        shrinker.close_gaps();
        shrinker.drop_pairs();
        let is_stuck = shrinker.best.plan == before;
        if shrinker.is_spent() || (is_stuck && shrinker.other_seeds == OTHER_SEEDS) {
            break;
        }
        shrinker.other_seeds = if is_stuck { OTHER_SEEDS } else { 0 };
    }
    shrinker.cut_the_end();
    Some(shrinker.best)
}

/// Shrinks the plans of those `seeds` that break `property`, one after the other, until one has
/// come to at most `enough` actions. The seed and the plan that came to the fewest. `None` if no
/// seed breaks it.
///
/// Which actions can be left out depends on the seed: some breaks need a long way to get to.
pub fn shrink_any<S: Subject>(
    subject: &S,
    seeds: impl IntoIterator<Item = u64>,
    property: Property,
    (most_runs, enough): (usize, usize),
) -> Option<(u64, Shrunk)> {
    let mut best: Option<(u64, Shrunk)> = None;
    for seed in seeds {
        let Some(shrunk) = shrink(subject, &subject.plan(seed), property, most_runs) else {
            continue;
        };
        let fewest = best.as_ref().map_or(usize::MAX, |(_, best)| best.plan.actions.len());
        let count = shrunk.plan.actions.len();
        if count < fewest {
            best = Some((seed, shrunk));
        }
        if count <= enough {
            break;
        }
    }
    best
}

struct Shrinker<'a, S: Subject> {
    subject: &'a S,
    property: Property,
    most_runs: usize,
    best: Shrunk,
    /// In the worlds of so many other seeds actions may be left out, too.
    other_seeds: u64,
}

/// Once nothing else helps.
const OTHER_SEEDS: u64 = 3;

impl<S: Subject> Shrinker<'_, S> {
    fn is_spent(&self) -> bool {
        self.best.runs >= self.most_runs
    }

    fn actions(&self) -> &[Action] {
        &self.best.plan.actions
    }

    fn with_actions(&self, actions: Vec<Action>) -> Plan {
        Plan { actions, ..self.best.plan.clone() }
    }

    /// Keeps these actions if they break the promise as well. Whether they do.
    fn accept(&mut self, actions: Vec<Action>) -> bool {
        let plan = self.with_actions(actions);
        let seed = plan.settings.seed;
        (0..=self.other_seeds).any(|other| {
            let mut plan = plan.clone();
            plan.settings.seed = seed.wrapping_add(other);
            self.accept_plan(plan)
        })
    }

    fn accept_plan(&mut self, plan: Plan) -> bool {
        if self.is_spent() {
            return false;
        }
        self.best.runs += 1;
        let outcome = run_to(self.subject, &plan, self.property);
        let breaks = outcome.verdicts.of(self.property).is_some();
        if breaks {
            self.best.plan = plan;
            self.best.outcome = outcome;
        }
        breaks
    }

    /// Leaves out what comes too late, or makes no sense when it comes.
    fn cut_the_end(&mut self) {
        let plan = without_waste(self.subject, &self.best.plan, self.property);
        let outcome = run_to(self.subject, &plan, self.property);
        let runs = self.best.runs + 2;
        assert!(outcome.verdicts.of(self.property).is_some(), "the same happens again");
        self.best = Shrunk { plan, outcome, runs };
    }

    /// Leaves out parts of the list: halves, quarters, … single actions.
    fn drop_actions(&mut self) {
        let mut part = self.actions().len().div_ceil(2).max(1);
        loop {
            let mut from = 0;
            while from < self.actions().len() && !self.is_spent() {
                let mut actions = self.actions().to_vec();
                let to = (from + part).min(actions.len());
                actions.drain(from..to);
                if !self.accept(actions) {
                    from = to;
                }
            }
            if part == 1 {
                return;
            }
            part = part.div_ceil(2);
        }
    }

    /// Leaves as the lab has them by itself: settings of the protocol, links, disks.
    fn drop_settings(&mut self) {
        let check = find_scripted(self.best.plan.lab).map(|entry| entry.lab.check);
        for at in (0..self.best.plan.settings.tuning.protocol.len()).rev() {
            let mut plan = self.best.plan.clone();
            plan.settings.tuning.protocol.remove(at);
            // Some settings need others.
            if check.is_none_or(|check| check(&plan.settings).is_ok()) {
                self.accept_plan(plan);
            }
        }
        for drop in [
            |plan: &mut Plan| plan.settings.tuning.links = None,
            |plan: &mut Plan| plan.settings.tuning.sync = None,
        ] {
            let mut plan = self.best.plan.clone();
            drop(&mut plan);
            if plan != self.best.plan {
                self.accept_plan(plan);
            }
        }
    }

    /// Leaves out any two: a cut and its healing, a crash and its restart, two changes of places.
    /// Of many actions there are too many pairs.
    fn drop_pairs(&mut self) {
        let mut first = 0;
        while first < self.actions().len() && self.actions().len() <= MOST_PAIRED {
            let mut second = first + 1;
            while second < self.actions().len() && !self.is_spent() {
                let mut actions = self.actions().to_vec();
                actions.remove(second);
                actions.remove(first);
                if !self.accept(actions) {
                    second += 1;
                }
            }
            first += 1;
        }
    }

    /// Puts something simpler in the place of single actions.
    fn simplify_actions(&mut self) {
        for at in 0..self.actions().len() {
            loop {
                let candidates = simpler_faults(self.actions()[at].faults());
                let simplified = candidates.into_iter().any(|faults| {
                    let mut actions = self.actions().to_vec();
                    actions[at].act = Act::Do(Command::Faults(faults));
                    self.accept(actions)
                });
                if !simplified {
                    break;
                }
            }
        }
    }

    /// Lets what follows a gap come sooner.
    fn close_gaps(&mut self) {
        for at in 0..self.actions().len() {
            let mut actions = self.actions().to_vec();
            let before_us = at.checked_sub(1).map_or(0, |before| actions[before].at_us);
            let gap_us = actions[at].at_us - before_us;
            if gap_us > 20_000 {
                actions[at..].iter_mut().for_each(|action| action.at_us -= gap_us / 2);
                let plan = self.with_actions(actions);
                self.accept_plan(plan);
            }
        }
    }
}

/// Simpler faults to try in the place of these: fewer of them, or one that is simpler.
fn simpler_faults(faults: &[Fault]) -> Vec<Vec<Fault>> {
    match faults {
        [fault] => simpler(fault).into_iter().map(|fault| vec![fault]).collect(),
        _ => parts(faults),
    }
}

/// Simpler faults to try in the place of this one, the simplest first.
fn simpler(fault: &Fault) -> Vec<Fault> {
    match fault {
        Fault::Cut(links) => parts(links).into_iter().map(Fault::Cut).collect(),
        Fault::Heal(links) => parts(links).into_iter().map(Fault::Heal).collect(),
        Fault::SetLinks(links, settings) => {
            parts(links).into_iter().map(|links| Fault::SetLinks(links, *settings)).collect()
        }
        Fault::CrashTorn { node, .. } => vec![Fault::Crash(*node)],
        _ => Vec::new(),
    }
}

/// A list without some of its elements: without either half, without each one.
fn parts<T: Clone>(list: &[T]) -> Vec<Vec<T>> {
    if list.len() < 2 {
        return Vec::new();
    }
    let middle = list.len() / 2;
    let mut parts = vec![list[..middle].to_vec(), list[middle..].to_vec()];
    if list.len() > 2 {
        let without = |at: usize| [&list[..at], &list[at + 1..]].concat();
        parts.extend((0..list.len()).map(without));
    }
    parts
}
