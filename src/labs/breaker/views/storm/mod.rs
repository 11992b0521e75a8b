//! The view "Storm": a trigger of a few seconds, and an overload that outlives it; what helps, and
//! what does not, each in twenty worlds of this lab: of the figure's own fleet, or of a model.

mod experiment;
mod picture;
#[cfg(test)]
mod tests;
mod worlds;

use super::parts::{NOT_DRAWN, Slider, button, choices, pressed, slider};
use crate::circuit_breaker::Rate;
use crate::labs::breaker::BreakerLab;
use crate::labs::{Lab, Pointed, View};
use crate::scene::plot::Unit;
use crate::scene::svg::Markup;
use crate::scene::{Frame, Highlight};
use experiment::{Experiment, Own, Remedy, SECOND_US, Weather};
use worlds::{Running, Told};

/// How many worlds a row has.
const SEEDS: usize = 20;
/// About so many records of a world's history are made in a slice: a few milliseconds in a browser.
const SLICE: usize = 15_000;
/// While worlds are worked out, the picture is drawn anew after so many slices.
const SLICES_A_PICTURE: u32 = 4;

/// What the sliders go through.
const HALVES: [u32; 8] = [3, 4, 5, 6, 7, 8, 10, 12];
const LOADS: [u32; 9] = [24, 28, 32, 36, 38, 40, 42, 44, 46];
const LASTS_S: [u64; 8] = [1, 2, 3, 4, 6, 8, 12, 20];
const TRIES: [u32; 5] = [1, 2, 3, 4, 5];
const BASES_US: [u64; 5] = [100_000, 500_000, 1_000_000, 2_000_000, 5_000_000];
const BUDGETS: [u32; 6] = [1, 5, 10, 20, 50, 100];
const FAILURES: [u32; 6] = [1, 3, 5, 10, 20, 50];

/// The sliders: what they are called, and how many places they have. The first are of the trigger,
/// the others of the model alone.
const SLIDERS: [(&str, &str, usize); 7] = [
    ("times", "Trigger", HALVES.len()),
    ("lasts", "Lasts", LASTS_S.len()),
    ("load", "Load", LOADS.len()),
    ("tries", "Tries", TRIES.len()),
    ("base", "Backoff from", BASES_US.len()),
    ("budget", "Budget", BUDGETS.len()),
    ("failures", "Breaker opens after", FAILURES.len()),
];
const OF_TRIGGER: usize = 2;
/// Where they are in the beginning. The model needs less of a trigger than the figure's fleet does.
const BEGIN: [usize; SLIDERS.len()] = [1, 4, 5, 2, 2, 2, 2];
const TIMES_OF_OWN: usize = 4;

/// What the view keeps between one drawing and the next.
pub(super) struct StormView {
    /// Where the sliders are.
    at: [usize; SLIDERS.len()],
    /// The figure's own fleet, if it has one, and whether worlds are of it then.
    own: Option<Own>,
    wants_own: bool,
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
    fn of(remedy: Remedy, experiment: Experiment) -> Row {
        Row { remedy, experiment, worlds: (0..SEEDS).map(|_| None).collect() }
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
            at: BEGIN,
            own: None,
            wants_own: true,
            turns: 0,
            rows: Vec::new(),
            chosen: (0, 0),
            running: None,
            drawn: (String::new(), NOT_DRAWN, 0),
        };
        view.follow_sliders();
        view
    }

    fn weather(&self) -> Weather {
        let [times, lasts, load, tries, base, budget, failures] = self.at;
        Weather {
            load: LOADS[load],
            halves: HALVES[times],
            lasts_s: LASTS_S[lasts],
            tries: TRIES[tries],
            base_us: BASES_US[base],
            budget: Rate::percent(BUDGETS[budget]),
            failures: FAILURES[failures],
        }
    }

    /// The fleet that the worlds are of, if it is the figure's.
    fn own(&self) -> Option<&Own> {
        self.own.as_ref().filter(|_| self.wants_own)
    }

    /// Takes over what the figure's fleet is set to now.
    fn follow(&mut self, own: Option<Own>) {
        if self.own != own {
            let was_own = self.own().is_some();
            self.own = own;
            self.change_worlds(was_own);
        }
    }

    /// The worlds may be of another fleet now.
    fn change_worlds(&mut self, was_own: bool) {
        let is_own = self.own().is_some();
        if is_own != was_own {
            self.at[0] = if is_own { TIMES_OF_OWN } else { BEGIN[0] };
        }
        self.follow_sliders();
    }

    /// What all rows have in common.
    fn experiment(&self) -> &Experiment {
        &self.rows[0].experiment
    }

    /// The number from which the world at a place of each row is drawn.
    fn seed(&self, place: usize) -> u64 {
        let first = self.experiment().first_seed;
        first.wrapping_add(self.turns * SEEDS as u64 + place as u64)
    }

    fn begin_again(&mut self) {
        self.rows.clear();
        self.follow_sliders();
    }

    /// Rows whose experiment is another one now begin again; the others stay.
    fn follow_sliders(&mut self) {
        let (weather, own) = (self.weather(), self.own());
        let experiment = |remedy| (remedy, Experiment::of(remedy, &weather, own));
        let all: Vec<_> = Remedy::of(own).into_iter().map(experiment).collect();
        self.rows.truncate(all.len());
        for (place, (remedy, experiment)) in all.into_iter().enumerate() {
            match self.rows.get_mut(place) {
                Some(row) if row.experiment == experiment => {}
                Some(row) => *row = Row::of(remedy, experiment),
                None => self.rows.push(Row::of(remedy, experiment)),
            }
        }
        self.chosen.0 = self.chosen.0.min(self.rows.len() - 1);
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
            ("fleet", Some(fleet)) => {
                let was_own = self.own().is_some();
                self.wants_own = fleet == 0;
                self.change_worlds(was_own);
            }
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
            0 => [&*picture::times(weather.halves), " the load"].concat(),
            1 => Unit::Time.words(weather.lasts_s * SECOND_US),
            2 => [&*weather.load.to_string(), " a second"].concat(),
            3 => weather.tries.to_string(),
            4 => Unit::Time.words(weather.base_us),
            5 => [&*weather.budget.to_string(), " of successes"].concat(),
            _ => super::parts::count_of(weather.failures.into(), "failure"),
        }
    }
}

impl View for StormView {
    fn draw(&mut self, lab: &dyn Lab, frame: Frame, _lit: &Highlight) -> String {
        self.follow(BreakerLab::of(lab).and_then(|lab| Own::of(lab.cluster())));
        self.picture(frame)
    }

    fn is_finished(&self) -> bool {
        self.running.is_none() && self.next().is_none()
    }

    fn controls(&self) -> String {
        let mut html = Markup::default();
        html.open("div", &[("class", "cb-controls")]);
        if self.own.is_some() {
            let chosen = usize::from(!self.wants_own);
            choices(&mut html, "Fleet", "fleet", &["this figure’s", "a model’s"], chosen);
        }
        let shown = if self.own().is_some() { OF_TRIGGER } else { SLIDERS.len() };
        for (place, (name, title, places)) in SLIDERS.into_iter().enumerate().take(shown) {
            let says = self.says(place);
            let at = self.at[place];
            slider(&mut html, &Slider { name, title, places, at, says: &says });
        }
        let named = [("class", "group cb-rows"), ("role", "group"), ("aria-label", "Remedy")];
        html.open("span", &named);
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
