//! A follower at the edge of its leader's snapshot, over a network that does what it likes.

use std::sync::Arc;

use proptest::prelude::*;
use rift::raft::*;

use crate::raft_cluster::*;

const HEARTBEAT_US: u64 = 50_000;

/// What the servers have on disk when the leader is elected.
#[derive(Clone, Debug)]
struct Start {
    /// The terms of the entries of S1 and S3, even ones.
    leader: Vec<u64>,
    /// How many of them S2 has, and which entries of its own it has instead of the others. Their
    /// terms are odd, so no two servers have different entries of one term at one index.
    shared: usize,
    own: usize,
    /// How much a snapshot covers already, on the leader's disk and on the follower's.
    leader_base: usize,
    follower_base: usize,
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Propose,
    /// The leader takes a snapshot at this place, if it may.
    Snapshot(usize),
    Deliver(usize),
    Duplicate(usize),
    Lose(usize),
    Wait,
    /// The follower's disk is done with what it was told to write.
    Sync,
    Restart,
}

fn any_start() -> impl Strategy<Value = Start> {
    let leader = prop::collection::vec(0..2_u64, 0..12).prop_map(|steps| {
        let later = |term: &mut u64, step: u64| {
            *term += 2 * step;
            Some(*term)
        };
        steps.into_iter().scan(2, later).collect::<Vec<u64>>()
    });
    (leader, 0..12_usize, 0..5_usize, 0..12_usize, 0..12_usize).prop_map(
        |(leader, shared, own, leader_base, follower_base)| {
            let shared = shared.min(leader.len());
            let leader_base = leader_base.min(leader.len());
            Start { leader, shared, own, leader_base, follower_base: follower_base.min(shared) }
        },
    )
}

fn any_config() -> impl Strategy<Value = Config> {
    let appends = (1..5_usize, 1..5_usize, any::<bool>());
    let snapshots = (prop::option::of(1..8_usize), 1..48_usize);
    (appends, snapshots, 1..80_u64).prop_map(|(appends, snapshots, max_in_flight_bytes)| Config {
        max_in_flight_appends: appends.0,
        max_entries_per_append: appends.1,
        fast_back_up: appends.2,
        snapshot_after_entries: snapshots.0,
        snapshot_chunk_bytes: snapshots.1,
        max_in_flight_bytes,
        // Nobody stands for election but the one that the test wants.
        election_timeout_low_us: 1 << 40,
        election_timeout_high_us: 1 << 40,
        ..Config::of(3)
    })
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => Just(Act::Propose),
        2 => (0..40_usize).prop_map(Act::Snapshot),
        12 => (0..20_usize).prop_map(Act::Deliver),
        3 => (0..20_usize).prop_map(Act::Duplicate),
        3 => (0..20_usize).prop_map(Act::Lose),
        3 => Just(Act::Wait),
        3 => Just(Act::Sync),
        1 => Just(Act::Restart),
    ]
}

fn numbered(terms: &[u64]) -> Vec<Arc<Entry<Command>>> {
    let entry = |(at, term): (usize, &u64)| {
        let payload = Payload::Command(100 * (at as u64 + 1) + term);
        Arc::new(Entry { term: Term(*term), payload })
    };
    terms.iter().enumerate().map(entry).collect()
}

fn disk_with(entries: Vec<Arc<Entry<Command>>>, covered: usize) -> Durable<Command> {
    let mut disk = disk(100, &[]);
    disk.log = Log::from(entries.clone());
    if covered > 0 {
        let snapshot = Snapshot {
            last_included_index: LogIndex(covered as u64),
            last_included_term: entries[covered - 1].term,
            configuration: Configuration::of(&[S1, S2, S3]),
            log_time_us: 0,
            state: save(&entries[..covered]),
        };
        disk.log.drop_through(snapshot.end());
        disk.snapshot = Some(snapshot);
    }
    disk
}

/// The cluster, and everything that the leader has ever had in its log.
struct Edge {
    cluster: Cluster,
    leader_log: Vec<Arc<Entry<Command>>>,
    /// What S2 had applied when it was last looked at.
    applied: usize,
}

impl Edge {
    fn new(config: Config, start: &Start, slow_disk: bool) -> Edge {
        let leader_log = numbered(&start.leader);
        let mut terms = start.leader[..start.shared].to_vec();
        let own_term = terms.last().map_or(1, |term| term + 1);
        terms.extend(std::iter::repeat_n(own_term, start.own));
        let leader = disk_with(leader_log.clone(), start.leader_base);
        let follower = disk_with(numbered(&terms), start.follower_base);
        let cluster = Cluster::with(config, vec![leader.clone(), follower, leader]);
        let mut edge = Edge { cluster, leader_log, applied: start.follower_base };
        if slow_disk {
            edge.cluster.slow_disk(S2);
        }
        // A booted server says with its first outputs what is to be restored.
        edge.cluster.input(S2, Input::Deadline);
        edge.cluster.time_out(S1);
        edge.settle_the_others();
        assert_eq!(edge.cluster.role(S1), RoleKind::Leader, "S3's vote is enough");
        edge
    }

    /// S1 and S3 talk at once. What S2 sends and is sent waits for the test.
    fn settle_the_others(&mut self) {
        let is_theirs = |flight: &Flight| flight.from != S2 && flight.to != S2;
        while let Some(at) = self.cluster.in_flight.iter().position(is_theirs) {
            let Flight { from, to, message } = self.cluster.in_flight.remove(at);
            self.note_new_entries(&message);
            self.cluster.input(to, Input::Message { from, message });
        }
    }

