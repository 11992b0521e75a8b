//! What a breaker looks at, as a row of cells, and how far it is from opening, in a few letters.

use super::super::super::stage::in_the_world;
use super::super::{BreakerPolicy, Cluster, Door};
use crate::circuit_breaker::{Cell as Call, Rates, State, Tally, Trip};
use crate::scene::{Cell, CellLook, Density, Frame, Gauge, Pip, Strip};
use crate::sim::NodeId;

/// What the window of a breaker holds, as cells, in a few letters, and how far from opening it is.
#[derive(Default)]
pub(super) struct Row {
    pub(super) strip: Strip,
    pub(super) detail: String,
    pub(super) gauge: Gauge,
}

/// What the window of a breaker holds.
pub(super) fn window(door: &Door, policy: &BreakerPolicy, now_us: u64, frame: Frame) -> Row {
    let Trip { consecutive_failures, count_window, time_window } = &policy.config.trip;
    match (consecutive_failures, count_window, time_window) {
        (Some(most), ..) => row(door.consecutive_failures(), *most, frame),
        (None, Some(window), _) => calls(&door.cells(), window.calls, window.rates, frame),
        (None, None, Some(window)) => buckets(&door.buckets(now_us), window.rates, frame),
        (None, None, None) => Row::default(),
    }
}

/// So many calls fit in a row.
fn most(frame: Frame) -> usize {
    if frame.width < 340.0 { 8 } else { 10 }
}

/// A cell for each failure that it takes to open, those that were are filled.
fn row(failures: u32, opens_at: u32, frame: Frame) -> Row {
    let detail = format!("{failures} of {opens_at}");
    let words = match opens_at.saturating_sub(failures) {
        more if failures == 0 => format!("{more} failures in a row open it"),
        1 => "1 more failure opens it".to_owned(),
        more => format!("{more} more failures open it"),
    };
    let gauge = Gauge { words, ..Gauge::default() };
    if opens_at as usize > most(frame) {
        let look = if failures >= opens_at { CellLook::Bad } else { CellLook::Loose };
        let cell = Cell { head: "failed".to_owned(), text: detail.clone(), tint: 5, look };
        let strip = Strip { hidden: 0, wide: true, cells: vec![cell] };
        return Row { strip, detail, gauge };
    }
    let cell = |number: u32| match number <= failures {
        true => cell("✗", &number.to_string(), CellLook::Bad),
        false => cell("", &number.to_string(), CellLook::Loose),
    };
    let strip = Strip { hidden: 0, wide: false, cells: (1..=opens_at).map(cell).collect() };
    Row { strip, detail, gauge }
}

/// The latest calls, oldest first, and room for those that are still to come.
fn calls(calls: &[Call], room: u32, rates: Rates, frame: Frame) -> Row {
    let most = most(frame).min(room as usize);
    let hidden = calls.len().saturating_sub(most);
    let drawn = |call: &Call| {
        let (mark, look) = match (call.failed, call.slow) {
            (true, _) => ("✗", CellLook::Bad),
            (false, true) => ("…", CellLook::Bad),
            (false, false) => ("✓", CellLook::Solid),
        };
        cell(mark, if call.slow { "slow" } else { "" }, look)
    };
    let mut cells: Vec<Cell> = calls.iter().skip(hidden).map(drawn).collect();
    cells.resize(most, cell("", "", CellLook::Loose));
    let mut tally = Tally::default();
    for call in calls {
        tally.calls += 1;
        tally.failures += u64::from(call.failed);
        tally.slow += u64::from(call.slow);
    }
    rate(Strip { hidden, wide: false, cells }, tally, rates, frame)
}

