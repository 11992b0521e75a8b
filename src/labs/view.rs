//! Further pictures of a run: what the page has to know of each, and what the lens draws them by.
//!
//! The page lists a lab's [`ViewEntry`]s as tabs. The lens has the [space-time diagram](SPACE_TIME)
//! and the [logs](LOGS) itself, for every lab that tells what is in them, and the reader's own
//! [session](CURTAIN) for every lab; any other view is a [`View`] that the lab makes.

use super::{Lab, Question};
use crate::scene::{Frame, Highlight, Point, Spacing, Thing};

/// A further picture of a lab's run, as the page knows it.
#[derive(Debug)]
pub struct ViewEntry {
    /// What the page and the lens call it.
    pub name: &'static str,
    /// What its tab says.
    pub title: &'static str,
    /// What it is and what keys do in it, for those who hear it.
    pub label: &'static str,
    /// What to do with it, while nothing in it is pointed at.
    pub hint: &'static str,
    /// The buttons under it.
    pub buttons: &'static [ViewButton],
}

/// A button that several views have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewButton {
    /// Moves the picture: `earlier`.
    Earlier,
    /// Moves the picture: `later`.
    Later,
    /// Zooms: `out`.
    Out,
    /// Zooms: `in`.
    In,
    /// Spaces what happens evenly, or in proportion to time: `spacing`.
    Spacing,
    /// Stays with the playhead: `follow`.
    Follow,
}

/// The space-time diagram, from [`Explained::space_time`](super::Explained::space_time).
pub const SPACE_TIME: ViewEntry = ViewEntry {
    name: "space-time",
    title: "Space-time",
    label: "Space-time diagram: a line for each server, time to the right, a slanted arrow for \
        each message. Left and right move it, up and down go from message to message, Enter opens \
        one, plus and minus zoom, zero follows the playhead.",
    hint: TAP_AND_DRAG,
    buttons: &[
        ViewButton::Earlier,
        ViewButton::Later,
        ViewButton::Out,
        ViewButton::In,
        ViewButton::Spacing,
        ViewButton::Follow,
    ],
};

/// The logs side by side, from [`Explained::log_matrix`](super::Explained::log_matrix).
pub const LOGS: ViewEntry = ViewEntry {
    name: "logs",
    title: "Logs",
    label: "The logs of all servers, a row for each. Arrow keys go from entry to entry, Enter asks \
        about one, zero shows the end.",
    hint: TAP_AND_DRAG,
    buttons: &[ViewButton::Earlier, ViewButton::Later, ViewButton::Follow],
};

/// Both, one under the other: with the stage beside them all three pictures at once. For where
/// there is room.
pub const TOGETHER: ViewEntry = ViewEntry {
    name: "together",
    title: "All three",
    label: "Space-time diagram, and under it the logs of all servers. Left and right move the \
        diagram, up and down go from message to message, Enter opens one, plus and minus zoom, \
        zero follows the playhead.",
    hint: TAP_AND_DRAG,
    buttons: SPACE_TIME.buttons,
};

/// The reader's own session as events, from the [log of deeds](crate::timeline::Tree::deeds).
pub const CURTAIN: ViewEntry = ViewEntry {
    name: "curtain",
    title: "Behind the curtain",
    label: "What you did in this run, a row for each event, and the branches that it comes to. \
        Arrow keys go from event to event, zero returns to the last one.",
    hint: "Tap an event for what the branches were after it. The run goes there, too, if it is on \
        the branch that is shown.",
    buttons: &[ViewButton::Follow],
};

/// What to do with a picture that is tapped and dragged.
pub const TAP_AND_DRAG: &str = "Tap anything to ask about it; drag to move.";

/// A picture that the lens shows, with what it keeps between one drawing and the next.
///
/// It is made when a run is first looked at, and lives until another run is. In between time goes
/// on, back, and to other branches: what is kept must be told apart by more than the instant, such
/// as [`Lab::history_hash`].
pub trait View {
    /// The picture at the instant of the lab, as markup: an `<svg>` that fills the frame, or
    /// something else. It is replaced as a whole many times a second, so nothing in it can have the
    /// focus; what can is in [`controls`](View::controls). What has a `data-look` can be tapped, as
    /// a further way to what a button does; if it has a `data-go`, too, the run goes there instead.
    ///
    /// A picture that takes long to work out does a part of the work here, always the same amount,
    /// and says in [`is_finished`](View::is_finished) that there is more to do.
    fn draw(&mut self, lab: &dyn Lab, frame: Frame, lit: &Highlight) -> String;

    /// Whether drawing the same instant again would show the same. If not, it is drawn again in the
    /// next frame, even while the run is paused.
    fn is_finished(&self) -> bool {
        true
    }

    /// What stands under the picture, as markup, as of the last drawing: buttons with what they do
    /// in `data-look` (see [`press`](View::press)), with an instant to go to in `data-go`, with a
    /// question in `data-ask`; sliders and boxes with `data-look`; and words.
    fn controls(&self) -> String {
        String::new()
    }

    /// A button, by its `data-look`; a slider or a box, as `NAME=VALUE`; or a key that the picture
    /// got, by the name that browsers have for it. If it moves a cursor: what that is on.
    fn press(&mut self, _lab: &dyn Lab, _what: &str) -> Option<Pointed> {
        None
    }

    /// Moves the picture along with a pointer, by so many pixels to the right.
    fn pan(&mut self, _dx: f32) {}

    /// Zooms by so many thousandths; what is at `x` stays there.
    fn zoom(&mut self, _x: f32, _permille: u32) {}

    /// Spaces what happens so from the next drawing on.
    fn space(&mut self, _spacing: Spacing) {}

    /// Stays with the playhead from now on.
    fn follow(&mut self) {}

    /// Whether it does.
    fn is_following(&self) -> bool {
        true
    }

    /// What is at a place of the picture drawn last.
    fn under(&self, _at: Point) -> Option<Pointed> {
        None
    }
}

/// Something in a picture that is pointed at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointed {
    /// What.
    pub thing: Thing,
    /// What it raises before all else.
    pub question: Option<Question>,
    /// What it is, in words.
    pub words: String,
}
