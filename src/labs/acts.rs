//! What can be done in every lab: to a link, a message, the network, and what surrounds a server.

use super::{Choice, Command, Target};
use crate::sim::{
    Delay, Fault, LinkSettings, Node, NodeId, Process, RecordId, TRUE_RATE_PPM, World,
};

pub(super) const SLOW_SYNC: Delay = Delay::Constant { us: 40_000 };

pub(super) fn for_message<P: Process>(world: &World<P>, message: RecordId) -> Vec<Choice> {
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

pub(super) fn isolate_or_rejoin<P: Process>(world: &World<P>, node: NodeId) -> Choice {
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

/// The line of a server's menu that leads to its links, for those who cannot point at one: to the
/// list with number `list` behind it.
pub(super) fn links(node: NodeId, list: u8) -> Choice {
    Choice::more("Links …", "Cut a single one, or make it lossy or slow", Target::More(node, list))
}

/// Each link of a server leads to what can be done with it.
pub(super) fn links_of<P: Process>(world: &World<P>, node: NodeId) -> Vec<Choice> {
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

pub(super) fn for_link<P: Process>(world: &World<P>, a: NodeId, b: NodeId) -> Vec<Choice> {
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

/// What can be done to all links at once, below what cuts them.
pub(super) fn heal_and_weather<P: Process>(world: &World<P>) -> Vec<Choice> {
    let network = world.network();
    let torn = network.link_ends().any(|(a, b)| network.is_cut(a, b));
    let mut choices = vec![match torn {
        true => Choice::new("Heal everything", "All links are up again", faults([Fault::HealAll])),
        false => Choice::unavailable("Heal everything", "Nothing is cut"),
    }];
    choices.extend(weather(world, network.link_ends().collect()));
    choices
}

/// How links treat messages: fine, lossy, slow or confused.
fn weather<P: Process>(world: &World<P>, ends: Vec<(NodeId, NodeId)>) -> Vec<Choice> {
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

pub(super) fn faults<const N: usize>(faults: [Fault; N]) -> Command {
    Command::Faults(faults.to_vec())
}

/// What can be wrong with a server that is up: a long pause, a slow disk, a wrong clock.
pub(super) fn troubles<P: Process>(world: &World<P>, found: &Node<P>, node: NodeId) -> [Choice; 4] {
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
            let hint = "It runs three times too fast, and so does all that goes by it";
            let fast = Fault::SetClock { node, rate_ppm: 3 * TRUE_RATE_PPM, offset_us: 0 };
            Choice::new("Fast clock", hint, faults([fast]))
        },
    ]
}
