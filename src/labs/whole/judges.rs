//! Whether what is promised was kept: judged after every single event.
//!
//! | promise | what breaks it |
//! |---|---|
//! | no acknowledged order is lost | a Raft that answers before a majority has it |
//! | nobody is charged twice | no idempotency keys |
//! | stock never below zero | fronts that decide on what the stock page shows |
//! | one log on all servers | a Raft that keeps what the leader does not have |
//! | pages show what was | events taken in as they arrive |
//! | what breakers promise | see the [breaker lab](super::super::breaker::judges) |
//! | what Raft promises | see [`check::raft`](crate::check::raft) |
//!
//! All are judged whatever is set.

use super::super::annals::{Marked, SharedList};
use super::super::breaker::judges::{Callers, Heard, Word as BreakerWord};
use super::super::breaker::{Caller, Cast as CallerCast, Policy};
use super::super::events::judges::due;
use super::super::events::keeper::before;
use super::super::events::shop::{Item, Shop, upcast, upcasters};
use super::super::events::{EventsEvent, ModelKind, Recorded, append_told};
use super::super::raft::RaftEvent;
use super::super::raft::concerned;
use super::super::{Breach, Promise};
use super::Cluster;
use super::promises::Kind;
use super::server::order_of;
use super::system::{Role, WholeEvent, WholeProcess};
use crate::check::Property;
use crate::check::raft::{CommandOf, RaftJudges, RaftWorld, Told};
use crate::event_store::{EventId, EventStore, Projection, Replay, Source};
use crate::labs::events::EventsWrite;
use crate::labs::events::shop::ShopEvent;
use crate::labs::raft::RaftProcess;
use crate::raft::{Durable, Message, RequestId, Write};
use crate::sim::{Fault, Happening, NodeId, Record, RecordId};
use crate::sorted::SortedMap;

/// Which promises were kept so far. A fold.
#[derive(Clone, Debug)]
pub(super) struct Word {
    /// In the order of [`Kind::ALL`].
    broken: [Option<Breach>; Kind::ALL.len()],
    breakers: BreakerWord,
    raft: RaftJudges,
    /// How many of Raft's promises were found broken.
    raft_broken: usize,
    /// The events that any server has appended first, each at its place.
    log: EventStore<ShopEvent>,
    /// What they come to.
    shop: Shop,
    /// By place in Raft's log, the first at 0: the order that was applied there first.
    applied: SharedList<Option<EventId>>,
    /// Orders that customers were told of, by their places in Raft's log.
    told: SortedMap<u64, EventId>,
    /// Which order a try is of.
    orders: SortedMap<EventId, EventId>,
    /// The position at which each order was carried out first.
    carried_out: SortedMap<EventId, u64>,
    pages: Vec<Followed>,
    /// Where a promise broke since the last look.
    fresh: Vec<Marked>,
    /// What is wrong with the latest record, whether or not it is for the first time.
    remarks: Vec<String>,
}

/// A page, as the judge follows it.
#[derive(Clone, Debug)]
struct Followed {
    node: NodeId,
    kind: ModelKind,
    /// What the log comes to up to its position.
    due: Projection<Shop>,
    /// At which position it was last compared.
    looked_at: Option<u64>,
    is_off: bool,
}

impl Word {
    pub(super) fn new(cluster: &Cluster) -> Word {
        let upcasters = upcasters();
        let followed = |node: NodeId| {
            let Role::Page(kind) = cluster.cast().role(node) else { return None };
            let replay = Replay::new(&kind).upcasting(&upcasters);
            let due = Projection::new(&replay, Source::All);
            Some(Followed { node, kind, due, looked_at: None, is_off: false })
        };
        let log = before();
        let mut shop = Shop::default();
        let past = (1..=log.last_position()).filter_map(|position| log.event(position));
        past.for_each(|event| shop.apply(upcast(*event.payload())));
        let mut word = Word {
            broken: Default::default(),
            breakers: BreakerWord::new(cluster, cluster.fronts()),
            raft: RaftJudges::new(cluster.cast().nodes()),
            raft_broken: 0,
            log,
            shop,
            applied: SharedList::default(),
            told: SortedMap::new(),
            orders: SortedMap::new(),
            carried_out: SortedMap::new(),
            pages: cluster.world().node_ids().filter_map(followed).collect(),
            fresh: Vec::new(),
            remarks: Vec::new(),
        };
        word.raft.observe(cluster.world());
        word
    }

    /// What the events come to that any server has appended.
    pub(super) fn shop(&self) -> &Shop {
        &self.shop
    }

    /// Whether a page is not what the events up to its position come to.
    pub(super) fn is_off(&self, node: NodeId) -> bool {
        self.pages.iter().any(|page| page.node == node && page.is_off)
    }

    /// When and how a promise of the whole was first broken, given or not.
    pub(super) fn breach(&self, kind: Kind) -> Option<&Breach> {
        self.broken[kind as usize].as_ref()
    }

