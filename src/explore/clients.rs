//! What a run's cluster is set to, and what its clients ask for. Every run draws its own.

use super::nemesis;
use super::{Act, Action};
use crate::labs::raft::RaftRequest;
use crate::raft::{
    ClientId, Config, KeyValueCommand, LogIndex, MembershipChange, ReadPolicy, RequestId, ServerId,
};
use crate::random::Random;
use crate::sim::NodeId;

/// Keys that clients write. The last is written in peace only.
pub(super) const KEYS: [&str; 4] = ["x", "y", "z", "last"];

/// Sessions are named by the place of their entry, which a plan cannot know. Clients are bold
/// enough to guess: the first entries of many runs are registrations.
const GUESSED_SESSIONS: usize = 12;

/// Bounds in bytes are drawn by themselves, so that they do not shift what else is drawn.
const BOUNDS_PURPOSE: u64 = 112;

/// In the beginning clients register.
const REGISTER_UNTIL_US: u64 = 700_000;

/// By how much clocks may differ if leases are to hold. What clocks do in a run with leases is a
/// hundredth of it, because a clock that is set right jumps by all that it has gone wrong.
const LEASE_DRIFT_PPM: u32 = 20_000;

pub(super) fn write(request: RequestId, key: &str, value: u64) -> RaftRequest {
    let command = KeyValueCommand::Put { key: key.into(), value: value.to_string() };
    RaftRequest::Propose { request, command }
}

/// Half of the runs are Figure 2; the others draw each feature by itself.
pub(super) fn draw_config(seed: u64, nodes: u8, random: &mut Random) -> Config {
    let mut config = Config {
        noop_on_election: random.chance(600_000),
        max_entries_per_append: [1, 2, 64][random.below(3) as usize],
        ..Config::of(nodes)
    };
    if random.chance(500_000) {
        return config;
    }
    config.fast_back_up = random.chance(500_000);
    config.max_in_flight_appends = [1, 2, 8][random.below(3) as usize];
    config.max_in_flight_entries = [1, 4, 1_024][random.below(3) as usize];
    config.max_pending_proposals = [4, 4_096][random.below(2) as usize];
    config.pre_vote = random.chance(500_000);
    config.check_quorum = random.chance(500_000);
    config.leader_stickiness = random.chance(500_000);
    config.max_sessions = [1, 3, 64][random.below(3) as usize];
    config.snapshot_after_entries = [None, Some(1), Some(10), Some(40)][random.below(4) as usize];
    config.snapshot_chunk_bytes = [40, 4_096][random.below(2) as usize];
    config.membership_changes = random.chance(500_000);
    if config.membership_changes {
        config.leader_stickiness = random.chance(850_000);
        config.servers.truncate(random.between(1, nodes.into()) as usize);
    }
    let swarm = nemesis::swarm(seed);
    let tame = swarm.clock_ppm == 0 || (swarm.drift_ppm <= 200 && swarm.jump_us == 0);
    if config.leader_stickiness && tame && random.chance(500_000) {
        config.reads = ReadPolicy::Lease { clock_drift_ppm: LEASE_DRIFT_PPM };
    }
    draw_bounds(&mut config, &mut Random::for_purpose(seed, BOUNDS_PURPOSE));
    config
}

/// Bounds in bytes and in log time. An entry of these clients has 12 to 50 bytes, so the smallest
/// bounds are smaller than some entries.
fn draw_bounds(config: &mut Config, random: &mut Random) {
    config.max_append_bytes = [1, 60, 1 << 20][random.below(3) as usize];
    config.max_in_flight_bytes = [30, 100, 4 << 20][random.below(3) as usize];
    config.session_timeout_us = [300_000, 1_000_000, 60_000_000][random.below(3) as usize];
    config.max_pending_bytes = [30, 200, 16 << 20][random.below(3) as usize];
}

