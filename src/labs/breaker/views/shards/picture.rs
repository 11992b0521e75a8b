//! Four worlds side by side, a strip for each shard.

use super::super::parts::{bar, begin_svg, line};
use super::ShardsView;
use super::runs::{
    END_US, Fate, Guard, ILL, ILL_US, LOAD, OPEN_US, SECOND_US, SHARDS, Told, WINDOW,
};
use crate::circuit_breaker::{Rate, State};
use crate::scene::plot::Unit;
use crate::scene::svg::Markup;
use crate::scene::{Density, Frame, tenths};

/// A strip's height, and from one to the next.
const STRIP: f32 = 20.0;
const STEP: f32 = 26.0;
/// Where strips begin and end, from the edges.
const LEFT: f32 = 26.0;
const RIGHT: f32 = 44.0;
/// What is above the strips: the breaker; and below them: the time.
const TOP: f32 = 18.0;
const BOTTOM: f32 = 16.0;

/// What a shard is called on the stage: S1 is the caller.
fn name(shard: usize) -> String {
    ["S", &*(shard + 2).to_string()].concat()
}

fn title(guard: Guard) -> &'static str {
    match guard {
        Guard::Nothing => "no breaker",
        Guard::Global => "one breaker for all four",
        Guard::PerShard => "a breaker for each",
        Guard::RetriesOnly => "one, for retries alone",
    }
}

/// All of it.
pub(super) fn drawn(view: &ShardsView, frame: Frame) -> String {
    let mut html = Markup::default();
    html.open("div", &[("class", "cb-view cb-shards")]);
    html.words("p", &[("class", "cb-said")], &said(view));
    html.open("div", &[("class", "cb-panels")]);
    let width = match frame.density() {
        Density::Roomy => (frame.width - 40.0) / 2.0,
        Density::Compact => frame.width - 20.0,
    };
    for guard in Guard::ALL {
        panel(&mut html, view.told(guard), guard, width);
    }
    html.close("div");
    html.words("p", &[("class", "cb-truth")], &truth());
    html.close("div");
    html.text
}

/// The finding.
fn said(view: &ShardsView) -> String {
    let others = |guard| {
        let (asked, served) = view.told(guard)?.served_while_ill(|shard| shard != ILL);
        Some(percent(asked, served))
    };
    let lasts = Unit::Time.words(ILL_US.1 - ILL_US.0);
    let first = format!("Shard {} fails for {lasts}; the other three are well.", name(ILL));
    let Some((global, each)) = others(Guard::Global).zip(others(Guard::PerShard)) else {
        return first;
    };
    let opened = |guard| view.told(guard).is_some_and(|told| !told.moves.is_empty());
    if !opened(Guard::Global) {
        let why = match opened(Guard::PerShard) {
            true => "Those in front of one shard see nothing but failures, and open.",
            false => "Nor do the others.",
        };
        return format!(
            "{first} One breaker in front of all never opens by this rule: three of four calls \
             succeed. {why}"
        );
    }
    format!(
        "{first} With one breaker in front of all they serve {global} of what they are asked \
         meanwhile, with a breaker for each {each}."
    )
}

fn percent(asked: u64, served: u64) -> String {
    let share = Rate::of(served, asked).map(|rate| u64::from(rate.in_millionths()));
    share
        .map_or("–".to_owned(), |share| [&*((share + 5_000) / 10_000).to_string(), " %"].concat())
}

