//! Election timeouts: when they begin anew (§5.2).

use super::super::{Finding, Property, Verdicts};
use super::Look;
use super::view::{RaftNode, RaftWorld};
use crate::raft::{ElectionTimer, Message, Role, ServerId, Term};

/// What a server's election timer should have done since the server was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Timing {
    /// The timer then.
    pub(super) before: Option<ElectionTimer>,
    /// The server has given a vote, or stood for election.
    pub(super) has_reason: bool,
    /// The last message of a leader that has arrived.
    pub(super) heard: Option<(ServerId, Term)>,
}

impl Timing {
    /// A message arrives.
    pub(super) fn hear<C>(&mut self, from: ServerId, message: &Message<C>) {
        if let Message::AppendEntries { term, .. } | Message::InstallSnapshot { term, .. } = message
        {
            self.heard = Some((from, *term));
        }
    }
}

/// A timer begins anew on a message of the present leader, on giving a vote, and on standing for
/// election. If it did so for less, a server that cannot win could keep others from standing; and
/// if not even then, servers would stand against leaders and candidates with whom nothing is wrong.
pub(super) fn judge<P: RaftWorld>(look: &Look<'_, P>, verdicts: &mut Verdicts) {
    let (server, timing) = (look.process, look.before.timing);
    let now = server.raft().election_timer();
    // It stops while the server leads or does not belong to the cluster, and begins after that.
    let (false, Some(before), Some(now)) = (look.before.fresh, timing.before, now) else {
        return;
    };
    let follows = matches!(server.raft().role(), Role::Follower { .. });
    let leader = server.raft().leader().filter(|_| follows);
    let by_leader = timing
        .heard
        .is_some_and(|(from, term)| leader == Some(from) && term == server.current_term());
    let (is_new, has_reason) = (now != before, timing.has_reason || by_leader);
    let clock = look.world.node(look.node).map(|node| node.clock().shows_us(look.world.now_us()));
    // Twice in one instant, it may be drawn alike.
    let is_late = Some(now.started_us) != clock;
    if (is_new && !has_reason) || (!is_new && has_reason && is_late) {
        let finding = Finding::TimerWrong { server: server.id(), is_new };
        verdicts.note(Property::TimersHaveReasons, look.at, finding);
    }
}
