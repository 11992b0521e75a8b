//! The loop that makes things happen, one at a time, in virtual time.

use std::fmt;

use super::agenda::{Agenda, Slot};
use super::{
    Clock, Delay, Disk, FaultRefused, Happening, History, Input, LinkSettings, LossReason, Network,
    NodeId, Output, Process, RecordId, WriteId,
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

/// A node: perhaps a running process, and always a disk and a clock.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Node<P: Process> {
    pub(super) process: Option<P>,
    pub(super) disk: Disk<P>,
    pub(super) clock: Clock,
    pub(super) sync: Delay,
    pub(super) boots: u32,
    pub(super) deadline: Option<Slot>,
    /// When the sync in progress ends.
    pub(super) sync_slot: Option<Slot>,
    pub(super) pause: Option<Pause>,
}

/// A node that does nothing for the moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pause {
    pub(super) since_us: u64,
    /// What has come for it meanwhile.
    pub(super) door: Vec<Due>,
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

    /// The node's clock. A process on it knows no other time.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// How long the node's disk needs for a sync.
    pub fn sync(&self) -> Delay {
        self.sync
    }

    /// Since when the node is paused, if it is.
    pub fn paused_since_us(&self) -> Option<u64> {
        self.pause.as_ref().map(|pause| pause.since_us)
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

/// What can be due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Due {
    Arrival(RecordId),
    ChanceLoss(RecordId),
    Deadline(NodeId, RecordId),
    SyncDone(NodeId, u32, RecordId),
    /// From here on: what waited at the door of a paused node.
    Handover(RecordId),
    SyncNews(NodeId, u32, WriteId, RecordId),
    Request(NodeId, u32, RecordId),
}

/// One generator a concern: a draw more in one of them shifts no other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Streams {
    pub(super) delay: Random,
    pub(super) loss: Random,
    pub(super) sync: Random,
    pub(super) duplicate: Random,
    pub(super) reorder: Random,
    pub(super) copy_delay: Random,
}

/// Purposes of the world's generators. Numbers are part of every stored link: never reuse one.
mod purpose {
    pub(super) const DELAY: u64 = 1;
    pub(super) const LOSS: u64 = 2;
    pub(super) const SYNC: u64 = 3;
    pub(super) const DUPLICATE: u64 = 4;
    pub(super) const REORDER: u64 = 5;
    pub(super) const COPY_DELAY: u64 = 6;
    /// Boots count from here: `BOOT + node * 2^32 + boot`.
    pub(super) const BOOT: u64 = 1 << 48;
}

/// A deterministic world of nodes that each run a `P`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World<P: Process> {
    pub(super) settings: WorldSettings<P::Setup>,
    pub(super) now_us: u64,
    pub(super) agenda: Agenda<Due>,
    pub(super) nodes: Vec<Node<P>>,
    pub(super) network: Network,
    pub(super) streams: Streams,
    pub(super) history: History<P>,
}

