//! The reader's path, one task at a time.

use super::*;
use rift::circuit_breaker::State;

fn done(stage: &Stage) -> Vec<bool> {
    stage.lab.tasks().iter().map(|task| task.done_us.is_some()).collect()
}

#[test]
fn up_close_each_task_is_ticked_when_it_is_done() {
    let mut stage = Stage::open(&[]);
    assert_eq!(done(&stage), [false; 5]);
    stage.seconds(2);
    stage.set(choice("health", "errors"));
    stage.until(|cluster| matches!(state(cluster), State::Open { .. }));
    stage.seconds(1);
    // Calls that were under way when it opened have come back.
    assert_eq!(done(&stage), [true, false, false, true, false]);
    stage.seconds(6);
    assert_eq!(done(&stage), [true, true, false, true, false]);
    stage.set(choice("health", "well"));
    stage.seconds(7);
    assert_eq!(done(&stage), [true, true, true, true, false]);
    stage.set(choice("habit", "stale-success"));
    stage.set(count("load", 0));
    stage.seconds(3);
    stage.set(ms("wait", 1_000));
    stage.set(ms("timeout", 20_000));
    stage.set(ms("latency", 3_000));
    (0..3).for_each(|_| stage.ask("call").expect("it makes calls"));
    stage.ms(300);
    stage.set(ms("latency", 50));
    stage.set(choice("health", "errors"));
    (0..5).for_each(|_| stage.ask("call").expect("it makes calls"));
    stage.seconds(6);
    assert_eq!(done(&stage), [true; 5], "{}", stage.story());
}

#[test]
fn the_fleet_has_its_storm_and_gets_out_of_it() {
    let mut stage = Stage::open(&[choice("cast", "fleet"), choice("breaker", "off")]);
    stage.seconds(5);
    assert_eq!(done(&stage), [false; 3]);
    stage.set(count("load", 140));
    stage.seconds(6);
    assert_eq!(done(&stage), [true, false, false]);
    stage.set(count("load", 40));
    stage.seconds(20);
    assert_eq!(done(&stage), [true, true, false], "the tail outlives its trigger");
    stage.set(choice("breaker", "on"));
    stage.seconds(20);
    assert_eq!(done(&stage), [true; 3]);
}

#[test]
fn shards_fall_into_the_trap_and_out_of_it() {
    let mut stage = Stage::open(&[
        choice("cast", "shards"),
        choice("trip", "rate"),
        percent("rate", 20),
        count("window", 20),
    ]);
    stage.set(choice("health", "errors"));
    stage.seconds(10);
    assert_eq!(done(&stage), [true, false]);
    stage.set(switch("per-shard", true));
    stage.seconds(10);
    assert_eq!(done(&stage), [true; 2]);
}

#[test]
fn the_network_is_cut_and_healed() {
    let mut stage = Stage::open(&[choice("cast", "network")]);
    stage.seconds(5);
    assert_eq!(done(&stage), [false; 2]);
    stage.fault(Fault::cut_between(&[S1], &[S2, NodeId(2), NodeId(3)]));
    stage.seconds(5);
    assert_eq!(done(&stage), [true, false]);
    stage.fault(Fault::HealAll);
    stage.seconds(20);
    assert_eq!(done(&stage), [true; 2]);
}
