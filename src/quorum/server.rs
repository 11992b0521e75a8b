//! One server: its state, its inputs and its outputs.

use std::collections::VecDeque;

use crate::sorted::SortedMap;
use crate::stable_hash::stable_hash;

use super::anti_entropy::Comparing;
use super::detector::Peers;
use super::outbox::Outbox;
use super::{
    Cell, Change, Config, Data, Durable, Event, IgnoreReason, Input, Message, MessageKind, Mode,
    Operation, OperationId, Outcome, Output, Place, Quorum, Refusal, RequestId, ServerId, Time,
    WriteId,
};

/// A server of the store: a replica of some keys, a stand-in for others, and a coordinator of
/// whatever clients ask of it. See the [module docs](super) for how to drive it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Server<K, V> {
    pub(super) id: ServerId,
    pub(super) config: Config,
    /// What is on disk, as it will be once every write is durable.
    pub(super) durable: Durable<K, V>,
    pub(super) time: Time,
    pub(super) peers: Peers,
    /// What it coordinates.
    pub(super) operations: SortedMap<RequestId, Operation<K, V>>,
    /// What it has coordinated of late, oldest first: for clients that ask again.
    pub(super) finished: VecDeque<(RequestId, Outcome<V>)>,
    pub(super) comparing: Comparing,
    /// When hints are sent once more.
    pub(super) handoff_due_us: u64,
    pub(super) outbox: Outbox<K, V>,
}

impl<K: Data, V: Data> Server<K, V> {
    /// Starts a server from what its disk holds. Everybody else is taken to be up at first.
    pub fn boot(id: ServerId, config: Config, durable: Durable<K, V>, time: Time) -> Server<K, V> {
        let settings = config.settings();
        Server {
            id,
            durable,
            time,
            peers: Peers::new(id, &config, time.now_us),
            operations: SortedMap::new(),
            finished: VecDeque::new(),
            comparing: Comparing::new(id, settings, time.now_us),
            handoff_due_us: time.now_us.saturating_add(settings.handoff_retry_us),
            outbox: Outbox::new(id, settings.ack_before_sync),
            config,
        }
    }

    /// Takes one input. A clock that goes back is taken to stand still, except for the one that
    /// stamps go by.
    pub fn handle(&mut self, time: Time, input: Input<K, V>) {
        self.time = Time { now_us: self.time.now_us.max(time.now_us), ..time };
        match input {
            Input::Message { from, message } => self.receive(from, message),
            Input::Deadline => self.handle_deadline(),
            Input::Synced { write } => {
                if !self.outbox.sync(write) {
                    self.outbox.event(Event::SyncIgnored { write });
                }
            }
            Input::Write { request, call } => self.handle_write(request, call),
            Input::Read { request, call } => self.handle_read(request, call),
            Input::Compare { with } => self.compare(with),
        }
        self.outbox.flush();
        while let Some(message) = self.outbox.next_local() {
            self.handle_message(self.id, message);
            self.outbox.flush();
        }
    }

    /// The next thing to be done, until there is none.
    pub fn poll_output(&mut self) -> Option<Output<K, V>> {
        self.outbox.poll()
    }

    /// When the server wants [`Input::Deadline`], in microseconds of [`Time::now_us`], if at all.
    /// It may lie in the past.
    pub fn deadline_us(&self) -> Option<u64> {
        let settings = self.config.settings();
        let operations = self.operations.values().map(|operation| operation.deadline_us).min();
        let detector = settings.detector.and_then(|detector| {
            let suspicion = self.peers.suspicion_us(detector);
            [suspicion, Some(self.peers.heartbeat_due_us)].into_iter().flatten().min()
        });
        let handoff = self.has_hints_to_send().then_some(self.handoff_due_us);
        let comparing = settings.anti_entropy_us.map(|_| self.comparing.due_us);
        let tombstones = self.tombstone_due_us();
        [operations, detector, handoff, comparing, tombstones].into_iter().flatten().min()
    }

