//! What can be done with a breaker, drawn.

use proptest::prelude::*;
use rift::circuit_breaker::*;

use super::harness::*;

/// What somebody does with a breaker.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    Acquire,
    FirstTry,
    /// The permit at this place among those that were given, and how its call ended.
    Report(usize, Outcome),
    Draw(u64),
    ByHand(u8),
}

pub(super) fn acts() -> impl Strategy<Value = Vec<(u64, Act)>> {
    let outcome = prop::sample::select(vec![
        Outcome::Success,
        Outcome::Success,
        Outcome::Failure,
        Outcome::Failure,
        Outcome::Failure,
        Outcome::Cancelled,
    ]);
    let act = prop_oneof![
        8 => Just(Act::Acquire),
        1 => Just(Act::FirstTry),
        8 => (0..12_usize, outcome).prop_map(|(place, outcome)| Act::Report(place, outcome)),
        1 => any::<u64>().prop_map(Act::Draw),
        1 => (0..40_u8).prop_map(Act::ByHand),
    ];
    let step_us = prop_oneof![4 => 0..3_u64, 2 => 0..40_u64, 1 => 0..300_u64];
    prop::collection::vec((step_us, act), 1..120)
}

pub(super) fn configs() -> impl Strategy<Value = Config> {
    let wait = (0..60_u64, 1..3_u32, any::<bool>()).prop_map(|(first_us, growth, jitter)| Wait {
        first_us,
        growth: Rate::percent(growth * 100),
        longest_us: first_us * 5,
        jitter: if jitter { Rate::percent(50) } else { Rate::ZERO },
    });
    let verdict = prop_oneof![
        (1..4_u32).prop_map(Verdict::Successes),
        (1..4_u32).prop_map(|of| Verdict::FailureRate { of, opens_from: Rate::percent(50) }),
    ];
    let guards = prop::sample::select(vec![Guards::AllCalls, Guards::RetriesOnly]);
    (wait, 1..4_u32, verdict, 1..50_u64, guards).prop_map(
        |(wait, probes, verdict, lease_us, guards)| {
            let rates = Rates::failures(Rate::percent(60), 3);
            let window = TimeWindow { buckets: 4, bucket_us: 10, rates };
            Config {
                trip: Trip {
                    consecutive_failures: Some(3),
                    count_window: count_window(5, rates).count_window,
                    time_window: Some(window),
                },
                slow_from_us: Some(30),
                wait,
                half_open: HalfOpen { probes, verdict, lease_us },
                guards,
            }
        },
    )
}

/// Does it, and tells what came of it.
pub(super) fn act_on(
    breaker: &mut Breaker,
    permits: &mut Vec<Permit>,
    now_us: u64,
    act: Act,
) -> String {
    match act {
        Act::Acquire | Act::FirstTry => {
            let answer = match act {
                Act::Acquire => breaker.acquire(now_us),
                _ => breaker.acquire_first_try(now_us),
            };
            permits.extend(answer.ok());
            format!("{answer:?}")
        }
        Act::Report(place, outcome) => match permits.len().checked_sub(place + 1) {
            Some(place) => format!("{:?}", breaker.report(permits[place], now_us, outcome)),
            None => String::new(),
        },
        Act::Draw(draw) => {
            breaker.offer_draw(now_us, draw);
            String::new()
        }
        Act::ByHand(which) => {
            match which {
                0 => breaker.open(now_us),
                1 => breaker.close(now_us),
                2 => breaker.force_open(now_us),
                3 => breaker.disable(now_us),
                4 => breaker.watch_only(now_us),
                5 => breaker.reset(now_us),
                6 => drop(breaker.half_open(now_us)),
                _ => {}
            }
            String::new()
        }
    }
}
