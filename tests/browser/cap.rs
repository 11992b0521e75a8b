//! The figure of the replicated store, with real pointers: choose, tear, write on both sides, heal,
//! and see what the choice has cost.

use crate::support::{Hand, Page, Screen, SiteOptions, Visit, dial_button, visit};
use crate::time::link_of;

mod history;

/// What is outside of the figure is another's.
const HERE: &str = "[data-lab=cap] ";

fn here(css: &str) -> String {
    [HERE, css].concat()
}

fn watching(screen: Screen) -> Visit {
    let query = "?lab=cap&speed=1/2&autoplay=1";
    Visit { screen, query, site: SiteOptions::only("cap"), ..Visit::default() }
}

async fn arrive(page: &Page) {
    page.wait_for(&here("[data-node]")).await;
    page.scroll_to(&here(".stage")).await;
}

async fn turn(page: &Page, hand: Hand, dial: &str, option: &str) {
    page.press(hand, HERE, dial, option).await;
}

async fn stands(page: &Page, dial: &str, option: &str) {
    page.stands(HERE, dial, option).await;
}

/// Draws a stroke that parts S5 and S1 from S2, S3 and S4.
async fn stroke(page: &Page, hand: Hand) {
    let mut middles = Vec::new();
    for [a, b] in [[0, 1], [4, 3]] {
        let at = page.center_of(&here(&format!("[data-node=\"{a}\"] .node-body"))).await;
        let other = page.center_of(&here(&format!("[data-node=\"{b}\"] .node-body"))).await;
        middles.push(at.towards(other, 0.5));
    }
    let (start, end) = (middles[0], middles[1]);
    page.drag(hand, &[start.towards(end, -0.08), end.towards(start, -0.08)]).await;
    page.wait_for(&here(".heal")).await;
}

async fn ask(page: &Page, hand: Hand, client: u8, label: &str) {
    page.scroll_to(&here(".stage")).await;
    let figure = here(&format!("[data-client=\"{client}\"] .client-figure"));
    let at = page.center_of(&figure).await;
    page.tap(hand, at).await;
    page.pick(HERE, label).await;
}

async fn says(page: &Page, css: &str, text: &str) {
    page.says(&here(css), text).await;
}

async fn chip(page: &Page, client: u8, text: &str) {
    says(page, &format!("[data-client=\"{client}\"] .chip:not(.older)"), text).await;
}

/// Every replica holds exactly this, in this order.
async fn everybody_holds(page: &Page, cells: &[&str]) {
    let script = format!(
        "const nodes = [...document.querySelectorAll('{HERE}[data-node]')];
        const held = (node) => [...node.querySelectorAll('.cell')].map((cell) => cell.textContent);
        const wanted = {cells:?};
        return nodes.every((node) => held(node).length === wanted.length
            && wanted.every((part, k) => held(node)[k].includes(part)));"
    );
    page.wait_until(&format!("everybody holds {cells:?}"), &script).await;
}

async fn both_sides_write(page: &Page, hand: Hand) {
    arrive(page).await;
    stands(page, "While torn", "CP").await;
    turn(page, hand, "While torn", "AP").await;
    stands(page, "While torn", "AP").await;
    stands(page, "W", "1").await;
    turn(page, hand, "Conflicts", "siblings").await;
    stands(page, "Conflicts", "siblings").await;
    page.scroll_to(&here(".stage")).await;
    if matches!(hand, Hand::Finger) {
        page.run_in_page(&format!("document.querySelector('{HERE}[data-control=cut]').click()"))
            .await;
    }
    stroke(page, hand).await;
    page.wait_for_text(&here(".headline"), "both sides read and write").await;
    ask(page, hand, 1, "Write x=1").await;
    chip(page, 1, "x=1 ok").await;
    ask(page, hand, 2, "Write x=2").await;
    chip(page, 2, "x=2 ok").await;
}

#[test]
fn in_ap_both_sides_write_and_siblings_are_left_after_the_heal() {
    visit(watching(Screen::DESK), async |page| {
        both_sides_write(page, Hand::Mouse).await;
        page.screenshot("cap-torn").await;
        page.click(&here(".heal")).await;
        everybody_holds(page, &["x=1", "x=2"]).await;
        ask(page, Hand::Mouse, 1, "Read x").await;
        chip(page, 1, "x is 1 ∥ 2").await;
        page.screenshot("cap-siblings").await;
        page.assert_clean().await;
    });
}

#[test]
fn the_same_by_taps_on_a_phone_without_a_sideways_scroll() {
    visit(watching(Screen::PHONE), async |page| {
        both_sides_write(page, Hand::Finger).await;
        let at = page.center_of(&here(".heal")).await;
        page.tap(Hand::Finger, at).await;
        everybody_holds(page, &["x=1", "x=2"]).await;
        let wide: f64 = page.eval("return document.documentElement.scrollWidth - innerWidth").await;
        assert!(wide <= 0.0, "{wide} px too wide");
        // WCAG 2.5.8: every target of the dials is at least 24 px wide and high.
        let small: Vec<String> = page
            .eval(
                "return [...document.querySelectorAll('[data-lab=cap] .dial button')]
                    .filter((button) => Math.min(button.offsetWidth, button.offsetHeight) < 24)
                    .map((button) => button.textContent)",
            )
            .await;
        assert!(small.is_empty(), "{small:?}");
        page.screenshot("cap-phone").await;
        page.assert_clean().await;
    });
}

