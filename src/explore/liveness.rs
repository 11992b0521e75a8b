//! What Raft promises once a majority works in peace, and when it promises it.
//!
//! The *core* is a majority that is healed for good: its servers are up, their clocks true, the
//! links among them whole and quick. Then there must be a leader that commits, within
//! [`PATIENCE_US`], and its logs must become equal. That holds whatever the settings, **as long as
//! nobody else is heard**: everybody is in the core, or the rest is down or cut off both ways.
//!
//! A rest that is broken and still talks can stop Figure 2's Raft for ever, in three ways. Each has
//! its remedy:
//!
//! - **A leader that speaks but does not hear.** Its heartbeats keep the core from electing
//!   another, and it can commit nothing. With check-quorum it steps down (thesis 6.2).
//! - **A server that is heard but does not hear the leader.** It stands for election again and
//!   again, and each of its terms deposes a leader with whom nothing is wrong. Whoever has just
//!   heard from a leader must not listen to it (thesis 4.2.3).
//! - **A server that comes back with a later term**, having stood in vain while it was cut off.
//!   Refusing it the vote is not enough: its refusal of the leader's next AppendEntries carries
//!   that term. So its term must not have risen, which takes pre-vote (thesis 9.6). A pre-vote is
//!   always refused by who has just heard from a leader, whether or not
//!   [`leader_stickiness`](Config::leader_stickiness) lets it refuse a vote too: a server outside
//!   the core gets no further than asking while the core has a leader.
//!
//! So with pre-vote and check-quorum progress is promised in any company. What remains is finite:
//! terms and messages of the time before peace.
//!
//! Two things are not promised even then. A leader **outside** the core may last, if a majority
//! hears it and answers; then it must commit, but logs need not become equal in time: over slow
//! links an entry takes a round trip, and whom it does not reach falls behind, for in Raft only the
//! leader hands out entries. And servers that were removed from the cluster may depose leaders
//! again and again unless stickiness is on (4.2.3).

use super::clients::{KEYS, write};
use super::raft::{Keeps, RaftPanel};
use super::run::Plan;
use crate::check::raft::RaftNode;
use crate::check::{Finding, Property};
use crate::labs::raft::RaftRequest;
use crate::raft::{Config, Log, RequestId, ServerId};
use crate::sim::{Delay, LinkSettings, NodeId, TRUE_RATE_PPM, World};

/// How long after peace there must be progress, and equal logs, in microseconds.
///
/// A clock that ran ahead stands still until the world has caught up with it: up to 2 s of a jump
/// and 70 % of the 3 s that it ran fast. Then come some elections, each at most 300 ms.
pub const PATIENCE_US: u64 = 8_000_000;

/// For how long a broken rest may disturb the core before the patience begins, in microseconds.
/// That it does not keep the core from a first step says little; it must not stop it later either.
pub const UNREST_US: u64 = 3_000_000;

/// In peace, clients ask so often, in microseconds.
const SLICE_US: u64 = 400_000;

/// Requests of the liveness phase are numbered from here.
const LAST_REQUESTS: u64 = 1 << 32;

/// Peace is no slower than this: the slowest links and disks that a run begins with.
const CALM_LINK_US: u64 = 40_000;
const CALM_SYNC_US: u64 = 60_000;

/// Whether progress is promised although servers outside the core are broken and talk.
pub(super) fn bears_the_broken(config: &Config) -> bool {
    config.pre_vote && config.check_quorum && !config.membership_changes
}

/// The liveness phase of a plan: what goes on outside the core, clients that write, and the verdict
/// on progress and equal logs. A plan that was shortened until its core is not at peace, or until
/// others disturb it who may, promises nothing and is not judged.
pub(super) fn live_on<P>(judges: &mut RaftPanel, world: &mut World<P>, plan: &Plan<P>)
where
    P: Keeps,
{
    let promised = is_at_peace(world, &plan.core) && is_left_alone(world, &plan.core);
    let mut phase = Phase { plan, done: 0, request: LAST_REQUESTS };
    if !plan.after_peace().is_empty() {
        let end_us = plan.peace_us.max(world.now_us()) + UNREST_US;
        while world.now_us() < end_us {
            if phase.slice(judges, world, true).is_none() {
                return;
            }
        }
    }
    let committed = judges.committed();
    let end_us = plan.peace_us.max(world.now_us()) + PATIENCE_US;
    let mut slices = 0_u32;
    while world.now_us() < end_us {
        let progress = judges.committed() > committed;
        if progress && unequal(world, &plan.core).is_none() {
            break;
        }
        // A slow leader comes to equal logs only if nobody writes for a while.
        let asks = !progress || slices.is_multiple_of(4);
        slices += 1;
        if phase.slice(judges, world, asks).is_none() {
            return;
        }
    }
    judges.close(world, &plan.core);
    if !promised || may_be_restless(world) {
        return;
    }
    if judges.committed() <= committed {
        let finding = Finding::NoProgress { waited_us: PATIENCE_US };
        judges.note(world, Property::Progress, finding);
    } else if let Some((first, second)) = unequal(world, &plan.core) {
        let finding = Finding::NotConverged { first, second };
        judges.note(world, Property::Convergence, finding);
    }
}

struct Phase<'a, P: Keeps> {
    plan: &'a Plan<P>,
    /// How many of the actions after peace have been done.
    done: usize,
    /// The last request's number.
    request: u64,
}

