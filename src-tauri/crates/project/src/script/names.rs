//! Names and short texts, each kept once: programs repeat the same few thousand words.

use std::borrow::Borrow;
use std::cell::RefCell;
use std::hash::Hash;

use rustc_hash::FxHashSet;

/// Longest text in bytes that is looked for; longer ones hardly ever repeat.
const MAX_BYTES: usize = 64;

/// Every name met so far, kept as `T`.
pub(crate) struct Names<T>(RefCell<FxHashSet<T>>);

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<T: Borrow<str> + Clone + Eq + Hash + for<'t> From<&'t str>> Names<T> {
    /// The text, shared with everyone who asked for the same.
    pub(crate) fn text(&self, text: &str) -> T {
        if text.len() > MAX_BYTES {
            return T::from(text);
        }
        let mut known = self.0.borrow_mut();
        if let Some(name) = known.get(text) {
            return name.clone();
        }
        let name = T::from(text);
        known.insert(name.clone());
        name
    }
}
