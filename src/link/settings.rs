//! What a lab is made with, as bytes.

use super::BadLink;
use super::bytes::{Read, Reader, Writer};
use crate::labs::{LabEntry, LabSettings, Setting, SettingEntry, SettingValue, Tuning};
use crate::sim::{Capacity, Delay, LinkSettings};

pub(super) fn write(writer: &mut Writer, settings: &LabSettings) {
    writer.number(settings.servers.into());
    writer.number(settings.seed);
    let Tuning { links, sync, protocol } = &settings.tuning;
    writer.number(u64::from(links.is_some()) | u64::from(sync.is_some()) << 1);
    links.iter().for_each(|links| write_links(writer, links));
    sync.iter().for_each(|sync| write_delay(writer, *sync));
    writer.number(protocol.len() as u64);
    protocol.iter().for_each(|setting| write_one(writer, *setting));
}

pub(super) fn write_one(writer: &mut Writer, setting: Setting) {
    writer.text(setting.name);
    write_value(writer, setting.value);
}

pub(super) fn read(reader: &mut Reader<'_>, entry: &LabEntry) -> Read<LabSettings> {
    let servers = reader.byte("the number of servers")?;
    if !entry.servers.contains(&servers) {
        return Err(BadLink::OutOfRange("the number of servers"));
    }
    let mut settings = LabSettings::new(servers, reader.number()?);
    let has = reader.at_most(3, "what is set")?;
    if has & 1 != 0 {
        settings.tuning.links = Some(read_links(reader)?);
    }
    if has & 2 != 0 {
        settings.tuning.sync = Some(read_delay(reader)?);
    }
    for _ in 0..reader.count(entry.settings.len(), "the number of settings")? {
        settings.tuning.set(read_one(reader, entry)?);
    }
    Ok(settings)
}

pub(super) fn read_one(reader: &mut Reader<'_>, entry: &LabEntry) -> Read<Setting> {
    let name = reader.text()?;
    let known = entry.settings.iter().find(|known| known.name == name);
    let known = known.ok_or(BadLink::UnknownSetting(name))?;
    Ok(Setting { name: known.name, value: read_value(reader, known)? })
}

fn kind(value: SettingValue) -> u64 {
    match value {
        SettingValue::Range { .. } => 0,
        SettingValue::Time { .. } => 1,
        SettingValue::Count(_) => 2,
        SettingValue::Switch(_) => 3,
        SettingValue::Choice(_) => 4,
        SettingValue::Share { .. } => 5,
    }
}

fn write_value(writer: &mut Writer, value: SettingValue) {
    writer.number(kind(value));
    match value {
        SettingValue::Range { low_us, high_us } => {
            writer.number(low_us);
            writer.number(high_us);
        }
        SettingValue::Time { us: number } | SettingValue::Count(number) => writer.number(number),
        SettingValue::Switch(on) => writer.number(on.into()),
        SettingValue::Choice(name) => writer.text(name),
        SettingValue::Share { ppm } => writer.number(ppm.into()),
    }
}

fn read_value(reader: &mut Reader<'_>, known: &SettingEntry) -> Read<SettingValue> {
    let found = reader.number()?;
    if found != kind(known.default) {
        return Err(BadLink::UnknownSetting(known.name.to_owned()));
    }
    Ok(match found {
        0 => SettingValue::Range { low_us: reader.number()?, high_us: reader.number()? },
        1 => SettingValue::Time { us: reader.number()? },
        2 => SettingValue::Count(reader.number()?),
        3 => SettingValue::Switch(reader.at_most(1, "a switch")? == 1),
        4 => {
            let name = reader.text()?;
            let found = known.choices.iter().find(|(choice, _)| *choice == name);
            // No choice at all is what some settings are by themselves.
            let none = known.default == SettingValue::Choice("") && name.is_empty();
            match found {
                Some((name, _)) => SettingValue::Choice(name),
                None if none => known.default,
                None => return Err(BadLink::UnknownSetting(name)),
            }
        }
        5 => SettingValue::Share { ppm: reader.short("a share")? },
        _ => return Err(BadLink::Unknown("setting")),
    })
}

pub(super) fn write_delay(writer: &mut Writer, delay: Delay) {
    let (kind, first, second) = match delay {
        Delay::Constant { us } => (0, us, None),
        Delay::Uniform { low_us, high_us } => (1, low_us, Some(high_us)),
        Delay::Exponential { mean_us } => (2, mean_us, None),
        Delay::LogNormal { median_us, sigma_ppm } => (3, median_us, Some(sigma_ppm.into())),
        Delay::Pareto { low_us, shape_ppm } => (4, low_us, Some(shape_ppm.into())),
    };
    writer.number(kind);
    writer.number(first);
    second.iter().for_each(|second| writer.number(*second));
}

pub(super) fn read_delay(reader: &mut Reader<'_>) -> Read<Delay> {
    let (kind, first) = (reader.number()?, reader.number()?);
    let delay = match kind {
        0 => Delay::Constant { us: first },
        1 => Delay::Uniform { low_us: first, high_us: reader.number()? },
        2 => Delay::Exponential { mean_us: first },
        3 => Delay::LogNormal { median_us: first, sigma_ppm: reader.short("a deviation")? },
        4 => Delay::Pareto { low_us: first, shape_ppm: reader.short("a shape")? },
        _ => return Err(BadLink::Unknown("delay")),
    };
    delay.validate().map_err(|_| BadLink::OutOfRange("a delay"))?;
    Ok(delay)
}

pub(super) fn write_links(writer: &mut Writer, links: &LinkSettings) {
    write_delay(writer, links.delay);
    writer.number(links.loss_ppm.into());
    writer.number(links.duplicate_ppm.into());
    writer.number(links.reorder_ppm.into());
    writer.number(links.reorder_us.into());
    // No link has a capacity of 0.
    let Capacity { per_second, queue } =
        links.capacity.unwrap_or(Capacity { per_second: 0, queue: 0 });
    writer.number(per_second.into());
    if per_second > 0 {
        writer.number(queue.into());
    }
}

pub(super) fn read_links(reader: &mut Reader<'_>) -> Read<LinkSettings> {
    let mut links = LinkSettings::with_delay(read_delay(reader)?);
    links.loss_ppm = reader.short("a loss")?;
    links.duplicate_ppm = reader.short("a share of duplicates")?;
    links.reorder_ppm = reader.short("a share of messages held back")?;
    links.reorder_us = reader.short("a time to be held back")?;
    let per_second = reader.short("a capacity")?;
    if per_second > 0 {
        links.capacity = Some(Capacity { per_second, queue: reader.short("a queue")? });
    }
    links.validate().map_err(|_| BadLink::OutOfRange("the quality of a link"))?;
    Ok(links)
}
