//! Looking closer: the further pictures and the answers to why, from a second program that is
//! loaded when they are first wanted.

use crate::reader::{choose, leaders, node, the_leader, watching};
use crate::support::{Hand, Page, Point, Reply, Screen, SiteOptions, Visit, visit};

/// Opens a tab and waits for its picture.
async fn open_tab(page: &Page, tab: &str) {
    page.click(&format!("[data-tab={tab}]")).await;
    page.wait_for(&format!(".view-pane[data-view={tab}] .view-svg")).await;
}

async fn pause(page: &Page) {
    page.click("[data-control=play]").await;
    page.wait_for_text("[data-control=play]", "Play").await;
}

/// The lens has the history that the page has.
async fn assert_agrees(page: &Page) {
    page.wait_until(
        "the hashes are the same",
        "const lens = document.querySelector('.view-pane').dataset.lensHash;
         return lens.length === 16
             && lens === document.querySelector('[data-history-hash]').textContent.trim()",
    )
    .await;
    assert!(!page.is_visible(".view-notice").await);
}

/// A place on the picture at which a message is drawn, far from what else there is.
async fn on_a_message(page: &Page) -> Point {
    let place: (f64, f64) = page
        .eval(
            "const lines = [...document.querySelectorAll('.view-base .arrow .arrow-line')];
             for (const line of lines.reverse()) {
                 const at = line.getPointAtLength(line.getTotalLength() * 0.4);
                 const pane = document.querySelector('.view-pane').getBoundingClientRect();
                 const point = [pane.left + at.x, pane.top + at.y];
                 const rows = [...document.querySelectorAll('.view-base .life-reach')];
                 const clear = rows.every((row) => {
                     const box = row.getBoundingClientRect();
                     return Math.abs((box.top + box.bottom) / 2 - point[1]) > 14;
                 });
                 if (clear && at.x > 80 && at.x < pane.width - 40) return point;
             }
             return [0, 0];",
        )
        .await;
    assert_ne!(place, (0.0, 0.0), "a message is drawn");
    Point::new(place.0, place.1)
}

#[test]
fn nothing_of_it_is_loaded_on_a_first_visit() {
    visit(watching(Screen::DESK), async |page| {
        the_leader(page).await;
        assert!(!page.site.requested().iter().any(|path| path.contains("rift-lens")));
        open_tab(page, "logs").await;
        assert!(page.site.requested().iter().any(|path| path.contains("rift-lens")));
        page.assert_clean().await;
    });
}

#[test]
fn each_tab_shows_the_run_and_agrees_with_the_figure() {
    visit(watching(Screen::DESK), async |page| {
        let leader = the_leader(page).await;
        open_tab(page, "space-time").await;
        page.wait_until(
            "messages are drawn",
            "return document.querySelectorAll('.view-base .arrow').length > 3",
        )
        .await;
        let before: String =
            page.eval("return document.querySelector('.view-pane').innerHTML").await;
        page.wait_until(
            "the picture follows the playhead",
            &format!(
                "return document.querySelector('.view-pane').innerHTML.length !== {}",
                before.len()
            ),
        )
        .await;
        pause(page).await;
        assert_agrees(page).await;
        page.screenshot("lens-space-time").await;
        choose(page, leader, "Write x=1").await;
        page.click("[data-control=step]").await;
        assert_agrees(page).await;
        open_tab(page, "logs").await;
        page.wait_for(".view-base .log-cell").await;
        assert_agrees(page).await;
        page.screenshot("lens-logs").await;
        page.click("[data-tab=network]").await;
        page.wait_until("the pane is gone", "return !document.querySelector('.view-pane')").await;
        page.assert_clean().await;
    });
}

async fn a_message_has_its_menu(page: &Page, hand: Hand) {
    the_leader(page).await;
    open_tab(page, "space-time").await;
    pause(page).await;
    page.scroll_to(".view-pane").await;
    let at = on_a_message(page).await;
    page.tap(hand, at).await;
    page.wait_for(".menu .ask").await;
    page.click(".menu .ask").await;
    page.wait_for(".why .because").await;
    page.assert_clean().await;
}

#[test]
fn a_message_has_the_menu_of_the_stage() {
    visit(watching(Screen::DESK), async |page| a_message_has_its_menu(page, Hand::Mouse).await);
}

