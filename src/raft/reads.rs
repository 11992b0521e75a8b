//! Linearizable reads that write nothing (§8; thesis 6.4).
//!
//! A leader may have been deposed without knowing it, so it may not just answer from its state
//! machine. It notes how far the log was committed when the read came, the *read index*; makes sure
//! that it was still the leader after that, by a round of heartbeats that a majority answers; and
//! waits until the state machine has come as far as the read index. A new leader does not know what
//! is committed before an entry of its own term is, so its read index is at least the first of
//! those ([`Leadership::term_start`](super::Leadership::term_start)).
//!
//! Rounds are numbered, every AppendEntries carries the present number, and its answer repeats it.
//! So an answer that is late or repeated confirms only what was asked when it was given. Any answer
//! to a message of the leader's term confirms, even a refusal: whoever gives it knew no later
//! leader. A refusal of an earlier term names no round: its receiver may lead by then the very term
//! that the refusal tells it, with rounds of its own. Reads that come while a round is on its way
//! share the next one.
//!
//! With [`ReadPolicy::Lease`] a leader that a majority has just answered does not ask again for a
//! while (6.4.1): within the shortest election timeout nobody who has answered votes for another,
//! for they have [`leader_stickiness`](super::Config::leader_stickiness). That trusts clocks: if
//! one runs faster than another by more than the stated bound, a lease read may be stale. Three
//! things end a lease early or never let it begin: a server that was told to stand is exempt from
//! the refusal and may use that late, so a leader that has ever told one has no lease in that term;
//! a server that has restarted has forgotten whom it heard, so it votes for nobody during the
//! shortest election timeout after it has started; and with leases nobody stands on demand before
//! its own timer would let it.

use super::server::Server;
use super::{
    Bug, CommandSize, Event, IgnoreReason, Outcome, Output, ReadGuarantee, ReadPolicy, RequestId,
    Role,
};
use super::{LogIndex, ProposalRefusal, ServerId};

/// A read that a leader has yet to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PendingRead {
    /// Whom to answer.
    pub request: RequestId,
    /// A majority must have answered this round.
    pub round: u64,
    /// The state machine must have come this far.
    pub read_index: LogIndex,
}

impl<C: CommandSize> Server<C> {
    /// Leaders: a client wants to read what is up to date. Others refuse, and say whom to ask.
    pub(super) fn handle_read(&mut self, request: RequestId) {
        let limit = self.config.max_pending_proposals;
        let leader = self.leader();
        let lease_until_us = self.lease_until_us();
        let (commit_index, now_us) = (self.commit_index, self.now_us);
        let leads = leader == Some(self.id);
        if self.config.has(if leads { Bug::ReadWithoutRound } else { Bug::FollowerReads }) {
            return self.answer_read(request, commit_index, self.unfounded_guarantee());
        }
        let Role::Leader { leadership, .. } = &mut self.role else {
            return self.refuse_read(request, ProposalRefusal::NotLeader { leader });
        };
        if leadership.reads.len() >= limit {
            return self.refuse_read(request, ProposalRefusal::TooManyPending { limit });
        }
        let read_index = match commit_index.max(leadership.term_start) {
            _ if self.config.has(Bug::ReadBeforeOwnTerm) => commit_index,
            read_index => read_index,
        };
        if let Some(until_us) = lease_until_us.filter(|until_us| now_us < *until_us)
            && commit_index >= leadership.term_start
        {
            return self.answer_read(request, read_index, ReadGuarantee::Lease { until_us });
        }
        let idle = leadership.confirmed_round == leadership.round;
        let joins = !idle && self.config.has(Bug::ReadJoinsRunningRound);
        let round = if joins { leadership.round } else { leadership.round + 1 };
        leadership.reads.push(PendingRead { request, round, read_index });
        self.outbox.event(Event::ReadStarted { request, read_index, round });
        if idle {
            self.begin_round();
        }
    }

    /// What a server that asks nobody claims all the same.
    fn unfounded_guarantee(&self) -> ReadGuarantee {
        match self.config.reads {
            ReadPolicy::Round => ReadGuarantee::Round { round: 0 },
            ReadPolicy::Lease { .. } => ReadGuarantee::Lease { until_us: u64::MAX },
        }
    }

    fn refuse_read(&mut self, request: RequestId, reason: ProposalRefusal) {
        self.outbox.event(Event::ReadRefused { request, reason });
        let outcome = match reason {
            ProposalRefusal::NotLeader { leader } => Outcome::NotLeader { leader },
            reason => Outcome::Refused { reason },
        };
        self.outbox.push(Output::Answer { request, outcome });
    }

