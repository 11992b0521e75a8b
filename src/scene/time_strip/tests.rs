use super::super::MarkKind;
use super::*;

const WINDOW: Window = Window { from_us: 0, to_us: 1_000_000 };

fn mark(kind: MarkKind, at_us: u64) -> TimeMark {
    TimeMark { kind, at_us, record: RecordId(at_us as u32), node: None, count: 1 }
}

fn strip() -> TimeStrip {
    let marks = vec![mark(MarkKind::Write, 100_000), mark(MarkKind::Fault, 101_000)];
    let band = TermBand {
        record: RecordId(1),
        from_us: 90_000,
        to_us: 800_000,
        counts: "term",
        term: 2,
        leader: Some((NodeId(1), "S2".into())),
    };
    let first = Lane {
        branch: 0,
        name: "first".into(),
        fork: None,
        reach_us: 800_000,
        content: LaneContent { bands: vec![band], marks },
    };
    let second = Lane {
        branch: 1,
        name: "what if".into(),
        fork: Some((0, 400_000)),
        reach_us: 600_000,
        content: LaneContent {
            marks: vec![mark(MarkKind::Election, 500_000)],
            ..first.content.clone()
        },
    };
    let playheads = vec![Playhead { lane: 1, at_us: 450_000 }];
    TimeStrip { window: WINDOW, lanes: vec![first, second], playheads }
}

#[test]
fn a_pointer_scrubs_and_snaps_to_marks() {
    let strip = strip();
    let layout = Layout::new(WINDOW, 2, 1_100.0);
    let at = |lane: usize, us: u64| Point::new(layout.axis.x(us), layout.y(lane) + 10.0);
    let (lane, us) = layout.scrubbed(&strip, at(0, 300_000));
    assert_eq!((lane, us.abs_diff(300_000) < 50), (0, true));
    assert_eq!(layout.scrubbed(&strip, at(1, 503_000)), (1, 500_000));
    assert_eq!(layout.scrubbed(&strip, Point::new(-50.0, -9.0)), (0, 0));
    assert_eq!(layout.scrubbed(&strip, Point::new(5_000.0, 9_000.0)), (1, 1_000_000));
    // Of two marks at one place that which is drawn above the other.
    assert_eq!(layout.mark_at(&strip, at(0, 100_500)).map(|m| m.kind), Some(MarkKind::Fault));
    assert_eq!(layout.mark_at(&strip, at(0, 700_000)), None);
}

#[test]
fn long_stretches_without_marks_are_quiet() {
    let strip = strip();
    let layout = Layout::new(WINDOW, 2, 1_100.0);
    assert_eq!(strip.lanes[0].quiet(&layout.axis), [(0, 100_000), (101_000, 800_000)]);
    // A branch is quiet only after it has left the other.
    assert_eq!(strip.lanes[1].quiet(&layout.axis), [(400_000, 500_000), (500_000, 600_000)]);
}

#[test]
fn a_branch_is_drawn_from_its_fork_and_the_future_is_a_ghost() {
    let strip = strip();
    let layout = Layout::new(WINDOW, 2, 390.0);
    let drawn = svg::base(&strip, &layout);
    assert_eq!(drawn.matches("class=\"fork\"").count(), 1);
    // The marks before the fork belong to the first lane alone.
    assert_eq!(drawn.matches("mark fault").count(), 1);
    assert!(drawn.contains("term 2 · S2"));
    let heads = svg::playheads(&strip, &layout);
    let from = super::super::tenths(layout.axis.x(450_000));
    assert!(heads.contains(&format!("class=\"ghost\" x=\"{from}\"")), "{heads}");
}
