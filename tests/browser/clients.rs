//! Clients, members and settings, with real pointers, judged by what the page shows.

use crate::reader::{choose, leaders, node, the_leader, watching};
use crate::support::{Hand, Page, Screen, Visit, visit};

async fn newest_chip(page: &Page, client: u8, text: &str) {
    page.says(&format!("[data-client=\"{client}\"] .chip:not(.older)"), text).await;
}

async fn word(page: &Page, server: usize, word: &str) {
    page.says(&format!("{} .node-word", node(server)), word).await;
}

async fn a_client_acts(page: &Page, hand: Hand) {
    let leader = the_leader(page).await;
    page.scroll_to(".stage").await;
    let other = (leader + 1) % 5;
    page.ask(hand, "", (1, other), "Write x=1").await;
    newest_chip(page, 1, &format!("ask S{}", leader + 1)).await;
    page.ask(hand, "", (1, leader), "Open a session").await;
    newest_chip(page, 1, "session ok").await;
    page.says("[data-client=\"1\"] .client-note", "session 1").await;
    page.ask(hand, "", (1, leader), "Write y=2").await;
    page.wait_for(".thread").await;
    newest_chip(page, 1, "y=2 ok").await;
    page.ask(hand, "", (1, leader), "Ask again: y=2").await;
    newest_chip(page, 1, "done before").await;
    page.wait_for_text(".story", "done before, not again").await;
    page.ask(hand, "", (2, leader), "Read y").await;
    newest_chip(page, 2, "y is 2").await;
    page.run_in_page("document.querySelector('.table').open = true").await;
    page.wait_for_text("[data-row=C1]", "done before").await;
    page.assert_clean().await;
}

#[test]
fn a_client_writes_reads_and_asks_again() {
    visit(watching(Screen::DESK), async |page| {
        a_client_acts(page, Hand::Mouse).await;
        page.screenshot("clients").await;
    });
}

#[test]
fn a_client_acts_by_taps_on_a_phone() {
    visit(watching(Screen::PHONE), async |page| {
        a_client_acts(page, Hand::Finger).await;
        page.scroll_to(".stage").await;
        page.screenshot("clients-phone").await;
    });
}

#[test]
fn a_client_can_be_used_by_keyboard() {
    visit(watching(Screen::DESK), async |page| {
        the_leader(page).await;
        page.run_in_page("document.querySelector('[data-client=\"1\"]').focus()").await;
        page.type_keys(" ").await;
        page.wait_for_text(".menu", "Write x=1").await;
        page.type_keys(" ").await;
        page.wait_for("[data-client=\"1\"] .chip").await;
        let focused: Option<String> =
            page.eval("return document.activeElement.dataset.client").await;
        assert_eq!(focused.as_deref(), Some("1"), "the focus comes back");
    });
}

#[test]
fn leadership_is_handed_over() {
    visit(watching(Screen::DESK), async |page| {
        let old = the_leader(page).await;
        let new = (old + 2) % 5;
        choose(page, old, "Hand over").await;
        page.pick("", &format!("To S{}", new + 1)).await;
        page.wait_for_text(".headline", &format!("S{} leads term 2", new + 1)).await;
        page.wait_until(
            "the old leader follows",
            &format!("return !document.querySelector('[data-node=\"{old}\"] .crown')"),
        )
        .await;
        assert_eq!(leaders(page).await, [new]);
        page.assert_clean().await;
    });
}

#[test]
fn a_server_is_added_given_a_vote_and_removed() {
    let query = "?seed=5&speed=1/5&autoplay=1&servers=4&members=3&membership=on&sticky-leader=on";
    visit(Visit { query, ..Visit::default() }, async |page| {
        let leader = the_leader(page).await;
        word(page, 3, "no member").await;
        choose(page, leader, "Members").await;
        page.pick("", "Add S4").await;
        page.wait_for_text(".story", "the correction of 2015").await;
        choose(page, leader, "Write x=1").await;
        newest_chip(page, 1, "x=1 ok").await;
        choose(page, leader, "Members").await;
        page.pick("", "Add S4").await;
        word(page, 3, "learner").await;
        page.screenshot("learner").await;
        page.wait_for_text(".story", "S4 has caught up").await;
        choose(page, leader, "Members").await;
        page.pick("", "Give S4 a vote").await;
        word(page, 3, "follower").await;
        page.wait_for_text(".story", "The change of members is committed").await;
        page.wait_until(
            "nothing is left to be committed",
            &format!("return !document.querySelector('[data-node=\"{leader}\"] .cell.loose')"),
        )
        .await;
        choose(page, leader, "Members").await;
        page.pick("", "Remove S4").await;
        word(page, 3, "no member").await;
        page.assert_clean().await;
    });
}

#[test]
fn a_setting_is_in_the_address_and_survives_a_reload() {
    let query = "?seed=7&autoplay=0&utm_source=feed";
    visit(Visit { query, screen: Screen::PHONE, ..Visit::default() }, async |page| {
        page.wait_for("[data-node]").await;
        page.click("[data-control=settings]").await;
        page.click("[data-name=pre-vote]").await;
        page.wait_for("[data-name=pre-vote][aria-pressed=true]").await;
        page.click("[data-more][data-name=heartbeat]").await;
        page.wait_for_text(".settings .verdict", "heartbeat 40ms").await;
        page.click("[data-less][data-name=servers]").await;
        page.wait_until(
            "four stand",
            "return document.querySelectorAll('[data-node]').length === 4",
        )
        .await;
        page.screenshot("settings-phone").await;
        page.run_in_page("location.reload()").await;
        page.wait_for_text(".settings .verdict", "heartbeat 40ms, pre-vote").await;
        let (nodes, address): (usize, String) = page
            .eval("return [document.querySelectorAll('[data-node]').length, location.search]")
            .await;
        assert_eq!(nodes, 4);
        assert!(address.contains("seed=7") && address.contains("utm_source=feed"), "{address}");
        page.assert_clean().await;
    });
}

#[test]
fn what_cannot_work_is_said_and_changes_nothing() {
    let query = "?autoplay=0&election-timeout=50-90ms&heartbeat=40ms";
    visit(Visit { query, ..Visit::default() }, async |page| {
        page.wait_for("[data-node]").await;
        page.click("[data-control=settings]").await;
        page.click("[data-more][data-name=heartbeat]").await;
        page.wait_for_text(".settings .refused", "comes too late").await;
        page.wait_for_text(".settings .verdict", "heartbeat 40ms").await;
        page.assert_clean().await;
    });
}
