//! The logs side by side as SVG markup: [`base`] is everything, [`lit`] what is lit once more.

use super::super::svg::{Markup, tone_name};
use super::super::{Density, Highlight, tenths};
use super::{Followed, Layout, LogCell, LogMatrix, LogRow, is_lit};

/// Everything.
pub fn base(matrix: &LogMatrix, layout: &Layout) -> String {
    let mut svg = Markup::default();
    indices(&mut svg, matrix, layout);
    for (place, row) in matrix.rows.iter().enumerate() {
        let node = row.node.0.to_string();
        svg.open("g", &[("class", "log-row"), ("data-tone", tone_name(row.tone))]);
        heading(&mut svg, matrix, row, layout, place);
        svg.open("g", &[("data-row", node.as_str())]);
        if row.hatched {
            out_of_service(&mut svg, row, matrix, layout, place);
        }
        rail(&mut svg, layout, place);
        snapshot(&mut svg, row, matrix, layout, place);
        for shown in &row.cells {
            cell(&mut svg, shown, matrix, layout, place);
        }
        svg.close("g");
        if let Some(followed) = row.followed {
            known(&mut svg, followed, matrix, layout, place);
        }
        svg.close("g");
    }
    if matrix.last_index == 0 {
        let (x, y) =
            (tenths(layout.left + 8.0), tenths(layout.top + layout.cell_height / 2.0 + 4.0));
        let words = "No entries yet: let a client write.";
        svg.words("text", &[("class", "log-edge"), ("x", &x), ("y", &y)], words);
    }
    key(&mut svg, matrix, layout);
    svg.text
}

/// What the entries of a log stand on.
fn rail(svg: &mut Markup, layout: &Layout, place: usize) {
    let y = tenths(layout.y(place) + layout.cell_height + 0.5);
    let path = format!("M{} {y}H{}", tenths(layout.left - 2.0), tenths(layout.frame.width - 6.0));
    svg.leaf("path", &[("class", "log-rail"), ("d", &path)]);
}

/// What is lit.
pub fn lit(matrix: &LogMatrix, layout: &Layout, highlight: &Highlight) -> String {
    let mut svg = Markup::default();
    if highlight.is_empty() {
        return svg.text;
    }
    svg.open("g", &[("class", "log-lit")]);
    for (place, row) in matrix.rows.iter().enumerate() {
        if highlight.has_node(row.node) {
            heading(&mut svg, matrix, row, layout, place);
        }
        for shown in row.cells.iter().filter(|shown| is_lit(row, shown, highlight)) {
            cell(&mut svg, shown, matrix, layout, place);
        }
    }
    svg.close("g");
    svg.text
}

/// The numbers of the columns.
fn indices(svg: &mut Markup, matrix: &LogMatrix, layout: &Layout) {
    let y = tenths(layout.top - 8.0);
    for index in matrix.window.first..=matrix.window.last() {
        let beyond = index > matrix.last_index;
        let class = if beyond { "log-index beyond" } else { "log-index" };
        let x = tenths(layout.x(matrix.window, index) + layout.step.0 / 2.0 - 1.5);
        svg.words("text", &[("class", class), ("x", &x), ("y", &y)], &index.to_string());
    }
    let x = tenths(layout.left - 10.0);
    svg.words("text", &[("class", "log-index end"), ("x", &x), ("y", &y)], "index");
}

/// A server's name and role, left of its log.
fn heading(svg: &mut Markup, matrix: &LogMatrix, row: &LogRow, layout: &Layout, place: usize) {
    let middle = layout.y(place) + layout.cell_height / 2.0;
    let compact = layout.frame.density() == Density::Compact;
    let node = row.node.0.to_string();
    svg.open("g", &[("data-node", node.as_str()), ("data-tone", tone_name(row.tone))]);
    svg.words("title", &[], &row.description);
    let name = [("class", "log-name"), ("x", "8"), ("y", &tenths(middle - 1.0))];
    svg.words("text", &name, &row.name);
    let word = [("class", "log-word"), ("x", "8"), ("y", &tenths(middle + 12.0))];
    let text = if compact { short(&row.word, 9) } else { row.word.clone() };
    svg.words("text", &word, &text);
    if matrix.leader == Some(row.node) {
        let x = layout.left - if compact { 18.0 } else { 44.0 };
        let place = format!("translate({} {}) scale(.8)", tenths(x), tenths(middle - 7.0));
        let path = "M-11 5L-13 -6L-6 -1L0 -9L6 -1L13 -6L11 5Z";
        svg.leaf("path", &[("class", "crown"), ("d", path), ("transform", &place)]);
    }
    if row.cells.is_empty() && row.last_index > 0 && row.last_index < matrix.window.first {
        // All that it has lies to the left.
        let x = tenths(layout.left + 2.0);
        let words = format!("← ends at {}", row.last_index);
        svg.words("text", &[("class", "log-edge"), ("x", &x), ("y", &tenths(middle))], &words);
    }
    svg.close("g");
}

