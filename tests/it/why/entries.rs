//! Entries: committed, not yet, and never.

use expect_test::expect;
use rift::labs::Question;
use rift::scenario::{Player, parse};
use rift::scene::Target;

use super::{S1, S2, S3, S5, look, run, told, why};

#[test]
fn an_entry_of_a_leader_that_was_cut_off() {
    let player = run(
        "servers 5\nseed 7",
        "time-out S1\nuntil S1 leads\nafter 50ms cut S1 S2 | rest\nwrite x=1 to S1\n\
         until two leaders\nafter 40ms nothing",
    );
    let lab = player.lab();
    let cut = told(lab, "You cut");
    let entry = why(
        lab,
        Question::Entry { node: S1, index: 1 },
        expect![[r#"
            §5.3: Entry 1 is on the disk of S1 and S2, as far as S1 knows, and it takes 3
                of 5. S3, S4 and S5 cannot be told: the link from S1 is cut since 67 ms. S4
                leads term 2 by now, and S1 does not know.
            - Why does S4 lead?
            - S1 puts it into its log as entry 1 of term 1.
            - C1 asks S1 to write x=1.
            - You cut 6 links.
        "#]],
    );
    assert!(entry.cone.contains(&cut) && entry.servers.contains(&S3));
    let role = why(
        lab,
        Question::Role(S1),
        expect![[r#"
            §5.2: S1 leads term 1 since 17 ms: S1, S4 and S5 voted for it, and it takes 3
                of 5. You made S1 time out. Now it reaches and hears only S2, and commits
                nothing without 3 servers. S4 leads term 2 by now, and S1 does not know.
            - Why does S4 lead?
            - S1 has 3 votes, a majority: it leads term 1.
            - S1 counts the vote of S5: 3 of 3 votes.
            - S1 counts the vote of S4: 2 of 3 votes.
            - S1 counts the vote of S1: 1 of 3 votes.
            - S1 stands for election in term 1 and asks for votes.
        "#]],
    );
    assert!(role.cone.contains(&cut));
    let request = why(
        lab,
        Question::Request(1),
        expect![[r#"
            §5.3: At 67 ms, C1 asked S1 to write x=1. It answers once entry 1 is committed.
                Entry 1 is on the disk of S1 and S2, as far as S1 knows, and it takes 3 of
                5. S3, S4 and S5 cannot be told: the link from S1 is cut since 67 ms. S4
                leads term 2 by now, and S1 does not know.
            - Why does S4 lead?
            - Why is entry 1 not committed?
            - C1 asks S1 to write x=1.
            - You cut 6 links.
        "#]],
    );
    assert!(request.cone.contains(&cut));
    let link = look(lab).questions(Target::Link(S1, S5));
    let (_, died) = link.last().expect("something died there");
    let died = why(
        lab,
        *died,
        expect![[r#"
            §2: A message from S1 to S5 is lost, for its link was cut when it would have
                arrived: AppendEntries (term 1: 1 entries). At 67 ms: You cut 6 links.
            - You cut 6 links.
            - S1 sends S5: AppendEntries (term 1: 1 entries).
        "#]],
    );
    assert_eq!(died.back, Some(cut));
}

/// §5.4.2: counting commits only entries of the leader's own term.
#[test]
fn figure_8_an_old_entry_on_a_majority() {
    let text = include_str!("../../../src/labs/raft/scenarios/figure-8.rift");
    let (script, _) = text.split_once("# (d)").expect("the last act");
    let mut player = Player::alone(&parse(script).expect("it parses")).expect("it can be played");
    player.advance_to_end(10_000_000);
    let lab = player.lab();
    why(
        lab,
        Question::Entry { node: S1, index: 1 },
        expect![[r#"
            §5.4.2: A majority has entry 1, but it is of term 1: S1 commits by counting
                only entries of its own term 3, and those before with them. It has none on a
                majority yet.
            - S1 puts it into its log as entry 1 of term 1.
            - C1 asks S1 to write x=old.
        "#]],
    );
    why(
        lab,
        Question::Entry { node: S3, index: 1 },
        expect![[r#"
            §5.4.2: A majority has entry 1, but it is of term 1: S1 commits by counting
                only entries of its own term 3, and those before with them. It has none on a
                majority yet.
            - Why does S1 not commit entry 1?
            - S1 puts it into its log as entry 1 of term 1.
            - C1 asks S1 to write x=old.
        "#]],
    );
    why(
        lab,
        Question::Record(told(lab, "A majority has entry 1")),
        expect![[r#"
            §5.4.2: A majority has entry 1, but it is of term 1: S1 may commit by counting
                only in term 3.
            - S1 knows now that S3 has everything up to 1.
            - S1 gets from S3: Answer to AppendEntries (term 3: success).
            - S1 knows now that S2 has everything up to 1.
            - S1 has 3 votes, a majority: it leads term 3.
        "#]],
    );
}

#[test]
fn an_entry_that_waits_for_disks_for_messages_and_for_the_paused() {
    let player = run(
        "servers 3\nseed 13",
        "time-out S1\nuntil S1 leads\ndisk S2 80ms\npause S3\nwrite x=1 to S1\n\
         until logged x=1 on S2\nafter 1ms nothing",
    );
    let lab = player.lab();
    let answer = why(
        lab,
        Question::Entry { node: S1, index: 1 },
        expect![[r#"
            §5.3: Entry 1 is on the disk of S1, as far as S1 knows, and it takes 2 of 3. S2
                has it in memory, and its disk is still writing. S3 is paused since 14 ms.
            - S1 puts it into its log as entry 1 of term 1.
            - C1 asks S1 to write x=1.
            - You changed how long S2’s disk takes.
            - You paused S3: what comes for it waits.
        "#]],
    );
    assert!(answer.cone.contains(&told(lab, "You paused S3")));
    let player = run(
        "servers 3\nseed 13",
        "time-out S1\nuntil S1 leads\nafter 50ms write x=1 to S1\nafter 1ms nothing",
    );
    why(
        player.lab(),
        Question::Entry { node: S1, index: 1 },
        expect![[r#"
            §5.3: Entry 1 is on the disk of S1, as far as S1 knows, and it takes 2 of 3. S2
                gets it at 71 ms. S3 gets it at 71 ms.
            - S1 puts it into its log as entry 1 of term 1.
            - C1 asks S1 to write x=1.
            - S1 sends S2: AppendEntries (term 1: 1 entries).
            - S1 sends S3: AppendEntries (term 1: 1 entries).
        "#]],
    );
    let player = run(
        "servers 3\nseed 13",
        "time-out S1\nuntil S1 leads\nwrite x=1 to S1\nuntil committed x=1",
    );
    let lab = player.lab();
    why(
        lab,
        Question::Entry { node: S1, index: 1 },
        expect![[r#"
            §5.3: Entry 1 is committed since 32 ms: 2 servers have entry 1: S1 commits it.
            - 2 servers have entry 1: S1 commits it.
            - S1 knows now that S3 has everything up to 1.
            - S1 gets from S3: Answer to AppendEntries (term 1: success).
            - S1 puts it into its log as entry 1 of term 1.
        "#]],
    );
    why(
        lab,
        Question::Entry { node: S2, index: 1 },
        expect![[r#"
            §5.3: S1, the leader of term 1, has committed entry 1 of term 1; S2 has it and
                has not heard that. The news goes out with the next message at 44 ms.
            - S1 puts it into its log as entry 1 of term 1.
            - C1 asks S1 to write x=1.
        "#]],
    );
}

#[test]
fn an_entry_that_no_leader_has_is_deleted() {
    let player = run(
        "servers 3\nseed 5",
        "time-out S1\nuntil S1 leads\nafter 40ms cut S1 | rest\nwrite x=1 to S1\nwrite x=2 to S1\n\
         until leader in group 2\nwrite x=3 to leader\nuntil committed x=3",
    );
    // The leader cut off has an entry that is going to go; a follower of the new one has not.
    let lab = player.lab();
    let player = run(
        "servers 3\nseed 5",
        "time-out S1\nuntil S1 leads\nafter 40ms cut S1 | rest\nwrite x=1 to S1\nwrite x=2 to S1\n\
         until leader in group 2\nwrite x=3 to leader\nuntil committed x=3\nheal\n\
         until not logged x=1 on S1",
    );
    let healed = player.lab();
    why(
        healed,
        Question::Record(told(healed, "S1 deletes")),
        expect![[r#"
            §5.3: S1 deletes 2 entries: 1 is of term 1 here, of term 2 at the leader. At 55
                ms: S1 puts it into its log as entry 1 of term 1. The leader’s log decides;
                what goes was not committed.
            - S1 gets from S3: AppendEntries (term 2: 1 entries).
            - S1 puts it into its log as entry 1 of term 1.
            - S3 puts it into its log as entry 1 of term 2.
        "#]],
    );
    why(
        lab,
        Question::Entry { node: S1, index: 2 },
        expect![[r#"
            §5.3: Entry 2 is on the disk of S1, as far as S1 knows, and it takes 2 of 3. S2
                and S3 cannot be told: the link from S1 is cut since 55 ms. S3 leads term 2
                by now, and S1 does not know.
            - Why does S3 lead?
            - S1 puts it into its log as entry 2 of term 1.
            - C1 asks S1 to write x=2.
            - You cut 2 links.
        "#]],
    );
}

#[test]
fn a_leader_that_looks_for_where_the_logs_agree() {
    let player = run(
        "servers 3\nseed 5",
        "time-out S1\nuntil S1 leads\ncut S3 | rest\nwrite x=1 to S1\nwrite x=2 to S1\n\
         until committed x=2\nafter 50ms crash S1\nafter 40ms heal\ntime-out S2\nuntil S2 leads\n\
         after 80ms nothing",
    );
    let lab = player.lab();
    why(
        lab,
        Question::Record(told(lab, "tries S3 again")),
        expect![[r#"
            §5.3: S2 tries S3 again from entry 1. At 367 ms: S3 refuses entries of S2:
                entry 1 is missing, its log ends at 0.
            - S2 gets from S3: Answer to AppendEntries (term 4: failure).
        "#]],
    );
}

#[test]
fn the_logs_of_a_follower_and_of_the_leader_differ() {
    let player = run(
        "servers 3\nseed 5",
        "time-out S1\nuntil S1 leads\nafter 40ms cut S1 | rest\nwrite x=1 to S1\n\
         after 5ms nothing\nuntil leader in group 2\n\
         write x=3 to leader\nuntil committed x=3\nwrite x=4 to leader\n\
         until committed x=4\ncrash S1\nrestart S1\nafter 1ms nothing",
    );
    let lab = player.lab();
    let answer = why(
        lab,
        Question::Entry { node: S1, index: 1 },
        expect![[r#"
            §5.3: S1 has an entry 1 of term 1, but S3, the leader of term 2, has an entry
                of term 2 there: it is not committed, and S1 will delete it. Until now the
                link S3 → S1 is cut since 55 ms.
            - S1 puts it into its log as entry 1 of term 1.
            - C1 asks S1 to write x=1.
            - You cut 2 links.
            - S3 has 2 votes, a majority: it leads term 2.
        "#]],
    );
    assert!(answer.cone.contains(&told(lab, "You cut")));
    let answer = why(
        lab,
        Question::Entry { node: S1, index: 2 },
        expect![[r#"
        §5.3: S1 has no entry 2: its log ends at 1. S3 leads and has it. S1 cannot be
            told: the link from S3 is cut since 55 ms.
        - You cut 2 links.
        - S3 has 2 votes, a majority: it leads term 2.
    "#]],
    );
    assert!(answer.cone.contains(&told(lab, "You cut")));
}
