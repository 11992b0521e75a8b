//! The replicated log (§5.3).

use std::sync::Arc;

use super::{CommandSize, Entry, LogIndex, Term};

/// A list of entries, numbered from 1. Its beginning may have been dropped in favour of a snapshot
/// (§7); of what was dropped, the last entry's index and term are kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Log<C> {
    base: LogEnd,
    entries: Vec<Arc<Entry<C>>>,
}

/// Where a log ends. The order is §5.4.1's: of two logs the one with the later last term is more
/// up to date, and with equal last terms the longer one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogEnd {
    // The derived order compares the term first because it stands first.
    /// The term of the last entry; 0 if there is none.
    pub last_log_term: Term,
    /// The index of the last entry; 0 if there is none.
    pub last_log_index: LogIndex,
}

impl<C> Default for Log<C> {
    fn default() -> Self {
        Log { base: LogEnd::default(), entries: Vec::new() }
    }
}

impl<C> From<Vec<Arc<Entry<C>>>> for Log<C> {
    fn from(entries: Vec<Arc<Entry<C>>>) -> Self {
        Log { base: LogEnd::default(), entries }
    }
}

impl<C> Log<C> {
    /// The last entry that was dropped in favour of a snapshot; index and term 0 if none was.
    pub fn base(&self) -> LogEnd {
        self.base
    }

    /// How many entries there are, without those that were dropped.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The index of the last entry, dropped or not; 0 if there never was one.
    pub fn last_index(&self) -> LogIndex {
        self.base.last_log_index.plus(self.entries.len())
    }

    /// The term of the last entry, dropped or not; 0 if there never was one.
    pub fn last_term(&self) -> Term {
        self.entries.last().map_or(self.base.last_log_term, |entry| entry.term)
    }

    /// Where the log ends, for comparing it with another.
    pub fn end(&self) -> LogEnd {
        LogEnd { last_log_term: self.last_term(), last_log_index: self.last_index() }
    }

    /// The entry at `index`, if there is one.
    pub fn entry(&self, index: LogIndex) -> Option<&Arc<Entry<C>>> {
        self.entries.get(self.position(index)?)
    }

    /// The term of the entry at `index`, or `None` if the log does not reach that far or has
    /// dropped it; the last dropped one is known. The place before the first entry has term 0 in
    /// every log, which starts the induction behind the Log Matching Property.
    pub fn term_at(&self, index: LogIndex) -> Option<Term> {
        if index == self.base.last_log_index {
            return Some(self.base.last_log_term);
        }
        self.entry(index).map(|entry| entry.term)
    }

    /// Whether the log has an entry of `prev_log_term` at `prev_log_index` (AppendEntries rule 2).
    pub fn matches(&self, prev_log_index: LogIndex, prev_log_term: Term) -> bool {
        self.term_at(prev_log_index) == Some(prev_log_term)
    }

    /// The first index of the run of entries of one term to which the one at `index` belongs.
    pub fn first_index_of_term_at(&self, index: LogIndex) -> LogIndex {
        let mut first = index;
        while self.entry(first.previous()).is_some()
            && self.term_at(first.previous()) == self.term_at(first)
        {
            first = first.previous();
        }
        first
    }

    /// Whether this log is at least as up to date as one that ends at `other` (§5.4.1).
    pub fn is_at_least_as_up_to_date_as(&self, other: LogEnd) -> bool {
        self.end() >= other
    }

    /// At most `limit` entries, beginning with the one at `first`.
    pub fn entries_from(&self, first: LogIndex, limit: usize) -> &[Arc<Entry<C>>] {
        let rest =
            self.position(first).and_then(|start| self.entries.get(start..)).unwrap_or_default();
        &rest[..rest.len().min(limit)]
    }

    /// As many entries as fit into `room_bytes`, but at least one, at most `limit`, beginning with
    /// the one at `first`; and their size.
    pub fn entries_within(
        &self,
        first: LogIndex,
        limit: usize,
        room_bytes: u64,
    ) -> (&[Arc<Entry<C>>], u64)
    where
        C: CommandSize,
    {
        let entries = self.entries_from(first, limit);
        let mut bytes: u64 = 0;
        for (at, entry) in entries.iter().enumerate() {
            let more = bytes.saturating_add(entry.size_bytes());
            if at > 0 && more > room_bytes {
                return (&entries[..at], bytes);
            }
            bytes = more;
        }
        (entries, bytes)
    }

