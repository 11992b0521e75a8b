//! What belongs to an operation in the other pictures, and which operation something belongs to.

use super::super::{Asked, Cluster};
use crate::scene::{Highlight, Thing};
use crate::sim::{Budget, Happening, RecordId};

/// So far back the request is looked for that something came of.
const MOST_STEPS: usize = 4_096;

/// Adds to what lights up with `thing`: with an operation the messages and decisions that came of
/// it and the servers that have a part in it, with a message or a record its operation.
pub(in crate::labs::cap) fn add_requests(cluster: &Cluster, thing: Thing, lit: &mut Highlight) {
    match thing {
        Thing::Request(number) => {
            let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
            if let Some(asked) = place.and_then(|place| cluster.clients().asked().get(place)) {
                add_parts(cluster, asked, lit);
            }
        }
        Thing::Message(record) | Thing::Record(record) => {
            if let Some(number) = request_of(cluster, record) {
                lit.things.insert(Thing::Request(number));
            }
        }
        Thing::Node(_) | Thing::Entry(_) => {}
    }
}

fn add_parts(cluster: &Cluster, asked: &Asked, lit: &mut Highlight) {
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

/// The number of the operation that a record came of.
fn request_of(cluster: &Cluster, record: RecordId) -> Option<u64> {
    let history = cluster.world().history();
    let back = std::iter::once(record).chain(history.path_back(record)).take(MOST_STEPS);
    let place = |id: RecordId| {
        let is_request = matches!(history.get(id)?.what, Happening::Requested { .. });
        is_request.then(|| cluster.clients().place_of(id)).flatten()
    };
    let place = back.filter_map(place).last()?;
    Some(place as u64 + 1)
}
