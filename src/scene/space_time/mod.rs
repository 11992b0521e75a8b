//! The space-time diagram: a line for the life of every server, time to the right, and every
//! message a slope from the line of its sender to that of its receiver.
//!
//! After Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System" (1978). What
//! is here is plain data; [`Layout`] says where it stands in a frame and what is under a point;
//! [`svg`] draws it.

pub mod svg;
#[cfg(test)]
mod tests;

use super::{
    Axis, Density, EntryName, Frame, Highlight, Mark, Point, Shape, Spacing, Thing, TimeMark, Tone,
    Window,
};
use crate::sim::{NodeId, RecordId};
use crate::sorted::SortedSet;

/// What a space-time diagram shows.
#[derive(Clone, Debug, PartialEq)]
pub struct SpaceTime {
    /// Which part of the run.
    pub window: Window,
    /// How instants are spread.
    pub spacing: Spacing,
    /// The playhead. What comes after it has not happened.
    pub now_us: u64,
    /// The lives of the servers, from top to bottom.
    pub lifelines: Vec<Lifeline>,
    /// Messages, oldest first.
    pub arrows: Vec<Arrow>,
    /// While the network was cut.
    pub cuts: Vec<Cut>,
    /// What changed the state of things, oldest first.
    pub flags: Vec<Flag>,
    /// What is left out because there is too much of it.
    pub left_out: LeftOut,
}

/// What is left out of a diagram so that the rest can be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LeftOut {
    /// Nothing.
    #[default]
    Nothing,
    /// So many messages, the least telling ones: signs of life and their answers first.
    Messages(usize),
    /// All messages: so many things happened in the window.
    AllMessages(usize),
}

/// The life of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifeline {
    /// Whose.
    pub node: NodeId,
    /// Its name.
    pub name: String,
    /// Its stretches, in order and without gaps; those that the window does not show are left out.
    pub spans: Vec<Span>,
}

/// A stretch of a life in which nothing changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// What it began with.
    pub record: RecordId,
    /// When.
    pub from_us: u64,
    /// Until when.
    pub to_us: u64,
    /// How it is drawn.
    pub look: SpanLook,
    /// Its colour.
    pub tone: Tone,
    /// The term, or what stands for it.
    pub head: u64,
    /// A word or two, if there is room.
    pub label: String,
    /// In words.
    pub description: String,
}

/// How a stretch of a life is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SpanLook {
    /// A plain line.
    Line,
    /// A dashed line.
    Dashed,
    /// A thick bar.
    Bar,
    /// Hollow: it does nothing, but lives.
    Paused,
    /// A gap: it is down.
    Gap,
}

/// How much a message tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// A sign of life, or that all is in order.
    Faint,
    /// An answer that changes something.
    Normal,
    /// What a reader looks for.
    Strong,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// The record of its sending.
    pub id: RecordId,
    /// Its sender.
    pub from: NodeId,
    /// Its receiver.
    pub to: NodeId,
    /// When it left.
    pub sent_us: u64,
    /// When its line ends: on arrival, where it was lost, or at the playhead.
    pub ends_us: u64,
    /// What became of it.
    pub fate: ArrowFate,
    /// Its kind.
    pub shape: Shape,
    /// Requests are filled, replies hollow.
    pub filled: bool,
    /// What a reply says.
    pub mark: Option<Mark>,
    /// Its colour.
    pub tone: Tone,
    /// How much it tells.
    pub weight: Weight,
    /// A few letters, or nothing.
    pub label: String,
    /// The entries that it carries.
    pub entries: Vec<EntryName>,
    /// In words.
    pub description: String,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ArrowFate {
    /// It arrived: the record of that.
    Arrived(RecordId),
    /// It is on its way at the playhead.
    OnItsWay {
        /// So much of its way lies behind it, in thousandths.
        permille: u16,
    },
    /// It was lost.
    Lost {
        /// The record of that.
        record: RecordId,
        /// After how much of its way, in thousandths.
        permille: u16,
        /// Why, in a word.
        reason: &'static str,
    },
}

/// A stretch of time in which links were cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// What it began with.
    pub record: RecordId,
    /// When.
    pub from_us: u64,
    /// Until when.
    pub to_us: u64,
    /// The groups, such as `S1 S2 | S3 S4 S5`.
    pub label: String,
    /// Each server's group, in the order of the lifelines; empty if all can still talk somehow.
    pub groups: Vec<u8>,
}

/// Something on a lifeline, or on all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Its mark.
    pub mark: TimeMark,
    /// In words.
    pub text: String,
}

impl SpaceTime {
    /// The instants at which something is shown, ascending.
    fn instants(&self) -> Vec<u64> {
        let mut instants = SortedSet::new();
        for span in self.lifelines.iter().flat_map(|line| &line.spans) {
            instants.insert(span.from_us);
        }
        for arrow in &self.arrows {
            instants.insert(arrow.sent_us);
            instants.insert(arrow.ends_us);
        }
        for flag in &self.flags {
            instants.insert(flag.mark.at_us);
        }
        instants.into_vec()
    }

