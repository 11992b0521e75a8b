//! A server as a replica: it takes what it is sent, and tells what it holds.

use crate::sorted::SortedMap;
use crate::stable_hash::stable_hash;

use super::{
    Cell, Change, Data, Durable, Event, Full, IgnoreReason, Message, MessageKind, OperationId,
    Purpose, RequestId, Server, ServerId, Sibling, Stamp,
};

impl<K: Data, V: Data> Server<K, V> {
    /// A coordinator's write. It is acknowledged whether or not it is still the latest: the replica
    /// holds it, or something that replaces it.
    pub(super) fn take_write(
        &mut self,
        from: ServerId,
        operation: OperationId,
        key: K,
        sibling: Sibling<V>,
        stands_in_for: Option<ServerId>,
    ) {
        let stamp = sibling.stamp;
        if let Some(replica) = stands_in_for {
            if self.keep_hint(replica, &key, Cell::of(sibling)) {
                self.outbox.event(Event::HintKept { key, replica, stamp });
                self.outbox.send(from, Message::WriteAck { operation, stamp });
            }
            return;
        }
        if let Some(known) = self.known_stamp(&key, stamp.request) {
            self.outbox.event(Event::WriteRepeated { key, stamp, known });
            return self.outbox.send(from, Message::WriteAck { operation, stamp: known });
        }
        if !self.merge_cell(&key, &Cell::of(sibling), true) {
            return;
        }
        self.remember(stamp);
        self.outbox.event(Event::WriteApplied { key, stamp });
        self.outbox.send(from, Message::WriteAck { operation, stamp });
    }

    pub(super) fn tell_stamp(&mut self, from: ServerId, operation: OperationId, key: &K) {
        let latest = self.held_for(key).and_then(|cell| cell.latest());
        let known = self.known_stamp(key, operation.request);
        self.outbox.send(from, Message::StampReply { operation, latest, known });
    }

    pub(super) fn tell_cell(&mut self, from: ServerId, operation: OperationId, key: &K) {
        let cell = self.held_for(key);
        self.outbox.send(from, Message::ReadReply { operation, cell });
    }

    /// What another server holds, for one of the reasons in [`Purpose`].
    pub(super) fn take_cell(&mut self, from: ServerId, purpose: Purpose, key: K, cell: Cell<V>) {
        let before = self.cell(&key).cloned();
        if !self.merge_cell(&key, &cell, false) {
            return;
        }
        if self.cell(&key) != before.as_ref() {
            let latest = cell.latest();
            self.outbox.event(Event::Merged { key: key.clone(), from, purpose, latest });
        }
        let digest = stable_hash(&cell);
        self.outbox.send(from, Message::Merged { purpose, key, digest });
    }

    pub(super) fn note_merged(&mut self, from: ServerId, purpose: Purpose, key: K, digest: u64) {
        match purpose {
            Purpose::WriteBack(operation) => self.count_write_back(from, operation),
            Purpose::Handoff => self.drop_hint(from, key, digest),
            Purpose::ReadRepair(_) | Purpose::AntiEntropy { .. } => {}
        }
    }

    /// Takes `cell` into what is held of `key`; false if there is no room. Tells what was replaced
    /// if `is_write`: what repair brings has been told where it was written.
    fn merge_cell(&mut self, key: &K, cell: &Cell<V>, is_write: bool) -> bool {
        let settings = self.config.settings();
        let resolution = settings.resolution;
        let Some(held) = self.durable.cells.get(key) else {
            if self.durable.cells.len() >= settings.max_keys {
                self.outbox.event(Event::Full { key: key.clone(), what: Full::Keys });
                return false;
            }
            self.change(Change::Cell { key: key.clone(), cell: Some(cell.clone()) });
            return true;
        };
        let mut merged = held.clone();
        let replaced = merged.merge(cell, resolution);
        if merged != *held {
            self.change(Change::Cell { key: key.clone(), cell: Some(merged) });
        }
        for replaced in replaced.into_iter().filter(|_| is_write) {
            self.outbox.event(Event::WriteReplaced { key: key.clone(), replaced });
        }
        true
    }

    /// What this server holds of `key`, as a replica or for others: in a sloppy quorum it answers
    /// for them, too.
    fn held_for(&self, key: &K) -> Option<Cell<V>> {
        let resolution = self.config.settings().resolution;
        let hints = self.durable.hints.iter().filter(|((_, other), _)| other == key);
        let mut cells = self.cell(key).into_iter().chain(hints.map(|(_, cell)| cell));
        let mut held = cells.next()?.clone();
        cells.for_each(|cell| {
            held.merge(cell, resolution);
        });
        Some(held)
    }

    /// Under which stamp a request has been applied here, as far as that is remembered.
    fn known_stamp(&self, key: &K, request: RequestId) -> Option<Stamp> {
        let mut held = self.cell(key).into_iter().flat_map(Cell::siblings);
        let held = held.find(|sibling| sibling.stamp.request == request);
        let applied = self.durable.applied.get(&request).copied();
        applied.or(held.map(|sibling| sibling.stamp))
    }

