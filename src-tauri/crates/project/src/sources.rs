//! What the scripts of the project give away, told once for everybody who asks.
//!
//! The two halves of a project are read at the same time and look for different things, often in the same files: most of the time
//! of a first look at a large folder goes into opening files.

use std::sync::{LazyLock, OnceLock};

use aho_corasick::AhoCorasick;
use memchr::memmem;

use crate::script::Reader;
use crate::script::outline::Outline;
use crate::script::words::{Words, any_of};
use crate::tree::Tree;
use crate::{InspectOptions, Stage};

/// Scripts between two reports of progress.
const REPORTED: usize = 64;

/// What a script that starts something mentions.
static STARTS: LazyLock<AhoCorasick> = LazyLock::new(|| any_of(&["NestFactory", "react-dom", "ReactDOM"]));

/// What the text of a script says at a glance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Glance {
    /// Whether it may create a Nest application.
    pub(crate) creates: bool,
    /// Whether it puts a React application on the page.
    pub(crate) mounts: bool,
}

impl Glance {
    fn of(text: &str) -> Self {
        let has = |word: &str| memmem::find(text.as_bytes(), word.as_bytes()).is_some();
        let any = |words: &[&str]| words.iter().any(|word| has(word));
        // Most scripts have nothing of either.
        let starts = STARTS.is_match(text);
        Self {
            creates: starts && has("NestFactory") && has("@nestjs/core"),
            mounts: starts
                && any(&["react-dom", "ReactDOM"])
                && any(&["createRoot", "hydrateRoot", "render(", "hydrate("])
                && !any(&["renderToString", "renderToPipeableStream", "@testing-library"]),
        }
    }
}

/// What was seen so far, by the position of the file in the tree.
pub(crate) struct Sources<'t> {
    tree: &'t Tree,
    options: &'t InspectOptions,
    glances: Vec<OnceLock<Option<Glance>>>,
    outlines: Vec<OnceLock<Option<Box<Outline>>>>,
}

impl<'t> Sources<'t> {
    pub(crate) fn new(tree: &'t Tree, options: &'t InspectOptions) -> Self {
        Self {
            tree,
            options,
            glances: (0..tree.len()).map(|_| OnceLock::new()).collect(),
            outlines: (0..tree.len()).map(|_| OnceLock::new()).collect(),
        }
    }

    /// What a file says at a glance; `None` if it cannot be read.
    pub(crate) fn glance(&self, place: u32, reader: &Reader) -> Option<Glance> {
        let look = || reader.read(self.tree, place, Glance::of);
        *self.glances.get(place as usize)?.get_or_init(look)
    }

    /// What a script mentions; `None` if it cannot be read. Parses it only if its text leaves doubt.
    pub(crate) fn outline(&self, place: u32, reader: &Reader) -> Option<&Outline> {
        let look = || {
            let outline = reader.read(self.tree, place, |text| {
                self.glances.get(place as usize)?.get_or_init(|| Some(Glance::of(text)));
                let path = self.tree.shared_at(place)?;
                let quick = reader.outline(text);
                let (references, exports) = quick.unwrap_or_else(|| (reader.references(&path, text), None));
                Some(Box::new(Outline {
                    path,
                    references,
                    links: OnceLock::new(),
                    words: Words::of(text),
                    exports,
                }))
            });
            self.report();
            outline.flatten()
        };
        self.outlines.get(place as usize)?.get_or_init(look).as_deref()
    }

    fn report(&self) {
        let read = self.tree.count_read(1);
        if read.is_multiple_of(REPORTED) {
            self.options.report(Stage::Reading, read);
        }
    }
}
