//! AppendEntries, the leader's side (§5.2, §5.3).

use std::sync::Arc;

use super::server::Server;
use super::{
    AppendResult, Bug, CommandSize, Conflict, Entry, Event, IgnoreReason, InFlight, Leadership,
    LogIndex, Message, MessageKind, Payload, Progress, Role, SendMode, ServerId, Term, Write,
};

impl<C: CommandSize> Server<C> {
    /// Leaders, upon election: initialise `next_index` and `match_index`, send AppendEntries to
    /// each server at once. With [`noop_on_election`](super::Config::noop_on_election) that first
    /// AppendEntries carries the empty entry instead of being an empty heartbeat.
    pub(super) fn lead(&mut self) {
        let next_index = self.log().last_index().next();
        let mut progress = Progress::new(next_index, self.now_us);
        if self.config.has(Bug::MatchIndexGuessed) {
            progress.match_index = next_index.previous();
        }
        let followers = self.others().into_iter().map(|id| (id, progress.clone())).collect();
        let log_time_at_election_us = match self.log_time_through(self.log().last_index()) {
            _ if self.config.has(Bug::LogTimeRestarts) => 0,
            log_time_us => log_time_us,
        };
        let leadership = Leadership {
            term_start: next_index,
            log_time_at_election_us,
            elected_us: self.now_us,
            ..Leadership::default()
        };
        self.role = Role::Leader { followers, leadership };
        if self.config.noop_on_election {
            let term = self.current_term();
            let index = self.append_to_own_log(Payload::Noop);
            self.outbox.event(Event::NoopAppended { index, term });
        }
        self.send_due_heartbeats();
    }

    /// Leaders, during idle periods: whoever has not been sent anything for an interval gets an
    /// AppendEntries. It begins at `next_index` like any other, so to a follower that has not
    /// answered it is the retry that §5.3 demands, and to one that has everything a heartbeat.
    pub(super) fn send_due_heartbeats(&mut self) {
        let Role::Leader { followers, .. } = &self.role else {
            return;
        };
        let due = followers.iter().filter(|(_, f)| f.heartbeat_due_us <= self.now_us);
        let due: Vec<ServerId> = due.map(|(id, _)| *id).collect();
        if !due.is_empty() {
            self.renew_lease();
        }
        for follower in due {
            self.send_append_entries(follower);
        }
    }

    /// Leaders: a heartbeat that asks for nothing but an answer. It begins at what is known to be
    /// there, or, if that was dropped here, at the very beginning, where all logs agree. So it says
    /// nothing about what is under way.
    pub(super) fn send_round(&mut self, follower: ServerId) {
        let known = self.match_index(follower).filter(|at| self.log().term_at(*at).is_some());
        let prev_log_index = known.unwrap_or_default();
        let message = self.append_entries(prev_log_index, Vec::new());
        self.outbox.send(follower, message);
    }

