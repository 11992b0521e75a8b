//! Why? The lens writes the answer; this is the panel around it.

use yew::Html;

use crate::text;
use crate::ui::lens::State;
use crate::ui::tree::{Tree, named};

/// A question that was asked, by its name, and its answer as markup once there is one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Why {
    pub(crate) question: String,
    pub(crate) answer: String,
}

/// The panel. It gets the focus with each answer, and so its description is read aloud.
pub(crate) fn why(why: &Why, program: State) -> Html {
    let mut tree = Tree::default();
    let named = named![
        "class" = "panel why",
        "tabindex" = "-1",
        "role" = "region",
        "aria-labelledby" = "why-asked",
        "aria-describedby" = "why-because"
    ];
    tree.open("section", named);
    match program {
        State::Ready => tree.raw(&why.answer),
        State::Failed => {
            tree.words("p", named![], text::LENS_FAILED);
            let retry = named!["class" = "toggle", "data-look" = "retry"];
            tree.words("button", retry, text::TRY_AGAIN);
        }
        _ => tree.words("p", named!["role" = "status"], text::LENS_LOADING),
    }
    tree.close();
    tree.html()
}
