//! What a run has promised with its settings, and whether it has kept its word: for scripts, and
//! for those who go through many runs. Readers see the same judgements in the list of promises.
//!
//! A promise counts if the settings have kept it from the start of the run.

use super::super::breaker::promises::Kind as BreakerKind;
use super::super::{Command, Lab, Refused};
use super::WholeLab;
use super::promises::Kind;
use crate::check::raft::RaftJudges;
use crate::check::{Finding, Property, Verdicts};
use crate::sim::Halted;

/// A run whose promises are judged.
#[derive(Clone, Debug)]
pub struct JudgedWhole {
    lab: WholeLab,
    /// Those that the settings have not kept at all times.
    given_up: Vec<Property>,
    verdicts: Verdicts,
}

/// Everything that can be promised of a run.
pub(super) fn promised() -> impl Iterator<Item = Property> {
    let of_whole = Kind::ALL.into_iter().map(Kind::property);
    let of_breakers = BreakerKind::ALL.into_iter().map(BreakerKind::property);
    of_whole.chain(of_breakers).chain(RaftJudges::OF_FIGURE_2.iter().copied())
}

impl JudgedWhole {
    /// Judged by what it promises.
    pub fn new(lab: WholeLab) -> JudgedWhole {
        let mut judged = JudgedWhole { lab, given_up: Vec::new(), verdicts: Verdicts::default() };
        judged.agree();
        judged
    }

    /// The run.
    pub fn lab(&self) -> &WholeLab {
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
        self.found(property).is_none()
    }

    fn found(&self, property: Property) -> Option<(crate::sim::RecordId, Finding)> {
        let word = self.lab.chronicle.word();
        let kind = Kind::ALL.into_iter().find(|kind| kind.property() == property);
        let of_breaker = BreakerKind::ALL.into_iter().find(|kind| kind.property() == property);
        let breach = match (kind, of_breaker) {
            (Some(kind), _) => word.breach(kind),
            (None, Some(kind)) => word.breakers().breach(kind),
            (None, None) => {
                let violation = word.raft().verdicts().of(property)?;
                return Some((violation.at, violation.finding.clone()));
            }
        };
        breach.map(|breach| (breach.record, Finding::InWords(breach.finding.clone())))
    }

    /// What the settings do not keep now is given up.
    fn agree(&mut self) {
        let conduct = self.lab.cluster().conduct();
        let of_whole = Kind::ALL.into_iter().filter(|kind| !kind.is_kept_by(conduct));
        let of_breakers =
            BreakerKind::ALL.into_iter().filter(|kind| !kind.is_kept_by(&conduct.policy));
        let given_up = of_whole.map(Kind::property).chain(of_breakers.map(BreakerKind::property));
        for property in given_up {
            if !self.given_up.contains(&property) {
                self.given_up.push(property);
            }
        }
    }

    fn note(&mut self) {
        for property in promised() {
            let found = self.found(property).filter(|_| !self.given_up.contains(&property));
            if let Some((record, finding)) = found {
                self.verdicts.note(property, record, finding);
            }
        }
    }
}
