//! Reading a file after whatever happened to it.

use std::fmt;

use super::body::{Nonsense, carry_out};
use super::frame::{
    FILE_HEADER_BYTES, FORMAT, MAGIC, RecordFault, file_header, later_witness, record_at,
};
use super::{Journal, PayloadBytes};

/// A journal read from a file, and what was left of its end. It counts as durable, so before any
/// of it is shown to anybody the file must be synced.
#[derive(Debug)]
pub struct Recovered<P> {
    /// What the file says, up to its last whole record.
    pub journal: Journal<P>,
    /// The rest, if there is any: the file must be cut off there before it is written again.
    pub torn: Option<Torn>,
}

/// The end of a file that a crash left torn. None of it was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Torn {
    /// Where it begins, in bytes.
    pub at: u64,
    /// How long it is.
    pub bytes: u64,
    /// What is wrong with its first record.
    pub fault: RecordFault,
}

/// Why a file cannot be read. None of it should be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Damage {
    /// It does not begin as one of ours does.
    NotOurs,
    /// It is of a format that this code does not know.
    UnknownFormat(u32),
    /// A record was whole once, for a later one says so, and is not any more.
    Acknowledged {
        /// Where it begins, in bytes.
        at: u64,
        /// What is wrong with it.
        fault: RecordFault,
        /// Where the later record begins.
        witness: u64,
    },
    /// A record is whole, but makes no sense.
    Nonsense {
        /// Where it begins, in bytes.
        at: u64,
        /// What is wrong with it.
        what: Nonsense,
    },
}

impl<P: PayloadBytes> Journal<P> {
    /// Reads a file. `bytes` is all of it; an empty one is a journal of nothing.
    ///
    /// A record is whole or it is not there. The first that is not ends the log. Everything after
    /// it is torn, and was never acknowledged, unless a later record bears witness that it was:
    /// then the file is damaged.
    ///
    /// # Errors
    ///
    /// [`Damage`]: something is wrong that no crash can explain.
    pub fn recover(bytes: &[u8]) -> Result<Recovered<P>, Damage> {
        let mut journal = Journal::new();
        let torn = journal.follow(bytes)?;
        Ok(Recovered { journal, torn })
    }

    /// Reads on in a file that may have grown since: for a journal that was read from it and not
    /// changed. Gives what is not whole at its end, which while somebody writes the file only means
    /// that there is more to come.
    ///
    /// # Errors
    ///
    /// [`Damage`]; then the journal is of no use any more.
    pub fn follow(&mut self, bytes: &[u8]) -> Result<Option<Torn>, Damage> {
        let header = file_header();
        if bytes.len() < FILE_HEADER_BYTES && header.starts_with(bytes) {
            let (bytes, fault) = (bytes.len() as u64, RecordFault::Short);
            return Ok((bytes > 0).then_some(Torn { at: 0, bytes, fault }));
        }
        check_header(bytes, &header)?;
        let mut at = self.start_reading();
        while at < bytes.len() {
            let frame = match record_at(bytes, at, self.last_checksum()) {
                Ok(frame) => frame,
                Err(fault) => {
                    let (start, bytes_left) = (at as u64, (bytes.len() - at) as u64);
                    if let Some(witness) = later_witness(bytes, at) {
                        return Err(Damage::Acknowledged { at: start, fault, witness });
                    }
                    return Ok(Some(Torn { at: start, bytes: bytes_left, fault }));
                }
            };
            carry_out(self.store_mut(), frame.body)
                .map_err(|what| Damage::Nonsense { at: at as u64, what })?;
            at += frame.bytes;
            self.note_read(at as u64, frame.checksum);
        }
        Ok(None)
    }
}

fn check_header(bytes: &[u8], header: &[u8; FILE_HEADER_BYTES]) -> Result<(), Damage> {
    let format = bytes.get(8..).and_then(|rest| rest.first_chunk()).copied();
    match format.map(u32::from_le_bytes) {
        _ if bytes.starts_with(header) => Ok(()),
        Some(format) if bytes.starts_with(MAGIC) && format != FORMAT => {
            Err(Damage::UnknownFormat(format))
        }
        _ => Err(Damage::NotOurs),
    }
}

impl fmt::Display for Torn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Torn { at, bytes, fault } = self;
        write!(f, "torn at byte {at}, {bytes} bytes to the end: {fault}")
    }
}

impl fmt::Display for RecordFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RecordFault::Short => "the file ends within a record",
            RecordFault::NoRecord => "no record begins there",
            RecordFault::Header => "the checksum of the record's header is wrong",
            RecordFault::Misplaced => "the record belongs somewhere else",
            RecordFault::Body => "the checksum of the record is wrong",
        })
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Damage::NotOurs => f.write_str("it is no file of events"),
            Damage::UnknownFormat(format) => write!(f, "its format, {format}, is not known"),
            Damage::Acknowledged { at, fault, witness } => {
                write!(f, "damaged at byte {at}: {fault}; ")?;
                write!(f, "the record at byte {witness} says that it was whole")
            }
            Damage::Nonsense { at, what } => {
                write!(f, "the record at byte {at} makes no sense: {what:?}")
            }
        }
    }
}

impl std::error::Error for Damage {}
