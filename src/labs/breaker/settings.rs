//! What can be set, nearly all of it while the figure runs.

use super::super::raft::RaftSetup;
use super::super::{LabSettings, Setting, SettingEntry, SettingValue};
use super::policy::{BreakerPolicy, Policy};
use super::service::Health;
use super::system::{BreakerSetup, Cast, Role};
use crate::circuit_breaker::{
    Config, CountWindow, Guards, HalfOpen, PRESETS, Quirks, Rate, Rates, TimeWindow, Trip, Verdict,
    Wait,
};
use crate::raft::{self, ServerId};
use crate::resilience::{
    Backoff, BudgetConfig, Bulkhead, BulkheadConfig, Deposit, Jitter, RetryBudget, RetryPolicy,
};
use crate::sim::{Delay, NodeId};

const CASTS: &[(&str, &str)] = &[
    ("one", "One caller, one service."),
    ("fleet", "Four callers, a service with a queue, and a database behind it."),
    ("shards", "One caller, and four shards of a service."),
    ("network", "One caller in front of a Raft cluster of three."),
];

pub(in crate::labs) const ARRIVALS: &[(&str, &str)] =
    &[("even", "Evenly."), ("random", "By chance: with exponentially distributed gaps.")];

pub(in crate::labs) const BREAKERS: &[(&str, &str)] = &[
    ("on", "It may refuse every call."),
    ("off", "There is none."),
    ("retries-only", "It may refuse retries; first tries always go."),
];

pub(in crate::labs) const TRIPS: &[(&str, &str)] = &[
    ("failures", "So many failures in a row."),
    ("rate", "The share of failures among the latest calls."),
    ("recent", "The share of failures in the latest stretch of time."),
    ("slow", "The share of slow calls among the latest."),
];

/// What breakers in use do, by the names of their presets.
pub(in crate::labs) const HABITS: &[(&str, &str)] = &{
    let mut habits = [("", ""); PRESETS.len()];
    let mut place = 0;
    while place < PRESETS.len() {
        habits[place] = (PRESETS[place].name, PRESETS[place].what);
        place += 1;
    }
    habits
};

pub(in crate::labs) const BACKOFFS: &[(&str, &str)] = &[
    ("none", "At once."),
    ("fixed", "The same wait each time."),
    ("exponential", "Twice as long each time, and nothing left to chance."),
    ("full", "By chance, from nothing to an exponential wait."),
    ("equal", "By chance, in the second half of an exponential wait."),
    ("decorrelated", "By chance, up to three times the wait before."),
];

const LATE_ANSWERS: &[(&str, &str)] = &[
    ("dropped", "Nobody hears of them."),
    ("delivered", "They end their requests once more: a mistake that clients make."),
];

const HEALTHS: &[(&str, &str)] = &[
    ("well", "It does its work."),
    ("slow", "Every call takes ten times as long."),
    ("errors", "Every call fails."),
    ("hangs", "Every call hangs: it keeps its worker for a minute."),
];

const ILL: &[(&str, &str)] = &[
    ("service", "The service; of shards, all."),
    ("shard", "One of the shards: S2."),
    ("database", "What the service depends on."),
];

