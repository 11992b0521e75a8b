//! Terms, timers and votes.

use rift::raft::*;

use crate::raft_cluster::*;

const LOW_US: u64 = 150_000;
const HIGH_US: u64 = 300_000;

/// §5.1, Figure 2, all servers: "If RPC request or response contains term T > currentTerm: set
/// currentTerm = T, convert to follower."
#[test]
fn a_later_term_in_any_message_is_adopted_by_every_role() {
    let messages = [
        request_vote(S3, 9, (0, 0)),
        vote(9, true),
        append_entries(S3, 9, (0, 0), &[], 0),
        success(9, 0),
    ];
    for message in messages {
        for role in [RoleKind::Follower, RoleKind::Candidate, RoleKind::Leader] {
            let mut cluster = Cluster::of(3);
            match role {
                RoleKind::Follower | RoleKind::PreCandidate => {}
                RoleKind::Candidate => cluster.time_out(S1),
                RoleKind::Leader => cluster.elect(S1),
            }
            assert_eq!(cluster.role(S1), role);
            cluster.hand(S3, S1, message.clone());
            assert_eq!(cluster.server(S1).current_term(), Term(9));
            assert_eq!(cluster.role(S1), RoleKind::Follower);
            assert_eq!(cluster.disk(S1).current_term, Term(9), "persistent");
            let stepped_down = cluster.take_events(S1).into_iter().find_map(|event| match event {
                Event::SteppedDown { from, reason } => Some((from, reason)),
                _ => None,
            });
            let reason = StepDown::HigherTerm { term: Term(9), seen_from: S3 };
            let expected = (role != RoleKind::Follower).then_some((role, reason));
            assert_eq!(stepped_down, expected);
        }
    }
}

/// §5.1: "Each server stores a current term number, which increases monotonically over time."
#[test]
fn an_earlier_term_is_never_adopted() {
    let mut cluster = Cluster::with(figure_2(3), vec![disk(5, &[]); 3]);
    for message in [
        request_vote(S2, 4, (0, 0)),
        vote(4, true),
        append_entries(S2, 4, (0, 0), &[], 0),
        success(4, 0),
    ] {
        cluster.hand(S2, S1, message);
        assert_eq!(cluster.server(S1).current_term(), Term(5));
    }
}

/// §5.2, followers: "If election timeout elapses without receiving AppendEntries RPC from current
/// leader or granting vote to candidate: convert to candidate."
#[test]
fn a_follower_becomes_candidate_when_its_timeout_elapses_and_not_before() {
    let mut cluster = Cluster::of(3);
    let timer = cluster.server(S1).election_timer().expect("followers have one");
    cluster.now_us = timer.deadline_us - 1;
    cluster.input(S1, Input::Deadline);
    assert_eq!(cluster.role(S1), RoleKind::Follower, "an early deadline is harmless");
    assert_eq!(cluster.server(S1).election_timer(), Some(timer));
    cluster.now_us = timer.deadline_us;
    cluster.input(S1, Input::Deadline);
    assert_eq!(cluster.role(S1), RoleKind::Candidate);
    let events = cluster.take_events(S1);
    assert_eq!(events[0], Event::ElectionTimedOut { term: Term(0), forced: false });
    assert_eq!(events[1], Event::BecameCandidate { term: Term(1) });
}

/// §5.2: "election timeouts are chosen randomly from a fixed interval"; §9.3: every time anew.
#[test]
fn timeouts_are_random_within_the_interval() {
    let mut cluster = Cluster::of(3);
    let mut timeouts = Vec::new();
    for _ in 0..50 {
        let timer = cluster.server(S1).election_timer().expect("candidates have one");
        timeouts.push(timer.deadline_us - timer.started_us);
        cluster.time_out(S1);
    }
    assert!(timeouts.iter().all(|us| (LOW_US..=HIGH_US).contains(us)), "{timeouts:?}");
    timeouts.sort_unstable();
    timeouts.dedup();
    assert!(timeouts.len() > 40, "{timeouts:?}");
}

/// §5.2, Figure 2: the timer is reset by AppendEntries from the current leader, by granting a vote,
/// and by starting an election; by nothing else.
#[test]
fn the_election_timer_is_reset_by_what_the_paper_names_and_nothing_else() {
    let was_reset = |message: Message<Command>| {
        let mut cluster = Cluster::with(figure_2(3), vec![disk(5, &[1, 5]); 3]);
        cluster.now_us = 1_000;
        cluster.hand(S2, S1, message);
        let timer = cluster.server(S1).election_timer().expect("followers have one");
        timer.started_us == 1_000
    };
    assert!(was_reset(request_vote(S2, 6, (2, 5))), "a vote granted");
    assert!(was_reset(append_entries(S2, 5, (2, 5), &[], 0)), "the current leader");
    assert!(was_reset(append_entries(S2, 5, (9, 5), &[], 0)), "the current leader, refused");
    assert!(!was_reset(request_vote(S2, 6, (1, 1))), "a vote denied for the log");
    assert!(!was_reset(request_vote(S2, 4, (2, 5))), "a vote denied for the term");
    assert!(!was_reset(append_entries(S2, 4, (2, 5), &[], 0)), "a leader of the past");
    assert!(!was_reset(vote(6, false)), "a later term by itself");
}

