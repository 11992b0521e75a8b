//! What a lab tells to those who look closer: pictures of a whole run, and answers to why.
//!
//! It is a trait of its own, with a registry of its own, because the page is two programs. The
//! first is what every reader downloads, and names nothing in here; the second is
//! [`lens`](crate::lens).

use std::any::Any;

use super::{Explanation, Lab, Question, View, known};
use crate::scene::log_matrix::{LogMatrix, LogWindow};
use crate::scene::space_time::SpaceTime;
use crate::scene::{Highlight, Spacing, Target, Thing, Window};

/// A lab that can be looked into. As with [`Lab`], everything is a pure function of the history and
/// the instant.
pub trait Explained: Lab {
    /// The messages and lives in a part of the run, as far as it has happened.
    fn space_time(&self, _window: Window, _spacing: Spacing) -> Option<SpaceTime> {
        None
    }

    /// The logs of all servers at this instant, as far as a window shows them.
    fn log_matrix(&self, _window: LogWindow) -> Option<LogMatrix> {
        None
    }

    /// The last index of the longest log.
    fn last_log_index(&self) -> u64 {
        0
    }

    /// One of the lab's own views, by its name, as a reader first sees it.
    fn view(&self, _name: &str) -> Option<Box<dyn View>> {
        None
    }

    /// What lights up together with a thing.
    fn highlight(&self, thing: Thing) -> Highlight;

    /// The answer to a question. `None` if what it asks about does not exist, or not any more.
    fn why(&self, question: &Question) -> Option<Explanation>;

    /// What there is to ask about a server, a message, a link or the whole: how to put it, and the
    /// question. The one that matters most comes first.
    fn questions(&self, target: Target) -> Vec<(String, Question)>;
}

/// Finds the face of a lab that explains, if the lab is of a certain kind.
pub(super) type AsExplained = fn(&dyn Lab) -> Option<&dyn Explained>;

/// The labs that explain: one line a lab.
pub(super) const EXPLAINED: &[AsExplained] = &[RAFT, CAP, EVENTS, BREAKER, WHOLE];
pub(super) const RAFT: AsExplained = of::<super::raft::RaftLab>;
pub(super) const CAP: AsExplained = of::<super::cap::CapLab>;
pub(super) const EVENTS: AsExplained = of::<super::events::EventLab>;
pub(super) const BREAKER: AsExplained = of::<super::breaker::BreakerLab>;
pub(super) const WHOLE: AsExplained = of::<super::whole::WholeLab>;

/// What a lab has to tell beyond its picture; `None` if that is all, or if the program does not
/// know the lab.
pub fn explained(lab: &dyn Lab) -> Option<&dyn Explained> {
    known().explained.iter().find_map(|of| of(lab))
}

fn of<L: Explained>(lab: &dyn Lab) -> Option<&dyn Explained> {
    let lab: &dyn Any = lab;
    lab.downcast_ref::<L>().map(|lab| lab as &dyn Explained)
}
