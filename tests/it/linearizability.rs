//! The checker against histories whose verdict is known, and against trying everything.

use proptest::prelude::*;
use rift::check::linearizability::{
    Checker, Model, NoOrder, Operation, Progress, Register, RegisterCall,
};
use rift::random::Random;

use crate::histories::{Op, make_stale, true_history};

fn write(called: u64, value: u8, answered: u64) -> Op {
    Operation { called, call: RegisterCall::Write(value), answer: Some((answered, None)) }
}

fn read(called: u64, value: impl Into<Option<u8>>, answered: u64) -> Op {
    Operation { called, call: RegisterCall::Read, answer: Some((answered, value.into())) }
}

fn unanswered(called: u64, call: RegisterCall<u8>) -> Op {
    Operation { called, call, answer: None }
}

fn check(history: &[Op]) -> Progress<()> {
    let keyed = history.iter().map(|operation| ((), operation.clone())).collect();
    Checker::new(Register::default(), keyed).finish()
}

fn is_good(history: &[Op]) -> bool {
    match check(history) {
        Progress::Linearizable => true,
        Progress::Broken(_) => false,
        other => panic!("{other:?}"),
    }
}

#[test]
fn known_good_histories_pass() {
    assert!(is_good(&[]));
    assert!(is_good(&[read(0, None, 1)]));
    // A read that overlaps a write may find either.
    for found in [None, Some(1)] {
        assert!(is_good(&[write(0, 1, 10), read(2, found, 4)]));
    }
    // Two writes that overlap, seen in either order, by everybody alike.
    for (first, last) in [(1, 2), (2, 1)] {
        let writes = [write(0, 1, 10), write(0, 2, 10)];
        let reads = [read(1, first, 2), read(3, last, 4), read(20, last, 21)];
        assert!(is_good(&[&writes[..], &reads[..]].concat()));
    }
    // Answered and called at the same time: they overlap.
    assert!(is_good(&[write(0, 1, 5), read(5, None, 6)]));
    let clear = Operation { called: 6, call: RegisterCall::Clear, answer: Some((7, None)) };
    assert!(is_good(&[write(0, 1, 5), clear, read(8, None, 9)]));
}

#[test]
fn known_bad_histories_are_caught() {
    let stale = [write(0, 1, 1), write(2, 2, 3), read(4, 1, 5)];
    let lost = [write(0, 1, 1), read(2, None, 3)];
    let never_written = [write(0, 1, 1), read(2, 7, 3)];
    let back_again = [write(0, 1, 1), write(2, 2, 9), read(3, 2, 4), read(5, 1, 6)];
    let two_views = [write(0, 1, 10), write(0, 2, 10), read(1, 1, 3), read(4, 2, 5), read(6, 1, 7)];
    for bad in [&stale[..], &lost, &never_written, &back_again, &two_views] {
        assert!(!is_good(bad), "{bad:?}");
    }
}

/// Operations whose outcome is unknown may have happened at any time after their call, or never.
#[test]
fn unknown_outcomes_stay_open() {
    let open = unanswered(2, RegisterCall::Write(2));
    assert!(is_good(&[write(0, 1, 1), open.clone(), read(90, 1, 91), read(92, 2, 93)]));
    assert!(is_good(&[write(0, 1, 1), open.clone(), read(90, 1, 91)]));
    assert!(!is_good(&[write(0, 1, 1), open.clone(), read(3, 2, 4), read(90, 1, 91)]));
    let before_its_call = [write(0, 1, 1), read(1, 2, 2), unanswered(3, RegisterCall::Write(2))];
    assert!(!is_good(&before_its_call));
    assert!(is_good(&[unanswered(0, RegisterCall::Read), write(0, 1, 1), read(2, 1, 3)]));
}

#[test]
fn the_verdict_names_what_fits_nowhere_and_how_far_an_order_goes() {
    let history = [write(0, 1, 1), write(2, 2, 3), read(4, 2, 9), read(5, 1, 8), read(10, 2, 11)];
    let Progress::Broken(NoOrder { longest, stuck, .. }) = check(&history) else {
        panic!("the fourth finds what is gone");
    };
    assert_eq!(longest, [0, 1, 2]);
    assert_eq!(stuck, [3]);
}

