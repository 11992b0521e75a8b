//! Retries, budgets, timeouts and bulkheads, rule by rule; and the storms that they are there for.

mod backoffs;
mod budgets;
mod bulkheads;
mod retries;
mod shards;
mod storms;
mod timeouts;
