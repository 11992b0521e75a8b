//! `window.rift`: what other scripts on the page, and the browser's console, can read.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

use crate::labs::{Promise, StoryLine, Table, Task};
use crate::timeline::Timeline;

const NAME: &str = "rift";

/// What `rift.state()` answers with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateDto {
    /// The lab's name.
    pub lab: &'static str,
    /// The seed, as decimal digits: it may be larger than a JS number can hold.
    pub seed: String,
    /// How many servers there are.
    pub servers: u8,
    /// The present instant, in microseconds since the start of the run.
    pub now_us: u64,
    /// How many things have happened.
    pub history_length: usize,
    /// The history's hash, 16 hexadecimal digits.
    pub history_hash: String,
    /// How many actions the branch has.
    pub actions: usize,
    /// The branch on which the reader is.
    pub branch: u16,
    /// How many branches there are.
    pub branches: usize,
    /// The table twin of the picture.
    pub table: TableDto,
    /// The table of the clients.
    pub clients: TableDto,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableDto {
    head: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl From<Table> for TableDto {
    fn from(table: Table) -> TableDto {
        TableDto { head: table.head, rows: table.rows }
    }
}

impl StateDto {
    /// What there is to say about where a timeline stands.
    pub fn of(timeline: &Timeline) -> StateDto {
        let (settings, lab) = (timeline.settings(), timeline.lab());
        let branch = timeline.tree().branch(timeline.branch());
        StateDto {
            lab: timeline.entry().name,
            seed: settings.seed.to_string(),
            servers: settings.servers,
            now_us: lab.now_us(),
            history_length: lab.history_len(),
            history_hash: format!("{:016x}", lab.history_hash()),
            actions: branch.map_or(0, |branch| branch.actions.len()),
            branch: timeline.branch().0,
            branches: timeline.tree().shown().count(),
            table: lab.table().into(),
            clients: lab.client_table().into(),
        }
    }

    /// The same as a plain JavaScript object, its names in camelCase. By hand, for that takes a
    /// kilobyte less than a library does.
    pub fn to_js(&self) -> JsValue {
        object(&[
            ("lab", self.lab.into()),
            ("seed", self.seed.as_str().into()),
            ("servers", self.servers.into()),
            // Exact up to 2^53: 285 years.
            ("nowUs", (self.now_us as f64).into()),
            ("historyLength", (self.history_length as f64).into()),
            ("historyHash", self.history_hash.as_str().into()),
            ("actions", (self.actions as f64).into()),
            ("branch", self.branch.into()),
            ("branches", (self.branches as f64).into()),
            ("table", self.table.to_js()),
            ("clients", self.clients.to_js()),
        ])
    }
}

impl TableDto {
    fn to_js(&self) -> JsValue {
        let rows = self.rows.iter().map(|row| strings(row.iter().map(String::as_str)));
        let head = strings(self.head.iter().copied());
        object(&[("head", head), ("rows", rows.collect::<Array>().into())])
    }
}

/// What the reader is invited to do.
pub fn tasks_to_js(tasks: &[Task]) -> JsValue {
    let task =
        |task: &Task| object(&[("title", task.title.into()), ("doneUs", instant(task.done_us))]);
    tasks.iter().map(task).collect::<Array>().into()
}

/// What the protocol promises; broken since, and how.
pub fn promises_to_js(promises: &[Promise]) -> JsValue {
    let promise = |promise: &Promise| {
        let broken = promise.broken.as_ref();
        let finding = broken.map_or(JsValue::NULL, |breach| breach.finding.as_str().into());
        object(&[
            ("name", promise.name.into()),
            ("brokenUs", instant(broken.map(|breach| breach.at_us))),
            ("finding", finding),
        ])
    };
    promises.iter().map(promise).collect::<Array>().into()
}

/// What happened last, oldest first.
pub fn story_to_js(story: &[StoryLine]) -> JsValue {
    let line = |line: &StoryLine| {
        object(&[
            ("record", (line.record.0 as f64).into()),
            ("atUs", instant(Some(line.at_us))),
            ("text", line.text.as_str().into()),
            ("section", line.section.map_or(JsValue::NULL, JsValue::from)),
        ])
    };
    story.iter().map(line).collect::<Array>().into()
}

/// Microseconds, exact up to 2^53: 285 years.
fn instant(us: Option<u64>) -> JsValue {
    us.map_or(JsValue::NULL, |us| (us as f64).into())
}

fn strings<'a>(texts: impl Iterator<Item = &'a str>) -> JsValue {
    texts.map(JsValue::from_str).collect::<Array>().into()
}

fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        // `set` on a plain object of our own cannot fail.
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object.into()
}

/// The functions behind `window.rift`, or `rift` of a lab's place on the page if another lab has
/// the window's. Dropping it takes them away again.
pub struct JsApi {
    _state: Closure<dyn Fn() -> JsValue>,
    owner: JsValue,
}

impl JsApi {
    /// Sets `rift = { version, state }` of the window, or of `place` if the window has one.
    pub fn install(place: Option<JsValue>, state: impl Fn() -> StateDto + 'static) -> JsApi {
        let name = JsValue::from_str(NAME);
        let window = JsValue::from(js_sys::global());
        let taken = Reflect::has(&window, &name).unwrap_or(false);
        let owner = place.filter(|_| taken).unwrap_or(window);
        let state = Closure::<dyn Fn() -> JsValue>::new(move || state().to_js());
        let api = object(&[
            ("version", env!("CARGO_PKG_VERSION").into()),
            ("state", state.as_ref().clone()),
        ]);
        let _ = Reflect::set(&owner, &name, &api);
        JsApi { _state: state, owner }
    }
}

impl Drop for JsApi {
    fn drop(&mut self) {
        let _ = Reflect::delete_property(self.owner.unchecked_ref::<Object>(), &NAME.into());
    }
}
