//! The whole-system lab: that orders flow, that what is promised is kept whatever happens to the
//! world, and that each judge catches what breaks its promise.

use rift::check::Property;
use rift::labs::whole::{Cluster, JudgedWhole, WholeLab, WholeProcess};
use rift::labs::{Command, Lab, LabSettings, Refused, Setting, SettingValue};
use rift::random::Random;
use rift::sim::{Delay, Fault, LinkSettings, NodeId};

const SECOND_US: u64 = 1_000_000;

fn with(seed: u64, set: &[(&'static str, SettingValue)]) -> LabSettings {
    let mut settings = LabSettings::new(9, seed);
    for &(name, value) in set {
        settings.tuning.set(Setting { name, value });
    }
    settings
}

fn judged(seed: u64, set: &[(&'static str, SettingValue)]) -> JudgedWhole {
    JudgedWhole::new(WholeLab::new(&with(seed, set)))
}

fn ms(ms: u64) -> SettingValue {
    SettingValue::Time { us: ms * 1_000 }
}

fn ends(cluster: &Cluster) -> Vec<u64> {
    let end = |node| match cluster.process(node) {
        Some(WholeProcess::Server(server)) => Some(server.replica().store().last_position()),
        Some(WholeProcess::Page(page)) => Some(page.model().through()),
        _ => None,
    };
    cluster.world().node_ids().filter_map(end).collect()
}

fn set(judged: &mut JudgedWhole, name: &'static str, value: SettingValue) {
    judged.act(&Command::Set(Setting { name, value })).expect("it can be turned");
}

fn fault(judged: &mut JudgedWhole, fault: Fault) {
    judged.act(&Command::Faults(vec![fault])).expect("it can be done");
}

#[test]
fn orders_flow_from_customers_through_the_cluster_to_the_pages() {
    for servers in ["three", "five"] {
        let mut run = judged(7, &[("cluster", SettingValue::Choice(servers))]);
        run.advance_to(20 * SECOND_US).expect("it goes on");
        let counts = run.lab().cluster().orders().counts();
        assert!(counts.made > 80 && counts.done > 60, "{counts:?}");
        assert_eq!((counts.rejected, counts.failed), (0, 0), "{counts:?}");
        // Nobody comes any more, and all have all.
        set(&mut run, "load", SettingValue::Count(0));
        run.advance_to(22 * SECOND_US).expect("it goes on");
        let ends = ends(run.lab().cluster());
        assert!(ends[0] > 60 && ends.iter().all(|end| *end == ends[0]), "{ends:?}");
        assert!(run.verdicts().all_kept(), "{:?}", run.verdicts());
    }
}

#[test]
fn a_copy_goes_on_as_the_run_itself() {
    let mut lab = WholeLab::new(&with(3, &[]));
    lab.advance_to(4 * SECOND_US).expect("it goes on");
    let mut copy = lab.fork();
    lab.act(&Command::Faults(vec![Fault::Crash(NodeId(3))])).expect("it is up");
    copy.act(&Command::Faults(vec![Fault::Crash(NodeId(3))])).expect("it is up");
    lab.advance_to(9 * SECOND_US).expect("it goes on");
    for at_us in (4..=9).map(|second| second * SECOND_US) {
        copy.advance_to(at_us).expect("it goes on");
    }
    assert_eq!(lab.history_hash(), copy.history_hash());
    assert_eq!(lab.story(500), copy.story(500));
}

/// Crashes, pauses, cuts, slow disks and clocks, drawn from a seed; then peace.
fn under_fire(seed: u64) -> JudgedWhole {
    let mut run = judged(seed, &[("load", SettingValue::Count(20)), ("timeout", ms(300))]);
    let mut draw = Random::for_purpose(seed, 77);
    let mut below = |count: u64| (draw.next_u64() >> 32) % count;
    for step in 1..=24 {
        run.advance_to(step * SECOND_US / 2 + SECOND_US).expect("it goes on");
        let node = NodeId(below(7) as u8);
        let other = NodeId(below(7) as u8);
        let is_up = run.lab().cluster().process(node).is_some();
        let happens = match below(9) {
            0 | 1 if is_up => Fault::Crash(node),
            0..=2 if !is_up => Fault::Restart(node),
            2 | 3 if is_up => Fault::CrashTorn { node, whole: 0, part_ppm: 500_000 },
            4 if node != other => Fault::Cut(vec![(node, other)]),
            5 => Fault::HealAll,
            6 => Fault::SetSync(node, Delay::Constant { us: 40_000 }),
            7 => Fault::SetClock { node, rate_ppm: 2_000_000, offset_us: 0 },
            _ if node != other => {
                let slow =
                    LinkSettings::with_delay(Delay::Uniform { low_us: 20_000, high_us: 400_000 });
                let poor = LinkSettings { loss_ppm: 100_000, duplicate_ppm: 200_000, ..slow };
                Fault::SetLinks(vec![(node, other)], poor)
            }
            _ => continue,
        };
        // What makes no sense at present is left out.
        let _ = run.act(&Command::Faults(vec![happens]));
    }
    let usual = run.lab().cluster().world().settings().links;
    let cluster = run.lab().cluster();
    let links: Vec<_> = cluster.world().network().link_ends().collect();
    let down: Vec<NodeId> =
        cluster.world().node_ids().filter(|node| cluster.process(*node).is_none()).collect();
    let nodes: Vec<NodeId> = cluster.world().node_ids().collect();
    fault(&mut run, Fault::HealAll);
    fault(&mut run, Fault::SetLinks(links, usual));
    down.into_iter().for_each(|node| fault(&mut run, Fault::Restart(node)));
    nodes.into_iter().for_each(|node| fault(&mut run, Fault::true_clock(node)));
    run.advance_to(30 * SECOND_US).expect("it goes on");
    run
}

#[test]
fn whatever_happens_to_the_world_every_promise_is_kept() {
    for seed in 1..=24 {
        let mut run = under_fire(seed);
        let violations: Vec<_> = run.verdicts().violations().collect();
        assert!(violations.is_empty(), "seed {seed}: {violations:?}");
        let before = run.lab().cluster().orders().counts().done;
        run.advance_to(40 * SECOND_US).expect("it goes on");
        let after = run.lab().cluster().orders().counts().done;
        assert!(after > before + 20, "seed {seed}: nothing is sold after all was mended");
    }
}

#[test]
fn without_keys_somebody_is_charged_twice() {
    let impatient = [("timeout", ms(100)), ("breaker", SettingValue::Choice("off"))];
    let mut kept = judged(7, &impatient);
    kept.advance_to(20 * SECOND_US).expect("it goes on");
    let repeated =
        kept.lab().story(1_000).iter().any(|line| line.text.contains("Its key is known"));
    assert!(repeated, "retries come, and are known");
    assert!(kept.verdicts().all_kept(), "{:?}", kept.verdicts());

    let keyless = [impatient[0], impatient[1], ("keys", SettingValue::Switch(false))];
    let mut lab = WholeLab::new(&with(7, &keyless));
    lab.advance_to(20 * SECOND_US).expect("it goes on");
    assert!(broken(&lab, "Nobody is charged twice").contains("happened twice"));
}

/// What was found of a promise that is broken.
fn broken(lab: &WholeLab, name: &str) -> String {
    let promises = lab.promises();
    let promise = promises.iter().find(|promise| promise.name == name).expect("it is promised");
    let breach = promise.broken.as_ref().unwrap_or_else(|| panic!("{name} is kept"));
    assert!(lab.record(breach.record).is_some(), "it points at what happened");
    breach.finding.clone()
}

#[test]
fn who_decides_on_a_page_that_lags_sells_what_is_not_there() {
    let slow = [("refresh", ms(5_000)), ("load", SettingValue::Count(10))];
    let mut kept = judged(7, &slow);
    kept.advance_to(20 * SECOND_US).expect("it goes on");
    assert!(kept.lab().cluster().orders().counts().misled > 0, "the page lags");
    assert!(kept.verdicts().all_kept(), "{:?}", kept.verdicts());

    let by_page = [slow[0], slow[1], ("looks", SettingValue::Choice("page"))];
    let mut lab = WholeLab::new(&with(7, &by_page));
    lab.advance_to(20 * SECOND_US).expect("it goes on");
    assert!(broken(&lab, "Stock never below zero").contains('−'));
}

#[test]
fn events_taken_in_as_they_arrive_come_to_something_that_never_was() {
    let slow = Delay::Uniform { low_us: 20_000, high_us: 400_000 };
    let run = |intake: &'static str| {
        let set = [("intake", SettingValue::Choice(intake)), ("load", SettingValue::Count(20))];
        let mut lab = WholeLab::new(&with(7, &set));
        let cluster = lab.cluster();
        let (page, servers) = (cluster.cast().stock_page(), cluster.cast().servers());
        let links = servers.map(|server| (NodeId(server), page)).collect();
        let links = Fault::SetLinks(links, LinkSettings::with_delay(slow));
        lab.act(&Command::Faults(vec![links])).expect("they are there");
        lab.advance_to(20 * SECOND_US).expect("it goes on");
        lab
    };
    assert!(run("position").promises().iter().all(|promise| promise.broken.is_none()));
    assert!(broken(&run("arrival"), "Pages show what was").contains("S6"));
}

#[test]
fn a_breaker_with_a_habit_breaks_what_breakers_promise() {
    let set = [
        ("habit", SettingValue::Choice("stale-success")),
        ("load", SettingValue::Count(40)),
        ("timeout", ms(5_000)),
        ("wait", ms(300)),
        ("failures", SettingValue::Count(2)),
    ];
    let found = (1..=10).any(|seed| {
        let mut lab = WholeLab::new(&with(seed, &set));
        lab.advance_to(3 * SECOND_US).expect("it goes on");
        let leader = lab.cluster().leader().expect("somebody leads");
        let slow = Delay::Uniform { low_us: 500_000, high_us: 1_500_000 };
        let back = vec![(leader, NodeId(0)), (leader, NodeId(1))];
        let faults = [Fault::SetLinks(back, LinkSettings::with_delay(slow)), Fault::Pause(leader)];
        for fault in faults {
            lab.act(&Command::Faults(vec![fault])).expect("it can be done");
        }
        lab.advance_to(6 * SECOND_US).expect("it goes on");
        lab.act(&Command::Faults(vec![Fault::Resume(leader)])).expect("it can be done");
        lab.advance_to(12 * SECOND_US).expect("it goes on");
        let name = "Late results move nothing";
        lab.promises().iter().any(|promise| promise.name == name && promise.broken.is_some())
    });
    assert!(found, "a late result has moved a breaker");
}

/// Rules of Raft that can be left out, and what then breaks further up.
#[cfg(feature = "lessons")]
mod without_a_rule {
    use super::*;

    fn without(rule: &'static str, seed: u64) -> WholeLab {
        let set = [("break", SettingValue::Choice(rule)), ("load", SettingValue::Count(20))];
        let mut lab = WholeLab::new(&with(seed, &set));
        lab.act(&Command::TimeOut(NodeId(2))).expect("it is a server");
        lab.advance_to(3 * SECOND_US).expect("it goes on");
        lab
    }

    fn apart(lab: &mut WholeLab) {
        let others = [NodeId(3), NodeId(4)];
        let cut = Fault::cut_between(&[NodeId(2)], &others);
        lab.act(&Command::Faults(vec![cut])).expect("they are there");
    }

    #[test]
    fn an_answer_before_a_majority_has_it_loses_an_acknowledged_order() {
        let mut lab = without("answered-on-append", 7);
        assert!(lab.promises().iter().all(|promise| promise.broken.is_none()));
        apart(&mut lab);
        lab.advance_to(10 * SECOND_US).expect("it goes on");
        let finding = broken(&lab, "No acknowledged order is lost");
        assert!(finding.contains("of which a customer was told"), "{finding}");
    }

    #[test]
    fn a_commitment_of_one_copy_parts_the_logs_of_the_shop() {
        let mut lab = without("one-copy-is-enough", 7);
        apart(&mut lab);
        lab.advance_to(10 * SECOND_US).expect("it goes on");
        broken(&lab, "One log on all servers");
        // Raft's own judges find it earlier.
        broken(&lab, "Committed on a majority");
    }
}

#[test]
fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let mut lab = WholeLab::new(&with(7, &[]));
    lab.advance_to(2 * SECOND_US).expect("it goes on");
    let hash = lab.history_hash();
    let ask = |node: u8, what: &str| Command::Ask {
        client: rift::labs::Client::FIRST,
        via: NodeId(node),
        what: rift::labs::Ask::Do { what: what.to_owned() },
    };
    let setting = |name, value| Command::Set(Setting { name, value });
    let wrong = [
        ask(3, "order"),
        ask(0, "rebuild"),
        ask(6, "order"),
        ask(50, "order"),
        Command::TimeOut(NodeId(0)),
        Command::TransferLeadership { via: NodeId(0), to: NodeId(2) },
        Command::write(NodeId(2), "x", "1"),
        setting("cluster", SettingValue::Choice("five")),
        setting("refresh", SettingValue::Time { us: 0 }),
        setting("no-such-setting", SettingValue::Switch(true)),
    ];
    for command in wrong {
        let refused = lab.act(&command);
        assert!(refused.is_err(), "{command:?}");
        assert!(!refused.unwrap_err().to_string().is_empty());
    }
    assert_eq!(lab.history_hash(), hash);
    assert_eq!(lab.act(&ask(0, "open")), Ok(()));
    assert_eq!(lab.act(&ask(5, "rebuild")), Ok(()));
    assert_eq!(lab.act(&ask(0, "fly")), Err(Refused::NoSuchWords("fly".to_owned())));
}

#[test]
fn the_path_can_be_walked() {
    // Two of three servers are down: customers are turned away at once.
    let mut lab = WholeLab::new(&with(7, &[]));
    lab.act(&Command::TimeOut(NodeId(2))).expect("it is a server");
    lab.advance_to(5 * SECOND_US).expect("it goes on");
    lab.act(&Command::Faults(vec![Fault::Crash(NodeId(3))])).expect("it is up");
    lab.act(&Command::Faults(vec![Fault::Crash(NodeId(4))])).expect("it is up");
    lab.advance_to(20 * SECOND_US).expect("it goes on");
    let done = |lab: &WholeLab, name: &str| {
        let tasks = lab.tasks();
        tasks.iter().find(|task| task.name == name).expect("it is on the path").done_us.is_some()
    };
    assert!(done(&lab, "at-once"));
    assert!(!done(&lab, "survive") && !done(&lab, "storm") && !done(&lab, "twice"));
    let _ = Property::ALL;
}
