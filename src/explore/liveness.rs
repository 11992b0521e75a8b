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
//!   [`leader_stickiness`](crate::raft::Config::leader_stickiness) lets it refuse a vote too: a
//!   server outside the core gets no further than asking while the core has a leader.
//!
//! So [with pre-vote and check-quorum](bears_the_broken) progress is promised in any company. What
//! remains is finite: terms and messages of the time before peace.
//!
//! Two things are not promised even then. A leader **outside** the core may last, if a majority
//! hears it and answers; then it must commit, but logs need not become equal in time: over slow
//! links an entry takes a round trip, and whom it does not reach falls behind, for in Raft only the
//! leader hands out entries. It must commit *at last*: all that it has from earlier terms must be
//! on a majority before anything counts (§5.4.2), and without fast back-up it first goes back one
//! entry a round trip (§5.3). That is at most twice its log in round trips, and may outlast
//! [`PATIENCE_US`]; until then a majority must [come nearer](comes_nearer) to its log. And servers
//! that were removed from the cluster may depose leaders again and again unless stickiness is on
//! (4.2.3).

use super::Action;
use super::clients::{LAST, writes as ask};
use super::run::Plan;
use crate::check::raft::RaftNode;
use crate::check::{Finding, Property};
use crate::labs::Client;
use crate::labs::raft::{Asked, Cluster, RaftEvent, RaftProcess, bears_the_broken, config_of};
use crate::raft::{CommitRule, Event, LogIndex, ServerId};
use crate::scenario::{Arg, Atom, Claim, Condition, Group, Member, Who};
use crate::sim::{Happening, NodeId};

/// How long after peace there must be progress, and equal logs, in microseconds.
///
/// A clock that ran ahead stands still until the world has caught up with it: up to 2 s of a jump
/// and 70 % of the 3 s that it ran fast. Then come some elections, each at most 300 ms.
pub const PATIENCE_US: u64 = 8_000_000;

/// For how long a broken rest may disturb the core before the patience begins, in microseconds.
/// That it does not keep the core from a first step says little; it must not stop it later either.
pub const UNREST_US: u64 = 3_000_000;

/// Who writes while the rest disturbs the core and nothing is owed yet.
const EARLY: Client = Client(1);

/// Clients ask so often, in microseconds,
const SLICE_US: u64 = 400_000;

/// for the first time so long after the core was healed, or patience began,
const FIRST_SLICE_US: u64 = 200_000;

/// and for the last time so long before the end, so that logs can become equal.
const LAST_SLICE_US: u64 = 1_000_000;

/// A leader that has so much to hand out that it commits nothing yet has got on with it within so
/// many microseconds. Whoever it cannot reach by then, it has lost (thesis 6.2).
const NEARER_US: u64 = 1_000_000;

/// What clients write from `healed_us` to the plan's end.
pub(super) fn writes(plan: &Plan, healed_us: u64) -> Vec<Action> {
    let asked = asked(plan);
    let early = (healed_us + FIRST_SLICE_US, plan.peace_us);
    let last = (plan.peace_us + FIRST_SLICE_US, plan.ends_us - LAST_SLICE_US);
    let mut actions = ask(EARLY, &asked, early, SLICE_US);
    actions.extend(ask(LAST, &asked, last, SLICE_US));
    actions
}

/// Among whom the leader is that must serve: the core; where the rest may talk, all.
fn asked(plan: &Plan) -> Vec<NodeId> {
    if bears_the_broken(&config_of(&plan.settings)) {
        (0..plan.settings.servers).map(NodeId).collect()
    } else {
        plan.core.clone()
    }
}

/// Whether all that is promised has come: something new was committed, and logs are equal.
pub(super) fn is_settled(cluster: &Cluster, plan: &Plan) -> bool {
    cluster.clients().has_written(LAST) && cluster.unequal_in(&plan.core).is_none()
}

