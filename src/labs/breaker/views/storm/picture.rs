//! The storm as words, plots and a table of worlds.

use super::super::parts::{bar, begin_svg, count_of, line, plots};
use super::experiment::{AFTER_S, CALM_S, Experiment, Remedy, SECOND_US};
use super::worlds::{Second, Told};
use super::{Row, SEEDS, StormView};
use crate::resilience::Backoff;
use crate::scene::plot::{Course, Curve, CurvePlot, Ruler, Scale, Shade, Stroke, Unit};
use crate::scene::svg::Markup;
use crate::scene::{Density, Frame, Tone, tenths};

/// The size of a world in a row, in pixels, and of its picture.
const CELL: f32 = 12.0;
const SPARK: (f32, f32) = (128.0, 32.0);
/// How high the plots are.
const HEIGHT: f32 = 232.0;

/// What a remedy is called.
pub(super) fn name(remedy: Remedy) -> &'static str {
    match remedy {
        Remedy::Nothing => "nothing",
        Remedy::Jitter => "backoff, full jitter",
        Remedy::DropExpired => "drop what is too late",
        Remedy::NoRetries => "no retries",
        Remedy::Budget => "retry budget",
        Remedy::Bulkhead => "bulkhead",
        Remedy::BreakerOnRetries => "breaker, retries only",
        Remedy::Breaker => "breaker",
        Remedy::AsSet => "all as set",
    }
}

/// So many halves.
pub(super) fn times(halves: u32) -> String {
    let half = if halves % 2 == 1 { ".5" } else { "" };
    [&*(halves / 2).to_string(), half, " ×"].concat()
}

/// What it does, in a few words.
fn does(row: &Row) -> String {
    let seconds = |us| Unit::Time.words(us);
    let policy = &row.experiment.policy;
    let tries = policy.retry.tries;
    let config = policy.breaker.as_ref().map(|breaker| &breaker.config);
    match row.remedy {
        Remedy::Nothing if tries == 1 => "one try for each request".into(),
        Remedy::Nothing => format!("{tries} tries, at once"),
        Remedy::Jitter => match policy.retry.backoff {
            Backoff::Exponential { base_us, .. } => format!("waits from {} on", seconds(base_us)),
            _ => String::new(),
        },
        Remedy::DropExpired => "undone if nobody waits".into(),
        Remedy::NoRetries => "one try for each request".into(),
        Remedy::Budget => {
            let fill = policy.budget.map(|budget| budget.fill).unwrap_or_default();
            format!("a retry for {fill} of successes")
        }
        Remedy::Bulkhead => {
            let slots = policy.bulkhead.map_or(0, |bulkhead| bulkhead.slots);
            format!("{} at a time each", count_of(slots.into(), "call"))
        }
        Remedy::BreakerOnRetries => "first tries always go".into(),
        Remedy::Breaker => {
            let failures = config.and_then(|config| config.trip.consecutive_failures);
            let opens = match failures {
                Some(failures) => count_of(failures.into(), "failure"),
                None => "by a rate".to_owned(),
            };
            let wait_us = config.map_or(0, |config| config.wait.first_us);
            [&*opens, ", ", &*seconds(wait_us)].concat()
        }
        Remedy::AsSet => "what the figure has now".into(),
    }
}

/// All of it.
pub(super) fn drawn(view: &StormView, frame: Frame) -> String {
    let mut html = Markup::default();
    html.open("div", &[("class", "cb-view cb-storm")]);
    html.words("p", &[("class", "cb-said")], &said(view));
    html.words("h3", &[("class", "cb-which")], &which(view));
    curves(&mut html, view, frame);
    worlds(&mut html, view);
    html.words("p", &[("class", "cb-truth")], &truth(view));
    html.close("div");
    html.text
}

