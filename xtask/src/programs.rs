//! The programs beside the page's first one: a lab's lens, loaded when a reader looks closer, a
//! lab's program, when its place comes near, and the event store and the circuit breaker, for pages
//! of other people. trunk builds one program; a hook in Trunk.toml has these built beside it, for
//! `build` and `serve` alike.

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
    /// What the names of its files begin with.
    name: &'static str,
    /// The program's name in Cargo.toml.
    bin: &'static str,
    /// When it is loaded.
    pub(crate) when: &'static str,
    /// The features that it is built with, instead of the default ones.
    features: &'static str,
    /// What it is for.
    purpose: Purpose,
}

enum Purpose {
    /// For our page, under names that change with what is in them. `index.html` has a link with
    /// places for those names.
    Page {
        /// Its looks.
        styles: &'static [&'static str],
    },
    /// For pages of other people: a folder of its own, to be copied, with names that stay.
    Library {
        folder: &'static str,
        /// A script that others import instead of the program's own, which it imports itself.
        front: Option<&'static str>,
        /// What it looks like in TypeScript.
        declarations: &'static str,
    },
}

/// One line a program.
pub(crate) const PROGRAMS: &[Program] = &[
    lens("rift-lens-raft", "lens,only-raft", "when a reader looks closer at the first figure"),
    lens("rift-lens-cap", "lens,only-cap", "when a reader looks closer at the second figure"),
    lens("rift-lens-events", "lens,only-events", "when a reader looks closer at the third figure"),
    lens("rift-lens-breaker", "lens,only-breaker", "when a reader looks closer at the fourth"),
    Program {
        name: "rift-cap",
        bin: "rift-cap",
        when: "when the second figure comes near",
        features: "web,quiz,dials",
        purpose: Purpose::Page {
            styles: &["static/quiz.css", "static/dials.css", "static/cap.css"],
        },
    },
    Program {
        name: "rift-events",
        bin: "rift-events",
        when: "when the third figure comes near",
        features: "web,dials",
        purpose: Purpose::Page { styles: &["static/dials.css", "static/events.css"] },
    },
    Program {
        name: "rift-breaker",
        bin: "rift-breaker",
        when: "when the fourth figure comes near",
        features: "web,dials",
        purpose: Purpose::Page { styles: &["static/dials.css", "static/breaker.css"] },
    },
    Program {
        name: "rift-trade-offs",
        bin: "rift-trade-offs",
        when: "when the studies of trade-offs come near",
        features: "web",
        purpose: Purpose::Page {
            styles: &["static/views.css", "static/plots.css", "static/trade-offs.css"],
        },
    },
    Program {
        name: "rift-event-store",
        bin: "rift-event-store",
        when: "by other pages, which import it",
        features: "event-store-js",
        purpose: Purpose::Library {
            folder: "event-store",
            front: None,
            declarations: "src/bin/rift-event-store/event-store.d.ts",
        },
    },
    Program {
        name: "rift-circuit-breaker",
        bin: "rift-circuit-breaker",
        when: "by other pages, which import it",
        features: "circuit-breaker-js",
        purpose: Purpose::Library {
            folder: "circuit-breaker",
            front: Some("src/bin/rift-circuit-breaker/circuit-breaker.js"),
            declarations: "src/bin/rift-circuit-breaker/circuit-breaker.d.ts",
        },
    },
];

/// A lab's lens.
const fn lens(name: &'static str, features: &'static str, when: &'static str) -> Program {
    let styles = &["static/views.css", "static/plots.css", "static/lens.css"];
    Program { name, bin: "rift-lens", when, features, purpose: Purpose::Page { styles } }
}

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
        let mut cargo = checkout.cargo(&["build", "--quiet", "--locked", "--bin", self.bin]);
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
        let program = page::program_in(&messages, self.bin).filter(|_| output.status.success());
        let program = program.ok_or_else(broken)?;
        let dir = program.with_file_name(format!("{name}-web"));
        page::for_the_browser(checkout, &program, self.file_name(), &dir, release)?;
        Ok(dir)
    }

    fn publish(&self, checkout: &Checkout, made: &Path, staging: &Path) -> io::Result<()> {
        match self.purpose {
            Purpose::Page { styles } => self.publish_for_page(checkout, styles, made, staging),
            Purpose::Library { folder: name, front, declarations } => {
                let folder = staging.join(name);
                fs::create_dir_all(&folder)?;
                let program = self.file_name();
                for file in [format!("{program}.js"), format!("{program}_bg.wasm")] {
                    fs::copy(made.join(&file), folder.join(&file))?;
                }
                if let Some(front) = front {
                    fs::copy(checkout.root.join(front), folder.join(format!("{name}.js")))?;
                }
                let declarations = checkout.root.join(declarations);
                fs::copy(declarations, folder.join(format!("{name}.d.ts"))).map(|_| ())
            }
        }
    }

    /// What the names of its files begin with.
    fn file_name(&self) -> &'static str {
        match self.purpose {
            Purpose::Page { .. } => self.name,
            Purpose::Library { front: Some(_), .. } => "core",
            Purpose::Library { folder, front: None, .. } => folder,
        }
    }

    /// Copies the files under names that change with what is in them, as trunk does.
    fn publish_for_page(
        &self,
        checkout: &Checkout,
        styles: &[&str],
        made: &Path,
        staging: &Path,
    ) -> io::Result<()> {
        let name = self.name;
        let mut style = Vec::new();
        for part in styles {
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
        if let Purpose::Library { folder, .. } = self.purpose {
            return path.parent().and_then(Path::file_name) == Some(OsStr::new(folder));
        }
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
        assert!(lens.has(Path::new("/dist/rift-lens-raft-0123_bg.wasm")));
        assert!(!lens.has(Path::new("/dist/rift-lens-cap-0123_bg.wasm")));
        assert!(!lens.has(Path::new("/dist/rift-web-0123_bg.wasm")));
        assert!(!lens.has(Path::new("/rift-lens/dist/index.html")));
        let store = |program: &&Program| program.bin == "rift-event-store";
        let store = PROGRAMS.iter().find(store).expect("it is built");
        assert!(store.has(Path::new("/dist/event-store/event-store.js")));
        assert!(!store.has(Path::new("/event-store/dist/index.html")));
        assert!(!lens.has(Path::new("/dist/event-store/event-store.js")));
        let breaker = |program: &&Program| program.bin == "rift-circuit-breaker";
        let breaker = PROGRAMS.iter().find(breaker).expect("it is built");
        assert!(breaker.has(Path::new("/dist/circuit-breaker/core_bg.wasm")));
        assert!(!store.has(Path::new("/dist/circuit-breaker/core_bg.wasm")));
    }
}
