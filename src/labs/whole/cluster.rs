//! The whole world and what became of every order, and nothing that is drawn: what the figure and
//! scripts have in common.

use super::super::breaker::{BreakerRequest, ByHand, WORDS as BY_HAND};
use super::super::events::REBUILD;
use super::super::events::replica::Replica;
use super::super::raft::RaftRequest;
use super::super::{Ask, Command, LabSettings, Refused, Setting};
use super::orders::Orders;
use super::system::{Cast, Conduct, FRONTS, Role, WholeProcess, WholeRequest};
use super::{LINKS, SYNC, settings};
use crate::circuit_breaker::Quirks;
use crate::raft::{RoleKind, ServerId, Term};
use crate::sim::{Fault, Halted, NodeId, RecordId, World, WorldSettings};

/// A world of fronts, servers and pages, and what became of every order.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// As they are now: settings can be turned.
    settings: LabSettings,
    begun_with: LabSettings,
    cast: Cast,
    conduct: Conduct,
    world: World<WholeProcess>,
    /// A fold over the first `read` records.
    orders: Orders,
    read: usize,
}

/// The words for another customer at a front.
pub const ORDER: &str = "order";

impl Cluster {
    /// At time 0. What cannot work is left out.
    pub fn new(settings: &LabSettings) -> Cluster {
        let mut settings = settings.clone();
        let setup = settings::setup(&settings).unwrap_or_else(|_| {
            settings.tuning.protocol.clear();
            settings::setup(&settings).expect("what the lab has by itself can work")
        });
        let (cast, conduct) = (setup.cast, setup.conduct.clone());
        let world = World::new(WorldSettings {
            nodes: cast.nodes(),
            seed: settings.seed,
            links: settings.tuning.links.unwrap_or(LINKS),
            sync: settings.tuning.sync.unwrap_or(SYNC),
            setup,
        });
        let begun_with = settings.clone();
        let (orders, read) = (Orders::new(), 0);
        let mut cluster = Cluster { settings, begun_with, cast, conduct, world, orders, read };
        cluster.read_on();
        cluster
    }

    /// The nodes and what is between them.
    pub fn world(&self) -> &World<WholeProcess> {
        &self.world
    }

    /// Who is on the stage.
    pub fn cast(&self) -> Cast {
        self.cast
    }

    /// What fronts and pages go by now.
    pub fn conduct(&self) -> &Conduct {
        &self.conduct
    }

    /// The settings as they are now.
    pub fn settings(&self) -> &LabSettings {
        &self.settings
    }

    /// The settings at the beginning.
    pub fn begun_with(&self) -> &LabSettings {
        &self.begun_with
    }

    /// What became of every order.
    pub fn orders(&self) -> &Orders {
        &self.orders
    }

    /// What runs on a node, if it is up.
    pub fn process(&self, node: NodeId) -> Option<&WholeProcess> {
        self.world.node(node)?.process()
    }

