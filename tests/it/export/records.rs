//! Record by record: JSON Lines, and clocks that say who could have known of what.

use std::collections::BTreeMap;

use expect_test::expect_file;
use rift::export::{ExportError, REGULAR_EXPRESSION, Recording, jsonl, limits, shiviz};
use rift::labs::raft::RaftLab;
use rift::labs::{Lab, LabSettings};
use rift::session::{Run, Session};

use rift::sim::{Budget, Happening, NodeId, RecordId};
use serde_json::Value;

use super::{NASTY, shipped, troubled};

#[test]
fn records_as_json_lines() {
    let (run, _) = shipped("minority-writes");
    let recording = Recording::of_run(&run, 118_040).expect("it is short");
    expect_file!["../golden/records.jsonl"].assert_eq(&jsonl(&recording));
}

/// Another reader of JSON finds the same: every line an object without a name twice, all numbers
/// whole, ids in order, causes before what they cause, messages where they were sent.
#[test]
fn another_reader_finds_what_was_written() {
    for (run, ended_us) in [troubled(), shipped("log-repair"), shipped("split-vote")] {
        let recording = Recording::of_run(&run, ended_us).expect("it is short");
        let text = jsonl(&recording);
        assert_eq!(text.lines().count(), recording.lab().history_len());
        let mut all: Vec<Value> = Vec::new();
        for (place, line) in text.lines().enumerate() {
            let value: Value = serde_json::from_str(line).expect("it is JSON");
            // Both write without blanks, so a name that stood there twice would be missed.
            if line.is_ascii() && !line.contains("\\u") {
                assert_eq!(value.to_string().len(), line.len(), "{line}");
            }
            assert_eq!(value["id"], place as u64);
            let id = RecordId(place as u32);
            let (at_us, _) = recording.lab().record(id).expect("it is known");
            assert_eq!(value["at_us"], at_us);
            assert!(value["cause"].as_u64().is_none_or(|cause| cause < place as u64));
            assert!(!has_fraction(&value), "{line}");
            if let Some(message) = value.get("id_of_message") {
                let sent = &all[message.as_u64().expect("a number") as usize];
                assert!(["sent", "duplicated"].contains(&sent["kind"].as_str().expect("text")));
                if value["kind"] != "fault" {
                    assert_eq!((&sent["from"], &sent["to"]), (&value["from"], &value["to"]));
                }
            }
            all.push(value);
        }
        let kinds = |kind: &str| all.iter().filter(|value| value["kind"] == kind).count();
        assert!(kinds("sent") > 10 && kinds("delivered") > 10 && kinds("decided") > 10);
    }
}

pub(super) fn has_fraction(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(list) => list.iter().any(has_fraction),
        Value::Object(fields) => fields.values().any(has_fraction),
        _ => false,
    }
}

/// Quotes, backslashes, ends of lines, what some take for one, and what no one sees.
#[test]
fn odd_letters_come_through() {
    let (run, ended_us) = troubled();
    let text = jsonl(&Recording::of_run(&run, ended_us).expect("it is short"));
    let values = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("it is JSON"));
    let mut asked = values.filter(|value| value["kind"] == "requested");
    let command = asked.next().expect("somebody asked")["command"].clone();
    assert_eq!(command["key"], NASTY);
    assert_eq!(command["value"], "\u{2028}\0;#%%<br/>");
}

#[test]
fn a_log_with_vector_clocks() {
    let (run, _) = shipped("minority-writes");
    let recording = Recording::of_run(&run, 118_040).expect("it is short");
    expect_file!["../golden/shiviz.txt"].assert_eq(&shiviz(&recording));
}

/// A record of the log: host, and clock by hosts.
pub(super) fn read(log: &str) -> Vec<(String, BTreeMap<String, u64>)> {
    let mut lines = log.lines();
    assert_eq!(lines.next(), Some(REGULAR_EXPRESSION));
    assert_eq!(lines.next(), Some(""), "there is one execution");
    let lines: Vec<&str> = lines.collect();
    let record = |pair: &[&str]| {
        let (host, clock) = pair[0].split_once(' ').expect("host, then clock");
        let (at_us, event) = pair[1].split_once("us ").expect("instant, then event");
        assert!(at_us.bytes().all(|digit| digit.is_ascii_digit()) && !event.is_empty());
        (host.to_owned(), serde_json::from_str(clock).expect("clocks are JSON"))
    };
    lines.chunks(2).map(record).collect()
}

