//! What the page has to bear: frames that forbid almost everything, full storage, several tabs,
//! addresses that somebody has broken on purpose, and runs that are longer than can be kept.

use std::time::{Duration, Instant};

use rift::labs::{Command, LABS, LabSettings};
use rift::link::{Link, limits};
use rift::sim::{Fault, NodeId};
use rift::timeline::{BranchId, Timeline};

use crate::share::hand_over;
use crate::support::{Page, Reply, SiteOptions, Visit, must, visit};
use crate::time::{cut_off_the_first, link_of, stand};

const PAUSED: &str = "?seed=5&autoplay=0";

fn paused() -> Visit {
    Visit { query: PAUSED, ..Visit::default() }
}

/// What an honest page would need to hurry for: it comes up, and steps.
async fn assert_it_works(page: &Page) {
    let before = stand(page).await.0;
    page.run_in_page("document.querySelector('[data-control=step]').click()").await;
    page.wait_until("it works", &format!("return window.rift.state().nowUs > {before}")).await;
}

/// A run with a branch, in which something was done on both.
fn two_branches() -> Timeline {
    let mut timeline = Timeline::start(&LABS[0], LabSettings::new(5, 11));
    timeline.advance_to(900_000).expect("far from any limit");
    timeline.act(Command::write(NodeId(0), "x", "1")).expect("it runs");
    timeline.seek(500_000).expect("far from any limit");
    timeline.act(Command::Faults(vec![Fault::Crash(NodeId(3))])).expect("it runs");
    timeline.advance_to(800_000).expect("far from any limit");
    timeline
}

fn address_of(timeline: &Timeline, beside: Option<BranchId>) -> String {
    format!("#{}", Link::of_timeline(timeline, beside).to_text())
}

/// In the frame of a page that trusts nobody: an origin of its own that equals no other, so no
/// storage, no history, no clipboard. The server lets everybody read its files, as page hosts do.
fn in_a_sandbox(headers: Vec<(&'static str, &'static str)>) -> Visit {
    let frame = "<!doctype html><title>blog</title><link rel=icon href=data:,>\
        <iframe sandbox='allow-scripts' src='/?seed=5&autoplay=0' width=1200 height=760></iframe>";
    let site = SiteOptions {
        headers,
        replies: vec![("blog.html", Reply::Html(frame))],
        ..SiteOptions::default()
    };
    Visit { site, query: "blog.html", ..Visit::default() }
}

#[test]
fn in_a_really_sandboxed_frame_everything_else_works() {
    visit(in_a_sandbox(vec![("Access-Control-Allow-Origin", "*")]), async |page| {
        must("enter the frame", page.driver.enter_frame(0).await);
        page.wait_for("[data-node]").await;
        let (origin, throws): (String, bool) = page
            .eval(
                "let throws = false;
                try { localStorage.length } catch (error) { throws = true }
                return [window.origin, throws]",
            )
            .await;
        assert_eq!((origin.as_str(), throws), ("null", true), "it is as strict as it should be");
        assert_it_works(page).await;
        cut_off_the_first(page).await;
        page.wait_for_text(".stage .notice", "does not keep your run").await;
        page.click("[data-menu=dismiss]").await;
        // Back in time, another branch, both side by side.
        page.click("[data-control=step-back]").await;
        page.click("[data-control=step-back]").await;
        page.wait_for_text(".moment", "In the past").await;
        page.run_in_page("document.querySelector('[data-control=network]').click()").await;
        page.wait_for(".menu [data-side]").await;
        page.click("[data-side=\"1\"]").await;
        page.click("[data-menu=cut-off]").await;
        page.wait_for("[data-beside=\"0\"]").await;
        page.click("[data-beside=\"0\"]").await;
        page.wait_for(".stage-cell.beside [data-node]").await;
        // The second program comes, too.
        page.click("[data-tab=space-time]").await;
        page.wait_for(".view-pane svg").await;
        // A new run, of which the address may not tell.
        let before = link_of(page).await;
        assert!(before.contains("#run=1."), "{before}");
        let fragment = before[before.find('#').expect("it is there")..].to_owned();
        let there = stand(page).await;
        page.click("[data-control=new-seed]").await;
        page.wait_until("a fresh run", "return window.rift.state().branches === 1").await;
        hand_over(page, "paste", &format!("data.setData('text', '{fragment}');")).await;
        page.wait_until("it is back", "return window.rift.state().branches === 2").await;
        assert_eq!(stand(page).await, there);
        page.assert_clean().await;
    });
}

