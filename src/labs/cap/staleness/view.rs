//! The figure with its controls: markup out, presses and drags in. For a view of the lab in the
//! lens.

use super::figure::{Look, MOST, Network, Staleness};
use super::{Experiment, picture};
use crate::labs::cap::CapLab;
use crate::labs::{Lab, Pointed, View, ViewEntry};
use crate::pbs::{Fit, Forecast};
use crate::scene::plot::{CurvePlot, Layout, PlanePlot, Rows, svg};
use crate::scene::svg::Markup;
use crate::scene::{Density, Frame, Highlight};

/// The view, as the page knows it.
pub const STALENESS: ViewEntry = ViewEntry {
    name: "staleness",
    title: "Staleness",
    label: "How many reads are up to date, by how long after a write they start, and what every R \
        and W costs: as plots, with a table for each. Left and right look at another time after \
        the write.",
    hint: "Drag across the curve to look at another time after the write. Tap a point, or a number \
        above, for another R and W.",
    buttons: &[],
};

/// The delays to choose from, with their names in controls and what they are called there.
const NETWORKS: [(&str, &str, Network); 5] = [
    ("own", "this figure’s", Network::Own),
    ("ssd", "LNKD-SSD", Network::Fitted(Fit::LinkedInSsd)),
    ("disk", "LNKD-DISK", Network::Fitted(Fit::LinkedInDisk)),
    ("yammer", "YMMR", Network::Fitted(Fit::Yammer)),
    ("wan", "WAN", Network::Fitted(Fit::Wan)),
];

/// What moves along the time after the write.
const AFTER: &str = "Time after the write";
const SOONER: &str = "Sooner after the write";
const LATER: &str = "Later after the write";

/// How high plots are that stand side by side, at least and at most, in pixels.
const HEIGHTS: (f32, f32) = (200.0, 330.0);

/// How stale reads are, with what the reader looks at.
pub struct StalenessView {
    staleness: Staleness,
    /// How many pixels a step of the time after the write takes, in the picture drawn last.
    step: f32,
    /// Pixels of a drag that have not made a step yet.
    slack: f32,
    /// The picture drawn last, what it is of, and how many slices ago.
    drawn: (String, Option<Of>, u32),
}

/// What a picture is of, but for how much is measured: the room, what is looked at, in which store
/// and at what time after the write, and how much is foretold.
type Of = (Frame, Look, Experiment, usize, u64);

/// While it is measured, the picture is drawn anew after so many slices: that takes longer than a
/// slice does.
const SLICES_A_PICTURE: u32 = 4;

impl StalenessView {
    /// For a lab with this store and world.
    pub fn new(own: Experiment) -> StalenessView {
        let staleness = Staleness::new(own);
        StalenessView { staleness, step: 1.0, slack: 0.0, drawn: (String::new(), None, 0) }
    }

    /// Does a slice of the work, and draws how far it has come: words, plots and tables, as markup.
    pub fn picture(&mut self, frame: Frame) -> String {
        self.staleness.run();
        let staleness = &self.staleness;
        let foretold = staleness.forecast().map_or(0, Forecast::trials);
        let of = (frame, staleness.look(), staleness.experiment(), staleness.guide(), foretold);
        self.drawn.2 += 1;
        let is_due = staleness.is_finished() || self.drawn.2 >= SLICES_A_PICTURE;
        if is_due || self.drawn.1 != Some(of) {
            self.drawn = (self.drawn_anew(frame), Some(of), 0);
        }
        self.drawn.0.clone()
    }

    fn drawn_anew(&mut self, frame: Frame) -> String {
        let staleness = &self.staleness;
        let (sentence, reason) = (picture::sentence(staleness), picture::reason(staleness));
        let said = [&sentence, &*picture::comparison(staleness), " ", &reason].concat();
        let mut html = Markup::default();
        html.open("div", &[("class", "staleness")]);
        html.words("p", &[("class", "staleness-said")], &tied(&said));
        html.open("div", &[("class", "staleness-plots")]);
        if let Some((curves, plane)) = picture::curves(staleness).zip(picture::plane(staleness)) {
            let (left, right) = frames(frame);
            let layout = Layout::of_curves(&curves, left);
            let width = layout.corners.1.x - layout.corners.0.x;
            let steps = staleness.instants().len().saturating_sub(1).max(1);
            self.step = width / steps as f32;
            html.text.push_str(&svg::curves(&curves, &layout));
            html.text.push_str(&svg::plane(&plane, &Layout::of_plane(&plane, right)));
            tables(&mut html, staleness, (&curves, &plane));
        }
        html.close("div");
        html.words("p", &[("class", "staleness-truth")], &picture::truth(staleness));
        html.close("div");
        html.text
    }

