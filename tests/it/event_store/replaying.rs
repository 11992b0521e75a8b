//! Replaying: determinism, unknown types and upcasters.

use rift::event_store::*;

use super::account::*;

/// A ledger of texts, which knows deposits of cents with a currency: the latest form they have had.
struct Ledger;

impl Evolve for Ledger {
    type Payload = String;
    type State = Vec<(u64, String)>;

    fn initial(&self) -> Self::State {
        Vec::new()
    }

    fn evolve(&self, state: &mut Self::State, event: &Event<'_, String>) {
        state.push((event.position(), event.payload().clone()));
    }

    fn knows(&self, event_type: &str) -> bool {
        event_type == "Deposited.v3"
    }

    fn schema(&self) -> u64 {
        3
    }
}

/// First, deposits were in words; then in euros; then in cents; then with a currency.
fn upcasters() -> Upcasters<String> {
    let to_number = |words: &String| (words == "seven").then(|| "7".to_owned());
    let to_cents = |euros: &String| euros.parse::<u64>().ok().map(|euros| format!("{euros}00"));
    let with_currency = |cents: &String| Some(format!("{cents} EUR"));
    let step = |from, to, upcast| Upcaster { from, to, upcast };
    // In any order.
    Upcasters::new(vec![
        step("Deposited.v2", "Deposited.v3", with_currency),
        step("Deposited.v0", "Deposited.v1", to_number),
        step("Deposited.v1", "Deposited.v2", to_cents),
    ])
    .expect("they go together")
}

