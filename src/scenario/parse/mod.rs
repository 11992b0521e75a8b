//! From text to [`Scenario`].

mod acts;
mod conditions;
mod cursor;

use cursor::{Cursor, Parsed};

use super::challenge::KINDS;
use super::tokens::tokens;
use super::{Claim, Scenario, ScriptError, Step, Wait, What, When, Wrong, limits};
use crate::labs::{LabSettings, ScriptedEntry, Setting, find_scripted, known};
use crate::sim::LinkSettings;

/// Reads a script.
///
/// # Errors
///
/// A [`ScriptError`] with the place of the first thing that is wrong.
pub fn parse(text: &str) -> Result<Scenario, ScriptError> {
    if text.len() > limits::SCRIPT_BYTES {
        return Err(ScriptError { line: 1, column: 1, wrong: Wrong::TooLong });
    }
    let first = known().scripted.first().ok_or_else(|| {
        let (what, found) = ("a lab".to_owned(), "a program that knows none".to_owned());
        ScriptError { line: 1, column: 1, wrong: Wrong::Expected { what, found } }
    })?;
    let mut reading = Reading { part: Part::Version, first, set: Vec::new(), watches: 0 };
    let mut scenario = Scenario {
        lab: "",
        title: String::new(),
        settings: LabSettings::new(1, 0),
        tasks: Vec::new(),
        goal: String::new(),
        forbids: Vec::new(),
        steps: Vec::new(),
    };
    let mut last = 0;
    for (text, line) in text.lines().zip(1..) {
        let (tokens, end_column) = tokens(text, line)?;
        last = line;
        if !tokens.is_empty() {
            let (entry, servers) = (reading.entry(), scenario.settings.servers);
            let line =
                Cursor { tokens: &tokens, line, end_column, entry, servers, settings: false };
            reading.line(line, &mut scenario)?;
        }
    }
    // What is missing is missing behind the last line.
    let entry = reading.entry();
    let nothing =
        Cursor { tokens: &[], line: last + 1, end_column: 1, entry, servers: 0, settings: false };
    match reading.part {
        Part::Version => nothing.expected("`rift 1`"),
        Part::Lab => nothing.expected("`lab` and its name"),
        Part::Settings(entry) => check(entry, &nothing, &scenario).map(|()| scenario),
        Part::Steps(_) => Ok(scenario),
    }
}

