//! Predict, then play: before something is asked for, the reader says what will come of it.
//!
//! A lab that has riddles offers them as data, by the two functions of [`Riddles`]; whether they
//! are put, and how the reader does, is kept here. It is no part of a run. The page shows
//! [`Riddles::markup`] and hands on what is pressed, so it knows no protocol; and a lab without
//! riddles costs its page nothing.

use super::{Command, Lab};
use crate::scene::svg::Markup;

/// Something to be foretold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Riddle {
    /// The question, in a sentence or two.
    pub question: String,
    /// What may come of it.
    pub options: &'static [&'static str],
    /// What the lab knows it by.
    pub place: usize,
    /// When it is put, in microseconds since the start of the run.
    pub at_us: u64,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Solution {
    /// Which of the options; `None` if nothing was asked after all.
    pub option: Option<usize>,
    /// Why, in a sentence or two.
    pub why: String,
}

/// A page's side of riddles.
pub trait Quiz {
    /// The panel as markup. Buttons carry in `data-quiz` what [`press`](Quiz::press) is to be told.
    fn markup(&self) -> String;

    /// Whether a command is to wait until the reader has said what will come of it.
    fn holds(&mut self, lab: &dyn Lab, command: &Command) -> bool;

    /// A button was pressed. The command that has waited is carried out now, if there is one.
    fn press(&mut self, what: &str) -> Option<Command>;

    /// Time has passed. Whether the panel says something else now.
    fn look(&mut self, lab: &dyn Lab) -> bool;

    /// Another run: the score begins anew.
    fn start_over(&mut self);
}

/// Riddles of a lab, and how the reader does in this run.
pub struct Riddles {
    ask: fn(&dyn Lab, &Command) -> Option<Riddle>,
    solve: fn(&dyn Lab, &Riddle) -> Option<Solution>,
    on: bool,
    state: State,
    right: u32,
    solved: u32,
}

enum State {
    Idle,
    /// The command waits for the reader.
    Held(Riddle, Command),
    /// The reader waits for the run. So was chosen.
    Chosen(Riddle, usize),
    /// Whether it was right, and what there is to say.
    Told(Option<bool>, String),
}

impl Riddles {
    /// Nothing is asked before the reader wants it.
    pub fn new(
        ask: fn(&dyn Lab, &Command) -> Option<Riddle>,
        solve: fn(&dyn Lab, &Riddle) -> Option<Solution>,
    ) -> Riddles {
        Riddles { ask, solve, on: false, state: State::Idle, right: 0, solved: 0 }
    }

    fn tell(&mut self, riddle: &Riddle, chosen: usize, solution: Solution) {
        let Some(option) = solution.option else {
            self.state = State::Told(None, solution.why);
            return;
        };
        let is_right = option == chosen;
        self.solved += 1;
        self.right += u32::from(is_right);
        let word = riddle.options.get(option).copied().unwrap_or_default();
        let text = match is_right {
            true => ["Right: ", word, ". ", &solution.why].concat(),
            false => {
                let chosen = riddle.options.get(chosen).copied().unwrap_or_default();
                ["Not “", chosen, "” but “", word, "”. ", &solution.why].concat()
            }
        };
        self.state = State::Told(Some(is_right), text);
    }
}

impl Quiz for Riddles {
    fn markup(&self) -> String {
        let mut html = Markup::default();
        html.open("p", &[("class", "quiz-head")]);
        let pressed = if self.on { "true" } else { "false" };
        let switch = [("class", "toggle"), ("data-quiz", "on"), ("aria-pressed", pressed)];
        html.words("button", &switch, "Ask me first");
        let score = match (self.on, self.solved) {
            (false, _) => "Say what a read will find before it goes out.".to_owned(),
            (true, 0) => "Send a read through a client.".to_owned(),
            (true, _) => format!("{} of {} right", self.right, self.solved),
        };
        html.words("span", &[("class", "quiz-score")], &score);
        html.close("p");
        match &self.state {
            State::Idle => {}
            State::Held(riddle, _) => {
                html.words("p", &[], &riddle.question);
                html.open("p", &[("class", "quiz-options")]);
                for (place, option) in riddle.options.iter().enumerate() {
                    let button = [("class", "toggle"), ("data-quiz", &*place.to_string())];
                    html.words("button", &button, option);
                }
                html.close("p");
            }
            State::Chosen(riddle, chosen) => {
                let chosen = riddle.options.get(*chosen).copied().unwrap_or_default();
                html.words("p", &[], &["You say: ", chosen, ". Watch."].concat());
            }
            State::Told(is_right, text) => {
                let class = match is_right {
                    Some(true) => "quiz-told right",
                    Some(false) => "quiz-told wrong",
                    None => "quiz-told",
                };
                html.words("p", &[("class", class)], text);
            }
        }
        html.text
    }

    fn holds(&mut self, lab: &dyn Lab, command: &Command) -> bool {
        let riddle = if self.on { (self.ask)(lab, command) } else { None };
        let Some(riddle) = riddle else {
            // Who does something else meanwhile does not want to know any more.
            if matches!(self.state, State::Held(..)) {
                self.state = State::Idle;
            }
            return false;
        };
        self.state = State::Held(riddle, command.clone());
        true
    }

