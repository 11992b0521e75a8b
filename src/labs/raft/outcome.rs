//! What has become of every write (§5.3, §5.4, §8), for comparing two branches.

use super::super::{Ask, Outcome, WriteFate};
use super::Cluster;
use super::client_views::what_text;
use super::clients::Asked;
use super::scene::{RaftWorld, headline, server};
use crate::raft::{LogIndex, Term};

/// How things stand.
pub(super) fn outcome(cluster: &Cluster) -> Outcome {
    let (world, clients) = (cluster.world(), cluster.clients());
    let writes = clients.asked().iter().filter_map(|asked| {
        let is_write = matches!(asked.what, Ask::Write { .. } | Ask::Retry);
        let what = || format!("{} {}", asked.client, what_text(clients, asked));
        is_write.then(|| (what(), fate(cluster, asked)))
    });
    Outcome { headline: headline(world), writes: writes.collect() }
}

/// An entry is known by its index and its term: no two leaders share a term (§5.2), and a leader
/// puts one entry at an index (§5.3).
fn fate(cluster: &Cluster, asked: &Asked) -> WriteFate {
    let Some((index, term)) = asked.entry else {
        return WriteFate::NotTaken;
    };
    if cluster.committed_term(index) == Some(term) {
        WriteFate::Committed
    } else if is_in_some_log(cluster.world(), index, term) {
        WriteFate::Open
    } else {
        WriteFate::Lost
    }
}

/// In the log of a server that runs, or on the disk of any.
fn is_in_some_log(world: &RaftWorld, index: LogIndex, term: Term) -> bool {
    world.node_ids().any(|id| {
        let in_memory = server(world, id).and_then(|server| server.log().term_at(index));
        let image = world.node(id).map(|node| node.disk().image());
        let on_disk = image.and_then(|image| image.log.term_at(index));
        [in_memory, on_disk].contains(&Some(term))
    })
}

#[cfg(test)]
mod tests {
    use super::super::RaftLab;
    use crate::labs::{Command, Lab, LabSettings, Outcome, WriteFate};
    use crate::sim::{Fault, NodeId};

    fn leader(lab: &RaftLab) -> NodeId {
        let reigns = lab.lane(crate::scene::Window::new(0, lab.now_us()), 10).bands;
        let (leader, _) = reigns.last().and_then(|band| band.leader.clone()).expect("it leads");
        leader
    }

    fn advance(lab: &mut RaftLab, by_us: u64) {
        lab.advance_to(lab.now_us() + by_us).expect("far from any limit");
    }

    fn fates(outcome: &Outcome) -> Vec<WriteFate> {
        outcome.writes.iter().map(|(_, fate)| *fate).collect()
    }

    /// Figure 8's moral in small: what a deposed leader alone has is overwritten, and only then.
    #[test]
    fn a_write_is_open_then_committed_or_lost() {
        let mut lab = RaftLab::new(&LabSettings::new(5, 5));
        advance(&mut lab, 400_000);
        let old = leader(&lab);
        let follower = NodeId((old.0 + 1) % 5);
        lab.act(&Command::write(follower, "x", "0")).expect("it runs");
        advance(&mut lab, 1_000);
        lab.act(&Command::write(old, "x", "1")).expect("it runs");
        assert_eq!(fates(&lab.outcome()), [WriteFate::NotTaken, WriteFate::Open]);
        advance(&mut lab, 100_000);
        assert_eq!(fates(&lab.outcome())[1], WriteFate::Committed);
        let others: Vec<NodeId> = (0..5).map(NodeId).filter(|id| *id != old).collect();
        lab.act(&Command::Faults(vec![Fault::cut_between(&[old], &others)])).expect("it can");
        lab.act(&Command::write(old, "x", "2")).expect("it runs");
        advance(&mut lab, 900_000);
        let before = lab.outcome();
        assert_eq!(fates(&before)[2], WriteFate::Open, "it is alone with it");
        let mut crashed = lab.clone();
        lab.act(&Command::write(leader(&lab), "y", "3")).expect("it runs");
        lab.act(&Command::Faults(vec![Fault::HealAll])).expect("it can");
        advance(&mut lab, 900_000);
        let after = lab.outcome();
        use WriteFate::{Committed, Lost, NotTaken};
        assert_eq!(fates(&after), [NotTaken, Committed, Lost, Committed]);
        assert!(after.to_string().contains("x=2: lost."), "{after}");
        // On a disk it lives on.
        crashed.act(&Command::Faults(vec![Fault::Crash(old)])).expect("it runs");
        advance(&mut crashed, 10_000);
        let asleep = crashed.outcome();
        assert_eq!(fates(&asleep)[2], WriteFate::Open);
        let apart = after.apart(&asleep);
        assert_eq!(apart.len(), 1, "{apart:?}");
        assert!(apart[0].0.ends_with("x=2") && (apart[0].1, apart[0].2) == (Lost, WriteFate::Open));
    }
}
