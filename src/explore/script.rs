//! A plan as a script, so that anybody can read, play and shorten it.

use super::run::{Plan, Subject};
use crate::check::Property;
use crate::scenario::{Claim, Scenario, Step, What, When};

/// The script that does what the plan did, every act at its microsecond, and claims at its end that
/// `property` is kept; that all are, if there is none. Playing it gives the plan's history.
///
/// The plan must be one [as it went](super::as_it_went): what makes no sense when it comes ends a
/// script. What comes out of shrinking is.
pub fn script<S: Subject>(subject: &S, plan: &Plan, property: Option<Property>) -> Scenario {
    let mut scenario = Scenario::of_run(&plan.run, plan.ends_us);
    let claim = property.map_or(Claim::AllKept, |property| subject.claim(plan, property));
    let what = What::Expect(claim);
    scenario.steps.push(Step { line: 0, when: When::Next, what });
    scenario
}
