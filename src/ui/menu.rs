//! The small card with what can be done with a server, a link or the network.
//!
//! Buttons carry what they do in `data-choice` and `data-menu`; one listener on the figure reads
//! it.

use yew::Html;

use super::tree::{Tree, named};
use crate::labs::Choice;
use crate::scene::{Frame, Point, Target, tenths};
use crate::sim::NodeId;
use crate::text;

/// What the card is open for, and where.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OpenMenu {
    pub(crate) target: Target,
    pub(crate) title: String,
    pub(crate) choices: Vec<Choice>,
    pub(crate) at: Point,
    /// Servers to pick by name, each with whether it is chosen: for the network those to cut off,
    /// for a client the one to ask; else empty.
    pub(crate) side: Vec<(NodeId, bool)>,
    /// What there is to ask, as markup; `None` as long as nobody is there to say.
    pub(crate) questions: Option<String>,
}

/// What the card asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MenuAction {
    /// One of the choices, by its place.
    Choose(usize),
    /// A server changes sides, by its place.
    ToggleSide(usize),
    CutOffSide,
    Close,
}

/// The card. `past` is to be known before anything is done.
pub(crate) fn menu(menu: &OpenMenu, past: Option<&str>, frame: Frame) -> Html {
    let OpenMenu { title, choices, at, side, .. } = menu;
    let place = place(*at, frame);
    let mut tree = Tree::default();
    let named = named![
        "class" = "menu",
        "role" = "dialog",
        "aria-label" = title.as_str(),
        "data-place" = place.as_str()
    ];
    tree.open("div", named);
    tree.open("div", named!["class" = "menu-head"]);
    tree.words("strong", named![], title);
    let close = named!["class" = "icon", "data-menu" = "close", "title" = text::CLOSE];
    tree.words("button", close, "×");
    tree.close();
    if let Some(past) = past {
        tree.words("p", named!["class" = "in-the-past"], past);
    }
    for (place, choice) in choices.iter().enumerate() {
        choice_button(&mut tree, place, choice);
    }
    if !side.is_empty() {
        side_picker(&mut tree, side, matches!(menu.target, Target::Client(..)));
    }
    questions(&mut tree, menu.questions.as_deref());
    tree.close();
    tree.html()
}

/// Without the lens there is one question, which brings the others.
fn questions(tree: &mut Tree, questions: Option<&str>) {
    if questions.is_some_and(str::is_empty) {
        return;
    }
    tree.open("div", named!["class" = "questions"]);
    match questions {
        Some(questions) => tree.raw(questions),
        None => {
            tree.words("button", named!["class" = "choice ask", "data-ask" = ""], text::WHY_MORE);
        }
    }
    tree.close();
}

fn choice_button(tree: &mut Tree, place: usize, choice: &Choice) {
    let place = place.to_string();
    let off = (choice.command.is_none() && choice.opens.is_none()).then_some("disabled");
    let named = named!["class" = "choice", "data-choice" = place.as_str(), "disabled" = off];
    tree.open("button", named);
    tree.words("span", named![], &choice.label);
    tree.words("small", named![], &choice.hint);
    tree.close();
}

/// `asks`: one of them is asked, instead of cutting some of them off.
fn side_picker(tree: &mut Tree, side: &[(NodeId, bool)], asks: bool) {
    tree.open("fieldset", named!["class" = "side-picker"]);
    let label = if asks { text::ASK_LABEL } else { text::CUT_OFF_LABEL };
    tree.words("legend", named![], label);
    tree.open("div", named![]);
    for (place, (node, chosen)) in side.iter().enumerate() {
        let place = place.to_string();
        let pressed = if *chosen { "true" } else { "false" };
        let named =
            named!["class" = "toggle", "data-side" = place.as_str(), "aria-pressed" = pressed];
        tree.words("button", named, &node.to_string());
    }
    tree.close();
    if !asks {
        let chosen = side.iter().filter(|(_, chosen)| *chosen).count();
        let off = (chosen == 0 || chosen == side.len()).then_some("disabled");
        let named = named!["class" = "plain", "data-menu" = "cut-off", "disabled" = off];
        tree.words("button", named, text::CUT_OFF_THESE);
    }
    tree.close();
}

/// Beside the point, but inside of the frame; for [`put_in_place`](super::place::put_in_place).
fn place(at: Point, frame: Frame) -> String {
    const WIDTH: f32 = 264.0;
    let aside = frame.node_radius() + 12.0;
    let right_of = at.x + aside;
    let fits = right_of + WIDTH <= frame.width - 8.0;
    let left_of = at.x - aside - WIDTH;
    let left = if fits || left_of < 8.0 { right_of } else { left_of };
    let left = left.min(frame.width - WIDTH - 8.0).max(8.0);
    let (edge, distance) = match at.y > frame.height * 0.5 {
        true => ("bottom", frame.height - at.y + 10.0),
        false => ("top", at.y + 10.0),
    };
    format!("left:{};{edge}:{}", tenths(left), tenths(distance.max(8.0)))
}
