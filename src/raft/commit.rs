//! What is committed, and applying it (§5.3, §5.4.2).

use crate::sorted::SortedMap;

use super::server::Server;
use super::{
    CommandSize, CommitRule, Event, LogIndex, NotCommitted, Outcome, Output, Progress, Role,
    ServerId,
};

impl<C: CommandSize> Server<C> {
    /// The highest index that a majority has on stable storage, this leader included. 0 for others.
    pub(super) fn majority_index(&self) -> LogIndex {
        let Role::Leader { followers, .. } = &self.role else {
            return LogIndex(0);
        };
        LogIndex(self.configuration().reached(&|id| self.durable_copy(followers, id).0))
    }

    /// Leaders: if there is an N > `commit_index` such that a majority of `match_index[i]` ≥ N and
    /// `log[N].term == current_term`, set `commit_index` = N.
    ///
    /// `before` is what [`majority_index`](Self::majority_index) was before the present input.
    pub(super) fn advance_commit_index(&mut self, before: LogIndex) {
        let through = self.majority_index();
        if through <= self.commit_index || through <= before {
            return;
        }
        let current_term = self.current_term();
        // Terms never decrease along a log: if this entry is of an earlier term, so are all below.
        match self.log().term_at(through) {
            Some(term) if term == current_term => {
                self.commit_index = through;
                let by = self.counted(through);
                self.outbox.event(Event::Committed { through, by });
            }
            Some(entry_term) => {
                let reason = NotCommitted::OldTerm { entry_term, current_term };
                self.outbox.event(Event::NotCommittedYet { index: through, reason });
            }
            None => {}
        }
    }

    /// AppendEntries, receiver rule 5: `commit_index` = min(`leader_commit`, index of the last new
    /// entry). What lies beyond that entry in this log may still be another leader's.
    pub(super) fn learn_commit_index(
        &mut self,
        leader: ServerId,
        leader_commit: LogIndex,
        last_new_entry: LogIndex,
    ) {
        let through = leader_commit.min(last_new_entry);
        if through > self.commit_index {
            self.commit_index = through;
            let by = CommitRule::Learned { leader };
            self.outbox.event(Event::Committed { through, by });
        }
    }

    /// All servers: while `commit_index` > `last_applied`, increment `last_applied` and apply
    /// `log[last_applied]`. A leader then answers the client.
    pub(super) fn apply_committed(&mut self) {
        while self.last_applied < self.commit_index {
            let index = self.last_applied.next();
            let Some(entry) = self.log().entry(index).cloned() else {
                return;
            };
            let (term, bytes) = (entry.term, entry.size_bytes());
            self.last_applied = index;
            self.outbox.push(Output::Apply { index, entry });
            if let Some(request) = self.waiting.remove(&index) {
                self.waiting_bytes = self.waiting_bytes.saturating_sub(bytes);
                let outcome = Outcome::Committed { index, term };
                self.outbox.push(Output::Answer { request, outcome });
            }
        }
    }

    /// How many servers have the entry at `through`, and how many must.
    fn counted(&self, through: LogIndex) -> CommitRule {
        let configuration = self.configuration();
        let copies = match &self.role {
            Role::Leader { followers, .. } => {
                configuration.count(|id| self.durable_copy(followers, id) >= through)
            }
            _ => 0,
        };
        CommitRule::Counted { copies, needed: configuration.needed() }
    }

    /// How far the log is durable on server `id`, as far as this leader knows.
    fn durable_copy(&self, followers: &SortedMap<ServerId, Progress>, id: ServerId) -> LogIndex {
        match followers.get(&id) {
            Some(progress) => progress.match_index,
            None if id == self.id => self.durable_index(),
            None => LogIndex(0),
        }
    }
}
