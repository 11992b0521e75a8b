//! Small histories by the thousand: every model against its definition, by trying every order.

use rift::check::consistency::{ClientOperation, MODELS, Model, Outcome, Verdict, Watch};
use rift::check::linearizability::RegisterCall;
use rift::random::Random;

/// Where a read has what it found from: a write by its place, or nothing.
type Reading = Vec<Option<Option<usize>>>;

fn is_write(operation: &ClientOperation) -> bool {
    operation.call != RegisterCall::Read
}

fn written(operation: &ClientOperation) -> Option<u64> {
    match operation.call {
        RegisterCall::Write(value) => Some(value),
        _ => None,
    }
}

fn is_done(operation: &ClientOperation) -> bool {
    matches!(operation.outcome, Outcome::Done { .. })
}

/// Every way in which reads may have found what they found.
fn readings(operations: &[ClientOperation]) -> Vec<Reading> {
    let mut all = vec![vec![None; operations.len()]];
    for (place, read) in operations.iter().enumerate() {
        let Outcome::Done { found } = read.outcome else { continue };
        if is_write(read) {
            continue;
        }
        let mut sources: Vec<Option<usize>> = (0..operations.len())
            .filter(|at| {
                let write = &operations[*at];
                is_write(write)
                    && write.key == read.key
                    && written(write) == found
                    && write.outcome != Outcome::Failed
                    && Some(write.called) < read.answered
            })
            .map(Some)
            .collect();
        sources.extend(found.is_none().then_some(None));
        let with = |reading: &Reading, source: Option<usize>| {
            let mut reading = reading.clone();
            reading[place] = Some(source);
            reading
        };
        let more = |reading: &Reading| -> Vec<Reading> {
            sources.iter().map(|source| with(reading, *source)).collect()
        };
        all = all.iter().flat_map(more).collect();
    }
    all
}

/// Whether `accept` says yes to one order of `places` that keeps `before`.
fn some_order(
    places: &[usize],
    before: &dyn Fn(usize, usize) -> bool,
    accept: &dyn Fn(&[usize]) -> bool,
) -> bool {
    fn place(
        left: &[usize],
        done: &mut Vec<usize>,
        before: &dyn Fn(usize, usize) -> bool,
        accept: &dyn Fn(&[usize]) -> bool,
    ) -> bool {
        if left.is_empty() {
            return accept(done);
        }
        left.iter().any(|next| {
            let is_first = left.iter().all(|other| other == next || !before(*other, *next));
            let rest: Vec<usize> = left.iter().copied().filter(|other| other != next).collect();
            is_first && {
                done.push(*next);
                let is_found = place(&rest, done, before, accept);
                done.pop();
                is_found
            }
        })
    }
    place(places, &mut Vec::new(), before, accept)
}

/// Whether each of `reads` finds what it did if these operations happen in this order.
fn explains(
    operations: &[ClientOperation],
    reading: &Reading,
    order: &[usize],
    reads: &dyn Fn(usize) -> bool,
) -> bool {
    order.iter().enumerate().filter(|(_, place)| reads(**place)).all(|(at, place)| {
        let on_key = |other: &&usize| {
            is_write(&operations[**other]) && operations[**other].key == operations[*place].key
        };
        let last = order[..at].iter().rev().find(on_key).copied();
        is_write(&operations[*place]) || reading[*place] == Some(last)
    })
}

/// One history under one reading.
struct Case<'a> {
    operations: &'a [ClientOperation],
    reading: &'a Reading,
    /// Answered operations, and writes that were found.
    places: Vec<usize>,
}

