//! What of the protocol can be set, by scripts and by readers.

use super::super::{LabSettings, SettingEntry, SettingValue};
#[cfg(feature = "lessons")]
use crate::raft::Bug;
use crate::raft::{Config, ReadPolicy, ServerId};

/// How many AppendEntries a pipelining leader has on their way to each follower.
const PIPELINE: usize = 8;

/// How many entries a server gathers before it takes a snapshot. Few, so that readers see it.
const SNAPSHOT_AFTER: usize = 4;

/// By how much a lease expects clocks to differ: a tenth, so that a fast one breaks it.
const CLOCK_DRIFT_PPM: u32 = 100_000;

/// Every setting. What is off here is not in the paper's Figure 2.
pub(super) const SETTINGS: &[SettingEntry] = &[
    setting(
        "election-timeout",
        SettingValue::Range { low_us: 100_000, high_us: 200_000 },
        "Each election timeout is drawn anew from this range (§5.2).",
    ),
    setting(
        "heartbeat",
        SettingValue::Time { us: 30_000 },
        "A leader leaves no follower without a message for longer.",
    ),
    setting("batch", SettingValue::Count(64), "The most entries that one message carries."),
    setting(
        "in-flight-bytes",
        SettingValue::Count(4 << 20),
        "The most bytes of entries or of a snapshot on their way to one follower.",
    ),
    switch("noop", "A new leader starts its term with an empty entry (§8)."),
    switch(
        "pre-vote",
        "Who would stand for election asks first whether it could win (thesis 9.6).",
    ),
    switch("check-quorum", "A leader that hears from no majority steps down (thesis 6.2)."),
    switch("sticky-leader", "Who hears a leader denies its vote to others (thesis 4.2.3)."),
    switch("fast-back-up", "A refusal names the conflict, so one answer skips a term (§5.3)."),
    switch("pipeline", "A leader sends on without waiting for each answer (thesis 10.2.2)."),
    switch("snapshots", "After four entries a server keeps a snapshot instead of them (§7)."),
    setting(
        "members",
        SettingValue::Count(9),
        "So many servers are members at first; the others stand by and can be added.",
    ),
    switch("membership", "Servers may be added and removed while the cluster runs (§6)."),
    switch(
        "lease-reads",
        "A leader reads at once while its lease lasts, trusting all clocks (thesis 6.4.1).",
    ),
    #[cfg(feature = "lessons")]
    setting(
        "break",
        SettingValue::Name { name: "", names: Bug::NAMES },
        "Leaves a rule out, on every server: one of the bugs below.",
    ),
];

/// The settings by what they are about.
pub(super) const GROUPS: &[(&str, &[&str])] = &[
    ("Elections", &["election-timeout", "heartbeat", "pre-vote", "check-quorum", "sticky-leader"]),
    ("Replication", &["noop", "batch", "in-flight-bytes", "fast-back-up", "pipeline"]),
    ("Membership", &["members", "membership"]),
    ("Snapshots", &["snapshots"]),
    ("Clients", &["lease-reads"]),
];

const fn setting(name: &'static str, default: SettingValue, meaning: &'static str) -> SettingEntry {
    SettingEntry { name, default, meaning }
}

const fn switch(name: &'static str, meaning: &'static str) -> SettingEntry {
    setting(name, SettingValue::Switch(false), meaning)
}

/// The cluster's settings: the paper's proportions, a little faster than the paper's numbers so
/// that a reader does not wait. An election timeout is many times the time that a message takes
/// (§5.6). Settings that cannot work are left out.
pub(super) fn config(settings: &LabSettings) -> Config {
    let wanted = wanted_config(settings);
    match wanted.validate() {
        Ok(()) => wanted,
        Err(_) => wanted_config(&LabSettings::new(settings.servers, settings.seed)),
    }
}

/// The settings as wanted, whether they can work or not.
pub(super) fn wanted_config(settings: &LabSettings) -> Config {
    let mut config = Config {
        election_timeout_low_us: 100_000,
        election_timeout_high_us: 200_000,
        heartbeat_interval_us: 30_000,
        // Figure 2 has no such entry, and a first look at a log is easier without it.
        noop_on_election: false,
        ..Config::of(settings.servers)
    };
    for setting in &settings.tuning.protocol {
        match (setting.name, setting.value) {
            ("election-timeout", SettingValue::Range { low_us, high_us }) => {
                config.election_timeout_low_us = low_us;
                config.election_timeout_high_us = high_us;
            }
            ("heartbeat", SettingValue::Time { us }) => config.heartbeat_interval_us = us,
            ("batch", SettingValue::Count(most)) => {
                config.max_entries_per_append = usize::try_from(most).unwrap_or(usize::MAX);
            }
            ("in-flight-bytes", SettingValue::Count(most)) => config.max_in_flight_bytes = most,
            ("noop", SettingValue::Switch(on)) => config.noop_on_election = on,
            ("pre-vote", SettingValue::Switch(on)) => config.pre_vote = on,
            ("check-quorum", SettingValue::Switch(on)) => config.check_quorum = on,
            ("sticky-leader", SettingValue::Switch(on)) => config.leader_stickiness = on,
            ("fast-back-up", SettingValue::Switch(on)) => config.fast_back_up = on,
            ("snapshots", SettingValue::Switch(on)) => {
                config.snapshot_after_entries = on.then_some(SNAPSHOT_AFTER);
            }
            ("pipeline", SettingValue::Switch(on)) => {
                config.max_in_flight_appends = if on { PIPELINE } else { 1 };
            }
            ("members", SettingValue::Count(members)) => {
                let members = members.clamp(1, u64::from(settings.servers)) as u8;
                config.servers = (0..members).map(ServerId).collect();
            }
            ("membership", SettingValue::Switch(on)) => config.membership_changes = on,
            ("lease-reads", SettingValue::Switch(true)) => {
                config.reads = ReadPolicy::Lease { clock_drift_ppm: CLOCK_DRIFT_PPM };
            }
            #[cfg(feature = "lessons")]
            ("break", SettingValue::Name { name, .. }) => {
                config.planted = Bug::named(name).map(Into::into).unwrap_or_default();
            }
            _ => {}
        }
    }
    // A lease rests on the others hearing of no rival while it lasts.
    config.leader_stickiness |= matches!(config.reads, ReadPolicy::Lease { .. });
    config
}
