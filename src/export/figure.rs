//! A still picture as an [SVG](https://www.w3.org/TR/SVG2/) file that stands alone: its looks are
//! in it, light and dark, and its title and description say in words what it shows.
//!
//! The marks are those of the page: [`scene::svg`](crate::scene::svg) and the pictures beside it.

use super::style::style;
use super::{ExportError, limits};
use crate::labs::{Lab, explained};
use crate::scene::log_matrix::{self, LogWindow};
use crate::scene::space_time;
use crate::scene::svg::{self as marks, Markup};
use crate::scene::{Density, Frame, Scene, Spacing, Window, time_strip};
use crate::text::files;
use crate::timeline::Timeline;

/// Which picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum View {
    /// The servers and what is between them.
    Stage,
    /// Lives side by side, messages across them, in a part of the run.
    SpaceTime(Window),
    /// The logs side by side.
    Logs,
    /// The painted timeline: a part of the run, a lane a branch.
    Timeline(Window),
}

/// Messages that died in the last so many microseconds are still shown.
const LINGER_US: u64 = 3_000;

/// The picture of a timeline where it stands, so many pixels wide and high. The painted timeline
/// has a height of its own.
///
/// # Errors
///
/// [`ExportError::Size`] if it cannot be that wide or high.
pub fn figure(
    timeline: &Timeline,
    view: View,
    (width, height): (u32, u32),
) -> Result<String, ExportError> {
    let frame = checked(width, height)?;
    let lab = timeline.lab();
    let scene = lab.scene(frame, LINGER_US);
    let (class, frame, body) = match view {
        View::Stage => ("stage-svg", frame, stage(&scene, lab.now_us())),
        View::SpaceTime(window) => {
            let picture = explained(lab).and_then(|lab| lab.space_time(window, Spacing::Time));
            let picture = picture.ok_or(ExportError::NoSuchView)?;
            let layout = space_time::Layout::new(&picture, frame);
            let base = space_time::svg::base(&picture, &layout);
            let body = base + &space_time::svg::playhead(&layout, picture.now_us);
            ("view-svg", frame, body)
        }
        View::Logs => {
            let layout = log_matrix::Layout::new(scene.nodes.len(), frame);
            let lab = explained(lab).ok_or(ExportError::NoSuchView)?;
            let window = LogWindow::at_end(lab.last_log_index(), layout.columns());
            let matrix = lab.log_matrix(window).ok_or(ExportError::NoSuchView)?;
            ("view-svg", frame, log_matrix::svg::base(&matrix, &layout))
        }
        View::Timeline(window) => {
            let lanes = timeline.tree().shown().count();
            let layout = time_strip::Layout::new(window, lanes, frame.width);
            let strip = timeline.strip(window, layout.buckets());
            let base = time_strip::svg::base(&strip, &layout);
            let body = base + &time_strip::svg::playheads(&strip, &layout);
            ("view-svg", layout.frame, body)
        }
    };
    let title = files::cluster(scene.nodes.len(), timeline.entry().name);
    let body = format!("<g class=\"view-base\">{}</g>", bare(&body));
    Ok(document(class, frame, (&title, &describe(lab, &scene)), &body, ""))
}

/// A frame of so many pixels.
pub(super) fn checked(width: u32, height: u32) -> Result<Frame, ExportError> {
    for (what, length) in [("width", width), ("height", height)] {
        if !limits::PIXELS.contains(&length) {
            return Err(ExportError::Size(what, length));
        }
    }
    Ok(Frame { width: width as f32, height: height as f32 })
}

/// How things stand, in words: the headline, the network, and every server.
pub(super) fn describe(lab: &dyn Lab, scene: &Scene) -> String {
    let now_us = lab.now_us();
    let mut words = files::instant(now_us, &scene.headline);
    for more in scene.network_line.iter().chain(scene.nodes.iter().map(|node| &node.description)) {
        words.push(' ');
        words.push_str(more);
        if !words.ends_with('.') {
            words.push('.');
        }
    }
    words
}

