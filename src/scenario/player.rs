//! Plays a scenario, as far as one wants to see.

use std::fmt;
use std::rc::Rc;

use super::resolve::Names;
use super::{Act, Claim, Scenario, Step, Wait, What, When, Who, limits};
use crate::labs::{Command, Lab, LabSettings, Refused, Scripted, find_scripted};
use crate::session::{Action, Run};
use crate::sim::{Halted, NodeId};

/// A scenario that stands at an instant.
///
/// It goes forward with [`advance_to`](Player::advance_to); a reader may do things in between. To
/// go back, replay its [`run`](Player::run).
pub struct Player {
    scenario: Rc<Scenario>,
    stage: Box<dyn Scripted>,
    run: Run,
    names: Names,
    /// Whether nobody is there: then tasks are done by themselves, and none may take forever.
    alone: bool,
    /// The step that comes next, or is waited in.
    next: usize,
    /// When the step before it was done.
    done_us: u64,
    /// When the next step began, if it has.
    begun_us: Option<u64>,
    /// Whether nobody was there, and so what the next step asks for was done for them.
    acted: bool,
    said: Vec<Said>,
    tasks: Vec<TaskOfScript>,
    verdicts: Vec<Verdict>,
    /// How many claims the script has come by.
    claims: usize,
    /// The steps that claim something of every instant, each with the place of its verdict.
    watches: Vec<(usize, usize)>,
    failed: Option<Failed>,
}

/// Something the script has told the reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The line of the script.
    pub line: u32,
    /// When, in microseconds since the start of the run.
    pub at_us: u64,
    /// How many records there were by then.
    pub after: usize,
    /// What.
    pub text: String,
    /// Whether playback stops for the reader here.
    pub stops: bool,
}

/// Something the script has invited the reader to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskOfScript {
    /// The line of the script.
    pub line: u32,
    /// When it was said, in microseconds since the start of the run.
    pub at_us: u64,
    /// How many records there were by then.
    pub after: usize,
    /// What to do.
    pub text: String,
    /// When it was done, in microseconds since the start of the run, if it was.
    pub done_us: Option<u64>,
}

/// What became of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The line of the script.
    pub line: u32,
    /// The claim, as the script has it.
    pub claim: String,
    /// Why it does not hold; `None` as long as it does.
    pub broken: Option<String>,
    /// Whether the script has come to it.
    pub reached: bool,
}

/// A step that could not be done. The script ends there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// The line of the script; 0 is the end.
    pub line: u32,
    /// When, in microseconds since the start of the run.
    pub at_us: u64,
    /// Why.
    pub why: Failure,
}

/// Why a step could not be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// What it waited for did not come within so many microseconds.
    WaitedInVain(u64),
    /// Its instant was over when the script came to it.
    Late { wanted_us: u64, now_us: u64 },
    /// Nobody is called so at present.
    Nobody(Who),
    /// No message is on its way there.
    NoMessage { from: NodeId, to: NodeId },
    /// An act names more than [`limits::LINKS`] links.
    TooManyLinks,
    /// It makes no sense at present.
    Refused(Refused),
    /// The run has reached a limit.
    Halted(Halted),
    /// It has more records than there is time for.
    TooLong(usize),
    /// No script may play in this lab, or not with these settings.
    NotPlayable,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |us: &u64| super::units::print_time(*us);
        match self {
            Failure::WaitedInVain(us) => write!(f, "did not come within {}", ms(us)),
            Failure::Late { wanted_us, now_us } => {
                write!(f, "{} is over: it is {}", ms(wanted_us), ms(now_us))
            }
            Failure::Nobody(Who::Named(name)) => write!(f, "there is no {name} now"),
            Failure::Nobody(Who::Old(name)) => {
                write!(f, "no fault has named the {name} yet, so there is no old one")
            }
            Failure::Nobody(Who::Number(node)) => write!(f, "there is no {node}"),
            Failure::NoMessage { from, to } => {
                write!(f, "no message is on its way from {from} to {to}")
            }
            Failure::TooManyLinks => write!(f, "more than {} links at once", limits::LINKS),
            Failure::Refused(reason) => reason.fmt(f),
            Failure::Halted(reason) => reason.fmt(f),
            Failure::TooLong(most) => write!(f, "the run has more than {most} records by now"),
            Failure::NotPlayable => write!(f, "this lab cannot be played with these settings"),
        }
    }
}

