//! Sets up what is missing: the wasm target, trunk, wasm-bindgen, wasm-opt, esbuild and a browser.
//!
//! What is on `PATH` in a version that fits is taken. Anything else is installed into a cache of
//! the user's (`$XDG_CACHE_HOME/rift-tools`), so that a second clone does not compile for ten
//! minutes again, and linked into the checkout's `.tools/bin`. A tool is trusted only after it
//! has told its version, and installs end with a rename, so one killed half-way does no harm.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::apt::apt_install;
use crate::browser::{self, Browser};
use crate::run::{
    Checkout, Failure, Outcome, find_on_path, output_of, path_with, run_visibly, say,
};
use crate::tools::{Version, Wanted, locked_version};

const WASM_TARGET: &str = "wasm32-unknown-unknown";
/// The newest that compiles with the Rust version this repository promises.
const TRUNK: Version = Version::new(0, 21, 14);

/// What a command needs beside cargo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    WasmTarget,
    Trunk,
    WasmBindgen,
    WasmOpt,
    Esbuild,
    Browser,
    Axe,
    TypeScript,
}

impl Need {
    pub(crate) const PAGE_DEV: &[Need] = &[Need::WasmTarget, Need::Trunk, Need::WasmBindgen];
    pub(crate) const PAGE_RELEASE: &[Need] =
        &[Need::WasmTarget, Need::Trunk, Need::WasmBindgen, Need::WasmOpt, Need::Esbuild];
    pub(crate) const WASM_TESTS: &[Need] = &[Need::WasmTarget, Need::WasmBindgen, Need::Browser];
    pub(crate) const WEB_BENCH: &[Need] =
        &[Need::WasmTarget, Need::WasmBindgen, Need::WasmOpt, Need::Browser];
    pub(crate) const ALL: &[Need] = &[
        Need::WasmTarget,
        Need::WasmBindgen,
        Need::Trunk,
        Need::WasmOpt,
        Need::Esbuild,
        Need::Browser,
        Need::Axe,
        Need::TypeScript,
    ];
}

pub(crate) struct Setup<'a> {
    checkout: &'a Checkout,
    done: Vec<Need>,
    browser: Option<Browser>,
    axe: Option<PathBuf>,
    tsc: Option<PathBuf>,
}

impl<'a> Setup<'a> {
    pub(crate) fn new(checkout: &'a Checkout) -> Setup<'a> {
        Setup { checkout, done: Vec::new(), browser: None, axe: None, tsc: None }
    }

    pub(crate) fn ensure(&mut self, needs: &[Need]) -> Outcome {
        for &need in needs {
            if self.done.contains(&need) {
                continue;
            }
            match need {
                Need::WasmTarget => wasm_target(self.checkout)?,
                Need::Trunk => trunk_tool().ensure(self.checkout)?,
                Need::WasmBindgen => wasm_bindgen_tool(self.checkout)?.ensure(self.checkout)?,
                Need::WasmOpt => WASM_OPT.ensure(self.checkout)?,
                Need::Esbuild => ESBUILD.ensure(self.checkout)?,
                Need::Browser => self.browser = Some(browser::ensure(self.checkout)?),
                Need::Axe => self.axe = Some(AXE.ensure(self.checkout)?),
                Need::TypeScript => self.tsc = Some(TSC.ensure(self.checkout)?),
            }
            self.done.push(need);
        }
        Ok(())
    }

    pub(crate) fn browser(&mut self) -> Outcome<Browser> {
        self.ensure(&[Need::Browser])?;
        Ok(self.browser.clone().expect("the browser was just ensured"))
    }

    /// The script of axe-core.
    pub(crate) fn axe(&mut self) -> Outcome<PathBuf> {
        self.ensure(&[Need::Axe])?;
        Ok(self.axe.clone().expect("it was just ensured"))
    }

    /// The script of TypeScript's compiler, for node.
    pub(crate) fn tsc(&mut self) -> Outcome<PathBuf> {
        self.ensure(&[Need::TypeScript])?;
        Ok(self.tsc.clone().expect("it was just ensured"))
    }
}

fn wasm_target(checkout: &Checkout) -> Outcome {
    let mut ask = checkout.command("rustc");
    ask.args(["--print", "target-libdir", "--target", WASM_TARGET]);
    if output_of(&mut ask).is_some_and(|dir| Path::new(dir.trim()).is_dir()) {
        return Ok(());
    }
    say(format_args!("adding the target {WASM_TARGET} to Rust, for it is what browsers run"));
    run_visibly(
        checkout.command("rustup").args(["target", "add", WASM_TARGET]),
        "the wasm target could not be added to Rust",
        "run `rustup target add wasm32-unknown-unknown` (Rust without rustup: install the package \
         with the standard library of that target)",
    )
}

/// A tool that cargo compiles, with one or more programs of the same version.
struct CargoTool {
    package: &'static str,
    programs: &'static [&'static str],
    wanted: Wanted,
    install: Version,
    why: &'static str,
    minutes: u32,
}

