//! A handful of servers on a test's workbench: nothing moves unless the test says so.
//!
//! Messages wait in flight until they are delivered or dropped, time stands still until it is
//! advanced, clocks agree unless a test sets one, and disks sync at once unless a test makes one
//! slow. So a test reads like a story.

use rift::quorum::*;

pub(crate) const S1: ServerId = ServerId(0);
pub(crate) const S2: ServerId = ServerId(1);
pub(crate) const S3: ServerId = ServerId(2);
pub(crate) const S4: ServerId = ServerId(3);
pub(crate) const S5: ServerId = ServerId(4);

/// Clients.
pub(crate) const ANN: u16 = 1;
pub(crate) const BOB: u16 = 2;
pub(crate) const EVE: u16 = 3;

pub(crate) type Key = char;
pub(crate) type Value = u32;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Flight {
    pub(crate) from: ServerId,
    pub(crate) to: ServerId,
    pub(crate) message: Message<Key, Value>,
}

#[derive(Clone)]
pub(crate) struct Store {
    pub(crate) now_us: u64,
    pub(crate) in_flight: Vec<Flight>,
    pub(crate) answers: Vec<(RequestId, Outcome<Value>)>,
    pub(crate) settings: Settings,
    nodes: Vec<Node>,
    /// Cut links: from, to.
    cuts: Vec<(ServerId, ServerId)>,
    sequence: u64,
}

#[derive(Clone)]
struct Node {
    server: Option<Server<Key, Value>>,
    disk: Durable<Key, Value>,
    disk_is_slow: bool,
    unsynced: Vec<(WriteId, Write<Key, Value>)>,
    events: Vec<Event<Key>>,
    /// How far the clock for stamps is ahead, in microseconds.
    ahead_us: i64,
}

/// Nothing happens by itself: no heartbeats, no anti-entropy, no read repair; stamps by clocks.
pub(crate) fn quiet(servers: u8, n: usize, r: usize, w: usize) -> Settings {
    Settings {
        n,
        r,
        w,
        mode: Mode::Ap { sloppy: false },
        stamping: Stamping::Clock,
        read_repair: ReadRepair::Off,
        detector: None,
        anti_entropy_us: None,
        ..Settings::cp(servers)
    }
}

impl Store {
    pub(crate) fn of(settings: Settings) -> Store {
        let node = Node {
            server: None,
            disk: Durable::default(),
            disk_is_slow: false,
            unsynced: Vec::new(),
            events: Vec::new(),
            ahead_us: 0,
        };
        let nodes = vec![node; settings.servers.len()];
        let (in_flight, answers, cuts) = (Vec::new(), Vec::new(), Vec::new());
        let mut store =
            Store { now_us: 1_000_000, in_flight, answers, settings, nodes, cuts, sequence: 0 };
        store.ids().into_iter().for_each(|id| store.restart(id));
        store
    }

    pub(crate) fn ids(&self) -> Vec<ServerId> {
        (0..self.nodes.len()).map(|id| ServerId(id as u8)).collect()
    }

    pub(crate) fn server(&self, id: ServerId) -> &Server<Key, Value> {
        self.nodes[usize::from(id.0)].server.as_ref().expect("the server is up")
    }

    pub(crate) fn is_up(&self, id: ServerId) -> bool {
        self.nodes[usize::from(id.0)].server.is_some()
    }

    fn node(&mut self, id: ServerId) -> &mut Node {
        &mut self.nodes[usize::from(id.0)]
    }

    /// What a server holds of `x`.
    pub(crate) fn x(&self, id: ServerId) -> Vec<Value> {
        self.server(id).cell(&'x').map(|cell| cell.values().copied().collect()).unwrap_or_default()
    }

    /// What all servers hold of `x`, in their order.
    pub(crate) fn all_x(&self) -> Vec<Vec<Value>> {
        self.ids().into_iter().map(|id| self.x(id)).collect()
    }

    pub(crate) fn take_events(&mut self, id: ServerId) -> Vec<Event<Key>> {
        std::mem::take(&mut self.node(id).events)
    }

    pub(crate) fn set_clock(&mut self, id: ServerId, ahead_us: i64) {
        self.node(id).ahead_us = ahead_us;
    }

