//! The figure of the shop, with real pointers: race for the last mug, lose a reply, pull the plug,
//! with the log beside it from the start.

use crate::support::{Hand, Page, Screen, SiteOptions, Visit, dial_button, visit};

/// What is outside of the figure is another's.
const HERE: &str = "[data-lab=events] ";

fn here(css: &str) -> String {
    [HERE, css].concat()
}

/// It waits until somebody presses Play.
fn coming(screen: Screen) -> Visit {
    let query = "?lab=events&speed=1/2&autoplay=0";
    Visit { screen, query, site: SiteOptions::only("events"), ..Visit::default() }
}

async fn arrive(page: &Page) {
    page.wait_for(&here("[data-node]")).await;
    page.scroll_to(&here(".dials")).await;
}

async fn press(page: &Page, hand: Hand, dial: &str, option: &str) {
    page.press(hand, HERE, dial, option).await;
}

async fn stands(page: &Page, dial: &str, option: &str) {
    page.stands(HERE, dial, option).await;
}

async fn play(page: &Page) {
    let text = page.text(&here("[data-control=play]")).await.unwrap_or_default();
    if text.contains("Play") {
        page.run_in_page(&format!("document.querySelector('{HERE}[data-control=play]').click()"))
            .await;
    }
}

async fn pause(page: &Page) {
    page.run_in_page(&format!("document.querySelector('{HERE}[data-control=play]').click()")).await;
    page.wait_for_text(&here("[data-control=play]"), "Play").await;
}

fn newest(client: u8) -> String {
    format!("document.querySelector('{HERE}[data-client=\"{client}\"] .chip')?.textContent ?? ''")
}

async fn chip(page: &Page, client: u8, text: &str) {
    let script = format!("return ({}).includes('{text}')", newest(client));
    page.wait_until(&format!("C{client} says {text}"), &script).await;
}

/// Both take the last mug while the run stands still, so that both read the same version.
async fn race(page: &Page, hand: Hand) {
    press(page, hand, "Ann", "take mug").await;
    chip(page, 1, "take mug at S1").await;
    press(page, hand, "Ben", "take mug").await;
    chip(page, 2, "take mug at S2").await;
    play(page).await;
}

/// The two answers, with the quicker one's first.
async fn answers(page: &Page) -> (u8, [String; 2]) {
    let script = format!("return ![{}, {}].some((it) => / at S/.test(it))", newest(1), newest(2));
    page.wait_until("both are answered", &script).await;
    let said: [String; 2] = page.eval(&format!("return [{}, {}]", newest(1), newest(2))).await;
    let loser = if said[0].contains("conflict") { 1 } else { 2 };
    (loser, said)
}

#[test]
fn two_writers_race_and_the_one_who_came_second_decides_again() {
    // Slowly: the refusal is to be seen on its way.
    let query = "?lab=events&speed=1/100&autoplay=0";
    visit(Visit { query, ..coming(Screen::DESK) }, async |page| {
        arrive(page).await;
        race(page, Hand::Mouse).await;
        page.wait_until(
            "the refusal is on its way",
            &format!(
                "return [...document.querySelectorAll('{HERE}[data-token]')]
                    .some((token) => token.textContent.includes('is v4'))"
            ),
        )
        .await;
        page.screenshot("events-race").await;
        let (loser, said) = answers(page).await;
        assert!(said[usize::from(loser) - 1].contains("take mug conflict"), "{said:?}");
        assert!(said[2 - usize::from(loser)].contains("take mug ok"), "{said:?}");
        let name = if loser == 1 { "Ann" } else { "Ben" };
        press(page, Hand::Mouse, name, "retry").await;
        chip(page, loser, "mug again sold out").await;
        page.wait_for_text(&here(".headline"), "no mugs left").await;
        page.assert_clean().await;
    });
}

#[test]
fn without_the_check_the_last_mug_is_sold_twice_by_taps_on_a_phone() {
    visit(coming(Screen::PHONE), async |page| {
        arrive(page).await;
        press(page, Hand::Finger, "Version check", "off").await;
        stands(page, "Version check", "off").await;
        race(page, Hand::Finger).await;
        page.wait_for_text(&here(".headline"), "−1 mugs left").await;
        page.scroll_to(&here(".dials")).await;
        page.screenshot("events-phone").await;
        let wide: f64 = page.eval("return document.documentElement.scrollWidth - innerWidth").await;
        assert!(wide <= 0.0, "{wide} px too wide");
        // WCAG 2.5.8: every target is at least 24 px wide and high.
        let small: Vec<String> = page
            .eval(
                "return [...document.querySelectorAll('[data-lab=events] .dial button')]
                    .filter((button) => button.checkVisibility()
                        && Math.min(button.offsetWidth, button.offsetHeight) < 24)
                    .map((button) => button.textContent)",
            )
            .await;
        assert!(small.is_empty(), "{small:?}");
        // Both rows of acts are whole on the screen, though what is turned goes by under them.
        let cut: Vec<String> = page
            .eval(
                "const rows = [...document.querySelectorAll('[data-lab=events] .dial')].slice(0, 2);
                return rows.flatMap((row) => [...row.querySelectorAll('button')])
                    .filter((button) => button.getBoundingClientRect().right > innerWidth)
                    .map((button) => button.textContent)",
            )
            .await;
        assert!(cut.is_empty(), "{cut:?}");
        page.assert_clean().await;
    });
}

/// The number of events in the log, as S3 has it.
async fn events(page: &Page, count: u32) {
    let script = format!(
        "return document.querySelector('{HERE}[data-node=\"2\"] .node-detail').textContent
            === '{count} events'"
    );
    page.wait_until(&format!("{count} events"), &script).await;
}

