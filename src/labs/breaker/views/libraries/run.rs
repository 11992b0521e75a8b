//! The reader's own run as a trace: every call of the first caller, when it was made, when it was
//! over, and how.
//!
//! What a breaker has rejected was never made, and another breaker might have let it go. How it
//! would have ended nobody knows; it is taken to go like the call nearest in time that did go.

use super::traces::{Arrival, Ends, Trace};
use crate::circuit_breaker::{Config, Guards, Outcome, PRESETS, Quirks, Rate};
use crate::labs::breaker::system::{BreakerEvent, CallId};
use crate::labs::breaker::{Cluster, settings};
use crate::labs::{Setting, SettingValue};
use crate::sim::{Happening, NodeId};
use crate::sorted::SortedMap;

/// Whose calls are played.
const CALLER: NodeId = NodeId(0);
/// So many of the latest are played; what was before is left out.
pub(super) const MOST: usize = 400;

/// A run as far as it is now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) trace: Trace,
    /// Which of [`PRESETS`] the figure's own breaker is; nothing if it has none now.
    pub(super) own: Option<usize>,
    /// Whether its beginning is left out.
    pub(super) is_cut: bool,
}

impl Run {
    pub(super) fn of(cluster: &Cluster) -> Run {
        let (arrivals, is_cut) = arrivals(cluster);
        let begins_us = if is_cut { arrivals.first().map_or(0, |first| first.at_us) } else { 0 };
        let ends_us = cluster.world().now_us();
        let quirks = cluster.policy().breaker.as_ref().map(|breaker| breaker.quirks);
        let trace = Trace::of_calls(arrivals, (begins_us, ends_us), config(cluster));
        Run { trace, own: quirks.and_then(place_of), is_cut }
    }

    /// How many calls were rejected, so that nobody knows how they would have ended.
    pub(super) fn guessed(&self) -> u64 {
        self.trace.arrivals.iter().filter(|arrival| arrival.is_guessed).count() as u64
    }
}

fn place_of(quirks: Quirks) -> Option<usize> {
    PRESETS.iter().position(|preset| preset.quirks == quirks)
}

/// What breakers are built from in the figure now, or would be if it had one. Those with habits
/// guard every call, so all do here; and waits are without chance, for chance is not in a trace.
fn config(cluster: &Cluster) -> Config {
    let mut settings = cluster.settings().clone();
    let on = Setting { name: "breaker", value: SettingValue::Choice("on") };
    settings.tuning.set(on);
    let policy = settings::policy(&settings).ok();
    let mut config = policy
        .and_then(|policy| policy.breaker)
        .map_or(Config::default(), |breaker| breaker.config);
    config.guards = Guards::AllCalls;
    config.wait.jitter = Rate::ZERO;
    config
}

/// The latest calls in front of the caller's first breaker, and whether there were more before.
fn arrivals(cluster: &Cluster) -> (Vec<Arrival>, bool) {
    let (cast, now_us) = (cluster.cast(), cluster.world().now_us());
    let per_shard = cluster.policy().breaker.as_ref().is_some_and(|breaker| breaker.per_shard);
    let is_there = |to: NodeId| !per_shard || cast.place_of(to) == 0;
    let mut all: Vec<Arrival> = Vec::new();
    let mut under_way: SortedMap<CallId, usize> = SortedMap::new();
    let records = cluster.world().history().records();
    for record in records.from(records.first()) {
        let Happening::Decided { node: CALLER, event } = &record.what else { continue };
        let arrival = |is_guessed| Arrival {
            at_us: record.at_us,
            takes_us: now_us - record.at_us,
            ends: Ends::Never,
            is_guessed,
        };
        match *event {
            BreakerEvent::Admitted { call, to, .. } if is_there(to) => {
                under_way.insert(call, all.len());
                all.push(arrival(false));
            }
            BreakerEvent::Rejected { to, .. } if is_there(to) => all.push(arrival(true)),
            BreakerEvent::Ended { call, outcome, took_us, .. } => {
                if let Some(place) = under_way.remove(&call) {
                    all[place].takes_us = took_us;
                    all[place].ends = match outcome {
                        Outcome::Success => Ends::Well,
                        Outcome::Failure => Ends::Badly,
                        Outcome::Cancelled | Outcome::Excluded => Ends::GivenUp,
                    };
                }
            }
            _ => {}
        }
    }
    let cut = all.len().saturating_sub(MOST);
    let is_cut = cut > 0 || records.first() > 0;
    all.drain(..cut);
    guess(&mut all);
    (all, is_cut)
}

/// Those that were never made get what became of the nearest in time that was.
fn guess(all: &mut [Arrival]) {
    let is_known = |arrival: &&Arrival| !arrival.is_guessed && arrival.ends != Ends::Never;
    for place in 0..all.len() {
        if !all[place].is_guessed {
            continue;
        }
        let at_us = all[place].at_us;
        let before = all[..place].iter().rev().find(is_known);
        let after = all[place + 1..].iter().find(is_known);
        let gap = |other: &Arrival| other.at_us.abs_diff(at_us);
        let nearest = match (before, after) {
            (Some(before), Some(after)) if gap(after) < gap(before) => Some(*after),
            (Some(before), _) => Some(*before),
            (None, after) => after.copied(),
        };
        if let Some(Arrival { takes_us, ends, .. }) = nearest {
            all[place] = Arrival { takes_us, ends, ..all[place] };
        }
    }
}
