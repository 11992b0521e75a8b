//! A history lane as SVG markup, in layers as the space-time diagram: [`base`] is everything,
//! [`lit`] draws what is lit once more, [`playhead`] is one line, [`cursor`] a frame.

use super::super::field::{self, jagged, width_of};
use super::super::svg::Markup;
use super::super::{Density, Highlight, tenths};
use super::{Bar, BarFate, HistoryLane, LabelPlace, Layout, Place};

/// The whole picture.
pub fn base(picture: &HistoryLane, layout: &Layout) -> String {
    let mut svg = Markup::default();
    hatching(&mut svg);
    field::rulings(&mut svg, &layout.axis, (layout.top, layout.bottom), layout.frame);
    clip(&mut svg, layout);
    let compact = layout.frame.density() == Density::Compact;
    for (place, row) in picture.rows.iter().enumerate() {
        let y = layout.row(place);
        let line =
            format!("M{} {}H{}", tenths(layout.axis.left()), tenths(y), tenths(right(layout)));
        svg.leaf("path", &[("class", "hl-row"), ("d", &line)]);
        let x = tenths(layout.axis.left() - if compact { 8.0 } else { 14.0 });
        svg.words("text", &[("class", "hl-name"), ("x", &x), ("y", &tenths(y + 5.0))], &row.name);
    }
    svg.open("g", &[("class", "st-field"), ("clip-path", "url(#hl-clip)")]);
    tears(&mut svg, picture, layout);
    for (bar, place) in layout.placed(picture) {
        tail(&mut svg, picture, layout, bar, place);
    }
    for (shown, place) in layout.placed(picture) {
        bar(&mut svg, layout, shown, place);
    }
    svg.close("g");
    svg.text
}

/// The operations that break a promise: a line through them, a ring around each, a number.
pub fn witness(picture: &HistoryLane, layout: &Layout) -> String {
    let mut svg = Markup::default();
    let spots = spots(picture, layout);
    svg.open("g", &[("class", "hl-witness")]);
    let mut path = String::new();
    for spot in &spots {
        let step = if path.is_empty() { 'M' } else { 'L' };
        path.push_str(&format!("{step}{} {}", tenths(spot.x), tenths(spot.y)));
    }
    svg.leaf("path", &[("class", "hl-chain"), ("d", &path)]);
    for place in spots.iter().filter_map(|spot| spot.place) {
        let left = place.left.max(layout.axis.left()) - 3.0;
        let right = place.right.min(layout.axis.right()) + 3.0;
        if right > left {
            let (y, height) = (place.y - layout.height / 2.0 - 3.0, layout.height + 6.0);
            rect(&mut svg, "hl-ring", (left, y, right - left, height), "5");
        }
    }
    for (place, spot) in spots.iter().enumerate() {
        let number = (place + 1).to_string();
        let words = [if spot.is_before { "‹" } else { "" }, &number].concat();
        let words = [&*words, if spot.is_after { "›" } else { "" }].concat();
        let half = RADIUS + if spot.is_before || spot.is_after { 2.0 } else { 0.0 };
        let pill = (spot.x - half, spot.y - RADIUS, half * 2.0, RADIUS * 2.0);
        rect(&mut svg, "hl-disc", pill, "8");
        let at = [("class", "hl-number"), ("x", &*tenths(spot.x)), ("y", &tenths(spot.y + 4.0))];
        svg.words("text", &at, &words);
    }
    svg.close("g");
    svg.text
}

/// Half as high as the disc of a number.
const RADIUS: f32 = 8.0;

/// Where the number of an operation stands that breaks a promise.
struct Spot {
    x: f32,
    y: f32,
    /// Where its bar is, if that is drawn.
    place: Option<Place>,
    /// It lies before what is shown.
    is_before: bool,
    /// It lies after what is shown.
    is_after: bool,
}

