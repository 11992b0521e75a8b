//! What lights up together in all pictures, whichever of them a thing is pointed at in.

use super::{Asked, Cluster, narration, words};
use crate::quorum::RequestId;
use crate::scene::{Highlight, Thing};
use crate::sim::{Budget, Happening, RecordId};

/// So far back the request is looked for that something came of.
const MOST_STEPS: usize = 4_096;

/// What belongs to a thing: to a message the others of the same request that are on their way, what
/// came of it, and the request; to a request its call and answer, its messages and decisions, and
/// the servers that have a part in it; to a call or an answer the request likewise.
pub(super) fn highlight(cluster: &Cluster, thing: Thing) -> Highlight {
    let mut lit = Highlight::of(thing);
    let (history, clients) = (cluster.world().history(), cluster.clients());
    match thing {
        Thing::Message(id) => {
            let message = history.message(id).map(|(_, _, message)| message);
            if let Some(request) = message.and_then(words::subject) {
                light_name(cluster, request, &mut lit);
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
            let place = clients.place_of(id).or_else(|| narration::answered_place(cluster, id));
            if let Some(asked) = place.and_then(|place| clients.asked().get(place)) {
                light_request(cluster, asked, &mut lit);
            }
            light_origin(cluster, id, &mut lit);
        }
        Thing::Request(number) => {
            if let Some(asked) = clients.numbered(number) {
                light_request(cluster, asked, &mut lit);
                light_parts(cluster, asked, &mut lit);
            }
        }
        Thing::Entry(_) | Thing::Node(_) => {}
    }
    lit
}

/// Lights a request: its call and answer, its messages, and who is known to have it.
fn light_request(cluster: &Cluster, asked: &Asked, lit: &mut Highlight) {
    for node in asked.landed.iter().copied().chain([asked.via]) {
        lit.things.insert(Thing::Node(node));
    }
    light_name(cluster, asked.request, lit);
    for record in [Some(asked.called), asked.answered].into_iter().flatten() {
        lit.things.insert(Thing::Record(record));
    }
}

/// Lights a request by its name, and its messages that are on their way.
fn light_name(cluster: &Cluster, request: RequestId, lit: &mut Highlight) {
    let asked = cluster.clients().writer(request);
    let place = asked.and_then(|asked| cluster.clients().place_of(asked.called));
    if let Some(place) = place {
        lit.things.insert(Thing::Request(place as u64 + 1));
    }
    for flight in cluster.world().network().in_flight() {
        let message = cluster.world().history().message(flight.id);
        if message.is_some_and(|(_, _, message)| words::subject(message) == Some(request)) {
            lit.things.insert(Thing::Message(flight.id));
        }
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
    asked.landed.iter().for_each(|node| _ = lit.servers.insert(*node));
}

/// Lights the request that a record came of.
fn light_origin(cluster: &Cluster, record: RecordId, lit: &mut Highlight) {
    let history = cluster.world().history();
    let back = std::iter::once(record).chain(history.path_back(record)).take(MOST_STEPS);
    let place = |id: RecordId| {
        let is_request = matches!(history.get(id)?.what, Happening::Requested { .. });
        is_request.then(|| cluster.clients().place_of(id)).flatten()
    };
    if let Some(place) = back.filter_map(place).last() {
        lit.things.insert(Thing::Request(place as u64 + 1));
    }
}
