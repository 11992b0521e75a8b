//! Scenarios on pages of other people: what is said, where playback waits, what is asked for; and
//! what a figure says that is not set up well.

use serde_json::{Value, json};

use crate::embed::{call, host, state, wait_until_there};
use crate::support::{Page, visit};

const POST: &str = "<!doctype html><meta charset=utf-8><title>Post</title>
    <meta name=viewport content='width=device-width'>
    <script>window.heard = [];
      for (const type of ['ready', 'event', 'violation', 'task', 'error']) {
        document.addEventListener('rift:' + type, (event) =>
          heard.push([type, event.target.id, event.detail]));
      }</script>
    <rift-lab id=a scenario=minority-writes controls=mini></rift-lab>
    <rift-lab id=own controls=mini speed=1>
      <script type='text/rift'>
        rift 1
        lab raft
        title \"It comes back\"
        servers 3
        seed 4
        tasks split-vote
        until leader
        stop \"Somebody leads.\"
        crash leader
        after 200ms
        say \"It is down.\"
      </script></rift-lab>
    <div style='height: 5000px'></div>
    <rift-lab id=far scenario=siblings></rift-lab>
    <rift-lab id=lab lab=breaker></rift-lab>
    <script type=module src=rift.js></script>";

/// What a part of a figure shows.
async fn shown(page: &Page, id: &str, css: &str) -> String {
    let script = format!(
        "return document.getElementById('{id}').shadowRoot.querySelector('{css}')?.innerText ?? ''"
    );
    page.eval(&script).await
}

async fn wait_for_words(page: &Page, id: &str, css: &str, words: &str) {
    let script = format!(
        "return document.getElementById('{id}').shadowRoot.querySelector('{css}')
            ?.innerText.includes('{words}')"
    );
    page.wait_until(&format!("{css} of {id} says “{words}”"), &script).await;
}

#[test]
fn a_scenario_is_told_on_any_page_as_in_the_guide() {
    visit(host(POST), async |page| {
        wait_until_there(page, "a").await;
        wait_for_words(page, "a", ".tour-said", "Five servers keep one log").await;
        assert_eq!(shown(page, "a", ".tour-said small").await, "1 / 6");
        assert!(shown(page, "a", ".figure-side").await.contains("Cut the leader off"));
        for (part, is_there) in [(".time-strip", true), (".story", false), (".controls", true)] {
            let found =
                format!("return !!document.getElementById('a').shadowRoot.querySelector('{part}')");
            assert_eq!(page.eval::<bool>(&found).await, is_there, "{part}");
        }
        // A script plays it as a reader would: up to where it waits, and on.
        assert_eq!(call(page, "a", "play()").await, "value undefined");
        wait_for_words(page, "a", "[data-control=play]", "Continue").await;
        wait_for_words(page, "a", ".tour-said", "it leads, and wears the crown").await;
        assert_eq!(state(page, "a").await["playing"], json!(false));
        assert_eq!(call(page, "a", "play()").await, "value undefined");
        wait_for_words(page, "a", ".tour-said", "Two leaders now, in two terms").await;
        // Another run is not what was told about.
        let link = call(page, "own", "link()").await;
        let run = link.split_once('#').expect("an address").1.trim_end_matches('"').to_owned();
        assert_eq!(call(page, "a", &format!("load('{run}')")).await, "value undefined");
        assert_eq!(shown(page, "a", ".tour-said").await, "");
        assert_eq!(state(page, "a").await["servers"], json!(3));
        page.assert_quiet().await;
    });
}

#[test]
fn a_scenario_of_the_authors_own_has_its_words_and_tasks() {
    visit(host(POST), async |page| {
        page.run_in_page("document.getElementById('own').scrollIntoView()").await;
        wait_until_there(page, "own").await;
        wait_for_words(page, "own", ".tour-said", "It comes back").await;
        assert!(shown(page, "own", ".figure-side").await.contains("without a winner"));
        assert_eq!(call(page, "own", "play()").await, "value undefined");
        wait_for_words(page, "own", ".tour-said", "Somebody leads.").await;
        wait_for_words(page, "own", "[data-control=play]", "Continue").await;
        assert_eq!(call(page, "own", "play()").await, "value undefined");
        wait_for_words(page, "own", ".tour-said", "It is down.").await;
        // A script that is loaded has its own words, and the pictures are of it.
        let script = "load('rift 1\\nlab raft\\nservers 4\\nsay \"Four of them.\"\\nuntil leader')";
        assert_eq!(call(page, "own", script).await, "value undefined");
        wait_for_words(page, "own", ".tour-said", "Four of them.").await;
        let share = "document.getElementById('own').shadowRoot
            .querySelector('[data-look=share]').click()";
        page.run_in_page(share).await;
        wait_for_words(page, "own", ".share", "HTML").await;
        // It has the figure's looks, with lengths that go by the figure's own size.
        let padding = "return parseFloat(getComputedStyle(document.getElementById('own').shadowRoot
            .querySelector('.share button')).paddingLeft)";
        assert!(page.eval::<f64>(padding).await >= 4.0);
        page.assert_quiet().await;
    });
}

