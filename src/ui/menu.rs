//! The small card with what can be done with a server, a link or the network.

use yew::prelude::*;

use super::text;
use crate::labs::{Choice, Command};
use crate::scene::{Frame, Point, Target, tenths};
use crate::sim::NodeId;

/// What the card is open for, and where.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OpenMenu {
    pub(crate) target: Target,
    pub(crate) title: String,
    pub(crate) choices: Vec<Choice>,
    pub(crate) at: Point,
    /// The servers that can be cut off by name, each with whether it is chosen; empty unless the
    /// card is for the network.
    pub(crate) side: Vec<(NodeId, bool)>,
}

/// What the card asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum MenuAction {
    Choose(Command),
    ToggleSide(NodeId),
    CutOffSide,
    Close,
}

/// The card.
pub(crate) fn menu(menu: &OpenMenu, frame: Frame, on_action: &Callback<MenuAction>) -> Html {
    let OpenMenu { title, choices, at, side, .. } = menu;
    html! {
        <div class="menu" role="dialog" aria-label={title.clone()} style={place(*at, frame)}>
            <div class="menu-head">
                <strong>{ title.clone() }</strong>
                <button class="icon" aria-label={text::CLOSE}
                    onclick={on_action.reform(|_| MenuAction::Close)}>{ "×" }</button>
            </div>
            for choice in choices {
                { choice_button(choice, on_action) }
            }
            if !side.is_empty() {
                { side_picker(side, on_action) }
            }
        </div>
    }
}

fn choice_button(choice: &Choice, on_action: &Callback<MenuAction>) -> Html {
    let onclick = choice
        .command
        .clone()
        .map(|command| on_action.reform(move |_: MouseEvent| MenuAction::Choose(command.clone())));
    html! {
        <button class="choice" disabled={choice.command.is_none()} {onclick}>
            <span>{ choice.label.clone() }</span>
            <small>{ choice.hint.clone() }</small>
        </button>
    }
}

fn side_picker(side: &[(NodeId, bool)], on_action: &Callback<MenuAction>) -> Html {
    let chosen = side.iter().filter(|(_, chosen)| *chosen).count();
    let toggle = |&(node, chosen): &(NodeId, bool)| {
        let onclick = on_action.reform(move |_: MouseEvent| MenuAction::ToggleSide(node));
        html! {
            <button class="toggle" aria-pressed={chosen.to_string()} {onclick}>
                { node.to_string() }
            </button>
        }
    };
    html! {
        <fieldset class="side-picker">
            <legend>{ text::CUT_OFF_LABEL }</legend>
            <div>{ for side.iter().map(toggle) }</div>
            <button class="plain" disabled={chosen == 0 || chosen == side.len()}
                onclick={on_action.reform(|_| MenuAction::CutOffSide)}>
                { text::CUT_OFF_THESE }
            </button>
        </fieldset>
    }
}

/// Beside the point, but inside of the frame.
fn place(at: Point, frame: Frame) -> String {
    const WIDTH: f32 = 264.0;
    let left = (at.x + 14.0).min(frame.width - WIDTH - 8.0).max(8.0);
    if at.y > frame.height * 0.5 {
        let bottom = (frame.height - at.y + 10.0).max(8.0);
        format!("left:{}px;bottom:{}px", tenths(left), tenths(bottom))
    } else {
        format!("left:{}px;top:{}px", tenths(left), tenths((at.y + 10.0).max(8.0)))
    }
}
