//! The bar of what readers turn while the protocol runs. Turning is an act like any other: it
//! stands in the run at its instant, can be undone, and is in links. A program without the feature
//! `dials` has none of this in it.

#[cfg(feature = "dials")]
use web_sys::Element;
use yew::Html;

use super::Figure;
#[cfg(feature = "dials")]
use super::Msg;
#[cfg(feature = "dials")]
use crate::labs::{Command, Dial, DialOption, Setting, SettingValue, Tuning};
#[cfg(feature = "dials")]
use crate::ui::text;
#[cfg(feature = "dials")]
use crate::ui::tree::{Tree, named};
use crate::ui::views;

/// The place of a dial, and that of the position that was chosen, if a button is one of the bar.
#[cfg(feature = "dials")]
pub(super) fn pressed(button: &Element) -> Option<Msg> {
    let (dial, option) = button
        .get_attribute("data-dial")?
        .split_once('.')
        .map(|(dial, option)| Some((dial.parse().ok()?, option.parse().ok()?)))??;
    Some(Msg::Turn(dial, option))
}

impl Figure {
    /// The tabs, after the bar if the program has it.
    pub(super) fn view_tabs(&self) -> Html {
        let tabs = views::tabs(self.entry.views, self.looking.tab());
        #[cfg(feature = "dials")]
        return self.with_dials(tabs);
        #[cfg(not(feature = "dials"))]
        tabs
    }

    #[cfg(feature = "dials")]
    fn with_dials(&self, tabs: Html) -> Html {
        let mut tree = Tree::default();
        tree.open("div", named!["class" = "dials", "role" = "group", "aria-label" = text::DIALS]);
        let dials = self.timeline.borrow().lab().dials();
        for (place, dial) in self.stages().into_iter().chain(dials).enumerate() {
            let named = named![
                "class" = "dial",
                "role" = "group",
                "aria-label" = dial.label,
                "title" = dial.meaning
            ];
            tree.open("div", named);
            tree.words("b", named!["aria-hidden" = "true"], dial.label);
            // Acts do not stay pressed.
            let turns = dial.options.iter().any(|option| option.chosen);
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
        tree.close();
        tree.put(tabs);
        tree.html()
    }

    /// Who is on the stage, as the first of the dials, if that can be chosen.
    #[cfg(feature = "dials")]
    fn stages(&self) -> Option<Dial> {
        let entry = self.entry.stage().copied()?;
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

    /// A dial is turned, or says why it cannot be.
    #[cfg(feature = "dials")]
    pub(super) fn turn(&mut self, dial: usize, option: usize) {
        let stages = self.stages();
        let is_stage = stages.is_some() && dial == 0;
        let dial = dial - usize::from(stages.is_some() && !is_stage);
        if let (true, Some(stages)) = (is_stage, stages) {
            let chosen = stages.options.get(option).filter(|option| !option.chosen);
            if let Some(Command::Set(setting)) = chosen.map(|option| &option.command) {
                let mut settings = self.timeline.borrow().settings().clone();
                settings.tuning = Tuning::NONE;
                settings.tuning.set(*setting);
                self.start_if_possible(settings, None);
            }
            return;
        }
        let dials = self.timeline.borrow().lab().dials();
        let option = dials.get(dial).and_then(|dial| dial.options.get(option));
        if let Some(option) = option.filter(|option| !option.chosen) {
            self.act(option.command.clone());
        }
    }
}
