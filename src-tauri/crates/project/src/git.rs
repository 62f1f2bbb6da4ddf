//! The git checkout around a folder, read from its files.

use std::fs;
use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::git_index::Compared;
use crate::trail::Trail;
use crate::tree::Tree;
use crate::{Git, GitProvider, Pushed, Uncommitted};

/// Most files that are named when something is not committed.
const NAMED: usize = 20;

/// Names that people leave out of git for all their projects, so a single one does not.
const PERSONAL: [&str; 5] = [".DS_Store", "Thumbs.db", ".idea", ".vscode", ".fleet"];

/// The checkout around a folder: its root, its settings, and the folder below the root.
#[derive(Clone, Debug)]
pub(crate) struct Checkout {
    pub(crate) top: PathBuf,
    pub(crate) git: PathBuf,
    /// Without slashes at its ends; empty for the root.
    pub(crate) inner: String,
}

/// Finds the checkout that holds the folder.
pub(crate) fn checkout(root: &Path) -> Option<Checkout> {
    let top = root.ancestors().find(|a| a.join(".git").exists())?;
    let inner = root.strip_prefix(top).ok()?;
    Some(Checkout {
        top: top.to_owned(),
        git: git_folder(&top.join(".git"))?,
        inner: inner
            .components()
            .map(|c| c.as_os_str().to_string_lossy().into_owned())
            .collect::<Vec<_>>()
            .join("/"),
    })
}

/// Host and name of the repository with the folder in it.
pub(crate) fn identity(root: &Path) -> Option<String> {
    let found = checkout(root)?;
    let common = fs::read_to_string(found.git.join("commondir")).map_or_else(|_| found.git.clone(), |c| found.git.join(c.trim()));
    let (_, url) = remote(&fs::read_to_string(common.join("config")).ok()?, None);
    let (_, host, repository) = address(&url?);
    Some(format!("{}/{}#{}", host.unwrap_or_default(), repository?, found.inner))
}

/// What the checkout says, with its index compared to the files.
pub(crate) fn read(checkout: &Checkout, index: Option<&Compared>, tree: &Tree, secrets: &[String], trail: &mut Trail) -> Git {
    let git = &checkout.git;
    let common = fs::read_to_string(git.join("commondir")).map_or_else(|_| git.clone(), |c| git.join(c.trim()));
    let head = fs::read_to_string(git.join("HEAD")).unwrap_or_default();
    let branch = head.trim().strip_prefix("ref: refs/heads/").map(str::to_owned);
    let config = fs::read_to_string(common.join("config")).unwrap_or_default();
    let (remote, url) = remote(&config, branch.as_deref());
    let default_branch = fs::read_to_string(common.join("refs/remotes").join(&remote).join("HEAD"))
        .ok()
        .and_then(|t| {
            t.trim()
                .strip_prefix(&format!("ref: refs/remotes/{remote}/"))
                .map(str::to_owned)
        });
    let pushed = match (&branch, &url) {
        (Some(branch), Some(_)) => pushed(&common, branch, &remote, trail),
        _ => Pushed::Unknown,
    };
    if let (Some(branch), Some(default)) = (&branch, &default_branch)
        && branch != default
    {
        trail.warn(
            "not-default-branch",
            None,
            format!(
                "The branch {branch} is checked out, {default} is the default one. The pipeline follows the branch you choose."
            ),
        );
    }
    let (provider, host, repository) = url.as_deref().map_or((None, None, None), address);
    // Nobody but this computer can fetch from a folder of it.
    let repository = repository.filter(|_| host.is_some());
    if let (None, Some(host)) = (provider, &host) {
        trail.warn(
            "self-hosted-remote",
            None,
            format!("The repository is at {host}. AWS reaches a host of your own only through a connection with a host resource, for GitHub Enterprise Server or GitLab."),
        );
    }
    let uncommitted = index.map(|index| uncommitted(checkout, index, tree));
    tell_uncommitted(uncommitted.as_ref(), trail);
    let in_folder = |path: &String| match checkout.inner.as_str() {
        "" => Some(path.clone()),
        inner => path.strip_prefix(inner)?.strip_prefix('/').map(str::to_owned),
    };
    let tracked = |file: &String| index.is_none_or(|i| i.tracked.contains(&outer(checkout, file)));
    Git {
        repository,
        provider,
        host,
        branch,
        default_branch,
        folder: if checkout.inner.is_empty() {
            ".".to_owned()
        } else {
            checkout.inner.clone()
        },
        pushed,
        uncommitted,
        submodules: submodules(checkout, index).iter().filter_map(in_folder).collect(),
        large_files: large_files(tree),
        committed_secrets: secrets.iter().filter(|f| tracked(f)).cloned().collect(),
    }
}

