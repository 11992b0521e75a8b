//! The further pictures of a shop: its log with the state beside it, snapshots, old events under new
//! code, and the reader's own session as events.

use super::super::{TAP_AND_DRAG, View, ViewEntry};

/// Log and state side by side, and other histories.
pub(super) const LOG: ViewEntry =
    ViewEntry { name: "log", title: "Log and state", label: "", hint: TAP_AND_DRAG, buttons: &[] };

/// What snapshots save, and what they cost.
pub(super) const SNAPSHOTS: ViewEntry = ViewEntry {
    name: "snapshots",
    title: "Snapshots",
    label: "",
    hint: TAP_AND_DRAG,
    buttons: &[],
};

/// Upcasters and unknown types.
pub(super) const OLD_EVENTS: ViewEntry = ViewEntry {
    name: "old-events",
    title: "Old events",
    label: "",
    hint: TAP_AND_DRAG,
    buttons: &[],
};

/// The reader's own session.
pub(super) const CURTAIN: ViewEntry = ViewEntry {
    name: "curtain",
    title: "Behind the curtain",
    label: "",
    hint: TAP_AND_DRAG,
    buttons: &[],
};

/// One of them, as a reader first sees it.
pub(super) fn view(_name: &str) -> Option<Box<dyn View>> {
    None
}
