//! A scene's marks as SVG markup.
//!
//! The page shows this markup, and so can a file: what is drawn is decided once. A mark is drawn
//! around the origin; whoever places it adds the `transform`. Looks hang on class names, which
//! `static/rift.css` colours.

use super::{
    Burst, Cell, CellLook, Chip, ChipState, ClientView, Countdown, Density, Frame, Gauge, Lever,
    LinkView, Mark, NodeView, Outline, Pip, Point, Shape, Strip, Switch, Tear, Token, Tone, Tray,
    tenths,
};

/// SVG under construction. Whatever text is put into it is escaped.
#[derive(Default)]
pub(crate) struct Markup {
    pub(crate) text: String,
}

impl Markup {
    /// `<name a="b" …/>`. A class is an attribute like any other.
    pub(crate) fn leaf(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.open(name, attributes);
        self.text.truncate(self.text.len() - 1);
        self.text.push_str("/>");
    }

    /// `<name a="b" …>content</name>`, the content as text.
    pub(crate) fn words(&mut self, name: &str, attributes: &[(&str, &str)], content: &str) {
        self.open(name, attributes);
        self.escaped(content);
        self.close(name);
    }

    pub(crate) fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.text.push('<');
        self.text.push_str(name);
        for (attribute, value) in attributes {
            self.text.push(' ');
            self.text.push_str(attribute);
            self.text.push_str("=\"");
            self.escaped(value);
            self.text.push('"');
        }
        self.text.push('>');
    }

    pub(crate) fn close(&mut self, name: &str) {
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push('>');
    }

    fn escaped(&mut self, text: &str) {
        for letter in text.chars() {
            match letter {
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '&' => self.text.push_str("&amp;"),
                '"' => self.text.push_str("&quot;"),
                _ => self.text.push(letter),
            }
        }
    }
}

/// What a tone is called in the attribute `data-tone`, which its colours hang on.
pub fn tone_name(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "plain",
        Tone::Calm => "calm",
        Tone::Eager => "eager",
        Tone::Chief => "chief",
        Tone::Bad => "bad",
        Tone::Off => "off",
    }
}

/// A server: clock, body, crown, name, and the row of cells under it.
pub fn node(node: &NodeView, frame: Frame) -> String {
    let radius = frame.node_radius();
    let (body, clock) = (tenths(radius), tenths(radius + 5.0));
    let outline = match node.outline {
        Outline::Thin => "node thin",
        Outline::Dashed => "node dashed",
        Outline::Thick => "node thick",
        Outline::Dotted => "node dotted",
        Outline::Faint => "node faint",
    };
    let mut svg = Markup::default();
    svg.open("g", &[("class", outline), ("data-tone", tone_name(node.tone))]);
    svg.leaf("circle", &[("class", "node-halo"), ("r", &tenths(radius + 7.0))]);
    if node.countdown.is_some() {
        svg.leaf("circle", &[("class", "clock-face"), ("r", &clock)]);
        hand(&mut svg, node, 0, Point::default(), &clock);
    }
    svg.leaf("circle", &[("class", "node-body"), ("r", &body)]);
    if node.hatched {
        svg.leaf("circle", &[("class", "node-hatch"), ("r", &body)]);
    }
    if node.crown {
        let place = format!("translate(0 {})", tenths(-radius - 9.0));
        let path = "M-11 5L-13 -6L-6 -1L0 -9L6 -1L13 -6L11 5Z";
        svg.leaf("path", &[("class", "crown"), ("transform", &place), ("d", path)]);
    }
    svg.words("text", &[("class", "node-name"), ("y", "-1")], &node.name);
    svg.words("text", &[("class", "node-detail"), ("y", "13")], &node.detail);
    pips(&mut svg, node, radius);
    svg.words("text", &[("class", "node-word"), ("y", &tenths(radius + 17.0))], &node.word);
    strip(&mut svg, node, frame);
    if let Some(shown) = &node.gauge {
        gauge(&mut svg, shown, &node.strip, frame);
    }
    if let Some(shown) = &node.tray {
        tray(&mut svg, shown);
    }
    svg.close("g");
    svg.text
}