/// The finding, as far as it is known.
fn said(view: &StormView) -> String {
    let experiment = view.experiment();
    let (down, known) = view.rows[0].down();
    let (from_us, to_us) = experiment.trigger_us;
    let lasts = Unit::Time.words(to_us - from_us);
    let load = experiment.load();
    let more = load * u64::from(experiment.halves) / 2;
    let later = if known < SEEDS { " so far" } else { "" };
    let first = format!(
        "For {lasts} {more} requests a second come instead of {load}. A minute later {down} of \
         {known} worlds{later} serve less than half of what is asked of them, though the cause is \
         long gone.",
    );
    let (row, _) = view.chosen;
    let Row { remedy, .. } = view.rows[row];
    let (down, known) = view.rows[row].down();
    if remedy == Remedy::Nothing || known == 0 {
        return first;
    }
    let with = match remedy {
        Remedy::NoRetries => "Without retries",
        Remedy::DropExpired => "If work for nobody is left undone",
        Remedy::Jitter => "With backoff and full jitter",
        Remedy::Budget => "With a retry budget",
        Remedy::Bulkhead => "With a bulkhead",
        Remedy::BreakerOnRetries => "With a breaker for retries alone",
        Remedy::AsSet => "With all that is set in the figure",
        _ => "With a breaker",
    };
    let later = if known < SEEDS { " so far" } else { "" };
    format!("{first} {with}: {down} of {known}{later}.")
}

/// Which world is looked at, and what becomes of it.
fn which(view: &StormView) -> String {
    let (row, place) = view.chosen;
    let becomes = view.looked_at().map_or("…", verdict);
    [&*world(view, place), ", ", name(view.rows[row].remedy), ": ", becomes].concat()
}

/// What happens in the world that is looked at, and how long it takes.
fn curves(html: &mut Markup, view: &StormView, frame: Frame) {
    let experiment = view.experiment();
    let (row, place) = view.chosen;
    let of = |part: f32| Frame { width: frame.width * part, height: HEIGHT };
    let (left, right) = match frame.density() {
        Density::Roomy => (of(0.56), of(0.44)),
        Density::Compact => (of(1.0), of(1.0)),
    };
    let name = name(view.rows[row].remedy);
    let title = format!("{}, {name}: requests and calls a second", world(view, place));
    let seconds: &[Second] = view.looked_at().map_or(&[], |told| &told.seconds);
    let rates = rates(seconds, experiment, title);
    let title = "How long a request takes, until it is served or given up".to_owned();
    let times = latencies(seconds, experiment, title);
    let places: Vec<u64> = (0..seconds.len()).step_by(5).map(middle).collect();
    plots(html, &[(&rates, left), (&times, right)], &places);
}

/// What a world is called: its seed, if a reader can have that in the figure, too.
fn world(view: &StormView, place: usize) -> String {
    match view.own() {
        Some(_) => ["Seed ", &*view.seed(place).to_string()].concat(),
        None => ["World ", &*(view.seed(place) + 1).to_string()].concat(),
    }
}

fn time_axis(experiment: &Experiment) -> Ruler {
    let scale = Scale::linear(Unit::Time, 0, experiment.end_us);
    Ruler { title: "time".into(), scale }
}

fn shade(experiment: &Experiment) -> Option<Shade> {
    let (from, to) = experiment.trigger_us;
    Some(Shade { from, to, words: times(experiment.halves) })
}

/// A second is drawn in its middle.
fn middle(second: usize) -> u64 {
    second as u64 * SECOND_US + SECOND_US / 2
}

fn curve(name: &str, tone: Tone, stroke: Stroke, points: Vec<(u64, u64)>) -> Curve {
    let course = Course::Line;
    Curve { name: name.into(), tone, stroke, course, points, band: Vec::new() }
}

