//! The study as words, plots and a table with the servers in it.

use super::super::words::{Look, begin_table, curve, decimal, halves, paragraph, ruler, time};
use super::worlds::{PATIENCE_US, SYNC_US, WRITES};
use super::{Known, SEEDS, SIZES, Size};
use crate::labs::parts::{begin_svg, line, plots_apart};
use crate::scene::plot::{CurvePlot, Scale, Stroke, Unit};
use crate::scene::svg::Markup;
use crate::scene::{Frame, Tone, tenths};

const HALF_PPM: u32 = 500_000;
const P99_PPM: u32 = 990_000;
/// A curve of shares has so many points.
const STEPS: usize = 48;
/// A server of a table, in pixels.
const CELL: f32 = 16.0;

const LOOKS: [Look; 5] = [
    (Tone::Off, Stroke::Dashed),
    (Tone::Bad, Stroke::Solid),
    (Tone::Eager, Stroke::Dashed),
    (Tone::Calm, Stroke::Dotted),
    (Tone::Chief, Stroke::Solid),
];

/// All of it.
pub(super) fn drawn(study: &Size, frame: Frame) -> String {
    let mut html = Markup::default();
    let known: Vec<Option<Known>> = (0..SIZES.len()).map(|size| study.known(size)).collect();
    paragraph(&mut html, "said", &said(&known));
    let [left, right] = halves(frame);
    let shares = shares(&known);
    let price = price(&known);
    let (within, failures) = (shares.x.scale.ticks(12), price.x.scale.ticks(5));
    plots_apart(&mut html, &[(&shares, left, &within), (&price, right, &failures)]);
    sizes(&mut html, &known);
    let advice = "take the tail away, and more servers are only slower. Make it terrible: now nine \
         servers beat three where it hurts, at the slowest writes, because a leader of nine waits \
         for the quickest four of eight.";
    paragraph(&mut html, "try", advice);
    paragraph(&mut html, "truth", &truth(study));
    html.text
}

fn said(known: &[Option<Known>]) -> String {
    let of = |size: usize| {
        let known = known.get(size)?.as_ref()?;
        Some((time(known.took.at_share(HALF_PPM)), time(known.took.at_share(P99_PPM)), known))
    };
    let (Some((half3, most3, three)), Some((half9, most9, nine))) = (of(1), of(4)) else {
        return "A leader waits for a majority. What do more servers cost, and what do they buy?"
            .to_owned();
    };
    format!(
        "Three servers survive {}, nine survive {}. For that half of the writes take up to {half9} \
         instead of {half3}, and 99 of 100 up to {most9} instead of {most3}.",
        survives(three.survived),
        survives(nine.survived),
    )
}

fn survives((least, most): (u8, u8)) -> String {
    let failures = |count: u8| match count {
        0 => "no failure".to_owned(),
        1 => "1 failure".to_owned(),
        count => format!("{count} failures"),
    };
    if least == most { failures(least) } else { format!("{least} to {}", failures(most)) }
}

/// Which share of the writes is committed within what time.
fn shares(known: &[Option<Known>]) -> CurvePlot {
    let all = || known.iter().flatten();
    let longest = all().filter_map(|known| known.took.at_share(998_000)).max().unwrap_or(100_000);
    let quickest = all().filter_map(|known| known.took.at_share(1_000)).min();
    let scale = Scale::logarithmic(Unit::Time, quickest.unwrap_or(SYNC_US).max(100), longest);
    let points = |known: &Known| {
        let total = known.took.total().max(1);
        let mut points: Vec<(u64, u64)> = Vec::with_capacity(STEPS + 1);
        for step in 0..=STEPS {
            let within_us = scale.value(step as f32 / STEPS as f32);
            if points.last().is_none_or(|(last, _)| *last < within_us) {
                let share = known.took.at_most(within_us) * 1_000_000 / total;
                points.push((within_us, share.min(1_000_000)));
            }
        }
        points
    };
    let curves = known.iter().enumerate().map(|(size, known)| {
        let points = known.as_ref().map(points).unwrap_or_default();
        curve(&servers(SIZES[size]), LOOKS[size], points)
    });
    CurvePlot {
        title: "Which share of the writes is committed within what time, by size".into(),
        x: ruler("within", scale),
        y: ruler("committed", Scale::linear(Unit::Share, 0, 1_000_000)),
        curves: curves.collect(),
        shade: None,
        guide: None,
    }
}

