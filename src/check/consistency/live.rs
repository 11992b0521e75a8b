//! Since when each model is broken, found a little at a time while the run goes on.
//!
//! A model that is broken stays so, whatever clients see later. So the first of the calls and
//! answers after which it is broken can be found by halving, and what was found once need not be
//! looked for again. A [`Live`] follows a [`Watch`] forth, back and into other pasts: it keeps what
//! they have in common. What it comes to in the end depends on the watch alone, not on the way.

use super::history::History;
use super::{MODELS, Model, Verdict, Watch, Witness};

/// What is known of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is not broken so far.
    Held,
    /// It is broken.
    Broken {
        /// Since which call or answer, from 1.
        since: u64,
        /// By which operations: those that show it at that instant.
        witness: Witness,
    },
    /// The budget was too small, the history too long, or the readings too many.
    Undecided,
}

/// The models, as far as they are judged.
#[derive(Clone, Debug)]
pub struct Live {
    budget: u64,
    history: History,
    known: [Known; MODELS.len()],
}

/// What is known of a model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Known {
    /// Not broken by then.
    held: u64,
    /// Broken by then, and by these operations.
    broken: Option<(u64, Witness)>,
    /// Looked at then, in vain.
    in_vain: Option<u64>,
}

impl Known {
    /// The last instant at which it was not known to be broken.
    fn looked_at(&self) -> u64 {
        self.held.max(self.in_vain.unwrap_or(0))
    }
}

impl Live {
    /// Nothing is known yet. Each look at a model may take about `budget` steps of a search.
    pub fn new(budget: u64) -> Live {
        Live { budget, history: History::default(), known: Default::default() }
    }

    /// Looks at one model, at one instant. `false` if there was nothing left to do: then every
    /// model is judged as of the end of the watch.
    pub fn work(&mut self, watch: &Watch) -> bool {
        self.keep_in_common(watch);
        let events = watch.history.events();
        let open = MODELS.into_iter().filter(|model| self.is_open(*model, events));
        // Of those that were looked at longest ago the strongest: if that holds, so do others.
        let next = open.min_by_key(|model| self.known[*model as usize].looked_at());
        next.is_some_and(|model| {
            self.look(watch, model, events);
            true
        })
    }

    /// What is known of a model, as of the watch that was followed last. A model that has not been
    /// looked at since stands as before.
    pub fn standing(&self, model: Model) -> Standing {
        let known = &self.known[model as usize];
        match &known.broken {
            Some((since, witness)) => Standing::Broken { since: *since, witness: witness.clone() },
            None if known.in_vain.is_some() => Standing::Undecided,
            None => Standing::Held,
        }
    }

    /// The models that hold and that no other one implies that holds.
    pub fn strongest(&self) -> Vec<Model> {
        let holds = |model: &Model| self.standing(*model) == Standing::Held;
        let is_covered = |model: Model| {
            MODELS.into_iter().filter(holds).any(|other| other != model && other.implies(model))
        };
        MODELS.into_iter().filter(|model| holds(model) && !is_covered(*model)).collect()
    }

    /// Forgets what was only known of another watch, or of what is still to come.
    fn keep_in_common(&mut self, watch: &Watch) {
        if self.history == watch.history {
            return;
        }
        let common = self.history.in_common(&watch.history);
        for known in &mut self.known {
            known.held = known.held.min(common);
            known.broken.take_if(|(since, _)| *since > common);
            known.in_vain.take_if(|at| *at > common);
        }
        self.history = watch.history.clone();
    }

    fn is_open(&self, model: Model, events: u64) -> bool {
        let known = &self.known[model as usize];
        match known.broken {
            Some((since, _)) => since > known.held + 1,
            None => known.held < events && known.in_vain != Some(events),
        }
    }

    fn look(&mut self, watch: &Watch, model: Model, events: u64) {
        let known = &self.known[model as usize];
        let (held, until) = (known.held, known.broken.as_ref().map(|(since, _)| *since));
        let at = until.map_or(events, |until| held + (until - held) / 2);
        let verdict = match until {
            None => watch.judge_model(model, self.budget),
            Some(_) => watch.first(at).judge_model(model, self.budget),
        };
        let known = &mut self.known[model as usize];
        match verdict {
            Verdict::Broken(witness) => known.broken = Some((at, witness)),
            Verdict::Undecided if until.is_none() => known.in_vain = Some(at),
            // Before an instant at which it is broken for certain.
            Verdict::Undecided => known.held = at,
            Verdict::Held => self.spread(model, at),
        }
    }

    /// What a model that holds implies holds as well.
    fn spread(&mut self, model: Model, at: u64) {
        for implied in MODELS.into_iter().filter(|other| model.implies(*other)) {
            let known = &mut self.known[implied as usize];
            known.held = known.held.max(at);
            known.in_vain.take_if(|in_vain| *in_vain <= at);
        }
    }
}
