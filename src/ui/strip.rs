//! The painted timeline under the stage, and what belongs to it: the way through time, and the
//! branches.
//!
//! What the strip shows is written straight to the DOM when it has changed; Yew renders the empty
//! groups around it, and the two never fight over one.

use web_sys::{Element, HtmlElement};
use yew::{Html, NodeRef};

use super::controls::{AGAIN, Button};
use super::tree::{Tree, named};
use crate::scene::time_strip::{Layout, Playhead, TimeStrip, svg};
use crate::scene::{Point, Window};
use crate::text;
use crate::timeline::{BranchId, Head, Timeline};

/// The shortest stretch of time that is shown, in microseconds.
const SHORTEST_US: u64 = 400_000;

/// The strip as it was drawn last.
pub(crate) struct Strip {
    /// The element that listens.
    pub(crate) element: NodeRef,
    pub(crate) base: NodeRef,
    pub(crate) heads: NodeRef,
    width: f32,
    shown: TimeStrip,
    layout: Layout,
    /// Where two branches part that are shown side by side.
    pub(crate) parted_us: Option<u64>,
    /// Nothing but the playheads has moved since it was drawn, unless they part elsewhere.
    settled: Option<Option<u64>>,
    drawn: [String; 2],
}

impl Strip {
    pub(crate) fn new() -> Strip {
        let window = Window::new(0, SHORTEST_US);
        let shown = TimeStrip { window, lanes: Vec::new(), playheads: Vec::new() };
        Strip {
            element: NodeRef::default(),
            base: NodeRef::default(),
            heads: NodeRef::default(),
            width: 720.0,
            shown,
            layout: Layout::new(window, 1, 720.0),
            parted_us: None,
            settled: None,
            drawn: Default::default(),
        }
    }

    /// The page may have given it another width.
    pub(crate) fn measure(&mut self) {
        if let Some(element) = self.element.cast::<HtmlElement>() {
            self.width = (element.client_width() as f32).max(200.0);
        }
    }

    /// The space it takes, as a view box.
    pub(crate) fn view_box(&self) -> String {
        format!("0 0 {} {}", self.layout.frame.width as u32, self.layout.frame.height as u32)
    }

    /// Looks at the run anew.
    pub(crate) fn look(&mut self, timeline: &Timeline, beside: Option<&Head>) {
        let window = window(timeline);
        let lanes = timeline.tree().shown().count();
        self.layout = Layout::new(window, lanes, self.width);
        self.shown = timeline.strip(window, self.layout.buckets());
        self.settled = None;
        self.follow(timeline.now_us(), beside);
    }

    /// Only time has gone on.
    pub(crate) fn follow(&mut self, now_us: u64, beside: Option<&Head>) {
        self.shown.playheads.truncate(1);
        if let Some(head) = self.shown.playheads.first_mut() {
            head.at_us = now_us;
        }
        if let Some(head) = beside
            && let Some(lane) = self.shown.lanes.iter().position(|l| l.branch == head.branch().0)
        {
            self.shown.playheads.push(Playhead { lane, at_us: head.lab().now_us() });
        }
    }

    /// Draws what has changed.
    pub(crate) fn draw(&mut self) {
        let heads = svg::playheads(&self.shown, &self.layout);
        write(&self.heads, &mut self.drawn[1], heads);
        let place = self.base.cast::<Element>();
        if place.is_some() && self.settled.replace(self.parted_us) != Some(self.parted_us) {
            let mut base = svg::base(&self.shown, &self.layout);
            base.extend(self.parted_us.map(|at_us| svg::parting(&self.layout, at_us)));
            write(&self.base, &mut self.drawn[0], base);
        }
    }

    /// The branch and the instant that a pointer means; once it has begun on a lane it stays there.
    pub(crate) fn scrubbed(
        &self,
        at: Point,
        lane: Option<usize>,
    ) -> Option<(usize, BranchId, u64)> {
        let y = lane.map_or(at.y, |lane| self.layout.y(lane) + 1.0);
        let (lane, at_us) = self.layout.scrubbed(&self.shown, Point::new(at.x, y));
        Some((lane, BranchId(self.shown.lanes.get(lane)?.branch), at_us))
    }

