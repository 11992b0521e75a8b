//! The same as the picture, as a table.

use super::super::Table;
use super::super::stage::troubles;
use super::system::{BreakerProcess, Cast};
use super::words::{self, seconds};
use super::{Caller, Cluster, Door, Replica, Service};
use crate::circuit_breaker::State;
use crate::sim::NodeId;

/// A row for each node.
pub(super) fn table(cluster: &Cluster) -> Table {
    let row = |node: NodeId| {
        let [state, at] = part(cluster, node);
        vec![node.to_string(), words::part(cluster.cast(), node).to_owned(), state, at]
    };
    Table {
        caption: "Every node as it stands. Of a caller: its breaker, and what became of its \
                  requests. Of what is called: how it does, and how many calls it has."
            .to_owned(),
        head: vec!["Server", "Is", "State", "Has"],
        rows: cluster.world().node_ids().map(row).collect(),
    }
}

/// How a node stands, and what it has.
fn part(cluster: &Cluster, id: NodeId) -> [String; 2] {
    let Some(process) = cluster.process(id) else {
        return ["down".to_owned(), "nothing".to_owned()];
    };
    let [state, has] = match process {
        BreakerProcess::Caller(caller) => caller_row(cluster, id, caller),
        BreakerProcess::Service(service) => service_row(service),
        BreakerProcess::Replica(replica) => replica_row(replica),
    };
    [state + &troubles(cluster.world(), id), has]
}

fn caller_row(cluster: &Cluster, id: NodeId, caller: &Caller) -> [String; 2] {
    let now_us =
        cluster.world().node(id).map_or(0, |node| node.clock().shows_us(cluster.world().now_us()));
    let state = match caller.doors() {
        [] => "no breaker".to_owned(),
        [one] => door(one, now_us),
        several => {
            let first = cluster.cast().target(0).0;
            let each = several.iter().enumerate().map(|(place, one)| {
                format!("{}: {}", NodeId(first + place as u8), door(one, now_us))
            });
            each.collect::<Vec<_>>().join("; ")
        }
    };
    let Some(calls) = cluster.calls().of(id) else { return [state, String::new()] };
    let has = format!(
        "{} under way; of {} requests {} served, {} rejected, {} failed; {} late",
        words::calls(caller.in_flight() as u64),
        calls.begun,
        calls.served,
        calls.rejected,
        calls.failed,
        calls.late
    );
    [state, has]
}

/// A breaker in words.
pub(in crate::labs) fn door(door: &Door, now_us: u64) -> String {
    let state = words::state(door.state());
    match door.state() {
        State::Closed => match door.consecutive_failures() {
            0 => state.to_owned(),
            1 => format!("{state}, 1 failure"),
            row => format!("{state}, {row} failures in a row"),
        },
        State::Open { until_us } => {
            format!("{state} for {} more", seconds(until_us.saturating_sub(now_us)))
        }
        State::HalfOpen => match door.probes().len() {
            0 => format!("{state}, no probe under way"),
            1 => format!("{state}, a probe under way"),
            probes => format!("{state}, {probes} probes under way"),
        },
        _ => state.to_owned(),
    }
}

fn service_row(service: &Service) -> [String; 2] {
    let (health, waiting) = (service.health(), service.waiting());
    let has = format!("{} at work, {waiting} of {} wait", service.busy(), health.queue);
    [words::health(health), has]
}

fn replica_row(replica: &Replica) -> [String; 2] {
    let server = replica.raft().server();
    let role = super::super::raft::scene::role_word(server);
    let has = format!("{} entries committed", server.commit_index().0);
    [format!("{role}, term {}", server.current_term()), has]
}

/// What callers have asked for, and what became of it.
pub(super) fn requests(cluster: &Cluster) -> Table {
    let row = |node: NodeId| {
        let calls = cluster.calls().of(node).cloned().unwrap_or_default();
        let numbers = [
            calls.begun,
            calls.served,
            calls.rejected,
            calls.failed,
            calls.admitted,
            calls.bounced,
            calls.late,
        ];
        let mut row = vec![node.to_string()];
        row.extend(numbers.map(|number| number.to_string()));
        row
    };
    Table {
        caption: "Every caller: what became of its requests; and of its calls, of which a request \
                  may need several, how many were let go, turned back by a breaker, and late."
            .to_owned(),
        head: vec![
            "Caller", "Requests", "Served", "Rejected", "Failed", "Calls", "Bounced", "Late",
        ],
        rows: cluster.callers().map(row).collect(),
    }
}

/// How things stand, in a sentence.
pub(super) fn headline(cluster: &Cluster) -> String {
    let all = cluster.calls().all();
    let sum = |of: fn(&super::CallsOf) -> u64| all.iter().map(of).sum::<u64>();
    let (begun, served) = (sum(|of| of.begun), sum(|of| of.served));
    let doors = cluster.callers().filter_map(|node| cluster.process(node)?.caller());
    let states: Vec<State> =
        doors.flat_map(|caller| caller.doors().iter().map(Door::state)).collect();
    let breaker = match (&states[..], cluster.cast()) {
        ([], _) => "There is no breaker.".to_owned(),
        ([state], Cast::One | Cast::Network | Cast::Shards) => {
            let so = match state {
                State::Closed => ": calls go through",
                State::Open { .. } | State::ForcedOpen => ": calls bounce off",
                State::HalfOpen => ": a probe may try",
                State::Disabled | State::MetricsOnly => "",
            };
            format!("The breaker is {}{so}.", words::state(*state))
        }
        (states, _) => {
            let closed = states.iter().filter(|state| **state == State::Closed).count();
            format!("{closed} of {} breakers are closed.", states.len())
        }
    };
    format!("{breaker} {served} of {begun} requests were served.")
}
