//! A run goes out of the page as a file, and comes into it as a script.
//!
//! [`Sharing`] plays the run of a link by itself and not with the [`Lens`](super::Lens)'s timeline:
//! a file depends on the link alone, so it is the very file that `rift render LINK` and `rift
//! export LINK` write.

use super::embeds;
use crate::export::usual::{self, Format, UsualView, Wishes};
use crate::export::{ExportError, Guided, Imported, import};
use crate::labs::LOGS;
use crate::link::{BadLink, Link};
use crate::scenario::{Report, Scenario, Verdict, parse, play_within};
use crate::text::share as text;
use crate::timeline::{Timeline, Tree};

/// Records of a script's run that are played while the reader waits.
pub const SCRIPT_RECORDS: usize = 400_000;
/// So many claims that do not hold are told.
const TOLD: usize = 6;

/// What a run can become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// What the command line calls it.
    pub name: &'static str,
    /// What the reader reads.
    pub label: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// How the file's name ends.
    pub ending: &'static str,
    /// The media type.
    pub media: &'static str,
    /// Whether it may begin and end where the reader wants.
    pub has_part: bool,
}

const SVG: (&str, &str) = ("svg", "image/svg+xml");
const TEXT: &str = "text/plain";

const fn kind(
    name: &'static str,
    [label, about]: [&'static str; 2],
    (ending, media): (&'static str, &'static str),
    has_part: bool,
) -> Kind {
    Kind { name, label, about, ending, media, has_part }
}

/// All of them, in groups with a name each.
pub const KINDS: [(&str, &[Kind]); 4] = [
    (
        text::EXPERIMENT,
        &[
            kind("link", text::LINK, ("txt", TEXT), false),
            kind("script", text::SCRIPT, ("rift", TEXT), false),
        ],
    ),
    (
        text::PICTURE,
        &[
            kind("stage", text::STAGE, SVG, false),
            kind("space-time", text::SPACE_TIME, SVG, true),
            kind("logs", text::LOGS, SVG, false),
            kind("timeline", text::TIMELINE, SVG, true),
            kind("animated", text::ANIMATED, SVG, true),
        ],
    ),
    (
        text::YOUR_PAGE,
        &[
            kind("html", text::HTML, ("html", TEXT), false),
            kind("markdown", text::MARKDOWN, ("md", TEXT), false),
            kind("hugo", text::HUGO, ("md", TEXT), false),
            kind("jekyll", text::JEKYLL, ("md", TEXT), false),
            kind("mdbook", text::MDBOOK, ("md", TEXT), false),
            kind("iframe", text::IFRAME, ("html", TEXT), false),
        ],
    ),
    (
        text::OTHER_PROGRAM,
        &[
            kind("jsonl", text::JSONL, ("jsonl", "application/x-ndjson"), false),
            kind("shiviz", text::SHIVIZ, ("log", TEXT), false),
            kind("mermaid", text::MERMAID, ("mmd", TEXT), true),
        ],
    ),
];

impl Kind {
    /// The kind of this name.
    pub fn named(name: &str) -> Option<&'static Kind> {
        KINDS.iter().flat_map(|(_, kinds)| *kinds).find(|kind| kind.name == name)
    }

    /// Whether it is looked at and not read.
    pub fn is_picture(&self) -> bool {
        self.ending == SVG.0
    }
}

/// A run that goes out.
pub struct Sharing {
    address: String,
    link: Link,
    /// Played when it is first needed; a link needs no playing.
    timeline: Option<Timeline>,
}

impl Sharing {
    /// The run of a link, as the address that it has.
    ///
    /// # Errors
    ///
    /// [`BadLink`], which says what is wrong with it.
    pub fn open(address: &str) -> Result<Sharing, BadLink> {
        let link = Link::parse(address)?;
        Ok(Sharing { address: address.to_owned(), link, timeline: None })
    }

    /// Whether runs of this lab can become that: not all have a log to show.
    pub fn has(&self, kind: &Kind) -> bool {
        let has_logs = || {
            let entry = self.link.entry();
            entry.is_some_and(|entry| entry.views.iter().any(|view| view.name == LOGS.name))
        };
        kind.name != LOGS.name || has_logs()
    }

