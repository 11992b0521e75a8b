//! Files whose checksums are right and whose contents are not: no crash makes those, so none of
//! them may be taken for a torn end.

use rift::event_store::file::*;
use rift::event_store::*;

use super::account::*;
use super::file::recovered;

/// CRC-32C, a bit at a time.
pub(super) fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0x82F6_3B78 & (crc & 1).wrapping_neg())
        })
    })
}

/// A file of records with these bodies, written by hand.
fn file(bodies: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"rift-evt\x01\0\0\0".to_vec();
    file.extend(crc32c(&file).to_le_bytes());
    let mut previous = 0;
    for body in bodies {
        let start = file.len();
        file.extend(b"EVNT");
        file.extend((body.len() as u32).to_le_bytes());
        file.extend((start as u64).to_le_bytes());
        file.extend(0_u64.to_le_bytes());
        file.extend(u32::to_le_bytes(previous));
        file.extend(crc32c(&file[start..]).to_le_bytes());
        file.extend(body);
        previous = crc32c(&file[start..]);
        file.extend(previous.to_le_bytes());
    }
    file
}

fn name(name: &str) -> Vec<u8> {
    [&(name.len() as u16).to_le_bytes()[..], name.as_bytes()].concat()
}

/// Events of stream `a`: removed or not, each with an id.
fn events(time: u64, first: u64, events: &[(bool, u64)]) -> Vec<u8> {
    let mut body = [vec![1], name("a")].concat();
    body.extend(time.to_le_bytes());
    body.extend(first.to_le_bytes());
    body.extend((events.len() as u32).to_le_bytes());
    for (is_removed, id) in events {
        body.push(if *is_removed { 4 } else { 0 });
        body.extend(u128::from(*id).to_le_bytes());
        body.extend(name("Closed"));
        if !is_removed {
            body.extend([0; 4]);
        }
    }
    body
}

fn removal(kind: u8, stream: &str, number: u64) -> Vec<u8> {
    [vec![kind], name(stream), number.to_le_bytes().to_vec()].concat()
}

/// The last of these records is the one that makes no sense.
#[track_caller]
fn assert_nonsense(bodies: &[Vec<u8>], expected: Nonsense) {
    let (last, before) = bodies.split_last().expect("there is one");
    assert_eq!(recovered(&file(before)).torn, None, "what is before makes sense");
    let at = file(before).len() as u64;
    // Also with something behind it, and without.
    let alone = file(bodies);
    let followed = file(&[before, &[last.clone(), vec![4]]].concat());
    for bytes in [alone, followed] {
        let read = Journal::<Account>::recover(&bytes).err();
        assert_eq!(read, Some(Damage::Nonsense { at, what: expected }));
    }
}

#[test]
fn what_is_written_by_hand_is_read() {
    let bodies =
        [events(5, 1, &[(true, 1), (false, 2)]), removal(2, "a", 3), removal(3, "a", 2), vec![4]];
    let states: Vec<StreamState> = (0..=4)
        .map(|count| recovered(&file(&bodies[..count])).journal.store().stream("a"))
        .collect();
    let there = |first| StreamState::Exists { version: 2, first };
    let deleted = StreamState::Deleted { version: 2 };
    assert_eq!(states, [StreamState::Missing, there(2), there(3), deleted, deleted]);
}

#[test]
fn records_that_are_whole_and_make_no_sense_are_damage() {
    let good = events(5, 1, &[(false, 1), (false, 2)]);
    let after = |body: Vec<u8>| [good.clone(), body];
    assert_nonsense(&after(vec![9]), Nonsense::Kind);
    assert_nonsense(&after(vec![]), Nonsense::Length);
    assert_nonsense(&after(vec![4, 4]), Nonsense::Length);
    assert_nonsense(&after(events(5, 3, &[(false, 3)])[..20].to_vec()), Nonsense::Length);
    assert_nonsense(&after(removal(2, "", 1)), Nonsense::Name);
    assert_nonsense(&after(removal(2, &"x".repeat(LONGEST_NAME + 1), 1)), Nonsense::Name);
    assert_nonsense(&after(vec![2, 1, 0, 0xFF]), Nonsense::Name);
    for position in [0, 2, 4, u64::MAX] {
        assert_nonsense(&after(events(5, position, &[(false, 3)])), Nonsense::Position);
    }
    assert_nonsense(&after(events(4, 3, &[(false, 3)])), Nonsense::Time);
    assert_nonsense(&after(events(5, 3, &[])), Nonsense::Batch);
    assert_nonsense(&after(events(5, 3, &[(false, 3), (false, 3)])), Nonsense::Batch);
    assert_nonsense(&after(events(5, 3, &[(false, 1), (false, 4), (false, 1)])), Nonsense::Batch);
    assert_nonsense(&after(events(5, 3, &[(true, 3)])), Nonsense::Removal);
    assert_nonsense(&after(removal(2, "b", 1)), Nonsense::Target);
    assert_nonsense(&after(removal(2, "a", 4)), Nonsense::Target);
    assert_nonsense(&after(removal(3, "b", 0)), Nonsense::Target);
    assert_nonsense(&after(removal(3, "a", 1)), Nonsense::Target);
    let mut flags = events(5, 3, &[(false, 3)]);
    flags[24] = 8;
    assert_nonsense(&after(flags), Nonsense::Kind);
    let mut many = events(5, 3, &[(false, 3)]);
    many[20..24].copy_from_slice(&[0xFF; 4]);
    assert_nonsense(&after(many), Nonsense::Full);
}
