//! One server: primary or backup.

use std::collections::VecDeque;

use crate::sorted::SortedMap;

use super::{
    Config, Durable, Entry, Epoch, Event, Input, Message, Outcome, Output, RequestId, ServerId,
    Write, WriteId,
};

/// A server. See the [module docs](super) for how to drive it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Server<K, V> {
    id: ServerId,
    config: Config,
    epoch: Epoch,
    log: Vec<Entry<K, V>>,
    /// How many entries of the log are on disk.
    durable: usize,
    /// Writes that are not durable yet, oldest first, and how much of the log then will be.
    unsynced: VecDeque<(WriteId, usize)>,
    last_write: WriteId,
    /// The latest write that changed the epoch.
    epoch_write: WriteId,
    /// Acknowledgements that wait for the disk.
    held_acks: Vec<(WriteId, ServerId, Message<K, V>)>,
    /// Of a primary: how much every backup has of this epoch's log.
    backups: SortedMap<ServerId, u64>,
    /// Of a primary: who waits for how much of the log to be safe, and until when.
    pending: Vec<Pending>,
    resend_due_us: u64,
    now_us: u64,
    ready: VecDeque<Output<K, V>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Pending {
    request: RequestId,
    /// Its entry is the last of so many.
    entries: usize,
    until_us: u64,
}

impl<K: Clone + Eq, V: Clone> Server<K, V> {
    /// Starts a server from what its disk holds.
    pub fn boot(id: ServerId, config: Config, durable: Durable<K, V>, now_us: u64) -> Server<K, V> {
        let primary = config.servers.first().copied().unwrap_or(id);
        let epoch = durable.epoch.unwrap_or(Epoch { number: 0, primary });
        let mut server = Server {
            id,
            config,
            epoch,
            durable: durable.log.len(),
            log: durable.log,
            unsynced: VecDeque::new(),
            last_write: WriteId(0),
            epoch_write: WriteId(0),
            held_acks: Vec::new(),
            backups: SortedMap::new(),
            pending: Vec::new(),
            resend_due_us: now_us,
            now_us,
            ready: VecDeque::new(),
        };
        server.watch_backups();
        server
    }

    /// Takes one input at `now_us`. A clock that goes back is taken to stand still.
    pub fn handle(&mut self, now_us: u64, input: Input<K, V>) {
        self.now_us = self.now_us.max(now_us);
        match input {
            Input::Message { from, message } => self.handle_message(from, message),
            Input::Deadline => self.handle_deadline(),
            Input::Synced { write } => self.handle_synced(write),
            Input::Write { request, key, value } => self.handle_write(request, key, value),
            Input::Read { request, key } => self.handle_read(request, &key),
            Input::Promote => self.handle_promote(),
        }
        self.answer_what_is_safe();
    }

    /// The next thing to be done, until there is none.
    pub fn poll_output(&mut self) -> Option<Output<K, V>> {
        self.ready.pop_front()
    }

    /// When the server wants [`Input::Deadline`], in microseconds, if at all.
    pub fn deadline_us(&self) -> Option<u64> {
        let end = self.durable as u64;
        let is_behind = self.backups.values().any(|held| *held < end || *held == UNHEARD);
        let resend = is_behind.then_some(self.resend_due_us);
        let timeouts = self.pending.iter().map(|pending| pending.until_us);
        timeouts.chain(resend).min()
    }

    /// Whether this server takes itself for the primary.
    pub fn is_primary(&self) -> bool {
        self.epoch.primary == self.id
    }

    /// The latest epoch it has heard of.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// All that it holds, in memory.
    pub fn log(&self) -> &[Entry<K, V>] {
        &self.log
    }

    /// What `key` holds here, as far as it is on disk.
    pub fn get(&self, key: &K) -> Option<&V> {
        let last = self.log[..self.durable].iter().rev().find(|entry| entry.key == *key);
        last.and_then(|entry| entry.value.as_ref())
    }

