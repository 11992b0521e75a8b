//! What scripts ask of a figure, and have it do: by name, so that one function serves for all.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

use super::tour::shown_tasks;
use super::travel::Travel;
use super::{Figure, Msg};
use crate::embed::{StateDto, promises_to_js, story_to_js, tasks_to_js};
use crate::ui::controls::Control;

impl Figure {
    /// What is to be done, if `what` is something that can be done: `playing` with `true` or
    /// `false`, `seek` with microseconds, `load` with a link, or a button of the bars by its name.
    pub(crate) fn told(what: &str, with: &JsValue) -> Option<Msg> {
        Some(match what {
            "playing" => Msg::Travel(Travel::Play(with.is_truthy())),
            "seek" => Msg::Travel(Travel::Seek(with.as_f64()? as u64)),
            "load" => Msg::Travel(Travel::Pasted(with.as_string()?)),
            _ => Msg::Control(Control::named(what)?),
        })
    }

    /// What there is to say: `state`, `tasks`, `promises`, `story` with a number of lines, `link`.
    pub(crate) fn asked(&self, what: &str, with: &JsValue) -> JsValue {
        let timeline = self.timeline.borrow();
        match what {
            "state" => {
                let state = StateDto::of(&timeline).to_js();
                let arrived = self.journey.is_none();
                for (name, value) in [("playing", self.playback.playing), ("arrived", arrived)] {
                    // A plain object of our own takes it.
                    let _ = Reflect::set(&state, &name.into(), &value.into());
                }
                let said = self.notices.join(" ");
                let _ = Reflect::set(&state, &"notice".into(), &said.into());
                state
            }
            "tasks" => tasks_to_js(&shown_tasks(self.touring.as_ref(), &timeline)),
            "promises" => promises_to_js(&timeline.lab().promises()),
            "story" => story_to_js(&timeline.lab().story(with.as_f64().unwrap_or(8.0) as usize)),
            "link" => self.link().map_or(JsValue::UNDEFINED, JsValue::from),
            _ => JsValue::UNDEFINED,
        }
    }
}
