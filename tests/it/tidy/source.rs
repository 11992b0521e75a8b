//! Just enough of Rust's grammar to know what a file names: comments and literals are blanked,
//! then paths are collected, with `use` trees spelled out.

/// Something a file names: `use std::{fmt, time::Instant}` names `std::fmt` and
/// `std::time::Instant`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// Starting at one.
    pub(super) line: usize,
    /// The last segment of a macro ends with `!`.
    pub(super) path: Vec<String>,
    /// A number such as `0.5`, which is then the whole path.
    pub(super) float_literal: bool,
}

/// The text with everything inside comments, strings and character literals turned into spaces.
/// Lines stay where they are.
pub(super) fn blank(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after_name = code.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let length = skipped(rest, after_name);
        if length == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            let (skip, next) = rest.split_at(length);
            code.extend(skip.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            rest = next;
        }
    }
    code
}

/// A string literal.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Literal<'a> {
    /// Where it begins, starting at one.
    pub(super) line: usize,
    /// The code right before it, without what is blank.
    pub(super) before: &'a str,
    /// What is between its quotes, as it is written.
    pub(super) text: &'a str,
}

/// All string literals, in order.
pub(super) fn literals_in(text: &str) -> Vec<Literal<'_>> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(first) = text[at..].chars().next() {
        let (done, rest) = text.split_at(at);
        let after_name = done.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let length = skipped(rest, after_name);
        let literal = &rest[..length];
        if literal.starts_with(['"', 'r', 'b']) {
            let text = literal.trim_start_matches(['r', 'b']).trim_matches('#');
            let text = text.strip_prefix('"').unwrap_or(text);
            let text = text.strip_suffix('"').unwrap_or(text);
            found.push(Literal {
                line: done.lines().count().max(1),
                before: done.trim_end(),
                text,
            });
        }
        at += length.max(first.len_utf8());
    }
    found
}

/// The length of the comment or literal that `text` starts with, or 0.
fn skipped(text: &str, after_name: bool) -> usize {
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return block_comment(text);
    }
    if let Some(inside) = text.strip_prefix('"') {
        return 1 + until_quote(inside, '"');
    }
    if let Some(inside) = text.strip_prefix('\'') {
        return 1 + character(inside);
    }
    let raw = text.strip_prefix('b').unwrap_or(text).strip_prefix('r');
    match raw {
        Some(raw) if !after_name => raw_string(text, raw),
        _ => 0,
    }
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                break;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// The length up to and with the closing quote; a backslash hides the next character.
fn until_quote(text: &str, quote: char) -> usize {
    let mut hidden = false;
    for (at, c) in text.char_indices() {
        if c == quote && !hidden {
            return at + c.len_utf8();
        }
        hidden = c == '\\' && !hidden;
    }
    text.len()
}

/// `'a'` and `'\''` are characters; `'a` alone is a lifetime, and as little a name of anything.
fn character(inside: &str) -> usize {
    let mut characters = inside.chars();
    let (first, second) = (characters.next(), characters.next());
    match (first, second) {
        (Some('\\'), _) => until_quote(inside, '\''),
        (Some(first), Some('\'')) => first.len_utf8() + 1,
        _ => inside.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(inside.len()),
    }
}

/// `raw` is what follows the `r` in `text`.
fn raw_string(text: &str, raw: &str) -> usize {
    let hashes = raw.len() - raw.trim_start_matches('#').len();
    if !raw[hashes..].starts_with('"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let start = text.len() - raw.len() + hashes + 1;
    text[start..].find(&end).map_or(text.len(), |at| start + at + end.len())
}

/// Every path in blanked code, in order.
pub(super) fn named_in(code: &str) -> Vec<Named> {
    let mut names = Names::default();
    for (index, line) in code.lines().enumerate() {
        names.line = index + 1;
        names.read(line);
    }
    names.finish();
    names.found
}

#[derive(Default)]
struct Names {
    found: Vec<Named>,
    line: usize,
    /// What stands before the open braces: a path for `use a::{`, nothing for any other brace.
    prefixes: Vec<Vec<String>>,
    current: Vec<String>,
    current_line: usize,
    /// The path so far ends with `::`.
    goes_on: bool,
}

impl Names {
    fn read(&mut self, line: &str) {
        let mut rest = line;
        while let Some(first) = rest.chars().next() {
            let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let length = if first.is_ascii_digit() {
                let after_dot = line[..line.len() - rest.len()].ends_with('.');
                self.number(rest, word, after_dot)
            } else if word > 0 {
                self.word(&rest[..word]);
                word
            } else {
                self.sign(rest, first)
            };
            rest = &rest[length..];
        }
    }

    fn word(&mut self, word: &str) {
        if !self.goes_on {
            self.finish();
        }
        // In a group that spans lines, each name is on a line of its own.
        self.current_line = self.line;
        self.current.push(word.to_owned());
        self.goes_on = false;
    }

    /// Returns the length of the sign it took.
    fn sign(&mut self, rest: &str, sign: char) -> usize {
        if rest.starts_with("::") {
            self.goes_on = true;
            return 2;
        }
        match sign {
            '!' if !rest.starts_with("!=") => {
                if let Some(name) = self.current.last_mut() {
                    name.push('!');
                }
                self.finish();
            }
            '{' => {
                let group = self.goes_on;
                let mut prefix = std::mem::take(&mut self.current);
                if group {
                    let outer = self.prefixes.last().cloned().unwrap_or_default();
                    prefix.splice(0..0, outer);
                } else {
                    self.current = std::mem::take(&mut prefix);
                    self.finish();
                }
                self.prefixes.push(prefix);
                self.goes_on = false;
            }
            '}' => {
                self.finish();
                self.prefixes.pop();
            }
            ' ' | '\t' | '\r' => {}
            _ => self.finish(),
        }
        sign.len_utf8()
    }

    /// Returns the length of the number.
    fn number(&mut self, rest: &str, word: usize, after_dot: bool) -> usize {
        self.finish();
        let digits = &rest[..word];
        // `pair.0.1` has two fields and no float.
        let fraction = rest[word..].strip_prefix('.').filter(|_| !after_dot).map_or(0, |tail| {
            let end = tail.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(tail.len());
            if tail.starts_with(|c: char| c.is_ascii_digit()) { 1 + end } else { 0 }
        });
        let hexadecimal = digits.starts_with("0x");
        let exponent = digits.contains(['e', 'E']) && !digits.contains(['u', 'i', 's', 'z']);
        let suffix = digits.ends_with("f32") || digits.ends_with("f64");
        if fraction > 0 || (!hexadecimal && (exponent || suffix)) {
            let path = vec![rest[..word + fraction].to_owned()];
            self.found.push(Named { line: self.line, path, float_literal: true });
        }
        word + fraction
    }

    fn finish(&mut self) {
        self.goes_on = false;
        if self.current.is_empty() {
            return;
        }
        let mut path = self.prefixes.last().cloned().unwrap_or_default();
        path.append(&mut self.current);
        self.found.push(Named { line: self.current_line, path, float_literal: false });
    }
}
