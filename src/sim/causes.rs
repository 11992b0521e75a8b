//! Walks over the history: why something happened, and what followed from it.
//!
//! A record names its cause: the input that the process was given. That is one reason of several. A
//! message that died at a cut names its sending; but it also took somebody who cut the link. What
//! the world knows of such reasons is found here; a lab that knows the protocol adds more.
//!
//! Every walk is bounded. A search backwards looks at no more records than its [`Budget`] allows,
//! and a cone has no more than [`CONE_RECORDS`].

use std::cell::Cell;

use super::{Fault, Happening, History, LossReason, NodeId, Process, Record, RecordId};

/// The most records of a cone.
pub const CONE_RECORDS: usize = 512;

/// The most records that the walks for one question look at.
pub const LOOKED_AT: usize = 200_000;

/// How many records after the sending of a message are looked through for what came of it.
const ARRIVES_WITHIN: usize = 2_048;

/// The records of one input stand so close together.
const OF_ONE_INPUT: u32 = 64;

/// How far back a loss by chance is traced to who made the link lossy.
const LINKS_CHANGED_WITHIN: u32 = 2_000;

/// How many records may still be looked at.
#[derive(Debug)]
pub struct Budget(Cell<usize>);

impl Default for Budget {
    fn default() -> Budget {
        Budget(Cell::new(LOOKED_AT))
    }
}

impl Budget {
    /// Looks at one record more. `false` if that is too much.
    fn take(&self) -> bool {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        left > 0
    }
}

/// Records that belong together, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cone {
    /// Which.
    pub records: Vec<RecordId>,
    /// Whether these are all. If not, those farthest from where the cone begins are missing.
    pub whole: bool,
}

impl<P: Process> History<P> {
    /// The server that a record is about. `None` for an act on links.
    pub fn node_of(&self, id: RecordId) -> Option<NodeId> {
        match &self.get(id)?.what {
            Happening::Booted { node, .. }
            | Happening::Requested { node, .. }
            | Happening::Deadline { node }
            | Happening::WriteStarted { node, .. }
            | Happening::WriteSynced { node, .. }
            | Happening::WritesKept { node, .. }
            | Happening::Decided { node, .. } => Some(*node),
            Happening::Sent { from, .. } => Some(*from),
            Happening::Duplicated { message, .. } => Some(self.message(*message)?.0),
            Happening::Delivered { message } | Happening::Lost { message, .. } => {
                Some(self.message(*message)?.1)
            }
            Happening::Fault(fault) => fault.node(),
        }
    }

    /// The latest record before `before`, and not before `floor`, that `is` says yes to.
    pub fn find_back(
        &self,
        budget: &Budget,
        floor: RecordId,
        before: RecordId,
        is: &mut dyn FnMut(RecordId, &Record<P>) -> bool,
    ) -> Option<RecordId> {
        let mut at = (before.0 as usize).min(self.len());
        while at > floor.0 as usize && budget.take() {
            at -= 1;
            let id = RecordId(at as u32);
            // What was let go ends the search.
            if is(id, self.get(id)?) {
                return Some(id);
            }
        }
        None
    }

    /// The message whose delivery brought the record `id` about.
    pub fn delivered_to(&self, id: RecordId) -> Option<RecordId> {
        match self.get(self.get(id)?.cause?)?.what {
            Happening::Delivered { message } => Some(message),
            _ => None,
        }
    }

    /// What its receiver decided when the message sent at `sent` arrived, if that was soon.
    pub fn decided_on(&self, sent: RecordId) -> Vec<RecordId> {
        let mut delivered = None;
        let mut decided = Vec::new();
        let first = (sent.0 as usize).max(self.records().first());
        for (place, record) in self.records().from(first).take(ARRIVES_WITHIN).enumerate() {
            let id = RecordId((first + place) as u32);
            match record.what {
                Happening::Delivered { message } if message == sent => delivered = Some(id),
                Happening::Decided { .. } if delivered.is_some() && record.cause == delivered => {
                    decided.push(id);
                }
                _ => {}
            }
        }
        decided
    }

    /// The latest decision before `id` that came of the same input and that `is` says yes to.
    pub fn decided_with(
        &self,
        budget: &Budget,
        id: RecordId,
        is: &mut dyn FnMut(&P::Event) -> bool,
    ) -> Option<RecordId> {
        let cause = self.get(id)?.cause?;
        let floor = cause.0.max(id.0.saturating_sub(OF_ONE_INPUT));
        self.find_back(budget, RecordId(floor), id, &mut |_, record| {
            let happened = match &record.what {
                Happening::Decided { event, .. } => is(event),
                _ => false,
            };
            happened && record.cause == Some(cause)
        })
    }

