//! What leaves a server, and what it waits for.
//!
//! A message that says what its sender holds ([`Message::vouches`]) leaves once all that was
//! written before it is durable: a replica that acknowledged, crashed and forgot would make a
//! quorum a rumour. The same goes for what a server tells itself, so a coordinator counts its own
//! copy like any other. Messages to itself come back through [`Outbox::next_local`] and never reach
//! the network.
//!
//! While a disk stands still, messages pile up here. Beyond [`HELD_LIMIT`] further ones are
//! dropped, as a full network would drop them, and that is told.

use std::collections::VecDeque;

use super::{Change, Event, Message, Output, ServerId, Write, WriteId};

/// The most messages that wait for the disk at a time.
pub(super) const HELD_LIMIT: usize = 1_024;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Outbox<K, V> {
    own: ServerId,
    ack_before_sync: bool,
    /// Ready to be polled.
    ready: VecDeque<Output<K, V>>,
    /// Messages to itself that may be read.
    local: VecDeque<Message<K, V>>,
    /// What the present input has changed.
    staged: Vec<Change<K, V>>,
    /// What the present input wants sent.
    staged_sends: Vec<(ServerId, Message<K, V>)>,
    /// Messages that wait for the disk, oldest first.
    held: Vec<(WriteId, ServerId, Message<K, V>)>,
    last_write: WriteId,
    /// This write and all before it are durable.
    synced: WriteId,
}

impl<K: Clone, V: Clone> Outbox<K, V> {
    pub(super) fn new(own: ServerId, ack_before_sync: bool) -> Outbox<K, V> {
        Outbox {
            own,
            ack_before_sync,
            ready: VecDeque::new(),
            local: VecDeque::new(),
            staged: Vec::new(),
            staged_sends: Vec::new(),
            held: Vec::new(),
            last_write: WriteId(0),
            synced: WriteId(0),
        }
    }

    pub(super) fn poll(&mut self) -> Option<Output<K, V>> {
        self.ready.pop_front()
    }

    pub(super) fn push(&mut self, output: Output<K, V>) {
        self.ready.push_back(output);
    }

    pub(super) fn event(&mut self, event: Event<K>) {
        self.push(Output::Event(event));
    }

    /// Sends `message` after the writes that it needs.
    pub(super) fn send(&mut self, to: ServerId, message: Message<K, V>) {
        self.staged_sends.push((to, message));
    }

    /// Notes a change that the server's memory has just made.
    pub(super) fn stage(&mut self, change: Change<K, V>) {
        self.staged.push(change);
    }

    /// Ends an input: its changes become one write, and its messages leave or wait.
    pub(super) fn flush(&mut self) {
        if !self.staged.is_empty() {
            self.last_write = WriteId(self.last_write.0 + 1);
            let write = Write { changes: std::mem::take(&mut self.staged) };
            self.push(Output::Write { id: self.last_write, write });
        }
        for (to, message) in std::mem::take(&mut self.staged_sends) {
            let waits = message.vouches() && !self.ack_before_sync && self.synced < self.last_write;
            if !waits {
                self.let_go(to, message);
            } else if self.held.len() < HELD_LIMIT {
                self.held.push((self.last_write, to, message));
            } else {
                self.event(Event::HeldMessageDropped { to, kind: message.kind() });
            }
        }
    }

    /// Notes that `write` and all before it are durable. False if there is no such write.
    pub(super) fn sync(&mut self, write: WriteId) -> bool {
        if write > self.last_write {
            return false;
        }
        self.synced = self.synced.max(write);
        let synced = self.synced;
        let free: Vec<_> = self.held.extract_if(.., |(until, ..)| *until <= synced).collect();
        free.into_iter().for_each(|(_, to, message)| self.let_go(to, message));
        true
    }

    /// The next message of this server to itself.
    pub(super) fn next_local(&mut self) -> Option<Message<K, V>> {
        self.local.pop_front()
    }

    /// Messages that wait for the disk, oldest first.
    pub(super) fn held(&self) -> impl Iterator<Item = (WriteId, ServerId, &Message<K, V>)> {
        self.held.iter().map(|(until, to, message)| (*until, *to, message))
    }

    pub(super) fn set_ack_before_sync(&mut self, ack_before_sync: bool) {
        self.ack_before_sync = ack_before_sync;
    }

    fn let_go(&mut self, to: ServerId, message: Message<K, V>) {
        if to == self.own {
            self.local.push_back(message);
        } else {
            self.push(Output::Send { to, message });
        }
    }
}
