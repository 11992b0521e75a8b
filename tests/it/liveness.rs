//! Liveness, by seeds: what a majority at peace owes, and what leaders owe each other.

use rift::check::Property;
use rift::explore::{Outcome, PartialViews, Subject, run_to, shrink, sweep};
use rift::labs::raft::{RaftProcess, RaftSetup};
use rift::raft::Config;
use rift::sim::Fault;

/// Thesis 9.6, 6.2, 4.2.3: a cut link between two servers makes no leaders flap, and where each
/// server sees only part of the others, somebody who sees a majority leads.
#[test]
fn leaders_stay_and_somebody_leads_where_servers_see_only_a_part() {
    let tally = sweep(&PartialViews::genuine(), 0..400);
    assert_eq!(tally.broken, []);
    assert_eq!(tally.halted, 0);
}

fn with_settings(
    change: fn(&mut Config),
) -> PartialViews<RaftProcess, impl Fn(Config) -> RaftSetup> {
    PartialViews::<RaftProcess, _>::with_setup(move |mut config| {
        change(&mut config);
        RaftSetup { config }
    })
}

fn breaks<S: Subject>(subject: &S, property: Property, seeds: u64) -> Vec<u64> {
    let broken = |seed: &u64| {
        let Outcome { verdicts, .. } = run_to(subject, &subject.plan(*seed), property);
        verdicts.of(property).is_some()
    };
    (0..seeds).filter(broken).collect()
}

/// Thesis 9.6: without pre-vote a server that does not hear the leader deposes it.
#[test]
fn without_pre_vote_a_cut_link_makes_leaders_flap() {
    let subject = with_settings(|config| config.pre_vote = false);
    let flaps = breaks(&subject, Property::LeadersStay, 60);
    assert!(flaps.len() >= 5, "{flaps:?}");
    let plan = subject.plan(flaps[0]);
    let shrunk = shrink(&subject, &plan, Property::LeadersStay, 500).expect("it breaks");
    let cuts = shrunk.plan.actions.iter().filter(|action| {
        matches!(&action.act, rift::explore::Act::Fault(Fault::Cut(links)) if links.len() == 1)
    });
    assert_eq!((shrunk.plan.actions.len(), cuts.count()), (1, 1), "{:?}", shrunk.plan.actions);
}

/// Thesis 6.2: without check-quorum a leader that can commit nothing is followed for ever, by a
/// server that all others could elect.
#[test]
fn without_check_quorum_nobody_may_lead() {
    let subject = with_settings(|config| config.check_quorum = false);
    let stuck = breaks(&subject, Property::Progress, 60);
    assert!(stuck.len() >= 3, "{stuck:?}");
}
