//! Subscriptions: events to a function, one at a time, each when the one before was dealt with.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::rc::Rc;

use js_sys::{Function, Promise};
use rift::event_store::{self, Status};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::arguments::Subscribe;
use crate::javascript::function;
use crate::kept::Kept;
use crate::placed;
use crate::refusal::Refusal;

/// A reader of the log, until it is closed.
#[wasm_bindgen]
pub struct Subscription {
    shared: Rc<Shared>,
}

/// What the task has in common with whoever holds the subscription.
struct Shared {
    kept: Rc<Kept>,
    reader: RefCell<event_store::Subscription>,
    handler: Function,
    on_error: Option<Function>,
    is_closed: Cell<bool>,
}

/// What to do next.
enum Next {
    /// To hand over an event; the reader is as it will be afterwards.
    Event(JsValue, event_store::Subscription),
    Wait,
    End,
}

#[wasm_bindgen]
impl Subscription {
    /// The position up to which everything was dealt with. Keep it, and go on after it later.
    #[wasm_bindgen(getter)]
    pub fn position(&self) -> u64 {
        self.shared.reader.borrow().position()
    }

    /// `catching-up`, `live`, `stopped` after the function failed, or `closed`.
    #[wasm_bindgen(getter)]
    pub fn status(&self) -> String {
        let is_closed = self.shared.is_closed.get() || self.shared.kept.check_open().is_err();
        let status = match self.shared.reader.borrow().status() {
            _ if is_closed => "closed",
            Status::CatchingUp => "catching-up",
            Status::Live => "live",
            Status::Stopped { .. } => "stopped",
        };
        status.to_owned()
    }

    /// How many events are yet to come, of those there are.
    #[wasm_bindgen(getter)]
    pub fn lag(&self) -> u64 {
        self.shared.kept.look(|journal| self.shared.reader.borrow().lag(journal.store()))
    }

    /// After a failure: begins again with the event that the function failed at.
    pub fn resume(&self) {
        self.shared.reader.borrow_mut().resume();
        self.shared.kept.wake();
    }

    /// After a failure: gives up the event that the function failed at.
    pub fn skip(&self) {
        self.shared.reader.borrow_mut().skip();
        self.shared.kept.wake();
    }

    /// No further event is handed over.
    pub fn close(&self) {
        self.shared.is_closed.set(true);
        self.shared.kept.wake();
    }
}

impl Subscription {
    /// Begins when the present task has ended.
    pub(crate) fn start(kept: &Rc<Kept>, handler: Function, options: Subscribe) -> Subscription {
        let Subscribe { source, after, on_error } = options;
        let reader = RefCell::new(event_store::Subscription::after(source, after));
        let (kept, is_closed) = (Rc::clone(kept), Cell::new(false));
        let shared = Rc::new(Shared { kept, reader, handler, on_error, is_closed });
        let task = Rc::clone(&shared);
        spawn_local(async move { task.run().await });
        Subscription { shared }
    }
}

impl Shared {
    async fn run(&self) {
        loop {
            match self.next() {
                Next::End => return,
                Next::Wait => self.kept.changed().await,
                Next::Event(event, afterwards) => match self.hand_over(&event).await {
                    Ok(()) => *self.reader.borrow_mut() = afterwards,
                    Err(error) => self.stop(&error, &event),
                },
            }
        }
    }

    /// Of the durable events only: nobody hears of one that could still be lost.
    fn next(&self) -> Next {
        if self.is_closed.get() || self.kept.check_open().is_err() {
            // Whoever closes knows that it ends; whoever waits for events must hear of a failure.
            if let Some(failure) = self.kept.failure().filter(|_| !self.is_closed.replace(true)) {
                self.tell(&failure.into_js(), &JsValue::UNDEFINED);
            }
            return Next::End;
        }
        let mut reader = self.reader.borrow().clone();
        if matches!(reader.status(), Status::Stopped { .. }) {
            return Next::Wait;
        }
        let mut next = None;
        let polled = self.kept.look(|journal| {
            let take = |event: event_store::Event<'_, _>| {
                next = Some(placed(&event));
                Ok::<(), Infallible>(())
            };
            let polled = reader.poll(journal.store(), 1, take);
            polled.map(|_| journal.store().last_position())
        });
        let durable = self.kept.durable_position();
        match (polled, next) {
            (Ok(_), Some((event, position))) if position <= durable => Next::Event(event, reader),
            (Ok(last), None) if last == durable => {
                *self.reader.borrow_mut() = reader;
                Next::Wait
            }
            (Ok(_), _) => Next::Wait,
            // It has not stopped and nothing was refused, so it is ahead of the log.
            (Err(_), _) => {
                self.is_closed.set(true);
                let log = self.kept.look(|journal| journal.store().last_position());
                let ahead = Refusal::ahead_of_log(reader.position(), log);
                self.tell(&ahead.into_js(), &JsValue::UNDEFINED);
                Next::End
            }
        }
    }

    async fn hand_over(&self, event: &JsValue) -> Result<(), JsValue> {
        let answer = self.handler.call1(&JsValue::UNDEFINED, event)?;
        // Most answer at once, and there is nothing to wait for.
        if function(&answer, "then").is_some() {
            JsFuture::from(Promise::resolve(&answer)).await?;
        }
        Ok(())
    }

    /// The position stays before the event.
    fn stop(&self, error: &JsValue, event: &JsValue) {
        self.kept.look(|journal| {
            let _ = self.reader.borrow_mut().poll(journal.store(), 1, |_| Err(()));
        });
        self.tell(error, event);
    }

    fn tell(&self, error: &JsValue, event: &JsValue) {
        match &self.on_error {
            Some(on_error) => {
                let _ = on_error.call2(&JsValue::UNDEFINED, error, event);
            }
            // Never in silence.
            None => {
                let report = function(&js_sys::global(), "reportError");
                let _ = report.map(|report| report.call1(&JsValue::UNDEFINED, error));
            }
        }
    }
}
