//! A desk: it reads the streams that a decision rests on, decides, and appends on the version that
//! it has read. It keeps nothing on a disk.
//!
//! An answer that does not come leaves it, and its customer, without knowing what has happened. So
//! it remembers what it had decided: a retry appends the same once more, and the
//! [rule for repeats](crate::event_store::EventStore::append) of the log decides what comes of it.

use std::sync::Arc;

use super::outbox::Outbox;
use super::shop::{Shop, ShopCommand, ShopEvent};
use super::system::{
    CallId, EventsEvent, EventsMessage, EventsProcess, EventsRequest, KEEPER, Outcome, Recorded,
    RequestId, Rules, StreamRead,
};
use crate::event_store::{AppendError, Appended, Effect, EventId, Expected};
use crate::sim::{Input, Output};

/// After so long without an answer a desk tells its customer that it does not know.
pub const PATIENCE_US: u64 = 200_000;

/// So often a desk decides by itself before it gives up.
const MOST_TRIES: u8 = 5;

/// So many decisions a desk remembers.
const MOST_REMEMBERED: usize = 32;

/// A desk.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Desk {
    rules: Rules,
    boot: u64,
    calls: u64,
    works: Vec<Work>,
    remembered: Vec<(RequestId, Decided)>,
    outbox: Outbox,
}

/// A request under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Work {
    /// Which.
    pub request: RequestId,
    /// The command's id.
    pub id: EventId,
    /// What is wanted.
    pub command: ShopCommand,
    /// What the desk waits for.
    pub step: Step,
    /// The question to the keeper that has no answer yet.
    pub call: CallId,
    /// When the desk gives up, by its clock, in microseconds.
    pub due_us: u64,
    tries: u8,
}

/// What a desk waits for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// The streams that the decision rests on.
    Reading,
    /// Word that what it has decided was appended.
    Appending(Decided),
}

/// What a desk has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decided {
    /// The stream to which it goes.
    pub stream: &'static str,
    /// The version that the decision rests on.
    pub version: u64,
    /// What the append expects.
    pub expected: Expected,
    /// What is to happen.
    pub event: ShopEvent,
}

impl Desk {
    pub(super) fn boot(rules: Rules, seed: u64) -> Desk {
        Desk {
            rules,
            boot: seed,
            calls: 0,
            works: Vec::new(),
            remembered: Vec::new(),
            outbox: Outbox::default(),
        }
    }

    /// What it goes by.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// What it is at, oldest first.
    pub fn works(&self) -> &[Work] {
        &self.works
    }

    pub(super) fn handle(&mut self, now_us: u64, input: Input<EventsProcess>) {
        match input {
            Input::Request(EventsRequest::Do { request, id, command }) => {
                self.begin(now_us, request, id, command);
            }
            Input::Request(EventsRequest::Resend { request, of, id, command }) => {
                let known = self.remembered.iter().find(|(other, _)| *other == of);
                match known.map(|(_, decided)| *decided) {
                    Some(decided) => {
                        let work = self.work(now_us, request, id, command);
                        self.append(work, decided);
                    }
                    None => self.begin(now_us, request, id, command),
                }
            }
            Input::Request(EventsRequest::GoBy(rules)) => self.rules = rules,
            Input::Message { message: EventsMessage::Streams { call, found }, .. } => {
                if let Some(work) = self.take(call) {
                    self.decide(work, &found);
                }
            }
            Input::Message { message: EventsMessage::Appended { call, appended }, .. } => {
                if let Some(work) = self.take(call) {
                    self.answer(work.request, done(&appended));
                }
            }
            Input::Message { message: EventsMessage::NotAppended { call, error }, .. } => {
                if let Some(work) = self.take(call) {
                    self.refused(now_us, work, &error);
                }
            }
            Input::Deadline => self.give_up(now_us),
            Input::Message { .. } | Input::Request(_) | Input::Synced { .. } => {}
        }
    }

    pub(super) fn poll(&mut self) -> Option<Output<EventsProcess>> {
        self.outbox.poll()
    }

    pub(super) fn deadline_us(&self) -> Option<u64> {
        self.works.iter().map(|work| work.due_us).min()
    }

    fn begin(&mut self, now_us: u64, request: RequestId, id: EventId, command: ShopCommand) {
        let work = self.work(now_us, request, id, command);
        self.read(work);
    }

    fn work(&self, now_us: u64, request: RequestId, id: EventId, command: ShopCommand) -> Work {
        let (step, call) = (Step::Reading, self.call());
        let due_us = now_us.saturating_add(PATIENCE_US);
        Work { request, id, command, step, call, due_us, tries: 0 }
    }

