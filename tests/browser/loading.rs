//! The page comes up wherever it is put, and where it cannot, it says why.

use crate::support::{Page, Reply, SiteOptions, Visit, visit};

/// The program has taken over from the placeholder.
const STARTED: &str = "return !document.querySelector('.start-state')";

async fn assert_loads_cleanly(page: &Page) {
    page.wait_until("the program starts", STARTED).await;
    assert!(!page.is_visible("#start-failure").await);
    assert!(!page.is_visible("#crash").await);
    assert!(page.text("#app").await.is_some_and(|text| !text.trim().is_empty()));
    page.assert_clean().await;
}

async fn assert_says_why(page: &Page, words: &str) {
    page.wait_for("#start-failure").await;
    let said = page.text("#start-failure").await.unwrap_or_default();
    assert!(said.contains(words), "the page says:\n{said}");
    assert!(said.contains("Reload the page"), "the page says:\n{said}");
    assert!(!page.is_visible(".start-state").await, "nothing is loading any more");
    assert!(!page.is_visible("#crash").await, "one explanation is enough");
}

fn visit_with(replies: Vec<(&'static str, Reply)>) -> Visit {
    Visit { site: SiteOptions { replies, ..SiteOptions::default() }, ..Visit::default() }
}

fn visit_under_policy(policy: &'static str) -> Visit {
    let headers = vec![("Content-Security-Policy", policy)];
    Visit { site: SiteOptions { headers, ..SiteOptions::default() }, ..Visit::default() }
}

#[test]
fn the_page_loads_with_a_clean_console_and_asks_no_other_origin() {
    visit(Visit::default(), async |page| {
        assert_loads_cleanly(page).await;
    });
}

#[test]
fn the_page_loads_just_as_well_under_a_path() {
    let site = SiteOptions { prefix: "/blog/rift/", ..SiteOptions::default() };
    visit(Visit { site, ..Visit::default() }, async |page| {
        assert_loads_cleanly(page).await;
        let mut requested = page.site.requested();
        requested.retain(|path| !path.starts_with("/blog/rift/"));
        assert!(requested.is_empty(), "asked for outside of its folder: {requested:?}");
    });
}

#[test]
fn the_page_loads_under_a_strict_policy_that_allows_wasm() {
    // Under `default-src 'self'` no `style` attribute has an effect, and each is a console error.
    let policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
    visit(visit_under_policy(policy), async |page| {
        page.wait_until("the program starts", STARTED).await;
        assert!(!page.is_visible("#start-failure").await);
        page.wait_for("[data-node]").await;
        page.click("[data-control=network]").await;
        page.wait_for(".menu [data-choice]").await;
        let places: usize = page
            .eval(
                "const boxes = [...document.querySelectorAll('.node-body')]
                    .map((body) => body.getBoundingClientRect());
                return new Set(boxes.map((box) => `${box.x} ${box.y}`)).size;",
            )
            .await;
        assert_eq!(places, 5, "every server has a place of its own");
        let menu_left: f64 = page.eval("return document.querySelector('.menu').offsetLeft").await;
        assert!(menu_left > 0.0, "the menu lies beside what it belongs to");
        page.assert_clean().await;
    });
}

#[test]
fn the_page_loads_where_the_server_does_not_know_the_type_of_wasm() {
    let replies = vec![(".wasm", Reply::AsType("application/octet-stream"))];
    visit(visit_with(replies), async |page| {
        page.wait_until("the program starts", STARTED).await;
        assert!(!page.is_visible("#start-failure").await);
    });
}

#[test]
fn a_missing_wasm_file_is_told_in_words() {
    visit(visit_with(vec![(".wasm", Reply::NotFound)]), async |page| {
        assert_says_why(page, "could not be fetched from the server").await;
        assert_says_why(page, "answered 404 for rift-web-").await;
    });
}

#[test]
fn a_missing_script_is_told_in_words() {
    visit(visit_with(vec![("/rift-web-", Reply::NotFound)]), async |page| {
        assert_says_why(page, "could not be fetched from the server").await;
    });
}

#[test]
fn a_policy_against_wasm_is_told_in_words() {
    visit(visit_under_policy("script-src 'self'"), async |page| {
        assert_says_why(page, "'wasm-unsafe-eval'").await;
    });
}

#[test]
fn a_start_page_in_place_of_the_program_is_told_in_words() {
    let replies = vec![(".wasm", Reply::Html("<!doctype html><p>Welcome!</p>"))];
    visit(visit_with(replies), async |page| {
        assert_says_why(page, "something that is not the program").await;
    });
}

#[test]
fn a_server_that_falls_silent_is_told_in_words_even_if_no_script_arrives() {
    let silence = visit_with(vec![(".js", Reply::Silence), (".wasm", Reply::Silence)]);
    visit(Visit { until_loaded: false, ..silence }, async |page| {
        page.wait_for(".start-state").await;
        page.wait_until("the style is there", "return document.getAnimations().length > 0").await;
        let after_seconds = "document.getAnimations().forEach(animation => animation.finish());
            return getComputedStyle(document.querySelector('.start-slow')).visibility";
        assert_eq!(page.eval::<String>(after_seconds).await, "visible");
    });
}

#[test]
fn a_trap_in_the_running_program_shows_the_crash_card() {
    visit(Visit::default(), async |page| {
        page.wait_until("the program starts", STARTED).await;
        assert!(!page.is_visible("#crash").await);
        // (module (func (export "f") unreachable)), called back by the browser.
        let trap = "const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3,
                2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 5, 1, 3, 0, 0, 11);
            setTimeout(new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.f);";
        page.run_in_page(trap).await;
        page.wait_for_text("#crash", "unreachable").await;
        page.wait_for_text("#crash", "The program stopped").await;
        page.click("#crash [data-reload]").await;
        page.wait_until("the page is whole again", STARTED).await;
        assert!(!page.is_visible("#crash").await);
    });
}

#[test]
fn an_error_that_is_not_the_programs_shows_nothing() {
    visit(Visit::default(), async |page| {
        page.wait_until("the program starts", STARTED).await;
        let stumble = "setTimeout(() => { window.stumbled = true; throw new Error('not ours'); })";
        page.run_in_page(stumble).await;
        page.wait_until("the error happened", "return window.stumbled").await;
        assert!(!page.is_visible("#crash").await);
    });
}
