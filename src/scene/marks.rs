//! Marks for what changes the state of things: the same on lifelines and on the painted timeline.

use super::Tone;
use super::svg::{Markup, tone_name};
use crate::sim::{NodeId, RecordId};

/// What a mark stands for. Each has a shape of its own; later ones hide those before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarkKind {
    /// A client wants something written.
    Write,
    /// What was written is settled.
    Commit,
    /// A server asks to be chosen.
    Election,
    /// A server was chosen.
    Leader,
    /// Somebody did something to the world.
    Fault,
    /// A promise was broken.
    Violation,
}

impl MarkKind {
    /// All of them, in order.
    pub const ALL: [MarkKind; 6] = [
        MarkKind::Write,
        MarkKind::Commit,
        MarkKind::Election,
        MarkKind::Leader,
        MarkKind::Fault,
        MarkKind::Violation,
    ];

    /// What a legend says.
    pub fn meaning(self) -> &'static str {
        match self {
            MarkKind::Election => "asks for votes",
            MarkKind::Leader => "was elected",
            MarkKind::Fault => "something done to the world",
            MarkKind::Write => "a client writes",
            MarkKind::Commit => "committed",
            MarkKind::Violation => "a broken promise",
        }
    }

    /// Its colour.
    pub fn tone(self) -> Tone {
        match self {
            MarkKind::Election => Tone::Eager,
            MarkKind::Leader | MarkKind::Commit => Tone::Chief,
            MarkKind::Fault | MarkKind::Violation => Tone::Bad,
            MarkKind::Write => Tone::Calm,
        }
    }

    /// Its name in class names.
    pub fn class(self) -> &'static str {
        match self {
            MarkKind::Election => "mark election",
            MarkKind::Leader => "mark leader",
            MarkKind::Fault => "mark fault",
            MarkKind::Write => "mark write",
            MarkKind::Commit => "mark commit",
            MarkKind::Violation => "mark violation",
        }
    }

    /// Its shape around the origin.
    fn path(self) -> &'static str {
        match self {
            MarkKind::Election => "M0 -6L6 0L0 6L-6 0Z",
            MarkKind::Leader => "M-7 5L-8 -3L-4 0L0 -6L4 0L8 -3L7 5Z",
            MarkKind::Fault => "M2 -7L-5 1H-1L-2 7L5 -1H1Z",
            MarkKind::Write => "M-4.5 -4.5H4.5V4.5H-4.5Z",
            MarkKind::Commit => "M-5 0L-1.5 3.5L5 -4",
            MarkKind::Violation => "M-3 -7H3L7 -3V3L3 7H-3L-7 3V-3ZM0 -4V1M0 3.6V4",
        }
    }
}

/// One mark, or several of a kind that are too close to tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeMark {
    /// What it stands for.
    pub kind: MarkKind,
    /// When, in microseconds since the start of the run; the first, if it stands for several.
    pub at_us: u64,
    /// What happened; the first.
    pub record: RecordId,
    /// Where, if at one server.
    pub node: Option<NodeId>,
    /// For how many it stands.
    pub count: usize,
}

/// The mark as SVG, around the origin.
pub fn time_mark(kind: MarkKind) -> String {
    let mut svg = Markup::default();
    draw(&mut svg, kind, None);
    svg.text
}

/// Draws a mark, moved somewhere.
pub(super) fn draw(svg: &mut Markup, kind: MarkKind, transform: Option<&str>) {
    let shape = [
        ("class", kind.class()),
        ("data-tone", tone_name(kind.tone())),
        ("d", kind.path()),
        ("transform", transform.unwrap_or_default()),
    ];
    svg.leaf("path", &shape[..3 + usize::from(transform.is_some())]);
}
