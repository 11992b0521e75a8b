//! Our search for an order of clients' operations, against stateright's.

use rift::check::linearizability::{Checker, Operation, Progress, Register, RegisterCall};
use rift::random::Random;
use stateright::semantics::register::{Register as Theirs, RegisterOp, RegisterRet};
use stateright::semantics::{ConsistencyTester, LinearizabilityTester};

const HISTORIES: u32 = 6_000;

type Value = Option<u8>;
type Op = Operation<RegisterCall<u8>, Value>;

/// One history, told to both.
struct History {
    ours: Vec<((), Op)>,
    theirs: LinearizabilityTester<u8, Theirs<Value>>,
}

/// Two to four clients, each with one operation at a time, up to nine operations. Answers are those
/// of a register that takes a call at once, or when it is answered, or, seldom, of no register.
/// Some operations are never answered.
fn any_history(random: &mut Random) -> History {
    let clients = random.between(2, 4) as u8;
    let mut open: Vec<Option<(usize, Value)>> = vec![None; usize::from(clients)];
    let mut register: Value = None;
    let mut history =
        History { ours: Vec::new(), theirs: LinearizabilityTester::new(Theirs(None)) };
    for now in 0..random.between(4, 16) {
        let client = random.below(u64::from(clients)) as usize;
        let name = client as u8;
        if let Some((at, seen)) = open[client].take() {
            let operation = &mut history.ours[at].1;
            let found = match random.below(8) {
                0..=2 => Some(random.below(3) as u8),
                3..=5 => seen,
                _ => register,
            };
            let answer = match &operation.call {
                RegisterCall::Read => RegisterRet::ReadOk(found),
                _ => RegisterRet::WriteOk,
            };
            operation.answer = Some((now, found));
            history.theirs.on_return(name, answer).expect("it was called");
        } else if history.ours.len() < 9 {
            let (call, same) = match random.below(8) {
                0..=3 => (RegisterCall::Read, RegisterOp::Read),
                4 => (RegisterCall::Clear, RegisterOp::Write(None)),
                _ => {
                    let value = random.below(3) as u8;
                    (RegisterCall::Write(value), RegisterOp::Write(Some(value)))
                }
            };
            open[client] = Some((history.ours.len(), register));
            if let RegisterOp::Write(value) = &same {
                register = *value;
            }
            history.ours.push(((), Operation { called: now, call, answer: None }));
            history.theirs.on_invoke(name, same).expect("it has no other call open");
        }
    }
    history
}

#[test]
fn both_searches_for_an_order_agree() {
    let mut random = Random::from_seed(2014);
    let mut linearizable = 0;
    for number in 0..HISTORIES {
        let History { ours, theirs } = any_history(&mut random);
        let told = ours.clone();
        let verdict = match Checker::new(Register::default(), ours).finish() {
            Progress::Linearizable => true,
            Progress::Broken(_) => false,
            other => panic!("{other:?}"),
        };
        assert_eq!(verdict, theirs.is_consistent(), "history {number}: {told:?}");
        linearizable += u32::from(verdict);
    }
    println!("{HISTORIES} histories, {linearizable} of them linearizable");
    assert!((HISTORIES / 4..HISTORIES * 3 / 4).contains(&linearizable), "{linearizable}");
}
