//! Writes a value tree as YAML that a person likes to read: comments, short intrinsic functions, flow style where it fits.
//!
//! An emitter of our own, because tags such as `!Ref` in a readable mixture of block and flow style with comments is more
//! than a serde backend can write.

use std::fmt::Write as _;

use crate::value::Value;

/// Widest line that flow style may fill; longer collections are written as blocks.
const WIDTH: usize = 118;

/// Appends `key: value` lines for a map entry at this indentation.
pub(crate) fn entry(out: &mut String, indent: usize, key: &str, value: &Value) {
    let value = leading_notes(out, indent, value);
    pad(out, indent);
    out.push_str(&scalar(key, false));
    out.push(':');
    after_marker(out, indent, key.len() + 1, value);
}

/// Writes the comments above a value and returns the value below them.
fn leading_notes<'a>(out: &mut String, indent: usize, value: &'a Value) -> &'a Value {
    if let Value::Noted(comment, inner) = value {
        self::comment(out, indent, comment);
        return leading_notes(out, indent, inner);
    }
    value
}

/// Writes `key:` with a long sentence as a folded block.
pub(crate) fn sentence(out: &mut String, key: &str, text: &str) {
    out.push_str(key);
    out.push_str(": >-\n ");
    let mut used = 1;
    for word in text.split(' ') {
        if used + 1 + word.len() > WIDTH {
            out.push_str("\n ");
            used = 1;
        }
        out.push(' ');
        out.push_str(word);
        used += 1 + word.len();
    }
    out.push('\n');
}

/// Writes a comment, one line for each of its lines.
pub(crate) fn comment(out: &mut String, indent: usize, text: &str) {
    for line in text.lines() {
        pad(out, indent);
        out.push_str("# ");
        out.push_str(line);
        out.push('\n');
    }
}

/// Writes what follows `key:` or `-`, including the line end.
fn after_marker(out: &mut String, indent: usize, used: usize, value: &Value) {
    if let Some(flow) = flow(value, false)
        && (indent + used + 1 + flow.len() <= WIDTH || is_scalar(value))
        && !is_multiline(value)
    {
        out.push(' ');
        out.push_str(&flow);
        out.push('\n');
        return;
    }
    match value {
        Value::Text(text) => block_text(out, indent, "", text),
        Value::Sub(text) => block_text(out, indent, "!Sub ", text),
        Value::Base64(inner) => {
            out.push('\n');
            entry(out, indent + 2, "Fn::Base64", inner);
        }
        Value::List(items) => {
            out.push('\n');
            for value in items {
                item(out, indent + 2, value);
            }
        }
        Value::Map(entries) => {
            out.push('\n');
            for (key, value) in entries {
                entry(out, indent + 2, key, value);
            }
        }
        Value::Noted(_, inner) => after_marker(out, indent, used, inner),
        Value::Number(_) | Value::Decimal(_) | Value::Flag(_) | Value::Ref(_) | Value::GetAtt(..) => {
            out.push(' ');
            out.push_str(&flow(value, false).unwrap_or_default());
            out.push('\n');
        }
    }
}

/// Writes a `- …` line (and what belongs to it).
fn item(out: &mut String, indent: usize, value: &Value) {
    let value = leading_notes(out, indent, value);
    pad(out, indent);
    out.push('-');
    let fits = flow(value, false).is_some_and(|f| indent + 2 + f.len() <= WIDTH);
    let (Value::Map(entries), false) = (value, fits) else {
        return after_marker(out, indent, 1, value);
    };
    // A map starts on the line of its dash, and so does a comment above its first entry: YAML allows it.
    let mut inner = String::new();
    for (key, value) in entries {
        entry(&mut inner, indent + 2, key, value);
    }
    out.push(' ');
    out.push_str(inner.get(indent + 2..).unwrap_or_default());
}

