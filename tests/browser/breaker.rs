//! The figure of the circuit breaker, with real pointers: make the service fail, watch the switch
//! open and a probe close it; the stale success, the storm, the sharded trap, the cut.

use crate::support::{Hand, Page, Point, Screen, SiteOptions, Visit, dial_button, visit};
use crate::time::link_of;

/// What is outside of the figure is another's.
const HERE: &str = "[data-lab=breaker] ";

fn here(css: &str) -> String {
    [HERE, css].concat()
}

/// It plays, in real time.
fn coming(screen: Screen) -> Visit {
    let query = "?lab=breaker&autoplay=1";
    Visit { screen, query, site: SiteOptions::only("breaker"), ..Visit::default() }
}

async fn arrive(page: &Page) {
    page.wait_for(&here("[data-node]")).await;
    page.scroll_to(&here(".stage")).await;
}

async fn press(page: &Page, hand: Hand, dial: &str, option: &str) {
    page.press(hand, HERE, dial, option).await;
}

async fn stands(page: &Page, dial: &str, option: &str) {
    page.stands(HERE, dial, option).await;
}

/// Waits until a part of a node says this.
async fn says(page: &Page, node: u8, part: &str, text: &str) {
    page.says(&here(&format!("[data-node=\"{node}\"] {part}")), text).await;
}

async fn word(page: &Page, node: u8, text: &str) {
    says(page, node, ".node-word", text).await;
}

/// Waits until a step of the reader's path is done.
async fn done(page: &Page, title: &str) {
    let script = format!(
        "return [...document.querySelectorAll('{HERE}.tasks li')]
            .some((step) => step.textContent.includes('{title}')
                && step.textContent.includes('✓'))"
    );
    page.wait_until(&format!("done: {title}"), &script).await;
}

async fn now_us(page: &Page) -> u64 {
    page.eval("return window.rift.state().nowUs").await
}

/// Lets the run go on for so long.
async fn watch(page: &Page, ms: u64) {
    let until_us = now_us(page).await + ms * 1_000;
    let script = format!("return window.rift.state().nowUs >= {until_us}");
    page.wait_until(&format!("{ms} ms have gone by"), &script).await;
}

#[test]
fn five_failures_open_it_calls_bounce_off_and_one_probe_closes_it() {
    visit(coming(Screen::DESK), async |page| {
        arrive(page).await;
        word(page, 0, "closed").await;
        page.wait_for(&here(".switch.closed")).await;
        says(page, 0, ".gauge text", "5 failures in a row open it").await;
        press(page, Hand::Mouse, "Service", "errors").await;
        says(page, 0, ".gauge text", "more failure").await;
        word(page, 0, "open").await;
        let falls = format!(
            "return [...document.querySelectorAll('{HERE}[data-token]')]
                .some((token) => token.textContent.includes('late'))"
        );
        page.wait_until("a late result falls into the tray", &falls).await;
        page.screenshot("breaker-late").await;
        page.wait_for(&here(".tray-item")).await;
        page.wait_for(&here(".switch.open")).await;
        page.wait_for(&here("[data-burst=rejected]")).await;
        page.wait_for_text(&here(".headline"), "calls bounce off").await;
        let failed: usize = page
            .eval(&format!(
                "return document.querySelectorAll('{HERE}[data-node=\"0\"] .gone-bad').length"
            ))
            .await;
        assert_eq!(failed, 5);
        let ring = format!(
            "return Number(document.querySelector('{HERE}[data-clock=\"0\"]')
                .getAttribute('stroke-dashoffset'))"
        );
        let first: f64 = page.eval(&ring).await;
        watch(page, 800).await;
        let later: f64 = page.eval(&ring).await;
        assert!(later > first + 10.0, "the ring runs down: {first} {later}");
        press(page, Hand::Mouse, "Service", "well").await;
        // A probe is in its socket, and its lease burns: pip 1 of S1.
        page.wait_for(&here("[data-clock=\"256\"]")).await;
        page.wait_for(&here(".switch.ajar")).await;
        page.screenshot("breaker-probe").await;
        word(page, 0, "closed").await;
        page.wait_for(&here(".switch.closed")).await;
        done(page, "Open the breaker").await;
        done(page, "Let it close").await;
        page.wait_for_text(&here(".promises summary"), "kept").await;
        page.assert_clean().await;
    });
}

