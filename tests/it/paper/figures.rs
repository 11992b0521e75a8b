//! The paper's figures 7 and 8, move by move.

use rift::raft::*;

use crate::raft_cluster::*;

const HEARTBEAT_US: u64 = 50_000;

/// Figure 7: "When the leader at the top comes to power, it is possible that any of scenarios (a–f)
/// could occur in follower logs." S1 is the leader, S2 to S7 are a to f.
fn figure_7() -> Cluster {
    let disks = vec![
        disk(7, &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6]),
        disk(7, &[1, 1, 1, 4, 4, 5, 5, 6, 6]),
        disk(7, &[1, 1, 1, 4]),
        disk(7, &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6]),
        disk(7, &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7]),
        disk(7, &[1, 1, 1, 4, 4, 4, 4]),
        disk(7, &[1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3]),
    ];
    Cluster::with(figure_2(7), disks)
}

/// §5.3: "the leader must find the latest log entry where the two logs agree, delete any entries in
/// the follower's log after that point, and send the follower all of the leader's entries after
/// that point."
#[test]
fn figure_7_all_six_followers_converge() {
    let mut cluster = figure_7();
    cluster.elect(S1);
    assert_eq!(cluster.server(S1).current_term(), Term(8));
    cluster.advance(HEARTBEAT_US);
    cluster.deliver_all();
    let leader_terms = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6];
    for id in cluster.ids() {
        assert_eq!(cluster.terms(id)[..10], leader_terms, "{id}");
    }
    // Without a conflict nothing is deleted: (c) and (d) keep what they have beyond the leader.
    assert_eq!(cluster.terms(ServerId(3)).len(), 11);
    assert_eq!(cluster.terms(ServerId(4)).len(), 12);
    assert_eq!(cluster.commit_index(S1), 0, "nothing of term 8 yet");

    cluster.propose(S1, 88);
    cluster.deliver_all();
    cluster.advance(HEARTBEAT_US);
    cluster.deliver_all();
    assert_eq!(cluster.terms(S1)[10..], [8]);
    cluster.assert_converged();
}

/// The same with the no-op of §8, which needs no client for it.
#[test]
fn figure_7_converges_by_itself_with_a_no_op() {
    let disks = figure_7().ids().iter().map(|id| figure_7().disk(*id).clone()).collect();
    let mut cluster = Cluster::with(Config::of(7), disks);
    cluster.elect(S1);
    cluster.advance(HEARTBEAT_US);
    cluster.deliver_all();
    cluster.assert_converged();
}

/// The same with everything that this implementation has beyond Figure 2.
#[test]
fn figure_7_converges_with_every_part_switched_on() {
    let disks = figure_7().ids().iter().map(|id| figure_7().disk(*id).clone()).collect();
    let mut cluster = Cluster::with(Config::full(7), disks);
    cluster.elect(S1);
    cluster.advance(HEARTBEAT_US);
    cluster.deliver_all();
    cluster.assert_converged();
    assert_eq!(cluster.leaders(), [S1]);
}

/// §5.4.1: of Figure 7's followers, (c) and (d) are more up to date than the leader and do not vote
/// for it; a, b, e and f do.
#[test]
fn figure_7_the_leader_is_elected_without_c_and_d() {
    let mut cluster = figure_7();
    cluster.elect(S1);
    let voters: Vec<ServerId> = cluster
        .ids()
        .into_iter()
        .filter(|id| cluster.server(*id).voted_for() == Some(S1))
        .collect();
    assert_eq!(voters, [0, 1, 2, 5, 6].map(ServerId));
}

