//! Trials by chance, and what they say.

use crate::random::Random;

use super::histogram::{Histogram, rank};
use super::sampler::Sampler;
use super::{Impossible, MOST_REPLICAS, Origin, WHOLE_PPM, Wars};

/// Which percentiles a [`Point`] has: the middle, one in a hundred, one in a thousand.
pub const PERCENTILES_PPM: [u32; 3] = [500_000, 990_000, 999_000];

/// Trials, added up. R and W are chosen when asking: each trial counts for all of them.
#[derive(Clone, Debug)]
pub struct Forecast {
    replicas: usize,
    origin: Origin,
    /// Legs that are alike share one.
    samplers: Vec<Sampler>,
    /// Which of them is for W, A, R and S.
    legs: [usize; 4],
    random: Random,
    trials: u64,
    /// By W − 1: how long until so many replicas have acknowledged.
    writes: Vec<Histogram>,
    /// By R − 1: how long until so many replicas have answered.
    reads: Vec<Histogram>,
    /// By (R − 1) × N + W − 1: how long after the commit a read would have been consistent, in
    /// trials in which it was not at once.
    waits: Vec<Histogram>,
}

/// What one choice of R and W costs and gives: a point of the plane of latency and staleness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Point {
    /// R: answers that make a read.
    pub r: u8,
    /// W: acknowledgements that make a write.
    pub w: u8,
    /// How long reads take, at the [`PERCENTILES_PPM`].
    pub read_us: [u64; 3],
    /// How long writes take, at the same.
    pub write_us: [u64; 3],
    /// How often a read is consistent that starts when the write has committed.
    pub at_once_ppm: u32,
    /// How long after the commit 99.9 % of all reads are consistent ("t-visibility").
    pub visible_us: u64,
}

impl Forecast {
    /// A forecast without any trial yet.
    ///
    /// # Errors
    ///
    /// [`Impossible`], if no forecast can be made.
    pub fn new(wars: &Wars, seed: u64) -> Result<Forecast, Impossible> {
        wars.validate()?;
        let all = wars.legs();
        // The first leg that is like this one.
        let first = |leg: usize| all.iter().position(|other| *other == all[leg]).unwrap_or(leg);
        let mut samplers = Vec::new();
        let mut legs = [0; 4];
        for leg in 0..all.len() {
            if first(leg) == leg {
                legs[leg] = samplers.len();
                samplers.push(Sampler::of(all[leg]));
            } else {
                legs[leg] = legs[first(leg)];
            }
        }
        let replicas = usize::from(wars.replicas);
        let counts = |count| vec![Histogram::default(); count];
        Ok(Forecast {
            replicas,
            origin: wars.origin,
            samplers,
            legs,
            random: Random::from_seed(seed),
            trials: 0,
            writes: counts(replicas),
            reads: counts(replicas),
            waits: counts(replicas * replicas),
        })
    }

    /// Makes so many more trials. Two slices give what one of their length gives.
    pub fn run(&mut self, trials: u32) {
        for _ in 0..trials {
            self.trial();
        }
    }

    /// One write to all replicas, and one read of all of them after it.
    fn trial(&mut self) {
        let [w, a, r, s] = self.legs.map(|leg| &self.samplers[leg]);
        let random = &mut self.random;
        let (write_home, read_home) = match self.origin {
            Origin::Outside => (usize::MAX, usize::MAX),
            _ => {
                let replicas = self.replicas as u64;
                (random.below(replicas) as usize, random.below(replicas) as usize)
            }
        };
        let mut commits = [0; MOST_REPLICAS];
        // When a replica answers, and how much later it gets the write than it gets the read, if
        // both start at 0.
        let mut answers = [(0, 0); MOST_REPLICAS];
        for replica in 0..self.replicas {
            let mut reach = |to: &Sampler, back: &Sampler, is_home: bool| {
                let mut one_way = |leg: &Sampler| {
                    let way = leg.draw_us(random);
                    let way = match self.origin {
                        Origin::AtReplica if is_home => 0,
                        Origin::Near { further_us } if !is_home => {
                            way + further_us.min(1 << 40) as i64
                        }
                        _ => way,
                    };
                    way + leg.work_us(random)
                };
                (one_way(to), one_way(back))
            };
            let (written, acked) = reach(w, a, replica == write_home);
            let (asked, answered) = reach(r, s, replica == read_home);
            insert(&mut commits, replica, written + acked, |at| *at);
            insert(&mut answers, replica, (asked + answered, written - asked), |(at, _)| *at);
        }
        let mut latest = i64::MAX;
        for (rank, (answered, later)) in answers.into_iter().take(self.replicas).enumerate() {
            latest = latest.min(later);
            self.reads[rank].add(answered as u64);
            let waits = &mut self.waits[rank * self.replicas..];
            // The more acknowledgements a write waits for, the later it commits.
            for (wait, committed) in waits.iter_mut().zip(commits) {
                if latest <= committed {
                    break;
                }
                wait.add((latest - committed) as u64);
            }
        }
        for (write, committed) in self.writes.iter_mut().zip(commits) {
            write.add(committed as u64);
        }
        self.trials += 1;
    }

