//! What the store promises with the settings of the moment, and whether it kept its word.
//!
//! A promise binds only what began after the last turn of a setting: quorums of before and after
//! need not overlap, and nobody said that they would. What settings do not promise is not listed,
//! and not held against them.

use super::super::{Breach, Promise};
use super::clients::{Asked, Fate};
use super::ledger::Ledger;
use super::riddle::missed;
use super::system::System;
use super::words::{act, found, what};
use super::{CapConfig, Cluster};
use crate::check::consistency::{Anomaly, Model, Verdict};
use crate::quorum::{Consistency, Guarantee, Mode, NotFound, Resolution};
use crate::sim::{NodeId, RecordId};

/// With more operations than this the whole history is not judged anew at every answer; stale reads
/// and reads of what nobody wrote are seen all the same.
const MOST_JUDGED: usize = 160;

/// So many steps a search for an order may take.
const BUDGET: u64 = 20_000;

/// What can be promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    Linearizable,
    Regular,
    Survive,
    Available,
    Converge,
    Session(Guarantee),
}

const KINDS: [Kind; 9] = [
    Kind::Linearizable,
    Kind::Regular,
    Kind::Survive,
    Kind::Available,
    Kind::Converge,
    Kind::Session(Guarantee::ReadYourWrites),
    Kind::Session(Guarantee::MonotonicReads),
    Kind::Session(Guarantee::MonotonicWrites),
    Kind::Session(Guarantee::WritesFollowReads),
];

impl Kind {
    fn place(self) -> usize {
        KINDS.iter().position(|kind| *kind == self).unwrap_or(0)
    }

    fn name(self) -> &'static str {
        match self {
            Kind::Linearizable => "Linearizable",
            Kind::Regular => "Regular reads",
            Kind::Survive => "Acknowledged writes survive",
            Kind::Available => "Every live server answers",
            Kind::Converge => "Replicas converge",
            Kind::Session(Guarantee::ReadYourWrites) => "Read your writes",
            Kind::Session(Guarantee::MonotonicReads) => "Monotonic reads",
            Kind::Session(Guarantee::MonotonicWrites) => "Monotonic writes",
            Kind::Session(Guarantee::WritesFollowReads) => "Writes follow reads",
        }
    }

    fn says(self, if_clocks_agree: bool) -> &'static str {
        match (self, if_clocks_agree) {
            (Kind::Linearizable, true) => {
                "As if there were a single copy (Herlihy and Wing), as long as clocks agree more \
                 closely than one write follows another."
            }
            (Kind::Linearizable, false) => "As if there were a single copy (Herlihy and Wing).",
            (Kind::Regular, true) => {
                "A read finds the latest write that was over when it began, or one under way \
                 (Lamport), as long as clocks agree."
            }
            (Kind::Regular, false) => {
                "A read finds the latest write that was over when it began, or one under way \
                 (Lamport)."
            }
            (Kind::Survive, true) => {
                "What was acknowledged is there, or was replaced by a write that knew it, as long \
                 as clocks agree."
            }
            (Kind::Survive, false) => {
                "What was acknowledged is there, or was replaced by a write that knew it."
            }
            (Kind::Available, _) => {
                "Every request to a server that has not failed is served, whoever is cut off \
                 (Gilbert and Lynch)."
            }
            (Kind::Converge, _) => {
                "Once nothing is cut and nobody writes, all replicas hold the same before long."
            }
            (Kind::Session(Guarantee::ReadYourWrites), _) => "A client sees what it has written.",
            (Kind::Session(Guarantee::MonotonicReads), _) => "A client’s reads never go back.",
            (Kind::Session(Guarantee::MonotonicWrites), _) => {
                "A client’s writes take effect in its order."
            }
            (Kind::Session(Guarantee::WritesFollowReads), _) => {
                "A client’s writes take effect after what it had read."
            }
        }
    }
}

/// Which promises were kept so far. A fold.
#[derive(Clone, Debug)]
pub(super) struct Word {
    config: CapConfig,
    /// What was asked from this place on was asked with the present settings.
    since: usize,
    /// In the order of [`KINDS`].
    broken: [Option<Breach>; KINDS.len()],
    /// So many requests are known.
    known: usize,
    /// Those without an end.
    open: Vec<usize>,
    /// By client: how often each of its guarantees was broken.
    sessions: Vec<[u64; 4]>,
    losses: usize,
    /// Nobody has done or asked anything since.
    calm_since_us: u64,
    /// Whether replicas were compared after the calm.
    compared: bool,
}

impl Word {
    pub(super) fn new(cluster: &Cluster) -> Word {
        Word {
            config: cluster.config().clone(),
            since: 0,
            broken: Default::default(),
            known: 0,
            open: Vec::new(),
            sessions: Vec::new(),
            losses: 0,
            calm_since_us: 0,
            compared: false,
        }
    }

