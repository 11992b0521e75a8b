//! What a store has promised with its settings, and whether it has kept its word.
//!
//! | judged | promised |
//! |---|---|
//! | linearizability | by Raft, by the only primary there ever was, by a store that [says so][p] |
//! | reads are regular | likewise |
//! | acknowledged stays | by the store, with any quorum, if acknowledgements wait for the disk |
//! | the session guarantees | to clients that ask for them, in any mode |
//! | replicas converge | by anti-entropy, [`bound_us`] after the last disturbance |
//!
//! [p]: crate::quorum::Config::promise
//!
//! Nothing else is: an AP store that reads old values keeps its word.
//!
//! **A change of settings changes what is promised from then on.** What is judged then begins anew
//! with the operations that are asked for after it. What was written before may still be anywhere,
//! and was promised to nobody in the new sense: it may take effect at any time later, or never. The
//! operations before the change are judged by the promise under which they were asked for.
//!
//! Two things are never made good again. Promises that hang on clocks are off once a clock was
//! wrong, for its stamps stay. And where tombstones were collected what was deleted may come back,
//! so that nothing is promised of reads any more: the grace is the reader's to choose.
//!
//! What is asked for in CP mode, across a change of R or W alone, would be safe all the same, since
//! majorities meet. The judge says less there than it could, and nothing untrue.

use super::super::{Command, Refused};
use super::clients::Asked;
use super::cluster::Cluster;
use super::seen::{self, Judgement};
use super::system::{CapEvent, System};
use crate::check::{Finding, Property, Verdicts};
use crate::quorum::{
    Access, Cell, ClientId, Consistency, Guarantee, Guarantees, Resolution, Session, Stamp,
};
use crate::sim::{Delay, Fault, Halted, Happening, NodeId, RecordId, TRUE_RATE_PPM};
use crate::sorted::SortedMap;

/// Replicas that work in peace are equal so long after the last disturbance, in microseconds: the
/// bound of `quorum/anti_entropy.rs`, with what is still under way then. A clock that was wrong may
/// stand still for a while.
pub fn bound_us(cluster: &Cluster, clocks_agree: bool) -> Option<u64> {
    let settings = cluster.config().quorum.settings();
    let rounds_us = settings.anti_entropy_us?.saturating_mul(settings.servers.len() as u64);
    let clocks_us = if clocks_agree { 0 } else { CLOCKS_US };
    Some(rounds_us.saturating_add(settings.timeout_us.saturating_mul(2) + SLACK_US + clocks_us))
}

/// For hints, and for the comparison that is under way.
const SLACK_US: u64 = 1_500_000;

/// A clock that ran ahead stands still until the world has caught up with it.
const CLOCKS_US: u64 = 5_000_000;

/// What is promised at present.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Terms {
    linearizable: bool,
    regular: bool,
    stays: bool,
    /// W, if so.
    needed: usize,
}

/// The judges of a [`Cluster`]. They look at it after every act, and at the end.
#[derive(Clone, Debug)]
pub struct CapJudges {
    /// Judged whatever is promised.
    demanded: Vec<Property>,
    terms: Terms,
    /// The place of the first operation that these terms are for.
    first: usize,
    clocks_agree: bool,
    collected: bool,
    promoted: bool,
    /// Whether the last write has ever won, and whether siblings were ever kept.
    last_write_won: bool,
    kept_siblings: bool,
    /// Acknowledged writes that must stay, by place: the stamp, and on how many disks.
    must_stay: SortedMap<usize, (Stamp, usize)>,
    /// With `open`, a fold over the first `read` records.
    sessions: Vec<Session<String>>,
    /// What a client knew when it asked, and what it asked for, by place.
    open: SortedMap<usize, (Session<String>, Guarantees)>,
    read: usize,
    /// How many operations were seen to begin.
    begun: usize,
    guarantees: Guarantees,
    /// Whether all guarantees were asked for from the start, of a store in which the last wins.
    always_all: bool,
    verdicts: Verdicts,
    unjudged: bool,
}

impl CapJudges {
    /// Judges of what is promised, and of what is demanded whether it is promised or not.
    pub fn new(cluster: &Cluster, demanded: &[Property]) -> CapJudges {
        let guarantees = cluster.config().guarantees;
        let mut judges = CapJudges {
            demanded: demanded.to_vec(),
            terms: Terms::default(),
            first: 0,
            clocks_agree: true,
            collected: false,
            promoted: false,
            last_write_won: false,
            kept_siblings: false,
            must_stay: SortedMap::new(),
            sessions: Vec::new(),
            open: SortedMap::new(),
            read: 0,
            begun: 0,
            guarantees,
            always_all: guarantees == Guarantees::ALL && cluster.system() == System::Quorum,
            verdicts: Verdicts::default(),
            unjudged: false,
        };
        judges.agree(cluster);
        judges
    }