/// §5.2, candidates: "Increment currentTerm, vote for self, reset election timer, send RequestVote
/// RPCs to all other servers."
#[test]
fn a_candidate_starts_its_election_as_figure_2_says() {
    let mut cluster = Cluster::with(figure_2(3), vec![disk(4, &[1, 3]); 3]);
    cluster.now_us = 1_000;
    cluster.time_out(S1);
    let server = cluster.server(S1);
    assert_eq!(server.current_term(), Term(5));
    assert_eq!(server.voted_for(), Some(S1));
    assert_eq!(server.election_timer().expect("candidates have one").started_us, 1_000);
    assert_eq!(*server.role(), Role::Candidate { votes: [S1].into() });
    let asked = |to| Flight { from: S1, to, message: request_vote(S1, 5, (2, 3)) };
    assert_eq!(cluster.take_messages(), [asked(S2), asked(S3)]);
}

/// §5.2: "A candidate wins an election if it receives votes from a majority of the servers in the
/// full cluster for the same term." A voter counts once, however often its answer comes.
#[test]
fn a_candidate_wins_with_a_majority_of_different_voters() {
    let mut cluster = Cluster::of(5);
    cluster.time_out(S1);
    cluster.hand(S2, S1, vote(1, true));
    cluster.hand(S2, S1, vote(1, true));
    cluster.hand(S3, S1, vote(1, false));
    assert_eq!(cluster.role(S1), RoleKind::Candidate);
    cluster.hand(S4, S1, vote(1, true));
    assert_eq!(cluster.role(S1), RoleKind::Leader);
    assert_eq!(cluster.server(S1).election_timer(), None);
    let events = cluster.take_events(S1);
    assert!(events.contains(&Event::BecameLeader { term: Term(1), votes: 3 }), "{events:?}");
}

/// §5.2: votes count "for the same term": one from an earlier election is worth nothing.
#[test]
fn a_vote_from_an_earlier_election_does_not_count() {
    let mut cluster = Cluster::of(3);
    cluster.time_out(S1);
    cluster.time_out(S1);
    cluster.take_events(S1);
    cluster.hand(S2, S1, vote(1, true));
    assert_eq!(cluster.role(S1), RoleKind::Candidate);
    let reason = IgnoreReason::StaleReply { theirs: Term(1), mine: Term(2) };
    let kind = MessageKind::RequestVoteReply;
    assert_eq!(cluster.take_events(S1), [Event::MessageIgnored { from: S2, kind, reason }]);
}

/// §5.2, candidates: "If AppendEntries RPC received from new leader: convert to follower."
#[test]
fn a_candidate_follows_the_leader_of_its_term() {
    let mut cluster = Cluster::of(3);
    cluster.time_out(S1);
    cluster.take_events(S1);
    cluster.hand(S2, S1, append_entries(S2, 1, (0, 0), &[], 0));
    assert_eq!(*cluster.server(S1).role(), Role::Follower { leader: Some(S2) });
    assert_eq!(cluster.server(S1).voted_for(), Some(S1), "its vote stays given");
    let reason = StepDown::LostTo { leader: S2 };
    let expected = [
        Event::SteppedDown { from: RoleKind::Candidate, reason },
        Event::LeaderFound { leader: S2, term: Term(1) },
    ];
    assert_eq!(cluster.take_events(S1), expected);
}

/// §5.2: "If the term in the RPC is smaller than the candidate's current term, then the candidate
/// rejects the RPC and continues in candidate state."
#[test]
fn a_candidate_does_not_follow_a_leader_of_the_past() {
    let mut cluster = Cluster::with(figure_2(3), vec![disk(4, &[]); 3]);
    cluster.time_out(S1);
    let answers = cluster.hand(S2, S1, append_entries(S2, 4, (0, 0), &[], 0));
    assert_eq!(answers, [failure(5, 0)]);
    assert_eq!(cluster.role(S1), RoleKind::Candidate);
}

/// §5.2, candidates: "If election timeout elapses: start new election"; so a split vote ends.
#[test]
fn a_split_vote_is_resolved_by_the_next_timeout() {
    let mut cluster = Cluster::of(4);
    cluster.time_out(S1);
    cluster.time_out(S2);
    cluster.deliver(S1, S3);
    cluster.deliver(S2, S4);
    cluster.deliver_all();
    assert!(cluster.ids().iter().all(|id| cluster.role(*id) != RoleKind::Leader));
    cluster.now_us = cluster.server(S2).deadline_us().expect("a candidate waits");
    cluster.input(S2, Input::Deadline);
    cluster.deliver_all();
    assert_eq!(cluster.role(S2), RoleKind::Leader);
    assert_eq!(cluster.server(S2).current_term(), Term(2));
    assert_eq!(cluster.role(S1), RoleKind::Follower);
}

