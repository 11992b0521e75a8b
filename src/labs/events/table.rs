//! The same as the picture, as a table.

use super::super::Table;
use super::super::stage::troubles;
use super::Cluster;
use super::scene::{desk_at_work, holds, kind_word, log_in_words, wrong};
use super::system::{EventsProcess, Role, role};
use crate::sim::NodeId;

/// So many events of the log are written out, the newest.
const SHOWN: u64 = 24;

/// A row for each part.
pub(super) fn table(cluster: &Cluster) -> Table {
    let row = |node: NodeId| {
        let [is, state, at, holds] = part(cluster, node);
        vec![node.to_string(), is, state, at, holds]
    };
    Table {
        caption: "Every part as it stands. Of the log: its last position, and its events, each \
                  after its position. Of a read model: the position up to which it has followed, \
                  and what it has made of that."
            .to_owned(),
        head: vec!["Server", "Is", "State", "Position", "Holds"],
        rows: cluster.world().node_ids().map(row).collect(),
    }
}

/// What a part is, how it stands, how far it is, and what it holds.
fn part(cluster: &Cluster, id: NodeId) -> [String; 4] {
    let world = cluster.world();
    let Some(node) = world.node(id) else { return Default::default() };
    let state = match node.process() {
        Some(_) => format!("up{}", troubles(world, id)),
        None => "down; on its disk:".to_owned(),
    };
    match (role(cluster.rules().log, id), node.process()) {
        (Role::Desk, Some(EventsProcess::Desk(desk))) => {
            ["desk".to_owned(), state, "–".to_owned(), desk_at_work(desk)]
        }
        (Role::Desk, _) => ["desk", "down", "–", "nothing"].map(str::to_owned),
        (Role::Keeper, _) => {
            let (log, durable) = (cluster.log(), cluster.durable_through());
            let end = log.last_position();
            let at = match durable < end {
                true => format!("{end}, durable to {durable}"),
                false => end.to_string(),
            };
            ["log".to_owned(), state, at, log_in_words(log, SHOWN)]
        }
        (Role::Model(kind), process) => {
            let kept = &node.disk().image().model;
            let (held, through) = match process {
                Some(EventsProcess::Model(model)) => (model.state(), model.through()),
                _ => (&kept.state, kept.position),
            };
            let wrong = wrong(held, through).map_or(String::new(), |wrong| [", ", &wrong].concat());
            let holds = holds(kind, &held.shop);
            [kind_word(kind).to_owned(), state + &wrong, through.to_string(), holds]
        }
        (Role::Replica, Some(EventsProcess::Replica(replica))) => {
            let (server, store) = (replica.raft().server(), replica.store());
            let role = super::super::raft::scene::role_word(server);
            let is = format!("{role}, term {}", server.current_term());
            [is, state, store.last_position().to_string(), log_in_words(store, SHOWN)]
        }
        (Role::Replica, _) => {
            let commands = node.disk().image().raft.log.len();
            let holds = format!("{commands} commands");
            ["server".to_owned(), state, "–".to_owned(), holds]
        }
    }
}
