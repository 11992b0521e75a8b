//! “Behind the curtain”: what the reader did, as the events that it is kept as, and the branches
//! that they come to. For every lab.

use std::cell::RefCell;
use std::rc::Rc;

use crate::event_store::{Event, EventStore, Read, Replay, state_hash};
use crate::labs::{Lab, Pointed, View};
use crate::scenario::{Act, print_time};
use crate::scene::svg::Markup;
use crate::scene::{Density, Frame, Highlight, Thing};
use crate::sim::NodeId;
use crate::text::{FIRST_BRANCH, lens as text};
use crate::timeline::{BranchId, Branches, Deed, Fork, Tree, append_deeds, stream_name};

/// How high a row is, in pixels; static/lens.css has the same.
const ROW: f32 = 38.0;
/// How much room the branches have where they stand under the events.
const UNDER: f32 = 200.0;
/// So far a pointer is dragged from one event to the next, in pixels.
const STEP: f32 = 24.0;

/// The reader's session as it was told last.
#[derive(Debug, Default)]
pub(super) struct Told {
    store: EventStore<Deed>,
    branch: BranchId,
}

impl Told {
    /// Takes in the log as it is by now. That of another run takes the place of this one.
    pub(super) fn hear(&mut self, deeds: &[Deed]) {
        let is_same = append_deeds(&mut self.store, deeds).is_ok();
        if !is_same || self.store.last_position() != deeds.len() as u64 {
            self.store = EventStore::new();
            // The first deeds of a store are not in anybody's way.
            let _ = append_deeds(&mut self.store, deeds);
        }
    }

    /// The branch that is looked at.
    pub(super) fn look_at(&mut self, branch: BranchId) {
        self.branch = branch;
    }
}

/// The state after some event, replayed from the first one.
struct Replayed {
    /// Of what: the id of the last event tells one log from another.
    of: (u64, Option<u128>),
    tree: Tree,
    hash: u64,
    /// Whether a second replay gave the same.
    again: bool,
}

pub(super) struct Curtain {
    told: Rc<RefCell<Told>>,
    /// The position that is looked at; `None` is always the last.
    at: Option<u64>,
    replayed: Option<Replayed>,
    /// Pixels of a drag that have not made a step yet.
    slack: f32,
    now_us: u64,
}

impl Curtain {
    pub(super) fn new(told: Rc<RefCell<Told>>) -> Curtain {
        Curtain { told, at: None, replayed: None, slack: 0.0, now_us: 0 }
    }

    fn last(&self) -> u64 {
        self.told.borrow().store.last_position()
    }

    fn at(&self) -> u64 {
        self.at.unwrap_or(u64::MAX).min(self.last())
    }

    fn go(&mut self, at: u64) {
        self.at = (at < self.last()).then_some(at);
    }

    fn step(&mut self, events: i64) {
        self.go(self.at().saturating_add_signed(events));
    }

    /// Pictures are drawn many times a second, and a log may be long: it is replayed when another
    /// event is looked at.
    fn replay(&mut self) {
        let (at, told) = (self.at(), self.told.borrow());
        let of = (at, told.store.event(at).map(|event| event.id().0));
        if self.replayed.as_ref().is_some_and(|replayed| replayed.of == of) {
            return;
        }
        let once = || Replay::new(&Branches).all_to(&told.store, at).ok();
        self.replayed = once().map(|folded| {
            let hash = state_hash(&folded.state);
            let again = once().is_some_and(|again| state_hash(&again.state) == hash);
            Replayed { of, tree: folded.state, hash, again }
        });
    }