    /// What they have found.
    pub fn verdicts(&self) -> &Verdicts {
        &self.verdicts
    }

    /// Whether the search for an order of what clients saw was given up.
    pub fn is_unjudged(&self) -> bool {
        self.unjudged
    }

    /// Whether no clock was ever wrong.
    pub fn clocks_agree(&self) -> bool {
        self.clocks_agree
    }

    /// Notes what was found at the record `at`.
    pub(crate) fn note(&mut self, property: Property, at: RecordId, finding: Finding) {
        self.verdicts.note(property, at, finding);
    }

    /// Something was done to the cluster, or time has passed.
    pub fn observe(&mut self, cluster: &Cluster, act: Option<&Command>) {
        self.follow_sessions(cluster);
        match act {
            Some(Command::Set(setting)) => {
                self.guarantees = cluster.config().guarantees;
                if setting.name == "resolution" {
                    // What is under way was asked for by one rule and is answered by another. And
                    // what has replaced a write by the one may itself be replaced by the other.
                    self.open.clear();
                }
                self.always_all &= self.guarantees == Guarantees::ALL;
                if TERMS.contains(&setting.name) {
                    self.begin_anew(cluster);
                }
                if setting.name == "resolution" {
                    self.must_stay.clear();
                }
            }
            Some(Command::Faults(faults)) => {
                let is_wrong = |fault: &Fault| {
                    let Fault::SetClock { rate_ppm, offset_us, .. } = fault else { return false };
                    (*rate_ppm, *offset_us) != (TRUE_RATE_PPM, 0)
                };
                if self.clocks_agree && faults.iter().any(is_wrong) {
                    self.clocks_agree = false;
                    self.begin_anew(cluster);
                }
                let crashes =
                    |fault: &Fault| matches!(fault, Fault::Crash(_) | Fault::CrashTorn { .. });
                if faults.iter().any(crashes) {
                    self.judge_disks(cluster);
                }
            }
            Some(Command::TransferLeadership { .. }) if !self.promoted => {
                self.promoted = true;
                self.begin_anew(cluster);
            }
            _ => {}
        }
    }

    /// What only the end of a run can tell is judged now.
    pub fn judge_end(&mut self, cluster: &Cluster) {
        self.follow_sessions(cluster);
        self.judge_terms(cluster);
        if self.always_all
            && let Some((property, at, finding)) = seen::broken_session(cluster)
        {
            self.note(property, at, finding);
        }
        let is_demanded = self.demanded.contains(&Property::ReplicasConverge);
        let due_us = || Some(quiet_since_us(cluster)? + bound_us(cluster, self.clocks_agree)?);
        let is_due = due_us().is_some_and(|due_us| due_us <= cluster.world().now_us());
        if (is_due || is_demanded)
            && cluster.system() == System::Quorum
            && let Some((first, second)) = cluster.unequal()
        {
            let finding = Finding::ReplicasDiffer { first, second };
            self.note(Property::ReplicasConverge, latest(cluster), finding);
        }
    }

    /// Other terms hold from now on. What was asked for so far is judged by those before.
    fn begin_anew(&mut self, cluster: &Cluster) {
        self.judge_terms(cluster);
        self.agree(cluster);
    }

    fn agree(&mut self, cluster: &Cluster) {
        let settings = cluster.config().quorum.settings();
        let is_store = cluster.system() == System::Quorum;
        self.collected |= is_store && settings.tombstone_grace_us.is_some();
        self.last_write_won |= settings.resolution == Resolution::LastWriteWins;
        self.kept_siblings |= settings.resolution == Resolution::Siblings;
        self.always_all &= settings.resolution == Resolution::LastWriteWins;
        if self.collected {
            self.must_stay.clear();
        }
        self.first = cluster.clients().asked().len();
        self.terms = match cluster.system() {
            System::Raft => Terms { linearizable: true, ..Terms::default() },
            System::PrimaryBackup => Terms { linearizable: !self.promoted, ..Terms::default() },
            System::Quorum => {
                let promise = cluster.promise();
                let holds = !self.collected && (self.clocks_agree || !promise.if_clocks_agree);
                Terms {
                    linearizable: holds && promise.consistency == Consistency::Linearizable,
                    regular: holds && promise.consistency >= Consistency::Regular,
                    stays: !self.collected && !settings.ack_before_sync,
                    needed: settings.w,
                }
            }
        };
    }

