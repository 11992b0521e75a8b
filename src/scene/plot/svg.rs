//! Plots as SVG markup, and their tables as HTML. Looks hang on class names.

use super::super::svg::{Markup, tone_name};
use super::super::{Point, tenths};
use super::{Course, Curve, CurvePlot, Layout, Look, PlanePlot, Rows, Ruler, Shade, Stroke};

/// How far from a point's middle a finger may be.
const REACH: f32 = 12.0;

/// Curves as a whole `<svg>`.
pub fn curves(plot: &CurvePlot, layout: &Layout) -> String {
    let mut svg = begun(&plot.title, layout);
    if let Some(shade) = &plot.shade {
        shaded(&mut svg, shade, layout);
    }
    rulers(&mut svg, (&plot.x, &plot.y), layout);
    for curve in &plot.curves {
        band(&mut svg, curve, layout);
    }
    if let Some(guide) = &plot.guide {
        let x = layout.x(guide.at);
        let (top, bottom) = (layout.corners.0.y, layout.corners.1.y);
        let path = format!("M{} {}V{}", tenths(x), tenths(top), tenths(bottom));
        svg.leaf("path", &[("class", "plot-guide"), ("d", &path)]);
    }
    for (curve, label) in plot.curves.iter().zip(&layout.labels) {
        svg.open(
            "g",
            &[("class", stroke_name(curve.stroke)), ("data-tone", tone_name(curve.tone))],
        );
        svg.leaf("path", &[("class", "plot-line"), ("d", &course(curve, layout))]);
        if layout.has_legend {
            let (from, y) = (tenths(label.at.x - 28.0), tenths(label.at.y - 4.0));
            let path = ["M", &from, " ", &y, "h22"].concat();
            svg.leaf("path", &[("class", "plot-line"), ("d", &path)]);
        } else if let Some((x, y)) = curve.points.last() {
            let end = layout.place(*x, *y);
            let to = Point::new(label.at.x - 3.0, label.at.y - 4.0);
            svg.leaf("path", &[("class", "plot-lead"), ("d", &format!("M{end}L{to}"))]);
        }
        words(&mut svg, "plot-name", label.at, &curve.name);
        svg.close("g");
    }
    if let Some(guide) = &plot.guide {
        read_off(&mut svg, plot, guide, layout);
    }
    svg.close("svg");
    svg.text
}

/// A plane as a whole `<svg>`.
pub fn plane(plot: &PlanePlot, layout: &Layout) -> String {
    let mut svg = begun(&plot.title, layout);
    rulers(&mut svg, (&plot.x, &plot.y), layout);
    if !plot.best.is_empty() {
        let corner = layout.best().moved(Point::new(-14.0, 2.0), 1.0);
        let path = "M10 -10L2 -2M2 -2h6M2 -2v-6";
        let place = format!("translate({corner})");
        svg.leaf("path", &[("class", "plot-best-arrow"), ("d", path), ("transform", &place)]);
        words(&mut svg, "plot-best", layout.best(), &plot.best);
    }
    svg.leaf("path", &[("class", "plot-front"), ("d", &front_line(plot, layout))]);
    for (dot, label) in plot.dots.iter().zip(&layout.labels) {
        let at = layout.place(dot.at.0, dot.at.1);
        if label.is_led && !label.is_hidden {
            let towards = Point::new(label.at.x + label.width / 2.0, label.at.y - 3.5);
            let path = format!("M{at}L{towards}");
            svg.leaf("path", &[("class", "plot-lead"), ("d", &path)]);
        }
    }
    // The chosen one last, above all others.
    for is_chosen in [false, true] {
        let dots = plot.dots.iter().zip(&layout.labels).enumerate();
        for (k, (dot, label)) in
            dots.filter(|(_, (dot, _))| (dot.look == Look::Chosen) == is_chosen)
        {
            let class = match dot.look {
                Look::Chosen => "plot-dot chosen",
                Look::Front => "plot-dot front",
                Look::Behind => "plot-dot behind",
            };
            let number = k.to_string();
            let named = [("class", class), ("data-dot", &*number), ("data-look", &*dot.press)];
            let named = if dot.press.is_empty() { &named[..2] } else { &named[..] };
            svg.open("g", named);
            svg.words("title", &[], &dot.description);
            let at = layout.place(dot.at.0, dot.at.1);
            let (x, y) = (tenths(at.x), tenths(at.y));
            if !dot.press.is_empty() {
                let reach = tenths(REACH);
                svg.leaf("circle", &[("class", "reach"), ("cx", &x), ("cy", &y), ("r", &reach)]);
            }
            if is_chosen {
                let ring = tenths(Look::RING);
                svg.leaf("circle", &[("class", "ring"), ("cx", &x), ("cy", &y), ("r", &ring)]);
            }
            let radius = tenths(dot.look.radius());
            svg.leaf("circle", &[("class", "core"), ("cx", &x), ("cy", &y), ("r", &radius)]);
            if !label.is_hidden {
                words(&mut svg, "plot-label", label.at, &dot.label);
            }
            svg.close("g");
        }
    }
    svg.close("svg");
    svg.text
}

