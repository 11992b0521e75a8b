//! What lights up together in all pictures, whichever of them a thing is pointed at in.

use super::requests::Asked;
use super::system::EventsMessage;
use super::{Cluster, EventsEvent, KEEPER, Log, narration};
use crate::event_store::EventId;
use crate::scene::{EntryName, Highlight, Thing};
use crate::sim::{Budget, Happening, RecordId};

/// So far back the request is looked for that something came of.
const MOST_STEPS: usize = 4_096;

/// What belongs to a thing: to a message what came of it, the events that it carries, and the
/// request; to a request its call and answer, its messages and decisions, and the event that came
/// of it; to an event of the log the request, the record that told of it and the messages that
/// carry it. An event is an [`EntryName`] of its position and no term.
pub(super) fn highlight(cluster: &Cluster, thing: Thing) -> Highlight {
    let mut lit = Highlight::of(thing);
    let history = cluster.world().history();
    match thing {
        Thing::Message(id) => {
            for position in history.message(id).map_or(Vec::new(), |(_, _, it)| carried(it)) {
                lit.things.insert(event(position));
            }
            for decided in history.decided_on(id) {
                lit.things.insert(Thing::Record(decided));
            }
            light_origin(cluster, id, &mut lit);
        }
        Thing::Record(id) => {
            if let Some(message) = history.delivered_to(id) {
                lit.things.insert(Thing::Message(message));
            }
            if let Some(position) = position_of(cluster, id) {
                lit.things.insert(event(position));
            }
            let asked = narration::asked_at(cluster, id);
            if let Some(asked) = asked.or_else(|| narration::answered_at(cluster, id)) {
                light_request(cluster, asked, &mut lit);
            }
            light_origin(cluster, id, &mut lit);
        }
        Thing::Request(number) => {
            let asked = number.checked_sub(1).and_then(|place| usize::try_from(place).ok());
            if let Some(asked) = asked.and_then(|place| cluster.requests().asked().get(place)) {
                light_request(cluster, asked, &mut lit);
                light_parts(cluster, asked, &mut lit);
            }
        }
        Thing::Entry(EntryName { index, .. }) => light_event(cluster, index, &mut lit),
        Thing::Node(_) => {}
    }
    lit
}

/// An event of the log, as pictures name it.
fn event(position: u64) -> Thing {
    Thing::Entry(EntryName { index: position, term: 0 })
}

/// The positions of the events that a message carries or answers of.
fn carried(message: &EventsMessage) -> Vec<u64> {
    match message {
        EventsMessage::Publish { events, .. } => events.iter().map(|it| it.position).collect(),
        EventsMessage::Appended { appended, .. } => {
            appended.last.iter().map(|last| last.position).collect()
        }
        _ => Vec::new(),
    }
}

/// The event that a record tells of.
fn position_of(cluster: &Cluster, id: RecordId) -> Option<u64> {
    let Happening::Decided { event, .. } = &cluster.world().history().get(id)?.what else {
        return None;
    };
    match event {
        EventsEvent::Appended { recorded, .. } => Some(recorded.position),
        EventsEvent::Recognised { position, .. } | EventsEvent::TookIn { position, .. } => {
            Some(*position)
        }
        _ => None,
    }
}

/// Lights an event of the log: the request, and the messages that carry it now.
fn light_event(cluster: &Cluster, position: u64, lit: &mut Highlight) {
    let command = cluster.log().event(position).and_then(|event| event.metadata().correlation);
    let asked = command.and_then(|command| asked_for(cluster, command));
    if let Some(asked) = asked {
        lit.things.insert(Thing::Request(asked.request.0));
        lit.things.insert(Thing::Record(asked.called));
    }
    for flight in cluster.world().network().in_flight() {
        let message = cluster.world().history().message(flight.id);
        if message.is_some_and(|(_, _, message)| carried(message).contains(&position)) {
            lit.things.insert(Thing::Message(flight.id));
        }
    }
    if cluster.rules().log == Log::Single {
        lit.servers.insert(KEEPER);
    }
}

/// The latest request with a command's id.
fn asked_for(cluster: &Cluster, command: EventId) -> Option<&Asked> {
    cluster.requests().asked().iter().rev().find(|asked| asked.id == command)
}

/// Lights a request: its call and answer, its desk, and what is in the log of it.
fn light_request(cluster: &Cluster, asked: &Asked, lit: &mut Highlight) {
    lit.things.insert(Thing::Request(asked.request.0));
    lit.things.insert(Thing::Node(asked.via));
    for record in [Some(asked.called), asked.answered].into_iter().flatten() {
        lit.things.insert(Thing::Record(record));
    }
    let (log, stream) = (cluster.log(), asked.command.streams()[0]);
    if let Some(place) = log.find(stream, EventId::of_command(asked.id, 0)) {
        lit.things.insert(event(place.position));
    }
}

/// Lights what came of a request, and who has a part in it, without all that is theirs.
fn light_parts(cluster: &Cluster, asked: &Asked, lit: &mut Highlight) {
    let history = cluster.world().history();
    for id in history.future(&Budget::default(), asked.called).records {
        let what = history.get(id).map(|record| &record.what);
        if let Some(
            Happening::Requested { .. } | Happening::Sent { .. } | Happening::Decided { .. },
        ) = what
        {
            lit.records.insert(id);
        }
    }
    lit.servers.insert(asked.via);
    lit.servers.insert(asked.with);
    if cluster.rules().log == Log::Single {
        lit.servers.insert(KEEPER);
    }
}

/// Lights the request that a record came of.
fn light_origin(cluster: &Cluster, record: RecordId, lit: &mut Highlight) {
    let history = cluster.world().history();
    let back = std::iter::once(record).chain(history.path_back(record)).take(MOST_STEPS);
    let asked = |id: RecordId| {
        let is_request = matches!(history.get(id)?.what, Happening::Requested { .. });
        is_request.then(|| narration::asked_at(cluster, id)).flatten()
    };
    if let Some(asked) = back.filter_map(asked).last() {
        lit.things.insert(Thing::Request(asked.request.0));
    }
}
