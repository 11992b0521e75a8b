//! The CAP lab as a whole: stores of every setting, what they promise, and who would notice if they
//! did not keep it. The rules one by one are in `quorum.rs`; here servers, network, disks, clocks
//! and clients go together, through the same cluster as on the page.

use rift::check::Property;
use rift::explore::{CapSubject, Subject, Tally, run, script, shrink, sweep};
use rift::labs::Setting;
use rift::scenario::{parse, play};

#[path = "cap/retries.rs"]
mod retries;
#[path = "cap/scripts.rs"]
mod scripts;
#[path = "cap/turns.rs"]
mod turns;

/// Settings as scripts have them.
fn settings(lines: &str) -> Vec<Setting> {
    let script = parse(&format!("rift 1\nlab cap\n{lines}")).expect("these are settings");
    script.settings.tuning.protocol
}

/// CP as the core ships it: majorities, write-back, stamps of a quorum.
const CP: &str = "system quorum\nmode cp\nresolution last-write-wins\nstamping ask-first\n\
                  collect-tombstones off\nack-before-sync off\n";

fn store(lines: &str) -> CapSubject {
    CapSubject::genuine().always(settings(lines))
}

/// What came of the first seeds.
fn tally(subject: &CapSubject, seeds: u64) -> Tally {
    let tally = sweep(subject, 0..seeds);
    assert_eq!((tally.runs, tally.halted), (seeds, 0));
    tally
}

/// Every kind of store under every kind of fault, while settings are turned.
#[test]
fn stores_keep_what_their_settings_promise() {
    let tally = tally(&CapSubject::genuine(), 60);
    assert_eq!(tally.broken, []);
    assert!(tally.unjudged <= 6, "{} of 60 runs say nothing", tally.unjudged);
}

/// Attiya, Bar-Noy and Dolev 1995; Lynch and Shvartsman 1997: whatever clocks show. And what was
/// acknowledged is on a majority of disks at any time.
#[test]
fn cp_with_write_back_is_linearizable_and_loses_nothing() {
    let subject = store(&format!("{CP}read-repair blocking"));
    let demanded =
        [Property::Linearizability, Property::ReadsAreRegular, Property::AcknowledgedStays];
    let tally = tally(&subject.demanding(&demanded), 25);
    assert_eq!(tally.broken, []);
    assert!(tally.unjudged <= 4, "{} of 25 runs say nothing", tally.unjudged);
}

/// From a choice to a script of a few lines that shows its price, as `rift explore cap --demand`
/// does. The judges find nothing to blame in the same runs, because nothing else was promised.
#[track_caller]
fn the_price_of(lines: &str, property: Property, seeds: u64) {
    let genuine = store(lines);
    let subject = genuine.clone().demanding(&[property]);
    let is_broken = |seed: &u64| {
        let outcome = run(&subject, &subject.plan(*seed));
        outcome.verdicts.of(property).is_some()
    };
    let seed = (0..seeds).find(is_broken).expect("some seed shows it");
    assert!(run(&genuine, &genuine.plan(seed)).verdicts.all_kept(), "not promised");
    let shrunk = shrink(&subject, &subject.plan(seed), property, 400).expect("it breaks");
    let text = script(&subject, &shrunk.plan, Some(property)).to_string();
    let report = play(&parse(&text).expect("it parses")).expect("it can be played");
    assert_eq!(report.history_hash, shrunk.outcome.hash, "{text}");
    assert!(report.failed.is_none() && !report.passed(), "{report}");
}

#[test]
fn without_write_back_the_checker_finds_what_no_single_copy_would_answer() {
    the_price_of(&format!("{CP}read-repair off"), Property::Linearizability, 400);
}

#[test]
fn with_wrong_clocks_the_last_write_is_not_the_last() {
    let clocks = CP.replace("ask-first", "clock");
    the_price_of(&format!("{clocks}read-repair blocking"), Property::Linearizability, 100);
}

#[test]
fn one_of_n_reads_what_is_old() {
    the_price_of("system quorum\nmode ap\nr 1\nw 1", Property::ReadsAreRegular, 100);
}

#[test]
fn without_anti_entropy_replicas_stay_apart() {
    let lines = "system quorum\nmode ap\nanti-entropy off\nread-repair off";
    the_price_of(lines, Property::ReplicasConverge, 100);
}

/// Acknowledged and not on any disk: a crash takes it back.
#[test]
fn the_judge_of_disks_notices_who_acknowledges_too_early() {
    let lines = "system quorum\nack-before-sync on\ncollect-tombstones off";
    let subject = store(lines).demanding(&[Property::AcknowledgedStays]);
    let broken = tally(&subject, 30).broken;
    assert!(broken.iter().any(|(_, found)| found.property == Property::AcknowledgedStays));
}

/// Dynamo §4.7, and the bound of `quorum/anti_entropy.rs`. What was acknowledged stays in AP, too:
/// on W disks, which may be one, or with a stand-in.
#[test]
fn ap_converges_after_the_heal_and_keeps_what_it_has_acknowledged() {
    for mode in ["ap", "ap-sloppy"] {
        let lines = format!(
            "system quorum\nmode {mode}\nanti-entropy on\ncollect-tombstones off\n\
             ack-before-sync off\ndetector on"
        );
        assert_eq!(tally(&store(&lines), 20).broken, [], "{mode}");
    }
}

/// Terry et al. 1994: who asks gets them in any mode, by any server. Who does not, does not.
#[test]
fn session_guarantees_hold_for_those_who_ask() {
    let ask = |word: &str| {
        format!(
            "system quorum\nmode ap\nresolution last-write-wins\naccess roaming\n\
             read-your-writes {word}\nmonotonic-reads {word}\nmonotonic-writes {word}\n\
             writes-follow-reads {word}"
        )
    };
    assert_eq!(tally(&store(&ask("on")), 30).broken, []);
    let subject = store(&ask("off"));
    let mut breaches = 0;
    for seed in 0..20 {
        let (_, stage) = rift::explore::stage_after(&subject, &subject.plan(seed));
        breaches += stage.cluster().watch().breaches().len();
    }
    assert!(breaches >= 10, "{breaches}");
}