#[test]
fn keys_are_judged_apart_and_the_broken_one_is_named() {
    let history = vec![
        ("x", write(0, 1, 1)),
        ("y", write(0, 2, 1)),
        ("x", read(2, 1, 3)),
        ("y", read(2, 1, 3)),
    ];
    let Progress::Broken(verdict) = Checker::new(Register::default(), history).finish() else {
        panic!("y never held 1");
    };
    assert_eq!((verdict.key, verdict.longest, verdict.stuck), ("y", vec![1], vec![3]));
}

/// A key that takes long does not keep a broken one from being found, and a search goes on where
/// it stood.
#[test]
fn keys_take_turns_under_a_budget() {
    // Writes that all overlap, and a read that finds none of them: every order must be tried.
    let mut history: Vec<(&str, Op)> = (0..18).map(|n| ("hard", write(0, n, 100))).collect();
    history.push(("hard", read(1, 99, 200)));
    let hard = history.clone();
    history.extend([("easy", write(0, 1, 1)), ("easy", read(2, None, 3))]);
    let mut checker = Checker::new(Register::default(), history);
    let Progress::Broken(verdict) = checker.step(5_000) else { panic!("easily found") };
    assert_eq!(verdict.key, "easy");

    let mut alone = Checker::new(Register::default(), hard);
    let mut turns = 0;
    let end = loop {
        turns += 1;
        match alone.step(10_000) {
            Progress::Searching => {}
            end => break end,
        }
    };
    assert!(turns > 3, "{turns}");
    assert!(matches!(end, Progress::Broken(_) | Progress::GaveUp), "{end:?}");
}

/// Tries every order that keeps to real time, with every choice of open operations.
fn brute_force(history: &[Op]) -> bool {
    fn place(history: &[Op], done: &mut Vec<usize>, state: &Option<u8>) -> bool {
        let model = Register::<u8>::default();
        let left = (0..history.len()).filter(|at| !done.contains(at)).collect::<Vec<_>>();
        if left.iter().all(|at| history[*at].answer.is_none()) {
            return true;
        }
        let first_answer =
            left.iter().filter_map(|at| history[*at].answer.as_ref()).map(|answer| answer.0).min();
        for at in left {
            let Operation { called, call, answer } = &history[at];
            let may_be_next = first_answer.is_none_or(|answered| *called <= answered);
            let state = model.apply(state, call, answer.as_ref().map(|(_, answer)| answer));
            if let Some(state) = state.filter(|_| may_be_next) {
                done.push(at);
                if place(history, done, &state) {
                    return true;
                }
                done.pop();
            }
        }
        false
    }
    place(history, &mut Vec::new(), &None)
}

fn any_operation() -> impl Strategy<Value = Op> {
    let call = prop_oneof![
        3 => (0..3_u8).prop_map(RegisterCall::Write),
        1 => Just(RegisterCall::Clear),
        4 => Just(RegisterCall::Read),
    ];
    let found = prop_oneof![1 => Just(None), 3 => (0..3_u8).prop_map(Some)];
    (0..12_u64, 0..8_u64, call, found, 0..6_u8).prop_map(|(called, takes, call, found, open)| {
        let answer = (open > 0).then_some((called + takes, found));
        Operation { called, call, answer }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn agrees_with_trying_everything(history in prop::collection::vec(any_operation(), 0..7)) {
        prop_assert_eq!(is_good(&history), brute_force(&history));
    }

    /// The longest order that a verdict gives is one that the copy could have followed.
    #[test]
    fn the_longest_order_is_possible(history in prop::collection::vec(any_operation(), 1..9)) {
        if let Progress::Broken(NoOrder { longest, stuck, .. }) = check(&history) {
            let model = Register::<u8>::default();
            let mut state = None;
            for at in &longest {
                let Operation { call, answer, .. } = &history[*at];
                let next = model.apply(&state, call, answer.as_ref().map(|(_, answer)| answer));
                prop_assert!(next.is_some());
                state = next.unwrap();
            }
            prop_assert!(!stuck.is_empty());
            prop_assert!(stuck.iter().all(|at| !longest.contains(at)));
        }
    }
}

#[test]
fn a_hundred_histories_of_a_hundred_operations() {
    let mut random = Random::from_seed(9);
    for _ in 0..100 {
        let mut history = true_history(&mut random, 100, 10);
        let verdict =
            |history: &[(u64, Op)]| Checker::new(Register::default(), history.to_vec()).finish();
        assert_eq!(verdict(&history), Progress::Linearizable);
        make_stale(&mut history);
        assert!(matches!(verdict(&history), Progress::Broken(_)));
    }
}
