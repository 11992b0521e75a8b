//! The judge of models against histories whose verdict is known from the literature.

mod every_order;
mod live;

use rift::check::consistency::{
    Anomaly, IMPLIES, MODELS, MOST_JUDGED, MOST_OPERATIONS, Model, Outcome, Verdict, Watch, Witness,
};
use rift::check::linearizability::{Checker, Progress, Register, RegisterCall};
use rift::random::Random;

use crate::clients::watched;
use crate::histories::{self, make_stale, true_history};

const BUDGET: u64 = 100_000;

const SESSIONS: [Model; 4] = [
    Model::ReadYourWrites,
    Model::MonotonicReads,
    Model::MonotonicWrites,
    Model::WritesFollowReads,
];

/// The models that a history breaks, in the order of the list.
fn broken(text: &str) -> Vec<Model> {
    let (watch, _) = watched(text);
    let report = watch.judge(BUDGET);
    let is_broken = |model: &Model| match report.of(*model) {
        Verdict::Held => false,
        Verdict::Broken(_) => true,
        Verdict::Undecided => panic!("{text}: {model:?} is undecided"),
    };
    MODELS.into_iter().filter(is_broken).collect()
}

fn witness(text: &str, model: Model) -> Witness {
    match watched(text).0.judge_model(model, BUDGET) {
        Verdict::Broken(witness) => witness,
        verdict => panic!("{text}: {model:?} {verdict:?}"),
    }
}

#[test]
fn what_one_copy_could_have_done_breaks_nothing() {
    for text in [
        "",
        "a r x -",
        "a w x 1; b r x 1; b w x 2; a r x 2; a d x; b r x -",
        "a+ w x 1; b r x -; c r x 1; a.; b r x 1",
        "a+ w x 1; b+ w x 2; c r x 2; c r x 1; a.; b.; d r x 1",
        "a w x 1; b w y 1; a r y 1; b r x 1; ~; a r x 1; b r x 1; c r y 1",
    ] {
        assert_eq!(broken(text), [], "{text}");
    }
}

/// Figure 3 of Bouajjani et al. (POPL 2017): what tells the kinds of causal consistency apart.
#[test]
fn the_figure_of_causal_histories() {
    use Model::{Causal, CausalConvergence, Linearizable, MonotonicReads, Sequential};
    let causal_memory_only = "a w x 1; b w x 2; a r x 2; b r x 1";
    assert_eq!(broken(causal_memory_only), [Linearizable, Sequential, CausalConvergence]);
    let convergence_only = "a w z 1; b w x 2; b r z -; a w x 1; a w y 1; b r y 1; b r x 2";
    assert_eq!(broken(convergence_only), [Linearizable, Sequential, Causal]);
    let neither = "a w x 1; b w x 2; b r x 1; b r x 2";
    assert_eq!(broken(neither), [Linearizable, Sequential, Causal, CausalConvergence]);
    let both = "a w x 1; b w x 2; a r y -; b r y -; a w y 1; b w y 2; a r x 1; b r x 2";
    assert_eq!(broken(both), [Linearizable, Sequential]);
    let not_even_plain = "a w x 1; a w y 1; b r y 1; b w x 2; c r x 2; c r x 1";
    let all = [Linearizable, Sequential, Causal, CausalConvergence, MonotonicReads];
    assert_eq!(broken(not_even_plain), all);
}

/// Lamport (1979) and Dekker: two that write and then look at what the other one did.
#[test]
fn store_buffers_are_causal_and_not_sequential() {
    let text = "a w x 1; b w y 1; a r y -; b r x -";
    assert_eq!(broken(text), [Model::Linearizable, Model::Sequential]);
    assert_eq!(witness(text, Model::Sequential).operations, [0, 1, 2, 3]);
    let readers = "a w x 1; b w y 1; c r x 1; c r y -; d r y 1; d r x -";
    assert_eq!(broken(readers), [Model::Linearizable, Model::Sequential]);
}

/// Two versions of x and two of y, and for each of the four orders that they may have, two readers
/// who contradict it. Nothing follows from anything; only trying shows that there is no order.
#[test]
fn what_must_be_tried_is_tried() {
    let writes = "a w x 1; b w x 2; c w y 1; d w y 2";
    let readers = [
        "e r x 2; e r y 1",
        "f r y 2; f r x 1",
        "g r x 2; g r y 2",
        "h r y 1; h r x 1",
        "i r x 1; i r y 1",
        "j r y 2; j r x 2",
        "k r x 1; k r y 2",
        "l r y 1; l r x 2",
    ];
    let text = format!("{writes}; {}", readers.join(";"));
    assert_eq!(broken(&text), [Model::Linearizable, Model::Sequential]);
    assert_eq!(witness(&text, Model::Sequential).operations, (0..20).collect::<Vec<usize>>());
    for missing in readers {
        let text = text.replace(missing, "");
        assert_eq!(broken(&text), [Model::Linearizable], "without {missing}");
    }
}

