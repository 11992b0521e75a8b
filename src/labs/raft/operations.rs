//! What clients saw: the history as operations on keys.

use super::{RaftEvent, RaftRequest};
use crate::check::linearizability::{Operation, Operations, Register, RegisterCall};
use crate::raft::{ClientId, Effect, KeyValueCommand, LogIndex, Outcome, RequestId};
use crate::sim::{Happening, History, Process, RecordId};
use crate::sorted::SortedMap;

/// The operations of all clients on the keys of the store, each with the record of its request.
///
/// What every server refused did nothing and is left out. Of what got no answer, or the answer that
/// nobody knows, it stays open what became of it. What a client with a session asks for again is
/// one operation, however often it asks. Times are places in the history, so nothing happens at the
/// same time.
pub fn operations<P>(history: &History<P>) -> (Operations<String, Register<String>>, Vec<RecordId>)
where
    P: Process<Request = RaftRequest, Event = RaftEvent>,
{
    let mut clients = Clients::default();
    for (place, record) in history.records().iter().enumerate() {
        match &record.what {
            Happening::Requested { request, .. } => clients.ask(place, request),
            Happening::Decided { event, .. } => clients.hear(place, event),
            _ => {}
        }
    }
    let kept = clients.all.into_iter().filter(|asked| asked.refused < asked.attempts);
    kept.map(|asked| ((asked.key, asked.operation), asked.record)).unzip()
}

/// What was asked for, once or several times.
struct Asked {
    key: String,
    operation: Operation<RegisterCall<String>, Option<String>>,
    record: RecordId,
    attempts: u32,
    /// So many attempts had no effect.
    refused: u32,
    in_session: bool,
}

#[derive(Default)]
struct Clients {
    all: Vec<Asked>,
    /// Which operation an answer is about.
    open: SortedMap<RequestId, usize>,
    sessions: SortedMap<(ClientId, u64), usize>,
    /// Whether the entry did what its client wanted, now or before.
    done: SortedMap<LogIndex, bool>,
}

impl Clients {
    fn ask(&mut self, place: usize, request: &RaftRequest) {
        match request {
            RaftRequest::Propose { request, command } => {
                let (key, call) = call(command);
                self.begin(place, *request, key, call);
            }
            RaftRequest::Read { request, key } => {
                self.begin(place, *request, key.clone(), RegisterCall::Read);
            }
            RaftRequest::ClientRequest { request, client, sequence, command } => {
                if let Some(first) = self.sessions.get(&(*client, *sequence)) {
                    self.open.insert(*request, *first);
                    self.all[*first].attempts += 1;
                    return;
                }
                let (key, call) = call(command);
                let at = self.begin(place, *request, key, call);
                self.all[at].in_session = true;
                self.sessions.insert((*client, *sequence), at);
            }
            RaftRequest::RegisterClient { .. }
            | RaftRequest::TimeOutNow
            | RaftRequest::ChangeMembership { .. }
            | RaftRequest::TransferLeadership { .. } => {}
        }
    }

    fn begin(
        &mut self,
        place: usize,
        request: RequestId,
        key: String,
        call: RegisterCall<String>,
    ) -> usize {
        let operation = Operation { called: place as u64, call, answer: None };
        let record = RecordId(place as u32);
        self.open.insert(request, self.all.len());
        self.all.push(Asked { key, operation, record, attempts: 1, refused: 0, in_session: false });
        self.all.len() - 1
    }

    fn hear(&mut self, place: usize, event: &RaftEvent) {
        match event {
            RaftEvent::Session { index, effect, .. } => {
                let done = matches!(effect, Effect::Applied { .. } | Effect::Repeated { .. });
                self.done.insert(*index, done);
            }
            RaftEvent::Read { request, value, .. } => {
                self.answer(place, *request, value.clone());
            }
            RaftEvent::Answered { request, outcome } => match outcome {
                Outcome::Committed { index, .. } => {
                    let asked = self.open.get(request).map(|at| &self.all[*at]);
                    // A session may have ended, or gone on: nobody knows what was done before.
                    let unknown = asked.is_some_and(|asked| asked.in_session)
                        && self.done.get(index) != Some(&true);
                    if !unknown {
                        self.answer(place, *request, None);
                    }
                }
                Outcome::NotLeader { .. } | Outcome::Refused { .. } => {
                    if let Some(at) = self.open.get(request) {
                        self.all[*at].refused += 1;
                    }
                }
                Outcome::Readable { .. } | Outcome::ChangeRefused { .. } | Outcome::Unknown => {}
            },
            RaftEvent::Raft(_) | RaftEvent::Restored { .. } | RaftEvent::Applied { .. } => {}
        }
    }

    /// The first answer counts; what was answered again had been done before.
    fn answer(&mut self, place: usize, request: RequestId, answer: Option<String>) {
        if let Some(at) = self.open.get(&request) {
            self.all[*at].operation.answer.get_or_insert((place as u64, answer));
        }
    }
}

fn call(command: &KeyValueCommand) -> (String, RegisterCall<String>) {
    match command {
        KeyValueCommand::Put { key, value } => (key.clone(), RegisterCall::Write(value.clone())),
        KeyValueCommand::Delete { key } => (key.clone(), RegisterCall::Clear),
    }
}
