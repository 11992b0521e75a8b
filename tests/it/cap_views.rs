//! The views of the CAP lab as the lens shows them, and its riddles as the page puts them.

use rift::labs::cap::{CapLab, Comparison, Counted, System};
use rift::labs::{
    Ask, Client, Command, LABS, LabEntry, LabSettings, Quiz, Setting, SettingValue, cap,
};
use rift::lens::Lens;
use rift::link::Link;
use rift::sim::{Fault, NodeId};
use rift::timeline::Timeline;

const WIDE: (f32, f32) = (1_050.0, 380.0);
const CAP: &LabEntry = &cap::ENTRY;
const SECOND: u64 = 1_000_000;

fn settings(mode: &'static str) -> LabSettings {
    let mut settings = LabSettings::new(5, 5);
    settings.tuning.set(Setting { name: "mode", value: SettingValue::Choice(mode) });
    settings
}

fn ask(client: u8, via: u8, what: Ask) -> Command {
    Command::Ask { client: Client(client), via: NodeId(via), what }
}

fn write(client: u8, via: u8, value: &str) -> Command {
    ask(client, via, Ask::Write { key: "x".to_owned(), value: value.to_owned() })
}

fn read(client: u8, via: u8) -> Command {
    ask(client, via, Ask::Read { key: "x".to_owned() })
}

fn torn() -> Command {
    let (left, right): (Vec<NodeId>, Vec<NodeId>) = (0..5).map(NodeId).partition(|it| it.0 < 2);
    Command::Faults(vec![Fault::cut_between(&left, &right)])
}

fn timeline(settings: &LabSettings, acts: &[(u64, Command)], until_us: u64) -> Timeline {
    let mut timeline = Timeline::start(CAP, settings.clone());
    for (at_us, act) in acts {
        timeline.advance_to(*at_us).expect("far from any limit");
        timeline.act(act.clone()).expect("it makes sense");
    }
    timeline.advance_to(until_us).expect("far from any limit");
    timeline
}

/// The lens at a run, as the page takes it there.
fn lens(timeline: &Timeline) -> Lens {
    let mut lens = Lens::default();
    lens.open(&Link::of_timeline(timeline, None).to_text()).expect("the link is good");
    let hash = lens.at(timeline.branch(), timeline.now_us());
    assert_eq!(hash, Some(timeline.lab().history_hash()));
    lens
}

/// Draws until there is no more to do; in how many slices.
fn draw_all(lens: &mut Lens, view: &str) -> (String, u32) {
    let mut picture = lens.picture(view, WIDE.0, WIDE.1);
    let mut slices = 1;
    while !lens.is_finished() {
        picture = lens.picture(view, WIDE.0, WIDE.1);
        slices += 1;
    }
    (picture, slices)
}

/// No tab of a lab leads to an empty pane.
#[test]
fn every_view_that_the_page_lists_is_drawn() {
    for entry in LABS {
        let open = |entry: &'static LabEntry| Timeline::start(entry, entry.defaults.clone());
        let mut timeline = open(entry);
        timeline.advance_to(SECOND).expect("far from any limit");
        let mut lens = lens(&timeline);
        for view in entry.views {
            let picture = lens.picture(view.name, WIDE.0, WIDE.1);
            let drawn = ["<svg", "<table", "<ol"].iter().any(|element| picture.contains(element));
            assert!(drawn, "{} of {}", view.name, entry.name);
        }
    }
}

/// The number in a cell of the table, as a reader sees it.
fn shown(controls: &str, row: &str, system: System) -> u64 {
    let row = controls.split("<tr>").find(|it| it.contains(&format!("<span>{row}</span>")));
    let cell = row.expect("there is such a row").split("<td>").nth(system as usize + 1);
    let cell = cell.expect("a cell a system").split("</").next().expect("some text");
    let text = cell.rsplit('>').next().expect("some text").trim_start_matches("! ");
    text.parse().unwrap_or_else(|_| panic!("{text} is no number"))
}

