//! What a run has come to, to be compared with another branch: every write kept, lost, or unknown.

use super::super::telling::names;
use super::super::{Outcome, WriteFate};
use super::clients::Fate;
use super::system::System;
use super::words::{self, held, what};
use super::{CapProcess, Cluster};
use crate::sim::NodeId;

/// How things stand now.
pub(super) fn outcome(cluster: &Cluster) -> Outcome {
    let lost = cluster.lost_writes();
    let fate = |(place, asked): (usize, &super::Asked)| {
        asked.written()?;
        let name = format!("{} {}", asked.client, what(asked));
        let fate = match &asked.fate {
            Fate::Open => WriteFate::Pending,
            Fate::Refused(_) => WriteFate::Refused,
            // A retry stands for its first attempt.
            Fate::Done(_) => match lost.contains(&first_attempt(cluster, place)) {
                true => WriteFate::Lost,
                false => WriteFate::Kept,
            },
            Fate::Unknown { .. } => match cluster.holders(asked).next() {
                Some(_) => WriteFate::Ghost,
                None => WriteFate::Gone,
            },
        };
        Some((name, fate))
    };
    let writes = cluster.clients().asked().iter().enumerate().filter_map(fate).collect();
    Outcome { headline: headline(cluster), writes }
}

fn first_attempt(cluster: &Cluster, place: usize) -> usize {
    let all = cluster.clients().asked();
    let request = all[place].request;
    all.iter().position(|asked| asked.request == request).unwrap_or(place)
}

/// Who holds what, or who leads, in a sentence.
pub(super) fn headline(cluster: &Cluster) -> String {
    match (cluster.system(), words::chief(cluster)) {
        (System::Quorum, _) => holdings(cluster),
        (System::Raft, Some((node, term))) => format!("{node} leads term {term}."),
        (System::Raft, None) => "Nobody leads.".to_owned(),
        (System::PrimaryBackup, Some((node, epoch))) => {
            format!("{node} is the primary of epoch {epoch}.")
        }
        (System::PrimaryBackup, None) => "There is no primary.".to_owned(),
    }
}

/// `S1 and S2 hold x=1; S3 holds x=2.`
fn holdings(cluster: &Cluster) -> String {
    let world = cluster.world();
    let running = world.node_ids().filter_map(|node| Some((node, world.node(node)?.process()?)));
    let mut groups: Vec<(String, Vec<NodeId>)> = Vec::new();
    for (node, process) in running {
        let Some(server) = CapProcess::quorum(process) else { continue };
        let pairs: Vec<String> =
            server.cells().map(|(key, cell)| format!("{key}={}", held(cell))).collect();
        let all = if pairs.is_empty() { "nothing".to_owned() } else { pairs.join(" ") };
        match groups.iter_mut().find(|(held, _)| *held == all) {
            Some((_, nodes)) => nodes.push(node),
            None => groups.push((all, vec![node])),
        }
    }
    match &groups[..] {
        [] => "No server runs.".to_owned(),
        [(all, _)] => format!("All that run hold {all}."),
        groups => {
            let group = |(all, nodes): &(String, Vec<NodeId>)| {
                format!(
                    "{} {} {all}",
                    names(nodes),
                    if nodes.len() == 1 { "holds" } else { "hold" }
                )
            };
            let all: Vec<String> = groups.iter().map(group).collect();
            format!("{}.", all.join("; "))
        }
    }
}