    fn judge_terms(&mut self, cluster: &Cluster) {
        let clients = cluster.clients();
        if self.terms.linearizable || self.demanded.contains(&Property::Linearizability) {
            match seen::linearizable(clients, self.first) {
                Judgement::Kept => {}
                Judgement::Undecided => self.unjudged = true,
                Judgement::Broken(finding) => {
                    self.note(Property::Linearizability, latest(cluster), finding);
                }
            }
        }
        if (self.terms.regular || self.demanded.contains(&Property::ReadsAreRegular))
            && let Some((at, finding)) = seen::irregular(cluster, self.first, self.kept_siblings)
        {
            self.note(Property::ReadsAreRegular, at, finding);
        }
        self.judge_disks(cluster);
    }

    /// Whether disks hold what must stay, and what was acknowledged under the present terms.
    fn judge_disks(&mut self, cluster: &Cluster) {
        let all = cluster.clients().asked();
        if self.terms.stays || self.demanded.contains(&Property::AcknowledgedStays) {
            for (place, asked) in all.iter().enumerate().skip(self.first) {
                // A retry may be answered by what an attempt under other terms has come to.
                let mut before = asked.retries;
                while let Some(retry) = before.filter(|before| *before >= self.first) {
                    before = all[retry].retries;
                }
                let is_own = before.is_none();
                let is_write = asked.written().is_some() && asked.is_done() && is_own;
                if let Some(stamp) = asked.stamp.filter(|_| is_write)
                    && !self.must_stay.contains_key(&place)
                {
                    self.must_stay.insert(place, (stamp, self.terms.needed));
                }
            }
        }
        let broken = self.must_stay.iter().find_map(|(place, (stamp, needed))| {
            let asked = &all[*place];
            let holders = self.holders(cluster, &asked.key, *stamp);
            (holders < *needed).then(|| Finding::TooFewHold {
                key: asked.key.clone(),
                write: asked.called,
                holders,
                needed: *needed,
            })
        });
        if let Some(finding) = broken {
            self.note(Property::AcknowledgedStays, latest(cluster), finding);
        }
    }

    /// For how many replicas the write with this stamp, or what has replaced it, is on some disk.
    fn holders(&self, cluster: &Cluster, key: &String, stamp: Stamp) -> usize {
        let world = cluster.world();
        let disks = || world.node_ids().filter_map(|node| Some(world.node(node)?.disk().image()));
        let has = |cell: &Cell<String>| {
            let is_later = self.last_write_won && cell.latest() >= Some(stamp);
            is_later || cell.context().vector.includes(stamp.request)
        };
        let replicas = world.node_ids().filter(|replica| {
            let own = world.node(*replica).and_then(|it| it.disk().image().quorum.cells.get(key));
            let name = (crate::quorum::ServerId(replica.0), key.clone());
            own.is_some_and(has) || disks().any(|it| it.quorum.hints.get(&name).is_some_and(has))
        });
        replicas.count()
    }

    /// Judges every answer by what its client knew when it asked, and asked for.
    fn follow_sessions(&mut self, cluster: &Cluster) {
        let world = cluster.world();
        while let Some(record) = world.history().records().get(self.read) {
            let id = RecordId(self.read as u32);
            self.read += 1;
            self.begin_sessions(cluster, id);
            let Happening::Decided { event: CapEvent::Answered { request, outcome }, .. } =
                &record.what
            else {
                continue;
            };
            let is_it = |asked: &Asked| asked.request == *request && asked.answered == Some(id);
            let place = cluster.clients().asked().iter().position(is_it);
            let Some((place, (mut knew, asks_for))) =
                place.and_then(|place| Some((place, self.open.remove(&place)?)))
            else {
                continue;
            };
            let asked = &cluster.clients().asked()[place];
            for broken in knew.note(*request, &asked.key, outcome) {
                if asks_for.has(broken.guarantee) {
                    let (client, key) = (asked.client.0, asked.key.clone());
                    let finding = Finding::SessionBroken { client, key, operation: asked.called };
                    self.note(promise_of(broken.guarantee), id, finding);
                }
            }
            if let Some(session) = self.sessions.get_mut(usize::from(asked.client.0)) {
                session.note(*request, &asked.key, outcome);
            }
        }
    }

    /// Takes note of what clients know that have asked for something by the record `id`.
    fn begin_sessions(&mut self, cluster: &Cluster, id: RecordId) {
        let resolution = cluster.config().quorum.settings().resolution;
        while let Some(asked) = cluster.clients().asked().get(self.begun)
            && asked.called <= id
        {
            while self.sessions.len() <= usize::from(asked.client.0) {
                let client = ClientId(self.sessions.len() as u16);
                let none = Guarantees::NONE;
                self.sessions.push(Session::new(client, Access::Roaming, none, resolution));
            }
            let session = &mut self.sessions[usize::from(asked.client.0)];
            session.configure(Access::Roaming, Guarantees::NONE, resolution);
            if asked.retries.is_none() {
                self.open.insert(self.begun, (session.clone(), self.guarantees));
            }
            self.begun += 1;
        }
    }
}

