//! What settings promise, and what they do not, with the reasons.

use super::{Config, Mode, Quorum, ReadRepair, Resolution, Stamping, majority};

/// What readers may rely on, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Consistency {
    /// Replicas agree some day, if writes stop and they can talk. Until then a read may find
    /// anything that was written.
    Eventual,
    /// A read finds the latest write that had ended when it began, or one that was under way
    /// (Lamport, "On Interprocess Communication", part II, 1986). Two reads during a write may find
    /// the new value first and the old one after it.
    Regular,
    /// As if there were a single copy (Herlihy and Wing, 1990).
    Linearizable,
}

/// A reason why settings promise no more than they do, or less than it seems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Because {
    /// R + W ≤ N: a read may miss every replica that has the write. (Partial quorums; how often it
    /// happens is Bailis et al., "Probabilistically Bounded Staleness", 2012.)
    NoOverlap,
    /// Acknowledgements of stand-ins count, and reads do not meet them.
    SloppyQuorum,
    /// Acknowledged writes go if servers crash before their disks are done.
    AckBeforeSync,
    /// A later write by a slower clock loses, and nobody is told. Without this, clocks that are
    /// wrong by more than the time between two writes break the promise.
    WrongClocks,
    /// Reads do not wait until what they found is on W replicas, so a later read may miss it.
    NoWriteBack,
    /// A read may find several values.
    Siblings,
    /// W ≤ N/2: both sides of a tear take writes of the same key.
    ConflictingWrites,
}

/// What settings promise.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Promise {
    /// What readers may rely on.
    pub consistency: Consistency,
    /// Whether they may only while clocks agree more closely than one write follows another.
    pub if_clocks_agree: bool,
    /// What stands in the way of more, most serious first.
    pub because: Vec<Because>,
}

impl Config {
    /// What operations with `quorum` may rely on, if all that touch a key have the same.
    pub fn promise(&self, quorum: Quorum) -> Promise {
        use Because::*;
        let settings = self.settings();
        let last_write_wins = settings.resolution == Resolution::LastWriteWins;
        let findings = [
            (!quorum.overlaps(), NoOverlap),
            (settings.mode == (Mode::Ap { sloppy: true }), SloppyQuorum),
            (settings.ack_before_sync, AckBeforeSync),
            (last_write_wins && settings.stamping == Stamping::Clock, WrongClocks),
            (settings.read_repair != ReadRepair::Blocking, NoWriteBack),
            (!last_write_wins, Siblings),
            (quorum.w() < majority(quorum.n()), ConflictingWrites),
        ];
        let because: Vec<Because> =
            findings.into_iter().filter_map(|(found, because)| found.then_some(because)).collect();
        let has = |wanted: &[Because]| because.iter().any(|one| wanted.contains(one));
        let consistency = if has(&[NoOverlap, SloppyQuorum, AckBeforeSync]) {
            Consistency::Eventual
        } else if has(&[NoWriteBack, Siblings]) {
            Consistency::Regular
        } else {
            Consistency::Linearizable
        };
        let if_clocks_agree = consistency > Consistency::Eventual && has(&[WrongClocks]);
        Promise { consistency, if_clocks_agree, because }
    }
}
