//! Anti-entropy: servers compare notes in pairs and bring each other up to date (Dynamo §4.7).
//!
//! A comparison is a conversation without memory. Each side answers what it is told from what it
//! holds at that moment: hashes of the next level where hashes differ, hashes of single keys where
//! leaves do, and then the cells themselves, in both directions. So a message that is lost ends it,
//! one that comes twice does no harm, and the next comparison finds what this one has not.
//!
//! Two servers compare the keys of which both are replicas. Hints take no part.
//!
//! The bound: a server turns to the others in order, one an interval. So when writes have stopped
//! and everybody is heard by everybody, each has talked with each other one after as many intervals
//! as there are servers, and all replicas of a key are equal. Lost messages add to that.

use crate::sorted::SortedSet;
use crate::stable_hash::stable_hash;

use super::merkle::leaf_of;
use super::{
    Cell, Data, Event, IgnoreReason, MerkleTree, Message, MessageKind, Purpose, Server, ServerId,
    Settings,
};

/// What a server has to remember for its comparisons.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Comparing {
    /// When the next one begins.
    pub(super) due_us: u64,
    /// How many it has begun.
    round: u64,
    /// With whom the latest was.
    latest: ServerId,
    cost: ComparisonCost,
}

/// What a server has sent for anti-entropy since it was booted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ComparisonCost {
    /// Comparisons that it has begun.
    pub rounds: u64,
    /// Messages of every kind.
    pub messages: u64,
    /// Hashes of parts of trees.
    pub tree_hashes: u64,
    /// Hashes of single keys.
    pub key_hashes: u64,
    /// Cells.
    pub cells: u64,
}

impl Comparing {
    pub(super) fn new(own: ServerId, settings: &Settings, now_us: u64) -> Comparing {
        let interval_us = settings.anti_entropy_us.unwrap_or(0);
        // Not all at once: each begins at its own part of the interval.
        let (part, parts) = (u64::from(own.0) + 1, settings.servers.len() as u64);
        let first_us = match interval_us / parts.max(1) {
            0 => interval_us,
            each_us => each_us.saturating_mul(1 + part % parts.max(1)),
        };
        let due_us = now_us.saturating_add(first_us);
        Comparing { due_us, round: 0, latest: own, cost: ComparisonCost::default() }
    }

    pub(super) fn follow(&mut self, settings: &Settings, now_us: u64) {
        let soonest_us = now_us.saturating_add(settings.anti_entropy_us.unwrap_or(0));
        self.due_us = self.due_us.min(soonest_us);
    }
}

impl<K: Data, V: Data> Server<K, V> {
    /// What anti-entropy has cost so far.
    pub fn comparison_cost(&self) -> ComparisonCost {
        self.comparing.cost
    }

    /// The tree over the keys of which both this server and `other` are replicas.
    pub fn tree_with(&self, other: ServerId) -> MerkleTree {
        let depth = self.config.settings().merkle_depth;
        MerkleTree::of(depth, self.shared_with(other))
    }

    pub(super) fn compare_when_due(&mut self) {
        let Some(interval_us) = self.config.settings().anti_entropy_us else { return };
        if self.comparing.due_us > self.time.now_us {
            return;
        }
        self.comparing.due_us = self.time.now_us.saturating_add(interval_us);
        let up: Vec<ServerId> = self.peers.ids().filter(|server| self.is_alive(*server)).collect();
        let after = up.iter().find(|server| **server > self.comparing.latest);
        if let Some(&next) = after.or(up.first()) {
            self.compare(next);
        }
    }

    pub(super) fn compare(&mut self, with: ServerId) {
        if !self.peers.is_known(with) {
            return;
        }
        self.comparing.latest = with;
        self.comparing.round += 1;
        self.comparing.cost.rounds += 1;
        let round = self.comparing.round;
        self.outbox.event(Event::ComparisonStarted { with, round });
        let nodes = vec![(0, self.tree_with(with).root())];
        self.send_tree(with, round, 0, nodes);
    }

