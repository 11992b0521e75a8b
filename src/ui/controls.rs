//! The bar under the stage: time on the left, the network in the middle, the run on the right.
//!
//! Buttons carry what they do in `data-control`; one listener on the figure reads it.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::playback::SPEED_STEPS;
use super::text;

/// What the bar asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    TogglePlay,
    Step,
    Slower,
    Faster,
    Speed(u32),
    ToggleCut,
    OpenNetwork,
    HealAll,
    StartOver,
    NewSeed,
    Settings,
    GoBack,
}

/// The buttons of the bar by the names in their `data-control`.
const NAMES: [(&str, Control); 11] = [
    ("play", Control::TogglePlay),
    ("step", Control::Step),
    ("slower", Control::Slower),
    ("faster", Control::Faster),
    ("cut", Control::ToggleCut),
    ("network", Control::OpenNetwork),
    ("heal", Control::HealAll),
    ("restart", Control::StartOver),
    ("new-seed", Control::NewSeed),
    ("settings", Control::Settings),
    ("back", Control::GoBack),
];

impl Control {
    /// The control with this name, if there is one.
    pub(crate) fn named(name: &str) -> Option<Control> {
        NAMES.iter().find(|(other, _)| *other == name).map(|(_, control)| *control)
    }
}

/// What the bar shows.
pub(crate) struct ControlsState {
    pub(crate) playing: bool,
    pub(crate) speed_step: u32,
    pub(crate) speed_label: String,
    pub(crate) cut_armed: bool,
    pub(crate) torn: bool,
}

/// The bar.
pub(crate) fn controls(state: &ControlsState, on_control: &Callback<Control>) -> Html {
    let on_speed = on_control.reform(|event: InputEvent| {
        let slider = event.target_dyn_into::<HtmlInputElement>();
        Control::Speed(slider.and_then(|input| input.value().parse().ok()).unwrap_or(20))
    });
    let (play, play_icon) = match state.playing {
        true => (text::PAUSE, "M3 2h4v12H3zM9 2h4v12H9z"),
        false => (text::PLAY, "M4 2l10 6-10 6z"),
    };
    let cut_icon = "M1 9l4-5 2 7 3-8 2 7 3-4 .8.7-4.3 6-2-6-3 8-2.3-7.4L1.8 9.7z";
    html! {
        <div class="controls" role="toolbar" aria-label={text::CONTROLS}>
            <div class="control-group">
                { Button::new("play", play).icon(play_icon).view() }
                { Button::new("step", text::STEP)
                    .icon("M3 2l8 6-8 6zM11 2h2.5v12H11z").hint(text::STEP_HINT).view() }
                <div class="speed">
                    { Button::new("slower", "−").hint(text::SLOWER).view() }
                    <input type="range" min="0" max={SPEED_STEPS.to_string()}
                        value={state.speed_step.to_string()} oninput={on_speed}
                        aria-label={text::SPEED} aria-valuetext={state.speed_label.clone()} />
                    { Button::new("faster", "+").hint(text::FASTER).view() }
                    <output>{ state.speed_label.clone() }</output>
                </div>
            </div>
            <div class="control-group">
                { Button::new("cut", text::CUT)
                    .icon(cut_icon).hint(text::CUT_HINT).pressed(state.cut_armed).view() }
                { Button::new("network", text::NETWORK).hint(text::NETWORK_HINT).view() }
                { Button::new("heal", text::HEAL).hint(text::HEAL_HINT).off(!state.torn).view() }
            </div>
            <div class="control-group">
                { Button::new("restart", text::RESTART).hint(text::RESTART_HINT).view() }
                { Button::new("new-seed", text::NEW_SEED).hint(text::NEW_SEED_HINT).view() }
                { Button::new("settings", text::SETTINGS_BUTTON).hint(text::SETTINGS_HOW).view() }
            </div>
        </div>
    }
}

/// A button of the bar. One view for all of them: each `html!` is code of its own.
struct Button {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    icon: Option<&'static str>,
    pressed: Option<bool>,
    off: bool,
}

impl Button {
    fn new(name: &'static str, label: &'static str) -> Button {
        Button { name, label, hint: "", icon: None, pressed: None, off: false }
    }

    fn hint(self, hint: &'static str) -> Button {
        Button { hint, ..self }
    }

    fn icon(self, path: &'static str) -> Button {
        Button { icon: Some(path), ..self }
    }

    fn pressed(self, pressed: bool) -> Button {
        Button { pressed: Some(pressed), ..self }
    }

    fn off(self, off: bool) -> Button {
        Button { off, ..self }
    }

    fn view(self) -> Html {
        let pressed = self.pressed.map(|pressed| if pressed { "true" } else { "false" });
        html! {
            // Not `disabled`, which would take the focus away from whoever just pressed it.
            <button data-control={self.name} title={self.hint} aria-pressed={pressed}
                aria-disabled={self.off.then_some("true")}>
                if let Some(path) = self.icon {
                    <svg viewBox="0 0 16 16" aria-hidden="true"><path d={path} /></svg>
                }
                <span>{ self.label }</span>
            </button>
        }
    }
}
