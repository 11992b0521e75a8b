//! Runs under the nemesis, and what the judges say.

use rift::explore::*;

#[test]
fn raft_keeps_every_promise_under_the_nemesis() {
    let subject = RaftSubject::genuine();
    for seed in 0..150 {
        let outcome = run(&subject, &subject.plan(seed));
        assert!(!outcome.halted, "seed {seed}");
        assert!(outcome.verdicts.all_kept(), "seed {seed}: {:?}", outcome.verdicts);
    }
}

#[test]
fn the_same_plan_gives_the_same_history() {
    let subject = RaftSubject::genuine();
    let hash = |seed| run(&subject, &subject.plan(seed)).hash;
    assert_eq!(hash(3), hash(3));
    assert_ne!(hash(3), hash(4));
}
