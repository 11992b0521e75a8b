//! What can be set, by scripts and by readers, most of it while the store runs.

use super::super::{LabSettings, Setting, SettingEntry, SettingValue, Tuning};
use super::system::{CapSetup, System};
use crate::primary_backup as backup;
use crate::quorum::{
    Config, Detector, Guarantee, Guarantees, Mode, NotFound, ReadRepair, Resolution, Settings,
    Stamping,
};

/// What the servers run.
const SYSTEMS: &[(&str, &str)] = &[
    ("quorum", "A store without a leader: every write goes to all replicas (Dynamo)."),
    ("raft", "A log with an elected leader."),
    ("primary-backup", "One server orders all writes and ships its log."),
];

/// What is given up while the network is torn.
const MODES: &[(&str, &str)] = &[
    ("cp", "Reads and writes need a majority, so at most one side serves."),
    ("ap", "Any replica serves, and both sides go on."),
    ("ap-sloppy", "Likewise, and others stand in for replicas that are down (Dynamo §4.6)."),
];

/// What becomes of concurrent writes.
const RESOLUTIONS: &[(&str, &str)] = &[
    ("last-write-wins", "The one with the highest stamp stays."),
    ("siblings", "All stay, until a client writes that has seen them (Dynamo §4.4)."),
];

/// Where stamps come from.
const STAMPINGS: &[(&str, &str)] = &[
    ("clock", "The clock of the server that takes the write."),
    ("ask-first", "R replicas are asked first, and the write goes above what they have."),
];

/// What reads do for replicas that are behind.
const REPAIRS: &[(&str, &str)] = &[
    ("off", "Nothing."),
    ("async", "They are sent what was found; the answer does not wait."),
    ("blocking", "The answer waits until W replicas hold what it tells (write-back)."),
];

/// Whether not to know a key is an answer.
const NOT_FOUND: &[(&str, &str)] = &[
    ("answers", "A replica that does not know the key counts for R."),
    ("does-not-answer", "It does not count for R."),
];

/// Which server a client turns to.
const ACCESS: &[(&str, &str)] =
    &[("sticky", "Always the same."), ("roaming", "The next one with every request.")];

/// What the store deviates by from [`Settings::cp`] where nothing is set.
const ANTI_ENTROPY_US: u64 = 1_000_000;
const TOMBSTONE_GRACE_US: u64 = 2_000_000;

/// Every setting. Of those that hang on the mode or the number of servers, what stands here is for
/// five servers in CP mode.
pub(super) const SETTINGS: &[SettingEntry] = &[
    choice("system", SYSTEMS, 0, "What the servers run. Not while they do."),
    choice("mode", MODES, 0, "What is given up while the network is torn."),
    count("n", 5, "N: how many replicas a key has. By itself all servers."),
    count("r", 3, "R: so many must answer a read. By itself a majority, in AP one."),
    count("w", 3, "W: so many must acknowledge a write. By itself a majority, in AP one."),
    choice("resolution", RESOLUTIONS, 0, "What becomes of concurrent writes."),
    choice("stamping", STAMPINGS, 0, "Where stamps come from."),
    choice("read-repair", REPAIRS, 2, "What reads mend. By itself, in AP, async."),
    choice("not-found", NOT_FOUND, 0, "Whether not to know a key is an answer."),
    switch("anti-entropy", true, "Replicas compare hash trees now and then (Dynamo §4.7)."),
    time("anti-entropy-every", ANTI_ENTROPY_US, "How often a replica begins to compare."),
    switch("collect-tombstones", false, "What was deleted long ago is forgotten."),
    time("tombstone-grace", TOMBSTONE_GRACE_US, "With collect-tombstones: after so long."),
    switch("detector", true, "Servers notice who is silent, and refuse what would be in vain."),
    switch("ack-before-sync", false, "Replicas acknowledge before their disks are done."),
    switch("read-your-writes", false, "Clients ask that reads show what they wrote."),
    switch("monotonic-reads", false, "Clients ask that reads never go back."),
    switch("monotonic-writes", false, "Clients ask that their writes keep their order."),
    switch("writes-follow-reads", false, "Clients ask that writes come after what they read."),
    choice("access", ACCESS, 0, "Which server a client turns to."),
    time("timeout", 200_000, "After so long an operation is given up."),
    switch("synchronous", false, "With primary-backup: a write waits for one backup."),
];

/// The settings by what they are about.
pub(super) const GROUPS: &[(&str, &[&str])] = &[
    ("The system", &["system", "synchronous", "timeout", "detector", "ack-before-sync"]),
    ("Quorums", &["mode", "n", "r", "w", "stamping", "not-found"]),
    ("Conflicts and deletes", &["resolution", "collect-tombstones", "tombstone-grace"]),
    ("Repair", &["read-repair", "anti-entropy", "anti-entropy-every"]),
    ("Clients", &["access", "read-your-writes", "monotonic-reads", "monotonic-writes"]),
    ("Clients, too", &["writes-follow-reads"]),
];

/// The settings that readers turn while the store runs, in the order in which they are shown.
pub(super) const LIVE: &[&str] = &["mode", "n", "r", "w", "resolution", "read-repair"];