#[test]
fn a_message_has_its_menu_under_a_finger() {
    visit(watching(Screen::PHONE), async |page| a_message_has_its_menu(page, Hand::Finger).await);
}

#[test]
fn what_is_pointed_at_lights_up_in_both_pictures() {
    visit(watching(Screen::DESK), async |page| {
        the_leader(page).await;
        open_tab(page, "space-time").await;
        pause(page).await;
        page.scroll_to(".stage").await;
        let at = page.center_of(&format!("{} .node-body", node(0))).await;
        page.move_along(Hand::Mouse, at.offset(3.0, 3.0), &[at]).await;
        page.wait_for(".view-pane [data-lit=true]").await;
        page.wait_for(&format!("{}[data-lit]", node(0))).await;
    });
}

#[test]
fn the_picture_is_moved_and_zoomed_and_follows_again() {
    visit(watching(Screen::DESK), async |page| {
        the_leader(page).await;
        open_tab(page, "space-time").await;
        pause(page).await;
        page.wait_for("[data-look=follow][aria-pressed=true]").await;
        let centre = page.center_of(".view-pane").await;
        page.drag(Hand::Mouse, &[centre, centre.offset(60.0, 0.0), centre.offset(150.0, 0.0)])
            .await;
        page.wait_for("[data-look=follow][aria-pressed=false]").await;
        page.click("[data-look=in]").await;
        let zoomed: bool = page
            .eval(
                "return (async () => {
                 const pane = document.querySelector('.view-pane');
                 const before = pane.innerHTML;
                 const wheel = { ctrlKey: true, deltaY: -100, cancelable: true, bubbles: true };
                 const event = new WheelEvent('wheel', wheel);
                 pane.dispatchEvent(event);
                 await new Promise((done) => setTimeout(done, 500));
                 return event.defaultPrevented && pane.innerHTML !== before; })()",
            )
            .await;
        assert!(zoomed, "Ctrl and the wheel zoom the picture, not the page");
        page.click("[data-look=spacing]").await;
        page.wait_for("[data-look=spacing][aria-pressed=true]").await;
        page.run_in_page("document.querySelector('.view-pane').focus()").await;
        page.type_keys("0").await;
        page.wait_for("[data-look=follow][aria-pressed=true]").await;
        page.assert_clean().await;
    });
}

/// An entry that a leader without a majority cannot commit: asked about, and walked back from.
#[test]
fn why_is_this_not_committed() {
    visit(watching(Screen::DESK), async |page| {
        let leader = the_leader(page).await;
        choose(page, leader, "Isolate").await;
        choose(page, leader, "Write x=1").await;
        page.wait_for(&format!("{} .cell.loose", node(leader))).await;
        open_tab(page, "logs").await;
        pause(page).await;
        page.scroll_to(".view-pane").await;
        let cell = page.center_of(".view-base .log-cell.loose rect").await;
        page.tap(Hand::Mouse, cell).await;
        page.wait_for_text(".why .because", "it takes 3 of 5").await;
        page.screenshot("lens-why").await;
        let first = page.text(".why .because").await;
        page.click(".why .step-back").await;
        let said = format!(
            "return document.querySelector('.why .because')?.innerText !== {}",
            serde_json::Value::from(first)
        );
        page.wait_until("one step back is another answer", &said).await;
        page.click("[data-look=causes]").await;
        page.wait_for(".view-pane[data-view=space-time] [data-lit=true]").await;
        page.screenshot("lens-causes").await;
        page.click("[data-look=close-why]").await;
        page.wait_until("the answer is gone", "return !document.querySelector('.why')").await;
        page.assert_clean().await;
    });
}

#[test]
fn every_menu_and_every_line_of_the_story_can_be_asked_why() {
    visit(watching(Screen::DESK), async |page| {
        let leader = the_leader(page).await;
        assert_eq!(leaders(page).await, [leader]);
        pause(page).await;
        page.click(".story [data-ask]").await;
        page.wait_for(".why .because").await;
        page.click("[data-look=close-why]").await;
        page.click("[data-control=network]").await;
        page.wait_for_text(".menu .questions", "lead?").await;
        page.click(".menu .questions [data-ask]").await;
        page.wait_for_text(".why .because", &format!("S{}", leader + 1)).await;
        let focused: bool =
            page.eval("return document.activeElement.classList.contains('why')").await;
        assert!(focused, "the answer has the focus, so that it is read aloud");
        page.assert_clean().await;
    });
}

