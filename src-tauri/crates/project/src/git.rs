//! The git checkout around a folder, read from its files.

use std::fs;
use std::path::{Path, PathBuf};

use crate::trail::Trail;
use crate::{Git, GitProvider};

/// The checkout that holds the folder.
pub(crate) fn read(root: &Path, trail: &mut Trail) -> Option<Git> {
    let top = root.ancestors().find(|a| a.join(".git").exists())?;
    let git = git_folder(&top.join(".git"))?;
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
    if let (Some(branch), true) = (&branch, url.is_some()) {
        pushed(&common, branch, &remote, trail);
    }
    let (provider, repository) = url.as_deref().map_or((None, None), address);
    let inner = root.strip_prefix(top).ok()?;
    let folder = inner
        .components()
        .map(|c| c.as_os_str().to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join("/");
    Some(Git {
        repository,
        provider,
        branch,
        default_branch,
        folder: if folder.is_empty() { ".".to_owned() } else { folder },
    })
}

/// Only what was pushed can be deployed.
fn pushed(git: &Path, branch: &str, remote: &str, trail: &mut Trail) {
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
        (Some(_), None) => trail.warn(
            "branch-not-pushed",
            None,
            format!("The branch {branch} is not at the remote yet. Push it: only what is there can be deployed."),
        ),
        (Some(here), Some(there)) if here != there => trail.warn(
            "commits-not-pushed",
            None,
            format!("The branch {branch} differs from the remote as it was last seen. Push or pull: what is at the remote is deployed."),
        ),
        _ => {}
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

/// Provider and `owner/name` in a remote address; whoever signs in through the address is left out.
fn address(url: &str) -> (Option<GitProvider>, Option<String>) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    let Some(at) = rest.find([':', '/']) else {
        return (None, None);
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
    (provider, name.contains('/').then_some(name))
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
            assert_eq!(address(url), (Some(GitProvider::GitHub), Some("a/b".to_owned())), "{url}");
        }
        assert_eq!(
            address("https://gitlab.com/group/sub/b.git").1.as_deref(),
            Some("group/sub/b")
        );
        assert_eq!(address("/srv/git/b.git").0, None);
    }

    #[test]
    fn the_branch_decides_which_remote_counts() {
        let config = "[remote \"origin\"]\n url = https://github.com/a/b\n[remote \"fork\"]\n url = https://github.com/c/d\n[branch \"x\"]\n remote = fork\n";
        assert_eq!(remote(config, Some("x")).1.as_deref(), Some("https://github.com/c/d"));
        assert_eq!(remote(config, Some("main")).1.as_deref(), Some("https://github.com/a/b"));
    }
}
