//! Directed links between nodes, and the messages on them.

use std::fmt;

use super::agenda::Slot;
use super::{Delay, ImpossibleDelay, NodeId, RecordId};
use crate::sorted::{SortedMap, SortedSet};

/// How a link treats messages while it is not cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LinkSettings {
    /// How long a message takes. Delays are drawn one by one, so messages may overtake each other.
    pub delay: Delay,
    /// How many of a million messages are lost on the way.
    pub loss_ppm: u32,
    /// How many of a million messages arrive twice, the copy after a delay of its own.
    pub duplicate_ppm: u32,
    /// How many of a million messages are held back by `reorder_us`, so that others overtake them.
    pub reorder_ppm: u32,
    /// By how much, in microseconds.
    pub reorder_us: u32,
    /// How much the link can carry; `None` is as much as anybody sends.
    pub capacity: Option<Capacity>,
}

/// What a link can carry. Messages go one after the other; those that must wait form a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Capacity {
    /// How many messages a second, 1 to 1,000,000.
    pub per_second: u32,
    /// How many may wait; one more is lost as [`QueueFull`](super::LossReason::QueueFull).
    pub queue: u32,
}

impl LinkSettings {
    /// A link that takes its time and does nothing worse.
    pub const fn with_delay(delay: Delay) -> LinkSettings {
        LinkSettings {
            delay,
            loss_ppm: 0,
            duplicate_ppm: 0,
            reorder_ppm: 0,
            reorder_us: 0,
            capacity: None,
        }
    }

    /// Checks that a link can be like this.
    ///
    /// # Errors
    ///
    /// The first [`ImpossibleLink`] found.
    pub fn validate(&self) -> Result<(), ImpossibleLink> {
        self.delay.validate().map_err(ImpossibleLink::Delay)?;
        let rates = [self.loss_ppm, self.duplicate_ppm, self.reorder_ppm];
        if let Some(&ppm) = rates.iter().find(|ppm| **ppm > 1_000_000) {
            return Err(ImpossibleLink::MoreThanAll { ppm });
        }
        match self.capacity {
            Some(Capacity { per_second, .. }) if !(1..=1_000_000).contains(&per_second) => {
                Err(ImpossibleLink::Capacity { per_second })
            }
            _ => Ok(()),
        }
    }
}

/// Why no link can be like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImpossibleLink {
    /// Its delay means nothing.
    Delay(ImpossibleDelay),
    /// A rate above a million in a million.
    MoreThanAll {
        /// The rate.
        ppm: u32,
    },
    /// It carries nothing, or more than a message in a microsecond.
    Capacity {
        /// Messages a second.
        per_second: u32,
    },
}

impl fmt::Display for ImpossibleLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ImpossibleLink::Delay(reason) => reason.fmt(f),
            ImpossibleLink::MoreThanAll { ppm } => {
                write!(f, "{ppm} of a million messages are more than all")
            }
            ImpossibleLink::Capacity { per_second } => {
                write!(f, "a link carries 1 to 1000000 messages a second, not {per_second}")
            }
        }
    }
}

impl std::error::Error for ImpossibleLink {}

/// A link in one direction.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Link {
    /// Since when the link is cut, if it is.
    pub cut_since_us: Option<u64>,
    /// How it treats messages.
    pub settings: LinkSettings,
    /// Until when it is busy with messages that were sent before. Only with a capacity.
    pub busy_until_us: u64,
}

impl Link {
    /// Takes one more message at `now_us`. How long it waits and occupies the link, in
    /// microseconds, or `None` if the queue is full.
    pub(super) fn take(&mut self, now_us: u64) -> Option<u64> {
        let Some(Capacity { per_second, queue }) = self.settings.capacity else {
            return Some(0);
        };
        let each_us = (1_000_000 / u64::from(per_second.max(1))).max(1);
        let begins_us = self.busy_until_us.max(now_us);
        // The one on the link has left the queue.
        let waiting = (begins_us - now_us).div_ceil(each_us).saturating_sub(1);
        if begins_us > now_us && waiting >= u64::from(queue) {
            return None;
        }
        self.busy_until_us = begins_us.saturating_add(each_us);
        Some(self.busy_until_us - now_us)
    }
}

/// A message on its way, or at the door of a paused node. Its text is that of
/// [`History::message`](super::History::message).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Flight {
    /// The record of its sending, or of its duplication if it is a copy.
    pub id: RecordId,
    /// Its sender.
    pub from: NodeId,
    /// Its receiver.
    pub to: NodeId,
    /// When it left.
    pub sent_us: u64,
    /// When it is due at the other end.
    pub arrives_us: u64,
}

impl Flight {
    /// How much of the way lies behind the message at `now_us`, in parts of 65,536.
    pub fn progress(&self, now_us: u64) -> u32 {
        let whole = self.arrives_us.saturating_sub(self.sent_us).max(1);
        let done = now_us.saturating_sub(self.sent_us).min(whole);
        u32::try_from(u128::from(done) * 65_536 / u128::from(whole)).unwrap_or(65_536)
    }
}

