//! Log compaction (§7): taking snapshots, and InstallSnapshot (Figure 13).

use rift::raft::*;

use crate::raft_cluster::*;

const HEARTBEAT_US: u64 = 50_000;

fn compacting(after: usize) -> Config {
    Config { snapshot_after_entries: Some(after), snapshot_chunk_bytes: 20, ..figure_2(3) }
}

/// S1 leads term 1 with five committed commands; S3 has not heard of them.
fn with_a_slow_follower(config: Config) -> Cluster {
    let mut cluster = Cluster::with(config, vec![Durable::default(); 3]);
    cluster.elect(S1);
    for command in 1..=5 {
        cluster.propose(S1, command);
        cluster.deliver_among(&[S1, S2]);
    }
    cluster.advance(HEARTBEAT_US);
    cluster.deliver_among(&[S1, S2]);
    cluster
}

fn base(cluster: &Cluster, id: ServerId) -> (u64, u64) {
    let base = cluster.server(id).log().base();
    (base.last_log_index.0, base.last_log_term.0)
}

fn taken(index: u64) -> Input<Command> {
    let state = save(&entries(&vec![1; index as usize]));
    Input::SnapshotTaken { last_included_index: LogIndex(index), state }
}

fn refusals(cluster: &mut Cluster, id: ServerId) -> Vec<ChunkRefusal> {
    let reason = |event| match event {
        Event::SnapshotChunkRefused { reason, .. } => Some(reason),
        _ => None,
    };
    cluster.take_events(id).into_iter().filter_map(reason).collect()
}

/// §7: "Each server takes snapshots independently, covering just the committed entries in its log."
#[test]
fn a_snapshot_replaces_the_entries_that_it_covers() {
    let cluster = with_a_slow_follower(compacting(4));
    assert_eq!(
        (base(&cluster, S1), base(&cluster, S2), base(&cluster, S3)),
        ((4, 1), (4, 1), (0, 0))
    );
    assert_eq!(cluster.terms(S1), [1], "entry 5");
    assert_eq!(cluster.server(S1).log().last_index(), LogIndex(5));
    let snapshot = cluster.disk(S1).snapshot.as_ref().expect("on disk");
    assert_eq!(snapshot.end(), cluster.server(S1).log().base());
    assert_eq!(cluster.disk(S1).log, *cluster.server(S1).log());
}

#[test]
fn a_restarted_server_goes_on_from_its_snapshot() {
    let mut cluster = with_a_slow_follower(compacting(4));
    cluster.crash(S2);
    cluster.restart(S2);
    assert_eq!((cluster.commit_index(S2), cluster.server(S2).last_applied()), (4, LogIndex(4)));
    cluster.advance(HEARTBEAT_US);
    cluster.deliver_among(&[S1, S2]);
    assert_eq!(cluster.applied(S2), [1, 2, 3, 4, 5], "four of them from the snapshot");
}

/// A crash between a snapshot and its sync finds the log as it was.
#[test]
fn a_snapshot_that_was_not_synced_is_not_missed() {
    let mut cluster = with_a_slow_follower(figure_2(3));
    cluster.slow_disk(S1);
    cluster.input(S1, taken(5));
    assert_eq!(base(&cluster, S1), (5, 1));
    cluster.crash(S1);
    cluster.restart(S1);
    assert_eq!((base(&cluster, S1), cluster.terms(S1).len()), ((0, 0), 5));
}

/// What is not applied cannot be in a snapshot, and an old one is of no use.
#[test]
fn impossible_snapshots_are_refused() {
    let mut cluster = with_a_slow_follower(figure_2(3));
    cluster.input(S1, taken(3));
    cluster.propose(S1, 6);
    cluster.take_events(S1);
    for index in [6, 3, 2, 0] {
        cluster.input(S1, taken(index));
    }
    let refused =
        |index, reason| Event::SnapshotRefused { last_included_index: LogIndex(index), reason };
    let not_applied = SnapshotRefusal::NotApplied { last_applied: LogIndex(5) };
    let covered = SnapshotRefusal::CoveredAlready { last_included_index: LogIndex(3) };
    let expected =
        [refused(6, not_applied), refused(3, covered), refused(2, covered), refused(0, covered)];
    assert_eq!(cluster.take_events(S1), expected);
    assert_eq!(base(&cluster, S1), (3, 1));
}