    /// The name of the file.
    pub fn file_name(&self, kind: &Kind) -> String {
        let Link { lab, settings, at_us, .. } = &self.link;
        let (seed, ms) = (settings.seed, at_us / 1_000);
        // Only pictures have an ending in common.
        let (dash, view) = if kind.is_picture() { ("-", kind.name) } else { ("", "") };
        format!("rift-{lab}-seed-{seed}-at-{ms}ms{dash}{view}.{}", kind.ending)
    }

    /// Where the file begins and ends if the reader does not say, in microseconds since the start
    /// of the run.
    pub fn usual_part(&mut self, kind: &Kind) -> (u64, u64) {
        let end_us = self.link.at_us;
        let view = UsualView::named(kind.name);
        let from_us = view.zip(self.timeline().ok()).map(|(view, it)| view.from_us(it, end_us));
        (from_us.unwrap_or(0), end_us)
    }

    /// The text of the file. `part` counts for those kinds that have one.
    ///
    /// # Errors
    ///
    /// [`ExportError`], which says why there is none.
    pub fn text(&mut self, kind: &Kind, part: (u64, u64)) -> Result<String, ExportError> {
        if kind.name == "link" {
            return Ok(self.address.clone());
        }
        if let Some(snippet) = embeds::snippet(kind.name, &self.address, &self.link) {
            return Ok(snippet);
        }
        let end_us = self.link.at_us;
        let timeline = self.timeline()?;
        let asked = |us: u64| kind.has_part.then_some(us);
        let (from_us, to_us) = (asked(part.0), asked(part.1));
        if let Some(view) = UsualView::named(kind.name) {
            let wishes = Wishes { from_us, to_us, ..Wishes::default() };
            return usual::picture(timeline, end_us, view, &wishes);
        }
        let format = usual::FORMATS.iter().find(|(name, _)| *name == kind.name);
        let (_, format) = format.ok_or(ExportError::NoSuchView)?;
        let from_us = from_us.filter(|from_us| *from_us > 0 && *format == Format::Mermaid);
        usual::written(timeline, *format, from_us, to_us.unwrap_or(end_us))
    }

    /// The run, played up to the instant of the link.
    fn timeline(&mut self) -> Result<&mut Timeline, ExportError> {
        let Link { lab, settings, tree, branch, at_us, .. } = &self.link;
        if self.timeline.is_none() {
            let unknown = || ExportError::UnknownLab((*lab).to_owned());
            let entry = self.link.entry().ok_or_else(unknown)?;
            let mut timeline = Timeline::of_tree(entry, settings.clone(), tree.clone());
            timeline.select(*branch)?;
            self.timeline = Some(timeline);
        }
        let timeline = self.timeline.as_mut().ok_or(ExportError::NoSuchView)?;
        timeline.seek(*at_us).map_err(|_| ExportError::Halted(*at_us))?;
        Ok(timeline)
    }
}

/// What came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Its run, as a link without the page's address.
    pub link: String,
    /// What there is to say of it, a line each: its title, and what became of what it expects.
    pub said: Vec<String>,
}

/// Why nothing did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misread {
    /// In words.
    pub why: String,
    /// The line and the character of the line, both from 1, if it is at a place.
    pub place: Option<(u32, u32)>,
}

impl Misread {
    fn new(why: impl ToString) -> Misread {
        Misread { why: why.to_string(), place: None }
    }
}

/// Reads what was pasted or dropped, and plays it if it is a script.
///
/// # Errors
///
/// [`Misread`], which says what is wrong and where.
pub fn read(text: &str) -> Result<Opened, Misread> {
    let scenario = match import(text) {
        Ok(Imported::Link(link)) => {
            return Ok(Opened { link: link.to_text(), said: Vec::new() });
        }
        Ok(Imported::Script(scenario)) => scenario,
        Err(crate::export::ImportError::Script(error)) => {
            let place = Some((error.line, error.column));
            return Err(Misread { why: error.to_string(), place });
        }
        Err(why) => return Err(Misread::new(why)),
    };
    let report = play_within(&scenario, SCRIPT_RECORDS).map_err(Misread::new)?;
    let said = told(&scenario.title, &report);
    let link = Link {
        lab: scenario.lab,
        settings: report.run.settings,
        tree: Tree::of_actions(report.run.actions),
        branch: crate::timeline::BranchId::FIRST,
        at_us: report.ended_us,
        beside: None,
    };
    let text = link.to_text();
    // The page opens what can be a link, and nothing else.
    match Link::parse(&text) {
        Ok(_) => Ok(Opened { link: text, said }),
        Err(why) => Err(Misread::new(text::cannot_show(&why.to_string()))),
    }
}

