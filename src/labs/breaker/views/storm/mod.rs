//! The view "Storm": a trigger of a few seconds, and an overload that outlives it; what helps, and
//! what does not, each in twenty worlds of this lab.

mod picture;
#[cfg(test)]
mod tests;
mod worlds;

use super::parts::{NOT_DRAWN, Slider, button, pressed, slider};
use crate::circuit_breaker::Rate;
use crate::labs::{Lab, Pointed, View};
use crate::scene::plot::Unit;
use crate::scene::svg::Markup;
use crate::scene::{Frame, Highlight};
use worlds::{Experiment, Remedy, Running, Told, Weather};

/// How many worlds a row has.
const SEEDS: usize = 20;
/// About so many records of a world's history are made in a slice: a few milliseconds in a browser.
const SLICE: usize = 15_000;
/// While worlds are worked out, the picture is drawn anew after so many slices.
const SLICES_A_PICTURE: u32 = 4;

/// What the sliders go through.
const LOADS: [u32; 9] = [24, 28, 32, 36, 38, 40, 42, 44, 46];
const LASTS_S: [u64; 8] = [1, 2, 3, 4, 6, 8, 12, 20];
const TRIES: [u32; 5] = [1, 2, 3, 4, 5];
const BASES_US: [u64; 5] = [100_000, 500_000, 1_000_000, 2_000_000, 5_000_000];
const BUDGETS: [u32; 6] = [1, 5, 10, 20, 50, 100];
const FAILURES: [u32; 6] = [1, 3, 5, 10, 20, 50];

/// The sliders: what they are called, and how many places they have.
const SLIDERS: [(&str, &str, usize); 6] = [
    ("load", "Load", LOADS.len()),
    ("lasts", "Twice that for", LASTS_S.len()),
    ("tries", "Tries", TRIES.len()),
    ("base", "Backoff from", BASES_US.len()),
    ("budget", "Budget", BUDGETS.len()),
    ("failures", "Breaker opens after", FAILURES.len()),
];

/// What the view keeps between one drawing and the next.
pub(super) struct StormView {
    /// Where the sliders are.
    at: [usize; SLIDERS.len()],
    /// How often the reader wanted other seeds.
    turns: u64,
    rows: Vec<Row>,
    /// The world that is looked at: its row and its place in it.
    chosen: (usize, usize),
    running: Option<((usize, usize), Running)>,
    /// The picture drawn last, for how wide a frame, and how many slices ago.
    drawn: (String, f32, u32),
}

/// Twenty worlds with one remedy.
struct Row {
    remedy: Remedy,
    experiment: Experiment,
    worlds: Vec<Option<Told>>,
}

impl Row {
    fn of(remedy: Remedy, weather: &Weather) -> Row {
        let worlds = (0..SEEDS).map(|_| None).collect();
        Row { remedy, experiment: Experiment::of(remedy, weather), worlds }
    }

    /// How many of the worlds stay down, and how many are known.
    fn down(&self) -> (usize, usize) {
        let known = self.worlds.iter().flatten();
        (known.clone().filter(|told| told.stays_down()).count(), known.count())
    }
}

impl StormView {
    pub(super) fn new() -> StormView {
        let mut view = StormView {
            at: [5, 4, 2, 2, 2, 2],
            turns: 0,
            rows: Vec::new(),
            chosen: (0, 0),
            running: None,
            drawn: (String::new(), NOT_DRAWN, 0),
        };
        view.begin_again();
        view
    }

    fn weather(&self) -> Weather {
        let [load, lasts, tries, base, budget, failures] = self.at;
        Weather {
            load: LOADS[load],
            lasts_s: LASTS_S[lasts],
            tries: TRIES[tries],
            base_us: BASES_US[base],
            budget: Rate::percent(BUDGETS[budget]),
            failures: FAILURES[failures],
        }
    }

    /// The number from which the world at a place of each row is drawn.
    fn seed(&self, place: usize) -> u64 {
        self.turns * SEEDS as u64 + place as u64
    }

    fn begin_again(&mut self) {
        let weather = self.weather();
        self.rows = Remedy::ALL.map(|remedy| Row::of(remedy, &weather)).into();
        self.running = None;
        self.drawn.1 = NOT_DRAWN;
    }

    /// Rows whose experiment is another one now begin again; the others stay.
    fn follow_sliders(&mut self) {
        let weather = self.weather();
        for row in &mut self.rows {
            if row.experiment != Experiment::of(row.remedy, &weather) {
                *row = Row::of(row.remedy, &weather);
            }
        }
        self.running = None;
        self.drawn.1 = NOT_DRAWN;
    }

