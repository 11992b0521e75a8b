//! Whatever arrives, a server goes on: nothing panics, and nothing is answered twice.

use proptest::prelude::*;
use rift::quorum::*;

use super::store::*;

fn any_number() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 0..6_u64, 1 => Just(u64::MAX), 1 => any::<u64>()]
}

fn any_id() -> impl Strategy<Value = ServerId> {
    prop_oneof![6 => 0..5_u8, 1 => any::<u8>()].prop_map(ServerId)
}

fn any_request() -> impl Strategy<Value = RequestId> {
    (0..3_u16, any_number())
        .prop_map(|(client, sequence)| RequestId { client: ClientId(client), sequence })
}

fn any_stamp() -> impl Strategy<Value = Stamp> {
    (any_number(), any_id(), any_request()).prop_map(|(clock_us, server, request)| Stamp {
        clock_us,
        server,
        request,
    })
}

fn any_operation() -> impl Strategy<Value = OperationId> {
    let started_us = prop_oneof![3 => Just(1_000_000_u64), 1 => any_number()];
    (any_request(), started_us)
        .prop_map(|(request, started_us)| OperationId { request, started_us })
}

fn any_vector() -> impl Strategy<Value = VersionVector> {
    prop::collection::vec(any_request(), 0..3).prop_map(|writes| writes.into_iter().collect())
}

fn any_sibling() -> impl Strategy<Value = Sibling<Value>> {
    (any_stamp(), any_vector(), prop::option::of(0..4_u32))
        .prop_map(|(stamp, vector, value)| Sibling { stamp, vector, value })
}

fn any_cell() -> impl Strategy<Value = Cell<Value>> {
    (prop::collection::vec(any_sibling(), 1..4), any_resolution()).prop_map(|(all, resolution)| {
        let mut cell = Cell::of(all[0].clone());
        for sibling in &all[1..] {
            cell.merge(&Cell::of(sibling.clone()), resolution);
        }
        cell
    })
}

fn any_resolution() -> impl Strategy<Value = Resolution> {
    prop_oneof![Just(Resolution::LastWriteWins), Just(Resolution::Siblings)]
}

fn any_context() -> impl Strategy<Value = Context> {
    (prop::option::of(any_stamp()), any_vector())
        .prop_map(|(latest, vector)| Context { latest, vector })
}

fn any_purpose() -> impl Strategy<Value = Purpose> {
    prop_oneof![
        any_operation().prop_map(Purpose::WriteBack),
        any_operation().prop_map(Purpose::ReadRepair),
        Just(Purpose::Handoff),
        any_number().prop_map(|round| Purpose::AntiEntropy { round }),
    ]
}

fn any_key() -> impl Strategy<Value = Key> {
    prop_oneof![3 => Just('x'), 1 => prop::char::range('a', 'e')]
}

fn any_message() -> impl Strategy<Value = Message<Key, Value>> {
    let place = || prop_oneof![4 => 0..20_u32, 1 => any::<u32>()];
    let nodes = prop::collection::vec((place(), any_number()), 0..5);
    let entries = prop::collection::vec((any_key(), any_number()), 0..5);
    prop_oneof![
        (any_operation(), any_key(), any_sibling(), prop::option::of(any_id())).prop_map(
            |(operation, key, sibling, stands_in_for)| {
                Message::Write { operation, key, sibling, stands_in_for }
            }
        ),
        (any_operation(), any_stamp())
            .prop_map(|(operation, stamp)| Message::WriteAck { operation, stamp }),
        (any_operation(), any_key())
            .prop_map(|(operation, key)| Message::AskStamp { operation, key }),
        (any_operation(), prop::option::of(any_stamp()), prop::option::of(any_stamp())).prop_map(
            |(operation, latest, known)| Message::StampReply { operation, latest, known }
        ),
        (any_operation(), any_key()).prop_map(|(operation, key)| Message::Read { operation, key }),
        (any_operation(), prop::option::of(any_cell()))
            .prop_map(|(operation, cell)| Message::ReadReply { operation, cell }),
        (any_purpose(), any_key(), any_cell()).prop_map(|(purpose, key, cell)| Message::Merge {
            purpose,
            key,
            cell
        }),
        (any_purpose(), any_key(), any_number())
            .prop_map(|(purpose, key, digest)| Message::Merged { purpose, key, digest }),
        Just(Message::Heartbeat),
        (any_number(), any::<u8>(), nodes).prop_map(|(round, level, nodes)| {
            Message::Tree { round, level: level % 20, nodes }
        }),
        (any_number(), prop::collection::vec(place(), 0..4), entries)
            .prop_map(|(round, leaves, entries)| Message::Leaves { round, leaves, entries }),
        (any_number(), prop::collection::vec(any_key(), 0..4))
            .prop_map(|(round, keys)| Message::Want { round, keys }),
    ]
}