/// A script as what a figure needs that tells it, with what is said on the way: JSON, as `rift
/// publish` writes it of those that ship.
///
/// # Errors
///
/// As [`read`].
pub fn tour(text: &str) -> Result<String, Misread> {
    // What is too long, or too large for a page, is found there.
    let opened = read(text)?;
    let Ok(scenario) = parse(text) else {
        return Err(Misread::new(text::is_no_script(&opened.link)));
    };
    let guided = Guided::play(scenario).map_err(Misread::new)?;
    guided.to_json("").map_err(Misread::new)
}

/// The run of a link after more was done at its instant: what lines of a script do there. As a link
/// again, with every branch that there was; what is done in the past begins another one.
///
/// # Errors
///
/// [`Misread`], which says what is wrong.
pub fn after(address: &str, lines: &str) -> Result<String, Misread> {
    let mut sharing = Sharing::open(address).map_err(Misread::new)?;
    let beside = sharing.link.beside;
    let timeline = sharing.timeline().map_err(Misread::new)?;
    let now_us = timeline.now_us();
    let run = timeline.run(timeline.branch());
    let mut run = run.ok_or_else(|| Misread::new(text::NO_SUCH_RUN))?;
    run.actions.retain(|action| action.at_us <= now_us);
    let done = run.actions.len();
    let script = [&Scenario::of_run(&run, now_us).to_string(), lines, "\n"].concat();
    // What is wrong is on the lines that came in, whatever their number in the script.
    let scenario = parse(&script).map_err(|error| Misread::new(error.wrong))?;
    let report = play_within(&scenario, SCRIPT_RECORDS).map_err(Misread::new)?;
    if let Some(failed) = report.failed {
        return Err(Misread::new(failed.why));
    }
    for action in report.run.actions.into_iter().skip(done) {
        timeline.approach(action.at_us, usize::MAX).map_err(Misread::new)?;
        timeline.act(action.command).map_err(Misread::new)?;
    }
    Ok(Link::of_timeline(timeline, beside).to_text())
}