    /// Goes on with other settings. What is under way keeps the quorum that it began with.
    ///
    /// Servers do not agree on a change of N: until anti-entropy has gone round, the quorums of
    /// before and after need not overlap.
    pub fn configure(&mut self, config: Config) {
        if config.settings().detector == self.config.settings().detector {
            self.peers.follow(self.id, &config, self.time.now_us);
        } else {
            // What was not listened for is no silence.
            self.peers = Peers::new(self.id, &config, self.time.now_us);
        }
        self.comparing.follow(config.settings(), self.time.now_us);
        self.outbox.set_ack_before_sync(config.settings().ack_before_sync);
        self.config = config;
    }

    /// This server.
    pub fn id(&self) -> ServerId {
        self.id
    }

    /// Its settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What it holds of `key` as a replica, in memory.
    pub fn cell(&self, key: &K) -> Option<&Cell<V>> {
        self.durable.cells.get(key)
    }

    /// What it holds as a replica, in memory, in the order of the keys.
    pub fn cells(&self) -> impl Iterator<Item = (&K, &Cell<V>)> {
        self.durable.cells.iter()
    }

    /// What it keeps for others, and for whom.
    pub fn hints(&self) -> impl Iterator<Item = (ServerId, &K, &Cell<V>)> {
        self.durable.hints.iter().map(|((replica, key), cell)| (*replica, key, cell))
    }

    /// What it coordinates, or listens for after it has answered.
    pub fn operations(&self) -> impl Iterator<Item = &Operation<K, V>> {
        self.operations.values()
    }

    /// The messages that wait for the disk, oldest first: for which write, to whom, and what.
    pub fn held_messages(&self) -> impl Iterator<Item = (WriteId, ServerId, &Message<K, V>)> {
        self.outbox.held()
    }

    /// The replicas of `key`.
    pub fn replicas(&self, key: &K) -> impl Iterator<Item = ServerId> {
        self.config.preference(stable_hash(key)).take(self.config.quorum().n())
    }

    fn receive(&mut self, from: ServerId, message: Message<K, V>) {
        if from == self.id {
            return self.ignore(from, message.kind(), IgnoreReason::FromItself);
        }
        if !self.peers.is_known(from) {
            return self.ignore(from, message.kind(), IgnoreReason::Stranger);
        }
        self.hear(from);
        self.handle_message(from, message);
    }

    fn handle_message(&mut self, from: ServerId, message: Message<K, V>) {
        match message {
            Message::Write { operation, key, sibling, stands_in_for } => {
                self.take_write(from, operation, key, sibling, stands_in_for);
            }
            Message::WriteAck { operation, stamp } => self.count_ack(from, operation, stamp),
            Message::AskStamp { operation, key } => self.tell_stamp(from, operation, &key),
            Message::StampReply { operation, latest, known } => {
                self.count_stamp(from, operation, latest, known);
            }
            Message::Read { operation, key } => self.tell_cell(from, operation, &key),
            Message::ReadReply { operation, cell } => self.count_reply(from, operation, cell),
            Message::Merge { purpose, key, cell } => self.take_cell(from, purpose, key, cell),
            Message::Merged { purpose, key, digest } => {
                self.note_merged(from, purpose, key, digest);
            }
            Message::Heartbeat => {}
            Message::Tree { round, level, nodes } => self.take_tree(from, round, level, nodes),
            Message::Leaves { round, leaves, entries } => {
                self.take_leaves(from, round, leaves, entries);
            }
            Message::Want { round, keys } => self.send_wanted(from, round, keys),
        }
    }

    fn handle_deadline(&mut self) {
        self.watch_peers();
        self.expire_operations();
        self.retry_handoff();
        self.compare_when_due();
        self.collect_tombstones();
    }

    /// Tells of a message that has no effect.
    pub(super) fn ignore(&mut self, from: ServerId, kind: MessageKind, reason: IgnoreReason) {
        self.outbox.event(Event::MessageIgnored { from, kind, reason });
    }

    /// Changes what is on disk: in memory at once, and there in due course.
    pub(super) fn change(&mut self, change: Change<K, V>) {
        self.durable.change(&change);
        self.outbox.stage(change);
    }

