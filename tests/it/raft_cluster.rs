//! A handful of Raft servers on a test's workbench: nothing moves unless the test says so.
//!
//! Messages wait in flight until they are delivered or dropped, time stands still until it is
//! advanced, and disks sync at once unless a test makes one slow. So a test reads like a story.

use std::sync::Arc;

use std::collections::BTreeSet;

use rift::raft::*;

pub(crate) const S1: ServerId = ServerId(0);
pub(crate) const S2: ServerId = ServerId(1);
pub(crate) const S3: ServerId = ServerId(2);
pub(crate) const S4: ServerId = ServerId(3);
pub(crate) const S5: ServerId = ServerId(4);

/// Tests need commands only to tell them apart.
pub(crate) type Command = u64;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Flight {
    pub(crate) from: ServerId,
    pub(crate) to: ServerId,
    pub(crate) message: Message<Command>,
}

pub(crate) struct Cluster {
    pub(crate) now_us: u64,
    pub(crate) in_flight: Vec<Flight>,
    pub(crate) answers: Vec<(RequestId, Outcome)>,
    config: Config,
    nodes: Vec<Node>,
    boots: u64,
}

struct Node {
    server: Option<Server<Command>>,
    disk: Durable<Command>,
    disk_is_slow: bool,
    unsynced: Vec<(WriteId, Write<Command>)>,
    events: Vec<Event>,
    /// Since the last boot.
    applied: Vec<Arc<Entry<Command>>>,
}

/// Settings that add nothing to Figure 2.
pub(crate) fn figure_2(servers: u8) -> Config {
    Config { noop_on_election: false, ..Config::of(servers) }
}

/// What a server has on disk that has been through `term` and holds entries of these terms.
pub(crate) fn disk(term: u64, terms: &[u64]) -> Durable<Command> {
    Durable {
        current_term: Term(term),
        voted_for: None,
        snapshot: None,
        log: Log::from(entries(terms)),
    }
}

/// Entries of these terms. Where term and index are equal, so is the command.
pub(crate) fn entries(terms: &[u64]) -> Vec<Arc<Entry<Command>>> {
    let entry =
        |term: &u64| Arc::new(Entry { term: Term(*term), payload: Payload::Command(*term) });
    terms.iter().map(entry).collect()
}

/// A RequestVote from a candidate whose log ends with `last` (index, term).
pub(crate) fn request_vote(from: ServerId, term: u64, last: (u64, u64)) -> Message<Command> {
    Message::RequestVote {
        term: Term(term),
        candidate_id: from,
        last_log_index: LogIndex(last.0),
        last_log_term: Term(last.1),
        leadership_transfer: false,
    }
}

/// An AppendEntries with entries of `terms` after `prev` (index, term).
pub(crate) fn append_entries(
    from: ServerId,
    term: u64,
    prev: (u64, u64),
    terms: &[u64],
    leader_commit: u64,
) -> Message<Command> {
    Message::AppendEntries {
        term: Term(term),
        leader_id: from,
        prev_log_index: LogIndex(prev.0),
        prev_log_term: Term(prev.1),
        entries: entries(terms),
        leader_commit: LogIndex(leader_commit),
        round: 0,
    }
}

pub(crate) fn vote(term: u64, vote_granted: bool) -> Message<Command> {
    Message::RequestVoteReply { term: Term(term), vote_granted }
}

pub(crate) fn success(term: u64, match_index: u64) -> Message<Command> {
    let result = AppendResult::Success { match_index: LogIndex(match_index) };
    Message::AppendEntriesReply { term: Term(term), result, round: 0 }
}

pub(crate) fn failure(term: u64, prev_log_index: u64) -> Message<Command> {
    let result = AppendResult::Failure { prev_log_index: LogIndex(prev_log_index), conflict: None };
    Message::AppendEntriesReply { term: Term(term), result, round: 0 }
}