const ROWS: [(&str, Counted); 5] = [
    ("Lost", Counted::Lost),
    ("Stale", Counted::Stale),
    ("Refused", Counted::Refused),
    ("Unknown", Counted::Unknown),
    ("Not served", Counted::Silent),
];

/// Gilbert and Lynch's choice, as counters: under the same tear CP and Raft refuse and lose
/// nothing, AP answers everything, stale reads and lost writes among it, and an asynchronous
/// primary loses what it acknowledged alone.
#[test]
fn the_lens_shows_what_the_same_acts_cost_each_system() {
    let acts = [
        (2 * SECOND, torn()),
        (3 * SECOND, write(1, 0, "left")),
        (3 * SECOND, write(2, 4, "right")),
        (5 * SECOND, Command::Faults(vec![Fault::HealAll])),
    ];
    for mode in ["cp", "ap"] {
        let settings = settings(mode);
        let timeline = timeline(&settings, &acts, 9 * SECOND);
        let mut comparison = Comparison::new(&settings);
        comparison.play(&acts, 9 * SECOND).expect("far from any limit");
        let mut lens = lens(&timeline);
        let (picture, _) = draw_all(&mut lens, "systems");
        assert_eq!(picture.matches("class=\"sbs\"").count(), 3);
        let controls = lens.controls();
        for system in System::ALL {
            let report = comparison.report(system);
            for (row, counted) in ROWS {
                let wanted = report.count(counted);
                assert_eq!(shown(&controls, row, system), wanted, "{mode}, {row}, {system:?}");
            }
            assert!(controls.contains(&report.verdict()), "{controls}");
        }
        let count = |row, system| shown(&controls, row, system);
        let (store, raft, backup) = (System::Quorum, System::Raft, System::PrimaryBackup);
        assert!(count("Refused", raft) > 0 && count("Lost", raft) + count("Stale", raft) == 0);
        assert!(count("Lost", backup) > 0 && count("Stale", backup) > 0);
        if mode == "cp" {
            assert!(count("Refused", store) > 0);
            assert_eq!(count("Lost", store) + count("Stale", store), 0);
        } else {
            assert!(count("Lost", store) > 0 && count("Stale", store) > 0);
            assert_eq!(count("Refused", store) + count("Unknown", store), 0);
        }
        // The requests behind a number, with instants to go to.
        assert!(!controls.contains("data-go"));
        lens.press(&format!("systems-{}-{}", Counted::Lost as u8, backup as u8));
        draw_all(&mut lens, "systems");
        assert!(lens.controls().contains("data-go"), "{}", lens.controls());
    }
}

/// Back, forth and live settings: the view shows what playing from the beginning shows.
#[test]
fn the_comparison_goes_along_with_the_playhead() {
    let set = Command::Set(Setting { name: "mode", value: SettingValue::Choice("ap") });
    let acts = [(SECOND, torn()), (2 * SECOND, set), (3 * SECOND, write(1, 0, "1"))];
    let mut timeline = timeline(&settings("cp"), &acts, 8 * SECOND);
    let mut lens = lens(&timeline);
    draw_all(&mut lens, "systems");
    for at_us in [2 * SECOND, 7 * SECOND, SECOND / 2, 8 * SECOND] {
        timeline.seek(at_us).expect("it was there");
        lens.at(timeline.branch(), at_us);
        let (_, slices) = draw_all(&mut lens, "systems");
        assert!(slices <= 5, "{slices} to go to {at_us}");
        let mut comparison = Comparison::new(&settings("cp"));
        let done: Vec<_> = acts.iter().filter(|(act_us, _)| *act_us <= at_us).cloned().collect();
        comparison.play(&done, at_us).expect("far from any limit");
        for system in System::ALL {
            let verdict = comparison.report(system).verdict();
            assert!(lens.controls().contains(&verdict), "at {at_us}: {verdict}");
        }
    }
}