    /// All entries that were not dropped, with their indices, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (LogIndex, &Arc<Entry<C>>)> {
        let first = self.base.last_log_index.next();
        self.entries.iter().enumerate().map(move |(at, entry)| (first.plus(at), entry))
    }

    /// Adds an entry at the end and gives its index.
    pub fn append(&mut self, entry: Arc<Entry<C>>) -> LogIndex {
        self.entries.push(entry);
        self.last_index()
    }

    /// Removes the entry at `first` and all that follow it; gives how many they were.
    pub fn truncate_from(&mut self, first: LogIndex) -> usize {
        let before = self.entries.len();
        let keep = first.previous().0.saturating_sub(self.base.last_log_index.0);
        self.entries.truncate(usize::try_from(keep).unwrap_or(usize::MAX));
        before - self.entries.len()
    }

    /// Drops all entries up to `end`, which a snapshot covers. If the log has another entry there
    /// or does not reach that far, nothing of it is worth keeping (Figure 13, rules 6 and 7). A
    /// snapshot that covers no more than was dropped before changes nothing.
    pub fn drop_through(&mut self, end: LogEnd) {
        if end.last_log_index <= self.base.last_log_index {
            return;
        }
        if self.matches(end.last_log_index, end.last_log_term) {
            let covered = end.last_log_index.0 - self.base.last_log_index.0;
            // No more than there are entries, so it fits.
            self.entries.drain(..covered as usize);
        } else {
            self.entries.clear();
        }
        self.base = end;
    }

    fn position(&self, index: LogIndex) -> Option<usize> {
        let first = self.base.last_log_index.0.checked_add(1)?;
        usize::try_from(index.0.checked_sub(first)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raft::Payload;

    fn log(terms: &[u64]) -> Log<()> {
        let entry = |term: &u64| Arc::new(Entry { term: Term(*term), payload: Payload::Noop });
        Log::from(terms.iter().map(entry).collect::<Vec<_>>())
    }

    #[test]
    fn an_empty_log_ends_before_the_first_entry() {
        let log = log(&[]);
        assert_eq!((log.last_index(), log.last_term()), (LogIndex(0), Term(0)));
        assert!(log.is_empty());
        assert_eq!(log.entry(LogIndex(0)), None);
        assert_eq!(log.term_at(LogIndex(0)), Some(Term(0)));
        assert_eq!(log.term_at(LogIndex(1)), None);
        assert!(log.matches(LogIndex(0), Term(0)));
        assert!(!log.matches(LogIndex(0), Term(1)), "nobody can have had a term there");
    }

    #[test]
    fn entries_count_from_one() {
        let mut log = log(&[1, 1]);
        assert_eq!(
            log.append(Arc::new(Entry { term: Term(3), payload: Payload::Noop })),
            LogIndex(3)
        );
        assert_eq!(log.term_at(LogIndex(3)), Some(Term(3)));
        assert_eq!(log.term_at(LogIndex(4)), None);
        assert!(log.matches(LogIndex(2), Term(1)));
        assert!(!log.matches(LogIndex(2), Term(3)));
        assert!(!log.matches(LogIndex(u64::MAX), Term(3)));
        let indices: Vec<u64> = log.iter().map(|(index, _)| index.0).collect();
        assert_eq!(indices, [1, 2, 3]);
    }

    #[test]
    fn entries_from_stops_at_the_limit_and_at_the_end() {
        let log = log(&[1, 2, 3]);
        let terms = |first, limit| -> Vec<u64> {
            log.entries_from(LogIndex(first), limit).iter().map(|entry| entry.term.0).collect()
        };
        assert_eq!(terms(1, 2), [1, 2]);
        assert_eq!(terms(2, 9), [2, 3]);
        assert!(terms(4, 9).is_empty());
        assert!(terms(0, 9).is_empty());
        assert!(terms(u64::MAX, 9).is_empty());
    }

    #[test]
    fn truncation_takes_the_named_entry_and_all_after_it() {
        let mut log = log(&[1, 2, 3]);
        assert_eq!(log.truncate_from(LogIndex(4)), 0);
        assert_eq!(log.truncate_from(LogIndex(2)), 2);
        assert_eq!(log.end().last_log_index, LogIndex(1));
        assert_eq!(log.truncate_from(LogIndex(u64::MAX)), 0);
        assert_eq!(log.truncate_from(LogIndex(0)), 1);
    }

    #[test]
    fn a_log_goes_on_after_what_was_dropped() {
        let end =
            |index, term| LogEnd { last_log_index: LogIndex(index), last_log_term: Term(term) };
        let mut log = log(&[1, 1, 2, 3]);
        log.drop_through(end(3, 2));
        assert_eq!((log.base(), log.len(), log.end()), (end(3, 2), 1, end(4, 3)));
        assert_eq!((log.term_at(LogIndex(2)), log.term_at(LogIndex(3))), (None, Some(Term(2))));
        assert_eq!(log.term_at(LogIndex(0)), None);
        assert_eq!(log.iter().map(|(index, _)| index.0).collect::<Vec<_>>(), [4]);
        log.drop_through(end(2, 1));
        assert_eq!(log.base(), end(3, 2), "an older snapshot changes nothing");
        log.truncate_from(LogIndex(1));
        assert_eq!(log.end(), end(3, 2), "what was dropped cannot be removed");
        log.append(Arc::new(Entry { term: Term(4), payload: Payload::Noop }));
        log.drop_through(end(4, 5));
        assert_eq!((log.len(), log.end()), (0, end(4, 5)), "another entry was there");
        log.drop_through(end(9, 5));
        assert_eq!(log.last_index(), LogIndex(9));
    }

    /// §5.4.1: the later last term wins; length decides only between equal last terms.
    #[test]
    fn up_to_date_means_later_term_then_longer() {
        let at_least = |mine: &[u64], theirs: &[u64]| {
            log(mine).is_at_least_as_up_to_date_as(log(theirs).end())
        };
        assert!(at_least(&[], &[]));
        assert!(at_least(&[1, 1], &[1, 1]));
        assert!(at_least(&[1, 2], &[1, 1, 1, 1]));
        assert!(!at_least(&[1, 1, 1, 1], &[1, 2]));
        assert!(at_least(&[1, 1, 1], &[1, 1]));
        assert!(!at_least(&[1, 1], &[1, 1, 1]));
        assert!(!at_least(&[], &[1]));
    }
}
