//! Behind the curtain: the reader's own session as events, and what the lens knows of it. And which
//! lens a figure loads.

use crate::reader::watching;
use crate::support::{Page, Screen, SiteOptions, Visit, visit};
use crate::time::{cut_off_the_first, stand};

/// Something of the event sourcing lab's figure.
fn shop(css: &str) -> String {
    ["[data-lab=events] ", css].concat()
}

fn shopping(screen: Screen) -> Visit {
    let query = "?lab=events&speed=1&autoplay=1";
    Visit { screen, query, site: SiteOptions::only("events"), ..Visit::default() }
}

/// Presses a customer's button.
async fn act(page: &Page, label: &str) {
    page.press_dial("[data-lab=events] ", "", label).await;
}

async fn rows(page: &Page) -> usize {
    page.eval("return document.querySelectorAll('[data-lab=events] .ev-row').length").await
}

#[test]
fn what_the_reader_does_is_listed_as_events_and_every_version_of_it_can_be_seen() {
    for screen in [Screen::DESK, Screen::PHONE] {
        visit(shopping(screen), async move |page| {
            page.wait_for(&shop("[data-node]")).await;
            page.click(&shop("[data-tab=curtain]")).await;
            page.wait_for_text(&shop(".ev-said"), "Nothing was done yet").await;
            act(page, "take tea").await;
            page.wait_for_text(&shop(".ev-rows"), "take tea").await;
            page.wait_for_text(&shop(".ev-rows"), "Acted · branch-0 · version 1").await;
            act(page, "take mug").await;
            page.wait_for_text(&shop(".ev-said"), "2 events in 1 stream").await;
            page.wait_for_text(&shop(".ev-foot"), "✓").await;
            assert_eq!(rows(page).await, 3, "the beginning, and two events");
            page.scroll_to(&shop(".tabs")).await;
            page.screenshot(if screen.touch { "curtain-phone" } else { "curtain" }).await;
            // What the branches were after the first.
            page.click(&shop(".ev-controls [data-look=back]")).await;
            page.wait_for_text(&shop(".ev-after"), "the first 1").await;
            let hash: String = page
                .eval("return document.querySelector('[data-lab=events] .ev-foot code').innerText")
                .await;
            page.click(&shop(".ev-controls [data-look=on]")).await;
            page.wait_for_text(&shop(".ev-after"), "the first 2").await;
            let foot = page.text(&shop(".ev-foot code")).await;
            assert_ne!(foot, Some(hash), "another state");
            page.assert_clean().await;
        });
    }
}

#[test]
fn a_branch_of_the_past_is_an_event_of_the_run_and_deleting_it_is_another() {
    visit(shopping(Screen::DESK), async |page| {
        page.wait_for(&shop("[data-node]")).await;
        page.click(&shop("[data-tab=curtain]")).await;
        act(page, "take tea").await;
        page.wait_for_text(&shop(".ev-said"), "1 event in 1 stream").await;
        page.click(&shop("[data-control=play]")).await;
        page.click(&shop("[data-control=before]")).await;
        act(page, "take mug").await;
        page.wait_for_text(&shop(".ev-rows"), "Forked · run · version 1").await;
        page.wait_for_text(&shop(".ev-rows"), "Acted · branch-1 · version 1").await;
        page.click(&shop("[data-delete]")).await;
        page.wait_for_text(&shop(".ev-rows"), "Deleted · run · version 2").await;
        page.wait_for_text(&shop(".ev-state"), "2, deleted").await;
        page.wait_for_text(&shop(".ev-said"), "4 events in 3 streams").await;
        page.assert_clean().await;
    });
}

/// The page's numbers of branches are the lens's, also when one of them is gone.
#[test]
fn pictures_follow_to_a_branch_that_is_left_after_another_was_deleted() {
    let site = SiteOptions::default();
    let query = "?seed=5&speed=1/2&autoplay=0";
    visit(Visit { query, site, ..Visit::default() }, async |page| {
        page.wait_for("[data-node]").await;
        page.click("[data-control=play]").await;
        page.wait_until("it has played", "return window.rift.state().nowUs > 400000").await;
        page.click("[data-control=play]").await;
        page.wait_for_text("[data-control=play]", "Play").await;
        for branch in [1, 2] {
            page.click("[data-control=before]").await;
            page.wait_for_text(".moment", "In the past").await;
            cut_off_the_first(page).await;
            assert_eq!(stand(page).await.2, branch);
            page.click("[data-branch=\"0\"]").await;
            page.wait_for("[data-branch=\"0\"][aria-pressed=true]").await;
        }
        page.click("[data-branch=\"1\"]").await;
        page.wait_for("[data-branch=\"1\"][aria-pressed=true]").await;
        page.click("[data-delete]").await;
        page.wait_until("two branches", "return window.rift.state().branches === 2").await;
        page.click("[data-branch=\"2\"]").await;
        page.wait_for("[data-branch=\"2\"][aria-pressed=true]").await;
        page.click("[data-tab=space-time]").await;
        page.wait_until(
            "the lens has the page's history",
            "const lens = document.querySelector('.view-pane')?.dataset.lensHash;
             return lens?.length === 16
                 && lens === document.querySelector('[data-history-hash]').textContent.trim()",
        )
        .await;
        assert!(!page.is_visible(".view-notice").await);
        page.assert_clean().await;
    });
}

/// Whose files were asked for.
fn lenses(page: &Page) -> Vec<&'static str> {
    let requested = page.site.requested();
    let was_asked = |lab: &&str| {
        let wasm = format!("rift-lens-{lab}-");
        requested.iter().any(|path| path.contains(&wasm) && path.ends_with(".wasm"))
    };
    ["raft", "cap", "events"].into_iter().filter(was_asked).collect()
}

#[test]
fn a_figure_loads_its_own_lens_and_no_other() {
    visit(Visit { site: SiteOptions::whole_article(), ..watching(Screen::DESK) }, async |page| {
        let raft = |css: &str| format!("[data-lab=raft] {css}");
        page.wait_for(&raft("[data-node]")).await;
        page.scroll_to(&raft("[data-tab=logs]")).await;
        page.click(&raft("[data-tab=logs]")).await;
        page.wait_for(&raft(".view-pane[data-view=logs] .view-svg")).await;
        assert_eq!(lenses(page), ["raft"]);
        // Another figure of the page: its own lens, and its own dialog in the place of the first.
        page.scroll_to(&raft("[data-look=share]")).await;
        page.click(&raft("[data-look=share]")).await;
        page.wait_for("dialog.share[open]").await;
        page.type_keys("\u{e00c}").await;
        page.wait_until("it is closed", "return !document.querySelector('dialog').open").await;
        let cap = |css: &str| format!("[data-lab=cap] {css}");
        page.run_in_page("document.querySelector('[data-lab=cap]').scrollIntoView()").await;
        page.wait_for(&cap("[data-node]")).await;
        page.scroll_to(&cap("[data-look=share]")).await;
        page.click(&cap("[data-look=share]")).await;
        page.wait_for("dialog.share[open]").await;
        let link: String =
            page.eval("return document.querySelector('dialog a.share-file').download").await;
        assert!(link.starts_with("rift-cap-"), "{link}");
        let dialogs: usize = page.eval("return document.querySelectorAll('dialog').length").await;
        assert_eq!(dialogs, 1);
        assert!(lenses(page).starts_with(&["raft", "cap"]), "{:?}", lenses(page));
        page.assert_clean().await;
    });
}
