//! What a reader can do with a server, a link or the network.

use super::super::acts::{
    faults, for_link, for_message, heal_and_weather, isolate_or_rejoin, links, links_of, troubles,
};
use super::super::{Choice, Client, Command};
use super::{Clients, RaftProcess, client_views, members, newest_leader};
use crate::raft::Role;
use crate::scene::Target;
use crate::sim::{Fault, NodeId, World};

type RaftWorld = World<RaftProcess>;

/// The list behind a line of every server's menu, for those who cannot point at a link. Others are
/// a leader's: [`members::list_choices`].
const LINKS: u8 = 3;

/// The choices for `target`.
pub(super) fn choices(world: &RaftWorld, clients: &Clients, target: Target) -> Vec<Choice> {
    match target {
        Target::Node(node) => for_node(world, clients, node),
        Target::Link(a, b) => for_link(world, a, b),
        Target::Message(message) => for_message(world, message),
        Target::Client(client, via) => client_views::choices(world, clients, Client(client), via),
        Target::More(node, LINKS) => links_of(world, node),
        Target::More(node, list) => members::list_choices(world, node, list),
        Target::Stage => for_network(world),
    }
}

fn for_node(world: &RaftWorld, clients: &Clients, node: NodeId) -> Vec<Choice> {
    let Some(found) = world.node(node) else {
        return Vec::new();
    };
    let Some(process) = found.process() else {
        let hint = "From what its disk holds: term, vote and log";
        return vec![
            Choice::new("Restart", hint, faults([Fault::Restart(node)])),
            links(node, LINKS),
        ];
    };
    let leads = matches!(process.server().role(), Role::Leader { .. });
    let hint =
        if leads { "It leads, so it takes C1’s request" } else { "It does not lead: refused" };
    let mut choices = client_views::asks(clients, Client::FIRST, node, " here", hint).to_vec();
    if leads {
        choices.extend(members::leader_choices(world, node));
    }
    choices.push(if leads {
        Choice::unavailable("Time out now", "A leader has no election timer")
    } else {
        let hint = "It stands for election at once. If several do, the vote may split";
        Choice::new("Time out now", hint, Command::TimeOut(node))
    });
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

fn for_network(world: &RaftWorld) -> Vec<Choice> {
    let nodes: Vec<NodeId> = world.node_ids().collect();
    let leader = newest_leader(world).map(|process| NodeId(process.server().id().0));
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
    if !torn {
        // Nothing to heal first, so the story need not tell of it.
        for choice in &mut choices {
            if let Some(Command::Faults(faults)) = &mut choice.command {
                faults.retain(|fault| *fault != Fault::HealAll);
            }
        }
    }
    choices.extend(heal_and_weather(world));
    choices
}

#[cfg(test)]
mod tests {
    use super::super::super::{Lab, LabSettings};
    use super::super::RaftLab;
    use super::*;

    /// One link alone can be made slow, and fine again.
    #[test]
    fn a_single_link_has_a_weather_of_its_own() {
        let mut lab = RaftLab::new(&LabSettings::new(3, 5));
        let (a, b, c) = (NodeId(0), NodeId(1), NodeId(2));
        let choose = |lab: &mut RaftLab, label: &str| {
            let choices = lab.choices(Target::Link(a, b));
            let choice = choices.iter().find(|choice| choice.label.starts_with(label));
            let command = choice.and_then(|choice| choice.command.clone());
            lab.act(&command.expect("it can be chosen")).expect("the link exists");
        };
        let settings =
            |lab: &RaftLab, from, to| lab.world().network().link(from, to).map(|l| l.settings);
        let fine = settings(&lab, a, c);
        choose(&mut lab, "Slow");
        assert_ne!(settings(&lab, a, b), fine);
        assert_eq!(settings(&lab, b, a), settings(&lab, a, b));
        assert_eq!(settings(&lab, a, c), fine);
        choose(&mut lab, "Fine weather");
        assert_eq!(settings(&lab, a, b), fine);
    }
}
