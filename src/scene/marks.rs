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
    /// Of what a client wanted nobody knows whether it is done.
    Unknown,
    /// A client was refused.
    Refused,
    /// A client found less than was there, or than it had seen.
    Stale,
    /// A server asks to be chosen.
    Election,
    /// A server was chosen.
    Leader,
    /// A circuit breaker has opened.
    Opened,
    /// It lets probes go.
    HalfOpened,
    /// It has closed.
    Closed,
    /// A setting was turned.
    Turned,
    /// Somebody did something to the world.
    Fault,
    /// A promise was broken.
    Violation,
}

impl MarkKind {
    /// All of them, in order.
    pub const ALL: [MarkKind; 13] = [
        MarkKind::Write,
        MarkKind::Commit,
        MarkKind::Unknown,
        MarkKind::Refused,
        MarkKind::Stale,
        MarkKind::Election,
        MarkKind::Leader,
        MarkKind::Opened,
        MarkKind::HalfOpened,
        MarkKind::Closed,
        MarkKind::Turned,
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
            MarkKind::Commit => "committed, or acknowledged",
            MarkKind::Unknown => "nobody knows whether it is done",
            MarkKind::Refused => "refused",
            MarkKind::Stale => "a client saw less than was there",
            MarkKind::Opened => "a breaker opened",
            MarkKind::HalfOpened => "a breaker lets probes go",
            MarkKind::Closed => "a breaker closed",
            MarkKind::Turned => "a setting was turned",
            MarkKind::Violation => "a broken promise",
        }
    }

    /// Its colour.
    pub fn tone(self) -> Tone {
        match self {
            MarkKind::Election | MarkKind::Unknown | MarkKind::Turned | MarkKind::HalfOpened => {
                Tone::Eager
            }
            MarkKind::Leader | MarkKind::Commit | MarkKind::Closed => Tone::Chief,
            MarkKind::Refused => Tone::Off,
            MarkKind::Stale | MarkKind::Opened | MarkKind::Fault | MarkKind::Violation => Tone::Bad,
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
            MarkKind::Unknown => "mark unknown",
            MarkKind::Refused => "mark refused",
            MarkKind::Stale => "mark stale",
            MarkKind::Opened => "mark opened",
            MarkKind::HalfOpened => "mark half-opened",
            MarkKind::Closed => "mark closed",
            MarkKind::Turned => "mark turned",
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
            // A question mark, a cross, an hourglass, a dial. Of a breaker the lever: far from its
            // contact, nearly there, and on it.
            MarkKind::Unknown => "M-3 -3.5A3.2 3.2 0 1 1 0 0.5V2M0 4.8V5.4",
            MarkKind::Refused => "M-4 -4L4 4M4 -4L-4 4",
            MarkKind::Stale => "M-4.5 -6H4.5L-4.5 6H4.5Z",
            MarkKind::Opened => "M-7 4H-3L3 -5M4 4H7",
            MarkKind::HalfOpened => "M-7 4H-3L4 0M4 4H7",
            MarkKind::Closed => "M-7 4H7M-3 1V7M4 1V7",
            MarkKind::Turned => "M-5 3A5.8 5.8 0 1 1 5 3M0 0L3 -3.5",
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
