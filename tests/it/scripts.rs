//! The language of scripts: what it reads, what it refuses and where, and what it writes.

pub(crate) mod made;

use expect_test::expect;
use proptest::prelude::*;
use rift::explore::{RaftSubject, Subject, as_it_went, script};
use rift::labs::{Command, LABS, SCRIPTED};
use rift::scenario::*;
use rift::session::{Run, Session};
use rift::sim::{Fault, NodeId};

/// The same without the numbers of lines, which comments and empty lines change.
fn without_lines(mut scenario: Scenario) -> Scenario {
    scenario.steps.iter_mut().for_each(|step| step.line = 0);
    scenario
}

/// What is wrong with the lines after `rift 1` and `lab raft`.
#[track_caller]
fn wrong(lines: &str, expected: expect_test::Expect) {
    let error = parse(&format!("rift 1\nlab raft\n{lines}")).expect_err("something is wrong");
    expected.assert_eq(&error.to_string());
}

#[test]
fn mistakes_are_named_where_they_are() {
    wrong("servers 12", expect!["line 3, column 9: the number of servers must be 3 to 9"]);
    wrong(
        "servers five",
        expect!["line 3, column 9: expected the number of servers, found `five`"],
    );
    wrong("seed 1\nseed 2", expect!["line 4, column 1: `seed` is set already"]);
    wrong(
        "heal\nseed 2",
        expect![[
            "line 4, column 1: `seed` is a setting and must stand before everything that happens"
        ]],
    );
    wrong(
        "heartbeat 1s\nheal",
        expect![[
            "line 4, column 1: these settings cannot work: a heartbeat every 1000000 µs comes too \
             late for timeouts of 100000 µs"
        ]],
    );
    wrong(
        "network loss 1%",
        expect![[
            "line 3, column 9: expected the delay of every link, such as delay 5ms..10ms, found \
             `loss`"
        ]],
    );
    wrong(
        "network delay 9ms..5ms",
        expect![[
            "line 3, column 9: these settings cannot work: the range of delays ends before it \
             begins"
        ]],
    );
    wrong(
        "dance",
        expect![[
            "line 3, column 1: expected a setting such as servers, seed or network, or a step: at, \
             after, until, say, task or expect, or an act: cut, heal, links, crash, restart, \
             pause, resume, disk, clock, drop, delay, duplicate, time-out, write, read, delete, \
             open-session, retry, do, add-learner, promote, remove, voters, transfer, set or \
             nothing, found `dance`"
        ]],
    );
    wrong("crash S6", expect!["line 3, column 7: a server must be 1 to 5"]);
    wrong(
        "crash everybody",
        expect![[
            "line 3, column 7: expected a server: S1 to S5, leader, old-leader, found `everybody`"
        ]],
    );
    wrong(
        "cut S1",
        expect![[
            "line 3, column 7: expected `|` or `->` and the other side, found the end of the line"
        ]],
    );
    wrong(
        "heal; dance",
        expect![["line 3, column 7: expected something more to do at once, found `dance`"]],
    );
    wrong(
        "at 12 heal",
        expect![["line 3, column 4: expected a time such as 20ms, 1.5s or 300us, found `12`"]],
    );
    wrong(
        "at 2.5h heal",
        expect![["line 3, column 4: expected a time such as 20ms, 1.5s or 300us, found `2.5h`"]],
    );
    wrong("after 3601s", expect![["line 3, column 7: a time, in us, must be 0 to 3600000000"]]);
    wrong("say hello", expect!["line 3, column 5: expected a text in quotes, found `hello`"]);
    wrong("say \"hello", expect!["line 3, column 5: this text has no closing \""]);
    wrong("heal §", expect!["line 3, column 6: '§' means nothing here; texts stand in \"…\""]);
    wrong("until S1 dances", expect![["line 3, column 10: expected `leads`, found `dances`"]]);
    wrong(
        "until leader or no leader",
        expect![["line 3, column 14: expected the end of the line, found `or`"]],
    );
    wrong("until S7 leads", expect!["line 3, column 7: a server must be 1 to 5"]);
    wrong(
        "expect leader",
        expect![
            "line 3, column 8: expected now, eventually, always, never or broken, found `leader`"
        ],
    );
    wrong("write x to S1", expect!["line 3, column 9: expected `=`, found `to`"]);
}