    /// The latest act before `before` that is one of those that `is` says yes to.
    pub fn find_act(
        &self,
        budget: &Budget,
        floor: RecordId,
        before: RecordId,
        is: &mut dyn FnMut(&Fault) -> bool,
    ) -> Option<RecordId> {
        self.find_back(budget, floor, before, &mut |_, record| match &record.what {
            Happening::Fault(fault) => is(fault),
            _ => false,
        })
    }

    /// The latest act at the instant `at_us` that `is` says yes to. Quick, wherever that is.
    pub fn act_at(&self, at_us: u64, is: &mut dyn FnMut(&Fault) -> bool) -> Option<RecordId> {
        let first = self.records().partition_point(|record| record.at_us < at_us);
        let there = self.records().from(first).take_while(|record| record.at_us == at_us);
        let mut found = None;
        for (place, record) in there.enumerate() {
            if let Happening::Fault(fault) = &record.what
                && is(fault)
            {
                found = Some(RecordId((first + place) as u32));
            }
        }
        found
    }

    /// The act that cut the link `from → to`, if it was cut when the record `before` happened.
    pub fn cut_of(
        &self,
        budget: &Budget,
        before: RecordId,
        (from, to): (NodeId, NodeId),
    ) -> Option<RecordId> {
        // Of several cuts the first after the latest healing counts.
        let mut cut = None;
        self.find_back(budget, RecordId(0), before, &mut |id, record| match &record.what {
            Happening::Fault(Fault::Cut(links)) if links.contains(&(from, to)) => {
                cut = Some(id);
                false
            }
            Happening::Fault(Fault::HealAll) => true,
            Happening::Fault(Fault::Heal(links)) => links.contains(&(from, to)),
            // Each cut of a link that was cut already stays as it is. To look on for an older one
            // would lead to the beginning of every run.
            Happening::Delivered { message } if cut.is_some() => {
                self.message(*message).is_some_and(|(a, b, _)| (a, b) == (from, to))
            }
            _ => false,
        });
        cut
    }

    /// What a record would not be without, as far as the world knows: first the main reason, which
    /// leads farther back than the others. All are earlier than `id`.
    pub fn reasons(&self, budget: &Budget, id: RecordId) -> Vec<RecordId> {
        let Some(record) = self.get(id) else {
            return Vec::new();
        };
        let main = match &record.what {
            Happening::Lost { message, reason } => self.why_lost(budget, id, *message, *reason),
            Happening::Delivered { message } => self.why_late(budget, id, *message),
            // A sync names what began it; that may have been an earlier write.
            Happening::WriteSynced { node, write } => {
                self.find_back(budget, RecordId(0), id, &mut |_, record| {
                    let (node, write) = (*node, *write);
                    record.what == Happening::WriteStarted { node, write }
                })
            }
            _ => None,
        };
        let crash = match record.what {
            Happening::Booted { node, boot } if boot > 1 => {
                self.find_act(budget, RecordId(0), id, &mut |fault| fault.stops(node))
            }
            _ => None,
        };
        let both = if matches!(record.what, Happening::Delivered { .. }) {
            [record.cause, main]
        } else {
            [main, record.cause]
        };
        let mut reasons: Vec<RecordId> = Vec::new();
        for reason in both.into_iter().chain([crash]).flatten() {
            if reason < id && !reasons.contains(&reason) && self.get(reason).is_some() {
                reasons.push(reason);
            }
        }
        reasons
    }

    fn why_lost(
        &self,
        budget: &Budget,
        id: RecordId,
        message: RecordId,
        reason: LossReason,
    ) -> Option<RecordId> {
        let (from, to, _) = self.message(message)?;
        let find = |floor: u32, is: &mut dyn FnMut(&Fault) -> bool| {
            self.find_act(budget, RecordId(floor), id, is)
        };
        match reason {
            LossReason::Cut => self.cut_of(budget, id, (from, to)),
            LossReason::NodeDown => find(0, &mut |fault| fault.stops(to)),
            LossReason::Dropped => {
                find(message.0, &mut |fault| *fault == Fault::DropMessage(message))
            }
            // Perhaps nobody made the link like this; so the search is short.
            LossReason::Chance | LossReason::QueueFull => {
                let floor = id.0.saturating_sub(LINKS_CHANGED_WITHIN);
                find(floor, &mut |fault| match fault {
                    Fault::SetLinks(links, _) => links.contains(&(from, to)),
                    _ => false,
                })
            }
            LossReason::NetworkFull => None,
        }
    }

    /// A message that came later than it was to: who held it back, or who let its receiver go on.
    fn why_late(&self, budget: &Budget, id: RecordId, message: RecordId) -> Option<RecordId> {
        let flight = self.flight(message)?;
        if self.get(id)?.at_us <= flight.arrives_us {
            return None;
        }
        self.find_act(budget, message, id, &mut |fault| match fault {
            Fault::Resume(node) => *node == flight.to,
            Fault::DelayMessage(delayed, _) => *delayed == message,
            _ => false,
        })
    }

