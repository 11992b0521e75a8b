//! The view "Systems": the reader's own acts on three systems side by side, as a picture and as a
//! table that can be asked.

use super::follower::Follower;
use super::{Comparison, Counted, Report, workload};
use crate::labs::cap::riddle::missed;
use crate::labs::cap::{Asked, CapLab, Cluster, Fate, SLOT_US, System, WhyRefused};
use crate::labs::{Ask, Lab, Pointed, View, ViewEntry};
use crate::quorum::Mode;
use crate::scene::side_by_side::{Bar, Column, Layout, Member, SideBySide, Sign, svg};
use crate::scene::svg::Markup;
use crate::scene::{Frame, Highlight, Window, tenths};

/// The view, as the page knows it.
pub const SYSTEMS: ViewEntry = ViewEntry {
    name: "systems",
    title: "Systems",
    label: "Three systems under the same acts, beside each other: a store without a leader, Raft, \
        and primary-backup. The same is in the table that follows.",
    hint: "Cut the network, and see what each system makes of it. Press a number for the requests \
        behind it.",
    buttons: &[],
};

/// So much of the run the strips show, in microseconds.
const SPAN_US: u64 = 6_000_000;
/// So many requests are listed at once.
const MOST_LISTED: usize = 24;

/// How to read the picture, where there is no room for it in the picture.
const LEGEND: &str = "Bars up: answered; down: refused (filled) and unknown (hollow). The line \
    below is whole while every live server answers.";

/// The numbers of the table: what is counted, its name, and what it means.
const ROWS: [(Counted, &str, &str); 5] = [
    (Counted::Lost, "Lost", "acknowledged writes that are gone"),
    (Counted::Stale, "Stale", "reads that found less than was acknowledged before they began"),
    (Counted::Refused, "Refused", "known not to have happened"),
    (Counted::Unknown, "Unknown", "nobody knows whether they happened"),
    (Counted::Silent, "Not served", "by a server that was up"),
];

/// What the view keeps between one drawing and the next.
#[derive(Debug, Default)]
pub struct SystemsView {
    follower: Option<Follower>,
    is_there: bool,
    /// The number whose requests are listed.
    open: Option<(System, Counted)>,
}

impl SystemsView {
    /// The picture of a run, where it stands, or on the way there.
    pub fn picture(&mut self, run: &Cluster, frame: Frame) -> String {
        let same_run = |follower: &Follower| {
            follower.comparison().cluster(System::Quorum).begun_with().servers
                == run.begun_with().servers
        };
        let follower = self.follower.take().filter(same_run);
        let mut follower = follower.unwrap_or_else(|| Follower::new(run));
        self.is_there = follower.follow(run);
        let picture = side_by_side(follower.comparison());
        self.follower = Some(follower);
        let layout = Layout::new(&picture, frame);
        let (width, height) = (tenths(frame.width), tenths(frame.height));
        [
            "<svg class=\"view-svg\" aria-hidden=\"true\" viewBox=\"0 0 ",
            &width,
            " ",
            &height,
            "\">",
            &svg::base(&picture, &layout),
            "</svg>",
        ]
        .concat()
    }

    /// Whether the picture shows the instant of the run already.
    pub fn is_there(&self) -> bool {
        self.is_there
    }

    /// A number of the table: its requests are listed, or not any more.
    pub fn toggle(&mut self, what: &str) {
        let wanted = cells().find(|(system, counted)| name(*system, *counted) == what);
        if let Some(wanted) = wanted {
            self.open = (self.open != Some(wanted)).then_some(wanted);
        }
    }

    /// The table, the verdicts, and the requests behind a number.
    pub fn words(&self) -> String {
        let Some(follower) = &self.follower else { return String::new() };
        let comparison = follower.comparison();
        let reports = System::ALL.map(|system| comparison.report(system));
        let mut html = Markup::default();
        table(&mut html, comparison, &reports, self.open);
        if let Some((system, counted)) = self.open {
            list(&mut html, comparison, &reports[system as usize], counted);
        }
        html.words("p", &[("class", "sbs-note sbs-legend")], LEGEND);
        html.words("p", &[("class", "sbs-note")], &note(comparison));
        html.text
    }
}

impl View for SystemsView {
    fn draw(&mut self, lab: &dyn Lab, frame: Frame, _lit: &Highlight) -> String {
        CapLab::of(lab).map_or_else(String::new, |lab| self.picture(lab.cluster(), frame))
    }

    fn is_finished(&self) -> bool {
        self.is_there()
    }

