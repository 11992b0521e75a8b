//! What clients saw: the history as operations on keys.

use super::{RaftEvent, RaftRequest};
use crate::check::linearizability::{Operation, Operations, Register, RegisterCall};
use crate::raft::{KeyValueCommand, Outcome, RequestId};
use crate::sim::{Happening, History, Process, RecordId};
use crate::sorted::SortedMap;

/// The operations of all clients on the keys of the store, each with the record of its request.
///
/// A request that was refused by a server that does not lead did nothing and is left out. Of one
/// that got no answer, or the answer that nobody knows, it stays open what became of it. Times are
/// places in the history, so nothing happens at the same time.
pub fn operations<P>(history: &History<P>) -> (Operations<String, Register<String>>, Vec<RecordId>)
where
    P: Process<Request = RaftRequest, Event = RaftEvent>,
{
    let (mut operations, mut records) = (Vec::new(), Vec::new());
    let mut open: SortedMap<RequestId, usize> = SortedMap::new();
    let mut refused = Vec::new();
    for (place, record) in history.records().iter().enumerate() {
        match &record.what {
            Happening::Requested { request: RaftRequest::Propose { request, command }, .. } => {
                open.insert(*request, operations.len());
                let (key, call) = call(command);
                operations.push((key, Operation { called: place as u64, call, answer: None }));
                records.push(RecordId(place as u32));
            }
            Happening::Decided { event: RaftEvent::Answered { request, outcome }, .. } => {
                match (outcome, open.get(request)) {
                    (Outcome::Committed { .. }, Some(at)) => {
                        operations[*at].1.answer = Some((place as u64, None));
                    }
                    (Outcome::NotLeader { .. }, Some(at)) => refused.push(*at),
                    (Outcome::Unknown, _) | (_, None) => {}
                }
            }
            _ => {}
        }
    }
    // Refusals come in about the order of the requests, but not quite.
    refused.sort_unstable();
    for at in refused.into_iter().rev() {
        operations.remove(at);
        records.remove(at);
    }
    (operations, records)
}

fn call(command: &KeyValueCommand) -> (String, RegisterCall<String>) {
    match command {
        KeyValueCommand::Put { key, value } => (key.clone(), RegisterCall::Write(value.clone())),
        KeyValueCommand::Delete { key } => (key.clone(), RegisterCall::Clear),
    }
}
