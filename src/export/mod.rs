//! Runs and pictures as files: for other programs, for slides and papers, for a post without
//! scripts. And the way back: what people paste or drop.
//!
//! | format | what | made by |
//! |---|---|---|
//! | script | the run, act by act | [`script()`] |
//! | link | the run, its branches, and where one stands | [`link()`] |
//! | JSON Lines | every record of the history | [`jsonl()`] |
//! | ShiViz | the same with vector clocks | [`shiviz()`] |
//! | Mermaid | a sequence diagram | [`mermaid()`] |
//! | SVG | the stage, the diagram, the logs or the timeline, at an instant | [`figure()`] |
//! | tour | the run, and what is said when, for a page with a figure | [`Guided`] |
//! | animated SVG | the stage between two instants, moving | [`animated()`] |
//!
//! All of them are plain functions from a run or a timeline to text; the same run gives the same
//! text, byte by byte. Everything is bounded, see [`limits`], and what is left out is said.
//!
//! A file of records is made from a [`Recording`], which knows of the protocol what the lab
//! [tells](crate::labs::exported). Pictures are made from a
//! [`Timeline`], as on the page.

pub mod animated;
mod challenge;
pub mod figure;
mod import;
mod json;
mod jsonl;
mod mermaid;
mod recording;
mod shiviz;
mod style;
mod tour;
pub mod usual;

use std::fmt;

pub use animated::{Animation, animated};
pub use challenge::{challenges, graded};
pub use figure::{View, figure};
pub use import::{ImportError, Imported, import};
pub use jsonl::jsonl;
pub use mermaid::mermaid;
pub use recording::Recording;
pub use shiviz::{REGULAR_EXPRESSION, shiviz};
pub use tour::Guided;

use crate::link::Link;
use crate::scenario::Scenario;
use crate::session::Run;
use crate::timeline::{Timeline, TreeRefused};

/// What a file may hold.
pub mod limits {
    /// Records of a run that is written down record by record.
    pub const RECORDS: usize = 200_000;
    /// Messages of a sequence diagram; more are left out, those that tell least first.
    pub const MERMAID_MESSAGES: usize = 120;
    /// Notes of a sequence diagram.
    pub const MERMAID_NOTES: usize = 80;
    /// Instants of an animation at which something happens.
    pub const INSTANTS: usize = 4_000;
    /// Messages of an animation.
    pub const MOVING_MESSAGES: usize = 800;
    /// Bytes of an animation.
    pub const ANIMATION_BYTES: usize = 3_000_000;
    /// The least and the most time that an animation plays before it begins again, in milliseconds.
    pub const PLAYS_MS: std::ops::RangeInclusive<u32> = 1_000..=120_000;
    /// The least and the most width and height of a picture, in pixels.
    pub const PIXELS: std::ops::RangeInclusive<u32> = 200..=4_000;
    /// Bytes of what is imported.
    pub const IMPORT_BYTES: usize = crate::scenario::limits::SCRIPT_BYTES;
}

/// Why there is no such file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportError {
    /// Runs of this lab cannot be written down.
    UnknownLab(String),
    /// The lab has no such picture.
    NoSuchView,
    /// The run has reached a limit of the world before this instant, in microseconds.
    Halted(u64),
    /// The branch is not there.
    Branch(TreeRefused),
    /// There is more of it than fits. What, and how much fits.
    TooMuch(&'static str, usize),
    /// It ends before it begins.
    EndsBefore {
        /// Where it would begin, in microseconds since the start of the run.
        from_us: u64,
        /// Where it would end.
        to_us: u64,
    },
    /// A length is out of [`limits::PIXELS`]. Which, and how long it is.
    Size(&'static str, u32),
    /// An animation cannot play that long: see [`limits::PLAYS_MS`].
    Plays(u32),
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExportError::UnknownLab(name) => write!(f, "runs of {name} cannot be written down"),
            ExportError::NoSuchView => f.write_str("this lab has no such picture"),
            ExportError::Halted(at_us) => {
                write!(f, "the run reaches a limit of the world before {} ms", at_us / 1_000)
            }
            ExportError::Branch(reason) => reason.fmt(f),
            ExportError::TooMuch(what, most) => {
                write!(f, "there are more than {most} {what}; take a shorter part of the run")
            }
            ExportError::EndsBefore { from_us, to_us } => {
                let (from, to) = (from_us / 1_000, to_us / 1_000);
                write!(f, "it would begin at {from} ms and end at {to} ms, and must end later")
            }
            ExportError::Size(what, length) => {
                let (low, high) = (limits::PIXELS.start(), limits::PIXELS.end());
                write!(f, "the {what} must be {low} to {high} pixels, not {length}")
            }
            ExportError::Plays(ms) => {
                let (low, high) = (limits::PLAYS_MS.start(), limits::PLAYS_MS.end());
                write!(f, "an animation plays {low} to {high} ms, not {ms}")
            }
        }
    }
}

impl std::error::Error for ExportError {}

impl From<TreeRefused> for ExportError {
    fn from(reason: TreeRefused) -> ExportError {
        ExportError::Branch(reason)
    }
}

/// The run up to an instant as a script of [`scenario`](crate::scenario). Played, it gives the same
/// history, record by record.
pub fn script(run: &Run, until_us: u64) -> String {
    let actions = run.actions.iter().take_while(|action| action.at_us <= until_us);
    let run = Run { actions: actions.cloned().collect(), ..run.clone() };
    Scenario::of_run(&run, until_us).to_string()
}

/// The run with its branches and the instant that is looked at, as the part of an address behind
/// the `#`: see [`link`](crate::link).
pub fn link(timeline: &Timeline) -> String {
    Link::of_timeline(timeline, None).to_text()
}