/// A path of the folder, from the root of the checkout.
fn outer(checkout: &Checkout, file: &str) -> String {
    match checkout.inner.as_str() {
        "" => file.to_owned(),
        inner => format!("{inner}/{file}"),
    }
}

/// Changed, deleted and new files of the folder.
fn uncommitted(checkout: &Checkout, index: &Compared, tree: &Tree) -> Uncommitted {
    let inner = |path: &String| match checkout.inner.as_str() {
        "" => path.clone(),
        inner => path[inner.len() + 1..].to_owned(),
    };
    let mut files: Vec<String> = index.changed.iter().map(inner).collect();
    let ignored = ignored_above(checkout);
    files.extend(
        tree.files()
            .filter(|f| !index.tracked.contains(&outer(checkout, f)))
            .filter(|f| !f.split('/').any(|part| PERSONAL.contains(&part)))
            .filter(|f| {
                !ignored
                    .matched_path_or_any_parents(checkout.top.join(outer(checkout, f)), false)
                    .is_ignore()
            })
            .map(str::to_owned),
    );
    files.sort();
    files.dedup();
    Uncommitted {
        count: u32::try_from(files.len()).unwrap_or(u32::MAX),
        files: files.into_iter().take(NAMED).collect(),
        complete: index.complete && !tree.truncated(),
    }
}

