//! What there is to ask, and the answers, as the markup that the page shows; and the trail of what
//! was asked, so that a reader who walks back from answer to reason can also return.
//!
//! Buttons carry what they do: `data-ask` a question by its name, `data-go` an instant in
//! microseconds, with `data-then` what is to be opened there.

use super::words::name;
use crate::labs::{Explanation, Question};
use crate::scene::Target;
use crate::scene::svg::Markup;
use crate::text::lens as text;

/// In place of a question: the one asked before.
pub const RETURN: &str = "return";

/// A question by its name, and how to put it.
type Ask = (String, String);

/// What was asked.
#[derive(Default)]
pub(super) struct Trail {
    /// Questions and the answers that were given, oldest first.
    asked: Vec<(String, String)>,
    /// What was offered to be asked last, and with the answer before that.
    offered: Vec<Ask>,
}

impl Trail {
    /// The question whose answer is shown; empty if none is.
    pub(super) fn current(&self) -> &str {
        self.asked.last().map_or("", |(question, _)| question)
    }

    pub(super) fn forget(&mut self) {
        self.asked.clear();
    }

    /// Something that may be asked next is put like this.
    pub(super) fn offer(&mut self, question: String, label: String) {
        self.offered.retain(|(other, _)| *other != question);
        self.offered.push((question, label));
        if self.offered.len() > MOST_OFFERED {
            self.offered.remove(0);
        }
    }

    /// Back to the question before. Its answer is as it was, for the reader may have gone to
    /// another instant since.
    pub(super) fn back(&mut self) -> String {
        if self.asked.len() > 1 {
            self.asked.pop();
        }
        self.asked.last().map(|(_, answer)| answer.clone()).unwrap_or_default()
    }

    /// The markup of an answer, given at `now_us`; `decided_us` is when that was decided which it
    /// tells of.
    pub(super) fn answer(
        &mut self,
        question: &str,
        answer: Option<&Explanation>,
        (now_us, decided_us): (u64, Option<u64>),
    ) -> String {
        // Who asks the same again has not gone anywhere.
        self.asked.retain(|(other, _)| other != question);
        let label = self.offered.iter().find(|(other, _)| other == question);
        let label = label.map_or(crate::text::WHY, |(_, label)| label).to_owned();
        let mut html = Markup::default();
        html.open("div", &[("class", "menu-head")]);
        html.open("h2", &[("id", "why-asked")]);
        html.words("span", &[], &label);
        html.words("small", &[], &text::asked_at(now_us));
        html.close("h2");
        let close = [("class", "icon"), ("data-look", "close-why"), ("title", text::CLOSE_HINT)];
        html.words("button", &close, "×");
        html.close("div");
        match answer {
            None => html.words("p", &[("id", "why-because"), ("class", "because")], text::UNKNOWN),
            Some(answer) => {
                html.open("p", &[("id", "why-because"), ("class", "because")]);
                html.words("span", &[], &answer.text);
                if !answer.section.is_empty() {
                    html.words("cite", &[], &[" ", answer.section].concat());
                }
                html.close("p");
            }
        }
        html.open("p", &[("class", "why-ways")]);
        if let Some(back) = answer.and_then(Explanation::step_back) {
            let back = name(&back);
            let step = [("class", "toggle step-back"), ("data-ask", back.as_str())];
            html.words("button", &step, text::ONE_STEP_BACK);
        }
        if !self.asked.is_empty() {
            let again = [("class", "toggle"), ("data-ask", RETURN)];
            html.words("button", &again, text::RETURN);
        }
        if answer.is_some_and(|answer| !answer.cone.is_empty()) {
            let show = [("class", "toggle"), ("data-look", "causes")];
            html.words("button", &show, text::SHOW_CAUSES);
        }
        if let Some(at_us) = decided_us {
            let go = [("class", "toggle"), ("data-go", &at_us.to_string())];
            html.words("button", &go, &text::go_to(at_us));
        }
        html.close("p");
        self.next(&mut html, answer.map_or(&[], |answer| &answer.next));
        self.asked.push((question.to_owned(), html.text.clone()));
        html.text
    }

    fn next(&mut self, html: &mut Markup, next: &[(String, Question)]) {
        if next.is_empty() {
            return;
        }
        html.words("h3", &[], text::LED_TO_IT);
        html.open("ul", &[]);
        for (label, question) in next {
            let question = name(question);
            html.open("li", &[]);
            html.words("button", &[("data-ask", &question)], label);
            html.close("li");
            self.offer(question, label.clone());
        }
        html.close("ul");
    }

    /// What there is to ask about something, as choices of a menu.
    pub(super) fn choices(&mut self, questions: Vec<(String, Question)>) -> String {
        let mut html = Markup::default();
        for (label, question) in questions {
            let question = name(&question);
            html.words("button", &[("class", "choice ask"), ("data-ask", &question)], &label);
            self.offer(question, label);
        }
        html.text
    }
}

/// A choice that goes to an instant at which a message was on its way, where it can be acted on.
pub(super) fn go_to_message(message: Target, at_us: u64) -> String {
    let mut html = Markup::default();
    let (at, then) = (at_us.to_string(), name(&message));
    html.open("button", &[("class", "choice"), ("data-go", &at), ("data-then", &then)]);
    html.words("span", &[], text::GO_TO_MESSAGE);
    html.words("small", &[], &text::go_to_message_hint(at_us));
    html.close("button");
    html.text
}

/// So many questions are remembered with how they were put.
const MOST_OFFERED: usize = 64;
