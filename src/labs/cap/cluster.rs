//! A store with its clients and what they saw, and nothing that is drawn: what the figure, scripts,
//! the search and the comparison of systems have in common.

use super::super::{Command, LabSettings, Refused, Setting};
use super::clients::Clients;
use super::settings::{self, CapConfig, cap_config};
use super::system::{CapProcess, CapRequest, System};
use super::{LINKS, RaftRequest, SYNC};
use crate::check::consistency::Watch;
use crate::quorum::Promise;
use crate::raft::ServerId;
use crate::shared_list::SharedList;
use crate::sim::{Fault, Halted, NodeId, RecordId, World, WorldSettings};

/// So often a request is passed on before its client is told that nobody serves it.
const MOST_HOPS: u8 = 3;

/// A world of servers, what clients have asked of them, and what they saw.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// As they are now: settings can be turned.
    settings: LabSettings,
    config: CapConfig,
    world: World<CapProcess>,
    /// With `watch`, a fold over the first `read` records.
    clients: Clients,
    watch: Watch,
    read: usize,
    /// By breach of a session guarantee: when it showed.
    breaches: Vec<RecordId>,
    /// What it was made with.
    begun_with: LabSettings,
    /// Every act so far, with its instant.
    acts: SharedList<(u64, Command), 32>,
}

impl Cluster {
    /// A store at time 0 that runs `system`, whatever the settings say of that. What cannot work is
    /// left out.
    pub fn new(settings: &LabSettings, system: System) -> Cluster {
        let mut settings = settings.clone();
        let value = super::super::SettingValue::Choice(system.word());
        settings.tuning.set(Setting { name: "system", value });
        let config = cap_config(&settings).unwrap_or_else(|_| {
            settings.tuning.protocol.retain(|setting| setting.name == "system");
            cap_config(&settings).expect("what the lab has by itself can work")
        });
        let world = World::new(WorldSettings {
            nodes: settings.servers,
            seed: settings.seed,
            links: settings.tuning.links.unwrap_or(LINKS),
            sync: settings.tuning.sync.unwrap_or(SYNC),
            setup: config.setup(&settings),
        });
        let clients = Clients::new(&config, settings.servers);
        let mut cluster = Cluster {
            begun_with: settings.clone(),
            settings,
            config,
            world,
            clients,
            watch: Watch::default(),
            read: 0,
            breaches: Vec::new(),
            acts: SharedList::default(),
        };
        cluster.read_on();
        cluster
    }

    /// The servers and what is between them.
    pub fn world(&self) -> &World<CapProcess> {
        &self.world
    }

    /// What clients have asked for, and what became of it.
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    /// What clients saw, judged live. An operation has the same place there as in
    /// [`Clients::asked`].
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    /// When each breach of a session guarantee showed, in the order of
    /// [`Watch::breaches`].
    pub fn breach_records(&self) -> &[RecordId] {
        &self.breaches
    }

    /// What the servers run.
    pub fn system(&self) -> System {
        self.config.system
    }

    /// The settings as they are now.
    pub fn settings(&self) -> &LabSettings {
        &self.settings
    }

    /// The settings at the beginning.
    pub fn begun_with(&self) -> &LabSettings {
        &self.begun_with
    }

    /// Everything that was done to it so far, each with its instant in microseconds. With
    /// [`begun_with`](Cluster::begun_with) it is all that another system needs to live through the
    /// same.
    pub fn acts(&self) -> &SharedList<(u64, Command), 32> {
        &self.acts
    }

    /// When `node` first crashed at or after `from_us` and until `to_us`, if it did.
    pub fn first_crash_us(&self, node: NodeId, from_us: u64, to_us: u64) -> Option<u64> {
        let first = self.acts.partition_point(|(at_us, _)| *at_us < from_us);
        let mut meanwhile = self.acts.from(first).take_while(|(at_us, _)| *at_us <= to_us);
        let crashes = |fault: &Fault| match fault {
            Fault::Crash(other) | Fault::CrashTorn { node: other, .. } => *other == node,
            _ => false,
        };
        let has = |act: &Command| matches!(act, Command::Faults(all) if all.iter().any(crashes));
        meanwhile.find(|(_, act)| has(act)).map(|(at_us, _)| *at_us)
    }

    /// What they come to.
    pub fn config(&self) -> &CapConfig {
        &self.config
    }

