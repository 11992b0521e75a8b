//! What readers press and turn while it runs: how the service does, how much is called, and what
//! callers go by. The other settings are in the menus of the nodes that they are about.

use super::super::{Ask, Client, Command, Dial, DialOption, Setting, SettingEntry, SettingValue};
use super::settings::{self, SETTINGS};
use super::system::{BreakerRequest, Cast};
use super::{Cluster, WORDS};
use crate::sim::NodeId;

/// A row of positions: the setting, what it is called, and the numbers that it offers; none where
/// it offers all its words.
type Row = (&'static str, &'static str, &'static [SettingValue]);

const fn load(count: u64) -> SettingValue {
    SettingValue::Count(count)
}

const fn seconds(seconds: u64) -> SettingValue {
    SettingValue::Time { us: seconds * 1_000_000 }
}

const SERVICE: Row = ("health", "Service", &[]);
const BREAKER: Row = ("breaker", "Breaker", &[]);
const TRIP: Row = ("trip", "Opens by", &[]);

const TIMEOUT: Row = ("timeout", "Timeout", &[seconds(1), seconds(5)]);

const WAIT: Row = ("wait", "Open for", &[seconds(1), seconds(5), seconds(30)]);

const ONE: &[Row] = &[
    SERVICE,
    ("load", "Calls a second", &[load(1), load(4), load(20), load(100)]),
    BREAKER,
    TRIP,
    WAIT,
    TIMEOUT,
];

const FLEET: &[Row] = &[
    ("load", "Requests a second", &[load(10), load(40), load(120)]),
    BREAKER,
    ("tries", "Tries", &[load(1), load(3)]),
    ("backoff", "Backoff", &[]),
    (
        "budget",
        "Retry budget",
        &[SettingValue::Share { ppm: 0 }, SettingValue::Share { ppm: 100_000 }],
    ),
    ("drop-expired", "Drop expired", &[]),
    ("ill", "Who is ill", &[SettingValue::Choice("service"), SettingValue::Choice("database")]),
    ("health", "It does", &[]),
];

const SHARDS: &[Row] = &[
    ("health", "One shard", &[]),
    ("per-shard", "Per shard", &[]),
    ("load", "Calls a second", &[load(4), load(8), load(40)]),
    BREAKER,
];

const NETWORK: &[Row] =
    &[("load", "Calls a second", &[load(1), load(4), load(20)]), BREAKER, TIMEOUT];

/// What is done by hand, as far as there is room for it in the bar.
const BY_HAND: [&str; 3] = ["open", "close", "reset"];

/// The habits that the bar offers, and what they are called there.
const GENERATIONS: [(&str, &str); 2] = [("genuine", "on"), ("stale-success", "off")];

/// The dials, in order.
pub(in crate::labs) fn dials(cluster: &Cluster) -> Vec<Dial> {
    let (rows, has_doors) = match cluster.cast() {
        Cast::One => (ONE, true),
        Cast::Fleet => (FLEET, false),
        Cast::Shards => (SHARDS, false),
        Cast::Network => (NETWORK, true),
    };
    let turned = rows.iter().filter_map(|(name, label, offered)| {
        let entry = SETTINGS.iter().find(|entry| entry.name == *name)?;
        let options = positions(cluster, entry, offered);
        Some(Dial { label, meaning: entry.meaning, options })
    });
    let mut dials: Vec<Dial> = turned.collect();
    if has_doors {
        dials.push(generations(cluster));
        dials.push(by_hand(cluster));
    }
    dials
}

/// Whether permits carry the era in which they were given.
fn generations(cluster: &Cluster) -> Dial {
    let entry = SETTINGS.iter().find(|entry| entry.name == "habit");
    let all = entry.map_or(Vec::new(), |entry| positions(cluster, entry, &[]));
    let named = |option: DialOption| {
        let (_, label) = GENERATIONS.iter().find(|(name, _)| option.label == *name)?;
        Some(DialOption { label: (*label).to_owned(), ..option })
    };
    Dial {
        label: "Generations",
        meaning: "Whether a result of another era is told apart. Without, a late one moves it.",
        options: all.into_iter().filter_map(named).collect(),
    }
}

/// A row of acts.
fn by_hand(cluster: &Cluster) -> Dial {
    let options = WORDS.iter().filter(|(words, ..)| BY_HAND.contains(words)).map(|word| {
        let (words, hint, possible, command) = act(cluster, NodeId(0), word);
        DialOption { label: words.to_owned(), hint, chosen: false, possible, command }
    });
    Dial {
        label: "By hand",
        meaning: "What somebody does with the breaker, whatever it has seen.",
        options: options.collect(),
    }
}

/// Something that a person can have a caller do: what it is called, what comes of it or why it
/// cannot be, whether it can, and what it asks for.
pub(in crate::labs) fn act(
    cluster: &Cluster,
    via: NodeId,
    (words, request, hint): &(&'static str, BreakerRequest, &'static str),
) -> (&'static str, String, bool, Command) {
    let what = Ask::Do { what: (*words).to_owned() };
    let command = Command::Ask { client: Client::FIRST, via, what };
    if cluster.process(via).is_none() {
        return (words, format!("{via} is down"), false, command);
    }
    match cluster.may_ask(via, request) {
        Ok(()) => (words, (*hint).to_owned(), true, command),
        Err(why) => (words, why, false, command),
    }
}

/// The positions of a setting, the present one chosen. A number that is none of those offered is
/// offered, too.
pub(in crate::labs) fn positions(
    cluster: &Cluster,
    entry: &'static SettingEntry,
    offered: &[SettingValue],
) -> Vec<DialOption> {
    let now = settings::value_of(cluster.settings(), entry.name);
    let option = |label: String, hint: &str, value: SettingValue| {
        let setting = Setting { name: entry.name, value };
        let mut turned = cluster.settings().clone();
        turned.tuning.set(setting);
        // Not every two settings fit each other.
        let refused = settings::setup(&turned).err();
        DialOption {
            label,
            possible: refused.is_none(),
            hint: refused.unwrap_or_else(|| hint.to_owned()),
            chosen: value == now,
            command: Command::Set(setting),
        }
    };
    super::super::dial::positions_of(entry, now, offered, &option)
}
