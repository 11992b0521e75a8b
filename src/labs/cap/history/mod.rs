//! The view "History": what clients asked for as bars, what the judges make of it, and which
//! operations break what.
//!
//! Nothing is known here that clients could not know: when they called, when they were answered,
//! and what. [`Live`] says of every model since when it is broken; the map of models, the badges of
//! the sessions and the words are made from that.

mod map;
mod picture;
#[cfg(test)]
mod tests;
mod words;

use std::any::Any;

use self::words::Judged;
use super::{CapLab, Cluster};
use crate::check::consistency::{Live, MODELS, Model, Standing};
use crate::labs::{Lab, Pointed, Question, View, ViewButton, ViewEntry};
use crate::scene::history_lane::{HistoryLane, Layout, svg};
use crate::scene::{self, Density, Frame, Highlight, Point, Spacing, Thing, Window};

/// The view as the page knows it.
pub const HISTORY: ViewEntry = ViewEntry {
    name: "history",
    title: "History",
    label: "What clients asked for: a row for each, time to the right, a bar from call to answer. \
        Left and right move it, up and down go from operation to operation, Enter asks about one, \
        plus and minus zoom, zero follows the playhead.",
    hint: crate::labs::view::TAP_AND_DRAG,
    buttons: &[
        ViewButton::Earlier,
        ViewButton::Later,
        ViewButton::Out,
        ViewButton::In,
        ViewButton::Spacing,
        ViewButton::Follow,
    ],
};

/// While it follows, the run is shown from the first operation on, as long as that is no longer
/// part of it than this, in microseconds.
const SPAN_US: u64 = 4_000_000;
/// The same where there is little room.
const SHORT_SPAN_US: u64 = 1_600_000;
/// No shorter part is shown by itself, in microseconds.
const SHORTEST_SPAN_US: u64 = 600_000;
/// How many steps of a search a look at a model may take.
const BUDGET: u64 = 20_000;
/// A look takes as long as the square of the operations is large: so much is done in a drawing.
const WORK: usize = 40_000;
/// The most looks in a drawing.
const MOST_LOOKS: usize = 64;

/// What breaks a promise: that of a model, or the session of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Model(Model),
    /// By its place in [`Watch::breaches`](crate::check::consistency::Watch::breaches).
    Breach(usize),
}

/// What the view keeps between one drawing and the next.
#[derive(Debug)]
pub struct HistoryView {
    live: Live,
    is_finished: bool,
    /// What part of the run; `None` follows the playhead.
    window: Option<Window>,
    /// How long a part, while it follows.
    span_us: Option<u64>,
    spacing: Spacing,
    /// The number of the operation that the keys are on.
    cursor: Option<u64>,
    /// Whose witness is drawn; by itself that of the strongest model that is broken.
    shown: Option<Shown>,
    drawn: Option<(HistoryLane, Layout)>,
    controls: String,
}

impl Default for HistoryView {
    fn default() -> HistoryView {
        HistoryView {
            live: Live::new(BUDGET),
            is_finished: false,
            window: None,
            span_us: None,
            spacing: Spacing::Time,
            cursor: None,
            shown: None,
            drawn: None,
            controls: String::new(),
        }
    }
}

impl HistoryView {
    /// Judges a little, and draws what there is by now.
    fn draw_cluster(&mut self, cluster: &Cluster, frame: Frame, lit: &Highlight) -> String {
        let count = cluster.clients().asked().len().max(1);
        let looks = (WORK / (count * count)).clamp(1, MOST_LOOKS);
        self.is_finished = !(0..looks).all(|_| self.live.work(cluster.watch()));
        let judged = Judged::new(cluster, &self.live, self.shown);
        let window = self.window.unwrap_or_else(|| self.following(cluster, frame));
        let picture = picture::lane(cluster, window, self.spacing, judged.witness());
        let layout = Layout::new(&picture, frame);
        let text = whole(&picture, &layout, lit, self.cursor);
        self.controls = judged.html();
        self.drawn = Some((picture, layout));
        text
    }

    /// The part of the run that is shown while the picture stays with the playhead.
    fn following(&self, cluster: &Cluster, frame: Frame) -> Window {
        let now_us = cluster.world().now_us();
        let first_us = cluster.clients().asked().get(0).map_or(now_us, |asked| asked.at_us);
        let short = frame.density() == Density::Compact;
        let longest_us = if short { SHORT_SPAN_US } else { SPAN_US };
        // With some room before the first; an eighth of it is free after the playhead.
        let all_us = (now_us - first_us) * 5 / 4;
        let by_itself_us = all_us.clamp(SHORTEST_SPAN_US, longest_us);
        Window::following(now_us, self.span_us.unwrap_or(by_itself_us))
    }

