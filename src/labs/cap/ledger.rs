//! What each replica holds, and what gave way to what: a memory that the records alone do not have.
//!
//! It sees the cluster after every single event, and tells of it: what is lost and by which rule,
//! siblings, what comes back after it was deleted, a server that sees too few to serve, and what a
//! turned setting changes. Each of them is told once, though every replica lives through it.

use super::super::annals::SharedList;
use super::super::telling::ms;
use super::system::{CapEvent, CapRequest, System};
use super::words::{self, Telling, held};
use super::{CapProcess, Cluster, RaftEvent};
use crate::primary_backup as backup;
use crate::quorum::{Config, Event, Purpose, RequestId, Resolution, ServerId, Stamp, WhyReplaced};
use crate::raft;
use crate::scene::Tone;
use crate::sim::{Fault, Happening, NodeId, Record, RecordId};
use crate::sorted::{SortedMap, SortedSet};

/// A write that nobody has any more, though it was acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Loss {
    pub(super) record: RecordId,
    /// Its place in [`Clients::asked`](super::Clients::asked).
    pub(super) place: usize,
    /// For what it was dropped, if for another write.
    pub(super) winner: Option<Stamp>,
}

/// The memory.
#[derive(Clone, Debug)]
pub(super) struct Ledger {
    /// What each replica holds of each key.
    held: SortedMap<(NodeId, String), Vec<Stamp>>,
    losses: SharedList<Loss>,
    lost: SortedSet<usize>,
    /// Writes that a replica dropped for another whose client had not seen them, with both stamps.
    drops: SortedMap<RequestId, (Stamp, Stamp)>,
    /// Those of which that was told.
    told_drops: SortedSet<RequestId>,
    /// Where the disk may still have what was dropped, and perhaps is the last to have it.
    on_disk: Vec<(NodeId, Option<RequestId>)>,
    /// Siblings that were told of.
    siblings: SortedSet<(String, Vec<Stamp>)>,
    /// The latest tombstone of each key that some replica has forgotten.
    collected: SortedMap<String, Stamp>,
    /// Values that came back although they had been deleted.
    risen: SortedSet<RequestId>,
    /// Those who see too few to serve.
    blind: SortedSet<NodeId>,
    config: Config,
}

impl Ledger {
    pub(super) fn new(config: &Config) -> Ledger {
        Ledger {
            held: SortedMap::new(),
            losses: SharedList::default(),
            lost: SortedSet::new(),
            drops: SortedMap::new(),
            told_drops: SortedSet::new(),
            on_disk: Vec::new(),
            siblings: SortedSet::new(),
            collected: SortedMap::new(),
            risen: SortedSet::new(),
            blind: SortedSet::new(),
            config: config.clone(),
        }
    }

    /// Every acknowledged write that was lost, in the order in which that happened.
    pub(super) fn losses(&self) -> &SharedList<Loss> {
        &self.losses
    }

    /// Whether a server sees too few to serve.
    pub(super) fn is_blind(&self, node: NodeId) -> bool {
        self.blind.contains(&node)
    }

