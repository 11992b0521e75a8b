//! Three servers, their disks and their network, as a model for the checker.

use std::collections::VecDeque;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rift::raft::{
    Config, Durable, Entry, Event, Input, LogIndex, Message, Output, RequestId, Role, Server,
    ServerId, Term, Write, WriteId,
};
use rift::stable_hash::stable_hash;
use stateright::{Model, Property};

use super::promises;

/// All clocks stand at the last microsecond there is. No deadline can lie beyond it, so every
/// timer has always run out: an [`Input::Deadline`] has its effect whenever it is given.
pub(super) const END_OF_TIME: u64 = u64::MAX;

pub(super) const SERVERS: u8 = 3;

/// How often something may happen. Deliveries and syncs are without bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Bounds {
    /// Election timers that run out, on all servers together.
    pub(super) elections: u8,
    /// Rounds of heartbeats, which are also how leaders try again, on all servers together.
    pub(super) heartbeats: u8,
    /// Commands taken by leaders. Each is another.
    pub(super) proposals: u8,
    /// Servers that crash and start again from what their disk holds.
    pub(super) restarts: u8,
    /// Whether a new leader begins with an empty entry (§8).
    pub(super) noop: bool,
    /// The most entries in one AppendEntries.
    pub(super) batch: usize,
    /// Whether writes take time. Without, each is durable before anything else happens.
    pub(super) slow_disks: bool,
}

/// What is wrong with a cluster that must be found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tampering {
    Nothing,
    /// A disk does not keep `voted_for`.
    ForgetsVotes,
    /// A disk loses the last entry when its server crashes, though it was synced.
    LosesLastEntry,
    /// Candidates claim to have the most up-to-date log there is (§5.4.1).
    Boasts,
    /// Followers vouch for more than they were sent.
    VouchesForMore,
}

/// What the checker explores.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cluster {
    pub(super) bounds: Bounds,
    pub(super) tampering: Tampering,
    /// Whether answers that can change nothing stay in flight, which costs states.
    pub(super) keeps_all_letters: bool,
}

/// Everything at one moment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct State {
    pub(super) nodes: [Arc<Node>; SERVERS as usize],
    /// Everything that was ever sent, in the order of keys.
    pub(super) sent: Vec<Arc<Packet>>,
    /// What was applied at each index by whoever came first, and in which term.
    pub(super) applied: Vec<(Arc<Entry<u8>>, Term)>,
    /// Whether another server applied something else there.
    pub(super) applied_otherwise: bool,
    /// Whether a server has removed entries.
    pub(super) truncated: bool,
    left: Bounds,
}

/// A server and its disk.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) server: Server<u8>,
    disk: Durable<u8>,
    /// Written but not durable, oldest first.
    unsynced: VecDeque<(WriteId, Write<u8>)>,
    /// The hash of all this, so that it is worked out once for each node and not for each state.
    key: u64,
}

/// A message with its addresses.
#[derive(Clone, PartialEq)]
pub(super) struct Packet {
    pub(super) from: ServerId,
    pub(super) to: ServerId,
    pub(super) message: Message<u8>,
    key: u64,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Action {
    Deliver(Arc<Packet>),
    /// The timer that is running runs out: a leader's for heartbeats, anybody else's for elections.
    TimeOut(ServerId),
    Propose(ServerId),
    Sync(ServerId),
    Restart(ServerId),
}

impl Hash for State {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        for node in &self.nodes {
            hasher.write_u64(node.key);
        }
        for packet in &self.sent {
            hasher.write_u64(packet.key);
        }
        (&self.applied, self.applied_otherwise, self.truncated, self.left).hash(hasher);
    }
}

impl fmt::Debug for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}: {:?}", self.from, self.to, self.message)
    }
}

impl Packet {
    fn new(from: ServerId, to: ServerId, message: Message<u8>) -> Packet {
        let key = stable_hash(&(from, to, &message));
        Packet { from, to, message, key }
    }
}

