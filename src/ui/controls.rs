//! The bar under the stage: time on the left, the network in the middle, the run on the right.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::playback::SPEED_STEPS;
use super::text;

/// What the bar asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    TogglePlay,
    Step,
    Speed(u32),
    ToggleCut,
    OpenNetwork,
    HealAll,
    StartOver,
    NewSeed,
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
    let on = |control: Control| on_control.reform(move |_: MouseEvent| control);
    let on_speed = on_control.reform(|event: InputEvent| {
        let slider = event.target_dyn_into::<HtmlInputElement>();
        Control::Speed(slider.and_then(|input| input.value().parse().ok()).unwrap_or(20))
    });
    let play_label = if state.playing { text::PAUSE } else { text::PLAY };
    html! {
        <div class="controls" role="toolbar" aria-label="Controls">
            <div class="control-group">
                <button class="play" data-control="play" onclick={on(Control::TogglePlay)}>
                    { play_icon(state.playing) }<span>{ play_label }</span>
                </button>
                <button data-control="step" title={text::STEP_HINT} onclick={on(Control::Step)}>
                    { step_icon() }<span>{ text::STEP }</span>
                </button>
                <label class="speed">
                    <span class="visually-hidden">{ text::SPEED }</span>
                    <button class="icon" aria-label="Slower"
                        onclick={on(Control::Speed(state.speed_step.saturating_sub(5)))}>
                        { "−" }
                    </button>
                    <input type="range" min="0" max={SPEED_STEPS.to_string()} step="1"
                        value={state.speed_step.to_string()} oninput={on_speed}
                        aria-label={text::SPEED} aria-valuetext={state.speed_label.clone()} />
                    <button class="icon" aria-label="Faster"
                        onclick={on(Control::Speed(state.speed_step + 5))}>
                        { "+" }
                    </button>
                    <output>{ state.speed_label.clone() }</output>
                </label>
            </div>
            <div class="control-group">
                <button data-control="cut" title={text::CUT_HINT}
                    aria-pressed={state.cut_armed.to_string()} onclick={on(Control::ToggleCut)}>
                    { cut_icon() }<span>{ text::CUT }</span>
                </button>
                <button data-control="network" title={text::NETWORK_HINT} aria-haspopup="dialog"
                    onclick={on(Control::OpenNetwork)}>{ text::NETWORK }</button>
                <button data-control="heal" disabled={!state.torn}
                    onclick={on(Control::HealAll)}>{ text::HEAL }</button>
            </div>
            <div class="control-group">
                <button data-control="restart" title={text::RESTART_HINT}
                    onclick={on(Control::StartOver)}>{ text::RESTART }</button>
                <button data-control="new-seed" title={text::NEW_SEED_HINT}
                    onclick={on(Control::NewSeed)}>{ text::NEW_SEED }</button>
            </div>
        </div>
    }
}

fn play_icon(playing: bool) -> Html {
    let path = if playing { "M3 2h4v12H3zM9 2h4v12H9z" } else { "M4 2l10 6-10 6z" };
    icon(path)
}

fn step_icon() -> Html {
    icon("M3 2l8 6-8 6zM11 2h2.5v12H11z")
}

fn cut_icon() -> Html {
    icon("M1 9l4-5 2 7 3-8 2 7 3-4 .8.7-4.3 6-2-6-3 8-2.300-7.400L1.800 9.700z")
}

fn icon(path: &'static str) -> Html {
    html! {
        <svg class="glyph" viewBox="0 0 16 16" aria-hidden="true"><path d={path} /></svg>
    }
}
