//! The arithmetic of majorities. Pure: numbers in, numbers out.

/// How many of `servers` are more than half.
pub(super) fn majority(servers: usize) -> usize {
    servers / 2 + 1
}

/// The highest value that a majority of `values` reaches; 0 if there are none.
///
/// The values may be log indices, round numbers or instants: whatever a leader knows of each
/// server, only grows, and counts once more than half of them have it.
pub(super) fn reached_by_majority(values: &[u64]) -> u64 {
    // Counting, not sorting: a library sort is 4 kB of wasm for a handful of numbers.
    let reach = |value: &u64| values.iter().filter(|other| *other >= value).count();
    let reached = values.iter().filter(|value| reach(value) >= majority(values.len()));
    reached.copied().max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_majority_is_more_than_half() {
        let majorities: Vec<usize> = (1..=7).map(majority).collect();
        assert_eq!(majorities, [1, 2, 2, 3, 3, 4, 4]);
        assert!((0..20).all(|n| 2 * majority(n) > n && 2 * (majority(n) - 1) <= n));
    }

    /// By definition: the greatest value that at least a majority equal or exceed.
    #[test]
    fn what_a_majority_reaches_is_what_counting_says() {
        let mut random = crate::random::Random::from_seed(1);
        for _ in 0..2_000 {
            let values: Vec<u64> = (0..random.below(8)).map(|_| random.below(5)).collect();
            let reach = |n: u64| values.iter().filter(|value| **value >= n).count();
            let counted = (1..5).rev().find(|n| reach(*n) >= majority(values.len()));
            assert_eq!(reached_by_majority(&values), counted.unwrap_or(0), "{values:?}");
        }
    }
}
