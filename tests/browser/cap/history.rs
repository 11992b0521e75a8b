//! The history lane beside the figure: the verdict turns, names its operations, and leads to them.

use super::{ask, both_sides_write, chip, here, watching};
use crate::support::{Hand, Page, Screen, visit};

async fn open(page: &Page) {
    page.click(&here("[data-tab=history]")).await;
    page.wait_for(&here(".view-pane[data-view=history] .view-svg")).await;
}

/// Nothing of the view is wider than the page.
async fn fits(page: &Page) {
    let wide: f64 = page.eval("return document.documentElement.scrollWidth - innerWidth").await;
    assert!(wide <= 0.0, "{wide} px too wide");
}

async fn breaks(page: &Page, hand: Hand) {
    both_sides_write(page, hand).await;
    // C2 has been told that x is 2; whoever reads on the other side does not find that.
    ask(page, hand, 1, "Read x").await;
    chip(page, 1, "x is 1").await;
    open(page).await;
    page.wait_for(&here(".hl-verdict[data-verdict=broken]")).await;
    page.wait_for_text(&here(".hl-verdict"), "Not linearizable since").await;
    page.wait_for(&here(".hl-ring")).await;
    page.wait_for(&here(".hl-model.m0[data-state=broken]")).await;
    fits(page).await;
}

#[test]
fn the_verdict_turns_and_leads_to_what_broke_it() {
    visit(watching(Screen::DESK), async |page| {
        breaks(page, Hand::Mouse).await;
        page.screenshot("cap-history").await;
        // Back to the answer that broke it, and a step before that all was well.
        page.click(&here(".hl-evidence [data-go]")).await;
        page.wait_for(&here(".hl-verdict[data-verdict=broken]")).await;
        page.click(&here("[data-control=step-back]")).await;
        page.wait_for(&here(".hl-verdict[data-verdict=held]")).await;
        page.assert_clean().await;
    });
}

#[test]
fn on_a_phone_it_says_the_same_and_fits() {
    visit(watching(Screen::PHONE), async |page| {
        breaks(page, Hand::Finger).await;
        page.screenshot("cap-history-phone").await;
        page.assert_clean().await;
    });
}
