//! Primary-backup replication (Alsberg and Day 1976, and what became of it): what a promotion
//! loses, and what it costs to lose nothing.

use proptest::prelude::*;
use rift::primary_backup::*;

const S1: ServerId = ServerId(0);
const S2: ServerId = ServerId(1);
const S3: ServerId = ServerId(2);

type Key = char;
type Value = u32;

/// Servers on a workbench: messages wait until they are delivered, disks sync at once unless slow.
struct Cluster {
    now_us: u64,
    in_flight: Vec<(ServerId, ServerId, Message<Key, Value>)>,
    answers: Vec<(RequestId, Outcome<Value>)>,
    config: Config,
    servers: Vec<Option<Server<Key, Value>>>,
    disks: Vec<Durable<Key, Value>>,
    slow_disks: bool,
    events: Vec<(ServerId, Event)>,
    cut_off: Option<ServerId>,
}

impl Cluster {
    fn of(config: Config) -> Cluster {
        config.validate().expect("tests use settings that can work");
        let count = config.servers.len();
        let mut cluster = Cluster {
            now_us: 0,
            in_flight: Vec::new(),
            answers: Vec::new(),
            config,
            servers: vec![None; count],
            disks: vec![Durable::default(); count],
            slow_disks: false,
            events: Vec::new(),
            cut_off: None,
        };
        (0..count as u8).for_each(|id| cluster.restart(ServerId(id)));
        cluster
    }

    fn server(&self, id: ServerId) -> &Server<Key, Value> {
        self.servers[usize::from(id.0)].as_ref().expect("it is up")
    }

    fn crash(&mut self, id: ServerId) {
        self.servers[usize::from(id.0)] = None;
    }

    fn restart(&mut self, id: ServerId) {
        let disk = self.disks[usize::from(id.0)].clone();
        let server = Server::boot(id, self.config.clone(), disk, self.now_us);
        self.servers[usize::from(id.0)] = Some(server);
    }

    fn handle(&mut self, id: ServerId, input: Input<Key, Value>) {
        let Some(server) = &mut self.servers[usize::from(id.0)] else { return };
        server.handle(self.now_us, input);
        let mut synced = Vec::new();
        while let Some(output) = server.poll_output() {
            match output {
                Output::Send { to, message } => self.in_flight.push((id, to, message)),
                Output::Write { id: write_id, write } if !self.slow_disks => {
                    self.disks[usize::from(id.0)].apply(&write);
                    synced.push(write_id);
                }
                Output::Write { .. } => {}
                Output::Answer { request, outcome } => self.answers.push((request, outcome)),
                Output::Event(event) => self.events.push((id, event)),
            }
        }
        synced.into_iter().for_each(|write| self.handle(id, Input::Synced { write }));
    }

    fn deliver_all(&mut self) {
        while !self.in_flight.is_empty() {
            let (from, to, message) = self.in_flight.remove(0);
            if self.cut_off.is_none_or(|alone| from != alone && to != alone) {
                self.handle(to, Input::Message { from, message });
            }
        }
    }

    /// Time passes, timers fire, messages arrive.
    fn run(&mut self, us: u64) {
        let until_us = self.now_us + us;
        self.deliver_all();
        while self.now_us < until_us {
            let due = self.servers.iter().flatten().filter_map(Server::deadline_us).min();
            self.now_us = due.unwrap_or(until_us).clamp(self.now_us + 1, until_us);
            (0..self.servers.len() as u8).for_each(|id| self.handle(ServerId(id), Input::Deadline));
            self.deliver_all();
        }
    }

    fn write(&mut self, at: ServerId, request: u64, value: Value) {
        let (request, value) = (RequestId(request), Some(value));
        self.handle(at, Input::Write { request, key: 'x', value });
    }

    fn read(&mut self, at: ServerId) -> Outcome<Value> {
        self.handle(at, Input::Read { request: RequestId(999), key: 'x' });
        self.answers.pop().expect("at once").1
    }

    fn answer(&self, request: u64) -> Option<&Outcome<Value>> {
        let mut answers = self.answers.iter().rev();
        answers.find(|(answered, _)| *answered == RequestId(request)).map(|(_, outcome)| outcome)
    }

    fn lost(&self) -> Vec<u64> {
        let lost = self.events.iter().filter_map(|(_, event)| match event {
            Event::TailLost { requests, .. } => Some(requests),
            _ => None,
        });
        lost.flatten().map(|request| request.0).collect()
    }
}

