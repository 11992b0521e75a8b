//! Further pictures of the run, over or under the stage: the tabs, the pane, and what its buttons,
//! keys and pointers mean. What is drawn, and where things are in it, the lens knows.

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement, WheelEvent};
use yew::prelude::*;

use super::lens::State;
use super::stage::finger_lifted;
use super::tree::{Tree, named};
use crate::labs::{ViewButton, ViewEntry};
use crate::lens::words::named as target_named;
use crate::scene::{Point, Target};
use crate::small_text::number;
use crate::text;

/// What the figure shows: the stage alone, or one of the lab's views with it.
pub(crate) type Tab = Option<&'static ViewEntry>;

pub(crate) fn tab_name(tab: Tab) -> &'static str {
    tab.map_or("network", |view| view.name)
}

/// What a reader who looks closer does.
#[derive(Clone, Debug)]
pub(crate) enum Look {
    /// A view, by its name.
    Tab(String),
    /// The lens was loaded, or not.
    Loaded(Option<JsValue>),
    /// A question, by its name; none yet means: what is there to ask here?
    Ask(String),
    CloseWhy,
    /// What led to the answer is shown in the diagram.
    ShowCauses,
    Retry,
    /// A key or a button of the picture, by its name.
    Press(String),
    /// Nearer by so many thousandths, around a place.
    Zoom(f32, u32),
    /// By so many pixels to the right.
    Pan(f32),
    /// To an instant, and there open what can be done with a target.
    Go(u64, Option<Target>),
    Pointer(PointerKind, i32, Point),
    /// What the buttons say of the picture is not true any more.
    Drawn,
    /// Something on the stage is pointed at, or nothing.
    Over(Option<String>),
    /// The dialog in which runs go out and come in: a text or a file that came in, `null` to have
    /// something come in, `undefined` to have something go out.
    Share(JsValue),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PointerKind {
    Down,
    Move,
    Up,
    Gone,
}

/// The tabs.
pub(crate) fn tabs(views: &[ViewEntry], shown: Tab) -> Html {
    let mut tree = Tree::default();
    tree.open("div", named!["class" = "tabs", "role" = "group", "aria-label" = text::TABS]);
    let shown = tab_name(shown);
    let mut tab = |name: &str, title: &str| {
        let pressed = if name == shown { "true" } else { "false" };
        tree.words("button", named!["data-tab" = name, "aria-pressed" = pressed], title);
    };
    tab(tab_name(None), text::TAB_NETWORK);
    for view in views {
        tab(view.name, view.title);
    }
    tree.close();
    tree.html()
}

/// What the pane shows besides its picture.
pub(crate) struct PaneState<'a> {
    pub(crate) view: &'static ViewEntry,
    pub(crate) program: State,
    pub(crate) following: bool,
    pub(crate) by_events: bool,
    /// What is pointed at, in words.
    pub(crate) words: &'a str,
    /// The branch that is shown, if there are several.
    pub(crate) branch: Option<String>,
    /// The hash of the lens's history, and whether it is the page's.
    pub(crate) hash: (&'a str, bool),
}

/// The pane under the tabs. The elements become those that the picture is put into, and what is of
/// that view alone.
pub(crate) fn pane(
    state: &PaneState<'_>,
    [pane, own]: [&NodeRef; 2],
    on_look: &Callback<Look>,
) -> Html {
    if state.program != State::Ready {
        return not_ready(state.program);
    }
    let pointer = |kind: PointerKind| {
        let (element, on_look) = (pane.clone(), on_look.clone());
        Callback::from(move |event: PointerEvent| {
            if let Some(element) = element.cast::<Element>() {
                on_look.emit(pointed(kind, &event, &element));
            }
        })
    };
    let (hash, agrees) = state.hash;
    html! {
        <div class="view">
            if !agrees {
                <p class="view-notice" role="alert">{ text::DISAGREE }</p>
            }
            <div class="view-pane" ref={pane.clone()} data-view={state.view.name}
                data-lens-hash={hash.to_owned()} tabindex="0" role="group"
                aria-label={state.view.label}
                onpointerdown={pointer(PointerKind::Down)}
                onpointermove={pointer(PointerKind::Move)}
                onpointerup={pointer(PointerKind::Up)}
                onpointercancel={pointer(PointerKind::Gone)}
                onpointerleave={pointer(PointerKind::Gone)}></div>
            <div class="view-own" ref={own.clone()}></div>
            { bar(state) }
        </div>
    }
}

fn not_ready(program: State) -> Html {
    let mut tree = Tree::default();
    tree.open("div", named!["class" = "view-wait", "role" = "status"]);
    if program == State::Failed {
        tree.words("p", named![], text::LENS_FAILED);
        tree.words("button", named!["class" = "toggle", "data-look" = "retry"], text::TRY_AGAIN);
    } else {
        tree.words("p", named![], text::LENS_LOADING);
    }
    tree.close();
    tree.html()
}

fn bar(state: &PaneState<'_>) -> Html {
    let mut tree = Tree::default();
    let mut button = |name: &str, label: &str, hint: &str, pressed: Option<bool>| {
        let pressed = pressed.map(|pressed| if pressed { "true" } else { "false" });
        let named = named![
            "class" = "toggle",
            "data-look" = name,
            "title" = hint,
            "aria-label" = (label.chars().count() == 1).then_some(hint),
            "aria-pressed" = pressed
        ];
        tree.words("button", named, label);
    };
    for kind in state.view.buttons {
        let (name, label, hint, pressed) = match kind {
            ViewButton::Earlier => ("earlier", "←", text::EARLIER, None),
            ViewButton::Later => ("later", "→", text::LATER, None),
            ViewButton::Out => ("out", "−", text::ZOOM_OUT, None),
            ViewButton::In => ("in", "+", text::ZOOM_IN, None),
            ViewButton::Spacing => {
                ("spacing", text::BY_EVENTS, text::BY_EVENTS_HINT, Some(state.by_events))
            }
            ViewButton::Follow => {
                ("follow", text::FOLLOW, text::FOLLOW_HINT, Some(state.following))
            }
        };
        button(name, label, hint, pressed);
    }
    let mut bar = Tree::default();
    bar.open("div", named!["class" = "view-bar"]);
    bar.add(tree.html());
    if let Some(branch) = &state.branch {
        bar.words("b", named!["class" = "view-branch"], branch);
    }
    let words = if state.words.is_empty() { state.view.hint } else { state.words };
    bar.words("p", named!["role" = "status"], words);
    bar.close();
    bar.html()
}

/// What the button that was clicked asks for.
pub(crate) fn clicked(button: &Element) -> Option<Look> {
    if let Some(name) = button.get_attribute("data-tab") {
        return Some(Look::Tab(name));
    }
    if let Some(question) = button.get_attribute("data-ask") {
        return Some(Look::Ask(question));
    }
    if let Some(at_us) = button.get_attribute("data-go") {
        let then = button.get_attribute("data-then").and_then(|then| target_named(&then));
        return Some(Look::Go(number(&at_us)?, then));
    }
    let name = button.get_attribute("data-look")?;
    Some(match name.as_str() {
        "retry" => Look::Retry,
        "causes" => Look::ShowCauses,
        "close-why" => Look::CloseWhy,
        "share" => Look::Share(JsValue::UNDEFINED),
        "open" => Look::Share(JsValue::NULL),
        _ => Look::Press(name),
    })
}

/// What a key means while the focus is on the picture.
pub(crate) fn key_pressed(element: &Element, key: &str) -> Option<Look> {
    element.closest(".view-pane").ok()??;
    let known = key.starts_with("Arrow") || matches!(key, "+" | "=" | "-" | "0" | "End" | "Enter");
    known.then(|| Look::Press(key.to_owned()))
}

fn pointed(kind: PointerKind, event: &PointerEvent, pane: &Element) -> Look {
    if kind == PointerKind::Down {
        // So that a drag goes on outside. Not being able to is no harm.
        let _ = pane.set_pointer_capture(event.pointer_id());
    }
    if kind == PointerKind::Up {
        finger_lifted(event);
    }
    Look::Pointer(kind, event.pointer_id(), place(event, pane))
}

/// Where the pointer is in the pane, in pixels, which are the picture's.
fn place(event: &web_sys::MouseEvent, pane: &Element) -> Point {
    let rect = pane.get_bounding_client_rect();
    let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
    Point::new((x - rect.left()) as f32, (y - rect.top()) as f32)
}

/// Zooms with the wheel while Ctrl is held, as the browser would the whole page, and moves with a
/// wheel that turns sideways or with Shift; else the page scrolls. Yew's listeners cannot keep the
/// browser from it.
pub(crate) type Wheel = Closure<dyn FnMut(WheelEvent)>;

pub(crate) fn listen_to_wheel(pane: &HtmlElement, on_look: Callback<Look>) -> Wheel {
    let element: Element = pane.clone().unchecked_into();
    let wheel = Wheel::new(move |event: WheelEvent| {
        if event.ctrl_key() || event.meta_key() {
            event.prevent_default();
            let permille = if event.delta_y() > 0.0 { 870 } else { 1_150 };
            on_look.emit(Look::Zoom(place(&event, &element).x, permille));
            return;
        }
        let (dx, dy) = (event.delta_x() as f32, event.delta_y() as f32);
        let sideways = if event.shift_key() && dx == 0.0 { dy } else { dx };
        if sideways != 0.0 && (event.shift_key() || dx.abs() > dy.abs()) {
            event.prevent_default();
            on_look.emit(Look::Pan(-sideways));
        }
    });
    pane.set_onwheel(Some(wheel.as_ref().unchecked_ref()));
    wheel
}
