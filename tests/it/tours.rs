//! The guide: every figure of the article is a scenario that ships, says something on its way,
//! waits for the reader somewhere, and invites them to something that can be done.

use std::fs;
use std::path::Path;

use rift::export::Guided;
use rift::labs::{SCRIPTED, ScriptedEntry, Shipped};
use rift::scenario::{Scenario, parse, play};

/// The scenarios that the plan of the guide names.
const NAMED: [&str; 22] = [
    "split-vote",
    "isolated-leader",
    "minority-writes",
    "figure-7",
    "figure-8",
    "broken-figure-8",
    "disruptive",
    "one-way-cut",
    "lost-vote",
    "snapshot-rescue",
    "membership-bug",
    "stale-lease",
    "late-retry",
    "late-retry-in-session",
    "unknown-write-comes-back",
    "skewed-clock-loses-a-write",
    "resurrected-delete",
    "lost-update",
    "lost-reply-fresh-id",
    "stale-success",
    "retry-storm",
    "sharded-trap",
];

fn shipped(name: &str) -> Option<(&'static ScriptedEntry, &'static Shipped)> {
    SCRIPTED.iter().find_map(|entry| {
        let found = entry.scenarios.iter().find(|shipped| shipped.name == name)?;
        Some((entry, found))
    })
}

fn scenario(name: &str) -> Scenario {
    let (_, shipped) = shipped(name).unwrap_or_else(|| panic!("{name} does not ship"));
    parse(shipped.text).expect("it parses")
}

/// The article, with the part of each figure: its lab and its scenario, and the text around it.
fn article() -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("index.html")).expect("it is there");
    let mut pages = vec![page];
    for file in fs::read_dir(root.join("guide")).expect("it is there") {
        let path = file.expect("it can be read").path();
        pages.push(fs::read_to_string(path).expect("it is text"));
    }
    let mut figures = Vec::new();
    for page in pages {
        for lesson in page.split("<section class=\"lesson\"").skip(1) {
            let lesson = lesson.split("</section>").next().unwrap_or_default();
            let value = |name: &str| {
                let (_, rest) = lesson.split_once(&format!("{name}=\"")).expect("it has a figure");
                rest.split('"').next().unwrap_or_default().to_owned()
            };
            figures.push((value("data-figure"), value("data-scenario"), lesson.to_owned()));
        }
    }
    figures
}

#[test]
fn the_scenarios_that_were_promised_ship() {
    for name in NAMED {
        assert!(shipped(name).is_some(), "{name}");
    }
}

#[test]
fn every_figure_of_the_article_is_whole() {
    let figures = article();
    assert!(figures.len() >= 14, "{}", figures.len());
    for (lab, name, lesson) in &figures {
        let (entry, _) = shipped(name).unwrap_or_else(|| panic!("{name} does not ship"));
        assert_eq!(entry.lab.name, lab, "{name}");
        assert_eq!(lesson.matches("class=\"tour\"").count(), 1, "{name}: one idea, one figure");
        for part in ["<b>Watch for</b>", "<b>Why?</b>", "aria-labelledby="] {
            assert!(lesson.contains(part), "{name} lacks {part}");
        }
        let guided = Guided::play(scenario(name)).expect("it can be played");
        assert!(guided.report.passed(), "{name}\n{}", guided.report);
        let tour = guided.tour;
        assert!(!tour.title.is_empty() && tour.captions.len() >= 2, "{name}: {tour:?}");
        assert!(tour.captions.is_sorted_by(|a, b| a.at_us < b.at_us), "{name}: {tour:?}");
        let stops = tour.captions.iter().filter(|caption| caption.stops).count();
        assert!((1..=3).contains(&stops), "{name} waits {stops} times");
        assert!(!tour.tasks.is_empty(), "{name} has nothing to do");
        for caption in &tour.captions {
            assert!(caption.text.len() <= 200, "{name}: too long to be read: {}", caption.text);
        }
    }
}

/// What a reader does who has left the script, where the script itself does not do it.
fn by_a_reader(name: &str) -> Option<&'static str> {
    Some(match name {
        "first-leader" | "slow-follower" => {
            "until leader\nwrite x=1 to leader\nuntil committed x=1\n\
             crash S1\ncrash S2\nuntil leader in S3 S4 S5\nwrite x=2 to leader\n\
             until committed x=2\n"
        }
        "five-failures" => {
            "until served 1\nset health errors\nuntil S1 open\nuntil S1 half-open within 20s\n\
             until S1 open within 20s\nset health well\nuntil S1 closed within 60s\n"
        }
        _ => return None,
    })
}

/// Nobody is asked for what cannot be done.
#[test]
fn every_task_of_a_tour_can_be_done() {
    let mut undone = Vec::new();
    for (_, name, _) in article() {
        let told = scenario(&name);
        let mut played = vec![told.clone()];
        if let Some(steps) = by_a_reader(&name) {
            let alone = Scenario { steps: Vec::new(), ..told.clone() };
            played
                .push(parse(&format!("{alone}{steps}")).unwrap_or_else(|e| panic!("{name}: {e}")));
        }
        let mut done = Vec::new();
        for scenario in played {
            let report = play(&scenario).expect("it can be played");
            assert!(report.passed(), "{name}\n{report}");
            let entry = &shipped(&name).expect("it ships").0.lab;
            let session = rift::session::Session::replay(entry, &report.run, report.ended_us);
            let tasks = session.expect("it has room").lab().tasks();
            done.extend(tasks.into_iter().filter(|task| task.done_us.is_some()));
        }
        let is_done = |task: &&String| done.iter().any(|it| it.name == **task);
        for task in told.tasks.iter().filter(|task| !is_done(task)) {
            undone.push(format!("{name}: {task}"));
        }
    }
    assert!(undone.is_empty(), "{undone:#?}");
}

/// What a page gets is JSON, and its run is the run that was played.
#[test]
fn a_tour_as_json_has_the_run() {
    let guided = Guided::play(scenario("minority-writes")).expect("it can be played");
    let json = guided.to_json("minority-writes").expect("the run comes so far");
    let (_, run) = json.split_once("\"run\":\"").expect("it has the run");
    let link = rift::link::Link::parse(run.split('"').next().unwrap_or_default());
    let link = link.expect("it opens");
    let actions = &link.tree.branch(link.branch).expect("there is one").actions;
    assert_eq!(actions, &guided.report.run.actions);
    assert_eq!((link.at_us, link.settings.seed), (0, 7));
    assert!(
        json.starts_with("{\"lab\":\"raft\",\"name\":\"minority-writes\",\"title\":"),
        "{json}"
    );
    let hash = format!("\"historyHash\":\"{:016x}\"}}", guided.report.history_hash);
    assert!(json.trim_end().ends_with(&hash), "{json}");
    assert!(guided.poster().expect("it fits").starts_with("<svg"));
}
