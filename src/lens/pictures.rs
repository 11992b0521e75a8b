//! The pictures that the lens draws: which part of the run each shows, and what is where in it.

use std::cell::RefCell;
use std::rc::Rc;

use super::cursor::{self, Cursor};
use super::curtain::{Curtain, Told};
use crate::labs::{CURTAIN, Explained, LOGS, Pointed, Question, SPACE_TIME, TOGETHER, View};
use crate::scene::log_matrix::{self, LogMatrix, LogWindow};
use crate::scene::space_time::{self, SpaceTime};
use crate::scene::{Density, Frame, Highlight, Point, Spacing, Thing, Window, svg};
use crate::text::lens as text;
use crate::timeline::{BranchId, Deed};

/// So long a part of the run a space-time diagram shows at first, in microseconds: a few round
/// trips.
const SPAN_US: u64 = 150_000;
/// The same where there is little room.
const SHORT_SPAN_US: u64 = 70_000;
/// The part of the width that is left free on both sides of what is to be shown.
const MARGIN_PERMILLE: u64 = 125;

/// The part of the height that the diagram has where the logs are under it.
const DIAGRAM_PART: f32 = 0.55;

/// How the reader looks at the pictures.
#[derive(Default)]
pub(super) struct Pictures {
    /// What part of the run; `None` follows the playhead.
    window: Option<Window>,
    /// How long a part, while it follows.
    span_us: Option<u64>,
    pub(super) spacing: Spacing,
    /// The first column of the logs; `None` is always at their end.
    first_index: Option<u64>,
    /// Pixels of a drag over the logs that have not made a column yet.
    slack: f32,
    pub(super) cursor: Option<Cursor>,
    drawn: Option<Drawn>,
    /// The logs under it, with their distance from the top, if both are shown together.
    below: Option<(f32, LogMatrix, log_matrix::Layout)>,
    /// The lab's own views that were looked at, by their names.
    own: Vec<(String, Box<dyn View>)>,
    /// What was done, for those who look behind the curtain.
    told: Rc<RefCell<Told>>,
}

/// The picture drawn last.
enum Drawn {
    SpaceTime(SpaceTime, space_time::Layout),
    Logs(LogMatrix, log_matrix::Layout),
    /// One of the lab's own, by its place, so wide.
    Own(usize, f32),
}

impl Pictures {
    /// Another run, looked at in the same way.
    pub(super) fn start_over(&mut self) {
        let (span_us, spacing, told) = (self.span_us, self.spacing, Rc::clone(&self.told));
        *self = Pictures { span_us, spacing, told, ..Pictures::default() };
    }

    /// Takes in what was done so far.
    pub(super) fn hear(&self, deeds: &[Deed]) {
        self.told.borrow_mut().hear(deeds);
    }

    /// The branch that is looked at.
    pub(super) fn look_at(&self, branch: BranchId) {
        self.told.borrow_mut().look_at(branch);
    }

    pub(super) fn draw(
        &mut self,
        lab: &dyn Explained,
        view: &str,
        (width, height): (f32, f32),
        lit: &Highlight,
    ) -> String {
        let frame = Frame { width: width.max(160.0), height: height.max(120.0) };
        self.below = None;
        let drawn = if view == TOGETHER.name {
            self.together(lab, frame, lit)
        } else if view == SPACE_TIME.name {
            self.space_time(lab, frame, lit)
        } else if view == LOGS.name {
            self.logs(lab, frame, lit)
        } else {
            self.own(lab, view, frame, lit)
        };
        drawn.unwrap_or_default()
    }

    /// The diagram with the logs under it. Keys and buttons are the diagram's.
    fn together(&mut self, lab: &dyn Explained, frame: Frame, lit: &Highlight) -> Option<String> {
        let top = frame.height * DIAGRAM_PART;
        let logs = self.logs(lab, Frame { height: frame.height - top, ..frame }, lit)?;
        if let Some(Drawn::Logs(matrix, layout)) = self.drawn.take() {
            self.below = Some((top, matrix, layout));
        }
        let diagram = self.space_time(lab, Frame { height: top, ..frame }, lit)?;
        Some(diagram + &logs)
    }

