//! Whether what is promised was kept: judged after every single event, from what callers tell.
//!
//! | promise | what breaks it |
//! |---|---|
//! | late results move nothing | the habits `stale-success`, `any-success-closes` |
//! | no more probes than sockets | `herd` |
//! | open until its deadline | `one-more`, `endless-failures`, `any-success-closes` |
//! | opens by its rule | `one-more`, `long-memory`, `success-opens` |
//! | rejections enter no window | `any-success-closes` |
//! | probes never wedge | `wedged` |
//! | neutral results move nothing | `cancelled-closes`, where servers pass calls on |
//! | requests end once | late answers that are delivered |
//!
//! All are judged whatever is set. A setting that gives one up says so beside it: there is nothing
//! to be seen where what goes wrong is no longer called wrong.

use super::super::annals::Marked;
use super::super::{Breach, Promise};
use super::caller::Caller;
use super::doors::{Doors, Remark};
use super::policy::Policy;
use super::promises::Kind;
use super::system::{BreakerEvent, Cast, RequestId};
use crate::sim::{NodeId, RecordId};
use crate::sorted::SortedSet;

/// A world with callers in it. They are its first nodes.
pub(in crate::labs) trait Callers {
    /// Whom they call.
    fn cast(&self) -> Cast;

    /// The one on this node, if it is one and up.
    fn caller(&self, node: NodeId) -> Option<&Caller>;

    /// What one that boots goes by before it is told otherwise.
    fn policy_at_boot(&self) -> &Policy;

    /// What a node's own clock shows.
    fn local_us(&self, node: NodeId, at_us: u64) -> u64;
}

/// What a judge hears of.
#[derive(Clone, Copy, Debug)]
pub(in crate::labs) enum Heard<'a> {
    /// A node boots.
    Booted(NodeId),
    /// A node crashes.
    Crashed(NodeId),
    /// A caller has told of something.
    Told(NodeId, &'a BreakerEvent),
}

/// Which promises were kept so far. A fold.
#[derive(Clone, Debug)]
pub(in crate::labs) struct Word {
    /// In the order of [`Kind::ALL`].
    broken: [Option<Breach>; Kind::ALL.len()],
    callers: Vec<Watched>,
    /// Where a promise broke since the last look.
    fresh: Vec<Marked>,
    /// What is wrong with the latest record, whether or not it is for the first time.
    remarks: Vec<String>,
}

/// A caller, as the judge follows it.
#[derive(Clone, Debug)]
struct Watched {
    node: NodeId,
    /// Nothing while it is down.
    doors: Doors,
    /// Requests that were begun and are not over.
    open: SortedSet<RequestId>,
}

impl Word {
    pub(in crate::labs) fn new(world: &dyn Callers, callers: impl Iterator<Item = NodeId>) -> Word {
        let watched = |node| {
            let doors = Doors::none(world.cast());
            Watched { node, doors, open: SortedSet::new() }
        };
        Word {
            broken: Default::default(),
            callers: callers.map(watched).collect(),
            fresh: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// Whether a promise was ever broken, given or not.
    pub(in crate::labs) fn breach(&self, kind: Kind) -> Option<&Breach> {
        self.broken[kind as usize].as_ref()
    }

    /// What broke at a record, in words.
    pub(in crate::labs) fn finding(&self, record: RecordId) -> Option<&str> {
        let mut all = self.broken.iter().flatten();
        all.find(|breach| breach.record == record).map(|breach| breach.finding.as_str())
    }

    /// What is promised, and whether it was kept.
    pub(in crate::labs) fn promises(&self, policy: &Policy) -> Vec<Promise> {
        let is_shown = |kind: &Kind| kind.is_about(policy) || self.broken[*kind as usize].is_some();
        let promise = |kind: Kind| Promise {
            name: kind.name(),
            says: kind.says(kind.is_kept_by(policy)),
            is_main: kind.is_kept_by(policy),
            broken: self.broken[kind as usize].clone(),
        };
        Kind::ALL.into_iter().filter(is_shown).map(promise).collect()
    }

    /// Goes on by a record. Returned is what is wrong with it, in sentences without a full stop.
    pub(in crate::labs) fn read(
        &mut self,
        world: &dyn Callers,
        at: (RecordId, u64),
        heard: Heard<'_>,
    ) -> Vec<String> {
        match heard {
            Heard::Booted(node) => self.begin(world, node),
            Heard::Crashed(node) => {
                if let Some(watched) = self.callers.get_mut(node.index()) {
                    watched.doors = Doors::none(world.cast());
                    watched.open.clear();
                }
            }
            Heard::Told(node, event) => self.take(world, at, node, event),
        }
        std::mem::take(&mut self.remarks)
    }

    /// Takes a look at how things stand after a step of the world, whose last record and time are
    /// `at`. Returned is where a promise broke since the last look.
    pub(in crate::labs) fn look(
        &mut self,
        world: &dyn Callers,
        at: (RecordId, u64),
    ) -> Vec<Marked> {
        let mut remarks = Vec::new();
        for watched in &mut self.callers {
            let node = watched.node;
            let Some(caller) = world.caller(node) else {
                continue;
            };
            let remark = |(kind, finding): Remark| (kind, finding, node);
            let local_us = world.local_us(node, at.1);
            let found = watched.doors.look(caller.doors(), local_us);
            remarks.extend(found.into_iter().map(remark));
            let (known, told) = (caller.open_requests(), watched.open.len());
            if known != told {
                let finding = format!(
                    "{node} has {known} requests under way, and of {told} it has told no end"
                );
                remarks.push((Kind::EndsOnce, finding, node));
            }
        }
        remarks.into_iter().for_each(|(kind, finding, node)| self.note(kind, at, finding, node));
        self.remarks.clear();
        std::mem::take(&mut self.fresh)
    }

    /// A caller boots: it goes by what the world was started with.
    fn begin(&mut self, world: &dyn Callers, node: NodeId) {
        let policy = world.policy_at_boot();
        if let Some(watched) = self.callers.get_mut(node.index()) {
            watched.doors.build(policy.breaker.as_ref());
            watched.open.clear();
        }
    }

    fn take(
        &mut self,
        world: &dyn Callers,
        at: (RecordId, u64),
        node: NodeId,
        event: &BreakerEvent,
    ) {
        let Some(watched) = self.callers.get_mut(node.index()) else { return };
        match event {
            BreakerEvent::Began { request } => {
                watched.open.insert(*request);
            }
            BreakerEvent::Over { request, .. } if !watched.open.remove(request) => {
                let finding = format!("request {} of {node} has ended twice", request.0);
                self.note(Kind::EndsOnce, at, finding, node);
            }
            BreakerEvent::NewBreakers => {
                let caller = world.caller(node);
                let policy = caller.and_then(|caller| caller.policy().breaker.as_ref());
                watched.doors.build(policy);
            }
            event => {
                let local_us = world.local_us(node, at.1);
                for (kind, finding) in watched.doors.take(event, local_us) {
                    self.note(kind, at, format!("{node}: {finding}"), node);
                }
            }
        }
    }

    /// The first time counts.
    fn note(&mut self, kind: Kind, (record, at_us): (RecordId, u64), finding: String, at: NodeId) {
        self.remarks.push(finding.clone());
        let broken = &mut self.broken[kind as usize];
        if broken.is_none() {
            let servers = vec![at];
            self.fresh.push(Marked { record, at_us, node: Some(at) });
            *broken = Some(Breach { record, at_us, finding, servers });
        }
    }
}
