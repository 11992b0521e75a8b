//! What judges remember of a server.

use super::timers::Timing;
use super::view::{RaftNode, RaftWorld};
use crate::raft::{ClientId, Durable, Log, LogEnd, LogIndex, ServerId, Snapshot, Term};
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
    /// What its log begins after.
    pub(super) base: LogEnd,
    /// The terms of its log, by index from after `base`.
    pub(super) terms: Vec<Term>,
    /// By node. Only a leader's are meant.
    pub(super) matches: Vec<LogIndex>,
    pub(super) image_term: Term,
    pub(super) image_vote: Option<ServerId>,
    pub(super) image_base: LogEnd,
    /// Where the configuration in force begins.
    pub(super) configuration_index: LogIndex,
    /// The latest term that it spoke of to anybody, over all boots.
    pub(super) spoken: Term,
    /// Told as applied since its boot.
    pub(super) told_applied: LogIndex,
    /// The client's command that was applied last, for what it did is told next.
    pub(super) told_command: Option<(LogIndex, ClientId, u64)>,
    pub(super) timing: Timing,
    /// The log may differ from `terms` from here on.
    pub(super) changed_from: Option<LogIndex>,
    /// The lowest index that was cut off.
    pub(super) cut_from: Option<LogIndex>,
}

impl Shadow {
    /// The term of the remembered entry at `index`, or of the last one that was dropped.
    pub(super) fn term_at(&self, index: LogIndex) -> Option<Term> {
        match index.0.checked_sub(self.base.last_log_index.0)? {
            0 => Some(self.base.last_log_term),
            past => self.terms.get(usize::try_from(past - 1).ok()?).copied(),
        }
    }

    pub(super) fn last_index(&self) -> LogIndex {
        self.base.last_log_index.plus(self.terms.len())
    }

    pub(super) fn hear(&mut self, term: Term) {
        self.spoken = self.spoken.max(term);
    }

    /// The server starts from its disk: what it held in memory is gone.
    pub(super) fn reboot<C>(&mut self, boot: u32, log: &Log<C>) {
        let (image_term, image_vote, spoken) = (self.image_term, self.image_vote, self.spoken);
        let (image_base, base) = (self.image_base, log.base());
        let terms = log.iter().map(|(_, entry)| entry.term).collect();
        *self = Shadow {
            fresh: true,
            boot,
            base,
            terms,
            image_base,
            image_term,
            image_vote,
            spoken,
            ..Shadow::default()
        };
        // The disk may hold what memory never showed: the rest of a torn write.
        self.changed_from = Some(LogIndex(1));
    }

    /// The server changes its log.
    pub(super) fn note_write<P: RaftWorld>(&mut self, world: &World<P>, node: NodeId, id: WriteId) {
        let pending = world.node(node).map(|found| found.disk().pending()).unwrap_or_default();
        let found = pending.iter().rev().find(|(pending, _)| *pending == id);
        let changed = match found.and_then(|(_, write)| P::write(write)) {
            // Synced already, or lost: anything may have changed.
            None => LogIndex(1),
            Some(write) if self.is_replaced_by(write.snapshot.as_deref()) => LogIndex(1),
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

    /// Whether the snapshot is of another log than the remembered one, which then goes.
    fn is_replaced_by(&self, snapshot: Option<&Snapshot>) -> bool {
        let end = snapshot.map(Snapshot::end);
        let is_new = end.filter(|end| end.last_log_index > self.base.last_log_index);
        is_new.is_some_and(|end| self.term_at(end.last_log_index) != Some(end.last_log_term))
    }

    /// Where the server's log may begin to differ from what is remembered.
    pub(super) fn differs_from<C>(&self, log: &Log<C>) -> Option<LogIndex> {
        let same_end = log.last_index() == self.last_index()
            && log.last_term() == self.terms.last().copied().unwrap_or(self.base.last_log_term);
        match self.changed_from {
            Some(first) => Some(first),
            None if same_end => None,
            // Changed without a write. Where is unknown.
            None => Some(LogIndex(1)),
        }
    }

    /// The log begins after `base` now.
    fn drop_through(&mut self, base: LogEnd) {
        if base == self.base {
            return;
        }
        let dropped = base.last_log_index.0.saturating_sub(self.base.last_log_index.0);
        let dropped = usize::try_from(dropped).unwrap_or(usize::MAX).min(self.terms.len());
        self.terms.drain(..dropped);
        self.base = base;
    }

    pub(super) fn remember<N: RaftNode>(&mut self, server: &N, image: &Durable<N::Command>) {
        let differs = self.differs_from(server.log());
        self.drop_through(server.log().base());
        if let Some(first) = differs {
            let kept = first.previous().0.saturating_sub(self.base.last_log_index.0);
            let kept = usize::try_from(kept).unwrap_or(usize::MAX);
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
        self.image_base = image.log.base();
        self.timing = Timing { before: server.raft().election_timer(), ..Timing::default() };
        self.configuration_index = server.configuration_index();
        // Who was removed, and added again, is a new follower.
        self.matches.iter_mut().for_each(|known| *known = LogIndex(0));
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
