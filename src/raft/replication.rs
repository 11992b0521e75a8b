//! AppendEntries, the leader's side (§5.2, §5.3).

use super::server::{Progress, Role, Server};
use super::{
    AppendResult, Entry, Event, IgnoreReason, LogIndex, Message, MessageKind, Outcome, Output,
    Payload, RequestId, ServerId, Term, Write,
};

impl<C: Clone> Server<C> {
    /// Leaders, upon election: initialise `next_index` and `match_index`, send AppendEntries to
    /// each server at once. With [`noop_on_election`](super::Config::noop_on_election) that first
    /// AppendEntries carries the empty entry instead of being an empty heartbeat.
    pub(super) fn lead(&mut self) {
        let next_index = self.log().last_index().next();
        let progress = Progress {
            next_index,
            match_index: LogIndex(0),
            in_flight: None,
            heartbeat_due_us: self.now_us,
        };
        let followers = self.others().into_iter().map(|id| (id, progress.clone())).collect();
        self.role = Role::Leader { followers };
        if self.config.noop_on_election {
            let term = self.current_term();
            let index = self.append_to_own_log(Payload::Noop);
            self.outbox.event(Event::NoopAppended { index, term });
        }
        self.send_due_heartbeats();
    }

    /// Leaders: a command from a client goes into the log; the answer follows once it is applied.
    /// Others refuse it, and say whom to ask (§8).
    pub(super) fn handle_propose(&mut self, request: RequestId, command: C) {
        if !matches!(self.role, Role::Leader { .. }) {
            let leader = self.leader();
            self.outbox.event(Event::ProposalRefused { request, leader });
            let outcome = Outcome::NotLeader { leader };
            return self.outbox.push(Output::Answer { request, outcome });
        }
        let term = self.current_term();
        let index = self.append_to_own_log(Payload::Command(command));
        self.waiting.insert(index, request);
        self.outbox.event(Event::Proposed { request, index, term });
        for follower in self.others() {
            self.send_if_behind(follower);
        }
    }

    /// Leaders, during idle periods: whoever has not been sent anything for an interval gets an
    /// AppendEntries. It begins at `next_index` like any other, so to a follower that has not
    /// answered it is the retry that §5.3 demands, and to one that has everything a heartbeat.
    pub(super) fn send_due_heartbeats(&mut self) {
        let Role::Leader { followers } = &self.role else {
            return;
        };
        let due = followers.iter().filter(|(_, f)| f.heartbeat_due_us <= self.now_us);
        let due: Vec<ServerId> = due.map(|(id, _)| *id).collect();
        for follower in due {
            self.send_append_entries(follower);
        }
    }

    /// Leaders: a follower has answered AppendEntries.
    ///
    /// - late, from an earlier term, or to a leader no more: ignored;
    /// - late or repeated success: what was replicated stays so, and `match_index` never decreases;
    /// - late or repeated refusal: recognised by its `prev_log_index` and ignored;
    /// - success beyond this log: ignored; no honest follower has what its leader has not.
    pub(super) fn handle_append_entries_reply(
        &mut self,
        from: ServerId,
        term: Term,
        result: AppendResult,
    ) {
        let outcome = if term < self.current_term() {
            Err(IgnoreReason::StaleReply { theirs: term, mine: self.current_term() })
        } else {
            match result {
                AppendResult::Success { match_index } => self.note_success(from, match_index),
                AppendResult::Failure { prev_log_index } => self.note_failure(from, prev_log_index),
            }
        };
        if let Err(reason) = outcome {
            let kind = MessageKind::AppendEntriesReply;
            self.outbox.event(Event::MessageIgnored { from, kind, reason });
        }
    }

