//! The way through time, with real pointers and keys: the strip, branches, links, and what is kept.

use rift::labs::{LABS, LabSettings};
use rift::session::Session;
use thirtyfour::Key;

use crate::support::{Hand, Page, Point, Screen, Visit, visit};

/// What `rift.state()` says: the instant, the history's hash, the branch, how many there are.
pub(crate) type Stand = (u64, String, u16, usize);

const STAND: &str = "const state = window.rift.state();
    return [state.nowUs, state.historyHash, state.branch, state.branches]";

pub(crate) async fn stand(page: &Page) -> Stand {
    page.eval(STAND).await
}

/// Paused, some hundred milliseconds into a run.
async fn play_a_while(page: &Page) -> Stand {
    page.wait_for("[data-node]").await;
    page.click("[data-control=play]").await;
    page.wait_until("it has played", "return window.rift.state().nowUs > 400000").await;
    page.click("[data-control=play]").await;
    page.wait_for_text("[data-control=play]", "Play").await;
    stand(page).await
}

fn paused(screen: Screen) -> Visit {
    Visit { screen, query: "?seed=5&speed=1/2&autoplay=0", ..Visit::default() }
}

/// A point on the strip, so far along it.
async fn on_strip(page: &Page, along: f64) -> Point {
    let [left, top, width, height]: [f64; 4] = page
        .eval(
            "const box = document.querySelector('.time-strip').getBoundingClientRect();
            return [box.left, box.top, box.width, box.height]",
        )
        .await;
    Point { x: left + width * along, y: top + height * 0.4 }
}

/// Cuts S1 off, by the menu.
pub(crate) async fn cut_off_the_first(page: &Page) {
    page.run_in_page("document.querySelector('[data-control=network]').click()").await;
    page.wait_for(".menu [data-side]").await;
    page.click("[data-side=\"0\"]").await;
    page.wait_for("[data-side=\"0\"][aria-pressed=true]").await;
    page.click("[data-menu=cut-off]").await;
    page.wait_for(".heal").await;
}

const HOME: char = '\u{e011}';
const END: char = '\u{e010}';
const LEFT: char = '\u{e012}';

async fn press(page: &Page, key: char) {
    page.type_with(&[], key).await;
}

async fn scrub_and_act(page: &Page, hand: Hand) {
    let end = play_a_while(page).await;
    page.scroll_to(".time-strip").await;
    assert!(!page.is_visible(".moment").await, "live");
    let (from, to) = (on_strip(page, 0.8).await, on_strip(page, 0.3).await);
    page.drag(hand, &[from, to]).await;
    page.wait_for_text(".moment", "starts a new branch").await;
    let past = stand(page).await;
    assert!(past.0 < end.0 && past.0 > 0, "{past:?} {end:?}");
    assert_eq!((past.2, past.3), (0, 1), "to look is not to act");
    cut_off_the_first(page).await;
    let branched = stand(page).await;
    assert_eq!((branched.0, branched.2, branched.3), (past.0, 1, 2));
    page.wait_until("two lanes", "return document.querySelectorAll('[data-lane]').length === 2")
        .await;
    page.scroll_to(".branches").await;
    page.click("[data-branch=\"0\"]").await;
    page.wait_for("[data-branch=\"0\"][aria-pressed=true]").await;
    page.run_in_page("document.querySelector('[data-control=live]').click()").await;
    page.wait_until("live", "return !document.querySelector('.moment')").await;
    let again = stand(page).await;
    assert_eq!((again.0, again.1.as_str(), again.2), (end.0, end.1.as_str(), 0), "as it was");
    page.assert_clean().await;
}

#[test]
fn who_acts_in_the_past_starts_a_branch_and_the_other_stays_as_it_was() {
    visit(paused(Screen::DESK), async |page| scrub_and_act(page, Hand::Mouse).await);
}

#[test]
fn a_finger_scrubs_and_scrolls_the_page_over_the_strip() {
    visit(paused(Screen::PHONE), async |page| {
        scrub_and_act(page, Hand::Finger).await;
        let before = stand(page).await;
        page.scroll_to(".time-strip").await;
        let at = on_strip(page, 0.2).await;
        page.drag_and_hold(Hand::Finger, &[at, at.offset(3.0, -60.0)]).await;
        page.cancel_touch().await;
        assert_eq!(stand(page).await, before, "scrolling is no scrubbing");
    });
}

