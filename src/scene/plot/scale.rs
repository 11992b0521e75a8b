//! Numbers, their words, and their places on an axis.

use super::super::axis::round_step;

/// What numbers mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Microseconds.
    Time,
    /// Parts per million of a whole, shown in percent.
    Share,
    /// Pieces.
    Count,
}

/// How numbers are spread over an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Spread {
    /// Evenly.
    Linear,
    /// Every tenfold takes the same room. What is below the first number stands at the edge.
    Logarithmic,
}

/// The numbers of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scale {
    /// What they mean.
    pub unit: Unit,
    /// How they are spread.
    pub spread: Spread,
    /// The first.
    pub from: u64,
    /// The last; more than the first.
    pub to: u64,
}

impl Unit {
    /// A number, to three digits or so.
    pub fn words(self, value: u64) -> String {
        match self {
            Unit::Time => match value {
                0 => "0".to_owned(),
                1..1_000 => number(value, 1, " µs"),
                1_000..999_500 => number(value, 1_000, " ms"),
                _ => number(value, 1_000_000, " s"),
            },
            Unit::Share => share(value),
            Unit::Count => grouped(value),
        }
    }
}

/// `value` in so many of a larger unit, to three digits, without zeros at the end.
fn number(value: u64, of: u64, unit: &str) -> String {
    let mut exact = of;
    let mut decimals = 0;
    // As many decimals as there are digits missing to three.
    while decimals < 2 && exact > 1 && value * [1, 10][decimals] < 100 * of {
        exact /= 10;
        decimals += 1;
    }
    let scaled = (value + exact / 2) / exact;
    [&decimal(scaled, decimals), unit].concat()
}

/// A share in percent: one decimal, two near nothing and near everything. What is not all of it is
/// not said to be.
fn share(ppm: u64) -> String {
    match ppm {
        1..100 => return "< 0.01 %".to_owned(),
        999_900..1_000_000 => return "> 99.99 %".to_owned(),
        _ => {}
    }
    let digits = match ppm {
        ..10_000 | 990_000..1_000_000 => decimal(ppm / 100, 2),
        _ => decimal((ppm + 500) / 1_000, 1),
    };
    [&digits, " %"].concat()
}

/// `scaled` with its last digits behind the point, without zeros at the end.
fn decimal(mut scaled: u64, mut decimals: usize) -> String {
    while decimals > 0 && scaled.is_multiple_of(10) {
        scaled /= 10;
        decimals -= 1;
    }
    let mut digits = scaled.to_string();
    while digits.len() <= decimals {
        digits.insert(0, '0');
    }
    if decimals > 0 {
        digits.insert(digits.len() - decimals, '.');
    }
    digits
}

/// A number with its thousands apart.
fn grouped(value: u64) -> String {
    let mut digits = value.to_string();
    let mut place = digits.len();
    while place > 3 {
        place -= 3;
        digits.insert(place, ',');
    }
    digits
}

impl Scale {
    /// Even steps from one number to another; made longer if there is nothing between them.
    pub fn linear(unit: Unit, from: u64, to: u64) -> Scale {
        Scale { unit, spread: Spread::Linear, from, to: to.max(from.saturating_add(1)) }
    }

    /// Tenfolds from one number, at least 1, to another.
    pub fn logarithmic(unit: Unit, from: u64, to: u64) -> Scale {
        let from = from.max(1);
        Scale { unit, spread: Spread::Logarithmic, from, to: to.max(from.saturating_mul(2)) }
    }

    /// From 0 to a round number that is no less than `most`, with a few ticks on the way.
    pub fn up_to(unit: Unit, most: u64) -> Scale {
        let step = round_step(most.div_ceil(5).max(1));
        Scale::linear(unit, 0, most.max(1).div_ceil(step) * step)
    }

    /// How much of the axis lies before a number: 0 to 1.
    pub fn part(&self, value: u64) -> f32 {
        let value = value.clamp(self.from, self.to);
        match self.spread {
            Spread::Linear => (value - self.from) as f32 / (self.to - self.from) as f32,
            Spread::Logarithmic => {
                let log = |number: u64| (number as f32).log2();
                (log(value) - log(self.from)) / (log(self.to) - log(self.from))
            }
        }
    }

    /// The number at a part of the axis.
    pub fn value(&self, part: f32) -> u64 {
        let part = part.clamp(0.0, 1.0);
        let value = match self.spread {
            Spread::Linear => self.from as f32 + part * (self.to - self.from) as f32,
            Spread::Logarithmic => {
                let (from, to) = ((self.from as f32).log2(), (self.to as f32).log2());
                (from + part * (to - from)).exp2()
            }
        };
        ((value + 0.5) as u64).clamp(self.from, self.to)
    }

    /// Round numbers on the axis, not many more than `most`.
    pub fn ticks(&self, most: usize) -> Vec<u64> {
        match self.spread {
            Spread::Linear => {
                let step = round_step((self.to - self.from).div_ceil(most.max(1) as u64).max(1));
                let first = self.from.div_ceil(step);
                (first..=self.to / step).map(|times| times * step).collect()
            }
            Spread::Logarithmic => {
                let finest = self.powers(&[1, 2, 5]);
                if finest.len() <= most {
                    return finest;
                }
                // Tenfolds, and if these are still too many, every second of them, and so on.
                let tens = self.powers(&[1]);
                let every = tens.len().div_ceil(most.max(1));
                tens.into_iter().step_by(every.max(1)).collect()
            }
        }
    }

    fn powers(&self, digits: &[u64]) -> Vec<u64> {
        let tens = (0..19).map(|power| 10_u64.pow(power));
        let all = tens.flat_map(|ten| digits.iter().map(move |digit| ten.saturating_mul(*digit)));
        all.filter(|value| (self.from..=self.to).contains(value)).collect()
    }
}