#[test]
fn a_lost_reply_is_recognised_by_keyboard_alone() {
    visit(coming(Screen::DESK), async |page| {
        arrive(page).await;
        let focus = async |what: String| page.run_in_page(&format!("{what}.focus()")).await;
        let server = format!("document.querySelector('{HERE}[data-node=\"1\"]')");
        focus(dial_button(HERE, "Ben", "pay")).await;
        page.type_keys(" ").await;
        chip(page, 2, "pay at S2").await;
        // Event by event, until the log has it, and the answer is still on its way.
        page.run_in_page(&format!(
            "document.querySelector('{HERE}[data-node=\"1\"] .grip').focus()"
        ))
        .await;
        let there = format!(
            "return document.querySelector('{HERE}[data-node=\"2\"] .node-detail').textContent"
        );
        for _ in 0..60 {
            page.type_keys(".").await;
            if page.eval::<String>(&there).await == "7 events" {
                break;
            }
        }
        events(page, 7).await;
        focus(server.clone()).await;
        page.type_keys("p").await;
        page.wait_for_text(&here(".menu"), "Cut S2 from the log").await;
        let script = format!(
            "[...document.querySelectorAll('{HERE}.menu .choice')]
                .find((choice) => choice.textContent.includes('Cut S2 from the log'))"
        );
        focus(script).await;
        page.type_keys("\u{e007}").await;
        page.wait_for_text(&here(".headline"), "S2 cannot reach the log").await;
        play(page).await;
        chip(page, 2, "pay unknown").await;
        focus(server).await;
        page.type_keys("h").await;
        page.wait_for_text(&here(".headline"), "All links are up").await;
        focus(dial_button(HERE, "Ben", "retry")).await;
        page.type_keys(" ").await;
        chip(page, 2, "pay again was done").await;
        events(page, 7).await;
        let focused: String = page.eval("return document.activeElement.textContent").await;
        assert_eq!(focused, "retry", "the focus stays");
        page.assert_clean().await;
    });
}

#[test]
fn the_power_goes_where_a_reader_says_and_the_read_models_hear_of_it_all_the_same() {
    visit(coming(Screen::DESK), async |page| {
        arrive(page).await;
        press(page, Hand::Mouse, "Crash", "after append").await;
        stands(page, "Crash", "after append").await;
        press(page, Hand::Mouse, "Ann", "take tea").await;
        play(page).await;
        page.wait_for_text(&here(".headline"), "server is down").await;
        stands(page, "Crash", "never").await;
        pause(page).await;
        page.scroll_to(&here(".stage")).await;
        page.screenshot("events-crash").await;
        let at = page.center_of(&here("[data-node=\"2\"] .node-name")).await;
        page.tap(Hand::Mouse, at).await;
        page.wait_for_text(&here(".menu"), "Restart").await;
        page.click(&here("[data-choice=\"0\"]")).await;
        play(page).await;
        for model in 3..6 {
            let script = format!(
                "return document.querySelector('{HERE}[data-node=\"{model}\"] .node-detail')
                    .textContent === 'at 7'"
            );
            page.wait_until(&format!("S{} has it", model + 1), &script).await;
        }
        page.assert_clean().await;
    });
}

#[test]
fn the_log_is_open_beside_the_shop_from_the_start_and_fetched_when_it_is_seen() {
    visit(coming(Screen::DESK), async |page| {
        arrive(page).await;
        page.wait_for(&here("[data-tab=log][aria-pressed=true]")).await;
        page.wait_for(&here(".view-pane[data-view=log] > *")).await;
        let [stage, pane]: [[f64; 3]; 2] = page
            .eval(
                "return ['.stage', '.view-pane'].map((css) => {
                    const box = document.querySelector('[data-lab=events] ' + css)
                        .getBoundingClientRect();
                    return [box.left, box.right, box.top];
                })",
            )
            .await;
        assert!(pane[0] >= stage[1] && (pane[2] - stage[2]).abs() < 4.0, "{stage:?} {pane:?}");
        page.screenshot("events-desk").await;
        // The stage alone has the whole width.
        page.click(&here("[data-tab=network]")).await;
        let script = "const box = document.querySelector('[data-lab=events] .stage');
            return box.clientWidth > 1000";
        page.wait_until("the stage is wide", script).await;
        page.assert_clean().await;
    });
}

/// Whatever stands beside the shop is whole, also once there is more of it: a payment.
#[test]
fn no_picture_of_the_shop_is_cut_off() {
    visit(coming(Screen::DESK), async |page| {
        arrive(page).await;
        for (act, headline) in [("take mug", "no mugs left"), ("pay", "36 € paid")] {
            press(page, Hand::Mouse, "Ann", act).await;
            play(page).await;
            page.wait_for_text(&here(".headline"), headline).await;
        }
        for view in ["log", "snapshots", "old-events", "curtain"] {
            page.click(&here(&format!("[data-tab={view}]"))).await;
            page.wait_for(&here(&format!(".view-pane[data-view={view}] *"))).await;
            let over: [f64; 2] = page
                .eval(
                    "const pane = document.querySelector('[data-lab=events] .view-pane');
                    const edge = pane.getBoundingClientRect();
                    const boxes = [...pane.querySelectorAll('td, th, p, dd')]
                        .map((it) => it.getBoundingClientRect()).filter((it) => it.width);
                    return [Math.max(...boxes.map((it) => it.right - edge.right)),
                        Math.max(...boxes.map((it) => it.bottom - edge.bottom))];",
                )
                .await;
            assert!(over.iter().all(|px| *px < 6.0), "{view}: {over:?} px too far");
        }
    });
}