/// The stage from back to front, as on the page.
pub(super) fn stage(scene: &Scene, now_us: u64) -> String {
    let frame = scene.frame;
    let mut svg = Markup::default();
    for link in &scene.links {
        svg.text.push_str(&marks::link(link));
    }
    svg.open("g", &[("class", "tear")]);
    svg.text.extend(scene.tears.iter().map(marks::tear));
    svg.close("g");
    svg.text.extend(scene.clients.iter().map(|client| marks::thread(client, frame)));
    for client in &scene.clients {
        placed(&mut svg, "client", &client.at.to_string(), &marks::client(client));
    }
    for node in &scene.nodes {
        let mut drawn = marks::node(node, frame);
        for pip in 0..=node.burning.len() as u32 {
            let number = pip << 8 | u32::from(node.id.0);
            let Some(clock) = marks::clock_of(node, number) else { continue };
            let gone = crate::scene::tenths(100.0 * (1.0 - clock.left(now_us)));
            let hand = format!("data-clock=\"{number}\"");
            let set = format!("stroke-dashoffset=\"{gone}\" {hand}");
            drawn = drawn.replace(&hand, &set);
        }
        placed(&mut svg, "server", &node.at.to_string(), &drawn);
    }
    for token in &scene.tokens {
        let at = token.position(now_us).to_string();
        placed(&mut svg, "tokens", &at, &marks::token(token, frame));
    }
    for burst in &scene.bursts {
        placed(&mut svg, "burst", &burst.at.to_string(), &marks::burst(burst));
    }
    svg.text
}

pub(super) fn placed(svg: &mut Markup, class: &str, at: &str, drawn: &str) {
    svg.open("g", &[("class", class), ("transform", &format!("translate({at})"))]);
    svg.text.push_str(drawn);
    svg.close("g");
}

/// Without what only a pointer needs: names that show up under it, and wide invisible lines.
pub(super) fn bare(markup: &str) -> String {
    let mut text = String::new();
    let mut rest = markup;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find('>').map_or(rest.len(), |end| end + 1);
        let tag = &rest[..end];
        if tag == "<title>" {
            rest = rest.split_once("</title>").map_or("", |(_, after)| after);
            continue;
        }
        if !(tag.ends_with("/>") && tag.contains("-reach\"")) {
            text.push_str(tag);
        }
        rest = &rest[end..];
    }
    text + rest
}

/// A file of its own around a picture. `own` are rules that it brings.
pub(super) fn document(
    class: &str,
    frame: Frame,
    (title, description): (&str, &str),
    body: &str,
    own: &str,
) -> String {
    let (width, height) = ((frame.width as u32).to_string(), (frame.height as u32).to_string());
    let size = if frame.density() == Density::Compact { "compact" } else { "roomy" };
    let mut svg = Markup::default();
    svg.open(
        "svg",
        &[
            ("xmlns", "http://www.w3.org/2000/svg"),
            ("class", class),
            ("data-size", size),
            ("width", &width),
            ("height", &height),
            ("viewBox", &format!("0 0 {width} {height}")),
            ("role", "img"),
            ("aria-labelledby", "title description"),
        ],
    );
    svg.words("title", &[("id", "title")], title);
    svg.words("desc", &[("id", "description")], description);
    let classes = format!("<svg class=\"{class}\" data-size=\"{size}\">{body}{HATCH}");
    let own = format!("{own}.sheet{{fill:var(--card);}}\n");
    svg.text.push_str("\n<style>\n");
    svg.text.push_str(&style(&classes, &own));
    svg.text.push_str("</style>\n<defs>");
    svg.text.push_str(HATCH);
    svg.text.push_str("</defs>\n");
    let sheet = [("class", "sheet"), ("width", &*width), ("height", &height), ("rx", "10")];
    svg.leaf("rect", &sheet);
    svg.text.push_str(body);
    svg.close("svg");
    svg.text.push('\n');
    svg.text.chars().map(in_xml).collect()
}

/// A letter that XML cannot have, not even by its number, is shown as one that is missing
/// ([section 2.2](https://www.w3.org/TR/xml/#charsets)). Keys and values come from anywhere.
fn in_xml(letter: char) -> char {
    match letter {
        '\n' => letter,
        '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
        _ if letter.is_control() => '\u{fffd}',
        _ => letter,
    }
}

/// What is out of service is hatched.
const HATCH: &str = "<pattern id=\"hatch\" width=\"7\" height=\"7\" \
     patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
     <path d=\"M0 0V7\" class=\"hatch-line\"/></pattern>";
