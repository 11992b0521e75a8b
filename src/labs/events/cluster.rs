//! The parts of the shop with what customers asked of them, and nothing that is drawn: what the
//! figure and scripts have in common.

use super::super::raft::{RaftEvent, RaftRequest};
use super::super::{Ask, Command, LabSettings, Refused, Setting};
use super::crashes::CrashSpot;
use super::keeper::{self, Keeper};
use super::requests::Requests;
use super::shop::ShopEvent;
use super::system::{
    CLUSTER_NODES, EventsEvent, EventsProcess, EventsRequest, EventsSetup, KEEPER, Log, Recorded,
    RequestId, Role, Rules, role,
};
use super::{LINKS, SINGLE_NODES, SYNC, settings};
use crate::event_store::{EventId, EventStore, Expected, Metadata, NewEvent};
use crate::raft::{self, ServerId};
use crate::shared_list::SharedList;
use crate::sim::{Fault, Halted, Happening, NodeId, RecordId, World, WorldSettings};

/// So often a request is passed on before its customer is told that nobody serves it.
const MOST_HOPS: u8 = 3;

/// A world of desks, log and read models, and what customers asked.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// As they are now: settings can be turned.
    settings: LabSettings,
    begun_with: LabSettings,
    rules: Rules,
    world: World<EventsProcess>,
    /// A fold over the first `read` records.
    requests: Requests,
    read: usize,
    /// What the keeper's file comes to while it is down. On a cluster: what any server has
    /// appended, at its place.
    file: EventStore<ShopEvent>,
    acts: SharedList<(u64, Command), 32>,
}

impl Cluster {
    /// A shop at time 0. What cannot work is left out.
    pub fn new(settings: &LabSettings) -> Cluster {
        let mut settings = settings.clone();
        let rules = settings::rules(&settings).unwrap_or_else(|_| {
            settings.tuning.protocol.clear();
            settings::BY_ITSELF
        });
        let world = World::new(WorldSettings {
            nodes: match rules.log {
                Log::Single => SINGLE_NODES,
                Log::Raft => CLUSTER_NODES,
            },
            seed: settings.seed,
            links: settings.tuning.links.unwrap_or(LINKS),
            sync: settings.tuning.sync.unwrap_or(SYNC),
            setup: EventsSetup { rules, raft: settings::raft(&settings), seed: settings.seed },
        });
        let mut cluster = Cluster {
            begun_with: settings.clone(),
            settings,
            rules,
            world,
            requests: Requests::default(),
            read: 0,
            file: keeper::before(),
            acts: SharedList::default(),
        };
        cluster.read_on();
        cluster
    }

    /// The parts and what is between them.
    pub fn world(&self) -> &World<EventsProcess> {
        &self.world
    }

    /// What the parts go by now.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The settings as they are now.
    pub fn settings(&self) -> &LabSettings {
        &self.settings
    }

    /// The settings at the beginning.
    pub fn begun_with(&self) -> &LabSettings {
        &self.begun_with
    }

    /// What customers have asked for, and what became of it.
    pub fn requests(&self) -> &Requests {
        &self.requests
    }

    /// What runs on a node, if it is up.
    pub fn process(&self, node: NodeId) -> Option<&EventsProcess> {
        self.world.node(node)?.process()
    }

    /// The log as it is now: what the keeper has, durable or not; while it is down, what its file
    /// comes to. On a cluster: what the server has, or had, that has carried out most.
    pub fn log(&self) -> &EventStore<ShopEvent> {
        if self.rules.log == Log::Raft {
            return &self.file;
        }
        let keeper = self.process(KEEPER).and_then(EventsProcess::keeper);
        keeper.map_or(&self.file, Keeper::store)
    }

    /// Up to which position the log is durable; on a cluster, committed.
    pub fn durable_through(&self) -> u64 {
        let keeper = self.process(KEEPER).and_then(EventsProcess::keeper);
        keeper.map_or(self.file.last_position(), Keeper::durable_through)
    }

    /// Where the power will go next, if somebody has asked for that.
    pub fn armed(&self) -> Option<CrashSpot> {
        settings::crash_spot(&self.settings)
    }

