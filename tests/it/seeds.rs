//! Hundreds of runs with faults drawn from seeds, each judged by Raft's promises (Figure 3).

use std::collections::BTreeMap;
use std::sync::Arc;

use rift::labs::raft::{RaftEvent, RaftProcess, RaftRequest, RaftSetup};
use rift::raft::{
    ClientId, Config, Effect, Entry, Event, IgnoreReason, KeyValueCommand, LogIndex,
    MembershipChange, Outcome, Payload, ReadGuarantee, ReadPolicy, RequestId, Server, ServerId,
    StepDown, Term, VoteDenial,
};
use rift::random::Random;
use rift::sim::{Delay, Fault, Happening, LinkSettings, NodeId, World, WorldSettings};

const STEPS: u64 = 150;
const STEP_US: u64 = 20_000;
/// Two seconds are many election timeouts: with everything healed, progress must follow.
const PATIENCE_US: u64 = 2_000_000;

#[test]
fn three_servers_keep_the_promises_under_random_faults() {
    let mut seen = Seen::default();
    (0..400).for_each(|seed| run(3, seed, &mut seen));
    seen.require_everything();
}

#[test]
fn five_servers_keep_the_promises_under_random_faults() {
    let mut seen = Seen::default();
    (1_000..1_400).for_each(|seed| run(5, seed, &mut seen));
    seen.require_everything();
}

#[test]
fn the_same_seed_gives_the_same_history() {
    assert_eq!(torn_world(5, 7).history().hash(), torn_world(5, 7).history().hash());
    assert_ne!(torn_world(5, 7).history().hash(), torn_world(5, 8).history().hash());
}

/// How often the runs came to where Raft is hard. A search that never gets there proves nothing.
#[derive(Debug, Default)]
struct Seen {
    elections: usize,
    commits: usize,
    truncations: usize,
    back_ups: usize,
    not_committed_yet: usize,
    unknown_answers: usize,
    late_replies: usize,
    round_reads: usize,
    lease_reads: usize,
    leaders_without_majority: usize,
    votes_against_deposing: usize,
    transfers: usize,
    configurations: usize,
    rolled_back: usize,
    promoted: usize,
    removed_leaders: usize,
    strangers: usize,
    snapshots: usize,
    installed: usize,
    chunks: usize,
    repeated: usize,
    expired: usize,
}

impl Seen {
    fn note(&mut self, event: &RaftEvent) {
        match event {
            RaftEvent::Raft(event) => match event {
                Event::BecameLeader { .. } => self.elections += 1,
                Event::Committed { .. } => self.commits += 1,
                Event::ConflictTruncated { .. } => self.truncations += 1,
                Event::NextIndexBackedUp { .. } => self.back_ups += 1,
                Event::NotCommittedYet { .. } => self.not_committed_yet += 1,
                Event::MessageIgnored { reason: IgnoreReason::RemovedServer, .. } => {
                    self.strangers += 1;
                }
                Event::ConfigurationAdopted { .. } => self.configurations += 1,
                Event::ConfigurationRolledBack { .. } => self.rolled_back += 1,
                Event::LearnerCaughtUp { .. } => self.promoted += 1,
                Event::SteppedDown { reason: StepDown::Removed { .. }, .. } => {
                    self.removed_leaders += 1;
                }
                Event::MessageIgnored { .. } => self.late_replies += 1,
                Event::ReadReady { by: ReadGuarantee::Round { .. }, .. } => self.round_reads += 1,
                Event::ReadReady { by: ReadGuarantee::Lease { .. }, .. } => self.lease_reads += 1,
                Event::SteppedDown { reason: StepDown::NoMajority { .. }, .. } => {
                    self.leaders_without_majority += 1;
                }
                Event::VoteDenied { reason: VoteDenial::LeaderAlive { .. }, .. } => {
                    self.votes_against_deposing += 1;
                }
                Event::SnapshotTaken { .. } => self.snapshots += 1,
                Event::SnapshotInstalled { .. } => self.installed += 1,
                Event::SnapshotChunkTaken { .. } => self.chunks += 1,
                Event::ToldToStand { .. } => self.transfers += 1,
                _ => {}
            },
            RaftEvent::Session { effect: Effect::Repeated { .. }, .. } => self.repeated += 1,
            RaftEvent::Session { effect: Effect::SessionExpired, .. } => self.expired += 1,
            RaftEvent::Session { .. } | RaftEvent::Restored { .. } => {}
            RaftEvent::Answered { outcome: Outcome::Unknown, .. } => self.unknown_answers += 1,
            RaftEvent::Answered { .. } | RaftEvent::Applied { .. } | RaftEvent::Read { .. } => {}
        }
    }