/// Every setting.
pub(in crate::labs) const SETTINGS: &[SettingEntry] = &[
    choice("cast", CASTS, "What stands on the stage. Not while it runs."),
    count("load", 4, "Requests a second, of all callers together. Of the fleet 40 by itself."),
    choice("arrivals", ARRIVALS, "How they come."),
    time("timeout", 1_000, "So long a caller waits for an answer. In the fleet 1.5 s by itself."),
    choice("breaker", BREAKERS, "What the breaker may refuse."),
    choice("trip", TRIPS, "What opens it. With shards a rate by itself."),
    count("failures", 5, "So many in a row open it."),
    count("window", 10, "So many of the latest calls count for a rate."),
    time("span", 10_000, "So long a stretch counts for a rate of recent calls, in ten buckets."),
    share("rate", 50, "From this rate on it opens. With shards 20 % by itself."),
    count("volume", 5, "With fewer calls there is no rate."),
    time("slow-after", 1_000, "From then on a call is slow."),
    time("wait", 5_000, "So long it stays open. By the pattern 30 s; here shorter, to be watched."),
    share("grow", 100, "What a wait is of the one before, if the probe fails."),
    share("jitter", 0, "How much of a wait chance may take off."),
    count("probes", 1, "So many may be under way at a time while it is half-open."),
    count("successes", 1, "So many of them close it. The first failure opens it again."),
    time("lease", 5_000, "A probe that has not reported for so long counts as failed."),
    choice("habit", HABITS, "Edges decided as breakers in use do."),
    switch("per-shard", false, "Whether each shard has a breaker of its own."),
    count("tries", 1, "How often a request is tried. In the fleet 3 times by itself."),
    choice("backoff", BACKOFFS, "How long a caller waits before it tries again."),
    time("base", 100, "The first wait. Waits that grow end at 64 times that."),
    share("budget", 0, "Retries for each success, ten at once at most. 0: no budget."),
    count("bulkhead", 0, "So many calls of a caller may be under way. 0: any number."),
    choice("late-answers", LATE_ANSWERS, "What becomes of answers to calls that were given up."),
    choice("health", HEALTHS, "How the service does."),
    choice(
        "ill",
        ILL,
        "Of whom health, latency, errors and hangs are. Of the shards one by itself.",
    ),
    time("latency", 200, "How long a call takes, a quarter more or less. In the fleet 100ms."),
    share("errors", 0, "How many calls fail."),
    share("hangs", 0, "How many calls hang: each keeps a worker for a minute."),
    time("crowding", 0, "How much longer a call takes for each other one that is there."),
    count("workers", 20, "So many calls are worked on at a time. In the fleet 40."),
    count("queue", 50, "So many more may wait. In the fleet 200."),
    switch(
        "drop-expired",
        false,
        "Whether it leaves calls undone for which nobody waits any more.",
    ),
];

/// The settings by what they are about.
pub(in crate::labs) const GROUPS: &[(&str, &[&str])] = &[
    ("The stage", &["cast", "load", "arrivals"]),
    ("The breaker", &["breaker", "habit", "per-shard"]),
    ("Opening", &["trip", "failures", "rate", "window", "span", "volume", "slow-after"]),
    ("Open", &["wait", "grow", "jitter"]),
    ("Half-open", &["probes", "successes", "lease"]),
    ("Retries", &["timeout", "tries", "backoff", "base", "budget", "bulkhead", "late-answers"]),
    (
        "The service",
        &[
            "health",
            "ill",
            "latency",
            "errors",
            "hangs",
            "crowding",
            "workers",
            "queue",
            "drop-expired",
        ],
    ),
];

/// The setting that says who is on the stage: the only one that cannot be turned.
pub(in crate::labs) const CAST: &str = "cast";

pub(in crate::labs) const fn choice(
    name: &'static str,
    choices: &'static [(&'static str, &'static str)],
    meaning: &'static str,
) -> SettingEntry {
    SettingEntry { name, default: SettingValue::Choice(choices[0].0), choices, meaning }
}

pub(in crate::labs) const fn switch(
    name: &'static str,
    on: bool,
    meaning: &'static str,
) -> SettingEntry {
    SettingEntry { name, default: SettingValue::Switch(on), choices: &[], meaning }
}

pub(in crate::labs) const fn count(
    name: &'static str,
    count: u64,
    meaning: &'static str,
) -> SettingEntry {
    SettingEntry { name, default: SettingValue::Count(count), choices: &[], meaning }
}

pub(in crate::labs) const fn time(
    name: &'static str,
    ms: u64,
    meaning: &'static str,
) -> SettingEntry {
    SettingEntry { name, default: SettingValue::Time { us: ms * 1_000 }, choices: &[], meaning }
}

pub(in crate::labs) const fn share(
    name: &'static str,
    percent: u32,
    meaning: &'static str,
) -> SettingEntry {
    let default = SettingValue::Share { ppm: percent * 10_000 };
    SettingEntry { name, default, choices: &[], meaning }
}

/// The most requests a second.
const MOST_LOAD: u64 = 10_000;
/// The most workers, and the most places in a queue.
const MOST_PLACES: u64 = 1_000_000;
/// The longest time that can be set.
const LONGEST_US: u64 = 3_600_000_000;
/// So many retries can be saved up.
const BUDGET_CAPACITY: u32 = 10;
/// Waits that grow end at so many times the first.
pub(in crate::labs) const CAP: u64 = 64;
/// And those of breakers at this, or at the first one if that is longer.
const LONGEST_WAIT_US: u64 = 120_000_000;
/// So many buckets has the window over time.
const BUCKETS: u32 = 10;
/// How long a call takes at the database, by itself.
const DATABASE_US: u64 = 10_000;

