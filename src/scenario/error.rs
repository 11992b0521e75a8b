//! What can be wrong with a script, and where.

use std::fmt;

use super::limits;

/// A script that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    /// The line, from 1.
    pub line: u32,
    /// The character of the line, from 1.
    pub column: u32,
    /// What is wrong there.
    pub wrong: Wrong,
}

/// What is wrong with a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Something else must stand here.
    Expected {
        /// What may stand here.
        what: String,
        /// What does.
        found: String,
    },
    /// No word begins with this character.
    Character(char),
    /// The line ends before the text does.
    OpenText,
    /// A backslash must be followed by `"`, `\`, `n` or `u{…}`.
    Escape,
    /// A number outside of what is possible.
    OutOfRange {
        /// What the number is.
        what: &'static str,
        /// The lowest possible.
        lowest: u64,
        /// The highest possible.
        highest: u64,
    },
    /// This is set twice.
    SetTwice(String),
    /// Settings stand before everything that happens.
    SettingTooLate(String),
    /// A script of a version that this program cannot read.
    Version(String),
    /// The lab cannot work with these settings.
    Settings(String),
    /// The script is longer than [`limits::SCRIPT_BYTES`].
    TooLong,
    /// The script has more steps than [`limits::STEPS`].
    TooManySteps,
    /// The script claims more than [`limits::WATCHES`] things of every instant.
    TooManyWatches,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::Expected { what, found } => write!(f, "expected {what}, found {found}"),
            Wrong::Character(c) => write!(f, "{c:?} means nothing here; texts stand in \"…\""),
            Wrong::OpenText => write!(f, "this text has no closing \""),
            Wrong::Escape => {
                write!(f, "after a backslash comes \", another backslash, n or u{{…}}")
            }
            Wrong::OutOfRange { what, lowest, highest } => {
                write!(f, "{what} must be {lowest} to {highest}")
            }
            Wrong::SetTwice(name) => write!(f, "`{name}` is set already"),
            Wrong::SettingTooLate(name) => {
                write!(f, "`{name}` is a setting and must stand before everything that happens")
            }
            Wrong::Version(found) => {
                write!(f, "this program reads scripts of version 1, not {found}")
            }
            Wrong::Settings(reason) => write!(f, "these settings cannot work: {reason}"),
            Wrong::TooLong => {
                write!(f, "a script has at most {} bytes", limits::SCRIPT_BYTES)
            }
            Wrong::TooManySteps => write!(f, "a script has at most {} steps", limits::STEPS),
            Wrong::TooManyWatches => {
                write!(f, "a script has at most {} claims of every instant", limits::WATCHES)
            }
        }
    }
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.wrong)
    }
}

impl std::error::Error for ScriptError {}