impl Player {
    /// A player at time 0 for a page with a reader: tasks wait for as long as it takes.
    ///
    /// # Errors
    ///
    /// [`Failure::NotPlayable`] if the scenario was not read by [`parse`](super::parse) and names
    /// what does not exist.
    pub fn new(scenario: &Scenario) -> Result<Player, Failure> {
        let entry = find_scripted(scenario.lab).ok_or(Failure::NotPlayable)?;
        let settings: &LabSettings = &scenario.settings;
        let possible = entry.lab.servers.contains(&settings.servers);
        let playable = possible && (entry.lab.check)(settings).is_ok();
        let stage = playable.then(|| (entry.open)(settings)).ok_or(Failure::NotPlayable)?;
        let (mut verdicts, mut watches) = (Vec::new(), Vec::new());
        for (place, step) in scenario.steps.iter().enumerate() {
            let What::Expect(claim) = &step.what else {
                continue;
            };
            if claim.is_watched() {
                watches.push((place, verdicts.len()));
            }
            // What speaks of the whole run needs no place in it.
            let reached =
                !matches!(claim, Claim::Now(_) | Claim::Eventually(_) | Claim::Rule { .. });
            let claim = claim.to_string();
            verdicts.push(Verdict { line: step.line, claim, broken: None, reached });
        }
        let servers = stage.servers().unwrap_or(settings.servers);
        let mut player = Player {
            stage,
            run: Run { lab: entry.lab.name, settings: settings.clone(), actions: Vec::new() },
            names: Names::new(servers),
            alone: false,
            next: 0,
            done_us: 0,
            begun_us: None,
            acted: false,
            said: Vec::new(),
            tasks: Vec::new(),
            verdicts,
            claims: 0,
            watches,
            failed: None,
            scenario: Rc::new(scenario.clone()),
        };
        player.watch();
        Ok(player)
    }

    /// A player with nobody there: tasks are done by what the script says after `by`.
    ///
    /// # Errors
    ///
    /// As [`Player::new`].
    pub fn alone(scenario: &Scenario) -> Result<Player, Failure> {
        Player::new(scenario).map(|player| Player { alone: true, ..player })
    }

    /// Makes everything happen that is due at or before `at_us`, and does what the script says.
    pub fn advance_to(&mut self, at_us: u64) {
        self.go_on(at_us, false);
    }

    /// As [`advance_to`](Player::advance_to), but stops when the script is over.
    pub fn advance_to_end(&mut self, at_us: u64) {
        self.go_on(at_us, true);
    }

    /// Does something on behalf of the reader, now.
    ///
    /// # Errors
    ///
    /// [`Refused`] if it makes no sense at present; nothing has changed then.
    pub fn act(&mut self, command: Command) -> Result<(), Refused> {
        let now_us = self.now_us();
        // As a replay does it: what is due at this very instant comes first.
        if self.stage.advance_to(now_us).is_ok() {
            self.watch();
        }
        self.stage.act(&command)?;
        self.run.actions.push(Action { at_us: now_us, command });
        self.watch();
        Ok(())
    }

    /// The lab at the present instant.
    pub fn lab(&self) -> &dyn Lab {
        self.stage.lab()
    }

    pub(super) fn stage(&mut self) -> &mut dyn Scripted {
        &mut *self.stage
    }

    /// What it plays.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// Everything done so far: a replay of this gives the same history.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// Whether there is nothing left to do in the script.
    pub fn is_over(&self) -> bool {
        self.failed.is_some() || self.next >= self.scenario.steps.len()
    }

    /// The step that is waited in, if any.
    pub fn waits_in(&self) -> Option<&Step> {
        self.scenario.steps.get(self.next).filter(|_| self.failed.is_none())
    }

    /// What has been said, oldest first.
    pub fn said(&self) -> &[Said] {
        &self.said
    }

    /// What the reader has been invited to do, oldest first.
    pub fn tasks(&self) -> &[TaskOfScript] {
        &self.tasks
    }

