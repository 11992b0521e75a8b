//! How smoothly the page itself goes while a reader scrubs a long run: frames a second with each of
//! the pictures in sight, with a crowd of calls, and with ten figures on a page of somebody else.
//!
//! `cargo xtask bench page` builds the page, and drives it in headless Chromium without a GPU, with
//! real pointer events.

#[path = "../tests/browser/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the tests need more of it")]
mod support;

use std::env;
use std::time::Duration;

use rift::labs::{Command, LABS, LabSettings};
use rift::link::Link;
use rift::sim::NodeId;
use rift::timeline::Timeline;

use serde_json::{Value, json};
use support::{Hand, Page, Point, Reply, Screen, SiteOptions, Visit, visit};

/// How long the run is that is scrubbed.
const EVENTS: usize = 100_000;
/// How long a crowd of calls is watched.
const CROWD_FOR: Duration = Duration::from_secs(6);
/// How often the pointer goes there and back over the whole strip.
const SWEEPS: usize = 4;
/// The pictures by the names of their tabs: the network alone, and each of the others beside it.
const PICTURES: [&str; 3] = ["network", "space-time", "logs"];

/// Counts frames and drawings from now on.
const BEGIN: &str = "
    const counted = window.counted = { at: [], drawn: 0, shown: 0, last: 0 };
    const pane = document.querySelector('.view-pane');
    counted.observer = new MutationObserver(() => { counted.drawn += 1; });
    if (pane) counted.observer.observe(pane, { childList: true });
    const frame = (at) => {
        counted.at.push(at);
        const { nowUs } = window.rift.state();
        counted.shown += nowUs !== counted.last;
        counted.last = nowUs;
        counted.next = requestAnimationFrame(frame);
    };
    counted.next = requestAnimationFrame(frame);
    return true";

/// Frames a second, the longest time between two that all but one in a hundred keep to, in
/// milliseconds; how many frames a second show another instant, and how many pictures are drawn.
const END: &str = "
    const { at, drawn, shown, next, observer } = window.counted;
    cancelAnimationFrame(next);
    observer.disconnect();
    const gaps = at.slice(1).map((now, k) => now - at[k]).sort((a, b) => a - b);
    const seconds = (at[at.length - 1] - at[0]) / 1000;
    return [gaps.length / seconds, gaps[Math.floor(gaps.length * 0.99)],
        shown / seconds, drawn / seconds]";