    fn handle_write(&mut self, request: RequestId, key: K, value: Option<V>) {
        if !self.is_primary() {
            let primary = self.epoch.primary;
            return self.answer(request, Outcome::NotPrimary { primary });
        }
        let place = self.log.iter().position(|entry| entry.request == request);
        let entries = match place {
            Some(place) => {
                self.event(Event::RequestRepeated { request });
                place + 1
            }
            None if self.log.len() >= self.config.max_log_entries => {
                return self.answer(request, Outcome::Full);
            }
            None => {
                let entry = Entry { epoch: self.epoch, request, key, value };
                self.write(self.log.len(), vec![entry]);
                self.log.len()
            }
        };
        self.pending.retain(|pending| pending.request != request);
        let until_us = self.now_us.saturating_add(self.config.timeout_us);
        self.pending.push(Pending { request, entries, until_us });
    }

    fn handle_read(&mut self, request: RequestId, key: &K) {
        let outcome = if self.is_primary() || self.config.backups_answer_reads {
            Outcome::Found(self.get(key).cloned())
        } else {
            Outcome::NotPrimary { primary: self.epoch.primary }
        };
        self.answer(request, outcome);
    }

    fn handle_promote(&mut self) {
        let Some(number) = self.epoch.number.checked_add(1).filter(|_| !self.is_primary()) else {
            return;
        };
        self.epoch = Epoch { number, primary: self.id };
        self.write(self.log.len(), Vec::new());
        self.epoch_write = self.last_write;
        self.event(Event::Promoted { epoch: self.epoch, entries: self.log.len() });
        self.watch_backups();
    }

    fn handle_message(&mut self, from: ServerId, message: Message<K, V>) {
        let (Message::Ship { epoch, .. } | Message::Ack { epoch, .. }) = message;
        if !self.config.servers.contains(&from) || from == self.id {
            return self.event(Event::MessageIgnored { from });
        }
        if epoch > self.epoch {
            self.follow(epoch);
        }
        match message {
            Message::Ship { .. } if epoch < self.epoch => {
                // The old primary should know.
                let (epoch, held) = (self.epoch, 0);
                self.held_acks.push((self.last_write, from, Message::Ack { epoch, held }));
                self.let_acks_go();
            }
            Message::Ship { after, entries, .. } if from == epoch.primary => {
                self.take(from, after, entries);
            }
            Message::Ack { held, .. } if epoch == self.epoch && self.is_primary() => {
                let end = self.log.len() as u64;
                let Some(known) = self.backups.get_mut(&from).filter(|_| held <= end) else {
                    return self.event(Event::MessageIgnored { from });
                };
                if *known == UNHEARD || *known < held {
                    *known = held;
                    self.event(Event::Shipped { to: from, held });
                }
            }
            Message::Ship { .. } | Message::Ack { .. } => {
                self.event(Event::MessageIgnored { from });
            }
        }
    }

    /// A later primary: whatever this server was, it is a backup now.
    fn follow(&mut self, epoch: Epoch) {
        if self.is_primary() {
            self.event(Event::Deposed { was: self.epoch, by: epoch });
        }
        self.epoch = epoch;
        self.write(self.log.len(), Vec::new());
        self.backups.clear();
        for Pending { request, .. } in std::mem::take(&mut self.pending) {
            let needed = self.config.acks;
            self.answer(request, Outcome::Indeterminate { backups: 0, needed });
        }
    }

    /// Makes the log agree with the primary's.
    fn take(&mut self, from: ServerId, after: u64, entries: Vec<Entry<K, V>>) {
        let Some(after) = usize::try_from(after).ok().filter(|after| *after <= self.log.len())
        else {
            return self.event(Event::MessageIgnored { from });
        };
        let own = &self.log[after..];
        let same = |(one, other): &(&Entry<K, V>, &Entry<K, V>)| {
            (one.epoch, one.request) == (other.epoch, other.request)
        };
        let agree = own.iter().zip(&entries).take_while(same).count();
        // Beyond what was sent, only entries of this epoch may stand: they came by a later message.
        let is_old = own.get(agree).is_some_and(|entry| entry.epoch < self.epoch);
        let keep = if agree < entries.len() || is_old { after + agree } else { self.log.len() };
        let lost: Vec<RequestId> = self.log[keep..].iter().map(|entry| entry.request).collect();
        if !lost.is_empty() {
            self.event(Event::TailLost { requests: lost, epoch: self.epoch });
        }
        let held = (after + entries.len()) as u64;
        let rest: Vec<Entry<K, V>> = entries.into_iter().skip(agree).collect();
        if keep < self.log.len() || !rest.is_empty() {
            self.write(keep, rest);
        }
        let ack = Message::Ack { epoch: self.epoch, held };
        self.held_acks.push((self.last_write, from, ack));
        self.let_acks_go();
    }

