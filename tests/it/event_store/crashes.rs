//! Crashes: a file cut at every byte, with every bit flipped, and on disks that fail.

use std::io;

use rift::event_file::{Disk, EventFile, FileError, OpenError};
use rift::event_store::file::*;
use rift::event_store::*;
use rift::random::Random;

use super::account::*;
use super::file::{every_kind, recovered, written};

/// A log of a thousand events, written and synced batch by batch.
struct Log {
    bytes: Vec<u8>,
    /// After each batch: how long the file was, and what it held.
    steps: Vec<(usize, EventStore<Account>)>,
}

fn thousand_events() -> Log {
    let (mut random, mut journal) = (Random::from_seed(5), Journal::new());
    let (mut bytes, mut steps) = (Vec::new(), Vec::new());
    steps.push((16, EventStore::new()));
    while journal.store().last_position() < 1_000 {
        let first = journal.store().last_position();
        let count = random.between(1, 9).min(1_000 - first);
        let stream = ["a", "b", "c"][random.below(3) as usize];
        let batch = deposits(first..first + count);
        journal.append(stream, Expected::Any, first, batch).expect("it is new");
        bytes.extend(written(&mut journal));
        journal.handle_durable(bytes.len() as u64);
        steps.push((bytes.len(), journal.store().clone()));
    }
    Log { bytes, steps }
}

/// Killed at any byte: what was acknowledged is there, the torn end is cut off and reported, and
/// nothing else is lost.
///
/// A reader that follows the file sees every cut in turn. That it sees what one sees who reads the
/// file from its beginning is looked at near the ends of records.
#[test]
fn a_log_of_a_thousand_events_cut_at_every_byte() {
    let Log { bytes, steps } = thousand_events();
    let mut reader = Journal::new();
    let mut whole_reads = 0;
    for cut in 0..=bytes.len() {
        let done = steps.partition_point(|(end, _)| *end <= cut);
        let (end, store) = done.checked_sub(1).map_or((0, &steps[0].1), |last| {
            let (end, store) = &steps[last];
            (*end, store)
        });
        let (at, left, fault) = (end as u64, (cut - end) as u64, RecordFault::Short);
        let torn = (left > 0).then_some(Torn { at, bytes: left, fault });
        assert_eq!(reader.follow(&bytes[..cut]), Ok(torn), "cut at {cut}");
        let positions = (reader.store().last_position(), store.last_position());
        assert_eq!(positions.0, positions.1, "cut at {cut}");
        if left == 0 {
            assert_eq!(reader.store(), store, "cut at {cut}");
        }
        let is_near_end = left < 2 || steps.get(done).is_some_and(|(next, _)| next - cut < 2);
        if cut < 2_000 || (is_near_end && done % 9 == 0) || bytes.len() - cut < 40 {
            let read = recovered(&bytes[..cut]);
            assert_eq!((read.torn, read.journal.store()), (torn, store), "cut at {cut}");
            whole_reads += 1;
        }
    }
    assert_eq!(reader.store().last_position(), 1_000);
    assert!(whole_reads > 2_000);
}

/// No single flipped bit goes unseen, and none brings up events that were not written. With a
/// witness it is called damage, without one a torn end.
#[test]
fn every_bit_flipped() {
    let (store, bytes) = every_kind();
    let mut journal = recovered(&bytes).journal;
    // Everything so far is durable when this is written, so it is the witness.
    journal.append("z", Expected::NoStream, 30, deposits([9])).expect("it is new");
    let whole = [bytes.clone(), written(&mut journal)].concat();
    for bit in 0..whole.len() * 8 {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let read = Journal::<Account>::recover(&flipped);
        let at_header = bit / 8 < 16;
        let in_last_record = bit / 8 >= bytes.len();
        match read {
            Ok(read) => {
                assert!(in_last_record, "bit {bit} is before a witness");
                assert_eq!(read.torn.map(|torn| torn.at), Some(bytes.len() as u64));
                assert_eq!(read.journal.into_store(), store);
            }
            Err(Damage::NotOurs | Damage::UnknownFormat(_)) => assert!(at_header, "bit {bit}"),
            Err(Damage::Acknowledged { at, witness, .. }) => {
                assert!(at as usize <= bit / 8 && !in_last_record, "bit {bit}");
                assert_eq!(witness, bytes.len() as u64);
            }
            Err(damage) => panic!("bit {bit}: {damage}"),
        }
    }
}

