//! The further pictures of the breaker lab: the storm, retries against one contended row, one
//! breaker for four shards, and breakers with habits side by side.

mod libraries;
mod retries;
mod shards;
mod storm;

use crate::labs::{View, ViewEntry, parts};

/// What outlives its trigger, and what helps.
pub(super) const STORM: ViewEntry = ViewEntry {
    name: "storm",
    title: "Storm",
    label: "A fleet of callers before, during and after a few seconds of more load: requests, \
        calls and what is served, second by second; and for each remedy what became of twenty \
        worlds. Up and down choose a remedy, left and right a world.",
    hint: "Tap a row for another remedy, a cell for another world. With a fleet on the stage the \
        worlds go by its settings.",
    buttons: &[],
};

/// One breaker for four shards, or four.
pub(super) const SHARDS: ViewEntry = ViewEntry {
    name: "shards",
    title: "Shards",
    label: "One of four shards fails for a while: requests to each of the four, without a breaker, \
        with one in front of all, and with one for each.",
    hint: "Compare the numbers: they are of the three shards that were well all the time. Then \
        choose another rule for opening.",
    buttons: &[],
};

/// Breakers with habits on one trace.
pub(super) const LIBRARIES: ViewEntry = ViewEntry {
    name: "libraries",
    title: "Which library?",
    label: "One trace of calls, of this run or about one edge, and how eleven breakers take it: \
        the genuine one and ten with habits found in use, each with flags where it parts from the \
        genuine one. Up and down choose a breaker, left and right go from flag to flag.",
    hint: "Tap a row to see what it does differently, a part of the trace to see it from near, or \
        “this run” to have all of them get your own calls.",
    buttons: &[],
};

/// Clients that contend for one row.
pub(super) const RETRIES: ViewEntry = ViewEntry {
    name: "retries",
    title: "Retries",
    label: "Clients that write to one row at once, with five ways to wait before a retry: every \
        write as a dot on a line of time, and how many calls and how long it takes, by how many \
        clients there are. Left and right: fewer and more clients.",
    hint: "Look for columns of dots: those came back together. Then turn up the clients.",
    buttons: &[],
};

/// One of them, as a reader first sees it.
pub(super) fn view(name: &str) -> Option<Box<dyn View>> {
    match name {
        _ if name == STORM.name => Some(Box::new(storm::StormView::new())),
        _ if name == SHARDS.name => Some(Box::new(shards::ShardsView::new())),
        _ if name == LIBRARIES.name => Some(Box::new(libraries::LibrariesView::new())),
        _ if name == RETRIES.name => Some(Box::new(retries::RetriesView::new())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::breaker::{BreakerLab, ENTRY};
    use crate::scene::{Frame, Highlight};

    /// Each of them has words for who hears it, is drawn through the face that the lens knows, and
    /// takes no notice of what it does not know.
    #[test]
    fn all_of_them_are_drawn_for_the_lens() {
        let lab = BreakerLab::new(&ENTRY.defaults);
        for entry in [STORM, RETRIES, SHARDS, LIBRARIES] {
            let mut view = view(entry.name).expect("there is such a view");
            assert!(entry.label.len() > 80 && entry.hint.len() > 20, "{}", entry.name);
            assert!(ENTRY.views.iter().any(|listed| listed.name == entry.name));
            for width in [0.0, 320.0, 1_050.0] {
                let frame = Frame { width, height: 432.0 };
                let html = view.draw(&lab, frame, &Highlight::default());
                assert!(html.contains("class=\"cb-said\"") && !html.contains("NaN"), "{html}");
                assert_eq!(html.matches("<svg").count(), html.matches("</svg>").count());
                assert_eq!(html.matches("<g ").count(), html.matches("</g>").count());
            }
            let before = view.controls();
            for nonsense in ["", "=", "x=1", "load=-1", "row=99999999999999999999", "Tab"] {
                assert_eq!(view.press(&lab, nonsense), None);
            }
            assert_eq!(view.controls(), before, "{}", entry.name);
            assert!(before.contains("data-look=") && before.contains("aria-"), "{before}");
        }
        assert!(view("moon").is_none());
    }
}