/// What the ignore files between the root of the checkout and the folder leave out.
fn ignored_above(checkout: &Checkout) -> Gitignore {
    let mut builder = GitignoreBuilder::new(&checkout.top);
    builder.add(checkout.git.join("info/exclude"));
    let mut at = checkout.top.clone();
    for part in checkout.inner.split('/').filter(|p| !p.is_empty()) {
        builder.add(at.join(".gitignore"));
        at.push(part);
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}

fn tell_uncommitted(uncommitted: Option<&Uncommitted>, trail: &mut Trail) {
    let Some(found) = uncommitted else { return };
    if found.count > 0 {
        let more = found.count.saturating_sub(3);
        let named = found.files.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
        let named = if more > 0 { format!("{named} and {more} more") } else { named };
        let files = if found.count == 1 {
            "1 file here is".to_owned()
        } else {
            format!("{} files here are", found.count)
        };
        trail.warn(
            "uncommitted",
            None,
            format!("The pipeline builds what is pushed: {files} not committed ({named})."),
        );
    }
}

/// Repositories inside the repository.
fn submodules(checkout: &Checkout, index: Option<&Compared>) -> Vec<String> {
    let text = fs::read_to_string(checkout.top.join(".gitmodules")).unwrap_or_default();
    let mut out: Vec<String> = text
        .lines()
        .filter_map(|l| {
            l.trim()
                .strip_prefix("path")?
                .trim()
                .strip_prefix('=')
                .map(|p| p.trim().to_owned())
        })
        .collect();
    out.extend(index.iter().flat_map(|i| i.links.iter().cloned()));
    out.sort();
    out.dedup();
    out
}

/// Patterns of `.gitattributes` that Git LFS handles.
fn large_files(tree: &Tree) -> Vec<String> {
    let text = tree.text(".gitattributes").unwrap_or_default();
    text.lines()
        .filter(|l| l.contains("filter=lfs") && !l.trim_start().starts_with('#'))
        .filter_map(|l| l.split_whitespace().next().map(str::to_owned))
        .collect()
}

/// Only what was pushed can be deployed.
fn pushed(git: &Path, branch: &str, remote: &str, trail: &mut Trail) -> Pushed {
    let packed = fs::read_to_string(git.join("packed-refs")).unwrap_or_default();
    let commit = |name: &str| {
        let loose = fs::read_to_string(git.join(name)).ok().map(|t| t.trim().to_owned());
        loose.or_else(|| {
            packed
                .lines()
                .find_map(|l| l.strip_suffix(name)?.trim().split(' ').next().map(str::to_owned))
        })
    };
    let here = commit(&format!("refs/heads/{branch}"));
    let there = commit(&format!("refs/remotes/{remote}/{branch}"));
    match (here, there) {
        (Some(_), None) => {
            trail.warn(
                "branch-not-pushed",
                None,
                format!("The branch {branch} is not at the remote yet. Push it: only what is there can be deployed."),
            );
            Pushed::NoBranch
        }
        (Some(here), Some(there)) if here != there => {
            trail.warn(
                "commits-not-pushed",
                None,
                format!("The branch {branch} differs from the remote as it was last seen. Push or pull: what is at the remote is deployed."),
            );
            Pushed::Differs
        }
        (Some(_), Some(_)) => Pushed::Yes,
        (None, _) => Pushed::Unknown,
    }
}

/// `.git` is a folder, or a file that names one.
fn git_folder(dot_git: &Path) -> Option<PathBuf> {
    if dot_git.is_dir() {
        return Some(dot_git.to_owned());
    }
    let text = fs::read_to_string(dot_git).ok()?;
    let named = text.trim().strip_prefix("gitdir:")?.trim();
    let path = dot_git.parent()?.join(named);
    path.is_dir().then_some(path)
}

/// Name and address of the remote that the branch follows, else `origin`, else the first.
fn remote(config: &str, branch: Option<&str>) -> (String, Option<String>) {
    let mut section = String::new();
    let mut remotes: Vec<(String, String)> = Vec::new();
    let mut followed = None;
    for line in config.lines().map(str::trim) {
        if line.starts_with('[') {
            line.clone_into(&mut section);
        } else if let Some((key, value)) = line.split_once('=') {
            let (key, value) = (key.trim(), value.trim());
            let name = section.split('"').nth(1).unwrap_or_default();
            if section.starts_with("[remote ") && key == "url" {
                remotes.push((name.to_owned(), value.to_owned()));
            }
            if section.starts_with("[branch ") && key == "remote" && Some(name) == branch {
                followed = Some(value.to_owned());
            }
        }
    }
    let pick = remotes
        .iter()
        .find(|(n, _)| Some(n) == followed.as_ref())
        .or_else(|| remotes.iter().find(|(n, _)| n == "origin"));
    match pick.or(remotes.first()) {
        Some((name, url)) => (name.clone(), Some(url.clone())),
        None => ("origin".to_owned(), None),
    }
}

/// Provider, host and `owner/name` in a remote address; whoever signs in through the address is left out.
fn address(url: &str) -> (Option<GitProvider>, Option<String>, Option<String>) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    let Some(at) = rest.find([':', '/']) else {
        return (None, None, None);
    };
    let (host, path) = (&rest[..at], rest[at + 1..].trim_start_matches('/'));
    // A port between host and path belongs to neither.
    let path = path
        .split_once('/')
        .filter(|(port, _)| port.chars().all(|c| c.is_ascii_digit()))
        .map_or(path, |(_, path)| path);
    let provider = match host.trim_start_matches("ssh.").to_lowercase().as_str() {
        "github.com" => Some(GitProvider::GitHub),
        "gitlab.com" => Some(GitProvider::GitLab),
        "bitbucket.org" | "altssh.bitbucket.org" => Some(GitProvider::Bitbucket),
        h if h == "dev.azure.com" || h.ends_with(".visualstudio.com") => Some(GitProvider::AzureDevOps),
        _ => None,
    };
    let name = path.trim_end_matches('/').trim_end_matches(".git").to_owned();
    // A path on this computer has no host.
    let host = (host.contains('.') || url.contains("://"))
        .then(|| host.to_owned())
        .filter(|h| !h.is_empty() && !h.starts_with('.'));
    (provider, host, name.contains('/').then_some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_all_spellings_name_the_repository() {
        for url in [
            "https://github.com/a/b.git",
            "git@github.com:a/b.git",
            "ssh://git@github.com:22/a/b",
            "https://someone:secret@github.com/a/b",
        ] {
            let expected = (
                Some(GitProvider::GitHub),
                Some("github.com".to_owned()),
                Some("a/b".to_owned()),
            );
            assert_eq!(address(url), expected, "{url}");
        }
        assert_eq!(
            address("https://gitlab.com/group/sub/b.git").2.as_deref(),
            Some("group/sub/b")
        );
        assert_eq!(address("/srv/git/b.git").0, None);
        assert_eq!(address("/srv/git/b.git").1, None);
        let (provider, host, name) = address("git@git.example.com:team/b.git");
        assert_eq!(
            (provider, host.as_deref(), name.as_deref()),
            (None, Some("git.example.com"), Some("team/b"))
        );
    }

    #[test]
    fn the_branch_decides_which_remote_counts() {
        let config = "[remote \"origin\"]\n url = https://github.com/a/b\n[remote \"fork\"]\n url = https://github.com/c/d\n[branch \"x\"]\n remote = fork\n";
        assert_eq!(remote(config, Some("x")).1.as_deref(), Some("https://github.com/c/d"));
        assert_eq!(remote(config, Some("main")).1.as_deref(), Some("https://github.com/a/b"));
    }
}