/// What is done on a device, which has a name.
type Bench = fn(&'static str, Screen);

fn main() {
    // `cargo bench` and `cargo test --benches` hand on flags of their own. Names pick.
    let names: Vec<String> = env::args().skip(1).filter(|name| !name.starts_with('-')).collect();
    let benches: [(&str, Bench); 4] =
        [("scrub", scrubbing), ("crowd", crowded), ("ten", ten_playing), ("slide", sliding)];
    for (device, screen) in [("desk", Screen::DESK), ("phone", Screen::PHONE)] {
        for (name, bench) in benches {
            if names.is_empty() || names.iter().any(|wanted| wanted == name) {
                bench(device, screen);
            }
        }
    }
}

fn scrubbing(device: &'static str, screen: Screen) {
    visit(Visit { screen, query: "?autoplay=0", ..Visit::default() }, async move |page| {
        let fragment = format!("#{}", long_run().to_text());
        page.wait_for("[data-node]").await;
        page.go(&fragment).await;
        let whole = format!("return window.rift.state().historyLength >= {EVENTS}");
        page.wait_until("the whole run", &whole).await;
        for picture in PICTURES {
            let [frames, gap, instants, drawn] = scrub(page, picture).await;
            println!(
                "{:<40} {frames:>4.0} frames/s, 99 % within {gap:.0} ms; \
                 {instants:.0} instants/s, {drawn:.0} pictures/s",
                format!("scrubbing {EVENTS} events, {device}, {picture}"),
            );
        }
    });
}

fn crowded(device: &'static str, screen: Screen) {
    let query = "?lab=breaker&autoplay=1&load=2000&workers=4000";
    let site = SiteOptions::only("breaker");
    visit(Visit { screen, query, site, ..Visit::default() }, async move |page| {
        let [frames, gap, instants, _] = crowd(page).await;
        println!(
            "{:<40} {frames:>4.0} frames/s, 99 % within {gap:.0} ms; {instants:.0} instants/s",
            format!("1,000 calls under way, {device}"),
        );
    });
}

fn ten_playing(device: &'static str, screen: Screen) {
    for (page, what) in [(POST, "a post with ten"), (TEN, "ten in sight")] {
        let replies = vec![("ten.html", Reply::Html(page))];
        let site = SiteOptions { replies, ..SiteOptions::default() };
        visit(Visit { screen, query: "ten.html", site, ..Visit::default() }, async move |page| {
            let [frames, gap, work] = ten(page).await;
            println!(
                "{:<40} {frames:>4.0} frames/s, 99 % within {gap:.0} ms; {work:.1} ms a frame",
                format!("{what}, all playing, {device}"),
            );
        });
    }
}

fn sliding(device: &'static str, screen: Screen) {
    let (query, site) = ("?lab=events&autoplay=0", SiteOptions::only("events"));
    visit(Visit { screen, query, site, ..Visit::default() }, async move |page| {
        let [frames, gap, _, drawn] = slide(page).await;
        println!(
            "{:<40} {frames:>4.0} frames/s, 99 % within {gap:.0} ms; {drawn:.0} pictures/s",
            format!("folding {EVENTS} events under a slider, {device}"),
        );
    });
}

/// A post with ten figures, which is read from its head on: those in sight play.
const POST: &str = "<!doctype html><meta charset=utf-8><title>A post</title>
    <meta name=viewport content='width=device-width'>
    <style>body { max-width: 44rem; margin: 0 auto }
      rift-lab { display: block; margin: 0 0 30rem }</style>
    <script type=module src=rift.js></script><body data-scrolls=6></body>";
/// More than any post has: all ten in sight at once.
const TEN: &str = "<!doctype html><meta charset=utf-8><title>Ten</title>
    <meta name=viewport content='width=device-width'>
    <style>body { display: grid; grid-template-columns: repeat(5, 1fr); margin: 0 }
      rift-lab { height: 400px; overflow: clip }
      @media (max-width: 600px) { body { grid-template-columns: repeat(2, 1fr) }
        rift-lab { height: 165px } }</style>
    <script type=module src=rift.js></script><body></body>";
/// What they are: at speeds at which there is always something on its way.
const FIGURES: [&str; 10] = [
    "seed=1 speed=1/10",
    "seed=2 speed=1/10 servers=7",
    "scenario=minority-writes",
    "scenario=figure-8",
    "lab=cap speed=1/20",
    "scenario=siblings",
    "lab=events speed=1/4",
    "scenario=lost-update",
    "lab=breaker cast=fleet speed=1/2",
    "scenario=retry-storm",
];
/// How long they are watched.
const TEN_FOR: Duration = Duration::from_secs(8);

/// Ten figures that play, while the page goes by at so many pixels a frame: frames a second, the
/// longest time between two that all but one in a hundred keep to, and what the main thread works
/// for a frame, in milliseconds.
async fn ten(page: &Page) -> [f64; 3] {
    let made = FIGURES.map(|it| format!("<rift-lab controls=mini autoplay {it}></rift-lab>"));
    let make = format!("document.body.innerHTML = `{}`", made.concat());
    page.run_in_page(&make).await;
    // Near or not, so that what is measured is playing and not loading.
    let figures = "const figures = [...document.querySelectorAll('rift-lab')];";
    page.run_in_page(&format!("{{ {figures} figures.forEach((it) => it.ready); }}")).await;
    let there = format!("{figures} return figures.every((it) => it.state?.())");
    page.wait_until("all ten are there", &there).await;
    // What waits for the reader is told to go on.
    page.run_in_page(&format!(
        "{{ {figures} setInterval(() => figures.forEach((it) =>
             it.state().playing || it.play()), 250); }}"
    ))
    .await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = worked(page).await;
    let begun: bool = page
        .eval(
            "const counted = window.counted = { at: [] };
             const top = Number(document.body.dataset.scrolls ?? 0);
             const frame = (at) => {
                 counted.at.push(at);
                 scrollBy({ top, behavior: 'instant' });
                 counted.next = requestAnimationFrame(frame);
             };
             counted.next = requestAnimationFrame(frame);
             return true",
        )
        .await;
    assert!(begun);
    tokio::time::sleep(TEN_FOR).await;
    let [frames, gap, count]: [f64; 3] = page
        .eval(
            "const { at, next } = window.counted;
             cancelAnimationFrame(next);
             const gaps = at.slice(1).map((now, k) => now - at[k]).sort((a, b) => a - b);
             return [gaps.length / ((at[at.length - 1] - at[0]) / 1000),
                 gaps[Math.floor(gaps.length * 0.99)], gaps.length]",
        )
        .await;
    [frames, gap, (worked(page).await - before) * 1_000.0 / count]
}

