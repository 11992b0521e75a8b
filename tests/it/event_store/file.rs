//! The file's layout, and what a journal promises about it.

use std::fs;
use std::path::PathBuf;

use rift::event_file::{EventFile, FileError, OpenError};
use rift::event_store::file::*;
use rift::event_store::*;

use super::account::*;
use super::nonsense::crc32c;

/// All bytes that a journal has to write.
pub(super) fn written(journal: &mut Journal<Account>) -> Vec<u8> {
    let write = journal.poll_write().expect("there is something to write");
    assert_eq!(write.at + write.bytes.len() as u64, journal.end());
    write.bytes
}

/// A journal with every kind of record in it, and its bytes.
pub(super) fn every_kind() -> (EventStore<Account>, Vec<u8>) {
    let mut journal = Journal::new();
    let metadata = Metadata { correlation: Some(id(70)), causation: None };
    let with = NewEvent { metadata, ..event(3, Account::Withdrawn(1)) };
    journal.append("a", Expected::NoStream, 10, deposits([1, 2])).expect("it is new");
    journal.append("b", Expected::Any, 5, [with, event(4, Account::Closed)]).expect("it is new");
    journal.truncate("a", 2).expect("it is there");
    journal.delete("b", Expected::Exact(2)).expect("it is there");
    journal.append("b", Expected::NoStream, 20, [deposit(5)]).expect("it is new");
    // The same id again, by position.
    journal.append("b", Expected::Exact(3), 20, [deposit(5)]).expect("it is as expected");
    journal.mark();
    let bytes = written(&mut journal);
    (journal.into_store(), bytes)
}

pub(super) fn recovered(bytes: &[u8]) -> Recovered<Account> {
    Journal::recover(bytes).expect("the file is not damaged")
}

/// Byte by byte, as the module docs have it. Changing this breaks files that people have.
#[test]
fn the_layout_is_the_documented_one() {
    let mut journal = Journal::<String>::new();
    let metadata = Metadata { correlation: None, causation: Some(EventId(9)) };
    let event = NewEvent { metadata, ..NewEvent::new(EventId(7), "Paid", "9.99".to_owned()) };
    journal.append("order", Expected::Any, 258, [event]).expect("it is new");
    let write = journal.poll_write().expect("there is something to write");
    let bytes = &write.bytes;
    assert_eq!((write.at, bytes.len()), (0, 16 + 32 + 75 + 4));
    let u32_at = |at: usize| u32::from_le_bytes(*bytes[at..].first_chunk().expect("long enough"));
    let u64_at = |at: usize| u64::from_le_bytes(*bytes[at..].first_chunk().expect("long enough"));
    assert_eq!((&bytes[..8], u32_at(8)), (&b"rift-evt"[..], 1));
    assert_eq!((&bytes[16..20], u32_at(20)), (&b"EVNT"[..], 75));
    assert_eq!((u64_at(24), u64_at(32), u32_at(40)), (16, 0, 0));
    let mut body = vec![1, 5, 0];
    body.extend(b"order");
    body.extend(258_u64.to_le_bytes());
    body.extend(1_u64.to_le_bytes());
    body.extend(1_u32.to_le_bytes());
    body.push(2);
    body.extend(7_u128.to_le_bytes());
    body.extend([4, 0]);
    body.extend(b"Paid");
    body.extend(9_u128.to_le_bytes());
    body.extend([4, 0, 0, 0]);
    body.extend(b"9.99");
    assert_eq!(bytes[48..123], body);
    assert_eq!(u32_at(12), crc32c(&bytes[..12]));
    assert_eq!(u32_at(44), crc32c(&bytes[16..44]));
    assert_eq!(u32_at(123), crc32c(&bytes[16..123]));
}

#[test]
fn what_is_read_is_what_was_written() {
    let (store, bytes) = every_kind();
    let read = recovered(&bytes);
    assert_eq!(read.torn, None);
    assert_eq!(read.journal.end(), bytes.len() as u64);
    assert_eq!(read.journal.into_store(), store);
}

