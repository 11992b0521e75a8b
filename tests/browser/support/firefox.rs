//! Firefox by geckodriver. What WebDriver has no word for is asked of the browser itself, by
//! scripts with its own rights (Firefox calls that its chrome context): the screen that a page
//! sees, the console's messages, every request.
//!
//! Firefox keeps two lists of what its console shows. Errors and warnings of the engine (scripts,
//! styles, policies, markup) are read from its console service. Words that the page itself says
//! by `console.*` stay in the page's process; a preference has them written to the browser's
//! output too, and so they come to us through geckodriver, whose output we read anyhow. That a
//! response failed is in neither list, though the console shows it as Chromium's does; it is
//! noted with the requests.

use std::env;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use thirtyfour::common::command::{Command as WebDriverCommand, FormatRequestData};
use thirtyfour::error::WebDriverResult;
use thirtyfour::{Capabilities, RequestData, SessionId};

use super::page::must;
use super::{Page, Screen};

pub(super) fn driver(profile: &Path) -> Command {
    let mut driver = Command::new(env::var_os("GECKODRIVER").unwrap_or("geckodriver".into()));
    // The chrome context is closed to drivers unless they were started with this.
    driver.args(["--port", "0", "--allow-system-access", "--profile-root"]).arg(profile);
    // No window, wherever the test runs, on a screen that is larger than any of ours.
    driver.env("MOZ_HEADLESS", "1").env("MOZ_HEADLESS_WIDTH", "2560");
    driver.env("MOZ_HEADLESS_HEIGHT", "2560");
    driver
}

/// # Errors
///
/// None: it is plain JSON.
pub(super) fn capabilities() -> WebDriverResult<Capabilities> {
    let mut options = json!({
        "args": ["-headless"],
        "prefs": {
            "devtools.console.stdout.content": true,
            "devtools.console.stdout.chrome": false,
            // It shall not talk to its maker. geckodriver sets most of that already.
            "network.captive-portal-service.enabled": false,
            "network.connectivity-service.enabled": false,
            "browser.safebrowsing.downloads.remote.enabled": false,
            "datareporting.policy.dataSubmissionEnabled": false,
            "extensions.getAddons.cache.enabled": false,
        },
    });
    if let Ok(firefox) = env::var("FIREFOX") {
        options["binary"] = firefox.into();
    }
    let mut capabilities = Capabilities::new();
    capabilities.set("browserName", "firefox")?;
    capabilities.set("moz:firefoxOptions", options)?;
    Ok(capabilities)
}

/// Notes every request of a page from now on, and how it was answered if that was an error.
pub(super) async fn listen(page: &Page) -> WebDriverResult<()> {
    const LISTEN: &str = "
        const asked = window.riftAsked = [], failed = window.riftFailed = [];
        const of = (subject) => {
            const channel = subject.QueryInterface(Ci.nsIHttpChannel);
            const { loadingPrincipal, browsingContextID } = channel.loadInfo;
            const ours = loadingPrincipal ? !loadingPrincipal.isSystemPrincipal : browsingContextID;
            return ours ? channel : null;
        };
        const listener = {
            observe(subject, topic) {
                const channel = of(subject);
                if (!channel) return;
                if (topic === 'http-on-opening-request') asked.push(channel.URI.spec);
                else if (channel.responseStatus >= 400)
                    failed.push(`${channel.responseStatus} ${channel.URI.spec}`);
            },
        };
        Services.obs.addObserver(listener, 'http-on-opening-request');
        Services.obs.addObserver(listener, 'http-on-examine-response');
        Services.console.reset();";
    in_chrome(page, LISTEN, Vec::new()).await?;
    // What it said at its start was not about the page.
    page.said.lock().expect("no holder of it panics").clear();
    Ok(())
}