impl Case<'_> {
    fn new<'a>(operations: &'a [ClientOperation], reading: &'a Reading) -> Case<'a> {
        let took_effect =
            |place: &usize| is_done(&operations[*place]) || reading.contains(&Some(Some(*place)));
        let places = (0..operations.len()).filter(took_effect).collect();
        Case { operations, reading, places }
    }

    fn in_session(&self, a: usize, b: usize) -> bool {
        let [a, b] = [a, b].map(|place| &self.operations[place]);
        a.client == b.client && a.answered.is_some_and(|answered| answered < b.called)
    }

    fn in_time(&self, a: usize, b: usize) -> bool {
        self.operations[a].answered.is_some_and(|answered| answered < self.operations[b].called)
    }

    /// The transitive closure of session order and reads-from, as a matrix.
    fn causes(&self) -> Vec<Vec<bool>> {
        let n = self.operations.len();
        let direct = |a: usize, b: usize| {
            self.places.contains(&a)
                && self.places.contains(&b)
                && (self.in_session(a, b) || self.reading[b] == Some(Some(a)))
        };
        let mut causes: Vec<Vec<bool>> =
            (0..n).map(|a| (0..n).map(|b| direct(a, b)).collect()).collect();
        for (by, a, b) in
            (0..n).flat_map(|by| (0..n).flat_map(move |a| (0..n).map(move |b| (by, a, b))))
        {
            causes[a][b] |= causes[a][by] && causes[by][b];
        }
        causes
    }

    fn writes(&self) -> Vec<usize> {
        let places = self.places.iter().copied();
        places.filter(|place| is_write(&self.operations[*place])).collect()
    }

    fn reads_of(&self, client: u64) -> Vec<usize> {
        let is_own = |place: &usize| {
            !is_write(&self.operations[*place]) && self.operations[*place].client == client
        };
        self.places.iter().copied().filter(is_own).collect()
    }

    /// The writes that a read must have seen under a session guarantee.
    fn must_see(&self, model: Model, read: usize) -> Vec<usize> {
        let own = self.reads_of(self.operations[read].client);
        let source = |place: usize| self.reading[place].flatten();
        let earlier = own.iter().filter(|place| self.in_session(**place, read));
        let found = earlier.clone().chain([&read]).filter_map(|place| source(*place));
        match model {
            Model::ReadYourWrites => {
                self.writes().into_iter().filter(|write| self.in_session(*write, read)).collect()
            }
            Model::MonotonicReads => earlier.filter_map(|place| source(*place)).collect(),
            Model::MonotonicWrites => found
                .flat_map(|seen| {
                    let writes = self.writes().into_iter();
                    writes.filter(move |write| self.in_session(*write, seen))
                })
                .collect(),
            _ => found
                .flat_map(|seen| {
                    let reads = self.reads_of(self.operations[seen].client).into_iter();
                    reads.filter(move |place| self.in_session(*place, seen))
                })
                .filter_map(source)
                .collect(),
        }
    }

    /// Whether each read finds the last of the writes that it `sees`, in this order of writes.
    fn finds_last(
        &self,
        order: &[usize],
        reads: &[usize],
        sees: &dyn Fn(usize, usize) -> bool,
    ) -> bool {
        reads.iter().all(|read| {
            let key = self.operations[*read].key;
            let last = order.iter().rev().find(|write| {
                let is_source = self.reading[*read] == Some(Some(**write));
                self.operations[**write].key == key && (is_source || sees(**write, *read))
            });
            self.reading[*read] == Some(last.copied())
        })
    }

    fn holds(&self, model: Model) -> bool {
        let clients = [0, 1, 2];
        let causes = self.causes();
        let is_cause = |a: usize, b: usize| causes[a][b];
        let everything =
            |order: &[usize]| explains(self.operations, self.reading, order, &|_| true);
        match model {
            Model::Linearizable => {
                some_order(&self.places, &|a, b| self.in_time(a, b), &everything)
            }
            Model::Sequential => {
                some_order(&self.places, &|a, b| self.in_session(a, b), &everything)
            }
            Model::Causal => clients.into_iter().all(|client| {
                let own = self.reads_of(client);
                let places = [self.writes(), own.clone()].concat();
                some_order(&places, &is_cause, &|order| {
                    explains(self.operations, self.reading, order, &|place| own.contains(&place))
                })
            }),
            Model::CausalConvergence => {
                let reads: Vec<usize> =
                    clients.into_iter().flat_map(|client| self.reads_of(client)).collect();
                let accept = |order: &[usize]| self.finds_last(order, &reads, &is_cause);
                some_order(&self.writes(), &is_cause, &accept)
            }
            _ => clients.into_iter().all(|client| {
                let reads = self.reads_of(client);
                let seen: Vec<Vec<usize>> =
                    (0..self.operations.len())
                        .map(|read| {
                            if reads.contains(&read) { self.must_see(model, read) } else { vec![] }
                        })
                        .collect();
                let accept = |order: &[usize]| {
                    self.finds_last(order, &reads, &|write, read| seen[read].contains(&write))
                };
                some_order(&self.writes(), &is_cause, &accept)
            }),
        }
    }
}

/// Eventual consistency is about quiet, of which there is none here.
fn brute_force(operations: &[ClientOperation], model: Model) -> bool {
    readings(operations)
        .iter()
        .any(|reading| model == Model::Eventual || Case::new(operations, reading).holds(model))
}

