use super::*;

const DESK: Frame = Frame { width: 1_050.0, height: 330.0 };
const PHONE: Frame = Frame { width: 358.0, height: 416.0 };

fn bar(number: u64, from_us: u64, to_us: u64, fate: BarFate, label: &str) -> Bar {
    Bar {
        number,
        from_us,
        to_us,
        fate,
        writes: label.contains('='),
        label: label.to_owned(),
        records: [Some(RecordId(number as u32 * 10)), None],
        node: NodeId(number as u8 % 2),
        description: format!("operation {number}"),
    }
}

fn row(name: &str, bars: Vec<Bar>) -> Row {
    Row { name: name.to_owned(), bars }
}

/// Two clients. The first asks again before it has its answer; the second reads the new, the old.
fn picture() -> HistoryLane {
    let first = vec![
        bar(1, 0, 30_000, BarFate::Done, "x=1"),
        bar(2, 100_000, 700_000, BarFate::Unknown, "x=2"),
        bar(5, 400_000, 401_000, BarFate::Refused, "x=3"),
        bar(7, 950_000, 1_000_000, BarFate::Open, "x→…"),
    ];
    let second = vec![
        bar(3, 150_000, 170_000, BarFate::Done, "x→2"),
        bar(4, 180_000, 200_000, BarFate::Done, "x→1"),
        bar(6, 600_000, 800_000, BarFate::Done, "x→{1,2}"),
    ];
    let witness = |(number, row, at_us)| Witness { number, row, at_us };
    HistoryLane {
        window: Window::new(0, 1_100_000),
        spacing: Spacing::Time,
        now_us: 1_000_000,
        rows: vec![row("C1", first), row("C2", second)],
        tears: vec![Torn { from_us: 90_000, to_us: 900_000, label: "S1 | S2 S3".to_owned() }],
        witness: [(2, 0, 100_000), (3, 1, 150_000), (4, 1, 180_000)].map(witness).to_vec(),
    }
}

/// Where everything is, a line a bar.
fn places(picture: &HistoryLane, frame: Frame) -> String {
    let layout = Layout::new(picture, frame);
    let lines = layout.placed(picture).map(|(bar, place)| {
        let Place { left, right, y, label } = place;
        format!(
            "{:<8} {left:>5.0} … {right:>5.0} at {y:>4.0}  {:?}, {label:?}\n",
            bar.label, bar.fate
        )
    });
    lines.collect()
}

