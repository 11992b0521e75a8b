//! The whole story of going back, once with one finger on a phone and once by keyboard alone: a
//! vote is split, the reader goes back to before it, cuts a link instead, and sends both branches
//! to a friend, who sees them side by side.

use std::cell::RefCell;
use std::rc::Rc;

use thirtyfour::Key;

use crate::support::{Browser, Hand, Page, Point, Screen, Visit, visit};

/// What `rift.state()` says: the instant, the history's hash, the branch, how many there are.
type Stand = (u64, String, u16, usize);

async fn stand(page: &Page) -> Stand {
    let state = "const state = window.rift.state();
        return [state.nowUs, state.historyHash, state.branch, state.branches]";
    page.eval(state).await
}

/// What the friend must see, too.
#[derive(Clone, Debug, PartialEq)]
struct Sent {
    here: Stand,
    /// The same instant of the other branch.
    there: Stand,
    verdict: Option<String>,
    names: Vec<String>,
}

/// One of the two ways through the page.
trait Reader {
    /// Does what a button does.
    async fn push(&self, page: &Page, css: &str);
    /// Opens the card of a server.
    async fn open_server(&self, page: &Page, server: usize);
    /// Opens the card of the link between S1 and S3.
    async fn open_link(&self, page: &Page);
    async fn back_to_the_change_before(&self, page: &Page);
}

#[derive(Clone, Copy)]
struct OneFinger;

#[derive(Clone, Copy)]
struct Keyboard;

/// The place of a choice on the open card, as CSS.
async fn choice(page: &Page, label: &str) -> String {
    page.wait_for_text(".menu", label).await;
    let place: usize = page
        .eval(&format!(
            "const choices = [...document.querySelectorAll('.menu .choice')];
            return choices.findIndex((choice) => choice.innerText.startsWith('{label}'))"
        ))
        .await;
    format!("[data-choice=\"{place}\"]")
}

impl OneFinger {
    /// Taps where the element is; whatever lies on top of it would be tapped instead.
    async fn tap(&self, page: &Page, css: &str, at: Point) {
        let hit: bool = page
            .eval(&format!(
                "const hit = document.elementFromPoint({}, {});
                return !!hit?.closest('{css}')",
                at.x, at.y
            ))
            .await;
        assert!(hit, "something lies on `{css}`");
        page.tap(Hand::Finger, at).await;
    }
}

impl Reader for OneFinger {
    async fn push(&self, page: &Page, css: &str) {
        page.wait_for(css).await;
        page.scroll_to(css).await;
        let [width, height]: [f64; 2] = page
            .eval(&format!(
                "const box = document.querySelector('{css}').getBoundingClientRect();
                return [box.width, box.height]"
            ))
            .await;
        assert!(width >= 43.5 && height >= 43.5, "`{css}` is {width} x {height}");
        let at = page.center_of(css).await;
        self.tap(page, css, at).await;
    }

    /// The servers below are where the card will be.
    async fn open_server(&self, page: &Page, server: usize) {
        page.eval::<()>("document.querySelector('.stage').scrollIntoView()").await;
        let body = format!("[data-node=\"{server}\"] .node-body");
        let at = page.center_of(&body).await;
        self.tap(page, &format!("[data-node=\"{server}\"]"), at).await;
        page.wait_for(".menu").await;
    }

    async fn open_link(&self, page: &Page) {
        page.eval::<()>("document.querySelector('.stage').scrollIntoView()").await;
        let reach = "[data-link=\"0-2\"] .link-reach";
        let [x, y]: [f64; 2] = page
            .eval(&format!(
                "const line = document.querySelector('{reach}');
                const at = line.getPointAtLength(line.getTotalLength() * 0.72)
                    .matrixTransform(line.getScreenCTM());
                return [at.x, at.y]"
            ))
            .await;
        self.tap(page, "[data-link=\"0-2\"]", Point::new(x, y)).await;
        page.wait_for(".menu").await;
    }

    async fn back_to_the_change_before(&self, page: &Page) {
        self.push(page, "[data-control=before]").await;
    }
}

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const RIGHT: &str = "\u{e014}";

