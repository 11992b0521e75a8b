//! What an application brings: how events become a state, and how commands become events.
//!
//! The shape is that of Jérémie Chassaing's decider ("Functional Event Sourcing Decider", 2021):
//! `decide` and `evolve` are pure functions, and a state is what evolving makes of all events.

use std::hash::Hash;

use super::Event;
use crate::stable_hash::stable_hash;

/// How events become a state.
///
/// All of this must be pure: no clock (time comes with the event), no chance, nothing read or
/// written elsewhere, no order that changes. Then the same log gives the same state, everywhere.
pub trait Evolve {
    /// What events carry.
    type Payload;
    /// What becomes of them.
    type State: Clone + Hash;

    /// The state before the first event.
    fn initial(&self) -> Self::State;

    /// The state after one more event.
    fn evolve(&self, state: &mut Self::State, event: &Event<'_, Self::Payload>);

    /// Whether `evolve` can deal with events of a type. Those of other types never get to it: see
    /// [`UnknownTypes`](super::UnknownTypes).
    fn knows(&self, event_type: &str) -> bool {
        let _ = event_type;
        true
    }

    /// A number that differs from that of every other version of this code whose states differ for
    /// the same events, or have another shape. A snapshot made by another schema is not used.
    fn schema(&self) -> u64;
}

/// How commands become events.
pub trait Decider: Evolve {
    /// What somebody wants.
    type Command;
    /// Why it cannot be.
    type Refusal;

    /// What happens if this command is carried out in this state: any number of events, or a
    /// refusal.
    ///
    /// # Errors
    ///
    /// The reason why nothing happens.
    fn decide(
        &self,
        state: &Self::State,
        command: &Self::Command,
    ) -> Result<Vec<Self::Payload>, Self::Refusal>;

    /// The name of the type of an event.
    fn event_type(&self, payload: &Self::Payload) -> &'static str;

    /// Whether nothing can happen any more in this state.
    fn is_terminal(&self, state: &Self::State) -> bool {
        let _ = state;
        false
    }
}

/// The hash of a state, the same on every target.
pub fn state_hash<S: Hash>(state: &S) -> u64 {
    stable_hash(state)
}
