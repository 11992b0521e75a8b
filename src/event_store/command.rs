//! Carrying out commands: load, decide, append what was decided on the version that was loaded.

use std::fmt;

use super::store::EventStore;
use super::{
    AppendError, Appended, Decider, Effect, EventId, Expected, Metadata, NewEvent, Replay,
    ReplayError,
};

/// Something somebody wants of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Command<C> {
    /// Its id. A retry has the same one.
    pub id: EventId,
    /// The conversation that it belongs to.
    pub correlation: Option<EventId>,
    /// What is wanted.
    pub wanted: C,
}

/// What was decided, before it is appended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decision<P> {
    /// What the decision rests on.
    pub expected: Expected,
    /// What is to happen. Ids follow from the command's.
    pub events: Vec<NewEvent<'static, P>>,
}

/// Why a command came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CommandError<R> {
    /// The stream could not be replayed.
    Replay(ReplayError),
    /// The decider says no.
    Refused(R),
    /// What was decided could not be appended; after a conflict, decide again.
    Append(AppendError),
}

impl<D: Decider> Replay<'_, D> {
    /// Replays a stream and decides. Nothing is appended.
    ///
    /// # Errors
    ///
    /// [`CommandError::Replay`] and [`CommandError::Refused`].
    pub fn decide(
        &self,
        store: &EventStore<D::Payload>,
        stream: &str,
        command: &Command<D::Command>,
    ) -> Result<Decision<D::Payload>, CommandError<D::Refusal>> {
        let folded = self.stream(store, stream).map_err(CommandError::Replay)?;
        let decided = self.decider().decide(&folded.state, &command.wanted);
        let payloads = decided.map_err(CommandError::Refused)?;
        let metadata = Metadata { correlation: command.correlation, causation: Some(command.id) };
        let event = |(n, payload): (u64, D::Payload)| {
            let event_type = self.decider().event_type(&payload);
            NewEvent { id: EventId::of_command(command.id, n), event_type, payload, metadata }
        };
        let events = (0..).zip(payloads).map(event).collect();
        Ok(Decision { expected: store.stream(stream).as_expected(), events })
    }

    /// Decides and appends. A command that was carried out before is not decided again, however
    /// much happened since: the answer says where its events stand. (One that led to no event
    /// leaves no trace, and is decided again.)
    ///
    /// # Errors
    ///
    /// [`CommandError`]; then nothing was appended.
    pub fn carry_out(
        &self,
        store: &mut EventStore<D::Payload>,
        stream: &str,
        command: &Command<D::Command>,
        recorded_at: u64,
    ) -> Result<Appended, CommandError<D::Refusal>> {
        if let Some(appended) = carried_out(store, stream, command.id) {
            return Ok(appended);
        }
        let Decision { expected, events } = self.decide(store, stream, command)?;
        store.append(stream, expected, recorded_at, events).map_err(CommandError::Append)
    }
}

/// Where the events of a command stand, if it was carried out.
fn carried_out<P>(store: &EventStore<P>, stream: &str, command: EventId) -> Option<Appended> {
    let place = |n| store.find(stream, EventId::of_command(command, n));
    let first = place(0)?;
    let last = (1..).map_while(place).last().unwrap_or(first);
    let (first, last, version) = (Some(first), Some(last), last.version);
    Some(Appended { effect: Effect::Repeated, version, first, last })
}

impl<R: fmt::Display> fmt::Display for CommandError<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CommandError::Replay(error) => error.fmt(f),
            CommandError::Refused(refusal) => write!(f, "refused: {refusal}"),
            CommandError::Append(error) => error.fmt(f),
        }
    }
}

impl<R: fmt::Debug + fmt::Display> std::error::Error for CommandError<R> {}
