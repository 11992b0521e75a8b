//! Two branches side by side, in lock-step, with where they part and what each has come to.

use std::rc::Rc;

use web_sys::Element;
use yew::prelude::*;

use super::Figure;
use crate::labs::Lab;
use crate::scene::{Frame, Scene};
use crate::sim::NodeId;
use crate::text;
use crate::timeline::{BranchId, Comparison, Difference, Head, Timeline};
use crate::ui::motion::Motion;
use crate::ui::stage::{Preview, stage};
use crate::ui::strip::branch_name;
use crate::ui::tree::{Tree, named};

/// So far behind, in microseconds, the other branch is caught up with in parts.
const FAR_US: u64 = 20_000_000;

/// The branch beside the one that the reader is on.
pub(super) struct Beside {
    pub(super) head: Head,
    /// The branch that it was compared with.
    with: BranchId,
    comparison: Comparison,
    pub(super) parted: Option<Difference>,
    /// What happens in only one of them where they part.
    told: [String; 2],
    scene: Rc<Scene>,
    svg: NodeRef,
    motion: Option<Motion>,
}

impl Beside {
    fn new(timeline: &mut Timeline, branch: BranchId, frame: Frame) -> Option<Beside> {
        let (with, now_us) = (timeline.branch(), timeline.now_us());
        let comparison = Comparison::of(timeline, with, branch)?;
        let head = timeline.look(branch, now_us).ok()?;
        let scene = Rc::new(head.lab().scene(frame, 0));
        let told = Default::default();
        let svg = NodeRef::default();
        Some(Beside { head, with, comparison, parted: None, told, scene, svg, motion: None })
    }

    fn look(&mut self, timeline: &Timeline) {
        if self.parted.is_none() {
            self.parted = self.comparison.look(timeline.lab(), self.head.lab());
            if let Some(parted) = self.parted {
                let [here, there] = [timeline.lab(), self.head.lab()].map(|lab| told(lab, parted));
                let only = |mine: &[String], other: &[String]| {
                    let lines = mine.iter().filter(|line| !other.contains(line));
                    lines.flat_map(|line| [" ", line.as_str()]).collect::<String>()
                };
                self.told = [only(&here, &there), only(&there, &here)];
            }
        }
    }
}

/// What happens there, as far as it is worth telling.
fn told(lab: &dyn Lab, parted: Difference) -> Vec<String> {
    const BACK: usize = 200;
    let lines = lab.story(BACK).into_iter().filter(|line| line.at_us == parted.at_us);
    lines.map(|line| line.text).collect()
}

impl Figure {
    /// Shows a branch beside the present one, or no longer.
    pub(super) fn set_beside(&mut self, branch: Option<BranchId>) {
        let mut timeline = self.timeline.borrow_mut();
        let branch = branch.filter(|branch| *branch != timeline.branch());
        let far = |branch: &BranchId| timeline.reach_us(*branch) + FAR_US < timeline.now_us();
        if let Some(branch) = branch.filter(far) {
            let here = (timeline.branch(), timeline.now_us());
            drop(timeline);
            return self.set_out(vec![here, (branch, here.1)], Some(branch));
        }
        self.beside = branch.and_then(|it| Beside::new(&mut timeline, it, self.frame));
        drop(timeline);
        self.refresh();
    }

    /// The branch beside goes to where the reader is. If that is another branch now, it is compared
    /// with that one.
    pub(super) fn follow_beside(&mut self) {
        let Some(mut beside) = self.beside.take() else {
            return;
        };
        let mut timeline = self.timeline.borrow_mut();
        let (here, now_us) = (timeline.branch(), timeline.now_us());
        let branch = beside.head.branch();
        let deleted = timeline.tree().branch(branch).is_none_or(|branch| branch.deleted);
        if here != beside.with || deleted {
            // Who goes to the branch beside keeps the one they came from beside them.
            let other = if branch == here { beside.with } else { branch };
            self.beside = Beside::new(&mut timeline, other, self.frame);
            if let Some(beside) = &mut self.beside {
                beside.look(&timeline);
            }
            return;
        }
        // One that has halted stays where it is.
        let _ = timeline.move_look(&mut beside.head, now_us);
        beside.look(&timeline);
        self.beside = Some(beside);
    }