    /// Something that is broken, by the name of its button, is shown with its witness in sight.
    fn show(&mut self, cluster: &Cluster, what: &str) {
        let Some((kind, number)) = what.split_once('=') else { return };
        let Ok(number) = number.parse::<usize>() else { return };
        let shown = match kind {
            "model" => MODELS.get(number).map(|model| Shown::Model(*model)),
            "breach" => Some(Shown::Breach(number)),
            _ => None,
        };
        let Some(shown) = shown else { return };
        self.shown = Some(shown);
        let judged = Judged::new(cluster, &self.live, self.shown);
        let asked = cluster.clients().asked();
        let witness = || judged.witness().iter().filter_map(|place| asked.get(*place));
        let first_us = witness().map(|asked| asked.at_us).min();
        let last_us = witness().map(|asked| asked.known_us.unwrap_or(asked.at_us)).max();
        let Some((first_us, last_us)) = first_us.zip(last_us) else { return };
        let span_us = (last_us - first_us) / 4 * 5;
        let room_us = (span_us / 10).max(20_000);
        self.window = Some(Window::new(first_us.saturating_sub(room_us), last_us + room_us));
    }

    /// The cursor goes to the next operation, to the one before, or stays.
    fn move_cursor(&mut self, cluster: &Cluster, step: i64) -> Option<Pointed> {
        let asked = cluster.clients().asked();
        let last = asked.len() as u64;
        let here = self.cursor.filter(|number| *number <= last);
        let there = match here {
            None if step == 0 => return None,
            None => last,
            Some(here) => here.saturating_add_signed(step).clamp(1, last.max(1)),
        };
        let pointed = pointed(cluster, there)?;
        self.cursor = Some(there);
        let at_us = asked.get(there as usize - 1)?.at_us;
        if let Some((picture, _)) = &self.drawn
            && !picture.window.contains(at_us)
        {
            self.window = Some(picture.window.showing(at_us));
        }
        Some(pointed)
    }
}

impl View for HistoryView {
    fn draw(&mut self, lab: &dyn Lab, frame: Frame, lit: &Highlight) -> String {
        let Some(cluster) = cluster_of(lab) else { return String::new() };
        self.draw_cluster(cluster, frame, lit)
    }

    fn is_finished(&self) -> bool {
        self.is_finished
    }

    fn controls(&self) -> String {
        self.controls.clone()
    }

    fn press(&mut self, lab: &dyn Lab, what: &str) -> Option<Pointed> {
        let cluster = cluster_of(lab)?;
        let width = self.drawn.as_ref()?.1.frame.width;
        match what {
            "ArrowDown" => return self.move_cursor(cluster, 1),
            "ArrowUp" => return self.move_cursor(cluster, -1),
            "Enter" => return self.move_cursor(cluster, 0),
            "ArrowLeft" => self.pan(width / 8.0),
            "ArrowRight" => self.pan(width / -8.0),
            _ => self.show(cluster, what),
        }
        None
    }

    fn pan(&mut self, dx: f32) {
        if let Some((_, layout)) = &self.drawn {
            self.window = Some(layout.axis.panned(dx));
        }
    }

    fn zoom(&mut self, x: f32, permille: u32) {
        if let Some((_, layout)) = &self.drawn {
            let zoomed = layout.axis.zoomed(x, permille);
            match self.window {
                Some(_) => self.window = Some(zoomed),
                None => self.span_us = Some(zoomed.span_us()),
            }
        }
    }

    fn space(&mut self, spacing: Spacing) {
        self.spacing = spacing;
    }

    fn follow(&mut self) {
        if let Some(window) = self.window.take() {
            self.span_us = Some(window.span_us());
        }
        self.cursor = None;
    }

    fn is_following(&self) -> bool {
        self.window.is_none()
    }

    fn under(&self, at: Point) -> Option<Pointed> {
        let (picture, layout) = self.drawn.as_ref()?;
        let thing = layout.under(picture, at)?;
        let Thing::Request(number) = thing else { return None };
        let (bar, _) = layout.find(picture, number)?;
        let question = Some(Question::Request(number));
        Some(Pointed { thing, question, words: bar.description.clone() })
    }
}

fn cluster_of(lab: &dyn Lab) -> Option<&Cluster> {
    let lab: &dyn Any = lab;
    lab.downcast_ref::<CapLab>().map(CapLab::cluster)
}

fn pointed(cluster: &Cluster, number: u64) -> Option<Pointed> {
    let asked = cluster.clients().numbered(number)?;
    let (thing, question) = (Thing::Request(number), Some(Question::Request(number)));
    Some(Pointed { thing, question, words: super::systems::in_words(cluster, asked) })
}

/// The place of the model that is shown by itself: the strongest one that is broken.
fn strongest_broken(live: &Live) -> Option<Model> {
    MODELS.into_iter().find(|model| matches!(live.standing(*model), Standing::Broken { .. }))
}

fn whole(picture: &HistoryLane, layout: &Layout, lit: &Highlight, cursor: Option<u64>) -> String {
    let lit = svg::lit(picture, layout, lit);
    let cursor = cursor.map(|number| svg::cursor(picture, layout, number)).unwrap_or_default();
    let playhead = svg::playhead(layout, picture.now_us);
    let front = [playhead, svg::witness(picture, layout), cursor].concat();
    scene::svg::whole(layout.frame, &svg::base(picture, layout), &lit, &front)
}
