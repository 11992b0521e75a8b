//! How answers to why are put together in every lab, and what can stop a server anywhere.

use super::telling::ms;
use super::{Explanation, Question};
use crate::sim::{Budget, Fault, Happening, History, NodeId, Process, Record, RecordId, World};
use crate::sorted::SortedSet;

/// At most so many reasons are offered to go on with.
pub(super) const MOST_NEXT: usize = 6;

/// An answer in the making.
pub(super) struct Answer {
    pub(super) text: String,
    pub(super) section: &'static str,
    /// What decided it.
    pub(super) record: Option<RecordId>,
    /// What else led to how things are now.
    pub(super) also: Vec<RecordId>,
    pub(super) servers: Vec<NodeId>,
    pub(super) next: Vec<(String, Question)>,
}

impl Answer {
    pub(super) fn new(text: String, section: &'static str) -> Answer {
        let (also, servers, next) = (Vec::new(), Vec::new(), Vec::new());
        Answer { text, section, record: None, also, servers, next }
    }

    /// One sentence more.
    pub(super) fn say(&mut self, sentence: &str) {
        if !sentence.is_empty() {
            self.text.push(' ');
            self.text.push_str(sentence);
        }
    }

    /// The answer to `question`, with what led to it: a lab knows the `reasons` of a record, the
    /// main one first, and what `happened` in words.
    pub(super) fn finish<P: Process>(
        mut self,
        question: &Question,
        history: &History<P>,
        reasons: &mut dyn FnMut(RecordId) -> Vec<RecordId>,
        happened: &dyn Fn(RecordId) -> Option<String>,
    ) -> Explanation {
        let of_record = self.record.map(&mut *reasons).unwrap_or_default();
        let back = match question {
            Question::Record(_) => of_record.first().copied(),
            _ => self.record,
        };
        // What one may want to follow: the reasons, and for how things are now what decided it.
        let of_now = back.filter(|back| !of_record.contains(back));
        let follow = of_now.into_iter().chain(of_record).chain(self.also.iter().copied());
        for id in follow {
            let question = Question::Record(id);
            // Five heartbeats that were lost need not be offered five times.
            if let Some(text) = happened(id)
                && self.next.iter().all(|(label, other)| *other != question && *label != text)
            {
                self.next.push((text, question));
            }
            if self.next.len() >= MOST_NEXT {
                break;
            }
        }
        let mut from = std::mem::take(&mut self.also);
        from.extend(self.record);
        let cone = history.gather(&from, reasons).records;
        let servers: SortedSet<NodeId> = self.servers.into_iter().collect();
        Explanation {
            text: self.text,
            section: self.section,
            record: self.record,
            servers: servers.into_vec(),
            back,
            next: self.next,
            cone,
        }
    }
}

/// The reasons of a record, each once, the main one first.
pub(super) struct Reasons {
    pub(super) of: RecordId,
    pub(super) found: Vec<RecordId>,
}

impl Reasons {
    pub(super) fn of(id: RecordId) -> Reasons {
        Reasons { of: id, found: Vec::new() }
    }

    pub(super) fn add(&mut self, reason: Option<RecordId>) {
        if let Some(reason) = reason
            && reason < self.of
            && !self.found.contains(&reason)
        {
            self.found.push(reason);
        }
    }

    /// The input of which the record came.
    pub(super) fn cause<P: Process>(&mut self, history: &History<P>) {
        self.add(history.get(self.of).and_then(|record| record.cause));
    }
}

/// One question's look at a lab: what every lab's answers go by.
pub(super) trait Look<'a> {
    type Process: Process + 'a;

    fn world(&self) -> &'a World<Self::Process>;

    /// How much of the history may still be gone through.
    fn budget(&self) -> &Budget;

    fn history(&self) -> &'a History<Self::Process> {
        self.world().history()
    }

    fn record(&self, id: RecordId) -> Option<&'a Record<Self::Process>> {
        self.history().get(id)
    }

    fn what(&self, id: RecordId) -> Option<&'a Happening<Self::Process>> {
        self.record(id).map(|record| &record.what)
    }

    fn at_us(&self, id: RecordId) -> u64 {
        self.record(id).map_or(0, |record| record.at_us)
    }

    /// The place after the newest record.
    fn end(&self) -> RecordId {
        RecordId(self.history().len() as u32)
    }

    /// Whether a server is down or paused.
    fn is_still(&self, node: NodeId) -> Option<Obstacle> {
        is_still(self.world(), self.budget(), node)
    }

    /// Whether the link `from → to` is cut. The words are about neither end.
    fn is_cut(&self, from: NodeId, to: NodeId) -> Option<Obstacle> {
        is_cut(self.world(), from, to)
    }

    /// What stops `node` from hearing `other`, or `other` from answering, now.
    fn between(&self, node: NodeId, other: NodeId) -> Option<Obstacle> {
        let still = self.is_still(other).map(|still| {
            let text = format!("{other} {}", still.text);
            Obstacle::new(text, still.act)
        });
        still.or_else(|| self.is_cut(node, other)).or_else(|| self.is_cut(other, node))
    }

    /// The latest record before `before`, and not before `floor`, that `is` says yes to.
    fn find_back(
        &self,
        floor: RecordId,
        before: RecordId,
        is: &mut dyn FnMut(RecordId, &Happening<Self::Process>) -> bool,
    ) -> Option<RecordId> {
        let is = &mut |id, record: &Record<Self::Process>| is(id, &record.what);
        self.history().find_back(self.budget(), floor, before, is)
    }
}

