//! The figures: each lab puts a protocol into the world and says how it looks.
//!
//! A lab is one folder here and one line in [`LABS`]. To the page every lab is a [`Lab`]: it
//! advances, takes [`Command`]s, and answers with plain data. Everything a lab answers is a pure
//! function of its world's history and the instant it stands at.

mod acts;
mod annals;
pub mod breaker;
pub mod cap;
mod command;
mod dial;
pub mod events;
mod explained;
mod explaining;
pub mod exported;
mod known;
mod outcome;
mod partition;
mod parts;
mod quiz;
pub mod raft;
mod scripted;
mod settings;
mod space_time;
mod stage;
mod telling;
pub mod trade_offs;
mod view;
pub mod whole;
mod why;

pub use command::{Ask, Choice, Client, Command, MAX_CLIENTS, MembershipChange, Refused};
pub use dial::{Dial, DialOption};
pub use explained::{Explained, explained};
pub(crate) use known::known;
pub use known::{Known, know_only};
pub use outcome::{Outcome, WriteFate};
pub use partition::{Cut, Partition, Quorum, Says, drop_effect, stroke_effect};
pub use quiz::{Quiz, Riddle, Riddles, Solution};
pub use scripted::{
    Form, SCRIPTED, Scripted, ScriptedEntry, SettingEntry, Shipped, Value, find_scripted,
};
pub use settings::{BREAK, LabSettings, Lesson, Setting, SettingValue, Tuning};
pub use view::{
    CURTAIN, LOGS, Pointed, SPACE_TIME, TAP_AND_DRAG, TOGETHER, View, ViewButton, ViewEntry,
};
pub use why::{Explanation, Question};

use std::any::Any;

use crate::scene::time_strip::LaneContent;
use crate::scene::{Frame, Scene, Target, Tone, Window};
use crate::sim::{Halted, NodeId, RecordId};

/// A line of the registry.
pub struct LabEntry {
    /// What links call it.
    pub name: &'static str,
    /// How many servers it can have.
    pub servers: std::ops::RangeInclusive<u8>,
    /// What it is made with when nothing else is asked for.
    pub defaults: LabSettings,
    /// What of its protocol can be set.
    pub settings: &'static [SettingEntry],
    /// The settings that readers find, by their names, under a title each.
    pub groups: &'static [(&'static str, &'static [&'static str])],
    /// The rules that readers can leave out, to see what they are for.
    pub lessons: &'static [Lesson],
    /// What it is called, and what is said of all of it.
    pub words: LabWords,
    /// Further pictures of its run. The lens draws them.
    pub views: &'static [ViewEntry],
    /// Whether the first of them is open when a reader comes.
    pub opens_view: bool,
    /// The setting that says who is on the stage, if there is one: the bar begins with it, and to
    /// choose another one begins anew, with everything else as it is by itself.
    pub stage: Option<&'static str>,
    /// How fast it plays at first, in millionths of real time; `None`: as the page has it.
    pub speed_ppm: Option<u32>,
    /// If it asks readers to foretell what comes of their acts: who does.
    pub quiz: Option<fn() -> Box<dyn Quiz>>,
    /// Says what is wrong with settings that cannot work.
    pub check: fn(&LabSettings) -> Result<(), String>,
    /// Makes it.
    pub open: fn(&LabSettings) -> Box<dyn Lab>,
}

impl LabEntry {
    /// The setting that says who is on the stage.
    pub fn stage(&self) -> Option<&'static SettingEntry> {
        self.stage.and_then(|name| self.settings.iter().find(|entry| entry.name == name))
    }
}

/// What the page says of a lab as a whole.
#[derive(Clone, Copy, Debug)]
pub struct LabWords {
    /// What runs in it, such as `a Raft`.
    pub what: &'static str,
    /// Who promises, such as `What Raft promises:`.
    pub promises: &'static str,
    /// How that is judged.
    pub judged: &'static str,
    /// What its settings are where none is changed.
    pub by_itself: &'static str,
}

/// The registry: one line a lab.
pub const LABS: &[LabEntry] =
    &[raft::ENTRY, cap::ENTRY, events::ENTRY, breaker::ENTRY, whole::ENTRY];

/// A figure's world, behind the one face that the page knows. What only those need who look closer
/// is in [`Explained`].
pub trait Lab: Any {
    /// The present instant, in microseconds since the start of the run.
    fn now_us(&self) -> u64;

    /// When the next thing is due, if anything is.
    fn next_due_us(&self) -> Option<u64>;

    /// If nothing is on its way and only timers wait: when the first of them runs out.
    fn quiet_until_us(&self) -> Option<u64>;

    /// The instant at which a first look is worth it: shortly before something happens.
    fn opening_us(&self) -> u64;

    /// Makes everything happen that is due at or before `at_us`.
    ///
    /// # Errors
    ///
    /// [`Halted`] if the run has reached a limit.
    fn advance_to(&mut self, at_us: u64) -> Result<(), Halted>;

    /// Like [`advance_to`](Lab::advance_to), but stops early once [`history_len`](Lab::history_len)
    /// is `records` or more. Whether it came to `at_us`.
    ///
    /// # Errors
    ///
    /// [`Halted`] if the run has reached a limit.
    fn advance_within(&mut self, at_us: u64, records: usize) -> Result<bool, Halted>;

