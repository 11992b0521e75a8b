//! A run with everything that was done in it, in the order in which it was done: what one program
//! of the page tells another. Unlike a [link](super::Link), which is for others, it has branches
//! that were deleted and names that were changed.
//!
//! ```text
//! log  = lab:text  settings  deeds:number { kind:number deed }
//! deed = branch:number at_us:number act              0: done at the end of a branch
//!      | from:number actions:number at_us:number     1: a branch began
//!      | branch:number name:text                     2: a branch was named
//!      | branch:number                               3: a branch was deleted
//! ```
//!
//! Both programs are of one build, so nothing needs to be read that an older one wrote. Everything
//! is checked all the same.

use super::bytes::{Read, Reader, Writer};
use super::{BadLink, Link, alphabet, commands, limits, settings};
use crate::labs::{LabEntry, LabSettings, known};
use crate::session::Action;
use crate::timeline::{self, BranchId, Deed, Fork, Timeline};

/// What a log begins with.
const PREFIX: &str = "log=";
/// More deeds than this nobody does in one run.
const MOST: usize = 4 * timeline::limits::ACTIONS;

/// A run, and all that was done in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeedLog {
    /// The lab's name in the registry.
    pub lab: &'static str,
    /// What the lab is made with.
    pub settings: LabSettings,
    /// What was done.
    pub deeds: Vec<Deed>,
}

impl DeedLog {
    /// The lab's line in the registry.
    pub fn entry(&self) -> Option<&'static LabEntry> {
        known().labs.iter().find(|entry| entry.name == self.lab)
    }

    /// The text of a timeline's log.
    pub fn text_of(timeline: &Timeline) -> String {
        let mut writer = Writer::default();
        writer.text(timeline.entry().name);
        settings::write(&mut writer, timeline.settings());
        let deeds = timeline.tree().deeds();
        writer.number(deeds.len() as u64);
        deeds.iter().for_each(|deed| write(&mut writer, deed));
        let mut text = PREFIX.to_owned();
        alphabet::write(&writer.bytes, &mut text);
        text
    }

    /// Reads the text of a log, or of a link, whose branches then are all that was done.
    ///
    /// # Errors
    ///
    /// [`BadLink`], which says what is wrong.
    pub fn parse(text: &str) -> Result<DeedLog, BadLink> {
        let Some(body) = text.strip_prefix(PREFIX) else {
            let link = Link::parse(text)?;
            let deeds = link.tree.deeds().to_vec();
            return Ok(DeedLog { lab: link.lab, settings: link.settings, deeds });
        };
        let bytes = alphabet::read(body)?;
        let reader = &mut Reader::new(&bytes);
        let lab = reader.text()?;
        let mut labs = known().labs.iter();
        let entry = labs.find(|entry| entry.name == lab).ok_or(BadLink::UnknownLab(lab))?;
        let settings = settings::read(reader, entry)?;
        let count = reader.count(MOST, "the number of deeds")?;
        let deeds = (0..count).map(|_| read(reader, entry)).collect::<Read<_>>()?;
        reader.end()?;
        Ok(DeedLog { lab: entry.name, settings, deeds })
    }
}

fn write(writer: &mut Writer, deed: &Deed) {
    match deed {
        Deed::Acted { branch, action } => {
            numbers(writer, &[0, branch.0.into(), action.at_us]);
            commands::write(writer, &action.command);
        }
        Deed::Forked(Fork { from, actions, at_us }) => {
            numbers(writer, &[1, from.0.into(), *actions as u64, *at_us]);
        }
        Deed::Named { branch, name } => {
            numbers(writer, &[2, branch.0.into()]);
            writer.text(name);
        }
        Deed::Deleted(branch) => numbers(writer, &[3, branch.0.into()]),
    }
}

fn numbers(writer: &mut Writer, numbers: &[u64]) {
    numbers.iter().for_each(|number| writer.number(*number));
}

fn read(reader: &mut Reader<'_>, entry: &LabEntry) -> Read<Deed> {
    let kind = reader.number()?;
    let branch = reader.at_most(timeline::limits::BRANCHES as u64, "a branch")?;
    let branch = BranchId(branch as u16);
    match kind {
        0 => {
            let at_us = reader.at_most(limits::AT_US, "the instant of an act")?;
            let command = commands::read(reader, entry)?;
            Ok(Deed::Acted { branch, action: Action { at_us, command } })
        }
        1 => {
            let actions = reader.at_most(timeline::limits::ACTIONS as u64, "actions in common")?;
            let at_us = reader.at_most(limits::AT_US, "the instant of a fork")?;
            Ok(Deed::Forked(Fork { from: branch, actions: actions as usize, at_us }))
        }
        2 => Ok(Deed::Named { branch, name: reader.text()? }),
        3 => Ok(Deed::Deleted(branch)),
        _ => Err(BadLink::Unknown("deed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::{Command, LABS};
    use crate::sim::{Fault, NodeId};

    fn session() -> Timeline {
        let mut timeline = Timeline::start(&LABS[0], LabSettings::new(5, 11));
        timeline.advance_to(900_000).expect("far from any limit");
        timeline.act(Command::write(NodeId(1), "x", "1")).expect("it runs");
        for at_us in [300_000, 200_000] {
            timeline.seek(at_us).expect("it was there");
            timeline.act(Command::Faults(vec![Fault::Crash(NodeId(0))])).expect("it runs");
        }
        timeline.name(BranchId(1), "torn".to_owned()).expect("it is there");
        timeline.delete(BranchId(1)).expect("there are others");
        timeline
    }

    #[test]
    fn a_log_comes_back_with_all_that_was_done_deleted_branches_included() {
        let timeline = session();
        let log = DeedLog::parse(&DeedLog::text_of(&timeline)).expect("it was just written");
        assert_eq!(log.deeds, timeline.tree().deeds());
        assert_eq!((log.lab, &log.settings), ("raft", timeline.settings()));
        assert_eq!(log.deeds.len(), 7);
    }

    #[test]
    fn a_link_is_a_log_of_what_it_has() {
        let timeline = session();
        let link = Link::of_timeline(&timeline, None).to_text();
        let log = DeedLog::parse(&link).expect("it was just written");
        assert_eq!(log.deeds, Link::parse(&link).expect("it is good").tree.deeds());
        assert!(log.deeds.len() < timeline.tree().deeds().len(), "what was deleted is not in it");
    }

    #[test]
    fn whatever_is_cut_off_or_put_in_is_refused() {
        let text = DeedLog::text_of(&session());
        for cut in PREFIX.len()..text.len() {
            assert!(DeedLog::parse(&text[..cut]).is_err(), "cut at {cut}");
        }
        assert_eq!(DeedLog::parse("log"), Err(BadLink::NotALink));
        let more = [&text, "AAAA"].concat();
        assert!(matches!(DeedLog::parse(&more), Err(BadLink::GoesOn | BadLink::CutShort)));
    }
}