/// A table as markup.
pub fn table(rows: &Rows, caption: &str) -> String {
    let mut html = Markup::default();
    html.open("table", &[("class", "plot-table")]);
    html.words("caption", &[], caption);
    html.open("thead", &[]);
    html.open("tr", &[]);
    for cell in &rows.head {
        // An empty cell is no head of anything.
        let (tag, named): (_, &[_]) =
            if cell.is_empty() { ("td", &[]) } else { ("th", &[("scope", "col")]) };
        html.words(tag, named, cell);
    }
    html.close("tr");
    html.close("thead");
    html.open("tbody", &[]);
    for row in &rows.rows {
        html.open("tr", &[]);
        for (column, cell) in row.iter().enumerate() {
            match column {
                0 => html.words("th", &[("scope", "row")], cell),
                _ => html.words("td", &[], cell),
            }
        }
        html.close("tr");
    }
    html.close("tbody");
    html.close("table");
    html.text
}

fn begun(title: &str, layout: &Layout) -> Markup {
    let mut svg = Markup::default();
    let size = (tenths(layout.frame.width), tenths(layout.frame.height));
    let seen = ["0 0 ", &size.0, " ", &size.1].concat();
    let root = [("class", "view-svg plot"), ("role", "img"), ("aria-label", title)];
    svg.open("svg", &[&root[..], &[("viewBox", &seen)]].concat());
    svg
}

fn rulers(svg: &mut Markup, (x, y): (&Ruler, &Ruler), layout: &Layout) {
    let (from, to) = layout.corners;
    for tick in layout.y_ticks() {
        let at = layout.y(tick);
        let path = format!("M{} {}H{}", tenths(from.x), tenths(at), tenths(to.x));
        svg.leaf("path", &[("class", "ruling"), ("d", &path)]);
        let place = Point::new(from.x - 7.0, at + 4.0);
        words(svg, "plot-tick y", place, &y.scale.unit.words(tick));
    }
    for tick in layout.x_ticks() {
        let at = layout.x(tick);
        let path = format!("M{} {}v5", tenths(at), tenths(to.y));
        svg.leaf("path", &[("class", "plot-notch"), ("d", &path)]);
        words(svg, "plot-tick x", Point::new(at, to.y + 17.0), &x.scale.unit.words(tick));
    }
    let path = format!("M{} {}H{}", tenths(from.x), tenths(to.y), tenths(to.x));
    svg.leaf("path", &[("class", "plot-axis"), ("d", &path)]);
    words(svg, "plot-title y", Point::new(8.0, from.y - 12.0), &y.title);
    words(svg, "plot-title x", Point::new(to.x, to.y + 32.0), &x.title);
}

/// A stretch of the axis, from top to bottom, and its words.
fn shaded(svg: &mut Markup, shade: &Shade, layout: &Layout) {
    let (from, to) = (layout.x(shade.from), layout.x(shade.to));
    let (top, bottom) = (layout.corners.0.y, layout.corners.1.y);
    let path = format!(
        "M{} {}H{}V{}H{}Z",
        tenths(from),
        tenths(top),
        tenths(to),
        tenths(bottom),
        tenths(from)
    );
    svg.leaf("path", &[("class", "plot-shade"), ("d", &path)]);
    words(svg, "plot-shade-words", Point::new(from + 3.0, top + 12.0), &shade.words);
}

