//! How clients look, and what is told of them (§8; thesis, chapter 6).

use super::super::telling::Telling;
use super::super::{Ask, Choice, Client, Command, MAX_CLIENTS, Table};
use super::{Asked, Clients, Fate, RaftProcess, RaftRequest, scene::command_text};
use crate::raft::{LogIndex, Outcome, RequestId};
use crate::scene::{Chip, ChipState, ClientView, Density, Frame, Point, Tone};
use crate::sim::{NodeId, World};
use crate::small_text::joined;

/// So many clients fit into the picture; the table has all.
const SHOWN_MOST: usize = 4;

/// C1 and C2, and whoever else has asked for something.
fn present(clients: &Clients) -> impl Iterator<Item = Client> {
    let acts = |client: &Client| client.0 <= 2 || clients.latest(*client).is_some();
    (1..=MAX_CLIENTS).map(Client).filter(acts)
}

/// The clients in the picture of servers that stand at `stands`.
pub(super) fn views(clients: &Clients, frame: Frame, stands: &[Point]) -> Vec<ClientView> {
    let many = present(clients).count() > 2;
    let most = if many { 1 } else { ClientView::chips_shown(frame, stands.len()) };
    let view = |(place, client): (usize, Client)| {
        let latest = || clients.asked().iter().rev().filter(|asked| asked.client == client);
        let (at, mirrored) = ClientView::stand(frame, place);
        let chips: Vec<Chip> = latest().take(most).map(|asked| chip(clients, asked)).collect();
        let waiting = latest().find(|asked| asked.fate == Fate::Open);
        let note = session_text(clients, client);
        let said = chips.iter().map(|chip| format!(". {}: {}", chip.text, chip.answer));
        ClientView {
            client: client.0,
            name: client.to_string(),
            at,
            mirrored,
            description: format!("Client {client}, {note}{}", said.collect::<String>()),
            note,
            waits_for: waiting.and_then(|asked| stands.get(asked.via.index()).copied()),
            chips,
            stacked: frame.density() == Density::Compact,
        }
    };
    present(clients).take(SHOWN_MOST).enumerate().map(view).collect()
}

fn session_text(clients: &Clients, client: Client) -> String {
    match clients.session(client) {
        Some(session) => format!("session {}", session.0),
        None => "no session".to_owned(),
    }
}

fn chip(clients: &Clients, asked: &Asked) -> Chip {
    let (state, answer) = match &asked.fate {
        Fate::Open => (ChipState::Waiting, format!("at {}", asked.via)),
        Fate::Done(found) => match &asked.what {
            Ask::Read { .. } => (ChipState::Done, format!("is {}", found_text(found))),
            _ => (ChipState::Done, "ok".to_owned()),
        },
        Fate::DoneBefore => (ChipState::Done, "done before".to_owned()),
        Fate::NotLeader(Some(leader)) => (ChipState::Refused, format!("ask {leader}")),
        Fate::NotLeader(None) => (ChipState::Refused, "no leader".to_owned()),
        Fate::Refused(_) => (ChipState::Refused, "refused".to_owned()),
        Fate::SessionEnded => (ChipState::Refused, "session over".to_owned()),
        Fate::Unknown => (ChipState::Unknown, "unknown".to_owned()),
    };
    Chip { text: what_text(clients, asked), answer, state }
}

fn found_text(found: &Option<String>) -> &str {
    found.as_deref().unwrap_or("nothing")
}

/// What was asked for, in a few letters.
pub(super) fn what_text(clients: &Clients, asked: &Asked) -> String {
    match &asked.what {
        Ask::Write { key, value } => format!("{key}={value}"),
        Ask::Read { key } => key.clone(),
        Ask::Delete { key } => format!("delete {key}"),
        Ask::OpenSession => "session".to_owned(),
        Ask::Do { what } => what.clone(),
        Ask::Retry => {
            let again = if asked.fate == Fate::DoneBefore { "" } else { " again" };
            latest_write(clients, asked.client, asked.request) + again
        }
    }
}

/// The write that `client` had asked for before the request `before`.
fn latest_write(clients: &Clients, client: Client, before: RequestId) -> String {
    let mut earlier =
        clients.asked().iter().rev().filter(|a| a.client == client && a.request < before);
    let written = earlier.find_map(|asked| match &asked.what {
        Ask::Write { key, value } => Some(format!("{key}={value}")),
        Ask::Delete { key } => Some(format!("delete {key}")),
        _ => None,
    });
    written.unwrap_or_default()
}

