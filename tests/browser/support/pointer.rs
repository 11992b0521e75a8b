//! Hands: real pointer events, from a mouse or a finger, through the browser's own input path.

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
        self.act(hand, vec![move_to(at, 0), down(), pause(), up()]).await;
    }

    /// Down at the first point, through the others, and up at the last.
    pub(crate) async fn drag(&self, hand: Hand, through: &[Point]) {
        let (&start, rest) = through.split_first().expect("a drag has a start");
        let mut actions = vec![move_to(start, 0), down(), pause()];
        actions.extend(strides(start, rest));
        actions.extend([pause(), up()]);
        self.act(hand, actions).await;
    }

    /// As [`Page::drag`], but stays down at the last point, for a look at what the page shows
    /// meanwhile. [`Page::release`] or [`Page::cancel_touch`] ends it.
    pub(crate) async fn drag_and_hold(&self, hand: Hand, through: &[Point]) {
        let (&start, rest) = through.split_first().expect("a drag has a start");
        let mut actions = vec![move_to(start, 0), down(), pause()];
        actions.extend(strides(start, rest));
        self.act(hand, actions).await;
    }

    /// Moves without pressing, or goes on with a drag that is held.
    pub(crate) async fn move_along(&self, hand: Hand, from: Point, through: &[Point]) {
        self.act(hand, strides(from, through)).await;
    }

    /// Lets go after [`Page::drag_and_hold`].
    pub(crate) async fn release(&self, hand: Hand) {
        self.act(hand, vec![up()]).await;
    }

    /// The system takes the finger away, as it does for a gesture of its own: the page gets a
    /// `pointercancel` instead of a `pointerup`.
    pub(crate) async fn cancel_touch(&self) {
        let cancel = json!({ "type": "touchCancel", "touchPoints": [] });
        self.devtools("Input.dispatchTouchEvent", cancel).await;
        must("forget the finger", self.driver.cmd(Command::ReleaseActions).await.map(|_| ()));
    }

    async fn act(&self, hand: Hand, actions: Vec<Value>) {
        let (id, kind) = match hand {
            Hand::Mouse => ("mouse", "mouse"),
            Hand::Finger => ("finger", "touch"),
        };
        let source = json!([{
            "type": "pointer", "id": id, "parameters": { "pointerType": kind }, "actions": actions,
        }]);
        let command = Command::PerformActions(Actions::from(source));
        must("move the pointer", self.driver.cmd(command).await.map(|_| ()));
    }
}

fn strides(start: Point, through: &[Point]) -> Vec<Value> {
    let mut at = start;
    let mut moves = Vec::new();
    for &next in through {
        let count = (at.distance(next) / STRIDE_PX).ceil().max(1.0);
        let mut done = 0.0;
        while done < count {
            done += 1.0;
            moves.push(move_to(at.towards(next, done / count), STRIDE_MS));
        }
        at = next;
    }
    moves
}

fn move_to(point: Point, duration_ms: u64) -> Value {
    json!({
        "type": "pointerMove", "origin": "viewport", "duration": duration_ms,
        "x": point.x.round(), "y": point.y.round(),
    })
}

fn down() -> Value {
    json!({ "type": "pointerDown", "button": 0 })
}

fn up() -> Value {
    json!({ "type": "pointerUp", "button": 0 })
}

/// Long enough for the page to draw a frame.
fn pause() -> Value {
    json!({ "type": "pause", "duration": 32 })
}
