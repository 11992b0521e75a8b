//! What a reader can do with a server, a link or the network.

use super::super::{Choice, Client, Command};
use super::{Clients, RaftProcess, client_views, members, newest_leader};
use crate::raft::Role;
use crate::scene::Target;
use crate::sim::{Delay, Fault, LinkSettings, Node, NodeId, RecordId, TRUE_RATE_PPM, World};

type RaftWorld = World<RaftProcess>;

/// The list behind a line of every server's menu, for those who cannot point at a link. Others are
/// a leader's: [`members::list_choices`].
const LINKS: u8 = 3;
const SLOW_SYNC: Delay = Delay::Constant { us: 40_000 };

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
        return vec![Choice::new("Restart", hint, faults([Fault::Restart(node)])), links(node)];
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
    choices.push(links(node));
    choices.extend(troubles(world, found, node));
    choices
}

/// What can be wrong with a server that is up: a long pause, a slow disk, a wrong clock.
fn troubles(world: &RaftWorld, found: &Node<RaftProcess>, node: NodeId) -> [Choice; 4] {
    let (now_us, usual_sync) = (world.now_us(), world.settings().sync);
    let paused = found.paused_since_us().is_some();
    let slow = found.sync() != usual_sync;
    let wrong_clock =
        found.clock().rate_ppm() != TRUE_RATE_PPM || found.clock().ahead_us(now_us) != 0;
    [
        if paused {
            let hint = "It takes what has come meanwhile";
            Choice::new("Go on", hint, faults([Fault::Resume(node)]))
        } else {
            let hint = "It does nothing, as in a long garbage collection";
            Choice::new("Pause", hint, faults([Fault::Pause(node)]))
        },
        Choice::new(
            "Crash while writing",
            "Of what its disk was writing, the first half stays",
            faults([Fault::CrashTorn { node, whole: 0, part_ppm: 500_000 }]),
        ),
        if slow {
            let hint = "As at the start";
            Choice::new("Quick disk", hint, faults([Fault::SetSync(node, usual_sync)]))
        } else {
            let hint = "A sync takes 40 ms: what depends on it waits";
            Choice::new("Slow disk", hint, faults([Fault::SetSync(node, SLOW_SYNC)]))
        },
        if wrong_clock {
            let hint = "As fast as the world's";
            Choice::new("True clock", hint, faults([Fault::true_clock(node)]))
        } else {
            let hint = "It runs three times too fast, and so does its election timer";
            let fast = Fault::SetClock { node, rate_ppm: 3 * TRUE_RATE_PPM, offset_us: 0 };
            Choice::new("Fast clock", hint, faults([fast]))
        },
    ]
}

fn for_message(world: &RaftWorld, message: RecordId) -> Vec<Choice> {
    if world.network().flight(message).is_none() {
        return vec![Choice::unavailable("Gone", "It has arrived, or died")];
    }
    vec![
        Choice::new("Drop", "It never arrives", faults([Fault::DropMessage(message)])),
        Choice::new(
            "Delay by 50 ms",
            "Others overtake it",
            faults([Fault::DelayMessage(message, 50_000)]),
        ),
        Choice::new(
            "Duplicate",
            "It arrives twice, the copy later",
            faults([Fault::DuplicateMessage(message)]),
        ),
    ]
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

fn links(node: NodeId) -> Choice {
    Choice::more("Links …", "Cut a single one, or make it lossy or slow", Target::More(node, LINKS))
}

/// Each link of a server leads to what can be done with it.
fn links_of(world: &RaftWorld, node: NodeId) -> Vec<Choice> {
    let others = world.node_ids().filter(|other| *other != node);
    let link = |other: NodeId| {
        let (a, b) = (node.min(other), node.max(other));
        let network = world.network();
        let hint = match (network.is_cut(node, other), network.is_cut(other, node)) {
            (false, false) => "",
            (true, true) => "It is cut",
            _ => "It is cut one way",
        };
        Choice::more(format!("{a} – {b}"), hint, Target::Link(a, b))
    };
    others.map(link).chain([Choice::more("‹ Back", "", Target::Node(node))]).collect()
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
    choices.extend(weather(world, vec![(a, b), (b, a)]));
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
    choices.push(if torn {
        Choice::new("Heal everything", "All links are up again", faults([Fault::HealAll]))
    } else {
        Choice::unavailable("Heal everything", "Nothing is cut")
    });
    choices.extend(weather(world, world.network().link_ends().collect()));
    choices
}

/// How links treat messages: fine, lossy, slow or confused.
fn weather(world: &RaftWorld, ends: Vec<(NodeId, NodeId)>) -> Vec<Choice> {
    let fine = world.settings().links;
    let now = ends.first().and_then(|(a, b)| world.network().link(*a, *b));
    let now = now.map_or(fine, |link| link.settings);
    let kinds = [
        ("Fine weather", "As at the start", fine),
        ("Lossy", "One message in four is lost", LinkSettings { loss_ppm: 250_000, ..fine }),
        (
            "Slow, with a long tail",
            "Most take 20 ms, a few take very long",
            LinkSettings { delay: Delay::Pareto { low_us: 15_000, shape_ppm: 1_500_000 }, ..fine },
        ),
        (
            "Confused",
            "Half of the messages come twice, half are overtaken",
            LinkSettings {
                duplicate_ppm: 500_000,
                reorder_ppm: 500_000,
                reorder_us: 20_000,
                ..fine
            },
        ),
    ];
    let others = kinds.into_iter().filter(|(_, _, settings)| *settings != now);
    let choice = |(label, hint, settings)| {
        Choice::new(label, hint, faults([Fault::SetLinks(ends.clone(), settings)]))
    };
    others.map(choice).collect()
}

fn faults<const N: usize>(faults: [Fault; N]) -> Command {
    Command::Faults(faults.to_vec())
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
