//! One driver with one browser, both gone when the test is over, whatever became of it.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::{chrome, firefox};

/// Which browser the tests are run in. Most of them can be run in either; what needs Chromium
/// (its DevTools protocol, its fingers) says so when it is run in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Browser {
    Chromium,
    Firefox,
}

impl Browser {
    /// The one that `E2E_BROWSER` names; Chromium if nobody does.
    fn chosen() -> Browser {
        match env::var("E2E_BROWSER").as_deref() {
            Ok("firefox") => Browser::Firefox,
            Ok("chromium") | Err(_) => Browser::Chromium,
            Ok(other) => panic!("E2E_BROWSER may be chromium or firefox, not {other}"),
        }
    }

    /// Fails in Firefox. `what` is not among what WebDriver has.
    pub(crate) fn must_be_chromium(self, what: &str) {
        assert_eq!(self, Browser::Chromium, "only Chromium has {what}");
    }

    /// The driver's program and arguments, and what it says in front of the port it took.
    fn driver(self, profile: &Path) -> (Command, &'static str) {
        match self {
            Browser::Chromium => (chrome::driver(), "successfully on port "),
            Browser::Firefox => (firefox::driver(profile), "Listening on 127.0.0.1:"),
        }
    }
}

pub(crate) struct Driver {
    pub(crate) browser: Browser,
    child: Child,
    port: u16,
    /// Where the browser keeps what it keeps.
    pub(crate) profile: PathBuf,
    /// What driver and browser wrote to their output, once there was a port.
    pub(crate) said: Arc<Mutex<Vec<String>>>,
}

impl Driver {
    /// Starts the driver on a port of its own choice; the browser comes with the first session.
    ///
    /// chromedriver takes a free port for IPv6 first and then wants the same one for IPv4; where
    /// somebody else has that, it says so and ends. Another start takes another port.
    pub(crate) fn start() -> Driver {
        const STARTS: usize = 8;
        let browser = Browser::chosen();
        let mut said = String::new();
        for _ in 0..STARTS {
            match Driver::try_start(browser) {
                Ok(driver) => return driver,
                Err(words) => said = words,
            }
        }
        panic!("the driver of {browser:?} named no port in {STARTS} starts; it said:\n{said}");
    }

    /// # Errors
    ///
    /// What the driver said, if it ended without naming a port.
    fn try_start(browser: Browser) -> Result<Driver, String> {
        let profile = fresh_directory();
        let (mut command, before_port) = browser.driver(&profile);
        // A group of its own, so that a browser cannot outlive its driver.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the driver starts: run the tests with `cargo xtask test e2e firefox`");
        let mut output = BufReader::new(child.stdout.take().expect("its output is piped"));
        let port = match announced_port(&mut output, before_port) {
            Ok(port) => port,
            Err(words) => {
                let _ = child.wait();
                let _ = fs::remove_dir_all(&profile);
                return Err(words);
            }
        };
        // Somebody has to read what else it says, or it would wait for a reader one day.
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&said);
        thread::spawn(move || {
            for line in output.split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                heard.lock().expect("no holder of it panics").push(line);
            }
        });
        Ok(Driver { browser, child, port, profile, said })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// chromedriver takes its browser with it when asked to leave, but not when killed.
    fn ask_to_leave(&self) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let host = format!("Host: 127.0.0.1:{}\r\n", self.port);
        write!(stream, "GET /shutdown HTTP/1.1\r\n{host}Connection: close\r\n\r\n")?;
        stream.read_to_end(&mut Vec::new()).map(|_| ())
    }

    /// geckodriver cannot be asked; the session's end has closed its browser, or nothing will.
    fn end_group(&self) {
        if cfg!(unix) {
            let group = format!("-{}", self.child.id());
            let mut kill = Command::new("kill");
            let _ = kill.args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(5);
        if self.browser == Browser::Chromium && self.ask_to_leave().is_ok() {
            while Instant::now() < deadline && matches!(self.child.try_wait(), Ok(None)) {
                thread::sleep(Duration::from_millis(10));
            }
        }
        if matches!(self.child.try_wait(), Ok(None)) {
            self.end_group();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.profile);
    }
}

/// `ChromeDriver was started successfully on port 40561.`, or
/// `1732368000000 geckodriver INFO Listening on 127.0.0.1:40561`.
///
/// # Errors
///
/// All that was said, if it ended before naming a port.
fn announced_port(output: &mut impl BufRead, before_port: &str) -> Result<u16, String> {
    let mut said = String::new();
    loop {
        let start = said.len();
        let length = output.read_line(&mut said).expect("the driver can be listened to");
        if length == 0 {
            return Err(said);
        }
        let line = said[start..].trim_end().trim_end_matches('.');
        if let Some((_, port)) = line.rsplit_once(before_port) {
            return Ok(port.parse().expect("the driver names a port"));
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
