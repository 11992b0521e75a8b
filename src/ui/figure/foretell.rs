//! Predict, then play: the panel in which a lab asks the reader first. What it asks, and what came
//! of it, the lab knows; a lab that asks nothing has no panel, and not every program has it.

use yew::Html;

use super::Figure;
use super::extras::Panel;
use crate::labs::Command;
use crate::ui::tree::{Tree, named};

pub(super) static PANEL: Panel =
    Panel { view: Figure::view_quiz, asks_first: Figure::asks_first, press: Figure::foretell };

impl Figure {
    /// Whether a command waits for the reader, who is asked what will come of it. Time stands still
    /// meanwhile.
    fn asks_first(&mut self, command: &Command) -> bool {
        let Some(quiz) = &mut self.quiz else { return false };
        let holds = quiz.holds(self.timeline.borrow().lab(), command);
        if holds {
            self.playback.playing = false;
            self.run_or_rest();
            self.focus_due = Some("[data-quiz=\"0\"]");
        }
        holds
    }

    /// A button of the panel. What has waited is done now, and the run goes on.
    fn foretell(&mut self, what: &str) {
        let Some(quiz) = &mut self.quiz else { return };
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
    fn view_quiz(&self) -> Html {
        let Some(quiz) = &self.quiz else { return Html::default() };
        let mut tree = Tree::default();
        tree.open("section", named!["class" = "quiz", "role" = "status"]);
        tree.raw(&quiz.markup());
        tree.close();
        tree.html()
    }
}
