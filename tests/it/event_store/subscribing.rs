//! Subscriptions.

use rift::event_store::*;

use super::account::*;

type Failure = &'static str;

fn poll(
    subscription: &mut Subscription,
    store: &EventStore<Account>,
    limit: u64,
    seen: &mut Vec<u64>,
) -> Result<u64, PollError<Failure>> {
    subscription.poll(store, limit, |event| {
        seen.push(event.id().0 as u64);
        Ok(())
    })
}

/// ES-20, KurrentDB's test: ten events before, ten after, twenty delivered, once and in order, and
/// wherever the one turns into the other.
#[test]
fn catching_up_turns_into_live_without_gap_or_duplicate() {
    for limit in [1, 3, 10, 11, u64::MAX] {
        for source in [Source::All, Source::Stream("a".to_owned())] {
            let mut store = EventStore::new();
            let (mut subscription, mut seen) = (Subscription::from_start(source), Vec::new());
            let append = |store: &mut EventStore<Account>, n| {
                store.append("a", Expected::Any, n, [deposit(n)]).expect("it is new");
            };
            (0..10).for_each(|n| append(&mut store, n));
            assert_eq!(subscription.status(), Status::CatchingUp);
            for n in 10..20 {
                poll(&mut subscription, &store, limit, &mut seen).expect("nothing fails");
                append(&mut store, n);
            }
            while subscription.lag(&store) > 0 {
                poll(&mut subscription, &store, limit, &mut seen).expect("nothing fails");
            }
            assert_eq!(seen, (0..20).collect::<Vec<_>>());
            assert_eq!((subscription.status(), subscription.position()), (Status::Live, 20));
            assert_eq!(poll(&mut subscription, &store, limit, &mut seen), Ok(0));
        }
    }
}

#[test]
fn a_subscription_to_a_stream_sees_that_stream_alone() {
    let mut store = store(&[("b", &[1]), ("a", &[2, 3]), ("b", &[4])]);
    let stream = |name: &str| Source::Stream(name.to_owned());
    let (mut a, mut none) =
        (Subscription::from_start(stream("a")), Subscription::from_start(stream("c")));
    let mut seen = Vec::new();
    assert_eq!(a.lag(&store), 2);
    assert_eq!(poll(&mut a, &store, 9, &mut seen), Ok(2));
    assert_eq!((a.lag(&store), a.position(), a.status()), (0, 4, Status::Live));
    assert_eq!(poll(&mut none, &store, 9, &mut seen), Ok(0));
    // A stream that was not there yet when the subscription began.
    store.append("c", Expected::NoStream, 0, deposits([5, 6])).expect("it is new");
    assert_eq!(poll(&mut none, &store, 1, &mut seen), Ok(1));
    assert_eq!((none.lag(&store), none.status()), (1, Status::CatchingUp));
    assert_eq!(seen, [2, 3, 5]);
    let mut late = Subscription::after(stream("a"), 2);
    assert_eq!(poll(&mut late, &store, 9, &mut seen), Ok(1));
    assert_eq!(seen, [2, 3, 5, 3]);
}

/// ES-20: an error of the handler stops the subscription and keeps its position.
#[test]
fn a_handler_that_fails_stops_the_subscription_where_it_is() {
    let store = store(&[("a", &[1, 2, 3, 4])]);
    let mut subscription = Subscription::from_start(Source::All);
    let mut seen = Vec::new();
    let mut broken = true;
    let mut poll = |subscription: &mut Subscription, broken: bool| {
        subscription.poll(&store, 9, |event| match event.position() {
            3 if broken => Err("no disk"),
            at => {
                seen.push(at);
                Ok(())
            }
        })
    };
    let failed = PollError::Handler { at: 3, failure: "no disk" };
    assert_eq!(poll(&mut subscription, broken), Err(failed.clone()));
    assert_eq!((subscription.position(), subscription.status()), (2, Status::Stopped { at: 3 }));
    assert_eq!(subscription.lag(&store), 2);
    // It stays stopped until somebody says otherwise.
    assert_eq!(poll(&mut subscription, broken), Err(PollError::Stopped { at: 3 }));
    subscription.resume();
    assert_eq!(poll(&mut subscription, broken), Err(failed));
    broken = false;
    subscription.resume();
    assert_eq!(poll(&mut subscription, broken), Ok(2));
    assert_eq!(seen, [1, 2, 3, 4]);
}

