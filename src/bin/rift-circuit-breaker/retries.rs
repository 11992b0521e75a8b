//! Retries for JavaScript: [`rift::resilience`], a policy for each request and a budget over all.

use rift::rate::Rate;
use rift::resilience::{
    Backoff, BudgetConfig, Deposit, GiveUp, Jitter, Next, Retry, RetryBudget, RetryPolicy,
};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::config::{count, micros, rate, section};
use crate::javascript::{BadArgument, check_names, function, property};
use crate::refusal::Refusal;
use crate::{draw, now_us, results};

/// The script reads this itself; here it is only checked.
const OF_THE_SCRIPT: &str = "isRetryable";
/// Instead of a wait: why there is no further try.
const NOT_RETRYABLE: f64 = -1.0;
const TRIES_USED_UP: f64 = -2.0;
const TOO_LATE: f64 = -3.0;
const BUDGET_EMPTY: f64 = -4.0;
/// If nothing is said: so many tries, the first wait, and how many times that the longest is.
const TRIES: u32 = 3;
const FIRST_US: u64 = 100_000;
const LONGEST: u64 = 100;

/// A policy, and the budget for all its requests.
#[wasm_bindgen]
pub struct RetryCore {
    policy: RetryPolicy,
    budget: Option<RetryBudget>,
}

/// A request on its way through its tries.
#[wasm_bindgen]
pub struct RequestCore {
    retry: Retry,
}

#[wasm_bindgen]
impl RetryCore {
    #[wasm_bindgen(constructor)]
    pub fn new(config: JsValue) -> Result<RetryCore, JsValue> {
        RetryCore::build(&config).map_err(Refusal::into_js)
    }

    /// A request whose first try is being made. After so long nobody wants its answer.
    pub fn begin(&mut self, within_ms: Option<f64>) -> Result<RequestCore, JsValue> {
        if let Some(budget) = &mut self.budget {
            budget.first_try();
        }
        let until_us = within_ms.map(|ms| now_us().saturating_add((ms * 1e3) as u64));
        let retry = self.policy.start(until_us).map_err(|why| Refusal::from(why).into_js())?;
        Ok(RequestCore { retry })
    }

    /// A try, whichever, has succeeded.
    pub fn succeeded(&mut self) {
        if let Some(budget) = &mut self.budget {
            budget.success();
        }
    }

    /// The latest try of a request has failed. In how many milliseconds to try again; below 0, why
    /// not.
    pub fn failed(&mut self, request: &mut RequestCore, is_retryable: bool) -> f64 {
        let now_us = now_us();
        match request.retry.failed(now_us, is_retryable, draw(), self.budget.as_mut()) {
            Next::RetryAt { at_us, .. } => results::millis(at_us.saturating_sub(now_us)),
            Next::GiveUp(GiveUp::NotRetryable) => NOT_RETRYABLE,
            Next::GiveUp(GiveUp::TriesUsedUp { .. }) => TRIES_USED_UP,
            Next::GiveUp(GiveUp::TooLate { .. }) => TOO_LATE,
            Next::GiveUp(GiveUp::BudgetEmpty) => BUDGET_EMPTY,
        }
    }

    /// How many retries the budget would pay for; nothing where there is none.
    pub fn tokens(&self) -> Option<f64> {
        self.budget.as_ref().map(|budget| budget.tokens() as f64)
    }
}

impl RetryCore {
    fn build(said: &JsValue) -> Result<RetryCore, Refusal> {
        check_names(said, &["tries", "backoff", "budget", OF_THE_SCRIPT])?;
        if !property(said, OF_THE_SCRIPT).is_undefined() && function(said, OF_THE_SCRIPT).is_none()
        {
            return Err(BadArgument::new(OF_THE_SCRIPT, "it is no function").into());
        }
        let usual = exponential(FIRST_US, FIRST_US * LONGEST, Jitter::Full);
        let policy = RetryPolicy {
            tries: count(said, "tries")?.unwrap_or(TRIES),
            backoff: section(said, "backoff", backoff)?.unwrap_or(usual),
        };
        policy.validate()?;
        let budget = section(said, "budget", budget)?;
        let budget = budget.map(|config| RetryBudget::new(config, now_us())).transpose()?;
        Ok(RetryCore { policy, budget })
    }
}

fn exponential(base_us: u64, cap_us: u64, jitter: Jitter) -> Backoff {
    Backoff::Exponential { base_us, cap_us, jitter }
}

fn backoff(said: &JsValue) -> Result<Backoff, BadArgument> {
    check_names(said, &["kind", "firstMs", "longestMs", "jitter"])?;
    let first_us = micros(said, "firstMs")?.unwrap_or(FIRST_US);
    let longest_us = micros(said, "longestMs")?.unwrap_or(first_us.saturating_mul(LONGEST));
    let word = |name| property(said, name).as_string();
    let jitter = match word("jitter").as_deref() {
        None if property(said, "jitter").is_undefined() => Jitter::Full,
        Some("none") => Jitter::None,
        Some("full") => Jitter::Full,
        Some("equal") => Jitter::Equal,
        _ => return Err(BadArgument::new("jitter", "it is neither none, full nor equal")),
    };
    match word("kind").as_deref() {
        None if property(said, "kind").is_undefined() => {
            Ok(exponential(first_us, longest_us, jitter))
        }
        Some("exponential") => Ok(exponential(first_us, longest_us, jitter)),
        Some("fixed") => Ok(Backoff::Fixed { wait_us: first_us }),
        Some("decorrelated") => Ok(Backoff::Decorrelated { base_us: first_us, cap_us: longest_us }),
        _ => Err(BadArgument::new("kind", "it is neither fixed, exponential nor decorrelated")),
    }
}

fn budget(said: &JsValue) -> Result<BudgetConfig, BadArgument> {
    check_names(said, &["perFirstTry", "perSuccess", "capacity", "oneFreeEveryMs"])?;
    let usual = BudgetConfig::usual();
    let (first_try, success) = (rate(said, "perFirstTry")?, rate(said, "perSuccess")?);
    let free_us = micros(said, "oneFreeEveryMs")?;
    let (deposit, fill) = match (first_try, success) {
        (None, None) if free_us.is_some() => (usual.deposit, Rate::ZERO),
        (None, None) => (usual.deposit, usual.fill),
        (Some(fill), None) => (Deposit::OnFirstTry, fill),
        (None, Some(fill)) => (Deposit::OnSuccess, fill),
        _ => return Err(BadArgument::new("budget", "say `perFirstTry` or `perSuccess`")),
    };
    let capacity = count(said, "capacity")?.unwrap_or(usual.capacity);
    Ok(BudgetConfig { fill, deposit, capacity, one_free_every_us: free_us })
}
