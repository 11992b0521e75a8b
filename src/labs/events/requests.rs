//! What customers have asked for, and what became of it, as they know. A fold over the commands and
//! the history.

use super::super::raft::RaftRequest;
use super::super::{Ask, Client, Refused};
use super::replica::command_entry;
use super::shop::{Customer, ShopCommand};
use super::system::{EventsEvent, EventsProcess, EventsRequest, Log, Outcome, RequestId, Rules};
use crate::event_store::EventId;
use crate::raft;
use crate::shared_list::SharedList;
use crate::sim::{Fault, Happening, NodeId, Record, RecordId};

/// Everything that customers have asked for so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    asked: SharedList<Asked, 16>,
}

/// One thing that was asked for, once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Asked {
    /// Its name: its number among all of them, from 1.
    pub request: RequestId,
    /// Who asked: the first is Ann, the second Ben.
    pub client: Client,
    /// The desk, or the server of the cluster, that was asked.
    pub via: NodeId,
    /// Who has it now: `via`, or the server of the cluster to which it was passed on.
    pub with: NodeId,
    /// How often it was passed on to a leader.
    pub hops: u8,
    /// For what.
    pub command: ShopCommand,
    /// The id of the command, the same in a retry.
    pub id: EventId,
    /// Of a retry: the request that it makes again.
    pub retries: Option<RequestId>,
    /// When, in microseconds since the start of the run.
    pub at_us: u64,
    /// The record of that.
    pub called: RecordId,
    /// What became of it; `None`: there is no answer yet.
    pub outcome: Option<Outcome>,
    /// The record of the answer, if there was one.
    pub answered: Option<RecordId>,
}

impl Requests {
    /// Everything asked for, oldest first.
    pub fn asked(&self) -> &SharedList<Asked, 16> {
        &self.asked
    }

    /// One of them.
    pub fn numbered(&self, request: RequestId) -> Option<&Asked> {
        self.asked.get(self.place(request)?)
    }

    fn place(&self, request: RequestId) -> Option<usize> {
        usize::try_from(request.0).ok()?.checked_sub(1)
    }

    /// The latest thing that `client` has asked for.
    pub fn latest(&self, client: Client) -> Option<&Asked> {
        self.asked.iter().rev().find(|asked| asked.client == client)
    }

    /// What `client` sends for `what`, and what is noted if it goes. Nothing has changed yet.
    pub(super) fn draft(
        &self,
        seed: u64,
        rules: &Rules,
        (client, via): (Client, NodeId),
        what: &Ask,
    ) -> Result<(EventsRequest, Asked), Refused> {
        let customer = customer(client).ok_or_else(|| {
            Refused::Impossible("the shop has two customers, C1 and C2".to_owned())
        })?;
        let number = self.asked.len() as u64 + 1;
        let (request, fresh) =
            (RequestId(number), EventId::of_command(EventId(seed.into()), number));
        let before = match what {
            Ask::Retry => Some(self.latest(client).ok_or(Refused::NothingToRetry(client))?),
            _ => None,
        };
        let (command, id) = match (before, what) {
            (Some(before), _) => (before.command, if rules.same_ids { before.id } else { fresh }),
            (None, Ask::Do { what }) => {
                let command = ShopCommand::parse(customer, what);
                (command.ok_or_else(|| Refused::NoSuchWords(what.clone()))?, fresh)
            }
            (None, _) => return Err(Refused::NotInThisLab),
        };
        // Who knows that nothing has happened has it decided again; who does not, or only wants it
        // once more, sends again what was decided.
        let again = before.filter(|before| {
            matches!(before.outcome, None | Some(Outcome::Unknown | Outcome::Done { .. }))
        });
        let sent = match again {
            // To a cluster it is all one, for it decides when it carries the command out.
            _ if rules.log == Log::Raft => propose(request, client, id, command),
            Some(before) => EventsRequest::Resend { request, of: before.request, id, command },
            None => EventsRequest::Do { request, id, command },
        };
        let asked = Asked {
            request,
            client,
            via,
            with: via,
            hops: 0,
            command,
            id,
            retries: before.map(|before| before.request),
            at_us: 0,
            called: RecordId(0),
            outcome: None,
            answered: None,
        };
        Ok((sent, asked))
    }

    /// A request has gone out.
    pub(super) fn note(&mut self, asked: Asked) {
        self.asked.push(asked);
    }

    /// The request once more, for the leader to which it is passed on.
    pub(super) fn passed_on(&self, request: RequestId) -> Option<EventsRequest> {
        let asked = self.numbered(request)?;
        Some(propose(request, asked.client, asked.id, asked.command))
    }

    /// A request was passed on; or it could not be, and that is the answer.
    pub(super) fn pass_on(&mut self, request: RequestId, to: Option<NodeId>, id: RecordId) {
        match (to, self.place(request).and_then(|place| self.asked.get_mut(place))) {
            (Some(to), Some(asked)) => (asked.with, asked.hops) = (to, asked.hops + 1),
            _ => self.answer(request, Outcome::Unreachable, id),
        }
    }

    /// Something has happened.
    pub(super) fn read(&mut self, id: RecordId, record: &Record<EventsProcess>) {
        match &record.what {
            Happening::Decided { event: EventsEvent::Answered { request, outcome }, .. } => {
                self.answer(*request, *outcome, id);
            }
            // What it was at is lost with it.
            Happening::Fault(Fault::Crash(node) | Fault::CrashTorn { node, .. }) => {
                let lost = |asked: &&Asked| asked.outcome.is_none() && asked.with == *node;
                let lost: Vec<RequestId> =
                    self.asked.iter().filter(lost).map(|asked| asked.request).collect();
                for request in lost {
                    self.answer(request, Outcome::Unknown, id);
                }
            }
            _ => {}
        }
    }

    fn answer(&mut self, request: RequestId, outcome: Outcome, id: RecordId) {
        let asked = self.place(request).and_then(|place| self.asked.get_mut(place));
        if let Some(asked) = asked.filter(|asked| asked.outcome.is_none()) {
            (asked.outcome, asked.answered) = (Some(outcome), Some(id));
        }
    }
}

fn propose(request: RequestId, client: Client, id: EventId, command: ShopCommand) -> EventsRequest {
    let command = command_entry(client, id, command);
    EventsRequest::Raft(RaftRequest::Propose { request: raft::RequestId(request.0), command })
}

/// Who a client is in the shop.
pub fn customer(client: Client) -> Option<Customer> {
    match client.0 {
        1 => Some(Customer::Ann),
        2 => Some(Customer::Ben),
        _ => None,
    }
}
