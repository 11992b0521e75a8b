//! Links: what goes in comes out, old links keep opening, and a broken one does no harm.

use expect_test::{expect, expect_file};
use proptest::prelude::*;
use rift::labs::{
    Ask, Client, Command, LABS, LabSettings, MembershipChange, Setting, SettingValue,
};
use rift::link::{BadLink, Link};
use rift::random::Random;
use rift::session::Action;
use rift::sim::{Capacity, Delay, Fault, LinkSettings, NodeId, RecordId};
use rift::timeline::{Acted, BranchId, Timeline, Tree};

use crate::scripts::made;

/// Links as they were written once. Lines are added when the codec learns something; none is ever
/// changed.
const STORED: &str = include_str!("links/stored.txt");

fn opened(text: &str) -> Result<(Link, u64), BadLink> {
    let link = Link::parse(text)?;
    let entry = link.entry().expect("the lab was found");
    let mut timeline = Timeline::of_tree(entry, link.settings.clone(), link.tree.clone());
    timeline.select(link.branch)?;
    timeline.seek(link.at_us).expect("far from any limit");
    Ok((link, timeline.lab().history_hash()))
}

fn twenty_acts() -> Timeline {
    let mut timeline = Timeline::start(&LABS[0], LabSettings::new(5, 8_271));
    let mut random = Random::for_purpose(3, 3);
    for number in 0..20 {
        timeline.advance_to(timeline.now_us() + random.below(900_000)).expect("no limit");
        let node = NodeId(random.below(5) as u8);
        let (left, right) =
            ([node, NodeId((node.0 + 1) % 5)], [2, 3, 4].map(|k| NodeId((node.0 + k) % 5)));
        let command = match number % 5 {
            0 => Command::Faults(vec![Fault::cut_between(&left, &right)]),
            1 | 2 => Command::write(node, "x", number.to_string()),
            3 => Command::Faults(vec![Fault::HealAll]),
            _ => Command::TimeOut(node),
        };
        timeline.act(command).expect("it makes sense");
    }
    timeline.advance_to(timeline.now_us() + 500_000).expect("no limit");
    timeline
}

#[test]
fn twenty_acts_fit_into_five_hundred_characters() {
    let timeline = twenty_acts();
    let text = Link::of_timeline(&timeline, None).to_text();
    assert!(text.len() <= 500, "{} characters: {text}", text.len());
    expect!["290"].assert_eq(&text.len().to_string());
    let (link, hash) =
        opened(&format!("https://example.org/rift/?seed=1#{text}")).expect("it opens");
    assert_eq!(hash, timeline.lab().history_hash());
    assert_eq!(link.to_text(), text);
}

#[test]
fn two_branches_travel_side_by_side() {
    let mut timeline = twenty_acts();
    timeline.seek(3_000_000).expect("no limit");
    let cut = Command::Faults(vec![Fault::cut_between(&[NodeId(0)], &[1, 2, 3, 4].map(NodeId))]);
    assert_eq!(timeline.act(cut), Ok(Acted::OnNewBranch(BranchId(1))));
    timeline.name(BranchId(1), "cut off instead".into()).expect("short enough");
    timeline.advance_to(4_000_000).expect("no limit");
    let text = Link::of_timeline(&timeline, Some(BranchId::FIRST)).to_text();
    let (link, hash) = opened(&text).expect("it opens");
    assert_eq!((link.branch, link.beside), (BranchId(1), Some(BranchId::FIRST)));
    assert_eq!(hash, timeline.lab().history_hash());
    assert_eq!(link.tree.shown().count(), 2);
    for (id, branch) in timeline.tree().shown() {
        let read = link.tree.branch(id).expect("it is there");
        assert_eq!((&read.name, &read.actions), (&branch.name, &branch.actions));
    }
    // What was deleted does not travel, and what left it leaves another.
    timeline.delete(BranchId::FIRST).expect("there is another");
    let (link, hash) = opened(&Link::of_timeline(&timeline, None).to_text()).expect("it opens");
    assert_eq!((link.tree.shown().count(), hash), (1, timeline.lab().history_hash()));
}