/// A server that lets nobody else read its files keeps the program from a sandboxed frame.
#[test]
fn where_the_program_cannot_come_into_a_sandboxed_frame_the_page_says_so() {
    visit(in_a_sandbox(Vec::new()), async |page| {
        must("enter the frame", page.driver.enter_frame(0).await);
        page.wait_for("#start-failure").await;
        assert!(page.text("#start-failure").await.is_some_and(|said| said.contains("Reload")));
    });
}

#[test]
fn when_storage_is_full_the_page_says_so_and_offers_the_link() {
    visit(paused(), async |page| {
        page.wait_for("[data-node]").await;
        let full: bool = page
            .eval(
                "for (let size = 1 << 20, k = 0; size >= 1; k += 1) {
                    try { localStorage.setItem('other' + k, 'x'.repeat(size)); }
                    catch (error) { size >>= 1; }
                }
                try { localStorage.setItem('y', 'y'); return false } catch (error) { return true }",
            )
            .await;
        assert!(full);
        cut_off_the_first(page).await;
        page.wait_for_text(".stage .notice", "does not keep your run").await;
        page.wait_for_text(".stage .notice", "Copy link").await;
        page.click("[data-menu=dismiss]").await;
        let (before, link) = (stand(page).await, link_of(page).await);
        assert_it_works(page).await;
        page.assert_clean().await;
        // The link does what the storage could not.
        page.go("?autoplay=0").await;
        page.go(&link[link.find('#').expect("the run is behind the #")..]).await;
        page.wait_for(".heal").await;
        assert_eq!(stand(page).await, before);
        // What the page kept of others' it has not thrown away.
        assert!(page.eval::<bool>("return localStorage.getItem('other0') !== null").await);
    });
}

/// The run that is kept is that of the tab in which something was done last.
#[test]
fn two_tabs_do_not_take_each_others_run() {
    visit(paused(), async |page| {
        page.wait_for("[data-node]").await;
        cut_off_the_first(page).await;
        page.wait_until("it is kept", "return localStorage.getItem('rift:raft')").await;
        let one = must("name the tab", page.driver.window().await);
        let first = stand(page).await;
        let two = must("open a tab", page.driver.new_tab().await);
        must("go there", page.driver.switch_to_window(two.clone()).await);
        page.go("?autoplay=0").await;
        page.wait_for(".heal").await;
        assert_eq!(stand(page).await, first, "it goes on with what was kept");
        page.click("[data-control=step]").await;
        page.run_in_page("document.querySelector('.heal').click()").await;
        page.wait_until("it is healed", "return !document.querySelector('.heal')").await;
        let kept = "const now = localStorage.getItem('rift:raft');
            const other = window.before !== now; window.before = now; return other";
        page.wait_until("kept", kept).await;
        // A pause of the keeper's passes, then nothing more is to be written.
        tokio::time::sleep(Duration::from_millis(900)).await;
        let (second, theirs): (_, String) =
            (stand(page).await, page.eval("return localStorage.getItem('rift:raft')").await);
        // In the first tab time goes by; its run does not take the place of the other's.
        must("go back", page.driver.switch_to_window(one).await);
        assert_eq!(stand(page).await, first, "nothing has happened here");
        for _ in 0..3 {
            page.click("[data-control=step]").await;
        }
        tokio::time::sleep(Duration::from_millis(900)).await;
        let after: String = page.eval("return localStorage.getItem('rift:raft')").await;
        assert_eq!(after, theirs);
        // Until something is done there.
        page.run_in_page("document.querySelector('.heal').click()").await;
        page.wait_until(
            "it is this tab's again",
            &format!("return localStorage.getItem('rift:raft') !== '{theirs}'"),
        )
        .await;
        page.assert_clean().await;
        must("go there", page.driver.switch_to_window(two).await);
        assert_eq!(stand(page).await, second, "nothing has happened here, either");
        assert_it_works(page).await;
        page.assert_clean().await;
    });
}

