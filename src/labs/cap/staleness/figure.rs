//! The figure: what is looked at, worked out in slices.

use super::{Experiment, Measured};
use crate::pbs::{Fit, Forecast};
use crate::scene::plot::{Scale, Unit};

/// So many trials are foretold.
pub const FORETOLD: u32 = 100_000;
/// So many writes are measured.
pub const MEASURED: u32 = 10_000;
/// How many of each a slice makes: together a few milliseconds in a browser.
const FORETOLD_SLICE: u32 = 25_000;
const MEASURED_SLICE: u32 = 40;
/// The axis of time ends where this share of the reads of R = W = 1 is consistent.
const HORIZON_PPM: u32 = 999_000;
/// If until there it takes so many times as long as for nine in ten, time is shown by tenfolds.
const LONG_TAIL: u64 = 8;
/// Such an axis begins here, in microseconds.
const EARLIEST_US: u64 = 100;
/// An axis that does not is divided into about so many steps.
const STEPS: usize = 24;

/// Whose delays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Network {
    /// Those of the figure.
    Own,
    /// Those of a production system, as the paper fitted them: nothing here to be measured.
    Fitted(Fit),
}

/// What a reader looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Look {
    /// N
    pub n: u8,
    /// R
    pub r: u8,
    /// W
    pub w: u8,
    /// Whose delays.
    pub network: Network,
}

/// How stale reads are, foretold and measured.
#[derive(Clone, Debug)]
pub struct Staleness {
    /// The store and the world of the figure.
    own: Experiment,
    /// What the reader has chosen; until then the figure's own settings.
    chosen: Option<Look>,
    /// How often the reader has started over, for another seed each time.
    restarts: u64,
    forecast: Option<Forecast>,
    measured: Option<Measured>,
    axis: Scale,
    /// How long after the commit reads are looked at, and which of these the reader looks at.
    instants: Vec<u64>,
    guide: Option<usize>,
}

/// The most replicas that can be looked at.
pub const MOST: u8 = 7;

impl Staleness {
    /// Nothing foretold nor measured yet.
    pub fn new(own: Experiment) -> Staleness {
        Staleness {
            own,
            chosen: None,
            restarts: 0,
            forecast: None,
            measured: None,
            axis: Scale::linear(Unit::Time, 0, 1),
            instants: Vec::new(),
            guide: None,
        }
    }

    /// The figure has other settings. What the reader has chosen stays; what was measured in
    /// another network does not.
    pub fn follow(&mut self, own: Experiment) {
        if own != self.own {
            self.own = own;
            self.begin_again();
        }
    }

    /// What is looked at.
    pub fn look(&self) -> Look {
        let Experiment { n, r, w, .. } = self.own;
        self.chosen.unwrap_or(Look { n, r, w, network: Network::Own })
    }

    /// Looks at something else. R and W are made to fit N.
    pub fn choose(&mut self, look: Look) {
        let n = look.n.clamp(1, MOST);
        let look = Look { n, r: look.r.clamp(1, n), w: look.w.clamp(1, n), ..look };
        let before = self.look();
        if look == before {
            return;
        }
        self.chosen = Some(look);
        // All R and W come from one forecast.
        if (look.n, look.network) == (before.n, before.network) {
            self.measured = None;
        } else {
            self.begin_again();
        }
    }

    /// Back to the figure's own settings, with a new seed.
    pub fn start_over(&mut self) {
        self.chosen = None;
        self.restarts += 1;
        self.begin_again();
    }

    fn begin_again(&mut self) {
        self.forecast = None;
        self.measured = None;
        self.instants.clear();
        self.guide = None;
    }

    /// What is measured, or would be.
    pub fn experiment(&self) -> Experiment {
        let Look { n, r, w, .. } = self.look();
        Experiment { n, r, w, seed: self.own.seed.wrapping_add(self.restarts), ..self.own }
    }

    /// Does a slice of what is left to do.
    pub fn run(&mut self) {
        let foretold = self.forecast.as_ref().map_or(0, Forecast::trials);
        if foretold < FORETOLD.into() {
            return self.foretell();
        }
        if self.look().network != Network::Own {
            return;
        }
        if self.measured.is_none() {
            self.measured = Measured::new(self.experiment(), &self.instants).ok();
        }
        if let Some(measured) = &mut self.measured
            && measured.trials() < MEASURED.into()
        {
            measured.run(MEASURED_SLICE);
        }
    }

    fn foretell(&mut self) {
        if self.forecast.is_none() {
            let (look, experiment) = (self.look(), self.experiment());
            let wars = match look.network {
                Network::Own => experiment.wars().ok(),
                Network::Fitted(fit) => Some(fit.wars(look.n)),
            };
            self.forecast = wars.and_then(|wars| Forecast::new(&wars, experiment.seed).ok());
        }
        let Some(forecast) = &mut self.forecast else { return };
        forecast.run(FORETOLD_SLICE);
        // The axis stays as the first slice has it.
        if self.instants.is_empty() {
            let visible = |share| forecast.visible_us(1, 1, share).unwrap_or(0);
            let horizon_us = visible(HORIZON_PPM).max(1_000);
            if horizon_us > visible(900_000).max(EARLIEST_US) * LONG_TAIL {
                self.axis = Scale::logarithmic(Unit::Time, EARLIEST_US, horizon_us);
                // At its edge stands what comes at once.
                self.instants = self.axis.ticks(usize::MAX);
                self.instants[0] = 0;
            } else {
                self.axis = Scale::up_to(Unit::Time, horizon_us);
                self.instants = self.axis.ticks(STEPS);
            }
        }
    }

    /// Whether there is nothing left to do.
    pub fn is_finished(&self) -> bool {
        let foretold = self.forecast.as_ref().map_or(0, Forecast::trials);
        let measured = self.measured.as_ref().map_or(0, Measured::trials);
        let is_measured = self.look().network != Network::Own || measured >= MEASURED.into();
        foretold >= FORETOLD.into() && is_measured
    }

    /// What is foretold so far.
    pub fn forecast(&self) -> Option<&Forecast> {
        self.forecast.as_ref()
    }

    /// What was measured so far.
    pub fn measured(&self) -> Option<&Measured> {
        self.measured.as_ref().filter(|measured| measured.trials() > 0)
    }

    /// The axis of the time after the commit.
    pub fn axis(&self) -> Scale {
        self.axis
    }

    /// How long after the commit reads are measured, in order.
    pub fn instants(&self) -> &[u64] {
        &self.instants
    }

    /// Which of these is looked at: a third of the way, until the reader wants another.
    pub fn guide(&self) -> usize {
        let last = self.instants.len().saturating_sub(1);
        self.guide.unwrap_or(last / 3).min(last)
    }

    /// Looks at another of them, so many steps further.
    pub fn move_guide(&mut self, steps: i64) {
        let last = self.instants.len().saturating_sub(1) as i64;
        let at = self.guide() as i64;
        self.guide = Some(at.saturating_add(steps).clamp(0, last) as usize);
    }

    /// R and W of the figure itself, if that is what is looked at.
    pub fn own_quorum(&self) -> Option<(u8, u8)> {
        let look = self.look();
        let is_own = look.network == Network::Own && look.n == self.own.n;
        is_own.then_some((self.own.r, self.own.w))
    }
}
