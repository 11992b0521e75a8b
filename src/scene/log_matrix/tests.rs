use super::*;

fn cell(index: u64, term: u64) -> LogCell {
    LogCell {
        name: EntryName { index, term },
        text: "x=1".into(),
        committed: false,
        durable: true,
        conflicts: false,
    }
}

fn row(node: u8, cells: Vec<LogCell>) -> LogRow {
    LogRow {
        node: NodeId(node),
        name: format!("S{}", node + 1),
        word: "follower".into(),
        tone: Tone::Calm,
        hatched: false,
        snapshot_through: 0,
        snapshot_term: 0,
        last_index: cells.last().map_or(0, |cell| cell.name.index),
        cells,
        commit_index: 0,
        followed: None,
        description: String::new(),
    }
}

#[test]
fn a_window_follows_the_end_and_stays_within_the_log() {
    assert_eq!(LogWindow::at_end(0, 8), LogWindow { first: 1, columns: 8 });
    assert_eq!(LogWindow::at_end(7, 8), LogWindow { first: 1, columns: 8 });
    let end = LogWindow::at_end(10_000, 8);
    assert_eq!((end.first, end.last()), (9_994, 10_001));
    assert_eq!(end.moved(5, 10_000), end);
    assert_eq!(end.moved(-3, 10_000).first, 9_991);
    assert_eq!(end.moved(i64::MIN, 10_000).first, 1);
    assert_eq!(LogWindow { first: 50, columns: 8 }.showing(60).first, 53);
    assert_eq!(LogWindow { first: 50, columns: 8 }.showing(4).first, 4);
    assert_eq!(LogWindow { first: 50, columns: 8 }.showing(55).first, 50);
}

#[test]
fn a_cell_conflicts_where_the_leader_has_another_entry() {
    let leader = row(0, vec![cell(1, 1), cell(2, 3)]);
    let follower = row(1, vec![cell(1, 1), cell(2, 2), cell(3, 2)]);
    let rows = vec![leader, follower];
    let window = LogWindow { first: 1, columns: 8 };
    let mut matrix = LogMatrix { window, last_index: 3, rows, leader: Some(NodeId(0)) };
    matrix.mark_conflicts();
    let marked: Vec<Vec<bool>> =
        matrix.rows.iter().map(|r| r.cells.iter().map(|c| c.conflicts).collect()).collect();
    // At 3 the leader has nothing, which is no conflict yet: it may be about to send the same.
    assert_eq!(marked, [vec![false, false], vec![false, true, false]]);
    matrix.leader = None;
    matrix.rows[1].cells[1].conflicts = false;
    matrix.mark_conflicts();
    assert!(!matrix.rows[1].cells[1].conflicts);
}

#[test]
fn a_pointer_finds_entries_and_servers() {
    let frame = Frame { width: 390.0, height: 330.0 };
    let layout = Layout::new(2, frame);
    let window = LogWindow { first: 5, columns: layout.columns() };
    let rows = vec![row(0, vec![cell(5, 1), cell(6, 1)]), row(1, vec![cell(5, 1)])];
    let matrix = LogMatrix { window, last_index: 6, rows, leader: None };
    let middle = |row: usize, index| {
        Point::new(layout.x(window, index) + layout.step.0 / 2.0, layout.y(row) + 5.0)
    };
    let entry = |index| Some(Thing::Entry(EntryName { index, term: 1 }));
    assert_eq!(layout.under(&matrix, middle(0, 6)), entry(6));
    assert_eq!(layout.under(&matrix, middle(1, 5)), entry(5));
    assert_eq!(layout.under(&matrix, middle(1, 6)), None);
    assert_eq!(layout.under(&matrix, Point::new(4.0, layout.y(1))), Some(Thing::Node(NodeId(1))));
    assert_eq!(layout.under(&matrix, Point::new(4.0, layout.bottom())), None);
    assert_eq!((layout.dragged(-80.0), layout.dragged(2.0)), (2, 0));
}

/// Three to nine servers on phone and desk: all rows are in the frame, and a thumb's width of
/// columns.
#[test]
fn everything_fits() {
    for (width, height) in [(320.0, 360.0), (390.0, 430.0), (1_100.0, 420.0)] {
        for rows in 3..=9 {
            let layout = Layout::new(rows, Frame { width, height });
            assert!(layout.bottom() + 20.0 <= height, "{width} {rows} {}", layout.bottom());
            assert!(layout.columns() >= 6 && layout.cell_height >= 16.0, "{width} {rows}");
        }
    }
}