impl<P: Process> World<P> {
    /// A world at time 0 with every node just booted from an empty disk.
    ///
    /// # Panics
    ///
    /// If `settings.nodes` is 0 or more than [`limits::NODES`].
    pub fn new(settings: WorldSettings<P::Setup>) -> World<P> {
        assert!((1..=limits::NODES).contains(&settings.nodes), "1 to {} nodes", limits::NODES);
        let node = Node {
            process: None,
            disk: Disk::default(),
            clock: Clock::default(),
            sync: settings.sync,
            boots: 0,
            deadline: None,
            sync_slot: None,
            pause: None,
        };
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
                duplicate: stream(purpose::DUPLICATE),
                reorder: stream(purpose::REORDER),
                copy_delay: stream(purpose::COPY_DELAY),
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

    /// When the next deadline of a node comes, if nothing else is to come: no message is on its
    /// way, no disk writes, no request waits.
    pub fn quiet_until_us(&self) -> Option<u64> {
        let is_deadline = |due: &Due| matches!(due, Due::Deadline(..));
        self.next_due_us().filter(|_| self.agenda.all(is_deadline))
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

    /// Like [`advance_to`](World::advance_to), and shows the world to `watch` after every single
    /// thing that happens. Judges watch so.
    ///
    /// # Errors
    ///
    /// As [`advance_to`](World::advance_to).
    pub fn advance_watched(
        &mut self,
        at_us: u64,
        mut watch: impl FnMut(&World<P>),
    ) -> Result<(), Halted> {
        self.advance_within(at_us, usize::MAX, |world| watch(world)).map(|_| ())
    }

    /// Like [`advance_watched`](World::advance_watched), but stops early once the history has
    /// `records` records or more. Whether it came to `at_us`.
    ///
    /// # Errors
    ///
    /// As [`advance_to`](World::advance_to).
    pub fn advance_within(
        &mut self,
        at_us: u64,
        records: usize,
        mut watch: impl FnMut(&World<P>),
    ) -> Result<bool, Halted> {
        while self.next_due_us().is_some_and(|due_us| due_us <= at_us) {
            if self.history.len() >= records {
                return Ok(false);
            }
            self.step()?;
            watch(self);
        }
        self.now_us = self.now_us.max(at_us);
        Ok(true)
    }

    /// Lets the oldest part of the history go, up to this record or a little before it. What is
    /// still on its way, or waits at the door of a paused node, stays with all that came after it:
    /// else to forget would change what happens.
    pub fn let_go_before(&mut self, record: RecordId) {
        let doors = self.nodes.iter().filter_map(|node| node.pause.as_ref());
        let due = self.agenda.iter().chain(doors.flat_map(|pause| &pause.door));
        let needed = due.filter_map(|due| match *due {
            Due::Arrival(message) | Due::ChanceLoss(message) | Due::Handover(message) => {
                Some(self.history.original(message))
            }
            Due::Request(_, _, request) => Some(request),
            Due::Deadline(..) | Due::SyncDone(..) | Due::SyncNews(..) => None,
        });
        let first = needed.fold(record, RecordId::min);
        self.history.let_go_before(first);
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
            Due::Handover(message) => self.hand_over(message),
            Due::SyncNews(node, boot, write, record) => self.tell_synced(node, boot, write, record),
            Due::Request(node, boot, record) => self.hand_request(node, boot, record),
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
        let record = self.record(None, Happening::Requested { node, request });
        self.hand_request(node, self.nodes[node.index()].boots, record);
        Ok(record)
    }

    pub(super) fn require_running(&self, node: NodeId) -> Result<(), FaultRefused> {
        match self.node(node) {
            None => Err(FaultRefused::UnknownNode(node)),
            Some(found) if found.process.is_none() => Err(FaultRefused::NodeIsDown(node)),
            Some(_) if self.is_full() => Err(FaultRefused::HistoryFull),
            Some(_) => Ok(()),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.history.len() >= limits::RECORDS
    }

    pub(super) fn boot(&mut self, id: NodeId, cause: Option<RecordId>) {
        let boot = self.nodes[id.index()].boots + 1;
        let record = self.record(cause, Happening::Booted { node: id, boot });
        let purpose = purpose::BOOT + (u64::from(id.0) << 32) + u64::from(boot);
        let seed = Random::for_purpose(self.settings.seed, purpose).next_u64();
        let node = &mut self.nodes[id.index()];
        node.clock.forget();
        let (image, local_us) = (node.disk.image(), node.clock.shows_us(self.now_us));
        node.process = Some(P::boot(&self.settings.setup, id, image, local_us, seed));
        node.boots = boot;
        self.drain(id, record);
    }

    fn deadline(&mut self, id: NodeId, cause: RecordId) {
        self.nodes[id.index()].deadline = None;
        if self.wait_at_door(id, Due::Deadline(id, cause)) {
            return;
        }
        let record = self.record(Some(cause), Happening::Deadline { node: id });
        self.feed(id, Input::Deadline, record);
    }

    fn sync_done(&mut self, id: NodeId, boot: u32, cause: RecordId) {
        let node = &mut self.nodes[id.index()];
        if node.boots != boot || node.process.is_none() {
            return;
        }
        node.sync_slot = None;
        let Some(write) = node.disk.end_sync() else {
            return;
        };
        let record = self.record(Some(cause), Happening::WriteSynced { node: id, write });
        self.tell_synced(id, boot, write, record);
        self.begin_sync(id, record);
    }

    fn tell_synced(&mut self, id: NodeId, boot: u32, write: WriteId, record: RecordId) {
        let gone = self.nodes[id.index()].boots != boot;
        if !gone && !self.wait_at_door(id, Due::SyncNews(id, boot, write, record)) {
            self.feed(id, Input::Synced { write }, record);
        }
    }

    fn hand_request(&mut self, id: NodeId, boot: u32, record: RecordId) {
        let gone = self.nodes[id.index()].boots != boot;
        if gone || self.wait_at_door(id, Due::Request(id, boot, record)) {
            return;
        }
        if let Happening::Requested { request, .. } = &self.history[record].what {
            let request = request.clone();
            self.feed(id, Input::Request(request), record);
        }
    }

    /// If the node is paused, what is due for it waits. Whether it does.
    pub(super) fn wait_at_door(&mut self, id: NodeId, due: Due) -> bool {
        match &mut self.nodes[id.index()].pause {
            Some(pause) => {
                pause.door.push(due);
                true
            }
            None => false,
        }
    }

    fn begin_sync(&mut self, id: NodeId, cause: RecordId) {
        let node = &mut self.nodes[id.index()];
        if node.disk.begin_sync().is_some() {
            let boot = node.boots;
            let delay_us = node.sync.draw_us(&mut self.streams.sync);
            let slot = self.schedule(delay_us, Due::SyncDone(id, boot, cause));
            self.nodes[id.index()].sync_slot = Some(slot);
        }
    }

    pub(super) fn feed(&mut self, id: NodeId, input: Input<P>, cause: RecordId) {
        let node = &mut self.nodes[id.index()];
        if let Some(process) = &mut node.process {
            process.handle(node.clock.shows_us(self.now_us), input);
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

    /// Notes when the process wants its deadline, which it names by its own clock.
    pub(super) fn schedule_deadline(&mut self, id: NodeId, cause: RecordId) {
        let node = &self.nodes[id.index()];
        let wanted_us = node.process.as_ref().and_then(P::deadline_us);
        let wanted_us = wanted_us.map(|wanted_us| node.clock.world_us(wanted_us, self.now_us));
        if wanted_us == node.deadline.map(|(due_us, _)| due_us) {
            return;
        }
        if let Some(slot) = node.deadline {
            self.agenda.cancel(slot);
        }
        let slot = wanted_us.map(|due_us| self.agenda.add(due_us, Due::Deadline(id, cause)));
        self.nodes[id.index()].deadline = slot;
    }

    pub(super) fn schedule(&mut self, delay_us: u64, due: Due) -> Slot {
        self.agenda.add(self.now_us.saturating_add(delay_us), due)
    }

    pub(super) fn record(&mut self, cause: Option<RecordId>, what: Happening<P>) -> RecordId {
        self.history.append(self.now_us, cause, what)
    }
}
