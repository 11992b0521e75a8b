//! A key-value store without a leader: every write goes to all replicas, and some of them decide.
//!
//! After DeCandia et al., "Dynamo: Amazon's Highly Available Key-value Store", SOSP 2007, whose
//! names are kept: N, R, W, preference list, sloppy quorum, hinted handoff, read repair, version
//! vector. What Dynamo gives up, other settings keep: with majorities, write-back and stamps above
//! what was written before, the same servers are the linearizable register of Attiya, Bar-Noy and
//! Dolev. [`Config::promise`] says what settings promise and why not more.
//!
//! # How to drive a server
//!
//! A [`Server`] is plain data. It has no clock, no network, no disk and no threads: you own those,
//! and you tell it what they did. The contract is a loop:
//!
//! 1. hand over **one** [`Input`] with the present [`Time`]: [`Server::handle`];
//! 2. take outputs until there are none: [`Server::poll_output`]; carry them out in that order;
//! 3. read [`Server::deadline_us`]; if nothing else happens before, [`Input::Deadline`] is next.
//!
//! Any server coordinates whatever clients ask of it. Time is in microseconds, and has two
//! readings: one for timeouts that never goes back, and the clock that stamps go by, which may be
//! wrong.
//!
//! | group | methods |
//! |---|---|
//! | getters | [`cell`](Server::cell), [`hints`](Server::hints), and so on: they change nothing |
//! | what the world did | `handle` with `Message`, `Deadline`, `Synced` |
//! | what somebody wants | `handle` with the other inputs; [`configure`](Server::configure) |
//! | outputs | [`poll_output`](Server::poll_output), [`deadline_us`](Server::deadline_us) |
//!
//! Messages may be lost, late, repeated or out of order. Writes must become durable in the order in
//! which they were put out; you may sync at leisure, and the server itself holds back what depends
//! on a write.
//!
//! A store of one server needs no messages:
//!
//! ```
//! use rift::quorum::*;
//!
//! let config = Settings::cp(1).check()?;
//! let mut disk = Durable::default();
//! let mut server = Server::boot(ServerId(0), config, disk.clone(), Time::of(0));
//! let (client, guarantees) = (ClientId(1), Guarantees::ALL);
//! let resolution = Resolution::LastWriteWins;
//! let mut session = Session::new(client, Access::Roaming, guarantees, resolution);
//!
//! let (request, call) = session.write("x", Some(7), None);
//! server.handle(Time::of(10), Input::Write { request, call });
//! let mut outcomes = Vec::new();
//! while let Some(output) = server.poll_output() {
//!     match output {
//!         Output::Write { id, write } => {
//!             disk.apply(&write);
//!             server.handle(Time::of(20), Input::Synced { write: id });
//!         }
//!         Output::Answer { request, outcome } => outcomes.push((request, outcome)),
//!         _ => {}
//!     }
//! }
//! let [(answered, outcome)] = &outcomes[..] else { panic!("one answer") };
//! assert_eq!(*answered, request);
//! assert!(matches!(outcome, Outcome::Ok { acked_by, .. } if acked_by.len() == 1));
//! assert!(session.note(request, &"x", outcome).is_empty());
//! assert_eq!(disk.cells.get(&"x").map(|cell| cell.values().collect()), Some(vec![&7]));
//! # Ok::<(), ConfigError>(())
//! ```
//!
//! # The sources, rule by rule
//!
//! | rule | source | here |
//! |---|---|---|
//! | more than half is ⌊N/2⌋ + 1 | Gifford 1979 | [`majority`] |
//! | replicas are the first N of a preference list | Dynamo §4.3 | [`Config::preference`] |
//! | anybody may coordinate; all N are asked | Dynamo §4.5 | `admit`, `send_writes` |
//! | a write succeeds by the W-th acknowledgement | §4.5 | `count_ack`, `weigh_acks` |
//! | a read is answered by the R-th answer | §4.5 | `count_reply`, `weigh` |
//! | known to be in vain: nothing is sent | | [`Outcome::Unavailable`], `admit` |
//! | sent, and too few answered: nobody knows | | [`Outcome::Indeterminate`], `give_up` |
//! | the last write wins | §6 | [`Cell::merge`], [`Stamp`] |
//! | concurrent versions are kept, and reads return them all | §4.4 | [`Resolution::Siblings`] |
//! | a write brings the context of what it replaces | §4.4, §5 | [`Context`] |
//! | stamps above those of a quorum | Lynch and Shvartsman 1997 | [`Stamping::AskFirst`] |
//! | a read writes back what it returns | Attiya et al. 1995 | `write_back` |
//! | a read repairs replicas that are behind | Dynamo §5 | `repair` |
//! | stand-ins keep what is meant for those who are down | §4.6 | `places`, `keep_hint` |
//! | and deliver it when they are heard again | §4.6 | `hand_off`, `drop_hint` |
//! | everybody has an opinion on who is up | §4.8.3 | [`Detector`], `watch_peers` |
//! | replicas compare hash trees | §4.7 | [`MerkleTree`], `take_tree`, `take_leaves` |
//! | session guarantees | Terry et al. 1994 | [`Session`] |
//! | a delete is a write | | [`Sibling::value`], `collect_tombstones` |
//!
//! # Decisions
//!
//! - **One identity a write.** A client numbers what it asks; [`RequestId`] names a write in
//!   version vectors, in stamps, and where duplicates are recognised. An attempt at the same
//!   coordinator keeps its stamp; a client that turns to another passes the stamp on
//!   ([`WriteCall::retry_of`]). A replica applies a request once, and does not acknowledge it
//!   under a second stamp.
//! - **Vectors have an entry a client**, see [`VersionVector`]. They are kept under last write
//!   wins, too: there they tell which write was lost to which, and whether by a wrong clock
//!   ([`WhyReplaced`]).
//! - **A read waits for the disk.** What is not durable may be gone after a crash, so answers to
//!   reads wait like acknowledgements of writes do.
//! - **The write-back reaches W**, not only those that answered: later reads ask any R.
//! - **In CP mode R and W are majorities**, or the settings are refused. A minority that serves
//!   even stale reads is not CP. Before the detector has noticed a tear, a minority's operations
//!   end [`Outcome::Indeterminate`]; after that, [`Outcome::Unavailable`].
//! - **The grace of tombstones is the reader's to choose.** Too short a grace resurrects.
//!
//! # Limits
//!
//! | what | at most | beyond it |
//! |---|---|---|
//! | operations that a server coordinates | `max_operations` | [`Refusal::Busy`] |
//! | keys that a replica holds | `max_keys` | not acknowledged, [`Event::Full`] |
//! | hints that a stand-in keeps | `max_hints` | likewise |
//! | requests that are known again | `remembered_requests` | the oldest are forgotten |
//! | siblings of a key | the number of its clients | each client's writes replace its own |
//! | messages that wait for the disk | 1,024 | [`Event::HeldMessageDropped`] |
//!
//! # What is left out
//!
//! Membership that changes (Dynamo §4.8), virtual nodes (§4.2), transactions over keys. Servers are
//! trusted: a lie never makes one panic, but it can break the promises.

mod anti_entropy;
mod cell;
mod config;
mod detector;
mod durable;
mod event;
mod io;
mod merkle;
mod message;
mod operation;
mod outbox;
mod promise;
mod reads;
mod replica;
mod server;
mod session;
mod types;
mod vector;
mod writes;

pub use anti_entropy::ComparisonCost;
pub use cell::{Cell, Context, Replaced, Sibling, WhyReplaced};
pub use config::{
    Config, ConfigError, Detector, Mode, NotFound, Placement, Positive, Quorum, ReadRepair,
    Resolution, Settings, Stamping, Which, majority,
};
pub use durable::{Change, Durable, Write};
pub use event::{Event, Full, IgnoreReason, NotCounted};
pub use io::{Input, Outcome, Output, ReadCall, Refusal, Success, WriteCall};
pub use merkle::{MerkleTree, leaf_of};
pub use message::{Message, MessageKind, Purpose};
pub use operation::{Operation, Place, Reply, Task};
pub use promise::{Because, Consistency, Promise};
pub use server::Server;
pub use session::{Access, Broken, Guarantee, Guarantees, Session};
pub use types::{Ack, ClientId, Data, OperationId, RequestId, ServerId, Stamp, Time, WriteId};
pub use vector::VersionVector;
