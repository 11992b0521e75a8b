//! A run that was played in order to be written down.

use super::{ExportError, limits};
use crate::labs::exported::{Exported, Told};
use crate::labs::{Lab, known};
use crate::session::Run;
use crate::sim::RecordId;

/// A run up to an instant, with all its records.
pub struct Recording {
    run: Run,
    lab: Box<dyn Exported>,
}

impl Recording {
    /// Plays a run up to an instant, what happens at it included.
    ///
    /// # Errors
    ///
    /// [`ExportError`] if runs of the lab cannot be written down, or this one is too long.
    pub fn of_run(run: &Run, until_us: u64) -> Result<Recording, ExportError> {
        let entry = known().exported.iter().find(|entry| entry.lab == run.lab);
        let entry = entry.ok_or_else(|| ExportError::UnknownLab(run.lab.to_owned()))?;
        let mut lab = (entry.open)(&run.settings);
        let advance = |lab: &mut dyn Lab, at_us: u64| {
            let most = limits::RECORDS + 1;
            let came = lab.advance_within(at_us, most);
            came.map_err(|_| ExportError::Halted(at_us))?;
            if lab.history_len() > limits::RECORDS {
                return Err(ExportError::TooMuch("records", limits::RECORDS));
            }
            Ok(())
        };
        for action in run.actions.iter().take_while(|action| action.at_us <= until_us) {
            advance(lab.lab_mut(), action.at_us)?;
            // A run from outside may ask for nonsense; it is refused here as it would be live.
            let _ = lab.lab_mut().act(&action.command);
        }
        advance(lab.lab_mut(), until_us)?;
        Ok(Recording { run: run.clone(), lab })
    }

    /// What was played.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// The lab as it stands at the end.
    pub fn lab(&self) -> &dyn Lab {
        self.lab.lab()
    }

    /// How many servers there are.
    pub fn servers(&self) -> u8 {
        self.run.settings.servers
    }

    /// What every record tells, oldest first.
    pub fn told(&self) -> impl Iterator<Item = (RecordId, Told)> {
        let all = (0..self.lab().history_len()).map(|place| RecordId(place as u32));
        all.filter_map(|id| Some((id, self.lab.told(id)?)))
    }
}
