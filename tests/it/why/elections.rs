//! Roles, votes, elections, and why nobody leads.

use expect_test::expect;
use rift::labs::Question;
use rift::scene::Target;

use super::{S1, S2, look, run, told, walk, why};

#[test]
fn a_vote_that_is_refused_for_an_old_log() {
    let player = run(
        "servers 3\nseed 7",
        "time-out S1\nuntil S1 leads\ncut S3 | rest\nwrite x=1 to S1\nuntil committed x=1\n\
         crash S1\nheal\ntime-out S3\nafter 40ms nothing",
    );
    let lab = player.lab();
    let denied = told(lab, "S2 does not vote for S3");
    let answer = why(
        lab,
        Question::Record(denied),
        expect![[r#"
            §5.4.1: S2 does not vote for S3: that log ends with entry 0 of term 0, its own
                with entry 1 of term 1. It has that entry since 27 ms. Who leads must have
                every committed entry, and this may be one.
            - S2 gets from S3: RequestVote (term 2).
            - S2 stores entry 1.
        "#]],
    );
    assert!(answer.cone.contains(&told(lab, "asks S1 to write x=1")), "where the entry came from");
}

#[test]
fn a_split_vote_leaves_no_leader() {
    let player = run(
        "servers 4\nseed 1",
        "at 50ms cut S1 S3 | S2 S4\ntime-out S1\ntime-out S2\n\
         until S3 voted for S1 and S4 voted for S2 within 100ms\nheal\nafter 30ms nothing",
    );
    let lab = player.lab();
    let (label, question) = look(lab).questions(Target::Stage)[0].clone();
    assert_eq!((label.as_str(), question), ("Why is there no leader?", Question::NoLeader));
    why(
        lab,
        question,
        expect![[r#"
            §5.2: Nobody leads. At 61 ms: S1 does not vote for S2: its vote in this term is
                S1’s. S1 stands in term 1 and has 2 of 3 votes. S2 stands in term 1 and has
                2 of 3 votes. The next timer to run out is S1’s, at 158 ms.
            - Why has S1 not won?
            - Why has S2 not won?
            - S1 does not vote for S2: its vote in this term is S1’s.
            - S1 gets from S2: RequestVote (term 1).
            - S1 stands for election in term 1 and asks for votes.
        "#]],
    );
    why(
        lab,
        Question::Role(S1),
        expect![[r#"
        §5.2: S1 stands for election in term 1. You made S1 time out. It has the votes
            of S1 and S3, and it takes 3. S2 does not vote for S1: its vote in this term
            is S2’s. S4 does not vote for S1: its vote in this term is S2’s. It tries
            again at 158 ms.
        - S1 stands for election in term 1 and asks for votes.
        - You made S1 time out.
        - You make S1 time out.
        - S2 does not vote for S1: its vote in this term is S2’s.
        - S4 does not vote for S1: its vote in this term is S2’s.
    "#]],
    );
}

#[test]
fn no_group_is_large_enough_and_too_few_run() {
    let player = run(
        "servers 5\nseed 1",
        "until leader\ncut S1 S2 | S3 S4 | S5\ncrash leader\nafter 300ms nothing",
    );
    let lab = player.lab();
    let answer = why(
        lab,
        Question::NoLeader,
        expect![[r#"
            §5.2: Nobody leads. Nobody can win: it takes 3 votes, and no group is so large:
                S2 | S3 and S4 | S5. At 385 ms: S4 has heard from no leader: its election
                timer runs out. S2 stands in term 2 and has 1 of 3 votes. S4 stands in term
                3 and has 2 of 3 votes. S5 stands in term 3 and has 1 of 3 votes. The next
                timer to run out is S2’s, at 427 ms.
            - Why has S2 not won?
            - Why has S4 not won?
            - Why has S5 not won?
            - S4 has heard from no leader: its election timer runs out.
            - A message from S5 to S4 is lost, for its link was cut when it would have
                arrived: RequestVote (term 3).
            - A message from S2 to S4 is lost, for its link was cut when it would have
                arrived: RequestVote (term 2).
        "#]],
    );
    assert!(answer.cone.contains(&told(lab, "You cut")));
    let player = run("servers 3\nseed 1", "until leader\ncrash S1\ncrash S2\nafter 300ms nothing");
    let answer = why(
        player.lab(),
        Question::NoLeader,
        expect![[r#"
            §5.2: Nobody leads. Of all servers only S3 can do anything. At 279 ms: S3 has
                heard from no leader: its election timer runs out. S3 stands in term 2 and
                has 1 of 2 votes. The next timer to run out is S3’s, at 468 ms.
            - Why has S3 not won?
            - S3 has heard from no leader: its election timer runs out.
            - You crashed S1: what was not on its disk is lost.
            - A message from S3 to S1 is lost, for S1 was down: Answer to AppendEntries
                (term 1: success).
            - S3 has waited as long as it wanted.
            - You crashed S2: what was not on its disk is lost.
        "#]],
    );
    assert!(answer.cone.contains(&told(player.lab(), "You crashed S2")));
    why(
        player.lab(),
        Question::Role(S2),
        expect![[r#"
        §2: S2 is down since 125 ms. You crashed S2: what was not on its disk is lost.
        - You crashed S2: what was not on its disk is lost.
    "#]],
    );
}

#[test]
fn a_leader_steps_down_and_the_walk_back_ends_at_the_cut() {
    let player = run(
        "servers 5\nseed 3",
        "time-out S1\nuntil S1 leads\nafter 60ms cut S1 S2 S3 S4 -> S5\n\
         until not S1 leads within 1s",
    );
    let lab = player.lab();
    let down = told(lab, "S1 sees term");
    let answer = why(
        lab,
        Question::Record(down),
        expect![[r#"
            §5.1: S1 sees term 2 in a message of S5 and steps down. At 212 ms: S5 stands
                for election in term 2 and asks for votes.
            - S1 goes from term 1 to 2, which S5 is in.
            - S1 gets from S5: RequestVote (term 2).
        "#]],
    );
    assert!(answer.cone.contains(&told(lab, "You cut")));
    expect![[r#"
        S1 sees term 2 in a message of S5 and steps down. At 212 ms: S5 stands for
            election in term 2 and asks for votes.
        S1 goes from term 1 to 2, which S5 is in. At 212 ms: S5 stands for election in
            term 2 and asks for votes.
        S1 gets from S5: RequestVote (term 2).
        S5 sends S1: RequestVote (term 2). At 212 ms: S5’s disk has it: what waited for
            that may leave.
        S5’s disk has it: what waited for that may leave.
        S5 writes to its disk what it must not forget.
        S5 stands for election in term 2 and asks for votes. At 212 ms: S5 has heard
            from no leader: its election timer runs out.
        S5 has heard from no leader: its election timer runs out. Meanwhile 5 messages
            from or to S5 got lost. At 76 ms: You cut 4 links.
        A message from S1 to S5 is lost, for its link was cut when it would have
            arrived: AppendEntries (term 1: 0 entries). At 76 ms: You cut 4 links.
        You cut 4 links.
    "#]]
    .assert_eq(&walk(lab, down));
    why(
        lab,
        Question::Record(told(lab, "has heard from no leader")),
        expect![[r#"
            §5.2: S5 has heard from no leader: its election timer runs out. Meanwhile 5
                messages from or to S5 got lost. At 76 ms: You cut 4 links.
            - A message from S1 to S5 is lost, for its link was cut when it would have
                arrived: AppendEntries (term 1: 0 entries).
            - S5 has waited as long as it wanted.
        "#]],
    );
}

#[test]
fn a_pre_vote_that_is_refused_and_a_leader_without_a_majority() {
    let player = run(
        "servers 3\nseed 7\npre-vote on\ncheck-quorum on",
        "time-out S1\nuntil S1 leads\nafter 60ms cut S1 | S3\nafter 250ms nothing",
    );
    let lab = player.lab();
    why(
        lab,
        Question::Record(told(lab, "would not vote for S3")),
        expect![[r#"
            Thesis 4.2.3: S2 would not vote for S3: it heard from the leader S1 8 ms ago.
                At 251 ms: S2 gets from S1: AppendEntries (term 1: 0 entries).
            - S2 gets from S3: PreVote (term 1).
            - S2 gets from S1: AppendEntries (term 1: 0 entries).
        "#]],
    );
    let player = run(
        "servers 3\nseed 7\npre-vote on\ncheck-quorum on",
        "time-out S1\nuntil S1 leads\nafter 60ms cut S1 | rest\nuntil not S1 leads within 1s",
    );
    let lab = player.lab();
    let answer = why(
        lab,
        Question::Record(told(lab, "itself included")),
        expect![[r#"
            Thesis 6.2: S1 has heard from 1 servers, itself included: it steps down.
                Meanwhile 12 messages or more from or to S1 got lost. At 95 ms: You cut 2
                links.
            - A message from S1 to S3 is lost, for its link was cut when it would have
                arrived: AppendEntries (term 1: 0 entries).
            - A message from S1 to S2 is lost, for its link was cut when it would have
                arrived: AppendEntries (term 1: 0 entries).
            - A message from S2 to S1 is lost, for its link was cut when it would have
                arrived: AppendEntries (term 2: 0 entries).
            - A message from S2 to S1 is lost, for its link was cut when it would have
                arrived: RequestVote (term 2).
            - A message from S2 to S1 is lost, for its link was cut when it would have
                arrived: PreVote (term 1).
            - S1 has waited as long as it wanted.
        "#]],
    );
    assert!(answer.cone.contains(&told(lab, "You cut")));
}

#[test]
fn who_follows_whom_and_why() {
    let player = run("servers 3\nseed 7", "at 5ms nothing");
    why(
        player.lab(),
        Question::Role(S2),
        expect![[r#"
        §5.2: S2 follows nobody: it has heard from no leader of term 0. S2 starts for
            the first time, as a follower. If it hears from no leader until 127 ms, it
            stands itself.
        - S2 starts for the first time, as a follower.
    "#]],
    );
    let player = run("servers 3\nseed 7", "time-out S1\nuntil S1 leads\nafter 50ms pause S2");
    why(
        player.lab(),
        Question::Role(S2),
        expect![[r#"
        §5.2: S2 follows S1: it has heard from S1 as the leader of term 1, and from
            nobody of a later one. If it hears from no leader until 159 ms, it stands
            itself. It is paused since 66 ms and knows nothing of what has happened
            since.
        - S2 hears from S1, the leader of term 1.
        - S2 gets from S1: AppendEntries (term 1: 0 entries).
        - You paused S2: what comes for it waits.
    "#]],
    );
}
