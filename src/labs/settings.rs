//! What a lab is made with.

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
    /// Whether the switch `name` is on, if it is set at all.
    pub fn switch(&self, name: &str) -> Option<bool> {
        let setting = self.protocol.iter().find(|setting| setting.name == name)?;
        match setting.value {
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
    /// One of some names, each of which has a meaning. Empty: none of them.
    #[cfg(feature = "lessons")]
    Name { name: &'static str, names: &'static [(&'static str, &'static str)] },
}
