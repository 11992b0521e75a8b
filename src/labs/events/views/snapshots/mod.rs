//! The view "Snapshots": what replays cost and snapshots save, on a long stream that is folded
//! again whenever the slider moves; the law, checked on the reader's own log; and snapshots that
//! are refused.

mod law;
mod long;
mod picture;
#[cfg(test)]
mod tests;

use super::super::EventLab;
use super::super::shop::ShopEvent;
use super::state::{Reading, begins_with, button};
use crate::event_store::EventStore;
use crate::labs::{Lab, Pointed, View};
use crate::scene::svg::Markup;
use crate::scene::{Frame, Highlight};
use law::{Since, Trial, cuts, trial};
use long::{EVENTS, EVERY, Long};

/// So far a pointer is dragged for the whole of the long stream, as a part of the picture's width.
const PART_OF_WIDTH: f32 = 0.9;

/// The version that is looked at first: well after a snapshot.
const AT_FIRST: u64 = 73_412;

/// A stream of the reader's log, and for which of its versions the law holds.
type Row = (String, Vec<bool>);

/// What the view keeps between one drawing and the next.
pub(super) struct SnapshotsView {
    reading: Reading,
    long: Long,
    /// Which version of the long stream is looked at.
    version: u64,
    /// After how many events there is a snapshot, by its place in [`EVERY`].
    every: usize,
    since: Since,
    /// The reader's log, and what was found out about it.
    log: EventStore<ShopEvent>,
    rows: Vec<Row>,
    trial: Option<Trial>,
    /// How wide the picture is, and what of a drag has not made an event yet.
    width: f32,
    slack: f32,
}

impl SnapshotsView {
    pub(super) fn new() -> SnapshotsView {
        SnapshotsView {
            reading: Reading::new(),
            long: Long::new(),
            version: AT_FIRST,
            every: EVERY.len() - 7,
            since: Since::OlderLog,
            log: EventStore::new(),
            rows: Vec::new(),
            trial: None,
            width: 1.0,
            slack: 0.0,
        }
    }

    /// The run has this log by now.
    fn follow(&mut self, log: &EventStore<ShopEvent>) {
        let same = log.last_position() == self.log.last_position();
        if same && begins_with(log, &self.log) {
            return;
        }
        self.log = log.clone();
        let replay = self.reading.replay();
        let streams = log.stream_names();
        self.rows = streams.map(|name| (name.to_owned(), cuts(&replay, log, name))).collect();
        self.trial = trial(log, self.since);
    }

    fn version(&self) -> u64 {
        self.version.min(self.long.version())
    }

    /// A button, a slider, or a key.
    fn choose(&mut self, what: &str) {
        let (name, value) = what.split_once('=').unwrap_or((what, ""));
        let by = (EVERY[self.every] / 2).max(1);
        match (name, value.parse::<u64>()) {
            ("version", Ok(version)) => self.version = version.min(EVENTS),
            ("every", Ok(place)) => self.every = (place as usize).min(EVERY.len() - 1),
            ("since", Ok(place)) => {
                if let Some(since) = Since::ALL.get(place as usize) {
                    self.since = *since;
                    self.trial = trial(&self.log, self.since);
                }
            }
            ("ArrowLeft" | "ArrowDown", _) => self.version = self.version().saturating_sub(by),
            ("ArrowRight" | "ArrowUp", _) => self.version = (self.version() + by).min(EVENTS),
            _ => {}
        }
    }

    fn picture(&mut self, frame: Frame) -> String {
        self.width = frame.width;
        if !self.long.is_whole() {
            self.long.grow();
        }
        let every = EVERY[self.every];
        let looked = self.long.look(self.version(), every);
        let mut html = Markup::default();
        html.open("div", &[("class", "ev-snaps")]);
        if let Some(looked) = &looked {
            picture::long(&mut html, looked, every, frame.width);
        }
        html.open("div", &[("class", "ev-own-log")]);
        picture::law(&mut html, &self.rows);
        if let Some(trial) = &self.trial {
            picture::trial(&mut html, trial);
        }
        html.close("div");
        html.close("div");
        html.text
    }
}

impl View for SnapshotsView {
    fn draw(&mut self, lab: &dyn Lab, frame: Frame, _lit: &Highlight) -> String {
        let Some(lab) = EventLab::of(lab) else { return String::new() };
        self.follow(lab.cluster().log());
        self.picture(frame)
    }

    fn is_finished(&self) -> bool {
        self.long.is_whole()
    }

    fn controls(&self) -> String {
        let mut html = Markup::default();
        html.open("div", &[("class", "ev-controls")]);
        let (version, every) = (self.version().to_string(), self.every.to_string());
        let most = EVENTS.to_string();
        slider(
            &mut html,
            ("version", "As of version"),
            (&most, &version),
            &picture::version(self.version()),
        );
        let stops = (EVERY.len() - 1).to_string();
        let says = picture::every(EVERY[self.every]);
        slider(&mut html, ("every", "A snapshot"), (&stops, &every), &says);
        let label = "What has happened since the snapshot";
        html.open("span", &[("class", "group"), ("role", "group"), ("aria-label", label)]);
        html.words("b", &[], "Since the snapshot");
        for (place, since) in Since::ALL.into_iter().enumerate() {
            let look = ["since=", &place.to_string()].concat();
            button(&mut html, &look, since.name(), Some(since == self.since));
        }
        html.close("span");
        html.close("div");
        html.text
    }

    fn press(&mut self, _lab: &dyn Lab, what: &str) -> Option<Pointed> {
        self.choose(what);
        None
    }

    /// Along the long stream.
    fn pan(&mut self, dx: f32) {
        let pixels = (self.width * PART_OF_WIDTH).max(1.0);
        self.slack += dx * EVENTS as f32 / pixels;
        let events = self.slack as i64;
        self.slack -= events as f32;
        self.version = self.version().saturating_add_signed(events).min(EVENTS);
    }
}

fn slider(html: &mut Markup, (look, label): (&str, &str), (most, value): (&str, &str), says: &str) {
    html.open("label", &[("class", "group wide")]);
    html.words("b", &[], label);
    html.leaf(
        "input",
        &[
            ("type", "range"),
            ("data-look", look),
            ("min", "0"),
            ("max", most),
            ("value", value),
            ("aria-valuetext", says),
        ],
    );
    html.words("output", &[], says);
    html.close("label");
}