    /// Which world is worked out next: the one that is looked at, then its like with each remedy,
    /// then all others, seed by seed.
    fn next(&self) -> Option<(usize, usize)> {
        let (row, place) = self.chosen;
        let same_seed = (0..self.rows.len()).map(|row| (row, place));
        let places = (0..SEEDS).flat_map(|place| (0..self.rows.len()).map(move |row| (row, place)));
        let mut all = [(row, place)].into_iter().chain(same_seed).chain(places);
        all.find(|(row, place)| self.rows[*row].worlds[*place].is_none())
    }

    /// Does a slice of the work.
    fn run(&mut self) {
        if self.running.is_none() {
            self.running = self.next().map(|at| {
                let experiment = self.rows[at.0].experiment.clone();
                (at, Running::new(experiment, self.seed(at.1)))
            });
        }
        let Some(((row, place), running)) = &mut self.running else { return };
        if let Some(told) = running.run(SLICE) {
            self.rows[*row].worlds[*place] = Some(told);
            self.running = None;
        }
    }

    /// The world that is looked at, once it is known.
    fn looked_at(&self) -> Option<&Told> {
        self.rows[self.chosen.0].worlds[self.chosen.1].as_ref()
    }

    fn picture(&mut self, frame: Frame) -> String {
        let was_known = self.looked_at().is_some();
        self.run();
        self.drawn.2 += 1;
        let is_due = self.drawn.2 >= SLICES_A_PICTURE || self.is_finished();
        let is_new = self.drawn.1 != frame.width || was_known != self.looked_at().is_some();
        if is_due || is_new {
            self.drawn = (picture::drawn(self, frame), frame.width, 0);
        }
        self.drawn.0.clone()
    }

    /// A button, a slider, a world, or a key. Anything else does nothing.
    fn choose(&mut self, what: &str) {
        let (row, place) = self.chosen;
        let last = self.rows.len() - 1;
        match pressed(what) {
            ("row", Some(row)) if row <= last => self.look_at(row, place),
            ("world", Some(world)) if world < self.rows.len() * SEEDS => {
                self.look_at(world / SEEDS, world % SEEDS);
            }
            ("ArrowUp", _) => self.look_at(row.saturating_sub(1), place),
            ("ArrowDown", _) => self.look_at((row + 1).min(last), place),
            ("ArrowLeft", _) => self.look_at(row, place.saturating_sub(1)),
            ("ArrowRight", _) => self.look_at(row, (place + 1).min(SEEDS - 1)),
            ("seeds", _) => {
                self.turns += 1;
                self.begin_again();
            }
            (name, Some(at)) => {
                let places = SLIDERS.iter().position(|slider| slider.0 == name);
                let Some(slider) = places else { return };
                self.at[slider] = at.min(SLIDERS[slider].2 - 1);
                self.follow_sliders();
            }
            _ => {}
        }
    }

    fn look_at(&mut self, row: usize, place: usize) {
        self.chosen = (row, place);
        self.drawn.1 = NOT_DRAWN;
    }

    /// What a slider says.
    fn says(&self, slider: usize) -> String {
        let weather = self.weather();
        match slider {
            0 => [&*weather.load.to_string(), " requests a second"].concat(),
            1 => Unit::Time.words(weather.lasts_s * worlds::SECOND_US),
            2 => weather.tries.to_string(),
            3 => Unit::Time.words(weather.base_us),
            4 => [&*weather.budget.to_string(), " of successes"].concat(),
            _ => super::parts::count_of(weather.failures.into(), "failure"),
        }
    }
}

impl View for StormView {
    fn draw(&mut self, _lab: &dyn Lab, frame: Frame, _lit: &Highlight) -> String {
        self.picture(frame)
    }

    fn is_finished(&self) -> bool {
        self.running.is_none() && self.next().is_none()
    }

    fn controls(&self) -> String {
        let mut html = Markup::default();
        html.open("div", &[("class", "cb-controls")]);
        for (place, (name, title, places)) in SLIDERS.into_iter().enumerate() {
            let says = self.says(place);
            let at = self.at[place];
            slider(&mut html, &Slider { name, title, places, at, says: &says });
        }
        html.open("span", &[("class", "group"), ("role", "group"), ("aria-label", "Remedy")]);
        html.words("b", &[], "Look at");
        for (place, row) in self.rows.iter().enumerate() {
            let look = ["row=", &place.to_string()].concat();
            button(&mut html, &look, picture::name(row.remedy), place == self.chosen.0);
        }
        html.close("span");
        html.words("button", &[("class", "toggle"), ("data-look", "seeds")], "Twenty other seeds");
        html.close("div");
        html.text
    }

    fn press(&mut self, _lab: &dyn Lab, what: &str) -> Option<Pointed> {
        self.choose(what);
        None
    }
}