/// Histories of a true register hold everything; with one read from the past they are not
/// linearizable, as the search for an order says, too.
#[test]
fn longer_histories_are_judged_as_the_search_judges_them() {
    let mut random = Random::from_seed(3);
    for _ in 0..30 {
        let mut history = true_history(&mut random, 60, 5);
        assert_eq!(histories::watched(&history).judge(BUDGET).strongest(), [Model::Linearizable]);
        make_stale(&mut history);
        let report = histories::watched(&history).judge(BUDGET);
        assert!(matches!(report.of(Model::Linearizable), Verdict::Broken(_)));
        let mut search = Checker::new(Register::default(), history);
        assert!(matches!(search.finish(), Progress::Broken(_)));
    }
}

/// Attiya, Bar-Noy and Dolev (1995) write back because of this: a write under way is found by one
/// reader and not by a later one.
#[test]
fn new_old_inversion_is_named_with_the_fewest_operations() {
    let text = "a w x 1; a+ w x 2; d r x 1; b r x 2; c r x 1; a.; d r x 2";
    assert_eq!(broken(text), [Model::Linearizable]);
    let found = witness(text, Model::Linearizable);
    assert_eq!((found.anomaly, found.operations), (Anomaly::NewOldInversion, vec![0, 1, 3, 4]));
    // From the start nothing need be written before; and an unknown write is under way for ever.
    let found = witness("a w x 1 ?; b r x 1; c r x -", Model::Linearizable);
    assert_eq!((found.anomaly, found.operations), (Anomaly::NewOldInversion, vec![1, 2]));
    let found = witness("a w x 1; a w x 2; b r y -; b r x 1", Model::Linearizable);
    assert_eq!((found.anomaly, found.operations), (Anomaly::StaleRead, vec![0, 1, 3]));
}

/// Terry et al. (1994), section 3.1: a password that was changed does not work.
#[test]
fn read_your_writes_breaks_alone() {
    use Model::{Causal, CausalConvergence, Linearizable, ReadYourWrites, Sequential};
    let all = [Linearizable, Sequential, Causal, CausalConvergence, ReadYourWrites];
    assert_eq!(broken("a w x 1; a w x 2; a r x 1"), all);
    assert_eq!(broken("a w x 1; a r x -"), all);
    // What it had read before it wrote is older, too.
    assert_eq!(broken("b w x 1; a r x 1; a w x 2; a r x 1"), all[..]);
    let found = witness("b w x 1; a r x 1; a w x 2; a r x 1", ReadYourWrites);
    assert_eq!((found.anomaly, found.operations), (Anomaly::OwnWriteMissed, vec![0, 1, 2, 3]));
}

/// Section 3.2: an appointment that was in the calendar is gone when it is shown again.
#[test]
fn monotonic_reads_break_alone() {
    use Model::{Causal, CausalConvergence, Linearizable, MonotonicReads, Sequential};
    let all = [Linearizable, Sequential, Causal, CausalConvergence, MonotonicReads];
    assert_eq!(broken("a w x 1; b r x 1; b r x -"), all);
    assert_eq!(broken("a w x 1; a w x 2; b r x 2; b r x 1"), all);
    // There and back again, whatever the order of the writes.
    let back = "a+ w x 1; c+ w x 2; b r x 1; b r x 2; b r x 1; a.; c.";
    assert_eq!(broken(back), all);
    let found = witness(back, MonotonicReads);
    assert_eq!((found.anomaly, found.operations), (Anomaly::WentBack, vec![0, 1, 2, 3, 4]));
}

/// Section 3.3: who reads a reply has not got what it replies to.
#[test]
fn writes_follow_reads_breaks_alone() {
    use Model::{Causal, CausalConvergence, Linearizable, Sequential, WritesFollowReads};
    let all = [Linearizable, Sequential, Causal, CausalConvergence, WritesFollowReads];
    let text = "a w x 1; b r x 1; b w y 1; c r y 1; c r x -";
    assert_eq!(broken(text), all);
    let found = witness(text, WritesFollowReads);
    let wanted = (Anomaly::EffectWithoutCause, vec![0, 1, 2, 3, 4]);
    assert_eq!((found.anomaly, found.operations), wanted);
}

/// Section 3.4: a library without what it was built on. One file is replaced after the other, and
/// a reader gets the second with the old first.
#[test]
fn monotonic_writes_break_alone() {
    use Model::{Causal, CausalConvergence, Linearizable, MonotonicWrites, Sequential};
    let all = [Linearizable, Sequential, Causal, CausalConvergence, MonotonicWrites];
    let text = "a w x 1; a w x 2; a w y 1; b r y 1; b r x 1";
    assert_eq!(broken(text), all);
    let found = witness(text, MonotonicWrites);
    assert_eq!((found.anomaly, found.operations), (Anomaly::WritesOutOfOrder, vec![0, 1, 2, 3, 4]));
}

