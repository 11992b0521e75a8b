//! A guided run: captions at their instants, playback that waits for the reader, and a way back
//! to it for who went a way of their own. A tour is a run like any other; all that it adds is
//! words.

use super::arrive::{Arrival, of_link, open};
use super::{Figure, Touring};
use crate::embed::Controls;
use crate::labs::{LabEntry, Task};
use crate::link::Link;
use crate::text;
use crate::timeline::{BranchId, Timeline};
use crate::tour::Tour;
use crate::ui::controls::{Button, Control, network_buttons};
use crate::ui::strip::share_button;
use crate::ui::tree::{Tree, named};
use yew::Html;

/// The branch with what the script did.
const SCRIPT: BranchId = BranchId(0);

impl Touring {
    pub(super) fn new(tour: Tour, run: Option<String>, timeline: &Timeline) -> Touring {
        let script = timeline.tree().branch(SCRIPT);
        let script = script.map_or_else(Vec::new, |branch| branch.actions.clone());
        let settings = timeline.settings().clone();
        Touring { tour, run, settings, script, alone: false }
    }

    /// Whether a run began as that of the tour, or is the reader's own in its place: else what the
    /// tour says is not about it.
    pub(super) fn is_about(&self, timeline: &Timeline) -> bool {
        let branch = timeline.tree().branch(SCRIPT);
        let begun = branch.is_some_and(|branch| branch.actions.starts_with(&self.script));
        *timeline.settings() == self.settings && (begun || self.alone)
    }

    /// Whether the reader stands on what the script did.
    fn guides(&self, timeline: &Timeline) -> bool {
        !self.alone && timeline.branch() == SCRIPT
    }

    /// When the reader first did something that the script had not done, on the present branch.
    fn own_us(&self, timeline: &Timeline) -> Option<u64> {
        if self.alone {
            return Some(0);
        }
        let actions = &timeline.tree().branch(timeline.branch())?.actions;
        let same = actions.iter().zip(&self.script).take_while(|(a, b)| a == b).count();
        actions.get(same).map(|action| action.at_us)
    }

    /// What the reader is invited to do. Only what they did themselves counts.
    fn tasks(&self, timeline: &Timeline) -> Vec<Task> {
        let (all, own_us) = (timeline.lab().tasks(), self.own_us(timeline));
        let named = |name: &String| all.iter().find(|task| task.name == name);
        let mut tasks: Vec<Task> = self.tour.tasks.iter().filter_map(named).cloned().collect();
        for task in &mut tasks {
            task.done_us = task.done_us.filter(|done_us| own_us.is_some_and(|us| us <= *done_us));
        }
        tasks
    }
}

/// What the reader is invited to do: what the tour names, else the lab's path.
pub(super) fn shown_tasks(touring: Option<&Touring>, timeline: &Timeline) -> Vec<Task> {
    match touring.filter(|touring| !touring.tour.tasks.is_empty()) {
        Some(touring) => touring.tasks(timeline),
        None => timeline.lab().tasks().into_iter().filter(|task| !task.is_apart).collect(),
    }
}

impl Figure {
    /// Where playback has to stop on the way to `to_us`, if it has to.
    pub(super) fn tour_stop(&self, to_us: u64) -> Option<u64> {
        let (touring, timeline) = (self.touring.as_ref()?, self.timeline.borrow());
        let guides = touring.guides(&timeline);
        touring.tour.stop_within(timeline.now_us(), to_us).filter(|_| guides)
    }

