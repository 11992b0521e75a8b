//! Fast back-up (end of §5.3), pipelining (10.2.2), and what bounds them.

use rift::raft::*;

use crate::raft_cluster::*;

const HEARTBEAT_US: u64 = 50_000;

fn pipelined(appends: usize) -> Config {
    Config { max_in_flight_appends: appends, fast_back_up: true, ..figure_2(3) }
}

/// A leader in term 1 that has found where the logs agree.
fn leader_of(config: Config) -> Cluster {
    let mut cluster = Cluster::with(config, vec![Durable::default(); 3]);
    cluster.elect(S1);
    cluster.propose(S1, 1);
    cluster.deliver_all();
    cluster.take_events(S1);
    cluster
}

fn refused(term: u64, prev: u64, conflict: (u64, u64)) -> Message<Command> {
    let conflict = Some(Conflict { term: Term(conflict.0), first_index: LogIndex(conflict.1) });
    let result = AppendResult::Failure { prev_log_index: LogIndex(prev), conflict };
    Message::AppendEntriesReply { term: Term(term), result, round: 0 }
}

/// §5.3: "the follower can include the term of the conflicting entry and the first index it stores
/// for that term"
#[test]
fn a_refusal_names_the_conflicting_term_and_its_first_index() {
    let mut cluster = Cluster::with(pipelined(1), vec![disk(5, &[1, 2, 2, 2, 4]); 3]);
    let answers = cluster.hand(S2, S1, append_entries(S2, 5, (4, 3), &[5], 0));
    assert_eq!(answers, [refused(5, 4, (2, 2))]);
    let answers = cluster.hand(S2, S1, append_entries(S2, 5, (9, 3), &[5], 0));
    assert_eq!(answers, [refused(5, 9, (4, 6))], "too short: try after its end");
    let answers = cluster.hand(S2, S1, append_entries(S2, 4, (4, 3), &[], 0));
    assert_eq!(answers, [failure(5, 4)], "an earlier term has no conflict to speak of");
}

/// §5.3: "the leader can decrement nextIndex to bypass all of the conflicting entries in that term;
/// one AppendEntries RPC will be required for each term with conflicting entries, rather than one
/// RPC per entry."
#[test]
fn one_refusal_a_term_suffices() {
    let disks = vec![
        disk(7, &[1, 1, 4, 4, 4, 4, 4, 4, 4, 4]),
        disk(7, &[1, 1, 2, 2, 2, 2, 3, 3, 3, 3]),
        disk(7, &[]),
    ];
    let mut cluster = Cluster::with(pipelined(1), disks);
    cluster.elect(S1);
    let backed_up = |event: &Event| matches!(event, Event::NextIndexBackedUp { .. });
    let steps: Vec<Event> = cluster.take_events(S1).into_iter().filter(backed_up).collect();
    let step = |follower, to| Event::NextIndexBackedUp { follower, to: LogIndex(to) };
    assert_eq!(
        steps
            .iter()
            .filter(
                |step| matches!(step, Event::NextIndexBackedUp { follower, .. } if *follower == S2)
            )
            .count(),
        2
    );
    assert!(steps.contains(&step(S2, 7)) && steps.contains(&step(S2, 3)), "{steps:?}");
    assert!(steps.contains(&step(S3, 1)), "at once, for its log is empty");
    cluster.propose(S1, 8);
    cluster.deliver_all();
    cluster.advance(HEARTBEAT_US);
    cluster.deliver_all();
    cluster.assert_converged();
}

/// A lie cannot move `next_index` forward, nor below what is known to be there.
#[test]
fn a_senseless_conflict_is_bounded() {
    let mut cluster = leader_of(pipelined(1));
    cluster.propose(S1, 1);
    cluster.propose(S1, 1);
    cluster.hand(S2, S1, success(1, 2));
    for first_index in [0, 1, 9, u64::MAX] {
        cluster.hand(S2, S1, refused(1, 2, (1, first_index)));
        assert_eq!(cluster.server(S1).next_index(S2), Some(LogIndex(3)), "2 is there");
    }
    let mut fresh = Cluster::with(pipelined(1), vec![disk(1, &[1, 1, 1]); 3]);
    fresh.time_out(S1);
    fresh.hand(S3, S1, vote(2, true));
    fresh.hand(S2, S1, refused(2, 3, (1, u64::MAX)));
    assert_eq!(fresh.server(S1).next_index(S2), Some(LogIndex(3)), "one back");
    fresh.hand(S2, S1, refused(2, 2, (1, 0)));
    assert_eq!(fresh.server(S1).next_index(S2), Some(LogIndex(1)));
}

