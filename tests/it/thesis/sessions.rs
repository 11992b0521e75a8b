//! Client sessions (6.3): a retry that reaches another leader takes effect once, and sessions end
//! by the time in the log.

use rift::raft::*;

use crate::raft_cluster::*;

const TIMEOUT_US: u64 = 60_000_000;

fn once(request: u64, client: u64, sequence: u64, command: Command) -> Input<Command> {
    let client = ClientId(LogIndex(client));
    Input::ClientRequest { request: RequestId(request), client, sequence, command }
}

/// What a state machine that adds up its commands makes of a server's log.
fn sum(cluster: &Cluster, id: ServerId) -> (Vec<Effect<u64>>, u64) {
    let (mut sessions, mut total) = (Sessions::new(2, TIMEOUT_US), 0);
    let mut effects = Vec::new();
    for (index, entry) in cluster.server(id).log().iter() {
        effects.push(
            sessions
                .apply(index, &entry.payload, |command| {
                    total += command;
                    total
                })
                .0,
        );
    }
    (effects, total)
}

/// §8: "if the leader crashes after committing the log entry but before responding to the client,
/// the client will retry the command with a new leader, causing it to be executed a second time".
/// With a session it is not.
#[test]
fn a_retry_through_another_leader_is_done_once() {
    let mut cluster = Cluster::with(Config::of(3), vec![Durable::default(); 3]);
    cluster.elect(S1);
    cluster.input(S1, Input::RegisterClient { request: RequestId(1) });
    cluster.deliver_all();
    let registered = Outcome::Committed { index: LogIndex(2), term: Term(1) };
    assert_eq!(cluster.answers, [(RequestId(1), registered)], "so the client's name is 2");
    cluster.input(S1, once(2, 2, 1, 10));
    cluster.deliver(S1, S2);
    cluster.crash(S1);
    cluster.in_flight.clear();
    cluster.time_out(S2);
    cluster.deliver_among(&[S2, S3]);
    assert_eq!(cluster.role(S2), RoleKind::Leader);
    cluster.input(S2, once(3, 2, 1, 10));
    cluster.deliver_among(&[S2, S3]);
    let (effects, total) = sum(&cluster, S2);
    assert_eq!(total, 10);
    assert_eq!(effects[2], Effect::Applied { answer: 10 });
    assert_eq!(effects.last(), Some(&Effect::Repeated { answer: 10 }));
}

/// Sessions obey the rules of proposals: only a leader takes them.
#[test]
fn followers_refuse_sessions_and_their_commands() {
    let mut cluster = Cluster::of(3);
    cluster.elect(S1);
    cluster.input(S2, Input::RegisterClient { request: RequestId(1) });
    cluster.input(S2, once(2, 1, 1, 10));
    let refused = |request| (RequestId(request), Outcome::NotLeader { leader: Some(S1) });
    assert_eq!(cluster.answers, [refused(1), refused(2)]);
    assert!(cluster.terms(S2).is_empty());
}

fn register(request: u64) -> Input<Command> {
    Input::RegisterClient { request: RequestId(request) }
}

/// The log times in a server's log.
fn log_times(cluster: &Cluster, id: ServerId) -> Vec<u64> {
    let log = cluster.server(id).log();
    log.iter().filter_map(|(_, entry)| entry.payload.log_time_us()).collect()
}

/// Lets `leader` take an input when its clock shows `now_us`, and the others answer.
fn at(cluster: &mut Cluster, now_us: u64, leader: ServerId, input: Input<Command>) {
    cluster.now_us = now_us;
    cluster.input(leader, input);
    cluster.deliver_all();
}

/// 6.3: "The leader augments each command that it appends to the Raft log with its current time."
/// Here that is the time since it was elected, after the latest in the log.
#[test]
fn a_leader_stamps_the_entries_of_sessions() {
    let mut cluster = Cluster::of(3);
    cluster.now_us = 1_000;
    cluster.elect(S1);
    at(&mut cluster, 1_500, S1, register(1));
    cluster.propose(S1, 7);
    at(&mut cluster, 4_000, S1, once(2, 1, 1, 10));
    at(&mut cluster, 3_000, S1, once(3, 1, 2, 10));
    assert_eq!(log_times(&cluster, S1), [500, 3_000, 3_000], "a clock never steps back");
    assert_eq!(cluster.server(S1).log(), cluster.server(S2).log());
    assert_eq!((cluster.server(S1).log_time_us(), cluster.server(S2).log_time_us()), (3_000, 0));
}

