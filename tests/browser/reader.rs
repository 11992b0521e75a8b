//! A reader's path through the figure, with real pointers, judged by what the page shows.

use rift::labs::LABS;
use rift::session::Session;

use crate::support::{Hand, Page, Point, Screen, Visit, visit};

const SERVERS: usize = 5;

/// Fast enough for a test, slow enough to act in: a message takes about a tenth of a second.
pub(crate) fn watching(screen: Screen) -> Visit {
    Visit { screen, query: "?seed=5&speed=1/10&autoplay=1", ..Visit::default() }
}

pub(crate) fn node(server: usize) -> String {
    format!("[data-node=\"{server}\"]")
}

/// The servers that wear a crown, the one with the highest term first.
pub(crate) async fn leaders(page: &Page) -> Vec<usize> {
    let script = "
        const term = (node) => Number(node.querySelector('.node-detail').textContent.slice(5));
        return [...document.querySelectorAll('[data-node]')]
            .filter((node) => node.querySelector('.crown'))
            .sort((a, b) => term(b) - term(a))
            .map((node) => Number(node.dataset.node));";
    page.eval(script).await
}

pub(crate) async fn the_leader(page: &Page) -> usize {
    page.wait_for_text(".headline", "leads term").await;
    leaders(page).await[0]
}

/// The commands in a server's row of cells: those that are solid, and those that are not.
async fn cells(page: &Page, server: usize) -> (Vec<String>, Vec<String>) {
    let script = format!(
        "const node = document.querySelector('[data-node=\"{server}\"]');
        const texts = (state) => [...node.querySelectorAll('.cell.' + state + ' .cell-text')]
            .map((text) => text.textContent);
        return [texts('solid'), texts('loose')];"
    );
    page.eval(&script).await
}

/// A point in the gap between two servers, a little outside of the ring.
async fn gap(page: &Page, left: usize, right: usize) -> Point {
    let body = |server| format!("{} .node-body", node(server));
    let middle = {
        let (a, b) = (page.center_of(&body(left)).await, page.center_of(&body(right)).await);
        a.towards(b, 0.5)
    };
    let centre = page.center_of(".stage").await;
    centre.towards(middle, 1.12)
}

/// The two ends of a stroke that parts `server` from all others.
async fn stroke_around(page: &Page, server: usize) -> [Point; 2] {
    let before = (server + SERVERS - 1) % SERVERS;
    let after = (server + 1) % SERVERS;
    [gap(page, before, server).await, gap(page, server, after).await]
}

pub(crate) async fn choose(page: &Page, server: usize, label: &str) {
    let at = page.center_of(&format!("{} .node-body", node(server))).await;
    page.tap(Hand::Mouse, at).await;
    page.wait_for_text(".menu", label).await;
    let script = format!(
        "const choices = [...document.querySelectorAll('.menu .choice')];
        return choices.findIndex((choice) => choice.textContent.includes('{label}'));"
    );
    let place: usize = page.eval(&script).await;
    page.click(&format!("[data-choice=\"{place}\"]")).await;
}

