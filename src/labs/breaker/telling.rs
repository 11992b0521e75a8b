//! What takes a memory to tell: what repeats itself is told once, and what was turned is told by
//! what it was before.

use super::service::Health;
use super::system::{BreakerEvent, BreakerProcess, BreakerRequest, CallId, Cast, Role};
use super::words::{self, BRONSON, NYGARD, Telling, seconds};
use super::{Cluster, Policy, narration};
use crate::circuit_breaker::{Generation, Outcome, Reported, State};
use crate::scene::Tone;
use crate::sim::{Happening, NodeId, Record};

/// So many late results of an era are told one by one.
const LATE_TOLD: u32 = 3;

/// Work in vain is told again after so long.
const AGAIN_US: u64 = 5_000_000;

/// The memory.
#[derive(Clone, Debug)]
pub(super) struct Teller {
    /// What callers go by, as far as was told.
    policy: Policy,
    nodes: Vec<Known>,
}

/// What was told of a node.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    health: Option<Health>,
    /// Since the last move of one of its breakers: whether a rejection was told, and how many late
    /// results.
    rejected: bool,
    late: u32,
    /// Failures since the last success.
    row: u32,
    full: bool,
    in_vain_us: Option<u64>,
    timed_out: Option<CallId>,
    /// A call that succeeded, of another era than the present one.
    stale: Option<(CallId, Generation)>,
}

impl Teller {
    pub(super) fn new(cluster: &Cluster) -> Teller {
        let known = |node| {
            let process = cluster.process(node).and_then(BreakerProcess::service);
            let health = process.map(|service| *service.health());
            Known { health, ..Known::default() }
        };
        let nodes = cluster.world().node_ids().map(known).collect();
        Teller { policy: cluster.policy().clone(), nodes }
    }

    /// What is told of a record beyond what [`narration`] says.
    pub(super) fn tell(
        &mut self,
        cluster: &Cluster,
        record: &Record<BreakerProcess>,
    ) -> Option<Telling> {
        match &record.what {
            Happening::Requested { request: BreakerRequest::GoBy(policy), .. } => {
                let text = narration::turned(&self.policy, policy);
                self.policy = (**policy).clone();
                Some((Tone::Eager, text?, None))
            }
            Happening::Requested { node, request: BreakerRequest::Do(health) } => {
                let known = self.nodes.get_mut(node.index())?;
                // Before the run nothing was turned.
                let is_new = known.health.replace(*health) != Some(*health) && record.at_us > 0;
                let tone = if is_ill(health) { Tone::Bad } else { Tone::Eager };
                let text = format!("From now on {node} {}.", words::health(health));
                is_new.then_some((tone, text, None))
            }
            Happening::Decided { node, event } => self.tell_event(cluster, record, *node, event),
            _ => None,
        }
    }

    fn tell_event(
        &mut self,
        cluster: &Cluster,
        record: &Record<BreakerProcess>,
        node: NodeId,
        event: &BreakerEvent,
    ) -> Option<Telling> {
        let known = self.nodes.get_mut(node.index())?;
        match event {
            BreakerEvent::Moved { door, transition } => {
                (known.rejected, known.late, known.row) = (false, 0, 0);
                let next = transition.generation.0;
                // A breaker without eras takes whatever succeeds for its probe.
                let (call, era) = known.stale.take().filter(|(_, era)| era.0 + 1 != next)?;
                let text = format!(
                    "The breaker of {} closes: call {} of era {} has succeeded, and it takes that \
                     for a probe. Era {} begins.",
                    narration::whose(cluster, node, *door),
                    call.number,
                    era.0,
                    next
                );
                (transition.to == State::Closed).then_some((Tone::Bad, text, Some(NYGARD)))
            }
            BreakerEvent::NewBreakers => {
                *known = Known { health: known.health, ..Known::default() };
                None
            }
            BreakerEvent::Rejected { to, retry_after_us, .. } => {
                let is_new = !std::mem::replace(&mut known.rejected, true);
                let wait = match retry_after_us {
                    Some(us) => format!(": it may ask again in {}", seconds(*us)),
                    None => String::new(),
                };
                let text = format!("{node} may not call {to}, and fails at once{wait}.");
                is_new.then_some((Tone::Off, text, Some(NYGARD)))
            }
            BreakerEvent::Ended { call, era, outcome, reported, .. } => {
                let counts = *outcome == Outcome::Success && *reported == Some(Reported::Counted);
                known.stale = counts.then_some((*call, *era));
                if let Some(Reported::Late(_)) = reported {
                    known.late += 1;
                    let how = if *outcome == Outcome::Success { "succeeded" } else { "failed" };
                    let text = format!(
                        "Call {} of {node} {how}, and was admitted in era {}: it is late, and \
                         moves nothing.",
                        call.number, era.0
                    );
                    // There are many in a fleet.
                    let most = if cluster.cast() == Cast::Fleet { 1 } else { LATE_TOLD };
                    return (known.late <= most).then_some((Tone::Off, text, None));
                }
                known.row = if *outcome == Outcome::Failure { known.row + 1 } else { 0 };
                let is_told = known.row > 0 && cluster.cast() != Cast::Fleet;
                let row = match known.row {
                    0 | 1 => String::new(),
                    row => format!(", {row} in a row"),
                };
                let number = call.number;
                let text = if known.timed_out == Some(*call) {
                    let timeout = seconds(cluster.policy().timeout_us);
                    format!(
                        "Call {number} of {node} has no answer after {timeout}: a failure{row}."
                    )
                } else {
                    format!("Call {number} of {node} has failed{row}.")
                };
                is_told.then_some((Tone::Bad, text, None))
            }
            BreakerEvent::TimedOut { call } => {
                known.timed_out = Some(*call);
                None
            }
            BreakerEvent::CameTooLate { call } if cluster.cast() != Cast::Fleet => {
                known.late += 1;
                let text = format!(
                    "The answer to call {} comes: {node} had given it up, and nobody waits for it.",
                    call.number
                );
                (known.late <= LATE_TOLD).then_some((Tone::Off, text, None))
            }
            BreakerEvent::TurnedAway => {
                let is_new = !std::mem::replace(&mut known.full, true);
                let text = format!("The queue of {node} is full: it turns calls away.");
                is_new.then_some((Tone::Bad, text, None))
            }
            BreakerEvent::Queued { waiting: 1 } => {
                known.full = false;
                None
            }
            BreakerEvent::InVain if cluster.cast().role(node) != Role::Database => {
                let is_new = known.in_vain_us.is_none_or(|us| record.at_us >= us + AGAIN_US);
                if is_new {
                    known.in_vain_us = Some(record.at_us);
                }
                let text = format!("{node} does work for which nobody waits any more.");
                is_new.then_some((Tone::Bad, text, Some(BRONSON)))
            }
            _ => None,
        }
    }
}

fn is_ill(health: &Health) -> bool {
    health.errors_ppm > 0 || health.hangs_ppm > 0
}
