//! The experiment done: writes by real servers in a world, and reads after them.

use super::super::{CapEvent, CapProcess, CapRequest, CapSetup};
use super::Experiment;
use crate::pbs::Histogram;
use crate::quorum::{
    ClientId, Config, ConfigError, Outcome, ReadCall, RequestId, Success, WriteCall,
};
use crate::random::Random;
use crate::sim::{Happening, LinkSettings, NodeId, World, WorldSettings};

/// After so many writes the world is left for a fresh one, with a seed of its own: histories grow.
const WRITES_OF_A_WORLD: u64 = 32;
/// What is written and read all the time.
const KEY: &str = "x";
const WRITER: ClientId = ClientId(1);
const READER: ClientId = ClientId(2);
/// The purpose of the generator that draws servers for operations.
const HOMES: u64 = 1;
/// The purpose of the generator that draws seeds for worlds.
const WORLDS: u64 = 2;

/// What was measured so far.
///
/// A trial is one write and, after its commit, one read at each of a few instants; then everything
/// that is still on its way arrives before the next. A read is consistent if it finds the write of
/// its trial.
#[derive(Clone, Debug)]
pub struct Measured {
    experiment: Experiment,
    config: Config,
    /// How long after the commit reads start, in order, each with how many were consistent.
    reads: Vec<(u64, u64)>,
    trials: u64,
    unanswered: u64,
    write_times: Histogram,
    read_times: Histogram,
    homes: Random,
    worlds: Random,
    world: World<CapProcess>,
    /// How many records of the world's history have been read.
    read: usize,
}

impl Measured {
    /// Nothing measured yet. Reads will start so many microseconds after the commit; put in order,
    /// each once.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], if there is no such store.
    pub fn new(experiment: Experiment, after_us: &[u64]) -> Result<Measured, ConfigError> {
        let config = experiment.config()?;
        let stream = |purpose| Random::for_purpose(experiment.seed, purpose);
        let mut worlds = stream(WORLDS);
        let world = world(&experiment, &config, &mut worlds);
        let after_us = after_us.iter().copied().collect::<crate::sorted::SortedSet<u64>>();
        Ok(Measured {
            experiment,
            config,
            reads: after_us.into_vec().into_iter().map(|after_us| (after_us, 0)).collect(),
            trials: 0,
            unanswered: 0,
            write_times: Histogram::default(),
            read_times: Histogram::default(),
            homes: stream(HOMES),
            worlds,
            world,
            read: 0,
        })
    }

    /// Makes so many more trials. Two slices give what one of their length gives.
    pub fn run(&mut self, trials: u32) {
        for _ in 0..trials {
            if self.trials > 0 && self.trials.is_multiple_of(WRITES_OF_A_WORLD) {
                self.world = world(&self.experiment, &self.config, &mut self.worlds);
                self.read = 0;
            }
            self.trial();
        }
    }

    /// What is measured.
    pub fn experiment(&self) -> &Experiment {
        &self.experiment
    }

    /// How many writes there were, and reads at each of the instants.
    pub fn trials(&self) -> u64 {
        self.trials
    }

    /// How many operations got no answer. None, as long as there are no faults.
    pub fn unanswered(&self) -> u64 {
        self.unanswered
    }

    /// How long after the commit reads started, and how many of them were consistent.
    pub fn reads(&self) -> &[(u64, u64)] {
        &self.reads
    }

    /// How long writes took.
    pub fn write_times(&self) -> &Histogram {
        &self.write_times
    }

    /// How long reads took.
    pub fn read_times(&self) -> &Histogram {
        &self.read_times
    }

    fn trial(&mut self) {
        let trial = self.trials;
        self.trials += 1;
        let call = WriteCall::blind(KEY.to_owned(), Some(trial.to_string()));
        let write = RequestId { client: WRITER, sequence: trial + 1 };
        let begun_us = self.world.now_us();
        self.ask(CapRequest::Write { request: write, call });
        let committed_us = loop {
            match self.next_answer(u64::MAX) {
                Some((at_us, answer)) if answer.request == write => {
                    self.write_times.add(at_us - begun_us);
                    break at_us;
                }
                Some(_) => {}
                None => return self.unanswered += 1 + self.reads.len() as u64,
            }
        };
        let instants = self.reads.len() as u64;
        let mut answered = 0;
        for place in 0..self.reads.len() {
            let start_us = committed_us + self.reads[place].0;
            while let Some((at_us, answer)) = self.next_answer(start_us) {
                answered += self.note(at_us, answer, (trial, committed_us));
            }
            let sequence = trial * instants + place as u64 + 1;
            let request = RequestId { client: READER, sequence };
            self.ask(CapRequest::Read { request, call: ReadCall::of(KEY.to_owned()) });
        }
        while let Some((at_us, answer)) = self.next_answer(u64::MAX) {
            answered += self.note(at_us, answer, (trial, committed_us));
        }
        self.unanswered += instants - answered;
    }

    /// Takes the answer to a read of this trial, whose write has committed then. How many it is.
    fn note(&mut self, at_us: u64, answer: Answered, (trial, committed_us): (u64, u64)) -> u64 {
        let Outcome::Ok { result: Success::Found(cell), .. } = answer.outcome else {
            return 0;
        };
        let place = (answer.request.sequence - 1 - trial * self.reads.len() as u64) as usize;
        let (after_us, consistent) = &mut self.reads[place];
        self.read_times.add(at_us - committed_us - *after_us);
        let found = cell.as_ref().and_then(|cell| cell.values().next());
        *consistent += u64::from(found.is_some_and(|found| *found == trial.to_string()));
        1
    }

    /// Asks a server that is drawn, now.
    fn ask(&mut self, request: CapRequest) {
        let home = NodeId(self.homes.below(self.experiment.n.into()) as u8);
        // Nobody is ever down here. If somebody were, the operation would count as unanswered.
        let _ = self.world.request(home, request);
    }

    /// The next answer up to an instant, and when it came. `None`: nothing more happens until then,
    /// and the world's clock shows it; or nothing more happens at all.
    fn next_answer(&mut self, until_us: u64) -> Option<(u64, Answered)> {
        loop {
            let records = self.world.history().records();
            while let Some(record) = records.get(self.read) {
                self.read += 1;
                if let Happening::Decided {
                    event: CapEvent::Answered { request, outcome }, ..
                } = &record.what
                {
                    let answer = Answered { request: *request, outcome: outcome.clone() };
                    return Some((record.at_us, answer));
                }
            }
            let due_us = self.world.next_due_us();
            if due_us.is_none_or(|due_us| due_us > until_us) {
                if until_us < u64::MAX {
                    let _ = self.world.advance_to(until_us);
                }
                return None;
            }
            self.world.step().ok()?;
        }
    }
}

/// A client is answered.
struct Answered {
    request: RequestId,
    outcome: Outcome<String>,
}

fn world(experiment: &Experiment, config: &Config, seeds: &mut Random) -> World<CapProcess> {
    World::new(WorldSettings {
        nodes: experiment.n,
        seed: seeds.next_u64(),
        links: LinkSettings::with_delay(experiment.link),
        sync: experiment.sync,
        setup: CapSetup::Quorum(config.clone()),
    })
}