#[test]
fn a_figure_begins_with_a_picture_and_has_it_on_paper() {
    visit(host(POST), async |page| {
        wait_until_there(page, "a").await;
        let poster = |id: &str| {
            format!(
                "const it = document.getElementById('{id}').shadowRoot
                    .querySelector('.poster img');
                 return [new URL(it.src).pathname, it.alt]"
            )
        };
        let far: [String; 2] = page.eval(&poster("far")).await;
        assert_eq!(far[0], "/posters/siblings.svg");
        assert!(far[1].len() > 10, "its title: {}", far[1]);
        let lab: [String; 2] = page.eval(&poster("lab")).await;
        assert_eq!(lab[0], "/posters/breaker.svg");
        assert_eq!(state(page, "far").await, Value::Null, "nothing is loaded for it");
        let drawn = "const it = document.getElementById('far').shadowRoot
            .querySelector('.poster img'); return it.complete && it.naturalWidth > 400";
        page.wait_until("the picture is there", drawn).await;
        // On paper the scenario's picture stands for the figure.
        page.devtools("Emulation.setEmulatedMedia", json!({ "media": "print" })).await;
        let [still, alive]: [bool; 2] = page
            .eval(
                "const part = (css) => document.getElementById('a').shadowRoot.querySelector(css);
                 return [part('.poster img').checkVisibility(), part('.root').checkVisibility()]",
            )
            .await;
        assert!(still && !alive);
    });
}

/// A value that makes no sense for each attribute that has such, and the name by which it is said;
/// `true`: the figure is there without it.
const BAD: [(&str, &str, &str, bool); 17] = [
    ("lab", "nonsense", "lab is “nonsense”", false),
    ("scenario", "nonsense", "scenario is “nonsense”", false),
    ("scenario", "", "scenario is “”", false),
    ("link", "nonsense", "This link", true),
    ("seed", "luck", "seed=luck", true),
    ("seed", "18446744073709551616", "seed=18446744073709551616", true),
    ("servers", "99", "servers=99", true),
    ("servers", "two", "servers=two", true),
    ("speed", "fast", "speed=fast", true),
    ("speed", "2", "speed=2", true),
    ("controls", "many", "controls=many", true),
    ("panels", "story,nonsense", "panels=story,nonsense", true),
    ("theme", "sepia", "theme is “sepia”", true),
    ("autoplay", "maybe", "autoplay=maybe", true),
    ("height", "3", "height is “3”", true),
    ("height", "tall", "height is “tall”", true),
    ("heartbeat", "often", "heartbeat=often", true),
];

const BARE: &str = "<!doctype html><meta charset=utf-8><title>Bare</title>
    <script>window.wrong = [];
      document.addEventListener('rift:error', ({ detail }) => wrong.push(detail));</script>
    <main></main><script type=module src=rift.js></script>";

#[test]
fn every_bad_attribute_is_named_in_place_and_told() {
    visit(host(BARE), async |page| {
        page.wait_until("the script is there", "return customElements.get('rift-lab')").await;
        for (name, value, said, is_there) in BAD {
            page.run_in_page(&format!(
                "wrong.length = 0;
                 document.querySelector('main').innerHTML =
                     '<rift-lab id=a {name}=\"{value}\"></rift-lab>';"
            ))
            .await;
            page.wait_until(&format!("{name}={value} is told"), "return wrong.length").await;
            let detail: Value = page.eval("return wrong[0]").await;
            let message = detail["message"].as_str().unwrap_or_default();
            assert!(message.contains(said), "{name}={value}: {detail}");
            assert_eq!(detail["reason"] == json!("attribute"), is_there, "{detail}");
            let words = said.replace('\'', "\\'");
            let place = format!(
                "return [...document.getElementById('a').shadowRoot
                    .querySelectorAll('.said, .notice')].some((it) =>
                        it.checkVisibility() && it.innerText.includes('{words}'))"
            );
            page.wait_until(&format!("{name}={value} is said in place"), &place).await;
            if is_there {
                wait_until_there(page, "a").await;
            }
        }
        // A scenario has a seed and servers of its own.
        page.run_in_page(
            "wrong.length = 0; document.querySelector('main').innerHTML =
                '<rift-lab id=a scenario=split-vote seed=3 servers=7></rift-lab>';",
        )
        .await;
        page.wait_until("both are told", "return wrong.length === 2").await;
        wait_until_there(page, "a").await;
        assert_eq!(state(page, "a").await["servers"], json!(4));
    });
}

