//! The invariants of the house, most of them absences, held by reading the source.
//!
//! Each finding names the file, the line, the rule and its reason. The checker is [`check`], a
//! function of a path and a text; the last tests here plant violations to see that it sees them.

mod source;
mod words;

use std::fmt;
use std::fs;
use std::path::Path;

use source::{Named, blank, named_in};

const CORES: &[&str] =
    &["raft", "quorum", "primary_backup", "event_store", "circuit_breaker", "resilience"];

/// Everything that must run without a browser, a clock or luck.
const PURE: &[&str] = &[
    "raft",
    "quorum",
    "primary_backup",
    "event_store",
    "circuit_breaker",
    "resilience",
    "sim",
    "check",
    "scenario",
    "scene",
    "labs",
    "explore",
    "export",
    "pbs",
    "session",
    "timeline",
    "link",
    "lens",
    "random",
    "rate",
    "small_text",
    "sorted",
    "stable_hash",
    "text",
];

const LONGEST_FILE_LINES: usize = 600;
const WIDEST_LINE_COLUMNS: usize = 100;

/// Some modules may not name something.
struct Absence {
    rule: &'static str,
    /// Modules directly under `src/`.
    modules: &'static [&'static str],
    what: What,
    why: &'static str,
}

enum What {
    /// These, as any part of a path or as a macro.
    Names(&'static [&'static str]),
    /// These modules of this crate, except a module's own.
    Modules(&'static [&'static str]),
    Floats,
}

const ABSENCES: &[Absence] = &[
    Absence {
        rule: "the pure part knows no browser",
        modules: PURE,
        what: What::Names(&[
            "yew",
            "web_sys",
            "js_sys",
            "wasm_bindgen",
            "serde_wasm_bindgen",
            "gloo",
            "gloo_timers",
        ]),
        why: "it is tested natively, and anyone may use it as a library",
    },
    Absence {
        rule: "the pure part has no clock of its own",
        modules: PURE,
        what: What::Names(&["Instant", "SystemTime"]),
        why: "time is an argument, or a run could not be repeated",
    },
    Absence {
        rule: "the pure part has no HashMap and no HashSet",
        modules: PURE,
        what: What::Names(&["HashMap", "HashSet"]),
        why: "their order changes from run to run; a BTreeMap's does not",
    },
    Absence {
        rule: "the pure part does not serialize",
        modules: PURE,
        what: What::Names(&["serde", "serde_json"]),
        why: "what goes over the border has types of its own, in embed/",
    },
    Absence {
        rule: "the pure part does not print",
        modules: PURE,
        what: What::Names(&["println!", "print!", "eprintln!", "eprint!"]),
        why: "what happened is data; who shows it decides how",
    },
    Absence {
        rule: "no float in protocols or the world",
        modules: &[
            "raft",
            "quorum",
            "primary_backup",
            "event_store",
            "circuit_breaker",
            "resilience",
            "sim",
            "pbs",
            "rate",
        ],
        what: What::Floats,
        why: "their rounding may differ between targets; integers are the same everywhere",
    },
    Absence {
        rule: "a core opens no file, no connection and no thread",
        modules: CORES,
        what: What::Names(&["fs", "net", "thread", "process"]),
        why: "bytes come out of it and go in; who carries them is somebody else",
    },
    Absence {
        rule: "a core knows neither the world nor another core nor a lab",
        modules: CORES,
        what: What::Modules(&[
            "raft",
            "quorum",
            "primary_backup",
            "event_store",
            "circuit_breaker",
            "resilience",
            "sim",
            "check",
            "scenario",
            "scene",
            "labs",
            "explore",
            "session",
            "embed",
            "ui",
        ]),
        why: "the labs put the cores into the world; a core stands alone",
    },
    Absence {
        rule: "the world and the picture know no protocol",
        modules: &["sim", "scene"],
        what: What::Modules(&[
            "raft",
            "quorum",
            "primary_backup",
            "event_store",
            "circuit_breaker",
            "resilience",
            "labs",
            "embed",
            "ui",
        ]),
        why: "they serve every protocol alike; what is special to one is in its lab",
    },
    Absence {
        rule: "the judges know no picture and no page",
        modules: &["check"],
        what: What::Modules(&["scene", "session", "embed", "ui"]),
        why: "they read what happened, and nothing about how it is shown",
    },
    Absence {
        rule: "the language of scripts knows no protocol",
        modules: &["scenario"],
        what: What::Modules(&[
            "raft",
            "quorum",
            "primary_backup",
            "event_store",
            "circuit_breaker",
            "resilience",
            "explore",
            "embed",
            "ui",
            "cli",
        ]),
        why: "a lab brings its own words, in its table of conditions and settings",
    },
    Absence {
        rule: "what writes runs down knows no protocol",
        modules: &["export"],
        what: What::Modules(&[
            "raft",
            "quorum",
            "event_store",
            "circuit_breaker",
            "explore",
            "embed",
            "ui",
            "cli",
        ]),
        why: "a lab tells its records as plain data",
    },
    Absence {
        rule: "the user interface knows no protocol",
        modules: &["ui"],
        what: What::Modules(CORES),
        why: "it draws what the scene says and never asks who is a leader",
    },
];

