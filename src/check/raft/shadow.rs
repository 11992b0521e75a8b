//! What judges remember of a server.

use super::view::RaftNode;
use crate::raft::{Log, LogIndex, ServerId, Term};
use crate::sim::{NodeId, World, WriteId};

/// A server as it was when it was last looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Shadow {
    /// 0 until it is looked at for the first time; after a boot, until it is looked at again.
    pub(super) fresh: bool,
    pub(super) boot: u32,
    pub(super) term: Term,
    pub(super) vote: Option<ServerId>,
    pub(super) leads: bool,
    pub(super) commit: LogIndex,
    pub(super) applied: LogIndex,
    /// The terms of its log, by index from 1.
    pub(super) terms: Vec<Term>,
    /// By node. Only a leader's are meant.
    pub(super) matches: Vec<LogIndex>,
    pub(super) image_term: Term,
    pub(super) image_vote: Option<ServerId>,
    /// The latest term that it spoke of to anybody, over all boots.
    pub(super) spoken: Term,
    /// Told as applied since its boot.
    pub(super) told_applied: LogIndex,
    /// The log may differ from `terms` from here on.
    pub(super) changed_from: Option<LogIndex>,
    /// The lowest index that was cut off.
    pub(super) cut_from: Option<LogIndex>,
}

impl Shadow {
    /// The term of the remembered entry at `index`; 0 at 0.
    pub(super) fn term_at(&self, index: LogIndex) -> Option<Term> {
        match index.0.checked_sub(1) {
            None => Some(Term(0)),
            Some(place) => self.terms.get(usize::try_from(place).ok()?).copied(),
        }
    }

    pub(super) fn last_index(&self) -> LogIndex {
        LogIndex(0).plus(self.terms.len())
    }

    pub(super) fn hear(&mut self, term: Term) {
        self.spoken = self.spoken.max(term);
    }

    /// The server starts from its disk: what it held in memory is gone.
    pub(super) fn reboot<C>(&mut self, boot: u32, log: &Log<C>) {
        let (image_term, image_vote, spoken) = (self.image_term, self.image_vote, self.spoken);
        let terms = log.iter().map(|(_, entry)| entry.term).collect();
        *self = Shadow {
            fresh: true,
            boot,
            terms,
            image_term,
            image_vote,
            spoken,
            ..Shadow::default()
        };
        // The disk may hold what memory never showed: the rest of a torn write.
        self.changed_from = Some(LogIndex(1));
    }

    /// The server changes its log.
    pub(super) fn note_write<P: RaftNode>(&mut self, world: &World<P>, node: NodeId, id: WriteId) {
        let pending = world.node(node).map(|found| found.disk().pending()).unwrap_or_default();
        let found = pending.iter().rev().find(|(pending, _)| *pending == id);
        let changed = match found.map(|(_, write)| write) {
            // Synced already, or lost: anything may have changed.
            None => LogIndex(1),
            Some(write) => match write.truncate_from {
                Some(first) => {
                    self.cut_from = Some(self.cut_from.map_or(first, |other| other.min(first)));
                    first
                }
                None if write.append.is_empty() => return,
                None => self.last_index().next(),
            },
        };
        let changed = changed.max(LogIndex(1));
        self.changed_from = Some(self.changed_from.map_or(changed, |other| other.min(changed)));
    }

    /// Where the server's log may begin to differ from what is remembered.
    pub(super) fn differs_from<C>(&self, log: &Log<C>) -> Option<LogIndex> {
        let same_end = log.last_index() == self.last_index()
            && log.last_term() == self.terms.last().copied().unwrap_or_default();
        match self.changed_from {
            Some(first) => Some(first),
            None if same_end => None,
            // Changed without a write. Where is unknown.
            None => Some(LogIndex(1)),
        }
    }

    pub(super) fn remember<P: RaftNode>(&mut self, server: &P, image: &P::Image) {
        if let Some(first) = self.differs_from(server.log()) {
            let kept = usize::try_from(first.previous().0).unwrap_or(usize::MAX);
            self.terms.truncate(kept);
            let new = server.log().entries_from(self.last_index().next(), usize::MAX);
            self.terms.extend(new.iter().map(|entry| entry.term));
        }
        self.fresh = false;
        self.changed_from = None;
        self.cut_from = None;
        self.term = server.current_term();
        self.vote = server.voted_for();
        self.leads = server.leads();
        self.commit = server.commit_index();
        self.applied = server.last_applied();
        self.image_term = image.current_term;
        self.image_vote = image.voted_for;
        if self.leads {
            server.each_follower(|follower, match_index, _| {
                let place = usize::from(follower.0);
                if self.matches.len() <= place {
                    self.matches.resize(place + 1, LogIndex(0));
                }
                self.matches[place] = match_index;
            });
        } else {
            self.matches.clear();
        }
    }
}
