//! A disk that tells the truth about durability: a write counts once its sync is done.

use super::{Process, WriteId};

/// One node's disk.
///
/// Syncs run one at a time. A sync covers every write that was waiting when it began, so a busy
/// disk gathers writes into groups the way real ones do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Disk<P: Process> {
    image: P::Image,
    pending: Vec<(WriteId, P::Write)>,
    syncing: Option<WriteId>,
}

impl<P: Process> Default for Disk<P> {
    fn default() -> Self {
        Disk { image: P::Image::default(), pending: Vec::new(), syncing: None }
    }
}

impl<P: Process> Disk<P> {
    /// What would be found after a crash right now.
    pub fn image(&self) -> &P::Image {
        &self.image
    }

    /// The writes that a crash right now would lose, oldest first.
    pub fn pending(&self) -> &[(WriteId, P::Write)] {
        &self.pending
    }

    pub(super) fn write(&mut self, id: WriteId, write: P::Write) {
        assert!(self.pending.last().is_none_or(|(last, _)| *last < id), "writes come in order");
        self.pending.push((id, write));
    }

    /// Begins a sync if the disk is idle and something waits for one.
    pub(super) fn begin_sync(&mut self) -> Option<WriteId> {
        if self.syncing.is_some() {
            return None;
        }
        self.syncing = self.pending.last().map(|(id, _)| *id);
        self.syncing
    }

    /// Ends the sync in progress: what it covered is durable now.
    pub(super) fn end_sync(&mut self) -> Option<WriteId> {
        let synced = self.syncing.take()?;
        let covered = self.pending.partition_point(|(id, _)| *id <= synced);
        for (_, write) in self.pending.drain(..covered) {
            P::apply_write(&mut self.image, &write);
        }
        Some(synced)
    }

    /// The power goes. Of the unsynced writes the oldest `whole` had reached the disk by chance,
    /// and `part_ppm` millionths of the next, if the process says that a write can be torn so. How
    /// many were kept whole, and whether one was torn.
    pub(super) fn crash(&mut self, whole: u32, part_ppm: u32) -> (u32, bool) {
        let whole = self.pending.len().min(whole as usize);
        let torn = self.pending.get(whole).and_then(|(_, next)| P::tear_write(next, part_ppm));
        for (_, write) in &self.pending[..whole] {
            P::apply_write(&mut self.image, write);
        }
        if let Some(part) = &torn {
            P::apply_write(&mut self.image, part);
        }
        self.pending.clear();
        self.syncing = None;
        (whole as u32, torn.is_some())
    }
}
