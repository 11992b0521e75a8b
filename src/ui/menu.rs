//! The small card with what can be done with a server, a link or the network.
//!
//! Buttons carry what they do in `data-choice` and `data-menu`; one listener on the figure reads
//! it.

use yew::prelude::*;

use super::text;
use crate::labs::Choice;
use crate::scene::{Frame, Point, Target, tenths};
use crate::sim::NodeId;

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

/// The card.
pub(crate) fn menu(menu: &OpenMenu, frame: Frame) -> Html {
    let OpenMenu { title, choices, at, side, .. } = menu;
    let chosen = side.iter().filter(|(_, chosen)| *chosen).count();
    let asks = matches!(menu.target, Target::Client(..));
    let label = if asks { text::ASK_LABEL } else { text::CUT_OFF_LABEL };
    html! {
        <div class="menu" role="dialog" aria-label={title.clone()} data-place={place(*at, frame)}>
            <div class="menu-head">
                <strong>{ title.clone() }</strong>
                <button class="icon" data-menu="close" title={text::CLOSE}>{ "×" }</button>
            </div>
            { for choices.iter().enumerate().map(choice_button) }
            if !side.is_empty() {
                <fieldset class="side-picker">
                    <legend>{ label }</legend>
                    <div>{ for side.iter().enumerate().map(side_button) }</div>
                    if !asks {
                        <button class="plain" data-menu="cut-off"
                            disabled={chosen == 0 || chosen == side.len()}>
                            { text::CUT_OFF_THESE }
                        </button>
                    }
                </fieldset>
            }
        </div>
    }
}

fn choice_button((place, choice): (usize, &Choice)) -> Html {
    html! {
        <button class="choice" data-choice={place.to_string()}
            disabled={choice.command.is_none() && choice.opens.is_none()}>
            <span>{ choice.label.clone() }</span>
            <small>{ choice.hint.clone() }</small>
        </button>
    }
}

fn side_button((place, (node, chosen)): (usize, &(NodeId, bool))) -> Html {
    html! {
        <button class="toggle" data-side={place.to_string()}
            aria-pressed={if *chosen { "true" } else { "false" }}>{ node.to_string() }</button>
    }
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
