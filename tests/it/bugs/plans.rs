//! Plans that come to where a bug shows.
//!
//! Most bugs show under the explorer's own plans within a few runs. Some need what those draw too
//! seldom: leases and reads at the same time, clients that retry, slow links while leaders change.

use rift::explore::{
    Act, Action, NemesisSettings, PartitionMode, Plan, RaftSubject, Rest, SAFETY_US, Subject,
    Swarm, schedule_with,
};
use rift::labs::raft::{RaftProcess, RaftRequest};
use rift::raft::{Bug, ClientId, KeyValueCommand, LogIndex, ReadPolicy, RequestId, ServerId};
use rift::random::Random;
use rift::sim::{Delay, LinkSettings, NodeId};

type RaftPlan = Plan<RaftProcess>;

/// What runs are drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The explorer's own.
    Any,
    /// Of those, the ones whose members change.
    Changes,
    /// Many reads under leases, with true clocks, while leaders are cut off and hand over.
    Transfers,
    /// Clients with sessions that ask again what they have asked before.
    Retries,
    /// Messages of leaders long gone.
    SlowLinks,
}

/// The first `most` plans of a kind, with the bug in every server.
pub(super) fn plans(kind: Kind, bug: Bug, most: u64) -> impl Iterator<Item = RaftPlan> {
    let own = (0..).map(move |seed| plan(kind, seed));
    let suits = move |plan: &RaftPlan| {
        kind != Kind::Changes || plan.settings.setup.config.membership_changes
    };
    own.filter(suits).take(most as usize).map(move |mut plan| {
        plan.settings.setup.config.planted = bug.into();
        plan
    })
}

fn plan(kind: Kind, seed: u64) -> RaftPlan {
    let mut plan = RaftSubject::genuine().plan(seed);
    let mut random = Random::for_purpose(seed, 400);
    match kind {
        Kind::Any | Kind::Changes => return plan,
        Kind::Transfers => {
            rough(&mut plan, seed, 5_000, true);
            // Some messages come so late that another leads by then.
            plan.settings.links.reorder_ppm = 250_000;
            plan.settings.links.reorder_us = 200_000;
            let config = &mut plan.settings.setup.config;
            config.leader_stickiness = true;
            config.reads = ReadPolicy::Lease { clock_drift_ppm: 20_000 };
            ask(&mut plan, 3_000, &mut random, |request, _| RaftRequest::Read {
                request,
                key: "x".into(),
            });
            let nodes = u64::from(plan.settings.nodes);
            ask(&mut plan, 120_000, &mut random, |_, random| {
                let to = ServerId(random.below(nodes) as u8);
                RaftRequest::TransferLeadership { to }
            });
        }
        Kind::Retries => {
            rough(&mut plan, seed, 5_000, false);
            plan.settings.setup.config.max_sessions = [2, 64][random.below(2) as usize];
            plan.settings.setup.config.snapshot_after_entries = Some(10);
            ask(&mut plan, 200_000, &mut random, |request, _| RaftRequest::RegisterClient {
                request,
            });
            ask(&mut plan, 10_000, &mut random, |request, random| {
                let client = ClientId(LogIndex(1 + random.below(12)));
                let sequence = random.below(2 + request.0 / 2_000);
                let command = put(request.0);
                RaftRequest::ClientRequest { request, client, sequence, command }
            });
        }
        Kind::SlowLinks => {
            rough(&mut plan, seed, 150_000, false);
            ask(&mut plan, 80_000, &mut random, |_, _| RaftRequest::TimeOutNow);
        }
    }
    ask(&mut plan, 12_000, &mut random, |request, _| RaftRequest::Propose {
        request,
        command: put(request.0),
    });
    plan.actions.sort_by_key(|action| action.at_us);
    plan
}

fn put(value: u64) -> KeyValueCommand {
    KeyValueCommand::Put { key: "x".into(), value: value.to_string() }
}

/// Everybody votes, clocks are true, links take up to `slow_us`, and the network falls apart in
/// ways that leave some of it connected. Nobody asks for anything yet.
fn rough(plan: &mut RaftPlan, seed: u64, slow_us: u64, crashes: bool) {
    let nodes = plan.settings.nodes;
    let config = &mut plan.settings.setup.config;
    config.membership_changes = false;
    config.servers = (0..nodes).map(ServerId).collect();
    let calm = LinkSettings::with_delay(Delay::Uniform { low_us: 500, high_us: slow_us });
    plan.settings.links = calm;
    let settings = NemesisSettings {
        nodes,
        safety_us: SAFETY_US,
        calm_links: LinkSettings::with_delay(Delay::Uniform { low_us: 500, high_us: 5_000 }),
        calm_sync: Delay::Uniform { low_us: 50, high_us: 1_000 },
        rest: Rest::Healed,
        rest_until_us: SAFETY_US,
    };
    let swarm = Swarm {
        partition_ppm: 60_000,
        heal_ppm: 60_000,
        modes: vec![
            PartitionMode::IsolateOne,
            PartitionMode::OneWay,
            PartitionMode::Bridge,
            PartitionMode::Links,
        ],
        stable_us: 60_000,
        crash_ppm: if crashes { 30_000 } else { 0 },
        restart_ppm: 300_000,
        ..Swarm::calm()
    };
    let schedule = schedule_with(seed, &settings, &swarm);
    plan.core = schedule.core;
    plan.actions =
        schedule.faults.into_iter().map(|(at, fault)| Action::fault(at, fault)).collect();
}

/// Every server is asked, about every `pause_us`.
fn ask(
    plan: &mut RaftPlan,
    pause_us: u64,
    random: &mut Random,
    mut request: impl FnMut(RequestId, &mut Random) -> RaftRequest,
) {
    let mut at_us = random.below(pause_us);
    while at_us < SAFETY_US {
        for node in (0..plan.settings.nodes).map(NodeId) {
            let number = plan.actions.len() as u64;
            let act = Act::Request { node, request: request(RequestId(number), random) };
            plan.actions.push(Action { at_us, act });
        }
        at_us += random.between(1, 2 * pause_us);
    }
}