pub(super) async fn set_screen(page: &Page, screen: Screen) {
    const SET: &str = "
        const [{ width, height, dark, still, forced, zoom, touch }] = arguments;
        // A window has a frame, which takes some of it.
        window.resizeTo(width + 200, height + 300);
        const browser = gBrowser.selectedBrowser;
        const context = browser.browsingContext;
        browser.style.setProperty('width', `${width}px`);
        browser.style.setProperty('height', `${height}px`);
        browser.style.setProperty('flex', 'none');
        context.prefersColorSchemeOverride = dark ? 'dark' : 'light';
        context.prefersReducedMotionOverride = still ? 'reduce' : 'no-preference';
        context.forcedColorsOverride = forced ? 'active' : 'none';
        context.overrideDPPX = zoom;
        context.touchEventsOverride = touch ? 'enabled' : 'none';
        document.synchronouslyUpdateRemoteBrowserDimensions(true);";
    let Screen { width, height, dark, reduced_motion, forced_colors, zoom, touch } = screen;
    let arguments = json!({
        "width": width, "height": height, "dark": dark, "still": reduced_motion,
        "forced": forced_colors, "zoom": zoom, "touch": touch,
    });
    must("set the screen", in_chrome(page, SET, vec![arguments]).await);
    // The page's process hears of it a moment later.
    let sized = format!("return innerWidth === {width} && innerHeight === {height}");
    page.wait_until("the page has its size", &sized).await;
}

/// What the console has to say since the last call.
///
/// # Errors
///
/// If the browser cannot be asked.
pub(super) async fn console(page: &Page) -> WebDriverResult<Vec<String>> {
    const TAKE: &str = "
        // Whoever looks at a page while it loads asks for its layout, and so do these tests. So
        // does Firefox for every frame in a page that observes sizes: it lays them out together.
        const early = 'Layout was forced before the page was fully loaded';
        const level = ({ flags }) => flags & Ci.nsIScriptError.warningFlag ? 'warning'
            : flags & Ci.nsIScriptError.infoFlag ? 'info' : 'error';
        const said = Services.console.getMessageArray()
            .filter((it) => it instanceof Ci.nsIScriptError)
            .filter((it) => it.isForwardedFromContentProcess && !it.isFromChromeContext)
            .filter((it) => !it.errorMessage.startsWith(early))
            .map((it) => `${level(it)} ${it.errorMessage} (${it.sourceName}:${it.lineNumber})`);
        Services.console.reset();
        return [...said, ...window.riftFailed.splice(0)];";
    let mut said: Vec<String> =
        serde_json::from_value(in_chrome(page, TAKE, Vec::new()).await?).expect("a list of lines");
    let mut output = page.said.lock().expect("no holder of it panics");
    // What Firefox's own loader of settings says there is not the page's: its maker is far away.
    let of_a_page = |line: &String| line.starts_with("console.") && !line.contains(": RSLoader");
    said.extend(output.drain(..).filter(of_a_page));
    Ok(said)
}

/// # Errors
///
/// If the browser cannot be asked.
pub(super) async fn requests(page: &Page) -> WebDriverResult<Vec<String>> {
    let asked = in_chrome(page, "return window.riftAsked.splice(0)", Vec::new()).await?;
    Ok(serde_json::from_value(asked).expect("a list of addresses"))
}

/// Runs a script with the rights of the browser, in the window around the page.
async fn in_chrome(page: &Page, script: &str, arguments: Vec<Value>) -> WebDriverResult<Value> {
    page.driver.cmd(Context("chrome")).await?;
    let returned = page.driver.execute(script, arguments).await;
    page.driver.cmd(Context("content")).await?;
    Ok(returned?.json().clone())
}

/// Which of its two worlds geckodriver runs scripts in from now on: `content` or `chrome`.
#[derive(Debug)]
struct Context(&'static str);

impl FormatRequestData for Context {
    fn format_request(&self, session: &SessionId) -> RequestData {
        // A command that is a POST as well; there is no other way to name the method.
        let mut request = WebDriverCommand::Refresh.format_request(session);
        request.uri = format!("/session/{session}/moz/context").into();
        request.body = Some(json!({ "context": self.0 }));
        request
    }
}
