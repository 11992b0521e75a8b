//! The bar of what readers turn while the protocol runs. Turning is an act like any other: it
//! stands in the run at its instant, can be undone, and is in links. Not every program has it.

use yew::Html;

use super::Figure;
use super::extras::Bar;
use crate::embed::Panel;
use crate::labs::{Command, Dial, DialOption, Setting, SettingValue, Tuning};
use crate::small_text::number;
use crate::text;
use crate::ui::tree::{Tree, named};

pub(super) static BAR: Bar = Bar { view: Figure::with_dials, turn: Figure::turn };

/// So many dials are always seen on a phone, where all of them would push the picture off it.
const AT_ONCE: usize = 4;

impl Figure {
    fn with_dials(&self, tabs: Html) -> Html {
        if !self.shown.has(Panel::Dials) {
            return tabs;
        }
        let mut tree = Tree::default();
        tree.open("div", named!["class" = "dials", "role" = "group", "aria-label" = text::DIALS]);
        let dials = self.timeline.borrow().lab().dials();
        let dials: Vec<Dial> = self.stages().into_iter().chain(dials).collect();
        // What can be turned steps back behind a story. What customers do belongs to it.
        let mut folded = false;
        for (place, dial) in dials.iter().enumerate() {
            if place == AT_ONCE && self.touring.is_none() {
                // On a phone those behind it are seen while it is open; elsewhere it is not there.
                tree.open("details", named!["class" = "dials-rest"]);
                tree.words("summary", named![], text::MORE_DIALS);
                tree.close();
            }
            // Acts do not stay pressed.
            let turns = dial.options.iter().any(|option| option.chosen);
            if turns && !folded && self.touring.is_some() {
                folded = true;
                tree.open("details", named!["class" = "dials-more"]);
                tree.words("summary", named![], text::TURN);
            }
            let named = named![
                "class" = "dial",
                "role" = "group",
                "aria-label" = dial.label,
                "title" = dial.meaning
            ];
            tree.open("div", named);
            tree.words("b", named!["aria-hidden" = "true"], dial.label);
            for (k, option) in dial.options.iter().enumerate() {
                let at = format!("{place}.{k}");
                let named = named![
                    "data-dial" = at.as_str(),
                    "aria-pressed" = turns.then_some(if option.chosen { "true" } else { "false" }),
                    // Not `disabled`: whoever presses it is told why it cannot be.
                    "aria-disabled" = (!option.possible).then_some("true"),
                    "title" = option.hint.as_str()
                ];
                tree.words("button", named, &option.label);
            }
            tree.close();
        }
        if folded {
            tree.close();
        }
        tree.close();
        tree.put(tabs);
        tree.html()
    }

    /// Who is on the stage, as the first of the dials, if that can be chosen: not where a story is
    /// told of them.
    fn stages(&self) -> Option<Dial> {
        let entry = self.entry.stage().filter(|_| self.touring.is_none()).copied()?;
        let timeline = self.timeline.borrow();
        let now = timeline.settings().tuning.value(entry.name).unwrap_or(entry.default);
        let option = |(word, hint): &(&'static str, &'static str)| {
            let value = SettingValue::Choice(word);
            DialOption {
                label: (*word).to_owned(),
                hint: (*hint).to_owned(),
                chosen: now == value,
                possible: true,
                command: Command::Set(Setting { name: entry.name, value }),
            }
        };
        let options = entry.choices.iter().map(option).collect();
        Some(Dial { label: text::STAGE, meaning: entry.meaning, options })
    }

    /// Begins anew with others on the stage.
    fn set_stage(&mut self, stages: &Dial, option: usize) {
        let chosen = stages.options.get(option).filter(|option| !option.chosen);
        if let Some(Command::Set(setting)) = chosen.map(|option| &option.command) {
            let mut settings = self.timeline.borrow().settings().clone();
            settings.tuning = Tuning::NONE;
            settings.tuning.set(*setting);
            self.start_if_possible(settings, None);
        }
    }

    /// A dial is turned, or says why it cannot be. `at` is the place of the dial, and that of the
    /// position that was chosen.
    fn turn(&mut self, at: &str) {
        let place = at.split_once('.');
        let place = place.and_then(|(dial, option)| Some((number(dial)?, number(option)?)));
        let Some((mut dial, option)): Option<(usize, usize)> = place else { return };
        if let Some(stages) = self.stages() {
            let Some(below) = dial.checked_sub(1) else { return self.set_stage(&stages, option) };
            dial = below;
        }
        let dials = self.timeline.borrow().lab().dials();
        let option = dials.get(dial).and_then(|dial| dial.options.get(option));
        if let Some(option) = option.filter(|option| !option.chosen) {
            self.act(option.command.clone());
        }
    }
}
