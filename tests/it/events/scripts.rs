//! What scripts can say about the lab, and what they refuse.

use expect_test::expect_file;
use rift::labs::find_scripted;
use rift::scenario::{Failure, parse, play};

/// A claim that never fails says nothing: here each fails.
#[test]
fn what_scenarios_claim_can_fail() {
    for claim in [
        "now S1 down",
        "now not S1 up",
        "now S1 leads",
        "now events 6",
        "now durable 6",
        "now version stock-mug 3",
        "now version nothing 1",
        "now left mug 1",
        "now left hat 1",
        "now oversold mug",
        "now paid ann 0",
        "now paid nobody 0",
        "now payments ann 0",
        "now S4 has 6",
        "now S1 has 8",
        "now lag S4 1",
        "now not S4 right",
        "now S3 right",
        "now S4 holds event 7 2 times",
        "now not models equal",
        "now logs equal",
        "now C1 waits",
        "now not C1 done",
        "now C1 recognised",
        "now C1 refused",
        "now C1 conflict",
        "now C1 unknown",
        "now C1 unreachable",
        "now C2 done",
        "now conflicts 1",
        "now recognised 1",
        "now torn tails 1",
        "now armed",
        "now not no-lost-update kept",
        "now not stock-never-below-zero kept",
        "now not once-asked-once-done kept",
        "now not acknowledged-events-stay kept",
        "now not read-models-are-folds kept",
        "now not read-models-catch-up kept",
        "now not same-log-same-state kept",
        "now not one-log-on-all-servers kept",
        "broken no-lost-update",
        "broken read-models-are-folds",
        "never events 7",
        "eventually events 9 within 20ms",
    ] {
        let text = format!(
            "rift 1\nlab events\ndo \"take mug\" at S1\nuntil C1 done\ndo \"pay\" at S1\n\
             until C1 done and models equal\nexpect {claim}\n"
        );
        let report = play(&parse(&text).unwrap_or_else(|error| panic!("{claim}: {error}")));
        let report = report.expect("it can be played");
        assert!(report.failed.is_none() && !report.passed(), "{claim}\n{report}");
    }
}

/// A promise is broken where it was given, and only a condition tells where it was not.
#[test]
fn what_was_given_up_is_not_blamed() {
    let race = "until models equal\ndo \"take mug\" at S1\ndo \"take mug\" at S2 by C2\n\
                until not C1 waits and not C2 waits\n";
    let lines = [
        ("check off\n", "expect always every-promise\nexpect now not no-lost-update kept\n"),
        // Given up for a while is given up: what came of it stays.
        ("", "set check off\nset check on\nexpect always no-lost-update\n"),
    ];
    for (settings, claims) in lines {
        let text = format!("rift 1\nlab events\n{settings}{race}{claims}");
        let report = play(&parse(&text).expect("it parses")).expect("it can be played");
        assert!(report.passed(), "{report}");
    }
}

/// Every condition has a scenario that waits for it or claims it.
#[test]
fn every_condition_of_the_lab_is_of_use() {
    let entry = find_scripted("events").expect("it is in the registry");
    let texts: String = entry.scenarios.iter().map(|shipped| shipped.text).collect();
    let rare = ["CLIENT unreachable", "SERVER up", "read-models-catch-up kept"];
    for form in entry.forms {
        let capital = |word: &&str| word.chars().all(|c| c.is_ascii_uppercase() || c == '=');
        let words: Vec<&str> = form.pattern.split(' ').filter(|word| !capital(word)).collect();
        let is_used = words.iter().all(|word| texts.contains(word.trim_end_matches("kept")));
        assert!(is_used || rare.contains(&form.pattern), "{}", form.pattern);
    }
}

#[test]
fn what_makes_no_sense_ends_the_script_and_says_where() {
    for (lines, why) in [
        ("do \"take hat\" at S1", "nobody here can do “take hat”"),
        ("do \"pay\" at S3", "S3 takes no such wishes"),
        ("do \"pay\" at S1 by C3", "the shop has two customers, C1 and C2"),
        ("retry at S1", "client C1 has written nothing that it could ask for again"),
        ("set log raft", "this figure knows no such thing"),
        ("write x=1 to S1", "this figure knows no such thing"),
    ] {
        let scenario = parse(&format!("rift 1\nlab events\n{lines}")).expect("it parses");
        let failed = play(&scenario).expect("it can be played").failed.expect("it ends there");
        assert!(matches!(failed.why, Failure::Refused(_)), "{failed}");
        assert_eq!(failed.to_string(), format!("line   3: stopped at 0s: {why}"));
    }
}

/// On a cluster there are five servers, and `rest` means those.
#[test]
fn a_cluster_is_cut_as_it_is() {
    let text = "rift 1\nlab events\nlog raft\nuntil leader leads\ncut leader | rest\n\
                do \"take mug\" at leader\nuntil C1 unknown\nheal\nuntil logs equal\n";
    let report = play(&parse(text).expect("it parses")).expect("it can be played");
    assert!(report.failed.is_none(), "{report}");
}

/// What is printed can be read again, and says the same.
#[test]
fn conditions_are_printed_with_what_stands_for_their_capitals() {
    let text = "rift 1\nlab events\n\nexpect now left mug 1 and version stock-mug 3\n";
    let scenario = parse(text).expect("it parses");
    let printed = scenario.to_string();
    assert!(printed.contains("expect now left mug 1 and version stock-mug 3"), "{printed}");
    assert_eq!(parse(&printed).expect("it parses").to_string(), printed);
}

/// `UPDATE_EXPECT=1` writes these files anew.
#[test]
fn the_shop_tells_its_stories() {
    let entry = find_scripted("events").expect("it is in the registry");
    for shipped in entry.scenarios {
        let report = play(&parse(shipped.text).expect("it parses")).expect("it can be played");
        let golden = format!("../golden/events/{}.txt", shipped.name);
        expect_file![golden].assert_eq(&report.to_string());
    }
}