#[test]
fn in_cp_the_minority_learns_nothing_and_leaves_a_ghost() {
    visit(watching(Screen::DESK), async |page| {
        arrive(page).await;
        stroke(page, Hand::Mouse).await;
        page.wait_for_text(&here(".headline"), "S1 S5 refuse").await;
        ask(page, Hand::Mouse, 1, "Write x=1").await;
        // Sent before the tear was noticed, or refused after: at half speed it may be either.
        page.wait_until(
            "C1 is told that it cannot know, or that it is refused",
            "return /unknown|refused/.test(
                document.querySelector('[data-lab=cap] [data-client=\"1\"] .chip')?.textContent)",
        )
        .await;
        ask(page, Hand::Mouse, 2, "Write x=2").await;
        chip(page, 2, "x=2 ok").await;
        page.click(&here(".heal")).await;
        everybody_holds(page, &["x=2"]).await;
        page.assert_clean().await;
    });
}

#[test]
fn dials_act_in_the_run_and_say_why_they_cannot() {
    visit(watching(Screen::DESK), async |page| {
        arrive(page).await;
        turn(page, Hand::Mouse, "W", "2").await;
        page.wait_for_text(&here(".notice"), "CP needs W ≥ 3, a majority, and W = 2").await;
        stands(page, "W", "3").await;
        turn(page, Hand::Mouse, "While torn", "AP").await;
        stands(page, "While torn", "AP").await;
        page.wait_for_text(&here(".headline"), "reads may be stale").await;
        page.run_in_page(&format!("document.querySelector('{HERE}[data-control=undo]').click()"))
            .await;
        stands(page, "While torn", "CP").await;
        page.wait_for_text(&here(".headline"), "linearizable").await;
        page.run_in_page(&format!("document.querySelector('{HERE}[data-control=redo]').click()"))
            .await;
        stands(page, "While torn", "AP").await;
        page.assert_clean().await;
    });
}

/// Which instant is shown, of which history, with which settings.
async fn stand(page: &Page) -> (u64, String, String) {
    let state = "const { nowUs, historyHash } = window.rift.state();
        const said = document.querySelector('[data-lab=cap] .headline strong').textContent;
        return [nowUs, historyHash, said];";
    page.eval(state).await
}

#[test]
fn a_link_opens_at_the_same_instant_of_the_same_history() {
    let query = "?lab=cap&speed=1/2&autoplay=1";
    visit(Visit { query, site: SiteOptions::only("cap"), ..Visit::default() }, async |page| {
        both_sides_write(page, Hand::Mouse).await;
        page.click(&here("[data-control=play]")).await;
        page.wait_for_text(&here("[data-control=play]"), "Play").await;
        let sent = stand(page).await;
        page.run_in_page(
            "const cap = document.querySelector('[data-lab=cap]');
            const whole = document.querySelector.bind(document);
            document.querySelector = (css) => cap.querySelector(css) ?? whole(css);",
        )
        .await;
        let link = link_of(page).await;
        let fragment = &link[link.find('#').expect("the run is behind the #")..];

        // Somebody else: nothing is kept there, and nothing in the address but the run.
        page.eval::<()>("localStorage.clear()").await;
        page.go(&["?autoplay=0", fragment].concat()).await;
        page.wait_for(&here("[data-node]")).await;
        page.wait_until(
            "the same instant",
            &format!("return window.rift.state().nowUs === {}", sent.0),
        )
        .await;
        assert_eq!(stand(page).await, sent);
        stands(page, "Conflicts", "siblings").await;
        page.assert_clean().await;
    });
}

#[test]
fn the_keyboard_alone_is_enough() {
    visit(watching(Screen::DESK), async |page| {
        arrive(page).await;
        page.run_in_page(&format!("{}.focus()", dial_button(HERE, "While torn", "AP"))).await;
        page.type_keys(" ").await;
        stands(page, "While torn", "AP").await;
        let focused: String = page.eval("return document.activeElement.textContent").await;
        assert_eq!(focused, "AP", "the focus stays");
        page.run_in_page(&format!(
            "document.querySelector('{HERE}[data-node=\"0\"] .grip').focus()"
        ))
        .await;
        page.type_keys("p").await;
        page.wait_for_text(&here(".menu"), "Split, C1 with the minority").await;
        page.type_keys(" ").await;
        page.wait_for(&here(".heal")).await;
        page.run_in_page(&format!(
            "document.querySelector('{HERE}[data-client=\"1\"] .grip').focus()"
        ))
        .await;
        page.type_keys(" ").await;
        page.wait_for_text(&here(".menu"), "Write x=1").await;
        page.type_keys(" ").await;
        chip(page, 1, "x=1 ok").await;
        page.run_in_page(&format!(
            "document.querySelector('{HERE}[data-node=\"0\"] .grip').focus()"
        ))
        .await;
        page.type_keys("h").await;
        everybody_holds(page, &["x=1"]).await;
        page.assert_clean().await;
    });
}
