//! Figures on pages of other people: `<rift-lab>`, and the same in a frame.

use serde_json::{Value, json};

use crate::support::{Page, Reply, Screen, SiteOptions, Visit, visit};

/// What docs/embedding.md says is enough for all pages of `dist/` but the one that is one file.
pub(crate) const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
     style-src 'self'; connect-src 'self'; img-src 'self' blob:; frame-src 'self'; \
     base-uri 'none'; form-action 'none'; object-src 'none'";

/// A page of somebody else, beside the kit.
pub(crate) fn host(page: &'static str) -> Visit {
    let replies = vec![("host.html", Reply::Html(page))];
    let site = SiteOptions { replies, ..SiteOptions::default() };
    Visit { site, query: "host.html", ..Visit::default() }
}

fn demo(prefix: &'static str) -> Visit {
    let headers = vec![("Content-Security-Policy", POLICY), ("Access-Control-Allow-Origin", "*")];
    let site = SiteOptions { prefix, headers, ..SiteOptions::default() };
    Visit { site, query: "embed-demo.html", ..Visit::default() }
}

/// What a figure says of itself, or null.
pub(crate) async fn state(page: &Page, id: &str) -> Value {
    page.eval(&format!("return document.getElementById('{id}').state()")).await
}

pub(crate) async fn wait_until_there(page: &Page, id: &str) {
    let there = format!("return document.getElementById('{id}').state()");
    page.wait_until(&format!("the figure {id} is there"), &there).await;
}

/// What a script of the host page gets: the value, or the error's name and message.
pub(crate) async fn call(page: &Page, id: &str, call: &str) -> String {
    let script = format!(
        "window.answer = undefined;
         const figure = document.getElementById('{id}');
         (async () => figure.{call})().then(
             (value) => {{ window.answer = 'value ' + JSON.stringify(value); }},
             (error) => {{ window.answer = error.name + ': ' + error.message; }});"
    );
    page.run_in_page(&format!("{{ {script} }}")).await;
    page.wait_until(&format!("an answer to {call}"), "return window.answer").await;
    page.eval("return window.answer").await
}

#[test]
fn ten_figures_of_a_post_share_four_programs_under_a_strict_policy_and_a_path() {
    visit(demo("/blog/rift/"), async |page| {
        // A page in a frame has a program of its own.
        // By the driver: the policy forbids scripts in the page.
        let _: Value = page.eval("document.querySelector('iframe').remove()").await;
        let count: usize = page.eval("return document.querySelectorAll('rift-lab').length").await;
        assert_eq!(count, 10);
        let waiting: usize = page
            .eval(
                "return [...document.querySelectorAll('rift-lab')]
                    .filter((it) => !it.state()).length",
            )
            .await;
        assert!(waiting > 4, "those far below wait until they come near: {waiting}");
        for k in 0..count {
            let figure = format!("document.querySelectorAll('rift-lab')[{k}]");
            let _: Value =
                page.eval(&format!("{figure}.scrollIntoView({{ block: 'center' }})")).await;
            page.wait_until(
                &format!("figure {k} shows servers"),
                &format!("return {figure}.shadowRoot.querySelector('[data-node]')"),
            )
            .await;
        }
        let asked = page.site.requested();
        for program in ["rift-web-", "rift-cap-", "rift-events-", "rift-breaker-"] {
            let times = asked.iter().filter(|it| it.contains(program) && it.ends_with(".wasm"));
            assert_eq!(times.count(), 1, "{program} is one for all its figures");
        }
        assert!(asked.iter().all(|path| path.starts_with("/blog/rift/")), "{asked:?}");
        let playing: usize = page
            .eval(
                "return [...document.querySelectorAll('rift-lab')]
                    .filter((it) => it.state().playing).length",
            )
            .await;
        assert_eq!(playing, 0, "none moves by itself");
        page.screenshot("embed-demo").await;
        page.assert_clean().await;
    });
}

pub(crate) const TWO: &str = "<!doctype html><meta charset=utf-8><title>Two</title>
    <style>html { font-size: 62.5% } body { font: 1.8rem/1.6 serif; text-transform: uppercase }
      .stage, button { display: none !important }</style>
    <input id=field><rift-lab id=a autoplay speed=1 seed=7></rift-lab>
    <div style='height: 4000px'></div>
    <rift-lab id=b autoplay speed=1 seed=8></rift-lab>
    <script type=module src=rift.js></script>";

