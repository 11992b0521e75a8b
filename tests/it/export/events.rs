//! Runs of the event sourcing lab as files, with the log on one server and on a cluster.

use std::collections::BTreeSet;

use rift::export::{Recording, jsonl, mermaid, script, shiviz};
use rift::labs::{Ask, Client, Command, LABS, LabEntry, Setting, SettingValue};
use rift::scenario::{parse, play};
use rift::scene::Window;
use rift::session::{Run, Session};
use rift::sim::{Fault, NodeId};
use serde_json::Value;

use super::assert_mermaid_reads;
use super::records::has_fraction;

const KEEPER: NodeId = NodeId(2);

fn entry() -> &'static LabEntry {
    LABS.iter().find(|entry| entry.name == "events").expect("it is a lab")
}

/// A day in the shop: who wants what from which desk, and what is done to it.
fn day(protocol: &[Setting], acts: &[(u64, Command)]) -> (Run, u64) {
    let mut settings = entry().defaults.clone();
    protocol.iter().for_each(|setting| settings.tuning.set(*setting));
    let mut session = Session::start(entry(), settings);
    let mut ended_us = 100_000;
    for (wait_ms, command) in acts {
        session.advance_to(ended_us).expect("far from any limit");
        session.act(command.clone()).expect("it makes sense");
        ended_us += wait_ms * 1_000;
    }
    session.advance_to(ended_us).expect("far from any limit");
    (session.run().clone(), ended_us)
}

fn ask(client: u8, desk: u8, what: &str) -> Command {
    let what = Ask::Do { what: what.to_owned() };
    Command::Ask { client: Client(client), via: NodeId(desk - 1), what }
}

fn choice(name: &'static str, word: &'static str) -> Setting {
    Setting { name, value: SettingValue::Choice(word) }
}

/// A race, a retry, a rebuild and a crash.
fn on_one_server() -> (Run, u64) {
    let retry = |client, desk: u8| {
        let via = NodeId(desk - 1);
        Command::Ask { client: Client(client), via, what: Ask::Retry }
    };
    day(
        &[],
        &[
            (0, ask(1, 1, "take mug")),
            (300, ask(2, 2, "take mug")),
            (300, ask(2, 2, "pay")),
            (300, retry(2, 2)),
            (0, Command::Set(choice("checkpoint", "state-first"))),
            (300, ask(1, 5, "rebuild")),
            (50, Command::Faults(vec![Fault::Crash(KEEPER)])),
            (300, Command::Faults(vec![Fault::Restart(KEEPER)])),
        ],
    )
}

fn on_a_cluster() -> (Run, u64) {
    let acts = [(900, ask(1, 1, "restock tea")), (900, ask(1, 3, "take tea"))];
    day(&[choice("log", "raft")], &acts)
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

#[test]
fn every_record_of_a_shop_has_a_name() {
    for played in [on_one_server(), on_a_cluster()] {
        for (place, record) in records(&played).iter().enumerate() {
            assert_eq!(record["id"], place as u64);
            assert!(!has_fraction(record), "{record}");
            let named = match record["kind"].as_str().expect("it has a kind") {
                "sent" => "message",
                "requested" => "ask",
                "decided" => "event",
                _ => continue,
            };
            assert!(record[named].as_str().is_some_and(|name| !name.is_empty()), "{record}");
        }
    }
}

/// Between them, these acts have every message, and the events that matter.
#[test]
fn what_desks_log_and_read_models_do_is_told() {
    let all = records(&on_one_server());
    let messages =
        ["Append", "AppendAnswered", "NotAppended", "Publish", "Read", "Seen", "Streams"];
    assert!(names(&all, "message").iter().eq(&messages), "{:?}", names(&all, "message"));
    assert!(names(&all, "ask").iter().eq(&["Do", "GoBy", "Rebuild", "Resend"]));
    let events = [
        "Appended",
        "Checkpointed",
        "Conflicted",
        "CustomerAnswered",
        "Decided",
        "Durable",
        "Published",
        "Rebuilding",
        "Recognised",
        "Recovered",
        "Refused",
        "Resumed",
        "TookIn",
    ];
    assert!(names(&all, "event").iter().eq(&events), "{:?}", names(&all, "event"));
    let refused = all.iter().find(|record| record["event"] == "Refused").expect("one is");
    let error = &refused["error"];
    assert_eq!((&error["is"], &error["stream"]), (&"Conflict".into(), &"stock-mug".into()));
    assert_eq!(error["expected"]["version"], 3);
    assert_eq!(error["actual"]["version"], 4);
    let appended = all.iter().find(|record| record["event"] == "Appended").expect("one is");
    let recorded = &appended["recorded"];
    assert_eq!((&recorded["position"], &recorded["version"]), (&7.into(), &4.into()));
    assert_eq!(recorded["event"]["is"], "Taken");
    let id = recorded["id"].as_str().expect("ids are text");
    assert!(id.len() == 32 && id.chars().all(|digit| digit.is_ascii_hexdigit()), "{id}");
    let told = all.iter().any(|record| record["outcome"]["repeated"] == true);
    assert!(told, "the retry was recognised");
}

#[test]
fn on_a_cluster_it_speaks_as_raft_does() {
    let all = records(&on_a_cluster());
    let (messages, events) = (names(&all, "message"), names(&all, "event"));
    assert!(messages.is_superset(&BTreeSet::from(["RequestVote", "AppendEntries"])));
    assert!(events.is_superset(&BTreeSet::from(["BecameLeader", "Committed", "Appended"])));
    let appended = |record: &&Value| record["event"] == "Appended";
    let servers: BTreeSet<&str> =
        all.iter().filter(appended).filter_map(|record| record["server"].as_str()).collect();
    assert_eq!(servers.len(), 5, "every server carries it out: {servers:?}");
}

/// All the formats, and the script plays the same run again.
#[test]
fn a_day_in_the_shop_can_be_taken_along() {
    for (run, ended_us) in [on_one_server(), on_a_cluster()] {
        let recording = Recording::of_run(&run, ended_us).expect("it is short");
        let text = script(&run, ended_us);
        let report = play(&parse(&text).expect("it parses")).expect("it can be played");
        let again = Recording::of_run(&report.run, ended_us).expect("it is short");
        assert_eq!(recording.lab().history_hash(), again.lab().history_hash(), "{text}");
        assert!(shiviz(&recording).lines().count() > 20);
        assert_mermaid_reads(&mermaid(&recording, Window::new(0, ended_us)));
    }
}
