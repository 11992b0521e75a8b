//! Runs go out of the page as files and come into it as scripts and links.

use rift::labs::LABS;
use rift::lens::share::{KINDS, Sharing};
use rift::scenario::{parse, play};
use thirtyfour::{By, Key};

use crate::support::{Page, Reply, Screen, SiteOptions, Visit, visit};

const SCRIPT: &str = "rift 1\nlab raft\ntitle \"Nobody to write to\"\nservers 3\nseed 9\n\
    until leader\nwrite x=1 to leader\nexpect eventually committed x=1\n\
    crash leader\nexpect now no leader\n";

fn paused(screen: Screen) -> Visit {
    Visit { screen, query: "?seed=5&speed=1/2&autoplay=0", ..Visit::default() }
}

/// Paused, some hundred milliseconds into a run with a crash in it.
async fn with_a_past(page: &Page) {
    page.wait_for("[data-node]").await;
    page.click("[data-control=play]").await;
    page.wait_until("it has played", "return window.rift.state().nowUs > 300000").await;
    page.click("[data-control=play]").await;
    page.wait_for_text("[data-control=play]", "Play").await;
    page.run_in_page("document.querySelector('[data-control=network]').click()").await;
    page.wait_for(".menu [data-side]").await;
    page.click("[data-side=\"0\"]").await;
    page.click("[data-menu=cut-off]").await;
    page.wait_for(".heal").await;
}

async fn open(page: &Page, what: &str) {
    page.scroll_to(&format!("[data-look={what}]")).await;
    page.click(&format!("[data-look={what}]")).await;
    page.wait_for("dialog.share[open]").await;
}

async fn hash(page: &Page) -> String {
    page.eval("return window.rift.state().historyHash").await
}

/// The whole text of the file that is offered.
async fn file(page: &Page) -> String {
    page.eval(
        "const link = document.querySelector('dialog a.share-file');
         const request = new XMLHttpRequest();
         request.open('GET', link.href, false);
         request.send();
         return request.responseText;",
    )
    .await
}

async fn choose(page: &Page, kind: &str) {
    // The button is the label; what it is for lies invisible over it.
    page.click(&format!("dialog [value={kind}]")).await;
    page.wait_for("dialog a.share-file").await;
}

/// Hands a text or a file to the figure, as its clipboard or a drag would.
pub(crate) async fn hand_over(page: &Page, event: &str, fill: &str) {
    page.run_in_page(&format!(
        "{{ const data = new DataTransfer();
           {fill}
           const kind = {event:?};
           const options = {{ bubbles: true, cancelable: true }};
           const event = kind === 'paste' ? new ClipboardEvent(kind, options)
               : new DragEvent(kind, {{ ...options, dataTransfer: data }});
           // Firefox lets nobody say that when the event is made.
           if (kind === 'paste') Object.defineProperty(event, 'clipboardData', {{ value: data }});
           document.querySelector('.stage').dispatchEvent(event); }}"
    ))
    .await;
}

/// Every file of the page is the one that the command line writes, byte by byte.
#[test]
fn every_kind_of_file_is_offered_and_is_the_native_one() {
    visit(paused(Screen::DESK), async |page| {
        with_a_past(page).await;
        let asked = page.site.requested();
        assert!(!asked.iter().any(|path| path.contains("rift-lens")), "nothing on a first visit");
        open(page, "share").await;
        let link = file(page).await;
        assert!(link.starts_with(&page.site.url()) && link.contains("#run=1."), "{link}");
        let mut native = Sharing::open(&link).expect("it is a link");
        for kind in KINDS.iter().flat_map(|(_, kinds)| *kinds) {
            choose(page, kind.name).await;
            let wanted = native.usual_part(kind);
            let wanted = native.text(kind, wanted).expect("it fits");
            assert_eq!(file(page).await, wanted, "{}", kind.name);
            let name: String =
                page.eval("return document.querySelector('dialog a.share-file').download").await;
            assert_eq!(name, native.file_name(kind));
            let shown: String =
                page.eval("return document.querySelector('.share-text textarea').value").await;
            assert!(wanted.starts_with(&shown[..shown.len().min(1_000)]), "{}", kind.name);
            if kind.is_picture() {
                page.wait_until(
                    "the picture is drawn",
                    "const image = document.querySelector('.share-preview img');
                     return image.checkVisibility() && image.complete && image.naturalWidth > 0",
                )
                .await;
            }
        }
        page.screenshot("share").await;
        page.assert_clean().await;
    });
}