    /// Takes in what has just happened, up to the record `at` with its time. Those servers are
    /// returned at which a promise broke now.
    pub(super) fn observe(
        &mut self,
        cluster: &Cluster,
        ledger: &Ledger,
        at: (RecordId, u64),
        is_stirred: bool,
    ) -> Vec<Option<NodeId>> {
        let before = self.count();
        let clients = cluster.clients();
        if *cluster.config() != self.config {
            self.config = cluster.config().clone();
            self.since = clients.asked().len();
        }
        self.open.extend(self.known..clients.asked().len());
        self.known = clients.asked().len();
        let is_open = |place: &usize| clients.asked()[*place].fate == Fate::Open;
        let (open, over) = std::mem::take(&mut self.open).into_iter().partition(is_open);
        self.open = open;
        for place in over {
            self.take_end(cluster, place, at);
        }
        while let Some(loss) = ledger.losses().get(self.losses) {
            self.losses += 1;
            let asked = &clients.asked()[loss.place];
            if loss.place >= self.since {
                let finding = format!(
                    "{}, of which {} was told that it is done, is lost",
                    what(asked),
                    asked.client
                );
                self.note(cluster, Kind::Survive, at, finding, vec![asked.via]);
            }
        }
        self.look_at_replicas(cluster, at, is_stirred || !self.open.is_empty());
        let new = self.broken.iter().flatten().filter(|breach| breach.record == at.0);
        let nodes = new.map(|breach| breach.servers.first().copied());
        if self.count() > before { nodes.collect() } else { Vec::new() }
    }

    /// What broke at a record, in words.
    pub(super) fn finding(&self, record: RecordId) -> Option<&str> {
        let broken = self.broken.iter().flatten().find(|breach| breach.record == record);
        broken.map(|breach| breach.finding.as_str())
    }

    /// Every promise that is made.
    pub(super) fn promises(&self, cluster: &Cluster) -> Vec<Promise> {
        let system = cluster.system();
        let if_clocks_agree = system == System::Quorum && cluster.promise().if_clocks_agree;
        let made = KINDS.into_iter().filter(|kind| is_made(cluster, *kind));
        let promise = |kind: Kind| Promise {
            name: kind.name(),
            says: kind.says(if_clocks_agree),
            is_main: matches!(kind, Kind::Linearizable | Kind::Survive | Kind::Available),
            broken: self.broken[kind.place()].clone(),
        };
        made.map(promise).collect()
    }

    fn count(&self) -> usize {
        self.broken.iter().flatten().count()
    }

    /// The first time counts, and only what is promised.
    fn note(
        &mut self,
        cluster: &Cluster,
        kind: Kind,
        (record, at_us): (RecordId, u64),
        finding: String,
        servers: Vec<NodeId>,
    ) {
        let broken = &mut self.broken[kind.place()];
        if broken.is_none() && is_made(cluster, kind) {
            *broken = Some(Breach { record, at_us, finding, servers });
        }
    }

    /// A request is over.
    fn take_end(&mut self, cluster: &Cluster, place: usize, at: (RecordId, u64)) {
        let asked = &cluster.clients().asked()[place];
        self.take_session(cluster, asked, at, place >= self.since);
        if place < self.since {
            return;
        }
        let (Some(to_us), node) = (asked.known_us, asked.via) else { return };
        if !asked.is_done() {
            let is_live = cluster.first_crash_us(node, asked.at_us, to_us).is_none();
            if is_live {
                let finding =
                    format!("{node} is up and did not serve {}’s {}", asked.client, act(asked));
                self.note(cluster, Kind::Available, at, finding, vec![node]);
            }
            return;
        }
        if asked.stale && newest_before(cluster, asked).is_some_and(|newest| newest >= self.since) {
            let values = match &asked.fate {
                Fate::Done(values) => found(values),
                _ => String::new(),
            };
            let key = &asked.key;
            let missed = missed(cluster, asked);
            let finding =
                format!("{} read {key} through {node} and found {values}{missed}", asked.client);
            for kind in [Kind::Regular, Kind::Linearizable] {
                self.note(cluster, kind, at, finding.clone(), vec![node]);
            }
        }
        self.judge(cluster, at);
    }

    /// Whether one order still explains everything.
    fn judge(&mut self, cluster: &Cluster, at: (RecordId, u64)) {
        let kind = Kind::Linearizable;
        if self.broken[kind.place()].is_some() || !is_made(cluster, kind) {
            return;
        }
        let watch = cluster.watch();
        let is_short = watch.history().operations().len() <= MOST_JUDGED;
        if !is_short && watch.never_written().is_none() {
            return;
        }
        let Verdict::Broken(witness) = watch.judge_model(Model::Linearizable, BUDGET) else {
            return;
        };
        if witness.operations.iter().any(|place| *place < self.since) {
            return;
        }
        let all = cluster.clients().asked();
        let among: Vec<&Asked> =
            witness.operations.iter().filter_map(|place| all.get(*place)).collect();
        let list: Vec<String> =
            among.iter().map(|asked| format!("{}’s {}", asked.client, act(asked))).collect();
        let finding = format!("{}: {}", anomaly(witness.anomaly), list.join(", "));
        let servers = among.iter().map(|asked| asked.via).collect::<crate::sorted::SortedSet<_>>();
        self.note(cluster, kind, at, finding, servers.into_vec());
    }

