//! Who belongs to the cluster, and what is a majority of it (§6; thesis, chapter 4).
//!
//! Every count of servers goes through here: votes, copies of entries, confirmed rounds, servers
//! heard from. So a change of membership cannot be forgotten in one of them.

use crate::sorted::SortedSet;

use super::majority::{majority, reached_by_majority};
use super::{LogIndex, ServerId};

/// Few clusters have more voters.
const USUAL_VOTERS: usize = 9;

/// The members of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Configuration {
    /// Who votes and whose copies count. In joint consensus, those of the new configuration.
    pub voters: SortedSet<ServerId>,
    /// Joint consensus: the voters of the configuration that is being left. Empty otherwise.
    pub old_voters: SortedSet<ServerId>,
    /// Who receives entries without a vote, to catch up (thesis 4.2.1).
    pub learners: SortedSet<ServerId>,
}

impl Configuration {
    /// A configuration of voters alone.
    pub fn of(voters: &[ServerId]) -> Configuration {
        Configuration { voters: voters.iter().copied().collect(), ..Configuration::default() }
    }

    /// Whether this is the transitional configuration of joint consensus (§6).
    pub fn is_joint(&self) -> bool {
        !self.old_voters.is_empty()
    }

    /// Whether `server` has a vote.
    pub fn is_voter(&self, server: ServerId) -> bool {
        self.voters.contains(&server) || self.old_voters.contains(&server)
    }

    /// Whether `server` belongs to the cluster, with a vote or without.
    pub fn is_member(&self, server: ServerId) -> bool {
        self.is_voter(server) || self.learners.contains(&server)
    }

    /// Every member once, lowest first.
    pub fn members(&self) -> SortedSet<ServerId> {
        let all = self.voters.iter().chain(&self.old_voters).chain(&self.learners);
        all.copied().collect()
    }

    /// Without the voters that are being left behind: who takes this for all is wrong.
    pub(super) fn new_side(&self) -> Configuration {
        Configuration { old_voters: SortedSet::new(), ..self.clone() }
    }

    /// With learners as voters: who counts so is wrong.
    pub(super) fn with_learners(&self) -> Configuration {
        let voters = self.voters.iter().chain(&self.learners).copied().collect();
        Configuration { voters, ..self.clone() }
    }

    /// How many voters `has` says yes to, each counted once.
    pub fn count(&self, has: impl Fn(ServerId) -> bool) -> usize {
        let new = self.voters.iter().filter(|id| has(**id)).count();
        let old = self.old_voters.iter().filter(|id| !self.voters.contains(id) && has(**id));
        new + old.count()
    }

    /// The fewest servers that can be a majority; in joint consensus, of the larger side.
    pub fn needed(&self) -> usize {
        majority(self.voters.len().max(self.old_voters.len()))
    }

    /// Whether `has` says yes to a majority; in joint consensus, to one of either side (§6).
    pub fn has_majority(&self, has: &dyn Fn(ServerId) -> bool) -> bool {
        self.reached(&|id| u64::from(has(id))) == 1
    }

    /// The highest number that a majority reaches; in joint consensus, one of either side (§6).
    pub fn reached(&self, number: &dyn Fn(ServerId) -> u64) -> u64 {
        let side = |voters: &SortedSet<ServerId>| {
            // Asked with every acknowledgement, so clusters of a usual size cost no allocation.
            let (mut few, mut many) = ([0; USUAL_VOTERS], Vec::new());
            let numbers = match few.get_mut(..voters.len()) {
                Some(numbers) => numbers,
                None => {
                    many.resize(voters.len(), 0);
                    &mut many[..]
                }
            };
            for (place, id) in numbers.iter_mut().zip(voters) {
                *place = number(*id);
            }
            reached_by_majority(numbers)
        };
        let new = side(&self.voters);
        if self.is_joint() { new.min(side(&self.old_voters)) } else { new }
    }
}

/// The configurations of a log, with the index at which each takes effect, oldest first. The last
/// one is in force, whether it is committed or not (§6).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Configurations {
    /// The one from before the log.
    base: (LogIndex, Configuration),
    /// Those of the log.
    later: Vec<(LogIndex, Configuration)>,
}

impl Configurations {
    pub(super) fn new(since: LogIndex, base: Configuration) -> Configurations {
        Configurations { base: (since, base), later: Vec::new() }
    }

    /// The one in force.
    pub(super) fn current(&self) -> &Configuration {
        &self.later.last().unwrap_or(&self.base).1
    }

