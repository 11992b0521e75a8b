//! What the same acts have come to in one of the systems.

use super::Comparison;
use crate::labs::cap::availability::slots;
use crate::labs::cap::{Asked, Availability, CapProcess, Cluster, Counters, Fate, Slot, System};
use crate::raft::RoleKind;
use crate::scene::Window;
use crate::sim::NodeId;

/// What is counted, each with a list of the requests behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counted {
    /// Acknowledged writes that are gone.
    Lost,
    /// Reads that found less than had been acknowledged.
    Stale,
    /// What was refused.
    Refused,
    /// What nobody knows of.
    Unknown,
    /// What live servers did not serve.
    Silent,
}

impl Counted {
    /// All of them, the worst first.
    pub const ALL: [Counted; 5] =
        [Counted::Lost, Counted::Stale, Counted::Refused, Counted::Unknown, Counted::Silent];
}

/// A server as the comparison shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerSign {
    /// Which.
    pub node: NodeId,
    /// Whether it runs.
    pub is_up: bool,
    /// Whether it takes itself for the leader, or the primary.
    pub is_chief: bool,
    /// What became of the last thing that is over of what it was asked for.
    pub last: Option<Fate>,
}

/// Who was served while the network was torn the last time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sides {
    /// The servers that hung together, and whether some of them served something meanwhile.
    pub sides: Vec<(Vec<NodeId>, bool)>,
    /// When it was torn, in microseconds since the start of the run.
    pub from_us: u64,
    /// When it was healed, or torn otherwise; `None`: it still is.
    pub to_us: Option<u64>,
}

/// What the same acts have come to in one of the systems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Which.
    pub system: System,
    /// What became of everything that was asked for.
    pub counters: Counters,
    /// How available it was.
    pub availability: Availability,
    /// The writes that are lost, by their places in [`Clients::asked`](super::super::Clients).
    pub lost: Vec<usize>,
    /// Its servers.
    pub servers: Vec<ServerSign>,
    /// Who was served while the network was torn; `None` if it never was.
    pub sides: Option<Sides>,
}

impl Report {
    pub(super) fn of(comparison: &Comparison, system: System) -> Report {
        let cluster = comparison.cluster(system);
        let sign = |node: NodeId| {
            let process = cluster.world().node(node).and_then(|node| node.process());
            let is_over = |asked: &&Asked| asked.via == node && asked.fate != Fate::Open;
            let last = cluster.clients().asked().iter().rev().find(is_over);
            ServerSign {
                node,
                is_up: process.is_some(),
                is_chief: process.is_some_and(is_chief),
                last: last.map(|asked| asked.fate.clone()),
            }
        };
        Report {
            system,
            counters: cluster.counters(),
            availability: Availability::of(cluster),
            lost: cluster.lost_writes(),
            servers: cluster.world().node_ids().map(sign).collect(),
            sides: sides(comparison, cluster),
        }
    }

    /// What became of what was asked for in a part of the run, in slots of
    /// [`SLOT_US`](super::super::SLOT_US).
    pub fn slots(comparison: &Comparison, system: System, window: Window) -> Vec<Slot> {
        slots(comparison.cluster(system), window)
    }

    /// The requests behind a number, by their places, in the order in which they were asked.
    pub fn behind(&self, cluster: &Cluster, counted: Counted) -> Vec<usize> {
        let all = cluster.clients().asked().iter().enumerate();
        let of = |is: fn(&Asked) -> bool| {
            all.filter(move |(_, asked)| is(asked)).map(|(place, _)| place).collect()
        };
        match counted {
            Counted::Lost => self.lost.clone(),
            Counted::Stale => of(|asked| asked.stale),
            Counted::Refused => of(|asked| matches!(asked.fate, Fate::Refused(_))),
            Counted::Unknown => of(|asked| matches!(asked.fate, Fate::Unknown { .. })),
            Counted::Silent => {
                self.availability.silences.iter().map(|silence| silence.place).collect()
            }
        }
    }

    /// How many there are.
    pub fn count(&self, counted: Counted) -> u64 {
        match counted {
            Counted::Lost => self.counters.lost_writes,
            Counted::Stale => self.counters.stale_reads,
            Counted::Refused => self.counters.refused,
            Counted::Unknown => self.counters.unknown,
            Counted::Silent => self.availability.silences.len() as u64,
        }
    }

    /// The verdict, in a sentence: who was served, and what it cost. What both sides of a tear have
    /// written is not lost before they meet.
    pub fn verdict(&self) -> String {
        let served = match &self.sides {
            None => "Never torn".to_owned(),
            Some(sides) => {
                let count = sides.sides.iter().filter(|(_, served)| *served).count();
                match (count, sides.sides.len()) {
                    (0, _) => "Served no side".to_owned(),
                    (1, 2) => "Served one side of two".to_owned(),
                    (2, 2) => "Served both sides".to_owned(),
                    (count, all) => format!("Served {count} sides of {all}"),
                }
            }
        };
        let number = |count: u64, one: &str, many: &str| match count {
            1 => format!("1 {one}"),
            _ => format!("{count} {many}"),
        };
        let counters = &self.counters;
        let is_torn = self.sides.as_ref().is_some_and(|sides| sides.to_us.is_none());
        let lost = match counters.lost_writes {
            0 if is_torn => "lost nothing so far".to_owned(),
            0 => "lost nothing".to_owned(),
            count => [
                "lost ",
                &number(count, "write that it had acknowledged", "writes that it had acknowledged"),
            ]
            .concat(),
        };
        let stale = match counters.stale_reads {
            0 => "no read was stale".to_owned(),
            count => number(count, "read was stale", "reads were stale"),
        };
        format!("{served}, {lost}; {stale}.")
    }
}

fn is_chief(process: &CapProcess) -> bool {
    let leads =
        process.raft().is_some_and(|process| process.server().role().kind() == RoleKind::Leader);
    leads || process.backup().is_some_and(|server| server.is_primary())
}

/// Who was served in the last part of the run in which the network was torn.
fn sides(comparison: &Comparison, cluster: &Cluster) -> Option<Sides> {
    let all = comparison.groups();
    let last = all.iter().rposition(|(_, groups)| groups.len() > 1)?;
    let (from_us, groups) = &all[last];
    let to_us = all.get(last + 1).map(|(at_us, _)| *at_us);
    let asked = cluster.clients().asked();
    let first = asked.partition_point(|asked| asked.at_us < *from_us);
    let was_served = |group: &Vec<NodeId>| {
        asked.from(first).any(|asked| {
            let in_time = asked.known_us.is_some_and(|at_us| to_us.is_none_or(|to| at_us <= to));
            asked.is_done() && in_time && group.contains(&asked.via)
        })
    };
    let sides = groups.iter().map(|group| (group.clone(), was_served(group))).collect();
    Some(Sides { sides, from_us: *from_us, to_us })
}
