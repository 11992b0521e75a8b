//! What people read stands in `src/text/` and nowhere else in the interface.
//!
//! The rule in one sentence: a string of the interface is for people if, apart from markup and
//! placeholders, it begins with a capital and a small letter or has a letter beside a space, and is
//! neither the name of a key, nor a selector, nor a list of classes, nor why something cannot fail.

use super::Finding;
use super::source::{Literal, literals_in};

/// Where the interface is.
const INTERFACE: &[&str] = &["src/ui/", "src/lens/", "src/embed/", "src/bin/rift-lens/"];

/// Keys as browsers call them, beside the arrows.
const KEYS: [&str; 8] = ["Comma", "End", "Enter", "Escape", "Home", "PageDown", "PageUp", "Period"];

/// Attributes whose values are read, or read aloud.
const SPOKEN: [&str; 4] = ["alt=\"", "aria-label=\"", "placeholder=\"", "title=\""];

/// The strings of a file that people would read, although it is not where such strings stand.
pub(super) fn strays(path: &str, text: &str) -> Vec<Finding> {
    let inside = INTERFACE.iter().any(|folder| path.starts_with(folder));
    if !inside || path.ends_with("tests.rs") {
        return Vec::new();
    }
    // A module of tests ends a file.
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let read = |it: &Literal<'_>| shown(it.text).iter().any(|part| is_read(part));
    let strays = literals_in(code).into_iter().filter(|it| !is_code(it) && read(it));
    let rule = "what people read is said in src/text/";
    let why = "so that it can be looked through, changed and translated in one place";
    strays.map(|it| Finding::new(path, it.line, rule, why, format!("{:?}", it.text))).collect()
}

/// Whether it is for the program although it looks like words.
fn is_code(literal: &Literal<'_>) -> bool {
    let Literal { before, text, .. } = literal;
    let follows = |starts: &[&str]| starts.iter().any(|start| before.ends_with(start));
    let key = KEYS.contains(text) || text.starts_with("Arrow");
    let mut letters = text.chars();
    let selector = matches!(letters.next(), Some('.' | '#' | '['))
        && letters.next().is_some_and(char::is_alphabetic);
    let statement = before.rsplit(';').next().unwrap_or_default();
    let classes = follows(&["\"class\" =", "(\"class\",", " class="])
        || ["let class =", "let (class,"].iter().any(|start| statement.contains(start));
    key || selector || classes || follows(&[".expect(", "unreachable!(", "matches("])
}

/// Whether there are words in it.
fn is_read(part: &str) -> bool {
    let mut letters = part.chars();
    let begins = letters.next().is_some_and(char::is_uppercase)
        && letters.next().is_some_and(char::is_lowercase);
    let mut pairs = part.chars().zip(part.chars().skip(1));
    begins
        || pairs.any(|pair| match pair {
            (' ', letter) | (letter, ' ') => letter.is_alphabetic(),
            _ => false,
        })
}

/// What is left of a literal between tags and braces, and what tags say aloud.
fn shown(literal: &str) -> Vec<String> {
    let plain = unescaped(literal);
    let mut parts = vec![String::new()];
    for attribute in SPOKEN {
        let values = plain.split(attribute).skip(1);
        parts.extend(values.filter_map(|value| value.split('"').next()).map(str::to_owned));
    }
    parts.push(String::new());
    // One that begins with a quote goes on where another left off, in a tag.
    let (mut tag, mut braces) = (plain.starts_with('"'), 0_usize);
    for letter in plain.chars() {
        match letter {
            '<' => tag = true,
            '>' if tag => tag = false,
            '{' => braces += 1,
            '}' => braces = braces.saturating_sub(1),
            _ if tag || braces > 0 => continue,
            '\n' => {}
            letter => {
                parts.last_mut().expect("there is one").push(letter);
                continue;
            }
        }
        parts.push(String::new());
    }
    parts
}

/// As the program has it, as far as it matters here.
fn unescaped(literal: &str) -> String {
    let mut lines = literal.split("\\\n");
    let first = lines.next().unwrap_or_default().to_owned();
    let joined = lines.fold(first, |text, line| text + line.trim_start());
    joined.replace("\\\"", "\"").replace("\\n", "\n")
}

/// The lines on which a stray is found in a planted text.
#[track_caller]
fn stray_on(path: &str, text: &str, expected: &[usize]) {
    let lines: Vec<usize> = strays(path, text).iter().map(|finding| finding.line).collect();
    assert_eq!(lines, expected, "in {path}:\n{text}");
}

#[test]
fn a_word_that_strays_is_found() {
    let strays = r##"
fn view(tree: &mut Tree, name: &str) {
    tree.words("button", named!["class" = "toggle"], "Pause");
    tree.words("p", named!["class" = "panel why", "title" = "once more"], text::WHY);
    let class = "ev-row here"; let said = "it waits";
    html.words("p", &[("class", "quiet"), ("aria-label", "Nothing")], &format!("{} ms", at_ms));
    tree.raw("<b class=\"tick done\">Done</b>");
    tree.raw(r#"<img class="still" alt="A still">"#);
    let label = ["less ", name].concat();
    Err("It has\
        no leader")
}
"##;
    stray_on("src/ui/panels/a.rs", strays, &[3, 4, 5, 6, 6, 7, 8, 9, 10]);
    stray_on("src/bin/rift-lens/a.rs", "const A: &str = \"no such run\";", &[1]);
    // Where it is at home:
    stray_on("src/text/page.rs", strays, &[]);
    stray_on("src/labs/raft/words.rs", strays, &[]);
}

#[test]
fn what_only_the_program_reads_is_no_stray() {
    let code = r##"
//! "What is said" in a comment is not said.
#[cfg(feature = "web")]
fn view(key: &str) -> Html {
    tree.open("div", named!["class" = "panel why", "aria-labelledby" = "why-asked"]);
    let (class, mark) = if again { ("tick", "✓") } else { ("tick bad", "✗") };
    let all = document.query_selector_all(".story li,[data-look] output").expect("It is valid");
    match key { "ArrowUp" | "Enter" => {} "T" => {} _ => unreachable!("no other key") }
    icon("after", "M12 2h2v12h-2zM2 2v12l5-6zM7 2v12l5-6z");
    let at = format!("translate({} {})", tenths(x), tenths(y));
    html.push_str("<input type=\"radio\" name=\"share-kind\" value=\"");
    html.push_str("\" hidden>");
    html! { <p class="view notice">{ text::WHY }</p> }
}

#[cfg(test)]
mod tests {
    const SAID: &str = "What tests say";
}
"##;
    stray_on("src/ui/a.rs", code, &[]);
    stray_on("src/lens/tests.rs", "const SAID: &str = \"What tests say\";", &[]);
}
