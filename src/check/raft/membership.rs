//! Who decides: any two majorities that can must have a server in common (§6; thesis 4.1).

use super::super::{Finding, Property, Verdicts};
use super::Look;
use super::view::{RaftNode, RaftWorld};
use crate::raft::{Configuration, Payload, ServerId};
use crate::sorted::SortedSet;

/// A leader brings a configuration into its log. The one before it must be committed, so must be an
/// entry of the leader's term (the correction of 2015), and majorities of the two must meet.
pub(super) fn judge<P: RaftWorld>(look: &Look<'_, P>, verdicts: &mut Verdicts) {
    judge_latest(look, verdicts);
    let (server, before) = (look.process, look.before);
    let (old, new) = (before.configuration_index, server.configuration_index());
    let led = before.leads && before.term == server.current_term();
    if before.fresh || !led || new <= old {
        return;
    }
    let commit = server.commit_index();
    let own_term = server.log().term_at(commit) == Some(server.current_term());
    let meet = overlap(server.configuration_at(old), server.configuration_at(new));
    let (leader, index) = (server.id(), new);
    let finding = if !meet {
        Finding::MajoritiesApart { leader, index }
    } else if commit < old || !own_term {
        Finding::ChangedTooEarly { leader, index }
    } else {
        return;
    };
    verdicts.note(Property::MajoritiesOverlap, look.at, finding);
}

/// A server uses the latest configuration in its log, whether it is committed or not (§6). Where
/// the log has none, it is in what the log's beginning was dropped for, or the first of all.
fn judge_latest<P: RaftWorld>(look: &Look<'_, P>, verdicts: &mut Verdicts) {
    let (server, log) = (look.process, look.process.log());
    let index = server.configuration_index();
    let is_old = index == look.before.configuration_index && !look.before.fresh;
    let changes = server.raft().config().membership_changes;
    if !changes || (is_old && look.before.differs_from(log).is_none()) {
        return;
    }
    let latest = log.iter().rev().find_map(|(at, entry)| match &entry.payload {
        Payload::Configuration(configuration) => Some((at, &**configuration)),
        _ => None,
    });
    let is_right = match latest {
        Some((at, configuration)) => index == at && server.configuration_at(index) == configuration,
        None => index <= log.base().last_log_index,
    };
    if !is_right {
        let finding = Finding::OtherMembers { server: server.id(), index };
        verdicts.note(Property::LatestMembers, look.at, finding);
    }
}

/// Whether every majority of the one has a server in common with every majority of the other. In
/// joint consensus a majority of the whole has one of either side in it, so one side is enough.
fn overlap(one: &Configuration, other: &Configuration) -> bool {
    sides(one).any(|mine| sides(other).any(|theirs| always_meet(mine, theirs)))
}

fn sides(configuration: &Configuration) -> impl Iterator<Item = &SortedSet<ServerId>> {
    let old = configuration.is_joint().then_some(&configuration.old_voters);
    [Some(&configuration.voters), old].into_iter().flatten()
}

/// Two majorities stay apart if each can do with servers of its own, and both together need no
/// more of the common ones than there are.
fn always_meet(mine: &SortedSet<ServerId>, theirs: &SortedSet<ServerId>) -> bool {
    let common = mine.iter().filter(|server| theirs.contains(server)).count();
    let needs = |side: &SortedSet<ServerId>| {
        (side.len() / 2 + 1).saturating_sub(side.len().saturating_sub(common))
    };
    needs(mine) + needs(theirs) > common
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(servers: u32) -> Configuration {
        let chosen = (0..8).filter(|id| servers >> id & 1 == 1).map(ServerId);
        Configuration { voters: chosen.collect(), ..Configuration::default() }
    }

    /// By definition: no two disjoint sets of servers are a majority each.
    #[test]
    fn overlap_is_what_trying_all_majorities_says() {
        for one in 1..64_u32 {
            for other in 1..64_u32 {
                let is_majority = |set: u32, of: u32| (set & of).count_ones() * 2 > of.count_ones();
                let apart = (0..64).any(|set| is_majority(set, one) && is_majority(!set, other));
                assert_eq!(overlap(&of(one), &of(other)), !apart, "{one:b} {other:b}");
            }
        }
    }

    #[test]
    fn joint_majorities_meet_those_of_either_side() {
        let joint = Configuration { old_voters: of(0b111).voters, ..of(0b111_000) };
        assert!(overlap(&of(0b111), &joint) && overlap(&joint, &of(0b111_000)));
        assert!(!overlap(&of(0b111), &of(0b111_000)));
        assert!(!overlap(&joint, &of(0b1100_0000)));
    }
}