/// Three clients and two keys; values are nearly always written once, and reads find what was
/// asked to be written.
fn random_watch(random: &mut Random, operations: usize, is_plain: bool) -> Watch {
    let mut watch = Watch::default();
    let mut open: Vec<usize> = Vec::new();
    while watch.history().operations().len() < operations || !open.is_empty() {
        let is_over = watch.history().operations().len() == operations;
        if !open.is_empty() && (is_over || random.below(5) < 3) {
            let place = open.swap_remove(random.below(open.len() as u64) as usize);
            let outcome = random_outcome(random, &watch, place, is_plain);
            watch.answer(place, outcome);
            continue;
        }
        let client = random.below(3);
        let is_busy =
            open.iter().any(|place| watch.history().operations()[*place].client == client);
        if is_busy && random.below(20) > 0 {
            if open.len() == 3 {
                let place = open.swap_remove(0);
                let outcome = random_outcome(random, &watch, place, is_plain);
                watch.answer(place, outcome);
            }
            continue;
        }
        let number = watch.history().operations().len() as u64;
        let call = match random.below(if is_plain { 20 } else { 24 }) {
            0..=9 => RegisterCall::Write(number),
            10..=19 => RegisterCall::Read,
            20..=21 => RegisterCall::Write(number / 2),
            _ => RegisterCall::Clear,
        };
        open.push(watch.call(client, random.below(2), call));
    }
    watch
}

fn random_outcome(random: &mut Random, watch: &Watch, place: usize, is_plain: bool) -> Outcome {
    let operations = watch.history().operations();
    let operation = &operations[place];
    if is_write(operation) {
        return match random.below(8) {
            0 => Outcome::Unknown,
            1 if !is_plain && random.below(3) == 0 => Outcome::Failed,
            _ => Outcome::Done { found: None },
        };
    }
    let values: Vec<u64> = operations
        .iter()
        .filter(|write| write.key == operation.key && write.outcome != Outcome::Failed)
        .filter_map(written)
        .collect();
    let found = match random.below(8) {
        0..=1 => None,
        2 if !is_plain && random.below(6) == 0 => Some(99),
        3..=4 => values.last().copied(),
        _ => values.get(random.below(values.len() as u64 + 1) as usize).copied(),
    };
    Outcome::Done { found }
}

/// A client, a key, and whether it writes.
type Step = (u64, u64, bool);

/// Sessions that break a guarantee if the reads find the wrong things: what the papers show.
const PLOTS: [&[Step]; 5] = [
    &[(0, 0, true), (1, 0, false), (1, 1, true), (2, 1, false), (2, 0, false)],
    &[(0, 0, true), (0, 0, true), (0, 1, true), (1, 1, false), (1, 0, false)],
    &[(0, 0, true), (1, 0, true), (1, 0, false), (0, 0, false), (1, 0, false)],
    &[(0, 0, true), (1, 0, true), (2, 0, false), (2, 0, false), (2, 0, false)],
    &[(0, 0, true), (1, 1, true), (0, 1, false), (1, 0, false), (2, 0, false), (2, 1, false)],
];

/// One step after the other, nearly as planned.
fn variation(random: &mut Random) -> Watch {
    let mut watch = Watch::default();
    let plot = PLOTS[random.below(PLOTS.len() as u64) as usize];
    let any = |random: &mut Random| (random.below(3), random.below(2), random.below(2) == 0);
    let mut steps: Vec<Step> = Vec::new();
    for step in plot {
        if random.below(8) == 0 {
            steps.push(any(random));
        }
        steps.push(if random.below(10) == 0 { any(random) } else { *step });
    }
    for (number, (client, key, writes)) in (0..).zip(steps) {
        let call = if writes { RegisterCall::Write(number) } else { RegisterCall::Read };
        let place = watch.call(client, key, call);
        let outcome = random_outcome(random, &watch, place, true);
        watch.answer(place, outcome);
    }
    watch
}

/// Every verdict is that of the definition. How often each model is broken, and holds.
fn compare(seeds: std::ops::Range<u64>, history: impl Fn(&mut Random) -> Watch) -> [[u32; 2]; 9] {
    let mut tally = [[0; 2]; 9];
    for seed in seeds {
        let watch = history(&mut Random::from_seed(seed));
        let operations = watch.history().operations();
        for (tally, model) in tally.iter_mut().zip(MODELS) {
            let verdict = watch.judge_model(model, 100_000);
            let holds = brute_force(operations, model);
            match &verdict {
                Verdict::Held => assert!(holds, "{seed} {model:?}: {operations:#?}"),
                Verdict::Broken(_) => assert!(!holds, "{seed} {model:?}: {operations:#?}"),
                Verdict::Undecided => panic!("{seed} {model:?} is undecided: {operations:#?}"),
            }
            tally[usize::from(holds)] += 1;
        }
    }
    tally
}

