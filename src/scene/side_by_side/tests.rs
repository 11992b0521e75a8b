use super::*;

fn member(node: u8, crown: bool, sign: Sign) -> Member {
    let name = format!("S{}", node + 1);
    Member { node: NodeId(node), name, up: node != 2, crown, sign }
}

fn picture() -> SideBySide {
    let column = |name: &str| Column {
        name: name.to_owned(),
        groups: vec![
            vec![member(0, true, Sign::Refused)],
            vec![member(1, false, Sign::Answered), member(2, false, Sign::None)],
        ],
        bars: vec![
            Bar { answered: 2, refused: 0, unknown: 0 },
            Bar { answered: 0, refused: 1, unknown: 3 },
        ],
        gaps: vec![(50_000, 90_000)],
    };
    SideBySide {
        window: Window::new(0, 200_000),
        now_us: 100_000,
        slot_us: 50_000,
        columns: ["one", "two", "three"].map(column).to_vec(),
    }
}

#[test]
fn systems_stand_beside_each_other_where_there_is_room_and_else_below() {
    let wide = Layout::new(&picture(), Frame { width: 1_200.0, height: 300.0 });
    assert!(!wide.stacked);
    assert_eq!((wide.corner(2), wide.width, wide.height), ((888.0, 0.0), 294.0, 300.0));
    let narrow = Layout::new(&picture(), Frame { width: 360.0, height: 420.0 });
    assert!(narrow.stacked);
    assert_eq!((narrow.corner(2), narrow.width, narrow.height), ((0.0, 280.0), 360.0, 140.0));
    // The fullest bar has one refused and three unknown.
    assert_eq!(narrow.most, 4);
}

#[test]
fn servers_keep_their_distance_and_a_tear_lies_between_groups() {
    for width in [300.0, 360.0, 1_200.0] {
        let layout = Layout::new(&picture(), Frame { width, height: 420.0 });
        let (servers, tears) = layout.servers(&picture().columns[0]);
        assert_eq!((servers.len(), tears.len()), (3, 1));
        assert!(servers.windows(2).all(|pair| pair[1] - pair[0] >= 28.0), "{servers:?}");
        assert!(servers[0] < tears[0] && tears[0] < servers[1], "{servers:?} {tears:?}");
        assert!(servers[2] <= layout.width - Layout::MARGIN);
    }
}

#[test]
fn every_sign_can_be_told_without_colour() {
    let signs = [Sign::None, Sign::Answered, Sign::Refused, Sign::Unknown].map(Sign::letter);
    for (place, sign) in signs.iter().enumerate() {
        assert!(!signs[..place].contains(sign));
    }
}

#[test]
fn a_picture_has_what_it_is_made_of() {
    let layout = Layout::new(&picture(), Frame { width: 1_200.0, height: 300.0 });
    let svg = svg::base(&picture(), &layout);
    let count = |what: &str| svg.matches(what).count();
    assert_eq!(count("class=\"sbs-server\""), 6);
    assert_eq!(count("class=\"sbs-server down\""), 3);
    assert_eq!(count("class=\"crown\""), 3);
    assert_eq!(count("st-tear"), 3);
    assert_eq!(count("sbs-gap"), 3);
    assert_eq!(count("sbs-part"), 4, "each part is called something");
    assert_eq!(count(">×</text>"), 6, "a sign and a gap each");
    assert!(!svg.contains("NaN"));
    let narrow = Layout::new(&picture(), Frame { width: 360.0, height: 420.0 });
    assert!(!svg::base(&picture(), &narrow).contains("sbs-part"), "no room beside it");
}