fn synchronous(acks: usize) -> Config {
    Config { acks, ..Config::of(3) }
}

#[test]
fn the_primary_answers_at_once_and_backups_hear_of_it_later() {
    let mut cluster = Cluster::of(Config::of(3));
    cluster.write(S1, 1, 7);
    assert_eq!(cluster.answer(1), Some(&Outcome::Written { backups: 0 }));
    assert!(cluster.server(S2).log().is_empty());
    assert_eq!(cluster.read(S1), Outcome::Found(Some(7)));
    cluster.deliver_all();
    assert_eq!((cluster.server(S2).get(&'x'), cluster.server(S3).get(&'x')), (Some(&7), Some(&7)));
    // Others do not take writes, and say who does.
    cluster.write(S2, 2, 8);
    assert_eq!(cluster.answer(2), Some(&Outcome::NotPrimary { primary: S1 }));
    assert_eq!(cluster.read(S2), Outcome::NotPrimary { primary: S1 });
}

/// What was answered and not shipped is gone after a promotion, and the old primary drops it.
#[test]
fn a_promotion_loses_the_tail() {
    let mut cluster = Cluster::of(Config::of(3));
    cluster.write(S1, 1, 7);
    cluster.deliver_all();
    cluster.cut_off = Some(S1);
    cluster.write(S1, 2, 8);
    cluster.run(1_000);
    assert_eq!(cluster.answer(2), Some(&Outcome::Written { backups: 0 }), "answered");
    cluster.handle(S2, Input::Promote);
    cluster.run(100_000);
    assert_eq!(cluster.read(S2), Outcome::Found(Some(7)), "and lost");
    // Two primaries: the old one knows nothing, and what it answers now is lost as well.
    assert!(cluster.server(S1).is_primary() && cluster.server(S2).is_primary());
    cluster.write(S1, 3, 9);
    assert_eq!(cluster.answer(3), Some(&Outcome::Written { backups: 0 }));
    assert_eq!(cluster.read(S1), Outcome::Found(Some(9)), "and it reads what others do not see");

    cluster.cut_off = None;
    cluster.run(100_000);
    assert!(!cluster.server(S1).is_primary());
    let (was, by) = (Epoch { number: 0, primary: S1 }, Epoch { number: 1, primary: S2 });
    assert!(cluster.events.contains(&(S1, Event::Deposed { was, by })));
    assert_eq!(cluster.lost(), [2, 3]);
    assert_eq!(cluster.server(S1).log(), cluster.server(S2).log());
}

/// Waiting for all backups loses nothing, and answers nothing while one of them is away.
#[test]
fn waiting_for_all_backups_loses_nothing_and_costs_answers() {
    let mut cluster = Cluster::of(synchronous(2));
    cluster.write(S1, 1, 7);
    assert_eq!(cluster.answer(1), None, "a round trip");
    cluster.deliver_all();
    assert_eq!(cluster.answer(1), Some(&Outcome::Written { backups: 2 }));
    cluster.cut_off = Some(S3);
    cluster.write(S1, 2, 8);
    cluster.run(cluster.config.timeout_us);
    assert_eq!(cluster.answer(2), Some(&Outcome::Indeterminate { backups: 1, needed: 2 }));
    // No rollback: it is there, and arrives.
    cluster.cut_off = None;
    cluster.run(100_000);
    for promoted in [S2, S3] {
        cluster.handle(promoted, Input::Promote);
        cluster.run(100_000);
        assert_eq!(cluster.read(promoted), Outcome::Found(Some(8)));
    }
    assert!(cluster.lost().is_empty());
}

/// With one acknowledgement of two it matters who is promoted: somebody has to choose well.
#[test]
fn promoting_the_wrong_backup_loses_what_the_other_had_acknowledged() {
    for (promoted, found) in [(S2, Some(7)), (S3, None)] {
        let mut cluster = Cluster::of(synchronous(1));
        cluster.cut_off = Some(S3);
        cluster.write(S1, 1, 7);
        cluster.deliver_all();
        assert_eq!(cluster.answer(1), Some(&Outcome::Written { backups: 1 }));
        cluster.crash(S1);
        cluster.cut_off = None;
        cluster.handle(promoted, Input::Promote);
        cluster.run(100_000);
        assert_eq!(cluster.read(promoted), Outcome::Found(found));
        assert_eq!(cluster.lost().is_empty(), promoted == S2);
    }
}

