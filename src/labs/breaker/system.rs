//! What runs in the figure's world, as one process: callers, each behind a breaker of its own; a
//! service with a queue; what it depends on; and, on the network, a Raft cluster.
//!
//! They are variants of one process so that the world is compiled once. This file has what they say
//! to each other and what they tell; each variant has a file of its own.

use super::super::raft::{RaftEvent, RaftProcess, RaftRequest, RaftSetup};
use super::caller::Caller;
use super::cluster_server::Replica;
use super::policy::Policy;
use super::service::{Health, Service};
use crate::circuit_breaker::{Generation, Outcome, Reason, Reported, Transition};
use crate::raft::{self, KeyValueCommand};
use crate::resilience::GiveUp;
use crate::sim::{Input, NodeId, Output, Process};

/// What stands on the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cast {
    /// One caller, one service: a breaker up close.
    One,
    /// Four callers, a service, and a database behind it: the storm.
    Fleet,
    /// One caller, and four shards of a service.
    Shards,
    /// One caller in front of a Raft cluster of three.
    Network,
}

/// What a node of the world is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Calls, behind a breaker.
    Caller,
    /// Serves.
    Service,
    /// What the service depends on.
    Database,
    /// One of the shards, from 0.
    Shard(u8),
    /// A server of the cluster.
    Replica,
}

impl Cast {
    /// How many nodes there are.
    pub fn nodes(self) -> u8 {
        match self {
            Cast::One => 2,
            Cast::Fleet => 6,
            Cast::Shards => 5,
            Cast::Network => 4,
        }
    }

    /// How many a caller can call.
    pub fn targets(self) -> usize {
        match self {
            Cast::One | Cast::Fleet | Cast::Network => 1,
            Cast::Shards => 4,
        }
    }

    /// Whom a caller calls for its `number`th request: shards take turns.
    pub fn target(self, number: u64) -> NodeId {
        match self {
            // In the cluster callers begin with the first, and are told who leads.
            Cast::One | Cast::Network => NodeId(1),
            Cast::Fleet => NodeId(4),
            Cast::Shards => NodeId(1 + (number % self.targets() as u64) as u8),
        }
    }

    /// The place of one that can be called among all of them.
    pub fn place_of(self, target: NodeId) -> usize {
        target.index().saturating_sub(self.target(0).index())
    }

    /// What a node is.
    pub fn role(self, node: NodeId) -> Role {
        match (self, node.0) {
            (Cast::One | Cast::Shards | Cast::Network, 0) | (Cast::Fleet, 0..4) => Role::Caller,
            (Cast::One, _) | (Cast::Fleet, 4) => Role::Service,
            (Cast::Fleet, _) => Role::Database,
            (Cast::Shards, place) => Role::Shard(place - 1),
            (Cast::Network, _) => Role::Replica,
        }
    }
}

/// What the service of the fleet depends on.
pub const DATABASE: NodeId = NodeId(5);

/// What all nodes of a world are started with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BreakerSetup {
    /// What stands on the stage.
    pub cast: Cast,
    /// What callers go by at first.
    pub policy: Policy,
    /// How the service, or each shard, does at first.
    pub health: Health,
    /// How the database does at first.
    pub database: Health,
    /// For the cluster.
    pub raft: RaftSetup,
}

/// Names a request of a caller, over all its tries, from 1 since it booted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// Names one try of a caller, or what a service asks of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId {
    /// Differs from boot to boot, so that no answer to an earlier one counts.
    pub boot: u64,
    /// From 1 since it booted.
    pub number: u64,
}

/// What travels between nodes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BreakerMessage {
    /// A call, or what the service asks of the database for one.
    Call {
        /// Names the answer.
        call: CallId,
        /// The era of the breaker in which it was admitted; nothing of it is decided by this, it
        /// is what the picture colours the call by.
        era: Generation,
        /// When nobody waits for the answer any more, by the caller's clock; 0: never.
        until_us: u64,
    },
    /// The answer.
    Answer {
        /// To which call.
        call: CallId,
        /// As in the call.
        era: Generation,
        /// What became of it.
        answer: Answer,
    },
    /// Of Raft.
    Raft(raft::Message<KeyValueCommand>),
}

