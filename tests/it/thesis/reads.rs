//! Linearizable reads: by a round of heartbeats (6.4) and under a lease (6.4.1).

use rift::raft::*;

use crate::raft_cluster::*;

const LOW_US: u64 = 150_000;

fn led_by_s1(config: Config) -> Cluster {
    let servers = config.servers.len();
    let mut cluster = Cluster::with(config, vec![Durable::default(); servers]);
    cluster.now_us = LOW_US;
    cluster.elect(S1);
    cluster.ids().into_iter().for_each(|id| drop(cluster.take_events(id)));
    cluster
}

fn lease(clock_drift_ppm: u32) -> Config {
    let reads = ReadPolicy::Lease { clock_drift_ppm };
    Config { leader_stickiness: true, reads, ..Config::of(3) }
}

fn answer(term: u64, match_index: u64, round: u64) -> Message<Command> {
    let result = AppendResult::Success { match_index: LogIndex(match_index) };
    Message::AppendEntriesReply { term: Term(term), result, round }
}

fn readable(request: u64, read_index: u64) -> (RequestId, Outcome) {
    (RequestId(request), Outcome::Readable { read_index: LogIndex(read_index) })
}

/// 6.4: "the leader needs to make sure it has not been superseded by a newer leader": it "issues a
/// new round of heartbeats and waits for their acknowledgments from a majority of the cluster".
#[test]
fn a_read_waits_for_a_majority_to_answer_a_new_round() {
    let mut cluster = led_by_s1(Config::of(5));
    cluster.read(S1, 1);
    assert_eq!(cluster.answers, []);
    let rounds: Vec<u64> = cluster
        .take_messages()
        .iter()
        .map(|flight| match flight.message {
            Message::AppendEntries { round, ref entries, .. } if entries.is_empty() => round,
            ref other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(rounds, [1; 4]);
    cluster.hand(S2, S1, answer(1, 1, 1));
    cluster.hand(S2, S1, answer(1, 1, 1));
    assert_eq!(cluster.answers, [], "two of five, however often");
    cluster.hand(S3, S1, failure(1, 9));
    assert_eq!(cluster.answers, [], "an answer to an earlier round");
    cluster.hand(S3, S1, answer(1, 1, 1));
    assert_eq!(cluster.answers, [readable(1, 1)]);
    let by = ReadGuarantee::Round { round: 1 };
    let ready = Event::ReadReady { request: RequestId(1), read_index: LogIndex(1), by };
    assert!(cluster.take_events(S1).contains(&ready));
}

/// Answers to a round that began before the read came prove nothing about the time after it.
#[test]
fn late_and_repeated_answers_confirm_no_later_read() {
    let mut cluster = led_by_s1(Config::of(3));
    cluster.read(S1, 1);
    cluster.hand(S2, S1, answer(1, 1, 1));
    assert_eq!(cluster.answers, [readable(1, 1)]);
    cluster.read(S1, 2);
    cluster.hand(S3, S1, answer(1, 1, 1));
    cluster.hand(S2, S1, answer(1, 1, 1));
    assert_eq!(cluster.answers.len(), 1);
    cluster.hand(S2, S1, answer(1, 1, 7));
    let ahead = IgnoreReason::RoundAhead { theirs: 7, mine: 2 };
    let kind = MessageKind::AppendEntriesReply;
    let ignored = Event::MessageIgnored { from: S2, kind, reason: ahead };
    assert_eq!(cluster.take_events(S1).last(), Some(&ignored), "nobody can answer in advance");
    assert_eq!(cluster.answers.len(), 1);
    cluster.hand(S2, S1, answer(1, 1, 2));
    assert_eq!(cluster.answers.len(), 2);
}

/// A refusal of an earlier term carries the later one. Whoever gets it may lead that one by
/// then, and must not take it for an answer to a round of its own.
#[test]
fn a_refusal_of_an_earlier_term_confirms_no_round() {
    let mut cluster = led_by_s1(Config::of(3));
    cluster.read(S1, 1);
    let question = cluster.take_sent(S1, S2).pop().expect("the round");
    cluster.in_flight.clear();
    cluster.hand(S3, S2, request_vote(S3, 2, (9, 9)));
    let refusal = cluster.hand(S1, S2, question);
    assert!(matches!(refusal[..], [Message::AppendEntriesReply { term: Term(2), round: 0, .. }]));
}

/// 6.4: reads that come while a round is on its way share the next one.
#[test]
fn reads_share_rounds() {
    let mut cluster = led_by_s1(Config::of(3));
    for request in 1..=4 {
        cluster.read(S1, request);
    }
    assert_eq!(cluster.take_sent(S1, S2).len(), 1);
    cluster.take_messages();
    assert_eq!(cluster.hand(S2, S1, answer(1, 1, 1)).len(), 1, "the round for the others");
    assert_eq!(cluster.answers, [readable(1, 1)]);
    cluster.hand(S2, S1, answer(1, 1, 2));
    assert_eq!(cluster.answers.len(), 4);
}

/// 6.4: "If the leader has not yet marked an entry from its current term committed, it waits until
/// it has done so." A new leader need not know what its predecessor has committed.
#[test]
fn a_new_leader_reads_only_after_an_entry_of_its_own_term() {
    let mut cluster = Cluster::with(figure_2(3), vec![disk(1, &[1]); 3]);
    cluster.elect(S1);
    cluster.read(S1, 1);
    cluster.deliver_all();
    assert_eq!(cluster.answers, [], "the round is confirmed, the log is not");
    cluster.propose(S1, 7);
    cluster.deliver_all();
    assert_eq!(cluster.applied(S1), [1, 7]);
    assert!(cluster.answers.contains(&readable(1, 2)));
}

/// The reason for it all: a leader that was replaced without knowing it answers nothing.
#[test]
fn a_deposed_leader_answers_no_read() {
    let mut cluster = led_by_s1(Config::of(3));
    cluster.time_out(S2);
    cluster.deliver_among(&[S2, S3]);
    cluster.propose(S2, 7);
    cluster.deliver_among(&[S2, S3]);
    assert_eq!(cluster.leaders(), [S1, S2]);
    cluster.answers.clear();
    cluster.read(S1, 1);
    cluster.deliver_all();
    assert_eq!(cluster.answers, [(RequestId(1), Outcome::NotLeader { leader: None })]);
}

/// Reads go where proposals go, and are as many at most.
#[test]
fn reads_are_refused_like_proposals() {
    let mut cluster = led_by_s1(Config { max_pending_proposals: 1, ..Config::of(3) });
    cluster.read(S2, 1);
    cluster.read(S1, 2);
    cluster.read(S1, 3);
    let reason = ProposalRefusal::TooManyPending { limit: 1 };
    let expected = [
        (RequestId(1), Outcome::NotLeader { leader: Some(S1) }),
        (RequestId(3), Outcome::Refused { reason }),
    ];
    assert_eq!(cluster.answers, expected);
}

#[test]
fn a_cluster_of_one_reads_at_once() {
    let mut cluster = led_by_s1(Config::of(1));
    cluster.read(S1, 1);
    assert_eq!(cluster.answers, [readable(1, 1)]);
}

/// 6.4.1: "Once the leader's heartbeats were acknowledged by a majority of the cluster, the leader
/// would extend its lease to start + election timeout / clock drift bound".
#[test]
fn a_lease_answers_at_once_until_it_runs_out() {
    let mut cluster = led_by_s1(lease(500_000));
    let start_us = cluster.now_us;
    let until_us = start_us + 100_000;
    assert_eq!(cluster.server(S1).lease_until_us(), Some(until_us), "150 ms / 1.5");
    cluster.read(S1, 1);
    assert_eq!(cluster.answers, [readable(1, 1)]);
    let by = ReadGuarantee::Lease { until_us };
    let ready = Event::ReadReady { request: RequestId(1), read_index: LogIndex(1), by };
    assert!(cluster.take_events(S1).contains(&ready));
    cluster.now_us = until_us;
    cluster.read(S1, 2);
    assert_eq!(cluster.answers.len(), 1, "from here on it asks again");
    cluster.deliver_all();
    assert_eq!(cluster.answers.len(), 2);
    cluster.live(1_000_000, |_, _| true);
    cluster.read(S1, 3);
    assert_eq!(cluster.answers.len(), 3, "heartbeats keep it up");
}

/// A lease says who leads, not what is committed: that takes an entry of the leader's own term.
#[test]
fn a_new_leader_with_a_lease_waits_for_an_entry_of_its_term() {
    let mut cluster = led_by_s1(Config { noop_on_election: false, ..lease(0) });
    assert!(cluster.server(S1).lease_until_us().is_some());
    cluster.read(S1, 1);
    cluster.deliver_all();
    assert_eq!(cluster.answers, []);
    cluster.propose(S1, 7);
    cluster.deliver_all();
    assert!(cluster.answers.contains(&readable(1, 1)));
}

/// A lease counts from when the round was sent, not from when it was answered.
#[test]
fn a_lease_begins_when_its_round_was_sent() {
    let mut cluster = led_by_s1(lease(0));
    let sent_us = cluster.now_us + 50_000;
    cluster.advance(50_000);
    cluster.now_us = sent_us + 60_000;
    cluster.deliver_all();
    assert_eq!(cluster.server(S1).lease_until_us(), Some(sent_us + LOW_US));
}

/// Whoever was told to stand may do so late, and others will vote for it: no lease after that.
#[test]
fn no_lease_survives_a_transfer() {
    let mut cluster = led_by_s1(lease(0));
    cluster.input(S1, Input::TransferLeadership { to: S3 });
    let order = cluster.take_messages();
    cluster.live(400_000, |_, _| true);
    assert_eq!((cluster.leaders(), cluster.server(S1).transfer()), (vec![S1], None), "given up");
    assert_eq!(cluster.server(S1).lease_until_us(), None);
    cluster.in_flight = order;
    cluster.deliver_all();
    assert_eq!(cluster.leaders(), [S3], "the late order works");
}

/// 6.4.1 rests on voters that remember: one that has just started may have forgotten.
#[test]
fn a_restarted_server_votes_for_nobody_while_a_lease_may_rest_on_it() {
    let mut cluster = led_by_s1(lease(0));
    cluster.crash(S2);
    cluster.restart(S2);
    assert_eq!(cluster.hand(S3, S2, request_vote(S3, 2, (9, 9))), [vote(1, false)]);
    let reason = VoteDenial::JustStarted { ago_us: 0 };
    let denied = Event::VoteDenied { candidate: S3, term: Term(2), reason };
    assert_eq!(cluster.take_events(S2), [denied]);
    cluster.time_out(S2);
    let refused = Event::TimeOutIgnored { reason: TimeOutRefusal::LeaseAtStake };
    assert_eq!(cluster.take_events(S2), [refused], "nor does it stand");
    cluster.now_us += LOW_US;
    assert_eq!(cluster.hand(S3, S2, request_vote(S3, 2, (9, 9))), [vote(2, true)]);
}

/// 6.4.1, honestly: a clock that is faster than the bound makes a lease read stale.
#[test]
fn a_clock_beyond_the_bound_breaks_a_lease() {
    let mut cluster = led_by_s1(lease(0));
    let true_us = cluster.now_us;
    // S2 and S3 believe that twice the time has passed.
    cluster.now_us = true_us + LOW_US;
    cluster.time_out(S2);
    cluster.deliver_among(&[S2, S3]);
    cluster.propose(S2, 7);
    cluster.deliver_among(&[S2, S3]);
    assert_eq!(cluster.commit_index(S2), 3);
    cluster.now_us = true_us + LOW_US / 2;
    cluster.answers.clear();
    cluster.read(S1, 1);
    assert_eq!(cluster.answers, [readable(1, 1)], "without entries 2 and 3");
}
