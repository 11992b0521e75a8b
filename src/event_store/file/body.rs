//! What records say, as bytes and back.

use super::PayloadBytes;
use crate::event_store::append::LONGEST_NAME;
use crate::event_store::store::{EventStore, Stored};
use crate::event_store::{EventId, Expected, MOST_EVENTS, Metadata};

/// The kinds of records.
const EVENTS: u8 = 1;
const TRUNCATE: u8 = 2;
const DELETE: u8 = 3;
const MARK: u8 = 4;

/// Flags of an event.
const CORRELATION: u8 = 1;
const CAUSATION: u8 = 2;
const REMOVED: u8 = 4;

/// What a record says that is whole, but makes no sense where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Nonsense {
    /// It is of no known kind.
    Kind,
    /// It ends too early or too late.
    Length,
    /// A name is no text, or too short or too long.
    Name,
    /// Its position is not the next one.
    Position,
    /// Its time is before that of the event before it.
    Time,
    /// Two of its events have the same id, or there is none.
    Batch,
    /// An event is marked as removed, but one before it in its stream is not.
    Removal,
    /// The payload of an event cannot be decoded.
    Payload,
    /// It removes what is not there.
    Target,
    /// There are too many events.
    Full,
}

/// The beginning of a record of events.
pub(super) fn put_events_head(
    into: &mut Vec<u8>,
    stream: &str,
    recorded_at: u64,
    first_position: u64,
    count: u32,
) {
    into.push(EVENTS);
    put_name(into, stream);
    into.extend_from_slice(&recorded_at.to_le_bytes());
    into.extend_from_slice(&first_position.to_le_bytes());
    into.extend_from_slice(&count.to_le_bytes());
}

/// One of its events.
pub(super) fn put_event<P: PayloadBytes>(
    into: &mut Vec<u8>,
    id: EventId,
    event_type: &str,
    metadata: Metadata,
    payload: Option<&P>,
) {
    let flag = |is_set, flag| if is_set { flag } else { 0 };
    let Metadata { correlation, causation } = metadata;
    into.push(
        flag(correlation.is_some(), CORRELATION)
            | flag(causation.is_some(), CAUSATION)
            | flag(payload.is_none(), REMOVED),
    );
    into.extend_from_slice(&id.0.to_le_bytes());
    put_name(into, event_type);
    for other in [correlation, causation].into_iter().flatten() {
        into.extend_from_slice(&other.0.to_le_bytes());
    }
    if let Some(payload) = payload {
        let start = into.len();
        into.extend_from_slice(&[0; 4]);
        payload.encode(into);
        let bytes = (into.len() - start - 4) as u32;
        into[start..start + 4].copy_from_slice(&bytes.to_le_bytes());
    }
}

pub(super) fn put_truncate(into: &mut Vec<u8>, stream: &str, first_kept: u64) {
    into.push(TRUNCATE);
    put_name(into, stream);
    into.extend_from_slice(&first_kept.to_le_bytes());
}

pub(super) fn put_delete(into: &mut Vec<u8>, stream: &str, version: u64) {
    into.push(DELETE);
    put_name(into, stream);
    into.extend_from_slice(&version.to_le_bytes());
}

pub(super) fn put_mark(into: &mut Vec<u8>) {
    into.push(MARK);
}

fn put_name(into: &mut Vec<u8>, name: &str) {
    into.extend_from_slice(&(name.len() as u16).to_le_bytes());
    into.extend_from_slice(name.as_bytes());
}

