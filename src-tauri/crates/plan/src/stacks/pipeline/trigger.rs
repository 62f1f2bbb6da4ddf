//! Which commits start a release: patterns of files, as few and as narrow as CodePipeline takes them.

use std::collections::BTreeSet;

use crate::application::Application;
use crate::choices::ReleaseOn;

/// Patterns in one list of a trigger. Source: `GitFilePathFilterCriteria` in the CodePipeline API reference.
pub(crate) const MAX_PATTERNS: usize = 8;
/// Characters of one pattern; the same source.
pub(crate) const MAX_PATTERN: usize = 255;

/// What a pipeline watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Watched {
    /// Patterns of paths in the repository.
    pub(crate) patterns: Vec<String>,
    /// Whether they take in more than the application is made from, because there may be only so many.
    pub(crate) wider: bool,
}

/// Something whose change starts a release, inside the project's folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Watch {
    /// A folder with everything in it; empty for the project's folder.
    Tree(Vec<String>),
    /// The files of a folder, without those of folders in it.
    Files(Vec<String>),
    File(Vec<String>),
}

/// The patterns of an application.
pub(crate) fn watched(app: &Application) -> Watched {
    if app.choices.release_on == ReleaseOn::EveryCommit {
        return Watched {
            patterns: vec!["**".to_owned()],
            wider: false,
        };
    }
    let watches = sources(app).iter().map(|path| watch(path)).collect();
    let (narrow, wider) = narrowed(&watches);
    let folder = parts(app.folder());
    let patterns: Vec<String> = narrow.iter().map(|w| pattern(&folder, w)).collect();
    if patterns.iter().any(|p| p.len() > MAX_PATTERN) {
        return Watched {
            patterns: vec!["**".to_owned()],
            wider: true,
        };
    }
    Watched { patterns, wider }
}

/// Paths that the application is made from: folders end with `/`, `.` is everything.
pub(crate) fn sources(app: &Application) -> BTreeSet<String> {
    let findings = app.findings;
    if findings.reach.is_empty() {
        return BTreeSet::from([".".to_owned()]);
    }
    let mut paths: BTreeSet<String> = findings.reach.iter().cloned().collect();
    // What the user may have set, wherever it is.
    paths.extend(app.choices.dockerfile.clone());
    paths.extend(findings.package_manager.lockfile.clone());
    if let Some(prisma) = &app.backend.prisma {
        paths.insert(match prisma.schema.rsplit_once('/') {
            Some((folder, file)) if file.contains('.') => format!("{folder}/"),
            Some(_) => format!("{}/", prisma.schema),
            None => prisma.schema.clone(),
        });
        paths.extend(prisma.migrations.as_ref().map(|m| format!("{m}/")));
    }
    paths
}

fn parts(path: &str) -> Vec<String> {
    path.split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .map(str::to_owned)
        .collect()
}

fn watch(path: &str) -> Watch {
    if path == "." || path.ends_with('/') {
        Watch::Tree(parts(path))
    } else {
        Watch::File(parts(path))
    }
}

impl Watch {
    /// Folder that it is about.
    fn folder(&self) -> &[String] {
        match self {
            Self::Tree(folder) | Self::Files(folder) => folder,
            Self::File(path) => path.split_last().map_or(&[], |(_, folder)| folder),
        }
    }

    /// Whether everything that the other one watches is watched by this one.
    fn covers(&self, other: &Self) -> bool {
        match self {
            Self::Tree(folder) => match other {
                Self::File(path) => path.starts_with(folder),
                Self::Tree(inner) | Self::Files(inner) => inner.starts_with(folder),
            },
            Self::Files(folder) => match other {
                Self::File(_) | Self::Files(_) => other.folder() == folder,
                Self::Tree(_) => false,
            },
            Self::File(_) => false,
        }
    }
}

/// At most eight of them, and whether that took in more: first the files of one folder become all its files, those of the
/// folder with most of them first; then folders beside each other become the one they lie in, the innermost first; in the end
/// everything is watched.
fn narrowed(watches: &BTreeSet<Watch>) -> (BTreeSet<Watch>, bool) {
    let mut watches = without_covered(watches);
    let mut wider = false;
    while watches.len() > MAX_PATTERNS {
        wider = true;
        let next = busiest_folder(&watches)
            .map(Watch::Files)
            .or_else(|| innermost_parent(&watches).map(Watch::Tree))
            .unwrap_or_else(|| Watch::Tree(Vec::new()));
        watches.insert(next);
        watches = without_covered(&watches);
    }
    (watches, wider)
}

