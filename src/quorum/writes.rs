//! Writes, as their coordinator sees them: to all N, and the W-th acknowledgement decides.

use super::{
    Context, Data, Event, IgnoreReason, Message, MessageKind, NotCounted, Operation, OperationId,
    Outcome, Place, Quorum, RequestId, Server, ServerId, Sibling, Stamp, Stamping, Success, Task,
    WriteCall,
};

impl<K: Data, V: Data> Server<K, V> {
    pub(super) fn handle_write(&mut self, request: RequestId, call: WriteCall<K, V>) {
        if self.is_repeated(request) {
            return;
        }
        let asks_first = self.config.settings().stamping == Stamping::AskFirst;
        let retry_of = call.retry_of.or(self.stamp_of_last_attempt(request));
        let needed = match asks_first && retry_of.is_none() {
            true => |quorum: Quorum| quorum.w().max(quorum.r()),
            false => Quorum::w,
        };
        let WriteCall { key, value, context, after_context, quorum, .. } = call;
        let Some((id, quorum, places)) = self.admit(request, &key, quorum, needed) else {
            return;
        };
        let above = context.latest.filter(|_| after_context);
        let deadline_us = self.time.now_us.saturating_add(self.config.settings().timeout_us);
        let (acks, answered) = (Vec::new(), false);
        let (latest, known) = (None, None);
        let task = Task::Ask { value, context, above, acks, latest, known };
        let operation = Operation { id, key, quorum, places, deadline_us, answered, task };
        self.operations.insert(request, operation);
        match retry_of {
            None if asks_first => self.ask_for_stamps(request),
            // What another server has stamped stays as it is.
            stamp => self.send_writes(request, stamp),
        }
    }

    /// An attempt that ended indeterminate has a stamp already, and keeps it.
    fn stamp_of_last_attempt(&self, request: RequestId) -> Option<Stamp> {
        let finished = self.finished.iter().find(|(other, _)| *other == request);
        match finished {
            Some((_, Outcome::Indeterminate { stamp, .. })) => *stamp,
            _ => None,
        }
    }

    fn ask_for_stamps(&mut self, request: RequestId) {
        let Some(Operation { id, key, quorum, places, .. }) = self.operations.get(&request) else {
            return;
        };
        let needed = quorum.r();
        self.outbox.event(Event::StampAsked { request, key: key.clone(), needed });
        for server in places.iter().flat_map(|place| [Some(place.replica), place.stand_in]) {
            let Some(server) = server else { continue };
            self.outbox.send(server, Message::AskStamp { operation: *id, key: key.clone() });
        }
    }

    pub(super) fn count_stamp(
        &mut self,
        from: ServerId,
        id: OperationId,
        told: Option<Stamp>,
        applied: Option<Stamp>,
    ) {
        let request = id.request;
        let operation = self.operations.get_mut(&request).filter(|operation| operation.id == id);
        let counted = operation.map(|operation| {
            let Task::Ask { acks, .. } = &operation.task else { return None };
            let ack = operation.ack(from, acks);
            let Task::Ask { acks, latest, known, .. } = &mut operation.task else { return None };
            if let Ok(ack) = ack {
                acks.push(ack);
                *latest = (*latest).max(told);
                // Of two attempts that both got somewhere, the first counts.
                *known = (*known).into_iter().chain(applied).min();
            }
            let acks = acks.clone();
            Some(ack.map(|_| operation.filled_by(&acks)))
        });
        match counted.flatten() {
            None => self.ignore(from, MessageKind::StampReply, IgnoreReason::NoSuchOperation),
            Some(Err(why)) => self.outbox.event(Event::NotCounted { request, from, why }),
            Some(Ok(answers)) => {
                let found = told.is_some();
                let needed = self.operations.get(&request).map_or(0, |one| one.quorum.r());
                self.outbox.event(Event::Answered { request, from, found, answers, needed });
                if answers >= needed {
                    self.send_writes(request, None);
                }
            }
        }
    }

    /// Goes from asking to writing.
    fn send_writes(&mut self, request: RequestId, stamp: Option<Stamp>) {
        let Some(operation) = self.operations.get_mut(&request) else { return };
        let Task::Ask { value, context, above, latest, known, .. } = &operation.task else {
            return;
        };
        let above = (*latest).max(*above);
        let clock_us = above.map_or(0, |above| above.clock_us.saturating_add(1));
        let fresh =
            || Stamp { clock_us: clock_us.max(self.time.clock_us), server: self.id, request };
        let stamp = stamp.or(*known).unwrap_or_else(fresh);
        let Context { mut vector, .. } = context.clone();
        vector.include(request);
        let sibling = Sibling { stamp, vector, value: value.clone() };
        operation.task = Task::Write { sibling: sibling.clone(), acks: Vec::new() };
        let (key, id) = (operation.key.clone(), operation.id);
        let (replicas, needed) = (operation.places.len(), operation.quorum.w());
        let started = Event::WriteStarted { request, key: key.clone(), stamp, replicas, needed };
        self.outbox.event(started);
        for Place { replica, stand_in } in operation.places.clone() {
            for (to, stands_in_for) in [(Some(replica), None), (stand_in, Some(replica))] {
                let Some(to) = to else { continue };
                let (operation, key, sibling) = (id, key.clone(), sibling.clone());
                let write = Message::Write { operation, key, sibling, stands_in_for };
                self.outbox.send(to, write);
            }
        }
    }

