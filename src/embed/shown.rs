//! How much of a figure is shown: the parameters `controls` and `panels`.

/// The bars of buttons: `controls`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Controls {
    /// `full`: all of them.
    Full,
    /// `mini`: play, step, and start over.
    Mini,
    /// `none`: whoever put the figure there has buttons of their own.
    None,
}

impl Controls {
    /// What a parameter says.
    pub(super) fn read(text: &str) -> Option<Controls> {
        Some(match text {
            "full" => Controls::Full,
            "mini" => Controls::Mini,
            "none" => Controls::None,
            _ => return None,
        })
    }
}

/// Something around the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// What is turned or pressed while the run goes on, of labs that have it.
    Dials,
    /// What the shapes mean.
    Legend,
    /// What the protocol promises, and whether it has kept its word.
    Promises,
    /// The settings.
    Settings,
    /// What happened last.
    Story,
    /// The same as the picture, as tables.
    Tables,
    /// What the reader is invited to do.
    Tasks,
    /// The painted timeline.
    Timeline,
    /// The tabs of further pictures.
    Views,
}

/// A set of panels: `panels`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panels(u16);

impl Panels {
    /// All of them.
    pub const ALL: Panels = Panels(0x1ff);
    /// What a figure with few buttons has: those with which its readers act, if there are any.
    pub const FEW: Panels = Panels(1 << Panel::Dials as u16);

    /// The names in the order of the panels.
    const NAMES: [&str; 9] = [
        "dials", "legend", "promises", "settings", "story", "tables", "tasks", "timeline", "views",
    ];

    /// Names with commas or blanks between them; or `all`, or `none`.
    pub(super) fn read(text: &str) -> Option<Panels> {
        let mut panels = match text {
            "all" => return Some(Panels::ALL),
            "none" => return Some(Panels(0)),
            _ => Panels(0),
        };
        for name in text.split([',', ' ']).filter(|name| !name.is_empty()) {
            panels.0 |= 1 << Panels::NAMES.iter().position(|other| *other == name)?;
        }
        Some(panels)
    }

    /// Whether a panel is among them.
    pub fn has(self, panel: Panel) -> bool {
        self.0 & (1 << panel as u16) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panels_are_read_by_their_names() {
        let some = Panels::read("story, tasks").expect("two names");
        let all = [Panel::Dials, Panel::Story, Panel::Tasks, Panel::Timeline, Panel::Views];
        assert_eq!(all.map(|panel| some.has(panel)), [false, true, true, false, false]);
        assert_eq!(Panels::read("none"), Some(Panels(0)));
        assert_eq!(Panels::read(&Panels::NAMES.join(" ")), Panels::read("all"));
        assert_eq!(Panels::read("story,everything"), None);
        assert!(Panels::FEW.has(Panel::Dials) && !Panels::FEW.has(Panel::Story));
    }
}
