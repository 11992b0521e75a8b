//! What a run has promised with its settings, and whether it has kept its word: for scripts, and
//! for those who go through many runs. Readers see the same judgements in the list of promises.
//!
//! A promise counts if the settings have kept it from the start of the run: a breaker that had a
//! habit once may have been moved by it, whatever is set later.

use super::super::{Command, Lab, Refused};
use super::BreakerLab;
use super::promises::Kind;
use crate::check::{Finding, Property, Verdicts};
use crate::sim::Halted;

/// A run whose promises are judged.
#[derive(Clone, Debug)]
pub struct JudgedBreaker {
    lab: BreakerLab,
    /// Those that the settings have not kept at all times.
    given_up: Vec<Kind>,
    verdicts: Verdicts,
}

impl JudgedBreaker {
    /// Judged by what it promises.
    pub fn new(lab: BreakerLab) -> JudgedBreaker {
        let mut judged = JudgedBreaker { lab, given_up: Vec::new(), verdicts: Verdicts::default() };
        judged.agree();
        judged
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
        let advanced = self.lab.advance_to(at_us);
        self.note();
        advanced
    }

    /// As [`Lab::act`].
    ///
    /// # Errors
    ///
    /// [`Refused`] if it makes no sense at present; nothing has changed then.
    pub fn act(&mut self, command: &Command) -> Result<(), Refused> {
        self.lab.act(command)?;
        self.agree();
        self.note();
        Ok(())
    }

    /// Whether a promise was kept, given or not.
    pub(super) fn is_kept(&self, property: Property) -> bool {
        let kind = Kind::ALL.into_iter().find(|kind| kind.property() == property);
        kind.is_none_or(|kind| self.lab.chronicle.word().breach(kind).is_none())
    }

    /// What the settings do not keep now is given up.
    fn agree(&mut self) {
        let policy = self.lab.cluster().policy();
        for kind in Kind::ALL {
            if !kind.is_kept_by(policy) && !self.given_up.contains(&kind) {
                self.given_up.push(kind);
            }
        }
    }

    fn note(&mut self) {
        for kind in Kind::ALL {
            let breach = self.lab.chronicle.word().breach(kind);
            if let Some(breach) = breach.filter(|_| !self.given_up.contains(&kind)) {
                let finding = Finding::InWords(breach.finding.clone());
                self.verdicts.note(kind.property(), breach.record, finding);
            }
        }
    }
}