    pub(super) fn take_tree(
        &mut self,
        from: ServerId,
        round: u64,
        level: u8,
        nodes: Vec<(u32, u64)>,
    ) {
        let tree = self.tree_with(from);
        if level > tree.depth() || nodes.iter().any(|(place, _)| *place >= 1 << level) {
            return self.ignore(from, MessageKind::Tree, IgnoreReason::Malformed);
        }
        let differ = nodes.iter().filter(|(place, hash)| tree.node(level, *place) != *hash);
        let differ: SortedSet<u32> = differ.map(|(place, _)| *place).collect();
        if differ.is_empty() {
            self.outbox.event(Event::InSync { with: from, round });
            if !nodes.is_empty() {
                // The other one wants to know that, too.
                self.send_tree(from, round, level, Vec::new());
            }
            return;
        }
        let (with, compared, found) = (from, nodes.len(), differ.len());
        self.outbox.event(Event::TreesDiffer { with, round, level, compared, differ: found });
        if level == tree.depth() {
            let entries = self.entries_in(from, &differ);
            self.comparing.cost.messages += 1;
            self.comparing.cost.key_hashes += entries.len() as u64;
            let leaves = differ.into_vec();
            return self.outbox.send(from, Message::Leaves { round, leaves, entries });
        }
        let children = differ.iter().flat_map(|place| [place * 2, place * 2 + 1]);
        let nodes = children.map(|place| (place, tree.node(level + 1, place))).collect();
        self.send_tree(from, round, level + 1, nodes);
    }

    fn send_tree(&mut self, to: ServerId, round: u64, level: u8, nodes: Vec<(u32, u64)>) {
        self.comparing.cost.messages += 1;
        self.comparing.cost.tree_hashes += nodes.len() as u64;
        self.outbox.send(to, Message::Tree { round, level, nodes });
    }

    pub(super) fn take_leaves(
        &mut self,
        from: ServerId,
        round: u64,
        leaves: Vec<u32>,
        theirs: Vec<(K, u64)>,
    ) {
        let ours = self.entries_in(from, &leaves.into_iter().collect());
        // Both are in the order of keys, but who knows what came over the network.
        let lacks = |entry: &&(K, u64), entries: &[(K, u64)]| !entries.contains(entry);
        let give = ours.iter().filter(|entry| lacks(entry, &theirs)).map(|(key, _)| key);
        let give: SortedSet<K> = give.cloned().collect();
        let want = theirs.iter().filter(|entry| lacks(entry, &ours)).map(|(key, _)| key);
        let want: SortedSet<K> = want.filter(|key| self.is_shared(key, from)).cloned().collect();
        let mut all: SortedSet<&K> = ours.iter().chain(&theirs).map(|(key, _)| key).collect();
        let looked_at = all.len();
        all.retain(|key| give.contains(key) || want.contains(key));
        let differ = all.len();
        self.outbox.event(Event::KeysDiffer { with: from, round, looked_at, differ });
        self.send_wanted(from, round, give.into_vec());
        if !want.is_empty() {
            self.comparing.cost.messages += 1;
            self.outbox.send(from, Message::Want { round, keys: want.into_vec() });
        }
    }

    pub(super) fn send_wanted(&mut self, to: ServerId, round: u64, keys: Vec<K>) {
        for key in keys {
            let Some(cell) = self.cell(&key).filter(|_| self.is_shared(&key, to)).cloned() else {
                continue;
            };
            self.comparing.cost.messages += 1;
            self.comparing.cost.cells += 1;
            let purpose = Purpose::AntiEntropy { round };
            self.outbox.send(to, Message::Merge { purpose, key, cell });
        }
    }

    /// The keys that both should hold and that lie in these leaves, with hashes of what is held.
    fn entries_in(&self, other: ServerId, leaves: &SortedSet<u32>) -> Vec<(K, u64)> {
        let depth = self.config.settings().merkle_depth;
        let held = self.shared_with(other);
        let inside = held.filter(|(key, _)| leaves.contains(&leaf_of(depth, *key)));
        inside.map(|(key, cell)| (key.clone(), stable_hash(cell))).collect()
    }

    fn shared_with(&self, other: ServerId) -> impl Iterator<Item = (&K, &Cell<V>)> {
        self.cells().filter(move |(key, _)| self.is_shared(key, other))
    }

    fn is_shared(&self, key: &K, other: ServerId) -> bool {
        let both = [self.id, other];
        both.iter().all(|server| self.replicas(key).any(|replica| replica == *server))
    }
}