const fn choice(
    name: &'static str,
    choices: &'static [(&'static str, &'static str)],
    at: usize,
    meaning: &'static str,
) -> SettingEntry {
    SettingEntry { name, default: SettingValue::Choice(choices[at].0), choices, meaning }
}

const fn count(name: &'static str, count: u64, meaning: &'static str) -> SettingEntry {
    SettingEntry { name, default: SettingValue::Count(count), choices: &[], meaning }
}

const fn switch(name: &'static str, on: bool, meaning: &'static str) -> SettingEntry {
    SettingEntry { name, default: SettingValue::Switch(on), choices: &[], meaning }
}

const fn time(name: &'static str, us: u64, meaning: &'static str) -> SettingEntry {
    SettingEntry { name, default: SettingValue::Time { us }, choices: &[], meaning }
}

/// What a cluster goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapConfig {
    /// What the servers run.
    pub system: System,
    /// Of the store without a leader.
    pub quorum: Config,
    /// Of primary-backup.
    pub backup: backup::Config,
    /// What clients ask for.
    pub guarantees: Guarantees,
    /// Whether a client always turns to the same server.
    pub sticky: bool,
}

impl CapConfig {
    /// How long a client waits before it gives up, in microseconds: longer than servers do, so it
    /// only gives up on those that crashed, or were cut off with its request.
    pub fn patience_us(&self) -> u64 {
        self.quorum.settings().timeout_us.saturating_mul(5)
    }

    /// What the servers of a world are started with.
    pub(super) fn setup(&self, settings: &LabSettings) -> CapSetup {
        match self.system {
            System::Quorum => CapSetup::Quorum(self.quorum.clone()),
            System::Raft => {
                let plain = LabSettings::new(settings.servers, settings.seed);
                let config = super::super::raft::config_of(&plain);
                CapSetup::Raft(super::super::raft::RaftSetup { config })
            }
            System::PrimaryBackup => CapSetup::PrimaryBackup(self.backup.clone()),
        }
    }
}

/// What a lab with these settings goes by.
///
/// # Errors
///
/// Why they cannot work, in words.
pub fn cap_config(settings: &LabSettings) -> Result<CapConfig, String> {
    let tuning = &settings.tuning;
    let quorum = wanted_store(settings).check().map_err(|reason| reason.to_string())?;
    let backup = backup::Config {
        acks: usize::from(tuning.switch("synchronous").unwrap_or(false)),
        timeout_us: quorum.settings().timeout_us,
        ..backup::Config::of(settings.servers)
    };
    backup.validate().map_err(|reason| reason.to_string())?;
    let mut guarantees = Guarantees::NONE;
    for (name, guarantee) in [
        ("read-your-writes", Guarantee::ReadYourWrites),
        ("monotonic-reads", Guarantee::MonotonicReads),
        ("monotonic-writes", Guarantee::MonotonicWrites),
        ("writes-follow-reads", Guarantee::WritesFollowReads),
    ] {
        if tuning.switch(name) == Some(true) {
            guarantees = guarantees.with(guarantee);
        }
    }
    let system = System::ALL[chosen(tuning, "system", SYSTEMS)];
    let sticky = chosen(tuning, "access", ACCESS) == 0;
    Ok(CapConfig { system, quorum, backup, guarantees, sticky })
}

/// The store's settings as wanted, whether they can work or not.
fn wanted_store(settings: &LabSettings) -> Settings {
    let (servers, tuning) = (settings.servers, &settings.tuning);
    let all = usize::from(servers);
    let mode = chosen(tuning, "mode", MODES);
    let n = count_of(tuning, "n").unwrap_or(all);
    let by_itself = match mode {
        0 => {
            let majority = crate::quorum::majority(n);
            Settings { n, r: majority, w: majority, ..Settings::cp(servers) }
        }
        _ => Settings { mode: Mode::Ap { sloppy: mode == 2 }, ..Settings::ap(servers, n) },
    };
    let mut wanted = Settings {
        r: count_of(tuning, "r").unwrap_or(by_itself.r),
        w: count_of(tuning, "w").unwrap_or(by_itself.w),
        ..by_itself
    };
    if chosen(tuning, "resolution", RESOLUTIONS) == 1 {
        wanted.resolution = Resolution::Siblings;
    }
    // The write that everybody writes first, and the one that leaves something behind: it is sent,
    // and a majority decides. Asking first is the reader's to choose.
    wanted.stamping = [Stamping::Clock, Stamping::AskFirst][chosen(tuning, "stamping", STAMPINGS)];
    if tuning.value("read-repair").is_some() {
        wanted.read_repair = [ReadRepair::Off, ReadRepair::Async, ReadRepair::Blocking]
            [chosen(tuning, "read-repair", REPAIRS)];
    }
    if chosen(tuning, "not-found", NOT_FOUND) == 1 {
        wanted.not_found = NotFound::DoesNotAnswer;
    }
    let every_us = time_of(tuning, "anti-entropy-every").unwrap_or(ANTI_ENTROPY_US);
    let compares = tuning.switch("anti-entropy").unwrap_or(true);
    wanted.anti_entropy_us = compares.then_some(every_us);
    let grace_us = time_of(tuning, "tombstone-grace").unwrap_or(TOMBSTONE_GRACE_US);
    let collects = tuning.switch("collect-tombstones").unwrap_or(false);
    wanted.tombstone_grace_us = collects.then_some(grace_us);
    let detector: Option<Detector> = wanted.detector;
    wanted.detector = detector.filter(|_| tuning.switch("detector").unwrap_or(true));
    wanted.ack_before_sync = tuning.switch("ack-before-sync").unwrap_or(false);
    wanted.timeout_us = time_of(tuning, "timeout").unwrap_or(wanted.timeout_us);
    wanted
}

