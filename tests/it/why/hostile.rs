//! Hostile situations, one after the other, and what a reader is told in each.

use expect_test::expect;
use rift::labs::Question;

use super::{S1, S2, S3, S5, look, run, told, why};
use rift::sim::NodeId;

const S4: NodeId = NodeId(3);

fn entry(node: NodeId, index: u64) -> Question {
    Question::Entry { node, index }
}

#[test]
fn the_acknowledgements_die_on_their_way_back() {
    let player = run(
        "servers 5\nseed 7",
        "time-out S1\nuntil S1 leads\nafter 60ms cut S2 S3 S4 -> S1\nwrite x=1 to S1\n\
         after 45ms nothing",
    );
    let lab = player.lab();
    why(
        lab,
        entry(S1, 1),
        expect![[r#"
        §5.3: Entry 1 is on the disk of S1 and S5, as far as S1 knows, and it takes 3
            of 5. S2 has it, but its answers die: the link S2 → S1 is cut since 77 ms.
            S3 has it, but its answers die: the link S3 → S1 is cut since 77 ms. S4 has
            it, but its answers die: the link S4 → S1 is cut since 77 ms.
        - S1 puts it into its log as entry 1 of term 1.
        - C1 asks S1 to write x=1.
        - You cut 3 links.
    "#]],
    );
    why(
        lab,
        entry(S2, 1),
        expect![[r#"
        §5.3: Entry 1 is on the disk of S1 and S5, as far as S1 knows, and it takes 3
            of 5. S2 has it, but its answers die: the link S2 → S1 is cut since 77 ms.
            S3 has it, but its answers die: the link S3 → S1 is cut since 77 ms. S4 has
            it, but its answers die: the link S4 → S1 is cut since 77 ms.
        - Why does S1 not commit entry 1?
        - S1 puts it into its log as entry 1 of term 1.
        - C1 asks S1 to write x=1.
        - You cut 3 links.
    "#]],
    );
    why(
        lab,
        Question::Role(S1),
        expect![[r#"
        §5.2: S1 leads term 1 since 17 ms: S1, S4 and S5 voted for it, and it takes 3
            of 5. You made S1 time out. Now it reaches and hears only S5, and commits
            nothing without 3 servers.
        - S1 has 3 votes, a majority: it leads term 1.
        - S1 counts the vote of S5: 3 of 3 votes.
        - S1 counts the vote of S4: 2 of 3 votes.
        - S1 counts the vote of S1: 1 of 3 votes.
        - S1 stands for election in term 1 and asks for votes.
        - S1 gets from S5: Answer to RequestVote (term 1: granted).
    "#]],
    );
    why(
        lab,
        Question::Request(1),
        expect![[r#"
        §5.3: At 77 ms, C1 asked S1 to write x=1. It answers once entry 1 is committed.
            Entry 1 is on the disk of S1 and S5, as far as S1 knows, and it takes 3 of
            5. S2 has it, but its answers die: the link S2 → S1 is cut since 77 ms. S3
            has it, but its answers die: the link S3 → S1 is cut since 77 ms. S4 has it,
            but its answers die: the link S4 → S1 is cut since 77 ms.
        - Why is entry 1 not committed?
        - C1 asks S1 to write x=1.
        - You cut 3 links.
    "#]],
    );
}

#[test]
fn a_majority_is_down() {
    let player = run(
        "servers 5\nseed 7",
        "time-out S1\nuntil S1 leads\nafter 60ms crash S2\ncrash S3\nafter 10ms crash S4\n\
         write x=1 to S1\nafter 60ms nothing",
    );
    let lab = player.lab();
    why(
        lab,
        entry(S1, 1),
        expect![[r#"
        §5.3: Entry 1 is on the disk of S1 and S5, as far as S1 knows, and it takes 3
            of 5. S2 is down since 77 ms. S3 is down since 77 ms. S4 is down since 87
            ms.
        - S1 puts it into its log as entry 1 of term 1.
        - C1 asks S1 to write x=1.
        - You crashed S2: what was not on its disk is lost.
        - You crashed S3: what was not on its disk is lost.
        - You crashed S4: what was not on its disk is lost.
    "#]],
    );
    why(
        lab,
        entry(S4, 1),
        expect![[r#"
        §5.5: S4 is down since 87 ms: what is on its disk stays, and nothing is added.
        - You crashed S4: what was not on its disk is lost.
    "#]],
    );
    why(
        lab,
        entry(S5, 1),
        expect![[r#"
        §5.3: Entry 1 is on the disk of S1 and S5, as far as S1 knows, and it takes 3
            of 5. S2 is down since 77 ms. S3 is down since 77 ms. S4 is down since 87
            ms.
        - Why does S1 not commit entry 1?
        - S1 puts it into its log as entry 1 of term 1.
        - C1 asks S1 to write x=1.
        - You crashed S2: what was not on its disk is lost.
        - You crashed S3: what was not on its disk is lost.
        - You crashed S4: what was not on its disk is lost.
    "#]],
    );
    why(
        lab,
        Question::NoLeader,
        expect![[r#"
        §5.2: There is one. S1 leads term 1 since 17 ms: S1, S4 and S5 voted for it,
            and it takes 3 of 5. You made S1 time out. Now it reaches and hears only S5,
            and commits nothing without 3 servers.
        - S1 has 3 votes, a majority: it leads term 1.
        - S1 counts the vote of S5: 3 of 3 votes.
        - S1 counts the vote of S4: 2 of 3 votes.
        - S1 counts the vote of S1: 1 of 3 votes.
        - S1 stands for election in term 1 and asks for votes.
        - S1 gets from S5: Answer to RequestVote (term 1: granted).
    "#]],
    );
}

#[test]
fn a_stale_read_under_a_lease() {
    let player = run(
        "servers 3\nseed 6\nsticky-leader on\nnoop on\nreads lease",
        "time-out S1\nuntil S1 leads\nwrite x=1 to S1\nuntil committed x=1\nclock S1 rate 25%\n\
         after 80ms cut S1 | rest\nuntil leader in S2 S3\nwrite x=2 to leader by C2\n\
         until C2 done\nread x from S1 by C3\nuntil C3 done within 100ms",
    );
    let lab = player.lab();
    why(
        lab,
        Question::Request(3),
        expect![[r#"
        Thesis 6.4: At 540 ms, C3 asked S1 to read x. S1 tells C3: x is 1.
        - S1 tells C3: x is 1.
        - S1 reads under its lease, trusting the clocks.
        - C3 asks S1 to read x.
    "#]],
    );
    why(
        lab,
        Question::Record(told(lab, "lease")),
        expect![[r#"
        Thesis 6.4: S1 reads under its lease, trusting the clocks. But S3 leads a later
            term since 500 ms: what is read here may be stale. A lease holds only as
            long as clocks keep their bound.
        - C3 asks S1 to read x.
        - S3 has 2 votes, a majority: it leads term 3.
        - A message from S3 to S1 is lost, for its link was cut when it would have
            arrived: AppendEntries (term 3: 1 entries).
        - You set S1’s clock.
    "#]],
    );
    why(
        lab,
        Question::Role(S1),
        expect![[r#"
        §5.2: S1 leads term 1 since 149 ms: S1 and S3 voted for it, and it takes 2 of
            3. S1 has heard from no leader: its election timer runs out. Now it reaches
            and hears nobody else, and commits nothing without 2 servers. S3 leads term
            3 by now, and S1 does not know.
        - Why does S3 lead?
        - S1 has 2 votes, a majority: it leads term 1.
        - S1 counts the vote of S3: 2 of 2 votes.
        - S1 counts the vote of S1: 1 of 2 votes.
        - S1 stands for election in term 1 and asks for votes.
        - S1 gets from S3: Answer to RequestVote (term 1: granted).
    "#]],
    );
}

#[test]
fn a_learner_and_a_server_outside() {
    let player = run(
        "servers 4\nseed 3\nmembers 3\nmembership on\nsticky-leader on\nnoop on",
        "time-out S1\nuntil S1 leads\nwrite x=1 to S1\nuntil committed x=1 on S2\n\
         cut S2 S3 | rest\nadd-learner S4 via S1\nafter 60ms nothing",
    );
    let lab = player.lab();
    why(
        lab,
        Question::Role(S4),
        expect![[r#"
        §5.2: S4 follows S1: it has heard from S1 as the leader of term 1, and from
            nobody of a later one. It is a learner: it has no vote, and never stands.
        - S4 hears from S1, the leader of term 1.
        - S4 gets from S1: AppendEntries (term 1: 1 entries).
    "#]],
    );
    why(
        lab,
        entry(S1, 3),
        expect![[r#"
        §5.3: Entry 3 is on the disk of S1, as far as S1 knows, and it takes 2 of 3. S2
            and S3 cannot be told: the link from S1 is cut since 76 ms.
        - S1 puts it into its log as entry 3 of term 1.
        - You ask S1 to add S4 as a learner.
        - You cut 4 links.
    "#]],
    );
    why(
        lab,
        entry(S4, 1),
        expect![[r#"
        §5.3: Entry 1 is committed since 123 ms: S4 commits up to entry 2: S1 says.
        - S4 commits up to entry 2: S1 says.
        - S4 gets from S1: AppendEntries (term 1: 3 entries).
        - 2 servers have entry 2: S1 commits it.
    "#]],
    );
    let lab = run(
        "servers 4\nseed 3\nmembers 3\nmembership on\nnoop on",
        "time-out S1\nuntil S1 leads\nafter 60ms add-learner S4 via S1\n\
         until S4 is learner\nafter 80ms time-out S4\nafter 10ms nothing",
    );
    why(
        lab.lab(),
        Question::Role(S4),
        expect![[r#"
        §5.2: S4 follows S1: it has heard from S1 as the leader of term 1, and from
            nobody of a later one. It is a learner: it has no vote, and never stands.
        - S4 hears from S1, the leader of term 1.
        - S4 gets from S1: AppendEntries (term 1: 1 entries).
    "#]],
    );
}

#[test]
fn a_handover_and_a_leader_that_is_removed() {
    let player = run(
        "servers 3\nseed 3\nnoop on",
        "time-out S1\nuntil S1 leads\nwrite x=1 to S1\nuntil committed x=1\ncut S1 -> S3\n\
         transfer from S1 to S3\nwrite x=2 to S1\nafter 10ms nothing",
    );
    why(
        player.lab(),
        Question::Request(2),
        expect![[r#"
        Thesis 3.10: At 48 ms, C1 asked S1 to write x=2. S1 is handing over to S3 and
            takes no writes.
        - S1 tells the client that it does not do it.
        - S1 is handing over to S3 and takes no writes.
        - C1 asks S1 to write x=2.
    "#]],
    );
    let player = run(
        "servers 3\nseed 3\nnoop on",
        "time-out S1\nuntil S1 leads\nwrite x=1 to S1\nuntil committed x=1\n\
         transfer from S1 to S3\nuntil S3 leads within 100ms\nafter 40ms nothing",
    );
    why(
        player.lab(),
        Question::Role(S3),
        expect![[r#"
        §5.2: S3 leads term 2 since 76 ms: S2 and S3 voted for it, and it takes 2 of 3.
            S1 wants S3 to lead: it stands at once.
        - S3 has 2 votes, a majority: it leads term 2.
        - S3 counts the vote of S2: 2 of 2 votes.
        - S3 counts the vote of S3: 1 of 2 votes.
        - S3 stands for election in term 2 and asks for votes.
        - S3 gets from S2: Answer to RequestVote (term 2: granted).
        - S1 wants S3 to lead: it stands at once.
    "#]],
    );
    why(
        player.lab(),
        Question::Role(S1),
        expect![[r#"
        §5.2: S1 follows S3: it has heard from S3 as the leader of term 2, and from
            nobody of a later one. If it hears from no leader until 294 ms, it stands
            itself.
        - S1 hears from S3, the leader of term 2.
        - S1 gets from S3: AppendEntries (term 2: 1 entries).
    "#]],
    );
    let player = run(
        "servers 3\nseed 3\nmembership on\nnoop on\nsticky-leader on",
        "time-out S1\nuntil S1 leads\nwrite x=1 to S1\nuntil committed x=1\nremove S1 via S1\n\
         until not S1 is member\nafter 60ms nothing",
    );
    why(
        player.lab(),
        Question::Role(S1),
        expect![[r#"
        §5.2: S1 follows nobody: in term 1 it led itself. S1 is no member any more, and
            that is committed: it steps down. It is no member of the cluster, and so it
            never stands.
        - S1 is no member any more, and that is committed: it steps down.
        - S1 gets from S2: Answer to AppendEntries (term 1: success).
    "#]],
    );
    why(
        player.lab(),
        Question::NoLeader,
        expect![[r#"
        §5.2: Nobody leads. At 78 ms: S1 is no member any more, and that is committed:
            it steps down. The next timer to run out is S2’s, at 246 ms.
        - S1 is no member any more, and that is committed: it steps down.
        - S1 gets from S2: Answer to AppendEntries (term 1: success).
    "#]],
    );
}

#[test]
fn messages_that_the_reader_dropped_or_held_up() {
    let player = run(
        "servers 3\nseed 7",
        "time-out S1\nuntil S1 leads\nafter 70ms write x=1 to S1\ndrop message S1 -> S2\n\
         delay message S1 -> S3 by 400ms\nafter 15ms nothing",
    );
    let lab = player.lab();
    why(
        lab,
        entry(S1, 1),
        expect![[r#"
        §5.3: Entry 1 is on the disk of S1, as far as S1 knows, and it takes 2 of 3. S2
            did not get it, and gets it again at 116 ms. S3 gets it at 496 ms.
        - S1 puts it into its log as entry 1 of term 1.
        - C1 asks S1 to write x=1.
        - S1 sends S3: AppendEntries (term 1: 1 entries).
    "#]],
    );
    why(
        lab,
        Question::Record(told(lab, "You took a message")),
        expect![[r#"
        §2: You took a message off the network.
    "#]],
    );
    let whole = rift::scene::Window::new(0, lab.now_us());
    let picture = look(lab).space_time(whole, rift::scene::Spacing::Time).expect("Raft has one");
    let dropped = picture.arrows.iter().find_map(|arrow| match arrow.fate {
        rift::scene::space_time::ArrowFate::Lost { record, .. } => Some(record),
        _ => None,
    });
    why(
        lab,
        Question::Record(dropped.expect("one was dropped")),
        expect![[r#"
        §2: A message from S1 to S2 is lost, for it was taken off the network:
            AppendEntries (term 1: 1 entries). At 86 ms: You took a message off the
            network.
        - You took a message off the network.
        - S1 sends S2: AppendEntries (term 1: 1 entries).
    "#]],
    );
}

#[test]
fn a_paused_leader_and_what_it_was_asked() {
    let player = run(
        "servers 3\nseed 7",
        "time-out S1\nuntil S1 leads\nafter 60ms write x=1 to S1\npause S1\nafter 80ms nothing",
    );
    let lab = player.lab();
    why(
        lab,
        Question::Request(1),
        expect![[r#"
        §8: At 76 ms, C1 asked S1 to write x=1. S1 is paused since 76 ms.
        - C1 asks S1 to write x=1.
        - You paused S1: what comes for it waits.
    "#]],
    );
    why(
        lab,
        Question::NoLeader,
        expect![[r#"
        §5.2: There is one. S1 leads term 1 since 16 ms: S1 and S2 voted for it, and it
            takes 2 of 3. You made S1 time out. But it is paused since 76 ms.
        - S1 has 2 votes, a majority: it leads term 1.
        - S1 counts the vote of S2: 2 of 2 votes.
        - S1 counts the vote of S1: 1 of 2 votes.
        - S1 stands for election in term 1 and asks for votes.
        - S1 gets from S2: Answer to RequestVote (term 1: granted).
        - You made S1 time out.
    "#]],
    );
    why(
        lab,
        Question::Role(S1),
        expect![[r#"
        §5.2: S1 leads term 1 since 16 ms: S1 and S2 voted for it, and it takes 2 of 3.
            You made S1 time out. It is paused since 76 ms and knows nothing of what has
            happened since.
        - S1 has 2 votes, a majority: it leads term 1.
        - S1 counts the vote of S2: 2 of 2 votes.
        - S1 counts the vote of S1: 1 of 2 votes.
        - S1 stands for election in term 1 and asks for votes.
        - S1 gets from S2: Answer to RequestVote (term 1: granted).
        - You made S1 time out.
    "#]],
    );
    why(
        lab,
        Question::Role(S2),
        expect![[r#"
        §5.2: S2 follows S1: it has heard from S1 as the leader of term 1, and from
            nobody of a later one. If it hears from no leader until 187 ms, it stands
            itself.
        - S2 hears from S1, the leader of term 1.
        - S2 gets from S1: AppendEntries (term 1: 0 entries).
    "#]],
    );
    let player = run(
        "servers 3\nseed 7",
        "time-out S1\nuntil S1 leads\nafter 60ms pause S1\nuntil two leaders within 1s\n\
         after 30ms write x=9 to S2\nwrite x=8 to S3\nafter 40ms resume S1\nafter 1ms nothing",
    );
    why(
        player.lab(),
        Question::Role(S1),
        expect![[r#"
        §5.2: S1 follows S3: it has heard from S3 as the leader of term 2, and from
            nobody of a later one. If it hears from no leader until 394 ms, it stands
            itself.
        - S1 hears from S3, the leader of term 2.
        - S1 gets from S3: AppendEntries (term 2: 0 entries).
    "#]],
    );
}

#[test]
fn both_majorities_of_a_joint_configuration() {
    let player = run(
        "servers 5\nseed 3\nmembers 3\nmembership on\nnoop on",
        "time-out S1\nuntil S1 leads\nwrite x=1 to S1\nuntil committed x=1 on S2\n\
         add-learner S4 via S1\nafter 100ms add-learner S5 via S1\nafter 100ms cut S4 S5 | rest\n\
         voters S1 S4 S5 via S1\nwrite x=2 to S1\nafter 60ms nothing",
    );
    let lab = player.lab();
    why(
        lab,
        entry(S1, 5),
        expect![[r#"
            §6: Entry 5 is on the disk of S1, S2 and S3, as far as S1 knows. The cluster is
                changing: it takes a majority of the old members, who have it on 3 of 3, and
                one of the new, on 1 of 3. S4 and S5 cannot be told: the link from S1 is cut
                since 276 ms.
            - S1 puts it into its log as entry 5 of term 1.
            - You ask S1 to give the votes to S1 S4 S5 in one step.
            - You cut 6 links.
        "#]],
    );
    why(
        lab,
        entry(S1, 6),
        expect![[r#"
            §6: Entry 6 is on the disk of S1, S2 and S3, as far as S1 knows. The cluster is
                changing: it takes a majority of the old members, who have it on 3 of 3, and
                one of the new, on 1 of 3. S4 and S5 cannot be told: the link from S1 is cut
                since 276 ms.
            - S1 puts it into its log as entry 6 of term 1.
            - C1 asks S1 to write x=2.
            - You cut 6 links.
        "#]],
    );
}

#[test]
fn a_follower_that_does_not_know_yet_and_one_that_cannot() {
    let player = run(
        "servers 3\nseed 7",
        "time-out S1\nuntil S1 leads\nafter 60ms write x=1 to S1\nuntil committed x=1 on S1",
    );
    why(
        player.lab(),
        entry(S2, 1),
        expect![[r#"
        §5.3: S1, the leader of term 1, has committed entry 1 of term 1; S2 has it and
            has not heard that. The news goes out with the next message at 106 ms.
        - S1 puts it into its log as entry 1 of term 1.
        - C1 asks S1 to write x=1.
    "#]],
    );
    let player = run(
        "servers 3\nseed 7",
        "time-out S1\nuntil S1 leads\nafter 60ms cut S3 | rest\nwrite x=1 to S1\n\
         until committed x=1 on S2\nheal\ncut S1 -> S3\nuntil not S1 leads within 2s\n\
         after 20ms nothing",
    );
    why(
        player.lab(),
        entry(S3, 1),
        expect![[r#"
        §5.3: Nobody leads term 2, in which S3 is, or a later one, so nobody counts who
            has entry 1. The next leader decides what becomes of it.
        - Why is there no leader?
    "#]],
    );
    why(
        player.lab(),
        Question::NoLeader,
        expect![[r#"
        §5.2: Nobody leads. At 243 ms: S1 does not vote for S3: that log ends with
            entry 0 of term 0, its own with entry 1 of term 1. S3 stands in term 2 and
            has 1 of 2 votes. The next timer to run out is S3’s, at 334 ms.
        - Why has S3 not won?
        - S1 does not vote for S3: that log ends with entry 0 of term 0, its own with
            entry 1 of term 1.
        - S1 gets from S3: RequestVote (term 2).
        - S1 puts it into its log as entry 1 of term 1.
    "#]],
    );
}