    /// From a record along its cause, the cause of that, and so on, to what came from outside. The
    /// record itself is not part of it.
    pub fn path_back(&self, id: RecordId) -> impl Iterator<Item = RecordId> {
        let cause = |id: RecordId| self.get(id)?.cause.filter(|cause| *cause < id);
        std::iter::successors(cause(id), move |id| cause(*id))
    }

    /// `from`, their reasons, the reasons of those, and so on.
    pub fn gather(
        &self,
        from: &[RecordId],
        reasons: &mut dyn FnMut(RecordId) -> Vec<RecordId>,
    ) -> Cone {
        // The latest first. A reason is earlier than what it is a reason of, so each comes once.
        let mut open: Vec<RecordId> = Vec::new();
        let note = |open: &mut Vec<RecordId>, id: RecordId| {
            if let Err(place) = open.binary_search(&id) {
                open.insert(place, id);
            }
        };
        from.iter().filter(|id| self.get(**id).is_some()).for_each(|id| note(&mut open, *id));
        let mut cone = Cone { records: Vec::new(), whole: true };
        while let Some(id) = open.pop() {
            if cone.records.len() == CONE_RECORDS {
                cone.whole = false;
                break;
            }
            cone.records.push(id);
            for reason in reasons(id).into_iter().filter(|reason| *reason < id) {
                note(&mut open, reason);
            }
        }
        cone.records.reverse();
        cone
    }

    /// All that could have had an influence on a record (Lamport's "happened before"): what came
    /// before it on its server, what came before the messages that had arrived there, and so on;
    /// and every act. Nothing of a record that is not known.
    pub fn past(&self, budget: &Budget, id: RecordId) -> Cone {
        if self.get(id).is_none() {
            return Cone::default();
        }
        let mut cone = Cone { records: vec![id], whole: true };
        // A loss is about a server and changes nothing there.
        let is_loss = |what: &Happening<P>| matches!(what, Happening::Lost { .. });
        let at_once = self.get(id).is_some_and(|record| !is_loss(&record.what));
        let node = self.node_of(id).filter(|_| at_once);
        let mut reached: Vec<NodeId> = node.into_iter().collect();
        let mut wanted: Vec<RecordId> = self.get(id).and_then(|r| r.cause).into_iter().collect();
        let found = self.find_back(budget, RecordId(0), id, &mut |id, record| {
            let node = self.node_of(id);
            let here = !is_loss(&record.what) && node.is_none_or(|node| reached.contains(&node));
            if !here && !wanted.contains(&id) {
                return false;
            }
            wanted.retain(|wanted| *wanted != id);
            if let Happening::Delivered { message } = record.what {
                wanted.push(message);
            }
            if let Some(node) = node.filter(|node| !reached.contains(node)) {
                reached.push(node);
            }
            cone.records.push(id);
            cone.records.len() == CONE_RECORDS
        });
        let is_full = cone.records.len() == CONE_RECORDS;
        let to_the_start = self.get(RecordId(0)).is_some() && budget.0.get() > 0;
        cone.whole = found.is_none() && !is_full && to_the_start;
        cone.records.reverse();
        cone
    }

    /// What followed from a record: what names it as its cause, what names that, and so on. Nothing
    /// of a record that is not known.
    pub fn future(&self, budget: &Budget, id: RecordId) -> Cone {
        if self.get(id).is_none() {
            return Cone::default();
        }
        let mut cone = Cone { records: vec![id], whole: true };
        for at in id.0 as usize + 1..self.len() {
            let next = RecordId(at as u32);
            if cone.records.len() == CONE_RECORDS || !budget.take() {
                cone.whole = false;
                break;
            }
            let cause = self.get(next).and_then(|record| record.cause);
            if cause.is_some_and(|cause| cone.records.binary_search(&cause).is_ok()) {
                cone.records.push(next);
            }
        }
        cone
    }
}

impl Fault {
    /// The server that it is about, unless it is about links or a message.
    pub fn node(&self) -> Option<NodeId> {
        match self {
            Fault::Crash(node)
            | Fault::CrashTorn { node, .. }
            | Fault::Restart(node)
            | Fault::Pause(node)
            | Fault::Resume(node)
            | Fault::SetSync(node, _)
            | Fault::SetClock { node, .. } => Some(*node),
            Fault::Cut(_)
            | Fault::Heal(_)
            | Fault::HealAll
            | Fault::SetLinks(..)
            | Fault::DropMessage(_)
            | Fault::DelayMessage(..)
            | Fault::DuplicateMessage(_) => None,
        }
    }

    /// Whether it stops `node`.
    pub fn stops(&self, node: NodeId) -> bool {
        match self {
            Fault::Crash(other) | Fault::CrashTorn { node: other, .. } => *other == node,
            _ => false,
        }
    }
}
