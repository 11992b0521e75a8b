//! A laboratory at full window, and challenges: done by pointer, sent on, and judged again.

use crate::reader::{choose, the_leader};
use crate::support::{Hand, Page, Screen, SiteOptions, Visit, visit};

const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; img-src 'self' data:; connect-src 'self'";
const STATE: &str = "#challenge-state";

fn at(query: &'static str, screen: Screen) -> Visit {
    let headers = vec![("Content-Security-Policy", POLICY)];
    let site = SiteOptions { headers, ..SiteOptions::whole_article() };
    Visit { site, screen, query, ..Visit::default() }
}

async fn address(page: &Page) -> String {
    page.eval("return location.href").await
}

/// Somebody else's browser: it has kept nothing.
async fn open_afresh(page: &Page, link: &str) {
    let _: Option<bool> = page.eval("localStorage.clear()").await;
    // Addresses that differ behind the # alone would leave the page as it is.
    for address in ["about:blank", link] {
        page.driver.goto(address).await.expect("it is an address");
    }
    page.wait_for("[data-node]").await;
}

#[test]
fn a_challenge_is_solved_by_pointer_and_the_link_proves_it() {
    visit(at("sandbox.html?challenge=two-crowns&speed=1/4", Screen::DESK), async |page| {
        page.wait_for_text("#challenge-title", "Two crowns").await;
        page.wait_for_text("#challenge-goal", "believe").await;
        page.wait_for_text("#challenge-rules", "Not allowed: crashes").await;
        page.wait_for("[data-node]").await;
        page.wait_for_text(STATE, "Not yet.").await;
        let begun = address(page).await;
        page.click("[data-control=play]").await;
        let leader = the_leader(page).await;
        choose(page, leader, "Isolate").await;
        page.wait_for_text(STATE, "Not yet, after 1 act.").await;
        page.wait_for_text(STATE, "Done at").await;
        page.wait_for_text(STATE, "with 1 act.").await;
        page.wait_for("#challenge-tasks [data-state=done]").await;
        page.click("[data-control=play]").await;
        page.screenshot("challenge-done").await;
        let link = address(page).await;
        assert!(link.contains("?challenge=two-crowns") && link.contains("#run=1."), "{link}");
        open_afresh(page, &link).await;
        page.wait_for_text(STATE, "Done at").await;
        page.wait_for_text(STATE, "with 1 act.").await;
        // A run in which nothing was done proves nothing, whatever the address says besides.
        open_afresh(page, &begun.replace("speed=1/4", "done=1")).await;
        page.wait_for_text(STATE, "Not yet.").await;
        page.assert_clean().await;
    });
}

#[test]
fn what_is_forbidden_is_named_and_one_can_start_over() {
    visit(at("sandbox.html?challenge=two-crowns&speed=1/4", Screen::DESK), async |page| {
        page.wait_for("[data-node]").await;
        page.click("[data-control=play]").await;
        let leader = the_leader(page).await;
        choose(page, leader, "Crash").await;
        page.wait_for_text(STATE, "Against the rules").await;
        page.wait_for("#challenge[data-state=foul]").await;
        page.click("#challenge-again").await;
        page.wait_for_text(STATE, "Not yet.").await;
        page.assert_clean().await;
    });
}

#[test]
fn a_challenge_fits_a_phone() {
    visit(at("sandbox.html?challenge=two-crowns&speed=1/4", Screen::PHONE), async |page| {
        page.wait_for("[data-node]").await;
        page.wait_for_text(STATE, "Not yet.").await;
        page.screenshot("challenge-phone").await;
        let too_wide: f64 = page.eval("return document.documentElement.scrollWidth - 390").await;
        assert!(too_wide <= 0.0, "{too_wide} px too wide");
        page.click("[data-control=play]").await;
        let leader = the_leader(page).await;
        let at = page.center_of(&format!("[data-node=\"{leader}\"] .node-body")).await;
        page.tap(Hand::Finger, at).await;
        page.pick("", "Isolate").await;
        page.wait_for_text(STATE, "Done at").await;
        page.assert_clean().await;
    });
}

#[test]
fn a_figure_goes_to_full_window_with_its_run() {
    visit(at("?lab=raft&seed=7", Screen::DESK), async |page| {
        page.wait_for("[data-lab=raft] [data-node]").await;
        page.scroll_to("a[data-of=raft]").await;
        page.click("a[data-of=raft]").await;
        page.wait_for(".bar").await;
        page.wait_for("[data-lab=raft] [data-node]").await;
        page.wait_for_text(".run-id", "Seed 7").await;
        page.wait_for_text(".bar [aria-current]", "Raft").await;
        page.screenshot("full-window").await;
        let stage: f64 = page.eval("return document.querySelector('.stage').clientHeight").await;
        assert!(stage > 300.0, "{stage}");
        // The bar that plays it is in sight without scrolling.
        let script = "const bar = document.querySelector('[data-control=play]');
            return bar.getBoundingClientRect().bottom - innerHeight;";
        let below: f64 = page.eval(script).await;
        assert!(below <= 0.0, "{below} px below the window");
        for (lab, name) in
            [("cap", "CAP"), ("events", "Event"), ("breaker", "Circuit"), ("whole", "Everything")]
        {
            page.click(&format!(".bar [href$=\"lab={lab}\"]")).await;
            page.wait_for(&format!("[data-lab={lab}] [data-node]")).await;
            page.wait_for_text(".bar [aria-current]", name).await;
        }
        page.click(".bar [href$=\"lab=trade-offs\"]").await;
        page.wait_for("[data-lab=trade-offs] svg").await;
        page.assert_clean().await;
    });
}

#[test]
fn the_guide_lists_the_challenges() {
    visit(at("", Screen::DESK), async |page| {
        page.wait_for("#challenges li:nth-child(14)").await;
        page.scroll_to("#challenges").await;
        page.screenshot("challenges").await;
        page.click("#challenges [href$=told-and-lost]").await;
        page.wait_for_text("#challenge-title", "Told, and lost").await;
        page.wait_for("[data-lab=cap] [data-node]").await;
        page.wait_for_text(STATE, "Not yet.").await;
        page.assert_clean().await;
    });
}
