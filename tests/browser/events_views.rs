//! The views of the event sourcing lab: log and state with one playhead, forks, snapshots under a
//! slider, and old events; with real pointers, and by what the page shows.

use crate::support::{Hand, Page, Screen, SiteOptions, Visit, visit};

const QUERY: &str = "?lab=events&speed=1&autoplay=1";

fn watching(screen: Screen) -> Visit {
    Visit { screen, query: QUERY, site: SiteOptions::only("events"), ..Visit::default() }
}

/// Something of the lab's figure.
fn shop(css: &str) -> String {
    ["[data-lab=events] ", css].concat()
}

async fn open_tab(page: &Page, tab: &str) {
    page.wait_for(&shop("[data-node]")).await;
    page.click(&shop(&format!("[data-tab={tab}]"))).await;
    page.wait_for(&shop(&format!(".view-pane[data-view={tab}] > *"))).await;
    page.scroll_to(&shop(".tabs")).await;
}

/// Has a customer do something, by the button of their row.
async fn act(page: &Page, row: usize, label: &str) {
    page.press_dial("[data-lab=events] ", &row.to_string(), label).await;
}

/// Moves a slider to a value, as its own keys would, with the events that go with it.
async fn slide(page: &Page, name: &str, value: u64) {
    let script = format!(
        "const slider = document.querySelector('[data-lab=events] input[data-look={name}]');
        slider.value = {value};
        slider.dispatchEvent(new Event('input', {{ bubbles: true }}));
        return true"
    );
    assert!(page.eval::<bool>(&script).await);
}

async fn now_us(page: &Page) -> u64 {
    page.eval("return window.rift.state().nowUs").await
}

#[test]
fn log_and_state_follow_the_run_and_the_run_follows_them() {
    visit(watching(Screen::DESK), async |page| {
        open_tab(page, "log").await;
        let rows = shop(".ev-rows");
        page.wait_for_text(&rows, "Ben took a tea").await;
        act(page, 0, "take tea").await;
        page.wait_for_text(&rows, "Ann took a tea").await;
        page.wait_for_text(&shop(".ev-after"), "After 7: Ann took a tea").await;
        page.wait_for_text(&shop(".ev-changed"), "tea left").await;
        // To what was before the run: the run goes there, and what came after stays in sight.
        page.scroll_to(&rows).await;
        let before = page.center_of(&shop(".ev-row[data-look=\"at=6\"] .ev-what")).await;
        page.tap(Hand::Mouse, before).await;
        page.wait_for_text(&shop(".ev-after"), "After 6: Ben took a tea").await;
        page.wait_for_text(&shop(".ev-row.ahead"), "Ann took a tea").await;
        assert_eq!(now_us(page).await, 0);
        // And with the button on to the next event, where the run has an instant for it.
        page.click(&shop(".ev-controls [data-look=on]")).await;
        page.wait_for_text(&shop(".ev-after"), "After 7: Ann took a tea").await;
        assert!(now_us(page).await > 0);
        // The past before the run has no instants: the picture goes there alone.
        slide(page, "at", 2).await;
        page.wait_for_text(&shop(".ev-after"), "After 2: 3 × mug came in").await;
        assert!(now_us(page).await > 0);
        page.assert_clean().await;
    });
}

#[test]
fn the_log_is_forked_and_both_futures_are_compared() {
    for screen in [Screen::DESK, Screen::PHONE] {
        visit(watching(screen), async |page| {
            open_tab(page, "log").await;
            slide(page, "at", 3).await;
            page.wait_for_text(&shop(".ev-after"), "After 3").await;
            page.click(&shop(".ev-controls [data-look=drop]")).await;
            page.wait_for_text(&shop(".ev-differs.first"), "mug left").await;
            page.wait_for_text(&shop(".ev-said"), "2 in the log, 3 in the fork").await;
            page.click(&shop(".ev-controls [data-look=insert]")).await;
            page.click(&shop(".ev-controls [data-look=\"pick=0\"]")).await;
            page.wait_for_text(&shop(".ev-differs.first"), "tea left").await;
            page.click(&shop(".ev-controls [data-look=unfork]")).await;
            page.wait_until(
                "one log again",
                &format!("return document.querySelector('{}') === null", shop(".ev-differs")),
            )
            .await;
            page.assert_clean().await;
        });
    }
}

/// The slider over 10^5 events: so many moves in so many frames, each with its own picture.
#[test]
fn the_long_stream_is_folded_again_with_every_frame() {
    visit(watching(Screen::DESK), async |page| {
        open_tab(page, "snapshots").await;
        page.wait_for_text(&shop(".ev-long h3"), "version 73\u{202f}412").await;
        page.wait_for_text(&shop(".ev-trial"), "Refused: the snapshot is at 3, the log only").await;
        page.click(&shop("[data-control=play]")).await;
        let script = "
            const of = (css) => document.querySelector('[data-lab=events] ' + css);
            return new Promise((tell) => {
                const at = [], seen = new Set();
                let version = 100000;
                const frame = (now) => {
                    at.push(now);
                    seen.add(of('.ev-long h3').textContent);
                    if (at.length > 120) {
                        const gaps = at.slice(1).map((it, k) => it - at[k]).sort((a, b) => a - b);
                        return tell([gaps[60], seen.size]);
                    }
                    version -= 97;
                    const slider = of('input[data-look=version]');
                    slider.value = version;
                    slider.dispatchEvent(new Event('input', { bubbles: true }));
                    requestAnimationFrame(frame);
                };
                requestAnimationFrame(frame);
            });";
        let (median_ms, pictures): (f64, usize) = page.eval(script).await;
        println!("a frame takes {median_ms:.1} ms; {pictures} of 121 pictures");
        assert!(pictures > 110, "{pictures}");
        // 50 frames a second; a machine that is busy with other tests gets twice the time.
        assert!(median_ms < 40.0, "{median_ms}");
        page.assert_clean().await;
    });
}

#[test]
fn old_events_need_the_sleeve() {
    for screen in [Screen::DESK, Screen::PHONE] {
        visit(watching(screen), async |page| {
            open_tab(page, "old-events").await;
            page.wait_for_text(&shop(".ev-verdict"), "Cleo has paid 24.00 €").await;
            page.click(&shop("[data-look=sleeve]")).await;
            page.wait_for_text(&shop(".ev-verdict"), "position 5: unknown type").await;
            page.click(&shop("[data-look=\"unknown=skip\"]")).await;
            page.wait_for_text(&shop(".ev-verdict"), "1 skipped").await;
            page.click(&shop("[data-look=sleeve]")).await;
            page.wait_for_text(&shop(".ev-verdict"), "6 events folded").await;
            page.assert_clean().await;
        });
    }
}