/// Notes what was promised and has not come. It is promised if the core was in peace for long
/// enough. A plan that was shortened until it is not, or until nobody writes in the end, promises
/// less.
pub(super) fn judge(cluster: &mut Cluster, plan: &Plan) {
    let waited_us = cluster.world().now_us().saturating_sub(plan.peace_us);
    let early = |asked: &Asked| asked.client == LAST && asked.at_us < plan.peace_us;
    if waited_us < PATIENCE_US
        || !cluster.is_at_peace(&plan.core)
        || cluster.clients().asked().iter().any(early)
    {
        return;
    }
    if !cluster.clients().has_written(LAST) {
        // A leader outside the core, over bad links or by a wild clock, may have so much to hand
        // out that what was asked last comes too late.
        let others_may_lead = asked(plan).len() > plan.core.len();
        let gets_on = || has_counted(cluster, plan.peace_us) || comes_nearer(cluster, &plan.core);
        let slow = others_may_lead && gets_on();
        let served = cluster.leads_in(&asked(plan)) && cluster.clients().is_served(LAST);
        if !slow && !served {
            cluster.note(Property::Progress, Finding::NoProgress { waited_us });
        }
    } else if let Some((first, second)) = cluster.unequal_in(&plan.core) {
        cluster.note(Property::Convergence, Finding::NotConverged { first, second });
    }
}

/// Whether some leader has committed something since then.
fn has_counted(cluster: &Cluster, since_us: u64) -> bool {
    let records = cluster.world().history().records().iter().rev();
    let mut recent = records.take_while(|record| record.at_us > since_us);
    recent.any(|record| {
        let Happening::Decided { event: RaftEvent::Raft(event), .. } = &record.what else {
            return false;
        };
        matches!(event, Event::Committed { by: CommitRule::Counted { .. }, .. })
    })
}

/// Whether there is a leader outside the core to whose log a majority comes nearer: each of them
/// has all of it, or in the last [`NEARER_US`] the leader has found more of it there, or has gone
/// back further than ever in its term to find where their logs agree.
///
/// Neither can go on for ever without commitment: in a term, matches only rise, and what is gone
/// back through never reaches what matches.
fn comes_nearer(cluster: &Cluster, core: &[NodeId]) -> bool {
    let world = cluster.world();
    let process = |node: NodeId| world.node(node)?.process();
    let leaders = world.node_ids().filter(|node| !core.contains(node)).filter_map(process);
    let Some(leader) = leaders.filter(|found| found.leads()).max_by_key(|p| p.current_term())
    else {
        return false;
    };
    let moved = moved(cluster, leader);
    let mut whole = vec![leader.id()];
    leader.each_follower(|id, match_index, _| {
        if match_index == leader.log().last_index() {
            whole.push(id);
        }
    });
    let configuration = leader.configuration_at(leader.configuration_index());
    configuration.has_majority(&|id| whole.contains(&id) || moved.contains(&id))
}

/// Of which followers this leader has learned something lately that brings it nearer to them.
fn moved(cluster: &Cluster, leader: &RaftProcess) -> Vec<ServerId> {
    let world = cluster.world();
    let since_us = world.now_us().saturating_sub(NEARER_US);
    let (mut moved, mut lowest) = (Vec::new(), Vec::<(ServerId, LogIndex)>::new());
    for record in world.history().records().iter() {
        let event = match &record.what {
            Happening::Decided { node, event: RaftEvent::Raft(event) }
                if ServerId(node.0) == leader.id() =>
            {
                event
            }
            _ => continue,
        };
        let follower = match event {
            Event::BecameLeader { .. } => {
                moved.clear();
                lowest.clear();
                continue;
            }
            Event::MatchIndexAdvanced { follower, .. } => *follower,
            Event::NextIndexBackedUp { follower, to } => {
                match lowest.iter_mut().find(|(id, _)| id == follower) {
                    Some((_, low)) if *low <= *to => continue,
                    Some((_, low)) => *low = *to,
                    None => lowest.push((*follower, *to)),
                }
                *follower
            }
            _ => continue,
        };
        if record.at_us >= since_us {
            moved.push(follower);
        }
    }
    moved
}

/// What a script claims at its end so that it fails where [`judge`] finds this promise broken.
/// `None` if it does not judge it.
pub(super) fn claim(plan: &Plan, property: Property) -> Option<Claim> {
    let group = |nodes: &[NodeId]| {
        let members = nodes.iter().map(|node| Member::Who(Who::Number(*node)));
        Arg::Group(Group::Of(members.collect()))
    };
    let atom = |pattern, arg| Atom { not: false, pattern, args: vec![arg] };
    let atoms = match property {
        Property::Progress => vec![
            atom("leader in GROUP", group(&asked(plan))),
            atom("CLIENT served", Arg::Client(LAST)),
        ],
        Property::Convergence => vec![atom("converged in GROUP", group(&plan.core))],
        _ => return None,
    };
    Some(Claim::Now(Condition { atoms }))
}
