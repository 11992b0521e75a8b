//! Eventual consistency: once it is quiet, everybody reads the same.
//!
//! Vogels, "Eventually Consistent" (2009): if no new updates are made, eventually all accesses
//! return the last updated value. A history that goes on can never break that; it can where it is
//! known that everything has been delivered ([`Watch::fall_quiet`](super::Watch::fall_quiet)).
//! From then until the next write to a key is called, its reads must agree; and they may not find
//! that nothing was ever written if a write was answered and nothing cleared the key. What an
//! unanswered write wrote may appear at any time and is not held against anybody.

use super::Anomaly;
use super::history::{ClientOperation, History, Outcome};

/// What two clients, or one, found that cannot be.
pub(super) fn disagreement(history: &History) -> Option<(Anomaly, Vec<usize>)> {
    let operations = history.operations();
    for quiet in history.quiet() {
        let mut reads: Vec<(usize, u64, Option<u64>)> = Vec::new();
        for (place, read) in operations.iter().enumerate() {
            let Some(found) = judged(operations, read, *quiet) else { continue };
            let settled = operations.iter().position(|write| {
                write.key == read.key && write.written().is_some() && is_settled(write, *quiet)
            });
            let is_cleared = operations.iter().any(|write| {
                write.key == read.key
                    && write.written() == Some(None)
                    && write.outcome != Outcome::Failed
            });
            if let (None, Some(write), false) = (found, settled, is_cleared) {
                return Some((Anomaly::LostWrite, vec![write, place]));
            }
            let other = reads.iter().find(|(_, key, other)| *key == read.key && *other != found);
            if let Some((other, ..)) = other {
                return Some((Anomaly::Disagreement, vec![*other, place]));
            }
            reads.push((place, read.key, found));
        }
    }
    None
}

/// What a read found, if that must be what all find who read in the same quiet.
fn judged(
    operations: &[ClientOperation],
    read: &ClientOperation,
    quiet: u64,
) -> Option<Option<u64>> {
    let (found, answered) = (read.found()?, read.answered?);
    let on_key = |write: &&ClientOperation| write.key == read.key && write.written().is_some();
    let mut writes = operations.iter().filter(on_key);
    let is_excused = writes.any(|write| {
        let is_new = write.called > quiet && write.called < answered;
        let is_open = write.called < quiet && !is_settled(write, quiet);
        is_new || is_open && write.outcome != Outcome::Failed && write.written() == Some(found)
    });
    (read.called > quiet && !is_excused).then_some(found)
}

/// Whether a write was answered by then.
fn is_settled(write: &ClientOperation, quiet: u64) -> bool {
    write.answered.is_some_and(|answered| answered <= quiet)
}
