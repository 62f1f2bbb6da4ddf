//! Looking at a large folder again: what was found stands as long as nothing that it depends on has changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use zonke_project::{Findings, InspectOptions};

use crate::support::{MAIN, Project};

/// What only a remembered answer can say: tests write it into the memory.
const KEPT: &str = "from-memory";

struct Again {
    project: Project,
    memory: TempDir,
}

impl Again {
    /// A project with enough files to be remembered, remembered.
    fn remembered() -> Self {
        let mut project = Project::both();
        for i in 0..1000 {
            project = project.file(&format!("api/src/words/word{i}.txt"), "word\n");
        }
        let project = project
            .file(".git/HEAD", "ref: refs/heads/main\n")
            .file(".git/config", "[remote \"origin\"]\n url = https://github.com/a/shop\n");
        let again = Self {
            project,
            memory: TempDir::new().unwrap(),
        };
        let first = again.look();
        // Files that were written this very moment are not trusted to have settled.
        let end = Instant::now() + Duration::from_secs(30);
        while again.file().is_none() {
            assert!(Instant::now() < end, "the findings are never remembered");
            assert_eq!(again.look(), first);
        }
        assert_eq!(again.look(), first, "what is remembered is what was found");
        let file = again.file().unwrap();
        let mut kept: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        kept["findings"]["name"] = KEPT.into();
        fs::write(file, serde_json::to_vec(&kept).unwrap()).unwrap();
        assert!(again.recalls(), "nothing has changed");
        again
    }

    fn file(&self) -> Option<PathBuf> {
        let mut all = fs::read_dir(self.memory.path()).unwrap();
        all.next().map(|entry| entry.unwrap().path())
    }

    fn options(&self) -> InspectOptions {
        InspectOptions {
            memory: Some(self.memory.path().to_owned()),
            ..InspectOptions::default()
        }
    }

    fn look(&self) -> Findings {
        self.project.findings_with(&self.options())
    }

    fn recalls(&self) -> bool {
        self.look().name == KEPT
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.project.at(path), text).unwrap();
    }
}

fn port(findings: &Findings) -> Option<u16> {
    findings.backend().and_then(|b| b.port.default)
}

#[test]
fn a_changed_source_is_read_again() {
    let again = Again::remembered();
    let unread = again.project.at("api/src/words/word7.txt");
    fs::write(&unread, "another word\n").unwrap();
    assert!(again.recalls(), "nobody read this file");
    // As many bytes as before, and the time of its content set back: the file is not the same all the same.
    let main = again.project.at("api/src/main.ts");
    let before = fs::metadata(&main).unwrap().modified().unwrap();
    fs::write(&main, MAIN.replace("3000", "4000")).unwrap();
    let file = fs::File::options().append(true).open(&main).unwrap();
    file.set_modified(before).unwrap();
    drop(file);
    let found = again.look();
    assert_ne!(found.name, KEPT);
    assert_eq!(port(&found), Some(4000));
}

#[test]
fn files_that_come_and_go_are_noticed() {
    let again = Again::remembered();
    let extra = again.project.at("api/src/extra.ts");
    fs::write(&extra, "export const extra = 1;\n").unwrap();
    assert!(!again.recalls());
    fs::remove_file(extra).unwrap();
    fs::remove_file(again.project.at("web/package.json")).unwrap();
    assert!(again.look().frontend().is_none());
}

#[test]
fn git_is_asked_every_time() {
    let again = Again::remembered();
    again.write(".git/HEAD", "ref: refs/heads/next\n");
    let found = again.look();
    assert_ne!(found.name, KEPT);
    assert_eq!(found.git.and_then(|g| g.branch).as_deref(), Some("next"));
}

#[test]
fn a_damaged_memory_is_no_memory() {
    let again = Again::remembered();
    let file = again.file().unwrap();
    let whole = fs::read(&file).unwrap();
    for damaged in [&whole[..whole.len() / 2], b"", b"{}", b"[1e999", &[0xff; 64]] {
        fs::write(&file, damaged).unwrap();
        assert_eq!(port(&again.look()), Some(3000));
        assert!(!again.recalls());
    }
}

#[test]
fn what_was_found_for_another_folder_does_not_count() {
    let again = Again::remembered();
    let other = Again::remembered();
    fs::copy(again.file().unwrap(), other.file().unwrap()).unwrap();
    assert!(!other.recalls());
}

#[test]
fn a_small_folder_leaves_nothing_behind() {
    let memory = TempDir::new().unwrap();
    let options = InspectOptions {
        memory: Some(memory.path().to_owned()),
        ..InspectOptions::default()
    };
    Project::both().findings_with(&options);
    assert!(is_empty(memory.path()));
}

#[test]
fn a_memory_that_cannot_be_written_costs_nothing_but_time() {
    let again = Again::remembered();
    let options = InspectOptions {
        memory: Some(again.project.at("api/package.json")),
        ..InspectOptions::default()
    };
    assert_eq!(port(&again.project.findings_with(&options)), Some(3000));
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}
