//! Terry et al. 1994: the four session guarantees, each broken by a client that does not ask for it
//! and kept for one that does.

use rift::quorum::*;
use rift::random::Random;

use super::store::*;

const LWW: Resolution = Resolution::LastWriteWins;

fn session(client: u16, asks_for: Guarantees) -> Session<Key> {
    Session::new(ClientId(client), Access::Roaming, asks_for, LWW)
}

/// Sends what a session wants written, delivers what `delivers` says, and notes the answer.
fn write(store: &mut Store, session: &mut Session<Key>, at: ServerId, value: Value) -> Vec<Broken> {
    store.now_us += 10;
    let (request, call) = session.write('x', Some(value), None);
    store.handle(at, Input::Write { request, call });
    store.drop_all();
    let outcome = store.answer(request).expect("W = 1").clone();
    session.note(request, &'x', &outcome)
}

/// Likewise a read, from `at` alone unless its answer is behind what the session knows.
fn read(store: &mut Store, session: &mut Session<Key>, at: ServerId) -> (RequestId, Vec<Broken>) {
    let (request, call) = session.read('x', None);
    store.handle(at, Input::Read { request, call });
    let outcome = store.answer(request).cloned();
    (request, outcome.map(|outcome| session.note(request, &'x', &outcome)).unwrap_or_default())
}

fn guarantees(broken: &[Broken]) -> Vec<Guarantee> {
    broken.iter().map(|broken| broken.guarantee).collect()
}

/// "Read Your Writes": a roaming client writes at S1 and reads at S2, which has not heard.
#[test]
fn read_your_writes() {
    let mut store = Store::of(quiet(3, 3, 1, 1));
    let mut ann = session(ANN, Guarantees::NONE);
    assert!(write(&mut store, &mut ann, S1, 7).is_empty());
    let (request, broken) = read(&mut store, &mut ann, S2);
    assert_eq!(guarantees(&broken), [Guarantee::ReadYourWrites]);
    assert_eq!((broken[0].request, broken[0].got), (request, None));
    assert_eq!(ann.times_broken(Guarantee::ReadYourWrites), 1);
    // Who stays with S1 has it without asking.
    assert!(read(&mut store, &mut ann, S1).1.is_empty());

    let mut ann = session(BOB, Guarantees::NONE.with(Guarantee::ReadYourWrites));
    write(&mut store, &mut ann, S1, 8);
    let (request, _) = read(&mut store, &mut ann, S2);
    assert_eq!(store.answer(request), None, "it waits for more than R");
    store.deliver_all();
    assert_eq!(store.found(request), [8]);
}

/// "Monotonic Reads": what was read once is not unread.
#[test]
fn monotonic_reads() {
    let mut store = Store::of(quiet(3, 3, 1, 1));
    let mut other = session(EVE, Guarantees::NONE);
    write(&mut store, &mut other, S1, 7);
    let mut ann = session(ANN, Guarantees::NONE);
    assert!(read(&mut store, &mut ann, S1).1.is_empty());
    let (_, broken) = read(&mut store, &mut ann, S3);
    assert_eq!(guarantees(&broken), [Guarantee::MonotonicReads]);

    let mut ann = session(BOB, Guarantees::NONE.with(Guarantee::MonotonicReads));
    store.drop_all();
    read(&mut store, &mut ann, S1);
    store.drop_all();
    let (request, _) = read(&mut store, &mut ann, S3);
    store.exchange(S3, S2);
    assert_eq!(store.answer(request), None, "S2 is behind as well");
    store.exchange(S3, S1);
    assert_eq!(store.found(request), [7]);
}