    /// Where the one in force begins.
    pub(super) fn current_index(&self) -> LogIndex {
        self.later.last().unwrap_or(&self.base).0
    }

    /// The one as of the entry at `index`; for what was dropped, the oldest that is known.
    pub(super) fn at(&self, index: LogIndex) -> &Configuration {
        let found = self.later.iter().rev().find(|(since, _)| *since <= index);
        &found.unwrap_or(&self.base).1
    }

    /// Whether `server` is in any of them.
    pub(super) fn any_has(&self, server: ServerId) -> bool {
        let all = self.later.iter().chain([&self.base]);
        all.into_iter().any(|(_, configuration)| configuration.is_member(server))
    }

    /// Whether `server` has a vote in the one as of the entry at `index`, or in any later one.
    pub(super) fn is_voter_since(&self, index: LogIndex, server: ServerId) -> bool {
        let mut later = self.later.iter().filter(|(since, _)| *since > index);
        self.at(index).is_voter(server) || later.any(|(_, c)| c.is_voter(server))
    }

    /// An entry of the log brings another one.
    pub(super) fn push(&mut self, index: LogIndex, configuration: Configuration) {
        self.later.push((index, configuration));
    }

    /// The log was truncated from `first` on: what began there is not in force any more.
    pub(super) fn truncate_from(&mut self, first: LogIndex) {
        self.later.retain(|(index, _)| *index < first);
    }

    /// The log dropped everything up to `base` in favour of a snapshot.
    pub(super) fn drop_through(&mut self, base: LogIndex) {
        self.base = (base, self.at(base).clone());
        self.later.retain(|(index, _)| *index > base);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(ids: &[u8]) -> SortedSet<ServerId> {
        ids.iter().copied().map(ServerId).collect()
    }

    #[test]
    fn learners_have_no_say() {
        let cluster = Configuration { learners: set(&[3, 4]), ..Configuration::of(&[]) };
        assert!(!cluster.has_majority(&|_| true), "nobody is no majority");
        let cluster = Configuration { voters: set(&[0, 1, 2]), ..cluster };
        assert!(!cluster.has_majority(&|id| id.0 >= 2));
        assert!(cluster.has_majority(&|id| id.0 >= 1));
        assert_eq!(cluster.count(|_| true), 3);
        assert!(cluster.is_member(ServerId(4)) && !cluster.is_voter(ServerId(4)));
    }

    #[test]
    fn the_last_configuration_of_the_log_is_in_force() {
        let of = |ids: &[u8]| Configuration { voters: set(ids), ..Configuration::default() };
        let mut known = Configurations::new(LogIndex(0), of(&[0]));
        known.push(LogIndex(3), of(&[0, 1]));
        known.push(LogIndex(7), of(&[0, 1, 2]));
        assert_eq!((known.current(), known.current_index()), (&of(&[0, 1, 2]), LogIndex(7)));
        assert_eq!((known.at(LogIndex(2)), known.at(LogIndex(6))), (&of(&[0]), &of(&[0, 1])));
        assert!(known.is_voter_since(LogIndex(3), ServerId(2)), "in a later one");
        assert!(!known.is_voter_since(LogIndex(3), ServerId(3)));
        known.truncate_from(LogIndex(7));
        assert_eq!(known.current(), &of(&[0, 1]), "in force again");
        known.drop_through(LogIndex(5));
        assert_eq!((known.current(), known.current_index()), (&of(&[0, 1]), LogIndex(5)));
        assert!(known.any_has(ServerId(1)) && !known.any_has(ServerId(2)));
    }

    /// §6: "Agreement (for elections and entry commitment) requires separate majorities from both
    /// the old and new configurations."
    #[test]
    fn joint_consensus_needs_both_sides() {
        let cluster = Configuration {
            voters: set(&[2, 3, 4]),
            old_voters: set(&[0, 1, 2]),
            learners: set(&[]),
        };
        assert!(cluster.is_joint());
        assert!(!cluster.has_majority(&|id| id.0 <= 2), "all of the old, one of the new");
        assert!(!cluster.has_majority(&|id| id.0 >= 2), "all of the new, one of the old");
        assert!(cluster.has_majority(&|id| id.0 != 0 && id.0 != 4));
        assert_eq!(cluster.reached(&|id| u64::from(id.0)), 1, "0 1 2 has 1, 2 3 4 has 3");
        assert_eq!(cluster.members().len(), 5);
    }
}