/// The hand of a node's clock, or of that of one of its pips, counted from 1. The number by which
/// it is found to be moved is made of both.
fn hand(svg: &mut Markup, node: &NodeView, pip: u32, at: Point, radius: &str) {
    let number = (pip << 8 | u32::from(node.id.0)).to_string();
    let moved = if pip > 0 { format!("translate({at})") } else { String::new() };
    let turned = moved + "rotate(-90)";
    let hand = [
        ("class", "clock-hand"),
        ("r", radius),
        ("pathLength", "100"),
        ("transform", turned.as_str()),
        ("data-clock", &number),
    ];
    svg.leaf("circle", &hand);
}

/// The clock with this number, if the node has one.
pub fn clock_of(node: &NodeView, number: u32) -> Option<Countdown> {
    match number >> 8 {
        0 => node.countdown,
        pip => node.burning.get(pip as usize - 1).copied(),
    }
}

/// The bar under a row, as wide as the row, its line, and its words.
fn gauge(svg: &mut Markup, gauge: &Gauge, strip: &Strip, frame: Frame) {
    let (cell, height) = strip.cell_size(frame);
    let width = cell * strip.cells.len() as f32;
    let (left, top) = (-width / 2.0, frame.node_radius() + 24.0 + height);
    let place = format!("translate({})", Point::new(left, top));
    svg.open("g", &[("class", "gauge"), ("transform", &place)]);
    if let Some(line) = gauge.line {
        let along = |part: u32| tenths(width * part.min(1_000) as f32 / 1_000.0);
        let bar = |svg: &mut Markup, class: &str, width: &str| {
            svg.leaf("path", &[("class", class), ("d", &["M0 5H", width].concat())]);
        };
        bar(
            svg,
            if gauge.level.is_some() { "gauge-all" } else { "gauge-all unknown" },
            &along(1_000),
        );
        let over = gauge.level.is_some_and(|level| level >= line);
        let class = if over { "gauge-level over" } else { "gauge-level" };
        bar(svg, class, &along(gauge.level.unwrap_or(0)));
        let path = ["M", &along(line), " -2V12"].concat();
        svg.leaf("path", &[("class", "gauge-line"), ("d", &path)]);
    }
    let y = if gauge.line.is_some() { "22" } else { "13" };
    svg.words("text", &[("x", &tenths(width / 2.0)), ("y", y)], &gauge.words);
    svg.close("g");
}

/// A tray, open at its top, with a word under it.
fn tray(svg: &mut Markup, tray: &Tray) {
    let half = Tray::STEP * Tray::PLACES as f32 / 2.0 + 5.0;
    let place = format!("translate({})", tray.at);
    svg.open("g", &[("class", "tray"), ("transform", &place)]);
    let (left, right) = (tenths(-half), tenths(half));
    let path = ["M", &left, " -18V0H", &right, "V-18"].concat();
    svg.leaf("path", &[("class", "tray-body"), ("d", &path)]);
    for (k, (tint, letters)) in tray.items.iter().enumerate() {
        let at = Tray::place(k);
        let class = ["tray-item term-", &tint.to_string()].concat();
        svg.open("g", &[("class", &class), ("transform", &format!("translate({at})"))]);
        svg.leaf("circle", &[("r", "6.5")]);
        svg.words("text", &[("class", "tray-letter"), ("y", "3.5")], letters);
        svg.close("g");
    }
    svg.words("text", &[("class", "tray-word"), ("y", "13")], &tray.word);
    svg.close("g");
}

fn pips(svg: &mut Markup, node: &NodeView, radius: f32) {
    // With rings around them they need more room.
    let step = if node.burning.is_empty() { 11.0 } else { 19.0 };
    // A server that is cut off stands a little farther out, perhaps at the very edge.
    let top = (-radius - 15.0).max(6.0 - node.at.y);
    let left = -step * (node.pips.len() as f32 - 1.0) / 2.0;
    for (k, pip) in node.pips.iter().enumerate() {
        let place = Point::new(left + k as f32 * step, top);
        let circle = "M-4 0A4 4 0 1 1 4 0A4 4 0 1 1 -4 0";
        let (class, path) = match pip {
            Pip::Open => ("pip open", circle),
            Pip::Yes => ("pip yes", circle),
            Pip::No => ("pip no", "M-3.5 -3.5L3.5 3.5M-3.5 3.5L3.5 -3.5"),
        };
        let transform = format!("translate({place})");
        svg.leaf("path", &[("class", class), ("transform", &transform), ("d", path)]);
        if k < node.burning.len() {
            hand(svg, node, k as u32 + 1, place, "7");
        }
    }
}

