//! Several systems under the same acts, side by side: who serves on which side of a tear, and a
//! strip of what became of what was asked for.

#[cfg(test)]
mod tests;

pub mod svg;

use super::{Axis, Frame, Window};
use crate::sim::NodeId;

/// What is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SideBySide {
    /// The part of the run that the strips show.
    pub window: Window,
    /// The instant that is shown, in microseconds.
    pub now_us: u64,
    /// The width of a bar, in microseconds. Bars begin at whole multiples of it.
    pub slot_us: u64,
    /// A part of the picture for each system.
    pub columns: Vec<Column>,
}

/// A system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What it is called.
    pub name: String,
    /// Its servers, those together that hang together.
    pub groups: Vec<Vec<Member>>,
    /// What became of what was asked for, bar by bar from the one on which the window begins.
    pub bars: Vec<Bar>,
    /// When some live server did not serve, in microseconds.
    pub gaps: Vec<(u64, u64)>,
}

/// A server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Which.
    pub node: NodeId,
    /// What it is called.
    pub name: String,
    /// Whether it runs.
    pub up: bool,
    /// Whether it takes itself for the one that leads.
    pub crown: bool,
    /// How it served what it was asked for last.
    pub sign: Sign,
}

/// How something was served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sign {
    /// Nothing was asked.
    None,
    /// It was answered.
    Answered,
    /// It was refused.
    Refused,
    /// Nobody knows.
    Unknown,
}

impl Sign {
    /// The sign as a letter that needs no colour.
    pub fn letter(self) -> &'static str {
        match self {
            Sign::None => "–",
            Sign::Answered => "✓",
            Sign::Refused => "×",
            Sign::Unknown => "?",
        }
    }
}

/// What became of what was asked for in one slot: so many of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Bar {
    /// Answered.
    pub answered: u32,
    /// Refused.
    pub refused: u32,
    /// Nobody knows.
    pub unknown: u32,
}

/// Where things are, in pixels.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The whole picture.
    pub frame: Frame,
    /// Whether the systems are one under the other.
    pub stacked: bool,
    /// What is left free before the first of those that stand beside each other, for what the
    /// parts are called.
    pub gutter: f32,
    /// How wide a system is.
    pub width: f32,
    /// How high.
    pub height: f32,
    /// Requests in the fullest bar, at least 2: they are as high as a strip.
    pub most: u32,
}

impl Layout {
    /// From a width of so many pixels on systems stand beside each other.
    const BESIDE: f32 = 640.0;
    /// What is left free around a system.
    pub const MARGIN: f32 = 12.0;

    /// The layout of a picture in a frame.
    pub fn new(picture: &SideBySide, frame: Frame) -> Layout {
        let count = picture.columns.len().max(1) as f32;
        let stacked = frame.width < Layout::BESIDE;
        let (gutter, width, height) = match stacked {
            true => (0.0, frame.width, frame.height / count),
            // So that a table with row names below, as wide as the picture but for its margins, has
            // the same columns.
            false => {
                let column = (frame.width - 2.0 * Layout::MARGIN) / (count + 1.0);
                (column + 0.5 * Layout::MARGIN, column, frame.height)
            }
        };
        let bars = picture.columns.iter().flat_map(|column| &column.bars);
        let highest = bars.map(|bar| bar.answered.max(bar.refused + bar.unknown)).max();
        Layout { frame, stacked, gutter, width, height, most: highest.unwrap_or(0).max(2) }
    }

    /// The upper left corner of the system at `place`.
    pub fn corner(&self, place: usize) -> (f32, f32) {
        match self.stacked {
            true => (0.0, place as f32 * self.height),
            false => (self.gutter + place as f32 * self.width, 0.0),
        }
    }

    /// Where instants are in the strip of the system at `place`.
    pub fn axis(&self, picture: &SideBySide, place: usize) -> Axis {
        let left = self.corner(place).0 + Layout::MARGIN;
        Axis::new(picture.window, left, self.width - 2.0 * Layout::MARGIN)
    }

    /// Where the servers of the system are: the middle of each, group by group, with the places of
    /// the tears between the groups.
    pub fn servers(&self, column: &Column) -> (Vec<f32>, Vec<f32>) {
        let count = column.groups.iter().map(Vec::len).sum::<usize>() as f32;
        let tears = column.groups.len().saturating_sub(1) as f32;
        let room = self.width - 2.0 * Layout::MARGIN;
        // A tear takes half as much as a server.
        let step = (room / (count + tears * 0.5).max(1.0)).min(48.0);
        let (mut servers, mut between) = (Vec::new(), Vec::new());
        let mut x = Layout::MARGIN + step * 0.5;
        for (place, group) in column.groups.iter().enumerate() {
            if place > 0 {
                between.push(x - step * 0.25);
                x += step * 0.5;
            }
            for _ in group {
                servers.push(x);
                x += step;
            }
        }
        (servers, between)
    }
}