    fn draw_events(&self, html: &mut Markup, most: u64) {
        let (at, last, told) = (self.at(), self.last(), self.told.borrow());
        let first = at.saturating_sub(most / 2).min((last + 1).saturating_sub(most));
        html.open("ol", &[("class", "ev-rows"), ("aria-label", text::DONE_LIST)]);
        for position in first..=last.min(first + most - 1) {
            let class = if position == at { "ev-row here" } else { "ev-row" };
            let look = ["at=", &position.to_string()].concat();
            let mut named = vec![("class", class), ("data-look", &*look)];
            if position == at {
                named.push(("aria-current", "true"));
            }
            let go = told.store.event(position).and_then(|event| self.goes_to(&told, &event));
            let go = go.map(|at_us| at_us.to_string());
            if let Some(go) = &go {
                named.push(("data-go", go));
            }
            html.open("li", &named);
            html.words("b", &[("class", "ev-number")], &position.to_string());
            html.open("span", &[("class", "ev-what")]);
            match told.store.event(position) {
                Some(event) => {
                    html.words("span", &[], &in_words(event.payload()));
                    html.words("small", &[], &about(&event));
                }
                None => html.words("span", &[], text::NOTHING_DONE),
            }
            html.close("span");
            html.close("li");
        }
        html.close("ol");
    }

    /// The instant of an act on the branch that is shown.
    fn goes_to(&self, told: &Told, event: &Event<'_, Deed>) -> Option<u64> {
        match event.payload() {
            Deed::Acted { branch, action } if *branch == told.branch => {
                (action.at_us != self.now_us).then_some(action.at_us)
            }
            _ => None,
        }
    }

    fn draw_branches(&self, html: &mut Markup) {
        let Some(Replayed { of: (at, _), tree, hash, again }) = &self.replayed else { return };
        let told = self.told.borrow();
        html.open("div", &[("class", "ev-state")]);
        let title = text::first_come_to(*at);
        html.words(
            "p",
            &[("class", "ev-after")],
            if *at == 0 { text::BEFORE_ANYTHING } else { &title },
        );
        html.open("table", &[]);
        html.open("thead", &[]);
        html.open("tr", &[]);
        for head in text::BRANCH_COLUMNS {
            html.words("th", &[("scope", "col")], head);
        }
        html.close("tr");
        html.close("thead");
        html.open("tbody", &[]);
        let row = |html: &mut Markup, cells: [&str; 4], changed: bool| {
            html.open("tr", &[("class", if changed { "ev-changed" } else { "" })]);
            let [name, acts, stream, version] = cells;
            html.words("th", &[("scope", "row")], name);
            html.words("td", &[], acts);
            html.open("td", &[]);
            html.words("code", &[], stream);
            html.close("td");
            html.words("td", &[], version);
            html.close("tr");
        };
        let changed = told.store.event(*at).map(|event| event.payload().stream());
        let version = |of: Option<BranchId>| told.store.version_at_position(&stream_name(of), *at);
        let runs = version(None).to_string();
        row(html, [text::THE_RUN, "", &stream_name(None), &runs], changed == Some(None));
        let ids = (0..).map(BranchId).map_while(|id| Some((id, tree.branch(id)?)));
        for (id, branch) in ids {
            let mut name = branch_name(id);
            if !branch.name.is_empty() {
                name = text::quoted(&branch.name);
            }
            if branch.deleted {
                name.push_str(text::DELETED);
            }
            let acts = branch.actions.len().to_string();
            let cells = [&*name, &*acts, &*stream_name(Some(id)), &*version(Some(id)).to_string()];
            row(html, cells, changed == Some(Some(id)));
        }
        html.close("tbody");
        html.open("tfoot", &[]);
        html.open("tr", &[("class", "ev-foot")]);
        html.words("th", &[("scope", "row"), ("colspan", "2")], text::HASH);
        html.open("td", &[("colspan", "2")]);
        html.words("code", &[], &format!("{:04x}", hash >> 48));
        let (class, mark) = if *again { ("ev-tick", "✓") } else { ("ev-tick bad", "✗") };
        html.words("span", &[("class", class)], mark);
        html.close("td");
        html.close("tr");
        html.close("tfoot");
        html.close("table");
        html.close("div");
    }

    /// What the cursor is on, in words.
    fn pointed(&self) -> Pointed {
        let told = self.told.borrow();
        let event = told.store.event(self.at());
        let words = event.map(|event| [&*in_words(event.payload()), ". ", &about(&event)].concat());
        let words = words.unwrap_or_else(|| text::BEFORE_ANYTHING_DONE.to_owned());
        Pointed { thing: Thing::Node(NodeId(0)), question: None, words }
    }
}

