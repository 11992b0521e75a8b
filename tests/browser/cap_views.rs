//! The views "Systems" and "Staleness" of the CAP lab, and its riddles, with real pointers, judged
//! by what the page shows and by what native code makes of the page's own link.

use rift::labs::cap::{CapLab, Comparison, Counted, System};
use rift::link::Link;
use rift::timeline::Timeline;

use crate::reader::node;
use crate::support::{Hand, Page, Point, Screen, SiteOptions, Visit, visit};

const QUERY: &str = "?lab=cap&seed=5&speed=1&autoplay=1";
const AP: &str = "?lab=cap&seed=5&speed=1&autoplay=1&mode=ap";

fn watching(screen: Screen) -> Visit {
    Visit { screen, query: QUERY, site: SiteOptions::only("cap"), ..Visit::default() }
}

/// Something of the CAP lab's figure.
fn cap(css: &str) -> String {
    format!("[data-lab=cap] {css}")
}

fn server(number: usize) -> String {
    cap(&format!("{} .node-body", node(number)))
}

async fn the_figure(page: &Page) {
    page.wait_for(&server(4)).await;
    page.scroll_to(&cap(".stage")).await;
}

async fn pause(page: &Page) {
    page.click(&cap("[data-control=play]")).await;
    page.wait_for_text(&cap("[data-control=play]"), "Play").await;
}

/// Opens a tab and waits for its picture.
async fn open_tab(page: &Page, tab: &str) {
    page.click(&cap(&format!("[data-tab={tab}]"))).await;
    page.wait_for(&cap(&format!(".view-pane[data-view={tab}] svg"))).await;
    page.scroll_to(&cap(".tabs")).await;
}

/// A point in the gap between two servers, a little outside of the ring.
async fn gap(page: &Page, left: usize, right: usize) -> Point {
    let (a, b) = (page.center_of(&server(left)).await, page.center_of(&server(right)).await);
    let mut centre = Point::new(0.0, 0.0);
    for number in 0..5 {
        let at = page.center_of(&server(number)).await;
        centre = centre.offset(at.x / 5.0, at.y / 5.0);
    }
    centre.towards(a.towards(b, 0.5), 1.12)
}

/// S1 and S2 apart from the others, by a stroke.
async fn cut(page: &Page, hand: Hand) {
    page.scroll_to(&cap(".stage")).await;
    let ends = [gap(page, 4, 0).await, gap(page, 1, 2).await];
    page.drag(hand, &ends).await;
    page.wait_for(&cap(".heal")).await;
}

/// Asks through a client, at a server, for what the menu calls so.
async fn ask(page: &Page, hand: Hand, client: u8, via: usize, label: &str) {
    page.scroll_to(&cap(".stage")).await;
    page.ask(hand, "[data-lab=cap] ", (client, via), label).await;
}

/// The numbers of the table under "Systems": row by row, a column a system.
async fn counters(page: &Page) -> Vec<(String, Vec<u64>)> {
    let script = "
        const rows = [...document.querySelectorAll('.sbs-table tr')].slice(2, 7);
        const number = (cell) => Number(cell.textContent.replace('!', ''));
        return rows.map((row) => [
            row.cells[0].firstChild.textContent, [...row.cells].slice(1).map(number)]);";
    page.eval(script).await
}

/// The link in the field for those whose browser lets no page copy.
async fn link_of(page: &Page) -> String {
    let copy = format!("document.querySelector('{}').click();", cap("[data-control=copy]"));
    let no_clipboard = "Object.defineProperty(navigator, 'clipboard', \
        { value: undefined, configurable: true });";
    page.run_in_page(&[no_clipboard, &copy].concat()).await;
    page.wait_for(&cap("[data-link-text]")).await;
    page.eval(&format!("return document.querySelector('{}').value", cap("[data-link-text]"))).await
}