impl Node {
    fn boot(cluster: &Cluster, id: ServerId, disk: Durable<u8>) -> Node {
        let config = Config {
            // One value: a timeout is not drawn, so chance is no part of a server's state.
            election_timeout_low_us: 150_000,
            election_timeout_high_us: 150_000,
            max_entries_per_append: cluster.bounds.batch,
            noop_on_election: cluster.bounds.noop,
            ..Config::of(SERVERS)
        };
        let server = Server::boot(id, config, &disk, END_OF_TIME, 0);
        Node { server, disk, unsynced: VecDeque::new(), key: 0 }.sealed()
    }

    fn sealed(mut self) -> Node {
        self.key = stable_hash(&(&self.server, &self.disk, &self.unsynced));
        self
    }

    /// Whether all that is new is an answer that waits for the disk behind its equal. The network
    /// never forgets, so the second adds nothing, and without this there would be ever more.
    fn only_repeats(&self, before: &Node) -> bool {
        let (one, other) = (&self.server, &before.server);
        let waiting = |server: &Server<u8>| -> Vec<(ServerId, Message<u8>)> {
            server.held_messages().map(|(_, to, message)| (to, message.clone())).collect()
        };
        let (held, held_before) = (waiting(one), waiting(other));
        held.len() > held_before.len()
            && held.iter().all(|message| held_before.contains(message))
            && self.unsynced == before.unsynced
            && (one.role(), one.voted_for(), one.log(), one.commit_index(), one.current_term())
                == (
                    other.role(),
                    other.voted_for(),
                    other.log(),
                    other.commit_index(),
                    other.current_term(),
                )
    }

    pub(super) fn leads(&self) -> bool {
        matches!(self.server.role(), Role::Leader { .. })
    }
}

impl State {
    fn node(&self, id: ServerId) -> &Node {
        &self.nodes[usize::from(id.0)]
    }

    /// Servers to which nothing has ever happened are alike, but for their names, in what they are
    /// and in what others know of them. So the first of them may be the first to act: whatever
    /// follows from another's acting is the same with other names. These are the others.
    fn alike_but_first(&self) -> Vec<ServerId> {
        let untouched = |node: &&Arc<Node>| {
            let server = &node.server;
            (server.current_term(), node.disk.current_term) == (Term(0), Term(0))
        };
        self.nodes.iter().filter(untouched).skip(1).map(|node| node.server.id()).collect()
    }

    /// Forgets answers that can change nothing any more: their term is durable with the receiver,
    /// and it is not, and never again will be, what they would be of use to. Votes that were given
    /// are kept, because [`promises`] looks for them.
    fn forget_dead_letters(&mut self) {
        let State { nodes, sent, .. } = self;
        sent.retain(|packet| {
            let to = &nodes[usize::from(packet.to.0)];
            let useful = match packet.message {
                Message::RequestVoteReply { vote_granted, .. } => vote_granted,
                Message::AppendEntriesReply { term, .. } => {
                    to.leads() && to.server.current_term() == term
                }
                _ => true,
            };
            useful || packet.message.term() > to.disk.current_term
        });
    }

    /// Whether anything but a bound is different.
    fn changed_from(&self, last: &State) -> bool {
        let keys = |state: &State| state.nodes.each_ref().map(|node| node.key);
        let same = keys(self) == keys(last)
            && self.sent.len() == last.sent.len()
            && self.sent.iter().zip(&last.sent).all(|(one, other)| one.key == other.key);
        !same
    }

