//! InstallSnapshot: rescuing a follower that needs entries which the leader has dropped (§7).
//!
//! The snapshot travels in chunks, one at a time. Every chunk says which snapshot it is of and
//! where in it it begins; every answer repeats that, and says where the next one is to begin. So a
//! lost chunk is sent again by the next heartbeat, one that is late or repeated changes nothing,
//! and a follower that has restarted gets it all anew.

use super::server::Server;
use super::{
    Bug, ChunkRefusal, ChunkResult, CommandSize, CommitRule, Event, IgnoreReason, Message,
    MessageKind, Output, Role, SendMode, ServerId, Snapshot, Term, Write,
};

/// A part of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Chunk {
    /// What it is a part of; `state` has nothing but the part.
    pub snapshot: Snapshot,
    /// Where the part begins, in bytes.
    pub offset: u64,
    /// Whether it is the last one.
    pub done: bool,
}

/// A snapshot that has not arrived completely.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Incoming {
    /// The term of the leader that sends it.
    term: Term,
    snapshot: Snapshot,
}

impl<C: CommandSize> Server<C> {
    /// InstallSnapshot, receiver rules 1 to 8 of Figure 13.
    ///
    /// - late, from an earlier term: refused, and the reply brings the sender up to date;
    /// - of what is committed here already: nothing to do, and the answer says so;
    /// - not the part that comes next, because it is late, repeated or too early: the answer names
    ///   the part that does, and nothing changes;
    /// - from a second leader of the term: ignored and reported, as with AppendEntries.
    pub(super) fn handle_install_snapshot(
        &mut self,
        leader: ServerId,
        term: Term,
        chunk: Chunk,
        round: u64,
    ) {
        let mine = self.current_term();
        if term < mine {
            let refusal = ChunkRefusal::StaleTerm { theirs: term, mine };
            // The sender may lead my term when it gets the answer, and count its rounds anew.
            return self.refuse_chunk(leader, &chunk, 0, refusal, ChunkResult::Refused);
        }
        if let Some(first) = self.leader().filter(|known| *known != leader) {
            let reason = IgnoreReason::SecondLeader { first };
            return self.ignore(leader, MessageKind::InstallSnapshot, reason);
        }
        self.follow(leader);
        let commit_index = self.commit_index;
        if chunk.snapshot.last_included_index <= commit_index
            && !self.config.has(Bug::StaleSnapshotTaken)
        {
            self.incoming = None;
            let refusal = ChunkRefusal::CommittedAlready { commit_index };
            return self.refuse_chunk(leader, &chunk, round, refusal, ChunkResult::Installed);
        }
        let end = chunk.snapshot.end();
        let received = self.incoming.take();
        let mixes = self.config.has(Bug::ChunksMixed);
        let same = |i: &Incoming| (i.term == term && i.snapshot.end() == end) || mixes;
        let expected =
            received.as_ref().filter(|i| same(i)).map_or(0, |i| i.snapshot.state.len() as u64);
        if chunk.offset != expected && !self.config.has(Bug::ChunksInAnyOrder) {
            self.incoming = received;
            let refusal = ChunkRefusal::NotTheNext { offset: chunk.offset, expected };
            let result = ChunkResult::Continue { next_offset: expected };
            return self.refuse_chunk(leader, &chunk, round, refusal, result);
        }
        let Chunk { snapshot, offset, done } = chunk;
        let (last_included_index, length) = (snapshot.last_included_index, snapshot.state.len());
        let whole = match received.filter(same) {
            Some(Incoming { snapshot: mut begun, .. }) => {
                begun.state.extend(snapshot.state);
                begun
            }
            None => snapshot,
        };
        let result = if done {
            self.install(leader, whole);
            ChunkResult::Installed
        } else {
            self.incoming = Some(Incoming { term, snapshot: whole });
            let next_offset = offset.saturating_add(length as u64);
            self.outbox.event(Event::SnapshotChunkTaken { leader, offset, next_offset });
            ChunkResult::Continue { next_offset }
        };
        let term = self.current_term();
        let reply =
            Message::InstallSnapshotReply { term, last_included_index, offset, result, round };
        self.outbox.send(leader, reply);
    }