#[test]
fn a_figure_off_screen_stands_still() {
    visit(host(TWO), async |page| {
        wait_until_there(page, "a").await;
        let advances = "const now = document.getElementById('a').state().nowUs;
            const before = window.before; window.before = now; return before < now";
        page.wait_until("it plays", advances).await;
        assert_eq!(state(page, "b").await, Value::Null, "nobody has come near");
        page.run_in_page("document.getElementById('b').scrollIntoView()").await;
        wait_until_there(page, "b").await;
        page.wait_until(
            "the other one plays",
            "return document.getElementById('b').state().nowUs > 300000",
        )
        .await;
        let first = state(page, "a").await;
        let until = state(page, "b").await["nowUs"].as_u64().expect("an instant") + 300_000;
        page.wait_until(
            "time goes on in the other",
            &format!("return document.getElementById('b').state().nowUs > {until}"),
        )
        .await;
        assert_eq!(first, state(page, "a").await);
        page.assert_quiet().await;
    });
}

const ONE: &str = "<!doctype html><meta charset=utf-8><title>One</title>
    <rift-lab id=a seed=7 controls=none></rift-lab>
    <script>window.heard = [];
      for (const type of ['ready', 'event', 'violation', 'task']) {
        document.addEventListener('rift:' + type, ({ detail }) => heard.push([type, detail]));
      }</script>
    <script type=module src=rift.js></script>";

#[test]
fn a_script_moves_a_figure_and_hears_what_happens() {
    visit(host(ONE), async |page| {
        wait_until_there(page, "a").await;
        assert_eq!(call(page, "a", "seek(300000)").await, "value undefined");
        let now = state(page, "a").await;
        assert_eq!((&now["nowUs"], &now["playing"]), (&json!(300_000), &json!(false)));
        assert_eq!(call(page, "a", "step('change', true)").await, "value undefined");
        let earlier = state(page, "a").await["nowUs"].as_u64().expect("an instant");
        assert!(earlier < 300_000, "{earlier}");
        assert_eq!(call(page, "a", "seek(300000)").await, "value undefined");
        assert_eq!(call(page, "a", "command('crash S1')").await, "value undefined");
        let now = state(page, "a").await;
        assert_eq!((&now["actions"], &now["nowUs"]), (&json!(1), &json!(300_000)));
        assert!(now["table"]["rows"][0].to_string().contains("down"), "{now}");
        let link = call(page, "a", "link()").await;
        assert!(link.contains("/#run=1."), "{link}");
        let script = "load('rift 1\\nlab raft\\nservers 3\\nuntil leader')";
        assert_eq!(call(page, "a", script).await, "value undefined");
        assert_eq!(state(page, "a").await["servers"], json!(3));
        page.wait_until(
            "the task is told",
            "return heard.some(([type, it]) => type === 'task' && it.doneUs > 0)",
        )
        .await;
        let told =
            "return heard.some(([type, it]) => type === 'event' && /leads term/.test(it.text))";
        page.wait_until("the election is told", told).await;
        assert_eq!(page.eval::<String>("return heard[0][0]").await, "ready");
        page.assert_quiet().await;
    });
}

#[test]
fn a_figure_whose_program_stopped_says_so_and_no_other() {
    visit(host(ONE), async |page| {
        wait_until_there(page, "a").await;
        let stop = |file: &str| {
            format!(
                "{{ const error = new WebAssembly.RuntimeError('unreachable');
                    error.stack = performance.getEntriesByType('resource')
                        .map((it) => it.name).find((it) => it.includes('{file}')) ?? 'elsewhere';
                    dispatchEvent(new ErrorEvent('error', {{ error }})); }}"
            )
        };
        let said = "return document.getElementById('a').shadowRoot
            .querySelector('[role=alert]')?.innerText.includes('The figure stopped')";
        page.run_in_page(&stop("nobody.wasm")).await;
        assert!(!page.eval::<Option<bool>>(said).await.unwrap_or(false), "it is not its own");
        page.run_in_page(&stop("rift-web-")).await;
        page.wait_until("it says so", said).await;
    });
}

