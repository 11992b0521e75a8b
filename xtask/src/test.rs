//! `cargo xtask test`: everything that must hold, cheapest first, one cargo at a time.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::page;
use crate::run::{Checkout, Failure, Outcome, find_on_path, run_visibly, say};
use crate::setup::{Need, Setup};
use crate::size;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Fmt,
    Clippy,
    Native,
    Features,
    Doc,
    Types,
    Wasm,
    Page,
    E2e,
}

impl Step {
    /// In the order they run.
    pub(crate) const ALL: [Step; 9] = [
        Step::Fmt,
        Step::Clippy,
        Step::Native,
        Step::Features,
        Step::Doc,
        Step::Types,
        Step::Wasm,
        Step::Page,
        Step::E2e,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Step::Fmt => "fmt",
            Step::Clippy => "clippy",
            Step::Native => "native",
            Step::Features => "features",
            Step::Doc => "doc",
            Step::Types => "types",
            Step::Wasm => "wasm",
            Step::Page => "page",
            Step::E2e => "e2e",
        }
    }

    fn what(self) -> &'static str {
        match self {
            Step::Fmt => "every file is formatted as rustfmt would",
            Step::Clippy => "no warning in the pure part, with all features, or for wasm",
            Step::Native => "the tests of the pure part, of the command line and of xtask",
            Step::Features => "the tests of what is the page's but needs no browser",
            Step::Doc => "the documentation builds without a warning",
            Step::Types => "the declarations for TypeScript allow what they should, and no more",
            Step::Wasm => "the tests that need a browser, in headless Chromium",
            Step::Page => "the page builds for publication and is within its size budget",
            Step::E2e => "a reader's path through the built page, in headless Chromium",
        }
    }

    fn needs(self) -> &'static [Need] {
        match self {
            Step::Clippy => &[Need::WasmTarget],
            Step::Types => &[Need::TypeScript],
            Step::Wasm => Need::WASM_TESTS,
            Step::Page => Need::PAGE_RELEASE,
            Step::E2e => &[Need::Browser, Need::Axe],
            Step::Fmt | Step::Native | Step::Features | Step::Doc => &[],
        }
    }
}

struct Timed {
    step: Step,
    time: Duration,
    passed: bool,
}

/// Runs the steps up to the first that fails, and says how long each took.
pub(crate) fn run(checkout: &Checkout, steps: &[Step]) -> Outcome {
    let mut setup = Setup::new(checkout);
    let mut setup_time = Duration::ZERO;
    let mut timings = Vec::new();
    let mut outcome = Ok(());
    for (index, &step) in steps.iter().enumerate() {
        say(format_args!("{}/{} {}: {}", index + 1, steps.len(), step.name(), step.what()));
        let start = Instant::now();
        outcome = setup.ensure(step.needs());
        setup_time += start.elapsed();
        let start = Instant::now();
        outcome = outcome.and_then(|()| perform(step, checkout, &mut setup));
        timings.push(Timed { step, time: start.elapsed(), passed: outcome.is_ok() });
        if outcome.is_err() {
            break;
        }
    }
    summarise(&timings, setup_time, steps.len());
    outcome
}

fn summarise(timings: &[Timed], setup_time: Duration, planned: usize) {
    eprintln!();
    for (index, Timed { step, time, passed }) in timings.iter().enumerate() {
        let verdict = if *passed { "ok" } else { "FAILED" };
        eprintln!("{:>3}  {:<9} {:>7.1} s  {verdict}", index + 1, step.name(), time.as_secs_f64());
    }
    eprintln!("     {:<9} {:>7.1} s", "set-up", setup_time.as_secs_f64());
    let skipped = planned - timings.len();
    if skipped > 0 {
        eprintln!("     {skipped} more not run");
    }
}

