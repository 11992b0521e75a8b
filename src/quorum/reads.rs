//! Reads, as their coordinator sees them: all N are asked, and the R-th answer decides; then, if so
//! set, what was found is written back before the client hears of it.

use super::{
    Ack, Cell, Data, Event, IgnoreReason, Message, MessageKind, NotCounted, NotFound, Operation,
    OperationId, Outcome, Purpose, Quorum, ReadCall, ReadRepair, Reply, RequestId, Resolution,
    Server, ServerId, Success, Task,
};

/// What a coordinator makes of the answers so far.
enum Weighed<V> {
    /// Wait for more.
    TooFew,
    /// Wait for more: what was found is older than what the client knows.
    Behind,
    /// Nobody is left to be heard, and what was found is older than that.
    BehindForGood,
    /// Too few hold what was found.
    ToBeWrittenBack { found: Cell<V>, holders: usize },
    /// This is the answer.
    Found(Option<Cell<V>>),
}

impl<K: Data, V: Data> Server<K, V> {
    pub(super) fn handle_read(&mut self, request: RequestId, call: ReadCall<K>) {
        if self.is_repeated(request) {
            return;
        }
        let ReadCall { key, floor, quorum } = call;
        let Some((id, quorum, places)) = self.admit(request, &key, quorum, Quorum::r) else {
            return;
        };
        let deadline_us = self.time.now_us.saturating_add(self.config.settings().timeout_us);
        let task = Task::Read {
            floor,
            replies: Vec::new(),
            found: None,
            writing_back: false,
            written_back: Vec::new(),
        };
        let (replicas, needed) = (places.len(), quorum.r());
        self.outbox.event(Event::ReadStarted { request, key: key.clone(), replicas, needed });
        let operation = Operation { id, key, quorum, places, deadline_us, answered: false, task };
        for server in operation.asked() {
            let key = operation.key.clone();
            self.outbox.send(server, Message::Read { operation: id, key });
        }
        self.operations.insert(request, operation);
    }

    pub(super) fn count_reply(&mut self, from: ServerId, id: OperationId, cell: Option<Cell<V>>) {
        let request = id.request;
        let operation = self.operations.get_mut(&request).filter(|operation| operation.id == id);
        let is_found = cell.is_some();
        let counted = operation.map(|operation| {
            let Task::Read { replies, .. } = &operation.task else { return None };
            let acks: Vec<Ack> = replies.iter().map(|reply| reply.ack).collect();
            let ack = operation.ack(from, &acks);
            let answered = operation.answered;
            let Task::Read { replies, .. } = &mut operation.task else { return None };
            Some(ack.map(|ack| {
                replies.push(Reply { ack, cell });
                answered
            }))
        });
        match counted.flatten() {
            None => self.ignore(from, MessageKind::ReadReply, IgnoreReason::NoSuchOperation),
            Some(Err(why)) => self.outbox.event(Event::NotCounted { request, from, why }),
            Some(Ok(true)) => self.take_late_answer(from, request),
            Some(Ok(false)) => {
                self.tell_of_answer(from, request, is_found);
                self.weigh_answers(request);
            }
        }
    }

    fn tell_of_answer(&mut self, from: ServerId, request: RequestId, found: bool) {
        let Some(operation) = self.operations.get(&request) else { return };
        let (answers, needed) = (self.answers(operation), operation.quorum.r());
        let counts = found || self.config.settings().not_found == NotFound::Answers;
        let why = NotCounted::NotFound;
        self.outbox.event(match counts {
            true => Event::Answered { request, from, found, answers, needed },
            false => Event::NotCounted { request, from, why },
        });
    }

    /// How many places have answered, as far as not to know the key is an answer.
    fn answers(&self, operation: &Operation<K, V>) -> usize {
        let Task::Read { replies, .. } = &operation.task else { return 0 };
        let any = self.config.settings().not_found == NotFound::Answers;
        operation.filled(|server| {
            replies.iter().any(|reply| reply.ack.by == server && (any || reply.cell.is_some()))
        })
    }