fn strip(svg: &mut Markup, node: &NodeView, frame: Frame) {
    let (width, height) = node.strip.cell_size(frame);
    let top = frame.node_radius() + 24.0;
    let left = -width * node.strip.cells.len() as f32 / 2.0;
    if node.strip.hidden > 0 {
        let (x, y) = (tenths(left - 4.0), tenths(top + height / 2.0 + 3.0));
        let more = format!("{}…", node.strip.hidden);
        svg.words("text", &[("class", "strip-more"), ("x", &x), ("y", &y)], &more);
    }
    for (k, shown) in node.strip.cells.iter().enumerate() {
        cell(svg, shown, Point::new(left + k as f32 * width, top), &node.strip, frame);
    }
}

fn cell(svg: &mut Markup, cell: &Cell, at: Point, strip: &Strip, frame: Frame) {
    let (width, height) = strip.cell_size(frame);
    let (width, height) = (width - 2.0, height - 2.0);
    let compact = frame.density() == Density::Compact;
    let state = match cell.look {
        CellLook::Solid | CellLook::Stacked => "solid",
        CellLook::Loose => "loose",
        CellLook::Ghost => "unsure",
        CellLook::Kept => "kept",
        CellLook::Bad => "gone-bad",
    };
    let class = format!("cell {state} term-{}", cell.tint);
    let transform = format!("translate({at})");
    let middle = tenths(width / 2.0);
    svg.open("g", &[("class", &class), ("transform", &transform)]);
    let size = [("width", tenths(width)), ("height", tenths(height))];
    if cell.look == CellLook::Stacked {
        // Sheets below the first: what many entries come to.
        let (right, low) = (width, height);
        let sheets = [2.5, 5.0].map(|by| {
            let (top, corner) = (Point::new(-by, by + 1.0), Point::new(-by, low + by));
            format!("M{top}L{corner}L{}", Point::new(right - by, low + by))
        });
        svg.leaf("path", &[("class", "cell-sheets"), ("d", &sheets.concat())]);
    }
    svg.leaf("rect", &[(size[0].0, &size[0].1), (size[1].0, &size[1].1), ("rx", "3")]);
    let y = if compact { "12" } else { "11" };
    let fits = tenths(width - 3.0);
    // On a phone there is room for one line.
    let head = if compact && strip.wide { &cell.text } else { &cell.head };
    let lines = [("cell-head", y, head), ("cell-text", "23", &cell.text)];
    for (class, y, words) in &lines[..if compact { 1 } else { 2 }] {
        let text = [
            ("class", *class),
            ("x", middle.as_str()),
            ("y", *y),
            ("textLength", fits.as_str()),
            ("lengthAdjust", "spacingAndGlyphs"),
        ];
        let is_long = words.chars().count() as f32 * 5.6 > width - 3.0;
        svg.words("text", &text[..if is_long { 5 } else { 3 }], words);
    }
    svg.close("g");
}

/// A link, with a wide invisible line around it for fingers, and its cut if it has one.
pub fn link(link: &LinkView) -> String {
    let line = format!("M{}L{}", link.from, link.to);
    let class = if link.is_cut() { "link cut" } else { "link up" };
    let mut svg = Markup::default();
    svg.open("g", &[("class", class)]);
    svg.words("title", &[], &link.description);
    svg.leaf("path", &[("class", "link-reach"), ("d", &line)]);
    svg.leaf("path", &[("class", "link-line"), ("d", &line)]);
    if let Some(shown) = &link.switch {
        switch(&mut svg, link, shown);
    }
    let both_ways = link.cut_forward && link.cut_backward;
    if link.is_cut() && !(link.in_tear && both_ways) {
        cut(&mut svg, link);
    }
    svg.close("g");
    svg.text
}

