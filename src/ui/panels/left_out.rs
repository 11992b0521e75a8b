//! The rules that can be left out, as a list to choose from, and the badge that says which one is.

use yew::Html;

use crate::labs::{BREAK, LabEntry, SettingValue, Tuning};
use crate::text;
use crate::ui::tree::{Tree, named};

/// The name of what is left out, and what is wrong without it.
pub(crate) fn planted(entry: &LabEntry, tuning: &Tuning) -> Option<(&'static str, &'static str)> {
    let SettingValue::Choice(name) = tuning.value(BREAK)? else {
        return None;
    };
    let setting = entry.settings.iter().find(|setting| setting.name == BREAK)?;
    setting.choices.iter().find(|(it, _)| *it == name).copied()
}

/// Says that a rule is left out, and which; nothing while none is.
pub(crate) fn left_out(entry: &LabEntry, tuning: &Tuning) -> Html {
    let mut tree = Tree::default();
    if let Some((name, what)) = planted(entry, tuning) {
        tree.open("p", named!["class" = "left-out", "role" = "status"]);
        tree.open("span", named![]);
        tree.words("b", named![], text::LEFT_OUT);
        tree.text(what);
        if let Some(lesson) = entry.lessons.iter().find(|lesson| lesson.name == name) {
            rule(&mut tree, lesson.rule);
        }
        tree.close();
        let named = named!["class" = "toggle", "data-lesson" = "none"];
        tree.words("button", named, text::PUT_BACK);
        tree.close();
    }
    tree.html()
}

/// The list, each under its area.
pub(super) fn lessons(tree: &mut Tree, entry: &LabEntry, tuning: &Tuning) {
    let chosen = planted(entry, tuning).map_or("", |(name, _)| name);
    tree.open("section", named!["class" = "lessons"]);
    tree.words("h3", named![], text::LESSONS);
    tree.words("p", named![], text::LESSONS_HOW);
    let mut area = "";
    for (place, lesson) in entry.lessons.iter().enumerate() {
        if lesson.area != area {
            if !area.is_empty() {
                tree.close();
            }
            area = lesson.area;
            tree.words("h4", named![], area);
            tree.open("ul", named![]);
        }
        let place = place.to_string();
        let pressed = if lesson.name == chosen { "true" } else { "false" };
        let named = named![
            "class" = "toggle",
            "data-lesson" = place.as_str(),
            "data-name" = lesson.name,
            "aria-pressed" = pressed
        ];
        tree.open("li", named![]);
        tree.words("button", named, lesson.name);
        tree.open("small", named![]);
        tree.text(lesson.what);
        rule(tree, lesson.rule);
        tree.close();
        tree.close();
    }
    if !area.is_empty() {
        tree.close();
    }
    tree.close();
}

fn rule(tree: &mut Tree, section: &str) {
    tree.text(" ");
    tree.words("cite", named![], section);
}
