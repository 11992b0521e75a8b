//! Predict, then play: the panel in which a lab asks the reader first. What it asks, and what came
//! of it, the lab knows; a lab that asks nothing has no panel.

use yew::Html;

use super::Figure;
use crate::labs::Command;
use crate::ui::tree::{Tree, named};

impl Figure {
    /// Whether a command waits for the reader, who is asked what will come of it. Time stands still
    /// meanwhile.
    pub(super) fn asks_first(&mut self, command: &Command) -> bool {
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
    pub(super) fn foretell(&mut self, what: &str) {
        let command = self.quiz.as_mut().and_then(|quiz| quiz.press(what));
        self.focus_due = Some(if command.is_some() { ".quiz" } else { "[data-quiz=on]" });
        if let Some(command) = command {
            self.do_now(command);
            self.playback.playing = true;
            self.run_or_rest();
        }
    }

    /// The panel, a live region: what it says anew is spoken.
    pub(super) fn view_quiz(&self) -> Html {
        let mut tree = Tree::default();
        if let Some(quiz) = &self.quiz {
            let named = named!["class" = "quiz", "role" = "status", "tabindex" = "-1"];
            tree.open("section", named);
            tree.raw(&quiz.markup());
            tree.close();
        }
        tree.html()
    }
}