/// The log of a server that is down, or paused, lies on a hatched strip.
fn out_of_service(
    svg: &mut Markup,
    row: &LogRow,
    matrix: &LogMatrix,
    layout: &Layout,
    place: usize,
) {
    let end = row.last_index.min(matrix.window.last()).max(matrix.window.first);
    let width = layout.x(matrix.window, end) + layout.step.0 - layout.left + 3.0;
    let rect = [
        ("class", "log-hatch".to_owned()),
        ("x", tenths(layout.left - 4.0)),
        ("y", tenths(layout.y(place) - 3.0)),
        ("width", tenths(width + 2.0)),
        ("height", tenths(layout.cell_height + 6.0)),
        ("rx", "5".to_owned()),
    ];
    svg.leaf("rect", &rect.each_ref().map(|(name, value)| (*name, value.as_str())));
}

/// What a snapshot stands for is one block, torn off at its edge.
fn snapshot(svg: &mut Markup, row: &LogRow, matrix: &LogMatrix, layout: &Layout, place: usize) {
    if row.snapshot_through < matrix.window.first {
        return;
    }
    let through = row.snapshot_through.min(matrix.window.last());
    let (left, top) = (layout.left, layout.y(place));
    let (right, bottom) =
        (layout.x(matrix.window, through) + layout.step.0 - 4.0, top + layout.cell_height);
    let mut path = format!("M{} {}H{}", tenths(left), tenths(top), tenths(right));
    const TEETH: usize = 6;
    for tooth in 1..=TEETH {
        let x = if tooth % 2 == 1 { right - 4.0 } else { right };
        let y = top + (bottom - top) * tooth as f32 / TEETH as f32;
        path.push_str(&format!("L{} {}", tenths(x), tenths(y)));
    }
    path.push_str(&format!("H{}Z", tenths(left)));
    let class = format!("log-snapshot term-{}", row.snapshot_term % 6);
    svg.leaf("path", &[("class", &class), ("d", &path)]);
    let words = match (right - left) / layout.step.0 {
        ..2.0 => format!("1…{}", row.snapshot_through),
        _ => format!("snapshot 1…{}", row.snapshot_through),
    };
    let at = [
        ("class", "log-cell-text"),
        ("x", &tenths((left + right) / 2.0)),
        ("y", &tenths((top + bottom) / 2.0 + 4.0)),
    ];
    svg.words("text", &at, &words);
}

fn cell(svg: &mut Markup, cell: &LogCell, matrix: &LogMatrix, layout: &Layout, place: usize) {
    let (width, height) = (layout.step.0 - 3.0, layout.cell_height);
    let at = (layout.x(matrix.window, cell.name.index), layout.y(place));
    let class = format!(
        "log-cell {} term-{}{}",
        if cell.committed { "solid" } else { "loose" },
        cell.name.term % 6,
        if cell.conflicts { " conflict" } else { "" }
    );
    let name = format!("{}-{}", cell.name.index, cell.name.term);
    let transform = format!("translate({} {})", tenths(at.0), tenths(at.1));
    svg.open("g", &[("class", &class), ("data-entry", &name), ("transform", &transform)]);
    svg.words("title", &[], &in_words(cell));
    let (w, h) = (tenths(width), tenths(height));
    svg.leaf("rect", &[("width", w.as_str()), ("height", &h), ("rx", "4")]);
    let middle = tenths(width / 2.0);
    let head = [("class", "log-cell-term"), ("x", middle.as_str()), ("y", "10.5")];
    svg.words("text", &head, &format!("t{}", cell.name.term));
    let letters = (width / 6.6) as usize;
    let y = tenths(height - (height - 12.0) / 2.0 + 3.0);
    let text = [("class", "log-cell-text"), ("x", middle.as_str()), ("y", &y)];
    svg.words("text", &text, &short(&cell.text, letters));
    if !cell.durable {
        // Not on disk yet: an empty ring where a full dot would promise too much.
        let x = tenths(width - 6.0);
        let ring = [("class", "log-memory"), ("cx", x.as_str()), ("cy", "6"), ("r", "2.6")];
        svg.leaf("circle", &ring);
    }
    if cell.conflicts {
        let cross = format!("M2 2L{} {}", tenths(width - 2.0), tenths(height - 2.0));
        svg.leaf("path", &[("class", "log-conflict"), ("d", &cross)]);
    }
    svg.close("g");
}

