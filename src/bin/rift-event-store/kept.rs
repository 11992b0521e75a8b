//! A store with the place where it is kept, and when its answers may be given.
//!
//! A call changes the store in memory at once. Its answer is worked out at once, too, and given
//! when everything up to there is durable. While one piece is being written, further calls gather,
//! and are written together as the next one.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use js_sys::Promise;
use rift::event_store::file::{Journal, Write};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{future_to_promise, spawn_local};

use crate::data::Data;
use crate::indexed_db::Database;
use crate::refusal::Refusal;
use crate::settled;

pub(crate) struct Kept {
    journal: RefCell<Journal<Data>>,
    /// `None` if it is in memory alone, where everything counts as durable at once.
    database: Option<Database>,
    /// The position of the last event that is durable.
    durable_position: Cell<u64>,
    state: RefCell<State>,
    is_writing: Cell<bool>,
    /// Who waits for something to become durable, or for an end.
    waiting: RefCell<Vec<Waker>>,
}

#[derive(Clone, PartialEq)]
enum State {
    Open,
    Closed,
    /// A piece could not be written, and why. What is in the database is not known any more.
    Failed(JsValue),
}

impl Kept {
    pub(crate) fn in_memory() -> Rc<Kept> {
        Kept::new(Journal::new(), None)
    }

    /// The store of this name, as IndexedDB has it.
    pub(crate) async fn open(name: &str) -> Result<Rc<Kept>, Refusal> {
        let (database, bytes) = Database::open(name).await?;
        let recovered = Journal::recover(&bytes)?;
        if let Some(torn) = recovered.torn {
            return Err(Refusal::torn(torn));
        }
        let kept = Kept::new(recovered.journal, Some(database));
        // A new one begins with a header.
        kept.write_soon();
        let end = kept.look(Journal::end);
        kept.until_durable(end).await?;
        Ok(kept)
    }

    fn new(journal: Journal<Data>, database: Option<Database>) -> Rc<Kept> {
        let durable_position = Cell::new(journal.store().last_position());
        Rc::new(Kept {
            journal: RefCell::new(journal),
            database,
            durable_position,
            state: RefCell::new(State::Open),
            is_writing: Cell::new(false),
            waiting: RefCell::default(),
        })
    }

    /// Looks at it as it is now, durable or not.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Journal<Data>) -> T) -> T {
        look(&self.journal.borrow())
    }

    /// Does something now; the promise is kept when all of it is durable. While it is done, no
    /// code of others runs, so they were asked before for everything that is needed.
    pub(crate) fn answer<T>(
        self: &Rc<Self>,
        said: Result<T, Refusal>,
        act: impl FnOnce(&mut Journal<Data>, T) -> Result<JsValue, Refusal>,
    ) -> Promise {
        let said = self.check_open().and(said);
        let answer = said.and_then(|said| act(&mut self.journal.borrow_mut(), said));
        self.answer_with(answer.map_err(Refusal::into_js))
    }

    /// Gives an answer when all that was done until now is durable.
    pub(crate) fn answer_with(self: &Rc<Self>, answer: Result<JsValue, JsValue>) -> Promise {
        if let Err(refusal) = self.check_open() {
            return settled(Err(refusal.into_js()));
        }
        self.write_soon();
        let (end, durable) = self.look(|journal| (journal.end(), journal.durable()));
        if end == durable {
            return settled(answer);
        }
        let kept = Rc::clone(self);
        future_to_promise(async move {
            kept.until_durable(end).await.map_err(Refusal::into_js)?;
            answer
        })
    }

    /// The position of the last event that may be shown to anybody.
    pub(crate) fn durable_position(&self) -> u64 {
        self.durable_position.get()
    }

    pub(crate) fn check_open(&self) -> Result<(), Refusal> {
        match &*self.state.borrow() {
            State::Open => Ok(()),
            State::Closed => Err(Refusal::closed()),
            State::Failed(cause) => Err(Refusal::failed(cause)),
        }
    }

    /// Why it answers nothing any more, if it does not.
    pub(crate) fn failure(&self) -> Option<Refusal> {
        match &*self.state.borrow() {
            State::Failed(cause) => Some(Refusal::failed(cause)),
            State::Open | State::Closed => None,
        }
    }

    /// Comes back when something has become durable, or ended, or [`wake`](Kept::wake) was called.
    pub(crate) async fn changed(&self) {
        let mut asked = false;
        poll_fn(|context| {
            if std::mem::replace(&mut asked, true) {
                return Poll::Ready(());
            }
            self.waiting.borrow_mut().push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    pub(crate) fn wake(&self) {
        self.waiting.take().into_iter().for_each(Waker::wake);
    }

    /// Refuses whatever comes from now on, and lets go of the place when all is written.
    pub(crate) async fn close(&self) -> Result<(), Refusal> {
        if *self.state.borrow() == State::Open {
            *self.state.borrow_mut() = State::Closed;
            self.wake();
        }
        let end = self.look(Journal::end);
        let outcome = self.until_durable(end).await;
        self.database.iter().for_each(Database::close);
        outcome
    }

    async fn until_durable(&self, end: u64) -> Result<(), Refusal> {
        while self.look(Journal::durable) < end {
            if let State::Failed(cause) = &*self.state.borrow() {
                return Err(Refusal::failed(cause));
            }
            self.changed().await;
        }
        Ok(())
    }

    /// Begins to write what is not written, unless somebody is writing; they will go on with it.
    fn write_soon(self: &Rc<Self>) {
        if self.database.is_none() {
            if let Some(Piece { end, position, .. }) = self.next_piece() {
                self.note_durable(end, position);
            }
        } else if !self.is_writing.replace(true) {
            let kept = Rc::clone(self);
            // A task begins when the present one has ended, so its calls are written together.
            spawn_local(async move { kept.write_out().await });
        }
    }

    async fn write_out(&self) {
        let Some(database) = &self.database else { return };
        while let Some(Piece { write, end, position }) = self.next_piece() {
            if let Err(cause) = database.add(&write).await {
                // Nothing is tried again: what came after rests on what was lost.
                *self.state.borrow_mut() = State::Failed(cause);
                break;
            }
            self.note_durable(end, position);
        }
        self.is_writing.set(false);
        self.wake();
    }

    fn next_piece(&self) -> Option<Piece> {
        let mut journal = self.journal.borrow_mut();
        let write = journal.poll_write()?;
        let (end, position) = (journal.end(), journal.store().last_position());
        Some(Piece { write, end, position })
    }

    fn note_durable(&self, end: u64, position: u64) {
        self.journal.borrow_mut().handle_durable(end);
        self.durable_position.set(position);
        self.wake();
    }
}

/// Something to be written, and how far the store is with it.
struct Piece {
    write: Write,
    end: u64,
    position: u64,
}
