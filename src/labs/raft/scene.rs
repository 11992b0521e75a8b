//! How a Raft cluster looks: roles as shapes, the log as cells, messages as tokens.

use std::sync::Arc;

use super::super::LegendItem;
use super::super::partition::describe;
use super::super::stage::{Look, Placing, in_the_world, links, stands, troubles};
use super::members::{in_force, joint_line, quorum, standing};
use super::{Clients, RaftProcess, client_views};
use crate::raft::{
    ChunkResult, Configuration, Entry, KeyValueCommand, Log, LogIndex, Message, MessageKind,
    Payload, Role, Server,
};
use crate::scene::{
    Cell, CellLook, Countdown, Density, Frame, Mark, NodeView, Outline, Pip, Point, Ring, Scene,
    Shape, Strip, Token, Tone, tears,
};
use crate::sim::{Flight, NodeId, World};
use crate::small_text::joined;
use crate::sorted::SortedSet;

pub(super) type RaftWorld = World<RaftProcess>;

/// What the shapes mean.
/// The last one only where there are snapshots.
pub(super) const LEGEND: [LegendItem; 6] = [
    LegendItem::new(Shape::Diamond, Tone::Eager, true, "asks for a vote"),
    LegendItem::new(Shape::Diamond, Tone::Eager, false, "gives it ✓ or not ✗"),
    LegendItem::new(Shape::Square, Tone::Chief, true, "carries entries"),
    LegendItem::new(Shape::Dot, Tone::Chief, true, "heartbeat"),
    LegendItem::new(Shape::Square, Tone::Chief, false, "has it ✓ or not ✗"),
    LegendItem::new(Shape::Stack, Tone::Chief, true, "snapshot"),
];

/// How to read the rest.
pub(super) const READING: &str = "A crown marks a leader, a dashed ring a candidate. The arc is \
     the time a server still waits before it asks for votes. Each cell is a log entry under its \
     term: dashed until it is known to be committed, and a stack where a snapshot stands for many. \
     C1 and C2 are clients: tap one to let it ask.";

/// The picture of `world` at this instant.
pub(super) fn scene(world: &RaftWorld, clients: &Clients, frame: Frame, linger_us: u64) -> Scene {
    let members = in_force(world);
    let view = |id: NodeId, at: Point| node(world, &members, id, at, frame);
    let ring = Ring::new(frame, world.node_ids().count());
    let network = world.network();
    let tears = tears(frame, &ring, &network.groups());
    let stands = stands(&ring, &tears);
    let links = links(world, &stands, &tears);
    let rim = frame.node_radius() + 8.0;
    let place = Placing { world, stands: &stands, links: &links, rim };
    Scene {
        frame,
        nodes: world.node_ids().map(|id| view(id, stands[id.index()])).collect(),
        tokens: world.network().in_flight().filter_map(|flight| token(&place, flight)).collect(),
        bursts: place.bursts(linger_us),
        links,
        tears,
        clients: client_views::views(clients, frame, &stands),
        headline: headline(world) + &joint_line(&members).unwrap_or_default(),
        network_line: describe(network, &quorum(&members), &|from, to| network.is_cut(from, to)),
    }
}

pub(super) fn server(world: &RaftWorld, id: NodeId) -> Option<&Server<KeyValueCommand>> {
    Some(world.node(id)?.process()?.server())
}