/// The expression on the first line is one that a JavaScript engine reads, as ShiViz does.
#[test]
fn the_log_for_shiviz_is_read_by_its_own_expression() {
    visit(paused(Screen::DESK), async |page| {
        with_a_past(page).await;
        open(page, "share").await;
        choose(page, "shiviz").await;
        let (events, lines): (usize, usize) = page
            .eval(
                "const link = document.querySelector('dialog a.share-file');
                 const request = new XMLHttpRequest();
                 request.open('GET', link.href, false);
                 request.send();
                 const [first, , ...rest] = request.responseText.trimEnd().split('\\n');
                 const all = [...rest.join('\\n').matchAll(new RegExp(first, 'gm'))];
                 for (const { groups } of all) {
                     if (!(JSON.parse(groups.clock)[groups.host] > 0 && groups.event)) {
                         throw new Error(groups.event);
                     }
                 }
                 return [all.length, rest.length];",
            )
            .await;
        assert!(events > 20 && lines == 2 * events, "{events} {lines}");
    });
}

#[test]
fn the_animation_moves_in_an_image_and_a_still_picture_does_not() {
    visit(paused(Screen::DESK), async |page| {
        with_a_past(page).await;
        open(page, "share").await;
        for (kind, moves) in [("animated", true), ("stage", false)] {
            choose(page, kind).await;
            page.wait_until(
                "the picture is drawn",
                "const image = document.querySelector('.share-preview img');
                 return image.complete && image.naturalWidth > 0",
            )
            .await;
            tokio::time::sleep(std::time::Duration::from_millis(400)).await;
            let image = page.driver.find(By::Css(".share-preview img")).await.expect("it is there");
            let first = image.screenshot_as_png().await.expect("a picture of it");
            tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
            let second = image.screenshot_as_png().await.expect("a picture of it");
            assert_eq!(first != second, moves, "{kind}");
        }
        page.assert_clean().await;
    });
}

#[test]
fn a_part_of_the_run_can_be_chosen_and_a_wrong_one_is_told() {
    visit(paused(Screen::DESK), async |page| {
        with_a_past(page).await;
        open(page, "share").await;
        choose(page, "mermaid").await;
        let whole = file(page).await;
        let set = |which: &str, value: &str| {
            format!(
                "const field = document.querySelector('[data-part={which}]');
                 field.value = '{value}';
                 field.dispatchEvent(new Event('change', {{ bubbles: true }}));"
            )
        };
        page.run_in_page(&set("from", "250")).await;
        let part = file(page).await;
        assert!(part.starts_with("sequenceDiagram") && part.len() < whole.len());
        page.run_in_page(&format!("{{ {} }}", set("from", "tea"))).await;
        page.wait_for_text("[data-way=out] .share-wrong", "“tea” is no time").await;
        assert!(!page.is_visible("dialog a.share-file").await, "there is nothing to take");
        page.run_in_page(&format!("{{ {} }}", set("from", "9s"))).await;
        page.wait_for_text("[data-way=out] .share-wrong", "must end later").await;
        page.assert_clean().await;
    });
}

