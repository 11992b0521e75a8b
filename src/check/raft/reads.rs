//! Reads that write nothing are never older than what was committed before (§8; thesis 6.4).

use super::super::{Finding, Property, Verdicts};
use super::view::{self, RaftNode, RaftWorld};
use crate::raft::{Config, LogIndex, ReadGuarantee, ReadPolicy, RequestId};
use crate::sim::{Clock, Fault, NodeId, RecordId, TRUE_RATE_PPM, World};
use crate::sorted::SortedMap;

/// Reads that wait, and how far clocks can be trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Reads {
    /// What was committed when each was asked for.
    asked: SortedMap<RequestId, LogIndex>,
    /// Clocks that were ever set.
    clocks: SortedMap<NodeId, Clock>,
    /// When clocks were set, in the order of time.
    settings: Vec<Setting>,
}

/// A clock was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Setting {
    /// Until when it matters: at once, or when it has stopped standing still.
    until_us: u64,
    /// The rates before and after.
    rates_ppm: [u32; 2],
    /// By how much it jumped, or stood still.
    moved_us: u64,
}

impl Reads {
    pub(super) fn hear_fault(&mut self, at_us: u64, fault: &Fault) {
        let Fault::SetClock { node, rate_ppm, offset_us } = *fault else {
            return;
        };
        let mut clock = self.clocks.get(&node).copied().unwrap_or_default();
        let (showed_us, before_ppm) = (clock.shows_us(at_us), clock.rate_ppm());
        clock.set(at_us, rate_ppm, offset_us);
        self.clocks.insert(node, clock);
        let ahead_us = i128::from(at_us) + i128::from(offset_us) - i128::from(showed_us);
        let moved_us = u64::try_from(ahead_us.unsigned_abs()).unwrap_or(u64::MAX);
        // Set back, it stands still until it has caught up with itself.
        let still_us = if ahead_us < 0 { scaled(moved_us, clock.rate_ppm()) } else { 0 };
        let until_us = at_us.saturating_add(still_us);
        self.settings.push(Setting { until_us, rates_ppm: [before_ppm, rate_ppm], moved_us });
    }

    /// A process that has just started remembers nothing that its clock has shown.
    pub(super) fn hear_boot(&mut self, node: NodeId) {
        if let Some(clock) = self.clocks.get_mut(&node) {
            clock.forget();
        }
    }

    pub(super) fn ask(&mut self, request: RequestId, committed: LogIndex) {
        if !self.asked.contains_key(&request) {
            self.asked.insert(request, committed);
        }
    }

    /// A lease is good only while clocks keep the bound that it was given; a round always is.
    pub(super) fn judge<P: RaftWorld>(
        &mut self,
        world: &World<P>,
        at: RecordId,
        node: NodeId,
        (request, read_index, by): (RequestId, LogIndex, ReadGuarantee),
        applied: LogIndex,
        verdicts: &mut Verdicts,
    ) {
        let trusted = match by {
            ReadGuarantee::Round { .. } => true,
            ReadGuarantee::Lease { .. } => {
                let process = view::server(world, node);
                let at_us = world.history()[at].at_us;
                process.is_none_or(|process| self.clocks_keep(at_us, process.raft().config()))
            }
        };
        // The answer comes from the state machine, however far it has come.
        let read_index = read_index.min(applied);
        let committed = self.asked.remove(&request).unwrap_or_default();
        if trusted && read_index < committed {
            let server = view::id(node);
            let finding = Finding::StaleRead { server, read_index, committed };
            verdicts.note(Property::ReadsAreFresh, at, finding);
        }
    }

    /// Whether clocks have kept the bound for as long as a lease of `at_us` can rest on them: while
    /// a leader's clock counted a lease, no other counted an election timeout (thesis 6.4.1). What
    /// clocks jumped or stood still meanwhile counts as if it were all at the wrong moment.
    fn clocks_keep(&self, at_us: u64, config: &Config) -> bool {
        let ReadPolicy::Lease { clock_drift_ppm } = config.reads else {
            return true;
        };
        let timeout_us = config.election_timeout_low_us;
        let all_rates = self.settings.iter().flat_map(|setting| setting.rates_ppm);
        let slowest_ppm = all_rates.min().unwrap_or(TRUE_RATE_PPM).max(1);
        let since_us = at_us.saturating_sub(scaled(timeout_us, slowest_ppm).saturating_mul(2));
        let (mut low_ppm, mut high_ppm) = (TRUE_RATE_PPM, TRUE_RATE_PPM);
        let mut see = |ppm: u32| (low_ppm, high_ppm) = (low_ppm.min(ppm), high_ppm.max(ppm));
        self.clocks.values().for_each(|clock| see(clock.rate_ppm()));
        let mut moved_us = 0_u64;
        for setting in self.settings.iter().filter(|setting| setting.until_us >= since_us) {
            setting.rates_ppm.into_iter().for_each(&mut see);
            moved_us = moved_us.saturating_add(setting.moved_us);
        }
        let lease = u128::from(timeout_us) * 1_000_000 / (1_000_000 + u128::from(clock_drift_ppm));
        let counted = lease * u128::from(high_ppm) / u128::from(low_ppm.max(1));
        counted + u128::from(moved_us) <= u128::from(timeout_us)
    }
}

/// How long a clock of this rate takes to count so many microseconds.
fn scaled(us: u64, rate_ppm: u32) -> u64 {
    let passed = u128::from(us) * 1_000_000 / u128::from(rate_ppm.max(1));
    u64::try_from(passed).unwrap_or(u64::MAX)
}