fn ledger(events: &[(&'static str, &str)]) -> EventStore<String> {
    let mut store = EventStore::new();
    for (n, (event_type, text)) in (1..).zip(events) {
        let event = NewEvent::new(id(n), event_type, text.to_string());
        store.append("a", Expected::Any, n, [event]).expect("anything goes");
    }
    store
}

/// ES-11: two replays agree at every version, and so does one in another process: the hashes are
/// pinned here, and this test runs in a process of its own every time.
#[test]
fn replays_agree_at_every_version() {
    let mut store = EventStore::new();
    let events = [Account::Deposited(50), Account::Withdrawn(20), Account::Deposited(1)];
    for (n, payload) in (1..).zip(events) {
        store.append("a", Expected::Any, n * 100, [event(n, payload)]).expect("anything goes");
    }
    let replay = Replay::new(&Bank);
    let hashes = replay.hashes(&store, "a").expect("all types are known");
    assert_eq!(hashes, replay.hashes(&store.clone(), "a").expect("all types are known"));
    for (version, hash) in (0..).zip(&hashes) {
        let folded = replay.stream_to(&store, "a", version).expect("it is there");
        assert_eq!(state_hash(&folded.state), *hash);
    }
    assert_eq!(hashes, PINNED, "{hashes:#018x?}");
    assert_eq!(replay.hashes(&store, "b"), Ok(vec![hashes[0]]));
}

const PINNED: [u64; 4] =
    [0xAD24_15B4_1D07_E135, 0x85D1_8478_CA99_BC7B, 0x47D8_CF4D_C7A0_2E38, 0x76BC_DD8B_3B80_7375];

/// ES-11: time comes with the event.
#[test]
fn a_state_knows_time_from_its_events_alone() {
    let store = store(&[("a", &[1]), ("a", &[2])]);
    let folded = Replay::new(&Bank).stream(&store, "a").expect("all types are known");
    assert_eq!(folded.state.changed_at, 10);
    assert_eq!((folded.through, folded.evolved), (2, 2));
}

/// ES-13, by default: fail, and name type and position. ES-12: nothing is left behind.
#[test]
fn an_unknown_type_fails_a_replay_by_name_and_place() {
    let store = ledger(&[("Deposited.v3", "1 EUR"), ("Renamed", "x"), ("Deposited.v3", "2 EUR")]);
    let before = store.clone();
    let replay = Replay::new(&Ledger);
    let unknown = ReplayError::UnknownType { event_type: "Renamed".to_owned(), position: 2 };
    assert_eq!(unknown.to_string(), "position 2: unknown type `Renamed`");
    for _ in 0..2 {
        assert_eq!(replay.stream(&store, "a").err(), Some(unknown.clone()));
        assert_eq!(replay.hashes(&store, "a").err(), Some(unknown.clone()));
        let part = replay.stream_to(&store, "a", 1).expect("the unknown one is later");
        assert_eq!(part.state, [(1, "1 EUR".to_owned())]);
    }
    assert_eq!(store, before);
}

/// ES-12: after a replay that failed, appending goes on as before. (In one library it recorded
/// nothing any more, because the failure had left "replaying" switched on.)
#[test]
fn after_a_replay_that_failed_events_are_still_recorded() {
    let mut store = ledger(&[("Deposited.v3", "1 EUR"), ("Renamed", "x")]);
    assert!(Replay::new(&Ledger).stream(&store, "a").is_err());
    let event = NewEvent::new(id(3), "Deposited.v3", "2 EUR".to_owned());
    let appended = store.append("a", Expected::Exact(2), 9, [event]).expect("it is as expected");
    assert_eq!((appended.version, store.last_position()), (3, 3));
}

/// ES-13: the other two policies.
#[test]
fn unknown_types_can_be_skipped_and_counted_or_kept_opaque() {
    let events = [("Old", "x"), ("Deposited.v3", "1 EUR"), ("Older", "y"), ("Old", "z")];
    let store = ledger(&events);
    let fold = |unknown| {
        let replay = Replay::new(&Ledger).unknown_types(unknown);
        replay.stream(&store, "a").expect("unknown types are left out")
    };
    let state = vec![(2, "1 EUR".to_owned())];
    let left_out = LeftOut { skipped: 3, opaque: vec![] };
    let skipped = Folded { state: state.clone(), through: 4, evolved: 1, left_out };
    assert_eq!(fold(UnknownTypes::Skip), skipped);
    let left_out = LeftOut { skipped: 0, opaque: vec![1, 3, 4] };
    assert_eq!(fold(UnknownTypes::KeepOpaque), Folded { left_out, ..skipped });
}

/// ES-17: old forms are read as the newest; what is stored, and where, does not change.
#[test]
fn upcasters_chain_and_change_neither_position_nor_id() {
    let store =
        ledger(&[("Deposited.v0", "seven"), ("Deposited.v2", "5"), ("Deposited.v3", "1 USD")]);
    let before = store.clone();
    let upcasters = upcasters();
    let folded = Replay::new(&Ledger).upcasting(&upcasters).stream(&store, "a");
    let state = [(1, "700 EUR"), (2, "5 EUR"), (3, "1 USD")];
    let state: Vec<(u64, String)> = state.map(|(at, text)| (at, text.to_owned())).into();
    assert_eq!(folded.map(|folded| folded.state), Ok(state));
    assert_eq!(store, before);
    assert_eq!(upcasters.newest("Deposited.v0"), "Deposited.v3");

    /// Sees everything of an event that an upcaster might have touched.
    struct Watch;
    impl Evolve for Watch {
        type Payload = String;
        type State = Vec<(u64, u64, EventId, String, u64)>;
        fn initial(&self) -> Self::State {
            Vec::new()
        }
        fn evolve(&self, state: &mut Self::State, event: &Event<'_, String>) {
            let (at, version, id) = (event.position(), event.version(), event.id());
            state.push((at, version, id, event.event_type().to_owned(), event.recorded_at()));
        }
        fn schema(&self) -> u64 {
            0
        }
    }
    let watched = Replay::new(&Watch).upcasting(&upcasters).stream(&store, "a");
    let expected = (1..=3).map(|n| (n, n, id(n), "Deposited.v3".to_owned(), n));
    assert_eq!(watched.map(|folded| folded.state), Ok(expected.collect()));
}

/// Without its sleeve an old event is of an unknown type, and the policies apply.
#[test]
fn without_its_upcaster_an_old_event_is_unknown() {
    let store = ledger(&[("Deposited.v1", "7")]);
    let upcast = |old: &String| Some(old.clone());
    let step = Upcaster { from: "Deposited.v1", to: "Deposited.v2", upcast };
    let half_way = Upcasters::new(vec![step]).expect("it is one");
    let error = Replay::new(&Ledger).upcasting(&half_way).stream(&store, "a").err();
    // Where it got to is what is unknown.
    let unknown = |event_type: &str| {
        Some(ReplayError::UnknownType { event_type: event_type.to_owned(), position: 1 })
    };
    assert_eq!(error, unknown("Deposited.v2"));
    assert_eq!(Replay::new(&Ledger).stream(&store, "a").err(), unknown("Deposited.v1"));
    let skipping = Replay::new(&Ledger).upcasting(&half_way).unknown_types(UnknownTypes::Skip);
    assert_eq!(skipping.stream(&store, "a").map(|folded| folded.left_out.skipped), Ok(1));
}

#[test]
fn a_payload_that_cannot_be_upcast_fails_the_replay() {
    let store = ledger(&[("Deposited.v2", "5"), ("Deposited.v1", "seven")]);
    let upcasters = upcasters();
    let error = Replay::new(&Ledger).upcasting(&upcasters).stream(&store, "a").err();
    let event_type = "Deposited.v1".to_owned();
    assert_eq!(error, Some(ReplayError::Upcast { event_type, position: 2 }));
}

#[test]
fn upcasters_that_do_not_go_together_are_refused() {
    let step = |from, to| Upcaster::<String> { from, to, upcast: |old| Some(old.clone()) };
    let error = |steps| Upcasters::new(steps).err();
    assert_eq!(error(vec![step("a", "b"), step("a", "c")]), Some(UpcasterError::TwoFrom("a")));
    assert_eq!(error(vec![step("a", "a")]), Some(UpcasterError::Circle("a")));
    let circle = vec![step("x", "a"), step("a", "b"), step("b", "c"), step("c", "a")];
    assert!(matches!(error(circle), Some(UpcasterError::Circle("a" | "b" | "c"))));
    assert_eq!(error(vec![step("a", "c"), step("b", "c"), step("c", "d")]), None);
}
