//! What can be told about a script without parsing it: what it imports, and whether a parse would tell more.
//!
//! Most files of a program only pass names around. Reading their imports from the first lines is ten times faster than a
//! parse; wherever the text leaves any doubt, the answer is `None` and the parser decides.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, LazyLock, OnceLock};

use memchr::memmem::{Finder, find};
use rustc_hash::FxHasher;

use super::exports;
use super::names::Names;
use super::syntax::Reference;
use super::words::Words;

/// What the generated client of Prisma is called.
pub(super) const PRISMA_CLIENT: &str = "PrismaClient";

/// A script as far as it can be told without keeping its program.
#[derive(Debug)]
pub(crate) struct Outline {
    pub(crate) path: Arc<str>,
    /// Other modules it mentions, in the order of the text.
    pub(crate) references: Box<[Reference]>,
    /// Positions in the tree of the files that the references mean, filled in when first asked for.
    pub(crate) links: OnceLock<Box<[Option<u32>]>>,
    pub(crate) words: Words,
    /// What other files can get from it; `None` where only its program can tell.
    pub(crate) exports: Option<Box<Exports>>,
}

/// What a script gives away, types left out.
#[derive(Debug)]
pub(crate) struct Exports {
    /// Short for the names, see [`short`].
    pub(crate) names: Box<[u32]>,
    /// Positions of the references that it passes everything on from.
    pub(crate) all: Box<[usize]>,
}

/// A number for a name; two names hardly ever have the same.
pub(crate) fn short(name: &str) -> u32 {
    let mut hasher = FxHasher::default();
    name.hash(&mut hasher);
    let hash = hasher.finish().to_le_bytes();
    u32::from_le_bytes([hash[4], hash[5], hash[6], hash[7]])
}

/// References and exports.
pub(crate) type Mentions = (Box<[Reference]>, Option<Box<Exports>>);

/// The references and exports of a script, if its text leaves no doubt about the references.
pub(super) fn read(text: &str, names: &Names<Arc<str>>) -> Option<Mentions> {
    let mut scan = Scan {
        specifiers: names,
        text,
        bytes: text.as_bytes(),
        at: 0,
        line: 1,
        counted: 0,
        out: Vec::new(),
        given: Vec::new(),
        all: Vec::new(),
    };
    scan.header()?;
    let body = &text[scan.at..];
    if !clear(body.as_bytes()) {
        return None;
    }
    let known = exports::declared(body, &mut scan.given);
    let exports = known.then(|| {
        Box::new(Exports {
            names: scan.given.iter().map(|name| short(name)).collect(),
            all: scan.all.into(),
        })
    });
    Some((scan.out.into(), exports))
}

static IMPORT: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("import"));
pub(super) static EXPORT: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("export"));
static REQUIRE: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("require"));

struct Scan<'t> {
    specifiers: &'t Names<Arc<str>>,
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    line: u32,
    /// Up to where lines were counted.
    counted: usize,
    out: Vec<Reference>,
    /// Names that are given away.
    given: Vec<&'t str>,
    /// Positions of the references that everything is passed on from.
    all: Vec<usize>,
}

/// Names in braces, as far as they matter.
#[derive(Default)]
struct Listed {
    count: usize,
    types: usize,
    prisma_client: bool,
}

impl Listed {
    fn add(&mut self, name: &str) {
        self.count += 1;
        self.prisma_client |= name == PRISMA_CLIENT;
    }
}

impl<'t> Scan<'t> {
    /// Imports and passed-on exports up to the first other statement; `None` when one of them is unusual.
    fn header(&mut self) -> Option<()> {
        loop {
            self.space()?;
            let from = self.at;
            match self.word() {
                b"import" => self.import(from)?,
                b"export" => {
                    if !self.export(from)? {
                        self.at = from;
                        return Some(());
                    }
                }
                _ => {
                    self.at = from;
                    // A directive such as 'use client'.
                    if !matches!(self.peek(), Some(b'\'' | b'"')) {
                        return Some(());
                    }
                    self.text()?;
                    self.end()?;
                }
            }
        }
    }