#[test]
fn the_keyboard_alone_goes_through_time() {
    visit(paused(Screen::DESK), async |page| {
        let end = play_a_while(page).await;
        page.run_in_page("document.querySelector('.time-strip').focus()").await;
        press(page, HOME).await;
        page.wait_until("the beginning", "return window.rift.state().nowUs === 0").await;
        page.type_with(&[Key::Shift], '.').await;
        page.wait_until("a change", "return window.rift.state().nowUs > 0").await;
        let change = stand(page).await;
        press(page, '.').await;
        page.wait_until(
            "one event on",
            &format!("return window.rift.state().nowUs > {}", change.0),
        )
        .await;
        press(page, ',').await;
        page.wait_until(
            "one event back",
            &format!("return window.rift.state().historyHash === '{}'", change.1),
        )
        .await;
        press(page, END).await;
        page.wait_until(
            "the end",
            &format!("return window.rift.state().historyHash === '{}'", end.1),
        )
        .await;
        for _ in 0..20 {
            press(page, LEFT).await;
        }
        page.wait_for_text(".moment", "In the past").await;
        press(page, END).await;
        page.type_with(&[Key::Shift], 'T').await;
        page.wait_for_text(".headline", "leads term 1").await;
        let elected = stand(page).await;
        assert!(elected.0 < end.0, "where the first task was done");
        press(page, 't').await;
        page.wait_for_text(".stage .notice", "No task was done there").await;
        assert_eq!(stand(page).await, elected);
        press(page, END).await;
        page.wait_until("it was said", "return !document.querySelector('.stage .notice')").await;
        cut_off_the_first(page).await;
        let done = stand(page).await;
        assert_eq!(done.3, 1, "at the end it is no branch");
        page.type_with(&[Key::Control], 'z').await;
        page.wait_until("it is undone", "return !document.querySelector('.heal')").await;
        assert_eq!(stand(page).await.1, end.1);
        page.type_with(&[Key::Control, Key::Shift], 'Z').await;
        page.wait_for(".heal").await;
        assert_eq!(stand(page).await.1, done.1);
        page.assert_clean().await;
    });
}

/// It changes what is seen when, never what happens.
#[test]
fn playing_hurries_through_what_is_quiet_and_says_so() {
    visit(Visit { query: "?seed=5&speed=1/1000&autoplay=0", ..Visit::default() }, async |page| {
        page.wait_for("[data-node]").await;
        page.run_in_page("document.querySelector('.time-strip').focus()").await;
        press(page, HOME).await;
        page.wait_until("the beginning", "return window.rift.state().nowUs === 0").await;
        press(page, 'q').await;
        page.wait_for("[data-control=skip][aria-pressed=true]").await;
        assert!(!page.is_visible(".headline small").await);
        // At this speed the first timer runs out after two minutes.
        page.click("[data-control=play]").await;
        page.wait_for_text(".headline small", "skipped 104.").await;
        page.wait_for_text(".headline", "S3 asks for votes").await;
        page.click("[data-control=play]").await;
        page.wait_for_text("[data-control=play]", "Play").await;
        let (at_us, hash, ..) = stand(page).await;
        let mut session = Session::start(&LABS[0], LabSettings::new(5, 5));
        session.advance_to(at_us).expect("far from any limit");
        assert_eq!(hash, format!("{:016x}", session.lab().history_hash()));
        page.assert_clean().await;
    });
}

/// The link in the field for those whose browser lets no page copy.
pub(crate) async fn link_of(page: &Page) -> String {
    page.run_in_page(
        "Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true });
        document.querySelector('[data-control=copy]').click();",
    )
    .await;
    page.wait_for("[data-link-text]").await;
    let selected: bool = page
        .eval(
            "const field = document.querySelector('[data-link-text]');
            return document.activeElement === field && field.selectionEnd === field.value.length",
        )
        .await;
    assert!(selected, "ready to be copied");
    page.eval("return document.querySelector('[data-link-text]').value").await
}

