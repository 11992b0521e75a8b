//! How long somebody waits for an answer.

/// A time after which an answer is of no use, in microseconds.
///
/// It is passed on with the request, so that nobody works on what nobody waits for any more ("Site
/// Reliability Engineering", chapter 22, "Deadline Propagation").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Deadline {
    at_us: u64,
}

impl Deadline {
    /// `timeout_us` from `now_us` on. Saturates: at the end of time there is no deadline.
    pub fn after(now_us: u64, timeout_us: u64) -> Deadline {
        Deadline { at_us: now_us.saturating_add(timeout_us) }
    }

    /// For a call on behalf of this one with a timeout of its own: whichever comes first.
    pub fn for_call(self, now_us: u64, timeout_us: u64) -> Deadline {
        self.min(Deadline::after(now_us, timeout_us))
    }

    /// When it is.
    pub fn at_us(self) -> u64 {
        self.at_us
    }

    /// Whether it has come. At exactly its time it has.
    pub fn has_passed(self, now_us: u64) -> bool {
        now_us >= self.at_us
    }

    /// How long is left, in microseconds.
    pub fn remaining_us(self, now_us: u64) -> u64 {
        self.at_us.saturating_sub(now_us)
    }

    /// Whether what takes `us` is worth beginning at `now_us`: it would be done before.
    pub fn allows(self, now_us: u64, us: u64) -> bool {
        self.remaining_us(now_us) > us
    }
}
