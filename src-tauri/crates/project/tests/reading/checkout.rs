//! The git checkout around the folder.

use std::fs;

use zonke_project::{GitProvider, Pushed};

use crate::support::{Project, warns};

/// An index as git writes it (version 2), with the sizes of the files and no times, so that contents are compared.
/// The name of a content is left at zero for files that should count as changed.
fn index(project: &Project, files: &[(&str, [u8; 20])]) -> Vec<u8> {
    let mut out = b"DIRC\0\0\0\x02".to_vec();
    out.extend(u32::try_from(files.len()).unwrap().to_be_bytes());
    for (path, object) in files {
        let start = out.len();
        out.extend([0; 24]);
        out.extend(0o100_644_u32.to_be_bytes());
        out.extend([0; 8]);
        let size = fs::metadata(project.at(path)).map_or(1, |m| m.len());
        out.extend(u32::try_from(size).unwrap().to_be_bytes());
        out.extend(object);
        out.extend(u16::try_from(path.len()).unwrap().to_be_bytes());
        out.extend(path.as_bytes());
        out.push(0);
        while !(out.len() - start).is_multiple_of(8) {
            out.push(0);
        }
    }
    out
}

/// `git hash-object` of an empty file, which every repository knows.
const EMPTY: [u8; 20] = [
    0xe6, 0x9d, 0xe2, 0x9b, 0xb2, 0xd1, 0xd6, 0x43, 0x4b, 0x8b, 0x29, 0xae, 0x77, 0x5a, 0xd8, 0xc2, 0xe4, 0x8c, 0x53, 0x91,
];

fn checkout(config: &str) -> Project {
    Project::nest()
        .file(".git/HEAD", "ref: refs/heads/main\n")
        .file(".git/config", config)
        .file(".git/refs/heads/main", "1111\n")
        .file(".git/refs/remotes/origin/main", "1111\n")
        .file(".git/refs/remotes/origin/HEAD", "ref: refs/remotes/origin/main\n")
}

const ORIGIN: &str = "[remote \"origin\"]\n\turl = git@github.com:acme/shop.git\n";

#[test]
fn repository_provider_and_branches_are_read() {
    let findings = checkout(ORIGIN).findings();
    let git = findings.git.as_ref().unwrap();
    assert_eq!(
        (git.repository.as_deref(), git.provider),
        (Some("acme/shop"), Some(GitProvider::GitHub))
    );
    assert_eq!(
        (git.branch.as_deref(), git.default_branch.as_deref(), git.folder.as_str()),
        (Some("main"), Some("main"), ".")
    );
    assert!(!warns(&findings, "commits-not-pushed") && !warns(&findings, "branch-not-pushed"));
}

#[test]
fn commits_that_are_not_pushed_are_told() {
    assert!(warns(
        &checkout(ORIGIN).file(".git/refs/heads/main", "2222\n").findings(),
        "commits-not-pushed"
    ));
    assert!(warns(
        &checkout(ORIGIN).without(".git/refs/remotes/origin/main").findings(),
        "branch-not-pushed"
    ));
}

#[test]
fn a_folder_without_a_checkout_works_too() {
    let findings = Project::nest().findings();
    assert!(findings.git.is_none() && findings.backend().is_some());
}

#[test]
fn submodules_are_told() {
    assert!(warns(
        &Project::nest().file(".gitmodules", "[submodule \"x\"]\n").findings(),
        "submodules"
    ));
}

#[test]
fn changed_deleted_and_new_files_are_counted_by_name() {
    let project = checkout(ORIGIN)
        .file("same.txt", "")
        .file("changed.txt", "new text")
        .file("new.txt", "never added")
        .file(".gitignore", "api/\n");
    let bytes = index(
        &project,
        &[
            ("same.txt", EMPTY),
            ("changed.txt", [0; 20]),
            ("deleted.txt", [0; 20]),
            (".gitignore", [0; 20]),
        ],
    );
    fs::write(project.at(".git/index"), bytes).unwrap();
    let findings = project.findings();
    let found = findings.git.as_ref().unwrap().uncommitted.as_ref().unwrap();
    assert_eq!(found.files, [".gitignore", "changed.txt", "deleted.txt", "new.txt"]);
    assert!(found.complete && found.count == 4);
    let told = findings.warnings.iter().find(|w| w.code == "uncommitted").unwrap();
    assert!(told.message.contains("4 files here are not committed"), "{}", told.message);
}

#[test]
fn an_index_that_waits_for_a_commit_is_not_called_complete() {
    let project = checkout(ORIGIN).file("same.txt", "");
    let mut bytes = index(&project, &[("same.txt", EMPTY)]);
    bytes.extend(b"TREE\0\0\0\x06\0-1 0\n");
    bytes.extend([0; 20]);
    fs::write(project.at(".git/index"), bytes).unwrap();
    let git = project.findings().git.unwrap();
    assert!(!git.uncommitted.unwrap().complete);
}

#[test]
fn whether_the_branch_is_pushed_is_a_value() {
    assert_eq!(checkout(ORIGIN).findings().git.unwrap().pushed, Pushed::Yes);
    let ahead = checkout(ORIGIN).file(".git/refs/heads/main", "2222\n");
    assert_eq!(ahead.findings().git.unwrap().pushed, Pushed::Differs);
    assert_eq!(checkout("").findings().git.unwrap().pushed, Pushed::Unknown);
}

#[test]
fn a_host_of_ones_own_is_told() {
    let findings = checkout("[remote \"origin\"]\n\turl = https://git.example.com/team/shop.git\n").findings();
    let git = findings.git.as_ref().unwrap();
    assert_eq!((git.provider, git.host.as_deref()), (None, Some("git.example.com")));
    assert!(warns(&findings, "self-hosted-remote"));
}

#[test]
fn another_branch_than_the_default_one_is_told() {
    let project = checkout(ORIGIN)
        .file(".git/HEAD", "ref: refs/heads/work\n")
        .file(".git/refs/heads/work", "1111\n");
    let findings = project.findings();
    assert_eq!(findings.git.as_ref().unwrap().default_branch.as_deref(), Some("main"));
    assert!(warns(&findings, "not-default-branch"));
}

#[test]
fn submodules_large_files_and_secrets_are_listed() {
    let project = checkout(ORIGIN)
        .file(".gitmodules", "[submodule \"x\"]\n\tpath = libs/x\n\turl = ../x\n")
        .file(".gitattributes", "*.psd filter=lfs diff=lfs\n*.ts text\n")
        .file("api/.env", "JWT_SECRET=abc\n")
        .file("certs/server.pem", "-----BEGIN RSA PRIVATE KEY-----\n");
    let git = project.findings().git.unwrap();
    assert_eq!(git.submodules, ["libs/x"]);
    assert_eq!(git.large_files, ["*.psd"]);
    assert_eq!(git.committed_secrets, ["api/.env", "certs/server.pem"]);
}

#[test]
fn a_remote_on_this_computer_is_no_repository_that_a_pipeline_can_fetch() {
    let findings = checkout("[remote \"origin\"]\n\turl = /srv/git/team/shop.git\n").findings();
    let git = findings.git.unwrap();
    assert_eq!((git.repository, git.host, git.provider), (None, None, None));
}
