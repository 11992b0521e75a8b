//! A space-time diagram as SVG markup.
//!
//! Three layers, so that little is drawn anew: [`base`] is everything, [`lit`] draws what is lit
//! once more, strongly, while the page dims the base, and [`playhead`] is one line.

use super::super::field::{self, jagged, width_of};
use super::super::svg::{Markup, glyph, tone_name};
use super::super::{Density, Highlight, MarkKind, Point, Shape, marks, tenths};
use super::{Arrow, ArrowFate, Cut, Layout, LeftOut, Lifeline, SpaceTime, Span, SpanLook, Weight};

/// The whole diagram.
pub fn base(picture: &SpaceTime, layout: &Layout) -> String {
    let mut svg = Markup::default();
    field::rulings(&mut svg, &layout.axis, (layout.top, layout.bottom), layout.frame);
    clip(&mut svg, layout);
    svg.open("g", &[("class", "st-field"), ("clip-path", "url(#st-clip)")]);
    for cut in &picture.cuts {
        band(&mut svg, layout, cut);
    }
    for line in &picture.lifelines {
        for span in &line.spans {
            stretch(&mut svg, layout, line, span);
        }
    }
    let mut labels = Labels::beside_crosses(picture, layout);
    // What tells most is drawn last, above the rest; its label is placed first.
    for weight in [Weight::Faint, Weight::Normal, Weight::Strong] {
        for shown in picture.arrows.iter().filter(|arrow| arrow.weight == weight) {
            arrow(&mut svg, layout, shown);
        }
    }
    for line in &picture.lifelines {
        for span in &line.spans {
            span_label(&mut svg, layout, line, span, &mut labels);
        }
    }
    for weight in [Weight::Strong, Weight::Normal] {
        for shown in picture.arrows.iter().filter(|arrow| arrow.weight == weight) {
            arrow_label(&mut svg, layout, shown, &mut labels);
        }
    }
    for kind in MarkKind::ALL {
        for flag in picture.flags.iter().filter(|flag| flag.mark.kind == kind) {
            let record = flag.mark.record.0.to_string();
            svg.open("g", &[("data-record", record.as_str()), ("class", "st-flag")]);
            svg.words("title", &[], &flag.text);
            let place = format!("translate({})", layout.flag(flag));
            marks::draw(&mut svg, kind, Some(&place));
            svg.close("g");
        }
    }
    svg.close("g");
    names(&mut svg, picture, layout);
    left_out(&mut svg, picture.left_out, layout);
    svg.text
}

/// What is lit, drawn strongly.
pub fn lit(picture: &SpaceTime, layout: &Layout, highlight: &Highlight) -> String {
    let mut svg = Markup::default();
    if highlight.is_empty() {
        return svg.text;
    }
    let mut labels = Labels::beside_crosses(picture, layout);
    svg.open("g", &[("class", "st-lit"), ("clip-path", "url(#st-clip)")]);
    for line in &picture.lifelines {
        for span in &line.spans {
            if highlight.has_node(line.node) || highlight.has_record(span.record) {
                stretch(&mut svg, layout, line, span);
            }
        }
    }
    for shown in picture.arrows.iter().filter(|arrow| picture.is_lit(arrow, highlight)) {
        arrow(&mut svg, layout, shown);
        arrow_label(&mut svg, layout, shown, &mut labels);
    }
    for flag in &picture.flags {
        let at_node = flag.mark.node.is_some_and(|node| highlight.has_node(node));
        if at_node || highlight.has_record(flag.mark.record) {
            let place = format!("translate({})", layout.flag(flag));
            marks::draw(&mut svg, flag.mark.kind, Some(&place));
        }
    }
    svg.close("g");
    svg.text
}

/// The playhead, and the field beyond it that has not happened.
pub fn playhead(layout: &Layout, now_us: u64) -> String {
    field::playhead(&layout.axis, (layout.top, layout.bottom), now_us)
}

/// Labels that are placed, so that no two lie on each other.
struct Labels {
    /// Left, right, and the middle's height.
    placed: Vec<(f32, f32, f32)>,
}

impl Labels {
    /// None yet, but none may lie on a cross where something was lost.
    fn beside_crosses(picture: &SpaceTime, layout: &Layout) -> Labels {
        let lost = |arrow: &&Arrow| matches!(arrow.fate, ArrowFate::Lost { .. });
        let cross = |arrow: &Arrow| {
            let (_, end) = layout.line(arrow);
            (end.x - 5.0, end.x + 5.0, end.y + 4.0)
        };
        Labels { placed: picture.arrows.iter().filter(lost).map(cross).collect() }
    }

