//! What can be done with a node, a link, a message or the network.

use super::super::acts::{
    faults, for_link, for_message, heal_and_weather, isolate_or_rejoin, links, links_of, troubles,
};
use super::super::{Choice, Client, Command};
use super::dials::{act, positions};
use super::scene::{is_used, sides};
use super::settings::SETTINGS;
use super::system::{Cast, Role};
use super::{Cluster, DATABASE, WORDS, client_views};
use crate::scene::Target;
use crate::sim::{Fault, NodeId};

/// The list behind a line of every node's menu, for those who cannot point at a link.
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
    let role = cluster.cast().role(node);
    if found.process().is_none() {
        let hint = match role {
            Role::Replica => "From what its disk holds",
            _ => "It keeps nothing, and begins anew",
        };
        return vec![
            Choice::new("Restart", hint, faults([Fault::Restart(node)])),
            links(node, LINKS),
        ];
    }
    let mut choices = Vec::new();
    if role == Role::Caller {
        choices.extend(WORDS.iter().map(|word| for_word(cluster, node, word)));
    }
    if role == Role::Replica {
        choices.push(Choice::new("Time out now", "It stands for election", Command::TimeOut(node)));
    }
    let hint = match role {
        Role::Caller => "Its requests and its breaker are forgotten",
        Role::Replica => "Memory is lost, the disk stays",
        _ => "What it has is never answered",
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

fn for_word(
    cluster: &Cluster,
    node: NodeId,
    word: &(&'static str, super::BreakerRequest, &'static str),
) -> Choice {
    let (words, hint, possible, command) = act(cluster, node, word);
    let label = match words {
        "call" => "Call once more",
        "open" => "Open",
        "close" => "Close",
        "reset" => "Reset",
        "force open" => "Hold open",
        "disable" => "Disable",
        "watch only" => "Watch only",
        other => other,
    };
    match possible {
        true => Choice::new(label, hint, command),
        false => Choice::unavailable(label, hint),
    }
}

/// The settings that a node goes by, and what they are called there.
fn turned_here(role: Role) -> &'static [(&'static str, &'static str)] {
    match role {
        Role::Caller => {
            &[("breaker", "Breaker"), ("trip", "Opens by"), ("habit", "Habit"), ("backoff", "Wait")]
        }
        Role::Service => &[("health", "Service"), ("drop-expired", "Drop expired calls")],
        Role::Shard(_) | Role::Database => &[("health", "It does")],
        Role::Replica => &[],
    }
}

/// A choice for each position of a setting that it does not have now.
fn turns(cluster: &Cluster, name: &str, label: &str) -> Vec<Choice> {
    let Some(entry) = SETTINGS.iter().find(|entry| entry.name == name) else { return Vec::new() };
    let others = positions(cluster, entry, &[]).into_iter().filter(|option| !option.chosen);
    let choice = |option: super::super::DialOption| {
        let label = format!("{label}: {}", option.label);
        match option.possible {
            true => Choice::new(label, option.hint, option.command),
            false => Choice::unavailable(label, option.hint),
        }
    };
    others.map(choice).collect()
}

/// The links of a node that anything is ever sent on.
fn used_links(cluster: &Cluster, node: NodeId) -> Vec<Choice> {
    let mut choices = links_of(cluster.world(), node);
    choices.retain(|choice| match choice.opens {
        Some(Target::Link(a, b)) => is_used(cluster.cast(), a, b),
        _ => true,
    });
    choices
}

fn for_network(cluster: &Cluster) -> Vec<Choice> {
    let (world, caller) = (cluster.world(), NodeId(0));
    let both = |a: NodeId, b: NodeId| vec![(a, b), (b, a)];
    let (first, second) = (cluster.cast().target(0), NodeId(cluster.cast().target(0).0 + 1));
    let mut choices = match cluster.cast() {
        Cast::One => vec![
            cut(cluster, "Cut S1 from S2", both(caller, first)),
            cut(cluster, "Cut off S2’s answers", vec![(first, caller)]),
        ],
        Cast::Fleet => vec![
            cut(cluster, "Cut S1 from the service", both(caller, first)),
            cut(cluster, "Cut the database off", both(first, DATABASE)),
        ],
        Cast::Shards => vec![cut(cluster, "Cut a shard off", both(caller, first))],
        Cast::Network => {
            let (few, many): (Vec<NodeId>, Vec<NodeId>) =
                world.node_ids().partition(|node| *node <= first);
            let rest: Vec<NodeId> = world.node_ids().filter(|node| *node != second).collect();
            let between = |a: &[NodeId], b: &[NodeId]| match Fault::cut_between(a, b) {
                Fault::Cut(ends) => ends,
                _ => Vec::new(),
            };
            vec![
                cut(cluster, "Cut S1 off with S2", between(&few, &many)),
                cut(cluster, "Cut S3 off", between(&[second], &rest)),
            ]
        }
    };
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
