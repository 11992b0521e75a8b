//! The page as a reader meets it: what it shows, what it says, what it asks for.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde_json::Value;
use thirtyfour::error::WebDriverResult;
use thirtyfour::{By, WebDriver};

use super::driver::{Browser, Driver};
use super::{Screen, Site, Visit, chrome, firefox};

/// How long anything may take before a test gives up. Long, for machines are busy; no test waits
/// for it unless it fails.
const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(50);

pub(crate) struct Page {
    /// For what the helpers below have no word for.
    pub(crate) driver: WebDriver,
    pub(crate) site: Site,
    pub(crate) browser: Browser,
    /// What the browser wrote to its output.
    pub(super) said: Arc<Mutex<Vec<String>>>,
}

impl Page {
    pub(super) async fn open(site: Site, driver: &Driver, visit: &Visit) -> Page {
        let capabilities = match driver.browser {
            Browser::Chromium => chrome::capabilities(visit, &driver.profile),
            Browser::Firefox => firefox::capabilities(),
        };
        let strategy = if visit.until_loaded { "normal" } else { "none" };
        let mut capabilities = must("write capabilities", capabilities);
        must("write capabilities", capabilities.set("pageLoadStrategy", strategy));
        let session = must("start a browser", WebDriver::new(driver.url(), capabilities).await);
        let (browser, said) = (driver.browser, Arc::clone(&driver.said));
        let page = Page { driver: session, site, browser, said };
        if browser == Browser::Firefox {
            must("listen to the browser", firefox::listen(&page).await);
        }
        page.set_screen(visit.screen).await;
        page.go(visit.query).await;
        page
    }

    /// Ends the session; the browser closes.
    pub(super) async fn close(&self) {
        must("close the browser", self.driver.clone().quit().await);
    }

    /// Opens the page anew, with this query.
    pub(crate) async fn go(&self, query: &str) {
        let url = format!("{}{query}", self.site.url());
        must("open the page", self.driver.goto(url).await);
    }

    /// Changes the reader's device in the middle of a visit.
    pub(crate) async fn set_screen(&self, screen: Screen) {
        match self.browser {
            Browser::Chromium => chrome::set_screen(self, screen).await,
            Browser::Firefox => firefox::set_screen(self, screen).await,
        }
    }

    /// Runs a script as one of the page's own, so that what it throws is the page's too.
    pub(crate) async fn run_in_page(&self, script: &str) {
        let element = "const script = document.createElement('script');";
        let body = format!(
            "{element} script.textContent = {}; document.body.append(script)",
            quoted(script)
        );
        let _: Value = self.eval(&body).await;
    }

    /// A command of the Chrome DevTools protocol, which Firefox does not speak.
    pub(crate) async fn devtools(&self, method: &str, parameters: Value) -> Value {
        self.browser.must_be_chromium(method);
        must(method, self.driver.cdp().send_raw(method, parameters).await)
    }

    /// Evaluates the body of a function in the page: `return document.title`.
    pub(crate) async fn eval<T: DeserializeOwned>(&self, body: &str) -> T {
        let returned = must(body, self.driver.execute(body, Vec::new()).await);
        must(body, returned.convert())
    }

