//! For those who read large, narrow, in colours of their own, in stillness or on paper: nothing but
//! tables goes sideways at 320 CSS pixels and at 200 %, what can be pressed is large enough, and
//! what is chosen shows where the system chooses the colours (WCAG 2.2: 1.4.1, 1.4.4, 1.4.10,
//! 1.4.11, 2.4.7, 2.5.8).

use serde_json::{Value, json};

use crate::support::{Page, Screen, SiteOptions, Visit, visit};

/// What 1,280 pixels become at 400 %.
const NARROW: Screen = Screen { width: 320, height: 640, touch: true, ..Screen::DESK };
/// A window of 1,280 by 800 pixels at 200 %.
const TWICE: Screen = Screen { width: 640, height: 400, zoom: 2.0, ..Screen::DESK };
const FORCED: Screen = Screen { forced_colors: true, ..Screen::DESK };
const STILL: Screen = Screen { reduced_motion: true, ..Screen::DESK };

/// All labs with a figure, and the tabs of each, the picture that comes with it left out.
const LABS: [(&str, &str, &[&str]); 5] = [
    ("raft", "?lab=raft&autoplay=0", &["space-time", "logs"]),
    ("cap", "?lab=cap&autoplay=0", &["history", "space-time", "systems", "staleness"]),
    (
        "events",
        "?lab=events&autoplay=0",
        &["log", "snapshots", "old-events", "space-time", "curtain"],
    ),
    (
        "breaker",
        "?lab=breaker&autoplay=0",
        &["storm", "retries", "shards", "libraries", "space-time"],
    ),
    ("whole", "?lab=whole&autoplay=0", &["space-time"]),
];

/// Everything that can be seen, in the page and in the figures of other people's pages.
const ALL_SEEN: &str = "
    const roots = [document, ...[...document.querySelectorAll('rift-lab')]
        .map((it) => it.shadowRoot).filter(Boolean)];
    const seen = roots.flatMap((root) => [...root.querySelectorAll('body *, .figure, .figure *')])
        .filter((it) => it.checkVisibility({ visibilityProperty: true }));
    const name = (it) => `${it.tagName.toLowerCase()}.${it.getAttribute('class') ?? ''}`
        + ` “${(it.textContent || it.ariaLabel || '').trim().slice(0, 24)}”`;
    const unique = (list) => [...new Set(list)];";

/// What is cut off at the right, or would have to be scrolled to. Tables may go sideways: their two
/// dimensions are what they mean; and so may lines of a program or an address.
async fn too_wide(page: &Page) -> Vec<String> {
    let script = "
        const wide = document.documentElement.clientWidth;
        const goes = (it) => /auto|scroll/.test(getComputedStyle(it).overflowX);
        const may = (it) => it.querySelector('table') || it.matches('pre, input, textarea');
        const found = seen.filter((it) => {
            if (goes(it) && !may(it) && it.clientWidth && it.scrollWidth > it.clientWidth + 1)
                return true;
            const box = it.getBoundingClientRect();
            if (!box.width || !box.height || box.right <= wide + 1) return false;
            if (it.closest('svg svg, svg *')) return false;
            for (let up = it.parentElement; up; up = up.parentElement)
                if (goes(up) && may(up)) return false;
            // For those who only hear the page.
            return getComputedStyle(it).clipPath !== 'inset(50%)'
                && !it.closest('.visually-hidden');
        }).map(name);
        const page = document.documentElement.scrollWidth;
        return unique(page > wide ? [`the page, ${page} pixels`, ...found] : found)";
    page.eval(&[ALL_SEEN, script].concat()).await
}

/// What is smaller than 24 by 24 pixels, but for words in a line of text.
async fn too_small(page: &Page) -> Vec<String> {
    let script = "
        const pressed = 'button, input, select, summary, a[href], [role=button]';
        // Before it knows its place a picture is drawn as for a large one.
        const due = (it) => it.ownerSVGElement
            && it.ownerSVGElement.viewBox.baseVal.width > it.ownerSVGElement.clientWidth + 1;
        return unique(seen.filter((it) => it.matches(pressed) && !due(it)).filter((it) => {
            const box = it.getBoundingClientRect();
            const inline = it.tagName === 'A' && getComputedStyle(it).display === 'inline';
            return box.width && !inline && (box.width < 23.5 || box.height < 23.5);
        }).map((it) => {
            const { width, height } = it.getBoundingClientRect();
            return `${name(it)}, ${Math.round(width)} × ${Math.round(height)}`;
        }))";
    page.eval(&[ALL_SEEN, script].concat()).await
}

