//! The view on logs of its own, as a reader uses it.