fn every_kind() -> Vec<Command> {
    let [a, b, c] = [0, 1, 2].map(NodeId);
    let quality = LinkSettings {
        delay: Delay::Pareto { low_us: 5_000, shape_ppm: 1_160_000 },
        loss_ppm: 1,
        duplicate_ppm: 2,
        reorder_ppm: 3,
        reorder_us: 4,
        capacity: Some(Capacity { per_second: 5, queue: 6 }),
    };
    let faults = [
        Fault::cut_between(&[a], &[b, c]),
        Fault::Cut(vec![(a, b), (a, c)]),
        Fault::Cut(vec![(c, b), (a, c), (c, b)]),
        Fault::Cut(Vec::new()),
        Fault::heal_between(&[a, b], &[c]),
        Fault::HealAll,
        Fault::SetLinks(vec![(b, a)], quality),
        Fault::Crash(a),
        Fault::CrashTorn { node: b, whole: 2, part_ppm: 500_000 },
        Fault::Restart(a),
        Fault::Pause(c),
        Fault::Resume(c),
        Fault::SetSync(a, Delay::LogNormal { median_us: 300, sigma_ppm: 500_000 }),
        Fault::SetClock { node: b, rate_ppm: 1_100_000, offset_us: -77 },
        Fault::DropMessage(RecordId(70_000)),
        Fault::DelayMessage(RecordId(3), 50_000),
        Fault::DuplicateMessage(RecordId(4)),
    ];
    let ask = |what| Command::Ask { client: Client(2), via: b, what };
    let change = |change| Command::ChangeMembership { via: a, change };
    let mut all: Vec<Command> = faults.iter().cloned().map(|f| Command::Faults(vec![f])).collect();
    all.extend([
        Command::Faults(faults[..3].to_vec()),
        Command::Faults(Vec::new()),
        Command::TimeOut(c),
        ask(Ask::Write { key: "schlüssel".into(), value: String::new() }),
        ask(Ask::Read { key: "x".into() }),
        ask(Ask::OpenSession),
        ask(Ask::Retry),
        change(MembershipChange::AddLearner(b)),
        change(MembershipChange::Promote(b)),
        change(MembershipChange::Remove(c)),
        change(MembershipChange::Replace(vec![a, c])),
        Command::TransferLeadership { via: a, to: b },
        Command::Ask { client: Client(3), via: b, what: Ask::Delete { key: "key".into() } },
        Command::Set(Setting { name: "pre-vote", value: SettingValue::Switch(true) }),
    ]);
    all
}

/// Every kind of act, setting and delay, as it was, as it is, and in this order.
fn everything() -> Link {
    let mut settings = LabSettings::new(7, u64::MAX);
    settings.tuning.links =
        Some(LinkSettings::with_delay(Delay::Uniform { low_us: 5_000, high_us: 9_000 }));
    settings.tuning.sync = Some(Delay::Exponential { mean_us: 400 });
    for name in ["noop", "pre-vote"] {
        settings.tuning.set(Setting { name, value: SettingValue::Switch(true) });
    }
    settings.tuning.set(Setting { name: "batch", value: SettingValue::Count(3) });
    settings.tuning.set(Setting { name: "heartbeat", value: SettingValue::Time { us: 25_000 } });
    settings.tuning.set(Setting { name: "reads", value: SettingValue::Choice("lease") });
    settings.tuning.set(Setting { name: "drift-bound", value: SettingValue::Share { ppm: 5 } });
    let timeout = SettingValue::Range { low_us: 120_000, high_us: 260_000 };
    settings.tuning.set(Setting { name: "election-timeout", value: timeout });
    let action = |(place, command)| Action { at_us: 100_000 * place as u64, command };
    let actions = every_kind().into_iter().enumerate().map(action).collect();
    let (tree, branch, at_us) = (Tree::of_actions(actions), BranchId::FIRST, 1_500_000);
    Link { lab: "raft", settings, tree, branch, at_us, beside: None }
}

