//! From what a script names to what it means at an instant.

use super::of_run::{both_ways, product};
use super::{
    Act, Arg, Change, Condition, Failure, FaultAct, Group, Links, Member, Which, Who, limits,
};
use crate::labs::{Command, MembershipChange, Scripted, Value};
use crate::sim::{Fault, LinkSettings, NodeId, RecordId};

/// What a script has named so far. Names of groups and of who was once called so live here.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    servers: u8,
    /// Whom a fault last called by each name.
    called: Vec<(&'static str, NodeId)>,
    /// The groups of the last cut between groups.
    groups: Vec<Vec<NodeId>>,
}

type Resolved<T> = Result<T, Failure>;

impl Names {
    pub(super) fn new(servers: u8) -> Names {
        Names { servers, called: Vec::new(), groups: Vec::new() }
    }

    /// What the act asks for at present.
    pub(super) fn command(&mut self, stage: &dyn Scripted, act: &Act) -> Resolved<Command> {
        Ok(match act {
            Act::Faults(faults) => {
                let faults = faults.iter().map(|fault| self.fault(stage, fault));
                Command::Faults(faults.collect::<Resolved<_>>()?)
            }
            Act::TimeOut(who) => Command::TimeOut(self.need(stage, *who)?),
            Act::Ask { client, what, via } => {
                let via = self.need(stage, *via)?;
                Command::Ask { client: *client, via, what: what.clone() }
            }
            Act::Change { how, via } => {
                let change = self.change(stage, how)?;
                Command::ChangeMembership { via: self.need(stage, *via)?, change }
            }
            Act::Transfer { from, to } => {
                let (via, to) = (self.need(stage, *from)?, self.need(stage, *to)?);
                Command::TransferLeadership { via, to }
            }
            Act::Set(setting) => Command::Set(*setting),
        })
    }

    fn change(&self, stage: &dyn Scripted, how: &Change) -> Resolved<MembershipChange> {
        Ok(match how {
            Change::AddLearner(who) => MembershipChange::AddLearner(self.need(stage, *who)?),
            Change::Promote(who) => MembershipChange::Promote(self.need(stage, *who)?),
            Change::Remove(who) => MembershipChange::Remove(self.need(stage, *who)?),
            Change::Replace(all) => {
                let voters = all.iter().map(|who| self.need(stage, *who));
                MembershipChange::Replace(voters.collect::<Resolved<_>>()?)
            }
        })
    }

    /// Whether the condition holds; `None` if it names somebody who is not there.
    pub(super) fn holds(&self, stage: &dyn Scripted, condition: &Condition) -> Option<bool> {
        for atom in &condition.atoms {
            let values: Option<Vec<Value>> =
                atom.args.iter().map(|arg| self.value(stage, arg)).collect();
            if stage.holds(atom.pattern, &values?) == atom.not {
                return Some(false);
            }
        }
        Some(true)
    }

    fn value(&self, stage: &dyn Scripted, arg: &Arg) -> Option<Value> {
        Some(match arg {
            Arg::Server(who) => Value::Server(self.find(stage, *who)?),
            Arg::Group(Group::OfCut(number)) => {
                Value::Servers(self.groups.get(usize::from(*number).checked_sub(1)?)?.clone())
            }
            Arg::Group(Group::Of(members)) => {
                let named = members.iter().filter_map(|member| match member {
                    Member::Who(who) => self.find(stage, *who),
                    Member::More(_) | Member::Rest | Member::All => None,
                });
                let named: Vec<NodeId> = named.collect();
                Value::Servers(self.with_others(vec![named], &[members]).concat())
            }
            Arg::Number(number) => Value::Number(*number),
            Arg::Client(client) => Value::Client(*client),
            Arg::Key(key) => Value::Key(key.clone()),
            Arg::Pair(key, value) => Value::Pair(key.clone(), value.clone()),
        })
    }

    fn find(&self, stage: &dyn Scripted, who: Who) -> Option<NodeId> {
        match who {
            Who::Number(node) => Some(node),
            Who::Named(name) => stage.named(name),
            Who::Old(name) => {
                self.called.iter().find(|(called, _)| *called == name).map(|(_, node)| *node)
            }
        }
    }

    fn need(&self, stage: &dyn Scripted, who: Who) -> Resolved<NodeId> {
        self.find(stage, who).ok_or(Failure::Nobody(who))
    }

    /// Finds somebody for a fault, and remembers whom it called so.
    fn call(&mut self, stage: &dyn Scripted, who: Who) -> Resolved<NodeId> {
        let node = self.need(stage, who)?;
        if let Who::Named(name) = who {
            self.called.retain(|(called, _)| *called != name);
            self.called.push((name, node));
        }
        Ok(node)
    }

