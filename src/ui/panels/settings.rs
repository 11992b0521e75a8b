//! The parts of the protocol that can be switched, each a button. Switching one starts over, for a
//! run has one protocol from its beginning to its end.

use yew::Html;

use super::promises::folded;
use crate::labs::{SettingEntry, SettingValue, Tuning};
use crate::ui::text;
use crate::ui::tree::{Tree, named};

/// The switches among `settings`, as `tuning` has them.
pub(crate) fn settings(settings: &[SettingEntry], tuning: &Tuning) -> Html {
    let is_on = |entry: &SettingEntry| match (tuning.switch(entry.name), entry.default) {
        (Some(on), _) | (None, SettingValue::Switch(on)) => on,
        _ => false,
    };
    let switches = || {
        let all = settings.iter().enumerate();
        all.filter(|(_, entry)| matches!(entry.default, SettingValue::Switch(_)))
    };
    let on: Vec<&str> =
        switches().filter(|(_, entry)| is_on(entry)).map(|(_, entry)| entry.name).collect();
    let what = if on.is_empty() { text::AS_IN_FIGURE_2.to_owned() } else { on.join(", ") };
    let mut tree = Tree::default();
    tree.open("details", named!["class" = "panel settings"]);
    folded(&mut tree, text::SETTINGS, &what);
    tree.words("p", named![], text::SETTINGS_HOW);
    tree.open("ul", named![]);
    for (place, entry) in switches() {
        switch(&mut tree, place, entry, is_on(entry));
    }
    tree.close();
    tree.close();
    tree.html()
}

fn switch(tree: &mut Tree, place: usize, entry: &SettingEntry, on: bool) {
    tree.open("li", named![]);
    let pressed = if on { "true" } else { "false" };
    let place = place.to_string();
    let named =
        named!["class" = "toggle", "data-setting" = place.as_str(), "aria-pressed" = pressed];
    tree.words("button", named, entry.name);
    tree.words("small", named![], entry.meaning);
    tree.close();
}
