//! Since when a model is broken: the same whoever asks, how often, and from where they came.

use rift::check::consistency::{
    Anomaly, Live, MODELS, Model, Outcome, Standing, Verdict, Watch, Witness,
};
use rift::check::linearizability::RegisterCall;
use rift::random::Random;

use crate::clients::watched;

const BUDGET: u64 = 10_000;

/// Everything that there is to do.
fn finish(live: &mut Live, watch: &Watch) -> Vec<Standing> {
    let mut looks = 0;
    while live.work(watch) {
        looks += 1;
        assert!(looks < 1_000, "it comes to an end");
    }
    MODELS.into_iter().map(|model| live.standing(model)).collect()
}

fn from_nothing(watch: &Watch) -> Vec<Standing> {
    finish(&mut Live::new(BUDGET), watch)
}

#[derive(Clone)]
enum Step {
    Call(u64, RegisterCall<u64>),
    Answer(usize, Outcome),
    Quiet,
}

fn watch(steps: &[Step]) -> Watch {
    let mut watch = Watch::default();
    for step in steps {
        match step {
            Step::Call(client, call) => _ = watch.call(*client, 0, call.clone()),
            Step::Answer(place, outcome) => _ = watch.answer(*place, *outcome),
            Step::Quiet => watch.fall_quiet(),
        }
    }
    watch
}

/// Clients of a bad store: what they find was written some time, or never.
fn steps(random: &mut Random, before: &[Step], count: usize) -> Vec<Step> {
    let mut steps = before.to_vec();
    let mut open: Vec<usize> = Vec::new();
    let mut calls = 0;
    for step in before {
        match step {
            Step::Call(..) => {
                open.push(calls);
                calls += 1;
            }
            Step::Answer(place, _) => open.retain(|other| other != place),
            Step::Quiet => {}
        }
    }
    while steps.len() < count {
        match random.below(9) {
            0..4 => {
                let value = random.below(4);
                let call = match random.below(8) {
                    0 => RegisterCall::Clear,
                    1..4 => RegisterCall::Write(value),
                    _ => RegisterCall::Read,
                };
                open.push(calls);
                calls += 1;
                steps.push(Step::Call(random.below(3), call));
            }
            4 if random.below(4) == 0 => steps.push(Step::Quiet),
            _ if open.is_empty() => {}
            _ => {
                let place = open.remove(random.below(open.len() as u64) as usize);
                let found = Some(random.below(4)).filter(|_| random.below(5) > 0);
                let outcome = match random.below(8) {
                    0 => Outcome::Unknown,
                    1 => Outcome::Failed,
                    _ => Outcome::Done { found },
                };
                steps.push(Step::Answer(place, outcome));
            }
        }
    }
    steps
}

#[test]
fn it_is_broken_since_the_first_answer_after_which_it_is_broken() {
    let mut random = Random::from_seed(3);
    let mut counts = [0; MODELS.len()];
    for _ in 0..300 {
        let watch = watch(&steps(&mut random, &[], 24));
        let standings = from_nothing(&watch);
        for (model, standing) in MODELS.into_iter().zip(&standings) {
            let since = (0..=watch.history().events()).find_map(|events| {
                match watch.first(events).judge_model(model, BUDGET) {
                    Verdict::Broken(witness) => Some((events, witness)),
                    _ => None,
                }
            });
            let expected = match since {
                Some((since, witness)) => Standing::Broken { since, witness },
                None => Standing::Held,
            };
            assert_eq!(*standing, expected, "{model:?} of {:?}", watch.history());
            counts[model as usize] += usize::from(matches!(expected, Standing::Broken { .. }));
        }
    }
    assert!(counts.iter().all(|count| (20..300).contains(count)), "both happen: {counts:?}");
}

