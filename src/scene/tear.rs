//! The torn line between groups of servers, worked out from the groups and never stored.

use super::{Frame, Point, Ring, geometry::crossing};
use crate::sim::NodeId;
use crate::small_text::joined;

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

/// `S1 S3`
pub(crate) fn names(nodes: &[NodeId]) -> String {
    joined(&mut nodes.iter().map(NodeId::to_string), " ")
}

/// The tears that part `groups`: one for each but the largest, as long as its members stand
/// side by side on the ring. (Others are parted too, but no single line could show it.)
pub fn tears(frame: Frame, ring: &Ring, groups: &[Vec<NodeId>]) -> Vec<Tear> {
    let count = ring.places.len();
    let Some(largest) = groups.iter().max_by_key(|group| group.len()) else {
        return Vec::new();
    };
    let mut tears: Vec<Tear> = Vec::new();
    for group in groups.iter().filter(|group| *group != largest) {
        let Some((first, last)) = arc(group, count) else {
            continue;
        };
        let (from, to) = parting_line(ring, first, last);
        let others = (0..count).map(|k| NodeId(k as u8)).filter(|node| !group.contains(node));
        let handle = handle(frame, ring, (from, to), &tears);
        tears.push(Tear {
            group: group.clone(),
            others: others.collect(),
            line: jagged(from, to),
            handle,
            from,
            to,
        });
    }
    tears
}

/// Where the button goes: on the line or a little beyond its ends, where it hides the least.
fn handle(frame: Frame, ring: &Ring, (from, to): (Point, Point), others: &[Tear]) -> Point {
    const EDGE: f32 = 19.0;
    let along = from.direction(to);
    let inside = |point: Point| {
        Point::new(
            point.x.min(frame.width - EDGE).max(EDGE),
            point.y.min(frame.height - EDGE).max(EDGE),
        )
    };
    let beyond = [0.0, 20.0, 40.0, 60.0].into_iter();
    let at_ends = beyond.flat_map(|far| [to.moved(along, far), from.moved(along, -far)]);
    let between = (1..20).map(|k| from.towards(to, k as f32 / 20.0));
    let room = |point: &Point| {
        let to_servers =
            ring.places.iter().map(|place| frame.room_beside(ring.places.len(), *place, *point));
        let to_handles = others.iter().map(|tear| tear.handle.distance(*point) - 2.0 * EDGE);
        to_servers.chain(to_handles).fold(f32::MAX, f32::min)
    };
    // Any place with room enough will do, the ends first; else the one with the most.
    let mut best = (f32::MIN, to);
    for point in at_ends.chain(between).map(inside) {
        let found = room(&point).min(EDGE);
        if found > best.0 {
            best = (found, point);
        }
    }
    best.1
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

    const FRAME: Frame = Frame { width: 1000.0, height: 560.0 };

    fn ring(count: usize) -> Ring {
        Ring::new(FRAME, count)
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
                let found = tears(FRAME, &ring, &[cut_off.clone(), rest]);
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
        let found = tears(FRAME, &ring(5), &[group(&[0, 4]), group(&[1, 2, 3])]);
        assert_eq!(found[0].name(), "S1 S5 | S2 S3 S4");
    }

    #[test]
    fn three_groups_need_two_tears_and_scattered_groups_none() {
        assert_eq!(tears(FRAME, &ring(5), &[group(&[0]), group(&[1, 2]), group(&[3, 4])]).len(), 2);
        assert_eq!(tears(FRAME, &ring(5), &[group(&[0, 2]), group(&[1, 3, 4])]).len(), 0);
        assert_eq!(tears(FRAME, &ring(5), &[group(&[0, 1, 2, 3, 4])]).len(), 0);
    }

    /// Phone and desk, every arc of three to nine servers: the button hides no server and no log.
    #[test]
    fn the_button_that_heals_lies_clear_of_every_server() {
        for frame in [Frame { width: 372.0, height: 464.0 }, Frame { width: 860.0, height: 456.0 }]
        {
            for count in 3..=7_usize {
                let ring = Ring::new(frame, count);
                for (first, size) in (0..count).flat_map(|k| (1..=count / 2).map(move |s| (k, s))) {
                    let cut_off: Vec<NodeId> =
                        (first..first + size).map(|k| NodeId((k % count) as u8)).collect();
                    let nodes = (0..count).map(|k| NodeId(k as u8));
                    let rest = nodes.filter(|node| !cut_off.contains(node)).collect();
                    let mut groups = [cut_off, rest];
                    groups[0].sort();
                    for tear in tears(frame, &ring, &groups) {
                        let room = |place| frame.room_beside(count, place, tear.handle);
                        let least = ring.places.iter().map(|p| room(*p)).fold(f32::MAX, f32::min);
                        assert!(least > 8.0, "{frame:?} {count} {:?}: {least}", tear.group);
                    }
                }
            }
        }
    }
}