    fn controls(&self) -> String {
        self.words()
    }

    fn press(&mut self, _lab: &dyn Lab, what: &str) -> Option<Pointed> {
        self.toggle(what);
        None
    }
}

fn cells() -> impl Iterator<Item = (System, Counted)> {
    let of = |counted| System::ALL.into_iter().map(move |system| (system, counted));
    Counted::ALL.into_iter().flat_map(of)
}

/// What the button of a number is called.
fn name(system: System, counted: Counted) -> String {
    format!("systems-{}-{}", counted as u8, system as u8)
}

fn side_by_side(comparison: &Comparison) -> SideBySide {
    let window = Window::following(comparison.now_us(), SPAN_US);
    let (_, groups) = comparison.groups().last().expect("there are groups from the beginning on");
    let column = |system: System| {
        let report = comparison.report(system);
        let member = |sign: &super::ServerSign| Member {
            node: sign.node,
            name: sign.node.to_string(),
            up: sign.is_up,
            crown: sign.is_chief,
            sign: match sign.last {
                None | Some(Fate::Open) => Sign::None,
                Some(Fate::Done(_)) => Sign::Answered,
                Some(Fate::Refused(_)) => Sign::Refused,
                Some(Fate::Unknown { .. }) => Sign::Unknown,
            },
        };
        let signs = |group: &Vec<crate::sim::NodeId>| {
            report.servers.iter().filter(|it| group.contains(&it.node)).map(member).collect()
        };
        let slots = Report::slots(comparison, system, window);
        Column {
            name: title(comparison.cluster(system)),
            groups: groups.iter().map(signs).collect(),
            bars: slots.iter().map(bar).collect(),
            gaps: report.availability.gaps,
        }
    };
    SideBySide {
        window,
        now_us: comparison.now_us(),
        slot_us: SLOT_US,
        columns: System::ALL.map(column).to_vec(),
    }
}

fn bar(slot: &super::super::Slot) -> Bar {
    Bar { answered: slot.answered, refused: slot.refused, unknown: slot.unknown }
}

fn title(cluster: &Cluster) -> String {
    let store = cluster.config().quorum.settings();
    let mode = match store.mode {
        Mode::Cp => "CP quorum",
        Mode::Ap { sloppy: false } => "AP quorum",
        Mode::Ap { sloppy: true } => "AP, sloppy",
    };
    let acks = cluster.config().backup.acks;
    match cluster.system() {
        System::Quorum => {
            format!("{mode}: N {}, R {}, W {}", store.n, store.r, store.w)
        }
        System::Raft => "Raft".to_owned(),
        System::PrimaryBackup if acks == 0 => "Primary–backup, async".to_owned(),
        System::PrimaryBackup => format!("Primary–backup, waits for {acks}"),
    }
}

fn table(
    html: &mut Markup,
    comparison: &Comparison,
    reports: &[Report; 3],
    open: Option<(System, Counted)>,
) {
    html.open("table", &[("class", "sbs-table")]);
    let asked = comparison.cluster(System::Raft).clients().asked().len();
    let caption = format!("The same {asked} requests and the same faults on three systems");
    html.words("caption", &[], &caption);
    html.open("tr", &[]);
    html.words("td", &[], "");
    for report in reports {
        html.words("th", &[("scope", "col")], report.system.title());
    }
    html.close("tr");
    html.open("tr", &[("class", "sbs-verdicts")]);
    html.words("th", &[("scope", "row")], "In short");
    reports.iter().for_each(|report| html.words("td", &[], &report.verdict()));
    html.close("tr");
    for (counted, label, meaning) in ROWS {
        html.open("tr", &[]);
        html.open("th", &[("scope", "row")]);
        html.words("span", &[], label);
        html.words("small", &[], meaning);
        html.close("th");
        for report in reports {
            cell(html, report, (counted, meaning), open == Some((report.system, counted)));
        }
        html.close("tr");
    }
    row(html, reports, ("Answered", "of all requests"), |report| {
        match report.availability.answered_permille {
            Some(permille) => format!("{}.{} %", permille / 10, permille % 10),
            None => "–".to_owned(),
        }
    });
    row(html, reports, ("Available", "as in CAP: every live server answers"), |report| {
        let gaps = report.availability.gaps.iter();
        let gone_us: u64 = gaps.map(|(from_us, to_us)| to_us - from_us).sum();
        match report.availability.every_live_server_answers() {
            true => "✓ always".to_owned(),
            false => format!("× not for {}", seconds(gone_us)),
        }
    });
    html.close("table");
}

