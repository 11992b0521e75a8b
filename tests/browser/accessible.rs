//! What axe-core can tell of barriers: none in any figure, light and dark, at rest, playing, with
//! every view, with menus and dialogs open, on a desk and on a phone.
//!
//! The rules are those of WCAG 2.2, levels A and AA, and axe's own advice.

use std::env;
use std::fs;

use serde::Deserialize;

use crate::support::{Page, Screen, SiteOptions, Visit, visit};

/// What axe found, as much of it as says where to look.
#[derive(Debug, Deserialize)]
struct Barrier {
    rule: String,
    element: String,
    says: String,
}

/// A figure with a look at it.
struct Looked<'a> {
    page: &'a Page,
    lab: &'static str,
    found: Vec<String>,
}

impl Looked<'_> {
    fn here(&self, css: &str) -> String {
        format!("[data-lab={}] {css}", self.lab)
    }

    /// Holds the whole page against the rules, as it is.
    async fn check(&mut self, state: &str) {
        self.page
            .run_in_page(
                "window.barriers = null;
                 const only = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',
                     'best-practice'];
                 axe.run(document, { runOnly: only, resultTypes: ['violations'] })
                     .then(({ violations }) => {
                         window.barriers = violations.flatMap(({ id, nodes }) =>
                             nodes.map((node) => ({
                                 rule: id,
                                 element: node.target.join(' ') + ' ' + node.html.slice(0, 120),
                                 says: node.failureSummary,
                             })));
                     });",
            )
            .await;
        self.page.wait_until("axe is done", "return window.barriers !== null").await;
        let barriers: Vec<Barrier> = self.page.eval("return window.barriers").await;
        let lab = self.lab;
        self.found.extend(barriers.into_iter().map(|Barrier { rule, element, says }| {
            format!("{lab}, {state}: {rule}\n  {element}\n  {says}")
        }));
    }

    async fn press(&self, css: &str) {
        let script = format!("document.querySelector('{}').click()", self.here(css));
        self.page.run_in_page(&script).await;
    }
}

/// Goes through the states of a lab's figure.
fn look(lab: &'static str, query: &'static str, views: &'static [&'static str], screen: Screen) {
    let coming = Visit { screen, query, site: SiteOptions::only(lab), ..Visit::default() };
    visit(coming, async move |page| {
        let axe = env::var_os("AXE").expect("`cargo xtask test e2e` says where axe-core is");
        let axe = fs::read_to_string(axe).expect("axe-core can be read");
        let mut looked = Looked { page, lab, found: Vec::new() };
        page.wait_for(&looked.here("[data-node]")).await;
        page.run_in_page(&axe).await;
        looked.check("at rest").await;

        looked.press("[data-control=play]").await;
        let happens = "return window.rift.state().historyLength > 60";
        page.wait_until("something happens", happens).await;
        looked.check("playing").await;
        looked.press("[data-control=play]").await;

        page.run_in_page(
            "document.querySelectorAll('figure details').forEach((it) => { it.open = true; })",
        )
        .await;
        looked.check("with all that can be unfolded").await;
        for view in views {
            looked.press(&format!("[data-tab=\"{view}\"]")).await;
            page.wait_for(&looked.here(&format!(".view-pane[data-view=\"{view}\"]"))).await;
            let drawn = format!(
                "return document.querySelector('{}').childElementCount > 0
                     && !document.querySelector('{}')",
                looked.here(".view-pane"),
                looked.here(".view-wait")
            );
            page.wait_until("the view is drawn", &drawn).await;
            looked.check(view).await;
        }

        looked.press("[data-tab=network]").await;
        let grip = looked.here("[data-node=\"0\"] .grip");
        page.wait_for(&grip).await;
        page.run_in_page(&format!("document.querySelector('{grip}').focus()")).await;
        page.type_keys(" ").await;
        page.wait_for(&looked.here(".menu")).await;
        looked.check("with a menu").await;
        page.type_keys("\u{e00c}").await;

        for dialog in ["share", "open"] {
            looked.press(&format!("[data-look={dialog}]")).await;
            page.wait_for("dialog.share[open]").await;
            looked.check(dialog).await;
            page.type_keys("\u{e00c}").await;
            page.wait_until("it is closed", "return !document.querySelector('dialog[open]')").await;
        }
        assert!(looked.found.is_empty(), "barriers:\n{}", looked.found.join("\n"));
    });
}

const DARK: Screen = Screen { dark: true, ..Screen::DESK };
const DARK_PHONE: Screen = Screen { dark: true, ..Screen::PHONE };

const RAFT: &[&str] = &["space-time", "logs", "together"];
const CAP: &[&str] = &["history", "space-time", "systems", "staleness"];
const EVENTS: &[&str] = &["log", "snapshots", "old-events", "space-time", "curtain"];
const BREAKER: &[&str] = &["storm", "retries", "shards", "libraries", "space-time"];

#[test]
fn raft_has_no_barrier() {
    look("raft", "?seed=5&autoplay=0", RAFT, Screen::DESK);
}

#[test]
fn raft_in_the_dark_has_no_barrier() {
    look("raft", "?seed=5&autoplay=0", &["space-time", "logs"], DARK_PHONE);
}

#[test]
fn stores_have_no_barrier() {
    look("cap", "?lab=cap&autoplay=0", CAP, Screen::PHONE);
}

#[test]
fn stores_in_the_dark_have_no_barrier() {
    look("cap", "?lab=cap&autoplay=0", CAP, DARK);
}

#[test]
fn the_shop_has_no_barrier() {
    look("events", "?lab=events&autoplay=0", EVENTS, Screen::DESK);
}

#[test]
fn the_shop_in_the_dark_has_no_barrier() {
    look("events", "?lab=events&autoplay=0", EVENTS, DARK_PHONE);
}

#[test]
fn the_breaker_has_no_barrier() {
    look("breaker", "?lab=breaker&autoplay=0", BREAKER, Screen::PHONE);
}

#[test]
fn the_breaker_in_the_dark_has_no_barrier() {
    look("breaker", "?lab=breaker&autoplay=0", BREAKER, DARK);
}

#[test]
fn the_whole_has_no_barrier() {
    look("whole", "?lab=whole&autoplay=0", &["space-time"], Screen::PHONE);
}

#[test]
fn the_whole_in_the_dark_has_no_barrier() {
    look("whole", "?lab=whole&autoplay=0", &["space-time"], DARK);
}
