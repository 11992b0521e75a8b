//! What the reader is invited to do.