    fn require_everything(&self) {
        let counts = [
            self.elections,
            self.commits,
            self.truncations,
            self.back_ups,
            self.not_committed_yet,
            self.unknown_answers,
            self.late_replies,
            self.round_reads,
            self.lease_reads,
            self.leaders_without_majority,
            self.votes_against_deposing,
            self.transfers,
            self.configurations,
            self.promoted,
            self.removed_leaders,
            self.strangers,
            self.snapshots,
            self.installed,
            self.chunks,
            self.repeated,
            self.expired,
        ];
        assert!(counts.iter().all(|count| *count >= 10) && self.rolled_back > 0, "{self:?}");
    }
}

fn run(servers: u8, seed: u64, seen: &mut Seen) {
    let mut world = torn_world(servers, seed);
    heal_everything(&mut world);
    world.advance_to(world.now_us() + PATIENCE_US).expect("the history has room");
    let last = RequestId(u64::MAX);
    let nodes: Vec<NodeId> = world.node_ids().collect();
    // The first of these may commit the removal of the leader that takes it, and its successor may
    // need another one to commit anything (§5.4.2).
    for _ in 0..2 {
        for &node in &nodes {
            let command = KeyValueCommand::Put { key: "last".into(), value: "word".into() };
            let request = RaftRequest::Propose { request: last, command };
            world.request(node, request).expect("every server is up");
        }
        world.advance_to(world.now_us() + PATIENCE_US).expect("the history has room");
    }
    let judgement = Judgement::of(&world, seed, seen);
    let config = &world.settings().setup.config;
    if config.membership_changes && !config.leader_stickiness {
        // Servers that were removed may depose leaders again and again (thesis 4.2.3).
        return;
    }
    assert!(judgement.committed.contains_key(&last), "seed {seed}: no progress after healing");
    judgement.nothing_committed_is_lost(&world, seed);
    everything_converged(&world, seed);
}

/// A world after [`STEPS`] of random faults, with rates drawn anew for each seed: uniform rates
/// would leave the rare combinations out.
fn torn_world(servers: u8, seed: u64) -> World<RaftProcess> {
    let mut random = Random::for_purpose(seed, 99);
    let mut config = Config::of(servers);
    config.noop_on_election = random.chance(500_000);
    config.max_entries_per_append = if random.chance(500_000) { 1 } else { 64 };
    if random.chance(500_000) {
        any_features(&mut random, &mut config);
    }
    config.validate().expect("these settings can work");
    let high_us = [2_000, 20_000, 120_000][random.below(3) as usize];
    let links = LinkSettings {
        loss_ppm: [0, 20_000, 200_000][random.below(3) as usize],
        ..LinkSettings::with_delay(Delay::Uniform { low_us: 500, high_us })
    };
    let sync_us = [100, 5_000, 60_000][random.below(3) as usize];
    let mut world = World::new(WorldSettings {
        nodes: servers,
        seed,
        links,
        sync: Delay::Uniform { low_us: 50, high_us: sync_us },
        setup: RaftSetup { config },
    });
    let fault_ppm = [20_000, 100_000, 400_000][random.below(3) as usize];
    for step in 1..=STEPS {
        world.advance_to(step * STEP_US).expect("the history has room");
        if random.chance(fault_ppm) {
            let fault = any_fault(&mut random, servers);
            // A fault that does not fit (crashing what is down) is refused and harmless.
            let _ = world.inject(fault);
        }
        let node = NodeId(random.below(servers.into()) as u8);
        let request = any_request(&world, &mut random, step);
        let for_the_leader = matches!(
            request,
            RaftRequest::ChangeMembership { .. } | RaftRequest::TransferLeadership { .. }
        );
        for id in (0..servers).map(NodeId).filter(|id| *id == node || for_the_leader) {
            let _ = world.request(id, request.clone());
        }
    }
    world
}

