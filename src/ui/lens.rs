//! A lab's lens, from the page's side: loading it, calling it, and whether the two agree.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

use crate::link::DeedLog;
use crate::timeline::Timeline;

/// The program, as far as it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Nobody has wanted it yet.
    Absent,
    Loading,
    Ready,
    /// It did not load, or it stopped.
    Failed,
}

/// What the browser calls when a promise is kept, or broken.
pub(crate) type Settled = Closure<dyn FnMut(JsValue)>;

/// See [`rift::lens`](crate::lens) for what it can be asked.
pub(crate) struct Program {
    state: State,
    module: JsValue,
    waiting: Option<[Settled; 2]>,
    /// It was told the run when so many deeds were in it.
    told: Option<usize>,
}

impl Program {
    pub(crate) fn absent() -> Program {
        let module = JsValue::UNDEFINED;
        Program { state: State::Absent, module, waiting: None, told: None }
    }

    pub(crate) fn state(&self) -> State {
        self.state
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.state == State::Ready
    }

    /// Begins to load it, unless it is there or on its way: `begin` does. `done` gets the module,
    /// or nothing.
    pub(crate) fn load(
        &mut self,
        begin: impl FnOnce() -> Option<Promise>,
        done: impl Fn(Option<JsValue>) + Clone + 'static,
    ) {
        if matches!(self.state, State::Loading | State::Ready) {
            return;
        }
        let Some(promise) = begin() else {
            self.state = State::Failed;
            return;
        };
        let failed = done.clone();
        let waiting: [Settled; 2] =
            [Closure::new(move |module| done(Some(module))), Closure::new(move |_| failed(None))];
        let _ = promise.then2(&waiting[0], &waiting[1]);
        (self.state, self.waiting) = (State::Loading, Some(waiting));
    }

    /// The end of loading.
    pub(crate) fn loaded(&mut self, module: Option<JsValue>) {
        self.state = if module.is_some() { State::Ready } else { State::Failed };
        self.module = module.unwrap_or(JsValue::UNDEFINED);
        self.forget();
    }

    /// What it was told is another run.
    pub(crate) fn forget(&mut self) {
        self.told = None;
    }

    /// Calls one of its functions. Not ready, it answers nothing; if it stops, it has failed.
    pub(crate) fn call(&mut self, name: &str, arguments: &[JsValue]) -> JsValue {
        if self.state != State::Ready {
            return JsValue::UNDEFINED;
        }
        let arguments: Array = arguments.iter().collect();
        let function = Reflect::get(&self.module, &name.into());
        let function = function.and_then(JsCast::dyn_into::<Function>);
        let answer = function.and_then(|it| it.apply(&JsValue::UNDEFINED, &arguments));
        answer.unwrap_or_else(|_| {
            self.state = State::Failed;
            JsValue::UNDEFINED
        })
    }

    /// As [`call`](Program::call), for text.
    pub(crate) fn ask(&mut self, name: &str, arguments: &[JsValue]) -> String {
        self.call(name, arguments).as_string().unwrap_or_default()
    }

    /// Takes it to where a timeline stands. The hash of the history that it has there.
    pub(crate) fn go(&mut self, timeline: &Timeline) -> String {
        // Pictures are drawn many times a second and may be of many deeds: the log is written
        // only when there are more of them.
        let deeds = timeline.tree().deeds().len();
        if self.is_ready() && self.told != Some(deeds) {
            let log = DeedLog::text_of(timeline);
            self.ask("open", &[log.as_str().into()]);
            self.told = Some(deeds);
        }
        // Exact up to 2^53 microseconds: 285 years.
        self.ask("at", &[timeline.branch().0.into(), (timeline.now_us() as f64).into()])
    }
}