    /// The store keeps a session by stamps and vectors, key by key; so it is judged by those.
    fn take_session(
        &mut self,
        cluster: &Cluster,
        asked: &Asked,
        at: (RecordId, u64),
        counts: bool,
    ) {
        let place = usize::from(asked.client.0.saturating_sub(1));
        let Some(session) = cluster.clients().session(asked.client) else { return };
        if self.sessions.len() <= place {
            self.sessions.resize(place + 1, [0; 4]);
        }
        for guarantee in Guarantee::ALL {
            let times = session.times_broken(guarantee);
            let known = &mut self.sessions[place][guarantee as usize];
            if std::mem::replace(known, times) < times && counts {
                let finding = format!("{}’s {} broke it", asked.client, act(asked));
                self.note(cluster, Kind::Session(guarantee), at, finding, vec![asked.via]);
            }
        }
    }

    /// Once nobody has done anything for long enough, all replicas are equal.
    fn look_at_replicas(&mut self, cluster: &Cluster, at: (RecordId, u64), is_stirred: bool) {
        if is_stirred {
            (self.calm_since_us, self.compared) = (at.1, false);
            return;
        }
        let is_due = at.1 > self.calm_since_us.saturating_add(bound_us(cluster));
        if self.compared || !is_due || !is_made(cluster, Kind::Converge) {
            return;
        }
        self.compared = true;
        let (world, network) = (cluster.world(), cluster.world().network());
        let is_awake = |node: NodeId| {
            let node = world.node(node);
            node.is_some_and(|node| node.process().is_some() && node.paused_since_us().is_none())
        };
        let is_whole = network.link_ends().all(|(from, to)| !network.is_cut(from, to));
        if !is_whole || !world.node_ids().all(is_awake) {
            return;
        }
        if let Some((one, other)) = cluster.unequal() {
            let since = super::super::telling::ms(at.1 - self.calm_since_us);
            let finding = match one == other {
                true => format!("{one} still keeps something for others after {since} of calm"),
                false => format!("{one} and {other} still differ after {since} of calm"),
            };
            self.note(cluster, Kind::Converge, at, finding, vec![one, other]);
        }
    }
}

/// How long replicas may take to become equal: each turns to each other one, an interval each, and
/// before that servers must be heard again.
fn bound_us(cluster: &Cluster) -> u64 {
    let settings = cluster.config().quorum.settings();
    let each_us = match cluster.system() {
        System::Quorum => settings.anti_entropy_us.unwrap_or(0),
        System::Raft | System::PrimaryBackup => 0,
    };
    let servers = settings.servers.len() as u64;
    each_us.saturating_mul(servers + 1).saturating_add(3_000_000)
}

/// Whether the present settings promise this.
fn is_made(cluster: &Cluster, kind: Kind) -> bool {
    let config = cluster.config();
    match cluster.system() {
        System::Raft => matches!(kind, Kind::Linearizable | Kind::Survive | Kind::Converge),
        System::PrimaryBackup => match kind {
            Kind::Survive => config.backup.acks > 0,
            kind => kind == Kind::Converge,
        },
        System::Quorum => {
            let (settings, guarantees) = (config.quorum.settings(), config.guarantees);
            let consistency = cluster.promise().consistency;
            let may_wait = guarantees.has(Guarantee::ReadYourWrites)
                || guarantees.has(Guarantee::MonotonicReads);
            match kind {
                Kind::Linearizable => consistency == Consistency::Linearizable,
                Kind::Regular => consistency >= Consistency::Regular,
                Kind::Survive => {
                    let keeps_all = settings.resolution == Resolution::Siblings;
                    !settings.ack_before_sync && (settings.mode == Mode::Cp || keeps_all)
                }
                Kind::Available => {
                    settings.mode != Mode::Cp
                        && (settings.r, settings.w) == (1, 1)
                        && settings.n == settings.servers.len()
                        && settings.not_found == NotFound::Answers
                        && !may_wait
                }
                Kind::Converge => settings.anti_entropy_us.is_some(),
                Kind::Session(guarantee) => guarantees.has(guarantee),
            }
        }
    }
}

/// The newest write of the key that was over before a read began.
fn newest_before(cluster: &Cluster, read: &Asked) -> Option<usize> {
    let all = cluster.clients().asked();
    let is_it = |place: &usize| {
        let other = &all[*place];
        other.key == read.key && other.written().is_some() && other.is_before(read)
    };
    (all.first()..all.len()).rev().find(is_it)
}

fn anomaly(anomaly: Anomaly) -> &'static str {
    match anomaly {
        Anomaly::NeverWritten => "a read found what nobody had written",
        Anomaly::StaleRead => "a read found what had been replaced before it began",
        Anomaly::SeveralValues => "a read found several values at once",
        Anomaly::NewOldInversion => "a read found the new value, and a later one the old",
        _ => "no order explains what was seen",
    }
}
