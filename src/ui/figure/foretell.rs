//! Predict, then play: the panel in which a lab asks the reader first. What it asks, and what came
//! of it, the lab knows; a lab that asks nothing has no panel.

use yew::Html;

use super::{Figure, Msg};
use crate::labs::{Command, LabEntry, Quiz};
use crate::ui::tree::{Tree, named};

/// Who asks, if the lab does. A program without the feature `quiz` has none of this in it.
pub(super) struct Foretelling(#[cfg(feature = "quiz")] Option<Box<dyn Quiz>>);

impl Foretelling {
    #[cfg(feature = "quiz")]
    pub(super) fn new(entry: &LabEntry) -> Foretelling {
        Foretelling(entry.quiz.map(|quiz| quiz()))
    }

    #[cfg(not(feature = "quiz"))]
    pub(super) fn new(_entry: &LabEntry) -> Foretelling {
        Foretelling()
    }

    #[cfg(feature = "quiz")]
    pub(super) fn quiz(&mut self) -> Option<&mut (dyn Quiz + 'static)> {
        self.0.as_deref_mut()
    }

    #[cfg(not(feature = "quiz"))]
    pub(super) fn quiz(&mut self) -> Option<&mut (dyn Quiz + 'static)> {
        None
    }

    fn markup(&self) -> Option<String> {
        #[cfg(feature = "quiz")]
        return self.0.as_ref().map(|quiz| quiz.markup());
        #[cfg(not(feature = "quiz"))]
        None
    }
}

/// What a button of the panel means.
pub(super) fn pressed(button: &web_sys::Element) -> Option<Msg> {
    let what = cfg!(feature = "quiz").then(|| button.get_attribute("data-quiz"));
    what.flatten().map(Msg::Foretell)
}

impl Figure {
    /// Whether a command waits for the reader, who is asked what will come of it. Time stands still
    /// meanwhile.
    pub(super) fn asks_first(&mut self, command: &Command) -> bool {
        let Some(quiz) = self.foretelling.quiz() else { return false };
        let holds = quiz.holds(self.timeline.borrow().lab(), command);
        if holds {
            self.playback.playing = false;
            self.run_or_rest();
            self.focus_due = Some("[data-quiz=\"0\"]");
        }
        holds
    }

    /// A button of the panel. What has waited is done now, and the run goes on.
    pub(super) fn foretell(&mut self, what: &str) {
        let Some(quiz) = self.foretelling.quiz() else { return };
        let command = quiz.press(what);
        let Some(command) = command else {
            self.focus_due = Some("[data-quiz=on]");
            return;
        };
        self.do_now(command);
        self.playback.playing = true;
        self.run_or_rest();
        // The button that had the focus is gone, and now there is something to watch.
        self.focus_node();
    }

    /// The panel, a live region: what it says anew is spoken.
    pub(super) fn view_quiz(&self) -> Html {
        let Some(markup) = self.foretelling.markup() else { return Html::default() };
        let mut tree = Tree::default();
        tree.open("section", named!["class" = "quiz", "role" = "status"]);
        tree.raw(&markup);
        tree.close();
        tree.html()
    }
}