#[test]
fn back_and_forward_go_from_run_to_run() {
    visit(paused(), async |page| {
        page.wait_for("[data-node]").await;
        let timeline = two_branches();
        let mut other = Timeline::start(&LABS[0], LabSettings::new(3, 4));
        other.advance_to(333_000).expect("far from any limit");
        let hashes = [&timeline, &other].map(|it| format!("{:016x}", it.lab().history_hash()));
        let is_shown = |hash: &str| format!("return window.rift.state().historyHash === '{hash}'");
        page.go(&address_of(&timeline, Some(BranchId::FIRST))).await;
        page.wait_until("the first", &is_shown(&hashes[0])).await;
        page.wait_for(".stage-cell.beside [data-node]").await;
        page.go(&address_of(&other, None)).await;
        page.wait_until("the second", &is_shown(&hashes[1])).await;
        assert!(!page.is_visible(".stage-cell.beside").await);
        must("go back", page.driver.back().await);
        page.wait_until("the first again", &is_shown(&hashes[0])).await;
        page.wait_for(".stage-cell.beside [data-node]").await;
        must("go forward", page.driver.forward().await);
        page.wait_until("the second again", &is_shown(&hashes[1])).await;
        must("go back", page.driver.back().await);
        must("go back", page.driver.back().await);
        page.wait_until("the page without a run", "return !location.hash").await;
        page.wait_until("a run of its own", "return window.rift.state().branches === 1").await;
        assert_it_works(page).await;
        page.assert_clean().await;
    });
}

#[test]
fn a_reload_keeps_branches_the_instant_and_the_comparison() {
    visit(Visit { query: "?autoplay=0", ..Visit::default() }, async |page| {
        page.wait_for("[data-node]").await;
        page.go(&address_of(&two_branches(), Some(BranchId::FIRST))).await;
        page.wait_for(".stage-cell.beside [data-node]").await;
        // Something is done on top of it, and the link goes from the address.
        cut_off_the_first(page).await;
        page.click("[data-control=step]").await;
        page.wait_until("it is kept", "return localStorage.getItem('rift:raft')").await;
        tokio::time::sleep(Duration::from_millis(900)).await;
        let (before, verdict) = (stand(page).await, page.text(".verdicts").await);
        assert_eq!(before.3, 2);
        page.go("?").await;
        page.wait_for(".stage-cell.beside [data-node]").await;
        page.wait_for(".heal").await;
        assert_eq!(stand(page).await, before);
        assert_eq!(page.text(".verdicts").await, verdict);
        page.assert_clean().await;
    });
}