/// A part of a snapshot that ends with `last` (index, term): where it begins, its bytes, and
/// whether it is the last one.
pub(crate) fn chunk(
    from: ServerId,
    term: u64,
    last: (u64, u64),
    (offset, state, done): (u64, Vec<u8>, bool),
) -> Message<Command> {
    let snapshot = Snapshot {
        last_included_index: LogIndex(last.0),
        last_included_term: Term(last.1),
        configuration: Configuration::of(&[S1, S2, S3]),
        log_time_us: 0,
        state,
    };
    let chunk = Box::new(Chunk { snapshot, offset, done });
    Message::InstallSnapshot { term: Term(term), leader_id: from, chunk, round: 0 }
}

/// That the part at 0 of a snapshot was taken, and `next_offset` is wanted.
pub(crate) fn chunk_reply(term: u64, index: u64, next_offset: u64) -> Message<Command> {
    chunk_answer(term, index, 0, ChunkResult::Continue { next_offset })
}

pub(crate) fn chunk_answer(
    term: u64,
    index: u64,
    offset: u64,
    result: ChunkResult,
) -> Message<Command> {
    Message::InstallSnapshotReply {
        term: Term(term),
        last_included_index: LogIndex(index),
        offset,
        result,
        round: 0,
    }
}

impl Cluster {
    /// Fresh servers under [`figure_2`]'s settings.
    pub(crate) fn of(servers: u8) -> Cluster {
        Cluster::with(figure_2(servers), vec![Durable::default(); servers.into()])
    }

    /// One server a disk, started from what is on it.
    pub(crate) fn with(config: Config, disks: Vec<Durable<Command>>) -> Cluster {
        config.validate().expect("tests use settings that can work");
        let node = |disk| Node {
            server: None,
            disk,
            disk_is_slow: false,
            unsynced: Vec::new(),
            events: Vec::new(),
            applied: Vec::new(),
        };
        let nodes = disks.into_iter().map(node).collect();
        let (in_flight, answers) = (Vec::new(), Vec::new());
        let mut cluster = Cluster { now_us: 0, in_flight, answers, config, nodes, boots: 0 };
        for id in cluster.ids() {
            cluster.restart(id);
        }
        cluster
    }

    pub(crate) fn ids(&self) -> Vec<ServerId> {
        (0..self.nodes.len()).map(|id| ServerId(id as u8)).collect()
    }

    pub(crate) fn server(&self, id: ServerId) -> &Server<Command> {
        self.nodes[usize::from(id.0)].server.as_ref().expect("the server is up")
    }

    pub(crate) fn disk(&self, id: ServerId) -> &Durable<Command> {
        &self.nodes[usize::from(id.0)].disk
    }

    pub(crate) fn role(&self, id: ServerId) -> RoleKind {
        self.server(id).role().kind()
    }

    /// The terms of a server's entries.
    pub(crate) fn terms(&self, id: ServerId) -> Vec<u64> {
        self.server(id).log().iter().map(|(_, entry)| entry.term.0).collect()
    }

    pub(crate) fn commit_index(&self, id: ServerId) -> u64 {
        self.server(id).commit_index().0
    }

    /// The commands a server has applied since its last boot.
    pub(crate) fn applied(&self, id: ServerId) -> Vec<Command> {
        let command = |entry: &Arc<Entry<Command>>| match entry.payload {
            Payload::Command(command) | Payload::ClientRequest { command, .. } => Some(command),
            _ => None,
        };
        self.nodes[usize::from(id.0)].applied.iter().filter_map(command).collect()
    }

    /// What a server has decided since this was last asked.
    pub(crate) fn take_events(&mut self, id: ServerId) -> Vec<Event> {
        std::mem::take(&mut self.node(id).events)
    }

    /// Everything in flight, taken off the network.
    pub(crate) fn take_messages(&mut self) -> Vec<Flight> {
        std::mem::take(&mut self.in_flight)
    }

    /// What `from` has sent to `to`, taken off the network.
    pub(crate) fn take_sent(&mut self, from: ServerId, to: ServerId) -> Vec<Message<Command>> {
        let (taken, rest) = std::mem::take(&mut self.in_flight)
            .into_iter()
            .partition(|flight| flight.from == from && flight.to == to);
        self.in_flight = rest;
        let taken: Vec<Flight> = taken;
        taken.into_iter().map(|flight| flight.message).collect()
    }