/// An answer about a part that was answered before sends nothing again.
#[test]
fn a_repeated_answer_about_a_part_is_ignored() {
    let mut cluster = with_a_slow_follower(compacting(4));
    cluster.advance(HEARTBEAT_US);
    cluster.deliver(S1, S3);
    let answers = cluster.take_sent(S3, S1);
    let is_about_a_part = |m: &&Message<Command>| matches!(m, Message::InstallSnapshotReply { .. });
    let first = answers.iter().find(is_about_a_part).expect("the snapshot was sent");
    assert_eq!(cluster.hand(S3, S1, first.clone()).len(), 1, "the next part");
    cluster.take_events(S1);
    assert_eq!(cluster.hand(S3, S1, first.clone()), []);
    let (kind, reason) = (MessageKind::InstallSnapshotReply, IgnoreReason::StaleChunk);
    let ignored = Event::MessageIgnored { from: S3, kind, reason };
    assert_eq!(cluster.take_events(S1), [ignored]);
}

/// §7: "the leader must occasionally send snapshots to followers that lag behind", in chunks.
#[test]
fn a_slow_follower_is_rescued() {
    let mut cluster = with_a_slow_follower(compacting(4));
    cluster.advance(HEARTBEAT_US);
    cluster.deliver_all();
    cluster.advance(HEARTBEAT_US);
    cluster.deliver_all();
    assert_eq!(cluster.applied(S3), [1, 2, 3, 4, 5]);
    assert_eq!(cluster.server(S1).match_index(S3), Some(LogIndex(5)));
    let chunks = cluster.take_events(S3);
    let installed =
        Event::SnapshotInstalled { leader: S1, last_included_index: LogIndex(4), kept: 0 };
    assert!(chunks.contains(&installed), "{chunks:?}");
    assert!(chunks.iter().any(|event| matches!(event, Event::SnapshotChunkTaken { .. })));
    cluster.propose(S1, 6);
    cluster.deliver_all();
    assert_eq!(cluster.terms(S3), [1, 1]);
}

/// Every chunk may be lost once, or come twice, and in any order: the snapshot arrives.
#[test]
fn chunks_may_be_lost_repeated_and_late() {
    let mut cluster = with_a_slow_follower(compacting(4));
    cluster.in_flight.clear();
    let mut seen = Vec::new();
    for turn in 0..40 {
        cluster.advance(HEARTBEAT_US);
        let sent = cluster.take_sent(S1, S3);
        if turn % 3 == 0 {
            continue;
        }
        seen.extend(sent);
        for message in seen.iter().rev() {
            cluster.input(S3, Input::Message { from: S1, message: message.clone() });
        }
        let answers = cluster.take_sent(S3, S1);
        for message in answers.iter().rev().chain(&answers) {
            cluster.input(S1, Input::Message { from: S3, message: message.clone() });
        }
        cluster.deliver_among(&[S1, S2]);
    }
    assert_eq!(cluster.applied(S3), [1, 2, 3, 4, 5]);
}

/// Figure 13: only the part that comes next is taken; all others are answered and change nothing.
#[test]
fn a_part_out_of_turn_changes_nothing_and_is_told_what_comes_next() {
    let mut cluster = Cluster::of(3);
    let part = |offset, done| chunk(S2, 1, (4, 1), (offset, vec![0; 16], done));
    let next =
        |offset, next_offset| chunk_answer(1, 4, offset, ChunkResult::Continue { next_offset });
    assert_eq!(cluster.hand(S2, S1, part(16, true)), [next(16, 0)], "too early");
    assert_eq!(cluster.hand(S2, S1, part(0, false)), [next(0, 16)]);
    let before = cluster.server(S1).clone();
    assert_eq!(cluster.hand(S2, S1, part(0, false)), [next(0, 16)], "repeated");
    assert_eq!(cluster.hand(S2, S1, part(7, false)), [next(7, 16)]);
    assert_eq!(cluster.server(S1).log(), before.log());
    assert_eq!(cluster.server(S1).commit_index(), LogIndex(0));
    let not_the_next = |offset, expected| ChunkRefusal::NotTheNext { offset, expected };
    let expected = [not_the_next(16, 0), not_the_next(0, 16), not_the_next(7, 16)];
    assert_eq!(refusals(&mut cluster, S1), expected);
    let installed = chunk_answer(1, 4, 16, ChunkResult::Installed);
    assert_eq!(cluster.hand(S2, S1, part(16, true)), std::slice::from_ref(&installed));
    assert_eq!(base(&cluster, S1), (4, 1));
    assert_eq!(cluster.hand(S2, S1, part(16, true)), [installed], "repeated: it is there");
    let committed = ChunkRefusal::CommittedAlready { commit_index: LogIndex(4) };
    assert_eq!(refusals(&mut cluster, S1), [committed]);
}

