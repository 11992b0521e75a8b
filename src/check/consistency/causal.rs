//! Causal memory and causal convergence, by their bad patterns.
//!
//! Bouajjani, Enea, Guerraoui and Hamza ("On Verifying Causal Consistency", POPL 2017) show that
//! where every value is written once, a history is causally consistent if and only if a few
//! patterns are absent, which takes polynomial time. Of these, CyclicCO cannot be (nothing is read
//! before it was called) and ThinAirRead is told apart for all models. Their plain kind, CC, is
//! left out: it lets a client go back and forth between two writes of which neither is a cause of
//! the other.

use super::Anomaly;
use super::facts::Facts;
use super::history::Source;

/// Causal memory (CM; Ahamad, Neiger, Burns, Kohli and Hutto, 1995): each client can put all writes
/// and its own reads in one order that keeps causes before effects. Patterns WriteHBInitRead and
/// CyclicHB.
pub(super) fn memory(facts: &Facts<'_>) -> Option<Anomaly> {
    let causal = facts.causal_order();
    let mut judged = Vec::new();
    for (read, _) in facts.reads() {
        let client = facts.operation(read).client;
        if judged.contains(&client) {
            continue;
        }
        judged.push(client);
        let mut order = causal.clone();
        let mut has_changed = true;
        while has_changed {
            has_changed = false;
            let own = |read: &(usize, Source)| facts.operation(read.0).client == client;
            for (read, source) in facts.reads().filter(own) {
                for other in facts.writes_to(facts.operation(read).key) {
                    if !order.is_before(other, read) || source == Source::Write(other) {
                        continue;
                    }
                    let Source::Write(source) = source else {
                        return Some(Anomaly::ForgottenPast);
                    };
                    has_changed |= !order.is_before(other, source);
                    if !order.put(other, source) {
                        return Some(Anomaly::OverwrittenPast);
                    }
                }
            }
        }
    }
    None
}

/// Causal convergence (CCv, "causal+"): there is one order of all writes, for all clients, that
/// keeps causes before effects, and a read finds the last of the writes that are its causes.
/// Patterns WriteCOInitRead and CyclicCF.
pub(super) fn convergence(facts: &Facts<'_>) -> Option<Anomaly> {
    let causal = facts.causal_order();
    let mut order = causal.clone();
    for (read, source) in facts.reads() {
        for other in facts.writes_to(facts.operation(read).key) {
            if !causal.is_before(other, read) || source == Source::Write(other) {
                continue;
            }
            let Source::Write(source) = source else { return Some(Anomaly::ForgottenPast) };
            if !order.put(other, source) {
                return Some(Anomaly::OverwrittenPast);
            }
        }
    }
    None
}