#[derive(Debug, PartialEq, Eq)]
struct Finding {
    file: String,
    line: usize,
    rule: &'static str,
    why: &'static str,
    found: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { file, line, rule, why, found } = self;
        write!(f, "{file}:{line}: {rule}, but here is {found} ({why})")
    }
}

/// Reads one Rust file; `path` is relative to the repository, with forward slashes.
fn check(path: &str, text: &str) -> Vec<Finding> {
    let code = blank(text);
    let mut findings = shape(path, text, &code);
    findings.extend(words::strays(path, text));
    // Tests may measure a distribution in floats; nothing that a run depends on is in them.
    let mut lines = code.lines();
    let tests_from = lines.position(|line| line.trim() == "#[cfg(test)]").unwrap_or(usize::MAX);
    if let Some(module) = module_of(path) {
        let names = named_in(&code);
        for absence in ABSENCES.iter().filter(|absence| absence.modules.contains(&module)) {
            let breaches = names.iter().filter_map(|named| {
                let found = absence.what.found_in(named, module, path)?;
                let excused = matches!(absence.what, What::Floats) && named.line > tests_from;
                (!excused).then_some((named.line, found))
            });
            for (line, found) in breaches {
                findings.push(Finding::new(path, line, absence.rule, absence.why, found));
            }
        }
    }
    findings.sort_by_key(|finding| finding.line);
    findings
}

/// What holds for every file, wherever it is.
fn shape(path: &str, text: &str, code: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |line, rule, why, found: &str| {
        findings.push(Finding::new(path, line, rule, why, found.to_owned()));
    };
    let length = text.lines().count();
    if length > LONGEST_FILE_LINES {
        let rule = "a file has at most 600 lines";
        find(length, rule, "a reader should hold it in one head", &format!("line {length}"));
    }
    for (index, (line, code)) in text.lines().zip(code.lines()).enumerate() {
        let width = line.chars().count();
        if width > WIDEST_LINE_COLUMNS {
            let rule = "a line has at most 100 columns";
            find(index + 1, rule, "two files fit side by side", &format!("{width} columns"));
        }
        let unfinished = [concat!("FIX", "ME"), concat!("XX", "X")];
        for word in unfinished.into_iter().filter(|word| has_word(line, word)) {
            let rule = "no note to oneself";
            find(index + 1, rule, "mend it now", word);
        }
        for gap in ["todo!", "unimplemented!", "dbg!"] {
            if has_word(code, gap) {
                let rule = "nothing is left unfinished";
                find(index + 1, rule, "what is not there yet has no name yet", gap);
            }
        }
        if code.contains("#[ignore") {
            let rule = "no test is ignored";
            find(index + 1, rule, "a test that does not run promises nothing", "#[ignore]");
        }
    }
    findings
}

impl Finding {
    fn new(
        file: &str,
        line: usize,
        rule: &'static str,
        why: &'static str,
        found: String,
    ) -> Finding {
        Finding { file: file.to_owned(), line, rule, why, found }
    }
}

