//! The clients: what each has asked for and what it knows of that, as chips, as a table and as
//! choices.

use super::super::{Ask, Choice, Client, Command, MAX_CLIENTS, Table};
use super::clients::{Asked, Clients, Fate};
use super::systems::reason;
use super::{Cluster, WhyRefused};
use crate::check::consistency::Anomaly;
use crate::scene::{Burst, Chip, ChipState, ClientView, Density, Frame, Point};
use crate::sim::NodeId;

/// So many clients fit into the picture; the table has all.
const SHOWN_MOST: usize = 4;

/// Beyond so many requests the picture does not say any more which writes are lost: to find out
/// takes as many steps as there are pairs of them.
const JUDGED_MOST: usize = 200;

/// The guarantees of a session: how each breaks, what people call it, and its letters.
const BADGES: [(Anomaly, &str, &str, &str); 4] = [
    (Anomaly::OwnWriteMissed, "read your writes", "RYW", "own write missed"),
    (Anomaly::WentBack, "monotonic reads", "MR", "reads went back"),
    (Anomaly::WritesOutOfOrder, "monotonic writes", "MW", "writes out of order"),
    (Anomaly::EffectWithoutCause, "writes follow reads", "WFR", "effect without cause"),
];

/// C1 and C2, and whoever else has asked for something.
fn present(clients: &Clients) -> impl Iterator<Item = Client> {
    let acts = |client: &Client| client.0 <= 2 || clients.latest(*client).is_some();
    (1..=MAX_CLIENTS).map(Client).filter(acts)
}

/// How often this happened to `client`.
fn times(cluster: &Cluster, client: Client, anomaly: Anomaly) -> usize {
    let breaches = cluster.watch().breaches().iter();
    breaches.filter(|it| it.client == u64::from(client.0) && it.anomaly == anomaly).count()
}

/// The clients in the picture of servers that stand at `stands`.
pub(super) fn views(cluster: &Cluster, frame: Frame, stands: &[Point]) -> Vec<ClientView> {
    let clients = cluster.clients();
    let many = present(clients).count() > 2;
    let most = if many { 1 } else { ClientView::chips_shown(frame, stands.len()) };
    let view = |(place, client): (usize, Client)| {
        let latest = || clients.asked().iter().rev().filter(|asked| asked.client == client);
        let (at, mirrored) = ClientView::stand(frame, place);
        let chips: Vec<Chip> = latest().take(most).map(|asked| chip(cluster, asked)).collect();
        let waiting = latest().find(|asked| asked.fate == Fate::Open);
        let said = chips.iter().map(|chip| format!(". {}: {}", chip.text, chip.answer));
        let said: String = said.collect();
        let guarantees = guarantees(cluster, client);
        let home = home(cluster, client);
        ClientView {
            client: client.0,
            name: client.to_string(),
            at,
            mirrored,
            description: format!("Client {client}, {home}. {guarantees}{said}"),
            note: note(cluster, client, frame),
            waits_for: waiting.and_then(|asked| stands.get(asked.with.index()).copied()),
            chips,
            stacked: frame.density() == Density::Compact,
        }
    };
    present(clients).take(SHOWN_MOST).enumerate().map(view).collect()
}

/// To whom a client turns: `asks S1`.
fn home(cluster: &Cluster, client: Client) -> String {
    let asks = if cluster.config().sticky { "asks " } else { "next asks " };
    [asks, &cluster.clients().next_server(client).to_string()].concat()
}

/// Under its name: to whom it turns, and which guarantees have broken for it.
fn note(cluster: &Cluster, client: Client, frame: Frame) -> String {
    let broken = BADGES.iter().filter(|badge| times(cluster, client, badge.0) > 0);
    let broken: String = broken.map(|badge| [" ✗ ", badge.2].concat()).collect();
    match frame.density() {
        Density::Compact if !broken.is_empty() => broken.trim_start().to_owned(),
        _ => home(cluster, client) + &broken,
    }
}