#[test]
fn every_bad_argument_is_a_type_error_that_names_it() {
    visit(host(POST), async |page| {
        wait_until_there(page, "a").await;
        let before = state(page, "a").await;
        for (bad, name) in [
            ("seek()", "seek: atUs is undefined"),
            ("seek('soon')", "seek: atUs is “soon”"),
            ("seek(-1)", "seek: atUs is -1"),
            ("seek(0.5)", "seek: atUs is 0.5"),
            ("seek(NaN)", "seek: atUs is NaN"),
            ("seek(7n)", "seek: atUs is 7"),
            ("seek({})", "seek: atUs is an object"),
            ("seek(Object.create(null))", "seek: atUs is an object"),
            ("seek(Symbol('a'))", "seek: atUs is Symbol(a)"),
            ("step('leap')", "step: by is “leap”"),
            ("step(null)", "step: by is null"),
            ("step(['event'])", "step: by is an object"),
            ("step('event', 1)", "step: back is 1"),
            ("step('event', 'true')", "step: back is “true”"),
            ("command()", "command: text is undefined"),
            ("command(7)", "command: text is 7"),
            ("command('  ')", "command: text is “”"),
            ("command('crush S1')", "command: text is “crush S1”"),
            ("command('crash S9')", "command: text is “crash S9”"),
            ("load()", "load: run is undefined"),
            ("load({})", "load: run is an object"),
            ("load('')", "load: run is “”"),
            ("load('junk')", "load: run is “junk”"),
            ("load('rift 1\\nlab raft\\nfoo')", "load: run is “rift 1"),
            ("load('rift 1\\nlab cap\\n')", "load: run is “rift 1"),
        ] {
            let answer = call(page, "a", bad).await;
            assert!(answer.starts_with("TypeError: rift-lab: "), "{bad}: {answer}");
            assert!(answer.contains(name), "{bad}: {answer}");
        }
        for same in ["historyHash", "nowUs", "actions", "servers"] {
            assert_eq!(before[same], state(page, "a").await[same], "{same}");
        }
        assert_eq!(shown(page, "a", ".tour-said small").await, "1 / 6", "it is still the scenario");
    });
}

#[test]
fn a_broken_promise_is_told() {
    const BROKEN: &str = "<!doctype html><meta charset=utf-8><title>Broken</title>
        <script>window.heard = [];
          document.addEventListener('rift:violation', ({ detail }) => heard.push(detail));</script>
        <rift-lab id=a scenario=broken-vote controls=mini></rift-lab>
        <script type=module src=rift.js></script>";
    visit(host(BROKEN), async |page| {
        wait_until_there(page, "a").await;
        assert_eq!(call(page, "a", "seek(1000)").await, "value undefined");
        let ends = "const it = await (await fetch('scenarios/raft/broken-vote.json')).json();
            return it.endsUs";
        let ends_us: u64 = page.eval(&format!("return (async () => {{ {ends} }})()")).await;
        assert_eq!(call(page, "a", &format!("seek({ends_us})")).await, "value undefined");
        page.wait_until("it is told", "return heard.length").await;
        let told: Value = page.eval("return heard[0]").await;
        assert!(told["name"].as_str().is_some_and(|name| !name.is_empty()), "{told}");
        assert!(told["finding"].as_str().is_some_and(|finding| !finding.is_empty()), "{told}");
        assert!(told["brokenUs"].as_u64().is_some_and(|at_us| at_us <= ends_us), "{told}");
    });
}

/// What there is for readers whose browser cannot run it: nothing is taken away.
#[test]
fn without_webassembly_the_words_and_the_picture_stay() {
    const NONE: &str = "<!doctype html><meta charset=utf-8><title>None</title>
        <script>delete window.WebAssembly</script>
        <rift-lab id=a scenario=split-vote><img id=still src=posters/split-vote.svg alt=Votes>
          <a id=more href=./>Two candidates</a></rift-lab>
        <script type=module src=rift.js></script>";
    visit(host(NONE), async |page| {
        wait_for_words(page, "a", "[role=alert]", "no WebAssembly").await;
        assert!(page.is_visible("#still").await && page.is_visible("#more").await);
    });
}