/// Words that do not fit into what they stand in.
async fn cut_off(page: &Page) -> Vec<String> {
    let script = "
        return unique(seen.filter((it) => it.matches('button, summary, h1, h2, h3, p, b, small'))
            .filter((it) => !it.closest('.visually-hidden, svg') && it.clientWidth > 1)
            .filter((it) => getComputedStyle(it).overflowX !== 'visible'
                && it.scrollWidth > it.clientWidth + 1)
            .map(name))";
    page.eval(&[ALL_SEEN, script].concat()).await
}

async fn press(page: &Page, css: &str) {
    page.run_in_page(&format!("document.querySelector('{css}').click()")).await;
}

/// Looks at all that a figure has to show, and says what does not fit.
async fn look_at_all(page: &Page, lab: &str, views: &[&str], found: &mut Vec<String>) {
    page.wait_for(&format!("[data-lab={lab}] [data-node]")).await;
    let mut states = vec!["at rest".to_owned()];
    let unfold = "document.querySelectorAll('figure details, [data-lab] details')
        .forEach((it) => { it.open = true; })";
    for step in 0..views.len() + 2 {
        match step {
            0 => {}
            1 => {
                page.run_in_page(unfold).await;
                states.push("unfolded".to_owned());
            }
            _ => {
                // What was unfolded would be over it on a phone.
                page.run_in_page(&unfold.replace("true", "false")).await;
                let view = views[step - 2];
                press(page, &format!("[data-lab={lab}] [data-tab=\"{view}\"]")).await;
                let pane = format!("[data-lab={lab}] .view-pane[data-view=\"{view}\"]");
                page.wait_for(&pane).await;
                let drawn = format!(
                    "return document.querySelector('{pane}').childElementCount > 0
                        && !document.querySelector('[data-lab={lab}] .view-wait')"
                );
                page.wait_until("the view is drawn", &drawn).await;
                states.push(view.to_owned());
            }
        }
        let state = states.last().expect("there is one");
        for (what, list) in [
            ("too wide", too_wide(page).await),
            ("too small", too_small(page).await),
            ("cut off", cut_off(page).await),
        ] {
            found.extend(list.into_iter().map(|it| format!("{lab}, {state}, {what}: {it}")));
        }
    }
}

fn every_figure_fits(screen: Screen) {
    for (lab, query, views) in LABS {
        let coming = Visit { screen, query, site: SiteOptions::only(lab), ..Visit::default() };
        visit(coming, async move |page| {
            let mut found = Vec::new();
            look_at_all(page, lab, views, &mut found).await;
            assert!(found.is_empty(), "{}", found.join("\n"));
            page.assert_clean().await;
        });
    }
}

#[test]
fn at_320_pixels_every_figure_fits() {
    every_figure_fits(NARROW);
}

#[test]
fn at_twice_the_size_every_figure_fits() {
    every_figure_fits(TWICE);
}

/// The article, the sample post and the page in a frame.
#[test]
fn at_320_pixels_every_page_fits() {
    let site = SiteOptions::whole_article();
    visit(Visit { screen: NARROW, site, ..Visit::default() }, async |page| {
        page.wait_for("#hook [data-node]").await;
        let chapters = "return [...document.querySelectorAll('.chapter, .lesson[id]')].length";
        let chapters: usize = page.eval(chapters).await;
        let mut found = Vec::new();
        for chapter in 0..chapters {
            page.run_in_page(&format!(
                "document.querySelectorAll('.chapter, .lesson[id]')[{chapter}].scrollIntoView()"
            ))
            .await;
            found.extend(too_wide(page).await);
            found.extend(too_small(page).await);
        }
        assert!(found.is_empty(), "the article:\n{}", found.join("\n"));
        for (address, there) in [
            ("embed-demo.html", "document.querySelector('rift-lab')"),
            ("embed.html?scenario=split-vote", "document.querySelector('rift-lab')"),
            ("embed.html?scenario=storm-with-breakers&controls=mini", "document.body.firstChild"),
        ] {
            page.go(address).await;
            let there = format!(
                "return {there} && document.querySelector('rift-lab')?.shadowRoot
                    ?.querySelector('.figure [data-node]')"
            );
            page.wait_until(&format!("{address} has a figure"), &there).await;
            let found = [too_wide(page).await, too_small(page).await].concat();
            assert!(found.is_empty(), "{address}:\n{}", found.join("\n"));
        }
    });
}

#[test]
fn at_320_pixels_the_studies_fit() {
    let site = SiteOptions::only("trade-offs");
    visit(Visit { screen: NARROW, site, ..Visit::default() }, async |page| {
        for study in ["batch", "size", "replication", "policy"] {
            page.wait_for(&format!("[data-study={study}]")).await;
            press(page, &format!("[data-study={study}]")).await;
            page.wait_for(&format!(".to-picture[data-shows={study}] :is(.plot, table)")).await;
            let found = [too_wide(page).await, too_small(page).await, cut_off(page).await].concat();
            assert!(found.is_empty(), "{study}:\n{}", found.join("\n"));
        }
    });
}

