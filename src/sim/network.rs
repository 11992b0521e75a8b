//! Directed links between nodes, and the messages on them.

use super::{NodeId, RecordId};
use crate::random::Random;
use crate::sorted::{SortedMap, SortedSet};

/// How long a message, or a sync, takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delay {
    /// Always the same.
    Constant { us: u64 },
    /// Anything from `low_us` to `high_us`, both included, equally likely.
    Uniform { low_us: u64, high_us: u64 },
}

impl Delay {
    /// One delay from this distribution, in microseconds.
    pub fn draw_us(self, random: &mut Random) -> u64 {
        match self {
            Delay::Constant { us } => us,
            Delay::Uniform { low_us, high_us } => random.between(low_us, high_us),
        }
    }
}

/// How a link treats messages while it is not cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LinkSettings {
    /// How long a message takes. Delays are drawn one by one, so messages may overtake each other.
    pub delay: Delay,
    /// How many of a million messages are lost on the way.
    pub loss_ppm: u32,
}

/// A link in one direction.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Link {
    /// Since when the link is cut, if it is.
    pub cut_since_us: Option<u64>,
    /// How it treats messages.
    pub settings: LinkSettings,
}

/// A message on its way. Its text is the [`Sent`](super::Happening::Sent) record `id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Flight {
    /// The record of its sending.
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
    in_flight: SortedMap<RecordId, Flight>,
}

impl Network {
    pub(super) fn new(nodes: u8, settings: LinkSettings) -> Network {
        let link = Link { cut_since_us: None, settings };
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
        self.in_flight.values()
    }

    /// The message `id`, if it is on its way.
    pub fn flight(&self, id: RecordId) -> Option<&Flight> {
        self.in_flight.get(&id)
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

    pub(super) fn depart(&mut self, flight: Flight) {
        self.in_flight.insert(flight.id, flight);
    }

    pub(super) fn land(&mut self, id: RecordId) -> Option<Flight> {
        self.in_flight.remove(&id)
    }

    fn place(&self, from: NodeId, to: NodeId) -> Option<usize> {
        let exists = from != to && from.0 < self.nodes && to.0 < self.nodes;
        exists.then(|| from.index() * usize::from(self.nodes) + to.index())
    }
}
