//! A line of a script, cut into words, texts and signs.

use super::{ScriptError, Wrong};

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) column: u32,
    pub(super) what: Piece<'a>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Word(&'a str),
    Text(String),
    Sign(&'static str),
}

const SIGNS: [&str; 7] = ["->", "..", "|", ",", ";", "=", "+"];

/// The pieces of a line, and the column behind its last.
pub(super) fn tokens(text: &str, line: u32) -> Result<(Vec<Token<'_>>, u32), ScriptError> {
    let (mut found, mut rest, mut column) = (Vec::new(), text, 1);
    loop {
        let blank = rest.len() - rest.trim_start().len();
        column += rest[..blank].chars().count() as u32;
        rest = &rest[blank..];
        if rest.is_empty() || rest.starts_with('#') {
            return Ok((found, column));
        }
        let fail = |column, wrong| Err(ScriptError { line, column, wrong });
        let (what, length) = if let Some(inside) = rest.strip_prefix('"') {
            match quoted(inside) {
                Ok((text, length)) => (Piece::Text(text), length + 1),
                Err((at, wrong)) => {
                    let before = rest[..1 + at].chars().count() as u32;
                    let column = if wrong == Wrong::OpenText { column } else { column + before };
                    return fail(column, wrong);
                }
            }
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (Piece::Sign(sign), sign.len())
        } else {
            match word_length(rest) {
                0 => return fail(column, Wrong::Character(rest.chars().next().unwrap_or(' '))),
                length => (Piece::Word(&rest[..length]), length),
            }
        };
        found.push(Token { column, what });
        column += rest[..length].chars().count() as u32;
        rest = &rest[length..];
    }
}

/// Whether the text can stand in a script without quotes.
pub(super) fn is_word(text: &str) -> bool {
    !text.is_empty() && word_length(text) == text.len()
}

/// The text in quotes.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(c);
            }
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() => quoted.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// How many bytes at the start of `text` are a word: letters, digits, `_` and `%`, and between
/// them single `-` and `.`
fn word_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'%');
    let mut length = 0;
    while let Some(byte) = bytes.get(length) {
        let joins = matches!(byte, b'-' | b'.') && length > 0;
        let joined = joins && bytes.get(length + 1).is_some_and(is_part);
        if !is_part(byte) && !joined {
            break;
        }
        length += 1;
    }
    length
}

/// The text up to the closing quote, and how many bytes it takes with that quote. On failure, at
/// which byte, and what is wrong there.
fn quoted(inside: &str) -> Result<(String, usize), (usize, Wrong)> {
    let mut text = String::new();
    let mut chars = inside.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((text, at + 1)),
            '\\' => {
                let meant = match chars.next().map(|(_, c)| c) {
                    Some(c @ ('"' | '\\')) => Some(c),
                    Some('n') => Some('\n'),
                    Some('u') => {
                        let digits = inside[at + 2..]
                            .strip_prefix('{')
                            .and_then(|rest| rest.split_once('}'))
                            .map(|(digits, _)| digits)
                            .filter(|digits| (1..=6).contains(&digits.len()));
                        let length = digits.map_or(0, str::len) + 2;
                        let number = digits.and_then(|d| u32::from_str_radix(d, 16).ok());
                        let meant = number.and_then(char::from_u32);
                        if meant.is_some() {
                            chars.nth(length - 1);
                        }
                        meant
                    }
                    _ => None,
                };
                text.push(meant.ok_or((at, Wrong::Escape))?);
            }
            c => text.push(c),
        }
    }
    Err((0, Wrong::OpenText))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_words_texts_and_signs() {
        let line = "cut S1->S2, x-y=5ms..20.5ms 12.5% \"a # \\\"b\\\" \\u{e9}\" # rest";
        let (tokens, end) = tokens(line, 1).expect("this is a line");
        let pieces: Vec<String> = tokens
            .iter()
            .map(|token| match &token.what {
                Piece::Word(word) => (*word).to_owned(),
                Piece::Sign(sign) => format!("<{sign}>"),
                Piece::Text(text) => format!("[{text}]"),
            })
            .collect();
        let expected = "cut S1 <->> S2 <,> x-y <=> 5ms <..> 20.5ms 12.5% [a # \"b\" é]";
        assert_eq!(pieces.join(" "), expected);
        assert_eq!((tokens[1].column, tokens[2].column, end), (5, 7, 54));
    }

    #[test]
    fn a_bad_character_a_bad_escape_and_an_open_text_are_found_where_they_are() {
        let fail = |line| tokens(line, 3).map_err(|e| (e.line, e.column, e.wrong)).unwrap_err();
        assert_eq!(fail("é ü ?"), (3, 1, Wrong::Character('é')));
        assert_eq!(fail("say \"é\\x\""), (3, 7, Wrong::Escape));
        assert_eq!(fail("say \"\\u{110000}\""), (3, 6, Wrong::Escape));
        assert_eq!(fail("say \"open"), (3, 5, Wrong::OpenText));
        assert_eq!(fail("say \"open\\"), (3, 10, Wrong::Escape));
    }

    #[test]
    fn quotes_come_off_again() {
        for text in ["", "a", "\"\\\n\u{7}\u{2028}é", "#"] {
            let line = quote(text);
            let (tokens, _) = tokens(&line, 1).expect("a quoted text is a text");
            assert_eq!(tokens.len(), 1);
            assert_eq!(tokens[0].what, Piece::Text(text.to_owned()));
        }
        assert!(is_word("x-1") && is_word("1.5") && !is_word("x-") && !is_word("a b"));
    }
}
