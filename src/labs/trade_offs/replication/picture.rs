//! The study as words, plots and a table.

use super::super::words::{Look, curve, halves, paragraph, ruler, table, time};
use super::worlds::{NOTICED_US, SYNC_US, Successor, Way};
use super::{DELAYS_US, Known, LOADS, Replication, SEEDS};
use crate::labs::parts::plots;
use crate::scene::plot::{CurvePlot, Guide, Scale, Stroke, Unit};
use crate::scene::svg::Markup;
use crate::scene::{Frame, Tone};

const HALF_PPM: u32 = 500_000;
const P99_PPM: u32 = 990_000;
/// Losses are told for so many deaths.
const DEATHS: u64 = 10;

fn name(way: Way) -> &'static str {
    match way {
        Way::Asynchronous => "asynchronous",
        Way::SemiSynchronous => "one backup",
        Way::Synchronous => "all backups",
        Way::Majority => "majority (Raft)",
    }
}

fn look(way: Way) -> Look {
    match way {
        Way::Asynchronous => (Tone::Bad, Stroke::Solid),
        Way::SemiSynchronous => (Tone::Eager, Stroke::Dashed),
        Way::Synchronous => (Tone::Calm, Stroke::Dotted),
        Way::Majority => (Tone::Chief, Stroke::Solid),
    }
}

/// All of it.
pub(super) fn drawn(study: &Replication, frame: Frame) -> String {
    let mut html = Markup::default();
    paragraph(&mut html, "said", &said(study));
    let latency = latency(study);
    let losses = losses(study);
    let [left, right] = halves(frame);
    plots(&mut html, &[(&latency, left), (&losses, right)], &DELAYS_US);
    numbers(&mut html, study);
    let advice = "promote the farther backup, whatever it has, and see what “one backup” was \
         worth. Then look at the last column: what stops when one backup is down?";
    paragraph(&mut html, "try", advice);
    paragraph(&mut html, "truth", &truth(study));
    html.text
}

fn said(study: &Replication) -> String {
    let delay = study.at[1];
    let of = |way: usize| study.known(way, delay);
    let (Some(quick), Some(safe)) = (of(0), of(3)) else {
        return "The primary says “written” at once, or after a backup has it, or all of them. Then \
                it dies."
            .to_owned();
    };
    let half = |known: &Known| time(known.took.at_share(HALF_PPM));
    let gone = match quick.lost {
        0 => "none of the writes that it had acknowledged was gone".to_owned(),
        1 => "1 acknowledged write was gone".to_owned(),
        lost => format!("{} acknowledged writes were gone", Unit::Count.words(lost)),
    };
    format!(
        "With backups {} away the asynchronous primary answers after {}, and a majority after {}. \
         When the primary died, {} times, {gone}; of those that a majority had acknowledged, {}.",
        Unit::Time.words(DELAYS_US[delay]),
        half(&quick),
        half(&safe),
        quick.worlds,
        if safe.lost == 0 { "none".to_owned() } else { Unit::Count.words(safe.lost) },
    )
}

fn delays() -> Scale {
    Scale::logarithmic(Unit::Time, DELAYS_US[0], DELAYS_US[DELAYS_US.len() - 1])
}

fn plot(
    study: &Replication,
    title: String,
    upwards: &str,
    y: Scale,
    of: &dyn Fn(&Known) -> Option<u64>,
) -> CurvePlot {
    let points = |way: usize| {
        let of = |delay: usize| Some((DELAYS_US[delay], of(&study.known(way, delay)?)?));
        (0..DELAYS_US.len()).filter_map(of).collect::<Vec<_>>()
    };
    let ways = Way::ALL.iter().enumerate();
    let at = DELAYS_US[study.at[1]];
    CurvePlot {
        title,
        x: ruler("to the nearer backup", delays()),
        y: ruler(upwards, y),
        curves: ways.map(|(k, way)| curve(name(*way), look(*way), points(k))).collect(),
        shade: None,
        guide: Some(Guide { at, words: Unit::Time.words(at) }),
    }
}

fn latency(study: &Replication) -> CurvePlot {
    let most = DELAYS_US[DELAYS_US.len() - 1] * 8;
    let scale = Scale::logarithmic(Unit::Time, SYNC_US / 2, most);
    let title = "Within what time half of the writes are answered, by delay".to_owned();
    plot(study, title, "half answered within", scale, &|known| known.took.at_share(HALF_PPM))
}

fn losses(study: &Replication) -> CurvePlot {
    let lost = |known: &Known| known.lost * DEATHS / known.worlds.max(1) as u64;
    let all = (0..Way::ALL.len()).flat_map(|way| (0..DELAYS_US.len()).map(move |at| (way, at)));
    let most = all.filter_map(|(way, at)| study.known(way, at)).map(|known| lost(&known)).max();
    let scale = Scale::up_to(Unit::Count, most.unwrap_or(0).max(5));
    let title =
        "Acknowledged writes that are lost in ten deaths of the primary, by delay".to_owned();
    plot(study, title, "lost in ten deaths", scale, &|known| Some(lost(known)))
}

/// What was measured with the delay that is looked at.
fn numbers(html: &mut Markup, study: &Replication) {
    let delay = study.at[1];
    let rows = Way::ALL.iter().enumerate().map(|(k, way)| {
        let known = study.known(k, delay);
        [name(*way).to_owned()].into_iter().chain(cells(known.as_ref())).collect()
    });
    let caption = format!(
        "The nearer backup {} away, the farther three times as far",
        Unit::Time.words(DELAYS_US[delay])
    );
    let head = [
        "answered after",
        "half within",
        "99 of 100 within",
        "acknowledged",
        "of them lost",
        "most in one death",
        "deaths that cost something",
        "answered while a backup is down",
    ];
    table(html, &caption, &head, &rows.collect::<Vec<Vec<String>>>());
}

fn cells(known: Option<&Known>) -> [String; 7] {
    let Some(known) = known else { return std::array::from_fn(|_| "…".to_owned()) };
    let count = |count: u64| Unit::Count.words(count);
    let share = (known.answered_down * 1_000_000).checked_div(known.asked_down);
    [
        time(known.took.at_share(HALF_PPM)),
        time(known.took.at_share(P99_PPM)),
        count(known.acknowledged),
        count(known.lost),
        count(known.worst),
        format!("{} of {}", known.losing, known.worlds),
        share.map_or_else(|| "–".to_owned(), |ppm| Unit::Share.words(ppm)),
    ]
}

fn truth(study: &Replication) -> String {
    let (known, all) = study.cells.progress();
    let first = study.turns * SEEDS as u64 + 1;
    let who = match study.successor {
        Successor::WhoHasMost => "the backup with the longer log",
        Successor::TheFarther => "the farther backup",
    };
    format!(
        "our primary-backup and our Raft on three servers, {known} of {all} worlds so far, seeds \
         {first} to {}, {} random writes a second. When the primary dies its place goes dark: what \
         it has sent and has not arrived is gone, too. {} later somebody promotes {who}; Raft \
         elects by itself. Then every acknowledged write is looked for. Messages always take the \
         same time, a sync {}.",
        first + SEEDS as u64 - 1,
        LOADS[study.at[0]],
        Unit::Time.words(NOTICED_US),
        Unit::Time.words(SYNC_US),
    )
}
