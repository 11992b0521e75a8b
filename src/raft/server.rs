//! One server: its state, its inputs and its outputs.

use crate::sorted::SortedMap;

use super::configuration::Configurations;
use super::install::Incoming;
use super::outbox::Outbox;
use super::{
    Bug, CommandSize, Config, Configuration, Durable, ElectionTimer, Event, IgnoreReason, Input,
    Log, LogEnd, LogIndex, Message, MessageKind, Output, Payload, Progress, RequestId, Role,
    ServerId, Snapshot, Term, Write, WriteId,
};
use crate::random::Random;

/// A server of a Raft cluster. See the [module docs](super) for how to drive it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Server<C> {
    pub(super) id: ServerId,
    pub(super) config: Config,
    /// Figure 2's persistent state as it will be once every write is durable.
    pub(super) persistent: Durable<C>,
    pub(super) commit_index: LogIndex,
    pub(super) last_applied: LogIndex,
    pub(super) role: Role,
    /// Runs unless the server leads, or does not belong to the cluster.
    pub(super) election_timer: Option<ElectionTimer>,
    /// The leader that was last heard from, and when.
    pub(super) heard_leader: Option<(ServerId, u64)>,
    /// When it was booted.
    pub(super) started_us: u64,
    pub(super) configurations: Configurations,
    /// Draws election timeouts and nothing else.
    pub(super) random: Random,
    /// Whose proposals a leader has yet to answer.
    pub(super) waiting: SortedMap<LogIndex, RequestId>,
    /// The size of the entries of those proposals.
    pub(super) waiting_bytes: u64,
    pub(super) now_us: u64,
    pub(super) outbox: Outbox<C>,
    /// The snapshot that the application was asked for and has not handed over.
    pub(super) snapshot_asked_for: Option<LogIndex>,
    /// A snapshot of the leader's that has not arrived completely.
    pub(super) incoming: Option<Incoming>,
}

impl<C: CommandSize> Server<C> {
    /// Starts a server from what its disk holds, as a follower.
    ///
    /// `seed` decides its election timeouts; give every server and every boot another one, or they
    /// time out together. A `config` that [`Config::validate`] refuses does no harm but may bring
    /// no progress.
    pub fn boot(
        id: ServerId,
        config: Config,
        durable: &Durable<C>,
        now_us: u64,
        seed: u64,
    ) -> Server<C> {
        let mut persistent = durable.clone();
        if config.has(Bug::ForgottenVote) {
            persistent.voted_for = None;
        }
        if config.has(Bug::ForgottenTerm) {
            persistent.current_term = Term(0);
        }
        let outbox = Outbox::new(durable.log.last_index(), config.planted);
        let mut server = Server {
            id,
            configurations: Configurations::new(LogIndex(0), Configuration::of(&config.servers)),
            config,
            persistent,
            commit_index: durable.log.base().last_log_index,
            last_applied: durable.log.base().last_log_index,
            role: Role::Follower { leader: None },
            election_timer: None,
            heard_leader: None,
            started_us: now_us,
            random: Random::from_seed(seed),
            waiting: SortedMap::new(),
            waiting_bytes: 0,
            now_us,
            outbox,
            snapshot_asked_for: None,
            incoming: None,
        };
        if let Some(snapshot) = &durable.snapshot {
            let base = snapshot.last_included_index;
            server.configurations = Configurations::new(base, snapshot.configuration.clone());
            server.outbox.push(Output::Restore { snapshot: Box::new(snapshot.clone()) });
        }
        for (index, entry) in durable.log.iter() {
            if let Payload::Configuration(configuration) = &entry.payload {
                server.configurations.push(index, Configuration::clone(configuration));
            }
        }
        server.reset_election_timer();
        server
    }

    /// Takes one input at `now_us`. A clock that goes back is taken to stand still.
    pub fn handle(&mut self, now_us: u64, input: Input<C>) {
        self.now_us = self.now_us.max(now_us);
        match input {
            Input::Message { from, message } => self.handle_message(from, message),
            Input::Deadline => self.handle_deadline(),
            Input::Synced { write } => self.handle_synced(write),
            Input::Propose { request, command } => {
                self.handle_propose(request, Payload::Command(command))
            }
            Input::RegisterClient { request } => {
                let log_time_us = self.log_time_us();
                self.handle_propose(request, Payload::RegisterClient { log_time_us })
            }
            Input::ClientRequest { request, client, sequence, command } => {
                let log_time_us = self.log_time_us();
                let payload = Payload::ClientRequest { client, sequence, command, log_time_us };
                self.handle_propose(request, payload)
            }
            Input::Read { request } => self.handle_read(request),
            Input::SnapshotTaken { last_included_index, state } => {
                self.handle_snapshot_taken(last_included_index, state);
            }
            Input::TimeOutNow => self.handle_time_out_now(),
            Input::ChangeMembership { request, change } => self.handle_change(request, change),
            Input::TransferLeadership { to } => self.handle_transfer_leadership(to),
        }
        self.apply_committed();
        self.answer_reads();
        self.finish_change();
        self.ask_for_snapshot();
        self.outbox.flush(self.persistent.log.last_index());
    }