/// A deposed primary's clients cannot know.
#[test]
fn who_waits_at_a_deposed_primary_is_told_that_nobody_knows() {
    let mut cluster = Cluster::of(synchronous(1));
    cluster.cut_off = Some(S1);
    cluster.write(S1, 1, 7);
    cluster.handle(S2, Input::Promote);
    cluster.cut_off = None;
    cluster.run(60_000);
    assert_eq!(cluster.answer(1), Some(&Outcome::Indeterminate { backups: 0, needed: 1 }));
    assert_eq!(cluster.server(S1).log(), []);
}

#[test]
fn backups_may_answer_reads_and_may_be_behind() {
    let mut cluster = Cluster::of(Config { backups_answer_reads: true, ..Config::of(3) });
    cluster.write(S1, 1, 7);
    assert_eq!(cluster.read(S2), Outcome::Found(None), "stale");
    cluster.deliver_all();
    assert_eq!(cluster.read(S2), Outcome::Found(Some(7)));
}

/// What is lost on the way is shipped again, and a request that is repeated is written once.
#[test]
fn losses_are_made_good_and_repeats_are_recognised() {
    let mut cluster = Cluster::of(synchronous(2));
    cluster.write(S1, 1, 7);
    cluster.in_flight.clear();
    cluster.write(S1, 1, 7);
    cluster.run(cluster.config.resend_us);
    assert_eq!(cluster.answer(1), Some(&Outcome::Written { backups: 2 }));
    cluster.write(S1, 1, 7);
    assert_eq!(cluster.answers.len(), 2);
    assert_eq!(cluster.server(S1).log().len(), 1);
}

/// An answer waits for the primary's disk, and so does what is shipped: a primary that comes back
/// never knows less than its backups.
#[test]
fn nothing_leaves_before_the_disk_is_done() {
    let mut cluster = Cluster::of(Config::of(3));
    cluster.run(1_000);
    cluster.slow_disks = true;
    cluster.write(S1, 1, 7);
    cluster.deliver_all();
    assert_eq!((cluster.answer(1), cluster.server(S2).log().len()), (None, 0));
    assert_eq!(cluster.read(S1), Outcome::Found(None));
    cluster.slow_disks = false;
    cluster.crash(S1);
    cluster.restart(S1);
    cluster.write(S1, 2, 8);
    cluster.run(100_000);
    assert_eq!(cluster.server(S1).log(), cluster.server(S3).log());
    assert_eq!(cluster.server(S3).log().len(), 1);
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let refused = |config: Config| config.validate().expect_err("it cannot work");
    assert_eq!(refused(Config::of(0)), ConfigError::NoServers);
    let twice = Config { servers: vec![S1, S1], ..Config::of(3) };
    assert_eq!(refused(twice), ConfigError::DuplicateServer(S1));
    assert_eq!(refused(synchronous(3)), ConfigError::TooManyAcks { acks: 3, backups: 2 });
    assert_eq!(refused(Config { timeout_us: 0, ..Config::of(3) }), ConfigError::Zero);
    let mut cluster = Cluster::of(Config { max_log_entries: 1, ..Config::of(3) });
    cluster.write(S1, 1, 7);
    cluster.write(S1, 2, 8);
    assert_eq!(cluster.answer(2), Some(&Outcome::Full));
}

#[derive(Clone, Debug)]
enum Act {
    Write(u8),
    Deliver(u16),
    Drop(u16),
    Repeat(u16),
    Crash(u8),
    Restart(u8),
    Promote(u8),
    Wait(u32),
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => any::<u8>().prop_map(Act::Write),
        30 => any::<u16>().prop_map(Act::Deliver),
        4 => any::<u16>().prop_map(Act::Drop),
        3 => any::<u16>().prop_map(Act::Repeat),
        1 => any::<u8>().prop_map(Act::Crash),
        3 => any::<u8>().prop_map(Act::Restart),
        1 => any::<u8>().prop_map(Act::Promote),
        3 => (1..60_000_u32).prop_map(Act::Wait),
    ]
}

