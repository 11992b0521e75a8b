//! Settings that cannot work, and what those that can do promise.

use rift::quorum::*;

use super::store::*;

#[test]
fn degenerate_settings_are_refused_with_their_own_error() {
    let refused = |change: fn(&mut Settings)| {
        let mut settings = Settings::cp(5);
        change(&mut settings);
        settings.check().expect_err("it cannot work")
    };
    use ConfigError::*;
    use Which::{Read, Write};
    type Mistake = fn(&mut Settings);
    let cases: Vec<(Mistake, ConfigError)> = vec![
        (|s| s.servers.clear(), NoServers),
        (|s| s.servers.push(S1), DuplicateServer(S1)),
        (|s| s.n = 0, NoReplicas),
        (|s| s.n = 6, MoreReplicasThanServers { n: 6, servers: 5 }),
        (|s| s.w = 0, EmptyQuorum { which: Write }),
        (|s| s.r = 0, EmptyQuorum { which: Read }),
        (|s| s.r = 6, QuorumTooLarge { which: Read, size: 6, n: 5 }),
        (|s| s.w = 7, QuorumTooLarge { which: Write, size: 7, n: 5 }),
        (|s| s.r = 2, CpNeedsMajority { which: Read, size: 2, needed: 3 }),
        (|s| (s.r, s.w) = (5, 1), CpNeedsMajority { which: Write, size: 1, needed: 3 }),
        (|s| s.timeout_us = 0, Zero(Positive::Timeout)),
        (|s| s.handoff_retry_us = 0, Zero(Positive::HandoffRetry)),
        (|s| s.anti_entropy_us = Some(0), Zero(Positive::AntiEntropy)),
        (|s| s.max_operations = 0, Zero(Positive::Operations)),
        (|s| s.max_keys = 0, Zero(Positive::Keys)),
        (|s| s.remembered_requests = 0, Zero(Positive::Requests)),
        (|s| s.merkle_depth = 0, MerkleDepth(0)),
        (|s| s.merkle_depth = 17, MerkleDepth(17)),
        (
            |s| s.detector = Some(Detector { heartbeat_us: 0, suspect_after_us: 5 }),
            Zero(Positive::Heartbeat),
        ),
        (
            |s| s.detector = Some(Detector { heartbeat_us: 5, suspect_after_us: 5 }),
            HeartbeatTooSlow { heartbeat_us: 5, suspect_after_us: 5 },
        ),
        (|s| (s.mode, s.detector) = (Mode::Ap { sloppy: true }, None), SloppyWithoutDetector),
    ];
    let mut texts: Vec<String> = Vec::new();
    for (change, error) in cases {
        assert_eq!(refused(change), error);
        texts.push(error.to_string());
    }
    let all = texts.len();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), all, "every mistake has its own words");
    assert_eq!(Quorum::new(0, 1, 1), Err(NoReplicas));
    assert_eq!(Quorum::majorities(0), Err(NoReplicas));
}

#[test]
fn what_ships_can_work() {
    for servers in 1..=9 {
        assert!(Settings::cp(servers).check().is_ok());
        for n in 1..=usize::from(servers) {
            assert!(Settings::ap(servers, n).check().is_ok());
        }
    }
    assert_eq!(Settings::cp(0).check(), Err(ConfigError::NoServers));
}

/// The labels of settings, and the reasons.
#[test]
fn settings_say_what_they_promise_and_why_not_more() {
    use Because::*;
    use Consistency::*;
    let promise = |settings: Settings| {
        let config = settings.check().expect("it can work");
        let Promise { consistency, if_clocks_agree, because } = config.promise(config.quorum());
        (consistency, if_clocks_agree, because)
    };
    assert_eq!(promise(Settings::cp(3)), (Linearizable, false, vec![]));

    let clocks = Settings { stamping: Stamping::Clock, ..Settings::cp(3) };
    assert_eq!(promise(clocks), (Linearizable, true, vec![WrongClocks]));

    let no_write_back = Settings { read_repair: ReadRepair::Async, ..Settings::cp(3) };
    assert_eq!(promise(no_write_back.clone()), (Regular, false, vec![NoWriteBack]));
    let off = Settings { read_repair: ReadRepair::Off, ..Settings::cp(3) };
    assert_eq!(promise(off), (Regular, false, vec![NoWriteBack]));

    let siblings = Settings { resolution: Resolution::Siblings, ..Settings::cp(3) };
    assert_eq!(promise(siblings), (Regular, false, vec![Siblings]));

    let early = Settings { ack_before_sync: true, ..Settings::cp(3) };
    assert_eq!(promise(early), (Eventual, false, vec![AckBeforeSync]));

    let ap = promise(Settings::ap(5, 3));
    let all = vec![NoOverlap, SloppyQuorum, WrongClocks, NoWriteBack, ConflictingWrites];
    assert_eq!(ap, (Eventual, false, all));

    let strict = Settings { mode: Mode::Ap { sloppy: false }, ..Settings::cp(3) };
    assert_eq!(promise(strict.clone()), (Linearizable, false, vec![]));
    let partial = Settings { r: 1, ..strict.clone() };
    assert_eq!(promise(partial), (Eventual, false, vec![NoOverlap]));
    let read_all = Settings { r: 3, w: 1, ..strict };
    assert_eq!(promise(read_all), (Linearizable, false, vec![ConflictingWrites]));
}

/// R + W > N is that every read quorum meets every write quorum: counted out.
#[test]
fn overlap_is_what_counting_says() {
    for n in 1..=5_u32 {
        let sets = |size: u32| (0..1_u32 << n).filter(move |set| set.count_ones() == size);
        for (r, w) in (1..=n).flat_map(|r| (1..=n).map(move |w| (r, w))) {
            let meet = sets(r).all(|read| sets(w).all(|write| read & write != 0));
            let quorum = Quorum::new(n as usize, r as usize, w as usize).expect("within bounds");
            assert_eq!(quorum.overlaps(), meet, "N = {n}, R = {r}, W = {w}");
        }
    }
}

/// Settings may change while a store runs; what is under way keeps its quorum.
#[test]
fn settings_can_change_live() {
    let mut store = Store::of(quiet(3, 3, 2, 3));
    let request = store.write(S1, ANN, 7);
    let mut server = store.server(S1).clone();
    server.configure(quiet(3, 3, 2, 1).check().expect("it can work"));
    store.replace(S1, server);
    store.exchange(S1, S2);
    assert_eq!(store.answer(request), None, "it began with W = 3");
    store.now_us += 10;
    let request = store.write(S1, ANN, 8);
    assert_eq!(store.ok_by(request), [S1]);
}

/// A detector that is switched on live begins with nobody suspected, however long nobody has said
/// anything.
#[test]
fn a_detector_that_is_switched_on_suspects_nobody_yet() {
    let mut store = Store::of(quiet(3, 3, 2, 2));
    store.run(10_000_000);
    let detector = Some(Detector { heartbeat_us: 50_000, suspect_after_us: 175_000 });
    let settings = Settings { detector, ..quiet(3, 3, 2, 2) };
    for id in store.ids() {
        let mut server = store.server(id).clone();
        // Time has passed without any input.
        server.handle(Time::of(store.now_us), Input::Deadline);
        server.configure(settings.clone().check().expect("it can work"));
        store.replace(id, server);
    }
    store.run(100_000);
    assert!(store.server(S1).is_alive(S2) && store.server(S1).is_alive(S3));
    store.crash(S3);
    store.run(200_000);
    assert!(store.server(S1).is_alive(S2) && !store.server(S1).is_alive(S3));
}
