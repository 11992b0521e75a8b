//! What readers turn while a protocol runs, as data: the page shows it as a bar.

use super::{Command, Setting};

/// A setting that can be turned while the protocol runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dial {
    /// What it is called, in a word or two.
    pub label: &'static str,
    /// What it is about, in a sentence.
    pub meaning: &'static str,
    /// Its positions, in order.
    pub options: Vec<DialOption>,
}

/// A position of a dial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialOption {
    /// What it is called, in a word or two.
    pub label: String,
    /// What comes of it; or why it cannot be chosen now.
    pub hint: String,
    /// Whether the dial stands there.
    pub chosen: bool,
    /// Whether it can be chosen now.
    pub possible: bool,
    /// What choosing it sets.
    pub setting: Setting,
}

impl DialOption {
    /// What choosing it asks for.
    pub fn command(&self) -> Command {
        Command::Set(self.setting)
    }
}
