//! The views of the event sourcing lab on its real world, as the lens draws them: what they show
//! is what the log of the run comes to.

use rift::event_store::Replay;
use rift::labs::events::shop::{ShopRules, upcasters};
use rift::labs::events::{Cluster, EventLab};
use rift::labs::{Ask, Client, Command, LABS, LabSettings, Setting, SettingValue};
use rift::lens::Lens;
use rift::link::Link;
use rift::sim::NodeId;
use rift::timeline::{BranchId, Timeline};

fn started(settings: &[(&'static str, SettingValue)]) -> Timeline {
    let entry = LABS.iter().find(|lab| lab.name == "events").expect("the lab is there");
    let mut wanted: LabSettings = entry.defaults.clone();
    for (name, value) in settings {
        wanted.tuning.set(Setting { name, value: *value });
    }
    Timeline::start(entry, wanted)
}

fn play(timeline: &mut Timeline, us: u64) {
    timeline.advance_to(timeline.now_us() + us).expect("far from any limit");
}

fn ask(timeline: &mut Timeline, client: u8, via: u8, what: &str) {
    let what = Ask::Do { what: what.to_owned() };
    let command = Command::Ask { client: Client(client), via: NodeId(via), what };
    timeline.act(command).expect("somebody is there");
    play(timeline, 400_000);
}

fn cluster(timeline: &Timeline) -> &Cluster {
    EventLab::of(timeline.lab()).expect("it is the shop").cluster()
}

/// The lens with the same run, at the same instant.
fn lens(timeline: &Timeline) -> Lens {
    let mut lens = Lens::default();
    lens.open(&Link::of_timeline(timeline, None).to_text()).expect("it is a good link");
    look(&mut lens, timeline.now_us(), timeline);
    lens
}

fn look(lens: &mut Lens, at_us: u64, timeline: &Timeline) {
    assert!(lens.at(timeline.branch(), at_us).is_some());
}

fn drawn(lens: &mut Lens, view: &str) -> String {
    let mut html = lens.picture(view, 656.0, 432.0);
    while !lens.is_finished() {
        html = lens.picture(view, 656.0, 432.0);
    }
    html
}

/// The value of a field in the table of the state.
fn field<'a>(html: &'a str, name: &str) -> &'a str {
    let row = html.split(&[name, "</th><td>"].concat()).nth(1).expect("the field is shown");
    let value = row.split("</td>").next().and_then(|cell| cell.split("<span>").nth(1));
    value.and_then(|value| value.split('<').next()).expect("it has a value")
}

#[test]
fn log_and_state_are_those_of_the_run_and_follow_it() {
    let mut timeline = started(&[]);
    for (client, via, what) in [(1, 0, "take mug"), (2, 1, "take tea"), (1, 0, "pay")] {
        ask(&mut timeline, client, via, what);
    }
    let log = cluster(&timeline).log().clone();
    assert_eq!(log.last_position(), 9);
    let mut lens = lens(&timeline);
    let html = drawn(&mut lens, "log");
    let sleeve = upcasters();
    let replay = Replay::new(&ShopRules).upcasting(&sleeve);
    for position in 0..=9 {
        let folded = replay.all_to(&log, position).expect("all types are known");
        let hash = rift::event_store::state_hash(&folded.state);
        assert!(html.contains(&format!("<code>{:04x}</code>", hash >> 48)), "{position}: {html}");
    }
    assert_eq!((field(&html, "mug left"), field(&html, "Ann has paid")), ("0", "12.00 €"));
    // Back to where an event was recorded: it is the last one then, and the others stay in sight.
    for position in [6, 7, 8, 9] {
        let at_us = log.event(position).expect("it is there").recorded_at();
        look(&mut lens, at_us, &timeline);
        let html = drawn(&mut lens, "log");
        assert!(html.contains(&format!(">After {position}: ")), "{position}: {html}");
        assert_eq!(html.matches("ev-row ahead").count() as u64, 9 - position, "{html}");
        let there = cluster_at(&timeline, at_us);
        assert_eq!(there, position, "the instant that the row names is that of the append");
    }
}

/// How long the log was at an instant.
fn cluster_at(timeline: &Timeline, at_us: u64) -> u64 {
    let mut timeline =
        Timeline::of_tree(timeline.entry(), timeline.settings().clone(), timeline.tree().clone());
    timeline.seek(at_us).expect("it was there");
    cluster(&timeline).log().last_position()
}

/// What nobody decided is there all the same: two took the last mug, and the state says so.
#[test]
fn a_lost_update_shows_in_the_state_and_goes_away_in_a_fork() {
    let mut timeline = started(&[("check", SettingValue::Switch(false))]);
    for client in [1, 2] {
        let what = Ask::Do { what: "take mug".to_owned() };
        let via = NodeId(client - 1);
        timeline.act(Command::Ask { client: Client(client), via, what }).expect("it is up");
    }
    play(&mut timeline, 900_000);
    let mut lens = lens(&timeline);
    assert_eq!(field(&drawn(&mut lens, "log"), "mug left"), "−1");
    lens.press("at=8");
    lens.press("drop");
    let html = drawn(&mut lens, "log");
    let left = html.split("mug left</th>").nth(1).expect("the field is shown");
    assert!(left.starts_with("<td>−1</td><td>0</td>"), "{left}");
}

/// On a cluster an event knows its index and no time: the picture moves, the run stays.
#[test]
fn on_a_cluster_the_log_is_what_was_applied() {
    let mut timeline = started(&[("log", SettingValue::Choice("raft"))]);
    play(&mut timeline, 2_000_000);
    ask(&mut timeline, 1, 0, "take tea");
    play(&mut timeline, 2_000_000);
    let log = cluster(&timeline).log().clone();
    assert!(log.last_position() >= 7, "{}", log.last_position());
    let mut lens = lens(&timeline);
    let html = drawn(&mut lens, "log") + &lens.controls();
    assert!(html.contains("Ann took a tea") && !html.contains("data-go"), "{html}");
    lens.press("ArrowUp");
    assert!(!lens.is_following());
    assert!(drawn(&mut lens, "old-events").contains("Cleo has paid 24.00 €"));
    assert!(drawn(&mut lens, "snapshots").contains("all 4 cuts"));
}

/// A fault that was done in another branch is not waited for.
#[test]
fn another_branch_has_its_own_log() {
    let mut timeline = started(&[]);
    ask(&mut timeline, 1, 0, "take tea");
    ask(&mut timeline, 1, 0, "take tea");
    let mut lens = lens(&timeline);
    drawn(&mut lens, "log");
    timeline.seek(400_000).expect("it was there");
    let what = Ask::Do { what: "restock mug".to_owned() };
    timeline
        .act(Command::Ask { client: Client(2), via: NodeId(1), what })
        .expect("acting in the past makes a branch");
    lens.open(&Link::of_timeline(&timeline, None).to_text()).expect("it is a good link");
    assert_ne!(timeline.branch(), BranchId::FIRST);
    look(&mut lens, 400_000, &timeline);
    assert!(!drawn(&mut lens, "log").contains("ev-row ahead"));
    look(&mut lens, 900_000, &timeline);
    assert!(drawn(&mut lens, "log").contains("3 × mug came in</span><small>stock-mug"));
}
