//! What scripts can say about the lab, and what they refuse.

use rift::labs::{SCRIPTED, find_scripted};
use rift::scenario::{Failure, parse, play};

fn wrong(lines: &str) -> String {
    parse(&format!("rift 1\nlab cap\n{lines}")).expect_err("it cannot work").to_string()
}

/// Settings that cannot work are refused where they stand, before anything runs: the core's typed
/// errors, in words.
#[test]
fn degenerate_settings_are_refused_with_their_place() {
    let at_once = |lines: &str| wrong(&format!("{lines}\nheal"));
    for (lines, why) in [
        ("w 0", "W = 0 asks nobody"),
        ("r 0", "R = 0 asks nobody"),
        ("n 0", "with N = 0 nobody would hold anything"),
        ("r 6", "R = 6 is more than N = 5"),
        ("n 6", "N = 6, but there are 5 servers"),
        ("w 2", "CP needs W ≥ 3, a majority, and W = 2"),
        ("timeout 0ms", "the timeout of operations is 0"),
        ("anti-entropy-every 0ms", "the interval of anti-entropy is 0"),
        ("detector off\nmode ap-sloppy", "stand-ins need a detector that says for whom"),
    ] {
        let line = 3 + lines.lines().count();
        let expected = format!("line {line}, column 1: these settings cannot work: {why}");
        assert_eq!(at_once(lines), expected);
    }
}

/// Turned while the store runs they are refused, too, and the script ends there with its line.
#[test]
fn what_cannot_be_turned_ends_the_script_and_says_where() {
    for (lines, why) in [
        ("set w 0", "W = 0 asks nobody"),
        ("set w 2", "CP needs W ≥ 3, a majority, and W = 2"),
        ("set system raft", "this figure knows no such thing"),
    ] {
        let scenario = parse(&format!("rift 1\nlab cap\n{lines}")).expect("it parses");
        let failed = play(&scenario).expect("it can be played").failed.expect("it ends there");
        assert!(matches!(failed.why, Failure::Refused(_)), "{failed}");
        assert_eq!(failed.to_string(), format!("line   3: stopped at 0s: {why}"));
    }
}

/// A claim that never fails says nothing: here each fails.
#[test]
fn what_scenarios_claim_can_fail() {
    for claim in [
        "now S1 holds y=1",
        "now S1 holds nothing of x",
        "now S1 holds tombstone of x",
        "now S1 holds 2 siblings of x",
        "now S1 suspects S2",
        "now S4 keeps hint for S1",
        "now not copies 5 of x=1",
        "now not replicas equal",
        "now C1 waits",
        "now C1 unknown",
        "now C1 refused",
        "now not C1 done",
        "now C2 read x=2",
        "now C2 read nothing of x",
        "now C2 read 2 siblings of x",
        "now not done x=1",
        "now refused x=1",
        "now unknown x=1",
        "now lost x=1",
        "now lost writes 1",
        "now stale reads 1",
        "now not S1 serves",
        "now S2 serves",
        "now not every live server answers",
        "now not linearizable kept",
        "now not sequential kept",
        "now not eventual kept",
        "now S1 leads",
        "now S1 down",
        "now not S1 up",
        "broken linearizability",
        "broken acknowledged-stays",
        "eventually S1 holds x=2 within 20ms",
        "never S1 holds x=1",
    ] {
        let text = format!(
            "rift 1\nlab cap\nwrite x=1 to S1\nuntil C1 done\nread x from S1 by C2\n\
             until C2 done\nafter 50ms\nexpect {claim}\n"
        );
        let report = play(&parse(&text).expect("it parses")).expect("it can be played");
        assert!(report.failed.is_none() && !report.passed(), "{claim}\n{report}");
    }
}

/// Every condition has a scenario that waits for it or claims it.
#[test]
fn every_condition_of_the_lab_is_of_use() {
    let entry = find_scripted("cap").expect("it is in the registry");
    let texts: String = entry.scenarios.iter().map(|shipped| shipped.text).collect();
    let rare = [
        "SERVER down",
        "SERVER up",
        "causal kept",
        "convergent kept",
        "monotonic-reads kept",
        "monotonic-writes kept",
        "writes-follow-reads kept",
        "eventual kept",
    ];
    for form in entry.forms {
        let capital = |word: &&str| word.chars().all(|c| c.is_ascii_uppercase() || c == '=');
        let words: Vec<&str> = form.pattern.split(' ').filter(|word| !capital(word)).collect();
        let is_used = words.iter().all(|word| texts.contains(word));
        assert!(is_used || rare.contains(&form.pattern), "{}", form.pattern);
    }
}

#[test]
fn names_of_scenarios_are_unique() {
    let all: Vec<&str> =
        SCRIPTED.iter().flat_map(|entry| entry.scenarios).map(|shipped| shipped.name).collect();
    for (place, name) in all.iter().enumerate() {
        assert!(!all[place + 1..].contains(name), "{name}");
    }
}

/// The coordinator, the primary and the leader are found, where there are some.
#[test]
fn servers_are_named_by_what_they_do() {
    for lines in [
        "write x=1 to S3\nexpect now coordinator up\n\
         after 1ms crash coordinator\nexpect now S3 down",
        "system primary-backup\ncrash primary\nexpect now S1 down",
        "system raft\nuntil leader up\ncrash leader\nexpect now not leader up",
    ] {
        let text = format!("rift 1\nlab cap\n{lines}\n");
        let report = play(&parse(&text).expect("it parses")).expect("it can be played");
        assert!(report.failed.is_none(), "{lines}\n{report}");
    }
}
