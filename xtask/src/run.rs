//! Where we are, how other programs are run, and how a failure is told: one line that says what
//! failed and what to do about it, under the output of the program that failed.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// What failed, and what the person in front of the screen can do about it.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    remedy: String,
}

impl Failure {
    pub(crate) fn new(what: impl Into<String>, remedy: impl Into<String>) -> Failure {
        Failure { what: what.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}.", self.what, self.remedy)
    }
}

/// This checkout of the repository, and the `PATH` that programs started from it see.
pub(crate) struct Checkout {
    pub(crate) root: PathBuf,
}

impl Checkout {
    pub(crate) fn find() -> Outcome<Checkout> {
        // Asked at run time: the binary may outlive a move of the checkout.
        let manifest = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let root = manifest.as_deref().and_then(Path::parent).map(Path::to_path_buf);
        match root {
            Some(root) if root.join("Cargo.lock").is_file() => Ok(Checkout { root }),
            _ => Err(Failure::new(
                "cannot tell where the checkout is",
                "start this program as `cargo xtask`",
            )),
        }
    }

    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// Git-ignored; holds what this checkout uses beside the Rust toolchain.
    pub(crate) fn tools(&self) -> PathBuf {
        self.root.join(".tools")
    }

    /// First on the `PATH` of everything we start, so that trunk finds all its helpers and never
    /// downloads one.
    pub(crate) fn tools_bin(&self) -> PathBuf {
        self.tools().join("bin")
    }

    /// A program run in the root of the checkout.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env("PATH", path_with(self.tools_bin()));
        command
    }

    pub(crate) fn cargo(&self, args: &[&str]) -> Command {
        let mut command = self.command("cargo");
        command.args(args);
        command
    }
}

/// The `PATH` that this process was started with, with a directory in front.
pub(crate) fn path_with(first: PathBuf) -> OsString {
    let inherited = env::var_os("PATH").unwrap_or_default();
    let dirs = std::iter::once(first).chain(env::split_paths(&inherited));
    // A checkout under a directory with a colon in its name cannot be on any PATH.
    env::join_paths(dirs).unwrap_or(inherited)
}

/// Runs a program whose output the reader should see.
pub(crate) fn run_visibly(command: &mut Command, what: &str, remedy: &str) -> Outcome {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Failure::new(what, remedy)),
        Err(error) => {
            let program = command.get_program().to_string_lossy().into_owned();
            Err(Failure::new(format!("{what} (cannot start `{program}`, {error})"), remedy))
        }
    }
}

/// What a program prints, if it runs and succeeds.
pub(crate) fn output_of(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The first file of this name on the `PATH` that this process was started with.
pub(crate) fn find_on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&path).map(|dir| dir.join(&file)).find(|candidate| candidate.is_file())
}

/// One line that says what is about to happen and why.
pub(crate) fn say(line: impl fmt::Display) {
    eprintln!("xtask: {line}");
}
