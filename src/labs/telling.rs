//! What happens in more than one lab, in sentences: what was done to the world, and who leads where
//! Raft runs beneath something else.

use crate::raft;
use crate::scene::Tone;
use crate::sim::{Fault, NodeId};
use crate::sorted::SortedSet;

/// A line of a story: how it is meant, its words, and the source that has the rule.
pub(super) type Telling = (Tone, String, Option<&'static str>);

/// What somebody did.
pub(super) fn tell_fault(fault: &Fault) -> String {
    match fault {
        Fault::Cut(links) => format!("You cut {}.", count_links(links)),
        Fault::Heal(links) => format!("You healed {}.", count_links(links)),
        Fault::HealAll => "You healed every link.".to_owned(),
        Fault::SetLinks(links, _) => format!("You changed {}.", count_links(links)),
        Fault::Crash(node) => format!("You crashed {node}: what was not on its disk is lost."),
        Fault::CrashTorn { node, .. } => {
            format!("You crashed {node} while its disk was writing: the last write may be torn.")
        }
        Fault::Restart(node) => format!("You restarted {node}."),
        Fault::Pause(node) => format!("You paused {node}: what comes for it waits."),
        Fault::Resume(node) => format!("{node} goes on, and takes what came meanwhile."),
        Fault::SetSync(node, _) => format!("You changed how long {node}’s disk takes."),
        Fault::SetClock { node, .. } => format!("You set {node}’s clock."),
        Fault::DropMessage(_) => "You took a message off the network.".to_owned(),
        Fault::DelayMessage(_, us) => format!("You held a message back for {} ms.", us / 1_000),
        Fault::DuplicateMessage(_) => "You doubled a message.".to_owned(),
    }
}

/// What matters of Raft to those who use it, with the section that has the rule.
pub(super) fn tell_raft(node: NodeId, event: &raft::Event) -> Option<(Tone, String, &'static str)> {
    Some(match event {
        raft::Event::BecameLeader { term, votes } => (
            Tone::Chief,
            format!("{node} has {votes} votes, a majority: it leads term {term}."),
            "Raft §5.2",
        ),
        raft::Event::BecameCandidate { term } => (
            Tone::Eager,
            format!("{node} hears from no leader: it stands for election in term {term}."),
            "Raft §5.2",
        ),
        raft::Event::SteppedDown { from: raft::RoleKind::Leader, .. } => (
            Tone::Bad,
            format!("{node} leads no longer: it has heard of a later term."),
            "Raft §5.1",
        ),
        raft::Event::ConflictTruncated { count, .. } => {
            let entries = if *count == 1 { "an entry" } else { "entries" };
            let text = format!("{node} deletes {entries} that the leader does not have.");
            (Tone::Bad, text, "Raft §5.3")
        }
        _ => return None,
    })
}

/// `the link S1 – S2`, `the link S1 → S2` or `6 links`.
fn count_links(links: &[(NodeId, NodeId)]) -> String {
    let pairs: SortedSet<_> = links.iter().map(|&(a, b)| (a.min(b), a.max(b))).collect();
    let pairs = pairs.into_vec();
    match (&pairs[..], links) {
        ([(a, b)], [_, _]) => format!("the link {a} – {b}"),
        ([_], [(from, to)]) => format!("the link {from} → {to}"),
        _ => format!("{} links", pairs.len()),
    }
}

/// `312 ms`
pub(super) fn ms(us: u64) -> String {
    format!("{} ms", us / 1_000)
}

/// `S1`, `S1 and S3`, `S1, S3 and S4`; `nobody` if there are none.
pub(super) fn names(servers: &[NodeId]) -> String {
    let [others @ .., last] = servers else {
        return "nobody".to_owned();
    };
    let mut text = String::new();
    for (place, other) in others.iter().enumerate() {
        if place > 0 {
            text.push_str(", ");
        }
        text.push_str(&other.to_string());
    }
    if !text.is_empty() {
        text.push_str(" and ");
    }
    text + &last.to_string()
}
