//! What runs in the figure's world, as one process: desks that decide, the server that keeps the
//! log, read models that follow it; or, with the log on a cluster, Raft servers of which each keeps
//! all of it.
//!
//! They are variants of one process so that the world is compiled once. This file has what they say
//! to each other and what they tell; each variant has a file of its own.

use std::sync::Arc;

use super::super::raft::{RaftEvent, RaftProcess, RaftRequest, RaftSetup};
use super::desk::Desk;
use super::keeper::{self, Keeper};
use super::model::{self, Model, ModelImage, ModelWrite};
use super::replica::Replica;
use super::shop::{ShopCommand, ShopEvent, ShopRefusal};
use crate::event_store::file;
use crate::event_store::{AppendError, Appended, EventId, Expected};
use crate::raft::{self, KeyValueCommand};
use crate::sim::{Input, NodeId, Output, Process};

/// What a node of the world is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Reads, decides and appends for customers. Keeps nothing.
    Desk,
    /// Keeps the log, in a file.
    Keeper,
    /// Follows the log and keeps what it comes to.
    Model(ModelKind),
    /// All of it, in a cluster.
    Replica,
}

/// What a read model is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModelKind {
    /// What is in whose cart.
    Carts,
    /// What is left on the shelves.
    Stock,
    /// What was taken in.
    Payments,
}

/// Where the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Log {
    /// In the file of one server.
    Single,
    /// On every server of a Raft cluster.
    Raft,
}

/// How many nodes a world has whose log is in the file of one server.
pub const SINGLE_NODES: u8 = 6;

/// How many nodes a world has whose log is on a Raft cluster.
pub const CLUSTER_NODES: u8 = 5;

/// The server that keeps the log, if one does.
pub const KEEPER: NodeId = NodeId(2);

/// What a node is.
pub fn role(log: Log, node: NodeId) -> Role {
    match (log, node.0) {
        (Log::Raft, _) => Role::Replica,
        (Log::Single, 0 | 1) => Role::Desk,
        (Log::Single, 2) => Role::Keeper,
        (Log::Single, 3) => Role::Model(ModelKind::Carts),
        (Log::Single, 4) => Role::Model(ModelKind::Stock),
        (Log::Single, _) => Role::Model(ModelKind::Payments),
    }
}

/// What the parts go by. All of it can be turned while they run, except where the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rules {
    /// Where the log is.
    pub log: Log,
    /// Whether appends say which version they rest on. Without, the last writer wins.
    pub check: bool,
    /// Whether a retry has the ids of the first attempt.
    pub same_ids: bool,
    /// Whether a desk decides again by itself when somebody was quicker.
    pub decides_again: bool,
    /// Whether the keeper answers only when its file is durable.
    pub durable_first: bool,
    /// How read models hear of events.
    pub publish: Publish,
    /// How a read model keeps its state and its position.
    pub checkpoint: CheckpointWrites,
    /// Whether a read model takes in events by their positions, each once, or as they arrive.
    pub in_order: bool,
}

/// How read models hear of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Publish {
    /// The keeper sends on from the log until each has said that it has them: nothing is missed.
    FromTheLog,
    /// After each append the keeper tells them, once: what is lost then is lost to them.
    Once,
}

/// How a read model keeps its state and its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CheckpointWrites {
    /// In one write.
    Together,
    /// The state first, then the position: a crash between them applies events twice.
    StateFirst,
    /// The position first, then the state: a crash between them leaves events out.
    PositionFirst,
}

/// What all nodes of a world are started with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EventsSetup {
    /// What the parts go by at first.
    pub rules: Rules,
    /// For a cluster.
    pub raft: RaftSetup,
    /// Makes the ids of commands differ from those of other runs.
    pub seed: u64,
}

/// An event as it travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Recorded {
    /// Its number among all events, from 1.
    pub position: u64,
    /// Its number in its stream, from 1.
    pub version: u64,
    /// Its id.
    pub id: EventId,
    /// When it was appended, by the keeper's clock, in microseconds.
    pub recorded_at: u64,
    /// What happened, upcast.
    pub event: ShopEvent,
}

/// Names what a desk asks of the keeper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId {
    /// Differs from boot to boot, so that no answer to an earlier one counts.
    pub boot: u64,
    /// From 1 since the desk booted.
    pub number: u64,
}

/// Names a customer's request, in the order in which they were made, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// A stream as it was read: its version, and its events.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StreamRead {
    /// Its name.
    pub stream: &'static str,
    /// Its version then.
    pub version: u64,
    /// All its events.
    pub events: Vec<Recorded>,
}

