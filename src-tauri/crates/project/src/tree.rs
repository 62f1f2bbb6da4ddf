//! The files of a folder: listed once, read on demand, never beyond the folder.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ignore::{WalkBuilder, WalkState};
use rustc_hash::FxHashMap;

use crate::memory::Stamp;
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

/// Threads that list folders. More gain nothing where the disk answers, and a laptop has other things to do.
const THREADS: usize = 2;

/// The files of a folder.
pub(crate) struct Tree {
    root: PathBuf,
    /// The folder, open: files are found faster from there than from the top of the file system.
    #[cfg(unix)]
    folder: Option<File>,
    /// In order.
    files: Vec<Arc<str>>,
    /// Position of each file in the list.
    places: FxHashMap<Arc<str>, u32>,
    texts: Mutex<FxHashMap<String, Option<Arc<str>>>>,
    /// Folders that could not be listed.
    unread: Vec<String>,
    truncated: bool,
    /// Scripts read so far, by all threads.
    read: AtomicUsize,
    /// What the files that were read looked like just before, by their position; only where findings are remembered.
    stamps: Option<Mutex<FxHashMap<u32, Stamp>>>,
}

impl Tree {
    /// Lists the folder, honoring ignore files and leaving out what tools generate.
    pub(crate) fn list(root: &Path, options: &InspectOptions) -> Result<Self, InspectError> {
        let found: Mutex<Vec<Arc<str>>> = Mutex::default();
        let unread: Mutex<Vec<String>> = Mutex::default();
        let count = AtomicUsize::new(0);
        let truncated = AtomicBool::new(false);
        let walk = WalkBuilder::new(root)
            .hidden(false)
            .follow_links(false)
            .require_git(false)
            .parents(false)
            .git_global(false)
            .threads(THREADS)
            .filter_entry(|entry| {
                entry.depth() == 0
                    || !entry.file_type().is_some_and(|t| t.is_dir())
                    || !entry.file_name().to_str().is_some_and(|name| GENERATED.contains(&name))
            })
            .build_parallel();
        walk.run(|| {
            let mut batch = Batch {
                files: Vec::new(),
                into: &found,
            };
            let (unread, count, truncated) = (&unread, &count, &truncated);
            Box::new(move |entry| {
                if options.cancelled() || truncated.load(Ordering::Relaxed) {
                    return WalkState::Quit;
                }
                let entry = match entry {
                    Ok(entry) => entry,
                    Err(error) => {
                        let path = unreadable(&error).and_then(|path| below(root, path));
                        lock(unread).extend(path);
                        return WalkState::Continue;
                    }
                };
                if !entry.file_type().is_some_and(|t| t.is_file()) {
                    return WalkState::Continue;
                }
                let Some(path) = below(root, entry.path()) else {
                    return WalkState::Continue;
                };
                let before = count.fetch_add(1, Ordering::Relaxed);
                if before >= options.max_files as usize {
                    truncated.store(true, Ordering::Relaxed);
                    return WalkState::Quit;
                }
                batch.files.push(Arc::from(path));
                if (before + 1).is_multiple_of(1024) {
                    options.report(Stage::Listing, before + 1);
                }
                WalkState::Continue
            })
        });
        if options.cancelled() {
            return Err(InspectError::Cancelled { path: root.to_owned() });
        }
        let mut files = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        files.sort_unstable();
        options.report(Stage::Listing, files.len());
        let places = (0..).zip(&files).map(|(place, file)| (Arc::clone(file), place)).collect();
        let mut unread = unread.into_inner().unwrap_or_else(PoisonError::into_inner);
        unread.sort_unstable();
        Ok(Self {
            root: root.to_owned(),
            #[cfg(unix)]
            folder: File::open(root).ok(),
            files,
            places,
            texts: Mutex::default(),
            unread,
            truncated: truncated.into_inner(),
            read: AtomicUsize::new(0),
            stamps: options.memory.is_some().then(Mutex::default),
        })
    }

    /// The folder itself.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Adds to the number of scripts read so far and gives it.
    pub(crate) fn count_read(&self, more: usize) -> usize {
        self.read.fetch_add(more, Ordering::Relaxed) + more
    }

    /// Folders that could not be listed, in order of their path.
    pub(crate) fn unread(&self) -> &[String] {
        &self.unread
    }

    /// Whether the list ends before the folder does.
    pub(crate) fn truncated(&self) -> bool {
        self.truncated
    }