    /// Everything that was done to it so far, each with its instant in microseconds.
    pub fn acts(&self) -> &SharedList<(u64, Command), 32> {
        &self.acts
    }

    /// When the next thing is due, if anything is.
    pub fn next_due_us(&self) -> Option<u64> {
        self.world.next_due_us()
    }

    /// Makes everything happen that is due at or before `at_us`.
    ///
    /// # Errors
    ///
    /// [`Halted`] if the world has reached a limit.
    pub fn advance_to(&mut self, at_us: u64) -> Result<(), Halted> {
        self.advance_within(at_us, usize::MAX, |_| {}).map(|_| ())
    }

    /// The same, but stops early once the history has `records` records or more, and shows itself
    /// to `watch` after every single event. Whether it came to `at_us`.
    ///
    /// # Errors
    ///
    /// [`Halted`] if the world has reached a limit.
    pub fn advance_within(
        &mut self,
        at_us: u64,
        records: usize,
        mut watch: impl FnMut(&Cluster),
    ) -> Result<bool, Halted> {
        while self.next_due_us().is_some_and(|due_us| due_us <= at_us) {
            if self.world.history().len() >= records {
                return Ok(false);
            }
            self.world.step()?;
            self.read_on();
            watch(self);
            if self.crash_where_armed() {
                watch(self);
            }
        }
        self.world.advance_to(at_us)?;
        Ok(true)
    }

    /// Plays on until a server of the cluster leads, and says when that is. Without a leader within
    /// two seconds it gives up.
    pub(super) fn first_leader_us(&mut self) -> u64 {
        const AT_MOST_US: u64 = 2_000_000;
        let leads = |cluster: &Cluster| {
            let replica = |node| cluster.process(node).and_then(EventsProcess::replica);
            let mut replicas = cluster.world.node_ids().filter_map(replica);
            replicas.any(|replica| replica.raft().server().role().kind() == raft::RoleKind::Leader)
        };
        while !leads(self)
            && let Some(due_us) = self.next_due_us().filter(|due_us| *due_us <= AT_MOST_US)
            && self.advance_to(due_us).is_ok()
        {}
        self.world.now_us()
    }

    /// Forgets the oldest part of the history, up to this record or a little before it.
    pub fn let_go_before(&mut self, record: RecordId) {
        self.world.let_go_before(record);
    }

    /// Carries out a command, now.
    ///
    /// # Errors
    ///
    /// [`Refused`] if it makes no sense at present; nothing has changed then.
    pub fn act(&mut self, command: &Command) -> Result<(), Refused> {
        match command {
            Command::Faults(faults) => {
                self.world.inject_all(faults)?;
                for fault in faults {
                    if let Fault::Restart(node) = fault {
                        self.tell_rules(*node);
                    }
                }
            }
            Command::Ask { client, via, what } => match (role(self.rules.log, *via), what) {
                (Role::Model(_), Ask::Do { what }) if what == REBUILD => {
                    self.world.request(*via, EventsRequest::Rebuild)?;
                }
                (Role::Desk | Role::Replica, _) => {
                    let (seed, rules) = (self.settings.seed, &self.rules);
                    let draft = self.requests.draft(seed, rules, (*client, *via), what);
                    let (request, mut asked) = draft?;
                    asked.called = self.world.request(*via, request)?;
                    asked.at_us = self.world.now_us();
                    self.requests.note(asked);
                }
                _ => return Err(Refused::Impossible(format!("{via} takes no such wishes"))),
            },
            Command::Set(setting) => self.set(*setting)?,
            Command::TimeOut(node) if self.rules.log == Log::Raft => {
                self.world.request(*node, EventsRequest::Raft(RaftRequest::TimeOutNow))?;
            }
            Command::TransferLeadership { via, to } if self.rules.log == Log::Raft => {
                let request = RaftRequest::TransferLeadership { to: ServerId(to.0) };
                self.world.request(*via, EventsRequest::Raft(request))?;
            }
            Command::TimeOut(_)
            | Command::TransferLeadership { .. }
            | Command::ChangeMembership { .. } => return Err(Refused::NotInThisLab),
        }
        self.read_on();
        self.acts.push((self.world.now_us(), command.clone()));
        self.crash_where_armed();
        Ok(())
    }