    /// Takes a place for a label, if it is free.
    fn place(&mut self, left: f32, right: f32, y: f32) -> bool {
        let clear = |&(l, r, other): &(f32, f32, f32)| {
            right + 3.0 < l || left > r + 3.0 || (other - y).abs() >= 12.0
        };
        let free = self.placed.iter().all(clear);
        if free {
            self.placed.push((left, right, y));
        }
        free
    }
}

/// What leaves the window is cut off at its edges.
fn clip(svg: &mut Markup, layout: &Layout) {
    svg.open("clipPath", &[("id", "st-clip")]);
    let (left, right) = (layout.axis.left() - 7.0, layout.axis.right() + 7.0);
    let rect = [
        ("x", tenths(left)),
        ("y", tenths(layout.top - 20.0)),
        ("width", tenths(right - left)),
        ("height", tenths(layout.bottom - layout.top + 20.0)),
    ];
    svg.leaf("rect", &rect.each_ref().map(|(name, value)| (*name, value.as_str())));
    svg.close("clipPath");
}

/// The part of a stretch of time that the window shows, as places.
fn shown(layout: &Layout, from_us: u64, to_us: u64) -> (f32, f32) {
    let (left, right) = (layout.axis.left() - 7.0, layout.axis.right() + 7.0);
    (layout.axis.x(from_us).max(left), layout.axis.x(to_us).min(right))
}

fn band(svg: &mut Markup, layout: &Layout, cut: &Cut) {
    let (left, right) = shown(layout, cut.from_us, cut.to_us);
    let record = cut.record.0.to_string();
    svg.open("g", &[("class", "st-cut"), ("data-record", &record)]);
    let (x, width) = (tenths(left), tenths((right - left).max(1.0)));
    let (y, height) = (tenths(layout.top), tenths(layout.bottom - layout.top));
    let rect = [("x", x.as_str()), ("y", &y), ("width", &width), ("height", &height)];
    svg.leaf("rect", &rect);
    // Where two neighbours are apart, the tear runs between their lines.
    for (row, pair) in cut.groups.windows(2).enumerate() {
        if pair[0] != pair[1] {
            let y = (layout.rows[row] + layout.rows[row + 1]) / 2.0;
            svg.leaf("path", &[("class", "st-tear"), ("d", &jagged(left, right, y))]);
        }
    }
    if right - left > width_of(&cut.label) + 8.0 {
        let (x, y) = (tenths(left + 4.0), tenths(layout.top - 6.0));
        svg.words("text", &[("class", "st-cut-text"), ("x", &x), ("y", &y)], &cut.label);
    }
    svg.close("g");
}

fn stretch(svg: &mut Markup, layout: &Layout, line: &Lifeline, span: &Span) {
    let (left, right) = shown(layout, span.from_us, span.to_us);
    if right < left {
        return;
    }
    let class = match span.look {
        SpanLook::Line => "life line",
        SpanLook::Dashed => "life dashed",
        SpanLook::Bar => "life bar",
        SpanLook::Paused => "life paused",
        SpanLook::Gap => "life gap",
    };
    let node = line.node.0.to_string();
    let tone = tone_name(span.tone);
    svg.open("g", &[("class", class), ("data-tone", tone), ("data-node", &node)]);
    svg.words("title", &[], &span.description);
    let path = format!("M{} {}H{}", tenths(left), tenths(layout.row(line.node)), tenths(right));
    svg.leaf("path", &[("class", "life-reach"), ("d", &path)]);
    svg.leaf("path", &[("class", "life-line"), ("d", &path)]);
    if span.look == SpanLook::Paused {
        svg.leaf("path", &[("class", "life-core"), ("d", &path)]);
    }
    svg.close("g");
}

fn span_label(
    svg: &mut Markup,
    layout: &Layout,
    line: &Lifeline,
    span: &Span,
    labels: &mut Labels,
) {
    let (left, right) = shown(layout, span.from_us, span.to_us);
    let left = left.max(layout.axis.left());
    let y = layout.row(line.node) - 9.0;
    let width = width_of(&span.label);
    let fits = !span.label.is_empty() && right - left > width + 4.0;
    if fits && labels.place(left, left + width, y) {
        let at = [
            ("class", "life-text"),
            ("data-tone", tone_name(span.tone)),
            ("x", &tenths(left + 2.0)),
            ("y", &tenths(y)),
        ];
        svg.words("text", &at, &span.label);
    }
}

