//! The loop that makes things happen, one at a time, in virtual time.

use std::fmt;

use super::agenda::{Agenda, Slot};
use super::{
    Delay, Disk, Fault, FaultRefused, Flight, Happening, History, Input, LinkSettings, LossReason,
    Network, NodeId, Output, Process, RecordId, WriteId,
};
use crate::random::Random;

/// What a run may use of everything. Reaching a limit is reported, never hidden.
pub mod limits {
    /// Nodes in a world.
    pub const NODES: u8 = 51;
    /// Messages on their way at once; one more is lost as
    /// [`NetworkFull`](super::super::LossReason::NetworkFull).
    pub const IN_FLIGHT: usize = 10_000;
    /// Records in a history; then the world [halts](super::Halted).
    pub const RECORDS: usize = 2_000_000;
    /// Outputs of one process for one input. A process that wants more is stuck in a loop.
    pub const OUTPUTS: usize = 10_000;
}

/// What a world is made with. Together with the actions this is the whole run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WorldSettings<S> {
    /// How many nodes there are, 1 to [`limits::NODES`].
    pub nodes: u8,
    /// The seed of everything that chance decides.
    pub seed: u64,
    /// How every link behaves at first.
    pub links: LinkSettings,
    /// How long a disk needs for a sync.
    pub sync: Delay,
    /// What the processes are started with.
    pub setup: S,
}

/// A node: perhaps a running process, and always a disk.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Node<P: Process> {
    process: Option<P>,
    disk: Disk<P>,
    boots: u32,
    deadline: Option<Slot>,
}

impl<P: Process> Node<P> {
    /// The running process, or `None` while the node is down.
    pub fn process(&self) -> Option<&P> {
        self.process.as_ref()
    }

    /// The node's disk, which outlives crashes.
    pub fn disk(&self) -> &Disk<P> {
        &self.disk
    }

    /// How often the node has been started.
    pub fn boots(&self) -> u32 {
        self.boots
    }
}

/// Why a world goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Halted {
    /// The history holds [`limits::RECORDS`] records.
    HistoryFull,
}

impl fmt::Display for Halted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Halted::HistoryFull => {
                write!(f, "this run has reached its longest length, {} records", limits::RECORDS)
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Due {
    Arrival(RecordId),
    ChanceLoss(RecordId),
    Deadline(NodeId, RecordId),
    SyncDone(NodeId, u32, RecordId),
}

/// One generator a concern: a draw more in one of them shifts no other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Streams {
    delay: Random,
    loss: Random,
    sync: Random,
}

/// Purposes of the world's generators. Numbers are part of every stored link: never reuse one.
mod purpose {
    pub(super) const DELAY: u64 = 1;
    pub(super) const LOSS: u64 = 2;
    pub(super) const SYNC: u64 = 3;
    /// Boots count from here: `BOOT + node * 2^32 + boot`.
    pub(super) const BOOT: u64 = 1 << 48;
}

/// A deterministic world of nodes that each run a `P`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World<P: Process> {
    settings: WorldSettings<P::Setup>,
    now_us: u64,
    agenda: Agenda<Due>,
    nodes: Vec<Node<P>>,
    network: Network,
    streams: Streams,
    history: History<P>,
}

impl<P: Process> World<P> {
    /// A world at time 0 with every node just booted from an empty disk.
    ///
    /// # Panics
    ///
    /// If `settings.nodes` is 0 or more than [`limits::NODES`].
    pub fn new(settings: WorldSettings<P::Setup>) -> World<P> {
        assert!((1..=limits::NODES).contains(&settings.nodes), "1 to {} nodes", limits::NODES);
        let node = Node { process: None, disk: Disk::default(), boots: 0, deadline: None };
        let stream = |purpose| Random::for_purpose(settings.seed, purpose);
        let mut world = World {
            now_us: 0,
            agenda: Agenda::new(),
            nodes: vec![node; usize::from(settings.nodes)],
            network: Network::new(settings.nodes, settings.links),
            streams: Streams {
                delay: stream(purpose::DELAY),
                loss: stream(purpose::LOSS),
                sync: stream(purpose::SYNC),
            },
            history: History::default(),
            settings,
        };
        for node in world.node_ids() {
            world.boot(node, None);
        }
        world
    }

