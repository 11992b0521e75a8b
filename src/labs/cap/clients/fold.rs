//! How clients learn what became of what they asked.

use super::{Asked, Clients, Draft, Fate, WhyRefused};
use crate::check::consistency::{Outcome as Seen, Watch};
use crate::check::linearizability::RegisterCall;
use crate::labs::cap::{CapEvent, CapProcess, RaftEvent, System};
use crate::primary_backup as backup;
use crate::quorum::{Event, Outcome, Refusal, Replaced, RequestId, Success};
use crate::raft;
use crate::sim::{Fault, Happening, NodeId, Record, RecordId};

/// A request that the server which has it cannot serve, and another perhaps can.
pub(in crate::labs::cap) struct PassOn {
    pub(in crate::labs::cap) place: usize,
    /// Who, if anybody is known.
    pub(in crate::labs::cap) to: Option<NodeId>,
    why: WhyRefused,
}

/// What an attempt at a write is, to those who judge what clients saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::labs::cap) enum Attempt {
    /// A write of its own. If it is a retry, no attempt before had any effect.
    First,
    /// The same write once more.
    Again,
    /// The same write, or a second one of the same value: nobody can tell, nor when.
    Unclear,
}

impl Clients {
    /// A request has gone out: this is the record of it.
    pub(in crate::labs::cap) fn note(
        &mut self,
        watch: &mut Watch,
        draft: Draft,
        called: RecordId,
        at_us: u64,
    ) {
        let Draft { asked, member, .. } = draft;
        let asked = Asked { called, at_us, ..asked };
        while self.members.len() < usize::from(asked.client.0) {
            let next = super::Client(self.members.len() as u8 + 1);
            self.members.push(self.new_member(next));
        }
        self.members[usize::from(asked.client.0) - 1] = member;
        let key = self.number(&asked.key);
        let call = match asked.written() {
            None => RegisterCall::Read,
            Some(None) => RegisterCall::Clear,
            Some(Some(value)) => RegisterCall::Write(self.number(value)),
        };
        let place = watch.call(asked.client.0.into(), key, call);
        if let Some(again) = self.repeats(&asked) {
            watch.answer(place, again);
        }
        let patience_us = self.style.config.patience_us();
        self.open.insert(self.asked.len(), at_us.saturating_add(patience_us));
        self.asked.push(asked);
    }

    /// What the judges are told of a retry. The same write once more is no other one: the first
    /// attempt stays unknown, which is what they allow most.
    fn repeats(&self, asked: &Asked) -> Option<Seen> {
        match self.attempt(asked) {
            Attempt::First => None,
            Attempt::Again => Some(Seen::Failed),
            Attempt::Unclear => Some(Seen::Unknown),
        }
    }

    /// What an attempt at a write is. With the stamp of the one before it is the same write; in
    /// Raft it is another.
    pub(in crate::labs::cap) fn attempt(&self, asked: &Asked) -> Attempt {
        let mut before = asked.retries.and_then(|place| self.asked.get(place));
        // Refused attempts had no effect, but one before them may have had.
        while let Some(refused) = before.filter(|before| !before.may_have_happened()) {
            before = refused.retries.and_then(|place| self.asked.get(place));
        }
        match (before, self.style.system) {
            (None, _) | (_, System::Raft) => Attempt::First,
            (Some(_), System::PrimaryBackup) => Attempt::Again,
            (Some(_), System::Quorum) if asked.stamp.is_some() => Attempt::Again,
            (Some(_), System::Quorum) => Attempt::Unclear,
        }
    }

    /// Something has happened. A request that another server may serve is handed out.
    pub(in crate::labs::cap) fn read(
        &mut self,
        watch: &mut Watch,
        id: RecordId,
        record: &Record<CapProcess>,
    ) -> Option<PassOn> {
        let Happening::Decided { event, .. } = &record.what else {
            if let Happening::Fault(Fault::Crash(node) | Fault::CrashTorn { node, .. }) =
                &record.what
            {
                self.lose(watch, *node, id, record.at_us);
            }
            return None;
        };
        let place = match event {
            CapEvent::Quorum(event) => {
                self.read_decision(event);
                return None;
            }
            CapEvent::Answered { request, .. } => self.open_place(*request)?,
            CapEvent::Raft(event) => self.raft_place(event)?,
            CapEvent::BackupAnswered { request, .. } => self.backup_place(*request)?,
            CapEvent::PrimaryBackup(_) => return None,
        };
        let asked = self.asked.get(place)?;
        let fate = match event {
            CapEvent::Answered { outcome, .. } => {
                if let Some(member) = self.members.get_mut(usize::from(asked.client.0) - 1) {
                    member.note(asked.request, &asked.key, outcome);
                }
                fate(outcome)
            }
            CapEvent::Raft(RaftEvent::Read { value, .. }) => {
                Fate::Done(value.iter().cloned().collect())
            }
            CapEvent::Raft(RaftEvent::Answered { outcome, .. }) => raft_fate(outcome)?,
            CapEvent::BackupAnswered { outcome, .. } => backup_fate(outcome),
            _ => return None,
        };
        if let Fate::Refused(why) = fate {
            let to = match why {
                WhyRefused::NotLeader(to) => Some(to),
                WhyRefused::NotPrimary(to) => Some(Some(to)),
                _ => None,
            };
            if let Some(to) = to {
                return Some(PassOn { place, to, why });
            }
        }
        self.know(watch, place, fate, Some(id), record.at_us);
        None
    }

