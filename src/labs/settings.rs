//! What a lab is made with.

use std::fmt;

use crate::sim::{Delay, LinkSettings};

/// What a lab is made with; with its name and the actions this is a whole run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LabSettings {
    /// How many servers, within [`LabEntry::servers`](super::LabEntry::servers).
    pub servers: u8,
    /// The seed of everything that chance decides.
    pub seed: u64,
    /// What is not as the lab has it by itself.
    pub tuning: Tuning,
}

impl LabSettings {
    /// So many servers and this seed; the rest as the lab has it.
    pub const fn new(servers: u8, seed: u64) -> LabSettings {
        LabSettings { servers, seed, tuning: Tuning::NONE }
    }
}

/// Deviations from what a lab has by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tuning {
    /// How every link behaves at first.
    pub links: Option<LinkSettings>,
    /// How long every disk needs for a sync at first.
    pub sync: Option<Delay>,
    /// Settings of the lab's protocol, each at most once.
    pub protocol: Vec<Setting>,
}

impl Tuning {
    /// Everything as the lab has it.
    pub const NONE: Tuning = Tuning { links: None, sync: None, protocol: Vec::new() };
}

impl Tuning {
    /// The value of `name`, if it is set at all.
    pub fn value(&self, name: &str) -> Option<SettingValue> {
        self.protocol.iter().find(|setting| setting.name == name).map(|setting| setting.value)
    }

    /// Whether the switch `name` is on, if it is set at all.
    pub fn switch(&self, name: &str) -> Option<bool> {
        match self.value(name)? {
            SettingValue::Switch(on) => Some(on),
            _ => None,
        }
    }

    /// Sets a setting, instead of what it was before.
    pub fn set(&mut self, setting: Setting) {
        self.protocol.retain(|other| other.name != setting.name);
        self.protocol.push(setting);
    }
}

/// The name of the setting that leaves a rule out.
pub const BREAK: &str = "break";

/// A rule that readers can leave out: [`BREAK`] is set to its name then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// What scripts and addresses call it.
    pub name: &'static str,
    /// What it is about, in a word or two; lessons that share it follow each other.
    pub area: &'static str,
    /// What is wrong without the rule, in one sentence.
    pub what: &'static str,
    /// Where the rule stands.
    pub rule: &'static str,
    /// What must be set for the rule to matter.
    pub needs: &'static [Setting],
}

/// A setting of a protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Setting {
    /// One of the names that the lab lists.
    pub name: &'static str,
    /// Its value, of the kind that the lab lists.
    pub value: SettingValue,
}

/// The value of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SettingValue {
    /// From a shortest to a longest time, in microseconds.
    Range { low_us: u64, high_us: u64 },
    /// A time, in microseconds.
    Time { us: u64 },
    /// A number.
    Count(u64),
    /// On or off.
    Switch(bool),
    /// A share, in millionths.
    Share { ppm: u32 },
    /// One of the names that the setting's entry lists; empty: none of them.
    Choice(&'static str),
}

impl SettingValue {
    /// The next larger or smaller value: a switch turned, small counts by 1 and large ones by half,
    /// times by 10 ms or long ones by a second, shares by a hundredth, names in their order, and of
    /// `choices` the next. Nothing falls below 1, or 10 ms, or no share at all.
    pub fn stepped(self, up: bool, choices: &[(&'static str, &'static str)]) -> SettingValue {
        const STEP_US: u64 = 10_000;
        const LONG_US: u64 = 1_000_000;
        let step = |us: u64| match up {
            true if us < LONG_US => us + STEP_US,
            true => us.saturating_add(LONG_US),
            false if us <= LONG_US => us.saturating_sub(STEP_US).max(STEP_US),
            false => us - LONG_US,
        };
        match self {
            SettingValue::Switch(on) => SettingValue::Switch(!on),
            SettingValue::Time { us } => SettingValue::Time { us: step(us) },
            SettingValue::Range { low_us, high_us } => {
                let low = step(low_us);
                SettingValue::Range { low_us: low, high_us: low + (high_us - low_us.min(high_us)) }
            }
            SettingValue::Count(count) => SettingValue::Count(match (up, count) {
                (true, 0..8) => count + 1,
                (true, _) => count.saturating_mul(2),
                (false, 0..=9) => count.saturating_sub(1).max(1),
                (false, _) => count / 2,
            }),
            SettingValue::Share { ppm } => SettingValue::Share {
                ppm: if up { ppm.saturating_add(10_000) } else { ppm.saturating_sub(10_000) },
            },
            SettingValue::Choice(name) => {
                let at = choices.iter().position(|(other, _)| *other == name);
                let next = match at {
                    Some(at) if up => at + 1,
                    Some(at) => at + choices.len() - 1,
                    None => 0,
                };
                let next = choices.get(next % choices.len().max(1));
                SettingValue::Choice(next.map_or(name, |(next, _)| *next))
            }
        }
    }
}

