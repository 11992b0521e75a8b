//! The lens: a second program for those who look closer.
//!
//! The page is small because it only plays. When a reader asks why something is so, or wants
//! another picture of the run, the page loads the lens. A run is a few bytes of plain data: the log
//! of what was done in it ([`DeedLog`]). So the page tells the lens that, the lens plays the run as
//! well, and what it then knows is the same to the last bit: the two compare the hashes of their
//! histories.
//!
//! A [`Lens`] takes and gives text and numbers only; [`words`] says what the text means. It draws
//! and answers for the instant of [`Lens::at`]. How a picture is panned and zoomed it keeps itself,
//! so that the page needs to know nothing of pictures.

mod answers;
pub mod challenges;
mod cursor;
mod curtain;
mod embeds;
mod pictures;
pub mod share;
#[cfg(test)]
mod tests;
pub mod words;

use crate::labs::{Explained, Pointed, Question, explained};
use crate::link::{BadLink, DeedLog};
use crate::scene::space_time::ArrowFate;
use crate::scene::{Highlight, Spacing, Target, Thing, Window};
use crate::timeline::{BranchId, Timeline, Tree};

pub use answers::RETURN;
use answers::{Trail, go_to_message};
use pictures::Pictures;
use words::{name, named};

/// A run, an instant of it, and a look at it.
#[derive(Default)]
pub struct Lens {
    timeline: Option<Timeline>,
    pictures: Pictures,
    /// What is lit, as it was asked for, while nothing was asked.
    lit: String,
    trail: Trail,
}

