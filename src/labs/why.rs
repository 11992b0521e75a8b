//! Questions to a figure, and its answers: why is this so, and why is that not so?

use crate::sim::{NodeId, RecordId};

/// What a reader may want to know, at the instant at which the lab stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
    /// Why is this server what it is: leader, candidate, follower, down?
    Role(NodeId),
    /// Why did this happen: a message, a vote, a loss, a refusal, a commit, anything?
    Record(RecordId),
    /// Why is this entry of a server's log committed, or not yet?
    Entry {
        /// Whose log.
        node: NodeId,
        /// Where in it, from 1.
        index: u64,
    },
    /// Why does this replica hold what it holds of a key?
    Cell {
        /// Which replica.
        node: NodeId,
        /// The key, by the number that the lab has for it.
        key: u64,
    },
    /// Why is there no leader? If there is one after all, the answer says who.
    NoLeader,
    /// Why did a client's request go as it did, or why is there no answer? By its number, from 1 in
    /// the order in which clients asked.
    Request(u64),
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// A few sentences.
    pub text: String,
    /// The section of the source that has the rule, such as `§5.4.1`.
    pub section: &'static str,
    /// What happened that decided it, if it was one thing.
    pub record: Option<RecordId>,
    /// Whom it is about, lowest first.
    pub servers: Vec<NodeId>,
    /// One step back: the main reason of `record`, or `record` itself if that was not what the
    /// question was about. It is earlier than what was asked about. `None` at what came from
    /// outside: somebody's act, a client's request, the first boot.
    pub back: Option<RecordId>,
    /// Other questions that the answer raises.
    pub next: Vec<(String, Question)>,
    /// All that led to `record`, itself included, oldest first: at most
    /// [`CONE_RECORDS`](crate::sim::CONE_RECORDS), the latest ones.
    pub cone: Vec<RecordId>,
}

impl Explanation {
    /// One step back, as a question.
    pub fn step_back(&self) -> Option<Question> {
        self.back.map(Question::Record)
    }
}
