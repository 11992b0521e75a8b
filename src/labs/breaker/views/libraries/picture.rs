//! The trace, and under it a row for each breaker.

use super::super::parts::{bar, begin_svg, count_of, line};
use super::LibrariesView;
use super::replay::{Deed, Parting, Played};
use super::traces::{CHAPTERS, Ends, Trace};
use crate::circuit_breaker::{PRESETS, State};
use crate::scene::plot::Unit;
use crate::scene::svg::Markup;
use crate::scene::{Density, Frame, tenths};

/// How high a row's band is, with the flags above it.
const BAND: f32 = 26.0;
const FLAGS: f32 = 8.0;
/// How high calls are that overlap, and how many lanes there are for them.
const LANE: f32 = 6.0;
const LANES: usize = 6;
/// Where names stand beside bands, and how wide they are.
const NAMES: f32 = 172.0;
/// What is around a band on both sides, together.
const AROUND: f32 = 34.0;

/// Where instants are in a band.
struct Axis {
    width: f32,
    ends_us: u64,
}

impl Axis {
    fn x(&self, at_us: u64) -> f32 {
        3.0 + (self.width - 6.0) * at_us.min(self.ends_us) as f32 / self.ends_us.max(1) as f32
    }
}

/// All of it.
pub(super) fn drawn(view: &LibrariesView, frame: Frame) -> String {
    let width = match frame.density() {
        Density::Roomy => frame.width - NAMES - AROUND,
        Density::Compact => frame.width - AROUND,
    };
    let axis = Axis { width, ends_us: view.trace.ends_ms * 1_000 };
    let mut html = Markup::default();
    html.open("div", &[("class", "cb-view cb-libraries")]);
    html.words("p", &[("class", "cb-said")], &said(view));
    html.open("table", &[("class", "cb-breakers")]);
    html.words("caption", &[], LEGEND);
    html.open("tbody", &[]);
    html.open("tr", &[("class", "cb-trace")]);
    html.open("th", &[("scope", "row")]);
    html.words("span", &[], "the calls");
    html.words("small", &[], "green well, red failed");
    html.close("th");
    html.open("td", &[]);
    calls(&mut html, &view.trace, &axis);
    html.close("td");
    html.close("tr");
    for (number, (played, partings)) in view.played.iter().enumerate() {
        breaker(&mut html, view, number, (played, partings), &axis);
    }
    html.close("tbody");
    html.close("table");
    matrix(&mut html, view);
    html.words("p", &[("class", "cb-truth")], TRUTH);
    html.close("div");
    html.text
}

const LEGEND: &str = "Tall: open. Dashed: half-open. A line: closed. Strokes are calls let go, \
    dots were rejected. ▼ Here it does not do what it should.";

const TRUTH: &str = "Behaviours found in libraries in use, named by what they do. All are real \
    machines with the same settings: five failures in a row open, or six of the latest ten; open \
    for 5 s; one probe, with a lease of 3 s. The first is the genuine one; the others decide one \
    edge or several differently, and nothing else.";

/// What the breaker that is looked at does differently, and the moment that is looked at.
fn said(view: &LibrariesView) -> String {
    let preset = &PRESETS[view.row];
    let what = match view.chapter {
        None => String::new(),
        Some(chapter) => [CHAPTERS[chapter].what, " "].concat(),
    };
    let name = ["“", preset.name, "”: ", preset.what].concat();
    let partings = view.played[view.row].1.len();
    let moment = match view.parting() {
        Some(parting) => {
            let at = Unit::Time.words(parting.at_us);
            let number = format!("{} of {partings}", view.parting + 1);
            format!(" At {at} {} ({number}).", deed(parting.deed))
        }
        None if view.row == 0 => " The others are held against it.".to_owned(),
        None => " Nothing in this part of the trace gives it away.".to_owned(),
    };
    [&*what, &*name, &*moment].concat()
}

fn deed(deed: Deed) -> String {
    match deed {
        Deed::LetsGo => "it lets a call go that should be rejected".to_owned(),
        Deed::Rejects => "it rejects a call that should go".to_owned(),
        Deed::Moves(to) => ["it ", moves_to(to), ", and should not"].concat(),
        Deed::Stays(to) => ["it should have ", moved_to(to)].concat(),
    }
}