/// The badge breaks with the answer that breaks it, and every breach is told once.
#[test]
fn breaches_are_told_in_the_moment() {
    let mut watch = Watch::default();
    let mut done = |client, call, found| {
        let place = watch.call(client, 1, call);
        watch.answer(place, Outcome::Done { found }).to_vec()
    };
    assert_eq!(done(1, RegisterCall::Write(5), None), []);
    assert_eq!(done(2, RegisterCall::Read, None), [], "a stale read of another client is allowed");
    let breaches = done(1, RegisterCall::Read, None);
    assert_eq!((breaches[0].client, &breaches[0].operations[..]), (1, &[0, 2][..]));
    assert_eq!(breaches[0].anomaly, Anomaly::OwnWriteMissed);
    assert_eq!(done(1, RegisterCall::Read, Some(5)), []);
    let breaches = done(1, RegisterCall::Read, None);
    let anomalies: Vec<Anomaly> = breaches.iter().map(|breach| breach.anomaly).collect();
    assert_eq!(anomalies, [Anomaly::OwnWriteMissed, Anomaly::WentBack]);
    assert_eq!(watch.breaches().len(), 3);
}

/// An unknown write may come late, or never, but not before its call, and a failed one not at all.
#[test]
fn unknown_writes_are_open_and_failed_ones_are_nothing() {
    for text in [
        "a w x 1; a w x 2 ?; a r x 1; b r x 1; a r x 2; b r x 2",
        "a w x 1; a w x 2 ?; a r x 1; a w x 3; b r x 3; b r x 2; a r x 2",
        "a w x 1; a w x 2 ?; ~; a r x 1; b r x 1; c r x 2",
        "a w x 1; a w x 2 !; a r x 1; ~; b r x 1",
        "a+ w x 1; b r x 1; a r x 1",
    ] {
        assert_eq!(broken(text), [], "{text}");
    }
    // It has happened once it was found.
    let went_back = broken("a w x 1; a w x 2 ?; b r x 2; b r x 1");
    assert!(went_back.contains(&Model::MonotonicReads), "{went_back:?}");
    let late = "a w x 1; b r x 2; a w x 2 ?";
    let refused = "a w x 1; a w x 2 !; b r x 2";
    let refused_later = "a+ w x 2 !; b r x 2; a.";
    for text in [late, refused, refused_later, "a r x 9"] {
        assert_eq!(broken(text), MODELS, "{text}");
        assert_eq!(witness(text, Model::Eventual).anomaly, Anomaly::NeverWritten);
    }
}

/// What was written twice, or cleared, may be read in several ways.
#[test]
fn readings_are_tried_before_anything_is_called_broken() {
    for text in [
        "a w x 1; b w x 2; a w x 1; b r x 1",
        "a w x 1; a d x; a r x -; b w x 1; a r x 1",
        "a w x 1; b r x 1; a d x; b r x -; b w x 3; a r x 3; a d x; b r x -",
    ] {
        assert_eq!(broken(text), [], "{text}");
    }
    // No clearing explains it.
    let never_cleared = broken("a w x 1; a w y 1; a d y; b r y -; b r x 1; b r x -");
    assert!(never_cleared.contains(&Model::MonotonicReads), "{never_cleared:?}");
    // What failed explains nothing, whatever else may.
    let stale = broken("a w x 1; a w x 1; b w x 2; c w x 1 !; d r x 1");
    assert!(stale.contains(&Model::Linearizable), "{stale:?}");
    // Every reading of the last is broken: the first 1 is gone, and so is the second.
    let gone = "a w x 1; a w x 1; a w x 2; a r x 1";
    assert!(SESSIONS.iter().any(|model| broken(gone).contains(model)), "{:?}", broken(gone));
}

/// Vogels (2009): with no more writes, all see the last one. LWW loses a write for all alike.
#[test]
fn eventual_consistency_needs_quiet_to_break() {
    let stale = "a w x 1; b r x -; c r x 1; b r x -";
    assert!(!broken(stale).contains(&Model::Eventual));
    let found = witness("a w x 1; b w x 2; ~; c r x 1; d r x 2", Model::Eventual);
    assert_eq!((found.anomaly, found.operations), (Anomaly::Disagreement, vec![2, 3]));
    let found = witness("a w x 1; ~; c r x -", Model::Eventual);
    assert_eq!((found.anomaly, found.operations), (Anomaly::LostWrite, vec![0, 1]));
    // All agree on the older one.
    let lost = "a w x 1; a w x 2; ~; c r x 1; d r x 1";
    assert!(!broken(lost).contains(&Model::Eventual));
    // A new write ends the quiet of its key, and of no other.
    assert!(
        !broken("a w x 1; ~; b r x 1; a+ w x 2; c r x 2; d r x 1; a.").contains(&Model::Eventual)
    );
    assert!(broken("a w x 1; ~; a w y 2; b r x -").contains(&Model::Eventual));
}