    fn press(&mut self, what: &str) -> Option<Command> {
        if what == "on" {
            self.on = !self.on;
            self.state = State::Idle;
            return None;
        }
        let chosen: usize = what.parse().ok()?;
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Held(riddle, command) if chosen < riddle.options.len() => {
                self.state = State::Chosen(riddle, chosen);
                Some(command)
            }
            other => {
                self.state = other;
                None
            }
        }
    }

    fn look(&mut self, lab: &dyn Lab) -> bool {
        if let State::Held(riddle, command) = &self.state {
            // Who plays on, or goes elsewhere in time, would be asked about another read.
            let now = (self.ask)(lab, command).map(|now| (now.place, now.at_us));
            let is_other = now != Some((riddle.place, riddle.at_us));
            if is_other {
                self.state = State::Idle;
            }
            return is_other;
        }
        let State::Chosen(riddle, chosen) = &self.state else { return false };
        let (riddle, chosen) = (riddle.clone(), *chosen);
        let solution = (self.solve)(lab, &riddle);
        let is_solved = solution.is_some();
        if let Some(solution) = solution {
            self.tell(&riddle, chosen, solution);
        }
        is_solved
    }

    fn start_over(&mut self) {
        (self.state, self.right, self.solved) = (State::Idle, 0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::{Ask, Client, LabSettings, raft::RaftLab};
    use crate::sim::NodeId;

    /// Whether an even millisecond comes next: 0 is yes.
    fn ask(lab: &dyn Lab, command: &Command) -> Option<Riddle> {
        let is_read = matches!(command, Command::Ask { what: Ask::Read { .. }, .. });
        let options = &["even", "odd"];
        let (question, at_us) = ("Even or odd?".to_owned(), lab.now_us());
        is_read.then_some(Riddle { question, options, place: 7, at_us })
    }

    fn solve(lab: &dyn Lab, riddle: &Riddle) -> Option<Solution> {
        assert_eq!(riddle.place, 7);
        let ms = lab.now_us() / 1_000;
        let why = format!("It is {ms}.");
        let option = (ms < 100).then_some((ms % 2) as usize);
        (lab.now_us() > riddle.at_us).then_some(Solution { option, why })
    }

    fn read() -> Command {
        let what = Ask::Read { key: "x".to_owned() };
        Command::Ask { client: Client(1), via: NodeId(0), what }
    }

    #[test]
    fn a_read_waits_for_the_reader_and_the_score_is_kept() {
        let mut lab = RaftLab::new(&LabSettings::new(3, 1));
        let mut quiz = Riddles::new(ask, solve);
        assert!(!quiz.holds(&lab, &read()), "it is off at first");
        assert_eq!(quiz.press("on"), None);
        assert!(!quiz.holds(&lab, &Command::TimeOut(NodeId(0))), "that is no read");
        assert!(quiz.holds(&lab, &read()));
        assert!(quiz.markup().contains("Even or odd?"));
        assert!(!quiz.look(&lab), "nothing is chosen yet");
        assert_eq!((quiz.press("2"), quiz.press("x")), (None, None));
        assert_eq!(quiz.press("0"), Some(read()));
        assert_eq!(quiz.press("1"), None, "chosen is chosen");
        assert!(!quiz.look(&lab), "no time has passed");
        lab.advance_to(4_000).expect("far from any limit");
        assert!(quiz.look(&lab));
        assert!(!quiz.look(&lab), "it was told");
        assert!(quiz.markup().contains("Right: even. It is 4."), "{}", quiz.markup());
        assert!(quiz.markup().contains("1 of 1 right"));
        assert!(quiz.holds(&lab, &read()));
        quiz.press("0");
        lab.advance_to(5_000).expect("far from any limit");
        assert!(quiz.look(&lab));
        assert!(quiz.markup().contains("Not “even” but “odd”. It is 5."), "{}", quiz.markup());
        assert!(quiz.markup().contains("1 of 2 right"));
    }

    #[test]
    fn what_was_not_asked_after_all_does_not_count() {
        let mut lab = RaftLab::new(&LabSettings::new(3, 1));
        let mut quiz = Riddles::new(ask, solve);
        quiz.press("on");
        assert!(quiz.holds(&lab, &read()));
        assert!(!quiz.holds(&lab, &Command::TimeOut(NodeId(0))));
        assert_eq!(quiz.press("0"), None, "the reader did something else");
        assert!(quiz.holds(&lab, &read()));
        assert!(!quiz.look(&lab), "time stands still");
        lab.advance_to(1_000).expect("far from any limit");
        assert!(quiz.look(&lab), "it does not any more: the question is gone");
        assert_eq!(quiz.press("0"), None);
        assert!(quiz.holds(&lab, &read()));
        quiz.press("0");
        lab.advance_to(200_000).expect("far from any limit");
        assert!(quiz.look(&lab));
        let markup = quiz.markup();
        assert!(markup.contains("It is 200.") && !markup.contains(" right<"), "{markup}");
        quiz.start_over();
        assert!(!quiz.markup().contains("It is 200."));
        assert!(quiz.holds(&lab, &read()), "who wanted to be asked still does");
        quiz.press("on");
        assert!(!quiz.holds(&lab, &read()));
    }
}
