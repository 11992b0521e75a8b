//! One chromedriver with one browser, both gone when the test is over, whatever became of it.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use thirtyfour::Capabilities;

use super::Visit;

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

pub(crate) struct Chrome {
    driver: Child,
    port: u16,
    profile: PathBuf,
}

impl Chrome {
    /// Starts the driver on a port of its own choice; the browser comes with the first session.
    ///
    /// The driver takes a free port for IPv6 first and then wants the same one for IPv4; where
    /// somebody else has that, it says so and ends. Another start takes another port.
    pub(crate) fn start() -> Chrome {
        const STARTS: usize = 8;
        let mut said = String::new();
        for _ in 0..STARTS {
            match Chrome::try_start() {
                Ok(chrome) => return chrome,
                Err(words) => said = words,
            }
        }
        panic!("chromedriver named no port in {STARTS} starts; it said:\n{said}");
    }

    /// # Errors
    ///
    /// What the driver said, if it ended without naming a port.
    fn try_start() -> Result<Chrome, String> {
        let program = env::var_os("CHROMEDRIVER").unwrap_or_else(|| "chromedriver".into());
        let mut driver = Command::new(program)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts: run the tests with `cargo xtask test e2e`");
        let mut output = BufReader::new(driver.stdout.take().expect("its output is piped"));
        let port = match announced_port(&mut output) {
            Ok(port) => port,
            Err(said) => {
                let _ = driver.wait();
                return Err(said);
            }
        };
        // Somebody has to read what else it says, or it would wait for a reader one day.
        thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        Ok(Chrome { driver, port, profile: fresh_directory() })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn capabilities(&self, visit: &Visit) -> Capabilities {
        let mut args: Vec<String> = FLAGS.map(str::to_owned).to_vec();
        args.push(format!("--user-data-dir={}", self.profile.display()));
        args.push(format!("--window-size={},{}", visit.screen.width, visit.screen.height));
        let mut options = json!({ "args": args });
        if let Ok(chrome) = env::var("CHROME") {
            options["binary"] = chrome.into();
        }
        // What the page says on its console, and every request it makes.
        let logs = json!({ "browser": "ALL", "performance": "ALL" });
        let strategy = if visit.until_loaded { "normal" } else { "none" };
        let mut capabilities = Capabilities::new();
        let set = capabilities
            .set("browserName", "chrome")
            .and_then(|()| capabilities.set("goog:chromeOptions", options))
            .and_then(|()| capabilities.set("goog:loggingPrefs", logs))
            .and_then(|()| capabilities.set("pageLoadStrategy", strategy));
        set.expect("plain JSON");
        capabilities
    }

    /// chromedriver takes its browser with it when asked to leave, but not when killed.
    fn ask_to_leave(&self) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let host = format!("Host: 127.0.0.1:{}\r\n", self.port);
        write!(stream, "GET /shutdown HTTP/1.1\r\n{host}Connection: close\r\n\r\n")?;
        stream.read_to_end(&mut Vec::new()).map(|_| ())
    }
}

impl Drop for Chrome {
    fn drop(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(5);
        if self.ask_to_leave().is_ok() {
            while Instant::now() < deadline && matches!(self.driver.try_wait(), Ok(None)) {
                thread::sleep(Duration::from_millis(10));
            }
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        let _ = fs::remove_dir_all(&self.profile);
    }
}

/// `ChromeDriver was started successfully on port 40561.`
///
/// # Errors
///
/// All that was said, if it ended before naming a port.
fn announced_port(output: &mut impl BufRead) -> Result<u16, String> {
    let mut said = String::new();
    loop {
        let start = said.len();
        let length = output.read_line(&mut said).expect("chromedriver can be listened to");
        if length == 0 {
            return Err(said);
        }
        let line = said[start..].trim_end().trim_end_matches('.');
        if let Some((_, port)) = line.rsplit_once("successfully on port ") {
            return Ok(port.parse().expect("chromedriver names a port"));
        }
    }
}

/// A profile that no other browser has used or uses.
fn fresh_directory() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("rift-browser-{}-{count}", std::process::id());
    let directory = Path::new(&env::temp_dir()).join(name);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).expect("the directory for temporary files can be written");
    directory
}