    /// The fronts.
    pub fn fronts(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..FRONTS).map(NodeId)
    }

    /// The servers of the cluster.
    pub fn servers(&self) -> impl Iterator<Item = NodeId> + use<> {
        self.cast.servers().map(NodeId)
    }

    /// The replica that runs on a node, if one does.
    pub fn replica(&self, node: NodeId) -> Option<&Replica> {
        Some(self.process(node)?.server()?.replica())
    }

    /// The term that a node leads, if it does.
    pub fn leads(&self, node: NodeId) -> Option<Term> {
        let server = self.replica(node)?.raft().server();
        (server.role().kind() == RoleKind::Leader).then(|| server.current_term())
    }

    /// The newest leader, if anybody leads.
    pub fn leader(&self) -> Option<NodeId> {
        let leads = self.servers().filter(|node| self.leads(*node).is_some());
        leads.max_by_key(|node| self.leads(*node))
    }

    /// The last position that any server has carried out.
    pub fn last_position(&self) -> u64 {
        let end = |node| self.replica(node).map_or(0, |replica| replica.store().last_position());
        self.servers().map(end).max().unwrap_or(0)
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

    /// Plays on until a server leads, and says when that is. Without a leader within three seconds
    /// it gives up.
    pub(super) fn first_leader_us(&mut self) -> u64 {
        const AT_MOST_US: u64 = 3_000_000;
        while self.leader().is_none()
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
                        self.tell(*node);
                    }
                }
            }
            Command::Ask { via, what: Ask::Do { what }, .. } => {
                let request = self.request(*via, what)?;
                self.world.request(*via, request)?;
            }
            Command::Set(setting) => self.set(*setting)?,
            Command::TimeOut(node) if self.cast.role(*node) == Role::Server => {
                self.world.request(*node, WholeRequest::Raft(RaftRequest::TimeOutNow))?;
            }
            Command::TransferLeadership { via, to }
                if self.cast.role(*via) == Role::Server && self.cast.role(*to) == Role::Server =>
            {
                let request = RaftRequest::TransferLeadership { to: ServerId(to.0) };
                self.world.request(*via, WholeRequest::Raft(request))?;
            }
            Command::Ask { .. }
            | Command::TimeOut(_)
            | Command::TransferLeadership { .. }
            | Command::ChangeMembership { .. } => return Err(Refused::NotInThisLab),
        }
        self.read_on();
        Ok(())
    }

    /// What a node is asked for in these words.
    fn request(&self, via: NodeId, what: &str) -> Result<WholeRequest, Refused> {
        let by_hand = || {
            BY_HAND.iter().find_map(|(words, request, _)| match request {
                BreakerRequest::ByHand(by_hand) if *words == what => Some(*by_hand),
                _ => None,
            })
        };
        let impossible = |why: String| Err(Refused::Impossible(why));
        if self.world.node(via).is_none() {
            return impossible(format!("there is no {via}"));
        }
        match (self.cast.role(via), what) {
            (Role::Front, ORDER) => Ok(WholeRequest::OrderOnce),
            (Role::Front, _) => {
                let by_hand: Option<ByHand> = by_hand();
                let by_hand = by_hand.ok_or_else(|| Refused::NoSuchWords(what.to_owned()))?;
                self.may_move_breaker().map_err(Refused::Impossible)?;
                Ok(WholeRequest::ByHand(by_hand))
            }
            (Role::Page(_), REBUILD) => Ok(WholeRequest::Rebuild),
            (Role::Page(_), _) => Err(Refused::NoSuchWords(what.to_owned())),
            (Role::Server, _) => impossible(format!("{via} takes no such wishes")),
        }
    }

    /// Whether breakers can be moved by hand; if not, why.
    ///
    /// # Errors
    ///
    /// The reason, in words.
    pub fn may_move_breaker(&self) -> Result<(), String> {
        match &self.conduct.policy.breaker {
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
        if !settings::can_be_turned(setting.name) {
            return Err(Refused::NotInThisLab);
        }
        let mut turned = self.settings.clone();
        turned.tuning.set(setting);
        self.conduct = settings::conduct(&turned).map_err(Refused::Impossible)?;
        self.settings = turned;
        let nodes: Vec<NodeId> = self.world.node_ids().collect();
        nodes.into_iter().for_each(|node| self.tell(node));
        Ok(())
    }

    /// Tells a front or a page what it is to go by, if it runs and goes by something else.
    fn tell(&mut self, node: NodeId) {
        let known = match self.process(node) {
            Some(WholeProcess::Front(front)) => front.conduct(),
            Some(WholeProcess::Page(page)) => page.conduct(),
            _ => return,
        };
        if *known != self.conduct {
            let request = WholeRequest::GoBy(Box::new(self.conduct.clone()));
            // A history that is full halts the run at its next step.
            let _ = self.world.request(node, request);
        }
    }

    fn read_on(&mut self) {
        while let Some(record) = self.world.history().records().get(self.read) {
            self.orders.read(RecordId(self.read as u32), record);
            self.read += 1;
        }
    }
}