fn servers(count: u8) -> String {
    if count == 1 { "1 server".into() } else { format!("{count} servers") }
}

/// How long writes take against how many failures are survived.
fn price(known: &[Option<Known>]) -> CurvePlot {
    let points = |share: u32| {
        let mut points: Vec<(u64, u64)> = Vec::new();
        for known in known.iter().flatten() {
            let survived = u64::from(known.survived.0);
            // Two sizes that survive the same have one place.
            if points.last().is_none_or(|(last, _)| *last < survived) {
                points.push((survived, known.took.at_share(share).unwrap_or(0)));
            }
        }
        points
    };
    let (half, most) = (points(HALF_PPM), points(P99_PPM));
    let longest = most.iter().map(|(_, us)| *us).max().unwrap_or(10_000);
    CurvePlot {
        title: "What surviving one failure more costs".into(),
        x: ruler("failures survived", Scale::linear(Unit::Count, 0, 4)),
        y: ruler("a write takes", Scale::up_to(Unit::Time, longest)),
        curves: vec![
            curve("99 of 100", (Tone::Bad, Stroke::Dashed), most),
            curve("half", (Tone::Calm, Stroke::Solid), half),
        ],
        shade: None,
        guide: None,
    }
}

/// A row for each size, with the servers that could be crashed.
fn sizes(html: &mut Markup, known: &[Option<Known>]) {
    begin_table(
        html,
        "to-table",
        "What a size buys and costs. Crossed out: servers crashed one by one, \
        in any order, while writes still went through.",
    );
    html.open("thead", &[]);
    html.open("tr", &[]);
    for head in ["size", "survives", "half within", "99 of 100 within", "messages a write"] {
        html.words("th", &[("scope", "col")], head);
    }
    html.close("tr");
    html.close("thead");
    html.open("tbody", &[]);
    for (size, known) in known.iter().enumerate() {
        html.open("tr", &[]);
        html.words("th", &[("scope", "row")], &servers(SIZES[size]));
        html.open("td", &[]);
        match known {
            Some(known) => row_of_servers(html, SIZES[size], known.survived),
            None => html.words("span", &[], "…"),
        }
        html.close("td");
        let cell = |of: &dyn Fn(&Known) -> String| known.as_ref().map_or("…".to_owned(), of);
        let within = |share: u32| cell(&|known| time(known.took.at_share(share)));
        let each = |known: &Known| {
            let writes = known.took.total().max(1);
            decimal(known.messages * 1_000 / writes)
        };
        for words in [within(HALF_PPM), within(P99_PPM), cell(&each)] {
            html.words("td", &[], &words);
        }
        html.close("tr");
    }
    html.close("tbody");
    html.close("table");
    html.close("div");
}

/// Servers as circles, those that may be down crossed out.
fn row_of_servers(html: &mut Markup, count: u8, survived: (u8, u8)) {
    let words = survives(survived);
    begin_svg(html, "to-servers", &words, (CELL * f32::from(SIZES[4]), CELL));
    for place in 0..count {
        let (x, y) = (CELL * (f32::from(place) + 0.5), CELL / 2.0);
        let down = place >= count - survived.0.min(count);
        let class = if down { "to-server down" } else { "to-server" };
        let (cx, cy) = (tenths(x), tenths(y));
        html.leaf("circle", &[("class", class), ("cx", &cx), ("cy", &cy), ("r", "5.5")]);
        if down {
            let path = format!("M{} {}l7 7m0 -7l-7 7", tenths(x - 3.5), tenths(y - 3.5));
            line(html, "to-cross", &path);
        }
    }
    html.close("svg");
    html.words("small", &[], &words);
}

fn truth(study: &Size) -> String {
    let (known, all) = study.cells.progress();
    let first = study.turns * SEEDS as u64 + 1;
    format!(
        "our Raft, {known} of {all} worlds so far, seeds {first} to {}. In each a client makes \
         {WRITES} writes, one at a time, at the leader; then a server drawn by lot is crashed, a \
         write tried for up to {}, and so on until none goes through. Delays are log-normal and \
         independent of each other, which those of real networks are not quite; a sync takes {}.",
        first + SEEDS as u64 - 1,
        Unit::Time.words(PATIENCE_US),
        Unit::Time.words(SYNC_US),
    )
}
