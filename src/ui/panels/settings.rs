//! The parts of the protocol that can be switched, each a button. Switching one starts over, for a
//! run has one protocol from its beginning to its end.

use yew::prelude::*;

use crate::labs::{SettingEntry, SettingValue, Tuning};
use crate::ui::text;

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
    html! {
        <details class="panel settings">
            <summary>{ text::SETTINGS }{ " " }<span class="verdict">{ what }</span></summary>
            <p>{ text::SETTINGS_HOW }</p>
            <ul>{ for switches().map(|(place, entry)| switch(place, entry, is_on(entry))) }</ul>
        </details>
    }
}

fn switch(place: usize, entry: &SettingEntry, on: bool) -> Html {
    html! {
        <li key={entry.name}>
            <button class="toggle" data-setting={place.to_string()}
                aria-pressed={if on { "true" } else { "false" }}>{ entry.name }</button>
            <small>{ entry.meaning }</small>
        </li>
    }
}