#[test]
fn a_stroke_isolates_the_leader_and_the_majority_goes_on_without_it() {
    visit(watching(Screen::DESK), async |page| {
        let old = the_leader(page).await;
        let [start, end] = stroke_around(page, old).await;

        page.drag_and_hold(Hand::Mouse, &[start, end]).await;
        let caption = page.text(".stage-caption").await.expect("a caption while dragging");
        assert!(caption.contains(&format!("S{}", old + 1)), "{caption}");
        assert!(caption.contains("majority (4 of 5)"), "{caption}");
        let red: usize = page
            .eval("return document.querySelectorAll('[data-link][data-mark=cut]').length")
            .await;
        assert_eq!(red, SERVERS - 1, "the links that the stroke crosses turn red");
        page.screenshot("stroke").await;
        page.release(Hand::Mouse).await;
        page.wait_for(".tear").await;

        page.wait_for_text(".headline", "still believes it leads").await;
        let both = leaders(page).await;
        assert_eq!((both.len(), both[1]), (2, old), "the old leader does not know yet");
        let new = both[0];

        choose(page, old, "Write x=1").await;
        page.wait_until("the old leader takes the entry", &loose_cell(old)).await;
        choose(page, new, "Write y=2").await;
        page.wait_until("the new leader commits its entry", &solid_cell(new)).await;
        assert_eq!(cells(page, old).await, (vec![], vec!["x=1".to_owned()]), "not committed");
        page.screenshot("two-leaders").await;

        page.click(".heal").await;
        page.wait_until("every server has the same log", &all_have_only("y=2")).await;
        assert_eq!(leaders(page).await, [new]);
        page.click(".table summary").await;
        // The table is renewed ten times a second, the picture at once.
        page.wait_until(
            "the table says the same as the picture",
            "const rows = [...document.querySelectorAll('tr[data-row^=S]')];
            return rows.length === 5
                && rows.every((row) => row.children[5].textContent === '2:y=2 |');",
        )
        .await;
        let done: usize =
            page.eval("return document.querySelectorAll('[data-state=done]').length").await;
        assert_eq!(done, 7, "every task has ticked itself");
        page.screenshot("healed").await;
        page.assert_clean().await;
    });
}

fn loose_cell(server: usize) -> String {
    format!("return !!document.querySelector('[data-node=\"{server}\"] .cell.loose')")
}

fn solid_cell(server: usize) -> String {
    format!("return !!document.querySelector('[data-node=\"{server}\"] .cell.solid')")
}

fn all_have_only(entry: &str) -> String {
    format!(
        "return [...document.querySelectorAll('[data-node]')].every((node) => {{
            const cells = [...node.querySelectorAll('.cell')];
            return cells.length === 1 && cells[0].classList.contains('solid')
                && cells[0].textContent.includes('{entry}');
        }})"
    )
}

#[test]
fn a_server_dragged_out_is_on_an_island_and_comes_back_when_dragged_in() {
    visit(watching(Screen::DESK), async |page| {
        let leader = the_leader(page).await;
        let server = (leader + 2) % SERVERS;
        let body = format!("{} .node-body", node(server));
        let (home, centre) = (page.center_of(&body).await, page.center_of(".stage").await);
        page.drag(Hand::Mouse, &[home, centre.towards(home, 1.5)]).await;
        page.wait_for(&format!(".tear[data-tear], .heal[title^=\"Heal S{} |\"]", server + 1)).await;
        // It glides to its island: who grabs it where it was grabs nothing.
        let stands = format!(
            "const {{ x, y }} = document.querySelector('{body}').getBoundingClientRect(); \
             const before = window.lastPlace; window.lastPlace = `${{x}} ${{y}}`; \
             return before === window.lastPlace;"
        );
        page.wait_until("the server stands still", &stands).await;
        let home = page.center_of(&body).await;
        page.drag(Hand::Mouse, &[home, centre.towards(home, 0.2)]).await;
        page.wait_until("the island is gone", "return !document.querySelector('.heal')").await;
        page.assert_clean().await;
    });
}

#[test]
fn taps_alone_cut_and_heal_on_a_phone() {
    visit(watching(Screen::PHONE), async |page| {
        let leader = the_leader(page).await;
        page.scroll_to(".stage").await;
        page.click("[data-control=cut]").await;
        page.scroll_to(".stage").await;
        let [start, end] = stroke_around(page, leader).await;
        page.tap(Hand::Finger, start).await;
        page.tap(Hand::Finger, end).await;
        page.wait_for(".heal").await;
        page.click(".heal").await;
        page.wait_until("the tear is healed", "return !document.querySelector('.heal')").await;
        page.assert_clean().await;
    });
}

