//! Speaks a digest of what happens to screen readers, seldom enough to be followed.

use gloo_timers::callback::Timeout;

/// How long after a change it is spoken, and the next may follow, in milliseconds.
const PAUSE_MS: u32 = 2_500;

/// What a live region says. The region is there from the start and empty; a change is spoken after
/// the pause, as things then stand, and changes in between are left out.
#[derive(Default)]
pub(crate) struct Announcer {
    spoken: String,
    pause: Option<Timeout>,
}

impl Announcer {
    /// What the region says now.
    pub(crate) fn spoken(&self) -> &str {
        &self.spoken
    }

    /// If `message` is news, has `speak` called after the pause.
    pub(crate) fn notice(&mut self, message: &str, speak: impl FnOnce() + 'static) {
        if self.pause.is_none() && self.spoken != message {
            self.pause = Some(Timeout::new(PAUSE_MS, speak));
        }
    }

    /// Says `message` now and ends the pause.
    pub(crate) fn say(&mut self, message: &str) {
        self.pause = None;
        message.clone_into(&mut self.spoken);
    }
}
