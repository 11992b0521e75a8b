//! The parts of the shop with what customers asked of them, and nothing that is drawn: what the
//! figure and scripts have in common.

use super::super::{Ask, Command, LabSettings, Refused, Setting};
use super::crashes::CrashSpot;
use super::keeper;
use super::requests::Requests;
use super::shop::ShopEvent;
use super::system::{EventsProcess, EventsRequest, EventsSetup, KEEPER, Log, Role, Rules, role};
use super::{LINKS, SINGLE_NODES, SYNC, settings};
use crate::event_store::EventStore;
use crate::shared_list::SharedList;
use crate::sim::{Fault, Halted, Happening, NodeId, RecordId, World, WorldSettings};

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
    /// What the keeper's file comes to while it is down.
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
            nodes: SINGLE_NODES,
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
            file: EventStore::new(),
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
    /// comes to. On a cluster: what the server has that has applied most.
    pub fn log(&self) -> &EventStore<ShopEvent> {
        let keeper = self.process(KEEPER).and_then(EventsProcess::keeper);
        keeper.map_or(&self.file, |keeper| keeper.store())
    }

    /// Up to which position the log is durable; on a cluster, committed.
    pub fn durable_through(&self) -> u64 {
        let keeper = self.process(KEEPER).and_then(EventsProcess::keeper);
        keeper.map_or(self.file.last_position(), |keeper| keeper.durable_through())
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
                (Role::Desk, _) => {
                    let (seed, same_ids) = (self.settings.seed, self.rules.same_ids);
                    let draft = self.requests.draft(seed, same_ids, (*client, *via), what);
                    let (request, mut asked) = draft?;
                    asked.called = self.world.request(*via, request)?;
                    asked.at_us = self.world.now_us();
                    self.requests.note(asked);
                }
                _ => return Err(Refused::Impossible(format!("{via} takes no such wishes"))),
            },
            Command::Set(setting) => self.set(*setting)?,
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

    /// Lets customers hear.
    fn read_on(&mut self) {
        while let Some(record) = self.world.history().records().get(self.read) {
            let id = RecordId(self.read as u32);
            self.requests.read(id, record);
            self.read += 1;
            let crashes = matches!(
                record.what,
                Happening::Fault(Fault::Crash(KEEPER) | Fault::CrashTorn { node: KEEPER, .. })
            );
            if crashes && self.rules.log == Log::Single {
                let disk = self.world.node(KEEPER).map(|node| node.disk());
                self.file =
                    disk.map_or(EventStore::new(), |disk| keeper::log_on_disk(disk.image()));
            }
        }
    }
}

/// The words for a read model that is to forget everything and read the log from the start.
pub const REBUILD: &str = "rebuild";