    /// A button of the [`controls`](View::controls), a point of the plane, or a key by the name
    /// that browsers have for it. Anything else does nothing.
    pub fn choose(&mut self, what: &str) {
        let look = self.staleness.look();
        let (name, value) = what.split_once('=').unwrap_or((what, ""));
        let number = value.parse::<u8>();
        match (name, number) {
            ("n", Ok(n)) => self.staleness.choose(Look { n, ..look }),
            ("r", Ok(r)) => self.staleness.choose(Look { r, ..look }),
            ("w", Ok(w)) => self.staleness.choose(Look { w, ..look }),
            ("quorum", _) => {
                let both = value.split_once(',').map(|(r, w)| (r.parse(), w.parse()));
                if let Some((Ok(r), Ok(w))) = both {
                    self.staleness.choose(Look { r, w, ..look });
                }
            }
            ("network", _) => {
                let known = NETWORKS.iter().find(|(name, ..)| *name == value);
                if let Some((_, _, network)) = known {
                    self.staleness.choose(Look { network: *network, ..look });
                }
            }
            ("reset", _) => self.staleness.start_over(),
            ("sooner" | "ArrowLeft", _) => self.staleness.move_guide(-1),
            ("longer" | "ArrowRight", _) => self.staleness.move_guide(1),
            _ => {}
        }
    }
}

impl View for StalenessView {
    fn draw(&mut self, lab: &dyn Lab, frame: Frame, _lit: &Highlight) -> String {
        if let Some(lab) = CapLab::of(lab) {
            self.staleness.follow(lab.experiment());
        }
        self.picture(frame)
    }

    fn is_finished(&self) -> bool {
        self.staleness.is_finished()
    }

    fn controls(&self) -> String {
        let Look { n, r, w, network } = self.staleness.look();
        let mut html = Markup::default();
        html.open("div", &[("class", "staleness-controls")]);
        for (name, title, value, most) in [
            ("n", "N, replicas", n, MOST),
            ("r", "R, answers that make a read", r, n),
            ("w", "W, acknowledgements that make a write", w, n),
        ] {
            group(&mut html, title, &name.to_uppercase());
            for number in 1..=most {
                let number_text = number.to_string();
                choice(
                    &mut html,
                    &[name, "=", &number_text].concat(),
                    &number_text,
                    number == value,
                );
            }
            html.close("span");
        }
        group(&mut html, "Delays", "delays");
        for (name, title, other) in NETWORKS {
            choice(&mut html, &["network=", name].concat(), title, other == network);
        }
        html.close("span");
        group(&mut html, AFTER, "after");
        for (name, arrow, says) in [("sooner", "←", SOONER), ("longer", "→", LATER)] {
            let named = [("class", "toggle"), ("data-look", name), ("aria-label", says)];
            html.words("button", &named, arrow);
        }
        html.close("span");
        html.words("button", &[("class", "toggle"), ("data-look", "reset")], "Start over");
        html.close("div");
        html.text
    }

    fn press(&mut self, _lab: &dyn Lab, what: &str) -> Option<Pointed> {
        self.choose(what);
        None
    }

    /// Along the time after the write, as far as the pointer goes along its axis.
    fn pan(&mut self, dx: f32) {
        self.slack += dx;
        let steps = (self.slack / self.step) as i64;
        self.slack -= steps as f32 * self.step;
        self.staleness.move_guide(steps);
    }
}

/// The same words, numbers and their units on one line.
fn tied(words: &str) -> String {
    let units = [" %", " ms", " µs", " s "];
    let tie = |words: String, unit: &str| words.replace(unit, &["\u{a0}", &unit[1..]].concat());
    units.into_iter().fold(words.to_owned(), tie)
}

/// The curves and the plane: side by side, or one below the other.
fn frames(frame: Frame) -> (Frame, Frame) {
    let of = |part: f32, height: f32| Frame { width: frame.width * part, height };
    match frame.density() {
        Density::Roomy => {
            let height = frame.height.max(HEIGHTS.0).min(HEIGHTS.1);
            (of(0.54, height), of(0.46, height))
        }
        Density::Compact => (of(1.0, 290.0), of(1.0, 270.0)),
    }
}

/// How long operations take, for everybody; and both plots for those who do not see them.
fn tables(html: &mut Markup, staleness: &Staleness, (curves, plane): (&CurvePlot, &PlanePlot)) {
    if let Some(rows) = picture::latencies(staleness) {
        html.text.push_str(&svg::table(&rows, "How long operations take"));
    }
    html.open("div", &[("class", "visually-hidden")]);
    let rows = Rows::of_curves(curves, staleness.instants());
    html.text.push_str(&svg::table(&rows, &curves.title));
    html.text.push_str(&svg::table(&Rows::of_plane(plane), &plane.title));
    html.close("div");
}

