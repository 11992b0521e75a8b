//! Trade-offs, measured: what a property of a system costs, as curves from real runs.
//!
//! A [`Study`] has no run that one watches. It makes worlds by the dozen, each with its own seed,
//! plays the real protocols in them, and draws what came of it. It works in slices, so that a page
//! stays smooth, and keeps what it knows of worlds that a turned slider does not concern.
//!
//! | study | more of | costs |
//! |---|---|---|
//! | [`batch`] | throughput | latency, once load comes near to what can be done |
//! | [`size`] | servers that may fail | latency and messages |
//! | [`replication`] | acknowledged writes that survive | latency, or answers |
//! | [`policy`] | incidents survived | lines of policy that somebody must understand |

pub mod batch;
mod cells;
pub mod policy;
pub mod replication;
mod servers;
pub mod size;
mod words;

use crate::scene::Frame;

/// Experiments in many worlds, and a picture of what came of them.
pub trait Study {
    /// Does a slice of the work: a few milliseconds in a browser. What comes out does not depend on
    /// how it is cut into slices.
    fn run(&mut self);

    /// How many worlds are worked out, and how many there are.
    fn progress(&self) -> (usize, usize);

    /// Whether all of them are.
    fn is_finished(&self) -> bool {
        let (known, all) = self.progress();
        known == all
    }

    /// What is known so far, as markup for a column that is `frame` wide: a sentence, plots,
    /// tables, and what is modelled. It is replaced as a whole, so nothing in it can have the
    /// focus. What has a `data-look` can be tapped, as a further way to what a control does.
    fn draw(&self, frame: Frame) -> String;

    /// Sliders, boxes and buttons, as markup, with what they do in `data-look`.
    fn controls(&self) -> String;

    /// A button, by its `data-look`, or a slider or a box, as `NAME=VALUE`. Anything else does
    /// nothing.
    fn press(&mut self, what: &str);
}

/// A line of the registry.
pub struct StudyEntry {
    /// What the page calls it.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// The question that it answers.
    pub question: &'static str,
    /// Makes it, with nothing worked out.
    pub open: fn() -> Box<dyn Study>,
}

/// One line a study.
pub const STUDIES: &[StudyEntry] = &[
    StudyEntry {
        name: "batch",
        title: "Latency or throughput",
        question: "How much can a cluster take, and what happens shortly before that?",
        open: || Box::new(batch::Batch::new()),
    },
    StudyEntry {
        name: "size",
        title: "How many servers",
        question: "What does it cost to survive one failure more?",
        open: || Box::new(size::Size::new()),
    },
    StudyEntry {
        name: "replication",
        title: "Quick or safe",
        question: "When may a write be answered, and what is gone if the primary dies then?",
        open: || Box::new(replication::Replication::new()),
    },
    StudyEntry {
        name: "policy",
        title: "Simple or resilient",
        question: "Which incidents does each line of policy buy, and which does it bring?",
        open: || Box::new(policy::PolicyStudy::new()),
    },
];