/// Figure 13, rule 1: "Reply immediately if term < currentTerm". And what one leader began is not
/// finished by the next.
#[test]
fn parts_of_different_leaders_do_not_mix() {
    let mut cluster = Cluster::of(3);
    cluster.hand(S2, S1, chunk(S2, 1, (4, 1), (0, vec![0; 16], false)));
    let answers = cluster.hand(S3, S1, chunk(S3, 2, (4, 1), (16, vec![0; 16], true)));
    let again = ChunkResult::Continue { next_offset: 0 };
    assert_eq!(answers, [chunk_answer(2, 4, 16, again)]);
    let late = cluster.hand(S2, S1, chunk(S2, 1, (4, 1), (16, vec![0; 16], true)));
    assert_eq!(late, [chunk_answer(2, 4, 16, ChunkResult::Refused)]);
    assert_eq!(base(&cluster, S1), (0, 0));
    assert_eq!(cluster.hand(S2, S1, chunk(S2, 2, (4, 1), (0, vec![], true))), [], "S3 leads");
}

/// Figure 13, rule 6: "If existing log entry has same index and term as snapshot's last included
/// entry, retain log entries following it"; rule 7: otherwise "Discard the entire log".
#[test]
fn what_follows_the_snapshot_is_kept_only_if_the_logs_agree() {
    for (terms, kept) in [(&[1, 1, 2, 2, 2], 2), (&[1, 1, 1, 1, 1], 0), (&[1, 1, 0, 0, 0], 0)] {
        let terms: Vec<u64> = terms.iter().copied().filter(|term| *term > 0).collect();
        let mut cluster = Cluster::with(figure_2(3), vec![disk(2, &terms); 3]);
        cluster.hand(S2, S1, chunk(S2, 2, (3, 2), (0, vec![0; 24], true)));
        assert_eq!(base(&cluster, S1), (3, 2));
        assert_eq!(cluster.server(S1).log().len(), kept, "{terms:?}");
        assert_eq!(cluster.commit_index(S1), 3);
        assert_eq!(cluster.disk(S1).log, *cluster.server(S1).log());
        let last = cluster.server(S1).log().last_index();
        assert_eq!(cluster.server(S1).durable_index(), last);
    }
}

/// A follower vouches for a snapshot, as for entries, only once it is on its disk.
#[test]
fn installed_is_said_once_the_disk_has_it() {
    let mut cluster = Cluster::with(figure_2(3), vec![disk(2, &[1, 1, 1, 1]); 3]);
    cluster.slow_disk(S1);
    assert_eq!(cluster.hand(S2, S1, chunk(S2, 2, (3, 2), (0, vec![0; 24], true))), []);
    assert_eq!(cluster.server(S1).durable_index(), LogIndex(0), "the log on disk is another");
    cluster.sync(S1);
    assert_eq!(cluster.take_sent(S1, S2), [chunk_answer(2, 3, 0, ChunkResult::Installed)]);
    assert_eq!(cluster.server(S1).durable_index(), LogIndex(3));
}

/// AppendEntries that begins before what was dropped: it is committed, so it is the same.
#[test]
fn append_entries_across_the_edge_of_a_snapshot() {
    let mut cluster = Cluster::of(3);
    cluster.hand(S2, S1, chunk(S2, 1, (3, 1), (0, vec![0; 24], true)));
    assert_eq!(cluster.hand(S2, S1, append_entries(S2, 1, (0, 0), &[1, 1], 3)), [success(1, 2)]);
    assert_eq!(cluster.hand(S2, S1, append_entries(S2, 1, (1, 1), &[1, 1], 3)), [success(1, 3)]);
    assert_eq!(cluster.hand(S2, S1, append_entries(S2, 1, (1, 1), &[1, 1, 1], 3)), [success(1, 4)]);
    assert_eq!(cluster.hand(S2, S1, append_entries(S2, 1, (3, 1), &[1, 1], 3)), [success(1, 5)]);
    assert_eq!(cluster.hand(S2, S1, append_entries(S2, 1, (3, 2), &[], 3)), [failure(1, 3)]);
    assert_eq!((base(&cluster, S1), cluster.terms(S1)), ((3, 1), vec![1, 1]));
    assert_eq!(cluster.hand(S2, S1, append_entries(S2, 1, (1, 1), &[1, 7], 3)), [], "a lie");
    let reason =
        IgnoreReason::WouldEraseCommitted { index: LogIndex(3), commit_index: LogIndex(3) };
    let kind = MessageKind::AppendEntries;
    let ignored = Event::MessageIgnored { from: S2, kind, reason };
    assert_eq!(cluster.take_events(S1).last(), Some(&ignored));
}

