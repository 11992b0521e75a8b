//! The view "Old events": events of a type that the code has forgotten, the sleeve through which it
//! reads them all the same, and what can become of them without.

#[cfg(test)]
mod tests;

use super::super::EventLab;
use super::super::shop::{Shop, ShopEvent, ShopRules, upcasters};
use super::state::{button, fields};
use crate::event_store::file::PayloadBytes;
use crate::event_store::{
    Event, EventId, EventStore, Evolve, Folded, Projection, Replay, ReplayError, Source,
    UnknownTypes, Upcasters,
};
use crate::labs::{Lab, Pointed, View};
use crate::scene::svg::Markup;
use crate::scene::{Frame, Highlight};

/// How high a row of the list is, in pixels; static/lens.css has the same.
const ROW: f32 = 27.0;
/// How much room everything above the list takes.
const ABOVE: f32 = 190.0;
/// The same where it stands one below the other.
const NARROW_ABOVE: f32 = 330.0;

/// What can become of events whose type nobody knows, and what that is called.
const POLICIES: [(UnknownTypes, &str, &str); 3] = [
    (UnknownTypes::Fail, "fail", "fail"),
    (UnknownTypes::Skip, "skip", "skip and count"),
    (UnknownTypes::KeepOpaque, "keep", "keep opaque"),
];

/// What became of an event in a replay.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    /// It was read as this.
    ReadAs(Read),
    Skipped,
    Kept,
    /// It ended the replay.
    Stopped,
    /// The replay had ended before.
    NotReached,
}

/// An event as it comes to the code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Read {
    position: u64,
    id: EventId,
    event_type: String,
    event: ShopEvent,
}

/// Instead of the shop's rules: knows what they know, and keeps the last event that it gets.
struct Witness;

impl Evolve for Witness {
    type Payload = ShopEvent;
    type State = Option<Read>;

    fn initial(&self) -> Option<Read> {
        None
    }

    fn evolve(&self, last: &mut Option<Read>, event: &Event<'_, ShopEvent>) {
        let event_type = event.event_type().to_owned();
        let (position, id) = (event.position(), event.id());
        *last = Some(Read { position, id, event_type, event: *event.payload() });
    }

    fn knows(&self, event_type: &str) -> bool {
        ShopRules.knows(event_type)
    }

    fn schema(&self) -> u64 {
        ShopRules.schema()
    }
}

/// What came of replaying a log with or without the sleeve.
struct Replayed {
    fates: Vec<Fate>,
    end: Result<Folded<Shop>, ReplayError>,
}

/// What the view keeps between one drawing and the next.
pub(super) struct OldEventsView {
    sleeve: bool,
    unknown: UnknownTypes,
}

impl OldEventsView {
    pub(super) fn new() -> OldEventsView {
        OldEventsView { sleeve: true, unknown: UnknownTypes::Fail }
    }

    fn choose(&mut self, what: &str) {
        if what == "sleeve" {
            self.sleeve = !self.sleeve;
        }
        let policy =
            POLICIES.iter().find(|(_, name, _)| what.strip_prefix("unknown=") == Some(name));
        if let Some((unknown, ..)) = policy {
            self.unknown = *unknown;
        }
    }

    fn upcasters(&self) -> Upcasters<ShopEvent> {
        if self.sleeve { upcasters() } else { Upcasters::none() }
    }

    /// Replays a log, event by event and then as a whole.
    fn replayed(&self, log: &EventStore<ShopEvent>) -> Replayed {
        let sleeve = self.upcasters();
        let replay = Replay::new(&Witness).upcasting(&sleeve).unknown_types(self.unknown);
        let mut projection = Projection::new(&replay, Source::All);
        let mut fates = Vec::new();
        let mut has_stopped = false;
        for position in 1..=log.last_position() {
            if has_stopped {
                fates.push(Fate::NotReached);
                continue;
            }
            let before = projection.folded().left_out.clone();
            has_stopped = projection.catch_up(&replay, log, 1).is_err();
            let Folded { state, left_out, .. } = projection.folded();
            fates.push(match state {
                _ if has_stopped => Fate::Stopped,
                _ if left_out.skipped > before.skipped => Fate::Skipped,
                _ if left_out.opaque.len() > before.opaque.len() => Fate::Kept,
                Some(read) if read.position == position => Fate::ReadAs(read.clone()),
                _ => Fate::NotReached,
            });
        }
        let replay = Replay::new(&ShopRules).upcasting(&sleeve).unknown_types(self.unknown);
        Replayed { fates, end: replay.all_to(log, log.last_position()) }
    }

