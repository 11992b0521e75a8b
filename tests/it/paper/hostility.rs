//! What no honest server sends. Nothing of it may stop a server, and it is told, not swallowed.

use proptest::prelude::*;
use rift::raft::*;

use crate::raft_cluster::*;

fn reasons(cluster: &mut Cluster, id: ServerId) -> Vec<IgnoreReason> {
    let events = cluster.take_events(id).into_iter();
    let reason = |event| match event {
        Event::MessageIgnored { reason, .. } => Some(reason),
        _ => None,
    };
    events.filter_map(reason).collect()
}

#[test]
fn strangers_and_impostors_are_ignored() {
    let mut cluster = Cluster::of(3);
    let before = cluster.server(S1).clone();
    assert_eq!(cluster.hand(S4, S1, request_vote(S4, 9, (9, 9))), []);
    assert_eq!(cluster.hand(S1, S1, request_vote(S1, 9, (9, 9))), []);
    assert_eq!(cluster.hand(S2, S1, request_vote(S3, 9, (9, 9))), []);
    assert_eq!(*cluster.server(S1), before);
    let expected = [
        IgnoreReason::UnknownServer,
        IgnoreReason::FromItself,
        IgnoreReason::FalseName { claimed: S3 },
    ];
    assert_eq!(reasons(&mut cluster, S1), expected);
}

/// §5.2, Election Safety: if it were broken, a server would keep to the first leader it met.
#[test]
fn a_second_leader_of_a_term_is_not_followed() {
    let mut cluster = Cluster::of(3);
    cluster.elect(S1);
    assert_eq!(cluster.hand(S3, S1, append_entries(S3, 1, (0, 0), &[1], 1)), []);
    assert_eq!(cluster.hand(S3, S2, append_entries(S3, 1, (0, 0), &[1], 1)), []);
    assert_eq!(cluster.role(S1), RoleKind::Leader);
    assert_eq!(cluster.server(S2).leader(), Some(S1));
    for id in [S1, S2] {
        let second = IgnoreReason::SecondLeader { first: S1 };
        assert_eq!(reasons(&mut cluster, id).last(), Some(&second));
        assert!(cluster.terms(id).is_empty());
    }
}

/// §5.4, State Machine Safety: if it were broken, what is applied would still stay.
#[test]
fn committed_entries_are_never_erased() {
    let mut cluster = Cluster::of(3);
    cluster.hand(S2, S1, append_entries(S2, 1, (0, 0), &[1, 1], 2));
    assert_eq!(cluster.hand(S3, S1, append_entries(S3, 2, (0, 0), &[2], 0)), []);
    assert_eq!(cluster.terms(S1), [1, 1]);
    let reason =
        IgnoreReason::WouldEraseCommitted { index: LogIndex(1), commit_index: LogIndex(2) };
    assert_eq!(reasons(&mut cluster, S1), [reason]);
}

#[test]
fn a_success_beyond_the_log_and_a_sync_of_no_write_are_ignored() {
    let mut cluster = Cluster::of(3);
    cluster.elect(S1);
    cluster.hand(S2, S1, success(1, u64::MAX));
    let reason = IgnoreReason::MatchBeyondLog {
        match_index: LogIndex(u64::MAX),
        last_log_index: LogIndex(0),
    };
    assert_eq!(reasons(&mut cluster, S1).last(), Some(&reason));
    let write = WriteId(1_000);
    cluster.input(S1, Input::Synced { write });
    assert_eq!(cluster.take_events(S1), [Event::SyncIgnored { write }]);
}

/// After the last term a `u64` can hold there are no elections any more, and no crash either.
#[test]
fn the_last_term_is_survived() {
    let mut cluster = Cluster::of(3);
    cluster.hand(S2, S1, request_vote(S2, u64::MAX, (u64::MAX, u64::MAX)));
    cluster.take_events(S1);
    cluster.time_out(S1);
    assert_eq!(cluster.role(S1), RoleKind::Follower);
    let refused = Event::TimeOutIgnored { reason: TimeOutRefusal::NoTermLeft };
    assert_eq!(cluster.take_events(S1).last(), Some(&refused));
}

/// A server that the configuration does not name answers, and never stands for election.
#[test]
fn a_server_outside_the_cluster_has_no_election_timer() {
    let mut outsider: Server<Command> = Server::boot(S5, figure_2(3), &Durable::default(), 0, 1);
    assert_eq!(outsider.deadline_us(), None);
    outsider.handle(1, Input::TimeOutNow);
    let refused = Event::TimeOutIgnored { reason: TimeOutRefusal::NotAMember };
    assert_eq!(outsider.poll_output(), Some(Output::Event(refused)));
    let mut nobody: Server<Command> =
        Server::boot(S1, Config { servers: vec![], ..figure_2(1) }, &Durable::default(), 0, 1);
    nobody.handle(1, Input::Propose { request: RequestId(1), command: 1 });
    nobody.handle(1, Input::TimeOutNow);
    assert_eq!(nobody.role().kind(), RoleKind::Follower);
}

/// Small numbers, which meet each other, and the largest, which overflow.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0..6_u64, 1 => Just(u64::MAX), 1 => Just(u64::MAX - 1)]
}

