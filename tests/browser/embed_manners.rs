//! Figures and the page around them leave each other alone: looks, keys, scrolling, what is marked
//! to be copied; and no page of the kit needs more than the strictest policy allows.

use serde_json::{Value, json};

use crate::embed::{POLICY, TWO, host, state, wait_until_there};
use crate::support::{Hand, Page, Point, Screen, SiteOptions, Visit, visit};

#[test]
fn a_host_page_and_a_figure_leave_each_other_alone() {
    visit(host(TWO), async |page| {
        wait_until_there(page, "a").await;
        // Looks: neither the host's rules nor its odd size of letters come in.
        let [shown, size, shouts]: [Value; 3] = page
            .eval(
                "const part = (css) => document.getElementById('a').shadowRoot.querySelector(css);
                 const style = getComputedStyle(part('.headline'));
                 return [part('.stage').checkVisibility(), parseFloat(style.fontSize),
                     style.textTransform]",
            )
            .await;
        assert_eq!((shown, shouts), (json!(true), json!("none")));
        assert!(size.as_f64().is_some_and(|size| (14.0..=16.0).contains(&size)), "{size}");
        // Keys: those of the page are the page's.
        page.click("#field").await;
        page.type_keys(" c,.").await;
        let typed: String = page.eval("return document.getElementById('field').value").await;
        assert_eq!(typed, " c,.");
        assert_eq!(state(page, "a").await["playing"], json!(true));
        // The wheel over a figure scrolls the page.
        page.run_in_page("scrollTo(0, 0)").await;
        let wheel = json!({ "type": "mouseWheel", "x": 400, "y": 300, "deltaX": 0, "deltaY": 400 });
        page.devtools("Input.dispatchMouseEvent", wheel).await;
        page.wait_until("the page scrolls", "return scrollY > 200").await;
        // Nothing is kept, and the address is the page's own.
        let [kept, query]: [Value; 2] =
            page.eval("return [localStorage.length, location.search + location.hash]").await;
        assert_eq!((kept, query), (json!(0), json!("")));
        page.assert_quiet().await;
    });
}

const LONG: &str = "<!doctype html><meta charset=utf-8><title>Long</title>
    <meta name=viewport content='width=device-width'>
    <style>html { scroll-behavior: auto }</style>
    <p id=before>What stands before the figure.</p>
    <rift-lab id=a seed=7 autoplay speed=1/10></rift-lab>
    <p id=after>What stands after the figure.</p>
    <div style='height: 9000px'></div>
    <script type=module src=rift.js></script>";

/// The middle of an element's left part, or of its right end, on the screen.
async fn edge(page: &Page, css: &str, right: bool) -> Point {
    let side = if right { "right - 4" } else { "left + 2" };
    let script = format!(
        "const text = document.querySelector('{css}').firstChild;
         const range = document.createRange();
         range.selectNodeContents(text);
         const box = range.getBoundingClientRect();
         return [box.{side}, (box.top + box.bottom) / 2]"
    );
    let [x, y]: [f64; 2] = page.eval(&script).await;
    Point::new(x, y)
}

#[test]
fn the_text_of_the_page_can_be_marked_and_so_can_that_of_a_figure() {
    let tall = Screen { height: 2600, ..Screen::DESK };
    visit(Visit { screen: tall, ..host(LONG) }, async |page| {
        wait_until_there(page, "a").await;
        let marked = "return String(getSelection())";
        let (from, to) = (edge(page, "#before", false).await, edge(page, "#before", true).await);
        page.drag(Hand::Mouse, &[from, to]).await;
        let text: String = page.eval(marked).await;
        assert!(text.contains("stands before the fig"), "{text}");
        // Who presses on what is marked would carry it away.
        page.run_in_page("getSelection().removeAllRanges()").await;
        // Across the figure, which plays all the while and is drawn anew.
        let to = edge(page, "#after", true).await;
        page.drag(Hand::Mouse, &[from, to]).await;
        let text: String = page.eval(marked).await;
        assert!(text.contains("before the figure") && text.contains("after the fig"), "{text}");
        let played = "return document.getElementById('a').state().nowUs > 100000";
        page.wait_until("it plays", played).await;
        assert_eq!(page.eval::<String>(marked).await, text, "what was marked stays marked");
        // Words are text, but not those of what is pressed or dragged.
        let selectable = |css: &str| {
            format!(
                "return getComputedStyle(document.getElementById('a').shadowRoot
                    .querySelector('{css}')).userSelect !== 'none'"
            )
        };
        for words in [".headline strong", ".truth", ".figure-side"] {
            assert!(page.eval::<bool>(&selectable(words)).await, "{words}");
        }
        page.assert_quiet().await;
    });
}

/// The way there, and whether the page has stood there since the last look: a key scrolls smoothly.
const TO_THE_TOP: &str = "const stood = scrollY === 0 && window.stood;
    window.stood = scrollY === 0; scrollTo(0, 0); return stood";