    fn append_entries(
        &self,
        prev_log_index: LogIndex,
        mut entries: Vec<Arc<Entry<C>>>,
    ) -> Message<C> {
        if self.config.has(Bug::EntriesRestamped) {
            let term = self.current_term();
            entries.iter_mut().for_each(|entry| Arc::make_mut(entry).term = term);
        }
        let round = match &self.role {
            Role::Leader { leadership, .. } => leadership.round,
            _ => 0,
        };
        Message::AppendEntries {
            term: self.current_term(),
            leader_id: self.id,
            prev_log_index,
            prev_log_term: self.log().term_at(prev_log_index).unwrap_or_default(),
            entries,
            leader_commit: self.commit_index,
            round,
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
        (result, round): (AppendResult, u64),
    ) {
        let outcome = self.note_answer(from, term, round).and_then(|()| match result {
            AppendResult::Success { match_index } => self.note_success(from, match_index),
            AppendResult::Failure { prev_log_index, .. }
                if self.config.has(Bug::RefusalTakenForSuccess) =>
            {
                self.note_success(from, prev_log_index)
            }
            AppendResult::Failure { prev_log_index, conflict } => {
                self.note_failure(from, prev_log_index, conflict)
            }
        });
        if let Err(reason) = outcome {
            self.ignore(from, MessageKind::AppendEntriesReply, reason);
        }
    }

    /// Leaders: any answer of this term says that the follower still follows.
    pub(super) fn note_answer(
        &mut self,
        from: ServerId,
        term: Term,
        round: u64,
    ) -> Result<(), IgnoreReason> {
        let (mine, now_us) = (self.current_term(), self.now_us);
        if term < mine && !self.config.has(Bug::StaleAckCounted) {
            return Err(IgnoreReason::StaleReply { theirs: term, mine });
        }
        self.progress_mut(from)?.heard_us = now_us;
        self.note_round(from, round)
    }

    /// Leaders: if successful, update `next_index` and `match_index` (§5.3), commit what that
    /// allows, and send on if there is more.
    pub(super) fn note_success(
        &mut self,
        follower: ServerId,
        match_index: LogIndex,
    ) -> Result<(), IgnoreReason> {
        let last_log_index = self.log().last_index();
        if match_index > last_log_index {
            return Err(IgnoreReason::MatchBeyondLog { match_index, last_log_index });
        }
        let pipeline = self.config.max_in_flight_appends > 1;
        let goes_back = self.config.has(Bug::MatchGoesBack);
        let progress = self.progress_mut(follower)?;
        let had = progress.match_index;
        if goes_back {
            progress.match_index = LogIndex(0);
        }
        if progress.note_match(match_index, pipeline) {
            let event = Event::MatchIndexAdvanced { follower, to: match_index };
            self.outbox.event(event);
            // What is committed already cannot be committed by this copy.
            if match_index > self.commit_index {
                self.advance_commit_index(follower, had);
            }
        }
        self.note_catch_up(follower);
        self.send_if_behind(follower);
        self.go_on_with_transfer();
        Ok(())
    }

    /// Leaders: if AppendEntries fails because of log inconsistency, decrement `next_index` and
    /// retry (§5.3). `conflict` allows a larger step.
    fn note_failure(
        &mut self,
        follower: ServerId,
        prev_log_index: LogIndex,
        conflict: Option<Conflict>,
    ) -> Result<(), IgnoreReason> {
        let (fast, stays) = (self.config.fast_back_up, self.config.has(Bug::NeverBacksUp));
        let progress = self.progress_mut(follower)?;
        if progress.is_stale_refusal(prev_log_index) {
            let next_index = progress.next_index;
            return Err(IgnoreReason::StaleRejection { prev_log_index, next_index });
        }
        if stays {
            progress.probe_from(progress.next_index);
        } else {
            progress.probe_from(back_up(prev_log_index, conflict.filter(|_| fast)));
        }
        let event = Event::NextIndexBackedUp { follower, to: progress.next_index };
        self.outbox.event(event);
        if self.config.has(Bug::LeaderGivesIn) && prev_log_index > self.commit_index {
            self.write(Write { truncate_from: Some(prev_log_index), ..Write::default() });
        }
        self.send_append_entries(follower);
        Ok(())
    }

    /// Leaders: if last log index ≥ `next_index`, send AppendEntries with entries starting at
    /// `next_index`; as many as may be under way at a time, for their answers lead back here.
    pub(super) fn send_if_behind(&mut self, follower: ServerId) {
        while self.progress(follower).is_some_and(|f| self.wants_more(f)) {
            self.send_append_entries(follower);
        }
    }

    /// Whether there are entries to send to a follower, and they may be sent now.
    pub(super) fn wants_more(&self, follower: &Progress) -> bool {
        follower.next_index <= self.log().last_index() && self.may_send_more(follower)
    }

    /// Whether fewer messages, entries and bytes are on their way to a follower than may be.
    fn may_send_more(&self, follower: &Progress) -> bool {
        match follower.mode {
            SendMode::Snapshot { .. } => false,
            SendMode::Probe => follower.in_flight.is_empty(),
            SendMode::Pipeline => {
                follower.in_flight.len() < self.config.max_in_flight_appends
                    && follower.entries_in_flight() < self.config.max_in_flight_entries
                    && self.fits(follower)
            }
        }
    }

    /// Whether the next entry may be under way to this follower with what already is. If nothing
    /// is, it may, however large: otherwise it could never go.
    fn fits(&self, follower: &Progress) -> bool {
        let next = self.log().entry(follower.next_index).map_or(0, |entry| entry.size_bytes());
        let bytes = follower.bytes_in_flight().saturating_add(next);
        follower.in_flight.is_empty() || bytes <= self.config.max_in_flight_bytes
    }

    /// Sends what begins at `next_index`. In a pipeline that is not sent twice: once enough is
    /// under way, what is left of the message is a heartbeat, whose refusal would show a loss.
    fn send_append_entries(&mut self, follower: ServerId) {
        let may_send_more = self.progress(follower).is_some_and(|f| self.may_send_more(f));
        let Role::Leader { followers, .. } = &mut self.role else {
            return;
        };
        let Some(progress) = followers.get_mut(&follower) else {
            return;
        };
        // Even settings that were never validated must let time move on.
        let interval_us = self.config.heartbeat_interval_us.max(1);
        progress.heartbeat_due_us = self.now_us.saturating_add(interval_us);
        let log = &self.persistent.log;
        let prev_log_index = progress.next_index.previous();
        if matches!(progress.mode, SendMode::Snapshot { .. })
            || log.term_at(prev_log_index).is_none()
        {
            return self.send_chunk(follower);
        }
        let limit = match progress.mode {
            SendMode::Pipeline if !may_send_more => 0,
            _ => self.config.max_entries_per_append.max(1),
        };
        let under_way_bytes = match progress.mode {
            SendMode::Pipeline => progress.bytes_in_flight(),
            _ => 0,
        };
        let room_bytes = self.config.max_in_flight_bytes.saturating_sub(under_way_bytes);
        let room_bytes = room_bytes.min(self.config.max_append_bytes);
        let (entries, bytes) = log.entries_within(progress.next_index, limit, room_bytes);
        let entries = entries.to_vec();
        if !entries.is_empty() {
            progress.note_sent(InFlight { through: prev_log_index.plus(entries.len()), bytes });
        }
        let message = self.append_entries(prev_log_index, entries);
        self.outbox.send(follower, message);
    }

    /// To whom this leader replicates, and how, one by one: the lowest is at place 0.
    pub(super) fn follower_at(&self, place: usize) -> Option<(ServerId, &Progress)> {
        match &self.role {
            Role::Leader { followers, .. } => followers.nth(place).map(|(id, f)| (*id, f)),
            _ => None,
        }
    }

    /// To whom this leader replicates.
    pub(super) fn follower_ids(&self) -> Vec<ServerId> {
        match &self.role {
            Role::Leader { followers, .. } => followers.keys().copied().collect(),
            _ => Vec::new(),
        }
    }

    pub(super) fn progress_mut(
        &mut self,
        follower: ServerId,
    ) -> Result<&mut Progress, IgnoreReason> {
        match &mut self.role {
            Role::Leader { followers, .. } => {
                followers.get_mut(&follower).ok_or(IgnoreReason::UnknownServer)
            }
            _ => Err(IgnoreReason::NotLeader),
        }
    }
}

/// The next place to try after a refusal: one entry back, as Figure 2 has it; with the follower's
/// help, past all its entries of the conflicting term at once (end of §5.3). Never further on.
fn back_up(prev_log_index: LogIndex, conflict: Option<Conflict>) -> LogIndex {
    let first_index = conflict.map_or(prev_log_index, |conflict| conflict.first_index);
    first_index.min(prev_log_index).max(LogIndex(1))
}
