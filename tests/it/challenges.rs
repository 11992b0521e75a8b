//! Challenges: each can be solved, near misses do not count, and neither does who cheats. A grade
//! is worked out from the run alone, so a link proves what it claims.

mod solutions;

use rift::export::challenges;
use rift::labs::{Command, SCRIPTED, SettingValue, Shipped};
use rift::lens::challenges::Challenges;
use rift::link::Link;
use rift::scenario::challenge::{Foul, Grade, Grader, KINDS, Terms, beginning, kinds};
use rift::scenario::{Scenario, parse, play};
use rift::session::Run;
use rift::sim::{Fault, NodeId};
use rift::timeline::{BranchId, Timeline, Tree};

use solutions::SOLUTIONS;

fn all() -> impl Iterator<Item = &'static Shipped> {
    SCRIPTED.iter().flat_map(|entry| entry.challenges)
}

fn challenge(name: &str) -> Scenario {
    let shipped = all().find(|shipped| shipped.name == name).expect("it ships");
    parse(shipped.text).expect("it parses")
}

/// What comes of these acts, done in a challenge, and when they are over.
fn attempt(name: &str, acts: &str) -> (Run, u64) {
    let shipped = all().find(|shipped| shipped.name == name).expect("it ships");
    let own = |line: &&str| {
        let word = line.split(' ').next().unwrap_or_default();
        !["goal", "forbid", "rule", "task"].contains(&word)
    };
    let stage: Vec<&str> = shipped.text.lines().filter(own).collect();
    let script = format!("{}\n{acts}\n", stage.join("\n"));
    let report = play(&parse(&script).expect("the attempt parses")).expect("it can be played");
    assert!(report.passed(), "{name}: {report}");
    (report.run, report.ended_us)
}

fn grade(name: &str, run: &Run, at_us: u64) -> Grade {
    Grader::new(challenge(name)).expect("it can be played").grade(run, at_us)
}

#[test]
fn every_challenge_says_what_it_wants() {
    let mut names = Vec::new();
    for entry in SCRIPTED {
        assert!(entry.challenges.len() >= 2, "{}", entry.lab.name);
        for shipped in entry.challenges {
            let scenario = parse(shipped.text).expect(shipped.name);
            assert_eq!(scenario.lab, entry.lab.name);
            assert!(!scenario.title.is_empty() && scenario.title.len() < 30, "{}", shipped.name);
            assert!(scenario.goal.ends_with('.') && scenario.goal.len() < 110, "{}", shipped.name);
            let terms = Terms::of(&scenario);
            assert!(!terms.tasks.is_empty(), "{}", shipped.name);
            assert!(!names.contains(&shipped.name), "{} comes twice", shipped.name);
            names.push(shipped.name);
            // What is read back from its own words is the same.
            let again = parse(&scenario.to_string()).expect("it was just written");
            assert_eq!(again.to_string(), scenario.to_string());
        }
    }
    assert!(names.len() >= 8, "{}", names.len());
    assert!(SOLUTIONS.iter().map(|of| of.name).eq(names), "each is solved, in their order");
}

#[test]
fn each_can_be_solved_and_is_not_before_it_is() {
    for of in SOLUTIONS {
        let (run, ended_us) = attempt(of.name, of.solution);
        let graded = grade(of.name, &run, ended_us);
        assert_eq!(graded.foul, None, "{}: {graded:?}", of.name);
        let done_us = graded.done_us().unwrap_or_else(|| panic!("{}: {graded:?}", of.name));
        assert!(done_us <= ended_us, "{}", of.name);
        let (begun, from_us) = beginning(&challenge(of.name)).expect("it has a beginning");
        let from_us = from_us.min(run.actions[begun.actions.len()].at_us);
        assert!(graded.acts > 0 && graded.acts + begun.actions.len() <= run.actions.len());
        // To have begun is not to have done it; nor is to have almost done it.
        for at_us in [from_us, done_us - 1] {
            let early = grade(of.name, &run, at_us);
            assert_eq!((early.done_us(), early.foul), (None, None), "{} at {at_us}", of.name);
        }
        // What comes after does not count any more.
        let later = grade(of.name, &run, ended_us + 100_000);
        assert_eq!(later, graded, "{}", of.name);
    }
}

#[test]
fn near_misses_do_not_count() {
    for of in SOLUTIONS {
        for miss in of.misses {
            let (run, ended_us) = attempt(of.name, miss);
            let graded = grade(of.name, &run, ended_us);
            assert_eq!((graded.done_us(), &graded.foul), (None, &None), "{}: {miss}", of.name);
        }
    }
}

#[test]
fn who_cheats_is_told_so() {
    for of in SOLUTIONS {
        for (cheat, why) in of.cheats {
            let (run, ended_us) = attempt(of.name, cheat);
            let graded = grade(of.name, &run, ended_us);
            assert_eq!(graded.done_us(), None, "{}: {cheat}", of.name);
            let foul = match graded.foul {
                Some(Foul::Forbidden(kind, _)) => kind.to_owned(),
                Some(Foul::Rule(place)) => format!("rule {place}"),
                other => panic!("{}: {other:?}", of.name),
            };
            assert_eq!(foul, *why, "{}: {cheat}", of.name);
        }
    }
}

