//! The circuit breaker lab: callers behind breakers, a service that can be made ill, and the storm
//! that retries make of it.

mod caller;
mod cluster_server;
mod door;
mod outbox;
mod policy;
mod service;
mod system;

pub use caller::Caller;
pub use cluster_server::Replica;
pub use door::Door;
pub use policy::{BreakerPolicy, Policy};
pub use service::{HANGS_FOR_US, Health, Service};
pub use system::{
    Answer, BreakerEvent, BreakerImage, BreakerMessage, BreakerProcess, BreakerRequest,
    BreakerSetup, BreakerWrite, ByHand, CallId, Cast, DATABASE, End, RequestId, Role,
};
