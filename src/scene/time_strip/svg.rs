//! A painted timeline as SVG markup: [`base`] is everything but the [`playheads`].

use super::super::svg::Markup;
use super::super::{Density, MarkKind, marks, tenths};
use super::{Lane, Layout, TermBand, TimeStrip};

/// How high the band of terms is; the marks are below it.
const BAND: f32 = 17.0;
/// Where the marks are, from the top of the lane.
const MARKS: f32 = 30.0;

/// Everything that does not move with the playhead.
pub fn base(strip: &TimeStrip, layout: &Layout) -> String {
    let mut svg = Markup::default();
    let bottom = layout.y(layout.lanes.max(1)) - 6.0;
    for (x, words) in layout.axis.rulings(84.0) {
        let path = format!("M{} 4V{}", tenths(x), tenths(bottom));
        svg.leaf("path", &[("class", "ruling"), ("d", &path)]);
        let half = words.chars().count() as f32 * 3.2;
        if x - half >= 0.0 && x + half <= layout.frame.width {
            let (x, y) = (tenths(x), tenths(bottom + 13.0));
            svg.words("text", &[("class", "ruling-text"), ("x", &x), ("y", &y)], &words);
        }
    }
    for (place, shown) in strip.lanes.iter().enumerate() {
        let current = strip.playheads.first().is_some_and(|head| head.lane == place);
        let class = if current { "lane current" } else { "lane" };
        let branch = shown.branch.to_string();
        svg.open("g", &[("class", class), ("data-lane", &branch)]);
        lane(&mut svg, strip, layout, place, shown);
        svg.close("g");
    }
    svg.text
}

/// The playheads, and the ghost of what lies after the reader's on its lane.
pub fn playheads(strip: &TimeStrip, layout: &Layout) -> String {
    let mut svg = Markup::default();
    for (place, head) in strip.playheads.iter().enumerate() {
        let x = layout.axis.x(head.at_us);
        if x < layout.axis.left() - 1.0 || x > layout.axis.right() + 1.0 {
            continue;
        }
        let top = layout.y(head.lane);
        if let Some(lane) = strip.lanes.get(head.lane).filter(|_| place == 0) {
            let width = (layout.axis.x(lane.reach_us).min(layout.axis.right()) - x).max(0.0);
            let rect = [
                ("class", "ghost".to_owned()),
                ("x", tenths(x)),
                ("y", tenths(top - 2.0)),
                ("width", tenths(width)),
                ("height", tenths(Layout::LANE - 4.0)),
            ];
            svg.leaf("rect", &rect.each_ref().map(|(name, value)| (*name, value.as_str())));
        }
        let class = if place == 0 { "playhead" } else { "playhead second" };
        let x = tenths(x);
        let path = format!("M{x} {}V{}", tenths(top - 4.0), tenths(top + Layout::LANE - 8.0));
        svg.leaf("path", &[("class", class), ("d", &path)]);
        let knob = [("class", "knob"), ("cx", x.as_str()), ("cy", &tenths(top - 2.0)), ("r", "5")];
        svg.leaf("circle", &knob);
    }
    svg.text
}

/// Where two branches part that are shown side by side: a line through all lanes.
pub fn parting(layout: &Layout, at_us: u64) -> String {
    let mut svg = Markup::default();
    let x = tenths(layout.axis.x(at_us));
    let path = format!("M{x} 2V{}", tenths(layout.y(layout.lanes.max(1)) - 6.0));
    svg.leaf("path", &[("class", "parting"), ("d", &path)]);
    svg.text
}