    /// Carries out a control that is about the tour. Whether it is one.
    pub(super) fn tour_control(&mut self, control: Control) -> bool {
        let Some(touring) = self.touring.as_mut() else {
            return false;
        };
        let timeline = self.timeline.borrow();
        let guides = touring.guides(&timeline);
        match control {
            Control::CaptionBefore => {
                let at_us = touring.tour.step(timeline.now_us(), true).unwrap_or(0);
                drop(timeline);
                self.playback.playing = false;
                self.set_out(vec![(SCRIPT, at_us)], None);
            }
            Control::StartOver if guides => {
                drop(timeline);
                self.playback.playing = false;
                self.set_out(vec![(SCRIPT, 0)], None);
            }
            Control::Alone => {
                touring.alone = true;
                let settings = timeline.settings().clone();
                drop(timeline);
                let timeline = open(self.entry, settings);
                self.begin(Arrival { timeline, journey: None, waits: true, notices: Vec::new() });
            }
            Control::Guided if touring.alone => {
                touring.alone = false;
                let run = touring.run.clone();
                drop(timeline);
                if let Some(arrival) = run.and_then(|run| arrival_at(self.entry, &run)) {
                    self.begin(arrival);
                }
            }
            Control::Guided => {
                let at_us = touring.own_us(&timeline).unwrap_or(0);
                drop(timeline);
                self.playback.playing = false;
                self.set_out(vec![(SCRIPT, at_us)], None);
            }
            _ => return false,
        }
        true
    }

    /// What is true of what is shown, before and after its name.
    pub(super) fn really(&self) -> [&'static str; 2] {
        let [nothing_scripted, after] = text::REALLY;
        let scripted = self.touring.as_ref().is_some_and(|touring| !touring.alone);
        [if scripted { text::TOUR_REALLY } else { nothing_scripted }, after]
    }

    /// What is said, and the buttons; their places never change.
    pub(super) fn view_tour(&self) -> Html {
        let Some(touring) = &self.touring else {
            return Html::default();
        };
        let timeline = self.timeline.borrow();
        let (now_us, tour) = (timeline.now_us(), &touring.tour);
        let guides = touring.guides(&timeline);
        let place = tour.caption_at(now_us).filter(|_| guides);
        let caption = place.and_then(|place| tour.captions.get(place));
        let said = match (caption, guides, touring.alone) {
            (Some(caption), ..) => &caption.text,
            (None, true, _) => tour.title.as_str(),
            (None, false, false) => text::TOUR_OWN,
            (None, false, true) => text::TOUR_ALONE,
        };
        let (playing, is_over) = (self.playback.playing, now_us >= tour.ends_us);
        let waits = guides && !playing && place.is_some() && !is_over;
        let mut tree = Tree::default();
        tree.open("div", named!["class" = "tour-said", "role" = "status"]);
        tree.words("p", named![], said);
        let count = tour.captions.len();
        if guides && count > 0 {
            let at = place.map_or(0, |place| place + 1);
            tree.words("small", named![], &format!("{at} / {count}"));
        }
        tree.close();
        if self.controls == Controls::None {
            return tree.html();
        }
        tree.open(
            "div",
            named!["class" = "controls tour-bar", "role" = "group", "aria-label" = text::TOUR],
        );
        tree.open("div", named!["class" = "control-group transport"]);
        let back = Button::new("caption-before", text::TOUR_BACK).hint(text::TOUR_BACK_HINT);
        back.icon("M11 2L3 8l8 6z").off(!guides || now_us == 0).write(&mut tree);
        let (label, icon) = match (playing, waits) {
            (true, _) => (text::PAUSE, "M3 2h4v12H3zM9 2h4v12H9z"),
            (false, true) => (text::TOUR_GO_ON, "M4 2l10 6-10 6z"),
            (false, false) => (text::PLAY, "M4 2l10 6-10 6z"),
        };
        Button::new("play", label).icon(icon).write(&mut tree);
        let step = Button::new("step", "").icon("M3 2l8 6-8 6zM11 2h2.5v12H11z");
        step.hint(text::STEP_HINT).write(&mut tree);
        tree.close();
        network_buttons(&mut tree, &self.controls_state());
        tree.open("div", named!["class" = "control-group"]);
        match guides {
            true => Button::new("alone", text::TOUR_NOW_YOU).hint(text::TOUR_NOW_YOU_HINT),
            false => Button::new("guided", text::TOUR_RETURN).hint(text::TOUR_RETURN_HINT),
        }
        .write(&mut tree);
        share_button(&mut tree);
        tree.close();
        tree.close();
        tree.html()
    }
}

/// The run of a tour, at its beginning.
fn arrival_at(entry: &'static LabEntry, run: &str) -> Option<Arrival> {
    let link = Link::parse_of(run, std::slice::from_ref(entry)).ok()?;
    of_link(entry, link).ok()
}
