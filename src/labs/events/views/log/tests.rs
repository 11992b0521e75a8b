//! The view on logs of its own, as a reader uses it.

use super::super::super::shop::{BEFORE, Customer, Item};
use super::super::state::fields;
use super::*;
use crate::event_store::{EventId, Expected, NewEvent};

const DESK: Frame = Frame { width: 656.0, height: 432.0 };
const PHONE: Frame = Frame { width: 374.0, height: 704.0 };

/// What happened before, and then one event a millisecond.
fn log(then: &[ShopEvent]) -> EventStore<ShopEvent> {
    let mut log = EventStore::new();
    let before = BEFORE.iter().map(|event| (0, event));
    let then = (1..).zip(then).map(|(n, event)| (n * 1_000, event));
    for (n, (at_us, event)) in (1..).zip(before.chain(then)) {
        let new = NewEvent::new(EventId(n), event.event_type(), *event);
        log.append(event.stream(), Expected::Any, at_us, [new]).expect("it is new");
    }
    log
}

const THEN: [ShopEvent; 3] = [
    ShopEvent::Taken { item: Item::Mug, customer: Customer::Ann },
    ShopEvent::Charged { customer: Customer::Ann, cents: 1_200 },
    ShopEvent::Stocked { item: Item::Mug, count: 3 },
];

/// Where a run is at an instant whose whole log is this one.
fn seen(view: &mut LogView, whole: &EventStore<ShopEvent>, now_us: u64) -> String {
    let position = whole.position_at(now_us);
    let log = whole.fork(position).expect("it was so long");
    let here = Here { now_us, position, durable: position, by_time: true };
    view.follow_run(&log, &Acts::default(), here);
    view.picture(DESK)
}

fn view() -> (LogView, EventStore<ShopEvent>) {
    let (mut view, whole) = (LogView::new(), log(&THEN));
    seen(&mut view, &whole, 5_000);
    (view, whole)
}

/// The row of the state's table that has a field of this name.
fn row_of<'a>(html: &'a str, name: &str) -> &'a str {
    let mut rows = html.split("<tr").filter(|row| row.contains(&[name, "</th>"].concat()));
    rows.next().unwrap_or_else(|| panic!("{name} is a field: {html}"))
}

#[test]
fn every_row_has_the_hash_of_its_state_and_a_tick() {
    let (view, _) = view();
    for frame in [DESK, PHONE] {
        let html = view.picture(frame);
        let rows = html.matches("<li class=\"ev-row").count();
        assert!(rows >= 7, "{rows}");
        // One more tick is under the state.
        assert_eq!(html.matches("replayed twice, identical</span>").count(), rows + 1, "{html}");
        assert!(!html.contains("not the same"));
    }
    let html = view.picture(DESK);
    for position in 0..=9 {
        let hash = super::super::state::short(view.versions.at(position).1);
        assert!(html.contains(&format!("<code>{hash}</code>")), "{position}: {html}");
    }
    assert!(html.contains("stock-mug · version 4 · 1\u{a0}ms"), "{html}");
}

#[test]
fn what_the_last_event_changed_is_marked_with_what_it_was() {
    let (mut view, whole) = view();
    let html = seen(&mut view, &whole, 1_000);
    let left = row_of(&html, "mug left");
    assert!(left.contains("ev-changed") && left.contains("was 1"), "{left}");
    assert!(row_of(&html, "mug in Ann’s cart").contains("ev-changed"));
    assert_eq!(html.matches("ev-changed").count(), 2, "nothing else");
    assert!(html.contains("After 7: Ann took a mug"));
}

/// Beside the stage there is little height: what is 0 is left out, and what has become 0 is not.
#[test]
fn where_room_is_short_only_fields_that_say_something_are_shown() {
    let (mut view, whole) = view();
    seen(&mut view, &whole, 1_000);
    let html = view.picture(Frame { width: 560.0, height: 300.0 });
    assert!(html.contains("ev-log tight") && html.contains("All else is 0."), "{html}");
    let left = row_of(&html, "mug left");
    assert!(left.contains("was 1") && left.contains("<span>0</span>"), "{left}");
    assert!(!html.contains("Ann has paid") && view.picture(DESK).contains("Ann has paid"));
    view.choose("drop");
    let html = view.picture(Frame { width: 560.0, height: 300.0 });
    assert!(row_of(&html, "mug in Ann’s cart").contains("<td>1</td><td>0</td>"), "{html}");
    assert!(!html.contains("Ann has paid"));
}

