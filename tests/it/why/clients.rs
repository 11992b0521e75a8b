//! What clients and people ask for.

use expect_test::expect;
use rift::labs::Question;
use rift::scene::Target;
use rift::sim::{NodeId, RecordId};

use super::{S1, look, run, told, why};

#[test]
fn clients_that_ask_twice_that_ask_the_wrong_one_and_that_wait() {
    let player = run(
        "servers 3\nseed 7",
        "time-out S1\nuntil S1 leads\nopen-session at S1\nafter 60ms write x=1 to S1\n\
         after 60ms retry at S1\nafter 60ms write x=2 to S2 by C2\ncut S1 | rest\n\
         read x from S1 by C3\nafter 30ms crash S1\nrestart S1",
    );
    let lab = player.lab();
    why(
        lab,
        Question::Request(3),
        expect![[r#"
            Thesis 6.3: At 136 ms, C1 asked S1 for its latest write once more. S1 tells C1:
                done before, not again. In a session every command has a number, and each is
                done once, however often it is asked for.
            - S1 tells C1: done before, not again.
            - S1 does what entry 3 asks for.
            - C1 asks S1 again to write x=1, still its number 1.
            - S1 gets from S3: Answer to AppendEntries (term 1: success).
        "#]],
    );
    why(
        lab,
        Question::Request(4),
        expect![[r#"
            §8: At 196 ms, C2 asked S2 to write x=2. S2 does not lead and takes no writes:
                ask S1.
            - Why does S2 take S1 for the leader?
            - S2 tells the client that it does not do it.
            - S2 does not lead and takes no writes: ask S1.
            - C2 asks S2 to write x=2.
        "#]],
    );
    why(
        lab,
        Question::Request(5),
        expect![[r#"
            Thesis 6.4: At 196 ms, C3 asked S1 to read x. Whether it is done in the end,
                others decide. You crashed S1: what was not on its disk is lost. C3 does not
                know what became of x.
            - You crashed S1: what was not on its disk is lost. C3 does not know what
                became of x.
        "#]],
    );
    let player = run(
        "servers 3\nseed 7",
        "time-out S1\nuntil S1 leads\nwrite x=1 to S1\nuntil committed x=1 on S2\ncut S1 | S2\n\
         pause S3\nread x from S1\nafter 30ms nothing",
    );
    let lab = player.lab();
    let answer = why(
        lab,
        Question::Request(2),
        expect![[r#"
            Thesis 6.4: At 54 ms, C1 asked S1 to read x. S1 must know that it still leads:
                2 servers, itself included, have to answer a message that it sent after the
                read came. S2 has not: the link S1 → S2 is cut since 54 ms. S3 is paused
                since 54 ms.
            - S1 asks the others whether it still leads.
            - C1 asks S1 to read x.
            - You cut the link S1 – S2.
            - You paused S3: what comes for it waits.
        "#]],
    );
    assert!(answer.cone.contains(&told(lab, "You cut")));
}

#[test]
fn a_change_that_is_refused() {
    let player = run(
        "servers 5\nseed 7",
        "time-out S1\nuntil S1 leads\nremove S5 via S1\nremove S5 via S2\nafter 30ms nothing",
    );
    let lab = player.lab();
    why(
        lab,
        Question::Record(told(lab, "S1 does not change the members")),
        expect![[r#"
            §6: S1 does not change the members: the settings do not allow it.
            - You ask S1 to remove S5.
            - S1 has 3 votes, a majority: it leads term 1.
        "#]],
    );
    why(
        lab,
        Question::Record(told(lab, "S2 does not change the members")),
        expect![[r#"
            §6: S2 does not change the members: it does not lead.
            - You ask S2 to remove S5.
        "#]],
    );
}

#[test]
fn what_does_not_exist_has_no_answer() {
    let player = run("servers 3\nseed 7", "until leader");
    let lab = player.lab();
    let nothing = [
        Question::Role(NodeId(77)),
        Question::Record(RecordId(u32::MAX)),
        Question::Entry { node: NodeId(9), index: 1 },
        Question::Request(0),
        Question::Request(1),
    ];
    assert!(nothing.iter().all(|question| look(lab).why(question).is_none()));
    let odd = Question::Entry { node: S1, index: u64::MAX };
    assert!(look(lab).why(&odd).is_some_and(|answer| answer.text.contains("an entry 184")));
    assert!(look(lab).questions(Target::Node(NodeId(77))).is_empty());
    assert!(look(lab).questions(Target::Message(RecordId(u32::MAX))).is_empty());
}
