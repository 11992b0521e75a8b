//! Where reads may have what they found from, and what each model makes of it.

use crate::check::linearizability::{Checker, Operation, Progress, Register};

use super::bits::{Bits, in_order};
use super::facts::Facts;
use super::history::{History, MOST_JUDGED, Outcome, Source};
use super::sequential::{Found, sequential};
use super::sessions::Sessions;
use super::{Anomaly, Model, Verdict, Watch, Witness};
use super::{causal, eventual, linear};

/// How many readings are tried before a model is left undecided.
pub const MOST_READINGS: usize = 256;

/// How many shorter histories are judged to find a small witness.
const MOST_ATTEMPTS: usize = 400;

/// Judges a model: with all reads left out that can be read in several ways, and if that breaks
/// nothing, with one reading after the other.
pub(super) fn judge(watch: &Watch, model: Model, budget: u64) -> Verdict {
    let Watch { history, sources: known, sessions, .. } = watch;
    if model == Model::Eventual {
        return match eventual::disagreement(history) {
            Some((anomaly, operations)) => broken(anomaly, operations),
            None => Verdict::Held,
        };
    }
    let open: Vec<(usize, Vec<Source>)> = (0..known.len())
        .filter(|place| known[*place].is_none())
        .map(|place| (place, history.sources(place)))
        .filter(|(_, sources)| !sources.is_empty())
        .collect();
    let mut left = budget;
    let certain = match Anomaly::of_session(model) {
        Some(anomaly) => first_breach(sessions, anomaly),
        None => judge_reading(history, known, model, &mut left),
    };
    if open.is_empty() || matches!(certain, Verdict::Broken(_)) {
        return certain;
    }
    if model == Model::Linearizable {
        return search(history, budget);
    }
    let mut reading = known.to_vec();
    let mut first = None;
    let mut is_undecided = certain == Verdict::Undecided;
    let mut choice = vec![0; open.len()];
    for _ in 0..MOST_READINGS {
        for ((place, sources), chosen) in open.iter().zip(&choice) {
            reading[*place] = Some(sources[*chosen]);
        }
        match judge_reading(history, &reading, model, &mut left) {
            Verdict::Held => return Verdict::Held,
            Verdict::Undecided => is_undecided = true,
            verdict @ Verdict::Broken(_) => {
                first.get_or_insert(verdict);
            }
        }
        if !next(&mut choice, &open) {
            return first.filter(|_| !is_undecided).unwrap_or(Verdict::Undecided);
        }
    }
    Verdict::Undecided
}

/// The next choice of sources; `false` after the last.
fn next(choice: &mut [usize], open: &[(usize, Vec<Source>)]) -> bool {
    for (chosen, (_, sources)) in choice.iter_mut().zip(open) {
        *chosen += 1;
        if *chosen < sources.len() {
            return true;
        }
        *chosen = 0;
    }
    false
}

fn judge_reading(
    history: &History,
    sources: &[Option<Source>],
    model: Model,
    budget: &mut u64,
) -> Verdict {
    if let Some(anomaly) = Anomaly::of_session(model) {
        return first_breach(&replayed(history, sources), anomaly);
    }
    let count = history.operations().len();
    let looked_at = if model == Model::Linearizable { count } else { count.min(MOST_JUDGED) };
    let facts = Facts::among(history, sources, &(0..looked_at).collect::<Vec<usize>>());
    let found = match model {
        Model::Linearizable => linear::contradiction(&facts),
        Model::Sequential => match sequential(&facts, budget) {
            Found::Order => None,
            Found::OutOfBudget => return Verdict::Undecided,
            Found::NoOrder => Some((Anomaly::NoCommonOrder, {
                let mut left = *budget;
                shrink(&facts, |facts| sequential(facts, &mut left) == Found::NoOrder)
            })),
        },
        Model::Causal => shrunk(&facts, causal::memory),
        _ => shrunk(&facts, causal::convergence),
    };
    match found {
        Some((anomaly, operations)) => broken(anomaly, operations),
        None if looked_at < count => Verdict::Undecided,
        None => Verdict::Held,
    }
}

fn broken(anomaly: Anomaly, operations: Vec<usize>) -> Verdict {
    Verdict::Broken(Witness { anomaly, operations })
}

fn first_breach(sessions: &Sessions, anomaly: Anomaly) -> Verdict {
    match sessions.breaches().iter().find(|breach| breach.anomaly == anomaly) {
        Some(breach) => broken(anomaly, breach.operations.clone()),
        None => Verdict::Held,
    }
}

/// All sessions again, with these sources.
fn replayed(history: &History, sources: &[Option<Source>]) -> Sessions {
    let operations = history.operations();
    let events = history
        .by_event(0..operations.len(), |operation| [Some(operation.called), operation.answered]);
    let mut sessions = Sessions::default();
    let mut is_called = Bits::default();
    for place in events {
        let operation = &operations[place];
        if !is_called.contains(place) {
            is_called.insert(place);
            sessions.call(operation);
        } else if operation.written().is_some() {
            sessions.written(place);
        } else {
            sessions.found(history, place, sources[place]);
        }
    }
    sessions
}

/// Whether any order of real time explains what was found, however that may be read.
fn search(history: &History, budget: u64) -> Verdict {
    let mut places = Vec::new();
    let mut operations = Vec::new();
    for (place, operation) in history.operations().iter().enumerate() {
        if operation.outcome != Outcome::Failed {
            let found = operation.found().flatten();
            let answer = operation.answered.map(|at| (at, found));
            let called = operation.called;
            let call = operation.call.clone();
            operations.push((operation.key, Operation { called, call, answer }));
            places.push(place);
        }
    }
    match Checker::new(Register::<u64>::default(), operations).step(budget) {
        Progress::Linearizable => Verdict::Held,
        Progress::Searching | Progress::GaveUp => Verdict::Undecided,
        Progress::Broken(why) => {
            let last = why.longest.last().copied();
            let operations = last.into_iter().chain(why.stuck).map(|at| places[at]);
            broken(Anomaly::StaleRead, in_order(operations))
        }
    }
}

fn shrunk(
    facts: &Facts<'_>,
    judge: fn(&Facts<'_>) -> Option<Anomaly>,
) -> Option<(Anomaly, Vec<usize>)> {
    judge(facts)?;
    let fewest = shrink(facts, |facts| judge(facts).is_some());
    let anomaly = judge(&Facts::among(facts.history, facts.sources, &fewest))?;
    Some((anomaly, fewest))
}

/// Leaves out operations, many at once and then fewer, as long as what is left is broken, too.
fn shrink(facts: &Facts<'_>, mut is_broken: impl FnMut(&Facts<'_>) -> bool) -> Vec<usize> {
    let mut kept = facts.places.clone();
    let mut at_once = kept.len().div_ceil(2);
    let mut attempts = 0;
    loop {
        let before = kept.len();
        let mut from = 0;
        // The last ones first: of two witnesses the earlier one is easier to follow.
        while from < kept.len() && attempts < MOST_ATTEMPTS {
            attempts += 1;
            let end = kept.len() - from;
            let start = end.saturating_sub(at_once);
            let rest: Vec<usize> = kept[..start].iter().chain(&kept[end..]).copied().collect();
            let fewer = Facts::among(facts.history, facts.sources, &rest);
            if is_broken(&fewer) {
                kept = fewer.places;
            } else {
                from += at_once;
            }
        }
        if at_once == 1 && kept.len() == before || attempts == MOST_ATTEMPTS {
            break;
        }
        at_once = at_once.div_ceil(2);
    }
    in_order(kept)
}
