//! A budget for all of a client's retries.

use rift::rate::Rate;
use rift::resilience::*;

fn budget(fill: Rate, deposit: Deposit, capacity: u32) -> RetryBudget {
    let config = BudgetConfig { fill, deposit, capacity, one_free_every_us: None };
    RetryBudget::new(config, 0).expect("sound")
}

/// Plays requests of which all tries fail, up to `tries` each. How many tries were made.
fn all_fail(budget: &mut RetryBudget, requests: u64, tries: u32) -> u64 {
    let mut made = 0;
    for _ in 0..requests {
        budget.first_try();
        let policy = RetryPolicy { tries, backoff: Backoff::Fixed { wait_us: 0 } };
        let mut request = policy.start(None).expect("sound");
        made += 1;
        while let Next::RetryAt { .. } = request.failed(0, true, 0, Some(budget)) {
            made += 1;
        }
    }
    made
}

/// When nothing works any more, the load is 1 + fill, not as many times as there are tries.
/// ("Site Reliability Engineering", chapter 21: 1.1 times instead of 3.)
#[test]
fn deposits_on_first_tries_bound_the_load_by_one_and_the_fill() {
    let mut budget = budget(Rate::percent(10), Deposit::OnFirstTry, 10);
    let made = all_fail(&mut budget, 100_000, 4);
    let expected = 100_000 + 10_000 + 10;
    assert!(made.abs_diff(expected) <= 1, "{made}: ten saved, and one for every ten");
}

/// With deposits on success a service that is down is not retried at all, once what was saved up is
/// gone. (Brooker's text; his simulator deposits at the start of a call.)
#[test]
fn deposits_on_success_end_retries_when_all_fails() {
    let mut budget = budget(Rate::percent(10), Deposit::OnSuccess, 10);
    assert_eq!(all_fail(&mut budget, 100_000, 4), 100_010);
    assert_eq!(budget.refused(), 100_000 - 3);
    for _ in 0..25 {
        budget.success();
    }
    assert_eq!(budget.tokens(), 2, "and ten successes pay for one again");
}

#[test]
fn few_failures_are_all_retried() {
    let mut budget = budget(Rate::percent(10), Deposit::OnSuccess, 10);
    for request in 0..10_000 {
        budget.first_try();
        if request % 20 == 0 {
            assert!(budget.withdraw(0), "five per cent");
        }
        budget.success();
    }
    assert_eq!(budget.refused(), 0);
}

#[test]
fn a_budget_never_saves_more_than_its_capacity() {
    let mut budget = budget(Rate::ONE, Deposit::OnFirstTry, 3);
    for _ in 0..1_000 {
        budget.first_try();
    }
    assert_eq!((budget.tokens(), budget.filled()), (3, Some(Rate::ONE)));
    assert_eq!((0..9).filter(|_| budget.withdraw(0)).count(), 3);
    assert_eq!(budget.filled(), Some(Rate::ZERO));
}

/// Small deposits are not lost: a tenth ten times is a whole, and a third three times is not quite.
#[test]
fn tokens_are_counted_exactly() {
    let mut tenths = budget(Rate::percent(10), Deposit::OnFirstTry, 1);
    assert!(tenths.withdraw(0));
    for nth in 1..=10 {
        assert_eq!(tenths.tokens(), 0, "before {nth}");
        tenths.first_try();
    }
    assert!(tenths.withdraw(0));
    assert!(!tenths.withdraw(0));
}

/// A client that makes one request an hour must be able to repeat it.
#[test]
fn one_is_free_now_and_then() {
    let config =
        BudgetConfig { capacity: 2, one_free_every_us: Some(1_000), ..BudgetConfig::usual() };
    let mut budget = RetryBudget::new(config, 500).expect("sound");
    assert!(budget.withdraw(500) && budget.withdraw(500));
    assert!(!budget.withdraw(1_499));
    assert!(budget.withdraw(1_500), "a thousand later");
    assert!(!budget.withdraw(0), "a clock that goes back earns nothing");
    assert!(!budget.withdraw(2_499), "and loses nothing");
    assert!(budget.withdraw(2_500));
    assert!(budget.withdraw(u64::MAX) && budget.withdraw(u64::MAX));
    assert!(!budget.withdraw(u64::MAX), "no more than its capacity");
}

#[test]
fn every_budget_that_makes_no_sense_is_refused() {
    let usual = BudgetConfig::usual();
    let error = |config| RetryBudget::new(config, 0).err();
    assert_eq!(error(usual), None);
    assert_eq!(error(BudgetConfig { capacity: 0, ..usual }), Some(BudgetError::ZeroCapacity));
    let nothing = BudgetConfig { fill: Rate::ZERO, one_free_every_us: None, ..usual };
    assert_eq!(error(nothing), Some(BudgetError::NothingFills));
    let endless = BudgetConfig { one_free_every_us: Some(0), ..usual };
    assert_eq!(error(endless), Some(BudgetError::ZeroInterval));
    let fill = Rate::percent(101);
    let storm = BudgetConfig { fill, ..usual };
    assert_eq!(error(storm), Some(BudgetError::FillAboveOne { fill }));
}
