//! A challenge: a script that leaves what it asks for to the reader, and forbids a few ways there.
//!
//! The script sets the stage and says the `goal`. Each `task` is a part of it, which the reader has
//! to bring about, in the script's order; each `rule` has to hold meanwhile, and what stands after
//! `forbid` must not be done. Everything else is as in any script: a [`Player`] goes along beside
//! the reader and looks, after every event, at what the judges and the servers say.
//!
//! **A grade is worked out from a run and from nothing else.** So a link is a proof: whoever opens
//! it plays the run again, and no word of the link's author counts. A run is a run of the challenge
//! if it has the challenge's settings, whatever the seed, and begins as the script does.

use super::{Claim, Player, Scenario, Step, What};
use crate::labs::{Ask, Command};
use crate::session::{Action, Run};
use crate::sim::Fault;

/// What `forbid` may name, besides settings.
pub const KINDS: &[&str] = &[
    "cut", "heal", "links", "crash", "restart", "pause", "disk", "clock", "message", "time-out",
    "ask", "do", "members", "transfer", "set",
];

/// Every kind of what a command does, each of [`KINDS`].
pub fn kinds(command: &Command) -> impl Iterator<Item = &'static str> + '_ {
    let faults: &[Fault] = if let Command::Faults(faults) = command { faults } else { &[] };
    let other = match command {
        Command::Faults(_) => None,
        Command::TimeOut(_) => Some("time-out"),
        Command::Ask { what: Ask::Do { .. }, .. } => Some("do"),
        Command::Ask { .. } => Some("ask"),
        Command::ChangeMembership { .. } => Some("members"),
        Command::TransferLeadership { .. } => Some("transfer"),
        Command::Set(_) => Some("set"),
    };
    faults.iter().map(kind_of_fault).chain(other)
}

fn kind_of_fault(fault: &Fault) -> &'static str {
    match fault {
        Fault::Cut(_) => "cut",
        Fault::Heal(_) | Fault::HealAll => "heal",
        Fault::SetLinks(..) => "links",
        Fault::Crash(_) | Fault::CrashTorn { .. } => "crash",
        Fault::Restart(_) => "restart",
        Fault::Pause(_) | Fault::Resume(_) => "pause",
        Fault::SetSync(..) => "disk",
        Fault::SetClock { .. } => "clock",
        Fault::DropMessage(_) | Fault::DelayMessage(..) | Fault::DuplicateMessage(_) => "message",
    }
}

/// What the readers of a challenge are told before they begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The parts of the goal, in the order in which they have to be done.
    pub tasks: Vec<String>,
    /// What has to hold meanwhile.
    pub rules: Vec<String>,
    /// What must not be done, by [`KINDS`] or the names of settings.
    pub forbids: Vec<String>,
}

impl Terms {
    /// Those of a script.
    pub fn of(scenario: &Scenario) -> Terms {
        let tasks = scenario.steps.iter().filter_map(|step| match &step.what {
            What::Task { text, .. } => Some(text.clone()),
            _ => None,
        });
        let rules = scenario.steps.iter().filter_map(|step| match &step.what {
            What::Expect(Claim::Rule { text, .. }) => Some(text.clone()),
            _ => None,
        });
        let (tasks, rules) = (tasks.collect(), rules.collect());
        Terms { tasks, rules, forbids: scenario.forbids.clone() }
    }
}

/// How far a run has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grade {
    /// When each part of the goal was done, in microseconds since the start of the run.
    pub tasks: Vec<Option<u64>>,
    /// So many things the reader did for it.
    pub acts: usize,
    /// Why this run can no longer come to the goal.
    pub foul: Option<Foul>,
}

impl Grade {
    /// When everything was done, by the rules; in microseconds since the start of the run.
    pub fn done_us(&self) -> Option<u64> {
        let all = self.tasks.iter().all(Option::is_some) && self.foul.is_none();
        self.tasks.last().copied().flatten().filter(|_| all)
    }
}

/// Why a run does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Foul {
    /// It has other settings, or does not begin as the challenge does.
    AnotherRun,
    /// This was done, and must not be, at so many microseconds since the start of the run.
    Forbidden(&'static str, u64),
    /// The rule at this place of [`Terms::rules`] did not hold at some time.
    Rule(usize),
    /// The script itself could not go on.
    Stuck,
}

/// Follows a run and grades it. Told of the same run again with more in it, it goes on from where
/// it was.
pub struct Grader {
    challenge: Scenario,
    player: Player,
    /// So many acts of the run it has been told of.
    told: usize,
    grade: Grade,
}

impl Grader {
    /// At the beginning of the challenge, with its own seed. `None` if it cannot be played.
    pub fn new(challenge: Scenario) -> Option<Grader> {
        let player = Player::new(&challenge).ok()?;
        let tasks = vec![None; Terms::of(&challenge).tasks.len()];
        let grade = Grade { tasks, acts: 0, foul: None };
        Some(Grader { challenge, player, told: 0, grade })
    }

    /// What is challenged.
    pub fn challenge(&self) -> &Scenario {
        &self.challenge
    }

