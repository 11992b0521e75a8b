//! A rule is left out by taps, a promise breaks, and its instant is shown.

use crate::reader::{choose, the_leader, watching};
use crate::support::{Page, Screen, Visit, visit};

async fn address(page: &Page) -> String {
    page.eval("return location.search").await
}

async fn sees_stage(page: &Page) -> bool {
    let script = "
        const { top, bottom } = document.querySelector('.stage').getBoundingClientRect();
        return top >= 0 && bottom <= innerHeight;";
    page.eval(script).await
}

async fn instant(page: &Page) -> String {
    page.text(".headline time").await.unwrap_or_default()
}

/// Cuts servers off from all others, by taps in the card of the network.
async fn cut_off(page: &Page, servers: [usize; 2]) {
    page.click("[data-control=network]").await;
    page.wait_for(".menu [data-side]").await;
    for server in servers {
        page.click(&format!(".menu [data-side=\"{server}\"]")).await;
        page.wait_for(&format!(".menu [data-side=\"{server}\"][aria-pressed=true]")).await;
    }
    page.click("[data-menu=cut-off]").await;
    page.wait_for(".heal").await;
}

#[test]
fn a_rule_left_out_breaks_a_promise_whose_instant_can_be_seen() {
    visit(watching(Screen::DESK), async |page| {
        the_leader(page).await;
        page.click("[data-control=settings]").await;
        page.click("[data-name=one-copy-is-enough]").await;
        page.wait_for_text(".left-out", "commits what any one server has").await;
        page.wait_for_text(".left-out", "§5.3").await;
        assert!(address(page).await.contains("break=one-copy-is-enough"));
        page.screenshot("lessons").await;

        page.scroll_to(".stage").await;
        // Without the rule a leader that reaches one follower commits what nobody else has.
        let leader = the_leader(page).await;
        cut_off(page, [leader, (leader + 1) % 5]).await;
        choose(page, leader, "Write x=1").await;
        page.wait_for_text(".promises .verdict", "broken").await;
        page.click("[data-control=play]").await;
        let before = instant(page).await;
        // On a slow machine others may be broken by now, too.
        let place: usize = page
            .eval(
                "return [...document.querySelectorAll('.promises li')]
                .findIndex((li) => li.textContent.includes('Committed on a majority'))",
            )
            .await;
        page.click(&format!("[data-jump=\"{place}\"]")).await;
        page.wait_for("[data-control=back]").await;
        assert!(sees_stage(page).await, "the picture is in sight, not the promises alone");
        let at = instant(page).await;
        assert_ne!(at, before);
        let told = format!(".promises li:nth-child({}) em", place + 1);
        let told = page.text(&told).await.unwrap_or_default();
        assert!(told.contains(&format!("Broken at {at}")), "{told}, seen at {at}");
        page.wait_for(&format!("[data-node=\"{leader}\"][data-concerned]")).await;
        page.wait_for(".story [aria-current]").await;
        page.scroll_to(".stage").await;
        page.screenshot("breach").await;
        page.click("[data-control=back]").await;
        page.wait_until(
            "the reader is back",
            &format!("return document.querySelector('.headline time').innerText === '{before}'"),
        )
        .await;

        page.click(".left-out [data-lesson]").await;
        page.wait_until("it is put back", "return !document.querySelector('.left-out')").await;
        page.wait_for_text(".promises .verdict", "all 20 kept").await;
        assert!(!address(page).await.contains("break"));
        page.assert_clean().await;
    });
}

#[test]
fn an_address_leaves_a_rule_out_and_a_lesson_brings_what_it_needs() {
    let query = "?seed=5&autoplay=0&break=half-is-a-majority";
    visit(Visit { query, screen: Screen::PHONE, ..Visit::default() }, async |page| {
        page.wait_for_text(".left-out", "votes of half of the cluster").await;
        page.screenshot("left-out-phone").await;
        page.click("[data-control=settings]").await;
        page.wait_for("[data-name=half-is-a-majority][aria-pressed=true]").await;
        page.click("[data-name=machine-not-reset]").await;
        page.wait_for("[data-name=machine-not-reset][aria-pressed=true]").await;
        page.wait_for("[data-name=half-is-a-majority][aria-pressed=false]").await;
        page.wait_for("[data-name=snapshots][aria-pressed=true]").await;
        page.screenshot("lessons-phone").await;
        page.run_in_page("location.reload()").await;
        page.wait_for_text(".left-out", "but not the state machine").await;
        page.assert_clean().await;
    });
}

#[test]
fn what_cannot_work_is_said_beside_its_setting_with_what_it_needs() {
    let query = "?seed=5&autoplay=0";
    visit(Visit { query, screen: Screen::DESK, ..Visit::default() }, async |page| {
        page.wait_for("[data-node]").await;
        page.click("[data-control=settings]").await;
        page.click("[data-more][data-name=reads]").await;
        page.wait_for_text(".settings li:has([data-name=reads]) [role=status]", "sticky-leader")
            .await;
        assert!(page.text(".stage .notice").await.is_none(), "it is said once");
        page.screenshot("cannot-work").await;
        page.click("[data-name=sticky-leader]").await;
        page.wait_until("nothing is refused", "return !document.querySelector('.refused')").await;
        page.click("[data-more][data-name=reads]").await;
        page.wait_for_text(".settings .verdict", "reads lease").await;
        page.assert_clean().await;
    });
}

#[test]
fn on_a_phone_a_menu_folds_the_sheet_of_settings_and_so_does_escape() {
    let query = "?seed=5&autoplay=0";
    visit(Visit { query, screen: Screen::PHONE, ..Visit::default() }, async |page| {
        page.wait_for("[data-node]").await;
        page.click("[data-control=settings]").await;
        page.wait_for(".settings[open]").await;
        page.run_in_page("document.querySelector('[data-control=network]').click()").await;
        page.wait_for(".menu [data-side]").await;
        assert!(!page.is_visible(".settings[open]").await, "it would lie over the menu");
        page.click(".menu [data-side=\"0\"]").await;
        page.run_in_page("document.querySelector('[data-control=settings]').click()").await;
        page.wait_for(".settings[open]").await;
        page.wait_until("the menu is closed", "return !document.querySelector('.menu')").await;
        page.type_keys("\u{e00c}").await;
        page.wait_until("it is folded", "return !document.querySelector('.settings[open]')").await;
        page.wait_until(
            "the focus is where it came from",
            "return document.activeElement.dataset.control === 'settings'",
        )
        .await;
        page.assert_clean().await;
    });
}
