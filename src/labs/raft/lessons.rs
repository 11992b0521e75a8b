//! The rules that readers can leave out in the figure: of all [bugs](Bug) those that show best.

use super::super::{Lesson, Setting, SettingValue};
use crate::raft::{Bug, Planted};

/// What each is about, and what must be set for it to matter.
const SHOWN: [(&str, Bug, &[Setting]); 15] = [
    ("Votes", Bug::SecondVote, &[]),
    ("Votes", Bug::VoteForStaleLog, &[]),
    ("Votes", Bug::HalfIsAMajority, &[]),
    ("Logs", Bug::PreviousEntryUnchecked, &[]),
    ("Logs", Bug::ConflictKept, &[]),
    ("Commitment", Bug::OldTermCommit, &[]),
    ("Commitment", Bug::OneCopyIsEnough, &[]),
    ("Commitment", Bug::AnsweredOnAppend, &[]),
    ("Disks", Bug::ForgottenVote, &[]),
    ("Disks", Bug::AckBeforeSync, &[]),
    ("Members", Bug::NoJointConsensus, &[on("membership")]),
    ("Snapshots", Bug::MachineNotReset, &[on("snapshots")]),
    ("Clients", Bug::ReadWithoutRound, &[]),
    ("Clients", Bug::LeaseSurvivesTransfer, LEASE),
    ("Clients", Bug::RetryRunsAgain, &[]),
];

/// A lease is of no use where others would vote while it lasts.
const LEASE: &[Setting] = &[
    Setting { name: "reads", value: SettingValue::Choice("lease") },
    Setting { name: "sticky-leader", value: SettingValue::Switch(true) },
];

const fn on(name: &'static str) -> Setting {
    Setting { name, value: SettingValue::Switch(true) }
}

/// The same with their names and sentences, for the figure.
pub(in crate::labs) const LESSONS: &[Lesson] = &{
    let none = Lesson { name: "", area: "", what: "", rule: "", needs: &[] };
    let (mut lessons, mut place) = ([none; SHOWN.len()], 0);
    while place < SHOWN.len() {
        let (area, bug, needs) = SHOWN[place];
        let entry = Bug::CATALOGUE[bug as usize];
        lessons[place] =
            Lesson { name: entry.name, area, what: entry.what, rule: entry.rule, needs };
        place += 1;
    }
    lessons
};

/// The names of all bugs that there are, each with what is wrong. The page is spared the words and
/// the hooks of those that it does not show: 3.2 kB of brotli.
pub(in crate::labs) const NAMES: &[(&str, &str)] =
    if cfg!(feature = "every-bug") { Bug::NAMES } else { &SHOWN_NAMES };

const SHOWN_NAMES: [(&str, &str); SHOWN.len()] = {
    let (mut names, mut place) = ([("", ""); SHOWN.len()], 0);
    while place < SHOWN.len() {
        names[place] = (LESSONS[place].name, LESSONS[place].what);
        place += 1;
    }
    names
};

/// The bug of this name, if there is one.
pub(in crate::labs) fn planted(name: &str) -> Planted {
    let bug = if cfg!(feature = "every-bug") {
        Bug::named(name)
    } else {
        let place = LESSONS.iter().position(|lesson| lesson.name == name);
        place.map(|place| SHOWN[place].1)
    };
    bug.map_or_else(Planted::default, Planted::from)
}

#[cfg(test)]
mod tests {
    use super::super::super::{BREAK, LABS, LabSettings};
    use super::*;

    #[test]
    fn every_lesson_can_be_set_with_what_it_needs() {
        let entry = &LABS[0];
        let find = |name: &str| entry.settings.iter().find(|setting| setting.name == name);
        for lesson in LESSONS {
            let mut settings = LabSettings::new(5, 5);
            for need in lesson.needs {
                let setting = find(need.name).expect("the lab has it");
                assert_ne!(setting.default, need.value, "{}", need.name);
                settings.tuning.set(*need);
            }
            let choices = find(BREAK).expect("it can be set").choices;
            assert!(choices.contains(&(lesson.name, lesson.what)), "{}", lesson.name);
            let value = SettingValue::Choice(lesson.name);
            settings.tuning.set(Setting { name: BREAK, value });
            assert_eq!((entry.check)(&settings), Ok(()), "{}", lesson.name);
            let planted = super::super::settings::config_of(&settings).planted.bug();
            assert_eq!(planted, Bug::named(lesson.name), "{}", lesson.name);
            assert!(planted.is_some_and(Bug::is_shown), "{}", lesson.name);
        }
    }

    #[test]
    fn what_is_shown_is_a_lesson() {
        let shown = Bug::CATALOGUE.iter().filter(|entry| entry.bug.is_shown());
        assert_eq!(shown.count(), LESSONS.len());
    }

    #[test]
    fn areas_do_not_come_back() {
        let mut areas: Vec<&str> = LESSONS.iter().map(|lesson| lesson.area).collect();
        areas.dedup();
        let mut sorted = areas.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(areas.len(), sorted.len());
    }
}