    /// How many trials there were.
    pub fn trials(&self) -> u64 {
        self.trials
    }

    /// How often, in parts per million, a read of R replicas is consistent that starts `after_us`
    /// after a write to W of them has committed.
    ///
    /// `None` without trials, or if there is no such R or W; so with all that can be asked here.
    pub fn consistent_ppm(&self, r: u8, w: u8, after_us: u64) -> Option<u32> {
        let wait = &self.waits[self.place(r, w)?];
        let stale = wait.total() - wait.at_most(after_us);
        let consistent = u128::from(self.trials - stale) * u128::from(WHOLE_PPM);
        consistent.checked_div(u128::from(self.trials)).map(|ppm| ppm as u32)
    }

    /// How long after the commit that share of all reads is consistent: t-visibility.
    pub fn visible_us(&self, r: u8, w: u8, share_ppm: u32) -> Option<u64> {
        let wait = &self.waits[self.place(r, w)?];
        let rank = rank(share_ppm, self.trials)?;
        let at_once = self.trials - wait.total();
        if rank <= at_once { Some(0) } else { wait.at_rank(rank - at_once) }
    }

    /// How long that share of all reads take at most, if R answers make a read.
    pub fn read_us(&self, r: u8, share_ppm: u32) -> Option<u64> {
        self.reads.get(usize::from(r).checked_sub(1)?)?.at_share(share_ppm)
    }

    /// How long that share of all writes take at most, if W acknowledgements make a write.
    pub fn write_us(&self, w: u8, share_ppm: u32) -> Option<u64> {
        self.writes.get(usize::from(w).checked_sub(1)?)?.at_share(share_ppm)
    }

    /// How long reads take on average.
    pub fn read_mean_us(&self, r: u8) -> Option<u64> {
        self.reads.get(usize::from(r).checked_sub(1)?)?.mean()
    }

    /// How long writes take on average.
    pub fn write_mean_us(&self, w: u8) -> Option<u64> {
        self.writes.get(usize::from(w).checked_sub(1)?)?.mean()
    }

    /// Every R and W, by R and then by W. Empty without trials.
    pub fn grid(&self) -> Vec<Point> {
        let quorums = 1..=self.replicas as u8;
        let pairs = quorums.clone().flat_map(|r| quorums.clone().map(move |w| (r, w)));
        pairs.filter_map(|(r, w)| self.point(r, w)).collect()
    }

    /// What this R and W cost and give.
    pub fn point(&self, r: u8, w: u8) -> Option<Point> {
        let three = |of: &dyn Fn(u32) -> Option<u64>| {
            let [middle, high, highest] = PERCENTILES_PPM.map(of);
            Some([middle?, high?, highest?])
        };
        Some(Point {
            r,
            w,
            read_us: three(&|share| self.read_us(r, share))?,
            write_us: three(&|share| self.write_us(w, share))?,
            at_once_ppm: self.consistent_ppm(r, w, 0)?,
            visible_us: self.visible_us(r, w, 999_000)?,
        })
    }

    fn place(&self, r: u8, w: u8) -> Option<usize> {
        let quorums = 1..=self.replicas;
        let (r, w) = (usize::from(r), usize::from(w));
        (quorums.contains(&r) && quorums.contains(&w)).then(|| (r - 1) * self.replicas + w - 1)
    }
}

/// Puts a value where its time belongs among the first `len`, which are in order; behind those of
/// the same time.
fn insert<T: Copy>(sorted: &mut [T; MOST_REPLICAS], len: usize, value: T, time: fn(&T) -> i64) {
    let mut at = len;
    while at > 0 && time(&value) < time(&sorted[at - 1]) {
        sorted[at] = sorted[at - 1];
        at -= 1;
    }
    sorted[at] = value;
}
