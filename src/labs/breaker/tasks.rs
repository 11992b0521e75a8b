//! What readers are invited to do.