/// A setting on which it hangs what is promised.
const TERMS: &[&str] = &[
    "mode",
    "n",
    "r",
    "w",
    "resolution",
    "stamping",
    "read-repair",
    "ack-before-sync",
    "collect-tombstones",
    "tombstone-grace",
];

fn promise_of(guarantee: Guarantee) -> Property {
    match guarantee {
        Guarantee::ReadYourWrites => Property::OwnWritesAreRead,
        Guarantee::MonotonicReads => Property::ReadsGoForward,
        Guarantee::MonotonicWrites => Property::WritesKeepOrder,
        Guarantee::WritesFollowReads => Property::EffectsFollowCauses,
    }
}

/// The record that was the latest to happen.
pub(super) fn latest(cluster: &Cluster) -> RecordId {
    RecordId(cluster.world().history().len().saturating_sub(1) as u32)
}

/// Since when nobody has done anything and nothing of the time before has arrived, if all servers
/// run and hear each other.
fn quiet_since_us(cluster: &Cluster) -> Option<u64> {
    let world = cluster.world();
    let runs = |node: NodeId| {
        let node = world.node(node);
        node.is_some_and(|node| node.process().is_some() && node.paused_since_us().is_none())
    };
    let network = world.network();
    let mut links = network.link_ends();
    let is_whole = |(from, to): (NodeId, NodeId)| {
        let is_calm = network.link(from, to).is_some_and(|link| {
            let settings = link.settings;
            settings.loss_ppm == 0 && settings.capacity.is_none() && is_quick(settings.delay)
        });
        !network.is_cut(from, to) && is_calm
    };
    if !world.node_ids().all(runs) || !links.all(is_whole) {
        return None;
    }
    let disturbed_us = cluster.acts().last().map_or(0, |(at_us, _)| *at_us);
    let is_old = |sent: RecordId| {
        world.history().get(sent).is_none_or(|record| record.at_us <= disturbed_us)
    };
    if network.in_flight().any(|flight| is_old(flight.id)) {
        return None;
    }
    let arrivals = world.history().since(disturbed_us).filter(|record| match &record.what {
        Happening::Delivered { message } => is_old(*message),
        _ => false,
    });
    let arrived_us = arrivals.map(|record| record.at_us).max();
    Some(disturbed_us.max(arrived_us.unwrap_or(0)))
}

/// Whether a comparison over such links is over when the next one begins.
fn is_quick(delay: Delay) -> bool {
    match delay {
        Delay::Constant { us: longest_us } | Delay::Uniform { high_us: longest_us, .. } => {
            longest_us <= 50_000
        }
        Delay::Exponential { .. } | Delay::LogNormal { .. } | Delay::Pareto { .. } => false,
    }
}

/// A cluster with its judges, and nothing that is drawn.
#[derive(Clone, Debug)]
pub struct JudgedCluster {
    cluster: Cluster,
    judges: CapJudges,
}

impl JudgedCluster {
    /// A cluster at time 0, judged by what it promises and by what is demanded of it.
    pub fn new(cluster: Cluster, demanded: &[Property]) -> JudgedCluster {
        let judges = CapJudges::new(&cluster, demanded);
        JudgedCluster { cluster, judges }
    }

    /// The cluster.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The judges.
    pub fn judges(&self) -> &CapJudges {
        &self.judges
    }

    /// As [`Cluster::advance_to`].
    ///
    /// # Errors
    ///
    /// [`Halted`] if the world has reached a limit.
    pub fn advance_to(&mut self, at_us: u64) -> Result<(), Halted> {
        self.cluster.advance_to(at_us)?;
        self.judges.observe(&self.cluster, None);
        Ok(())
    }

    /// As [`Cluster::act`].
    ///
    /// # Errors
    ///
    /// [`Refused`] if it makes no sense at present; nothing has changed then.
    pub fn act(&mut self, command: &Command) -> Result<(), Refused> {
        self.cluster.act(command)?;
        self.judges.observe(&self.cluster, Some(command));
        Ok(())
    }

    /// What only the end of a run can tell is judged now.
    pub fn judge_end(&mut self) {
        self.judges.judge_end(&self.cluster);
    }

    /// Notes what was found at this instant.
    pub(crate) fn note(&mut self, property: Property, finding: Finding) {
        let at = latest(&self.cluster);
        self.judges.note(property, at, finding);
    }
}