    /// Gives a server an input and does what it wants done.
    fn drive(&mut self, cluster: &Cluster, id: ServerId, input: Input<u8>) {
        let mut node = self.node(id).clone();
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            node.server.handle(END_OF_TIME, input);
            while let Some(output) = node.server.poll_output() {
                match output {
                    Output::Send { to, message } => {
                        self.send(id, to, cluster.tampering.sent(message));
                    }
                    Output::Write { id, write } if cluster.bounds.slow_disks => {
                        node.unsynced.push_back((id, write));
                    }
                    Output::Write { id, write } => {
                        node.disk.apply(&write);
                        inputs.push_back(Input::Synced { write: id });
                    }
                    Output::Apply { index, entry } => {
                        self.note_applied(index, entry, node.server.current_term());
                    }
                    Output::Event(Event::ConflictTruncated { .. }) => self.truncated = true,
                    _ => {}
                }
            }
        }
        self.nodes[usize::from(id.0)] = Arc::new(node.sealed());
    }

    fn send(&mut self, from: ServerId, to: ServerId, message: Message<u8>) {
        let packet = Packet::new(from, to, message);
        if let Err(place) = self.sent.binary_search_by_key(&packet.key, |other| other.key) {
            self.sent.insert(place, Arc::new(packet));
        }
    }

    fn note_applied(&mut self, index: LogIndex, entry: Arc<Entry<u8>>, term: Term) {
        let place = usize::try_from(index.previous().0).expect("a short log");
        match self.applied.get(place) {
            Some((first, _)) => self.applied_otherwise |= *first != entry,
            None => self.applied.push((entry, term)),
        }
    }

    fn sync(&mut self, cluster: &Cluster, id: ServerId) {
        let mut node = self.node(id).clone();
        if let Some((write, change)) = node.unsynced.pop_front() {
            node.disk.apply(&change);
            self.nodes[usize::from(id.0)] = Arc::new(node);
            self.drive(cluster, id, Input::Synced { write });
        }
    }

    fn restart(&mut self, cluster: &Cluster, id: ServerId) {
        let mut disk = self.node(id).disk.clone();
        cluster.tampering.damage(&mut disk);
        self.nodes[usize::from(id.0)] = Arc::new(Node::boot(cluster, id, disk));
    }
}

impl Tampering {
    fn damage(self, disk: &mut Durable<u8>) {
        match self {
            Tampering::ForgetsVotes => disk.voted_for = None,
            Tampering::LosesLastEntry => {
                disk.log.truncate_from(disk.log.last_index());
            }
            _ => {}
        }
    }

    fn sent(self, mut message: Message<u8>) -> Message<u8> {
        use rift::raft::AppendResult::Success;
        match (self, &mut message) {
            (Tampering::Boasts, Message::RequestVote { term, last_log_term, .. }) => {
                *last_log_term = *term;
            }
            (
                Tampering::VouchesForMore,
                Message::AppendEntriesReply { result: Success { match_index }, .. },
            ) => *match_index = match_index.next(),
            _ => {}
        }
        message
    }
}

impl Model for Cluster {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let node = |id| Arc::new(Node::boot(self, ServerId(id), Durable::default()));
        vec![State {
            nodes: [node(0), node(1), node(2)],
            sent: Vec::new(),
            applied: Vec::new(),
            applied_otherwise: false,
            truncated: false,
            left: self.bounds,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let waiting = state.alike_but_first();
        for id in (0..SERVERS).map(ServerId).filter(|id| !waiting.contains(id)) {
            let node = state.node(id);
            let may_time_out = match node.leads() {
                true => state.left.heartbeats > 0,
                false => state.left.elections > 0,
            };
            if may_time_out {
                actions.push(Action::TimeOut(id));
            }
            // Who does not lead refuses, and nothing comes of it.
            if node.leads() && state.left.proposals > 0 {
                actions.push(Action::Propose(id));
            }
            if !node.unsynced.is_empty() {
                actions.push(Action::Sync(id));
            }
            if state.left.restarts > 0 {
                actions.push(Action::Restart(id));
            }
        }
        let may_arrive = state.sent.iter().filter(|packet| !waiting.contains(&packet.to));
        actions.extend(may_arrive.cloned().map(Action::Deliver));
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Deliver(packet) => {
                let Packet { from, to, message, .. } = (*packet).clone();
                state.drive(self, to, Input::Message { from, message });
                if state.node(to).only_repeats(last.node(to)) {
                    return None;
                }
            }
            Action::TimeOut(id) => {
                match state.node(id).leads() {
                    true => state.left.heartbeats -= 1,
                    false => state.left.elections -= 1,
                }
                state.drive(self, id, Input::Deadline);
            }
            Action::Propose(id) => {
                let number = state.left.proposals;
                state.left.proposals -= 1;
                let request = RequestId(u64::from(number));
                state.drive(self, id, Input::Propose { request, command: number });
            }
            Action::Sync(id) => state.sync(self, id),
            Action::Restart(id) => {
                state.left.restarts -= 1;
                state.restart(self, id);
            }
        }
        if !self.keeps_all_letters {
            state.forget_dead_letters();
        }
        // Saves the checker from looking it up.
        (state.changed_from(last)).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Cluster>> {
        promises::all()
    }
}