/// A cell for each stretch of time, oldest first: how many calls failed, of how many.
fn buckets(buckets: &[Tally], rates: Rates, frame: Frame) -> Row {
    let hidden = buckets.len().saturating_sub(most(frame));
    let drawn = |bucket: &Tally| {
        let look = match (bucket.calls, bucket.failures) {
            (0, _) => CellLook::Loose,
            (_, 0) => CellLook::Solid,
            _ => CellLook::Bad,
        };
        match bucket.calls {
            0 => cell("", "", look),
            calls => cell(&bucket.failures.to_string(), &format!("of {calls}"), look),
        }
    };
    let cells = buckets.iter().skip(hidden).map(drawn).collect();
    let mut tally = Tally::default();
    for bucket in buckets {
        tally.calls += bucket.calls;
        tally.failures += bucket.failures;
        tally.slow += bucket.slow;
    }
    rate(Strip { hidden, wide: false, cells }, tally, rates, frame)
}

/// `40 of 50 %`; with too few calls a rate is not known, and that is not 0. Where there is little
/// room, without that at which it opens. The gauge has the same as a bar, and that as its line.
fn rate(strip: Strip, tally: Tally, rates: Rates, frame: Frame) -> Row {
    let volume = rates.minimum_calls;
    let (now, opens_at, what) = match (rates.failures, rates.slow) {
        (Some(opens_at), _) => (tally.failure_rate(volume), opens_at, "failed"),
        (None, Some(opens_at)) => (tally.slow_rate(volume), opens_at, "were slow"),
        (None, None) => return Row { strip, ..Row::default() },
    };
    let level = now.map(|now| now.in_millionths() / 1_000);
    let now = level.map(|level| (level / 10).to_string());
    let words = match &now {
        Some(now) => format!("{now} % {what}, opens at {opens_at}"),
        None => format!("– until {volume} calls, opens at {opens_at}"),
    };
    let detail = match (now, frame.density()) {
        (Some(now), Density::Compact) => now + " %",
        (Some(now), Density::Roomy) => format!("{now} of {opens_at}"),
        (None, Density::Compact) => "–".to_owned(),
        (None, Density::Roomy) => format!("– of {opens_at}"),
    };
    let gauge = Gauge { words, level, line: Some(opens_at.in_millionths() / 1_000) };
    Row { strip, detail, gauge }
}

/// A cell of a window where there is no room for cells.
pub(super) fn dot(cell: &Cell) -> Pip {
    match cell.look {
        CellLook::Bad => Pip::No,
        CellLook::Solid => Pip::Yes,
        _ => Pip::Open,
    }
}

/// Several breakers, a cell each.
pub(super) fn doors(cluster: &Cluster, doors: &[Door], frame: Frame) -> Strip {
    let first = cluster.cast().target(0).0;
    let compact = frame.density() == Density::Compact;
    let one = |(place, door): (usize, &Door)| {
        let name = NodeId(first + place as u8).to_string();
        let (word, look) = match door.state() {
            State::Closed => ("closed", CellLook::Solid),
            State::Open { .. } => ("open", CellLook::Bad),
            State::HalfOpen => ("half", CellLook::Loose),
            State::ForcedOpen => ("held", CellLook::Bad),
            State::Disabled => ("off", CellLook::Loose),
            State::MetricsOnly => ("watch", CellLook::Loose),
        };
        // Where there is one line, the look says how it is.
        let text = if compact { name.clone() } else { word.to_owned() };
        Cell { head: name, text, tint: 3, look }
    };
    Strip { hidden: 0, wide: true, cells: doors.iter().enumerate().map(one).collect() }
}

/// What a service has at work, and in its queue.
pub(super) fn load(busy: usize, workers: u32, waiting: usize, queue: u32) -> Strip {
    let cell = |head: &str, now: usize, most: u32| {
        let look = if now >= most as usize { CellLook::Bad } else { CellLook::Solid };
        let text = format!("{now}/{most}");
        Cell { head: head.to_owned(), text, tint: if now == 0 { 1 } else { 2 }, look }
    };
    let cells = vec![cell("at work", busy, workers), cell("queue", waiting, queue)];
    Strip { hidden: 0, wide: true, cells }
}

fn cell(head: &str, text: &str, look: CellLook) -> Cell {
    Cell { head: head.to_owned(), text: text.to_owned(), tint: 3, look }
}

/// When it is `local_us` for a caller, by the world's time.
pub(super) fn at(cluster: &Cluster, caller: NodeId, local_us: u64) -> u64 {
    in_the_world(cluster.world(), caller, local_us)
}
