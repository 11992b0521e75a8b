//! The torn line between groups of servers, worked out from the groups and never stored.

use super::{Point, Ring, geometry::crossing};
use crate::sim::NodeId;

/// A tear that parts one group from all others.
#[derive(Clone, Debug, PartialEq)]
pub struct Tear {
    /// The group that it cuts off.
    pub group: Vec<NodeId>,
    /// Everybody else.
    pub others: Vec<NodeId>,
    /// The jagged line.
    pub line: Vec<Point>,
    /// Where to put the button that heals it.
    pub handle: Point,
    from: Point,
    to: Point,
}

impl Tear {
    /// Where on the way from `from` to `to` the tear is crossed, as a part of the way.
    pub fn crossed_by(&self, from: Point, to: Point) -> Option<f32> {
        crossing(from, to, self.from, self.to)
    }

    /// What to call it: `S1 S2 | S3 S4 S5`.
    pub fn name(&self) -> String {
        format!("{} | {}", names(&self.group), names(&self.others))
    }
}

fn names(nodes: &[NodeId]) -> String {
    nodes.iter().map(NodeId::to_string).collect::<Vec<_>>().join(" ")
}

/// The tears that part `groups`: one for each but the largest, as long as its members stand
/// side by side on the ring. (Others are parted too, but no single line could show it.)
pub fn tears(ring: &Ring, groups: &[Vec<NodeId>]) -> Vec<Tear> {
    let count = ring.places.len();
    let Some(largest) = groups.iter().max_by_key(|group| group.len()) else {
        return Vec::new();
    };
    let cut_off = groups.iter().filter(|group| *group != largest);
    let tear = |group: &Vec<NodeId>| {
        let (first, last) = arc(group, count)?;
        let (from, to) = parting_line(ring, first, last);
        let others = (0..count).map(|k| NodeId(k as u8)).filter(|node| !group.contains(node));
        Some(Tear {
            group: group.clone(),
            others: others.collect(),
            line: jagged(from, to),
            // Beyond the end, clear of what hangs below the servers at both sides of the gap.
            handle: to.moved(from.direction(to), 62.0),
            from,
            to,
        })
    };
    cut_off.filter_map(tear).collect()
}

/// The first and last place of `group` if its members stand side by side on a ring of `count`.
fn arc(group: &[NodeId], count: usize) -> Option<(usize, usize)> {
    let is_in = |place: usize| group.iter().any(|node| node.index() == place % count);
    let mut starts = (0..count).filter(|&k| is_in(k) && !is_in(k + count - 1));
    let first = starts.next()?;
    if starts.next().is_some() {
        return None;
    }
    Some((first, (first + group.len() - 1) % count))
}

/// The straight line that parts the servers `first..=last` from the others, a little too long.
///
/// Servers stand on a convex curve, so the line through the middles of the two gaps crosses
/// exactly the links between the two sides.
fn parting_line(ring: &Ring, first: usize, last: usize) -> (Point, Point) {
    const OVERHANG: f32 = 46.0;
    let count = ring.places.len();
    let middle = |a: usize, b: usize| ring.places[a % count].towards(ring.places[b % count], 0.5);
    let (from, to) = (middle(first + count - 1, first), middle(last, last + 1));
    let mut along = from.direction(to);
    if along == Point::default() {
        // Two servers have a single gap: part them at a right angle to their link.
        along = ring.places[first].direction(ring.places[(first + 1) % count]).right();
    }
    (from.moved(along, -OVERHANG), to.moved(along, OVERHANG))
}

/// A line from one point to the other that looks torn. Always the same for the same points.
fn jagged(from: Point, to: Point) -> Vec<Point> {
    const TEETH: [f32; 7] = [5.0, -7.0, 3.0, -4.0, 8.0, -5.0, 4.0];
    let steps = (from.distance(to) / 17.0).max(2.0) as usize;
    let sideways = from.direction(to).right();
    let tooth = |k: usize| {
        let point = from.towards(to, k as f32 / steps as f32);
        if k == 0 || k == steps { point } else { point.moved(sideways, TEETH[k % TEETH.len()]) }
    };
    (0..=steps).map(tooth).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Frame;

    fn ring(count: usize) -> Ring {
        Ring::new(Frame { width: 1000.0, height: 560.0 }, count)
    }

    fn group(nodes: &[u8]) -> Vec<NodeId> {
        nodes.iter().map(|n| NodeId(*n)).collect()
    }

    #[test]
    fn a_tear_crosses_exactly_the_links_between_its_sides() {
        for count in 3..=9 {
            let ring = ring(count);
            for size in 1..=count / 2 {
                let cut_off: Vec<NodeId> = (0..size as u8).map(NodeId).collect();
                let rest: Vec<NodeId> = (size as u8..count as u8).map(NodeId).collect();
                let found = tears(&ring, &[cut_off.clone(), rest]);
                assert_eq!(found.len(), 1, "{count} servers, {size} cut off");
                for a in 0..count {
                    for b in a + 1..count {
                        let parts = cut_off.contains(&NodeId(a as u8))
                            != cut_off.contains(&NodeId(b as u8));
                        let crossed = found[0].crossed_by(ring.places[a], ring.places[b]);
                        assert_eq!(crossed.is_some(), parts, "{count} {size}: {a}-{b}");
                    }
                }
            }
        }
    }

    #[test]
    fn groups_that_wrap_around_the_ring_are_torn_too() {
        let found = tears(&ring(5), &[group(&[0, 4]), group(&[1, 2, 3])]);
        assert_eq!(found[0].name(), "S1 S5 | S2 S3 S4");
    }

    #[test]
    fn three_groups_need_two_tears_and_scattered_groups_none() {
        assert_eq!(tears(&ring(5), &[group(&[0]), group(&[1, 2]), group(&[3, 4])]).len(), 2);
        assert_eq!(tears(&ring(5), &[group(&[0, 2]), group(&[1, 3, 4])]).len(), 0);
        assert_eq!(tears(&ring(5), &[group(&[0, 1, 2, 3, 4])]).len(), 0);
    }
}
