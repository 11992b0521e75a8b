//! What stops one server from hearing another, now: a cut, a crash, a pause, a slow disk, or
//! nothing but the way that a message takes.

use super::reasons::node_of;
use super::{Look, Obstacle, RaftServer, Why, ms};
use crate::labs::stage::in_the_world;
use crate::raft::{AppendResult, LogIndex, Message, SendMode, ServerId};
use crate::sim::{Fault, NodeId, RecordId};

impl Why<'_> {
    /// Why `leader` has no acknowledgement of the entry at `index` from `follower`. The words go on
    /// after the follower's name.
    pub(super) fn why_no_ack(
        &self,
        (leader, lead): (NodeId, &RaftServer),
        follower: NodeId,
        index: LogIndex,
    ) -> Obstacle {
        if let Some(still) = self.is_still(follower) {
            return still;
        }
        let Some(server) = self.server(follower) else {
            return Obstacle::new("is not there".to_owned(), None);
        };
        let has = |durable: bool| {
            let reaches = if durable { server.durable_index() } else { server.log().last_index() };
            reaches >= index && server.log().term_at(index) == lead.log().term_at(index)
        };
        if has(true) {
            return self.why_no_answer(leader, follower, index);
        }
        if let Some(cut) = self.is_cut(leader, follower) {
            let since = cut.act.map_or(0, |act| self.at_us(act));
            let text = format!("cannot be told: the link from {leader} is cut since {}", ms(since));
            return Obstacle::new(text, cut.act);
        }
        let (theirs, mine) = (lead.current_term(), server.current_term());
        if mine > theirs {
            let text = format!("is in term {mine} already and takes nothing of term {theirs}");
            return Obstacle::new(text, None);
        }
        if has(false) {
            let act =
                self.act(&mut |fault| matches!(fault, Fault::SetSync(of, _) if *of == follower));
            let text = "has it in memory, and its disk is still writing".to_owned();
            return Obstacle::new(text, act);
        }
        if let Some((arrives_us, id)) = self.entry_on_its_way(leader, follower, index) {
            let text = match arrives_us >= self.world.now_us() {
                true => format!("gets it at {}", ms(arrives_us)),
                false => "gets it late: the message is held up".to_owned(),
            };
            return Obstacle::new(text, Some(id));
        }
        if let Some(still) = self.is_still(leader) {
            return Obstacle::new(format!("waits: {leader} {}", still.text), still.act);
        }
        self.why_not_sent((leader, lead), follower, index)
    }

    /// The follower has the entry on its disk; its word has not come to the leader.
    fn why_no_answer(&self, leader: NodeId, follower: NodeId, index: LogIndex) -> Obstacle {
        if let Some(cut) = self.is_cut(follower, leader) {
            let text = format!("has it, but its answers die: {}", cut.text);
            return Obstacle::new(text, cut.act);
        }
        let answer = self.on_its_way(follower, leader, &mut |message| match message {
            Message::AppendEntriesReply {
                result: AppendResult::Success { match_index }, ..
            } => *match_index >= index,
            Message::InstallSnapshotReply { last_included_index, .. } => {
                *last_included_index >= index
            }
            _ => false,
        });
        if let Some(still) = self.is_still(leader) {
            return Obstacle::new(format!("has it, but {leader} {}", still.text), still.act);
        }
        if let Some((arrives_us, id)) = answer {
            let text = format!("has it, and its answer arrives at {}", ms(arrives_us));
            return Obstacle::new(text, Some(id));
        }
        if let Some(cut) = self.is_cut(leader, follower) {
            let text = format!("has it, but is not asked again: {}", cut.text);
            return Obstacle::new(text, cut.act);
        }
        let due = self.next_append(leader, follower);
        Obstacle::new(format!("has it, and will say so when asked again{due}"), None)
    }

    /// Nothing is in the way, and yet the entry is not on its way.
    fn why_not_sent(
        &self,
        (leader, lead): (NodeId, &RaftServer),
        follower: NodeId,
        index: LogIndex,
    ) -> Obstacle {
        let due = self.next_append(leader, follower);
        let text = match lead.progress(ServerId(follower.0)) {
            None => "is no member in the eyes of the leader".to_owned(),
            Some(progress) => match progress.mode {
                SendMode::Snapshot { last_included_index, .. } => {
                    format!("gets the snapshot up to {last_included_index} first")
                }
                // The entry has gone out, and nothing came of it.
                _ if progress.next_index > index || !progress.in_flight.is_empty() => {
                    format!("did not get it, and gets it again{due}")
                }
                SendMode::Probe if progress.match_index.next() < progress.next_index => {
                    let next = progress.next_index;
                    format!(
                        "must first agree on what comes before; {leader} tries entry {next}{due}"
                    )
                }
                SendMode::Probe | SendMode::Pipeline => format!("gets it{due}"),
            },
        };
        Obstacle::new(text, None)
    }

    /// ` at 312 ms`: when the leader sends next if nothing happens before.
    pub(super) fn next_append(&self, leader: NodeId, follower: NodeId) -> String {
        let server = self.server(leader);
        let progress = server.and_then(|server| server.progress(ServerId(follower.0)));
        let at = |due_us| format!(" at {}", ms(in_the_world(self.world, leader, due_us)));
        progress.map(|progress| at(progress.heartbeat_due_us)).unwrap_or_default()
    }

    /// When a message with the entry at `index` is due at the follower, and the message.
    fn entry_on_its_way(
        &self,
        leader: NodeId,
        follower: NodeId,
        index: LogIndex,
    ) -> Option<(u64, RecordId)> {
        self.on_its_way(leader, follower, &mut |message| match message {
            Message::AppendEntries { prev_log_index, entries, .. } => {
                *prev_log_index < index && prev_log_index.plus(entries.len()) >= index
            }
            _ => false,
        })
    }

    /// The first message on its way `from → to` that `is` says yes to, and when it is due.
    pub(super) fn on_its_way(
        &self,
        from: NodeId,
        to: NodeId,
        is: &mut dyn FnMut(&Message<crate::raft::KeyValueCommand>) -> bool,
    ) -> Option<(u64, RecordId)> {
        let mut flights = self.world.network().in_flight();
        let found = flights.find(|flight| {
            let message = self.history().message(flight.id);
            (flight.from, flight.to) == (from, to)
                && message.is_some_and(|(_, _, message)| is(message))
        })?;
        Some((found.arrives_us, found.id))
    }

    /// The latest act that `is` says yes to.
    pub(super) fn act(&self, is: &mut dyn FnMut(&Fault) -> bool) -> Option<RecordId> {
        self.history().find_act(&self.budget, RecordId(0), self.end(), is)
    }

    /// `S1, S2`: the running servers that `node` can talk to in both directions, itself included.
    pub(super) fn in_reach(&self, node: NodeId) -> Vec<NodeId> {
        let network = self.world.network();
        let reaches = |other: &NodeId| {
            *other == node || (!network.is_cut(node, *other) && !network.is_cut(*other, node))
        };
        let nodes = self.world.node_ids().filter(reaches);
        nodes.filter(|other| self.is_awake(*other)).collect()
    }

    pub(super) fn is_awake(&self, node: NodeId) -> bool {
        let found = self.world.node(node);
        found.is_some_and(|found| found.process().is_some() && found.paused_since_us().is_none())
    }

    /// The voters of a server's configuration, itself included.
    pub(super) fn voters(&self, server: &RaftServer) -> Vec<NodeId> {
        let configuration = server.configuration();
        let members = configuration.members().into_vec();
        members.into_iter().filter(|id| configuration.is_voter(*id)).map(node_of).collect()
    }
}
