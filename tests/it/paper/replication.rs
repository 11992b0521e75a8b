//! AppendEntries, both ends, and commitment.

use rift::raft::*;

use crate::raft_cluster::*;

const HEARTBEAT_US: u64 = 50_000;

/// §5.2, leaders: "Upon election: send initial empty AppendEntries RPCs (heartbeat) to each server;
/// repeat during idle periods to prevent election timeouts."
#[test]
fn a_new_leader_sends_heartbeats_at_once_and_when_idle() {
    let mut cluster = Cluster::of(3);
    let heartbeat = |to| Flight { from: S1, to, message: append_entries(S1, 1, (0, 0), &[], 0) };
    cluster.time_out(S1);
    cluster.in_flight.clear();
    cluster.input(S1, Input::Message { from: S2, message: vote(1, true) });
    assert_eq!(cluster.take_messages(), [heartbeat(S2), heartbeat(S3)]);
    cluster.advance(HEARTBEAT_US - 1);
    assert_eq!(cluster.take_messages(), []);
    cluster.advance(1);
    assert_eq!(cluster.take_messages(), [heartbeat(S2), heartbeat(S3)]);
}

/// A heartbeat that finds all in order, and its answer, tell nothing.
#[test]
fn idle_heartbeats_make_no_events() {
    let mut cluster = Cluster::of(3);
    cluster.elect(S1);
    cluster.propose(S1, 1);
    cluster.deliver_all();
    cluster.advance(HEARTBEAT_US);
    cluster.deliver_all();
    cluster.ids().into_iter().for_each(|id| drop(cluster.take_events(id)));
    cluster.advance(HEARTBEAT_US);
    cluster.deliver_all();
    assert!(cluster.ids().into_iter().all(|id| cluster.take_events(id).is_empty()));
}

/// §5.3: "When a leader first comes to power, it initializes all nextIndex values to the index just
/// after the last one in its log"; Figure 2: matchIndex to 0.
#[test]
fn a_new_leader_guesses_next_index_and_knows_no_match_index() {
    let mut cluster = Cluster::with(figure_2(3), vec![disk(1, &[1, 1, 1]); 3]);
    cluster.time_out(S1);
    cluster.hand(S2, S1, vote(2, true));
    assert_eq!(cluster.server(S1).next_index(S3), Some(LogIndex(4)));
    assert_eq!(cluster.server(S1).match_index(S3), Some(LogIndex(0)));
    assert_eq!(cluster.server(S2).next_index(S3), None, "only leaders have one");
}

/// §8: "Raft handles this by having each leader commit a blank no-op entry into the log at the
/// start of its term."
#[test]
fn a_no_op_commits_what_earlier_terms_left() {
    let config = Config::of(3);
    let mut cluster = Cluster::with(config, vec![disk(1, &[1, 1]); 3]);
    cluster.elect(S1);
    assert_eq!(cluster.terms(S1), [1, 1, 2]);
    assert_eq!(cluster.commit_index(S1), 3);
    assert_eq!(cluster.server(S1).log().entry(LogIndex(3)).expect("it").payload, Payload::Noop);
}

/// §5.3, leaders: "If command received from client: append entry to local log, respond after entry
/// applied to state machine."
#[test]
fn a_client_is_answered_once_its_command_is_applied() {
    let mut cluster = Cluster::of(3);
    cluster.elect(S1);
    cluster.propose(S1, 7);
    assert_eq!(cluster.terms(S1), [1]);
    assert_eq!(cluster.answers, []);
    assert!(cluster.applied(S1).is_empty());
    cluster.deliver(S1, S2);
    cluster.deliver(S2, S1);
    assert_eq!(cluster.applied(S1), [7]);
    let outcome = Outcome::Committed { index: LogIndex(1), term: Term(1) };
    assert_eq!(cluster.answers, [(RequestId(7), outcome)]);
    cluster.deliver(S1, S3);
    cluster.deliver(S3, S1);
    assert_eq!(cluster.answers.len(), 1, "one answer a proposal");
}