/// Something in the way: in words that go on after a server's name, and who did it.
pub(super) struct Obstacle {
    pub(super) text: String,
    pub(super) act: Option<RecordId>,
}

impl Obstacle {
    pub(super) fn new(text: String, act: Option<RecordId>) -> Obstacle {
        Obstacle { text, act }
    }
}

fn is_still<P: Process>(world: &World<P>, budget: &Budget, node: NodeId) -> Option<Obstacle> {
    let (found, history) = (world.node(node)?, world.history());
    if found.process().is_none() {
        let end = RecordId(history.len() as u32);
        let act = history.find_act(budget, RecordId(0), end, &mut |fault| fault.stops(node));
        let at_us = |act| history.get(act).map_or(0, |record| record.at_us);
        let since = act.map(|act| format!(" since {}", ms(at_us(act))));
        return Some(Obstacle::new(format!("is down{}", since.unwrap_or_default()), act));
    }
    let since_us = found.paused_since_us()?;
    let act = history.act_at(since_us, &mut |fault| *fault == Fault::Pause(node));
    Some(Obstacle::new(format!("is paused since {}", ms(since_us)), act))
}

fn is_cut<P: Process>(world: &World<P>, from: NodeId, to: NodeId) -> Option<Obstacle> {
    let since_us = world.network().link(from, to)?.cut_since_us?;
    let act = world.history().act_at(since_us, &mut |fault| match fault {
        Fault::Cut(links) => links.contains(&(from, to)),
        _ => false,
    });
    let text = format!("the link {from} → {to} is cut since {}", ms(since_us));
    Some(Obstacle::new(text, act))
}

/// What there is to ask about the link between two servers.
pub(super) fn of_link<P: Process>(
    world: &World<P>,
    budget: &Budget,
    (a, b): (NodeId, NodeId),
) -> Vec<(String, Question)> {
    let mut questions = Vec::new();
    for (from, to) in [(a, b), (b, a)] {
        if let Some(cut) = is_cut(world, from, to).and_then(|cut| cut.act) {
            let text = format!("Why does nothing go from {from} to {to}?");
            questions.push((text, Question::Record(cut)));
        }
    }
    let history = world.history();
    let end = RecordId(history.len() as u32);
    let lost = history.find_back(budget, RecordId(0), end, &mut |_, record| match record.what {
        Happening::Lost { message, .. } => {
            let ends = history.message(message).map(|(from, to, _)| (from, to));
            ends == Some((a, b)) || ends == Some((b, a))
        }
        _ => false,
    });
    let text = "Why did the last message here die?";
    questions.extend(lost.map(|lost| (text.to_owned(), Question::Record(lost))));
    questions
}

/// What there is to ask about a message.
pub(super) fn of_message<P: Process>(
    history: &History<P>,
    id: RecordId,
) -> Vec<(String, Question)> {
    let ask = |_| ("Why was this sent?".to_owned(), Question::Record(id));
    history.message(id).map(ask).into_iter().collect()
}

/// The servers that have a part in what happened: the one that it is about, the ends of a message,
/// and those of the links that were cut.
pub(super) fn servers_of<P: Process>(history: &History<P>, id: RecordId) -> Vec<NodeId> {
    let mut servers: Vec<NodeId> = history.node_of(id).into_iter().collect();
    let message = match history.get(id).map(|record| &record.what) {
        Some(Happening::Sent { .. } | Happening::Duplicated { .. }) => Some(id),
        Some(Happening::Delivered { message } | Happening::Lost { message, .. }) => Some(*message),
        Some(Happening::Fault(Fault::Cut(links))) => {
            servers.extend(links.iter().flat_map(|(from, to)| [*from, *to]));
            None
        }
        _ => None,
    };
    if let Some((from, to, _)) = message.and_then(|id| history.message(id)) {
        servers.extend([from, to]);
    }
    servers
}