    /// All parts go by another value of a setting from now on, those that are down once they are
    /// up again.
    fn set(&mut self, setting: Setting) -> Result<(), Refused> {
        if !settings::can_be_turned(self.rules.log, setting.name) {
            return Err(Refused::NotInThisLab);
        }
        let mut turned = self.settings.clone();
        turned.tuning.set(setting);
        self.rules = settings::rules(&turned).map_err(Refused::Impossible)?;
        self.settings = turned;
        let nodes: Vec<NodeId> = self.world.node_ids().collect();
        nodes.into_iter().for_each(|node| self.tell_rules(node));
        Ok(())
    }

    /// Tells a part the present rules, if it runs and goes by others.
    fn tell_rules(&mut self, node: NodeId) {
        let known = self.process(node).and_then(EventsProcess::rules);
        if known.is_some_and(|known| *known != self.rules) {
            // A history that is full halts the run at its next step.
            let _ = self.world.request(node, EventsRequest::GoBy(self.rules));
        }
    }

    /// If somebody has asked for a crash and a part is just there, its power goes. Whether it did.
    fn crash_where_armed(&mut self) -> bool {
        let Some(node) = self.armed().and_then(|spot| spot.who(&self.world)) else {
            return false;
        };
        if self.world.inject(Fault::Crash(node)).is_err() {
            return false;
        }
        self.settings.tuning.set(settings::DISARMED);
        self.read_on();
        true
    }

    /// Lets customers hear, and passes requests on.
    fn read_on(&mut self) {
        while let Some(record) = self.world.history().records().get(self.read) {
            let id = RecordId(self.read as u32);
            self.requests.read(id, record);
            self.read += 1;
            match &record.what {
                Happening::Fault(Fault::Crash(KEEPER) | Fault::CrashTorn { node: KEEPER, .. })
                    if self.rules.log == Log::Single =>
                {
                    let disk = self.world.node(KEEPER).map(|node| node.disk().image());
                    self.file = disk.map_or(EventStore::new(), keeper::log_on_disk);
                }
                Happening::Decided {
                    event: EventsEvent::Appended { recorded, command, .. },
                    ..
                } if self.rules.log == Log::Raft => {
                    append_told(&mut self.file, recorded, *command);
                }
                Happening::Decided {
                    event:
                        EventsEvent::Raft(RaftEvent::Answered {
                            request,
                            outcome: raft::Outcome::NotLeader { leader },
                        }),
                    ..
                } => {
                    let request = RequestId(request.0);
                    let to = leader.map(|leader| NodeId(leader.0));
                    let to = to.filter(|to| self.forward(request, *to));
                    self.requests.pass_on(request, to, id);
                }
                _ => {}
            }
        }
    }

    /// Passes a request on to a server that can be reached from where it is.
    fn forward(&mut self, request: RequestId, to: NodeId) -> bool {
        let Some(asked) = self.requests.numbered(request) else { return false };
        let (from, network) = (asked.with, self.world.network());
        let is_cut = network.is_cut(from, to) || network.is_cut(to, from);
        if asked.hops >= MOST_HOPS || from == to || is_cut || asked.outcome.is_some() {
            return false;
        }
        let request = self.requests.passed_on(request);
        request.is_some_and(|request| self.world.request(to, request).is_ok())
    }
}

/// A server of a cluster has told of an event: if nobody had it before, it is the log's next one.
pub(in crate::labs) fn append_told(
    log: &mut EventStore<ShopEvent>,
    recorded: &Recorded,
    command: EventId,
) {
    if recorded.position != log.last_position() + 1 {
        return;
    }
    let Recorded { id, event, recorded_at, .. } = *recorded;
    let metadata = Metadata { correlation: Some(command), causation: Some(command) };
    let new = NewEvent { id, event_type: event.event_type(), payload: event, metadata };
    // It was possible once, so it is.
    let _ = log.append(event.stream(), Expected::Any, recorded_at, [new]);
}

/// The words for a read model that is to forget everything and read the log from the start.
pub const REBUILD: &str = "rebuild";