    /// Takes in what has just happened, and tells of it if it is worth a line.
    pub(super) fn read(
        &mut self,
        cluster: &Cluster,
        id: RecordId,
        record: &Record<CapProcess>,
    ) -> Option<Telling> {
        match &record.what {
            Happening::Fault(Fault::Crash(node) | Fault::CrashTorn { node, .. }) => {
                self.blind.remove(node);
                self.after_crash(cluster, id, *node)
            }
            Happening::Requested { request: CapRequest::Configure(config), .. } => {
                if *config == self.config {
                    return None;
                }
                let text = turned(&self.config, config);
                self.config = config.clone();
                self.look_around(cluster);
                Some((Tone::Eager, text, Some(words::DYNAMO_PUT_GET)))
            }
            Happening::WriteSynced { node, .. } if !self.on_disk.is_empty() => {
                let lost = self.tell_losses(cluster, id);
                self.forget_synced(cluster, *node);
                lost
            }
            Happening::Decided { node, event } => match event {
                CapEvent::Quorum(event) => self.read_quorum(cluster, *node, event),
                // What was dropped everywhere before it was acknowledged is lost from then on.
                CapEvent::Answered { request, .. } if self.drops.get(request).is_some() => {
                    self.tell_losses(cluster, id)
                }
                CapEvent::Raft(RaftEvent::Raft(raft::Event::ConflictTruncated { .. })) => {
                    self.on_disk.push((*node, None));
                    None
                }
                CapEvent::PrimaryBackup(backup::Event::TailLost { requests, epoch }) => {
                    self.on_disk.push((*node, None));
                    let count = match requests.len() {
                        1 => "a write".to_owned(),
                        count => format!("{count} writes"),
                    };
                    let text =
                        format!("{node} drops {count} that {} does not have.", epoch.primary);
                    Some((Tone::Bad, text, Some(words::BACKUP)))
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn read_quorum(
        &mut self,
        cluster: &Cluster,
        node: NodeId,
        event: &Event<String>,
    ) -> Option<Telling> {
        match event {
            Event::WriteReplaced { key, replaced } if replaced.why != WhyReplaced::Seen => {
                // What was held before goes with the change that follows.
                let held = self.held.get(&(node, key.clone()));
                let was_held = held.is_some_and(|held| held.contains(&replaced.loser));
                let both = (replaced.loser, replaced.winner);
                if was_held { None } else { self.after_drop(cluster, node, both, true) }
            }
            Event::WriteApplied { key, .. } => self.after_change(cluster, node, key, false),
            Event::Merged { key, from, purpose, .. } => {
                let came = came(cluster, node, key, *from, *purpose);
                let more = self.after_change(cluster, node, key, true);
                Some(joined(came, more))
            }
            Event::TombstoneCollected { key, stamp, age_us } => {
                self.held.remove(&(node, key.clone()));
                let latest = self.collected.get(key).copied();
                self.collected
                    .insert(key.clone(), latest.map_or(*stamp, |other| other.max(*stamp)));
                let text = format!(
                    "{node} forgets that {key} was deleted, {} ago by its clock. It asks nobody \
                     whether all have heard of that.",
                    ms(*age_us)
                );
                Some((Tone::Calm, text, Some(words::DYNAMO_REPAIR)))
            }
            Event::Suspected { silent_us, .. } => {
                let (alive, needed) = words::sight(cluster, node)?;
                if alive >= needed || !self.blind.insert(node) {
                    return None;
                }
                let who = super::narration::suspects_in_words(cluster, node);
                let text = format!(
                    "{node} has heard nothing of {who} for {}. It takes {alive} replicas to be up, \
                     fewer than the {needed} it needs: from now on it refuses.",
                    ms(*silent_us)
                );
                Some((Tone::Bad, text, Some(words::DYNAMO_DETECTOR)))
            }
            Event::HeardAgain { server } => {
                let (alive, needed) = words::sight(cluster, node)?;
                if alive < needed || !self.blind.remove(&node) {
                    return None;
                }
                let text =
                    format!("{node} hears {server} again: it takes {alive} to be up, and serves.");
                Some((Tone::Calm, text, Some(words::DYNAMO_DETECTOR)))
            }
            _ => None,
        }
    }

    /// A replica holds something else of a key, perhaps; by repair, or because a coordinator wrote.
    fn after_change(
        &mut self,
        cluster: &Cluster,
        node: NodeId,
        key: &str,
        by_repair: bool,
    ) -> Option<Telling> {
        let process = cluster.world().node(node)?.process()?;
        let cell = process.quorum()?.cell(&key.to_owned())?;
        let now: Vec<Stamp> = cell.siblings().iter().map(|sibling| sibling.stamp).collect();
        let before = self.held.insert((node, key.to_owned()), now.clone()).unwrap_or_default();
        if before == now {
            return None;
        }
        let mut told = None;
        if let Some(collected) = self.collected.get(key) {
            let is_risen = |sibling: &&crate::quorum::Sibling<String>| {
                sibling.value.is_some() && sibling.stamp < *collected
            };
            if let Some(risen) = cell.siblings().iter().find(is_risen)
                && self.risen.insert(risen.stamp.request)
            {
                let write = words::write_of(cluster.clients(), risen.stamp);
                let text = format!(
                    "{write} comes back, though {key} had been deleted after it: the tombstone was \
                     forgotten before every replica had it."
                );
                told = Some((Tone::Bad, text, Some(words::DYNAMO_REPAIR)));
            }
        }
        if now.len() > 1 && self.siblings.insert((key.to_owned(), now.clone())) {
            let text = format!(
                "{node} holds {} of {key}: siblings. Neither client had seen the other’s write, so \
                 both stay until one writes that has.",
                held(cell)
            );
            told = Some(joined_with(told, (Tone::Eager, text, Some(words::DYNAMO_VERSIONS))));
        }
        let gone = before.into_iter().filter(|stamp| !now.contains(stamp));
        let unseen: Vec<Stamp> = gone.filter(|stamp| !is_seen(cell, *stamp)).collect();
        for loser in unseen {
            let winner = cell.latest();
            if let Some(dropped) = self.after_drop(cluster, node, (loser, winner?), by_repair) {
                told = Some(joined_with(told, dropped));
            }
        }
        told
    }

    /// A replica dropped a write for one whose client had not seen it. That is told once, unless it
    /// was simply written over; that nobody has it any more shows when the last disk is done.
    fn after_drop(
        &mut self,
        cluster: &Cluster,
        node: NodeId,
        (loser, winner): (Stamp, Stamp),
        is_odd: bool,
    ) -> Option<Telling> {
        let clients = cluster.clients();
        self.on_disk.push((node, Some(loser.request)));
        self.drops.insert(loser.request, (loser, winner));
        if !is_odd || is_written_over(cluster, loser, winner) {
            return None;
        }
        if !self.told_drops.insert(loser.request) {
            return None;
        }
        let (write, by) = (words::write_of(clients, loser), words::write_of(clients, winner));
        let why = words::why_lost(clients, loser, winner);
        let text = format!("{node} drops {write} for {by}: {why}.");
        Some((Tone::Bad, text, Some(words::DYNAMO_LAST_WRITE)))
    }

    /// Disks that do not have what was dropped need not be watched for it.
    fn forget_synced(&mut self, cluster: &Cluster, node: NodeId) {
        self.on_disk.retain(|(of, request)| {
            let asked = request.and_then(|request| cluster.clients().writer(request));
            *of != node || asked.is_some_and(|asked| cluster.holders(asked).any(|it| it == node))
        });
    }

    /// What was acknowledged and is lost since the last time.
    fn tell_losses(&mut self, cluster: &Cluster, record: RecordId) -> Option<Telling> {
        let clients = cluster.clients();
        let all = cluster.lost_writes();
        let new: Vec<usize> = all.into_iter().filter(|place| !self.lost.contains(place)).collect();
        let mut text = String::new();
        for place in new {
            self.lost.insert(place);
            let asked = &clients.asked()[place];
            let drop = self.drops.get(&asked.request).copied();
            let winner = drop.map(|(_, winner)| winner);
            self.losses.push(Loss { record, place, winner });
            let because = drop.map_or_else(String::new, |(loser, winner)| {
                let by = words::write_of(clients, winner);
                format!(" {by} has taken its place: {}.", words::why_lost(clients, loser, winner))
            });
            let gap = if text.is_empty() { "" } else { " " };
            text.push_str(&format!(
                "{gap}{} is lost: nobody has it any more, and {} was told that it is \
                 done.{because}",
                words::what(asked),
                asked.client
            ));
        }
        let section = match cluster.system() {
            System::Quorum => words::DYNAMO_LAST_WRITE,
            System::Raft => words::RAFT_LOG,
            System::PrimaryBackup => words::BACKUP,
        };
        (!text.is_empty()).then_some((Tone::Bad, text, Some(section)))
    }

    /// What was in memory alone is gone.
    fn after_crash(&mut self, cluster: &Cluster, id: RecordId, node: NodeId) -> Option<Telling> {
        let cells = &cluster.world().node(node)?.disk().image().quorum.cells;
        self.held.retain(|(other, _)| *other != node);
        for (key, cell) in cells.iter() {
            let stamps = cell.siblings().iter().map(|sibling| sibling.stamp).collect();
            self.held.insert((node, key.clone()), stamps);
        }
        self.tell_losses(cluster, id)
    }

    /// With other settings others may see too few.
    fn look_around(&mut self, cluster: &Cluster) {
        for node in cluster.world().node_ids() {
            match words::sight(cluster, node) {
                Some((alive, needed)) if alive < needed => drop(self.blind.insert(node)),
                _ => drop(self.blind.remove(&node)),
            }
        }
    }
}

/// Whether a write was over before the other began, and reached a replica that the other reached
/// as well: then it was not lost to it, but replaced.
fn is_written_over(cluster: &Cluster, loser: Stamp, winner: Stamp) -> bool {
    let clients = cluster.clients();
    match (clients.writer(loser.request), clients.writer(winner.request)) {
        (Some(loser), Some(winner)) => {
            let mut landed = loser.landed.iter();
            loser.is_before(winner) && landed.any(|node| winner.landed.contains(node))
        }
        _ => false,
    }
}

/// Whether the clients of what is held had seen a write.
fn is_seen(cell: &crate::quorum::Cell<String>, stamp: Stamp) -> bool {
    let request = stamp.request;
    let knows = |sibling: &crate::quorum::Sibling<String>| sibling.vector.includes(request);
    cell.siblings().iter().any(knows)
}

/// A replica got something that no coordinator sent it.
fn came(cluster: &Cluster, node: NodeId, key: &str, from: ServerId, purpose: Purpose) -> Telling {
    let process = cluster.world().node(node).and_then(|node| node.process());
    let cell = process.and_then(CapProcess::quorum).and_then(|it| it.cell(&key.to_owned()));
    let (why, section) = words::way(purpose);
    let value = cell.map_or_else(|| "nothing".to_owned(), held);
    let text = format!("{node} hears from {from} that {key} is {value}: {why}.");
    (Tone::Calm, text, Some(section))
}

fn joined(one: Telling, more: Option<Telling>) -> Telling {
    match more {
        None => one,
        Some((tone, text, section)) => (tone, format!("{} {text}", one.1), section),
    }
}

fn joined_with(one: Option<Telling>, more: Telling) -> Telling {
    match one {
        None => more,
        Some(one) => joined(one, Some(more)),
    }
}

/// What somebody turned, and what it does to what is promised.
fn turned(before: &Config, after: &Config) -> String {
    let (old, new) = (before.settings(), after.settings());
    let mut words: Vec<String> = Vec::new();
    if old.mode != new.mode {
        words.push(format!("the store to {}", words::mode(new)));
    }
    for (name, old, new) in [("N", old.n, new.n), ("R", old.r, new.r), ("W", old.w, new.w)] {
        if old != new {
            words.push(format!("{name} to {new}"));
        }
    }
    if old.resolution != new.resolution {
        words.push(match new.resolution {
            Resolution::LastWriteWins => "conflicts to last write wins".to_owned(),
            Resolution::Siblings => "conflicts to siblings".to_owned(),
        });
    }
    if old.read_repair != new.read_repair {
        words.push(format!("read repair to {}", format!("{:?}", new.read_repair).to_lowercase()));
    }
    let list = match &words[..] {
        [] => return "You turned a setting of the store.".to_owned(),
        [one] => one.clone(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    };
    let quorum = after.quorum();
    let (n, r, w) = (quorum.n(), quorum.r(), quorum.w());
    let meet = match quorum.overlaps() {
        true => format!("R + W = {} is more than N = {n}: every read meets every write", r + w),
        false => format!("R + W = {} is not more than N = {n}: reads may be stale", r + w),
    };
    format!("You turn {list}. {meet}.")
}
