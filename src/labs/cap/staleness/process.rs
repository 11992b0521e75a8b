//! A server of the store as a process of the world.

use crate::quorum::{
    self, Config, Durable, Message, Outcome, ReadCall, RequestId, Server, ServerId, Time, Write,
    WriteCall,
};
use crate::sim::{Input, NodeId, Output, Process, WriteId};

pub(super) type Key = u8;
pub(super) type Value = u32;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct StoreProcess {
    server: Server<Key, Value>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum StoreRequest {
    Write(RequestId, WriteCall<Key, Value>),
    Read(RequestId, ReadCall<Key>),
}

/// A client is answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Answered {
    pub(super) request: RequestId,
    pub(super) outcome: Outcome<Value>,
}

/// One clock for everything: it is always right here.
fn time(now_us: u64) -> Time {
    Time::of(now_us)
}

impl Process for StoreProcess {
    type Setup = Config;
    type Message = Message<Key, Value>;
    type Request = StoreRequest;
    type Event = Answered;
    type Write = Write<Key, Value>;
    type Image = Durable<Key, Value>;

    fn boot(
        config: &Config,
        node: NodeId,
        image: &Durable<Key, Value>,
        now_us: u64,
        _: u64,
    ) -> StoreProcess {
        let (id, config) = (ServerId(node.0), config.clone());
        StoreProcess { server: Server::boot(id, config, image.clone(), time(now_us)) }
    }

    fn handle(&mut self, now_us: u64, input: Input<StoreProcess>) {
        let input = match input {
            Input::Message { from, message } => {
                quorum::Input::Message { from: ServerId(from.0), message }
            }
            Input::Deadline => quorum::Input::Deadline,
            Input::Synced { write } => quorum::Input::Synced { write: quorum::WriteId(write.0) },
            Input::Request(StoreRequest::Write(request, call)) => {
                quorum::Input::Write { request, call }
            }
            Input::Request(StoreRequest::Read(request, call)) => {
                quorum::Input::Read { request, call }
            }
        };
        self.server.handle(time(now_us), input);
    }

    fn poll(&mut self) -> Option<Output<StoreProcess>> {
        loop {
            return Some(match self.server.poll_output()? {
                quorum::Output::Send { to, message } => Output::Send { to: NodeId(to.0), message },
                quorum::Output::Write { id, write } => Output::Write { id: WriteId(id.0), write },
                quorum::Output::Answer { request, outcome } => {
                    Output::Event(Answered { request, outcome })
                }
                quorum::Output::Event(_) => continue,
            });
        }
    }

    fn deadline_us(&self) -> Option<u64> {
        self.server.deadline_us()
    }

    fn apply_write(image: &mut Durable<Key, Value>, write: &Write<Key, Value>) {
        image.apply(write);
    }
}
