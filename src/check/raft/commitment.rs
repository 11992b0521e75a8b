//! What is committed: by whom, on whose disks, and whether everybody agrees (§5.3, §5.4).

use super::super::{Finding, Property, Verdicts};
use super::elections::Elections;
use super::machine::Machine;
use super::view::{self, RaftNode, RaftWorld};
use super::{Look, SHARED};
use crate::raft::{Log, LogIndex, Term};
use crate::shared_list::SharedList;

/// Every entry that any leader has committed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Ledger {
    entries: SharedList<Committed, SHARED>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Committed {
    /// The entry's own term.
    term: Term,
    /// The term of the leader that committed it.
    committed_in: Term,
}

impl Ledger {
    /// The highest committed index.
    pub(super) fn end(&self) -> LogIndex {
        LogIndex(0).plus(self.entries.len())
    }

    /// The term of the committed entry at `index`.
    pub(super) fn term_at(&self, index: LogIndex) -> Option<Term> {
        let place = usize::try_from(index.0.checked_sub(1)?).ok()?;
        self.entries.get(place).map(|entry| entry.term)
    }

    /// In which term the entry at `index` was committed.
    pub(super) fn committed_in(&self, index: LogIndex) -> Option<Term> {
        let place = usize::try_from(index.0.checked_sub(1)?).ok()?;
        self.entries.get(place).map(|entry| entry.committed_in)
    }

    /// The first entry committed in a term before `term` that `log` lacks, and that term.
    ///
    /// If the log has the last of them it has all, by Log Matching, which is judged by itself.
    pub(super) fn lacking<C>(&self, log: &Log<C>, term: Term) -> Option<(LogIndex, Term)> {
        // A late acknowledgement may let an old leader commit after a younger one did, so the terms
        // of commitment need not ascend; almost always the very last entry decides.
        let before = |entry: &&Committed| entry.committed_in < term;
        let last = self.entries.iter().rposition(|entry| before(&entry))?;
        let lacks = |place: usize| {
            let index = LogIndex(1).plus(place);
            !view::has(log, index, self.entries[place].term)
        };
        if !lacks(last) {
            return None;
        }
        let first = (0..=last).find(|place| before(&&self.entries[*place]) && lacks(*place));
        first.map(|place| (LogIndex(1).plus(place), self.entries[place].committed_in))
    }

    pub(super) fn judge<P: RaftWorld>(
        &mut self,
        look: &Look<'_, P>,
        elections: &Elections,
        machine: &Machine,
        verdicts: &mut Verdicts,
    ) {
        let server = look.process;
        let (from, through) = (look.before.commit, server.commit_index());
        if through <= from {
            return;
        }
        // Whom its own commitment has removed leads no longer when it is looked at.
        let led = look.before.leads && look.before.term == server.current_term();
        let leads = server.leads() || led;
        let (mut index, mut grown) = (from, false);
        while index < through {
            index = index.next();
            // What was dropped for a snapshot meanwhile was applied before. Of what came with a
            // snapshot, only the end can be compared.
            let dropped = index < server.log().base().last_log_index;
            let known = if dropped { machine.term_at(index) } else { server.log().term_at(index) };
            let here = match known {
                Some(here) => here,
                None if dropped => continue,
                None => return,
            };
            match self.term_at(index) {
                Some(committed) if committed == here => {}
                Some(committed) => {
                    let server = server.id();
                    let finding = Finding::CommitsDiffer { server, index, committed, here };
                    return verdicts.note(Property::CommitsAgree, look.at, finding);
                }
                None if leads => {
                    let committed_in = server.current_term();
                    self.entries.push(Committed { term: here, committed_in });
                    grown = true;
                }
                None => {
                    let finding = Finding::NeverCommitted { server: server.id(), index };
                    return verdicts.note(Property::CommitsAgree, look.at, finding);
                }
            }
        }
        if leads {
            self.judge_rule(look, verdicts);
        }
        if grown {
            self.judge_copies(look, verdicts);
            self.judge_later_leaders(look, elections, verdicts);
        }
    }

    /// A leader counts only entries of its own term (§5.4.2).
    fn judge_rule<P: RaftWorld>(&self, look: &Look<'_, P>, verdicts: &mut Verdicts) {
        let (leader, term) = (look.process.id(), look.process.current_term());
        let index = look.process.commit_index();
        let entry_term = look.process.log().term_at(index).unwrap_or_default();
        if entry_term != term {
            let finding = Finding::CommittedOldTerm { leader, index, entry_term, term };
            verdicts.note(Property::CommitsOwnTerm, look.at, finding);
        }
    }

    /// What is committed is on the disks of a majority, by the configuration of this moment.
    fn judge_copies<P: RaftWorld>(&self, look: &Look<'_, P>, verdicts: &mut Verdicts) {
        let (index, world) = (self.end(), look.world);
        let Some(term) = self.term_at(index) else {
            return;
        };
        // What a leader adds to its log because of this commitment had no part in it.
        let configuration = look.before.configuration_index;
        let short = view::short_of_majority(look.process, configuration, |id| {
            let disk = world.node(view::node(id)).map(|node| node.disk());
            disk.is_some_and(|disk| view::has_on_disk(P::image(disk.image()), index, term))
        });
        if let Some((copies, needed)) = short {
            let leader = look.process.id();
            let finding = Finding::TooFewCopies { leader, index, copies, needed };
            verdicts.note(Property::CommittedOnMajority, look.at, finding);
        }
    }

    /// Leader Completeness from the other side: an old leader learns late that an entry is
    /// committed. Leaders of later terms must have had it all along.
    fn judge_later_leaders<P: RaftWorld>(
        &self,
        look: &Look<'_, P>,
        elections: &Elections,
        verdicts: &mut Verdicts,
    ) {
        let (index, committed_in) = (self.end(), look.process.current_term());
        let entry_term = self.term_at(index).unwrap_or_default();
        for node in look.world.node_ids().filter(|node| *node != look.node) {
            let process = view::server(look.world, node);
            let Some(other) = process.filter(|other| other.leads()) else {
                continue;
            };
            let (leader, term) = (other.id(), other.current_term());
            let later = term > committed_in && elections.leader(term) == Some(leader);
            if later && !view::has(other.log(), index, entry_term) {
                let finding = Finding::LeaderLacks { leader, term, index, committed_in };
                verdicts.note(Property::LeaderCompleteness, look.at, finding);
            }
        }
    }
}
