//! What of the protocol can be set, in groups: a button for each switch, two for each number.
//! Setting one starts over, for a run has one protocol from its beginning to its end.

use yew::Html;

use super::left_out::{lessons, planted};
use super::promises::folded;
use crate::labs::{LabEntry, LabSettings, SettingEntry, SettingValue, Tuning};
use crate::text;
use crate::ui::tree::{Tree, named};

/// What `entry` is set to. Where it counts servers, no more than there are, and 0 is all of them.
pub(crate) fn shown_value(entry: &SettingEntry, tuning: &Tuning, servers: u8) -> SettingValue {
    match tuning.value(entry.name).unwrap_or(entry.default) {
        SettingValue::Count(count) if is_of_servers(entry) => {
            let all = servers.into();
            SettingValue::Count(if count == 0 { all } else { count.min(all) })
        }
        value => value,
    }
}

/// The setting that is a number of servers.
pub(crate) const MEMBERS: &str = "members";

/// Whether `entry` is a number of servers.
pub(crate) fn is_of_servers(entry: &SettingEntry) -> bool {
    entry.name == MEMBERS
}

/// The settings of a lab, as `settings` has them. What was `refused` is said beside its setting.
pub(crate) fn settings(
    entry: &LabEntry,
    settings: &LabSettings,
    refused: Option<&(usize, String)>,
) -> Html {
    let why = |place| refused.filter(|(at, _)| *at == place).map(|(_, why)| why.as_str());
    let value = |entry| shown_value(entry, &settings.tuning, settings.servers);
    let mut tree = Tree::default();
    let broken = planted(entry, &settings.tuning).map(|_| "");
    tree.open("details", named!["class" = "panel settings", "data-broken" = broken]);
    folded(&mut tree, text::SETTINGS, &changed(entry, settings));
    tree.words("p", named![], text::SETTINGS_HOW);
    for (title, names) in entry.groups {
        tree.open("section", named![]);
        tree.words("h3", named![], title);
        tree.open("ul", named![]);
        if names.contains(&MEMBERS) {
            let (place, count) =
                (entry.settings.len(), SettingValue::Count(settings.servers.into()));
            let words = [text::SERVERS, text::SERVERS_MEANING];
            setting(&mut tree, place, words, count, why(place));
        }
        for (place, entry) in entry.settings.iter().enumerate() {
            if names.contains(&entry.name) {
                let words = [entry.name, entry.meaning];
                setting(&mut tree, place, words, value(entry), why(place));
            }
        }
        tree.close();
        tree.close();
    }
    if !entry.lessons.is_empty() {
        lessons(&mut tree, entry, &settings.tuning);
    }
    tree.close();
    tree.html()
}

/// What is not as the lab has it by itself, in a few words.
fn changed(entry: &LabEntry, settings: &LabSettings) -> String {
    let (words, mut changed) = (&entry.words, String::new());
    for entry in entry.settings {
        if settings.tuning.value(entry.name).is_none_or(|value| value == entry.default) {
            continue;
        }
        if !changed.is_empty() {
            changed.push_str(", ");
        }
        changed.push_str(entry.name);
        let value = shown_value(entry, &settings.tuning, settings.servers);
        if value != SettingValue::Switch(true) {
            changed.push(' ');
            changed.push_str(&value.in_words(entry.name));
        }
    }
    if changed.is_empty() { words.by_itself.to_owned() } else { changed }
}

fn setting(
    tree: &mut Tree,
    place: usize,
    [name, meaning]: [&str; 2],
    value: SettingValue,
    refused: Option<&str>,
) {
    let place = place.to_string();
    let place = place.as_str();
    tree.open("li", named![]);
    if let SettingValue::Switch(on) = value {
        let pressed = if on { "true" } else { "false" };
        let named = named![
            "class" = "toggle",
            "data-setting" = place,
            "data-name" = name,
            "aria-pressed" = pressed
        ];
        tree.words("button", named, name);
    } else {
        tree.open("span", named!["class" = "number", "role" = "group", "aria-label" = name]);
        tree.words("b", named![], name);
        step(tree, [Some(place), None], name, [text::LESS, "−"]);
        tree.words("output", named![], &value.in_words(name));
        step(tree, [None, Some(place)], name, [text::MORE, "+"]);
        tree.close();
    }
    tree.words("small", named![], meaning);
    if let Some(why) = refused {
        tree.words("em", named!["class" = "refused", "role" = "status"], why);
    }
    tree.close();
}

/// A button that takes the setting at a place down, or up.
fn step(tree: &mut Tree, [less, more]: [Option<&str>; 2], name: &str, [word, sign]: [&str; 2]) {
    let label = [word, name].concat();
    let named = named![
        "class" = "toggle",
        "data-less" = less,
        "data-more" = more,
        "data-name" = name,
        "aria-label" = label.as_str()
    ];
    tree.words("button", named, sign);
}
