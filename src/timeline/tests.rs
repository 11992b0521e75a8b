use super::*;
use crate::labs::LABS;
use crate::random::Random;
use crate::sim::{Fault, NodeId};

fn start() -> Timeline {
    Timeline::start(&LABS[0], LabSettings::new(5, 11))
}

fn write(value: u64) -> Command {
    Command::write(NodeId((value % 5) as u8), "x", value.to_string())
}

fn isolate(node: u8) -> Command {
    let others: Vec<NodeId> = (0..5).filter(|id| *id != node).map(NodeId).collect();
    Command::Faults(vec![Fault::cut_between(&[NodeId(node)], &others)])
}

fn heal() -> Command {
    Command::Faults(vec![Fault::HealAll])
}

fn hash(timeline: &Timeline) -> u64 {
    timeline.lab().history_hash()
}

/// What playing gives, from the beginning and with nothing kept.
fn played(timeline: &Timeline, branch: BranchId, at_us: u64) -> u64 {
    let run = timeline.run(branch).expect("the branch is there");
    let session = Session::replay(&LABS[0], &run, at_us).expect("far from any limit");
    session.lab().history_hash()
}

fn advance(timeline: &mut Timeline, by_us: u64) {
    timeline.advance_to(timeline.now_us() + by_us).expect("far from any limit");
}

#[test]
fn what_is_done_in_the_past_makes_a_branch_and_destroys_nothing() {
    let mut timeline = start();
    advance(&mut timeline, 500_000);
    assert_eq!(timeline.act(write(1)), Ok(Acted::Here));
    advance(&mut timeline, 500_000);
    let (end, run) = (hash(&timeline), timeline.run(BranchId::FIRST));
    timeline.seek(300_000).expect("far from any limit");
    assert!(!timeline.is_at_end());
    let other = BranchId(1);
    assert_eq!(timeline.act(isolate(0)), Ok(Acted::OnNewBranch(other)));
    assert_eq!(timeline.branch(), other);
    advance(&mut timeline, 700_000);
    assert_ne!(hash(&timeline), end);
    assert_eq!(timeline.run(BranchId::FIRST), run);
    timeline.select(BranchId::FIRST).expect("it is there");
    assert_eq!((timeline.now_us(), hash(&timeline)), (1_000_000, end));
    assert_eq!(timeline.tree().common(BranchId::FIRST, other), Some((300_000, 0)));
}

#[test]
fn going_back_to_the_end_goes_on_from_there() {
    let mut timeline = start();
    advance(&mut timeline, 2_000_000);
    let end = hash(&timeline);
    timeline.seek(0).expect("far from any limit");
    assert!(!timeline.is_at_end());
    timeline.go_to_end().expect("far from any limit");
    assert!(timeline.is_at_end());
    assert_eq!((timeline.now_us(), hash(&timeline)), (2_000_000, end));
    assert_eq!(timeline.act(write(1)), Ok(Acted::Here));
}

#[test]
fn steps_go_forth_and_back_by_what_happens() {
    let mut timeline = start();
    let mut instants = vec![(timeline.now_us(), hash(&timeline))];
    for _ in 0..200 {
        assert_eq!(timeline.step(), Ok(true));
        instants.push((timeline.now_us(), hash(&timeline)));
    }
    for instant in instants.iter().rev().skip(1) {
        assert_eq!(timeline.step_back(), Ok(true));
        assert_eq!((timeline.now_us(), hash(&timeline)), *instant);
    }
    assert_eq!(timeline.step_back(), Ok(false));
}

#[test]
fn undoing_and_redoing_are_steps_in_the_tree() {
    let mut timeline = start();
    advance(&mut timeline, 400_000);
    timeline.act(isolate(1)).expect("it makes sense");
    advance(&mut timeline, 100_000);
    let before = hash(&timeline);
    timeline.act(write(7)).expect("it makes sense");
    let after = hash(&timeline);
    assert_eq!(timeline.undo(), Ok(Some(BranchId(1))));
    assert_eq!((timeline.now_us(), hash(&timeline)), (500_000, before));
    assert_eq!(timeline.undo(), Ok(Some(BranchId(2))));
    assert_eq!(timeline.now_us(), 400_000);
    assert_eq!(timeline.undo(), Ok(None));
    assert_eq!(timeline.redo(), Some(BranchId(1)));
    assert_eq!(timeline.redo(), Some(BranchId::FIRST));
    assert_eq!((timeline.now_us(), hash(&timeline)), (500_000, after));
    assert_eq!(timeline.redo(), None);
    // Undone once more, it is the same branch again.
    assert_eq!(timeline.undo(), Ok(Some(BranchId(1))));
}

#[test]
fn what_is_refused_changes_nothing() {
    let mut timeline = start();
    advance(&mut timeline, 400_000);
    timeline.act(Command::Faults(vec![Fault::Crash(NodeId(3))])).expect("it runs");
    advance(&mut timeline, 100_000);
    timeline.seek(450_000).expect("far from any limit");
    let (tree, at) = (timeline.tree().clone(), hash(&timeline));
    for nonsense in [Command::TimeOut(NodeId(9)), Command::Faults(vec![Fault::Crash(NodeId(3))])] {
        assert!(matches!(timeline.act(nonsense), Err(ActRefused::Lab(_))));
        assert_eq!((timeline.tree(), hash(&timeline)), (&tree, at));
    }
    let nowhere = BranchId(7);
    assert_eq!(timeline.select(nowhere), Err(TreeRefused::NoSuchBranch));
    assert_eq!(timeline.delete(BranchId::FIRST), Err(TreeRefused::LastBranch));
    let long = "x".repeat(limits::NAME_CHARS + 1);
    assert_eq!(timeline.name(BranchId::FIRST, long), Err(TreeRefused::NameTooLong));
    assert_eq!(timeline.tree(), &tree);
}