/// Any members, even none at all.
fn any_members() -> impl Strategy<Value = Configuration> {
    let some = || prop::collection::vec((0..5_u8).prop_map(ServerId), 0..4);
    (some(), some(), some()).prop_map(|(voters, old_voters, learners)| Configuration {
        voters: voters.into_iter().collect(),
        old_voters: old_voters.into_iter().collect(),
        learners: learners.into_iter().collect(),
    })
}

fn any_input() -> impl Strategy<Value = Input<Command>> {
    let message = prop_oneof![
        (number(), number(), number()).prop_map(|(t, i, l)| request_vote(S2, t, (i, l))),
        (number(), any::<bool>()).prop_map(|(t, granted)| vote(t, granted)),
        (number(), number(), number(), prop::collection::vec(number(), 0..4), number())
            .prop_map(|(t, i, p, terms, c)| append_entries(S2, t, (i, p), &terms, c)),
        (number(), number()).prop_map(|(t, i)| success(t, i)),
        (number(), number()).prop_map(|(t, i)| failure(t, i)),
        (number(), number(), number()).prop_map(|(t, i, l)| chunk(
            S2,
            t,
            (i, l),
            (i % 3, vec![0; 8], l % 2 == 0)
        )),
        (number(), number(), number()).prop_map(|(t, i, o)| chunk_reply(t, i, o)),
        (number(), any::<bool>()).prop_map(|(t, vote_granted)| {
            Message::PreVoteReply { term: Term(t), vote_granted }
        }),
        number().prop_map(|t| Message::TimeoutNow { term: Term(t), leader_id: S2 }),
        (number(), number(), number()).prop_map(|(t, i, l)| Message::PreVote {
            term: Term(t),
            candidate_id: S2,
            last_log_index: LogIndex(i),
            last_log_term: Term(l),
        }),
        (number(), number(), any_members()).prop_map(|(t, i, members)| Message::AppendEntries {
            term: Term(t),
            leader_id: S2,
            prev_log_index: LogIndex(i),
            prev_log_term: Term(t),
            entries: vec![
                Entry { term: Term(t), payload: Payload::Configuration(Box::new(members)) }.into()
            ],
            leader_commit: LogIndex(i),
            round: t,
        }),
    ];
    prop_oneof![
        12 => (0..5_u8, message)
            .prop_map(|(from, message)| Input::Message { from: ServerId(from), message }),
        2 => Just(Input::Deadline),
        2 => number().prop_map(|n| Input::Synced { write: WriteId(n) }),
        2 => number().prop_map(|n| Input::Propose { request: RequestId(n), command: n }),
        2 => Just(Input::TimeOutNow),
        2 => (0..5_u8, 0..4_u8).prop_map(|(id, kind)| {
            let change = match kind {
                0 => MembershipChange::AddLearner(ServerId(id)),
                1 => MembershipChange::Promote(ServerId(id)),
                2 => MembershipChange::Remove(ServerId(id)),
                _ => MembershipChange::Replace((0..id).map(ServerId).collect()),
            };
            Input::ChangeMembership { request: RequestId(1), change }
        }),
        1 => number().prop_map(|n| Input::Read { request: RequestId(n) }),
        1 => (0..4_u8).prop_map(|n| Input::TransferLeadership { to: ServerId(n) }),
        1 => number().prop_map(|n| {
            Input::SnapshotTaken { last_included_index: LogIndex(n), state: vec![1; 8] }
        }),
    ]
}

proptest! {
    /// Lies, nonsense and extremes in any order: a server never panics, its indices stay in order,
    /// and once its disk has caught up it holds what the server remembers.
    #[test]
    fn no_input_stops_a_server(
        inputs in prop::collection::vec((any_input(), number()), 1..60),
        slow in any::<bool>(),
        full in any::<bool>(),
    ) {
        let config = if full { Config::full(3) } else { figure_2(3) };
        let config = Config { snapshot_chunk_bytes: 4, ..config };
        let mut cluster = Cluster::with(config, vec![Durable::default(); 3]);
        if slow {
            cluster.slow_disk(S1);
        }
        for (input, now_us) in inputs {
            cluster.now_us = now_us.saturating_mul(100_000);
            let (term, commit) = (cluster.server(S1).current_term(), cluster.commit_index(S1));
            cluster.input(S1, input);
            let server = cluster.server(S1);
            prop_assert!(server.current_term() >= term);
            prop_assert!(server.commit_index().0 >= commit);
            prop_assert_eq!(server.last_applied(), server.commit_index());
            prop_assert!(server.commit_index() <= server.log().last_index());
            prop_assert!(server.durable_index() <= server.log().last_index());
        }
        cluster.sync(S1);
        // What a leader of its own makes durable at once may bring more to be written.
        cluster.sync(S1);
        cluster.sync(S1);
        let server = cluster.server(S1);
        prop_assert_eq!(&cluster.disk(S1).log, server.log());
        prop_assert_eq!(cluster.disk(S1).current_term, server.current_term());
        prop_assert_eq!(cluster.disk(S1).voted_for, server.voted_for());
        prop_assert_eq!(server.held_messages().count(), 0);
    }
}
