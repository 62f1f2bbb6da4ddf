//! What the text of a script gives away at a glance, told once for everybody who asks.
//!
//! The two halves of a project are read at the same time and look for different things, often in the same files: most of the time
//! of a first look at a large folder goes into opening files.

use std::sync::{Arc, OnceLock};

use memchr::memmem;

use crate::script::words::Words;
use crate::tree::Tree;

/// What one script gives away.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Glance {
    pub(crate) words: Words,
    /// Whether it may create a Nest application.
    pub(crate) creates: bool,
    /// Whether it puts a React application on the page.
    pub(crate) mounts: bool,
}

impl Glance {
    fn of(text: &str) -> Self {
        let has = |word: &str| memmem::find(text.as_bytes(), word.as_bytes()).is_some();
        let any = |words: &[&str]| words.iter().any(|word| has(word));
        Self {
            words: Words::of(text),
            creates: has("NestFactory") && has("@nestjs/core"),
            mounts: any(&["react-dom", "ReactDOM"])
                && any(&["createRoot", "hydrateRoot", "render(", "hydrate("])
                && !any(&["renderToString", "renderToPipeableStream", "@testing-library"]),
        }
    }
}

/// What was seen so far, by the position of the file in the tree.
pub(crate) struct Glances<'t> {
    tree: &'t Tree,
    seen: Vec<OnceLock<Option<Glance>>>,
}

impl<'t> Glances<'t> {
    pub(crate) fn new(tree: &'t Tree) -> Self {
        Self {
            tree,
            seen: (0..tree.len()).map(|_| OnceLock::new()).collect(),
        }
    }

    /// What is known without looking.
    pub(crate) fn known(&self, place: u32) -> Option<Glance> {
        *self.seen.get(place as usize)?.get()?
    }

    /// What a file gives away; `None` if it cannot be read.
    pub(crate) fn at(&self, place: u32) -> Option<Glance> {
        *self.seen.get(place as usize)?.get_or_init(|| {
            let text = self.tree.peek(self.tree.at(place))?;
            Some(Glance::of(&text))
        })
    }

    /// Reads a file for its text; what it gives away comes along.
    pub(crate) fn read(&self, place: u32) -> Option<(Glance, Arc<str>)> {
        let text = self.tree.peek(self.tree.at(place))?;
        let glance = (*self.seen.get(place as usize)?.get_or_init(|| Some(Glance::of(&text))))?;
        Some((glance, text))
    }
}
