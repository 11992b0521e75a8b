//! A call from its permit to its report, in one go.

use super::{Breaker, Outcome, Permit, Rejected};

/// Why a call brought no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallError<E> {
    /// It was not made.
    Rejected(Rejected),
    /// It was made and failed.
    Failed(E),
}

impl Breaker {
    /// Makes a call, if it may be made. `clock` shows microseconds; it is read before and after. An
    /// `Err` counts as a failure. So does a panic, which then goes on.
    pub fn call<T, E>(
        &mut self,
        clock: impl Fn() -> u64,
        call: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, CallError<E>> {
        let of = |result: &Result<T, E>| match result {
            Ok(_) => Outcome::Success,
            Err(_) => Outcome::Failure,
        };
        self.call_judged(clock, call, of)
    }

    /// Likewise; `judge` says what the result means.
    pub fn call_judged<T, E>(
        &mut self,
        clock: impl Fn() -> u64,
        call: impl FnOnce() -> Result<T, E>,
        judge: impl FnOnce(&Result<T, E>) -> Outcome,
    ) -> Result<T, CallError<E>> {
        let permit = self.acquire(clock()).map_err(CallError::Rejected)?;
        // Until the outcome is known it is a failure: if the call panics, or its judge, that is
        // what the guard reports on its way out.
        let mut under_way = UnderWay { breaker: self, permit, clock, outcome: Outcome::Failure };
        let result = call();
        under_way.outcome = judge(&result);
        drop(under_way);
        result.map_err(CallError::Failed)
    }
}

struct UnderWay<'a, Clock: Fn() -> u64> {
    breaker: &'a mut Breaker,
    permit: Permit,
    clock: Clock,
    outcome: Outcome,
}

impl<Clock: Fn() -> u64> Drop for UnderWay<'_, Clock> {
    fn drop(&mut self) {
        self.breaker.report(self.permit, (self.clock)(), self.outcome);
    }
}