/// The order of the clocks is the order that the causes in the history and the lives of the servers
/// span (Lamport's happened-before), for every two records.
#[test]
fn clocks_are_ordered_as_the_causes_are() {
    for (run, ended_us) in [troubled(), shipped("minority-writes"), shipped("split-vote")] {
        let recording = Recording::of_run(&run, ended_us).expect("it is short");
        let log = read(&shiviz(&recording));
        let lab = replay(&run, ended_us);
        let history = lab.world().history();
        assert_eq!(log.len(), history.len());
        // What came before each record, from causes and lives alone.
        let mut before: Vec<Vec<bool>> = Vec::new();
        let mut last_at: BTreeMap<Option<NodeId>, usize> = BTreeMap::new();
        for (place, (host, _)) in log.iter().enumerate() {
            let id = RecordId(place as u32);
            let record = &history[id];
            let here = match record.what {
                Happening::Lost { .. } | Happening::Duplicated { .. } => None,
                _ => history.node_of(id),
            };
            assert_eq!(*host, here.map_or("network".to_owned(), |node| node.to_string()));
            // A copy that arrives says what the first message said when it left.
            let cause = record.cause.map(|cause| match history[cause].what {
                Happening::Duplicated { message, .. } => message,
                _ => cause,
            });
            // Who copies a message stands outside and tells nobody.
            let by_cause = cause.filter(|cause| match &history[*cause].what {
                Happening::Fault(fault) => fault.node().is_some() || here.is_none(),
                _ => true,
            });
            let mut mine = vec![false; place];
            let copied = match record.what {
                Happening::Duplicated { message, .. } => Some(message),
                _ => None,
            };
            let parents = [by_cause, copied].into_iter().flatten().map(|id| id.0 as usize);
            for parent in parents.chain(last_at.insert(here, place)) {
                mine[parent] = true;
                for (earlier, is) in before[parent].iter().enumerate() {
                    mine[earlier] |= is;
                }
            }
            before.push(mine);
        }
        for later in 0..log.len() {
            for earlier in 0..later {
                let told = is_below(&log[earlier].1, &log[later].1);
                assert_eq!(told, before[later][earlier], "{earlier} {later}");
                assert!(!is_below(&log[later].1, &log[earlier].1), "time does not run back");
            }
        }
        // What the world knows of reasons agrees, except for acts on links, of which nobody hears.
        let budget = Budget::default();
        for place in 0..history.len() {
            for reason in history.reasons(&budget, RecordId(place as u32)) {
                if history.node_of(reason).is_some() && log[reason.0 as usize].0 != "network" {
                    let reason = reason.0 as usize;
                    assert!(is_below(&log[reason].1, &log[place].1), "{reason} {place}");
                }
            }
        }
    }
}

fn is_below(one: &BTreeMap<String, u64>, other: &BTreeMap<String, u64>) -> bool {
    one != other && one.iter().all(|(host, count)| other.get(host).is_some_and(|c| c >= count))
}

fn replay(run: &Run, until_us: u64) -> RaftLab {
    let mut lab = RaftLab::new(&run.settings);
    for action in &run.actions {
        lab.advance_to(action.at_us).expect("far from any limit");
        lab.act(&action.command).expect("it made sense");
    }
    lab.advance_to(until_us).expect("far from any limit");
    lab
}

/// ShiViz wants each host's own entry to begin at 1 and to rise by 1.
#[test]
fn hosts_count_their_own_records() {
    let (run, ended_us) = troubled();
    let log = read(&shiviz(&Recording::of_run(&run, ended_us).expect("it is short")));
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (host, clock) in &log {
        let count = counts.entry(host.clone()).or_default();
        *count += 1;
        assert_eq!(clock.get(host), Some(&*count));
        assert!(host == "network" || !clock.contains_key("network"), "servers do not hear it");
    }
    assert_eq!(counts.len(), 4);
}

/// What is too long is refused, not cut.
#[test]
fn a_run_that_is_too_long_is_refused() {
    let session = Session::start(&rift::labs::LABS[0], LabSettings::new(9, 5));
    let refused = Recording::of_run(session.run(), 3_600_000_000).err();
    assert_eq!(refused, Some(ExportError::TooMuch("records", limits::RECORDS)));
}
