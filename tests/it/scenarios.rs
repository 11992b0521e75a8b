//! Every scenario that ships is true, and the later ones tell their story line by line.

use std::fs;
use std::path::Path;

use expect_test::expect_file;
use rift::labs::SCRIPTED;
use rift::scenario::{Report, parse, play};
use rift::session::Session;

fn report(name: &str) -> Report {
    let mut all = SCRIPTED.iter().flat_map(|entry| entry.scenarios);
    let shipped = all.find(|shipped| shipped.name == name).expect("it ships");
    play(&parse(shipped.text).expect("it parses")).expect("what parses can be played")
}

#[test]
fn every_shipped_scenario_plays_green() {
    for shipped in SCRIPTED.iter().flat_map(|entry| entry.scenarios) {
        let scenario = parse(shipped.text).unwrap_or_else(|e| panic!("{}: {e}", shipped.name));
        assert!(!scenario.title.is_empty(), "{} has a title", shipped.name);
        let report = report(shipped.name);
        assert!(report.verdicts.len() >= 2, "{} expects something", shipped.name);
        assert!(report.passed(), "{}\n{report}", shipped.name);
    }
}

/// What a scenario did is a run like any other.
#[test]
fn every_shipped_scenario_replays_to_the_same_history() {
    for entry in SCRIPTED {
        for shipped in entry.scenarios {
            let report = report(shipped.name);
            let again = Session::replay(&entry.lab, &report.run, report.ended_us)
                .expect("the history has room");
            assert_eq!(again.lab().history_hash(), report.history_hash, "{}", shipped.name);
        }
    }
}

#[test]
fn every_file_of_a_scenario_is_listed() {
    let labs = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/labs");
    let scripts = |folder: &Path| {
        let files = fs::read_dir(folder).expect("the folder can be read");
        let path = |file: std::io::Result<fs::DirEntry>| file.expect("it can be read").path();
        files.map(path).filter(|path| path.extension().is_some_and(|end| end == "rift")).count()
    };
    for entry in SCRIPTED {
        let folder = labs.join(entry.lab.name).join("scenarios");
        let has_broken = cfg!(feature = "lessons") && folder.join("broken").is_dir();
        let broken = if has_broken { scripts(&folder.join("broken")) } else { 0 };
        assert_eq!(scripts(&folder) + broken, entry.scenarios.len(), "{}", entry.lab.name);
    }
}

#[test]
fn the_example_of_the_readme_plays_green() {
    let readme = include_str!("../../README.md");
    let lines = readme.lines().skip_while(|line| line.trim() != "rift 1");
    let example: Vec<&str> =
        lines.take_while(|line| line.is_empty() || line.starts_with("    ")).collect();
    let scenario = parse(&example.join("\n")).expect("the example parses");
    let report = play(&scenario).expect("what parses can be played");
    assert!(report.passed() && report.verdicts.len() >= 2, "{report}");
}

/// `UPDATE_EXPECT=1` writes these files anew.
#[test]
fn the_minority_cannot_commit() {
    expect_file!["golden/minority-writes.txt"].assert_eq(&report("minority-writes").to_string());
}

#[test]
fn two_candidates_and_no_winner() {
    expect_file!["golden/split-vote.txt"].assert_eq(&report("split-vote").to_string());
}

#[cfg(feature = "lessons")]
#[test]
fn figure_8_without_its_rule() {
    let report = report("broken-figure-8");
    expect_file!["golden/broken-figure-8.txt"].assert_eq(&report.to_string());
}

#[cfg(feature = "lessons")]
#[test]
fn what_cannot_be_broken_is_told_with_its_place_and_all_that_can() {
    let error = parse("rift 1\nlab raft\nbreak everything\n").expect_err("there is no such bug");
    assert_eq!((error.line, error.column), (3, 7));
    let text = error.to_string();
    assert!(text.contains("one of second-vote, vote-for-stale-log,"), "{text}");
    assert!(text.ends_with("found `everything`"), "{text}");
    let kept = "rift 1\nlab raft\nuntil leader\nexpect broken election-safety\n";
    let report = play(&parse(kept).expect("it parses")).expect("what parses can be played");
    assert!(!report.passed(), "a promise that is kept is not broken");
}

#[test]
fn figure_8() {
    expect_file!["golden/figure-8.txt"].assert_eq(&report("figure-8").to_string());
}

#[test]
fn what_goes_beyond_figure_2_tells_its_story() {
    for name in [
        "disruptive",
        "pre-vote",
        "transfer",
        "late-retry",
        "late-retry-in-session",
        "fresh-read",
        "stale-lease",
        "snapshot-rescue",
        "learner",
        "removed-leader",
        "joint-consensus",
        "membership-bug",
    ] {
        expect_file![format!("golden/{name}.txt")].assert_eq(&report(name).to_string());
    }
}

#[test]
fn stores_without_a_leader_tell_their_stories() {
    for name in [
        "cp-minority",
        "unknown-write-comes-back",
        "new-old-inversion",
        "skewed-clock-loses-a-write",
        "sloppy-quorum-stale-read",
        "resurrected-delete",
        "primary-backup-loses-a-write",
    ] {
        expect_file![format!("golden/{name}.txt")].assert_eq(&report(name).to_string());
    }
}
