//! What a shop has promised with its settings, and whether it has kept its word: for scripts, and
//! for those who go through many runs. Readers see the same judgements in the list of promises.
//!
//! A promise counts if the settings have kept it from the start of the run. What was given up once
//! leaves traces: a read model that has missed an event has missed it whatever is set later.

use super::super::{Command, Refused};
use super::EventLab;
use super::promises::Kind;
use crate::check::{Finding, Property, Verdicts};
use crate::sim::{Halted, RecordId};

/// The promises, as all labs name theirs.
pub(super) const PROMISES: &[(Kind, Property)] = &[
    (Kind::NoLostUpdate, Property::NoLostUpdate),
    (Kind::NeverBelowZero, Property::StockNeverBelowZero),
    (Kind::OnceOnly, Property::OnceAskedOnceDone),
    (Kind::AcknowledgedStays, Property::AcknowledgedEventsStay),
    (Kind::ModelsAreFolds, Property::ReadModelsAreFolds),
    (Kind::ModelsCatchUp, Property::ReadModelsCatchUp),
    (Kind::SameState, Property::SameLogSameState),
    (Kind::OneLog, Property::OneLogOnAllServers),
];

/// A shop whose promises are judged.
#[derive(Clone, Debug)]
pub struct JudgedShop {
    lab: EventLab,
    /// Judged whatever is promised.
    demanded: Vec<Property>,
    /// Those that the settings have not kept at all times.
    given_up: Vec<Property>,
    verdicts: Verdicts,
}

impl JudgedShop {
    /// Judged by what it promises, and by what is demanded whether it is promised or not.
    pub fn new(lab: EventLab, demanded: &[Property]) -> JudgedShop {
        let (given_up, verdicts) = (Vec::new(), Verdicts::default());
        let mut judged = JudgedShop { lab, demanded: demanded.to_vec(), given_up, verdicts };
        judged.agree();
        judged
    }

    /// The shop.
    pub fn lab(&self) -> &EventLab {
        &self.lab
    }

    /// What the judges have found.
    pub fn verdicts(&self) -> &Verdicts {
        &self.verdicts
    }

    /// As [`Lab::advance_to`](super::Lab::advance_to).
    ///
    /// # Errors
    ///
    /// [`Halted`] if the run has reached a limit.
    pub fn advance_to(&mut self, at_us: u64) -> Result<(), Halted> {
        use super::Lab;
        let advanced = self.lab.advance_to(at_us);
        self.note();
        advanced
    }

    /// As [`Lab::act`](super::Lab::act).
    ///
    /// # Errors
    ///
    /// [`Refused`] if it makes no sense at present; nothing has changed then.
    pub fn act(&mut self, command: &Command) -> Result<(), Refused> {
        use super::Lab;
        self.lab.act(command)?;
        self.agree();
        self.note();
        Ok(())
    }

    /// Notes what was found at the end of a run, if that was promised or is demanded.
    pub(crate) fn note_at_end(&mut self, property: Property, finding: Finding) {
        let records = self.lab.cluster().world().history().len();
        if self.counts(property) {
            let at = RecordId(records.saturating_sub(1) as u32);
            self.verdicts.note(property, at, finding);
        }
    }

    fn counts(&self, property: Property) -> bool {
        self.demanded.contains(&property) || !self.given_up.contains(&property)
    }

    /// Whether a promise was kept, given or not.
    pub(super) fn is_kept(&self, property: Property) -> bool {
        let kind = PROMISES.iter().find(|(_, other)| *other == property);
        kind.is_none_or(|(kind, _)| !self.lab.chronicle.word().is_broken(*kind))
    }

    /// What the settings do not keep now is given up.
    fn agree(&mut self) {
        let rules = self.lab.cluster().rules();
        for (kind, property) in PROMISES {
            if !kind.is_kept_by(rules) && !self.given_up.contains(property) {
                self.given_up.push(*property);
            }
        }
    }

    fn note(&mut self) {
        for (kind, property) in PROMISES {
            let counts = self.counts(*property);
            let breach = self.lab.chronicle.word().breach(*kind).filter(|_| counts);
            if let Some(breach) = breach {
                let finding = Finding::InWords(breach.finding.clone());
                self.verdicts.note(*property, breach.record, finding);
            }
        }
    }
}