/// RequestVote 1: "Reply false if term < currentTerm (§5.1)."
#[test]
fn request_vote_of_an_earlier_term_is_denied() {
    let mut cluster = Cluster::with(figure_2(3), vec![disk(5, &[]); 3]);
    assert_eq!(cluster.hand(S2, S1, request_vote(S2, 4, (9, 4))), [vote(5, false)]);
    assert_eq!(cluster.server(S1).voted_for(), None);
    let reason = VoteDenial::StaleTerm { theirs: Term(4), mine: Term(5) };
    let denied = Event::VoteDenied { candidate: S2, term: Term(4), reason };
    assert_eq!(cluster.take_events(S1), [denied]);
}

/// RequestVote 2: "If votedFor is null or candidateId, ... grant vote"; §5.2: "at most one
/// candidate in a given term, on a first-come-first-served basis".
#[test]
fn a_server_has_one_vote_a_term_and_repeats_it_when_asked_again() {
    let mut cluster = Cluster::of(3);
    assert_eq!(cluster.hand(S2, S1, request_vote(S2, 1, (0, 0))), [vote(1, true)]);
    assert_eq!(cluster.hand(S3, S1, request_vote(S3, 1, (7, 1))), [vote(1, false)]);
    assert_eq!(cluster.hand(S2, S1, request_vote(S2, 1, (0, 0))), [vote(1, true)]);
    assert_eq!(cluster.hand(S3, S1, request_vote(S3, 2, (0, 0))), [vote(2, true)], "a new term");
    let events = cluster.take_events(S1);
    let granted = |again| Event::VoteGranted { candidate: S2, term: Term(1), again };
    let reason = VoteDenial::AlreadyVoted { voted_for: S2 };
    assert!(events.contains(&granted(false)) && events.contains(&granted(true)), "{events:?}");
    assert!(events.contains(&Event::VoteDenied { candidate: S3, term: Term(1), reason }));
}

/// RequestVote 2 and §5.4.1: "the voter denies its vote if its own log is more up-to-date than
/// that of the candidate": the later last term wins, then the longer log.
#[test]
fn a_vote_needs_a_log_at_least_as_up_to_date() {
    for (last, granted) in [
        ((3, 2), true),
        ((4, 2), true),
        ((1, 3), true),
        ((2, 2), false),
        ((9, 1), false),
        ((0, 0), false),
    ] {
        let mut cluster = Cluster::with(figure_2(3), vec![disk(3, &[1, 1, 2]); 3]);
        assert_eq!(cluster.hand(S2, S1, request_vote(S2, 4, last)), [vote(4, granted)]);
        assert_eq!(cluster.server(S1).voted_for(), granted.then_some(S2));
        if !granted {
            let end = |(index, term)| LogEnd {
                last_log_index: LogIndex(index),
                last_log_term: Term(term),
            };
            let reason = VoteDenial::LogOutOfDate { theirs: end(last), mine: end((3, 2)) };
            let denied = Event::VoteDenied { candidate: S2, term: Term(4), reason };
            assert_eq!(cluster.take_events(S1).last(), Some(&denied));
        }
    }
}

/// §5.2: leaders and candidates have voted for themselves, so a rival of their term gets nothing.
#[test]
fn a_leader_stays_leader_when_a_rival_of_its_term_asks() {
    let mut cluster = Cluster::of(3);
    cluster.elect(S1);
    assert_eq!(cluster.hand(S2, S1, request_vote(S2, 1, (9, 1))), [vote(1, false)]);
    assert_eq!(cluster.role(S1), RoleKind::Leader);
}

/// A leader has no election timer to run out.
#[test]
fn a_leader_ignores_being_told_to_time_out() {
    let mut cluster = Cluster::of(3);
    cluster.elect(S1);
    cluster.take_events(S1);
    cluster.time_out(S1);
    assert_eq!(cluster.role(S1), RoleKind::Leader);
    let expected = Event::TimeOutIgnored { reason: TimeOutRefusal::IsLeader };
    assert_eq!(cluster.take_events(S1), [expected]);
}

/// §5.2: a deposed leader needs a timer again, or nobody would replace its successor.
#[test]
fn a_leader_that_steps_down_starts_an_election_timer() {
    let mut cluster = Cluster::of(3);
    cluster.elect(S1);
    cluster.now_us = 70_000;
    cluster.hand(S2, S1, vote(9, false));
    assert_eq!(cluster.role(S1), RoleKind::Follower);
    assert_eq!(cluster.server(S1).election_timer().expect("a follower's").started_us, 70_000);
}

/// §5.2: left alone, a cluster elects a leader, and its heartbeats keep it.
#[test]
fn a_leader_emerges_by_itself_and_stays() {
    let mut cluster = Cluster::of(5);
    for _ in 0..200 {
        cluster.advance(10_000);
        cluster.deliver_all();
    }
    let leaders: Vec<ServerId> =
        cluster.ids().into_iter().filter(|id| cluster.role(*id) == RoleKind::Leader).collect();
    assert_eq!(leaders.len(), 1);
    assert!(cluster.ids().iter().all(|id| cluster.server(*id).leader() == Some(leaders[0])));
    assert_eq!(cluster.server(S1).current_term(), Term(1), "nobody disturbed it");
}