    /// Gives a server one input and carries out what it wants, except for sending.
    pub(crate) fn input(&mut self, id: ServerId, input: Input<Command>) {
        let now_us = self.now_us;
        let mut inputs = Vec::from([input]);
        while let Some(input) = inputs.pop() {
            let node = &mut self.nodes[usize::from(id.0)];
            let Some(server) = &mut node.server else {
                return;
            };
            server.handle(now_us, input);
            while let Some(output) = server.poll_output() {
                match output {
                    Output::Send { to, message } => {
                        self.in_flight.push(Flight { from: id, to, message });
                    }
                    Output::Write { id, write } => node.unsynced.push((id, write)),
                    Output::Apply { entry, .. } => node.applied.push(entry),
                    // The state of these servers is the list of what they have applied.
                    Output::TakeSnapshot { last_included_index } => {
                        let state = save(&node.applied);
                        inputs.push(Input::SnapshotTaken { last_included_index, state });
                    }
                    Output::Restore { snapshot } => node.applied = load(&snapshot.state),
                    Output::Answer { request, outcome } => self.answers.push((request, outcome)),
                    Output::Event(event) => node.events.push(event),
                }
            }
            if !node.disk_is_slow {
                inputs.extend(node.sync_through(usize::MAX));
            }
        }
    }

    /// Delivers a message made by hand, and gives what the receiver answers to its sender.
    pub(crate) fn hand(
        &mut self,
        from: ServerId,
        to: ServerId,
        message: Message<Command>,
    ) -> Vec<Message<Command>> {
        let others = std::mem::take(&mut self.in_flight);
        self.input(to, Input::Message { from, message });
        let answers = self.take_sent(to, from);
        self.in_flight.splice(0..0, others);
        answers
    }

    pub(crate) fn time_out(&mut self, id: ServerId) {
        self.input(id, Input::TimeOutNow);
    }

    /// The command names its request, too.
    pub(crate) fn propose(&mut self, id: ServerId, command: Command) {
        self.input(id, Input::Propose { request: RequestId(command), command });
    }

    pub(crate) fn change(&mut self, id: ServerId, request: u64, change: MembershipChange) {
        self.input(id, Input::ChangeMembership { request: RequestId(request), change });
    }

    pub(crate) fn read(&mut self, id: ServerId, request: u64) {
        self.input(id, Input::Read { request: RequestId(request) });
    }

    /// Lets a server win an election with everybody's help.
    pub(crate) fn elect(&mut self, id: ServerId) {
        self.time_out(id);
        self.deliver_all();
        assert_eq!(self.role(id), RoleKind::Leader);
    }

    /// Delivers what is in flight from `from` to `to`, oldest first; answers stay in flight.
    pub(crate) fn deliver(&mut self, from: ServerId, to: ServerId) {
        for message in self.take_sent(from, to) {
            self.input(to, Input::Message { from, message });
        }
    }

    /// Delivers messages until nothing moves any more.
    pub(crate) fn deliver_all(&mut self) {
        self.deliver_among(&self.ids());
    }

    /// Delivers messages among these servers until nothing moves; all others are lost.
    pub(crate) fn deliver_among(&mut self, group: &[ServerId]) {
        self.deliver_where(|from, to| group.contains(&from) && group.contains(&to));
    }

    /// Delivers messages over the links that are `up` until nothing moves; all others are lost.
    pub(crate) fn deliver_where(&mut self, up: impl Fn(ServerId, ServerId) -> bool) {
        for _ in 0..10_000 {
            self.in_flight.retain(|f| up(f.from, f.to));
            if self.in_flight.is_empty() {
                return;
            }
            let Flight { from, to, message } = self.in_flight.remove(0);
            self.input(to, Input::Message { from, message });
        }
        panic!("the servers never stop talking");
    }

    /// Lets time pass, with every deadline on the way. Messages stay where they are.
    pub(crate) fn advance(&mut self, us: u64) {
        let end_us = self.now_us + us;
        while let Some((due_us, id)) = self.next_deadline().filter(|(due_us, _)| *due_us <= end_us)
        {
            self.now_us = self.now_us.max(due_us);
            self.input(id, Input::Deadline);
        }
        self.now_us = end_us;
    }

