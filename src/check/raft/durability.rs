//! "Updated on stable storage before responding to RPCs" (Figure 2).

use super::super::{Finding, Property, Verdicts};
use super::Look;
use super::elections::Elections;
use super::view::{self, CommandOf, RaftNode, RaftWorld, RestsOn};
use crate::raft::Message;
use crate::sim::{NodeId, RecordId, World};

/// A message leaves: what it rests on must be on the sender's disk by now.
pub(super) fn judge_sent<P: RaftWorld>(
    world: &World<P>,
    at: RecordId,
    from: NodeId,
    to: NodeId,
    message: &Message<CommandOf<P>>,
    verdicts: &mut Verdicts,
) {
    let Some(node) = world.node(from) else {
        return;
    };
    let (image, server, term) = (P::image(node.disk().image()), view::id(from), message.term());
    let durable = match view::rests_on(message, server, view::id(to)) {
        _ if image.current_term < term => false,
        // The sender has gone on since it made the message; in that term it was true.
        _ if image.current_term > term => true,
        RestsOn::Term => true,
        RestsOn::Vote(candidate) => image.voted_for == Some(candidate),
        RestsOn::Entries(through) => image.log.last_index() >= through,
    };
    if !durable {
        let finding = Finding::SentTooEarly { server, term };
        verdicts.note(Property::SyncedBeforeSent, at, finding);
    }
}

/// What is on the disk, compared with memory and with what others were told.
pub(super) fn judge_image<P: RaftWorld>(
    look: &Look<'_, P>,
    elections: &Elections,
    verdicts: &mut Verdicts,
) {
    let (server, image) = (look.process, look.image);
    let (id, term) = (server.id(), image.current_term);
    if (term, image.voted_for) != (look.before.image_term, look.before.image_vote)
        || look.before.fresh
    {
        let told = elections.vote(term, id);
        if let Some(first) = told.filter(|told| image.voted_for != Some(*told)) {
            let (voter, second) = (id, image.voted_for);
            let finding = Finding::TwoVotes { voter, term, first, second };
            verdicts.note(Property::OneVotePerTerm, look.at, finding);
        }
    }
    let nothing_to_write =
        look.world.node(look.node).is_some_and(|node| node.disk().pending().is_empty());
    let same = || {
        (server.current_term(), server.voted_for()) == (term, image.voted_for)
            && (server.log().base(), server.log().end()) == (image.log.base(), image.log.end())
    };
    if nothing_to_write && !same() {
        verdicts.note(Property::MemoryIsWritten, look.at, Finding::NotWritten { server: id });
    }
}
