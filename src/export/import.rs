//! What people paste into the page or drop onto it: a script or a link.

use std::fmt;

use super::limits;
use crate::link::{BadLink, Link, PREFIX};
use crate::scenario::{Scenario, ScriptError, parse};

/// What was imported.
#[derive(Clone, Debug, PartialEq)]
pub enum Imported {
    /// A script.
    Script(Box<Scenario>),
    /// A link: a whole address, or what comes behind its `#`.
    Link(Box<Link>),
}

/// Why nothing was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportError {
    /// There is nothing in it.
    Empty,
    /// It is longer than [`limits::IMPORT_BYTES`].
    TooLong(usize),
    /// It is neither.
    Neither,
    /// It is a script, but a wrong one.
    Script(ScriptError),
    /// It is a link, but a broken one.
    Link(BadLink),
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ImportError::Empty => f.write_str("there is nothing in it"),
            ImportError::TooLong(bytes) => {
                write!(f, "it has {bytes} bytes, and at most {} are read", limits::IMPORT_BYTES)
            }
            ImportError::Neither => f.write_str(
                "it is neither a script, which begins with `rift 1`, nor a link, which has `#run=`",
            ),
            ImportError::Script(error) => error.fmt(f),
            ImportError::Link(reason) => write!(f, "the link cannot be opened: {reason}"),
        }
    }
}

impl std::error::Error for ImportError {}

/// Reads what was pasted or dropped. Takes time in proportion to its length, which is bounded.
///
/// # Errors
///
/// [`ImportError`], which says what is wrong and where.
pub fn import(text: &str) -> Result<Imported, ImportError> {
    if text.len() > limits::IMPORT_BYTES {
        return Err(ImportError::TooLong(text.len()));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.lines().map(str::trim);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#') || is_link(line));
    match first {
        None if text.trim().is_empty() => Err(ImportError::Empty),
        Some(line) if line.split_whitespace().next() == Some("rift") => parse(text)
            .map(|scenario| Imported::Script(Box::new(scenario)))
            .map_err(ImportError::Script),
        Some(line) if is_link(line) => {
            let link = Link::parse(text.trim());
            link.map(|link| Imported::Link(Box::new(link))).map_err(ImportError::Link)
        }
        _ => Err(ImportError::Neither),
    }
}

/// Whether a line is an address with a run in it, or what comes behind its `#`.
fn is_link(line: &str) -> bool {
    let (before, behind) = line.split_once('#').unwrap_or(("", line));
    behind.starts_with(PREFIX) && !before.contains(char::is_whitespace)
}
