//! Callers, breakers and what they call, and nothing that is drawn: what the figure and scripts
//! have in common.

use super::super::raft::RaftRequest;
use super::super::{Ask, Command, LabSettings, Refused, Setting};
use super::caller::Caller;
use super::calls::Calls;
use super::judges::Callers;
use super::policy::Policy;
use super::system::{BreakerProcess, BreakerRequest, ByHand, Cast, Role};
use super::{LINKS, LINKS_OF_NETWORK, SYNC, settings};
use crate::circuit_breaker::Quirks;
use crate::raft::ServerId;
use crate::sim::{Fault, Halted, NodeId, RecordId, World, WorldSettings};

/// A world of callers and those that serve, and what became of every call.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// As they are now: settings can be turned.
    settings: LabSettings,
    begun_with: LabSettings,
    cast: Cast,
    policy: Policy,
    world: World<BreakerProcess>,
    /// A fold over the first `read` records.
    calls: Calls,
    read: usize,
}

/// What people can have a caller do, in words, with what comes of it.
pub const WORDS: &[(&str, BreakerRequest, &str)] = &[
    ("call", BreakerRequest::CallOnce, "One request more, now"),
    ("open", BreakerRequest::ByHand(ByHand::Open), "For as long as it would stay open by itself"),
    ("close", BreakerRequest::ByHand(ByHand::Close), "Whatever it is"),
    ("reset", BreakerRequest::ByHand(ByHand::Reset), "Closed, and everything forgotten"),
    ("force open", BreakerRequest::ByHand(ByHand::ForceOpen), "Until somebody says otherwise"),
    ("disable", BreakerRequest::ByHand(ByHand::Disable), "Lets all through, and nobody looks"),
    ("watch only", BreakerRequest::ByHand(ByHand::WatchOnly), "Lets all through, and counts"),
];

impl Cluster {
    /// At time 0. What cannot work is left out.
    pub fn new(settings: &LabSettings) -> Cluster {
        let mut settings = settings.clone();
        let setup = settings::setup(&settings).unwrap_or_else(|_| {
            settings.tuning.protocol.clear();
            settings::setup(&settings).expect("what the lab has by itself can work")
        });
        let (cast, policy) = (setup.cast, setup.policy.clone());
        let usual = if cast == Cast::Network { LINKS_OF_NETWORK } else { LINKS };
        let world = World::new(WorldSettings {
            nodes: cast.nodes(),
            seed: settings.seed,
            links: settings.tuning.links.unwrap_or(usual),
            sync: settings.tuning.sync.unwrap_or(SYNC),
            setup,
        });
        let begun_with = settings.clone();
        let (calls, read) = (Calls::new(settings::callers(cast)), 0);
        let mut cluster = Cluster { settings, begun_with, cast, policy, world, calls, read };
        cluster.tell_all();
        cluster.read_on();
        cluster
    }

    /// The nodes and what is between them.
    pub fn world(&self) -> &World<BreakerProcess> {
        &self.world
    }

    /// What stands on the stage.
    pub fn cast(&self) -> Cast {
        self.cast
    }

    /// What callers go by now.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The settings as they are now.
    pub fn settings(&self) -> &LabSettings {
        &self.settings
    }

    /// The settings at the beginning.
    pub fn begun_with(&self) -> &LabSettings {
        &self.begun_with
    }

    /// What became of the calls of every caller.
    pub fn calls(&self) -> &Calls {
        &self.calls
    }

    /// What runs on a node, if it is up.
    pub fn process(&self, node: NodeId) -> Option<&BreakerProcess> {
        self.world.node(node)?.process()
    }

    /// The nodes that call.
    pub fn callers(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..settings::callers(self.cast) as u8).map(NodeId)
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
                        self.tell(*node);
                    }
                }
            }
            Command::Ask { via, what: Ask::Do { what }, .. } => {
                let known = WORDS.iter().find(|(words, ..)| words == what);
                let (_, request, _) = known.ok_or_else(|| Refused::NoSuchWords(what.clone()))?;
                self.may_ask(*via, request).map_err(Refused::Impossible)?;
                self.world.request(*via, request.clone())?;
            }
            Command::Set(setting) => self.set(*setting)?,
            Command::TimeOut(node) if self.cast.role(*node) == Role::Replica => {
                self.world.request(*node, BreakerRequest::Raft(RaftRequest::TimeOutNow))?;
            }
            Command::TransferLeadership { via, to }
                if self.cast.role(*via) == Role::Replica
                    && self.cast.role(*to) == Role::Replica =>
            {
                let request = RaftRequest::TransferLeadership { to: ServerId(to.0) };
                self.world.request(*via, BreakerRequest::Raft(request))?;
            }
            Command::Ask { .. }
            | Command::TimeOut(_)
            | Command::TransferLeadership { .. }
            | Command::ChangeMembership { .. } => return Err(Refused::NotInThisLab),
        }
        self.read_on();
        Ok(())
    }

    /// Whether a caller can do what a person asks for; if not, why.
    ///
    /// # Errors
    ///
    /// The reason, in words.
    pub fn may_ask(&self, via: NodeId, request: &BreakerRequest) -> Result<(), String> {
        if self.world.node(via).is_none() || self.cast.role(via) != Role::Caller {
            return Err(format!("{via} makes no calls"));
        }
        if matches!(request, BreakerRequest::CallOnce) {
            return Ok(());
        }
        match &self.policy.breaker {
            None => Err("there is no breaker".to_owned()),
            Some(breaker) if breaker.quirks != Quirks::default() => {
                Err("a breaker with habits has no handles".to_owned())
            }
            Some(_) => Ok(()),
        }
    }

    /// Everybody goes by another value of a setting from now on, those that are down once they are
    /// up again.
    fn set(&mut self, setting: Setting) -> Result<(), Refused> {
        if !settings::can_be_turned(setting) {
            return Err(Refused::NotInThisLab);
        }
        let mut turned = self.settings.clone();
        turned.tuning.set(setting);
        self.policy = settings::setup(&turned).map_err(Refused::Impossible)?.policy;
        self.settings = turned;
        self.tell_all();
        Ok(())
    }

    fn tell_all(&mut self) {
        let nodes: Vec<NodeId> = self.world.node_ids().collect();
        nodes.into_iter().for_each(|node| self.tell(node));
    }

    /// Tells a node what it is to go by, if it runs and goes by something else.
    fn tell(&mut self, node: NodeId) {
        let request = match self.process(node) {
            Some(BreakerProcess::Caller(caller)) if *caller.policy() != self.policy => {
                BreakerRequest::GoBy(Box::new(self.policy.clone()))
            }
            Some(BreakerProcess::Service(service)) => {
                match settings::health(&self.settings, node) {
                    Ok(health) if health != *service.health() => BreakerRequest::Do(health),
                    _ => return,
                }
            }
            _ => return,
        };
        // A history that is full halts the run at its next step.
        let _ = self.world.request(node, request);
    }

    fn read_on(&mut self) {
        while let Some(record) = self.world.history().records().get(self.read) {
            self.calls.read(record);
            self.read += 1;
        }
    }
}

impl Callers for Cluster {
    fn cast(&self) -> Cast {
        self.cast
    }

    fn caller(&self, node: NodeId) -> Option<&Caller> {
        self.process(node)?.caller()
    }

    fn policy_at_boot(&self) -> &Policy {
        &self.world.settings().setup.policy
    }

    fn local_us(&self, node: NodeId, at_us: u64) -> u64 {
        self.world.node(node).map_or(at_us, |node| node.clock().shows_us(at_us))
    }
}
