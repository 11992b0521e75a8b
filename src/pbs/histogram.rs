//! Counts of times, in buckets that are a sixty-fourth of an octave wide.

use super::WHOLE_PPM;

/// Buckets to an octave; smaller values have a bucket each.
const PER_OCTAVE: u64 = 64;
const OCTAVE_BITS: u32 = PER_OCTAVE.trailing_zeros();

/// How often which time was seen. What it says of times is good to one part in 64 at worst; between
/// the bounds of a bucket it takes times to be spread evenly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    counts: Vec<u32>,
    total: u64,
    sum: u64,
}

impl Histogram {
    /// One more time.
    pub fn add(&mut self, value: u64) {
        let bucket = bucket_of(value);
        if bucket >= self.counts.len() {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] = self.counts[bucket].saturating_add(1);
        self.total += 1;
        self.sum = self.sum.saturating_add(value);
    }

    /// All the times of another one.
    pub fn join(&mut self, other: &Histogram) {
        if other.counts.len() > self.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine = mine.saturating_add(*theirs);
        }
        self.total += other.total;
        self.sum = self.sum.saturating_add(other.sum);
    }

    /// How many values there are.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Their mean, rounded down.
    pub fn mean(&self) -> Option<u64> {
        self.sum.checked_div(self.total)
    }

    /// About how many values are at most `limit`.
    pub fn at_most(&self, limit: u64) -> u64 {
        let last = bucket_of(limit);
        let below: u64 = self.counts.iter().take(last).map(|count| u64::from(*count)).sum();
        let (low, width) = bounds(last);
        let inside = self.counts.get(last).copied().map_or(0, u64::from);
        below + inside * (limit - low + 1) / width
    }

    /// How long that share of all, in parts per million, takes at most. `None` without values.
    pub fn at_share(&self, share_ppm: u32) -> Option<u64> {
        self.at_rank(rank(share_ppm, self.total)?)
    }

    /// About the least value that `rank` values do not exceed. A rank of 0 asks for the first.
    pub fn at_rank(&self, rank: u64) -> Option<u64> {
        let rank = rank.max(1);
        let mut below = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            let count = u64::from(*count);
            if below + count >= rank {
                let (low, width) = bounds(bucket);
                return Some(low + ((rank - below) * width).div_ceil(count) - 1);
            }
            below += count;
        }
        None
    }
}

/// How many of `total` that share is, rounded up. `None` of nothing.
pub(super) fn rank(share_ppm: u32, total: u64) -> Option<u64> {
    let share = u128::from(share_ppm.min(WHOLE_PPM)) * u128::from(total);
    (total > 0).then(|| share.div_ceil(u128::from(WHOLE_PPM)) as u64)
}

fn bucket_of(value: u64) -> usize {
    if value < PER_OCTAVE {
        return value as usize;
    }
    let octave = 63 - value.leading_zeros() - OCTAVE_BITS;
    (u64::from(octave) * PER_OCTAVE + (value >> octave)) as usize
}

/// The first value of a bucket, and how many values it has.
fn bounds(bucket: usize) -> (u64, u64) {
    let bucket = bucket as u64;
    let octave = (bucket / PER_OCTAVE).saturating_sub(1);
    ((bucket - octave * PER_OCTAVE) << octave, 1 << octave)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn buckets_follow_each_other_without_gaps() {
        let mut next = 0;
        for bucket in 0..2_000 {
            let (low, width) = bounds(bucket);
            assert_eq!(low, next);
            assert_eq!((bucket_of(low), bucket_of(low + width - 1)), (bucket, bucket));
            assert!(width == 1 || width * PER_OCTAVE <= low);
            next = low + width;
        }
    }

    #[test]
    fn two_joined_are_as_one_that_saw_all() {
        let mut random = Random::from_seed(9);
        let (mut all, mut parts) = (Histogram::default(), [(); 2].map(|()| Histogram::default()));
        for k in 0..3_000 {
            // The second is longer than the first.
            let value = random.below(if k % 2 == 0 { 1_000 } else { 1_000_000 });
            all.add(value);
            parts[k % 2].add(value);
        }
        let [mut one, two] = parts;
        one.join(&two);
        assert_eq!((&one.counts, one.total, one.sum), (&all.counts, all.total, all.sum));
        one.join(&Histogram::default());
        assert_eq!(one.counts, all.counts);
    }

    #[test]
    fn ranks_and_counts_are_those_of_the_sorted_values() {
        let mut random = Random::from_seed(4);
        let mut histogram = Histogram::default();
        let mut value = |_| {
            let octave = random.below(30);
            random.below(1 << octave)
        };
        let mut values: Vec<u64> = (0..5_000).map(&mut value).collect();
        values.iter().for_each(|value| histogram.add(*value));
        values.sort_unstable();
        assert_eq!(histogram.total(), 5_000);
        assert_eq!(histogram.mean(), Some(values.iter().sum::<u64>() / 5_000));
        for rank in [1, 10, 2_500, 4_950, 5_000] {
            let (found, wanted) = (histogram.at_rank(rank).unwrap(), values[rank as usize - 1]);
            assert!(found.abs_diff(wanted) * 63 <= wanted, "{rank}: {found} {wanted}");
            let counted = values.iter().filter(|value| **value <= found).count() as u64;
            assert!(histogram.at_most(found).abs_diff(counted) * 50 <= counted, "{rank}");
        }
        assert_eq!(histogram.at_rank(5_001), None);
        assert_eq!(histogram.at_most(u64::MAX), 5_000);
        assert_eq!(Histogram::default().at_rank(0), None);
        assert_eq!(Histogram::default().mean(), None);
    }
}
