//! What readers turn and press while a protocol runs, as data: the page shows it as a bar.

use super::{Command, SettingEntry, SettingValue};

/// A setting that can be turned while the protocol runs, or a row of acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dial {
    /// What it is called, in a word or two.
    pub label: &'static str,
    /// What it is about, in a sentence.
    pub meaning: &'static str,
    /// Its positions, or the acts, in order.
    pub options: Vec<DialOption>,
}

/// A position of a dial, or an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialOption {
    /// What it is called, in a word or two.
    pub label: String,
    /// What comes of it; or why it cannot be chosen now.
    pub hint: String,
    /// Whether the dial stands there; of an act, never.
    pub chosen: bool,
    /// Whether it can be chosen now.
    pub possible: bool,
    /// What choosing it asks for.
    pub command: Command,
}

/// The positions of a setting that is `now` at one of them: of a number those offered, and what it
/// is; of a choice those words, or all.
pub(super) fn positions_of(
    entry: &'static SettingEntry,
    now: SettingValue,
    offered: &[SettingValue],
    option: &dyn Fn(String, &str, SettingValue) -> DialOption,
) -> Vec<DialOption> {
    match entry.default {
        SettingValue::Choice(_) => {
            let is_offered = |word| offered.is_empty() || offered.contains(&word) || word == now;
            let words = entry.choices.iter();
            words
                .filter(|(word, _)| is_offered(SettingValue::Choice(word)))
                .map(|(word, hint)| option((*word).to_owned(), hint, SettingValue::Choice(word)))
                .collect()
        }
        SettingValue::Switch(_) => [("on", true), ("off", false)]
            .map(|(word, on)| option(word.to_owned(), entry.meaning, SettingValue::Switch(on)))
            .to_vec(),
        _ => {
            let mut values = offered.to_vec();
            if !values.contains(&now) {
                values.push(now);
            }
            let number =
                |value: SettingValue| option(value.in_words(entry.name), entry.meaning, value);
            values.into_iter().map(number).collect()
        }
    }
}
