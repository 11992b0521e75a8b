//! However a run is played, what is said of it is the same.
