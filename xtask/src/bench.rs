//! `cargo xtask bench`: what the claims about speed rest on, natively and in headless Chromium.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

use crate::page;
use crate::run::{Checkout, Failure, Outcome, run_visibly, say};
use crate::setup::{Need, Setup};

/// Where benches can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Native,
    /// The core in the browser.
    Web,
    /// The page in the browser, with a reader's hands.
    Page,
}

/// How long the browser may take for all measurements.
const PATIENCE: Duration = Duration::from_secs(600);

/// Runs the program and sends what it leaves in the body, or why it failed.
const PAGE: &str = "<!doctype html><meta charset=utf-8><title>Benches</title>
<script type=module>
let report;
try {
  const program = await import('./speed.js');
  await program.default();
  report = document.body.textContent || 'failed: nothing was measured';
} catch (error) {
  report = 'failed: ' + error;
}
await fetch('report', { method: 'POST', body: report });
</script>
<body></body>";

pub(crate) fn run(checkout: &Checkout, places: &[Place]) -> Outcome {
    if places.contains(&Place::Native) {
        say("benches, native");
        run_visibly(
            &mut checkout.cargo(&["bench", "--no-default-features", "--benches"]),
            "a bench failed",
            "the bench and its reason are named above",
        )?;
    }
    if places.contains(&Place::Web) {
        in_browser(checkout)?;
    }
    if places.contains(&Place::Page) {
        of_page(checkout)?;
    }
    Ok(())
}

fn of_page(checkout: &Checkout) -> Outcome {
    let mut setup = Setup::new(checkout);
    setup.ensure(Need::PAGE_RELEASE)?;
    setup.ensure(&[Need::Browser])?;
    page::build(checkout)?;
    say("benches of the page, in Chromium");
    let mut cargo = checkout.cargo(&["bench", "--no-default-features", "--features", "e2e"]);
    cargo.args(["--bench", "page", "--bench", "event_store_js"]);
    cargo.args(["--bench", "circuit_breaker_js"]);
    setup.browser()?.drive(&mut cargo);
    run_visibly(&mut cargo, "a bench of the page failed", "its reason is named above")
}

fn in_browser(checkout: &Checkout) -> Outcome {
    let mut setup = Setup::new(checkout);
    setup.ensure(Need::WEB_BENCH)?;
    let browser = setup.browser()?;
    say("benches, in Chromium, compiled as the page is");
    let dir = build(checkout)?;
    let unable = |error: io::Error| {
        Failure::new(format!("the benches cannot be served ({error})"), "free a port of this host")
    };
    let listener = TcpListener::bind("127.0.0.1:0").map_err(unable)?;
    let address = listener.local_addr().map_err(unable)?;
    let (sender, reports) = mpsc::channel();
    serve(listener, dir.clone(), sender);
    let _chrome = Chrome::open(checkout, &browser.chrome, &dir, &format!("http://{address}/"))?;
    let silent =
        |_| Failure::new("the browser did not report", "try again when the machine is less busy");
    let report = reports.recv_timeout(PATIENCE).map_err(silent)?;
    print!("{report}");
    if report.starts_with("failed") {
        println!();
        return Err(Failure::new("a bench failed in the browser", "its reason is named above"));
    }
    Ok(())
}

/// The bench as a program for the browser, in a directory of its own.
fn build(checkout: &Checkout) -> Outcome<PathBuf> {
    let mut cargo = checkout.cargo(&["build", "--release", "--locked", "--bench", "speed"]);
    cargo.args(["--target", "wasm32-unknown-unknown", "--message-format=json-render-diagnostics"]);
    page::with_short_paths(checkout, &mut cargo);
    let broken = || Failure::new("the benches did not compile", "mend what is named above");
    let output = cargo.stderr(Stdio::inherit()).output().map_err(|_| broken())?;
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    let program = page::program_in(&messages, "speed-").filter(|_| output.status.success());
    let program = program.ok_or_else(broken)?;
    let dir = program.with_file_name("speed-web");
    page::for_the_browser(checkout, &program, "speed", &dir, true)?;
    let written = fs::write(dir.join("index.html"), PAGE);
    written.map_err(|error| {
        Failure::new(format!("{} cannot be written ({error})", dir.display()), "make it writable")
    })?;
    Ok(dir)
}

/// Answers for the files in `dir`, and hands on what is posted, until this process ends.
fn serve(listener: TcpListener, dir: PathBuf, reports: Sender<String>) {
    let dir = Arc::new(dir);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (dir, reports) = (Arc::clone(&dir), reports.clone());
            // The browser opens connections ahead of need, so none may hold up another.
            thread::spawn(move || answer(stream, &dir, &reports));
        }
    });
}

fn answer(mut stream: TcpStream, dir: &Path, reports: &Sender<String>) -> io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut length = 0;
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header)? <= 2 {
            break;
        }
        let header = header.to_ascii_lowercase();
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    if request.starts_with("POST /report ") {
        let mut report = vec![0; length];
        reader.read_exact(&mut report)?;
        // Nobody listens any more when the time is over.
        let _ = reports.send(String::from_utf8_lossy(&report).into_owned());
        return send(&mut stream, "204 No Content", "text/plain", b"");
    }
    let name = match request.split(' ').nth(1).unwrap_or_default() {
        "/" => "index.html",
        path => path.trim_start_matches('/'),
    };
    let media_type = match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html",
        "js" => "text/javascript",
        _ => "application/wasm",
    };
    // Only the names that were made here; no path leads out.
    match fs::read(dir.join(name)).ok().filter(|_| !name.contains(['/', '\\'])) {
        Some(content) => send(&mut stream, "200 OK", media_type, &content),
        None => send(&mut stream, "404 Not Found", "text/plain", b"there is no such file"),
    }
}

fn send(stream: &mut TcpStream, status: &str, media_type: &str, body: &[u8]) -> io::Result<()> {
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n"
    )?;
    stream.write_all(body)
}

/// A browser without a window; gone when dropped.
struct Chrome {
    process: Child,
    profile: PathBuf,
}

impl Chrome {
    fn open(checkout: &Checkout, program: &Path, dir: &Path, url: &str) -> Outcome<Chrome> {
        let profile = dir.join("profile");
        let mut command = Command::new(program);
        // The flags of the wasm tests: they keep the browser from talking to its maker.
        let config = fs::read_to_string(checkout.root.join("webdriver.json")).unwrap_or_default();
        command.args(config.split('"').filter(|word| word.starts_with("--")));
        command.arg(format!("--user-data-dir={}", profile.display())).arg(url);
        let started = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let process = started.map_err(|error| {
            let what = format!("{} does not start ({error})", program.display());
            Failure::new(what, "name another browser in CHROME")
        })?;
        Ok(Chrome { process, profile })
    }
}

impl Drop for Chrome {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.profile);
    }
}
