//! What judges need to know of this lab's process.

use super::{RaftEvent, RaftProcess};
use crate::check::raft::RaftNode;
use crate::raft::{Entry, KeyValueCommand, LogIndex, Server};

impl RaftNode for RaftProcess {
    type Command = KeyValueCommand;

    fn raft(&self) -> &Server<KeyValueCommand> {
        self.server()
    }

    fn applied(event: &RaftEvent) -> Option<(LogIndex, &Entry<KeyValueCommand>)> {
        match event {
            RaftEvent::Applied { index, entry } => Some((*index, entry)),
            _ => None,
        }
    }
}
