//! The state as a table of its fields; in a fork both states.

use super::super::super::shop::Item;
use super::super::fork::Deed;
use super::super::state::{Field, differing, fields, short};
use super::LogView;
use super::rows::tick;
use crate::scene::svg::Markup;

impl LogView {
    pub(super) fn draw_state(&self, html: &mut Markup, is_short: bool) {
        let (row, (here, there)) = (self.row(), self.positions(self.row()));
        html.open("div", &[("class", "ev-state")]);
        html.words("p", &[("class", "ev-after")], &self.title(row));
        html.open("table", &[]);
        match &self.forked {
            None => {
                let now = fields(&self.versions.at(here).0);
                let before = fields(&self.versions.at(here.saturating_sub(1)).0);
                html.open("tbody", &[]);
                for (place, field) in now.iter().enumerate() {
                    if is_short && is_nothing(field) && is_nothing(&before[place]) {
                        continue;
                    }
                    changed_row(html, group(place), field, &before[place]);
                }
                html.close("tbody");
            }
            Some(forked) => {
                let (log, fork) = (self.versions.at(here), forked.versions.at(there));
                head(html);
                html.open("tbody", &[]);
                compare(html, &fields(&log.0), &fields(&fork.0), is_short);
                html.close("tbody");
            }
        }
        self.hash_row(html, here, there);
        html.close("table");
        if is_short {
            html.words("p", &[("class", "ev-rest")], "All else is 0.");
        }
        html.close("div");
    }

    fn title(&self, row: u64) -> String {
        match (row, self.event_on(row), &self.forked) {
            (0, ..) => "Before the first event".to_owned(),
            (_, Some(position), _) => {
                let event = self.known.event(position).map(|event| event.payload().to_string());
                ["After ", &position.to_string(), ": ", &event.unwrap_or_default()].concat()
            }
            (_, None, Some(forked)) => {
                let Deed::Insert(event) = forked.fork.deed else { return String::new() };
                ["After what was put in: ", &event.to_string()].concat()
            }
            (_, None, None) => String::new(),
        }
    }

    fn hash_row(&self, html: &mut Markup, here: u64, there: u64) {
        let replay = self.reading.replay();
        html.open("tfoot", &[]);
        html.open("tr", &[("class", "ev-foot")]);
        html.words("th", &[("scope", "row")], "hash, replayed twice");
        let mut cell = |hash: u64, is_same: bool| {
            html.open("td", &[]);
            html.words("code", &[], &short(hash));
            tick(html, is_same);
            html.close("td");
        };
        let same = self.versions.is_same_again(&replay, &self.known, here);
        cell(self.versions.at(here).1, same);
        if let Some(forked) = &self.forked {
            let same = forked.versions.is_same_again(&replay, &forked.log, there);
            cell(forked.versions.at(there).1, same);
        }
        html.close("tr");
        html.close("tfoot");
    }

    /// A row in words: the event, and what it changed or, in a fork, what differs.
    pub(super) fn in_words(&self, row: u64) -> String {
        let (here, there) = self.positions(row);
        let now = fields(&self.versions.at(here).0);
        let (other, says) = match &self.forked {
            Some(forked) => (fields(&forked.versions.at(there).0), " in the fork "),
            None => (fields(&self.versions.at(here.saturating_sub(1)).0), " was "),
        };
        let mut words = self.title(row);
        for place in differing(&now, &other) {
            let Field { name, value } = &now[place];
            words.push_str(&["; ", name, " ", value, ",", says, &other[place].value].concat());
        }
        words
    }
}

fn head(html: &mut Markup) {
    html.open("thead", &[]);
    html.open("tr", &[]);
    html.words("td", &[], "");
    html.words("th", &[("scope", "col")], "the log");
    html.words("th", &[("scope", "col")], "the fork");
    html.close("tr");
    html.close("thead");
}

/// Whether a field has nothing to say. Where room is short it is left out.
fn is_nothing(field: &Field) -> bool {
    matches!(&*field.value, "0" | "0.00 €")
}

/// A line before the first field of each customer, as a class with a space after it.
fn group(place: usize) -> &'static str {
    let (shelf, account) = (Item::ALL.len(), Item::ALL.len() + 2);
    let begins = place >= shelf && (place - shelf).is_multiple_of(account);
    if begins { "ev-begins " } else { "" }
}

/// A field, and what it was before the last event if that is something else.
fn changed_row(html: &mut Markup, group: &str, field: &Field, before: &Field) {
    let changed = field.value != before.value;
    html.open("tr", &[("class", &[group, if changed { "ev-changed" } else { "" }].concat())]);
    html.words("th", &[("scope", "row")], &field.name);
    html.open("td", &[]);
    if changed {
        html.words("small", &[], &["was ", &before.value].concat());
    }
    html.words("span", &[], &field.value);
    html.close("td");
    html.close("tr");
}

/// Two states: what differs is marked, and the first of it more.
fn compare(html: &mut Markup, log: &[Field], fork: &[Field], is_short: bool) {
    let differing = differing(log, fork);
    for (place, field) in log.iter().enumerate() {
        if is_short && is_nothing(field) && is_nothing(&fork[place]) {
            continue;
        }
        let is_first = differing.first() == Some(&place);
        let (class, mark) = match differing.contains(&place) {
            true if is_first => ("ev-differs first", "▸ "),
            true => ("ev-differs", "≠ "),
            false => ("", ""),
        };
        html.open("tr", &[("class", &[group(place), class].concat())]);
        html.words("th", &[("scope", "row")], &[mark, &field.name].concat());
        html.words("td", &[], &field.value);
        html.words("td", &[], &fork[place].value);
        html.close("tr");
    }
}