fn in_words(cell: &LogCell) -> String {
    format!(
        "Entry {} of term {}: {}, {}, {}{}",
        cell.name.index,
        cell.name.term,
        cell.text,
        if cell.committed { "committed" } else { "not known to be committed" },
        if cell.durable { "on disk" } else { "only in memory" },
        if cell.conflicts { "; the leader has another entry here" } else { "" }
    )
}

/// At most so many letters.
fn short(text: &str, letters: usize) -> String {
    match text.chars().count() <= letters.max(2) {
        true => text.to_owned(),
        false => text.chars().take(letters.max(2) - 1).chain(['…']).collect(),
    }
}

/// What the leader knows of a follower: marks below its log.
fn known(svg: &mut Markup, followed: Followed, matrix: &LogMatrix, layout: &Layout, place: usize) {
    let y = layout.y(place) + layout.cell_height + 2.0;
    let window = matrix.window;
    let half = (layout.step.0 - 3.0) / 2.0;
    if window.contains(followed.match_index) {
        let place = format!(
            "translate({} {})",
            tenths(layout.x(window, followed.match_index) + half),
            tenths(y)
        );
        let path = "M0 0L5 8H-5Z";
        svg.leaf("path", &[("class", "log-match"), ("d", path), ("transform", &place)]);
    }
    if window.contains(followed.next_index) {
        let place = format!(
            "translate({} {})",
            tenths(layout.x(window, followed.next_index) + half),
            tenths(y)
        );
        let path = "M0 .8L4.5 7.5H-4.5Z";
        svg.leaf("path", &[("class", "log-next"), ("d", path), ("transform", &place)]);
    } else if followed.next_index < window.first {
        let words = format!("← next {}", followed.next_index);
        let at = [("class", "log-edge"), ("x", &tenths(layout.left)), ("y", &tenths(y + 9.0))];
        svg.words("text", &at, &words);
    }
}

/// What the marks mean.
fn key(svg: &mut Markup, matrix: &LogMatrix, layout: &Layout) {
    let compact = layout.frame.density() == Density::Compact;
    let mut x = 8.0;
    let y = layout.bottom() + 16.0;
    let mut say = |svg: &mut Markup, class: &str, path: &str, words: &str| {
        let place = format!("translate({} {})", tenths(x + 5.0), tenths(y - 8.0));
        svg.leaf("path", &[("class", class), ("d", path), ("transform", &place)]);
        let at = [("class", "log-key"), ("x", &tenths(x + 14.0)), ("y", &tenths(y))];
        svg.words("text", &at, words);
        x += 24.0 + words.chars().count() as f32 * 5.9;
    };
    if matrix.leader.is_some() {
        let (there, next) = match compact {
            true => ("known there", "sent next"),
            false => {
                ("the leader knows it is there (match index)", "it sends this next (next index)")
            }
        };
        say(svg, "log-match", "M0 0L5 8H-5Z", there);
        say(svg, "log-next", "M0 .8L4.5 7.5H-4.5Z", next);
    }
    let memory = "M-2.6 4A2.6 2.6 0 1 1 2.6 4A2.6 2.6 0 1 1 -2.6 4";
    say(svg, "log-memory", memory, if compact { "in memory" } else { "only in memory" });
    let words = if compact { "another" } else { "the leader has another" };
    say(svg, "log-conflict", "M-4 0L4 8", words);
}
