//! What of the protocol can be set, by scripts and by readers.

#[cfg(feature = "lessons")]
use super::super::BREAK;
use super::super::{LabSettings, Setting, SettingEntry, SettingValue};
#[cfg(feature = "lessons")]
use super::lessons;
use crate::raft::{Config, ConfigError, ReadPolicy, ServerId};

/// How many AppendEntries a pipelining leader has on their way to each follower.
const PIPELINE: u64 = 8;

/// How many entries a server gathers before it takes a snapshot. Few, so that readers see it.
const SNAPSHOT_AFTER: u64 = 4;

/// How leaders make sure that what is read is up to date.
const READS: &[(&str, &str)] = &[
    ("round", "A majority answers a round of heartbeats first (thesis 6.4)."),
    ("lease", "What a majority answered is good for a while (thesis 6.4.1)."),
];

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
    count("batch", 64, "The most entries that one message carries."),
    count("batch-bytes", 1 << 20, "The most bytes of entries that one message carries."),
    switch("noop", "A new leader starts its term with an empty entry (§8)."),
    switch(
        "pre-vote",
        "Who would stand for election asks first whether it could win (thesis 9.6).",
    ),
    switch("check-quorum", "A leader that hears from no majority steps down (thesis 6.2)."),
    switch("sticky-leader", "Who hears a leader denies its vote to others (thesis 4.2.3)."),
    switch("fast-back-up", "A refusal names the conflict, so one answer skips a term (§5.3)."),
    switch("pipeline", "A leader sends on without waiting for each answer (thesis 10.2.2)."),
    count("in-flight-messages", PIPELINE, "With pipeline: so many messages before an answer."),
    count("in-flight-entries", 1_024, "With pipeline: so many entries before an answer."),
    count(
        "in-flight-bytes",
        4 << 20,
        "So many bytes of entries or of a snapshot before an answer.",
    ),
    switch("snapshots", "A server keeps a snapshot instead of old entries (§7)."),
    count("snapshot-after", SNAPSHOT_AFTER, "With snapshots: after so many entries."),
    count("snapshot-chunk", 4_096, "The most bytes of a snapshot that one message carries."),
    count(
        "members",
        0,
        "So many servers are members at first, the rest stands by. In scripts 0 is all.",
    ),
    switch("membership", "Servers may be added and removed (§6; thesis, chapter 4)."),
    SettingEntry {
        name: "reads",
        default: SettingValue::Choice(READS[0].0),
        choices: READS,
        meaning: "A leader that reads asks a majority first, or trusts a lease (thesis 6.4).",
    },
    setting(
        "drift-bound",
        SettingValue::Share { ppm: 0 },
        "With reads lease: by how much clocks may differ in speed (thesis 6.4.1).",
    ),
    count("max-sessions", 64, "So many clients can have a session at a time (thesis 6.3)."),
    count("max-pending", 4_096, "A leader takes no more while so many wait for their answer."),
    count("max-pending-bytes", 16 << 20, "A leader takes no more while so many bytes wait."),
    setting(
        "session-timeout",
        SettingValue::Time { us: 60_000_000 },
        "A session that nobody uses for so long ends, by the leader's clock (thesis 6.3).",
    ),
    count("max-log", 1 << 20, "A leader takes no more while its log is that long."),
    #[cfg(feature = "lessons")]
    SettingEntry {
        name: BREAK,
        default: SettingValue::Choice(""),
        choices: lessons::NAMES,
        meaning: "Leaves a rule out, on every server: one of the bugs below.",
    },
];

/// The settings by what they are about.
pub(super) const GROUPS: &[(&str, &[&str])] = &[
    ("Elections", &["election-timeout", "heartbeat", "pre-vote", "check-quorum", "sticky-leader"]),
    ("Replication", &["noop", "batch", "in-flight-bytes", "fast-back-up", "pipeline"]),
    ("Membership", &["members", "membership"]),
    ("Snapshots", &["snapshots", "snapshot-after"]),
    ("Clients", &["reads", "drift-bound", "max-sessions", "session-timeout"]),
];

