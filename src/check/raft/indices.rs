//! What never goes back, what stands in order, and whether a leader's picture of others is true.

use super::super::{Finding, Property, Verdicts};
use super::Look;
use super::commitment::Ledger;
use super::view::{self, RaftNode, RaftWorld};
use crate::raft::{LogIndex, ServerId, Term};

pub(super) fn judge<P: RaftWorld>(look: &Look<'_, P>, ledger: &Ledger, verdicts: &mut Verdicts) {
    judge_terms(look, verdicts);
    judge_commit(look, verdicts);
    if look.process.leads() {
        judge_followers(look, ledger, verdicts);
    }
    if look.before.fresh {
        judge_as_follower(look, ledger, verdicts);
    }
}

fn judge_terms<P: RaftWorld>(look: &Look<'_, P>, verdicts: &mut Verdicts) {
    let (before, server) = (look.before, look.process.id());
    // Over a crash, what was only in memory may be gone, unless somebody was told.
    let memory = if before.fresh { before.spoken } else { before.term };
    let pairs =
        [(memory, look.process.current_term()), (before.image_term, look.image.current_term)];
    for (from, to) in pairs.into_iter().filter(|(from, to)| to < from) {
        let finding = Finding::TermWentBack { server, from, to };
        verdicts.note(Property::TermNeverGoesBack, look.at, finding);
    }
}

fn judge_commit<P: RaftWorld>(look: &Look<'_, P>, verdicts: &mut Verdicts) {
    let (before, server) = (look.before, look.process);
    let (applied, commit) = (server.last_applied(), server.commit_index());
    let id = server.id();
    // A reboot has set what is remembered to 0: both are volatile.
    for (from, to) in [(before.commit, commit), (before.applied, applied)] {
        if to < from {
            let finding = Finding::IndexWentBack { server: id, from, to };
            verdicts.note(Property::CommitNeverGoesBack, look.at, finding);
        }
    }
    for (low, high) in [(applied, commit), (commit, server.log().last_index())] {
        if low > high {
            let finding = Finding::OutOfOrder { server: id, low, high };
            verdicts.note(Property::IndicesInOrder, look.at, finding);
        }
    }
}

fn judge_followers<P: RaftWorld>(look: &Look<'_, P>, ledger: &Ledger, verdicts: &mut Verdicts) {
    let (before, server) = (look.before, look.process);
    let same_term = before.leads && before.term == server.current_term();
    server.each_follower(|follower, match_index, next_index| {
        let was = before.matches.get(usize::from(follower.0)).copied().filter(|_| same_term);
        let (was, leader) = (was.unwrap_or_default(), server.id());
        if next_index <= match_index {
            let (low, high) = (match_index, next_index.previous());
            let finding = Finding::OutOfOrder { server: leader, low, high };
            verdicts.note(Property::IndicesInOrder, look.at, finding);
        }
        if match_index < was {
            let finding = Finding::IndexWentBack { server: leader, from: was, to: match_index };
            verdicts.note(Property::MatchNeverGoesBack, look.at, finding);
        }
        if match_index > was && !match_is_true(look, ledger, follower, match_index) {
            let finding = Finding::FalseMatch { leader, follower, match_index };
            verdicts.note(Property::MatchIsTruthful, look.at, finding);
        }
    });
}

/// Whether the follower's disk holds the leader's entries up to `match_index`. A follower that has
/// gone on to a later term need not: it may have removed them since it said so.
fn match_is_true<P: RaftWorld>(
    look: &Look<'_, P>,
    ledger: &Ledger,
    follower: ServerId,
    match_index: LogIndex,
) -> bool {
    let Some(node) = look.world.node(view::node(follower)) else {
        return false;
    };
    let (image, leader) = (P::image(node.disk().image()), look.process);
    if image.current_term > leader.current_term() {
        return true;
    }
    // One entry speaks for all before it, by Log Matching, which is judged by itself.
    let term = term_at(leader, ledger, match_index);
    term.is_some_and(|term| view::has_on_disk(image, match_index, term))
}

/// The term of the leader's entry at `index`; of one that it has dropped, what was committed.
fn term_at<N: RaftNode>(leader: &N, ledger: &Ledger, index: LogIndex) -> Option<Term> {
    leader.log().term_at(index).or_else(|| ledger.term_at(index))
}

/// A server comes back: its disk still holds what it has vouched for to those who lead.
fn judge_as_follower<P: RaftWorld>(look: &Look<'_, P>, ledger: &Ledger, verdicts: &mut Verdicts) {
    let follower = look.process.id();
    for node in look.world.node_ids().filter(|node| *node != look.node) {
        let Some(process) = view::server(look.world, node) else {
            continue;
        };
        if look.image.current_term > process.current_term() {
            continue;
        }
        process.each_follower(|id, match_index, _| {
            let term = term_at(process, ledger, match_index).unwrap_or_default();
            if id == follower && !view::has_on_disk(look.image, match_index, term) {
                let finding = Finding::FalseMatch { leader: process.id(), follower, match_index };
                verdicts.note(Property::MatchIsTruthful, look.at, finding);
            }
        });
    }
}
