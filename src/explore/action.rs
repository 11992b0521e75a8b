//! What a plan does, and when.

use super::run::Stage;
use crate::labs::Command;
use crate::sim::{Fault, RecordId};

/// Something that a plan does at a virtual time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Action {
    /// When, in microseconds since the start of the run.
    pub at_us: u64,
    /// What.
    pub act: Act,
}

/// What a plan can do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// What anybody can do in the lab.
    Do(Command),
    /// Something happens to one message that is on its way then.
    ///
    /// Messages are named by records, and no plan knows the records of a run. So this names a
    /// place: the `nth` message from the oldest, counted round and round. A plan that was
    /// shortened still has a message there, though perhaps another one. Who plays the plan finds
    /// out [what it comes to](super::as_it_went).
    Message {
        /// Which, from 0.
        nth: u32,
        /// What happens to it.
        fate: Fate,
    },
}

/// What can happen to a single message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// It is taken off the network.
    Drop,
    /// It arrives so many microseconds later.
    Delay(u64),
    /// It arrives twice.
    Duplicate,
}

impl Action {
    /// A command at `at_us`.
    pub fn of(at_us: u64, command: Command) -> Action {
        Action { at_us, act: Act::Do(command) }
    }

    /// A fault at `at_us`.
    pub fn fault(at_us: u64, fault: Fault) -> Action {
        Action::of(at_us, Command::Faults(vec![fault]))
    }

    /// Something that happens to the `nth` message that is on its way at `at_us`.
    pub fn message(at_us: u64, nth: u32, fate: Fate) -> Action {
        Action { at_us, act: Act::Message { nth, fate } }
    }

    /// The faults that it does, if it does faults.
    pub fn faults(&self) -> &[Fault] {
        match &self.act {
            Act::Do(Command::Faults(faults)) => faults,
            _ => &[],
        }
    }
}

impl Act {
    /// The command that this comes to now. `None` if it is about a message and there is none.
    pub(super) fn command<S: Stage>(&self, stage: &S) -> Option<Command> {
        match self {
            Act::Do(command) => Some(command.clone()),
            Act::Message { nth, fate } => {
                let message = stage.nth_on_its_way(*nth)?;
                Some(Command::Faults(vec![fate.of(message)]))
            }
        }
    }
}

impl Fate {
    fn of(self, message: RecordId) -> Fault {
        match self {
            Fate::Drop => Fault::DropMessage(message),
            Fate::Delay(us) => Fault::DelayMessage(message, us),
            Fate::Duplicate => Fault::DuplicateMessage(message),
        }
    }
}