    /// Lets time pass in small steps, in which only the links that are `up` deliver.
    pub(crate) fn live(&mut self, us: u64, up: impl Fn(ServerId, ServerId) -> bool) {
        let end_us = self.now_us + us;
        while self.now_us < end_us {
            self.advance(1_000);
            self.deliver_where(&up);
        }
    }

    /// Who leads, by their own account.
    pub(crate) fn leaders(&self) -> Vec<ServerId> {
        let leads = |id: &ServerId| self.role(*id) == RoleKind::Leader;
        self.ids().into_iter().filter(leads).collect()
    }

    fn next_deadline(&self) -> Option<(u64, ServerId)> {
        let due = |id: &ServerId| {
            let server = self.nodes[usize::from(id.0)].server.as_ref()?;
            Some((server.deadline_us()?, *id))
        };
        self.ids().iter().filter_map(due).min()
    }

    /// Stops a server. Its memory and its unsynced writes are gone.
    pub(crate) fn crash(&mut self, id: ServerId) {
        let node = self.node(id);
        node.server = None;
        node.unsynced.clear();
        node.applied.clear();
    }

    /// Starts a server from its disk.
    pub(crate) fn restart(&mut self, id: ServerId) {
        self.boots += 1;
        let (config, now_us, seed) = (self.config.clone(), self.now_us, self.boots);
        let node = self.node(id);
        assert!(node.server.is_none(), "{id} is up");
        node.server = Some(Server::boot(id, config, &node.disk, now_us, seed));
    }

    /// From now on the server's writes wait for [`sync`](Cluster::sync).
    pub(crate) fn slow_disk(&mut self, id: ServerId) {
        self.node(id).disk_is_slow = true;
    }

    /// Makes all of a server's writes durable.
    pub(crate) fn sync(&mut self, id: ServerId) {
        self.sync_first(id, usize::MAX);
    }

    /// Makes the oldest `count` of a server's writes durable.
    pub(crate) fn sync_first(&mut self, id: ServerId, count: usize) {
        if let Some(synced) = self.node(id).sync_through(count) {
            self.input(id, synced);
        }
    }

    /// Checks that all servers agree on everything.
    pub(crate) fn assert_converged(&self) {
        let first = self.server(ServerId(0));
        for id in self.ids() {
            let server = self.server(id);
            assert_eq!(server.log(), first.log(), "{id}'s log");
            assert_eq!(server.commit_index(), server.log().last_index(), "{id}'s commit_index");
            assert_eq!(self.applied(id), self.applied(ServerId(0)), "{id}'s state machine");
            assert_eq!(self.disk(id).log, *server.log(), "{id}'s disk");
        }
        let leaders = self.ids().into_iter().filter(|id| self.role(*id) == RoleKind::Leader);
        assert_eq!(leaders.collect::<BTreeSet<_>>().len(), 1);
    }

    fn node(&mut self, id: ServerId) -> &mut Node {
        &mut self.nodes[usize::from(id.0)]
    }
}

/// Entries as bytes: eight for the command, 0 for entries without one.
pub(crate) fn save(applied: &[Arc<Entry<Command>>]) -> Vec<u8> {
    let command = |entry: &Arc<Entry<Command>>| match entry.payload {
        Payload::Command(command) | Payload::ClientRequest { command, .. } => command,
        _ => 0,
    };
    applied.iter().flat_map(|entry| command(entry).to_le_bytes()).collect()
}

fn load(state: &[u8]) -> Vec<Arc<Entry<Command>>> {
    let entry = |bytes: &[u8]| {
        let command = Command::from_le_bytes(bytes.try_into().expect("eight bytes"));
        let payload = if command == 0 { Payload::Noop } else { Payload::Command(command) };
        Arc::new(Entry { term: Term(0), payload })
    };
    state.chunks_exact(8).map(entry).collect()
}

impl Node {
    fn sync_through(&mut self, count: usize) -> Option<Input<Command>> {
        let count = count.min(self.unsynced.len());
        let mut last = None;
        for (write, change) in self.unsynced.drain(..count) {
            self.disk.apply(&change);
            last = Some(Input::Synced { write });
        }
        last
    }
}
