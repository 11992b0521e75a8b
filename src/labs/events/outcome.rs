//! What a run has come to: what the log says, and for every request whether it is in it.

use super::super::{Outcome, WriteFate};
use super::client_views::is_lost;
use super::requests::Asked;
use super::scene::headline;
use super::{Cluster, system, words};

/// How things stand.
pub(super) fn outcome(cluster: &Cluster) -> Outcome {
    let fate = |asked: &Asked| {
        let again = if asked.retries.is_some() { " again" } else { "" };
        (format!("{}: {}{again}", words::who(asked.client), asked.command), fate(cluster, asked))
    };
    let writes = cluster.requests().asked().iter().map(fate).collect();
    Outcome { headline: headline(cluster), writes }
}

fn fate(cluster: &Cluster, asked: &Asked) -> WriteFate {
    match asked.outcome {
        None => WriteFate::Pending,
        Some(system::Outcome::Done { position, .. }) => {
            if is_lost(cluster, asked, position) {
                WriteFate::Lost
            } else {
                WriteFate::Kept
            }
        }
        Some(system::Outcome::Unknown) => {
            let log = cluster.log();
            let is_there = (1..=log.last_position()).rev().any(|position| {
                let event = log.event(position);
                event.is_some_and(|event| event.metadata().correlation == Some(asked.id))
            });
            if is_there { WriteFate::Ghost } else { WriteFate::Gone }
        }
        Some(_) => WriteFate::Refused,
    }
}
