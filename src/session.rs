//! A run as data, and the session that plays it.
//!
//! A [`Run`] is the lab, its settings and the timed actions; everything else is recomputed from
//! it. A [`Session`] holds a lab that stands at one instant of a run and appends what is done to
//! the run's actions. Replaying a run gives the same history, record by record: an action is an
//! entry at a virtual time, never a call at the edge of a frame.

use crate::labs::{Command, Lab, LabEntry, LabSettings, Refused};
use crate::sim::Halted;

/// Everything a run is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Run {
    /// The lab's name in the registry.
    pub lab: &'static str,
    /// What the lab was made with.
    pub settings: LabSettings,
    /// What was done, in order.
    pub actions: Vec<Action>,
}

/// Something done at a virtual time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Action {
    /// When, in microseconds since the start of the run.
    pub at_us: u64,
    /// What.
    pub command: Command,
}

/// A run being played.
pub struct Session {
    run: Run,
    lab: Box<dyn Lab>,
}

impl Session {
    /// A fresh run at time 0. Settings that the lab cannot have are moved to the nearest it can.
    pub fn start(entry: &LabEntry, settings: LabSettings) -> Session {
        let servers = settings.servers.clamp(*entry.servers.start(), *entry.servers.end());
        let settings = LabSettings { servers, ..settings };
        let lab = (entry.open)(&settings);
        Session { run: Run { lab: entry.name, settings, actions: Vec::new() }, lab }
    }

    /// Plays `run` from its start to `at_us`.
    ///
    /// # Errors
    ///
    /// [`Halted`] if the run reaches a limit before that instant.
    pub fn replay(entry: &LabEntry, run: &Run, at_us: u64) -> Result<Session, Halted> {
        let mut session = Session::start(entry, run.settings.clone());
        for action in run.actions.iter().take_while(|action| action.at_us <= at_us) {
            session.advance_to(action.at_us)?;
            // A run from outside may ask for nonsense; it is refused here as it would be live.
            let _ = session.act(action.command.clone());
        }
        session.advance_to(at_us)?;
        Ok(session)
    }

    /// The run so far.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// The lab at the present instant.
    pub fn lab(&self) -> &dyn Lab {
        &*self.lab
    }

    /// Makes everything happen that is due at or before `at_us`.
    ///
    /// # Errors
    ///
    /// [`Halted`] if the run has reached a limit.
    pub fn advance_to(&mut self, at_us: u64) -> Result<(), Halted> {
        self.lab.advance_to(at_us)
    }

    /// Goes to the next instant at which something happens. `Ok(false)` if nothing ever will.
    ///
    /// # Errors
    ///
    /// [`Halted`] if the run has reached a limit.
    pub fn step(&mut self) -> Result<bool, Halted> {
        match self.lab.next_due_us() {
            Some(due_us) => self.lab.advance_to(due_us).map(|()| true),
            None => Ok(false),
        }
    }

    /// Does something now, and notes it in the run.
    ///
    /// # Errors
    ///
    /// [`Refused`] if it makes no sense at present; then nothing has changed and nothing is noted.
    pub fn act(&mut self, command: Command) -> Result<(), Refused> {
        // Replay comes to this instant by advancing to it, so what an action before this one made
        // due at once has to happen first here, too. A halted world refuses the command itself.
        let _ = self.lab.advance_to(self.lab.now_us());
        self.lab.act(&command)?;
        self.run.actions.push(Action { at_us: self.lab.now_us(), command });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::LABS;
    use crate::sim::{Fault, NodeId};

    fn settings() -> LabSettings {
        LabSettings::new(5, 11)
    }

    /// Frames of different lengths, steps, and acts between them.
    fn play(frame_us: u64) -> Session {
        let mut session = Session::start(&LABS[0], settings());
        let others: Vec<NodeId> = (1..5).map(NodeId).collect();
        let acts = [
            (150_000, Command::Faults(vec![Fault::cut_between(&[NodeId(0)], &others)])),
            (150_000, Command::write(NodeId(1), "x", "1")),
            (333_333, Command::TimeOut(NodeId(2))),
            (400_001, Command::Faults(vec![Fault::Crash(NodeId(3))])),
            (700_000, Command::Faults(vec![Fault::HealAll])),
        ];
        let mut acts = acts.into_iter().peekable();
        while session.lab().now_us() < 1_000_000 {
            let next_us = session.lab().now_us() + frame_us;
            while let Some((at_us, command)) = acts.next_if(|(at_us, _)| *at_us <= next_us) {
                session.advance_to(at_us).expect("far from any limit");
                session.act(command).expect("it makes sense");
            }
            session.advance_to(next_us.min(1_000_000)).expect("far from any limit");
        }
        session
    }

    #[test]
    fn frames_do_not_matter_and_replay_gives_the_same_history() {
        let played = play(1_000);
        for frame_us in [997, 16_667, 100_000] {
            assert_eq!(play(frame_us).lab().history_hash(), played.lab().history_hash());
        }
        let again = Session::replay(&LABS[0], played.run(), 1_000_000).expect("no limit");
        assert_eq!(again.lab().history_hash(), played.lab().history_hash());
        assert_eq!(again.run(), played.run());
    }

    #[test]
    fn a_replay_to_an_earlier_instant_holds_the_actions_up_to_it() {
        let played = play(10_000);
        let early = Session::replay(&LABS[0], played.run(), 350_000).expect("no limit");
        assert_eq!(early.run().actions, played.run().actions[..3]);
        assert_eq!(early.lab().now_us(), 350_000);
    }

    #[test]
    fn what_is_refused_changes_nothing_and_is_not_noted() {
        let mut session = play(10_000);
        let (hash, run) = (session.lab().history_hash(), session.run().clone());
        let nonsense = [
            Command::Faults(vec![Fault::Crash(NodeId(3))]),
            Command::Faults(vec![Fault::HealAll, Fault::Restart(NodeId(3))]),
            Command::Faults(vec![Fault::HealAll, Fault::Cut(vec![(NodeId(0), NodeId(9))])]),
            Command::TimeOut(NodeId(77)),
            Command::write(NodeId(3), "", ""),
        ];
        for command in nonsense {
            assert!(session.act(command.clone()).is_err(), "{command:?}");
            assert_eq!((session.lab().history_hash(), session.run()), (hash, &run));
        }
    }

    #[test]
    fn impossible_settings_become_the_nearest_possible() {
        let many = LabSettings::new(200, 1);
        assert_eq!(Session::start(&LABS[0], many).run().settings.servers, 9);
    }
}
