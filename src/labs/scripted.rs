//! What a lab must tell and take so that scripts can play in it. The page does without.

use super::{Client, Command, Lab, LabEntry, LabSettings, Refused, SettingValue, known};
use crate::check::{Property, Verdicts};
use crate::sim::{Halted, LinkSettings, NodeId, RecordId};

/// A lab's world, as scripts see it.
pub trait Scripted {
    /// The lab.
    fn lab(&self) -> &dyn Lab;

    /// As [`Lab::advance_to`], while the judges watch.
    ///
    /// # Errors
    ///
    /// [`Halted`] if the run has reached a limit.
    fn advance_to(&mut self, at_us: u64) -> Result<(), Halted>;

    /// As [`Lab::act`], while the judges watch.
    ///
    /// # Errors
    ///
    /// [`Refused`] if it makes no sense at present; nothing has changed then.
    fn act(&mut self, command: &Command) -> Result<(), Refused>;

    /// What the judges have found.
    fn verdicts(&self) -> &Verdicts;

    /// What only the end of a run can tell is judged now.
    fn judge_end(&mut self);

    /// How many servers there are, where that is not what the settings say.
    fn servers(&self) -> Option<u8> {
        None
    }

    /// Whom one of [`ScriptedEntry::names`] names at present.
    fn named(&self, name: &str) -> Option<NodeId>;

    /// Whether a condition of [`ScriptedEntry::forms`] holds at present. `values` stand for the
    /// capital words of its pattern. Of another pattern, or other values, nothing ever holds.
    fn holds(&self, pattern: &str, values: &[Value]) -> bool;

    /// How every link behaved at first.
    fn first_links(&self) -> LinkSettings;

    /// The message that has been longest on its way from one server to another.
    fn oldest_message(&self, from: NodeId, to: NodeId) -> Option<RecordId>;

    /// The server that a record tells of.
    fn server_of(&self, record: RecordId) -> Option<NodeId>;
}

/// What stands for a capital word of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `SERVER`
    Server(NodeId),
    /// `GROUP`
    Servers(Vec<NodeId>),
    /// `N`
    Number(u64),
    /// `KEY=VALUE`
    Pair(String, String),
    /// `KEY`
    Key(String),
    /// `CLIENT`
    Client(Client),
}

/// A condition that scripts may wait for or expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// Its words. `SERVER`, `GROUP`, `CLIENT`, `N`, `KEY` and `KEY=VALUE` stand for what a script
    /// names.
    pub pattern: &'static str,
    /// When it holds.
    pub meaning: &'static str,
}

/// A setting of the lab's protocol that scripts may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettingEntry {
    /// What scripts call it.
    pub name: &'static str,
    /// What it is by itself, and so of which kind.
    pub default: SettingValue,
    /// Among which names it is a choice, if it is one, and what each means.
    pub choices: &'static [(&'static str, &'static str)],
    /// What it means.
    pub meaning: &'static str,
}

/// A scenario or a challenge that comes with a lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shipped {
    /// What links call it.
    pub name: &'static str,
    /// Its script.
    pub text: &'static str,
}

impl Shipped {
    /// A line of a lab's list.
    pub(super) const fn new(name: &'static str, text: &'static str) -> Shipped {
        Shipped { name, text }
    }
}

/// What scripts can say about a lab.
pub struct ScriptedEntry {
    /// The lab.
    pub lab: LabEntry,
    /// Names for servers, besides `S1` and the like.
    pub names: &'static [&'static str],
    /// What can be waited for and expected.
    pub forms: &'static [Form],
    /// The promises that are judged.
    pub promises: &'static [Property],
    /// The scenarios that come with it.
    pub scenarios: &'static [Shipped],
    /// The [challenges](crate::scenario::challenge) that come with it.
    pub challenges: &'static [Shipped],
    /// Makes it. What cannot work has been refused before.
    pub open: fn(&LabSettings) -> Box<dyn Scripted>,
}

/// The labs that scripts can play in: one line a lab.
pub const SCRIPTED: &[ScriptedEntry] = &[
    super::raft::SCRIPTED,
    super::cap::SCRIPTED,
    super::events::SCRIPTED,
    super::breaker::SCRIPTED,
    super::whole::SCRIPTED,
];

/// The lab of this name, if the program knows it.
pub fn find_scripted(lab: &str) -> Option<&'static ScriptedEntry> {
    known().scripted.iter().find(|entry| entry.lab.name == lab)
}