#[test]
fn every_kind_of_act_and_setting_comes_back() {
    let link = everything();
    assert_eq!(Link::parse(&link.to_text()), Ok(link));
}

#[test]
fn old_links_keep_opening() {
    let mut count = 0;
    for line in STORED.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (name, text) = line.split_once(' ').expect("two words");
        let (link, _) = opened(text).unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
        assert_eq!(link.to_text(), text, "{name}: what was read is not what was written");
        count += 1;
    }
    assert!(count >= 3);
}

#[test]
fn a_broken_link_says_what_is_wrong() {
    let wrong = |text: &str| Link::parse(text).expect_err(text).to_string();
    let good = Link::of_timeline(&twenty_acts(), None).to_text();
    assert_eq!(wrong(""), "it does not begin with run=");
    assert_eq!(wrong("https://example.org/#raft"), "it does not begin with run=");
    assert_eq!(wrong("run=2.AAAA"), "it is of version 2, which this page does not know");
    assert_eq!(wrong("run=1.AA*A"), "its character 3 does not belong there");
    assert_eq!(wrong(&good[..good.len() - 8]), "its end is missing");
    assert_eq!(wrong(&format!("{good}AAAA")), "something comes after its end");
    assert_eq!(wrong("run=1.BXBheG9z"), "there is no figure called paxos");
    assert_eq!(wrong("run=1.BHJhZnQB"), "the number of servers is out of range");
    assert_eq!(wrong(&format!("run=1.{}", "A".repeat(1_000_000))), "it is too long");
}

/// Whatever stands in an address, the answer is a link that can be opened, or an error.
#[test]
fn rubbish_does_no_harm() {
    let good = Link::of_timeline(&twenty_acts(), None).to_text();
    for end in 0..good.len() {
        let _ = Link::parse(&good[..end]);
    }
    let mut random = Random::for_purpose(1, 1);
    let mut opened = 0;
    for _ in 0..20_000 {
        let mut bytes = good.clone().into_bytes();
        for _ in 0..=random.below(3) {
            let place = 6 + random.below(bytes.len() as u64 - 6) as usize;
            bytes[place] = b"AQgwBCx09-_"[random.below(11) as usize];
        }
        let text = String::from_utf8(bytes).expect("ASCII");
        if let Ok(link) = Link::parse(&text) {
            opened += 1;
            assert_eq!(Link::parse(&link.to_text()), Ok(link), "what opens is a link");
        }
    }
    assert!(opened > 100, "only {opened} of them were links");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever a script can ask for, a link can hold.
    #[test]
    fn settings_of_every_kind_come_back(scenario in made::scenario()) {
        let tree = Tree::default();
        let link = Link {
            lab: "raft", settings: scenario.settings, tree,
            branch: BranchId::FIRST, at_us: 7, beside: None,
        };
        prop_assert_eq!(Link::parse(&link.to_text()), Ok(link));
    }
}

/// Links of every kind as they are written today. When this changes, old links must still open: put
/// what stood here before into `links/stored.txt`.
#[test]
fn what_is_written_today_is_known() {
    let timeline = twenty_acts();
    let mut branched = twenty_acts();
    branched.seek(3_000_000).expect("no limit");
    branched.act(Command::TimeOut(NodeId(1))).expect("it makes sense");
    branched.name(BranchId(1), "another".into()).expect("short enough");
    let links = [
        ("twenty-acts", Link::of_timeline(&timeline, None)),
        ("two-branches", Link::of_timeline(&branched, Some(BranchId::FIRST))),
        ("everything", everything()),
    ];
    let lines: Vec<String> =
        links.iter().map(|(name, link)| format!("{name} {}\n", link.to_text())).collect();
    expect_file!["links/today.txt"].assert_eq(&lines.concat());
}