#[test]
fn without_generations_a_success_from_before_the_opening_closes_it() {
    let query = "?lab=breaker&autoplay=1&load=20&trip=rate&wait=1000ms&timeout=5000ms";
    visit(Visit { query, ..coming(Screen::DESK) }, async |page| {
        arrive(page).await;
        press(page, Hand::Mouse, "Generations", "off").await;
        stands(page, "Generations", "off").await;
        press(page, Hand::Mouse, "Service", "slow").await;
        watch(page, 3_500).await;
        press(page, Hand::Mouse, "Service", "errors").await;
        word(page, 0, "open").await;
        // The story has only the latest lines; what was broken stays, and so does what was done.
        page.wait_for_text(&here(".promises summary"), "broken").await;
        done(page, "Break it as libraries do").await;
        page.screenshot("breaker-stale").await;
        page.assert_clean().await;
    });
}

/// The storm outlives what set it off, until callers have breakers.
#[test]
fn the_fleet_storms_until_breakers_end_it() {
    visit(coming(Screen::DESK), async |page| {
        arrive(page).await;
        press(page, Hand::Mouse, "On stage", "fleet").await;
        stands(page, "On stage", "fleet").await;
        word(page, 5, "database").await;
        let dots =
            format!("return document.querySelectorAll('{HERE}[data-node=\"3\"] .pip').length");
        let dots: usize = page.eval(&dots).await;
        assert_eq!(dots, 5, "what its breaker looks at");
        press(page, Hand::Mouse, "Breaker", "off").await;
        word(page, 0, "no breaker").await;
        press(page, Hand::Mouse, "Requests a second", "120").await;
        says(page, 4, ".cell:last-of-type", "200/200").await;
        done(page, "Start a storm").await;
        press(page, Hand::Mouse, "Requests a second", "40").await;
        watch(page, 4_000).await;
        let waiting = format!(
            "return Number(document.querySelector('{HERE}[data-node=\"4\"] .cell:last-of-type')
                .textContent.match(/(\\d+)\\/200/)[1])"
        );
        let still: u32 = page.eval(&waiting).await;
        assert!(still > 100, "the trigger is gone, and {still} calls wait");
        page.screenshot("breaker-storm").await;
        press(page, Hand::Mouse, "Breaker", "on").await;
        page.wait_until("the queue is empty", &format!("{waiting} === 0")).await;
        done(page, "Get out of it").await;
        page.assert_clean().await;
    });
}

/// The levers of the switches to the shards, in order.
const LEVERS: &str = "[...document.querySelectorAll('[data-lab=breaker] [data-link] .switch')]
    .map((it) => it.getAttribute('class').slice(7)).join(' ')";

#[test]
fn one_breaker_takes_all_shards_down_and_four_take_one() {
    visit(coming(Screen::DESK), async |page| {
        arrive(page).await;
        press(page, Hand::Mouse, "On stage", "shards").await;
        stands(page, "On stage", "shards").await;
        press(page, Hand::Mouse, "One shard", "errors").await;
        let all = format!("return {LEVERS} === 'open open open open'");
        page.wait_until("all four are shut off", &all).await;
        done(page, "Spring the trap").await;
        press(page, Hand::Mouse, "Per shard", "on").await;
        let one = format!("return {LEVERS} === 'open closed closed closed'");
        page.wait_until("one is shut off", &one).await;
        word(page, 0, "1 of 4 shut").await;
        done(page, "Give each its own").await;
        page.screenshot("breaker-shards").await;
        page.assert_clean().await;
    });
}