/// A typed answer for a read that cannot be answered without breaking what was asked for.
#[test]
fn a_read_that_would_break_a_guarantee_says_so() {
    let mut store = Store::of(quiet(3, 3, 1, 1));
    let mut ann = session(ANN, Guarantees::ALL);
    write(&mut store, &mut ann, S1, 7);
    store.split(&[&[S1], &[S2, S3]]);
    let (request, _) = read(&mut store, &mut ann, S2);
    let floor = Event::BehindFloor { request, floor: context_of(&store, S1) };
    assert!(store.take_events(S2).contains(&floor));
    store.run(store.settings.timeout_us);
    let outcome = store.answer(request).expect("given up").clone();
    assert!(matches!(outcome, Outcome::Behind { .. }));
    assert_eq!(ann.would_break(&'x', &outcome), Guarantees::NONE.with(Guarantee::ReadYourWrites));
    assert!(ann.note(request, &'x', &outcome).is_empty(), "it was not broken");

    // When all have been heard there is no point in waiting; here S1 has lost its disk.
    store.heal();
    store.crash(S1);
    let config = store.settings.clone().check().expect("it can work");
    let empty = Server::boot(S1, config, Durable::default(), Time::of(store.now_us));
    store.replace(S1, empty);
    let (request, _) = read(&mut store, &mut ann, S2);
    store.deliver_all();
    let outcome = store.answer(request).expect("at once");
    assert!(matches!(outcome, Outcome::Behind { acked_by, .. } if acked_by.len() == 3));
}

fn context_of(store: &Store, id: ServerId) -> Context {
    store.server(id).cell(&'x').map(Cell::context).unwrap_or_default()
}

/// "Monotonic Writes": with clocks that disagree a roaming client's second write may be stamped
/// below its first.
#[test]
fn monotonic_writes() {
    let mut store = Store::of(quiet(3, 3, 1, 1));
    store.set_clock(S1, 1_000_000);
    let mut ann = session(ANN, Guarantees::NONE);
    write(&mut store, &mut ann, S1, 1);
    let broken = write(&mut store, &mut ann, S2, 2);
    assert_eq!(guarantees(&broken), [Guarantee::MonotonicWrites]);
    assert!(broken[0].got < broken[0].expected);

    let mut bob = session(BOB, Guarantees::NONE.with(Guarantee::MonotonicWrites));
    write(&mut store, &mut bob, S1, 3);
    assert!(write(&mut store, &mut bob, S2, 4).is_empty());
    store.compare(S1, S2);
    assert_eq!((store.x(S1), store.x(S2)), (vec![4], vec![4]));
}

/// "Writes Follow Reads": a write goes after what its client had read.
#[test]
fn writes_follow_reads() {
    let mut store = Store::of(quiet(3, 3, 1, 1));
    store.set_clock(S1, 1_000_000);
    let mut other = session(EVE, Guarantees::NONE);
    write(&mut store, &mut other, S1, 1);
    for (client, asks_for, breaks) in [
        (ANN, Guarantees::NONE, vec![Guarantee::WritesFollowReads]),
        (BOB, Guarantees::NONE.with(Guarantee::WritesFollowReads), vec![]),
    ] {
        let mut client = session(client, asks_for);
        read(&mut store, &mut client, S1);
        store.drop_all();
        let broken = write(&mut store, &mut client, S2, 2);
        assert_eq!(guarantees(&broken), breaks);
    }
}

/// With siblings, order is by what was seen, and clocks break nothing.
#[test]
fn siblings_keep_the_order_of_writes_whatever_clocks_show() {
    let settings = Settings { resolution: Resolution::Siblings, ..quiet(3, 3, 1, 1) };
    let mut store = Store::of(settings);
    store.set_clock(S1, 1_000_000);
    let client = ClientId(ANN);
    let siblings = Resolution::Siblings;
    let mut ann = Session::new(client, Access::Roaming, Guarantees::NONE, siblings);
    write(&mut store, &mut ann, S1, 1);
    assert!(write(&mut store, &mut ann, S2, 2).is_empty());
    // But a replica that has not heard breaks what reads promise, as ever.
    let (_, broken) = read(&mut store, &mut ann, S3);
    assert_eq!(guarantees(&broken), [Guarantee::ReadYourWrites]);
}

/// What nobody knows to have happened binds nobody.
#[test]
fn an_indeterminate_write_is_no_promise() {
    let mut store = Store::of(quiet(3, 3, 1, 2));
    let mut ann = session(ANN, Guarantees::ALL);
    let (request, call) = ann.write('x', Some(7), None);
    store.handle(S1, Input::Write { request, call });
    store.drop_all();
    store.advance(store.settings.timeout_us);
    let outcome = store.answer(request).expect("given up").clone();
    assert!(matches!(outcome, Outcome::Indeterminate { .. }));
    assert!(ann.note(request, &'x', &outcome).is_empty());
    let (request, broken) = read(&mut store, &mut ann, S2);
    assert_eq!((store.found(request), broken), (vec![], vec![]));
}