/// §8: "If the client's first choice is not the leader, that server will reject the client's
/// request and supply information about the most recent leader it has heard from."
#[test]
fn followers_and_candidates_refuse_proposals_and_name_the_leader() {
    let mut cluster = Cluster::of(3);
    cluster.elect(S1);
    cluster.propose(S2, 5);
    cluster.time_out(S3);
    cluster.propose(S3, 6);
    let expected = [
        (RequestId(5), Outcome::NotLeader { leader: Some(S1) }),
        (RequestId(6), Outcome::NotLeader { leader: None }),
    ];
    assert_eq!(cluster.answers, expected);
    let reason = ProposalRefusal::NotLeader { leader: Some(S1) };
    let refused = Event::ProposalRefused { request: RequestId(5), reason };
    assert_eq!(cluster.take_events(S2).last(), Some(&refused));
}

/// §8: a deposed leader cannot know what will become of what it has not committed.
#[test]
fn a_deposed_leader_answers_unknown() {
    let mut cluster = Cluster::of(3);
    cluster.elect(S1);
    cluster.propose(S1, 7);
    cluster.hand(S3, S1, request_vote(S3, 2, (0, 0)));
    assert_eq!(cluster.answers, [(RequestId(7), Outcome::Unknown)]);
    assert!(cluster.server(S1).pending_requests().is_empty());
}

/// §5.3, leaders: "If last log index ≥ nextIndex for a follower: send AppendEntries RPC with log
/// entries starting at nextIndex"; "If successful: update nextIndex and matchIndex for follower."
#[test]
fn entries_are_sent_from_next_index_and_success_moves_it() {
    let mut cluster = Cluster::of(3);
    cluster.elect(S1);
    cluster.propose(S1, 1);
    cluster.propose(S1, 1);
    let sent = cluster.take_sent(S1, S2);
    assert_eq!(sent, [append_entries(S1, 1, (0, 0), &[1], 0)], "the second waits for the first");
    cluster.hand(S2, S1, success(1, 1));
    assert_eq!(cluster.server(S1).match_index(S2), Some(LogIndex(1)));
    assert_eq!(cluster.server(S1).next_index(S2), Some(LogIndex(2)));
    cluster.propose(S1, 1);
    let sent = InFlight { through: LogIndex(2), bytes: 17 };
    assert_eq!(cluster.server(S1).progress(S2).expect("it leads").in_flight, [sent]);
}

/// While entries are on their way, neither a new proposal nor a late answer sends them again.
#[test]
fn a_late_answer_does_not_send_again_what_is_on_its_way() {
    let mut cluster = Cluster::of(3);
    cluster.elect(S1);
    cluster.propose(S1, 1);
    assert_eq!(cluster.hand(S2, S1, success(1, 0)), [], "the answer to the first heartbeat");
    cluster.propose(S1, 1);
    assert_eq!(cluster.take_sent(S1, S2).len(), 1);
    let rest = append_entries(S1, 1, (1, 1), &[1], 1);
    assert_eq!(cluster.hand(S2, S1, success(1, 1)), [rest]);
}

/// §5.3: "the leader retries AppendEntries RPCs indefinitely (even after it has responded to the
/// client) until all followers eventually store all log entries."
#[test]
fn entries_without_an_answer_are_sent_again_after_the_heartbeat_interval() {
    let mut cluster = Cluster::of(3);
    cluster.elect(S1);
    cluster.propose(S1, 1);
    cluster.in_flight.clear();
    for _ in 0..3 {
        cluster.advance(HEARTBEAT_US);
        assert_eq!(cluster.take_sent(S1, S2), [append_entries(S1, 1, (0, 0), &[1], 0)]);
        cluster.in_flight.clear();
    }
    cluster.advance(HEARTBEAT_US);
    cluster.deliver_all();
    cluster.advance(HEARTBEAT_US);
    cluster.deliver_all();
    cluster.assert_converged();
}