fn up_to_seven(random: &mut Random, is_plain: bool) -> Watch {
    let count = 2 + random.below(6) as usize;
    random_watch(random, count, is_plain)
}

#[test]
fn verdicts_are_those_of_trying_every_order() {
    let overlapping = compare(0..4_000, |random| up_to_seven(random, true));
    let plotted = compare(0..4_000, variation);
    // Eventual consistency cannot break without quiet and with nothing from nowhere.
    for (place, model) in MODELS.into_iter().enumerate().take(8) {
        let [broken, held] = plotted[place];
        assert!(broken >= 20 && held >= 20, "{model:?}: {broken} {held}");
        assert!(overlapping[place][1] >= 20, "{model:?}");
    }
}

#[test]
fn verdicts_are_those_of_trying_every_reading() {
    compare(0..3_000, |random| up_to_seven(random, false));
}

/// On longer histories, with quiet now and then, too: what holds a model holds all that it implies.
#[test]
fn verdicts_never_contradict_the_map() {
    let mut told_apart = 0;
    for seed in 0..1_500 {
        let mut random = Random::from_seed(seed);
        let count = 4 + random.below(26) as usize;
        let mut watch = random_watch(&mut random, count, seed % 2 == 0);
        if seed % 3 == 0 {
            watch.fall_quiet();
            for client in 0..3 {
                let place = watch.call(client, client % 2, RegisterCall::Read);
                let outcome = random_outcome(&mut random, &watch, place, true);
                watch.answer(place, outcome);
            }
        }
        let report = watch.judge(20_000);
        for (stronger, weaker) in MODELS.into_iter().flat_map(|a| MODELS.map(|b| (a, b))) {
            let is_held = *report.of(stronger) == Verdict::Held;
            let is_broken = matches!(report.of(weaker), Verdict::Broken(_));
            let contradicts = stronger.implies(weaker) && is_held && is_broken;
            assert!(!contradicts, "{seed}: {stronger:?} {weaker:?} {report:#?}");
        }
        told_apart += usize::from(report.strongest() != [Model::Linearizable]);
    }
    assert!(told_apart > 300, "{told_apart}");
}

/// A witness is broken by itself: played alone, with the writes that its reads found, it breaks
/// the model again.
#[test]
fn witnesses_are_broken_by_themselves() {
    let mut played = [0; 9];
    for seed in 0..1_500 {
        let mut random = Random::from_seed(seed);
        let count = 4 + random.below(14) as usize;
        let watch = random_watch(&mut random, count, true);
        let report = watch.judge(20_000);
        for (model, verdict) in MODELS.into_iter().zip(&report.verdicts) {
            let Verdict::Broken(witness) = verdict else { continue };
            let alone = replayed(&watch, &witness.operations);
            let verdict = alone.judge_model(model, 20_000);
            assert!(
                matches!(verdict, Verdict::Broken(_)),
                "{seed} {model:?} {witness:?}: {:#?}",
                watch.history().operations()
            );
            assert!(witness.operations.is_sorted() && !witness.operations.is_empty());
            played[model as usize] += 1;
        }
    }
    assert!(played[..8].iter().all(|played| *played > 10), "{played:?}");
}

/// The same calls and answers, of these operations and the writes that they found alone.
fn replayed(watch: &Watch, chosen: &[usize]) -> Watch {
    let operations = watch.history().operations();
    let mut kept: Vec<usize> = chosen.to_vec();
    for place in chosen {
        let Outcome::Done { found: Some(found) } = operations[*place].outcome else { continue };
        let source = operations
            .iter()
            .position(|write| write.key == operations[*place].key && written(write) == Some(found));
        kept.extend(source.filter(|_| !is_write(&operations[*place])));
    }
    kept.sort_unstable();
    kept.dedup();
    let mut events: Vec<(u64, usize)> = Vec::new();
    for place in kept {
        events.push((operations[place].called, place));
        events.extend(operations[place].answered.map(|answered| (answered, place)));
    }
    events.sort_unstable();
    let mut again = Watch::default();
    let mut places = vec![None; operations.len()];
    for (_, place) in events {
        let operation = &operations[place];
        match places[place] {
            None => {
                let call = operation.call.clone();
                places[place] = Some(again.call(operation.client, operation.key, call));
            }
            Some(place) => {
                again.answer(place, operation.outcome);
            }
        }
    }
    again
}
