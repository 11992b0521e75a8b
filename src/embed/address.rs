//! Settings in the address of the page: `?seed=7&servers=5&pre-vote=on&heartbeat=40ms`.

use crate::labs::{LabEntry, LabSettings, Setting, SettingEntry, SettingValue};
use crate::small_text::number;
use crate::text;

/// What the address says of a run with `settings`: for each name its value, or `None` where the lab
/// would have it so by itself and the name is to go.
pub fn address_pairs(
    entry: &LabEntry,
    settings: &LabSettings,
) -> Vec<(&'static str, Option<String>)> {
    let mut pairs = vec![
        ("seed", Some(settings.seed.to_string())),
        ("servers", Some(settings.servers.to_string())),
    ];
    for entry in entry.settings {
        let value = settings.tuning.value(entry.name).filter(|value| *value != entry.default);
        pairs.push((entry.name, value.map(|value| value.to_string())));
    }
    pairs
}

/// The settings among `pairs`. Of what makes no sense a sentence each is put into `complaints`.
pub(super) fn read_settings(
    pairs: &[(String, String)],
    entries: &[SettingEntry],
    complaints: &mut Vec<String>,
) -> Vec<Setting> {
    let mut settings = Vec::new();
    for entry in entries {
        let Some((_, given)) = pairs.iter().find(|(name, _)| name == entry.name) else {
            continue;
        };
        match read_value(entry, given.trim()) {
            Some(value) => settings.push(Setting { name: entry.name, value }),
            None => {
                let shown: String = given.chars().take(24).collect();
                let wanted = match entry.default {
                    SettingValue::Switch(_) => text::WANTED_SWITCH,
                    SettingValue::Count(_) => text::WANTED_COUNT,
                    SettingValue::Time { .. } => text::WANTED_TIME,
                    SettingValue::Range { .. } => text::WANTED_RANGE,
                    SettingValue::Share { .. } => text::WANTED_SHARE,
                    SettingValue::Choice(_) => text::WANTED_CHOICE,
                };
                complaints.push(text::ignored(entry.name, &shown, wanted));
            }
        }
    }
    settings
}

/// A value of the kind that the setting has.
fn read_value(entry: &SettingEntry, text: &str) -> Option<SettingValue> {
    let us = |text: &str| {
        let ms: u64 = number(text)?;
        (1..=3_600_000).contains(&ms).then_some(ms * 1_000)
    };
    Some(match entry.default {
        SettingValue::Switch(_) => SettingValue::Switch(match text {
            "on" => true,
            "off" => false,
            _ => return None,
        }),
        SettingValue::Count(_) => SettingValue::Count(number(text).filter(|count| *count > 0)?),
        SettingValue::Time { .. } => SettingValue::Time { us: us(text.strip_suffix("ms")?)? },
        SettingValue::Range { .. } => {
            let (low, high) = text.strip_suffix("ms")?.split_once('-')?;
            SettingValue::Range { low_us: us(low)?, high_us: us(high)? }
        }
        SettingValue::Share { .. } => {
            let percent: u32 = number(text.strip_suffix('%')?)?;
            SettingValue::Share { ppm: percent.checked_mul(10_000)? }
        }
        SettingValue::Choice(_) => {
            let (name, _) = entry.choices.iter().find(|(name, _)| *name == text)?;
            SettingValue::Choice(name)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::LABS;

    /// Whatever was set comes back from the address, and the defaults leave no trace in it.
    #[test]
    fn what_is_set_survives_a_reload() {
        let entry = &LABS[0];
        let mut settings = LabSettings::new(7, 99);
        for pair in &address_pairs(entry, &settings)[2..] {
            assert_eq!(pair.1, None, "{}", pair.0);
        }
        for setting in entry.settings {
            let value = setting.default.stepped(true, setting.choices);
            settings.tuning.set(Setting { name: setting.name, value });
        }
        let pairs = address_pairs(entry, &settings);
        let text = |pair: &(&str, Option<String>)| (pair.0.to_owned(), pair.1.clone().unwrap());
        let pairs: Vec<_> = pairs.iter().map(text).collect();
        let mut complaints = Vec::new();
        assert_eq!(
            read_settings(&pairs, entry.settings, &mut complaints),
            settings.tuning.protocol
        );
        assert!(complaints.is_empty());
    }

    #[test]
    fn nonsense_is_named_and_left_out() {
        let bad = [
            ("pre-vote", "yes"),
            ("batch", "0"),
            ("heartbeat", "99999999999ms"),
            ("election-timeout", "100ms"),
        ];
        let pairs = bad.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut complaints = Vec::new();
        assert_eq!(read_settings(&pairs, LABS[0].settings, &mut complaints), []);
        assert_eq!(complaints.len(), bad.len());
        for (name, _) in bad {
            assert!(complaints.iter().any(|complaint| complaint.contains(name)), "{name}");
        }
    }
}
