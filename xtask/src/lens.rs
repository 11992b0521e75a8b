//! The page's second program, `rift-lens`, which it loads when a reader looks closer. trunk builds
//! one program; a hook in Trunk.toml has this one built beside it, for `build` and `serve` alike.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::page;
use crate::run::{Checkout, Failure, Outcome};

/// What the names of its files begin with.
pub(crate) const NAME: &str = "rift-lens";
/// Its looks.
const STYLES: [&str; 2] = ["static/views.css", "static/lens.css"];

/// Builds the program into the directory where trunk puts the page together, and tells the page the
/// names of its files.
pub(crate) fn build(checkout: &Checkout) -> Outcome {
    let staging = env::var_os("TRUNK_STAGING_DIR").map(PathBuf::from);
    let staging = staging.ok_or_else(|| {
        Failure::new("this is trunk's to call", "run `cargo xtask build` or `cargo xtask serve`")
    })?;
    let release = env::var_os("TRUNK_PROFILE").is_some_and(|profile| profile == "release");
    let made = program(checkout, release)?;
    publish(checkout, &made, &staging).map_err(|error| {
        Failure::new(format!("{NAME} cannot be put beside the page ({error})"), "free some space")
    })
}

/// The directory with the program as wasm and the script that belongs to it.
fn program(checkout: &Checkout, release: bool) -> Outcome<PathBuf> {
    let mut cargo = checkout.cargo(&["build", "--quiet", "--locked", "--bin", NAME]);
    cargo.args(["--no-default-features", "--features", "lens"]);
    cargo.args(["--target", "wasm32-unknown-unknown", "--message-format=json-render-diagnostics"]);
    if release {
        cargo.arg("--release");
        page::with_short_paths(checkout, &mut cargo);
    }
    let broken = || Failure::new("rift-lens did not compile", "mend what is named above");
    let output = cargo.stderr(Stdio::inherit()).output().map_err(|_| broken())?;
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    let program = page::program_in(&messages, NAME).filter(|_| output.status.success());
    let program = program.ok_or_else(broken)?;
    let dir = program.with_file_name(format!("{NAME}-web"));
    page::for_the_browser(checkout, &program, NAME, &dir, release)?;
    Ok(dir)
}

/// Copies the files under names that change with what is in them, as trunk does.
fn publish(checkout: &Checkout, made: &Path, staging: &Path) -> io::Result<()> {
    let mut style = Vec::new();
    for part in STYLES {
        style.extend(fs::read(checkout.root.join(part))?);
    }
    let script = fs::read(made.join(format!("{NAME}.js")))?;
    let wasm = fs::read(made.join(format!("{NAME}_bg.wasm")))?;
    let mut page = fs::read_to_string(staging.join("index.html"))?;
    let mut hash = DefaultHasher::new();
    [&style, &script, &wasm].into_iter().for_each(|file| hash.write(file));
    let hash = hash.finish();
    for (placeholder, ending, file) in [
        ("lens-style", ".css", style),
        ("lens-script", ".js", script),
        ("lens-wasm", "_bg.wasm", wasm),
    ] {
        let name = format!("{NAME}-{hash:016x}{ending}");
        fs::write(staging.join(&name), file)?;
        if !page.contains(placeholder) {
            return Err(io::Error::other(format!("index.html has no place for {placeholder}")));
        }
        page = page.replace(placeholder, &format!("./{name}"));
    }
    fs::write(staging.join("index.html"), page)
}

/// Whether a file is loaded on demand only.
pub(crate) fn is_of_lens(path: &Path) -> bool {
    let name = path.file_name().map(OsStr::to_string_lossy).unwrap_or_default();
    name.starts_with(NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_loaded_on_demand_are_told_by_their_names() {
        assert!(is_of_lens(Path::new("/dist/rift-lens-0123_bg.wasm")));
        assert!(!is_of_lens(Path::new("/dist/rift-web-0123_bg.wasm")));
        assert!(!is_of_lens(Path::new("/rift-lens/dist/index.html")));
    }
}
