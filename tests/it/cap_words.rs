//! What the CAP lab says: its story, path, table, outcome, promises and timeline, from real runs.
//!
//! `UPDATE_EXPECT=1` writes the golden stories anew.

mod play;
mod promises;
mod same;
mod story;
mod why;
