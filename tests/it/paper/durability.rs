//! "Persistent state ... updated on stable storage before responding to RPCs" (Figure 2).

use rift::raft::*;

use crate::raft_cluster::*;

/// A vote that the disk does not know could be given twice.
#[test]
fn no_vote_leaves_before_it_is_durable() {
    let mut cluster = Cluster::of(3);
    cluster.slow_disk(S1);
    assert_eq!(cluster.hand(S2, S1, request_vote(S2, 1, (0, 0))), []);
    assert_eq!(cluster.server(S1).voted_for(), Some(S2), "decided, not yet told");
    assert_eq!(cluster.server(S1).held_messages().count(), 1);
    cluster.sync(S1);
    assert_eq!(cluster.disk(S1).voted_for, Some(S2));
    assert_eq!(cluster.take_sent(S1, S2), [vote(1, true)]);
    assert_eq!(cluster.server(S1).held_messages().count(), 0);
}

/// Two RequestVotes and a crash between them: without a durable vote both candidates would get it.
#[test]
fn a_crash_before_the_sync_takes_the_vote_and_the_answer_with_it() {
    let mut cluster = Cluster::of(3);
    cluster.slow_disk(S1);
    cluster.hand(S2, S1, request_vote(S2, 1, (0, 0)));
    cluster.crash(S1);
    cluster.restart(S1);
    assert_eq!(cluster.server(S1).voted_for(), None);
    cluster.hand(S3, S1, request_vote(S3, 1, (0, 0)));
    cluster.sync(S1);
    assert_eq!(cluster.take_sent(S1, S3), [vote(1, true)]);
    assert_eq!(cluster.take_sent(S1, S2), [], "S2 was never told anything");
}

/// Figure 2: votedFor is persistent.
#[test]
fn a_restarted_server_remembers_its_vote_and_its_term() {
    let mut cluster = Cluster::of(3);
    assert_eq!(cluster.hand(S2, S1, request_vote(S2, 3, (0, 0))), [vote(3, true)]);
    cluster.crash(S1);
    cluster.restart(S1);
    assert_eq!(cluster.server(S1).current_term(), Term(3));
    assert_eq!(cluster.hand(S3, S1, request_vote(S3, 3, (0, 0))), [vote(3, false)]);
    assert_eq!(cluster.hand(S2, S1, request_vote(S2, 3, (0, 0))), [vote(3, true)]);
}

/// Figure 2: log[] is persistent; commitIndex and lastApplied are not, and grow again.
#[test]
fn a_restarted_server_has_its_log_and_applies_it_anew() {
    let mut cluster = Cluster::of(3);
    cluster.elect(S1);
    cluster.propose(S1, 7);
    cluster.deliver_all();
    cluster.advance(50_000);
    cluster.deliver_all();
    cluster.crash(S2);
    cluster.restart(S2);
    assert_eq!(cluster.terms(S2), [1]);
    assert_eq!((cluster.commit_index(S2), cluster.applied(S2)), (0, vec![]));
    cluster.advance(50_000);
    cluster.deliver_all();
    assert_eq!(cluster.applied(S2), [7]);
}

/// A candidate's own vote is a vote: neither asked for nor counted before it is durable.
#[test]
fn a_candidate_asks_and_counts_itself_once_its_own_vote_is_durable() {
    let mut cluster = Cluster::of(3);
    cluster.slow_disk(S1);
    cluster.time_out(S1);
    assert_eq!(cluster.take_messages(), []);
    assert_eq!(*cluster.server(S1).role(), Role::Candidate { votes: [].into() });
    cluster.sync(S1);
    assert_eq!(cluster.take_messages().len(), 2);
    assert_eq!(*cluster.server(S1).role(), Role::Candidate { votes: [S1].into() });
    cluster.time_out(S1);
    cluster.time_out(S1);
    cluster.sync_first(S1, 1);
    assert_eq!(*cluster.server(S1).role(), Role::Candidate { votes: [].into() }, "an older vote");
    cluster.sync(S1);
    assert_eq!(*cluster.server(S1).role(), Role::Candidate { votes: [S1].into() });
}

/// A denial tells a term, and a term that was told must not be forgotten.
#[test]
fn a_refusal_in_a_new_term_waits_until_the_term_is_durable() {
    let mut cluster = Cluster::with(figure_2(3), vec![disk(1, &[1]); 3]);
    cluster.slow_disk(S1);
    assert_eq!(cluster.hand(S2, S1, request_vote(S2, 5, (0, 0))), []);
    assert_eq!(cluster.hand(S2, S1, append_entries(S2, 5, (9, 5), &[], 0)), []);
    cluster.sync(S1);
    assert_eq!(cluster.take_sent(S1, S2), [vote(5, false), failure(5, 9)]);
}