/// Does to the store what a record says. After an error the store is of no use.
pub(super) fn carry_out<P: PayloadBytes>(
    store: &mut EventStore<P>,
    body: &[u8],
) -> Result<(), Nonsense> {
    let mut rest = Rest { bytes: body };
    let kind = rest.u8()?;
    match kind {
        EVENTS => events(store, &mut rest)?,
        TRUNCATE => {
            let (stream, first_kept) = (rest.name()?, rest.u64()?);
            store.truncate(stream, first_kept).map_err(|_| Nonsense::Target)?;
        }
        DELETE => {
            let (stream, version) = (rest.name()?, rest.u64()?);
            if !store.stream(stream).exists() {
                return Err(Nonsense::Target);
            }
            let expected = Expected::Exact(version);
            store.delete(stream, expected).map_err(|_| Nonsense::Target)?;
        }
        MARK => {}
        _ => return Err(Nonsense::Kind),
    }
    if rest.bytes.is_empty() { Ok(()) } else { Err(Nonsense::Length) }
}

fn events<P: PayloadBytes>(store: &mut EventStore<P>, rest: &mut Rest<'_>) -> Result<(), Nonsense> {
    let (name, recorded_at) = (rest.name()?, rest.u64()?);
    let (first_position, count) = (rest.u64()?, rest.u32()?);
    let last = store.last_position();
    if first_position != last + 1 {
        return Err(Nonsense::Position);
    }
    if u64::from(count) > MOST_EVENTS - last {
        return Err(Nonsense::Full);
    }
    if count == 0 {
        return Err(Nonsense::Batch);
    }
    if store.rows.last().is_some_and(|row| recorded_at < row.recorded_at) {
        return Err(Nonsense::Time);
    }
    let number = store.stream_number(name);
    for _ in 0..count {
        let event = event(rest)?;
        let known = store.find_id(number, event.id);
        let again = known.iter().chain(known.map_or(&[][..], |at| store.found_again(at)));
        if again.into_iter().any(|at| u64::from(*at) >= last) {
            return Err(Nonsense::Batch);
        }
        let was_removed = event.payload.is_none();
        store.push(number, recorded_at, event, known.is_none());
        if let Some(stream) = store.streams.get_mut(number as usize).filter(|_| was_removed) {
            if stream.first() != stream.version() {
                return Err(Nonsense::Removal);
            }
            stream.remove_through(stream.version());
        }
    }
    Ok(())
}

fn event<'a, P: PayloadBytes>(rest: &mut Rest<'a>) -> Result<Stored<'a, P>, Nonsense> {
    let flags = rest.u8()?;
    if flags & !(CORRELATION | CAUSATION | REMOVED) != 0 {
        return Err(Nonsense::Kind);
    }
    let (id, event_type) = (rest.id()?, rest.name()?);
    let correlation = if flags & CORRELATION != 0 { Some(rest.id()?) } else { None };
    let causation = if flags & CAUSATION != 0 { Some(rest.id()?) } else { None };
    let metadata = Metadata { correlation, causation };
    let payload = if flags & REMOVED != 0 {
        None
    } else {
        let length = rest.u32()? as usize;
        Some(P::decode(rest.take(length)?).ok_or(Nonsense::Payload)?)
    };
    Ok(Stored { id, event_type, payload, metadata })
}

/// What is still to be read.
struct Rest<'a> {
    bytes: &'a [u8],
}

impl<'a> Rest<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Nonsense> {
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or(Nonsense::Length)?;
        self.bytes = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Nonsense> {
        let (taken, rest) = self.bytes.split_first_chunk().ok_or(Nonsense::Length)?;
        self.bytes = rest;
        Ok(*taken)
    }

    fn u8(&mut self) -> Result<u8, Nonsense> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn u32(&mut self) -> Result<u32, Nonsense> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, Nonsense> {
        self.array().map(u64::from_le_bytes)
    }

    fn id(&mut self) -> Result<EventId, Nonsense> {
        self.array().map(|bytes| EventId(u128::from_le_bytes(bytes)))
    }

    fn name(&mut self) -> Result<&'a str, Nonsense> {
        let length = usize::from(u16::from_le_bytes(self.array()?));
        let name = std::str::from_utf8(self.take(length)?).map_err(|_| Nonsense::Name)?;
        let is_good = (1..=LONGEST_NAME).contains(&length);
        if is_good { Ok(name) } else { Err(Nonsense::Name) }
    }
}