    /// So many hundredths of what is shown, in microseconds.
    pub(crate) fn hundredths_us(&self, count: u64) -> u64 {
        self.shown.window.span_us() / 100 * count
    }

    /// The branch so many lanes below the present one.
    pub(crate) fn lane_below(&self, step: i32) -> Option<BranchId> {
        let lane = self.shown.playheads.first()?.lane as i32 + step;
        Some(BranchId(self.shown.lanes.get(usize::try_from(lane).ok()?)?.branch))
    }
}

/// Everything that is known, with a little room; in steps, so that the scale seldom changes.
fn window(timeline: &Timeline) -> Window {
    let ends = timeline.tree().shown().map(|(id, _)| timeline.end_us(id));
    let end_us = ends.max().unwrap_or(0).max(timeline.now_us());
    let from_us = timeline.first_us();
    let needed_us = (end_us - from_us) / 16 * 17;
    let mut span_us = SHORTEST_US;
    while span_us < needed_us {
        span_us = if span_us / 2 * 3 >= needed_us { span_us / 2 * 3 } else { span_us * 2 };
    }
    Window::new(from_us, from_us.saturating_add(span_us))
}

fn write(place: &NodeRef, drawn: &mut String, markup: String) {
    if let Some(element) = place.cast::<Element>()
        && *drawn != markup
    {
        element.set_inner_html(&markup);
        *drawn = markup;
    }
}

/// What a branch is called.
pub(crate) fn branch_name(timeline: &Timeline, id: BranchId) -> String {
    let name = timeline.tree().branch(id).map_or("", |branch| branch.name.as_str());
    match (name, id) {
        ("", BranchId::FIRST) => text::FIRST_BRANCH.to_owned(),
        ("", BranchId(number)) => (number + 1).to_string(),
        (name, _) => name.to_owned(),
    }
}

/// What the bar under the strip shows.
pub(crate) struct BarState<'a> {
    pub(crate) playing: bool,
    /// Playing hurries through what is quiet.
    pub(crate) skips: bool,
    /// What is shown side by side with the present branch.
    pub(crate) beside: Option<BranchId>,
    /// The present branch is being named.
    pub(crate) renaming: bool,
    /// The link was copied.
    pub(crate) copied: bool,
    /// The link that could not be copied.
    pub(crate) link: Option<&'a str>,
}

/// The buttons under the strip, and the branches if there are several.
pub(crate) fn bar(timeline: &Timeline, state: &BarState<'_>) -> Html {
    let mut tree = Tree::default();
    let bar = named!["class" = "controls time-bar", "role" = "group", "aria-label" = text::TIME];
    tree.open("div", bar);
    tree.open("div", named!["class" = "control-group transport"]);
    icon("task-before", "M1 2h2v12H1zM6 2h9l-3 3.5 3 3.5H8v5H6z")
        .hint(text::TASK_BEFORE)
        .write(&mut tree);
    icon("before", "M2 2h2v12H2zM14 2v12L9 8zM9 2v12L4 8z").hint(text::BEFORE).write(&mut tree);
    icon("step-back", "M13 2L5 8l8 6zM5 2H2.5v12H5z").hint(text::STEP_BACK).write(&mut tree);
    play_and_step(&mut tree, state.playing);
    icon("after", "M12 2h2v12h-2zM2 2v12l5-6zM7 2v12l5-6z").hint(text::AFTER).write(&mut tree);
    icon("task-after", "M13 2h2v12h-2zM1 2h9L7 5.5 10 9H3v5H1z")
        .hint(text::TASK_AFTER)
        .write(&mut tree);
    tree.close();
    tree.open("div", named!["class" = "control-group"]);
    let live = timeline.is_at_end();
    Button::new("live", text::LIVE).hint(text::LIVE_HINT).off(live).write(&mut tree);
    let undo = Button::new("undo", text::UNDO).hint(text::UNDO_HINT);
    undo.off(!timeline.can_undo()).write(&mut tree);
    let redo = Button::new("redo", text::REDO).hint(text::REDO_HINT);
    redo.off(!timeline.can_redo()).write(&mut tree);
    let skip = Button::new("skip", text::SKIP_QUIET).hint(text::SKIP_QUIET_HINT);
    skip.pressed(state.skips).write(&mut tree);
    let label = if state.copied { text::COPIED } else { text::COPY_LINK };
    Button::new("copy", label).hint(text::COPY_HINT).write(&mut tree);
    share_button(&mut tree);
    tree.words("button", named!["data-look" = "open", "title" = text::OPEN_HINT], text::OPEN);
    tree.close();
    if let Some(link) = state.link {
        tree.open("label", named!["class" = "link-field"]);
        tree.text(text::COPY_BY_HAND);
        tree.open("input", named!["type" = "text", "readonly" = "", "data-link-text" = ""]);
        tree.value(link);
        tree.close();
        tree.close();
    }
    if timeline.first_us() > 0 {
        let gone = text::let_go(timeline.first_us() / 1_000_000);
        tree.words("p", named!["class" = "let-go"], &gone);
    }
    if timeline.tree().shown().count() > 1 {
        branches(&mut tree, timeline, state.beside, state.renaming);
    }
    tree.close();
    tree.html()
}

