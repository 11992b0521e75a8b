//! What stands under the log: the playhead's buttons and slider, and what makes a fork.

use super::super::fork::{self, Deed};
use super::super::state::{button, differing, fields};
use super::{Forked, LogView, Palette};
use crate::scene::svg::Markup;

impl LogView {
    pub(super) fn draw_controls(&self) -> String {
        let mut html = Markup::default();
        html.open("div", &[("class", "ev-controls")]);
        self.playhead(&mut html);
        self.forking(&mut html);
        self.choices(&mut html);
        html.words("p", &[("class", "ev-said")], &self.said());
        html.close("div");
        html.text
    }

    fn playhead(&self, html: &mut Markup) {
        let (row, last) = (self.row(), self.last_row());
        html.open("span", &[("class", "group wide"), ("role", "group"), ("aria-label", "Event")]);
        self.step_button(html, "back", "←", "One event back", row.saturating_sub(1));
        let (most, value) = (last.to_string(), row.to_string());
        let text = self.in_words(row);
        html.leaf(
            "input",
            &[
                ("type", "range"),
                ("data-look", "at"),
                ("min", "0"),
                ("max", &most),
                ("value", &value),
                ("aria-label", "Event"),
                ("aria-valuetext", &text),
            ],
        );
        self.step_button(html, "on", "→", "One event on", (row + 1).min(last));
        html.close("span");
    }

    /// In the run, where it has an instant for that.
    fn step_button(&self, html: &mut Markup, look: &str, arrow: &str, label: &str, row: u64) {
        let go = self.goes_to(self.positions(row).0).map(|at_us| at_us.to_string());
        let mut named = vec![("class", "toggle"), ("data-look", look), ("aria-label", label)];
        if let Some(go) = &go {
            named.push(("data-go", go));
        }
        html.words("button", &named, arrow);
    }

    fn forking(&self, html: &mut Markup) {
        let label = [("class", "group"), ("role", "group"), ("aria-label", "Fork the log")];
        html.open("span", &label);
        html.words("b", &[], "Fork here");
        if let Some(position) = self.event_on(self.row()) {
            let position = position.to_string();
            button(html, "drop", &["Drop event ", &position].concat(), None);
            let is_open = self.palette == Some(Palette::Edit);
            button(html, "edit", &["Edit event ", &position, "…"].concat(), Some(is_open));
        }
        let is_open = self.palette == Some(Palette::Insert);
        let label = match self.positions(self.row()).0 {
            0 => "Insert before 1…".to_owned(),
            position => ["Insert after ", &position.to_string(), "…"].concat(),
        };
        button(html, "insert", &label, Some(is_open));
        if self.forked.is_some() {
            button(html, "unfork", "Undo the fork", None);
        }
        html.close("span");
    }

    fn choices(&self, html: &mut Markup) {
        let (at, _) = self.positions(self.row());
        let event = self.known.event(at).map(|event| *event.payload());
        let choices = match self.palette {
            None => return,
            Some(Palette::Edit) => event.map(fork::alternatives).unwrap_or_default(),
            Some(Palette::Insert) => fork::insertions(),
        };
        let label = [("class", "group picks"), ("role", "group"), ("aria-label", "Which event")];
        html.open("span", &label);
        for (place, choice) in choices.iter().enumerate() {
            button(html, &["pick=", &place.to_string()].concat(), &choice.to_string(), None);
        }
        html.close("span");
    }

    /// What is to be seen, in a sentence or two.
    fn said(&self) -> String {
        if let Some(error) = &self.versions.error {
            return ["The log cannot be read further: ", &error.to_string()].concat();
        }
        let Some(forked) = &self.forked else {
            return "The state is nothing but a fold of the log: each row is replayed twice from \
                the first event, and both times the hash is the same."
                .to_owned();
        };
        [&*what(forked), &*self.parted(forked)].concat()
    }

    fn parted(&self, forked: &Forked) -> String {
        let Some(parting) = &forked.parting else {
            return " The states are the same after every event.".to_owned();
        };
        let (here, there) = self.positions(parting.row);
        let (log, fork) = (&self.versions.at(here).0, &forked.versions.at(there).0);
        let (log, fork) = (fields(log), fields(fork));
        let place = parting.field;
        let values = [
            " The first to differ is “",
            &log[place].name,
            "”: ",
            &log[place].value,
            " in the log, ",
            &fork[place].value,
            " in the fork.",
        ];
        let (here, there) = self.positions(self.last_row());
        let ends = (fields(&self.versions.at(here).0), fields(&forked.versions.at(there).0));
        let at_end = match differing(&ends.0, &ends.1).len() {
            0 => " At the end they are the same again.".to_owned(),
            1 => " At the end 1 field differs.".to_owned(),
            count => format!(" At the end {count} fields differ."),
        };
        [&values.concat(), &*at_end].concat()
    }
}

fn what(forked: &Forked) -> String {
    let at = forked.fork.at;
    match forked.fork.deed {
        Deed::Drop => format!("In the fork, event {at} never happened."),
        Deed::Edit(event) => format!("In the fork, event {at} is: {event}."),
        Deed::Insert(event) if at == 0 => format!("The fork begins with: {event}."),
        Deed::Insert(event) => format!("In the fork, after event {at}: {event}."),
    }
}