/// One world.
fn panel(html: &mut Markup, told: Option<&Told>, guard: Guard, width: f32) {
    html.open("section", &[("class", "cb-panel")]);
    html.open("h3", &[]);
    html.words("span", &[], title(guard));
    if let Some(told) = told {
        let (asked, served) = told.served_while_ill(|shard| shard != ILL);
        let class = if served * 10 < asked * 9 { "cb-number bad" } else { "cb-number" };
        html.words("b", &[("class", class)], &percent(asked, served));
        let in_vain = Unit::Count.words(told.calls_in_vain);
        let says = format!("of what the well ones are asked is served; {in_vain} calls in vain");
        html.words("small", &[], &says);
    }
    html.close("h3");
    let height = TOP + STEP * SHARDS as f32 + BOTTOM;
    let label = told.map_or(String::new(), |told| in_words(told, guard));
    begin_svg(html, "cb-strips", &label, (width, height));
    let x = |at_us: u64| LEFT + (width - LEFT - RIGHT) * at_us as f32 / END_US as f32;
    let (from, to) = (x(ILL_US.0), x(ILL_US.1));
    bar(html, "plot-shade", (from, TOP - 2.0), (to - from, STEP * SHARDS as f32));
    if let Some(told) = told {
        open_times(html, told, x);
        for (shard, requests) in told.requests.iter().enumerate() {
            let top = TOP + STEP * shard as f32;
            let class = if shard == ILL { "cb-shard ill" } else { "cb-shard" };
            text(html, class, (0.0, top + 15.0), &name(shard));
            strip(html, requests, top, x);
            let (asked, served) = told.served_while_ill(|other| other == shard);
            text(html, "cb-share", (width - RIGHT + 6.0, top + 15.0), &percent(asked, served));
        }
    }
    for at_us in [0, ILL_US.0, ILL_US.1, END_US] {
        let class = if at_us == END_US { "plot-tick y" } else { "plot-tick x" };
        text(html, class, (x(at_us), height - 3.0), &Unit::Time.words(at_us));
    }
    html.close("svg");
    html.close("section");
}

/// Requests of a shard: a whole line for each that was served, a short one for each that failed,
/// a dot for each that was rejected.
fn strip(html: &mut Markup, requests: &[(u64, Fate)], top: f32, x: impl Fn(u64) -> f32) {
    let path = |of: Fate, (from, to): (f32, f32)| {
        let mut path = String::new();
        for (at_us, _) in requests.iter().filter(|(_, fate)| *fate == of) {
            let (from, to) = (tenths(top + from), tenths(top + to));
            path.push_str(&["M", &*tenths(x(*at_us)), " ", &*from, "V", &*to].concat());
        }
        path
    };
    line(html, "cb-fate served", &path(Fate::Served, (0.0, STRIP)));
    line(html, "cb-fate failed", &path(Fate::Failed, (0.0, STRIP * 0.4)));
    line(html, "cb-fate rejected", &path(Fate::Rejected, (STRIP - 3.0, STRIP)));
}

/// When a breaker, whichever, was not closed.
fn open_times(html: &mut Markup, told: &Told, x: impl Fn(u64) -> f32) {
    let mut since = None;
    let end = (END_US, State::Closed);
    let moves = told.moves.iter().map(|(_, moved)| (moved.at_us, moved.to));
    for (at_us, to) in moves.chain([end]) {
        match (to, since) {
            (State::Closed, Some(since_us)) => {
                let (from, to) = (x(since_us), x(at_us));
                bar(html, "cb-open", (from, 4.0), ((to - from).max(1.0), 7.0));
                since = None;
            }
            (State::Closed, None) | (_, Some(_)) => {}
            (_, None) => since = Some(at_us),
        }
    }
    let word = if told.moves.is_empty() { "" } else { "open" };
    text(html, "cb-open-word", (0.0, 11.0), word);
}

fn in_words(told: &Told, guard: Guard) -> String {
    let mut words = title(guard).to_owned();
    words.push_str(&[", served while ", &*name(ILL), " was ill:"].concat());
    for shard in 0..SHARDS {
        let (asked, served) = told.served_while_ill(|other| other == shard);
        words.push_str(&[" ", &*name(shard), " ", &*percent(asked, served), ","].concat());
    }
    words.push_str(&[" ", &*told.calls_in_vain.to_string(), " calls in vain"].concat());
    words
}

fn text(html: &mut Markup, class: &str, (x, y): (f32, f32), words: &str) {
    html.words("text", &[("class", class), ("x", &*tenths(x)), ("y", &*tenths(y))], words);
}

/// What is real here.
fn truth() -> String {
    format!(
        "Worlds of this lab with one caller and four shards that take turns, {LOAD} requests a \
         second. Long green lines are served, short red ones failed, dots were rejected. Rates are \
         of the latest {WINDOW} calls; a breaker stays open for {}. A probe of the one in front of \
         all is likely to find a shard that is well: it closes, and opens again a second later. \
         After Brooker, “Will circuit breakers solve my problems?”",
        Unit::Time.words(OPEN_US / SECOND_US * SECOND_US)
    )
}
