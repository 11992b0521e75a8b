//! The history lane: what clients asked for, as bars from call to answer, a row for each client,
//! time to the right.
//!
//! A bar is open at its end if nobody knows what became of it, thin and crossed if it was refused.
//! Operations that together break a promise have a ring, a number each, and a line through them.
//! What is here is plain data; [`Layout`] says where it stands in a frame and what is under a
//! point; [`svg`] draws it.

pub mod svg;
#[cfg(test)]
mod tests;

use super::field::width_of;
use super::{Axis, Density, Frame, Highlight, Point, Spacing, Thing, Window};
use crate::sim::{NodeId, RecordId};
use crate::sorted::SortedSet;

/// What a history lane shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryLane {
    /// Which part of the run.
    pub window: Window,
    /// How instants are spread.
    pub spacing: Spacing,
    /// The playhead. What comes after it has not happened.
    pub now_us: u64,
    /// The clients, from top to bottom.
    pub rows: Vec<Row>,
    /// While the network was torn.
    pub tears: Vec<Torn>,
    /// The operations that break a promise, in the order in which they are numbered from 1.
    pub witness: Vec<Witness>,
}

/// A client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// What it asked for, as far as the window shows it, in the order of its calls.
    pub bars: Vec<Bar>,
}

/// An operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Its number, from 1 in the order of all calls.
    pub number: u64,
    /// When it was called.
    pub from_us: u64,
    /// When it was over, or the playhead.
    pub to_us: u64,
    /// What became of it.
    pub fate: BarFate,
    /// Whether it writes; else it reads.
    pub writes: bool,
    /// A few letters: `x=1`, `x→1`.
    pub label: String,
    /// Records that it is lit with: its call, and its answer if it has one.
    pub records: [Option<RecordId>; 2],
    /// The server that it was asked of.
    pub node: NodeId,
    /// In words.
    pub description: String,
}

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BarFate {
    /// There is no answer yet.
    Open,
    /// It was done.
    Done,
    /// Nobody knows. A write may still take effect.
    Unknown,
    /// It has not happened and never will.
    Refused,
}

impl BarFate {
    /// Every fate.
    pub const ALL: [BarFate; 4] =
        [BarFate::Open, BarFate::Done, BarFate::Unknown, BarFate::Refused];
}

/// A stretch of time in which the network was torn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torn {
    /// From when.
    pub from_us: u64,
    /// Until when.
    pub to_us: u64,
    /// The groups, such as `S1 S2 | S3 S4 S5`.
    pub label: String,
}

/// One of the operations that break a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Witness {
    /// The operation's number.
    pub number: u64,
    /// The place of its client's row.
    pub row: usize,
    /// When it was called, for where its bar is not shown.
    pub at_us: u64,
}

impl HistoryLane {
    /// Every bar, with the place of its row.
    pub fn bars(&self) -> impl Iterator<Item = (usize, &Bar)> {
        let of = |(place, row): (usize, &'_ Row)| (place, row.bars.len());
        let counts = self.rows.iter().enumerate().map(of);
        counts
            .flat_map(|(place, count)| (0..count).map(move |at| (place, at)))
            .map(|(place, at)| (place, &self.rows[place].bars[at]))
    }

    /// The instants at which something is shown, ascending.
    fn instants(&self) -> Vec<u64> {
        let mut instants = SortedSet::new();
        for (_, bar) in self.bars() {
            instants.insert(bar.from_us);
            if bar.fate != BarFate::Open {
                instants.insert(bar.to_us);
            }
        }
        for torn in &self.tears {
            instants.insert(torn.from_us);
            instants.insert(torn.to_us);
        }
        instants.into_vec()
    }
}

impl Bar {
    /// Whether it is lit.
    pub fn is_lit(&self, highlight: &Highlight) -> bool {
        highlight.has_request(self.number)
            || highlight.has_node(self.node)
            || self.records.iter().flatten().any(|record| highlight.has_record(*record))
    }
}

/// Where everything stands in a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The space it was laid out for.
    pub frame: Frame,
    /// Instants to places.
    pub axis: Axis,
    /// The top of the field in which the bars are.
    pub top: f32,
    /// Its bottom; below it the instants are written.
    pub bottom: f32,
    /// How high a bar is.
    pub height: f32,
    /// By row: the middle of it.
    rows: Vec<f32>,
    /// In the order of [`HistoryLane::bars`].
    places: Vec<Place>,
}

/// Where a bar is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Its left edge.
    pub left: f32,
    /// Its right edge.
    pub right: f32,
    /// Its middle's height.
    pub y: f32,
    /// Where its label is.
    pub label: LabelPlace,
}

/// Where a bar's label is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelPlace {
    /// In the bar.
    Inside,
    /// Right of it.
    Beside,
    /// There is no room for it.
    Nowhere,
}

/// How near a pointer has to come, in pixels.
const REACH: f32 = 11.0;
/// No bar is narrower, or it could not be seen.
const NARROWEST: f32 = 7.0;
/// No bar is higher.
const HIGHEST: f32 = 24.0;
/// Around a label in its bar, together.
const PADDING: f32 = 8.0;

