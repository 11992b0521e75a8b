//! The reader's path, ticked by what happens: a fold over the history, so that replay ticks the
//! same tasks.

use super::super::Task;
use super::{CapProcess, Cluster};
use crate::sim::{Record, RecordId};

/// What has been done so far.
#[derive(Clone, Debug, Default)]
pub(super) struct TaskBoard {}

impl TaskBoard {
    /// Goes on by a record.
    pub(super) fn read(&mut self, _: &Cluster, _: RecordId, _: &Record<CapProcess>) {}

    /// The path, with what is done.
    pub(super) fn tasks(&self) -> Vec<Task> {
        Vec::new()
    }
}
