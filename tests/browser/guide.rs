//! The article: figures that tell a story, wait for the reader, and can be taken over.

use crate::support::{Page, Screen, SiteOptions, Visit, visit};

const HOOK: &str = "#hook ";

fn reading(screen: Screen) -> Visit {
    Visit { screen, site: SiteOptions::whole_article(), ..Visit::default() }
}

fn hook(css: &str) -> String {
    [HOOK, css].concat()
}

async fn arrive(page: &Page) {
    page.wait_for(&hook("[data-node]")).await;
    page.scroll_to(&hook(".tour-bar")).await;
}

/// Plays on until the tour waits, or is over.
async fn go_on(page: &Page) {
    page.click(&hook("[data-control=play]")).await;
    let waits = "return document.querySelector('#hook [data-control=play]').innerText !== 'Pause'";
    page.wait_until("it waits for the reader", waits).await;
}

async fn progress(page: &Page) -> String {
    page.text(&hook(".tour-said small")).await.unwrap_or_default()
}

#[test]
fn a_tour_waits_goes_on_goes_back_and_ends() {
    visit(reading(Screen::DESK), async |page| {
        arrive(page).await;
        page.wait_for_text(&hook(".tour-said"), "Five servers keep one log").await;
        go_on(page).await;
        page.wait_for_text(&hook(".tour-said"), "it leads, and wears the crown").await;
        page.wait_for_text(&hook("[data-control=play]"), "Continue").await;
        assert!(!page.is_visible(&hook(".tear-line")).await, "what follows is not seen yet");
        // The button keeps its place and the focus, so Space and Enter go on.
        let place = page.center_of(&hook("[data-control=play]")).await;
        page.type_keys(" ").await;
        page.wait_for_text(&hook(".tour-said"), "Two leaders now, in two terms").await;
        page.wait_for_text(&hook("[data-control=play]"), "Continue").await;
        let now = page.center_of(&hook("[data-control=play]")).await;
        assert!((place.x - now.x).abs() < 2.0 && (place.y - now.y).abs() < 2.0, "it has moved");
        page.type_keys("\u{e007}").await;
        page.wait_for_text(&hook(".tour-said"), "Healed.").await;
        assert_eq!(progress(page).await, "6 / 6");
        page.wait_for_text(&hook("[data-control=play]"), "Play").await;
        page.click(&hook("[data-control=caption-before]")).await;
        page.wait_for_text(&hook(".tour-said"), "Three servers have stored x=2").await;
        page.assert_clean().await;
    });
}

#[test]
fn what_the_reader_does_is_theirs_and_the_tour_is_still_there() {
    visit(reading(Screen::DESK), async |page| {
        arrive(page).await;
        go_on(page).await;
        go_on(page).await;
        let ticked = "return document.querySelectorAll('#hook [data-state=done]').length";
        let done: usize = page.eval(ticked).await;
        assert_eq!(done, 0, "what the script did is not the reader's");
        page.click(&hook("[data-control=heal]")).await;
        page.wait_for_text(&hook(".tour-said"), "Your own way").await;
        page.wait_until("the heal is ticked", &format!("{ticked} >= 1")).await;
        page.click(&hook("[data-control=guided]")).await;
        page.wait_for_text(&hook(".tour-said"), "Two leaders now").await;
        page.click(&hook("[data-control=alone]")).await;
        page.wait_for_text(&hook(".tour-said"), "nobody acts but you").await;
        assert!(!page.is_visible(&hook(".tear-line")).await, "nothing is torn any more");
        page.click(&hook("[data-control=guided]")).await;
        page.wait_for_text(&hook(".tour-said"), "Five servers keep one log").await;
        page.assert_clean().await;
    });
}

#[test]
fn a_first_visit_fetches_one_program_and_two_stories_at_most() {
    visit(reading(Screen::DESK), async |page| {
        arrive(page).await;
        let requested = page.site.requested();
        let count = |part: &str| requested.iter().filter(|path| path.contains(part)).count();
        assert_eq!(count("rift-lens") + count("rift-cap") + count("rift-breaker"), 0);
        assert!((1..=3).contains(&count("/scenarios/")), "{requested:?}");
        let figures: usize =
            page.eval("return document.querySelectorAll('[data-scenario]').length").await;
        assert!(figures >= 14, "{figures}");
        // Nothing moves before the reader wants it to.
        let time = page.text(&hook(".headline time")).await;
        assert_eq!(time.as_deref(), Some("0.0 ms"));
        page.assert_clean().await;
    });
}

#[test]
fn a_laboratory_is_fetched_when_its_place_comes_near() {
    visit(reading(Screen::DESK), async |page| {
        arrive(page).await;
        let of = |name: &str| {
            let requested = page.site.requested();
            requested.iter().filter(|path| path.contains(name)).count()
        };
        // From the last to the first: what comes near on the way down is nobody's wish.
        for lab in ["trade-offs", "breaker", "events", "cap"] {
            let program = format!("rift-{lab}");
            page.run_in_page(&format!(
                "document.querySelector('[data-lab={lab}]').scrollIntoView()"
            ))
            .await;
            page.wait_for(&format!("[data-lab={lab}] svg")).await;
            assert_eq!(of(&program), 3, "{lab}: style, script and wasm");
        }
        page.assert_clean().await;
    });
}

#[test]
fn on_a_phone_the_article_is_as_wide_as_the_screen() {
    visit(reading(Screen::PHONE), async |page| {
        arrive(page).await;
        for id in ["hook", "both-sides", "figure-8", "two-writers", "retry-storm", "trade-offs"] {
            page.run_in_page(&format!("document.getElementById('{id}').scrollIntoView()")).await;
            let there = format!(
                "const part = document.getElementById('{id}');
                 return !part.querySelector('.tour') || part.querySelector('[data-node]')"
            );
            page.wait_until(&format!("{id} is there"), &there).await;
            let width: f64 = page.eval("return document.documentElement.scrollWidth").await;
            assert!(width <= 390.0, "{id} makes the page {width} wide");
        }
        page.assert_clean().await;
    });
}