#[test]
fn an_event_that_can_never_be_handled_can_be_given_up() {
    let store = store(&[("a", &[1, 2, 3])]);
    let mut subscription = Subscription::from_start(Source::All);
    let handler = |event: Event<'_, Account>| match event.position() {
        2 => Err("never"),
        _ => Ok(()),
    };
    assert!(subscription.poll(&store, 9, handler).is_err());
    subscription.skip();
    assert_eq!(subscription.poll(&store, 9, handler), Ok(1));
    assert_eq!(subscription.status(), Status::Live);
}

/// ES-21: whoever keeps the position apart from what the handler did gets an event twice after a
/// crash in between. Delivery is at least once.
#[test]
fn a_crash_between_handling_and_keeping_the_position_delivers_again() {
    let store = store(&[("a", &[1, 2, 3])]);
    let mut kept = Subscription::from_start(Source::All);
    let mut total = 0;
    let mut handle = |subscription: &mut Subscription, limit| {
        let add = |event: Event<'_, Account>| {
            total += event.id().0;
            Ok::<(), Failure>(())
        };
        subscription.poll(&store, limit, add)
    };
    assert_eq!(handle(&mut kept, 1), Ok(1));
    let mut lost = kept.clone();
    assert_eq!(handle(&mut lost, 1), Ok(1), "then it crashes, and the position is lost");
    assert_eq!(handle(&mut kept, 9), Ok(2));
    assert_eq!(total, 1 + 2 + 2 + 3);
}

#[test]
fn removed_events_are_passed_over() {
    let mut store = store(&[("a", &[1, 2]), ("b", &[3]), ("a", &[4])]);
    store.truncate("a", 3).expect("it is there");
    let mut seen = Vec::new();
    for source in [Source::All, Source::Stream("a".to_owned())] {
        let mut subscription = Subscription::from_start(source);
        poll(&mut subscription, &store, 9, &mut seen).expect("nothing fails");
        assert_eq!(subscription.position(), 4);
    }
    assert_eq!(seen, [3, 4, 4]);
    store.delete("a", Expected::Any).expect("it is there");
    let mut subscription = Subscription::from_start(Source::Stream("a".to_owned()));
    assert_eq!(poll(&mut subscription, &store, 9, &mut seen), Ok(0));
    assert_eq!(subscription.status(), Status::Live);
}

#[test]
fn a_subscription_that_is_ahead_of_the_log_is_refused() {
    let store = store(&[("a", &[1, 2])]);
    let mut subscription = Subscription::after(Source::All, 3);
    let refusal = SnapshotRefusal::NewerThanLog { snapshot: 3, log: 2 };
    let mut seen = Vec::new();
    let polled = poll(&mut subscription, &store, 9, &mut seen);
    assert_eq!(polled, Err(PollError::Refused(refusal)));
    assert_eq!((seen.len(), subscription.position()), (0, 3));
}

/// ES-2: an append that is refused wakes nobody.
#[test]
fn a_refused_append_is_not_delivered() {
    let mut store = store(&[("a", &[1])]);
    let (mut subscription, mut seen) = (Subscription::from_start(Source::All), Vec::new());
    poll(&mut subscription, &store, 9, &mut seen).expect("nothing fails");
    assert!(store.append("a", Expected::NoStream, 0, deposits([2, 3])).is_err());
    assert_eq!(poll(&mut subscription, &store, 9, &mut seen), Ok(0));
    assert_eq!(seen, [1]);
}