#[test]
fn keys_scroll_the_page_until_a_figure_has_the_focus() {
    visit(host(LONG), async |page| {
        wait_until_there(page, "a").await;
        for (key, name) in [("\u{e00f}", "PageDown"), (" ", "Space"), ("\u{e015}", "Down")] {
            page.wait_until("it is at the top", TO_THE_TOP).await;
            page.type_keys(key).await;
            page.wait_until(&format!("{name} scrolls the page"), "return scrollY > 20").await;
            assert_eq!(state(page, "a").await["playing"], json!(true), "{name} is the page's");
        }
        // With the focus in it, a key of its own does what it should, and the page stays.
        page.wait_until("it is at the top", TO_THE_TOP).await;
        page.run_in_page(
            "document.getElementById('a').shadowRoot.querySelector('.time-strip')
                 .focus({ preventScroll: true })",
        )
        .await;
        page.type_keys(" ").await;
        page.wait_until("it pauses", "return !document.getElementById('a').state().playing").await;
        assert_eq!(page.eval::<f64>("return scrollY").await, 0.0);
        page.assert_quiet().await;
    });
}

#[test]
fn a_finger_on_a_figure_scrolls_the_page() {
    visit(Visit { screen: Screen::PHONE, ..host(LONG) }, async |page| {
        wait_until_there(page, "a").await;
        for part in [".stage", ".time-strip", ".figure-side"] {
            page.run_in_page(&format!(
                "document.getElementById('a').shadowRoot.querySelector('{part}')
                     .scrollIntoView({{ block: 'center', behavior: 'instant' }})"
            ))
            .await;
            let place = format!(
                "const box = document.getElementById('a').shadowRoot.querySelector('{part}')
                     .getBoundingClientRect();
                 return [box.left + 12, (box.top + box.bottom) / 2, scrollY]"
            );
            let [x, y, before]: [f64; 3] = page.eval(&place).await;
            let from = Point::new(x, y);
            page.drag(Hand::Finger, &[from, from.offset(0.0, -260.0)]).await;
            let scrolled = format!("return scrollY > {before} + 150");
            page.wait_until(&format!("a finger on {part} scrolls"), &scrolled).await;
        }
        assert_eq!(state(page, "a").await["actions"], json!(0), "nothing was done to the network");
    });
}

#[test]
fn every_page_of_the_kit_works_under_the_strictest_policy_and_a_path() {
    let headers = vec![("Content-Security-Policy", POLICY), ("Access-Control-Allow-Origin", "*")];
    let site = SiteOptions { prefix: "/a/blog/", headers, ..SiteOptions::default() };
    let site = SiteOptions { all_figures: true, ..site };
    visit(Visit { site, ..Visit::default() }, async |page| {
        // The guide, from its head to its end.
        page.wait_for("[data-node]").await;
        let places = "return document.querySelectorAll('[data-scenario], [data-lab]').length";
        let count: usize = page.eval(places).await;
        assert!(count >= 14, "{count}");
        for place in 0..count {
            let it = format!("document.querySelectorAll('[data-scenario], [data-lab]')[{place}]");
            let scrolled = format!("{it}.scrollIntoView({{ behavior: 'instant' }}); return 1");
            let _: Value = page.eval(&scrolled).await;
            let there = format!("return {it}.querySelector('.figure-main')");
            page.wait_until(&format!("figure {place} of the guide is there"), &there).await;
        }
        page.assert_clean().await;
        // In a frame, and alone.
        page.go("embed.html?scenario=split-vote&controls=mini").await;
        let there = "return document.querySelector('rift-lab')?.state?.()";
        page.wait_until("it is there", there).await;
        let look = "document.querySelector('rift-lab').shadowRoot
            .querySelector('[data-look=share]').click(); return 1";
        let _: Value = page.eval(look).await;
        let open = "return document.querySelector('rift-lab').shadowRoot.querySelector('.share')";
        page.wait_until("a run can go out", open).await;
        page.assert_clean().await;
        page.go("embed-demo.html").await;
        page.wait_until("the post is there", there).await;
        page.run_frame_into_view().await;
        page.assert_clean().await;
    });
}

impl Page {
    /// The frame at the end of the post, until it has the height of its figure.
    async fn run_frame_into_view(&self) {
        let _: Value =
            self.eval("document.querySelector('iframe').scrollIntoView(); return 1").await;
        let high = "const { style } = document.querySelector('iframe');
            return style.height && parseFloat(style.height) !== 520";
        self.wait_until("the frame has the height of its figure", high).await;
    }
}

#[test]
fn the_page_that_is_one_file_opens_from_a_disk() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("dist/standalone.html");
    let url = format!("file://{}", file.display());
    visit(Visit { query: "embed.html", ..Visit::default() }, async move |page| {
        page.driver.goto(&url).await.expect("it opens");
        let figure = "document.querySelector('rift-lab')";
        page.wait_until("it is there", &format!("return {figure}?.state?.()")).await;
        let part = |css: &str| format!("{figure}.shadowRoot.querySelector('{css}')");
        let _: Value = page.eval(&format!("{}.click(); return 1", part("[data-tab=logs]"))).await;
        page.wait_until("it is looked at closer", &format!("return {}", part(".view-svg"))).await;
        assert!(page.is_visible("h1").await);
        page.assert_quiet().await;
    });
}
