//! What can be set, most of it while the shop runs.

use super::super::raft::RaftSetup;
use super::super::{LabSettings, Setting, SettingEntry, SettingValue};
use super::crashes::CrashSpot;
use super::system::{CLUSTER_NODES, CheckpointWrites, Log, Publish, Rules};
use crate::raft::Config;

/// Where the log is.
const LOGS: &[(&str, &str)] =
    &[("single", "In the file of one server."), ("raft", "On every server of a Raft cluster.")];

/// What ids a retry has.
const RETRY_IDS: &[(&str, &str)] = &[
    ("same", "Those of the first attempt, so that it is recognised."),
    ("fresh", "New ones, so that nobody can know it is the same."),
];

/// Who decides again when somebody was quicker.
const DECIDE_AGAIN: &[(&str, &str)] =
    &[("by-hand", "The customer is told, and may ask again."), ("by-itself", "The desk does.")];

/// When the keeper answers.
const ANSWERS: &[(&str, &str)] =
    &[("durable", "When the file is durable."), ("at-once", "Before the disk is done.")];

/// How read models hear of events.
const PUBLISHES: &[(&str, &str)] = &[
    ("from-log", "The keeper sends on from the log until each has what there is."),
    ("once", "After each append it tells them, and never again."),
];

/// How a read model keeps its state and its position.
const CHECKPOINTS: &[(&str, &str)] = &[
    ("together", "In one write."),
    ("state-first", "The state, then the position."),
    ("position-first", "The position, then the state."),
];

/// Which events a read model takes in.
const ORDERS: &[(&str, &str)] =
    &[("position", "By their positions, each once."), ("arrival", "As they arrive.")];

/// Where the power goes next.
const CRASHES: &[(&str, &str)] = &[
    ("none", "Nowhere."),
    ("append", "At the keeper, between append and publishing."),
    ("before-durable", "At the keeper, while an append is on its way to the disk."),
    ("state", "At a read model, between its state and its position, where they are two writes."),
];

/// Every setting.
pub(super) const SETTINGS: &[SettingEntry] = &[
    choice("log", LOGS, "Where the log is. Not while the shop runs."),
    switch("check", true, "An append says which version it rests on; without, the last one wins."),
    choice("retry-ids", RETRY_IDS, "What ids a retry has."),
    choice("decide-again", DECIDE_AGAIN, "Who decides again when somebody was quicker."),
    choice("answer", ANSWERS, "When the keeper answers."),
    choice("publish", PUBLISHES, "How read models hear of events."),
    choice("checkpoint", CHECKPOINTS, "How a read model keeps its state and its position."),
    choice("order", ORDERS, "Which events a read model takes in."),
    choice("crash-at", CRASHES, "Where the power goes the next time, once."),
];

/// The settings by what they are about.
pub(super) const GROUPS: &[(&str, &[&str])] = &[
    ("The log", &["log", "answer"]),
    ("Customers", &["retry-ids"]),
    ("Desks, if the log is on one server", &["check", "decide-again"]),
    ("Read models, likewise", &["publish", "checkpoint", "order"]),
    ("The next crash, likewise", &["crash-at"]),
];

/// The settings that readers turn while the shop runs, in the order in which they are shown.
pub(super) const LIVE: &[&str] =
    &["check", "decide-again", "retry-ids", "answer", "publish", "checkpoint", "order", CRASH_AT];

/// The setting that the world itself turns back.
pub(super) const CRASH_AT: &str = "crash-at";

const fn choice(
    name: &'static str,
    choices: &'static [(&'static str, &'static str)],
    meaning: &'static str,
) -> SettingEntry {
    SettingEntry { name, default: SettingValue::Choice(choices[0].0), choices, meaning }
}

const fn switch(name: &'static str, on: bool, meaning: &'static str) -> SettingEntry {
    SettingEntry { name, default: SettingValue::Switch(on), choices: &[], meaning }
}

/// What the parts go by where nothing is set.
pub(super) const BY_ITSELF: Rules = Rules {
    log: Log::Single,
    check: true,
    same_ids: true,
    decides_again: false,
    durable_first: true,
    publish: Publish::FromTheLog,
    checkpoint: CheckpointWrites::Together,
    in_order: true,
};

/// What the parts go by with these settings.
pub(super) fn rules(settings: &LabSettings) -> Result<Rules, String> {
    let chosen = |name| chosen(settings, name);
    Ok(Rules {
        log: [Log::Single, Log::Raft][chosen("log")],
        check: settings.tuning.switch("check").unwrap_or(BY_ITSELF.check),
        same_ids: chosen("retry-ids") == 0,
        decides_again: chosen("decide-again") == 1,
        durable_first: chosen("answer") == 0,
        publish: [Publish::FromTheLog, Publish::Once][chosen("publish")],
        checkpoint: [
            CheckpointWrites::Together,
            CheckpointWrites::StateFirst,
            CheckpointWrites::PositionFirst,
        ][chosen("checkpoint")],
        in_order: chosen("order") == 0,
    })
}

/// Where the power goes next with these settings.
pub(super) fn crash_spot(settings: &LabSettings) -> Option<CrashSpot> {
    match chosen(settings, CRASH_AT) {
        1 => Some(CrashSpot::AfterAppend),
        2 => Some(CrashSpot::BeforeDurable),
        3 => Some(CrashSpot::BetweenStateAndPosition),
        _ => None,
    }
}

/// What a cluster goes by with these settings.
pub(super) fn raft(_settings: &LabSettings) -> RaftSetup {
    RaftSetup { config: Config::of(CLUSTER_NODES) }
}

/// Whether a setting can be turned while the shop runs.
pub(super) fn can_be_turned(log: Log, name: &str) -> bool {
    match log {
        Log::Single => LIVE.contains(&name),
        Log::Raft => name == "retry-ids",
    }
}

/// What a setting is at present.
pub(super) fn value_of(settings: &LabSettings, name: &str) -> SettingValue {
    let entry = SETTINGS.iter().find(|entry| entry.name == name);
    let by_itself = entry.map_or(SettingValue::Switch(false), |entry| entry.default);
    settings.tuning.value(name).unwrap_or(by_itself)
}

/// The setting that arms no crash.
pub(super) const DISARMED: Setting =
    Setting { name: CRASH_AT, value: SettingValue::Choice(CRASHES[0].0) };

/// The place of what is chosen among what can be.
fn chosen(settings: &LabSettings, name: &str) -> usize {
    let SettingValue::Choice(word) = value_of(settings, name) else { return 0 };
    let entry = SETTINGS.iter().find(|entry| entry.name == name);
    let place = |entry: &SettingEntry| entry.choices.iter().position(|(other, _)| *other == word);
    entry.and_then(place).unwrap_or(0)
}