/// What a crash leaves of the last batch may be anything: zeros, garbage, a part without its
/// beginning.
#[test]
fn whatever_is_left_of_a_batch_that_was_not_acknowledged() {
    let Log { bytes, steps } = thousand_events();
    let mut random = Random::from_seed(8);
    let (start, before) = &steps[steps.len() - 2];
    for round in 0..500 {
        let mut file = bytes[..*start].to_vec();
        let length = random.between(1, bytes.len() as u64) as usize;
        match round % 3 {
            0 => file.resize(start + length, 0),
            1 => file.extend((0..length).map(|_| random.next_u64() as u8)),
            _ => {
                // Sectors of the real thing, some of them missing.
                let last = bytes[*start..].chunks(64);
                file.extend(last.flat_map(|sector| match random.below(2) {
                    0 => vec![0; sector.len()],
                    _ => sector.to_vec(),
                }));
            }
        }
        let read = recovered(&file);
        let is_whole = file == bytes;
        let expected = if is_whole { &steps[steps.len() - 1].1 } else { before };
        assert_eq!((read.journal.store(), read.torn.is_none()), (expected, is_whole));
    }
}

/// Two batches under one sync: if the later one reached the disk and the earlier one did not,
/// neither was acknowledged, so both are cut off and it is no damage.
#[test]
fn a_later_batch_without_an_earlier_one_of_the_same_sync_is_torn() {
    let mut journal = Journal::new();
    journal.append("a", Expected::Any, 0, [deposit(1)]).expect("it is new");
    let mut bytes = written(&mut journal);
    let durable = bytes.len();
    journal.handle_durable(durable as u64);
    let acknowledged = journal.store().clone();
    journal.append("a", Expected::Any, 0, [deposit(2)]).expect("it is new");
    let second = journal.end() as usize;
    journal.append("a", Expected::Any, 0, [deposit(3)]).expect("it is new");
    bytes.extend(written(&mut journal));
    for hole in durable..second {
        let mut file = bytes.clone();
        file[hole] = !file[hole];
        let read = recovered(&file);
        assert_eq!(read.torn.map(|torn| torn.at), Some(durable as u64));
        assert_eq!(*read.journal.store(), acknowledged);
    }
    // What is left of a header bears no witness, whatever it seems to say.
    let mut file = bytes.clone();
    (file[second - 1], file[second + 17]) = (!file[second - 1], 9);
    assert_eq!(recovered(&file).torn.map(|torn| torn.at), Some(durable as u64));
    // Once the later one says that the earlier one was durable, it is damage.
    let mut journal = recovered(&bytes).journal;
    journal.mark();
    bytes.extend(written(&mut journal));
    bytes[second - 1] ^= 1;
    let damage = Journal::<Account>::recover(&bytes).err();
    assert!(
        matches!(damage, Some(Damage::Acknowledged { at, .. }) if at == durable as u64),
        "{damage:?}"
    );
}

/// Records that were moved, repeated or left out are not taken for what they are not.
#[test]
fn records_out_of_place_are_found() {
    let Log { bytes, steps } = thousand_events();
    let record = |n: usize| &bytes[steps[n].0..steps[n + 1].0];
    let after = |n: usize, parts: &[&[u8]]| {
        let mut file = bytes[..steps[n].0].to_vec();
        parts.iter().for_each(|part| file.extend_from_slice(part));
        Journal::<Account>::recover(&file)
    };
    let fault = |read: Result<Recovered<Account>, Damage>| {
        read.ok().and_then(|read| read.torn).map(|torn| torn.fault)
    };
    assert_eq!(fault(after(5, &[record(4)])), Some(RecordFault::Misplaced));
    assert_eq!(fault(after(5, &[record(6)])), Some(RecordFault::Misplaced));
    assert_eq!(fault(after(5, &[record(5)])), None);
    // One from another file, as long as ours and at the very same place.
    let first = &steps[1].1;
    let stream = first.event(1).expect("it is there").stream();
    let mut other = Journal::new();
    let batch = deposits((0..first.last_position()).map(|n| n + 5_000));
    other.append(stream, Expected::Any, 0, batch).expect("it is new");
    let foreign = written(&mut other);
    assert_eq!(foreign.len(), steps[1].0);
    let mixed = Journal::recover(&[&foreign[..], record(1)].concat());
    assert_eq!(fault(mixed), Some(RecordFault::Misplaced));
}

/// A payload may be anything, also a file of events. What is torn of it is no witness.
#[test]
fn a_file_within_a_payload_is_only_a_payload() {
    let mut inner = Journal::new();
    inner
        .append("a", Expected::Any, 0, [NewEvent::new(id(1), "Said", vec![7; 5_000])])
        .expect("new");
    let mut payload = inner.poll_write().expect("there is something to write").bytes;
    inner.handle_durable(u64::MAX);
    inner.mark();
    payload.extend(inner.poll_write().expect("there is something to write").bytes);
    let mut outer = Journal::new();
    outer.append("b", Expected::Any, 0, [NewEvent::new(id(2), "Sent", payload)]).expect("new");
    let bytes = outer.poll_write().expect("there is something to write").bytes;
    let read = Journal::<Vec<u8>>::recover(&bytes).expect("it is whole");
    assert_eq!((read.torn, read.journal.store()), (None, outer.store()));
    let torn = Journal::<Vec<u8>>::recover(&bytes[..bytes.len() - 1]).expect("it is torn");
    assert_eq!(torn.torn.map(|torn| torn.at), Some(16));
}