    /// Whether a message is lit.
    pub fn is_lit(&self, arrow: &Arrow, highlight: &Highlight) -> bool {
        let ends = match arrow.fate {
            ArrowFate::Arrived(record) | ArrowFate::Lost { record, .. } => Some(record),
            ArrowFate::OnItsWay { .. } => None,
        };
        highlight.has_message(arrow.id)
            || ends.is_some_and(|record| highlight.has_record(record))
            || highlight.has_node(arrow.from)
            || highlight.has_node(arrow.to)
            || arrow.entries.iter().any(|entry| highlight.has_entry(*entry))
    }
}

/// The most messages that are drawn.
pub const MOST_ARROWS: usize = 400;

/// Leaves out the messages that tell least until there are no more than [`MOST_ARROWS`]. To be done
/// before they are made into [`Arrow`]s.
pub fn thin_out<T>(messages: &mut Vec<T>, weight: impl Fn(&T) -> Weight) -> LeftOut {
    let all = messages.len();
    for least in [Weight::Normal, Weight::Strong] {
        if messages.len() > MOST_ARROWS {
            messages.retain(|message| weight(message) >= least);
        }
    }
    messages.truncate(MOST_ARROWS);
    match all - messages.len() {
        0 => LeftOut::Nothing,
        count => LeftOut::Messages(count),
    }
}

/// Where everything stands in a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The space it was laid out for.
    pub frame: Frame,
    /// Instants to places.
    pub axis: Axis,
    /// The top of the field in which the lifelines are.
    pub top: f32,
    /// Its bottom; below it the instants are written.
    pub bottom: f32,
    rows: Vec<f32>,
}

/// How near a pointer has to come, in pixels.
const REACH: f32 = 11.0;

impl Layout {
    /// Lays out a diagram.
    pub fn new(picture: &SpaceTime, frame: Frame) -> Layout {
        let compact = frame.density() == Density::Compact;
        let (left, right) = if compact { (36.0, 10.0) } else { (56.0, 18.0) };
        let width = frame.width - left - right;
        let axis = match picture.spacing {
            Spacing::Time => Axis::new(picture.window, left, width),
            Spacing::Events => Axis::spaced(picture.window, &picture.instants(), left, width),
        };
        let (top, bottom) = (26.0, frame.height - 26.0);
        let step = (bottom - top) / picture.lifelines.len().max(1) as f32;
        let rows = (0..picture.lifelines.len()).map(|k| top + (k as f32 + 0.5) * step).collect();
        Layout { frame, axis, top, bottom, rows }
    }

    /// The height of a server's line.
    pub fn row(&self, node: NodeId) -> f32 {
        self.rows.get(node.index()).copied().unwrap_or(self.bottom)
    }

    /// The ends of a message's line, as drawn.
    pub fn line(&self, arrow: &Arrow) -> (Point, Point) {
        let start = Point::new(self.axis.x(arrow.sent_us), self.row(arrow.from));
        let down = self.row(arrow.to) - start.y;
        let part = match arrow.fate {
            ArrowFate::Lost { permille, .. } | ArrowFate::OnItsWay { permille } => {
                f32::from(permille) / 1_000.0
            }
            ArrowFate::Arrived(_) => 1.0,
        };
        (start, Point::new(self.axis.x(arrow.ends_us), start.y + down * part))
    }

    /// Where a flag stands: on its server's line, or above them all.
    pub fn flag(&self, flag: &Flag) -> Point {
        let y = flag.mark.node.map_or(self.top, |node| self.row(node));
        Point::new(self.axis.x(flag.mark.at_us), y)
    }

    /// What is drawn at `at`: flags before messages before lifelines.
    pub fn under(&self, picture: &SpaceTime, at: Point) -> Option<Thing> {
        let mut nearest: Option<(f32, Thing)> = None;
        let mut offer = |distance: f32, reach: f32, thing: Thing| {
            if distance <= reach && nearest.is_none_or(|(best, _)| distance < best) {
                nearest = Some((distance, thing));
            }
        };
        for flag in &picture.flags {
            let distance = self.flag(flag).distance(at);
            offer(distance, REACH * 0.8, Thing::Record(flag.mark.record));
        }
        // What stands on a line is a small thing: it goes before what only passes by.
        if let Some((_, flag)) = nearest {
            return Some(flag);
        }
        let mut nearest: Option<(f32, Thing)> = None;
        for arrow in &picture.arrows {
            let (start, end) = self.line(arrow);
            let distance = from_segment(at, start, end);
            if distance <= REACH && nearest.is_none_or(|(best, _)| distance < best) {
                nearest = Some((distance, Thing::Message(arrow.id)));
            }
        }
        // Close to a lifeline, it is the lifeline unless the message is closer still.
        for line in &picture.lifelines {
            let distance = (self.row(line.node) - at.y).abs();
            if distance <= REACH && nearest.is_none_or(|(best, _)| distance + 3.0 < best) {
                nearest = Some((distance, Thing::Node(line.node)));
            }
        }
        nearest.map(|(_, thing)| thing)
    }
}

/// How far a point is from a piece of a line.
fn from_segment(at: Point, a: Point, b: Point) -> f32 {
    let along = b.minus(a);
    let length = along.dot(along);
    let part = if length > 0.0 { at.minus(a).dot(along) / length } else { 0.0 };
    at.distance(a.towards(b, part.clamp(0.0, 1.0)))
}