fn row(
    html: &mut Markup,
    reports: &[Report; 3],
    (label, meaning): (&str, &str),
    says: impl Fn(&Report) -> String,
) {
    html.open("tr", &[]);
    html.open("th", &[("scope", "row")]);
    html.words("span", &[], label);
    html.words("small", &[], meaning);
    html.close("th");
    for report in reports {
        html.words("td", &[], &says(report));
    }
    html.close("tr");
}

fn cell(html: &mut Markup, report: &Report, (counted, meaning): (Counted, &str), open: bool) {
    let count = report.count(counted);
    html.open("td", &[]);
    if count == 0 {
        html.words("span", &[], "0");
    } else {
        let bad = matches!(counted, Counted::Lost | Counted::Stale);
        let label = format!("{}: {count} {meaning}", report.system.title());
        let button = [
            ("class", if bad { "toggle sbs-bad" } else { "toggle" }),
            ("data-look", &name(report.system, counted)),
            ("aria-expanded", if open { "true" } else { "false" }),
            ("aria-label", &label),
        ];
        let mark = if bad { "! " } else { "" };
        html.words("button", &button, &[mark, &count.to_string()].concat());
    }
    html.close("td");
}

fn list(html: &mut Markup, comparison: &Comparison, report: &Report, counted: Counted) {
    let cluster = comparison.cluster(report.system);
    let behind = report.behind(cluster, counted);
    let row = ROWS.iter().find(|(other, ..)| *other == counted);
    let (label, meaning) = row.map_or(("", ""), |(_, label, meaning)| (*label, *meaning));
    let head =
        format!("{}, {}: {} {meaning}", report.system.title(), label.to_lowercase(), behind.len());
    html.words("h3", &[("class", "sbs-head")], &head);
    html.open("ul", &[("class", "sbs-list")]);
    for place in behind.iter().take(MOST_LISTED) {
        let Some(asked) = cluster.clients().asked().get(*place) else { continue };
        html.open("li", &[]);
        let go = [("class", "toggle"), ("data-go", &*asked.at_us.to_string())];
        html.words("button", &go, &seconds(asked.at_us));
        html.words("span", &[], &[" ", &in_words(cluster, asked)].concat());
        html.close("li");
    }
    if behind.len() > MOST_LISTED {
        html.words("li", &[], &format!("and {} more", behind.len() - MOST_LISTED));
    }
    html.close("ul");
}

/// A request and what became of it: `C8 writes w2 = C8.31 through S1: done`.
pub(in crate::labs::cap) fn in_words(cluster: &Cluster, asked: &Asked) -> String {
    let what = match &asked.what {
        Ask::Write { value, .. } => format!("writes {} = {value}", asked.key),
        Ask::Delete { .. } => format!("deletes {}", asked.key),
        _ => format!("reads {}", asked.key),
    };
    let fate = match &asked.fate {
        Fate::Open => "no answer yet".to_owned(),
        Fate::Done(_) if asked.written().is_some() => "done".to_owned(),
        Fate::Done(found) => {
            let found = if found.is_empty() { "nothing".to_owned() } else { found.join(" and ") };
            let missed = if asked.stale { missed(cluster, asked) } else { String::new() };
            ["found ", &found, &*missed].concat()
        }
        Fate::Refused(why) => format!("refused, for {}", reason(*why)),
        Fate::Unknown { needed: 0, .. } => "nobody knows, for nobody answered".to_owned(),
        Fate::Unknown { acked, needed } => {
            format!("nobody knows, for {acked} of {needed} have acknowledged")
        }
    };
    format!("{} {what} through {}: {fate}", asked.client, asked.via)
}

/// Why a server did nothing, in words.
pub(in crate::labs::cap) fn reason(why: WhyRefused) -> String {
    match why {
        WhyRefused::TooFewAlive { alive, needed } => {
            format!("{alive} of {needed} needed seem to be up")
        }
        WhyRefused::Behind => "all that answered are behind what the client knows".to_owned(),
        WhyRefused::Busy => "the server is busy".to_owned(),
        WhyRefused::NoSuchQuorum => "no such quorum can be had".to_owned(),
        WhyRefused::NotLeader(None) => "the server knows no leader".to_owned(),
        WhyRefused::NotLeader(Some(leader)) => format!("the leader {leader} cannot be reached"),
        WhyRefused::LeaderBusy(_) => "the leader did nothing".to_owned(),
        WhyRefused::NotPrimary(primary) => format!("the primary {primary} cannot be reached"),
        WhyRefused::LogFull => "the log is full".to_owned(),
    }
}

