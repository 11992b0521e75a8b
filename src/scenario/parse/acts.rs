//! What can be done: one line of grammar a fault and a command.

use super::super::{Act, Change, FaultAct, Links, Quality, Which};
use super::cursor::{Cursor, Parsed};
use crate::labs::{Ask, Client, Setting, SettingEntry, SettingValue};
use crate::sim::{Capacity, RecordId};

/// The first words of everything that can be done.
const ACTS: &str = "cut, heal, links, crash, restart, pause, resume, disk, clock, drop, delay, \
                    duplicate, time-out, write, read, delete, open-session, retry, do, \
                    add-learner, promote, remove, voters, transfer, set or nothing";

/// Said where a setting may stand.
const SETTINGS: &str = "a setting such as servers, seed or network, or ";

/// The first words of everything that a step can be.
const STEPS: &str = "a step: at, after, until, say, task or expect, or an act: ";

pub(super) fn act(line: &mut Cursor<'_>) -> Parsed<Act> {
    if line.takes("time-out") {
        return Ok(Act::TimeOut(line.who()?));
    }
    if let Some(what) = ask(line)? {
        let via = line.who()?;
        let client = if line.takes("by") { line.client()? } else { Client::FIRST };
        return Ok(Act::Ask { client, what, via });
    }
    if let Some(how) = change(line)? {
        line.word("via")?;
        return Ok(Act::Change { how, via: line.who()? });
    }
    if line.takes("transfer") {
        line.word("from")?;
        let from = line.who()?;
        line.word("to")?;
        return Ok(Act::Transfer { from, to: line.who()? });
    }
    if line.takes("set") {
        return set(line);
    }
    if line.takes("nothing") {
        return Ok(Act::Faults(Vec::new()));
    }
    let mut faults = Vec::new();
    loop {
        match fault(line)? {
            Some(fault) => faults.push(fault),
            None if faults.is_empty() => {
                let settings = if line.settings { SETTINGS } else { "" };
                return line.expected(format!("{settings}{STEPS}{ACTS}"));
            }
            None => return line.expected("something more to do at once"),
        }
        if !line.takes_sign(";") {
            return Ok(Act::Faults(faults));
        }
    }
}

fn set(line: &mut Cursor<'_>) -> Parsed<Act> {
    let known = |word: &str| line.entry.lab.settings.iter().find(|known| known.name == word);
    let Some(known) = line.peek().and_then(known) else {
        return line.expected("a setting of the lab's protocol");
    };
    line.skip();
    Ok(Act::Set(Setting { name: known.name, value: setting_value(line, known)? }))
}

/// What a client asks for, up to the server that it asks.
fn ask(line: &mut Cursor<'_>) -> Parsed<Option<Ask>> {
    let (what, before_server) = if line.takes("write") {
        let (key, value) = line.pair()?;
        (Ask::Write { key, value }, "to")
    } else if line.takes("read") {
        (Ask::Read { key: line.name()? }, "from")
    } else if line.takes("delete") {
        (Ask::Delete { key: line.name()? }, "at")
    } else if line.takes("open-session") {
        (Ask::OpenSession, "at")
    } else if line.takes("retry") {
        (Ask::Retry, "at")
    } else if line.takes("do") {
        (Ask::Do { what: line.text()? }, "at")
    } else {
        return Ok(None);
    };
    line.word(before_server)?;
    Ok(Some(what))
}

fn change(line: &mut Cursor<'_>) -> Parsed<Option<Change>> {
    Ok(Some(if line.takes("add-learner") {
        Change::AddLearner(line.who()?)
    } else if line.takes("promote") {
        Change::Promote(line.who()?)
    } else if line.takes("remove") {
        Change::Remove(line.who()?)
    } else if line.takes("voters") {
        let mut voters = vec![line.who()?];
        while let Some(who) = line.maybe_who()? {
            voters.push(who);
        }
        Change::Replace(voters)
    } else {
        return Ok(None);
    }))
}

fn fault(line: &mut Cursor<'_>) -> Parsed<Option<FaultAct>> {
    let Some(word) = line.peek() else {
        return Ok(None);
    };
    let read: fn(&mut Cursor<'_>) -> Parsed<FaultAct> = match word {
        "cut" => |line| Ok(FaultAct::Cut(links(line)?)),
        "heal" => heal,
        "links" => set_links,
        "crash" => crash,
        "restart" => |line| Ok(FaultAct::Restart(line.who()?)),
        "pause" => |line| Ok(FaultAct::Pause(line.who()?)),
        "resume" => |line| Ok(FaultAct::Resume(line.who()?)),
        "disk" => |line| Ok(FaultAct::SetSync(line.who()?, line.delay()?)),
        "clock" => clock,
        "drop" => |line| Ok(FaultAct::DropMessage(message(line)?)),
        "delay" => delay_message,
        "duplicate" => |line| Ok(FaultAct::DuplicateMessage(message(line)?)),
        _ => return Ok(None),
    };
    line.skip();
    read(line).map(Some)
}

fn heal(line: &mut Cursor<'_>) -> Parsed<FaultAct> {
    let mut after = line.clone();
    after.takes("all");
    if is_done(&after) {
        *line = after;
        return Ok(FaultAct::HealAll);
    }
    Ok(FaultAct::Heal(links(line)?))
}

/// Whether the act ends here.
fn is_done(line: &Cursor<'_>) -> bool {
    line.is_at_end() || line.clone().takes_sign(";")
}

