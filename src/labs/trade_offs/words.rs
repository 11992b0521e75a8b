//! Words, controls and markup that the studies have in common.

use crate::labs::parts::{Slider, button, slider};
use crate::scene::plot::{Course, Curve, Ruler, Scale, Stroke, Unit};
use crate::scene::svg::Markup;
use crate::scene::{Density, Frame, Tone};

/// How high plots are.
pub(super) const HEIGHT: f32 = 288.0;

/// A number in thousandths, to three digits or so: `12.3`.
pub(super) fn decimal(thousandths: u64) -> String {
    let (places, scaled) = match thousandths {
        0..10_000 => (2, (thousandths + 5) / 10),
        10_000..100_000 => (1, (thousandths + 50) / 100),
        _ => (0, (thousandths + 500) / 1_000),
    };
    let whole = Unit::Count.words(scaled / [1, 10, 100][places]);
    let rest = scaled % [1, 10, 100][places];
    match (places, rest) {
        (_, 0) => whole,
        (2, 1..10) => [&whole, ".0", &rest.to_string()].concat(),
        (2, rest) if rest % 10 == 0 => [&whole, ".", &(rest / 10).to_string()].concat(),
        (_, rest) => [&whole, ".", &rest.to_string()].concat(),
    }
}

/// A time, or a dash where there is none.
pub(super) fn time(us: Option<u64>) -> String {
    us.map_or_else(|| "–".to_owned(), |us| Unit::Time.words(us))
}

/// A paragraph: what is seen (`said`), what to try (`try`), what is modelled (`truth`).
pub(super) fn paragraph(html: &mut Markup, class: &str, words: &str) {
    let lead = match class {
        "try" => "Try: ",
        "truth" => "What runs here: ",
        _ => "",
    };
    html.open("p", &[("class", ["to-", class].concat().as_str())]);
    if !lead.is_empty() {
        html.words("b", &[], lead);
    }
    html.words("span", &[], words);
    html.close("p");
}

/// A curve through points, straight from one to the next.
pub(super) fn curve(name: &str, (tone, stroke): Look, points: Vec<(u64, u64)>) -> Curve {
    let course = Course::Line;
    Curve { name: name.into(), tone, stroke, course, points, band: Vec::new() }
}

/// How a curve looks.
pub(super) type Look = (Tone, Stroke);

/// An axis.
pub(super) fn ruler(title: &str, scale: Scale) -> Ruler {
    Ruler { title: title.into(), scale }
}

/// The frames of two plots: beside each other where there is room.
pub(super) fn halves(frame: Frame) -> [Frame; 2] {
    let of = |part: f32| Frame { width: frame.width * part, height: HEIGHT };
    match frame.density() {
        Density::Roomy => [of(0.5); 2],
        Density::Compact => [of(1.0); 2],
    }
}

/// A table: its caption, its head, and its rows, the first cell of each naming it.
pub(super) fn table(html: &mut Markup, caption: &str, head: &[&str], rows: &[Vec<String>]) {
    begin_table(html, "to-table", caption);
    html.open("thead", &[]);
    html.open("tr", &[]);
    head.iter().for_each(|cell| html.words("th", &[("scope", "col")], cell));
    html.close("tr");
    html.close("thead");
    html.open("tbody", &[]);
    for row in rows {
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
    html.close("div");
}

/// A table in a place of its own, which can be scrolled sideways, also by keys, and what it is
/// about, as wide as what is seen of it.
pub(super) fn begin_table(html: &mut Markup, class: &str, caption: &str) {
    let named =
        [("class", "to-scroll"), ("tabindex", "0"), ("role", "region"), ("aria-label", caption)];
    html.open("div", &named);
    html.open("table", &[("class", class)]);
    html.open("caption", &[]);
    html.words("span", &[], caption);
    html.close("caption");
}

/// A slider of a study: what it is called, its title, and how many places it has.
pub(super) type Dial = (&'static str, &'static str, usize);

/// Sliders, each where it stands and with what it says, and the button for other seeds.
pub(super) fn sliders(html: &mut Markup, dials: &[Dial], at: &[usize], says: &[String]) {
    for ((dial, at), says) in dials.iter().zip(at).zip(says) {
        let (name, title, places) = *dial;
        slider(html, &Slider { name, title, places, at: *at, says });
    }
}

/// The button for other seeds.
pub(super) fn other_seeds(html: &mut Markup) {
    html.words("button", &[("class", "toggle"), ("data-look", "seeds")], "Other seeds");
}

/// A box to be ticked.
pub(super) fn tick(html: &mut Markup, look: &str, label: &str, is_on: bool) {
    button(html, look, label, is_on);
}

/// Puts a slider at a place, if there is such a slider. Whether it stands elsewhere now.
pub(super) fn turn(dials: &[Dial], at: &mut [usize], (name, to): (&str, Option<usize>)) -> bool {
    let Some(dial) = dials.iter().position(|dial| dial.0 == name) else { return false };
    let Some(to) = to.map(|to| to.min(dials[dial].2 - 1)) else { return false };
    std::mem::replace(&mut at[dial], to) != to
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousandths_in_words() {
        for (thousandths, words) in [
            (0, "0"),
            (4, "0"),
            (50, "0.05"),
            (1_000, "1"),
            (1_234, "1.23"),
            (1_300, "1.3"),
            (9_996, "10"),
            (12_340, "12.3"),
            (99_960, "100"),
            (1_234_567, "1,235"),
        ] {
            assert_eq!(decimal(thousandths), words, "{thousandths}");
        }
    }

    #[test]
    fn only_sliders_that_are_there_are_turned() {
        let dials: [Dial; 2] = [("load", "Load", 3), ("size", "Size", 2)];
        let mut at = [0, 0];
        assert!(turn(&dials, &mut at, ("size", Some(9))));
        assert!(!turn(&dials, &mut at, ("size", Some(1))), "it is there already");
        assert!(!turn(&dials, &mut at, ("load", None)));
        assert!(!turn(&dials, &mut at, ("nothing", Some(1))));
        assert_eq!(at, [0, 1]);
    }
}
