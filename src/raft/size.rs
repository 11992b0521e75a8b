//! How large things are, so that what waits or travels can be bounded in bytes.
//!
//! The core neither encodes nor stores anything, so these are the sizes of a plain encoding: eight
//! bytes a number, one for a kind or a server. The application's own encoding may differ; what
//! counts is that no entry is free and that a large command is large.

use super::{Entry, KeyValueCommand, Payload};

/// What a log can hold: commands that say how large they are.
pub trait CommandSize: Clone {
    /// About how many bytes the command takes in memory and in a message. The same command must
    /// have the same size always and everywhere.
    fn size_bytes(&self) -> usize;
}

impl CommandSize for u8 {
    fn size_bytes(&self) -> usize {
        size_of::<u8>()
    }
}

impl CommandSize for u64 {
    fn size_bytes(&self) -> usize {
        size_of::<u64>()
    }
}

impl CommandSize for &str {
    fn size_bytes(&self) -> usize {
        self.len()
    }
}

impl CommandSize for String {
    fn size_bytes(&self) -> usize {
        self.len()
    }
}

impl CommandSize for KeyValueCommand {
    fn size_bytes(&self) -> usize {
        match self {
            KeyValueCommand::Put { key, value } => 1 + key.len() + value.len(),
            KeyValueCommand::Delete { key } => 1 + key.len(),
        }
    }
}

impl<C: CommandSize> Payload<C> {
    /// The size of an entry that asks for this, in bytes: its term, its kind, and what it holds.
    pub fn entry_bytes(&self) -> u64 {
        let holds = match self {
            Payload::Noop => 0,
            Payload::Command(command) => command.size_bytes(),
            Payload::Configuration(configuration) => {
                let (new, old) = (&configuration.voters, &configuration.old_voters);
                new.len() + old.len() + configuration.learners.len()
            }
            Payload::RegisterClient { .. } => 8,
            Payload::ClientRequest { command, .. } => command.size_bytes().saturating_add(24),
        };
        // `usize` is at most 64 bits on every target Rust supports, so nothing is cut off here.
        (holds as u64).saturating_add(9)
    }
}

impl<C: CommandSize> Entry<C> {
    /// The size of the entry, in bytes.
    pub fn size_bytes(&self) -> u64 {
        self.payload.entry_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raft::{ClientId, Configuration, LogIndex, ServerId, Term};

    #[test]
    fn no_entry_is_free_and_large_commands_are_large() {
        let size = |payload| Entry::<String> { term: Term(1), payload }.size_bytes();
        let command = "x".repeat(1_000);
        assert_eq!(size(Payload::Noop), 9);
        assert_eq!(size(Payload::Command(command.clone())), 1_009);
        let members = [ServerId(0), ServerId(1)];
        assert_eq!(size(Payload::Configuration(Box::new(Configuration::of(&members)))), 11);
        let client = ClientId(LogIndex(1));
        let request = Payload::ClientRequest { client, sequence: 1, command, log_time_us: 0 };
        assert_eq!(size(request), 1_033);
        let put = KeyValueCommand::Put { key: "k".into(), value: "four".into() };
        assert_eq!(put.size_bytes(), 6);
    }
}
