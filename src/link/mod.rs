//! A link that is the experiment: a run, its branches, and the instant looked at, as a short text.
//!
//! The text goes behind the `#` of an address, so no server sees it. It is `run=1.` and then bytes
//! in the URL-safe alphabet of base64: see [`codec`] for what they mean. **The codec is versioned
//! and old links keep opening**: numbers that stand for a kind of thing are never given a second
//! meaning, and the links in `tests/it/links` are opened by a test.
//!
//! Whoever opens a link did not write it. So everything is checked and bounded before anything is
//! played, and a broken link is a typed error that says what is wrong with it.

mod alphabet;
mod bytes;
pub mod codec;
mod commands;
mod deeds;
mod settings;

use std::fmt;

use crate::labs::{LabEntry, LabSettings, known};
use crate::timeline::{BranchId, Timeline, Tree, TreeRefused};

pub use deeds::DeedLog;

/// What a link may be.
pub mod limits {
    /// Characters of the text behind the `#`.
    pub const CHARACTERS: usize = 100_000;
    /// Bytes of a name, a key or a value.
    pub const TEXT_BYTES: usize = 1_000;
    /// Faults of one command, and links of one fault.
    pub const LIST: usize = 3_000;
    /// The latest instant of anything, in microseconds since the start of the run: a day.
    pub const AT_US: u64 = 86_400_000_000;
}

/// What a link says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The lab's name in the registry.
    pub lab: &'static str,
    /// What the lab is made with.
    pub settings: LabSettings,
    /// The branches, and what is done on each.
    pub tree: Tree,
    /// The branch that is looked at.
    pub branch: BranchId,
    /// The instant that is looked at, in microseconds since the start of the run.
    pub at_us: u64,
    /// A branch to be shown beside it.
    pub beside: Option<BranchId>,
}

/// What is wrong with a link.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BadLink {
    /// It does not begin with `run=` and a version.
    NotALink,
    /// It was made by a later Rift.
    UnknownVersion(String),
    /// It is longer than [`limits::CHARACTERS`].
    TooLong,
    /// This character, counted from 1, does not belong into it.
    Character(usize),
    /// It ends where more should come: a part of it was lost.
    CutShort,
    /// Something comes after its end.
    GoesOn,
    /// There is no such lab.
    UnknownLab(String),
    /// The lab has no such setting, or the setting is of another kind.
    UnknownSetting(String),
    /// A number that stands for a kind of thing stands for none. What it should have been.
    Unknown(&'static str),
    /// A number is out of its range. What it should have been.
    OutOfRange(&'static str),
    /// The branches make no sense together.
    Tree(TreeRefused),
}

impl fmt::Display for BadLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadLink::NotALink => f.write_str("it does not begin with run="),
            BadLink::UnknownVersion(version) => {
                write!(f, "it is of version {version}, which this page does not know")
            }
            BadLink::TooLong => f.write_str("it is too long"),
            BadLink::Character(place) => write!(f, "its character {place} does not belong there"),
            BadLink::CutShort => f.write_str("its end is missing"),
            BadLink::GoesOn => f.write_str("something comes after its end"),
            BadLink::UnknownLab(name) => write!(f, "there is no figure called {name}"),
            BadLink::UnknownSetting(name) => write!(f, "there is no such setting: {name}"),
            BadLink::Unknown(what) => write!(f, "it has an unknown kind of {what}"),
            BadLink::OutOfRange(what) => write!(f, "{what} is out of range"),
            BadLink::Tree(reason) => reason.fmt(f),
        }
    }
}

impl std::error::Error for BadLink {}

impl From<TreeRefused> for BadLink {
    fn from(reason: TreeRefused) -> BadLink {
        BadLink::Tree(reason)
    }
}

/// What a link begins with, behind the `#`.
pub const PREFIX: &str = "run=";

impl Link {
    /// The link to where a timeline stands, with another branch beside it perhaps. Deleted branches
    /// are not in it.
    pub fn of_timeline(timeline: &Timeline, beside: Option<BranchId>) -> Link {
        Link {
            lab: timeline.entry().name,
            settings: timeline.settings().clone(),
            tree: timeline.tree().clone(),
            branch: timeline.branch(),
            at_us: timeline.now_us(),
            beside,
        }
    }

    /// The text, without the `#`.
    pub fn to_text(&self) -> String {
        let mut text = String::from(PREFIX);
        text.push_str("1.");
        alphabet::write(&codec::encode(self), &mut text);
        text
    }

    /// Reads the text of a link: a whole address, what comes behind its `#`, or that with the `#`.
    ///
    /// # Errors
    ///
    /// [`BadLink`], which says what is wrong.
    pub fn parse(text: &str) -> Result<Link, BadLink> {
        Link::parse_of(text, known().labs)
    }

    /// As [`parse`](Link::parse), for a program that knows only these labs.
    ///
    /// # Errors
    ///
    /// [`BadLink`]: [`UnknownLab`](BadLink::UnknownLab) for a link of any other lab.
    pub fn parse_of(text: &str, labs: &'static [LabEntry]) -> Result<Link, BadLink> {
        let text = text.trim();
        let fragment = text.rsplit_once('#').map_or(text, |(_, fragment)| fragment);
        let body = fragment.strip_prefix(PREFIX).ok_or(BadLink::NotALink)?;
        if body.len() > limits::CHARACTERS {
            return Err(BadLink::TooLong);
        }
        let (version, body) = body.split_once('.').ok_or(BadLink::NotALink)?;
        if version != "1" {
            let known = version.chars().take(8).collect();
            return Err(BadLink::UnknownVersion(known));
        }
        codec::decode(&alphabet::read(body)?, labs)
    }

    /// The lab's line in the registry.
    pub fn entry(&self) -> Option<&'static LabEntry> {
        known().labs.iter().find(|entry| entry.name == self.lab)
    }
}
