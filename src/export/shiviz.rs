//! The history as a log for [ShiViz](https://bestchai.bitbucket.io/shiviz/), which draws who could
//! have known of what.
//!
//! The file begins as ShiViz wants it: the regular expression that finds host, clock and event,
//! then a line for the border between executions, which is empty because there is one. After that
//! every record takes two lines:
//!
//! ```text
//! S2 {"S1":4, "S2":3}
//! 310000us receives from S1: RequestVote term=1 …
//! ```
//!
//! **Clocks** are vector clocks (Fidge 1988, Mattern 1989): each record at a server counts that
//! server's own entry up by one, and a delivery takes over what the sender knew when it sent. So
//! one clock is below another exactly if the one record could have led to the other: the next
//! record of the same server, or a message, or a way over several of these. This is Lamport's
//! happened-before (1978), and the order that the causes in the history span.
//!
//! `network` is a host, too: losses, copies, and what is done to links happen there. It only
//! listens. No server learns anything from it, or everything after a cut would seem to know of it.

use super::Recording;
use super::json::quoted;
use crate::labs::exported::Part;
use crate::sim::{NodeId, RecordId};

/// How ShiViz finds host, clock, instant and event: the first line of the file.
pub const REGULAR_EXPRESSION: &str = r"(?<host>\S+) (?<clock>\{.*\})\n(?<at_us>\d+)us (?<event>.*)";

/// The host at which happens what happens at no server.
const NETWORK: &str = "network";

/// The history of a run with vector clocks.
pub fn shiviz(recording: &Recording) -> String {
    let mut clocks = Clocks::new(recording.servers().into());
    let mut text = format!("{REGULAR_EXPRESSION}\n\n");
    for (id, told) in recording.told() {
        let clock = clocks.next(id, told.part);
        let host = host(place_of(told.part));
        text.push_str(&format!("{host} {}\n{}us {}\n", print(&clock), told.at_us, told.words));
    }
    text
}

/// Where it happens: a server, or the network.
fn place_of(part: Part) -> Option<NodeId> {
    match part {
        Part::At(node) | Part::Sent { from: node, .. } | Part::Delivered { to: node, .. } => {
            Some(node)
        }
        Part::Network | Part::Copied { .. } | Part::Lost { .. } => None,
    }
}

fn host(place: Option<NodeId>) -> String {
    place.map_or(NETWORK.to_owned(), |node| node.to_string())
}

/// A clock as ShiViz reads it: JSON, without the hosts that are not known of.
fn print(clock: &[u32]) -> String {
    let mut text = String::from("{");
    for (place, count) in clock.iter().enumerate().filter(|(_, count)| **count > 0) {
        if text.len() > 1 {
            text.push_str(", ");
        }
        let node = (place + 1 < clock.len()).then_some(NodeId(place as u8));
        quoted(&mut text, &host(node));
        text.push(':');
        text.push_str(&count.to_string());
    }
    text.push('}');
    text
}

/// What every host knows of every other; the network comes last.
struct Clocks {
    hosts: Vec<Vec<u32>>,
    /// What the sender of each message knew, in the order of their numbers.
    sent: Vec<(RecordId, Vec<u32>)>,
}

impl Clocks {
    fn new(servers: usize) -> Clocks {
        Clocks { hosts: vec![vec![0; servers + 1]; servers + 1], sent: Vec::new() }
    }

    /// The clock of the next record.
    fn next(&mut self, id: RecordId, part: Part) -> Vec<u32> {
        let network = self.hosts.len() - 1;
        let here = place_of(part).map_or(network, NodeId::index);
        if let Part::Delivered { message, .. }
        | Part::Lost { message, .. }
        | Part::Copied { message, .. } = part
        {
            let place = self.sent.binary_search_by_key(&message, |(id, _)| *id);
            if let Ok(place) = place {
                let knew = &self.sent[place].1;
                for (mine, theirs) in self.hosts[here].iter_mut().zip(knew) {
                    *mine = (*mine).max(*theirs);
                }
            }
        }
        self.hosts[here][here] += 1;
        let clock = self.hosts[here].clone();
        match part {
            Part::Sent { .. } => self.sent.push((id, clock.clone())),
            // A copy carries what the first message carries.
            Part::Copied { message, .. } => {
                let place = self.sent.binary_search_by_key(&message, |(id, _)| *id);
                let knew = place.map(|place| self.sent[place].1.clone());
                self.sent.extend(knew.map(|knew| (id, knew)));
            }
            _ => {}
        }
        clock
    }
}
