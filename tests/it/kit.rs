//! What authors are told of figures on their own pages is so: the documents, the declarations and
//! the scripts name the same things, and every script that is shown can be played.

use std::fs;
use std::path::Path;

use rift::scenario::{parse, play};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect(path)
}

/// What stands between two texts.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("there is no {from:?}"));
    rest.split_once(to).unwrap_or_else(|| panic!("{from:?} has no end {to:?}")).0
}

/// Words in double quotes.
fn quoted(text: &str) -> Vec<&str> {
    text.split('"').skip(1).step_by(2).collect()
}

/// The first words of the rows of a table that have a name in code in their first column.
fn rows(table: &str) -> Vec<&str> {
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split(['`', '(']).next()).collect()
}

fn sorted<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort_unstable();
    names
}

#[test]
fn the_table_of_attributes_is_that_of_the_element() {
    let (docs, script) = (read("docs/embedding.md"), read("static/embed/rift.js"));
    let table = rows(between(&docs, "## Attributes", "\n## "));
    let observed = quoted(between(&script, "observedAttributes = [", "]"));
    assert_eq!(sorted(table), sorted(observed));
}

#[test]
fn the_panels_are_those_of_the_parameters() {
    let (docs, shown) = (read("docs/embedding.md"), read("src/embed/shown.rs"));
    let row = between(&docs, "| `panels` |", "\n");
    let documented = between(row, "names: `", "`").split(' ');
    assert_eq!(sorted(documented), sorted(quoted(between(&shown, "NAMES: [&str; 9] = [", "]"))));
    for name in quoted(between(&shown, "fn read(text: &str) -> Option<Controls> {", "_ =>")) {
        let row = between(&docs, "| `controls` |", "\n");
        assert!(row.contains(&format!("`{name}`")), "controls={name}");
    }
}

#[test]
fn calls_and_events_are_the_same_everywhere() {
    let docs = read("docs/embedding.md");
    let (script, frame) = (read("static/embed/rift.js"), read("static/embed/embed.js"));
    let types = read("static/embed/rift-lab.d.ts");
    let table = rows(between(&docs, "## Scripts", "## In a frame"));
    let told = sorted(quoted(between(&types, "interface RiftEventMap {", "\n}")));
    let documented = table.iter().copied().filter(|name| name.starts_with("rift:"));
    assert_eq!(sorted(documented), told);
    for event in &told {
        assert!(script.contains(&format!("#say(\"{event}\"")), "{event} is told");
    }
    // A frame tells the same, without the prefix, and does what the element does.
    let passed_on = between(&frame, "for (const type of [", "]");
    assert_eq!(sorted(quoted(passed_on)), told.iter().map(|it| &it[5..]).collect::<Vec<_>>());
    let messages = between(&docs, "## In a frame", "## Headers");
    for event in &told {
        assert!(messages.contains(&format!("\"{}\"", &event[5..])), "{event} is a message");
    }
    let calls = sorted(quoted(between(&frame, "const CALLS = [", "]")));
    let row = between(messages, "`call` is one of `", "`");
    assert_eq!(sorted(row.split(' ')), calls);
    let class = between(&types, "class RiftLab extends HTMLElement {", "\n}");
    let scripts = between(&docs, "## Scripts", "## In a frame");
    for call in calls {
        assert!(class.contains(&format!("  {call}(")), "{call} is declared");
        assert!(script.contains(&format!(" {call}(")), "{call} is there");
        assert!(scripts.contains(&format!("`{call}(")), "{call} is documented");
    }
}

#[test]
fn every_reason_has_words_and_is_declared() {
    let (script, types) = (read("static/embed/rift.js"), read("static/embed/rift-lab.d.ts"));
    let words = between(&script, "const WORDS = {", "\n};");
    let names = words.lines().filter_map(|line| line.trim().split_once(": ")).map(|(name, _)| name);
    let reasons = names.map(|name| name.trim_matches('"')).chain(["attribute"]);
    let declared = between(&types, "  reason:\n", ";");
    assert_eq!(sorted(reasons), sorted(quoted(declared)));
}

#[test]
fn the_colours_that_authors_may_set_are_there() {
    let (docs, css) = (read("docs/embedding.md"), read("static/rift.css"));
    let root = between(&css, ":root {", "\n}");
    let list = between(&docs, "which you may set on the element: `", "`");
    let names: Vec<_> = list.split_whitespace().collect();
    assert!(names.len() > 10, "{list}");
    for name in names {
        assert!(root.contains(&format!("{name}:")), "{name}");
    }
}

#[test]
fn every_file_that_authors_are_told_of_is_in_the_kit() {
    for text in [read("docs/embedding.md"), read("README.md")] {
        for (at, _) in text.match_indices("/rift/") {
            let file =
                text[at + 6..].split(|it: char| !(it.is_alphanumeric() || "-._".contains(it)));
            let file = file.into_iter().next().unwrap_or_default();
            let Some((_, ending)) = file.rsplit_once('.') else { continue };
            if ["js", "html", "ts"].contains(&ending) {
                let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("static/embed").join(file);
                assert!(path.is_file(), "{file}");
            }
        }
    }
}

#[test]
fn every_script_that_authors_are_shown_can_be_played() {
    let files = ["README.md", "docs/embedding.md", "static/embed/embed-demo.html"];
    let mut played = 0;
    for (file, text) in files.map(|file| (file, read(file))) {
        let mut rest = text.as_str();
        while let Some(at) = rest.find(" rift 1\n") {
            let begin = rest[..at].rfind('\n').map_or(0, |line| line + 1);
            let indent = at + 1 - begin;
            // It ends with its element, or where what is indented as far does.
            let lines = rest[begin..].lines().take_while(|line| {
                let blanks = line.len() - line.trim_start().len();
                line.trim().is_empty() || blanks >= indent && !line.trim_start().starts_with('<')
            });
            let script: String = lines.map(|line| [line.trim(), "\n"].concat()).collect();
            let scenario = parse(&script).unwrap_or_else(|why| panic!("{file}: {why}\n{script}"));
            let report = play(&scenario).unwrap_or_else(|why| panic!("{file}: {why}\n{script}"));
            assert!(report.passed(), "{file}: {report}\n{script}");
            played += 1;
            rest = &rest[at + 8..];
        }
    }
    assert!(played >= 4, "{played}");
}
