//! A steady stream of requests, so that one stroke through the network shows something.
//!
//! It belongs to the comparison of systems only, and is no part of the reader's run. Two clients
//! ask in turn: [`LEFT`] lives by the first half of the servers, [`RIGHT`] by the others. Each asks
//! its servers one after another, in one round to write and in the next to read. Both ask for the
//! same key, and for a new one every second: on a key that is written for ever, every loss would
//! soon be overwritten on purpose. Nothing here is left to chance.

use crate::labs::{Ask, Client, Command, MAX_CLIENTS};
use crate::sim::NodeId;

/// The client by the first half of the servers.
pub const LEFT: Client = Client(MAX_CLIENTS - 1);
/// The client by the others.
pub const RIGHT: Client = Client(MAX_CLIENTS);
/// For so many requests the key stays the same.
const TURNS_A_KEY: u64 = 40;
/// When the first of them asks, in microseconds: there is a leader by then, as a rule.
pub const FROM_US: u64 = 500_000;
/// So often one of them asks, in microseconds.
pub const EVERY_US: u64 = 25_000;

/// When the `turn`-th request is due.
pub fn due_us(turn: u64) -> u64 {
    FROM_US + turn * EVERY_US
}

/// The `turn`-th request, as commands of which the first that is possible counts: a client whose
/// server is down turns to the next one on its side.
pub fn attempts(turn: u64, servers: u8) -> Vec<Command> {
    let half = (servers / 2).max(1);
    let (client, first, count) = match turn % 2 {
        0 => (LEFT, 0, half),
        _ => (RIGHT, half.min(servers - 1), servers.saturating_sub(half).max(1)),
    };
    let key = ["w", &(turn / TURNS_A_KEY + 1).to_string()].concat();
    let (turn, count) = (turn / 2, u64::from(count));
    let what = match turn / count % 2 {
        0 => Ask::Write { key, value: [&client.to_string(), ".", &turn.to_string()].concat() },
        _ => Ask::Read { key },
    };
    let via = |step: u64| NodeId(first + ((turn + step) % count) as u8);
    (0..count).map(|step| Command::Ask { client, via: via(step), what: what.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_server_is_asked_to_write_and_to_read_and_keeps_its_client() {
        for servers in 1..=9_u8 {
            let mut seen = Vec::new();
            for turn in 0..64 {
                let all = attempts(turn, servers);
                let Some(Command::Ask { client, via, what }) = all.first() else {
                    panic!("{all:?}")
                };
                assert!(via.0 < servers, "{via} of {servers}");
                let is_left = via.0 < servers / 2 || servers == 1;
                assert!(servers == 1 || (*client == LEFT) == is_left, "{client} by {via}");
                let sides = |command: &Command| match command {
                    Command::Ask { via, .. } => via.0 < servers / 2,
                    _ => false,
                };
                assert!(all.iter().all(|other| sides(other) == sides(&all[0])), "{all:?}");
                let case = (*via, matches!(what, Ask::Write { .. }));
                if !seen.contains(&case) {
                    seen.push(case);
                }
            }
            assert_eq!(seen.len(), 2 * usize::from(servers), "{seen:?}");
        }
    }
}
