//! What is done to a world, and when.

use crate::sim::{Fault, FaultRefused, NodeId, Process, RecordId, World};

/// Something done to a world at a virtual time. `R` is what the processes take as requests.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Action<R> {
    /// When, in microseconds since the start of the run.
    pub at_us: u64,
    /// What.
    pub act: Act<R>,
}

/// What can be done to a world.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Act<R> {
    /// A fault is injected.
    Fault(Fault),
    /// A process is asked for something.
    Request {
        /// Whose process.
        node: NodeId,
        /// What is asked.
        request: R,
    },
    /// Something happens to one message that is on its way then.
    ///
    /// Messages are named by records, and no plan knows the records of a run. So this names a
    /// place: the `nth` message from the oldest, counted round and round. A plan that was
    /// shortened still has a message there, though perhaps another one.
    /// [`resolved`](super::resolved) puts the fault in its place that it came to.
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

impl<R> Action<R> {
    /// A fault at `at_us`.
    pub fn fault(at_us: u64, fault: Fault) -> Action<R> {
        Action { at_us, act: Act::Fault(fault) }
    }

    /// Something that happens to the `nth` message that is on its way at `at_us`.
    pub fn message(at_us: u64, nth: u32, fate: Fate) -> Action<R> {
        Action { at_us, act: Act::Message { nth, fate } }
    }
}

impl<R: Clone> Act<R> {
    /// Does it to `world`, now.
    ///
    /// # Errors
    ///
    /// As [`World::inject`] and [`World::request`]; [`FaultRefused::NotOnItsWay`] if it is about a
    /// message and there is none.
    pub fn apply<P: Process<Request = R>>(
        &self,
        world: &mut World<P>,
    ) -> Result<RecordId, FaultRefused> {
        match self {
            Act::Fault(fault) => world.inject(fault.clone()),
            Act::Request { node, request } => world.request(*node, request.clone()),
            Act::Message { nth, fate } => {
                let fault = fate.of_nth(*nth, world);
                world.inject(fault.ok_or(FaultRefused::NotOnItsWay(RecordId(u32::MAX)))?)
            }
        }
    }
}

impl Fate {
    /// The fault by which this happens to the `nth` message that is on its way in `world`.
    pub(super) fn of_nth<P: Process>(self, nth: u32, world: &World<P>) -> Option<Fault> {
        let message = world.network().nth_on_its_way(nth)?;
        Some(match self {
            Fate::Drop => Fault::DropMessage(message),
            Fate::Delay(us) => Fault::DelayMessage(message, us),
            Fate::Duplicate => Fault::DuplicateMessage(message),
        })
    }
}
