//! The view as a reader uses it.

use super::*;
use crate::event_store::{EventId, Expected, NewEvent};
use crate::labs::events::shop::BEFORE;

const DESK: Frame = Frame { width: 656.0, height: 432.0 };

fn log() -> EventStore<ShopEvent> {
    let mut log = EventStore::new();
    for (n, event) in (1..).zip(BEFORE) {
        let new = NewEvent::new(EventId(n), event.event_type(), event);
        log.append(event.stream(), Expected::Any, 0, [new]).expect("it is new");
    }
    log
}

fn drawn(view: &mut SnapshotsView) -> String {
    view.follow(&log());
    let mut html = view.picture(DESK);
    while !view.is_finished() {
        html = view.picture(DESK);
    }
    html
}

#[test]
fn the_long_stream_is_made_in_parts_and_folded_to_where_the_slider_is() {
    let mut view = SnapshotsView::new();
    view.follow(&log());
    let first = view.picture(DESK);
    assert!(!view.is_finished() && first.contains("folded to version 20\u{202f}000"), "{first}");
    let html = drawn(&mut view);
    assert!(html.contains("folded to version 73\u{202f}412"), "{html}");
    view.choose("version=999999");
    let html = view.picture(DESK);
    assert!(html.contains("folded to version 100\u{202f}000"), "{html}");
    view.choose("version=73412");
    view.choose("every=9");
    let html = view.picture(DESK);
    for shown in [
        "folded to version 73\u{202f}412",
        ">73\u{202f}412 events</td>",
        "from the snapshot of 73\u{202f}000",
        ">412 events</td>",
        ">100 × 128 B = 12.8 kB</td>",
        "✓ the same state, both ways",
    ] {
        assert!(html.contains(shown), "{shown}: {html}");
    }
    // Another version, another state.
    view.choose("ArrowRight");
    let other = view.picture(DESK);
    assert!(other.contains("version 73\u{202f}912") && other != html);
}

#[test]
fn keys_drags_and_nonsense() {
    let mut view = SnapshotsView::new();
    drawn(&mut view);
    for (what, version) in [
        ("version=500", 500),
        ("ArrowLeft", 0),
        ("ArrowLeft", 0),
        ("version=99999999", EVENTS),
        ("ArrowRight", EVENTS),
        ("version=x", EVENTS),
        ("every=99", EVENTS),
        ("since=99", EVENTS),
        ("", EVENTS),
    ] {
        view.choose(what);
        assert_eq!(view.version(), version, "{what}");
    }
    assert_eq!((EVERY[view.every], view.since), (EVENTS, Since::OlderLog));
    view.pan(-0.45 * DESK.width);
    assert_eq!(view.version(), EVENTS / 2);
    view.pan(-9.0 * DESK.width);
    assert_eq!(view.version(), 0);
    let html = view.picture(DESK);
    assert!(html.contains(">0 events</td>"), "{html}");
}

/// ES-15: before the reader's eyes, and what would have been believed.
#[test]
fn a_snapshot_newer_than_the_log_is_refused_and_says_why() {
    let mut view = SnapshotsView::new();
    let html = drawn(&mut view);
    assert!(html.contains("Refused: the snapshot is at 3, the log only at 1."), "{html}");
    let believed = "Had it been believed, 1 would be left, and not 3.";
    assert!(html.contains("Rebuilt from 1 event instead.") && html.contains(believed), "{html}");
    let refusals = ["Used.", "the log only at", "has another event", "the code’s", "hash was"];
    for (place, says) in refusals.iter().enumerate() {
        view.choose(&format!("since={place}"));
        let html = view.picture(DESK);
        assert!(html.contains(says) || html.contains(&says.replace('’', "'")), "{says}: {html}");
        let pressed = format!("data-look=\"since={place}\" aria-pressed=\"true\"");
        assert!(view.controls().contains(&pressed));
    }
}

#[test]
fn the_law_is_checked_for_every_cut_of_the_log_as_it_grows() {
    let mut view = SnapshotsView::new();
    let html = drawn(&mut view);
    for (stream, cuts) in [("stock-tea", 3), ("stock-mug", 4), ("payments-cleo", 2)] {
        let row = html.split("<tr").find(|row| row.contains(&[">", stream, "</th>"].concat()));
        let row = row.expect("the stream is there");
        assert_eq!(row.matches('✓').count(), cuts, "{row}");
        assert!(row.contains(&format!("all {cuts} cuts")), "{row}");
    }
    let mut longer = log();
    for n in 0..30_u8 {
        let event = ShopEvent::Stocked { item: super::super::super::shop::Item::Tea, count: n };
        let new = NewEvent::new(EventId(100 + u128::from(n)), event.event_type(), event);
        longer.append("stock-tea", Expected::Any, 1, [new]).expect("it is new");
    }
    view.follow(&longer);
    assert!(view.picture(DESK).contains("all 33 cuts"));
}