    /// Every file, in order of its path.
    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|f| &**f)
    }

    /// Files below a folder (`.` for all), in order of their path.
    pub(crate) fn below<'a>(&'a self, folder: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let prefix = if folder == "." { String::new() } else { format!("{folder}/") };
        let from = self.files.partition_point(|f| **f < *prefix);
        self.files[from..]
            .iter()
            .map(|f| &**f)
            .take_while(move |f| f.starts_with(&prefix))
    }

    /// Whether the file exists.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.places.contains_key(path)
    }

    /// The path of a file as it is kept here, for those who keep it too; `None` if there is no such file.
    pub(crate) fn shared(&self, path: &str) -> Option<Arc<str>> {
        self.places.get_key_value(path).map(|(path, _)| Arc::clone(path))
    }

    /// The path at a position of the list as it is kept here.
    pub(crate) fn shared_at(&self, place: u32) -> Option<Arc<str>> {
        self.files.get(place as usize).map(Arc::clone)
    }

    /// How many files there are.
    pub(crate) fn len(&self) -> usize {
        self.files.len()
    }

    /// Position of a file in the list.
    pub(crate) fn place(&self, path: &str) -> Option<u32> {
        self.places.get(path).copied()
    }

    /// The file at a position of the list.
    pub(crate) fn at(&self, place: u32) -> &str {
        self.files.get(place as usize).map_or("", |f| f)
    }

    /// Whether at least one file lies below the folder.
    pub(crate) fn has_folder(&self, folder: &str) -> bool {
        self.below(folder).next().is_some()
    }

    /// Text of a file; `None` if it is missing, too large or not text.
    pub(crate) fn text(&self, path: &str) -> Option<Arc<str>> {
        if let Some(known) = lock(&self.texts).get(path) {
            return known.clone();
        }
        let text = self.read_whole(path);
        lock(&self.texts).insert(path.to_owned(), text.clone());
        text
    }

    /// Text of a file that is not needed again as text.
    pub(crate) fn peek(&self, path: &str) -> Option<Arc<str>> {
        if let Some(known) = lock(&self.texts).get(path) {
            return known.clone();
        }
        self.read_whole(path)
    }

    /// What a file of the list looks like now; `None` if it is gone.
    pub(crate) fn stamp(&self, place: u32) -> Option<Stamp> {
        fs::symlink_metadata(self.root.join(self.at(place)))
            .ok()
            .map(|meta| Stamp::of(&meta))
    }

    /// What the files that were read looked like just before, in order of their position.
    pub(crate) fn stamps(&self) -> Vec<(u32, Stamp)> {
        let mut all: Vec<_> = self.stamps.iter().flat_map(|s| lock(s).clone()).collect();
        all.sort_unstable_by_key(|(place, _)| *place);
        all
    }

    /// Text of a file in a buffer that serves for the next one too.
    pub(crate) fn read<'b>(&self, place: u32, buffer: &'b mut Vec<u8>) -> Option<Cow<'b, str>> {
        let opened = self.open(self.at(place));
        if let Some(stamps) = &self.stamps {
            // A file that is read again counts as it was at first, so that a change in between is noticed.
            let stamp = || match &opened {
                Some((_, meta)) => Stamp::of(meta),
                None => self.stamp(place).unwrap_or(Stamp::GONE),
            };
            lock(stamps).entry(place).or_insert_with(stamp);
        }
        let (mut file, meta) = opened?;
        if !meta.is_file() || meta.len() > MAX_BYTES {
            return None;
        }
        // The length is known, so one read does; thousands of files are read.
        let length = usize::try_from(meta.len()).ok()?;
        if buffer.len() < length {
            buffer.resize(length, 0);
        }
        let bytes = &mut buffer[..length];
        file.read_exact(bytes).ok()?;
        if memchr::memchr(0, bytes).is_some() {
            return None;
        }
        if let Ok(text) = std::str::from_utf8(bytes) {
            return Some(Cow::Borrowed(text.strip_prefix('\u{feff}').unwrap_or(text)));
        }
        let text = String::from_utf8_lossy(bytes);
        Some(Cow::Owned(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned()))
    }

    /// Opens what was listed as a file, never what a link leads to, and says what was opened.
    #[cfg(unix)]
    fn open(&self, path: &str) -> Option<(File, fs::Metadata)> {
        use rustix::fs::{Mode, OFlags};

        // Without blocking: a pipe in its place would be waited for.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(rustix::fs::openat(self.folder.as_ref()?, path, flags, Mode::empty()).ok()?);
        let meta = file.metadata().ok()?;
        Some((file, meta))
    }

    /// Opens what was listed as a file, never what a link leads to, and says what was opened.
    #[cfg(not(unix))]
    fn open(&self, path: &str) -> Option<(File, fs::Metadata)> {
        let path = self.root.join(path);
        let meta = fs::symlink_metadata(&path).ok().filter(fs::Metadata::is_file)?;
        Some((File::open(path).ok()?, meta))
    }

    fn read_whole(&self, path: &str) -> Option<Arc<str>> {
        Some(Arc::from(&*self.read(self.place(path)?, &mut Vec::new())?))
    }
}

/// The path as seen from the root in `/` spelling; `None` when it is not Unicode.
fn below(root: &Path, path: &Path) -> Option<String> {
    // Whoever lists a folder spells paths as the root is spelled.
    if cfg!(unix) {
        let inner = path.to_str()?.strip_prefix(root.to_str()?)?;
        return Some(inner.trim_start_matches('/').to_owned());
    }
    let inner = path.strip_prefix(root).ok()?;
    let parts: Option<Vec<&str>> = inner.components().map(|c| c.as_os_str().to_str()).collect();
    Some(parts?.join("/"))
}

/// What one listing thread found; handed over when the thread ends.
struct Batch<'l> {
    files: Vec<Arc<str>>,
    into: &'l Mutex<Vec<Arc<str>>>,
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        lock(self.into).append(&mut self.files);
    }
}

/// A lock that a panic elsewhere does not spoil: the lists behind it are whole after every step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The path that could not be listed.
fn unreadable(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => unreadable(err),
        ignore::Error::Partial(_)
        | ignore::Error::Loop { .. }
        | ignore::Error::Io(_)
        | ignore::Error::Glob { .. }
        | ignore::Error::UnrecognizedFileType(_)
        | ignore::Error::InvalidDefinition => None,
    }
}
