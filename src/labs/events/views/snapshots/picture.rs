//! The view as markup: the long stream with its bars, the law, and the snapshot on trial.

use super::super::state::{fields, grouped, short};
use super::Row;
use super::law::Trial;
use super::long::{EVENTS, Looked};
use crate::event_store::state_hash;
use crate::scene::svg::Markup;
use crate::scene::tenths;

/// So many snapshots at most are drawn one by one.
const MOST_MARKS: u64 = 100;
/// So many cuts of a stream at most are drawn one by one.
const MOST_CUTS: usize = 24;

/// `version 73 412`
pub(super) fn version(version: u64) -> String {
    grouped(version)
}

/// `after every 1 000 events`
pub(super) fn every(every: u64) -> String {
    match every {
        1 => "after every event".to_owned(),
        _ => ["after every ", &grouped(every), " events"].concat(),
    }
}

/// The stream, the playhead in it, and what it costs to get there.
pub(super) fn long(html: &mut Markup, looked: &Looked, every: u64, width: f32) {
    let version = looked.whole.through;
    html.open("section", &[("class", "ev-long")]);
    let title = [&*grouped(EVENTS), " events, folded to version ", &*grouped(version)].concat();
    html.words("h3", &[], &title);
    tape(html, looked, every, (width - 32.0).max(120.0));
    html.open("table", &[("class", "ev-bars")]);
    let events = |count: u64| match count {
        1 => "1 event".to_owned(),
        _ => [&*grouped(count), " events"].concat(),
    };
    let covers = grouped(looked.covers);
    bar(html, "from the first event", ("whole", version, EVENTS), &events(version));
    let from = ["from the snapshot of ", &covers].concat();
    bar(html, &from, ("tail", looked.tail, EVENTS), &events(looked.tail));
    let (kept, most) = (EVENTS / every, EVENTS);
    let stored = kept * looked.snapshot_bytes;
    let says =
        [&*grouped(kept), " × ", &*looked.snapshot_bytes.to_string(), " B = ", &*size(stored)];
    bar(html, "snapshots to keep", ("kept", kept, most), &says.concat());
    html.close("table");
    let hash = short(state_hash(&looked.whole.state));
    let (class, says) = match looked.is_same {
        true => ("ev-same", "✓ the same state, both ways: "),
        false => ("ev-same bad", "× not the same state"),
    };
    html.words("p", &[("class", class)], &[says, &hash].concat());
    html.open("dl", &[("class", "ev-fields")]);
    for field in fields(&looked.whole.state) {
        html.open("div", &[]);
        html.words("dt", &[], &field.name);
        html.words("dd", &[], &field.value);
        html.close("div");
    }
    html.close("dl");
    html.close("section");
}

/// The whole stream to scale: what the snapshot covers, what is folded after it, and the playhead.
fn tape(html: &mut Markup, looked: &Looked, every: u64, width: f32) {
    let at = |version: u64| width * version as f32 / EVENTS as f32;
    let (covers, version) = (at(looked.covers), at(looked.whole.through));
    let view_box = ["0 0 ", &*tenths(width), " 34"].concat();
    let label = "The stream; the part that a snapshot covers, and the part that is folded after it";
    html.open(
        "svg",
        &[
            ("class", "view-svg ev-tape"),
            ("role", "img"),
            ("aria-label", label),
            ("viewBox", &view_box),
        ],
    );
    let mut part = |class: &str, from: f32, to: f32| {
        let (x, wide) = (tenths(from), tenths((to - from).max(0.0)));
        html.leaf(
            "rect",
            &[("class", class), ("x", &x), ("y", "10"), ("width", &wide), ("height", "16")],
        );
    };
    part("ev-ahead", 0.0, width);
    part("ev-covered", 0.0, covers);
    part("ev-tail", covers, version.max(covers + 2.0));
    let count = EVENTS / every;
    let mut marks = String::new();
    if count <= MOST_MARKS {
        for number in 1..=count {
            marks.push_str(&["M", &tenths(at(number * every)), " 4V10"].concat());
        }
    } else {
        marks.push_str(&["M0 7H", &tenths(width)].concat());
    }
    let dense = if count <= MOST_MARKS { "ev-mark" } else { "ev-mark dense" };
    html.leaf("path", &[("class", dense), ("d", &marks)]);
    let x = tenths(version.max(1.0).min(width - 1.0));
    html.leaf("path", &[("class", "playhead"), ("d", &["M", &x, " 2V32"].concat())]);
    html.close("svg");
}

