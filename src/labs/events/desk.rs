//! A desk: it reads the streams that a decision rests on, decides, and appends on the version that
//! it has read. It keeps nothing.

/// A desk.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Desk {}