    fn own(
        &mut self,
        lab: &dyn Explained,
        name: &str,
        frame: Frame,
        lit: &Highlight,
    ) -> Option<String> {
        let known = self.own.iter().position(|(other, _)| other == name);
        let place = match known {
            Some(place) => place,
            None => {
                let view = match lab.view(name) {
                    None if name == CURTAIN.name => {
                        Box::new(Curtain::new(Rc::clone(&self.told))) as Box<dyn View>
                    }
                    view => view?,
                };
                self.own.push((name.to_owned(), view));
                self.own.len() - 1
            }
        };
        self.drawn = Some(Drawn::Own(place, frame.width));
        self.own[place].1.space(self.spacing);
        Some(self.own[place].1.draw(lab, frame, lit))
    }

    /// The view drawn last, if it is one of the lab's own.
    fn shown(&self) -> Option<&dyn View> {
        match self.drawn {
            Some(Drawn::Own(place, _)) => self.own.get(place).map(|(_, view)| &**view),
            _ => None,
        }
    }

    pub(super) fn is_finished(&self) -> bool {
        self.shown().is_none_or(|view| view.is_finished())
    }

    pub(super) fn controls(&self) -> String {
        self.shown().map(|view| view.controls()).unwrap_or_default()
    }

    fn space_time(&mut self, lab: &dyn Explained, frame: Frame, lit: &Highlight) -> Option<String> {
        let short = frame.density() == Density::Compact;
        let span_us = self.span_us.unwrap_or(if short { SHORT_SPAN_US } else { SPAN_US });
        let window = self.window.unwrap_or_else(|| Window::following(lab.now_us(), span_us));
        let picture = lab.space_time(window, self.spacing)?;
        let layout = space_time::Layout::new(&picture, frame);
        let svg = svg::whole(
            frame,
            &space_time::svg::base(&picture, &layout),
            &space_time::svg::lit(&picture, &layout, lit),
            &[
                space_time::svg::playhead(&layout, picture.now_us),
                cursor::in_space_time(self.cursor, &picture, &layout),
            ]
            .concat(),
        );
        self.drawn = Some(Drawn::SpaceTime(picture, layout));
        Some(svg)
    }

    fn logs(&mut self, lab: &dyn Explained, frame: Frame, lit: &Highlight) -> Option<String> {
        // How many rows there are is known once there is a matrix; the columns do not depend on it.
        let columns = log_matrix::Layout::new(1, frame).columns();
        let window = match self.first_index {
            Some(first) => LogWindow { first, columns },
            None => LogWindow::at_end(lab.last_log_index(), columns),
        };
        let matrix = lab.log_matrix(window)?;
        let layout = log_matrix::Layout::new(matrix.rows.len(), frame);
        let lit = log_matrix::svg::lit(&matrix, &layout, lit);
        let front = cursor::in_logs(self.cursor, &matrix, &layout);
        let svg = svg::whole(frame, &log_matrix::svg::base(&matrix, &layout), &lit, &front);
        self.drawn = Some(Drawn::Logs(matrix, layout));
        Some(svg)
    }

    pub(super) fn pan(&mut self, dx: f32) {
        match &self.drawn {
            Some(Drawn::SpaceTime(_, layout)) => self.window = Some(layout.axis.panned(dx)),
            Some(Drawn::Logs(matrix, layout)) => {
                self.slack += dx;
                let columns = layout.dragged(self.slack);
                self.slack += columns as f32 * layout.step.0;
                let moved = matrix.window.moved(columns, matrix.last_index);
                let end = LogWindow::at_end(matrix.last_index, moved.columns);
                self.first_index = (moved != end).then_some(moved.first);
            }
            Some(Drawn::Own(place, _)) => self.own[*place].1.pan(dx),
            None => {}
        }
    }