#[test]
fn staleness_is_of_the_store_that_the_reader_has_set() {
    let quorum = |name, value| Command::Set(Setting { name, value: SettingValue::Count(value) });
    let timeline = timeline(&settings("ap"), &[], SECOND);
    let experiment = CapLab::of(timeline.lab()).expect("it is this lab").experiment();
    let (r, w) = (experiment.r, experiment.w);
    let mut lens = lens(&timeline);
    lens.picture("staleness", WIDE.0, WIDE.1);
    let pressed = |lens: &Lens, look: &str| {
        lens.controls().contains(&format!("data-look=\"{look}\" aria-pressed=\"true\""))
    };
    assert!(pressed(&lens, &format!("r={r}")) && pressed(&lens, &format!("w={w}")));
    // Set live, in the store.
    let acts = [(SECOND, quorum("r", 2)), (SECOND, quorum("w", 3))];
    let timeline = self::timeline(&settings("ap"), &acts, SECOND);
    lens.open(&Link::of_timeline(&timeline, None).to_text()).expect("the link is good");
    lens.at(timeline.branch(), SECOND);
    lens.picture("staleness", WIDE.0, WIDE.1);
    assert!(pressed(&lens, "r=2") && pressed(&lens, "w=3"), "{}", lens.controls());
    // Foretold first, which takes a few frames; measured after that.
    let (mut slices, mut picture) = (1, String::new());
    while !picture.contains("Foretold: 100,000 trials") {
        picture = lens.picture("staleness", WIDE.0, WIDE.1);
        slices += 1;
    }
    assert!(slices <= 6, "{slices}");
    let plots = |picture: &str| picture.split("staleness-plots").nth(1).map(str::to_owned);
    let (before, before_press) = (plots(&picture), lens.controls());
    lens.press("r=1");
    let other = plots(&lens.picture("staleness", WIDE.0, WIDE.1));
    assert_ne!((other, lens.controls()), (before, before_press));
    assert!(pressed(&lens, "r=1"));
    // Arrows, and the pointer that drags along the axis.
    let said = |lens: &mut Lens| {
        let picture = lens.picture("staleness", WIDE.0, WIDE.1);
        picture.split("</p>").next().expect("a sentence").to_owned()
    };
    let first = said(&mut lens);
    lens.press("ArrowRight");
    let second = said(&mut lens);
    assert_ne!(first, second);
    lens.press("sooner");
    lens.pan(400.0);
    assert_ne!(said(&mut lens), second);
}

/// A read on the side that has not heard of the other side's write, foretold by the reader.
#[test]
fn the_reader_foretells_a_read_and_the_score_is_kept() {
    let acts = [(SECOND, torn()), (2 * SECOND, write(2, 4, "new"))];
    let mut timeline = timeline(&settings("ap"), &acts, 3 * SECOND);
    let mut quiz: Box<dyn Quiz> = CAP.quiz.expect("this lab asks")();
    let old_read = read(1, 0);
    assert!(!quiz.holds(timeline.lab(), &old_read), "nobody wants to be asked yet");
    quiz.press("on");
    assert!(!quiz.holds(timeline.lab(), &write(1, 0, "2")), "only reads are foretold");
    for (chosen, score) in [("1", "1 of 1 right"), ("0", "1 of 2 right")] {
        assert!(quiz.holds(timeline.lab(), &old_read));
        assert!(quiz.markup().contains("C1 is about to read x through S1"));
        let command = quiz.press(chosen).expect("it has waited");
        assert_eq!(command, old_read);
        timeline.act(command).expect("the server runs");
        timeline.advance_to(timeline.now_us() + SECOND).expect("far from any limit");
        assert!(quiz.look(timeline.lab()));
        let markup = quiz.markup();
        assert!(markup.contains(score), "{markup}");
        assert!(markup.contains("but new was acknowledged to C2 through S5"), "{markup}");
    }
}
