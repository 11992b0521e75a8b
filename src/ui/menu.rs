//! The small card with what can be done with a server, a link or the network.

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
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
}

/// Properties of [`Menu`].
#[derive(PartialEq, Properties)]
pub(crate) struct MenuProps {
    pub(crate) menu: OpenMenu,
    pub(crate) frame: Frame,
    /// The servers that can be cut off by name; empty unless the card is for the network.
    pub(crate) nodes: Vec<NodeId>,
    pub(crate) on_choose: Callback<Command>,
    pub(crate) on_cut_off: Callback<Vec<NodeId>>,
    pub(crate) on_close: Callback<()>,
}

/// The card. Focus goes to its first button, Escape closes it.
#[component]
pub(crate) fn Menu(props: &MenuProps) -> Html {
    let card = use_node_ref();
    let chosen = use_state(Vec::<NodeId>::new);
    use_effect_with((props.menu.target, card.clone()), |(_, card)| {
        let first = card
            .cast::<HtmlElement>()
            .and_then(|card| card.query_selector("button:not([disabled])").ok().flatten());
        if let Some(button) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
            let _ = button.focus();
        }
    });
    let on_keydown = {
        let on_close = props.on_close.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                event.stop_propagation();
                on_close.emit(());
            }
        })
    };
    let on_close = props.on_close.reform(|_: MouseEvent| ());
    let OpenMenu { title, choices, at, .. } = &props.menu;
    html! {
        <div ref={card} class="menu" role="dialog" aria-label={title.clone()}
            style={place(*at, props.frame)} onkeydown={on_keydown}>
            <div class="menu-head">
                <strong>{ title.clone() }</strong>
                <button class="icon" aria-label={text::CLOSE} onclick={on_close}>{ "×" }</button>
            </div>
            for choice in choices {
                { choice_button(choice, &props.on_choose) }
            }
            if !props.nodes.is_empty() {
                { side_picker(&props.nodes, &chosen, &props.on_cut_off) }
            }
        </div>
    }
}

fn choice_button(choice: &Choice, on_choose: &Callback<Command>) -> Html {
    let onclick = choice.command.clone().map(|command| {
        let on_choose = on_choose.clone();
        Callback::from(move |_: MouseEvent| on_choose.emit(command.clone()))
    });
    html! {
        <button class="choice" disabled={choice.command.is_none()} {onclick}>
            <span>{ choice.label.clone() }</span>
            <small>{ choice.hint.clone() }</small>
        </button>
    }
}

fn side_picker(
    nodes: &[NodeId],
    chosen: &UseStateHandle<Vec<NodeId>>,
    on_cut_off: &Callback<Vec<NodeId>>,
) -> Html {
    let toggle = |node: NodeId| {
        let chosen = chosen.clone();
        Callback::from(move |_: MouseEvent| {
            let mut next = (*chosen).clone();
            match next.iter().position(|other| *other == node) {
                Some(place) => drop(next.remove(place)),
                None => next.push(node),
            }
            chosen.set(next);
        })
    };
    let is_side = !chosen.is_empty() && chosen.len() < nodes.len();
    let on_cut = {
        let (chosen, on_cut_off) = (chosen.clone(), on_cut_off.clone());
        Callback::from(move |_: MouseEvent| on_cut_off.emit((*chosen).clone()))
    };
    html! {
        <fieldset class="side-picker">
            <legend>{ text::CUT_OFF_LABEL }</legend>
            <div>
                for node in nodes.iter() {
                    <button class="toggle" aria-pressed={chosen.contains(node).to_string()}
                        onclick={toggle(*node)}>{ node.to_string() }</button>
                }
            </div>
            <button class="plain" disabled={!is_side} onclick={on_cut}>
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
