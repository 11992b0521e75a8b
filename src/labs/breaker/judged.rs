//! What a run has promised with its settings, and whether it has kept its word: for scripts, and
//! for those who go through many runs.

use super::super::{Command, Lab, Refused};
use super::BreakerLab;
use crate::check::Verdicts;
use crate::sim::Halted;

/// A run whose promises are judged.
#[derive(Clone, Debug)]
pub struct JudgedBreaker {
    lab: BreakerLab,
    verdicts: Verdicts,
}

impl JudgedBreaker {
    /// Judged by what it promises.
    pub fn new(lab: BreakerLab) -> JudgedBreaker {
        JudgedBreaker { lab, verdicts: Verdicts::default() }
    }

    /// The run.
    pub fn lab(&self) -> &BreakerLab {
        &self.lab
    }

    /// What the judges have found.
    pub fn verdicts(&self) -> &Verdicts {
        &self.verdicts
    }

    /// As [`Lab::advance_to`].
    ///
    /// # Errors
    ///
    /// [`Halted`] if the run has reached a limit.
    pub fn advance_to(&mut self, at_us: u64) -> Result<(), Halted> {
        self.lab.advance_to(at_us)
    }

    /// As [`Lab::act`].
    ///
    /// # Errors
    ///
    /// [`Refused`] if it makes no sense at present; nothing has changed then.
    pub fn act(&mut self, command: &Command) -> Result<(), Refused> {
        self.lab.act(command)
    }
}
