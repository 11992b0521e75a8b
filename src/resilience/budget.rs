//! How much a client may retry over all its requests.

use crate::rate::Rate;
use std::fmt;

/// What a retry costs, in the units of the bucket.
const TOKEN: u64 = 1_000_000;

/// Settings of a [`RetryBudget`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BudgetConfig {
    /// How many retries each deposit pays for: 10 % is a retry for every ten.
    pub fill: Rate,
    /// What is a deposit.
    pub deposit: Deposit,
    /// How many retries may be saved up. The budget begins with so many.
    pub capacity: u32,
    /// A retry for free in every such stretch of time, in microseconds, so that a client with few
    /// requests can retry at all.
    pub one_free_every_us: Option<u64>,
}

/// What fills the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Deposit {
    /// Successes: when all fail, retries end (Marc Brooker, "Fixing retries with token buckets and
    /// circuit breakers", 2022).
    OnSuccess,
    /// First tries: retries are at most so many of them, whatever comes of it ("Site Reliability
    /// Engineering", chapter 21: a retry ratio of 10 % per client).
    OnFirstTry,
}

/// Why a budget cannot be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BudgetError {
    /// It never holds a whole retry.
    ZeroCapacity,
    /// Nothing ever fills it.
    NothingFills,
    /// A free retry every no time at all would be no budget.
    ZeroInterval,
    /// More retries than calls: it would let a storm through.
    FillAboveOne { fill: Rate },
}

/// A token bucket: deposits fill it, and every retry takes a token out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RetryBudget {
    config: BudgetConfig,
    level: u64,
    /// From when on the next free one is being earned.
    earning_since_us: u64,
    refused: u64,
}

impl RetryBudget {
    /// A full budget at `now_us`.
    pub fn new(config: BudgetConfig, now_us: u64) -> Result<RetryBudget, BudgetError> {
        config.validate()?;
        let level = u64::from(config.capacity) * TOKEN;
        Ok(RetryBudget { config, level, earning_since_us: now_us, refused: 0 })
    }

    /// A request is tried for the first time.
    pub fn first_try(&mut self) {
        if self.config.deposit == Deposit::OnFirstTry {
            self.fill(self.config.fill.in_millionths().into());
        }
    }

    /// A try, whichever, has succeeded.
    pub fn success(&mut self) {
        if self.config.deposit == Deposit::OnSuccess {
            self.fill(self.config.fill.in_millionths().into());
        }
    }

    /// Takes a token out for a retry at `now_us`. `false` if there is none: the retry must not be
    /// made.
    #[must_use]
    pub fn withdraw(&mut self, now_us: u64) -> bool {
        self.earn(now_us);
        match self.level.checked_sub(TOKEN) {
            Some(rest) => {
                self.level = rest;
                true
            }
            None => {
                self.refused += 1;
                false
            }
        }
    }

    /// How many retries it would pay for, whole ones only.
    pub fn tokens(&self) -> u64 {
        self.level / TOKEN
    }

    /// How full it is.
    pub fn filled(&self) -> Option<Rate> {
        Rate::of(self.level, u64::from(self.config.capacity) * TOKEN)
    }

    /// How many retries it has refused.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    fn earn(&mut self, now_us: u64) {
        let Some(every_us) = self.config.one_free_every_us else { return };
        // Backwards no time passes.
        let passed_us = now_us.saturating_sub(self.earning_since_us);
        let tokens = passed_us / every_us;
        self.earning_since_us += tokens * every_us;
        self.fill(tokens.saturating_mul(TOKEN));
    }

    fn fill(&mut self, amount: u64) {
        let full = u64::from(self.config.capacity) * TOKEN;
        self.level = self.level.saturating_add(amount).min(full);
    }
}

impl BudgetConfig {
    /// A retry for every ten first tries, a hundred at once, and one every ten seconds for free.
    pub const fn usual() -> BudgetConfig {
        BudgetConfig {
            fill: Rate::percent(10),
            deposit: Deposit::OnFirstTry,
            capacity: 100,
            one_free_every_us: Some(10_000_000),
        }
    }

    fn validate(&self) -> Result<(), BudgetError> {
        if self.capacity == 0 {
            return Err(BudgetError::ZeroCapacity);
        }
        if self.fill == Rate::ZERO && self.one_free_every_us.is_none() {
            return Err(BudgetError::NothingFills);
        }
        if self.one_free_every_us == Some(0) {
            return Err(BudgetError::ZeroInterval);
        }
        if self.fill > Rate::ONE {
            return Err(BudgetError::FillAboveOne { fill: self.fill });
        }
        Ok(())
    }
}

impl fmt::Display for BudgetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BudgetError::ZeroCapacity => write!(f, "it never holds a whole retry"),
            BudgetError::NothingFills => write!(f, "nothing ever fills it"),
            BudgetError::ZeroInterval => write!(f, "free retries without end are no budget"),
            BudgetError::FillAboveOne { fill } => {
                write!(f, "{fill} of retries are more than there are calls")
            }
        }
    }
}

impl std::error::Error for BudgetError {}