fn moves_to(state: State) -> &'static str {
    match state {
        State::Closed => "closes",
        State::HalfOpen => "becomes half-open",
        _ => "opens",
    }
}

fn moved_to(state: State) -> &'static str {
    match state {
        State::Closed => "closed",
        State::HalfOpen => "become half-open",
        _ => "opened",
    }
}

fn word(state: State) -> &'static str {
    match state {
        State::Closed => "closed",
        State::HalfOpen => "half-open",
        _ => "open",
    }
}

/// The calls as they would go if all were let go: as long as they take, those that overlap one
/// above the other.
fn calls(html: &mut Markup, trace: &Trace, axis: &Axis) {
    let label = count_of(trace.arrivals.len() as u64, "call");
    let height = LANE * LANES as f32 + 12.0;
    begin_svg(html, "cb-calls", &label, (axis.width, height));
    let mut free_ms = [0; LANES];
    for arrival in &trace.arrivals {
        let ends_ms = arrival.at_ms + arrival.takes_ms;
        let lane = free_ms.iter().position(|free| *free <= arrival.at_ms).unwrap_or(LANES - 1);
        free_ms[lane] = ends_ms + 1;
        let class = match arrival.ends {
            Ends::Well => "cb-call well",
            Ends::Badly => "cb-call badly",
            Ends::GivenUp => "cb-call given-up",
            Ends::Never => "cb-call never",
        };
        let from = axis.x(arrival.at_ms * 1_000);
        let to = axis.x(ends_ms * 1_000);
        let top = LANE * (LANES - 1 - lane) as f32;
        bar(html, class, (from, top), ((to - from).max(2.0), LANE - 1.5));
    }
    let y = tenths(height - 1.0);
    for seconds in 0.. {
        let step = if axis.ends_us > 20_000_000 { 10 } else { 2 };
        let at_us = seconds * step * 1_000_000;
        if at_us > axis.ends_us {
            break;
        }
        let x = tenths(axis.x(at_us));
        let class = if at_us == 0 { "plot-tick" } else { "plot-tick x" };
        html.words("text", &[("class", class), ("x", &x), ("y", &y)], &Unit::Time.words(at_us));
    }
    html.close("svg");
}

/// One breaker: what it was and when, which calls it let go, and flags where it parts.
fn breaker(
    html: &mut Markup,
    view: &LibrariesView,
    number: usize,
    (played, partings): (&Played, &[Parting]),
    axis: &Axis,
) {
    let look = format!("breaker={number}");
    let class = if number == view.row { "here" } else { "" };
    html.open("tr", &[("class", class), ("data-look", &look)]);
    html.open("th", &[("scope", "row")]);
    html.words("span", &[], PRESETS[number].name);
    let first = partings.first().map(|parting| Unit::Time.words(parting.at_us));
    let says = match first {
        Some(at) => ["differs at ", &*at].concat(),
        None if number == 0 => "as it should be".to_owned(),
        None => "the same here".to_owned(),
    };
    html.words("small", &[], &says);
    html.close("th");
    html.open("td", &[]);
    begin_svg(html, "cb-band", &in_words(played, partings), (axis.width, BAND + FLAGS));
    states(html, played, axis);
    verdicts(html, view, number, axis);
    let here = (number == view.row).then_some(view.parting);
    flags(html, partings, here, axis);
    if let Some(parting) = view.parting() {
        let x = tenths(axis.x(parting.at_us));
        line(html, "plot-guide", &["M", &*x, " 0V", &*tenths(BAND + FLAGS)].concat());
    }
    html.close("svg");
    html.close("td");
    html.close("tr");
}

/// Open: a whole bar. Half-open: half of one, dashed. Closed: a line.
fn states(html: &mut Markup, played: &Played, axis: &Axis) {
    let end = [(axis.ends_us, State::Closed)];
    let moves = played.moves.iter().map(|moved| (moved.at_us, moved.to));
    let mut since = (0, State::Closed);
    for (at_us, to) in moves.chain(end) {
        let (from, until) = (axis.x(since.0), axis.x(at_us));
        let (class, high) = match since.1 {
            State::Closed => ("cb-state closed", 2.0),
            State::HalfOpen => ("cb-state half", BAND * 0.5),
            _ => ("cb-state open", BAND - 4.0),
        };
        let top = FLAGS + BAND - high;
        bar(html, class, (from, top), ((until - from).max(1.0), high));
        since = (at_us, to);
    }
}

