//! The bar of what readers turn while the protocol runs. Turning is an act like any other: it
//! stands in the run at its instant, can be undone, and is in links. Not every program has it.

use yew::Html;

use super::Figure;
use super::extras::Bar;
use crate::small_text::number;
use crate::ui::text;
use crate::ui::tree::{Tree, named};

pub(super) static BAR: Bar = Bar { view: Figure::with_dials, turn: Figure::turn };

impl Figure {
    fn with_dials(&self, tabs: Html) -> Html {
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

    /// A dial is turned, or says why it cannot be. `at` is the place of the dial, and that of the
    /// position that was chosen.
    fn turn(&mut self, at: &str) {
        let dials = self.timeline.borrow().lab().dials();
        let option = at.split_once('.').and_then(|(dial, option)| {
            dials.get(number::<usize>(dial)?)?.options.get(number::<usize>(option)?)
        });
        if let Some(option) = option.filter(|option| !option.chosen) {
            self.act(option.command.clone());
        }
    }
}