    fn picture(&self, log: &EventStore<ShopEvent>, frame: Frame) -> String {
        let replayed = self.replayed(log);
        let mut html = Markup::default();
        html.open("div", &[("class", "ev-old")]);
        let old = (1..=log.last_position())
            .filter_map(|position| log.event(position))
            .find(|event| upcasters().newest(event.event_type()) != event.event_type());
        if let Some(event) = old {
            let fate = &replayed.fates[event.position() as usize - 1];
            self.way(&mut html, &event, fate);
        }
        self.verdict(&mut html, &replayed);
        let room =
            if frame.width < 480.0 { frame.height - NARROW_ABOVE } else { frame.height - ABOVE };
        let most = ((room / ROW) as usize).max(6);
        list(&mut html, log, &replayed.fates, most);
        html.close("div");
        html.text
    }

    /// The way of an old event from the log through the sleeve to the code.
    fn way(&self, html: &mut Markup, event: &Event<'_, ShopEvent>, fate: &Fate) {
        let stored = event.payload();
        html.open("div", &[("class", "ev-way")]);
        let mut bytes = Vec::new();
        stored.encode(&mut bytes);
        let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        html.open("div", &[("class", "ev-card")]);
        let place = ["in the log, position ", &event.position().to_string()].concat();
        html.words("span", &[], &place);
        html.words("b", &[], event.event_type());
        html.words("small", &[], &[&*stored.to_string(), " · ", &*bytes.join(" ")].concat());
        html.close("div");
        let (class, says) = match self.sleeve {
            true => ("ev-sleeve", "ChargedEuros → Charged"),
            false => ("ev-sleeve off", "the sleeve is off"),
        };
        html.open("div", &[("class", class)]);
        html.words("span", &[], says);
        html.close("div");
        let (class, head, words) = self.arrival(event, fate);
        html.open("div", &[("class", class)]);
        html.words("span", &[], "what the code gets");
        html.words("b", &[], &head);
        html.words("small", &[], &words);
        html.close("div");
        html.close("div");
    }

    /// What the code gets of an old event: how it is drawn, its type, and more.
    fn arrival(&self, event: &Event<'_, ShopEvent>, fate: &Fate) -> (&'static str, String, String) {
        match fate {
            Fate::ReadAs(read) => {
                let is_same = (read.position, read.id) == (event.position(), event.id());
                let place = if is_same { " · same position, same id" } else { "" };
                let words = [&*read.event.to_string(), place].concat();
                ("ev-card", read.event_type.clone(), words)
            }
            Fate::Stopped => {
                let words = "nobody here knows this type: the replay stops";
                ("ev-card bad", "an error".to_owned(), words.to_owned())
            }
            Fate::Skipped => {
                ("ev-card none", "nothing".to_owned(), "left out, and counted".to_owned())
            }
            Fate::Kept => {
                let words = "left out; its position is kept for whoever knows the type";
                ("ev-card none", "a closed box".to_owned(), words.to_owned())
            }
            Fate::NotReached => ("ev-card none", "nothing".to_owned(), "not reached".to_owned()),
        }
    }

    fn verdict(&self, html: &mut Markup, replayed: &Replayed) {
        let (class, says) = match &replayed.end {
            Err(error) => {
                let more = ". There is no state: not one that is half done either.";
                ("ev-verdict bad", ["The replay failed at ", &error.to_string(), more].concat())
            }
            Ok(folded) => {
                let left_out = &folded.left_out;
                let out = left_out.skipped + left_out.opaque.len() as u64;
                let fields = fields(&folded.state);
                let paid = fields.iter().find(|field| field.name == "Cleo has paid");
                let paid = paid.map_or("", |field| &*field.value);
                let what = match (left_out.skipped, &*left_out.opaque) {
                    (0, []) => String::new(),
                    (skipped, []) => format!(", {skipped} skipped"),
                    (_, opaque) => {
                        let opaque: Vec<String> = opaque.iter().map(u64::to_string).collect();
                        [", kept opaque: position ", &opaque.join(", ")].concat()
                    }
                };
                let evolved = folded.evolved.to_string();
                let consequence = match out {
                    0 => ". Cleo has paid ",
                    _ => ". The state is there, and wrong about her: Cleo has paid ",
                };
                let class = if out == 0 { "ev-verdict" } else { "ev-verdict odd" };
                (class, [&evolved, " events folded", &what, consequence, paid, "."].concat())
            }
        };
        html.words("p", &[("class", class)], &says);
    }
}

