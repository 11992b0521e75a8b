//! The study as words, plots and a matrix.

use super::super::words::{begin_table, curve, halves, paragraph, ruler, tick};
use super::incidents::{CALM_S, CAPACITY, Incident, LASTS_S, SECOND_US};
use super::lines::Line;
use super::worlds::{JUDGED_S, PATIENCE_US, SURVIVED_PERCENT, Told};
use super::{LOADS, PolicyStudy, SEEDS, WITHIN_S};
use crate::labs::parts::{button, plots_apart};
use crate::scene::plot::{CurvePlot, Guide, Scale, Shade, Stroke, Unit};
use crate::scene::svg::Markup;
use crate::scene::{Frame, Tone};

/// All of it.
pub(super) fn drawn(study: &PolicyStudy, frame: Frame) -> String {
    let mut html = Markup::default();
    paragraph(&mut html, "said", &said(study));
    let [left, right] = halves(frame);
    let (score, course) = (score(study), course(study));
    let lines: Vec<u64> = (0..study.rows().len() as u64).collect();
    let times: Vec<u64> = (0..seconds(study)).step_by(5).map(middle).collect();
    plots_apart(&mut html, &[(&score, left, &lines), (&course, right, &times)]);
    matrix(&mut html, study);
    let advice = "tap a cell to see its world. Then switch the timeout off, and after it the \
         breaker: which lines are of no use without another one? And turn the load down: what can \
         be left out where there is room to spare?";
    paragraph(&mut html, "try", advice);
    paragraph(&mut html, "truth", &truth(study));
    html.text
}

/// The lines as buttons, and what of the matrix is looked at.
pub(super) fn switches(html: &mut Markup, study: &PolicyStudy) {
    let group = |html: &mut Markup, title: &str| {
        let named = [("class", "group"), ("role", "group"), ("aria-label", title)];
        html.open("span", &named);
        html.words("b", &[], title);
    };
    group(html, "Lines");
    for (place, line) in Line::ALL.into_iter().enumerate() {
        tick(html, &["line=", &place.to_string()].concat(), line.name(), study.used.has(line));
    }
    html.close("span");
    group(html, "Look at");
    for (place, incident) in Incident::ALL.into_iter().enumerate() {
        let look = ["incident=", &place.to_string()].concat();
        button(html, &look, incident.name(), place == study.chosen.1);
    }
    html.close("span");
    group(html, "with");
    for (place, (line, _)) in study.rows().into_iter().enumerate() {
        let look = ["row=", &place.to_string()].concat();
        button(html, &look, row_name(line), place == study.chosen.0);
    }
    html.close("span");
}

fn row_name(line: Option<Line>) -> &'static str {
    line.map_or("nothing", Line::name)
}

fn said(study: &PolicyStudy) -> String {
    let rows = study.rows();
    let scores: Vec<Option<u64>> = (0..rows.len()).map(|row| study.score(row)).collect();
    let (Some(Some(none)), Some(Some(all))) = (scores.first(), scores.last()) else {
        return "Every line is there for an incident. How many does each buy, and which does it \
                bring?"
            .to_owned();
    };
    let drops = |row: usize| scores[row].zip(scores[row + 1]).filter(|(one, next)| next < one);
    let worse = (0..rows.len() - 1).find(|row| drops(*row).is_some());
    let worse = worse.and_then(|row| Some((row_name(rows[row + 1].0), drops(row)?)));
    let of = Incident::ALL.len();
    let first = format!(
        "Without a line of policy {none} of {of} incidents are survived; with {} lines, {all}.",
        rows.len() - 1,
    );
    match worse {
        Some((name, (before, after))) => {
            format!(
                "{first} Not every line helps by itself: {name} takes it from {before} to {after}."
            )
        }
        None => first,
    }
}

/// How many incidents are survived with how many lines.
fn score(study: &PolicyStudy) -> CurvePlot {
    let rows = study.rows();
    let points = (0..rows.len()).filter_map(|row| Some((row as u64, study.score(row)?)));
    let most = Incident::ALL.len() as u64;
    let row = study.chosen.0;
    CurvePlot {
        title: "Incidents survived, by lines of policy".into(),
        x: ruler("lines of policy", Scale::linear(Unit::Count, 0, rows.len() as u64 - 1)),
        y: ruler("incidents survived", Scale::linear(Unit::Count, 0, most)),
        curves: vec![curve("survived", (Tone::Chief, Stroke::Solid), points.collect())],
        shade: None,
        guide: Some(Guide { at: row as u64, words: row_name(rows[row].0).to_owned() }),
    }
}

/// How long worlds are followed, in seconds.
fn seconds(study: &PolicyStudy) -> u64 {
    CALM_S + LASTS_S + WITHIN_S[study.at[1]] + JUDGED_S
}

/// A second is drawn in its middle.
fn middle(second: u64) -> u64 {
    second * SECOND_US + SECOND_US / 2
}

