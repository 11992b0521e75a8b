//! What clients propose, and when a leader does not take it (§5.3, §8).

use std::sync::Arc;

use super::server::Server;
use super::{
    Bug, CommandSize, Entry, Event, LogIndex, Outcome, Output, Payload, ProposalRefusal, RequestId,
    Role, Transfer, Write,
};

impl<C: CommandSize> Server<C> {
    /// Leaders: a command from a client goes into the log; the answer follows once it is applied.
    /// Others refuse it, and say whom to ask (§8).
    pub(super) fn handle_propose(&mut self, request: RequestId, payload: Payload<C>) {
        let bytes = payload.entry_bytes();
        if let Some(reason) = self.reason_to_refuse(bytes) {
            self.outbox.event(Event::ProposalRefused { request, reason });
            let outcome = match reason {
                ProposalRefusal::NotLeader { leader } => Outcome::NotLeader { leader },
                reason => Outcome::Refused { reason },
            };
            return self.outbox.push(Output::Answer { request, outcome });
        }
        let term = self.current_term();
        let index = self.append_to_own_log(payload);
        self.await_answer(index, request, bytes);
        if self.config.has(Bug::AnsweredOnAppend) {
            self.waiting.remove(&index);
            self.outbox
                .push(Output::Answer { request, outcome: Outcome::Committed { index, term } });
        }
        self.outbox.event(Event::Proposed { request, index, term });
        self.send_to_all_behind();
    }

    /// Whoever asked for the entry at `index` gets an answer once it is applied.
    pub(super) fn await_answer(&mut self, index: LogIndex, request: RequestId, bytes: u64) {
        self.waiting.insert(index, request);
        self.waiting_bytes = self.waiting_bytes.saturating_add(bytes);
    }

    fn reason_to_refuse(&self, bytes: u64) -> Option<ProposalRefusal> {
        if !matches!(self.role, Role::Leader { .. }) {
            return Some(ProposalRefusal::NotLeader { leader: self.leader() });
        }
        if let Some(Transfer { to, .. }) = self.transfer() {
            return Some(ProposalRefusal::TransferInProgress { to });
        }
        let limit = self.config.max_log_entries;
        if self.log().len() >= limit {
            return Some(ProposalRefusal::LogFull { limit });
        }
        let limit = self.config.max_pending_proposals;
        if self.waiting.len() >= limit {
            return Some(ProposalRefusal::TooManyPending { limit });
        }
        let limit_bytes = self.config.max_pending_bytes;
        let too_many = self.waiting_bytes.saturating_add(bytes) > limit_bytes;
        (too_many && !self.waiting.is_empty())
            .then_some(ProposalRefusal::TooManyBytesPending { limit_bytes })
    }

    pub(super) fn append_to_own_log(&mut self, payload: Payload<C>) -> LogIndex {
        let term = self.current_term();
        self.write(Write::append(vec![Arc::new(Entry { term, payload })]));
        self.log().last_index()
    }

    pub(super) fn send_to_all_behind(&mut self) {
        // With every proposal, so without a list of them: sending changes what is known of
        // followers, not who they are.
        let mut place = 0;
        while let Some((follower, progress)) = self.follower_at(place) {
            if self.wants_more(progress) {
                self.send_if_behind(follower);
            }
            place += 1;
        }
    }

    /// Leaders: the time that they give to entries (thesis 6.3). It goes on from the latest in the
    /// log, at the pace of this server's clock, so it never decreases along a log, whatever the
    /// clocks of earlier leaders showed; only what passes on a leader's clock counts. 0 for others.
    pub fn log_time_us(&self) -> u64 {
        match &self.role {
            Role::Leader { leadership, .. } => {
                let elapsed_us = self.now_us.saturating_sub(leadership.elected_us);
                leadership.log_time_at_election_us.saturating_add(elapsed_us)
            }
            _ => 0,
        }
    }

    /// The log time of the latest entry up to `through` that has one; 0 if none has.
    pub(super) fn log_time_through(&self, through: LogIndex) -> u64 {
        let entries = self.log().iter().rev().skip_while(|(index, _)| *index > through);
        let latest = entries.filter_map(|(_, entry)| entry.payload.log_time_us()).next();
        latest.or_else(|| self.snapshot().map(|snapshot| snapshot.log_time_us)).unwrap_or(0)
    }

    /// A leader that steps down cannot know what becomes of the proposals it has not answered: the
    /// next leader may have their entries or not.
    pub(super) fn abandon_proposals(&mut self) {
        self.waiting_bytes = 0;
        for request in std::mem::take(&mut self.waiting).into_values() {
            self.outbox.push(Output::Answer { request, outcome: Outcome::Unknown });
        }
    }
}