#[test]
fn bars_stand_from_call_to_answer_and_labels_where_there_is_room() {
    expect_test::expect![[r#"
        x=1         48 …    75 at   78  Done, Beside
        x=2        137 …   674 at   78  Unknown, Inside
        x=3        406 …   413 at  116  Refused, Beside
        x→…        898 …   943 at   78  Open, Inside
        x→2        182 …   200 at  238  Done, Nowhere
        x→1        209 …   227 at  238  Done, Beside
        x→{1,2}    585 …   764 at  238  Done, Inside
    "#]]
    .assert_eq(&places(&picture(), DESK));
    expect_test::expect![[r#"
        x=1         32 …    41 at  100  Done, Nowhere
        x=2         61 …   233 at  100  Unknown, Inside
        x=3        147 …   154 at  138  Refused, Beside
        x→…        305 …   319 at  100  Open, Beside
        x→2         75 …    82 at  303  Done, Nowhere
        x→1         84 …    91 at  303  Done, Beside
        x→{1,2}    204 …   262 at  303  Done, Inside
    "#]]
    .assert_eq(&places(&picture(), PHONE));
}

#[test]
fn no_two_bars_of_a_client_and_no_two_labels_lie_on_each_other() {
    for frame in [DESK, PHONE] {
        for spacing in [Spacing::Time, Spacing::Events] {
            let picture = HistoryLane { spacing, ..picture() };
            let layout = Layout::new(&picture, frame);
            let mut taken: Vec<(f32, f32, f32)> = Vec::new();
            for (bar, place) in layout.placed(&picture) {
                let beside = match place.label {
                    LabelPlace::Beside => width_of(&bar.label) + 4.0,
                    _ => 0.0,
                };
                let right = place.right + beside;
                let apart = |(left, end, y): &(f32, f32, f32)| {
                    (y - place.y).abs() >= layout.height || *end <= place.left || right <= *left
                };
                assert!(taken.iter().all(apart), "{bar:?} {place:?} {taken:?}");
                assert!(place.y - layout.height / 2.0 >= layout.top, "{place:?}");
                assert!(place.y + layout.height / 2.0 <= layout.bottom, "{place:?}");
                taken.push((place.left, right, place.y));
            }
        }
    }
}

#[test]
fn a_pointer_finds_bars_and_their_labels() {
    let picture = picture();
    for frame in [DESK, PHONE] {
        let layout = Layout::new(&picture, frame);
        for (bar, place) in layout.placed(&picture) {
            let at = Point::new((place.left + place.right) / 2.0, place.y);
            assert_eq!(layout.under(&picture, at), Some(Thing::Request(bar.number)));
        }
        let far = Point::new(layout.axis.right(), layout.top);
        assert_eq!(layout.under(&picture, far), None);
    }
    let layout = Layout::new(&picture, DESK);
    let (_, place) = layout.find(&picture, 1).expect("it is drawn");
    assert_eq!(place.label, LabelPlace::Beside);
    let on_label = Point::new(place.right + 18.0, place.y);
    assert_eq!(layout.under(&picture, on_label), Some(Thing::Request(1)));
}

/// Fates differ in shape, not in colour alone.
#[test]
fn every_fate_has_a_shape_of_its_own() {
    let shape = |fate: BarFate| {
        let mut picture = picture();
        (picture.witness, picture.tears) = (Vec::new(), Vec::new());
        picture.rows = vec![row("C1", vec![bar(1, 100_000, 500_000, fate, "x=1")])];
        let svg = svg::base(&picture, &Layout::new(&picture, DESK));
        let field = svg.split("st-field").nth(1).expect("it has a field").to_owned();
        // Without the class, which colours hang on.
        let start = field.find("<title>").expect("it has a bar");
        field[start..].to_owned()
    };
    let shapes = BarFate::ALL.map(shape);
    for (place, shape) in shapes.iter().enumerate() {
        assert!(!shapes[..place].contains(shape), "{shape}");
    }
}

#[test]
fn what_breaks_a_promise_has_rings_numbers_and_a_line_even_out_of_sight() {
    let mut picture = picture();
    let layout = Layout::new(&picture, DESK);
    let svg = svg::witness(&picture, &layout);
    let count = |svg: &str, what: &str| svg.matches(what).count();
    assert_eq!(
        (count(&svg, "hl-ring"), count(&svg, "hl-disc"), count(&svg, "hl-chain")),
        (3, 3, 1)
    );
    for number in ["1", "2", "3"] {
        assert!(svg.contains(&format!(">{number}</text>")), "{svg}");
    }
    picture.window = Window::new(500_000, 1_100_000);
    picture.rows.iter_mut().for_each(|row| row.bars.retain(|bar| bar.to_us > 500_000));
    let later = svg::witness(&picture, &Layout::new(&picture, DESK));
    assert!(later.contains(">‹2</text>") && later.contains(">‹3</text>"), "{later}");
    assert_eq!((count(&later, "hl-ring"), count(&later, "hl-disc")), (1, 3));
    picture.witness.clear();
    let none = svg::witness(&picture, &Layout::new(&picture, DESK));
    assert_eq!((count(&none, "hl-ring"), count(&none, "hl-disc")), (0, 0));
}

#[test]
fn a_write_that_nobody_knows_of_goes_on_and_a_read_does_not() {
    let tails = |label: &str| {
        let mut picture = picture();
        picture.rows = vec![row("C1", vec![bar(1, 0, 200_000, BarFate::Unknown, label)])];
        svg::base(&picture, &Layout::new(&picture, DESK)).matches("hl-tail").count()
    };
    assert_eq!((tails("x=1"), tails("x→…")), (1, 0));
}

#[test]
fn a_server_lights_what_was_asked_of_it_and_an_operation_itself() {
    let picture = picture();
    let layout = Layout::new(&picture, DESK);
    let lit = |thing| {
        let svg = svg::lit(&picture, &layout, &Highlight::of(thing));
        svg.matches("data-request").count()
    };
    assert_eq!(lit(Thing::Request(6)), 1);
    assert_eq!(lit(Thing::Record(RecordId(60))), 1);
    assert_eq!(lit(Thing::Node(NodeId(0))), 3);
    assert_eq!(lit(Thing::Request(99)), 0);
    assert_eq!(svg::lit(&picture, &layout, &Highlight::default()), "");
}

#[test]
fn the_cursor_is_on_a_bar_or_nowhere() {
    let picture = picture();
    let layout = Layout::new(&picture, PHONE);
    assert!(svg::cursor(&picture, &layout, 4).contains("view-cursor"));
    assert_eq!(svg::cursor(&picture, &layout, 99), "");
}
