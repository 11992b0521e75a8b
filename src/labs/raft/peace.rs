//! What can be said of some of the servers together: whether they work, are at peace, are equal.

use super::{Cluster, RaftProcess};
use crate::check::raft::RaftNode;
use crate::raft::{Config, Log, ServerId};
use crate::sim::{Delay, LinkSettings, NodeId, TRUE_RATE_PPM, World};

/// At peace links and disks are no slower than this, in microseconds.
const CALM_LINK_US: u64 = 40_000;
const CALM_SYNC_US: u64 = 60_000;

/// Whether a majority at peace makes progress although other servers are broken, and talk: thanks
/// to pre-vote and check-quorum they do not stop it (thesis 9.6, 6.2).
pub fn bears_the_broken(config: &Config) -> bool {
    config.pre_vote && config.check_quorum && !config.membership_changes
}

/// Who leads in the newest term in which somebody does.
pub fn newest_leader(world: &World<RaftProcess>) -> Option<&RaftProcess> {
    let running = world.node_ids().filter_map(|node| world.node(node)?.process());
    running.filter(|process| process.leads()).max_by_key(|process| process.current_term())
}

impl Cluster {
    /// Whether some server of `group` leads.
    pub fn leads_in(&self, group: &[NodeId]) -> bool {
        running(self.world(), group).any(|process| process.leads())
    }

    /// Two members in `group` whose logs differ, or one that has not applied all of its log. `None`
    /// if all are the same.
    pub fn unequal_in(&self, group: &[NodeId]) -> Option<(ServerId, ServerId)> {
        let world = self.world();
        let members = members(world, group);
        let mut all = running(world, &members);
        let first = all.next()?;
        let behind = |process: &RaftProcess| process.last_applied() != process.log().last_index();
        if behind(first) {
            return Some((first.id(), first.id()));
        }
        let differs = |other: &&RaftProcess| behind(other) || !same_log(first.log(), other.log());
        all.find(differs).map(|other| (first.id(), other.id()))
    }

    /// Whether Raft promises progress and equal logs in `group`: it is a majority of servers that
    /// are up, with true clocks and quick disks, the links among them are whole and quick, and
    /// nobody else is heard, who might depose its leaders again and again; or the cluster
    /// [bears](bears_the_broken) that.
    ///
    /// Servers that were removed, and do not know it, are such (thesis 4.2.3).
    pub fn is_at_peace(&self, group: &[NodeId]) -> bool {
        let world = self.world();
        let well = |id: &NodeId| {
            world.node(*id).is_some_and(|node| {
                node.process().is_some()
                    && node.paused_since_us().is_none()
                    && node.clock().rate_ppm() == TRUE_RATE_PPM
                    && is_calm(node.sync(), CALM_SYNC_US)
            })
        };
        let whole = |(from, to): (NodeId, NodeId)| {
            let link = world.network().link(from, to);
            link.is_some_and(|link| {
                let settings = link.settings;
                link.cut_since_us.is_none()
                    && settings == LinkSettings::with_delay(settings.delay)
                    && is_calm(settings.delay, CALM_LINK_US)
            })
        };
        let inside = |(from, to): &(NodeId, NodeId)| group.contains(from) && group.contains(to);
        let unheard = |other: NodeId| {
            let down = world.node(other).is_none_or(|node| node.process().is_none());
            let cut = |id: &NodeId| {
                world.network().is_cut(*id, other) && world.network().is_cut(other, *id)
            };
            group.contains(&other) || down || group.iter().all(cut)
        };
        let restless = |config: &Config| config.membership_changes && !config.leader_stickiness;
        let config = running(world, group).next().map(|process| process.raft().config());
        let bears = config.is_some_and(bears_the_broken);
        group.len() > world.node_ids().count() / 2
            && group.iter().all(well)
            && world.network().link_ends().filter(inside).all(whole)
            && (bears || world.node_ids().all(unheard))
            && !config.is_some_and(restless)
    }
}

fn is_calm(delay: Delay, most_us: u64) -> bool {
    match delay {
        Delay::Constant { us } => us <= most_us,
        Delay::Uniform { high_us, .. } => high_us <= most_us,
        Delay::Exponential { .. } | Delay::LogNormal { .. } | Delay::Pareto { .. } => false,
    }
}

fn running<'a>(
    world: &'a World<RaftProcess>,
    group: &'a [NodeId],
) -> impl Iterator<Item = &'a RaftProcess> {
    group.iter().filter_map(|node| world.node(*node)?.process())
}

/// Those of the group to whom the newest leader owes its entries: the members, as it knows them.
/// Who was removed need not know. A leader outside the group owes nobody anything.
fn members(world: &World<RaftProcess>, group: &[NodeId]) -> Vec<NodeId> {
    let Some(leader) = newest_leader(world) else {
        return group.to_vec();
    };
    if !group.contains(&NodeId(leader.id().0)) {
        return Vec::new();
    }
    let configuration = leader.configuration_at(leader.configuration_index());
    group.iter().copied().filter(|node| configuration.is_member(ServerId(node.0))).collect()
}

/// Whether two logs are the same, though one may have dropped more for a snapshot.
fn same_log<C: Eq>(one: &Log<C>, other: &Log<C>) -> bool {
    let from = one.base().last_log_index.max(other.base().last_log_index).next();
    one.end() == other.end()
        && one.entries_from(from, usize::MAX) == other.entries_from(from, usize::MAX)
}
