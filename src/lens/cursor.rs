//! The cursor that keys move through a picture, from one thing in it to the next.

use super::pictures::pointed;
use crate::labs::{Explained, Pointed};
use crate::scene::log_matrix::{self, LogMatrix};
use crate::scene::space_time::{self, SpaceTime};
use crate::scene::svg::Markup;
use crate::scene::{Spacing, Thing, Window, tenths};

/// Where the cursor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cursor {
    /// On a message or a mark of the diagram.
    Thing(Thing),
    /// In the logs: a row, and an index.
    Cell(usize, u64),
}

/// From the cursor to the next thing of a diagram in the order of time, or to the one before; with
/// `None` where it is. The thing, its instant and what it is. Without a cursor it begins at the
/// last thing that is drawn.
pub(super) fn to_thing(
    lab: &dyn Explained,
    drawn: &SpaceTime,
    cursor: Option<Cursor>,
    ahead: Option<bool>,
) -> Option<(Cursor, u64, Pointed)> {
    let at = match cursor {
        Some(Cursor::Thing(thing)) => instant(lab, thing),
        _ => None,
    };
    let Some(at) = at else {
        let last = *things(drawn).last()?;
        return ahead.map(|_| (Cursor::Thing(last.2), last.0, pointed(drawn, last.2)));
    };
    // The neighbour may lie outside of what is drawn.
    let span_us = drawn.window.span_us();
    let around = Window::new(at.saturating_sub(span_us), at + span_us);
    let picture = lab.space_time(around, Spacing::Time)?;
    let things = things(&picture);
    let here = things.iter().position(|(_, _, thing)| cursor == Some(Cursor::Thing(*thing)))?;
    let there = match ahead {
        None => here,
        Some(true) => (here + 1).min(things.len() - 1),
        Some(false) => here.saturating_sub(1),
    };
    let (at_us, _, thing) = things[there];
    Some((Cursor::Thing(thing), at_us, pointed(&picture, thing)))
}

/// Messages by their sending, and marks, in the order in which they happened.
fn things(picture: &SpaceTime) -> Vec<(u64, u32, Thing)> {
    let mut things = Vec::new();
    for arrow in &picture.arrows {
        things.push((arrow.sent_us, arrow.id.0, Thing::Message(arrow.id)));
    }
    for flag in &picture.flags {
        let mark = &flag.mark;
        things.push((mark.at_us, mark.record.0, Thing::Record(mark.record)));
    }
    things.retain(|(at_us, ..)| picture.window.contains(*at_us));
    let sorted: crate::sorted::SortedSet<(u64, u32, Thing)> = things.into_iter().collect();
    sorted.into_vec()
}

fn instant(lab: &dyn Explained, thing: Thing) -> Option<u64> {
    match thing {
        Thing::Message(record) | Thing::Record(record) => Some(lab.record(record)?.0),
        Thing::Node(_) | Thing::Entry(_) | Thing::Request(_) => None,
    }
}

/// From the cursor to a neighbouring cell. Without a cursor it begins at the end of the first log.
pub(super) fn to_cell(matrix: &LogMatrix, cursor: Option<Cursor>, key: &str) -> Cursor {
    let Some(Cursor::Cell(row, index)) = cursor else {
        let last = matrix.rows.first().map_or(0, |row| row.last_index);
        return Cursor::Cell(0, last.min(matrix.window.last()).max(matrix.window.first));
    };
    let last_row = matrix.rows.len().saturating_sub(1);
    match key {
        "ArrowUp" => Cursor::Cell(row.saturating_sub(1), index),
        "ArrowDown" => Cursor::Cell((row + 1).min(last_row), index),
        "ArrowLeft" => Cursor::Cell(row, index.saturating_sub(1).max(1)),
        "ArrowRight" => Cursor::Cell(row, (index + 1).min(matrix.last_index.max(1))),
        _ => Cursor::Cell(row, index),
    }
}

/// A ring around what the cursor is on.
pub(super) fn in_space_time(
    cursor: Option<Cursor>,
    picture: &SpaceTime,
    layout: &space_time::Layout,
) -> String {
    let at = match cursor {
        Some(Cursor::Thing(Thing::Message(id))) => {
            let arrow = picture.arrows.iter().find(|arrow| arrow.id == id);
            arrow.map(|arrow| {
                let (start, end) = layout.line(arrow);
                start.towards(end, 0.5)
            })
        }
        Some(Cursor::Thing(Thing::Record(id))) => {
            let flag = picture.flags.iter().find(|flag| flag.mark.record == id);
            flag.map(|flag| layout.flag(flag))
        }
        _ => None,
    };
    let mut svg = Markup::default();
    if let Some(at) = at {
        let (x, y) = (tenths(at.x), tenths(at.y));
        svg.leaf("circle", &[("class", "view-cursor"), ("cx", &x), ("cy", &y), ("r", "11")]);
    }
    svg.text
}

/// A frame around the cell that the cursor is on.
pub(super) fn in_logs(
    cursor: Option<Cursor>,
    matrix: &LogMatrix,
    layout: &log_matrix::Layout,
) -> String {
    let mut svg = Markup::default();
    if let Some(Cursor::Cell(row, index)) = cursor
        && matrix.window.contains(index)
    {
        let rect = [
            ("class", "view-cursor".to_owned()),
            ("x", tenths(layout.x(matrix.window, index) - 2.0)),
            ("y", tenths(layout.y(row) - 2.0)),
            ("width", tenths(layout.step.0 + 1.0)),
            ("height", tenths(layout.cell_height + 4.0)),
            ("rx", "6".to_owned()),
        ];
        svg.leaf("rect", &rect.each_ref().map(|(name, value)| (*name, value.as_str())));
    }
    svg.text
}