    fn import(&mut self, from: usize) -> Option<()> {
        let line = self.line_at(from);
        self.space()?;
        if matches!(self.peek(), Some(b'\'' | b'"')) {
            let specifier = self.text()?;
            self.end()?;
            self.push(specifier, line, false, false);
            return Some(());
        }
        let mut all_types = false;
        let mut names = Listed::default();
        let start = self.at;
        if self.word() == b"type" {
            self.space()?;
            all_types = true;
            let after = self.at;
            if self.word() == b"from" || matches!(self.peek(), Some(b',')) && self.at == after {
                return None;
            }
            self.at = after;
        } else {
            self.at = start;
        }
        match self.peek()? {
            b'{' => self.names(&mut names, false)?,
            b'*' => names.add(self.star()?),
            _ => {
                names.add(self.name()?);
                self.space()?;
                if self.peek()? == b',' {
                    self.at += 1;
                    self.space()?;
                    match self.peek()? {
                        b'{' => self.names(&mut names, false)?,
                        b'*' => names.add(self.star()?),
                        _ => return None,
                    }
                }
            }
        }
        let specifier = self.from()?;
        let type_only = all_types || (names.types > 0 && names.types == names.count);
        self.push(specifier, line, type_only, names.prisma_client);
        Some(())
    }

    /// Whether the statement passes on what another file exports.
    fn export(&mut self, from: usize) -> Option<bool> {
        let line = self.line_at(from);
        self.space()?;
        let mut all_types = false;
        let start = self.at;
        if self.word() == b"type" {
            self.space()?;
            all_types = matches!(self.peek(), Some(b'{' | b'*'));
            if !all_types {
                return Some(false);
            }
        } else {
            self.at = start;
        }
        let mut names = Listed::default();
        let mut all = false;
        match self.peek() {
            Some(b'*') => {
                self.at += 1;
                self.space()?;
                let start = self.at;
                if self.word() == b"as" {
                    self.space()?;
                    let name = self.name()?;
                    self.given.push(name);
                } else {
                    self.at = start;
                    all = !all_types;
                }
            }
            Some(b'{') => {
                self.names(&mut names, true)?;
                if names.types > 0 {
                    return None;
                }
                self.space()?;
                let start = self.at;
                if self.word() != b"from" {
                    self.at = start;
                    return self.end().map(|()| true);
                }
                self.at = start;
            }
            _ => return Some(false),
        }
        let specifier = self.from()?;
        if all {
            self.all.push(self.out.len());
        }
        self.push(specifier, line, all_types, names.prisma_client);
        Some(true)
    }

