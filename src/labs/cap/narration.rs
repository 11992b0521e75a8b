//! What happened, in sentences, each with the section of the paper that has the rule.

use super::super::StoryLine;
use super::{CapProcess, Cluster};
use crate::sim::{Record, RecordId};

/// Whether `record` is worth a line of the story.
pub(super) fn is_told(_cluster: &Cluster, _id: RecordId, _record: &Record<CapProcess>) -> bool {
    false
}

/// What the story says of a record.
pub(super) fn line(_cluster: &Cluster, _id: RecordId) -> Option<StoryLine> {
    None
}
