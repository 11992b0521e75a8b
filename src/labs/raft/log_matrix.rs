//! The logs of a Raft cluster side by side.

use super::RaftProcess;
use super::scene::{entry_text, role_word};
use crate::raft::{KeyValueCommand, Log, LogIndex, Role, Server, ServerId};
use crate::scene::log_matrix::{Followed, LogCell, LogMatrix, LogRow, LogWindow};
use crate::scene::{EntryName, Tone};
use crate::sim::{NodeId, World};

type RaftWorld = World<RaftProcess>;

/// The columns of a window.
pub(super) fn log_matrix(world: &RaftWorld, window: LogWindow) -> LogMatrix {
    let leader = leader(world);
    let mut rows: Vec<LogRow> = world.node_ids().map(|id| row(world, id, window)).collect();
    if let Some(leader) = leader.and_then(|id| server(world, id)) {
        for row in &mut rows {
            row.followed = leader.progress(ServerId(row.node.0)).map(|progress| Followed {
                next_index: progress.next_index.0,
                match_index: progress.match_index.0,
            });
        }
    }
    let last_index = rows.iter().map(|row| row.last_index).max().unwrap_or(0);
    let mut matrix = LogMatrix { window, last_index, rows, leader };
    matrix.mark_conflicts();
    matrix
}

/// The last index of the longest log.
pub(super) fn last_index(world: &RaftWorld) -> u64 {
    let last = |id: NodeId| match server(world, id) {
        Some(server) => server.log().last_index().0,
        None => world.node(id).map_or(0, |node| node.disk().image().log.last_index().0),
    };
    world.node_ids().map(last).max().unwrap_or(0)
}

fn server(world: &RaftWorld, id: NodeId) -> Option<&Server<KeyValueCommand>> {
    Some(world.node(id)?.process()?.server())
}

/// The leader of the highest term.
fn leader(world: &RaftWorld) -> Option<NodeId> {
    let servers = world.node_ids().filter_map(|id| Some((id, server(world, id)?)));
    let leaders = servers.filter(|(_, server)| matches!(server.role(), Role::Leader { .. }));
    leaders.max_by_key(|(_, server)| server.current_term()).map(|(id, _)| id)
}

fn row(world: &RaftWorld, id: NodeId, window: LogWindow) -> LogRow {
    match (server(world, id), world.node(id)) {
        (Some(server), node) => {
            let tone = match server.role() {
                Role::Follower { .. } => Tone::Calm,
                Role::PreCandidate { .. } | Role::Candidate { .. } => Tone::Eager,
                Role::Leader { .. } => Tone::Chief,
            };
            let paused = node.is_some_and(|node| node.paused_since_us().is_some());
            let word = if paused { "paused" } else { role_word(server) };
            let holds = Holds {
                log: server.log(),
                committed: server.commit_index(),
                durable: server.durable_index(),
            };
            holds.row(id, word, tone, paused, window)
        }
        (None, Some(node)) => {
            let log = &node.disk().image().log;
            // What is committed a server has to learn anew, but what a snapshot covers.
            let (committed, durable) = (log.base().last_log_index, log.last_index());
            Holds { log, committed, durable }.row(id, "down", Tone::Off, true, window)
        }
        (None, None) => {
            let log = Log::default();
            let (committed, durable) = (LogIndex(0), LogIndex(0));
            Holds { log: &log, committed, durable }.row(id, "down", Tone::Off, true, window)
        }
    }
}

/// A log, and how far it is safe.
struct Holds<'a> {
    log: &'a Log<KeyValueCommand>,
    committed: LogIndex,
    durable: LogIndex,
}

impl Holds<'_> {
    fn row(
        &self,
        node: NodeId,
        word: &str,
        tone: Tone,
        hatched: bool,
        window: LogWindow,
    ) -> LogRow {
        let base = self.log.base();
        let last_index = self.log.last_index();
        let name = node.to_string();
        LogRow {
            description: format!(
                "{name}, {word}: its log ends at {last_index}, {} committed",
                self.committed
            ),
            node,
            name,
            word: word.to_owned(),
            tone,
            hatched,
            snapshot_through: base.last_log_index.0,
            snapshot_term: base.last_log_term.0,
            cells: self.cells(window),
            last_index: last_index.0,
            commit_index: self.committed.0,
            followed: None,
        }
    }

    fn cells(&self, window: LogWindow) -> Vec<LogCell> {
        let first = LogIndex(window.first.max(self.log.base().last_log_index.next().0));
        let columns = (window.last() + 1).saturating_sub(first.0) as usize;
        let entries = self.log.entries_from(first, columns).iter().enumerate();
        let cell =
            |(place, entry): (usize, &std::sync::Arc<crate::raft::Entry<KeyValueCommand>>)| {
                let index = first.plus(place);
                LogCell {
                    name: EntryName { index: index.0, term: entry.term.0 },
                    text: entry_text(entry),
                    committed: index <= self.committed,
                    durable: index <= self.durable,
                    conflicts: false,
                }
            };
        entries.map(cell).collect()
    }
}
