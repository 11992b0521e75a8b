//! How things stand, and how to read the picture.

use super::super::super::partition::{Cut, Quorum, describe};
use super::super::super::telling::names;
use super::super::shop::{Item, Shop, ShopEvent};
use super::super::system::{CheckpointWrites, KEEPER, Log, Publish, Role, Rules, role};
use super::super::{Cluster, shop};
use super::looks::leader;
use crate::sim::NodeId;

/// How to read what the legend leaves open.
pub(in crate::labs::events) fn reading(log: Log) -> &'static str {
    match log {
        Log::Single => {
            "Ann asks S1, Ben asks S2. A desk reads the stream that its decision rests on, \
             decides, and appends on the version that it has read. Under S3 stand the last events, \
             each with its position and the version of its stream, dashed until its file has it. \
             S4, S5 and S6 follow the log; under each stands what it makes of it, and in it the \
             position up to which it has. Dots above it are events that it does not have yet. \
             Other settings put the log on a Raft cluster."
        }
        Log::Raft => {
            "The log is on five servers, and what is in it are commands. Each server carries out \
             what is committed, in order, into an event store of its own: under it stand the last \
             events. A crown marks the leader. Ann asks S1, Ben asks S2, and they pass it on."
        }
    }
}

/// An event in a few letters: `Ann +mug`, `Ann −mug`, `Ann 12 €`, `+3 tea`.
pub(in crate::labs::events) fn brief(event: ShopEvent) -> String {
    match event {
        ShopEvent::Stocked { item, count } => format!("+{count} {}", item.name()),
        ShopEvent::Taken { item, customer } => [customer.name(), " +", item.name()].concat(),
        ShopEvent::PutBack { item, customer } => [customer.name(), " −", item.name()].concat(),
        ShopEvent::Charged { customer, cents } => {
            [customer.name(), " ", &euros(cents.into())].concat()
        }
        ShopEvent::ChargedEuros { customer, euros } => format!("{} {euros} €", customer.name()),
        ShopEvent::Sold { item, customer } => [customer.name(), " buys ", item.name()].concat(),
    }
}

/// `12 €`, `4.50 €`
pub(in crate::labs::events) fn euros(cents: i64) -> String {
    shop::Euros(cents).to_string().replace(".00", "")
}

/// What the log comes to, and what the settings leave out.
pub(in crate::labs::events) fn headline(cluster: &Cluster) -> String {
    let comes_to = comes_to(cluster);
    if cluster.rules().log == Log::Raft {
        return match leader(cluster) {
            Some((id, term)) => format!("{id} leads term {term}. {comes_to}"),
            None => format!("Nobody leads, so nothing can be decided. {comes_to}"),
        };
    }
    if cluster.process(KEEPER).is_none() {
        return format!("The log’s server is down: nobody can decide anything. {comes_to}");
    }
    let without = without(cluster.rules());
    match &without[..] {
        [] => comes_to,
        [one] => format!("{comes_to} {one}."),
        [one, other] => format!("{comes_to} {one}. {other}."),
        [one, other, more @ ..] => format!("{comes_to} {one}. {other}. And {} more.", more.len()),
    }
}

/// `8 events: 4 tea and 1 mug left, 24 € paid.`
fn comes_to(cluster: &Cluster) -> String {
    let log = cluster.log();
    let shop = state(cluster);
    let left = |item: Item| count(shop.left(item), item);
    let paid: i64 = shop.customers.iter().map(|account| account.paid_cents).sum();
    let sold_twice = Item::ALL.iter().any(|item| shop.left(*item) < 0);
    let so = if sold_twice { ": more was sold than there is" } else { "" };
    let [tea, mug] = Item::ALL.map(left);
    let events = log.last_position();
    format!("{events} events: {tea} and {mug} left, {} paid{so}.", euros(paid))
}

/// `4 tea`, `1 mug`, `no mugs`, `−1 mugs`
pub(super) fn count(count: i32, item: Item) -> String {
    let name = match (item, count) {
        (Item::Mug, 1) => "mug",
        (Item::Mug, _) => "mugs",
        (Item::Tea, _) => "tea",
    };
    let number = if count == 0 { "no".to_owned() } else { minus(count) };
    [&number, " ", name].concat()
}

/// A number with a sign that is as wide as a digit.
pub(super) fn minus(count: i32) -> String {
    if count < 0 { format!("−{}", count.unsigned_abs()) } else { count.to_string() }
}

/// What the whole log comes to.
pub(in crate::labs::events) fn state(cluster: &Cluster) -> Shop {
    let mut shop = Shop::default();
    let log = cluster.log();
    for position in 1..=log.last_position() {
        if let Some(event) = log.event(position) {
            shop.apply(shop::upcast(*event.payload()));
        }
    }
    shop
}

/// What the settings leave out.
fn without(rules: &Rules) -> Vec<&'static str> {
    let is_left_out = [
        (!rules.check, "Nobody checks versions, so the last writer wins"),
        (!rules.same_ids, "A retry has a fresh id, so nobody recognises it"),
        (!rules.durable_first, "The log answers before its file is durable"),
        (rules.publish == Publish::Once, "Read models are told once, and never again"),
        (rules.checkpoint != CheckpointWrites::Together, "State and position are two writes"),
        (!rules.in_order, "Read models take events in as they come"),
    ];
    is_left_out.into_iter().filter(|(is_so, _)| *is_so).map(|(_, what)| what).collect()
}

/// What a cut means, in a sentence without its full stop.
pub(in crate::labs::events) fn sides(cluster: &Cluster, cut: &Cut<'_>) -> Option<String> {
    let network = cluster.world().network();
    let log = cluster.rules().log;
    if log == Log::Raft {
        let sides = vec![cluster.world().node_ids().collect()];
        return describe(network, &Quorum { sides }, cut);
    }
    let is = |node: NodeId, desk: bool| (role(log, node) == Role::Desk) == desk;
    let mut parts = Vec::new();
    for (desk, there, back, one, several) in [
        (true, true, true, "cannot reach the log", "cannot reach the log"),
        (true, true, false, "is not heard by the log", "are not heard by the log"),
        (
            true,
            false,
            true,
            "is heard by the log and does not hear its answers",
            "are heard by the log and do not hear its answers",
        ),
        (false, true, true, "hears of nothing new", "hear of nothing new"),
        (false, true, false, "hears and cannot say so", "hear and cannot say so"),
        (false, false, true, "hears of nothing new", "hear of nothing new"),
    ] {
        let nodes = cluster.world().node_ids().filter(|node| {
            let stands = (cut(*node, KEEPER), cut(KEEPER, *node)) == (there, back);
            *node != KEEPER && is(*node, desk) && stands
        });
        let nodes: Vec<NodeId> = nodes.collect();
        if !nodes.is_empty() {
            let verb = if nodes.len() == 1 { one } else { several };
            parts.push(format!("{} {verb}", names(&nodes)));
        }
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}
