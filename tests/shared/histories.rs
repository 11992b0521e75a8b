//! What clients of a true register see, and of one that answers from the past.

use rift::check::consistency::{Outcome, Watch};
use rift::check::linearizability::{Operation, RegisterCall};
use rift::random::Random;

pub(crate) type Op = Operation<RegisterCall<u8>, Option<u8>>;

/// A history of a true register: `clients` at once, each operation taking effect when it does.
pub(crate) fn true_history(random: &mut Random, operations: usize, clients: u64) -> Vec<(u64, Op)> {
    let mut registers = [None; 3];
    let mut free_us = vec![0; clients as usize];
    let mut planned: Vec<(u64, u64, u64, RegisterCall<u8>, u64)> = Vec::new();
    for number in 0..operations {
        let client = random.below(clients) as usize;
        let called = free_us[client] + random.below(20);
        let effect = called + random.below(50);
        let answered = effect + random.below(50);
        free_us[client] = answered + 1;
        // Every value is written once.
        let value = number as u8;
        let call =
            if random.below(2) == 0 { RegisterCall::Read } else { RegisterCall::Write(value) };
        planned.push((effect, called, answered, call, random.below(3)));
    }
    planned.sort_by_key(|(effect, ..)| *effect);
    let operations = planned.into_iter().map(|(_, called, answered, call, key)| {
        let register = &mut registers[key as usize];
        if let RegisterCall::Write(value) = &call {
            *register = Some(*value);
        }
        let found = if call == RegisterCall::Read { *register } else { None };
        // A write in twenty gets no answer, though it took effect.
        let answer =
            (call == RegisterCall::Read || random.below(20) > 0).then_some((answered, found));
        (key, Operation { called, call, answer })
    });
    operations.collect()
}

/// The same, as a watch is told of it: an operation is of the first client that has none under way.
pub(crate) fn watched(history: &[(u64, Op)]) -> Watch {
    let mut events: Vec<(u64, bool, usize)> = Vec::new();
    for (at, (_, operation)) in history.iter().enumerate() {
        events.push((operation.called, false, at));
        events.extend(operation.answer.map(|(answered, _)| (answered, true, at)));
    }
    events.sort_unstable();
    let mut watch = Watch::default();
    let mut places = vec![0; history.len()];
    // When each client is free again.
    let mut free: Vec<u64> = Vec::new();
    for (time, is_answer, at) in events {
        let (key, operation) = &history[at];
        if is_answer {
            let found = operation.answer.and_then(|(_, found)| found).map(u64::from);
            watch.answer(places[at], Outcome::Done { found });
            continue;
        }
        let client = free.iter().position(|free| *free < time).unwrap_or(free.len());
        let until = operation.answer.map_or(u64::MAX, |(answered, _)| answered);
        if client == free.len() {
            free.push(until);
        } else {
            free[client] = until;
        }
        let call = match operation.call {
            RegisterCall::Write(value) => RegisterCall::Write(value.into()),
            RegisterCall::Read => RegisterCall::Read,
            RegisterCall::Clear => RegisterCall::Clear,
        };
        places[at] = watch.call(client as u64, *key, call);
    }
    watch
}

/// The last read that can be is made to find what had been overwritten before it was asked for.
pub(crate) fn make_stale(history: &mut [(u64, Op)]) {
    let overwritten = |read: &(u64, Op)| {
        let writes = history.iter().filter(|(key, op)| *key == read.0 && op.answer.is_some());
        let before: Vec<(u64, u64, u8)> = writes
            .filter_map(|(_, op)| match (&op.call, &op.answer) {
                (RegisterCall::Write(value), Some((answered, _))) if *answered < read.1.called => {
                    Some((op.called, *answered, *value))
                }
                _ => None,
            })
            .collect();
        let later = |answered: u64| before.iter().any(|(called, ..)| *called > answered);
        before.iter().find(|(_, answered, _)| later(*answered)).map(|(.., value)| *value)
    };
    let reads = history.iter().enumerate().rev();
    let mut stale = reads.filter(|(_, (_, op))| op.call == RegisterCall::Read);
    let found = stale.find_map(|(place, read)| Some((place, overwritten(read)?)));
    let (place, value) = found.expect("some value was overwritten before a read");
    history[place].1.answer.as_mut().expect("every read is answered").1 = Some(value);
}
