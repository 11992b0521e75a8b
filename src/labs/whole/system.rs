//! What runs in the figure's world, as one process: shop fronts, which are callers with breakers;
//! servers, which are replicas of the shop on Raft; and pages, which are read models.
//!
//! All three are those of the [breaker](super::super::breaker) and the
//! [event sourcing](super::super::events) lab, each inside of something thin that translates what
//! it says. This file has what nodes say to each other and what they tell.

use super::super::breaker::{
    Answer, BreakerEvent, ByHand, CallId, Policy, RequestId as CallerRequest,
};
use super::super::events::shop::ShopCommand;
use super::super::events::{
    CheckpointWrites, EventsEvent, EventsImage, EventsMessage, EventsProcess, EventsWrite, Log,
    ModelKind, Publish, RequestOutcome, Rules,
};
use super::super::raft::{RaftEvent, RaftRequest, RaftSetup};
use super::front::Front;
use super::page::Page;
use super::server::Server;
use crate::circuit_breaker::Generation;
use crate::event_store::EventId;
use crate::raft::{self, KeyValueCommand, LogIndex};
use crate::sim::{Input, NodeId, Output, Process};

/// How many shop fronts there are: the first nodes.
pub const FRONTS: u8 = 2;

/// How many pages there are: the last nodes.
pub const PAGES: u8 = 2;

/// What a node of the world is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Takes orders, and calls the cluster through its breaker.
    Front,
    /// A server of the cluster: Raft, and the shop on top.
    Server,
    /// Follows the shop's events, and shows what they come to.
    Page(ModelKind),
}

/// Who is on the stage: two fronts, so many servers, two pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cast {
    /// How many servers the cluster has: three or five.
    pub servers: u8,
}

impl Cast {
    /// How many nodes there are.
    pub fn nodes(self) -> u8 {
        FRONTS + self.servers + PAGES
    }

    /// The numbers of the servers.
    pub fn servers(self) -> std::ops::Range<u8> {
        FRONTS..FRONTS + self.servers
    }

    /// The page that shows what is left, which customers look at.
    pub fn stock_page(self) -> NodeId {
        NodeId(FRONTS + self.servers)
    }

    /// The page that shows what was taken in.
    pub fn sales_page(self) -> NodeId {
        NodeId(FRONTS + self.servers + 1)
    }

    /// What a node is.
    pub fn role(self, node: NodeId) -> Role {
        match node.0 {
            0..FRONTS => Role::Front,
            place if place < FRONTS + self.servers => Role::Server,
            place if place == FRONTS + self.servers => Role::Page(ModelKind::Stock),
            _ => Role::Page(ModelKind::Payments),
        }
    }
}

/// What fronts and pages go by. All of it can be turned while they run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Conduct {
    /// How fronts call: load, breaker, timeout, retries, budget.
    pub policy: Policy,
    /// Whether all tries of an order have one id, by which the shop knows it again.
    pub keys: bool,
    /// Who looks whether there is one left.
    pub looks: Looks,
    /// So often a page asks for what is new, in microseconds.
    pub refresh_us: u64,
    /// Whether a page takes in events by their positions, each once, or as they arrive.
    pub in_order: bool,
}

/// Who looks whether there is one left before one is sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Looks {
    /// The shop, when the order's turn has come.
    Shop,
    /// The front, on the stock page as it was shown last; the shop sells whatever it is told.
    Page,
}

impl Conduct {
    /// What a page goes by, as read models have it.
    pub(super) fn of_pages(&self) -> Rules {
        Rules {
            log: Log::Raft,
            check: true,
            same_ids: true,
            decides_again: false,
            durable_first: true,
            publish: Publish::FromTheLog,
            checkpoint: CheckpointWrites::Together,
            in_order: self.in_order,
        }
    }
}

/// What all nodes of a world are started with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WholeSetup {
    /// Who is on the stage.
    pub cast: Cast,
    /// What fronts and pages go by at first.
    pub conduct: Conduct,
    /// For the cluster.
    pub raft: RaftSetup,
    /// Makes the ids of orders differ from those of other runs.
    pub seed: u64,
}

/// What travels between nodes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum WholeMessage {
    /// A front asks a server to carry out an order.
    Order {
        /// Names the answer.
        call: CallId,
        /// The era of the breaker in which it was admitted.
        era: Generation,
        /// The id by which the shop knows it again.
        id: EventId,
        /// What is wanted.
        wish: ShopCommand,
    },
    /// The answer.
    Answer {
        /// To which call.
        call: CallId,
        /// As in the call.
        era: Generation,
        /// What a breaker needs to know.
        answer: Answer,
        /// What became of the order, if it was carried out or is said to have been.
        done: Option<Done>,
    },
    /// A front asks the stock page what is left.
    Look,
    /// The stock page says so.
    Shown(Shown),
    /// Between a page and a server: what it has seen, and the events after that.
    Feed(EventsMessage),
    /// Of Raft.
    Raft(raft::Message<KeyValueCommand>),
}

/// What became of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Done {
    /// Where its command stands in Raft's log.
    pub index: LogIndex,
    /// What the shop made of it; `None`: it was not carried out yet when that was said.
    pub outcome: Option<RequestOutcome>,
}

