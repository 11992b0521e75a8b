//! What judges need to know of this lab's process.

use super::{RaftEvent, RaftProcess, RaftRequest};
use crate::check::raft::{RaftNode, RaftWorld, Told};
use crate::raft::{Durable, Effect, Event, KeyValueCommand, Message, RequestId, Server, Write};
use crate::stable_hash::stable_hash;

impl RaftNode for RaftProcess {
    type Command = KeyValueCommand;

    fn raft(&self) -> &Server<KeyValueCommand> {
        self.server()
    }
}

/// Every node runs a server.
impl RaftWorld for RaftProcess {
    type Node = RaftProcess;

    fn node(&self) -> Option<&RaftProcess> {
        Some(self)
    }

    fn image(image: &Durable<KeyValueCommand>) -> &Durable<KeyValueCommand> {
        image
    }

    fn message(message: &Message<KeyValueCommand>) -> Option<&Message<KeyValueCommand>> {
        Some(message)
    }

    fn write(write: &Write<KeyValueCommand>) -> Option<&Write<KeyValueCommand>> {
        Some(write)
    }

    fn told(event: &RaftEvent) -> Told<'_, KeyValueCommand> {
        match event {
            RaftEvent::Applied { index, entry } => Told::Applied { index: *index, entry },
            RaftEvent::Restored { last_included_index } => {
                Told::Restored { last_included_index: *last_included_index }
            }
            RaftEvent::Session { index, effect, ended } => Told::Session {
                index: *index,
                took_effect: matches!(effect, Effect::Applied { .. }),
                effect: stable_hash(&(effect, ended)),
            },
            RaftEvent::Raft(Event::ReadReady { request, read_index, by }) => {
                Told::ReadReady { request: *request, read_index: *read_index, by: *by }
            }
            RaftEvent::Raft(
                Event::VoteGranted { .. }
                | Event::BecameCandidate { .. }
                | Event::BecamePreCandidate { .. },
            ) => Told::VoteOrAttempt,
            RaftEvent::Raft(_) | RaftEvent::Read { .. } | RaftEvent::Answered { .. } => Told::Other,
        }
    }

    fn read_asked(request: &RaftRequest) -> Option<RequestId> {
        match request {
            RaftRequest::Read { request, .. } => Some(*request),
            _ => None,
        }
    }
}