/// What clients want, and whom they ask. Most ask anybody; some ask twice or make a server stand.
pub(super) fn clients(
    until_us: u64,
    config: &Config,
    nodes: u8,
    random: &mut Random,
) -> Vec<Action<RaftRequest>> {
    let pause_us = [2_000, 10_000, 60_000][random.below(3) as usize];
    let mut some = |ppm| if random.chance(500_000) { ppm } else { 0 };
    let mut clients = Clients {
        nodes,
        number: 0,
        sequences: [0; GUESSED_SESSIONS],
        reads_ppm: some(400_000),
        sessions_ppm: some(400_000),
        transfers_ppm: some(20_000),
        changes_ppm: 0,
    };
    if config.membership_changes {
        clients.changes_ppm = [60_000, 300_000][random.below(2) as usize];
    }
    let mut actions = Vec::new();
    let mut at_us = 0;
    loop {
        at_us += random.between(1, 2 * pause_us);
        if at_us >= until_us {
            return actions;
        }
        clients.number += 1;
        let node = NodeId(random.below(nodes.into()) as u8);
        if let Some(request) = clients.for_the_leader(random) {
            // Who leads, nobody knows beforehand.
            let ask = |id| Act::Request { node: NodeId(id), request: request.clone() };
            actions.extend((0..nodes).map(|id| Action { at_us, act: ask(id) }));
            continue;
        }
        let request = clients.for_anybody(at_us, random);
        actions.push(Action { at_us, act: Act::Request { node, request } });
    }
}

struct Clients {
    nodes: u8,
    /// Of the present request.
    number: u64,
    /// The latest command of each client.
    sequences: [u64; GUESSED_SESSIONS],
    reads_ppm: u32,
    sessions_ppm: u32,
    transfers_ppm: u32,
    changes_ppm: u32,
}

impl Clients {
    fn for_the_leader(&self, random: &mut Random) -> Option<RaftRequest> {
        if random.chance(self.transfers_ppm) {
            let to = ServerId(random.below(self.nodes.into()) as u8);
            return Some(RaftRequest::TransferLeadership { to });
        }
        random.chance(self.changes_ppm).then(|| {
            let change = any_change(self.nodes, random);
            RaftRequest::ChangeMembership { request: RequestId(self.number), change }
        })
    }

    fn for_anybody(&mut self, at_us: u64, random: &mut Random) -> RaftRequest {
        let request = RequestId(self.number);
        let key = KEYS[random.below(3) as usize];
        if random.chance(10_000) {
            return RaftRequest::TimeOutNow;
        }
        if random.chance(self.reads_ppm) {
            return RaftRequest::Read { request, key: key.to_owned() };
        }
        if !random.chance(self.sessions_ppm) {
            return write(request, key, self.number);
        }
        if random.chance(if at_us < REGISTER_UNTIL_US { 500_000 } else { 20_000 }) {
            return RaftRequest::RegisterClient { request };
        }
        let place = random.below(GUESSED_SESSIONS as u64) as usize;
        // The same number again is a retry.
        self.sequences[place] += u64::from(random.chance(400_000));
        let (client, sequence) = (place as u64 + 1, self.sequences[place]);
        let key = KEYS[((client + sequence) % 3) as usize].to_owned();
        let command = KeyValueCommand::Put { key, value: format!("c{client}.{sequence}") };
        let client = ClientId(LogIndex(client));
        RaftRequest::ClientRequest { request, client, sequence, command }
    }
}

fn any_change(nodes: u8, random: &mut Random) -> MembershipChange {
    let one = ServerId(random.below(nodes.into()) as u8);
    match random.below(6) {
        0 | 1 => MembershipChange::AddLearner(one),
        2 | 3 => MembershipChange::Promote(one),
        4 => MembershipChange::Remove(one),
        _ => {
            let all = (0..nodes).map(ServerId);
            MembershipChange::Replace(
                all.filter(|id| *id == one || random.chance(400_000)).collect(),
            )
        }
    }
}
