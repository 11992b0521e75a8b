//! Runs of the second lab as files, whatever its servers run.

use std::collections::{BTreeMap, BTreeSet};

use rift::export::{
    Animation, ExportError, Recording, View, animated, figure, jsonl, mermaid, script, shiviz,
};
use rift::scenario::{parse, play};
use rift::scene::Window;
use rift::session::Run;
use rift::timeline::BranchId;
use serde_json::Value;

use super::records::{has_fraction, read};
use super::{assert_mermaid_reads, assert_stands_alone, shipped, timeline};

const SYSTEMS: [&str; 3] = ["quorum", "raft", "primary-backup"];

/// A scenario that ships, with the same acts on servers that run something else.
fn on(system: &str, name: &str) -> (Run, u64) {
    let (run, ended_us) = shipped(name);
    let text = script(&run, ended_us).replacen("seed ", &format!("system {system}\nseed "), 1);
    let report = play(&parse(&text).expect("it parses")).expect("it can be played");
    assert_eq!(report.ended_us, ended_us);
    (report.run, ended_us)
}

fn all_runs() -> Vec<(Run, u64)> {
    let names = ["unknown-write-comes-back", "siblings"];
    let pairs = names.iter().flat_map(|name| SYSTEMS.map(|system| (system, name)));
    pairs.map(|(system, name)| on(system, name)).collect()
}

fn records((run, ended_us): &(Run, u64)) -> Vec<Value> {
    let recording = Recording::of_run(run, *ended_us).expect("it is short");
    let text = jsonl(&recording);
    assert_eq!(text.lines().count(), recording.lab().history_len());
    text.lines().map(|line| serde_json::from_str(line).expect("it is JSON")).collect()
}

/// Names under `field`, each once.
fn names<'a>(records: &'a [Value], field: &str) -> BTreeSet<&'a str> {
    records.iter().filter_map(|record| record[field].as_str()).collect()
}

/// Every message, request and decision has a name, and every message is where it was sent.
#[test]
fn every_record_of_a_store_has_a_name() {
    for played in all_runs() {
        let all = records(&played);
        for (place, record) in all.iter().enumerate() {
            assert_eq!(record["id"], place as u64);
            assert!(!has_fraction(record), "{record}");
            let named = match record["kind"].as_str().expect("it has a kind") {
                "sent" => "message",
                "requested" => "ask",
                "decided" => "event",
                "delivered" | "lost" | "duplicated" => {
                    let sent = record["id_of_message"].as_u64().expect("a number");
                    let sent = &all[sent as usize];
                    assert_eq!((&sent["from"], &sent["to"]), (&record["from"], &record["to"]));
                    continue;
                }
                _ => continue,
            };
            assert!(record[named].as_str().is_some_and(|name| !name.is_empty()), "{record}");
        }
    }
}

/// The quorum store tells of a write of which nobody knows, and of what lies side by side.
#[test]
fn what_a_quorum_store_decides_is_told() {
    let all = records(&on("quorum", "unknown-write-comes-back"));
    let messages = names(&all, "message");
    for name in ["Write", "WriteAck", "Read", "ReadReply", "Heartbeat"] {
        assert!(messages.contains(name), "{name}: {messages:?}");
    }
    assert_eq!(names(&all, "ask"), BTreeSet::from(["Read", "Write"]));
    let unknown = all.iter().find(|record| record["outcome"]["is"] == "Indeterminate");
    let unknown = unknown.expect("the second write is");
    assert_eq!(unknown["event"], "ClientAnswered");
    assert_eq!(unknown["request"]["client"], "C1");
    assert_eq!(unknown["outcome"]["acked_by"][0]["by"], "S1");
    assert_eq!(unknown["outcome"]["needed"], 3);
    assert!(names(&all, "event").is_superset(&BTreeSet::from(["TimedOut", "Suspected"])));

    let all = records(&on("quorum", "siblings"));
    let found = all.iter().filter_map(|record| record["outcome"]["result"]["cell"].as_array());
    let values = |cell: &Vec<Value>| {
        let value = |held: &Value| held["value"].as_str().unwrap_or_default().to_owned();
        cell.iter().map(value).collect::<BTreeSet<_>>()
    };
    let both = BTreeSet::from(["left".to_owned(), "right".to_owned()]);
    assert!(found.map(values).any(|found| found == both));
}

