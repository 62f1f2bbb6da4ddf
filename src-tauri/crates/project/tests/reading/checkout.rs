//! The git checkout around the folder.

use zonke_project::GitProvider;

use crate::support::{Project, warns};

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
