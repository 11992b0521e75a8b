//! The tests' own hands and eyes do what they say: else a green test would mean little.

use serde_json::Value;

use crate::support::{Hand, Page, Point, Screen, Visit, visit};

/// Covers the page with a surface that notes every pointer event.
async fn lay_out_paper(page: &Page) {
    let paper = "
        const paper = document.createElement('div');
        paper.id = 'paper';
        paper.style = 'position: fixed; inset: 0; touch-action: none; z-index: 9';
        window.noted = [];
        for (const name of ['pointerdown', 'pointermove', 'pointerup', 'pointercancel'])
            paper.addEventListener(name, (event) => {
                const { type, pointerType, clientX, clientY } = event;
                window.noted.push([type, pointerType, Math.round(clientX), Math.round(clientY)]);
            });
        document.body.append(paper);";
    let _: Value = page.eval(paper).await;
}

async fn noted(page: &Page) -> Vec<(String, String, i32, i32)> {
    page.eval("return window.noted.splice(0)").await
}

fn names(events: &[(String, String, i32, i32)]) -> Vec<&str> {
    let mut names: Vec<&str> = events.iter().map(|event| event.0.as_str()).collect();
    names.dedup();
    names
}

#[test]
fn a_mouse_draws_a_stroke_of_small_moves() {
    visit(Visit::default(), async |page| {
        lay_out_paper(page).await;
        let [start, corner, end] =
            [Point::new(100.0, 100.0), Point::new(300.0, 100.0), Point::new(300.0, 250.0)];
        page.drag_and_hold(Hand::Mouse, &[start, corner]).await;
        page.move_along(Hand::Mouse, corner, &[end]).await;
        page.release(Hand::Mouse).await;
        let mut events = noted(page).await;
        // The way to the start is no part of the stroke.
        events.retain(|event| event.0 != "pointermove" || (event.2, event.3) != (100, 100));
        assert_eq!(names(&events), ["pointerdown", "pointermove", "pointerup"]);
        assert!(events.iter().all(|event| event.1 == "mouse"), "{events:?}");
        assert!(events.len() > 20, "{events:?}");
        assert!(events.iter().any(|event| (event.2, event.3) == (300, 100)), "{events:?}");
        assert_eq!(events.last().map(|event| (event.2, event.3)), Some((300, 250)));
    });
}

#[test]
fn a_finger_can_be_held_released_and_taken_away() {
    visit(Visit { screen: Screen::PHONE, ..Visit::default() }, async |page| {
        lay_out_paper(page).await;
        let (start, end) = (Point::new(100.0, 100.0), Point::new(200.0, 300.0));
        page.drag_and_hold(Hand::Finger, &[start, end]).await;
        let events = noted(page).await;
        assert_eq!(names(&events), ["pointerdown", "pointermove"]);
        assert!(events.iter().all(|event| event.1 == "touch"), "{events:?}");
        page.release(Hand::Finger).await;
        assert_eq!(names(&noted(page).await), ["pointerup"]);

        page.drag_and_hold(Hand::Finger, &[start, end]).await;
        noted(page).await;
        page.cancel_touch().await;
        assert_eq!(names(&noted(page).await), ["pointercancel"]);

        page.tap(Hand::Finger, start).await;
        assert_eq!(names(&noted(page).await), ["pointerdown", "pointerup"]);
    });
}

#[test]
fn a_finger_scrolls_where_the_page_lets_it_and_a_tap_is_a_click() {
    visit(Visit { screen: Screen::PHONE, ..Visit::default() }, async |page| {
        let tall = "document.body.style.height = '5000px'; window.clicks = 0;
            addEventListener('click', () => { window.clicks += 1; })";
        let _: Value = page.eval(tall).await;
        page.tap(Hand::Finger, Point::new(200.0, 700.0)).await;
        page.wait_until("the tap is a click", "return window.clicks === 1").await;
        let upwards = [Point::new(200.0, 700.0), Point::new(200.0, 300.0)];
        page.drag(Hand::Finger, &upwards).await;
        page.wait_until("the page scrolls", "return scrollY > 200").await;
    });
}

#[test]
fn keys_reach_what_has_the_focus() {
    visit(Visit::default(), async |page| {
        let field = "const field = document.createElement('input');
            field.style = 'margin-top: 3000px'; field.id = 'field'; document.body.append(field)";
        let _: Value = page.eval(field).await;
        page.scroll_to("#field").await;
        page.tap(Hand::Mouse, page.center_of("#field").await).await;
        page.type_keys("x = 7").await;
        let typed: String = page.eval("return document.getElementById('field').value").await;
        assert_eq!(typed, "x = 7");
    });
}

#[test]
fn a_small_dark_still_touch_screen_is_what_the_page_sees() {
    let screen = Screen {
        dark: true,
        reduced_motion: true,
        forced_colors: true,
        zoom: 2.0,
        ..Screen::PHONE
    };
    visit(Visit { screen, query: "?seed=7", ..Visit::default() }, async |page| {
        let seen = "return [
            innerWidth, innerHeight, location.search, devicePixelRatio,
            ...['(prefers-color-scheme: dark)', '(prefers-reduced-motion: reduce)',
                '(forced-colors: active)', '(pointer: coarse)']
                .map((query) => matchMedia(query).matches)]";
        let expected: Value = serde_json::json!([390, 844, "?seed=7", 2, true, true, true, true]);
        assert_eq!(page.eval::<Value>(seen).await, expected);
        page.set_screen(Screen::DESK).await;
        let expected: Value =
            serde_json::json!([1280, 800, "?seed=7", 1, false, false, false, false]);
        assert_eq!(page.eval::<Value>(seen).await, expected);
    });
}

#[test]
fn a_word_on_the_console_and_a_request_abroad_are_noticed() {
    visit(Visit::default(), async |page| {
        page.assert_clean().await;
        let noise = "console.warn('hear me'); fetch('http://localhost:65530/').catch(() => {});";
        let _: Value = page.eval(noise).await;
        page.wait_until("the request failed", "return performance.getEntries().length > 0").await;
        page.run_in_page("nobody.declared()").await;
        let console = page.console().await.join("\n");
        for word in ["hear me", "nobody is not defined"] {
            assert!(console.contains(word), "{console}");
        }
        let requests = page.requests().await;
        assert!(requests.iter().any(|url| url == "http://localhost:65530/"), "{requests:?}");
        let picture = page.screenshot("support-works").await;
        assert!(picture.is_file());
    });
}
