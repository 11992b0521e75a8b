//! The lens: a second program for those who look closer.
//!
//! The page is small because it only plays. When a reader asks why something is so, or wants
//! another picture of the run, the page loads the lens. A run is a few bytes of plain data (see
//! [`link`](crate::link)), so the page tells the lens the run, the lens plays it as well, and what
//! it then knows is the same to the last bit: the two compare the hashes of their histories.
//!
//! A [`Lens`] takes and gives text and numbers only; [`words`] says what the text means. It draws
//! and answers for the instant of [`Lens::at`]. How a picture is panned and zoomed it keeps itself,
//! so that the page needs to know nothing of pictures.

mod pictures;
#[cfg(test)]
mod tests;
pub mod words;

use crate::labs::{Explained, Question, explained};
use crate::link::{BadLink, Link};
use crate::scene::{Highlight, Target, Thing};
use crate::timeline::{BranchId, Timeline};

use pictures::Pictures;
use words::{Answer, name, named};

/// A run, an instant of it, and a look at it.
#[derive(Default)]
pub struct Lens {
    timeline: Option<Timeline>,
    pictures: Pictures,
    /// What is lit, as it was asked for.
    lit: String,
}

impl Lens {
    /// Takes the run of a link. If it is the run that the lens has already, with more done in it,
    /// nothing is played again.
    ///
    /// # Errors
    ///
    /// [`BadLink`], which says what is wrong with the link. The lens keeps the run that it had.
    pub fn open(&mut self, link: &str) -> Result<(), BadLink> {
        let link = Link::parse(link)?;
        let entry = link.entry().ok_or(BadLink::UnknownLab(link.lab.to_owned()))?;
        match &mut self.timeline {
            Some(timeline)
                if timeline.entry().name == link.lab && *timeline.settings() == link.settings =>
            {
                timeline.adopt(link.tree);
            }
            _ => {
                self.timeline = Some(Timeline::of_tree(entry, link.settings, link.tree));
                self.pictures.start_over();
                self.lit.clear();
            }
        }
        Ok(())
    }

    /// Goes to an instant of a branch, in microseconds since the start of the run. The hash of the
    /// history there, or `None` if there is no such branch or no run.
    pub fn at(&mut self, branch: BranchId, at_us: u64) -> Option<u64> {
        let timeline = self.timeline.as_mut()?;
        if timeline.branch() != branch {
            timeline.select(branch).ok()?;
        }
        // A run that halts is shown as far as it came; the hash tells whether that is the same.
        let _ = timeline.seek(at_us);
        Some(timeline.lab().history_hash())
    }

    /// One of the [`pictures`](Lens::VIEWS) as a whole `<svg>` of so many pixels. Empty if there is
    /// no such picture, or no run.
    pub fn picture(&mut self, view: &str, width: f32, height: f32) -> String {
        let Some(lab) = lab_of(&self.timeline) else {
            return String::new();
        };
        let lit = self.highlight(lab);
        self.pictures.draw(lab, view, (width, height), &lit)
    }

    /// The names of the pictures.
    pub const VIEWS: [&str; 2] = ["space-time", "logs"];

    /// Moves the picture drawn last along with a pointer, by so many pixels to the right.
    pub fn pan(&mut self, dx: f32) {
        self.pictures.pan(dx);
    }

    /// Zooms the picture drawn last by so many thousandths: 1,000 changes nothing, above is nearer.
    /// What is at `x` stays there.
    pub fn zoom(&mut self, x: f32, permille: u32) {
        self.pictures.zoom(x, permille);
    }

    /// Lets the pictures follow the playhead again.
    pub fn follow(&mut self) {
        self.pictures.follow();
    }

    /// Whether the picture drawn last follows the playhead.
    pub fn is_following(&self) -> bool {
        self.pictures.is_following()
    }

    /// Spaces what happens evenly, or in proportion to time.
    pub fn space_by_events(&mut self, by_events: bool) {
        self.pictures.space_by_events(by_events);
    }

    /// What is at a place of the picture drawn last, in three lines: the thing; the question that
    /// it raises, if there is one before all others; what it is, in words. Empty if nothing is.
    pub fn under(&self, x: f32, y: f32) -> String {
        self.pictures.under(x, y).unwrap_or_default()
    }

    /// Lights a thing with all that belongs to it, or everything that led to the answer of a
    /// question, or nothing. The things that are lit, a line each, for other pictures.
    pub fn light(&mut self, what: &str) -> String {
        what.clone_into(&mut self.lit);
        let Some(lab) = lab_of(&self.timeline) else {
            return String::new();
        };
        let mut lines = String::new();
        let lit = self.highlight(lab);
        let messages = lit.records.iter().map(|record| Thing::Message(*record));
        for thing in lit.things.iter().copied().chain(messages) {
            lines.push_str(&name(&thing));
            lines.push('\n');
        }
        lines
    }

    /// Moves the picture so that all that is lit can be seen, as far as it fits.
    pub fn show_lit(&mut self) {
        if let Some(lab) = lab_of(&self.timeline) {
            let lit = self.highlight(lab);
            self.pictures.show(lab, &lit);
        }
    }

    /// What there is to ask about a target, for [`words::read_questions`].
    pub fn questions(&self, target: &str) -> String {
        let target = named::<Target>(target);
        let questions = lab_of(&self.timeline).zip(target).map(|(lab, it)| lab.questions(it));
        words::write_questions(&questions.unwrap_or_default())
    }

    /// The answer to a question, for [`Answer::read`]. Empty if there is none.
    pub fn why(&self, question: &str) -> String {
        let question = named::<Question>(question);
        let answer = lab_of(&self.timeline).zip(question).and_then(|(lab, it)| lab.why(&it));
        answer.map(|answer| Answer::write(&answer)).unwrap_or_default()
    }

    fn highlight(&self, lab: &dyn Explained) -> Highlight {
        if let Some(thing) = named::<Thing>(&self.lit) {
            return lab.highlight(thing);
        }
        let answer = named::<Question>(&self.lit).and_then(|question| lab.why(&question));
        let mut lit = Highlight::default();
        for record in answer.into_iter().flat_map(|answer| answer.cone) {
            lit.records.insert(record);
        }
        lit
    }
}

fn lab_of(timeline: &Option<Timeline>) -> Option<&dyn Explained> {
    explained(timeline.as_ref()?.lab())
}