impl What {
    /// How `named`, in a file of `module`, breaks the absence.
    fn found_in(&self, named: &Named, module: &str, path: &str) -> Option<String> {
        match self {
            What::Names(names) => {
                let mut segments = named.path.iter();
                let segment = segments.find(|segment| names.contains(&segment.as_str()))?;
                Some(format!("`{segment}`"))
            }
            What::Modules(modules) => {
                let target = target_module(&named.path, path)?;
                (target != module && modules.contains(&target)).then(|| format!("`{target}`"))
            }
            What::Floats => {
                let is_float = |segment: &String| matches!(segment.as_str(), "f32" | "f64");
                let float = named.path.iter().any(is_float) || named.float_literal;
                float.then(|| format!("`{}`", named.path.join("::")))
            }
        }
    }
}

/// The module under `src/` that a path leads to from the root of the crate.
fn target_module<'a>(named: &'a [String], file: &str) -> Option<&'a str> {
    let supers = named.iter().take_while(|segment| *segment == "super").count();
    let first = named.first()?.as_str();
    if supers > 0 {
        // Climbing higher than the file lies deep ends in the root too: inline modules add depth.
        return (supers >= depth_of(file)).then(|| named.get(supers)).flatten().map(String::as_str);
    }
    matches!(first, "crate" | "rift").then(|| named.get(1)).flatten().map(String::as_str)
}

/// How many `super`s lead from a file to the root: 1 from `src/raft/mod.rs`, 2 from
/// `src/raft/log.rs`.
fn depth_of(file: &str) -> usize {
    let inside = file.strip_prefix("src/").unwrap_or(file);
    inside.split('/').count() - usize::from(inside.ends_with("/mod.rs"))
}

/// The module under `src/` that a file belongs to.
fn module_of(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("src/")?;
    let module = inside.split('/').next()?;
    Some(module.strip_suffix(".rs").unwrap_or(module))
}

fn has_word(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(is_part) && (word.ends_with('!') || !after.is_some_and(is_part))
    })
}

fn check_folder(root: &Path, folder: &str, findings: &mut Vec<Finding>) -> usize {
    let mut count = 0;
    for entry in fs::read_dir(root.join(folder)).expect("the folder can be read") {
        let entry = entry.expect("the folder can be read");
        let name = entry.file_name().into_string().expect("file names are plain text");
        let path = format!("{folder}/{name}");
        if entry.path().is_dir() {
            count += check_folder(root, &path, findings);
        } else if path.ends_with(".rs") {
            let text = fs::read_to_string(entry.path()).expect("Rust files are text");
            findings.extend(check(&path, &text));
            count += 1;
        }
    }
    count
}

#[test]
fn the_house_is_tidy() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut findings = Vec::new();
    let folders = ["src", "tests", "xtask"];
    let count: usize = folders.iter().map(|f| check_folder(root, f, &mut findings)).sum();
    assert!(count > 10, "only {count} files found: is this the right place?");
    let list: Vec<String> = findings.iter().map(Finding::to_string).collect();
    assert!(findings.is_empty(), "{} findings\n{}", list.len(), list.join("\n"));
}

/// The lines and the things that are found in a planted text.
#[track_caller]
fn found(path: &str, text: &str, expected: &[(usize, &str)]) {
    let findings = check(path, text);
    let found: Vec<(usize, &str)> = findings.iter().map(|f| (f.line, f.found.as_str())).collect();
    assert_eq!(found, expected, "in {path}:\n{text}");
}

#[test]
fn a_browser_a_clock_or_a_hash_map_in_the_pure_part_is_found() {
    found("src/sim/world.rs", "use web_sys::Window;\n", &[(1, "`web_sys`")]);
    found("src/random.rs", "fn f() {\n    ::js_sys::Math::random();\n}\n", &[(2, "`js_sys`")]);
    found("src/labs/raft/world.rs", "#[derive(serde::Serialize)]\n", &[(1, "`serde`")]);
    let clocks = "use std::{\n    fmt,\n    time::{Duration, Instant},\n};\n";
    found("src/raft/mod.rs", clocks, &[(3, "`Instant`")]);
    found("src/check/mod.rs", "type Seen = HashSet<u64>;", &[(1, "`HashSet`")]);
    found("src/explore/mod.rs", "fn f() { println!(\"{}\", 1) }", &[(1, "`println!`")]);
    // Where all of this is at home:
    found("src/ui/app.rs", "use yew::Html; use std::time::Instant;", &[]);
    found("src/main.rs", "fn main() { println!(\"{}\", 1) }", &[]);
}