/// A batch carries at most as many entries as the settings allow; the rest follows its answer.
#[test]
fn long_logs_travel_in_batches() {
    let config = Config { max_entries_per_append: 2, ..figure_2(3) };
    let disks = vec![disk(1, &[1, 1, 1, 1, 1]), disk(1, &[]), disk(1, &[])];
    let mut cluster = Cluster::with(config, disks);
    cluster.elect(S1);
    cluster.propose(S1, 9);
    cluster.deliver_all();
    cluster.advance(HEARTBEAT_US);
    cluster.deliver_all();
    cluster.assert_converged();
}

/// §5.3, leaders: "If AppendEntries fails because of log inconsistency: decrement nextIndex and
/// retry." A refusal that is late or repeated is not a second failure.
#[test]
fn a_refusal_backs_next_index_up_by_one_and_counts_once() {
    let disks = vec![disk(1, &[1, 1, 1]), disk(1, &[1]), disk(1, &[1])];
    let mut cluster = Cluster::with(figure_2(3), disks);
    cluster.time_out(S1);
    cluster.hand(S3, S1, vote(2, true));
    cluster.in_flight.clear();
    let retry = cluster.hand(S2, S1, failure(2, 3));
    assert_eq!(retry, [append_entries(S1, 2, (2, 1), &[1], 0)]);
    assert_eq!(cluster.server(S1).next_index(S2), Some(LogIndex(3)));
    assert_eq!(cluster.hand(S2, S1, failure(2, 3)), [], "repeated");
    assert_eq!(cluster.server(S1).next_index(S2), Some(LogIndex(3)));
    let retry = cluster.hand(S2, S1, failure(2, 2));
    assert_eq!(retry, [append_entries(S1, 2, (1, 1), &[1, 1], 0)]);
    cluster.hand(S2, S1, success(2, 3));
    for late in [1, 2, 3] {
        assert_eq!(cluster.hand(S2, S1, failure(2, late)), []);
    }
    assert_eq!(cluster.server(S1).next_index(S2), Some(LogIndex(4)));
    assert_eq!(cluster.server(S1).match_index(S2), Some(LogIndex(3)));
}

/// Figure 2: matchIndex "increases monotonically", whatever the order in which answers come.
#[test]
fn late_and_repeated_successes_change_nothing() {
    let mut cluster = Cluster::of(5);
    cluster.elect(S1);
    cluster.propose(S1, 1);
    cluster.hand(S2, S1, success(1, 1));
    cluster.propose(S1, 1);
    cluster.hand(S2, S1, success(1, 2));
    for late in [0, 1, 2, 2] {
        cluster.hand(S2, S1, success(1, late));
        assert_eq!(cluster.server(S1).match_index(S2), Some(LogIndex(2)));
        assert_eq!(cluster.server(S1).next_index(S2), Some(LogIndex(3)));
    }
    assert_eq!(cluster.commit_index(S1), 0, "one follower is one copy, however often it says so");
}

/// AppendEntries 1: "Reply false if term < currentTerm (§5.1)."
#[test]
fn append_entries_1_refuses_an_earlier_term() {
    let mut cluster = Cluster::with(figure_2(3), vec![disk(5, &[1]); 3]);
    let answers = cluster.hand(S2, S1, append_entries(S2, 4, (1, 1), &[4], 1));
    assert_eq!(answers, [failure(5, 1)]);
    assert_eq!((cluster.terms(S1), cluster.commit_index(S1)), (vec![1], 0));
    let reason = AppendRejection::StaleTerm { theirs: Term(4), mine: Term(5) };
    let rejected = Event::AppendRejected { leader: S2, term: Term(4), reason };
    assert_eq!(cluster.take_events(S1), [rejected]);
}

