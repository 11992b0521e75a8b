//! A strip of dots for each way to wait, and the curves for more and more clients.

use super::super::parts::{bar, begin_svg, count_of, line, plots};
use super::contest::{Contest, Way};
use super::{CAP_US, POINTS, RetriesView, SEEDS, STEP};
use crate::scene::plot::{Course, Curve, CurvePlot, Ruler, Scale, Stroke, Unit};
use crate::scene::svg::Markup;
use crate::scene::{Density, Frame, Tone, tenths};

/// How high a strip of dots is, without its axis.
const STRIP: f32 = 64.0;
/// How wide the words beside a strip are, and what is around it.
const WORDS: f32 = 178.0;
const AROUND: f32 = 34.0;
const HEIGHT: f32 = 230.0;

fn name(way: Way) -> &'static str {
    match way {
        Way::Fixed => "fixed",
        Way::Exponential => "exponential",
        Way::Full => "full jitter",
        Way::Equal => "equal jitter",
        Way::Decorrelated => "decorrelated",
    }
}

fn does(way: Way) -> &'static str {
    match way {
        Way::Fixed => "always the same",
        Way::Exponential => "twice as long each time",
        Way::Full => "anything up to that",
        Way::Equal => "its second half",
        Way::Decorrelated => "up to 3 × the last",
    }
}

/// All of it.
pub(super) fn drawn(view: &RetriesView, frame: Frame) -> String {
    let mut html = Markup::default();
    html.open("div", &[("class", "cb-view cb-retries")]);
    html.words("p", &[("class", "cb-said")], &said(view));
    strips(&mut html, view, frame);
    let of = |part: f32| Frame { width: frame.width * part, height: HEIGHT };
    let (left, right) = match frame.density() {
        Density::Roomy => (of(0.5), of(0.5)),
        Density::Compact => (of(1.0), of(1.0)),
    };
    let calls = curves(view, "calls, all together", Unit::Count, |mean| mean.0);
    let times = curves(view, "until all have written", Unit::Time, |mean| mean.1);
    let places: Vec<u64> = (0..view.means[0].len()).map(contenders).collect();
    plots(&mut html, &[(&calls, left), (&times, right)], &places);
    html.words("p", &[("class", "cb-truth")], &truth(view));
    html.close("div");
    html.text
}

/// The finding, of the contest that is shown.
fn said(view: &RetriesView) -> String {
    let of = |way: Way| Way::ALL.iter().position(|other| *other == way);
    let contest = |way: Way| of(way).and_then(|place| view.contests.get(place));
    let Some((plain, full)) = contest(Way::Exponential).zip(contest(Way::Full)) else {
        return String::new();
    };
    let clients = view.clients();
    let calls = |contest: &Contest| Unit::Count.words(contest.calls());
    let time = |contest: &Contest| Unit::Time.words(contest.done_us);
    format!(
        "{clients} clients write to one row at once, and all who have read before another’s \
         write must begin again. Waiting longer and longer, they still come back together: {} \
         calls, done after {}. With full jitter they spread out: {} calls, done after {}.",
        calls(plain),
        time(plain),
        calls(full),
        time(full)
    )
}

/// A row for each way to wait, on one axis.
fn strips(html: &mut Markup, view: &RetriesView, frame: Frame) {
    let width = match frame.density() {
        Density::Roomy => frame.width - WORDS - AROUND,
        Density::Compact => frame.width - AROUND,
    };
    let most_calls = view.contests.iter().map(Contest::calls).max().unwrap_or(1).max(1);
    let ends_us = axis_end(&view.contests);
    html.open("table", &[("class", "cb-strips-table")]);
    let caption =
        "Writes to the row, a line for each client: small dots were refused, large ones landed";
    html.words("caption", &[], caption);
    html.open("tbody", &[]);
    for (way, contest) in Way::ALL.into_iter().zip(&view.contests) {
        html.open("tr", &[]);
        html.open("th", &[("scope", "row")]);
        html.words("span", &[], name(way));
        html.words("small", &[], does(way));
        let calls = [&*Unit::Count.words(contest.calls()), " calls"].concat();
        html.words("b", &[], &calls);
        let time = ["done after ", &*Unit::Time.words(contest.done_us)].concat();
        html.words("small", &[], &time);
        html.close("th");
        html.open("td", &[]);
        let label = [&*calls, ", ", &*time].concat();
        begin_svg(html, "cb-dots", &label, (width, STRIP + 22.0));
        dots(html, contest, view.clients(), (width, ends_us));
        if contest.done_us > ends_us {
            let (x, y) = (tenths(width - 4.0), tenths(12.0));
            let says = ["on to ", &*Unit::Time.words(contest.done_us), " →"].concat();
            html.words("text", &[("class", "cb-goes-on"), ("x", &x), ("y", &y)], &says);
        }
        let long = (width - 6.0) * contest.calls() as f32 / most_calls as f32;
        bar(html, "cb-calls-bar", (3.0, STRIP + 4.0), (long, 4.0));
        for tick in Scale::linear(Unit::Time, 0, ends_us).ticks(6) {
            let x = 3.0 + (width - 6.0) * tick as f32 / ends_us as f32;
            if x < width - 20.0 {
                let class = if tick == 0 { "plot-tick" } else { "plot-tick x" };
                let (x, y) = (tenths(x), tenths(STRIP + 20.0));
                html.words(
                    "text",
                    &[("class", class), ("x", &x), ("y", &y)],
                    &Unit::Time.words(tick),
                );
            }
        }
        html.close("svg");
        html.close("td");
        html.close("tr");
    }
    html.close("tbody");
    html.close("table");
}

