//! What a cut would do, in words, before it is done. The same for every lab.

use super::Command;
pub(super) use crate::scene::names;
use crate::sim::{Fault, Network, NodeId};
use crate::small_text::joined;
use crate::sorted::SortedSet;

/// A change of the network that is about to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// The pairs of servers whose links it cuts.
    pub cuts: Vec<(NodeId, NodeId)>,
    /// The pairs of servers whose links it heals.
    pub heals: Vec<(NodeId, NodeId)>,
    /// What it means, in a sentence.
    pub caption: String,
}

impl Partition {
    /// The command that makes the change, or `None` if it changes nothing.
    pub fn command(&self) -> Option<Command> {
        let both = |pairs: &[(NodeId, NodeId)]| {
            pairs.iter().flat_map(|&(a, b)| [(a, b), (b, a)]).collect::<Vec<_>>()
        };
        let mut faults = Vec::new();
        if !self.heals.is_empty() {
            faults.push(Fault::Heal(both(&self.heals)));
        }
        if !self.cuts.is_empty() {
            faults.push(Fault::Cut(both(&self.cuts)));
        }
        (!faults.is_empty()).then_some(Command::Faults(faults))
    }
}

/// Who decides: a majority of each of these sides. There is more than one in joint consensus only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quorum {
    /// The servers that have a vote.
    pub sides: Vec<Vec<NodeId>>,
}

impl Quorum {
    fn is_voter(&self, node: NodeId) -> bool {
        self.sides.iter().any(|side| side.contains(&node))
    }

    /// Whether those that `has` says yes to can decide.
    fn is_met(&self, has: &dyn Fn(NodeId) -> bool) -> bool {
        self.sides.iter().all(|side| 2 * side.iter().filter(|id| has(**id)).count() > side.len())
    }

    /// `(4 of 5)`, and `(2 of 3 and 1 of 3 voters)` where not every one of all servers has a vote.
    fn share(&self, servers: usize, count: &dyn Fn(&[NodeId]) -> usize) -> String {
        let share = |side: &Vec<NodeId>| format!("{} of {}", count(side), side.len());
        let shares = joined(&mut self.sides.iter().map(share), " and ");
        let all_vote = self.sides.len() == 1 && self.sides[0].len() == servers;
        format!("({shares}{})", if all_vote { "" } else { " voters" })
    }
}

/// Whether messages from one server to another are stopped.
pub type Cut<'a> = dyn Fn(NodeId, NodeId) -> bool + 'a;

/// Says how a network stands in which exactly those links are cut, in a sentence without its full
/// stop; nothing if none is.
pub type Says<'a> = dyn Fn(&Cut<'_>) -> Option<String> + 'a;

/// What a stroke across the links `crossed` does: it cuts them; if it crosses only links that are
/// cut already, it heals them.
pub fn stroke_effect(
    network: &Network,
    crossed: &[(NodeId, NodeId)],
    says: &Says<'_>,
) -> Partition {
    let is_cut = |&(a, b): &(NodeId, NodeId)| network.is_cut(a, b) && network.is_cut(b, a);
    let heals_only = !crossed.is_empty() && crossed.iter().all(is_cut);
    let (cuts, heals) = if heals_only {
        (Vec::new(), crossed.to_vec())
    } else {
        (crossed.iter().filter(|pair| !is_cut(pair)).copied().collect(), Vec::new())
    };
    with_caption(network, cuts, heals, says)
}

/// What dragging `node` does: out alone, or into the group of `joins`.
pub fn drop_effect(
    network: &Network,
    node: NodeId,
    joins: Option<NodeId>,
    says: &Says<'_>,
) -> Partition {
    let groups = network.groups();
    let joined = groups.iter().find(|group| joins.is_some_and(|other| group.contains(&other)));
    let others = groups.iter().flatten().copied().filter(|other| *other != node);
    let (mut cuts, mut heals) = (SortedSet::new(), SortedSet::new());
    for other in others {
        let pair = (node.min(other), node.max(other));
        let stays = joined.is_some_and(|group| group.contains(&other));
        let is_cut = network.is_cut(node, other) || network.is_cut(other, node);
        match (stays, is_cut) {
            (true, true) => {
                heals.insert(pair);
            }
            (false, false) => {
                cuts.insert(pair);
            }
            _ => {}
        }
    }
    with_caption(network, cuts.into_vec(), heals.into_vec(), says)
}

