//! Rift: distributed systems you can tear apart.
//!
//! A library of real protocols, and a deterministic simulated world to run them in. The page of
//! the same name draws them; this crate without its default feature `web` is everything but the
//! page, and depends on nothing.
//!
//! # How to read it
//!
//! Bottom up:
//!
//! - [`raft`] is a protocol by itself: a state machine that takes inputs and wants outputs.
//! - [`event_store`] is an event store by itself; [`event_file`] keeps one in a file.
//! - [`quorum`] is another: a key-value store without a leader; and [`primary_backup`], for
//!   comparison, one in which a single server decides.
//! - [`circuit_breaker`] is another: who may call a service, and when again; [`resilience`]
//!   is what goes along with it: retries, budgets, timeouts, bulkheads.
//! - [`sim`] is a world for such state machines: time, network, disks, faults, and a history in
//!   which every record names its cause.
//! - [`check`] judges histories: Raft's promises after every event, linearizability, and which
//!   weaker models of consistency clients have seen broken.
//! - [`pbs`] foretells how stale quorums read that need not overlap, by chance.
//! - [`explore`] plays runs by the thousand, each with faults of its own.
//! - [`scene`] is a picture as plain data.
//! - [`labs`] put a protocol into the world and say how it looks, what it says, and what to try.
//! - [`scenario`] is a small language for experiments, and plays them.
//! - [`export`] writes runs and pictures down for other programs, and reads what people paste.
//! - [`session`] plays a run: a lab, its settings, and timed actions.
//! - [`text`] is what the page says to people.
//! - [`lens`] replays a run to answer questions about it and to draw further pictures of it.
//!
//! ```
//! use rift::labs::{LABS, LabSettings};
//! use rift::session::Session;
//!
//! let mut session = Session::start(&LABS[0], LabSettings::new(5, 5));
//! session.advance_to(200_000)?; // microseconds of virtual time
//! let story = session.lab().story(100);
//! assert!(story.iter().any(|line| line.text.contains("it leads term 1")));
//!
//! // The same run again: the same history, bit for bit.
//! let again = Session::replay(&LABS[0], session.run(), 200_000)?;
//! assert_eq!(again.lab().history_hash(), session.lab().history_hash());
//! # Ok::<(), rift::sim::Halted>(())
//! ```

pub mod check;
pub mod circuit_breaker;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "web")]
pub mod embed;
#[cfg(not(target_arch = "wasm32"))]
pub mod event_file;
pub mod event_store;
pub mod explore;
pub mod export;
pub mod labs;
pub mod lens;
pub mod link;
pub mod pbs;
pub mod primary_backup;
pub mod quorum;
pub mod raft;
pub mod random;
pub mod rate;
pub mod resilience;
pub mod scenario;
pub mod scene;
pub mod session;
pub mod shared_list;
pub mod sim;
pub mod small_text;
pub mod sorted;
pub mod stable_hash;
pub mod text;
pub mod timeline;
pub mod tour;
#[cfg(feature = "web")]
pub mod ui;
