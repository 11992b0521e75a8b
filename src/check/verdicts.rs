//! What judges have found.

use std::fmt;

use super::Property;
use crate::raft::{LogIndex, ServerId, Term};
use crate::sim::{NodeId, RecordId};
use crate::sorted::SortedMap;

/// A broken promise.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Violation {
    /// Which promise.
    pub property: Property,
    /// The record at which it showed. Its causes lead back to why.
    pub at: RecordId,
    /// What was found.
    pub finding: Finding,
}

/// The first violation of each promise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Verdicts {
    first: SortedMap<Property, Violation>,
}

impl Verdicts {
    /// The first violation of `property`, or `None` as long as it was kept.
    pub fn of(&self, property: Property) -> Option<&Violation> {
        self.first.get(&property)
    }

    /// Whether every promise was kept.
    pub fn all_kept(&self) -> bool {
        self.first.is_empty()
    }

    /// The first violation of each broken promise, in the order of [`Property::ALL`].
    pub fn violations(&self) -> impl Iterator<Item = &Violation> {
        self.first.values()
    }

    /// The violation that showed first of all.
    pub fn earliest(&self) -> Option<&Violation> {
        self.first.values().min_by_key(|violation| violation.at)
    }

    /// Notes a violation, unless the same promise was broken before.
    pub fn note(&mut self, property: Property, at: RecordId, finding: Finding) {
        if !self.first.contains_key(&property) {
            self.first.insert(property, Violation { property, at, finding });
        }
    }
}