    /// Waits until the body of a function returns something true.
    pub(crate) async fn wait_until(&self, what: &str, body: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let returned: Value = self.eval(body).await;
            let true_in_javascript = match &returned {
                Value::Null | Value::Bool(false) => false,
                Value::String(text) => !text.is_empty(),
                Value::Number(number) => number.as_f64() != Some(0.0),
                _ => true,
            };
            if true_in_javascript {
                return;
            }
            let waited = PATIENCE.as_secs();
            assert!(Instant::now() < deadline, "waited {waited} s in vain: {what}\n{body}");
            tokio::time::sleep(POLL).await;
        }
    }

    /// Waits until an element is there and can be seen.
    pub(crate) async fn wait_for(&self, css: &str) {
        let body = format!("return document.querySelector({})?.checkVisibility()", quoted(css));
        self.wait_until(&format!("`{css}` can be seen"), &body).await;
    }

    /// Waits until an element shows this text, among other things.
    pub(crate) async fn wait_for_text(&self, css: &str, text: &str) {
        let (element, part) = (quoted(css), quoted(text));
        let body = format!("return document.querySelector({element})?.innerText.includes({part})");
        self.wait_until(&format!("`{css}` says “{text}”"), &body).await;
    }

    /// What an element shows, or `None` where there is no such element. Hidden text is left out.
    pub(crate) async fn text(&self, css: &str) -> Option<String> {
        let body = format!("return document.querySelector({})?.innerText ?? null", quoted(css));
        self.eval(&body).await
    }

    pub(crate) async fn is_visible(&self, css: &str) -> bool {
        let body =
            format!("return document.querySelector({})?.checkVisibility() ?? false", quoted(css));
        self.eval(&body).await
    }

    /// Clicks as a reader does: scrolls there and fails if something else lies on top.
    pub(crate) async fn click(&self, css: &str) {
        let what = format!("click on `{css}`");
        let element = must(&what, self.driver.find(By::Css(css)).await);
        must(&what, element.click().await);
    }

    /// Types on the keyboard, into whatever has the focus.
    pub(crate) async fn type_keys(&self, keys: &str) {
        must("type", self.driver.action_chain().send_keys(keys).perform().await);
    }

    /// What the page wrote to its console since the last call, errors of the browser included.
    pub(crate) async fn console(&self) -> Vec<String> {
        must("read the console", self.try_console().await)
    }

    async fn try_console(&self) -> WebDriverResult<Vec<String>> {
        match self.browser {
            Browser::Chromium => chrome::console(self).await,
            Browser::Firefox => firefox::console(self).await,
        }
    }

    /// The address of every request since the last call, to whatever origin.
    pub(crate) async fn requests(&self) -> Vec<String> {
        let requests = match self.browser {
            Browser::Chromium => chrome::requests(self).await,
            Browser::Firefox => firefox::requests(self).await,
        };
        must("read the requests", requests)
    }

    /// Fails if the console has a word since the last look, or a request left the site.
    pub(crate) async fn assert_clean(&self) {
        let console = self.console().await;
        assert!(console.is_empty(), "the console is not clean:\n{}", console.join("\n"));
        let origin = self.site.origin();
        // The browser's own start page, in the moment before ours, asks for `chrome:` addresses.
        let at_home =
            [format!("{origin}/"), format!("blob:{origin}/"), "data:".into(), "chrome:".into()];
        let mut requests = self.requests().await;
        requests.retain(|url| !at_home.iter().any(|home| url.starts_with(home)));
        assert!(requests.is_empty(), "requests to another origin:\n{}", requests.join("\n"));
    }

    /// Fails if the console has a word since the last look but that a script as a page has no icon.
    pub(crate) async fn assert_quiet(&self) {
        let mut console = self.console().await;
        console.retain(|line| !line.contains("/favicon.ico"));
        assert!(console.is_empty(), "the console is not clean:\n{}", console.join("\n"));
    }

    /// Writes a picture of what is on the screen to `test-artifacts/<name>.png`.
    pub(crate) async fn screenshot(&self, name: &str) -> PathBuf {
        must("take a picture", self.try_screenshot(name).await)
    }

    async fn try_screenshot(&self, name: &str) -> WebDriverResult<PathBuf> {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("test-artifacts");
        fs::create_dir_all(&directory)?;
        let path = directory.join(format!("{name}.png"));
        fs::write(&path, self.driver.screenshot_as_png().await?)?;
        Ok(path)
    }

    /// What the page looked like and said when its test failed. Nothing here may fail.
    pub(super) async fn save_evidence(&self) {
        let test = thread::current().name().unwrap_or("test").replace("::", "-");
        if let Ok(path) = self.try_screenshot(&format!("failed-{test}")).await {
            println!("the page at that moment: {}", path.display());
        }
        for line in self.try_console().await.unwrap_or_default() {
            println!("console: {line}");
        }
    }
}

/// The value, or a failure of the test that says what it was about to do.
pub(crate) fn must<T>(what: &str, result: WebDriverResult<T>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("could not {what}: {error}"),
    }
}

/// A string as JavaScript writes it.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
