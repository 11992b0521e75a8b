//! Handing leadership over (3.10).

use rift::raft::*;

use crate::raft_cluster::*;

const HIGH_US: u64 = 300_000;

fn led_by_s1() -> Cluster {
    let mut cluster = Cluster::with(Config::full(3), vec![Durable::default(); 3]);
    cluster.elect(S1);
    cluster.take_events(S1);
    cluster
}

fn transfer(cluster: &mut Cluster, from: ServerId, to: ServerId) {
    cluster.input(from, Input::TransferLeadership { to });
}

fn timeout_now(from: ServerId, term: u64) -> Message<Command> {
    Message::TimeoutNow { term: Term(term), leader_id: from }
}

/// 3.10: the order to stand works like the target's election timer firing, and the old leader's
/// followers vote for it although they hear their leader.
#[test]
fn leadership_moves_at_once_and_nobody_waits_for_a_timeout() {
    let mut cluster = led_by_s1();
    transfer(&mut cluster, S1, S3);
    cluster.deliver_all();
    assert_eq!(cluster.leaders(), [S3]);
    assert_eq!(cluster.server(S3).current_term(), Term(2));
    assert_eq!(cluster.now_us, 0, "no time has passed");
    let told = Event::ToldToStand { leader: S1, term: Term(1) };
    assert!(cluster.take_events(S3).contains(&told));
}

/// 3.10: "The prior leader fully updates the target server's log to match its own" first.
#[test]
fn the_target_is_caught_up_before_it_is_told() {
    let mut cluster = led_by_s1();
    cluster.propose(S1, 7);
    cluster.take_sent(S1, S3);
    transfer(&mut cluster, S1, S3);
    assert!(!cluster.server(S1).transfer().expect("begun").told);
    assert!(cluster.take_sent(S1, S3).is_empty(), "its entries were lost");
    cluster.advance(50_000);
    cluster.deliver(S1, S3);
    cluster.deliver(S3, S1);
    cluster.deliver_all();
    assert_eq!(cluster.leaders(), [S3]);
    assert!(cluster.terms(S3).len() >= 3);
}

/// 3.10: "The prior leader stops accepting new client requests."
#[test]
fn proposals_are_refused_while_leadership_moves() {
    let mut cluster = led_by_s1();
    transfer(&mut cluster, S1, S3);
    cluster.in_flight.clear();
    cluster.propose(S1, 7);
    let reason = ProposalRefusal::TransferInProgress { to: S3 };
    assert_eq!(cluster.answers, [(RequestId(7), Outcome::Refused { reason })]);
}

/// 3.10: "If leadership transfer does not complete after about an election timeout, the prior
/// leader aborts the transfer and resumes accepting client requests."
#[test]
fn a_transfer_that_takes_too_long_is_given_up() {
    let mut cluster = led_by_s1();
    transfer(&mut cluster, S1, S3);
    cluster.in_flight.clear();
    cluster.live(HIGH_US, |from, to| from != S3 && to != S3);
    assert_eq!(cluster.role(S1), RoleKind::Leader);
    assert!(cluster.take_events(S1).contains(&Event::TransferAborted { to: S3 }));
    cluster.propose(S1, 7);
    cluster.deliver_all();
    assert!(matches!(cluster.answers[..], [(RequestId(7), Outcome::Committed { .. })]));
}

/// Only what can work is begun; everything else gets its reason and changes nothing.
#[test]
fn impossible_transfers_are_refused() {
    let mut cluster = led_by_s1();
    let refused = |cluster: &mut Cluster, at, to| {
        let before = cluster.server(at).role().clone();
        cluster.take_events(at);
        transfer(cluster, at, to);
        assert_eq!(*cluster.server(at).role(), before);
        match cluster.take_events(at)[..] {
            [Event::TransferRefused { reason, .. }] => reason,
            ref other => panic!("{other:?}"),
        }
    };
    let to_itself = refused(&mut cluster, S1, S1);
    assert_eq!(to_itself, TransferRefusal::ToItself);
    assert_eq!(refused(&mut cluster, S1, S5), TransferRefusal::NotAVoter);
    let not_leader = TransferRefusal::NotLeader { leader: Some(S1) };
    assert_eq!(refused(&mut cluster, S2, S3), not_leader);
    transfer(&mut cluster, S1, S3);
    assert_eq!(refused(&mut cluster, S1, S2), TransferRefusal::InProgress { to: S3 });
}

/// Late, repeated and false orders to stand.
#[test]
fn only_the_leader_of_the_term_can_tell_a_server_to_stand() {
    let mut cluster = led_by_s1();
    cluster.hand(S2, S3, timeout_now(S2, 1));
    assert_eq!(cluster.role(S3), RoleKind::Follower, "S1 leads, not S2");
    cluster.hand(S1, S3, timeout_now(S1, 0));
    assert_eq!(cluster.role(S3), RoleKind::Follower, "of the past");
    cluster.hand(S1, S3, timeout_now(S1, 1));
    assert_eq!(cluster.server(S3).current_term(), Term(2));
    cluster.hand(S1, S3, timeout_now(S1, 1));
    assert_eq!(cluster.server(S3).current_term(), Term(2), "repeated");
}

/// 4.2.3 exempts whom the leader wants; once that election is lost, the next one is like any other.
#[test]
fn the_exemption_lasts_for_one_election() {
    let mut cluster = led_by_s1();
    cluster.hand(S1, S3, timeout_now(S1, 1));
    let flags = |cluster: &mut Cluster| -> Vec<bool> {
        let flag = |message| match message {
            Message::RequestVote { leadership_transfer, .. } => Some(leadership_transfer),
            _ => None,
        };
        cluster.take_sent(S3, S2).into_iter().filter_map(flag).collect()
    };
    assert_eq!(flags(&mut cluster), [true]);
    cluster.time_out(S3);
    cluster.hand(S1, S3, Message::PreVoteReply { term: Term(2), vote_granted: true });
    assert_eq!(flags(&mut cluster), [false]);
}
