//! `rift list`

use std::fmt::{self, Write};
use std::process::ExitCode;

use super::say;
use crate::labs::{SCRIPTED, ScriptedEntry};
use crate::scenario::{parse, promise_name};

pub(super) fn list() -> ExitCode {
    let mut text = String::new();
    for entry in SCRIPTED {
        // Writing into a string cannot fail.
        let _ = write_entry(&mut text, entry);
    }
    say(&text);
    ExitCode::SUCCESS
}

fn write_entry(text: &mut String, entry: &ScriptedEntry) -> fmt::Result {
    writeln!(text, "lab {}\n\n  scenarios", entry.lab.name)?;
    for shipped in entry.scenarios {
        let title = parse(shipped.text).map(|scenario| scenario.title).unwrap_or_default();
        writeln!(text, "    {:<18} {title}", shipped.name)?;
    }
    writeln!(text, "\n  challenges")?;
    for shipped in entry.challenges {
        let goal = parse(shipped.text).map(|scenario| scenario.goal).unwrap_or_default();
        writeln!(text, "    {:<18} {goal}", shipped.name)?;
    }
    writeln!(text, "\n  settings")?;
    for setting in entry.lab.settings {
        writeln!(text, "    {:<18} {}", setting.name, setting.meaning)?;
    }
    for setting in entry.lab.settings {
        if setting.choices.is_empty() {
            continue;
        }
        writeln!(text, "\n  {} …", setting.name)?;
        for (name, meaning) in setting.choices {
            writeln!(text, "    {name:<30} {meaning}")?;
        }
    }
    writeln!(text, "\n  conditions")?;
    for form in entry.forms {
        writeln!(text, "    {:<30} {}", form.pattern, form.meaning)?;
    }
    writeln!(text, "\n  promises")?;
    for property in entry.promises {
        writeln!(text, "    {:<26} {}", promise_name(*property), property.promise())?;
    }
    Ok(())
}
