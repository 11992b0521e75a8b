//! The logs of all servers side by side: a row a server, a column an index.
//!
//! Only the columns of a [`LogWindow`] exist, so a log may be of any length. What is here is plain
//! data; [`Layout`] says where it stands and what is under a point; [`svg`] draws it.

pub mod svg;
#[cfg(test)]
mod tests;

use super::{Density, EntryName, Frame, Highlight, Point, Thing, Tone};
use crate::sim::NodeId;

/// Which columns are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LogWindow {
    /// The first index, from 1.
    pub first: u64,
    /// How many columns.
    pub columns: u16,
}

impl LogWindow {
    /// The columns at the end of the longest log, one of them free for what comes next.
    pub fn at_end(last_index: u64, columns: u16) -> LogWindow {
        let columns = columns.max(1);
        let first = (last_index + 2).saturating_sub(u64::from(columns)).max(1);
        LogWindow { first, columns }
    }

    /// Moved by so many columns, no farther than to where it is [at the end](Self::at_end).
    pub fn moved(self, by: i64, last_index: u64) -> LogWindow {
        let last_first = LogWindow::at_end(last_index, self.columns).first;
        let first = self.first.saturating_add_signed(by).clamp(1, last_first.max(1));
        LogWindow { first, ..self }
    }

    /// Moved by as little as it takes to show an index.
    pub fn showing(self, index: u64) -> LogWindow {
        let columns = u64::from(self.columns);
        let lowest_first = (index + 1).saturating_sub(columns).max(1);
        LogWindow { first: self.first.clamp(lowest_first, index.max(lowest_first)), ..self }
    }

    /// The last index.
    pub fn last(self) -> u64 {
        self.first.saturating_add(u64::from(self.columns)) - 1
    }

    /// Whether an index is in it.
    pub fn contains(self, index: u64) -> bool {
        (self.first..=self.last()).contains(&index)
    }
}

/// The logs, as far as a window shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogMatrix {
    /// Which columns.
    pub window: LogWindow,
    /// The last index of the longest log, for a scroll bar.
    pub last_index: u64,
    /// The servers, from top to bottom.
    pub rows: Vec<LogRow>,
    /// The leader of the highest term, if one leads: the arrows are what it knows.
    pub leader: Option<NodeId>,
}

/// The log of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRow {
    /// Whose.
    pub node: NodeId,
    /// Its name.
    pub name: String,
    /// Its role, or that it is down.
    pub word: String,
    /// Its colour.
    pub tone: Tone,
    /// Whether it is out of service.
    pub hatched: bool,
    /// Up to here a snapshot stands for the entries; 0 if there is none.
    pub snapshot_through: u64,
    /// The term of the last entry that the snapshot stands for.
    pub snapshot_term: u64,
    /// The entries in the window, in order.
    pub cells: Vec<LogCell>,
    /// Its last index, in the window or not.
    pub last_index: u64,
    /// Up to here it knows the entries to be committed.
    pub commit_index: u64,
    /// What the leader knows of it, if one leads and it is a follower.
    pub followed: Option<Followed>,
    /// In words.
    pub description: String,
}

/// What a leader knows of a follower.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Followed {
    /// The index of the next entry that the leader will send.
    pub next_index: u64,
    /// Up to here the leader knows its entries to be there.
    pub match_index: u64,
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogCell {
    /// Its place and term.
    pub name: EntryName,
    /// What it holds, a few letters.
    pub text: String,
    /// Whether its server knows it to be committed.
    pub committed: bool,
    /// Whether it would survive a crash; if not, it is only in memory.
    pub durable: bool,
    /// Whether the leader has another entry here. It will have to go, unless leaders change.
    pub conflicts: bool,
}

impl LogMatrix {
    /// Marks the cells that differ from those of the leader. Without one nothing is marked.
    pub fn mark_conflicts(&mut self) {
        let leader = self.rows.iter().find(|row| Some(row.node) == self.leader);
        let Some(terms) = leader.map(|row| row.cells.iter().map(|c| c.name).collect::<Vec<_>>())
        else {
            return;
        };
        for cell in self.rows.iter_mut().flat_map(|row| &mut row.cells) {
            let place = terms.partition_point(|theirs| theirs.index < cell.name.index);
            let theirs = terms.get(place).filter(|theirs| theirs.index == cell.name.index);
            cell.conflicts = theirs.is_some_and(|theirs| theirs.term != cell.name.term);
        }
    }
}

/// Where everything stands in a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layout {
    /// The space it was laid out for.
    pub frame: Frame,
    /// The left edge of the first column.
    pub left: f32,
    /// The top of the first row.
    pub top: f32,
    /// The width of a column, and the height of a row with what is below it.
    pub step: (f32, f32),
    /// The height of a cell.
    pub cell_height: f32,
    rows: usize,
}

impl Layout {
    /// Lays out the logs of so many servers.
    pub fn new(rows: usize, frame: Frame) -> Layout {
        let compact = frame.density() == Density::Compact;
        let (left, width, most) = if compact { (70.0, 39.0, 34.0) } else { (112.0, 56.0, 38.0) };
        let (top, foot) = (24.0, 40.0);
        let row = ((frame.height - top - foot) / rows.max(1) as f32).clamp(30.0, most + 18.0);
        Layout { frame, left, top, step: (width, row), cell_height: (row - 14.0).min(most), rows }
    }

    /// How many columns fit.
    pub fn columns(&self) -> u16 {
        ((self.frame.width - self.left - 6.0) / self.step.0).max(1.0) as u16
    }

    /// The left edge of a column.
    pub fn x(&self, window: LogWindow, index: u64) -> f32 {
        let ahead = index.saturating_sub(window.first) as f32;
        let behind = window.first.saturating_sub(index) as f32;
        self.left + (ahead - behind) * self.step.0
    }

    /// The top of a row.
    pub fn y(&self, row: usize) -> f32 {
        self.top + row as f32 * self.step.1
    }

    /// The bottom of the last row.
    pub fn bottom(&self) -> f32 {
        self.y(self.rows)
    }

    /// By how many columns a drag by `dx` pixels moves the window.
    pub fn dragged(&self, dx: f32) -> i64 {
        (-dx / self.step.0).round() as i64
    }

    /// What is drawn at `at`: an entry, or a server.
    pub fn under(&self, matrix: &LogMatrix, at: Point) -> Option<Thing> {
        if at.y < self.top || at.y >= self.bottom() {
            return None;
        }
        let row = matrix.rows.get(((at.y - self.top) / self.step.1) as usize)?;
        if at.x < self.left {
            return Some(Thing::Node(row.node));
        }
        let index = matrix.window.first + ((at.x - self.left) / self.step.0) as u64;
        let cell = row.cells.iter().find(|cell| cell.name.index == index);
        cell.map(|cell| Thing::Entry(cell.name))
    }
}

/// Whether a cell is lit.
fn is_lit(row: &LogRow, cell: &LogCell, highlight: &Highlight) -> bool {
    highlight.has_entry(cell.name) || highlight.has_node(row.node)
}
