//! Handing leadership over (thesis 3.10).
//!
//! The leader stops taking proposals, brings the target's log up to its own, and tells it to stand
//! for election without waiting for its timer ([`Message::TimeoutNow`]). The target's requests for
//! votes say that the leader wants it so, and are exempt from
//! [`leader_stickiness`](super::Config::leader_stickiness). If the leader still leads after an
//! election timeout, it gives the transfer up and takes proposals again.

use super::server::Server;
use super::{
    Bug, CommandSize, Event, IgnoreReason, Message, MessageKind, Role, ServerId, Term,
    TimeOutRefusal, TransferRefusal,
};

/// A transfer that a leader has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Transfer {
    /// Who is to lead.
    pub to: ServerId,
    /// When the leader gives up.
    pub deadline_us: u64,
    /// Whether the target has been told to stand.
    pub told: bool,
}

impl<C: CommandSize> Server<C> {
    /// The transfer that this leader has begun.
    pub fn transfer(&self) -> Option<Transfer> {
        match &self.role {
            Role::Leader { leadership, .. } => leadership.transfer,
            _ => None,
        }
    }

    /// Leaders: begin to hand over to `to`.
    pub(super) fn handle_transfer_leadership(&mut self, to: ServerId) {
        if let Some(reason) = self.reason_to_keep_leading(to) {
            return self.outbox.event(Event::TransferRefused { to, reason });
        }
        let timeout_us = self.config.election_timeout_high_us.max(1);
        let endless = self.config.has(Bug::TransferWithoutEnd);
        let deadline_us = if endless { u64::MAX } else { self.now_us.saturating_add(timeout_us) };
        if let Role::Leader { leadership, .. } = &mut self.role {
            leadership.transfer = Some(Transfer { to, deadline_us, told: false });
        }
        let match_index = self.match_index(to).unwrap_or_default();
        let last_log_index = self.log().last_index();
        self.outbox.event(Event::TransferStarted { to, match_index, last_log_index });
        self.send_if_behind(to);
        self.go_on_with_transfer();
    }

    fn reason_to_keep_leading(&self, to: ServerId) -> Option<TransferRefusal> {
        if !matches!(self.role, Role::Leader { .. }) {
            return Some(TransferRefusal::NotLeader { leader: self.leader() });
        }
        if let Some(Transfer { to, .. }) = self.transfer() {
            return Some(TransferRefusal::InProgress { to });
        }
        if to == self.id {
            return Some(TransferRefusal::ToItself);
        }
        (!self.configuration().is_voter(to)).then_some(TransferRefusal::NotAVoter)
    }

    /// Leaders: once the target has the whole log, tell it to stand; once.
    pub(super) fn go_on_with_transfer(&mut self) {
        let (term, leader_id, last_index) = (self.current_term(), self.id, self.log().last_index());
        let Role::Leader { followers, leadership } = &mut self.role else {
            return;
        };
        let Some(transfer) = &mut leadership.transfer else {
            return;
        };
        let to = transfer.to;
        let caught_up = followers.get(&to).is_some_and(|f| f.match_index >= last_index);
        if caught_up && !transfer.told {
            transfer.told = true;
            leadership.has_told_to_stand = true;
            self.outbox.event(Event::TimeoutNowSent { to });
            self.outbox.send(to, Message::TimeoutNow { term, leader_id });
        }
    }

    /// Leaders: a transfer that takes an election timeout has failed.
    pub(super) fn abort_late_transfer(&mut self) {
        if let Role::Leader { leadership, .. } = &mut self.role
            && let Some(Transfer { to, deadline_us, .. }) = leadership.transfer
            && deadline_us <= self.now_us
        {
            leadership.transfer = None;
            self.outbox.event(Event::TransferAborted { to });
        }
    }

    /// The leader wants this server to stand for election.
    ///
    /// - late, from an earlier term: ignored;
    /// - repeated: as if late, for the first one has begun a later term;
    /// - to a server without a vote, or from a second leader: ignored.
    ///
    /// A log that is behind after all, because messages overtook each other, loses the election.
    pub(super) fn handle_timeout_now(&mut self, from: ServerId, term: Term) {
        let mine = self.current_term();
        let ignored = if term < mine {
            Some(IgnoreReason::StaleLeader { theirs: term, mine })
        } else {
            let first = self.leader().filter(|leader| *leader != from);
            first.map(|first| IgnoreReason::SecondLeader { first })
        };
        if let Some(reason) = ignored {
            return self.ignore(from, MessageKind::TimeoutNow, reason);
        }
        if !self.may_stand() {
            let reason = TimeOutRefusal::NotAMember;
            return self.outbox.event(Event::TimeOutIgnored { reason });
        }
        self.outbox.event(Event::ToldToStand { leader: from, term });
        match term.next() {
            Some(next) => self.start_election(next, true),
            None => {
                let reason = TimeOutRefusal::NoTermLeft;
                self.outbox.event(Event::TimeOutIgnored { reason });
            }
        }
    }
}
