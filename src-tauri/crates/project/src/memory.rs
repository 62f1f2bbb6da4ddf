//! What was found in a large folder, kept until something that was looked at changes.
//!
//! Findings follow from the list of files, from the files that were read and from git. So they are kept with a fingerprint of the
//! list, with the stamps of those files and with what git said; listing and stamps are taken again at every look, and git is asked
//! again. Only where all three are the same do the kept findings stand; everything else is a look as if for the first time.

use std::fmt::Write as _;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

use crate::trail::Trail;
use crate::tree::Tree;
use crate::{Evidence, Findings, Git, InspectOptions, Overrides, Warning};

/// Folders with fewer files are read about as fast as they are remembered.
const LARGE: usize = 1000;

/// Most folders that are remembered; the ones not looked at for longest go first.
const KEPT: usize = 32;

/// A file that changed so shortly before it was read may change again without a trace in its times, which some file systems keep
/// in steps of two seconds.
const YOUNG: Duration = Duration::from_secs(2);

/// By what a file is known to be the same as before, without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    bytes: u64,
    /// Nanoseconds since 1970: content changed, and content or anything else about the file changed.
    changed: [i128; 2],
    /// Number of the file in its file system, where there is one.
    number: u64,
}

impl Stamp {
    /// A file that was gone between listing and reading. Its time lies ahead of every look, so nothing that depends on it is kept.
    pub(crate) const GONE: Self = Self {
        bytes: 0,
        changed: [i128::MAX; 2],
        number: 0,
    };

    #[cfg(unix)]
    pub(crate) fn of(meta: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        let nanoseconds = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        Self {
            bytes: meta.len(),
            changed: [
                nanoseconds(meta.mtime(), meta.mtime_nsec()),
                nanoseconds(meta.ctime(), meta.ctime_nsec()),
            ],
            number: meta.ino(),
        }
    }

    #[cfg(not(unix))]
    pub(crate) fn of(meta: &Metadata) -> Self {
        let changed = meta.modified().map_or(i128::MAX, since_1970);
        Self {
            bytes: meta.len(),
            changed: [changed, changed],
            number: 0,
        }
    }
}

/// Where the findings of one folder are kept.
pub(crate) struct Memory {
    file: PathBuf,
    began: SystemTime,
    key: Key,
}

/// Which look at which files the findings are from.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Key {
    /// The program that looked: another build may see something else.
    program: String,
    root: PathBuf,
    max_files: u32,
    /// Fingerprint of the list of files.
    listing: String,
}

/// Findings, and all they depend on beyond the list of files.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Remembered {
    key: Key,
    /// Files that were read, by their position in the list.
    read: Vec<u32>,
    /// Fingerprint of their stamps.
    stamps: String,
    /// Files with secrets in them, which git is asked about.
    pub(crate) secrets: Vec<String>,
    git: Said,
    pub(crate) findings: Findings,
}

/// What git said.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Said {
    git: Option<Git>,
    evidence: Vec<Evidence>,
    warnings: Vec<Warning>,
}

impl Said {
    pub(crate) fn new(git: Option<&Git>, trail: &Trail) -> Self {
        Self {
            git: git.cloned(),
            evidence: trail.evidence.clone(),
            warnings: trail.warnings.clone(),
        }
    }
}

impl Remembered {
    /// Whether git says what it said before.
    pub(crate) fn agrees(&self, said: &Said) -> bool {
        self.git == *said
    }
}

impl Memory {
    /// The place for the findings of a folder; `None` where nothing is kept. What the user set is checked against the folder
    /// itself, so a folder with settings is looked at anew.
    pub(crate) fn of(tree: &Tree, options: &InspectOptions) -> Option<Self> {
        let folder = options.memory.as_deref()?;
        if tree.len() < LARGE || tree.truncated() || options.overrides != Overrides::default() {
            return None;
        }
        let mut listing = Sha1::new();
        for path in tree.files().chain(tree.unread().iter().map(String::as_str)) {
            listing.update(path);
            listing.update([0]);
        }
        Some(Self {
            file: folder
                .join(named(Sha1::new_with_prefix(tree.root().as_os_str().as_encoded_bytes())))
                .with_extension("json"),
            began: SystemTime::now(),
            key: Key {
                program: program()?,
                root: tree.root().to_owned(),
                max_files: options.max_files,
                listing: named(listing),
            },
        })
    }

    /// What was found before, if none of the files that were read has changed since. Whether git still agrees is left to ask.
    pub(crate) fn recall(&self, tree: &Tree) -> Option<Remembered> {
        let kept: Remembered = serde_json::from_slice(&fs::read(&self.file).ok()?).ok()?;
        let stamps = kept.read.iter().map(|place| Some((*place, tree.stamp(*place)?)));
        let same = kept.key == self.key
            && stamps
                .collect::<Option<Vec<_>>>()
                .is_some_and(|all| fingerprint(&all) == kept.stamps);
        same.then_some(kept)
    }

    /// Keeps what was found. A failure only means that the next look takes as long as this one.
    pub(crate) fn keep(self, tree: &Tree, secrets: Vec<String>, git: Said, findings: &Findings) {
        let stamps = tree.stamps();
        let limit = since_1970(self.began.checked_sub(YOUNG).unwrap_or(UNIX_EPOCH));
        if stamps.iter().any(|(_, stamp)| stamp.changed.iter().any(|at| *at >= limit)) {
            return;
        }
        let remembered = Remembered {
            key: self.key,
            read: stamps.iter().map(|(place, _)| *place).collect(),
            stamps: fingerprint(&stamps),
            secrets,
            git,
            findings: findings.clone(),
        };
        let Some(folder) = self.file.parent() else { return };
        let fresh = self.file.with_extension(format!("{}.new", std::process::id()));
        let written = fs::create_dir_all(folder)
            .and_then(|()| fs::write(&fresh, serde_json::to_vec(&remembered)?))
            .and_then(|()| fs::rename(&fresh, &self.file));
        if written.is_err() {
            let _ = fs::remove_file(&fresh);
        }
        forget_oldest(folder);
    }
}

/// Leaves the folders that were looked at last.
fn forget_oldest(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut files: Vec<(SystemTime, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    files.sort();
    let surplus = files.len().saturating_sub(KEPT);
    for (_, file) in files.drain(..surplus) {
        let _ = fs::remove_file(file);
    }
}

/// Names the running program, so that findings of another build never stand.
fn program() -> Option<String> {
    let file = std::env::current_exe().ok()?;
    let stamp = Stamp::of(&fs::metadata(&file).ok()?);
    Some(format!("{} {} {:?}", env!("CARGO_PKG_VERSION"), file.display(), stamp))
}

fn fingerprint(stamps: &[(u32, Stamp)]) -> String {
    let mut hash = Sha1::new();
    for (place, stamp) in stamps {
        hash.update(place.to_le_bytes());
        hash.update(stamp.bytes.to_le_bytes());
        hash.update(stamp.number.to_le_bytes());
        for at in stamp.changed {
            hash.update(at.to_le_bytes());
        }
    }
    named(hash)
}

/// Name of a content, for files and for telling contents apart.
fn named(hash: Sha1) -> String {
    hash.finalize().iter().fold(String::with_capacity(40), |mut name, byte| {
        let _ = write!(name, "{byte:02x}");
        name
    })
}

fn since_1970(time: SystemTime) -> i128 {
    let nanoseconds = |span: Duration| i128::try_from(span.as_nanos()).unwrap_or(i128::MAX);
    time.duration_since(UNIX_EPOCH)
        .map_or_else(|before| -nanoseconds(before.duration()), nanoseconds)
}
