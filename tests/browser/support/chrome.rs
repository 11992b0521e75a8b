//! Chromium by chromedriver, and what else we ask of it by its DevTools protocol.

use std::env;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use thirtyfour::Capabilities;
use thirtyfour::error::WebDriverResult;

use super::{Page, Screen, Visit};

/// No sandbox: it does not work for root in a container, and the page is our own. The rest keeps
/// the browser from talking to its maker.
const FLAGS: [&str; 8] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

pub(super) fn driver() -> Command {
    let mut driver = Command::new(env::var_os("CHROMEDRIVER").unwrap_or("chromedriver".into()));
    driver.arg("--port=0");
    driver
}

/// # Errors
///
/// None: it is plain JSON.
pub(super) fn capabilities(visit: &Visit, profile: &Path) -> WebDriverResult<Capabilities> {
    let mut args: Vec<String> = FLAGS.map(str::to_owned).to_vec();
    args.push(format!("--user-data-dir={}", profile.display()));
    args.push(format!("--window-size={},{}", visit.screen.width, visit.screen.height));
    let mut options = json!({ "args": args });
    if let Ok(chrome) = env::var("CHROME") {
        options["binary"] = chrome.into();
    }
    // What the page says on its console, and every request it makes.
    let logs = json!({ "browser": "ALL", "performance": "ALL" });
    let mut capabilities = Capabilities::new();
    capabilities.set("browserName", "chrome")?;
    capabilities.set("goog:chromeOptions", options)?;
    capabilities.set("goog:loggingPrefs", logs)?;
    Ok(capabilities)
}

pub(super) async fn set_screen(page: &Page, screen: Screen) {
    let Screen { width, height, dark, reduced_motion, forced_colors, zoom, touch } = screen;
    let metrics = json!({
        "width": width, "height": height, "deviceScaleFactor": zoom, "mobile": touch,
    });
    let touch = json!({ "enabled": touch, "maxTouchPoints": if touch { 5 } else { 1 } });
    let feature = |name: &str, value: &str| json!({ "name": name, "value": value });
    let media = json!({ "features": [
        feature("prefers-color-scheme", if dark { "dark" } else { "light" }),
        feature("prefers-reduced-motion", if reduced_motion { "reduce" } else { "no-preference" }),
        feature("forced-colors", if forced_colors { "active" } else { "none" }),
    ]});
    page.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    page.devtools("Emulation.setTouchEmulationEnabled", touch).await;
    page.devtools("Emulation.setEmulatedMedia", media).await;
}

pub(super) async fn console(page: &Page) -> WebDriverResult<Vec<String>> {
    let entries = page.driver.browser_log().await?;
    Ok(entries.into_iter().map(|entry| format!("{} {}", entry.level, entry.message)).collect())
}

pub(super) async fn requests(page: &Page) -> WebDriverResult<Vec<String>> {
    let entries = page.driver.get_log("performance").await?;
    let address = |entry: &str| {
        let entry: Value = serde_json::from_str(entry).ok()?;
        let message = entry.get("message")?;
        let place = match message.get("method")?.as_str()? {
            "Network.requestWillBeSent" => "/params/request/url",
            "Network.webSocketCreated" => "/params/url",
            _ => return None,
        };
        message.pointer(place)?.as_str().map(str::to_owned)
    };
    Ok(entries.iter().filter_map(|entry| address(&entry.message)).collect())
}
