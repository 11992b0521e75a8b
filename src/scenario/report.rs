//! What came of a scenario that was played with nobody there.

use std::fmt;

use super::{Failed, Failure, Player, Scenario, Verdict, limits};
use crate::labs::StoryLine;
use crate::session::Run;
use crate::sim::NodeId;

/// Plays a scenario from beginning to end.
///
/// # Errors
///
/// As [`Player::new`]; never for a scenario that [`parse`](super::parse) has read.
pub fn play(scenario: &Scenario) -> Result<Report, Failure> {
    let mut player = Player::alone(scenario)?;
    player.advance_to_end(limits::RUN_US);
    Ok(report(player, Failure::WaitedInVain(limits::RUN_US)))
}

/// As [`play`], but stops soon after there are so many records: for whoever cannot wait long. Then
/// [`Report::failed`] is [`Failure::TooLong`].
///
/// # Errors
///
/// As [`play`].
pub fn play_within(scenario: &Scenario, records: usize) -> Result<Report, Failure> {
    let mut player = Player::alone(scenario)?;
    let mut until_us = 0;
    while !player.is_over() && until_us < limits::RUN_US {
        if player.lab().history_len() > records {
            return Ok(report(player, Failure::TooLong(records)));
        }
        until_us = (until_us + PART_US).min(limits::RUN_US);
        player.advance_to_end(until_us);
    }
    Ok(report(player, Failure::WaitedInVain(limits::RUN_US)))
}

/// So much is played before it is looked at how much that was, in microseconds.
const PART_US: u64 = 50_000;

/// What came of it; `why` it was stopped if it is not over.
fn report(mut player: Player, why: Failure) -> Report {
    player.close();
    let over = player.is_over();
    let failed = player.failed().cloned();
    let stopped = || Failed {
        line: player.waits_in().map_or(0, |step| step.line),
        at_us: player.lab().now_us(),
        why,
    };
    Report {
        verdicts: player.verdicts().to_vec(),
        failed: if over { failed } else { Some(stopped()) },
        history_hash: player.lab().history_hash(),
        ended_us: player.lab().now_us(),
        run: player.run().clone(),
        trace: trace(&mut player),
    }
}

/// What came of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Every claim, in the order of the script.
    pub verdicts: Vec<Verdict>,
    /// The step that could not be done, if there was one.
    pub failed: Option<Failed>,
    /// The identity of what happened.
    pub history_hash: u64,
    /// When the script was over, in microseconds since the start of the run.
    pub ended_us: u64,
    /// What was done, and when.
    pub run: Run,
    /// What happened, line by line.
    pub trace: Vec<TraceLine>,
}

impl Report {
    /// Whether every step was done and every claim holds.
    pub fn passed(&self) -> bool {
        self.failed.is_none() && self.verdicts.iter().all(Verdict::holds)
    }
}

impl Verdict {
    /// Whether the claim holds.
    pub fn holds(&self) -> bool {
        self.reached && self.broken.is_none()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Verdict { line, claim, .. } = self;
        match &self.broken {
            Some(why) => write!(f, "line {line:>3}: NO   {claim}: {why}"),
            None if !self.reached => write!(f, "line {line:>3}: ?    {claim}: never came to it"),
            None => write!(f, "line {line:>3}: yes  {claim}"),
        }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failed { line, at_us, why } = self;
        write!(f, "line {line:>3}: stopped at {}: {why}", super::units::print_time(*at_us))
    }
}

/// The trace, the verdicts and the identity of the run.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.trace.iter().try_for_each(|line| writeln!(f, "{line}"))?;
        let ended = super::units::print_time(self.ended_us);
        writeln!(f, "\nended at {ended}, history {:016x}", self.history_hash)?;
        self.verdicts.iter().try_for_each(|verdict| writeln!(f, "{verdict}"))?;
        self.failed.iter().try_for_each(|failed| writeln!(f, "{failed}"))
    }
}

/// A line of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceLine {
    /// When, in microseconds since the start of the run.
    pub at_us: u64,
    /// Who.
    pub who: Teller,
    /// What, in words.
    pub text: String,
    /// The section of the source that has the rule.
    pub section: Option<&'static str>,
}

/// Of whom, or by whom, a line of a trace is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Teller {
    /// A server.
    Server(NodeId),
    /// The world around the servers: clients, faults.
    World,
    /// The script.
    Script,
}

/// Milliseconds, who, and a sentence.
impl fmt::Display for TraceLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>6}.{:03}  ", self.at_us / 1_000, self.at_us % 1_000)?;
        match self.who {
            Teller::Server(node) => write!(f, "{node:<3}  {}", self.text)?,
            Teller::World => write!(f, "     {}", self.text)?,
            Teller::Script => write!(f, "---  {}", self.text)?,
        }
        self.section.iter().try_for_each(|section| write!(f, " [{section}]"))
    }
}

/// The lab's story, with what the script said in between.
fn trace(player: &mut Player) -> Vec<TraceLine> {
    let story = player.lab().story(usize::MAX);
    let mut told = story.into_iter().peekable();
    let mut said: Vec<(usize, u64, String)> = Vec::new();
    let says = |said: &super::Said| (said.after, said.at_us, said.text.clone());
    let mut rest = player.said().iter().peekable();
    for task in player.tasks() {
        // A script goes down line by line.
        while let Some(earlier) = rest.next_if(|said| said.line < task.line) {
            said.push(says(earlier));
        }
        said.push((task.after, task.at_us, format!("Your task: {}.", task.text)));
    }
    said.extend(rest.map(says));
    let stage = player.stage();
    let mut lines = Vec::new();
    let tell = |line: StoryLine, lines: &mut Vec<TraceLine>| {
        let who = stage.server_of(line.record).map_or(Teller::World, Teller::Server);
        let StoryLine { at_us, text, section, .. } = line;
        lines.push(TraceLine { at_us, who, text, section });
    };
    for (after, at_us, text) in said {
        while let Some(line) = told.next_if(|line| (line.record.0 as usize) < after) {
            tell(line, &mut lines);
        }
        lines.push(TraceLine { at_us, who: Teller::Script, text, section: None });
    }
    told.for_each(|line| tell(line, &mut lines));
    lines
}