    pub(super) fn refresh_beside(&mut self, linger_us: u64) {
        self.follow_beside();
        if let Some(beside) = &mut self.beside {
            beside.scene = Rc::new(beside.head.lab().scene(self.frame, linger_us));
            beside.motion = None;
        }
        self.strip.parted_us = self.beside.as_ref().and_then(|it| Some(it.parted?.at_us));
    }

    pub(super) fn move_beside(&mut self, rendered: bool) {
        let (now_us, still) = (self.now_us(), self.still);
        if let Some(beside) = &mut self.beside {
            if rendered
                && beside.motion.is_none()
                && let Some(svg) = beside.svg.cast::<Element>()
            {
                beside.motion = Some(Motion::find(&svg, &beside.scene));
            }
            if let Some(motion) = &beside.motion {
                motion.apply(now_us, still);
            }
        }
    }

    /// The small stage of the other branch; it is there to be looked at.
    pub(super) fn view_beside(&self) -> Html {
        let Some(beside) = &self.beside else {
            return html! {};
        };
        let (scene, noop) = (&beside.scene, Callback::noop());
        let none = NodeId(u8::MAX);
        let name = branch_name(&self.timeline.borrow(), beside.head.branch());
        html! {
            <section class="stage-cell beside">
                { stage_name(&name, &scene.headline) }
                <div class="stage" inert={true}>
                    { stage(scene, &Preview::default(), false, none, &[], &beside.svg, &noop) }
                </div>
            </section>
        }
    }

    /// The name over the reader's own stage, while there are two.
    pub(super) fn own_stage_name(&self) -> Html {
        if self.beside.is_none() {
            return html! {};
        }
        let timeline = self.timeline.borrow();
        stage_name(&branch_name(&timeline, timeline.branch()), &self.scene.headline)
    }

    /// Where they part, and what became of each. Rendered as often as the panels.
    pub(super) fn render_verdict(&self) -> Html {
        let Some(beside) = &self.beside else {
            return html! {};
        };
        let timeline = self.timeline.borrow();
        let names = [timeline.branch(), beside.head.branch()].map(|it| branch_name(&timeline, it));
        let outcomes = [timeline.lab().outcome(), beside.head.lab().outcome()];
        let mut tree = Tree::default();
        let named = named!["class" = "verdicts", "aria-label" = text::BESIDE];
        tree.open("section", named);
        match beside.parted {
            None => tree.words("p", named![], text::NO_PARTING),
            Some(parted) => {
                tree.open("p", named!["class" = "parted"]);
                let at = text::parted_at(parted.at_us);
                tree.words("strong", named![], &at);
                for (name, told) in names.iter().zip(&beside.told) {
                    if !told.is_empty() {
                        tree.text(&text::told_of_branch(name, told));
                    }
                }
                tree.text(" ");
                tree.words("button", named!["data-control" = "parting"], text::JUMP);
                tree.close();
            }
        }
        for (what, here, there) in outcomes[0].apart(&outcomes[1]).iter().rev().take(4) {
            let [one, other] = &names;
            let line = text::apart(what, [here.word(), there.word()], [one, other]);
            tree.words("p", named!["class" = "apart"], &line);
        }
        tree.open("dl", named![]);
        for (name, outcome) in names.iter().zip(&outcomes) {
            tree.words("dt", named![], name);
            tree.words("dd", named![], &outcome.to_string());
        }
        tree.close();
        tree.close();
        tree.html()
    }
}

fn stage_name(name: &str, headline: &str) -> Html {
    let mut tree = Tree::default();
    tree.open("p", named!["class" = "stage-name"]);
    tree.words("b", named![], name);
    tree.text(" ");
    tree.words("span", named![], headline);
    tree.close();
    tree.html()
}
