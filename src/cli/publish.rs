//! `rift publish DIR`: what a page needs of the scenarios that ship.

use std::fmt::Display;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use super::WRONG;
use crate::export::{Guided, challenges};
use crate::labs::{SCRIPTED, Shipped};
use crate::scenario::parse;

/// Writes `scenarios/<lab>/<name>.json` and `posters/<name>.svg` for each, `posters/<lab>.svg` for
/// runs of one's own, which is that of the lab's first scenario, and `challenges.json`.
pub(super) fn publish(folder: &str) -> ExitCode {
    let folder = Path::new(folder);
    for entry in SCRIPTED {
        for shipped in entry.scenarios {
            if let Err(why) = write(folder, entry.lab.name, shipped) {
                eprintln!("rift: {}: {why}", shipped.name);
                return ExitCode::from(WRONG);
            }
        }
        let posters = folder.join("posters");
        let poster = |name: &str| posters.join(format!("{name}.svg"));
        let first = entry.scenarios.first().map(|first| poster(first.name));
        if let Some(Err(why)) = first.map(|first| fs::copy(first, poster(entry.lab.name))) {
            eprintln!("rift: {}: {why}", entry.lab.name);
            return ExitCode::from(WRONG);
        }
    }
    match challenges().map(|json| fs::write(folder.join("challenges.json"), json)) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(why)) => refused(&why.to_string()),
        Err(why) => refused(&why),
    }
}

fn refused(why: &str) -> ExitCode {
    eprintln!("rift: the challenges: {why}");
    ExitCode::from(WRONG)
}

fn write(folder: &Path, lab: &str, shipped: &Shipped) -> Result<(), String> {
    fn said(why: impl Display) -> String {
        why.to_string()
    }
    let name = shipped.name;
    let guided = Guided::play(parse(shipped.text).map_err(said)?).map_err(said)?;
    if !guided.report.passed() {
        return Err(guided.report.to_string());
    }
    let (scenarios, posters) = (folder.join("scenarios").join(lab), folder.join("posters"));
    fs::create_dir_all(&scenarios).map_err(said)?;
    fs::create_dir_all(&posters).map_err(said)?;
    let json = guided.to_json(name).map_err(said)?;
    fs::write(scenarios.join(format!("{name}.json")), json).map_err(said)?;
    let poster = guided.poster().map_err(said)?;
    fs::write(posters.join(format!("{name}.svg")), poster).map_err(said)
}