/// The breaker opens on the side of the few, and a probe closes it after the network has healed.
#[test]
fn a_stroke_between_caller_and_majority_opens_the_breaker() {
    visit(coming(Screen::DESK), async |page| {
        arrive(page).await;
        press(page, Hand::Mouse, "On stage", "network").await;
        stands(page, "On stage", "network").await;
        page.wait_for(&here(".crown")).await;
        watch(page, 1_500).await;
        page.scroll_to(&here(".stage")).await;
        let [left, top, width, height]: [f64; 4] = page
            .eval(&format!(
                "const box = document.querySelector('{HERE}.stage-svg').getBoundingClientRect();
                return [box.left, box.top, box.width, box.height]"
            ))
            .await;
        let x = left + width * 0.74;
        let down = [Point::new(x, top + height * 0.06), Point::new(x, top + height * 0.92)];
        page.drag(Hand::Mouse, &down).await;
        let cut = format!("return document.querySelectorAll('{HERE}.link.cut').length === 4");
        page.wait_until("four links are cut", &cut).await;
        word(page, 0, "open").await;
        done(page, "Cut the caller off with one server").await;
        page.screenshot("breaker-cut").await;
        page.click(&here("[data-control=heal]")).await;
        word(page, 0, "half-open").await;
        word(page, 0, "closed").await;
        done(page, "Heal the network").await;
        page.assert_clean().await;
    });
}

#[test]
fn the_keyboard_alone_is_enough() {
    visit(coming(Screen::DESK), async |page| {
        arrive(page).await;
        let focus = async |what: String| page.run_in_page(&format!("{what}.focus()")).await;
        focus(dial_button(HERE, "Service", "errors")).await;
        page.type_keys(" ").await;
        stands(page, "Service", "errors").await;
        let focused: String = page.eval("return document.activeElement.textContent").await;
        assert_eq!(focused, "errors", "the focus stays");
        word(page, 0, "open").await;
        focus(dial_button(HERE, "By hand", "close")).await;
        page.type_keys(" ").await;
        word(page, 0, "closed").await;
        focus(format!("document.querySelector('{HERE}[data-node=\"0\"] .grip')")).await;
        page.type_keys("p").await;
        page.wait_for_text(&here(".menu"), "Cut S1 from S2").await;
        let script = format!(
            "[...document.querySelectorAll('{HERE}.menu .choice')]
                .find((choice) => choice.textContent.includes('Cut S1 from S2'))"
        );
        focus(script).await;
        page.type_keys("\u{e007}").await;
        page.wait_for(&here(".link.cut")).await;
        focus(format!("document.querySelector('{HERE}[data-node=\"0\"] .grip')")).await;
        page.type_keys("h").await;
        page.wait_for(&here(".link.up")).await;
        focus(dial_button(HERE, "On stage", "shards")).await;
        page.type_keys(" ").await;
        stands(page, "On stage", "shards").await;
        page.assert_clean().await;
    });
}

#[test]
fn one_finger_is_enough_on_a_phone() {
    visit(coming(Screen::PHONE), async |page| {
        arrive(page).await;
        press(page, Hand::Finger, "Service", "errors").await;
        word(page, 0, "open").await;
        press(page, Hand::Finger, "Service", "well").await;
        word(page, 0, "closed").await;
        let wide: f64 = page.eval("return document.documentElement.scrollWidth - innerWidth").await;
        assert!(wide <= 0.0, "{wide} px too wide");
        // WCAG 2.5.8: every target is at least 24 px wide and high.
        let small: Vec<String> = page
            .eval(
                "return [...document.querySelectorAll('[data-lab=breaker] .dial button')]
                    .filter((button) => button.checkVisibility()
                        && Math.min(button.offsetWidth, button.offsetHeight) < 24)
                    .map((button) => button.textContent)",
            )
            .await;
        assert!(small.is_empty(), "{small:?}");
        press(page, Hand::Finger, "On stage", "fleet").await;
        stands(page, "On stage", "fleet").await;
        page.scroll_to(&here(".stage")).await;
        page.screenshot("breaker-phone").await;
        let at = page.center_of(&here("[data-node=\"4\"] .node-name")).await;
        page.tap(Hand::Finger, at).await;
        page.wait_for_text(&here(".menu"), "Service: errors").await;
        page.assert_clean().await;
    });
}

