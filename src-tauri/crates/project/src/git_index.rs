//! The index of a git checkout: which files are tracked, and whether they still are what was added.
//!
//! Format: <https://git-scm.com/docs/index-format>, versions 2 to 4 with SHA-1 names.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use sha1::{Digest, Sha1};

/// Most tracked files that are compared; a larger checkout is compared in part.
const MAX_FILES: usize = 50_000;

/// Most bytes that are read to compare files whose times changed.
const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// Mode of a regular file; the bits below tell whether it can be run.
const REGULAR: u32 = 0o100_000;

/// Mode of a repository inside the repository.
const LINK: u32 = 0o160_000;

/// A tracked file.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    path: String,
    mode: u32,
    seconds: u32,
    size: u32,
    object: [u8; 20],
    /// Git was told to leave it alone.
    skipped: bool,
}

/// What the index says about the files on disk. Paths count from the root of the checkout.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    /// Every tracked file.
    pub(crate) tracked: HashSet<String>,
    /// Files that differ from what was added, or are gone.
    pub(crate) changed: Vec<String>,
    /// Repositories inside the repository.
    pub(crate) links: Vec<String>,
    /// Whether every file was compared, and nothing waits in the index for a commit.
    pub(crate) complete: bool,
}

/// Compares the files below `inner` (empty for all) with the index.
pub(crate) fn compare(git: &Path, top: &Path, inner: &str) -> Option<Compared> {
    let bytes = fs::read(git.join("index")).ok()?;
    let (entries, rest) = parse(&bytes)?;
    let mut out = Compared {
        complete: nothing_staged(&bytes[rest..]),
        ..Compared::default()
    };
    let files = Files::new(top);
    let mut budget = MAX_BYTES;
    let below = |path: &str| inner.is_empty() || path.strip_prefix(inner).is_some_and(|rest| rest.starts_with('/'));
    let mut compared = 0;
    for entry in entries {
        if entry.mode == LINK {
            out.links.push(entry.path);
            continue;
        }
        if below(&entry.path) && !entry.skipped && entry.mode & 0o170_000 == REGULAR {
            compared += 1;
            if compared > MAX_FILES {
                out.complete = false;
            } else {
                match differs(&files, &entry, &mut budget) {
                    Some(true) => out.changed.push(entry.path.clone()),
                    Some(false) => {}
                    None => out.complete = false,
                }
            }
        }
        out.tracked.insert(entry.path);
    }
    Some(out)
}

/// The files of a checkout.
struct Files<'p> {
    top: &'p Path,
    /// The top, open: files are found faster from there than from the top of the file system.
    #[cfg(unix)]
    folder: Option<fs::File>,
}

/// What a file looks like.
struct Look {
    bytes: u64,
    /// Seconds since 1970; `None` before that.
    changed: Option<u64>,
}

impl<'p> Files<'p> {
    fn new(top: &'p Path) -> Self {
        Self {
            top,
            #[cfg(unix)]
            folder: fs::File::open(top).ok(),
        }
    }