/// Half of the runs are Figure 2, the others draw each feature by itself.
fn any_features(random: &mut Random, config: &mut Config) {
    config.fast_back_up = random.chance(500_000);
    config.max_in_flight_appends = [1, 2, 8][random.below(3) as usize];
    config.max_in_flight_entries = [1, 4, 1_024][random.below(3) as usize];
    config.pre_vote = random.chance(500_000);
    config.check_quorum = random.chance(500_000);
    config.leader_stickiness = random.chance(500_000);
    if config.leader_stickiness && random.chance(500_000) {
        config.reads = ReadPolicy::Lease { clock_drift_ppm: 0 };
    }
    config.max_sessions = [1, 64][random.below(2) as usize];
    config.snapshot_after_entries = [None, Some(1), Some(10)][random.below(3) as usize];
    config.snapshot_chunk_bytes = [20, 4_096][random.below(2) as usize];
    config.membership_changes = random.chance(500_000);
    if config.membership_changes {
        config.servers.truncate(1 + random.below(config.servers.len() as u64) as usize);
    }
    config.max_pending_proposals = [4, 4_096][random.below(2) as usize];
    config.max_append_bytes = [1, 60, 1 << 20][random.below(3) as usize];
    config.max_in_flight_bytes = [30, 100, 4 << 20][random.below(3) as usize];
    config.session_timeout_us = [200_000, 60_000_000][random.below(2) as usize];
    config.max_pending_bytes = [100, 16 << 20][random.below(2) as usize];
}

fn any_fault(random: &mut Random, servers: u8) -> Fault {
    let mut node = || NodeId(random.below(servers.into()) as u8);
    let (one, other) = (node(), node());
    let nodes: Vec<NodeId> = (0..servers).map(NodeId).collect();
    match random.below(8) {
        0 | 1 => Fault::Crash(one),
        2 | 3 => Fault::Restart(one),
        4 => {
            let split = random.below(u64::from(servers)) as usize;
            let turned: Vec<NodeId> =
                nodes.iter().cycle().skip(one.index()).take(nodes.len()).copied().collect();
            Fault::cut_between(&turned[..split], &turned[split..])
        }
        5 if one != other => Fault::Cut(vec![(one, other)]),
        6 if one != other => Fault::Heal(vec![(one, other), (other, one)]),
        _ => Fault::HealAll,
    }
}

fn any_request(world: &World<RaftProcess>, random: &mut Random, step: u64) -> RaftRequest {
    if random.chance(10_000) {
        return RaftRequest::TimeOutNow;
    }
    if random.chance(20_000) {
        return RaftRequest::TransferLeadership { to: ServerId(random.below(5) as u8) };
    }
    if random.chance(150_000) {
        let change = any_change(random, world.node_ids().count() as u64);
        return RaftRequest::ChangeMembership { request: RequestId(step), change };
    }
    if random.chance(300_000) {
        let key = format!("k{}", random.below(3));
        return RaftRequest::Read { request: RequestId(step), key };
    }
    if random.chance(50_000) {
        return RaftRequest::RegisterClient { request: RequestId(step) };
    }
    if random.chance(300_000) {
        // Clients that retry a lot, and one that nobody knows.
        let client = any_client(world, random).unwrap_or(ClientId(LogIndex(0)));
        let sequence = random.below(4) + step / 50;
        let value = format!("c{}.{sequence}", client.0);
        return RaftRequest::ClientRequest {
            request: RequestId(step),
            client,
            sequence,
            command: KeyValueCommand::Put { key: "c".to_owned(), value },
        };
    }
    let command =
        KeyValueCommand::Put { key: format!("k{}", random.below(3)), value: format!("v{step}") };
    RaftRequest::Propose { request: RequestId(step), command }
}

