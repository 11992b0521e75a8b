//! Terms, timers and votes (§5.1, §5.2, §5.4.1).

use crate::sorted::SortedSet;

use super::server::Server;
use super::{
    Bug, CommandSize, ElectionTimer, Event, IgnoreReason, LogEnd, Message, MessageKind, Role,
    RoleKind, ServerId, StepDown, Term, TimeOutRefusal, VoteDenial, Write,
};

/// How the votes of an election, or of a pre-vote, stand.
pub(super) struct Standing {
    pub(super) votes: usize,
    pub(super) needed: usize,
    pub(super) won: bool,
}

impl<C: CommandSize> Server<C> {
    /// Somebody wants an election now.
    pub(super) fn handle_time_out_now(&mut self) {
        let refusal = match self.role {
            Role::Leader { .. } => Some(TimeOutRefusal::IsLeader),
            _ if !self.may_stand() => Some(TimeOutRefusal::NotAMember),
            _ if self.lease_is_at_stake() => Some(TimeOutRefusal::LeaseAtStake),
            _ => None,
        };
        match refusal {
            Some(reason) => self.outbox.event(Event::TimeOutIgnored { reason }),
            None => self.time_out_election(true),
        }
    }

    /// Followers and candidates: the election timeout has elapsed.
    pub(super) fn time_out_election(&mut self, forced: bool) {
        let term = self.current_term();
        self.outbox.event(Event::ElectionTimedOut { term, forced });
        let stands = matches!(self.role, Role::Candidate { .. });
        if self.config.has(Bug::NeverStands)
            || (stands && self.config.has(Bug::CandidateNeverRetries))
        {
            return self.reset_election_timer();
        }
        match term.next() {
            Some(_) if self.config.has(Bug::TermNotRaised) => self.start_election(term, false),
            Some(_) if self.config.pre_vote => self.start_pre_election(),
            Some(next) => self.start_election(next, false),
            None => {
                self.reset_election_timer();
                let reason = TimeOutRefusal::NoTermLeft;
                self.outbox.event(Event::TimeOutIgnored { reason });
            }
        }
    }

    /// Candidates: increment `current_term`, vote for self, reset the election timer, send
    /// RequestVote to all others. Own vote and requests wait for the disk. `told`: the leader wants
    /// this server to stand (thesis 3.10).
    pub(super) fn start_election(&mut self, term: Term, told: bool) {
        self.write(Write::vote(term, Some(self.id)));
        self.role = Role::Candidate { votes: SortedSet::new() };
        self.reset_election_timer();
        self.outbox.event(Event::BecameCandidate { term });
        let end = self.log().end();
        for to in self.other_voters() {
            self.outbox.send(to, Message::request_vote(term, self.id, end, told));
        }
    }

    /// RequestVote, receiver.
    ///
    /// - late, from an earlier term: denied, and the reply brings the sender up to date;
    /// - repeated: the same answer again, for the vote is taken already, by this candidate; unless
    ///   the log has grown since, then rule 2 denies it, and the candidate has won or lost by then;
    /// - untrue about its log: believed. Raft does not guard against liars.
    pub(super) fn handle_request_vote(&mut self, candidate: ServerId, term: Term, theirs: LogEnd) {
        let decision = self.decide_vote(candidate, term, theirs);
        match decision {
            Ok(()) => {
                let again = self.voted_for() == Some(candidate);
                if !again {
                    self.write(Write::vote(term, Some(candidate)));
                }
                self.yield_to(candidate);
                if !self.config.has(Bug::VoteDoesNotResetTimer) {
                    self.reset_election_timer();
                }
                self.outbox.event(Event::VoteGranted { candidate, term, again });
            }
            Err(reason) => {
                if self.election_timer.is_some() && self.config.has(Bug::RefusedVoteResetsTimer) {
                    self.reset_election_timer();
                }
                self.outbox.event(Event::VoteDenied { candidate, term, reason });
            }
        }
        let reply =
            Message::RequestVoteReply { term: self.current_term(), vote_granted: decision.is_ok() };
        self.outbox.send(candidate, reply);
    }

    /// RequestVote, receiver rules 1 and 2.
    fn decide_vote(
        &self,
        candidate: ServerId,
        term: Term,
        theirs: LogEnd,
    ) -> Result<(), VoteDenial> {
        if term < self.current_term() && !self.config.has(Bug::StaleRequestGranted) {
            return Err(VoteDenial::StaleTerm { theirs: term, mine: self.current_term() });
        }
        if let Some(voted_for) = self.voted_for().filter(|voted_for| *voted_for != candidate)
            && !self.config.has(Bug::SecondVote)
        {
            return Err(VoteDenial::AlreadyVoted { voted_for });
        }
        let mine = self.log().end();
        let is_behind = match theirs < mine {
            _ if self.config.has(Bug::VoteForStaleLog) => false,
            _ if self.config.has(Bug::VoteByLengthAlone) => {
                theirs.last_log_index < mine.last_log_index
            }
            _ if self.config.has(Bug::VoteByTermAlone) => theirs.last_log_term < mine.last_log_term,
            is_behind => is_behind,
        };
        if is_behind {
            return Err(VoteDenial::LogOutOfDate { theirs, mine });
        }
        Ok(())
    }