    /// Leaders: if successful, update `next_index` and `match_index` (§5.3), commit what that
    /// allows, and send on if there is more.
    fn note_success(
        &mut self,
        follower: ServerId,
        match_index: LogIndex,
    ) -> Result<(), IgnoreReason> {
        self.progress_mut(follower)?;
        let last_log_index = self.log().last_index();
        if match_index > last_log_index {
            return Err(IgnoreReason::MatchBeyondLog { match_index, last_log_index });
        }
        let before = self.majority_index();
        let progress = self.progress_mut(follower)?;
        if progress.in_flight.is_some_and(|sent_through| sent_through <= match_index) {
            progress.in_flight = None;
        }
        if match_index > progress.match_index {
            progress.match_index = match_index;
            progress.next_index = progress.next_index.max(match_index.next());
            let event = Event::MatchIndexAdvanced { follower, to: match_index };
            self.outbox.event(event);
            self.advance_commit_index(before);
        }
        self.send_if_behind(follower);
        Ok(())
    }

    /// Leaders: if AppendEntries fails because of log inconsistency, decrement `next_index` and
    /// retry (§5.3).
    fn note_failure(
        &mut self,
        follower: ServerId,
        prev_log_index: LogIndex,
    ) -> Result<(), IgnoreReason> {
        let progress = self.progress_mut(follower)?;
        let next_index = progress.next_index;
        // Only the refusal of the very place that is being tried says something new. What matched
        // once cannot be refused later, so such a refusal was on its way for longer than that.
        if prev_log_index.next() != next_index || prev_log_index <= progress.match_index {
            return Err(IgnoreReason::StaleRejection { prev_log_index, next_index });
        }
        progress.next_index = back_up(next_index);
        progress.in_flight = None;
        let event = Event::NextIndexBackedUp { follower, to: progress.next_index };
        self.outbox.event(event);
        self.send_append_entries(follower);
        Ok(())
    }

    /// Leaders: if last log index ≥ `next_index`, send AppendEntries with entries starting at
    /// `next_index`; unless some are under way already, for then their answer leads back here.
    fn send_if_behind(&mut self, follower: ServerId) {
        let last_index = self.log().last_index();
        let is_behind = |f: &Progress| f.in_flight.is_none() && f.next_index <= last_index;
        if self.progress(follower).is_some_and(is_behind) {
            self.send_append_entries(follower);
        }
    }

    fn send_append_entries(&mut self, follower: ServerId) {
        let Role::Leader { followers } = &mut self.role else {
            return;
        };
        let Some(progress) = followers.get_mut(&follower) else {
            return;
        };
        let log = &self.persistent.log;
        let prev_log_index = progress.next_index.previous();
        let limit = self.config.max_entries_per_append;
        let entries = log.entries_from(progress.next_index, limit).to_vec();
        progress.in_flight = (!entries.is_empty()).then(|| prev_log_index.plus(entries.len()));
        // Even settings that were never validated must let time move on.
        let interval_us = self.config.heartbeat_interval_us.max(1);
        progress.heartbeat_due_us = self.now_us.saturating_add(interval_us);
        let message = Message::AppendEntries {
            term: self.persistent.current_term,
            leader_id: self.id,
            prev_log_index,
            prev_log_term: log.term_at(prev_log_index).unwrap_or_default(),
            entries,
            leader_commit: self.commit_index,
        };
        self.outbox.send(follower, message);
    }

    fn append_to_own_log(&mut self, payload: Payload<C>) -> LogIndex {
        let term = self.current_term();
        self.write(Write::append(vec![Entry { term, payload }]));
        self.log().last_index()
    }

    fn progress_mut(&mut self, follower: ServerId) -> Result<&mut Progress, IgnoreReason> {
        match &mut self.role {
            Role::Leader { followers } => {
                followers.get_mut(&follower).ok_or(IgnoreReason::UnknownServer)
            }
            Role::Follower { .. } | Role::Candidate { .. } => Err(IgnoreReason::NotLeader),
        }
    }
}

/// The next place to try after a refusal: one entry back, as Figure 2 has it.
fn back_up(next_index: LogIndex) -> LogIndex {
    next_index.previous().max(LogIndex(1))
}
