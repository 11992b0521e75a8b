//! What readers press and turn while the shop runs: a row of acts for each customer, and the
//! settings that matter most. The others are in the menus of the parts that they are about.

use super::super::{Ask, Client, Command, Dial, DialOption, Setting, SettingEntry, SettingValue};
use super::Cluster;
use super::client_views::{CUSTOMERS, WORDS, command, has_asked, home, retry_hint};
use super::settings::{SETTINGS, can_be_turned, value_of};

/// The settings in the bar, with what they are called there.
const BAR: [(&str, &str); 4] = [
    ("check", "Version check"),
    ("retry-ids", "Retry"),
    ("checkpoint", "Checkpoint"),
    ("crash-at", "Crash"),
];

/// The rows of customers, then the dials, in order.
pub(super) fn dials(cluster: &Cluster) -> Vec<Dial> {
    let customers = CUSTOMERS.iter().map(|(client, customer)| Dial {
        label: customer.name(),
        meaning: "A customer: press what they ask for.",
        options: acts(cluster, *client),
    });
    let turned = BAR.iter().filter_map(|(name, label)| {
        let matters = can_be_turned(cluster.rules().log, name);
        let entry = SETTINGS.iter().find(|entry| entry.name == *name && matters)?;
        Some(Dial { label, meaning: entry.meaning, options: positions(cluster, entry) })
    });
    customers.chain(turned).collect()
}

/// What a customer can ask for, as buttons.
fn acts(cluster: &Cluster, client: Client) -> Vec<DialOption> {
    let via = home(client);
    let is_up = cluster.process(via).is_some();
    let act = |label: &str, hint: &str, possible: bool, command: Command| DialOption {
        label: label.to_owned(),
        hint: if is_up { hint.to_owned() } else { format!("{via} is down: nobody answers") },
        chosen: false,
        possible: possible && is_up,
        command,
    };
    let mut acts: Vec<DialOption> = WORDS
        .iter()
        .map(|(words, hint)| act(short(words), hint, true, command(client, via, words)))
        .collect();
    let retry = Command::Ask { client, via, what: Ask::Retry };
    let asked = has_asked(cluster, client);
    let hint = if asked { retry_hint(cluster) } else { "Nothing was asked for yet" };
    acts.push(act("retry", hint, asked, retry));
    acts
}

/// `mug back` for `put back mug`, so that a row fits on a phone.
fn short(words: &'static str) -> &'static str {
    match words {
        "put back tea" => "tea back",
        "put back mug" => "mug back",
        other => other,
    }
}

/// The positions of a setting, the present one chosen.
pub(super) fn positions(cluster: &Cluster, entry: &'static SettingEntry) -> Vec<DialOption> {
    let now = value_of(cluster.settings(), entry.name);
    let option = |word: &str, hint: &str, value: SettingValue| DialOption {
        label: title(entry.name, word).to_owned(),
        hint: hint.to_owned(),
        chosen: value == now,
        possible: true,
        command: Command::Set(Setting { name: entry.name, value }),
    };
    match entry.default {
        SettingValue::Choice(_) => {
            let choices = entry.choices.iter();
            choices.map(|(word, hint)| option(word, hint, SettingValue::Choice(word))).collect()
        }
        _ => [("on", true), ("off", false)]
            .map(|(word, on)| option(word, entry.meaning, SettingValue::Switch(on)))
            .to_vec(),
    }
}

/// What a position is called.
fn title<'a>(setting: &str, word: &'a str) -> &'a str {
    match (setting, word) {
        ("retry-ids", "same") => "same id",
        ("retry-ids", "fresh") => "fresh id",
        ("decide-again", "by-hand") => "customers retry",
        ("decide-again", "by-itself") => "desks decide again",
        ("answer", "durable") => "once durable",
        ("answer", "at-once") => "at once",
        ("publish", "from-log") => "from the log",
        ("checkpoint", "together") => "one write",
        ("checkpoint", "state-first") => "state first",
        ("checkpoint", "position-first") => "position first",
        ("order", "position") => "by position",
        ("order", "arrival") => "as they come",
        ("crash-at", "none") => "never",
        ("crash-at", "append") => "after append",
        ("crash-at", "before-durable") => "before durable",
        ("crash-at", "state") => "between writes",
        (_, word) => word,
    }
}