    fn fault(&mut self, stage: &dyn Scripted, fault: &FaultAct) -> Resolved<Fault> {
        Ok(match fault {
            FaultAct::Cut(links) => Fault::Cut(self.links(stage, links, true)?),
            FaultAct::Heal(links) => Fault::Heal(self.links(stage, links, false)?),
            FaultAct::HealAll => Fault::HealAll,
            FaultAct::SetLinks(links, quality) => {
                let first: LinkSettings = stage.first_links();
                let settings = quality.map_or(first, |quality| quality.over(first.delay));
                Fault::SetLinks(self.links(stage, links, false)?, settings)
            }
            FaultAct::Crash(who) => Fault::Crash(self.call(stage, *who)?),
            FaultAct::CrashTorn { who, whole, part_ppm } => Fault::CrashTorn {
                node: self.call(stage, *who)?,
                whole: *whole,
                part_ppm: *part_ppm,
            },
            FaultAct::Restart(who) => Fault::Restart(self.call(stage, *who)?),
            FaultAct::Pause(who) => Fault::Pause(self.call(stage, *who)?),
            FaultAct::Resume(who) => Fault::Resume(self.call(stage, *who)?),
            FaultAct::SetSync(who, delay) => Fault::SetSync(self.call(stage, *who)?, *delay),
            FaultAct::SetClock { who, rate_ppm, offset_us } => Fault::SetClock {
                node: self.call(stage, *who)?,
                rate_ppm: *rate_ppm,
                offset_us: *offset_us,
            },
            FaultAct::DropMessage(which) => Fault::DropMessage(self.message(stage, *which)?),
            FaultAct::DelayMessage(which, us) => {
                Fault::DelayMessage(self.message(stage, *which)?, *us)
            }
            FaultAct::DuplicateMessage(which) => {
                Fault::DuplicateMessage(self.message(stage, *which)?)
            }
        })
    }

    fn message(&mut self, stage: &dyn Scripted, which: Which) -> Resolved<RecordId> {
        match which {
            Which::Record(record) => Ok(record),
            Which::OldestOn(from, to) => {
                let (from, to) = (self.need(stage, from)?, self.need(stage, to)?);
                stage.oldest_message(from, to).ok_or(Failure::NoMessage { from, to })
            }
        }
    }

    fn links(
        &mut self,
        stage: &dyn Scripted,
        list: &[Links],
        names_groups: bool,
    ) -> Resolved<Vec<(NodeId, NodeId)>> {
        let mut pairs = Vec::new();
        for links in list {
            let sides: Vec<&[super::Member]> = match links {
                Links::Between(groups) => groups.iter().map(Vec::as_slice).collect(),
                Links::OneWay(from, to) => vec![from, to],
            };
            let groups = self.groups(stage, &sides)?;
            let one_way = matches!(links, Links::OneWay(..));
            for (place, left) in groups.iter().enumerate() {
                for right in &groups[place + 1..] {
                    if pairs.len() + left.len() * right.len() * 2 > limits::LINKS {
                        return Err(Failure::TooManyLinks);
                    }
                    pairs.extend(if one_way {
                        product(left, right)
                    } else {
                        both_ways(left, right)
                    });
                }
            }
            if names_groups && !one_way {
                self.groups = groups;
            }
        }
        Ok(pairs)
    }

    /// Who belongs to each side.
    fn groups(&mut self, stage: &dyn Scripted, sides: &[&[Member]]) -> Resolved<Vec<Vec<NodeId>>> {
        let mut named = Vec::new();
        for side in sides {
            let mut group = Vec::new();
            for member in *side {
                if let Member::Who(who) = member {
                    group.push(self.call(stage, *who)?);
                }
            }
            named.push(group);
        }
        Ok(self.with_others(named, sides))
    }

    /// The groups with those that are not named one by one: first `+2`, then `rest` and `all`.
    fn with_others(&self, mut groups: Vec<Vec<NodeId>>, sides: &[&[Member]]) -> Vec<Vec<NodeId>> {
        let everybody = || (0..self.servers).map(NodeId);
        let mut free: Vec<NodeId> =
            everybody().filter(|node| !groups.iter().any(|group| group.contains(node))).collect();
        for (group, side) in groups.iter_mut().zip(sides) {
            for member in *side {
                if let Member::More(count) = member {
                    let count = usize::from(*count).min(free.len());
                    group.extend(free.drain(..count));
                }
            }
        }
        for (group, side) in groups.iter_mut().zip(sides) {
            for member in *side {
                match member {
                    Member::Rest => group.extend(free.iter().copied()),
                    Member::All => group.extend(everybody()),
                    Member::Who(_) | Member::More(_) => {}
                }
            }
        }
        groups
    }
}