/// What native code makes of the run that the page shows: the table's numbers, and the verdicts.
async fn natively(page: &Page) -> (Vec<Vec<u64>>, Vec<String>) {
    let link = Link::parse(&link_of(page).await).expect("the page's link is good");
    let entry = link.entry().expect("the lab is there");
    let mut timeline = Timeline::of_tree(entry, link.settings, link.tree);
    timeline.select(link.branch).expect("it is in the link");
    timeline.seek(link.at_us).expect("far from any limit");
    let run = CapLab::of(timeline.lab()).expect("it is the CAP lab").cluster();
    let acts: Vec<_> = run.acts().iter().cloned().collect();
    let mut comparison = Comparison::new(run.begun_with());
    comparison.play(&acts, link.at_us).expect("far from any limit");
    let reports = System::ALL.map(|system| comparison.report(system));
    let row = |counted| reports.iter().map(|report| report.count(counted)).collect();
    (Counted::ALL.map(row).to_vec(), reports.iter().map(|report| report.verdict()).collect())
}

async fn until_ms(page: &Page, ms: u64) {
    let script = format!("return window.rift.state().nowUs > {}", ms * 1_000);
    page.wait_until(&format!("the run is {ms} ms old"), &script).await;
}

/// A stroke, a write on both sides of it, a heal; and what that cost whom.
async fn one_stroke(page: &Page, hand: Hand) -> Vec<(String, Vec<u64>)> {
    the_figure(page).await;
    until_ms(page, 1_000).await;
    cut(page, hand).await;
    ask(page, hand, 1, 0, "Write").await;
    ask(page, hand, 2, 4, "Write").await;
    open_tab(page, "systems").await;
    let now_ms: u64 = page.eval("return Math.round(window.rift.state().nowUs / 1000)").await;
    until_ms(page, now_ms + 3_000).await;
    page.scroll_to(".sbs-table").await;
    page.screenshot("cap-systems-torn").await;
    page.run_in_page(&format!("document.querySelector('{}').click()", cap(".heal"))).await;
    until_ms(page, now_ms + 6_500).await;
    pause(page).await;
    let (numbers, verdicts) = natively(page).await;
    let shown = counters(page).await;
    let said: Vec<Vec<u64>> = shown.iter().map(|(_, numbers)| numbers.clone()).collect();
    assert_eq!(said, numbers, "the page counts what native code counts");
    for verdict in verdicts {
        page.wait_for_text(".sbs-verdicts", &verdict).await;
    }
    assert!(!page.is_visible(".view-notice").await, "the lens has the page's history");
    shown
}

/// The columns are the store without a leader, Raft, and primary-backup, as in the table's head.
fn row<'a>(shown: &'a [(String, Vec<u64>)], name: &str) -> &'a [u64] {
    let row = shown.iter().find(|(label, _)| label == name);
    &row.unwrap_or_else(|| panic!("{name} is a row")).1
}

#[test]
fn under_a_stroke_cp_and_raft_refuse_and_an_asynchronous_primary_loses() {
    visit(watching(Screen::DESK), async |page| {
        let shown = one_stroke(page, Hand::Mouse).await;
        let [refused, lost, stale] = ["Refused", "Lost", "Stale"].map(|name| row(&shown, name));
        assert!(refused[0] > 0 && refused[1] > 0, "{shown:?}");
        assert_eq!((&lost[..2], &stale[..2]), (&[0, 0][..], &[0, 0][..]), "{shown:?}");
        assert!(lost[2] > 0 && stale[2] > 0, "{shown:?}");
        page.scroll_to(".sbs-table").await;
        page.screenshot("cap-systems").await;
        // The requests behind a number, and the instant of one of them.
        let button = format!("[data-look=systems-{}-2]", Counted::Lost as u8);
        page.click(&button).await;
        page.wait_for(".sbs-list [data-go]").await;
        page.wait_for(&format!("{button}[aria-expanded=true]")).await;
        let at_us: u64 = page
            .eval("return Number(document.querySelector('.sbs-list [data-go]').dataset.go)")
            .await;
        page.click(".sbs-list [data-go]").await;
        page.wait_until("one is there", &format!("return window.rift.state().nowUs === {at_us}"))
            .await;
        page.assert_clean().await;
    });
}