fn node(
    world: &RaftWorld,
    members: &Configuration,
    id: NodeId,
    at: Point,
    frame: Frame,
) -> NodeView {
    let name = id.to_string();
    let Some(server) = server(world, id) else {
        let durable = world.node(id).map(|node| node.disk().image());
        let term = durable.map_or(0, |durable| durable.current_term.0);
        let strip = durable.map_or_else(Strip::default, |durable| {
            strip(&durable.log, LogIndex(0), frame.cells(world.node_ids().count()))
        });
        let description = format!("{name} term {term} down: {} on its disk", holds(&strip));
        return NodeView {
            id,
            name,
            at,
            tone: Tone::Off,
            outline: Outline::Thin,
            crown: false,
            hatched: true,
            word: "down".to_owned(),
            detail: format!("term {term}"),
            countdown: None,
            pips: Vec::new(),
            burning: Vec::new(),
            strip,
            gauge: None,
            tray: None,
            description,
        };
    };
    let standing = standing(members, id);
    let (tone, outline) = match server.role() {
        Role::Follower { .. } => match standing {
            "voter" => (Tone::Calm, Outline::Thin),
            "learner" => (Tone::Calm, Outline::Dotted),
            _ => (Tone::Plain, Outline::Faint),
        },
        Role::PreCandidate { .. } | Role::Candidate { .. } => (Tone::Eager, Outline::Dashed),
        Role::Leader { .. } => (Tone::Chief, Outline::Thick),
    };
    let term = server.current_term();
    let strip = strip(server.log(), server.commit_index(), frame.cells(world.node_ids().count()));
    let troubles = troubles(world, id);
    // Who has a vote is called by its role. Others that follow are called by what they are.
    let word = match (standing, server.role()) {
        ("voter", _) => role_word(server).to_owned(),
        (other, Role::Follower { .. }) => other.to_owned(),
        (other, _) => format!("{}, {other}", role_word(server)),
    };
    NodeView {
        description: format!(
            "{name} term {term} {word}{troubles}: {}, {} committed",
            holds(&strip),
            server.commit_index().0
        ),
        id,
        name,
        at,
        tone,
        outline,
        crown: matches!(server.role(), Role::Leader { .. }),
        hatched: world.node(id).is_some_and(|node| node.paused_since_us().is_some()),
        word: match frame.density() {
            // No room for both: the crown and the ring tell the role as well.
            Density::Compact if !troubles.is_empty() => {
                troubles.strip_prefix(", ").unwrap_or_default().to_owned()
            }
            // What leads or stands for election without a vote has the crown or the ring, too.
            Density::Compact if standing != "voter" => standing.to_owned(),
            _ => format!("{word}{troubles}"),
        },
        detail: format!("term {term}"),
        countdown: server.election_timer().map(|timer| Countdown {
            started_us: in_the_world(world, id, timer.started_us),
            deadline_us: in_the_world(world, id, timer.deadline_us),
        }),
        pips: pips(server),
        burning: Vec::new(),
        strip,
        gauge: None,
        tray: None,
    }
}

pub(in crate::labs) fn role_word(server: &Server<KeyValueCommand>) -> &'static str {
    match server.role() {
        Role::Follower { .. } => "follower",
        Role::PreCandidate { .. } => "pre-candidate",
        Role::Candidate { .. } => "candidate",
        Role::Leader { .. } => "leader",
    }
}

/// A server where others are no Raft: its role and its term.
pub(in crate::labs) fn look(server: &Server<KeyValueCommand>) -> Look {
    let (tone, outline) = match server.role() {
        Role::Follower { .. } => (Tone::Calm, Outline::Thin),
        Role::PreCandidate { .. } | Role::Candidate { .. } => (Tone::Eager, Outline::Dashed),
        Role::Leader { .. } => (Tone::Chief, Outline::Thick),
    };
    let mut look = Look::new(tone, outline, role_word(server));
    look.crown = matches!(server.role(), Role::Leader { .. });
    look.detail = format!("term {}", server.current_term());
    look
}

/// A candidate's votes, one dot a server.
fn pips(server: &Server<KeyValueCommand>) -> Vec<Pip> {
    match server.role() {
        Role::PreCandidate { votes } | Role::Candidate { votes } => {
            let pip = |member| if votes.contains(&member) { Pip::Yes } else { Pip::Open };
            let configuration = server.configuration();
            let voters = configuration.members().into_vec().into_iter();
            voters.filter(|id| configuration.is_voter(*id)).map(pip).collect()
        }
        Role::Follower { .. } | Role::Leader { .. } => Vec::new(),
    }
}