/// Without a clipboard the text is marked for the reader to copy.
#[test]
fn what_cannot_be_copied_is_marked_and_the_focus_comes_back() {
    visit(paused(Screen::PHONE), async |page| {
        with_a_past(page).await;
        page.run_in_page(
            "Object.defineProperty(navigator, 'clipboard',
                { value: undefined, configurable: true });",
        )
        .await;
        open(page, "share").await;
        choose(page, "script").await;
        page.scroll_to("[data-do=copy]").await;
        page.click("[data-do=copy]").await;
        page.wait_for_text("[data-way=out] [role=status]", "copy it by hand").await;
        let marked: String = page
            .eval(
                "return document.getSelection().toString() || (() => {
                const area = document.activeElement;
                return area.value.slice(area.selectionStart, area.selectionEnd);
            })()",
            )
            .await;
        assert!(marked.starts_with("rift 1\n") && marked.contains("cut S1"), "{marked}");
        // A phone: nothing sticks out, and fingers hit what they mean.
        let (wide, low): (bool, f64) = page
            .eval(
                "const dialog = document.querySelector('dialog.share');
                 const low = [...dialog.querySelectorAll('button, .share-kinds span, a')]
                     .filter((it) => it.checkVisibility())
                     .map((it) => it.getBoundingClientRect().height);
                 return [dialog.scrollWidth > dialog.clientWidth, Math.min(...low)];",
            )
            .await;
        assert!(!wide && low >= 44.0, "{wide} {low}");
        page.screenshot("share-phone").await;
        page.type_keys("\u{e00c}").await;
        page.wait_until("it is closed", "return !document.querySelector('dialog').open").await;
        let back: bool =
            page.eval("return document.activeElement.matches('[data-look=share]')").await;
        assert!(back, "the focus is where it was");
        page.assert_clean().await;
    });
}

/// A mistake is told with its place and changes nothing; mended, the script becomes the run.
#[test]
fn a_script_is_opened_by_the_keyboard_and_its_mistake_is_named() {
    visit(paused(Screen::DESK), async |page| {
        with_a_past(page).await;
        let before = hash(page).await;
        open(page, "open").await;
        page.type_keys("rift 1\nlab raft\nuntil laeder\n").await;
        page.type_with(&[Key::Control], '\u{e007}').await;
        page.wait_for_text("[data-way=in] .share-wrong", "line 3, column 7: expected").await;
        page.wait_for_text("[data-way=in] .share-wrong pre", "until laeder\n      ^").await;
        let place: (usize, bool) = page
            .eval(
                "const area = document.activeElement;
                 return [area.selectionStart, area.hasAttribute('data-given')];",
            )
            .await;
        assert_eq!(place, (22, true), "the place is marked");
        assert_eq!(hash(page).await, before, "the run is as it was");
        page.screenshot("open-wrong").await;
        page.run_in_page(&format!(
            "document.querySelector('[data-given]').value = {};",
            serde_json::Value::from(SCRIPT)
        ))
        .await;
        page.click("[data-do=open]").await;
        page.wait_for_text(".stage .notice", "“Nobody to write to”").await;
        page.wait_for_text(".stage .notice", "All 2 expectations hold.").await;
        assert!(!page.is_visible("dialog").await);
        let report = play(&parse(SCRIPT).expect("it is a script")).expect("it can be played");
        let native = format!("{:016x}", report.history_hash);
        assert_eq!(hash(page).await, native, "the same history as natively");
        let nodes: usize =
            page.eval("return document.querySelectorAll('.stage [data-node]').length").await;
        assert_eq!(nodes, 3);
        page.assert_clean().await;
    });
}

#[test]
fn what_is_dropped_or_pasted_onto_the_figure_is_opened() {
    visit(paused(Screen::PHONE), async |page| {
        with_a_past(page).await;
        let script = serde_json::Value::from(SCRIPT);
        let fill = format!("data.items.add(new File([{script}], 'experiment.rift'));");
        hand_over(page, "drop", &fill).await;
        page.wait_for_text(".stage .notice", "All 2 expectations hold.").await;
        page.click("[data-menu=dismiss]").await;
        let report = play(&parse(SCRIPT).expect("it is a script")).expect("it can be played");
        assert_eq!(hash(page).await, format!("{:016x}", report.history_hash));
        // A link needs nobody to read it.
        let link = rift::link::Link::of_timeline(
            &rift::timeline::Timeline::start(&LABS[0], rift::labs::LabSettings::new(7, 3)),
            None,
        );
        let fill = format!("data.setData('text', '  https://example.org/#{}');", link.to_text());
        hand_over(page, "drop", &fill).await;
        page.wait_until(
            "the link's run",
            "return document.querySelectorAll('.stage [data-node]').length === 7",
        )
        .await;
        let fill = format!("data.setData('text', {script});");
        hand_over(page, "paste", &fill).await;
        page.wait_for_text(".stage .notice", "“Nobody to write to”").await;
        // It is in no address, and yet not gone with the page.
        let opened = hash(page).await;
        page.wait_until("it is kept", "return localStorage.getItem('rift:raft')").await;
        page.go("?autoplay=0").await;
        page.wait_until(
            "the script's run is back",
            &format!(
                "return document.querySelectorAll('.stage [data-node]').length === 3 &&
                 document.querySelector('[data-history-hash]').textContent === '{opened}'"
            ),
        )
        .await;
        page.assert_clean().await;
    });
}