fn spots(picture: &HistoryLane, layout: &Layout) -> Vec<Spot> {
    let edge = RADIUS + 2.0;
    let (least, most) = (layout.axis.left() + edge, layout.axis.right() - edge);
    let mut spots: Vec<Spot> = Vec::new();
    for witness in &picture.witness {
        let place = layout.find(picture, witness.number).map(|(_, place)| *place);
        let x = place.map_or(layout.axis.x(witness.at_us), |place| place.left);
        let y = place.map_or(layout.row(witness.row), |place| place.y);
        let is_before = x < layout.axis.left();
        let is_after = x > layout.axis.right();
        let y = y - layout.height / 2.0 - 6.0;
        // Those that are out of sight stand one after the other at the edge.
        let beside = |spot: &&Spot| (spot.y - y).abs() < RADIUS && spot.is_before && is_before;
        let beside = spots.iter().filter(beside).count() as f32;
        let x = x.clamp(least, most) + beside * (RADIUS * 2.0 + 6.0);
        spots.push(Spot { x, y, place, is_before, is_after });
    }
    spots
}

/// What is lit, drawn strongly.
pub fn lit(picture: &HistoryLane, layout: &Layout, highlight: &Highlight) -> String {
    let mut svg = Markup::default();
    if highlight.is_empty() {
        return svg.text;
    }
    svg.open("g", &[("class", "st-lit hl-lit"), ("clip-path", "url(#hl-clip)")]);
    for (shown, place) in layout.placed(picture) {
        if shown.is_lit(highlight) {
            tail(&mut svg, picture, layout, shown, place);
            bar(&mut svg, layout, shown, place);
        }
    }
    svg.close("g");
    svg.text
}

/// The playhead, and the field beyond it that has not happened.
pub fn playhead(layout: &Layout, now_us: u64) -> String {
    field::playhead(&layout.axis, (layout.top, layout.bottom), now_us)
}

/// A frame around the bar that the cursor is on.
pub fn cursor(picture: &HistoryLane, layout: &Layout, number: u64) -> String {
    let mut svg = Markup::default();
    if let Some((_, place)) = layout.find(picture, number) {
        let (y, height) = (place.y - layout.height / 2.0 - 5.0, layout.height + 10.0);
        let box_ = (place.left - 5.0, y, place.right - place.left + 10.0, height);
        rect(&mut svg, "view-cursor", box_, "6");
    }
    svg.text
}

fn right(layout: &Layout) -> f32 {
    layout.axis.right() + 7.0
}

fn hatching(svg: &mut Markup) {
    let size = [("id", "hl-hatch"), ("width", "6"), ("height", "6")];
    let units = ("patternUnits", "userSpaceOnUse");
    let turn = ("patternTransform", "rotate(45)");
    svg.open("pattern", &[size[0], size[1], size[2], units, turn]);
    svg.leaf("path", &[("class", "hl-hatch"), ("d", "M1 0V6")]);
    svg.close("pattern");
}

/// What leaves the window is cut off at its edges.
fn clip(svg: &mut Markup, layout: &Layout) {
    svg.open("clipPath", &[("id", "hl-clip")]);
    let left = layout.axis.left() - 4.0;
    let (width, height) = (right(layout) - left, layout.bottom - layout.top + 20.0);
    rect(svg, "", (left, layout.top - 20.0, width, height), "0");
    svg.close("clipPath");
}

fn rect(svg: &mut Markup, class: &str, (x, y, width, height): (f32, f32, f32, f32), rx: &str) {
    let at = [tenths(x), tenths(y), tenths(width), tenths(height)];
    let [x, y, width, height] = at.each_ref().map(String::as_str);
    let rect = [("class", class), ("x", x), ("y", y), ("width", width), ("height", height)];
    svg.leaf("rect", &[rect[0], rect[1], rect[2], rect[3], rect[4], ("rx", rx)]);
}

fn tears(svg: &mut Markup, picture: &HistoryLane, layout: &Layout) {
    for torn in &picture.tears {
        let left = layout.axis.x(torn.from_us).max(layout.axis.left() - 4.0);
        let right = layout.axis.x(torn.to_us).min(right(layout));
        if right < left {
            continue;
        }
        svg.open("g", &[("class", "st-cut")]);
        let height = layout.bottom - layout.top;
        rect(svg, "", (left, layout.top, (right - left).max(1.0), height), "0");
        svg.leaf("path", &[("class", "st-tear"), ("d", &jagged(left, right, layout.top))]);
        if right - left > width_of(&torn.label) + 8.0 {
            let (x, y) = (tenths(left + 6.0), tenths(layout.top - 7.0));
            svg.words("text", &[("class", "st-cut-text"), ("x", &x), ("y", &y)], &torn.label);
        }
        svg.close("g");
    }
}