    /// What a file looks like; `None` if there is none.
    #[cfg(unix)]
    fn look(&self, path: &str) -> Option<Look> {
        use rustix::fs::{AtFlags, FileType};

        let stat = rustix::fs::statat(self.folder.as_ref()?, path, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        (FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile).then(|| Look {
            bytes: u64::try_from(stat.st_size).unwrap_or(0),
            changed: u64::try_from(stat.st_mtime).ok(),
        })
    }

    /// What a file looks like; `None` if there is none.
    #[cfg(not(unix))]
    fn look(&self, path: &str) -> Option<Look> {
        let meta = fs::symlink_metadata(self.top.join(path)).ok().filter(fs::Metadata::is_file)?;
        let changed = meta
            .modified()
            .ok()
            .and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        Some(Look {
            bytes: meta.len(),
            changed: changed.map(|since| since.as_secs()),
        })
    }
}

/// Whether a file is not what was added; `None` when reading it would take too long.
fn differs(files: &Files<'_>, entry: &Entry, budget: &mut u64) -> Option<bool> {
    let Some(look) = files.look(&entry.path) else {
        return Some(true);
    };
    #[expect(clippy::cast_possible_truncation, reason = "the index keeps the low 32 bits of a size")]
    let size = look.bytes as u32;
    if size != entry.size && entry.size != 0 {
        return Some(true);
    }
    let seconds = look.changed?;
    #[expect(clippy::cast_possible_truncation, reason = "the index keeps the low 32 bits of a time")]
    if size == entry.size && seconds as u32 == entry.seconds {
        return Some(false);
    }
    *budget = budget.checked_sub(look.bytes)?;
    let bytes = fs::read(files.top.join(&entry.path)).ok()?;
    if named(&bytes) == entry.object {
        return Some(false);
    }
    // Git may turn line ends around when it checks files out.
    let plain: Vec<u8> = bytes
        .iter()
        .enumerate()
        .filter(|(i, b)| !(**b == b'\r' && bytes.get(i + 1) == Some(&b'\n')))
        .map(|(_, b)| *b)
        .collect();
    // A large file in Git LFS is named by its pointer, which is not on disk.
    Some(named(&plain) != entry.object && !(size == entry.size && is_large(&bytes)))
}

/// Content that nobody edits by hand and that Git LFS may keep: it has bytes that text does not have.
fn is_large(bytes: &[u8]) -> bool {
    bytes.iter().take(8000).any(|b| *b == 0)
}

/// The name git gives to a content.
fn named(bytes: &[u8]) -> [u8; 20] {
    let mut hash = Sha1::new();
    hash.update(format!("blob {}\0", bytes.len()));
    hash.update(bytes);
    hash.finalize().into()
}

/// The entries, and where the extensions begin.
fn parse(bytes: &[u8]) -> Option<(Vec<Entry>, usize)> {
    if bytes.get(..4)? != b"DIRC" {
        return None;
    }
    let version = number(bytes, 4)?;
    if !(2..=4).contains(&version) {
        return None;
    }
    let count = number(bytes, 8)? as usize;
    let mut out: Vec<Entry> = Vec::with_capacity(count.min(1 << 20));
    let mut at = 12;
    let mut path: Vec<u8> = Vec::new();
    for _ in 0..count {
        let start = at;
        let seconds = number(bytes, at + 8)?;
        let mode = number(bytes, at + 24)?;
        let size = number(bytes, at + 36)?;
        let object: [u8; 20] = bytes.get(at + 40..at + 60)?.try_into().ok()?;
        let flags = short(bytes, at + 60)?;
        at += 62;
        let mut skipped = flags & 0x8000 != 0;
        if flags & 0x4000 != 0 {
            // skip-worktree and intent-to-add
            skipped |= short(bytes, at)? & 0x4000 != 0;
            at += 2;
        }
        if version == 4 {
            let (cut, after) = variable(bytes, at)?;
            at = after;
            path.truncate(path.len().checked_sub(cut)?);
        } else {
            path.clear();
        }
        let length = bytes.get(at..)?.iter().position(|b| *b == 0)?;
        path.extend_from_slice(bytes.get(at..at + length)?);
        at += length + 1;
        if version < 4 {
            at = start + (at - start).next_multiple_of(8);
        }
        if let Ok(path) = String::from_utf8(path.clone()) {
            out.push(Entry {
                path,
                mode,
                seconds,
                size,
                object,
                skipped,
            });
        }
    }
    Some((out, at))
}

/// Whether the tree of the last commit still stands for the whole index. Adding a file makes it invalid until the next commit.
fn nothing_staged(mut rest: &[u8]) -> bool {
    while rest.len() > 28 {
        let Some(length) = number(rest, 4).map(|n| n as usize) else {
            break;
        };
        let Some(body) = rest.get(8..8 + length) else { break };
        if &rest[..4] == b"TREE" {
            // The root comes first: an empty path, then the number of entries, -1 when it is out of date.
            return !body.starts_with(b"\0-1");
        }
        rest = &rest[8 + length..];
    }
    true
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

/// A number in as many bytes as it needs, and where it ends.
fn variable(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let mut byte = *bytes.get(at)?;
    at += 1;
    let mut value = usize::from(byte & 0x7f);
    while byte & 0x80 != 0 {
        byte = *bytes.get(at)?;
        at += 1;
        value = value.checked_add(1)?.checked_mul(128)? | usize::from(byte & 0x7f);
    }
    Some((value, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An index of version 2 with one file.
    fn index(path: &str, object: [u8; 20], size: u32) -> Vec<u8> {
        let mut out = b"DIRC\0\0\0\x02\0\0\0\x01".to_vec();
        let start = out.len();
        out.extend([0; 24]);
        out.extend(0o100_644_u32.to_be_bytes());
        out.extend([0; 8]);
        out.extend(size.to_be_bytes());
        out.extend(object);
        out.extend(u16::try_from(path.len()).unwrap().to_be_bytes());
        out.extend(path.as_bytes());
        out.push(0);
        while !(out.len() - start).is_multiple_of(8) {
            out.push(0);
        }
        out
    }

    #[test]
    fn a_file_is_the_same_by_its_content() {
        let dir = tempfile::tempdir().unwrap();
        let git = dir.path().join(".git");
        fs::create_dir(&git).unwrap();
        fs::write(dir.path().join("a.txt"), "one\r\n").unwrap();
        fs::write(git.join("index"), index("a.txt", named(b"one\n"), 5)).unwrap();
        assert!(compare(&git, dir.path(), "").unwrap().changed.is_empty());
        fs::write(dir.path().join("a.txt"), "two\r\n").unwrap();
        assert_eq!(compare(&git, dir.path(), "").unwrap().changed, ["a.txt"]);
        assert!(compare(&git, dir.path(), "web").unwrap().changed.is_empty(), "another folder");
    }

    #[test]
    fn broken_bytes_are_no_index() {
        let whole = index("a.txt", [7; 20], 1);
        for end in 0..whole.len() {
            let cut = parse(&whole[..end]);
            assert!(cut.is_none_or(|(entries, _)| entries.len() <= 1), "{end}");
        }
        assert!(parse(b"DIRC\0\0\0\x09\0\0\0\0").is_none());
    }
}