#[test]
fn the_head_must_be_there() {
    let wrong = |text| parse(text).expect_err("something is missing").to_string();
    expect!["line 1, column 1: expected `rift 1`, found the end of the line"].assert_eq(&wrong(""));
    expect!["line 1, column 1: expected `rift`, found `lab`"].assert_eq(&wrong("lab raft"));
    expect!["line 2, column 6: this program reads scripts of version 1, not 2"]
        .assert_eq(&wrong("# new\nrift 2\n"));
    expect!["line 2, column 1: expected `lab` and its name, found the end of the line"]
        .assert_eq(&wrong("rift 1"));
    expect!["line 2, column 5: expected a lab: raft, cap, events, breaker, whole, found `paxos`"]
        .assert_eq(&wrong("rift 1\nlab paxos"));
    let long = "#".repeat(limits::SCRIPT_BYTES + 1);
    expect!["line 1, column 1: a script has at most 1000000 bytes"].assert_eq(&wrong(&long));
    let many = format!("rift 1\nlab raft\n{}", "heal\n".repeat(limits::STEPS + 1));
    expect!["line 20003, column 1: a script has at most 20000 steps"].assert_eq(&wrong(&many));
    let watches = "expect never leader\n".repeat(limits::WATCHES + 1);
    let watches = wrong(&format!("rift 1\nlab raft\n{watches}"));
    expect!["line 103, column 1: a script has at most 100 claims of every instant"]
        .assert_eq(&watches);
}

/// The first line that a report complains about.
fn complaint(lines: &str) -> String {
    let scenario = parse(&format!("rift 1\nlab raft\n{lines}")).expect("it parses");
    let report = play(&scenario).expect("what parses can be played");
    assert!(!report.passed());
    let broken = report.verdicts.iter().find(|verdict| !verdict.holds());
    match report.failed {
        Some(failed) => failed.to_string(),
        None => broken.expect("something does not hold").to_string(),
    }
}

#[test]
fn what_cannot_be_done_ends_the_script_and_says_where() {
    expect!["line   3: stopped at 0s: there is no leader now"]
        .assert_eq(&complaint("crash leader"));
    expect!["line   4: stopped at 0s: S1 is running already"].assert_eq(&complaint("\nrestart S1"));
    expect!["line   3: stopped at 50ms: did not come within 50ms"]
        .assert_eq(&complaint("until leader within 50ms"));
    expect!["line   3: stopped at 5s: did not come within 5s"]
        .assert_eq(&complaint("until term 1000"));
    expect!["line   4: stopped at 20ms: 10ms is over: it is 20ms"]
        .assert_eq(&complaint("at 20ms\nat 10ms heal"));
    expect!["line   3: stopped at 0s: no message is on its way from S1 to S2"]
        .assert_eq(&complaint("drop message S1 -> S2"));
    expect!["line   3: stopped at 0s: no fault has named the leader yet, so there is no old one"]
        .assert_eq(&complaint("crash old-leader"));
    let many = format!("cut {0} -> {0}", "all ".repeat(40));
    expect!["line   3: stopped at 0s: more than 10000 links at once"].assert_eq(&complaint(&many));
}

#[test]
fn claims_say_why_they_do_not_hold() {
    expect!["line   3: NO   now leader: it does not hold at 0s"]
        .assert_eq(&complaint("expect now leader"));
    expect!["line   3: NO   eventually leader within 10ms: did not come within 10ms"]
        .assert_eq(&complaint("expect eventually leader within 10ms"));
    expect!["line   3: NO   never S1 leads: it holds at 18.695ms"]
        .assert_eq(&complaint("expect never S1 leads\ntime-out S1\nuntil leader"));
    expect!["line   4: NO   always S1 up: it does not hold at 1ms"]
        .assert_eq(&complaint("at 1ms crash S1\nexpect always S1 up"));
}

/// However often one looks, the same happens.
#[test]
fn the_steps_of_a_page_change_nothing() {
    for shipped in SCRIPTED[0].scenarios {
        let scenario = parse(shipped.text).expect("it parses");
        let report = play(&scenario).expect("it can be played");
        for frame_us in [1_000, 16_667, 1_000_000] {
            let mut player = Player::alone(&scenario).expect("it can be played");
            let mut at_us = 0;
            while at_us < report.ended_us {
                at_us = report.ended_us.min(at_us + frame_us);
                player.advance_to(at_us);
            }
            assert!(player.is_over());
            assert_eq!(player.run(), &report.run, "{}", shipped.name);
            assert_eq!(player.lab().history_hash(), report.history_hash, "{}", shipped.name);
        }
    }
}

