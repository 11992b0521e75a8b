//! The log as it was told, event by event: which decision and which request each of them came of,
//! and what all of them come to. A memory that the records alone do not have.

use super::super::annals::SharedList;
use super::requests::Requests;
use super::shop::{Shop, ShopEvent, upcast};
use super::system::{Recorded, RequestId};
use crate::event_store::{EventId, EventStore, state_hash};
use crate::sim::RecordId;

/// What a desk has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) record: RecordId,
    pub(super) request: RequestId,
    /// The id of what is to happen.
    pub(super) id: EventId,
    /// What it rests on.
    pub(super) version: u64,
}

/// An event of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The record that told of it first; `None` of what had happened before the run.
    pub(super) record: Option<RecordId>,
    pub(super) id: EventId,
    /// Its number in its stream.
    pub(super) version: u64,
    pub(super) event: ShopEvent,
    /// What was asked for that led to it: of retries the first.
    pub(super) root: Option<RequestId>,
    /// The hash of the state after it.
    pub(super) hash: u64,
}

/// The memory.
#[derive(Clone, Debug)]
pub(super) struct Ledger {
    entries: SharedList<Entry>,
    shop: Shop,
    decisions: SharedList<Decision>,
}

impl Ledger {
    /// Of a log that was there before the run.
    pub(super) fn new(log: &EventStore<ShopEvent>) -> Ledger {
        let (entries, decisions) = (SharedList::default(), SharedList::default());
        let mut ledger = Ledger { entries, shop: Shop::default(), decisions };
        for event in (1..=log.last_position()).filter_map(|position| log.event(position)) {
            let (id, version, event) = (event.id(), event.version(), upcast(*event.payload()));
            ledger.push(Entry { record: None, id, version, event, root: None, hash: 0 });
        }
        ledger
    }

    /// The last position.
    pub(super) fn end(&self) -> u64 {
        self.entries.len() as u64
    }

    /// The event at a position.
    pub(super) fn entry(&self, position: u64) -> Option<&Entry> {
        self.entries.get(usize::try_from(position.checked_sub(1)?).ok()?)
    }

    /// What all events come to.
    pub(super) fn shop(&self) -> &Shop {
        &self.shop
    }

    /// The latest decision that an event should happen.
    pub(super) fn decision(&self, id: EventId) -> Option<&Decision> {
        self.decisions.iter().rev().find(|decision| decision.id == id)
    }

    /// Whether somebody has decided on this version that an event should happen.
    pub(super) fn was_decided_at(&self, id: EventId, version: u64) -> bool {
        let mut decisions = self.decisions.iter().rev();
        decisions.any(|decision| decision.id == id && decision.version == version)
    }

    pub(super) fn decide(&mut self, decision: Decision) {
        self.decisions.push(decision);
    }

    /// The latest event, before a position, that came of a request that was asked for at `since`.
    pub(super) fn came_of(
        &self,
        root: RequestId,
        since: RecordId,
        before: u64,
    ) -> Option<(u64, &Entry)> {
        for position in (1..before).rev() {
            let entry = self.entry(position)?;
            if entry.root == Some(root) {
                return Some((position, entry));
            }
            if entry.record.is_none_or(|record| record < since) {
                return None;
            }
        }
        None
    }

    /// One more event.
    pub(super) fn append(
        &mut self,
        record: RecordId,
        recorded: &Recorded,
        command: EventId,
        requests: &Requests,
    ) {
        let Recorded { id, version, event, .. } = *recorded;
        let root = root_of_command(requests, command);
        self.push(Entry { record: Some(record), id, version, event, root, hash: 0 });
    }

    fn push(&mut self, entry: Entry) {
        self.shop.apply(entry.event);
        let hash = state_hash(&self.shop);
        self.entries.push(Entry { hash, ..entry });
    }

    /// What comes after a position is not in the log any more.
    pub(super) fn cut_after(&mut self, position: u64) {
        let kept: Vec<Entry> = self.entries.iter().take(position as usize).copied().collect();
        (self.entries, self.shop) = (SharedList::default(), Shop::default());
        kept.into_iter().for_each(|entry| self.push(entry));
    }
}

/// The request of which a command came: of retries the first.
pub(super) fn root_of_command(requests: &Requests, command: EventId) -> Option<RequestId> {
    let asked = requests.asked().iter().rev().find(|asked| asked.id == command)?;
    Some(root(requests, asked.request))
}

/// The first attempt of a request.
pub(super) fn root(requests: &Requests, request: RequestId) -> RequestId {
    let mut root = request;
    // Whoever retries retries something earlier.
    while let Some(earlier) = requests.numbered(root).and_then(|asked| asked.retries)
        && earlier < root
    {
        root = earlier;
    }
    root
}
