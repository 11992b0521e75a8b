//! The study as words, plots and a table.

use super::super::words::{Look, curve, decimal, halves, paragraph, ruler, table, time};
use super::worlds::{SERVERS, Told};
use super::{Batch, LOADS, SEEDS, WAYS, Way};
use crate::labs::parts::plots;
use crate::scene::plot::{CurvePlot, Guide, Scale, Stroke, Unit};
use crate::scene::svg::Markup;
use crate::scene::{Frame, Tone};

/// Latencies are drawn from here on, and at least up to there, in microseconds.
const LATENCIES_US: (u64, u64) = (1_000, 200_000);
/// A load is borne if this share of what came is answered, in percent.
const BORNE_PERCENT: u64 = 95;
const P99_PPM: u32 = 990_000;
const HALF_PPM: u32 = 500_000;

fn name(way: Way) -> &'static str {
    match way {
        Way::OneByOne => "one by one",
        Way::Pipelined => "pipelined",
        Way::Batched => "batches",
        Way::Both => "both",
    }
}

fn look(way: Way) -> Look {
    match way {
        Way::OneByOne => (Tone::Bad, Stroke::Solid),
        Way::Pipelined => (Tone::Eager, Stroke::Dashed),
        Way::Batched => (Tone::Calm, Stroke::Dotted),
        Way::Both => (Tone::Chief, Stroke::Solid),
    }
}

/// All of it.
pub(super) fn drawn(study: &Batch, frame: Frame) -> String {
    let mut html = Markup::default();
    paragraph(&mut html, "said", &said(study));
    let shown = [latency(study), goodput(study)];
    let [left, right] = halves(frame);
    plots(&mut html, &[(&shown[0], left), (&shown[1], right)], &LOADS);
    numbers(&mut html, study);
    let advice = "move “Look at” from left to right and watch the number in the system. Then let a \
         message take ten times as long: which of the four ways is hurt least?";
    paragraph(&mut html, "try", advice);
    paragraph(&mut html, "truth", &truth(study));
    html.text
}

/// Up to which load a way answers as much as is asked; and whether it bears all of them.
fn borne(study: &Batch, way: usize) -> Option<(u64, bool)> {
    let bears = |load: &usize| {
        let told = study.told(way, *load);
        told.map(|told| told.took.total() * 100 >= told.asked * BORNE_PERCENT)
    };
    let known = (0..LOADS.len()).filter_map(|load| Some((load, bears(&load)?)));
    let mut last = None;
    for (load, bears) in known {
        match bears {
            true => last = Some(load),
            // An unlucky world with few writes is no limit.
            false if last.is_none() => {}
            false => return Some((LOADS[last?], false)),
        }
    }
    Some((LOADS[last?], true))
}

fn said(study: &Batch) -> String {
    let words = |way: usize| {
        let (load, bears_all) = borne(study, way)?;
        let load = Unit::Count.words(load);
        Some(if bears_all { format!("{load} and more") } else { format!("about {load}") })
    };
    let (Some(one), Some(both)) = (words(0), words(3)) else {
        return "Writes come at random and do not wait for each other. How many can a leader \
                answer?"
            .to_owned();
    };
    format!(
        "One entry a round trip: the leader answers up to {one} writes a second. With batches and \
         several messages under way: {both}. Neither costs a quiet cluster anything. But near its \
         own limit each way has the same knee: all writes wait for each other.",
    )
}

/// How long writes take under each load.
fn latency(study: &Batch) -> CurvePlot {
    let share = if study.shows_p99 { P99_PPM } else { HALF_PPM };
    let (least, most) = LATENCIES_US;
    let points = |way: usize| {
        let of = |load: usize| Some((LOADS[load], study.told(way, load)?.took.at_share(share)?));
        (0..LOADS.len()).filter_map(of).collect::<Vec<_>>()
    };
    let all = (0..WAYS.len()).flat_map(points);
    let longest = all.map(|(_, us)| us).max().unwrap_or(0).max(most);
    let who = if study.shows_p99 { "99 of 100 writes" } else { "half of the writes" };
    let scale = Scale::logarithmic(Unit::Time, least, longest);
    plot(study, format!("Within what time {who} are answered, by load"), who, scale, &points)
}

/// How many writes are answered under each load.
fn goodput(study: &Batch) -> CurvePlot {
    let points = |way: usize| {
        let of = |load: usize| Some((LOADS[load], study.told(way, load)?.goodput().max(1)));
        (0..LOADS.len()).filter_map(of).collect::<Vec<_>>()
    };
    let title = "How many writes are answered, by load".to_owned();
    plot(study, title, "answered a second", loads(), &points)
}

fn loads() -> Scale {
    Scale::logarithmic(Unit::Count, LOADS[0], LOADS[LOADS.len() - 1])
}

fn plot(
    study: &Batch,
    title: String,
    upwards: &str,
    y: Scale,
    points: &dyn Fn(usize) -> Vec<(u64, u64)>,
) -> CurvePlot {
    let curves = WAYS.iter().enumerate().map(|(k, way)| curve(name(*way), look(*way), points(k)));
    CurvePlot {
        title,
        x: ruler("writes asked for, a second", loads()),
        y: ruler(upwards, y),
        curves: curves.collect(),
        shade: None,
        guide: Some(Guide { at: study.load(), words: Unit::Count.words(study.load()) }),
    }
}

/// What was measured under the load that is looked at, and Little's law.
fn numbers(html: &mut Markup, study: &Batch) {
    let load = study.at[super::LOAD];
    let rows = WAYS.iter().enumerate().map(|(k, way)| {
        let told = study.told(k, load);
        [name(*way).to_owned()].into_iter().chain(cells(told.as_ref())).collect()
    });
    let caption = format!("At {} writes a second", Unit::Count.words(study.load()));
    let head = [
        "how it sends",
        "answered a second",
        "half within",
        "99 of 100 within",
        "in the system, L",
        "throughput × stay, λ·W",
        "difference",
        "messages a write",
    ];
    table(html, &caption, &head, &rows.collect::<Vec<Vec<String>>>());
    paragraph(
        html,
        "note",
        "Little’s law says L = λ·W, whatever happens inside. L is counted at every instant; λ and \
         W are measured at the way out. They agree while as many leave as come. A large difference \
         means that the queue only grows: no balance, no law.",
    );
}

fn cells(told: Option<&Told>) -> [String; 7] {
    let Some(told) = told else { return std::array::from_fn(|_| "…".to_owned()) };
    let (counted, foretold) = (told.in_system_milli(), told.foretold_milli());
    let off = (counted.abs_diff(foretold) * 1_000_000).checked_div(counted);
    [
        Unit::Count.words(told.goodput()),
        time(told.took.at_share(HALF_PPM)),
        time(told.took.at_share(P99_PPM)),
        decimal(counted),
        decimal(foretold),
        off.map_or_else(|| "–".to_owned(), |ppm| Unit::Share.words(ppm)),
        told.messages_milli().map_or_else(|| "–".to_owned(), decimal),
    ]
}

fn truth(study: &Batch) -> String {
    let (known, all) = study.cells.progress();
    let first = study.turns * SEEDS as u64 + 1;
    format!(
        "our Raft on {SERVERS} servers, {known} of {all} worlds so far, seeds {first} to {}. Each \
         point is {SEEDS} worlds of about 400 writes, or a second of them. Arrivals are random \
         (Poisson) and reach the leader at once; messages and syncs take what the sliders say, \
         always the same; what computing takes is left out. A leader refuses while 4,096 writes \
         wait.",
        first + SEEDS as u64 - 1,
    )
}