/// Every guarantee and whether it held so far: `read your writes ✓, monotonic reads ✗ 2 times`.
fn guarantees(cluster: &Cluster, client: Client) -> String {
    let badge = |(anomaly, name, ..): &(Anomaly, &str, &str, &str)| match times(
        cluster, client, *anomaly,
    ) {
        0 => format!("{name} ✓"),
        1 => format!("{name} ✗ once"),
        times => format!("{name} ✗ {times} times"),
    };
    BADGES.iter().map(badge).collect::<Vec<_>>().join(", ")
}

/// The guarantees that broke in the last `linger_us`, each beside its client.
pub(super) fn bursts(cluster: &Cluster, frame: Frame, linger_us: u64) -> Vec<Burst> {
    let (world, watch) = (cluster.world(), cluster.watch());
    let since_us = world.now_us().saturating_sub(linger_us);
    let place_of = |client: u64| {
        let mut shown = present(cluster.clients()).take(SHOWN_MOST);
        shown.position(|other| u64::from(other.0) == client)
    };
    let mut bursts = Vec::new();
    for (breach, record) in watch.breaches().iter().zip(cluster.breach_records()).rev() {
        if world.history().get(*record).is_none_or(|record| record.at_us < since_us) {
            break;
        }
        let badge = BADGES.iter().find(|badge| badge.0 == breach.anomaly);
        let (Some(place), Some(badge)) = (place_of(breach.client), badge) else { continue };
        let (at, mirrored) = ClientView::stand(frame, place);
        // Below what it has to say.
        let aside = if frame.density() == Density::Compact { 46.0 } else { 96.0 };
        let at = Point::new(at.x + if mirrored { -aside } else { aside }, at.y + 84.0);
        bursts.push(Burst { id: record.0, at, reason: badge.3 });
    }
    bursts
}

fn chip(cluster: &Cluster, asked: &Asked) -> Chip {
    let (state, answer) = match &asked.fate {
        Fate::Open => (ChipState::Waiting, format!("at {}", asked.with)),
        Fate::Done(_) if asked.written().is_some() => match is_lost(cluster, asked) {
            true => (ChipState::Wrong, "ok, yet lost".to_owned()),
            false => (ChipState::Done, "ok".to_owned()),
        },
        Fate::Done(found) => {
            let stale = if asked.stale { ", stale" } else { "" };
            let found = if found.is_empty() { "nothing".to_owned() } else { found.join(" ∥ ") };
            let state = if asked.stale { ChipState::Wrong } else { ChipState::Done };
            (state, ["is ", &found, stale].concat())
        }
        Fate::Refused(why) => (ChipState::Refused, refused(*why)),
        Fate::Unknown { needed: 0, .. } => (ChipState::Unknown, "unknown".to_owned()),
        Fate::Unknown { acked, needed } => {
            (ChipState::Unknown, format!("unknown, {acked} of {needed}"))
        }
    };
    Chip { text: what_text(asked), answer, state }
}

/// Why, in a word or two: the table has it in full.
fn refused(why: WhyRefused) -> String {
    match why {
        WhyRefused::TooFewAlive { alive, needed } => format!("refused, {alive} of {needed}"),
        WhyRefused::Behind => "refused, behind".to_owned(),
        WhyRefused::NotLeader(_) => "no leader".to_owned(),
        WhyRefused::NotPrimary(_) => "no primary".to_owned(),
        _ => "refused".to_owned(),
    }
}

fn is_lost(cluster: &Cluster, asked: &Asked) -> bool {
    if cluster.clients().asked().len() > JUDGED_MOST {
        return false;
    }
    cluster.clients().place_of(asked.called).is_some_and(|place| cluster.is_lost(place))
}

/// What was asked for, in a few letters.
pub(super) fn what_text(asked: &Asked) -> String {
    let again = if asked.retries.is_some() { " again" } else { "" };
    let what = match asked.written() {
        Some(Some(value)) => format!("{}={value}", asked.key),
        Some(None) => format!("delete {}", asked.key),
        None => asked.key.clone(),
    };
    what + again
}