    pub(super) fn zoom(&mut self, x: f32, permille: u32) {
        match &self.drawn {
            Some(Drawn::SpaceTime(_, layout)) => {
                let zoomed = layout.axis.zoomed(x, permille);
                match self.window {
                    Some(_) => self.window = Some(zoomed),
                    None => self.span_us = Some(zoomed.span_us()),
                }
            }
            Some(Drawn::Own(place, _)) => self.own[*place].1.zoom(x, permille),
            Some(Drawn::Logs(..)) | None => {}
        }
    }

    /// As [`Lens::press`](super::Lens::press).
    pub(super) fn press(&mut self, lab: &dyn Explained, what: &str) -> Option<Pointed> {
        let width = match self.drawn.as_ref()? {
            Drawn::SpaceTime(_, layout) => layout.frame.width,
            Drawn::Logs(_, layout) => layout.frame.width,
            Drawn::Own(_, width) => *width,
        };
        match what {
            "earlier" => self.pan(width / 4.0),
            "later" => self.pan(width / -4.0),
            "in" | "+" | "=" => self.zoom(width / 2.0, 1_500),
            "out" | "-" => self.zoom(width / 2.0, 667),
            "spacing" => {
                self.spacing = match self.spacing {
                    Spacing::Time => Spacing::Events,
                    Spacing::Events => Spacing::Time,
                }
            }
            "follow" | "0" | "End" => {
                self.follow();
                self.cursor = None;
            }
            _ => return self.move_cursor(lab, what),
        }
        None
    }

    /// An arrow key, or Enter on what the cursor is on.
    fn move_cursor(&mut self, lab: &dyn Explained, key: &str) -> Option<Pointed> {
        match self.drawn.as_ref()? {
            Drawn::SpaceTime(drawn, layout) => {
                let ahead = match key {
                    "ArrowDown" => Some(true),
                    "ArrowUp" => Some(false),
                    "Enter" => None,
                    _ => {
                        let width = layout.frame.width;
                        self.pan(if key == "ArrowLeft" { width / 8.0 } else { width / -8.0 });
                        return None;
                    }
                };
                let window = drawn.window;
                let (cursor, at_us, found) = cursor::to_thing(lab, drawn, self.cursor, ahead)?;
                self.cursor = Some(cursor);
                if !window.contains(at_us) {
                    self.window = Some(window.showing(at_us));
                }
                Some(found)
            }
            Drawn::Logs(drawn, _) => {
                let (window, last_index) = (drawn.window, drawn.last_index);
                let matrix = |cursor| match cursor {
                    Cursor::Cell(_, index) => lab.log_matrix(window.showing(index)),
                    Cursor::Thing(_) => lab.log_matrix(window),
                };
                let cursor = cursor::to_cell(drawn, self.cursor, key);
                let matrix = matrix(cursor)?;
                if matrix.window != window {
                    let end = LogWindow::at_end(last_index, window.columns);
                    self.first_index = (matrix.window != end).then_some(matrix.window.first);
                }
                self.cursor = Some(cursor);
                match cursor {
                    Cursor::Cell(row, index) => in_cell(&matrix, row, index),
                    Cursor::Thing(_) => None,
                }
            }
            Drawn::Own(place, _) => self.own[*place].1.press(lab, key),
        }
    }

    fn follow(&mut self) {
        if let Some(Drawn::Own(place, _)) = self.drawn {
            return self.own[place].1.follow();
        }
        if let Some(window) = self.window.take() {
            self.span_us = Some(window.span_us());
        }
        self.first_index = None;
    }

    pub(super) fn is_following(&self) -> bool {
        match &self.drawn {
            Some(Drawn::Logs(..)) => self.first_index.is_none(),
            Some(Drawn::Own(place, _)) => self.own[*place].1.is_following(),
            _ => self.window.is_none(),
        }
    }

