use expect_test::expect_file;

use super::super::{Frame, Point};
use super::*;

fn time(title: &str, scale: Scale) -> Ruler {
    Ruler { title: title.into(), scale }
}

fn share(title: &str) -> Ruler {
    Ruler { title: title.into(), scale: Scale::linear(Unit::Share, 0, 1_000_000) }
}

/// A share that closes in on the whole, by halves.
fn curves() -> CurvePlot {
    let near = |ms: u64| 1_000_000 - (800_000 >> (ms / 2));
    let foretold = (0..=20).map(|ms| (ms * 1_000, near(ms))).collect();
    let points: Vec<(u64, u64)> =
        (0..=10).map(|k| (k * 2_000, (near(k * 2) + 9_000 * (k % 3)).min(1_000_000))).collect();
    let band = points.iter().map(|(_, y)| (y - 20_000, (y + 20_000).min(1_000_000))).collect();
    CurvePlot {
        title: "Reads are more often consistent the later they start".into(),
        x: time("after the write", Scale::up_to(Unit::Time, 20_000)),
        y: share("consistent"),
        curves: vec![
            Curve {
                name: "foretold".into(),
                tone: Tone::Calm,
                stroke: Stroke::Dashed,
                course: Course::Line,
                points: foretold,
                band: Vec::new(),
            },
            Curve {
                name: "measured".into(),
                tone: Tone::Eager,
                stroke: Stroke::Solid,
                course: Course::Around,
                points,
                band,
            },
        ],
        shade: None,
        guide: Some(Guide { at: 5_000, words: "5 ms".into() }),
    }
}

/// Nine points, six of them on the axis and some at one place.
fn plane() -> PlanePlot {
    let at = [
        (500, 667_000),
        (21_100, 160_000),
        (24_000, 0),
        (19_900, 100_000),
        (36_000, 0),
        (41_000, 0),
        (23_800, 0),
        (41_050, 0),
        (46_000, 0),
    ];
    let is_front = front(&at);
    let dot = |k: usize| {
        let label = format!("R{} W{}", k / 3 + 1, k % 3 + 1);
        let look = match is_front[k] {
            _ if k == 3 => Look::Chosen,
            true => Look::Front,
            false => Look::Behind,
        };
        let description = format!("{label}: point {k}");
        Dot { at: at[k], description, label, look, press: format!("point={k}") }
    };
    PlanePlot {
        title: "What quick reads cost".into(),
        x: time("read and write", Scale::up_to(Unit::Time, 46_000)),
        y: share("stale"),
        dots: (0..9).map(dot).collect(),
        best: "better".into(),
    }
}

const WIDE: Frame = Frame { width: 680.0, height: 300.0 };
const PHONE: Frame = Frame { width: 340.0, height: 300.0 };

#[test]
fn numbers_have_three_digits_and_a_unit() {
    for (value, wanted) in [
        (0, "0"),
        (640, "640 µs"),
        (1_000, "1 ms"),
        (5_249, "5.25 ms"),
        (45_500, "45.5 ms"),
        (99_960, "100 ms"),
        (202_000, "202 ms"),
        (999_600, "1 s"),
        (1_364_000, "1.36 s"),
        (90_000_000, "90 s"),
    ] {
        assert_eq!(Unit::Time.words(value), wanted);
    }
    for (value, wanted) in [
        (0, "0 %"),
        (1, "< 0.01 %"),
        (4_321, "0.43 %"),
        (500_000, "50 %"),
        (973_049, "97.3 %"),
        (999_312, "99.93 %"),
        (999_999, "> 99.99 %"),
        (1_000_000, "100 %"),
    ] {
        assert_eq!(Unit::Share.words(value), wanted);
    }
    assert_eq!([7, 1_234, 1_000_000].map(|n| Unit::Count.words(n)), ["7", "1,234", "1,000,000"]);
}

#[test]
fn scales_go_there_and_back_and_have_round_ticks() {
    let linear = Scale::up_to(Unit::Time, 18_300);
    assert_eq!((linear.from, linear.to), (0, 20_000));
    assert_eq!(linear.ticks(5), [0, 5_000, 10_000, 15_000, 20_000]);
    let log = Scale::logarithmic(Unit::Time, 100, 2_000_000);
    assert_eq!(log.ticks(6), [100, 1_000, 10_000, 100_000, 1_000_000]);
    assert_eq!(log.ticks(3), [100, 10_000, 1_000_000]);
    let short = Scale::logarithmic(Unit::Time, 1_000, 20_000);
    assert_eq!(short.ticks(6), [1_000, 2_000, 5_000, 10_000, 20_000]);
    for scale in [linear, log, short] {
        assert_eq!((scale.part(scale.from), scale.part(scale.to)), (0.0, 1.0));
        for value in [200, 1_500, 19_000] {
            let value = value.clamp(scale.from, scale.to);
            let back = scale.value(scale.part(value));
            assert!(back.abs_diff(value) <= 1 + value / 10_000, "{scale:?} {value} {back}");
        }
    }
    // Nothing to show is no reason to divide by it.
    for scale in [Scale::up_to(Unit::Count, 0), Scale::logarithmic(Unit::Time, 0, 0)] {
        assert!(scale.part(0).is_finite() && !scale.ticks(0).is_empty(), "{scale:?}");
    }
    assert!(Scale::logarithmic(Unit::Time, 1, u64::MAX).ticks(8).len() <= 8);
}