#[test]
fn a_task_waits_for_a_reader_and_is_done_by_nobody_else() {
    let text = "rift 1\nlab raft\ntask \"Crash S1\" until S1 down by crash S1\nsay \"done\"\n";
    let scenario = parse(text).expect("it parses");
    let mut player = Player::new(&scenario).expect("it can be played");
    player.advance_to(20_000_000);
    assert_eq!((player.tasks()[0].done_us, player.said().len()), (None, 0));
    assert_eq!(player.waits_in().map(|step| step.line), Some(3));
    let command = Command::Faults(vec![Fault::Crash(NodeId(0))]);
    player.act(command).expect("S1 is up");
    player.advance_to(20_000_001);
    assert_eq!(player.tasks()[0].done_us, Some(20_000_000));
    assert!(player.is_over());
    assert_eq!(play(&scenario).expect("it can be played").ended_us, 1, "nobody was there");
}

/// A run, written down and played, and its script, printed and read.
fn survives_being_written_down(run: &Run, until_us: u64) {
    let hash = |run: &Run| {
        let session = Session::replay(&LABS[0], run, until_us).expect("the history has room");
        session.lab().history_hash()
    };
    let text = Scenario::of_run(run, until_us).to_string();
    let scenario = parse(&text).expect("what is printed can be read");
    let report = play(&scenario).expect("what parses can be played");
    assert!(report.passed(), "{report}\n{text}");
    assert_eq!(&report.run, run);
    assert_eq!((report.ended_us, report.history_hash), (until_us, hash(run)));
}

/// Nothing of it is left out: whatever a seed draws, settings included, has its words.
#[test]
fn runs_under_the_nemesis_survive_being_written_down() {
    let subject = RaftSubject::genuine();
    for seed in 0..200 {
        let plan = subject.plan(seed);
        let (went, outcome) = as_it_went(&subject, &plan, None);
        assert!(outcome.refused + went.actions.len() <= plan.actions.len());
        let text = script(&subject, &went, None).to_string();
        let scenario = parse(&text).unwrap_or_else(|e| panic!("seed {seed}: {e}\n{text}"));
        let report = play(&scenario).expect("what parses can be played");
        assert!(report.passed(), "seed {seed}: {:?}", report.verdicts);
        assert_eq!((&report.run, &report.run.settings), (&went.run(), &plan.settings));
        let ended = (report.ended_us, report.history_hash);
        assert_eq!(ended, (outcome.simulated_us, outcome.hash), "seed {seed}");
        if seed < 25 {
            survives_being_written_down(&went.run(), went.ends_us);
        }
    }
}

#[test]
fn a_plan_as_a_script_claims_that_promises_are_kept() {
    let subject = RaftSubject::genuine();
    let (went, _) = as_it_went(&subject, &subject.plan(7), None);
    let text = script(&subject, &went, None).to_string();
    assert!(text.ends_with("expect always every-promise\n"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_printed_reads_the_same(scenario in made::scenario()) {
        let text = scenario.to_string();
        let read = parse(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        prop_assert_eq!(read.to_string(), text);
        prop_assert_eq!(without_lines(read), scenario);
    }

    #[test]
    fn rubbish_is_refused_and_harms_nobody(text in "\\PC{0,200}", lines in "[ -~\n]{0,300}") {
        let _ = parse(&text);
        let _ = parse(&format!("rift 1\nlab raft\n{text}"));
        let _ = parse(&format!("rift 1\nlab raft\n{lines}"));
    }

    #[test]
    fn damaged_scripts_are_read_or_refused(
        which in 0..SCRIPTED[0].scenarios.len(),
        at in any::<prop::sample::Index>(),
        gone in 0_usize..8,
        new in "[a-zS0-9|>\"\\\\ .=+;,-]{0,6}",
    ) {
        let mut text: Vec<char> = SCRIPTED[0].scenarios[which].text.chars().collect();
        let from = at.index(text.len());
        let to = text.len().min(from + gone);
        text.splice(from..to, new.chars());
        let text: String = text.into_iter().collect();
        if let Ok(scenario) = parse(&text) {
            let printed = scenario.to_string();
            prop_assert_eq!(parse(&printed).map(without_lines), Ok(without_lines(scenario)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn whatever_can_be_read_can_be_played(scenario in made::scenario()) {
        let report = play(&scenario).expect("what parses can be played");
        let again = Session::replay(&LABS[0], &report.run, report.ended_us);
        if let Ok(again) = again {
            prop_assert_eq!(again.lab().history_hash(), report.history_hash);
        }
    }
}