    /// What the world was made with.
    pub fn settings(&self) -> &WorldSettings<P::Setup> {
        &self.settings
    }

    /// The present instant, in microseconds since the start.
    pub fn now_us(&self) -> u64 {
        self.now_us
    }

    /// Every node, in order.
    pub fn node_ids(&self) -> impl Iterator<Item = NodeId> + use<P> {
        (0..self.settings.nodes).map(NodeId)
    }

    /// One node, or `None` if the world has no such node.
    pub fn node(&self, node: NodeId) -> Option<&Node<P>> {
        self.nodes.get(node.index())
    }

    /// The links and what travels on them.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Everything that has happened.
    pub fn history(&self) -> &History<P> {
        &self.history
    }

    /// When the next thing is due, if anything is.
    pub fn next_due_us(&self) -> Option<u64> {
        self.agenda.next_due_us()
    }

    /// Makes everything happen that is due at or before `at_us`, then sets the clock to `at_us`.
    ///
    /// An instant in the past changes nothing: this world only goes forward.
    ///
    /// # Errors
    ///
    /// [`Halted`] when a limit is reached; the clock then stands at the last thing that happened.
    pub fn advance_to(&mut self, at_us: u64) -> Result<(), Halted> {
        while self.next_due_us().is_some_and(|due_us| due_us <= at_us) {
            self.step()?;
        }
        self.now_us = self.now_us.max(at_us);
        Ok(())
    }

    /// Makes the next due thing happen and moves the clock to it. `Ok(false)` if nothing is due.
    ///
    /// # Errors
    ///
    /// [`Halted`] when a limit is reached; nothing has happened then.
    pub fn step(&mut self) -> Result<bool, Halted> {
        if self.is_full() {
            return Err(Halted::HistoryFull);
        }
        let Some((due_us, due)) = self.agenda.pop() else {
            return Ok(false);
        };
        assert!(due_us >= self.now_us, "nothing is due in the past");
        self.now_us = due_us;
        match due {
            Due::Arrival(message) => self.arrive(message),
            Due::ChanceLoss(message) => self.lose(message, LossReason::Chance),
            Due::Deadline(node, cause) => self.deadline(node, cause),
            Due::SyncDone(node, boot, cause) => self.sync_done(node, boot, cause),
        }
        Ok(true)
    }

    /// Hands an application's request to the process on `node`, now.
    ///
    /// # Errors
    ///
    /// [`FaultRefused`] if there is no such node or nothing runs on it; nothing has changed then.
    pub fn request(&mut self, node: NodeId, request: P::Request) -> Result<RecordId, FaultRefused> {
        self.require_running(node)?;
        let what = Happening::Requested { node, request: request.clone() };
        let record = self.record(None, what);
        self.feed(node, Input::Request(request), record);
        Ok(record)
    }

    /// Injects a fault, now.
    ///
    /// # Errors
    ///
    /// [`FaultRefused`] if the fault names something that does not exist or is not in the state the
    /// fault needs; nothing has changed then.
    pub fn inject(&mut self, fault: Fault) -> Result<RecordId, FaultRefused> {
        self.require_possible(&fault)?;
        let record = self.record(None, Happening::Fault(fault.clone()));
        match fault {
            Fault::Cut(links) => self.set_cut(links, Some(self.now_us)),
            Fault::Heal(links) => self.set_cut(links, None),
            Fault::HealAll => self.set_cut(self.network.link_ends().collect(), None),
            Fault::SetLinks(links, settings) => {
                for (from, to) in links {
                    if let Some(link) = self.network.link_mut(from, to) {
                        link.settings = settings;
                    }
                }
            }
            Fault::Crash(node) => self.crash(node),
            Fault::Restart(node) => self.boot(node, Some(record)),
        }
        Ok(record)
    }