/// What a service answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// It did its work.
    Done,
    /// It failed at it.
    Failed,
    /// Its queue is full.
    Busy,
    /// It is a server of the cluster that does not lead, and says who does.
    NotHere {
        /// The leader, as far as it knows.
        leader: NodeId,
    },
}

/// What people ask of a node. One that is something else takes no notice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BreakerRequest {
    /// Of a caller: one call more, now.
    CallOnce,
    /// Of a caller: to go by another policy from now on. What is under way goes on as it was.
    GoBy(Box<Policy>),
    /// Of a caller: something by hand with the breaker.
    ByHand(ByHand),
    /// Of a service or a shard: to do like this from now on.
    Do(Health),
    /// Of a server of the cluster.
    Raft(RaftRequest),
}

/// What can be done with a breaker by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ByHand {
    /// Opens it.
    Open,
    /// Closes it.
    Close,
    /// Closes it and forgets.
    Reset,
    /// Holds it open.
    ForceOpen,
    /// Lets all through, and nobody looks.
    Disable,
    /// Lets all through and counts.
    WatchOnly,
}

/// What a node tells of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BreakerEvent {
    /// A caller begins a request.
    Began {
        /// Which.
        request: RequestId,
    },
    /// The breaker has admitted a call.
    Admitted {
        /// For which request.
        request: RequestId,
        /// Its name.
        call: CallId,
        /// To whom it goes.
        to: NodeId,
        /// Which of the caller's breakers has admitted it, from 0; none where it has none.
        door: Option<u8>,
        /// The era in which it was admitted.
        era: Generation,
        /// Whether it is a probe.
        is_probe: bool,
        /// Which try it is, from 1.
        attempt: u32,
    },
    /// The breaker has rejected one.
    Rejected {
        /// For which request.
        request: RequestId,
        /// Whom it was to call.
        to: NodeId,
        /// Which of the caller's breakers, from 0.
        door: u8,
        /// Why.
        reason: Reason,
        /// When to ask again, counted from then.
        retry_after_us: Option<u64>,
    },
    /// The bulkhead was full.
    NoPlace {
        /// For which request.
        request: RequestId,
    },
    /// A call is over for its caller, which told the breaker so, if it has one.
    Ended {
        /// Which call.
        call: CallId,
        /// Which of the caller's breakers, from 0; none where no breaker heard of it.
        door: Option<u8>,
        /// The era in which it had been admitted.
        era: Generation,
        /// How it ended.
        outcome: Outcome,
        /// What the breaker made of that.
        reported: Option<Reported>,
        /// How long the call took, in microseconds.
        took_us: u64,
    },
    /// A call was given up: the answer took too long. Whatever comes of it now is late.
    TimedOut {
        /// Which.
        call: CallId,
    },
    /// An answer came to a call that was given up.
    CameTooLate {
        /// Which.
        call: CallId,
    },
    /// The service said that another one is to be asked: the request goes there.
    Redirected {
        /// Which.
        request: RequestId,
        /// There.
        to: NodeId,
    },
    /// A breaker has moved.
    Moved {
        /// Which of the caller's breakers, from 0.
        door: u8,
        /// From where to where, and why.
        transition: Transition,
    },
    /// A closed breaker has forgotten what its windows held, by hand: a new era.
    Forgot {
        /// Which of the caller's breakers, from 0.
        door: u8,
        /// The era that begins.
        era: Generation,
    },
    /// The caller goes by other settings of its breakers: these are new, closed and empty.
    NewBreakers,
    /// There will be another try.
    RetriesAt {
        /// Of which request.
        request: RequestId,
        /// When, by the caller's clock.
        at_us: u64,
        /// Which retry, from 1.
        retry: u32,
    },
    /// A request is over.
    Over {
        /// Which.
        request: RequestId,
        /// How.
        end: End,
        /// How long it took, in microseconds.
        took_us: u64,
    },
    /// The service has taken a call into its queue.
    Queued {
        /// How many are there now.
        waiting: u32,
    },
    /// The service has turned one away.
    TurnedAway,
    /// The service has done work for which nobody waited any more.
    InVain,
    /// Of Raft.
    Raft(RaftEvent),
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// With what it asked for.
    Served,
    /// The breaker said no, and nothing was tried again.
    Rejected,
    /// It failed, and why it is not tried again.
    Failed(GiveUp),
}