/// A scenario in a frame of a host that trusts nobody, without a script of the author's.
const FRAME: &str = "<!doctype html><meta charset=utf-8><title>A frame</title>
    <iframe src='embed.html?scenario=split-vote&controls=mini' sandbox=allow-scripts
      style='width: 100%; height: 380px; border: 0'></iframe>
    <iframe sandbox=allow-scripts style='width: 100%; height: 380px; border: 0'
      src='embed.html?script=rift%201%0Alab%20raft%0Asay%20%22Mine.%22%0Aafter%201ms'></iframe>
    <script>window.heard = [];
      addEventListener('message', ({ source, data }) =>
        heard.push([source === frames[0] ? 0 : 1, data]));
      window.ask = (frame, call, args) =>
        frames[frame].postMessage({ rift: 1, id: call, call, args }, '*');</script>";

#[test]
fn a_frame_has_scenarios_too() {
    let mut frame = host(FRAME);
    frame.site.headers = vec![("Access-Control-Allow-Origin", "*")];
    visit(frame, async |page| {
        for place in [0, 1] {
            let ready =
                format!("return heard.some(([at, it]) => at === {place} && it.type === 'ready')");
            page.wait_until(&format!("frame {place} is ready"), &ready).await;
        }
        page.run_in_page("ask(0, 'state', []); ask(0, 'seek', 7); ask(1, 'state')").await;
        let answered = "const answers = heard.filter(([, it]) => it.type === 'answer');
            return answers.length === 3 && answers";
        page.wait_until("they answer", answered).await;
        let answers: Vec<(usize, Value)> = page.eval(answered).await;
        let of = |frame: usize, id: &str| {
            let mut answers = answers.iter();
            let found = answers.find(|(at, answer)| *at == frame && answer["id"] == json!(id));
            found.expect("it has answered").1.clone()
        };
        assert_eq!(of(0, "state")["value"]["servers"], json!(4));
        assert!(of(0, "seek")["error"].as_str().is_some_and(|it| it.contains("args")));
        assert_eq!(of(1, "state")["value"]["lab"], json!("raft"));
        page.assert_quiet().await;
        // What they tell is inside, where only the frame itself may look.
        for (place, words) in [(0_u16, "Two timers run out"), (1, "Mine.")] {
            page.driver.enter_frame(place).await.expect("it is there");
            let said = format!(
                "return document.querySelector('rift-lab').shadowRoot
                    .querySelector('.tour-said')?.innerText.includes('{words}')"
            );
            page.wait_until(&format!("frame {place} says “{words}”"), &said).await;
            page.driver.enter_default_frame().await.expect("it is there");
        }
    });
}

#[test]
fn a_figure_goes_by_its_own_width_and_theme() {
    let narrow = host(
        "<!doctype html><meta charset=utf-8><title>Narrow</title>
         <style>:root { color-scheme: light } rift-lab { width: 400px; --accent: rgb(1, 2, 3) }
         </style><rift-lab id=a theme=dark></rift-lab>
         <script type=module src=rift.js></script>",
    );
    visit(narrow, async |page| {
        wait_until_there(page, "a").await;
        let [columns, ink, wide, accent]: [Value; 4] = page
            .eval(
                "const host = document.getElementById('a');
                 const part = (css) => host.shadowRoot.querySelector(css);
                 const ink = getComputedStyle(part('.headline')).color.match(/\\d+/g);
                 return [getComputedStyle(part('.figure')).gridTemplateColumns.split(' ').length,
                     Math.min(...ink.slice(0, 3).map(Number)), host.scrollWidth,
                     getComputedStyle(part('.figure')).getPropertyValue('--accent').trim()]",
            )
            .await;
        assert_eq!(columns, json!(1), "a narrow figure has one column on a wide screen");
        assert!(ink.as_u64().is_some_and(|ink| ink > 180), "letters are light on dark: {ink}");
        assert!(wide.as_u64().is_some_and(|wide| wide <= 400), "{wide}");
        assert_eq!(accent, json!("rgb(1, 2, 3)"), "a colour of the author's own");
        // Light again: it follows the attribute, and the page without one.
        page.run_in_page("document.getElementById('a').removeAttribute('theme')").await;
        let dark = "const host = document.getElementById('a');
            const ink = getComputedStyle(host.shadowRoot.querySelector('.headline')).color;
            return Math.min(...ink.match(/\\d+/g).slice(0, 3).map(Number)) < 80";
        page.wait_until("letters are dark on light", dark).await;
        page.run_in_page("document.documentElement.style.colorScheme = 'dark'").await;
        let light = dark.replace("< 80", "> 180");
        page.wait_until("it follows the page", &light).await;
    });
}