/// What travels between nodes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EventsMessage {
    /// A desk asks the keeper for streams.
    Read {
        /// Names the answer.
        call: CallId,
        /// Which.
        streams: Vec<&'static str>,
    },
    /// The keeper's answer to that.
    Streams {
        /// Which call.
        call: CallId,
        /// What it found.
        found: Vec<StreamRead>,
    },
    /// A desk asks the keeper to append.
    Append {
        /// Names the answer.
        call: CallId,
        /// Where.
        stream: &'static str,
        /// What the decision rests on.
        expected: Expected,
        /// What happened, and its id.
        event: (EventId, ShopEvent),
        /// The command that led to it.
        command: EventId,
    },
    /// The keeper has appended, or knows that it had.
    Appended {
        /// Which call.
        call: CallId,
        /// Where it stands.
        appended: Appended,
    },
    /// The keeper has not appended.
    NotAppended {
        /// Which call.
        call: CallId,
        /// Why.
        error: Arc<AppendError>,
    },
    /// The keeper tells a read model of events, one after the other; if there are none, that it
    /// is there.
    Publish {
        /// The last position of the log.
        end: u64,
        /// The events.
        events: Vec<Recorded>,
    },
    /// A read model tells the keeper how far it is.
    Seen {
        /// The last position that it has taken in, durably.
        through: u64,
        /// Whether it asks for what comes after that, at once: after its boot, or to rebuild.
        asks: bool,
    },
    /// Of Raft.
    Raft(raft::Message<KeyValueCommand>),
}

/// What people and customers ask of a node. One that is something else takes no notice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EventsRequest {
    /// Of a desk: to do this.
    Do {
        /// Names the answer.
        request: RequestId,
        /// The command's id: the same whenever it is retried, unless ids are fresh.
        id: EventId,
        /// What is wanted.
        command: ShopCommand,
    },
    /// Of a desk: to send the append of an earlier request once more, as it was decided then, with
    /// the same ids or fresh ones. A desk that does not know it any more decides anew.
    Resend {
        /// Names the answer.
        request: RequestId,
        /// The request that is made again.
        of: RequestId,
        /// The id of the command.
        id: EventId,
        /// What is wanted.
        command: ShopCommand,
    },
    /// Of a read model: to forget everything and read the log from the start.
    Rebuild,
    /// Of all: go by other rules from now on.
    GoBy(Rules),
    /// Of a server of the cluster.
    Raft(RaftRequest),
}

/// What a node tells of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EventsEvent {
    /// A desk has read, and decided.
    Decided {
        /// For which request.
        request: RequestId,
        /// Whether it is not the first time.
        again: bool,
        /// The stream and the version that the decision rests on.
        rests_on: (&'static str, u64),
        /// What it came to.
        event: ShopEvent,
        /// Its id.
        id: EventId,
    },
    /// Somebody was quicker: a desk's append was refused.
    Conflicted {
        /// For which request.
        request: RequestId,
        /// Where.
        stream: &'static str,
        /// The version that the decision rested on.
        expected: u64,
        /// The version that the stream had by then.
        actual: u64,
    },
    /// A desk answers a customer.
    Answered {
        /// Which request.
        request: RequestId,
        /// What became of it.
        outcome: Outcome,
    },
    /// The keeper, or a server of the cluster, has appended.
    Appended {
        /// Where, and what.
        recorded: Recorded,
        /// The version that was expected, if one was.
        expected: Expected,
        /// The command that led to it.
        command: EventId,
    },
    /// The same was to be appended once more, and nothing was done.
    Recognised {
        /// Where it stands.
        position: u64,
        /// Its id.
        id: EventId,
    },
    /// An append was refused.
    Refused {
        /// Why.
        error: Arc<AppendError>,
    },
    /// The keeper's file is durable this far.
    Durable {
        /// The last position.
        through: u64,
    },
    /// The keeper has told the read models.
    Published {
        /// From this position.
        from: u64,
        /// To this one.
        through: u64,
    },
    /// The keeper has read its file after it booted.
    Recovered {
        /// How many events it found.
        events: u64,
        /// How many bytes of a torn end it cut off.
        torn_bytes: u64,
    },
    /// A read model has taken an event in.
    TookIn {
        /// Its position.
        position: u64,
        /// Whether it had taken it in before.
        twice: bool,
    },
    /// A read model got an event and has not taken it in.
    PassedOver {
        /// Its position.
        position: u64,
        /// The position that it waits for.
        waits_for: u64,
    },
    /// What a read model has taken in is on its disk, with its position.
    Checkpointed {
        /// The position.
        through: u64,
    },
    /// A read model goes on from what is on its disk.
    Resumed {
        /// The position that it found.
        through: u64,
        /// How many events are in the state that it found.
        state_of: u64,
    },
    /// A read model begins anew.
    Rebuilding,
    /// Of Raft.
    Raft(RaftEvent),
}

/// What became of a customer's request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It happened; this is the event's position.
    Done {
        /// Its position.
        position: u64,
        /// Whether it had happened before, and the retry changed nothing.
        repeated: bool,
    },
    /// The shop says no.
    Refused(ShopRefusal),
    /// Somebody was quicker.
    Conflict {
        /// The version that the decision rested on.
        expected: u64,
        /// The version that the stream had by then.
        actual: u64,
    },
    /// There was no answer in time: it may have happened, or not.
    Unknown,
    /// What keeps the log could not be reached before anything was to be appended: this request has
    /// changed nothing.
    Unreachable,
    /// The store cannot take it.
    Impossible,
}

