//! AppendEntries, the receiver's side (§5.3).

use std::sync::Arc;

use super::server::Server;
use super::{
    AppendRejection, AppendResult, Bug, CommandSize, Conflict, Entry, Event, IgnoreReason, LogEnd,
    LogIndex, Message, MessageKind, Role, ServerId, StepDown, Term, Write,
};

impl<C: CommandSize> Server<C> {
    /// AppendEntries, receiver rules 1 to 5. `after` is `prev_log_index` and `prev_log_term`,
    /// the last pair `leader_commit` and the leader's round, which the answer repeats.
    ///
    /// - late, from an earlier term: refused, and the reply brings the sender up to date;
    /// - late, from this term, with fewer entries than the log has by now: they are all there, so
    ///   nothing is removed, and the success vouches for no more than it brought;
    /// - repeated: as if it were late;
    /// - too early, overtaking what it builds on: refused by rule 2; the leader tries again;
    /// - against a committed entry, or from a second leader of the term: ignored and reported. No
    ///   honest server sends such a thing.
    pub(super) fn handle_append_entries(
        &mut self,
        leader: ServerId,
        term: Term,
        after: (LogIndex, Term),
        mut entries: Vec<Arc<Entry<C>>>,
        (leader_commit, round): (LogIndex, u64),
    ) {
        let (prev_log_index, _) = after;
        let mine = self.current_term();
        if term < mine && !self.config.has(Bug::StaleAppendTaken) {
            let reason = AppendRejection::StaleTerm { theirs: term, mine };
            // The sender may lead my term when it gets the answer, and count its rounds anew.
            return self.reject_append(leader, term, (prev_log_index, 0), reason);
        }
        if let Some(first) = self.leader().filter(|known| *known != leader) {
            return self.ignore_append(leader, IgnoreReason::SecondLeader { first });
        }
        self.follow(leader);
        let match_index = prev_log_index.plus(entries.len());
        let (prev_log_index, prev_log_term) = match self.skip_dropped(after, &mut entries) {
            Ok(after) => after,
            Err(reason) => return self.ignore_append(leader, reason),
        };
        if let Err(reason) = self.check_previous(prev_log_index, prev_log_term) {
            // The sender may lead my term when it gets the answer, and count its rounds anew.
            return self.reject_append(leader, term, (prev_log_index, 0), reason);
        }
        if let Err(reason) = self.take_entries(prev_log_index, entries) {
            return self.ignore_append(leader, reason);
        }
        self.learn_commit_index(leader, leader_commit, match_index);
        let through = self.log().last_index();
        let whole = self.config.has(Bug::VouchesForWholeLog);
        let match_index = if whole { through } else { match_index };
        self.reply_to_append(leader, round, AppendResult::Success { match_index });
    }

    /// Followers: AppendEntries from the current leader resets the election timer. Candidates:
    /// AppendEntries from the new leader makes them followers (§5.2).
    pub(super) fn follow(&mut self, leader: ServerId) {
        if !matches!(self.role, Role::Follower { leader: Some(_) }) {
            let term = self.current_term();
            self.become_follower(Some(leader), StepDown::LostTo { leader });
            self.outbox.event(Event::LeaderFound { leader, term });
        }
        self.heard_leader = Some((leader, self.now_us));
        if !self.config.has(Bug::HeartbeatDoesNotResetTimer) {
            self.reset_election_timer();
        }
    }

    /// Takes off the entries that a snapshot covers here (§7). They are committed, so the leader's
    /// are the same; what is left begins after the last of them.
    fn skip_dropped(
        &self,
        after: (LogIndex, Term),
        entries: &mut Vec<Arc<Entry<C>>>,
    ) -> Result<(LogIndex, Term), IgnoreReason> {
        let LogEnd { last_log_index: base, last_log_term } = self.log().base();
        let covered = base.0.saturating_sub(after.0.0);
        if covered == 0 {
            return Ok(after);
        }
        let covered = usize::try_from(covered).unwrap_or(usize::MAX).min(entries.len());
        let last = entries.drain(..covered).next_back();
        let reaches = after.0.plus(covered) == base;
        if reaches && last.is_some_and(|last| last.term != last_log_term) {
            let commit_index = self.commit_index;
            return Err(IgnoreReason::WouldEraseCommitted { index: base, commit_index });
        }
        Ok((base, last_log_term))
    }

