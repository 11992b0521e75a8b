//! What is committed, and applying it (§5.3, §5.4.2).

use crate::sorted::SortedMap;

use super::server::Server;
use super::{
    Bug, CommandSize, CommitRule, Event, LogIndex, NotCommitted, Outcome, Output, Payload,
    Progress, Role, ServerId,
};

impl<C: CommandSize> Server<C> {
    /// The highest index that a majority has on stable storage, this leader included. 0 for others.
    /// `but`: as it would be if this server's copy ended there.
    fn majority_index(&self, but: Option<(ServerId, LogIndex)>) -> LogIndex {
        let Role::Leader { followers, .. } = &self.role else {
            return LogIndex(0);
        };
        let copy = |id| match but {
            Some((server, copy)) if server == id => copy.0,
            _ => self.durable_copy(followers, id).0,
        };
        let all = self.configuration();
        LogIndex(match all.reached(&copy) {
            _ if self.config.has(Bug::JointCommitByNewSide) => all.new_side().reached(&copy),
            _ if self.config.has(Bug::LearnersCount) => all.with_learners().reached(&copy),
            _ if self.config.has(Bug::OneCopyIsEnough) => {
                all.voters.iter().map(|id| copy(*id)).max().unwrap_or(0)
            }
            reached => reached,
        })
    }

    /// Leaders: if there is an N > `commit_index` such that a majority of `match_index[i]` ≥ N and
    /// `log[N].term == current_term`, set `commit_index` = N.
    ///
    /// The copy of `server` has just grown from `had`.
    pub(super) fn advance_commit_index(&mut self, server: ServerId, had: LogIndex) {
        if self.nobody_else_has_more() {
            return;
        }
        let through = self.majority_index(None);
        if through <= self.commit_index || through <= self.majority_index(Some((server, had))) {
            return;
        }
        let current_term = self.current_term();
        // Terms never decrease along a log: if this entry is of an earlier term, so are all below.
        match self.log().term_at(through) {
            Some(term) if term == current_term || self.config.has(Bug::OldTermCommit) => {
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

    /// Whether a majority is more than one server, and no other than this leader has anything that
    /// is not committed: then there is nothing to count. So it is while proposals come in.
    fn nobody_else_has_more(&self) -> bool {
        let Role::Leader { followers, .. } = &self.role else {
            return true;
        };
        let mut copies = followers.values().map(|f| f.match_index);
        let alone_decides = self.config.has(Bug::OneCopyIsEnough);
        copies.all(|copy| copy <= self.commit_index)
            && self.configuration().needed() > 1
            && !alone_decides
    }

    /// AppendEntries, receiver rule 5: `commit_index` = min(`leader_commit`, index of the last new
    /// entry). What lies beyond that entry in this log may still be another leader's.
    pub(super) fn learn_commit_index(
        &mut self,
        leader: ServerId,
        leader_commit: LogIndex,
        last_new_entry: LogIndex,
    ) {
        let through = match leader_commit.min(last_new_entry) {
            _ if self.config.has(Bug::CommitBeyondLog) => leader_commit,
            _ if self.config.has(Bug::CommitBeyondNewEntries) => {
                leader_commit.min(self.log().last_index())
            }
            through => through,
        };
        if through > self.commit_index || self.config.has(Bug::CommitGoesBack) {
            self.commit_index = through;
            let by = CommitRule::Learned { leader };
            self.outbox.event(Event::Committed { through, by });
        }
    }

    /// All servers: while `commit_index` > `last_applied`, increment `last_applied` and apply
    /// `log[last_applied]`. A leader then answers the client.
    pub(super) fn apply_committed(&mut self) {
        let early = self.config.has(Bug::AppliesUncommitted);
        let through = if early { self.log().last_index() } else { self.commit_index };
        // Those who wait are answered in the order of the log, and leave together.
        let mut answered = 0;
        while self.last_applied < through {
            let index = self.last_applied.next();
            let Some(entry) = self.log().entry(index).cloned() else {
                break;
            };
            let (term, bytes) = (entry.term, entry.size_bytes());
            self.last_applied = index;
            if !matches!(entry.payload, Payload::Noop) || !self.config.has(Bug::NoopNotApplied) {
                self.outbox.push(Output::Apply { index, entry });
            }
            if let Some((at, &request)) = self.waiting.nth(answered)
                && *at == index
            {
                answered += 1;
                self.waiting_bytes = self.waiting_bytes.saturating_sub(bytes);
                let outcome = Outcome::Committed { index, term };
                self.outbox.push(Output::Answer { request, outcome });
            }
        }
        if answered > 0 {
            self.waiting.remove_first(answered);
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
            Some(progress) if self.config.has(Bug::SentCountsAsStored) => {
                progress.next_index.previous()
            }
            Some(progress) => progress.match_index,
            None if id == self.id && self.config.has(Bug::OwnCopyBeforeSync) => {
                self.log().last_index()
            }
            None if id == self.id => self.durable_index(),
            None => LogIndex(0),
        }
    }
}
