//! Majorities against the counting of every subset.

use proptest::prelude::*;
use rift::raft::*;
use rift::sorted::SortedSet;

/// Servers 0 to 10: more than the nine voters for which counting needs no allocation.
const SERVERS: u8 = 11;
const EVERYBODY: u16 = (1 << SERVERS) - 1;

/// A set of servers, one bit each.
type Bits = u16;

fn set(bits: Bits) -> SortedSet<ServerId> {
    (0..SERVERS).filter(|id| bits >> id & 1 == 1).map(ServerId).collect()
}

fn configuration(voters: Bits, old_voters: Bits, learners: Bits) -> Configuration {
    Configuration {
        voters: set(voters),
        old_voters: set(old_voters),
        learners: set(learners & !voters & !old_voters),
    }
}

fn has(servers: Bits, id: ServerId) -> bool {
    servers >> id.0 & 1 == 1
}

/// More than half of `side` is in `servers`. Nobody is more than half of nobody.
fn outvotes(servers: Bits, side: Bits) -> bool {
    2 * (servers & side).count_ones() > side.count_ones()
}

fn is_majority(servers: Bits, voters: Bits, old_voters: Bits) -> bool {
    outvotes(servers, voters) && (old_voters == 0 || outvotes(servers, old_voters))
}

/// For every set of servers whether `configuration` takes it for a majority.
fn majorities(configuration: &Configuration) -> Vec<bool> {
    (0..=EVERYBODY).map(|set| configuration.has_majority(&|id| has(set, id))).collect()
}

/// A majority of one and a majority of the other that have nobody in common.
fn disjoint(one: &Configuration, other: &Configuration) -> Option<(Bits, Bits)> {
    let (ones, others) = (majorities(one), majorities(other));
    for first in (0..=EVERYBODY).filter(|set| ones[usize::from(*set)]) {
        // Every set that leaves all of `first` out, from the largest.
        let left = EVERYBODY & !first;
        let mut second = left;
        while second > 0 {
            if others[usize::from(second)] {
                return Some((first, second));
            }
            second = (second - 1) & left;
        }
    }
    None
}

fn smallest(sets: impl Fn(Bits) -> bool) -> Option<usize> {
    (0..=EVERYBODY).filter(|set| sets(*set)).map(|set| set.count_ones() as usize).min()
}

fn voters() -> impl Strategy<Value = Bits> {
    prop_oneof![4 => 1..=EVERYBODY, 1 => Just(EVERYBODY)]
}

fn old_voters() -> impl Strategy<Value = Bits> {
    prop_oneof![Just(0), 1..=EVERYBODY]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_majority_is_what_counting_says(
        voters in 0..=EVERYBODY, old in old_voters(), learners in 0..=EVERYBODY,
    ) {
        let cluster = configuration(voters, old, learners);
        for set in 0..=EVERYBODY {
            let counted = is_majority(set, voters, old);
            prop_assert_eq!(cluster.has_majority(&|id| has(set, id)), counted, "{:b}", set);
            let have = (set & (voters | old)).count_ones() as usize;
            prop_assert_eq!(cluster.count(|id| has(set, id)), have);
        }
    }

    #[test]
    fn the_number_reached_is_what_counting_says(
        voters in 0..=EVERYBODY, old in old_voters(), learners in 0..=EVERYBODY,
        numbers in prop::collection::vec(prop_oneof![4 => 0..6_u64, 1 => Just(u64::MAX)], 11),
    ) {
        let cluster = configuration(voters, old, learners);
        let number = |id: ServerId| numbers[usize::from(id.0)];
        let who_reaches = |goal: u64| {
            (0..SERVERS).filter(|id| number(ServerId(*id)) >= goal).fold(0, |set, id| set | 1 << id)
        };
        let reached = (1..6).chain([u64::MAX]).rev();
        let counted = reached.into_iter().find(|goal| is_majority(who_reaches(*goal), voters, old));
        prop_assert_eq!(cluster.reached(&number), counted.unwrap_or(0));
    }

    #[test]
    fn the_fewest_needed_is_the_smallest_majority(
        voters in voters(), old in old_voters(), learners in 0..=EVERYBODY,
    ) {
        let cluster = configuration(voters, old, learners);
        let side = |side: Bits| smallest(|set| outvotes(set, side)).unwrap_or(0);
        prop_assert_eq!(cluster.needed(), side(voters).max(side(old)));
        let both = smallest(|set| is_majority(set, voters, old)).expect("everybody is one");
        prop_assert!(cluster.needed() <= both);
        if voters & old == old || voters & old == voters {
            prop_assert_eq!(cluster.needed(), both, "one side within the other");
        }
    }

    /// §5.2: "at most one candidate can win". §6: nor can two sides of a change decide apart.
    #[test]
    fn majorities_meet(voters in voters(), old in old_voters(), learners in 0..=EVERYBODY) {
        let cluster = configuration(voters, old, learners);
        prop_assert_eq!(disjoint(&cluster, &cluster), None);
        prop_assert_eq!(disjoint(&cluster, &configuration(voters, 0, 0)), None);
        if old != 0 {
            prop_assert_eq!(disjoint(&cluster, &configuration(old, 0, 0)), None);
        }
    }

    /// Thesis 4.1, Figure 4.3: with one server more or less no two majorities are apart.
    #[test]
    fn majorities_meet_across_a_change_of_one_server(voters in voters(), id in 0..SERVERS) {
        let changed = voters ^ 1 << id;
        prop_assume!(changed != 0);
        let (before, after) = (configuration(voters, 0, 0), configuration(changed, 0, 0));
        prop_assert_eq!(disjoint(&before, &after), None);
    }
}

/// §6, Figure 10: the search above finds what is wrong with two servers at once.
#[test]
fn majorities_can_be_apart_across_a_change_of_two() {
    let (three, five) = (configuration(0b111, 0, 0), configuration(0b11111, 0, 0));
    let (old, new) = disjoint(&three, &five).expect("the paper's own example");
    assert_eq!(old & new, 0);
    assert!(outvotes(old, 0b111) && outvotes(new, 0b11111));
}