impl Keyboard {
    /// Tabs on until the focus is there.
    async fn tab_to(&self, page: &Page, css: &str) {
        let is_there = format!("return document.activeElement?.matches('{css}') ?? false");
        for _ in 0..150 {
            if page.eval::<bool>(&is_there).await {
                return;
            }
            page.type_keys(TAB).await;
            // Behind the last thing come the buttons of the browser, which has them even without a
            // window if it is Firefox, and keeps the keys.
            let left = "return document.activeElement === document.body";
            if page.browser == Browser::Firefox && page.eval::<bool>(left).await {
                let first = "document.querySelector('a[href], button:not([disabled])').focus()";
                page.eval::<()>(first).await;
            }
        }
        panic!("no way to `{css}` with the Tab key");
    }
}

impl Reader for Keyboard {
    async fn push(&self, page: &Page, css: &str) {
        page.wait_for(css).await;
        self.tab_to(page, css).await;
        page.type_keys(ENTER).await;
    }

    async fn open_server(&self, page: &Page, server: usize) {
        self.tab_to(page, "[data-node] .grip").await;
        let grip = format!(".stage:not([inert]) [data-node=\"{server}\"] .grip");
        let there = format!("return document.activeElement.matches('{grip}')");
        for _ in 0..5 {
            if page.eval::<bool>(&there).await {
                page.type_keys(ENTER).await;
                page.wait_for(".menu").await;
                return;
            }
            page.type_keys(RIGHT).await;
        }
        panic!("no way to server {server} with the arrow keys");
    }

    async fn open_link(&self, page: &Page) {
        self.open_server(page, 2).await;
        let links = choice(page, "Links").await;
        self.push(page, &links).await;
        let link = choice(page, "S1 – S3").await;
        self.push(page, &link).await;
        page.wait_for_text(".menu-head", "S1 – S3").await;
    }

    async fn back_to_the_change_before(&self, page: &Page) {
        page.type_with(&[Key::Shift], '<').await;
    }
}

/// How many stand for election, and how many lead, each in term 1.
async fn candidates_and_leaders(page: &Page) -> (usize, usize) {
    page.eval(
        "const rows = window.rift.state().table.rows;
        const count = (role) => rows.filter((row) => row[1] === role && row[2] === '1').length;
        return [count('candidate'), count('leader')]",
    )
    .await
}

/// Four of five ask for votes at the same instant: the fifth vote makes two at most.
async fn split_the_vote(page: &Page, reader: &impl Reader) -> u64 {
    page.wait_for("[data-node]").await;
    let at_us = stand(page).await.0;
    for server in [0, 1, 2, 3] {
        reader.open_server(page, server).await;
        let time_out = choice(page, "Time out now").await;
        reader.push(page, &time_out).await;
        page.wait_until("the card is gone", "return !document.querySelector('.menu')").await;
    }
    let acted = stand(page).await;
    assert_eq!((acted.0, acted.3), (at_us, 1), "all at the same instant");
    let (candidates, _) = candidates_and_leaders(page).await;
    assert_eq!(candidates, 4, "every card did what it said");
    reader.push(page, "[data-control=play]").await;
    let all_have_voted = format!("return window.rift.state().nowUs > {}", at_us + 30_000);
    page.wait_until("all votes are in", &all_have_voted).await;
    reader.push(page, "[data-control=play]").await;
    page.wait_for_text("[data-control=play]", "Play").await;
    assert_eq!(candidates_and_leaders(page).await, (4, 0), "the vote is split");
    page.wait_for_text(".headline", "S1, S2, S3, S4 compete for votes in term 1.").await;
    at_us
}