fn any_input() -> impl Strategy<Value = Input<Key, Value>> {
    let write = (
        any_key(),
        prop::option::of(0..4_u32),
        any_context(),
        any::<bool>(),
        prop::option::of(any_stamp()),
    )
        .prop_map(|(key, value, context, after_context, retry_of)| WriteCall {
            key,
            value,
            context,
            after_context,
            quorum: None,
            retry_of,
        });
    let read =
        (any_key(), any_context()).prop_map(|(key, floor)| ReadCall { key, floor, quorum: None });
    prop_oneof![
        8 => (any_id(), any_message()).prop_map(|(from, message)| Input::Message { from, message }),
        2 => Just(Input::Deadline),
        2 => any_number().prop_map(|write| Input::Synced { write: WriteId(write) }),
        3 => (any_request(), write).prop_map(|(request, call)| Input::Write { request, call }),
        3 => (any_request(), read).prop_map(|(request, call)| Input::Read { request, call }),
        1 => any_id().prop_map(|with| Input::Compare { with }),
    ]
}

fn any_settings() -> impl Strategy<Value = Settings> {
    let base =
        prop_oneof![Just(Settings::cp(4)), Just(Settings::ap(5, 3)), Just(quiet(4, 3, 2, 1))];
    let repair =
        prop_oneof![Just(ReadRepair::Off), Just(ReadRepair::Async), Just(ReadRepair::Blocking)];
    let stamping = prop_oneof![Just(Stamping::Clock), Just(Stamping::AskFirst)];
    (base, repair, stamping, any_resolution(), any::<bool>(), any::<bool>()).prop_map(
        |(base, read_repair, stamping, resolution, is_small, counts)| Settings {
            read_repair,
            stamping,
            resolution,
            not_found: if counts { NotFound::Answers } else { NotFound::DoesNotAnswer },
            tombstone_grace_us: Some(3),
            max_operations: if is_small { 2 } else { 100 },
            max_keys: if is_small { 2 } else { 100 },
            max_hints: if is_small { 1 } else { 100 },
            remembered_requests: if is_small { 1 } else { 100 },
            ..base
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn nothing_panics_and_the_disk_follows(
        settings in any_settings(),
        inputs in prop::collection::vec((any_number(), any_number(), any_input()), 1..60),
    ) {
        let config = settings.check().expect("it can work");
        let mut server = Server::boot(S1, config.clone(), Durable::default(), Time::of(0));
        let mut disk = Durable::default();
        let mut written = 0;
        for (after_us, clock_us, input) in inputs {
            let now_us = 1_000_000_u64.saturating_add(after_us);
            let asked = match &input {
                Input::Write { request, .. } | Input::Read { request, .. } => Some(*request),
                _ => None,
            };
            let was_open: Vec<RequestId> = server
                .operations()
                .filter(|operation| !operation.answered)
                .map(|operation| operation.id.request)
                .collect();
            server.handle(Time { now_us, clock_us }, input);
            while let Some(output) = server.poll_output() {
                match output {
                    Output::Write { id, write } => {
                        written += 1;
                        prop_assert_eq!(id, WriteId(written));
                        disk.apply(&write);
                    }
                    Output::Send { to, .. } => prop_assert_ne!(to, S1),
                    Output::Answer { request, .. } => {
                        prop_assert!(was_open.contains(&request) || asked == Some(request));
                    }
                    Output::Event(_) => {}
                }
            }
        }
        // Memory and disk differ only in what is on its way between them.
        let again = Server::boot(S1, config, disk, Time::of(0));
        prop_assert!(server.cells().eq(again.cells()));
        prop_assert!(server.hints().eq(again.hints()));
    }

    /// Whatever is merged, something is left of it.
    #[test]
    fn a_cell_is_never_empty(one in any_cell(), other in any_cell(), how in any_resolution()) {
        let mut merged = one;
        merged.merge(&other, how);
        prop_assert!(!merged.siblings().is_empty());
        prop_assert!(merged.latest().is_some());
        prop_assert!(merged.siblings().is_sorted_by_key(|sibling| sibling.stamp));
    }
}

#[test]
fn strangers_and_oneself_are_not_listened_to() {
    let mut store = Store::of(quiet(3, 3, 2, 2));
    for (from, reason) in [(S5, IgnoreReason::Stranger), (S1, IgnoreReason::FromItself)] {
        store.handle(S1, Input::Message { from, message: Message::Heartbeat });
        let kind = MessageKind::Heartbeat;
        assert_eq!(store.take_events(S1), [Event::MessageIgnored { from, kind, reason }]);
    }
    store.handle(S1, Input::Synced { write: WriteId(9) });
    assert_eq!(store.take_events(S1), [Event::SyncIgnored { write: WriteId(9) }]);
    let nodes = vec![(99, 1)];
    let message = Message::Tree { round: 1, level: 3, nodes };
    store.handle(S1, Input::Message { from: S2, message });
    let (kind, reason) = (MessageKind::Tree, IgnoreReason::Malformed);
    assert_eq!(store.take_events(S1), [Event::MessageIgnored { from: S2, kind, reason }]);
}