fn group(html: &mut Markup, label: &str, title: &str) {
    html.open("span", &[("class", "group"), ("role", "group"), ("aria-label", label)]);
    html.words("b", &[("title", label)], title);
}

fn choice(html: &mut Markup, look: &str, title: &str, is_chosen: bool) {
    let pressed = if is_chosen { "true" } else { "false" };
    let named = [("class", "toggle"), ("data-look", look), ("aria-pressed", pressed)];
    html.words("button", &named, title);
}

#[cfg(test)]
mod tests {
    use super::super::super::{LINKS, SYNC};
    use super::*;

    const DESK: Frame = Frame { width: 1_050.0, height: 380.0 };
    const PHONE: Frame = Frame { width: 358.0, height: 400.0 };

    fn view() -> StalenessView {
        let (link, sync) = (LINKS.delay, SYNC);
        let ack_before_sync = false;
        StalenessView::new(Experiment { n: 3, r: 1, w: 1, link, sync, ack_before_sync, seed: 5 })
    }

    fn pressed(view: &StalenessView) -> Vec<String> {
        let html = view.controls();
        let pressed = html.split("data-look=\"").filter(|it| it.contains("pressed=\"true\""));
        pressed.filter_map(|it| it.split('"').next()).map(str::to_owned).collect()
    }

    #[test]
    fn it_is_drawn_in_slices_and_comes_to_an_end() {
        let mut view = view();
        let first = view.picture(DESK);
        assert!(first.contains("is foretold to be up to date") && !view.is_finished());
        for _ in 0..8 {
            view.picture(DESK);
        }
        let measuring = view.picture(DESK);
        assert!(
            measuring.contains("A read 5\u{a0}ms after a write is up to date in"),
            "{measuring}"
        );
        assert!(measuring.contains("Measured: ") && !view.is_finished());
        view.choose("network=ssd");
        while !view.is_finished() {
            view.picture(PHONE);
        }
        assert_eq!(view.picture(PHONE), view.picture(PHONE));
    }

    /// Everything in the plots is in tables, too: what operations take for all to see, the rest for
    /// who cannot see the plots.
    #[test]
    fn plots_have_names_and_tables() {
        let mut view = view();
        for frame in [DESK, PHONE] {
            view.picture(frame);
            let html = view.picture(frame);
            assert_eq!(html.matches("role=\"img\" aria-label=\"").count(), 2);
            assert_eq!(html.matches("<table").count(), 3);
            let hidden = html.split("visually-hidden").nth(1).expect("two tables are there");
            assert_eq!(hidden.matches("<table").count(), 2);
            assert_eq!(hidden.matches("scope=\"row\">R").count(), 9, "every R and W");
            for percentile in ["p50", "p99", "p99.9"] {
                assert!(html.contains(&format!("<th scope=\"col\">{percentile}</th>")));
            }
        }
    }

    #[test]
    fn controls_choose_and_keys_and_drags_move() {
        let mut view = view();
        assert_eq!(pressed(&view), ["n=3", "r=1", "w=1", "network=own"]);
        for what in ["r=2", "w=3", "n=2", "network=yammer"] {
            view.choose(what);
        }
        assert_eq!(pressed(&view), ["n=2", "r=2", "w=2", "network=yammer"], "W was made to fit");
        view.choose("quorum=1,2");
        assert_eq!(pressed(&view), ["n=2", "r=1", "w=2", "network=yammer"]);
        view.choose("quorum=2,2");
        for nonsense in
            ["quorum=2", "quorum=,", "r=", "r=x", "network=moon", "n=300", "", "=", "Tab"]
        {
            view.choose(nonsense);
        }
        assert_eq!(pressed(&view), ["n=2", "r=2", "w=2", "network=yammer"]);
        view.choose("reset");
        assert_eq!(pressed(&view), ["n=3", "r=1", "w=1", "network=own"]);
        view.picture(DESK);
        let at = |view: &StalenessView| view.staleness.guide();
        let last = view.staleness.instants().len() - 1;
        (0..=last).for_each(|_| view.choose("sooner"));
        assert_eq!(at(&view), 0);
        view.choose("ArrowRight");
        view.choose("longer");
        assert_eq!(at(&view), 2);
        let (half, whole) = (view.step * 0.5, view.step);
        view.pan(half);
        assert_eq!(at(&view), 2, "not far enough");
        view.pan(half + whole + 0.1);
        assert_eq!(at(&view), 4);
        view.pan(-100.0 * whole);
        assert_eq!(at(&view), 0);
        (0..=last).for_each(|_| view.choose("ArrowRight"));
        assert_eq!(at(&view), last);
    }
}