/// §5.4.1 with an empty log: the last included entry is the last one.
#[test]
fn votes_know_where_a_log_without_entries_ends() {
    let mut cluster = Cluster::of(3);
    cluster.hand(S2, S1, chunk(S2, 3, (4, 3), (0, vec![0; 32], true)));
    assert_eq!(cluster.hand(S3, S1, request_vote(S3, 4, (9, 2))), [vote(4, false)]);
    assert_eq!(cluster.hand(S3, S1, request_vote(S3, 5, (4, 3))), [vote(5, true)]);
}

/// A leader does not take a new snapshot under a follower that is getting the old one, or it might
/// never end; unless the log becomes too long.
#[test]
fn a_leader_keeps_the_snapshot_that_it_is_sending() {
    let mut cluster = with_a_slow_follower(compacting(4));
    cluster.advance(HEARTBEAT_US);
    cluster.deliver(S1, S3);
    cluster.deliver(S3, S1);
    cluster.deliver(S1, S3);
    let mode = cluster.server(S1).progress(S3).expect("it leads").mode;
    assert!(matches!(mode, SendMode::Snapshot { .. }), "{mode:?}");
    for command in 6..=12 {
        cluster.propose(S1, command);
        cluster.deliver_among(&[S1, S2]);
    }
    assert_eq!(base(&cluster, S1), (4, 1));
    for command in 13..=21 {
        cluster.propose(S1, command);
        cluster.deliver_among(&[S1, S2]);
    }
    assert_eq!(base(&cluster, S1), (20, 1));
    cluster.live(500_000, |_, _| true);
    assert_eq!(cluster.applied(S3).len(), 21);
}

/// Memory stays bounded without snapshots, too.
#[test]
fn a_full_log_takes_no_proposals() {
    let mut cluster =
        Cluster::with(Config { max_log_entries: 2, ..figure_2(3) }, vec![Durable::default(); 3]);
    cluster.elect(S1);
    for command in 1..=3 {
        cluster.propose(S1, command);
        cluster.deliver_all();
    }
    let refused = Outcome::Refused { reason: ProposalRefusal::LogFull { limit: 2 } };
    assert_eq!(cluster.answers.last(), Some(&(RequestId(3), refused)));
    cluster.input(S1, taken(2));
    cluster.propose(S1, 3);
    assert_eq!(cluster.server(S1).log().last_index(), LogIndex(3));
}

/// Figure 13 leaves the size of a part open. A part counts as bytes under way to a follower, so it
/// is never larger than those may be.
#[test]
fn a_part_of_a_snapshot_is_bounded_like_all_bytes_under_way() {
    let config = Config { max_in_flight_bytes: 6, ..Config::of(3) };
    let snapshot = Snapshot {
        last_included_index: LogIndex(2),
        last_included_term: Term(1),
        configuration: Configuration::of(&[S1, S2, S3]),
        log_time_us: 0,
        state: vec![7; 16],
    };
    let mut covered = disk(1, &[]);
    covered.log.drop_through(snapshot.end());
    covered.snapshot = Some(snapshot);
    let mut cluster = Cluster::with(config, vec![covered, Durable::default(), Durable::default()]);
    cluster.time_out(S1);
    cluster.hand(S2, S1, vote(2, true));
    cluster.take_messages();
    let part = cluster.hand(S2, S1, failure(2, 2));
    let progress = cluster.server(S1).progress(S2).expect("it leads");
    let mode = SendMode::Snapshot { last_included_index: LogIndex(2), offset: 0, bytes: 6 };
    assert_eq!((progress.mode, progress.bytes_in_flight()), (mode, 6));
    for message in part {
        cluster.input(S2, Input::Message { from: S1, message });
    }
    cluster.deliver_all();
    assert_eq!(cluster.server(S2).snapshot(), cluster.server(S1).snapshot());
}
