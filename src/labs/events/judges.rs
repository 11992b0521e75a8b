//! Whether what is promised was kept: judged after every single event.
//!
//! | promise | what breaks it |
//! |---|---|
//! | no lost update | the check of versions is off |
//! | stock never below zero | likewise |
//! | once asked, once done | retries with fresh ids |
//! | acknowledged events stay | answers before the file is durable, and a crash |
//! | read models are folds | state and position apart and a crash; events in any order |
//! | read models catch up | events published once, and a loss or a crash |
//! | same log, same state | a fold that is not pure |
//! | one log on all servers | a Raft that commits what a majority does not have |
//!
//! All are judged whatever is set. A setting that gives one up says so beside it: there is nothing
//! to be seen where what goes wrong is no longer called wrong.

use super::super::annals::{Marked, SharedList};
use super::super::telling::ms;
use super::super::{Breach, Promise};
use super::keeper::MODELS;
use super::ledger::{Decision, Ledger, root};
use super::model::Model;
use super::promises::Kind;
use super::requests::Asked;
use super::shop::{Shop, ShopEvent, ShopRules, upcasters};
use super::system::{EventsEvent, EventsProcess, KEEPER, Log, Outcome, Recorded, RequestId};
use super::words::{self, who};
use super::{Cluster, ModelKind};
use crate::event_store::{EventId, EventStore, Evolve, Projection, Replay, Source, state_hash};
use crate::sim::{Fault, Happening, NodeId, Record, RecordId, TRUE_RATE_PPM};

/// With more events than this the log is not replayed after every one of them, but after every
/// [`SELDOM`]th.
const MOST_REPLAYED: u64 = 256;
const SELDOM: u64 = 64;

/// A read model that is behind, with nothing in its way, must come closer within this time. The
/// keeper never waits longer than a third of it before it sends again.
const MUST_MOVE_WITHIN_US: u64 = 5_000_000;

/// A clock that ran ahead and was set right stands still until the world has caught up with it.
const CLOCKS_SETTLE_WITHIN_US: u64 = 5_000_000;

/// An event of which a customer was told that it is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Told {
    position: u64,
    root: RequestId,
}

/// A read model, as the judge follows it.
#[derive(Clone, Debug)]
struct Followed {
    node: NodeId,
    kind: ModelKind,
    /// What the log comes to up to its position.
    due: Projection<Shop>,
    /// Whether its state is something else.
    is_off: bool,
    /// If it is behind and free to come closer: since when it has not.
    stuck: Option<Stuck>,
}

/// How things stood when a read model came no closer any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stuck {
    through: u64,
    end: u64,
    record: RecordId,
    since_us: u64,
}

/// Which promises were kept so far. A fold.
#[derive(Clone, Debug)]
pub(super) struct Word {
    /// In the order of [`Kind::ALL`].
    broken: [Option<Breach>; Kind::ALL.len()],
    ledger: Ledger,
    /// So many requests are known.
    known: usize,
    /// Those without an outcome, by their places.
    open: Vec<usize>,
    told: SharedList<Told>,
    models: Vec<Followed>,
    /// Of each server of a cluster: the position at which it was looked at.
    carried: Vec<u64>,
    /// Whether the log was replayed since it changed.
    replayed: bool,
    /// When clocks that were set go on as others.
    clocks_settle_us: u64,
    /// Where a promise broke since the last look.
    fresh: Vec<Marked>,
    /// What is wrong with the latest record, whether or not it is for the first time.
    remarks: Vec<String>,
}