/// Two contacts, and between them the lever.
fn switch(svg: &mut Markup, link: &LinkView, switch: &Switch) {
    const REACH: f32 = Switch::REACH;
    let (along, up) = (link.from.direction(link.to), link.upwards());
    let at = link.from.towards(link.to, switch.at);
    let (hinge, other) = (at.moved(along, -REACH), at.moved(along, REACH));
    let (class, far, high) = match switch.lever {
        Lever::Closed => ("switch closed", 2.0, 0.0),
        Lever::Ajar => ("switch ajar", 1.9, 0.7),
        Lever::Open => ("switch open", 1.3, 1.5),
    };
    let tip = hinge.moved(along, far * REACH).moved(up, high * REACH);
    svg.open("g", &[("class", class)]);
    svg.leaf("path", &[("class", "switch-gap"), ("d", &format!("M{hinge}L{other}"))]);
    svg.leaf("path", &[("class", "switch-lever"), ("d", &format!("M{hinge}L{tip}"))]);
    for contact in [hinge, other] {
        let (x, y) = (tenths(contact.x), tenths(contact.y));
        svg.leaf("circle", &[("r", "2.5"), ("cx", &x), ("cy", &y)]);
    }
    svg.close("g");
}

/// Two short strokes across the link where it is cut; an arrow when one direction is left.
fn cut(svg: &mut Markup, link: &LinkView) {
    let along = link.from.direction(link.to);
    let across = along.right();
    let at = link.cut_point();
    let gap = format!("M{}L{}", at.moved(along, -5.0), at.moved(along, 5.0));
    svg.leaf("path", &[("class", "cut-gap"), ("d", &gap)]);
    for offset in [-4.0, 4.0] {
        let middle = at.moved(along, offset);
        let bar = format!("M{}L{}", middle.moved(across, -6.0), middle.moved(across, 6.0));
        svg.leaf("path", &[("class", "cut-bar"), ("d", &bar)]);
    }
    let open_way = match (link.cut_forward, link.cut_backward) {
        (true, false) => -1.0,
        (false, true) => 1.0,
        _ => return,
    };
    let (tip, back) = (at.moved(along, open_way * 16.0), at.moved(along, open_way * 8.0));
    let arrow = format!("M{}L{tip}L{}", back.moved(across, 5.0), back.moved(across, -5.0));
    svg.leaf("path", &[("class", "cut-arrow"), ("d", &arrow)]);
}

/// A tear: its jagged line on an edge of paper.
pub fn tear(tear: &Tear) -> String {
    let points = polyline(&tear.line);
    let mut svg = Markup::default();
    for class in ["tear-edge", "tear-line"] {
        svg.leaf("polyline", &[("class", class), ("points", &points)]);
    }
    svg.text
}

/// A message, around its own place.
pub fn token(token: &Token, frame: Frame) -> String {
    let mut svg = Markup::default();
    open_glyph(&mut svg, token.shape, token.tone, token.filled, token.tint);
    svg.words("title", &[], &token.description);
    svg.leaf("circle", &[("class", "token-reach"), ("r", "16")]);
    if let Some(mark) = token.mark {
        let path = match mark {
            Mark::Check => "M-3.5 .5L-1 3L4 -3",
            Mark::Cross => "M-3 -3L3 3M-3 3L3 -3",
        };
        svg.leaf("path", &[("class", "token-mark"), ("d", path)]);
    }
    if frame.density() == Density::Roomy && !token.label.is_empty() {
        svg.words("text", &[("class", "token-label"), ("y", "-12")], &token.label);
    }
    svg.close("g");
    svg.text
}

/// A number that messages have in common which look alike in a crowd.
pub fn crowd(token: &Token) -> u32 {
    let kind = if token.filled { 0 } else { 1 };
    (u32::from(crowd_tint(token)) << 8) + (token.tone as u32) * 2 + kind
}

/// The class of the mark that stands for such messages.
pub fn crowd_class(token: &Token) -> String {
    let shape = if token.filled { "filled" } else { "hollow" };
    ["crowd tinted ", shape, " term-", &crowd_tint(token).to_string()].concat()
}

fn crowd_tint(token: &Token) -> u8 {
    token.tint.unwrap_or(6)
}

/// A dot of a crowd: a line without a length, whose ends are round or square.
pub fn dot(path: &mut String, at: Point) {
    for part in ["M", &tenths(at.x), " ", &tenths(at.y), "h0"] {
        path.push_str(part);
    }
}

