//! What a command is about: a script from a file or from standard input, a scenario that ships, or
//! a link.

use std::fmt;
use std::io::Read;

use crate::export::{ImportError, Imported, import, limits};
use crate::labs::SCRIPTED;
use crate::scenario::{Failure, play};
use crate::sim::Halted;
use crate::timeline::{Timeline, Tree, TreeRefused};

/// A run that stands at the instant to be looked at.
pub(super) struct Source {
    pub(super) timeline: Timeline,
    /// The furthest instant that it was played to.
    pub(super) ended_us: u64,
}

/// Why there is none.
#[derive(Debug)]
pub(super) enum SourceError {
    Unreadable(std::io::Error),
    Import(ImportError),
    Unplayable(Failure),
    Branch(TreeRefused),
    Halted(Halted),
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SourceError::Unreadable(why) => why.fmt(f),
            SourceError::Import(why) => why.fmt(f),
            SourceError::Unplayable(why) => why.fmt(f),
            SourceError::Branch(why) => why.fmt(f),
            SourceError::Halted(why) => why.fmt(f),
        }
    }
}

impl Source {
    /// Opens and plays it: a script to its end, a link to the instant that it shows.
    pub(super) fn open(what: &str) -> Result<Source, SourceError> {
        let text = match what.contains(crate::link::PREFIX) {
            true => what.to_owned(),
            false => read(what).map_err(SourceError::Unreadable)?,
        };
        match import(&text).map_err(SourceError::Import)? {
            Imported::Script(scenario) => {
                let report = play(&scenario).map_err(SourceError::Unplayable)?;
                let entry = crate::labs::LABS.iter().find(|entry| entry.name == report.run.lab);
                let entry = entry.ok_or(SourceError::Unplayable(Failure::NotPlayable))?;
                let tree = Tree::of_actions(report.run.actions);
                let mut timeline = Timeline::of_tree(entry, report.run.settings, tree);
                timeline.seek(report.ended_us).map_err(SourceError::Halted)?;
                Ok(Source { timeline, ended_us: report.ended_us })
            }
            Imported::Link(link) => {
                let unknown = crate::link::BadLink::UnknownLab(link.lab.to_owned());
                let unknown = SourceError::Import(ImportError::Link(unknown));
                let entry = link.entry().ok_or(unknown)?;
                let mut timeline =
                    Timeline::of_tree(entry, link.settings.clone(), link.tree.clone());
                timeline.select(link.branch).map_err(SourceError::Branch)?;
                timeline.seek(link.at_us).map_err(SourceError::Halted)?;
                Ok(Source { timeline, ended_us: link.at_us })
            }
        }
    }
}

/// A file, standard input, or a scenario that ships.
fn read(file: &str) -> std::io::Result<String> {
    let mut shipped = SCRIPTED.iter().flat_map(|entry| entry.scenarios);
    if let Some(found) = shipped.find(|shipped| shipped.name == file) {
        return Ok(found.text.to_owned());
    }
    // One byte more than allowed is enough to be refused.
    let most = limits::IMPORT_BYTES as u64 + 1;
    let mut text = String::new();
    if file == "-" {
        std::io::stdin().lock().take(most).read_to_string(&mut text)?;
    } else {
        std::fs::File::open(file)?.take(most).read_to_string(&mut text)?;
    }
    Ok(text)
}