/// What the run has yet to come to again stays in sight, and can be gone to.
#[test]
fn it_follows_the_run_back_and_forth() {
    let (mut view, whole) = view();
    assert_eq!(view.row(), 9);
    let html = seen(&mut view, &whole, 1_500);
    assert_eq!((view.row(), view.known.last_position()), (7, 9));
    assert_eq!(html.matches(" ahead").count(), 2);
    assert!(html.contains("data-look=\"at=9\" data-go=\"3000\""), "{html}");
    assert!(html.contains("data-look=\"at=6\" data-go=\"0\""), "the last one before the run");
    let own = ["at=5\">", "at=0\">"].map(|look| html.contains(look));
    assert_eq!(own, [true; 2], "the run has no instant of its own for these");
    // In another branch something else happens.
    let other = log(&[THEN[2]]);
    seen(&mut view, &other, 1_600);
    assert_eq!((view.row(), view.known.last_position()), (7, 7));
    // A crash took the end of the log away: that is no way back.
    seen(&mut view, &whole, 4_000);
    let shorter = whole.fork(8).expect("it was so long");
    let here = Here { now_us: 4_100, position: 8, durable: 8, by_time: true };
    view.follow_run(&shorter, &Acts::default(), here);
    assert_eq!(view.known.last_position(), 8);
}

/// Something else was done since the run was taken back: nothing of the other branch is to come.
#[test]
fn another_branch_has_nothing_to_come_to_again() {
    let (mut view, whole) = view();
    let log = whole.fork(7).expect("it was so long");
    let here = Here { now_us: 1_500, position: 7, durable: 7, by_time: true };
    view.follow_run(&log, &Acts::default(), here);
    assert_eq!(view.known.last_position(), 9);
    let mut acts = Acts::default();
    acts.push((1_500, Command::Faults(Vec::new())));
    view.follow_run(&log, &acts, here);
    assert_eq!(view.known.last_position(), 7);
}

#[test]
fn the_cursor_is_let_go_when_somebody_goes_to_an_event() {
    let (mut view, whole) = view();
    view.choose("at=2");
    assert!(!view.is_following());
    seen(&mut view, &whole, 5_600);
    assert_eq!(view.row(), 2, "time goes on, and the reader looks at the past");
    seen(&mut view, &whole, 2_000);
    assert_eq!((view.row(), view.is_following()), (8, true));
    for (what, row) in [
        ("back", 7),
        ("ArrowUp", 6),
        ("ArrowRight", 7),
        ("on", 8),
        ("at=1", 1),
        ("ArrowLeft", 0),
        ("ArrowLeft", 0),
        ("at=99", 9),
        ("on", 9),
        ("at=x", 9),
        ("", 9),
    ] {
        view.choose(what);
        assert_eq!(view.row(), row, "{what}");
    }
    view.pan(-3.0 * STEP);
    assert_eq!(view.row(), 6);
    view.follow();
    assert_eq!(view.row(), 8);
}

#[test]
fn what_is_not_durable_yet_looks_so() {
    let (mut view, whole) = view();
    let here = Here { now_us: 6_000, position: 9, durable: 8, by_time: true };
    view.follow_run(&whole, &Acts::default(), here);
    assert_eq!(view.picture(DESK).matches(" loose").count(), 1);
}

/// On a cluster events have an index instead of a time: there is nowhere to go.
#[test]
fn without_times_only_the_picture_moves() {
    let (mut view, whole) = view();
    let here = Here { now_us: 6_000, position: 9, durable: 9, by_time: false };
    view.follow_run(&whole, &Acts::default(), here);
    let html = [view.picture(DESK), view.controls()].concat();
    assert!(!html.contains("data-go") && !html.contains("ms</small>"), "{html}");
}

/// Drop, edit and insert: both futures, and the first field that differs.
#[test]
fn a_fork_shows_both_futures_and_where_they_part() {
    let (mut view, _) = view();
    view.choose("at=7");
    view.choose("drop");
    let html = view.picture(DESK);
    assert!(html.contains("<del>Ann took a mug</del>"), "{html}");
    let first = row_of(&html, "mug left");
    assert!(first.contains("ev-differs first") && first.contains("▸ "), "{first}");
    assert!(first.contains("<td>0</td><td>1</td>"), "{first}");
    assert!(row_of(&html, "mug in Ann’s cart").contains("ev-differs\""));
    assert_eq!(html.matches("ev-differs").count(), 2);
    let said = view.controls();
    assert!(said.contains("In the fork, event 7 never happened."), "{said}");
    let parted = "The first to differ is “mug left”: 0 in the log, 1 in the fork. At the end 2";
    assert!(said.contains(parted), "{said}");
    // She pays for what she never took: no desk would decide that now.
    view.choose("on");
    let html = view.picture(DESK);
    assert!(html.contains("decided anew: Ann owes nothing"), "{html}");
    // Its state is a replay of a log, twice, like any other.
    assert!(!html.contains("not the same"));
    view.choose("unfork");
    assert_eq!((view.row(), view.forked.is_none()), (8, true));
}