fn play(cluster: &mut Cluster, acts: &[Act]) {
    let id = |number: u8| ServerId(number % 3);
    for (step, act) in (1_u64..).zip(acts) {
        let nth =
            |cluster: &Cluster, nth: u16| usize::from(nth).checked_rem(cluster.in_flight.len());
        match *act {
            Act::Write(at) => cluster.write(id(at), step, step as Value),
            Act::Deliver(place) => {
                let Some(place) = nth(cluster, place) else { continue };
                let (from, to, message) = cluster.in_flight.remove(place);
                cluster.handle(to, Input::Message { from, message });
            }
            Act::Drop(place) => {
                let Some(place) = nth(cluster, place) else { continue };
                cluster.in_flight.remove(place);
            }
            Act::Repeat(place) => {
                let Some(place) = nth(cluster, place) else { continue };
                let copy = cluster.in_flight[place].clone();
                cluster.in_flight.push(copy);
            }
            Act::Crash(at) => cluster.crash(id(at)),
            Act::Restart(at) if cluster.servers[usize::from(id(at).0)].is_none() => {
                cluster.restart(id(at));
            }
            Act::Restart(_) => {}
            Act::Promote(at) => cluster.handle(id(at), Input::Promote),
            Act::Wait(us) => {
                cluster.now_us += u64::from(us);
                (0..3).for_each(|at| cluster.handle(ServerId(at), Input::Deadline));
            }
        }
    }
}

proptest! {
    /// After the faults all logs are equal, and a write that was answered on all backups is there,
    /// whoever was promoted.
    #[test]
    fn logs_converge_and_full_synchrony_loses_no_answered_write(
        acts in prop::collection::vec(any_act(), 20..200), acks in 0..3_usize,
    ) {
        let mut cluster = Cluster::of(synchronous(acks));
        play(&mut cluster, &acts);
        for id in [S1, S2, S3] {
            if cluster.servers[usize::from(id.0)].is_none() {
                cluster.restart(id);
            }
        }
        cluster.run(1_000_000);
        let log = cluster.server(S1).log();
        prop_assert_eq!(log, cluster.server(S2).log());
        prop_assert_eq!(log, cluster.server(S3).log());
        let primaries = [S1, S2, S3].iter().filter(|id| cluster.server(**id).is_primary()).count();
        prop_assert_eq!(primaries, 1);
        if acks == 2 {
            for (request, outcome) in &cluster.answers {
                let is_safe = matches!(outcome, Outcome::Written { .. });
                prop_assert!(!is_safe || log.iter().any(|entry| entry.request == *request));
            }
        }
    }
}

fn any_number() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 0..4_u64, 1 => Just(u64::MAX), 1 => any::<u64>()]
}

fn any_epoch() -> impl Strategy<Value = Epoch> {
    (any_number(), 0..4_u8)
        .prop_map(|(number, primary)| Epoch { number, primary: ServerId(primary) })
}

fn any_message() -> impl Strategy<Value = Message<Key, Value>> {
    let entry = (any_epoch(), any_number()).prop_map(|(epoch, request)| {
        let request = RequestId(request);
        Entry { epoch, request, key: 'x', value: Some(1) }
    });
    prop_oneof![
        (any_epoch(), any_number(), prop::collection::vec(entry, 0..4))
            .prop_map(|(epoch, after, entries)| Message::Ship { epoch, after, entries }),
        (any_epoch(), any_number()).prop_map(|(epoch, held)| Message::Ack { epoch, held }),
    ]
}

fn any_input() -> impl Strategy<Value = Input<Key, Value>> {
    prop_oneof![
        6 => (0..4_u8, any_message())
            .prop_map(|(from, message)| Input::Message { from: ServerId(from), message }),
        2 => Just(Input::Deadline),
        3 => any_number().prop_map(|write| Input::Synced { write: WriteId(write) }),
        4 => any_number().prop_map(|request| {
            Input::Write { request: RequestId(request), key: 'x', value: Some(2) }
        }),
        1 => any_number().prop_map(|request| Input::Read { request: RequestId(request), key: 'x' }),
        1 => Just(Input::Promote),
    ]
}

proptest! {
    /// Nothing that arrives makes a server panic, and its disk follows its memory.
    #[test]
    fn nothing_panics(
        inputs in prop::collection::vec((any_number(), any_input()), 1..80), acks in 0..3_usize,
    ) {
        let mut server = Server::boot(S1, synchronous(acks), Durable::default(), 0);
        let mut disk = Durable::default();
        for (now_us, input) in inputs {
            server.handle(now_us, input);
            while let Some(output) = server.poll_output() {
                if let Output::Write { write, .. } = output {
                    disk.apply(&write);
                }
            }
            server.deadline_us();
        }
        prop_assert_eq!(server.log(), &disk.log[..]);
    }
}