impl Lens {
    /// Takes the run of a [log](DeedLog) or of a link. If it is the run that the lens has already,
    /// with more done in it, nothing is played again.
    ///
    /// # Errors
    ///
    /// [`BadLink`], which says what is wrong with it. The lens keeps the run that it had.
    pub fn open(&mut self, text: &str) -> Result<(), BadLink> {
        let log = DeedLog::parse(text)?;
        let entry = log.entry().ok_or(BadLink::UnknownLab(log.lab.to_owned()))?;
        let DeedLog { settings, deeds, .. } = log;
        let tree = Tree::of_deeds(deeds.iter().cloned())?;
        self.pictures.hear(&deeds);
        match &mut self.timeline {
            Some(timeline)
                if timeline.entry().name == entry.name && *timeline.settings() == settings =>
            {
                timeline.adopt(tree);
            }
            _ => {
                self.timeline = Some(Timeline::of_tree(entry, settings, tree));
                self.pictures.start_over();
                self.lit.clear();
                self.trail = Trail::default();
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
        self.pictures.look_at(branch);
        Some(timeline.lab().history_hash())
    }

    /// One of the [views](crate::labs::LabEntry::views) of the lab as markup of so many pixels.
    /// Empty if there is no such view, or no run.
    pub fn picture(&mut self, view: &str, width: f32, height: f32) -> String {
        let Some(lab) = lab_of(&self.timeline) else {
            return String::new();
        };
        let lit = self.highlight(lab);
        self.pictures.draw(lab, view, (width, height), &lit)
    }

    /// Whether the view drawn last would show the same if it were drawn again now.
    pub fn is_finished(&self) -> bool {
        self.pictures.is_finished()
    }

    /// What stands under the view drawn last, as markup.
    pub fn controls(&self) -> String {
        self.pictures.controls()
    }

    /// Moves the picture drawn last along with a pointer, by so many pixels to the right.
    pub fn pan(&mut self, dx: f32) {
        self.pictures.pan(dx);
    }

    /// A key, by the name that browsers have for it, or a button: `earlier`, `later`, `in`, `out`,
    /// `spacing`, `follow`, or one of the view's own. Arrows move the picture, or a cursor from one
    /// thing in it to another: then the answer is what the cursor is on, as [`under`](Lens::under)
    /// says it.
    pub fn press(&mut self, what: &str) -> String {
        let found = lab_of(&self.timeline).and_then(|lab| self.pictures.press(lab, what));
        self.pointed(found)
    }

    /// Zooms the picture drawn last by so many thousandths: 1,000 changes nothing, above is nearer.
    /// What is at `x` stays there.
    pub fn zoom(&mut self, x: f32, permille: u32) {
        self.pictures.zoom(x, permille);
    }

    /// Whether the picture drawn last follows the playhead.
    pub fn is_following(&self) -> bool {
        self.pictures.is_following()
    }

    /// Whether what happens is spaced evenly, and not in proportion to time.
    pub fn is_spaced_by_events(&self) -> bool {
        self.pictures.spacing == Spacing::Events
    }

    /// What is at a place of the picture drawn last, in three lines: the thing; the question that
    /// it raises, if there is one before all others; what it is, in words. Empty if nothing is.
    pub fn under(&mut self, x: f32, y: f32) -> String {
        let found = self.pictures.under(x, y);
        self.pointed(found)
    }

    fn pointed(&mut self, found: Option<Pointed>) -> String {
        let Some(Pointed { thing, question, words }) = found else {
            return String::new();
        };
        let question = question.map(|question| name(&question)).unwrap_or_default();
        let text = [&name(&thing), "\n", &question, "\n", &words].concat();
        if !question.is_empty() {
            self.trail.offer(question, words);
        }
        text
    }

    /// Lights a thing with all that belongs to it, or everything that led to the answer of a
    /// question. Nothing: then what led to the answer that is shown, if one is. The things that
    /// are lit, a line each, for other pictures.
    pub fn light(&mut self, what: &str) -> String {
        let what = if what.is_empty() { self.trail.current() } else { what };
        what.clone_into(&mut self.lit);
        let Some(lab) = lab_of(&self.timeline) else {
            return String::new();
        };
        let mut lines = String::new();
        let lit = self.highlight(lab);
        let records = lit.records.iter();
        let records = records.flat_map(|id| [Thing::Message(*id), Thing::Record(*id)]);
        let servers = lit.servers.iter().copied().map(Thing::Node);
        for thing in lit.things.iter().copied().chain(records).chain(servers) {
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

    /// What there is to ask about a target, as choices of a menu; for a message that is not on its
    /// way first a choice that goes to where it was. Empty if there is nothing.
    pub fn questions(&mut self, target: &str) -> String {
        let target = named::<Target>(target);
        let Some((lab, target)) = lab_of(&self.timeline).zip(target) else {
            return String::new();
        };
        let way = on_its_way_us(lab, target).map(|at_us| go_to_message(target, at_us));
        way.unwrap_or_default() + &self.trail.choices(lab.questions(target))
    }

    /// The answer to a question, as markup, with what to ask further. [`RETURN`] is the question
    /// before, with the answer that it had. Nothing: no answer is shown any more.
    pub fn why(&mut self, question: &str) -> String {
        let Some(lab) = lab_of(&self.timeline) else {
            return String::new();
        };
        match question {
            "" => {
                self.trail.forget();
                String::new()
            }
            RETURN => self.trail.back(),
            _ => {
                let asked = named::<Question>(question);
                let answer = asked.as_ref().and_then(|asked| lab.why(asked));
                let decided = answer.as_ref().and_then(|answer| lab.record(answer.record?));
                let decided_us = decided.map(|(at_us, _)| at_us);
                self.trail.answer(question, answer.as_ref(), (lab.now_us(), decided_us))
            }
        }
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

/// Halfway between when a message left and when its way ended, if it has.
fn on_its_way_us(lab: &dyn Explained, target: Target) -> Option<u64> {
    let Target::Message(id) = target else {
        return None;
    };
    let (sent_us, _) = lab.record(id)?;
    let picture = lab.space_time(Window::new(sent_us, sent_us), Spacing::Time)?;
    let arrow = picture.arrows.iter().find(|arrow| arrow.id == id)?;
    let gone = !matches!(arrow.fate, ArrowFate::OnItsWay { .. });
    gone.then_some(sent_us + (arrow.ends_us - sent_us) / 2)
}

fn lab_of(timeline: &Option<Timeline>) -> Option<&dyn Explained> {
    explained(timeline.as_ref()?.lab())
}