#[test]
fn under_a_stroke_ap_answers_everything_and_is_stale_and_loses() {
    let wanted = Visit { query: AP, ..watching(Screen::DESK) };
    visit(wanted, async |page| {
        let shown = one_stroke(page, Hand::Mouse).await;
        assert_eq!((row(&shown, "Refused")[0], row(&shown, "Unknown")[0]), (0, 0), "{shown:?}");
        assert!(row(&shown, "Lost")[0] > 0 && row(&shown, "Stale")[0] > 0, "{shown:?}");
        assert!(row(&shown, "Refused")[1] > 0, "{shown:?}");
        page.assert_clean().await;
    });
}

/// How often the page was busy for longer than 50 ms since this was called first, and how long at
/// worst, in milliseconds.
async fn long_tasks(page: &Page) -> Vec<f64> {
    let script = "
        if (!window.longTasks) {
            window.longTasks = [];
            new PerformanceObserver((list) => window.longTasks.push(
                ...list.getEntries().map((entry) => entry.duration),
            )).observe({ type: 'longtask' });
        }
        return window.longTasks.splice(0);";
    page.eval(script).await
}

const TRUTH: &str = "document.querySelector('.staleness-truth').textContent";

/// Presses a button of the view; how many milliseconds later all is foretold anew.
async fn redrawn_ms(page: &Page, look: &str) -> f64 {
    let script = format!(
        "return (async () => {{
            const start = performance.now();
            const button = () => document.querySelector('.view-own [data-look=\"{look}\"]');
            const is_redrawn = () =>
                button().ariaPressed === 'true' && /100,000 trials/.test({TRUTH});
            button().click();
            const frame = () => new Promise((done) => requestAnimationFrame(done));
            do await frame(); while (!is_redrawn());
            return performance.now() - start;
        }})()"
    );
    page.eval(&script).await
}

#[test]
fn staleness_is_foretold_and_measured_and_every_quorum_has_its_place() {
    visit(watching(Screen::DESK), async |page| {
        the_figure(page).await;
        pause(page).await;
        open_tab(page, "staleness").await;
        long_tasks(page).await;
        page.wait_for(".plot-curve.dashed").await;
        page.wait_until(
            "it is measured",
            "return document.querySelectorAll('.plot-curve').length === 3",
        )
        .await;
        let all_measured = format!("return /Measured: 10,000 writes/.test({TRUTH})");
        page.wait_until("10,000 writes are measured", &all_measured).await;
        let dots: usize = page.eval("return document.querySelectorAll('.plot-dot').length").await;
        assert_eq!(dots, 25, "every R and W of five replicas");
        page.scroll_to(".view-pane").await;
        page.screenshot("cap-staleness").await;
        let said = "return document.querySelector('.staleness-said').textContent";
        let before: String = page.eval(said).await;
        page.click(".view-own [data-look='r=1']").await;
        page.click(".view-own [data-look='w=1']").await;
        page.wait_for(".view-own [data-look='w=1'][aria-pressed=true]").await;
        page.wait_until(
            "it says something else",
            &format!(
                "return document.querySelector('.staleness-said').textContent !== {}",
                serde_json::Value::from(before)
            ),
        )
        .await;
        page.wait_for_text(".staleness-said", "may miss every replica").await;
        // By keyboard to another time after the write.
        let guide = "return document.querySelector('.plot-guide-words').textContent";
        let here: String = page.eval(guide).await;
        page.run_in_page("document.querySelector('.view-pane').focus()").await;
        page.type_keys("\u{e014}").await;
        let there: String = page.eval(guide).await;
        assert_ne!(here, there);
        // And with a pointer, along the axis.
        page.scroll_to(".staleness-plots").await;
        let at = page.center_of(".plot-guide").await;
        page.drag(Hand::Mouse, &[at, at.offset(60.0, 0.0), at.offset(160.0, 0.0)]).await;
        assert_ne!(page.eval::<String>(guide).await, there);
        // A point of the plane is another quorum.
        let point = page.center_of(".plot-dot[data-look='quorum=5,1'] .core").await;
        page.tap(Hand::Mouse, point).await;
        page.wait_for(".view-own [data-look='r=5'][aria-pressed=true]").await;
        let mut redrawn = Vec::new();
        for look in ["network=wan", "network=own", "n=3", "n=7", "network=disk"] {
            redrawn.push((look, redrawn_ms(page, look).await.round()));
        }
        println!("all trials are redrawn after so many milliseconds: {redrawn:?}");
        println!("tasks above 50 ms meanwhile: {:?}", long_tasks(page).await);
        page.wait_for_text(".staleness-truth", "Foretold only").await;
        page.assert_clean().await;
    });
}

