//! The settings that readers turn while the store runs.

use super::super::{Command, Dial, DialOption, LabSettings, Setting, SettingEntry, SettingValue};
use super::settings::{LIVE, SETTINGS, turned, value_of};
use super::{Cluster, System, cap_config};

/// A dial for each of [`LIVE`]; none for systems that know no such settings.
pub(super) fn dials(cluster: &Cluster) -> Vec<Dial> {
    if cluster.system() != System::Quorum {
        return Vec::new();
    }
    let entry = |name: &&str| SETTINGS.iter().find(|entry| entry.name == *name);
    LIVE.iter().filter_map(entry).map(|entry| dial(cluster, entry)).collect()
}

fn dial(cluster: &Cluster, entry: &'static SettingEntry) -> Dial {
    let now = value_of(cluster.settings(), cluster.config(), entry.name);
    let option = |label: String, hint: &str, value: SettingValue| {
        let setting = Setting { name: entry.name, value };
        let chosen = value == now;
        let why_not = if chosen { None } else { impossible(cluster.settings(), setting) };
        let possible = why_not.is_none();
        let hint = why_not.unwrap_or_else(|| hint.to_owned());
        DialOption { label, hint, chosen, possible, command: Command::Set(setting) }
    };
    let options = match entry.default {
        SettingValue::Choice(_) => {
            let choices = entry.choices.iter();
            choices
                .map(|(word, hint)| option(title(word), hint, SettingValue::Choice(word)))
                .collect()
        }
        _ => (1..=u64::from(cluster.settings().servers))
            .map(|count| option(count.to_string(), entry.meaning, SettingValue::Count(count)))
            .collect(),
    };
    Dial { label: label(entry.name), meaning: entry.meaning, options }
}

/// Why a setting cannot be turned so, in the core's words.
fn impossible(settings: &LabSettings, setting: Setting) -> Option<String> {
    cap_config(&turned(settings, setting)).err()
}

fn label(name: &'static str) -> &'static str {
    match name {
        "mode" => "While torn",
        "n" => "N",
        "r" => "R",
        "w" => "W",
        "resolution" => "Conflicts",
        "read-repair" => "Read repair",
        other => other,
    }
}

/// `CP`, `last write wins`.
fn title(word: &str) -> String {
    match word {
        "cp" => "CP".to_owned(),
        "ap" => "AP".to_owned(),
        "ap-sloppy" => "AP, sloppy".to_owned(),
        other => other.replace('-', " "),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Lab, Refused};
    use super::super::CapLab;
    use super::*;

    fn options(lab: &CapLab, label: &str) -> Vec<DialOption> {
        let dial = lab.dials().into_iter().find(|dial| dial.label == label);
        dial.expect("there is such a dial").options
    }

    fn stands(lab: &CapLab, label: &str) -> String {
        let chosen = options(lab, label).into_iter().filter(|option| option.chosen);
        chosen.map(|option| option.label).collect()
    }

    fn choose(lab: &mut CapLab, label: &str, option: &str) -> Result<(), Refused> {
        let options = options(lab, label);
        let option = options.iter().find(|one| one.label == option).expect("there is such a one");
        let result = lab.act(&option.command);
        assert_eq!(result.is_ok(), option.possible || option.chosen, "{option:?}");
        result
    }

    #[test]
    fn dials_stand_where_the_store_is_and_refuse_what_cannot_work_in_its_words() {
        let mut lab = CapLab::new(&LabSettings::new(5, 5));
        for (label, wanted) in [
            ("While torn", "CP"),
            ("N", "5"),
            ("R", "3"),
            ("W", "3"),
            ("Conflicts", "last write wins"),
            ("Read repair", "blocking"),
        ] {
            assert_eq!(stands(&lab, label), wanted, "{label}");
        }
        let why = Refused::Impossible("CP needs W ≥ 3, a majority, and W = 2".to_owned());
        assert_eq!(choose(&mut lab, "W", "2"), Err(why));
        choose(&mut lab, "While torn", "AP").expect("it can be had");
        assert_eq!([stands(&lab, "R"), stands(&lab, "W")], ["1", "1"]);
        assert_eq!(stands(&lab, "Read repair"), "async");
        choose(&mut lab, "W", "2").expect("in AP any will do");
        choose(&mut lab, "N", "3").expect("three of five");
        let why = Refused::Impossible("W = 4 is more than N = 3".to_owned());
        assert_eq!(choose(&mut lab, "W", "4"), Err(why));
        // Back to where it stood: refused settings have changed nothing.
        assert_eq!([stands(&lab, "N"), stands(&lab, "W")], ["3", "2"]);
    }

    #[test]
    fn other_systems_have_no_dials() {
        for system in ["raft", "primary-backup"] {
            let mut settings = LabSettings::new(5, 5);
            let value = SettingValue::Choice(system);
            settings.tuning.set(Setting { name: "system", value });
            let mut lab = CapLab::new(&settings);
            assert!(lab.dials().is_empty());
            let set = Setting { name: "w", value: SettingValue::Count(2) };
            assert_eq!(lab.act(&Command::Set(set)), Err(Refused::NotInThisLab));
        }
    }
}