/// Whatever is drawn of nodes, rows and trays is on the stage, and every word is whole.
#[test]
fn nothing_on_the_stage_is_cut_off() {
    for screen in [Screen::DESK, Screen::PHONE] {
        visit(coming(screen), async move |page| {
            arrive(page).await;
            let hand = if screen.touch { Hand::Finger } else { Hand::Mouse };
            for stage in ["one", "fleet", "shards", "network"] {
                if stage != "one" {
                    press(page, hand, "On stage", stage).await;
                    stands(page, "On stage", stage).await;
                }
                watch(page, 1_500).await;
                let over: Vec<String> = page
                    .eval(&format!(
                        "const stage = document.querySelector('{HERE}.stage');
                        const edge = stage.getBoundingClientRect();
                        const over = (it) => {{
                            const box = it.getBoundingClientRect();
                            return box.width > 0 && (box.left < edge.left - 1
                                || box.right > edge.right + 1 || box.top < edge.top - 1
                                || box.bottom > edge.bottom + 1);
                        }};
                        return [...document.querySelectorAll('{HERE}[data-node] :is(text, circle, '
                            + 'rect, .pip, .tray-body), {HERE}.switch')].filter(over)
                            .map((it) => it.getAttribute('class') + ' ' + it.textContent)"
                    ))
                    .await;
                assert!(over.is_empty(), "{stage}: {over:?}");
            }
            page.assert_clean().await;
        });
    }
}

/// A thousand calls under way are all drawn, those that look alike as one mark.
#[test]
fn a_crowd_of_calls_is_drawn_whole() {
    let query = "?lab=breaker&autoplay=1&load=2000&workers=4000";
    visit(Visit { query, ..coming(Screen::DESK) }, async |page| {
        arrive(page).await;
        let dots = format!(
            "return [...document.querySelectorAll('{HERE}.crowd')]
                .map((it) => (it.getAttribute('d') ?? '').split('M').length - 1)
                .reduce((sum, dots) => sum + dots, 0) > 400"
        );
        page.wait_until("there is a crowd", &dots).await;
        page.screenshot("breaker-crowd").await;
        press(page, Hand::Mouse, "Calls a second", "4").await;
        let few = format!("return !document.querySelector('{HERE}.crowd')");
        page.wait_until("each is by itself again", &few).await;
        page.wait_for(&here("[data-token]")).await;
        page.assert_clean().await;
    });
}

/// Which instant is shown, of which history, and what is said of it.
async fn stand(page: &Page) -> (u64, String, String) {
    let state = "const { nowUs, historyHash } = window.rift.state();
        const said = document.querySelector('[data-lab=breaker] .headline strong').textContent;
        return [nowUs, historyHash, said];";
    page.eval(state).await
}

#[test]
fn a_link_opens_at_the_same_instant_of_the_same_history() {
    visit(coming(Screen::DESK), async |page| {
        arrive(page).await;
        press(page, Hand::Mouse, "On stage", "network").await;
        stands(page, "On stage", "network").await;
        watch(page, 1_200).await;
        press(page, Hand::Mouse, "By hand", "open").await;
        word(page, 0, "open").await;
        page.click(&here("[data-control=play]")).await;
        page.wait_for_text(&here("[data-control=play]"), "Play").await;
        let sent = stand(page).await;
        page.run_in_page(
            "const breaker = document.querySelector('[data-lab=breaker]');
            const whole = document.querySelector.bind(document);
            document.querySelector = (css) => breaker.querySelector(css) ?? whole(css);",
        )
        .await;
        let link = link_of(page).await;
        let fragment = &link[link.find('#').expect("the run is behind the #")..];

        // Somebody else: nothing is kept there, and nothing in the address but the run.
        page.eval::<()>("localStorage.clear()").await;
        page.go(&["?autoplay=0", fragment].concat()).await;
        page.wait_for(&here("[data-node]")).await;
        let script = format!("return window.rift.state().nowUs === {}", sent.0);
        page.wait_until("the same instant", &script).await;
        assert_eq!(stand(page).await, sent);
        stands(page, "On stage", "network").await;
        page.assert_clean().await;
    });
}
