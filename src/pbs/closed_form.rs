//! What needs no trials: quorums that do not grow, and how far a count can be trusted.

/// How many choices of R replicas out of N miss all of a given W, and of how many: C(N − W, R) and
/// C(N, R). Their ratio is how often a read misses the last write if what was written spreads no
/// further than W replicas ("non-expanding" quorums, section 3.1): the worst that a partial quorum
/// can do.
///
/// `None` if R or W is more than N, or the numbers are too large.
pub fn missed(n: u8, r: u8, w: u8) -> Option<(u128, u128)> {
    Some((choose(n.checked_sub(w)?, r)?, (r <= n).then(|| choose(n, r))??))
}

/// How often, in parts per million, a read of non-expanding quorums is more than `versions` − 1
/// versions behind: the ratio of [`missed`] to the power of k (equation 2, "k-staleness").
pub fn stale_ppm(n: u8, r: u8, w: u8, versions: u32) -> Option<u32> {
    let (misses, all) = missed(n, r, w)?;
    // Thirty-two bits behind the point; the power only makes it smaller.
    let once = misses.checked_shl(32)? / all;
    let mut power = 1_u128 << 32;
    for _ in 0..versions.min(1_000) {
        power = (power * once) >> 32;
    }
    Some(((power * 1_000_000 + (1 << 31)) >> 32) as u32)
}

/// Ways to choose `k` out of `n`.
fn choose(n: u8, k: u8) -> Option<u128> {
    if k > n {
        return Some(0);
    }
    let (n, k) = (u128::from(n), u128::from(k));
    (0..k).try_fold(1_u128, |ways, at| Some(ways.checked_mul(n - at)? / (at + 1)))
}

/// Of a share counted in `samples`, how far the true one may be away, in parts per million: 1.96
/// standard deviations, so that nineteen in twenty are nearer.
pub fn margin_ppm(share_ppm: u32, samples: u64) -> u32 {
    let share = u128::from(share_ppm.min(1_000_000));
    let variance = share * (1_000_000 - share) / u128::from(samples.max(1));
    (variance.isqrt() * 196 / 100) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the paper's section 2.1: N=3, R=W=1 misses two times out of three; N=100, R=W=30
    /// gives 1.88 × 10⁻⁶.
    #[test]
    fn the_papers_examples() {
        assert_eq!(missed(3, 1, 1), Some((2, 3)));
        assert_eq!(stale_ppm(3, 1, 1, 1), Some(666_667));
        assert_eq!(stale_ppm(3, 1, 1, 3), Some(296_296));
        assert_eq!(missed(3, 2, 2), Some((0, 3)));
        assert_eq!(missed(5, 2, 2), Some((3, 10)));
        let (misses, all) = missed(100, 30, 30).unwrap();
        assert!((misses as f64 / all as f64 - 1.88e-6).abs() < 0.01e-6);
        assert_eq!(stale_ppm(16, 8, 8, 1), Some(78), "1 of 12,870");
        assert_eq!((missed(3, 4, 1), missed(3, 1, 4)), (None, None));
        assert_eq!(missed(3, 0, 1), Some((1, 1)), "who asks nobody misses everything");
    }

    #[test]
    fn a_margin_shrinks_with_the_root_of_the_samples() {
        assert_eq!(margin_ppm(500_000, 10_000), 9_800);
        assert_eq!(margin_ppm(500_000, 1_000_000), 980);
        assert_eq!((margin_ppm(0, 10), margin_ppm(1_000_000, 0)), (0, 0));
    }
}