#[test]
fn a_sticky_client_stays_and_a_roaming_one_goes_round() {
    let servers = [S1, S2, S3];
    let (client, none) = (ClientId(ANN), Guarantees::NONE);
    let mut sticky: Session<Key> = Session::new(client, Access::Sticky(S2), none, LWW);
    let mut roaming = session(BOB, Guarantees::ALL);
    let mut turns = Vec::new();
    for _ in 0..6 {
        assert_eq!(sticky.server(&servers), Some(S2));
        turns.extend(roaming.server(&servers));
        sticky.read('x', None);
        roaming.read('x', None);
    }
    assert_eq!(turns, [S2, S3, S1, S2, S3, S1]);
    assert_eq!(roaming.server(&[]), None);
}

/// Three roaming clients that read, write and delete two keys of an AP store with wrong clocks,
/// lost messages and tears, all drawn from `seed`: how often each guarantee was broken, and how
/// many requests succeeded.
fn roam(seed: u64, resolution: Resolution, asks_for: Guarantees) -> ([u64; 4], u64) {
    let mut random = Random::from_seed(seed);
    let mut store = Store::of(Settings { resolution, ..quiet(4, 4, 1, 1) });
    for id in store.ids() {
        store.set_clock(id, random.below(1_000_000) as i64 - 500_000);
    }
    let client = |client| Session::new(ClientId(client), Access::Roaming, asks_for, resolution);
    let mut sessions: Vec<Session<Key>> = (1..=3).map(client).collect();
    let mut open: Vec<Option<(RequestId, Key)>> = vec![None; 3];
    let mut succeeded = 0;
    for _ in 0..300 {
        let who = random.below(3) as usize;
        if let Some((request, key)) = open[who]
            && let Some(outcome) = store.answer(request).cloned()
        {
            succeeded += u64::from(matches!(outcome, Outcome::Ok { .. }));
            sessions[who].note(request, &key, &outcome);
            open[who] = None;
        }
        if open[who].is_none() {
            open[who] = Some(ask(&mut store, &mut sessions[who], &mut random));
        }
        match random.below(12) {
            0 => store.split(&[&[S1, S2], &[S3, S4]]),
            1 => store.heal(),
            2 => store.drop_all(),
            3 => store.advance(random.below(150_000)),
            _ if !store.in_flight.is_empty() => {
                store.deliver_nth(random.below(store.in_flight.len() as u64) as usize);
            }
            _ => store.now_us += 1,
        }
    }
    let broken = Guarantee::ALL
        .map(|guarantee| sessions.iter().map(|session| session.times_broken(guarantee)).sum());
    (broken, succeeded)
}

fn ask(store: &mut Store, session: &mut Session<Key>, random: &mut Random) -> (RequestId, Key) {
    let at = session.server(&store.settings.servers).expect("there are servers");
    let key = if random.chance(700_000) { 'x' } else { 'y' };
    let (request, input) = if random.chance(500_000) {
        let (request, call) = session.read(key, None);
        (request, Input::Read { request, call })
    } else {
        let value = random.chance(900_000).then(|| random.below(100) as Value);
        let (request, call) = session.write(key, value, None);
        (request, Input::Write { request, call })
    };
    store.handle(at, input);
    (request, key)
}

/// Who asks for the guarantees has them, whatever happens; who does not, has none of them. With
/// siblings a write carries what it follows in its vector, so only reads can break anything.
#[test]
fn guarantees_hold_in_any_run_for_those_who_ask() {
    for (resolution, breakable) in [(LWW, 4), (Resolution::Siblings, 2)] {
        let (mut broken, mut succeeded) = ([0; 4], 0);
        for seed in 0..60 {
            let (kept, some) = roam(seed, resolution, Guarantees::ALL);
            assert_eq!(kept, [0; 4], "seed {seed}, {resolution:?}");
            succeeded += some;
            let (lost, _) = roam(seed, resolution, Guarantees::NONE);
            (0..4).for_each(|at| broken[at] += lost[at]);
        }
        assert!(succeeded > 60 * 20, "{succeeded} requests in 60 runs");
        assert!(broken[..breakable].iter().all(|times| *times > 0), "{resolution:?}: {broken:?}");
        assert_eq!(broken[breakable..], vec![0; 4 - breakable], "{resolution:?}");
    }
}
