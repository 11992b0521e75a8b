use super::super::MarkKind;
use super::*;

const FRAME: Frame = Frame { width: 1_100.0, height: 420.0 };
const WINDOW: Window = Window { from_us: 0, to_us: 100_000 };

fn span(node: u8) -> Lifeline {
    let span = Span {
        record: RecordId(u32::from(node)),
        from_us: 0,
        to_us: 90_000,
        look: SpanLook::Line,
        tone: Tone::Calm,
        head: 1,
        label: "term 1".into(),
        description: String::new(),
    };
    Lifeline { node: NodeId(node), name: format!("S{}", node + 1), spans: vec![span] }
}

fn arrow(id: u32, sent_us: u64, ends_us: u64) -> Arrow {
    Arrow {
        id: RecordId(id),
        from: NodeId(0),
        to: NodeId(2),
        sent_us,
        ends_us,
        fate: ArrowFate::Arrived(RecordId(id + 1)),
        shape: Shape::Square,
        filled: true,
        mark: None,
        tone: Tone::Chief,
        weight: Weight::Strong,
        label: "x=1".into(),
        entries: vec![EntryName { index: 3, term: 1 }],
        description: String::new(),
    }
}

fn picture(arrows: Vec<Arrow>) -> SpaceTime {
    let mark = TimeMark {
        kind: MarkKind::Election,
        at_us: 10_000,
        record: RecordId(77),
        node: Some(NodeId(1)),
        count: 1,
    };
    SpaceTime {
        window: WINDOW,
        spacing: Spacing::Time,
        now_us: 90_000,
        lifelines: (0..3).map(span).collect(),
        arrows,
        cuts: Vec::new(),
        flags: vec![Flag { mark, text: String::new() }],
        left_out: LeftOut::Nothing,
    }
}

#[test]
fn a_pointer_finds_flags_then_messages_then_servers() {
    let picture = picture(vec![arrow(5, 30_000, 50_000)]);
    let layout = Layout::new(&picture, FRAME);
    let (start, end) = layout.line(&picture.arrows[0]);
    assert_eq!(start, Point::new(layout.axis.x(30_000), layout.row(NodeId(0))));
    assert_eq!(end, Point::new(layout.axis.x(50_000), layout.row(NodeId(2))));
    let under = |at: Point| layout.under(&picture, at);
    assert_eq!(under(start.towards(end, 0.3)), Some(Thing::Message(RecordId(5))));
    assert_eq!(under(layout.flag(&picture.flags[0])), Some(Thing::Record(RecordId(77))));
    let on_line = Point::new(layout.axis.x(80_000), layout.row(NodeId(2)) + 4.0);
    assert_eq!(under(on_line), Some(Thing::Node(NodeId(2))));
    assert_eq!(under(Point::new(on_line.x, (layout.row(NodeId(1)) + on_line.y) / 2.0)), None);
}

/// What was lost ends where it was lost, not at its receiver.
#[test]
fn a_lost_message_ends_on_its_way() {
    let fate = ArrowFate::Lost { record: RecordId(9), permille: 250, reason: "cut" };
    let lost = Arrow { fate, ends_us: 35_000, ..arrow(5, 30_000, 50_000) };
    let picture = picture(vec![lost]);
    let layout = Layout::new(&picture, FRAME);
    let (start, end) = layout.line(&picture.arrows[0]);
    let whole = layout.row(NodeId(2)) - layout.row(NodeId(0));
    assert!((end.y - start.y - whole / 4.0).abs() < 0.01 && end.x < layout.axis.x(50_000));
    let drawn = svg::base(&picture, &layout);
    assert!(drawn.contains("arrow-lost") && drawn.contains(">cut</text>"), "{drawn}");
    assert!(!drawn.contains("arrow-head"));
}

#[test]
fn by_events_what_is_close_in_time_comes_apart() {
    let mut picture = picture(vec![arrow(5, 30_000, 30_010), arrow(7, 30_020, 30_030)]);
    let close = Layout::new(&picture, FRAME);
    picture.spacing = Spacing::Events;
    let apart = Layout::new(&picture, FRAME);
    let gap = |layout: &Layout| layout.axis.x(30_020) - layout.axis.x(30_010);
    assert!(gap(&close) < 1.0, "{}", gap(&close));
    assert!(gap(&apart) > 100.0, "{}", gap(&apart));
    let steps = [30_000, 30_010, 30_020, 30_030].map(|at_us| apart.axis.x(at_us));
    assert!(steps.windows(2).all(|pair| (pair[1] - pair[0] - gap(&apart)).abs() < 0.01));
}

#[test]
fn too_much_is_thinned_out_from_the_least_telling() {
    let thinned = |mut weights: Vec<Weight>| {
        let left_out = thin_out(&mut weights, |weight| *weight);
        (weights, left_out)
    };
    let mut many = vec![Weight::Faint; MOST_ARROWS];
    assert_eq!(thinned(many.clone()), (many.clone(), LeftOut::Nothing));
    many.push(Weight::Strong);
    assert_eq!(thinned(many), (vec![Weight::Strong], LeftOut::Messages(MOST_ARROWS)));
    let strong = vec![Weight::Strong; MOST_ARROWS];
    let more = [strong.clone(), vec![Weight::Strong; 5]].concat();
    assert_eq!(thinned(more), (strong, LeftOut::Messages(5)));
}

#[test]
fn a_thing_lights_what_belongs_to_it_and_nothing_else() {
    let mut second = arrow(7, 40_000, 60_000);
    (second.from, second.entries) = (NodeId(1), Vec::new());
    let picture = picture(vec![arrow(5, 30_000, 50_000), second]);
    let lit = |highlight: &Highlight| -> Vec<u32> {
        let lit = picture.arrows.iter().filter(|arrow| picture.is_lit(arrow, highlight));
        lit.map(|arrow| arrow.id.0).collect()
    };
    let of = |thing| lit(&Highlight::of(thing));
    assert_eq!(of(Thing::Message(RecordId(7))), [7]);
    assert_eq!(of(Thing::Entry(EntryName { index: 3, term: 1 })), [5]);
    assert!(of(Thing::Entry(EntryName { index: 3, term: 2 })).is_empty());
    assert_eq!(of(Thing::Node(NodeId(1))), [7]);
    assert_eq!(of(Thing::Node(NodeId(2))), [5, 7]);
    // The record of an arrival, as in a chain of causes, lights the message, too.
    let records = SortedSet::from([RecordId(6)]);
    assert_eq!(lit(&Highlight { records, ..Highlight::default() }), [5]);
}
