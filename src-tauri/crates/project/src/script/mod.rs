//! TypeScript and JavaScript: parsed by a real parser into a small tree of our own.

mod exports;
mod expressions;
mod functions;
mod lower;
pub(crate) mod names;
pub(crate) mod outline;
pub(crate) mod syntax;
pub(crate) mod walk;
pub(crate) mod words;

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;

use oxc_allocator::Allocator;
use oxc_parser::{ParseOptions, Parser};
use oxc_span::SourceType;

use lower::Lower;
use names::Names;
use outline::Mentions;
use syntax::{Module, Reference, Text};

use crate::tree::Tree;

/// Larger scripts are bundles or generated; no person wrote them.
const MAX_BYTES: usize = 400 * 1024;

/// Most room in bytes that is kept for the next parse; a long script needs more and gives it back.
const MAX_ROOM: usize = 512 * 1024;

/// Longest run of one character before we take a file for hostile; it keeps the parser's recursion shallow.
const MAX_RUN: usize = 400;

/// Characters whose runs make a parser recurse.
const RUNS: &[u8] = b"!~-+([{<>=?:.";

/// Reads scripts; what reading one leaves behind serves the next.
#[derive(Default)]
pub(crate) struct Reader {
    names: Names<Text>,
    specifiers: Names<Arc<str>>,
    /// Room for the parser's tree.
    arena: RefCell<Allocator>,
    /// Room for the file that is read.
    buffer: RefCell<Vec<u8>>,
}

impl Reader {
    /// Gives the text of a file to somebody who does not keep it; `None` if it cannot be read.
    pub(crate) fn read<T>(&self, tree: &Tree, place: u32, with: impl FnOnce(&str) -> T) -> Option<T> {
        let mut buffer = self.buffer.borrow_mut();
        let done = tree.read(place, &mut buffer).map(|text| with(&text));
        if buffer.len() > MAX_ROOM {
            *buffer = Vec::new();
        }
        done
    }

    /// Parses a script and lists the modules it mentions; a file that cannot be parsed gives an empty module with the line of
    /// the error.
    pub(crate) fn parse(&self, path: &str, text: &str) -> (Module, Vec<Reference<Text>>) {
        let empty = |line| {
            let module = Module {
                path: path.to_owned(),
                error_line: line,
                ..Module::default()
            };
            (module, Vec::new())
        };
        if !is_readable(text) {
            return empty(Some(1));
        }
        let Ok(kind) = SourceType::from_path(Path::new(path)) else {
            return empty(None);
        };
        let kind = if kind.is_javascript() { kind.with_jsx(true) } else { kind };
        let mut arena = self.arena.borrow_mut();
        arena.reset();
        let options = ParseOptions {
            allow_return_outside_function: true,
            ..ParseOptions::default()
        };
        let parsed = Parser::new(&arena, text, kind).with_options(options).parse();
        let (mut module, references) = Lower::module(path, text, &parsed.program, &self.names);
        module.error_line = parsed
            .diagnostics
            .iter()
            .next()
            .map(|d| Lower::line_of(text, d.labels.first().map_or(0, |label| label.offset() as usize)));
        drop(parsed);
        if arena.capacity() > MAX_ROOM {
            *arena = Allocator::default();
        }
        (module, references)
    }

    /// The modules that a script mentions, as its parse says.
    pub(crate) fn references(&self, path: &str, text: &str) -> Box<[Reference]> {
        let references = self.parse(path, text).1.into_iter();
        references
            .map(|reference| Reference {
                specifier: self.specifiers.text(&reference.specifier),
                line: reference.line,
                required: reference.required,
                type_only: reference.type_only,
                prisma_client: reference.prisma_client,
            })
            .collect()
    }

    /// The references and exports of a script, if its text leaves no doubt about the references.
    pub(crate) fn outline(&self, text: &str) -> Option<Mentions> {
        (text.len() <= MAX_BYTES).then(|| outline::read(text, &self.specifiers))?
    }
}

/// Whether a script is one that a person may have written, and safe to parse.
fn is_readable(text: &str) -> bool {
    text.len() <= MAX_BYTES && !nested_too_deep(text)
}

/// Whether brackets or operators repeat so often that a recursive parser could run out of stack.
fn nested_too_deep(text: &str) -> bool {
    let bytes = text.as_bytes();
    // Counted in small sums, which the compiler turns into instructions for many bytes at once.
    let opened: usize = bytes
        .chunks(usize::from(u8::MAX))
        .map(|part| usize::from(part.iter().map(|b| u8::from(matches!(b, b'(' | b'[' | b'{'))).sum::<u8>()))
        .sum();
    // A long run crosses one of these places, whatever it is made of.
    let stride = MAX_RUN / 2;
    let repeats = (stride..bytes.len())
        .step_by(stride)
        .any(|i| bytes[i] == bytes[i - 1] && RUNS.contains(&bytes[i]));
    if opened <= MAX_RUN && !repeats {
        return false;
    }
    let (mut depth, mut run, mut last) = (0_usize, 0_usize, 0_u8);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        run = if byte == last { run + 1 } else { 0 };
        last = byte;
        if depth > MAX_RUN || (run > MAX_RUN && RUNS.contains(&byte)) {
            return true;
        }
    }
    false
}
