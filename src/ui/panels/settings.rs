//! What of the protocol can be set, in groups: a button for each switch, two for each number.
//! Setting one starts over, for a run has one protocol from its beginning to its end.

use yew::prelude::*;

use crate::labs::{LabEntry, LabSettings, SettingEntry, SettingValue, Tuning};
use crate::ui::text;

/// What `entry` is set to. Where it counts servers, no more than there are.
pub(crate) fn shown_value(entry: &SettingEntry, tuning: &Tuning, servers: u8) -> SettingValue {
    match tuning.value(entry.name).unwrap_or(entry.default) {
        SettingValue::Count(count) if is_of_servers(entry) => {
            SettingValue::Count(count.min(servers.into()))
        }
        value => value,
    }
}

/// Whether `entry` is a number of servers.
pub(crate) fn is_of_servers(entry: &SettingEntry) -> bool {
    entry.name == "members"
}

/// The settings of a lab, as `settings` has them.
pub(crate) fn settings(entry: &LabEntry, settings: &LabSettings) -> Html {
    let value = |entry| shown_value(entry, &settings.tuning, settings.servers);
    let changed = entry.settings.iter().filter(|entry| {
        settings.tuning.value(entry.name).is_some_and(|value| value != entry.default)
    });
    let changed: Vec<String> = changed
        .map(|entry| match value(entry) {
            SettingValue::Switch(true) => entry.name.to_owned(),
            value => format!("{} {value}", entry.name),
        })
        .collect();
    let what =
        if changed.is_empty() { text::AS_IN_FIGURE_2.to_owned() } else { changed.join(", ") };
    let group = |(title, names): &(&'static str, &[&str])| {
        let of_it = entry.settings.iter().enumerate().filter(|(_, e)| names.contains(&e.name));
        html! {
            <section>
                <h3>{ *title }</h3>
                <ul>
                    if *title == "Membership" {
                        { setting(
                            entry.settings.len(),
                            text::SERVERS,
                            text::SERVERS_MEANING,
                            SettingValue::Count(settings.servers.into()),
                        ) }
                    }
                    { for of_it.map(|(k, e)| setting(k, e.name, e.meaning, value(e))) }
                </ul>
            </section>
        }
    };
    html! {
        <details class="panel settings">
            <summary>{ text::SETTINGS }{ " " }<span class="verdict">{ what }</span></summary>
            <p>{ text::SETTINGS_HOW }</p>
            { for entry.groups.iter().map(group) }
        </details>
    }
}

fn setting(place: usize, name: &str, meaning: &str, value: SettingValue) -> Html {
    let place = place.to_string();
    let control = match value {
        SettingValue::Switch(on) => html! {
            <button class="toggle" data-setting={place} data-name={name.to_owned()}
                aria-pressed={if on { "true" } else { "false" }}>{ name }</button>
        },
        value => html! {
            <span class="number" role="group" aria-label={name.to_owned()}>
                <b>{ name }</b>
                <button class="toggle" data-less={place.clone()} data-name={name.to_owned()}
                    aria-label={format!("less {name}")}>{ "−" }</button>
                <output>{ value.to_string() }</output>
                <button class="toggle" data-more={place} data-name={name.to_owned()}
                    aria-label={format!("more {name}")}>{ "+" }</button>
            </span>
        },
    };
    html! { <li key={name.to_owned()}>{ control }<small>{ meaning }</small></li> }
}
