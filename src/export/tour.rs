//! A script, played, as what a page needs of it: see [`crate::tour`].

use super::{ExportError, json, link, usual};
use crate::labs::exported::{Datum, Field};
use crate::labs::find_scripted;
use crate::scenario::{Failure, Player, Report, Scenario, Step, TaskOfScript, What, limits, play};
use crate::text::files;
use crate::timeline::{Timeline, Tree};
use crate::tour::{Caption, Tour};

/// A script that was played.
pub struct Guided {
    /// The script.
    pub scenario: Scenario,
    /// What came of it.
    pub report: Report,
    /// What is said on the way.
    pub tour: Tour,
}

impl Guided {
    /// Plays a script with nobody there.
    ///
    /// # Errors
    ///
    /// As [`play`]; never for what [`parse`](crate::scenario::parse) has read.
    pub fn play(scenario: Scenario) -> Result<Guided, Failure> {
        let report = play(&scenario)?;
        let mut player = Player::alone(&scenario)?;
        player.advance_to_end(limits::RUN_US);
        let tour = tour_of(&scenario, &player, report.ended_us);
        Ok(Guided { scenario, report, tour })
    }

    /// The run, standing at `at_us`.
    ///
    /// # Errors
    ///
    /// [`ExportError::Halted`] if the run does not come so far.
    pub fn timeline(&self, at_us: u64) -> Result<Timeline, ExportError> {
        let halted = ExportError::Halted(at_us);
        let entry = find_scripted(self.scenario.lab).ok_or(halted)?;
        let tree = Tree::of_actions(self.report.run.actions.clone());
        let mut timeline = Timeline::of_tree(&entry.lab, self.report.run.settings.clone(), tree);
        timeline.seek(at_us).map(|()| timeline).map_err(|_| ExportError::Halted(at_us))
    }

    /// The picture of the instant that says most, as SVG.
    ///
    /// # Errors
    ///
    /// [`ExportError`] if it does not fit.
    pub fn poster(&self) -> Result<String, ExportError> {
        let at_us = self.tour.poster_us();
        let mut timeline = self.timeline(at_us)?;
        let wishes = usual::Wishes { at_us: Some(at_us), ..usual::Wishes::default() };
        usual::picture(&mut timeline, at_us, &usual::VIEWS[0], &wishes)
    }

    /// As a JSON object, under this name. All instants are in microseconds since the start of the
    /// run; the hash is that of the history at the end.
    ///
    /// # Errors
    ///
    /// [`ExportError`] if the run does not come so far.
    pub fn to_json(&self, name: &str) -> Result<String, ExportError> {
        let text = |text: &str| Datum::Text(text.to_owned());
        let Tour { title, captions, ends_us, tasks } = &self.tour;
        let caption = |caption: &Caption| {
            Datum::Object(vec![
                ("atUs", Datum::Number(caption.at_us)),
                ("stops", Datum::Flag(caption.stops)),
                ("text", text(&caption.text)),
            ])
        };
        let expectation = |verdict: &crate::scenario::Verdict| {
            let fields =
                vec![("claim", text(&verdict.claim)), ("holds", Datum::Flag(verdict.holds()))];
            Datum::Object(fields)
        };
        let run = link(&self.timeline(0)?);
        let fields: [Field; 11] = [
            ("lab", text(self.scenario.lab)),
            ("name", text(name)),
            ("title", text(title)),
            // As text: it may be larger than a number of JavaScript.
            ("seed", Datum::Text(self.scenario.settings.seed.to_string())),
            ("run", text(&run)),
            ("captions", Datum::List(captions.iter().map(caption).collect())),
            ("tasks", Datum::List(tasks.iter().map(|name| text(name)).collect())),
            ("posterUs", Datum::Number(self.tour.poster_us())),
            ("endsUs", Datum::Number(*ends_us)),
            ("expectations", Datum::List(self.report.verdicts.iter().map(expectation).collect())),
            ("historyHash", Datum::Text(format!("{:016x}", self.report.history_hash))),
        ];
        let mut json = String::new();
        json::object(&mut json, &fields);
        json.push('\n');
        Ok(json)
    }
}

/// What a player that is over has said and asked for, line by line.
fn tour_of(scenario: &Scenario, player: &Player, ends_us: u64) -> Tour {
    let mut lines: Vec<(u32, Caption)> = Vec::new();
    for said in player.said() {
        let (at_us, stops, text) = (said.at_us, said.stops, said.text.clone());
        lines.push((said.line, Caption { at_us, stops, text }));
    }
    for task in player.tasks() {
        lines.push((task.line, invitation(task, does_it(scenario, task.line))));
    }
    lines.sort_by_key(|(line, _)| *line);
    let mut captions: Vec<Caption> = Vec::new();
    for (_, caption) in lines {
        match captions.last_mut().filter(|last| last.at_us == caption.at_us) {
            // What is said at one instant is read as one.
            Some(last) => {
                last.text = [&last.text, " ", &caption.text].concat();
                last.stops |= caption.stops;
            }
            None => captions.push(caption),
        }
    }
    Tour { title: scenario.title.clone(), captions, ends_us, tasks: scenario.tasks.clone() }
}

/// Whether the script itself does what it asks for in this line.
fn does_it(scenario: &Scenario, line: u32) -> bool {
    let asks = |step: &&Step| step.line == line;
    let step = scenario.steps.iter().find(asks);
    step.is_some_and(|step| matches!(&step.what, What::Task { by: Some(_), .. }))
}

/// The reader may do it, or go on and see it done.
fn invitation(task: &TaskOfScript, stops: bool) -> Caption {
    let text = if stops { files::your_turn(&task.text) } else { format!("{}.", task.text) };
    Caption { at_us: task.at_us, stops, text }
}