fn lane(svg: &mut Markup, strip: &TimeStrip, layout: &Layout, place: usize, lane: &Lane) {
    let top = layout.y(place);
    let end = layout.axis.x(lane.reach_us).min(layout.axis.right());
    let begin_us = lane.fork.map_or(strip.window.from_us, |(_, at_us)| at_us);
    let begin = layout.axis.x(begin_us).max(layout.axis.left());
    if let Some((parent, at_us)) = lane.fork {
        fork(svg, layout, parent, place, layout.axis.x(at_us));
    }
    if strip.lanes.len() > 1 {
        let (x, y) = (tenths(layout.axis.left() - 8.0), tenths(top + 13.0));
        let narrow = layout.frame.density() == Density::Compact;
        let name = match narrow {
            true => (lane.branch + 1).to_string(),
            false => lane.name.chars().take(10).collect(),
        };
        svg.words("text", &[("class", "lane-name"), ("x", &x), ("y", &y)], &name);
    }
    for shown in &lane.content.bands {
        band(svg, layout, shown, top, (begin, end));
    }
    let y = top + MARKS;
    let path = format!("M{} {}H{}", tenths(begin), tenths(y), tenths(end));
    svg.leaf("path", &[("class", "lane-line"), ("d", &path)]);
    for (from_us, to_us) in lane.quiet(&layout.axis) {
        let (from, to) = (layout.axis.x(from_us), layout.axis.x(to_us));
        let path = format!("M{} {}H{}", tenths(from + 10.0), tenths(y), tenths(to - 10.0));
        svg.leaf("path", &[("class", "quiet-line"), ("d", &path)]);
        let (x, y) = (tenths((from + to) / 2.0), tenths(y + 3.5));
        svg.words("text", &[("class", "quiet-text"), ("x", &x), ("y", &y)], "quiet");
    }
    for kind in MarkKind::ALL {
        for mark in lane.content.marks.iter().filter(|mark| mark.kind == kind) {
            let x = layout.axis.x(mark.at_us);
            if x + 0.5 < begin || x > end + 0.5 {
                continue;
            }
            let place = format!("translate({} {}) scale(.8)", tenths(x), tenths(y));
            marks::draw(svg, kind, Some(&place));
        }
    }
}

/// The way from a lane to the one that leaves it.
fn fork(svg: &mut Markup, layout: &Layout, parent: usize, place: usize, x: f32) {
    if x < layout.axis.left() || x > layout.axis.right() {
        return;
    }
    let (from, to) = (layout.y(parent) + MARKS, layout.y(place) + BAND / 2.0);
    let path = format!(
        "M{x} {}V{}Q{x} {to} {} {to}",
        tenths(from),
        tenths(to - 6.0),
        tenths(x + 6.0),
        x = tenths(x),
        to = tenths(to)
    );
    svg.leaf("path", &[("class", "fork"), ("d", &path)]);
}

fn band(svg: &mut Markup, layout: &Layout, band: &TermBand, top: f32, within: (f32, f32)) {
    let left = layout.axis.x(band.from_us).max(within.0);
    let right = layout.axis.x(band.to_us).min(within.1);
    if right <= left {
        return;
    }
    let led = if band.leader.is_some() { "led" } else { "open" };
    let class = format!("term-band {led} term-{}", band.term % 6);
    let record = band.record.0.to_string();
    svg.open("g", &[("class", &class), ("data-record", &record)]);
    let (initial, rest) = band.counts.split_at(1);
    let who = band.leader.as_ref().map_or("no leader", |(_, name)| name.as_str());
    svg.words(
        "title",
        &[],
        &format!("{}{} {}: {who}", initial.to_ascii_uppercase(), rest, band.term),
    );
    let rect = [
        ("x", tenths(left)),
        ("y", tenths(top)),
        ("width", tenths((right - left - 1.0).max(1.0))),
        ("height", tenths(BAND)),
        ("rx", "3".to_owned()),
    ];
    svg.leaf("rect", &rect.each_ref().map(|(name, value)| (*name, value.as_str())));
    let labels = match &band.leader {
        None if band.term == 0 => ["start".to_owned(), String::new()],
        Some((_, name)) => [format!("{} {} · {name}", band.counts, band.term), name.clone()],
        None => [format!("{} {}", band.counts, band.term), band.term.to_string()],
    };
    let width = |text: &String| text.chars().count() as f32 * 6.2 + 6.0;
    let fits = |label: &&String| !label.is_empty() && width(label) <= right - left;
    if let Some(label) = labels.iter().find(fits) {
        let (x, y) = (tenths(left + 4.0), tenths(top + 12.5));
        svg.words("text", &[("class", "term-text"), ("x", &x), ("y", &y)], label);
    }
    svg.close("g");
}
