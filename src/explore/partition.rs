//! How networks fall apart, and how slow they get.

use super::swarm::PartitionMode;
use crate::random::Random;
use crate::sim::{Delay, Fault, NodeId};

/// A network that falls apart in this way.
pub(super) fn partition(mode: PartitionMode, nodes: u8, random: &mut Random) -> Fault {
    let n = usize::from(nodes);
    match mode {
        // Pairs in the order in which people name groups, so that they are brief to write down.
        PartitionMode::IsolateOne => {
            let one = some_of(nodes, 1, random);
            Fault::cut_between(&one, &all_but(nodes, &one))
        }
        PartitionMode::Halves => {
            let side = some_of(nodes, n / 2, random);
            Fault::cut_between(&side, &all_but(nodes, &side))
        }
        PartitionMode::Groups => {
            let mut groups = [const { Vec::new() }; 3];
            (0..nodes).for_each(|node| groups[random.below(3) as usize].push(NodeId(node)));
            let pairs = [(0, 1), (0, 2), (1, 2)].map(|(a, b)| (&groups[a], &groups[b]));
            let cuts = pairs.map(|(left, right)| Fault::cut_between(left, right));
            let links = cuts.into_iter().filter_map(|cut| match cut {
                Fault::Cut(links) => Some(links),
                _ => None,
            });
            Fault::Cut(links.flatten().collect())
        }
        PartitionMode::OneWay => {
            let size = random.between(1, n.saturating_sub(1).max(1) as u64) as usize;
            let deaf = some_of(nodes, size, random);
            Fault::Cut(links_where(nodes, |a, b| !deaf.contains(&a) && deaf.contains(&b)))
        }
        PartitionMode::Bridge => {
            let mixed = some_of(nodes, n, random);
            let (bridge, left) = (mixed[0], &mixed[1..1 + (n - 1) / 2]);
            let mut near = left.to_vec();
            near.push(bridge);
            Fault::cut_between(left, &all_but(nodes, &near))
        }
        PartitionMode::OneLink => {
            let ends = some_of(nodes, 2, random);
            Fault::cut_between(&ends[..1], &ends[1..])
        }
        PartitionMode::Chain => {
            let row = some_of(nodes, n, random);
            let place = |node: NodeId| row.iter().position(|at| *at == node).unwrap_or(0);
            Fault::Cut(links_where(nodes, |a, b| place(a).abs_diff(place(b)) > 1))
        }
        PartitionMode::Links => Fault::Cut(links_where(nodes, |_, _| random.chance(400_000))),
    }
}

/// Any of the distributions; `us` is typical of it.
pub(super) fn any_delay(random: &mut Random, us: u64) -> Delay {
    // From a healthy network to one with a long tail.
    let tail = random.between(400_000, 1_500_000) as u32;
    match random.below(5) {
        0 => Delay::Constant { us },
        1 => Delay::Uniform { low_us: us / 10, high_us: us * 2 },
        2 => Delay::Exponential { mean_us: us },
        3 => Delay::LogNormal { median_us: us, sigma_ppm: tail },
        _ => Delay::Pareto { low_us: us / 2, shape_ppm: 700_000 + tail },
    }
}

pub(super) fn links_where(
    nodes: u8,
    mut pick: impl FnMut(NodeId, NodeId) -> bool,
) -> Vec<(NodeId, NodeId)> {
    let all = (0..nodes).flat_map(|a| (0..nodes).map(move |b| (NodeId(a), NodeId(b))));
    all.filter(|(a, b)| a != b).filter(|(a, b)| pick(*a, *b)).collect()
}

pub(super) fn all_but(nodes: u8, these: &[NodeId]) -> Vec<NodeId> {
    (0..nodes).map(NodeId).filter(|node| !these.contains(node)).collect()
}

/// So many of the nodes, in a random order.
pub(super) fn some_of(nodes: u8, count: usize, random: &mut Random) -> Vec<NodeId> {
    let mut all: Vec<NodeId> = (0..nodes).map(NodeId).collect();
    for place in 0..count.min(all.len()) {
        let other = place + random.below((all.len() - place) as u64) as usize;
        all.swap(place, other);
    }
    all.truncate(count);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_partition_cuts_something() {
        let mut random = Random::from_seed(4);
        for mode in PartitionMode::ALL {
            let cuts = (0..50).filter(|_| {
                matches!(partition(mode, 5, &mut random), Fault::Cut(links) if !links.is_empty())
            });
            assert!(cuts.count() >= 45, "{mode:?}");
            let _ = partition(mode, 1, &mut random);
        }
    }

    #[test]
    fn one_link_is_one_link_and_a_chain_has_two_ends() {
        let mut random = Random::from_seed(5);
        let mut cut = |mode| match partition(mode, 5, &mut random) {
            Fault::Cut(links) => links,
            other => panic!("{other:?}"),
        };
        let one = cut(PartitionMode::OneLink);
        assert_eq!((one.len(), one[0]), (2, (one[1].1, one[1].0)));
        let chain = cut(PartitionMode::Chain);
        // Of ten links four are left.
        assert_eq!(chain.len(), 2 * (10 - 4));
        let ends = (0..5).filter(|k| chain.iter().filter(|(a, _)| a.0 == *k).count() == 3);
        assert_eq!(ends.count(), 2);
    }
}