/// The whole of it, up to the link.
async fn tell(page: &Page, reader: &impl Reader) -> (Sent, String) {
    let at_us = split_the_vote(page, reader).await;
    // One change back they have just timed out; before that is the beginning.
    reader.back_to_the_change_before(page).await;
    page.wait_until("the election", &format!("return window.rift.state().nowUs === {at_us}")).await;
    reader.back_to_the_change_before(page).await;
    page.wait_until("before it", "return window.rift.state().nowUs === 0").await;
    page.wait_for_text(".moment", "acting starts a new branch").await;

    reader.open_link(page).await;
    page.wait_for_text(".menu", "acting starts a new branch").await;
    assert_eq!(stand(page).await.3, 1, "it is said before anything is done");
    let cut = choice(page, "Cut").await;
    reader.push(page, &cut).await;
    page.wait_until("a branch", "return window.rift.state().branches === 2").await;
    page.wait_for_text(".stage .notice", "the other stays as it was").await;
    reader.push(page, "[data-control=play]").await;
    page.wait_until("it is said once", "return !document.querySelector('.stage .notice')").await;
    page.wait_for_text(".headline", "leads term 1").await;
    reader.push(page, "[data-control=play]").await;
    page.wait_for_text("[data-control=play]", "Play").await;

    reader.push(page, "[data-rename]").await;
    page.wait_for("[data-name-of]").await;
    page.type_keys(&format!("one link less{ENTER}")).await;
    page.wait_for_text("[data-branch=\"1\"]", "one link less").await;
    reader.push(page, "[data-beside=\"0\"]").await;
    page.wait_for(".stage-cell.beside [data-node]").await;
    page.wait_for_text(".verdicts", "In one link less: You cut the link S1 – S3.").await;

    // A browser that lets no page copy: there the link can be read.
    page.run_in_page(
        "Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true })",
    )
    .await;
    reader.push(page, "[data-control=copy]").await;
    page.wait_for("[data-link-text]").await;
    let link: String = page.eval("return document.querySelector('[data-link-text]').value").await;
    let fragment = link[link.find('#').expect("the run is behind the #")..].to_owned();
    (see(page, reader).await, fragment)
}

/// What is to be seen of both branches.
async fn see(page: &Page, reader: &impl Reader) -> Sent {
    let here = stand(page).await;
    let verdict = page.text(".verdicts").await;
    let names: Vec<String> = page
        .eval("return [...document.querySelectorAll('.stage-name')].map((name) => name.innerText)")
        .await;
    reader.push(page, "[data-branch=\"0\"]").await;
    page.wait_for("[data-branch=\"0\"][aria-pressed=true]").await;
    let there = stand(page).await;
    Sent { here, there, verdict, names }
}

/// In a browser that has never seen the page: both branches at once, and which is which.
fn a_friend_opens(screen: Screen, fragment: String, sent: Sent, reader: impl Reader + 'static) {
    // A visit's address lasts as long as the tests do.
    let query: &'static str = Box::leak(format!("?autoplay=0{fragment}").into_boxed_str());
    visit(Visit { screen, query, ..Visit::default() }, async move |page| {
        page.wait_for(".stage-cell.beside [data-node]").await;
        page.wait_for_text(".verdicts .parted", "They part at").await;
        page.screenshot(if screen.touch { "friend-phone" } else { "friend-desk" }).await;
        let in_sight: Vec<bool> = page
            .eval(
                "const shown = ['.headline', '.stage-cell', '.stage-cell.beside', '.parted'];
                return shown.map((css) => {
                    const box = document.querySelector(css).getBoundingClientRect();
                    return box.top >= -1 && box.bottom <= innerHeight + 1;
                })",
            )
            .await;
        assert_eq!(in_sight, [true; 4], "head, both stages and where they part, at once");
        assert_eq!(see(page, &reader).await, sent);
        page.assert_clean().await;
    });
}

fn story(screen: Screen, reader: impl Reader + Copy + 'static) {
    let told = Rc::new(RefCell::new(None));
    let teller = Rc::clone(&told);
    let query = "?seed=5&speed=1/50&autoplay=0";
    visit(Visit { screen, query, ..Visit::default() }, async move |page| {
        let (sent, fragment) = tell(page, &reader).await;
        page.assert_clean().await;
        *teller.borrow_mut() = Some((sent, fragment));
    });
    let (sent, fragment) = told.take().expect("the visit is over");
    assert_eq!(sent.here.0, sent.there.0, "the same instant");
    assert_ne!(sent.here.1, sent.there.1, "two histories");
    assert!(sent.names[0].starts_with("one link less"), "{:?}", sent.names);
    assert!(sent.names[1].starts_with("first"), "{:?}", sent.names);
    a_friend_opens(screen, fragment, sent, reader);
}

#[test]
fn one_finger_splits_a_vote_goes_back_cuts_a_link_and_sends_both() {
    story(Screen::PHONE, OneFinger);
}

#[test]
fn the_keyboard_alone_splits_a_vote_goes_back_cuts_a_link_and_sends_both() {
    story(Screen { dark: true, ..Screen::DESK }, Keyboard);
}
