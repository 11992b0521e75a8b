//! Clients' operations as short texts, for tests of what they saw.

use rift::check::consistency::{Breach, Outcome, Watch};
use rift::check::linearizability::RegisterCall;

/// Plays a text: a step a line or after a semicolon. `a w x 1` is client a writing 1 to x,
/// `a r x 1` reading that, `a r x -` finding nothing, `a d x` clearing. With `?` at the end nobody
/// knows what became of it, with `!` it failed. `a+ w x 1` is called only, until `a.` answers. `~`
/// is quiet.
pub(crate) fn watched(text: &str) -> (Watch, Vec<Breach>) {
    let mut watch = Watch::default();
    let mut breaches = Vec::new();
    let mut open: Vec<(u64, usize, Outcome)> = Vec::new();
    for step in text.split([';', '\n']).map(str::trim).filter(|step| !step.is_empty()) {
        if step == "~" {
            watch.fall_quiet();
            continue;
        }
        let words: Vec<&str> = step.split_whitespace().collect();
        let client = u64::from(words[0].as_bytes()[0]);
        if words[0].ends_with('.') {
            let at = open.iter().position(|(other, ..)| *other == client).expect("it called");
            let (_, place, outcome) = open.remove(at);
            breaches.extend_from_slice(watch.answer(place, outcome));
            continue;
        }
        let value = words.get(3).and_then(|word| word.parse().ok());
        let call = match words[1] {
            "r" => RegisterCall::Read,
            "w" => RegisterCall::Write(value.expect("a value to write")),
            _ => RegisterCall::Clear,
        };
        let found = value.filter(|_| call == RegisterCall::Read);
        let outcome = match words[words.len() - 1] {
            "?" => Outcome::Unknown,
            "!" => Outcome::Failed,
            _ => Outcome::Done { found },
        };
        let place = watch.call(client, u64::from(words[2].as_bytes()[0]), call);
        if words[0].ends_with('+') {
            open.push((client, place, outcome));
        } else {
            breaches.extend_from_slice(watch.answer(place, outcome));
        }
    }
    (watch, breaches)
}
