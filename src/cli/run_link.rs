//! `rift run LINK`

use std::fmt::Write;
use std::process::ExitCode;

use super::{WRONG, say};
use crate::link::Link;
use crate::timeline::{BranchId, Timeline};

pub(super) fn run(text: &str) -> ExitCode {
    match open(text) {
        Ok(report) => {
            say(&report);
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("rift: this link cannot be opened: {why}");
            ExitCode::from(WRONG)
        }
    }
}

/// Plays the run to the instant that the link shows, and tells what there is to tell.
fn open(text: &str) -> Result<String, String> {
    let link = Link::parse(text).map_err(|wrong| wrong.to_string())?;
    let entry = link.entry().ok_or("there is no such figure")?;
    let mut timeline = Timeline::of_tree(entry, link.settings.clone(), link.tree.clone());
    timeline.select(link.branch).map_err(|why| why.to_string())?;
    timeline.seek(link.at_us).map_err(|why| why.to_string())?;
    let mut report = String::new();
    for line in timeline.lab().story(usize::MAX) {
        let section = line.section.map_or(String::new(), |section| format!(" ({section})"));
        let _ = writeln!(report, "{:>9} ms  {}{section}", millis(line.at_us), line.text);
    }
    report.push('\n');
    for (id, branch) in link.tree.shown() {
        let name = if branch.name.is_empty() { String::new() } else { format!(" {}", branch.name) };
        let fork = match branch.fork {
            Some(fork) => format!("leaves {} at {} ms", fork.from.0 + 1, millis(fork.at_us)),
            None => "from the beginning".to_owned(),
        };
        let shown = marker(&link, id);
        let (number, acts) = (id.0 + 1, branch.actions.len());
        let _ = writeln!(report, "branch {number}{name}: {fork}, {acts} acts{shown}");
    }
    let lab = timeline.lab();
    let (records, hash) = (lab.history_len(), lab.history_hash());
    let _ = writeln!(
        report,
        "{}: {} servers, seed {}, at {} ms: {records} records, hash {hash:016x}",
        link.lab,
        link.settings.servers,
        link.settings.seed,
        millis(timeline.now_us()),
    );
    for promise in lab.promises() {
        if let Some(breach) = promise.broken {
            let (at, how) = (millis(breach.at_us), breach.finding);
            let _ = writeln!(report, "broken at {at} ms: {}: {how}", promise.name);
        }
    }
    Ok(report)
}

fn marker(link: &Link, id: BranchId) -> &'static str {
    if id == link.branch {
        ", shown"
    } else if Some(id) == link.beside {
        ", beside it"
    } else {
        ""
    }
}

fn millis(us: u64) -> String {
    format!("{}.{:03}", us / 1_000, us % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::{Command, LABS, LabSettings};
    use crate::sim::NodeId;

    #[test]
    fn a_link_is_played_to_the_instant_it_shows() {
        let mut timeline = Timeline::start(&LABS[0], LabSettings::new(3, 5));
        timeline.advance_to(300_000).expect("far from any limit");
        timeline.act(Command::write(NodeId(0), "x", "1")).expect("it runs");
        timeline.advance_to(400_000).expect("far from any limit");
        let hash = timeline.lab().history_hash();
        let address =
            format!("https://example.org/#{}", Link::of_timeline(&timeline, None).to_text());
        let report = open(&address).expect("it is a link");
        assert!(report.contains("at 400.000 ms: ") && report.contains("branch 1: from"));
        assert!(report.ends_with(&format!("hash {hash:016x}\n")), "{report}");
        assert_eq!(
            open("run=9.AA").err().as_deref().map(|why| why.starts_with("it is of")),
            Some(true)
        );
    }
}