/// A client, around the middle of its figure: the figure, its name, and a chip for each of its
/// latest requests.
pub fn client(client: &ClientView) -> String {
    let side = if client.mirrored { -1.0 } else { 1.0 };
    let anchor = if client.mirrored { "client-words mirrored" } else { "client-words" };
    let mut svg = Markup::default();
    svg.leaf(
        "rect",
        &[
            ("class", "client-reach"),
            ("x", "-22"),
            ("y", "-24"),
            ("width", "44"),
            ("height", "46"),
            ("rx", "8"),
        ],
    );
    let figure = "M0 -15A6.5 6.5 0 1 1 -.01 -15ZM-12 13C-12 3 -7 1 0 1S12 3 12 13Z";
    svg.leaf("path", &[("class", "client-figure"), ("d", figure)]);
    svg.open("g", &[("class", anchor)]);
    let x = tenths(side * 20.0);
    svg.words("text", &[("class", "client-name"), ("x", &x), ("y", "-1")], &client.name);
    svg.words("text", &[("class", "client-note"), ("x", &x), ("y", "12")], &client.note);
    svg.close("g");
    let mut along = -14.0;
    for (k, shown) in client.chips.iter().enumerate() {
        let width = shown.width();
        let left = if client.mirrored { -along - width } else { along };
        let top = 22.0 + if client.stacked { k as f32 * (Chip::HEIGHT + 3.0) } else { 0.0 };
        chip(&mut svg, shown, Point::new(left, top), k > 0);
        if !client.stacked {
            along += width + 5.0;
        }
    }
    svg.text
}

fn chip(svg: &mut Markup, chip: &Chip, at: Point, older: bool) {
    let (state, glyph) = match chip.state {
        ChipState::Waiting => ("waiting", "M6 10H6.1M10 10H10.1M14 10H14.1"),
        ChipState::Done => ("done", "M6 10.5L9 13.5L14 7"),
        ChipState::Refused => ("refused", "M7 7L13 13M7 13L13 7"),
        ChipState::Unknown => ("unknown", "M7.5 7.5A2.5 2.5 0 1 1 10 10.2V11.5M10 14.4H10.1"),
        ChipState::Wrong => ("wrong", "M10 5.5V11.5M10 14.4H10.1"),
    };
    let age = if older { " older" } else { "" };
    let class = format!("chip {state}{age}");
    svg.open("g", &[("class", &class), ("transform", &format!("translate({at})"))]);
    let (width, height) = (tenths(chip.width()), tenths(Chip::HEIGHT));
    let rect = [("class", "chip-body"), ("width", &*width), ("height", &height), ("rx", "10")];
    svg.leaf("rect", &rect);
    svg.leaf("path", &[("class", "chip-glyph"), ("d", glyph)]);
    let words = format!("{} {}", chip.text, chip.answer);
    svg.words("text", &[("class", "chip-text"), ("x", "19"), ("y", "14")], &words);
    svg.close("g");
}

/// The line from a client to the server that it waits for.
pub fn thread(client: &ClientView, frame: Frame) -> String {
    let mut svg = Markup::default();
    if let Some(server) = client.waits_for {
        let towards = client.at.direction(server);
        let (from, to) =
            (client.at.moved(towards, 20.0), server.moved(towards, -frame.node_radius() - 9.0));
        let line = format!("M{from}L{to}");
        svg.leaf("path", &[("class", "thread"), ("d", &line)]);
        let across = towards.right();
        let back = to.moved(towards, -7.0);
        let arrow = format!("M{}L{to}L{}", back.moved(across, 4.0), back.moved(across, -4.0));
        svg.leaf("path", &[("class", "thread-end"), ("d", &arrow)]);
    }
    svg.text
}

/// The shape of a message by itself, as in a legend.
pub fn glyph(shape: Shape, tone: Tone, filled: bool) -> String {
    let mut svg = Markup::default();
    open_glyph(&mut svg, shape, tone, filled, None);
    svg.close("g");
    svg.text
}

fn open_glyph(svg: &mut Markup, shape: Shape, tone: Tone, filled: bool, tint: Option<u8>) {
    let class = if filled { "token filled" } else { "token hollow" };
    let tinted = tint.map(|tint| [class, " tinted term-", &tint.to_string()].concat());
    let class = tinted.as_deref().unwrap_or(class);
    let path = match shape {
        Shape::Diamond => "M0 -9L9 0L0 9L-9 0Z",
        Shape::Square => "M-7 -7H7V7H-7Z",
        Shape::Triangle => "M0 -8L8.5 6.5H-8.5Z",
        Shape::Stack => "M-9 -3H3V9H-9ZM-6 -3V-6H6V6H3M-3 -6V-9H9V3H6",
        Shape::Dot => "M-5.5 0A5.5 5.5 0 1 1 5.5 0A5.5 5.5 0 1 1 -5.5 0",
    };
    svg.open("g", &[("class", class), ("data-tone", tone_name(tone))]);
    svg.leaf("path", &[("class", "token-shape"), ("d", path)]);
}