/// A fill is no sign where all backgrounds are the system's, nor is a shadow.
#[test]
fn in_forced_colours_what_is_chosen_and_what_has_the_focus_shows() {
    for (lab, query, _) in LABS {
        let site = SiteOptions::only(lab);
        visit(Visit { screen: FORCED, query, site, ..Visit::default() }, async move |page| {
            page.wait_for(&format!("[data-lab={lab}] [data-node]")).await;
            let same = "
                const look = (it) => {
                    const { backgroundColor, borderTopColor, color, outlineStyle }
                        = getComputedStyle(it);
                    return [backgroundColor, borderTopColor, color, outlineStyle].join();
                };
                const all = seen.filter((it) => it.matches('button[aria-pressed]'));
                const chosen = (it) => it.ariaPressed === 'true';
                const others = new Set(all.filter((it) => !chosen(it)).map(look));
                const found = all.filter((it) => chosen(it) && others.has(look(it))).map(name);
                return all.some(chosen) ? found : ['nothing is chosen']";
            let found: Vec<String> = page.eval(&[ALL_SEEN, same].concat()).await;
            assert!(found.is_empty(), "chosen, and looks like what is not:\n{}", found.join("\n"));
            // By Tab through all of it: each has a ring.
            page.run_in_page(&format!("document.querySelector('[data-lab={lab}] button').focus()"))
                .await;
            for _ in 0..60 {
                let bare: Option<String> = page
                    .eval(
                        "const it = document.activeElement;
                         const { outlineStyle, outlineWidth } = getComputedStyle(it);
                         const ring = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1;
                         // In a picture a mark is lit instead.
                         return ring || it.closest('svg') || it === document.body ? null
                             : `${it.tagName} ${it.className}`",
                    )
                    .await;
                assert_eq!(bare, None, "it has the focus, and nobody sees it");
                page.type_keys("\u{e004}").await;
            }
            page.assert_clean().await;
        });
    }
}

#[test]
fn who_wants_stillness_sees_nothing_move_by_itself() {
    visit(Visit { screen: STILL, query: "?seed=5&autoplay=0", ..Visit::default() }, async |page| {
        page.wait_for("[data-node]").await;
        press(page, "[data-control=play]").await;
        let happens = "return window.rift.state().historyLength > 60";
        page.wait_until("something happens", happens).await;
        let moving = "return document.getAnimations()
            .filter((it) => it.playState === 'running' && it.effect.getTiming().duration > 1)
            .map((it) => it.animationName ?? it.transitionProperty)";
        assert_eq!(page.eval::<Vec<String>>(moving).await, Vec::<String>::new());
        page.assert_clean().await;
    });
}

/// On paper: dark on light, whatever the screen is; no buttons; what was said is there.
#[test]
fn on_paper_it_is_an_article() {
    let (screen, site) = (Screen { dark: true, ..Screen::DESK }, SiteOptions::whole_article());
    visit(Visit { screen, site, ..Visit::default() }, async |page| {
        page.wait_for("#hook [data-node]").await;
        let features = [json!({ "name": "prefers-color-scheme", "value": "dark" })];
        let paper = json!({ "media": "print", "features": features });
        page.devtools("Emulation.setEmulatedMedia", paper).await;
        let script = "
            const dark = (it) => getComputedStyle(it).color.match(/\\d+/g).slice(0, 3)
                .every((part) => part < 128);
            const said = [...document.querySelectorAll('.transcript')];
            return [dark(document.querySelector('.lesson p')), dark(document.querySelector('h2')),
                said.length > 10 && said.every((it) => it.checkVisibility()),
                seen.filter((it) => it.matches('button')).map(name).slice(0, 5)]";
        let expected: Value = json!([true, true, true, []]);
        assert_eq!(page.eval::<Value>(&[ALL_SEEN, script].concat()).await, expected);
    });
}

/// Without scripts each figure is a picture and what is said in it, and nothing waits for more.
#[test]
fn without_scripts_it_is_an_article_too() {
    let site = SiteOptions::whole_article();
    visit(Visit { screen: NARROW, site, ..Visit::default() }, async |page| {
        let off = json!({ "value": true });
        page.devtools("Emulation.setScriptExecutionDisabled", off).await;
        page.go("").await;
        let script = "
            const figures = [...document.querySelectorAll('.tour')];
            const whole = (it) => it.querySelector('.poster')?.checkVisibility()
                && it.querySelector('.transcript')?.checkVisibility();
            return [figures.length >= 14, figures.every(whole),
                document.documentElement.scrollWidth <= document.documentElement.clientWidth,
                document.querySelector('noscript .notice')?.checkVisibility() ?? false]";
        assert_eq!(page.eval::<Value>(script).await, json!([true, true, true, true]));
    });
}
