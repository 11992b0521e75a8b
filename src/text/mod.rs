//! What the page says to people, all of it: to change a word of the interface, or to say it in
//! another language, look here.
//!
//! Two things speak for themselves elsewhere. What a *lab* tells, offers and explains is data of
//! the lab and stands in its folder; and an error says with its type what is wrong, because the
//! command line and other programs say it, too. What is there before any program, the article, the
//! frame of the page and the reasons for not starting, is in `index.html`, `guide/` and `static/`.
//!
//! These are plain constants, and small functions where words are put together: another language
//! may want them in another order.

pub(crate) mod files;
pub(crate) mod lens;
#[cfg(feature = "web")]
mod page;
pub mod share;

#[cfg(feature = "web")]
pub(crate) use page::*;

pub(crate) const WHY: &str = "Why?";
/// The branch that a run begins with.
pub(crate) const FIRST_BRANCH: &str = "first";

/// An instant as people read it: `117.3 ms`.
pub(crate) fn milliseconds(at_us: u64) -> String {
    format!("{}.{} ms", at_us / 1_000, at_us % 1_000 / 100)
}