fn perform(step: Step, checkout: &Checkout, setup: &mut Setup<'_>) -> Outcome {
    match step {
        Step::Fmt => run_visibly(
            &mut checkout.cargo(&["fmt", "--all", "--check"]),
            "some files are not formatted",
            "run `cargo fmt --all`",
        ),
        Step::Clippy => clippy(checkout),
        Step::Native => native(checkout),
        Step::Features => run_visibly(
            &mut tests(checkout, &["--lib", "--", "ui::", "embed::"]),
            "a test of what is the page's failed",
            "the test and its reason are named above",
        ),
        Step::Doc => run_visibly(
            checkout
                .cargo(&["doc", "--lib", "--no-deps", "--all-features"])
                .env("RUSTDOCFLAGS", "-D warnings"),
            "the documentation has errors",
            "rustdoc names file and line above",
        ),
        Step::Types => run_visibly(
            checkout.command("node").arg(setup.tsc()?).args(["-p", "tests/types"]),
            "the declarations for TypeScript are not as tests/types uses them",
            "tsc names file and line above",
        ),
        Step::Wasm => wasm(checkout, setup),
        Step::Page => {
            page::build(checkout)?;
            size::report(checkout, size::BUDGET_KB)
        }
        Step::E2e => e2e(checkout, setup),
    }
}

/// Three looks at the code, for each sees code that the others leave out.
fn clippy(checkout: &Checkout) -> Outcome {
    const WASM: &[&str] = &[
        "--target",
        "wasm32-unknown-unknown",
        "--features",
        "page",
        "--lib",
        "--bins",
        "--test",
        "web",
    ];
    const LOOKS: [(&str, &[&str]); 3] = [
        ("the pure part", &["--workspace", "--all-targets", "--no-default-features"]),
        ("all features", &["--all-targets", "--all-features"]),
        ("all programs of the page", WASM),
    ];
    LOOKS.iter().try_for_each(|(name, look)| {
        run_visibly(
            checkout.cargo(&["clippy", "--quiet"]).args(*look).args(["--", "-D", "warnings"]),
            &format!("clippy has something to say ({name})"),
            "mend what it names above",
        )
    })
}

/// With the same features for all, so that the library is compiled once.
fn native(checkout: &Checkout) -> Outcome {
    const PURE: [&str; 3] = ["--no-default-features", "--features", "cli"];
    run_visibly(
        tests(checkout, &["--workspace"]).args(PURE),
        "a native test failed",
        "the test and its reason are named above",
    )?;
    run_visibly(
        checkout.cargo(&["test", "--quiet", "--doc"]).args(PURE),
        "an example in the documentation failed",
        "the example and its reason are named above",
    )
}

/// nextest where it is installed, for it is faster and tells more; else what cargo brings.
fn tests(checkout: &Checkout, selection: &[&str]) -> Command {
    let nextest = find_on_path("cargo-nextest").is_some();
    let mut command = if nextest {
        checkout.cargo(&["nextest", "run", "--no-tests=pass", "--status-level=fail"])
    } else {
        checkout.cargo(&["test", "--quiet"])
    };
    command.args(selection);
    if !nextest && selection.contains(&"--workspace") {
        // Examples have a call of their own.
        command.args(["--lib", "--bins", "--tests"]);
    }
    command
}

fn wasm(checkout: &Checkout, setup: &mut Setup<'_>) -> Outcome {
    let browser = setup.browser()?;
    let mut command =
        checkout.cargo(&["test", "--target", "wasm32-unknown-unknown", "--test", "web"]);
    command
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner")
        .env("CHROMEDRIVER", &browser.chromedriver)
        .env("NO_PROXY", "127.0.0.1,localhost")
        // Seconds; the defaults are short for a busy machine.
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60")
        .env("WASM_BINDGEN_TEST_TIMEOUT", "180");
    if let Some(config) = browser.webdriver_config(checkout)? {
        command.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", config);
    }
    run_visibly(&mut command, "a wasm test failed", "the test and its reason are named above")
}

fn e2e(checkout: &Checkout, setup: &mut Setup<'_>) -> Outcome {
    if !checkout.dist().join("index.html").is_file() {
        return Err(Failure::new("there is no page in dist/", "build it with `cargo xtask build`"));
    }
    let browser = setup.browser()?;
    let mut command = checkout.cargo(&["test", "--no-default-features", "--features", "e2e"]);
    // A browser each: more of them at once than this and they starve each other.
    command.args(["--test", "browser", "--", "--test-threads", "2"]);
    browser.drive(&mut command);
    command.env("AXE", setup.axe()?);
    run_visibly(
        &mut command,
        "an end-to-end test failed",
        "its reason is named above, and test-artifacts/ has a picture of the page",
    )
}
