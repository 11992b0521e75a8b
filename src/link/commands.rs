//! What was done, as bytes. The numbers of kinds are for ever.

use super::bytes::{Read, Reader, Writer};
use super::settings::{self, read_delay, read_links, write_delay, write_links};
use super::{BadLink, limits};
use crate::labs::{Ask, Client, Command, LabEntry, MembershipChange};
use crate::sim::{Fault, NodeId, RecordId};

pub(super) fn write(writer: &mut Writer, command: &Command) {
    match command {
        // The commonest is the shortest: kinds from 16 on are one fault.
        Command::Faults(faults) => match &faults[..] {
            [fault] => write_fault(writer, 16, fault),
            several => {
                writer.number(0);
                writer.number(several.len() as u64);
                several.iter().for_each(|fault| write_fault(writer, 0, fault));
            }
        },
        Command::TimeOut(node) => {
            writer.number(1);
            writer.number(node.0.into());
        }
        Command::Ask { client, via, what } => {
            writer.number(match what {
                Ask::Write { .. } => 2,
                Ask::Read { .. } => 3,
                Ask::OpenSession => 4,
                Ask::Retry => 5,
                Ask::Delete { .. } => 11,
                Ask::Do { .. } => 13,
            });
            writer.number(client.0.into());
            writer.number(via.0.into());
            match what {
                Ask::Write { key, value } => {
                    writer.text(key);
                    writer.text(value);
                }
                Ask::Read { key } | Ask::Delete { key } => writer.text(key),
                Ask::Do { what } => writer.text(what),
                Ask::OpenSession | Ask::Retry => {}
            }
        }
        Command::ChangeMembership { via, change } => {
            let (kind, nodes) = match change {
                MembershipChange::AddLearner(node) => (6, std::slice::from_ref(node)),
                MembershipChange::Promote(node) => (7, std::slice::from_ref(node)),
                MembershipChange::Remove(node) => (8, std::slice::from_ref(node)),
                MembershipChange::Replace(nodes) => (9, &nodes[..]),
            };
            writer.number(kind);
            writer.number(via.0.into());
            if kind == 9 {
                writer.number(nodes.len() as u64);
            }
            nodes.iter().for_each(|node| writer.number(node.0.into()));
        }
        Command::TransferLeadership { via, to } => {
            writer.number(10);
            writer.number(via.0.into());
            writer.number(to.0.into());
        }
        Command::Set(setting) => {
            writer.number(12);
            settings::write_one(writer, *setting);
        }
    }
}

pub(super) fn read(reader: &mut Reader<'_>, lab: &LabEntry) -> Read<Command> {
    let kind = reader.number()?;
    Ok(match kind {
        0 => {
            let count = reader.count(limits::LIST, "the number of faults")?;
            let faults = (0..count).map(|_| {
                let kind = reader.number()?;
                read_fault(reader, kind)
            });
            Command::Faults(faults.collect::<Read<_>>()?)
        }
        1 => Command::TimeOut(node(reader)?),
        2..=5 | 11 | 13 => {
            let (client, via) = (Client(reader.byte("a client")?), node(reader)?);
            let what = match kind {
                2 => Ask::Write { key: reader.text()?, value: reader.text()? },
                3 => Ask::Read { key: reader.text()? },
                4 => Ask::OpenSession,
                11 => Ask::Delete { key: reader.text()? },
                13 => Ask::Do { what: reader.text()? },
                _ => Ask::Retry,
            };
            Command::Ask { client, via, what }
        }
        6..=9 => {
            let via = node(reader)?;
            let change = match kind {
                6 => MembershipChange::AddLearner(node(reader)?),
                7 => MembershipChange::Promote(node(reader)?),
                8 => MembershipChange::Remove(node(reader)?),
                _ => {
                    let count = reader.count(u8::MAX.into(), "the number of voters")?;
                    let nodes = (0..count).map(|_| node(reader));
                    MembershipChange::Replace(nodes.collect::<Read<_>>()?)
                }
            };
            Command::ChangeMembership { via, change }
        }
        10 => Command::TransferLeadership { via: node(reader)?, to: node(reader)? },
        12 => Command::Set(settings::read_one(reader, lab)?),
        16.. => Command::Faults(vec![read_fault(reader, kind - 16)?]),
        _ => return Err(BadLink::Unknown("act")),
    })
}