fn without_covered(watches: &BTreeSet<Watch>) -> BTreeSet<Watch> {
    let covered = |one: &Watch| watches.iter().any(|other| other != one && other.covers(one));
    watches.iter().filter(|one| !covered(one)).cloned().collect()
}

/// The folder with most single files, at least two.
fn busiest_folder(watches: &BTreeSet<Watch>) -> Option<Vec<String>> {
    let files: Vec<&[String]> = watches
        .iter()
        .filter(|w| matches!(w, Watch::File(_)))
        .map(Watch::folder)
        .collect();
    let count = |folder: &[String]| files.iter().filter(|f| **f == folder).count();
    let busiest = files
        .iter()
        .max_by_key(|folder| (count(folder), std::cmp::Reverse(folder.to_vec())))?;
    (count(busiest) > 1).then(|| busiest.to_vec())
}

/// The innermost folder, not the project's own, in which at least two of them lie; of several the one with most.
fn innermost_parent(watches: &BTreeSet<Watch>) -> Option<Vec<String>> {
    let parents: BTreeSet<Vec<String>> = watches
        .iter()
        .flat_map(|w| {
            let path = match w {
                Watch::Tree(path) | Watch::File(path) | Watch::Files(path) => path,
            };
            (1..path.len()).map(|depth| path[..depth].to_vec())
        })
        .collect();
    let below = |parent: &Vec<String>| {
        let whole = Watch::Tree(parent.clone());
        watches.iter().filter(|w| whole.covers(w)).count()
    };
    parents
        .into_iter()
        .filter(|parent| below(parent) > 1)
        .max_by_key(|parent| (parent.len(), below(parent), std::cmp::Reverse(parent.clone())))
}

fn pattern(folder: &[String], watch: &Watch) -> String {
    let (path, end) = match watch {
        Watch::Tree(path) => (path, Some("**")),
        Watch::Files(path) => (path, Some("*")),
        Watch::File(path) => (path, None),
    };
    let mut steps: Vec<String> = folder.iter().chain(path).map(|part| escaped(part)).collect();
    steps.extend(end.map(str::to_owned));
    steps.join("/")
}

/// A name without its power as a pattern.
fn escaped(name: &str) -> String {
    name.chars()
        .flat_map(|c| "*?[]{}\\".contains(c).then_some('\\').into_iter().chain([c]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(paths: &[&str]) -> (Vec<String>, bool) {
        let (watches, wider) = narrowed(&paths.iter().map(|p| watch(p)).collect());
        assert!(watches.len() <= MAX_PATTERNS, "{watches:?}");
        for path in paths {
            let one = watch(path);
            assert!(
                watches.iter().any(|w| *w == one || w.covers(&one)),
                "{path} is lost in {watches:?}"
            );
        }
        (watches.iter().map(|w| pattern(&[], w)).collect(), wider)
    }

    #[test]
    fn what_fits_stays_as_it_is_and_what_is_covered_goes() {
        let (found, wider) = patterns(&["api/", "web/", "api/prisma/", "package.json", "package-lock.json"]);
        assert_eq!(found, ["api/**", "web/**", "package-lock.json", "package.json"]);
        assert!(!wider);
        assert_eq!(patterns(&[".", "api/"]).0, ["**"]);
    }

    #[test]
    fn files_beside_each_other_are_taken_together_before_folders_are() {
        let (found, wider) = patterns(&[
            "apps/api/",
            "apps/web/",
            "packages/a/",
            "packages/b/",
            "a.json",
            "b.json",
            "c.json",
            "d.json",
            "e.json",
        ]);
        assert_eq!(found, ["apps/api/**", "apps/web/**", "packages/a/**", "packages/b/**", "*"]);
        assert!(wider);
    }

    #[test]
    fn folders_become_the_one_they_lie_in_from_the_inside_out() {
        let libs: Vec<String> = (0..9).map(|n| format!("libs/shared/{n}/")).collect();
        let mut paths: Vec<&str> = libs.iter().map(String::as_str).collect();
        paths.extend(["apps/api/", "apps/web/", "libs/ui/"]);
        assert_eq!(
            patterns(&paths).0,
            ["apps/api/**", "apps/web/**", "libs/shared/**", "libs/ui/**"]
        );
        let many: Vec<String> = (0..9).map(|n| format!("{n}/")).collect();
        assert_eq!(patterns(&many.iter().map(String::as_str).collect::<Vec<_>>()).0, ["**"]);
    }

    #[test]
    fn names_are_no_patterns() {
        assert_eq!(pattern(&parts("my/repo"), &watch("app/[id]/")), "my/repo/app/\\[id\\]/**");
    }
}
