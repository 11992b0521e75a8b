//! Stories, told line by line, and the reader's path.

use expect_test::expect_file;
use rift::labs::WriteFate;
use rift::sim::{Fault, NodeId, TRUE_RATE_PPM};

use super::play::{Play, S, choice, count, switch};

/// The reader's path from one end to the other, one task at a time.
#[test]
fn the_whole_path_is_told_and_ticked() {
    let mut play = Play::new(&[]);
    assert_eq!(play.done(), [false; 8]);
    play.write(1, 1, "1");
    assert_eq!(play.done(), [true, false, false, false, false, false, false, false]);
    play.cut();
    assert_eq!(play.done()[..3], [true, true, false]);
    play.write(1, 1, "2");
    assert_eq!(play.done()[..4], [true, true, true, false]);
    play.write(1, 1, "3");
    assert_eq!(play.done()[..5], [true, true, true, true, false]);
    play.heal();
    assert!(!play.done()[4], "the ghost is on one side still");
    play.wait(3_000);
    assert_eq!(play.done()[..6], [true, true, true, true, true, false]);
    play.set(choice("mode", "ap"));
    play.cut();
    play.wait(300);
    play.write(1, 1, "left");
    assert_eq!(play.done()[5..], [true, false, false]);
    play.write(2, 5, "right");
    assert_eq!(play.done()[5..], [true, true, false]);
    play.heal();
    play.wait(3_000);
    assert_eq!(play.done(), [true; 8]);
    expect_file!["../golden/cap/story.txt"].assert_eq(&play.story());
    let outcome = play.lab.outcome();
    let fates: Vec<WriteFate> = outcome.writes.iter().map(|(_, fate)| *fate).collect();
    use WriteFate::{Ghost, Gone, Kept, Lost, Refused};
    assert!(fates[1] == Ghost || fates[1] == Gone, "{fates:?}");
    assert_eq!([fates[0], fates[2], fates[3], fates[4]], [Kept, Refused, Lost, Kept]);
    assert_eq!(outcome.headline, "All that run hold x=right.");
}

#[test]
fn siblings_arise_and_go_once_somebody_has_seen_them() {
    let mut play = Play::new(&[choice("mode", "ap"), choice("resolution", "siblings")]);
    play.cut();
    play.wait(300);
    play.write(1, 1, "left");
    play.write(2, 5, "right");
    play.heal();
    play.wait(3_000);
    assert!(play.says("siblings"), "{}", play.story());
    assert_eq!(play.story().matches("siblings. Neither").count(), 1, "once for all replicas");
    play.read(1, 3);
    assert!(play.says("that x is left and right"), "{}", play.story());
    let rows = play.lab.table().rows;
    assert!(rows.iter().all(|row| row[2].contains("x is left and right")), "{rows:?}");
    play.write(1, 3, "both");
    play.wait(3_000);
    assert_eq!(play.lab.outcome().headline, "All that run hold x=both.");
    assert!(!play.says("is lost"), "{}", play.story());
}

/// Last write wins by clocks that may be wrong: the later one goes, and the story names the clock.
#[test]
fn a_clock_that_is_ahead_loses_a_later_write() {
    let mut play = Play::new(&[]);
    let ahead = Fault::SetClock { node: S[0], rate_ppm: TRUE_RATE_PPM, offset_us: 900_000 };
    play.fault(ahead);
    play.write(1, 1, "first");
    play.write(2, 5, "second");
    let story = play.story();
    assert!(
        story.contains("drops x=second for x=first") || story.contains("x=second is lost"),
        "{story}"
    );
    assert!(story.contains("S1’s clock was 900 ms ahead"), "{story}");
    let lost = &play.lab.outcome().writes[1];
    assert_eq!((lost.0.as_str(), lost.1), ("C2 x=second", WriteFate::Lost));
    play.read(2, 5);
    assert!(play.says("A stale read."), "{}", play.story());
}

/// A client that goes round among servers that are apart does not see what it wrote itself.
#[test]
fn a_session_breaks_in_the_moment() {
    let mut play = Play::new(&[choice("mode", "ap")]);
    play.write(1, 1, "1");
    play.cut();
    play.write(1, 1, "2");
    assert!(!play.says("session breaks"), "{}", play.story());
    play.read(1, 5);
    let words = "A stale read. C1’s session breaks: it does not see what it wrote itself";
    assert!(play.says(words), "{}", play.story());
}