/// What clients have asked for, and what became of it.
pub(super) fn table(cluster: &Cluster) -> Table {
    let clients = cluster.clients();
    let row = |client: Client| {
        let of_it = clients.asked().iter().rev().filter(|asked| asked.client == client);
        let requests: Vec<String> = of_it.take(6).map(|asked| in_full(cluster, asked)).collect();
        vec![
            client.to_string(),
            home(cluster, client),
            guarantees(cluster, client),
            if requests.is_empty() { "none".to_owned() } else { requests.join("; ") },
        ]
    };
    Table {
        caption: "Every client, what its session has kept so far, and what it knows of what it \
                  asked for, the newest first."
            .into(),
        head: vec!["Client", "Turns to", "Session guarantees", "Requests"],
        rows: present(clients).map(row).collect(),
    }
}

fn in_full(cluster: &Cluster, asked: &Asked) -> String {
    let said = match &asked.fate {
        Fate::Refused(why) => ["refused: ", &reason(*why)].concat(),
        _ => chip(cluster, asked).answer,
    };
    format!("{} via {}: {said}", what_text(asked), asked.via)
}

/// What `client` can do, and whom it asks.
pub(super) fn choices(cluster: &Cluster, client: Client, via: Option<NodeId>) -> Vec<Choice> {
    let clients = cluster.clients();
    let via = via.unwrap_or_else(|| clients.next_server(client));
    let hint = format!("Asks {via}");
    if cluster.world().node(via).is_none_or(|node| node.process().is_none()) {
        let why = "It is down: no answer would come";
        return vec![Choice::unavailable(format!("Ask {via}"), why)];
    }
    let mut choices = asks(cluster, client, via, "", &hint);
    let mine = |asked: &&Asked| asked.client == client && asked.written().is_some();
    if let Some(last) = clients.asked().iter().rev().find(mine) {
        let hint = match last.fate {
            Fate::Unknown { .. } => {
                "Nobody knows what became of it. Under the same name it is \
                                     done once"
            }
            Fate::Refused(_) => "It was refused; perhaps more servers are up now",
            _ => "Under the same name it is done once",
        };
        let command = Command::Ask { client, via, what: Ask::Retry };
        let last = what_text(&Asked { retries: None, ..last.clone() });
        choices.push(Choice::new(format!("Ask again: {last}"), hint, command));
    }
    let value = next_value(clients);
    let what = Ask::Write { key: "y".to_owned(), value: value.clone() };
    let hint = "Another key, with replicas and versions of its own";
    choices.push(Choice::new(format!("Write y={value}"), hint, Command::Ask { client, via, what }));
    choices
}

/// A write, a read and a delete of the key that was asked about last. Every write sets another
/// value, so that each can be told from the others.
pub(super) fn asks(
    cluster: &Cluster,
    client: Client,
    via: NodeId,
    place: &str,
    hint: &str,
) -> Vec<Choice> {
    let value = next_value(cluster.clients());
    let latest = cluster.clients().asked().iter().next_back();
    let key = latest.map_or_else(|| "x".to_owned(), |asked| asked.key.clone());
    let write = Ask::Write { key: key.clone(), value: value.clone() };
    let ask = |what| Command::Ask { client, via, what };
    let mut choices = vec![
        Choice::new(format!("Write {key}={value}{place}"), hint, ask(write)),
        Choice::new(format!("Read {key}{place}"), hint, ask(Ask::Read { key: key.clone() })),
    ];
    if latest.is_some() {
        let hint = "A delete is a write, too: it leaves a tombstone";
        let label = format!("Delete {key}{place}");
        choices.push(Choice::new(label, hint, ask(Ask::Delete { key })));
    }
    choices
}

/// What the next write sets.
fn next_value(clients: &Clients) -> String {
    let writes = clients.asked().iter().filter(|asked| matches!(asked.what, Ask::Write { .. }));
    (writes.count() + 1).to_string()
}
