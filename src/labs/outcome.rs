//! What a run has come to, in terms that another branch of it can be compared in.

use std::fmt;

/// How things stand at an instant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Who leads, or who holds what, in a sentence.
    pub headline: String,
    /// What clients wrote, in the order in which they asked, and what has become of it.
    pub writes: Vec<(String, WriteFate)>,
}

/// What has become of a write, whatever its client knows of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WriteFate {
    /// It is committed: it will be in every log.
    Committed,
    /// It is in a log and not committed: both is still possible.
    Open,
    /// Somebody took it, and now nobody has it, neither in memory nor on a disk. In a store of
    /// replicas: and its client was told that it is done.
    Lost,
    /// No leader took it.
    NotTaken,
    /// It was acknowledged, and is held, or a write that is held came after it and knew of it.
    Kept,
    /// Its client has no answer yet.
    Pending,
    /// Nobody knows whether it counts, and somebody holds it.
    Ghost,
    /// Nobody knows whether it counts, and nobody holds it.
    Gone,
    /// It was refused: it has not happened and never will.
    Refused,
}

impl WriteFate {
    /// All fates.
    pub const ALL: [WriteFate; 9] = [
        WriteFate::Committed,
        WriteFate::Open,
        WriteFate::Lost,
        WriteFate::NotTaken,
        WriteFate::Kept,
        WriteFate::Pending,
        WriteFate::Ghost,
        WriteFate::Gone,
        WriteFate::Refused,
    ];

    /// In a word or two.
    pub fn word(self) -> &'static str {
        match self {
            WriteFate::Committed => "committed",
            WriteFate::Open => "still open",
            WriteFate::Lost => "lost",
            WriteFate::NotTaken => "taken by no leader",
            WriteFate::Kept => "kept",
            WriteFate::Pending => "not answered yet",
            WriteFate::Ghost => "unknown, and somebody holds it",
            WriteFate::Gone => "unknown, and gone",
            WriteFate::Refused => "refused",
        }
    }
}

impl fmt::Display for Outcome {
    /// `S2 leads term 3. C1 x=1: committed. C1 x=2: lost.`, of many writes the latest.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 4;
        f.write_str(&self.headline)?;
        let earlier = self.writes.len().saturating_sub(MOST);
        for (what, fate) in &self.writes[earlier..] {
            write!(f, " {what}: {}.", fate.word())?;
        }
        if earlier > 0 {
            write!(f, " {earlier} earlier.")?;
        }
        Ok(())
    }
}

impl Outcome {
    /// The writes that were asked for in both, and have become something else in each.
    pub fn apart(&self, other: &Outcome) -> Vec<(&str, WriteFate, WriteFate)> {
        let mut apart = Vec::new();
        for (what, here) in &self.writes {
            let there = other.writes.iter().find(|(same, _)| same == what);
            if let Some((_, there)) = there.filter(|(_, there)| there != here) {
                apart.push((what.as_str(), *here, *there));
            }
        }
        apart
    }
}