    /// Puts another state in the place of a server's.
    pub(crate) fn replace(&mut self, id: ServerId, server: Server<Key, Value>) {
        self.node(id).server = Some(server);
    }

    // Time, crashes and disks.

    pub(crate) fn crash(&mut self, id: ServerId) {
        let node = self.node(id);
        node.server = None;
        node.unsynced.clear();
    }

    pub(crate) fn restart(&mut self, id: ServerId) {
        let config = self.settings.clone().check().expect("tests use settings that can work");
        let time = self.time(id);
        let node = self.node(id);
        node.server = Some(Server::boot(id, config, node.disk.clone(), time));
    }

    pub(crate) fn slow_disk(&mut self, id: ServerId) {
        self.node(id).disk_is_slow = true;
    }

    /// The disk does all that it was asked to.
    pub(crate) fn sync(&mut self, id: ServerId) {
        let node = self.node(id);
        node.disk_is_slow = false;
        let unsynced = std::mem::take(&mut node.unsynced);
        let Some((last, _)) = unsynced.last().cloned() else { return };
        unsynced.iter().for_each(|(_, write)| node.disk.apply(write));
        self.handle(id, Input::Synced { write: last });
    }

    fn time(&self, id: ServerId) -> Time {
        let ahead_us = self.nodes[usize::from(id.0)].ahead_us;
        Time { now_us: self.now_us, clock_us: self.now_us.saturating_add_signed(ahead_us) }
    }

    /// Lets time pass; timers fire, messages stay where they are.
    pub(crate) fn advance(&mut self, us: u64) {
        self.pass(us, false);
    }

    /// Lets time pass; messages arrive at once, unless their link is cut.
    pub(crate) fn run(&mut self, us: u64) {
        self.deliver_all();
        self.pass(us, true);
    }

    fn pass(&mut self, us: u64, delivers: bool) {
        let until_us = self.now_us + us;
        loop {
            let due = |node: &Node| node.server.as_ref().and_then(Server::deadline_us);
            let next_us = self.nodes.iter().filter_map(due).min().filter(|due| *due <= until_us);
            self.now_us = self.now_us.max(next_us.unwrap_or(until_us));
            if next_us.is_none() {
                return;
            }
            for id in self.ids() {
                if due(&self.nodes[usize::from(id.0)]).is_some_and(|due| due <= self.now_us) {
                    self.handle(id, Input::Deadline);
                }
            }
            if delivers {
                self.deliver_all();
            }
        }
    }

    // The network.

    /// Cuts all links between these groups.
    pub(crate) fn split(&mut self, groups: &[&[ServerId]]) {
        let group = |id: ServerId| groups.iter().position(|group| group.contains(&id));
        let all: Vec<_> = self
            .ids()
            .into_iter()
            .flat_map(|a| self.ids().into_iter().map(move |b| (a, b)))
            .collect();
        self.cuts = all.into_iter().filter(|(a, b)| group(*a) != group(*b)).collect();
    }

    pub(crate) fn heal(&mut self) {
        self.cuts.clear();
    }

    /// Delivers the first message from one server to another.
    pub(crate) fn deliver(&mut self, from: ServerId, to: ServerId) {
        let is_it = |flight: &Flight| (flight.from, flight.to) == (from, to);
        let place = self.in_flight.iter().position(is_it).expect("there is a message");
        self.deliver_nth(place);
    }

    /// There and back again.
    pub(crate) fn exchange(&mut self, coordinator: ServerId, replica: ServerId) {
        self.deliver(coordinator, replica);
        self.deliver(replica, coordinator);
    }

    pub(crate) fn deliver_nth(&mut self, nth: usize) {
        let Flight { from, to, message } = self.in_flight.remove(nth);
        if self.is_up(to) && !self.cuts.contains(&(from, to)) {
            self.handle(to, Input::Message { from, message });
        }
    }

    pub(crate) fn deliver_all(&mut self) {
        while !self.in_flight.is_empty() {
            self.deliver_nth(0);
        }
    }

    pub(crate) fn drop_all(&mut self) {
        self.in_flight.clear();
    }

    // Clients.

    pub(crate) fn next_request(&mut self, client: u16) -> RequestId {
        self.sequence += 1;
        RequestId { client: ClientId(client), sequence: self.sequence }
    }