    /// Candidates: gather votes.
    ///
    /// - late, from an earlier election or after this one: ignored;
    /// - repeated: votes are a set, so it counts once;
    /// - untrue: believed, as above.
    pub(super) fn handle_request_vote_reply(&mut self, from: ServerId, term: Term, granted: bool) {
        let mine = self.current_term();
        let ignored = match &self.role {
            _ if term < mine && !self.config.has(Bug::StaleVoteCounted) => {
                Some(IgnoreReason::StaleReply { theirs: term, mine })
            }
            Role::Candidate { votes } if granted && votes.contains(&from) => {
                Some(IgnoreReason::CountedBefore)
            }
            Role::Candidate { .. } => None,
            _ => Some(IgnoreReason::NotCandidate),
        };
        match ignored {
            Some(reason) => self.ignore(from, MessageKind::RequestVoteReply, reason),
            None => self.count_vote(from, granted),
        }
    }

    /// A candidate's own vote counts like any other: once it is durable.
    pub(super) fn count_own_vote(&mut self) {
        if let Role::Candidate { votes } = &self.role
            && !votes.contains(&self.id)
            && self.outbox.vote_is_durable()
        {
            self.count_vote(self.id, true);
        }
    }

    /// Candidates: with votes from a majority become leader.
    fn count_vote(&mut self, from: ServerId, granted: bool) {
        let term = self.current_term();
        let Some(Standing { votes, needed, won }) = self.count_answer(from, granted) else {
            return;
        };
        self.outbox.event(Event::VoteReceived { from, term, granted, votes, needed });
        if won {
            self.election_timer = None;
            self.outbox.event(Event::BecameLeader { term, votes });
            self.lead();
        }
    }

    /// Notes an answer to a request for a vote or a pre-vote, and says how the votes stand then.
    /// `None` for who gathers no votes.
    pub(super) fn count_answer(&mut self, from: ServerId, granted: bool) -> Option<Standing> {
        let (Role::Candidate { votes } | Role::PreCandidate { votes }) = &mut self.role else {
            return None;
        };
        if granted || self.config.has(Bug::RefusalCounted) {
            votes.insert(from);
        }
        let has = votes.clone();
        let all = self.configuration();
        let by_new_side = self.config.has(Bug::JointElectionByNewSide);
        let configuration = if by_new_side { &all.new_side() } else { all };
        let votes = configuration.count(|id| has.contains(&id));
        let is_half = 2 * votes >= configuration.voters.len();
        let won = configuration.has_majority(&|id| has.contains(&id))
            || (is_half && self.config.has(Bug::HalfIsAMajority));
        Some(Standing { votes, needed: configuration.needed(), won })
    }

    /// All servers: a message carries a term > `current_term`. The new term has no vote yet.
    ///
    /// The election timer keeps running: a candidate that cannot win must not keep others from
    /// standing by asking again and again.
    pub(super) fn advance_term(&mut self, term: Term, seen_from: ServerId) {
        let from = self.current_term();
        let kept = self.voted_for().filter(|_| self.config.has(Bug::VoteKeptAcrossTerms));
        self.write(Write::vote(term, kept));
        self.outbox.event(Event::TermAdvanced { from, to: term, seen_from });
        self.become_follower(None, StepDown::HigherTerm { term, seen_from });
    }

    /// Becomes, or stays, a follower of `leader`.
    pub(super) fn become_follower(&mut self, leader: Option<ServerId>, reason: StepDown) {
        let from = self.role.kind();
        let before = std::mem::replace(&mut self.role, Role::Follower { leader });
        if from != RoleKind::Follower {
            self.outbox.event(Event::SteppedDown { from, reason });
        }
        if let Role::Leader { leadership, .. } = before {
            self.reset_election_timer();
            self.abandon_proposals();
            self.abandon_reads(leadership.reads);
        }
    }

    /// Resets the election timer to a new random timeout. Called exactly where §5.2 and Figure 2
    /// say: on granting a vote, on AppendEntries from the current leader, on starting an election;
    /// and where a timer must begin: at boot and when a leader steps down.
    pub(super) fn reset_election_timer(&mut self) {
        if !self.may_stand() {
            return;
        }
        let (low_us, high_us) =
            (self.config.election_timeout_low_us, self.config.election_timeout_high_us);
        // Even settings that were never validated must let time move on.
        let timeout_us = match low_us == high_us {
            // Nothing to draw. Without chance, equal histories lead to equal servers.
            true => low_us,
            false => self.random.between(low_us, high_us),
        }
        .max(1);
        self.election_timer = Some(ElectionTimer {
            started_us: self.now_us,
            deadline_us: self.now_us.saturating_add(timeout_us),
        });
    }
}
