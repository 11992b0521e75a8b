//! What a run's cluster is set to, and what its clients ask for. Every run draws its own.

use super::{Action, nemesis};
use crate::labs::{Ask, Client, Command, MembershipChange};
use crate::raft::{Config, ReadPolicy};
use crate::random::Random;
use crate::sim::NodeId;

/// Keys that clients write.
pub(super) const KEYS: [&str; 3] = ["x", "y", "z"];

/// Who asks in the safety phase: C1 to this.
const CLIENTS: u64 = 8;

/// Who asks when progress is owed, and only then.
pub(super) const LAST: Client = Client(9);

/// Bounds in bytes are drawn by themselves, so that they do not shift what else is drawn.
const BOUNDS_PURPOSE: u64 = 113;

/// In the beginning clients open sessions.
const OPEN_UNTIL_US: u64 = 700_000;

/// By how much clocks may differ if leases are to hold. What clocks do in a run with leases is a
/// hundredth of it, because a clock that is set right jumps by all that it has gone wrong.
const LEASE_DRIFT_PPM: u32 = 20_000;

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
) -> Vec<Action> {
    let pause_us = [2_000, 10_000, 60_000][random.below(3) as usize];
    let mut some = |ppm| if random.chance(500_000) { ppm } else { 0 };
    let mut clients = Clients {
        nodes,
        number: 0,
        written: [false; CLIENTS as usize],
        reads_ppm: some(400_000),
        sessions_ppm: some(400_000),
        retries_ppm: some(300_000),
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
        let via = NodeId(random.below(nodes.into()) as u8);
        if clients.for_the_leader(at_us, random, &mut actions) {
            continue;
        }
        let command = clients.for_anybody(at_us, via, random);
        actions.push(Action::of(at_us, command));
    }
}

/// What `client` writes once it is time, again and again. Who leads, nobody knows beforehand, so it
/// asks all of these servers.
pub(super) fn writes(
    client: Client,
    servers: &[NodeId],
    (from_us, until_us): (u64, u64),
    every_us: u64,
) -> Vec<Action> {
    let mut actions = Vec::new();
    for at_us in (from_us..until_us).step_by(every_us as usize) {
        for &via in servers {
            let (key, value) = ("last".to_owned(), (actions.len() + 1).to_string());
            let ask = Command::Ask { client, via, what: Ask::Write { key, value } };
            actions.push(Action::of(at_us, ask));
        }
    }
    actions
}

struct Clients {
    nodes: u8,
    /// Of the present request.
    number: u64,
    /// Who has written something that could be asked for again.
    written: [bool; CLIENTS as usize],
    reads_ppm: u32,
    sessions_ppm: u32,
    retries_ppm: u32,
    transfers_ppm: u32,
    changes_ppm: u32,
}

impl Clients {
    /// Who leads, nobody knows beforehand: all are asked. Whether there was something to ask for.
    fn for_the_leader(&self, at_us: u64, random: &mut Random, actions: &mut Vec<Action>) -> bool {
        let all = (0..self.nodes).map(NodeId);
        if random.chance(self.transfers_ppm) {
            let to = NodeId(random.below(self.nodes.into()) as u8);
            let ask = |via| Command::TransferLeadership { via, to };
            actions.extend(all.map(|via| Action::of(at_us, ask(via))));
            return true;
        }
        if random.chance(self.changes_ppm) {
            let change = any_change(self.nodes, random);
            let ask = |via| Command::ChangeMembership { via, change: change.clone() };
            actions.extend(all.map(|via| Action::of(at_us, ask(via))));
            return true;
        }
        false
    }

    fn for_anybody(&mut self, at_us: u64, via: NodeId, random: &mut Random) -> Command {
        let key = KEYS[random.below(3) as usize].to_owned();
        if random.chance(10_000) {
            return Command::TimeOut(via);
        }
        let place = random.below(CLIENTS);
        let client = Client(place as u8 + 1);
        let ask = |what| Command::Ask { client, via, what };
        if random.chance(self.reads_ppm) {
            return ask(Ask::Read { key });
        }
        // Half of the clients do without.
        if place >= CLIENTS / 2 && random.chance(self.sessions_ppm) {
            let is_early = at_us < OPEN_UNTIL_US;
            if random.chance(if is_early { 700_000 } else { 100_000 }) {
                return ask(Ask::OpenSession);
            }
        }
        let written = &mut self.written[place as usize];
        if *written && random.chance(self.retries_ppm) {
            return ask(Ask::Retry);
        }
        *written = true;
        ask(Ask::Write { key, value: self.number.to_string() })
    }
}

fn any_change(nodes: u8, random: &mut Random) -> MembershipChange {
    let one = NodeId(random.below(nodes.into()) as u8);
    match random.below(6) {
        0 | 1 => MembershipChange::AddLearner(one),
        2 | 3 => MembershipChange::Promote(one),
        4 => MembershipChange::Remove(one),
        _ => {
            let all = (0..nodes).map(NodeId);
            MembershipChange::Replace(
                all.filter(|id| *id == one || random.chance(400_000)).collect(),
            )
        }
    }
}