/// 10.2.2: with pipelining nextIndex moves when entries are sent, not when they are acknowledged.
#[test]
fn a_pipeline_sends_on_without_waiting() {
    let mut cluster = leader_of(pipelined(3));
    for _ in 0..5 {
        cluster.propose(S1, 1);
    }
    let sent = cluster.take_sent(S1, S2);
    let expected = [1, 2, 3].map(|prev| append_entries(S1, 1, (prev, 1), &[1], 1));
    assert_eq!(sent, expected, "three, and no more before an answer");
    let progress = cluster.server(S1).progress(S2).expect("it leads");
    assert_eq!((progress.next_index, progress.entries_in_flight()), (LogIndex(5), 3));
    assert_eq!(
        cluster.hand(S2, S1, success(1, 3)),
        [append_entries(S1, 1, (4, 1), &[1, 1], 3)],
        "what waited goes together"
    );
}

/// The cap in entries holds as well as the one in messages.
#[test]
fn a_pipeline_is_bounded_in_entries() {
    let config = Config { max_in_flight_entries: 2, ..pipelined(8) };
    let mut cluster = leader_of(config);
    for _ in 0..5 {
        cluster.propose(S1, 1);
    }
    assert_eq!(cluster.take_sent(S1, S2).len(), 2);
    assert_eq!(cluster.server(S1).progress(S2).expect("it leads").entries_in_flight(), 2);
}

/// A bound in bytes, too (10.2.2 leaves open how much may be under way): what does not fit waits,
/// and goes when there is room. Entries of these tests have 17 bytes.
#[test]
fn a_pipeline_is_bounded_in_bytes() {
    let config = Config { max_in_flight_bytes: 40, ..pipelined(8) };
    let mut cluster = leader_of(config);
    for _ in 0..5 {
        cluster.propose(S1, 1);
    }
    assert_eq!(cluster.take_sent(S1, S2).len(), 2, "51 bytes would be too many");
    let bytes =
        |cluster: &Cluster| cluster.server(S1).progress(S2).expect("it leads").bytes_in_flight();
    assert_eq!(bytes(&cluster), 34);
    let sent = cluster.hand(S2, S1, success(1, 2));
    assert_eq!(sent, [append_entries(S1, 1, (3, 1), &[1], 2)], "there is room for one");
    assert_eq!(bytes(&cluster), 34);
    let sent = cluster.hand(S2, S1, success(1, 4));
    assert_eq!(sent, [append_entries(S1, 1, (4, 1), &[1, 1], 4)], "and now for two");

    let mut cluster = leader_of(Config { max_in_flight_bytes: 40, ..pipelined(8) });
    for _ in 0..5 {
        cluster.propose(S1, 1);
    }
    cluster.deliver_all();
    cluster.advance(HEARTBEAT_US);
    cluster.deliver_all();
    cluster.advance(HEARTBEAT_US);
    cluster.deliver_all();
    cluster.assert_converged();
}

/// An AppendEntries is cut where it gets too large; the entry that did not fit begins the next one.
#[test]
fn an_append_entries_is_bounded_in_bytes() {
    let mut cluster = leader_of(Config { max_append_bytes: 40, ..pipelined(1) });
    for _ in 0..5 {
        cluster.propose(S1, 1);
    }
    assert_eq!(cluster.take_sent(S1, S2), [append_entries(S1, 1, (1, 1), &[1], 1)]);
    let sent = cluster.hand(S2, S1, success(1, 2));
    assert_eq!(sent, [append_entries(S1, 1, (2, 1), &[1, 1], 2)], "51 bytes would be too many");
    let sent = cluster.hand(S2, S1, success(1, 4));
    assert_eq!(sent, [append_entries(S1, 1, (4, 1), &[1, 1], 4)]);
}

/// What is larger than the bounds must not wait for ever: it goes alone.
#[test]
fn an_entry_larger_than_every_bound_gets_through() {
    for appends in [1, 8] {
        let config = Config {
            max_append_bytes: 1,
            max_in_flight_bytes: 1,
            max_pending_bytes: 1,
            ..pipelined(appends)
        };
        let mut cluster = leader_of(config);
        cluster.propose(S1, 2);
        cluster.propose(S1, 3);
        let reason = ProposalRefusal::TooManyBytesPending { limit_bytes: 1 };
        let refused = (RequestId(3), Outcome::Refused { reason });
        assert_eq!(cluster.answers.last(), Some(&refused), "not beside another");
        cluster.deliver_all();
        cluster.propose(S1, 3);
        cluster.deliver_all();
        cluster.advance(HEARTBEAT_US);
        cluster.deliver_all();
        cluster.assert_converged();
        assert_eq!(cluster.applied(S2), [1, 2, 3]);
    }
}

