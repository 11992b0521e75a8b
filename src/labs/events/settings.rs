//! What can be set, most of it while the shop runs.

use super::super::raft::RaftSetup;
use super::super::{LabSettings, SettingEntry};
use super::system::{CheckpointWrites, Log, Publish, Rules};
use crate::raft::Config;

/// Every setting.
pub(super) const SETTINGS: &[SettingEntry] = &[];

/// The settings by what they are about.
pub(super) const GROUPS: &[(&str, &[&str])] = &[];

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
pub(super) fn rules(_settings: &LabSettings) -> Result<Rules, String> {
    Ok(BY_ITSELF)
}

/// What a cluster goes by with these settings.
pub(super) fn raft(_settings: &LabSettings) -> RaftSetup {
    RaftSetup { config: Config::of(5) }
}
