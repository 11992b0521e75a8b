//! Who stands where: fronts on the left, servers in the middle, pages on the right; or, where there
//! is little room, from top to bottom.

use super::super::Cast;
use crate::scene::{Density, Frame, Point};

/// Where each node stands.
pub(super) fn places(cast: Cast, frame: Frame) -> Vec<Point> {
    let compact = frame.density() == Density::Compact;
    let at = |(x, y): &(f32, f32)| Point::new(frame.width * x, frame.height * y);
    let fronts: &[(f32, f32)] = match compact {
        false => &[(0.11, 0.2), (0.11, 0.66)],
        true => &[(0.3, 0.12), (0.7, 0.12)],
    };
    // Nobody stands between two others that speak to each other.
    let servers: &[(f32, f32)] = match (cast.servers, compact) {
        (3, false) => &[(0.38, 0.18), (0.53, 0.43), (0.38, 0.68)],
        (3, true) => &[(0.14, 0.4), (0.86, 0.4), (0.5, 0.5)],
        (_, false) => &[(0.33, 0.16), (0.55, 0.14), (0.69, 0.44), (0.55, 0.72), (0.33, 0.7)],
        (_, true) => &[(0.12, 0.38), (0.5, 0.3), (0.88, 0.38), (0.72, 0.58), (0.28, 0.58)],
    };
    let pages: &[(f32, f32)] = match (cast.servers, compact) {
        (3, false) => &[(0.88, 0.2), (0.88, 0.66)],
        (_, false) => &[(0.88, 0.14), (0.88, 0.74)],
        (_, true) => &[(0.5, 0.84), (0.85, 0.8)],
    };
    [fronts, servers, pages].into_iter().flatten().map(at).collect()
}
