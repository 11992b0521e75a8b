//! The bar under that of time: speed on the left, the network in the middle, the run on the right.
//!
//! Buttons carry what they do in `data-control`; one listener on the figure reads it.

use yew::Html;

use super::playback::SPEED_STEPS;
use super::tree::{Tree, named};
use crate::text;

/// The picture of starting over.
pub(super) const AGAIN: &str = "M8 2V0L3.5 3.5 8 7V4a4.5 4.5 0 1 1-4.5 4.5h-2A6.5 6.5 0 1 0 8 2z";

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
    StepBack,
    /// To the last change of state.
    Before,
    /// To the next one.
    After,
    /// To where a task was done last.
    TaskBefore,
    /// To where one was done next.
    TaskAfter,
    SkipQuiet,
    /// To the beginning of what is kept.
    Beginning,
    /// To the end of the branch.
    Live,
    Undo,
    Redo,
    CopyLink,
    /// To where two branches part.
    Parting,
    /// No further on a long way.
    Stop,
    /// Back to the last caption of a tour.
    CaptionBefore,
    /// A run like that of the tour, without the script.
    Alone,
    /// Back to the tour.
    Guided,
}

/// The buttons of the bar by the names in their `data-control`.
const NAMES: [(&str, Control); 26] = [
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
    ("step-back", Control::StepBack),
    ("before", Control::Before),
    ("after", Control::After),
    ("task-before", Control::TaskBefore),
    ("task-after", Control::TaskAfter),
    ("skip", Control::SkipQuiet),
    ("live", Control::Live),
    ("undo", Control::Undo),
    ("redo", Control::Redo),
    ("copy", Control::CopyLink),
    ("parting", Control::Parting),
    ("stop", Control::Stop),
    ("caption-before", Control::CaptionBefore),
    ("alone", Control::Alone),
    ("guided", Control::Guided),
];

impl Control {
    /// The control with this name, if there is one.
    pub(crate) fn named(name: &str) -> Option<Control> {
        NAMES.iter().find(|(other, _)| *other == name).map(|(_, control)| *control)
    }
}

/// What the bar shows.
pub(crate) struct ControlsState {
    pub(crate) speed_step: u32,
    pub(crate) speed_label: String,
    pub(crate) cut_armed: bool,
    pub(crate) torn: bool,
}

/// The bar.
pub(crate) fn controls(state: &ControlsState) -> Html {
    let mut tree = Tree::default();
    let bar = named!["class" = "controls", "role" = "toolbar", "aria-label" = text::CONTROLS];
    tree.open("div", bar);
    speed(&mut tree, state);
    network_buttons(&mut tree, state);
    tree.open("div", named!["class" = "control-group"]);
    let icon = |name, label, path| Button::new(name, label).icon(path);
    icon("restart", text::RESTART, AGAIN).hint(text::RESTART_HINT).write(&mut tree);
    let die = "M2 1h12v14H2zM4 3v3h3V3zm5 7v3h3v-3zM6.5 6.5v3h3v-3z";
    icon("new-seed", text::NEW_SEED, die).hint(text::NEW_SEED_HINT).write(&mut tree);
    let sliders = "M1 3h7V1h3v2h4v2h-4v2H8V5H1zm0 8h2V9h3v2h9v2H6v2H3v-2H1z";
    icon("settings", text::SETTINGS_BUTTON, sliders).hint(text::SETTINGS_HOW).write(&mut tree);
    tree.close();
    tree.close();
    tree.html()
}

/// What is done to the network.
pub(super) fn network_buttons(tree: &mut Tree, state: &ControlsState) {
    let cut_icon = "M1 9l4-5 2 7 3-8 2 7 3-4 .8.7-4.3 6-2-6-3 8-2.3-7.4L1.8 9.7z";
    tree.open("div", named!["class" = "control-group"]);
    let cut = Button::new("cut", text::CUT).icon(cut_icon).hint(text::CUT_HINT);
    cut.pressed(state.cut_armed).write(tree);
    Button::new("network", text::NETWORK).hint(text::NETWORK_HINT).write(tree);
    Button::new("heal", text::HEAL).hint(text::HEAL_HINT).off(!state.torn).write(tree);
    tree.close();
}

/// The slider is the only input of a figure, so the figure's own listener knows it by that.
fn speed(tree: &mut Tree, state: &ControlsState) {
    tree.open("div", named!["class" = "speed"]);
    Button::new("slower", "−").hint(text::SLOWER).write(tree);
    let most = SPEED_STEPS.to_string();
    let slider = named![
        "type" = "range",
        "min" = "0",
        "max" = most.as_str(),
        "aria-label" = text::SPEED,
        "aria-valuetext" = state.speed_label.as_str()
    ];
    tree.open("input", slider);
    tree.value(&state.speed_step.to_string());
    tree.close();
    Button::new("faster", "+").hint(text::FASTER).write(tree);
    tree.words("output", named![], &state.speed_label);
    tree.close();
}

/// A button of the bar.
pub(super) struct Button {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    icon: Option<&'static str>,
    pressed: Option<bool>,
    off: bool,
}

impl Button {
    pub(super) fn new(name: &'static str, label: &'static str) -> Button {
        Button { name, label, hint: "", icon: None, pressed: None, off: false }
    }

    pub(super) fn hint(self, hint: &'static str) -> Button {
        Button { hint, ..self }
    }

    pub(super) fn icon(self, path: &'static str) -> Button {
        Button { icon: Some(path), ..self }
    }

    pub(super) fn pressed(self, pressed: bool) -> Button {
        Button { pressed: Some(pressed), ..self }
    }

    pub(super) fn off(self, off: bool) -> Button {
        Button { off, ..self }
    }

    pub(super) fn write(self, tree: &mut Tree) {
        let pressed = self.pressed.map(|pressed| if pressed { "true" } else { "false" });
        // Not `disabled`, which would take the focus away from whoever just pressed it.
        let off = self.off.then_some("true");
        let named = named![
            "data-control" = self.name,
            "title" = self.hint,
            "aria-label" = self.label.is_empty().then_some(self.hint),
            "aria-pressed" = pressed,
            "aria-disabled" = off
        ];
        tree.open("button", named);
        if let Some(path) = self.icon {
            tree.open("svg", named!["viewBox" = "0 0 16 16", "aria-hidden" = "true"]);
            tree.open("path", named!["d" = path]);
            tree.close();
            tree.close();
        }
        if !self.label.is_empty() {
            tree.words("span", named![], self.label);
        }
        tree.close();
    }
}