/// The whole story: a run, another way it could have gone, both side by side, and somebody else
/// sees the same.
#[test]
fn a_link_shows_both_branches_side_by_side_at_the_same_instant() {
    visit(paused(Screen::DESK), async |page| {
        play_a_while(page).await;
        let at = on_strip(page, 0.3).await;
        page.tap(Hand::Mouse, at).await;
        page.wait_for_text(".moment", "In the past").await;
        cut_off_the_first(page).await;
        page.click("[data-control=play]").await;
        page.wait_until("it has played", "return window.rift.state().nowUs > 500000").await;
        page.click("[data-control=play]").await;
        page.click("[data-beside=\"0\"]").await;
        page.wait_for(".stage-cell.beside [data-node]").await;
        page.wait_for_text(".verdicts", "They part at").await;
        page.wait_for_text(".verdicts", "You cut 4 links").await;
        page.wait_for(".time-strip .parting").await;
        page.screenshot("side-by-side").await;
        let sent = stand(page).await;
        let verdict = page.text(".verdicts").await;
        let link = link_of(page).await;
        let fragment = &link[link.find('#').expect("the run is behind the #")..];

        // Somebody else: nothing is kept there.
        page.eval::<()>("localStorage.clear()").await;
        page.go("?autoplay=0").await;
        page.wait_for("[data-node]").await;
        page.go(fragment).await;
        page.wait_for(".stage-cell.beside [data-node]").await;
        assert_eq!(stand(page).await, sent);
        assert_eq!(page.text(".verdicts").await, verdict);
        page.assert_clean().await;
    });
}

#[test]
fn a_broken_link_is_named_and_the_figure_works() {
    visit(Visit { query: "?autoplay=0#run=1.AAAA!", ..Visit::default() }, async |page| {
        page.wait_for_text(".stage .notice", "This link does not open").await;
        page.wait_for_text(".stage .notice", "its character").await;
        let before = stand(page).await;
        page.click("[data-menu=dismiss]").await;
        page.click("[data-control=step]").await;
        page.wait_until("it works", &format!("return window.rift.state().nowUs > {}", before.0))
            .await;
        page.run_in_page("location.hash = '#run=2.zzz'").await;
        page.wait_for_text(".stage .notice", "version 2").await;
        page.assert_clean().await;
    });
}

#[test]
fn a_reload_keeps_the_run_and_starting_over_forgets_it() {
    visit(Visit { query: "", ..Visit::default() }, async |page| {
        page.wait_for("[data-node]").await;
        page.run_in_page("document.querySelector('[data-control=step]').click()").await;
        cut_off_the_first(page).await;
        page.wait_until("it is kept", "return localStorage.getItem('rift:raft')").await;
        let before = stand(page).await;
        page.go("").await;
        page.wait_for(".heal").await;
        assert_eq!(stand(page).await, before);
        page.click("[data-control=restart]").await;
        page.wait_until("it is fresh", "return !document.querySelector('.heal')").await;
        let kept: bool = page.eval("return localStorage.getItem('rift:raft') !== null").await;
        assert!(!kept);
        page.assert_clean().await;
    });
}

/// In a sandboxed frame the storage throws and the clipboard is closed; all else works.
#[test]
fn a_sandboxed_frame_without_storage_works() {
    visit(Visit { query: "?autoplay=0", ..Visit::default() }, async |page| {
        page.wait_for("[data-node]").await;
        page.run_in_page(
            "for (const name of ['localStorage', 'sessionStorage']) {
                Object.defineProperty(window, name, { configurable: true,
                    get() { throw new DOMException('no storage here', 'SecurityError'); } });
            }",
        )
        .await;
        cut_off_the_first(page).await;
        page.wait_for_text(".stage .notice", "does not keep your run").await;
        page.click("[data-menu=dismiss]").await;
        page.run_in_page("document.querySelector('[data-control=heal]').click()").await;
        page.wait_until("it is healed", "return !document.querySelector('.heal')").await;
        assert!(!link_of(page).await.is_empty());
        assert!(!page.is_visible(".stage .notice").await, "it is said once");
        page.assert_clean().await;
    });
}

#[test]
fn branches_are_named_and_deleted() {
    visit(paused(Screen::DESK), async |page| {
        play_a_while(page).await;
        page.click("[data-control=before]").await;
        page.wait_for_text(".moment", "In the past").await;
        cut_off_the_first(page).await;
        page.click("[data-rename]").await;
        page.wait_for("[data-name-of]").await;
        page.type_keys("without S1\n").await;
        page.wait_for_text("[data-branch=\"1\"]", "without S1").await;
        page.click("[data-delete]").await;
        page.wait_until("one branch", "return window.rift.state().branches === 1").await;
        assert_eq!(stand(page).await.2, 0);
        page.assert_clean().await;
    });
}