    /// What breakers promise.
    pub(super) fn breakers(&self) -> &BreakerWord {
        &self.breakers
    }

    /// What Raft promises.
    pub(super) fn raft(&self) -> &RaftJudges {
        &self.raft
    }

    /// What broke at a record, in words.
    pub(super) fn finding(&self, record: RecordId) -> Option<String> {
        let here = |breach: &&Breach| breach.record == record;
        let of_shop = self.broken.iter().flatten().find(here);
        let of_raft = || {
            let mut found = self.raft.verdicts().violations();
            found.find(|violation| violation.at == record).map(|it| it.finding.to_string())
        };
        let of_breakers = || self.breakers.finding(record).map(str::to_owned);
        of_shop.map(|breach| breach.finding.clone()).or_else(of_breakers).or_else(of_raft)
    }

    /// Every promise: of the whole, of breakers, and of Raft those of the paper's Figure 3 and what
    /// else was broken.
    pub(super) fn promises(&self, cluster: &Cluster) -> Vec<Promise> {
        let conduct = cluster.conduct();
        let of_whole = Kind::ALL.into_iter().map(|kind| Promise {
            name: kind.name(),
            says: kind.says(kind.is_kept_by(conduct)),
            is_main: kind.is_kept_by(conduct),
            broken: self.breach(kind).cloned(),
        });
        let of_breakers = self.breakers.promises(&conduct.policy);
        let of_breakers =
            of_breakers.into_iter().map(|promise| Promise { is_main: false, ..promise });
        let of_raft = RaftJudges::OF_FIGURE_2.iter().filter_map(|property| {
            let broken = self.of_raft(cluster, *property);
            let (name, says) = property.words_of_raft();
            let is_shown = property.is_of_figure_3() || broken.is_some();
            is_shown.then_some(Promise { name, says, is_main: false, broken })
        });
        of_whole.chain(of_breakers).chain(of_raft).collect()
    }

    fn of_raft(&self, cluster: &Cluster, property: Property) -> Option<Breach> {
        let violation = self.raft.verdicts().of(property)?;
        let record = violation.at;
        let at_us = cluster.world().history().get(record).map_or(0, |record| record.at_us);
        let finding = violation.finding.to_string();
        Some(Breach { record, at_us, finding, servers: concerned(&violation.finding) })
    }

    /// Goes on by a record. Returned is what is wrong with it, in sentences without full stops.
    pub(super) fn read(
        &mut self,
        cluster: &Cluster,
        id: RecordId,
        record: &Record<WholeProcess>,
    ) -> Vec<String> {
        let at = (id, record.at_us);
        let heard = match &record.what {
            Happening::Booted { node, .. } => Some(Heard::Booted(*node)),
            Happening::Fault(Fault::Crash(node) | Fault::CrashTorn { node, .. }) => {
                Some(Heard::Crashed(*node))
            }
            Happening::Decided { node, event: WholeEvent::Caller(event) } => {
                Some(Heard::Told(*node, event))
            }
            Happening::Decided { node, event } => {
                self.take(at, *node, event);
                None
            }
            _ => None,
        };
        if let Some(heard) = heard {
            self.remarks.extend(self.breakers.read(cluster, at, heard));
        }
        std::mem::take(&mut self.remarks)
    }

    fn take(&mut self, at: (RecordId, u64), node: NodeId, event: &WholeEvent) {
        match event {
            WholeEvent::Sent { order, id, .. } => {
                self.orders.insert(*id, *order);
            }
            WholeEvent::Heard { id, done, .. } => self.take_answer(at, node, done.index.0, *id),
            WholeEvent::Raft(RaftEvent::Applied { index, entry }) => {
                self.take_applied(at, node, index.0, order_of(entry));
            }
            WholeEvent::Shop(EventsEvent::Appended { recorded, command, .. }) => {
                self.take_append(at, node, recorded, *command);
            }
            _ => {}
        }
    }

    /// A customer was told of an order that stands at a place of Raft's log.
    fn take_answer(&mut self, at: (RecordId, u64), node: NodeId, index: u64, id: EventId) {
        self.told.insert(index, id);
        let applied = index.checked_sub(1).and_then(|place| self.applied.get(place as usize));
        if applied.is_some_and(|applied| *applied != Some(id)) {
            let finding = format!(
                "a customer of {node} was told that an order is entry {index}, where another is"
            );
            self.note(Kind::AcknowledgedStays, at, finding, vec![node]);
        }
    }

    /// A server applies an entry of Raft's log.
    fn take_applied(
        &mut self,
        at: (RecordId, u64),
        node: NodeId,
        index: u64,
        order: Option<EventId>,
    ) {
        if self.applied.len() as u64 + 1 == index {
            self.applied.push(order);
        }
        if self.told.get(&index).is_some_and(|told| Some(*told) != order) {
            let finding = format!(
                "{node} applies another entry at {index} than the order of which a customer was \
                 told"
            );
            self.note(Kind::AcknowledgedStays, at, finding, vec![node]);
        }
    }