#[test]
fn words_in_comments_and_strings_are_only_words() {
    let text = "\
//! Instead of a HashMap: `std::time::Instant` is not here.
/* nor /* is */ yew */
const WHY: &str = \"no HashMap // and no \\\" serde\";
const RAW: &str = r#\"a \"HashMap\" of f64\"#;
const LETTERS: [char; 3] = ['\"', '\\'', 'f'];
fn longest<'yew>(text: &'yew str) -> &'yew str { text }
fn instant_hash_map_size() {}
";
    found("src/raft/mod.rs", text, &[]);
}

#[test]
fn a_core_that_knows_its_surroundings_is_found() {
    found("src/raft/log.rs", "use crate::sim::World;", &[(1, "`sim`")]);
    found("src/raft/log.rs", "use crate::{random, labs::raft};", &[(1, "`labs`")]);
    found("src/raft/log.rs", "use super::super::quorum;", &[(1, "`quorum`")]);
    found("src/raft/mod.rs", "use super::quorum;", &[(1, "`quorum`")]);
    found("src/raft/log.rs", "use crate::raft::Term; use super::sim;", &[]);
    found("src/raft/log.rs", "use crate::{random::Random, raft::Term};", &[]);
    found("src/scene/mod.rs", "fn f(r: &crate::raft::Raft) {}", &[(1, "`raft`")]);
    found("src/ui/stage.rs", "use rift::event_store::Stream;", &[(1, "`event_store`")]);
    found("src/ui/stage.rs", "use crate::labs;", &[]);
    found("src/scenario/player.rs", "use crate::raft::Term;", &[(1, "`raft`")]);
    found("src/labs/raft/world.rs", "use crate::raft::Raft;\nuse crate::sim::World;", &[]);
}

#[test]
fn a_core_that_opens_a_file_is_found() {
    let file = "use std::fs::File;\nfn f() { std::thread::spawn(g); }\n";
    found("src/event_store/file/journal.rs", file, &[(1, "`fs`"), (2, "`thread`")]);
    found("src/event_file.rs", file, &[]);
    found("src/event_store/file/mod.rs", "use super::file::Journal; use std::fmt;", &[]);
}

#[test]
fn a_float_in_a_protocol_or_the_world_is_found() {
    found("src/sim/network.rs", "let loss: f64 = one;", &[(1, "`f64`")]);
    found("src/quorum/mod.rs", "let half = 0.5;\nlet big = 1e9;", &[(1, "`0.5`"), (2, "`1e9`")]);
    found("src/sim/network.rs", "let loss = 1f32;", &[(1, "`1f32`")]);
    found("src/sim/network.rs", "for i in 0..5 { pair.0.1 + 1_000u64 + 0x1e9 }", &[]);
    found("src/scene/layout.rs", "let x: f64 = 0.5;", &[]);
}

#[test]
fn what_is_unfinished_or_too_big_is_found_anywhere() {
    let (mend, cross) = (concat!("FIX", "ME"), concat!("XX", "X"));
    found("tests/it/a.rs", &format!("// {mend}: later\n// {cross}\n"), &[(1, mend), (2, cross)]);
    found("xtask/src/a.rs", "fn f() { todo!() }", &[(1, "todo!")]);
    found("src/ui/a.rs", "fn f() { std::dbg!(1); my_todo!() }", &[(1, "dbg!")]);
    found("src/ui/a.rs", "#[test]\n#[ignore = \"slow\"]\nfn f() {}", &[(2, "#[ignore]")]);
    found("src/ui/a.rs", &"é".repeat(100), &[]);
    found("src/ui/a.rs", &format!("//{}", "é".repeat(99)), &[(1, "101 columns")]);
    found("src/ui/a.rs", &"\n".repeat(600), &[]);
    found("src/ui/a.rs", &"\n".repeat(601), &[(601, "line 601")]);
}

#[test]
fn a_finding_says_where_and_why() {
    let findings = check("src/sim/a.rs", "use std::collections::HashMap;");
    assert_eq!(
        findings[0].to_string(),
        "src/sim/a.rs:1: the pure part has no HashMap and no HashSet, but here is `HashMap` \
         (their order changes from run to run; a BTreeMap's does not)"
    );
}
