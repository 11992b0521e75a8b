//! What is promised with which settings, and each promise broken.

use rift::labs::{Ask, Command, Promise};
use rift::sim::{Delay, Fault, LinkSettings, NodeId, TRUE_RATE_PPM};

use super::play::{Play, S, choice, count, switch};

fn promised(play: &Play) -> Vec<&'static str> {
    play.lab.promises().iter().map(|promise| promise.name).collect()
}

fn broken(play: &Play, name: &str) -> Option<Promise> {
    let promises = play.lab.promises();
    let promise = promises.into_iter().find(|promise| promise.name == name);
    promise.expect("it is promised").broken.is_some().then(|| {
        play.lab.promises().into_iter().find(|promise| promise.name == name).expect("as before")
    })
}

/// What was found when a promise broke; it is marked on the timeline, too.
fn finding(play: &Play, name: &str) -> String {
    let promise = broken(play, name).unwrap_or_else(|| panic!("{name} is kept: {}", play.story()));
    let breach = promise.broken.expect("it is");
    assert_eq!(play.lab.next_mark_us(breach.at_us - 1, false), Some(breach.at_us));
    assert!(play.lab.record(breach.record).is_some());
    breach.finding
}

#[test]
fn settings_decide_what_is_promised() {
    let cp = Play::new(&[]);
    let survive = "Acknowledged writes survive";
    let all = ["Linearizable", "Regular reads", survive, "Replicas converge"];
    assert_eq!(promised(&cp), all);
    let no_write_back = Play::new(&[choice("read-repair", "async")]);
    assert_eq!(promised(&no_write_back), all[1..]);
    let ap = Play::new(&[choice("mode", "ap")]);
    assert_eq!(promised(&ap), ["Every live server answers", "Replicas converge"]);
    let siblings = [choice("mode", "ap"), choice("resolution", "siblings")];
    let siblings = Play::new(&[&siblings[..], &[switch("read-your-writes", true)]].concat());
    assert_eq!(promised(&siblings), [survive, "Replicas converge", "Read your writes"]);
    let raft = Play::new(&[choice("system", "raft")]);
    assert_eq!(promised(&raft), ["Linearizable", survive, "Replicas converge"]);
    let backup = Play::new(&[choice("system", "primary-backup")]);
    assert_eq!(promised(&backup), ["Replicas converge"]);
}

/// With a tear, a ghost and a heal: nothing is broken in CP.
#[test]
fn cp_keeps_its_word_under_a_tear() {
    let mut play = Play::new(&[]);
    play.write(1, 1, "1");
    play.cut();
    play.write(1, 1, "ghost");
    play.write(2, 5, "2");
    play.read(1, 1);
    play.read(2, 4);
    play.heal();
    play.wait(500);
    play.read(1, 1);
    play.read(2, 2);
    play.wait(12_000);
    let broken: Vec<_> = play.lab.promises().into_iter().filter(|it| it.broken.is_some()).collect();
    assert!(broken.is_empty(), "{broken:?}");
}

/// A clock that is ahead breaks all that goes by clocks.
#[test]
fn a_wrong_clock_breaks_what_goes_by_clocks() {
    let mut play = Play::new(&[]);
    let ahead = Fault::SetClock { node: S[0], rate_ppm: TRUE_RATE_PPM, offset_us: 900_000 };
    play.fault(ahead);
    play.write(1, 1, "first");
    play.write(2, 5, "second");
    let lost = finding(&play, "Acknowledged writes survive");
    assert_eq!(lost, "x=second, of which C2 was told that it is done, is lost");
    play.read(1, 3);
    for name in ["Regular reads", "Linearizable"] {
        let finding = finding(&play, name);
        assert!(
            finding.starts_with("C1 read x through S3 and found first, but second"),
            "{finding}"
        );
    }
}

/// A write of which nobody knows is read, and goes on being read after a later one was
/// acknowledged: no read is behind anything that had ended, and yet no order explains it.
#[test]
fn what_only_an_order_can_tell_is_found_too() {
    let mut play = Play::new(&[]);
    let ahead = Fault::SetClock { node: S[0], rate_ppm: TRUE_RATE_PPM, offset_us: 9_000_000 };
    play.fault(ahead);
    play.cut();
    play.write(1, 1, "ghost");
    play.heal();
    play.wait(300);
    play.read(2, 1);
    assert!(play.says("S1 tells C2 that x is ghost"), "{}", play.story());
    play.write(3, 5, "later");
    assert!(broken(&play, "Linearizable").is_none());
    play.read(2, 4);
    let finding = finding(&play, "Linearizable");
    assert!(finding.contains("C3’s write of x=later"), "{finding}");
}

