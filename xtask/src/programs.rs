//! The programs beside the page's first one: a lab's lens, loaded when a reader looks closer, a
//! lab's program, when its place comes near, and the event store and the circuit breaker, for pages
//! of other people. trunk builds one program; hooks in Trunk.toml have these built beside it, for
//! `build` and `serve` alike.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;
use std::thread;

use crate::guide;
use crate::kit;
use crate::page;
use crate::run::{Checkout, Failure, Outcome};

/// A program and what comes with it.
pub(crate) struct Program {
    /// Its name in Cargo.toml, with which the names of its files begin.
    name: &'static str,
    /// When it is loaded.
    pub(crate) when: &'static str,
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
    lens("rift-lens-raft", "when a reader looks closer at the first figure"),
    lens("rift-lens-cap", "when a reader looks closer at the second figure"),
    lens("rift-lens-events", "when a reader looks closer at the third figure"),
    lens("rift-lens-breaker", "when a reader looks closer at the fourth"),
    lens("rift-lens-whole", "when a reader looks closer at the fifth"),
    Program {
        name: "rift-cap",
        when: "when the second figure comes near",
        purpose: Purpose::Page {
            styles: &["static/quiz.css", "static/dials.css", "static/cap.css"],
        },
    },
    Program {
        name: "rift-events",
        when: "when the third figure comes near",
        purpose: Purpose::Page { styles: &["static/dials.css", "static/events.css"] },
    },
    Program {
        name: "rift-breaker",
        when: "when the fourth figure comes near",
        purpose: Purpose::Page {
            styles: &["static/dials.css", "static/calls.css", "static/breaker.css"],
        },
    },
    Program {
        name: "rift-whole",
        when: "when the fifth figure comes near",
        purpose: Purpose::Page {
            styles: &["static/dials.css", "static/calls.css", "static/whole.css"],
        },
    },
    Program {
        name: "rift-trade-offs",
        when: "when the studies of trade-offs come near",
        purpose: Purpose::Page {
            styles: &["static/views.css", "static/plots.css", "static/trade-offs.css"],
        },
    },
    Program {
        name: "rift-event-store",
        when: "by other pages, which import it",
        purpose: Purpose::Library {
            folder: "event-store",
            front: None,
            declarations: "src/bin/rift-event-store/event-store.d.ts",
        },
    },
    Program {
        name: "rift-circuit-breaker",
        when: "by other pages, which import it",
        purpose: Purpose::Library {
            folder: "circuit-breaker",
            front: Some("src/bin/rift-circuit-breaker/circuit-breaker.js"),
            declarations: "src/bin/rift-circuit-breaker/circuit-breaker.d.ts",
        },
    },
];

/// A lab's lens.
const fn lens(name: &'static str, when: &'static str) -> Program {
    let styles = &["static/views.css", "static/plots.css", "static/lens.css"];
    Program { name, when, purpose: Purpose::Page { styles } }
}

/// Compiles the programs, makes each ready for a browser, and puts it into the directory where
/// trunk puts the page together, while trunk does so with the page's first program.
pub(crate) fn build(checkout: &Checkout) -> Outcome {
    let staging = staging()?;
    let release = is_release();
    let compiled = compile(checkout, release)?;
    // wasm-opt may use one core only: a program each, and the next one where one is done.
    let threads = thread::available_parallelism().map_or(1, usize::from).min(PROGRAMS.len());
    let todo = Mutex::new(PROGRAMS.iter().zip(compiled));
    let work = || {
        loop {
            let next = todo.lock().ok().and_then(|mut todo| todo.next());
            let Some((program, compiled)) = next else { return Ok(()) };
            program.make(checkout, &compiled, &staging, release)?;
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| {
            let panicked = |_| Err(Failure::new("a program was not made", "read what is above"));
            worker.join().unwrap_or_else(panicked)
        })
    })
}

/// Tells the page the names of the programs' files, and makes what needs them: the guide's figures
/// and the kit.
pub(crate) fn name(checkout: &Checkout) -> Outcome {
    let staging = staging()?;
    let release = is_release();
    let page = staging.join("index.html");
    let named = fs::read_to_string(&page).and_then(|text| {
        let files: Vec<_> = fs::read_dir(&staging)?.flatten().map(|file| file.path()).collect();
        let mut for_page =
            PROGRAMS.iter().filter(|program| matches!(program.purpose, Purpose::Page { .. }));
        let text = for_page.try_fold(text, |text, program| program.named_in(text, &files))?;
        fs::write(&page, text)
    });
    named.map_err(|error| {
        Failure::new(format!("the programs cannot be named ({error})"), "build the page again")
    })?;
    guide::build(checkout, &staging)?;
    kit::build(checkout, &staging, release)
}