/// A follower vouches only for what a crash cannot take, not even in answer to a heartbeat.
#[test]
fn a_success_leaves_once_its_entries_are_durable() {
    let mut cluster = Cluster::of(3);
    cluster.hand(S2, S1, append_entries(S2, 1, (0, 0), &[], 0));
    cluster.slow_disk(S1);
    assert_eq!(cluster.hand(S2, S1, append_entries(S2, 1, (0, 0), &[1], 0)), []);
    assert_eq!(cluster.server(S1).durable_index(), LogIndex(0));
    assert_eq!(cluster.hand(S2, S1, append_entries(S2, 1, (1, 1), &[], 0)), [], "a heartbeat");
    assert_eq!(cluster.hand(S2, S1, append_entries(S2, 1, (1, 1), &[1], 0)), []);
    cluster.sync_first(S1, 1);
    assert_eq!(cluster.server(S1).durable_index(), LogIndex(1));
    assert_eq!(cluster.take_sent(S1, S2), [success(1, 1), success(1, 1)]);
    cluster.sync(S1);
    assert_eq!(cluster.take_sent(S1, S2), [success(1, 2)]);
}

/// Thesis §10.2.1: the leader's own write and its AppendEntries go in parallel; "the leader may
/// even commit an entry before it has been written to its own disk, if a majority of followers have
/// written it to their disks".
#[test]
fn a_leader_sends_before_it_has_synced_but_counts_itself_only_after() {
    let mut cluster = Cluster::of(3);
    cluster.elect(S1);
    cluster.slow_disk(S1);
    cluster.propose(S1, 7);
    assert_eq!(cluster.in_flight.len(), 2, "on their way already");
    cluster.deliver(S1, S2);
    cluster.deliver(S2, S1);
    assert_eq!(cluster.commit_index(S1), 0, "one copy on disk: S2's");
    cluster.sync(S1);
    assert_eq!(cluster.commit_index(S1), 1, "two copies: S1's and S2's");

    let mut by_others = Cluster::of(3);
    by_others.elect(S1);
    by_others.slow_disk(S1);
    by_others.propose(S1, 7);
    by_others.deliver_all();
    assert_eq!(by_others.commit_index(S1), 1, "two copies: S2's and S3's");
    assert_eq!(by_others.server(S1).durable_index(), LogIndex(0));
}

/// The same with a cluster of one, where the leader's own disk is the majority.
#[test]
fn a_cluster_of_one_leads_and_commits_once_its_disk_has_it() {
    let mut cluster = Cluster::of(1);
    cluster.slow_disk(S1);
    cluster.time_out(S1);
    assert_eq!(cluster.role(S1), RoleKind::Candidate);
    cluster.sync(S1);
    assert_eq!(cluster.role(S1), RoleKind::Leader);
    assert_eq!(cluster.server(S1).deadline_us(), None, "nobody to send heartbeats to");
    cluster.propose(S1, 7);
    assert_eq!(cluster.commit_index(S1), 0);
    cluster.sync(S1);
    assert_eq!(cluster.applied(S1), [7]);
    let outcome = Outcome::Committed { index: LogIndex(1), term: Term(1) };
    assert_eq!(cluster.answers, [(RequestId(7), outcome)]);
}

/// A held vote may leave after its term has passed: it was given, it is durable, and its term says
/// how old it is. What the later term brought waits for its own write.
#[test]
fn a_held_vote_stays_true_when_a_later_term_has_come() {
    let mut cluster = Cluster::of(3);
    cluster.slow_disk(S1);
    cluster.hand(S2, S1, request_vote(S2, 3, (0, 0)));
    cluster.hand(S3, S1, request_vote(S3, 4, (0, 0)));
    cluster.sync_first(S1, 1);
    assert_eq!(cluster.disk(S1).voted_for, Some(S2));
    assert_eq!(cluster.take_sent(S1, S2), [vote(3, true)]);
    assert_eq!(cluster.take_sent(S1, S3), []);
    cluster.sync(S1);
    assert_eq!(cluster.take_sent(S1, S3), [vote(4, true)]);
}

/// A candidate that gave up before its disk was done asks nevertheless; nobody's votes make it a
/// leader of a term in which it follows.
#[test]
fn a_candidacy_given_up_before_its_sync_wins_nothing() {
    let mut cluster = Cluster::of(3);
    cluster.slow_disk(S1);
    cluster.time_out(S1);
    cluster.hand(S2, S1, append_entries(S2, 1, (0, 0), &[], 0));
    cluster.sync(S1);
    cluster.hand(S2, S1, vote(1, true));
    cluster.hand(S3, S1, vote(1, true));
    assert_eq!(*cluster.server(S1).role(), Role::Follower { leader: Some(S2) });
}

/// Entries that were replaced before they were durable are vouched for by nobody.
#[test]
fn a_late_sync_of_replaced_entries_does_not_count() {
    let mut cluster = Cluster::of(3);
    cluster.slow_disk(S1);
    cluster.hand(S2, S1, append_entries(S2, 1, (0, 0), &[1, 1], 0));
    cluster.hand(S3, S1, append_entries(S3, 2, (0, 0), &[2, 2], 0));
    cluster.sync_first(S1, 1);
    assert_eq!(cluster.server(S1).durable_index(), LogIndex(0));
    assert_eq!(cluster.take_sent(S1, S3), []);
    cluster.sync(S1);
    assert_eq!(cluster.server(S1).durable_index(), LogIndex(2));
    assert_eq!(cluster.take_sent(S1, S3), [success(2, 2)]);
}