    fn require_possible(&self, fault: &Fault) -> Result<(), FaultRefused> {
        if self.is_full() {
            return Err(FaultRefused::HistoryFull);
        }
        match fault {
            Fault::Cut(links) | Fault::Heal(links) | Fault::SetLinks(links, _) => {
                let missing = links.iter().find(|(a, b)| self.network.link(*a, *b).is_none());
                missing.map_or(Ok(()), |(from, to)| Err(FaultRefused::NoSuchLink(*from, *to)))
            }
            Fault::HealAll => Ok(()),
            Fault::Crash(node) => self.require_running(*node),
            Fault::Restart(node) => match self.node(*node) {
                None => Err(FaultRefused::UnknownNode(*node)),
                Some(found) if found.process.is_some() => Err(FaultRefused::NodeIsUp(*node)),
                Some(_) => Ok(()),
            },
        }
    }

    fn require_running(&self, node: NodeId) -> Result<(), FaultRefused> {
        match self.node(node) {
            None => Err(FaultRefused::UnknownNode(node)),
            Some(found) if found.process.is_none() => Err(FaultRefused::NodeIsDown(node)),
            Some(_) if self.is_full() => Err(FaultRefused::HistoryFull),
            Some(_) => Ok(()),
        }
    }

    fn is_full(&self) -> bool {
        self.history.len() >= limits::RECORDS
    }

    fn set_cut(&mut self, links: Vec<(NodeId, NodeId)>, cut_since_us: Option<u64>) {
        for (from, to) in links {
            if let Some(link) = self.network.link_mut(from, to) {
                let stays_cut = cut_since_us.is_some() && link.cut_since_us.is_some();
                if !stays_cut {
                    link.cut_since_us = cut_since_us;
                }
            }
        }
    }

    fn boot(&mut self, id: NodeId, cause: Option<RecordId>) {
        let boot = self.nodes[id.index()].boots + 1;
        let record = self.record(cause, Happening::Booted { node: id, boot });
        let purpose = purpose::BOOT + (u64::from(id.0) << 32) + u64::from(boot);
        let seed = Random::for_purpose(self.settings.seed, purpose).next_u64();
        let node = &mut self.nodes[id.index()];
        let image = node.disk.image();
        node.process = Some(P::boot(&self.settings.setup, id, image, self.now_us, seed));
        node.boots = boot;
        self.drain(id, record);
    }

    fn crash(&mut self, id: NodeId) {
        let node = &mut self.nodes[id.index()];
        node.process = None;
        node.disk.crash();
        if let Some(slot) = node.deadline.take() {
            self.agenda.cancel(slot);
        }
    }

    fn arrive(&mut self, message: RecordId) {
        let Some(flight) = self.network.flight(message).copied() else {
            return;
        };
        if self.network.is_cut(flight.from, flight.to) {
            return self.lose(message, LossReason::Cut);
        }
        if self.nodes[flight.to.index()].process.is_none() {
            return self.lose(message, LossReason::NodeDown);
        }
        self.network.land(message);
        let record = self.record(Some(message), Happening::Delivered { message });
        let Some((from, to, text)) = self.history.message(message) else {
            return;
        };
        let input = Input::Message { from, message: text.clone() };
        self.feed(to, input, record);
    }

    fn lose(&mut self, message: RecordId, reason: LossReason) {
        if self.network.land(message).is_some() {
            self.record(Some(message), Happening::Lost { message, reason });
        }
    }

    fn deadline(&mut self, node: NodeId, cause: RecordId) {
        self.nodes[node.index()].deadline = None;
        let record = self.record(Some(cause), Happening::Deadline { node });
        self.feed(node, Input::Deadline, record);
    }