    fn remember(&mut self, stamp: Stamp) {
        let applied: &SortedMap<RequestId, Stamp> = &self.durable.applied;
        let is_full = applied.len() >= self.config.settings().remembered_requests;
        let oldest = applied.iter().min_by_key(|(_, stamp)| **stamp).map(|(request, _)| *request);
        let forget = oldest.filter(|_| is_full);
        self.change(Change::Applied { request: stamp.request, stamp, forget });
    }

    /// Keeps a write for a replica that seems to be down; false if there is no room.
    fn keep_hint(&mut self, replica: ServerId, key: &K, cell: Cell<V>) -> bool {
        let settings = self.config.settings();
        let resolution = settings.resolution;
        let kept = self.durable.hints.get(&(replica, key.clone()));
        let cell = match kept {
            None if self.durable.hints.len() >= settings.max_hints => {
                self.outbox.event(Event::Full { key: key.clone(), what: Full::Hints });
                return false;
            }
            None => cell,
            Some(kept) => {
                let mut merged = kept.clone();
                merged.merge(&cell, resolution);
                merged
            }
        };
        if kept != Some(&cell) {
            self.change(Change::Hint { replica, key: key.clone(), cell: Some(cell) });
        }
        true
    }

    fn drop_hint(&mut self, replica: ServerId, key: K, digest: u64) {
        let place = (replica, key);
        match self.durable.hints.get(&place) {
            // What was added since has not arrived.
            Some(cell) if stable_hash(cell) != digest => {}
            Some(_) => {
                let (replica, key) = place;
                self.change(Change::Hint { replica, key: key.clone(), cell: None });
                self.outbox.event(Event::HintDropped { key, replica });
            }
            None => self.ignore(replica, MessageKind::Merged, IgnoreReason::NoSuchOperation),
        }
    }
}

/// What is due by itself.
impl<K: Data, V: Data> Server<K, V> {
    /// Sends `replica`, which is up again, what was kept for it (Dynamo §4.6).
    pub(super) fn hand_off(&mut self, replica: ServerId) {
        let retry_us = self.config.settings().handoff_retry_us;
        self.handoff_due_us = self.time.now_us.saturating_add(retry_us);
        let Server { durable: Durable { hints, .. }, outbox, .. } = self;
        for ((meant_for, key), cell) in hints.iter() {
            if *meant_for != replica {
                continue;
            }
            outbox.event(Event::HintSent { key: key.clone(), replica });
            let (purpose, key, cell) = (Purpose::Handoff, key.clone(), cell.clone());
            outbox.send(replica, Message::Merge { purpose, key, cell });
        }
    }

    pub(super) fn retry_handoff(&mut self) {
        if self.handoff_due_us > self.time.now_us || !self.has_hints_to_send() {
            return;
        }
        let up: Vec<ServerId> = self.peers.ids().filter(|server| self.is_alive(*server)).collect();
        up.into_iter().for_each(|server| self.hand_off(server));
    }

    pub(super) fn has_hints_to_send(&self) -> bool {
        let mut meant_for = self.durable.hints.keys().map(|(replica, _)| *replica);
        meant_for.any(|replica| self.peers.is_known(replica) && self.is_alive(replica))
    }

    /// When the next tombstone is old enough, in microseconds of [`Time::now_us`](super::Time).
    pub(super) fn tombstone_due_us(&self) -> Option<u64> {
        let grace_us = self.config.settings().tombstone_grace_us?;
        let due_us = self.tombstones().map(|(_, stamp)| stamp.clock_us.saturating_add(grace_us));
        let wait_us = due_us.min()?.saturating_sub(self.time.clock_us);
        Some(self.time.now_us.saturating_add(wait_us))
    }

    /// Forgets deletes that are older than the grace. A replica, or a hint, that has slept for
    /// longer brings the value back: nothing tells any more that it was deleted.
    pub(super) fn collect_tombstones(&mut self) {
        let Some(grace_us) = self.config.settings().tombstone_grace_us else { return };
        let clock_us = self.time.clock_us;
        let age_us = |stamp: Stamp| clock_us.saturating_sub(stamp.clock_us);
        let is_old = |stamp: Stamp| clock_us >= stamp.clock_us.saturating_add(grace_us);
        let old: Vec<(K, Stamp)> = self
            .tombstones()
            .filter(|(_, stamp)| is_old(*stamp))
            .map(|(key, stamp)| (key.clone(), stamp))
            .collect();
        for (key, stamp) in old {
            self.change(Change::Cell { key: key.clone(), cell: None });
            let age_us = age_us(stamp);
            self.outbox.event(Event::TombstoneCollected { key, stamp, age_us });
        }
    }

    fn tombstones(&self) -> impl Iterator<Item = (&K, Stamp)> {
        let tombstones = self.cells().filter(|(_, cell)| cell.is_tombstone());
        tombstones.filter_map(|(key, cell)| Some((key, cell.latest()?)))
    }
}