#[test]
fn a_deleted_branch_is_shown_no_longer_and_its_children_live() {
    let mut timeline = start();
    advance(&mut timeline, 600_000);
    timeline.seek(200_000).expect("far from any limit");
    timeline.act(isolate(2)).expect("it makes sense");
    advance(&mut timeline, 400_000);
    timeline.seek(300_000).expect("far from any limit");
    let Ok(Acted::OnNewBranch(child)) = timeline.act(heal()) else {
        panic!("it is in the past");
    };
    timeline.delete(BranchId(1)).expect("there are others");
    let shown: Vec<BranchId> = timeline.tree().shown().map(|(id, _)| id).collect();
    assert_eq!(shown, [BranchId::FIRST, child]);
    advance(&mut timeline, 300_000);
    assert_eq!(hash(&timeline), played(&timeline, child, timeline.now_us()));
    timeline.delete(child).expect("there is another");
    assert_eq!(timeline.branch(), BranchId::FIRST);
}

/// State reached by seeking is state reached by playing, at every instant tried, on every branch;
/// and no branch ever changes another.
#[test]
fn wherever_one_goes_it_is_as_if_it_had_been_played() {
    for seed in 0..40 {
        let mut random = Random::for_purpose(seed, 1);
        let mut timeline = start();
        for number in 0..40 {
            let at_us = random.below(3_000_000);
            let runs: Vec<Option<Run>> = (0..timeline.tree().deeds().len() as u16 + 1)
                .map(|b| timeline.run(BranchId(b)))
                .collect();
            match random.below(8) {
                0 | 1 => advance(&mut timeline, at_us / 8),
                2 | 3 => timeline.seek(at_us).expect("far from any limit"),
                4 => drop(timeline.act(write(number))),
                5 => drop(timeline.act(if random.chance(500_000) { isolate(1) } else { heal() })),
                6 => drop(timeline.select(BranchId(random.below(6) as u16))),
                _ if random.chance(500_000) => {
                    timeline.undo().expect("there is room");
                }
                _ => {
                    timeline.redo();
                }
            }
            for (branch, run) in runs.iter().enumerate() {
                let now = timeline.run(BranchId(branch as u16));
                let (Some(run), Some(now)) = (run, now) else { continue };
                assert!(now.actions.starts_with(&run.actions), "seed {seed}, branch {branch}");
            }
            let run = timeline.run(timeline.branch()).expect("it is there");
            if run.actions.len() == timeline.head.done
                || run.actions[timeline.head.done].at_us > timeline.now_us()
            {
                let expected = played(&timeline, timeline.branch(), timeline.now_us());
                assert_eq!(hash(&timeline), expected, "seed {seed}, step {number}");
            }
            let again = Tree::of_deeds(timeline.tree().deeds().iter().cloned());
            assert_eq!(again.as_ref(), Ok(timeline.tree()), "everything is a fold");
        }
    }
}

#[test]
fn a_second_look_leaves_the_playhead_where_it_is() {
    let mut timeline = start();
    advance(&mut timeline, 900_000);
    timeline.seek(300_000).expect("far from any limit");
    timeline.act(isolate(0)).expect("it makes sense");
    advance(&mut timeline, 100_000);
    let here = hash(&timeline);
    let mut look = timeline.look(BranchId::FIRST, 400_000).expect("it is there");
    for at_us in [700_000, 350_000, 900_000] {
        timeline.move_look(&mut look, at_us).expect("far from any limit");
        let expected = played(&timeline, BranchId::FIRST, at_us);
        assert_eq!((look.branch(), look.lab().history_hash()), (BranchId::FIRST, expected));
    }
    assert_eq!(
        (timeline.branch(), timeline.now_us(), hash(&timeline)),
        (BranchId(1), 400_000, here)
    );
}

#[test]
fn of_a_very_long_run_the_oldest_part_is_let_go_and_the_rest_is_as_ever() {
    let mut timeline = start();
    timeline.kept_records = 80_000;
    advance(&mut timeline, 2_000_000);
    timeline.act(write(1)).expect("it makes sense");
    advance(&mut timeline, 4_000_000);
    assert_eq!(timeline.first_us(), 0);
    timeline.seek(3_000_000).expect("far from any limit");
    timeline.act(isolate(1)).expect("it makes sense");
    advance(&mut timeline, 160_000_000);
    let kept: usize = timeline.tracks.iter().map(Track::kept).sum();
    assert!(kept <= 80_000, "{kept} records are kept");
    assert!(timeline.first_us() > 1_000_000 && timeline.lab().history_first() > 0);
    for at_us in [0, timeline.first_us(), 162_000_000, 163_000_000] {
        timeline.seek(at_us).expect("far from any limit");
        assert_eq!(timeline.now_us(), at_us.max(timeline.first_us()));
        let expected = played(&timeline, timeline.branch(), timeline.now_us());
        assert_eq!(hash(&timeline), expected);
    }
    // The story of what was let go is not told any more, and everything else still answers.
    assert!(timeline.lab().story(usize::MAX).iter().all(|line| line.at_us > 0));
    timeline.select(BranchId::FIRST).expect("it is there");
    let expected = played(&timeline, BranchId::FIRST, timeline.now_us());
    assert_eq!(hash(&timeline), expected);
}