/// The title, how many claims hold, and those that do not.
fn told(title: &str, report: &Report) -> Vec<String> {
    let mut said = Vec::new();
    said.extend((!title.is_empty()).then(|| format!("“{title}”")));
    let (all, broken): (usize, Vec<&Verdict>) =
        (report.verdicts.len(), report.verdicts.iter().filter(|it| !it.holds()).collect());
    match (all, broken.len()) {
        (0, _) => {}
        (1, 0) => said.push(text::IT_HOLDS.to_owned()),
        (_, 0) => said.push(text::all_hold(all)),
        (_, count) => said.push(text::do_not_hold(count, all)),
    }
    said.extend(broken.iter().take(TOLD).map(|verdict| verdict.to_string()));
    said.extend((broken.len() > TOLD).then(|| text::and_more(broken.len() - TOLD)));
    said.extend(report.failed.as_ref().map(|failed| failed.to_string()));
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::{Command, LABS, LabSettings, SCRIPTED};
    use crate::sim::{Fault, NodeId};

    fn address() -> (String, Timeline) {
        let mut timeline = Timeline::start(&LABS[0], LabSettings::new(3, 5));
        timeline.advance_to(300_000).expect("far from any limit");
        timeline.act(Command::write(NodeId(0), "x", "1")).expect("it runs");
        timeline.act(Command::Faults(vec![Fault::Crash(NodeId(1))])).expect("it runs");
        timeline.advance_to(400_000).expect("far from any limit");
        let link = Link::of_timeline(&timeline, None).to_text();
        (format!("https://example.org/#{link}"), timeline)
    }

    #[test]
    fn a_line_of_a_script_is_done_at_the_instant_of_a_link() {
        let (address, timeline) = address();
        let before = timeline.run(timeline.branch()).expect("it is there").actions;
        let link =
            Link::parse(&after(&address, "crash S3").expect("it can crash")).expect("a link");
        assert_eq!(link.at_us, 400_000);
        let acts = &link.tree.branch(link.branch).expect("it is there").actions;
        assert_eq!(acts[..2], before[..]);
        assert_eq!(acts[2].at_us, 400_000);
        assert_eq!(acts[2].command, Command::Faults(vec![Fault::Crash(NodeId(2))]));
        for wrong in ["crush S3", "crash S9", "restart S3"] {
            let why = after(&address, wrong).expect_err(wrong).why;
            assert!(why.len() > 10, "{wrong}: {why}");
        }
    }

    #[test]
    fn a_script_is_told_as_those_that_ship_are() {
        let script = "rift 1\nlab raft\nuntil leader\nsay \"It leads.\"\nafter 20ms\n";
        let json = tour(script).expect("it can be played");
        assert!(json.contains("\"lab\":\"raft\"") && json.contains("It leads."), "{json}");
        let why = tour("rift 1\nlab raft\nsya \"It leads.\"\n").expect_err("it is misspelt");
        assert_eq!(why.place, Some((3, 1)), "{}", why.why);
        assert!(tour(&address().0).is_err());
    }

    /// What is done before the end begins another branch, and the old one stays.
    #[test]
    fn a_line_of_a_script_in_the_past_begins_a_branch() {
        let (_, mut timeline) = address();
        timeline.seek(250_000).expect("it was there");
        let link = Link::of_timeline(&timeline, None).to_text();
        let link = Link::parse(&after(&link, "crash S3").expect("it can crash")).expect("a link");
        assert_eq!(link.tree.shown().count(), 2);
        assert_ne!(link.branch, crate::timeline::BranchId::FIRST);
    }

    #[test]
    fn every_kind_is_made_and_comes_again_the_same() {
        let (address, _) = address();
        let mut sharing = Sharing::open(&address).expect("the link is good");
        let all = || KINDS.iter().flat_map(|(_, kinds)| *kinds);
        assert_eq!(all().count(), 16);
        let make = |sharing: &mut Sharing, kind: &Kind| {
            let part = sharing.usual_part(kind);
            sharing.text(kind, part).expect("it fits")
        };
        let first: Vec<String> = all().map(|kind| make(&mut sharing, kind)).collect();
        for (kind, text) in all().zip(&first) {
            let mut fresh = Sharing::open(&address).expect("the link is good");
            assert_eq!(make(&mut fresh, kind), *text, "{}", kind.name);
            assert_eq!(kind.is_picture(), text.starts_with("<svg"), "{}", kind.name);
            let name = sharing.file_name(kind);
            assert!(name.starts_with("rift-raft-seed-5-at-400ms"), "{name}");
            assert!(name.ends_with(kind.ending) && !name.contains(['/', ' ']), "{name}");
        }
        assert_eq!(first[0], address);
        assert!(first[1].contains("at 300ms crash S2"), "{}", first[1]);
    }

    /// Of a store, whatever it runs: all but the logs, which it has not.
    #[test]
    fn every_kind_is_made_of_a_store() {
        for system in ["quorum", "raft", "primary-backup"] {
            let script = format!(
                "rift 1\nlab cap\nservers 5\nseed 5\nsystem {system}\nat 400ms\nwrite x=1 to S1\n\
                 at 500ms\ncrash S2\nat 600ms\n"
            );
            let address = read(&script).expect("it is a script").link;
            let mut sharing = Sharing::open(&address).expect("the link is good");
            let (has, has_not): (Vec<&Kind>, Vec<&Kind>) =
                KINDS.iter().flat_map(|(_, kinds)| *kinds).partition(|kind| sharing.has(kind));
            assert_eq!(has_not.iter().map(|kind| kind.name).collect::<Vec<_>>(), ["logs"]);
            assert_eq!(has.len(), 15);
            for kind in has {
                let part = sharing.usual_part(kind);
                let text = sharing.text(kind, part).expect(kind.name);
                let mut fresh = Sharing::open(&address).expect("the link is good");
                assert_eq!(fresh.text(kind, part).expect("it fits"), text, "{}", kind.name);
                assert_eq!(kind.is_picture(), text.starts_with("<svg"), "{}", kind.name);
                let name = sharing.file_name(kind);
                assert!(name.starts_with("rift-cap-seed-5-at-600ms"), "{name}");
                assert!(kind.name != "script" || text.contains("at 500ms crash S2"), "{text}");
            }
            let logs = Kind::named("logs").expect("there is one");
            assert_eq!(sharing.text(logs, (0, 0)), Err(ExportError::NoSuchView));
        }
        let (raft, _) = address();
        let sharing = Sharing::open(&raft).expect("the link is good");
        assert!(KINDS.iter().flat_map(|(_, kinds)| *kinds).all(|kind| sharing.has(kind)));
    }

    #[test]
    fn a_part_counts_where_there_is_one() {
        let (address, _) = address();
        let mut sharing = Sharing::open(&address).expect("the link is good");
        let mut with =
            |name: &str, part| sharing.text(Kind::named(name).expect("there is one"), part);
        let diagram = with("mermaid", (290_000, 400_000)).expect("it fits");
        assert!(diagram.len() < with("mermaid", (0, 400_000)).expect("it fits").len());
        assert_eq!(with("stage", (7, 3)), with("stage", (0, 400_000)), "an instant has no part");
        for name in ["animated", "space-time", "timeline", "mermaid"] {
            let refused = with(name, (400_000, 400_000));
            assert!(matches!(refused, Err(ExportError::EndsBefore { .. })), "{name}");
        }
    }

    #[test]
    fn the_script_of_a_run_leads_back_to_the_same_history() {
        let (address, timeline) = address();
        let mut sharing = Sharing::open(&address).expect("the link is good");
        let script = sharing.text(Kind::named("script").expect("there is one"), (0, 0));
        let opened = read(&script.expect("it fits")).expect("it is a script");
        let link = Link::parse(&opened.link).expect("the page opens it");
        let mut again = Timeline::of_tree(&LABS[0], link.settings.clone(), link.tree.clone());
        again.seek(link.at_us).expect("far from any limit");
        assert_eq!(again.lab().history_hash(), timeline.lab().history_hash());
        assert_eq!(again.now_us(), 400_000);
    }

    #[test]
    fn what_a_script_expects_is_told() {
        for shipped in SCRIPTED.iter().flat_map(|entry| entry.scenarios) {
            let parsed = crate::scenario::parse(shipped.text).expect("it ships");
            let whole = crate::scenario::play(&parsed).expect("it can be played");
            assert_eq!(play_within(&parsed, SCRIPT_RECORDS), Ok(whole), "{}", shipped.name);
        }
        let head = "rift 1\nlab raft\ntitle \"Why not?\"\nuntil leader\n";
        let wrong = format!("{head}expect now leader\nexpect now no leader\n");
        let said = read(&wrong).expect("it is a script").said;
        assert_eq!(said[..2], ["“Why not?”", "1 of 2 expectations do not hold:"]);
        assert!(said[2].starts_with("line   6: NO   now no leader: "), "{said:?}");
        assert_eq!(read("rift 1\nlab raft\n").expect("it is one").said, [""; 0]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let misread = read("rift 1\nlab raft\n\nuntil laeder\n").expect_err("it is wrong");
        assert_eq!(misread.place, Some((4, 7)));
        assert!(misread.why.starts_with("line 4, column 7: expected"), "{}", misread.why);
        assert_eq!(read("hello").expect_err("it is nothing").place, None);
        // A run without end is left where the reader's patience ends.
        let endless = "rift 1\nlab raft\nheartbeat 1ms\nat 3600s heal\n";
        let opened = read(endless).expect("it is a script");
        assert!(opened.said[0].contains("more than 400000 records"), "{:?}", opened.said);
        let link = Link::parse(&opened.link).expect("what was played can be seen");
        assert!(link.at_us < 3_600_000_000);
    }
}
