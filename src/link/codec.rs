//! What the bytes of a link mean.
//!
//! ```text
//! link      = lab:text  settings  branches:number { branch }  branch:number  at_us:number
//!             beside:number (0 is none, else the branch plus 1)
//! settings  = servers:number  seed:number  has:number (1 links, 2 sync)  [ quality ] [ delay ]
//!             settings:number { name:text value }
//! branch    = [ from:number  kept:number  fork_us:number ]   not for the first
//!             name:text  actions:number { wait_us:number  act }
//! ```
//!
//! Numbers are LEB128, texts their length and UTF-8. An action's time is how long it comes after
//! the action before it; a branch holds only the actions that are not those of the branch that it
//! leaves. Acts are in `commands.rs`, their kinds numbered.

use super::bytes::{Read, Reader, Writer};
use super::{BadLink, Link, commands, limits, settings};
use crate::labs::LabEntry;
use crate::session::Action;
use crate::timeline::{self, Branch, BranchId, Deed, Fork, Tree};

/// The bytes of a link.
pub(super) fn encode(link: &Link) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.text(link.lab);
    settings::write(&mut writer, &link.settings);
    let shown: Vec<(BranchId, &Branch)> = link.tree.shown().collect();
    writer.number(shown.len() as u64);
    for (place, (_, branch)) in shown.iter().enumerate() {
        let kept = write_fork(&mut writer, &shown[..place], branch);
        writer.text(&branch.name);
        let own = &branch.actions[kept..];
        writer.number(own.len() as u64);
        let mut before_us = kept.checked_sub(1).map_or(0, |last| branch.actions[last].at_us);
        for action in own {
            writer.number(action.at_us - before_us);
            commands::write(&mut writer, &action.command);
            before_us = action.at_us;
        }
    }
    let place = |id| shown.iter().position(|(shown, _)| *shown == id);
    writer.number(place(link.branch).unwrap_or(0) as u64);
    writer.number(link.at_us);
    let beside = link.beside.and_then(place);
    writer.number(beside.map_or(0, |place| place as u64 + 1));
    writer.bytes
}

/// Where a branch leaves one of those before it: the one with which it has most in common. How many
/// actions that are.
fn write_fork(writer: &mut Writer, before: &[(BranchId, &Branch)], branch: &Branch) -> usize {
    let common = |other: &Branch| {
        let both = other.actions.iter().zip(&branch.actions);
        both.take_while(|(one, other)| one == other).count()
    };
    let mut best: Option<(usize, usize)> = None;
    for (place, (_, other)) in before.iter().enumerate() {
        let kept = common(other);
        if best.is_none_or(|(_, most)| kept > most) {
            best = Some((place, kept));
        }
    }
    let Some((from, kept)) = best else {
        return 0;
    };
    let last_us = kept.checked_sub(1).map_or(0, |last| branch.actions[last].at_us);
    let fork_us = branch.fork.map_or(0, |fork| fork.at_us);
    // A branch whose parent was deleted leaves another, and no later than its own first act.
    let own_us = branch.actions.get(kept).map_or(u64::MAX, |action| action.at_us);
    writer.number(from as u64);
    writer.number(kept as u64);
    writer.number(fork_us.max(last_us).min(own_us));
    kept
}

/// The link of these bytes, if it is of one of these labs.
pub(super) fn decode(bytes: &[u8], labs: &'static [LabEntry]) -> Result<Link, BadLink> {
    let mut reader = Reader::new(bytes);
    let reader = &mut reader;
    let lab = reader.text()?;
    let entry = labs.iter().find(|entry| entry.name == lab).ok_or(BadLink::UnknownLab(lab))?;
    let settings = settings::read(reader, entry)?;
    let branches = reader.count(timeline::limits::BRANCHES, "the number of branches")?;
    if branches == 0 {
        return Err(BadLink::OutOfRange("the number of branches"));
    }
    let mut tree = Tree::default();
    for place in 0..branches {
        read_branch(reader, entry, place, &mut tree)?;
    }
    let branch = |number: u64| BranchId(number as u16);
    let looked_at = reader.at_most(branches as u64 - 1, "the branch")?;
    let at_us = reader.at_most(limits::AT_US, "the instant")?;
    let beside = reader.at_most(branches as u64, "the branch beside")?;
    reader.end()?;
    Ok(Link {
        lab: entry.name,
        settings,
        tree,
        branch: branch(looked_at),
        at_us,
        beside: beside.checked_sub(1).map(branch),
    })
}

fn read_branch(
    reader: &mut Reader<'_>,
    entry: &LabEntry,
    place: usize,
    tree: &mut Tree,
) -> Read<()> {
    let branch = BranchId(place as u16);
    let mut before_us = 0;
    if place > 0 {
        let from = BranchId(reader.at_most(place as u64 - 1, "the branch left")? as u16);
        let actions = reader.at_most(timeline::limits::ACTIONS as u64, "actions in common")?;
        let at_us = reader.at_most(limits::AT_US, "the instant of a fork")?;
        let actions = actions as usize;
        let kept = tree.branch(from).and_then(|from| from.actions.get(..actions));
        before_us = kept.and_then(|kept| kept.last()).map_or(0, |last| last.at_us);
        tree.note(Deed::Forked(Fork { from, actions, at_us }))?;
    }
    let name = reader.text()?;
    if !name.is_empty() {
        tree.note(Deed::Named { branch, name })?;
    }
    for _ in 0..reader.count(timeline::limits::ACTIONS, "the number of actions")? {
        let wait_us = reader.at_most(limits::AT_US, "a time between two acts")?;
        let at_us = before_us + wait_us;
        if at_us > limits::AT_US {
            return Err(BadLink::OutOfRange("the instant of an act"));
        }
        let command = commands::read(reader, entry)?;
        tree.note(Deed::Acted { branch, action: Action { at_us, command } })?;
        before_us = at_us;
    }
    Ok(())
}
