//! Nygard, "Release It!", "Bulkheads": so many calls and no more.

use proptest::prelude::*;
use rift::resilience::*;

fn bulkhead(slots: u32, queue: u32) -> Bulkhead {
    Bulkhead::new(BulkheadConfig { slots, queue, longest_wait_us: 100 }).expect("sound")
}

fn admitted(entry: Entry) -> Slot {
    let Entry::Admitted(slot) = entry else { panic!("{entry:?}") };
    slot
}

fn queued(entry: Entry) -> Ticket {
    let Entry::Queued(ticket) = entry else { panic!("{entry:?}") };
    ticket
}

#[test]
fn of_many_that_come_at_once_exactly_as_many_go_as_may() {
    let mut bulkhead = bulkhead(10, 5);
    let entries: Vec<Entry> = (0..50).map(|_| bulkhead.enter(0)).collect();
    let count = |kind: fn(&Entry) -> bool| entries.iter().filter(|entry| kind(entry)).count();
    assert_eq!(count(|entry| matches!(entry, Entry::Admitted(_))), 10);
    assert_eq!(count(|entry| matches!(entry, Entry::Queued(_))), 5);
    assert_eq!(count(|entry| *entry == Entry::Full { under_way: 10, queued: 5 }), 35);
}

#[test]
fn who_has_waited_longest_is_next() {
    let mut bulkhead = bulkhead(1, 3);
    let slot = admitted(bulkhead.enter(0));
    let waiting: Vec<Ticket> = (1..4).map(|now_us| queued(bulkhead.enter(now_us))).collect();
    assert_eq!(bulkhead.poll_admitted(), None);
    assert!(bulkhead.leave(slot, 10));
    let next = bulkhead.poll_admitted().expect("the first who waited");
    assert_eq!(next.ticket, waiting[0]);
    assert!(bulkhead.leave(next, 11));
    assert_eq!(bulkhead.poll_admitted().map(|slot| slot.ticket), Some(waiting[1]));
    assert_eq!((bulkhead.under_way(), bulkhead.queued()), (1, 1));
}

#[test]
fn nobody_waits_longer_than_one_may() {
    let mut bulkhead = bulkhead(1, 3);
    let slot = admitted(bulkhead.enter(0));
    let first = queued(bulkhead.enter(5));
    let second = queued(bulkhead.enter(6));
    assert_eq!(bulkhead.deadline_us(), Some(105));
    bulkhead.handle_deadline(104);
    assert_eq!(bulkhead.poll_expired(), None);
    assert!(bulkhead.leave(slot, 105), "at exactly that time the first is gone already");
    assert_eq!(bulkhead.poll_expired(), Some(first));
    assert_eq!(bulkhead.poll_admitted().map(|slot| slot.ticket), Some(second));
    assert_eq!(bulkhead.deadline_us(), None);
}

/// A slot given back twice would let one too many in for ever after.
#[test]
fn a_slot_is_given_back_once() {
    let mut bulkhead = bulkhead(2, 0);
    let slot = admitted(bulkhead.enter(0));
    assert!(bulkhead.leave(slot, 1));
    assert!(!bulkhead.leave(slot, 1));
    let other = admitted(bulkhead.enter(2));
    assert!(!bulkhead.leave(slot, 3), "the place is another's now");
    assert_eq!(bulkhead.under_way(), 1);
    assert!(bulkhead.leave(other, 3));
    assert_eq!(bulkhead.under_way(), 0);
}

#[test]
fn who_gives_up_waits_no_more() {
    let mut bulkhead = bulkhead(1, 1);
    let slot = admitted(bulkhead.enter(0));
    let waiting = queued(bulkhead.enter(0));
    assert!(bulkhead.give_up(waiting, 1));
    assert!(!bulkhead.give_up(waiting, 1));
    assert!(bulkhead.leave(slot, 2));
    assert_eq!((bulkhead.poll_admitted(), bulkhead.poll_expired()), (None, None));
}

#[test]
fn every_bulkhead_that_makes_no_sense_is_refused() {
    let error = |slots, queue, longest_wait_us| {
        Bulkhead::new(BulkheadConfig { slots, queue, longest_wait_us }).err()
    };
    let most = MOST_PLACES;
    assert_eq!(error(0, 1, 1), Some(BulkheadError::ZeroSlots));
    assert_eq!(error(1, 1, 0), Some(BulkheadError::ZeroWait));
    assert_eq!(error(most + 1, 0, 0), Some(BulkheadError::TooLarge { asked: most + 1, most }));
    assert_eq!(error(1, most + 1, 1), Some(BulkheadError::TooLarge { asked: most + 1, most }));
    assert_eq!(error(1, 0, 0), None);
}

proptest! {
    /// Against a model of two lists: never more under way than may be, and nobody is overtaken.
    #[test]
    fn it_does_what_two_lists_do(
        slots in 1..4_u32,
        queue in 0..4_u32,
        acts in prop::collection::vec((0..60_u64, 0..4_u8, 0..5_usize), 0..120),
    ) {
        let mut bulkhead = bulkhead(slots, queue);
        let (mut under_way, mut waiting) = (Vec::<Slot>::new(), Vec::<(Ticket, u64)>::new());
        let mut now_us = 0;
        for (step_us, act, which) in acts {
            now_us += step_us;
            let gone: Vec<Ticket> =
                waiting.iter().filter(|waits| waits.1 <= now_us).map(|waits| waits.0).collect();
            waiting.retain(|waits| waits.1 > now_us);
            match act {
                0 if !under_way.is_empty() => {
                    let slot = under_way.remove(which % under_way.len());
                    prop_assert!(bulkhead.leave(slot, now_us));
                    let next = bulkhead.poll_admitted();
                    let first = (!waiting.is_empty()).then(|| waiting.remove(0).0);
                    prop_assert_eq!(next.map(|slot| slot.ticket), first);
                    under_way.extend(next);
                }
                1 if !waiting.is_empty() => {
                    let (ticket, _) = waiting.remove(which % waiting.len());
                    prop_assert!(bulkhead.give_up(ticket, now_us));
                }
                _ => match bulkhead.enter(now_us) {
                    Entry::Admitted(slot) => {
                        prop_assert!((under_way.len() as u32) < slots && waiting.is_empty());
                        under_way.push(slot);
                    }
                    Entry::Queued(ticket) => {
                        prop_assert_eq!(under_way.len() as u32, slots);
                        waiting.push((ticket, now_us + 100));
                    }
                    Entry::Full { under_way: busy, queued } => {
                        prop_assert_eq!((busy, queued), (slots, queue));
                    }
                },
            }
            let expired: Vec<Ticket> = std::iter::from_fn(|| bulkhead.poll_expired()).collect();
            prop_assert_eq!(expired, gone);
            prop_assert_eq!(bulkhead.under_way() as usize, under_way.len());
            prop_assert_eq!(bulkhead.queued() as usize, waiting.len());
            prop_assert_eq!(bulkhead.deadline_us(), waiting.first().map(|waits| waits.1));
        }
    }
}