impl SettingValue {
    /// As people read it: long times in seconds, and what is counted in bytes in larger units.
    pub fn in_words(self, name: &str) -> String {
        match self {
            SettingValue::Time { us } if us >= 1_000_000 && us % 100_000 == 0 => {
                let (whole, tenths) = (us / 1_000_000, us / 100_000 % 10);
                if tenths == 0 { format!("{whole} s") } else { format!("{whole}.{tenths} s") }
            }
            SettingValue::Count(bytes) if name.ends_with("bytes") && bytes >= 1 << 10 => {
                let (unit, size) =
                    if bytes >= 1 << 20 { ("MiB", 1 << 20) } else { ("KiB", 1 << 10) };
                format!("{} {unit}", bytes / size)
            }
            value => value.to_string(),
        }
    }
}

/// As addresses have it: `on`, `7`, `30ms`, `100-200ms`.
impl fmt::Display for SettingValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SettingValue::Switch(on) => f.write_str(if *on { "on" } else { "off" }),
            SettingValue::Count(count) => count.fmt(f),
            SettingValue::Time { us } => write!(f, "{}ms", us / 1_000),
            SettingValue::Range { low_us, high_us } => {
                write!(f, "{}-{}ms", low_us / 1_000, high_us / 1_000)
            }
            SettingValue::Share { ppm } => write!(f, "{}%", ppm / 10_000),
            SettingValue::Choice(name) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHOICES: &[(&str, &str)] = &[("a", "first"), ("b", "second"), ("c", "third")];

    #[test]
    fn people_read_seconds_and_larger_units() {
        let words = |value: SettingValue, name| value.in_words(name);
        assert_eq!(words(SettingValue::Time { us: 60_000_000 }, "session-timeout"), "60 s");
        assert_eq!(words(SettingValue::Time { us: 1_500_000 }, "heartbeat"), "1.5 s");
        assert_eq!(words(SettingValue::Time { us: 30_000 }, "heartbeat"), "30ms");
        assert_eq!(words(SettingValue::Count(4 << 20), "in-flight-bytes"), "4 MiB");
        assert_eq!(words(SettingValue::Count(64), "batch"), "64");
    }

    #[test]
    fn every_step_can_be_taken_back_and_none_leads_to_nothing() {
        let kinds = [
            SettingValue::Switch(true),
            SettingValue::Count(3),
            SettingValue::Count(64),
            SettingValue::Time { us: 30_000 },
            SettingValue::Time { us: 1_000_000 },
            SettingValue::Time { us: 60_000_000 },
            SettingValue::Range { low_us: 100_000, high_us: 200_000 },
            SettingValue::Share { ppm: 20_000 },
            SettingValue::Choice("a"),
            SettingValue::Choice("c"),
        ];
        for value in kinds {
            assert_eq!(value.stepped(true, CHOICES).stepped(false, CHOICES), value);
            assert_ne!(value.stepped(true, CHOICES), value);
        }
        assert_eq!(SettingValue::Count(1).stepped(false, CHOICES), SettingValue::Count(1));
        let least = SettingValue::Time { us: 10_000 };
        assert_eq!(least.stepped(false, CHOICES), least);
    }
}
