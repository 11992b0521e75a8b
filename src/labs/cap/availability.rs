//! How available a store was, in both meanings of the word.
//!
//! People who run systems mean a share: so much of what was asked was answered. The CAP theorem
//! means something else: *every request received by a non-failing node must result in a response*
//! (Gilbert and Lynch, "Brewer's Conjecture and the Feasibility of Consistent, Available,
//! Partition-Tolerant Web Services", 2002, section 2.2). One server that is up and cannot serve
//! what it is asked ends that, however small its share is.
//!
//! What counts here as theirs does:
//! - a server is *live* if it did not crash between the request and its end. A paused server is
//!   only slow, and live;
//! - a *response* is a value read or a write done. To refuse, or to say that nobody knows, is none.
//!   They set no time limit; clients here wait as long as is set and give up then;
//! - a request to a server that passes it on counts for the server that was asked.
//!
//! So a store is unavailable from the instant at which some live server is asked for what it will
//! not serve, until that server crashes or is asked for something that it serves. What is not over
//! yet counts neither way.

use super::clients::{Asked, Fate};
use super::cluster::Cluster;
use crate::scene::Window;
use crate::sim::NodeId;
use crate::sorted::SortedSet;

/// A strip of availability has a slot for so many microseconds.
pub const SLOT_US: u64 = 50_000;

/// What became of what was asked for in one slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Slot {
    /// Done.
    pub answered: u32,
    /// Not done, and never will be.
    pub refused: u32,
    /// Nobody knows.
    pub unknown: u32,
    /// Not over yet.
    pub open: u32,
}

/// A live server did not serve a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Silence {
    /// The request, by its place in [`Clients::asked`](super::Clients::asked).
    pub place: usize,
    /// The server.
    pub node: NodeId,
    /// When it was asked, in microseconds since the start of the run.
    pub from_us: u64,
    /// When its client learnt that it will not be served.
    pub to_us: u64,
}

/// How available a store was so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Availability {
    /// How much was answered of a thousand requests that are over, rounded down; `None` if none is.
    pub answered_permille: Option<u32>,
    /// The requests that live servers did not serve, in the order in which they were asked.
    pub silences: Vec<Silence>,
    /// The parts of the run in which some live server did not serve, in order and apart from each
    /// other, in microseconds.
    pub gaps: Vec<(u64, u64)>,
}

impl Availability {
    /// In both meanings, as things stand now.
    pub fn of(cluster: &Cluster) -> Availability {
        let (mut answered, mut over) = (0_u64, 0_u64);
        let mut silences = Vec::new();
        let mut all_gaps = SortedSet::new();
        let mut since: Vec<Option<u64>> = cluster.world().node_ids().map(|_| None).collect();
        for (place, asked) in cluster.clients().asked().iter().enumerate() {
            over += u64::from(asked.fate != Fate::Open);
            answered += u64::from(asked.is_done());
            let silence = silence(cluster, place, asked);
            let Some(since) = since.get_mut(usize::from(asked.via.0)) else { continue };
            match (silence, *since) {
                (Some(_), None) => *since = Some(asked.at_us),
                (None, Some(from_us)) if asked.is_done() => {
                    all_gaps.insert(gap(cluster, asked.via, from_us, asked.at_us));
                    *since = None;
                }
                _ => {}
            }
            silences.extend(silence);
        }
        for (node, since) in cluster.world().node_ids().zip(since) {
            if let Some(from_us) = since {
                all_gaps.insert(gap(cluster, node, from_us, cluster.world().now_us()));
            }
        }
        let answered_permille = (answered * 1_000).checked_div(over).map(|share| share as u32);
        Availability { answered_permille, silences, gaps: merged(&all_gaps) }
    }

    /// Whether every request to a live server was served, of those that are over.
    pub fn every_live_server_answers(&self) -> bool {
        self.silences.is_empty()
    }

    /// Whether, as far as is known now, every live server served at `at_us`.
    pub fn is_available_at(&self, at_us: u64) -> bool {
        !self.gaps.iter().any(|(from_us, to_us)| (*from_us..*to_us).contains(&at_us))
    }
}

/// A server did not serve, until it did at `to_us` or was live no more.
fn gap(cluster: &Cluster, node: NodeId, from_us: u64, to_us: u64) -> (u64, u64) {
    (from_us, cluster.first_crash_us(node, from_us, to_us).unwrap_or(to_us))
}

fn merged(gaps: &SortedSet<(u64, u64)>) -> Vec<(u64, u64)> {
    let mut merged: Vec<(u64, u64)> = Vec::new();
    for (from_us, to_us) in gaps.iter().copied() {
        match merged.last_mut().filter(|last| from_us <= last.1) {
            Some(last) => last.1 = last.1.max(to_us),
            None => merged.push((from_us, to_us)),
        }
    }
    merged
}

/// If a live server did not serve a request: that.
fn silence(cluster: &Cluster, place: usize, asked: &Asked) -> Option<Silence> {
    let to_us = asked.known_us.filter(|_| !asked.is_done())?;
    let (node, from_us) = (asked.via, asked.at_us);
    let is_live = cluster.first_crash_us(node, from_us, to_us).is_none();
    is_live.then_some(Silence { place, node, from_us, to_us })
}

/// What became of what was asked for in a part of the run, slot by slot. The first begins at the
/// last whole slot before the window.
pub(super) fn slots(cluster: &Cluster, window: Window) -> Vec<Slot> {
    let first = window.from_us / SLOT_US;
    let count = (window.to_us / SLOT_US).saturating_sub(first) + 1;
    let mut slots = vec![Slot::default(); count as usize];
    let all = cluster.clients().asked();
    for asked in all.from(all.partition_point(|asked| asked.at_us < first * SLOT_US)) {
        let Some(slot) = slots.get_mut((asked.at_us / SLOT_US - first) as usize) else { break };
        match asked.fate {
            Fate::Open => slot.open += 1,
            Fate::Done(_) => slot.answered += 1,
            Fate::Refused(_) => slot.refused += 1,
            Fate::Unknown { .. } => slot.unknown += 1,
        }
    }
    slots
}
