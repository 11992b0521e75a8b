//! The view as a reader uses it.
