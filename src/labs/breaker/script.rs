//! What scripts can say about the circuit breaker lab: settings, conditions, promises.

use super::super::{Command, Form, Lab, LabSettings, Refused, Scripted, ScriptedEntry, Value};
use super::judged::JudgedBreaker;
use super::{BreakerLab, ENTRY, scenarios};
use crate::check::{Property, Verdicts};
use crate::sim::{Halted, Happening, LinkSettings, NodeId, RecordId};

/// The lab's line in the registry of labs that scripts can play in.
pub const SCRIPTED: ScriptedEntry = ScriptedEntry {
    lab: ENTRY,
    names: &[],
    forms: FORMS,
    promises: CLAIMED,
    scenarios: scenarios::SHIPPED,
    open: |settings| Box::new(ScriptedBreaker::new(settings)),
};

/// What can be claimed of a run.
const CLAIMED: &[Property] = &[];

const FORMS: &[Form] = &[];

/// The lab, as scripts see it.
struct ScriptedBreaker {
    judged: JudgedBreaker,
}

impl ScriptedBreaker {
    fn new(settings: &LabSettings) -> ScriptedBreaker {
        ScriptedBreaker { judged: JudgedBreaker::new(BreakerLab::new(settings)) }
    }
}

impl Scripted for ScriptedBreaker {
    fn lab(&self) -> &dyn Lab {
        self.judged.lab()
    }

    fn advance_to(&mut self, at_us: u64) -> Result<(), Halted> {
        self.judged.advance_to(at_us)
    }

    fn act(&mut self, command: &Command) -> Result<(), Refused> {
        self.judged.act(command)
    }

    fn verdicts(&self) -> &Verdicts {
        self.judged.verdicts()
    }

    /// Everything is judged on the way.
    fn judge_end(&mut self) {}

    fn named(&self, _name: &str) -> Option<NodeId> {
        None
    }

    fn holds(&self, _pattern: &str, _values: &[Value]) -> bool {
        false
    }

    fn first_links(&self) -> LinkSettings {
        self.judged.lab().cluster().world().settings().links
    }

    fn oldest_message(&self, from: NodeId, to: NodeId) -> Option<RecordId> {
        let mut flights = self.judged.lab().cluster().world().network().in_flight();
        flights.find(|flight| flight.from == from && flight.to == to).map(|flight| flight.id)
    }

    fn server_of(&self, record: RecordId) -> Option<NodeId> {
        match &self.judged.lab().cluster().world().history().get(record)?.what {
            Happening::Booted { node, .. } | Happening::Decided { node, .. } => Some(*node),
            _ => None,
        }
    }
}