#[test]
fn a_read_is_foretold_first_and_the_score_is_kept() {
    visit(watching(Screen::DESK), async |page| {
        the_figure(page).await;
        page.click(&cap("[data-quiz=on]")).await;
        page.wait_for(&cap("[data-quiz=on][aria-pressed=true]")).await;
        ask(page, Hand::Mouse, 1, 0, "Write").await;
        until_ms(page, 500).await;
        ask(page, Hand::Mouse, 2, 3, "Read").await;
        page.wait_for_text(&cap(".quiz"), "C2 is about to read").await;
        page.wait_for_text(&cap("[data-control=play]"), "Play").await;
        page.screenshot("cap-quiz").await;
        // The first option has the focus: new.
        page.type_keys("\u{e007}").await;
        page.wait_for_text(&cap(".quiz-told"), "Right: New.").await;
        page.wait_for_text(&cap(".quiz-score"), "1 of 1 right").await;
        ask(page, Hand::Mouse, 2, 3, "Read").await;
        page.wait_for(&cap("[data-quiz=\"1\"]")).await;
        page.click(&cap("[data-quiz=\"1\"]")).await;
        page.wait_for_text(&cap(".quiz-told"), "Not “Old” but “New”").await;
        page.wait_for_text(&cap(".quiz-score"), "1 of 2 right").await;
        page.assert_clean().await;
    });
}

/// A hand takes its time, and numbers change while the run plays: a button stays under it.
#[test]
fn a_number_is_pressed_slowly_while_the_run_plays() {
    visit(Visit { query: AP, ..watching(Screen::DESK) }, async |page| {
        the_figure(page).await;
        cut(page, Hand::Mouse).await;
        open_tab(page, "systems").await;
        let number = cap(".view-own .sbs-table button");
        page.wait_for(&number).await;
        page.scroll_to(&number).await;
        page.wait_for_text(&cap("[data-control=play]"), "Pause").await;
        let at = page.center_of(&number).await;
        page.drag_and_hold(Hand::Mouse, &[at]).await;
        tokio::time::sleep(std::time::Duration::from_millis(150)).await;
        page.release(Hand::Mouse).await;
        page.wait_for(&cap(".view-own .sbs-table [aria-expanded=true]")).await;
        page.assert_clean().await;
    });
}

#[test]
fn the_views_fit_a_phone_and_are_used_by_fingers() {
    visit(watching(Screen::PHONE), async |page| {
        the_figure(page).await;
        page.click(&cap("[data-quiz=on]")).await;
        for tab in ["systems", "staleness"] {
            open_tab(page, tab).await;
            page.screenshot(&format!("cap-phone-{tab}")).await;
            let wide: f64 = page.eval("return document.documentElement.scrollWidth").await;
            assert!(wide <= 390.0, "nothing scrolls sideways: {wide}");
        }
        page.scroll_to(".view-own [data-look='r=1']").await;
        let at = page.center_of(".view-own [data-look='r=1']").await;
        page.tap(Hand::Finger, at).await;
        page.wait_for(".view-own [data-look='r=1'][aria-pressed=true]").await;
        page.assert_clean().await;
    });
}