/// Requests that come, calls that are made of them, and requests that are served.
fn rates(seconds: &[Second], experiment: &Experiment, title: String) -> CurvePlot {
    let each = |of: fn(&Second) -> u16| {
        let points = seconds.iter().enumerate();
        points.map(|(second, it)| (middle(second), u64::from(of(it)))).collect::<Vec<_>>()
    };
    let most = seconds.iter().map(|it| it.sent.max(it.asked)).max().unwrap_or(0);
    let capacity = experiment.capacity();
    let most = u64::from(most).max(experiment.load() * 5 / 2);
    // If it is far above all else, there is nothing to be seen of it.
    let limit = match capacity <= most * 2 {
        true => vec![(0, capacity), (experiment.end_us, capacity)],
        false => Vec::new(),
    };
    CurvePlot {
        title,
        x: time_axis(experiment),
        y: Ruler { title: "a second".into(), scale: Scale::up_to(Unit::Count, most) },
        curves: vec![
            curve("capacity", Tone::Plain, Stroke::Dotted, limit),
            curve("requests", Tone::Calm, Stroke::Dashed, each(|it| it.asked)),
            curve("calls", Tone::Eager, Stroke::Solid, each(|it| it.sent)),
            curve("served", Tone::Chief, Stroke::Solid, each(|it| it.served)),
        ],
        shade: shade(experiment),
        guide: None,
    }
}

/// How long requests take.
fn latencies(seconds: &[Second], experiment: &Experiment, title: String) -> CurvePlot {
    let each = |of: fn(&Second) -> Option<u64>| {
        let points = seconds.iter().enumerate();
        points.filter_map(|(second, it)| Some((middle(second), of(it)?))).collect::<Vec<_>>()
    };
    let longest = seconds.iter().filter_map(|it| it.most_us).max().unwrap_or(0);
    let longest = longest.max(experiment.policy.timeout_us);
    CurvePlot {
        title,
        x: time_axis(experiment),
        y: Ruler { title: "a request takes".into(), scale: Scale::up_to(Unit::Time, longest) },
        curves: vec![
            curve("p99", Tone::Bad, Stroke::Dashed, each(|it| it.most_us)),
            curve("p50", Tone::Calm, Stroke::Solid, each(|it| it.half_us)),
        ],
        shade: shade(experiment),
        guide: None,
    }
}

/// A row for each remedy: the same world, and what became of twenty.
fn worlds(html: &mut Markup, view: &StormView) {
    let (chosen, place) = view.chosen;
    html.open("table", &[("class", "cb-worlds")]);
    html.open("thead", &[]);
    html.open("tr", &[]);
    html.words("th", &[("scope", "col")], "what is done");
    html.words("th", &[("scope", "col")], &world(view, place));
    html.words("th", &[("scope", "col")], "twenty worlds: • recovers, × does not");
    html.words("th", &[("scope", "col")], "down");
    html.close("tr");
    html.close("thead");
    html.open("tbody", &[]);
    for (number, row) in view.rows.iter().enumerate() {
        let look = ["row=", &number.to_string()].concat();
        let class = if number == chosen { "here" } else { "" };
        html.open("tr", &[("class", class), ("data-look", &look)]);
        html.open("th", &[("scope", "row")]);
        html.words("span", &[], name(row.remedy));
        html.words("small", &[], &does(row));
        html.close("th");
        html.open("td", &[("class", "cb-spark")]);
        let label = row.worlds[place].as_ref().map_or("not known yet", verdict);
        begin_svg(html, "cb-sparkline", label, SPARK);
        if let Some(told) = &row.worlds[place] {
            spark(html, told, &row.experiment);
        }
        html.close("svg");
        html.close("td");
        html.open("td", &[("class", "cb-seeds")]);
        cells(html, row, number, (number == chosen).then_some(place));
        html.close("td");
        let (down, known) = row.down();
        let says = match known {
            0 => "…".to_owned(),
            SEEDS => format!("{down} of {known}"),
            _ => format!("{down} of {known} …"),
        };
        let class = if down > 0 { "cb-down bad" } else { "cb-down" };
        html.words("td", &[("class", class)], &says);
        html.close("tr");
    }
    html.close("tbody");
    html.close("table");
}

fn verdict(told: &Told) -> &'static str {
    if told.stays_down() { "stays down" } else { "recovers" }
}

