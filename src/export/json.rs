//! JSON as in [RFC 8259](https://www.rfc-editor.org/rfc/rfc8259): objects, lists, text, whole
//! numbers, `true`, `false`, `null`.

use crate::labs::exported::{Datum, Field};

/// Writes an object.
pub(super) fn object(text: &mut String, fields: &[Field]) {
    text.push('{');
    for (place, (name, value)) in fields.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        quoted(text, name);
        text.push(':');
        datum(text, value);
    }
    text.push('}');
}

fn datum(text: &mut String, value: &Datum) {
    match value {
        Datum::Null => text.push_str("null"),
        Datum::Flag(flag) => text.push_str(if *flag { "true" } else { "false" }),
        Datum::Number(number) => text.push_str(&number.to_string()),
        Datum::Signed(number) => text.push_str(&number.to_string()),
        Datum::Text(words) => quoted(text, words),
        Datum::List(list) => {
            text.push('[');
            for (place, value) in list.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                datum(text, value);
            }
            text.push(']');
        }
        Datum::Object(fields) => object(text, fields),
    }
}

/// Writes text in quotes. Section 7: quotes, backslashes and U+0000 to U+001F must be escaped.
pub(super) fn quoted(text: &mut String, words: &str) {
    text.push('"');
    for letter in words.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            // Some readers of lines take these two for the end of one.
            '\0'..='\u{1f}' | '\u{7f}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                text.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            _ => text.push(letter),
        }
    }
    text.push('"');
}