    /// Rules 5 to 8: save the snapshot; if the log has its last included entry, keep what follows;
    /// otherwise drop the entire log; reset the state machine.
    fn install(&mut self, leader: ServerId, snapshot: Snapshot) {
        let through = snapshot.last_included_index;
        self.incoming = None;
        self.write(Write::snapshot(snapshot.clone()));
        self.commit_index = through;
        if !self.config.has(Bug::SnapshotNotApplied) {
            self.last_applied = through;
        }
        let kept = self.log().len();
        if !self.config.has(Bug::MachineNotReset) {
            self.outbox.push(Output::Restore { snapshot: Box::new(snapshot) });
        }
        self.outbox.event(Event::SnapshotInstalled { leader, last_included_index: through, kept });
        let by = CommitRule::Installed { leader };
        self.outbox.event(Event::Committed { through, by });
    }

    fn refuse_chunk(
        &mut self,
        leader: ServerId,
        chunk: &Chunk,
        round: u64,
        reason: ChunkRefusal,
        result: ChunkResult,
    ) {
        self.outbox.event(Event::SnapshotChunkRefused { leader, reason });
        let reply = Message::InstallSnapshotReply {
            term: self.current_term(),
            last_included_index: chunk.snapshot.last_included_index,
            offset: chunk.offset,
            result,
            round,
        };
        self.outbox.send(leader, reply);
    }

    /// Leaders: sends the chunk that comes next, of the snapshot that is there now.
    pub(super) fn send_chunk(&mut self, follower: ServerId) {
        let most = usize::try_from(self.config.max_in_flight_bytes).unwrap_or(usize::MAX);
        let chunk_bytes = self.config.snapshot_chunk_bytes.min(most).max(1);
        let term = self.current_term();
        let Role::Leader { followers, leadership } = &mut self.role else {
            return;
        };
        let (Some(progress), Some(snapshot)) =
            (followers.get_mut(&follower), &self.persistent.snapshot)
        else {
            return;
        };
        let last_included_index = snapshot.last_included_index;
        let begun = match progress.mode {
            SendMode::Snapshot { last_included_index: index, offset, .. }
                if index == last_included_index =>
            {
                Some(offset)
            }
            _ => None,
        };
        let offset = begun.unwrap_or(0);
        progress.in_flight.clear();
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(snapshot.state.len());
        let end = start.saturating_add(chunk_bytes).min(snapshot.state.len());
        let done = end == snapshot.state.len();
        let bytes = (end - start) as u64;
        progress.mode = SendMode::Snapshot { last_included_index, offset, bytes };
        let part = Snapshot {
            configuration: snapshot.configuration.clone(),
            state: snapshot.state[start..end].to_vec(),
            ..*snapshot
        };
        let message = Message::InstallSnapshot {
            term,
            leader_id: self.id,
            chunk: Box::new(Chunk { snapshot: part, offset, done }),
            round: leadership.round,
        };
        if begun.is_none() {
            self.outbox.event(Event::SnapshotSent { follower, last_included_index });
        }
        self.outbox.send(follower, message);
    }

    /// Leaders: a follower has answered InstallSnapshot.
    ///
    /// - late, repeated, or about another snapshot than the one being sent: ignored;
    /// - that it has all of it: as good as a success of AppendEntries, however old.
    pub(super) fn handle_install_snapshot_reply(
        &mut self,
        from: ServerId,
        term: Term,
        (about, result): ((super::LogIndex, u64), ChunkResult),
        round: u64,
    ) {
        let outcome = self.note_answer(from, term, round).and_then(|()| match result {
            ChunkResult::Installed => self.note_success(from, about.0),
            ChunkResult::Continue { next_offset } => self.note_chunk(from, about, next_offset),
            ChunkResult::Refused => Err(IgnoreReason::StaleChunk),
        });
        if let Err(reason) = outcome {
            self.ignore(from, MessageKind::InstallSnapshotReply, reason);
        }
    }

    fn note_chunk(
        &mut self,
        follower: ServerId,
        (index, answered): (super::LogIndex, u64),
        next_offset: u64,
    ) -> Result<(), IgnoreReason> {
        let length = self.persistent.snapshot.as_ref().map_or(0, |s| s.state.len() as u64);
        let progress = self.progress_mut(follower)?;
        match &mut progress.mode {
            SendMode::Snapshot { last_included_index, offset, .. }
                if *last_included_index == index
                    && *offset == answered
                    && next_offset != answered
                    && next_offset <= length =>
            {
                *offset = next_offset;
            }
            _ => return Err(IgnoreReason::StaleChunk),
        }
        self.send_chunk(follower);
        Ok(())
    }
}