    /// Rule 2: the log must have the entry that the new ones follow.
    fn check_previous(
        &self,
        prev_log_index: LogIndex,
        prev_log_term: Term,
    ) -> Result<(), AppendRejection> {
        let last_log_index = self.log().last_index();
        match self.log().term_at(prev_log_index) {
            None if self.config.has(Bug::GapAccepted) => Ok(()),
            None => Err(AppendRejection::NoEntry { prev_log_index, last_log_index }),
            Some(mine)
                if mine != prev_log_term && !self.config.has(Bug::PreviousEntryUnchecked) =>
            {
                Err(AppendRejection::TermMismatch { prev_log_index, theirs: prev_log_term, mine })
            }
            Some(_) => Ok(()),
        }
    }

    /// Rules 3 and 4: delete from the first conflict on, append what is not there yet.
    ///
    /// Entries that the log already has are left alone. Deleting without a conflict would let a
    /// late, short AppendEntries undo what a newer one brought, after it was acknowledged.
    fn take_entries(
        &mut self,
        prev_log_index: LogIndex,
        mut entries: Vec<Arc<Entry<C>>>,
    ) -> Result<(), IgnoreReason> {
        let log = self.log();
        let (keeps, cuts) = (Bug::ConflictKept, Bug::CutsWithoutConflict);
        let is_present = |at: LogIndex, term: Term| match log.term_at(at) {
            Some(_) if self.config.has(keeps) => true,
            Some(mine) => mine == term && !self.config.has(cuts),
            None => false,
        };
        let present = entries
            .iter()
            .enumerate()
            .take_while(|(at, entry)| is_present(prev_log_index.plus(at + 1), entry.term))
            .count();
        entries.drain(..present);
        let Some(new_term) = entries.first().map(|entry| entry.term) else {
            return Ok(());
        };
        let from_index = prev_log_index.plus(present + 1);
        let mut change = Write::append(entries);
        if let Some(old_term) = log.term_at(from_index) {
            let commit_index = self.commit_index;
            if from_index <= commit_index {
                return Err(IgnoreReason::WouldEraseCommitted { index: from_index, commit_index });
            }
            let count = log.entries_from(from_index, usize::MAX).len();
            change.truncate_from = Some(from_index);
            let event = Event::ConflictTruncated { from_index, old_term, new_term, count };
            self.outbox.event(event);
        }
        self.write(change);
        let to_index = self.log().last_index();
        self.outbox.event(Event::EntriesAppended { from_index, to_index });
        Ok(())
    }

    fn reject_append(
        &mut self,
        leader: ServerId,
        term: Term,
        (prev_log_index, round): (LogIndex, u64),
        reason: AppendRejection,
    ) {
        self.outbox.event(Event::AppendRejected { leader, term, reason });
        let conflict = self.conflict(reason).filter(|_| self.config.fast_back_up);
        self.reply_to_append(leader, round, AppendResult::Failure { prev_log_index, conflict });
    }

    /// What lets the leader bypass more than one entry: "the term of the conflicting entry and the
    /// first index it stores for that term" (end of §5.3). A log that is too short has its end to
    /// offer.
    fn conflict(&self, reason: AppendRejection) -> Option<Conflict> {
        match reason {
            AppendRejection::StaleTerm { .. } => None,
            AppendRejection::NoEntry { last_log_index, .. } => {
                let term = self.log().last_term();
                Some(Conflict { term, first_index: last_log_index.next() })
            }
            AppendRejection::TermMismatch { prev_log_index, mine, .. } => {
                let first_index = self.log().first_index_of_term_at(prev_log_index);
                Some(Conflict { term: mine, first_index })
            }
        }
    }

    fn ignore_append(&mut self, from: ServerId, reason: IgnoreReason) {
        self.ignore(from, MessageKind::AppendEntries, reason);
    }

    fn reply_to_append(&mut self, leader: ServerId, round: u64, result: AppendResult) {
        let term = self.current_term();
        self.outbox.send(leader, Message::AppendEntriesReply { term, result, round });
    }
}
