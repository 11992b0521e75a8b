//! Chromium and chromedriver: found, or installed where the system lets us.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::apt::apt_install;
use crate::run::{Checkout, Failure, Outcome, find_on_path};
use crate::tools::Version;

/// What browsers of Chromium's family are called on `PATH`.
const CHROME_NAMES: [&str; 4] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const CHROME_ON_MAC: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// A browser and the driver that speaks WebDriver for it, of the same major version.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    pub(crate) chrome: PathBuf,
    pub(crate) chromedriver: PathBuf,
}

pub(crate) fn ensure(checkout: &Checkout) -> Outcome<Browser> {
    let mut found = find();
    if found.is_none() && overrides().is_empty() {
        install(checkout)?;
        found = find();
    }
    let Some(browser) = found else {
        return Err(Failure::new(missing(), advice()));
    };
    browser.check()
}

impl Browser {
    /// Has a program that drives a browser take this one.
    pub(crate) fn drive(&self, program: &mut Command) {
        program.env("CHROME", &self.chrome).env("CHROMEDRIVER", &self.chromedriver);
        // A proxy between it and a driver on this very machine would help nobody.
        program.env("NO_PROXY", "127.0.0.1,localhost");
    }

    /// The wasm tests read the flags of the browser from `webdriver.json`. A browser named by hand
    /// has to be named there too, so that file gets a twin.
    pub(crate) fn webdriver_config(&self, checkout: &Checkout) -> Outcome<Option<PathBuf>> {
        if env::var_os("CHROME").is_none() {
            return Ok(None);
        }
        let twin = checkout.tools().join("webdriver.json");
        let chrome = self.chrome.display().to_string().replace('\\', "\\\\").replace('"', "\\\"");
        let written = fs::read_to_string(checkout.root.join("webdriver.json")).and_then(|config| {
            let named = format!("\"binary\": \"{chrome}\", \"args\":");
            fs::create_dir_all(checkout.tools())?;
            fs::write(&twin, config.replacen("\"args\":", &named, 1))
        });
        match written {
            Ok(()) => Ok(Some(twin)),
            Err(error) => Err(Failure::new(
                format!("{} cannot be written ({error})", twin.display()),
                "make it writable, or unset CHROME",
            )),
        }
    }

    /// A driver refuses a browser of another major version, with a message few people understand.
    fn check(self) -> Outcome<Browser> {
        let version = |program: &Path| {
            Version::of(program).ok_or_else(|| {
                let what = format!("`{} --version` does not work", program.display());
                Failure::new(what, advice())
            })
        };
        let (chrome, driver) = (version(&self.chrome)?, version(&self.chromedriver)?);
        if chrome.major == driver.major {
            return Ok(self);
        }
        Err(Failure::new(
            format!("the browser is version {} but chromedriver {}", chrome.major, driver.major),
            "install both in the same version, or name a matching pair in CHROME and CHROMEDRIVER",
        ))
    }
}

fn find() -> Option<Browser> {
    Some(Browser { chrome: find_chrome()?, chromedriver: find_chromedriver()? })
}

fn find_chrome() -> Option<PathBuf> {
    if let Some(path) = env::var_os("CHROME") {
        return Some(PathBuf::from(path)).filter(|path| path.is_file());
    }
    let on_mac = || Some(PathBuf::from(CHROME_ON_MAC)).filter(|path| path.is_file());
    CHROME_NAMES.into_iter().find_map(find_on_path).or_else(on_mac)
}

fn find_chromedriver() -> Option<PathBuf> {
    if let Some(path) = env::var_os("CHROMEDRIVER") {
        return Some(PathBuf::from(path)).filter(|path| path.is_file());
    }
    find_on_path("chromedriver")
}

/// The variables that name a browser by hand: where one is set, we install nothing.
fn overrides() -> Vec<&'static str> {
    ["CHROME", "CHROMEDRIVER"].into_iter().filter(|name| env::var_os(name).is_some()).collect()
}

fn missing() -> String {
    let mut missing = Vec::new();
    if find_chrome().is_none() {
        missing.push("Chromium or Chrome");
    }
    if find_chromedriver().is_none() {
        missing.push("chromedriver");
    }
    match overrides().as_slice() {
        [] => format!("no {} on PATH", missing.join(" and no ")),
        names => format!("no {} where {} say", missing.join(" and no "), names.join(" and ")),
    }
}

fn install(checkout: &Checkout) -> Outcome {
    let (Some(packages), Some(_)) = (packages(), find_on_path("apt-get")) else {
        return Ok(());
    };
    apt_install(checkout, &packages, "the tests drive a real browser", &advice())
}

/// The packages that hold both, on the two systems whose names we know.
fn packages() -> Option<[&'static str; 2]> {
    packages_of(&fs::read_to_string("/etc/os-release").ok()?)
}

fn packages_of(os_release: &str) -> Option<[&'static str; 2]> {
    family_of(os_release).iter().find_map(|id| match id.as_str() {
        "debian" => Some(["chromium", "chromium-driver"]),
        "ubuntu" => Some(["chromium-browser", "chromium-chromedriver"]),
        _ => None,
    })
}

/// The system's name, and the names of those it comes from.
pub(crate) fn family() -> Vec<String> {
    fs::read_to_string("/etc/os-release").map_or(Vec::new(), |text| family_of(&text))
}

fn family_of(os_release: &str) -> Vec<String> {
    let field = |name: &str| {
        let mut lines = os_release.lines();
        let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        value.unwrap_or_default().trim_matches('"').to_owned()
    };
    let family = format!("{} {}", field("ID"), field("ID_LIKE"));
    family.split_whitespace().map(str::to_owned).collect()
}

fn advice() -> String {
    let install = match (env::consts::OS, packages()) {
        (_, Some(packages)) => format!("run `sudo apt-get install {}`", packages.join(" ")),
        ("macos", None) => "run `brew install --cask google-chrome chromedriver`".to_owned(),
        _ => "install Chromium or Chrome and the chromedriver of the same version".to_owned(),
    };
    format!("{install}, or name the two programs in CHROME and CHROMEDRIVER")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_known_by_the_name_of_the_system_or_of_its_parent() {
        let debian = Some(["chromium", "chromium-driver"]);
        let ubuntu = Some(["chromium-browser", "chromium-chromedriver"]);
        assert_eq!(packages_of("NAME=x\nID=debian\nVERSION_ID=\"12\"\n"), debian);
        assert_eq!(packages_of("ID=ubuntu\nID_LIKE=debian\n"), ubuntu);
        assert_eq!(packages_of("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"), ubuntu);
        assert_eq!(packages_of("ID=fedora\n"), None);
        assert_eq!(packages_of(""), None);
    }
}