/// All links, and all messages on them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    nodes: u8,
    links: Vec<Link>,
    in_flight: SortedMap<RecordId, Carried>,
}

/// A message and its place on the agenda.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Carried {
    flight: Flight,
    /// `None` while it waits for a paused node.
    slot: Option<Slot>,
}

impl Network {
    pub(super) fn new(nodes: u8, settings: LinkSettings) -> Network {
        let link = Link { cut_since_us: None, settings, busy_until_us: 0 };
        let count = usize::from(nodes) * usize::from(nodes);
        Network { nodes, links: vec![link; count], in_flight: SortedMap::new() }
    }

    /// The link `from → to`, or `None` if there is none.
    pub fn link(&self, from: NodeId, to: NodeId) -> Option<&Link> {
        self.links.get(self.place(from, to)?)
    }

    pub(super) fn link_mut(&mut self, from: NodeId, to: NodeId) -> Option<&mut Link> {
        let place = self.place(from, to)?;
        self.links.get_mut(place)
    }

    /// Whether the link `from → to` is cut.
    pub fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        self.link(from, to).is_some_and(|link| link.cut_since_us.is_some())
    }

    /// Every directed link's two ends, in a fixed order.
    pub fn link_ends(&self) -> impl Iterator<Item = (NodeId, NodeId)> + use<> {
        let nodes = self.nodes;
        (0..nodes)
            .flat_map(move |from| (0..nodes).map(move |to| (NodeId(from), NodeId(to))))
            .filter(|(from, to)| from != to)
    }

    /// The messages on their way, oldest first.
    pub fn in_flight(&self) -> impl Iterator<Item = &Flight> {
        self.in_flight.values().map(|carried| &carried.flight)
    }

    /// The message `id`, if it is on its way.
    pub fn flight(&self, id: RecordId) -> Option<&Flight> {
        self.in_flight.get(&id).map(|carried| &carried.flight)
    }

    /// The `nth` message from the oldest, from 0 and round and round, of those whose arrival is
    /// still to come; what waits at the door of a paused node has arrived. `None` if there is none.
    pub fn nth_on_its_way(&self, nth: u32) -> Option<RecordId> {
        let moving = || self.in_flight.iter().filter(|(_, carried)| carried.slot.is_some());
        let count = moving().count().max(1);
        moving().nth(nth as usize % count).map(|(id, _)| *id)
    }

    /// How many messages are on their way.
    pub fn in_flight_count(&self) -> usize {
        self.in_flight.len()
    }

    /// The groups of nodes that can still talk, directly or through others, in both directions.
    ///
    /// A group is a view on the links, never stored: nodes `a` and `b` are together if there is a
    /// path between them whose every link is up both ways. One group means no partition.
    pub fn groups(&self) -> Vec<Vec<NodeId>> {
        self.groups_if(|from, to| self.is_cut(from, to))
    }

    /// The groups there would be if exactly the links were cut that `cut` names.
    pub fn groups_if(&self, cut: impl Fn(NodeId, NodeId) -> bool) -> Vec<Vec<NodeId>> {
        let mut grouped = vec![false; usize::from(self.nodes)];
        let mut groups: Vec<Vec<NodeId>> = Vec::new();
        for start in (0..self.nodes).map(NodeId) {
            if grouped[start.index()] {
                continue;
            }
            let mut group = vec![start];
            grouped[start.index()] = true;
            let mut next = 0;
            while let Some(&node) = group.get(next) {
                next += 1;
                for other in (0..self.nodes).map(NodeId) {
                    let up = node != other && !cut(node, other) && !cut(other, node);
                    if up && !grouped[other.index()] {
                        grouped[other.index()] = true;
                        group.push(other);
                    }
                }
            }
            // In order, by insertion: a library sort would add 5 kB of wasm for nine elements.
            groups.push(group.into_iter().collect::<SortedSet<_>>().into_vec());
        }
        groups
    }

    pub(super) fn depart(&mut self, flight: Flight, slot: Slot) {
        self.in_flight.insert(flight.id, Carried { flight, slot: Some(slot) });
    }

    pub(super) fn land(&mut self, id: RecordId) -> Option<Flight> {
        self.in_flight.remove(&id).map(|carried| carried.flight)
    }

    /// When the message `id` comes, or is lost on the way; `None` if that has been decided.
    pub(super) fn slot(&self, id: RecordId) -> Option<Slot> {
        self.in_flight.get(&id).and_then(|carried| carried.slot)
    }

    /// Moves the message `id` to another place on the agenda.
    pub(super) fn put_off(&mut self, id: RecordId, by_us: u64, slot: Option<Slot>) {
        if let Some(carried) = self.in_flight.get_mut(&id) {
            carried.flight.arrives_us = carried.flight.arrives_us.saturating_add(by_us);
            carried.slot = slot;
        }
    }

    fn place(&self, from: NodeId, to: NodeId) -> Option<usize> {
        let exists = from != to && from.0 < self.nodes && to.0 < self.nodes;
        exists.then(|| from.index() * usize::from(self.nodes) + to.index())
    }
}