impl<P: Keeps> Phase<'_, P> {
    /// A slice of time; at its end clients ask every server, for the leader may be anybody. `None`
    /// if the world is full.
    fn slice(&mut self, judges: &mut RaftPanel, world: &mut World<P>, asks: bool) -> Option<()> {
        let until_us = world.now_us() + SLICE_US;
        while let Some(action) = self.plan.after_peace().get(self.done)
            && action.at_us <= until_us
        {
            self.done += 1;
            world.advance_watched(action.at_us, |world| judges.watch(world)).ok()?;
            // What makes no sense any more, in a plan that was shortened, is left out.
            let _ = action.act.apply(world);
            judges.watch(world);
        }
        world.advance_watched(until_us, |world| judges.watch(world)).ok()?;
        if asks {
            self.ask(judges, world);
        }
        Some(())
    }

    fn ask(&mut self, judges: &mut RaftPanel, world: &mut World<P>) {
        for node in world.node_ids() {
            self.request += 1;
            let request: RaftRequest = write(RequestId(self.request), KEYS[3], self.request);
            let _ = world.request(node, request);
            judges.watch(world);
        }
    }
}

/// Whether the servers of the core are up, with true clocks and quick disks, and the links among
/// them whole and quick.
fn is_at_peace<P: RaftNode>(world: &World<P>, core: &[NodeId]) -> bool {
    let calm = |delay: Delay, most_us: u64| match delay {
        Delay::Constant { us } => us <= most_us,
        Delay::Uniform { high_us, .. } => high_us <= most_us,
        _ => false,
    };
    let calm_link = |settings: LinkSettings| {
        settings == LinkSettings::with_delay(settings.delay) && calm(settings.delay, CALM_LINK_US)
    };
    let well = |node: &NodeId| {
        let found = world.node(*node);
        found.is_some_and(|found| {
            found.process().is_some()
                && found.paused_since_us().is_none()
                && found.clock().rate_ppm() == TRUE_RATE_PPM
                && calm(found.sync(), CALM_SYNC_US)
        })
    };
    let whole = |(from, to): (NodeId, NodeId)| {
        let link = world.network().link(from, to);
        link.is_some_and(|link| link.cut_since_us.is_none() && calm_link(link.settings))
    };
    let inside = |(from, to): &(NodeId, NodeId)| core.contains(from) && core.contains(to);
    core.len() > world.node_ids().count() / 2
        && core.iter().all(well)
        && world.network().link_ends().filter(inside).all(whole)
}

/// Whether nobody outside the core can disturb it, or the core can bear it.
fn is_left_alone<P: RaftNode>(world: &World<P>, core: &[NodeId]) -> bool {
    let mut outside = world.node_ids().filter(|node| !core.contains(node));
    let silent = |node: NodeId| {
        let runs = world.node(node).is_some_and(|found| found.process().is_some());
        let cut = |other: &NodeId| {
            world.network().is_cut(node, *other) && world.network().is_cut(*other, node)
        };
        !runs || core.iter().all(cut)
    };
    outside.all(silent) || any_config(world).is_some_and(bears_the_broken)
}

fn any_config<P: RaftNode>(world: &World<P>) -> Option<&Config> {
    let process = world.node_ids().find_map(|node| world.node(node)?.process());
    process.map(|process| process.raft().config())
}

/// Whether servers that were removed may depose leaders again and again (thesis 4.2.3).
fn may_be_restless<P: RaftNode>(world: &World<P>) -> bool {
    any_config(world).is_some_and(|config| config.membership_changes && !config.leader_stickiness)
}

/// Those of the core to whom the newest leader owes its entries: the members, as it knows them. Who
/// was removed need not know. A leader outside the core owes nobody anything.
fn members<P: RaftNode>(world: &World<P>, core: &[NodeId]) -> Vec<NodeId> {
    let running = world.node_ids().filter_map(|node| world.node(node)?.process());
    let leader = running.filter(|process| process.leads()).max_by_key(|p| p.current_term());
    let Some(leader) = leader else {
        return core.to_vec();
    };
    if !core.contains(&NodeId(leader.id().0)) {
        return Vec::new();
    }
    let configuration = leader.configuration_at(leader.configuration_index());
    core.iter().copied().filter(|node| configuration.is_member(ServerId(node.0))).collect()
}

/// Two members in the core whose logs differ, or one that has not applied all of its log.
fn unequal<P: RaftNode>(world: &World<P>, core: &[NodeId]) -> Option<(ServerId, ServerId)> {
    let members = members(world, core);
    let mut running = members.iter().filter_map(|node| world.node(*node)?.process());
    let first = running.next()?;
    let behind = |process: &P| process.last_applied() != process.log().last_index();
    if behind(first) {
        return Some((first.id(), first.id()));
    }
    let differs = |other: &&P| behind(other) || !same_log(first.log(), other.log());
    running.find(differs).map(|other| (first.id(), other.id()))
}

/// Whether two logs are the same, though one may have dropped more for a snapshot.
fn same_log<C: Clone + Eq>(one: &Log<C>, other: &Log<C>) -> bool {
    let from = one.base().last_log_index.max(other.base().last_log_index).next();
    let rest = |log: &Log<C>| log.entries_from(from, usize::MAX).to_vec();
    one.end() == other.end() && rest(one) == rest(other)
}
