//! Systems side by side as SVG markup. The same as words is in the table under the picture.

use super::super::svg::{Markup, tone_name};
use super::super::{Tone, tenths};
use super::{Bar, Column, Layout, Member, SideBySide, Sign};

/// From the top of a system, to the middle of its servers.
const SERVERS: f32 = 46.0;
/// To the line from which bars go up and down.
const BASE: f32 = 100.0;
/// How high the fullest bar is.
const BAR: f32 = 16.0;
/// To the line of live servers.
const LIVE: f32 = 124.0;
/// The radius of a server.
const RADIUS: f32 = 13.0;

/// The whole picture, without the `<svg>` around it.
pub fn base(picture: &SideBySide, layout: &Layout) -> String {
    let mut svg = Markup::default();
    if !layout.stacked {
        parts(&mut svg);
    }
    for (place, column) in picture.columns.iter().enumerate() {
        svg.open("g", &[("class", "sbs")]);
        system(&mut svg, picture, layout, (place, column));
        svg.close("g");
    }
    svg.text
}

/// What the parts of every system are, beside the first.
fn parts(svg: &mut Markup) {
    let part = |svg: &mut Markup, y: f32, class: &str, words: &str| {
        let (x, y) = (tenths(Layout::MARGIN), tenths(y));
        let class = ["sbs-part ", class].concat();
        svg.words("text", &[("class", &class), ("x", &x), ("y", &y)], words);
    };
    part(svg, SERVERS + 27.0, "", "the last request at each");
    part(svg, BASE - 5.0, "up", "▲ answered");
    part(svg, BASE + 12.0, "down", "▼ refused, or unknown (hollow)");
    part(svg, LIVE + 4.0, "", "every live server answers");
}

fn system(
    svg: &mut Markup,
    picture: &SideBySide,
    layout: &Layout,
    (place, column): (usize, &Column),
) {
    let (left, top) = layout.corner(place);
    let edge = match layout.stacked {
        _ if place == 0 && layout.gutter == 0.0 => String::new(),
        true => format!("M{} {}H{}", tenths(left), tenths(top), tenths(left + layout.width)),
        false => format!("M{} {}V{}", tenths(left), tenths(top), tenths(top + layout.height)),
    };
    svg.leaf("path", &[("class", "sbs-edge"), ("d", &edge)]);
    let (x, y) = (tenths(left + Layout::MARGIN), tenths(top + 18.0));
    svg.words("text", &[("class", "sbs-name"), ("x", &x), ("y", &y)], &column.name);
    let (servers, tears) = layout.servers(column);
    for (member, x) in column.groups.iter().flatten().zip(servers) {
        server(svg, member, left + x, top + SERVERS);
    }
    for x in tears {
        let mut path = format!("M{} {}", tenths(left + x), tenths(top + SERVERS - 24.0));
        for step in 0..6 {
            path += if step % 2 == 0 { "l4 9" } else { "l-4 9" };
        }
        svg.leaf("path", &[("class", "st-tear"), ("d", &path)]);
    }
    strip(svg, picture, layout, (place, column));
}

fn server(svg: &mut Markup, member: &Member, x: f32, y: f32) {
    let tone = match (member.up, member.crown) {
        (false, _) => Tone::Off,
        (true, true) => Tone::Chief,
        (true, false) => Tone::Calm,
    };
    let place = format!("translate({} {})", tenths(x), tenths(y));
    let class = if member.up { "sbs-server" } else { "sbs-server down" };
    let tone = ("data-tone", tone_name(tone));
    svg.open("g", &[("class", class), tone, ("transform", &place)]);
    svg.leaf("circle", &[("class", "sbs-body"), ("r", &tenths(RADIUS))]);
    if member.crown {
        let path = "M-8 -15L-9.5 -22L-4.5 -18.5L0 -24L4.5 -18.5L9.5 -22L8 -15Z";
        svg.leaf("path", &[("class", "crown"), ("d", path)]);
    }
    svg.words("text", &[("class", "sbs-id"), ("y", "4")], &member.name);
    let (class, letter) = match member.sign {
        _ if !member.up => ("sbs-sign", "down"),
        Sign::Refused => ("sbs-sign bad", member.sign.letter()),
        Sign::None | Sign::Answered | Sign::Unknown => ("sbs-sign", member.sign.letter()),
    };
    svg.words("text", &[("class", class), ("y", "27")], letter);
    svg.close("g");
}

fn strip(
    svg: &mut Markup,
    picture: &SideBySide,
    layout: &Layout,
    (place, column): (usize, &Column),
) {
    let axis = layout.axis(picture, place);
    let top = layout.corner(place).1;
    let (base, unit) = (top + BASE, BAR / layout.most as f32);
    let first_us = picture.window.from_us / picture.slot_us * picture.slot_us;
    let (mut up, mut refused, mut unknown) = (String::new(), String::new(), String::new());
    for (nth, bar) in column.bars.iter().enumerate() {
        let from_us = first_us + nth as u64 * picture.slot_us;
        let left = axis.x(from_us).max(axis.left());
        let right = (axis.x(from_us + picture.slot_us) - 0.5).min(axis.right());
        let Bar { answered, refused: no, unknown: open } = *bar;
        let rect = |path: &mut String, from: f32, count: u32| {
            if count > 0 && right > left {
                let (width, height) = (tenths(right - left), tenths(count as f32 * unit));
                let at = [tenths(left), tenths(from)];
                *path += &format!("M{} {}h{width}v{height}h-{width}Z", at[0], at[1]);
            }
        };
        rect(&mut up, base - 1.0 - answered as f32 * unit, answered);
        rect(&mut refused, base + 1.0, no);
        rect(&mut unknown, base + 1.0 + no as f32 * unit, open);
    }
    let rule = format!("M{} {}H{}", tenths(axis.left()), tenths(base), tenths(axis.right()));
    svg.leaf("path", &[("class", "lane-line"), ("d", &rule)]);
    for (class, path) in [("sbs-yes", up), ("sbs-no", refused), ("sbs-unknown", unknown)] {
        svg.leaf("path", &[("class", class), ("d", &path)]);
    }
    let end = axis.x(picture.now_us).clamp(axis.left(), axis.right());
    let y = tenths(top + LIVE);
    let live = format!("M{} {y}H{}", tenths(axis.left()), tenths(end));
    svg.leaf("path", &[("class", "sbs-live"), ("d", &live)]);
    for (from_us, to_us) in &column.gaps {
        let from = axis.x(*from_us).clamp(axis.left(), end);
        let to = axis.x(*to_us).clamp(axis.left(), end);
        if to - from < 0.5 {
            continue;
        }
        let gap = format!("M{} {y}H{}", tenths(from), tenths(to));
        svg.leaf("path", &[("class", "sbs-gap"), ("d", &gap)]);
        let (x, y) = (tenths((from + to) * 0.5), tenths(top + LIVE + 4.0));
        svg.words("text", &[("class", "sbs-cross"), ("x", &x), ("y", &y)], "×");
    }
}
