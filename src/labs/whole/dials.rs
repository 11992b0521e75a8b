//! What readers press and turn while it runs. The other settings are in the menus of the nodes that
//! they are about.

use super::super::{Command, Dial, DialOption, Setting, SettingEntry, SettingValue};
use super::Cluster;
use super::choices::ask;
use super::cluster::ORDER;
use super::settings::{self, SETTINGS};

/// A row of positions: the setting, what it is called, and the numbers that it offers; none where
/// it offers all its words.
type Row = (&'static str, &'static str, &'static [SettingValue]);

const fn number(count: u64) -> SettingValue {
    SettingValue::Count(count)
}

const fn ms(ms: u64) -> SettingValue {
    SettingValue::Time { us: ms * 1_000 }
}

const ROWS: &[Row] = &[
    ("load", "Customers a second", &[number(2), number(6), number(40)]),
    ("breaker", "Breakers", &[SettingValue::Choice("on"), SettingValue::Choice("off")]),
    ("tries", "Tries", &[number(1), number(3), number(5)]),
    (
        "budget",
        "Retry budget",
        &[SettingValue::Share { ppm: 0 }, SettingValue::Share { ppm: 100_000 }],
    ),
    ("timeout", "Timeout", &[ms(100), ms(800), ms(5_000)]),
    ("keys", "Order keys", &[]),
    ("looks", "Who looks", &[]),
    ("refresh", "Pages ask every", &[ms(100), ms(1_000), ms(5_000)]),
];

/// The dials, in order.
pub(super) fn dials(cluster: &Cluster) -> Vec<Dial> {
    let turned = ROWS.iter().filter_map(|(name, label, offered)| {
        let entry = SETTINGS.iter().find(|entry| entry.name == *name)?;
        let options = positions(cluster, entry, offered);
        Some(Dial { label, meaning: entry.meaning, options })
    });
    let mut dials: Vec<Dial> = turned.collect();
    let comes = cluster.fronts().map(|front| {
        let is_up = cluster.process(front).is_some();
        let hint = match is_up {
            true => "One more customer, now".to_owned(),
            false => format!("{front} is down"),
        };
        let (label, command) = (format!("at {front}"), ask(front, ORDER));
        DialOption { label, hint, chosen: false, possible: is_up, command }
    });
    dials.push(Dial {
        label: "Order",
        meaning: "Another customer comes to a front.",
        options: comes.collect(),
    });
    dials
}

/// The positions of a setting, the present one chosen. A number that is none of those offered is
/// offered, too.
pub(super) fn positions(
    cluster: &Cluster,
    entry: &'static SettingEntry,
    offered: &[SettingValue],
) -> Vec<DialOption> {
    let now = settings::value_of(cluster.settings(), entry.name);
    let option = |label: String, hint: &str, value: SettingValue| {
        let setting = Setting { name: entry.name, value };
        let mut turned = cluster.settings().clone();
        turned.tuning.set(setting);
        // Not every two settings fit each other.
        let refused = settings::setup(&turned).err();
        DialOption {
            label,
            possible: refused.is_none(),
            hint: refused.unwrap_or_else(|| hint.to_owned()),
            chosen: value == now,
            command: Command::Set(setting),
        }
    };
    super::super::dial::positions_of(entry, now, offered, &option)
}