    /// What the store without a leader promises with the present settings.
    pub fn promise(&self) -> Promise {
        self.config.quorum.promise(self.config.quorum.quorum())
    }

    /// When the next thing is due, if anything is.
    pub fn next_due_us(&self) -> Option<u64> {
        [self.world.next_due_us(), self.clients.deadline_us()].into_iter().flatten().min()
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
        while let Some(due_us) = self.next_due_us().filter(|due_us| *due_us <= at_us) {
            if self.world.history().len() >= records {
                return Ok(false);
            }
            if self.world.next_due_us().is_none_or(|next_us| next_us > due_us) {
                self.world.advance_to(due_us)?;
                self.clients.give_up(&mut self.watch, due_us);
            } else {
                self.world.step()?;
                self.read_on();
            }
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
                for fault in faults {
                    if let Fault::Restart(node) = fault {
                        self.configure(*node);
                    }
                }
            }
            Command::Ask { client, via, what } => {
                let draft = self.clients.draft(*client, *via, what)?;
                if self.is_quiet() {
                    self.watch.fall_quiet();
                }
                let called = self.world.request(*via, draft.request.clone())?;
                self.clients.note(&mut self.watch, draft, called, self.world.now_us());
            }
            Command::Set(setting) => self.set(*setting)?,
            Command::TimeOut(node) if self.system() == System::Raft => {
                self.world.request(*node, CapRequest::Raft(RaftRequest::TimeOutNow))?;
            }
            Command::TransferLeadership { via, to } if self.system() == System::Raft => {
                let request = RaftRequest::TransferLeadership { to: ServerId(to.0) };
                self.world.request(*via, CapRequest::Raft(request))?;
            }
            Command::TransferLeadership { to, .. } if self.system() == System::PrimaryBackup => {
                self.world.request(*to, CapRequest::Promote)?;
            }
            Command::TimeOut(_)
            | Command::TransferLeadership { .. }
            | Command::ChangeMembership { .. } => return Err(Refused::NotInThisLab),
        }
        self.read_on();
        self.acts.push((self.world.now_us(), command.clone()));
        Ok(())
    }

    /// All servers go by another value of a setting from now on, those that are down once they are
    /// up again.
    fn set(&mut self, setting: Setting) -> Result<(), Refused> {
        if !settings::can_be_turned(self.system(), setting.name) {
            return Err(Refused::NotInThisLab);
        }
        let turned = settings::turned(&self.settings, setting);
        self.config = cap_config(&turned).map_err(Refused::Impossible)?;
        self.settings = turned;
        self.clients.configure(&self.config);
        let nodes: Vec<NodeId> = self.world.node_ids().collect();
        nodes.into_iter().for_each(|node| self.configure(node));
        Ok(())
    }

    /// Tells a server the present settings, if it runs and has others.
    fn configure(&mut self, node: NodeId) {
        let process = self.world.node(node).and_then(|node| node.process());
        let server = process.and_then(CapProcess::quorum);
        if server.is_some_and(|server| *server.config() != self.config.quorum) {
            let request = CapRequest::Configure(self.config.quorum.clone());
            // A history that is full halts the run at its next step.
            let _ = self.world.request(node, request);
        }
    }

    /// Lets clients hear, and passes requests on.
    fn read_on(&mut self) {
        while let Some(record) = self.world.history().records().get(self.read) {
            let id = RecordId(self.read as u32);
            let at_us = record.at_us;
            let pass = self.clients.read(&mut self.watch, id, record);
            self.read += 1;
            if let Some(pass) = pass {
                let to = pass.to.filter(|to| self.forward(pass.place, *to));
                self.clients.pass_on(&mut self.watch, &pass, to, (id, at_us));
            }
            self.breaches.resize(self.watch.breaches().len(), id);
        }
    }

    /// Passes a request on to a server that can be reached from where it is.
    fn forward(&mut self, place: usize, to: NodeId) -> bool {
        let Some(asked) = self.clients.asked().get(place) else { return false };
        let (from, network) = (asked.with, self.world.network());
        let is_cut = network.is_cut(from, to) || network.is_cut(to, from);
        if asked.hops >= MOST_HOPS || from == to || is_cut {
            return false;
        }
        let request = self.clients.passed_on(place);
        request.is_some_and(|request| self.world.request(to, request).is_ok())
    }
}