/// The same as a table.
pub(super) fn table(clients: &Clients) -> Table {
    let row = |client: Client| {
        let of_it = clients.asked().iter().rev().filter(|asked| asked.client == client);
        let requests = of_it.take(6).map(|asked| {
            let chip = chip(clients, asked);
            format!("{} via {}: {}", chip.text, asked.via, chip.answer)
        });
        let requests: Vec<String> = requests.collect();
        let leader = believed_leader(clients, client);
        vec![
            client.to_string(),
            session_text(clients, client),
            leader.map_or("–".to_owned(), |leader| leader.to_string()),
            if requests.is_empty() {
                "none".to_owned()
            } else {
                joined(&mut requests.into_iter(), "; ")
            },
        ]
    };
    Table {
        caption: "Every client, and what it knows of what it asked for, the newest first.".into(),
        head: vec!["Client", "Session", "Asks", "Requests"],
        rows: present(clients).map(row).collect(),
    }
}

/// Whom `client` would ask next: who answered it last, or whom it was told to ask.
pub(super) fn believed_leader(clients: &Clients, client: Client) -> Option<NodeId> {
    let of_it = clients.asked().iter().rev().filter(|asked| asked.client == client);
    of_it.take(8).find_map(|asked| match asked.fate {
        Fate::Done(_) | Fate::DoneBefore | Fate::SessionEnded => Some(asked.via),
        Fate::NotLeader(Some(leader)) => Some(NodeId(leader.0)),
        _ => None,
    })
}

/// What `client` can do, and whom it asks. By itself it asks whom it takes for the leader.
pub(super) fn choices(
    world: &World<RaftProcess>,
    clients: &Clients,
    client: Client,
    via: Option<NodeId>,
) -> Vec<Choice> {
    let believed = believed_leader(clients, client);
    let via = via.or(believed).unwrap_or(NodeId(0));
    let whom = match believed {
        Some(leader) if leader == via => format!("Asks {via}, which it takes for the leader"),
        _ => format!("Asks {via}"),
    };
    if world.node(via).is_none_or(|node| node.process().is_none()) {
        let why = "It is down: no answer would come";
        return vec![Choice::unavailable(format!("Ask {via}"), why)];
    }
    let mut choices = asks(clients, client, via, "", &whom).to_vec();
    let session = clients.session(client);
    if session.is_none() {
        let hint = "From then on, what it asks for twice is done once";
        let command = Command::Ask { client, via, what: Ask::OpenSession };
        choices.push(Choice::new("Open a session", hint, command));
    }
    let written = latest_write(clients, client, RequestId(u64::MAX));
    if !written.is_empty() {
        let hint = match session {
            Some(_) => "The session knows the number: done before is not done again",
            None => "Without a session nobody knows: it may be done twice",
        };
        let command = Command::Ask { client, via, what: Ask::Retry };
        choices.push(Choice::new(format!("Ask again: {written}"), hint, command));
    }
    choices
}

/// A write, and a read of what was written last. Every write sets another value, so that each can
/// be told from the others.
pub(super) fn asks(
    clients: &Clients,
    client: Client,
    via: NodeId,
    place: &str,
    hint: &str,
) -> [Choice; 2] {
    let number = clients.writes() + 1;
    let key = |number: u64| ["x", "y", "z"][((number.max(1) - 1) % 3) as usize];
    let written = key(number).to_owned();
    let mut latest = clients.asked().iter().rev();
    let last = latest.find_map(|asked| match &asked.what {
        Ask::Write { key, .. } => Some(key.clone()),
        _ => None,
    });
    let last = last.unwrap_or_else(|| written.clone());
    let write = Ask::Write { key: written.clone(), value: number.to_string() };
    let ask = |what| Command::Ask { client, via, what };
    [
        Choice::new(format!("Write {written}={number}{place}"), hint, ask(write)),
        Choice::new(format!("Read {last}{place}"), hint, ask(Ask::Read { key: last })),
    ]
}