impl View for Curtain {
    fn draw(&mut self, lab: &dyn Lab, frame: Frame, _lit: &Highlight) -> String {
        self.now_us = lab.now_us();
        self.replay();
        let is_narrow = frame.width < 480.0;
        let room = match frame.density() {
            Density::Roomy | Density::Compact if is_narrow => frame.height - UNDER,
            _ => frame.height,
        };
        let mut html = Markup::default();
        let class = if is_narrow { "ev-log narrow" } else { "ev-log" };
        html.open("div", &[("class", class)]);
        self.draw_events(&mut html, ((room / ROW) as u64).max(4));
        self.draw_branches(&mut html);
        html.close("div");
        html.text
    }

    fn controls(&self) -> String {
        let (at, last) = (self.at(), self.last());
        let mut html = Markup::default();
        html.open("div", &[("class", "ev-controls")]);
        html.open(
            "span",
            &[("class", "group wide"), ("role", "group"), ("aria-label", text::EVENT)],
        );
        let look = |look| [("class", "toggle"), ("data-look", look)];
        html.words(
            "button",
            &[&look("back")[..], &[("aria-label", text::EVENT_BACK)]].concat(),
            "←",
        );
        let (most, value) = (last.to_string(), at.to_string());
        html.leaf(
            "input",
            &[
                ("type", "range"),
                ("data-look", "at"),
                ("min", "0"),
                ("max", &most),
                ("value", &value),
                ("aria-label", text::EVENT),
                ("aria-valuetext", &self.pointed().words),
            ],
        );
        html.words("button", &[&look("on")[..], &[("aria-label", text::EVENT_ON)]].concat(), "→");
        html.close("span");
        html.words("p", &[("class", "ev-said")], &said(&self.told.borrow().store));
        html.close("div");
        html.text
    }

    fn press(&mut self, _lab: &dyn Lab, what: &str) -> Option<Pointed> {
        let (name, value) = what.split_once('=').unwrap_or((what, ""));
        match (name, value.parse::<u64>()) {
            ("at", Ok(position)) => self.go(position),
            ("back" | "ArrowUp" | "ArrowLeft", _) => self.step(-1),
            ("on" | "ArrowDown" | "ArrowRight", _) => self.step(1),
            _ => {}
        }
        what.starts_with("Arrow").then(|| self.pointed())
    }

    fn pan(&mut self, dx: f32) {
        self.slack += dx;
        let steps = (self.slack / STEP) as i64;
        self.slack -= steps as f32 * STEP;
        if steps != 0 {
            self.step(steps);
        }
    }

    fn follow(&mut self) {
        self.at = None;
    }

    fn is_following(&self) -> bool {
        self.at.is_none()
    }
}

/// What the page calls a branch that was given no name.
fn branch_name(BranchId(number): BranchId) -> String {
    if number == 0 { FIRST_BRANCH.to_owned() } else { (number + 1).to_string() }
}

fn in_words(deed: &Deed) -> String {
    match deed {
        Deed::Acted { action, .. } => Act::of_command(&action.command).to_string(),
        Deed::Forked(Fork { from, at_us, .. }) => {
            text::branch_left(&branch_name(*from), &print_time(*at_us))
        }
        Deed::Named { name, .. } => text::was_named(name),
        Deed::Deleted(branch) => text::was_deleted(&branch_name(*branch)),
    }
}

fn about(event: &Event<'_, Deed>) -> String {
    let place = text::place_of_event(event.event_type(), event.stream(), event.version());
    match event.payload() {
        Deed::Acted { action, .. } => [&place, " · ", &print_time(action.at_us)].concat(),
        _ => place,
    }
}

fn said(store: &EventStore<Deed>) -> String {
    let events = Read::forwards();
    let count = store.read_all(events).map_or(0, Iterator::count);
    let streams = store.stream_names().count();
    if count == 0 {
        return text::LIST_IS_EMPTY.to_owned();
    }
    text::all_that_is_kept(count, streams)
}
