//! The painted timeline: what happened in a run at a glance, and where the playhead is in it.
//!
//! A lane a branch: terms as bands, what changed the state of things as marks, stretches in which
//! nothing did. What is here is plain data; [`Layout`] turns places into instants and back; [`svg`]
//! draws it.

pub mod svg;
#[cfg(test)]
mod tests;

use super::{Axis, Density, Frame, Point, TimeMark, Window};
use crate::sim::{NodeId, RecordId};

/// A painted timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeStrip {
    /// Which part of the run.
    pub window: Window,
    /// The lanes, from top to bottom.
    pub lanes: Vec<Lane>,
    /// Where somebody stands. The first is the reader.
    pub playheads: Vec<Playhead>,
}

/// A playhead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Playhead {
    /// In which of [`TimeStrip::lanes`].
    pub lane: usize,
    /// When.
    pub at_us: u64,
}

/// A branch of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// What the page calls the branch.
    pub branch: u16,
    /// What it is called.
    pub name: String,
    /// The lane that it leaves, and when.
    pub fork: Option<(usize, u64)>,
    /// How far it was played.
    pub reach_us: u64,
    /// What happened on it.
    pub content: LaneContent,
}

/// What happened on a branch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LaneContent {
    /// Terms, in order; the first may have begun before the window.
    pub bands: Vec<TermBand>,
    /// What changed the state of things, kind by kind, each in order. Marks of a kind that fall on
    /// one pixel are one mark.
    pub marks: Vec<TimeMark>,
}

/// A stretch of time with one highest term, and one leader of it or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermBand {
    /// What it began with.
    pub record: RecordId,
    /// When.
    pub from_us: u64,
    /// Until when.
    pub to_us: u64,
    /// What is counted: `term`, or `era`.
    pub counts: &'static str,
    /// The term; 0 before the first.
    pub term: u64,
    /// Who leads it, with the name that is shown.
    pub leader: Option<(NodeId, String)>,
}

/// A stretch without marks that is this long is quiet, in pixels.
const QUIET: f32 = 56.0;

/// Where everything stands in a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The space it was laid out for.
    pub frame: Frame,
    /// Instants to places.
    pub axis: Axis,
    lanes: usize,
}

impl Layout {
    /// The height of a lane, and of all that is above and below the lanes.
    const LANE: f32 = 46.0;
    const AROUND: f32 = 26.0;

    /// Lays out a timeline of so many lanes. It has a height of its own:
    /// [`height`](Layout::height).
    pub fn new(window: Window, lanes: usize, width: f32) -> Layout {
        let frame = Frame { width, height: Layout::height(lanes) };
        let compact = frame.density() == Density::Compact;
        // So that the knob of the playhead fits at both ends, and the lanes' names before them.
        let left = if lanes < 2 {
            10.0
        } else if compact {
            30.0
        } else {
            76.0
        };
        let axis = Axis::new(window, left, width - left - 10.0);
        Layout { frame, axis, lanes }
    }

    /// How high a timeline of so many lanes is.
    pub fn height(lanes: usize) -> f32 {
        Layout::AROUND + Layout::LANE * lanes.max(1) as f32
    }

    /// The top of a lane.
    pub fn y(&self, lane: usize) -> f32 {
        8.0 + lane as f32 * Layout::LANE
    }

    /// How many marks of a kind can be told apart.
    pub fn buckets(&self) -> u32 {
        ((self.axis.right() - self.axis.left()) / 4.0).max(1.0) as u32
    }

    /// The lane at a height.
    pub fn lane_at(&self, y: f32) -> usize {
        let lane = ((y - 8.0) / Layout::LANE).max(0.0) as usize;
        lane.min(self.lanes.saturating_sub(1))
    }

    /// The lane and the instant that a pointer at `at` means. Near a mark of that lane, the mark's
    /// instant.
    pub fn scrubbed(&self, strip: &TimeStrip, at: Point) -> (usize, u64) {
        const SNAP: f32 = 5.0;
        let lane = self.lane_at(at.y);
        let window = strip.window;
        let free_us = self.axis.us(at.x).clamp(window.from_us, window.to_us);
        let marks = strip.lanes.get(lane).map_or(&[][..], |lane| &lane.content.marks);
        let distance = |mark: &&TimeMark| (self.axis.x(mark.at_us) - at.x).abs();
        let nearest = marks.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)));
        let near = nearest.filter(|mark| distance(mark) <= SNAP);
        (lane, near.map_or(free_us, |mark| mark.at_us))
    }

    /// The mark at a point, those drawn above others first.
    pub fn mark_at(&self, strip: &TimeStrip, at: Point) -> Option<TimeMark> {
        const REACH: f32 = 8.0;
        let lane = strip.lanes.get(self.lane_at(at.y))?;
        let near = |mark: &&TimeMark| (self.axis.x(mark.at_us) - at.x).abs() <= REACH;
        lane.content.marks.iter().filter(near).max_by_key(|mark| mark.kind).copied()
    }
}

impl Lane {
    /// The stretches of the window in which nothing changed, as instants: those that are wide
    /// enough to be worth a word.
    pub fn quiet(&self, axis: &Axis) -> Vec<(u64, u64)> {
        let window = axis.window();
        let begin_us = self.fork.map_or(window.from_us, |(_, at_us)| at_us.max(window.from_us));
        let end_us = self.reach_us.min(window.to_us);
        let mut instants = crate::sorted::SortedSet::from([begin_us, end_us]);
        for mark in &self.content.marks {
            instants.insert(mark.at_us.clamp(begin_us, end_us.max(begin_us)));
        }
        let instants = instants.into_vec();
        let gaps = instants.windows(2).map(|pair| (pair[0], pair[1]));
        gaps.filter(|(from_us, to_us)| axis.x(*to_us) - axis.x(*from_us) >= QUIET).collect()
    }
}