/// What all nodes are started with, with these settings.
///
/// # Errors
///
/// What is wrong, in words.
pub(in crate::labs) fn setup(settings: &LabSettings) -> Result<BreakerSetup, String> {
    let cast = cast(settings);
    Ok(BreakerSetup {
        cast,
        policy: policy(settings)?,
        health: health(settings, first_that_serves(cast))?,
        database: health(settings, super::DATABASE)?,
        raft: RaftSetup { config: raft_config() },
    })
}

/// Who is on the stage.
pub(in crate::labs) fn cast(settings: &LabSettings) -> Cast {
    [Cast::One, Cast::Fleet, Cast::Shards, Cast::Network][chosen(settings, CAST)]
}

/// What callers go by.
pub(in crate::labs) fn policy(settings: &LabSettings) -> Result<Policy, String> {
    let load = number(settings, "load");
    if load > MOST_LOAD {
        return Err(format!("{MOST_LOAD} requests a second at most, not {load}"));
    }
    let callers = callers(cast(settings)) as u64;
    let timeout_us = duration(settings, "timeout")?;
    if timeout_us == 0 {
        return Err("a timeout of nothing leaves no time for an answer".to_owned());
    }
    Ok(Policy {
        load_milli: (load * 1_000 / callers) as u32,
        evenly: chosen(settings, "arrivals") == 0,
        breaker: breaker(settings)?,
        timeout_us,
        retry: retry(settings)?,
        budget: budget(settings)?,
        bulkhead: bulkhead(settings)?,
        delivers_late: chosen(settings, "late-answers") == 1,
    })
}

/// How one that serves does.
pub(in crate::labs) fn health(settings: &LabSettings, node: NodeId) -> Result<Health, String> {
    let (workers, queue) = (number(settings, "workers"), number(settings, "queue"));
    if workers == 0 {
        return Err("without a worker nothing is ever done".to_owned());
    }
    let most = workers.max(queue);
    if most > MOST_PLACES {
        return Err(format!("{MOST_PLACES} workers or places at most, not {most}"));
    }
    let latency_us = duration(settings, "latency")?;
    let crowding = duration(settings, "crowding")?;
    let (errors_ppm, hangs_ppm) = (part(settings, "errors")?, part(settings, "hangs")?);
    let is_database = cast(settings).role(node) == Role::Database;
    let well = Health {
        work: about(if is_database { DATABASE_US } else { own_latency_us(settings) }),
        per_other_us: 0,
        errors_ppm: 0,
        hangs_ppm: 0,
        workers: if is_database { MOST_PLACES as u32 } else { workers as u32 },
        queue: if is_database { 0 } else { queue as u32 },
        drops_expired: settings.tuning.switch("drop-expired").unwrap_or(false),
    };
    if !is_ill(settings, node) {
        return Ok(well);
    }
    // At the database the latency that was set takes the place of its own, if one was.
    let set = !is_database || settings.tuning.value("latency").is_some();
    let latency_us = if set { latency_us } else { DATABASE_US };
    let all = Rate::ONE.in_millionths();
    let ill = chosen(settings, "health");
    Ok(Health {
        work: about(if ill == 1 { latency_us.saturating_mul(10) } else { latency_us }),
        per_other_us: u32::try_from(crowding).unwrap_or(u32::MAX),
        errors_ppm: if ill == 2 { all } else { errors_ppm },
        hangs_ppm: if ill == 3 { all } else { hangs_ppm },
        ..well
    })
}

/// What a setting is at present: as it was set, or as it is by itself on this stage.
pub(in crate::labs) fn value_of(settings: &LabSettings, name: &str) -> SettingValue {
    settings.tuning.value(name).unwrap_or_else(|| by_itself(cast_set(settings), name))
}

