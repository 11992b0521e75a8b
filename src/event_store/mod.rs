//! Event sourcing: keep everything that led to the present state instead of the state. Append,
//! replay, and the state is a fold.
//!
//! # How to use it
//!
//! An [`EventStore`] is plain data. It has no clock, no chance and no disk of its own: you say what
//! time it is and which ids events have, and you keep it in a file if you like ([`mod@file`]).
//! Its events carry a payload `P` of your choice.
//!
//! ```
//! use rift::event_store::{AppendError, Event, EventId, EventStore, Evolve, Expected, NewEvent};
//! use rift::event_store::{Read, Replay};
//!
//! let mut store = EventStore::new();
//! let added = |id, item| NewEvent::new(EventId(id), "ItemAdded", item);
//! store.append("cart-7", Expected::NoStream, 100, [added(1, "tea"), added(2, "cup")])?;
//!
//! // Two writers have read version 2. The one who comes second is told.
//! store.append("cart-7", Expected::Exact(2), 101, [added(3, "pot")])?;
//! let late = store.append("cart-7", Expected::Exact(2), 102, [added(4, "jar")]);
//! assert!(matches!(late, Err(AppendError::Conflict { actual, .. }) if actual.version() == 3));
//!
//! // The answer to the first was lost, and it comes again: nothing happens twice.
//! let again = store.append("cart-7", Expected::Exact(2), 103, [added(3, "pot")])?;
//! assert_eq!((again.version, store.last_position()), (3, 3));
//!
//! /// What is in a cart.
//! struct Cart;
//! impl Evolve for Cart {
//!     type Payload = &'static str;
//!     type State = Vec<&'static str>;
//!     fn initial(&self) -> Self::State {
//!         Vec::new()
//!     }
//!     fn evolve(&self, items: &mut Self::State, event: &Event<'_, &'static str>) {
//!         items.push(*event.payload());
//!     }
//!     fn schema(&self) -> u64 {
//!         1
//!     }
//! }
//! let then = Replay::new(&Cart).stream_to(&store, "cart-7", 1).expect("version 1 is there");
//! assert_eq!(then.state, ["tea"]);
//! let last = store.read_stream("cart-7", Read::backwards().limit(1)).expect("it is there");
//! assert_eq!(last.iter().map(|event| event.version()).collect::<Vec<_>>(), [3]);
//! # Ok::<(), AppendError>(())
//! ```
//!
//! # What there is
//!
//! | part | what for |
//! |---|---|
//! | [`EventStore`] | append, read, remove, fork |
//! | [`Evolve`], [`Replay`] | states as of any version or time, their hashes |
//! | [`Upcasters`], [`UnknownTypes`] | events of old types under new code |
//! | [`Snapshot`] | shorter replays |
//! | [`Subscription`] | events one by one to a handler |
//! | [`Projection`], [`Checkpoint`] | a state from many streams, with its position |
//! | [`Decider`], [`Command`] | from commands to events |
//! | [`testing`] | given, when, then |
//! | [`mod@file`], [`Journal`](file::Journal) | as bytes that survive a crash |
//!
//! # The rules
//!
//! Stores in the field differ in these, and most of the differences have cost somebody data. Where
//! a rule says whose it is, it was learnt from that store's tests, source or issues.
//!
//! | rule | here |
//! |---|---|
//! | **ES-1** a version is the number of events; `Exact(0)` is `NoStream` | [`Expected`], `meets` |
//! | **ES-2** a batch is all or nothing; a refused one changes nothing | `admit` goes first |
//! | **ES-3** a conflict says stream, expected and actual | [`AppendError::Conflict`] |
//! | **ES-4** repeats: by the position asked for, or by id | `admit_repeat`, `admit_by_id` |
//! | (KurrentDB's rule; but it keeps recent ids only, and here all are kept) | |
//! | **ES-5** an id twice in a batch is refused (KurrentDB writes both) | `check_ids_differ` |
//! | **ES-6** an empty batch checks, and writes and creates nothing | `check_only` |
//! | **ES-7** no existence before the first event or after deletion | [`StreamState`] |
//! | **ES-8** past the end is empty, a missing stream is an error | [`EventStore::read_stream`] |
//! | **ES-9** positions are in the order of appends, without gaps | `push` |
//! | **ES-10** check and append are one step | [`EventStore::append`] has the store to itself |
//! | **ES-11** evolving is pure; hashes tell | [`Evolve`], [`Replay::hashes`], [`testing`] |
//! | **ES-12** a failed replay leaves nothing behind (a mode, in sourced) | [`Replay`] |
//! | **ES-13** unknown types fail, or are skipped or kept opaque | [`UnknownTypes`], `leave_out` |
//! | **ES-14** fold(all) = fold(tail, snapshot) for every cut | [`Replay::stream_from`] |
//! | **ES-15** a snapshot newer than the log is refused | [`Replay::check`] |
//! | (and one of a forked log, by the id of its last event) | |
//! | **ES-16** a snapshot of another schema is refused | [`Replay::schema`] |
//! | **ES-17** upcasters chain; position and id stay; then evolve | [`Upcasters`], `step` |
//! | **ES-18** time never runs back; beyond the end: times clamp, versions are errors | `append`, |
//! | | [`EventStore::version_at`], [`Replay::stream_to`] |
//! | **ES-19** a part that was read tells the whole stream's version | [`Slice::stream_version`] |
//! | **ES-20** catching up turns into live without gap or duplicate | [`Subscription::poll`] |
//! | **ES-21** a checkpoint moves with its state, and only forward | [`Projection::catch_up`] |
//! | **ES-22** numbering goes on after a deletion | [`EventStore::delete`], `Stream` |
//! | **ES-23** no number of 64 bits becomes one of JavaScript's | `bin/rift-event-store`: BigInts |
//!
//! # What it costs
//!
//! An append costs the same however long the stream is, apart from memory that now and then doubles
//! and is moved. Finding an id takes one probe of a hash index, a stream is a list of ranges in the
//! log, and a replay of a stream that was written alone is one sweep through memory.
//! `benches/event_store.rs` measures all of that.
//!
//! # Limits
//!
//! | what | at most | beyond it |
//! |---|---|---|
//! | events of a store, removed ones included | [`MOST_EVENTS`] | [`AppendError::Full`] |
//! | bytes of a name | [`LONGEST_NAME`] | [`AppendError::BadName`] |
//! | bytes of a batch in a file | [`LONGEST_BODY_BYTES`](file::LONGEST_BODY_BYTES) | refused |
//!
//! Nothing else is bounded: what is kept is kept until you remove it, and ids are kept for ever.
//! Whoever chooses ids on purpose so that they collide can make appending slow.
//!
//! # What is left out
//!
//! Metadata of streams, links between streams, and upcasters that make several events of one.
//! Several processes share a store by way of the one that holds it.

mod append;
mod command;
mod error;
mod event;
mod evolve;
pub mod file;
mod fork;
mod names;
mod projection;
mod read;
mod replay;
mod retention;
mod snapshot;
mod store;
mod stream;
mod subscription;
mod table;
pub mod testing;
mod types;
mod upcast;

pub use append::{LONGEST_NAME, MOST_EVENTS};
pub use command::{Command, CommandError, Decision};
pub use error::{AppendError, BadName, ReadError, RemoveError};
pub use event::Event;
pub use evolve::{Decider, Evolve, state_hash};
pub use projection::{Checkpoint, Projection};
pub use read::{Direction, Read, Slice};
pub use replay::{Folded, LeftOut, Replay, ReplayError, UnknownTypes};
pub use snapshot::{Loaded, Snapshot, SnapshotRefusal};
pub use store::EventStore;
pub use subscription::{PollError, Source, Status, Subscription};
pub use types::{Appended, Effect, EventId, Expected, Metadata, NewEvent, Place, StreamState};
pub use upcast::{Upcaster, UpcasterError, Upcasters};
