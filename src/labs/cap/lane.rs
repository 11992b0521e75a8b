//! The painted timeline of a store, and what lights up together.

use super::chronicle::{Chronicle, Reign};
use super::system::{CapProcess, System};
use super::{Cluster, words};
use crate::quorum::RequestId;
use crate::scene::time_strip::{LaneContent, TermBand};
use crate::scene::{Highlight, Thing, Window};
use crate::sim::{Happening, History, RecordId};

/// What happened in a window. There are bands only where somebody leads.
pub(super) fn lane(
    cluster: &Cluster,
    chronicle: &Chronicle,
    window: Window,
    buckets: u32,
) -> LaneContent {
    let now_us = cluster.world().now_us();
    let band = |(reign, until_us): (&Reign, u64)| TermBand {
        record: reign.record,
        from_us: reign.at_us,
        to_us: until_us.min(now_us),
        term: reign.reign,
        leader: reign.chief.map(|chief| (chief, chief.to_string())),
    };
    let bands = match cluster.system() {
        System::Quorum => Vec::new(),
        System::Raft | System::PrimaryBackup => chronicle.reigns(window).map(band).collect(),
    };
    LaneContent { bands, marks: chronicle.marks(window, buckets) }
}

/// What belongs to a thing, wherever it is drawn: to a message the others of the same operation
/// that are on their way, what came of it, and the request; to a request, its call or its answer
/// likewise, and the servers that are known to have the write.
pub(super) fn highlight(cluster: &Cluster, thing: Thing) -> Highlight {
    let mut highlight = Highlight::of(thing);
    let (history, clients) = (cluster.world().history(), cluster.clients());
    match thing {
        Thing::Message(id) => {
            let message = history.message(id).map(|(_, _, message)| message);
            if let Some(request) = message.and_then(words::subject) {
                light(cluster, request, &mut highlight);
            }
            for decided in decided_on(history, id) {
                highlight.things.insert(Thing::Record(decided));
            }
        }
        Thing::Record(record) => {
            let cause = history.get(record).and_then(|record| history.get(record.cause?));
            if let Some(Happening::Delivered { message }) = cause.map(|cause| &cause.what) {
                highlight.things.insert(Thing::Message(*message));
            }
            let place = clients.place_of(record);
            let place = place.or_else(|| super::narration::answered_place(cluster, record));
            if let Some(place) = place {
                light_operation(cluster, place, &mut highlight);
            }
        }
        Thing::Request(number) => {
            let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
            if let Some(place) = place {
                light_operation(cluster, place, &mut highlight);
            }
        }
        Thing::Entry(_) | Thing::Node(_) => {}
    }
    highlight
}

/// Lights a request: its call and answer, its messages, and who is known to have it.
fn light_operation(cluster: &Cluster, place: usize, highlight: &mut Highlight) {
    let Some(asked) = cluster.clients().asked().get(place) else { return };
    for node in asked.landed.iter().copied().chain([asked.via]) {
        highlight.things.insert(Thing::Node(node));
    }
    light(cluster, asked.request, highlight);
    for record in [Some(asked.called), asked.answered].into_iter().flatten() {
        highlight.things.insert(Thing::Record(record));
    }
}

/// Lights a request by its name, and its messages that are on their way.
fn light(cluster: &Cluster, request: RequestId, highlight: &mut Highlight) {
    let asked = cluster.clients().writer(request);
    let place = asked.and_then(|asked| cluster.clients().place_of(asked.called));
    if let Some(place) = place {
        highlight.things.insert(Thing::Request(place as u64 + 1));
    }
    for flight in cluster.world().network().in_flight() {
        let message = cluster.world().history().message(flight.id);
        if message.is_some_and(|(_, _, message)| words::subject(message) == Some(request)) {
            highlight.things.insert(Thing::Message(flight.id));
        }
    }
}

/// How many records after the sending of a message are looked through for what came of it.
const LOOK_AHEAD: usize = 2_048;

/// What its receiver decided when a message arrived.
fn decided_on(history: &History<CapProcess>, sent: RecordId) -> Vec<RecordId> {
    let mut delivered = None;
    let mut decided = Vec::new();
    let first = (sent.0 as usize).max(history.records().first());
    for (place, record) in history.records().from(first).take(LOOK_AHEAD).enumerate() {
        let id = RecordId((first + place) as u32);
        match record.what {
            Happening::Delivered { message } if message == sent => delivered = Some(id),
            Happening::Decided { .. } if delivered.is_some() && record.cause == delivered => {
                decided.push(id);
            }
            _ => {}
        }
    }
    decided
}
