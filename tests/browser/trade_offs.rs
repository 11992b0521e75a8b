//! The studies of trade-offs: worked out in the page, in slices; turned, tapped, paused.

use crate::support::{Hand, Page, Screen, SiteOptions, Visit, visit};

/// What is outside of the place is another's.
const HERE: &str = "[data-lab=trade-offs] ";

fn here(css: &str) -> String {
    [HERE, css].concat()
}

fn coming(screen: Screen, query: &'static str) -> Visit {
    Visit { screen, query, site: SiteOptions::only("trade-offs"), ..Visit::default() }
}

async fn arrive(page: &Page, study: &str) {
    page.wait_for(&here(&format!(".to-picture[data-shows={study}] .plot"))).await;
    page.scroll_to(&here(".tabs")).await;
}

/// Some worlds are worked out.
async fn wait_for_worlds(page: &Page, worlds: u32) {
    let script = format!("return document.querySelector('{HERE}progress').value >= {worlds}");
    page.wait_until("worlds are worked out", &script).await;
}

async fn worlds(page: &Page) -> f64 {
    page.eval(&format!("return document.querySelector('{HERE}progress').value")).await
}

/// Puts a slider at a place, as a reader who moves it does.
async fn slide(page: &Page, name: &str, to: usize) {
    page.run_in_page(&format!(
        "const slider = document.querySelector('{HERE}input[data-look={name}]');
        slider.focus();
        slider.value = {to};
        slider.dispatchEvent(new Event('input', {{ bubbles: true }}));"
    ))
    .await;
}

#[test]
fn the_studies_are_worked_out_while_they_are_seen() {
    let site = SiteOptions::whole_article();
    visit(Visit { site, ..coming(Screen::DESK, "") }, async |page| {
        page.wait_for("#hook [data-node]").await;
        page.scroll_to(HERE.trim_end()).await;
        arrive(page, "batch").await;
        wait_for_worlds(page, 12).await;
        // Out of sight nothing is worked out.
        page.scroll_to("#hook").await;
        let below = "return document.querySelector('[data-lab=trade-offs]')
                .getBoundingClientRect().top > innerHeight + 400";
        page.wait_until("it is out of sight", below).await;
        let rest = "return new Promise((done) => setTimeout(() => {
                const before = document.querySelector('[data-lab=trade-offs] progress').value;
                setTimeout(() => done(document
                    .querySelector('[data-lab=trade-offs] progress').value - before), 600);
            }, 400))";
        assert_eq!(page.eval::<f64>(rest).await, 0.0);
        page.scroll_to(&here(".tabs")).await;
        let known = worlds(page).await as u32;
        wait_for_worlds(page, known + 4).await;
        page.assert_clean().await;
    });
}

#[test]
fn frames_stay_short_while_worlds_are_worked_out() {
    visit(coming(Screen::DESK, "?lab=trade-offs&study=policy"), async |page| {
        arrive(page, "policy").await;
        let script = "return new Promise((done) => {
                const gaps = [];
                let last = performance.now();
                const frame = (now) => {
                    gaps.push(now - last);
                    last = now;
                    if (gaps.length < 90) return requestAnimationFrame(frame);
                    gaps.sort((a, b) => a - b);
                    done([gaps[45], gaps[85]]);
                };
                requestAnimationFrame(frame);
            })";
        let [half, most]: [f64; 2] = page.eval(script).await;
        // Generous, for a machine with other things to do: work that is not sliced takes seconds.
        assert!(half < 60.0 && most < 250.0, "{half} ms, {most} ms");
        page.assert_clean().await;
    });
}

#[test]
fn sliders_change_what_is_run_and_keep_the_focus() {
    visit(coming(Screen::DESK, "?lab=trade-offs&study=size"), async |page| {
        arrive(page, "size").await;
        page.wait_for_text(&here(".to-said"), "Three servers survive 1 failure").await;
        page.wait_for_text(&here(".to-said"), "nine survive 4 failures").await;
        slide(page, "tail", 0).await;
        page.wait_for_text(&here("label:has([data-look=tail]) output"), "none").await;
        let focus = "return document.activeElement.dataset.look";
        assert_eq!(page.eval::<String>(focus).await, "tail");
        page.wait_for_text(&here(".to-said"), "nine survive 4 failures").await;
        // The same by keys.
        page.type_keys("\u{e014}").await;
        page.wait_for_text(&here("label:has([data-look=tail]) output"), "short").await;
        let says = "return document.querySelector('[data-look=tail]').ariaValueText";
        assert_eq!(page.eval::<String>(says).await, "short");
        page.assert_clean().await;
    });
}

#[test]
fn the_studies_by_touch_on_a_phone() {
    visit(coming(Screen::PHONE, "?lab=trade-offs"), async |page| {
        arrive(page, "batch").await;
        for (study, worlds) in [("size", 5), ("replication", 4), ("policy", 20)] {
            let tab = here(&format!("[data-study={study}]"));
            page.scroll_to(&here(".tabs")).await;
            page.tap(Hand::Finger, page.center_of(&tab).await).await;
            page.wait_for(&here(&format!("[data-study={study}][aria-pressed=true]"))).await;
            wait_for_worlds(page, worlds).await;
            let wide = "return document.documentElement.scrollWidth - window.innerWidth";
            assert!(page.eval::<f64>(wide).await <= 0.0, "{study} is no wider than the screen");
        }
        // A cell of the matrix.
        let cell = here("td[data-look='cell=12']");
        page.wait_for(&cell).await;
        page.scroll_to(&cell).await;
        page.tap(Hand::Finger, page.center_of(&cell).await).await;
        page.wait_for(&here("td.here[data-look='cell=12']")).await;
        page.wait_for(&here("button[data-look='row=1'][aria-pressed=true]")).await;
        page.wait_for(&here("button[data-look='incident=2'][aria-pressed=true]")).await;
        page.assert_clean().await;
    });
}

#[test]
fn who_wants_it_to_stand_still_stops_it_and_has_the_numbers_as_tables() {
    visit(coming(Screen::DESK, "?lab=trade-offs&study=replication"), async |page| {
        arrive(page, "replication").await;
        wait_for_worlds(page, 30).await;
        page.click(&here("[data-hold]")).await;
        page.wait_for_text(&here("[data-hold]"), "Go on").await;
        let known = worlds(page).await;
        let later = "return new Promise((done) => setTimeout(done, 700))";
        page.eval::<()>(later).await;
        assert_eq!(worlds(page).await, known);
        let tables = "return [...document.querySelectorAll('[data-lab=trade-offs] table')]
            .map((table) => table.caption.textContent)";
        let captions: Vec<String> = page.eval(tables).await;
        assert_eq!(captions.len(), 3, "each plot as a table, and the numbers: {captions:?}");
        page.click(&here("[data-hold]")).await;
        wait_for_worlds(page, known as u32 + 1).await;
        page.assert_clean().await;
    });
}