    /// The next thing to be done, until there is none.
    pub fn poll_output(&mut self) -> Option<Output<C>> {
        self.outbox.poll()
    }

    /// When the server wants [`Input::Deadline`], in microseconds, if at all. It may lie in the
    /// past.
    pub fn deadline_us(&self) -> Option<u64> {
        match &self.role {
            Role::Leader { followers, leadership } => {
                let heartbeats = followers.values().map(|f| f.heartbeat_due_us);
                let transfer = leadership.transfer.map(|transfer| transfer.deadline_us);
                heartbeats.chain(transfer).chain(self.quorum_deadline_us()).min()
            }
            _ => self.election_timer.map(|timer| timer.deadline_us),
        }
    }

    /// This server.
    pub fn id(&self) -> ServerId {
        self.id
    }

    /// What it was started with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The latest snapshot, in memory.
    pub fn snapshot(&self) -> Option<&Snapshot> {
        self.persistent.snapshot.as_ref()
    }

    /// The members of the cluster, as far as this server knows.
    pub fn configuration(&self) -> &Configuration {
        self.configurations.current()
    }

    /// What it is at the moment.
    pub fn role(&self) -> &Role {
        &self.role
    }

    /// Whom it takes for the leader of its term. That may be itself.
    pub fn leader(&self) -> Option<ServerId> {
        match &self.role {
            Role::Follower { leader } => *leader,
            Role::PreCandidate { .. } | Role::Candidate { .. } => None,
            Role::Leader { .. } => Some(self.id),
        }
    }

    /// The latest term it has seen.
    pub fn current_term(&self) -> Term {
        self.persistent.current_term
    }

    /// Who got its vote in this term.
    pub fn voted_for(&self) -> Option<ServerId> {
        self.persistent.voted_for
    }

    /// Its log, in memory.
    pub fn log(&self) -> &Log<C> {
        &self.persistent.log
    }

    /// How much of [`log`](Server::log) would survive a crash right now.
    pub fn durable_index(&self) -> LogIndex {
        self.outbox.durable_index()
    }

    /// The highest index it knows to be committed.
    pub fn commit_index(&self) -> LogIndex {
        self.commit_index
    }

    /// The highest index it has applied.
    pub fn last_applied(&self) -> LogIndex {
        self.last_applied
    }

    /// The election timer; a leader has none.
    pub fn election_timer(&self) -> Option<ElectionTimer> {
        self.election_timer
    }

    /// What this leader knows of `follower`.
    pub fn progress(&self, follower: ServerId) -> Option<&Progress> {
        match &self.role {
            Role::Leader { followers, .. } => followers.get(&follower),
            _ => None,
        }
    }

    /// This leader's `nextIndex[follower]`.
    pub fn next_index(&self, follower: ServerId) -> Option<LogIndex> {
        self.progress(follower).map(|progress| progress.next_index)
    }

    /// This leader's `matchIndex[follower]`.
    pub fn match_index(&self, follower: ServerId) -> Option<LogIndex> {
        self.progress(follower).map(|progress| progress.match_index)
    }

    /// The proposals that this leader has yet to answer, by the index of their entry.
    pub fn pending_requests(&self) -> &SortedMap<LogIndex, RequestId> {
        &self.waiting
    }

    /// The size of the entries of those proposals.
    pub fn pending_bytes(&self) -> u64 {
        self.waiting_bytes
    }

    /// The messages that wait for the disk, oldest first: for which write, to whom, and what.
    pub fn held_messages(&self) -> impl Iterator<Item = (WriteId, ServerId, &Message<C>)> {
        self.outbox.held()
    }