fn block_text(out: &mut String, indent: usize, tag: &str, text: &str) {
    out.push(' ');
    out.push_str(tag);
    out.push_str(if text.ends_with('\n') { "|\n" } else { "|-\n" });
    for line in text.lines() {
        if !line.is_empty() {
            pad(out, indent + 2);
            out.push_str(line);
        }
        out.push('\n');
    }
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

fn is_scalar(value: &Value) -> bool {
    matches!(
        value,
        Value::Text(_)
            | Value::Number(_)
            | Value::Decimal(_)
            | Value::Flag(_)
            | Value::Ref(_)
            | Value::GetAtt(..)
            | Value::Sub(_)
    )
}

fn is_multiline(value: &Value) -> bool {
    matches!(value, Value::Text(text) | Value::Sub(text) if text.contains('\n'))
}

/// The value on one line, or nothing if it has comments, several lines, or is too deep to be read that way.
fn flow(value: &Value, inside: bool) -> Option<String> {
    match value {
        Value::Text(text) => Some(scalar(text, inside)),
        Value::Sub(text) => Some(format!("!Sub {}", scalar(text, inside))),
        Value::Number(number) => Some(number.to_string()),
        Value::Decimal(text) => Some(text.clone()),
        Value::Flag(flag) => Some(flag.to_string()),
        Value::Ref(id) => Some(format!("!Ref {}", scalar(id, inside))),
        Value::GetAtt(id, attribute) => Some(format!("!GetAtt {id}.{attribute}")),
        Value::List(items) if items.iter().all(|v| (is_scalar(v) || is_small_map(v)) && !is_multiline(v)) => {
            let parts: Option<Vec<_>> = items.iter().map(|v| flow(v, true)).collect();
            parts.map(|p| format!("[{}]", p.join(", ")))
        }
        Value::Map(entries) if entries.len() <= 4 && entries.iter().all(|(_, v)| is_scalar(v) && !is_multiline(v)) => {
            if entries.is_empty() {
                return Some("{}".to_owned());
            }
            let parts: Option<Vec<_>> = entries
                .iter()
                .map(|(k, v)| flow(v, true).map(|v| format!("{}: {v}", scalar(k, true))))
                .collect();
            parts.map(|p| format!("{{ {} }}", p.join(", ")))
        }
        Value::Base64(_) | Value::Noted(..) | Value::List(_) | Value::Map(_) => None,
    }
}

/// A map of few scalars, which may stand inside a list on one line if it is the only kind of thing there.
fn is_small_map(value: &Value) -> bool {
    matches!(value, Value::Map(entries) if entries.len() <= 3 && entries.iter().all(|(_, v)| is_scalar(v)))
}

/// A scalar, quoted only where YAML would otherwise read something else.
fn scalar(text: &str, inside_flow: bool) -> String {
    if is_plain(text, inside_flow) {
        return text.to_owned();
    }
    if text.contains(|c: char| c.is_control() || c == '\u{feff}') || (text.contains('\'') && !text.contains(['"', '\\'])) {
        let mut quoted = String::from("\"");
        for c in text.chars() {
            match c {
                '"' => quoted.push_str("\\\""),
                '\\' => quoted.push_str("\\\\"),
                '\n' => quoted.push_str("\\n"),
                '\t' => quoted.push_str("\\t"),
                c if c.is_control() => {
                    let _ = write!(quoted, "\\u{:04x}", u32::from(c) & 0xffff);
                }
                c => quoted.push(c),
            }
        }
        quoted.push('"');
        return quoted;
    }
    if text.contains(['"', '\\']) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        format!("\"{text}\"")
    }
}

/// Whether YAML 1.1 reads this unquoted text as exactly this text.
fn is_plain(text: &str, inside_flow: bool) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let allowed = |c: char| {
        c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.' | '/' | '$' | '(' | ')' | '+' | '=' | ';' | '<' | '>') || {
            // Inside flow style commas, braces and colons would end the scalar.
            !inside_flow
                && matches!(
                    c,
                    ':' | ',' | '{' | '}' | '\'' | '*' | '?' | '#' | '@' | '[' | ']' | '&' | '|' | '%' | '!'
                )
        }
    };
    (first.is_ascii_alphabetic() || matches!(first, '/' | '$' | '_'))
        && text.chars().all(allowed)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n" | "null" | "nan" | "inf"
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{get_att, list, map, refer, sub};

    fn emitted(value: &Value) -> String {
        let mut out = String::new();
        entry(&mut out, 0, "Root", value);
        out
    }

    #[test]
    fn short_things_stand_on_one_line_and_long_ones_do_not() {
        let value = map! {
            "Tags": list![map! { "Key": "Name", "Value": "shop" }],
            "Ref": refer("Vpc"),
            "Arn": get_att("Bucket", "Arn"),
            "Deep": list![map! { "A": map! { "B": 1 } }],
        };
        assert_eq!(
            emitted(&value),
            "Root:\n  Tags: [{ Key: Name, Value: shop }]\n  Ref: !Ref Vpc\n  Arn: !GetAtt Bucket.Arn\n  Deep:\n    - A: { B: 1 }\n"
        );
    }

    #[test]
    fn text_that_yaml_would_misread_is_quoted() {
        for (text, expected) in [
            ("2012-10-17", "\"2012-10-17\""),
            ("no", "\"no\""),
            ("Off", "\"Off\""),
            ("80", "\"80\""),
            ("", "\"\""),
            ("*", "\"*\""),
            ("a: b", "\"a: b\""),
            ("say \"hi\"", "'say \"hi\"'"),
            ("^[a-z]\\.x$", "'^[a-z]\\.x$'"),
            ("arn:aws:s3:::x/*", "arn:aws:s3:::x/*"),
            ("plain words", "plain words"),
        ] {
            assert_eq!(emitted(&Value::from(text)), format!("Root: {expected}\n"));
        }
    }

    #[test]
    fn every_text_survives_a_yaml_parser() {
        for text in [
            "a'b",
            "a\"b'c",
            "tab\there",
            "{x}",
            "[x",
            "- x",
            "x #y",
            "#x",
            "!x",
            "%x",
            "@x",
            "`x",
            "~",
            "0x1f",
            "1e3",
            ".5",
            "=",
            "null",
            "ü",
        ] {
            for value in [Value::from(text), list![text, "x"], list![map! { "k": text }]] {
                let parsed: serde_yaml_ng::Value = serde_yaml_ng::from_str(&emitted(&value)).unwrap();
                let expected = serde_yaml_ng::to_value(value.to_json()).unwrap();
                assert_eq!(parsed.get("Root").unwrap(), &expected, "{text:?} became {}", emitted(&value));
            }
        }
    }

    #[test]
    fn comments_stand_above_what_they_explain() {
        let value = map! { "A": Value::from(1).note("why one"), "L": list![Value::from("x").note("first"), "z"] };
        assert_eq!(
            emitted(&value),
            "Root:\n  # why one\n  A: 1\n  L:\n    # first\n    - x\n    - z\n"
        );
    }

    #[test]
    fn several_lines_become_a_block() {
        assert_eq!(emitted(&Value::from("a\n\n  b\n")), "Root: |\n  a\n\n    b\n");
        assert_eq!(emitted(&sub("x ${A}\ny")), "Root: !Sub |-\n  x ${A}\n  y\n");
    }
}
