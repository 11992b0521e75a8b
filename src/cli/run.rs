//! `rift run FILE`

use std::io::Read;
use std::process::ExitCode;

use super::{WRONG, say};
use crate::labs::SCRIPTED;
use crate::scenario::{ScriptError, limits, parse, play};

pub(super) fn run(file: &str) -> ExitCode {
    let text = match read(file) {
        Ok(text) => text,
        Err(why) => {
            eprintln!("rift: {file}: {why}");
            return ExitCode::from(WRONG);
        }
    };
    let scenario = match parse(&text) {
        Ok(scenario) => scenario,
        Err(error) => {
            eprint!("{}", show_error(file, &text, &error));
            return ExitCode::from(WRONG);
        }
    };
    match play(&scenario) {
        Ok(report) => {
            say(&report.to_string());
            if report.passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(why) => {
            eprintln!("rift: {file}: {why}");
            ExitCode::from(WRONG)
        }
    }
}

/// A file, standard input, or a scenario that ships.
fn read(file: &str) -> Result<String, String> {
    let mut shipped = SCRIPTED.iter().flat_map(|entry| entry.scenarios);
    if let Some(found) = shipped.find(|shipped| shipped.name == file) {
        return Ok(found.text.to_owned());
    }
    // One byte more than allowed is enough to be refused.
    let most = limits::SCRIPT_BYTES as u64 + 1;
    let mut text = String::new();
    let read = if file == "-" {
        std::io::stdin().lock().take(most).read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(most).read_to_string(&mut text))
    };
    read.map(|_| text).map_err(|why| why.to_string())
}

/// The place, the line, a caret under the column, and what is wrong there.
fn show_error(file: &str, text: &str, error: &ScriptError) -> String {
    let ScriptError { line, column, wrong } = error;
    let shown = text.lines().nth(*line as usize - 1).unwrap_or_default().replace('\t', " ");
    let spaces = " ".repeat(*column as usize - 1);
    format!("{file}:{line}:{column}: {wrong}\n{line:>5} | {shown}\n      | {spaces}^\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_shown_with_its_line_and_a_caret() {
        let text = "rift 1\nlab raft\ncut S1 | S9\n";
        let error = parse(text).expect_err("there is no S9");
        let shown = show_error("a.rift", text, &error);
        let expected =
            "a.rift:3:10: a server must be 1 to 5\n    3 | cut S1 | S9\n      |          ^\n";
        assert_eq!(shown, expected);
    }
}
