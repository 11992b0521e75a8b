//! The trace, and under it a row for each breaker.

use super::super::parts::{bar, begin_svg, count_of, line};
use super::replay::{Deed, Parting, Played};
use super::run::{MOST, Run};
use super::traces::{CHAPTERS, Ends, Trace};
use super::{LibrariesView, Part};
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
    begins_us: u64,
    ends_us: u64,
}

impl Axis {
    fn x(&self, at_us: u64) -> f32 {
        let long = self.ends_us.saturating_sub(self.begins_us).max(1);
        let at = at_us.min(self.ends_us).saturating_sub(self.begins_us);
        3.0 + (self.width - 6.0) * at as f32 / long as f32
    }
}

/// All of it.
pub(super) fn drawn(view: &LibrariesView, frame: Frame) -> String {
    let width = match frame.density() {
        Density::Roomy => frame.width - NAMES - AROUND,
        Density::Compact => frame.width - AROUND,
    };
    let Trace { begins_us, ends_us, .. } = view.trace;
    let axis = Axis { width, begins_us, ends_us };
    let mut html = Markup::default();
    html.open("div", &[("class", "cb-view cb-libraries")]);
    html.words("p", &[("class", "cb-said")], &said(view));
    html.open("table", &[("class", "cb-breakers")]);
    html.words("caption", &[], LEGEND);
    html.open("tbody", &[]);
    html.open("tr", &[("class", "cb-trace")]);
    html.open("th", &[("scope", "row")]);
    html.words("span", &[], "the calls");
    let guessed = view.part == Part::Run && view.run.guessed() > 0;
    let says =
        if guessed { "green well, red failed, pale: guessed" } else { "green well, red failed" };
    html.words("small", &[], says);
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
    let truth = if view.part == Part::Run { TRUTH_OF_RUN } else { TRUTH };
    html.words("p", &[("class", "cb-truth")], truth);
    html.close("div");
    html.text
}

const LEGEND: &str = "Tall: open. Dashed: half-open. A line: closed. Strokes are calls let go, \
    dots were rejected. ▼ Here it does not do what it should.";

const TRUTH: &str = "Behaviours found in libraries in use, named by what they do. All are real \
    machines with the same settings: five failures in a row open, or six of the latest ten; open \
    for 5 s; one probe, with a lease of 3 s. The first is the genuine one; the others decide one \
    edge or several differently, and nothing else.";

const TRUTH_OF_RUN: &str = "Real machines, built from this figure’s settings as they are now, \
    closed and empty at the beginning. Each gets the calls when the figure’s caller made them, and \
    the answers when it had them. What a breaker has rejected was never made: it is taken to go \
    like the nearest call that was.";

/// What the breaker that is looked at does differently, and the moment that is looked at.
fn said(view: &LibrariesView) -> String {
    let preset = &PRESETS[view.row];
    let what = match view.part {
        Part::All => String::new(),
        Part::Chapter(chapter) => [CHAPTERS[chapter].what, " "].concat(),
        Part::Run if view.trace.arrivals.is_empty() => {
            return "This run has no calls yet. Press play, make the service ill for a while, and \
                then well."
                .to_owned();
        }
        Part::Run => of_run(&view.run),
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
        None if view.part == Part::Run => " Nothing in this run gives it away so far.".to_owned(),
        None => " Nothing in this part of the trace gives it away.".to_owned(),
    };
    [&*what, &*name, &*moment].concat()
}

/// Which calls are played.
fn of_run(run: &Run) -> String {
    let calls = run.trace.arrivals.len() as u64;
    let guessed = run.guessed();
    let which = match run.is_cut {
        true => format!("The latest {MOST} calls of this run at most"),
        false => format!("This run so far: {}", count_of(calls, "call")),
    };
    let rejected =
        if guessed > 0 { format!(", {guessed} of them rejected") } else { String::new() };
    format!("{which}{rejected}. ")
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
    let mut free_us = [0; LANES];
    for arrival in &trace.arrivals {
        let ends_us = arrival.at_us.saturating_add(arrival.takes_us);
        let lane = free_us.iter().position(|free| *free <= arrival.at_us).unwrap_or(LANES - 1);
        free_us[lane] = ends_us + 1;
        let class = match (arrival.ends, arrival.is_guessed) {
            (Ends::Well, false) => "cb-call well",
            (Ends::Well, true) => "cb-call well guessed",
            (Ends::Badly, false) => "cb-call badly",
            (Ends::Badly, true) => "cb-call badly guessed",
            (Ends::GivenUp, _) => "cb-call given-up",
            (Ends::Never, _) => "cb-call never",
        };
        let from = axis.x(arrival.at_us);
        let to = axis.x(ends_us);
        let top = LANE * (LANES - 1 - lane) as f32;
        bar(html, class, (from, top), ((to - from).max(2.0), LANE - 1.5));
    }
    ticks(html, axis, height - 1.0);
    html.close("svg");
}

/// The time, at eight places at most.
fn ticks(html: &mut Markup, axis: &Axis, y: f32) {
    const STEPS_S: [u64; 8] = [1, 2, 5, 10, 30, 60, 300, 1_800];
    let long_us = axis.ends_us - axis.begins_us;
    let fits = |step: &&u64| long_us / (**step * 1_000_000) <= 8;
    let step_us = STEPS_S.iter().find(fits).unwrap_or(&STEPS_S[7]) * 1_000_000;
    let y = tenths(y);
    let first = axis.begins_us.div_ceil(step_us);
    for at_us in (first..).map(|step| step * step_us).take_while(|at_us| *at_us <= axis.ends_us) {
        let at = axis.x(at_us);
        let class = match at {
            ..12.0 => "plot-tick",
            _ if at > axis.width - 12.0 => "plot-tick y",
            _ => "plot-tick x",
        };
        let x = tenths(at);
        html.words("text", &[("class", class), ("x", &x), ("y", &y)], &Unit::Time.words(at_us));
    }
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
    let is_own = view.part == Part::Run && view.run.own == Some(number);
    let says = if is_own { [&*says, ", this figure’s"].concat() } else { says };
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
        let x = tenths(axis.x(arrival.at_us));
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
    html.words("th", &[("scope", "col")], "");
    for (place, chapter) in CHAPTERS.iter().enumerate() {
        let look = format!("chapter={place}");
        let class = if view.part == Part::Chapter(place) { "here" } else { "" };
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
