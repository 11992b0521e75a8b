//! The log: a row for each event, and in a fork the two logs beside each other.

use super::super::fork::{Deed, SecondThought, second_thought};
use super::super::state::short;
use super::{Forked, LogView};
use crate::scene::svg::Markup;

impl LogView {
    /// As many rows as there is room for, those around the one that is looked at.
    pub(super) fn draw_rows(&self, html: &mut Markup, most: u64) {
        let (last, row) = (self.last_row(), self.row());
        let most = most - u64::from(self.forked.is_some());
        let first = row.saturating_sub(most / 2).min((last + 1).saturating_sub(most));
        html.open("ol", &[("class", "ev-rows"), ("aria-label", "The log")]);
        if self.forked.is_some() {
            html.open("li", &[("class", "ev-row ev-heads"), ("aria-hidden", "true")]);
            html.words("span", &[("class", "ev-what")], "");
            html.words("span", &[("class", "ev-hash")], "log");
            html.words("span", &[("class", "ev-hash")], "fork");
            html.close("li");
        }
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
        let event = self.event_on(row);
        let number = match event {
            Some(position) => position.to_string(),
            None if row == 0 => "0".to_owned(),
            None => "+".to_owned(),
        };
        html.words("b", &[("class", "ev-number")], &number);
        html.open("span", &[("class", "ev-what")]);
        self.what(html, row);
        html.close("span");
        self.hashes(html, row);
        html.close("li");
    }

    /// What happened, and more about it.
    fn what(&self, html: &mut Markup, row: u64) {
        let forked = self.forked.as_ref().filter(|forked| forked.fork.row() == row);
        let event = self.event_on(row).and_then(|position| self.known.event(position));
        match (&event, forked.map(|forked| forked.fork.deed)) {
            (None, None) => html.words("span", &[], "nothing has happened"),
            (None, Some(Deed::Insert(new))) => html.words("span", &[], &new.to_string()),
            (Some(event), None) => html.words("span", &[], &event.payload().to_string()),
            (Some(event), Some(Deed::Edit(new))) => {
                html.open("span", &[]);
                html.words("del", &[], &event.payload().to_string());
                html.words("ins", &[], &[" ", &new.to_string()].concat());
                html.close("span");
            }
            (Some(event), Some(_)) => {
                html.open("span", &[]);
                html.words("del", &[], &event.payload().to_string());
                html.close("span");
            }
            (None, Some(_)) => {}
        }
        let thought = self.forked.as_ref().and_then(|forked| self.thought(forked, row));
        match (thought, event) {
            (Some(thought), _) => html.words("small", &[("class", "bad")], &thought),
            (None, Some(event)) => {
                let about = self.about(event.stream(), event.version(), event.recorded_at());
                html.words("small", &[], &about);
            }
            (None, None) if row > 0 => html.words("small", &[], "only in the fork"),
            (None, None) => {}
        }
    }

    /// The hash of the state after a row; in a fork both, and the second marked if it differs.
    fn hashes(&self, html: &mut Markup, row: u64) {
        let (here, there) = self.positions(row);
        let replay = self.reading.replay();
        let hash = self.versions.at(here).1;
        let side = |html: &mut Markup, class: &str, shown: Option<(u64, bool)>| {
            html.open("span", &[("class", class)]);
            if let Some((hash, is_same)) = shown {
                html.words("code", &[], &short(hash));
                tick(html, is_same);
            }
            html.close("span");
        };
        let is_there = row == 0 || self.event_on(row).is_some();
        let same = || self.versions.is_same_again(&replay, &self.known, here);
        side(html, "ev-hash", is_there.then(|| (hash, same())));
        let Some(forked) = &self.forked else { return };
        let is_there = row == 0 || forked.fork.positions(row - 1).1 < there;
        let other = forked.versions.at(there).1;
        let same = || forked.versions.is_same_again(&replay, &forked.log, there);
        let class = if other == hash { "ev-hash" } else { "ev-hash other" };
        side(html, class, is_there.then(|| (other, same())));
    }

    fn about(&self, stream: &str, version: u64, recorded_at: u64) -> String {
        let at = match recorded_at {
            _ if !self.here.by_time => String::new(),
            0 => " · before".to_owned(),
            at_us => [" · ", &milliseconds(at_us)].concat(),
        };
        [stream, " · version ", &version.to_string(), &at].concat()
    }

    /// What a desk would have thought of an event in the fork, if that is something else than in
    /// the log itself.
    fn thought(&self, forked: &Forked, row: u64) -> Option<String> {
        let (_, position) = forked.fork.positions(row);
        let event = *forked.log.event(position)?.payload();
        if row < forked.fork.row() || forked.fork.positions(row - 1).1 == position {
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
        let what = if is_old { "decided anew: " } else { "no desk decided this: " };
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