    fn handle_message(&mut self, from: ServerId, message: Message<C>) {
        if let Some(reason) = self.reason_to_ignore(from, &message) {
            let kind = message.kind();
            return self.ignore(from, kind, reason);
        }
        if let Some(denial) = self.protects_leader(&message) {
            return self.protect_leader(from, &message, denial);
        }
        if message.term() > self.current_term() && !self.config.has(Bug::LaterTermNotAdopted) {
            self.advance_term(message.term(), from);
        }
        match message {
            Message::RequestVote { term, last_log_index, last_log_term, .. } => {
                self.handle_request_vote(from, term, LogEnd { last_log_term, last_log_index });
            }
            Message::RequestVoteReply { term, vote_granted } => {
                self.handle_request_vote_reply(from, term, vote_granted);
            }
            Message::AppendEntries {
                term,
                prev_log_index,
                prev_log_term,
                entries,
                leader_commit,
                round,
                ..
            } => {
                let after = (prev_log_index, prev_log_term);
                let tail = (leader_commit, round);
                self.handle_append_entries(from, term, after, entries, tail);
            }
            Message::PreVote { term, last_log_index, last_log_term, .. } => {
                self.handle_pre_vote(from, term, LogEnd { last_log_term, last_log_index });
            }
            Message::PreVoteReply { term, vote_granted } => {
                self.handle_pre_vote_reply(from, term, vote_granted);
            }
            Message::InstallSnapshot { term, chunk, round, .. } => {
                self.handle_install_snapshot(from, term, *chunk, round);
            }
            Message::InstallSnapshotReply { term, last_included_index, offset, result, round } => {
                let answer = ((last_included_index, offset), result);
                self.handle_install_snapshot_reply(from, term, answer, round);
            }
            Message::TimeoutNow { term, .. } => self.handle_timeout_now(from, term),
            Message::AppendEntriesReply { term, result, round } => {
                self.handle_append_entries_reply(from, term, (result, round));
            }
        }
    }

    fn reason_to_ignore(&self, from: ServerId, message: &Message<C>) -> Option<IgnoreReason> {
        if from == self.id {
            return Some(IgnoreReason::FromItself);
        }
        if let Some(reason) = self.reason_to_shun(from, message) {
            return Some(reason);
        }
        let claimed = message.claimed_sender().filter(|claimed| *claimed != from)?;
        Some(IgnoreReason::FalseName { claimed })
    }

    fn handle_deadline(&mut self) {
        match self.election_timer {
            Some(timer) if timer.deadline_us <= self.now_us => self.time_out_election(false),
            Some(_) => {}
            None => {
                self.step_down_without_quorum();
                self.abort_late_transfer();
                self.send_due_heartbeats();
            }
        }
    }

    fn handle_synced(&mut self, write: WriteId) {
        let had = self.durable_index();
        if !self.outbox.sync(write) {
            return self.outbox.event(Event::SyncIgnored { write });
        }
        // What a server tells itself obeys the same rule as what it tells others: its own vote and
        // its own copy of an entry count once they are durable.
        match self.role {
            Role::Candidate { .. } => self.count_own_vote(),
            Role::Leader { .. } if self.durable_index() > had => {
                self.advance_commit_index(self.id, had);
            }
            Role::Leader { .. } => {}
            Role::Follower { .. } | Role::PreCandidate { .. } => {}
        }
    }

    /// Tells of a message that has no effect.
    pub(super) fn ignore(&mut self, from: ServerId, kind: MessageKind, reason: IgnoreReason) {
        self.outbox.event(Event::MessageIgnored { from, kind, reason });
    }

    /// Changes the persistent state, in memory at once and on disk in due course.
    pub(super) fn write(&mut self, mut change: Write<C>) {
        let log = &self.persistent.log;
        let end = change.snapshot.as_ref().map(|snapshot| snapshot.end());
        let is_reset = end.is_some_and(|end| !log.matches(end.last_log_index, end.last_log_term));
        if is_reset {
            // The log goes, except for what is committed and thus in the snapshot.
            self.outbox.forget_durable_from(self.commit_index.next());
        }
        self.persistent.apply(&change);
        self.follow_configurations(&change, is_reset);
        if self.config.has(Bug::VoteNotWritten) {
            change.vote = None;
        }
        if self.config.has(Bug::TruncationNotWritten) {
            change.truncate_from = None;
        }
        self.outbox.stage(change);
    }

    /// Every member but this server.
    pub(super) fn others(&self) -> Vec<ServerId> {
        let members = self.configuration().members();
        members.iter().copied().filter(|server| *server != self.id).collect()
    }

    /// Every server but this one that has a vote.
    pub(super) fn other_voters(&self) -> Vec<ServerId> {
        let mut voters = self.others();
        voters.retain(|server| self.configuration().is_voter(*server));
        voters
    }
}
