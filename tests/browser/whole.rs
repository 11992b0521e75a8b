//! The figure of everything together, with real pointers: orders go through, the leader is killed,
//! customers are told no at once, and the same run is the same natively.

use rift::labs::{LABS, LabSettings};
use rift::session::Session;

use crate::support::{Hand, Page, Screen, SiteOptions, Visit, visit};

/// What is outside of the figure is another's.
const HERE: &str = "[data-lab=whole] ";

fn here(css: &str) -> String {
    [HERE, css].concat()
}

/// It plays, in real time.
fn coming(screen: Screen) -> Visit {
    let query = "?lab=whole&speed=1&autoplay=1";
    Visit { screen, query, site: SiteOptions::only("whole"), ..Visit::default() }
}

async fn arrive(page: &Page) {
    page.wait_for(&here("[data-node]")).await;
    page.scroll_to(&here(".stage")).await;
}

/// Waits until a part of a node says this.
async fn says(page: &Page, node: u8, part: &str, text: &str) {
    page.says(&here(&format!("[data-node=\"{node}\"] {part}")), text).await;
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

/// Taps a node or the stage, and chooses from its menu.
async fn choose(page: &Page, on: &str, label: &str) {
    page.wait_for(&here(on)).await;
    page.run_in_page(&format!("document.querySelector('{}').focus()", here(on))).await;
    page.type_keys(" ").await;
    page.wait_for_text(&here(".menu"), label).await;
    let script = format!(
        "[...document.querySelectorAll('{HERE}.menu .choice')]
            .find((choice) => choice.textContent.includes('{label}')).click()"
    );
    page.run_in_page(&script).await;
}

/// The leader dies; another takes over, and no order is lost.
#[test]
fn a_leader_dies_and_no_order_is_lost() {
    visit(coming(Screen::DESK), async |page| {
        arrive(page).await;
        page.wait_for(&here(".crown")).await;
        page.press(Hand::Mouse, HERE, "Customers a second", "40").await;
        page.stands(HERE, "Customers a second", "40").await;
        page.wait_for(&here(".token")).await;
        let leader = format!(
            "return [...document.querySelectorAll('{HERE}[data-node]')]
                .find((node) => node.querySelector('.crown')).dataset.node"
        );
        let leader: String = page.eval(&leader).await;
        choose(page, &format!("[data-node=\"{leader}\"] .grip"), "Crash").await;
        says(page, leader.parse().expect("a number"), ".node-word", "down").await;
        done(page, "Kill the leader, and lose no order").await;
        page.screenshot("whole-survived").await;
        page.assert_clean().await;
    });
}

/// The stock page lags, and somebody orders what is gone; all by touch.
#[test]
fn on_a_phone_a_page_lags_and_shows_what_is_gone() {
    visit(coming(Screen::PHONE), async |page| {
        arrive(page).await;
        page.click(&here(".dials-rest summary")).await;
        page.press(Hand::Finger, HERE, "Pages ask every", "5 s").await;
        page.stands(HERE, "Pages ask every", "5 s").await;
        says(page, 5, ".node-word", "−").await;
        done(page, "Sell what is no longer there").await;
        page.screenshot("whole-phone").await;
        let width: f64 = page.eval("return document.documentElement.scrollWidth").await;
        assert!(width <= 390.0, "the page is {width} wide");
        page.assert_clean().await;
    });
}

/// The same run, step by step, natively and in the browser.
#[test]
fn the_browser_lives_the_same_history_as_the_native_program() {
    const STEPS: usize = 400;
    let query = "?lab=whole&seed=11&autoplay=0";
    let visited = Visit { query, site: SiteOptions::only("whole"), ..Visit::default() };
    visit(visited, async |page| {
        page.wait_for(&here("[data-node]")).await;
        let script = format!(
            "for (let k = 0; k < {STEPS}; k += 1) {{
                document.querySelector('{HERE}[data-control=step]').click();
            }}
            await new Promise(requestAnimationFrame);
            const state = window.rift.state();
            return [state.historyHash, String(state.nowUs), String(state.historyLength)];"
        );
        let script = format!("return (async () => {{ {script} }})()");
        let seen: [String; 3] = page.eval(&script).await;
        let entry = LABS.iter().find(|entry| entry.name == "whole").expect("it is there");
        let settings = LabSettings { seed: 11, ..entry.defaults.clone() };
        let mut session = Session::start(entry, settings);
        session.advance_to(session.lab().opening_us()).expect("far from any limit");
        for _ in 0..STEPS {
            session.step().expect("far from any limit");
        }
        let lab = session.lab();
        let hash = format!("{:016x}", lab.history_hash());
        assert_eq!(seen, [hash, lab.now_us().to_string(), lab.history_len().to_string()]);
    });
}