    fn handle_synced(&mut self, write: WriteId) {
        if write > self.last_write {
            return;
        }
        while let Some((_, log)) = self.unsynced.pop_front_if(|(id, _)| *id <= write) {
            self.durable = log;
        }
        self.let_acks_go();
        self.ship();
    }

    fn handle_deadline(&mut self) {
        let (now_us, needed) = (self.now_us, self.config.acks);
        let late: Vec<Pending> =
            self.pending.extract_if(.., |pending| pending.until_us <= now_us).collect();
        for Pending { request, entries, .. } in late {
            let backups = self.copies(entries);
            self.answer(request, Outcome::Indeterminate { backups, needed });
        }
        if self.resend_due_us <= now_us {
            // Also while the disk is busy and nothing may be shipped yet.
            self.resend_due_us = now_us.saturating_add(self.config.resend_us);
            self.ship();
        }
    }

    /// Sends every backup what it is not known to have. Only what is on the primary's own disk:
    /// after a crash it must not know less than they do.
    fn ship(&mut self) {
        if !self.is_primary() || self.synced() < self.epoch_write {
            return;
        }
        self.resend_due_us = self.now_us.saturating_add(self.config.resend_us);
        let epoch = self.epoch;
        for (to, held) in self.backups.iter() {
            let known = if *held == UNHEARD { 0 } else { *held };
            // Never more than the log has, see `handle_message`.
            let known_entries = usize::try_from(known).unwrap_or(self.durable).min(self.durable);
            let entries = self.log[known_entries..self.durable].to_vec();
            if *held == UNHEARD || !entries.is_empty() {
                let message = Message::Ship { epoch, after: known, entries };
                self.ready.push_back(Output::Send { to: *to, message });
            }
        }
    }

    fn answer_what_is_safe(&mut self) {
        let needed = self.config.acks;
        for Pending { request, entries, until_us } in std::mem::take(&mut self.pending) {
            let backups = self.copies(entries);
            if self.durable >= entries && backups >= needed {
                self.answer(request, Outcome::Written { backups });
            } else {
                self.pending.push(Pending { request, entries, until_us });
            }
        }
    }

    /// How many backups have the first `entries` entries on disk.
    fn copies(&self, entries: usize) -> usize {
        let has = |held: &&u64| **held != UNHEARD && **held >= entries as u64;
        self.backups.values().filter(has).count()
    }

    fn watch_backups(&mut self) {
        let others = self.config.servers.iter().filter(|server| **server != self.id);
        let is_primary = self.is_primary();
        self.backups = others.filter(|_| is_primary).map(|server| (*server, UNHEARD)).collect();
    }

    fn write(&mut self, keep: usize, append: Vec<Entry<K, V>>) {
        self.log.truncate(keep);
        self.log.extend_from_slice(&append);
        self.durable = self.durable.min(keep);
        self.unsynced.iter_mut().for_each(|(_, log)| *log = (*log).min(keep));
        self.last_write = WriteId(self.last_write.0 + 1);
        self.unsynced.push_back((self.last_write, self.log.len()));
        let write = Write { epoch: self.epoch, keep, append };
        self.ready.push_back(Output::Write { id: self.last_write, write });
    }

    /// This write and all before it are durable.
    fn synced(&self) -> WriteId {
        self.unsynced.front().map_or(self.last_write, |(id, _)| WriteId(id.0 - 1))
    }

    fn let_acks_go(&mut self) {
        let synced = self.synced();
        for (_, to, message) in self.held_acks.extract_if(.., |(until, ..)| *until <= synced) {
            self.ready.push_back(Output::Send { to, message });
        }
    }

    fn answer(&mut self, request: RequestId, outcome: Outcome<V>) {
        self.ready.push_back(Output::Answer { request, outcome });
    }

    fn event(&mut self, event: Event) {
        self.ready.push_back(Output::Event(event));
    }
}

/// Of a backup that has not been heard in this epoch.
const UNHEARD: u64 = u64::MAX;
