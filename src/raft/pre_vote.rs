//! Pre-vote: asking whether an election could be won before holding one (thesis 9.6).
//!
//! A server that was cut off comes back with a later term, having stood for election in vain, and
//! its term would depose a leader with whom nothing is wrong. With
//! [`pre_vote`](super::Config::pre_vote) a server first asks, and nobody's term or vote changes;
//! only with a majority of pre-votes does it stand. A pre-vote is no promise: a server may give it
//! to any number of others, and nothing about it needs to be durable.

use crate::sorted::SortedSet;

use super::election::Standing;
use super::server::Server;
use super::{
    Bug, CommandSize, Event, IgnoreReason, LogEnd, Message, MessageKind, Role, ServerId, StepDown,
    Term, VoteDenial,
};

impl<C: CommandSize> Server<C> {
    /// The election timer ran out: asks for pre-votes. The term stays.
    pub(super) fn start_pre_election(&mut self) {
        let term = self.current_term();
        self.role = Role::PreCandidate { votes: SortedSet::new() };
        self.reset_election_timer();
        self.outbox.event(Event::BecamePreCandidate { term });
        let LogEnd { last_log_index, last_log_term } = self.log().end();
        for to in self.other_voters() {
            let candidate_id = self.id;
            let message = Message::PreVote { term, candidate_id, last_log_index, last_log_term };
            self.outbox.send(to, message);
        }
        if !self.config.has(Bug::OwnPreVoteForgotten) {
            self.count_pre_vote(self.id, true);
        }
    }

    /// Pre-vote, receiver. `term` is the sender's present one; it would stand in the next.
    ///
    /// - a live leader: denied before anything else, see `live_leader`;
    /// - from an earlier term: denied, and the reply brings the sender up to date;
    /// - repeated: the same answer again. The election timer is not reset: asking is no leader.
    pub(super) fn handle_pre_vote(&mut self, candidate: ServerId, term: Term, theirs: LogEnd) {
        let (current_term, mine) = (self.current_term(), self.log().end());
        let decision = if term < current_term {
            Err(VoteDenial::StaleTerm { theirs: term, mine: current_term })
        } else if theirs < mine {
            Err(VoteDenial::LogOutOfDate { theirs, mine })
        } else {
            Ok(())
        };
        self.answer_pre_vote(candidate, term, decision);
    }

    pub(super) fn answer_pre_vote(
        &mut self,
        candidate: ServerId,
        term: Term,
        decision: Result<(), VoteDenial>,
    ) {
        self.outbox.event(match decision {
            Ok(()) => Event::PreVoteGranted { candidate, term },
            Err(reason) => Event::PreVoteDenied { candidate, term, reason },
        });
        let reply =
            Message::PreVoteReply { term: self.current_term(), vote_granted: decision.is_ok() };
        self.outbox.send(candidate, reply);
    }

    /// Pre-candidates: gather pre-votes.
    ///
    /// - late, from an earlier term: ignored. Late within its term it may count for the next
    ///   attempt, which at worst makes one election that need not have been;
    /// - repeated: votes are a set, so it counts once;
    /// - granted by a server of an earlier term: there is no such grant, the term rises first.
    pub(super) fn handle_pre_vote_reply(&mut self, from: ServerId, term: Term, granted: bool) {
        let mine = self.current_term();
        let ignored = match &self.role {
            _ if term < mine => Some(IgnoreReason::StaleReply { theirs: term, mine }),
            Role::PreCandidate { votes } if granted && votes.contains(&from) => {
                Some(IgnoreReason::CountedBefore)
            }
            Role::PreCandidate { .. } => None,
            _ => Some(IgnoreReason::NotCandidate),
        };
        match ignored {
            Some(reason) => self.ignore(from, MessageKind::PreVoteReply, reason),
            None => self.count_pre_vote(from, granted),
        }
    }

    fn count_pre_vote(&mut self, from: ServerId, granted: bool) {
        let term = self.current_term();
        let Some(Standing { votes, needed, won }) = self.count_answer(from, granted) else {
            return;
        };
        self.outbox.event(Event::PreVoteReceived { from, term, granted, votes, needed });
        if won && let Some(next) = term.next() {
            self.start_election(next, false);
        }
    }

    /// A pre-candidate that gives its vote to another lets that one try first.
    pub(super) fn yield_to(&mut self, candidate: ServerId) {
        if matches!(self.role, Role::PreCandidate { .. }) {
            self.become_follower(None, StepDown::GaveVote { candidate });
        }
    }
}