/// One change of what is on disk.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EventsWrite {
    /// Of the keeper: bytes at the end of its file. What is after them is cut off.
    File(file::Write),
    /// Of a read model.
    Model(ModelWrite),
    /// Of a server of the cluster.
    Raft(raft::Write<KeyValueCommand>),
}

/// What is on a disk; of most parts nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct EventsImage {
    /// The keeper's file. Empty until its first write: then there is what was there before the run.
    pub file: Vec<u8>,
    /// What a read model keeps.
    pub model: ModelImage,
    /// What a server of the cluster keeps.
    pub raft: raft::Durable<KeyValueCommand>,
}

/// A part of the shop.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::large_enum_variant, reason = "there are a handful a world, each in its place")]
pub enum EventsProcess {
    /// Decides.
    Desk(Desk),
    /// Keeps the log.
    Keeper(Keeper),
    /// Follows it.
    Model(Model),
    /// All of it, in a cluster.
    Replica(Replica),
}

impl EventsProcess {
    /// The desk, if this is one.
    pub fn desk(&self) -> Option<&Desk> {
        match self {
            EventsProcess::Desk(desk) => Some(desk),
            _ => None,
        }
    }

    /// The keeper of the log, if this is it.
    pub fn keeper(&self) -> Option<&Keeper> {
        match self {
            EventsProcess::Keeper(keeper) => Some(keeper),
            _ => None,
        }
    }

    /// The read model, if this is one.
    pub fn model(&self) -> Option<&Model> {
        match self {
            EventsProcess::Model(model) => Some(model),
            _ => None,
        }
    }

    /// The server of the cluster, if this is one.
    pub fn replica(&self) -> Option<&Replica> {
        match self {
            EventsProcess::Replica(replica) => Some(replica),
            _ => None,
        }
    }

    /// What it goes by, unless it is a server of a cluster.
    pub fn rules(&self) -> Option<&Rules> {
        match self {
            EventsProcess::Desk(desk) => Some(desk.rules()),
            EventsProcess::Keeper(keeper) => Some(keeper.rules()),
            EventsProcess::Model(model) => Some(model.rules()),
            EventsProcess::Replica(_) => None,
        }
    }
}

impl Process for EventsProcess {
    type Setup = EventsSetup;
    type Message = EventsMessage;
    type Request = EventsRequest;
    type Event = EventsEvent;
    type Write = EventsWrite;
    type Image = EventsImage;

    fn boot(
        setup: &EventsSetup,
        node: NodeId,
        image: &EventsImage,
        now_us: u64,
        seed: u64,
    ) -> EventsProcess {
        let rules = setup.rules;
        match role(rules.log, node) {
            Role::Desk => EventsProcess::Desk(Desk::boot(rules, seed)),
            Role::Keeper => EventsProcess::Keeper(Keeper::boot(rules, image, now_us)),
            Role::Model(kind) => {
                EventsProcess::Model(Model::boot(kind, rules, &image.model, now_us))
            }
            Role::Replica => {
                EventsProcess::Replica(Replica::boot(&setup.raft, node, image, now_us, seed))
            }
        }
    }

    fn handle(&mut self, now_us: u64, input: Input<EventsProcess>) {
        match self {
            EventsProcess::Desk(desk) => desk.handle(now_us, input),
            EventsProcess::Keeper(keeper) => keeper.handle(now_us, input),
            EventsProcess::Model(model) => model.handle(now_us, input),
            EventsProcess::Replica(replica) => replica.handle(now_us, input),
        }
    }

    fn poll(&mut self) -> Option<Output<EventsProcess>> {
        match self {
            EventsProcess::Desk(desk) => desk.poll(),
            EventsProcess::Keeper(keeper) => keeper.poll(),
            EventsProcess::Model(model) => model.poll(),
            EventsProcess::Replica(replica) => replica.poll(),
        }
    }

    fn deadline_us(&self) -> Option<u64> {
        match self {
            EventsProcess::Desk(desk) => desk.deadline_us(),
            EventsProcess::Keeper(keeper) => keeper.deadline_us(),
            EventsProcess::Model(model) => model.deadline_us(),
            EventsProcess::Replica(replica) => replica.deadline_us(),
        }
    }

    fn apply_write(image: &mut EventsImage, write: &EventsWrite) {
        match write {
            EventsWrite::File(write) => keeper::apply_write(image, write),
            EventsWrite::Model(write) => model::apply_write(&mut image.model, write),
            EventsWrite::Raft(write) => image.raft.apply(write),
        }
    }

    /// Of the keeper's file any first part of the bytes may be there; a read model's writes are all
    /// or nothing.
    fn tear_write(write: &EventsWrite, part_ppm: u32) -> Option<EventsWrite> {
        match write {
            EventsWrite::File(write) => keeper::tear_write(write, part_ppm).map(EventsWrite::File),
            EventsWrite::Model(_) => None,
            EventsWrite::Raft(write) => {
                RaftProcess::tear_write(write, part_ppm).map(EventsWrite::Raft)
            }
        }
    }
}