impl Layout {
    /// Lays out a history lane.
    pub fn new(picture: &HistoryLane, frame: Frame) -> Layout {
        let compact = frame.density() == Density::Compact;
        let (left, right) = if compact { (32.0, 10.0) } else { (48.0, 18.0) };
        let width = frame.width - left - right;
        let axis = match picture.spacing {
            Spacing::Time => Axis::new(picture.window, left, width),
            Spacing::Events => Axis::spaced(picture.window, &picture.instants(), left, width),
        };
        let (top, bottom) = (24.0, frame.height - 24.0);
        let step = (bottom - top) / picture.rows.len().max(1) as f32;
        let rows: Vec<f32> =
            (0..picture.rows.len()).map(|k| top + (k as f32 + 0.5) * step).collect();
        let tracks: Vec<Vec<usize>> =
            picture.rows.iter().map(|row| tracks(&axis, &row.bars)).collect();
        let most = tracks.iter().flatten().max().map_or(1, |most| most + 1);
        // Room for a number over each bar, and for what is between two rows.
        let pitch = ((step - 6.0) / most as f32).min(HIGHEST + 14.0);
        let height = (pitch - 10.0).clamp(6.0, HIGHEST);
        let mut places = Vec::new();
        for ((row, tracks), middle) in picture.rows.iter().zip(&tracks).zip(&rows) {
            let count = tracks.iter().max().map_or(1, |most| most + 1);
            let first = middle - (count - 1) as f32 * pitch / 2.0 + 3.0;
            for (at, bar) in row.bars.iter().enumerate() {
                let (left, right) = ends(&axis, bar);
                let next = (at + 1..tracks.len()).find(|other| tracks[*other] == tracks[at]);
                let room = next.map_or(axis.right(), |next| ends(&axis, &row.bars[next]).0 - 3.0);
                let label = label_place(bar, (left.max(axis.left()), right), room);
                let y = first + tracks[at] as f32 * pitch;
                places.push(Place { left, right, y, label });
            }
        }
        Layout { frame, axis, top, bottom, height, rows, places }
    }

    /// The middle of a row.
    pub fn row(&self, place: usize) -> f32 {
        self.rows.get(place).copied().unwrap_or(self.bottom)
    }

    /// Every bar with where it is.
    pub fn placed<'a>(
        &'a self,
        picture: &'a HistoryLane,
    ) -> impl Iterator<Item = (&'a Bar, &'a Place)> {
        picture.bars().map(|(_, bar)| bar).zip(&self.places)
    }

    /// The bar of an operation, and where it is.
    pub fn find<'a>(
        &'a self,
        picture: &'a HistoryLane,
        number: u64,
    ) -> Option<(&'a Bar, &'a Place)> {
        self.placed(picture).find(|(bar, _)| bar.number == number)
    }

    /// What is drawn at `at`.
    pub fn under(&self, picture: &HistoryLane, at: Point) -> Option<Thing> {
        let mut nearest: Option<(f32, u64)> = None;
        for (bar, place) in self.placed(picture) {
            // A label beside a bar is a part of it.
            let beside = if place.label == LabelPlace::Beside { width_of(&bar.label) } else { 0.0 };
            let dx = (place.left - at.x).max(at.x - place.right - beside).max(0.0);
            let dy = ((at.y - place.y).abs() - self.height / 2.0).max(0.0);
            let distance = (dx * dx + dy * dy).sqrt();
            if distance <= REACH && nearest.is_none_or(|(best, _)| distance < best) {
                nearest = Some((distance, bar.number));
            }
        }
        nearest.map(|(_, number)| Thing::Request(number))
    }
}

/// The ends of a bar.
fn ends(axis: &Axis, bar: &Bar) -> (f32, f32) {
    let (left, right) = (axis.x(bar.from_us), axis.x(bar.to_us));
    (left, right.max(left + NARROWEST))
}

/// For each of a client's bars, on which of its tracks it is: a client may have asked again before
/// it had an answer.
fn tracks(axis: &Axis, bars: &[Bar]) -> Vec<usize> {
    const MOST: usize = 3;
    let mut free: Vec<f32> = Vec::new();
    let mut tracks = Vec::new();
    for bar in bars {
        let (left, right) = ends(axis, bar);
        let is_free = |end: &f32| *end <= left + 0.5;
        let track = free.iter().position(is_free).unwrap_or(free.len()).min(MOST - 1);
        if track == free.len() {
            free.push(right);
        } else {
            free[track] = free[track].max(right);
        }
        tracks.push(track);
    }
    tracks
}

fn label_place(bar: &Bar, (left, right): (f32, f32), room: f32) -> LabelPlace {
    let width = width_of(&bar.label);
    if bar.fate != BarFate::Refused && right - left >= width + PADDING {
        LabelPlace::Inside
    } else if right + width + 5.0 <= room {
        LabelPlace::Beside
    } else {
        LabelPlace::Nowhere
    }
}