/// One change of what is on disk: only servers of the cluster have one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BreakerWrite {
    /// Of Raft.
    Raft(raft::Write<KeyValueCommand>),
}

/// What is on a disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct BreakerImage {
    /// Of Raft.
    pub raft: raft::Durable<KeyValueCommand>,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::large_enum_variant, reason = "there are a handful a world, each in its own place")]
pub enum BreakerProcess {
    /// Calls.
    Caller(Caller),
    /// Serves: the service, the database, a shard.
    Service(Service),
    /// A server of the cluster.
    Replica(Replica),
}

impl BreakerProcess {
    /// The caller, if it is one.
    pub fn caller(&self) -> Option<&Caller> {
        if let BreakerProcess::Caller(caller) = self { Some(caller) } else { None }
    }

    /// The service, database or shard, if it is one.
    pub fn service(&self) -> Option<&Service> {
        if let BreakerProcess::Service(service) = self { Some(service) } else { None }
    }

    /// The server of the cluster, if it is one.
    pub fn replica(&self) -> Option<&Replica> {
        if let BreakerProcess::Replica(replica) = self { Some(replica) } else { None }
    }
}

impl Process for BreakerProcess {
    type Setup = BreakerSetup;
    type Message = BreakerMessage;
    type Request = BreakerRequest;
    type Event = BreakerEvent;
    type Write = BreakerWrite;
    type Image = BreakerImage;

    fn boot(
        setup: &BreakerSetup,
        node: NodeId,
        image: &BreakerImage,
        now_us: u64,
        seed: u64,
    ) -> BreakerProcess {
        let BreakerSetup { cast, policy, health, database, raft } = setup;
        match cast.role(node) {
            Role::Caller => {
                BreakerProcess::Caller(Caller::boot(*cast, policy.clone(), now_us, seed))
            }
            Role::Service => {
                let depends_on = (*cast == Cast::Fleet).then_some(DATABASE);
                BreakerProcess::Service(Service::boot(*health, depends_on, seed))
            }
            Role::Database => BreakerProcess::Service(Service::boot(*database, None, seed)),
            Role::Shard(_) => BreakerProcess::Service(Service::boot(*health, None, seed)),
            Role::Replica => {
                BreakerProcess::Replica(Replica::boot(raft, node, &image.raft, now_us, seed))
            }
        }
    }

    fn handle(&mut self, now_us: u64, input: Input<BreakerProcess>) {
        match self {
            BreakerProcess::Caller(caller) => caller.handle(now_us, input),
            BreakerProcess::Service(service) => service.handle(now_us, input),
            BreakerProcess::Replica(replica) => replica.handle(now_us, input),
        }
    }

    fn poll(&mut self) -> Option<Output<BreakerProcess>> {
        match self {
            BreakerProcess::Caller(caller) => caller.poll(),
            BreakerProcess::Service(service) => service.poll(),
            BreakerProcess::Replica(replica) => replica.poll(),
        }
    }

    fn deadline_us(&self) -> Option<u64> {
        match self {
            BreakerProcess::Caller(caller) => caller.deadline_us(),
            BreakerProcess::Service(service) => service.deadline_us(),
            BreakerProcess::Replica(replica) => replica.deadline_us(),
        }
    }

    fn apply_write(image: &mut BreakerImage, write: &BreakerWrite) {
        let BreakerWrite::Raft(write) = write;
        image.raft.apply(write);
    }

    fn tear_write(write: &BreakerWrite, part_ppm: u32) -> Option<BreakerWrite> {
        let BreakerWrite::Raft(write) = write;
        RaftProcess::tear_write(write, part_ppm).map(BreakerWrite::Raft)
    }
}