/// How a network stands in which exactly the links are cut that `cut` names, in a sentence without
/// its full stop. `None` if none is cut.
///
/// Groups are servers that hang together. A quorum is another matter: nobody relays here, so what
/// counts is whether some server reaches a majority by its own links, both ways.
pub(super) fn describe(network: &Network, quorum: &Quorum, cut: &Cut<'_>) -> Option<String> {
    let groups = network.groups_if(cut);
    let servers: Vec<NodeId> = groups.iter().flatten().copied().collect();
    let reaches = |from: &&NodeId| {
        let talks = |to: NodeId| to == **from || (!cut(**from, to) && !cut(to, **from));
        quorum.is_voter(**from) && quorum.is_met(&talks)
    };
    let share = |count: &dyn Fn(&[NodeId]) -> usize| quorum.share(servers.len(), count);
    let needed = || share(&|side| side.len() / 2 + 1);
    if groups.len() > 1 {
        let sides = joined(&mut groups.iter().map(|group| names(group)), " | ");
        let able = groups.iter().find(|group| group.iter().any(|from| reaches(&from)));
        let verdict = match able {
            Some(group) => {
                let verb = if group.len() == 1 { "has" } else { "have" };
                let held = share(&|side| side.iter().filter(|id| group.contains(id)).count());
                format!("{} still {verb} a majority {held}", names(group))
            }
            None if groups.iter().any(|group| quorum.is_met(&|id| group.contains(&id))) => {
                format!("no server reaches a majority directly {}", needed())
            }
            None => format!("no side has a majority {}", needed()),
        };
        return Some(format!("{sides}: {verdict}"));
    }
    let (what, one_way) = stopped_links(network, cut)?;
    if one_way {
        return Some(what);
    }
    let able: Vec<NodeId> = servers.iter().filter(reaches).copied().collect();
    Some(match able.len() {
        0 => format!("{what}: no server reaches a majority {}", needed()),
        all if all == servers.iter().filter(|id| quorum.is_voter(**id)).count() => {
            format!("{what}; everyone still reaches a majority")
        }
        _ => format!("{what}: only {} can still reach a majority", names(&able)),
    })
}

/// Which links are stopped, where servers still hang together; and whether it is a single one, one
/// way only.
pub(super) fn stopped_links(network: &Network, cut: &Cut<'_>) -> Option<(String, bool)> {
    let stopped: Vec<(NodeId, NodeId)> =
        network.link_ends().filter(|(from, to)| cut(*from, *to)).collect();
    let pairs: Vec<(NodeId, NodeId)> =
        stopped.iter().filter(|(a, b)| a < b || !cut(*b, *a)).copied().collect();
    Some(match &pairs[..] {
        [] => return None,
        [(from, to)] if !cut(*to, *from) => {
            (format!("{to} no longer hears {from}, but {from} hears {to}"), true)
        }
        [(a, b)] => (format!("{a} and {b} no longer hear each other, and nobody relays"), false),
        pairs => (format!("{} links are cut, and nobody relays", pairs.len()), false),
    })
}