#[test]
fn a_finger_scrolls_the_page_over_the_stage_and_a_cancelled_stroke_cuts_nothing() {
    visit(watching(Screen::PHONE), async |page| {
        the_leader(page).await;
        page.scroll_to(".stage").await;
        let centre = page.center_of(".stage").await;
        let sideways = [centre.offset(-150.0, 20.0), centre.offset(150.0, 20.0)];
        page.drag_and_hold(Hand::Finger, &sideways).await;
        page.cancel_touch().await;
        page.wait_until(
            "no stroke is left",
            "return !document.querySelector('.stroke polyline')
                && !document.querySelector('.cut-bar')",
        )
        .await;
        let touch_action: String = page
            .eval("return getComputedStyle(document.querySelector('.stage-svg')).touchAction")
            .await;
        assert_eq!(touch_action, "pan-y pinch-zoom", "scrolling and zooming belong to the page");
        page.assert_clean().await;
    });
}

#[test]
fn the_keyboard_alone_can_cut_off_a_server_and_heal() {
    visit(watching(Screen::DESK), async |page| {
        the_leader(page).await;
        page.run_in_page("document.querySelector('[data-node] [tabindex=\"0\"]').focus()").await;
        page.type_keys("p").await;
        page.wait_for(".menu [data-side]").await;
        page.run_in_page("document.querySelector('[data-side=\"1\"]').focus()").await;
        page.type_keys(" ").await;
        page.wait_for("[data-side=\"1\"][aria-pressed=true]").await;
        page.run_in_page("document.querySelector('[data-menu=cut-off]').focus()").await;
        page.type_keys(" ").await;
        page.wait_for(".heal[title^=\"Heal S2 |\"]").await;
        page.type_keys("h").await;
        page.wait_until("all is healed", "return !document.querySelector('.heal')").await;
        page.assert_clean().await;
    });
}

#[test]
fn the_parts_of_raft_can_be_switched_and_what_is_promised_is_kept() {
    visit(watching(Screen::DESK), async |page| {
        the_leader(page).await;
        assert_eq!(page.text(".promises .verdict").await.as_deref(), Some("all 20 kept"));
        page.click(".settings summary").await;
        for name in ["pre-vote", "snapshots"] {
            page.click(&format!("[data-name={name}]")).await;
            page.wait_for(&format!("[data-name={name}][aria-pressed=true]")).await;
        }
        page.wait_for_text(".settings .verdict", "pre-vote, snapshots").await;
        page.scroll_to(".stage").await;
        page.wait_for_text(".story", "would vote for").await;
        the_leader(page).await;
        page.wait_for_text(".promises .verdict", "all 25 kept").await;
        page.screenshot("switches").await;
        page.assert_clean().await;
    });
}

#[test]
fn a_server_can_be_paused_and_a_single_message_dropped() {
    visit(Visit { query: "?seed=5&autoplay=0", ..Visit::default() }, async |page| {
        page.wait_for("[data-node]").await;
        let tokens = "return document.querySelectorAll('[data-token]').length";
        for _ in 0..40 {
            let flying: usize = page.eval(tokens).await;
            if flying > 0 {
                break;
            }
            page.click("[data-control=step]").await;
        }
        // A few small steps on, so that the messages lie apart.
        page.click("[data-control=step]").await;
        let before: usize = page.eval(tokens).await;
        let at = page.center_of("[data-token] .token-shape").await;
        page.tap(Hand::Mouse, at).await;
        page.wait_for_text(".menu", "Drop").await;
        page.click("[data-choice=\"0\"]").await;
        page.wait_for_text(".story", "You took a message").await;
        let after: usize = page.eval(tokens).await;
        assert_eq!(after, before - 1);
        choose(page, 1, "Pause").await;
        page.wait_until(
            "it is paused",
            "return document.querySelector('[data-node=\"1\"] .node-word')
                .textContent.includes('paused')",
        )
        .await;
        choose(page, 1, "Go on").await;
        page.wait_until(
            "it goes on",
            "return !document.querySelector('[data-node=\"1\"] .node-word')
                .textContent.includes('paused')",
        )
        .await;
        page.assert_clean().await;
    });
}