/// For how many seconds the page's main thread has worked, by its own clock, which stands while
/// others have the processor.
async fn worked(page: &Page) -> f64 {
    page.devtools("Performance.enable", json!({ "timeDomain": "threadTicks" })).await;
    let metrics: Value = page.devtools("Performance.getMetrics", json!({})).await;
    let metrics = metrics["metrics"].as_array().cloned().unwrap_or_default();
    let task = metrics.iter().find(|metric| metric["name"] == json!("TaskDuration"));
    task.and_then(|metric| metric["value"].as_f64()).unwrap_or_default()
}

/// A thousand calls under way, two thousand a second, in real time: frames and instants.
async fn crowd(page: &Page) -> [f64; 4] {
    let of_figure = |css: &str| ["[data-lab=breaker] ", css].concat();
    page.wait_for(&of_figure(".crowd")).await;
    page.scroll_to(&of_figure(".stage")).await;
    let begun: bool = page.eval(BEGIN).await;
    assert!(begun);
    tokio::time::sleep(CROWD_FOR).await;
    page.eval(END).await
}

/// Drags the slider of the view that is about snapshots: each picture folds the long stream again.
async fn slide(page: &Page) -> [f64; 4] {
    let of_figure = |css: &str| ["[data-lab=events] ", css].concat();
    page.wait_for(&of_figure("[data-node]")).await;
    page.click(&of_figure("[data-tab=snapshots]")).await;
    let whole = "const heading = document.querySelector('.ev-long h3');
        return heading !== null && heading.textContent.endsWith('73\\u202f412')";
    page.wait_until("the whole stream", whole).await;
    page.scroll_to("input[data-look=version]").await;
    let [left, top, width, height]: [f64; 4] = page
        .eval(
            "const box = document.querySelector('input[data-look=version]')
                 .getBoundingClientRect();
             return [box.left, box.top, box.width, box.height]",
        )
        .await;
    let along = |part: f64| Point::new(left + width * part, top + height * 0.5);
    let ends = [along(0.98), along(0.5)];
    page.drag(Hand::Mouse, &ends).await;
    page.drag_and_hold(Hand::Mouse, &[ends[1], ends[1].offset(4.0, 0.0)]).await;
    let begun: bool = page.eval(BEGIN).await;
    assert!(begun);
    for sweep in 1..=2 * SWEEPS {
        page.move_along(Hand::Mouse, ends[sweep % 2], &[ends[(sweep + 1) % 2]]).await;
    }
    let measured = page.eval(END).await;
    page.release(Hand::Mouse).await;
    measured
}

/// Five servers that take a write every two seconds.
fn long_run() -> Link {
    let mut timeline = Timeline::start(&LABS[0], LabSettings::new(5, 5));
    for number in 1_u64.. {
        timeline.advance_to(number * 2_000_000).expect("far from any limit");
        if timeline.lab().history_len() > EVENTS {
            break;
        }
        let via = NodeId((number % 5) as u8);
        timeline.act(Command::write(via, "x", number.to_string())).expect("every server runs");
    }
    Link::of_timeline(&timeline, None)
}

/// Drags the playhead over the whole strip, there and back, while a picture is in sight.
async fn scrub(page: &Page, picture: &str) -> [f64; 4] {
    page.click(&format!("[data-tab={picture}]")).await;
    if picture != "network" {
        page.wait_for(&format!(".view-pane[data-view={picture}] .view-svg")).await;
    }
    page.scroll_to(".time-strip").await;
    let [left, top, width, height]: [f64; 4] = page
        .eval(
            "const box = document.querySelector('.time-strip').getBoundingClientRect();
             return [box.left, box.top, box.width, box.height]",
        )
        .await;
    let along = |part: f64| Point::new(left + width * part, top + height * 0.4);
    // Once before, for what is loaded or compiled when it is first needed.
    page.drag(Hand::Mouse, &[along(0.9), along(0.1)]).await;
    let ends = [along(0.95), along(0.05)];
    page.drag_and_hold(Hand::Mouse, &[ends[0], ends[0].offset(-4.0, 0.0)]).await;
    let begun: bool = page.eval(BEGIN).await;
    assert!(begun);
    for sweep in 0..2 * SWEEPS {
        page.move_along(Hand::Mouse, ends[sweep % 2], &[ends[(sweep + 1) % 2]]).await;
    }
    let measured = page.eval(END).await;
    page.release(Hand::Mouse).await;
    measured
}
