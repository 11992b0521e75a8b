//! The view as a reader uses it.

use super::*;
use crate::event_store::{Expected, NewEvent};
use crate::labs::events::shop::{BEFORE, Customer, Item};

const DESK: Frame = Frame { width: 656.0, height: 432.0 };

fn log(events: &[ShopEvent]) -> EventStore<ShopEvent> {
    let mut log = EventStore::new();
    for (n, event) in (1..).zip(events) {
        let new = NewEvent::new(EventId(n), event.event_type(), *event);
        log.append(event.stream(), Expected::Any, 0, [new]).expect("it is new");
    }
    log
}

fn drawn(presses: &[&str]) -> String {
    let mut view = OldEventsView::new();
    presses.iter().for_each(|what| view.choose(what));
    view.picture(&log(&BEFORE), DESK)
}

/// ES-17: another type and payload, the same place and id.
#[test]
fn through_the_sleeve_the_old_event_is_read_as_a_new_one() {
    let html = drawn(&[]);
    for shown in [
        "in the log, position 5",
        "<b>ChargedEuros</b><small>Cleo paid 24 € · 04 02 18 00</small>",
        "<b>Charged</b><small>Cleo paid 24.00 € · same position, same id</small>",
        "6 events folded. Cleo has paid 24.00 €.",
        "<tr class=\"upcast\"><td>5</td><td>ChargedEuros</td>",
    ] {
        assert!(html.contains(shown), "{shown}: {html}");
    }
    assert_eq!(drawn(&["sleeve", "sleeve", "nonsense", "unknown=?"]), html);
    assert_eq!(drawn(&["unknown=skip"]), html, "there is nothing unknown");
}

/// ES-12 and ES-13: the failure names type and position, and there is no state.
#[test]
fn without_it_the_replay_fails_and_names_type_and_position() {
    let html = drawn(&["sleeve"]);
    assert!(
        html.contains("The replay failed at position 5: unknown type `ChargedEuros`"),
        "{html}"
    );
    assert!(html.contains("<tr class=\"bad\"><td>5</td>") && html.contains("× stops here"));
    assert!(html.contains("<tr class=\"ahead\"><td>6</td>"), "what comes after is not reached");
    assert!(!html.contains("events folded") && !html.contains("Cleo has paid"));
}

/// ES-13: the two other policies go on, and say what is not in the state.
#[test]
fn what_is_left_out_is_counted_or_kept_and_the_state_lacks_it() {
    let skipped = drawn(&["sleeve", "unknown=skip"]);
    assert!(skipped.contains("5 events folded, 1 skipped"), "{skipped}");
    let kept = drawn(&["sleeve", "unknown=keep"]);
    assert!(kept.contains("5 events folded, kept opaque: position 5"), "{kept}");
    for html in [skipped, kept] {
        assert!(html.contains("wrong about her: Cleo has paid 0.00 €"), "{html}");
        assert!(html.contains("<tr class=\"out\"><td>5</td>"), "{html}");
    }
}

/// The old event is always in the list, however long that is.
#[test]
fn long_logs_are_cut_short_around_what_is_odd() {
    let mut events = BEFORE.to_vec();
    let more = ShopEvent::Taken { item: Item::Tea, customer: Customer::Ann };
    events.extend([more; 60]);
    let html = OldEventsView::new().picture(&log(&events), DESK);
    assert!(html.contains("<tr class=\"upcast\"><td>5</td>") && html.contains("<td>66</td>"));
    let rows = html.matches("<tr").count();
    assert!(rows < 14, "{rows}");
    assert!(html.contains("4 more, of known types"), "{html}");
}

#[test]
fn logs_without_old_events_and_without_events_are_fine() {
    let new = OldEventsView::new().picture(&log(&BEFORE[..2]), DESK);
    assert!(new.contains("2 events folded") && !new.contains("ev-way"), "{new}");
    let empty = OldEventsView::new().picture(&EventStore::new(), DESK);
    assert!(empty.contains("0 events folded"), "{empty}");
}