/// The settings after one of them was turned. With the mode, R, W and read repair go back to what
/// the mode has by itself: a quorum of AP is none in CP.
pub(super) fn turned(settings: &LabSettings, setting: Setting) -> LabSettings {
    let mut turned = settings.clone();
    if setting.name == "mode" {
        let of_mode = ["r", "w", "read-repair"];
        turned.tuning.protocol.retain(|other| !of_mode.contains(&other.name));
    }
    turned.tuning.set(setting);
    turned
}

/// Whether a setting can be turned while the servers run.
pub(super) fn can_be_turned(system: System, name: &str) -> bool {
    system == System::Quorum && !["system", "synchronous"].contains(&name)
}

/// What a setting is at present.
pub(super) fn value_of(settings: &LabSettings, config: &CapConfig, name: &str) -> SettingValue {
    let store = config.quorum.settings();
    let entry = SETTINGS.iter().find(|entry| entry.name == name);
    let by_itself = entry.map_or(SettingValue::Switch(false), |entry| entry.default);
    match name {
        "n" => SettingValue::Count(store.n as u64),
        "r" => SettingValue::Count(store.r as u64),
        "w" => SettingValue::Count(store.w as u64),
        "read-repair" => SettingValue::Choice(REPAIRS[store.read_repair as usize].0),
        _ => settings.tuning.value(name).unwrap_or(by_itself),
    }
}

fn chosen(tuning: &Tuning, name: &str, choices: &[(&'static str, &'static str)]) -> usize {
    let of_entry = || SETTINGS.iter().find(|entry| entry.name == name).map(|entry| entry.default);
    let value = tuning.value(name).or_else(of_entry);
    let Some(SettingValue::Choice(word)) = value else { return 0 };
    choices.iter().position(|(other, _)| *other == word).unwrap_or(0)
}

fn count_of(tuning: &Tuning, name: &str) -> Option<usize> {
    match tuning.value(name)? {
        SettingValue::Count(count) => Some(usize::try_from(count).unwrap_or(usize::MAX)),
        _ => None,
    }
}

fn time_of(tuning: &Tuning, name: &str) -> Option<u64> {
    match tuning.value(name)? {
        SettingValue::Time { us } => Some(us),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(protocol: &[(&'static str, SettingValue)]) -> LabSettings {
        let mut settings = LabSettings::new(5, 1);
        for (name, value) in protocol {
            settings.tuning.set(Setting { name, value: *value });
        }
        settings
    }

    #[test]
    fn what_stands_in_the_list_is_what_five_servers_have_by_themselves() {
        let settings = LabSettings::new(5, 1);
        let config = cap_config(&settings).expect("they can work");
        for entry in SETTINGS {
            assert_eq!(value_of(&settings, &config, entry.name), entry.default, "{}", entry.name);
        }
        let expected = Settings { stamping: Stamping::Clock, ..Settings::cp(5) };
        assert_eq!(*config.quorum.settings(), expected);
    }

    #[test]
    fn what_cannot_work_is_refused_with_the_reason() {
        let zero = [("w", SettingValue::Count(0))];
        assert_eq!(cap_config(&with(&zero)).unwrap_err(), "W = 0 asks nobody");
        let more = [("r", SettingValue::Count(6))];
        assert_eq!(cap_config(&with(&more)).unwrap_err(), "R = 6 is more than N = 5");
        let none = [("n", SettingValue::Count(0))];
        assert_eq!(cap_config(&with(&none)).unwrap_err(), "with N = 0 nobody would hold anything");
        let few = cap_config(&with(&[("w", SettingValue::Count(2))])).unwrap_err();
        assert_eq!(few, "CP needs W ≥ 3, a majority, and W = 2");
    }

    #[test]
    fn the_mode_brings_its_quorums_along() {
        let one = SettingValue::Count(1);
        let ap = with(&[("mode", SettingValue::Choice("ap")), ("w", SettingValue::Count(4))]);
        let config = cap_config(&ap).expect("AP takes any");
        assert_eq!((config.quorum.quorum().r(), config.quorum.quorum().w()), (1, 4));
        assert_eq!(value_of(&ap, &config, "r"), one);
        let back = turned(&ap, Setting { name: "mode", value: SettingValue::Choice("cp") });
        let quorum = cap_config(&back).expect("CP has majorities").quorum.quorum();
        assert_eq!((quorum.r(), quorum.w()), (3, 3));
    }
}
