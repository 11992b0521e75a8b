//! Pre-vote (9.6), leaders without a majority (6.2), votes refused while a leader lives (4.2.3).

use rift::raft::*;

use crate::raft_cluster::*;

const LOW_US: u64 = 150_000;
const HIGH_US: u64 = 300_000;
const EVERYWHERE: fn(ServerId, ServerId) -> bool = |_, _| true;

fn with(servers: u8, change: fn(&mut Config)) -> Cluster {
    let mut config = figure_2(servers);
    change(&mut config);
    Cluster::with(config, vec![Durable::default(); servers.into()])
}

fn pre_vote(from: ServerId, term: u64, last: (u64, u64)) -> Message<Command> {
    Message::PreVote {
        term: Term(term),
        candidate_id: from,
        last_log_index: LogIndex(last.0),
        last_log_term: Term(last.1),
    }
}

fn would_vote(term: u64, vote_granted: bool) -> Message<Command> {
    Message::PreVoteReply { term: Term(term), vote_granted }
}

/// 9.6: "a candidate only increments its term number if it first learns from a majority of the
/// cluster that they would be willing to grant the candidate their votes".
#[test]
fn a_server_asks_before_it_stands() {
    let mut cluster = with(5, |config| config.pre_vote = true);
    cluster.time_out(S1);
    assert_eq!(cluster.role(S1), RoleKind::PreCandidate);
    assert_eq!(cluster.server(S1).current_term(), Term(0));
    assert_eq!(cluster.disk(S1), &Durable::default(), "nothing is written for it");
    assert_eq!(cluster.take_sent(S1, S2), [pre_vote(S1, 0, (0, 0))]);
    cluster.hand(S2, S1, would_vote(0, true));
    cluster.hand(S2, S1, would_vote(0, true));
    cluster.hand(S3, S1, would_vote(0, false));
    assert_eq!(cluster.role(S1), RoleKind::PreCandidate, "two of five, however often");
    cluster.hand(S4, S1, would_vote(0, true));
    assert_eq!(cluster.role(S1), RoleKind::Candidate);
    assert_eq!(cluster.server(S1).current_term(), Term(1));
    let mut one = with(1, |config| config.pre_vote = true);
    one.time_out(S1);
    assert_eq!(one.role(S1), RoleKind::Leader);
}

/// A pre-vote is given as a vote would be, but promises nothing and changes nothing.
#[test]
fn pre_votes_follow_the_rules_of_votes_and_bind_nobody() {
    let mut config = figure_2(3);
    config.pre_vote = true;
    let mut cluster = Cluster::with(config, vec![disk(3, &[1, 3]); 3]);
    cluster.now_us = 1_000;
    let before = cluster.server(S1).election_timer();
    assert_eq!(cluster.hand(S2, S1, pre_vote(S2, 3, (2, 3))), [would_vote(3, true)]);
    assert_eq!(cluster.hand(S3, S1, pre_vote(S3, 3, (9, 3))), [would_vote(3, true)], "again");
    assert_eq!(cluster.hand(S3, S1, pre_vote(S3, 3, (1, 3))), [would_vote(3, false)]);
    assert_eq!(cluster.hand(S3, S1, pre_vote(S3, 2, (9, 9))), [would_vote(3, false)]);
    assert_eq!(cluster.server(S1).voted_for(), None);
    assert_eq!(cluster.server(S1).election_timer(), before, "asking is not leading");
    let reasons: Vec<VoteDenial> = cluster
        .take_events(S1)
        .into_iter()
        .filter_map(|event| match event {
            Event::PreVoteDenied { reason, .. } => Some(reason),
            _ => None,
        })
        .collect();
    assert!(matches!(reasons[0], VoteDenial::LogOutOfDate { .. }));
    assert_eq!(reasons[1], VoteDenial::StaleTerm { theirs: Term(2), mine: Term(3) });
    assert_eq!(cluster.hand(S2, S1, pre_vote(S2, 7, (2, 3))), [would_vote(7, true)]);
    assert_eq!(
        cluster.server(S1).current_term(),
        Term(7),
        "the sender's own term, as in any message"
    );
}

