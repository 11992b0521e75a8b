//! [`Log`] against a plain list of numbered entries.

use std::sync::Arc;

use proptest::prelude::*;
use rift::raft::*;

/// A log that keeps every entry together with its index.
#[derive(Clone, Debug, Default)]
struct Model {
    base: (u64, u64),
    entries: Vec<(u64, Arc<Entry<String>>)>,
}

#[derive(Clone, Debug)]
enum Step {
    Append {
        term: u64,
        bytes: usize,
    },
    TruncateFrom(u64),
    /// `None`: with the term that the log has there.
    DropThrough(u64, Option<u64>),
}

impl Model {
    fn last(&self) -> (u64, u64) {
        self.entries.last().map_or(self.base, |(index, entry)| (*index, entry.term.0))
    }

    fn entry(&self, index: u64) -> Option<&Arc<Entry<String>>> {
        self.entries.iter().find(|(at, _)| *at == index).map(|(_, entry)| entry)
    }

    fn term_at(&self, index: u64) -> Option<u64> {
        let base = (index == self.base.0).then_some(self.base.1);
        base.or(self.entry(index).map(|entry| entry.term.0))
    }

    fn take(&mut self, log: &mut Log<String>, step: &Step) {
        match *step {
            Step::Append { term, bytes } => {
                let payload = match bytes {
                    0 => Payload::Noop,
                    bytes => Payload::Command("x".repeat(bytes)),
                };
                let entry = Arc::new(Entry { term: Term(term), payload });
                let index = self.last().0 + 1;
                self.entries.push((index, entry.clone()));
                assert_eq!(log.append(entry), LogIndex(index));
            }
            Step::TruncateFrom(first) => {
                let before = self.entries.len();
                self.entries.retain(|(index, _)| *index < first);
                let removed = before - self.entries.len();
                assert_eq!(log.truncate_from(LogIndex(first)), removed);
            }
            Step::DropThrough(index, term) => {
                let term = term.or(self.term_at(index)).unwrap_or(9);
                log.drop_through(end(index, term));
                if index > self.base.0 {
                    let agrees = self.term_at(index) == Some(term);
                    self.entries.retain(|(at, _)| agrees && *at > index);
                    self.base = (index, term);
                }
            }
        }
    }

    fn first_index_of_term_at(&self, index: u64) -> u64 {
        let mut first = index;
        while let (Some(entry), Some(earlier)) =
            (self.entry(first), self.entry(first.saturating_sub(1)))
        {
            if entry.term != earlier.term {
                break;
            }
            first -= 1;
        }
        first
    }

    fn from(&self, first: u64, limit: usize) -> Vec<Arc<Entry<String>>> {
        if self.entry(first).is_none() {
            return Vec::new();
        }
        let rest = self.entries.iter().filter(|(index, _)| *index >= first);
        rest.take(limit).map(|(_, entry)| entry.clone()).collect()
    }

    /// The longest beginning of `entries_from` that fits, or its first entry.
    fn within(&self, first: u64, limit: usize, room: u64) -> (Vec<Arc<Entry<String>>>, u64) {
        let mut entries = self.from(first, limit);
        let bytes = |entries: &[Arc<Entry<String>>]| {
            entries.iter().map(|entry| entry.size_bytes()).sum::<u64>()
        };
        while entries.len() > 1 && bytes(&entries) > room {
            entries.pop();
        }
        let bytes = bytes(&entries);
        (entries, bytes)
    }
}

fn end(index: u64, term: u64) -> LogEnd {
    LogEnd { last_log_index: LogIndex(index), last_log_term: Term(term) }
}

fn any_index() -> impl Strategy<Value = u64> {
    prop_oneof![9 => 0..24_u64, 1 => prop::sample::select(vec![u64::MAX - 1, u64::MAX])]
}

