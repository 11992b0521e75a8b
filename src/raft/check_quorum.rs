//! Leaders that nobody follows, and leaders that should be left alone (thesis 6.2, 4.2.3).
//!
//! Two halves of one idea. A leader that hears from no majority for an election timeout steps down,
//! so that its clients look elsewhere: [`check_quorum`](super::Config::check_quorum). And a server
//! that has heard from a leader within the shortest election timeout helps nobody to depose it:
//! [`leader_stickiness`](super::Config::leader_stickiness). It neither votes nor takes over the
//! candidate's term. A candidate whom the leader itself has told to stand is exempt.
//!
//! Without the first half the second could keep a leader for ever that serves nobody; without the
//! second a server that cannot hear the leader could depose it again and again.

use super::server::Server;
use super::{Bug, CommandSize, Event, Message, ReadPolicy, Role, ServerId, StepDown, VoteDenial};

impl<C: CommandSize> Server<C> {
    /// When a majority, this leader included, had last been heard from. `u64::MAX` for a cluster of
    /// one, which always hears from itself.
    fn quorum_heard_us(&self) -> u64 {
        let Role::Leader { followers, .. } = &self.role else {
            return 0;
        };
        let mine = self.id;
        self.configuration().reached(&|id| match followers.get(&id) {
            Some(progress) => progress.heard_us,
            None if id == mine => u64::MAX,
            None => 0,
        })
    }

    /// When this leader must step down unless it hears from a majority before.
    pub(super) fn quorum_deadline_us(&self) -> Option<u64> {
        let heard_us = self.quorum_heard_us();
        let timeout_us = self.config.election_timeout_high_us.max(1);
        (self.config.check_quorum && heard_us < u64::MAX)
            .then(|| heard_us.saturating_add(timeout_us))
    }

    /// Leaders: "a leader in Raft steps down if an election timeout elapses without a successful
    /// round of heartbeats to a majority of its cluster" (6.2).
    pub(super) fn step_down_without_quorum(&mut self) {
        let Role::Leader { followers, .. } = &self.role else {
            return;
        };
        if self.quorum_deadline_us().is_none_or(|deadline_us| deadline_us > self.now_us) {
            return;
        }
        let within_us = self.config.election_timeout_high_us;
        let is_fresh = |id: ServerId| match followers.get(&id) {
            Some(progress) => progress.heard_us.saturating_add(within_us) > self.now_us,
            None => id == self.id,
        };
        let configuration = self.configuration();
        let (heard, needed) = (configuration.count(is_fresh), configuration.needed());
        self.become_follower(None, StepDown::NoMajority { heard, needed, within_us });
    }

    /// A request for a vote that must not even be looked at, because there is a leader (4.2.3).
    pub(super) fn protects_leader(&self, message: &Message<C>) -> Option<VoteDenial> {
        let asked = match message {
            Message::PreVote { .. } => true,
            Message::RequestVote { leadership_transfer, term, .. } => {
                self.config.leader_stickiness
                    && !leadership_transfer
                    && *term >= self.current_term()
                    && !self.config.has(Bug::VoteAgainstLiveLeader)
            }
            _ => false,
        };
        if asked { self.just_started().or_else(|| self.live_leader()) } else { None }
    }

    /// With leases: whether a leader may rely on what this server has forgotten in its restart.
    fn just_started(&self) -> Option<VoteDenial> {
        let ago_us = self.now_us.saturating_sub(self.started_us);
        let is_recent = ago_us < self.config.election_timeout_low_us;
        let has_leases = matches!(self.config.reads, ReadPolicy::Lease { .. });
        (is_recent && has_leases && !self.config.has(Bug::LeaseForgotten))
            .then_some(VoteDenial::JustStarted { ago_us })
    }

    /// With leases: whether standing for election now could make another server's read stale.
    pub(super) fn lease_is_at_stake(&self) -> bool {
        matches!(self.config.reads, ReadPolicy::Lease { .. })
            && (self.just_started().is_some() || self.live_leader().is_some())
    }

    /// The leader that this server has heard from within the shortest election timeout. A leader
    /// counts itself while a majority answers it.
    ///
    /// What was heard is never forgotten early, not even when a later term is seen: a lease of that
    /// leader may rest on it.
    fn live_leader(&self) -> Option<VoteDenial> {
        let (leader, heard_us) = match self.role {
            Role::Leader { .. } => (self.id, self.quorum_heard_us().min(self.now_us)),
            _ => self.heard_leader?,
        };
        let ago_us = self.now_us.saturating_sub(heard_us);
        let alive = ago_us < self.config.election_timeout_low_us;
        alive.then_some(VoteDenial::LeaderAlive { leader, ago_us })
    }

    /// Denies `message`, a request for a vote, without changing anything.
    pub(super) fn protect_leader(
        &mut self,
        from: ServerId,
        message: &Message<C>,
        denial: VoteDenial,
    ) {
        let term = message.term();
        if matches!(message, Message::PreVote { .. }) {
            return self.answer_pre_vote(from, term, Err(denial));
        }
        self.outbox.event(Event::VoteDenied { candidate: from, term, reason: denial });
        let term = self.current_term();
        self.outbox.send(from, Message::RequestVoteReply { term, vote_granted: false });
    }
}
