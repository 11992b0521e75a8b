//! Client sessions (6.3): a retry that reaches another leader takes effect once.

use rift::raft::*;

use crate::raft_cluster::*;

fn once(request: u64, client: u64, sequence: u64, command: Command) -> Input<Command> {
    let client = ClientId(LogIndex(client));
    Input::ClientRequest { request: RequestId(request), client, sequence, command }
}

/// What a state machine that adds up its commands makes of a server's log.
fn sum(cluster: &Cluster, id: ServerId) -> (Vec<Effect<u64>>, u64) {
    let (mut sessions, mut total) = (Sessions::new(2), 0);
    let mut effects = Vec::new();
    for (index, entry) in cluster.server(id).log().iter() {
        effects.push(sessions.apply(index, &entry.payload, |command| {
            total += command;
            total
        }));
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