fn trunk_tool() -> CargoTool {
    CargoTool {
        package: "trunk",
        programs: &["trunk"],
        wanted: Wanted::AtLeast(TRUNK),
        install: TRUNK,
        why: "it builds and serves the page",
        minutes: 6,
    }
}

fn wasm_bindgen_tool(checkout: &Checkout) -> Outcome<CargoTool> {
    let lock = fs::read_to_string(checkout.root.join("Cargo.lock")).unwrap_or_default();
    let Some(version) = locked_version(&lock, "wasm-bindgen") else {
        return Err(Failure::new(
            "Cargo.lock does not say which wasm-bindgen is in use",
            "restore it with `git checkout Cargo.lock`",
        ));
    };
    Ok(CargoTool {
        package: "wasm-bindgen-cli",
        programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
        wanted: Wanted::Exactly(version),
        install: version,
        why: "it joins wasm to the browser and must equal the version in Cargo.lock",
        minutes: 4,
    })
}

impl CargoTool {
    fn ensure(&self, checkout: &Checkout) -> Outcome {
        let on_path = |program: &&str| find_on_path(program).is_some_and(|p| self.fits(&p));
        let tools_bin = checkout.tools_bin();
        if self.programs.iter().all(on_path) {
            // An older one of ours would hide it.
            self.programs.iter().for_each(|p| remove(&tools_bin.join(executable(p))));
            return Ok(());
        }
        if self.programs.iter().all(|p| self.fits(&tools_bin.join(executable(p)))) {
            return Ok(());
        }
        let home = tool_home(checkout, &format!("{}-{}", self.package, self.install));
        if !self.is_whole(&home) {
            self.install_into(checkout, &home)?;
        }
        for program in self.programs {
            let program = executable(program);
            place(&home.join("bin").join(&program), &tools_bin.join(&program), Link::Hard)?;
        }
        Ok(())
    }

    fn fits(&self, program: &Path) -> bool {
        Version::of(program).is_some_and(|version| self.wanted.accepts(version))
    }

    fn is_whole(&self, home: &Path) -> bool {
        self.programs.iter().all(|p| self.fits(&home.join("bin").join(executable(p))))
    }

    fn install_into(&self, checkout: &Checkout, home: &Path) -> Outcome {
        let CargoTool { package, install, why, minutes, .. } = self;
        let spec = format!("{package}@{install}");
        say(format_args!(
            "compiling {spec}, for {why}; once a machine, about {minutes} minutes on two cores"
        ));
        let remedy =
            format!("run `cargo install --locked {spec}` and start again, or read the error above");
        // What was compiled so far stays in the partial directory: a second try goes on there.
        let partial = sibling(home, "partial");
        let mut cargo = checkout.cargo(&["install", "--locked", &spec, "--no-track", "--force"]);
        // So that cargo does not ask for a directory on PATH that is about to go away.
        cargo.env("PATH", path_with(partial.join("bin")));
        cargo.arg("--root").arg(&partial).arg("--target-dir").arg(partial.join("target"));
        let outcome = run_visibly(&mut cargo, &format!("{spec} could not be compiled"), &remedy);
        if self.is_whole(home) {
            return Ok(()); // Another checkout was faster.
        }
        outcome?;
        settle(&partial, home)?;
        if self.is_whole(home) {
            return Ok(());
        }
        Err(Failure::new(format!("{spec} was compiled but does not run"), remedy))
    }
}

/// A tool that comes from npm, with one program.
struct NpmTool {
    package: &'static str,
    program: &'static str,
    least: Version,
    install: Version,
    why: &'static str,
}

/// A new enough one on `PATH` is taken.
const WASM_OPT: NpmTool = NpmTool {
    package: "binaryen",
    program: "wasm-opt",
    // Older ones do not know the instructions that today's rustc emits.
    least: Version::new(120, 0, 0),
    install: Version::new(132, 0, 0),
    why: "it shrinks the page by a tenth",
};

const ESBUILD: NpmTool = NpmTool {
    package: "esbuild",
    program: "esbuild",
    least: Version::new(0, 21, 0),
    install: Version::new(0, 28, 2),
    why: "it halves the scripts; trunk's own minifier is older than their language",
};

impl NpmTool {
    fn ensure(&self, checkout: &Checkout) -> Outcome {
        let NpmTool { package, program, install, .. } = self;
        let fits = |path: &Path| Version::of(path).is_some_and(|version| version >= self.least);
        let ours = checkout.tools_bin().join(program);
        if find_on_path(program).is_some_and(|found| fits(&found)) {
            remove(&ours);
            return Ok(());
        }
        if fits(&ours) {
            return Ok(());
        }
        let remedy = format!(
            "install {program} {} or newer (`npm install --global {package}@{install}`) so that it \
             is on PATH",
            self.least
        );
        let inside = format!("node_modules/{package}/bin/{program}");
        let home = npm_home(checkout, package, *install, self.why, &remedy, |home| {
            fits(&home.join(&inside))
        })?;
        // The program may be a script that reads its neighbours, so it stays where it is.
        place(&home.join(&inside), &ours, Link::Symbolic)?;
        if fits(&ours) {
            return Ok(());
        }
        Err(Failure::new(format!("{program} was installed but does not run"), remedy))
    }
}