/// A store that comes out of a file goes on as the one that went in: ids, versions, time.
#[test]
fn a_store_from_a_file_remembers_what_matters() {
    let (store, bytes) = every_kind();
    let mut journal = recovered(&bytes).journal;
    let repeat = journal.append("a", Expected::Any, 0, [deposit(1)]).expect("a repeat");
    assert_eq!((repeat.effect, repeat.first), (Effect::Repeated, place(1, 1)));
    assert!(journal.append("b", Expected::Exact(3), 0, [deposit(9)]).is_err());
    let new = journal.append("b", Expected::Exact(4), 0, [deposit(9)]).expect("it is as expected");
    assert_eq!(new.last, place(5, 7));
    assert_eq!(journal.store().event(7).map(|event| event.recorded_at()), Some(20));
    assert_eq!(store.stream("b").version(), 4);
}

/// What a store is written down as is smaller, and no less.
#[test]
fn a_store_written_down_anew_is_the_same_without_what_was_removed() {
    let (store, bytes) = every_kind();
    let mut journal = Journal::of_store(store.clone()).expect("it fits");
    let anew = written(&mut journal);
    assert!(anew.len() < bytes.len());
    let read = recovered(&anew);
    assert_eq!((read.torn, read.journal.into_store()), (None, store.clone()));
    // What was removed is not in it: the withdrawal of one cent.
    let removed = [1, 0, 0, 0, 0, 0, 0, 0, 1];
    let holds = |bytes: &[u8]| bytes.windows(9).any(|window| window == removed);
    assert_eq!((holds(&bytes), holds(&anew)), (true, false));
    // It goes on from there.
    journal.append("c", Expected::NoStream, 0, [deposit(8)]).expect("it is new");
    let more = written(&mut journal);
    let whole = recovered(&[anew, more].concat());
    assert_eq!(whole.journal.into_store(), journal.into_store());
}

/// What changes nothing writes nothing.
#[test]
fn refusals_repeats_and_empty_batches_write_nothing() {
    let mut journal = Journal::new();
    journal.append("a", Expected::Any, 0, deposits([1, 2])).expect("it is new");
    written(&mut journal);
    let end = journal.end();
    assert!(journal.append("a", Expected::Any, 0, deposits([1, 2])).is_ok());
    assert!(journal.append("a", Expected::Any, 0, []).is_ok());
    assert!(journal.append("a", Expected::Exact(1), 0, [deposit(3)]).is_err());
    assert!(journal.append("a", Expected::Any, 0, deposits([3, 3])).is_err());
    let long = "x".repeat(70_000);
    assert!(journal.append(&long, Expected::Any, 0, [deposit(3)]).is_err());
    assert!(journal.truncate("a", 1).is_ok() && journal.truncate("a", 9).is_err());
    assert!(journal.delete("a", Expected::NoStream).is_err());
    assert!(journal.delete("b", Expected::Any).is_ok());
    assert_eq!((journal.poll_write(), journal.end()), (None, end));
}

/// Acknowledging is the owner's business; a journal keeps count of what may be.
#[test]
fn only_what_was_written_can_become_durable() {
    let mut journal = Journal::new();
    journal.append("a", Expected::Any, 0, [deposit(1)]).expect("it is new");
    journal.handle_durable(u64::MAX);
    assert_eq!(journal.durable(), 0, "nothing was taken to be written yet");
    written(&mut journal);
    let first = journal.end();
    journal.append("a", Expected::Any, 0, [deposit(2)]).expect("it is new");
    journal.handle_durable(u64::MAX);
    assert_eq!((journal.durable(), journal.end() > first), (first, true));
}

#[test]
fn a_file_of_something_else_is_left_alone() {
    let error = |bytes: &[u8]| Journal::<Account>::recover(bytes).err();
    let (_, good) = every_kind();
    assert_eq!(error(b"%PDF-1.7 and so on"), Some(Damage::NotOurs));
    assert_eq!(error(&[0; 64]), Some(Damage::NotOurs));
    let mut newer = good.clone();
    newer[8] = 2;
    assert_eq!(error(&newer), Some(Damage::UnknownFormat(2)));
    let mut flipped = good;
    flipped[13] ^= 1;
    assert_eq!(error(&flipped), Some(Damage::NotOurs));
}