fn any_change(random: &mut Random, servers: u64) -> MembershipChange {
    let mut server = || ServerId(random.below(servers) as u8);
    let (one, other) = (server(), server());
    match random.below(6) {
        0 | 1 => MembershipChange::AddLearner(one),
        2 | 3 => MembershipChange::Promote(one),
        4 => MembershipChange::Remove(one),
        _ => {
            let all = (0..servers as u8).map(ServerId);
            let voters = all.filter(|id| *id == one || *id == other || random.chance(300_000));
            MembershipChange::Replace(voters.collect())
        }
    }
}

fn any_client(world: &World<RaftProcess>, random: &mut Random) -> Option<ClientId> {
    let processes = world.node_ids().filter_map(|id| world.node(id)?.process());
    let clients: Vec<ClientId> =
        processes.flat_map(|process| process.sessions().iter()).map(|(client, _)| client).collect();
    clients.get(random.below(clients.len() as u64) as usize).copied()
}

fn heal_everything(world: &mut World<RaftProcess>) {
    world.inject(Fault::HealAll).expect("healing is always possible");
    let links = world.network().link_ends().collect();
    let delay = Delay::Uniform { low_us: 500, high_us: 5_000 };
    let settings = LinkSettings::with_delay(delay);
    world.inject(Fault::SetLinks(links, settings)).expect("links exist");
    let nodes: Vec<NodeId> = world.node_ids().collect();
    for node in nodes {
        // Refused by those that are up.
        let _ = world.inject(Fault::Restart(node));
    }
}

/// What a whole history shows, gathered while every promise about it is checked.
struct Judgement {
    committed: BTreeMap<RequestId, (LogIndex, Term)>,
}

impl Judgement {
    fn of(world: &World<RaftProcess>, seed: u64, seen: &mut Seen) -> Judgement {
        let changes = world.settings().setup.config.membership_changes;
        let mut leaders: BTreeMap<Term, ServerId> = BTreeMap::new();
        let mut applied: BTreeMap<LogIndex, &Arc<Entry<KeyValueCommand>>> = BTreeMap::new();
        let mut last_applied: BTreeMap<NodeId, LogIndex> = BTreeMap::new();
        let mut committed = BTreeMap::new();
        let (mut effects, mut done_at) = (BTreeMap::new(), BTreeMap::new());
        let (mut committed_through, mut reads) = (LogIndex(0), BTreeMap::new());
        for record in world.history().records().iter() {
            let (node, event) = match &record.what {
                Happening::Booted { node, .. } => {
                    last_applied.insert(*node, LogIndex(0));
                    continue;
                }
                Happening::Requested { request: RaftRequest::Read { request, .. }, .. } => {
                    reads.insert(*request, committed_through);
                    continue;
                }
                Happening::Decided { node, event } => (*node, event),
                _ => continue,
            };
            seen.note(event);
            match event {
                // Election Safety.
                RaftEvent::Raft(Event::BecameLeader { term, .. }) => {
                    let first = *leaders.entry(*term).or_insert(ServerId(node.0));
                    assert_eq!(first, ServerId(node.0), "seed {seed}: two leaders in term {term}");
                }
                // State Machine Safety.
                RaftEvent::Applied { index, entry } => {
                    let previous = last_applied.insert(node, *index);
                    assert_eq!(previous, Some(index.previous()), "seed {seed}: {node} left a gap");
                    let first = *applied.entry(*index).or_insert(entry);
                    assert_eq!(first, entry, "seed {seed}: {node} applied another {index}");
                }
                RaftEvent::Answered { request, outcome: Outcome::Committed { index, term } } => {
                    committed.insert(*request, (*index, *term));
                }
                RaftEvent::Restored { last_included_index } => {
                    last_applied.insert(node, *last_included_index);
                }
                // An entry does the same everywhere, and a client's command takes effect once.
                RaftEvent::Session { index, effect, ended } => {
                    let first = *effects.entry(*index).or_insert((effect, ended));
                    assert_eq!(first, (effect, ended), "seed {seed}: {node} at {index}");
                    let payload = &applied[index].payload;
                    if let (
                        Payload::ClientRequest { client, sequence, .. },
                        Effect::Applied { .. },
                    ) = (payload, effect)
                    {
                        let first = *done_at.entry((*client, *sequence)).or_insert(*index);
                        assert_eq!(first, *index, "seed {seed}: {node} does it twice");
                    }
                }
                // A read is never older than what was committed when it was asked for.
                RaftEvent::Raft(Event::ReadReady { request, read_index, by }) => {
                    assert!(*read_index >= reads[request], "seed {seed}: stale read by {by:?}");
                }
                RaftEvent::Raft(Event::Committed { through, .. }) => {
                    committed_through = committed_through.max(*through);
                }
                RaftEvent::Raft(event) => no_alarm(event, changes, seed),
                RaftEvent::Answered { .. } | RaftEvent::Read { .. } => {}
            }
        }
        Judgement { committed }
    }

