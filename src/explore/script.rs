//! A plan as a script, so that anybody can read, play and shorten it.

use super::run::{Plan, Subject, as_it_went};
use crate::check::Property;
use crate::scenario::{Claim, Scenario, Step, What, When};

/// The script that does what the plan does, every act at its microsecond, up to where `property`
/// breaks; at its end it claims that the promise is kept, so that it fails. Without one it goes to
/// the plan's end and claims that all are. Playing it gives the plan's history.
pub fn script<S: Subject>(subject: &S, plan: &Plan, property: Option<Property>) -> Scenario {
    let (went, outcome) = as_it_went(subject, plan, property);
    let mut scenario = Scenario::of_run(&went.run(), went.ends_us);
    let broken = property.and_then(|property| outcome.verdicts.of(property));
    let claim = broken.map_or(Claim::AllKept, |violation| subject.claim(plan, violation));
    let what = What::Expect(claim);
    scenario.steps.push(Step { line: 0, when: When::Next, what });
    scenario
}
