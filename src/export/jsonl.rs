//! The history as [JSON Lines](https://jsonlines.org): one object a line, one line a record.
//!
//! Every object begins with the same fields, then come those of its kind:
//!
//! - `id`: the record's number, from 0. A message is named by the record of its sending.
//! - `at_us`: when, in whole microseconds since the start of the run.
//! - `cause`: the record without which this one would not be, or `null`: it came from outside.
//! - `kind`: `booted`, `fault`, `requested`, `sent`, `duplicated`, `delivered`, `lost`, `deadline`,
//!   `write_started`, `write_synced`, `writes_kept` or `decided`.
//! - `server`: where, as `"S1"`; `null` for what is done to links and to messages on their way.
//!   Instead of it, `sent`, `duplicated`, `delivered` and `lost` have `from` and `to`.
//! - `message`, `ask`, `event` or `fault`: the name of what was sent, asked for, decided, done.
//! - `id_of_message`: of `duplicated`, `delivered`, `lost`, and faults about a message: which.
//! - `message_kind`: of an event about a message: its name.
//! - `act`: of a fault: the same as a line of a script would say it.
//!
//! All others are named as in the protocol, such as `term`, `prev_log_index` or `leader_commit`;
//! what has several sorts is an object with its name under `is`. Numbers are whole; nothing is
//! rounded. Fields may be added; none is renamed or given a second meaning.

use super::Recording;
use super::json::object;
use crate::labs::exported::{Datum, Field, Part, Told};
use crate::scenario::FaultAct;
use crate::sim::RecordId;

/// The history of a run, a line a record.
pub fn jsonl(recording: &Recording) -> String {
    let mut text = String::new();
    for (id, told) in recording.told() {
        object(&mut text, &fields(id, told));
        text.push('\n');
    }
    text
}

fn fields(id: RecordId, told: Told) -> Vec<Field> {
    let mut fields = vec![
        ("id", Datum::Number(id.0.into())),
        ("at_us", Datum::Number(told.at_us)),
        ("cause", told.cause.map_or(Datum::Null, |cause| Datum::Number(cause.0.into()))),
        ("kind", Datum::Text(told.kind.to_owned())),
    ];
    match &told.part {
        Part::At(node) => fields.push(("server", node.into())),
        Part::Network => fields.push(("server", Datum::Null)),
        Part::Sent { from, to }
        | Part::Copied { from, to, .. }
        | Part::Delivered { from, to, .. }
        | Part::Lost { from, to, .. } => fields.extend([("from", from.into()), ("to", to.into())]),
    }
    fields.extend(told.fields.into_iter().map(|(name, value)| (clear_of(name, told.part), value)));
    if let Some(fault) = &told.fault {
        fields.push(("act", Datum::Text(FaultAct::of_fault(fault).to_string())));
    }
    fields
}

/// No name twice in an object: a protocol's own `from` or `to` stands beside ours only where ours
/// is not.
fn clear_of(name: &'static str, part: Part) -> &'static str {
    match (name, part) {
        ("kind", _) => "message_kind",
        (_, Part::At(_) | Part::Network) => name,
        ("from", _) => "message_from",
        ("to", _) => "message_to",
        _ => name,
    }
}
