//! A read model: it follows the log and keeps what it comes to, with its position.

/// A read model.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Model {}

/// One change of what it keeps on its disk.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ModelWrite {}

/// What it keeps on its disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ModelImage {}
