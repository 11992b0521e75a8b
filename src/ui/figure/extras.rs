//! What only some programs have. All are linked from one library: a program names what it has when
//! it mounts its figure, and what it does not name the linker leaves out.

use yew::Html;

use super::{Figure, dials, foretell};
use crate::labs::Command;
use crate::ui::views;

/// What a program has beyond what every one has.
#[derive(Clone, Copy)]
pub struct Extras {
    pub(super) dials: Option<&'static Bar>,
    pub(super) quiz: Option<&'static Panel>,
}

/// The bar of what can be turned while the protocol runs.
pub(super) struct Bar {
    /// It, with what is given below it.
    pub(super) view: fn(&Figure, Html) -> Html,
    /// A button of it, by its name.
    pub(super) turn: fn(&mut Figure, &str),
}

/// The panel that asks readers to foretell what a lab with riddles will do.
pub(super) struct Panel {
    pub(super) view: fn(&Figure) -> Html,
    /// Whether a command waits for the reader.
    pub(super) asks_first: fn(&mut Figure, &Command) -> bool,
    /// A button of it, by its name.
    pub(super) press: fn(&mut Figure, &str),
}

impl Extras {
    /// Nothing.
    pub const NONE: Extras = Extras { dials: None, quiz: None };

    /// And a bar for what can be turned while the protocol runs.
    pub const fn with_dials(self) -> Extras {
        Extras { dials: Some(&dials::BAR), ..self }
    }

    /// And a panel that asks first, for labs with a quiz.
    pub const fn with_quiz(self) -> Extras {
        Extras { quiz: Some(&foretell::PANEL), ..self }
    }
}

impl Figure {
    /// The tabs, below the bar if the program has it.
    pub(super) fn view_tabs(&self) -> Html {
        let tabs = views::tabs(self.entry.views, self.looking.tab());
        match self.extras.dials {
            Some(bar) => (bar.view)(self, tabs),
            None => tabs,
        }
    }
}
