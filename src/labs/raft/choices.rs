//! What a reader can do with a server, a link or the network.

use super::super::{Choice, Command};
use super::RaftProcess;
use crate::raft::Role;
use crate::scene::Target;
use crate::sim::{Fault, NodeId, World};

type RaftWorld = World<RaftProcess>;

/// The choices for `target`. `next_write` numbers the value of the next write.
pub(super) fn choices(world: &RaftWorld, next_write: u64, target: Target) -> Vec<Choice> {
    match target {
        Target::Node(node) => for_node(world, next_write, node),
        Target::Link(a, b) => for_link(world, a, b),
        Target::Stage => for_network(world),
    }
}

fn for_node(world: &RaftWorld, next_write: u64, node: NodeId) -> Vec<Choice> {
    let Some(found) = world.node(node) else {
        return Vec::new();
    };
    let Some(process) = found.process() else {
        let hint = "From what its disk holds: term, vote and log";
        return vec![Choice::new("Restart", hint, faults([Fault::Restart(node)]))];
    };
    let leads = matches!(process.server().role(), Role::Leader { .. });
    let (key, value) = write(next_write);
    let label = format!("Write {key}={value} here");
    let hint = if leads { "It leads, so it takes the entry" } else { "It does not lead: refused" };
    let mut choices = vec![Choice::new(label, hint, Command::Write { via: node, key, value })];
    choices.push(if leads {
        Choice::unavailable("Time out now", "A leader has no election timer")
    } else {
        Choice::new("Time out now", "It stands for election at once", Command::TimeOut(node))
    });
    choices.push(Choice::new(
        "Crash",
        "Memory is lost, the disk stays",
        faults([Fault::Crash(node)]),
    ));
    choices.push(isolate_or_rejoin(world, node));
    choices
}

fn isolate_or_rejoin(world: &RaftWorld, node: NodeId) -> Choice {
    let others: Vec<NodeId> = world.node_ids().filter(|other| *other != node).collect();
    let alone = others.iter().all(|other| world.network().is_cut(node, *other));
    if alone {
        let fault = Fault::heal_between(&[node], &others);
        Choice::new("Reconnect", "Heals all its links", faults([fault]))
    } else {
        let fault = Fault::cut_between(&[node], &others);
        Choice::new("Isolate", "Cuts all its links", faults([fault]))
    }
}

fn for_link(world: &RaftWorld, a: NodeId, b: NodeId) -> Vec<Choice> {
    let network = world.network();
    let (there, back) = (network.is_cut(a, b), network.is_cut(b, a));
    let mut choices = Vec::new();
    if !there || !back {
        choices.push(Choice::new(
            "Cut",
            "Nothing passes, either way",
            faults([Fault::Cut(vec![(a, b), (b, a)])]),
        ));
    }
    for (from, to, is_cut, other_is_cut) in [(a, b, there, back), (b, a, back, there)] {
        if !is_cut && !other_is_cut {
            choices.push(Choice::new(
                format!("Cut only {from} → {to}"),
                format!("{to} is still heard by {from}"),
                faults([Fault::Cut(vec![(from, to)])]),
            ));
        }
    }
    if there || back {
        choices.push(Choice::new("Heal", "Both ways", faults([Fault::Heal(vec![(a, b), (b, a)])])));
    }
    choices
}

fn for_network(world: &RaftWorld) -> Vec<Choice> {
    let nodes: Vec<NodeId> = world.node_ids().collect();
    let leader = newest_leader(world);
    let mut choices = Vec::new();
    let first = leader.unwrap_or(NodeId(0));
    let from_first = |k: usize| nodes[(first.index() + k) % nodes.len()];
    let minority: Vec<NodeId> = (0..(nodes.len() - 1) / 2).map(from_first).collect();
    let majority: Vec<NodeId> = (minority.len()..nodes.len()).map(from_first).collect();
    if let Some(leader) = leader {
        let others: Vec<NodeId> = nodes.iter().copied().filter(|node| *node != leader).collect();
        choices.push(Choice::new(
            format!("Isolate the leader {leader}"),
            "The others will elect a new one",
            faults([Fault::HealAll, Fault::cut_between(&[leader], &others)]),
        ));
    }
    if !minority.is_empty() {
        choices.push(Choice::new(
            "Split in two",
            format!("{first} ends up in the smaller half"),
            faults([Fault::HealAll, Fault::cut_between(&minority, &majority)]),
        ));
    }
    if let [bridge, right @ ..] = &majority[..]
        && !minority.is_empty()
        && !right.is_empty()
    {
        choices.push(Choice::new(
            "Leave a bridge",
            format!("Two sides that only {bridge} can reach both"),
            faults([Fault::HealAll, Fault::cut_between(&minority, right)]),
        ));
    }
    let torn = world.network().link_ends().any(|(a, b)| world.network().is_cut(a, b));
    choices.push(if torn {
        Choice::new("Heal everything", "All links are up again", faults([Fault::HealAll]))
    } else {
        Choice::unavailable("Heal everything", "Nothing is cut")
    });
    choices
}

fn newest_leader(world: &RaftWorld) -> Option<NodeId> {
    let leads = |id: &NodeId| {
        let server = world.node(*id)?.process()?.server();
        matches!(server.role(), Role::Leader { .. }).then(|| server.current_term())
    };
    world.node_ids().filter_map(|id| Some((leads(&id)?, id))).max().map(|(_, id)| id)
}

/// Every write sets another value, so that each can be told from the others.
fn write(number: u64) -> (String, String) {
    let key = ["x", "y", "z"][((number.max(1) - 1) % 3) as usize];
    (key.to_owned(), number.to_string())
}

fn faults<const N: usize>(faults: [Fault; N]) -> Command {
    Command::Faults(faults.to_vec())
}