fn with_caption(
    network: &Network,
    cuts: Vec<(NodeId, NodeId)>,
    heals: Vec<(NodeId, NodeId)>,
    says: &Says<'_>,
) -> Partition {
    let listed =
        |pairs: &[(NodeId, NodeId)], a, b| pairs.contains(&(a, b)) || pairs.contains(&(b, a));
    let cut = |a, b| listed(&cuts, a, b) || (network.is_cut(a, b) && !listed(&heals, a, b));
    let caption = match says(&cut) {
        _ if cuts.is_empty() && heals.is_empty() => "Changes nothing".to_owned(),
        Some(standing) => standing,
        None => "Heals: everyone can talk to everyone".to_owned(),
    };
    Partition { cuts, heals, caption }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::raft::RaftLab;
    use crate::labs::{Lab, LabSettings};

    const S: [NodeId; 7] =
        [NodeId(0), NodeId(1), NodeId(2), NodeId(3), NodeId(4), NodeId(5), NodeId(6)];

    /// Seven servers with these faults.
    fn lab(faults: Vec<Fault>) -> RaftLab {
        let mut lab = RaftLab::new(&LabSettings::new(7, 1));
        if !faults.is_empty() {
            lab.act(&Command::Faults(faults)).expect("the links exist");
        }
        lab
    }

    fn quorum(voters: &[NodeId]) -> Quorum {
        Quorum { sides: vec![voters.to_vec()] }
    }

    fn line(faults: Vec<Fault>) -> Option<String> {
        let lab = lab(faults);
        let network = lab.world().network();
        describe(network, &quorum(&S), &|a, b| network.is_cut(a, b))
    }

    #[test]
    fn what_is_said_of_a_network_is_true_of_it() {
        assert_eq!(line(vec![]), None);
        let halves = Fault::cut_between(&S[..3], &S[3..]);
        let said = "S1 S2 S3 | S4 S5 S6 S7: S4 S5 S6 S7 still have a majority (4 of 7)";
        assert_eq!(line(vec![halves]).as_deref(), Some(said));
        let thirds = [Fault::cut_between(&S[..2], &S[2..]), Fault::cut_between(&S[2..4], &S[4..])];
        let said = "S1 S2 | S3 S4 | S5 S6 S7: no side has a majority (4 of 7)";
        assert_eq!(line(thirds.to_vec()).as_deref(), Some(said));
        let one_way = Fault::Cut(vec![(S[0], S[1])]);
        let said = "S2 no longer hears S1, but S1 hears S2";
        assert_eq!(line(vec![one_way]).as_deref(), Some(said));
        let pair = Fault::cut_between(&S[..1], &S[1..2]);
        let said = "S1 and S2 no longer hear each other, and nobody relays; \
                    everyone still reaches a majority";
        assert_eq!(line(vec![pair]).as_deref(), Some(said));
        let bridge = Fault::cut_between(&S[..3], &S[4..]);
        let said = "9 links are cut, and nobody relays";
        assert!(line(vec![bridge]).is_some_and(|line| line.starts_with(said)));
    }

    /// §6: only voters count, and in joint consensus a majority of either side is needed.
    #[test]
    fn a_quorum_is_of_those_who_vote() {
        let lab = lab(vec![Fault::cut_between(&S[..2], &S[2..])]);
        let network = lab.world().network();
        let said = |quorum: &Quorum| describe(network, quorum, &|a, b| network.is_cut(a, b));
        let three = said(&quorum(&S[..3])).expect("something is cut");
        assert!(three.ends_with("S1 S2 still have a majority (2 of 3 voters)"), "{three}");
        let joint = Quorum { sides: vec![S[1..4].to_vec(), S[..3].to_vec()] };
        let none = said(&joint).expect("something is cut");
        assert!(none.ends_with("no side has a majority (2 of 3 and 2 of 3 voters)"), "{none}");
        let joint = Quorum { sides: vec![S[..2].to_vec(), S[..3].to_vec()] };
        let both = said(&joint).expect("something is cut");
        assert!(both.ends_with("S1 S2 still have a majority (2 of 2 and 2 of 3 voters)"), "{both}");
    }

    /// Neighbours on a ring hang together, yet each reaches two others only.
    #[test]
    fn hanging_together_is_not_a_quorum() {
        let apart = |a: usize, b: usize| a.abs_diff(b) != 1 && a.abs_diff(b) != 6;
        let pairs = (0..7).flat_map(|a| (0..a).map(move |b| (a, b)));
        let cuts = pairs.filter(|(a, b)| apart(*a, *b));
        let cuts = cuts.flat_map(|(a, b)| [(S[a], S[b]), (S[b], S[a])]).collect();
        let line = line(vec![Fault::Cut(cuts)]).expect("something is cut");
        assert!(line.ends_with("no server reaches a majority (4 of 7)"), "{line}");
    }

    #[test]
    fn a_stroke_over_cut_links_heals_them_and_says_what_stays_cut() {
        let lab = lab(vec![
            Fault::cut_between(&S[..1], &S[1..2]),
            Fault::cut_between(&S[2..3], &S[3..4]),
        ]);
        let network = lab.world().network();
        let says: &Says<'_> = &|cut| describe(network, &quorum(&S), cut);
        let effect = stroke_effect(network, &[(S[0], S[1])], says);
        assert_eq!((effect.cuts.len(), effect.heals.len()), (0, 1));
        assert!(effect.caption.starts_with("S3 and S4 no longer hear each other"));
        let effect = stroke_effect(network, &[(S[0], S[1]), (S[2], S[3])], says);
        assert_eq!(effect.caption, "Heals: everyone can talk to everyone");
        let mixed = stroke_effect(network, &[(S[0], S[1]), (S[0], S[2])], says);
        assert_eq!(mixed.cuts, [(S[0], S[2])], "a stroke that cuts anything heals nothing");
        assert_eq!(stroke_effect(network, &[], says).command(), None);
    }

    fn drop_out(lab: &RaftLab, node: NodeId, joins: Option<NodeId>) -> Partition {
        let network = lab.world().network();
        drop_effect(network, node, joins, &|cut| describe(network, &quorum(&S), cut))
    }

    #[test]
    fn a_server_dragged_out_is_alone_and_dragged_in_belongs() {
        let mut lab = lab(vec![]);
        let out = drop_out(&lab, S[2], None);
        assert_eq!(out.cuts.len(), 6);
        lab.act(&out.command().expect("it cuts")).expect("the links exist");
        let back = drop_out(&lab, S[2], Some(S[0]));
        assert_eq!((back.cuts.len(), back.heals.len()), (0, 6));
        lab.act(&back.command().expect("it heals")).expect("the links exist");
        assert_eq!(lab.world().network().groups().len(), 1);
        let nothing = drop_out(&lab, S[2], Some(S[0]));
        assert_eq!(nothing.command(), None);
    }
}