    /// Grades a run up to an instant.
    pub fn grade(&mut self, run: &Run, at_us: u64) -> Grade {
        let seed = run.settings.seed;
        let mut wanted = self.challenge.settings.clone();
        wanted.seed = seed;
        if run.lab != self.challenge.lab || run.settings != wanted {
            return Grade { foul: Some(Foul::AnotherRun), ..self.blank() };
        }
        let acts = run.actions.iter().take_while(|action| action.at_us <= at_us).count();
        let acts = &run.actions[..acts];
        if !self.is_further(seed, acts, at_us) {
            self.challenge.settings.seed = seed;
            let Ok(player) = Player::new(&self.challenge) else {
                return Grade { foul: Some(Foul::AnotherRun), ..self.blank() };
            };
            (self.player, self.told, self.grade) = (player, 0, self.blank());
        }
        for action in &acts[self.told..] {
            self.go(action.at_us);
            self.take(action);
            self.told += 1;
        }
        self.go(at_us);
        // What the script does at the beginning has to be in the run as well.
        if self.player.run().actions.len() > acts.len() && self.is_open() {
            return Grade { foul: Some(Foul::AnotherRun), ..self.grade.clone() };
        }
        self.grade.clone()
    }

    fn blank(&self) -> Grade {
        Grade { tasks: vec![None; self.grade.tasks.len()], acts: 0, foul: None }
    }

    /// Whether nothing is decided yet.
    fn is_open(&self) -> bool {
        self.grade.foul.is_none() && self.grade.done_us().is_none()
    }

    /// Whether a run is the one that was followed, with more in it perhaps.
    fn is_further(&self, seed: u64, acts: &[Action], at_us: u64) -> bool {
        let before = &self.player.run();
        before.settings.seed == seed
            && self.told <= acts.len()
            && before.actions.len() >= self.told
            && before.actions[..self.told] == acts[..self.told]
            && self.player.lab().now_us() <= at_us
    }

    /// Lets time pass. What is done is done: nothing after it counts.
    fn go(&mut self, at_us: u64) {
        if !self.is_open() {
            return;
        }
        self.player.advance_to_end(at_us);
        self.look();
    }

    fn take(&mut self, action: &Action) {
        if !self.is_open() {
            return;
        }
        // The script's own acts are in the run, too.
        if let Some(own) = self.player.run().actions.get(self.told) {
            let is_same = own == action;
            self.foul_if(!is_same, Foul::AnotherRun);
            return;
        }
        let forbidden = kinds(&action.command).find(|kind| self.is_forbidden(kind));
        let forbidden = forbidden.or_else(|| self.forbidden_setting(&action.command));
        if let Some(kind) = forbidden {
            self.foul_if(true, Foul::Forbidden(kind, action.at_us));
            return;
        }
        let taken = self.player.lab().now_us() == action.at_us
            && self.player.act(action.command.clone()).is_ok();
        self.foul_if(!taken, Foul::AnotherRun);
        self.grade.acts += 1;
        self.look();
    }

    fn is_forbidden(&self, kind: &str) -> bool {
        self.challenge.forbids.iter().any(|name| name == kind)
    }

    fn forbidden_setting(&self, command: &Command) -> Option<&'static str> {
        let Command::Set(setting) = command else { return None };
        Some(setting.name).filter(|name| self.is_forbidden(name))
    }

    fn foul_if(&mut self, is_so: bool, foul: Foul) {
        if is_so {
            self.grade.foul.get_or_insert(foul);
        }
    }

    /// What the player has seen so far.
    fn look(&mut self) {
        for (grade, task) in self.grade.tasks.iter_mut().zip(self.player.tasks()) {
            *grade = task.done_us;
        }
        let is_rule = |step: &&Step| matches!(step.what, What::Expect(Claim::Rule { .. }));
        let claims = self.challenge.steps.iter();
        let claims = claims.filter(|step| matches!(step.what, What::Expect(_)));
        let rules = claims.zip(self.player.verdicts()).filter(|(step, _)| is_rule(step));
        let broken = rules.map(|(_, verdict)| verdict).position(|it| it.broken.is_some());
        if let Some(rule) = broken {
            self.foul_if(true, Foul::Rule(rule));
        }
        self.foul_if(self.player.failed().is_some(), Foul::Stuck);
    }
}

/// The run of a challenge before the reader has done anything, and the instant at which they begin:
/// the script has set its stage, and something is about to happen.
pub fn beginning(challenge: &Scenario) -> Option<(Run, u64)> {
    /// A stage is set by then.
    const LATEST_US: u64 = 10_000_000;
    let mut player = Player::new(challenge).ok()?;
    player.advance_to(0);
    let opening_us = player.lab().opening_us();
    let waits = |player: &Player| {
        player.waits_in().is_some_and(|step| matches!(step.what, What::Task { .. }))
    };
    while !waits(&player) {
        let next_us = player.lab().next_due_us().filter(|next_us| *next_us < LATEST_US)?;
        player.advance_to(next_us);
    }
    let now_us = player.lab().now_us();
    Some((player.run().clone(), if now_us == 0 { opening_us } else { now_us }))
}