/// 9.6: pre-vote "solves the issue of a partitioned server disrupting the cluster when it rejoins".
#[test]
fn a_server_that_comes_back_deposes_nobody() {
    let mut cluster = with(3, |config| config.pre_vote = true);
    cluster.elect(S1);
    cluster.live(2_000_000, |from, to| from != S3 && to != S3);
    assert_eq!(cluster.role(S3), RoleKind::PreCandidate);
    cluster.live(500_000, EVERYWHERE);
    assert_eq!((cluster.leaders(), cluster.server(S1).current_term()), (vec![S1], Term(1)));
    assert_eq!(cluster.server(S3).leader(), Some(S1));

    let mut without = Cluster::of(3);
    without.elect(S1);
    without.live(2_000_000, |from, to| from != S3 && to != S3);
    without.live(500_000, EVERYWHERE);
    assert!(without.server(S1).current_term() > Term(2), "without it the term rises");
}

/// A pre-candidate that gives its real vote lets that candidate try first.
#[test]
fn a_pre_candidate_that_votes_for_another_gives_way() {
    let mut cluster = with(3, |config| config.pre_vote = true);
    cluster.hand(S3, S1, pre_vote(S3, 1, (0, 0)));
    cluster.time_out(S1);
    cluster.hand(S2, S1, request_vote(S2, 1, (0, 0)));
    assert_eq!(cluster.role(S1), RoleKind::Follower);
    let reason = StepDown::GaveVote { candidate: S2 };
    let stepped = Event::SteppedDown { from: RoleKind::PreCandidate, reason };
    assert!(cluster.take_events(S1).contains(&stepped));
    cluster.hand(S3, S1, would_vote(1, true));
    assert_eq!(cluster.server(S1).current_term(), Term(1), "a late pre-vote starts nothing");
}

/// 6.2: "a leader in Raft steps down if an election timeout elapses without a successful round of
/// heartbeats to a majority of its cluster".
#[test]
fn a_leader_that_hears_from_no_majority_steps_down() {
    let mut cluster = with(5, |config| config.check_quorum = true);
    cluster.elect(S1);
    cluster.propose(S1, 7);
    cluster.in_flight.clear();
    cluster.take_events(S1);
    cluster.live(HIGH_US - 1_000, |from, to| from.0 < 2 && to.0 < 2);
    assert_eq!(cluster.role(S1), RoleKind::Leader);
    cluster.live(2_000, |from, to| from.0 < 2 && to.0 < 2);
    assert_eq!(cluster.role(S1), RoleKind::Follower);
    assert_eq!(cluster.server(S1).current_term(), Term(1), "by itself, in its term");
    let reason = StepDown::NoMajority { heard: 2, needed: 3, within_us: HIGH_US };
    let stepped = Event::SteppedDown { from: RoleKind::Leader, reason };
    assert!(cluster.take_events(S1).contains(&stepped));
    assert_eq!(cluster.answers, [(RequestId(7), Outcome::Unknown)]);

    let mut enough = with(5, |config| config.check_quorum = true);
    enough.elect(S1);
    enough.live(3 * HIGH_US, |from, to| from.0 < 3 && to.0 < 3);
    assert_eq!(enough.role(S1), RoleKind::Leader, "three of five answer");
    let mut one = with(1, |config| config.check_quorum = true);
    one.elect(S1);
    one.advance(HIGH_US * 3);
    assert_eq!(one.role(S1), RoleKind::Leader);
}

/// One way is not enough: a leader that is heard but hears nothing steps down.
#[test]
fn a_deaf_leader_steps_down_and_is_replaced() {
    let mut cluster = Cluster::with(Config::full(3), vec![Durable::default(); 3]);
    cluster.elect(S1);
    cluster.live(2_000_000, |_, to| to != S1);
    assert_eq!(cluster.leaders().len(), 1);
    assert_ne!(cluster.leaders(), [S1]);
}