/// What is served in the world that is looked at, and with no policy at all.
fn course(study: &PolicyStudy) -> CurvePlot {
    let (row, incident) = study.chosen;
    let asked = |told: &Told| told.seconds.iter().map(|second| second.asked).collect::<Vec<_>>();
    let served = |told: &Told| told.seconds.iter().map(|second| second.served).collect::<Vec<_>>();
    let points = |told: Option<&Told>, of: &dyn Fn(&Told) -> Vec<u16>| {
        let counts = told.map(of).unwrap_or_default().into_iter().enumerate();
        counts.map(|(second, count)| (middle(second as u64), count.into())).collect::<Vec<_>>()
    };
    let (here, bare) = (study.told(study.chosen), study.told((0, incident)));
    let name = row_name(study.rows()[row].0);
    let incident = Incident::ALL[incident];
    let most = here.into_iter().flat_map(|told| &told.seconds).map(|it| it.served.max(it.asked));
    let most = u64::from(most.max().unwrap_or(0)).max(u64::from(LOADS[study.at[0]]) * 2);
    let mut curves = vec![curve("asked", (Tone::Off, Stroke::Dotted), points(here, &asked))];
    if row > 0 {
        curves.push(curve("nothing", (Tone::Bad, Stroke::Dashed), points(bare, &served)));
    }
    let own = if row > 0 { ["with ", name].concat() } else { name.to_owned() };
    curves.push(curve(&own, (Tone::Chief, Stroke::Solid), points(here, &served)));
    let (from, to) = (CALM_S * SECOND_US, (CALM_S + LASTS_S) * SECOND_US);
    CurvePlot {
        title: ["Served in time, second by second, when ", incident.story()].concat(),
        x: ruler("time", Scale::linear(Unit::Time, 0, seconds(study) * SECOND_US)),
        y: ruler("served a second", Scale::up_to(Unit::Count, most)),
        curves,
        shade: Some(Shade { from, to, words: incident.name().to_owned() }),
        guide: None,
    }
}

/// A row for each line, a column for each incident.
fn matrix(html: &mut Markup, study: &PolicyStudy) {
    let (row, chosen) = study.chosen;
    html.open("p", &[("class", "to-note")]);
    html.words("b", &[], Incident::ALL[chosen].name());
    html.words("span", &[], &[": ", Incident::ALL[chosen].story(), "."].concat());
    html.close("p");
    begin_table(
        html,
        "to-table to-matrix",
        "Each row has the lines above it, too. ✓ survived, × not, 2/3 in two \
        worlds of three",
    );
    html.open("thead", &[]);
    html.open("tr", &[]);
    html.words("th", &[("scope", "col")], "and this line");
    for (place, incident) in Incident::ALL.into_iter().enumerate() {
        let look = ["incident=", &place.to_string()].concat();
        let class = if place == chosen { "here" } else { "" };
        let named = [("scope", "col"), ("class", class), ("data-look", &look)];
        html.words("th", &named, incident.name());
    }
    html.words("th", &[("scope", "col")], "survived");
    html.close("tr");
    html.close("thead");
    html.open("tbody", &[]);
    for (place, (line, _)) in study.rows().into_iter().enumerate() {
        html.open("tr", &[("class", if place == row { "here" } else { "" })]);
        heading(html, study, (place, line));
        for incident in 0..Incident::ALL.len() {
            cell(html, study, (place, incident));
        }
        let score = study.score(place).map_or("…".to_owned(), |score| score.to_string());
        html.words("td", &[("class", "to-score")], &score);
        html.close("tr");
    }
    html.close("tbody");
    html.close("table");
    html.close("div");
}

/// What a row adds, and what that is in a configuration.
fn heading(html: &mut Markup, study: &PolicyStudy, (place, line): (usize, Option<Line>)) {
    let look = ["row=", &place.to_string()].concat();
    html.open("th", &[("scope", "row"), ("data-look", &look)]);
    html.words("span", &[], row_name(line));
    match line {
        Some(line) => html.words("code", &[], &line.literal(&study.knobs())),
        None => html.words("small", &[], "no line at all"),
    }
    html.close("th");
}

fn cell(html: &mut Markup, study: &PolicyStudy, (row, incident): (usize, usize)) {
    let (survived, known) = study.survived(row, incident);
    let is_here = study.chosen == (row, incident);
    let (class, words) = match (survived, known) {
        (_, 0) => ("", "…".to_owned()),
        (survived, known) if survived == known => ("up", "✓".to_owned()),
        (0, _) => ("down", "×".to_owned()),
        (survived, known) => ("partly", format!("{survived}/{known}")),
    };
    let class = [class, if is_here { " here" } else { "" }].concat();
    let look = format!("cell={}", row * Incident::ALL.len() + incident);
    html.words("td", &[("class", &class), ("data-look", &look)], &words);
}

fn truth(study: &PolicyStudy) -> String {
    let (known, all) = study.cells.progress();
    let first = study.turns * SEEDS as u64 + 1;
    format!(
        "the retries, budgets, bulkheads and breakers of the circuit breaker figure in {known} of \
         {all} worlds so far, seeds {first} to {}: four callers, a service, and a database that \
         does {CAPACITY} calls a second; for one shard, a caller and four shards. The incident \
         comes after {CALM_S} s. It is survived if {} s after its ten seconds {SURVIVED_PERCENT} % \
         of what can be served are served within {}, for {JUDGED_S} s, in every world. What is out \
         of order from then on stays so.",
        first + SEEDS as u64 - 1,
        WITHIN_S[study.at[1]],
        Unit::Time.words(PATIENCE_US),
    )
}