fn band(svg: &mut Markup, curve: &Curve, layout: &Layout) {
    let bounds = |high: bool| {
        let points = curve.points.iter().zip(&curve.band);
        let side = |((x, _), (least, most)): (&(u64, u64), &(u64, u64))| {
            (*x, if high { *most } else { *least })
        };
        points.map(side).collect::<Vec<_>>()
    };
    if curve.band.is_empty() {
        return;
    }
    let mut outline = corners(curve.course, &bounds(true), layout);
    outline.extend(corners(curve.course, &bounds(false), layout).into_iter().rev());
    let path = [&joined(&outline), "Z"].concat();
    let tone = tone_name(curve.tone);
    svg.leaf("path", &[("class", "plot-band"), ("data-tone", tone), ("d", &path)]);
}

fn course(curve: &Curve, layout: &Layout) -> String {
    joined(&corners(curve.course, &curve.points, layout))
}

/// The corners of a line through points.
fn corners(course: Course, points: &[(u64, u64)], layout: &Layout) -> Vec<Point> {
    let mut corners = Vec::new();
    for (k, (x, y)) in points.iter().enumerate() {
        let at = layout.place(*x, *y);
        let next = points.get(k + 1).map(|(x, _)| layout.x(*x));
        let until = match course {
            Course::Line => None,
            Course::Held => next,
            Course::Around => next.map(|next| (at.x + next) / 2.0),
        };
        match (course, corners.last()) {
            // Where the one before has ended.
            (Course::Held | Course::Around, Some(before)) => {
                let before: &Point = before;
                corners.push(Point::new(before.x, at.y));
            }
            _ => corners.push(at),
        }
        if course == Course::Around && next.is_none() {
            corners.push(at);
        }
        if let Some(until) = until {
            corners.push(Point::new(until, at.y));
        }
    }
    corners
}

fn joined(corners: &[Point]) -> String {
    let mut path = String::new();
    for (k, corner) in corners.iter().enumerate() {
        path.push(if k == 0 { 'M' } else { 'L' });
        path.push_str(&corner.to_string());
    }
    path
}

/// What the curves are at the guide, as points on them, and its words.
fn read_off(svg: &mut Markup, plot: &CurvePlot, guide: &super::Guide, layout: &Layout) {
    for curve in &plot.curves {
        if let Some(value) = curve.at(guide.at) {
            let at = layout.place(guide.at, value);
            let (x, y) = (tenths(at.x), tenths(at.y));
            let tone = tone_name(curve.tone);
            let circle = [("class", "plot-here"), ("data-tone", tone), ("r", "4")];
            svg.leaf("circle", &[&circle[..], &[("cx", &x), ("cy", &y)]].concat());
        }
    }
    let width = super::layout::width_of(&guide.words);
    let x = layout.x(guide.at);
    let is_late = x + 8.0 + width > layout.corners.1.x;
    let class = if is_late { "plot-guide-words late" } else { "plot-guide-words" };
    let at = Point::new(if is_late { x - 7.0 } else { x + 7.0 }, layout.corners.1.y - 9.0);
    words(svg, class, at, &guide.words);
}

/// The line along the points that no other surpasses: as good as can be had.
fn front_line(plot: &PlanePlot, layout: &Layout) -> String {
    let mut points: Vec<(u64, u64)> = Vec::new();
    let all: Vec<(u64, u64)> = plot.dots.iter().map(|dot| dot.at).collect();
    for (point, is_in_front) in all.iter().zip(super::front(&all)) {
        if is_in_front {
            let place = points.partition_point(|other| other < point);
            points.insert(place, *point);
        }
    }
    joined(&corners(Course::Held, &points, layout))
}

fn words(svg: &mut Markup, class: &str, at: Point, words: &str) {
    let (x, y) = (tenths(at.x), tenths(at.y));
    svg.words("text", &[("class", class), ("x", &x), ("y", &y)], words);
}

fn stroke_name(stroke: Stroke) -> &'static str {
    match stroke {
        Stroke::Solid => "plot-curve solid",
        Stroke::Dashed => "plot-curve dashed",
        Stroke::Dotted => "plot-curve dotted",
    }
}