    /// `{ a, b as c, type d }`: the names before `as` are added, the ones after it are given away if the statement exports.
    fn names(&mut self, names: &mut Listed, exports: bool) -> Option<()> {
        self.at += 1;
        loop {
            self.space()?;
            if self.peek()? == b'}' {
                self.at += 1;
                return Some(());
            }
            let mut name = self.name()?;
            self.space()?;
            if name == "type" {
                if matches!(self.peek()?, b',' | b'}') {
                    return None;
                }
                name = self.name()?;
                if name == "as" {
                    return None;
                }
                names.types += 1;
                self.space()?;
            }
            let mut outside = name;
            if !matches!(self.peek()?, b',' | b'}') {
                if self.word() != b"as" {
                    return None;
                }
                self.space()?;
                outside = self.name()?;
                self.space()?;
            }
            names.add(name);
            if exports {
                self.given.push(outside);
            }
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => {}
                _ => return None,
            }
        }
    }

    /// `* as name`
    fn star(&mut self) -> Option<&'t str> {
        self.at += 1;
        self.space()?;
        if self.word() != b"as" {
            return None;
        }
        self.space()?;
        self.name()
    }

    /// `from 'specifier'` and the end of the statement.
    fn from(&mut self) -> Option<&'t str> {
        self.space()?;
        if self.word() != b"from" {
            return None;
        }
        self.space()?;
        let specifier = self.text()?;
        self.end()?;
        Some(specifier)
    }

    /// A semicolon or the end of the line; attributes and anything else are unusual.
    fn end(&mut self) -> Option<()> {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r')) {
            self.at += 1;
        }
        match self.peek() {
            Some(b';') => self.at += 1,
            Some(b'\n') | None => {}
            Some(b'/') if self.bytes.get(self.at + 1) == Some(&b'/') => {}
            Some(_) => return None,
        }
        Some(())
    }

    fn text(&mut self) -> Option<&'t str> {
        let quote = self.peek().filter(|q| matches!(q, b'\'' | b'"'))?;
        let from = self.at + 1;
        let end = from
            + self.bytes[from..]
                .iter()
                .position(|b| matches!(*b, b'\\' | b'\n') || *b == quote)?;
        if self.bytes[end] != quote {
            return None;
        }
        self.at = end + 1;
        self.text.get(from..end)
    }

    fn name(&mut self) -> Option<&'t str> {
        let from = self.at;
        let first = *self.word().first()?;
        if first.is_ascii_digit() {
            return None;
        }
        self.text.get(from..self.at)
    }

    /// The word at this place; empty if there is none.
    fn word(&mut self) -> &'t [u8] {
        let from = self.at;
        while matches!(self.peek(), Some(b) if b.is_ascii_alphanumeric() || b == b'_' || b == b'$') {
            self.at += 1;
        }
        &self.bytes[from..self.at]
    }

    /// Passes white space and comments.
    fn space(&mut self) -> Option<()> {
        loop {
            match self.peek() {
                Some(b) if b.is_ascii_whitespace() => self.at += 1,
                Some(b'/') => match self.bytes.get(self.at + 1) {
                    Some(b'/') => self.at += memchr::memchr(b'\n', &self.bytes[self.at..]).unwrap_or(self.bytes.len() - self.at),
                    Some(b'*') => self.at += find(&self.bytes[self.at..], b"*/")? + 2,
                    _ => return Some(()),
                },
                _ => return Some(()),
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn line_at(&mut self, at: usize) -> u32 {
        let more = memchr::memchr_iter(b'\n', &self.bytes[self.counted..at]).count();
        self.line = self.line.saturating_add(u32::try_from(more).unwrap_or(u32::MAX));
        self.counted = at;
        self.line
    }

    fn push(&mut self, specifier: &str, line: u32, type_only: bool, prisma_client: bool) {
        self.out.push(Reference {
            specifier: self.specifiers.text(specifier),
            line,
            required: false,
            type_only,
            prisma_client,
        });
    }
}

/// Whether nothing after the header can be a reference.
fn clear(body: &[u8]) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'$';
    for at in IMPORT.find_iter(body) {
        let before = at.checked_sub(1).map(|i| body[i]);
        let next = body[at + 6..].iter().find(|b| !b.is_ascii_whitespace());
        if before.is_some_and(word) || body.get(at + 6).copied().is_some_and(word) {
            continue;
        }
        if next == Some(&b'(') || next == Some(&b'/') || leads(body, at) {
            return false;
        }
    }
    for at in EXPORT.find_iter(body) {
        let rest = &body[at + 6..];
        let next = rest
            .iter()
            .position(|b| !b.is_ascii_whitespace())
            .map(|i| &rest[i..])
            .unwrap_or_default();
        let passes = next.first().is_some_and(|b| matches!(b, b'*' | b'{' | b'/')) || next.starts_with(b"type");
        if passes && leads(body, at) && find(&body[at..], b"from").is_some() {
            return false;
        }
    }
    REQUIRE.find_iter(body).all(|at| {
        let next = body[at + 7..].iter().find(|b| !b.is_ascii_whitespace());
        !matches!(next, Some(b'(' | b'?' | b'/'))
    })
}

/// Whether only white space or the end of a statement comes before it on its line.
pub(super) fn leads(body: &[u8], at: usize) -> bool {
    let line = memchr::memrchr(b'\n', &body[..at]).map_or(0, |i| i + 1);
    let before = body[line..at].trim_ascii_end();
    before.is_empty() || matches!(before.last(), Some(b';' | b'}' | b'{' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Specifier, line, whether only types.
    fn seen(text: &str) -> Option<Vec<(String, u32, bool)>> {
        let all = read(text, &Names::default())?.0;
        Some(all.iter().map(|r| (r.specifier.to_string(), r.line, r.type_only)).collect())
    }

    #[test]
    fn the_outline_says_what_the_parser_says() {
        for text in [
            "import a from './a';\nimport { b, type C } from \"b\";\nexport class X {}\n",
            "// import no from 'no'\n/* import no from 'no' */\nimport type { T } from './t'\nimport './side'\n\nconst x = 1;\n",
            "'use client';\nimport * as ns from 'ns';\nimport d, { e as f } from 'd'; // note\nexport * from './all';\nexport { g as default } from './g';\nexport type { H } from './h';\n",
            "export const a = `\nno import here`;\nfunction f() { return import.meta.env; }\n",
            "import {\n  a,\n  type B,\n} from 'x';\nexport { a };\n",
        ] {
            let parsed = super::super::Reader::default().parse("x.ts", text).1;
            let parsed: Vec<_> = parsed
                .iter()
                .map(|r| (r.specifier.to_string(), r.line, r.type_only))
                .collect();
            assert_eq!(seen(text), Some(parsed), "{text}");
        }
    }

    #[test]
    fn doubt_is_left_to_the_parser() {
        for text in [
            "const a = await import('./a');",
            "const a = require('./a');",
            "import a = require('./a');",
            "import a from './a' with { type: 'json' };",
            "const t = `\nimport x from 'y';\n`;",
            "class A {}\nexport * from './b';",
            "class A {}\nexport { b } from './b';",
            "import type from './type';",
            "import { a",
        ] {
            assert_eq!(seen(text), None, "{text}");
        }
    }
}