/// A tombstone that was forgotten too early: the value comes back.
#[test]
fn what_was_deleted_comes_back() {
    let mut play =
        Play::new(&[choice("mode", "ap"), count("w", 1), switch("collect-tombstones", true)]);
    play.write(1, 1, "1");
    play.fault(Fault::Crash(S[4]));
    play.delete(1, 1);
    play.wait(4_000);
    assert!(play.says("forgets that x was deleted"), "{}", play.story());
    let fates = play.lab.outcome().writes;
    assert!(fates.iter().all(|(_, fate)| *fate == WriteFate::Kept), "nothing is lost: {fates:?}");
    play.fault(Fault::Restart(S[4]));
    play.wait(8_000);
    assert!(play.says("x=1 comes back, though x had been deleted"), "{}", play.story());
    assert_eq!(play.lab.outcome().headline, "All that run hold x=1.");
    let fates = play.lab.outcome().writes;
    assert_eq!(fates[1].1, WriteFate::Lost, "the delete");
}

#[test]
fn stand_ins_keep_what_is_meant_for_others() {
    let mut play = Play::new(&[choice("mode", "ap-sloppy"), count("n", 3), count("w", 2)]);
    play.cut();
    play.wait(400);
    play.write(1, 1, "1");
    play.write(2, 4, "2");
    let kept = play.story().contains(", which seems to be down.");
    assert!(kept, "{}", play.story());
    let keeps = play.lab.table().rows;
    assert!(keeps.iter().any(|row| row[3].starts_with("for S")), "{keeps:?}");
    play.heal();
    play.wait(3_000);
    assert!(play.says("it was kept while that server seemed to be down"), "{}", play.story());
    assert!(play.says("forgets that."), "{}", play.story());
}

#[test]
fn repair_is_told_as_what_it_is() {
    let quiet = [switch("anti-entropy", false), choice("read-repair", "async")];
    let mut play = Play::new(&[&quiet[..], &[choice("mode", "ap"), count("r", 3)]].concat());
    play.cut();
    play.wait(300);
    play.write(1, 1, "1");
    play.heal();
    play.wait(300);
    play.read(2, 5);
    assert!(play.says("sends it what the read has found"), "{}", play.story());
    assert!(play.says("that x is 1: read repair."), "{}", play.story());

    let mut play = Play::new(&[]);
    play.cut();
    play.write(1, 1, "ghost");
    play.heal();
    play.wait(200);
    play.read(2, 1);
    assert!(play.says("writes it back before it answers C2"), "{}", play.story());
    assert!(play.says("a read writes back what it found"), "{}", play.story());
}

#[test]
fn raft_tells_of_leaders_and_what_they_pass_on() {
    let mut play = Play::new(&[choice("system", "raft")]);
    play.wait(400);
    play.write(1, 1, "1");
    play.write(2, 2, "2");
    assert!(play.says("it leads term 1"), "{}", play.story());
    assert!(play.says("The request is passed on to"), "{}", play.story());
    assert!(play.says("A majority has it in its log."), "{}", play.story());
    assert!(play.lab.outcome().headline.ends_with("leads term 1."));
    assert_eq!(play.done(), [true, false, false, false]);
    play.cut();
    play.write(1, 1, "3");
    play.write(2, 2, "4");
    play.wait(1_500);
    play.heal();
    play.wait(300);
    assert_eq!(play.done(), [true; 4], "{}", play.story());
    let table = play.lab.table();
    assert_eq!(table.head, ["Server", "Role", "Term", "Log"]);
    assert!(table.rows.iter().all(|row| row[3].contains("x=1 x=2")), "{:?}", table.rows);
}

/// Asynchronous: what was answered and not shipped is gone when another is promoted.
#[test]
fn primary_backup_tells_what_a_promotion_loses() {
    use rift::labs::Command;
    let mut play = Play::new(&[choice("system", "primary-backup")]);
    play.write(1, 1, "1");
    play.fault(Fault::cut_between(&S[..1], &S[1..]));
    play.write(1, 1, "2");
    play.act(Command::TransferLeadership { via: NodeId(0), to: NodeId(1) });
    play.wait(100);
    play.heal();
    play.wait(500);
    let story = play.story();
    assert!(story.contains("You make S2 the primary"), "{story}");
    assert!(story.contains("S1 drops a write that S2 does not have."), "{story}");
    assert!(story.contains("x=2 is lost: nobody has it any more, and C1 was told"), "{story}");
    assert!(story.contains("S1 hears that S2 is the primary now."), "{story}");
    assert_eq!(play.lab.outcome().writes[1].1, WriteFate::Lost);
}

#[test]
fn who_is_left_alone_by_a_crash_is_named() {
    let mut play = Play::new(&[]);
    let ask = rift::labs::Ask::Write { key: "x".into(), value: "1".into() };
    play.ask(1, 1, ask);
    play.fault(Fault::Crash(S[0]));
    assert!(play.says("C1 does not know what became of its write of x=1."), "{}", play.story());
}
