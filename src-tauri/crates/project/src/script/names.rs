//! Names and short texts, each kept once: programs repeat the same few thousand words.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::syntax::Text;

/// Longest text in bytes that is looked for; longer ones hardly ever repeat.
const MAX_BYTES: usize = 64;

/// Every name met so far.
#[derive(Default)]
pub(crate) struct Names(RefCell<FxHashSet<Text>>);

impl Names {
    /// The text, shared with everyone who asked for the same.
    pub(super) fn text(&self, text: &str) -> Text {
        if text.len() > MAX_BYTES {
            return Rc::from(text);
        }
        let mut known = self.0.borrow_mut();
        if let Some(name) = known.get(text) {
            return Rc::clone(name);
        }
        let name: Text = Rc::from(text);
        known.insert(Rc::clone(&name));
        name
    }
}
