//! The figure as plots, tables and sentences.

use super::Measured;
use super::figure::{Network, Staleness};
use crate::pbs::{Forecast, PERCENTILES_PPM, margin_ppm};
use crate::scene::Tone;
use crate::scene::plot::{
    Course, Curve, CurvePlot, Dot, Guide, Look, PlanePlot, Rows, Ruler, Scale, Stroke, Unit, front,
};

/// How fine the foretold curve is.
const FINENESS: u32 = 96;
/// R and W of the quickest operations, and the stalest reads: what all others are held against.
const QUICKEST: (u8, u8) = (1, 1);
const WHOLE_PPM: u64 = 1_000_000;

/// How often reads are consistent, by how long after the commit they start. Nothing, before there
/// is a forecast.
pub fn curves(staleness: &Staleness) -> Option<CurvePlot> {
    let forecast = staleness.forecast()?;
    let look = staleness.look();
    let axis = staleness.axis();
    let mut curves = vec![Curve {
        name: "foretold".into(),
        tone: Tone::Calm,
        stroke: Stroke::Dashed,
        course: Course::Line,
        points: foretold(forecast, (look.r, look.w), axis),
        band: Vec::new(),
    }];
    curves.extend(staleness.measured().map(|measured| sampled(measured, axis)));
    if (look.r, look.w) != QUICKEST {
        curves.push(Curve {
            name: "R1 W1".into(),
            tone: Tone::Plain,
            stroke: Stroke::Dotted,
            course: Course::Line,
            points: foretold(forecast, QUICKEST, axis),
            band: Vec::new(),
        });
    }
    // Where there is nothing to see below, the axis shows what is above.
    let least = curves.iter().flat_map(|curve| curve.points.iter().map(|(_, y)| *y)).min();
    let from = least.unwrap_or(0) / 200_000 * 200_000;
    let from = if from == WHOLE_PPM { 800_000 } else { from };
    let after_us = staleness.instants().get(staleness.guide()).copied()?;
    let guide = Guide { at: after_us.max(axis.from), words: later(after_us) };
    Some(CurvePlot {
        title: [&sentence(staleness), " The curve rises with the time after the write."].concat(),
        x: Ruler { title: "time after the write’s commit".into(), scale: axis },
        y: Ruler {
            title: "reads that are up to date".into(),
            scale: Scale::linear(Unit::Share, from, WHOLE_PPM),
        },
        curves,
        shade: None,
        guide: Some(guide),
    })
}

/// The foretold share for every place of an axis.
fn foretold(forecast: &Forecast, (r, w): (u8, u8), axis: Scale) -> Vec<(u64, u64)> {
    let places = (0..=FINENESS).map(|part| axis.value(part as f32 / FINENESS as f32));
    let share = |after_us| {
        // What stands at the edge of an axis by tenfolds is what comes at once.
        let asked_us = if after_us == axis.from { 0 } else { after_us };
        Some((after_us, forecast.consistent_ppm(r, w, asked_us)?.into()))
    };
    let mut points: Vec<(u64, u64)> = places.filter_map(share).collect();
    points.dedup_by_key(|(x, _)| *x);
    points
}

/// What was measured, with how far it may be off by chance.
fn sampled(measured: &Measured, axis: Scale) -> Curve {
    let trials = measured.trials().max(1);
    let share = |consistent: u64| consistent * WHOLE_PPM / trials;
    let reads = || measured.reads().iter();
    let margin = |share: u64| u64::from(margin_ppm(share as u32, trials));
    Curve {
        name: "measured".into(),
        tone: Tone::Eager,
        stroke: Stroke::Solid,
        course: Course::Around,
        points: reads().map(|(us, fresh)| ((*us).max(axis.from), share(*fresh))).collect(),
        band: reads()
            .map(|(_, fresh)| {
                let share = share(*fresh);
                let margin = margin(share);
                (share.saturating_sub(margin), (share + margin).min(WHOLE_PPM))
            })
            .collect(),
    }
}

/// Every R and W: how long a read and a write take together, one in a thousand aside, and how many
/// reads are stale that start at once.
pub fn plane(staleness: &Staleness) -> Option<PlanePlot> {
    let forecast = staleness.forecast()?;
    let look = staleness.look();
    let grid = forecast.grid();
    let highest = PERCENTILES_PPM.len() - 1;
    let places: Vec<(u64, u64)> = grid
        .iter()
        .map(|point| {
            let both_us = point.read_us[highest] + point.write_us[highest];
            (both_us, WHOLE_PPM - u64::from(point.at_once_ppm))
        })
        .collect();
    let is_front = front(&places);
    let most = |of: fn(&(u64, u64)) -> u64| places.iter().map(of).max().unwrap_or(1);
    let dots = grid.iter().zip(&places).zip(is_front).map(|((point, at), is_front)| {
        let is_own = staleness.own_quorum() == Some((point.r, point.w));
        let is_chosen = (point.r, point.w) == (look.r, look.w);
        let short = format!("R{} W{}", point.r, point.w);
        // Elsewhere the ring says it.
        let label = if is_own && !is_chosen { [&short, " (figure)"].concat() } else { short };
        Dot {
            at: *at,
            description: format!(
                "R = {}, W = {}: {} of reads stale at once, read and write {}",
                point.r,
                point.w,
                Unit::Share.words(at.1),
                Unit::Time.words(at.0)
            ),
            label,
            press: format!("quorum={},{}", point.r, point.w),
            look: match (is_chosen, is_front) {
                (true, _) => Look::Chosen,
                (false, true) => Look::Front,
                (false, false) => Look::Behind,
            },
        }
    });
    Some(PlanePlot {
        title: format!("Every R and W of N = {}: what quick operations cost in staleness", look.n),
        x: Ruler {
            title: "read + write, 99.9 %".into(),
            scale: Scale::up_to(Unit::Time, most(|(x, _)| *x)),
        },
        y: Ruler {
            title: "reads that are stale at once".into(),
            scale: Scale::up_to(Unit::Share, most(|(_, y)| *y).max(10_000)),
        },
        dots: dots.collect(),
        best: "better".into(),
    })
}

