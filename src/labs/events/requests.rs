//! What customers have asked for, and what became of it, as they know. A fold over the commands and
//! the history.

use super::super::Client;
use super::shop::ShopCommand;
use super::system::RequestId;
use crate::event_store::EventId;
use crate::shared_list::SharedList;
use crate::sim::{NodeId, RecordId};

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
    pub outcome: Option<super::system::Outcome>,
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
        self.asked.get(usize::try_from(request.0).ok()?.checked_sub(1)?)
    }

    /// The latest thing that `client` has asked for.
    pub fn latest(&self, client: Client) -> Option<&Asked> {
        self.asked.iter().rev().find(|asked| asked.client == client)
    }
}