fn write_fault(writer: &mut Writer, base: u64, fault: &Fault) {
    let mut kind = |number: u64| writer.number(base + number);
    match fault {
        Fault::Cut(links) => {
            kind(0);
            write_pairs(writer, links);
        }
        Fault::Heal(links) => {
            kind(1);
            write_pairs(writer, links);
        }
        Fault::HealAll => kind(2),
        Fault::SetLinks(links, settings) => {
            kind(3);
            write_pairs(writer, links);
            write_links(writer, settings);
        }
        Fault::Crash(node) => {
            kind(4);
            writer.number(node.0.into());
        }
        Fault::CrashTorn { node, whole, part_ppm } => {
            kind(5);
            writer.number(node.0.into());
            writer.number((*whole).into());
            writer.number((*part_ppm).into());
        }
        Fault::Restart(node) => {
            kind(6);
            writer.number(node.0.into());
        }
        Fault::Pause(node) => {
            kind(7);
            writer.number(node.0.into());
        }
        Fault::Resume(node) => {
            kind(8);
            writer.number(node.0.into());
        }
        Fault::SetSync(node, delay) => {
            kind(9);
            writer.number(node.0.into());
            write_delay(writer, *delay);
        }
        Fault::SetClock { node, rate_ppm, offset_us } => {
            kind(10);
            writer.number(node.0.into());
            writer.number((*rate_ppm).into());
            writer.signed(*offset_us);
        }
        Fault::DropMessage(message) => {
            kind(11);
            writer.number(message.0.into());
        }
        Fault::DelayMessage(message, us) => {
            kind(12);
            writer.number(message.0.into());
            writer.number(*us);
        }
        Fault::DuplicateMessage(message) => {
            kind(13);
            writer.number(message.0.into());
        }
    }
}

fn read_fault(reader: &mut Reader<'_>, kind: u64) -> Read<Fault> {
    Ok(match kind {
        0 => Fault::Cut(read_pairs(reader)?),
        1 => Fault::Heal(read_pairs(reader)?),
        2 => Fault::HealAll,
        3 => Fault::SetLinks(read_pairs(reader)?, read_links(reader)?),
        4 => Fault::Crash(node(reader)?),
        5 => Fault::CrashTorn {
            node: node(reader)?,
            whole: reader.short("a number of writes")?,
            part_ppm: reader.short("a part of a write")?,
        },
        6 => Fault::Restart(node(reader)?),
        7 => Fault::Pause(node(reader)?),
        8 => Fault::Resume(node(reader)?),
        9 => Fault::SetSync(node(reader)?, read_delay(reader)?),
        10 => Fault::SetClock {
            node: node(reader)?,
            rate_ppm: reader.short("the rate of a clock")?,
            offset_us: reader.signed()?,
        },
        11 => Fault::DropMessage(message(reader)?),
        12 => Fault::DelayMessage(message(reader)?, reader.at_most(limits::AT_US, "a delay")?),
        13 => Fault::DuplicateMessage(message(reader)?),
        _ => return Err(BadLink::Unknown("fault")),
    })
}

fn node(reader: &mut Reader<'_>) -> Read<NodeId> {
    reader.byte("a server").map(NodeId)
}

fn message(reader: &mut Reader<'_>) -> Read<RecordId> {
    reader.short("a message").map(RecordId)
}

/// All servers that a set can have.
const ALL: u64 = (1 << 16) - 1;

/// Links are mostly all those between two groups, both ways or one way: then two sets of servers
/// say it all.
fn write_pairs(writer: &mut Writer, pairs: &[(NodeId, NodeId)]) {
    let shapes = [(0, true), (1, false)];
    let fits = shapes.into_iter().find_map(|(shape, both_ways)| {
        let step = if both_ways { 2 } else { 1 };
        let of = |pick: fn(&(NodeId, NodeId)) -> NodeId| {
            pairs
                .iter()
                .step_by(step)
                .fold(0_u64, |set, pair| set | 1_u64.checked_shl(pick(pair).0.into()).unwrap_or(0))
        };
        let (left, right) = (of(|pair| pair.0), of(|pair| pair.1));
        let fits = left <= ALL && right <= ALL && pairs_between(left, right, both_ways) == pairs;
        fits.then_some((shape, left, right))
    });
    match fits {
        Some((shape, left, right)) => {
            writer.number(shape);
            writer.number(left);
            writer.number(right);
        }
        None => {
            writer.number(2);
            writer.number(pairs.len() as u64);
            for (from, to) in pairs {
                writer.number(from.0.into());
                writer.number(to.0.into());
            }
        }
    }
}

fn read_pairs(reader: &mut Reader<'_>) -> Read<Vec<(NodeId, NodeId)>> {
    let shape = reader.number()?;
    match shape {
        0 | 1 => {
            let mut set = || reader.at_most(ALL, "a set of servers");
            Ok(pairs_between(set()?, set()?, shape == 0))
        }
        2 => {
            let count = reader.count(limits::LIST, "the number of links")?;
            (0..count).map(|_| Ok((node(reader)?, node(reader)?))).collect()
        }
        _ => Err(BadLink::Unknown("list of links")),
    }
}

/// In the order in which [`Fault::cut_between`] names them.
fn pairs_between(left: u64, right: u64, both_ways: bool) -> Vec<(NodeId, NodeId)> {
    let nodes = |set: u64| (0..16).filter(move |bit| set >> bit & 1 == 1).map(NodeId);
    let mut pairs = Vec::new();
    for from in nodes(left) {
        for to in nodes(right).filter(|to| *to != from) {
            pairs.push((from, to));
            if both_ways {
                pairs.push((to, from));
            }
        }
    }
    pairs
}