    /// A copy that goes its own way from here. Cheap: what has happened is shared.
    fn fork(&self) -> Box<dyn Lab>;

    /// Carries out a command, now.
    ///
    /// # Errors
    ///
    /// [`Refused`] if it makes no sense at present; nothing has changed then.
    fn act(&mut self, command: &Command) -> Result<(), Refused>;

    /// How many things have happened.
    fn history_len(&self) -> usize;

    /// The oldest record that is still known. It is not 0 once old ones were
    /// [let go](Lab::let_go_before).
    fn history_first(&self) -> usize;

    /// Forgets the oldest part of the history, up to this record or a little before it.
    fn let_go_before(&mut self, record: RecordId);

    /// When a record happened, in microseconds, and a number that differs if two records do.
    /// `None` if it is not known.
    fn record(&self, record: RecordId) -> Option<(u64, u64)>;

    /// The identity of what has happened: see [`History::hash`](crate::sim::History::hash).
    fn history_hash(&self) -> u64;

    /// The picture at this instant. Messages that died in the last `linger_us` are still shown.
    fn scene(&self, frame: Frame, linger_us: u64) -> Scene;

    /// What changed the state of things in a part of the run, as far as it has happened. Marks of a
    /// kind in the same of so many equal parts of the window become one.
    fn lane(&self, window: Window, buckets: u32) -> LaneContent;

    /// The instant after `at_us`, or before it, at which the state of things changed next.
    fn next_mark_us(&self, at_us: u64, back: bool) -> Option<u64>;

    /// The last `most` things worth telling, oldest first.
    fn story(&self, most: usize) -> Vec<StoryLine>;

    /// The same state as the picture, as a table.
    fn table(&self) -> Table;

    /// What clients have asked for, and what became of it, as a table.
    fn client_table(&self) -> Table;

    /// What the reader is invited to do, with what is done already.
    fn tasks(&self) -> Vec<Task>;

    /// What the protocol promises, and whether it has kept its word so far.
    fn promises(&self) -> Vec<Promise>;

    /// What the run has come to, to be compared with another branch.
    fn outcome(&self) -> Outcome;

    /// What the shapes in the picture mean.
    fn legend(&self) -> Vec<LegendItem>;

    /// How to read the rest of the picture, in a few sentences.
    fn reading(&self) -> &'static str;

    /// What can be done with a server, a link, a message, a client or the whole network.
    fn choices(&self, target: Target) -> Vec<Choice>;

    /// What readers turn while the protocol runs: nothing, unless a lab says otherwise.
    fn dials(&self) -> Vec<Dial> {
        Vec::new()
    }

    /// What a cut along a stroke that crosses `links` would do.
    fn stroke_effect(&self, links: &[(NodeId, NodeId)]) -> Partition;

    /// What dragging `node` out alone, or into the group of `joins`, would do.
    fn drop_effect(&self, node: NodeId, joins: Option<NodeId>) -> Partition;
}

/// One thing told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoryLine {
    /// The record it tells of.
    pub record: RecordId,
    /// When, in microseconds since the start of the run.
    pub at_us: u64,
    /// Its colour.
    pub tone: Tone,
    /// A sentence.
    pub text: String,
    /// The section of the source that has the rule, such as `§5.2`.
    pub section: Option<&'static str>,
}

/// A table, its first column naming the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What the table shows.
    pub caption: String,
    /// The heads of the columns.
    pub head: Vec<&'static str>,
    /// The rows, each as long as the head.
    pub rows: Vec<Vec<String>>,
}

/// Something the reader is invited to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// What scripts call it.
    pub name: &'static str,
    /// What to do, in a few words.
    pub title: &'static str,
    /// How, and what to watch.
    pub hint: &'static str,
    /// When it was done in this run, in microseconds since its start, if it was.
    pub done_us: Option<u64>,
    /// Whether it is no step of the lab's path: only scripts that name it show it.
    pub is_apart: bool,
}

/// Something that is promised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// What it is called.
    pub name: &'static str,
    /// What it says, in a sentence.
    pub says: &'static str,
    /// Whether it is one of those that the source itself names.
    pub is_main: bool,
    /// When and how it was first broken, if it was.
    pub broken: Option<Breach>,
}

/// The first time that a promise was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The record at which it showed.
    pub record: RecordId,
    /// When, in microseconds since the start of the run.
    pub at_us: u64,
    /// What was found, in words, without a full stop.
    pub finding: String,
    /// The servers it is about.
    pub servers: Vec<NodeId>,
}

/// What a shape means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegendItem {
    /// The shape.
    pub shape: crate::scene::Shape,
    /// Its colour.
    pub tone: Tone,
    /// Whether it is filled.
    pub filled: bool,
    /// What it means.
    pub meaning: &'static str,
}

impl LegendItem {
    /// A line of the legend.
    pub const fn new(
        shape: crate::scene::Shape,
        tone: Tone,
        filled: bool,
        meaning: &'static str,
    ) -> LegendItem {
        LegendItem { shape, tone, filled, meaning }
    }
}