    /// What an operation on `key` may begin with; `None` if it may not, and that is answered.
    pub(super) fn admit(
        &mut self,
        request: RequestId,
        key: &K,
        quorum: Option<Quorum>,
        needed: fn(Quorum) -> usize,
    ) -> Option<(OperationId, Quorum, Vec<Place>)> {
        let quorum = quorum.unwrap_or(self.config.quorum());
        if let Err(error) = self.config.admit(quorum) {
            self.refuse(request, Refusal::Quorum(error));
            return None;
        }
        let most = self.config.settings().max_operations;
        if self.operations.len() >= most {
            // Those that are answered only listen for what comes late.
            let answered = self.operations.iter().find(|(_, operation)| operation.answered);
            let Some(oldest) = answered.map(|(request, _)| *request) else {
                self.refuse(request, Refusal::Busy);
                return None;
            };
            self.operations.remove(&oldest);
        }
        let places = self.places(key, quorum.n());
        let up = |place: &Place| {
            let replica = Some(place.replica).filter(|replica| self.is_alive(*replica));
            replica.or(place.stand_in)
        };
        let alive: Vec<ServerId> = places.iter().filter_map(up).collect();
        let needed = needed(quorum);
        if alive.len() < needed {
            self.outbox.event(Event::Unavailable { request, alive: alive.len(), needed });
            self.answer(request, Outcome::Unavailable { alive, needed });
            return None;
        }
        for Place { replica, stand_in } in &places {
            if let Some(stand_in) = *stand_in {
                let replica = *replica;
                self.outbox.event(Event::StandInChosen { request, replica, stand_in });
            }
        }
        let id = OperationId { request, started_us: self.time.now_us };
        Some((id, quorum, places))
    }

    /// The replicas of `key`, and who stands in for those that seem to be down: the next servers of
    /// the preference list that are up (Dynamo §4.6).
    fn places(&self, key: &K, n: usize) -> Vec<Place> {
        let is_sloppy = self.config.settings().mode == Mode::Ap { sloppy: true };
        let hash = stable_hash(key);
        let mut spares = self.config.preference(hash).skip(n).filter(|spare| self.is_alive(*spare));
        let place = |replica| {
            let needs_one = is_sloppy && !self.is_alive(replica);
            Place { replica, stand_in: if needs_one { spares.next() } else { None } }
        };
        self.config.preference(hash).take(n).map(place).collect()
    }

    /// Tells the client.
    pub(super) fn answer(&mut self, request: RequestId, outcome: Outcome<V>) {
        let is_kept = match &outcome {
            Outcome::Ok { .. } => true,
            // The next attempt is the same write.
            Outcome::Indeterminate { stamp, .. } => stamp.is_some(),
            Outcome::Unavailable { .. } | Outcome::Behind { .. } | Outcome::Refused { .. } => false,
        };
        if is_kept {
            self.finished.retain(|(other, _)| *other != request);
            if self.finished.len() >= self.config.settings().remembered_requests {
                self.finished.pop_front();
            }
            self.finished.push_back((request, outcome.clone()));
        }
        self.outbox.push(Output::Answer { request, outcome });
    }

    /// Answers a request that is under way, or was answered, and says so.
    pub(super) fn is_repeated(&mut self, request: RequestId) -> bool {
        if let Some(operation) = self.operations.get(&request)
            && !operation.answered
        {
            self.outbox.event(Event::RequestRepeated { request, answered: false });
            return true;
        }
        let finished = self.finished.iter().find(|(other, _)| *other == request);
        let Some((_, outcome @ Outcome::Ok { .. })) = finished else {
            return false;
        };
        let outcome = outcome.clone();
        self.outbox.event(Event::RequestRepeated { request, answered: true });
        self.outbox.push(Output::Answer { request, outcome });
        true
    }

    fn refuse(&mut self, request: RequestId, reason: Refusal) {
        self.outbox.event(Event::Refused { request, reason });
        self.answer(request, Outcome::Refused { reason });
    }
}
