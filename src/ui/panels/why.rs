//! Why? The answer to a question, the rule behind it, and where to go from there.

use yew::Html;

use crate::lens::words::Answer;
use crate::ui::lens::State;
use crate::ui::text;
use crate::ui::tree::{Tree, named};

/// A question that was asked, by its name, and its answer once there is one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Why {
    pub(crate) question: String,
    /// How it was put, if that is known.
    pub(crate) label: String,
    pub(crate) answer: Option<Answer>,
}

/// The panel.
pub(crate) fn why(why: &Why, program: State) -> Html {
    let mut tree = Tree::default();
    let label = if why.label.is_empty() { text::WHY } else { &why.label };
    tree.open("section", named!["class" = "panel why", "tabindex" = "-1", "aria-label" = label]);
    tree.open("div", named!["class" = "menu-head"]);
    tree.words("h2", named![], label);
    let close = named!["class" = "icon", "data-look" = "close-why", "title" = text::CLOSE];
    tree.words("button", close, "×");
    tree.close();
    match (&why.answer, program) {
        (Some(answer), _) => write_answer(&mut tree, answer),
        (None, State::Ready) => tree.words("p", named![], text::NO_ANSWER),
        (None, State::Failed) => {
            tree.words("p", named![], text::LENS_FAILED);
            let retry = named!["class" = "toggle", "data-look" = "retry"];
            tree.words("button", retry, text::TRY_AGAIN);
        }
        (None, State::Absent | State::Loading) => {
            tree.words("p", named!["role" = "status"], text::LENS_LOADING);
        }
    }
    tree.close();
    tree.html()
}

fn write_answer(tree: &mut Tree, answer: &Answer) {
    tree.open("p", named!["class" = "because"]);
    tree.text(&answer.text);
    tree.text(" ");
    tree.words("cite", named![], &answer.section);
    tree.close();
    tree.open("p", named!["class" = "why-ways"]);
    if !answer.back.is_empty() {
        let named = named!["class" = "toggle step-back", "data-ask" = answer.back.as_str()];
        tree.words("button", named, text::WHY_BACK);
    }
    if answer.cone > 0 {
        let named = named!["class" = "toggle", "data-look" = "causes"];
        tree.words("button", named, text::SHOW_CAUSES);
    }
    tree.close();
    if !answer.next.is_empty() {
        tree.words("h3", named![], text::ASK_FURTHER);
        tree.open("ul", named![]);
        for (question, label) in &answer.next {
            tree.open("li", named![]);
            tree.words("button", named!["data-ask" = question.as_str()], label);
            tree.close();
        }
        tree.close();
    }
}