/// What the stock page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shown {
    /// The position up to which it has followed.
    pub through: u64,
    /// How many are left of each item.
    pub left: [i32; 2],
}

/// What people ask of a node. One that is something else takes no notice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum WholeRequest {
    /// Of a front: another customer comes.
    OrderOnce,
    /// Of a front: something by hand with its breaker.
    ByHand(ByHand),
    /// Of a front or a page: to go by this from now on.
    GoBy(Box<Conduct>),
    /// Of a page: to forget everything and read all events from the start.
    Rebuild,
    /// Of a server.
    Raft(RaftRequest),
}

/// What a node tells of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum WholeEvent {
    /// A front as a caller.
    Caller(BreakerEvent),
    /// A customer orders at a front.
    Wanted {
        /// Its name at this front.
        request: CallerRequest,
        /// Its id: that of its first try.
        order: EventId,
        /// What is wanted.
        wish: ShopCommand,
        /// What the customer saw on the stock page; nothing if it never answered.
        shown: Option<Shown>,
    },
    /// A front sends an order, or sends it again.
    Sent {
        /// By which call.
        call: CallId,
        /// The order.
        order: EventId,
        /// The id by which the shop will know this try.
        id: EventId,
    },
    /// A customer is told what became of the order.
    Heard {
        /// The order.
        order: EventId,
        /// The id of the try that was answered.
        id: EventId,
        /// What is wanted.
        wish: ShopCommand,
        /// What was answered.
        done: Done,
        /// Whether the front still waited for it.
        in_time: bool,
        /// What the customer had seen on the stock page.
        shown: Option<Shown>,
    },
    /// A server as a part of the shop.
    Shop(EventsEvent),
    /// A page asks another server from now on: the one before did not answer.
    Turned {
        /// Whom it asks now.
        to: NodeId,
    },
    /// Of Raft.
    Raft(RaftEvent),
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::large_enum_variant, reason = "there are a handful a world, each in its place")]
pub enum WholeProcess {
    /// Takes orders.
    Front(Front),
    /// A server of the cluster.
    Server(Server),
    /// Shows what events come to.
    Page(Page),
}

impl WholeProcess {
    /// The front, if it is one.
    pub fn front(&self) -> Option<&Front> {
        if let WholeProcess::Front(front) = self { Some(front) } else { None }
    }

    /// The server of the cluster, if it is one.
    pub fn server(&self) -> Option<&Server> {
        if let WholeProcess::Server(server) = self { Some(server) } else { None }
    }

    /// The page, if it is one.
    pub fn page(&self) -> Option<&Page> {
        if let WholeProcess::Page(page) = self { Some(page) } else { None }
    }
}

impl Process for WholeProcess {
    type Setup = WholeSetup;
    type Message = WholeMessage;
    type Request = WholeRequest;
    type Event = WholeEvent;
    type Write = EventsWrite;
    type Image = EventsImage;

    fn boot(
        setup: &WholeSetup,
        node: NodeId,
        image: &EventsImage,
        now_us: u64,
        seed: u64,
    ) -> WholeProcess {
        match setup.cast.role(node) {
            Role::Front => WholeProcess::Front(Front::boot(setup, node, now_us, seed)),
            Role::Server => WholeProcess::Server(Server::boot(setup, node, image, now_us, seed)),
            Role::Page(kind) => WholeProcess::Page(Page::boot(setup, kind, image, now_us)),
        }
    }

    fn handle(&mut self, now_us: u64, input: Input<WholeProcess>) {
        match self {
            WholeProcess::Front(front) => front.handle(now_us, input),
            WholeProcess::Server(server) => server.handle(now_us, input),
            WholeProcess::Page(page) => page.handle(now_us, input),
        }
    }

    fn poll(&mut self) -> Option<Output<WholeProcess>> {
        match self {
            WholeProcess::Front(front) => front.poll(),
            WholeProcess::Server(server) => server.poll(),
            WholeProcess::Page(page) => page.poll(),
        }
    }

    fn deadline_us(&self) -> Option<u64> {
        match self {
            WholeProcess::Front(front) => front.deadline_us(),
            WholeProcess::Server(server) => server.deadline_us(),
            WholeProcess::Page(page) => page.deadline_us(),
        }
    }

    fn apply_write(image: &mut EventsImage, write: &EventsWrite) {
        EventsProcess::apply_write(image, write);
    }

    fn tear_write(write: &EventsWrite, part_ppm: u32) -> Option<EventsWrite> {
        EventsProcess::tear_write(write, part_ppm)
    }
}

/// What a part of another lab wants done, and what was put in its place, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Outbox {
    ready: std::collections::VecDeque<Output<WholeProcess>>,
}

impl Outbox {
    pub(super) fn send(&mut self, to: NodeId, message: WholeMessage) {
        self.ready.push_back(Output::Send { to, message });
    }

    pub(super) fn tell(&mut self, event: WholeEvent) {
        self.ready.push_back(Output::Event(event));
    }

    pub(super) fn poll(&mut self) -> Option<Output<WholeProcess>> {
        self.ready.pop_front()
    }
}