/// Between them, these scenarios have every message of the quorum store, and every reason to merge.
#[test]
fn every_message_of_a_quorum_store_is_told() {
    let (mut messages, mut purposes) = (BTreeSet::new(), BTreeSet::new());
    for name in [
        "anti-entropy-converges",
        "hinted-handoff",
        "skewed-clock-loses-a-write",
        "write-back-prevents-inversion",
    ] {
        let all = records(&shipped(name));
        messages.extend(names(&all, "message").into_iter().map(str::to_owned));
        let purpose = |record: &Value| record["purpose"]["is"].as_str().map(str::to_owned);
        purposes.extend(all.iter().filter_map(purpose));
        for leaf in all.iter().filter(|record| record["message"] == "Leaves") {
            let entries = leaf["entries"].as_array().expect("a list");
            assert!(entries.iter().all(|entry| entry["key"].is_string()), "{leaf}");
        }
    }
    let expected = [
        "AskStamp",
        "Heartbeat",
        "Leaves",
        "Merge",
        "Merged",
        "Read",
        "ReadReply",
        "StampReply",
        "Tree",
        "Want",
        "Write",
        "WriteAck",
    ];
    assert!(messages.iter().eq(&expected), "{messages:?}");
    assert!(purposes.iter().eq(&["AntiEntropy", "Handoff", "ReadRepair", "WriteBack"]));
}

/// Where a store runs Raft it speaks as Raft does in its own figure.
#[test]
fn what_a_store_on_raft_decides_is_told() {
    let text = "rift 1\nlab cap\nservers 5\nseed 5\nsystem raft\n\
                at 2s\nwrite x=1 to leader\nuntil C1 done\n";
    let report = play(&parse(text).expect("it parses")).expect("it can be played");
    let all = records(&(report.run, report.ended_us));
    let (messages, events) = (names(&all, "message"), names(&all, "event"));
    assert!(messages.is_superset(&BTreeSet::from(["RequestVote", "AppendEntries"])));
    assert!(events.is_superset(&BTreeSet::from(["BecameLeader", "Committed", "Answered"])));
    assert_eq!(names(&all, "ask"), BTreeSet::from(["Propose"]));
    let applied = all.iter().find(|record| record["event"] == "Applied").expect("one is");
    assert_eq!(applied["entry"]["payload"]["command"]["value"], "1");
}

/// Primary-backup tells of the writes that it throws away.
#[test]
fn what_primary_backup_decides_is_told() {
    let all = records(&shipped("primary-backup-loses-a-write"));
    assert_eq!(names(&all, "message"), BTreeSet::from(["Ack", "Ship"]));
    let asked = BTreeSet::from(["BackupRead", "BackupWrite", "Promote"]);
    assert_eq!(names(&all, "ask"), asked);
    let shipped = all.iter().filter(|record| record["message"] == "Ship");
    let entries = shipped.filter_map(|record| record["entries"].as_array());
    assert!(entries.flatten().any(|entry| entry["key"] == "x" && entry["value"] == "1"));
    let lost = all.iter().find(|record| record["event"] == "TailLost").expect("one is lost");
    let write = all.iter().find(|record| record["value"] == "2").expect("it was asked for");
    assert_eq!(lost["requests"][0], write["request"]);
    assert_eq!(lost["epoch"]["primary"], "S2");
}

/// Hosts count their own records, and Mermaid reads every line.
#[test]
fn a_store_for_other_programs() {
    for (run, ended_us) in all_runs() {
        let recording = Recording::of_run(&run, ended_us).expect("it is short");
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for (host, clock) in read(&shiviz(&recording)) {
            let count = counts.entry(host.clone()).or_default();
            *count += 1;
            assert_eq!(clock.get(&host), Some(&*count));
        }
        assert_eq!(counts.values().sum::<u64>(), recording.lab().history_len() as u64);
        let text = mermaid(&recording, Window::new(0, ended_us));
        assert_mermaid_reads(&text);
        let asked =
            ["x=2", "x=old"].iter().any(|write| text.contains(&format!("is asked for {write}")));
        assert!(asked, "{text}");
    }
}

#[test]
fn a_store_as_pictures() {
    for (run, ended_us) in all_runs() {
        let mut timeline = timeline(&run, ended_us);
        let window = Window::new(0, ended_us);
        for view in [View::Stage, View::SpaceTime(window), View::Timeline(window)] {
            assert_stands_alone(&figure(&timeline, view, (860, 456)).expect("it fits"));
        }
        let refused = figure(&timeline, View::Logs, (860, 456));
        assert_eq!(refused, Err(ExportError::NoSuchView));
        let from_us = ended_us.saturating_sub(300_000);
        let (branch, size) = (BranchId::FIRST, (860, 540));
        let wanted = Animation { branch, from_us, to_us: ended_us, plays_ms: None, size };
        let svg = animated(&mut timeline, &wanted).expect("it fits");
        assert_stands_alone(&svg);
        assert!(svg.contains("<animate "));
    }
}
