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
    why(lab, entry(S1, 1), expect![[""]]);
    why(lab, entry(S2, 1), expect![[""]]);
    why(lab, Question::Role(S1), expect![[""]]);
    why(lab, Question::Request(1), expect![[""]]);
}

#[test]
fn a_majority_is_down() {
    let player = run(
        "servers 5\nseed 7",
        "time-out S1\nuntil S1 leads\nafter 60ms crash S2\ncrash S3\nafter 10ms crash S4\n\
         write x=1 to S1\nafter 60ms nothing",
    );
    let lab = player.lab();
    why(lab, entry(S1, 1), expect![[""]]);
    why(lab, entry(S4, 1), expect![[""]]);
    why(lab, entry(S5, 1), expect![[""]]);
    why(lab, Question::NoLeader, expect![[""]]);
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
    why(lab, Question::Request(3), expect![[""]]);
    why(lab, Question::Record(told(lab, "lease")), expect![[""]]);
    why(lab, Question::Role(S1), expect![[""]]);
}

#[test]
fn a_learner_and_a_server_outside() {
    let player = run(
        "servers 4\nseed 3\nmembers 3\nmembership on\nsticky-leader on\nnoop on",
        "time-out S1\nuntil S1 leads\nwrite x=1 to S1\nuntil committed x=1 on S2\ncut S2 S3 | rest\n\
         add-learner S4 via S1\nafter 60ms nothing",
    );
    let lab = player.lab();
    why(lab, Question::Role(S4), expect![[""]]);
    why(lab, entry(S1, 3), expect![[""]]);
    why(lab, entry(S4, 1), expect![[""]]);
    let lab = run(
        "servers 4\nseed 3\nmembers 3\nmembership on\nnoop on",
        "time-out S1\nuntil S1 leads\nadd-learner S4 via S1\n\
         until S4 is learner and S4 has 2 entries\nafter 80ms time-out S4\nafter 10ms nothing",
    );
    why(lab.lab(), Question::Role(S4), expect![[""]]);
}

#[test]
fn a_handover_and_a_leader_that_is_removed() {
    let player = run(
        "servers 3\nseed 3\nnoop on",
        "time-out S1\nuntil S1 leads\nwrite x=1 to S1\nuntil committed x=1\ncut S1 -> S3\n\
         transfer from S1 to S3\nwrite x=2 to S1\nafter 10ms nothing",
    );
    why(player.lab(), Question::Request(2), expect![[""]]);
    let player = run(
        "servers 3\nseed 3\nnoop on",
        "time-out S1\nuntil S1 leads\nwrite x=1 to S1\nuntil committed x=1\n\
         transfer from S1 to S3\nuntil S3 leads within 100ms\nafter 40ms nothing",
    );
    why(player.lab(), Question::Role(S3), expect![[""]]);
    why(player.lab(), Question::Role(S1), expect![[""]]);
    let player = run(
        "servers 3\nseed 3\nmembership on\nnoop on\nsticky-leader on",
        "time-out S1\nuntil S1 leads\nwrite x=1 to S1\nuntil committed x=1\nremove S1 via S1\n\
         until not S1 is member\nafter 60ms nothing",
    );
    why(player.lab(), Question::Role(S1), expect![[""]]);
    why(player.lab(), Question::NoLeader, expect![[""]]);
}

#[test]
fn messages_that_the_reader_dropped_or_held_up() {
    let player = run(
        "servers 3\nseed 7",
        "time-out S1\nuntil S1 leads\nafter 60ms write x=1 to S1\ndrop message S1 -> S2\n\
         delay message S1 -> S3 by 400ms\nafter 15ms nothing",
    );
    let lab = player.lab();
    why(lab, entry(S1, 1), expect![[""]]);
    why(lab, Question::Record(told(lab, "You dropped")), expect![[""]]);
    let picture =
        look(lab).space_time(rift::scene::Window::new(0, lab.now_us()), rift::scene::Spacing::Time);
    let dropped = picture.arrows.iter().find_map(|arrow| match arrow.fate {
        rift::scene::space_time::ArrowFate::Lost { record, .. } => Some(record),
        _ => None,
    });
    why(lab, Question::Record(dropped.expect("one was dropped")), expect![[""]]);
}

#[test]
fn a_paused_leader_and_what_it_was_asked() {
    let player = run(
        "servers 3\nseed 7",
        "time-out S1\nuntil S1 leads\nafter 60ms write x=1 to S1\npause S1\nafter 80ms nothing",
    );
    let lab = player.lab();
    why(lab, Question::Request(1), expect![[""]]);
    why(lab, Question::NoLeader, expect![[""]]);
    why(lab, Question::Role(S1), expect![[""]]);
    why(lab, Question::Role(S2), expect![[""]]);
    let player = run(
        "servers 3\nseed 7",
        "time-out S1\nuntil S1 leads\nafter 60ms pause S1\nuntil two leaders within 1s\n\
         after 30ms write x=9 to S2\nwrite x=8 to S3\nafter 40ms resume S1\nafter 1ms nothing",
    );
    why(player.lab(), Question::Role(S1), expect![[""]]);
}

#[test]
fn both_majorities_of_a_joint_configuration() {
    let player = run(
        "servers 5\nseed 3\nmembers 3\nmembership on\nnoop on",
        "time-out S1\nuntil S1 leads\nwrite x=1 to S1\nuntil committed x=1 on S2\n\
         cut S4 S5 | rest\nvoters S1 S4 S5 via S1\nwrite x=2 to S1\nafter 60ms nothing",
    );
    let lab = player.lab();
    why(lab, entry(S1, 3), expect![[""]]);
    why(lab, entry(S1, 4), expect![[""]]);
}

#[test]
fn a_follower_that_does_not_know_yet_and_one_that_cannot() {
    let player = run(
        "servers 3\nseed 7",
        "time-out S1\nuntil S1 leads\nafter 60ms write x=1 to S1\nuntil committed x=1 on S1",
    );
    why(player.lab(), entry(S2, 1), expect![[""]]);
    let player = run(
        "servers 3\nseed 7",
        "time-out S1\nuntil S1 leads\nafter 60ms cut S3 | rest\nwrite x=1 to S1\n\
         until committed x=1 on S2\nheal\ncut S1 -> S3\nuntil not S1 leads within 2s\n\
         after 20ms nothing",
    );
    why(player.lab(), entry(S3, 1), expect![[""]]);
    why(player.lab(), Question::NoLeader, expect![[""]]);
}
