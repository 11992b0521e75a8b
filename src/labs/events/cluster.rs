//! The parts of the shop with what customers asked of them, and nothing that is drawn: what the
//! figure and scripts have in common.

use super::super::{Command, LabSettings, Refused};
use super::crashes::CrashSpot;
use super::requests::Requests;
use super::shop::{BEFORE, ShopEvent};
use super::system::{EventsProcess, EventsSetup, Rules};
use super::{LINKS, SINGLE_NODES, SYNC, settings};
use crate::event_store::{EventId, EventStore, Expected, NewEvent};
use crate::shared_list::SharedList;
use crate::sim::{Halted, RecordId, World, WorldSettings};

/// A world of desks, log and read models, and what customers asked.
#[derive(Clone, Debug)]
pub struct Cluster {
    settings: LabSettings,
    begun_with: LabSettings,
    rules: Rules,
    world: World<EventsProcess>,
    requests: Requests,
    log: EventStore<ShopEvent>,
    acts: SharedList<(u64, Command), 32>,
}

impl Cluster {
    /// A shop at time 0.
    pub fn new(settings: &LabSettings) -> Cluster {
        let rules = settings::rules(settings).unwrap_or(settings::BY_ITSELF);
        let world = World::new(WorldSettings {
            nodes: SINGLE_NODES,
            seed: settings.seed,
            links: settings.tuning.links.unwrap_or(LINKS),
            sync: settings.tuning.sync.unwrap_or(SYNC),
            setup: EventsSetup { rules, raft: settings::raft(settings), seed: settings.seed },
        });
        Cluster {
            begun_with: settings.clone(),
            settings: settings.clone(),
            rules,
            world,
            requests: Requests::default(),
            log: before(),
            acts: SharedList::default(),
        }
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

    /// The log as it is now: what the keeper has, durable or not; while it is down, what its file
    /// comes to. On a cluster: what the server has that has applied most.
    pub fn log(&self) -> &EventStore<ShopEvent> {
        &self.log
    }

    /// Up to which position the log is durable; on a cluster, committed.
    pub fn durable_through(&self) -> u64 {
        self.log.last_position()
    }

    /// Where the power will go next, if somebody has asked for that.
    pub fn armed(&self) -> Option<CrashSpot> {
        None
    }

    /// Everything that was done to it so far, each with its instant in microseconds.
    pub fn acts(&self) -> &SharedList<(u64, Command), 32> {
        &self.acts
    }

    /// When the next thing is due, if anything is.
    pub fn next_due_us(&self) -> Option<u64> {
        self.world.next_due_us()
    }

    /// Makes everything happen that is due at or before `at_us`, but stops early once the history
    /// has `records` records or more, and shows itself to `watch` after every single event. Whether
    /// it came to `at_us`.
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
            watch(self);
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
            }
            _ => return Err(Refused::NotInThisLab),
        }
        self.acts.push((self.world.now_us(), command.clone()));
        Ok(())
    }
}

/// The log at the beginning of every run.
fn before() -> EventStore<ShopEvent> {
    let mut log = EventStore::new();
    for (n, event) in (1..).zip(BEFORE) {
        let new = NewEvent::new(EventId(n), event.event_type(), event);
        log.append(event.stream(), Expected::Any, 0, [new]).expect("it is new and well named");
    }
    log
}