/// What exactly is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Finding {
    /// Two servers lead in one term.
    TwoLeaders { term: Term, first: ServerId, second: ServerId },
    /// A server gave its vote of one term to two candidates. `None`: it forgot the first.
    TwoVotes { voter: ServerId, term: Term, first: ServerId, second: Option<ServerId> },
    /// A leader without enough votes.
    TooFewVotes { leader: ServerId, term: Term, votes: usize, needed: usize },
    /// A leader changed its log other than at its end.
    LeaderRewrote { leader: ServerId, term: Term, from_index: LogIndex },
    /// Two entries of one index and term that differ, or follow different entries.
    EntriesDiffer { server: ServerId, index: LogIndex, term: Term },
    /// A leader lacks an entry that was committed in an earlier term.
    LeaderLacks { leader: ServerId, term: Term, index: LogIndex, committed_in: Term },
    /// Two servers applied different entries at one index.
    AppliedDiffer { server: ServerId, index: LogIndex, first: Term, second: Term },
    /// A server left out an entry, or applied one again.
    AppliedOutOfOrder { server: ServerId, expected: LogIndex, found: LogIndex },
    /// A server went back to an earlier term.
    TermWentBack { server: ServerId, from: Term, to: Term },
    /// An index fell that may only rise.
    IndexWentBack { server: ServerId, from: LogIndex, to: LogIndex },
    /// A leader takes `follower` to have what it has not.
    FalseMatch { leader: ServerId, follower: ServerId, match_index: LogIndex },
    /// An entry was committed that is not on enough disks.
    TooFewCopies { leader: ServerId, index: LogIndex, copies: usize, needed: usize },
    /// A leader committed an entry of an earlier term by counting.
    CommittedOldTerm { leader: ServerId, index: LogIndex, entry_term: Term, term: Term },
    /// A server takes an entry for committed that no leader has committed.
    NeverCommitted { server: ServerId, index: LogIndex },
    /// A server took another entry for committed than the one that a leader has committed.
    CommitsDiffer { server: ServerId, index: LogIndex, committed: Term, here: Term },
    /// A server removed a committed entry.
    RemovedCommitted { server: ServerId, index: LogIndex },
    /// Indices of a server that should be in ascending order and are not.
    OutOfOrder { server: ServerId, low: LogIndex, high: LogIndex },
    /// An entry of a lower term than the one before it, or of a higher one than its server's.
    TermFell { server: ServerId, index: LogIndex, before: Term, term: Term },
    /// A message left whose term, vote or entries a crash could have undone.
    SentTooEarly { server: ServerId, term: Term },
    /// Memory and disk differ though nothing is left to be written.
    NotWritten { server: ServerId },
    /// A snapshot of what was not committed, or unlike another one of the same place.
    FalseSnapshot { server: ServerId, index: LogIndex },
    /// The configuration at `index` can be decided on by a majority that knows nothing of the old.
    MajoritiesApart { leader: ServerId, index: LogIndex },
    /// A leader changed members before what it must know is committed.
    ChangedTooEarly { leader: ServerId, index: LogIndex },
    /// A server goes by another configuration than the latest in its log.
    OtherMembers { server: ServerId, index: LogIndex },
    /// An election timeout began anew for no reason, or did not although there was one.
    TimerWrong { server: ServerId, is_new: bool },
    /// An entry did something else on this server than on others.
    EffectsDiffer { server: ServerId, index: LogIndex },
    /// The leader's time in the entry at `index` is before that in an earlier one.
    LogTimeWentBack { server: ServerId, index: LogIndex },
    /// A client's command took effect at two entries.
    DoneTwice { server: ServerId, sequence: u64, first: LogIndex, second: LogIndex },
    /// A read of what was there before the last commitment.
    StaleRead { server: ServerId, read_index: LogIndex, committed: LogIndex },
    /// Operations on `key` that no single copy could have answered so.
    NotLinearizable { key: String, operations: Vec<RecordId> },
    /// No leader, or none that could commit, for so long, in microseconds.
    NoProgress { waited_us: u64 },
    /// The logs of these servers stayed different.
    NotConverged { first: ServerId, second: ServerId },
    /// A leader that could commit was replaced.
    Deposed { leader: ServerId, term: Term, by: ServerId, by_term: Term },
    /// An acknowledged write, or what replaced it, is on so few disks.
    TooFewHold { key: String, write: RecordId, holders: usize, needed: usize },
    /// A read found less than this write, which was acknowledged before.
    ReadMissed { key: String, read: RecordId, write: RecordId },
    /// What a client asked that asks for a guarantee; by this operation it was broken.
    SessionBroken { client: u8, key: String, operation: RecordId },
    /// These replicas hold different things. Twice the same: it keeps something for others.
    ReplicasDiffer { first: NodeId, second: NodeId },
    /// A server that could serve was asked in peace, and did not do it.
    NotServed { server: NodeId, asked: RecordId },
    /// What a lab has found, as it says it.
    InWords(String),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::TwoLeaders { term, first, second } => {
                write!(f, "{first} and {second} both lead in term {term}")
            }
            Finding::TwoVotes { voter, term, first, second: Some(second) } => {
                write!(f, "{voter} voted for {first} and for {second} in term {term}")
            }
            Finding::TwoVotes { voter, term, first, second: None } => {
                write!(f, "{voter} forgot that it voted for {first} in term {term}")
            }
            Finding::TooFewVotes { leader, term, votes, needed } => {
                write!(f, "{leader} leads term {term} with {votes} votes of {needed}")
            }
            Finding::LeaderRewrote { leader, term, from_index } => {
                write!(f, "{leader}, leader of term {term}, rewrote its log from {from_index}")
            }
            Finding::EntriesDiffer { server, index, term } => {
                write!(f, "{server} has another entry {index} of term {term} than there was before")
            }
            Finding::LeaderLacks { leader, term, index, committed_in } => write!(
                f,
                "{leader} leads term {term} without entry {index}, committed in term {committed_in}"
            ),
            Finding::AppliedDiffer { server, index, first, second } => write!(
                f,
                "{server} applied entry {index} of term {second}, others one of term {first}"
            ),
            Finding::AppliedOutOfOrder { server, expected, found } => {
                write!(f, "{server} applied entry {found} where {expected} was next")
            }
            Finding::TermWentBack { server, from, to } => {
                write!(f, "{server} went back from term {from} to {to}")
            }
            Finding::IndexWentBack { server, from, to } => {
                write!(f, "{server} went back from index {from} to {to}")
            }
            Finding::FalseMatch { leader, follower, match_index } => write!(
                f,
                "{leader} takes {follower} to have its entries up to {match_index} on disk"
            ),
            Finding::TooFewCopies { leader, index, copies, needed } => {
                write!(f, "{leader} committed entry {index}; {copies} have it, {needed} must")
            }
            Finding::CommittedOldTerm { leader, index, entry_term, term } => write!(
                f,
                "{leader} committed entry {index} of term {entry_term} by counting in term {term}"
            ),
            Finding::NeverCommitted { server, index } => {
                write!(f, "{server} takes entry {index} for committed, which no leader did")
            }
            Finding::CommitsDiffer { server, index, committed, here } => write!(
                f,
                "entry {index} was committed with term {committed}; {server} has one of term {here}"
            ),
            Finding::RemovedCommitted { server, index } => {
                write!(f, "{server} removed entry {index}, which was committed")
            }
            Finding::OutOfOrder { server, low, high } => {
                write!(f, "{server} holds {low} where no more than {high} can be")
            }
            Finding::TermFell { server, index, before, term } => {
                write!(f, "{server}'s entry {index} of term {term} does not fit after {before}")
            }
            Finding::SentTooEarly { server, term } => {
                write!(f, "{server} sent in term {term} what its disk does not hold yet")
            }
            Finding::NotWritten { server } => {
                write!(f, "{server} holds in memory what it never wrote")
            }
            Finding::FalseSnapshot { server, index } => {
                write!(f, "{server}'s snapshot up to {index} is not what its entries come to")
            }
            Finding::MajoritiesApart { leader, index } => {
                write!(f, "{leader} put members into entry {index} that the old ones need not meet")
            }
            Finding::ChangedTooEarly { leader, index } => {
                write!(f, "{leader} changed members in entry {index} before it might")
            }
            Finding::OtherMembers { server, index } => {
                write!(f, "{server} goes by members of {index}, not by the latest in its log")
            }
            Finding::TimerWrong { server, is_new: true } => {
                write!(f, "{server} began its election timeout anew for no reason")
            }
            Finding::TimerWrong { server, is_new: false } => {
                write!(f, "{server} had to begin its election timeout anew, and did not")
            }
            Finding::EffectsDiffer { server, index } => {
                write!(f, "entry {index} did something else on {server} than on others")
            }
            Finding::LogTimeWentBack { server, index } => {
                write!(f, "log time goes back at entry {index}, which {server} applied")
            }
            Finding::DoneTwice { server, sequence, first, second } => write!(
                f,
                "a client's command {sequence} took effect at {first} and again at {second} on \
                 {server}"
            ),
            Finding::StaleRead { server, read_index, committed } => {
                write!(
                    f,
                    "{server} reads what was at {read_index}, after {committed} was committed"
                )
            }
            Finding::NotLinearizable { key, operations } => {
                write!(f, "{} operations on {key} fit no order", operations.len())
            }
            Finding::NoProgress { waited_us } => {
                write!(f, "no progress for {} ms", waited_us / 1_000)
            }
            Finding::NotConverged { first, second } => {
                write!(f, "the logs of {first} and {second} stayed different")
            }
            Finding::Deposed { leader, term, by, by_term } => write!(
                f,
                "{by} took over in term {by_term} from {leader}, which had term {term}'s majority"
            ),
            Finding::TooFewHold { key, holders, needed, .. } => {
                write!(f, "a write of {key} was acknowledged; {holders} hold it, {needed} must")
            }
            Finding::ReadMissed { key, .. } => {
                write!(f, "a read of {key} missed what was acknowledged before it")
            }
            Finding::SessionBroken { client, key, .. } => {
                write!(f, "C{client} asked for more than it got of {key}")
            }
            Finding::ReplicasDiffer { first, second } if first == second => {
                write!(f, "{first} still keeps something for others")
            }
            Finding::ReplicasDiffer { first, second } => {
                write!(f, "{first} and {second} stayed different")
            }
            Finding::NotServed { server, .. } => write!(f, "{server} did not serve in peace"),
            Finding::InWords(finding) => f.write_str(finding),
        }
    }
}
