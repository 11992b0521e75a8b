//! The programs that the page loads on demand: the lens, when a reader looks closer, and a lab's
//! program, when its place comes near. trunk builds
//! one program; a hook in Trunk.toml has these built beside it, for `build` and `serve` alike.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::page;
use crate::run::{Checkout, Failure, Outcome};

/// A program and what comes with it.
pub(crate) struct Program {
    /// What the names of its files begin with; also the program's name in Cargo.toml.
    name: &'static str,
    /// When it is loaded.
    pub(crate) when: &'static str,
    /// The features that it is built with, instead of the default ones.
    features: &'static str,
    /// Its looks.
    styles: &'static [&'static str],
}

/// One line a program. `index.html` has a link for each, with places for the names of its files.
pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        name: "rift-lens",
        when: "when a reader looks closer",
        features: "lens",
        styles: &["static/views.css", "static/lens.css"],
    },
    Program {
        name: "rift-cap",
        when: "when the second figure comes near",
        features: "web,quiz,dials",
        styles: &["static/quiz.css", "static/dials.css", "static/cap.css"],
    },
    Program {
        name: "rift-events",
        when: "when the third figure comes near",
        features: "web,dials",
        styles: &["static/dials.css", "static/events.css"],
    },
];

/// Builds the programs into the directory where trunk puts the page together, and tells the page
/// the names of their files.
pub(crate) fn build(checkout: &Checkout) -> Outcome {
    let staging = env::var_os("TRUNK_STAGING_DIR").map(PathBuf::from);
    let staging = staging.ok_or_else(|| {
        Failure::new("this is trunk's to call", "run `cargo xtask build` or `cargo xtask serve`")
    })?;
    let release = env::var_os("TRUNK_PROFILE").is_some_and(|profile| profile == "release");
    PROGRAMS.iter().try_for_each(|program| {
        let made = program.build(checkout, release)?;
        program.publish(checkout, &made, &staging).map_err(|error| {
            let what = format!("{} cannot be put beside the page ({error})", program.name);
            Failure::new(what, "free some space")
        })
    })
}

impl Program {
    /// The directory with the program as wasm and the script that belongs to it.
    fn build(&self, checkout: &Checkout, release: bool) -> Outcome<PathBuf> {
        let name = self.name;
        let mut cargo = checkout.cargo(&["build", "--quiet", "--locked", "--bin", name]);
        cargo.args(["--no-default-features", "--features", self.features]);
        cargo.args(["--target", "wasm32-unknown-unknown"]);
        cargo.arg("--message-format=json-render-diagnostics");
        if release {
            cargo.arg("--release");
            page::with_short_paths(checkout, &mut cargo);
        }
        let broken = || Failure::new(format!("{name} did not compile"), "mend what is named above");
        let output = cargo.stderr(Stdio::inherit()).output().map_err(|_| broken())?;
        let messages = String::from_utf8_lossy(&output.stdout).into_owned();
        let program = page::program_in(&messages, name).filter(|_| output.status.success());
        let program = program.ok_or_else(broken)?;
        let dir = program.with_file_name(format!("{name}-web"));
        page::for_the_browser(checkout, &program, name, &dir, release)?;
        Ok(dir)
    }

    /// Copies the files under names that change with what is in them, as trunk does.
    fn publish(&self, checkout: &Checkout, made: &Path, staging: &Path) -> io::Result<()> {
        let name = self.name;
        let mut style = Vec::new();
        for part in self.styles {
            style.extend(fs::read(checkout.root.join(part))?);
        }
        let script = fs::read(made.join(format!("{name}.js")))?;
        let wasm = fs::read(made.join(format!("{name}_bg.wasm")))?;
        let mut page = fs::read_to_string(staging.join("index.html"))?;
        let mut hash = DefaultHasher::new();
        [&style, &script, &wasm].into_iter().for_each(|file| hash.write(file));
        let hash = hash.finish();
        for (kind, ending, file) in
            [("style", ".css", style), ("script", ".js", script), ("wasm", "_bg.wasm", wasm)]
        {
            let published = format!("{name}-{hash:016x}{ending}");
            fs::write(staging.join(&published), file)?;
            let place = format!("{name}-{kind}");
            if !page.contains(&place) {
                return Err(io::Error::other(format!("index.html has no place for {place}")));
            }
            page = page.replace(&place, &format!("./{published}"));
        }
        fs::write(staging.join("index.html"), page)
    }

    /// Whether a file is one of the program's.
    pub(crate) fn has(&self, path: &Path) -> bool {
        let file = path.file_name().map(OsStr::to_string_lossy).unwrap_or_default();
        file.strip_prefix(self.name).is_some_and(|rest| rest.starts_with('-'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_loaded_on_demand_are_told_by_their_names() {
        let lens = &PROGRAMS[0];
        assert!(lens.has(Path::new("/dist/rift-lens-0123_bg.wasm")));
        assert!(!lens.has(Path::new("/dist/rift-web-0123_bg.wasm")));
        assert!(!lens.has(Path::new("/rift-lens/dist/index.html")));
    }
}