    /// Every claim of the script, in its order.
    pub fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }

    /// The step that could not be done, if there was one.
    pub fn failed(&self) -> Option<&Failed> {
        self.failed.as_ref()
    }

    fn now_us(&self) -> u64 {
        self.stage.lab().now_us()
    }

    fn go_on(&mut self, at_us: u64, stop_when_over: bool) {
        loop {
            self.do_steps();
            let now_us = self.now_us();
            if matches!(&self.failed, Some(Failed { why: Failure::Halted(_), .. })) {
                return;
            }
            let due_us = self.stage.lab().next_due_us().map(|due_us| due_us.max(now_us));
            // An instant is over when nothing more is due at it: a replay goes as far.
            let is_instant_over = due_us.is_none_or(|due_us| due_us > now_us);
            if is_instant_over && (now_us >= at_us || (stop_when_over && self.is_over())) {
                return;
            }
            let wake_us = [due_us, self.wakes_us()].into_iter().flatten().min();
            let target_us = wake_us.map_or(at_us, |wake_us| wake_us.min(at_us).max(now_us));
            match self.stage.advance_to(target_us) {
                Ok(()) => self.watch(),
                Err(reason) => self.fail(Failure::Halted(reason)),
            }
        }
    }

    /// Does every step that can be done now.
    fn do_steps(&mut self) {
        let scenario = Rc::clone(&self.scenario);
        while self.failed.is_none() {
            let Some(step) = scenario.steps.get(self.next) else {
                return;
            };
            match self.do_step(step) {
                Ok(true) => {
                    self.next += 1;
                    self.done_us = self.now_us();
                    self.begun_us = None;
                    self.acted = false;
                }
                Ok(false) => return,
                Err(why) => self.fail(why),
            }
        }
    }

    /// Whether the step is done.
    fn do_step(&mut self, step: &Step) -> Result<bool, Failure> {
        let now_us = self.now_us();
        let begins = self.begun_us.is_none();
        if begins {
            match step.when {
                When::Next => {}
                When::At(wanted_us) if wanted_us < now_us => {
                    return Err(Failure::Late { wanted_us, now_us });
                }
                When::At(wanted_us) if wanted_us > now_us => return Ok(false),
                When::At(_) => {}
                When::After(us) if now_us < self.done_us.saturating_add(us) => return Ok(false),
                When::After(_) => {}
            }
            self.begun_us = Some(now_us);
        }
        match &step.what {
            What::Nothing => Ok(true),
            What::Act(act) => self.perform(act).map(|()| true),
            What::Say { text, stops } => {
                if begins {
                    let after = self.stage.lab().history_len();
                    let (line, text, stops) = (step.line, text.clone(), *stops);
                    self.said.push(Said { line, at_us: now_us, after, text, stops });
                }
                // So that whoever stops here sees nothing of what follows.
                Ok(!stops || !self.is_beginning())
            }
            What::Until(wait) => self.has_come(wait, true),
            What::Task { text, wait, by } => {
                if begins {
                    self.tasks.push(TaskOfScript {
                        line: step.line,
                        at_us: now_us,
                        after: self.stage.lab().history_len(),
                        text: text.clone(),
                        done_us: None,
                    });
                }
                let mut came = self.has_come(wait, self.alone)?;
                // A microsecond later, so that who is there sees nothing of it yet.
                let is_time = self.alone && !came && !self.acted && !self.is_beginning();
                if let Some(act) = by.as_ref().filter(|_| is_time) {
                    self.acted = true;
                    self.perform(act)?;
                    came = self.has_come(wait, self.alone)?;
                }
                if let Some(task) = self.tasks.last_mut().filter(|_| came) {
                    task.done_us = Some(now_us);
                }
                Ok(came)
            }
            What::Expect(claim) => {
                let decided = self.look_at(claim);
                self.claims += usize::from(decided);
                Ok(decided)
            }
        }
    }

    /// Whether what is waited for has come. If there is a bound, it may be over.
    fn has_come(&self, wait: &Wait, bounded: bool) -> Result<bool, Failure> {
        let came = self.names.holds(&*self.stage, &wait.condition) == Some(true);
        let (within_us, until_us) = self.patience(wait);
        let in_vain = bounded && !came && self.now_us() >= until_us;
        if in_vain { Err(Failure::WaitedInVain(within_us)) } else { Ok(came) }
    }

    /// For how long, and until when, a wait may last that the present step began.
    fn patience(&self, wait: &Wait) -> (u64, u64) {
        let within_us = wait.within_us.unwrap_or(limits::PATIENCE_US);
        (within_us, self.begun_us.unwrap_or(0).saturating_add(within_us))
    }

    /// When something must be decided though nothing happens.
    fn wakes_us(&self) -> Option<u64> {
        let step = self.waits_in()?;
        if self.begun_us.is_none() {
            return Some(match step.when {
                When::Next => self.now_us(),
                When::At(at_us) => at_us,
                When::After(us) => self.done_us.saturating_add(us),
            });
        }
        match &step.what {
            What::Until(wait) | What::Expect(Claim::Eventually(wait)) => {
                Some(self.patience(wait).1)
            }
            What::Say { .. } => self.begun_us.map(|begun_us| begun_us + 1),
            What::Task { by: Some(_), .. } if self.alone && !self.acted => {
                self.begun_us.map(|begun_us| begun_us + 1)
            }
            What::Task { wait, .. } if self.alone => Some(self.patience(wait).1),
            _ => None,
        }
    }

    /// Whether the present step began at this very instant.
    fn is_beginning(&self) -> bool {
        self.begun_us.is_none_or(|begun_us| begun_us >= self.now_us())
    }

    fn perform(&mut self, act: &Act) -> Result<(), Failure> {
        let now_us = self.now_us();
        self.stage.advance_to(now_us).map_err(Failure::Halted)?;
        self.watch();
        let command = self.names.command(&*self.stage, act)?;
        self.act(command).map_err(Failure::Refused)
    }

    /// The script has come to a claim. Whether it is decided, or needs no more waiting.
    fn look_at(&mut self, claim: &Claim) -> bool {
        let verdict = match claim {
            Claim::Now(condition) => {
                let holds = self.names.holds(&*self.stage, condition) == Some(true);
                (!holds).then(|| format!("it does not hold at {}", self.clock()))
            }
            Claim::Eventually(wait) => match self.has_come(wait, true) {
                Ok(true) => None,
                Ok(false) => return false,
                Err(why) => Some(why.to_string()),
            },
            // From here on it is watched.
            Claim::Rule { .. } => None,
            Claim::Always(_)
            | Claim::Never(_)
            | Claim::Kept(_)
            | Claim::Broken(_)
            | Claim::AllKept => return true,
        };
        let place = &mut self.verdicts[self.claims];
        place.broken = verdict;
        place.reached = true;
        true
    }

    /// Something may have happened: claims about every instant are looked at.
    fn watch(&mut self) {
        let is_over = self.is_over();
        for &(step, place) in &self.watches {
            let (condition, wanted) = match &self.scenario.steps[step].what {
                What::Expect(Claim::Always(condition)) => (condition, true),
                What::Expect(Claim::Never(condition)) => (condition, false),
                What::Expect(Claim::Rule { condition, .. })
                    if self.verdicts[place].reached && !is_over =>
                {
                    (condition, true)
                }
                _ => continue,
            };
            let kept = self.verdicts[place].broken.is_none();
            if kept && self.names.holds(&*self.stage, condition) == Some(!wanted) {
                let word = if wanted { "it does not hold" } else { "it holds" };
                self.verdicts[place].broken = Some(format!("{word} at {}", self.clock()));
            }
        }
    }

    /// What the judges have found becomes verdicts.
    pub(super) fn close(&mut self) {
        self.stage.judge_end();
        let scenario = Rc::clone(&self.scenario);
        let claims = scenario.steps.iter().filter_map(|step| match &step.what {
            What::Expect(claim) => Some(claim),
            _ => None,
        });
        let found = self.stage.verdicts();
        for (verdict, claim) in self.verdicts.iter_mut().zip(claims) {
            if let Claim::Broken(property) = claim
                && found.of(*property).is_none()
            {
                verdict.broken = Some("it was kept".to_owned());
            }
            let violation = match claim {
                Claim::Kept(property) => found.of(*property),
                Claim::AllKept => found.earliest(),
                _ => None,
            };
            if let Some(violation) = violation {
                let name = violation.property.name();
                verdict.broken = Some(format!("{name}: {}", violation.finding));
            }
        }
    }

    fn clock(&self) -> String {
        super::units::print_time(self.now_us())
    }

    fn fail(&mut self, why: Failure) {
        let line = self.scenario.steps.get(self.next).map_or(0, |step| step.line);
        self.failed.get_or_insert(Failed { line, at_us: self.now_us(), why });
    }
}
