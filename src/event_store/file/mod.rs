//! The file: a log of records that only ever grows.
//!
//! Nothing here reads or writes a file. A [`Journal`] gives out bytes and is told when they are
//! durable; [`Journal::recover`] takes bytes. `rift::event_file` does so with a file; in a browser
//! the same bytes can be kept in any store that keeps them in order.
//!
//! # Layout
//!
//! All numbers are little-endian. Checksums are CRC-32C. Names are a `u16` of bytes and so many
//! bytes of UTF-8.
//!
//! The file begins with 16 bytes:
//!
//! | at | bytes | what |
//! |---|---|---|
//! | 0 | 8 | `rift-evt` |
//! | 8 | 4 | the format, 1 |
//! | 12 | 4 | checksum of what is before it |
//!
//! Then records follow each other without a gap. Each is one change, and whole or not there at all:
//!
//! | at | bytes | what |
//! |---|---|---|
//! | 0 | 4 | `EVNT` |
//! | 4 | 4 | the length of the body, at most [`LONGEST_BODY_BYTES`] |
//! | 8 | 8 | where in the file this record begins |
//! | 16 | 8 | up to where the file was known to be durable when this was written |
//! | 24 | 4 | the last checksum of the record before; of the first record, 0 |
//! | 28 | 4 | checksum of what is before it in the record |
//! | 32 | n | the body |
//! | 32 + n | 4 | checksum of what is before it in the record |
//!
//! A body begins with a byte that says what it is.
//!
//! | kind | what follows |
//! |---|---|
//! | 1: events | stream (name), time (8), position of the first (8), how many (4), the events |
//! | 2: truncate | stream (name), number of the first event that is kept (8) |
//! | 3: delete | stream (name), its version (8) |
//! | 4: mark | nothing |
//!
//! An event is a byte of flags, its id (16), its type (name), with flag 1 a correlation (16), with
//! flag 2 a causation (16), and, unless flag 4 says that it was removed, its payload: a length (4)
//! and so many bytes.
//!
//! # After a crash
//!
//! Bytes reach a disk in any order, and a crash may leave any part of what was not synced: a piece
//! of a record, zeros, or a later record without an earlier one. [`Journal::recover`] reads from
//! the front and stops at the first record that is not whole. What was acknowledged was synced, so
//! it stands before that. The rest is cut off and reported as [`Torn`].
//!
//! A record that was whole once and rotted since looks the same, but it must not be cut off. That
//! is what the field at 16 is for: a later record that was written when this one was durable bears
//! witness, and the file counts as [damaged](Damage::Acknowledged) and is left alone. Only for the
//! last records that were synced together there is no witness; [`Journal::mark`] adds one.
//!
//! | what happened | what recovery says |
//! |---|---|
//! | killed at any byte of a write | everything acknowledged, and what is torn |
//! | a bit flipped in what has a witness | damaged: where, why, and which record says so |
//! | a bit flipped after the last witness | torn, never other events than were written |
//! | whole, but written by something else | [`Damage::Nonsense`], and where |

mod body;
mod checksum;
mod frame;
mod journal;
mod payload;
mod recovery;

pub use body::Nonsense;
pub use frame::{LONGEST_BODY_BYTES, RecordFault};
pub use journal::{Journal, JournalError, Write};
pub use payload::PayloadBytes;
pub use recovery::{Damage, Recovered, Torn};