    /// A leader may drop what it has just committed, so its messages are what shows its log.
    fn note_new_entries(&mut self, message: &Message<Command>) {
        if let Message::AppendEntries { prev_log_index, entries, .. } = message {
            let known = self.leader_log.len().saturating_sub(prev_log_index.0 as usize);
            self.leader_log.extend(entries.iter().skip(known).cloned());
        }
    }

    fn act(&mut self, act: Act, at: usize) {
        let waiting = self.cluster.in_flight.len();
        match act {
            Act::Propose => self.cluster.propose(S1, 1_000_000 + at as u64),
            Act::Snapshot(place) => {
                let covered = place.min(self.cluster.server(S1).last_applied().0 as usize);
                let state = save(&self.leader_log[..covered]);
                let last_included_index = LogIndex(covered as u64);
                self.cluster.input(S1, Input::SnapshotTaken { last_included_index, state });
            }
            Act::Deliver(nth) if waiting > 0 => {
                let Flight { from, to, message } = self.cluster.in_flight.remove(nth % waiting);
                self.cluster.input(to, Input::Message { from, message });
            }
            Act::Duplicate(nth) if waiting > 0 => {
                let copy = self.cluster.in_flight[nth % waiting].clone();
                self.cluster.in_flight.push(copy);
            }
            Act::Lose(nth) if waiting > 0 => {
                self.cluster.in_flight.remove(nth % waiting);
            }
            Act::Wait => self.cluster.advance(HEARTBEAT_US),
            Act::Sync => self.cluster.sync(S2),
            Act::Restart => {
                self.cluster.crash(S2);
                self.cluster.restart(S2);
                self.cluster.input(S2, Input::Deadline);
                // Committed is what a snapshot covers; of more it has to hear again.
                self.applied = self.cluster.server(S2).log().base().last_log_index.0 as usize;
            }
            Act::Deliver(_) | Act::Duplicate(_) | Act::Lose(_) => {}
        }
        self.settle_the_others();
    }

    fn look(&mut self) {
        let (leader, follower) = (self.cluster.server(S1), self.cluster.server(S2));
        let applied = follower.last_applied().0 as usize;
        assert!(applied >= self.applied, "{} applied, then {applied}", self.applied);
        self.applied = applied;
        assert!(follower.last_applied() <= leader.commit_index(), "ahead of the leader");
        assert_eq!(follower.last_applied(), follower.commit_index());
        assert_eq!(self.cluster.applied(S2), commands(&self.leader_log[..applied]));
        for (index, entry) in follower.log().iter().filter(|(index, _)| index.0 as usize <= applied)
        {
            assert_eq!(*entry, self.leader_log[index.0 as usize - 1], "entry {index}");
        }
        for disk in [follower.snapshot(), self.cluster.disk(S2).snapshot.as_ref()] {
            let Some(snapshot) = disk else { continue };
            let covered = snapshot.last_included_index.0 as usize;
            assert!(covered <= applied);
            assert_eq!(snapshot.last_included_term, self.leader_log[covered - 1].term);
            assert_eq!(
                commands_in(&snapshot.state),
                commands(&self.leader_log[..covered]),
                "up to {covered}"
            );
        }
        let base = follower.snapshot().map(Snapshot::end).unwrap_or_default();
        assert_eq!(follower.log().base(), base, "the log goes on where the snapshot ends");
    }

    /// Everything gets through, from now on.
    fn catch_up(&mut self) {
        for _ in 0..40 {
            self.cluster.advance(HEARTBEAT_US);
            self.cluster.deliver_all();
            self.cluster.sync(S2);
            self.cluster.deliver_all();
            self.look();
        }
        let (leader, follower) = (self.cluster.server(S1), self.cluster.server(S2));
        assert_eq!(follower.log().end(), leader.log().end());
        assert_eq!(leader.commit_index(), leader.log().last_index());
        assert_eq!(follower.last_applied(), leader.commit_index());
        assert_eq!(leader.match_index(S2), Some(leader.log().last_index()));
        assert_eq!(self.cluster.applied(S2), self.cluster.applied(S1));
        assert_eq!(self.cluster.disk(S2).log, *follower.log());
    }
}

fn commands(entries: &[Arc<Entry<Command>>]) -> Vec<Command> {
    commands_in(&save(entries))
}

/// Entries without a command are saved as 0.
fn commands_in(state: &[u8]) -> Vec<Command> {
    let command = |bytes: &[u8]| Command::from_le_bytes(bytes.try_into().expect("eight bytes"));
    state.chunks(8).map(command).filter(|command| *command != 0).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// §5.4.3 and §7 (Figure 13): whatever comes late, twice or never, a follower applies what is
    /// committed and nothing else, never goes back, and catches up in the end.
    #[test]
    fn a_follower_at_the_edge_of_a_snapshot_follows(
        start in any_start(),
        config in any_config(),
        slow_disk: bool,
        acts in prop::collection::vec(any_act(), 0..100),
    ) {
        let mut edge = Edge::new(config, &start, slow_disk);
        edge.look();
        for (at, act) in acts.into_iter().enumerate() {
            edge.act(act, at);
            edge.look();
        }
        edge.catch_up();
    }
}
