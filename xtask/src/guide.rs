//! The scenarios that ship, played for the page: the run and its captions as JSON, a still picture
//! of each, and both as they are read where nothing runs.

use std::fs;
use std::io;
use std::path::Path;

use crate::run::{Checkout, Failure, Outcome, run_visibly};

/// What the page has where a scenario is to be shown. The name follows, with quotes or without.
const PLACE: &str = "data-scenario=";

/// What has the challenges that ship, and what the labs are called there.
const CHALLENGES: &str = "data-challenges";
const LABS: [(&str, &str); 5] = [
    ("raft", "Raft"),
    ("cap", "CAP"),
    ("events", "Event sourcing"),
    ("breaker", "Circuit breakers"),
    ("whole", "Everything together"),
];

/// Writes what `rift publish` does, and fills the page's places.
pub(crate) fn build(checkout: &Checkout, staging: &Path) -> Outcome {
    let mut rift = checkout.cargo(&["run", "--quiet", "--locked", "--bin", "rift"]);
    rift.args(["--no-default-features", "--features", "cli", "--", "publish"]).arg(staging);
    run_visibly(&mut rift, "the scenarios cannot be published", "read what is said above")?;
    fill_page(staging).map_err(|error| {
        let what = format!("the guide's figures cannot be put into the page ({error})");
        Failure::new(what, "see that every data-scenario names one of `rift list`")
    })
}

fn fill_page(staging: &Path) -> io::Result<()> {
    let page = fs::read_to_string(staging.join("index.html"))?;
    let mut parts = page.split(PLACE);
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let Some((attributes, rest)) = part.split_once('>') else {
            return Err(io::Error::other("a place of the page does not end"));
        };
        let name = attributes.trim_start_matches('"');
        let name = name.split(['"', ' ']).next().unwrap_or_default();
        let json = find_json(staging, name)?;
        filled.push_str(&[PLACE, attributes, ">", &still(name, &json), rest].concat());
    }
    let challenges = challenges(&fs::read_to_string(staging.join("challenges.json"))?);
    let filled = filled_with(&filled, CHALLENGES, &challenges)?;
    fs::write(staging.join("index.html"), filled)
}

/// The page with more in the element that has an attribute.
fn filled_with(page: &str, attribute: &str, more: &str) -> io::Result<String> {
    let missing = || io::Error::other(format!("the page has no {attribute}"));
    let (before, after) = page.split_once(attribute).ok_or_else(missing)?;
    let (rest, after) = after.split_once('>').ok_or_else(missing)?;
    Ok([before, attribute, rest, ">", more, after].concat())
}

/// What there is to do, as a list of links.
fn challenges(json: &str) -> String {
    let all = ["name", "lab", "title", "goal"].map(|name| texts(json, name));
    let [names, labs, titles, goals] = &all;
    let mut list = String::new();
    for (((name, lab), title), goal) in names.iter().zip(labs).zip(titles).zip(goals) {
        let lab = LABS.iter().find(|(known, _)| known == lab).map_or("", |(_, title)| title);
        list += &format!(
            "<li><a href=\"sandbox.html?challenge={name}\">{title}</a> {goal} <small>{lab}</small>"
        );
    }
    list
}

/// Names of scenarios differ in all labs.
fn find_json(staging: &Path, name: &str) -> io::Result<String> {
    for lab in fs::read_dir(staging.join("scenarios"))? {
        let file = lab?.path().join(format!("{name}.json"));
        if file.is_file() {
            return fs::read_to_string(file);
        }
    }
    Err(io::Error::other(format!("there is no scenario {name}")))
}

/// What is read before the figure runs, where it never does, and on paper.
fn still(name: &str, json: &str) -> String {
    let titles = texts(json, "title");
    let title = titles.first().map_or("", String::as_str);
    let said: String = texts(json, "text").iter().map(|text| format!("<li>{text}")).collect();
    format!(
        "<img class=\"poster\" src=\"./posters/{name}.svg\" width=\"860\" height=\"456\" \
         loading=\"lazy\" alt=\"{title}\"><ol class=\"transcript\">{said}</ol>"
    )
}

/// The values of a name in JSON of our own, as HTML.
fn texts(json: &str, name: &str) -> Vec<String> {
    let name = format!("\"{name}\":\"");
    let values = json.split(&name).skip(1).map(|rest| {
        let mut text = String::new();
        let mut letters = rest.chars();
        while let Some(letter) = letters.next().filter(|letter| *letter != '"') {
            match if letter == '\\' { letters.next().unwrap_or_default() } else { letter } {
                '"' => text.push_str("&quot;"),
                '&' => text.push_str("&amp;"),
                '<' => text.push_str("&lt;"),
                letter => text.push(letter),
            }
        }
        text
    });
    values.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str =
        r#"{"title":"A \"b\" < c","captions":[{"text":"One."},{"atUs":7,"text":"Two & three."}]}"#;

    #[test]
    fn texts_become_html() {
        assert_eq!(texts(JSON, "title"), ["A &quot;b&quot; &lt; c"]);
        assert_eq!(texts(JSON, "text"), ["One.", "Two &amp; three."]);
        assert!(texts(JSON, "nothing").is_empty());
    }

    #[test]
    fn challenges_become_links() {
        let json = r#"[{"name":"two-crowns","lab":"raft","title":"A & B","goal":"Do it."}]"#;
        let list = challenges(json);
        assert_eq!(
            list,
            "<li><a href=\"sandbox.html?challenge=two-crowns\">A &amp; B</a> Do it. \
             <small>Raft</small>"
        );
        let page = filled_with("<ul class=a data-challenges></ul>", CHALLENGES, &list);
        let page = page.expect("it has a place");
        assert!(page.starts_with("<ul class=a data-challenges><li><a"), "{page}");
        assert!(filled_with("<ul></ul>", CHALLENGES, &list).is_err());
    }

    #[test]
    fn a_place_has_a_picture_and_its_words_before_anything_runs() {
        let html = still("split-vote", JSON);
        assert!(html.contains("src=\"./posters/split-vote.svg\""), "{html}");
        assert!(html.ends_with("<ol class=\"transcript\"><li>One.<li>Two &amp; three.</ol>"));
    }
}
