//! Liveness, by seeds: what a majority at peace owes, and what leaders owe each other.

use rift::check::Property;
use rift::explore::{
    Outcome, PartialViews, RaftSubject, Shrunk, Subject, run_to, script, shrink, stage_after, sweep,
};
use rift::labs::Client;
use rift::labs::raft::{Cluster, RaftEvent, RaftProcess};
use rift::raft::{CommitRule, Event};
use rift::scenario::{parse, play};
use rift::sim::{Fault, Happening, Record};

/// Thesis 9.6, 6.2, 4.2.3: a cut link between two servers makes no leaders flap, and where each
/// server sees only part of the others, somebody who sees a majority leads.
#[test]
fn leaders_stay_and_somebody_leads_where_servers_see_only_a_part() {
    let tally = sweep(&PartialViews::genuine(), 0..400);
    assert_eq!(tally.broken, []);
    assert_eq!(tally.halted, 0);
}

fn without(switch: &str) -> PartialViews {
    let script = parse(&format!("rift 1\nlab raft\n{switch} off")).expect("it is a switch");
    PartialViews::genuine().always(script.settings.tuning.protocol)
}

fn breaks<S: Subject>(subject: &S, property: Property, seeds: u64) -> Vec<u64> {
    let broken = |seed: &u64| {
        let Outcome { verdicts, .. } = run_to(subject, &subject.plan(*seed), property);
        verdicts.of(property).is_some()
    };
    (0..seeds).filter(broken).collect()
}

/// Whoever plays the script sees the same history, and what is claimed at its end fail.
fn reproduces(subject: &PartialViews, shrunk: &Shrunk, property: Property) {
    let text = script(subject, &shrunk.plan, Some(property)).to_string();
    let report = play(&parse(&text).expect("it parses")).expect("it can be played");
    assert_eq!(report.history_hash, shrunk.outcome.hash);
    assert!(report.failed.is_none() && !report.passed(), "{report}\n{text}");
}

/// Thesis 9.6: without pre-vote a server that does not hear the leader deposes it.
#[test]
fn without_pre_vote_a_cut_link_makes_leaders_flap() {
    let subject = without("pre-vote");
    let flaps = breaks(&subject, Property::LeadersStay, 60);
    assert!(flaps.len() >= 5, "{flaps:?}");
    let plan = subject.plan(flaps[0]);
    let shrunk = shrink(&subject, &plan, Property::LeadersStay, 500).expect("it breaks");
    let cut = |fault: &Fault| matches!(fault, Fault::Cut(links) if links.len() == 1);
    let actions = &shrunk.plan.actions;
    assert!(actions.len() == 1 && actions[0].faults().iter().all(cut), "{actions:?}");
    reproduces(&subject, &shrunk, Property::LeadersStay);
}

/// Thesis 6.2: without check-quorum a leader that can commit nothing is followed for ever, by a
/// server that all others could elect.
#[test]
fn without_check_quorum_nobody_may_lead() {
    let subject = without("check-quorum");
    let stuck = breaks(&subject, Property::Progress, 60);
    assert!(stuck.len() >= 3, "{stuck:?}");
    let plan = subject.plan(stuck[0]);
    let shrunk = shrink(&subject, &plan, Property::Progress, 500).expect("it breaks");
    reproduces(&subject, &shrunk, Property::Progress);
}

/// A leader outside the core that is hard to reach has more to hand out than it gets rid of. It
/// commits without a pause, and that is all that is promised.
#[test]
fn a_slow_leader_outside_the_core_makes_progress_though_its_clients_wait() {
    let subject = RaftSubject::genuine();
    let (outcome, cluster) = stage_after(&subject, &subject.plan(28_612));
    assert!(outcome.verdicts.all_kept(), "{:?}", outcome.verdicts);
    assert!(!cluster.clients().has_written(Client(9)));
}

/// A leader outside the core, whose clock runs wild, with much from an earlier term that few have,
/// without fast back-up and with one entry in a message. It commits nothing for as long as patience
/// lasts, for nothing counts before all that is on a majority (§5.4.2), and a majority comes nearer
/// all the time. Given more time it commits.
#[test]
fn a_leader_that_has_much_to_hand_out_first_commits_at_last() {
    let subject = RaftSubject::genuine();
    let mut plan = subject.plan(88_981);
    let (outcome, cluster) = stage_after(&subject, &plan);
    assert!(outcome.verdicts.all_kept(), "{:?}", outcome.verdicts);
    let commit = |cluster: &Cluster| cluster.committed();
    let in_peace = |record: &Record<RaftProcess>| record.at_us > plan.peace_us;
    let records = cluster.world().history().records().iter().filter(|record| in_peace(record));
    let counts = |what: &Happening<RaftProcess>| {
        let Happening::Decided { event: RaftEvent::Raft(event), .. } = what else {
            return false;
        };
        matches!(event, Event::Committed { by: CommitRule::Counted { .. }, .. })
    };
    assert!(!records.map(|record| &record.what).any(counts));
    plan.ends_us += 8_000_000;
    let (_, later) = stage_after(&subject, &plan);
    assert!(commit(&later) > commit(&cluster), "{:?}", commit(&cluster));
    assert!(later.clients().has_written(Client(9)));
}
