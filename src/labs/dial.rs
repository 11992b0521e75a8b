//! What readers turn and press while a protocol runs, as data: the page shows it as a bar.

use super::Command;

/// A setting that can be turned while the protocol runs, or a row of acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dial {
    /// What it is called, in a word or two.
    pub label: &'static str,
    /// What it is about, in a sentence.
    pub meaning: &'static str,
    /// Its positions, or the acts, in order.
    pub options: Vec<DialOption>,
}

/// A position of a dial, or an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialOption {
    /// What it is called, in a word or two.
    pub label: String,
    /// What comes of it; or why it cannot be chosen now.
    pub hint: String,
    /// Whether the dial stands there; of an act, never.
    pub chosen: bool,
    /// Whether it can be chosen now.
    pub possible: bool,
    /// What choosing it asks for.
    pub command: Command,
}
