//! A scenario as data. What the parser makes, the printer writes and the player plays.

use crate::check::Property;
use crate::labs::{Ask, Client, LabSettings, Setting};
use crate::sim::{Capacity, Delay, LinkSettings, NodeId, RecordId};

/// A script, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// The lab's name in the registry.
    pub lab: &'static str,
    /// What it shows, in a few words; may be empty.
    pub title: String,
    /// What the lab is made with.
    pub settings: LabSettings,
    /// Which of the lab's tasks readers are shown, by their names; none: all.
    pub tasks: Vec<String>,
    /// What the reader is challenged to do, in a sentence; empty if this is no challenge.
    pub goal: String,
    /// What they may not do meanwhile, by [`KINDS`](super::challenge::KINDS).
    pub forbids: Vec<String>,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// One line of what happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The line of the script, from 1; 0 if there is none.
    pub line: u32,
    /// When.
    pub when: When,
    /// What.
    pub what: What,
}

/// When a step comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Once the step before it is done.
    Next,
    /// At this instant, in microseconds since the start of the run.
    At(u64),
    /// So many microseconds after the step before it was done.
    After(u64),
}

/// What a step is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Time passes.
    Nothing,
    /// Something is done.
    Act(Act),
    /// The reader is told something.
    Say {
        /// What.
        text: String,
        /// Whether playback stops for them here. What follows comes a microsecond later.
        stops: bool,
    },
    /// The script waits.
    Until(Wait),
    /// The reader is invited to bring something about.
    Task {
        /// To do what.
        text: String,
        /// How to tell that it is done.
        wait: Wait,
        /// What does it when nobody is there; `None` if it comes about by itself.
        by: Option<Act>,
    },
    /// Something is claimed.
    Expect(Claim),
}

/// A condition that is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// For what.
    pub condition: Condition,
    /// For how long at most, in microseconds; `None` is
    /// [`PATIENCE_US`](super::limits::PATIENCE_US).
    pub within_us: Option<u64>,
}

/// Something claimed of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It holds at this step.
    Now(Condition),
    /// It holds at this step or comes to hold in time.
    Eventually(Wait),
    /// It holds at every instant of the run, wherever the claim stands in the script.
    Always(Condition),
    /// It holds at no instant of the run, wherever the claim stands in the script.
    Never(Condition),
    /// It holds at every instant from this step on, as long as there is something left to do in
    /// the script.
    Rule {
        /// What readers are told of it.
        text: String,
        /// What must hold.
        condition: Condition,
    },
    /// The judges never find this promise broken.
    Kept(Property),
    /// The judges find this promise broken, some time.
    Broken(Property),
    /// The judges never find any promise broken.
    AllKept,
}

impl Claim {
    /// Whether it is looked at after everything that happens.
    pub(super) fn is_watched(&self) -> bool {
        matches!(self, Claim::Always(_) | Claim::Never(_) | Claim::Rule { .. })
    }
}

/// What may hold at an instant: all of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// At least one.
    pub atoms: Vec<Atom>,
}

/// One of the lab's conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Atom {
    /// Whether it must not hold.
    pub not: bool,
    /// The pattern of the lab's [`Form`](crate::labs::Form).
    pub pattern: &'static str,
    /// What stands for the capital words of the pattern.
    pub args: Vec<Arg>,
}

/// What stands for a capital word of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg {
    /// `SERVER`
    Server(Who),
    /// `GROUP`
    Group(Group),
    /// `N`
    Number(u64),
    /// `KEY=VALUE`
    Pair(String, String),
    /// `x`
    Key(String),
    /// `CLIENT`
    Client(Client),
}

/// A server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// This one.
    Number(NodeId),
    /// The one that the lab gives this name at present, such as `leader`.
    Named(&'static str),
    /// The one that a fault of the script last called so.
    Old(&'static str),
}

/// Some servers, to ask about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Group {
    /// These.
    Of(Vec<Member>),
    /// The group of this number, from 1, of the script's last `cut … | …`.
    OfCut(u8),
}

/// Some servers, in a list of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// This one.
    Who(Who),
    /// So many that the line does not name, those with the lowest numbers first.
    More(u8),
    /// All that the line does not name.
    Rest,
    /// Every server.
    All,
}

/// Some links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Links {
    /// Both ways between the groups, of which there are at least two.
    Between(Vec<Vec<Member>>),
    /// From each server of the first to each of the second.
    OneWay(Vec<Member>, Vec<Member>),
}

/// Something done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// To the world: at once, in this order, and all or nothing.
    Faults(Vec<FaultAct>),
    /// A server's timer runs out.
    TimeOut(Who),
    /// A client asks a server for something.
    Ask { client: Client, what: Ask, via: Who },
    /// A server is asked to change who belongs to the cluster.
    Change { how: Change, via: Who },
    /// A server is asked to hand leadership over.
    Transfer { from: Who, to: Who },
    /// A setting has another value from now on.
    Set(Setting),
}

/// A [`MembershipChange`](crate::labs::MembershipChange) that may name servers by what they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    AddLearner(Who),
    Promote(Who),
    Remove(Who),
    Replace(Vec<Who>),
}

/// A [`Fault`](crate::sim::Fault) that may name servers by what they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultAct {
    Cut(Vec<Links>),
    Heal(Vec<Links>),
    HealAll,
    /// Links get this quality; `None` is the one they had at first.
    SetLinks(Vec<Links>, Option<Quality>),
    Crash(Who),
    CrashTorn {
        who: Who,
        whole: u32,
        part_ppm: u32,
    },
    Restart(Who),
    Pause(Who),
    Resume(Who),
    SetSync(Who, Delay),
    SetClock {
        who: Who,
        rate_ppm: u32,
        offset_us: i64,
    },
    DropMessage(Which),
    DelayMessage(Which, u64),
    DuplicateMessage(Which),
}

/// How a link treats messages: see [`LinkSettings`](crate::sim::LinkSettings).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quality {
    /// `None` is the delay it had at first.
    pub delay: Option<Delay>,
    pub loss_ppm: u32,
    pub duplicate_ppm: u32,
    pub reorder_ppm: u32,
    pub reorder_us: u32,
    pub capacity: Option<Capacity>,
}

impl Quality {
    /// The same, with `delay` where it has none of its own.
    pub fn over(self, delay: Delay) -> LinkSettings {
        LinkSettings {
            delay: self.delay.unwrap_or(delay),
            loss_ppm: self.loss_ppm,
            duplicate_ppm: self.duplicate_ppm,
            reorder_ppm: self.reorder_ppm,
            reorder_us: self.reorder_us,
            capacity: self.capacity,
        }
    }

    /// Exactly this quality.
    pub fn of(settings: LinkSettings) -> Quality {
        Quality {
            delay: Some(settings.delay),
            loss_ppm: settings.loss_ppm,
            duplicate_ppm: settings.duplicate_ppm,
            reorder_ppm: settings.reorder_ppm,
            reorder_us: settings.reorder_us,
            capacity: settings.capacity,
        }
    }
}

/// A message on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The one that this record sent.
    Record(RecordId),
    /// The oldest on this link.
    OldestOn(Who, Who),
}
