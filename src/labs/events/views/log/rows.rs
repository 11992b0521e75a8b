//! The log: a row for each event, and in a fork the two logs beside each other.

use super::super::super::shop::Shop;
use super::super::fork::{Deed, SecondThought, second_thought};
use super::super::state::{Versions, short};
use super::{Forked, LogView, ShopEvent};
use crate::event_store::EventStore;
use crate::scene::svg::Markup;

/// One of the two histories.
struct Side<'a> {
    log: &'a EventStore<ShopEvent>,
    versions: &'a Versions<Shop>,
    /// How far it is on a row.
    position: u64,
    /// Whether it has an event on this row.
    has_event: bool,
}

impl LogView {
    /// As many rows as there is room for, those around the one that is looked at.
    pub(super) fn draw_rows(&self, html: &mut Markup, most: u64) {
        let (last, row) = (self.last_row(), self.row());
        let first = row.saturating_sub(most / 2).min((last + 1).saturating_sub(most));
        html.open("ol", &[("class", "ev-rows"), ("aria-label", "The log")]);
        for row in first..=last.min(first + most - 1) {
            self.draw_row(html, row);
        }
        html.close("ol");
    }

    fn draw_row(&self, html: &mut Markup, row: u64) {
        let (position, _) = self.positions(row);
        let fork_row = self.forked.as_ref().map(|forked| forked.fork.row());
        let mut class = "ev-row".to_owned();
        for (name, is_so) in [
            (" here", row == self.row()),
            (" ahead", position > self.here.position),
            (" loose", self.event_on(row).is_some() && position > self.here.durable),
            (" differs", fork_row == Some(row)),
        ] {
            if is_so {
                class.push_str(name);
            }
        }
        let look = ["at=", &row.to_string()].concat();
        let go = self.goes_to(position).map(|at_us| at_us.to_string());
        let mut named = vec![("class", &*class), ("data-look", &*look)];
        if let Some(go) = &go {
            named.push(("data-go", go));
        }
        if row == self.row() {
            named.push(("aria-current", "true"));
        }
        html.open("li", &named);
        match &self.forked {
            None => self.cell(html, &self.side(row), None),
            Some(forked) => {
                self.cell(html, &self.side(row), None);
                let thought = self.thought(forked, row);
                self.cell(html, &self.other_side(forked, row), thought);
            }
        }
        html.close("li");
    }

    fn side(&self, row: u64) -> Side<'_> {
        let (position, _) = self.positions(row);
        let has_event = self.event_on(row).is_some();
        Side { log: &self.known, versions: &self.versions, position, has_event }
    }

    fn other_side<'a>(&self, forked: &'a Forked, row: u64) -> Side<'a> {
        let (_, position) = forked.fork.positions(row);
        let has_event = row > 0 && forked.fork.positions(row - 1).1 < position;
        Side { log: &forked.log, versions: &forked.versions, position, has_event }
    }

    fn cell(&self, html: &mut Markup, side: &Side<'_>, thought: Option<String>) {
        let Side { log, versions, position, has_event } = *side;
        let event = log.event(position).filter(|_| has_event);
        let class = if has_event || position == 0 { "ev-cell" } else { "ev-cell none" };
        html.open("span", &[("class", class)]);
        let number = if has_event { position.to_string() } else { "–".to_owned() };
        html.words("b", &[("class", "ev-number")], if position == 0 { "0" } else { &number });
        html.open("span", &[("class", "ev-what")]);
        match event {
            Some(event) => {
                html.words("span", &[], &event.payload().to_string());
                let about = match thought {
                    Some(thought) => thought,
                    None => self.about(event.stream(), event.version(), event.recorded_at()),
                };
                html.words("small", &[], &about);
            }
            None if position == 0 => html.words("span", &[], "nothing has happened"),
            None => html.words("span", &[], "not in this history"),
        }
        html.close("span");
        html.open("span", &[("class", "ev-hash")]);
        if has_event || position == 0 {
            html.words("code", &[], &short(versions.at(position).1));
            tick(html, versions.is_same_again(&self.reading.replay(), log, position));
        }
        html.close("span");
        html.close("span");
    }

    fn about(&self, stream: &str, version: u64, recorded_at: u64) -> String {
        let at = match recorded_at {
            _ if !self.here.by_time => String::new(),
            0 => " · before the run".to_owned(),
            at_us => [" · ", &milliseconds(at_us)].concat(),
        };
        [stream, " · version ", &version.to_string(), &at].concat()
    }

    /// What a desk would have thought of an event in the fork, if that is something else than in
    /// the log itself.
    fn thought(&self, forked: &Forked, row: u64) -> Option<String> {
        let (_, position) = forked.fork.positions(row);
        let event = *forked.log.event(position)?.payload();
        if row < forked.fork.row() || row == 0 {
            return None;
        }
        let (here, there) = self.positions(row - 1);
        let before = &forked.versions.at(there).0;
        let SecondThought::Differs(now) = second_thought(before, event) else { return None };
        let is_old = row > forked.fork.row();
        let then = second_thought(&self.versions.at(here).0, event);
        if is_old && then == SecondThought::Differs(now.clone()) {
            return None;
        }
        let what = match forked.fork.deed {
            Deed::Drop | Deed::Edit(_) | Deed::Insert(_) if is_old => "a desk would now say: ",
            _ => "no desk would have: ",
        };
        Some([what, &now].concat())
    }
}

/// Whether two replays gave the same.
pub(super) fn tick(html: &mut Markup, is_same: bool) {
    let (class, mark, words) = match is_same {
        true => ("ev-tick", "✓", "replayed twice, identical"),
        false => ("ev-tick bad", "×", "replayed twice, not the same"),
    };
    html.words("b", &[("class", class), ("title", words), ("aria-hidden", "true")], mark);
    html.words("span", &[("class", "visually-hidden")], words);
}

/// `1 234.5 ms`
pub(super) fn milliseconds(us: u64) -> String {
    let tenths = us % 1_000 / 100;
    let point = if tenths > 0 { format!(".{tenths}") } else { String::new() };
    [&*super::super::state::grouped(us / 1_000), &*point, "\u{a0}ms"].concat()
}