/// AppendEntries 2: "Reply false if log doesn't contain an entry at prevLogIndex whose term matches
/// prevLogTerm (§5.3)."
#[test]
fn append_entries_2_refuses_what_it_cannot_attach() {
    let mut cluster = Cluster::with(figure_2(3), vec![disk(5, &[1, 2]); 3]);
    let answers = cluster.hand(S2, S1, append_entries(S2, 5, (3, 2), &[5], 3));
    assert_eq!(answers, [failure(5, 3)]);
    let answers = cluster.hand(S2, S1, append_entries(S2, 5, (2, 3), &[5], 3));
    assert_eq!(answers, [failure(5, 2)]);
    assert_eq!((cluster.terms(S1), cluster.commit_index(S1)), (vec![1, 2], 0));
    let (prev_log_index, last_log_index) = (LogIndex(3), LogIndex(2));
    let no_entry = AppendRejection::NoEntry { prev_log_index, last_log_index };
    let (prev_log_index, theirs, mine) = (LogIndex(2), Term(3), Term(2));
    let mismatch = AppendRejection::TermMismatch { prev_log_index, theirs, mine };
    let rejected = |reason| Event::AppendRejected { leader: S2, term: Term(5), reason };
    assert_eq!(cluster.take_events(S1)[1..], [rejected(no_entry), rejected(mismatch)]);
}

/// AppendEntries 3: "If an existing entry conflicts with a new one (same index but different
/// terms), delete the existing entry and all that follow it (§5.3)."
#[test]
fn append_entries_3_deletes_from_the_first_conflict_on() {
    let mut cluster = Cluster::with(figure_2(3), vec![disk(5, &[1, 2, 2, 2]); 3]);
    let answers = cluster.hand(S2, S1, append_entries(S2, 5, (1, 1), &[2, 4], 0));
    assert_eq!(answers, [success(5, 3)]);
    assert_eq!(cluster.terms(S1), [1, 2, 4]);
    assert_eq!(cluster.disk(S1).log, *cluster.server(S1).log());
    let from_index = LogIndex(3);
    let expected = [
        Event::ConflictTruncated { from_index, old_term: Term(2), new_term: Term(4), count: 2 },
        Event::EntriesAppended { from_index, to_index: LogIndex(3) },
    ];
    assert_eq!(cluster.take_events(S1)[1..], expected);
}

/// AppendEntries 3, what it does not say: without a conflict nothing is deleted. A late, shorter
/// AppendEntries, or a heartbeat, must not take back what was acknowledged.
#[test]
fn a_late_shorter_append_entries_removes_nothing() {
    let mut cluster = Cluster::of(3);
    let short = append_entries(S2, 1, (0, 0), &[1], 0);
    let long = append_entries(S2, 1, (0, 0), &[1, 1, 1], 0);
    assert_eq!(cluster.hand(S2, S1, long.clone()), [success(1, 3)]);
    assert_eq!(cluster.hand(S2, S1, short), [success(1, 1)], "vouches for what it brought");
    assert_eq!(cluster.hand(S2, S1, append_entries(S2, 1, (0, 0), &[], 0)), [success(1, 0)]);
    assert_eq!(cluster.hand(S2, S1, long), [success(1, 3)], "repeated");
    assert_eq!(cluster.terms(S1), [1, 1, 1]);
}

/// AppendEntries 4: "Append any new entries not already in the log."
#[test]
fn append_entries_4_appends_only_what_is_missing() {
    let mut cluster = Cluster::with(figure_2(3), vec![disk(2, &[1, 2]); 3]);
    let answers = cluster.hand(S2, S1, append_entries(S2, 2, (0, 0), &[1, 2, 2, 2], 0));
    assert_eq!(answers, [success(2, 4)]);
    assert_eq!(cluster.terms(S1), [1, 2, 2, 2]);
    let appended = Event::EntriesAppended { from_index: LogIndex(3), to_index: LogIndex(4) };
    assert_eq!(cluster.take_events(S1).last(), Some(&appended));
}