/// A client asks `node` for something.
pub(super) fn tell_ask(clients: &Clients, node: NodeId, request: &RaftRequest) -> Option<Telling> {
    let (id, section) = match request {
        RaftRequest::Propose { request, .. } => (request, "§8"),
        RaftRequest::Read { request, .. } => (request, "Thesis 6.4"),
        RaftRequest::RegisterClient { request } | RaftRequest::ClientRequest { request, .. } => {
            (request, "Thesis 6.3")
        }
        _ => return None,
    };
    let asked = clients.find(*id);
    let who = asked.map_or("A client".to_owned(), |asked| asked.client.to_string());
    let again = if asked.is_some_and(|asked| asked.what == Ask::Retry) { " again" } else { "" };
    let text = match request {
        RaftRequest::Propose { command, .. } => {
            let rest = if again.is_empty() { "" } else { ", which may be done twice" };
            format!("{who} asks {node}{again} to write {}{rest}.", command_text(command))
        }
        RaftRequest::ClientRequest { sequence, command, .. } => {
            let text = command_text(command);
            let still = if again.is_empty() { "" } else { "still " };
            format!("{who} asks {node}{again} to write {text}, {still}its number {sequence}.")
        }
        RaftRequest::Read { key, .. } => format!("{who} asks {node} to read {key}."),
        _ => format!("{who} asks {node} for a session."),
    };
    Some((Tone::Plain, text, Some(section)))
}

/// `node` answers a request. The refusal itself is told when it is decided, and what was read when
/// it is read.
pub(super) fn tell_answer(
    clients: &Clients,
    node: NodeId,
    request: RequestId,
    outcome: &Outcome,
) -> Option<Telling> {
    let asked = clients.find(request);
    let who = asked.map_or("its client".to_owned(), |asked| asked.client.to_string());
    match outcome {
        Outcome::Committed { index, .. } => Some(match asked {
            Some(asked) => tell_done(clients, node, asked, *index),
            None => {
                let text = format!("The change of members is committed, as entry {index}.");
                (Tone::Chief, text, Some("§6"))
            }
        }),
        Outcome::Unknown => {
            let text = format!("{node} cannot tell {who} what will become of that.");
            Some((Tone::Bad, text, Some("§8")))
        }
        Outcome::Readable { .. }
        | Outcome::ChangeRefused { .. }
        | Outcome::NotLeader { .. }
        | Outcome::Refused { .. } => None,
    }
}

fn tell_done(clients: &Clients, node: NodeId, asked: &Asked, index: LogIndex) -> Telling {
    let who = asked.client;
    let what = what_text(clients, asked);
    let (tone, text, section) = match (&asked.fate, &asked.what) {
        (Fate::DoneBefore, _) => {
            (Tone::Calm, format!("{node} tells {who}: done before, not again."), "Thesis 6.3")
        }
        (Fate::SessionEnded, _) => {
            let text = format!("{node} tells {who}: your session has ended, nothing is done.");
            (Tone::Bad, text, "Thesis 6.3")
        }
        (_, Ask::OpenSession) => {
            (Tone::Chief, format!("{node} tells {who}: session {index} is open."), "Thesis 6.3")
        }
        _ => {
            let text = format!("{node} tells {who}: {what} is committed, as entry {index}.");
            (Tone::Chief, text, "§8")
        }
    };
    (tone, text, Some(section))
}

/// What was found in a read.
pub(super) fn tell_read(
    clients: &Clients,
    node: NodeId,
    request: RequestId,
    key: &str,
    value: &Option<String>,
) -> Telling {
    let who = clients.find(request).map_or("the client".to_owned(), |a| a.client.to_string());
    let text = format!("{node} tells {who}: {key} is {}.", found_text(value));
    (Tone::Chief, text, Some("Thesis 6.4"))
}

/// Who was left without an answer when `node` crashed at `at_us`; empty if nobody was.
pub(super) fn tell_left_alone(clients: &Clients, node: NodeId, at_us: u64) -> String {
    let left = |asked: &&Asked| {
        asked.via == node && asked.fate == Fate::Unknown && asked.known_us == Some(at_us)
    };
    let left = clients.asked().iter().filter(left);
    let tell = |asked: &Asked| {
        format!(" {} does not know what became of {}.", asked.client, what_text(clients, asked))
    };
    left.map(tell).collect()
}
