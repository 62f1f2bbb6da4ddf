//! JSON as people write it: with comments and trailing commas.

use serde_json::Value;

/// Parses JSON with comments and trailing commas.
pub(crate) fn parse(text: &str) -> Option<Value> {
    serde_json::from_str(text)
        .ok()
        .or_else(|| serde_json::from_str(&plain(text)).ok())
}

/// Whether the text is JSON once comments and trailing commas are gone.
pub(crate) fn is_valid(text: &str) -> bool {
    let valid = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    valid(text) || valid(&plain(text))
}

/// The line, counted from 1, of the first `"key"` after the keys before it in `path`.
pub(crate) fn line_of(text: &str, path: &[&str]) -> Option<u32> {
    let mut from = 0;
    for key in path {
        let quoted = format!("\"{key}\"");
        from += text.get(from..)?.find(&quoted)?;
    }
    u32::try_from(text.get(..from)?.bytes().filter(|b| *b == b'\n').count() + 1).ok()
}

fn plain(text: &str) -> String {
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    let mut i = 0;
    let mut quoted = false;
    while i < bytes.len() {
        let byte = bytes[i];
        if quoted {
            out.push(byte);
            if byte == b'\\' && i + 1 < bytes.len() {
                out.push(bytes[i + 1]);
                i += 1;
            } else if byte == b'"' {
                quoted = false;
            }
        } else if byte == b'"' {
            quoted = true;
            out.push(byte);
        } else if byte == b'/' && bytes.get(i + 1) == Some(&b'/') {
            while i < bytes.len() && bytes[i] != b'\n' {
                i += 1;
            }
            continue;
        } else if byte == b'/' && bytes.get(i + 1) == Some(&b'*') {
            i += 2;
            while i + 1 < bytes.len() && !(bytes[i] == b'*' && bytes[i + 1] == b'/') {
                i += 1;
            }
            i += 1;
        } else {
            if byte == b'}' || byte == b']' {
                while out.last().is_some_and(u8::is_ascii_whitespace) {
                    out.pop();
                }
                if out.last() == Some(&b',') {
                    out.pop();
                }
            }
            out.push(byte);
        }
        i += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_trailing_commas_are_no_obstacle() {
        let value = parse("{ // note\n \"a\": [1, 2,], /* x */ \"url\": \"http://x/*\", }").unwrap();
        assert_eq!(value["a"][1], 2);
        assert_eq!(value["url"], "http://x/*");
    }

    #[test]
    fn a_key_is_found_on_its_line() {
        assert_eq!(line_of("{\n \"a\": {\n  \"b\": 1 } }", &["a", "b"]), Some(3));
    }

    #[test]
    fn an_unfinished_comment_ends_quietly() {
        assert!(parse("{ /* ").is_none());
    }
}
