//! What a cut would do, in words, before it is done. The same for every lab.

use super::Command;
use crate::sim::{Fault, Network, NodeId};
use crate::sorted::SortedSet;

/// A change of the network that is about to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// The pairs of servers whose links it cuts.
    pub cuts: Vec<(NodeId, NodeId)>,
    /// The pairs of servers whose links it heals.
    pub heals: Vec<(NodeId, NodeId)>,
    /// What it means, in a sentence.
    pub caption: String,
}

impl Partition {
    /// The command that makes the change, or `None` if it changes nothing.
    pub fn command(&self) -> Option<Command> {
        let both = |pairs: &[(NodeId, NodeId)]| {
            pairs.iter().flat_map(|&(a, b)| [(a, b), (b, a)]).collect::<Vec<_>>()
        };
        let mut faults = Vec::new();
        if !self.heals.is_empty() {
            faults.push(Fault::Heal(both(&self.heals)));
        }
        if !self.cuts.is_empty() {
            faults.push(Fault::Cut(both(&self.cuts)));
        }
        (!faults.is_empty()).then_some(Command::Faults(faults))
    }
}

/// What a stroke across the links `crossed` does: it cuts them; if it crosses only links that are
/// cut already, it heals them. `majority` is how many servers make a quorum.
pub fn stroke_effect(
    network: &Network,
    crossed: &[(NodeId, NodeId)],
    majority: usize,
) -> Partition {
    let is_cut = |&(a, b): &(NodeId, NodeId)| network.is_cut(a, b) && network.is_cut(b, a);
    let heals_only = !crossed.is_empty() && crossed.iter().all(is_cut);
    let (cuts, heals) = if heals_only {
        (Vec::new(), crossed.to_vec())
    } else {
        (crossed.iter().filter(|pair| !is_cut(pair)).copied().collect(), Vec::new())
    };
    with_caption(network, cuts, heals, majority)
}

/// What dragging `node` does: out alone, or into the group of `joins`.
pub fn drop_effect(
    network: &Network,
    node: NodeId,
    joins: Option<NodeId>,
    majority: usize,
) -> Partition {
    let groups = network.groups();
    let joined = groups.iter().find(|group| joins.is_some_and(|other| group.contains(&other)));
    let others = groups.iter().flatten().copied().filter(|other| *other != node);
    let (mut cuts, mut heals) = (SortedSet::new(), SortedSet::new());
    for other in others {
        let pair = (node.min(other), node.max(other));
        let stays = joined.is_some_and(|group| group.contains(&other));
        let is_cut = network.is_cut(node, other) || network.is_cut(other, node);
        match (stays, is_cut) {
            (true, true) => {
                heals.insert(pair);
            }
            (false, false) => {
                cuts.insert(pair);
            }
            _ => {}
        }
    }
    with_caption(network, cuts.into_vec(), heals.into_vec(), majority)
}

/// How the groups of a network stand, such as
/// `S1 S2 | S3 S4 S5: S3 S4 S5 have a majority (3 of 5)`. `None` if all can still talk.
pub(super) fn describe_groups(groups: &[Vec<NodeId>], majority: usize) -> Option<String> {
    if groups.len() < 2 {
        return None;
    }
    let servers: usize = groups.iter().map(Vec::len).sum();
    let sides: Vec<String> = groups.iter().map(|group| names(group)).collect();
    let verdict = match groups.iter().find(|group| group.len() >= majority) {
        Some(group) => {
            let verb = if group.len() == 1 { "has" } else { "have" };
            format!("{} still {verb} a majority ({} of {servers})", names(group), group.len())
        }
        None => format!("no side has a majority ({majority} of {servers})"),
    };
    Some(format!("{}: {verdict}", sides.join(" | ")))
}

fn with_caption(
    network: &Network,
    cuts: Vec<(NodeId, NodeId)>,
    heals: Vec<(NodeId, NodeId)>,
    majority: usize,
) -> Partition {
    let listed =
        |pairs: &[(NodeId, NodeId)], a, b| pairs.contains(&(a, b)) || pairs.contains(&(b, a));
    let groups = network
        .groups_if(|a, b| listed(&cuts, a, b) || (network.is_cut(a, b) && !listed(&heals, a, b)));
    let caption = match describe_groups(&groups, majority) {
        _ if cuts.is_empty() && heals.is_empty() => "Changes nothing".to_owned(),
        Some(sides) => sides,
        None if cuts.is_empty() => "Heals: everyone can talk to everyone".to_owned(),
        None => format!("Cuts {}, but a way around is left", pair_names(&cuts)),
    };
    Partition { cuts, heals, caption }
}

fn names(nodes: &[NodeId]) -> String {
    nodes.iter().map(NodeId::to_string).collect::<Vec<_>>().join(" ")
}

fn pair_names(pairs: &[(NodeId, NodeId)]) -> String {
    pairs.iter().map(|(a, b)| format!("{a}–{b}")).collect::<Vec<_>>().join(", ")
}
