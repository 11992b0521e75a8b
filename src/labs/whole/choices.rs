//! What can be done with a node, a link, a message or the network.

use super::super::acts::{
    faults, for_link, for_message, heal_and_weather, isolate_or_rejoin, links, links_of, troubles,
};
use super::super::breaker::{BreakerRequest, WORDS as BY_HAND};
use super::super::events::REBUILD;
use super::super::{Ask, Choice, Client, Command, DialOption};
use super::cluster::{Cluster, ORDER};
use super::dials::positions;
use super::scene::{is_used, sides};
use super::settings::SETTINGS;
use super::system::Role;
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
        Target::Client(..) => Vec::new(),
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
            Role::Front => "It keeps nothing, and begins anew",
            Role::Server | Role::Page(_) => "From what its disk holds",
        };
        return vec![
            Choice::new("Restart", hint, faults([Fault::Restart(node)])),
            links(node, LINKS),
        ];
    }
    let mut choices = Vec::new();
    match role {
        Role::Front => {
            let order = ask(node, ORDER);
            choices.push(Choice::new("Another customer", "One more order, now", order));
            choices.extend(by_hand(cluster, node));
        }
        Role::Server => {
            let time_out = Command::TimeOut(node);
            choices.push(Choice::new("Time out now", "It stands for election", time_out));
        }
        Role::Page(_) => {
            let rebuild = ask(node, REBUILD);
            choices.push(Choice::new("Rebuild", "From all events, as if it were new", rebuild));
        }
    }
    let hint = match role {
        Role::Front => "Its orders and its breaker are forgotten",
        Role::Server => "Memory is lost, the disk stays",
        Role::Page(_) => "Nobody sees it meanwhile",
    };
    choices.push(Choice::new("Crash", hint, faults([Fault::Crash(node)])));
    choices.push(isolate_or_rejoin(world, node));
    choices.push(links(node, LINKS));
    let turned: &[(&str, &str)] = match role {
        Role::Front => &[("backoff", "Wait"), ("habit", "Habit"), ("looks", "Who looks")],
        Role::Page(_) => &[("intake", "Events")],
        Role::Server => &[],
    };
    for (name, label) in turned {
        choices.extend(turns(cluster, name, label));
    }
    choices.extend(troubles(world, found, node));
    choices
}

/// What a node is asked for, in the words that runs have for it.
pub(super) fn ask(via: NodeId, what: &str) -> Command {
    Command::Ask { client: Client::FIRST, via, what: Ask::Do { what: what.to_owned() } }
}

/// What can be done with a front's breaker.
fn by_hand(cluster: &Cluster, node: NodeId) -> Vec<Choice> {
    let possible = cluster.may_move_breaker();
    let words = BY_HAND.iter().filter(|(_, what, _)| matches!(what, BreakerRequest::ByHand(_)));
    let choice = |(words, _, hint): &(&'static str, BreakerRequest, &'static str)| {
        let mut label = words[..1].to_uppercase();
        label.push_str(&words[1..]);
        match &possible {
            Ok(()) => Choice::new(label, *hint, ask(node, words)),
            Err(why) => Choice::unavailable(label, why.clone()),
        }
    };
    words.map(choice).collect()
}

/// A choice for each position of a setting that it does not have now.
fn turns(cluster: &Cluster, name: &str, label: &str) -> Vec<Choice> {
    let Some(entry) = SETTINGS.iter().find(|entry| entry.name == name) else { return Vec::new() };
    let others = positions(cluster, entry, &[]).into_iter().filter(|option| !option.chosen);
    let choice = |option: DialOption| {
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
    let world = cluster.world();
    let mut choices = Vec::new();
    if let Some(leader) = cluster.leader() {
        let label = format!("Crash the leader, {leader}");
        choices.push(Choice::new(label, "Somebody else has to lead", crash(leader)));
        let others: Vec<NodeId> = world.node_ids().filter(|node| *node != leader).collect();
        let cut = Fault::cut_between(&[leader], &others);
        choices.push(cut_off(cluster, "Cut the leader off", cut));
    }
    let page = cluster.cast().stock_page();
    let servers: Vec<NodeId> = cluster.servers().collect();
    let cut = Fault::cut_between(&[page], &servers);
    choices.push(cut_off(cluster, "Cut the stock page off", cut));
    let fronts: Vec<NodeId> = cluster.fronts().collect();
    let cut = Fault::cut_between(&fronts, &servers);
    choices.push(cut_off(cluster, "Cut the fronts off the cluster", cut));
    choices.extend(heal_and_weather(world));
    choices
}

fn crash(node: NodeId) -> Command {
    faults([Fault::Crash(node)])
}

/// Cuts links, and says what that means.
fn cut_off(cluster: &Cluster, label: &str, fault: Fault) -> Choice {
    let Fault::Cut(ends) = fault else { return Choice::unavailable(label, "") };
    let network = cluster.world().network();
    let is_cut = |from, to| ends.contains(&(from, to)) || network.is_cut(from, to);
    let hint = sides(cluster, &is_cut).unwrap_or_default();
    Choice::new(label, hint, faults([Fault::Cut(ends)]))
}
