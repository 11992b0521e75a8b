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
        "now S1 closed",
        "now S2 closed",
        "now not S1 open",
        "now S2 open",
        "now S1 half-open",
        "now S1 closed to S2",
        "now not S1 open to S2",
        "now S1 era 0",
        "now S2 era 0",
        "now S1 probes 1",
        "now S2 probes 0",
        "now begun 1000",
        "now served 1000",
        "now rejected 1000",
        "now failed 6",
        "now bounced 1000",
        "now late 1000",
        "now under way 1000",
        "now goodput 1000",
        "now waiting S2 1",
        "now waiting S1 0",
        "now not late-results-move-nothing kept",
        "now not no-more-probes-than-sockets kept",
        "now not open-until-its-deadline kept",
        "now not opens-by-its-rule kept",
        "now not rejections-enter-no-window kept",
        "now not probes-never-wedge kept",
        "now not neutral-results-move-nothing kept",
        "now not requests-end-once kept",
        "broken opens-by-its-rule",
        "never S1 open",
        "eventually served 1000 within 20ms",
    ] {
        let text = format!(
            "rift 1\nlab breaker\nuntil served 1\nset health errors\nuntil S1 open within 10s\n\
             expect {claim}\n"
        );
        let report = play(&parse(&text).unwrap_or_else(|error| panic!("{claim}: {error}")));
        let report = report.expect("it can be played");
        assert!(report.failed.is_none() && !report.passed(), "{claim}\n{report}");
    }
}

/// A promise is broken where it was given, and only a condition tells where it was not.
#[test]
fn what_was_given_up_is_not_blamed() {
    let lines = "set health errors\nafter 20s expect now not opens-by-its-rule kept\n";
    for settings in ["habit one-more\n\n", "\nset habit one-more\n"] {
        let text = format!("rift 1\nlab breaker\n{settings}{lines}expect always every-promise\n");
        let report = play(&parse(&text).expect("it parses")).expect("it can be played");
        assert!(report.passed(), "{report}");
    }
}

/// Every condition has a scenario that waits for it or claims it.
#[test]
fn every_condition_of_the_lab_is_of_use() {
    let entry = find_scripted("breaker").expect("it is in the registry");
    let texts: String = entry.scenarios.iter().map(|shipped| shipped.text).collect();
    for form in entry.forms {
        let capital = |word: &&str| word.chars().all(|c| c.is_ascii_uppercase() || c == '=');
        let words: Vec<&str> = form.pattern.split(' ').filter(|word| !capital(word)).collect();
        let is_used = words.iter().all(|word| texts.contains(word.trim_end_matches("kept")));
        let rare = ["SERVER up", "SERVER down", "begun N"];
        let is_promise = form.pattern.ends_with("kept");
        assert!(is_used || is_promise || rare.contains(&form.pattern), "{}", form.pattern);
    }
}

#[test]
fn what_makes_no_sense_ends_the_script_and_says_where() {
    for (lines, why) in [
        ("do \"sing\" at S1", "nobody here can do “sing”"),
        ("do \"call\" at S2", "S2 makes no calls"),
        ("set cast fleet", "this figure knows no such thing"),
        ("set probes 0", "without a probe it never closes"),
        ("write x=1 to S1", "this figure knows no such thing"),
        ("time-out S1", "this figure knows no such thing"),
    ] {
        let scenario = parse(&format!("rift 1\nlab breaker\n{lines}")).expect("it parses");
        let failed = play(&scenario).expect("it can be played").failed.expect("it ends there");
        assert!(matches!(failed.why, Failure::Refused(_)), "{failed}");
        assert_eq!(failed.to_string(), format!("line   3: stopped at 0s: {why}"));
    }
}

/// `UPDATE_EXPECT=1` writes these files anew.
#[test]
fn the_breaker_tells_its_stories() {
    let entry = find_scripted("breaker").expect("it is in the registry");
    for shipped in entry.scenarios {
        let report = play(&parse(shipped.text).expect("it parses")).expect("it can be played");
        let golden = format!("../golden/breaker/{}.txt", shipped.name);
        expect_file![golden].assert_eq(&report.to_string());
    }
}