#[test]
fn the_way_makes_no_difference() {
    let mut random = Random::from_seed(5);
    for _ in 0..60 {
        let trunk = steps(&mut random, &[], 20);
        let branches = [10, 16].map(|at| steps(&mut random, &trunk[..at], 26));
        let mut live = Live::new(BUDGET);
        for _ in 0..25 {
            let branch = match random.below(3) {
                0 => &trunk,
                1 => &branches[0],
                _ => &branches[1],
            };
            let part = &branch[..random.below(branch.len() as u64 + 1) as usize];
            let watch = watch(part);
            if random.below(3) == 0 {
                // It need not be done with one before it gets the next.
                live.work(&watch);
                continue;
            }
            assert_eq!(finish(&mut live, &watch), from_nothing(&watch), "{:?}", watch.history());
        }
    }
}

/// The story of the module's example, step by step.
#[test]
fn a_verdict_turns_with_the_answer_that_turns_it() {
    let stories = ["a w x 1", "b+ w x 2", "c r x 2", "d r x 1", "b."];
    let mut live = Live::new(BUDGET);
    let mut since = Vec::new();
    for count in 1..=stories.len() {
        let (watch, _) = watched(&stories[..count].join(";"));
        finish(&mut live, &watch);
        since.push(match live.standing(Model::Linearizable) {
            Standing::Broken { since, .. } => since,
            _ => 0,
        });
    }
    // Calls and answers count: the answer of d is the seventh.
    assert_eq!(since, [0, 0, 0, 7, 7]);
    let witness = Witness { anomaly: Anomaly::NewOldInversion, operations: vec![0, 1, 2, 3] };
    assert_eq!(live.standing(Model::Linearizable), Standing::Broken { since: 7, witness });
    assert_eq!(live.strongest(), [Model::Sequential, Model::Eventual]);
}

#[test]
fn without_the_means_it_is_undecided_and_with_them_it_is_not() {
    // Two values written twice each, so that real time alone does not say who read what.
    let text = "a w x 1; b w x 2; a w x 1; b w x 2; c r x 1; c r x 2; c r x 1; c r x 2; d r x 1";
    let (watch, _) = watched(text);
    let standing = |budget| {
        let mut live = Live::new(budget);
        finish(&mut live, &watch);
        live.standing(Model::Linearizable)
    };
    assert_eq!(standing(1), Standing::Undecided);
    assert!(matches!(standing(BUDGET), Standing::Broken { .. }));
}

#[test]
fn the_first_of_what_was_watched_is_what_had_been_watched_then() {
    let mut random = Random::from_seed(7);
    let steps = steps(&mut random, &[], 40);
    let whole = watch(&steps);
    assert_eq!(whole.first(u64::MAX).history(), whole.history());
    for count in 0..=steps.len() {
        let then = watch(&steps[..count]);
        let again = whole.first(then.history().events());
        assert_eq!(again.history().operations(), then.history().operations());
        assert_eq!(again.breaches(), then.breaches());
        assert_eq!(again.never_written(), then.never_written());
    }
}

/// One copy answers with one value: a read of siblings breaks what is about one copy, from its
/// answer on, and nothing else.
#[test]
fn a_read_of_several_values_is_of_no_single_copy() {
    let mut watch = Watch::default();
    let writes = [1, 2].map(|value| watch.call(value, 7, RegisterCall::Write(value)));
    for write in writes {
        watch.answer(write, Outcome::Done { found: None });
    }
    let read = watch.call(1, 7, RegisterCall::Read);
    let before = watch.history().events();
    watch.answer_one_of_several(read, Outcome::Done { found: Some(2) });
    for model in MODELS {
        let is_of_one_copy = matches!(model, Model::Linearizable | Model::Sequential);
        let standing = from_nothing(&watch)[model as usize].clone();
        match standing {
            Standing::Broken { since, witness } => {
                assert!(is_of_one_copy, "{model:?}");
                assert_eq!((since, witness.anomaly), (before + 1, Anomaly::SeveralValues));
                assert_eq!(witness.operations, [read]);
            }
            standing => assert!(!is_of_one_copy && standing == Standing::Held, "{model:?}"),
        }
    }
}