const fn setting(name: &'static str, default: SettingValue, meaning: &'static str) -> SettingEntry {
    SettingEntry { name, default, choices: &[], meaning }
}

const fn switch(name: &'static str, meaning: &'static str) -> SettingEntry {
    setting(name, SettingValue::Switch(false), meaning)
}

const fn count(name: &'static str, default: u64, meaning: &'static str) -> SettingEntry {
    setting(name, SettingValue::Count(default), meaning)
}

/// The cluster's settings: the paper's proportions, a little faster than the paper's numbers so
/// that a reader does not wait. An election timeout is many times the time that a message takes
/// (§5.6). Settings that cannot work are left out.
pub fn config_of(settings: &LabSettings) -> Config {
    let wanted = wanted_config(settings);
    match wanted.validate() {
        Ok(()) => wanted,
        Err(_) => wanted_config(&LabSettings::new(settings.servers, settings.seed)),
    }
}

/// What is wrong with settings that cannot work, if anything is.
pub(super) fn problem(settings: &LabSettings) -> Option<String> {
    let members = count_of(settings, "members").unwrap_or(0);
    if members > settings.servers.into() {
        return Some(format!("{} servers cannot have {members} members", settings.servers));
    }
    wanted_config(settings).validate().err().map(|reason| match reason {
        // What helps here bears another name than what was set.
        ConfigError::LeaseWithoutStickiness => format!("{reason}; sticky-leader is off"),
        reason => reason.to_string(),
    })
}

fn count_of(settings: &LabSettings, name: &str) -> Option<u64> {
    let setting = settings.tuning.protocol.iter().find(|setting| setting.name == name)?;
    match setting.value {
        SettingValue::Count(count) => Some(count),
        _ => None,
    }
}

/// The settings as wanted, whether they can work or not.
fn wanted_config(settings: &LabSettings) -> Config {
    let mut config = Config {
        election_timeout_low_us: 100_000,
        election_timeout_high_us: 200_000,
        heartbeat_interval_us: 30_000,
        // Figure 2 has no such entry, and a first look at a log is easier without it.
        noop_on_election: false,
        ..Config::of(settings.servers)
    };
    let (mut pipeline, mut in_flight) = (false, PIPELINE);
    let (mut snapshots, mut snapshot_after) = (false, SNAPSHOT_AFTER);
    let (mut lease, mut clock_drift_ppm) = (false, 0);
    let size = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    for setting in &settings.tuning.protocol {
        match (setting.name, setting.value) {
            ("election-timeout", SettingValue::Range { low_us, high_us }) => {
                config.election_timeout_low_us = low_us;
                config.election_timeout_high_us = high_us;
            }
            ("heartbeat", SettingValue::Time { us }) => config.heartbeat_interval_us = us,
            ("batch", SettingValue::Count(most)) => config.max_entries_per_append = size(most),
            ("batch-bytes", SettingValue::Count(most)) => config.max_append_bytes = most,
            ("noop", SettingValue::Switch(on)) => config.noop_on_election = on,
            ("pre-vote", SettingValue::Switch(on)) => config.pre_vote = on,
            ("check-quorum", SettingValue::Switch(on)) => config.check_quorum = on,
            ("sticky-leader", SettingValue::Switch(on)) => config.leader_stickiness = on,
            ("fast-back-up", SettingValue::Switch(on)) => config.fast_back_up = on,
            ("pipeline", SettingValue::Switch(on)) => pipeline = on,
            ("in-flight-messages", SettingValue::Count(most)) => in_flight = most,
            ("in-flight-entries", SettingValue::Count(most)) => config.max_in_flight_entries = most,
            ("in-flight-bytes", SettingValue::Count(most)) => config.max_in_flight_bytes = most,
            ("snapshots", SettingValue::Switch(on)) => snapshots = on,
            ("snapshot-after", SettingValue::Count(entries)) => snapshot_after = entries,
            ("snapshot-chunk", SettingValue::Count(bytes)) => {
                config.snapshot_chunk_bytes = size(bytes);
            }
            ("members", SettingValue::Count(first)) if first > 0 => {
                config.servers.truncate(size(first));
            }
            ("membership", SettingValue::Switch(on)) => config.membership_changes = on,
            ("reads", SettingValue::Choice(how)) => lease = how == READS[1].0,
            ("drift-bound", SettingValue::Share { ppm }) => clock_drift_ppm = ppm,
            ("max-sessions", SettingValue::Count(most)) => config.max_sessions = size(most),
            ("max-pending", SettingValue::Count(most)) => {
                config.max_pending_proposals = size(most);
            }
            ("max-log", SettingValue::Count(most)) => config.max_log_entries = size(most),
            ("max-pending-bytes", SettingValue::Count(most)) => config.max_pending_bytes = most,
            ("session-timeout", SettingValue::Time { us }) => config.session_timeout_us = us,
            #[cfg(feature = "lessons")]
            (BREAK, SettingValue::Choice(name)) => {
                config.planted = lessons::planted(name);
            }
            _ => {}
        }
    }
    config.max_in_flight_appends = if pipeline { size(in_flight) } else { 1 };
    config.snapshot_after_entries = snapshots.then(|| size(snapshot_after));
    if lease {
        config.reads = ReadPolicy::Lease { clock_drift_ppm };
    }
    config
}

