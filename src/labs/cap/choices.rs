//! What a reader can do with a server, a link, a client or the network.

use super::super::acts::{
    faults, for_link, for_message, heal_and_weather, isolate_or_rejoin, links, links_of, troubles,
};
use super::super::{Choice, Client, Command};
use super::{CapProcess, Cluster, System, client_views, words};
use crate::raft::Role;
use crate::scene::Target;
use crate::sim::{Fault, NodeId};

/// The list behind a line of every server's menu, for those who cannot point at a link.
const LINKS: u8 = 1;

/// The choices for `target`.
pub(super) fn choices(cluster: &Cluster, target: Target) -> Vec<Choice> {
    let world = cluster.world();
    match target {
        Target::Node(node) => for_node(cluster, node),
        Target::Link(a, b) => for_link(world, a, b),
        Target::Message(message) => for_message(world, message),
        Target::Client(client, via) => client_views::choices(cluster, Client(client), via),
        Target::More(node, _) => links_of(world, node),
        Target::Stage => for_network(cluster),
    }
}

fn for_node(cluster: &Cluster, node: NodeId) -> Vec<Choice> {
    let world = cluster.world();
    let Some(found) = world.node(node) else { return Vec::new() };
    let Some(process) = found.process() else {
        let hint = "From what its disk holds";
        return vec![
            Choice::new("Restart", hint, faults([Fault::Restart(node)])),
            links(node, LINKS),
        ];
    };
    let client = nearest_client(cluster, node);
    let hint = format!("{client} asks it");
    let mut choices = client_views::asks(cluster, client, node, " here", &hint);
    match process {
        CapProcess::Quorum(_) => {}
        CapProcess::Raft(process) => choices.push(match process.server().role() {
            Role::Leader { .. } => {
                Choice::unavailable("Time out now", "A leader has no election timer")
            }
            _ => Choice::new("Time out now", "It stands for election", Command::TimeOut(node)),
        }),
        CapProcess::PrimaryBackup(server) => choices.push(match server.is_primary() {
            true => Choice::unavailable("Promote", "It takes itself for the primary"),
            false => {
                let hint = "What it does not have is lost, and the old primary does not know";
                let command = Command::TransferLeadership { via: node, to: node };
                Choice::new("Promote", hint, command)
            }
        }),
    }
    choices.push(Choice::new(
        "Crash",
        "Memory is lost, the disk stays",
        faults([Fault::Crash(node)]),
    ));
    choices.push(isolate_or_rejoin(world, node));
    choices.push(links(node, LINKS));
    choices.extend(troubles(world, found, node));
    choices
}

/// The client that asks where the reader pointed: on each side of a tear one that is at home there,
/// if one is.
fn nearest_client(cluster: &Cluster, node: NodeId) -> Client {
    let groups = cluster.world().network().groups();
    let side = groups.iter().find(|group| group.contains(&node));
    let is_there = |client: &Client| {
        let home = cluster.clients().next_server(*client);
        side.is_some_and(|side| side.contains(&home))
    };
    [Client(1), Client(2)].into_iter().find(is_there).unwrap_or(Client::FIRST)
}

fn for_network(cluster: &Cluster) -> Vec<Choice> {
    let world = cluster.world();
    let nodes: Vec<NodeId> = world.node_ids().collect();
    let all = nodes.len();
    // Round the other way from the first, so that C1's server and C2's come to different sides.
    let back = |k: usize| nodes[(all - k) % all];
    let first = |count: usize| (0..count).map(back).collect::<Vec<_>>();
    let mut choices = Vec::new();
    if let Some((chief, _)) = words::chief(cluster) {
        let what = if cluster.system() == System::Raft { "leader" } else { "primary" };
        let label = format!("Isolate the {what} {chief}");
        choices.push(split(cluster, &[chief], label));
    }
    choices.push(split(cluster, &first((all - 1) / 2), "Split, C1 with the minority".to_owned()));
    if all.is_multiple_of(2) {
        choices.push(split(cluster, &first(all / 2), "Split in halves".to_owned()));
    }
    choices.push(split(cluster, &first(all / 2 + 1), "Split, C1 with the majority".to_owned()));
    choices.extend(heal_and_weather(world));
    choices
}

/// Parts `side` from the others, whatever was cut before.
fn split(cluster: &Cluster, side: &[NodeId], label: String) -> Choice {
    let network = cluster.world().network();
    let others: Vec<NodeId> = cluster.world().node_ids().filter(|id| !side.contains(id)).collect();
    let apart = |a: NodeId, b: NodeId| side.contains(&a) != side.contains(&b);
    let hint = super::sides::in_words(cluster, &apart).unwrap_or_default();
    let torn = network.link_ends().any(|(a, b)| network.is_cut(a, b));
    // Nothing to heal first, so the story need not tell of it.
    let heal = torn.then_some(Fault::HealAll);
    let cut = Fault::cut_between(side, &others);
    Choice::new(label, hint, Command::Faults(heal.into_iter().chain([cut]).collect()))
}