/// A run of other settings is another challenge. Only luck is free.
#[test]
fn a_run_of_other_settings_does_not_count() {
    let of = SOLUTIONS.iter().find(|of| of.name == "borrowed-time").expect("it ships");
    let (run, ended_us) = attempt(of.name, of.solution);
    assert!(grade(of.name, &run, ended_us).done_us().is_some());
    let mut other = run.clone();
    other.settings.tuning.protocol[0].value = SettingValue::Switch(false);
    assert_eq!(grade(of.name, &other, ended_us).foul, Some(Foul::AnotherRun));
    let mut more = run.clone();
    more.settings.servers = 5;
    assert_eq!(grade(of.name, &more, ended_us).foul, Some(Foul::AnotherRun));
    let (elsewhere, at_us) = attempt("told-and-lost", SOLUTIONS[5].solution);
    assert_eq!(grade(of.name, &elsewhere, at_us).foul, Some(Foul::AnotherRun));
    // With another seed the same acts are another run, which has to be solved anew.
    let mut lucky = run;
    lucky.settings.seed += 1;
    let graded = grade(of.name, &lucky, ended_us);
    assert_ne!(graded.foul, Some(Foul::AnotherRun));
}

/// What the challenge itself did at the beginning has to be in the run.
#[test]
fn a_run_without_the_challenges_beginning_does_not_count() {
    let name = "two-are-enough";
    let (begun, from_us) = beginning(&challenge(name)).expect("it has a beginning");
    assert_eq!(begun.actions.len(), 1);
    assert_eq!(grade(name, &begun, from_us).foul, None);
    let mut without = begun.clone();
    without.actions.clear();
    assert_eq!(grade(name, &without, from_us).foul, Some(Foul::AnotherRun));
    let mut other = begun;
    other.actions[0].command = Command::Faults(vec![Fault::Crash(NodeId(1))]);
    assert_eq!(grade(name, &other, from_us).foul, Some(Foul::AnotherRun));
}

/// Told of a run bit by bit, as by a page, or of another one meanwhile: the grade is the same.
#[test]
fn a_grade_does_not_depend_on_what_was_graded_before() {
    for of in SOLUTIONS {
        let (run, ended_us) = attempt(of.name, of.solution);
        let mut grader = Grader::new(challenge(of.name)).expect("it can be played");
        for part in (1..=20).chain([7, 20]) {
            let at_us = ended_us * part / 20;
            let acts = run.actions.iter().filter(|action| action.at_us <= at_us).cloned();
            let so_far = Run { actions: acts.collect(), ..run.clone() };
            let fresh = grade(of.name, &run, at_us);
            assert_eq!(grader.grade(&so_far, at_us), fresh, "{} at {at_us}", of.name);
        }
    }
}

/// The page's own timeline and the grader see the same history, and a link carries all of it.
#[test]
fn a_link_is_the_proof() {
    for of in SOLUTIONS {
        let (run, ended_us) = attempt(of.name, of.solution);
        let entry = SCRIPTED.iter().find(|entry| entry.lab.name == run.lab).expect("it is one");
        let tree = Tree::of_actions(run.actions.clone());
        let mut timeline = Timeline::of_tree(&entry.lab, run.settings.clone(), tree);
        timeline.seek(ended_us).expect("far from any limit");
        let text = Link::of_timeline(&timeline, None).to_text();
        let link = Link::parse(&text).expect("it was just made");
        let actions = link.tree.branch(BranchId::FIRST).expect("it is there").actions.clone();
        let read = Run { lab: link.lab, settings: link.settings, actions };
        let graded = grade(of.name, &read, link.at_us);
        assert!(graded.done_us().is_some(), "{}", of.name);
        assert_eq!(graded, grade(of.name, &run, ended_us));
    }
}

/// What a page is told: how each begins, and what has become of it.
#[test]
fn a_page_is_told_how_challenges_begin_and_how_far_a_run_has_come() {
    let told = challenges().expect("all of them begin");
    assert_eq!(told.matches("\"name\":").count(), all().count());
    for line in told.lines().filter(|line| line.starts_with('{')) {
        let value = |name: &str| {
            let (_, rest) = line.split_once(&format!("\"{name}\":\"")).expect(name);
            rest.split('"').next().unwrap_or_default().to_owned()
        };
        let (name, run) = (value("name"), value("run"));
        let mut judges = Challenges::default();
        let graded = judges.grade(&name, &run);
        assert!(graded.starts_with("{\"doneUs\":null,\"acts\":0,"), "{name}: {graded}");
        assert!(graded.ends_with("\"foul\":null}"), "{name}: {graded}");
        assert_eq!(judges.grade("no-such", &run), "");
        assert_eq!(judges.grade(&name, "https://example.org/#run=1.x"), "");
    }
}

#[test]
fn everything_that_can_be_done_has_a_name_that_can_be_forbidden() {
    for of in SOLUTIONS {
        let (run, _) = attempt(of.name, of.solution);
        for action in &run.actions {
            let names: Vec<&str> = kinds(&action.command).collect();
            assert!(!names.is_empty() && names.iter().all(|name| KINDS.contains(name)));
        }
    }
    let both = Command::Faults(vec![Fault::HealAll, Fault::Cut(Vec::new())]);
    assert_eq!(kinds(&both).collect::<Vec<_>>(), ["heal", "cut"]);
    let wrong = parse("rift 1\nlab raft\nforbid cheating\n").expect_err("that is no act");
    assert_eq!((wrong.line, wrong.column), (3, 8));
}