/// Somebody sends what should hurt: the page says what is wrong, at once, and works.
#[test]
fn hostile_addresses_are_named_and_cost_nothing() {
    visit(paused(), async |page| {
        page.wait_for("[data-node]").await;
        let whole = address_of(&two_branches(), None);
        let truncated = &whole[..whole.len() - 9];
        let cases = [
            (truncated.to_owned(), "its end is missing"),
            (whole.replace("run=1.", "run=9."), "version 9"),
            (format!("{whole}AAAA"), "comes after its end"),
            ("#run".to_owned(), "does not begin with run="),
            ("#run=".to_owned(), "does not begin with run="),
            ("#run=1.%00%ff".to_owned(), "its character"),
        ];
        for (fragment, words) in cases {
            page.run_in_page(&format!("location.hash = '{fragment}'")).await;
            page.wait_for_text(".stage .notice", words).await;
            assert_it_works(page).await;
        }
        for rubbish in ["'#run=1.' + 'A'.repeat(1 << 20)", "'#run=' + '%F0%9F%92%A3'.repeat(80000)"]
        {
            let begun = Instant::now();
            page.run_in_page(&format!("location.hash = {rubbish}")).await;
            page.wait_for_text(".stage .notice", "too long").await;
            assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
            assert_it_works(page).await;
            page.run_in_page("location.hash = '#run=0'").await;
            page.wait_for_text(".stage .notice", "does not begin").await;
        }
        page.assert_clean().await;
        // And the same at the very first, not on top of a page that works already.
        must("leave", page.driver.goto("about:blank").await);
        page.go(&format!("?autoplay=0{truncated}")).await;
        page.wait_for_text(".stage .notice", "Here is a fresh run instead").await;
        assert_it_works(page).await;
    });
}

#[test]
fn a_megabyte_of_rubbish_is_pasted_and_nothing_is_lost() {
    visit(paused(), async |page| {
        page.wait_for("[data-node]").await;
        cut_off_the_first(page).await;
        let before = stand(page).await;
        for rubbish in
            ["'run=1.' + 'A'.repeat(1 << 20)", "'#run=' + '\\u{1F4A3}\\0'.repeat(1 << 18)"]
        {
            let begun = Instant::now();
            hand_over(page, "paste", &format!("data.setData('text', {rubbish});")).await;
            page.wait_for_text(".stage .notice", "This link does not open").await;
            assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
            assert_eq!(stand(page).await, before, "what was there stays");
            page.click("[data-menu=dismiss]").await;
        }
        assert_it_works(page).await;
        page.assert_clean().await;
    });
}

/// A link may ask for a day, which is more than is played or kept: the page stays alive on the way,
/// can be stopped, and what is too long is let go with a word.
#[test]
fn a_link_that_asks_for_a_day_can_be_stopped_and_what_is_too_long_is_let_go() {
    visit(Visit { query: "?autoplay=0", ..Visit::default() }, async |page| {
        page.wait_for("[data-node]").await;
        let timeline = two_branches();
        let day = Link { at_us: limits::AT_US, ..Link::of_timeline(&timeline, None) };
        page.go(&format!("#{}", day.to_text())).await;
        page.wait_for_text(".stage .notice", "Playing the run again, up to").await;
        page.click("[data-control=stop]").await;
        page.wait_until("it stands", "return !document.querySelector('[data-control=stop]')").await;
        let stopped = stand(page).await.0;
        assert!(stopped > 0 && stopped < limits::AT_US, "{stopped}");
        assert_it_works(page).await;
        // All the way: to where the world halts, with the oldest part let go.
        page.run_in_page("location.hash = ''").await;
        page.go(&format!("#{}", day.to_text())).await;
        page.wait_for_text(".stage .notice", "reached its longest length").await;
        page.wait_for_text(".let-go", "This run is long: it can be seen from").await;
        let first_ms: u64 =
            page.eval("return Number(document.querySelector('.time-strip').ariaValueMin)").await;
        assert!(first_ms > 1_000_000, "{first_ms} ms");
        let length: u64 = page.eval("return window.rift.state().historyLength").await;
        // One thing that happens may be several records.
        assert!((2_000_000..2_000_100).contains(&length), "{length}");
        page.screenshot("let-go").await;
        // As far back as is kept.
        page.run_in_page("document.querySelector('.time-strip').focus()").await;
        page.type_keys("\u{e011}").await;
        page.wait_until(
            "the earliest that is kept",
            &format!("return Math.floor(window.rift.state().nowUs / 1000) === {first_ms}"),
        )
        .await;
        assert_it_works(page).await;
        page.assert_clean().await;
    });
}