    fn sync_done(&mut self, id: NodeId, boot: u32, cause: RecordId) {
        let node = &mut self.nodes[id.index()];
        if node.boots != boot || node.process.is_none() {
            return;
        }
        let Some(write) = node.disk.end_sync() else {
            return;
        };
        let record = self.record(Some(cause), Happening::WriteSynced { node: id, write });
        self.feed(id, Input::Synced { write }, record);
        self.begin_sync(id, record);
    }

    fn begin_sync(&mut self, id: NodeId, cause: RecordId) {
        let node = &mut self.nodes[id.index()];
        if node.disk.begin_sync().is_some() {
            let boot = node.boots;
            let delay_us = self.settings.sync.draw_us(&mut self.streams.sync);
            self.schedule(delay_us, Due::SyncDone(id, boot, cause));
        }
    }

    fn feed(&mut self, id: NodeId, input: Input<P>, cause: RecordId) {
        if let Some(process) = &mut self.nodes[id.index()].process {
            process.handle(self.now_us, input);
            self.drain(id, cause);
        }
    }

    /// Carries out everything the process wants, then notes its next deadline.
    fn drain(&mut self, id: NodeId, cause: RecordId) {
        let mut last_write = None;
        for outputs in 0.. {
            assert!(outputs < limits::OUTPUTS, "a process's outputs end");
            let process = self.nodes[id.index()].process.as_mut();
            match process.and_then(Process::poll) {
                None => break,
                Some(Output::Send { to, message }) => self.send(id, to, message, cause),
                Some(Output::Write { id: write, write: change }) => {
                    last_write = Some(self.write(id, write, change, cause));
                }
                Some(Output::Event(event)) => {
                    self.record(Some(cause), Happening::Decided { node: id, event });
                }
            }
        }
        if let Some(record) = last_write {
            self.begin_sync(id, record);
        }
        self.schedule_deadline(id, cause);
    }

    fn write(&mut self, id: NodeId, write: WriteId, change: P::Write, cause: RecordId) -> RecordId {
        self.nodes[id.index()].disk.write(write, change);
        self.record(Some(cause), Happening::WriteStarted { node: id, write })
    }

    fn send(&mut self, from: NodeId, to: NodeId, message: P::Message, cause: RecordId) {
        let Some(link) = self.network.link(from, to) else {
            return;
        };
        let settings = link.settings;
        let delay_us = settings.delay.draw_us(&mut self.streams.delay);
        let taken_by_chance = self.streams.loss.chance(settings.loss_ppm);
        let sent_us = self.now_us;
        let arrives_us = sent_us.saturating_add(delay_us);
        let id = self.record(Some(cause), Happening::Sent { from, to, arrives_us, message });
        if self.network.in_flight_count() >= limits::IN_FLIGHT {
            let reason = LossReason::NetworkFull;
            self.record(Some(id), Happening::Lost { message: id, reason });
            return;
        }
        self.network.depart(Flight { id, from, to, sent_us, arrives_us });
        if taken_by_chance {
            self.schedule(delay_us / 2, Due::ChanceLoss(id));
        } else {
            self.schedule(delay_us, Due::Arrival(id));
        }
    }

    fn schedule_deadline(&mut self, id: NodeId, cause: RecordId) {
        let node = &self.nodes[id.index()];
        let wanted_us = node.process.as_ref().and_then(P::deadline_us);
        let wanted_us = wanted_us.map(|due_us| due_us.max(self.now_us));
        if wanted_us == node.deadline.map(|(due_us, _)| due_us) {
            return;
        }
        if let Some(slot) = node.deadline {
            self.agenda.cancel(slot);
        }
        let key =
            wanted_us.map(|due_us| self.schedule(due_us - self.now_us, Due::Deadline(id, cause)));
        self.nodes[id.index()].deadline = key;
    }

    fn schedule(&mut self, delay_us: u64, due: Due) -> Slot {
        self.agenda.add(self.now_us.saturating_add(delay_us), due)
    }

    fn record(&mut self, cause: Option<RecordId>, what: Happening<P>) -> RecordId {
        self.history.append(self.now_us, cause, what)
    }
}