/// A message that died, around the place where it did.
pub fn burst(burst: &Burst) -> String {
    let rays = "M0 -5V-12M0 5V12M-5 0H-12M5 0H12M-4 -4L-8 -8M4 4L8 8M-4 4L-8 8M4 -4L8 -8";
    let mut svg = Markup::default();
    svg.leaf("path", &[("class", "burst-rays"), ("d", rays)]);
    svg.words("text", &[("y", "-16")], burst.reason);
    svg.text
}

/// The stroke being drawn: its start, and the line so far.
pub fn stroke(points: &[Point]) -> String {
    let mut svg = Markup::default();
    if let Some(start) = points.first() {
        svg.leaf("circle", &[("r", "4"), ("cx", &tenths(start.x)), ("cy", &tenths(start.y))]);
        svg.leaf("polyline", &[("points", &polyline(points))]);
    }
    svg.text
}

fn polyline(points: &[Point]) -> String {
    let mut text = String::new();
    for point in points {
        text.push_str(&tenths(point.x));
        text.push(' ');
        text.push_str(&tenths(point.y));
        text.push(' ');
    }
    text
}

/// A picture of a run: what is drawn, what is lit above it, and what stands before all.
pub fn whole(frame: Frame, base: &str, lit: &str, front: &str) -> String {
    let dimmed = if lit.is_empty() { "false" } else { "true" };
    let (width, height) = (tenths(frame.width), tenths(frame.height));
    [
        "<svg class=\"view-svg\" aria-hidden=\"true\" data-lit=\"",
        dimmed,
        "\" viewBox=\"0 0 ",
        &width,
        " ",
        &height,
        "\"><g class=\"view-base\">",
        base,
        "</g>",
        lit,
        front,
        "</svg>",
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::NodeId;

    const FRAME: Frame = Frame { width: 800.0, height: 500.0 };

    fn follower() -> NodeView {
        NodeView {
            id: NodeId(0),
            name: "S1".into(),
            at: Point::default(),
            tone: Tone::Calm,
            outline: Outline::Thin,
            crown: false,
            hatched: false,
            word: "follower".into(),
            detail: "term 1".into(),
            countdown: None,
            pips: Vec::new(),
            burning: Vec::new(),
            strip: Strip::default(),
            gauge: None,
            tray: None,
            description: String::new(),
        }
    }

    #[test]
    fn text_cannot_become_markup() {
        let text = "<script>\"&".into();
        let cells = vec![Cell { head: "1".into(), text, tint: 1, look: CellLook::Solid }];
        let view = NodeView { strip: Strip { cells, ..Strip::default() }, ..follower() };
        let markup = node(&view, FRAME);
        assert!(markup.contains(">&lt;script&gt;&quot;&amp;<"), "{markup}");
    }

    #[test]
    fn a_node_shows_what_it_carries_and_nothing_else() {
        let plain = node(&follower(), FRAME);
        assert!(!plain.contains("crown") && !plain.contains("node-hatch"));
        let king = NodeView { crown: true, outline: Outline::Thick, ..follower() };
        let crowned = node(&king, FRAME);
        assert!(crowned.contains("class=\"crown\"") && crowned.contains("class=\"node thick\""));
    }

    #[test]
    fn phones_get_cells_without_text() {
        let cells =
            vec![Cell { head: "3".into(), text: "x=1".into(), tint: 3, look: CellLook::Loose }];
        let strip = Strip { hidden: 2, wide: false, cells };
        let view = NodeView { strip: strip.clone(), ..follower() };
        let wide = NodeView { strip: Strip { wide: true, ..strip }, ..follower() };
        let phone = Frame { width: 390.0, height: 470.0 };
        assert!(node(&view, FRAME).contains("x=1") && !node(&view, phone).contains("x=1"));
        assert!(node(&view, phone).contains("2…"));
        assert!(node(&wide, phone).contains("x=1"), "there what it holds is what matters");
    }
}