    /// A request was passed on to `to`; or it could not be, and that is the answer.
    pub(in crate::labs::cap) fn pass_on(
        &mut self,
        watch: &mut Watch,
        pass: &PassOn,
        to: Option<NodeId>,
        at: (RecordId, u64),
    ) {
        match (to, self.asked.get_mut(pass.place)) {
            (Some(to), Some(asked)) => (asked.with, asked.hops) = (to, asked.hops + 1),
            _ => self.know(watch, pass.place, Fate::Refused(pass.why), Some(at.0), at.1),
        }
    }

    /// Who has waited for so long gives up.
    pub(in crate::labs::cap) fn give_up(&mut self, watch: &mut Watch, now_us: u64) {
        let due = self.open.iter().filter(|(_, due_us)| **due_us <= now_us);
        let places: Vec<usize> = due.map(|(place, _)| *place).collect();
        for place in places {
            self.know(watch, place, Fate::Unknown { acked: 0, needed: 0 }, None, now_us);
        }
    }

    fn read_decision(&mut self, event: &Event<String>) {
        match event {
            Event::WriteStarted { request, stamp, .. } => {
                if let Some(asked) = self.named(*request) {
                    asked.stamp = Some(*stamp);
                }
            }
            Event::Acknowledged { request, from, .. }
            | Event::LateAcknowledgement { request, from, .. } => {
                if let Some(asked) = self.named(*request) {
                    asked.landed.insert(NodeId(from.0));
                }
            }
            Event::WriteReplaced { replaced: Replaced { loser, winner, .. }, .. } => {
                let was_over = match (self.writer(winner.request), self.writer(loser.request)) {
                    (Some(winner), Some(loser)) => winner.is_before(loser),
                    _ => false,
                };
                if was_over && let Some(asked) = self.named(loser.request) {
                    asked.outdone = true;
                }
            }
            _ => {}
        }
    }

    /// A server has crashed, and with it what it had under way.
    fn lose(&mut self, watch: &mut Watch, node: NodeId, id: RecordId, at_us: u64) {
        let lost = |place: &&usize| self.asked.get(**place).is_some_and(|asked| asked.with == node);
        let places: Vec<usize> = self.open.keys().filter(lost).copied().collect();
        for place in places {
            self.know(watch, place, Fate::Unknown { acked: 0, needed: 0 }, Some(id), at_us);
        }
    }

    fn know(
        &mut self,
        watch: &mut Watch,
        place: usize,
        fate: Fate,
        answered: Option<RecordId>,
        at_us: u64,
    ) {
        if self.open.remove(&place).is_none() {
            return;
        }
        let seen = match &fate {
            Fate::Open => return,
            Fate::Done(found) => Seen::Done { found: found.last().map(|value| self.number(value)) },
            Fate::Refused(_) => Seen::Failed,
            Fate::Unknown { .. } => Seen::Unknown,
        };
        match &fate {
            Fate::Done(found) if found.len() > 1 => watch.answer_one_of_several(place, seen),
            _ => watch.answer(place, seen),
        };
        let stale = self.is_stale(place, &fate);
        if let Some(asked) = self.asked.get_mut(place) {
            (asked.fate, asked.known_us, asked.answered) = (fate, Some(at_us), answered);
            asked.stale = stale;
        }
    }