    fn weigh_answers(&mut self, request: RequestId) {
        let Some(operation) = self.operations.get(&request) else { return };
        match self.weigh(operation) {
            Weighed::TooFew => {}
            Weighed::Behind => {
                let Task::Read { floor, .. } = &operation.task else { return };
                let floor = floor.clone();
                self.outbox.event(Event::BehindFloor { request, floor });
            }
            Weighed::BehindForGood => {
                let (outcome, ..) = self.read_in_vain(request);
                self.finish_read(request, outcome);
            }
            Weighed::ToBeWrittenBack { found, holders } => {
                self.write_back(request, found, holders);
            }
            Weighed::Found(found) => {
                let acked_by = acks(operation);
                let acks = operation.filled_by(&acked_by);
                self.outbox.event(Event::Succeeded { request, acks });
                let result = Success::Found(found);
                self.finish_read(request, Outcome::Ok { acked_by, result });
            }
        }
    }

    fn weigh(&self, operation: &Operation<K, V>) -> Weighed<V> {
        let Task::Read { floor, replies, found, writing_back, .. } = &operation.task else {
            return Weighed::TooFew;
        };
        let settings = self.config.settings();
        let (resolution, quorum) = (settings.resolution, operation.quorum);
        let found = if *writing_back {
            found.clone()
        } else {
            let heard = operation.filled_by(&acks(operation));
            let all_heard = heard == operation.places.len();
            let enough = self.answers(operation) >= quorum.r() || all_heard;
            if !enough {
                return Weighed::TooFew;
            }
            let found = merge_all(replies, resolution);
            let context = found.as_ref().map(Cell::context).unwrap_or_default();
            if !context.is_as_new_as(floor, resolution) {
                return if all_heard { Weighed::BehindForGood } else { Weighed::Behind };
            }
            found
        };
        let Some(found) = found else { return Weighed::Found(None) };
        let holders = holders(operation, &found, resolution);
        if settings.read_repair != ReadRepair::Blocking || holders >= quorum.w() {
            return Weighed::Found(Some(found));
        }
        // A write-back that is under way goes on; there is nothing to begin.
        if *writing_back { Weighed::TooFew } else { Weighed::ToBeWrittenBack { found, holders } }
    }

    /// Sends what was found to every replica that is not known to hold it.
    fn write_back(&mut self, request: RequestId, found: Cell<V>, holders: usize) {
        let resolution = self.config.settings().resolution;
        let Some(operation) = self.operations.get_mut(&request) else { return };
        let needed = operation.quorum.w();
        self.outbox.event(Event::WriteBackStarted { request, holders, needed });
        for replica in operation.places.iter().map(|place| place.replica) {
            if !holds(operation, replica, &found, resolution) {
                let (key, cell) = (operation.key.clone(), found.clone());
                let purpose = Purpose::WriteBack(operation.id);
                self.outbox.send(replica, Message::Merge { purpose, key, cell });
            }
        }
        if let Task::Read { found: settled, writing_back, .. } = &mut operation.task {
            *settled = Some(found);
            *writing_back = true;
        }
    }

    /// A replica holds what a read has written back.
    pub(super) fn count_write_back(&mut self, from: ServerId, id: OperationId) {
        let request = id.request;
        let operation = self.operations.get_mut(&request).filter(|operation| operation.id == id);
        let is_open = operation.is_some_and(|operation| {
            let Task::Read { written_back, .. } = &mut operation.task else { return false };
            let is_new = !written_back.contains(&from);
            if is_new {
                written_back.push(from);
            }
            is_new && !operation.answered
        });
        if is_open {
            self.weigh_answers(request);
        }
    }

    fn finish_read(&mut self, request: RequestId, outcome: Outcome<V>) {
        let resolution = self.config.settings().resolution;
        if let Some(operation) = self.operations.get_mut(&request) {
            operation.answered = true;
            if let Task::Read { replies, found, writing_back: false, .. } = &mut operation.task {
                *found = merge_all(replies, resolution);
            }
        }
        self.answer(request, outcome);
        self.repair(request);
    }