#[test]
fn a_paused_figure_costs_no_frame() {
    let visit_paused = Visit { query: "?autoplay=0", ..Visit::default() };
    visit(visit_paused, async |page| {
        page.wait_for("[data-node]").await;
        let count = "
            return new Promise((resolve) => {
                let frames = 0;
                const real = window.requestAnimationFrame;
                window.requestAnimationFrame = (callback) => {
                    frames += 1;
                    return real(callback);
                };
                setTimeout(() => { window.requestAnimationFrame = real; resolve(frames); }, 700);
            });";
        let frames: u32 = page.eval(count).await;
        assert_eq!(frames, 0);
        page.click("[data-control=play]").await;
        let frames: u32 = page.eval(count).await;
        assert!(frames > 5, "playing asks for frames: {frames}");
    });
}

#[test]
fn bad_parameters_are_named_once_and_unknown_ones_ignored() {
    let query = "?servers=2000&seed=luck&theme=dark&utm_source=feed&autoplay=0";
    visit(Visit { query, ..Visit::default() }, async |page| {
        page.wait_for(".stage .notice").await;
        let notice = page.text(".stage .notice").await.unwrap_or_default();
        assert!(notice.contains("servers=2000") && notice.contains("seed=luck"), "{notice}");
        assert!(!notice.contains("utm"), "{notice}");
        let nodes: usize =
            page.eval("return document.querySelectorAll('[data-node]').length").await;
        assert_eq!(nodes, SERVERS, "it falls back to the default");
        page.click("[data-menu=dismiss]").await;
        page.wait_until("it is said once", "return !document.querySelector('.stage .notice')")
            .await;
        page.assert_clean().await;
    });
}

#[test]
fn a_panic_shows_a_card_with_the_seed_and_a_way_to_reload() {
    visit(Visit { query: "?seed=4711&autoplay=0", ..Visit::default() }, async |page| {
        page.wait_for("[data-node]").await;
        // A browser in which no attribute can be set: rendering has to give up.
        page.run_in_page(
            "Element.prototype.setAttribute = () => { throw new Error('a broken browser') };
            document.querySelector('[data-control=network]').click();",
        )
        .await;
        page.wait_for("#crash").await;
        let card = page.text("#crash").await.unwrap_or_default();
        assert!(card.contains("4711") && card.contains("Reload"), "{card}");
        page.click("#crash [data-reload]").await;
        page.wait_for("[data-node]").await;
        assert!(!page.is_visible("#crash").await);
    });
}

/// The same run, step by step, natively and in the browser.
#[test]
fn the_browser_lives_the_same_history_as_the_native_program() {
    const STEPS: usize = 60;
    visit(Visit { query: "?seed=11&servers=7&autoplay=0", ..Visit::default() }, async |page| {
        page.wait_for("[data-node]").await;
        let script = format!(
            "for (let k = 0; k < {STEPS}; k += 1) {{
                document.querySelector('[data-control=step]').click();
            }}
            await new Promise(requestAnimationFrame);
            const state = window.rift.state();
            return [state.historyHash, String(state.nowUs), String(state.historyLength)];"
        );
        let script = format!("return (async () => {{ {script} }})()");
        let seen: [String; 3] = page.eval(&script).await;

        let settings = rift::labs::LabSettings::new(7, 11);
        let mut session = Session::start(&LABS[0], settings);
        session.advance_to(session.lab().opening_us()).expect("far from any limit");
        for _ in 0..STEPS {
            session.step().expect("far from any limit");
        }
        let lab = session.lab();
        let hash = format!("{:016x}", lab.history_hash());
        assert_eq!(seen, [hash, lab.now_us().to_string(), lab.history_len().to_string()]);
    });
}