/// 4.2.3: "if a server receives a RequestVote request within the minimum election timeout of
/// hearing from a current leader, it does not update its term or grant its vote."
#[test]
fn no_vote_while_a_leader_lives() {
    let mut cluster = with(3, |config| config.leader_stickiness = true);
    cluster.elect(S1);
    let heard_us = cluster.now_us;
    cluster.now_us = heard_us + LOW_US - 1;
    let timer = cluster.server(S2).election_timer();
    assert_eq!(cluster.hand(S3, S2, request_vote(S3, 9, (9, 9))), [vote(1, false)]);
    assert_eq!(cluster.server(S2).current_term(), Term(1), "not even the term");
    assert_eq!(cluster.server(S2).election_timer(), timer, "refusing is no reason to wait longer");
    let reason = VoteDenial::LeaderAlive { leader: S1, ago_us: LOW_US - 1 };
    let denied = Event::VoteDenied { candidate: S3, term: Term(9), reason };
    assert_eq!(cluster.take_events(S2).last(), Some(&denied));
    assert_eq!(cluster.hand(S3, S1, request_vote(S3, 9, (9, 9))), [vote(1, false)]);
    assert_eq!(cluster.role(S1), RoleKind::Leader, "nor the leader, while a majority answers");
    cluster.now_us = heard_us + LOW_US;
    assert_eq!(cluster.hand(S3, S2, request_vote(S3, 9, (9, 9))), [vote(9, true)]);
    assert_eq!(cluster.hand(S3, S1, request_vote(S3, 9, (9, 9))), [vote(9, true)]);
}

/// What was heard is not forgotten because a later term was seen: a lease may rest on it.
#[test]
fn a_later_term_does_not_make_the_leader_forgotten() {
    let mut cluster = with(3, |config| config.leader_stickiness = true);
    cluster.elect(S1);
    cluster.hand(S3, S2, vote(5, false));
    assert_eq!(cluster.server(S2).current_term(), Term(5));
    assert_eq!(cluster.hand(S3, S2, request_vote(S3, 5, (9, 9))), [vote(5, false)]);
    cluster.now_us += LOW_US;
    assert_eq!(cluster.hand(S3, S2, request_vote(S3, 5, (9, 9))), [vote(5, true)]);
}

/// A leader keeps its crown when a single link is cut: whoever misses it cannot win, and does not
/// try again and again.
#[test]
fn one_cut_link_makes_no_leader_flap() {
    for servers in [3, 5] {
        let nodes = vec![Durable::default(); servers.into()];
        let mut cluster = Cluster::with(Config::full(servers), nodes);
        cluster.elect(S1);
        let cut = [(S1, S2), (S2, S1)];
        cluster.live(5_000_000, |from, to| !cut.contains(&(from, to)));
        assert_eq!((cluster.leaders(), cluster.server(S1).current_term()), (vec![S1], Term(1)));
    }
}

/// The leader loses its majority while one server sees everybody: that one takes over, although it
/// still heard the leader to the last.
#[test]
fn servers_that_each_see_only_a_part_elect_the_one_that_sees_enough() {
    let mut cluster = Cluster::with(Config::full(5), vec![Durable::default(); 5]);
    cluster.elect(S1);
    cluster.live(100_000, EVERYWHERE);
    cluster.live(3_000_000, |from, to| from == S3 || to == S3);
    assert_eq!(cluster.leaders(), [S3]);
    let term = cluster.server(S3).current_term();
    cluster.live(3_000_000, |from, to| from == S3 || to == S3);
    assert_eq!(
        (cluster.leaders(), cluster.server(S3).current_term()),
        (vec![S3], term),
        "for good"
    );
}

/// The same with a chain S1 – S2 – S3: S3 misses its leader S1, and S2 tells nobody to replace it.
#[test]
fn a_chain_keeps_its_leader() {
    let mut cluster = Cluster::with(Config::full(3), vec![Durable::default(); 3]);
    cluster.elect(S1);
    cluster.live(3_000_000, |from, to| from == S2 || to == S2);
    assert_eq!((cluster.leaders(), cluster.server(S1).current_term()), (vec![S1], Term(1)));
}

/// A server with a later term and nothing else gets the cluster to that term, not further.
#[test]
fn a_server_with_a_later_term_is_taken_back() {
    let mut disks = vec![Durable::default(); 3];
    disks[2] = disk(40, &[]);
    let mut cluster = Cluster::with(Config::full(3), disks);
    cluster.time_out(S1);
    cluster.deliver_among(&[S1, S2]);
    assert_eq!(cluster.role(S1), RoleKind::Leader);
    cluster.live(2_000_000, EVERYWHERE);
    assert_eq!(cluster.leaders().len(), 1);
    assert_eq!(cluster.server(S3).leader(), Some(cluster.leaders()[0]));
    assert_eq!(cluster.server(S3).current_term(), Term(41));
}