/// From where nobody knows on, a write may still take effect: a dashed line as far as time went.
fn tail(svg: &mut Markup, picture: &HistoryLane, layout: &Layout, bar: &Bar, place: &Place) {
    if bar.fate != BarFate::Unknown || !bar.writes {
        return;
    }
    let (from, to) = (place.right, layout.axis.x(picture.now_us).min(right(layout)));
    if to > from {
        let y = tenths(place.y + layout.height / 2.0 - 1.0);
        let path = format!("M{} {y}H{}", tenths(from), tenths(to));
        svg.leaf("path", &[("class", "hl-tail"), ("d", &path)]);
    }
}

fn bar(svg: &mut Markup, layout: &Layout, bar: &Bar, place: &Place) {
    let class = match (bar.fate, bar.writes) {
        (BarFate::Open, _) => "hl-bar open",
        (BarFate::Done, true) => "hl-bar done writes",
        (BarFate::Done, false) => "hl-bar done",
        (BarFate::Unknown, _) => "hl-bar unknown",
        (BarFate::Refused, _) => "hl-bar refused",
    };
    svg.open("g", &[("class", class), ("data-request", &bar.number.to_string())]);
    svg.words("title", &[], &bar.description);
    let (left, width) = (place.left, place.right - place.left);
    let (top, bottom) = (place.y - layout.height / 2.0, place.y + layout.height / 2.0);
    match bar.fate {
        BarFate::Done => rect(svg, "hl-body", (left, top, width, layout.height), "3"),
        BarFate::Open => {
            let (x, from, to) = (tenths(place.right), tenths(top), tenths(bottom));
            let path = format!("M{x} {from}H{}V{to}H{x}", tenths(left));
            svg.leaf("path", &[("class", "hl-body"), ("d", &path)]);
        }
        BarFate::Unknown => {
            let outline = open_ended((left, place.right), (top, bottom));
            svg.leaf("path", &[("class", "hl-body"), ("d", &outline)]);
            svg.leaf("path", &[("class", "hl-fill"), ("d", &outline)]);
        }
        BarFate::Refused => {
            rect(svg, "hl-body", (left, place.y - 2.0, width, 4.0), "2");
            let middle = if width < 12.0 { left + width / 2.0 } else { place.right - 4.0 };
            let at = (tenths(middle - 4.0), tenths(place.y - 4.0));
            let cross = format!("M{} {}l8 8m0 -8l-8 8", at.0, at.1);
            svg.leaf("path", &[("class", "hl-cross"), ("d", &cross)]);
        }
    }
    label(svg, layout, bar, place);
    svg.close("g");
}

/// A bar whose right edge is torn.
fn open_ended((left, right): (f32, f32), (top, bottom): (f32, f32)) -> String {
    let tooth = ((right - left) / 3.0).min(4.0);
    let step = (bottom - top) / 4.0;
    let mut path = format!("M{} {}H{}", tenths(right), tenths(top), tenths(left));
    path.push_str(&format!("V{}H{}", tenths(bottom), tenths(right)));
    for turn in 1..=4 {
        let x = if turn % 2 == 0 { right } else { right - tooth };
        path.push_str(&format!("L{} {}", tenths(x), tenths(bottom - turn as f32 * step)));
    }
    path
}

fn label(svg: &mut Markup, layout: &Layout, bar: &Bar, place: &Place) {
    let left = place.left.max(layout.axis.left());
    let (class, x) = match place.label {
        LabelPlace::Inside => ("hl-label", (left + place.right.min(layout.axis.right())) / 2.0),
        LabelPlace::Beside => ("hl-label beside", place.right + 4.0),
        LabelPlace::Nowhere => return,
    };
    let at = [("class", class), ("x", &*tenths(x)), ("y", &*tenths(place.y + 4.0))];
    svg.words("text", &at, &bar.label);
}
