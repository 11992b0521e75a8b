//! `rift render` and `rift export`: a run as a picture, or as a file for another program.

use std::fmt;
use std::process::ExitCode;

use super::source::{Source, SourceError};
use super::words::{BadWords, Words};
use super::{WRONG, say};
use crate::export::{
    Animation, ExportError, Recording, View, animated, figure, jsonl, link, mermaid, script, shiviz,
};
use crate::scene::Window;
use crate::timeline::TreeRefused;

/// Why there is no file.
#[derive(Debug)]
enum NoFile {
    Words(BadWords),
    Source(String, SourceError),
    Export(ExportError),
    Unwritable(String, std::io::Error),
}

impl fmt::Display for NoFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoFile::Words(why) => write!(f, "{why}; `rift help` says what there is"),
            NoFile::Source(what, why) => write!(f, "{what}: {why}"),
            NoFile::Export(why) => why.fmt(f),
            NoFile::Unwritable(file, why) => write!(f, "-o {file}: {why}"),
        }
    }
}

impl From<BadWords> for NoFile {
    fn from(why: BadWords) -> NoFile {
        NoFile::Words(why)
    }
}

impl From<ExportError> for NoFile {
    fn from(why: ExportError) -> NoFile {
        NoFile::Export(why)
    }
}

/// `rift render …`
pub(super) fn render(words: &[&str]) -> ExitCode {
    const OPTIONS: [&str; 8] =
        ["-o", "--view", "--at", "--from", "--to", "--plays", "--width", "--height"];
    finish(Words::parse(words, &OPTIONS).map_err(NoFile::Words), picture)
}

/// `rift export …`
pub(super) fn export(words: &[&str]) -> ExitCode {
    const OPTIONS: [&str; 4] = ["-o", "--as", "--from", "--to"];
    finish(Words::parse(words, &OPTIONS).map_err(NoFile::Words), written)
}

fn finish(
    words: Result<Words<'_>, NoFile>,
    make: fn(&Words<'_>) -> Result<String, NoFile>,
) -> ExitCode {
    let made = words.and_then(|words| {
        let text = make(&words)?;
        match words.get("-o") {
            None | Some("-") => say(&text),
            Some(file) => std::fs::write(file, text)
                .map_err(|why| NoFile::Unwritable(file.to_owned(), why))?,
        }
        Ok(())
    });
    match made {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("rift: {why}");
            ExitCode::from(WRONG)
        }
    }
}

fn open(words: &Words<'_>) -> Result<Source, NoFile> {
    // A link is long, and says nothing by itself.
    let name = match words.source.contains(crate::link::PREFIX) {
        true => "this link",
        false => words.source,
    };
    Source::open(words.source).map_err(|why| NoFile::Source(name.to_owned(), why))
}

/// The views, with what is usual for them: the width, the height, and how much of the run's end is
/// shown, in microseconds.
const VIEWS: [(&str, u32, u32, u64); 5] = [
    ("stage", 860, 456, 0),
    ("space-time", 1_100, 420, 120_000),
    ("logs", 1_100, 330, 0),
    ("timeline", 1_100, 330, u64::MAX),
    ("animated", 860, 540, 600_000),
];

fn picture(words: &Words<'_>) -> Result<String, NoFile> {
    const WANTS: &str = "stage, space-time, logs, timeline or animated";
    let find = |name: &str| VIEWS.iter().find(|view| view.0 == name);
    let view = words.read("--view", WANTS, find)?.unwrap_or(&VIEWS[0]);
    let (name, usual_width, usual_height, usual_us) = *view;
    let (at, from, to) = (words.time("--at")?, words.time("--from")?, words.time("--to")?);
    let plays = words.time("--plays")?;
    let (width, height) = (words.number("--width")?, words.number("--height")?);
    if usual_us == 0 {
        for option in ["--from", "--to"] {
            words.without(option, "this view shows one instant, and --at says which")?;
        }
    }
    match name {
        "animated" => words.without("--at", "--from and --to say what is animated")?,
        _ => words.without("--plays", "only --view animated moves")?,
    }
    if name == "timeline" {
        words.without("--height", "the timeline is as high as its branches need")?;
    }
    let mut source = open(words)?;
    let end_us = to.or(at).unwrap_or(source.ended_us);
    // Until shortly before the first event there is nothing to see.
    let entry = source.timeline.entry();
    let opening_us = (entry.open)(source.timeline.settings()).opening_us();
    let usual_from_us = end_us.saturating_sub(usual_us).max(opening_us.min(end_us / 2));
    let from_us = from.unwrap_or(usual_from_us);
    let size = (width.unwrap_or(usual_width), height.unwrap_or(usual_height));
    if name == "animated" {
        let plays_ms = plays.map(|us| u32::try_from(us / 1_000).unwrap_or(u32::MAX));
        let branch = source.timeline.branch();
        let wanted = Animation { branch, from_us, to_us: end_us, plays_ms, size };
        return Ok(animated(&mut source.timeline, &wanted)?);
    }
    if usual_us > 0 && end_us <= from_us {
        return Err(ExportError::EndsBefore { from_us, to_us: end_us }.into());
    }
    let window = Window::new(from_us, end_us);
    let view = match name {
        "space-time" => View::SpaceTime(window),
        "logs" => View::Logs,
        "timeline" => View::Timeline(window),
        _ => View::Stage,
    };
    let stands_us = at.unwrap_or(end_us);
    let timeline = &mut source.timeline;
    timeline.seek(stands_us).map_err(|_| ExportError::Halted(stands_us))?;
    Ok(figure(timeline, view, size)?)
}

fn written(words: &Words<'_>) -> Result<String, NoFile> {
    const WANTS: &str = "jsonl, shiviz, mermaid, script or link";
    const FORMATS: [&str; 5] = ["jsonl", "shiviz", "mermaid", "script", "link"];
    let find = |name: &str| FORMATS.iter().copied().find(|format| *format == name);
    let format = words.read("--as", WANTS, find)?.ok_or(BadWords::Missing("--as"))?;
    let (from, to) = (words.time("--from")?, words.time("--to")?);
    if format != "mermaid" {
        words.without("--from", "only a diagram can begin in the middle of a run")?;
    }
    let mut source = open(words)?;
    let to_us = to.unwrap_or(source.ended_us);
    let from_us = from.unwrap_or(0);
    let timeline = &mut source.timeline;
    if from.is_some() && to_us <= from_us {
        return Err(ExportError::EndsBefore { from_us, to_us }.into());
    }
    if format == "link" {
        timeline.seek(to_us).map_err(|_| ExportError::Halted(to_us))?;
        return Ok(link(timeline) + "\n");
    }
    let run = timeline.run(timeline.branch());
    let run = run.ok_or(ExportError::Branch(TreeRefused::NoSuchBranch))?;
    if format == "script" {
        return Ok(script(&run, to_us));
    }
    let recording = Recording::of_run(&run, to_us)?;
    Ok(match format {
        "jsonl" => jsonl(&recording),
        "shiviz" => shiviz(&recording),
        _ => mermaid(&recording, Window::new(from_us, to_us)),
    })
}
