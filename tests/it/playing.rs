//! Hands for tests that play with a lab, whichever it is: to set, to wait, to press, and to read
//! all that is said.

use rift::labs::{
    Command, Dial, Explained, LABS, Lab, LabEntry, LabSettings, Setting, SettingValue, StoryLine,
    explained,
};
use rift::scene::{Scene, Spacing, Target, Window};
use rift::timeline::Timeline;

pub(crate) fn lab(name: &str) -> &'static LabEntry {
    LABS.iter().find(|entry| entry.name == name).expect("it is in the registry")
}

pub(crate) fn choice(name: &'static str, word: &'static str) -> Setting {
    Setting { name, value: SettingValue::Choice(word) }
}

pub(crate) fn switch(name: &'static str, on: bool) -> Setting {
    Setting { name, value: SettingValue::Switch(on) }
}

pub(crate) fn count(name: &'static str, count: u64) -> Setting {
    Setting { name, value: SettingValue::Count(count) }
}

pub(crate) fn look(lab: &dyn Lab) -> &dyn Explained {
    explained(lab).expect("it explains")
}

/// The whole story, a line a line.
pub(crate) fn story(lab: &dyn Lab) -> String {
    let line = |line: StoryLine| {
        let section = line.section.map_or(String::new(), |section| format!(" [{section}]"));
        format!("{:>7} {:?}: {}{section}\n", line.at_us / 1_000, line.tone, line.text)
    };
    lab.story(usize::MAX).into_iter().map(line).collect()
}

/// Which tasks are done.
pub(crate) fn done(lab: &dyn Lab) -> Vec<bool> {
    let path = lab.tasks().into_iter().filter(|task| !task.is_apart);
    path.map(|task| task.done_us.is_some()).collect()
}

/// Everything that is said of a lab.
pub(crate) fn said(lab: &dyn Lab) -> impl PartialEq + std::fmt::Debug + use<> {
    let window = Window::new(0, lab.now_us().max(1));
    let marks = (lab.next_mark_us(lab.now_us() / 2, false), lab.next_mark_us(lab.now_us(), true));
    let told = (lab.story(usize::MAX), lab.table(), lab.tasks(), lab.promises(), lab.outcome());
    let picture = look(lab).space_time(window, Spacing::Time);
    (lab.now_us(), lab.history_hash(), told, lab.lane(window, 300), marks, picture)
}

/// A run of its own for every seed: its settings, and what was done when.
pub(crate) struct Drawn {
    pub(crate) settings: LabSettings,
    pub(crate) acts: Vec<(u64, Command)>,
}

impl Drawn {
    /// Plays the run, in steps of so many microseconds.
    pub(crate) fn played(
        &self,
        entry: &LabEntry,
        ends_us: u64,
        step_us: u64,
        mut after: impl FnMut(&mut Box<dyn Lab>),
    ) -> Box<dyn Lab> {
        let mut lab = (entry.open)(&self.settings);
        let ends = std::iter::once((ends_us, None));
        let acts = self.acts.iter().map(|(at_us, command)| (*at_us, Some(command)));
        for (at_us, command) in acts.chain(ends) {
            while lab.now_us() < at_us {
                let to_us = at_us.min(lab.now_us().saturating_add(step_us));
                lab.advance_to(to_us).expect("far from any limit");
                after(&mut lab);
            }
            if let Some(command) = command {
                lab.act(command).expect("it made sense");
            }
        }
        lab
    }
}

pub(crate) fn wait(timeline: &mut Timeline, ms: u64) {
    let until_us = timeline.now_us() + ms * 1_000;
    timeline.advance_to(until_us).expect("far from any limit");
}

pub(crate) fn dial(timeline: &Timeline, label: &str) -> Dial {
    let dials = timeline.lab().dials();
    dials.into_iter().find(|dial| dial.label == label).expect("there is such a dial")
}

/// Presses what is called so in the row or dial of that name.
pub(crate) fn press(timeline: &mut Timeline, label: &str, option: &str) {
    let options = dial(timeline, label).options;
    let found = options.into_iter().find(|one| one.label == option);
    let found = found.unwrap_or_else(|| panic!("{label} has no {option}"));
    assert!(found.possible, "{label}, {option}: {}", found.hint);
    timeline.act(found.command).expect("it can be pressed");
}

/// Whatever is offered for these targets, for every link of the scene, and by dials, can be done.
pub(crate) fn all_offered_can_be_done(of: &str, lab: &dyn Lab, scene: &Scene, targets: &[Target]) {
    let links = scene.links.iter().map(|link| link.ends);
    let all = targets.iter().copied().chain(links.map(|(a, b)| Target::Link(a, b)));
    for target in all {
        for choice in lab.choices(target) {
            let Some(command) = choice.command else { continue };
            let done = lab.fork().act(&command);
            assert_eq!(done, Ok(()), "{of}, {target:?}: {}", choice.label);
        }
    }
    for dial in lab.dials() {
        for option in dial.options.iter().filter(|option| option.possible) {
            let done = lab.fork().act(&option.command);
            assert_eq!(done, Ok(()), "{of}, {}: {}", dial.label, option.label);
        }
    }
}