/// Every event with the type it was stored under and what became of it; the last ones, if there are
/// too many, and always those that something became of.
fn list(html: &mut Markup, log: &EventStore<ShopEvent>, fates: &[Fate], most: usize) {
    let is_odd = |position: usize| {
        let event_type = log.event(position as u64).map(|event| event.event_type().to_owned());
        match &fates[position - 1] {
            Fate::ReadAs(read) => Some(&read.event_type) != event_type.as_ref(),
            Fate::NotReached => false,
            Fate::Skipped | Fate::Kept | Fate::Stopped => true,
        }
    };
    let odd = (1..=fates.len()).filter(|position| is_odd(*position)).count();
    let others = fates.len() - odd;
    let mut left_out = others - others.min(most.saturating_sub(odd + 2));
    let mut gap = 0;
    html.open("table", &[("class", "ev-types")]);
    html.open("thead", &[]);
    html.open("tr", &[]);
    for head in ["", "stored as", "what happened", "read as"] {
        // An empty cell is no head of anything.
        let (tag, named): (_, &[_]) =
            if head.is_empty() { ("td", &[]) } else { ("th", &[("scope", "col")]) };
        html.words(tag, named, head);
    }
    html.close("tr");
    html.close("thead");
    html.open("tbody", &[]);
    for position in 1..=fates.len() {
        let is_odd = is_odd(position);
        if !is_odd && left_out > 0 {
            left_out -= 1;
            gap += 1;
            continue;
        }
        let more = std::mem::take(&mut gap);
        if more > 0 {
            html.open("tr", &[("class", "gap")]);
            html.words("td", &[], "⋮");
            html.words("td", &[("colspan", "3")], &format!("{more} more, of known types"));
            html.close("tr");
        }
        let Some(event) = log.event(position as u64) else { continue };
        let (class, says) = match &fates[position - 1] {
            Fate::ReadAs(read) => (if is_odd { "upcast" } else { "" }, &*read.event_type),
            Fate::Skipped => ("out", "skipped"),
            Fate::Kept => ("out", "kept opaque"),
            Fate::Stopped => ("bad", "× stops here"),
            Fate::NotReached => ("ahead", "not reached"),
        };
        html.open("tr", &[("class", class)]);
        html.words("td", &[], &position.to_string());
        html.words("td", &[], event.event_type());
        html.words("td", &[], &event.payload().to_string());
        html.words("td", &[], says);
        html.close("tr");
    }
    html.close("tbody");
    html.close("table");
}

impl View for OldEventsView {
    fn draw(&mut self, lab: &dyn Lab, frame: Frame, _lit: &Highlight) -> String {
        let Some(lab) = EventLab::of(lab) else { return String::new() };
        self.picture(lab.cluster().log(), frame)
    }

    fn controls(&self) -> String {
        let mut html = Markup::default();
        html.open("div", &[("class", "ev-controls")]);
        button(&mut html, "sleeve", "The sleeve: ChargedEuros → Charged", Some(self.sleeve));
        let label = [("class", "group"), ("role", "group"), ("aria-label", "Unknown types")];
        html.open("span", &label);
        html.words("b", &[], "Unknown types");
        for (unknown, name, says) in POLICIES {
            let look = ["unknown=", name].concat();
            button(&mut html, &look, says, Some(unknown == self.unknown));
        }
        html.close("span");
        html.close("div");
        html.text
    }

    fn press(&mut self, _lab: &dyn Lab, what: &str) -> Option<Pointed> {
        self.choose(what);
        None
    }
}
