//! Names that a script declares and gives away at once, read from its text: `export const a = 1`.

use super::outline::{EXPORT, leads};

/// Adds the names; `false` where the text leaves a doubt.
pub(super) fn declared<'t>(text: &'t str, out: &mut Vec<&'t str>) -> bool {
    let bytes = text.as_bytes();
    EXPORT.find_iter(bytes).all(|at| {
        let after = &text[at + "export".len()..];
        let inside = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$');
        if at > 0 && inside(bytes[at - 1]) && after.bytes().next() != Some(b's') {
            return true;
        }
        match after.bytes().next() {
            Some(b) if b.is_ascii_whitespace() || matches!(b, b'{' | b'*') => leads(bytes, at) && statement(after, out),
            // What CommonJS calls its exports can get any name.
            Some(b's') => after[1..].bytes().next().is_some_and(inside),
            Some(b) => inside(b),
            None => true,
        }
    })
}

/// One statement, from behind its first word.
fn statement<'t>(text: &'t str, out: &mut Vec<&'t str>) -> bool {
    let mut words = Words(text);
    loop {
        match words.next() {
            "declare" | "abstract" | "async" => {}
            "default" => {
                out.push("default");
                return true;
            }
            // Nothing of a type is left when the program runs.
            "interface" | "type" => return true,
            "class" | "namespace" | "module" | "enum" | "function" => return words.declares(out),
            "const" | "let" | "var" => {
                if words.0.trim_start().starts_with("enum") {
                    words.next();
                    return words.declares(out);
                }
                return words.declares(out) && !bare_comma(words.0.split('\n').next().unwrap_or_default());
            }
            "" => return listed(words.0, out),
            _ => return false,
        }
    }
}

/// `{ a, b as c }`
fn listed<'t>(text: &'t str, out: &mut Vec<&'t str>) -> bool {
    let list = text.trim_start().strip_prefix('{').and_then(|t| t.split_once('}'));
    let Some((list, _)) = list else { return false };
    let plain = |b: u8| b.is_ascii_alphanumeric() || b.is_ascii_whitespace() || matches!(b, b'_' | b'$' | b',');
    out.extend(list.split(',').filter_map(|one| one.split_ascii_whitespace().last()));
    list.bytes().all(plain)
}

/// Whether a comma stands outside of all brackets and texts.
fn bare_comma(line: &str) -> bool {
    let (mut depth, mut quote) = (0_i32, None);
    for b in line.bytes() {
        match (quote, b) {
            (Some(q), _) => {
                if q == b {
                    quote = None;
                }
            }
            (None, b'\'' | b'"' | b'`') => quote = Some(b),
            (None, b'(' | b'[' | b'{' | b'<') => depth += 1,
            (None, b')' | b']' | b'}' | b'>') => depth -= 1,
            (None, b',') if depth <= 0 => return true,
            (None, _) => {}
        }
    }
    false
}

/// Words one after the other.
struct Words<'t>(&'t str);

impl<'t> Words<'t> {
    fn next(&mut self) -> &'t str {
        let text = self.0.trim_start();
        let end = text
            .bytes()
            .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$')))
            .unwrap_or(text.len());
        self.0 = &text[end..];
        &text[..end]
    }

    /// Takes the declared name.
    fn declares(&mut self, out: &mut Vec<&'t str>) -> bool {
        self.0 = self.0.trim_start().trim_start_matches('*');
        let name = self.next();
        out.push(name);
        !name.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names, in their order; `None` where there is a doubt.
    fn names(text: &str) -> Option<Vec<&str>> {
        let mut out = Vec::new();
        declared(text, &mut out).then_some(out)
    }

    #[test]
    fn what_is_declared_is_given() {
        let text = "export const a = (b, c) => d;\nexport let e: Map<string, f>;\nexport async function* g() {}\nexport abstract class H {}\n\
                    export const enum I { J }\nexport default class K {}\nexport interface L {}\nexport type M = N;\nexport {\n  o,\n  p as q,\n};\n\
                    const exported = exports1 + reexport;\nexport declare const r: s;\nexport namespace T { export const u = 1; }\n";
        let all = ["a", "e", "g", "H", "I", "default", "o", "q", "r", "T", "u"];
        assert_eq!(names(text).unwrap(), all);
    }

    #[test]
    fn a_doubt_is_none_about_the_names() {
        for text in [
            "export const { a, b } = c;",
            "export const a = 1, b = 2;",
            "export let a, b;",
            "@d() export class A {}",
            "export = a;",
            "exports.a = 1;",
            "module.exports = a;",
            "export import a = b.c;",
            "export { a /* as b */ };",
        ] {
            assert_eq!(names(text), None, "{text}");
        }
    }
}
