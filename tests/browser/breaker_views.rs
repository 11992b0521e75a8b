//! The views of the circuit breaker lab: the storm, retries against one row, the sharded trap, and
//! breakers with habits side by side; with real pointers and keys, and by what the page shows.

use crate::support::{Hand, Page, Screen, SiteOptions, Visit, visit};

const QUERY: &str = "?lab=breaker&seed=7&speed=1&autoplay=1";

fn watching(screen: Screen, query: &'static str) -> Visit {
    Visit { screen, query, site: SiteOptions::only("breaker"), ..Visit::default() }
}

/// Something of the lab's figure.
fn lab(css: &str) -> String {
    ["[data-lab=breaker] ", css].concat()
}

async fn open_tab(page: &Page, tab: &str) {
    page.wait_for(&lab("[data-node]")).await;
    page.click(&lab(&format!("[data-tab={tab}]"))).await;
    page.wait_for(&lab(&format!(".view-pane[data-view={tab}] .cb-view"))).await;
    page.scroll_to(&lab(".tabs")).await;
}

/// Moves a slider to a place, as its own keys would, with the events that go with it.
async fn slide(page: &Page, name: &str, place: u64) {
    let script = format!(
        "const slider = document.querySelector('[data-lab=breaker] input[data-look={name}]');
        slider.value = {place};
        slider.dispatchEvent(new Event('input', {{ bubbles: true }}));
        return true"
    );
    assert!(page.eval::<bool>(&script).await);
}

/// Turns a dial of the figure, by its name and the word on the button.
async fn turn(page: &Page, dial: &str, word: &str) {
    let script = format!(
        "const dial = document.querySelector('[data-lab=breaker] .dial[aria-label=\"{dial}\"]');
        const is = (button) => button.textContent.trim() === '{word}';
        [...dial.querySelectorAll('button')].find(is).click();
        return true"
    );
    assert!(page.eval::<bool>(&script).await);
}

async fn press_key(page: &Page, key: &str) {
    let script = format!(
        "const pane = document.querySelector('[data-lab=breaker] .view-pane');
        pane.focus();
        const named = {{ key: '{key}', bubbles: true, cancelable: true }};
        pane.dispatchEvent(new KeyboardEvent('keydown', named));
        return true"
    );
    assert!(page.eval::<bool>(&script).await);
}

/// Nothing of the picture or of its controls sticks out of the figure, and no word is cut off.
async fn assert_whole(page: &Page, what: &str) {
    let script = "
        const figure = document.querySelector('[data-lab=breaker]').getBoundingClientRect();
        const out = [];
        for (const it of document.querySelectorAll('[data-lab=breaker] .view *')) {
            if (it.closest('.visually-hidden, defs')) continue;
            const at = it.getBoundingClientRect();
            if (at.width && (at.right > figure.right + 1 || at.left < figure.left - 1))
                out.push(it.outerHTML.slice(0, 120));
            const svg = it.localName === 'text' && it.closest('svg').getBoundingClientRect();
            const beside = svg && (at.right > svg.right + 2 || at.left < svg.left - 2);
            if (beside || (svg && at.bottom > svg.bottom + 2))
                out.push('cut off: ' + it.textContent);
        }
        if (document.documentElement.scrollWidth > innerWidth) out.push('the page is too wide');
        return out.slice(0, 5)";
    let out: Vec<String> = page.eval(script).await;
    assert!(out.is_empty(), "{what}: {out:#?}");
}

/// How many elements there are.
async fn count(page: &Page, css: &str) -> u64 {
    page.eval(&format!("return document.querySelectorAll('{}').length", lab(css))).await
}

/// Without a fleet on the stage the storm is a model's: worlds are told one after the other, and
/// frames go on meanwhile.
#[test]
fn the_storm_outlives_its_trigger_in_most_worlds() {
    visit(watching(Screen::DESK, QUERY), async |page| {
        open_tab(page, "storm").await;
        assert_eq!(count(page, "[data-look^=fleet]").await, 0);
        page.wait_for_text(&lab(".cb-said"), "For 6 s 80 requests a second come").await;
        let script = "
            return new Promise((tell) => {
                const at = [];
                const frame = (now) => {
                    at.push(now);
                    if (at.length < 60) return requestAnimationFrame(frame);
                    const gaps = at.slice(1).map((it, k) => it - at[k]).sort((a, b) => a - b);
                    tell(gaps[29]);
                };
                requestAnimationFrame(frame);
            });";
        let median_ms: f64 = page.eval(script).await;
        println!("a frame takes {median_ms:.1} ms while worlds are worked out");
        assert!(median_ms < 60.0, "{median_ms}");
        page.wait_for(&lab("tr[data-look=\"row=0\"] .cb-cell.down")).await;
        // A remedy by its row, a world by its cell, and both by keys.
        page.scroll_to(&lab(".cb-worlds")).await;
        let row = page.center_of(&lab("tr[data-look=\"row=3\"] th")).await;
        page.tap(Hand::Mouse, row).await;
        page.wait_for_text(&lab(".cb-which"), "World 1, no retries: recovers").await;
        assert_whole(page, "storm").await;
        let cell = page.center_of(&lab("[data-look=\"world=1\"]")).await;
        page.tap(Hand::Mouse, cell).await;
        page.wait_for_text(&lab(".cb-which"), "World 2, nothing: stays down").await;
        press_key(page, "ArrowDown").await;
        page.wait_for_text(&lab(".cb-which"), "World 2, backoff, full jitter: stays down").await;
        // With room to spare there is no storm.
        slide(page, "load", 0).await;
        page.wait_for_text(&lab(".cb-said"), "48 requests a second come instead of 24").await;
        page.click(&lab("[data-look=\"row=0\"].toggle")).await;
        page.wait_for_text(&lab(".cb-which"), "World 2, nothing: recovers").await;
        page.assert_clean().await;
    });
}