    /// The latest question.
    fn call(&self) -> CallId {
        CallId { boot: self.boot, number: self.calls }
    }

    fn ask(&mut self, mut work: Work, step: Step, message: impl FnOnce(CallId) -> EventsMessage) {
        self.calls += 1;
        (work.step, work.call) = (step, self.call());
        self.outbox.send(KEEPER, message(work.call));
        self.works.push(work);
    }

    fn read(&mut self, mut work: Work) {
        work.tries += 1;
        let streams = work.command.streams();
        self.ask(work, Step::Reading, |call| EventsMessage::Read { call, streams });
    }

    /// What the question was for, unless the answer comes too late.
    fn take(&mut self, call: CallId) -> Option<Work> {
        let place = self.works.iter().position(|work| work.call == call)?;
        Some(self.works.remove(place))
    }

    fn decide(&mut self, work: Work, found: &[StreamRead]) {
        let Some(first) = found.first() else { return };
        let id = EventId::of_command(work.id, 0);
        // What was carried out before is not decided again, however much happened since.
        if let Some(Recorded { position, .. }) = first.events.iter().find(|event| event.id == id) {
            let position = *position;
            self.outbox.tell(EventsEvent::Recognised { position, id });
            return self.answer(work.request, Outcome::Done { position, repeated: true });
        }
        let mut shop = Shop::default();
        let events = found.iter().flat_map(|stream| &stream.events);
        events.for_each(|recorded| shop.apply(recorded.event));
        match shop.decide(work.command) {
            Err(refusal) => self.answer(work.request, Outcome::Refused(refusal)),
            Ok(event) => {
                let (stream, version) = (first.stream, first.version);
                let expected = self.expected(work.command, version);
                self.outbox.tell(EventsEvent::Decided {
                    request: work.request,
                    again: work.tries > 1,
                    rests_on: (stream, version),
                    event,
                    id,
                });
                self.append(work, Decided { stream, version, expected, event });
            }
        }
    }

    /// A payment is a fact, whatever else was paid: only its id says that it is the same one.
    fn expected(&self, command: ShopCommand, version: u64) -> Expected {
        match (command, version) {
            (ShopCommand::Pay(_), _) => Expected::Any,
            _ if !self.rules.check => Expected::Any,
            (_, 0) => Expected::NoStream,
            (_, version) => Expected::Exact(version),
        }
    }

    fn append(&mut self, work: Work, decided: Decided) {
        self.remembered.retain(|(request, _)| *request != work.request);
        self.remembered.push((work.request, decided));
        if self.remembered.len() > MOST_REMEMBERED {
            self.remembered.remove(0);
        }
        let Decided { stream, expected, event, .. } = decided;
        let (command, id) = (work.id, EventId::of_command(work.id, 0));
        self.ask(work, Step::Appending(decided), |call| EventsMessage::Append {
            call,
            stream,
            expected,
            event: (id, event),
            command,
        });
    }

    fn refused(&mut self, now_us: u64, work: Work, error: &Arc<AppendError>) {
        let (Step::Appending(decided), AppendError::Conflict { actual, .. }) =
            (&work.step, error.as_ref())
        else {
            return self.answer(work.request, Outcome::Impossible);
        };
        let (request, expected, actual) = (work.request, decided.version, actual.version());
        let stream = decided.stream;
        self.outbox.tell(EventsEvent::Conflicted { request, stream, expected, actual });
        if self.rules.decides_again && work.tries < MOST_TRIES {
            let due_us = now_us.saturating_add(PATIENCE_US);
            return self.read(Work { due_us, tries: work.tries.max(1), ..work });
        }
        self.answer(request, Outcome::Conflict { expected, actual });
    }

    fn give_up(&mut self, now_us: u64) {
        let (late, works) = self.works.drain(..).partition(|work| work.due_us <= now_us);
        self.works = works;
        let late: Vec<Work> = late;
        for work in late {
            self.answer(
                work.request,
                match work.step {
                    Step::Reading => Outcome::Unreachable,
                    Step::Appending(_) => Outcome::Unknown,
                },
            );
        }
    }

    fn answer(&mut self, request: RequestId, outcome: Outcome) {
        self.outbox.tell(EventsEvent::Answered { request, outcome });
    }
}

fn done(appended: &Appended) -> Outcome {
    let position = appended.last.map_or(0, |last| last.position);
    Outcome::Done { position, repeated: appended.effect == Effect::Repeated }
}