    fn answer_read(&mut self, request: RequestId, read_index: LogIndex, by: ReadGuarantee) {
        self.outbox.event(Event::ReadReady { request, read_index, by });
        self.outbox.push(Output::Answer { request, outcome: Outcome::Readable { read_index } });
    }

    /// Asks everybody at once whether this server still leads.
    fn begin_round(&mut self) {
        self.number_next_round();
        for follower in self.follower_ids() {
            self.send_round(follower);
        }
        self.confirm_round();
    }

    fn number_next_round(&mut self) {
        let now_us = self.now_us;
        if let Role::Leader { leadership, .. } = &mut self.role {
            leadership.round += 1;
            leadership.round_started_us = now_us;
        }
    }

    /// With leases heartbeats are rounds, so that the lease is renewed while nobody reads.
    pub(super) fn renew_lease(&mut self) {
        if let (Role::Leader { leadership, .. }, ReadPolicy::Lease { .. }) =
            (&self.role, self.config.reads)
            && leadership.confirmed_round == leadership.round
        {
            self.number_next_round();
            self.confirm_round();
        }
    }

    /// Notes that `from` has answered `round`. A round that was never begun is a lie.
    pub(super) fn note_round(&mut self, from: ServerId, round: u64) -> Result<(), IgnoreReason> {
        let Role::Leader { followers, leadership } = &mut self.role else {
            return Err(IgnoreReason::NotLeader);
        };
        let any = self.config.has(Bug::StaleRoundCounts);
        let round = if any { leadership.round } else { round };
        if round > leadership.round {
            return Err(IgnoreReason::RoundAhead { theirs: round, mine: leadership.round });
        }
        if let Some(progress) = followers.get_mut(&from)
            && round > progress.acked_round
        {
            progress.acked_round = round;
            self.confirm_round();
        }
        Ok(())
    }

    /// Once a majority has answered the present round, it is confirmed, and if reads wait for the
    /// next one, that begins.
    pub(super) fn confirm_round(&mut self) {
        let mine = self.id;
        let Role::Leader { followers, leadership } = &mut self.role else {
            return;
        };
        let present = leadership.round;
        let answered = self.configurations.current().reached(&|id| match followers.get(&id) {
            Some(progress) => progress.acked_round,
            None if id == mine => present,
            None => 0,
        });
        if answered <= leadership.confirmed_round {
            return;
        }
        leadership.confirmed_round = answered;
        if answered == present {
            let late = self.config.has(Bug::LeaseSinceAnswer);
            leadership.lease_from_us =
                Some(if late { self.now_us } else { leadership.round_started_us });
            if leadership.reads.iter().any(|read| read.round > present) {
                self.begin_round();
            }
        }
    }

    /// Answers the reads whose round is confirmed and whose index is applied, in their order.
    pub(super) fn answer_reads(&mut self) {
        let last_applied = self.last_applied;
        let Role::Leader { leadership, .. } = &mut self.role else {
            return;
        };
        if leadership.reads.is_empty() {
            return;
        }
        let round = leadership.confirmed_round;
        let hasty = self.config.has(Bug::ReadNotAwaited);
        let ready =
            |read: &PendingRead| read.round <= round && (read.read_index <= last_applied || hasty);
        let done: Vec<PendingRead> = leadership.reads.iter().copied().filter(ready).collect();
        leadership.reads.retain(|read| !ready(read));
        for PendingRead { request, round, read_index } in done {
            self.answer_read(request, read_index, ReadGuarantee::Round { round });
        }
    }

    /// Until when this leader may answer reads by itself, if its clock is to be trusted.
    pub fn lease_until_us(&self) -> Option<u64> {
        let Role::Leader { leadership, .. } = &self.role else {
            return None;
        };
        let ReadPolicy::Lease { clock_drift_ppm } = self.config.reads else {
            return None;
        };
        let survives = self.config.has(Bug::LeaseSurvivesTransfer);
        let from_us =
            leadership.lease_from_us.filter(|_| !leadership.has_told_to_stand || survives)?;
        let timeout_us = u128::from(self.config.election_timeout_low_us);
        let lease_us = timeout_us * 1_000_000 / (1_000_000 + u128::from(clock_drift_ppm));
        // A part of a `u64`, so nothing is cut off.
        Some(from_us.saturating_add(lease_us as u64))
    }

    /// A leader that steps down has nothing to read from any more. A read has no effect, so it can
    /// simply be asked for again elsewhere.
    pub(super) fn abandon_reads(&mut self, reads: Vec<PendingRead>) {
        let leader = self.leader();
        for PendingRead { request, .. } in reads {
            self.refuse_read(request, ProposalRefusal::NotLeader { leader });
        }
    }
}