    /// An event is in the log of `node`.
    fn take_append(
        &mut self,
        at: (RecordId, u64),
        node: NodeId,
        recorded: &Recorded,
        command: EventId,
    ) {
        let Recorded { position, id, event, .. } = *recorded;
        if let Some(known) = self.log.event(position) {
            let was = upcast(*known.payload());
            if (known.id(), was) != (id, event) {
                let finding = format!(
                    "at position {position} {node} has “{event}”, and “{was}” was told of before"
                );
                self.note(Kind::OneLog, at, finding, vec![node]);
            }
            return;
        }
        append_told(&mut self.log, recorded, command);
        self.shop.apply(event);
        let left = event.item().map(|item: Item| (item, self.shop.left(item)));
        if let Some((item, left)) = left.filter(|(_, left)| *left < 0) {
            let finding =
                format!("after event {position} the stock of {} is −{}", item.name(), -left);
            self.note(Kind::NeverBelowZero, at, finding, vec![node]);
        }
        let Some(order) = self.orders.get(&command).copied() else { return };
        match self.carried_out.get(&order).copied() {
            None => drop(self.carried_out.insert(order, position)),
            Some(earlier) => {
                let finding =
                    format!("“{event}” was ordered once and happened twice: {earlier}, {position}");
                self.note(Kind::OnceOnly, at, finding, vec![node]);
            }
        }
    }

    /// Takes a look at how things stand after a step of the world, whose last record and time are
    /// `at`. Returned is where a promise broke since the last look.
    pub(super) fn look(&mut self, cluster: &Cluster, at: (RecordId, u64)) -> Vec<Marked> {
        self.raft.observe(cluster.world());
        let broken = self.raft.verdicts().violations().count();
        if std::mem::replace(&mut self.raft_broken, broken) != broken {
            self.fresh.push(Marked { record: at.0, at_us: at.1, node: None });
        }
        for place in 0..self.pages.len() {
            self.look_at_page(cluster, at, place);
        }
        let mut fresh = self.breakers.look(cluster, at);
        fresh.append(&mut self.fresh);
        self.remarks.clear();
        fresh
    }

    fn look_at_page(&mut self, cluster: &Cluster, at: (RecordId, u64), place: usize) {
        let page = &mut self.pages[place];
        let node = page.node;
        let Some(shown) = cluster.process(node).and_then(WholeProcess::page) else {
            (page.looked_at, page.is_off) = (None, false);
            return;
        };
        let through = shown.model().through();
        // Its state moves only with its position, except where it takes events in twice.
        if page.looked_at.replace(through) == Some(through) && cluster.conduct().in_order {
            return;
        }
        let due = due(&mut page.due, page.kind, &self.log, through);
        page.is_off = due != Some(&shown.model().state().shop);
        if page.is_off {
            let finding = format!("{node} does not show what the events up to {through} come to");
            self.note(Kind::PagesAreFolds, at, finding, vec![node]);
        }
    }

    /// The first time counts.
    fn note(
        &mut self,
        kind: Kind,
        (record, at_us): (RecordId, u64),
        finding: String,
        servers: Vec<NodeId>,
    ) {
        self.remarks.push(finding.clone());
        let broken = &mut self.broken[kind as usize];
        if broken.is_none() {
            self.fresh.push(Marked { record, at_us, node: servers.first().copied() });
            *broken = Some(Breach { record, at_us, finding, servers });
        }
    }
}

impl Callers for Cluster {
    fn cast(&self) -> CallerCast {
        CallerCast::Network
    }

    fn caller(&self, node: NodeId) -> Option<&Caller> {
        Some(self.process(node)?.front()?.caller())
    }

    fn policy_at_boot(&self) -> &Policy {
        &self.world().settings().setup.conduct.policy
    }

    fn local_us(&self, node: NodeId, at_us: u64) -> u64 {
        self.world().node(node).map_or(at_us, |node| node.clock().shows_us(at_us))
    }
}

/// The servers of the cluster are Raft's; fronts and pages are not.
impl RaftWorld for WholeProcess {
    type Node = RaftProcess;

    fn node(&self) -> Option<&RaftProcess> {
        self.server().map(|server| server.replica().raft())
    }

    fn image(image: &Self::Image) -> &Durable<CommandOf<Self>> {
        &image.raft
    }

    fn message(message: &Self::Message) -> Option<&Message<CommandOf<Self>>> {
        if let super::WholeMessage::Raft(message) = message { Some(message) } else { None }
    }

    fn write(write: &EventsWrite) -> Option<&Write<CommandOf<Self>>> {
        if let EventsWrite::Raft(write) = write { Some(write) } else { None }
    }

    fn told(event: &WholeEvent) -> Told<'_, CommandOf<Self>> {
        match event {
            WholeEvent::Raft(event) => RaftProcess::told(event),
            _ => Told::Other,
        }
    }

    fn read_asked(_: &Self::Request) -> Option<RequestId> {
        None
    }
}
