//! How long an answer is of use.

use rift::resilience::Deadline;

#[test]
fn at_exactly_its_time_a_deadline_has_passed() {
    let deadline = Deadline::after(10, 5);
    assert_eq!(deadline.at_us(), 15);
    assert_eq!([14, 15].map(|now_us| deadline.has_passed(now_us)), [false, true]);
    assert_eq!([0, 10, 14, 15, 99].map(|now| deadline.remaining_us(now)), [15, 5, 1, 0, 0]);
}

/// "Site Reliability Engineering", chapter 22: a deadline is propagated, so that nobody works for
/// somebody who has gone.
#[test]
fn a_call_on_behalf_of_another_ends_no_later() {
    let whole = Deadline::after(0, 100);
    assert_eq!(whole.for_call(20, 30).at_us(), 50);
    assert_eq!(whole.for_call(90, 30).at_us(), 100);
    assert_eq!(whole.for_call(90, 30).for_call(95, 1).at_us(), 96);
}

#[test]
fn what_would_be_done_too_late_is_not_worth_beginning() {
    let deadline = Deadline::after(0, 100);
    assert!(deadline.allows(90, 9));
    assert!(!deadline.allows(90, 10));
    assert!(!deadline.allows(101, 0));
}

#[test]
fn a_timeout_without_end_saturates() {
    assert_eq!(Deadline::after(5, u64::MAX).at_us(), u64::MAX);
}
