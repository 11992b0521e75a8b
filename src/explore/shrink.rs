//! What breaks, made small: the fewest actions that still break the same promise.
//!
//! This is delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing
//! Input", 2002): leave out parts of the list of actions, large parts first, and keep what still
//! fails. Every candidate is run from the start, so whatever comes out is a reproduction. Chance in
//! the world is not redrawn: each of its streams serves one purpose.

use super::run::{Outcome, Plan, Subject, run_to};
use super::{Act, Action};
use crate::check::Property;
use crate::sim::{Fault, Process};

/// Of so many actions at most, all pairs are tried.
const MOST_PAIRED: usize = 30;

/// The result of shrinking.
#[derive(Clone, Debug)]
pub struct Shrunk<P: Process> {
    /// The smallest plan found.
    pub plan: Plan<P>,
    /// What comes of it.
    pub outcome: Outcome,
    /// How many runs it took.
    pub runs: usize,
}

/// Shrinks a plan that breaks `property`, in at most `most_runs` runs. `None` if it does not break
/// it.
pub fn shrink<S: Subject>(
    subject: &S,
    plan: &Plan<S::Process>,
    property: Property,
    most_runs: usize,
) -> Option<Shrunk<S::Process>> {
    let outcome = run_to(subject, plan, property);
    outcome.verdicts.of(property)?;
    let best = Shrunk { plan: plan.clone(), outcome, runs: 1 };
    let mut shrinker = Shrinker { subject, property, most_runs, best };
    shrinker.drop_what_comes_after();
    loop {
        let before = shrinker.best.plan.clone();
        shrinker.drop_actions();
        shrinker.simplify_actions();
        shrinker.close_gaps();
        shrinker.drop_pairs();
        if shrinker.best.plan == before || shrinker.is_spent() {
            return Some(shrinker.best);
        }
    }
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
) -> Option<(u64, Shrunk<S::Process>)> {
    let mut best: Option<(u64, Shrunk<S::Process>)> = None;
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
    best: Shrunk<S::Process>,
}

type ActionOf<S> = Action<<<S as Subject>::Process as Process>::Request>;

impl<S: Subject> Shrinker<'_, S> {
    fn is_spent(&self) -> bool {
        self.best.runs >= self.most_runs
    }

    /// Keeps these actions if they break the promise as well. Whether they do.
    fn accept(&mut self, actions: Vec<ActionOf<S>>) -> bool {
        if self.is_spent() {
            return false;
        }
        self.best.runs += 1;
        let plan = Plan { actions, ..self.best.plan.clone() };
        let outcome = run_to(self.subject, &plan, self.property);
        let breaks = outcome.verdicts.of(self.property).is_some();
        if breaks {
            self.best.plan = plan;
            self.best.outcome = outcome;
        }
        breaks
    }

    fn drop_what_comes_after(&mut self) {
        let end_us = self.best.outcome.simulated_us;
        let mut actions = self.best.plan.actions.clone();
        actions.retain(|action| action.at_us <= end_us);
        if actions.len() < self.best.plan.actions.len() {
            self.accept(actions);
        }
    }

    /// Leaves out parts of the list: halves, quarters, … single actions.
    fn drop_actions(&mut self) {
        let mut part = self.best.plan.actions.len().div_ceil(2).max(1);
        loop {
            let mut from = 0;
            while from < self.best.plan.actions.len() && !self.is_spent() {
                let mut actions = self.best.plan.actions.clone();
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

    /// Leaves out any two: a cut and its healing, a crash and its restart, two changes of places.
    /// Of many actions there are too many pairs.
    fn drop_pairs(&mut self) {
        let mut first = 0;
        while first < self.best.plan.actions.len() && self.best.plan.actions.len() <= MOST_PAIRED {
            let mut second = first + 1;
            while second < self.best.plan.actions.len() && !self.is_spent() {
                let mut actions = self.best.plan.actions.clone();
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
        for at in 0..self.best.plan.actions.len() {
            while let Act::Fault(fault) = &self.best.plan.actions[at].act {
                let candidates = simpler(fault);
                let simplified = candidates.into_iter().any(|fault| {
                    let mut actions = self.best.plan.actions.clone();
                    actions[at].act = Act::Fault(fault);
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
        for at in 0..self.best.plan.actions.len() {
            let mut actions = self.best.plan.actions.clone();
            let before_us = at.checked_sub(1).map_or(0, |before| actions[before].at_us);
            let gap_us = actions[at].at_us - before_us;
            if gap_us > 20_000 {
                actions[at..].iter_mut().for_each(|action| action.at_us -= gap_us / 2);
                self.accept(actions);
            }
        }
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