fn crash(line: &mut Cursor<'_>) -> Parsed<FaultAct> {
    let who = line.who()?;
    if !line.takes("keeping") {
        return Ok(FaultAct::Crash(who));
    }
    let whole = line.count("how many writes survive")?;
    line.word("and")?;
    Ok(FaultAct::CrashTorn { who, whole, part_ppm: line.share()? })
}

fn clock(line: &mut Cursor<'_>) -> Parsed<FaultAct> {
    let who = line.who()?;
    if line.takes("true") {
        return Ok(FaultAct::SetClock { who, rate_ppm: 1_000_000, offset_us: 0 });
    }
    line.word("rate")?;
    let rate_ppm = line.share()?;
    let here = line.clone();
    let offset_us = if line.takes("ahead") {
        i64::try_from(line.any_time()?).ok()
    } else if line.takes("behind") {
        0_i64.checked_sub_unsigned(line.any_time()?)
    } else {
        Some(0)
    };
    match offset_us {
        Some(offset_us) => Ok(FaultAct::SetClock { who, rate_ppm, offset_us }),
        None => here.expected("ahead or behind by less than 2^63 us"),
    }
}

fn delay_message(line: &mut Cursor<'_>) -> Parsed<FaultAct> {
    let which = message(line)?;
    line.word("by")?;
    Ok(FaultAct::DelayMessage(which, line.any_time()?))
}

/// `message 17` or `message S1 -> S2`
fn message(line: &mut Cursor<'_>) -> Parsed<Which> {
    line.word("message")?;
    if let Some(from) = line.maybe_who()? {
        line.sign("->")?;
        return Ok(Which::OldestOn(from, line.who()?));
    }
    line.count("a message's number, or its link such as S1 -> S2")
        .map(|number| Which::Record(RecordId(number)))
}

/// `A | B`, `A -> B`, and more of them after commas; or `none`.
fn links(line: &mut Cursor<'_>) -> Parsed<Vec<Links>> {
    if line.takes("none") {
        return Ok(Vec::new());
    }
    let mut list = Vec::new();
    loop {
        let first = line.members()?;
        if line.takes_sign("->") {
            list.push(Links::OneWay(first, line.members()?));
        } else {
            let mut groups = vec![first];
            while line.takes_sign("|") {
                groups.push(line.members()?);
            }
            if groups.len() < 2 {
                return line.expected("`|` or `->` and the other side");
            }
            list.push(Links::Between(groups));
        }
        if !line.takes_sign(",") {
            return Ok(list);
        }
    }
}

fn set_links(line: &mut Cursor<'_>) -> Parsed<FaultAct> {
    let links = links(line)?;
    if line.takes("as-at-first") {
        return Ok(FaultAct::SetLinks(links, None));
    }
    Ok(FaultAct::SetLinks(links, Some(quality(line)?)))
}

/// `delay D loss P duplicate P reorder P by T capacity N queue N`, in any order, at least one.
pub(super) fn quality(line: &mut Cursor<'_>) -> Parsed<Quality> {
    let mut quality = Quality::default();
    let mut any = false;
    loop {
        if line.takes("delay") {
            quality.delay = Some(line.delay()?);
        } else if line.takes("loss") {
            quality.loss_ppm = line.share()?;
        } else if line.takes("duplicate") {
            quality.duplicate_ppm = line.share()?;
        } else if line.takes("reorder") {
            quality.reorder_ppm = line.share()?;
            line.word("by")?;
            let here = line.clone();
            let Ok(us) = u32::try_from(line.any_time()?) else {
                return here.expected("less than 4294s");
            };
            quality.reorder_us = us;
        } else if line.takes("capacity") {
            let per_second = line.count("messages a second")?;
            line.word("queue")?;
            let queue = line.count("messages that may wait")?;
            quality.capacity = Some(Capacity { per_second, queue });
        } else if any {
            return Ok(quality);
        } else {
            return line.expected("delay, loss, duplicate, reorder or capacity");
        }
        any = true;
    }
}

/// A value of the kind that the setting has.
pub(super) fn setting_value(line: &mut Cursor<'_>, of: &SettingEntry) -> Parsed<SettingValue> {
    Ok(match of.default {
        SettingValue::Range { .. } => {
            let low_us = line.time()?;
            let high_us = if line.takes_sign("..") { line.time()? } else { low_us };
            SettingValue::Range { low_us, high_us }
        }
        SettingValue::Time { .. } => SettingValue::Time { us: line.time()? },
        SettingValue::Count(_) => SettingValue::Count(line.number("a number", 0, u64::MAX)?),
        SettingValue::Switch(_) if line.takes("on") => SettingValue::Switch(true),
        SettingValue::Switch(_) if line.takes("off") => SettingValue::Switch(false),
        SettingValue::Switch(_) => return line.expected("on or off"),
        SettingValue::Share { .. } => SettingValue::Share { ppm: line.share()? },
        SettingValue::Choice(_) => {
            let mut names = of.choices.iter().map(|(name, _)| *name);
            match names.clone().find(|name| line.takes(name)) {
                Some(name) => SettingValue::Choice(name),
                None => {
                    let first = names.next().unwrap_or_default();
                    let all = names.fold(first.to_owned(), |all, name| all + ", " + name);
                    return line.expected(format!("one of {all}"));
                }
            }
        }
    })
}
