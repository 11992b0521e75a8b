//! Upcasters: how events of old types are read by code that knows only the new ones.
//!
//! What is stored is never changed. An upcaster is a pure function of what the event carries, so it
//! cannot change its position, version, id, time or metadata. Old types lead to new ones step by
//! step: v1 to v2, v2 to v3; each step is written once, when the new type comes up, and stays.

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::stable_hash::StableHasher;

/// A step from a type to the one that took its place.
pub struct Upcaster<P> {
    /// The name of the old type.
    pub from: &'static str,
    /// The name of the new one.
    pub to: &'static str,
    /// The new payload for an old one, or `None` if that makes no sense.
    pub upcast: fn(&P) -> Option<P>,
}

/// Upcasters, of which none begins where another does, and which lead nowhere in a circle.
pub struct Upcasters<P> {
    steps: Vec<Upcaster<P>>,
}

/// Why upcasters do not go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UpcasterError {
    /// Two begin with this type.
    TwoFrom(&'static str),
    /// From this type they lead back to it.
    Circle(&'static str),
}

impl<P> Default for Upcasters<P> {
    fn default() -> Upcasters<P> {
        Upcasters::none()
    }
}

impl<P> Upcasters<P> {
    /// No upcasters.
    pub const fn none() -> Upcasters<P> {
        Upcasters { steps: Vec::new() }
    }

    /// These upcasters, in any order.
    ///
    /// # Errors
    ///
    /// [`UpcasterError`] if it would not be clear where an event ends up.
    pub fn new(steps: Vec<Upcaster<P>>) -> Result<Upcasters<P>, UpcasterError> {
        for (place, step) in steps.iter().enumerate() {
            if steps[..place].iter().any(|other| other.from == step.from) {
                return Err(UpcasterError::TwoFrom(step.from));
            }
        }
        let upcasters = Upcasters { steps };
        for step in &upcasters.steps {
            let mut event_type = step.to;
            // A way without a circle takes each step at most once.
            for _ in 0..upcasters.steps.len() {
                match upcasters.step(event_type) {
                    Some(next) => event_type = next.to,
                    None => break,
                }
                if event_type == step.from {
                    return Err(UpcasterError::Circle(step.from));
                }
            }
            if step.to == step.from {
                return Err(UpcasterError::Circle(step.from));
            }
        }
        Ok(upcasters)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The type as which events of a type are read in the end.
    pub fn newest<'a>(&self, event_type: &'a str) -> &'a str {
        let mut newest = event_type;
        while let Some(step) = self.step(newest) {
            newest = step.to;
        }
        newest
    }

    /// The type and the payload as which such an event is read; `None` if no step begins with its
    /// type. An error names the type whose step could not be done.
    pub(super) fn upcast(
        &self,
        event_type: &str,
        payload: &P,
    ) -> Option<Result<(&'static str, P), &'static str>> {
        let mut step = self.step(event_type)?;
        let mut newer = match (step.upcast)(payload) {
            Some(newer) => newer,
            None => return Some(Err(step.from)),
        };
        while let Some(next) = self.step(step.to) {
            step = next;
            newer = match (step.upcast)(&newer) {
                Some(newer) => newer,
                None => return Some(Err(step.from)),
            };
        }
        Some(Ok((step.to, newer)))
    }

    /// Feeds into a schema what the upcasters are: which types they lead from and to.
    pub(super) fn hash_into(&self, schema: &mut StableHasher) {
        schema.write_usize(self.steps.len());
        for step in &self.steps {
            (step.from, step.to).hash(schema);
        }
    }

    fn step(&self, event_type: &str) -> Option<&Upcaster<P>> {
        self.steps.iter().find(|step| step.from == event_type)
    }
}

impl fmt::Display for UpcasterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UpcasterError::TwoFrom(event_type) => {
                write!(f, "two upcasters begin with type `{event_type}`")
            }
            UpcasterError::Circle(event_type) => {
                write!(f, "upcasters lead from type `{event_type}` back to it")
            }
        }
    }
}

impl std::error::Error for UpcasterError {}