    /// Whether a read that is answered so is stale, by real time: whichever write it may have
    /// found, that one was over before another began that was acknowledged before the read began.
    fn is_stale(&self, place: usize, fate: &Fate) -> bool {
        let (Some(read), Fate::Done(found)) = (self.asked.get(place), fate) else { return false };
        if read.written().is_some() {
            return false;
        }
        let of_key = || {
            let writes = self.asked.iter().filter(|asked| asked.written().is_some());
            writes.filter(|asked| asked.key == read.key && asked.may_have_happened())
        };
        // A retry is not written anew, so it is no newer than what it repeats.
        let is_new = |write: &&Asked| self.attempt(write) == Attempt::First;
        let newer = || of_key().filter(is_new).filter(|write| write.is_before(read));
        let is_old = |write: &Asked| newer().any(|other| write.is_before(other));
        // Whether all writes of a value are old; `or` if nobody wrote it.
        let all_old = |value: Option<&str>, or: bool| {
            let mut old = or;
            for write in of_key().filter(|write| write.written() == Some(value)) {
                old = is_old(write);
                if !old {
                    break;
                }
            }
            old
        };
        if found.is_empty() {
            return newer().next().is_some() && all_old(None, true);
        }
        found.iter().all(|value| all_old(Some(value), false))
    }

    fn open_place(&self, request: RequestId) -> Option<usize> {
        let has_name =
            |place: &&usize| self.asked.get(**place).is_some_and(|asked| asked.request == request);
        self.open.keys().rev().find(has_name).copied()
    }

    fn raft_place(&mut self, event: &RaftEvent) -> Option<usize> {
        let place = |request: &raft::RequestId| usize::try_from(request.0).ok()?.checked_sub(1);
        match event {
            RaftEvent::Raft(raft::Event::Proposed { request, index, term }) => {
                let asked = self.asked.get_mut(place(request)?)?;
                asked.entry = Some((*index, *term));
                None
            }
            RaftEvent::Read { request, .. } | RaftEvent::Answered { request, .. } => place(request),
            _ => None,
        }
    }

    fn backup_place(&self, request: backup::RequestId) -> Option<usize> {
        let first = usize::try_from(request.0).ok()?.checked_sub(1)?;
        self.open_place(self.asked.get(first)?.request)
    }

    fn named(&mut self, request: RequestId) -> Option<&mut Asked> {
        let place = self.asked.iter().position(|asked| asked.request == request)?;
        self.asked.get_mut(place)
    }

    fn number(&mut self, word: &str) -> u64 {
        if let Some(number) = self.words.get(word) {
            return *number;
        }
        let number = self.words.len() as u64;
        self.words.insert(word.to_owned(), number);
        number
    }
}

fn fate(outcome: &Outcome<String>) -> Fate {
    match outcome {
        Outcome::Ok { result: Success::Written { .. }, .. } => Fate::Done(Vec::new()),
        Outcome::Ok { result: Success::Found(cell), .. } => {
            Fate::Done(cell.iter().flat_map(|cell| cell.values().cloned()).collect())
        }
        Outcome::Unavailable { alive, needed } => {
            Fate::Refused(WhyRefused::TooFewAlive { alive: alive.len(), needed: *needed })
        }
        Outcome::Indeterminate { acked_by, needed, .. } => {
            Fate::Unknown { acked: acked_by.len(), needed: *needed }
        }
        Outcome::Behind { .. } => Fate::Refused(WhyRefused::Behind),
        Outcome::Refused { reason: Refusal::Busy } => Fate::Refused(WhyRefused::Busy),
        Outcome::Refused { reason: Refusal::Quorum(_) } => Fate::Refused(WhyRefused::NoSuchQuorum),
    }
}

/// `None` if the answer comes with another event.
fn raft_fate(outcome: &raft::Outcome) -> Option<Fate> {
    Some(match outcome {
        raft::Outcome::Committed { .. } => Fate::Done(Vec::new()),
        raft::Outcome::Readable { .. } => return None,
        raft::Outcome::NotLeader { leader } => {
            Fate::Refused(WhyRefused::NotLeader(leader.map(|leader| NodeId(leader.0))))
        }
        raft::Outcome::Refused { reason } => Fate::Refused(WhyRefused::LeaderBusy(*reason)),
        raft::Outcome::ChangeRefused { .. } | raft::Outcome::Unknown => {
            Fate::Unknown { acked: 0, needed: 0 }
        }
    })
}

fn backup_fate(outcome: &backup::Outcome<String>) -> Fate {
    match outcome {
        backup::Outcome::Written { .. } => Fate::Done(Vec::new()),
        backup::Outcome::Found(value) => Fate::Done(value.iter().cloned().collect()),
        backup::Outcome::NotPrimary { primary } => {
            Fate::Refused(WhyRefused::NotPrimary(NodeId(primary.0)))
        }
        backup::Outcome::Indeterminate { backups, needed } => {
            Fate::Unknown { acked: *backups, needed: *needed }
        }
        backup::Outcome::Full => Fate::Refused(WhyRefused::LogFull),
    }
}
