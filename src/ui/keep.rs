//! Keeps the run across a reload, where the browser lets it.
//!
//! Several tabs share one place. It belongs to the tab in which something was done last; where time
//! only goes by, a run that was done in another tab meanwhile is left alone.

use gloo_timers::callback::Timeout;
use web_sys::Storage;

use crate::labs::LabEntry;
use crate::link::Link;
use crate::timeline::{BranchId, Timeline};

/// How long after a change it is kept, in milliseconds.
const PAUSE_MS: u32 = 400;

/// Keeps a run some time after it has changed.
#[derive(Default)]
pub(crate) struct Keeper {
    /// Somebody has done something: there is something to lose.
    pub(crate) touched: bool,
    kept: Option<(usize, BranchId, u64)>,
    /// What was kept, as it was written.
    written: Option<String>,
    pause: Option<Timeout>,
    complained: bool,
}

impl Keeper {
    /// If the run is not as it was kept, has `keep` called after the pause.
    pub(crate) fn notice(&mut self, timeline: &Timeline, keep: impl FnOnce() + 'static) {
        if self.touched && self.pause.is_none() && self.kept != Some(place(timeline)) {
            self.pause = Some(Timeout::new(PAUSE_MS, keep));
        }
    }

    /// Keeps the run as it is now. `false` if the browser refuses, and that was not said yet.
    pub(crate) fn keep(&mut self, timeline: &Timeline, beside: Option<BranchId>) -> bool {
        self.pause = None;
        let place = place(timeline);
        let before = self.kept.replace(place);
        let (storage, key) = (storage(), key(timeline.entry()));
        let only_moved = before.is_some_and(|before| before.0 == place.0);
        if only_moved && storage.as_ref().and_then(|it| it.get_item(&key).ok()?) != self.written {
            return true;
        }
        let text = Link::of_timeline(timeline, beside).to_text();
        let kept = storage.is_some_and(|it| it.set_item(&key, &text).is_ok());
        self.written = kept.then_some(text);
        kept || std::mem::replace(&mut self.complained, true)
    }

    /// Another run has begun, in which nothing was done yet.
    pub(crate) fn rest(&mut self) {
        (self.touched, self.kept, self.pause) = (false, None, None);
    }

    /// Forgets what was kept: a new run has begun.
    pub(crate) fn forget(&mut self, entry: &LabEntry) {
        self.rest();
        if let Some(storage) = storage() {
            let _ = storage.remove_item(&key(entry));
        }
    }
}

/// What was kept last.
pub(crate) fn kept(entry: &LabEntry) -> Option<String> {
    storage()?.get_item(&key(entry)).ok()?
}

/// Where the reader stands, and how much was done so far.
fn place(timeline: &Timeline) -> (usize, BranchId, u64) {
    (timeline.tree().deeds().len(), timeline.branch(), timeline.now_us())
}

fn key(entry: &LabEntry) -> String {
    format!("rift:{}", entry.name)
}

/// `None` where it is forbidden, as in a sandboxed frame.
fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}