/// The few buttons that a figure cannot do without.
pub(crate) fn mini_bar(playing: bool) -> Html {
    let mut tree = Tree::default();
    let bar = named!["class" = "controls mini", "role" = "group", "aria-label" = text::TIME];
    tree.open("div", bar);
    play_and_step(&mut tree, playing);
    icon("restart", AGAIN).hint(text::RESTART_HINT).write(&mut tree);
    share_button(&mut tree);
    tree.close();
    tree.html()
}

/// Every figure has it: to take the run into a page of one's own.
pub(crate) fn share_button(tree: &mut Tree) {
    tree.words("button", named!["data-look" = "share", "title" = text::SHARE_HINT], text::SHARE);
}

fn play_and_step(tree: &mut Tree, playing: bool) {
    let (play, play_icon) = match playing {
        true => (text::PAUSE, "M3 2h4v12H3zM9 2h4v12H9z"),
        false => (text::PLAY, "M4 2l10 6-10 6z"),
    };
    Button::new("play", play).icon(play_icon).write(tree);
    icon("step", "M3 2l8 6-8 6zM11 2h2.5v12H11z").hint(text::STEP_HINT).write(tree);
}

fn icon(name: &'static str, path: &'static str) -> Button {
    Button::new(name, "").icon(path)
}

fn branches(tree: &mut Tree, timeline: &Timeline, beside: Option<BranchId>, renaming: bool) {
    let pressed = |on: bool| if on { "true" } else { "false" };
    let bar = named!["class" = "branches", "role" = "group", "aria-label" = text::BRANCHES];
    tree.open("div", bar);
    tree.words("span", named![], text::BRANCHES);
    for (id, branch) in timeline.tree().shown() {
        let (number, name) = (id.0.to_string(), branch_name(timeline, id));
        let current = id == timeline.branch();
        tree.open("span", named!["class" = "branch"]);
        tree.key(&number);
        if current && renaming {
            let field = named![
                "type" = "text",
                "maxlength" = "60",
                // An attribute, so that no rendering takes back what is being typed.
                "value" = branch.name.as_str(),
                "data-name-of" = number.as_str(),
                "aria-label" = text::BRANCH_NAME
            ];
            tree.open("input", field);
            tree.close();
        } else {
            let from = branch.fork.map(|fork| text::forked_at(fork.at_us));
            let select = named![
                "data-branch" = number.as_str(),
                "title" = from.as_deref(),
                "aria-pressed" = pressed(current)
            ];
            tree.words("button", select, &name);
        }
        if current {
            tree.words("button", named!["data-rename" = ""], text::RENAME);
            tree.words("button", named!["data-delete" = number.as_str()], text::DELETE);
        } else {
            let hint = text::beside_hint(&name);
            let compare = named![
                "data-beside" = number.as_str(),
                "title" = hint.as_str(),
                "aria-label" = hint.as_str(),
                "aria-pressed" = pressed(beside == Some(id))
            ];
            tree.words("button", compare, text::BESIDE);
        }
        tree.close();
    }
    tree.close();
}