#[test]
fn a_curve_has_values_between_its_points_as_its_course_has_it() {
    let mut curve = Curve { points: vec![(10, 100), (20, 0)], ..curves().curves[0].clone() };
    for (course, wanted) in [
        (Course::Line, [Some(100), Some(70), Some(30), Some(0)]),
        (Course::Held, [Some(100), Some(100), Some(100), Some(0)]),
        (Course::Around, [Some(100), Some(100), Some(0), Some(0)]),
    ] {
        curve.course = course;
        assert_eq!([10, 13, 17, 20].map(|x| curve.at(x)), wanted, "{course:?}");
        assert_eq!((curve.at(9), curve.at(21)), (None, None));
    }
}

#[test]
fn what_nothing_surpasses_is_in_front() {
    let points = [(1, 9), (3, 3), (3, 3), (4, 3), (9, 0), (9, 1)];
    assert_eq!(front(&points), [true, true, true, false, true, false]);
}

/// Labels of nine points, six of them in a row, cover neither each other nor a point.
#[test]
fn labels_keep_clear_of_each_other() {
    let plot = plane();
    for frame in [WIDE, PHONE] {
        let layout = Layout::of_plane(&plot, frame);
        assert!(layout.labels.iter().all(|label| !label.is_hidden));
        let boxes: Vec<_> = layout.labels.iter().map(layout::box_of).collect();
        for (k, one) in boxes.iter().enumerate() {
            let others = boxes.iter().skip(k + 1).filter(|other| layout::overlap(*one, **other));
            assert_eq!(others.count(), 0, "{frame:?} {k}");
            assert!(one.0.x >= 0.0 && one.1.x <= frame.width, "{frame:?} {k}");
        }
    }
    let layout = Layout::of_curves(&curves(), WIDE);
    let [foretold, measured] = layout.labels[..] else { panic!("two names") };
    assert!((foretold.at.y - measured.at.y).abs() >= 14.0, "both end at the top");
}

/// Where points crowd, those that matter least go without a label, and none is covered.
#[test]
fn labels_without_room_are_left_out() {
    let mut plot = plane();
    let dot = plot.dots[8].clone();
    plot.dots.extend((0..16).map(|k| Dot { at: (46_000 + k * 50, 0), ..dot.clone() }));
    let labels = Layout::of_plane(&plot, PHONE).labels;
    let shown = labels.iter().filter(|label| !label.is_hidden);
    assert!((9..20).contains(&shown.count()), "{labels:?}");
    assert!(!labels[3].is_hidden, "the chosen one's");
}

#[test]
fn a_pointer_finds_numbers_and_points() {
    let plot = curves();
    let layout = Layout::of_curves(&plot, WIDE);
    assert!(layout.number_at(layout.x(5_000)).abs_diff(5_000) < 5);
    assert_eq!((layout.number_at(-9.0), layout.number_at(9_999.0)), (0, 20_000));
    let plot = plane();
    let layout = Layout::of_plane(&plot, WIDE);
    let near = |k: usize| {
        let (x, y) = plot.dots[k].at;
        let at = layout.place(x, y);
        layout.dot_at(&plot, Point::new(at.x + 3.0, at.y - 3.0))
    };
    assert_eq!((near(0), near(8)), (Some(0), Some(8)));
    assert_eq!(layout.dot_at(&plot, Point::new(300.0, 40.0)), None);
}

#[test]
fn a_plot_is_a_table_too() {
    let rows = Rows::of_curves(&curves(), &[0, 4_000, 5_000]);
    assert_eq!(rows.head, ["after the write", "foretold", "measured"]);
    assert_eq!(rows.rows[0], ["0", "20 %", "20 % (18 % to 22 %)"]);
    assert_eq!(rows.rows[2], ["5 ms", "80 %", "81.8 %"]);
    let rows = Rows::of_plane(&plane());
    assert_eq!(rows.rows[3], ["R2 W1", "19.9 ms", "10 %"]);
    let html = svg::table(&rows, "a < b");
    assert!(html.starts_with("<table class=\"plot-table\"><caption>a &lt; b</caption>"), "{html}");
    assert_eq!(html.matches("<tr>").count(), 10);
}

#[test]
fn plots_are_drawn_as_before() {
    for (frame, size) in [(WIDE, "wide"), (PHONE, "phone")] {
        let (curves, plane) = (curves(), plane());
        let drawn = [
            ("curves", svg::curves(&curves, &Layout::of_curves(&curves, frame))),
            ("plane", svg::plane(&plane, &Layout::of_plane(&plane, frame))),
        ];
        for (name, svg) in drawn {
            // An element a line, so that what has changed can be seen.
            let lines = svg.replace("><", ">\n<") + "\n";
            expect_file![format!("golden/{name}-{size}.svg")].assert_eq(&lines);
        }
    }
}

/// What was different for a while lies under everything else and says what it was.
#[test]
fn a_stretch_of_the_axis_is_shaded() {
    let shade = Shade { from: 4_000, to: 8_000, words: "twice the <load>".into() };
    let plot = CurvePlot { shade: Some(shade), ..curves() };
    let layout = Layout::of_curves(&plot, Frame { width: 656.0, height: 280.0 });
    let svg = svg::curves(&plot, &layout);
    let (from, to) = (layout.x(4_000), layout.x(8_000));
    let (before, after) = svg.split_once("plot-shade\" d=\"").expect("it is there");
    assert!(!before.contains("plot-line") && after.contains("twice the &lt;load&gt;"));
    let starts = format!("M{} ", super::super::tenths(from));
    assert!(
        after.starts_with(&starts) && after.contains(&format!("H{}V", super::super::tenths(to)))
    );
    assert!(from < to, "{from} {to}");
}