    pub(super) fn count_ack(&mut self, from: ServerId, id: OperationId, stamp: Stamp) {
        let request = id.request;
        let operation = self.operations.get_mut(&request).filter(|operation| operation.id == id);
        let counted = operation.map(|operation| {
            let Task::Write { acks, sibling } = &operation.task else { return None };
            let ack = match operation.ack(from, acks) {
                Ok(_) if stamp != sibling.stamp => Err(NotCounted::OtherStamp),
                ack => ack,
            };
            let is_taken = ack.is_ok_and(|ack| operation.is_taken(ack, acks));
            let Task::Write { acks, .. } = &mut operation.task else { return None };
            Some(ack.map(|ack| {
                acks.push(ack);
                is_taken
            }))
        });
        match counted.flatten() {
            None => self.ignore(from, MessageKind::WriteAck, IgnoreReason::NoSuchOperation),
            Some(Err(why)) => self.outbox.event(Event::NotCounted { request, from, why }),
            Some(Ok(is_taken)) => self.weigh_acks(from, request, is_taken),
        }
    }

    /// One more server has acknowledged.
    fn weigh_acks(&mut self, from: ServerId, request: RequestId, is_taken: bool) {
        let Some(operation) = self.operations.get_mut(&request) else { return };
        let Task::Write { acks: acked, sibling } = &operation.task else { return };
        let (acks, needed) = (operation.filled_by(acked), operation.quorum.w());
        let has_all = acked.len() == operation.asked().count();
        let (stamp, vector) = (sibling.stamp, sibling.vector.clone());
        let acked_by = acked.clone();
        let was_answered = operation.answered;
        operation.answered |= acks >= needed;
        let why = NotCounted::PlaceTaken;
        self.outbox.event(match (was_answered, is_taken) {
            (true, _) => Event::LateAcknowledgement { request, from, acks },
            (false, true) => Event::NotCounted { request, from, why },
            (false, false) => Event::Acknowledged { request, from, acks, needed },
        });
        if !was_answered && acks >= needed {
            self.outbox.event(Event::Succeeded { request, acks });
            let result = Success::Written { stamp, vector };
            self.answer(request, Outcome::Ok { acked_by, result });
        }
        if has_all {
            self.operations.remove(&request);
        }
    }

    pub(super) fn expire_operations(&mut self) {
        let now_us = self.time.now_us;
        let is_due = |operation: &&Operation<K, V>| operation.deadline_us <= now_us;
        let due = self.operations.values().filter(is_due);
        let due: Vec<_> = due.map(|operation| (operation.id.request, operation.answered)).collect();
        for (request, answered) in due {
            if answered {
                self.operations.remove(&request);
            } else {
                self.give_up(request);
            }
        }
    }

    fn give_up(&mut self, request: RequestId) {
        let linger_us = self.time.now_us.saturating_add(self.config.settings().timeout_us);
        let Some(operation) = self.operations.get_mut(&request) else { return };
        let (r, w) = (operation.quorum.r(), operation.quorum.w());
        let (is_asking, outcome, acks, needed) = match &operation.task {
            Task::Ask { acks, .. } => {
                let alive: Vec<ServerId> = acks.iter().map(|ack| ack.by).collect();
                let acks = operation.filled_by(acks);
                (true, Outcome::Unavailable { alive, needed: r }, acks, r)
            }
            Task::Write { sibling, acks } => {
                let (acked_by, stamp) = (acks.clone(), Some(sibling.stamp));
                let outcome = Outcome::Indeterminate { acked_by, needed: w, stamp };
                (false, outcome, operation.filled_by(acks), w)
            }
            Task::Read { .. } => {
                let (outcome, acks, needed) = self.read_in_vain(request);
                (false, outcome, acks, needed)
            }
        };
        self.outbox.event(Event::TimedOut { request, acks, needed });
        self.answer(request, outcome);
        if is_asking {
            self.operations.remove(&request);
        } else if let Some(operation) = self.operations.get_mut(&request) {
            operation.answered = true;
            operation.deadline_us = linger_us;
        }
    }
}
