//! The same random calls to the store in the browser and to the core, natively: same answers, same
//! refusals, same events.

use rift::event_store::file::{Journal, JournalError};
use rift::event_store::{
    AppendError, Effect, EventId, Expected, NewEvent, Read, RemoveError, StreamState,
};
use rift::random::Random;
use serde_json::{Value, json};

use super::{bare, run};
use crate::support::visit;

const CALLS: u64 = 600;

#[test]
fn the_browser_answers_as_the_core_does() {
    visit(bare(), async |page| {
        let mut random = Random::from_seed(23);
        let mut journal: Journal<String> = Journal::new();
        let (mut calls, mut answers) = (Vec::new(), Vec::new());
        for time in 0..CALLS {
            let (call, answer) = act(&mut random, &mut journal, time);
            calls.push(call);
            answers.push(answer);
        }
        let refusals = answers.iter().filter(|answer| answer.get("code").is_some()).count();
        assert!((100..500).contains(&refusals), "{refusals} refusals: both kinds are tried");
        let events = journal.store().read_all(Read::forwards()).expect("a plain read");
        let events: Vec<Value> = events
            .map(|event| {
                let place = format!("{}@{}", event.version(), event.position());
                json!([event.stream(), event.payload(), place, event.recorded_at().to_string()])
            })
            .collect();
        let script = format!(
            "const store = await EventStore.open('model');
            const answers = [];
            for (const {{ call, stream, ids, expected, number, time }} of {}) {{
                const expectedVersion = expected;
                const events = ids?.map((n) => event(n, 'Noted', `note ${{n}}`));
                const answer = await refused(
                    call === 'append' ? store.appendToStream(stream, events,
                        {{ expectedVersion, recordedAt: String(time) }})
                    : call === 'delete' ? store.deleteStream(stream, {{ expectedVersion }})
                    : store.truncateStream(stream, number));
                const {{ code, kept }} = answer;
                answers.push(code ? {{ code, actual: answer.actual?.version ?? null }}
                    : kept.effect ? {{ effect: kept.effect, version: kept.version }} : {{ kept }});
            }}
            await store.close();
            const again = await EventStore.open('model');
            const events = (await again.readAll()).events.map((e) =>
                [e.stream, e.data, `${{e.version}}@${{e.position}}`, String(e.recordedAt)]);
            return [answers, events];",
            json!(calls)
        );
        let (said, there): (Vec<Value>, Vec<Value>) = run(page, &script).await;
        for (call, (said, answer)) in calls.iter().zip(said.iter().zip(&answers)) {
            assert_eq!(said, answer, "{call}");
        }
        assert_eq!(there, events);
    });
}

/// A call as the browser is told of it, done to the core, and the answer as the browser gives it.
fn act(random: &mut Random, journal: &mut Journal<String>, time: u64) -> (Value, Value) {
    let stream = ["a", "b", "c"][random.below(3) as usize];
    let version = journal.store().stream(stream).version();
    let (expected, said) = match random.below(6) {
        0 => (Expected::Any, json!("any")),
        1 => (Expected::NoStream, json!("no-stream")),
        2 => (Expected::Exists, json!("exists")),
        _ => {
            let asked = (version + random.below(3)).saturating_sub(1);
            (Expected::Exact(asked), json!(asked.to_string()))
        }
    };
    let big = |number: u64| format!("{number}n");
    match random.below(16) {
        0 => {
            let call = json!({ "call": "delete", "stream": stream, "expected": said });
            let answer = journal.delete(stream, expected).map(big);
            (call, answer.map_or_else(removal, |kept| json!({ "kept": kept })))
        }
        1 => {
            let first = random.below(version + 3);
            let number = first.to_string();
            let call = json!({ "call": "truncate", "stream": stream, "number": number });
            let answer = journal.truncate(stream, first).map(big);
            (call, answer.map_or_else(removal, |kept| json!({ "kept": kept })))
        }
        _ => {
            let count = random.below(4);
            let first = random.below(time / 2 + 4);
            let ids: Vec<u64> = (0..count).map(|n| first + n * random.below(2)).collect();
            let call = json!({ "call": "append", "stream": stream, "ids": ids, "expected": said,
                "time": time });
            let event = |n: &u64| {
                let id = EventId(0x4000_8000_0000_0000_0000 | u128::from(*n));
                NewEvent::new(id, "Noted", format!("note {n}"))
            };
            let events: Vec<NewEvent<'_, String>> = ids.iter().map(event).collect();
            let answer = journal.append(stream, expected, time, events).map(|appended| {
                let effect = match appended.effect {
                    Effect::Written => "written",
                    Effect::Repeated => "repeated",
                    Effect::Checked => "checked",
                };
                json!({ "effect": effect, "version": big(appended.version) })
            });
            (call, answer.unwrap_or_else(refusal))
        }
    }
}

fn refusal(error: JournalError) -> Value {
    match error {
        JournalError::Append(AppendError::Conflict { actual, .. }) => conflict(actual),
        JournalError::Append(AppendError::PartlyThere { .. }) => coded("partly-there"),
        JournalError::Append(AppendError::TwiceInBatch { .. }) => coded("twice-in-batch"),
        other => panic!("nothing else can happen here: {other}"),
    }
}

fn removal(error: RemoveError) -> Value {
    match error {
        RemoveError::Conflict { actual, .. } => conflict(actual),
        RemoveError::BeyondEnd { .. } => coded("beyond-end"),
    }
}

fn conflict(actual: StreamState) -> Value {
    json!({ "code": "conflict", "actual": format!("{}n", actual.version()) })
}

fn coded(code: &str) -> Value {
    json!({ "code": code, "actual": null })
}
