//! The log of deeds as events: a stream for the run, which says what branches there are, and one
//! for each branch.
//!
//! The page keeps its deeds in a list: the store would be 3.3 kB more of a reader's first visit.
//! Whoever looks closer gets them in an [`EventStore`].

use std::borrow::Cow;

use super::{BranchId, Deed, Tree};
use crate::event_store::{AppendError, Event, EventId, EventStore, Evolve, Expected, NewEvent};
use crate::sorted::SortedMap;
use crate::stable_hash::stable_hash;

impl Deed {
    /// The name of its type of event.
    pub fn event_type(&self) -> &'static str {
        match self {
            Deed::Acted { .. } => "Acted",
            Deed::Forked(_) => "Forked",
            Deed::Named { .. } => "Named",
            Deed::Deleted(_) => "Deleted",
        }
    }

    /// The branch whose stream it is in; `None` for the run's own.
    pub fn stream(&self) -> Option<BranchId> {
        match self {
            Deed::Acted { branch, .. } | Deed::Named { branch, .. } => Some(*branch),
            Deed::Forked(_) | Deed::Deleted(_) => None,
        }
    }
}

/// The name of a branch's stream, or of the run's own.
pub fn stream_name(branch: Option<BranchId>) -> Cow<'static, str> {
    match branch {
        None => Cow::Borrowed("run"),
        Some(BranchId(number)) => Cow::Owned(["branch-", &number.to_string()].concat()),
    }
}

/// Appends a log of deeds, each with the version that its stream must have. What is there already
/// is recognised by its ids, so a log may be told again and again as it grows.
///
/// # Errors
///
/// [`AppendError::Conflict`] at the first deed that is another one than the store has in its place:
/// this is the log of another run.
pub fn append_deeds(store: &mut EventStore<Deed>, deeds: &[Deed]) -> Result<(), AppendError> {
    let mut versions: SortedMap<Option<BranchId>, u64> = SortedMap::new();
    let mut id = EventId::default();
    for deed in deeds {
        // Made of all that was done before, so no deed of another run can look like this one.
        id = EventId::of_command(id, stable_hash(deed));
        let version = versions.get(&deed.stream()).copied().unwrap_or(0);
        // No clock; when in the run something was done is part of the deed.
        let (expected, recorded_at) = (Expected::Exact(version), 0);
        let event = NewEvent::new(id, deed.event_type(), deed.clone());
        store.append(&stream_name(deed.stream()), expected, recorded_at, [event])?;
        versions.insert(deed.stream(), version + 1);
    }
    Ok(())
}

/// How deeds become a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Branches;

impl Evolve for Branches {
    type Payload = Deed;
    type State = Tree;

    fn initial(&self) -> Tree {
        Tree::default()
    }

    /// A deed that makes no sense is refused by the tree and changes nothing.
    fn evolve(&self, tree: &mut Tree, event: &Event<'_, Deed>) {
        let _ = tree.note(event.payload().clone());
    }

    fn schema(&self) -> u64 {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event_store::Replay;
    use crate::labs::Command;
    use crate::session::Action;
    use crate::sim::{Fault, NodeId};
    use crate::timeline::Fork;

    fn acted(branch: u16, at_us: u64, server: u8) -> Deed {
        let command = Command::Faults(vec![Fault::Crash(NodeId(server))]);
        Deed::Acted { branch: BranchId(branch), action: Action { at_us, command } }
    }

    fn deeds() -> Vec<Deed> {
        let fork = Fork { from: BranchId(0), actions: 1, at_us: 20 };
        vec![
            acted(0, 10, 1),
            acted(0, 30, 2),
            Deed::Forked(fork),
            acted(1, 25, 3),
            Deed::Named { branch: BranchId(1), name: "torn".to_owned() },
            acted(0, 40, 4),
            Deed::Deleted(BranchId(0)),
        ]
    }

    #[test]
    fn a_tree_is_a_fold_of_its_events_at_every_version() {
        let deeds = deeds();
        let mut store = EventStore::new();
        append_deeds(&mut store, &deeds).expect("it is new");
        let versions: Vec<(&str, u64)> =
            store.stream_names().map(|name| (name, store.stream(name).version())).collect();
        assert_eq!(versions, [("branch-0", 3), ("run", 2), ("branch-1", 2)]);
        for count in 0..=deeds.len() {
            let tree = Tree::of_deeds(deeds[..count].iter().cloned()).expect("it makes sense");
            let folded = Replay::new(&Branches).all_to(&store, count as u64);
            assert_eq!(folded.expect("all types are known").state, tree);
        }
    }

    #[test]
    fn a_log_that_has_grown_is_told_again_and_one_of_another_run_is_a_conflict() {
        let deeds = deeds();
        let mut store = EventStore::new();
        for count in 0..=deeds.len() {
            append_deeds(&mut store, &deeds[..count]).expect("it only grows");
            append_deeds(&mut store, &deeds[..count]).expect("nothing happens twice");
            assert_eq!(store.last_position(), count as u64);
        }
        for place in 0..deeds.len() - 1 {
            let mut other = deeds.clone();
            other[place] = acted(0, 11, 0);
            let mut store = store.clone();
            let told = append_deeds(&mut store, &other);
            let is_other = matches!(told, Err(AppendError::Conflict { .. }));
            assert!(is_other, "another deed {place}: {told:?}");
        }
    }
}