#[test]
fn the_map_has_no_circles_and_names_the_strongest() {
    for (at, model) in MODELS.into_iter().enumerate() {
        assert_eq!(model as usize, at, "the report is in this order");
        assert!(MODELS[..at].iter().all(|before| !model.implies(*before)), "{model:?}");
        assert!(Model::Linearizable.implies(model));
    }
    assert!(IMPLIES.iter().all(|(from, to)| from.implies(*to) && !to.implies(*from)));
    assert!(!Model::Sequential.implies(Model::Eventual));
    let strongest = |text| watched(text).0.judge(BUDGET).strongest();
    assert_eq!(strongest("a w x 1; b r x 1"), [Model::Linearizable]);
    assert_eq!(strongest("a w x 1; b r x -"), [Model::Sequential, Model::Eventual]);
    assert_eq!(
        strongest("a w x 1; a r x -; ~; b r x 1"),
        [Model::MonotonicReads, Model::MonotonicWrites, Model::WritesFollowReads, Model::Eventual]
    );
    assert_eq!(strongest("a r x 1"), []);
}

/// Too little budget, or too much history, is no verdict; what was found broken stays so.
#[test]
fn limits_leave_models_undecided() {
    // Every writer looks at the next one's key and finds nothing: no order is easy to see.
    let (watch, _) = watched("a w x 1; b w y 1; a r x 1; b r x 1; c w x 2; c r y 1; a r x 2");
    assert_eq!(watch.judge_model(Model::Sequential, 0), Verdict::Undecided);
    assert_eq!(watch.judge_model(Model::Sequential, 100), Verdict::Held);
    let mut watch = Watch::default();
    for _ in 0..MOST_OPERATIONS {
        let place = watch.call(1, 1, RegisterCall::Read);
        watch.answer(place, Outcome::Done { found: None });
    }
    assert_eq!(watch.judge_model(Model::Linearizable, BUDGET), Verdict::Held);
    assert_eq!(watch.call(1, 1, RegisterCall::Write(1)), MOST_OPERATIONS);
    assert_eq!(watch.answer(MOST_OPERATIONS, Outcome::Done { found: None }), []);
    assert!(watch.history().is_full());
    assert_eq!(watch.judge_model(Model::Linearizable, BUDGET), Verdict::Undecided);
}

/// What is costly to judge is judged by the first operations; badges go on.
#[test]
fn long_histories_are_judged_as_far_as_they_go() {
    let mut watch = Watch::default();
    let mut done = |client, call, found| {
        let place = watch.call(client, 1, call);
        watch.answer(place, Outcome::Done { found }).len()
    };
    assert_eq!(done(1, RegisterCall::Write(1), None), 0);
    for _ in 0..MOST_JUDGED {
        assert_eq!(done(1, RegisterCall::Read, Some(1)), 0);
    }
    assert_eq!(done(1, RegisterCall::Read, None), 2);
    let report = watch.judge(BUDGET);
    for model in [Model::Sequential, Model::Causal, Model::CausalConvergence] {
        assert_eq!(*report.of(model), Verdict::Undecided);
    }
    for model in [Model::Linearizable, Model::ReadYourWrites, Model::MonotonicReads] {
        assert!(matches!(report.of(model), Verdict::Broken(_)), "{model:?}");
    }
    let (watch, _) = watched(&format!("a w x 1; b r x 1; b r x -; {}", "c r x 1;".repeat(600)));
    let found = watch.judge_model(Model::Causal, BUDGET);
    assert!(matches!(found, Verdict::Broken(witness) if witness.operations == [0, 1, 2]));
}

#[test]
fn answers_that_make_no_sense_change_nothing() {
    let mut watch = Watch::default();
    assert_eq!(watch.answer(3, Outcome::Failed), []);
    let place = watch.call(1, 1, RegisterCall::Write(1));
    watch.answer(place, Outcome::Open);
    watch.answer(place, Outcome::Done { found: Some(9) });
    watch.answer(place, Outcome::Failed);
    assert_eq!(watch.history().operations()[place].outcome, Outcome::Done { found: Some(9) });
    let read = watch.call(1, 1, RegisterCall::Read);
    watch.answer(read, Outcome::Unknown);
    assert_eq!(watch.judge(BUDGET).strongest(), [Model::Linearizable]);
}
