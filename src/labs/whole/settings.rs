//! What can be set, nearly all of it while the figure runs. What fronts go by are settings of the
//! breaker lab, with other values by themselves.

use super::super::breaker::settings as of_breaker;
use super::super::breaker::settings::{ARRIVALS, BACKOFFS, BREAKERS, HABITS, TRIPS};
use super::super::breaker::settings::{choice, count, share, switch, time};
use super::super::raft::RaftSetup;
#[cfg(feature = "lessons")]
use super::super::raft::lessons;
use super::super::{LabSettings, Setting, SettingEntry, SettingValue};
use super::system::{Cast, Conduct, FRONTS, Looks, WholeSetup};
use crate::raft::{Config, ServerId};

const CLUSTERS: &[(&str, &str)] =
    &[("three", "Three servers: one may fail."), ("five", "Five servers: two may fail.")];

const LOOKS: &[(&str, &str)] = &[
    ("shop", "The shop, when the order’s turn has come."),
    ("page", "The front, on the stock page; the shop sells whatever it is told."),
];

const INTAKES: &[(&str, &str)] =
    &[("position", "By their positions, each once."), ("arrival", "As they arrive.")];

/// Every setting. Those of fronts have the names and meanings that the breaker lab has for them.
pub(super) const SETTINGS: &[SettingEntry] = &[
    choice(CLUSTER, CLUSTERS, "How many servers the cluster has. Not while it runs."),
    count("load", 6, "Customers a second, at both fronts together."),
    with(choice("arrivals", ARRIVALS, "How they come."), SettingValue::Choice(ARRIVALS[1].0)),
    time("timeout", 800, "So long a front waits for an answer."),
    choice("breaker", BREAKERS, "What the breaker of a front may refuse."),
    choice("trip", TRIPS, "What opens it."),
    count("failures", 5, "So many in a row open it."),
    count("window", 10, "So many of the latest calls count for a rate."),
    share("rate", 50, "From this rate on it opens."),
    count("volume", 5, "With fewer calls there is no rate."),
    time("wait", 2_000, "So long it stays open."),
    choice("habit", HABITS, "Edges decided as breakers in use do."),
    count("tries", 3, "How often an order is tried."),
    with(
        choice("backoff", BACKOFFS, "How long a front waits before it tries again."),
        SettingValue::Choice(BACKOFFS[3].0),
    ),
    time("base", 100, "The first wait. Waits that grow end at 64 times that."),
    share("budget", 0, "Retries for each success, ten at once at most. 0: no budget."),
    switch("keys", true, "Whether all tries of an order have one id, by which it is known again."),
    choice("looks", LOOKS, "Who looks whether there is one left."),
    time("refresh", 100, "So often a page asks a server for what is new."),
    choice("intake", INTAKES, "Which events a page takes in."),
    #[cfg(feature = "lessons")]
    SettingEntry {
        name: super::super::BREAK,
        default: SettingValue::Choice(""),
        choices: lessons::NAMES,
        meaning: "The rule of Raft that is left out. Not while it runs.",
    },
];

/// The settings by what they are about.
pub(super) const GROUPS: &[(&str, &[&str])] = &[
    ("The stage", &[CLUSTER, "load", "arrivals"]),
    ("The breaker", &["breaker", "habit", "trip", "failures", "rate", "window", "volume", "wait"]),
    ("Retries", &["timeout", "tries", "backoff", "base", "budget", "keys"]),
    ("The shop", &["looks"]),
    ("The pages", &["refresh", "intake"]),
];

/// The setting that says who is on the stage.
pub(super) const CLUSTER: &str = "cluster";

/// The longest time between two questions of a page.
const LONGEST_REFRESH_US: u64 = 60_000_000;

const fn with(entry: SettingEntry, default: SettingValue) -> SettingEntry {
    SettingEntry { default, ..entry }
}

/// What all nodes are started with, with these settings.
///
/// # Errors
///
/// What is wrong, in words.
pub(super) fn setup(settings: &LabSettings) -> Result<WholeSetup, String> {
    let cast = cast(settings);
    Ok(WholeSetup {
        cast,
        conduct: conduct(settings)?,
        raft: RaftSetup { config: raft(settings, cast) },
        seed: settings.seed,
    })
}

/// Who is on the stage.
pub(super) fn cast(settings: &LabSettings) -> Cast {
    Cast { servers: [3, 5][chosen(settings, CLUSTER)] }
}

/// What fronts and pages go by.
pub(super) fn conduct(settings: &LabSettings) -> Result<Conduct, String> {
    let mut of_front = LabSettings::new(settings.servers, settings.seed);
    let known = |name: &str| of_breaker::SETTINGS.iter().any(|entry| entry.name == name);
    for entry in SETTINGS.iter().filter(|entry| known(entry.name)) {
        let value = value_of(settings, entry.name);
        of_front.tuning.set(Setting { name: entry.name, value });
    }
    let mut policy = of_breaker::policy(&of_front)?;
    policy.load_milli /= u32::from(FRONTS);
    let refresh_us = match value_of(settings, "refresh") {
        SettingValue::Time { us: 0 } => return Err("refresh: it takes some time".to_owned()),
        SettingValue::Time { us } if us > LONGEST_REFRESH_US => {
            return Err("refresh: a minute at most".to_owned());
        }
        SettingValue::Time { us } => us,
        _ => LONGEST_REFRESH_US,
    };
    Ok(Conduct {
        policy,
        keys: value_of(settings, "keys") == SettingValue::Switch(true),
        looks: [Looks::Shop, Looks::Page][chosen(settings, "looks")],
        refresh_us,
        in_order: chosen(settings, "intake") == 0,
    })
}

/// The cluster. Its links are slower than those of a data centre, so all of it takes its time.
#[cfg_attr(
    not(feature = "lessons"),
    expect(unused_mut, unused_variables, reason = "there is no rule that can be left out")
)]
fn raft(settings: &LabSettings, cast: Cast) -> Config {
    let mut config = Config {
        servers: cast.servers().map(ServerId).collect(),
        election_timeout_low_us: 600_000,
        election_timeout_high_us: 1_200_000,
        heartbeat_interval_us: 200_000,
        ..Config::of(cast.servers)
    };
    #[cfg(feature = "lessons")]
    if let SettingValue::Choice(name) = value_of(settings, super::super::BREAK) {
        config.planted = lessons::planted(name);
    }
    config
}

/// What a setting is at present.
pub(super) fn value_of(settings: &LabSettings, name: &str) -> SettingValue {
    let entry = SETTINGS.iter().find(|entry| entry.name == name);
    let by_itself = entry.map_or(SettingValue::Switch(false), |entry| entry.default);
    settings.tuning.value(name).unwrap_or(by_itself)
}

/// The place of what is chosen among what can be.
pub(super) fn chosen(settings: &LabSettings, name: &str) -> usize {
    let value = value_of(settings, name);
    let entry = SETTINGS.iter().find(|entry| entry.name == name);
    let is_it = |(word, _): &(&'static str, &str)| value == SettingValue::Choice(word);
    entry.and_then(|entry| entry.choices.iter().position(is_it)).unwrap_or(0)
}

/// Whether a setting can be turned while the figure runs.
pub(super) fn can_be_turned(name: &str) -> bool {
    ![CLUSTER, super::super::BREAK].contains(&name)
        && SETTINGS.iter().any(|entry| entry.name == name)
}
