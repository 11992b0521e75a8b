//! What can be done with a part, a link, a message, a customer or the network.

use super::super::acts::{
    faults, for_link, for_message, heal_and_weather, isolate_or_rejoin, links, links_of, troubles,
};
use super::super::{Choice, Client, Command};
use super::client_views::{asks, command, home};
use super::dials::positions;
use super::scene::sides;
use super::settings::SETTINGS;
use super::system::{KEEPER, Log, Role, role};
use super::{Cluster, REBUILD, client_views};
use crate::scene::Target;
use crate::sim::{Fault, NodeId};

/// The list behind a line of every part's menu, for those who cannot point at a link.
const LINKS: u8 = 1;

/// The choices for `target`.
pub(super) fn choices(cluster: &Cluster, target: Target) -> Vec<Choice> {
    let world = cluster.world();
    match target {
        Target::Node(node) => for_node(cluster, node),
        Target::Link(a, b) => for_link(world, a, b),
        Target::Message(message) => for_message(world, message),
        Target::Client(client, via) => client_views::choices(cluster, Client(client), via),
        Target::More(node, _) => used_links(cluster, node),
        Target::Stage => for_network(cluster),
    }
}

fn for_node(cluster: &Cluster, node: NodeId) -> Vec<Choice> {
    let world = cluster.world();
    let Some(found) = world.node(node) else { return Vec::new() };
    let role = role(cluster.rules().log, node);
    if found.process().is_none() {
        let hint = match role {
            Role::Desk => "It keeps nothing, and begins anew",
            _ => "From what its disk holds",
        };
        return vec![
            Choice::new("Restart", hint, faults([Fault::Restart(node)])),
            links(node, LINKS),
        ];
    }
    let mut choices = match role {
        Role::Desk => asks(client_of(node), node, " here"),
        Role::Keeper => Vec::new(),
        Role::Model(_) => {
            let hint = "It forgets everything and reads the log from the start";
            vec![Choice::new("Rebuild", hint, command(Client::FIRST, node, REBUILD))]
        }
        Role::Replica => asks(client_of(node), node, " here"),
    };
    if role == Role::Replica {
        choices.push(Choice::new("Time out now", "It stands for election", Command::TimeOut(node)));
    }
    let hint = match role {
        Role::Desk => "What it is at is forgotten, and its customers learn nothing",
        _ => "Memory is lost, the disk stays",
    };
    choices.push(Choice::new("Crash", hint, faults([Fault::Crash(node)])));
    choices.push(isolate_or_rejoin(world, node));
    choices.push(links(node, LINKS));
    for (name, label) in turned_here(role) {
        choices.extend(turns(cluster, name, label));
    }
    choices.extend(troubles(world, found, node));
    choices
}

/// Who asks at a desk: who is at home there.
fn client_of(node: NodeId) -> Client {
    if node == home(Client(2)) { Client(2) } else { Client::FIRST }
}

/// The settings that a part goes by, and what they are called there.
fn turned_here(role: Role) -> &'static [(&'static str, &'static str)] {
    match role {
        Role::Desk => &[("decide-again", "On a conflict"), ("check", "Version check")],
        Role::Keeper => &[("answer", "Answer"), ("publish", "Tell read models")],
        Role::Model(_) => &[("checkpoint", "Keep"), ("order", "Take events in")],
        Role::Replica => &[],
    }
}

/// A choice for each position of a setting that it does not have now.
fn turns(cluster: &Cluster, name: &str, label: &str) -> Vec<Choice> {
    let Some(entry) = SETTINGS.iter().find(|entry| entry.name == name) else { return Vec::new() };
    let others = positions(cluster, entry).into_iter().filter(|option| !option.chosen);
    let choice = |option: super::super::DialOption| {
        let label = format!("{label}: {}", option.label);
        Choice::new(label, option.hint, option.command)
    };
    others.map(choice).collect()
}

/// The links of a part that anything is ever sent on.
fn used_links(cluster: &Cluster, node: NodeId) -> Vec<Choice> {
    let mut choices = links_of(cluster.world(), node);
    if cluster.rules().log == Log::Single {
        choices.retain(|choice| match choice.opens {
            Some(Target::Link(a, b)) => a == KEEPER || b == KEEPER,
            _ => true,
        });
    }
    choices
}

fn for_network(cluster: &Cluster) -> Vec<Choice> {
    let world = cluster.world();
    let mut choices = Vec::new();
    let both = |node: NodeId| vec![(node, KEEPER), (KEEPER, node)];
    match cluster.rules().log {
        Log::Single => {
            let models: Vec<NodeId> = world
                .node_ids()
                .filter(|node| matches!(role(Log::Single, *node), Role::Model(_)))
                .collect();
            for (label, ends) in [
                ("Cut off S1’s replies", vec![(KEEPER, NodeId(0))]),
                ("Cut S1 from the log", both(NodeId(0))),
                ("Cut S2 from the log", both(NodeId(1))),
                ("Cut off the read models", models.into_iter().flat_map(both).collect()),
            ] {
                choices.push(cut(cluster, label, ends));
            }
        }
        Log::Raft => {
            let nodes: Vec<NodeId> = world.node_ids().collect();
            let (few, many) = nodes.split_at(nodes.len() / 2);
            if let Fault::Cut(ends) = Fault::cut_between(few, many) {
                choices.push(cut(cluster, "Cut the minority off", ends));
            }
        }
    }
    choices.extend(heal_and_weather(world));
    choices
}

/// Cuts these links, and says what that means.
fn cut(cluster: &Cluster, label: &str, ends: Vec<(NodeId, NodeId)>) -> Choice {
    let network = cluster.world().network();
    let is_cut = |from, to| ends.contains(&(from, to)) || network.is_cut(from, to);
    let hint = sides(cluster, &is_cut).unwrap_or_default();
    Choice::new(label, hint, faults([Fault::Cut(ends)]))
}
