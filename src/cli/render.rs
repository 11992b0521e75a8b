//! `rift render` and `rift export`: a run as a picture, or as a file for another program.

use std::fmt;
use std::process::ExitCode;

use super::source::{Source, SourceError};
use super::words::{BadWords, Words};
use super::{WRONG, say};
use crate::export::ExportError;
use crate::export::usual::{self, FORMATS, Format, UsualView, VIEWS, Wishes};

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

fn picture(words: &Words<'_>) -> Result<String, NoFile> {
    const WANTS: &str = "stage, space-time, logs, timeline or animated";
    let view = words.read("--view", WANTS, UsualView::named)?.unwrap_or(&VIEWS[0]);
    let wishes = Wishes {
        at_us: words.time("--at")?,
        from_us: words.time("--from")?,
        to_us: words.time("--to")?,
        plays_ms: words.time("--plays")?.map(|us| u32::try_from(us / 1_000).unwrap_or(u32::MAX)),
        width: words.number("--width")?,
        height: words.number("--height")?,
    };
    if !view.has_part() {
        for option in ["--from", "--to"] {
            words.without(option, "this view shows one instant, and --at says which")?;
        }
    }
    match view.name {
        "animated" => words.without("--at", "--from and --to say what is animated")?,
        _ => words.without("--plays", "only --view animated moves")?,
    }
    if view.name == "timeline" {
        words.without("--height", "the timeline is as high as its branches need")?;
    }
    let mut source = open(words)?;
    Ok(usual::picture(&mut source.timeline, source.ended_us, view, &wishes)?)
}

fn written(words: &Words<'_>) -> Result<String, NoFile> {
    const WANTS: &str = "jsonl, shiviz, mermaid, script or link";
    let find = |name: &str| FORMATS.iter().find(|format| format.0 == name);
    let (_, format) = words.read("--as", WANTS, find)?.ok_or(BadWords::Missing("--as"))?;
    let (from_us, to_us) = (words.time("--from")?, words.time("--to")?);
    if *format != Format::Mermaid {
        words.without("--from", "only a diagram can begin in the middle of a run")?;
    }
    let mut source = open(words)?;
    let to_us = to_us.unwrap_or(source.ended_us);
    Ok(usual::written(&mut source.timeline, *format, from_us, to_us)?)
}
