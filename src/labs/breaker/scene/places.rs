//! Who stands where: callers on the left, or on top where there is little room, and whom they call
//! beyond them.

use super::super::Cast;
use crate::scene::{Density, Frame, Point};

/// Where each node stands.
pub(super) fn places(cast: Cast, frame: Frame) -> Vec<Point> {
    let (width, height) = (frame.width, frame.height);
    let compact = frame.density() == Density::Compact;
    let at = |x: f32, y: f32| Point::new(width * x, height * y);
    // So many in a row or a column, from edge to edge.
    let row = |count: u8, y: f32| {
        (0..count).map(move |k| at((f32::from(k) + 0.5) / f32::from(count), y)).collect::<Vec<_>>()
    };
    let column = |count: u8, x: f32| {
        let (top, bottom) = (frame.node_radius() + 24.0, height - frame.node_radius() - 26.0);
        let along = move |k: u8| f32::from(k) / f32::from(count.max(2) - 1);
        (0..count)
            .map(move |k| Point::new(width * x, top + (bottom - top) * along(k)))
            .collect::<Vec<_>>()
    };
    match (cast, compact) {
        (Cast::One, false) => vec![at(0.32, 0.4), at(0.82, 0.4)],
        (Cast::One, true) => vec![at(0.32, 0.36), at(0.82, 0.36)],
        (Cast::Fleet, false) => [column(4, 0.15), vec![at(0.52, 0.42), at(0.84, 0.42)]].concat(),
        (Cast::Fleet, true) => [row(4, 0.15), vec![at(0.3, 0.6), at(0.78, 0.6)]].concat(),
        (Cast::Shards, false) => [vec![at(0.3, 0.4)], column(4, 0.84)].concat(),
        (Cast::Shards, true) => [vec![at(0.5, 0.2)], row(4, 0.78)].concat(),
        (Cast::Network, false) => {
            vec![at(0.26, 0.38), at(0.6, 0.38), at(0.86, 0.16), at(0.86, 0.66)]
        }
        (Cast::Network, true) => {
            vec![at(0.3, 0.13), at(0.5, 0.58), at(0.18, 0.82), at(0.82, 0.82)]
        }
    }
}

/// Where a caller's tray stands, seen from the middle of the caller: under what hangs below it, or
/// aside where something is below.
pub(super) fn tray(cast: Cast, frame: Frame) -> Option<Point> {
    let below = frame.node_radius() + frame.skirt() + 56.0;
    match (cast, frame.density()) {
        (Cast::Fleet, _) => None,
        (Cast::Network, Density::Compact) => Some(Point::new(130.0, 60.0)),
        (Cast::Shards, Density::Compact) => {
            Some(Point::new((frame.width / 2.0 - 54.0).min(112.0), 96.0))
        }
        _ => Some(Point::new(0.0, below)),
    }
}
