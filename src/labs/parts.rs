//! Markup that several views and studies have.

use crate::scene::plot::{CurvePlot, Layout, Rows, svg};
use crate::scene::svg::Markup;
use crate::scene::{Frame, tenths};

/// How wide the frame was of a picture that was not drawn yet, or has to be drawn anew.
pub(in crate::labs) const NOT_DRAWN: f32 = -1.0;

/// A button: what it does, what it says, and whether it is the one that is chosen.
pub(in crate::labs) fn button(html: &mut Markup, look: &str, label: &str, is_chosen: bool) {
    let pressed = if is_chosen { "true" } else { "false" };
    let named = [("class", "toggle"), ("data-look", look), ("aria-pressed", pressed)];
    html.words("button", &named, label);
}

/// Some buttons of which one is chosen, with their title before them.
pub(in crate::labs) fn choices(
    html: &mut Markup,
    title: &str,
    name: &str,
    of: &[&str],
    chosen: usize,
) {
    html.open("span", &[("class", "group"), ("role", "group"), ("aria-label", title)]);
    html.words("b", &[], title);
    for (place, label) in of.iter().enumerate() {
        let look = [name, "=", &place.to_string()].concat();
        button(html, &look, label, place == chosen);
    }
    html.close("span");
}

/// A slider over the places of a list.
pub(in crate::labs) struct Slider<'a> {
    pub(in crate::labs) name: &'a str,
    pub(in crate::labs) title: &'a str,
    pub(in crate::labs) places: usize,
    pub(in crate::labs) at: usize,
    pub(in crate::labs) says: &'a str,
}

pub(in crate::labs) fn slider(html: &mut Markup, slider: &Slider<'_>) {
    let (most, at) = (slider.places.saturating_sub(1).to_string(), slider.at.to_string());
    html.open("label", &[("class", "group wide")]);
    html.words("b", &[], slider.title);
    html.leaf(
        "input",
        &[
            ("type", "range"),
            ("data-look", slider.name),
            ("min", "0"),
            ("max", &most),
            ("value", &at),
            ("aria-valuetext", slider.says),
        ],
    );
    html.words("output", &[], slider.says);
    html.close("label");
}

/// `NAME=NUMBER`, as controls say it.
pub(in crate::labs) fn pressed(what: &str) -> (&str, Option<usize>) {
    let (name, value) = what.split_once('=').unwrap_or((what, ""));
    (name, value.parse().ok())
}

/// A picture within a table or a text, so many pixels wide and high.
pub(in crate::labs) fn begin_svg(
    html: &mut Markup,
    class: &str,
    label: &str,
    (width, height): (f32, f32),
) {
    let seen = ["0 0 ", &*tenths(width), " ", &*tenths(height)].concat();
    let (width, height) = (tenths(width), tenths(height));
    let named = [
        ("class", class),
        ("role", "img"),
        ("aria-label", label),
        ("viewBox", &*seen),
        ("width", &*width),
        ("height", &*height),
    ];
    html.open("svg", &named);
}

/// A bar of an svg.
pub(in crate::labs) fn bar(
    html: &mut Markup,
    class: &str,
    (x, y): (f32, f32),
    (width, height): (f32, f32),
) {
    let (x, y, width, height) = (tenths(x), tenths(y), tenths(width), tenths(height));
    let placed =
        [("class", class), ("x", &*x), ("y", &*y), ("width", &*width), ("height", &*height)];
    html.leaf("rect", &placed);
}

/// A line of an svg.
pub(in crate::labs) fn line(html: &mut Markup, class: &str, path: &str) {
    html.leaf("path", &[("class", class), ("d", path)]);
}

/// `1 call`, `2 calls`
pub(in crate::labs) fn count_of(count: u64, one: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    [&crate::scene::plot::Unit::Count.words(count), " ", one, end].concat()
}

/// Curves side by side, each with its frame; and as tables for those who do not see them, with some
/// places of the axis that they have in common.
pub(in crate::labs) fn plots(html: &mut Markup, plots: &[(&CurvePlot, Frame)], places: &[u64]) {
    let all: Vec<_> = plots.iter().map(|(plot, frame)| (*plot, *frame, places)).collect();
    plots_apart(html, &all);
}

/// The same, each with places of its own axis.
pub(in crate::labs) fn plots_apart(html: &mut Markup, plots: &[(&CurvePlot, Frame, &[u64])]) {
    html.open("div", &[("class", "plots")]);
    for (plot, frame, _) in plots {
        html.text.push_str(&svg::curves(plot, &Layout::of_curves(plot, *frame)));
    }
    html.open("div", &[("class", "visually-hidden")]);
    for (plot, _, places) in plots {
        html.text.push_str(&svg::table(&Rows::of_curves(plot, places), &plot.title));
    }
    html.close("div");
    html.close("div");
}
