//! The circuit breaker for JavaScript: [`rift::circuit_breaker`] on the clock of the page; and
//! [retries](rift::resilience) around it.
//!
//! A program of its own, for pages of other people; Rift's page does not load it. What it looks
//! like from there is in `circuit-breaker.d.ts` and `docs/circuit-breaker-js.md`.
//!
//! Promises are JavaScript's own, and a closure for each that crossed the border would cost more
//! than all the rest. So the part that awaits is a script, `circuit-breaker.js`. It asks this
//! program for leave and tells it the outcome; both cross the border as nothing but numbers.

mod config;
#[path = "../javascript/mod.rs"]
mod javascript;
mod refusal;
mod results;
mod retries;
mod under_way;

use rift::circuit_breaker::{Breaker, Outcome, Reason, State};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use refusal::Refusal;
use under_way::UnderWay;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Beside the place of a call: the breaker is not closed. There may be transitions to take,
/// and deadlines to wait for.
const LOOK: i32 = 1 << 30;
/// Instead of the place of a call: why there is none.
const OPEN: i32 = -1;
const PROBES_UNDER_WAY: i32 = -2;
const FORCED_OPEN: i32 = -3;

#[wasm_bindgen]
extern "C" {
    /// Milliseconds, on a clock that does not go back.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

fn main() {}

/// A breaker and the permits of the calls under way.
#[wasm_bindgen]
pub struct Core {
    breaker: Breaker,
    under_way: UnderWay,
    /// Results enter the windows with their times, also while it is closed and all is well.
    is_timed: bool,
    /// What the clock showed when it was last read.
    latest_us: u64,
    /// What goes with the latest rejection, in milliseconds; not a number if there is no time.
    retry_after_ms: f64,
}

#[wasm_bindgen]
impl Core {
    /// A closed breaker, or one that goes on from what [`export`](Core::export) gave.
    #[wasm_bindgen(constructor)]
    pub fn new(config: JsValue, saved: JsValue) -> Result<Core, JsValue> {
        Core::build(&config, &saved).map_err(Refusal::into_js)
    }

    /// Asks for leave to make a call. The place where its permit is kept; with [`LOOK`] if the
    /// breaker is not closed; below 0, why not.
    pub fn admit(&mut self, is_retry: bool) -> i32 {
        // Leave from a closed breaker does not depend on the time, and the clock costs more than
        // all the rest.
        let is_steady = self.is_steady();
        let now_us = if is_steady { self.latest_us } else { self.read_clock() };
        let permit = if is_retry {
            self.breaker.acquire(now_us)
        } else {
            self.breaker.acquire_first_try(now_us)
        };
        match permit {
            Ok(permit) => {
                let look = if self.breaker.state() == State::Closed { 0 } else { LOOK };
                self.under_way.put(permit) | look
            }
            Err(rejected) => {
                self.retry_after_ms = rejected.retry_after_us.map_or(f64::NAN, results::millis);
                match rejected.reason {
                    Reason::Open => OPEN,
                    Reason::ProbesUnderWay => PROBES_UNDER_WAY,
                    Reason::ForcedOpen => FORCED_OPEN,
                }
            }
        }
    }

    /// When to ask again after the latest rejection, in milliseconds.
    #[wasm_bindgen(getter, js_name = retryAfter)]
    pub fn retry_after(&self) -> f64 {
        self.retry_after_ms
    }

    /// Tells how the call of a place ended: 0 success, 1 failure, 2 cancelled, 3 excluded. Answers
    /// whether there may be transitions to take, or deadlines to wait for.
    pub fn report(&mut self, place: i32, outcome: u32) -> bool {
        let Some(permit) = self.under_way.take(place & !LOOK) else { return false };
        let outcome = match outcome {
            0 => Outcome::Success,
            1 => Outcome::Failure,
            2 => Outcome::Cancelled,
            _ => Outcome::Excluded,
        };
        // Nor does it matter when a closed breaker hears of a success.
        let is_steady = self.is_steady() && outcome == Outcome::Success;
        let now_us = if is_steady { self.latest_us } else { self.read_clock() };
        let generation = self.breaker.generation();
        self.breaker.report(permit, now_us, outcome);
        if self.breaker.state() == State::Closed && self.breaker.generation() == generation {
            return false;
        }
        self.draw();
        true
    }

    /// The next transition that nobody has taken, or `undefined`.
    pub fn transition(&mut self) -> JsValue {
        let next = self.breaker.poll_transition();
        next.map_or(JsValue::UNDEFINED, |next| results::transition(&next))
    }

    /// In how many milliseconds something is due.
    #[wasm_bindgen(js_name = dueIn)]
    pub fn due_in(&mut self) -> Option<f64> {
        let now_us = self.read_clock();
        self.breaker.deadline_us().map(|due_us| results::millis(due_us.saturating_sub(now_us)))
    }

    /// Does what is due.
    #[wasm_bindgen(js_name = handleDeadline)]
    pub fn handle_deadline(&mut self) {
        let now_us = self.read_clock();
        self.breaker.handle_deadline(now_us);
        self.draw();
    }

    /// What it is now.
    pub fn state(&self) -> String {
        results::state_name(self.breaker.state_at(now_us())).to_owned()
    }

    /// All that there is to see now.
    pub fn snapshot(&self) -> JsValue {
        results::snapshot(&self.breaker.snapshot(now_us()))
    }

    /// What a breaker keeps across a restart, as plain data.
    pub fn export(&self) -> JsValue {
        results::saved(&self.breaker.export(now_us()))
    }

    pub fn open(&mut self) {
        self.by_hand(Breaker::open);
    }

    #[wasm_bindgen(js_name = halfOpen)]
    pub fn half_open(&mut self) -> Result<(), JsValue> {
        let now_us = self.read_clock();
        let moved = self.breaker.half_open(now_us);
        self.draw();
        moved.map_err(|illegal| Refusal::from(illegal).into_js())
    }

    pub fn close(&mut self) {
        self.by_hand(Breaker::close);
    }

    pub fn reset(&mut self) {
        self.by_hand(Breaker::reset);
    }

    #[wasm_bindgen(js_name = forceOpen)]
    pub fn force_open(&mut self) {
        self.by_hand(Breaker::force_open);
    }

    pub fn disable(&mut self) {
        self.by_hand(Breaker::disable);
    }

    #[wasm_bindgen(js_name = watchOnly)]
    pub fn watch_only(&mut self) {
        self.by_hand(Breaker::watch_only);
    }
}

impl Core {
    fn build(config: &JsValue, saved: &JsValue) -> Result<Core, Refusal> {
        let config = config::config(config)?;
        let is_timed = config.slow_from_us.is_some() || config.trip.time_window.is_some();
        let latest_us = now_us();
        let breaker = if saved.is_undefined() {
            Breaker::new(config)?
        } else {
            Breaker::import(config, &results::Saved::read(saved)?, latest_us)?
        };
        let (under_way, retry_after_ms) = (UnderWay::default(), f64::NAN);
        let mut core = Core { breaker, under_way, is_timed, latest_us, retry_after_ms };
        core.draw();
        Ok(core)
    }

    /// Whether the time makes no difference.
    fn is_steady(&self) -> bool {
        !self.is_timed && self.breaker.state() == State::Closed
    }

    fn read_clock(&mut self) -> u64 {
        self.latest_us = self.latest_us.max(now_us());
        self.latest_us
    }

    fn by_hand(&mut self, put: fn(&mut Breaker, u64)) {
        let now_us = self.read_clock();
        put(&mut self.breaker, now_us);
        self.draw();
    }

    /// A draw for the next wait, if it would like one.
    fn draw(&mut self) {
        if self.breaker.wants_draw() {
            self.breaker.offer_draw(self.latest_us, draw());
        }
    }
}

/// 64 bits of chance.
fn draw() -> u64 {
    let half = || (js_sys::Math::random() * 4_294_967_296.0) as u64;
    half() << 32 | half()
}

/// The clock, in microseconds.
fn now_us() -> u64 {
    (performance_now() * 1_000.0) as u64
}
