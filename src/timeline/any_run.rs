//! Runs as seeds draw them (every feature, fault, crash and client of the search for bugs), gone
//! through back and forth: wherever one goes it is as if it had been played, a link brings back the
//! same, and what is done in the past changes nothing but its own branch.

use super::{Acted, BranchId, Timeline, Tree};
use crate::explore::{RaftSubject, Subject, as_it_went};
use crate::labs::{Command, LABS, Lab};
use crate::link::Link;
use crate::random::Random;
use crate::scene::{Frame, Window};
use crate::session::{Run, Session};
use crate::sim::{Fault, NodeId};

const FRAME: Frame = Frame { width: 760.0, height: 520.0 };

/// A run of the search as it went, and how long it is.
fn drawn(seed: u64) -> (Run, u64) {
    let subject = RaftSubject::genuine();
    let (went, _) = as_it_went(&subject, &subject.plan(seed), None);
    (went.run(), went.ends_us)
}

fn timeline_of(run: &Run) -> Timeline {
    let tree = Tree::of_actions(run.actions.clone());
    Timeline::of_tree(&LABS[0], run.settings.clone(), tree)
}

/// Everything that is shown of a lab, and what will come of it.
fn all_of(lab: &dyn Lab) -> impl PartialEq + std::fmt::Debug + use<> {
    let window = Window::new(0, lab.now_us().max(1));
    let known = (lab.now_us(), lab.history_len(), lab.history_hash(), lab.next_due_us());
    let mut after = lab.fork();
    let _ = after.advance_to(lab.now_us() + 50_000);
    let shown = (lab.scene(FRAME, 50_000), lab.table(), lab.client_table(), lab.story(20));
    let judged = (lab.promises(), lab.tasks(), lab.outcome().to_string());
    (known, shown, judged, lab.lane(window, 200), after.history_hash())
}

#[test]
fn to_seek_is_to_play_in_runs_of_every_kind() {
    let (mut kinds, mut keyframes) = (std::collections::BTreeSet::new(), 0);
    for seed in 0..40 {
        let (run, ends_us) = drawn(seed);
        for action in &run.actions {
            let name = format!("{:?}", action.command);
            kinds.insert(name.split([' ', '(', '{', '[']).next().unwrap_or_default().to_owned());
        }
        let mut timeline = timeline_of(&run);
        let mut random = Random::for_purpose(seed, 9);
        timeline.advance_to(ends_us).expect("far from any limit");
        keyframes += timeline.keyframes();
        for number in 0..12 {
            // At an act, right before it, or anywhere.
            let acted = run.actions.get(random.below(run.actions.len() as u64) as usize);
            let at_us = match (random.below(3), acted) {
                (0, Some(action)) => action.at_us,
                (1, Some(action)) => action.at_us.saturating_sub(1),
                _ => random.below(ends_us),
            };
            timeline.seek(at_us).expect("far from any limit");
            let played = Session::replay(&LABS[0], &run, at_us).expect("far from any limit");
            assert_eq!(
                all_of(timeline.lab()),
                all_of(played.lab()),
                "seed {seed}, seek {number} to {at_us} us"
            );
        }
    }
    // There are instants to begin from, and the runs are of every kind.
    assert!(keyframes > 200, "{keyframes}");
    for kind in ["Faults", "Ask", "ChangeMembership", "TransferLeadership"] {
        assert!(kinds.contains(kind), "{kind} is in none of {kinds:?}");
    }
}

#[test]
fn a_link_of_any_run_opens_as_the_same_run() {
    for seed in 100..140 {
        let (run, ends_us) = drawn(seed);
        let mut timeline = timeline_of(&run);
        let at_us = Random::for_purpose(seed, 10).below(ends_us);
        timeline.advance_to(at_us).expect("far from any limit");
        let text = Link::of_timeline(&timeline, None).to_text();
        let link = Link::parse(&text).expect("it was just made");
        assert_eq!((link.at_us, &link.settings), (at_us, &run.settings), "seed {seed}");
        let mut opened = Timeline::of_tree(&LABS[0], link.settings.clone(), link.tree.clone());
        opened.seek(link.at_us).expect("far from any limit");
        assert_eq!(opened.lab().history_hash(), timeline.lab().history_hash(), "seed {seed}");
        for opened in [&mut opened, &mut timeline] {
            opened.advance_to(ends_us).expect("far from any limit");
        }
        assert_eq!(opened.lab().history_hash(), timeline.lab().history_hash(), "seed {seed}");
        assert_eq!(link.to_text(), text, "seed {seed}");
    }
}

#[test]
fn branches_of_any_run_change_nothing_but_themselves() {
    for seed in 200..230 {
        let (run, ends_us) = drawn(seed);
        let mut timeline = timeline_of(&run);
        let mut random = Random::for_purpose(seed, 11);
        timeline.advance_to(ends_us).expect("far from any limit");
        // Each branch, how long it is, and all that is shown at its end.
        let mut branches = vec![(BranchId::FIRST, ends_us, all_of(timeline.lab()))];
        for _ in 0..6 {
            let (parent, end_us, _) = &branches[random.below(branches.len() as u64) as usize];
            let (parent, end_us) = (*parent, *end_us);
            timeline.select(parent).expect("it is there");
            timeline.seek(random.below(end_us)).expect("far from any limit");
            let node = NodeId(random.below(run.settings.servers.into()) as u8);
            let command = match random.below(3) {
                0 => Command::write(node, "x", "elsewhere"),
                1 => Command::Faults(vec![Fault::HealAll]),
                _ => Command::Faults(vec![Fault::Crash(node)]),
            };
            let before: Vec<Option<Run>> = branches.iter().map(|it| timeline.run(it.0)).collect();
            if let Ok(Acted::OnNewBranch(branch)) = timeline.act(command) {
                timeline.advance_to(ends_us).expect("far from any limit");
                branches.push((branch, ends_us, all_of(timeline.lab())));
            }
            for ((branch, end_us, shown), run) in branches.iter().zip(before) {
                assert_eq!(timeline.run(*branch), run, "seed {seed}, {branch:?}");
                let look = timeline.look(*branch, *end_us).expect("it is there");
                assert_eq!(all_of(look.lab()), *shown, "seed {seed}, {branch:?}");
            }
        }
        assert!(branches.len() > 2, "seed {seed}");
    }
}
