//! Who leads, who voted for whom, and what a leader must know.

use super::super::{Finding, Property, Verdicts};
use super::commitment::Ledger;
use super::view::{self, RaftNode, RaftWorld, RestsOn};
use super::{Look, SHARED};
use crate::raft::{Message, ServerId, Term};
use crate::shared_list::SharedList;
use crate::sim::{NodeId, RecordId};
use crate::sorted::SortedMap;

/// All elections so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Elections {
    leaders: SortedMap<Term, ServerId>,
    /// Votes that somebody was told of. Only these count: what a crash made a server forget before
    /// it spoke never was. In the order of terms and voters, with whom each votes for.
    votes: SharedList<(Term, ServerId, ServerId), SHARED>,
}

impl Elections {
    /// The leader of `term`, if there was one.
    pub(super) fn leader(&self, term: Term) -> Option<ServerId> {
        self.leaders.get(&term).copied()
    }

    /// Whom `voter` has told that it votes for in `term`.
    pub(super) fn vote(&self, term: Term, voter: ServerId) -> Option<ServerId> {
        let place = self.votes.partition_point(|(in_term, by, _)| (*in_term, *by) < (term, voter));
        let found =
            self.votes.get(place).filter(|(in_term, by, _)| (*in_term, *by) == (term, voter));
        found.map(|(_, _, candidate)| *candidate)
    }

    /// A message leaves; it may tell of a vote.
    pub(super) fn hear<C>(
        &mut self,
        at: RecordId,
        from: NodeId,
        to: NodeId,
        message: &Message<C>,
        verdicts: &mut Verdicts,
    ) {
        let (voter, term) = (view::id(from), message.term());
        // Heartbeats are many; the votes behind what leaders say were told before.
        let leads = matches!(
            message,
            Message::AppendEntries { .. }
                | Message::InstallSnapshot { .. }
                | Message::TimeoutNow { .. }
        );
        if leads {
            return;
        }
        let RestsOn::Vote(second) = view::rests_on(message, voter, view::id(to)) else {
            return;
        };
        match self.vote(term, voter) {
            None => self.votes.insert_in_order((term, voter, second)),
            Some(first) if first == second => {}
            Some(first) => {
                let finding = Finding::TwoVotes { voter, term, first, second: Some(second) };
                verdicts.note(Property::OneVotePerTerm, at, finding);
            }
        }
    }

    pub(super) fn judge<P: RaftWorld>(
        &mut self,
        look: &Look<'_, P>,
        ledger: &Ledger,
        verdicts: &mut Verdicts,
    ) {
        let (server, before) = (look.process, look.before);
        let (term, id) = (server.current_term(), server.id());
        if term == before.term && !before.fresh {
            self.judge_memory(look, verdicts);
        }
        let elected = server.leads() && !(before.leads && before.term == term);
        if !elected {
            return;
        }
        match self.leader(term) {
            None => drop(self.leaders.insert(term, id)),
            Some(first) if first == id => {}
            Some(first) => {
                let finding = Finding::TwoLeaders { term, first, second: id };
                verdicts.note(Property::ElectionSafety, look.at, finding);
            }
        }
        self.judge_votes(look, verdicts);
        if let Some((index, committed_in)) = ledger.lacking(server.log(), term) {
            let finding = Finding::LeaderLacks { leader: id, term, index, committed_in };
            verdicts.note(Property::LeaderCompleteness, look.at, finding);
        }
    }

    /// Within a term, memory keeps to its vote.
    fn judge_memory<P: RaftWorld>(&self, look: &Look<'_, P>, verdicts: &mut Verdicts) {
        let (first, second) = (look.before.vote, look.process.voted_for());
        if let Some(first) = first.filter(|first| Some(*first) != second) {
            let (voter, term) = (look.process.id(), look.process.current_term());
            let finding = Finding::TwoVotes { voter, term, first, second };
            verdicts.note(Property::OneVotePerTerm, look.at, finding);
        }
    }

    /// A leader's votes were told by those who gave them; its own is on its disk.
    fn judge_votes<P: RaftWorld>(&self, look: &Look<'_, P>, verdicts: &mut Verdicts) {
        let (server, image) = (look.process, look.image);
        let (leader, term) = (server.id(), server.current_term());
        let short = view::short_of_majority(server, server.configuration_index(), |voter| {
            let own = voter == leader && image.current_term == term;
            let vote = if own { image.voted_for } else { self.vote(term, voter) };
            vote == Some(leader)
        });
        if let Some((votes, needed)) = short {
            let finding = Finding::TooFewVotes { leader, term, votes, needed };
            verdicts.note(Property::ElectedByMajority, look.at, finding);
        }
    }
}
