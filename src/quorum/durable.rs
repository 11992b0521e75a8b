//! What is on stable storage, and changes of it.

use crate::sorted::SortedMap;

use super::{Cell, Data, RequestId, ServerId, Stamp};

/// What a server that crashes starts again from. What it coordinates is not part of it: its clients
/// are left without an answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Durable<K, V> {
    /// What it holds as a replica.
    pub cells: SortedMap<K, Cell<V>>,
    /// What it keeps as a stand-in, by the replica that it is meant for.
    pub hints: SortedMap<(ServerId, K), Cell<V>>,
    /// The latest requests that it has applied, and under which stamps.
    pub applied: SortedMap<RequestId, Stamp>,
}

/// An empty disk.
impl<K: Ord, V> Default for Durable<K, V> {
    fn default() -> Self {
        Durable { cells: SortedMap::new(), hints: SortedMap::new(), applied: SortedMap::new() }
    }
}

/// Changes that an input has caused. A disk makes them durable together; one that tears may keep
/// any number of the first of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Write<K, V> {
    /// In their order.
    pub changes: Vec<Change<K, V>>,
}

/// One change of what is on disk.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Change<K, V> {
    /// What is held of a key, from now on; `None`: nothing.
    Cell {
        /// The key.
        key: K,
        /// What is held.
        cell: Option<Cell<V>>,
    },
    /// What is kept for a replica, likewise.
    Hint {
        /// For whom.
        replica: ServerId,
        /// The key.
        key: K,
        /// What is kept.
        cell: Option<Cell<V>>,
    },
    /// A request was applied.
    Applied {
        /// Which.
        request: RequestId,
        /// Under which stamp.
        stamp: Stamp,
        /// The one that is forgotten for it, if there are too many.
        forget: Option<RequestId>,
    },
}

impl<K: Data, V: Data> Durable<K, V> {
    /// Makes changes. Both the disk and the server's memory change through this function, so they
    /// can only differ in how far they have come.
    pub fn apply(&mut self, write: &Write<K, V>) {
        write.changes.iter().for_each(|change| self.change(change));
    }

    pub(super) fn change(&mut self, change: &Change<K, V>) {
        match change {
            Change::Cell { key, cell: Some(cell) } => {
                self.cells.insert(key.clone(), cell.clone());
            }
            Change::Cell { key, cell: None } => {
                self.cells.remove(key);
            }
            Change::Hint { replica, key, cell: Some(cell) } => {
                self.hints.insert((*replica, key.clone()), cell.clone());
            }
            Change::Hint { replica, key, cell: None } => {
                self.hints.remove(&(*replica, key.clone()));
            }
            Change::Applied { request, stamp, forget } => {
                if let Some(forget) = forget {
                    self.applied.remove(forget);
                }
                self.applied.insert(*request, *stamp);
            }
        }
    }
}
