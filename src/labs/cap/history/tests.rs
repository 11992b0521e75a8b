//! What the view says of runs whose verdict is known.

use super::super::tests::with;
use super::super::{CapLab, Fate, System};
use super::*;
use crate::labs::{Ask, Client, Command, Explained, SettingValue};
use crate::sim::{Fault, NodeId, TRUE_RATE_PPM};

const S: [NodeId; 5] = [NodeId(0), NodeId(1), NodeId(2), NodeId(3), NodeId(4)];
const DESK: Frame = Frame { width: 1_050.0, height: 300.0 };
const PHONE: Frame = Frame { width: 358.0, height: 300.0 };

fn choice(name: &'static str, value: &'static str) -> (&'static str, SettingValue) {
    (name, SettingValue::Choice(value))
}

/// A lab 100 ms after its beginning.
fn lab(protocol: &[(&'static str, SettingValue)]) -> CapLab {
    let mut lab = CapLab::new(&with(protocol));
    wait(&mut lab, 100);
    lab
}

fn wait(lab: &mut CapLab, ms: u64) {
    lab.advance_to(lab.now_us() + ms * 1_000).expect("far from any limit");
}

fn ask(lab: &mut CapLab, client: u8, via: NodeId, what: Ask) {
    lab.act(&Command::Ask { client: Client(client), via, what }).expect("the server runs");
    wait(lab, 250);
}

fn write(lab: &mut CapLab, client: u8, via: NodeId, value: &str) {
    ask(lab, client, via, Ask::Write { key: "x".into(), value: value.into() });
}

fn read(lab: &mut CapLab, client: u8, via: NodeId) {
    ask(lab, client, via, Ask::Read { key: "x".into() });
}

fn fault(lab: &mut CapLab, fault: Fault) {
    lab.act(&Command::Faults(vec![fault])).expect("it is possible");
}

fn cut(lab: &mut CapLab) {
    fault(lab, Fault::cut_between(&S[..2], &S[2..]));
    wait(lab, 300);
}

/// Draws until there is nothing more to judge: the picture, and what stands under it.
fn drawn(view: &mut HistoryView, lab: &CapLab, frame: Frame) -> (String, String) {
    for _ in 0..2_000 {
        let svg = view.draw(lab, frame, &Highlight::default());
        if view.is_finished() {
            return (svg, view.controls());
        }
    }
    panic!("it comes to an end");
}

fn fresh(lab: &CapLab) -> (String, String) {
    drawn(&mut HistoryView::default(), lab, DESK)
}

fn verdict(lab: &CapLab) -> String {
    let (_, controls) = fresh(lab);
    let said = controls.split("hl-verdict").nth(1).expect("it says so");
    said.split(['>', '<']).nth(1).expect("in words").to_owned()
}

/// The models that the map shows as broken, and the strongest of the others.
fn on_map(lab: &CapLab) -> (Vec<&'static str>, Vec<&'static str>) {
    let (_, controls) = fresh(lab);
    let models = || controls.split("<li class=\"hl-model").skip(1).zip(MODELS);
    let with = |what: &str| {
        let with = models().filter(|(item, _)| item.contains(what));
        with.map(|(_, model)| map::title(model)).collect()
    };
    (with("data-state=\"broken\""), with("data-strongest=\"true\""))
}

#[test]
fn a_fresh_run_says_what_to_do_and_one_that_goes_well_that_it_does() {
    let mut lab = lab(&[]);
    assert_eq!(
        verdict(&lab),
        "Nothing has been asked for yet. Let a client write, and another read."
    );
    assert!(!fresh(&lab).1.contains("hl-sessions"));
    write(&mut lab, 1, S[0], "1");
    assert_eq!(verdict(&lab), "✓ Linearizable so far: it is a single operation.");
    read(&mut lab, 2, S[4]);
    assert_eq!(
        verdict(&lab),
        "✓ Linearizable so far: one order in real time explains all 2 operations."
    );
    assert_eq!(on_map(&lab), (vec![], vec!["Linearizable"]));
    let (svg, controls) = fresh(&lab);
    assert!(svg.contains(">x=1</text>") && svg.contains(">x→1</text>"), "{svg}");
    assert!(!svg.contains("hl-ring") && !controls.contains("hl-evidence"));
    assert_eq!(controls.matches("<span class=\"hl-badge\">✓</span>").count(), 8);
}

/// R + W > N is regular and no more: without repair a reader may see the new, a later one the old.
#[test]
fn overlapping_quorums_without_repair_show_the_new_and_then_the_old() {
    let mut lab =
        lab(&[choice("read-repair", "off"), ("anti-entropy", SettingValue::Switch(false))]);
    write(&mut lab, 1, S[0], "1");
    fault(&mut lab, Fault::cut_between(&S[..2], &S[2..]));
    write(&mut lab, 1, S[0], "2");
    fault(&mut lab, Fault::HealAll);
    wait(&mut lab, 400);
    read(&mut lab, 2, S[0]);
    assert!(verdict(&lab).starts_with("✓ Linearizable"), "an unknown write may be read");
    cut(&mut lab);
    read(&mut lab, 3, S[4]);
    let said = verdict(&lab);
    assert!(said.starts_with("× Not linearizable since "), "{said}");
    assert!(said.ends_with(": one read found the new value, and a later one the old."), "{said}");
    let (broken, strongest) = on_map(&lab);
    assert_eq!(broken, ["Linearizable"]);
    assert_eq!(strongest, ["Sequential", "Eventual"]);
    let (svg, controls) = fresh(&lab);
    // The write of the old value, that of the new, both reads.
    assert_eq!(svg.matches("hl-ring").count(), 4, "{controls}");
    let asked: Vec<&str> =
        controls.split("data-ask=\"").skip(1).filter_map(|it| it.split('"').next()).collect();
    assert_eq!(asked, ["q1", "q2", "q3", "q4"]);
    assert!(controls.contains("C3 reads x through S5: found 1"), "{controls}");
    assert!(svg.contains("hl-bar unknown") && svg.contains("hl-tail"), "{svg}");
    assert!(svg.contains(">S1 S2 | S3 S4 S5</text>"), "the tears are there: {svg}");
}

#[test]
fn a_stale_read_in_ap_is_named_with_the_write_that_it_missed() {
    let mut lab = lab(&[choice("mode", "ap")]);
    write(&mut lab, 1, S[0], "1");
    cut(&mut lab);
    write(&mut lab, 1, S[0], "2");
    read(&mut lab, 2, S[4]);
    let since_us = lab.cluster().clients().asked().last().and_then(|asked| asked.known_us);
    let since_us = since_us.expect("it was answered");
    let (svg, controls) = fresh(&lab);
    let said = format!(
        "× Not linearizable since {}: a read missed a write that was acknowledged before it began.",
        super::super::systems::seconds(since_us)
    );
    assert_eq!(verdict(&lab), said);
    assert!(controls.contains(&format!("data-go=\"{since_us}\"")), "{controls}");
    assert!(controls.contains("C2 reads x through S5: found 1, but 2 was acknowledged to C1"));
    assert_eq!(svg.matches("hl-ring").count(), 3);
    // A moment before, all was well.
    let mut before = self::lab(&[choice("mode", "ap")]);
    for (at_us, act) in lab.cluster().acts().iter() {
        before.advance_to(*at_us).expect("far from any limit");
        before.act(act).expect("as before");
    }
    assert!(verdict(&before).starts_with("✓ Linearizable so far") || before.now_us() == since_us);
}

#[test]
fn a_skewed_clock_breaks_what_clients_see() {
    let mut lab = lab(&[]);
    fault(&mut lab, Fault::SetClock { node: S[0], rate_ppm: TRUE_RATE_PPM, offset_us: 3_000_000 });
    write(&mut lab, 1, S[0], "fast");
    write(&mut lab, 2, S[1], "later");
    assert!(verdict(&lab).starts_with("✓"));
    read(&mut lab, 2, S[1]);
    assert!(verdict(&lab).starts_with("× Not linearizable since"), "{}", verdict(&lab));
    let (_, controls) = fresh(&lab);
    assert!(controls.contains("C2 writes x = later"), "{controls}");
}

/// A write that nobody knew of comes back: that is allowed.
#[test]
fn an_unknown_write_that_comes_back_stays_linearizable() {
    let mut lab = lab(&[]);
    write(&mut lab, 1, S[0], "1");
    fault(&mut lab, Fault::cut_between(&S[..2], &S[2..]));
    write(&mut lab, 1, S[0], "2");
    wait(&mut lab, 300);
    read(&mut lab, 2, S[4]);
    fault(&mut lab, Fault::HealAll);
    wait(&mut lab, 3_000);
    read(&mut lab, 2, S[4]);
    let (svg, _) = fresh(&lab);
    assert!(svg.contains(">x→2</text>"), "it came back: {svg}");
    assert_eq!(
        verdict(&lab),
        "✓ Linearizable so far: one order in real time explains all 4 operations."
    );
}

#[test]
fn a_badge_breaks_in_the_moment_and_shows_by_what() {
    let mut lab = lab(&[choice("mode", "ap")]);
    cut(&mut lab);
    write(&mut lab, 1, S[0], "1");
    let badges = |lab: &CapLab| {
        let (_, controls) = fresh(lab);
        ["hl-badge broken now", "hl-badge broken\"", "<span class=\"hl-badge\">"]
            .map(|what| controls.matches(what).count())
    };
    assert_eq!(badges(&lab), [0, 0, 4]);
    read(&mut lab, 1, S[4]);
    assert_eq!(badges(&lab), [1, 0, 3], "just now");
    wait(&mut lab, 2_000);
    assert_eq!(badges(&lab), [0, 1, 3]);
    let mut view = HistoryView::default();
    drawn(&mut view, &lab, PHONE);
    assert_eq!(view.press(&lab, "breach=0"), None);
    let (svg, controls) = drawn(&mut view, &lab, PHONE);
    assert!(controls.contains("<b>Read your writes, for C1: </b>"), "{controls}");
    assert!(controls.contains("data-look=\"breach=0\" aria-pressed=\"true\""), "{controls}");
    assert_eq!(svg.matches("hl-ring").count(), 2);
    assert!(!view.is_following(), "what breaks it is in sight");
}

/// The same tear breaks nothing in Raft, and nearly everything in primary-backup.
#[test]
fn other_systems_are_judged_as_well() {
    let run = |system: System| {
        let mut lab = lab(&[choice("system", system.word())]);
        wait(&mut lab, 900);
        write(&mut lab, 1, S[0], "1");
        cut(&mut lab);
        write(&mut lab, 1, S[0], "2");
        if system == System::PrimaryBackup {
            let promote = Command::TransferLeadership { via: S[0], to: S[4] };
            lab.act(&promote).expect("it runs");
            wait(&mut lab, 300);
        }
        read(&mut lab, 2, S[4]);
        fault(&mut lab, Fault::HealAll);
        wait(&mut lab, 3_000);
        read(&mut lab, 1, S[0]);
        lab
    };
    let raft = run(System::Raft);
    assert!(verdict(&raft).starts_with("✓ Linearizable"), "{}", verdict(&raft));
    let fates = || raft.cluster().clients().asked().iter().map(|asked| &asked.fate);
    assert!(fates().any(|fate| matches!(fate, Fate::Unknown { .. } | Fate::Refused(_))));
    let backup = run(System::PrimaryBackup);
    let (broken, _) = on_map(&backup);
    assert!(verdict(&backup).starts_with("× Not linearizable"), "{}", verdict(&backup));
    assert!(broken.contains(&"Read your writes"), "{broken:?}");
}

#[test]
fn the_view_goes_along_into_the_past_and_into_other_branches() {
    let mut good = lab(&[choice("mode", "ap")]);
    write(&mut good, 1, S[0], "1");
    let mut bad = good.clone();
    cut(&mut bad);
    write(&mut bad, 1, S[0], "2");
    read(&mut bad, 2, S[4]);
    read(&mut good, 2, S[4]);
    let mut view = HistoryView::default();
    for lab in [&good, &bad, &good, &bad, &bad] {
        assert_eq!(drawn(&mut view, lab, DESK), fresh(lab));
    }
}

#[test]
fn buttons_show_what_is_broken_and_others_do_nothing() {
    let mut lab = lab(&[choice("mode", "ap")]);
    write(&mut lab, 1, S[0], "1");
    cut(&mut lab);
    write(&mut lab, 1, S[0], "2");
    read(&mut lab, 1, S[4]);
    let mut view = HistoryView::default();
    let (_, before) = drawn(&mut view, &lab, DESK);
    for nonsense in ["", "model", "model=99", "model=-1", "breach=7", "model=8", "x=0", "Tab"] {
        assert_eq!(view.press(&lab, nonsense), None);
        let (_, after) = drawn(&mut view, &lab, DESK);
        assert_eq!(after, before, "{nonsense}");
    }
    let number = Model::ReadYourWrites as usize;
    view.press(&lab, &format!("model={number}"));
    let (_, after) = drawn(&mut view, &lab, DESK);
    assert!(after.contains("<b>Read your writes: </b>"), "{after}");
    assert!(after.contains(&format!("data-look=\"model={number}\" aria-pressed=\"true\"")));
    view.follow();
    assert!(view.is_following());
}

#[test]
fn keys_and_pointers_find_operations() {
    let mut lab = lab(&[]);
    let mut view = HistoryView::default();
    drawn(&mut view, &lab, DESK);
    assert_eq!(view.press(&lab, "ArrowUp"), None, "there is nothing");
    for round in 0..12_u8 {
        write(&mut lab, 1 + round % 3, S[usize::from(round) % 5], &round.to_string());
    }
    drawn(&mut view, &lab, DESK);
    let number = |pointed: Option<Pointed>| match pointed.expect("there is one").thing {
        Thing::Request(number) => number,
        thing => panic!("{thing:?}"),
    };
    assert_eq!(view.press(&lab, "Enter"), None, "the cursor is nowhere yet");
    let up: Vec<u64> = (0..13).map(|_| number(view.press(&lab, "ArrowUp"))).collect();
    assert_eq!(up, [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1]);
    let (svg, _) = drawn(&mut view, &lab, DESK);
    assert!(svg.contains("view-cursor"), "the first is in sight");
    assert_eq!(number(view.press(&lab, "ArrowDown")), 2);
    let entered = view.press(&lab, "Enter").expect("it is on one");
    assert_eq!(entered.question, Some(Question::Request(2)));
    assert_eq!(entered.words, "C2 writes x = 1 through S2: done");
    view.follow();
    drawn(&mut view, &lab, DESK);
    let at = |x: u16, y: u16| Point::new(f32::from(x) * 5.0, f32::from(y) * 5.0);
    let places = (0..210).flat_map(|x| (0..60).map(move |y| at(x, y)));
    let mut found: Vec<u64> =
        places.filter_map(|at| view.under(at)).map(|it| number(Some(it))).collect();
    found.dedup();
    assert!(found.contains(&12) && found.contains(&11), "{found:?}");
}

/// A long history is drawn as far as it is in sight, and judged a little at a time.
#[test]
fn of_a_thousand_operations_only_those_in_sight_are_drawn() {
    let mut lab = lab(&[choice("mode", "ap")]);
    for round in 0..1_000_u64 {
        if round == 400 {
            fault(&mut lab, Fault::cut_between(&S[..2], &S[2..]));
        }
        let what = match round % 3 {
            0 => Ask::Write { key: "x".into(), value: round.to_string() },
            _ => Ask::Read { key: "x".into() },
        };
        let via = S[(round % 5) as usize];
        let client = Client(1 + (round % 4) as u8);
        lab.act(&Command::Ask { client, via, what }).expect("the server runs");
        wait(&mut lab, 40);
    }
    let mut view = HistoryView::default();
    let svg = view.draw(&lab, DESK, &Highlight::default());
    assert!(!view.is_finished());
    let bars = svg.matches("data-request").count();
    assert!((80..110).contains(&bars), "{bars}");
    let (_, controls) = drawn(&mut view, &lab, PHONE);
    assert!(controls.contains("Not linearizable since"), "{controls}");
    assert!(controls.len() < 40_000, "{}", controls.len());
}

#[test]
fn the_markup_names_every_model_once_and_closes_what_it_opens() {
    let mut lab = lab(&[choice("mode", "ap")]);
    write(&mut lab, 1, S[0], "<&>");
    cut(&mut lab);
    read(&mut lab, 1, S[4]);
    let (svg, controls) = fresh(&lab);
    for text in [&svg, &controls] {
        for name in ["div", "ul", "ol", "li", "table", "tr", "td", "th", "g", "svg", "button"] {
            let [opened, closed] = [format!("<{name}"), format!("</{name}>")].map(|tag| {
                text.match_indices(&tag)
                    .filter(|(at, _)| {
                        text[at + tag.len()..].starts_with([' ', '>']) || tag.ends_with('>')
                    })
                    .count()
            });
            assert_eq!(opened, closed, "{name} in {text}");
        }
        assert!(!text.contains("<&>") && !text.contains("NaN"));
    }
    for model in MODELS {
        assert_eq!(controls.matches(&format!("hl-model m{}\"", model as usize)).count(), 1);
    }
}

#[test]
fn an_operation_lights_its_messages_and_servers_and_they_light_it() {
    let mut lab = lab(&[]);
    write(&mut lab, 1, S[0], "1");
    read(&mut lab, 2, S[4]);
    let lit = lab.highlight(Thing::Request(1));
    assert_eq!(lit.servers.iter().copied().collect::<Vec<_>>(), S, "all acknowledged it");
    let history = lab.cluster().world().history();
    let sent: Vec<_> =
        lit.records.iter().copied().filter(|id| history.message(*id).is_some()).collect();
    assert!(sent.len() >= 8, "four requests and their answers: {sent:?}");
    for id in &sent {
        let back = lab.highlight(Thing::Message(*id));
        assert!(back.has_request(1) && !back.has_request(2), "{id:?}");
    }
    let first = lab.cluster().clients().asked().get(1).expect("it was asked").called;
    assert!(lab.highlight(Thing::Record(first)).has_request(2));
    assert!(lab.highlight(Thing::Request(99)).servers.is_empty());
}