fn is_release() -> bool {
    env::var_os("TRUNK_PROFILE").is_some_and(|profile| profile == "release")
}

fn staging() -> Outcome<PathBuf> {
    env::var_os("TRUNK_STAGING_DIR").map(PathBuf::from).ok_or_else(|| {
        Failure::new("this is trunk's to call", "run `cargo xtask build` or `cargo xtask serve`")
    })
}

/// Compiles all programs in one go, the page's first as well: with the same features, so that the
/// library is compiled once; index.html has trunk name the same. The programs as wasm, in order.
fn compile(checkout: &Checkout, release: bool) -> Outcome<Vec<PathBuf>> {
    let mut cargo = checkout.cargo(&["build", "--quiet", "--locked", "--features", "page"]);
    cargo.args(["--target", "wasm32-unknown-unknown", "--bin", "rift-web"]);
    PROGRAMS.iter().for_each(|program| {
        cargo.args(["--bin", program.name]);
    });
    cargo.arg("--message-format=json-render-diagnostics");
    if release {
        cargo.arg("--release");
        page::with_short_paths(checkout, &mut cargo);
    }
    let broken = || Failure::new("the page's programs did not compile", "mend what is named above");
    let output = cargo.stderr(Stdio::inherit()).output().map_err(|_| broken())?;
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    let wasm = |program: &Program| page::program_in(&messages, &format!("{}.wasm", program.name));
    let compiled: Option<Vec<_>> = PROGRAMS.iter().map(wasm).collect();
    compiled.filter(|_| output.status.success()).ok_or_else(broken)
}

impl Program {
    /// Makes it ready for a browser and puts it beside the page.
    fn make(&self, checkout: &Checkout, compiled: &Path, staging: &Path, release: bool) -> Outcome {
        let dir = compiled.with_file_name(format!("{}-web", self.name));
        page::for_the_browser(checkout, compiled, self.file_name(), &dir, release)?;
        self.publish(checkout, &dir, staging).map_err(|error| {
            let what = format!("{} cannot be put beside the page ({error})", self.name);
            Failure::new(what, "free some space")
        })
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
        let mut hash = DefaultHasher::new();
        [&style, &script, &wasm].into_iter().for_each(|file| hash.write(file));
        let hash = hash.finish();
        for (ending, file) in [(".css", style), (".js", script), ("_bg.wasm", wasm)] {
            fs::write(staging.join(format!("{name}-{hash:016x}{ending}")), file)?;
        }
        Ok(())
    }

    /// The page with the names of the files in the places that it has for them.
    fn named_in(&self, page: String, files: &[PathBuf]) -> io::Result<String> {
        let name = self.name;
        let missing = |what: &str| io::Error::other(format!("{what} of {name} is missing"));
        let kinds = [("style", ".css"), ("script", ".js"), ("wasm", "_bg.wasm")];
        kinds.into_iter().try_fold(page, |page, (kind, ending)| {
            let mut files = files.iter().filter(|path| self.has(path));
            let file = files
                .find_map(|path| path.file_name()?.to_str()?.ends_with(ending).then_some(path));
            let file =
                file.and_then(|path| path.file_name()?.to_str()).ok_or_else(|| missing(ending))?;
            let place = format!("{name}-{kind}");
            if !page.contains(&place) {
                return Err(missing(&format!("a place in index.html for the {kind}")));
            }
            Ok(page.replace(&place, &format!("./{file}")))
        })
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
        let store = |program: &&Program| program.name == "rift-event-store";
        let store = PROGRAMS.iter().find(store).expect("it is built");
        assert!(store.has(Path::new("/dist/event-store/event-store.js")));
        assert!(!store.has(Path::new("/event-store/dist/index.html")));
        assert!(!lens.has(Path::new("/dist/event-store/event-store.js")));
        let breaker = |program: &&Program| program.name == "rift-circuit-breaker";
        let breaker = PROGRAMS.iter().find(breaker).expect("it is built");
        assert!(breaker.has(Path::new("/dist/circuit-breaker/core_bg.wasm")));
        assert!(!store.has(Path::new("/dist/circuit-breaker/core_bg.wasm")));
    }
}
