//! Records in their frames: where one begins and ends, and whether it is whole.

use super::checksum::crc32c;

/// The beginning of the file's header.
pub(super) const MAGIC: &[u8; 8] = b"rift-evt";
/// The format that this code writes, and the only one it reads.
pub(super) const FORMAT: u32 = 1;
/// The length of the file's header.
pub(super) const FILE_HEADER_BYTES: usize = 16;
/// The longest body of a record.
pub const LONGEST_BODY_BYTES: usize = 1 << 28;

const RECORD_MAGIC: &[u8; 4] = b"EVNT";
const HEADER_BYTES: usize = 32;
const TRAILER_BYTES: usize = 4;

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecordFault {
    /// The file ends within it.
    Short,
    /// It does not begin as a record does.
    NoRecord,
    /// The checksum of its header is wrong.
    Header,
    /// It belongs somewhere else.
    Misplaced,
    /// The checksum of its body is wrong.
    Body,
}

/// A whole record.
pub(super) struct Frame<'a> {
    pub(super) body: &'a [u8],
    /// The length of all of it.
    pub(super) bytes: usize,
    pub(super) checksum: u32,
}

/// What the header of a record says.
struct Header {
    body_bytes: usize,
    at: u64,
    durable: u64,
    previous: u32,
}

pub(super) fn file_header() -> [u8; FILE_HEADER_BYTES] {
    let mut header = [0; FILE_HEADER_BYTES];
    header[..8].copy_from_slice(MAGIC);
    header[8..12].copy_from_slice(&FORMAT.to_le_bytes());
    let checksum = crc32c(0, &header[..12]);
    header[12..].copy_from_slice(&checksum.to_le_bytes());
    header
}

/// Begins a record: what [`finish_record`] makes whole once the body has been added.
pub(super) fn begin_record(into: &mut Vec<u8>) {
    into.resize(into.len() + HEADER_BYTES, 0);
}

/// Makes the record whole that begins at `start` and belongs at `at` in the file. Gives its
/// checksum.
pub(super) fn finish_record(
    into: &mut Vec<u8>,
    start: usize,
    at: u64,
    durable: u64,
    previous: u32,
) -> u32 {
    let body_bytes = into.len() - start - HEADER_BYTES;
    let header = &mut into[start..start + HEADER_BYTES];
    header[..4].copy_from_slice(RECORD_MAGIC);
    header[4..8].copy_from_slice(&(body_bytes as u32).to_le_bytes());
    header[8..16].copy_from_slice(&at.to_le_bytes());
    header[16..24].copy_from_slice(&durable.to_le_bytes());
    header[24..28].copy_from_slice(&previous.to_le_bytes());
    let checksum = crc32c(0, &header[..28]);
    header[28..].copy_from_slice(&checksum.to_le_bytes());
    let checksum = crc32c(0, &into[start..]);
    into.extend_from_slice(&checksum.to_le_bytes());
    checksum
}

/// The record that begins at `at`.
pub(super) fn record_at(bytes: &[u8], at: usize, previous: u32) -> Result<Frame<'_>, RecordFault> {
    let rest = bytes.get(at..).unwrap_or_default();
    let header = header_at(rest, at)?;
    if header.previous != previous {
        return Err(RecordFault::Misplaced);
    }
    let body_end = HEADER_BYTES + header.body_bytes;
    let trailer = rest.get(body_end..).and_then(|trailer| trailer.first_chunk());
    let checksum = u32::from_le_bytes(*trailer.ok_or(RecordFault::Short)?);
    if crc32c(0, &rest[..body_end]) != checksum {
        return Err(RecordFault::Body);
    }
    let body = &rest[HEADER_BYTES..body_end];
    Ok(Frame { body, bytes: body_end + TRAILER_BYTES, checksum })
}

/// The first place after `at` where a record begins that was written when the byte at `at` was
/// durable.
pub(super) fn later_witness(bytes: &[u8], at: usize) -> Option<u64> {
    let places = at + 1..bytes.len().saturating_sub(HEADER_BYTES - 1);
    let witness = |place: &usize| {
        let header = header_at(&bytes[*place..], *place);
        header.is_ok_and(|header| header.durable > at as u64)
    };
    places.into_iter().find(witness).map(|place| place as u64)
}

/// The header with which `rest` begins, which stands at `at` in the file.
fn header_at(rest: &[u8], at: usize) -> Result<Header, RecordFault> {
    if !rest.starts_with(RECORD_MAGIC) {
        let is_short = RECORD_MAGIC.starts_with(rest);
        return Err(if is_short { RecordFault::Short } else { RecordFault::NoRecord });
    }
    let header: &[u8; HEADER_BYTES] = rest.first_chunk().ok_or(RecordFault::Short)?;
    let short = |start: usize| std::array::from_fn(|n| header[start + n]);
    let long = |start: usize| std::array::from_fn(|n| header[start + n]);
    if crc32c(0, &header[..28]) != u32::from_le_bytes(short(28)) {
        return Err(RecordFault::Header);
    }
    let header = Header {
        body_bytes: u32::from_le_bytes(short(4)) as usize,
        at: u64::from_le_bytes(long(8)),
        durable: u64::from_le_bytes(long(16)),
        previous: u32::from_le_bytes(short(24)),
    };
    if header.at != at as u64 || header.body_bytes > LONGEST_BODY_BYTES {
        return Err(RecordFault::Misplaced);
    }
    Ok(header)
}