#[test]
fn an_event_can_be_edited_and_another_put_in() {
    let (mut view, _) = view();
    view.choose("at=2");
    view.choose("edit");
    let choices = view.controls();
    assert!(choices.contains("data-look=\"pick=0\">2 × mug came in</button>"), "{choices}");
    view.choose("pick=0");
    let html = view.picture(DESK);
    assert!(html.contains("<del>3 × mug came in</del><ins> 2 × mug came in</ins>"), "{html}");
    view.choose("at=7");
    let html = view.picture(DESK);
    assert!(html.contains("decided anew: no mug is left"), "{html}");
    assert!(row_of(&html, "mug left").contains("<td>0</td><td>−1</td>"), "facts stay facts");
    // Something put in has a row of its own, and moves what comes after.
    view.choose("unfork");
    view.choose("at=0");
    view.choose("insert");
    view.choose("pick=1");
    assert_eq!((view.row(), view.last_row(), view.positions(10)), (1, 10, (9, 10)));
    assert!(view.picture(DESK).contains("only in the fork"));
    view.choose("at=10");
    assert_eq!(view.forked.as_ref().map(|forked| forked.log.last_position()), Some(10));
    for nonsense in ["pick=0", "pick=999", "pick=", "edit", "edit"] {
        view.choose(nonsense);
    }
    assert_eq!(view.last_row(), 10);
}

/// A fork goes on with the run; in another run it may have no place any more.
#[test]
fn a_fork_lives_as_long_as_its_place() {
    let (mut view, whole) = view();
    view.choose("at=8");
    view.choose("drop");
    let longer = log(&[THEN[0], THEN[1], THEN[2], THEN[2]]);
    seen(&mut view, &longer, 6_000);
    assert_eq!(view.forked.as_ref().map(|forked| forked.log.last_position()), Some(9));
    seen(&mut view, &whole.fork(7).expect("it was so long"), 7_000);
    assert!(view.forked.is_none());
}

/// Whatever is dropped, put in or changed: what the fork comes to is what a log comes to that was
/// so from the start, and the two part where they first have different fields.
#[test]
fn every_fork_is_a_log_of_its_own() {
    let whole = log(&THEN);
    let events: Vec<ShopEvent> =
        (1..=9).filter_map(|at| whole.event(at)).map(|event| *event.payload()).collect();
    let mut view = LogView::new();
    view.know(whole);
    let mut deeds: Vec<(u64, Deed)> = (1..=9).map(|at| (at, Deed::Drop)).collect();
    for at in 0..=9 {
        deeds.extend(fork::insertions().into_iter().map(|event| (at, Deed::Insert(event))));
        let Some(event) = (at as usize).checked_sub(1).map(|place| events[place]) else { continue };
        let alternatives = fork::alternatives(event);
        assert!(!alternatives.contains(&event));
        deeds.extend(alternatives.into_iter().map(|event| (at, Deed::Edit(event))));
    }
    assert!(deeds.len() > 130, "{}", deeds.len());
    for (at, deed) in deeds {
        let forked = view.worked_out(Fork { at, deed }).expect("the place is there");
        let mut expected = events.clone();
        match deed {
            Deed::Drop => _ = expected.remove(at as usize - 1),
            Deed::Edit(event) => expected[at as usize - 1] = event,
            Deed::Insert(event) => expected.insert(at as usize, event),
        }
        let (mut shop, sleeve) = (Shop::default(), super::super::super::shop::upcasters());
        let mut states = vec![shop.clone()];
        for event in expected {
            let charged = match event {
                ShopEvent::ChargedEuros { customer, euros } => {
                    ShopEvent::Charged { customer, cents: u32::from(euros) * 100 }
                }
                other => other,
            };
            assert_eq!(sleeve.newest(event.event_type()), charged.event_type());
            shop.apply(charged);
            states.push(shop.clone());
        }
        let found: Vec<Shop> =
            forked.versions.states.iter().map(|(shop, _)| shop.clone()).collect();
        assert_eq!(found, states, "{at} {deed:?}");
        let parting = (0..=forked.fork.rows(9)).find(|row| {
            let (here, there) = forked.fork.positions(*row);
            fields(&view.versions.at(here).0) != fields(&states[there as usize])
        });
        assert_eq!(forked.parting.map(|parting| parting.row), parting, "{at} {deed:?}");
    }
    for at in [10, u64::MAX] {
        assert!(view.worked_out(Fork { at, deed: Deed::Drop }).is_none());
    }
    assert!(view.worked_out(Fork { at: 0, deed: Deed::Drop }).is_none());
}