/// A world in the size of a stamp: the trigger, calls, and what is served.
fn spark(html: &mut Markup, told: &Told, experiment: &Experiment) {
    let (width, height) = SPARK;
    let seconds = told.seconds.len().max(1) as f32;
    let most = experiment.load() as f32 * (1.2 + experiment.halves as f32 / 2.0);
    let x = |second: f32| width * second / seconds;
    let y = |count: u16| height - 1.0 - (height - 2.0) * (count as f32 / most).min(1.0);
    let trigger = (experiment.trigger_us.1 / SECOND_US - CALM_S) as f32;
    bar(html, "plot-shade", (x(CALM_S as f32), 0.0), (x(trigger), height));
    let path = |of: fn(&Second) -> u16| {
        let mut path = String::new();
        for (second, told) in told.seconds.iter().enumerate() {
            path.push(if second == 0 { 'M' } else { 'L' });
            path.push_str(&tenths(x(second as f32 + 0.5)));
            path.push(' ');
            path.push_str(&tenths(y(of(told))));
        }
        path
    };
    let served = path(|second| second.served);
    let edge = [&served, "V", &*tenths(height), "H", &*tenths(x(0.5)), "Z"].concat();
    line(html, "cb-served", &edge);
    line(html, "cb-sent", &path(|second| second.sent));
}

/// Twenty worlds as cells that can be tapped.
fn cells(html: &mut Markup, row: &Row, number: usize, here: Option<usize>) {
    let (down, known) = row.down();
    let label = format!("{down} of {known} worlds stay down");
    begin_svg(html, "cb-cells", &label, (CELL * SEEDS as f32, CELL + 2.0));
    for (place, world) in row.worlds.iter().enumerate() {
        let look = format!("world={}", number * SEEDS + place);
        let class = match world {
            None => "cb-cell",
            Some(told) if told.stays_down() => "cb-cell down",
            Some(_) => "cb-cell up",
        };
        let at = format!("translate({} 1)", tenths(CELL * place as f32));
        html.open("g", &[("class", class), ("data-look", &look), ("transform", &at)]);
        bar(html, "cb-box", (0.5, 0.5), (CELL - 1.0, CELL - 1.0));
        match world {
            None => {}
            Some(told) if told.stays_down() => {
                line(html, "cb-cross", "M3.5 3.5L8.5 8.5M8.5 3.5L3.5 8.5")
            }
            Some(_) => html.leaf("circle", &[("cx", "6"), ("cy", "6"), ("r", "1.8")]),
        }
        if here == Some(place) {
            bar(html, "cb-here", (0.5, 0.5), (CELL - 1.0, CELL - 1.0));
        }
        html.close("g");
    }
    html.close("svg");
}

/// What is real here, and why it goes like this.
fn truth(view: &StormView) -> String {
    let experiment = view.experiment();
    let capacity = experiment.capacity();
    let patience = Unit::Time.words(experiment.policy.timeout_us);
    let after = Unit::Time.words(AFTER_S * SECOND_US);
    let first = match view.own() {
        Some(_) => format!(
            "Seeds {} to {} of this figure’s fleet, with its settings as they are now: turn them \
             in the figure, and the worlds follow. “{}” is all of them together; for each other \
             row what might help was taken away but for one. Its service does about {capacity} \
             calls a second.",
            view.seed(0),
            view.seed(SEEDS - 1),
            name(Remedy::AsSet),
        ),
        None => format!(
            "Worlds {} to {}: four callers, a service, and behind it a database that does \
             {capacity} calls a second. Requests come by chance and do not wait for each other. \
             With “fleet” on the stage the worlds are of the figure’s own.",
            view.seed(0) + 1,
            view.seed(SEEDS - 1) + 1
        ),
    };
    format!(
        "{first} Who has waited {patience} gives up and tries again, and the work goes on for who \
         has gone. That is why waiting before a retry only postpones, and fewer retries help. \
         Judged {after} after the trigger. After Bronson et al., “Metastable Failures in \
         Distributed Systems”, and Brooker’s simulation of it."
    )
}
