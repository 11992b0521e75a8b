//! Stories, told line by line, and the reader's path.

use expect_test::expect_file;

use super::play::{Play, S1, S2, choice, switch};
use rift::labs::events::KEEPER;
use rift::scene::Window;
use rift::sim::Fault;

fn race(play: &mut Play) {
    play.ask(1, S1, "take mug");
    play.ask(2, S2, "take mug");
    play.wait(300);
}

/// The reader's path from one end to the other, one task at a time.
#[test]
fn the_whole_path_is_told_and_ticked() {
    let mut play = Play::new(&[]);
    let mut ticked = 0;
    let mut ticks = |play: &Play| {
        ticked += 1;
        let done: Vec<bool> = (0..9).map(|task| task < ticked).collect();
        assert_eq!(play.done(), done, "task {ticked}: {}", play.story());
    };
    assert_eq!(play.done(), [false; 9]);
    play.ask(1, S1, "take tea");
    play.wait(300);
    ticks(&play);
    race(&mut play);
    ticks(&play);
    play.retry(2, S2);
    play.wait(300);
    ticks(&play);
    play.ask(1, S1, "put back mug");
    play.wait(300);
    play.set(switch("check", false));
    race(&mut play);
    ticks(&play);
    play.set(switch("check", true));
    play.ask(1, S1, "pay");
    play.lose_the_answer(S1);
    play.retry(1, S1);
    play.wait(300);
    ticks(&play);
    play.set(choice("retry-ids", "fresh"));
    play.retry(1, S1);
    play.wait(300);
    ticks(&play);
    play.set(choice("crash-at", "append"));
    play.ask(2, S2, "take tea");
    play.wait(300);
    assert_eq!(play.restart(), KEEPER);
    play.wait(1_000);
    ticks(&play);
    play.set(choice("checkpoint", "state-first"));
    play.set(choice("crash-at", "state"));
    play.ask(2, S2, "take tea");
    play.wait(300);
    let model = play.restart();
    play.wait(1_000);
    ticks(&play);
    play.ask(1, model, "rebuild");
    play.wait(1_000);
    ticks(&play);
    expect_file!["../golden/events/story.txt"].assert_eq(&play.story());
}

/// With the log on a cluster: a leader crashes, another takes over, and the first one rebuilds.
#[test]
fn the_path_on_a_cluster_is_told_and_ticked() {
    let mut play = Play::on_raft();
    assert_eq!(play.done(), [false; 4]);
    play.ask(1, S1, "take tea");
    play.wait(600);
    assert_eq!(play.done(), [true, false, false, false], "{}", play.story());
    play.retry(1, S1);
    play.wait(600);
    assert_eq!(play.done(), [true, true, false, false], "{}", play.story());
    let bands = play.lab.lane(Window::new(0, play.lab.now_us()), 100).bands;
    let (leader, _) = bands.last().and_then(|band| band.leader.clone()).expect("one leads");
    play.fault(Fault::Crash(leader));
    play.wait(1_000);
    assert_eq!(play.done(), [true, true, true, false], "{}", play.story());
    assert_eq!(play.restart(), leader);
    play.wait(1_000);
    assert_eq!(play.done(), [true; 4], "{}", play.story());
    expect_file!["../golden/events/on-a-cluster.txt"].assert_eq(&play.story());
}