/// A row of a table: what it is, a bar, and its number.
fn bar(html: &mut Markup, name: &str, (class, count, most): (&str, u64, u64), says: &str) {
    html.open("tr", &[("class", class)]);
    html.words("th", &[("scope", "row")], name);
    html.open("td", &[("class", "ev-bar")]);
    let view_box = "0 0 1000 10";
    html.open(
        "svg",
        &[("viewBox", view_box), ("preserveAspectRatio", "none"), ("aria-hidden", "true")],
    );
    let long = count * 1_000 / most;
    // A little is more than nothing.
    let long = if count > 0 { long.max(3) } else { 0 };
    html.leaf("rect", &[("width", &long.to_string()), ("height", "10")]);
    html.close("svg");
    html.close("td");
    html.words("td", &[], says);
    html.close("tr");
}

/// `13.7 kB`
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{}.{} kB", bytes / 1_000, bytes % 1_000 / 100),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// For each stream of the reader's log, its cuts with a tick where the law holds.
pub(super) fn law(html: &mut Markup, rows: &[Row]) {
    html.open("section", &[("class", "ev-law")]);
    html.words("h3", &[], "The law, on this log: fold(all) = fold(tail, snapshot)");
    html.open("table", &[]);
    for (stream, cuts) in rows {
        let held = cuts.iter().filter(|holds| **holds).count();
        html.open("tr", &[]);
        html.words("th", &[("scope", "row")], stream);
        html.open("td", &[]);
        let shown = &cuts[cuts.len().saturating_sub(MOST_CUTS)..];
        for holds in shown {
            let (class, mark) = if *holds { ("ev-cut", "✓") } else { ("ev-cut bad", "×") };
            html.words("b", &[("class", class), ("aria-hidden", "true")], mark);
        }
        html.close("td");
        let says = if held == cuts.len() {
            format!("all {held} cuts")
        } else {
            format!("not for {} of {} cuts", cuts.len() - held, cuts.len())
        };
        html.words("td", &[("class", "ev-count")], &says);
        html.close("tr");
    }
    html.close("table");
    html.close("section");
}

/// A snapshot, the log that it meets, and what becomes of it.
pub(super) fn trial(html: &mut Markup, trial: &Trial) {
    let Trial { stream, versions: (snapshot, log), left, loaded, folded } = trial;
    let refused = loaded.refused;
    html.open("section", &[("class", "ev-trial")]);
    html.words("h3", &[], &["A snapshot of ", stream, " is loaded"].concat());
    html.open("div", &[("class", "ev-meet")]);
    let says = |left: i32| ["says ", &left.to_string(), " left"].concat();
    card(html, "the snapshot", *snapshot, &says(left.0));
    let (class, mark) =
        if refused.is_some() { ("ev-versus bad", "≠") } else { ("ev-versus", "=") };
    html.words("b", &[("class", class), ("aria-hidden", "true")], mark);
    card(html, "the log", *log, &says(left.1));
    html.close("div");
    let (class, verdict) = match refused {
        None => ("ev-verdict", "Used.".to_owned()),
        Some(refusal) => ("ev-verdict bad", ["Refused: ", &refusal.to_string(), "."].concat()),
    };
    html.words("p", &[("class", class)], &verdict);
    let rebuilt = match (refused, folded) {
        (None, folded) => format!("{folded} events were folded after it."),
        (Some(_), 1) => "Rebuilt from 1 event instead.".to_owned(),
        (Some(_), folded) => format!("Rebuilt from all {folded} events instead."),
    };
    let believed = match refused {
        Some(_) if left.0 != left.1 => {
            format!(" Had it been believed, {} would be left, and not {}.", left.0, left.1)
        }
        Some(_) => " This time it would have said the same; nobody could have known.".to_owned(),
        None => String::new(),
    };
    html.words("p", &[], &[rebuilt, believed].concat());
    html.close("section");
}

fn card(html: &mut Markup, name: &str, version: u64, says: &str) {
    html.open("div", &[("class", "ev-card")]);
    html.words("span", &[], name);
    html.words("b", &[], &format!("version {version}"));
    html.words("small", &[], says);
    html.close("div");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        let sizes = [0, 999, 1_000, 12_800, 999_999, 12_800_000].map(size);
        assert_eq!(sizes, ["0 B", "999 B", "1.0 kB", "12.8 kB", "999.9 kB", "12.8 MB"]);
        assert_eq!([every(1), version(1_000)], ["after every event", "1\u{202f}000"]);
    }
}