/// A server that is paused does not answer; one that is down need not.
#[test]
fn a_pause_breaks_availability_and_a_crash_does_not() {
    let mut play = Play::new(&[choice("mode", "ap")]);
    play.ask(1, 1, Ask::Write { key: "x".into(), value: "1".into() });
    play.fault(Fault::Crash(S[0]));
    play.wait(2_000);
    play.cut();
    play.write(2, 2, "2");
    assert!(broken(&play, "Every live server answers").is_none(), "AP answers on both sides");
    play.fault(Fault::Pause(S[1]));
    play.write(2, 2, "3");
    play.wait(2_000);
    let finding = finding(&play, "Every live server answers");
    assert_eq!(finding, "S2 is up and did not serve C2’s write of x=3");
}

/// Links that lose everything are not cut, and yet nobody hears of anything.
#[test]
fn replicas_that_hear_nothing_do_not_converge() {
    let mut play = Play::new(&[choice("mode", "ap")]);
    let links: Vec<(NodeId, NodeId)> =
        S[1..].iter().flat_map(|b| [(S[0], *b), (*b, S[0])]).collect();
    let fine = LinkSettings::with_delay(Delay::Constant { us: 8_000 });
    let deaf = LinkSettings { loss_ppm: 1_000_000, ..fine };
    play.fault(Fault::SetLinks(links.clone(), deaf));
    play.write(1, 1, "1");
    play.wait(8_000);
    assert!(broken(&play, "Replicas converge").is_none(), "the bound is not over");
    play.wait(4_000);
    let finding = finding(&play, "Replicas converge");
    assert!(finding.starts_with("S1 and S2 still differ after"), "{finding}");
    let mut healed = Play::new(&[choice("mode", "ap")]);
    healed.fault(Fault::SetLinks(links.clone(), deaf));
    healed.write(1, 1, "1");
    healed.fault(Fault::SetLinks(links, fine));
    healed.wait(20_000);
    assert!(broken(&healed, "Replicas converge").is_none());
}

/// A client that does not wait for its own write reads behind it: S5 had answered the read when it
/// took the write, and others answer later.
#[test]
fn a_client_that_does_not_wait_breaks_its_session() {
    let settings = [choice("mode", "ap"), switch("read-your-writes", true), count("r", 5)];
    let mut play = Play::new(&settings);
    play.ask(1, 5, Ask::Read { key: "x".into() });
    let away = S[..4].iter().map(|to| (S[4], *to)).collect();
    let slow = LinkSettings::with_delay(Delay::Constant { us: 90_000 });
    play.fault(Fault::SetLinks(away, slow));
    play.ask(1, 5, Ask::Write { key: "x".into(), value: "1".into() });
    play.wait(400);
    let finding = finding(&play, "Read your writes");
    assert_eq!(finding, "C1’s read of x broke it");
}

/// AP loses a write, and that is not held against CP.
#[test]
fn what_was_promised_under_other_settings_is_not_held_against_these() {
    let mut play = Play::new(&[choice("mode", "ap")]);
    play.cut();
    play.wait(300);
    play.write(1, 1, "left");
    play.write(2, 5, "right");
    play.set(choice("mode", "cp"));
    play.heal();
    play.wait(3_000);
    play.read(1, 1);
    let broken: Vec<_> = play.lab.promises().into_iter().filter(|it| it.broken.is_some()).collect();
    assert!(broken.is_empty(), "left was written under AP: {broken:?}");
    assert!(play.says("is lost"), "and yet it is lost: {}", play.story());
}

/// Synchronous primary-backup survives if a backup that has it is promoted, and only then.
#[test]
fn a_promotion_of_the_wrong_one_loses_what_was_promised() {
    let settings = [choice("system", "primary-backup"), switch("synchronous", true)];
    let mut play = Play::new(&settings);
    play.fault(Fault::cut_between(&S[..2], &S[2..]));
    play.write(1, 1, "1");
    play.act(Command::TransferLeadership { via: NodeId(0), to: NodeId(4) });
    play.heal();
    play.wait(1_000);
    let lost = finding(&play, "Acknowledged writes survive");
    assert_eq!(lost, "x=1, of which C1 was told that it is done, is lost");
}
