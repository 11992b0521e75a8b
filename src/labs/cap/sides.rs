//! Which servers can go on while the network is torn, and which cannot.

use super::super::Quorum;
use super::super::partition::{Cut, describe, names, stopped_links};
use super::{CapProcess, Cluster, System};
use crate::quorum::{Mode, ServerId};
use crate::sim::NodeId;

/// What a server, or a side of a tear, can do for its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Serves {
    /// Whether it can answer reads.
    pub(super) reads: bool,
    /// Whether it can take writes.
    pub(super) writes: bool,
}

impl Serves {
    const NOTHING: Serves = Serves { reads: false, writes: false };
    const ALL: Serves = Serves { reads: true, writes: true };

    /// What this side does, in a few words.
    fn in_words(self, one: bool) -> &'static str {
        match (self.reads, self.writes, one) {
            (true, true, true) => "reads and writes",
            (true, true, false) => "read and write",
            (true, false, true) => "only reads",
            (true, false, false) => "only read",
            (false, true, true) => "only writes",
            (false, true, false) => "only write",
            (false, false, true) => "refuses",
            (false, false, false) => "refuse",
        }
    }
}

/// What `node` could do if exactly these links were cut: by whom it reaches, both ways, and not by
/// what it has noticed so far.
pub(super) fn serves(cluster: &Cluster, node: NodeId, cut: &Cut<'_>) -> Serves {
    let up = |id: NodeId| cluster.world().node(id).is_some_and(|node| node.process().is_some());
    if !up(node) {
        return Serves::NOTHING;
    }
    let talks = |to: NodeId| up(to) && (to == node || (!cut(node, to) && !cut(to, node)));
    match cluster.system() {
        System::Quorum => {
            let (config, quorum) = (&cluster.config().quorum, cluster.config().quorum.quorum());
            let stand_in = config.settings().mode == Mode::Ap { sloppy: true };
            let counts = if stand_in { usize::MAX } else { quorum.n() };
            let all = config.preference(0).take(counts);
            let reached = all.filter(|id| talks(NodeId(id.0))).count().min(quorum.n());
            Serves { reads: reached >= quorum.r(), writes: reached >= quorum.w() }
        }
        System::Raft => {
            let all: Vec<NodeId> = cluster.world().node_ids().collect();
            let is_met = 2 * all.iter().filter(|id| talks(**id)).count() > all.len();
            Serves { reads: is_met, writes: is_met }
        }
        System::PrimaryBackup => {
            let primary = |id: NodeId| backup_of(cluster, id).is_some_and(|it| it.is_primary());
            let meets = cluster.world().node_ids().any(|id| primary(id) && talks(id));
            if meets { Serves::ALL } else { Serves::NOTHING }
        }
    }
}

/// How the network would stand if exactly these links were cut, and who could go on, in a sentence
/// without its full stop; `None` if none is cut.
pub(super) fn in_words(cluster: &Cluster, cut: &Cut<'_>) -> Option<String> {
    let network = cluster.world().network();
    if cluster.system() == System::Raft {
        return describe(network, &quorum(cluster), cut);
    }
    let groups = network.groups_if(cut);
    let best = |group: &[NodeId]| {
        let all = group.iter().map(|node| serves(cluster, *node, cut));
        all.fold(Serves::NOTHING, |best, one| Serves {
            reads: best.reads || one.reads,
            writes: best.writes || one.writes,
        })
    };
    if groups.len() < 2 {
        let (what, _) = stopped_links(network, cut)?;
        let mut weak: Vec<NodeId> = cluster.world().node_ids().collect();
        weak.retain(|node| serves(cluster, *node, cut) != Serves::ALL);
        return Some(match &weak[..] {
            [] => format!("{what}; everyone still reads and writes"),
            weak => format!("{what}; {} cannot do both any more", names(weak)),
        });
    }
    let sides: Vec<String> = groups.iter().map(|group| names(group)).collect();
    let can: Vec<Serves> = groups.iter().map(|group| best(group)).collect();
    let verdict = if can.iter().all(|serves| *serves == Serves::ALL) {
        let all = if can.len() == 2 { "both sides" } else { "all sides" };
        format!("{all} read and write, and may part ways")
    } else if can.iter().all(|serves| *serves == Serves::NOTHING) {
        nobody(cluster)
    } else {
        let side = |(names, (group, can)): (&String, (&Vec<NodeId>, &Serves))| {
            [names.as_str(), " ", can.in_words(group.len() == 1)].concat()
        };
        let each = sides.iter().zip(groups.iter().zip(&can)).map(side);
        each.collect::<Vec<_>>().join("; ")
    };
    Some([sides.join(" | ").as_str(), ": ", &verdict].concat())
}

/// Why no side can do anything.
fn nobody(cluster: &Cluster) -> String {
    let quorum = cluster.config().quorum.quorum();
    match cluster.system() {
        System::PrimaryBackup => "no primary is up, so everybody refuses".to_owned(),
        _ => {
            let least = quorum.r().min(quorum.w());
            format!("no side has {least} of {}, so everybody refuses", quorum.n())
        }
    }
}

/// Who decides in Raft: a majority of the servers.
fn quorum(cluster: &Cluster) -> Quorum {
    Quorum { sides: vec![cluster.world().node_ids().collect()] }
}

/// The primary or backup that runs on `node`, if one does.
pub(super) fn backup_of(
    cluster: &Cluster,
    node: NodeId,
) -> Option<&crate::primary_backup::Server<String, String>> {
    cluster.world().node(node)?.process().and_then(CapProcess::backup)
}

/// How many of the replicas `node` takes to be up, itself included.
pub(super) fn seen_alive(cluster: &Cluster, node: NodeId) -> Option<usize> {
    let server = cluster.world().node(node)?.process()?.quorum()?;
    let config = server.config();
    let sloppy = config.settings().mode == Mode::Ap { sloppy: true };
    let n = config.quorum().n();
    let asked = if sloppy { usize::MAX } else { n };
    let is_alive = |id: &ServerId| server.is_alive(*id);
    Some(config.preference(0).take(asked).filter(is_alive).count().min(n))
}