/// A new leader goes on from the latest time in its log, committed or not, whatever its own clock
/// shows, and whatever time has passed without a leader.
#[test]
fn log_time_never_goes_back_when_the_leader_changes() {
    for clock_us in [20_000, 1_000_000_000] {
        let mut cluster = Cluster::of(3);
        cluster.now_us = 10_000;
        cluster.elect(S1);
        at(&mut cluster, 510_000, S1, register(1));
        cluster.input(S1, once(2, 1, 1, 10));
        cluster.now_us = 515_000;
        cluster.input(S1, once(3, 1, 2, 10));
        // S3 gets what S2 does not. The clocks of both are not S1's.
        cluster.crash(S2);
        let mut cluster = restarted(cluster, S3, clock_us);
        assert_eq!(log_times(&cluster, S3), [500_000, 500_000]);
        at(&mut cluster, clock_us + 100, S3, once(4, 1, 3, 10));
        assert_eq!(log_times(&cluster, S3), [500_000, 500_000, 500_100], "clock at {clock_us}");
    }
}

/// Delivers to `id` what is under way, restarts it with another clock, without the old leader, and
/// lets it win an election.
fn restarted(mut cluster: Cluster, id: ServerId, clock_us: u64) -> Cluster {
    cluster.deliver(S1, id);
    for server in cluster.ids() {
        cluster.crash(server);
    }
    cluster.take_messages();
    cluster.now_us = clock_us;
    for server in [S2, S3] {
        cluster.restart(server);
    }
    cluster.elect(id);
    cluster
}

/// 6.3: sessions must end at the same entry on all servers, leader changes and clocks that were set
/// back in between; and whoever comes too late is told so.
#[test]
fn all_servers_end_the_same_sessions_at_the_same_entry() {
    let mut cluster = Cluster::of(3);
    cluster.elect(S1);
    at(&mut cluster, 1_000, S1, register(1));
    at(&mut cluster, 2_000, S1, register(2));
    at(&mut cluster, TIMEOUT_US - 1, S1, once(3, 1, 1, 10));
    let mut cluster = restarted(cluster, S3, 5_000);
    cluster.restart(S1);
    at(&mut cluster, 5_000 + 1_000, S3, once(4, 1, 2, 10));
    at(&mut cluster, 5_000 + 2_001, S3, once(5, 1, 3, 10));
    at(&mut cluster, 5_000 + 2_002, S3, once(6, 2, 1, 10));
    cluster.advance(50_000);
    cluster.deliver_all();
    cluster.assert_converged();
    let mut all = cluster.ids().into_iter().map(|id| {
        let mut sessions = Sessions::new(9, TIMEOUT_US);
        let mut ended = Vec::new();
        let mut effects = Vec::new();
        for (index, entry) in cluster.server(id).log().iter() {
            let (effect, gone) = sessions.apply(index, &entry.payload, |command| *command);
            effects.push(effect);
            ended.extend(gone.into_iter().map(|session| (index, session)));
        }
        (effects, ended)
    });
    let (effects, ended) = all.next().expect("there are servers");
    assert!(all.all(|other| other == (effects.clone(), ended.clone())));
    let gone = EndedSession { client: client(2), idle_us: TIMEOUT_US, made_room: false };
    assert_eq!(ended, [(LogIndex(5), gone)]);
    assert_eq!(effects.last(), Some(&Effect::SessionExpired));
}

fn client(index: u64) -> ClientId {
    ClientId(LogIndex(index))
}

/// Log time goes on even if every entry that has one was dropped: the snapshot has the latest, and
/// brings it to those who get it from a leader.
#[test]
fn a_snapshot_carries_the_log_time() {
    let config = Config { snapshot_after_entries: Some(3), ..figure_2(3) };
    let mut cluster = Cluster::with(config, vec![Durable::default(); 3]);
    cluster.elect(S1);
    cluster.crash(S3);
    at(&mut cluster, 700_000, S1, register(1));
    for command in 1..6 {
        at(&mut cluster, 700_000, S1, Input::Propose { request: RequestId(9), command });
    }
    let snapshot = cluster.server(S1).snapshot().expect("it has one").clone();
    assert_eq!((snapshot.log_time_us, log_times(&cluster, S1)), (700_000, vec![]));
    cluster.restart(S3);
    cluster.advance(50_000);
    cluster.deliver_all();
    assert_eq!(cluster.server(S3).snapshot().map(|got| got.log_time_us), Some(700_000));
    let mut cluster = restarted(cluster, S3, 0);
    at(&mut cluster, 1, S3, register(2));
    assert_eq!(log_times(&cluster, S3), [700_001]);
}