/// A whole record with other payloads than ours is no torn end.
#[test]
fn payloads_that_cannot_be_decoded_are_damage_wherever_they_are() {
    let mut journal = Journal::new();
    journal
        .append("a", Expected::Any, 0, [NewEvent::new(id(1), "Paid", b"???".to_vec())])
        .expect("new");
    let bytes = journal.poll_write().expect("there is something to write").bytes;
    let damage = Journal::<Account>::recover(&bytes).err();
    assert_eq!(damage, Some(Damage::Nonsense { at: 16, what: Nonsense::Payload }));
}

/// A path that is gone when the test is over.
pub(super) struct TempPath(pub(super) PathBuf);

impl TempPath {
    pub(super) fn new(name: &str) -> TempPath {
        let path = std::env::temp_dir();
        TempPath(path.join(format!("rift-test-{}-{name}.events", std::process::id())))
    }
}

impl Drop for TempPath {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
fn a_file_keeps_what_was_acknowledged() {
    let path = TempPath::new("keeps");
    let (mut file, torn) = EventFile::open(&path.0).expect("it can be made");
    assert_eq!(torn, None);
    file.append("a", Expected::NoStream, 1, deposits([1, 2])).expect("it is new");
    file.append("b", Expected::NoStream, 2, deposits([3])).expect("it is new");
    file.truncate("a", 2).expect("it is there");
    file.delete("b", Expected::Exists).expect("it is there");
    let conflict = file.append("a", Expected::Exact(1), 3, deposits([9]));
    assert!(matches!(conflict, Err(FileError::Refused(JournalError::Append(_)))));
    let store = file.store().clone();
    let file = file.close().expect("the disk works");
    drop(file);
    let (file, torn) = EventFile::<Account>::open(&path.0).expect("it is there");
    assert_eq!((file.store(), torn), (&store, None));
}

#[test]
fn a_torn_end_is_cut_off_and_reported_once() {
    let path = TempPath::new("torn");
    let (mut file, _) = EventFile::open(&path.0).expect("it can be made");
    file.append("a", Expected::NoStream, 1, deposits([1, 2])).expect("it is new");
    drop(file);
    let whole = fs::read(&path.0).expect("it is there");
    let torn_file = [&whole[..], b"EVNT and then the power went", &[0; 500]].concat();
    fs::write(&path.0, &torn_file).expect("it is there");
    let (mut file, torn) = EventFile::<Account>::open(&path.0).expect("it is not damaged");
    let (at, bytes) = (whole.len() as u64, 528);
    assert_eq!(torn, Some(Torn { at, bytes, fault: RecordFault::Header }));
    assert_eq!(fs::read(&path.0).expect("it is there"), whole);
    file.append("a", Expected::Exact(2), 2, deposits([3])).expect("it is as expected");
    let store = file.store().clone();
    drop(file);
    let (file, torn) = EventFile::<Account>::open(&path.0).expect("it is not damaged");
    assert_eq!((file.store(), torn), (&store, None));
}

#[test]
fn a_damaged_file_is_not_opened_and_not_changed() {
    let path = TempPath::new("damaged");
    let (mut file, _) = EventFile::open(&path.0).expect("it can be made");
    for n in 1..5 {
        file.append("a", Expected::Any, n, [deposit(n)]).expect("it is new");
    }
    drop(file.close().expect("the disk works"));
    let mut bytes = fs::read(&path.0).expect("it is there");
    bytes[60] ^= 4;
    fs::write(&path.0, &bytes).expect("it is there");
    let error = EventFile::<Account>::open(&path.0).err();
    assert!(
        matches!(error, Some(OpenError::Damaged(Damage::Acknowledged { at: 16, .. }))),
        "{error:?}"
    );
    assert_eq!(fs::read(&path.0).expect("it is there"), bytes);
}

#[test]
fn a_file_has_one_writer() {
    let path = TempPath::new("locked");
    let (file, _) = EventFile::<Account>::open(&path.0).expect("it can be made");
    let second = EventFile::<Account>::open(&path.0).err();
    assert!(matches!(second, Some(OpenError::InUse)), "{second:?}");
    drop(file);
    assert!(EventFile::<Account>::open(&path.0).is_ok());
}