/// A file of a package from npm.
struct NpmFile {
    package: &'static str,
    version: Version,
    inside: &'static str,
    why: &'static str,
}

/// Rules of accessibility that a page can be held against, as one script.
const AXE: NpmFile = NpmFile {
    package: "axe-core",
    version: Version::new(4, 14, 1),
    inside: "node_modules/axe-core/axe.min.js",
    why: "the tests look for barriers with it",
};

/// The last one that is written in JavaScript, so that node is all it needs.
const TSC: NpmFile = NpmFile {
    package: "typescript",
    version: Version::new(5, 9, 3),
    inside: "node_modules/typescript/bin/tsc",
    why: "what authors are told of types is checked with it",
};

impl NpmFile {
    fn ensure(&self, checkout: &Checkout) -> Outcome<PathBuf> {
        let NpmFile { package, version, inside, why } = self;
        let remedy = format!("run `npm install {package}@{version}` and see what it says");
        let is_there = |home: &Path| home.join(inside).is_file();
        Ok(npm_home(checkout, package, *version, why, &remedy, is_there)?.join(inside))
    }
}

/// Where a package of npm lives, installed if it is not whole.
fn npm_home(
    checkout: &Checkout,
    package: &str,
    version: Version,
    why: &str,
    remedy: &str,
    is_whole: impl Fn(&Path) -> bool,
) -> Outcome<PathBuf> {
    let home = tool_home(checkout, &format!("{package}-{version}"));
    if is_whole(&home) {
        return Ok(home);
    }
    if find_on_path("npm").is_none() {
        apt_install(checkout, &["nodejs", "npm"], &format!("{package} comes from npm"), remedy)?;
    }
    let Some(npm) = find_on_path("npm") else {
        let what = format!("{package} cannot be installed, for there is no npm on PATH");
        return Err(Failure::new(what, remedy));
    };
    say(format_args!("installing npm's {package} {version}, for {why}"));
    let partial = sibling(&home, "partial");
    fs::create_dir_all(&partial).map_err(|error| cannot_write(&partial, &error))?;
    let mut command = checkout.command(npm);
    command.args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"]);
    command.arg(&partial).arg(format!("{package}@{version}")).stdout(Stdio::null());
    run_visibly(&mut command, &format!("{package} could not be installed with npm"), remedy)?;
    settle(&partial, &home)?;
    if is_whole(&home) {
        return Ok(home);
    }
    Err(Failure::new(format!("{package} was installed but is not whole"), remedy))
}

/// Where a tool of this name and version lives: in the user's cache, or in `.tools` where that
/// cannot be written.
fn tool_home(checkout: &Checkout, name: &str) -> PathBuf {
    let xdg = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|dir| dir.is_absolute());
    let cache = xdg.or_else(|| env::home_dir().map(|home| home.join(".cache")));
    if let Some(cache) = cache.map(|cache| cache.join("rift-tools")) {
        let probe = cache.join(format!(".writable-{}", std::process::id()));
        let writable = fs::create_dir_all(&cache).and_then(|()| fs::write(&probe, ""));
        remove(&probe);
        if writable.is_ok() {
            return cache.join(name);
        }
        say(format_args!("{} cannot be written; using .tools instead", cache.display()));
    }
    checkout.tools().join(name)
}

/// Makes a finished install the one that counts.
fn settle(partial: &Path, home: &Path) -> Outcome {
    remove(&partial.join("target"));
    remove(home);
    fs::rename(partial, home).map_err(|error| cannot_write(home, &error))
}

enum Link {
    Hard,
    Symbolic,
}

/// Puts a program into `.tools/bin`, under a temporary name first so that it appears whole.
fn place(program: &Path, link: &Path, kind: Link) -> Outcome {
    let fresh = sibling(link, &std::process::id().to_string());
    let dir = link.parent().expect("a file in .tools/bin");
    let placed = fs::create_dir_all(dir).and_then(|()| match kind {
        Link::Hard => {
            fs::hard_link(program, &fresh).or_else(|_| fs::copy(program, &fresh).map(|_| ()))
        }
        #[cfg(unix)]
        Link::Symbolic => std::os::unix::fs::symlink(program, &fresh),
        #[cfg(not(unix))]
        Link::Symbolic => Err(std::io::Error::other("install it so that it is on PATH instead")),
    });
    let placed = placed.and_then(|()| fs::rename(&fresh, link));
    // Renaming one hard link onto another of the same file does nothing and leaves both.
    remove(&fresh);
    placed.map_err(|error| cannot_write(link, &error))
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("{} cannot be written ({error})", path.display()), "make it writable")
}

fn sibling(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

fn executable(program: &str) -> String {
    format!("{program}{}", env::consts::EXE_SUFFIX)
}

/// Removes a file, a link or a directory; it is fine if there is none.
fn remove(path: &Path) {
    let _ = fs::remove_file(path).or_else(|_| fs::remove_dir_all(path));
}