fn strip(log: &Log<KeyValueCommand>, committed: LogIndex, most: usize) -> Strip {
    let base = log.base();
    let compacted = base.last_log_index > LogIndex(0);
    let hidden = log.len().saturating_sub(most - usize::from(compacted));
    // What a snapshot stands for is one cell, under the term of the last entry in it.
    let snapshot = Cell {
        head: base.last_log_term.0.to_string(),
        text: format!("1…{}", base.last_log_index),
        tint: (base.last_log_term.0 % 6) as u8,
        look: CellLook::Stacked,
    };
    let cell = |(index, entry): (LogIndex, &Arc<Entry<KeyValueCommand>>)| Cell {
        head: entry.term.0.to_string(),
        text: entry_text(entry),
        tint: (entry.term.0 % 6) as u8,
        look: if index <= committed { CellLook::Solid } else { CellLook::Loose },
    };
    let entries = log.iter().skip(hidden).map(cell);
    let cells = compacted.then_some(snapshot).into_iter().chain(entries).collect();
    Strip { hidden, wide: false, cells }
}

fn holds(strip: &Strip) -> String {
    match strip.hidden + strip.cells.len() {
        0 => "an empty log".to_owned(),
        1 => "1 entry".to_owned(),
        entries => format!("{entries} entries"),
    }
}

/// An entry in a few letters.
pub(in crate::labs) fn entry_text(entry: &Entry<KeyValueCommand>) -> String {
    match &entry.payload {
        Payload::Noop => "–".to_owned(),
        Payload::Configuration(_) => "members".to_owned(),
        Payload::RegisterClient { .. } => "client".to_owned(),
        Payload::Command(command) | Payload::ClientRequest { command, .. } => command_text(command),
    }
}

pub(in crate::labs) fn command_text(command: &KeyValueCommand) -> String {
    match command {
        KeyValueCommand::Put { key, value } => format!("{key}={value}"),
        KeyValueCommand::Delete { key } => format!("−{key}"),
    }
}

/// A message on its way.
fn token(place: &Placing<'_, RaftProcess>, flight: &Flight) -> Option<Token> {
    let (from, to, message) = place.world.history().message(flight.id)?;
    let (shape, filled, mark, tone) = dress(message);
    let entries = match message {
        Message::AppendEntries { entries, .. } => &entries[..],
        _ => &[],
    };
    Some(Token {
        id: flight.id.0,
        shape,
        filled,
        mark,
        tone,
        label: match entries {
            [] => snapshot_label(message),
            [only] => entry_text(only),
            [first, .., last] => format!("{} … {}", entry_text(first), entry_text(last)),
        },
        tint: None,
        lane: place.lane(from, to),
        sent_us: flight.sent_us,
        arrives_us: flight.arrives_us,
        stopped_at: place.stop(flight),
        description: format!("{} from {from} to {to}, {}", kind_name(message), says(message)),
    })
}

/// A message's shape, whether it is filled, its mark and its colour.
pub(in crate::labs) fn dress(
    message: &Message<KeyValueCommand>,
) -> (Shape, bool, Option<Mark>, Tone) {
    let mark = |yes| Some(if yes { Mark::Check } else { Mark::Cross });
    match message {
        Message::RequestVote { .. } | Message::PreVote { .. } | Message::TimeoutNow { .. } => {
            (Shape::Diamond, true, None, Tone::Eager)
        }
        Message::RequestVoteReply { vote_granted, .. }
        | Message::PreVoteReply { vote_granted, .. } => {
            (Shape::Diamond, false, mark(*vote_granted), Tone::Eager)
        }
        Message::AppendEntries { entries, .. } if entries.is_empty() => {
            (Shape::Dot, true, None, Tone::Chief)
        }
        Message::AppendEntries { .. } => (Shape::Square, true, None, Tone::Chief),
        Message::AppendEntriesReply { result, .. } => {
            (Shape::Square, false, mark(result.success()), Tone::Chief)
        }
        Message::InstallSnapshot { .. } => (Shape::Stack, true, None, Tone::Chief),
        Message::InstallSnapshotReply { result, .. } => {
            (Shape::Stack, false, mark(*result != ChunkResult::Refused), Tone::Chief)
        }
    }
}

