//! The bar of what readers turn while the protocol runs. Turning is an act like any other: it
//! stands in the run at its instant, can be undone, and is in links. A program without the feature
//! `dials` has none of this in it.

#[cfg(feature = "dials")]
use web_sys::Element;
use yew::Html;

use super::Figure;
#[cfg(feature = "dials")]
use super::Msg;
use crate::embed::Panel;
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
        let tabs = match self.shown.has(Panel::Views) {
            true => views::tabs(self.entry.views, self.looking.tab()),
            false => Html::default(),
        };
        #[cfg(feature = "dials")]
        return self.with_dials(tabs);
        #[cfg(not(feature = "dials"))]
        tabs
    }

    #[cfg(feature = "dials")]
    fn with_dials(&self, tabs: Html) -> Html {
        if !self.shown.has(Panel::Dials) {
            return tabs;
        }
        let mut tree = Tree::default();
        tree.open("div", named!["class" = "dials", "role" = "group", "aria-label" = text::DIALS]);
        for (place, dial) in self.timeline.borrow().lab().dials().iter().enumerate() {
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

    /// A dial is turned, or says why it cannot be.
    #[cfg(feature = "dials")]
    pub(super) fn turn(&mut self, dial: usize, option: usize) {
        let dials = self.timeline.borrow().lab().dials();
        let option = dials.get(dial).and_then(|dial| dial.options.get(option));
        if let Some(option) = option.filter(|option| !option.chosen) {
            self.act(option.command.clone());
        }
    }
}