    /// A client that knows nothing sets `x`.
    pub(crate) fn write(&mut self, at: ServerId, client: u16, value: Value) -> RequestId {
        self.write_call(at, client, WriteCall::blind('x', Some(value)))
    }

    /// The same, and all messages arrive.
    pub(crate) fn write_through(&mut self, at: ServerId, client: u16, value: Value) -> RequestId {
        let request = self.write(at, client, value);
        self.deliver_all();
        self.now_us += 10;
        request
    }

    pub(crate) fn delete(&mut self, at: ServerId, client: u16) -> RequestId {
        self.write_call(at, client, WriteCall::blind('x', None))
    }

    pub(crate) fn write_call(
        &mut self,
        at: ServerId,
        client: u16,
        call: WriteCall<Key, Value>,
    ) -> RequestId {
        let request = self.next_request(client);
        self.handle(at, Input::Write { request, call });
        request
    }

    /// A client reads `x`.
    pub(crate) fn read(&mut self, at: ServerId, client: u16) -> RequestId {
        let request = self.next_request(client);
        self.handle(at, Input::Read { request, call: ReadCall::of('x') });
        request
    }

    /// A client reads `x`, and all messages arrive.
    pub(crate) fn read_through(&mut self, at: ServerId, client: u16) -> Vec<Value> {
        let request = self.read(at, client);
        self.deliver_all();
        self.now_us += 10;
        self.found(request)
    }

    pub(crate) fn handle(&mut self, at: ServerId, input: Input<Key, Value>) {
        let time = self.time(at);
        let node = &mut self.nodes[usize::from(at.0)];
        let Some(server) = node.server.as_mut() else { return };
        server.handle(time, input);
        let mut synced = Vec::new();
        while let Some(output) = server.poll_output() {
            match output {
                Output::Send { to, message } => {
                    self.in_flight.push(Flight { from: at, to, message });
                }
                Output::Write { id, write } if node.disk_is_slow => node.unsynced.push((id, write)),
                Output::Write { id, write } => {
                    node.disk.apply(&write);
                    synced.push(id);
                }
                Output::Answer { request, outcome } => self.answers.push((request, outcome)),
                Output::Event(event) => node.events.push(event),
            }
        }
        synced.into_iter().for_each(|write| self.handle(at, Input::Synced { write }));
    }

    /// One server compares notes with another, and all messages arrive.
    pub(crate) fn compare(&mut self, id: ServerId, with: ServerId) {
        self.handle(id, Input::Compare { with });
        self.deliver_all();
    }

    /// The latest answer to a request.
    pub(crate) fn answer(&self, request: RequestId) -> Option<&Outcome<Value>> {
        let mut answers = self.answers.iter().rev();
        answers.find(|(answered, _)| *answered == request).map(|(_, outcome)| outcome)
    }

    /// Who acknowledged what has succeeded.
    pub(crate) fn ok_by(&self, request: RequestId) -> Vec<ServerId> {
        match self.answer(request) {
            Some(Outcome::Ok { acked_by, .. }) => acked_by.iter().map(|ack| ack.by).collect(),
            other => panic!("{request:?}: {other:?}"),
        }
    }

    /// What a read has found.
    pub(crate) fn found(&self, request: RequestId) -> Vec<Value> {
        match self.answer(request) {
            Some(Outcome::Ok { result: Success::Found(cell), .. }) => {
                cell.iter().flat_map(Cell::values).copied().collect()
            }
            other => panic!("{request:?}: {other:?}"),
        }
    }

    /// What a client knows by a success.
    pub(crate) fn context(&self, request: RequestId) -> Context {
        match self.answer(request) {
            Some(Outcome::Ok { result, .. }) => result.context(),
            other => panic!("{request:?}: {other:?}"),
        }
    }

    /// The stamp of a write that was answered.
    pub(crate) fn stamp(&self, request: RequestId) -> Stamp {
        match self.answer(request) {
            Some(Outcome::Ok { result: Success::Written { stamp, .. }, .. }) => *stamp,
            Some(Outcome::Indeterminate { stamp: Some(stamp), .. }) => *stamp,
            other => panic!("{request:?}: {other:?}"),
        }
    }
}