/// What a snapshot that is on its way stands for.
fn snapshot_label(message: &Message<KeyValueCommand>) -> String {
    match message {
        Message::InstallSnapshot { chunk, .. } => {
            format!("1…{}", chunk.snapshot.last_included_index)
        }
        _ => String::new(),
    }
}

pub(in crate::labs) fn kind_name(message: &Message<KeyValueCommand>) -> &'static str {
    match message.kind() {
        MessageKind::RequestVote => "RequestVote",
        MessageKind::RequestVoteReply => "Answer to RequestVote",
        MessageKind::PreVote => "PreVote",
        MessageKind::PreVoteReply => "Answer to PreVote",
        MessageKind::TimeoutNow => "TimeoutNow",
        MessageKind::InstallSnapshot => "InstallSnapshot",
        MessageKind::InstallSnapshotReply => "Answer to InstallSnapshot",
        MessageKind::AppendEntries => "AppendEntries",
        MessageKind::AppendEntriesReply => "Answer to AppendEntries",
    }
}

pub(in crate::labs) fn says(message: &Message<KeyValueCommand>) -> String {
    let term = message.term();
    match message {
        Message::RequestVote { .. } | Message::PreVote { .. } | Message::TimeoutNow { .. } => {
            format!("term {term}")
        }
        Message::RequestVoteReply { vote_granted, .. }
        | Message::PreVoteReply { vote_granted, .. } => {
            format!("term {term}: {}", if *vote_granted { "granted" } else { "denied" })
        }
        Message::InstallSnapshot { chunk, .. } => {
            let through = chunk.snapshot.last_included_index;
            let part = if chunk.done { "the last part" } else { "a part" };
            format!("term {term}: state after entry {through}, {part}, from byte {}", chunk.offset)
        }
        Message::InstallSnapshotReply { result, .. } => match result {
            ChunkResult::Continue { next_offset } => format!("term {term}: on from {next_offset}"),
            ChunkResult::Installed => format!("term {term}: installed"),
            ChunkResult::Refused => format!("term {term}: refused"),
        },
        Message::AppendEntries { entries, .. } => {
            format!("term {term}: {} entries", entries.len())
        }
        Message::AppendEntriesReply { result, .. } => {
            format!("term {term}: {}", if result.success() { "success" } else { "failure" })
        }
    }
}

/// One sentence on how things stand.
pub(super) fn headline(world: &RaftWorld) -> String {
    let servers = || world.node_ids().filter_map(|id| Some((id, server(world, id)?)));
    let leaders: SortedSet<_> = servers()
        .filter(|(_, server)| matches!(server.role(), Role::Leader { .. }))
        .map(|(id, server)| (server.current_term(), id))
        .collect();
    let leaders = leaders.into_vec();
    match &leaders[..] {
        [] if servers().next().is_none() => "Every server is down. Restart one.".to_owned(),
        [] => {
            let (mut highest, mut names) = (None, Vec::new());
            for (id, server) in servers() {
                if matches!(server.role(), Role::Candidate { .. }) {
                    let term = Some(server.current_term());
                    if term > highest {
                        highest = term;
                        names.clear();
                    }
                    if term == highest {
                        names.push(id.to_string());
                    }
                }
            }
            let Some(term) = highest else {
                return "No leader. The first timer to run out will ask for votes.".to_owned();
            };
            let do_so = if names.len() == 1 { "asks" } else { "compete" };
            format!(
                "No leader. {} {do_so} for votes in term {term}.",
                joined(&mut names.into_iter(), ", ")
            )
        }
        [(term, id)] => format!("{id} leads term {term}."),
        [older @ .., (term, id)] => {
            let older = joined(&mut older.iter().map(|(_, id)| id.to_string()), " and ");
            format!("{id} leads term {term}. {older} still believes it leads.")
        }
    }
}
