//! What is usual for a file when nothing else is asked for, in one place: so the page and the
//! command line make the same file of the same run, byte by byte.

use super::{
    Animation, ExportError, Recording, View, animated, figure, jsonl, link, mermaid, script, shiviz,
};
use crate::scene::Window;
use crate::timeline::{Timeline, TreeRefused};

/// A view by its name, with what is usual for it: the width, the height, and how much of the run's
/// end is shown, in microseconds; 0 for a view of one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsualView {
    /// What it is called.
    pub name: &'static str,
    size: (u32, u32),
    shows_us: u64,
}

/// The views.
pub const VIEWS: [UsualView; 5] = [
    UsualView { name: "stage", size: (860, 456), shows_us: 0 },
    UsualView { name: "space-time", size: (1_100, 420), shows_us: 120_000 },
    UsualView { name: "logs", size: (1_100, 330), shows_us: 0 },
    UsualView { name: "timeline", size: (1_100, 330), shows_us: u64::MAX },
    UsualView { name: "animated", size: (860, 540), shows_us: 600_000 },
];

impl UsualView {
    /// The view of this name.
    pub fn named(name: &str) -> Option<&'static UsualView> {
        VIEWS.iter().find(|view| view.name == name)
    }

    /// Whether it shows a part of the run and not one instant.
    pub fn has_part(&self) -> bool {
        self.shows_us > 0
    }

    /// Where the part begins that it shows of a run that ends at `end_us`.
    pub fn from_us(&self, timeline: &Timeline, end_us: u64) -> u64 {
        // Until shortly before the first event there is nothing to see.
        let opening_us = (timeline.entry().open)(timeline.settings()).opening_us();
        end_us.saturating_sub(self.shows_us).max(opening_us.min(end_us / 2))
    }
}

/// What is asked for of a picture; what is not is as usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// The instant, in microseconds since the start of the run.
    pub at_us: Option<u64>,
    /// Where the part begins that is shown.
    pub from_us: Option<u64>,
    /// Where it ends.
    pub to_us: Option<u64>,
    /// How long an animation plays, in milliseconds.
    pub plays_ms: Option<u32>,
    /// In pixels.
    pub width: Option<u32>,
    /// In pixels.
    pub height: Option<u32>,
}

/// A picture of a timeline that was played up to `ended_us`.
///
/// # Errors
///
/// [`ExportError`] if there is no such part of the run, or it does not fit.
pub fn picture(
    timeline: &mut Timeline,
    ended_us: u64,
    view: &UsualView,
    wishes: &Wishes,
) -> Result<String, ExportError> {
    let end_us = wishes.to_us.or(wishes.at_us).unwrap_or(ended_us);
    let from_us = wishes.from_us.unwrap_or_else(|| view.from_us(timeline, end_us));
    let (width, height) = view.size;
    let size = (wishes.width.unwrap_or(width), wishes.height.unwrap_or(height));
    if view.name == "animated" {
        let (branch, plays_ms) = (timeline.branch(), wishes.plays_ms);
        let wanted = Animation { branch, from_us, to_us: end_us, plays_ms, size };
        return animated(timeline, &wanted);
    }
    if view.has_part() && end_us <= from_us {
        return Err(ExportError::EndsBefore { from_us, to_us: end_us });
    }
    let window = Window::new(from_us, end_us);
    let drawn = match view.name {
        "space-time" => View::SpaceTime(window),
        "logs" => View::Logs,
        "timeline" => View::Timeline(window),
        _ => View::Stage,
    };
    let stands_us = wishes.at_us.unwrap_or(end_us);
    timeline.seek(stands_us).map_err(|_| ExportError::Halted(stands_us))?;
    figure(timeline, drawn, size)
}

/// A file for another program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// [`jsonl()`]
    JsonLines,
    /// [`shiviz()`]
    ShiViz,
    /// [`mermaid()`]
    Mermaid,
    /// [`script()`]
    Script,
    /// [`link()`]
    Link,
}

/// The formats by their names.
pub const FORMATS: [(&str, Format); 5] = [
    ("jsonl", Format::JsonLines),
    ("shiviz", Format::ShiViz),
    ("mermaid", Format::Mermaid),
    ("script", Format::Script),
    ("link", Format::Link),
];

/// The branch on which a timeline stands, from one instant to another, in microseconds since the
/// start of the run. Only a diagram can begin in the middle; the rest begins at 0 whatever
/// `from_us` says.
///
/// # Errors
///
/// [`ExportError`] if there is no such part of the run, or it does not fit.
pub fn written(
    timeline: &mut Timeline,
    format: Format,
    from_us: Option<u64>,
    to_us: u64,
) -> Result<String, ExportError> {
    if let Some(from_us) = from_us.filter(|from_us| to_us <= *from_us) {
        return Err(ExportError::EndsBefore { from_us, to_us });
    }
    if format == Format::Link {
        timeline.seek(to_us).map_err(|_| ExportError::Halted(to_us))?;
        return Ok(link(timeline) + "\n");
    }
    let run = timeline.run(timeline.branch());
    let run = run.ok_or(ExportError::Branch(TreeRefused::NoSuchBranch))?;
    if format == Format::Script {
        return Ok(script(&run, to_us));
    }
    let recording = Recording::of_run(&run, to_us)?;
    Ok(match format {
        Format::JsonLines => jsonl(&recording),
        Format::ShiViz => shiviz(&recording),
        _ => mermaid(&recording, Window::new(from_us.unwrap_or(0), to_us)),
    })
}