const BAD: &str = "<!doctype html><meta charset=utf-8><title>Bad</title>
    <rift-lab id=a seed=-5 servers=99 panels=all,nonsense controls=many></rift-lab>
    <rift-lab id=b lab=nonsense><p>My own <a href=/>words</a></p></rift-lab>
    <rift-lab id=c scenario=nonsense></rift-lab>
    <rift-lab id=d>rift 1
      lab raft
      crush S1</rift-lab>
    <script type=module src=rift.js></script>";

#[test]
fn bad_attributes_are_named_and_what_was_there_stays() {
    visit(host(BAD), async |page| {
        wait_until_there(page, "a").await;
        let said = state(page, "a").await["notice"].as_str().unwrap_or_default().to_owned();
        for name in ["seed=-5", "servers=99", "panels=all,nonsense", "controls=many"] {
            assert!(said.contains(name), "{name}: {said}");
        }
        for (id, words) in
            [("b", "lab is “nonsense”"), ("c", "scenario is “nonsense”"), ("d", "crush")]
        {
            page.run_in_page(&format!("document.getElementById('{id}').scrollIntoView()")).await;
            let alert = format!(
                "return document.getElementById('{id}').shadowRoot
                    .querySelector('[role=alert]')?.innerText.includes('{words}')"
            );
            page.wait_until(&format!("{id} says what is wrong"), &alert).await;
        }
        assert!(page.is_visible("#b a").await, "the author's words are still there");
        // Mended, it works.
        page.run_in_page("document.getElementById('b').setAttribute('lab', 'raft')").await;
        wait_until_there(page, "b").await;
    });
}

/// An opaque origin, as hosts have it that trust nobody.
const FRAME: &str = "<!doctype html><meta charset=utf-8><title>A frame</title>
    <script src=frame.js></script>
    <iframe id=frame src='embed.html?lab=raft&seed=3&servers=3&controls=mini&onload=alert(1)'
      sandbox=allow-scripts style='width: 100%; border: 0'></iframe>
    <script>window.heard = [];
      addEventListener('message', ({ data }) => heard.push(data));
      const frame = document.getElementById('frame');
      window.ask = (call, ...args) =>
        frame.contentWindow.postMessage({ rift: 1, id: call, call, args }, '*');</script>";

#[test]
fn a_frame_has_the_height_of_its_figure_and_answers() {
    let Visit { mut site, query, .. } = host(FRAME);
    site.headers = vec![("Access-Control-Allow-Origin", "*")];
    let desk = Visit { site, query, screen: Screen::DESK, until_loaded: true };
    visit(desk, async |page| {
        page.wait_until("it is ready", "return heard.some((it) => it.type === 'ready')").await;
        page.wait_until("it is as high as its figure", "return frame.offsetHeight > 350").await;
        let wide: f64 = page.eval("return frame.offsetHeight").await;
        page.run_in_page("frame.style.width = '340px'").await;
        page.wait_until("it follows", &format!("return frame.offsetHeight !== {wide}")).await;
        page.run_in_page("ask('seek', 300000); ask('state'); ask('seek', 'soon')").await;
        page.wait_until(
            "it answers",
            "return heard.some((it) => it.type === 'answer' && it.value?.servers === 3)
                && heard.some((it) => it.type === 'answer' && /seek: atUs/.test(it.error))",
        )
        .await;
        // What is not one of its messages is nobody's.
        page.run_in_page("ask('remove'); frame.contentWindow.postMessage('hello', '*')").await;
        let strange: usize = page
            .eval("return heard.filter((it) => it.type === 'answer' && it.id === 'remove').length")
            .await;
        assert_eq!(strange, 0);
        page.assert_quiet().await;
    });
}

#[test]
fn the_page_that_is_one_file_asks_for_no_other() {
    let one = Visit { query: "standalone.html", ..Visit::default() };
    visit(one, async |page| {
        let figure = "document.querySelector('rift-lab')";
        page.wait_until("it is there", &format!("return {figure}?.state?.()")).await;
        let part = |css: &str| format!("{figure}.shadowRoot.querySelector('{css}')");
        page.run_in_page(&format!("{}.click()", part("[data-tab=space-time]"))).await;
        page.wait_until("it is looked at closer", &format!("return {}", part(".view-svg"))).await;
        let mut asked = page.site.requested();
        asked.retain(|path| !path.ends_with("/standalone.html") && path != "/favicon.ico");
        assert!(asked.is_empty(), "{asked:?}");
        page.assert_quiet().await;
    });
}