/// By keyboard alone: to a message, to when it was on its way, to what can be done there; and an
/// answer is closed and leaves the focus where it was asked.
#[test]
fn the_pictures_are_walked_by_keyboard() {
    visit(watching(Screen::DESK), async |page| {
        the_leader(page).await;
        open_tab(page, "space-time").await;
        pause(page).await;
        page.run_in_page("document.querySelector('.view-pane').focus()").await;
        // Up and down as their key codes of the protocol.
        for _ in 0..12 {
            page.type_keys("\u{e013}").await;
        }
        page.wait_for(".view-pane .view-cursor").await;
        page.type_keys("\u{e007}").await;
        page.wait_for(".menu .ask, .why .because").await;
        page.type_keys("\u{e00c}").await;
        let at_home = "return document.activeElement.classList.contains('view-pane')";
        page.wait_until("the focus is on the picture again", at_home).await;
        page.assert_clean().await;
    });
}

#[test]
fn one_returns_from_an_answer_and_from_the_past() {
    visit(watching(Screen::DESK), async |page| {
        the_leader(page).await;
        pause(page).await;
        page.click(".story [data-ask]").await;
        page.wait_for(".why .because").await;
        let first = page.text(".why .because").await;
        page.click(".why .step-back").await;
        page.click(".why [data-ask=return]").await;
        page.wait_for_text(".why .because", first.as_deref().unwrap_or_default()).await;
        page.click(".why [data-go]").await;
        page.wait_for_text(".notice", "Acting here starts a new branch").await;
        page.click("[data-control=back]").await;
        page.run_in_page("document.querySelector('.why').focus()").await;
        page.type_keys("\u{e00c}").await;
        page.wait_until("the answer is gone", "return !document.querySelector('.why')").await;
        page.assert_clean().await;
    });
}

#[test]
fn two_fingers_zoom_the_picture() {
    visit(watching(Screen::PHONE), async |page| {
        the_leader(page).await;
        open_tab(page, "space-time").await;
        pause(page).await;
        page.scroll_to(".view-pane").await;
        let times = "return [...document.querySelectorAll('.ruling-text')].map(t => t.textContent)\
                     .join()";
        let before: String = page.eval(times).await;
        page.pinch(page.center_of(".view-pane").await, 60.0, 220.0).await;
        page.wait_until(
            "another part is shown",
            &format!("{} !== {}", times, serde_json::Value::from(before)),
        )
        .await;
        page.assert_clean().await;
    });
}

#[test]
fn a_missing_lens_is_told_and_the_figure_goes_on() {
    let site =
        SiteOptions { replies: vec![("rift-lens", Reply::NotFound)], ..SiteOptions::default() };
    let wanted = Visit { site, ..watching(Screen::DESK) };
    visit(wanted, async |page| {
        the_leader(page).await;
        page.click("[data-tab=space-time]").await;
        page.wait_for_text(".view-wait", "could not be loaded").await;
        page.click("[data-look=retry]").await;
        page.wait_for_text(".view-wait", "could not be loaded").await;
        assert!(!page.is_visible("#crash").await && !page.is_visible("#start-failure").await);
        page.click("[data-tab=network]").await;
        pause(page).await;
    });
}

#[test]
fn it_works_under_a_path_and_a_strict_policy() {
    let policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
    let site = SiteOptions {
        prefix: "/blog/rift/",
        headers: vec![("Content-Security-Policy", policy)],
        ..SiteOptions::default()
    };
    let wanted = Visit { site, ..watching(Screen::DESK) };
    visit(wanted, async |page| {
        the_leader(page).await;
        open_tab(page, "space-time").await;
        pause(page).await;
        assert_agrees(page).await;
        page.assert_clean().await;
    });
}

#[test]
fn the_pictures_fit_a_phone() {
    visit(watching(Screen::PHONE), async |page| {
        the_leader(page).await;
        open_tab(page, "space-time").await;
        pause(page).await;
        page.scroll_to(".tabs").await;
        page.screenshot("lens-phone-space-time").await;
        open_tab(page, "logs").await;
        page.screenshot("lens-phone-logs").await;
        let wide: f64 = page.eval("return document.documentElement.scrollWidth").await;
        assert!(wide <= 390.0, "nothing scrolls sideways: {wide}");
        assert_agrees(page).await;
    });
}