/// Each call: a stroke if it was let go, a dot if it was rejected; those on which it differs from
/// the genuine one in another colour.
fn verdicts(html: &mut Markup, view: &LibrariesView, number: usize, axis: &Axis) {
    let (own, genuine) = (&view.played[number].0, &view.played[0].0);
    let bottom = FLAGS + BAND;
    let (mut same, mut other) = (String::new(), String::new());
    for (place, arrival) in view.trace.arrivals.iter().enumerate() {
        let (rejected, as_it_should) =
            (own.rejected[place].is_some(), genuine.rejected[place].is_some());
        let path = if rejected == as_it_should { &mut same } else { &mut other };
        let (from, to) = if rejected { (9.0, 6.5) } else { (13.0, 0.0) };
        let x = tenths(axis.x(arrival.at_ms * 1_000));
        let (from, to) = (tenths(bottom - from), tenths(bottom - to));
        path.push_str(&["M", &*x, " ", &*from, "V", &*to].concat());
    }
    line(html, "cb-verdict", &same);
    line(html, "cb-verdict differs", &other);
}

fn flags(html: &mut Markup, partings: &[Parting], here: Option<usize>, axis: &Axis) {
    let mut last = f32::MIN;
    for (number, parting) in partings.iter().enumerate() {
        let x = axis.x(parting.at_us);
        let is_here = here == Some(number);
        // The first always; of others as many as can be told apart.
        if !is_here && x < last + 5.0 {
            continue;
        }
        last = x;
        let class = match (is_here, number) {
            (true, _) => "cb-flag here",
            (false, 0) => "cb-flag first",
            (false, _) => "cb-flag",
        };
        let place = ["translate(", &*tenths(x), " 0)"].concat();
        let flag = [("class", class), ("d", "M-4 0H4L0 7Z"), ("transform", &*place)];
        html.leaf("path", &flag);
    }
}

fn in_words(played: &Played, partings: &[Parting]) -> String {
    let mut words = String::from("closed");
    for moved in &played.moves {
        let at = Unit::Time.words(moved.at_us);
        words.push_str(&[", ", word(moved.to), " from ", &*at].concat());
    }
    let rejected = played.rejected.len() - played.let_go();
    words.push_str(&format!("; {} calls let go, {rejected} rejected", played.let_go()));
    if let Some(parting) = partings.first() {
        let at = Unit::Time.words(parting.at_us);
        words.push_str(&["; at ", &*at, " ", &*deed(parting.deed)].concat());
    }
    words
}

/// Which part of the trace gives which breaker away.
fn matrix(html: &mut Markup, view: &LibrariesView) {
    html.open("table", &[("class", "cb-matrix")]);
    html.words("caption", &[], "Which part of the trace gives it away");
    html.open("thead", &[]);
    html.open("tr", &[]);
    html.words("td", &[], "");
    for (place, chapter) in CHAPTERS.iter().enumerate() {
        let look = format!("chapter={place}");
        let class = if view.chapter == Some(place) { "here" } else { "" };
        let named = [("scope", "col"), ("class", class), ("data-look", &*look)];
        html.words("th", &named, chapter.title);
    }
    html.close("tr");
    html.close("thead");
    html.open("tbody", &[]);
    for (number, preset) in PRESETS.iter().enumerate().skip(1) {
        let class = if number == view.row { "here" } else { "" };
        html.open("tr", &[("class", class), ("data-look", &*format!("breaker={number}"))]);
        html.words("th", &[("scope", "row")], preset.name);
        for given_away in &view.given_away[number] {
            let (class, mark) = if *given_away { ("cb-gives", "⚑") } else { ("", "·") };
            html.words("td", &[("class", class)], mark);
        }
        html.close("tr");
    }
    html.close("tbody");
    html.close("table");
}