    /// Moves the diagram to what is lit, from its first record to its last.
    pub(super) fn show(&mut self, lab: &dyn Explained, lit: &Highlight) {
        let things = lit.things.iter().filter_map(|thing| match thing {
            Thing::Message(record) | Thing::Record(record) => Some(*record),
            Thing::Node(_) | Thing::Entry(_) | Thing::Request(_) => None,
        });
        let records = lit.records.iter().copied().chain(things);
        let mut range: Option<(u64, u64)> = None;
        for (at_us, _) in records.filter_map(|record| lab.record(record)) {
            let (first, last) = range.unwrap_or((at_us, at_us));
            range = Some((first.min(at_us), last.max(at_us)));
        }
        if let Some((first, last)) = range {
            // No nearer than a reader would look; if it is too long, its end is there at least.
            let wanted_us = (last - first) * 1_000 / (1_000 - 2 * MARGIN_PERMILLE);
            let span_us = wanted_us.clamp(SPAN_US / 2, SPAN_US * 8);
            let room_us = span_us * MARGIN_PERMILLE / 1_000;
            let from_us = (last + room_us).saturating_sub(span_us);
            self.window = Some(Window::new(from_us, from_us + span_us));
        }
    }

    /// As [`Lens::under`](super::Lens::under).
    pub(super) fn under(&self, x: f32, y: f32) -> Option<Pointed> {
        let at = Point::new(x, y);
        if let Some((top, matrix, layout)) = self.below.as_ref().filter(|(top, ..)| y >= *top) {
            return in_logs(matrix, layout, Point::new(x, y - top));
        }
        match self.drawn.as_ref()? {
            Drawn::SpaceTime(picture, layout) => {
                layout.under(picture, at).map(|thing| pointed(picture, thing))
            }
            Drawn::Logs(matrix, layout) => in_logs(matrix, layout, at),
            Drawn::Own(place, _) => self.own[*place].1.under(at),
        }
    }
}

/// What is at a place of the logs.
fn in_logs(matrix: &LogMatrix, layout: &log_matrix::Layout, at: Point) -> Option<Pointed> {
    let thing = layout.under(matrix, at)?;
    let row = ((at.y - layout.top) / layout.step.1) as usize;
    match thing {
        Thing::Entry(entry) => in_cell(matrix, row, entry.index),
        _ => in_cell(matrix, row, 0),
    }
}

/// What the log in a row has at an index; at index 0, and where there is none, its server.
fn in_cell(matrix: &LogMatrix, row: usize, index: u64) -> Option<Pointed> {
    let row = matrix.rows.get(row)?;
    let Some(cell) = row.cells.iter().find(|cell| cell.name.index == index) else {
        let (thing, words) = (Thing::Node(row.node), row.description.clone());
        return Some(Pointed { thing, question: None, words });
    };
    let words = text::entry(&row.name, index, cell.name.term, &cell.text, cell.committed);
    let question = Some(Question::Entry { node: row.node, index });
    Some(Pointed { thing: Thing::Entry(cell.name), question, words })
}

/// A thing in a diagram, its question and its words.
pub(super) fn pointed(picture: &SpaceTime, thing: Thing) -> Pointed {
    let question = match thing {
        Thing::Record(record) => Some(Question::Record(record)),
        _ => None,
    };
    Pointed { thing, question, words: in_words(picture, thing) }
}

fn in_words(picture: &SpaceTime, thing: Thing) -> String {
    let words = match thing {
        Thing::Message(id) => {
            picture.arrows.iter().find(|arrow| arrow.id == id).map(|arrow| &arrow.description)
        }
        Thing::Record(id) => {
            picture.flags.iter().find(|flag| flag.mark.record == id).map(|flag| &flag.text)
        }
        Thing::Node(node) => picture
            .lifelines
            .iter()
            .find(|line| line.node == node)
            .and_then(|line| line.spans.last().map(|span| &span.description)),
        Thing::Entry(_) | Thing::Request(_) => None,
    };
    words.cloned().unwrap_or_default()
}