/// Terms need not rise: the log does not know that they do.
fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (1..4_u64, 0..40_usize).prop_map(|(term, bytes)| Step::Append { term, bytes }),
        2 => any_index().prop_map(Step::TruncateFrom),
        2 => (0..16_u64).prop_map(|index| Step::DropThrough(index, None)),
        1 => (0..24_u64, 0..4_u64).prop_map(|(index, term)| Step::DropThrough(index, Some(term))),
    ]
}

/// Asks both everything there is to ask at `index`.
fn ask(log: &Log<String>, model: &Model, index: u64, limit: usize, room: u64) {
    let at = LogIndex(index);
    assert_eq!(log.entry(at), model.entry(index));
    assert_eq!(log.term_at(at), model.term_at(index).map(Term));
    for term in 0..10 {
        assert_eq!(log.matches(at, Term(term)), model.term_at(index) == Some(term));
        let (last, last_term) = model.last();
        let up_to_date = last_term > term || (last_term == term && last >= index);
        assert_eq!(log.is_at_least_as_up_to_date_as(end(index, term)), up_to_date);
    }
    assert_eq!(log.first_index_of_term_at(at).0, model.first_index_of_term_at(index));
    assert_eq!(log.entries_from(at, limit), model.from(index, limit));
    let (entries, bytes) = log.entries_within(at, limit, room);
    assert_eq!((entries.to_vec(), bytes), model.within(index, limit, room));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_log_is_a_numbered_list(
        steps in prop::collection::vec(any_step(), 0..40),
        limit in prop_oneof![0..6_usize, Just(usize::MAX)],
        room in prop_oneof![0..200_u64, Just(u64::MAX)],
    ) {
        let (mut log, mut model) = (Log::default(), Model::default());
        for step in &steps {
            model.take(&mut log, step);
            let (last, term) = model.last();
            prop_assert_eq!((log.last_index(), log.last_term()), (LogIndex(last), Term(term)));
            prop_assert_eq!(log.end(), end(last, term));
            prop_assert_eq!(log.base(), end(model.base.0, model.base.1));
            prop_assert_eq!(log.len(), model.entries.len());
            prop_assert_eq!(log.is_empty(), last == model.base.0);
            let listed = log.iter().map(|(index, entry)| (index.0, entry.clone()));
            prop_assert_eq!(listed.collect::<Vec<_>>(), model.entries.clone());
        }
        for index in (0..70).chain([u64::MAX - 1, u64::MAX]) {
            ask(&log, &model, index, limit, room);
        }
    }

    /// Where the number line ends there is no room for entries; nothing panics all the same.
    #[test]
    fn a_log_at_the_end_of_the_number_line_does_not_panic(
        base in (u64::MAX - 3)..=u64::MAX,
        steps in prop::collection::vec(any_step(), 0..12),
        indices in prop::collection::vec((u64::MAX - 6)..=u64::MAX, 1..6),
    ) {
        let mut log = Log::default();
        log.drop_through(end(base, 7));
        for (step, index) in steps.iter().zip(indices.iter().cycle()) {
            match step {
                Step::Append { term, .. } => {
                    log.append(Arc::new(Entry { term: Term(*term), payload: Payload::Noop }));
                }
                Step::TruncateFrom(_) => {
                    log.truncate_from(LogIndex(*index));
                }
                Step::DropThrough(_, term) => {
                    let term = term.map(Term).or(log.term_at(LogIndex(*index)));
                    log.drop_through(end(*index, term.unwrap_or_default().0));
                }
            }
            for index in indices.iter().copied().chain([0, 1]).map(LogIndex) {
                let within: (&[Arc<Entry<String>>], u64) = log.entries_within(index, 3, 20);
                prop_assert!(within.0.len() <= 3);
                prop_assert_eq!(log.entry(index), log.entries_from(index, 1).first());
                prop_assert!(log.first_index_of_term_at(index) <= index);
            }
            prop_assert!(log.last_index() >= log.base().last_log_index);
            prop_assert_eq!(log.iter().count(), log.len());
        }
    }
}
