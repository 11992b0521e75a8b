//! The further pictures: the storm, retries, shards, and breakers with habits.

use super::super::{TAP_AND_DRAG, View, ViewEntry};

/// The storm with and without each remedy.
pub(super) const STORM: ViewEntry =
    ViewEntry { name: "storm", title: "Storm", label: "", hint: TAP_AND_DRAG, buttons: &[] };

/// Retries against one contended row.
pub(super) const RETRIES: ViewEntry =
    ViewEntry { name: "retries", title: "Retries", label: "", hint: TAP_AND_DRAG, buttons: &[] };

/// One breaker against four.
pub(super) const SHARDS: ViewEntry =
    ViewEntry { name: "shards", title: "Shards", label: "", hint: TAP_AND_DRAG, buttons: &[] };

/// Breakers with habits, on one trace.
pub(super) const LIBRARIES: ViewEntry = ViewEntry {
    name: "libraries",
    title: "Which library?",
    label: "",
    hint: TAP_AND_DRAG,
    buttons: &[],
};

/// One of them, as a reader first sees it.
pub(super) fn view(_name: &str) -> Option<Box<dyn View>> {
    None
}