/// What a setting is where it was not set.
pub(in crate::labs) fn by_itself(cast: usize, name: &str) -> SettingValue {
    let entry = SETTINGS.iter().find(|entry| entry.name == name);
    let usual = entry.map_or(SettingValue::Switch(false), |entry| entry.default);
    match (CASTS[cast].0, name) {
        ("fleet", "load") => SettingValue::Count(40),
        ("fleet", "arrivals") => SettingValue::Choice(ARRIVALS[1].0),
        ("fleet", "tries") => SettingValue::Count(3),
        ("fleet", "latency") => SettingValue::Time { us: 100_000 },
        ("fleet", "timeout") => SettingValue::Time { us: 1_500_000 },
        ("fleet", "workers") => SettingValue::Count(40),
        ("fleet", "queue") => SettingValue::Count(200),
        ("shards", "load") => SettingValue::Count(8),
        ("shards", "ill") => SettingValue::Choice(ILL[1].0),
        // One of four fails, in turn: there are never two failures in a row.
        ("shards", "trip") => SettingValue::Choice(TRIPS[1].0),
        ("shards", "rate") => SettingValue::Share { ppm: 200_000 },
        _ => usual,
    }
}

/// How many callers there are: the first nodes.
pub(in crate::labs) fn callers(cast: Cast) -> usize {
    if cast == Cast::Fleet { 4 } else { 1 }
}

fn first_that_serves(cast: Cast) -> NodeId {
    NodeId(callers(cast) as u8)
}

/// The cluster of the network: all nodes but the caller. Its links are slower than those of a data
/// centre, so all of it takes its time.
fn raft_config() -> raft::Config {
    raft::Config {
        servers: (1..Cast::Network.nodes()).map(ServerId).collect(),
        election_timeout_low_us: 600_000,
        election_timeout_high_us: 1_200_000,
        heartbeat_interval_us: 200_000,
        ..raft::Config::of(3)
    }
}

/// Whether what was set of health is of this node.
fn is_ill(settings: &LabSettings, node: NodeId) -> bool {
    let (cast, role) = (cast(settings), cast(settings).role(node));
    match (ILL[chosen(settings, "ill")].0, role) {
        ("database", _) if cast == Cast::Fleet => role == Role::Database,
        ("shard", Role::Shard(place)) => place == 0,
        (_, Role::Service | Role::Shard(_)) => true,
        _ => false,
    }
}

/// The latency of those that are well: as set if it is theirs, else as it is by itself.
fn own_latency_us(settings: &LabSettings) -> u64 {
    match by_itself(cast_set(settings), "latency") {
        SettingValue::Time { us } => us,
        _ => DATABASE_US,
    }
}

fn breaker(settings: &LabSettings) -> Result<Option<BreakerPolicy>, String> {
    let guards = match chosen(settings, "breaker") {
        0 => Guards::AllCalls,
        1 => return Ok(None),
        _ => Guards::RetriesOnly,
    };
    let first_us = duration(settings, "wait")?;
    let config = Config {
        trip: trip(settings)?,
        slow_from_us: (TRIPS[chosen(settings, "trip")].0 == "slow")
            .then_some(duration(settings, "slow-after")?),
        wait: Wait {
            first_us,
            growth: rate(settings, "grow"),
            longest_us: first_us.max(LONGEST_WAIT_US),
            jitter: rate(settings, "jitter"),
        },
        half_open: HalfOpen {
            probes: small(settings, "probes"),
            verdict: Verdict::Successes(small(settings, "successes")),
            lease_us: duration(settings, "lease")?,
        },
        guards,
    };
    config.validate().map_err(|why| why.to_string())?;
    let quirks = PRESETS.get(chosen(settings, "habit")).map(|preset| preset.quirks);
    let quirks = quirks.unwrap_or_default();
    if quirks != Quirks::default() && guards == Guards::RetriesOnly {
        return Err("breakers with habits guard every call".to_owned());
    }
    let per_shard = settings.tuning.switch("per-shard").unwrap_or(false);
    Ok(Some(BreakerPolicy { config, quirks, per_shard }))
}

fn trip(settings: &LabSettings) -> Result<Trip, String> {
    let (rate, minimum_calls) = (rate(settings, "rate"), small(settings, "volume"));
    let calls = small(settings, "window");
    let none = Trip { consecutive_failures: None, count_window: None, time_window: None };
    let count = |rates| Trip { count_window: Some(CountWindow { calls, rates }), ..none.clone() };
    Ok(match TRIPS[chosen(settings, "trip")].0 {
        "rate" => count(Rates::failures(rate, minimum_calls)),
        "slow" => count(Rates::slow(rate, minimum_calls)),
        "recent" => {
            let bucket_us = duration(settings, "span")? / u64::from(BUCKETS);
            let rates = Rates::failures(rate, minimum_calls);
            Trip { time_window: Some(TimeWindow { buckets: BUCKETS, bucket_us, rates }), ..none }
        }
        _ => Trip { consecutive_failures: Some(small(settings, "failures")), ..none },
    })
}