    /// What to tell the client when time is up: the outcome, how many answered, and how many were
    /// needed.
    pub(super) fn read_in_vain(&self, request: RequestId) -> (Outcome<V>, usize, usize) {
        let none = (Outcome::Indeterminate { acked_by: Vec::new(), needed: 0, stamp: None }, 0, 0);
        let Some(operation) = self.operations.get(&request) else { return none };
        let resolution = self.config.settings().resolution;
        let Task::Read { replies, found, writing_back, .. } = &operation.task else { return none };
        let acked_by = acks(operation);
        let (r, w) = (operation.quorum.r(), operation.quorum.w());
        match found {
            Some(found) if *writing_back => {
                let acks = holders(operation, found, resolution);
                (Outcome::Indeterminate { acked_by, needed: w, stamp: None }, acks, w)
            }
            _ => {
                let acks = self.answers(operation);
                let is_behind =
                    acks >= r || operation.filled_by(&acked_by) == operation.places.len();
                let found = merge_all(replies, resolution);
                let found = found.map(|cell| cell.context()).unwrap_or_default();
                let outcome = match is_behind {
                    true => Outcome::Behind { acked_by, found },
                    false => Outcome::Indeterminate { acked_by, needed: r, stamp: None },
                };
                (outcome, acks, r)
            }
        }
    }

    fn take_late_answer(&mut self, from: ServerId, request: RequestId) {
        let resolution = self.config.settings().resolution;
        let Some(operation) = self.operations.get(&request) else { return };
        let Task::Read { replies, found, .. } = &operation.task else { return };
        let late = replies.last().and_then(|reply| reply.cell.as_ref());
        let newer = match (late, found) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(late), Some(found)) => !found.includes(late, resolution),
        };
        self.outbox.event(Event::LateAnswer { request, from, newer });
        self.repair(request);
    }

    /// Brings replicas that the read has found behind up to date, and forgets the read once all
    /// have been heard.
    fn repair(&mut self, request: RequestId) {
        let settings = self.config.settings();
        let (resolution, is_on) = (settings.resolution, settings.read_repair != ReadRepair::Off);
        let Some(operation) = self.operations.get_mut(&request) else { return };
        let asked = operation.asked().count();
        let (id, key) = (operation.id, operation.key.clone());
        let Task::Read { replies, .. } = &mut operation.task else { return };
        let has_all = replies.len() == asked;
        let total = merge_all(replies, resolution).filter(|_| is_on);
        for Reply { ack, cell } in replies.iter_mut() {
            let Some(total) = total.clone() else { break };
            let is_behind = !cell.as_ref().is_some_and(|cell| cell.includes(&total, resolution));
            // A stand-in is no replica: what it lacks it need not have.
            if is_behind && ack.stands_in_for.is_none() {
                self.outbox.event(Event::RepairSent { request, to: ack.by });
                let (purpose, key) = (Purpose::ReadRepair(id), key.clone());
                *cell = Some(total.clone());
                self.outbox.send(ack.by, Message::Merge { purpose, key, cell: total });
            }
        }
        if has_all {
            self.operations.remove(&request);
        }
    }
}

fn acks<K, V>(operation: &Operation<K, V>) -> Vec<Ack> {
    match &operation.task {
        Task::Read { replies, .. } => replies.iter().map(|reply| reply.ack).collect(),
        Task::Ask { acks, .. } | Task::Write { acks, .. } => acks.clone(),
    }
}

fn merge_all<V: Data>(replies: &[Reply<V>], resolution: Resolution) -> Option<Cell<V>> {
    let mut cells = replies.iter().filter_map(|reply| reply.cell.as_ref());
    let mut merged = cells.next()?.clone();
    cells.for_each(|cell| {
        merged.merge(cell, resolution);
    });
    Some(merged)
}

/// Whether `server` is known to hold `found`.
fn holds<K, V: Data>(
    operation: &Operation<K, V>,
    server: ServerId,
    found: &Cell<V>,
    resolution: Resolution,
) -> bool {
    let Task::Read { replies, written_back, .. } = &operation.task else { return false };
    let has = |reply: &Reply<V>| {
        let cell = reply.cell.as_ref();
        reply.ack.by == server && cell.is_some_and(|cell| cell.includes(found, resolution))
    };
    written_back.contains(&server) || replies.iter().any(has)
}

/// How many places are known to hold `found`.
fn holders<K, V: Data>(
    operation: &Operation<K, V>,
    found: &Cell<V>,
    resolution: Resolution,
) -> usize {
    operation.filled(|server| holds(operation, server, found, resolution))
}