/// Figure 8 (a) to (c): S1 leads term 2 and replicates its entry to S2 only; S5 leads term 3 and
/// has another at the same index; S1 leads term 4 and brings its entry of term 2 to a majority,
/// with a new one of term 4 on itself alone.
fn figure_8_c() -> Cluster {
    let config = Config { max_entries_per_append: 1, ..figure_2(5) };
    let mut cluster = Cluster::with(config, vec![disk(1, &[1]); 5]);
    // (a)
    cluster.elect(S1);
    assert_eq!(cluster.server(S1).current_term(), Term(2));
    cluster.propose(S1, 2);
    cluster.deliver(S1, S2);
    cluster.in_flight.clear();
    // (b)
    cluster.crash(S1);
    cluster.time_out(S5);
    cluster.deliver_among(&[S3, S4, S5]);
    assert_eq!(cluster.role(S5), RoleKind::Leader);
    assert_eq!(cluster.server(S5).current_term(), Term(3));
    cluster.propose(S5, 3);
    cluster.in_flight.clear();
    // (c)
    cluster.crash(S5);
    cluster.restart(S1);
    cluster.time_out(S1);
    cluster.deliver_among(&[S1, S2, S3]);
    assert_eq!(cluster.server(S1).current_term(), Term(3), "S3 has told it");
    cluster.time_out(S1);
    for (from, to) in [(S1, S2), (S1, S3), (S2, S1), (S3, S1)] {
        cluster.deliver(from, to);
    }
    assert_eq!(cluster.role(S1), RoleKind::Leader);
    assert_eq!(cluster.server(S1).current_term(), Term(4));
    // S3 refuses what comes after index 2, then takes index 2 alone. S2 has it already.
    cluster.deliver(S1, S2);
    cluster.deliver(S2, S1);
    cluster.propose(S1, 4);
    cluster.take_sent(S1, S2);
    for _ in 0..2 {
        cluster.deliver(S1, S3);
        cluster.deliver(S3, S1);
    }
    cluster.take_sent(S1, S3);
    cluster
}

/// Figure 8 (c): "At this point, the log entry from term 2 has been replicated on a majority of the
/// servers, but it is not committed."
#[test]
fn figure_8_c_an_old_entry_on_a_majority_is_not_committed() {
    let mut cluster = figure_8_c();
    assert_eq!(cluster.terms(S1), [1, 2, 4]);
    assert_eq!(cluster.terms(S2), [1, 2]);
    assert_eq!(cluster.terms(S3), [1, 2]);
    assert_eq!(cluster.terms(S4), [1]);
    assert_eq!(cluster.disk(S5).log.last_term(), Term(3));
    assert_eq!(cluster.server(S1).match_index(S2), Some(LogIndex(2)));
    assert_eq!(cluster.server(S1).match_index(S3), Some(LogIndex(2)));
    assert_eq!(cluster.commit_index(S1), 0);
    let reason = NotCommitted::OldTerm { entry_term: Term(2), current_term: Term(4) };
    let event = Event::NotCommittedYet { index: LogIndex(2), reason };
    assert!(cluster.take_events(S1).contains(&event));
}

/// Figure 8 (d): "If S1 crashes as in (d), S5 could be elected leader (with votes from S2, S3, and
/// S4) and overwrite the entry with its own entry from term 3."
#[test]
fn figure_8_d_the_old_entry_can_still_be_overwritten() {
    let mut cluster = figure_8_c();
    cluster.crash(S1);
    cluster.in_flight.clear();
    cluster.restart(S5);
    cluster.time_out(S5);
    cluster.deliver_among(&[S2, S3, S4, S5]);
    cluster.time_out(S5);
    cluster.deliver_among(&[S2, S3, S4, S5]);
    assert_eq!(cluster.role(S5), RoleKind::Leader);
    for id in [S2, S3, S4] {
        assert_eq!(cluster.terms(id), [1, 3], "{id}");
        assert!(cluster.applied(id).is_empty(), "nothing was applied in vain");
    }
}

/// Figure 8 (e): "if S1 replicates an entry from its current term on a majority of the servers
/// before crashing, as in (e), then this entry is committed (S5 cannot win an election). At this
/// point all preceding entries in the log are committed as well."
#[test]
fn figure_8_e_an_entry_of_the_current_term_commits_both() {
    let mut cluster = figure_8_c();
    cluster.advance(HEARTBEAT_US);
    for (from, to) in [(S1, S2), (S2, S1)] {
        cluster.deliver(from, to);
    }
    assert_eq!(cluster.commit_index(S1), 0, "term 4 on S1 and S2 only");
    for (from, to) in [(S1, S3), (S3, S1)] {
        cluster.deliver(from, to);
    }
    assert_eq!(cluster.terms(S3), [1, 2, 4]);
    assert_eq!(cluster.commit_index(S1), 3);
    assert_eq!(cluster.applied(S1), [1, 2, 4]);
    let by = CommitRule::Counted { copies: 3, needed: 3 };
    let committed = Event::Committed { through: LogIndex(3), by };
    assert!(cluster.take_events(S1).contains(&committed));

    cluster.crash(S1);
    cluster.in_flight.clear();
    cluster.restart(S5);
    for _ in 0..3 {
        cluster.time_out(S5);
        cluster.deliver_among(&[S2, S3, S4, S5]);
        assert_eq!(cluster.role(S5), RoleKind::Candidate, "S2 and S3 know better");
    }
}