/// How long reads and writes take: half of them, 99 % and 99.9 %.
pub fn latencies(staleness: &Staleness) -> Option<Rows> {
    let forecast = staleness.forecast()?;
    let look = staleness.look();
    let head = ["", "p50", "p99", "p99.9"].map(str::to_owned).to_vec();
    let mut rows = Vec::new();
    let mut row = |name: &str, of: &dyn Fn(u32) -> Option<u64>| {
        let cell = |share| of(share).map_or("–".to_owned(), |us| Unit::Time.words(us));
        let cells = PERCENTILES_PPM.map(cell);
        rows.push([name.to_owned()].into_iter().chain(cells).collect());
    };
    row("read, foretold", &|share| forecast.read_us(look.r, share));
    if let Some(measured) = staleness.measured() {
        row("read, measured", &|share| measured.read_times().at_share(share));
    }
    row("write, foretold", &|share| forecast.write_us(look.w, share));
    if let Some(measured) = staleness.measured() {
        row("write, measured", &|share| measured.write_times().at_share(share));
    }
    Some(Rows { head, rows })
}

/// What is to be seen where the reader looks.
pub fn sentence(staleness: &Staleness) -> String {
    let place = staleness.guide();
    let Some(forecast) = staleness.forecast() else {
        return "No forecast can be made of this.".into();
    };
    let after_us = staleness.instants().get(place).copied().unwrap_or(0);
    let look = staleness.look();
    let share = forecast.consistent_ppm(look.r, look.w, after_us).unwrap_or(0);
    let foretold = Unit::Share.words(share.into());
    let when = match after_us {
        0 => "right after a write".to_owned(),
        _ => [&Unit::Time.words(after_us), " after a write"].concat(),
    };
    match staleness.measured() {
        Some(measured) => {
            let fresh = measured.reads().get(place).map_or(0, |(_, fresh)| *fresh);
            let found = Unit::Share.words(fresh * WHOLE_PPM / measured.trials().max(1));
            format!("A read {when} is up to date in {found} of cases (foretold {foretold}).")
        }
        None => format!("A read {when} is foretold to be up to date in {foretold} of cases."),
    }
}

/// Why it is so, in a sentence more.
pub fn reason(staleness: &Staleness) -> String {
    let look = staleness.look();
    let (sum, n) = (look.r + look.w, look.n);
    if sum > n {
        return format!(
            "R + W = {sum} is more than N = {n}: among the replicas that answer is always one that \
             has acknowledged the write."
        );
    }
    let visible = staleness.forecast().and_then(|it| it.visible_us(look.r, look.w, 999_000));
    let visible = match visible {
        None | Some(0) => "at once".to_owned(),
        Some(us) => [&Unit::Time.words(us), " after its commit"].concat(),
    };
    format!(
        "R + W = {sum} is not more than N = {n}, so a read may miss every replica that has the \
         write. 99.9 % of reads see it {visible}."
    )
}

/// What it would be with the quickest operations; nothing, if that is what is looked at.
pub fn comparison(staleness: &Staleness) -> String {
    let look = staleness.look();
    let after_us = staleness.instants().get(staleness.guide()).copied().unwrap_or(0);
    let share = staleness.forecast().and_then(|it| it.consistent_ppm(1, 1, after_us));
    match share {
        Some(share) if (look.r, look.w) != QUICKEST => {
            format!(" With R = W = 1 it would be {}.", Unit::Share.words(share.into()))
        }
        _ => String::new(),
    }
}

/// What is real here, and what is left out.
pub fn truth(staleness: &Staleness) -> String {
    let foretold = Unit::Count.words(staleness.forecast().map_or(0, Forecast::trials));
    let seed = staleness.experiment().seed;
    let look = staleness.look();
    if let Network::Fitted(fit) = look.network {
        return format!(
            "Foretold only, from {foretold} trials, seed {seed}: the delays of a production system \
             ({}), as Bailis et al. fitted them. Nothing of this world is in it.",
            fit.name()
        );
    }
    let (trials, reads) = match staleness.measured() {
        Some(measured) => (measured.trials(), measured.reads().len() as u64),
        None => (0, staleness.instants().len() as u64),
    };
    format!(
        "Measured: {} writes to {} servers in a world of their own with this figure’s delays, and \
         {reads} reads after each; seed {seed}. Shaded: where the truth is 19 times in 20. No \
         faults, no read repair, no anti-entropy, no hints; each operation starts at a server \
         drawn by lot. Foretold: {foretold} trials of the WARS model, which does not know that a \
         replica with a write on its way to the disk answers later.",
        Unit::Count.words(trials),
        look.n
    )
}

/// How long after the commit, in words.
fn later(after_us: u64) -> String {
    if after_us == 0 { "at once".into() } else { Unit::Time.words(after_us) }
}