    fn nothing_committed_is_lost(&self, world: &World<RaftProcess>, seed: u64) {
        for node in members(world) {
            let server = running(world, node).server();
            for (request, (index, term)) in &self.committed {
                let kept = server.log().term_at(*index) == Some(*term)
                    || *index < server.log().base().last_log_index;
                assert!(kept, "seed {seed}: {node} lost {request:?}");
            }
        }
    }
}

/// What servers among themselves can never cause.
fn no_alarm(event: &Event, changes: bool, seed: u64) {
    use rift::raft::IgnoreReason::*;
    if let Event::MessageIgnored { reason, .. } = event {
        let impossible = matches!(
            reason,
            FromItself
                | FalseName { .. }
                | SecondLeader { .. }
                | MatchBeyondLog { .. }
                | RoundAhead { .. }
                | WouldEraseCommitted { .. }
        );
        // Somebody who was removed before the log that tells of it was dropped is a stranger.
        let impossible = impossible || (*reason == UnknownServer && !changes);
        assert!(!impossible, "seed {seed}: {event:?}");
    }
    assert!(!matches!(event, Event::SyncIgnored { .. }), "seed {seed}: {event:?}");
}

fn everything_converged(world: &World<RaftProcess>, seed: u64) {
    let members = members(world);
    let first = running(world, members[0]);
    for node in members {
        let process = running(world, node);
        let (server, disk) = (process.server(), world.node(node).expect("it exists").disk());
        same_log(server, first.server(), seed);
        assert_eq!(process.store(), first.store(), "seed {seed}: {node}'s store differs");
        assert_eq!(server.last_applied(), server.log().last_index(), "seed {seed}: {node}");
        assert_eq!(server.durable_index(), server.log().last_index(), "seed {seed}: {node}");
        assert_eq!(disk.image().log, *server.log(), "seed {seed}: {node}'s disk differs");
    }
}

/// Who belongs to the cluster in the end. Servers that were removed may know nothing of it.
fn members(world: &World<RaftProcess>) -> Vec<NodeId> {
    let servers = world.node_ids().map(|node| running(world, node).server());
    let leads = |server: &&Server<KeyValueCommand>| server.leader() == Some(server.id());
    let leader = servers.filter(leads).max_by_key(|server| server.current_term());
    let members = leader.expect("somebody leads").configuration().members();
    members.iter().map(|server| NodeId(server.0)).collect()
}

/// Logs may have dropped more or less in favour of a snapshot.
fn same_log(one: &Server<KeyValueCommand>, other: &Server<KeyValueCommand>, seed: u64) {
    let from = one.log().base().last_log_index.max(other.log().base().last_log_index).next();
    let rest =
        |server: &Server<KeyValueCommand>| server.log().entries_from(from, usize::MAX).to_vec();
    assert_eq!(one.log().end(), other.log().end(), "seed {seed}");
    assert_eq!(rest(one), rest(other), "seed {seed}: {}'s log differs", one.id());
}

fn running(world: &World<RaftProcess>, node: NodeId) -> &RaftProcess {
    world.node(node).and_then(|found| found.process()).expect("every server is up")
}