/// A megabyte of anything is refused in words, soon, and the run goes on.
#[test]
fn rubbish_is_refused_and_the_run_stays() {
    visit(paused(Screen::DESK), async |page| {
        with_a_past(page).await;
        let before = hash(page).await;
        for (event, fill, said) in [
            ("paste", "data.setData('text', '\\u{1F980}x'.repeat(200000));", "neither a script"),
            ("paste", "data.setData('text', 'a'.repeat(3000000));", "at most 1000000 are read"),
            ("drop", "data.setData('text', '\\n#'.repeat(400000));", "neither a script"),
            (
                "drop",
                "data.setData('text', 'rift 1\\nlab raft\\n' + 'cut S1 | S2\\n'.repeat(70000));",
                "at most 20000 steps",
            ),
            ("drop", "data.items.add(new File(['a'.repeat(2500000)], 'a.rift'));", "has 2500 kB"),
            (
                "drop",
                "data.items.add(new File([new Uint8Array(900000).fill(255)], 'a.rift'));",
                "bytes",
            ),
        ] {
            hand_over(page, event, fill).await;
            page.wait_for_text("[data-way=in] .share-wrong", said).await;
            page.click("[data-do=close]").await;
            page.wait_until("closed", "return !document.querySelector('dialog').open").await;
            page.run_in_page(
                "document.querySelector('[data-way=in] .share-wrong').textContent = ''",
            )
            .await;
            assert_eq!(hash(page).await, before, "{said}");
        }
        let fill = "data.setData('text', 'run=1.' + 'A'.repeat(900000));";
        hand_over(page, "paste", fill).await;
        page.wait_for_text(".stage .notice", "it is too long").await;
        assert_eq!(hash(page).await, before);
        page.click("[data-menu=dismiss]").await;
        page.click("[data-control=step]").await;
        page.wait_until("it goes on", &format!("return rift.state().historyHash !== '{before}'"))
            .await;
        page.assert_clean().await;
    });
}

#[test]
fn a_dialog_that_cannot_be_loaded_is_told() {
    let site =
        SiteOptions { replies: vec![("rift-lens", Reply::NotFound)], ..SiteOptions::default() };
    visit(Visit { site, query: "?autoplay=0", ..Visit::default() }, async |page| {
        page.wait_for("[data-node]").await;
        page.click("[data-look=share]").await;
        page.wait_for_text(".stage .notice", "could not be loaded").await;
        page.click("[data-menu=dismiss]").await;
        page.click("[data-control=step]").await;
    });
}

/// A frame that is walled off: no storage, no clipboard, no downloads. The text is there to be
/// taken by hand, and pictures are drawn.
#[test]
fn a_sandboxed_frame_shows_the_text() {
    let site = SiteOptions {
        headers: vec![("Access-Control-Allow-Origin", "*")],
        ..SiteOptions::default()
    };
    visit(Visit { site, query: "?autoplay=0", ..Visit::default() }, async |page| {
        page.wait_for("[data-node]").await;
        page.eval::<()>(
            "const frame = document.createElement('iframe');
             frame.sandbox = 'allow-scripts';
             frame.width = 900;
             frame.height = 700;
             frame.src = location.href;
             document.body.replaceChildren(frame);",
        )
        .await;
        page.driver.enter_frame(0).await.expect("there is a frame");
        page.wait_for("[data-node]").await;
        page.run_in_page("document.querySelector('[data-look=share]').click()").await;
        page.wait_for("dialog.share[open] .share-hint").await;
        page.run_in_page("document.querySelector('[value=stage]').click()").await;
        page.wait_until(
            "the picture is drawn",
            "const image = document.querySelector('.share-preview img');
             return image.complete && image.naturalWidth > 0",
        )
        .await;
        let all: bool = page
            .eval("return document.querySelector('.share-text textarea').value.includes('</svg>')")
            .await;
        assert!(all, "all of it is there");
    });
}