/// With a fleet on the stage its settings are what the worlds go by, and they follow its dials.
#[test]
fn the_storm_is_of_the_fleet_on_the_stage() {
    const FLEET: &str = "?lab=breaker&cast=fleet&seed=7&speed=1&autoplay=0";
    for screen in [Screen::DESK, Screen::PHONE] {
        visit(watching(screen, FLEET), async |page| {
            open_tab(page, "storm").await;
            page.wait_for_text(&lab(".cb-said"), "For 6 s 140 requests a second come").await;
            page.wait_for_text(&lab(".cb-which"), "Seed 7, nothing: stays down").await;
            page.wait_for_text(&lab("tr[data-look=\"row=8\"] th"), "all as set").await;
            page.wait_for(&lab("tr[data-look=\"row=8\"] .cb-cell.up")).await;
            assert_whole(page, "storm of the fleet").await;
            turn(page, "Tries", "1").await;
            page.wait_for_text(&lab("tr[data-look=\"row=0\"] th"), "one try").await;
            page.wait_for_text(&lab(".cb-which"), "Seed 7, nothing: recovers").await;
            page.click(&lab("[data-look=\"fleet=1\"]")).await;
            page.wait_for_text(&lab(".cb-which"), "World 1, nothing: stays down").await;
            assert_whole(page, "storm of the model").await;
            page.assert_clean().await;
        });
    }
}

#[test]
fn retries_come_back_together_or_spread_out() {
    for screen in [Screen::DESK, Screen::PHONE] {
        visit(watching(screen, QUERY), async |page| {
            open_tab(page, "retries").await;
            assert_eq!(count(page, ".cb-dots").await, 5);
            page.wait_for_text(&lab(".cb-said"), "20 clients write to one row").await;
            slide(page, "clients", 5).await;
            page.wait_for_text(&lab(".cb-said"), "80 clients write to one row").await;
            let before = page.text(&lab(".cb-strips-table")).await;
            page.click(&lab("[data-look=seed]")).await;
            page.wait_until(
                "other numbers",
                &format!(
                    "return document.querySelector('{}').innerText !== {:?}",
                    lab(".cb-strips-table"),
                    before.unwrap_or_default()
                ),
            )
            .await;
            slide(page, "base", 4).await;
            page.wait_for_text(&lab(".cb-truth"), "from 100 ms up to 2 s").await;
            press_key(page, "ArrowLeft").await;
            page.wait_for_text(&lab(".cb-said"), "60 clients write to one row").await;
            page.wait_for(&lab(".plots .plot-curve:nth-of-type(5)")).await;
            assert_whole(page, "retries").await;
            page.assert_clean().await;
        });
    }
}

#[test]
fn one_breaker_for_all_shards_takes_the_well_ones_down() {
    for screen in [Screen::DESK, Screen::PHONE] {
        visit(watching(screen, QUERY), async |page| {
            open_tab(page, "shards").await;
            page.wait_for_text(&lab(".cb-said"), "a breaker for each 100 %").await;
            assert_eq!(count(page, ".cb-panel").await, 4);
            page.wait_for(&lab(".cb-number.bad")).await;
            page.click(&lab("[data-look=\"opens=2\"]")).await;
            page.wait_for_text(&lab(".cb-said"), "never opens by this rule").await;
            page.click(&lab("[data-look=\"tries=0\"]")).await;
            page.wait_for(&lab("[data-look=\"tries=0\"][aria-pressed=true]")).await;
            page.click(&lab("[data-look=\"opens=0\"]")).await;
            page.wait_for_text(&lab(".cb-said"), "a breaker for each 100 %").await;
            assert_whole(page, "shards").await;
            page.assert_clean().await;
        });
    }
}

/// Chapters, flags and the reader's own run.
#[test]
fn breakers_with_habits_part_from_the_genuine_one() {
    for screen in [Screen::DESK, Screen::PHONE] {
        visit(watching(screen, QUERY), async |page| {
            open_tab(page, "libraries").await;
            page.wait_for_text(&lab(".cb-said"), "At 7.4 s it closes, and should not").await;
            assert_eq!(count(page, ".cb-band").await, 11);
            page.click(&lab("[data-look=\"chapter=2\"]")).await;
            page.scroll_to(&lab("tr[data-look=\"breaker=3\"]")).await;
            let row = page.center_of(&lab(".cb-breakers tr[data-look=\"breaker=3\"] th")).await;
            page.tap(Hand::Mouse, row).await;
            page.wait_for_text(&lab(".cb-said"), "“herd”: While half-open everybody goes").await;
            page.click(&lab("[data-look=after]")).await;
            page.wait_for_text(&lab(".cb-said"), "(2 of").await;
            assert_whole(page, "libraries").await;
            // The run: the breaker opens in it, and “one-more” would have let one call more go.
            turn(page, "Service", "errors").await;
            page.click(&lab("[data-look=run]")).await;
            page.wait_for_text(&lab(".cb-breakers"), "as it should be, this figure’s").await;
            let one_more = lab(".cb-breakers tr[data-look=\"breaker=1\"]");
            page.wait_for_text(&one_more, "differs at").await;
            page.wait_for_text(&lab(".cb-said"), "This run so far").await;
            press_key(page, "ArrowUp").await;
            press_key(page, "ArrowUp").await;
            page.wait_for_text(&lab(".cb-said"), "“one-more”: One failure more opens").await;
            page.wait_for_text(&lab(".cb-said"), "it should have opened").await;
            assert_whole(page, "this run").await;
            page.assert_clean().await;
        });
    }
}