/// Which lines may come next.
#[derive(Clone, Copy)]
enum Part {
    Version,
    Lab,
    Settings(&'static ScriptedEntry),
    Steps(&'static ScriptedEntry),
}

struct Reading {
    part: Part,
    /// Stands for the lab until it is named.
    first: &'static ScriptedEntry,
    /// The settings that have been made.
    set: Vec<&'static str>,
    /// How many claims about every instant there are.
    watches: usize,
}

impl Reading {
    fn entry(&self) -> &'static ScriptedEntry {
        match self.part {
            Part::Version | Part::Lab => self.first,
            Part::Settings(entry) | Part::Steps(entry) => entry,
        }
    }

    fn line(&mut self, mut line: Cursor<'_>, scenario: &mut Scenario) -> Parsed<()> {
        match self.part {
            Part::Version => {
                line.word("rift")?;
                if !line.clone().takes("1") {
                    let found = line.peek().unwrap_or("nothing").to_owned();
                    return line.fail(Wrong::Version(found));
                }
                line.skip();
                self.part = Part::Lab;
            }
            Part::Lab => {
                line.word("lab")?;
                let Some(entry) = line.peek().and_then(find_scripted) else {
                    let labs = known().scripted.iter();
                    let names: Vec<&str> = labs.map(|entry| entry.lab.name).collect();
                    return line.expected(format!("a lab: {}", names.join(", ")));
                };
                line.skip();
                scenario.lab = entry.lab.name;
                scenario.settings = entry.lab.defaults.clone();
                self.part = Part::Settings(entry);
            }
            Part::Settings(entry) => {
                if !self.setting(&mut line, entry, scenario)? {
                    line.settings = scenario.steps.is_empty();
                    check(entry, &line, scenario)?;
                    self.part = Part::Steps(entry);
                    self.step(&mut line, scenario)?;
                }
            }
            Part::Steps(entry) => {
                if scenario.steps.len() >= limits::STEPS {
                    return line.fail(Wrong::TooManySteps);
                }
                if let Some(name) = line.peek().and_then(|word| setting_name(entry, word)) {
                    return line.fail(Wrong::SettingTooLate(name.to_owned()));
                }
                self.step(&mut line, scenario)?;
            }
        }
        line.end()
    }

    fn step(&mut self, line: &mut Cursor<'_>, scenario: &mut Scenario) -> Parsed<()> {
        let here = line.clone();
        let step = step(line)?;
        let watches = matches!(step.what, What::Expect(ref claim) if claim.is_watched());
        self.watches += usize::from(watches);
        if self.watches > limits::WATCHES {
            return here.fail(Wrong::TooManyWatches);
        }
        scenario.steps.push(step);
        Ok(())
    }

    /// Reads the line if it is a setting. Whether it was.
    fn setting(
        &mut self,
        line: &mut Cursor<'_>,
        entry: &'static ScriptedEntry,
        scenario: &mut Scenario,
    ) -> Parsed<bool> {
        let Some(name) = line.peek().and_then(|word| setting_name(entry, word)) else {
            return Ok(false);
        };
        if self.set.contains(&name) {
            return line.fail(Wrong::SetTwice(name.to_owned()));
        }
        self.set.push(name);
        line.skip();
        let settings = &mut scenario.settings;
        match name {
            "title" => scenario.title = line.text()?,
            "servers" => {
                let (lowest, highest) = (*entry.lab.servers.start(), *entry.lab.servers.end());
                let what = "the number of servers";
                settings.servers = line.number(what, lowest.into(), highest.into())? as u8;
            }
            "tasks" => {
                while let Some(name) = line.peek() {
                    scenario.tasks.push(name.to_owned());
                    line.skip();
                }
            }
            "goal" => scenario.goal = line.text()?,
            "forbid" => {
                while let Some(kind) = line.peek() {
                    let is_setting = entry.lab.settings.iter().any(|entry| entry.name == kind);
                    if !is_setting && !KINDS.contains(&kind) {
                        return line.expected(format!("what is done: {}", KINDS.join(", ")));
                    }
                    scenario.forbids.push(kind.to_owned());
                    line.skip();
                }
            }
            "seed" => settings.seed = line.number("the seed", 0, u64::MAX)?,
            "network" => {
                let here = line.clone();
                let quality = acts::quality(line)?;
                let Some(delay) = quality.delay else {
                    return here.expected("the delay of every link, such as delay 5ms..10ms");
                };
                let links: LinkSettings = quality.over(delay);
                if let Err(reason) = links.validate() {
                    return here.fail(Wrong::Settings(reason.to_string()));
                }
                settings.tuning.links = Some(links);
            }
            "disks" => {
                let here = line.clone();
                let delay = line.delay()?;
                if let Err(reason) = delay.validate() {
                    return here.fail(Wrong::Settings(reason.to_string()));
                }
                settings.tuning.sync = Some(delay);
            }
            _ => {
                let known = entry.lab.settings.iter().find(|setting| setting.name == name);
                if let Some(known) = known {
                    let value = acts::setting_value(line, known)?;
                    settings.tuning.protocol.push(Setting { name: known.name, value });
                }
            }
        }
        Ok(true)
    }
}

/// Whether the lab can be made, and has the tasks.
fn check(entry: &ScriptedEntry, here: &Cursor<'_>, scenario: &Scenario) -> Parsed<()> {
    let settings = &scenario.settings;
    (entry.lab.check)(settings).or_else(|reason| here.fail(Wrong::Settings(reason)))?;
    if scenario.tasks.is_empty() {
        return Ok(());
    }
    let known = (entry.lab.open)(settings).tasks();
    let is_known = |name: &&String| known.iter().any(|task| task.name == *name);
    match scenario.tasks.iter().find(|name| !is_known(name)) {
        None => Ok(()),
        Some(name) => {
            let names: Vec<&str> = known.iter().map(|task| task.name).collect();
            let reason = format!("there is no task `{name}`, but {}", names.join(", "));
            here.fail(Wrong::Settings(reason))
        }
    }
}

/// The name of a setting, if the word is one.
fn setting_name(entry: &'static ScriptedEntry, word: &str) -> Option<&'static str> {
    const EVERY_LAB: [&str; 8] =
        ["title", "servers", "seed", "network", "disks", "tasks", "goal", "forbid"];
    let own = entry.lab.settings.iter().map(|setting| setting.name);
    EVERY_LAB.into_iter().chain(own).find(|name| *name == word)
}

fn step(line: &mut Cursor<'_>) -> Parsed<Step> {
    let when = if line.takes("at") {
        When::At(line.time()?)
    } else if line.takes("after") {
        When::After(line.time()?)
    } else {
        When::Next
    };
    let what = if when != When::Next && line.is_at_end() {
        What::Nothing
    } else if line.takes("say") {
        What::Say { text: line.text()?, stops: false }
    } else if line.takes("stop") {
        What::Say { text: line.text()?, stops: true }
    } else if line.takes("until") {
        What::Until(wait(line)?)
    } else if line.takes("task") {
        let text = line.text()?;
        line.word("until")?;
        let wait = wait(line)?;
        let by = if line.takes("by") { Some(acts::act(line)?) } else { None };
        What::Task { text, wait, by }
    } else if line.takes("rule") {
        let text = line.text()?;
        What::Expect(Claim::Rule { text, condition: conditions::condition(line)? })
    } else if line.takes("expect") {
        What::Expect(conditions::claim(line)?)
    } else {
        What::Act(acts::act(line)?)
    };
    Ok(Step { line: line.line, when, what })
}

fn wait(line: &mut Cursor<'_>) -> Parsed<Wait> {
    let condition = conditions::condition(line)?;
    let within_us = if line.takes("within") { Some(line.time()?) } else { None };
    Ok(Wait { condition, within_us })
}
