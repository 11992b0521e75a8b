//! A lab whose first promise is broken at a certain instant, to see that a reader is taken there.

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use gloo_timers::callback::Timeout;
use rift::labs::raft::RaftLab;
use rift::labs::{
    Breach, Choice, Command, LABS, Lab, LabEntry, LabSettings, LegendItem, Outcome, Partition,
    Promise, Refused, StoryLine, Table, Task,
};
use rift::scene::time_strip::LaneContent;
use rift::scene::{Frame, Scene, Target, Window};
use rift::sim::{Halted, NodeId, RecordId};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, HtmlElement};

const BROKEN_US: u64 = 60_000;

static ENTRY: LabEntry = LabEntry {
    name: "broken",
    servers: 3..=9,
    defaults: LabSettings::new(5, 5),
    settings: LABS[0].settings,
    groups: LABS[0].groups,
    lessons: LABS[0].lessons,
    words: LABS[0].words,
    views: LABS[0].views,
    opens_view: false,
    speed_ppm: None,
    stage: LABS[0].stage,
    quiz: None,
    check: LABS[0].check,
    open: |settings| Box::new(Broken(RaftLab::new(settings))),
};

struct Broken(RaftLab);

impl Lab for Broken {
    fn now_us(&self) -> u64 {
        self.0.now_us()
    }
    fn next_due_us(&self) -> Option<u64> {
        self.0.next_due_us()
    }
    fn quiet_until_us(&self) -> Option<u64> {
        self.0.quiet_until_us()
    }
    /// Long after the promise broke.
    fn opening_us(&self) -> u64 {
        400_000
    }
    fn advance_to(&mut self, at_us: u64) -> Result<(), Halted> {
        self.0.advance_to(at_us)
    }
    fn advance_within(&mut self, at_us: u64, records: usize) -> Result<bool, Halted> {
        self.0.advance_within(at_us, records)
    }
    fn fork(&self) -> Box<dyn Lab> {
        Box::new(Broken(self.0.clone()))
    }
    fn outcome(&self) -> Outcome {
        self.0.outcome()
    }
    fn act(&mut self, command: &Command) -> Result<(), Refused> {
        self.0.act(command)
    }
    fn history_first(&self) -> usize {
        self.0.history_first()
    }
    fn let_go_before(&mut self, record: RecordId) {
        self.0.let_go_before(record);
    }
    fn record(&self, record: RecordId) -> Option<(u64, u64)> {
        self.0.record(record)
    }
    fn lane(&self, window: Window, buckets: u32) -> LaneContent {
        self.0.lane(window, buckets)
    }
    fn next_mark_us(&self, at_us: u64, back: bool) -> Option<u64> {
        self.0.next_mark_us(at_us, back)
    }
    fn history_len(&self) -> usize {
        self.0.history_len()
    }
    fn history_hash(&self) -> u64 {
        self.0.history_hash()
    }
    fn scene(&self, frame: Frame, linger_us: u64) -> Scene {
        self.0.scene(frame, linger_us)
    }
    fn story(&self, most: usize) -> Vec<StoryLine> {
        self.0.story(most)
    }
    fn table(&self) -> Table {
        self.0.table()
    }
    fn client_table(&self) -> Table {
        self.0.client_table()
    }
    fn tasks(&self) -> Vec<Task> {
        self.0.tasks()
    }
    fn promises(&self) -> Vec<Promise> {
        let mut promises = self.0.promises();
        let breach = Breach {
            record: RecordId(3),
            at_us: BROKEN_US,
            finding: "S1 and S2 both lead in term 1".to_owned(),
            servers: vec![NodeId(0), NodeId(1)],
        };
        promises[0].broken = (self.now_us() >= BROKEN_US).then_some(breach);
        promises
    }
    fn legend(&self) -> Vec<LegendItem> {
        self.0.legend()
    }
    fn reading(&self) -> &'static str {
        self.0.reading()
    }
    fn choices(&self, target: Target) -> Vec<Choice> {
        self.0.choices(target)
    }
    fn stroke_effect(&self, links: &[(NodeId, NodeId)]) -> Partition {
        self.0.stroke_effect(links)
    }
    fn drop_effect(&self, node: NodeId, joins: Option<NodeId>) -> Partition {
        self.0.drop_effect(node, joins)
    }
}

/// Gives the page time to do what it has put off.
async fn settle() {
    let mut timeout = None;
    let over = Rc::new(Cell::new(false));
    poll_fn(|context| {
        if over.get() {
            return Poll::Ready(());
        }
        let (over, waker) = (Rc::clone(&over), context.waker().clone());
        timeout = Some(Timeout::new(120, move || {
            over.set(true);
            waker.wake();
        }));
        Poll::Pending
    })
    .await;
    drop(timeout);
}

fn click(place: &Element, css: &str) {
    let button = place.query_selector(css).ok().flatten().expect(css);
    button.unchecked_into::<HtmlElement>().click();
}

fn text(place: &Element, css: &str) -> String {
    let found = place.query_selector(css).ok().flatten();
    found.and_then(|element| element.text_content()).unwrap_or_default()
}

#[wasm_bindgen_test]
async fn a_broken_promise_leads_to_its_instant_and_back() {
    let document = web_sys::window().and_then(|window| window.document()).expect("a page");
    let place = document.create_element("div").expect("an element");
    document.body().expect("a body").append_child(&place).expect("it fits");
    rift::ui::mount_lab(place.clone(), &ENTRY, rift::ui::Extras::NONE);
    settle().await;
    if text(&place, "[data-control=play]") == "Pause" {
        click(&place, "[data-control=play]");
        settle().await;
    }
    let before = text(&place, ".headline time");
    assert!(before.starts_with('4'), "{before}");
    let history = text(&place, "[data-history-hash]");
    assert!(text(&place, "[data-promise=broken] em").contains("Broken at 60.0 ms: S1 and S2"));
    click(&place, "[data-jump]");
    settle().await;
    assert_eq!(text(&place, ".headline time"), "60.0 ms");
    assert_eq!(text(&place, "[data-control=play]"), "Play", "it is paused");
    assert!(text(&place, ".story [aria-current]").contains("both lead in term 1"));
    let concerned = place.query_selector_all("[data-node][data-concerned]").expect("a list");
    assert_eq!(concerned.length(), 2);
    click(&place, "[data-control=back]");
    settle().await;
    assert_eq!(text(&place, ".headline time"), before);
    assert_eq!(text(&place, "[data-history-hash]"), history, "the same run as before");
    assert!(place.query_selector("[data-concerned]").expect("a query").is_none());
    place.remove();
}
