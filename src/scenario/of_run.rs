//! A run as a script with the exact times: its schedule.

use super::{
    Act, Change, FaultAct, Links, Member, Quality, Scenario, Step, What, When, Which, Who,
};
use crate::labs::{Command, MembershipChange};
use crate::session::Run;
use crate::sim::{Fault, NodeId};

impl Scenario {
    /// The script that does at each instant what was done in `run`, and ends at `until_us`. Played
    /// or replayed, it gives the same history, record by record.
    pub fn of_run(run: &Run, until_us: u64) -> Scenario {
        let mut steps = Vec::new();
        for action in &run.actions {
            steps.push((action.at_us, What::Act(Act::of_command(&action.command))));
        }
        let ends_us = run.actions.last().map_or(0, |action| action.at_us);
        if ends_us < until_us {
            steps.push((until_us, What::Nothing));
        }
        let step = |(at_us, what)| Step { line: 0, when: When::At(at_us), what };
        Scenario {
            lab: run.lab,
            title: String::new(),
            settings: run.settings.clone(),
            tasks: Vec::new(),
            goal: String::new(),
            forbids: Vec::new(),
            steps: steps.into_iter().map(step).collect(),
        }
    }
}

impl Act {
    /// The act that asks for exactly this.
    pub fn of_command(command: &Command) -> Act {
        match command {
            Command::Faults(faults) => Act::Faults(faults.iter().map(FaultAct::of_fault).collect()),
            Command::TimeOut(node) => Act::TimeOut(Who::Number(*node)),
            Command::Ask { client, via, what } => {
                Act::Ask { client: *client, what: what.clone(), via: Who::Number(*via) }
            }
            Command::ChangeMembership { via, change } => {
                Act::Change { how: Change::of_command(change), via: Who::Number(*via) }
            }
            Command::TransferLeadership { via, to } => {
                Act::Transfer { from: Who::Number(*via), to: Who::Number(*to) }
            }
            Command::Set(setting) => Act::Set(*setting),
        }
    }
}

impl Change {
    fn of_command(change: &MembershipChange) -> Change {
        match change {
            MembershipChange::AddLearner(node) => Change::AddLearner(Who::Number(*node)),
            MembershipChange::Promote(node) => Change::Promote(Who::Number(*node)),
            MembershipChange::Remove(node) => Change::Remove(Who::Number(*node)),
            MembershipChange::Replace(nodes) => {
                Change::Replace(nodes.iter().map(|node| Who::Number(*node)).collect())
            }
        }
    }
}

impl FaultAct {
    /// The act that asks for exactly this.
    pub fn of_fault(fault: &Fault) -> FaultAct {
        match fault {
            Fault::Cut(links) => FaultAct::Cut(links_of(links)),
            Fault::Heal(links) => FaultAct::Heal(links_of(links)),
            Fault::HealAll => FaultAct::HealAll,
            Fault::SetLinks(links, settings) => {
                FaultAct::SetLinks(links_of(links), Some(Quality::of(*settings)))
            }
            Fault::Crash(node) => FaultAct::Crash(Who::Number(*node)),
            Fault::CrashTorn { node, whole, part_ppm } => {
                FaultAct::CrashTorn { who: Who::Number(*node), whole: *whole, part_ppm: *part_ppm }
            }
            Fault::Restart(node) => FaultAct::Restart(Who::Number(*node)),
            Fault::Pause(node) => FaultAct::Pause(Who::Number(*node)),
            Fault::Resume(node) => FaultAct::Resume(Who::Number(*node)),
            Fault::SetSync(node, delay) => FaultAct::SetSync(Who::Number(*node), *delay),
            Fault::SetClock { node, rate_ppm, offset_us } => FaultAct::SetClock {
                who: Who::Number(*node),
                rate_ppm: *rate_ppm,
                offset_us: *offset_us,
            },
            Fault::DropMessage(message) => FaultAct::DropMessage(Which::Record(*message)),
            Fault::DelayMessage(message, us) => {
                FaultAct::DelayMessage(Which::Record(*message), *us)
            }
            Fault::DuplicateMessage(message) => FaultAct::DuplicateMessage(Which::Record(*message)),
        }
    }
}