/// Backpressure counts bytes as well: what was answered, or given up, counts no more.
#[test]
fn proposals_are_refused_when_too_many_bytes_wait_for_commitment() {
    let config = Config { max_pending_bytes: 40, ..figure_2(3) };
    let mut cluster = Cluster::with(config, vec![Durable::default(); 3]);
    cluster.elect(S1);
    for command in [1, 2, 3] {
        cluster.propose(S1, command);
    }
    let reason = ProposalRefusal::TooManyBytesPending { limit_bytes: 40 };
    assert_eq!(cluster.answers, [(RequestId(3), Outcome::Refused { reason })]);
    assert_eq!(cluster.server(S1).pending_bytes(), 34);
    cluster.deliver_all();
    assert_eq!(cluster.server(S1).pending_bytes(), 0);
    cluster.propose(S1, 3);
    assert_eq!(cluster.server(S1).pending_bytes(), 17);
    cluster.hand(S2, S1, request_vote(S2, 9, (0, 0)));
    assert_eq!(cluster.role(S1), RoleKind::Follower);
    assert_eq!(cluster.server(S1).pending_bytes(), 0, "given up");
}

/// 10.2.2: the consistency check keeps a pipeline safe. What was lost shows in the refusal of what
/// came after it, or of the next heartbeat.
#[test]
fn a_loss_in_the_pipeline_is_found_and_repaired() {
    let mut cluster = leader_of(pipelined(8));
    cluster.propose(S1, 1);
    cluster.take_sent(S1, S2);
    cluster.propose(S1, 1);
    cluster.deliver(S1, S2);
    cluster.deliver(S2, S1);
    let progress = cluster.server(S1).progress(S2).expect("it leads");
    assert_eq!((progress.mode, progress.next_index), (SendMode::Probe, LogIndex(2)));
    cluster.deliver_all();
    assert_eq!(cluster.terms(S2), [1, 1, 1]);

    cluster.propose(S1, 1);
    cluster.take_sent(S1, S2);
    cluster.advance(HEARTBEAT_US);
    cluster.deliver_all();
    cluster.advance(HEARTBEAT_US);
    cluster.deliver_all();
    cluster.assert_converged();
}

/// The second of a burst of refusals tells nothing new, and a repeated one neither.
#[test]
fn late_refusals_of_a_pipeline_count_once() {
    let mut cluster = leader_of(pipelined(8));
    for _ in 0..3 {
        cluster.propose(S1, 1);
    }
    cluster.take_messages();
    assert_eq!(cluster.hand(S2, S1, refused(1, 2, (1, 2))).len(), 1);
    for late in [2, 3, 4] {
        assert_eq!(cluster.hand(S2, S1, refused(1, late, (1, 2))), [], "{late}");
    }
    assert_eq!(cluster.server(S1).match_index(S2), Some(LogIndex(1)));
}

/// A leader whose followers are silent takes no more than it may hold.
#[test]
fn proposals_are_refused_when_too_much_waits_for_commitment() {
    let config = Config { max_pending_proposals: 2, ..figure_2(3) };
    let mut cluster = Cluster::with(config, vec![Durable::default(); 3]);
    cluster.elect(S1);
    for command in [1, 2, 3] {
        cluster.propose(S1, command);
    }
    let reason = ProposalRefusal::TooManyPending { limit: 2 };
    assert_eq!(cluster.answers, [(RequestId(3), Outcome::Refused { reason })]);
    let refused = Event::ProposalRefused { request: RequestId(3), reason };
    assert_eq!(cluster.take_events(S1).last(), Some(&refused));
    assert_eq!(cluster.terms(S1).len(), 2, "it changed nothing");
    cluster.deliver_all();
    cluster.propose(S1, 3);
    assert_eq!(cluster.terms(S1).len(), 3, "room again");
}

/// A disk that stands still does not let memory grow without end.
#[test]
fn messages_that_wait_for_the_disk_are_bounded() {
    let mut cluster = Cluster::of(3);
    cluster.slow_disk(S1);
    for _ in 0..1_100 {
        cluster.hand(S2, S1, append_entries(S2, 1, (0, 0), &[], 0));
    }
    assert_eq!(cluster.server(S1).held_messages().count(), 1_024);
    let kind = MessageKind::AppendEntriesReply;
    let dropped = Event::HeldMessageDropped { to: S2, kind };
    assert_eq!(cluster.take_events(S1).last(), Some(&dropped));
}
