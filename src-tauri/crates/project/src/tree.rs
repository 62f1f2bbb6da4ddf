//! The files of a folder: listed once, read on demand, never beyond the folder.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use ignore::WalkBuilder;

use crate::{InspectError, InspectOptions, Stage};

/// Folders that tools write and people do not; some repositories commit them all the same.
const GENERATED: [&str; 14] = [
    "node_modules",
    ".git",
    "dist",
    ".next",
    ".nuxt",
    ".turbo",
    ".nx",
    ".yarn",
    ".cache",
    ".parcel-cache",
    ".pnpm-store",
    "coverage",
    "bower_components",
    "storybook-static",
];

/// Largest file that is read whole; sources and configuration are far below, lockfiles of big monorepos are not.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// The files of a folder.
pub(crate) struct Tree {
    root: PathBuf,
    files: BTreeSet<String>,
    /// The same, for the question asked most often.
    names: HashSet<String>,
    texts: RefCell<HashMap<String, Option<Rc<str>>>>,
    truncated: bool,
}

impl Tree {
    /// Lists the folder, honoring ignore files and leaving out what tools generate.
    pub(crate) fn list(root: &Path, options: &InspectOptions) -> Result<Self, InspectError> {
        let mut files = BTreeSet::new();
        let mut truncated = false;
        let walk = WalkBuilder::new(root)
            .hidden(false)
            .follow_links(false)
            .require_git(false)
            .parents(false)
            .git_global(false)
            .filter_entry(|entry| {
                entry.depth() == 0
                    || !entry.file_type().is_some_and(|t| t.is_dir())
                    || !entry.file_name().to_str().is_some_and(|name| GENERATED.contains(&name))
            })
            .build();
        for entry in walk.flatten() {
            if !entry.file_type().is_some_and(|t| t.is_file()) {
                continue;
            }
            if options.cancelled() {
                return Err(InspectError::Cancelled { path: root.to_owned() });
            }
            if files.len() >= options.max_files as usize {
                truncated = true;
                break;
            }
            if let Some(path) = entry.path().strip_prefix(root).ok().and_then(slashed) {
                files.insert(path);
            }
            if files.len().is_multiple_of(1024) {
                options.report(Stage::Listing, files.len());
            }
        }
        options.report(Stage::Listing, files.len());
        Ok(Self {
            root: root.to_owned(),
            names: files.iter().cloned().collect(),
            files,
            texts: RefCell::default(),
            truncated,
        })
    }

    /// The folder itself.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Whether the list ends before the folder does.
    pub(crate) fn truncated(&self) -> bool {
        self.truncated
    }

    /// Every file, in order of its path.
    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str)
    }

    /// Files below a folder (`.` for all), in order of their path.
    pub(crate) fn below<'a>(&'a self, folder: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let prefix = if folder == "." { String::new() } else { format!("{folder}/") };
        self.files
            .range(prefix.clone()..)
            .map(String::as_str)
            .take_while(move |f| f.starts_with(&prefix))
    }

    /// Whether the file exists.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.names.contains(path)
    }

    /// Whether at least one file lies below the folder.
    pub(crate) fn has_folder(&self, folder: &str) -> bool {
        self.below(folder).next().is_some()
    }

    /// Text of a file; `None` if it is missing, too large or not text.
    pub(crate) fn text(&self, path: &str) -> Option<Rc<str>> {
        if let Some(known) = self.texts.borrow().get(path) {
            return known.clone();
        }
        let text = self.read(path);
        self.texts.borrow_mut().insert(path.to_owned(), text.clone());
        text
    }

    /// Text of a file that is not needed again as text.
    pub(crate) fn peek(&self, path: &str) -> Option<Rc<str>> {
        if let Some(known) = self.texts.borrow().get(path) {
            return known.clone();
        }
        self.read(path)
    }

    fn read(&self, path: &str) -> Option<Rc<str>> {
        if !self.has(path) {
            return None;
        }
        let full = self.root.join(path);
        if fs::symlink_metadata(&full)
            .ok()
            .is_none_or(|m| !m.is_file() || m.len() > MAX_BYTES)
        {
            return None;
        }
        let bytes = fs::read(full).ok()?;
        if bytes.contains(&0) {
            return None;
        }
        let text = String::from_utf8_lossy(&bytes);
        Some(Rc::from(text.strip_prefix('\u{feff}').unwrap_or(&text)))
    }
}

/// A relative path in `/` spelling; `None` when it is not Unicode.
fn slashed(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.components().map(|c| c.as_os_str().to_str()).collect();
    Some(parts?.join("/"))
}