/// Where the axis of time ends: with the last that is done, but one that takes many times as long
/// as all others leaves it.
fn axis_end(contests: &[Contest]) -> u64 {
    let longest = contests.iter().map(|it| it.done_us).max().unwrap_or(0).max(1);
    let others = contests.iter().map(|it| it.done_us).filter(|done_us| *done_us < longest);
    match others.max() {
        Some(second) if second > 0 && longest > 3 * second => second * 5 / 4,
        _ => longest,
    }
}

/// Every write of every client.
fn dots(html: &mut Markup, contest: &Contest, clients: u16, (width, ends_us): (f32, u64)) {
    let lane = STRIP / f32::from(clients.max(1));
    let (mut refused, mut landed) = (String::new(), String::new());
    for write in contest.writes.iter().filter(|write| write.at_us <= ends_us) {
        let x = 3.0 + (width - 6.0) * write.at_us as f32 / ends_us as f32;
        let y = lane * (f32::from(write.client) + 0.5);
        let path = if write.landed { &mut landed } else { &mut refused };
        path.push_str(&["M", &*tenths(x), " ", &*tenths(y), "h0"].concat());
    }
    line(html, "cb-write refused", &refused);
    line(html, "cb-write landed", &landed);
}

/// How many clients contend at a point of the curves.
fn contenders(point: usize) -> u64 {
    (point as u64 + 1) * u64::from(STEP)
}

/// Calls or time, by how many clients there are.
fn curves(
    view: &RetriesView,
    title: &str,
    unit: Unit,
    of: impl Fn(&(u64, u64)) -> u64,
) -> CurvePlot {
    let looks = [
        (Tone::Plain, Stroke::Dotted),
        (Tone::Bad, Stroke::Solid),
        (Tone::Chief, Stroke::Solid),
        (Tone::Eager, Stroke::Dashed),
        (Tone::Calm, Stroke::Dashed),
    ];
    let curve = |(place, way): (usize, Way)| {
        let points = view.means[place].iter().enumerate();
        Curve {
            name: name(way).into(),
            tone: looks[place].0,
            stroke: looks[place].1,
            course: Course::Line,
            points: points.map(|(point, mean)| (contenders(point), of(mean))).collect(),
            band: Vec::new(),
        }
    };
    let most = view.means.iter().flatten().map(&of).max().unwrap_or(1);
    let last = POINTS as u64 * u64::from(STEP);
    CurvePlot {
        title: [title, ", by how many clients contend"].concat(),
        x: Ruler { title: "clients".into(), scale: Scale::linear(Unit::Count, 0, last) },
        y: Ruler { title: title.into(), scale: Scale::up_to(unit, most) },
        curves: Way::ALL.into_iter().enumerate().map(curve).collect(),
        shade: None,
        guide: None,
    }
}

/// What is real here.
fn truth(view: &RetriesView) -> String {
    format!(
        "Each client reads the row’s version and writes if it is still the same; messages travel \
         8 to 12 ms. The row is a stream of this site’s event store, which refuses a write that \
         expects another version; waits are those of the breaker’s retries, from {} up to {}. \
         Curves: the mean of {}. After Brooker, “Exponential Backoff And Jitter”.",
        Unit::Time.words(view.base_us()),
        Unit::Time.words(CAP_US),
        count_of(SEEDS, "seed"),
    )
}
