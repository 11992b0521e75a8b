//! The further pictures of a shop: its log with the state beside it, snapshots, and old events
//! under new code.

mod fork;
mod log;
mod old_events;
mod snapshots;
mod state;

use super::super::{View, ViewButton, ViewEntry};

/// Log and state side by side, and other histories.
pub(super) const LOG: ViewEntry = ViewEntry {
    name: "log",
    title: "Log and state",
    label: "The log, a row for each event, with the hash of the state after it; and the state that \
        it comes to. Arrow keys go from event to event, zero returns to where the run is.",
    hint: "Tap an event for the state after it. The run goes there, too, if there is an instant \
        for it.",
    buttons: &[ViewButton::Follow],
};

/// What snapshots save, and what they cost.
pub(super) const SNAPSHOTS: ViewEntry = ViewEntry {
    name: "snapshots",
    title: "Snapshots",
    label: "A stream of a hundred thousand events, what it costs to fold it with snapshots and \
        without; the snapshot law on the log of this run; and a snapshot that is refused. Left \
        and right fold to another version.",
    hint: "Move the first slider: the stream is folded again from its first event each time.",
    buttons: &[],
};

/// Upcasters and unknown types.
pub(super) const OLD_EVENTS: ViewEntry = ViewEntry {
    name: "old-events",
    title: "Old events",
    label: "An event of an old type on its way from the log through a sleeve to the code; what \
        came of the replay; and every event with the type that it is read as.",
    hint: "Take the sleeve off, and choose what becomes of events whose type nobody knows.",
    buttons: &[],
};

/// One of them, as a reader first sees it.
pub(super) fn view(name: &str) -> Option<Box<dyn View>> {
    match name {
        _ if name == LOG.name => Some(Box::new(log::LogView::new())),
        _ if name == SNAPSHOTS.name => Some(Box::new(snapshots::SnapshotsView::new())),
        _ if name == OLD_EVENTS.name => Some(Box::new(old_events::OldEventsView::new())),
        _ => None,
    }
}