impl Word {
    pub(super) fn new(cluster: &Cluster) -> Word {
        let upcasters = upcasters();
        let followed = |(node, kind): (NodeId, ModelKind)| {
            let replay = Replay::new(&kind).upcasting(&upcasters);
            let due = Projection::new(&replay, Source::All);
            Followed { node, kind, due, is_off: false, stuck: None }
        };
        let models = match cluster.rules().log {
            Log::Single => {
                let kinds = [ModelKind::Carts, ModelKind::Stock, ModelKind::Payments];
                MODELS.into_iter().zip(kinds).map(followed).collect()
            }
            Log::Raft => Vec::new(),
        };
        let carried = match cluster.rules().log {
            Log::Single => Vec::new(),
            Log::Raft => cluster.world().node_ids().map(|_| 0).collect(),
        };
        Word {
            broken: Default::default(),
            ledger: Ledger::new(cluster.log()),
            known: 0,
            open: Vec::new(),
            told: SharedList::default(),
            models,
            carried,
            replayed: false,
            clocks_settle_us: 0,
            fresh: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// What the log was told to be.
    pub(super) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Whether a read model is not what the log comes to up to its position.
    pub(super) fn is_off(&self, node: NodeId) -> bool {
        self.models.iter().any(|followed| followed.node == node && followed.is_off)
    }

    /// Whether a promise was broken.
    pub(super) fn is_broken(&self, kind: Kind) -> bool {
        self.broken[kind as usize].is_some()
    }

    /// When and how a promise was first broken, given or not.
    pub(super) fn breach(&self, kind: Kind) -> Option<&Breach> {
        self.broken[kind as usize].as_ref()
    }

    /// What broke at a record, in words.
    pub(super) fn finding(&self, record: RecordId) -> Option<&str> {
        let broken = self.broken.iter().flatten().find(|breach| breach.record == record);
        broken.map(|breach| breach.finding.as_str())
    }

    /// Every promise, those first that the settings keep.
    pub(super) fn promises(&self, cluster: &Cluster) -> Vec<Promise> {
        let rules = cluster.rules();
        let about = Kind::ALL.into_iter().filter(|kind| kind.is_about(rules.log));
        let promise = |kind: Kind| Promise {
            name: kind.name(),
            says: kind.says(kind.is_kept_by(rules)),
            is_main: kind.is_kept_by(rules),
            broken: self.broken[kind as usize].clone(),
        };
        about.map(promise).collect()
    }

    /// Nothing has happened since the last look, and it is `now_us`: whoever has stood still for
    /// too long by then is found. To be called before what happens next is read.
    pub(super) fn wait(&mut self, now_us: u64) {
        for place in 0..self.models.len() {
            let Followed { node, stuck, .. } = &self.models[place];
            let (node, stuck) = (*node, *stuck);
            let Some(Stuck { through, end, record, since_us }) = stuck else { continue };
            let at_us = since_us + MUST_MOVE_WITHIN_US;
            if now_us >= at_us {
                let finding = format!(
                    "{node} has stood at position {through} of {end} for {}, and nothing is in \
                     its way",
                    ms(MUST_MOVE_WITHIN_US)
                );
                self.note(Kind::ModelsCatchUp, (record, at_us), finding, vec![node]);
            }
        }
    }

    /// Takes in a record. Returned is what is wrong with it, in sentences without full stops.
    pub(super) fn read(
        &mut self,
        cluster: &Cluster,
        id: RecordId,
        record: &Record<EventsProcess>,
    ) -> Vec<String> {
        self.remarks.clear();
        let at = (id, record.at_us);
        match &record.what {
            Happening::Decided { node, event } => match event {
                EventsEvent::Decided { request, rests_on: (_, version), id: event, .. } => {
                    let (request, version) = (*request, *version);
                    self.ledger.decide(Decision { record: id, request, id: *event, version });
                }
                EventsEvent::Appended { recorded, command, .. } => {
                    self.take_append(cluster, at, *node, recorded, *command);
                }
                EventsEvent::Recovered { events, .. } => self.take_loss(cluster, at, *events),
                _ => {}
            },
            Happening::Fault(Fault::SetClock { .. }) => {
                self.clocks_settle_us = record.at_us + CLOCKS_SETTLE_WITHIN_US;
            }
            _ => {}
        }
        std::mem::take(&mut self.remarks)
    }

    /// Takes a look at how things stand after a step of the world, whose last record and time are
    /// `at`. Returned is where a promise broke since the last look: the record, the time, and a
    /// server.
    pub(super) fn look(&mut self, cluster: &Cluster, at: (RecordId, u64)) -> Vec<Marked> {
        let requests = cluster.requests();
        self.open.extend(self.known..requests.asked().len());
        self.known = requests.asked().len();
        let is_open = |place: &usize| {
            requests.asked().get(*place).is_some_and(|asked| asked.outcome.is_none())
        };
        let (open, over) = std::mem::take(&mut self.open).into_iter().partition(is_open);
        self.open = open;
        for asked in Vec::into_iter(over).filter_map(|place| requests.asked().get(place)) {
            self.take_answer(cluster, at, asked);
        }
        self.look_at_log(cluster, at);
        for place in 0..self.models.len() {
            self.look_at_model(cluster, at, place);
        }
        std::mem::take(&mut self.fresh)
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

    /// An event is in the log of `node`.
    fn take_append(
        &mut self,
        cluster: &Cluster,
        at: (RecordId, u64),
        node: NodeId,
        recorded: &Recorded,
        command: EventId,
    ) {
        let position = recorded.position;
        if cluster.rules().log == Log::Raft && position <= self.ledger.end() {
            return self.compare(at, node, recorded);
        }
        if position <= self.ledger.end() {
            self.take_loss(cluster, at, position.saturating_sub(1));
        }
        self.ledger.append(at.0, recorded, command, cluster.requests());
        self.replayed = false;
        self.judge_version(at, node, recorded);
        self.judge_stock(at, node, recorded);
        self.judge_once(cluster, at, node, position);
    }

    /// On a cluster: another server has an event at a position where one was told of before.
    fn compare(&mut self, at: (RecordId, u64), node: NodeId, recorded: &Recorded) {
        let Recorded { position, id, event, .. } = *recorded;
        let Some(entry) = self.ledger.entry(position).copied() else { return };
        if (entry.id, entry.event) == (id, event) {
            return;
        }
        let finding = format!(
            "at position {position} {node} has “{event}”, and “{}” was told of before",
            entry.event
        );
        self.note(Kind::OneLog, at, finding, vec![node]);
        if self.told.iter().any(|told| told.position == position) {
            let finding = format!(
                "a customer was told of “{}” at position {position}, where {node} has “{event}”",
                entry.event
            );
            self.note(Kind::AcknowledgedStays, at, finding, vec![node]);
        }
    }

    /// What comes after `position` is not in the log any more.
    fn take_loss(&mut self, cluster: &Cluster, at: (RecordId, u64), position: u64) {
        if position >= self.ledger.end() {
            return;
        }
        let requests = cluster.requests();
        let gone = self.told.iter().find(|told| told.position > position);
        if let Some(asked) = gone.and_then(|told| requests.numbered(told.root)) {
            let finding = format!(
                "{} was told that “{}” is done, and by now it is not in the log",
                who(asked.client),
                asked.command
            );
            self.note(Kind::AcknowledgedStays, at, finding, vec![KEEPER]);
        }
        let kept: Vec<Told> =
            self.told.iter().filter(|told| told.position <= position).copied().collect();
        self.told = SharedList::default();
        kept.into_iter().for_each(|told| self.told.push(told));
        self.ledger.cut_after(position);
        self.replayed = false;
    }

    /// Something came between the version that was decided on and this one.
    fn judge_version(&mut self, at: (RecordId, u64), node: NodeId, recorded: &Recorded) {
        let Recorded { id, version, event, .. } = *recorded;
        let Some(decision) = self.ledger.decision(id) else { return };
        // Two desks may have decided about the same retry.
        if event.item().is_none() || self.ledger.was_decided_at(id, version.saturating_sub(1)) {
            return;
        }
        let missed = version - 1 - decision.version.min(version - 1);
        let finding = format!(
            "“{event}” was decided at version {} of {}, and is version {version}: the decision \
             did not know of {}",
            decision.version,
            event.stream(),
            words::events(missed)
        );
        self.note(Kind::NoLostUpdate, at, finding, vec![node]);
    }

    fn judge_stock(&mut self, at: (RecordId, u64), node: NodeId, recorded: &Recorded) {
        let Some(item) = recorded.event.item() else { return };
        let left = self.ledger.shop().left(item);
        if left < 0 {
            let position = recorded.position;
            let finding =
                format!("after event {position} the stock of {} is −{}", item.name(), -left);
            self.note(Kind::NeverBelowZero, at, finding, vec![node]);
        }
    }

    fn judge_once(&mut self, cluster: &Cluster, at: (RecordId, u64), node: NodeId, position: u64) {
        let root = self.ledger.entry(position).and_then(|entry| entry.root);
        let asked = root.and_then(|root| cluster.requests().numbered(root));
        let Some(asked) = asked else { return };
        if let Some((earlier, _)) = self.ledger.came_of(asked.request, asked.called, position) {
            let finding = format!(
                "{} asked once to {}, and it happened twice: events {earlier} and {position}",
                who(asked.client),
                asked.command
            );
            self.note(Kind::OnceOnly, at, finding, vec![node]);
        }
    }

    /// A customer was told what became of a request.
    fn take_answer(&mut self, cluster: &Cluster, at: (RecordId, u64), asked: &Asked) {
        let Some(Outcome::Done { position, .. }) = asked.outcome else { return };
        let root = root(cluster.requests(), asked.request);
        let found = self.ledger.entry(position).map(|entry| entry.root);
        if found == Some(Some(root)) {
            self.told.push(Told { position, root });
            return;
        }
        let finding = format!(
            "{} was told that “{}” is event {position}, and in the log it is not",
            who(asked.client),
            asked.command
        );
        self.note(Kind::AcknowledgedStays, at, finding, vec![asked.via]);
    }

    /// Replays the log if it has changed.
    fn look_at_log(&mut self, cluster: &Cluster, at: (RecordId, u64)) {
        let end = self.ledger.end();
        let is_due = end <= MOST_REPLAYED || end.is_multiple_of(SELDOM);
        if !std::mem::replace(&mut self.replayed, true) && is_due {
            self.judge_replay(&ShopRules, cluster.log(), at, None);
        }
        for place in 0..self.carried.len() {
            let node = NodeId(place as u8);
            let replica = cluster.process(node).and_then(EventsProcess::replica);
            let end = replica.map_or(0, |replica| replica.store().last_position());
            if std::mem::replace(&mut self.carried[place], end) != end
                && let Some(replica) = replica
            {
                self.judge_state(node, replica.shop(), end, at);
                if end <= MOST_REPLAYED || end.is_multiple_of(SELDOM) {
                    self.judge_replay(&ShopRules, replica.store(), at, Some(node));
                }
            }
        }
    }

    /// Whether a server's state at a position is that which was told of.
    fn judge_state(&mut self, node: NodeId, shop: &Shop, position: u64, at: (RecordId, u64)) {
        let told = self.ledger.entry(position).map(|entry| entry.hash);
        if told.is_some_and(|told| told != state_hash(shop)) {
            let finding = format!("{node} has another state at {position} than was told of before");
            self.note(Kind::SameState, at, finding, vec![node]);
        }
    }

    /// Whether the log comes to the same twice, and to what was told event by event.
    fn judge_replay<E: Evolve<Payload = ShopEvent>>(
        &mut self,
        evolve: &E,
        log: &EventStore<ShopEvent>,
        at: (RecordId, u64),
        node: Option<NodeId>,
    ) {
        let upcasters = upcasters();
        let replay = Replay::new(evolve).upcasting(&upcasters);
        let end = log.last_position();
        let hash = || replay.all_to(log, end).map(|folded| state_hash(&folded.state)).ok();
        let Some(told) = self.ledger.entry(end).map(|entry| entry.hash) else { return };
        let finding = match (hash(), hash()) {
            (Some(one), Some(other)) if one != other => {
                format!("replayed twice, the log up to {end} comes to two different states")
            }
            (Some(one), _) if one != told => {
                format!("replayed, the log up to {end} comes to another state than as it was told")
            }
            (Some(_), _) => return,
            (None, _) => format!("the log up to {end} cannot be replayed"),
        };
        self.note(Kind::SameState, at, finding, node.into_iter().collect());
    }

    fn look_at_model(&mut self, cluster: &Cluster, at: (RecordId, u64), place: usize) {
        let followed = &mut self.models[place];
        let node = followed.node;
        let Some(model) = words::model_of(cluster, node) else {
            (followed.stuck, followed.is_off) = (None, false);
            return;
        };
        let (through, end) = (model.through(), cluster.durable_through());
        let free = is_free(cluster, node);
        followed.stuck = match followed.stuck {
            _ if !free || through >= end => None,
            Some(stuck) if stuck.through == through => followed.stuck,
            _ => Some(Stuck { through, end, record: at.0, since_us: at.1 }),
        };
        if let Some(stuck) = &mut followed.stuck {
            stuck.since_us = stuck.since_us.max(self.clocks_settle_us);
        }
        let due = due(&mut followed.due, followed.kind, cluster.log(), through);
        followed.is_off = due != Some(&model.state().shop);
        if followed.is_off {
            let finding = what_is_off(cluster, node, model);
            self.note(Kind::ModelsAreFolds, at, finding, vec![node]);
        }
    }
}

/// What the log comes to up to a position, for one who follows it. `None` if it does not go that
/// far.
pub(in crate::labs) fn due<'a>(
    projection: &'a mut Projection<Shop>,
    kind: ModelKind,
    log: &EventStore<ShopEvent>,
    through: u64,
) -> Option<&'a Shop> {
    let upcasters = upcasters();
    let replay = Replay::new(&kind).upcasting(&upcasters);
    let is_ahead = projection.position() > through;
    if is_ahead || projection.check(&replay, log).is_err() {
        *projection = Projection::new(&replay, Source::All);
    }
    let more = through - projection.position();
    projection.catch_up(&replay, log, more).ok()?;
    (projection.position() == through).then(|| projection.state())
}

/// What is wrong with a read model, in words.
fn what_is_off(cluster: &Cluster, node: NodeId, model: &Model) -> String {
    let (through, end) = (model.through(), cluster.log().last_position());
    let times = |position: &u64| model.state().times(*position);
    if through > end {
        return format!("{node} has taken in {through} events, and the log has {end}");
    }
    let what = match (1..=through).find(|position| times(position) != 1) {
        Some(position) if times(&position) == 0 => format!("event {position} is not in it"),
        Some(position) => format!("event {position} is in it {} times", times(&position)),
        None => match (through + 1..=end).find(|position| times(position) > 0) {
            Some(position) => format!("event {position} is in it, too"),
            None => "it is something else".to_owned(),
        },
    };
    format!("{node} is not what the log comes to up to {through}: {what}")
}

/// Whether nothing keeps a read model from hearing the keeper.
fn is_free(cluster: &Cluster, model: NodeId) -> bool {
    let (world, network) = (cluster.world(), cluster.world().network());
    let runs = |node: NodeId| {
        world.node(node).is_some_and(|node| {
            let is_awake = node.process().is_some() && node.paused_since_us().is_none();
            is_awake && node.clock().rate_ppm() == TRUE_RATE_PPM
        })
    };
    let hears = |from: NodeId, to: NodeId| {
        let settings = network.link(from, to).map(|link| link.settings);
        let loses = settings.is_none_or(|it| it.loss_ppm > 0 || it.capacity.is_some());
        !loses && !network.is_cut(from, to)
    };
    let is_between =
        |from: NodeId, to: NodeId| (from, to) == (KEEPER, model) || (from, to) == (model, KEEPER);
    let mut flights = network.in_flight();
    runs(KEEPER)
        && runs(model)
        && hears(KEEPER, model)
        && hears(model, KEEPER)
        && !flights.any(|flight| is_between(flight.from, flight.to))
}

#[cfg(test)]
mod tests;