fn retry(settings: &LabSettings) -> Result<RetryPolicy, String> {
    let base_us = duration(settings, "base")?;
    let cap_us = base_us.saturating_mul(CAP);
    let exponential = |jitter| Backoff::Exponential { base_us, cap_us, jitter };
    let backoff = match BACKOFFS[chosen(settings, "backoff")].0 {
        "fixed" => Backoff::Fixed { wait_us: base_us },
        "exponential" => exponential(Jitter::None),
        "full" => exponential(Jitter::Full),
        "equal" => exponential(Jitter::Equal),
        "decorrelated" => Backoff::Decorrelated { base_us, cap_us },
        _ => Backoff::Fixed { wait_us: 0 },
    };
    let policy = RetryPolicy { tries: small(settings, "tries"), backoff };
    policy.validate().map_err(|why| why.to_string())?;
    Ok(policy)
}

fn budget(settings: &LabSettings) -> Result<Option<BudgetConfig>, String> {
    let fill = rate(settings, "budget");
    let (deposit, capacity) = (Deposit::OnSuccess, BUDGET_CAPACITY);
    let config = BudgetConfig { fill, deposit, capacity, one_free_every_us: None };
    if fill == Rate::ZERO {
        return Ok(None);
    }
    RetryBudget::new(config, 0).map_err(|why| why.to_string())?;
    Ok(Some(config))
}

fn bulkhead(settings: &LabSettings) -> Result<Option<BulkheadConfig>, String> {
    let slots = small(settings, "bulkhead");
    let config = BulkheadConfig { slots, queue: 0, longest_wait_us: 0 };
    if slots == 0 {
        return Ok(None);
    }
    Bulkhead::new(config).map_err(|why| why.to_string())?;
    Ok(Some(config))
}

/// A time, a quarter more or less.
fn about(us: u64) -> Delay {
    Delay::Uniform { low_us: us - us / 4, high_us: us + us / 4 }
}

fn cast_set(settings: &LabSettings) -> usize {
    let set = settings.tuning.value(CAST);
    CASTS.iter().position(|(word, _)| set == Some(SettingValue::Choice(word))).unwrap_or(0)
}

/// The place of what is chosen among what can be.
pub(in crate::labs) fn chosen(settings: &LabSettings, name: &str) -> usize {
    let value = value_of(settings, name);
    let entry = SETTINGS.iter().find(|entry| entry.name == name);
    let is_it = |(word, _): &(&'static str, &str)| value == SettingValue::Choice(word);
    entry.and_then(|entry| entry.choices.iter().position(is_it)).unwrap_or(0)
}

fn number(settings: &LabSettings, name: &str) -> u64 {
    match value_of(settings, name) {
        SettingValue::Count(count) => count,
        _ => 0,
    }
}

/// A number for the core, which says what is too much.
fn small(settings: &LabSettings, name: &str) -> u32 {
    u32::try_from(number(settings, name)).unwrap_or(u32::MAX)
}

pub(in crate::labs) fn duration(settings: &LabSettings, name: &str) -> Result<u64, String> {
    match value_of(settings, name) {
        SettingValue::Time { us } if us > LONGEST_US => Err(format!("{name}: an hour at most")),
        SettingValue::Time { us } => Ok(us),
        _ => Ok(0),
    }
}

fn rate(settings: &LabSettings, name: &str) -> Rate {
    match value_of(settings, name) {
        SettingValue::Share { ppm } => Rate::millionths(ppm),
        _ => Rate::ZERO,
    }
}

/// A part of all calls, in millionths.
fn part(settings: &LabSettings, name: &str) -> Result<u32, String> {
    let rate = rate(settings, name);
    if rate > Rate::ONE {
        return Err(format!("{name}: {rate} are more than there are calls"));
    }
    Ok(rate.in_millionths())
}

/// Whether a setting can be turned while the figure runs.
pub(in crate::labs) fn can_be_turned(setting: Setting) -> bool {
    setting.name != CAST && SETTINGS.iter().any(|entry| entry.name == setting.name)
}