/// Links that give exactly these pairs, in this order, said as briefly as it is easy to.
fn links_of(pairs: &[(NodeId, NodeId)]) -> Vec<Links> {
    let (mut from, mut to) = (Vec::new(), Vec::new());
    for pair in pairs {
        add_new(&mut from, pair.0);
        add_new(&mut to, pair.1);
    }
    let is_both_ways =
        |pairs: &[(NodeId, NodeId)]| matches!(pairs, [(a, b), (c, d), ..] if (a, b) == (d, c));
    if !pairs.is_empty() && !is_both_ways(pairs) && product(&from, &to) == pairs {
        return vec![Links::OneWay(members(&from), members(&to))];
    }
    // One server after the other, with all that follows of it; those with the same others join.
    let mut links: Vec<(bool, Vec<NodeId>, Vec<NodeId>)> = Vec::new();
    let mut rest = pairs;
    while let Some(&(from, _)) = rest.first() {
        let both = is_both_ways(rest);
        let step = if both { 2 } else { 1 };
        let mut to = Vec::new();
        while let [(a, b), ..] = *rest
            && a == from
            && is_both_ways(rest) == both
        {
            to.push(b);
            rest = &rest[step..];
        }
        match links.last_mut() {
            Some((last_both, froms, tos))
                if *last_both == both && *tos == to && !to.contains(&from) =>
            {
                froms.push(from);
            }
            _ => links.push((both, vec![from], to)),
        }
    }
    let link = |(both, from, to): &(bool, Vec<NodeId>, Vec<NodeId>)| match both {
        true => Links::Between(vec![members(from), members(to)]),
        false => Links::OneWay(members(from), members(to)),
    };
    links.iter().map(link).collect()
}

fn add_new(list: &mut Vec<NodeId>, node: NodeId) {
    if !list.contains(&node) {
        list.push(node);
    }
}

fn members(nodes: &[NodeId]) -> Vec<Member> {
    nodes.iter().map(|node| Member::Who(Who::Number(*node))).collect()
}

/// From each of `from` to each of `to`.
pub(super) fn product(from: &[NodeId], to: &[NodeId]) -> Vec<(NodeId, NodeId)> {
    let pairs = from.iter().flat_map(|&a| to.iter().map(move |&b| (a, b)));
    pairs.filter(|(a, b)| a != b).collect()
}

/// Both ways between each of `left` and each of `right`.
pub(super) fn both_ways(left: &[NodeId], right: &[NodeId]) -> Vec<(NodeId, NodeId)> {
    product(left, right).into_iter().flat_map(|(a, b)| [(a, b), (b, a)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn nodes(group: &[Member]) -> Vec<NodeId> {
        let node = |member: &Member| match member {
            Member::Who(Who::Number(node)) => *node,
            other => panic!("a run names servers by their numbers, not {other:?}"),
        };
        group.iter().map(node).collect()
    }

    #[test]
    fn links_mean_exactly_the_pairs_that_they_stand_for() {
        let mut random = Random::from_seed(3);
        for _ in 0..5_000 {
            let count = random.below(9);
            let mut pairs = Vec::new();
            while (pairs.len() as u64) < count {
                let (a, b) = (NodeId(random.below(4) as u8), NodeId(random.below(4) as u8));
                if a != b {
                    pairs.push((a, b));
                    pairs.extend(random.chance(500_000).then_some((b, a)));
                }
            }
            let expand = |links: &Links| match links {
                Links::OneWay(from, to) => product(&nodes(from), &nodes(to)),
                Links::Between(groups) => both_ways(&nodes(&groups[0]), &nodes(&groups[1])),
            };
            let meant: Vec<_> = links_of(&pairs).iter().flat_map(expand).collect();
            assert_eq!(meant, pairs);
        }
    }
}