/// AppendEntries 5: "If leaderCommit > commitIndex, set commitIndex = min(leaderCommit, index of
/// last new entry)." Entries beyond the last new one may not be the leader's.
#[test]
fn append_entries_5_commits_no_further_than_the_last_new_entry() {
    let mut cluster = Cluster::with(figure_2(3), vec![disk(3, &[1, 1, 2, 2]); 3]);
    cluster.hand(S2, S1, append_entries(S2, 3, (1, 1), &[1], 9));
    assert_eq!(cluster.commit_index(S1), 2, "3 and 4 may be wrong");
    cluster.hand(S2, S1, append_entries(S2, 3, (2, 1), &[3, 3, 3], 4));
    assert_eq!(cluster.commit_index(S1), 4, "the leader says so");
    cluster.hand(S2, S1, append_entries(S2, 3, (5, 3), &[], 2));
    assert_eq!(cluster.commit_index(S1), 4, "it never goes back");
    let by = CommitRule::Learned { leader: S2 };
    assert!(cluster.take_events(S1).contains(&Event::Committed { through: LogIndex(4), by }));
}

/// All servers: "If commitIndex > lastApplied: increment lastApplied, apply log[lastApplied] to
/// state machine (§5.3)."
#[test]
fn every_server_applies_committed_entries_in_log_order() {
    let mut cluster = Cluster::of(3);
    cluster.elect(S1);
    for command in [11, 12, 13] {
        cluster.propose(S1, command);
    }
    cluster.deliver_all();
    cluster.advance(HEARTBEAT_US);
    cluster.deliver_all();
    for id in cluster.ids() {
        assert_eq!(cluster.applied(id), [11, 12, 13]);
        assert_eq!(cluster.server(id).last_applied(), cluster.server(id).commit_index());
    }
}

/// §5.3: "A log entry is committed once the leader that created the entry has replicated it on a
/// majority of the servers"; followers learn it from the next AppendEntries, not before.
#[test]
fn a_majority_commits_and_the_next_heartbeat_tells() {
    let mut cluster = Cluster::of(5);
    cluster.elect(S1);
    cluster.propose(S1, 1);
    cluster.hand(S2, S1, success(1, 1));
    assert_eq!(cluster.commit_index(S1), 0);
    cluster.take_messages();
    cluster.hand(S3, S1, success(1, 1));
    assert_eq!(cluster.commit_index(S1), 1);
    let by = CommitRule::Counted { copies: 3, needed: 3 };
    let committed = Event::Committed { through: LogIndex(1), by };
    assert_eq!(cluster.take_events(S1).last(), Some(&committed));
    assert_eq!(cluster.take_messages(), [], "no message for its own sake");
    cluster.advance(HEARTBEAT_US);
    cluster.deliver(S1, S4);
    assert_eq!(cluster.commit_index(S4), 1);
}

/// §5.4.2: "Only log entries from the leader's current term are committed by counting replicas."
#[test]
fn entries_of_earlier_terms_are_not_committed_by_counting() {
    let mut cluster = Cluster::with(figure_2(3), vec![disk(2, &[1, 2]); 3]);
    cluster.elect(S1);
    assert_eq!(cluster.server(S1).match_index(S2), Some(LogIndex(2)), "all servers have it");
    assert_eq!(cluster.commit_index(S1), 0);
    let reason = NotCommitted::OldTerm { entry_term: Term(2), current_term: Term(3) };
    let event = Event::NotCommittedYet { index: LogIndex(2), reason };
    let told = cluster.take_events(S1).into_iter().filter(|found| *found == event).count();
    assert_eq!(told, 1, "told once, when it would have been a majority");
    cluster.propose(S1, 9);
    cluster.deliver_all();
    assert_eq!(cluster.commit_index(S1), 3, "and with it all before");
}

/// §5.3, the Log Matching Property, kept up by a leader that overwrites what conflicts.
#[test]
fn a_leader_brings_a_diverged_follower_in_line() {
    let disks = vec![disk(4, &[1, 4, 4]), disk(4, &[1, 2, 2, 2]), disk(4, &[])];
    let mut cluster = Cluster::with(figure_2(3), disks);
    cluster.elect(S1);
    cluster.propose(S1, 5);
    cluster.deliver_all();
    cluster.advance(HEARTBEAT_US);
    cluster.deliver_all();
    cluster.assert_converged();
    assert_eq!(cluster.terms(S2), [1, 4, 4, 5]);
}
