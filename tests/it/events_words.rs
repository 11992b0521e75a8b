//! What the event sourcing lab says: its story, path, promises, answers and timeline, from real
//! runs.
//!
//! `UPDATE_EXPECT=1` writes the golden stories anew.

mod play;
mod promises;
mod same;
mod story;
mod why;
