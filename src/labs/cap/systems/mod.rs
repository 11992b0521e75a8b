//! The same acts on three systems side by side.
//!
//! A [`Comparison`] has a store without a leader, Raft, and asynchronous primary-backup, each with
//! the same servers, the same seed of the network, and the same acts at the same instants: the
//! faults, and what clients ask of which server. Clients of Raft and primary-backup are sent on to
//! the leader or the primary, as far as a server knows it and can reach it.
//!
//! Two things are added that are no part of the reader's run: a steady [`workload`], and for
//! primary-backup an [`operator`] who promotes a backup. What each system makes of it is counted in
//! [`Report`]s.

mod follower;
#[cfg(test)]
mod judged;
pub mod operator;
mod report;
#[cfg(test)]
mod tests;
mod view;
pub mod workload;

pub use follower::Follower;
pub use report::{Counted, Report, ServerSign, Sides};
pub use view::{SYSTEMS, SystemsView};
pub(super) use view::{in_words, reason, seconds};

use self::operator::Operator;
use super::super::{Command, LabSettings};
use super::{Cluster, System};
use crate::sim::{Halted, NodeId};

/// Three systems under the same acts.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// In the order of [`System::ALL`].
    clusters: [Cluster; 3],
    operator: Operator,
    now_us: u64,
    /// How much of what was to be done is done.
    done: usize,
    /// How many requests of the workload were made.
    turns: u64,
    /// How the network hung together, from each instant on. It is the same for all.
    groups: Vec<(u64, Vec<Vec<NodeId>>)>,
}

impl Comparison {
    /// Three systems at time 0. The settings of the store without a leader, and of primary-backup,
    /// are as wanted, and primary-backup is asynchronous unless they say otherwise.
    pub fn new(settings: &LabSettings) -> Comparison {
        let clusters = System::ALL.map(|system| Cluster::new(settings, system));
        let groups = vec![(0, clusters[0].world().network().groups())];
        let operator = Operator::default();
        Comparison { clusters, operator, now_us: 0, done: 0, turns: 0, groups }
    }

    /// The instant that was reached, in microseconds since the start of the run.
    pub fn now_us(&self) -> u64 {
        self.now_us
    }

    /// The one that runs `system`.
    pub fn cluster(&self, system: System) -> &Cluster {
        &self.clusters[system as usize]
    }

    /// Who looks after primary-backup.
    pub fn operator(&self) -> &Operator {
        &self.operator
    }

    /// How the network hung together, from each instant on, in microseconds.
    pub fn groups(&self) -> &[(u64, Vec<Vec<NodeId>>)] {
        &self.groups
    }

    /// What a system has come to.
    pub fn report(&self, system: System) -> Report {
        Report::of(self, system)
    }

    /// Goes on until `until_us`, with the acts of a run in the order of their instants. Those that
    /// were played already are passed over, so they must be the same as the last time. What only
    /// makes sense in one system is done in that one.
    ///
    /// # Errors
    ///
    /// [`Halted`] if one of the worlds has reached a limit.
    pub fn play<'a>(
        &mut self,
        acts: impl IntoIterator<Item = &'a (u64, Command)>,
        until_us: u64,
    ) -> Result<(), Halted> {
        let mut acts = acts.into_iter().skip(self.done).peekable();
        loop {
            let act_us = acts.peek().map(|(at_us, _)| *at_us).filter(|at_us| *at_us <= until_us);
            // The reader may still do something at `until_us`, and goes first.
            let turn_us = Some(workload::due_us(self.turns)).filter(|at_us| *at_us < until_us);
            let Some(next_us) = act_us.into_iter().chain(turn_us).min() else { break };
            self.advance(next_us)?;
            match acts.next_if(|(at_us, _)| *at_us <= next_us) {
                Some((_, act)) => self.act(act),
                None => self.take_turn(),
            }
        }
        self.advance(until_us)
    }

    fn advance(&mut self, to_us: u64) -> Result<(), Halted> {
        let to_us = to_us.max(self.now_us);
        for cluster in &mut self.clusters {
            cluster.advance_to(to_us)?;
        }
        self.now_us = to_us;
        Ok(())
    }

    fn act(&mut self, act: &Command) {
        self.done += 1;
        for cluster in &mut self.clusters {
            // What a system cannot do it does not do.
            let _ = cluster.act(act);
        }
        let groups = self.clusters[0].world().network().groups();
        if self.groups.last().is_none_or(|(_, before)| *before != groups) {
            self.groups.push((self.now_us, groups));
        }
    }

    fn take_turn(&mut self) {
        let attempts = workload::attempts(self.turns, self.clusters[0].begun_with().servers);
        self.turns += 1;
        for cluster in &mut self.clusters {
            let _ = attempts.iter().find(|attempt| cluster.act(attempt).is_ok());
        }
        let backup = &mut self.clusters[System::PrimaryBackup as usize];
        if let Some(act) = self.operator.look(backup) {
            let _ = backup.act(&act);
        }
    }
}
