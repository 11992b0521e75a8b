//! The sharded trap (Marc Brooker, "Will circuit breakers solve my problems?", 2022): one of four
//! shards fails.

use rift::circuit_breaker::*;
use rift::random::Random;

/// Who asks which breaker.
#[derive(Clone, Copy, PartialEq)]
enum Scope {
    /// One for all calls to all shards.
    Global,
    /// One a shard.
    PerShard,
    /// One for all, which may refuse retries alone.
    RetriesOnly,
}

struct Seen {
    /// Requests to shards that are well, and how many of them were answered.
    well: u64,
    answered: u64,
    /// Tries that reached the shard that is down.
    wasted: u64,
}

/// A thousand seconds of ten requests a second, each tried twice; shard 0 answers nothing.
fn play(scope: Scope) -> Seen {
    let guards = if scope == Scope::RetriesOnly { Guards::RetriesOnly } else { Guards::AllCalls };
    let rates = Rates::failures(Rate::percent(20), 20);
    let window = TimeWindow { buckets: 10, bucket_us: 1_000_000, rates };
    let trip = Trip { consecutive_failures: None, count_window: None, time_window: Some(window) };
    let config = Config { trip, guards, ..Config::default() };
    let mut breakers = vec![Breaker::new(config).expect("sound"); 4];
    let mut random = Random::from_seed(4);
    let mut seen = Seen { well: 0, answered: 0, wasted: 0 };
    for request in 0..10_000 {
        let now_us = request * 100_000;
        let shard = random.below(4) as usize;
        let breaker = &mut breakers[if scope == Scope::PerShard { shard } else { 0 }];
        seen.well += u64::from(shard != 0);
        for try_number in 0..2 {
            let leave = match try_number {
                0 => breaker.acquire_first_try(now_us),
                _ => breaker.acquire(now_us),
            };
            let Ok(permit) = leave else { break };
            if shard != 0 {
                breaker.report(permit, now_us, Outcome::Success);
                seen.answered += 1;
                break;
            }
            seen.wasted += 1;
            breaker.report(permit, now_us, Outcome::Failure);
        }
    }
    seen
}

#[test]
fn one_breaker_for_all_takes_the_healthy_shards_down() {
    let seen = play(Scope::Global);
    assert!(seen.answered * 2 < seen.well, "{} of {}", seen.answered, seen.well);
}

#[test]
fn a_breaker_for_each_shard_refuses_that_shard_alone() {
    let seen = play(Scope::PerShard);
    assert_eq!(seen.answered, seen.well);
    assert!(seen.wasted < 200, "{}: twenty, and now and then a probe", seen.wasted);
}

#[test]
fn a_breaker_on_retries_refuses_no_first_try_and_so_no_healthy_shard() {
    let seen = play(Scope::RetriesOnly);
    assert_eq!(seen.answered, seen.well);
    let requests = 10_000 - seen.well;
    assert!(seen.wasted >= requests, "every first try goes");
    assert!(seen.wasted < requests * 3 / 2, "{} for {requests}: few retries do", seen.wasted);
}