/// The settings of a lab with `nodes` servers whose cluster has this configuration, as far as they
/// are not what the lab has by itself. Its first members must be servers 0 to some number.
pub fn settings_of(config: &Config, nodes: u8) -> Vec<Setting> {
    // No field is left out: a new one does not compile until it has its word.
    let Config {
        servers,
        election_timeout_low_us: low_us,
        election_timeout_high_us: high_us,
        heartbeat_interval_us,
        max_entries_per_append,
        max_append_bytes,
        noop_on_election,
        fast_back_up,
        max_in_flight_appends,
        max_in_flight_entries,
        max_in_flight_bytes,
        max_pending_proposals,
        max_pending_bytes,
        pre_vote,
        check_quorum,
        leader_stickiness,
        reads,
        max_sessions,
        session_timeout_us,
        snapshot_after_entries,
        snapshot_chunk_bytes,
        max_log_entries,
        membership_changes,
        planted,
    } = config;
    #[cfg(not(feature = "lessons"))]
    let _nothing = planted;
    debug_assert!(servers.iter().enumerate().all(|(at, id)| *id == ServerId(at as u8)));
    let all = servers.len() == usize::from(nodes);
    let (lease, ppm) = match *reads {
        ReadPolicy::Round => (0, 0),
        ReadPolicy::Lease { clock_drift_ppm } => (1, clock_drift_ppm),
    };
    let in_flight =
        if *max_in_flight_appends > 1 { *max_in_flight_appends as u64 } else { PIPELINE };
    let size = |count: usize| SettingValue::Count(count as u64);
    let values = [
        ("election-timeout", SettingValue::Range { low_us: *low_us, high_us: *high_us }),
        ("heartbeat", SettingValue::Time { us: *heartbeat_interval_us }),
        ("batch", size(*max_entries_per_append)),
        ("batch-bytes", SettingValue::Count(*max_append_bytes)),
        ("noop", SettingValue::Switch(*noop_on_election)),
        ("pre-vote", SettingValue::Switch(*pre_vote)),
        ("check-quorum", SettingValue::Switch(*check_quorum)),
        ("sticky-leader", SettingValue::Switch(*leader_stickiness)),
        ("fast-back-up", SettingValue::Switch(*fast_back_up)),
        ("pipeline", SettingValue::Switch(*max_in_flight_appends > 1)),
        ("in-flight-messages", SettingValue::Count(in_flight)),
        ("in-flight-entries", SettingValue::Count(*max_in_flight_entries)),
        ("in-flight-bytes", SettingValue::Count(*max_in_flight_bytes)),
        ("snapshots", SettingValue::Switch(snapshot_after_entries.is_some())),
        ("snapshot-after", size(snapshot_after_entries.unwrap_or(SNAPSHOT_AFTER as usize))),
        ("snapshot-chunk", size(*snapshot_chunk_bytes)),
        ("members", size(if all { 0 } else { servers.len() })),
        ("membership", SettingValue::Switch(*membership_changes)),
        ("reads", SettingValue::Choice(READS[lease].0)),
        ("drift-bound", SettingValue::Share { ppm }),
        ("max-sessions", size(*max_sessions)),
        ("max-pending", size(*max_pending_proposals)),
        ("max-pending-bytes", SettingValue::Count(*max_pending_bytes)),
        ("session-timeout", SettingValue::Time { us: *session_timeout_us }),
        #[cfg(feature = "lessons")]
        ("break", SettingValue::Choice(planted.name())),
        ("max-log", size(*max_log_entries)),
    ];
    let by_itself = |name: &str, value| {
        SETTINGS.iter().any(|entry| entry.name == name && entry.default == value)
    };
    let kept = values.into_iter().filter(|(name, value)| !by_itself(name, *value));
    kept.map(|(name, value)| Setting { name, value }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::Tuning;
    use super::*;

    fn lab_with(protocol: Vec<Setting>) -> LabSettings {
        LabSettings { tuning: Tuning { protocol, ..Tuning::NONE }, ..LabSettings::new(5, 1) }
    }

    /// Whatever a cluster can be set to, settings can say.
    #[test]
    fn every_configuration_has_its_settings() {
        let lease = ReadPolicy::Lease { clock_drift_ppm: 12_345 };
        let odd = Config {
            servers: (0..2).map(ServerId).collect(),
            election_timeout_low_us: 150_001,
            election_timeout_high_us: 300_002,
            heartbeat_interval_us: 50_003,
            max_entries_per_append: 3,
            max_in_flight_appends: 5,
            max_append_bytes: 6,
            max_in_flight_entries: 7,
            max_in_flight_bytes: 8,
            max_pending_bytes: 9,
            session_timeout_us: 10,
            max_pending_proposals: 11,
            reads: lease,
            max_sessions: 13,
            snapshot_after_entries: Some(17),
            snapshot_chunk_bytes: 19,
            max_log_entries: 23,
            ..Config::full(5)
        };
        for wanted in [Config::of(5), Config::full(5), odd] {
            let settings = lab_with(settings_of(&wanted, 5));
            assert_eq!((config_of(&settings), problem(&settings)), (wanted, None));
        }
        assert_eq!(settings_of(&config_of(&lab_with(Vec::new())), 5), []);
    }

    #[test]
    fn there_are_no_more_members_than_servers() {
        let members =
            |first| lab_with(vec![Setting { name: "members", value: SettingValue::Count(first) }]);
        assert_eq!(problem(&members(5)), None);
        let wrong = problem(&members(6));
        assert_eq!(wrong.as_deref(), Some("5 servers cannot have 6 members"));
    }

    /// Thesis 6.4.1: a lease rests on others refusing their votes.
    #[test]
    fn a_lease_that_nothing_holds_up_names_the_setting_that_does() {
        let lease = Setting { name: "reads", value: SettingValue::Choice("lease") };
        let sticky = Setting { name: "sticky-leader", value: SettingValue::Switch(true) };
        let wrong = problem(&lab_with(vec![lease])).expect("it cannot work");
        assert!(wrong.ends_with("sticky-leader is off"), "{wrong}");
        assert_eq!(problem(&lab_with(vec![lease, sticky])), None);
    }
}
