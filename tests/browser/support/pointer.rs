//! Hands: real pointer events, from a mouse or a finger, through the browser's own input path.

use std::time::Duration;

use serde_json::{Value, json};
use thirtyfour::common::command::{Actions, Command};

use super::Page;
use super::page::{must, quoted};

/// CSS pixels from the top left corner of what is on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

impl Point {
    pub(crate) fn new(x: f64, y: f64) -> Point {
        Point { x, y }
    }

    /// The point so many pixels to the right and down.
    pub(crate) fn offset(self, dx: f64, dy: f64) -> Point {
        Point { x: self.x + dx, y: self.y + dy }
    }

    /// Part of the way to another point: 0 is here, 1 is there.
    pub(crate) fn towards(self, other: Point, part: f64) -> Point {
        self.offset((other.x - self.x) * part, (other.y - self.y) * part)
    }

    fn distance(self, other: Point) -> f64 {
        (other.x - self.x).hypot(other.y - self.y)
    }
}

/// What touches the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hand {
    Mouse,
    /// The page sees `pointerType: "touch"` and may lose the pointer to scrolling.
    Finger,
}

/// A stroke is drawn as a hand draws it, in moves of at most so many pixels, this often.
const STRIDE_PX: f64 = 12.0;
const STRIDE_MS: u64 = 6;
const PAUSE_MS: u64 = 32;

impl Page {
    /// The middle of an element, which must be there.
    pub(crate) async fn center_of(&self, css: &str) -> Point {
        let element = quoted(css);
        let body = format!(
            "const box = document.querySelector({element}).getBoundingClientRect();
             return [box.x + box.width / 2, box.y + box.height / 2];"
        );
        let [x, y]: [f64; 2] = self.eval(&body).await;
        Point { x, y }
    }

    /// Scrolls until an element is in the middle of the screen.
    pub(crate) async fn scroll_to(&self, css: &str) {
        let element = quoted(css);
        let place = "{ block: 'center', behavior: 'instant' }";
        let body = format!("document.querySelector({element}).scrollIntoView({place})");
        let _: Value = self.eval(&body).await;
    }

    /// Down and up at once.
    pub(crate) async fn tap(&self, hand: Hand, at: Point) {
        self.act(hand, &[Act::Move(at), Act::Down(at), Act::Pause, Act::Up]).await;
    }

    /// Down at the first point, through the others, and up at the last.
    pub(crate) async fn drag(&self, hand: Hand, through: &[Point]) {
        self.drag_and_hold(hand, through).await;
        self.release(hand).await;
    }

    /// As [`Page::drag`], but stays down at the last point, for a look at what the page shows
    /// meanwhile. [`Page::move_along`] goes on; [`Page::release`] or [`Page::cancel_touch`] ends
    /// it.
    pub(crate) async fn drag_and_hold(&self, hand: Hand, through: &[Point]) {
        let (&start, rest) = through.split_first().expect("a drag has a start");
        let mut acts = vec![Act::Move(start), Act::Down(start), Act::Pause];
        acts.extend(strides(start, rest));
        acts.push(Act::Pause);
        self.act(hand, &acts).await;
    }

    /// Goes on with a drag that is held, or, with a mouse, moves without pressing.
    pub(crate) async fn move_along(&self, hand: Hand, from: Point, through: &[Point]) {
        self.act(hand, &strides(from, through)).await;
    }

    /// Lets go after [`Page::drag_and_hold`].
    pub(crate) async fn release(&self, hand: Hand) {
        self.act(hand, &[Act::Up]).await;
    }

    /// The system takes the finger away, as it does for a gesture of its own: the page gets a
    /// `pointercancel` instead of a `pointerup`.
    pub(crate) async fn cancel_touch(&self) {
        self.touch("touchCancel", None).await;
    }

    async fn act(&self, hand: Hand, acts: &[Act]) {
        match hand {
            Hand::Mouse => self.act_with_mouse(acts).await,
            Hand::Finger => self.act_with_finger(acts).await,
        }
    }

    async fn act_with_mouse(&self, acts: &[Act]) {
        let actions: Vec<Value> = acts.iter().copied().map(Act::to_webdriver).collect();
        let source = json!([{
            "type": "pointer", "id": "mouse", "parameters": { "pointerType": "mouse" },
            "actions": actions,
        }]);
        let command = Command::PerformActions(Actions::from(source));
        must("move the mouse", self.driver.cmd(command).await.map(|_| ()));
    }

    /// Not WebDriver's touch pointers: chromedriver forgets between two commands that the finger
    /// is down, and Firefox makes no click of a tap. This is the layer below chromedriver, which it
    /// uses itself.
    async fn act_with_finger(&self, acts: &[Act]) {
        for (index, act) in acts.iter().enumerate() {
            match *act {
                // A finger does not hover: on the way to the screen it is nowhere.
                Act::Move(_) if index == 0 && matches!(acts.get(1), Some(Act::Down(_))) => {}
                Act::Move(at) => {
                    self.touch("touchMove", Some(at)).await;
                    tokio::time::sleep(Duration::from_millis(STRIDE_MS)).await;
                }
                Act::Down(at) => self.touch("touchStart", Some(at)).await,
                Act::Up => self.touch("touchEnd", None).await,
                Act::Pause => tokio::time::sleep(Duration::from_millis(PAUSE_MS)).await,
            }
        }
    }

    /// Two fingers, side by side at the same height around `centre`, from so far apart to so far.
    pub(crate) async fn pinch(&self, centre: Point, from: f64, to: f64) {
        let fingers =
            |apart: f64| [centre.offset(apart / -2.0, 0.0), centre.offset(apart / 2.0, 0.0)];
        self.touches("touchStart", &fingers(from)).await;
        for step in 1..=4 {
            let apart = from + (to - from) * f64::from(step) / 4.0;
            self.touches("touchMove", &fingers(apart)).await;
            tokio::time::sleep(Duration::from_millis(PAUSE_MS)).await;
        }
        self.touches("touchEnd", &[]).await;
    }

    async fn touch(&self, kind: &str, at: Option<Point>) {
        self.touches(kind, at.as_slice()).await;
    }

    async fn touches(&self, kind: &str, at: &[Point]) {
        let point =
            |(id, at): (usize, &Point)| json!({ "x": at.x.round(), "y": at.y.round(), "id": id });
        let points: Vec<Value> = at.iter().enumerate().map(point).collect();
        let touch = json!({ "type": kind, "touchPoints": points });
        self.devtools("Input.dispatchTouchEvent", touch).await;
    }
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Move(Point),
    Down(Point),
    Up,
    /// Long enough for the page to draw a frame.
    Pause,
}

impl Act {
    fn to_webdriver(self) -> Value {
        match self {
            Act::Move(to) => json!({
                "type": "pointerMove", "origin": "viewport", "duration": STRIDE_MS,
                "x": to.x.round(), "y": to.y.round(),
            }),
            Act::Down(_) => json!({ "type": "pointerDown", "button": 0 }),
            Act::Up => json!({ "type": "pointerUp", "button": 0 }),
            Act::Pause => json!({ "type": "pause", "duration": PAUSE_MS }),
        }
    }
}

fn strides(start: Point, through: &[Point]) -> Vec<Act> {
    let mut at = start;
    let mut moves = Vec::new();
    for &next in through {
        let count = (at.distance(next) / STRIDE_PX).ceil().max(1.0);
        let mut done = 0.0;
        while done < count {
            done += 1.0;
            moves.push(Act::Move(at.towards(next, done / count)));
        }
        at = next;
    }
    moves
}