/// Nothing that can be in a file makes it panic.
#[test]
fn any_bytes_at_all_are_read_without_panic() {
    let (_, good) = every_kind();
    let mut random = Random::from_seed(3);
    for _ in 0..3_000 {
        let mut bytes = good.clone();
        for _ in 0..random.between(1, 6) {
            let at = random.below(bytes.len() as u64) as usize;
            match random.below(4) {
                0 => bytes[at] = random.next_u64() as u8,
                1 => bytes.truncate(at.max(1)),
                2 => drop(bytes.drain(at..bytes.len().min(at + 9))),
                _ => bytes.insert(at, random.next_u64() as u8),
            }
            if bytes.is_empty() {
                bytes.push(0);
            }
        }
        if let Ok(read) = Journal::<Account>::recover(&bytes) {
            assert!(read.journal.end() <= bytes.len().max(16) as u64);
        }
    }
}

/// A disk that keeps for sure only what was synced, and fails when it is told to.
#[derive(Clone, Debug, Default)]
struct TestDisk {
    durable: Vec<u8>,
    present: Vec<u8>,
    /// Writes and syncs until one fails.
    works_for: Option<u32>,
}

impl TestDisk {
    fn step(&mut self) -> io::Result<()> {
        match &mut self.works_for {
            Some(0) => Err(io::Error::other("the disk is broken")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// What is there after the process was killed, or the power went: what was synced, and of the
    /// rest all or whatever.
    fn after_crash(&self, random: &mut Random) -> TestDisk {
        if random.below(2) == 0 {
            return TestDisk { works_for: None, ..self.clone() };
        }
        let mut bytes = self.durable.clone();
        let length = self.present.len().max(bytes.len());
        let kept = random.between(bytes.len() as u64, length as u64) as usize;
        for at in bytes.len()..kept {
            let survives = random.below(8) > 0;
            bytes.push(if survives { self.present[at] } else { 0 });
        }
        TestDisk { durable: bytes.clone(), present: bytes, works_for: None }
    }
}

impl Disk for TestDisk {
    fn read_all(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.present.clone())
    }

    fn write_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.present.truncate(at as usize);
        self.present.extend_from_slice(&bytes[..bytes.len() / 2]);
        self.step()?;
        self.present.extend_from_slice(&bytes[bytes.len() / 2..]);
        Ok(())
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.step()?;
        self.present.truncate(length as usize);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.step()?;
        self.durable = self.present.clone();
        Ok(())
    }
}

/// Crash after crash, on a disk that loses what was not synced: nothing that was acknowledged is
/// ever lost, and nothing appears that was not at least tried.
#[test]
fn what_was_acknowledged_survives_every_crash_and_loss_of_power() {
    let mut random = Random::from_seed(11);
    let (mut disk, mut acknowledged, mut tried) = (TestDisk::default(), Vec::new(), 0);
    for _ in 0..400 {
        disk.works_for = Some(random.below(12) as u32);
        let mut opened = match EventFile::<Account, TestDisk>::on(disk.clone()) {
            Ok((file, _)) => file,
            // It fails before it has written anything that counts.
            Err(OpenError::Io(_)) => continue,
            Err(error) => panic!("{error}"),
        };
        let there = ids(opened.store().read_all(Read::forwards()).expect("a good question"));
        assert!(there.starts_with(&acknowledged), "{there:?} after {acknowledged:?}");
        assert!(there.len() <= acknowledged.len() + 3, "at most what was tried last");
        // What is there when a file was opened stays there.
        acknowledged = there;
        loop {
            let batch: Vec<u64> = (tried..tried + random.between(1, 3)).collect();
            tried += 3;
            match opened.append("a", Expected::Any, tried, deposits(batch.iter().copied())) {
                Ok(_) => acknowledged.extend(batch),
                Err(FileError::Io(_)) => break,
                Err(error) => panic!("{error}"),
            }
        }
        // After a failure nothing more is taken: nobody knows what is on the disk.
        let refused = opened.append("a", Expected::Any, tried, [deposit(u64::MAX)]);
        assert!(matches!(refused, Err(FileError::Failed)));
        disk = opened.into_disk().after_crash(&mut random);
    }
    assert!(acknowledged.len() > 300, "{}", acknowledged.len());
}

/// Many appends under one sync are acknowledged together, or not at all.
#[test]
fn staged_appends_are_durable_after_the_next_sync() {
    let disk = TestDisk::default();
    let (mut file, _) = EventFile::<Account, TestDisk>::on(disk).expect("the disk works");
    for n in 0..100 {
        file.stage("a", Expected::Exact(n), n, [deposit(n)]).expect("it is as expected");
    }
    let read = |disk: &TestDisk| recovered(&disk.durable).journal.into_store();
    let store = file.store().clone();
    let mut with_sync = file;
    with_sync.sync::<JournalError>().expect("the disk works");
    let disk = with_sync.into_disk();
    assert_eq!(read(&disk), store);
    assert_eq!(store.last_position(), 100);
}