fn arrow(svg: &mut Markup, layout: &Layout, arrow: &Arrow) {
    let (start, end) = layout.line(arrow);
    let lost = matches!(arrow.fate, ArrowFate::Lost { .. });
    let class = match (arrow.weight, lost) {
        (_, true) => "arrow lost",
        (Weight::Faint, _) => "arrow faint",
        (Weight::Normal, _) => "arrow normal",
        (Weight::Strong, _) => "arrow strong",
    };
    let id = arrow.id.0.to_string();
    let tone = tone_name(arrow.tone);
    svg.open("g", &[("class", class), ("data-tone", tone), ("data-token", &id)]);
    svg.words("title", &[], &arrow.description);
    let path = format!("M{start}L{end}");
    svg.leaf("path", &[("class", "arrow-reach"), ("d", &path)]);
    let line = if arrow.filled { "arrow-line" } else { "arrow-line reply" };
    svg.leaf("path", &[("class", line), ("d", &path)]);
    match arrow.fate {
        ArrowFate::Arrived(_) => head(svg, start, end),
        ArrowFate::OnItsWay { .. } => {
            let place = format!("translate({end}) scale(.55)");
            svg.open("g", &[("transform", &place)]);
            svg.text.push_str(&glyph(arrow.shape, arrow.tone, arrow.filled));
            svg.close("g");
        }
        ArrowFate::Lost { .. } => {
            let place = format!("translate({end})");
            let cross = "M-4 -4L4 4M-4 4L4 -4";
            svg.leaf("path", &[("class", "arrow-lost"), ("d", cross), ("transform", &place)]);
        }
    }
    // The shape of its kind, where it leaves.
    if arrow.weight > Weight::Faint && start.distance(end) > 30.0 {
        let at = start.moved(start.direction(end), 15.0);
        let place = format!("translate({at}) scale(.55)");
        svg.open("g", &[("transform", &place)]);
        svg.text.push_str(&glyph(arrow.shape, arrow.tone, arrow.filled));
        svg.close("g");
    } else if arrow.weight == Weight::Faint && arrow.shape == Shape::Dot {
        let (x, y) = (tenths(start.x), tenths(start.y));
        svg.leaf("circle", &[("class", "arrow-dot"), ("cx", &x), ("cy", &y), ("r", "2")]);
    }
    svg.close("g");
}

/// The tip of an arrow.
fn head(svg: &mut Markup, start: Point, end: Point) {
    let along = start.direction(end);
    let back = end.moved(along, -8.0);
    let (one, other) = (back.moved(along.right(), 3.2), back.moved(along.right(), -3.2));
    let path = format!("M{end}L{one}L{other}Z");
    svg.leaf("path", &[("class", "arrow-head"), ("d", &path)]);
}

fn arrow_label(svg: &mut Markup, layout: &Layout, arrow: &Arrow, labels: &mut Labels) {
    let (start, end) = layout.line(arrow);
    let (class, words, at) = match arrow.fate {
        ArrowFate::Lost { reason, .. } => {
            ("arrow-text lost", reason, Point::new(end.x + 9.0, end.y + 4.0))
        }
        _ => {
            let at = start.towards(end, 0.45);
            ("arrow-text", arrow.label.as_str(), Point::new(at.x + 6.0, at.y + 4.0))
        }
    };
    let visible = at.x > layout.axis.left() && at.x < layout.axis.right();
    let room = start.distance(end) > 40.0 || matches!(arrow.fate, ArrowFate::Lost { .. });
    let free = |labels: &mut Labels| labels.place(at.x, at.x + width_of(words), at.y);
    if !words.is_empty() && visible && room && free(labels) {
        let place = [("class", class), ("x", &tenths(at.x)), ("y", &tenths(at.y))];
        svg.words("text", &place, words);
    }
}

/// The servers' names, left of their lines.
fn names(svg: &mut Markup, picture: &SpaceTime, layout: &Layout) {
    let x = tenths(layout.axis.left() - 14.0);
    for line in &picture.lifelines {
        let node = line.node.0.to_string();
        let y = tenths(layout.row(line.node) + 5.0);
        let at = [("class", "life-name"), ("data-node", &node), ("x", &x), ("y", &y)];
        svg.words("text", &at, &line.name);
    }
}

fn left_out(svg: &mut Markup, left_out: LeftOut, layout: &Layout) {
    let words = match left_out {
        LeftOut::Nothing => return,
        LeftOut::Messages(1) => "1 message is not drawn. Zoom in.".to_owned(),
        LeftOut::Messages(count) => format!("{count} messages are not drawn. Zoom in."),
        LeftOut::AllMessages(count) => {
            format!("{count} things happen here, too many for messages. Zoom in.")
        }
    };
    let compact = layout.frame.density() == Density::Compact;
    let words = if compact { words.replace(", too many for messages", "") } else { words };
    let (x, y) = (tenths(layout.axis.right()), tenths(layout.bottom - 4.0));
    svg.words("text", &[("class", "left-out"), ("x", &x), ("y", &y)], &words);
}