/// What is added to the reader's own acts.
fn note(comparison: &Comparison) -> String {
    let asks = 1_000_000 / workload::EVERY_US;
    let promoted = comparison.operator().promoted().iter();
    let promoted: String = promoted
        .map(|(at_us, node)| format!(" It promoted {node} at {}.", seconds(*at_us)))
        .collect();
    format!(
        "Besides you, {} and {} ask {asks} times a second, the first half of the servers and the \
         others in turn, from {} on and for a new key every second: in this comparison only. \
         Nobody votes in primary–backup, so an operator promotes a backup once a majority was \
         without a primary for {}.{promoted}",
        workload::LEFT,
        workload::RIGHT,
        seconds(workload::FROM_US),
        seconds(super::operator::PATIENCE_US),
    )
}

/// `2.025 s`, without zeros at the end.
pub(in crate::labs::cap) fn seconds(us: u64) -> String {
    let digits = format!("{:03}", us % 1_000_000 / 1_000);
    let digits = digits.trim_end_matches('0');
    let point = if digits.is_empty() { "" } else { "." };
    format!("{}{point}{digits} s", us / 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::{Command, LabSettings};
    use crate::sim::{Fault, NodeId};

    fn torn_run(until_us: u64) -> Cluster {
        let mut run = Cluster::new(&LabSettings::new(5, 5), System::Quorum);
        let others: Vec<NodeId> = (2..5).map(NodeId).collect();
        let cut = Fault::cut_between(&[NodeId(0), NodeId(1)], &others);
        run.advance_to(1_000_000).expect("far from any limit");
        run.act(&Command::Faults(vec![cut])).expect("it is possible");
        run.advance_to(until_us).expect("far from any limit");
        run
    }

    fn drawn(view: &mut SystemsView, run: &Cluster) -> (String, String) {
        let frame = Frame { width: 900.0, height: 300.0 };
        let mut svg = view.picture(run, frame);
        while !view.is_there() {
            svg = view.picture(run, frame);
        }
        (svg, view.words())
    }

    #[test]
    fn the_table_says_what_the_reports_say_and_lists_what_is_behind() {
        let mut view = SystemsView::default();
        assert_eq!(view.words(), "");
        let run = torn_run(3_000_000);
        let (svg, words) = drawn(&mut view, &run);
        assert_eq!(svg.matches("st-tear").count(), 3, "one tear, three systems");
        // Raft's leader; the primary, and the one that was promoted beside it.
        assert_eq!(svg.matches("class=\"crown\"").count(), 3);
        let raft =
            Comparison::report(view.follower.as_ref().expect("drawn").comparison(), System::Raft);
        let refused = raft.count(Counted::Refused);
        assert!(refused > 0);
        let button = format!("data-look=\"systems-{}-1\"", Counted::Refused as u8);
        assert!(words.contains(&button), "{words}");
        assert!(!words.contains("data-go"));
        view.toggle("systems-2-1");
        let words = view.words();
        assert!(words.contains(&format!("Raft, refused: {refused} known not to have happened")));
        let listed = (refused as usize).min(MOST_LISTED);
        assert_eq!(words.matches("data-go").count(), listed, "{words}");
        assert!(words.contains("the leader") || words.contains("knows no leader"), "{words}");
        view.toggle("systems-2-1");
        assert!(!view.words().contains("data-go"));
        view.toggle("no such thing");
        view.toggle("systems-9-9");
    }

    /// The reader's own clients are counted with the steady ones.
    #[test]
    fn what_the_reader_asks_is_in_the_lists() {
        let mut run = torn_run(1_400_000);
        let what = Ask::Write { key: "mine".to_owned(), value: "1".to_owned() };
        run.act(&Command::Ask { client: crate::labs::Client(1), via: NodeId(0), what })
            .expect("the server runs");
        run.advance_to(1_900_000).expect("far from any limit");
        let mut view = SystemsView::default();
        drawn(&mut view, &run);
        view.toggle("systems-2-0");
        let words = view.words();
        let mine = "C1 writes mine = 1 through S1: refused, for 2 of 3 needed seem to be up";
        assert!(words.contains(mine), "{words}");
        assert!(words.contains("data-go=\"1400000\""), "{words}");
    }

    #[test]
    fn seconds_are_short() {
        let times = [0, 25_000, 1_000_000, 2_025_000, 2_500_999];
        assert_eq!(times.map(seconds), ["0 s", "0.025 s", "1 s", "2.025 s", "2.5 s"]);
    }
}
