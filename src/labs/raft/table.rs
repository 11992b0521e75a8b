//! The cluster as a table.

use super::super::Table;
use super::RaftProcess;
use super::members::{in_force, standing};
use super::scene::{RaftWorld, entry_text, role_word, server};
use crate::raft::{KeyValueCommand, Log, LogIndex};
use crate::sim::NodeId;
use crate::small_text::joined;

/// The same state as a table.
pub(super) fn table(world: &RaftWorld) -> Table {
    let members = in_force(world);
    let row = |id: NodeId| {
        let Some(server) = server(world, id) else {
            let durable = world.node(id).map(|node| node.disk().image());
            let term = durable.map_or(0, |durable| durable.current_term.0);
            let log = durable.map_or_else(String::new, |durable| log_text(&durable.log, None));
            let none = || "–".to_owned();
            return vec![
                id.to_string(),
                "down".to_owned(),
                term.to_string(),
                none(),
                none(),
                log,
                none(),
                standing(&members, id).to_owned(),
            ];
        };
        let voted_for = server.voted_for().map_or("–".to_owned(), |voted| voted.to_string());
        let store = world.node(id).and_then(|node| node.process()).map(RaftProcess::store);
        let pairs = store.into_iter().flat_map(|store| store.iter());
        let pairs: Vec<String> = pairs.map(|(key, value)| format!("{key}={value}")).collect();
        vec![
            id.to_string(),
            role_word(server).to_owned(),
            server.current_term().0.to_string(),
            voted_for,
            server.commit_index().0.to_string(),
            log_text(server.log(), Some(server.commit_index())),
            if pairs.is_empty() { "empty".to_owned() } else { joined(&mut pairs.into_iter(), " ") },
            standing(&members, id).to_owned(),
        ]
    };
    Table {
        caption: "Every server as it stands. In a log, each entry is written term:command; what \
                  stands before the bar is known to be committed."
            .to_owned(),
        head: vec!["Server", "Role", "Term", "Voted for", "Commit index", "Log", "Store", "Member"],
        rows: world.node_ids().map(row).collect(),
    }
}

/// So many entries of a log are written out, the newest.
const SHOWN: usize = 40;

/// `1:x=1 1:y=2 | 2:z=3`, the bar after what is known to be committed.
fn log_text(log: &Log<KeyValueCommand>, committed: Option<LogIndex>) -> String {
    if log.is_empty() {
        return "empty".to_owned();
    }
    let committed = committed.unwrap_or(LogIndex(0));
    let (mut settled, mut open) = (Vec::new(), Vec::new());
    let skipped = log.len().saturating_sub(SHOWN);
    for (index, entry) in log.iter().skip(skipped) {
        let text = format!("{}:{}", entry.term.0, entry_text(entry));
        if index <= committed { settled.push(text) } else { open.push(text) }
    }
    let more = if skipped > 0 { format!("{skipped} more, ") } else { String::new() };
    let [settled, open] = [settled, open].map(|part| joined(&mut part.into_iter(), " "));
    format!("{more}{settled} | {open}").trim().to_owned()
}
